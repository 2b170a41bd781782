"""Single-case designs: indices of non-overlap, piecewise regression, randomisation test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim
from sosrake_lib.effects.singlecase import (
    overlap,
    overlap_change,
    overlap_table,
    phases,
    piecewise_change,
    randomisation_test,
)
from sosrake_lib.effects.singlecase.nonoverlap import brent_root, nap_error, nap_interval, wins
from sosrake_lib.effects.singlecase.randomisation import start_statistics
from sosrake_lib.errors import FrameError, SosrakeError

# The same double arithmetic in another order.
ROUNDING = 1e-10
values = st.lists(st.integers(0, 9), min_size=2, max_size=9)


def series(a, b, **more):
    return pd.DataFrame(
        {"t": range(len(a) + len(b)), "v": [*a, *b], "f": ["A"] * len(a) + ["B"] * len(b), **more}
    )


COLUMNS = {"time": "t", "value": "v", "phase": "f", "baseline": "A", "treatment": "B"}


def estimates(a, b, improvement="increase", **options):
    return overlap(a, b, improvement=improvement, **options).table.set_index("index")["estimate"]


@settings(max_examples=40, deadline=None)
@given(values, values)
def test_indices_against_plain_loops(a, b):
    found = estimates(a, b)
    m, n = len(a), len(b)
    nap = sum((y > x) + 0.5 * (y == x) for x in a for y in b) / (m * n)
    between = sum(int(y > x) - int(y < x) for x in a for y in b)
    within = sum(int(a[j] > a[i]) - int(a[j] < a[i]) for i in range(m) for j in range(i + 1, m))
    assert found["nap"] == pytest.approx(nap)
    assert found["tau"] == pytest.approx(2 * nap - 1)
    assert found["tau_u"] == pytest.approx((between - within) / (m * n))
    assert found["pnd"] == pytest.approx(sum(y > max(a) for y in b) / n)
    middle = sorted(a)[m // 2] if m % 2 else (sorted(a)[m // 2 - 1] + sorted(a)[m // 2]) / 2
    assert found["pem"] == pytest.approx(sum((y > middle) + 0.5 * (y == middle) for y in b) / n)
    # Whatever is kept of A lies at or below some height, what is kept of B above it.
    heights = [min(*a, *b) - 1, *a, *b]
    kept = max(sum(x <= h for x in a) + sum(y > h for y in b) for h in heights)
    assert found["pand"] == pytest.approx(kept / (m + n))
    assert found["ird"] == pytest.approx(1 - (m + n) ** 2 / (2 * m * n) * (1 - kept / (m + n)))


@settings(max_examples=40, deadline=None)
@given(values, values, st.floats(-20, 20))
def test_direction_scale_and_limits(a, b, shift):
    found = overlap(a, b, improvement="increase").table.set_index("index")
    turned = overlap([-x for x in a], [-y for y in b], improvement="decrease").table.set_index("index")
    pd.testing.assert_frame_equal(found, turned)
    moved = estimates([3 * x + round(shift) for x in a], [3 * y + round(shift) for y in b])
    assert moved.drop("smd").to_numpy() == pytest.approx(found["estimate"].drop("smd").to_numpy())
    nap = found.loc["nap"]
    assert 0 <= nap["lower"] <= nap["estimate"] + ROUNDING and nap["estimate"] <= nap["upper"] + ROUNDING
    assert nap["upper"] <= 1
    reversed_ = estimates(b, a)
    assert reversed_["nap"] == pytest.approx(1 - nap["estimate"])


@pytest.mark.parametrize(
    ("nap", "m", "n"), [(0.5, 4, 6), (11 / 12, 6, 7), (1.0, 5, 5), (0.0, 3, 8), (0.98, 4, 6)]
)
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_score_interval_solves_its_equation(nap, m, n, confidence):
    from scipy import stats

    z, h = stats.norm.ppf(0.5 + confidence / 2), (m + n) / 2 - 1
    lower, upper = nap_interval(nap, m, n, confidence)
    for limit in (lower, upper):
        if 0 < limit < 1:
            spread = (
                limit * (1 - limit) / (m * n) * (1 + h * ((1 - limit) / (2 - limit) + limit / (1 + limit)))
            )
            assert (nap - limit) ** 2 == pytest.approx(z**2 * spread, rel=1e-6)
    assert lower <= nap <= upper
    mirrored = nap_interval(1 - nap, m, n, confidence)
    assert mirrored == pytest.approx((1 - upper, 1 - lower), abs=1e-8)
    # The coarse search stops within 1.2e-4 of the limit.
    assert nap_interval(nap, m, n, confidence, solver="coarse") == pytest.approx((lower, upper), abs=1.3e-4)


def test_brent_root_stops_where_it_says():
    assert brent_root(lambda x: x**3 - 2, 0, 2, 1e-13) == pytest.approx(2 ** (1 / 3), abs=1e-12)
    assert abs(brent_root(lambda x: x**3 - 2, 0, 2) - 2 ** (1 / 3)) < 2.0**-13


def test_standard_error_without_overlap_is_not_zero():
    found = overlap([1, 2, 3], [5, 6, 7, 8], improvement="increase").table.set_index("index")
    assert found.loc["nap", "estimate"] == 1
    assert found.loc["nap", "standard_error"] > 0
    assert found.loc["nap", "lower"] < 1 == found.loc["nap", "upper"]


def test_unbiased_variance_is_unbiased():
    """Mean of the estimated variance over 4 000 draws against the variance of NAP over the same draws."""
    rng = np.random.default_rng(8)
    won = [wins(rng.normal(0, 1, 5), rng.normal(0.5, 1, 6)) for _ in range(4_000)]
    estimated = np.mean([nap_error(one) ** 2 for one in won])
    # The half pair off 0 and 1 adds a little; the Monte Carlo error of a variance is about 3 %.
    assert estimated == pytest.approx(np.var([one.mean() for one in won]), rel=0.08)


def test_a_trend_taken_out_leaves_nothing():
    """A line that simply goes on is a large Tau, and none once the baseline's line is taken out."""
    line = np.arange(1.0, 13.0)
    found = estimates(line[:6], line[6:])
    assert found["tau"] == 1 and found["tau_bc"] == 0
    one = overlap(line[:6], line[6:], improvement="increase")
    assert "trend_before_change" in one.caveats and one.trend_p < 0.01
    kept = estimates([4, 5, 4, 5], [6, 7, 6, 7], pretest=0.05)
    assert kept["tau_bc"] == kept["tau"]


