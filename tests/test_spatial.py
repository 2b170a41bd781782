"""Moran's I: moments against every permutation there is, hand-worked grids, frames and refusals."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import moran, neighbours, spatial

ROW = neighbours.neighbours_from_lists([[1], [0, 2], [1, 3], [2]])
# One-sided on purpose: 0 names 2 as a neighbour, 2 does not name 0.
LOPSIDED = neighbours.neighbours_from_lists([[1, 2], [0, 2], [1, 3], [2, 4], [3, 1]])
VALUES = [3.0, 8.0, 1.0, 2.5, 7.0]


def areas(values, **columns) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "indicator": "tyottomyysaste",
            "region_level": "hva",
            "region_code": [f"A{number}" for number in range(len(values))],
            "borders": 2026,
            "period": "2020",
            "value": values,
            "per": 100.0,
            "status": np.where(np.isnan(values), "missing", "ok"),
            "origin": "synthetic",
        }
    )
    return frame.assign(**columns)


def line(n) -> pd.DataFrame:
    rows = [(f"A{a}", f"A{b}") for a in range(n) for b in (a - 1, a + 1) if 0 <= b < n]
    return pd.DataFrame(rows, columns=["region_code", "neighbour_code"])


def plain_weights(pairs, style):
    """Weights as a full matrix, by the definitions in words."""
    n = len(pairs.codes)
    matrix = np.zeros((n, n))
    matrix[pairs.area, pairs.neighbour] = pairs.weight
    if style == "W":
        return matrix / matrix.sum(axis=1, keepdims=True)
    if style == "C":
        return matrix * n / matrix.sum()
    if style == "U":
        return matrix / matrix.sum()
    if style == "S":
        scaled = matrix / np.sqrt((matrix**2).sum(axis=1, keepdims=True))
        return scaled * n / scaled.sum()
    return matrix


def plain_moran(values, matrix):
    z = np.array(values) - np.mean(values)
    total = sum(matrix[i, j] * z[i] * z[j] for i in range(len(z)) for j in range(len(z)))
    return len(z) / matrix.sum() * total / (z**2).sum()


def test_a_row_of_four_by_hand():
    # z = -1.5, -0.5, 0.5, 1.5; row-standardised lags -0.5, -0.5, 0.5, 0.5: I = 2/5. Binary: (4/6)(2.5)/5.
    assert moran.morans_i([1, 2, 3, 4], ROW).statistic[0] == pytest.approx(0.4, rel=1e-14)
    binary = moran.morans_i([1, 2, 3, 4], ROW, "B")
    assert binary.statistic[0] == pytest.approx(1 / 3, rel=1e-14)
    # S0 = 6, S1 = 12, S2 = 40: (16*12 - 4*40 + 3*36)/(36*15) - 1/9 = 4/27.
    assert binary.variance_normality[0] == pytest.approx(4 / 27, rel=1e-13)
    assert binary.expected[0] == pytest.approx(-1 / 3)


@pytest.mark.parametrize("style", neighbours.STYLES)
def test_moments_are_those_of_every_permutation(style):
    matrix = plain_weights(LOPSIDED, style)
    every = np.array([plain_moran(order, matrix) for order in permutations(VALUES)])
    found = moran.morans_i(VALUES, LOPSIDED, style)
    assert found.statistic[0] == pytest.approx(plain_moran(VALUES, matrix), rel=1e-12)
    assert found.expected[0] == pytest.approx(every.mean(), rel=1e-10)
    assert found.variance_randomisation[0] == pytest.approx(every.var(), rel=1e-10)


@pytest.mark.parametrize("style", neighbours.STYLES)
def test_local_moments_are_those_of_every_permutation(style):
    matrix = plain_weights(LOPSIDED, style)
    z = np.array(VALUES) - np.mean(VALUES)
    m2 = (z**2).mean()
    kept = moran.local_morans_i(VALUES, LOPSIDED, style)
    free = moran.local_morans_i(VALUES, LOPSIDED, style, conditional=False)
    for area in range(5):
        others = [place for place in range(5) if place != area]
        around = [
            z[area] * (matrix[area, others] @ np.array(order)) / m2 for order in permutations(z[others])
        ]
        whole = [order[area] * (matrix[area] @ np.array(order)) / m2 for order in permutations(z)]
        assert kept.statistic[0, area] == pytest.approx(z[area] * (matrix[area] @ z) / m2, rel=1e-12)
        assert kept.expected[0, area] == pytest.approx(np.mean(around), rel=1e-10)
        assert kept.variance[0, area] == pytest.approx(np.var(around), rel=1e-10)
        assert free.expected[0, area] == pytest.approx(np.mean(whole), rel=1e-10)
        assert free.variance[0, area] == pytest.approx(np.var(whole), rel=1e-10)


def test_local_values_sum_to_the_global_one():
    local = moran.local_morans_i(VALUES, LOPSIDED)
    # Row-standardised weights sum to n, so the mean of the local values is Moran's I.
    assert local.statistic.mean() == pytest.approx(moran.morans_i(VALUES, LOPSIDED).statistic[0])


def test_weights_of_pairs_are_used():
    pairs = neighbours.neighbours_from_pairs(["a", "a", "b", "c"], ["b", "c", "a", "b"], weight=[2, 1, 1, 5])
    found = neighbours.styled_weights(pairs, np.ones((1, 3), bool), "W")[0]
    assert found.tolist() == pytest.approx([2 / 3, 1 / 3, 1, 1])


def test_permutations_agree_with_the_moments_and_repeat_with_the_seed():
    values = np.arange(30.0) % 7
    chain = neighbours.neighbours_from_lists([[b for b in (a - 1, a + 1) if 0 <= b < 30] for a in range(30)])
    exact = moran.morans_i(values, chain)
    drawn = moran.permuted_moran(values, chain, permutations=9_999, seed=4)
    # Four standard errors of a mean of 9 999 draws.
    assert drawn.mean[0] == pytest.approx(exact.expected[0], abs=4 * drawn.deviation[0] / 100)
    assert drawn.deviation[0] ** 2 == pytest.approx(exact.variance_randomisation[0], rel=0.06)
    again = moran.permuted_moran(values, chain, permutations=9_999, seed=4)
    assert drawn.p_greater == again.p_greater
    local = moran.permuted_local_moran(values, chain, permutations=9_999, seed=4)
    theory = moran.local_morans_i(values, chain)
    assert local.mean == pytest.approx(theory.expected[0], abs=0.06)
    assert local.deviation**2 == pytest.approx(theory.variance[0], rel=0.08)
    assert ((local.p_two_sided > 0) & (local.p_two_sided <= 1)).all()


def test_islands_are_refused_or_left_to_the_mean():
    lists = neighbours.neighbours_from_lists([[1], [0, 2], [1, 3], [2], []])
    with pytest.raises(SosrakeError, match="area 4 has no neighbour with a value"):
        moran.morans_i(VALUES, lists)
    found = moran.morans_i(VALUES, lists, zero_policy=True)
    assert (found.areas[0], found.linked[0]) == (5, 4)
    z = np.array(VALUES) - np.mean(VALUES)
    lag = np.array([z[1], (z[0] + z[2]) / 2, (z[1] + z[3]) / 2, z[2], 0])
    assert found.statistic[0] == pytest.approx(z @ lag / (z**2).sum())
    local = moran.local_morans_i(VALUES, lists, zero_policy=True)
    assert np.isnan(local.statistic[0, 4])
    assert local.quadrant[0, 4] == "none"


def test_frame_names_the_areas_without_value_or_neighbours():
    frame = areas([1.0, np.nan, 3.0, 4.0, 6.0, 5.0])
    with pytest.raises(FrameError, match=r"1 area\(s\) have no neighbour with a value: A0;"):
        spatial.morans_i(frame, line(6))
    before = frame.copy(deep=True)
    found = spatial.morans_i(frame, line(6), zero_policy=True, permutations=99, seed=1)
    pd.testing.assert_frame_equal(frame, before)
    one = found.iloc[0]
    assert (one["areas_used"], one["areas_expected"]) == (5, 6)
    assert (one["areas_without_value"], one["areas_without_neighbours"]) == ("A1", "A0")
    assert (one["region_level"], one["region_code"], one["moran_method"]) == ("joukko", "hva1", "morans_i")
    assert 0 < one["p_greater_permuted"] <= 1
    local = spatial.local_morans_i(frame, line(6), zero_policy=True, permutations=99)
    assert local["local_reason"].tolist() == ["no_neighbours", "value_absent", "", "", "", ""]
    assert local["local_method"].tolist() == ["", "", *["local_morans_i"] * 4]
    assert local.loc[2:, "local_p_permuted"].notna().all()
    assert local["neighbours_used"].tolist() == [0, 0, 1, 2, 2, 1]


def test_quadrants_say_the_area_first():
    # Mean 5: the neighbours' mean deviations are 3, 0, 0, 0, -3.5, 4.
    found = spatial.local_morans_i(areas([9.0, 8.0, 1.0, 2.0, 9.0, 1.0]), line(6))
    assert found["quadrant"].tolist() == ["high_high", "none", "none", "none", "high_low", "low_high"]


def test_families_are_measured_alone_and_in_one_call():
    first, second = areas([1.0, 2, 4, 3, 6]), areas([6.0, 1, 5, 2, 4]).assign(period="2021")
    second.loc[0, ["value", "status"]] = [np.nan, "suppressed"]
    both = pd.concat([first, second], ignore_index=True).sample(frac=1, random_state=2)
    found = spatial.morans_i(both, line(5)).set_index("period")
    assert found.loc["2020", "value"] == pytest.approx(spatial.morans_i(first, line(5))["value"][0])
    alone = moran.morans_i([1.0, 5, 2, 4], ROW)
    assert found.loc["2021", "value"] == pytest.approx(alone.statistic[0])
    assert found.loc["2021", "variance_randomisation"] == pytest.approx(alone.variance_randomisation[0])


def test_equal_values_have_no_pattern():
    found = spatial.morans_i(areas([0.1] * 5), line(5))
    assert found[["status", "reason"]].iloc[0].tolist() == ["missing", "all_equal"]
    assert np.isnan(found["value"][0])
    local = spatial.local_morans_i(areas([0.1] * 5), line(5))
    assert set(local["local_reason"]) == {"all_equal"}


@pytest.mark.parametrize(
    ("frame", "given_pairs", "options", "message"),
    [
        (areas([1.0, 2.0]), line(2), {}, r"has 2 area\(s\) with a value; a pattern needs at least 3"),
        (
            areas([1.0, 2, 3]),
            line(3).rename(columns={"neighbour_code": "other"}),
            {},
            "neighbour_code is missing",
        ),
        (
            areas([1.0, 2, 3]),
            line(3).replace("A", "B", regex=True),
            {},
            "no two areas of the frame are neighbours",
        ),
        (areas([1.0, 2, 3]), pd.concat([line(3), line(3)]), {}, r"pair \('A0', 'A1'\) stands twice"),
        (areas([1.0, 2, 3]), {"A0": ["A0"]}, {}, "'A0' is its own neighbour"),
        (areas([1.0, 2, 3]), {"A0": ["A9"]}, {}, "'A9' is named as a neighbour but is no area"),
        (areas([1.0, 2, 3]), line(3).assign(weight=0), {}, "a weight is not above zero"),
        (areas([1.0, 2, 3]), line(3).assign(region_code=5), {}, "column region_code: .*expected text"),
        (areas([1.0, 2, 3]), line(3), {"style": "Q"}, "style 'Q'; expected one of W, B"),
        (areas([1.0, 2, 3]), 5, {}, "neighbours: int; expected a frame of pairs"),
        (
            areas([1.0, 2, 3], period=["2019", "2020", "2020"]),
            line(3),
            {"by": ["indicator"]},
            "period has several",
        ),
    ],
)
def test_unclear_input_is_refused(frame, given_pairs, options, message):
    with pytest.raises(SosrakeError, match=message):
        spatial.morans_i(frame, given_pairs, **options)


def test_kernels_refuse_what_is_no_map():
    with pytest.raises(SosrakeError, match="3 values but 4 areas in the neighbour list"):
        moran.morans_i([1, 2, 3], ROW)
    with pytest.raises(SosrakeError, match="a value is infinite"):
        moran.morans_i([1, 2, np.inf, 3], ROW)
    with pytest.raises(SosrakeError, match="or all equal"):
        moran.permuted_moran([1, 1, 1, 1], ROW)
    with pytest.raises(SosrakeError, match="permutations is below 1"):
        moran.permuted_moran([1, 2, 3, 4], ROW, permutations=0)


def test_places_may_count_from_one():
    same = neighbours.neighbours_from_lists([[2], [1, 3], [2], [0]], first=1)
    assert same.counts().tolist() == [1, 2, 1, 0]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=6, max_size=6).filter(lambda some: len(set(some)) > 1),
    st.randoms(),
)
def test_order_of_areas_and_scale_of_values_do_not_matter(values, random):
    lists = [[1, 3], [0, 2], [1, 5], [0, 4], [3, 5], [4, 2]]
    plain = moran.morans_i(values, neighbours.neighbours_from_lists(lists))
    scaled = moran.morans_i(3.5 * np.array(values) - 20, neighbours.neighbours_from_lists(lists))
    assert scaled.statistic == pytest.approx(plain.statistic, abs=1e-9)
    order = list(range(6))
    random.shuffle(order)
    turned = [[order.index(other) for other in lists[area]] for area in order]
    moved = moran.morans_i(np.array(values, float)[order], neighbours.neighbours_from_lists(turned))
    assert moved.statistic == pytest.approx(plain.statistic, abs=1e-12)
    assert moved.variance_randomisation == pytest.approx(plain.variance_randomisation, abs=1e-12)
    assert -1.0001 <= plain.statistic[0] <= 1.0001
