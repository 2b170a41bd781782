"""Fragility: E-values, Rosenbaum bounds, robustness values, equivalence, placebos, and all of them in one
table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib.effects import Claim, Design, Effect, fragility, paired_change
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, VERDICTS
from sosrake_lib.errors import FrameError, SosrakeError

RATIOS = st.floats(0.01, 100)


def an_effect(estimate=1.0, error=0.2, df=20.0, *, groups=2, assignment="chosen") -> Effect:
    half = stats.t.ppf(0.975, df) * error
    design = Design(groups, 2, assignment)
    return Effect(
        estimate=estimate,
        standard_error=error,
        lower=estimate - half,
        upper=estimate + half,
        p_value=0.01,
        df=df,
        confidence=0.95,
        n={"treated": 3, "control": 9},
        unit="points",
        design=design,
        claim=design.claim,
        method="test",
        assumptions=pd.DataFrame(columns=list(ASSUMPTION_COLUMNS)),
        sensitivity=pd.DataFrame(columns=list(SENSITIVITY_COLUMNS)),
        details=None,
        caveats=(),
        source="test",
    )


# --- E-values ---


def test_e_value_is_the_published_one():
    """VanderWeele and Ding (2017) print 20.9 and 15.5 for smoking and lung cancer."""
    found = fragility.e_value(10.73, 8.02, 14.36)
    assert (round(found.point, 1), round(found.lower, 1)) == (20.9, 15.5)
    assert np.isnan(found.upper) and found.limit == found.lower


@given(RATIOS)
@settings(max_examples=50, deadline=None)
def test_e_value_solves_the_bounding_factor(ratio):
    """A confounder of strength E on both sides biases by E²/(2E - 1), which must give the ratio back."""
    e = float(fragility.e_of_ratio(ratio))
    assert e >= 1
    assert e * e / (2 * e - 1) == pytest.approx(max(ratio, 1 / ratio), rel=1e-6)
    assert e == pytest.approx(float(fragility.e_of_ratio(1 / ratio)), rel=1e-9)


@given(st.floats(1.0, 20), st.floats(1.0, 20))
@settings(max_examples=30, deadline=None)
def test_e_value_grows_with_the_ratio(one, other):
    low, high = sorted([one, other])
    assert float(fragility.e_of_ratio(low)) <= float(fragility.e_of_ratio(high)) + 1e-12


def test_interval_with_no_effect_needs_no_confounding():
    found = fragility.e_value(1.3, 0.9, 1.9)
    assert found.lower == 1 and np.isnan(found.upper)
    below = fragility.e_value(0.8, 0.6, 1.1)
    assert below.upper == 1 and np.isnan(below.lower)


def test_e_value_of_other_measures_is_that_of_their_risk_ratio():
    as_ratio = fragility.e_value(2.0, 1.5, 2.5)
    assert fragility.e_value(4.0, 2.25, 6.25, measure="OR", rare=False).point == pytest.approx(as_ratio.point)
    assert fragility.e_value(2.0, 1.5, 2.5, measure="OR", rare=True).lower == as_ratio.lower
    # (1 - 0.5^√h) / (1 - 0.5^√(1/h)) at h = 4: (1 - 0.25) / (1 - 0.5^0.5).
    hazard = fragility.e_value(4.0, measure="HR", rare=False)
    assert hazard.ratio == pytest.approx(0.75 / (1 - np.sqrt(0.5)))
    size = fragility.e_value(5.0, measure="OLS", sd=10.0, standard_error=2.5)
    same = fragility.e_value(0.5, measure="SMD", standard_error=0.25)
    assert (size.point, size.lower) == pytest.approx((same.point, same.lower))
    turned = fragility.e_value(-5.0, -8.0, -2.0, measure="OLS", sd=10.0, contrast=-1.0)
    assert turned.ratio_lower < turned.ratio < turned.ratio_upper and turned.lower > 1


def test_another_null_asks_how_much_to_reach_it():
    assert fragility.e_value(2.0, null=1.5).point == pytest.approx(float(fragility.e_of_ratio(2 / 1.5)))


def test_risk_difference_to_zero_is_the_risk_ratio_and_its_limit_solves_the_bound():
    """397/78954 against 51/108829: the ratio 10.73 whose E-value is 20.95 (hand arithmetic)."""
    found = fragility.e_value_risk_difference((397, 78557), (51, 108778))
    ratio = (397 / 78954) / (51 / 108829)
    assert found.ratio == pytest.approx(ratio, rel=1e-9)
    assert 1 < found.lower < found.point
    assert fragility.e_value_risk_difference((30, 70), (28, 72)).lower == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fragility.e_value(1.2, measure="AB"), "measure 'AB'; expected one of RR"),
        (lambda: fragility.e_value(1.2, measure="OR"), "rare is not said"),
        (lambda: fragility.e_value(-1.2), "RR of -1.2; ratios"),
        (lambda: fragility.e_value(1.2, 1.3, 1.5), "lies outside its limits 1.3 to 1.5"),
        (lambda: fragility.e_value(np.nan), "expected finite numbers"),
        (lambda: fragility.e_value(2.0, measure="OLS"), "measure='OLS' needs it"),
        (lambda: fragility.e_value(2.0, measure="SMD", standard_error=-1), "standard_error -1"),
        (lambda: fragility.e_value_risk_difference((1, 9), (5, 5)), "exchange the arms"),
        (lambda: fragility.e_value_risk_difference((-1, 9), (5, 5)), "two non-negative counts"),
        (lambda: fragility.e_value_risk_difference((5, 5), (1, 9), null=0.5), "not below the difference"),
    ],
)
def test_e_value_refuses(call, message):
    with pytest.raises(SosrakeError, match=message):
        call()


# --- Rosenbaum ---


def slow_signed_rank(treated, control, gamma):
    kept = [(abs(t - c), t > c) for t, c in zip(treated, control, strict=True) if t != c]
    sizes = [size for size, _ in kept]
    total = whole = squares = 0.0
    for size, positive in kept:
        rank = sum(other < size for other in sizes) + (sum(other == size for other in sizes) + 1) / 2
        whole += rank
        squares += rank * rank
        total += rank if positive else 0
    share = gamma / (1 + gamma)
    return stats.norm.sf((total - share * whole) / np.sqrt(share * (1 - share) * squares))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=20))
@settings(max_examples=30, deadline=None)
def test_signed_rank_bounds_equal_the_plain_loop(pairs):
    treated, control = (list(side) for side in zip(*pairs, strict=True))
    if treated == control:
        return
    found = fragility.signed_rank_bounds(treated, control, [1, 1.7, 4])
    assert found.p_upper == pytest.approx(
        [slow_signed_rank(treated, control, g) for g in (1, 1.7, 4)], abs=1e-12
    )
    assert (np.diff(found.p_upper) >= 0).all() and (np.diff(found.p_lower) <= 0).all()
    assert found.p_lower[0] == pytest.approx(found.p_upper[0])


def test_critical_gamma_is_where_the_bound_reaches_alpha():
    rng = np.random.default_rng(4)
    treated, control = rng.normal(1.2, 1, 30), rng.normal(0, 1, 30)
    found = fragility.signed_rank_bounds(treated, control, alpha=0.05)
    again = fragility.signed_rank_bounds(treated, control, [found.critical_gamma])
    assert again.p_upper[0] == pytest.approx(0.05, abs=1e-9)
    binary = fragility.binary_bounds(12, 110)
    assert fragility.binary_bounds(12, 110, [binary.critical_gamma]).p_upper[0] == pytest.approx(
        0.05, abs=1e-9
    )


def test_binary_bounds_are_binomial_tails():
    found = fragility.binary_bounds(4, 15, [1, 2])
    assert found.p_upper == pytest.approx(stats.binom.sf(14, 19, [1 / 2, 2 / 3]))
    assert found.p_upper[0] == pytest.approx(stats.binomtest(15, 19, alternative="greater").pvalue)
    peers = fragility.binary_bounds(4, 15, [2], observed="excluded")
    assert peers.p_upper == pytest.approx(stats.binom.sf(15, 19, [2 / 3]))
    assert fragility.binary_bounds(5, 0).p_upper[0] == 1 and fragility.binary_bounds(5, 0).critical_gamma == 0
    assert np.isinf(fragility.binary_bounds(0, 9, observed="excluded").critical_gamma)


def test_the_other_direction_turns_the_pairs():
    up = fragility.signed_rank_bounds([3, 5, 9, 8], [1, 1, 2, 9])
    down = fragility.signed_rank_bounds([1, 1, 2, 9], [3, 5, 9, 8], alternative="less")
    assert up.p_upper == pytest.approx(down.p_upper)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fragility.signed_rank_bounds([1, 2], [1]), "two lists of equal length"),
        (lambda: fragility.signed_rank_bounds([1, np.nan], [1, 2]), "without empty values"),
        (lambda: fragility.signed_rank_bounds([1, 2], [1, 2]), "no pair differs"),
        (lambda: fragility.signed_rank_bounds([1, 2], [0, 1], 0.5), "numbers of 1 or more"),
        (lambda: fragility.signed_rank_bounds([1, 2], [0, 1], alternative="both"), "alternative 'both'"),
        (lambda: fragility.binary_bounds(-1, 5), "-1 and 5 discordant pairs"),
        (lambda: fragility.binary_bounds(0, 0), "not both 0"),
        (lambda: fragility.binary_bounds(1, 5, observed="half"), "observed 'half'"),
    ],
)
def test_rosenbaum_refuses(call, message):
    with pytest.raises(SosrakeError, match=message):
        call()


# --- Robustness values ---


@given(st.floats(0.1, 30), st.integers(5, 2000))
@settings(max_examples=50, deadline=None)
def test_a_confounder_of_the_robustness_value_takes_the_estimate_to_zero(t, df):
    value = fragility.robustness_value(t, df, estimate=t, standard_error=1.0)
    left = fragility.adjusted(t, 1.0, df, value.rv_q, value.rv_q)
    assert left["adjusted_estimate"].iloc[0] == pytest.approx(0, abs=1e-6 * t)
    assert 0 <= value.rv_qa <= value.rv_q < 1


def test_a_confounder_of_the_limits_robustness_value_takes_the_limit_to_zero():
    value = fragility.robustness_value(3.2, 60, estimate=3.2, standard_error=1.0)
    left = fragility.adjusted(3.2, 1.0, 60, value.rv_qa, value.rv_qa)
    assert left["adjusted_lower"].iloc[0] == pytest.approx(0, abs=1e-9)
    extreme = fragility.adjusted(3.2, 1.0, 60, value.extreme_q, 1.0)
    assert extreme["adjusted_estimate"].iloc[0] == pytest.approx(0, abs=1e-9)


def people(seed=5, size=120):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.normal(40, 9, size),
            "need": rng.normal(size=size),
            "town": rng.choice(list("abcd"), size),
        }
    )
    frame["came"] = (0.4 * frame["need"] + rng.normal(size=size) > 0).astype("int64")
    frame["score"] = frame["came"] + 0.5 * frame["need"] + 0.02 * frame["age"] + rng.normal(size=size)
    return frame


def test_regression_robustness_equals_statsmodels():
    """Estimate, error, df and the benchmark's partial R² (t²/(t² + df)) from statsmodels' OLS."""
    import statsmodels.formula.api as smf

    frame = people()
    found = fragility.regression_robustness(
        frame,
        outcome="score",
        treatment="came",
        covariates=["age", "need"],
        factors=["town"],
        benchmarks=["need"],
        kd=[1, 2],
    )
    outcome = smf.ols("score ~ came + age + need + C(town)", frame).fit()
    treatment = smf.ols("came ~ age + need + C(town)", frame).fit()
    assert (found.estimate, found.standard_error) == pytest.approx(
        (outcome.params["came"], outcome.bse["came"]), rel=1e-9
    )
    assert found.df == outcome.df_resid
    shares = [
        fit.tvalues["need"] ** 2 / (fit.tvalues["need"] ** 2 + fit.df_resid) for fit in (treatment, outcome)
    ]
    expected = fragility.benchmark_strength(*shares, [1, 2])
    assert found.bounds["r2dz_x"].to_list() == pytest.approx(expected["r2dz_x"].to_list(), rel=1e-8)
    assert found.bounds["r2yz_dx"].to_list() == pytest.approx(expected["r2yz_dx"].to_list(), rel=1e-8)


def test_groups_and_factors_are_benchmarks_by_their_joint_share():
    import statsmodels.formula.api as smf

    frame = people()
    options = {
        "outcome": "score",
        "treatment": "came",
        "covariates": ["age", "need"],
        "factors": ["town"],
        "kd": 1,
    }
    found = fragility.regression_robustness(
        frame, **options, benchmarks={"both": ["age", "need"], "where": ["town"]}
    )
    full, less = (smf.ols(f"came ~ {terms}", frame).fit() for terms in ("age + need + C(town)", "C(town)"))
    share = 1 - full.ssr / less.ssr
    assert found.bounds.loc[found.bounds["benchmark"] == "both", "r2dz_x"].iloc[0] == pytest.approx(
        share / (1 - share)
    )
    assert found.bounds["benchmark"].tolist() == ["both", "where"]


def test_regression_robustness_does_not_depend_on_scale_or_order():
    frame = people()
    options = {"outcome": "score", "treatment": "came", "covariates": ["age", "need"], "benchmarks": "need"}
    one = fragility.regression_robustness(frame, **options)
    other = fragility.regression_robustness(
        frame.sample(frac=1, random_state=1).assign(
            age=lambda rows: 1000 * rows["age"], score=lambda rows: 7 * rows["score"]
        ),
        **options,
    )
    assert (one.rv_q, one.rv_qa) == pytest.approx((other.rv_q, other.rv_qa), rel=1e-9)
    assert (7 * one.bounds["adjusted_estimate"]).to_list() == pytest.approx(
        other.bounds["adjusted_estimate"].to_list()
    )


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({}, {"benchmarks": ["wealth"]}, FrameError, "benchmark 'wealth' is not in the regression"),
        ({}, {"covariates": ["absent"]}, FrameError, "column 'absent' is missing"),
        ({"came": 1}, {}, FrameError, "column 'came' follows from the covariates"),
        ({"age": np.nan}, {}, FrameError, "column 'age' is empty in 120 row"),
        ({"score": lambda rows: rows["came"] * 2.0}, {}, FrameError, "explains 'score' wholly"),
        ({}, {"benchmarks": ["need"], "kd": 1000}, SosrakeError, "give smaller kd"),
        ({}, {"alpha": 0}, SosrakeError, "alpha 0"),
    ],
)
def test_regression_robustness_refuses(change, options, error, message):
    known = {"outcome": "score", "treatment": "came", "covariates": ["age", "need"]} | options
    with pytest.raises(error, match=message):
        fragility.regression_robustness(people().assign(**change), **known)


def test_robustness_value_refuses():
    with pytest.raises(SosrakeError, match="t is not given"):
        fragility.robustness_value(df=10)
    with pytest.raises(SosrakeError, match="residual degrees of freedom"):
        fragility.robustness_value(2.0, 1)
    with pytest.raises(SosrakeError, match="partial R² is not a share"):
        fragility.adjusted(1.0, 0.1, 10, 1.0, 0.5)


# --- Equivalence and what could be detected ---


def test_equivalence_equals_statsmodels_ttost():
    from statsmodels.stats.weightstats import DescrStatsW

    values = np.random.default_rng(2).normal(0.1, 1, 25)
    described = DescrStatsW(values)
    p, _, _ = described.ttost_mean(-0.6, 0.6)
    found = fragility.equivalence(values.mean(), described.std_mean, 0.6, df=24)
    assert found.p_value == pytest.approx(p, rel=1e-9)
    at_smallest = fragility.equivalence(values.mean(), described.std_mean, found.smallest_margin, df=24)
    assert at_smallest.p_value == pytest.approx(0.05)


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(0.05, 2)), min_size=1, max_size=6), st.floats(0.01, 5))
@settings(max_examples=40, deadline=None)
def test_equivalence_holds_exactly_when_every_interval_lies_within(rows, margin):
    estimates, errors = zip(*rows, strict=True)
    found = fragility.equivalence(estimates, errors, margin, df=11)
    within = (found.table["lower"] > -margin) & (found.table["upper"] < margin)
    assert found.equivalent == bool(within.all())
    assert found.p_value == found.table["p_equivalence"].max()


def test_pretrends_come_from_the_path_without_its_reference():
    path = pd.DataFrame({"time": [-3, -2, -1, 0, 1], "estimate": [0.1, 0.0, 0.0, 2, 3]})
    path["standard_error"] = [0.1, 0.1, np.nan, 1, 1]
    found = fragility.pretrend_equivalence(path, 0.4, df=10)
    assert found.table["time"].tolist() == [-3, -2] and found.equivalent and not found.any_differs
    assert np.isnan(fragility.pretrend_equivalence(path).p_value)
    with_df = fragility.pretrend_equivalence(path.assign(df=10.0), 0.4)
    assert with_df.p_value == found.p_value
    with pytest.raises(FrameError, match="no row of 'time' before 0"):
        fragility.pretrend_equivalence(path.loc[path["time"] >= -1])
    with pytest.raises(FrameError, match="column 'when' is missing"):
        fragility.pretrend_equivalence(path, time="when")


def test_equivalence_refuses():
    for margin, message in ((0.0, "margin 0.0"), (-1, "margin -1")):
        with pytest.raises(SosrakeError, match=message):
            fragility.equivalence([0.1], [0.1], margin)
    with pytest.raises(SosrakeError, match="standard errors above 0"):
        fragility.equivalence([0.1], [0.0])


def test_minimum_detectable_has_the_power_it_says():
    """At the true effect given, the noncentral t power is within 0.01 of the wanted 0.8 (two-t
    approximation)."""
    smallest = fragility.minimum_detectable(0.5, 11)
    critical = stats.t.ppf(0.975, 11)
    assert stats.nct.sf(critical, 11, smallest / 0.5) == pytest.approx(0.8, abs=0.01)
    assert fragility.minimum_detectable(0.5) == pytest.approx(0.5 * (1.959964 + 0.841621), rel=1e-6)
    with pytest.raises(SosrakeError, match="standard_error nan"):
        fragility.minimum_detectable(np.nan)
    with pytest.raises(SosrakeError, match="power above alpha"):
        fragility.minimum_detectable(1.0, power=0.01)


# --- Placebos over any estimator ---


def towns(effect=4.0, seed=0, count=9):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [(name, year) for name in "abcdefghijklm"[:count] for year in range(2015, 2022)],
        columns=["town", "year"],
    )
    level = rows["town"].map(dict(zip("abcdefghijklm", rng.normal(50, 5, 13), strict=True)))
    truth = effect * ((rows["town"] == "a") & (rows["year"] >= 2019))
    return rows.assign(value=level + 0.5 * (rows["year"] - 2015) + truth + rng.normal(0, 0.5, len(rows)))


def change_of_change(rows: pd.DataFrame, who: fragility.Treated) -> Effect:
    """Difference of mean changes with a t interval over the units: a plain estimator for the harness."""
    after = rows["year"] >= who.start
    if after.all() or not after.any():
        raise FrameError("change_of_change: no time before or after")
    means = rows.assign(after=after).pivot_table(index="town", columns="after", values="value")
    change = means[True] - means[False]
    treated = change.index.isin(who.units)
    one, other = change[treated], change[~treated]
    if len(other) < 3:
        raise FrameError("change_of_change: fewer than 3 control units")
    error = other.std(ddof=1) * np.sqrt(1 / len(one) + 1 / len(other))
    return an_effect(float(one.mean() - other.mean()), float(error), len(other) - 1.0, assignment="by_rule")


def study(**changes):
    given = {
        "data": towns(),
        "unit": "town",
        "time": "year",
        "treated": fragility.Treated(("a",), 2019),
        "estimate": change_of_change,
    }
    return fragility.Study(**{**given, **changes})


def test_placebo_in_space_ranks_the_treated_unit():
    found = fragility.placebo_in_space(study())
    assert len(found.table) == 8 and (found.table["run"] != "a").all()
    assert found.p_value == pytest.approx(1 / 9) and found.smallest_p == pytest.approx(1 / 9)
    without = fragility.placebo_in_space(study(data=towns(effect=0.0, seed=3)))
    assert without.p_value > 1 / 9
    by_hand = [
        abs(change_of_change(towns().query("town != 'a'"), fragility.Treated((town,), 2019)).estimate)
        for town in "bcdefghi"
    ]
    assert found.table["estimate"].abs().tolist() == pytest.approx(by_hand)


def test_many_choices_are_drawn_once_each_and_the_same_again():
    two = study(data=towns(count=13), treated=fragility.Treated(("a", "b"), 2019))
    one = fragility.placebo_in_space(two, most=20, seed=4)
    assert len(one.table) == 20 and one.table["run"].is_unique
    pd.testing.assert_frame_equal(one.table, fragility.placebo_in_space(two, most=20, seed=4).table)


def test_placebo_in_time_uses_only_the_time_before():
    found = fragility.placebo_in_time(study())
    assert found.table["run"].tolist() == ["2017", "2018"]
    assert (found.table["estimate"].abs() < 1.5).all() and found.actual.estimate > 3
    assert fragility.placebo_in_time(study(), [2016]).table["run"].tolist() == ["2016"]


def test_leave_one_out_tells_when_the_finding_rests_on_one_unit():
    found = fragility.leave_one_out(study())
    assert found.table["run"].tolist() == list("abcdefghi")
    only = found.table.set_index("run").loc["a"]
    assert np.isnan(only["estimate"]) and only["reason"] == "no treated unit is left"
    assert len(found.estimated) == 8
    assert found.table["reason"].iloc[1] == ""


def test_a_run_that_fails_keeps_its_reason():
    few = study(data=towns(count=4))
    found = fragility.leave_one_out(few)
    assert found.table["reason"].tolist()[1:] == ["change_of_change: fewer than 3 control units"] * 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: study(treated=fragility.Treated(("z",), 2019)), "treated unit 'z' is not in column 'town'"),
        (lambda: study(treated=fragility.Treated((), 2019)), "treated unit none"),
        (lambda: study(unit="village"), "column 'village' is missing"),
        (lambda: fragility.placebo_in_time(study(time=None)), "no time column or no start"),
        (lambda: fragility.placebo_in_time(study(), [2015]), "start 2015 is not among those"),
        (
            lambda: fragility.placebo_in_time(study(treated=fragility.Treated(("a",), 2017))),
            r"2 time\(s\) before 2017",
        ),
        (
            lambda: fragility.placebo_in_space(study(treated=fragility.Treated(tuple("abcde"), 2019))),
            r"4 untreated unit\(s\) for 5 treated",
        ),
    ],
)
def test_placebos_refuse(call, message):
    with pytest.raises(FrameError, match=message):
        call()


# --- Self-reports ---


def test_response_shift_parts_the_change():
    before, after, then = (
        np.array([6, 7, 5, 6, 8.0]),
        np.array([7, 8, 7, 7, np.nan]),
        np.array([4, 6, 4, 5, 5.0]),
    )
    found = fragility.response_shift(before, after, then)
    change, hindsight, shift = found.table["estimate"]
    assert found.people == 4 and hindsight == pytest.approx(change - shift)
    low, high = stats.t.interval(0.95, 3, -1.25, stats.sem([-2, -1, -1, -1]))
    assert (found.shift["lower"], found.shift["upper"]) == pytest.approx((low, high))
    with pytest.raises(SosrakeError, match="2 people have all three"):
        fragility.response_shift([1, 2], [1, 2], [1, 2])
    with pytest.raises(SosrakeError, match="three lists of equal length"):
        fragility.response_shift([1, 2], [1, 2], [1])


# --- All in one table ---

CHECKS = (
    *("interval", "minimum_detectable_effect", "placebo_in_time", "placebo_in_space", "leave_one_unit_out"),
    *("pretrend_equivalence", "e_value", "rosenbaum_bounds", "robustness_value", "response_shift"),
)


def test_every_check_is_in_the_table_even_when_nothing_is_at_hand():
    found = fragility.how_fragile(an_effect())
    assert tuple(found.table["check"]) == CHECKS and tuple(found.table.columns) == ASSUMPTION_COLUMNS
    assert set(found.table["verdict"]) <= set(VERDICTS)
    assert found.key == "little_tried" and found.tried == 0 and found.weakest == ""


def test_a_study_is_run_through_every_check():
    path = pd.DataFrame({"time": [-3, -2], "estimate": [0.1, 0.0], "standard_error": [0.1, 0.1]})
    whole = study(data=towns(count=13))
    effect = whole.estimate(whole.data, whole.treated)
    evidence = fragility.Evidence(
        study=whole,
        pretrends=fragility.pretrend_equivalence(path, 0.5),
        outcome_sd=1.0,
        robustness=fragility.robustness_value(6.0, 60),
        matched=fragility.binary_bounds(2, 40),
        smallest_of_interest=3.0,
        self_report=False,
        alpha=0.1,
    )
    found = fragility.how_fragile(effect, evidence)
    verdicts = found.table.set_index("check")["verdict"]
    assert verdicts["placebo_in_space"] == "holds" and verdicts["leave_one_unit_out"] == "doubtful"
    assert (verdicts.drop(["leave_one_unit_out"]) == "holds").all(), found.table
    assert (found.key, found.weakest, found.doubtful) == ("partly", "leave_one_unit_out", 1)
    p = found.figures.query("check == 'placebo_in_space' and quantity == 'p_value'")["value"].iloc[0]
    assert p == pytest.approx(1 / 13)
    with pytest.raises(SosrakeError, match="give the study this effect came from"):
        fragility.how_fragile(an_effect(99.0), evidence)


def test_an_estimator_of_the_room_goes_through_every_check():
    from sosrake_lib.effects import did

    rows = towns(count=13)
    rows["value"] += 4.0 * ((rows["town"] == "b") & (rows["year"] >= 2019))

    def estimate(part: pd.DataFrame, who: fragility.Treated) -> Effect:
        marked = part.assign(on=who.marks(part["town"], part["year"]))
        return did.twfe(marked, outcome="value", unit="town", time="year", treatment="on")

    who = fragility.Treated(("a", "b"), 2019)
    whole = fragility.Study(rows, "town", who, estimate, "year")
    effect = estimate(rows, who)
    found = fragility.how_fragile(effect, fragility.Evidence(study=whole, most=60))
    verdicts = found.table.set_index("check")["verdict"]
    assert verdicts["placebo_in_time"] == verdicts["placebo_in_space"] == "holds"
    # Without either treated town one is left, for which no clustered error exists: that is told, not hidden.
    assert verdicts["leave_one_unit_out"] == "doubtful"
    assert "2 not estimable" in found.weakest_result


def test_key_says_the_worst():
    weak = fragility.how_fragile(
        an_effect(), fragility.Evidence(robustness=fragility.robustness_value(1.0, 30))
    )
    assert (weak.key, weak.weakest, weak.failed) == ("fragile", "robustness_value", 1)
    nothing = fragility.how_fragile(an_effect(0.1))
    assert nothing.key == "no_finding"


def test_one_group_has_no_comparison_to_confound_and_chance_needs_none():
    change = paired_change([18, 22, 15, 25, 20], [14, 18, 12, 18, 17], unit="points")
    found = fragility.how_fragile(
        change, fragility.Evidence(outcome_sd=4.0, self_report=True)
    ).table.set_index("check")
    assert (
        "no comparison" in found.loc["e_value", "result"]
        and found.loc["e_value", "verdict"] == "not_testable"
    )
    assert found.loc["response_shift", "verdict"] == "not_testable"
    chance = fragility.how_fragile(an_effect(assignment="randomised")).table.set_index("check")
    assert (chance.loc[["e_value", "rosenbaum_bounds", "robustness_value"], "verdict"] == "holds").all()


def test_ratios_are_judged_around_one():
    ratio = an_effect(2.0, 0.2)
    found = fragility.how_fragile(ratio, fragility.Evidence(ratio="RR"))
    row = found.table.set_index("check").loc["e_value"]
    assert row["result"].startswith("3.41") and found.table["verdict"].iloc[0] == "holds"
    near = fragility.how_fragile(an_effect(1.2, 0.2), fragility.Evidence(ratio="RR"))
    assert near.key == "no_finding"
    with pytest.raises(SosrakeError, match="a ratio or a difference"):
        fragility.how_fragile(ratio, fragility.Evidence(ratio="RR", outcome_sd=1.0))


SHIFTED = fragility.response_shift([6, 7, 5], [7, 8, 7], [4, 5, 3.1])


@pytest.mark.parametrize(
    ("check", "evidence", "verdict"),
    [
        ("rosenbaum_bounds", {"matched": fragility.binary_bounds(30, 35)}, "fails"),
        ("rosenbaum_bounds", {"matched": fragility.binary_bounds(20, 40)}, "doubtful"),
        ("e_value", {"outcome_sd": 1.0}, "holds"),
        ("e_value", {"outcome_sd": 20.0}, "doubtful"),
        ("minimum_detectable_effect", {"smallest_of_interest": 0.1}, "doubtful"),
        ("pretrend_equivalence", {"pretrends": fragility.equivalence([3.0], [0.1], 1.0)}, "fails"),
        ("pretrend_equivalence", {"pretrends": fragility.equivalence([0.3], [0.5], 1.0)}, "doubtful"),
        ("pretrend_equivalence", {"pretrends": fragility.equivalence([0.3], [0.5])}, "not_testable"),
        ("response_shift", {"self_report": SHIFTED}, "doubtful"),
    ],
)
def test_verdicts(check, evidence, verdict):
    found = fragility.how_fragile(an_effect(), fragility.Evidence(**evidence)).table.set_index("check")
    assert found.loc[check, "verdict"] == verdict, found.loc[check]


def test_benchmarks_judge_the_robustness():
    found = fragility.regression_robustness(
        people(), outcome="score", treatment="came", covariates=["age", "need"], benchmarks=["need"], kd=[1]
    )
    row = (
        fragility.how_fragile(an_effect(), fragility.Evidence(robustness=found))
        .table.set_index("check")
        .loc["robustness_value"]
    )
    crosses = found.bounds["adjusted_lower"].iloc[0] <= 0
    assert row["verdict"] == ("doubtful" if crosses else "holds")


def test_claims_are_not_raised_by_checks():
    assert an_effect().claim is Claim.YHTEYS
