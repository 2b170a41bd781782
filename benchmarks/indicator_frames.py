"""Every public frame function of the indicators on 450 000 rows, beside its limit of 2 s."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import indicator_data as data
from indicator_inputs import (
    HERE,
    ages,
    answers,
    coded,
    counted_records,
    country,
    deviations,
    events,
    frame,
    frequencies,
    gaps,
    half_years,
    one_area,
    one_year,
    pairs,
    persons,
    ranked,
    recorded,
    repeated,
    shares,
    sheet,
    standard,
)

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
FRAMEWORK = composite_framework.flat({f"i{place:02d}": 1 for place in range(data.INDICATORS)})


@dataclass(frozen=True)
class Timed:
    """A call on the full size; `why` says why it may take more than the limit, or why its size is another."""

    name: str
    run: Callable[[], Any]
    why: str = ""
    size: str = "450 000 rows"


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
        Timed("recording.counted", counted_records, size="450 000 entries"),
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