def test_phases_are_read_in_order_of_time():
    data = series([2, 3, 2, 4], [5, 6, 7, 6]).sample(frac=1, random_state=1)
    found = phases(data, **COLUMNS)
    assert found.baseline.tolist() == [2, 3, 2, 4] and found.treatment.tolist() == [5, 6, 7, 6]
    dated = data.assign(t=pd.to_datetime("2025-01-01") + pd.to_timedelta(data["t"] * 7, unit="D"))
    assert phases(dated, **COLUMNS).treatment_times.tolist() == [28, 35, 42, 49]
    gap = series([2, np.nan, 2, 4], [5, 6, 7, 6])
    assert phases(gap, **COLUMNS).left_out == 1
    # The gap keeps its place in time.
    assert phases(gap, **COLUMNS).baseline_times.tolist() == [0, 2, 3]


def test_overlap_as_an_effect_says_change_and_its_limits():
    effect = overlap_change(
        phases(series([5, 6, 5, 7, 6], [8, 9, 7, 9, 10]), **COLUMNS), improvement="increase"
    )
    assert effect.claim is Claim.MUUTOS
    assert effect.n == {"baseline": 5, "treatment": 5}
    assert effect.estimate == pytest.approx(0.96)
    assert {"one_case", "no_comparison_group", "values_follow_each_other"} <= set(effect.caveats)
    checks = effect.assumptions.set_index("check")["verdict"]
    assert checks["comparison_group"] == "fails" and checks["start_was_drawn"] == "not_testable"
    assert effect.sensitivity["analysis"].tolist() == ["tau_bc", "tau_u"]
    worse = overlap_change(
        phases(series([5, 6, 5, 7, 6], [8, 9, 7, 9, 10]), **COLUMNS), improvement="decrease"
    )
    assert worse.estimate == pytest.approx(-effect.estimate)


