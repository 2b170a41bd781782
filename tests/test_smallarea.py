"""Funnels: limits against the distributions, classes, one family at a time (public figures: reference)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import rates, smallarea


def areas(numerators, denominators, *, per=100.0, kind="proportion", **columns) -> pd.DataFrame:
    numerators, denominators = np.array(numerators, float), np.array(denominators, float)
    frame = pd.DataFrame(
        {
            "indicator": "tyottomyysaste",
            "region_level": "hva",
            "region_code": [str(number) for number in range(len(numerators))],
            "borders": 2026,
            "period": "2019",
            "value": per * numerators / denominators,
            "per": per,
            "numerator": numerators,
            "denominator": denominators,
            "status": "ok",
            "origin": "synthetic",
            **columns,
        }
    )
    return rates.analyse(frame, {"tyottomyysaste": kind})


def test_exact_limits_are_the_tails_of_the_distribution():
    for size, share in (
        (5, 0.01),
        (20, 0.5),
        (500, 0.003),
        (300, 0.999),
        (56_323, 0.099),
        (2_600_000, 0.082),
    ):
        for confidence in smallarea.CONFIDENCES:
            tail = (1 - confidence) / 2
            limits = smallarea.funnel_limits(size, share, confidence=[confidence]).iloc[0]
            # Whole counts outside the limits are rarer than the tail, those inside are not.
            above = np.floor(limits["upper"] * size) + 1
            below = np.ceil(limits["lower"] * size) - 1
            assert stats.binom.sf(above - 1, size, share) < tail
            assert stats.binom.cdf(below, size, share) < tail
            assert above - 1 > size or stats.binom.sf(above - 2, size, share) >= tail
            assert stats.binom.cdf(below + 1, size, share) >= tail


def test_a_small_area_needs_more_to_stand_out():
    limits = smallarea.funnel_limits([50, 500, 5_000, 50_000], 8.2, per=100, confidence=[0.95])
    assert (np.diff(limits["upper"]) < 0).all()
    assert (np.diff(limits["lower"]) > 0).all()
    assert limits["lower"].min() >= 0
    found = smallarea.funnel_class(areas([8, 800], [50, 5_000]), baseline=8.2)
    assert found["funnel_class"].tolist() == ["similar", "much_higher"]


def test_outer_limits_lie_outside_the_inner():
    found = smallarea.funnel_class(areas([8, 800], [50, 5_000]), baseline=8.2)
    assert (found["funnel_outer_upper"] > found["funnel_upper"]).all()
    assert (found["funnel_outer_lower"] <= found["funnel_lower"]).all()


def test_absent_areas_are_not_testable_and_do_not_count():
    frame = areas([8, 800], [50, 5_000])
    frame.loc[0, ["value", "lower", "upper", "numerator", "denominator"]] = np.nan
    frame.loc[0, "status"] = "suppressed"
    before = frame.copy(deep=True)
    found = smallarea.funnel_class(frame)
    assert found["funnel_class"].tolist() == ["not_testable", "similar"]
    assert smallarea.funnel_baseline(frame) == pytest.approx(16.0)
    assert np.isnan(found.loc[0, "funnel_upper"])
    pd.testing.assert_frame_equal(frame, before)


def test_curve_runs_from_the_smallest_to_the_largest_area():
    curve = smallarea.funnel_curve(areas([8, 800], [50, 5_000]), points=20)
    assert len(curve) == 40
    assert curve["denominator"].min() == pytest.approx(50)
    assert curve["denominator"].max() == pytest.approx(5_000)
    assert set(curve["method"]) == {"funnel_binomial"}


def test_nobody_has_it_or_everybody_does():
    limits = smallarea.funnel_limits([10], 0.0, confidence=[0.95]).iloc[0]
    assert (limits["lower"], limits["upper"]) == (0, 0)
    limits = smallarea.funnel_limits([10], 100.0, per=100, confidence=[0.95]).iloc[0]
    assert (limits["lower"], limits["upper"]) == (100, 100)


def test_unclear_input_is_refused():
    frame = areas([8, 800], [50, 5_000])
    with pytest.raises(FrameError, match="column period has several values, such as 2018, 2019"):
        smallarea.funnel_class(frame.assign(period=["2018", "2019"]))
    with pytest.raises(FrameError, match=r"baseline 8\.2 per 1 is not between 0 and 1"):
        smallarea.funnel_limits([10], 8.2)
    with pytest.raises(FrameError, match="denominator is not above zero"):
        smallarea.funnel_limits([10, 0], 0.1)
    with pytest.raises(FrameError, match="method 'wilson'; use one of funnel_binomial"):
        smallarea.funnel_limits([10], 0.1, method="wilson")
    with pytest.raises(FrameError, match="statistic 'index' has no funnel"):
        smallarea.funnel_class(areas([8], [50], kind="index"))
    with pytest.raises(FrameError, match=r"run rates\.analyse first"):
        smallarea.funnel_class(frame.drop(columns=["statistic", "method", "confidence"]))
