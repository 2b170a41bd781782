"""Effects by group and time: the reference tables of mpdta, plain differences of means, and Sun-Abraham."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sosrake_lib.effects import Claim
from sosrake_lib.effects.did import (
    aggregate,
    callaway_santanna,
    doubly_robust,
    outcome_regression,
    probability_weighting,
    sun_abraham,
    uniform_critical,
)
from sosrake_lib.errors import FrameError, SosrakeError

MPDTA = {"outcome": "lemp", "unit": "countyreal", "time": "year", "first_treated": "first.treat"}
SCENARIOS = {
    "mpdta_nev_dr": {},
    "mpdta_nev_ipw": {"est_method": "ipw"},
    "mpdta_nev_reg_cov": {"est_method": "reg", "covariates": ["lpop"]},
    "mpdta_nyt_dr": {"control_group": "notyettreated"},
}
NAMES = {"outcome": "y", "unit": "unit", "time": "year", "first_treated": "start"}


def panel(seed=1, units=40, times=6, never=True):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {"unit": np.repeat(np.arange(units), times), "year": np.tile(np.arange(1, times + 1), units)}
    )
    starts = np.array([3, 4, 6, 0 if never else 6])
    data["start"] = starts[data["unit"] % 4]
    data["x"] = np.repeat(rng.normal(size=units), times)
    data["z"] = rng.normal(size=len(data))
    on = (data["start"] > 0) & (data["year"] >= data["start"])
    data["y"] = 2.0 * on + data["x"] * data["year"] / 4 + rng.normal(size=len(data))
    return data


def impact(shared, name):
    path = shared / "data" / "impact" / name
    if not path.is_file():
        pytest.skip("the sources in ../shared are not beside the project")
    return pd.read_csv(path)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_mpdta_equals_the_reference_tables(shared, scenario):
    # Computed by the authors of csdid with an earlier R did, whose overall error by group is right.
    data = impact(shared, "csdid_mpdta.csv")
    cells = impact(shared, "csdid_ref_attgt.csv").query("scenario == @scenario")
    averages = impact(shared, "csdid_ref_aggte.csv").query("scenario == @scenario")
    found = callaway_santanna(data, **MPDTA, **SCENARIOS[scenario])
    frame = found.cells.frame
    assert frame[["group", "time"]].to_numpy().tolist() == cells[["group", "t"]].to_numpy().tolist()
    np.testing.assert_allclose(frame["estimate"], cells["att"], rtol=1e-8)
    np.testing.assert_allclose(frame["standard_error"], cells["se"], rtol=1e-8)
    for kind in ("simple", "group", "dynamic", "calendar"):
        table, own = averages.query("type == @kind"), getattr(found, kind)
        assert own.overall == pytest.approx(table["overall_att"].iloc[0], rel=1e-8)
        assert own.overall_error == pytest.approx(table["overall_se"].iloc[0], rel=1e-8)
        if kind != "simple":
            np.testing.assert_allclose(own.at.astype(float), table["egt"])
            np.testing.assert_allclose(own.att, table["att_egt"], rtol=1e-8)
            np.testing.assert_allclose(own.standard_error, table["se_egt"], rtol=1e-8)


def by_hand(data, group, time, base, control, anticipation=0):
    wide = data.pivot(index="unit", columns="year", values="y")
    start = data.groupby("unit")["start"].first()
    free = start == 0
    if control == "notyettreated":
        free |= (start > max(time, base) + anticipation) & (start != group)
    change = wide[time] - wide[base]
    treated, controls = change[start == group], change[free]
    error = np.sqrt(treated.var(ddof=0) / len(treated) + controls.var(ddof=0) / len(controls))
    return treated.mean() - controls.mean(), error


@pytest.mark.parametrize("control", ["nevertreated", "notyettreated"])
@pytest.mark.parametrize("base_period", ["varying", "universal"])
@pytest.mark.parametrize("anticipation", [0, 1])
def test_every_cell_is_a_difference_of_mean_changes(control, base_period, anticipation):
    data = panel()
    options = {"control_group": control, "base_period": base_period, "anticipation": anticipation}
    frame = callaway_santanna(data, **NAMES, **options).cells.frame
    for row in frame.to_dict("records"):
        group, time = int(row["group"]), int(row["time"])
        long = group - anticipation - 1
        base = long if base_period == "universal" or time > long else time - 1
        if time == base:
            assert row["estimate"] == 0 and np.isnan(row["standard_error"])
            continue
        expected = by_hand(data, group, time, base, control, anticipation)
        assert (row["estimate"], row["standard_error"]) == pytest.approx(expected, rel=1e-9)
    assert len(frame) == 3 * (6 if base_period == "universal" else 5)


def test_without_covariates_the_three_methods_agree():
    data = panel()
    found = [callaway_santanna(data, **NAMES, est_method=method).cells for method in ("dr", "reg", "ipw")]
    for other in found[1:]:
        np.testing.assert_allclose(other.att, found[0].att, atol=1e-10)
        np.testing.assert_allclose(other.standard_error, found[0].standard_error, rtol=1e-8)


@pytest.mark.parametrize("estimator", [outcome_regression, probability_weighting, doubly_robust])
def test_influence_functions_agree_with_the_jackknife(estimator):
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(300), rng.normal(size=300)])
    treated = (rng.uniform(size=300) < 1 / (1 + np.exp(-x[:, 1] / 2))).astype(float)
    change = x[:, 1] + treated + rng.normal(size=300)
    weights = rng.uniform(0.5, 2, 300)
    found = estimator(change, treated, x, weights)
    assert found.influence.mean() == pytest.approx(0.0, abs=1e-9)
    left = [
        estimator(*(np.delete(one, i, axis=0) for one in (change, treated, x, weights))).att
        for i in range(300)
    ]
    jackknife = np.sqrt(299 / 300 * ((np.array(left) - np.mean(left)) ** 2).sum())
    # Both estimate the same error; they differ by a term of order 1/n.
    assert np.sqrt((found.influence**2).sum()) / 300 == pytest.approx(jackknife, rel=0.02)


def test_a_weight_of_two_is_a_unit_twice():
    data = panel()
    data["w"] = np.where(data["unit"] < 8, 2.0, 1.0)
    twice = pd.concat([data, data.query("unit < 8").assign(unit=lambda d: d["unit"] + 1000)])
    for method in ("dr", "reg", "ipw"):
        options = {"est_method": method, "covariates": ["x"]}
        one = callaway_santanna(data, **NAMES, **options, weights="w")
        other = callaway_santanna(twice, **NAMES, **options)
        np.testing.assert_allclose(one.cells.att, other.cells.att, rtol=1e-7)
        assert one.simple.overall == pytest.approx(other.simple.overall, rel=1e-7)


def test_aggregations_by_plain_loops():
    data = panel()
    found = callaway_santanna(data, **NAMES)
    frame = found.cells.frame.assign(size=10)
    after = frame.query("time >= group")
    assert found.simple.overall == pytest.approx(np.average(after["estimate"], weights=after["size"]))
    by_group = after.groupby("group")["estimate"].mean()
    np.testing.assert_allclose(found.group.att, by_group)
    by_step = frame.groupby("step")["estimate"].mean()
    np.testing.assert_allclose(found.dynamic.att, by_step)
    assert found.dynamic.overall == pytest.approx(by_step[by_step.index >= 0].mean())
    np.testing.assert_allclose(found.calendar.att, after.groupby("time")["estimate"].mean())


def test_the_slip_of_r_did_2_1_2_touches_the_overall_error_by_group_only():
    plain = callaway_santanna(panel(), **NAMES)
    other = callaway_santanna(panel(), **NAMES, size_influence="first_cells")
    assert other.group.overall == plain.group.overall
    assert other.group.overall_error != plain.group.overall_error
    np.testing.assert_array_equal(other.group.standard_error, plain.group.standard_error)
    assert other.simple.overall_error == plain.simple.overall_error
    with pytest.raises(SosrakeError, match="size_influence 'x'; expected groups or first_cells"):
        callaway_santanna(panel(), **NAMES, size_influence="x")


def test_dynamic_effects_can_be_balanced_and_cut():
    found = callaway_santanna(panel(), **NAMES)
    balanced = aggregate(found.cells, "dynamic", balance=2)
    # Groups 3 and 4 are observed two steps after their start; the group that starts in 6 is not.
    kept = found.cells.frame.query("group < 6 and -3 <= step <= 2")
    np.testing.assert_allclose(balanced.att, kept.groupby("step")["estimate"].mean())
    cut = aggregate(found.cells, "dynamic", first_step=-1, last_step=1)
    assert cut.at.tolist() == [-1, 0, 1]


def test_without_never_treated_units_the_last_group_is_the_control():
    data = panel(never=False)
    found = callaway_santanna(data, **NAMES, control_group="notyettreated")
    frame = found.cells.frame
    assert set(frame["group"]) == {3, 4} and frame["time"].max() == 5
    first = frame.query("group == 3 and time == 5")["estimate"].iloc[0]
    last = data.assign(start=data["start"].replace(6, 0))
    assert first == pytest.approx(by_hand(last, 3, 5, 2, "nevertreated")[0])
    assert "no_never_treated_units" in found.effect.caveats
    with pytest.raises(SosrakeError, match="no unit is never treated; use control_group='notyettreated'"):
        callaway_santanna(data, **NAMES)


def test_units_treated_from_the_first_time_on_are_left_out():
    data = panel()
    early = pd.concat([data, data.query("unit < 4").assign(unit=lambda d: d["unit"] + 99, start=1)])
    found, other = callaway_santanna(early, **NAMES), callaway_santanna(data, **NAMES)
    np.testing.assert_allclose(found.cells.att, other.cells.att)
    assert "rows_left_out" in found.effect.caveats


def test_clusters_of_two_equal_units_double_the_variance():
    data = panel()
    twice = pd.concat(
        [data.assign(area=data["unit"]), data.assign(area=data["unit"], unit=data["unit"] + 100)]
    )
    one = callaway_santanna(data, **NAMES)
    pairs = callaway_santanna(twice, **NAMES, cluster="area")
    np.testing.assert_allclose(pairs.cells.standard_error, one.cells.standard_error, rtol=1e-9)
    assert pairs.simple.overall_error == pytest.approx(one.simple.overall_error, rel=1e-9)


def test_a_uniform_band_is_wider_and_holds_the_path_together():
    found = callaway_santanna(panel(), **NAMES, aggregation="dynamic", uniform=True, draws=2000)
    assert 1.96 < found.critical < 3.5
    table = found.effect.details
    assert ((table["upper"] - table["lower"]) / 2 / table["standard_error"]).round(9).nunique() == 1
    rng = np.random.default_rng(2)
    independent = rng.normal(size=(4000, 5))
    # Five independent normals: the critical value is the quantile at 0.95^(1/5).
    assert uniform_critical(independent, draws=20_000) == pytest.approx(2.569, abs=0.05)
    same = uniform_critical(independent, draws=500, seed=4)
    assert same == uniform_critical(independent, draws=500, seed=4)


@pytest.mark.parametrize("seed", [1, 2])
def test_sun_abraham_is_callaway_santanna_against_never_treated(seed):
    # Without covariates and saturated in starts and steps, both are the same double differences.
    data = panel(seed)
    paths = sun_abraham(data, **NAMES)
    cells = callaway_santanna(data, **NAMES, base_period="universal")
    steps = cells.dynamic.frame().query("step != -1")
    np.testing.assert_allclose(paths.path["estimate"], steps["estimate"], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(paths.cohorts["estimate"], cells.group.att, rtol=1e-8)
    assert paths.effect.estimate == pytest.approx(cells.simple.overall, rel=1e-8)


def test_sun_abraham_keeps_covariates_and_other_references():
    found = sun_abraham(panel(), **NAMES, covariates=["z"], reference=-2)
    assert found.covariates["term"].tolist() == ["z"]
    assert -1 in found.path["step"].tolist() and -2 not in found.path["step"].tolist()


def test_claims_and_caveats_follow_the_numbers_of_units():
    data = panel(units=48)
    found = callaway_santanna(data, **NAMES, assignment="by_rule")
    assert found.effect.claim in (Claim.TODENNAKOINEN_VAIKUTUS, Claim.YHTEYS)
    few = data.query("start == 0 or unit in (0, 1)")
    short = callaway_santanna(few, **NAMES, assignment="by_rule")
    assert short.effect.claim is Claim.YHTEYS
    assert "few_treated_units" in short.effect.caveats
    with pytest.raises(FrameError, match=r"1 treated cluster\(s\)"):
        callaway_santanna(data.query("start == 0 or unit == 0"), **NAMES)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"control_group": "all"}, r"control_group 'all'; expected one of nevertreated"),
        ({"est_method": "ols"}, r"est_method 'ols'; expected one of dr, reg, ipw"),
        ({"base_period": "x"}, r"base_period 'x'; expected one of varying"),
        ({"anticipation": -1}, r"anticipation -1; expected a number of times"),
        ({"aggregation": "x"}, r"aggregation 'x'; expected one of"),
        ({"unbalanced": "keep"}, r"unbalanced 'keep'; changes need both times"),
        ({"first_treated": "year"}, r"column 'year' changes within unit 0"),
        ({"weights": "zero"}, r"weights in 'zero' must be above 0"),
    ],
)
def test_unfit_choices_are_refused_in_words(change, said):
    with pytest.raises(SosrakeError, match=said):
        callaway_santanna(panel().assign(zero=0.0), **(NAMES | change))


def test_unfit_data_are_refused_in_words():
    data = panel()
    for spoilt, said in (
        (data.assign(start=0), r"no unit of column 'start' starts after the first time 1"),
        (data.assign(start=1), r"no unit of column 'start' starts after the first time 1"),
        (data.drop(index=3), r"unit 0 has no row for time 4"),
    ):
        with pytest.raises(FrameError, match=said):
            callaway_santanna(spoilt, **NAMES)
    with pytest.raises(SosrakeError, match=r"no unit is never treated; leave out the times"):
        sun_abraham(panel(never=False), **NAMES)


def test_no_overlap_is_told_cell_by_cell():
    data = panel()
    data["far"] = np.where(data["start"] == 3, 10.0, 0.0) + data["unit"] / 1000
    found = callaway_santanna(data, **NAMES, covariates=["far"], est_method="ipw")
    reasons = found.cells.reasons
    assert set(reasons["group"]) == {3}
    assert reasons["reason"].str.contains("separate").all()
    with pytest.raises(SosrakeError, match="no effect can be estimated; first reason"):
        callaway_santanna(data.query("start in (0, 3)"), **NAMES, covariates=["far"], est_method="ipw")


def few(seed=1):
    """Eleven units, four of which start in two different years."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"unit": np.repeat(np.arange(11), 6), "year": np.tile(np.arange(1, 7), 11)})
    data["start"] = np.select([data["unit"] < 2, data["unit"] < 4], [4, 5], 0)
    data["y"] = rng.normal(size=len(data)) + 2.0 * ((data["start"] > 0) & (data["year"] >= data["start"]))
    return data


