"""Synthetic control and synthetic difference-in-differences: published results, refusals, properties."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim, synthetic
from sosrake_lib.effects.synthetic import Predictor
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.verify.compare import Tolerance, disagreements
from sosrake_lib.verify.kinds_synthetic import KINDS
from sosrake_lib.verify.names import read_name

PROJECT = Path(__file__).resolve().parents[1]
IMPACT = PROJECT.parent / "shared" / "data" / "impact"
ORACLES = PROJECT.parent / "shared" / "oracles"
WHO = {"outcome": "value", "unit": "area", "time": "year"}
CALIFORNIA = {"outcome": "PacksPerCapita", "unit": "State", "time": "Year", "treatment": "treated"}


def reference():
    csv.field_size_limit(10**7)
    with (PROJECT / "tests" / "reference" / "synthetic_control.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def span(first, last):
    return tuple(range(first, last + 1))


def real(name, **options):
    if not IMPACT.is_dir():
        pytest.skip("the sources in ../shared are not beside the project")
    return pd.read_csv(IMPACT / name, **options)


def prop99():
    return real("california_prop99_synthdid.csv", sep=";")


def panel(units=13, periods=10, before=6, effect=5.0, seed=0, treated=1):
    rng = np.random.default_rng(seed)
    trend, load = rng.normal(size=periods).cumsum(), rng.normal(1, 0.3, units)
    values = 20 + np.outer(load, trend) + rng.normal(0, 0.3, (units, periods))
    values[:treated, before:] += effect
    rows = [
        (f"u{u:02d}", 2010 + t, values[u, t], int(u < treated and t >= before))
        for u in range(units)
        for t in range(periods)
    ]
    return pd.DataFrame(rows, columns=["area", "year", "value", "on"])


@pytest.mark.parametrize("case", reference(), ids=lambda case: case["id"])
def test_reference_cases_of_others(case):
    name = read_name(case["function"])
    got = KINDS[name.kind].run(json.loads(case["inputs"]) | dict(name.options))
    within = Tolerance(float(case["relative"]), float(case["absolute"]))
    assert disagreements(got, json.loads(case["expected"]), within) == []


def basque():
    listed = {case["id"]: json.loads(case["inputs"]) for case in reference()}
    return listed["synth_basque_equalV"]


def test_basque_weights_with_equal_importances():
    given_ = basque()
    found = synthetic.given_v(given_["X1"], given_["X0"], np.ones(13), given_["Z1"], given_["Z0"])
    # The published optimum of an interior-point solver is 0.23997; the exact one lies just below.
    assert 0.2398 < found.loss_w < 0.23997
    assert found.weights.sum() == pytest.approx(1)


def test_more_starts_find_what_two_do_not():
    given_ = [np.array(basque()[name]) for name in ("X1", "X0", "Z1", "Z0")]
    two = synthetic.nested_v(*given_, search="two_starts")
    many = synthetic.nested_v(*given_)
    # 0.0088646 is R Synth's; 0.004287 is what a derivative-free search by importances finds (scipy's Powell).
    assert two.loss_v == pytest.approx(0.0088645, rel=1e-4)
    assert many.loss_v == pytest.approx(0.004287, rel=1e-3)
    assert many.lower_bound < many.loss_v


def test_the_gradient_of_the_outer_loss_is_that_of_differences():
    from sosrake_lib.effects.synthetic.nested import _cost
    from sosrake_lib.effects.synthetic.predictors import scaled

    x1, x0, z1, z0 = (np.array(basque()[name]) for name in ("X1", "X0", "Z1", "Z0"))
    cost = _cost(*scaled(x1, x0), z1, z0)
    v = np.random.default_rng(0).dirichlet(np.ones(13))
    slow = [(cost(v + 1e-6 * e)[0] - cost(v - 1e-6 * e)[0]) / 2e-6 for e in np.eye(13)]
    assert cost(v)[1] == pytest.approx(slow, rel=1e-5, abs=1e-8)


def test_simplex_weights_equal_a_projected_gradient_loop():
    rng = np.random.default_rng(5)
    for ridge in (0.05, 1.0):
        columns, target = rng.normal(size=(8, 6)), rng.normal(size=8)
        w = np.full(6, 1 / 6)
        for _ in range(20_000):
            slope = columns.T @ (columns @ w - target) + ridge * w
            v = np.sort(w - 0.02 * slope)[::-1]
            top = np.flatnonzero(v - (np.cumsum(v) - 1) / np.arange(1, 7) > 0)[-1]
            w = np.maximum(w - 0.02 * slope - (v[: top + 1].sum() - 1) / (top + 1), 0)
        assert synthetic.simplex_weights(columns, target, ridge=ridge).weights == pytest.approx(w, abs=1e-8)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 15), st.integers(1, 25), st.floats(1e-4, 1e4), st.booleans())
def test_simplex_weights_are_weights_and_optimal_at_every_scale(seed, rows, count, scale, intercept):
    rng = np.random.default_rng(seed)
    columns, target = rng.normal(size=(rows, count)), rng.normal(size=rows)
    found = synthetic.simplex_weights(columns * scale, target * scale, intercept=intercept)
    assert (found.weights >= 0).all() and found.weights.sum() == pytest.approx(1)
    assert found.gap <= 1e-8

    def loss(w):
        rest = target - columns @ w
        return ((rest - intercept * rest.mean()) ** 2).sum()

    best = loss(found.weights)
    assert all(best <= loss(w) + 1e-8 for w in [*np.eye(count), *rng.dirichlet(np.ones(count), 20)])


def test_nearly_equal_columns_do_not_stop_the_solver():
    columns = np.ones((4, 6)) + 1e-13 * np.random.default_rng(0).normal(size=(4, 6))
    assert synthetic.simplex_weights(columns, np.full(4, 3.0)).weights.sum() == pytest.approx(1)
    assert synthetic.simplex_weights(np.ones((4, 3)), np.ones(4)).weights == pytest.approx([1 / 3] * 3)


def test_pairwise_steps_reach_the_same_optimum():
    from sosrake_lib.effects.synthetic.simplex import _pairwise

    rng = np.random.default_rng(8)
    columns, target = rng.normal(size=(12, 7)), rng.normal(size=12)
    slow = _pairwise(columns - target[:, None], np.eye(7)[0])
    assert synthetic.simplex_weights(columns, target).weights == pytest.approx(slow, abs=1e-4)


@pytest.mark.parametrize(
    ("columns", "target", "options", "message"),
    [
        ([[1.0, 2.0]], [1.0, 2.0], {}, r"columns \(1, 2\), target \(2,\)"),
        ([[1.0, np.nan]], [1.0], {}, "empty or infinite"),
        ([[1.0, 2.0]], [1.0], {"ridge": -1.0}, "ridge is negative"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(columns, target, options, message):
    with pytest.raises(SosrakeError, match=message):
        synthetic.simplex_weights(columns, target, **options)


def test_table_1_of_the_article_on_proposition_99():
    """Arkhangelsky et al. (2021), table 1: SDID -15.6, SC -19.6, DID -27.3, demeaned SC -11.1."""
    data = prop99()
    published = {"sdid": -15.6, "sc": -19.6, "did": -27.3, "demeaned_sc": -11.1}
    for kind, value in published.items():
        found = synthetic.fit_synthetic_did(data, **CALIFORNIA, kind=kind, solver="frank_wolfe")
        assert found.fit.estimate == pytest.approx(value, abs=0.05)
        exact = synthetic.fit_synthetic_did(data, **CALIFORNIA, kind=kind)
        assert exact.fit.estimate == pytest.approx(value, abs=0.15)
    effect = synthetic.synthetic_did(data, **CALIFORNIA, assignment="by_rule", measure="packs")
    # The article's error, 8.4, is of 200 random placebos; every placebo once gives 9.4.
    assert effect.standard_error == pytest.approx(9.37, abs=0.01)
    assert effect.claim is Claim.YHTEYS and effect.method == "synthetic_did"
    assert effect.sensitivity["analysis"].tolist() == ["sc", "did", "demeaned_sc"]
    assert effect.details["gap"][effect.details["phase"] == "after"].mean() == pytest.approx(effect.estimate)


def test_r_synthdid_to_every_digit_it_gives():
    found = synthetic.fit_synthetic_did(prop99(), **CALIFORNIA, solver="frank_wolfe")
    assert found.fit.estimate == pytest.approx(-15.6038278727338, abs=1e-9)
    assert found.fit.zeta_omega == pytest.approx(10.2262325714912, abs=1e-9)
    assert found.time_weights()["weight"].tail(3).tolist() == pytest.approx(
        [0.366471, 0.206453, 0.427076], abs=1e-6
    )


def test_proposition_99_weights_on_outcomes_only():
    fit = synthetic.fit_synthetic(prop99(), **CALIFORNIA)
    weights = fit.unit_weights().set_index("unit")["weight"]
    # R synthdid's sc_estimate stops short of the optimum: its single weights lie within 0.005 of it.
    published = {"Utah": 0.396104, "Montana": 0.232273, "Nevada": 0.204426, "Connecticut": 0.104467}
    assert {unit: weights[unit] for unit in published} == pytest.approx(published, abs=0.005)
    stopped = synthetic.fit_synthetic_did(prop99(), **CALIFORNIA, kind="sc", solver="frank_wolfe")
    own = (fit.gap[: fit.panel.before] ** 2).mean()
    peer = (stopped.gap[: fit.panel.before] ** 2).mean()
    assert own <= peer


def test_proposition_99_with_predictors_gives_the_published_weights():
    """Abadie, Diamond and Hainmueller (2010), table 2."""
    if not ORACLES.is_dir():
        pytest.skip("the sources in ../shared are not beside the project")
    data = pd.read_csv(ORACLES / "data" / "smoking_prop99_predictors.csv")
    predictors = [Predictor(name, span(1980, 1988)) for name in ("lnincome", "retprice", "age15to24")]
    predictors += [Predictor("beer", span(1984, 1988))]
    predictors += [Predictor("cigsale", (year,)) for year in (1975, 1980, 1988)]
    fit = synthetic.fit_synthetic(
        data,
        outcome="cigsale",
        unit="state",
        time="year",
        treated="California",
        first_after=1989,
        predictors=predictors,
        search="two_starts",
    )
    published = {"Utah": 0.334, "Nevada": 0.234, "Montana": 0.199, "Colorado": 0.164, "Connecticut": 0.069}
    found = fit.unit_weights().set_index("unit")["weight"]
    assert {unit: found[unit] for unit in published} == pytest.approx(published, abs=0.01)
    balance = fit.balance().set_index("predictor")
    # Table 1: synthetic California 9.86, 89.41, 17.40, 24.20, 127.06, 120.41, 91.62.
    assert balance["synthetic"].tolist() == pytest.approx(
        [9.86, 89.41, 0.174, 24.2, 127.06, 120.41, 91.62], rel=0.01
    )
    placebos = synthetic.placebo_in_space(fit)
    assert placebos.p_value == pytest.approx(1 / 39)


def test_german_reunification():
    """Abadie, Diamond and Hainmueller (2015): Austria, United States, Japan, Switzerland, Netherlands."""
    data = real("germany_pysyncon.csv")
    predictors = [Predictor(name, span(1981, 1990)) for name in ("gdp", "trade", "infrate", "industry")]
    predictors += [Predictor("schooling", (1980, 1985)), Predictor("invest80", (1980,))]
    predictors = [
        Predictor(one.column, tuple(year for year in one.periods if year < 1990), one.statistic)
        for one in predictors
    ]
    fit = synthetic.fit_synthetic(
        data,
        outcome="gdp",
        unit="country",
        time="year",
        treated="West Germany",
        first_after=1990,
        predictors=predictors,
    )
    weights = fit.unit_weights()
    assert weights["unit"][0] == "Austria"
    assert set(weights["unit"][:5]) == {"Austria", "USA", "Japan", "Switzerland", "Netherlands"}
    assert weights["weight"][:5].tolist() == pytest.approx([0.42, 0.22, 0.16, 0.11, 0.09], abs=0.1)
    # Published: income was lower by about 1 600 dollars a head on average over 1990-2003.
    assert fit.gap[fit.panel.before :].mean() == pytest.approx(-1600, abs=300)
    assert synthetic.placebo_in_space(fit).p_value == pytest.approx(1 / 17)
    earlier = synthetic.placebo_in_time(fit, 1975)
    after = earlier.loc[earlier["phase"] == "after", "gap"]
    assert abs(after.mean()) < 300


def test_basque_terrorism_on_outcomes_only():
    """Abadie and Gardeazabal (2003): a gap of about 10 % on average over two decades."""
    data = real("basque_pysyncon.csv")
    data = data.loc[data["regionno"] != 1]
    fit = synthetic.fit_synthetic(
        data,
        outcome="gdpcap",
        unit="regionname",
        time="year",
        treated="Basque Country (Pais Vasco)",
        first_after=1975.0,
    )
    path = fit.path().query("1980 <= period < 2000")
    assert -0.13 < (path["gap"] / path["synthetic"]).mean() < -0.07


def test_texas_prisons():
    """Cunningham (Causal Inference: The Mixtape): many more Black men in prison than in synthetic Texas."""
    data = real("texas_prison_pysyncon.csv")
    data = data.loc[data["year"] <= 2000]
    fit = synthetic.fit_synthetic(
        data, outcome="bmprison", unit="state", time="year", treated="Texas", first_after=1993.0
    )
    assert fit.gap[fit.panel.before :].mean() > 20_000


def test_an_effect_tells_what_it_is():
    effect = synthetic.synthetic_control(
        panel(units=25), **WHO, treatment="on", assignment="by_rule", measure="points"
    )
    assert effect.lower < 5 < effect.upper and effect.p_value == pytest.approx(1 / 25)
    assert effect.claim is Claim.YHTEYS and effect.n == {"treated": 1, "donors": 24}
    assert effect.method == "synthetic_control_outcomes" and effect.unit == "points" and effect.df == 23
    assert effect.details.columns.tolist() == ["period", "observed", "synthetic", "gap", "phase"]
    assert {"demeaned_sc", "did", "sdid"} <= set(effect.sensitivity["analysis"])
    last = synthetic.synthetic_control(panel(units=25), **WHO, treatment="on", at="last")
    assert last.estimate == pytest.approx(effect.details["gap"].iloc[-1])
    with pytest.raises(FrameError, match="at 2011; expected average, last, or a period from 2016 to 2019"):
        synthetic.synthetic_control(panel(), **WHO, treatment="on", at=2011)


def test_thirteen_units_are_labelled_few():
    effect = synthetic.synthetic_control(panel(), **WHO, treatment="on")
    assert "few_units" in effect.caveats and effect.p_value >= 1 / 13 and effect.claim is Claim.ERO


def test_a_poor_fit_before_lowers_the_claim():
    data = panel(units=25)
    data.loc[data["area"] == "u00", "value"] += 500
    effect = synthetic.synthetic_control(data, **WHO, treatment="on", assignment="by_rule")
    assert effect.claim is Claim.ERO and "poor_fit_before" in effect.caveats
    shifted = synthetic.synthetic_control(data, **WHO, treatment="on", assignment="by_rule", intercept=True)
    assert shifted.claim is Claim.YHTEYS and shifted.estimate == pytest.approx(5, abs=1)


def test_naming_the_treated_equals_marking_them():
    data = panel()
    marked = synthetic.fit_synthetic(data, **WHO, treatment="on")
    named = synthetic.fit_synthetic(data, **WHO, treated="u00", first_after=2016)
    assert named.weights == pytest.approx(marked.weights)
    chosen = synthetic.fit_synthetic(data, **WHO, treatment="on", donors=["u01", "u02", "u03"])
    assert chosen.panel.donor_names == ("u01", "u02", "u03")


def test_placebos_leave_one_out_and_dates():
    fit = synthetic.fit_synthetic(panel(units=20, periods=14, before=10), **WHO, treatment="on")
    placebos = synthetic.placebo_in_space(fit)
    assert placebos.gaps.shape == (19, 14) and placebos.smallest_p == 1 / 20
    assert placebos.table["unit"][0] == "u00" and placebos.p_value == 1 / 20
    with_treated = synthetic.placebo_in_space(fit, treated_as_donor=True)
    assert with_treated.gaps.shape == (19, 14)
    strict = synthetic.placebo_in_space(fit, worst_fit=1.0)
    assert (strict.table["pre_rmspe"] <= synthetic.rmspe(fit.gap[:10]) + 1e-12).all()
    left = synthetic.leave_one_out(fit)
    assert left["average_gap"].to_numpy() == pytest.approx(5, abs=1.5) and len(left) > 0
    earlier = synthetic.placebo_in_time(fit, 2016)
    assert len(earlier) == 10 and abs(earlier.query("phase == 'after'")["gap"].mean()) < 1.5
    with pytest.raises(FrameError, match="first_after 2020; expected a period between 2012 and 2019"):
        synthetic.placebo_in_time(fit, 2020)


def test_several_treated_units_are_one_mean():
    data = panel(units=16, treated=3)
    effect = synthetic.synthetic_control(data, **WHO, treatment="on", draws=60)
    assert effect.lower < 5 < effect.upper and "several_treated_as_one" in effect.caveats
    again = synthetic.synthetic_control(data, **WHO, treatment="on", draws=60)
    assert again.standard_error == effect.standard_error
    did = {
        error: synthetic.synthetic_did(data, **WHO, treatment="on", error=error, draws=60)
        for error in ("placebo", "jackknife", "bootstrap")
    }
    assert all(one.lower < 5 < one.upper for one in did.values())
    assert len({one.estimate for one in did.values()}) == 1


def test_the_jackknife_equals_a_plain_loop():
    found = synthetic.fit_synthetic_did(panel(units=9, treated=3), **WHO, treatment="on")
    panel_, fit = found.panel, found.fit
    estimates = []
    for left in range(9):
        keep0, keep1 = [u for u in range(6) if u != left], [u for u in range(3) if u + 6 != left]
        w = fit.unit_weights[keep0] / fit.unit_weights[keep0].sum()
        gap = panel_.treated[keep1].mean(axis=0) - w @ panel_.donors[keep0]
        estimates.append(gap[6:].mean() - fit.time_weights @ gap[:6])
    plain = np.sqrt(8 / 9 * ((np.array(estimates) - np.mean(estimates)) ** 2).sum())
    assert synthetic.jackknife_error(panel_, fit) == pytest.approx(plain)


def test_one_treated_unit_cannot_be_left_out():
    for error in ("jackknife", "bootstrap"):
        with pytest.raises(FrameError, match=f"the {error} needs two treated units, there is one"):
            synthetic.synthetic_did(panel(), **WHO, treatment="on", error=error)
    with pytest.raises(FrameError, match="error 'robust'"):
        synthetic.synthetic_did(panel(), **WHO, treatment="on", error="robust")


def spoiled(change):
    data = panel()
    if change == "twice":
        return pd.concat([data, data.iloc[[3]]])
    if change == "hole":
        return data.drop(index=15)
    if change == "always":
        return data.assign(on=(data["area"] == "u00").astype(int))
    if change == "never":
        return data.assign(on=0)
    if change == "stops":
        return data.assign(on=data["on"].where(data["year"] != 2019, 0))
    if change == "staggered":
        return data.assign(on=data["on"] + ((data["area"] == "u01") & (data["year"] > 2017)))
    if change == "half":
        return data.assign(on=data["on"] * 0.5)
    if change == "text":
        return data.assign(value=data["value"].astype(object).where(data.index != 4, "much"))
    if change == "infinite":
        return data.assign(value=data["value"].where(data.index != 4, np.inf))
    if change == "constant":
        return data.assign(value=7.0)
    if change == "suppressed":
        return data.assign(status=np.where(data.index == 15, "suppressed", "ok"))
    if change == "mixed":
        return data.assign(origin=np.where(data.index == 15, "synthetic", "own"))
    if change == "broken":
        return data.assign(break_before=data["year"] == 2014)
    return data.loc[data["area"].isin(["u00", "u01"])]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("twice", "'u00' has period 2013 twice"),
        ("hole", "'u01' has no figure for 2015"),
        ("always", "treated from the first period on"),
        ("never", "column 'on' is 0 in every row"),
        ("stops", "'u00' stops being treated"),
        ("staggered", "starts at different periods .u00 2016, u01 2018."),
        ("half", "other values than 0 and 1"),
        ("text", "is 'much' in row 4; expected a finite number"),
        ("infinite", "expected a finite number"),
        ("constant", "the same in every donor and period"),
        ("suppressed", "'u01' has no figure for 2015"),
        ("mixed", "mixes synthetic with real rows"),
        ("broken", "breaks in row 4 .column break_before."),
        ("lonely", "1 unit.s. without treatment"),
    ],
)
def test_bad_input_is_told_where_and_what_to_do(change, message):
    for estimator in (synthetic.synthetic_control, synthetic.synthetic_did):
        with pytest.raises(FrameError, match=message):
            estimator(spoiled(change), **WHO, treatment="on")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "say who is treated from when"),
        ({"treated": "x", "first_after": 2016}, "column 'area' has no 'x'"),
        ({"treated": "u00", "first_after": 1990}, "no period 1990; the data run from 2010 to 2019"),
        ({"treated": "u00", "first_after": 2011}, "one period before treatment"),
        ({"treated": "u00", "first_after": 2016, "donors": ["u00", "u01"]}, "both treated and a donor"),
        ({"treated": "u00", "first_after": 2016, "v": [1.0]}, "v and follow belong to predictors"),
        ({"treated": "u00", "first_after": 2016, "search": "all"}, "search 'all'"),
        ({"treated": "u00", "first_after": 2016, "incomplete": "fill"}, "incomplete 'fill'"),
        (
            {"treated": "u00", "first_after": 2016, "predictors": [Predictor("value", (2017,))]},
            "a period after",
        ),
        (
            {"treated": "u00", "first_after": 2016, "predictors": [Predictor("value", (1990,))]},
            "has no value of",
        ),
        (
            {"treated": "u00", "first_after": 2016, "donors": ["u01", "u02"]},
            "an interval needs at least three",
        ),
        ({"treated": "u00", "first_after": 2016, "worst_fit": 0.0}, "0 placebo unit.s. left"),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(options, message):
    with pytest.raises(SosrakeError, match=message):
        synthetic.synthetic_control(panel(), **WHO, **options)


def test_predictors_given_and_searched():
    data = panel(units=14)
    predictors = [Predictor("value", (2010, 2011)), Predictor("value", (2014, 2015))]
    equal = synthetic.fit_synthetic(data, **WHO, treatment="on", predictors=predictors, v=[1, 1])
    best = synthetic.fit_synthetic(data, **WHO, treatment="on", predictors=predictors)
    assert best.matched.loss_v <= equal.matched.loss_v + 1e-12
    assert best.balance().columns.tolist() == [
        "predictor",
        "importance",
        "treated",
        "synthetic",
        "donors_mean",
    ]
    effect = synthetic.synthetic_control(
        data, **WHO, treatment="on", predictors=predictors, v=[1, 1], follow=[2014, 2015]
    )
    assert effect.method == "synthetic_control_given_v"
    with pytest.raises(FrameError, match="follow has a period that is not before treatment"):
        synthetic.fit_synthetic(data, **WHO, treatment="on", predictors=predictors, follow=[2018])
    with pytest.raises(SosrakeError, match="3 importances for 2 predictors"):
        synthetic.fit_synthetic(data, **WHO, treatment="on", predictors=predictors, v=[1, 1, 1])
    with pytest.raises(SosrakeError, match="statistic 'mode'"):
        Predictor("value", (2010,), "mode")


def test_donors_with_holes_can_be_left_out():
    effect = synthetic.synthetic_control(spoiled("hole"), **WHO, treatment="on", incomplete="drop")
    assert effect.n["donors"] == 11 and "donors_left_out" in effect.caveats


def test_the_users_frame_is_left_alone():
    data = panel()
    before = data.copy()
    synthetic.synthetic_control(data, **WHO, treatment="on")
    synthetic.synthetic_did(data, **WHO, treatment="on")
    pd.testing.assert_frame_equal(data, before)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-100, 100))
def test_scale_shift_and_order_carry_through(seed, scale, shift):
    data = panel(units=8, seed=seed)
    moved = data.assign(value=scale * data["value"] + shift).sample(frac=1, random_state=seed)
    for estimator in (synthetic.synthetic_control, synthetic.synthetic_did):
        one, other = (estimator(rows, **WHO, treatment="on") for rows in (data, moved))
        assert other.estimate == pytest.approx(scale * one.estimate, rel=1e-5, abs=1e-6 * scale)
        assert other.standard_error == pytest.approx(scale * one.standard_error, rel=1e-5, abs=1e-6 * scale)
        assert one.lower <= one.estimate <= one.upper and 0 < one.p_value <= 1
