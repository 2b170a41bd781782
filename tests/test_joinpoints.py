"""Broken lines: exact optimum, grid, intervals, averages, the choice of their number, frames."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import joinpoint_choice as choice
from sosrake_lib.indicators import joinpoints as lines
from sosrake_lib.indicators import trends

YEARS = np.arange(2000, 2018.0)


def broken(bends, slopes, noise=0.0, years=YEARS, seed=1):
    level = slopes[0] * (years - years[0])
    for bend, step in zip(bends, np.diff(slopes), strict=True):
        level = level + step * np.clip(years - bend, 0, None)
    return 3 + level + noise * np.random.default_rng(seed).normal(size=len(years))


def residual(bends, t, y):
    design = np.column_stack([np.ones_like(t), t - t.mean(), *(np.clip(t - bend, 0, None) for bend in bends)])
    return float(((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2).sum())


def frame_of(values, first=2000, **columns) -> pd.DataFrame:
    base = {
        "indicator": "tyottomyysaste",
        "region_level": "kunta",
        "region_code": "297",
        "borders": 2021,
        "period": [str(first + number) for number in range(len(values))],
        "value": np.array(values, float),
        "per": 1000.0,
        "status": "ok",
        "origin": "published",
    }
    return pd.DataFrame({**base, **columns})


@pytest.mark.parametrize("k", [1, 2, 3])
def test_continuous_search_finds_the_global_optimum(k):
    generator = np.random.default_rng(k)
    t = np.arange(12.0)
    values = generator.normal(size=(6, 12)).cumsum(axis=1)
    found = lines.fit(t, values, k, scale="linear")
    for row, y in enumerate(values):
        assert found.rss[row] == pytest.approx(residual(found.joinpoint[row], t, y), rel=1e-9)
        # Nelder-Mead from many starts never finds a better line within the same room.
        for start in generator.choice(np.arange(1, 10.01, 0.25), (12, k)):
            other = optimize.minimize(lambda bends, y=y: residual(bends, t, y), start, method="Nelder-Mead")
            bends = np.sort(other.x)
            edges = np.array([-np.inf, *bends, np.inf])
            points = [((t >= a) & (t <= b)).sum() for a, b in pairwise(edges)]
            if min(points) >= 2 and bends[0] > 0 and bends[-1] < 11:
                assert found.rss[row] <= other.fun * (1 + 1e-6)


@pytest.mark.parametrize("k", [1, 2])
def test_grid_search_equals_trying_every_year(k):
    values = np.random.default_rng(k).normal(size=(8, 14)).cumsum(axis=1)
    t = np.arange(14.0)
    found = lines.fit(t, values, k, place="grid", scale="linear")
    loose = lines.fit(t, values, k, scale="linear")
    for row, y in enumerate(values):
        allowed = [
            bends
            for bends in combinations(range(14), k)
            if bends[0] >= 2 and bends[-1] <= 11 and all(np.diff(bends) > 2)
        ]
        best = min(residual(bends, t, y) for bends in allowed)
        assert found.rss[row] == pytest.approx(best, rel=1e-10)
        assert loose.rss[row] <= found.rss[row] * (1 + 1e-12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(1, 100), min_size=9, max_size=12), st.floats(0.1, 10), st.integers(0, 2))
def test_the_scale_does_not_matter_and_more_joinpoints_fit_better(values, factor, k):
    t = np.arange(len(values), dtype=float)
    if len(t) < lines.fewest_points(k + 1):
        return
    one, scaled = lines.fit(t, values, k), lines.fit(t, np.array(values) * factor, k)
    np.testing.assert_allclose(one.rss, scaled.rss, rtol=1e-6, atol=1e-12)
    more = lines.fit(t, values, k + 1)
    assert more.rss[0] <= one.rss[0] * (1 + 1e-9) + 1e-12
    assert lines.fit(t, values, k, place="grid").rss[0] >= one.rss[0] * (1 - 1e-9) - 1e-12
    limits = one.slope_limits()
    # A bend of no angle lies nowhere: then there are no limits, never wrong ones.
    assert not (limits.lower > one.slope + 1e-12).any() and not (limits.upper < one.slope - 1e-12).any()


def test_a_line_without_noise_gives_its_joints_back():
    found = lines.fit(YEARS, broken([2005.3, 2011.6], [1, -1, 0.5]), 2, scale="linear")
    np.testing.assert_allclose(found.joinpoint[0], [2005.3, 2011.6], atol=1e-6)
    np.testing.assert_allclose(found.slope[0], [1, -1, 0.5], atol=1e-9)
    np.testing.assert_allclose(found.fitted()[0], broken([2005.3, 2011.6], [1, -1, 0.5]), atol=1e-9)


def test_no_joinpoint_is_a_straight_line():
    y = broken([], [0.3], noise=1)
    found = lines.fit(YEARS, y, 0, scale="linear")
    line = stats.linregress(YEARS, y)
    assert found.slope[0, 0] == pytest.approx(line.slope, rel=1e-9)
    assert found.standard_errors()[0, 0] == pytest.approx(line.stderr, rel=1e-9)
    assert found.joinpoint.shape == (1, 0)


def test_limits_cover_the_truth_about_as_often_as_they_say():
    y = np.stack([broken([2008.4], [0.5, -0.5], noise=0.4, seed=seed) for seed in range(400)])
    found = lines.fit(YEARS, y, 1, scale="linear")
    joint, slope = found.joinpoint_limits(), found.slope_limits()
    average = lines.average(found)
    mean = average.limits(scale="linear")
    truth = (broken([2008.4], [0.5, -0.5])[-1] - 3) / 17
    for lower, upper, value, least in (
        # The delta method's limits of the joinpoint hold it in some 90 % of 2 000 such series, not in 95.
        (joint.lower[:, 0], joint.upper[:, 0], 2008.4, 0.86),
        (slope.lower[:, 0], slope.upper[:, 0], 0.5, 0.9),
        (mean.lower, mean.upper, truth, 0.9),
    ):
        assert least <= ((lower <= value) & (value <= upper)).mean() <= 0.985
    profiles = [choice.profile_limits(YEARS, one, scale="linear") for one in y[:100]]
    held = [float(one.lower) <= 2008.4 <= float(one.upper) for one in profiles]
    assert 0.88 <= np.mean(held) <= 1


def test_profile_limits_hold_the_joinpoint_and_grow_with_confidence():
    y = broken([2008.4], [0.5, -0.5], noise=0.6)
    joint = lines.fit(YEARS, y, 1, scale="linear").joinpoint[0, 0]
    narrow, wide = (choice.profile_limits(YEARS, y, level, scale="linear") for level in (0.8, 0.99))
    assert wide.lower < narrow.lower < joint < narrow.upper < wide.upper


def test_average_is_the_line_from_end_to_end():
    y = broken([2008.4], [0.5, -0.2], noise=0.3)
    for place in lines.PLACES:
        found = lines.fit(YEARS, y, 1, place=place, scale="linear")
        ends = found.fitted()[0, [0, -1]]
        average = lines.average(found)
        assert average.slope[0] == pytest.approx((ends[1] - ends[0]) / 17)
        part = lines.average(found, 2010, 2017)
        assert part.slope[0] == pytest.approx(found.slope[0, 1])
        assert part.standard_error[0] == pytest.approx(found.standard_errors()[0, 1])
    with pytest.raises(SosrakeError, match="average from 1990 to 2017; expected a span within 2000-2017"):
        lines.average(found, 1990, 2017)


def test_weights_draw_the_line_to_heavy_points():
    y = broken([2008], [0.5, -0.5], noise=0.3)
    weight = np.where(YEARS < 2009, 10.0, 1.0)
    found = lines.fit(YEARS, y, 1, scale="linear", weight=weight)
    root = np.sqrt(weight)

    def weighted(bend):
        design = np.column_stack([np.ones_like(YEARS), YEARS - 2008, np.clip(YEARS - bend, 0, None)])
        rest = (y - design @ np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]) * root
        return float((rest**2).sum())

    best = optimize.minimize_scalar(weighted, bounds=(2005, 2011), method="bounded", options={"xatol": 1e-10})
    assert found.rss[0] <= best.fun * (1 + 1e-9)
    assert found.joinpoint[0, 0] == pytest.approx(best.x, abs=1e-4)


def test_criteria_choose_what_is_there():
    for k, bends, slopes in ((0, [], [0.3]), (1, [2008.4], [0.5, -0.5]), (2, [2005, 2012], [0.6, -0.6, 0.6])):
        y = broken(bends, slopes, noise=0.1)
        assert choice.fit_series(YEARS, y, name="bic3", scale="linear").k == k
        assert choice.fit_series(YEARS, y, name="bic", scale="linear").k >= k
        assert choice.by_permutation(YEARS, y, 2, draws=199).chosen == k
    flat = choice.fit_series(YEARS, np.full(18, 5.0))
    assert flat.k == 0


def test_permutation_test_is_seeded_and_keeps_its_level():
    y = broken([2008.4], [0.5, -0.5], noise=0.6)
    one, other = (choice.by_permutation(YEARS, y, 1, draws=199) for _ in range(2))
    assert one.tests == other.tests and one.tests[0][3] == 0.05
    noise = [broken([], [0.3], noise=1, years=YEARS[:12], seed=seed) for seed in range(60)]
    found = [choice.by_permutation(YEARS[:12], y, 1, draws=99, place="grid").chosen for y in noise]
    assert np.mean(found) <= 0.15


def test_kernels_say_what_is_wrong():
    y = np.arange(1, 19.0)
    cases = [
        ({"k": 4}, "4 joinpoints; expected a whole number 0-3"),
        ({"place": "anywhere"}, "place 'anywhere'"),
        ({"scale": "root"}, "scale 'root'"),
        ({"end_points": 1}, "a continuous search needs at least 2 of each"),
        ({"weight": np.zeros(18)}, "a weight is not above zero"),
    ]
    for options, message in cases:
        with pytest.raises(SosrakeError, match=message):
            lines.fit(YEARS, y, **options)
    with pytest.raises(SosrakeError, match=r"4 points are too few for 1 joinpoint\(s\), which need 5"):
        lines.fit(YEARS[:4], y[:4], 1)
    with pytest.raises(SosrakeError, match="value 0 has no logarithm; use scale='linear'"):
        lines.fit(YEARS, y - 1)
    with pytest.raises(SosrakeError, match="a value is absent or infinite"):
        lines.fit(YEARS, np.append(y[:-1], np.nan))
    with pytest.raises(SosrakeError, match="time must increase"):
        lines.fit(YEARS[::-1], y)
    with pytest.raises(SosrakeError, match="criterion 'cp'"):
        choice.criterion(1.0, 1, 9, "cp")
    with pytest.raises(SosrakeError, match="1 points are too few for a trend"):
        choice.fit_series([2000], [1.0])


def test_frames_hold_segments_averages_joints_and_the_choice():
    turned = frame_of(np.exp(broken([2008.4], [0.05, -0.08], noise=0.005)))
    straight = frame_of(np.exp(broken([], [0.03], noise=0.005, seed=4)), region_code="046")
    short = frame_of([5, 6.0], region_code="049")
    found = trends.joinpoints(pd.concat([turned, straight, short]), most=2, confidence=(0.95, 0.998))
    frames.check(found.segments)
    frames.check(found.average)
    first = found.segments.loc[found.segments["confidence"] == 0.95].set_index(["region_code", "segment"])
    assert first.loc[("297", 1), "period"] == "2000/2008" and first.loc[("297", 2), "period"] == "2009/2017"
    assert first.loc[("297", 1), "value"] == pytest.approx(5.13, abs=0.5)
    assert first.loc["046"].shape[0] == 1 and first.loc["049", "reason"].item() == "too_few_periods"
    assert first.loc["049", "status"].item() == "missing"
    joint = found.joints.iloc[0]
    assert joint["lower"] < joint["joinpoint"] < joint["upper"]
    chosen = found.selection.loc[found.selection["chosen"]].set_index("region_code")["joinpoints"]
    assert chosen.to_dict() == {"297": 1, "046": 0}
    assert found.average["statistic"].unique().tolist() == ["average_annual_percent_change"]
    alone = trends.joinpoints(turned, most=2)
    np.testing.assert_allclose(alone.segments["value"], first.loc["297", "value"])


def test_frames_on_the_grid_linear_weighted_and_fixed():
    frame = frame_of(broken([2008], [0.5, -0.5], noise=0.05), paino=np.where(YEARS < 2009, 5.0, 1.0))
    grid = trends.joinpoints(frame, most=1, least=1, place="grid", scale="linear")
    assert grid.segments["period"].tolist() == ["2000/2008", "2008/2017"]
    assert (grid.segments["per"] == 1000).all() and set(grid.segments["method"]) == {"joinpoint_grid"}
    assert grid.segments["statistic"].unique().tolist() == ["annual_change"]
    assert np.isnan(grid.joints["lower"]).all()
    weighted = trends.joinpoints(frame, most=1, least=1, scale="linear", weights="paino")
    expected = lines.fit(YEARS, frame["value"], 1, scale="linear", weight=frame["paino"])
    np.testing.assert_allclose(weighted.segments["value"], expected.slope[0])
    tested = trends.joinpoints(frame, most=1, criterion="permutation", scale="linear", draws=99)
    assert tested.selection["p_value"].iloc[0] == pytest.approx(0.01)


def test_cautious_keeps_short_series_simple():
    frame = frame_of(np.exp(broken([2003], [0.3, -0.3], years=YEARS[:6])))
    assert trends.joinpoints(frame).selection["joinpoints"].tolist() == [0]
    assert trends.joinpoints(frame, cautious=False).selection["joinpoints"].tolist() == [0, 1]


def test_breaks_gaps_and_bad_input():
    values = np.exp(broken([2008.4], [0.05, -0.08], noise=0.005))
    frame = frame_of(values, break_before=[year == 2009 for year in YEARS])
    with pytest.raises(FrameError, match="break_before inside a series"):
        trends.joinpoints(frame)
    split = trends.joinpoints(frame, breaks="split")
    assert split.average["period"].tolist() == ["2000/2008", "2009/2017"]
    assert trends.joinpoints(frame, breaks="cross").segments["crosses_break"].all()
    clean = frame_of(values)
    gappy = trends.joinpoints(clean.drop(index=4), most=1)
    expected = lines.fit(np.delete(YEARS, 4), np.delete(values, 4), 1)
    np.testing.assert_allclose(gappy.segments["value"], expected.apc()[0])
    hidden = clean.copy()
    hidden.loc[4, ["status", "value"]] = ["suppressed", np.nan]
    assert trends.joinpoints(hidden).segments["reason"].tolist() == ["value_absent"]
    cases = [
        (clean.iloc[:2], {}, r"no series has the 3 years that 0 joinpoint\(s\) need \(the longest has 2\)"),
        (clean.assign(value=0.0), {}, "has no logarithm.*use scale='linear'"),
        (clean, {"most": 4}, "expected 0 <= least <= most <= 3"),
        (clean, {"criterion": "r2"}, "criterion 'r2'"),
        (clean, {"criterion": "permutation", "draws": 9}, "at least 99 draws"),
        (clean.iloc[:1].assign(period="2018-01"), {}, "is one of months; expected years or spans"),
    ]
    for wrong, options, message in cases:
        with pytest.raises(FrameError, match=message):
            trends.joinpoints(wrong, **options)