def test_table_of_cases():
    one, two = series([1, 2, 1], [4, 5, 6], who="x"), series([4, 5, 6], [1, 2, 1], who="y")
    table = overlap_table(pd.concat([one, two]), case="who", improvement="increase", **COLUMNS)
    nap = table.loc[table["index"].eq("nap")].set_index("case")["estimate"]
    assert nap.to_dict() == {"x": 1.0, "y": 0.0}
    with pytest.raises(FrameError, match="who 'z': phases: treatment phase 'B' has 0 measurements"):
        overlap_table(
            pd.concat([one, series([1, 2, 3], [], who="z")]), case="who", improvement="increase", **COLUMNS
        )


def test_piecewise_regression_finds_a_known_step():
    rng = np.random.default_rng(2)
    times = np.arange(40)
    data = pd.DataFrame({"t": times, "f": np.where(times < 20, "A", "B")})
    data["v"] = 3 + 0.2 * times + np.where(times < 20, 0, 5 - 0.4 * (times - 20)) + rng.normal(0, 0.3, 40)
    effect = piecewise_change(phases(data, **COLUMNS), unit="points")
    assert effect.lower < 5 < effect.upper
    slopes = effect.details.set_index("term")["estimate"]
    assert slopes["trend"] == pytest.approx(0.2, abs=0.05)
    assert slopes["slope_change"] == pytest.approx(-0.4, abs=0.06)
    assert effect.sensitivity["analysis"].tolist() == ["newey_west", "without_trend"]
    assert effect.claim is Claim.MUUTOS
    later = data.assign(t=data["t"] + 100)
    assert piecewise_change(phases(later, **COLUMNS), unit="points").estimate == pytest.approx(
        effect.estimate
    )


def test_piecewise_regression_refuses_what_leaves_nothing_over():
    with pytest.raises(SosrakeError, match="4 values for 4 coefficients"):
        piecewise_change(phases(series([1, 2], [4, 3]), **COLUMNS), unit="points")
    with pytest.raises(SosrakeError, match="every value lies on the line"):
        piecewise_change(phases(series([1, 2, 3], [4, 5, 6]), **COLUMNS), unit="points")


@pytest.mark.parametrize("statistic", ["mean_difference", "median_difference", "nap"])
@settings(max_examples=25, deadline=None)
@given(numbers=st.lists(st.integers(0, 20), min_size=7, max_size=15))
def test_statistics_of_every_start_against_a_loop(statistic, numbers):
    v = np.array(numbers, dtype=float)
    plain = {
        "mean_difference": lambda a, b: b.mean() - a.mean(),
        "median_difference": lambda a, b: np.median(b) - np.median(a),
        "nap": lambda a, b: np.mean([(y > x) + 0.5 * (y == x) for x in a for y in b]),
    }[statistic]
    expected = [plain(v[:start], v[start:]) for start in range(3, len(v) - 2)]
    assert start_statistics(v, 3, statistic) == pytest.approx(np.array(expected))


def test_every_start_is_as_likely_under_no_change():
    """Over every possible start of the same series the p values are spread evenly."""
    v = np.random.default_rng(5).normal(size=24)
    found = []
    for start in range(3, 22):
        data = series(v[:start], v[start:])
        test = randomisation_test(data, improvement="increase", start_was_drawn=True, **COLUMNS)
        found.append(test.p_value)
        assert test.arrangements == 19 and test.counted and test.smallest_p == pytest.approx(1 / 19)
    assert np.sort(found) == pytest.approx(np.arange(1, 20) / 19)


