"""Bootstrap and jackknife as matrices: against plain loops, scipy and normal theory; seeds and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import inequality_measures as measures
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators.concentration import concentration_index, estimate_concentration
from sosrake_lib.indicators.inequality_kernels import gini

VALUES = np.random.default_rng(11).lognormal(3, 0.6, 40)


def mean_of(values):
    return lambda w: (w @ np.asarray(values)) / w.sum(axis=-1)


def test_replicates_equal_those_of_a_plain_loop():
    values = np.sort(VALUES)
    counts = resampling.draw_counts(np.random.default_rng(5), 100, len(values))
    kernel = measures.named("gini").kernel
    found = resampling.bootstrap(
        lambda w: kernel(values[None], w), np.ones((1, len(values))), replicates=100, seed=5
    )
    looped = [gini(np.repeat(values, row.astype(int))) for row in counts]
    np.testing.assert_allclose(found[0], looped, atol=1e-12)
    assert (counts.sum(axis=1) == len(values)).all()


def test_percentile_limits_of_a_mean_are_those_of_the_normal_theory():
    values = np.random.default_rng(2).normal(50, 10, 400)
    found = resampling.limits(mean_of(values), np.ones((1, 400)), replicates=20_000, seed=4)[0]
    half = 1.96 * values.std() / 20
    # 20 000 replicates put a 2.5 % quantile within about 2 % of the half-width.
    assert found.lower[0] == pytest.approx(values.mean() - half, abs=0.03 * half)
    assert found.upper[0] == pytest.approx(values.mean() + half, abs=0.03 * half)


def test_bca_limits_are_those_of_scipy():
    ours = measures.estimate("gini", VALUES, method="bootstrap_bca", replicates=20_000, confidence=0.9)
    theirs = stats.bootstrap(
        (VALUES,),
        gini,
        vectorized=False,
        n_resamples=4000,
        confidence_level=0.9,
        method="BCa",
        rng=np.random.default_rng(1),
    ).confidence_interval
    # Both are simulated: 4 000 replicates give a 5 % limit to about 3 % of the width.
    width = theirs.high - theirs.low
    assert ours.lower == pytest.approx(theirs.low, abs=0.04 * width)
    assert ours.upper == pytest.approx(theirs.high, abs=0.04 * width)


def test_jackknife_of_a_mean_is_the_t_interval():
    found = resampling.limits(mean_of(VALUES), np.ones((1, 40)), method="jackknife")[0]
    low, high = stats.t.interval(0.95, 39, VALUES.mean(), stats.sem(VALUES))
    assert found.lower[0] == pytest.approx(low, rel=1e-12)
    assert found.upper[0] == pytest.approx(high, rel=1e-12)


@pytest.mark.parametrize("measure", measures.NAMES)
def test_left_out_values_equal_a_plain_loop(measure):
    weights = np.random.default_rng(3).integers(1, 9, 12).astype(float)
    values = np.sort(VALUES[:12])
    chosen = measures.named(measure)
    found = resampling.jackknife(lambda w: chosen.kernel(values[None], w), weights[None])[0]
    looped = [
        measures.value_of(
            measure.replace("gini_corrected", "gini"), np.delete(values, k), np.delete(weights, k)
        )
        for k in range(12)
    ]
    np.testing.assert_allclose(found, looped, rtol=1e-10)


def test_areas_are_drawn_with_everybody_in_them():
    areas = np.repeat(["a", "b", "c", "d"], 10)
    found = measures.estimate("theil_t", VALUES, units=areas, method="jackknife")
    left_out = np.array([measures.value_of("theil_t", VALUES[areas != area]) for area in "abcd"])
    error = np.sqrt(3 / 4 * ((left_out - left_out.mean()) ** 2).sum())
    assert found.units == 4
    assert found.upper - found.value == pytest.approx(stats.t.ppf(0.975, 3) * error, rel=1e-10)
    # Each area's people alike: drawing people says too little of the uncertainty, drawing areas does not.
    alike = np.repeat([5.0, 9.0, 14.0, 30.0, 31.0, 50.0], 20)
    whole = np.repeat(np.arange(6), 20)
    apart = measures.estimate("gini", alike, units=whole, replicates=500)
    single = measures.estimate("gini", alike, replicates=500)
    assert apart.upper - apart.lower > 1.5 * (single.upper - single.lower)


def test_concentration_with_units_and_ties_equals_a_loop():
    rank = np.tile([1, 1, 2, 3, 3, 3, 4, 5], 5)
    areas = np.repeat(np.arange(5), 8)
    found = estimate_concentration(VALUES, rank, units=areas, method="jackknife")
    left_out = np.array([concentration_index(VALUES[areas != k], rank[areas != k]) for k in range(5)])
    error = np.sqrt(4 / 5 * ((left_out - left_out.mean()) ** 2).sum())
    assert found.units == 5
    assert found.upper - found.value == pytest.approx(stats.t.ppf(0.975, 4) * error, rel=1e-10)


def test_the_same_seed_gives_the_same_limits_and_blocks_do_not_matter(monkeypatch):
    first = measures.estimate("palma", VALUES, seed=8, replicates=700)
    again = measures.estimate("palma", VALUES, seed=8, replicates=700)
    other = measures.estimate("palma", VALUES, seed=9, replicates=700)
    assert (first.lower, first.upper) == (again.lower, again.upper)
    assert first.lower != other.lower
    monkeypatch.setattr(resampling, "_BLOCK", 123)
    blocked = measures.estimate("palma", VALUES, seed=8, replicates=700)
    # The order of draws is that of rows, so blocks of another size draw the same.
    assert blocked.lower == pytest.approx(first.lower, rel=1e-12)


def test_several_confidences_nest():
    table = measures.estimate("gini", VALUES, confidence=(0.8, 0.95, 0.998)).limits
    assert table["confidence"].tolist() == [0.8, 0.95, 0.998]
    assert table["lower"].is_monotonic_decreasing
    assert table["upper"].is_monotonic_increasing


def test_all_equal_has_an_interval_of_no_width():
    for method in resampling.METHODS:
        found = measures.estimate("gini", [4.0] * 9, method=method)
        assert (found.value, found.lower, found.upper) == (0, 0, 0)


def test_replicates_without_weight_are_left_out_of_the_quantiles():
    found = measures.estimate("gini", [1.0, 5.0, 9.0], [1.0, 1e-9, 1.0], replicates=500)
    assert 0 <= found.lower <= found.upper <= 1
    missing = np.array([[np.nan, 1.0, 3.0, 2.0, np.nan]])
    limits = resampling.percentile_limits(missing, 0.5)
    assert (limits.lower[0], limits.upper[0]) == (1.5, 2.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "normal"}, "method 'normal'; use one of bootstrap_percentile, bootstrap_bca, jackknife"),
        ({"confidence": 95}, "confidence 95; expected different shares between 0 and 1"),
        ({"replicates": 10}, "10 replicates; expected 100 or more"),
        ({"units": [1, 2]}, "units has shape .* for 40 values; give one each"),
        ({"units": ["a"] * 40}, "one unit cannot be resampled; give two or more"),
        ({"missing": "drop"}, "missing 'drop'; use refuse or leave_out"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(SosrakeError, match=message):
        measures.estimate("gini", VALUES, **options)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.1, 1000), min_size=3, max_size=25),
    st.sampled_from(["gini", "theil_t", "atkinson_1", "palma", "s80s20", "variation"]),
    st.sampled_from(resampling.METHODS),
)
def test_limits_are_in_order_and_in_range(values, measure, method):
    found = measures.estimate(measure, values, method=method, replicates=200)
    chosen = measures.named(measure)
    assert chosen.lower - 1e-9 <= found.lower <= found.upper + 1e-12 <= chosen.upper + 1e-9
    if method == "jackknife":
        assert found.lower - 1e-9 <= found.value <= found.upper + 1e-9


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.1, 100), min_size=4, max_size=15), st.floats(0.01, 100))
def test_limits_do_not_notice_the_unit(values, factor):
    ours = measures.estimate("gini", values, replicates=200)
    scaled = measures.estimate("gini", np.asarray(values) * factor, replicates=200)
    assert (scaled.lower, scaled.upper) == pytest.approx((ours.lower, ours.upper), abs=1e-9)
