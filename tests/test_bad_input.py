"""Every public frame function on bad input: refused with a message, or a defined answer.

One table of functions and one of faults. What a function may accept is said in DEFINED, with the reason.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import (
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
    funnel_classes,
    funnels,
    groups,
    importance,
    indirect,
    inequality,
    life_expectancy,
    quality,
    rank_intervals,
    rates,
    scales,
    smoothing,
    spatial,
    standardise,
    survey_design,
    trends,
)

AREAS, YEARS = 6, range(2010, 2016)


def good() -> pd.DataFrame:
    generator = np.random.default_rng(3)
    rows = [
        (f"i{indicator}", f"A{area}", str(year))
        for indicator in range(2)
        for year in YEARS
        for area in range(AREAS)
    ]
    frame = pd.DataFrame(rows, columns=["indicator", "region_code", "period"])
    people = generator.integers(500, 4_000, len(frame)).astype(float)
    cases = np.floor(people * generator.uniform(0.05, 0.2, len(frame)))
    constant = {"region_level": "hva", "borders": 2026, "per": 100.0, "status": "ok", "origin": "synthetic"}
    return frame.assign(**constant, value=100 * cases / people, numerator=cases, denominator=people)


GOOD = good()
AGES = pd.concat(
    [GOOD[GOOD["indicator"] == "i0"].assign(age=age) for age in ("0-14", "15-64", "65-")], ignore_index=True
)
STANDARD = pd.DataFrame({"age": ["0-14", "15-64", "65-"], "weight": [1.0, 4.0, 2.0]})
COUNTRY = AGES.groupby("age", sort=False)[["numerator", "denominator"]].sum().reset_index()
WHOLE = GOOD[GOOD["region_code"] == "A0"].assign(region_level="maa", region_code="SSS")
PAIRS = pd.DataFrame(
    [(f"A{one}", f"A{other}") for one in range(AREAS) for other in range(AREAS) if abs(one - other) == 1],
    columns=["region_code", "neighbour_code"],
)
FRAMEWORK = composite_framework.flat({"i0": 1, "i1": -1})
KINDS = {"i0": "proportion", "i1": "rate"}
HERE = scales.Place("hva", "E1", 2026, "2020", "synthetic")


def placed(frame: pd.DataFrame) -> pd.DataFrame:
    number = frame["region_code"].str[1:].astype(int)
    return frame.assign(deprivation=number * 7.0 % 13, seutukunta=np.where(number % 2, "one", "other"))


def year(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["period"] == "2012"]


def halves(frame: pd.DataFrame) -> pd.DataFrame:
    after = frame["period"].astype(int) - 2010
    return frame.assign(period=(2010 + after // 2).astype(str) + "-H" + (after % 2 + 1).astype(str))


FUNCTIONS = {
    "proportion": rates.proportion,
    "rate": rates.rate,
    "mean": lambda frame: rates.mean(frame.assign(standard_deviation=2.0)),
    "as_given": lambda frame: rates.as_given(frame, "index"),
    "analyse": lambda frame: rates.analyse(frame, KINDS),
    "against": lambda frame: comparison.against(rates.proportion(frame), WHOLE, part_of_reference=False),
    "ratio": lambda frame: comparison_ratio.ratio(rates.proportion(frame), WHOLE, part_of_reference=False),
    "direct": lambda frame: standardise.direct(frame, STANDARD),
    "indirect_ratio": lambda frame: indirect.indirect_ratio(frame, COUNTRY),
    "indirect_rate": lambda frame: indirect.indirect_rate(frame, COUNTRY),
    "comparative_ratio": lambda frame: comparative.comparative_ratio(frame, COUNTRY),
    "life_expectancy": lambda frame: life_expectancy.life_expectancy(frame).expectancy,
    "coverage": lambda frame: quality.coverage(frame, [f"A{area}" for area in range(AREAS)]),
    "completeness": quality.completeness,
    "between_areas": inequality.between_areas,
    "decompose": lambda frame: inequality.decompose(placed(frame), inner="seutukunta").totals,
    "lorenz": inequality.lorenz,
    "between_groups": lambda frame: inequality.between_groups(
        placed(frame), "deprivation", method="jackknife"
    ),
    "empirical_bayes": smoothing.empirical_bayes,
    "empirical_bayes_local": lambda frame: smoothing.empirical_bayes(frame, neighbours=PAIRS),
    "morans_i": lambda frame: spatial.morans_i(frame, PAIRS),
    "local_morans_i": lambda frame: spatial.local_morans_i(frame, PAIRS),
    "rank_intervals": lambda frame: rank_intervals.rank_intervals(frame, draws=100).areas,
    "funnel_class": lambda frame: funnel_classes.funnel_class(
        rates.proportion(frame), by=["indicator", "period"]
    ),
    "annual_percent_change": trends.annual_percent_change,
    "poisson": lambda frame: trends.annual_percent_change(frame, "poisson"),
    "change": lambda frame: trends.change(frame, "2010", "2012", kinds=KINDS),
    "moving": trends.moving,
    "seasonal": lambda frame: trends.seasonal(halves(frame)).components,
    "joinpoints": lambda frame: trends.joinpoints(frame, 1, cautious=False).segments,
    "chart": lambda frame: control_charts.chart(frame, "p"),
    "chart_xmr": lambda frame: control_charts.chart(frame, "xmr"),
    "index": lambda frame: composite.index(frame, FRAMEWORK),
    "parts": lambda frame: composite.parts(frame, FRAMEWORK),
    "sampling_error": lambda frame: (
        composite_sampling.sampling_error(year(rates.proportion(frame)), FRAMEWORK, draws=100).frame
    ),
    "sensitivity": lambda frame: composite_sensitivity.sensitivity(year(frame), FRAMEWORK).areas,
    "screen": lambda frame: composite_treat.screen(frame, FRAMEWORK).frame,
    "impute": lambda frame: composite_treat.impute(frame, FRAMEWORK).frame,
    "treat_outliers": lambda frame: composite_treat.treat_outliers(frame, FRAMEWORK).frame,
    "pca_weights": lambda frame: composite_weights.pca_weights(year(frame), FRAMEWORK),
    "importance": lambda frame: composite_weights.importance(year(frame), FRAMEWORK),
}
BY_AGE = {"direct", "indirect_ratio", "indirect_rate", "comparative_ratio", "life_expectancy"}
FAULTY = 14  # area A2 of 2012: within every selection above


def with_cell(**cells: float | str) -> pd.DataFrame:
    frame = GOOD.copy()
    for column, value in cells.items():
        frame.loc[FAULTY, column] = value
    return frame


FAULTS = {
    "negative_count": with_cell(numerator=-5.0),
    "cases_above_people": with_cell(numerator=9e5, value=100 * 9e5 / GOOD.loc[FAULTY, "denominator"]),
    "zero_denominator": with_cell(denominator=0.0),
    "negative_denominator": with_cell(denominator=-3.0),
    "value_nan": with_cell(value=np.nan),
    "value_infinite": with_cell(value=np.inf),
    "count_infinite": with_cell(numerator=np.inf),
    "denominator_infinite": with_cell(denominator=np.inf),
    "key_twice": pd.concat([GOOD, GOOD.iloc[[FAULTY]]], ignore_index=True),
    "mixed_origin": with_cell(origin="published"),
}
# Faults that lie in columns a function does not use, or that have a defined answer.
VALUES_ONLY = {  # read `value` alone: faults of counts are not theirs to find
    *("as_given", "coverage", "completeness", "morans_i", "local_morans_i", "annual_percent_change"),
    *("seasonal", "joinpoints", "chart_xmr", "index", "parts", "sensitivity", "screen", "impute"),
    *("treat_outliers", "pca_weights", "importance"),
}
OF_COUNTS = {
    *("negative_count", "cases_above_people", "zero_denominator", "negative_denominator"),
    *("count_infinite", "denominator_infinite"),
}
WEIGHTED = {"between_areas", "decompose", "lorenz", "between_groups"}  # the denominator is the weight
DEFINED = {
    *((name, fault) for name in VALUES_ONLY for fault in OF_COUNTS),
    *(
        (name, fault)
        for name in WEIGHTED
        for fault in ("negative_count", "count_infinite", "cases_above_people")
    ),
    *((name, "zero_denominator") for name in WEIGHTED),  # an area without people weighs nothing
    # A row has its own interval whatever stands beside it; a count of rows is a count.
    *((name, "mixed_origin") for name in ("proportion", "rate", "mean", "as_given", "analyse")),
    *((name, "mixed_origin") for name in ("coverage", "completeness")),
    # Events may outnumber people; a mean's counts are numbers of values.
    *(
        (name, "cases_above_people")
        for name in ("rate", "empirical_bayes", "empirical_bayes_local", "poisson")
    ),
    *((name, "cases_above_people") for name in ("moving", "rank_intervals", *BY_AGE)),
    *(("mean", fault) for fault in ("negative_count", "cases_above_people", "count_infinite")),
    # Told in `reason` (zero_population), or nothing to add where nobody lives.
    *((name, "zero_denominator") for name in BY_AGE),
    # By age the rates are computed from counts: the rows' own values are not used.
    *((name, fault) for name in BY_AGE for fault in ("value_nan", "value_infinite")),
}


# These are found by `frame.check`, which all but the functions by age begin with: three stand for the rest.
OF_THE_FRAME = {"value_nan", "value_infinite", "key_twice"}
ASKED = [
    (name, fault)
    for name in FUNCTIONS
    for fault in FAULTS
    if fault not in OF_THE_FRAME or name in {*BY_AGE, "proportion", "morans_i", "index"}
]


@pytest.mark.parametrize(("name", "fault"), ASKED)
def test_bad_input_is_refused_or_has_a_defined_answer(name, fault):
    frame = FAULTS[fault]
    if name in BY_AGE:
        rows = [frame.assign(age=age) if age == "15-64" else GOOD.assign(age=age) for age in STANDARD["age"]]
        frame = pd.concat([part[part["indicator"] == "i0"] for part in rows], ignore_index=True)
    kept = frame.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        if (name, fault) not in DEFINED:
            with pytest.raises(SosrakeError, match=r".{20}"):
                FUNCTIONS[name](frame)
        else:
            found = FUNCTIONS[name](frame)
            if {"status", "value"} <= set(found):
                assert np.isfinite(
                    found.loc[found["status"] == "ok", "value"].drop(FAULTY, errors="ignore")
                ).all()
    pd.testing.assert_frame_equal(frame, kept)


ABSENT = {"value": np.nan, "numerator": np.nan, "denominator": np.nan}
SPARSE = {
    "one_area_missing": with_cell(status="missing", **ABSENT),
    "count_absent": with_cell(numerator=np.nan),
    "all_missing": GOOD.assign(status="missing", **ABSENT),
    "no_rows": GOOD.iloc[:0],
    "two_areas": GOOD[GOOD["region_code"].isin(["A0", "A1"])],
    "all_equal": GOOD.assign(value=10.0, numerator=100.0, denominator=1_000.0),
    "all_zero": GOOD.assign(value=0.0, numerator=0.0),
}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in BY_AGE])
@pytest.mark.parametrize("case", SPARSE)
def test_sparse_and_equal_input_gives_no_warning_and_no_figure_out_of_nothing(name, case):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            found = FUNCTIONS[name](SPARSE[case])
        except SosrakeError as refused:
            assert len(str(refused)) > 20
            return
    if {"status", "value"} <= set(found):
        ok = found["status"] == "ok"
        assert np.isfinite(found.loc[ok, "value"]).all()
        assert found.loc[~ok, "value"].isna().all()
        if {"lower", "upper"} <= set(found):
            slack = 1e-9 * found["value"].abs().clip(lower=1)
            assert not (found["lower"] > found["value"] + slack).any()
            assert not (found["upper"] < found["value"] - slack).any()


def test_moving_values_refuse_counts_that_cannot_be():
    with pytest.raises(FrameError, match=r"trends\.moving: .* in 1 row.*A2 2012.*correct"):
        trends.moving(with_cell(numerator=-5.0))


def test_invented_and_real_figures_never_meet_in_a_comparison_or_a_chart():
    with pytest.raises(FrameError, match=r"comparison\.against: .*invented and real figures never meet"):
        comparison.against(rates.proportion(with_cell(origin="own")), WHOLE, part_of_reference=False)
    with pytest.raises(FrameError, match=r"control_charts\.chart: .*invented and real figures never meet"):
        control_charts.chart(with_cell(origin="own"), "p")


def test_infinite_counts_have_no_rank():
    with pytest.raises(FrameError, match=r"rank_intervals: row 15 .*numerator inf"):
        rank_intervals.rank_intervals(with_cell(numerator=np.inf), draws=100)


ANSWERS = pd.DataFrame(
    {
        "respondent": np.repeat(np.arange(40), 3),
        "item": ["a", "b", "c"] * 40,
        "answer": np.random.default_rng(1).integers(1, 6, 120).astype(float),
        "organisation": np.repeat(["A", "B"], 60),
    }
)
GAPS = ANSWERS.rename(columns={"answer": "importance"}).assign(skill=3.0, need=2.0)
LEVELLED = {
    "proportion": lambda level: rates.proportion(GOOD, level),
    "against": lambda level: comparison.against(
        rates.proportion(GOOD), WHOLE, level, part_of_reference=False
    ),
    "direct": lambda level: standardise.direct(AGES, STANDARD, confidence=level),
    "empirical_bayes": lambda level: smoothing.empirical_bayes(GOOD, confidence=level),
    "rank_intervals": lambda level: rank_intervals.rank_intervals(GOOD, draws=100, confidence=level),
    "funnel_class": lambda level: funnel_classes.funnel_class(
        rates.proportion(GOOD), by=["indicator", "period"], confidence=level
    ),
    "funnel_limits": lambda level: funnels.funnel_limits([100], 0.5, confidence=level),
    "funnel_sizes": lambda level: funnels.funnel_sizes([10], confidence=level),
    "annual_percent_change": lambda level: trends.annual_percent_change(GOOD, confidence=level),
    "index": lambda level: composite.index(GOOD, FRAMEWORK, confidence=level),
    "gap": lambda level: scales.gap(GAPS, HERE, confidence=level),
    "need": lambda level: importance.need(GAPS, HERE, confidence=level),
    "compare": lambda level: groups.compare(ANSWERS, HERE, by="organisation", confidence=level),
    "estimate": lambda level: survey_design.estimate(GAPS, HERE, values=["skill"], confidence=level),
}


@pytest.mark.parametrize("name", LEVELLED)
@pytest.mark.parametrize("level", [1.0, 95, "0.95", ()], ids=str)
def test_a_confidence_that_is_no_share_is_refused(name, level):
    with pytest.raises(SosrakeError, match=r"confidence .*expected"):
        LEVELLED[name](level)