def test_several_cases_multiply_the_arrangements_and_draws_are_seeded():
    rng = np.random.default_rng(9)
    cases = pd.concat(
        [series(rng.normal(0, 1, 4 + k), rng.normal(2, 1, 14 - k), who=k) for k in range(3)],
        ignore_index=True,
    )
    options = {"improvement": "increase", "start_was_drawn": True, "case": "who", **COLUMNS}
    counted = randomisation_test(cases, **options)
    assert counted.arrangements == 13**3 and counted.counted
    brute = [
        (x + y + z) / 3
        for x in start_statistics(cases.loc[cases["who"].eq(0), "v"].to_numpy(), 3)
        for y in start_statistics(cases.loc[cases["who"].eq(1), "v"].to_numpy(), 3)
        for z in start_statistics(cases.loc[cases["who"].eq(2), "v"].to_numpy(), 3)
    ]
    assert counted.p_value == pytest.approx(np.mean(np.array(brute) >= counted.statistic - 1e-9))
    many = pd.concat([cases, cases.assign(who=cases["who"] + 3)], ignore_index=True)
    drawn = randomisation_test(many, draws=2_000, **options)
    assert not drawn.counted and drawn.smallest_p == pytest.approx(1 / 2001)
    again = randomisation_test(many, draws=2_000, **options)
    assert drawn.p_value == again.p_value
    assert (
        randomisation_test(many, draws=2_000, seed=2, **options).distribution.tolist()
        != again.distribution.tolist()
    )


def test_a_start_that_was_not_drawn_is_labelled():
    data = series([2, 3, 2, 3, 2], [6, 7, 6, 7, 7])
    found = randomisation_test(data, improvement="increase", start_was_drawn=False, **COLUMNS)
    assert "start_not_drawn" in found.caveats and "too_few_starts_for_a_test" in found.caveats
    assert found.claim is Claim.MUUTOS
    two = randomisation_test(
        data, improvement="decrease", start_was_drawn=True, alternative="two_sided", **COLUMNS
    )
    one = randomisation_test(
        data, improvement="increase", start_was_drawn=True, alternative="two_sided", **COLUMNS
    )
    assert two.p_value == one.p_value and two.statistic == pytest.approx(-one.statistic)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"improvement": "better"}, "improvement 'better'; expected one of increase, decrease"),
        ({}, {"statistic": "mode"}, "statistic 'mode'; expected one of mean_difference"),
        ({}, {"fewest": 6}, "0 possible starts with 6 values in each phase"),
        ({}, {"fewest": 5}, "1 possible starts with 5 values"),
        ({}, {"treatment": "C"}, "treatment phase 'C' has 0 measurements"),
        ({"t": 1}, {}, "t 1 stands on two rows"),
        ({"v": "a"}, {}, "column 'v' holds what is not a number"),
        ({"t": [5, 6, 7, 8, 9, 0, 1, 2, 3, 4]}, {}, "phase 'B' begins before phase 'A' ends"),
    ],
)
def test_bad_series_are_refused(change, options, message):
    data = series([2, 3, 2, 3, 2], [6, 7, 6, 7, 7]).assign(**change)
    usual = {"improvement": "increase", "start_was_drawn": True, **COLUMNS}
    with pytest.raises(SosrakeError, match=message):
        randomisation_test(data, **(usual | options))


def test_bad_options_of_overlap():
    with pytest.raises(SosrakeError, match="a phase has 1 values; expected two at least"):
        overlap([1], [2, 3], improvement="increase")
    with pytest.raises(SosrakeError, match="solver 'fast'; expected one of exact, coarse"):
        overlap([1, 2], [2, 3], improvement="increase", solver="fast")
    with pytest.raises(SosrakeError, match="expected a list of finite values"):
        overlap([1, np.inf], [2, 3], improvement="increase")
    with pytest.raises(SosrakeError, match="2 values and 3 times"):
        overlap([1, 2], [2, 3], improvement="increase", times=([1, 2, 3], [4, 5]))


def test_a_constant_baseline_has_no_size_in_its_deviations():
    found = estimates([3, 3, 3], [4, 5, 6])
    assert np.isnan(found["smd"]) and found["nap"] == 1
