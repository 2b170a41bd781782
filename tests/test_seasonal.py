"""Seasons: against a plain loop, frames, incomplete series and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import seasonal, trends


def monthly(values, year=2018, month=1, **columns) -> pd.DataFrame:
    starts = [12 * year + month - 1 + number for number in range(len(values))]
    base = {
        "indicator": "yhteydenotot",
        "region_level": "kunta",
        "region_code": "297",
        "borders": 2021,
        "period": [f"{start // 12}-{start % 12 + 1:02d}" for start in starts],
        "value": np.array(values, float),
        "status": "ok",
        "origin": "synthetic",
    }
    return pd.DataFrame({**base, **columns})


def slowly(values, frequency, kind):
    """Decompose by the definition, one value at a time."""
    n, half = len(values), frequency // 2
    trend = [np.nan] * n
    for place in range(half, n - half):
        if frequency % 2:
            trend[place] = sum(values[place - half : place + half + 1]) / frequency
        else:
            ends = (values[place - half] + values[place + half]) / 2
            trend[place] = (sum(values[place - half + 1 : place + half]) + ends) / frequency
    left = [x - t if kind == "additive" else x / t for x, t in zip(values, trend, strict=True)]
    means = []
    for season in range(frequency):
        own = [one for one in left[season::frequency] if one == one]
        means.append(sum(own) / len(own))
    middle = sum(means) / frequency
    return [one - middle if kind == "additive" else one / middle for one in means], trend


@pytest.mark.parametrize("kind", seasonal.KINDS)
@pytest.mark.parametrize(("frequency", "length"), [(12, 24), (12, 31), (4, 9), (7, 20), (2, 5), (3, 6)])
def test_decomposition_equals_a_plain_loop(kind, frequency, length):
    values = np.random.default_rng(frequency).uniform(5, 20, (3, length))
    found = seasonal.decompose(values, frequency, kind=kind)
    for row in range(3):
        figure, trend = slowly(values[row].tolist(), frequency, kind)
        np.testing.assert_allclose(found.figure[row], figure, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(found.trend[row], trend, rtol=1e-12)
    whole = found.trend + found.seasonal + found.random
    if kind == "multiplicative":
        whole = found.trend * found.seasonal * found.random
    known = np.isfinite(whole)
    np.testing.assert_allclose(whole[known], values[known])


def test_the_start_names_the_seasons_and_does_not_move_the_figure():
    values = [5, 7, 9, 6] * 3
    found = seasonal.decompose(values, 4, start_period=3)
    assert found.season[:4].tolist() == [3, 4, 1, 2]
    np.testing.assert_allclose(found.figure, seasonal.decompose(values, 4).figure)
    np.testing.assert_allclose(found.by_season()[0], found.figure[0][[2, 3, 0, 1]])


def test_absent_ends_are_like_r():
    values = np.array([np.nan, 7, 9, 6, 5, 7.5, 9, 6, 5, 7, 9, np.nan])
    found = seasonal.decompose(values, 4)
    assert np.isnan(found.trend[0, :3]).all() and np.isfinite(found.trend[0, 3])
    assert np.isfinite(found.figure).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1, 100), min_size=8, max_size=20), st.floats(-50, 50), st.floats(0.1, 10))
def test_shift_and_scale(values, shift, factor):
    x = np.array(values)
    plain = seasonal.decompose(x, 4)
    assert abs(plain.figure.mean()) < 1e-9
    np.testing.assert_allclose(
        seasonal.decompose(x * factor + shift, 4).figure, plain.figure * factor, atol=1e-6
    )
    ratio = seasonal.decompose(x, 4, kind="multiplicative")
    np.testing.assert_allclose(ratio.figure.mean(), 1)
    scaled = seasonal.decompose(x * factor, 4, kind="multiplicative")
    np.testing.assert_allclose(scaled.figure, ratio.figure)


def test_kernel_says_what_is_wrong():
    with pytest.raises(SosrakeError, match="7 values are fewer than two cycles of 4"):
        seasonal.decompose(range(7), 4)
    with pytest.raises(SosrakeError, match="value 3 of series 1 is absent in the middle"):
        seasonal.decompose([1, 2, np.nan, 4, 5, 6, 7, 8, 9], 4)
    with pytest.raises(SosrakeError, match="frequency 1; expected a whole number from 2"):
        seasonal.decompose(range(9), 1)
    with pytest.raises(SosrakeError, match="start_period 5; expected 1 to 4"):
        seasonal.decompose(range(9), 4, 5)
    with pytest.raises(SosrakeError, match="kind 'log'"):
        seasonal.decompose(range(9), 4, kind="log")
    with pytest.raises(SosrakeError, match="use kind='additive'"):
        seasonal.decompose([-1, *range(8)], 4, kind="multiplicative")
    with pytest.raises(SosrakeError, match="a value is infinite"):
        seasonal.decompose([np.inf, *range(8)], 4)


def test_frames_of_several_series_with_different_starts():
    swing = np.array([3, 1, 0, -1, -2, -4, -5, -2, 1, 2, 3, 4.0])
    one = monthly(np.tile(swing, 3) + 50)
    other = monthly(np.tile(np.roll(swing, -4), 3)[:30] + 20, month=5, region_code="046")
    found = trends.seasonal(pd.concat([other, one]).sample(frac=1, random_state=1))
    indices = found.indices.pivot(index="season", columns="region_code", values="index")
    # January is season 1 whatever month a series begins with.
    np.testing.assert_allclose(indices["297"], swing, atol=1e-9)
    np.testing.assert_allclose(indices["046"], swing, atol=1e-9)
    first = found.indices.iloc[0]
    assert first["seasonal_method"] == "seasonal_additive"
    parts = found.components
    np.testing.assert_allclose(
        parts["value"],
        (parts["trend"].fillna(parts["value"] - parts["seasonal"]) + parts["seasonal"]),
        atol=1e-9,
    )
    assert len(parts) == 66
    january = parts.loc[parts["period"].str.endswith("-01")]
    assert set(january["season"]) == {1}
    spans = found.indices.groupby("region_code")[["period", "cycles"]].first()
    assert spans.loc["297", "period"] == "2018/2020" and spans.loc["297", "cycles"] == 2


def test_half_years_and_breaks():
    periods = [f"{year}-H{half}" for year in range(2015, 2021) for half in (1, 2)]
    frame = monthly([10, 14] * 6).assign(period=periods)
    assert trends.seasonal(frame, "multiplicative").indices["index"].tolist() == pytest.approx(
        [10 / 12, 14 / 12]
    )
    broken = frame.assign(break_before=[number == 6 for number in range(12)])
    with pytest.raises(FrameError, match="break_before inside a series"):
        trends.seasonal(broken)
    split = trends.seasonal(broken, breaks="split")
    assert split.indices["stretch"].tolist() == [1, 1, 2, 2]
    assert trends.seasonal(broken, breaks="cross").components["crosses_break"].all()


def test_incomplete_series_are_refused():
    frame = monthly(range(1, 31))
    with pytest.raises(FrameError, match="has periods without a row between its first and last"):
        trends.seasonal(frame.drop(index=10))
    absent = frame.copy()
    absent.loc[10, ["status", "value"]] = ["suppressed", np.nan]
    with pytest.raises(FrameError, match=r"the value is absent in 1 row\(s\); the first is yhteydenotot"):
        trends.seasonal(absent)
    with pytest.raises(FrameError, match="fewer than two cycles of 12 periods"):
        trends.seasonal(frame.iloc[:20])
    with pytest.raises(FrameError, match="period '2018' is one of years; expected months or half-years"):
        trends.seasonal(frame.iloc[:1].assign(period="2018"))
    with pytest.raises(FrameError, match="use kind='additive'"):
        trends.seasonal(frame.assign(value=frame["value"] - 5), "multiplicative")
    with pytest.raises(FrameError, match="kind 'log'"):
        trends.seasonal(frame, "log")