def test_few_clusters_are_left_out_one_by_one():
    data = few()
    found = callaway_santanna(data, **NAMES)
    without = [
        callaway_santanna(data[data["unit"] != unit], **NAMES, limits="normal").effect.estimate
        for unit in range(11)
    ]
    moved = np.array(without) - found.effect.estimate
    error = np.sqrt(10 / 11 * (moved**2).sum())
    assert found.effect.standard_error == pytest.approx(error, rel=1e-9)
    v1, v0 = (moved[:4] ** 2).sum(), (moved[4:] ** 2).sum()
    df = (v1 + v0) ** 2 / (v1**2 / 3 + v0**2 / 6)
    assert found.effect.df == pytest.approx(df)
    half = stats.t.ppf(0.975, df) * error
    assert found.effect.upper == pytest.approx(found.effect.estimate + half)
    # What R did gives stays beside it.
    normal = callaway_santanna(data, **NAMES, limits="normal")
    assert found.simple.overall_error == normal.effect.standard_error and np.isinf(normal.effect.df)
    assert normal.left_out is None and "interval_too_narrow_with_few_units" in normal.effect.caveats


def test_with_one_start_the_jackknife_is_welchs():
    data = few().assign(start=lambda d: np.where(d["unit"] < 4, 4, 0))
    found = callaway_santanna(data, **NAMES).effect
    wide = data.pivot(index="unit", columns="year", values="y")
    change = wide[[4, 5, 6]].mean(axis=1) - wide[3]
    own, other = change[:4], change[4:]
    parts = [one.var() / len(one) * len(one) / (len(one) - 1) for one in (own, other)]
    assert found.standard_error == pytest.approx(np.sqrt(10 / 11 * sum(parts)), rel=1e-9)
    assert found.df == pytest.approx(sum(parts) ** 2 / (parts[0] ** 2 / 3 + parts[1] ** 2 / 6))


def test_many_clusters_keep_normal_limits_and_a_cluster_that_cannot_be_left_out_is_told():
    many = callaway_santanna(panel(units=48), **NAMES)
    assert np.isinf(many.effect.df) and many.left_out is None
    assert "interval_too_narrow_with_few_units" not in many.effect.caveats
    data = few().query("unit < 9").assign(x=lambda d: (d["unit"] == 8).astype(float))
    options = {"covariates": ["x"], "est_method": "reg"}
    auto = callaway_santanna(data, **NAMES, **options)
    assert "interval_too_narrow_with_few_units" in auto.effect.caveats
    with pytest.raises(SosrakeError, match="without one of the clusters"):
        callaway_santanna(data, **NAMES, **options, limits="jackknife")
    with pytest.raises(SosrakeError, match="limits 'wide'; expected one of auto, jackknife, normal"):
        callaway_santanna(data, **NAMES, limits="wide")
