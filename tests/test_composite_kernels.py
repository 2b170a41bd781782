"""Normalising and putting together: against carried cases, plain loops and what must always hold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import (
    composite_aggregate,
    composite_normalise,
    composite_outliers,
    composite_weights,
)
from sosrake_lib.indicators.composite_normalise import normalise, ranks
from sosrake_lib.indicators.composite_scaling import METHODS, Scaling
from sosrake_lib.verify.compare import Tolerance, disagreements
from sosrake_lib.verify.kinds_composite import KINDS
from sosrake_lib.verify.names import read_name

CASES = pd.read_csv(Path(__file__).parent / "reference" / "composite_index.csv", keep_default_na=False)
TABLES = arrays("float64", (6, 3), elements=st.integers(1, 40).map(float))


@pytest.mark.parametrize("case", CASES.to_dict("records"), ids=CASES["id"])
def test_carried_cases_come_out(case):
    named = read_name(case["function"])
    found = KINDS[named.kind].run({**named.options, **json.loads(case["inputs"])})
    within = Tolerance(float(case["relative"]), float(case["absolute"]))
    assert disagreements(found, json.loads(case["expected"]), within) == []


@pytest.mark.parametrize("ties", ["min", "average", "max"])
def test_ranks_are_those_of_scipy_and_absent_values_have_none(ties):
    table = np.random.default_rng(1).integers(0, 8, (20, 30, 4)).astype("float64")
    np.testing.assert_array_equal(ranks(table, ties), stats.rankdata(table, method=ties, axis=-2))
    table[0, 3, 0] = np.nan
    assert np.isnan(ranks(table, ties)[0, 3, 0])
    others = np.delete(table[0, :, 0], 3)
    found = np.delete(ranks(table, ties)[0, :, 0], 3)
    np.testing.assert_array_equal(found, stats.rankdata(others, method=ties))


def plain_aggregate(row, weights, method, exponent):
    total = sum(weights)
    shares = [weight / total for weight in weights]
    if method == "arithmetic":
        return sum(share * x for share, x in zip(shares, row, strict=True))
    if method == "geometric":
        found = 1.0
        for share, x in zip(shares, row, strict=True):
            found *= x**share
        return found
    if method == "harmonic":
        return 1 / sum(share / x for share, x in zip(shares, row, strict=True))
    return sum(share * x**exponent for share, x in zip(shares, row, strict=True)) ** (1 / exponent)


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic", "generalised"])
def test_means_equal_a_plain_loop(method):
    table = np.random.default_rng(2).uniform(1, 100, (15, 4))
    weights = [4.0, 3.0, 2.0, 1.0]
    found = composite_aggregate.aggregate(table, weights, method, exponent=-2.5)
    loop = [plain_aggregate(row, weights, method, -2.5) for row in table]
    np.testing.assert_allclose(found, loop, rtol=1e-12)


def test_copeland_equals_a_plain_loop_over_pairs():
    table = np.random.default_rng(3).integers(0, 5, (9, 4)).astype("float64")
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    scores = np.zeros(9)
    for one in range(9):
        for other in range(9):
            won = sum(
                w * ((a > b) + 0.5 * (a == b))
                for w, a, b in zip(weights, table[one], table[other], strict=True)
            )
            if one != other and abs(won - 0.5) > 1e-12:
                scores[one] += np.sign(won - 0.5)
    np.testing.assert_array_equal(composite_aggregate.aggregate(table, weights, "copeland"), scores)


def test_copeland_over_many_tables_is_that_of_each(monkeypatch):
    tables = np.random.default_rng(4).uniform(size=(7, 6, 3))
    tables[2, 1, 0] = np.nan
    alone = [composite_aggregate.aggregate(one, [1, 2, 3], "copeland") for one in tables]
    monkeypatch.setattr(composite_aggregate, "_PAIRS_AT_ONCE", 80)
    np.testing.assert_array_equal(composite_aggregate.aggregate(tables, [1, 2, 3], "copeland"), alone)


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic", "copeland"])
def test_a_missing_part_is_refused_or_left_to_the_others(method):
    table = np.array([[2.0, np.nan], [3.0, 4.0], [5.0, 6.0]])
    refused = composite_aggregate.aggregate(table, [1, 3], method)
    assert np.isnan(refused).tolist() == [True, False, False]
    available = composite_aggregate.aggregate(table, [1, 3], method, missing="available")
    assert np.isfinite(available).all()
    if method != "copeland":
        assert available[0] == pytest.approx(2.0)


def test_a_part_of_no_weight_neither_helps_nor_hinders():
    table = np.array([[2.0, np.nan], [3.0, -4.0], [5.0, 6.0]])
    assert composite_aggregate.aggregate(table, [1, 0], "geometric").tolist() == pytest.approx([2, 3, 5])


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ([0, 0], "sum to 0"),
        ([1, -1], "negative"),
        ([1], "1 weight.* for 2 part"),
        ([1, np.nan], "not a number"),
    ],
)
def test_impossible_weights_are_refused(weights, match):
    with pytest.raises(SosrakeError, match=match):
        composite_aggregate.aggregate([[1.0, 2.0]], weights)


@settings(max_examples=40, deadline=None)
@given(TABLES, st.sampled_from([name for name in METHODS if name not in ("none", "distance_to_reference")]))
def test_normalising_forgets_units_and_the_order_of_areas(table, method):
    if (np.ptp(table, axis=0) == 0).any():
        return
    options = {"target": 50.0, "low_post": 0.0, "high_post": 50.0}
    scaled = {key: value * 3 for key, value in options.items()}
    reference = table[2]
    found = normalise(table, Scaling(method, **options), 1, reference)
    rescaled = normalise(table * 3, Scaling(method, **scaled), 1, reference * 3)
    np.testing.assert_allclose(found, rescaled, atol=1e-9)
    shuffled = normalise(table[::-1], Scaling(method, **options), 1, reference)
    np.testing.assert_allclose(found[::-1], shuffled, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(TABLES, st.sampled_from([name for name in METHODS if name != "above_below_mean"]))
def test_more_of_an_indicator_never_means_less_of_it_and_direction_turns_it(table, method):
    if (np.ptp(table, axis=0) == 0).any() or (table[0] == table.min(axis=0)).any():
        return
    options = Scaling(method, target=50.0, low_post=0.0, high_post=50.0)
    up = normalise(table, options, 1, table[0])
    order = np.argsort(table[:, 0], kind="stable")
    assert (np.diff(up[order, 0]) >= -1e-12).all()
    if (table[0] == table.max(axis=0)).any():
        return
    down = normalise(
        table, options if method != "distance_to_target" else Scaling(method, target=0.5), -1, table[0]
    )
    assert (np.diff(down[order, 0]) <= 1e-12).all()


@settings(max_examples=40, deadline=None)
@given(TABLES, st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_means_keep_their_order_and_lie_between_the_parts(table, weights):
    means = [
        composite_aggregate.aggregate(table, weights, name)
        for name in ("harmonic", "geometric", "arithmetic")
    ]
    assert (means[0] <= means[1] + 1e-9).all() and (means[1] <= means[2] + 1e-9).all()
    for mean in means:
        assert (mean >= table.min(axis=1) - 1e-9).all() and (mean <= table.max(axis=1) + 1e-9).all()
    cope = composite_aggregate.aggregate(table, weights, "copeland")
    assert cope.sum() == 0 and (np.abs(cope) <= 5).all()


@settings(max_examples=25, deadline=None)
@given(TABLES)
def test_ranges_hold_what_they_promise(table):
    if (np.ptp(table, axis=0) == 0).any():
        return
    for method in ("min_max", "percentile_rank"):
        found = normalise(table, Scaling(method, lower=1, upper=10))
        assert found.min() >= 1 - 1e-12 and found.max() <= 10 + 1e-12
    scores = normalise(table, Scaling("z_score", centre=100, spread=15))
    np.testing.assert_allclose(scores.mean(axis=0), 100)
    np.testing.assert_allclose(scores.std(axis=0, ddof=1), 15)


def test_a_plain_table_refuses_by_name():
    areas = pd.DataFrame({"x": [1.0, 2.0, 4.0], "y": [3.0, 3.0, 3.0]}, index=["A", "B", "C"])
    with pytest.raises(FrameError, match=r"'y' is 3 in every area of the table \(constant\).*remove it"):
        composite_normalise.table(areas)
    assert composite_normalise.table(areas, constant="absent")["y"].isna().all()
    with pytest.raises(FrameError, match=r"'x' has 2 area.*at least 3"):
        composite_normalise.table(areas.iloc[:2])
    with pytest.raises(FrameError, match="'x' holds an infinite value"):
        composite_normalise.table(areas.replace(4.0, np.inf))
    with pytest.raises(FrameError, match="share_of_max of indicator 'x' divides by zero"):
        composite_normalise.table(areas.assign(x=[-1.0, 0.0, -2.0]), scaling="share_of_max")
    with pytest.raises(FrameError, match=r"direction 2; expected 1 or -1"):
        composite_normalise.table(areas[["x"]], {"x": 2})
    with pytest.raises(FrameError, match="reference area 'Z'"):
        composite_normalise.table(areas[["x"]], scaling="index_to_reference", reference="Z")
    with pytest.raises(SosrakeError, match="index_to_reference needs a reference area"):
        composite_normalise.table(areas[["x"]], scaling="index_to_reference")
    with pytest.raises(
        FrameError, match=r"geometric mean needs values above zero, but 'x' is 0 in area A.*lower=1"
    ):
        composite_aggregate.table(composite_normalise.table(areas[["x"]]), None, "geometric")


@pytest.mark.parametrize(
    ("scaling", "match"),
    [
        ("zz", "normalisation 'zz' of 'x' is not known; use one of z_score"),
        (Scaling("min_max", lower=5, upper=5), "lower must be below upper"),
        (Scaling("goalposts", low_post=3, high_post=1), "low_post below high_post"),
        (Scaling("distance_to_target"), "needs its target"),
        (Scaling("rank", ties="first"), "ties 'first'"),
        ({"y": "rank"}, "'y', no indicator"),
        ({}, "no normalisation for indicator 'x'"),
    ],
)
def test_settings_that_cannot_be_are_refused(scaling, match):
    with pytest.raises(SosrakeError, match=match):
        composite_normalise.table(pd.DataFrame({"x": [1.0, 2, 3]}), scaling=scaling)


def test_each_indicator_can_have_its_own_normalisation():
    areas = pd.DataFrame({"x": [1.0, 2.0, 4.0], "y": [10.0, 30.0, 20.0]}, index=["A", "B", "C"])
    found = composite_normalise.table(
        areas, scaling={"x": Scaling("goalposts", low_post=0, high_post=4), "*": "rank"}
    )
    assert found["x"].tolist() == [25, 50, 100] and found["y"].tolist() == [1, 3, 2]


def test_moments_are_those_of_scipy_with_gaps():
    table = np.random.default_rng(5).lognormal(size=(40, 5))
    table[3, 1] = np.nan
    found = composite_outliers.moments(table)
    for column in range(5):
        known = table[np.isfinite(table[:, column]), column]
        assert found.skewness[column] == pytest.approx(stats.skew(known, bias=False), rel=1e-10)
        assert found.kurtosis[column] == pytest.approx(stats.kurtosis(known, bias=False), rel=1e-10)


def test_box_cox_finds_the_likeliest_power_of_scipy():
    table = np.random.default_rng(6).lognormal(size=(60, 3)) ** np.array([1.0, 0.5, 3.0])
    found = composite_outliers.box_coxed(table)
    for column in range(3):
        theirs, power = stats.boxcox(table[:, column])
        assert np.corrcoef(found[:, column], theirs)[0, 1] == pytest.approx(1, abs=1e-6), power


def test_winsorising_pulls_both_sides_and_stops_at_its_limit():
    table = np.array([[1.0, 1.0], *[[10.0 + k, 10.0 + k] for k in range(12)], [500.0, 900.0], [9.0, 800.0]])
    found = composite_outliers.winsorised(table, composite_outliers.Limits(most=1))
    assert (found != table).sum(axis=0).tolist() == [1, 1]
    more = composite_outliers.winsorised(table, composite_outliers.Limits(most=5))
    assert np.abs(composite_outliers.moments(more).skewness).max() < 2.01
    assert (
        composite_outliers.winsorised(table[1:13], composite_outliers.Limits()).tolist()
        == table[1:13].tolist()
    )


def test_pairwise_correlations_are_those_of_pandas():
    table = np.random.default_rng(8).normal(size=(30, 4))
    table[[0, 5, 9], [1, 2, 1]] = np.nan
    np.testing.assert_allclose(composite_weights.correlations(table), pd.DataFrame(table).corr(), atol=1e-12)
    assert np.isnan(composite_weights.correlations([[1.0, 2], [1, 3], [1, 5]])[0, 1])


def test_components_and_alpha_refuse_or_say_nothing():
    with pytest.raises(SosrakeError, match=r"2 complete area\(s\) and 2 indicator"):
        composite_weights.principal_components([[1.0, 2], [2, 3], [np.nan, 4]])
    with pytest.raises(SosrakeError, match="indicator number 2 is the same in every area"):
        composite_weights.principal_components([[1.0, 2], [2, 2], [4, 2]])
    assert np.isnan(composite_weights.alpha([[1.0], [2.0], [3.0]]))
