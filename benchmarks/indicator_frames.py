"""Every public frame function of the indicators on 450 000 rows, beside its limit of 2 s."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import indicator_data as data
import numpy as np
import pandas as pd

from sosrake_lib.indicators import (
    coders,
    comparative,
    comparison,
    comparison_ratio,
    composite,
    composite_framework,
    composite_sampling,
    composite_sensitivity,
    composite_treat,
    composite_weights,
    control_charts,
    event_frequencies,
    funnel_classes,
    groups,
    importance,
    indirect,
    inequality,
    inequality_order,
    life_expectancy,
    quality,
    rank_intervals,
    rates,
    recording,
    reliability_domains,
    repeat_events,
    scales,
    smoothing,
    spatial,
    standardise,
    survey_design,
    trends,
)

LIMIT = 2.0
SLOW = 5.0  # what takes longer is timed once
HERE = scales.Place("hva", "E1", 2026, "2020", "synthetic")
FRAMEWORK = composite_framework.flat({f"i{place:02d}": 1 for place in range(data.INDICATORS)})


@dataclass(frozen=True)
class Timed:
    """A call on the full size; `why` says why it may take more than the limit, or why its size is another."""

    name: str
    run: Callable[[], Any]
    why: str = ""
    size: str = "450 000 rows"


@cache
def frame() -> pd.DataFrame:
    return data.indicator_frame()


@cache
def events() -> pd.DataFrame:
    return data.indicator_frame("rate")


@cache
def shares() -> pd.DataFrame:
    return rates.proportion(frame())


@cache
def one_year() -> pd.DataFrame:
    return shares()[shares()["period"] == "2019"].reset_index(drop=True)


@cache
def one_area() -> pd.DataFrame:
    """Stand in for the country: one area a key."""
    return frame()[frame()["region_code"] == "000"].assign(region_level="maa", region_code="SSS")


@cache
def ages() -> pd.DataFrame:
    return data.age_frame(*data.by_age(data.STRATIFIED)).iloc[: data.ROWS // len(data.AGES) * len(data.AGES)]


@cache
def standard() -> pd.DataFrame:
    return pd.DataFrame({"age": data.AGES, "weight": np.arange(len(data.AGES), 0, -1.0)})


@cache
def country() -> pd.DataFrame:
    return ages().groupby("age", sort=False)[["numerator", "denominator"]].sum().reset_index()


@cache
def pairs() -> pd.DataFrame:
    area, other = zip(*data.grid_neighbours(), strict=True)
    name = "{:03d}".format
    return pd.DataFrame({"region_code": map(name, area), "neighbour_code": map(name, other)})


@cache
def ranked() -> pd.DataFrame:
    """Add a deprivation rank and the county of each area."""
    number = frame()["region_code"].astype(int)
    return shares().assign(
        deprivation=(number * 37 % 301).to_numpy(), county=[f"c{one % 20}" for one in number]
    )


@cache
def half_years() -> pd.DataFrame:
    year, half = np.divmod(frame()["period"].astype(int) - data.FIRST_YEAR, 2)
    period = (year + 2000).astype(str) + "-H" + (half + 1).astype(str)
    return frame().assign(period=period)


@cache
def persons() -> pd.DataFrame:
    """Give how many persons had one, two or three events, for `repeat_events.add_squares`."""
    key = ["indicator", "region_code", "period"]
    return events()[key].assign(events_per_person=1, persons=events()["numerator"])


@cache
def repeated() -> pd.DataFrame:
    numbers = events()["numerator"]
    return events().assign(sum_of_squared_events=np.minimum(2 * numbers, numbers**2))


@cache
def frequencies() -> pd.DataFrame:
    third = frame().iloc[: data.ROWS // 3].assign(age="all")
    parts = [third.assign(events_each=times, numerator=10.0 * times) for times in (1, 2, 3)]
    return pd.concat(parts, ignore_index=True)


@cache
def deviations() -> pd.DataFrame:
    return frame().assign(standard_deviation=2.0, denominator=50.0, numerator=np.nan)


@cache
def entries() -> pd.DataFrame:
    random = np.random.default_rng(13)
    size = data.ROWS
    month = random.integers(0, 36, size)
    contact = pd.Timestamp("2019-01-01") + pd.to_timedelta(month * 30, unit="D")
    return pd.DataFrame(
        {
            "unit": np.array([f"U{place}" for place in range(20)])[random.integers(0, 20, size)],
            "period": np.array([f"{2019 + one // 12}-{one % 12 + 1:02d}" for one in range(36)])[month],
            "worker": random.integers(0, 400, size),
            "need": np.where(random.random(size) < 0.8, "x", None),
            "contact": contact,
            "recorded": contact + pd.to_timedelta(random.integers(0, 40, size), unit="D"),
        }
    )


@cache
def answers() -> pd.DataFrame:
    return data.long_answers()


@cache
def gaps() -> pd.DataFrame:
    random = np.random.default_rng(12)
    table = answers().rename(columns={"answer": "importance"})
    skill = np.clip(table["importance"] - random.integers(-1, 3, len(table)), 1, 5)
    return table.assign(skill=skill, need=random.integers(1, 4, len(table)).astype(float))


@cache
def sheet() -> pd.DataFrame:
    table = pd.DataFrame(data.answers(), columns=[f"k{place:02d}.osaaminen" for place in range(50)])
    return table.assign(respondent=np.arange(len(table)))


@cache
def coded() -> pd.DataFrame:
    rows = data.codes(data.ROWS // 3)
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(len(rows)), 3),
            "rater": np.tile(["A", "B", "C"], len(rows)),
            "code": rows.ravel(),
        }
    )


def _counted() -> recording.Counts:
    return recording.counted(
        entries(),
        unit="unit",
        period="period",
        recorder="worker",
        required=["need"],
        contact="contact",
        recorded="recorded",
    )


@cache
def recorded() -> recording.Counts:
    return _counted()


def calls() -> list[Timed]:
    """List every public frame function with a call of the full size."""
    return [*_rates(), *_areas(), *_trends(), *_composite(), *_answers()]


def _rates() -> list[Timed]:
    kinds = {f"i{place:02d}": ("proportion", "rate", "index")[place % 3] for place in range(data.INDICATORS)}
    standardised = {"standard": standard(), "by": None}
    return [
        Timed("rates.proportion", lambda: rates.proportion(frame())),
        Timed("rates.proportion 95 and 99.8 %", lambda: rates.proportion(frame(), (0.95, 0.998))),
        Timed(
            "rates.proportion clopper_pearson", lambda: rates.proportion(frame(), method="clopper_pearson")
        ),
        Timed("rates.rate", lambda: rates.rate(events())),
        Timed(
            "rates.rate clustered",
            lambda: rates.rate(repeated(), variance="clustered"),
        ),
        Timed("rates.count", lambda: rates.count(events().assign(value=events()["numerator"], per=1.0))),
        Timed("rates.mean", lambda: rates.mean(deviations())),
        Timed("rates.as_given", lambda: rates.as_given(frame(), "index")),
        Timed("rates.analyse", lambda: rates.analyse(frame(), kinds)),
        Timed(
            "comparison.against", lambda: comparison.against(shares(), one_area(), part_of_reference=False)
        ),
        Timed(
            "comparison_ratio.ratio",
            lambda: comparison_ratio.ratio(shares(), one_area(), part_of_reference=False),
        ),
        Timed("repeat_events.add_squares", lambda: repeat_events.add_squares(events(), persons())),
        Timed("from_event_frequencies", lambda: event_frequencies.from_event_frequencies(frequencies())),
        Timed("standardise.direct", lambda: standardise.direct(ages(), **standardised)),
        Timed("indirect.indirect_ratio", lambda: indirect.indirect_ratio(ages(), country())),
        Timed("indirect.indirect_rate", lambda: indirect.indirect_rate(ages(), country())),
        Timed("comparative.comparative_ratio", lambda: comparative.comparative_ratio(ages(), country())),
        Timed("life_expectancy", lambda: life_expectancy.life_expectancy(ages(), minimum_population=0)),
        Timed(
            "quality.coverage", lambda: quality.coverage(frame(), [f"{one:03d}" for one in range(data.AREAS)])
        ),
        Timed("quality.completeness", lambda: quality.completeness(frame())),
    ]


def _areas() -> list[Timed]:
    return [
        Timed("inequality.between_areas jackknife", lambda: inequality.between_areas(frame())),
        Timed(
            "inequality.between_areas bootstrap",
            lambda: inequality.between_areas(frame(), method="bootstrap_percentile"),
            "2 000 draws of 1 500 groups of 300 areas are 900 million weights",
        ),
        Timed(
            "inequality.decompose",
            lambda: inequality.decompose(ranked().assign(seutukunta=ranked()["county"]), inner="seutukunta"),
        ),
        Timed(
            "inequality.change_between_areas",
            lambda: inequality.change_between_areas(frame(), "2000", "2019"),
        ),
        Timed("inequality.lorenz", lambda: inequality.lorenz(frame())),
        Timed(
            "inequality.lorenz_ordinates",
            lambda: inequality.lorenz_ordinates(frame()),
            "nine shares, each jackknifed",
        ),
        Timed("inequality.quantile_groups", lambda: inequality.quantile_groups(ranked(), "deprivation")),
        Timed("between_groups sii", lambda: inequality_order.between_groups(ranked(), "deprivation")),
        Timed(
            "between_groups concentration",
            lambda: inequality_order.between_groups(ranked(), "deprivation", "concentration_standard"),
        ),
        Timed("smoothing.empirical_bayes", lambda: smoothing.empirical_bayes(events())),
        Timed(
            "smoothing.empirical_bayes local",
            lambda: smoothing.empirical_bayes(events(), neighbours=pairs()),
        ),
        Timed(
            "smoothing.empirical_bayes binomial",
            lambda: smoothing.empirical_bayes(events(), distribution="binomial"),
            "quantiles of the beta posterior, scipy's own time",
        ),
        Timed("spatial.morans_i", lambda: spatial.morans_i(frame(), pairs())),
        Timed("spatial.local_morans_i", lambda: spatial.local_morans_i(frame(), pairs())),
        Timed(
            "rank_intervals, one family",
            lambda: rank_intervals.rank_intervals(one_year()[one_year()["indicator"] == "i00"]),
            "10 000 draws a family; run the families a question needs",
            "300 areas",
        ),
        Timed(
            "funnel_class",
            lambda: funnel_classes.funnel_class(shares(), by=["indicator", "period"]),
            "four exact binomial limits an area; the normal ones take half a second",
        ),
        Timed(
            "funnel_class over-dispersed",
            lambda: funnel_classes.funnel_class(
                shares(), by=["indicator", "period"], overdispersion="multiplicative"
            ),
            "as funnel_class",
        ),
        Timed(
            "funnel_curve",
            lambda: funnel_classes.funnel_curve(one_year()[one_year()["indicator"] == "i00"]),
            size="300 areas",
        ),
    ]


def _trends() -> list[Timed]:
    return [
        Timed("trends.annual_percent_change", lambda: trends.annual_percent_change(frame())),
        Timed(
            "trends.annual_percent_change poisson", lambda: trends.annual_percent_change(events(), "poisson")
        ),
        Timed(
            "trends.change",
            lambda: trends.change(shares(), "2000", "2019"),
        ),
        Timed("trends.moving", lambda: trends.moving(frame())),
        Timed("trends.seasonal", lambda: trends.seasonal(half_years())),
        Timed("trends.joinpoints most=1", lambda: trends.joinpoints(frame(), 1)),
        Timed(
            "trends.joinpoints most=2",
            lambda: trends.joinpoints(frame(), 2),
            "exact search of every placement of the bends, not a local one",
        ),
        Timed(
            "trends.joinpoints most=2 grid",
            lambda: trends.joinpoints(frame(), 2, place="grid"),
            "every placement",
        ),
        Timed("control_charts.chart", lambda: control_charts.chart(frame(), "p")),
    ]


def _composite() -> list[Timed]:
    small = "15 000 rows, one year"
    return [
        Timed("composite.index", lambda: composite.index(frame(), FRAMEWORK)),
        Timed("composite.index panel", lambda: composite.index(frame(), FRAMEWORK, scope="panel")),
        Timed("composite.parts", lambda: composite.parts(frame(), FRAMEWORK)),
        Timed("composite_treat.screen", lambda: composite_treat.screen(frame(), FRAMEWORK)),
        Timed("composite_treat.impute", lambda: composite_treat.impute(frame(), FRAMEWORK)),
        Timed("composite_treat.treat_outliers", lambda: composite_treat.treat_outliers(frame(), FRAMEWORK)),
        Timed(
            "composite_sampling.sampling_error",
            lambda: composite_sampling.sampling_error(one_year(), FRAMEWORK),
            "2 000 tables of 15 000 figures drawn and indexed, one period at a time",
            small,
        ),
        Timed(
            "composite_sensitivity.sensitivity",
            lambda: composite_sensitivity.sensitivity(
                one_year(), FRAMEWORK, normalisation=["min_max", "z_score", "rank"], leave_out=True
            ),
            size=f"{small}, 153 runs",
        ),
        Timed(
            "composite_weights.pca_weights",
            lambda: composite_weights.pca_weights(one_year(), FRAMEWORK),
            size=small,
        ),
        Timed(
            "composite_weights.correlation_flags",
            lambda: composite_weights.correlation_flags(one_year(), FRAMEWORK),
            size=small,
        ),
        Timed(
            "composite_weights.reliability_flags",
            lambda: composite_weights.reliability_flags(one_year(), FRAMEWORK),
            size=small,
        ),
        Timed(
            "composite_weights.importance",
            lambda: composite_weights.importance(one_year(), FRAMEWORK),
            size=small,
        ),
    ]


def _answers() -> list[Timed]:
    wide = "9 000 respondents x 50 items"
    by_domain = reliability_domains.by_domain
    return [
        Timed(
            "scales.long_answers", lambda: scales.long_answers(sheet(), {"osaaminen": "answer"}), size=wide
        ),
        Timed(
            "scales.distribution", lambda: scales.distribution(answers(), (1, 2, 3, 4, 5), HERE), size=wide
        ),
        Timed("scales.gap", lambda: scales.gap(gaps(), HERE), "4 000 draws x 450 000 answers", wide),
        Timed(
            "importance.quadrants",
            lambda: importance.quadrants(gaps(), HERE, midpoint=3),
            "as scales.gap",
            wide,
        ),
        Timed("importance.reach", lambda: importance.reach(gaps(), HERE), size=wide),
        Timed("importance.need", lambda: importance.need(gaps(), HERE), "as scales.gap", wide),
        Timed("groups.compare", lambda: groups.compare(answers(), HERE, by="organisation"), size=wide),
        Timed("reliability_domains.by_domain", lambda: by_domain(answers(), omega_method="none"), size=wide),
        Timed(
            "reliability_domains.by_domain, omega's bootstrap",
            lambda: by_domain(answers()),
            "1 000 factor models of 50 items",
            wide,
        ),
        Timed("coders.coders", lambda: coders.coders(coded()), size="150 000 units x 3 coders"),
        Timed(
            "survey_design.estimate",
            lambda: survey_design.estimate(
                data.sample(),
                HERE,
                values=["score"],
                weights="weight",
                strata="stratum",
                cluster="cluster",
                nest=True,
            ),
            size="450 000 respondents",
        ),
        Timed("recording.counted", _counted, size="450 000 entries"),
        Timed(
            "recording.indicators",
            lambda: recording.indicators(recorded(), HERE),
            size="20 units x 36 months",
        ),
    ]


def sweep(only: str = "", rounds: int = 2) -> None:
    """Time the calls, the first round's building of data left out, and print each beside the limit."""
    chosen = [call for call in calls() if only.lower() in call.name.lower()]
    if not chosen:
        return
    print(f"\nFrame functions, processor seconds (median of {rounds}) beside the limit of {LIMIT:.0f} s")
    above = 0
    for call in chosen:
        try:
            call.run()  # builds the cached data and loads modules
            spent = []
            for _ in range(rounds):
                begun = time.process_time()
                call.run()
                spent.append(time.process_time() - begun)
                if spent[0] > SLOW:
                    break
        except Exception as fault:  # a sweep tells of every function, also of one that fails
            print(f"  {call.name:<44} FAILED {type(fault).__name__}: {str(fault)[:200]}")
            continue
        seconds = statistics.median(spent)
        late = seconds > LIMIT
        above += late
        word = f"above: {call.why or 'no reason documented'}" if late else "within"
        print(f"  {call.name:<44} {seconds:7.2f} s  {word}  ({call.size})", flush=True)
    print(f"  {above} above the limit")
