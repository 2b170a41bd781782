"""Funnels: limits against the distributions, classes, one family at a time (public figures: reference)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import overdispersion, rates, smallarea


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


def test_normal_limits_of_a_rate_come_close_to_the_exact_ones():
    sizes = [1e4, 1e6]
    exact = smallarea.funnel_limits(sizes, 0.02, confidence=[0.95], method="funnel_poisson")
    normal = smallarea.funnel_limits(sizes, 0.02, confidence=[0.95], method="funnel_poisson_normal")
    half = 1.959963985 * np.sqrt(0.02 / np.array(sizes))
    assert normal["upper"].to_numpy() == pytest.approx(0.02 + half, rel=1e-9)
    assert normal["lower"].to_numpy() == pytest.approx(exact["lower"].to_numpy(), rel=0.02)
    assert smallarea.funnel_limits(10, 0.02, method="funnel_poisson_normal")["lower"].tolist() == [0, 0]


@pytest.mark.parametrize("tail", [0.025, 0.975, 0.001, 0.999])
def test_quick_inversion_gives_the_tail_back(tail):
    level = 1 - 2 * min(tail, 1 - tail)
    sizes, share = np.array([20_000.0, 3e5, 2.6e6]), 0.0821
    found = smallarea.funnel_limits(sizes, share, confidence=[level], method="funnel_binomial")
    side = found["lower"] if tail < 0.5 else found["upper"]
    count = side.to_numpy() * sizes - (tail > 0.5)
    # The binomial distribution function between whole counts is a beta tail.
    assert stats.beta.cdf(1 - share, sizes - count, count + 1) == pytest.approx(tail, rel=1e-6)
    counts = smallarea.funnel_limits(sizes, share, confidence=[level], method="funnel_poisson")
    count = (counts["lower"] if tail < 0.5 else counts["upper"]).to_numpy() * sizes - (tail > 0.5)
    assert stats.gamma.sf(sizes * share, count + 1) == pytest.approx(tail, rel=1e-6)


def test_sizes_at_which_a_count_lies_on_the_limit():
    found = smallarea.funnel_sizes([0, 5], 8.0, per=1_000, years=3, confidence=[0.95])
    # On the lower limit the chance of so few is 2.5 %, on the upper that of so many.
    assert stats.poisson.cdf([0, 5], found["lower_expected"]) == pytest.approx(0.025)
    assert stats.poisson.sf(4, found["upper_expected"][1]) == pytest.approx(0.025)
    assert found["upper_expected"][0] == 0
    assert np.isnan(found["upper"][0])
    sizes = found["lower_size"] * 3 * 8 / 1_000
    assert sizes.tolist() == pytest.approx(found["lower_expected"].tolist())
    assert found["lower"][1] == pytest.approx(1_000 * 5 / (3 * found["lower_size"][1]))


def test_overdispersion_by_hand():
    # z = -3, -1, 1, 3: phi 5; weights 1: tau2 = (4*5 - 3)/(4 - 1) = 17/3.
    found = overdispersion.estimate_overdispersion([1, 3, 5, 7], 1, 4, winsorise=0)
    assert (found.phi, found.tau2) == (5, pytest.approx(17 / 3))
    # A fifth of each end drawn in: linear quantiles of -3, -1, 0, 1, 3 at 0.2 and 0.8 are -1.4 and 1.4.
    drawn_in = overdispersion.estimate_overdispersion([-3, -1, 0, 1, 3], 1, 0, winsorise=0.2)
    assert drawn_in.phi == pytest.approx((2 * 1.4**2 + 2) / 5)
    calm = overdispersion.estimate_overdispersion([4, 4.1, 3.9], 1, 4)
    assert calm.tau2 == 0


def test_overdispersed_limits_are_wider_around_the_same_baseline():
    frame = areas([30, 900, 2_000, 2_500, 90], [500, 9_000, 16_000, 40_000, 1_500])
    plain = smallarea.funnel_class(frame, 8.0, method="funnel_normal")
    times = smallarea.funnel_class(frame, 8.0, method="funnel_normal", overdispersion="multiplicative")
    added = smallarea.funnel_class(frame, 8.0, method="funnel_normal", overdispersion="additive")
    error = 100 * np.sqrt(0.08 * 0.92 / frame["denominator"])
    z = (frame["value"] - 8) / error
    phi = np.mean(np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2)
    assert times["funnel_phi"].to_numpy() == pytest.approx(phi)
    wide = times["funnel_upper"] - 8
    assert wide.to_numpy() == pytest.approx(((plain["funnel_upper"] - 8) * np.sqrt(phi)).to_numpy())
    tau2 = added["funnel_tau2"][0]
    wide = 1.959964 * np.sqrt(error**2 + tau2)
    assert (added["funnel_upper"] - 8).to_numpy() == pytest.approx(wide.to_numpy(), rel=1e-6)
    assert plain["funnel_class"].tolist() != times["funnel_class"].tolist()
    assert set(added["funnel_overdispersion"]) == {"additive"}
    assert not {"funnel_phi", "funnel_overdispersion"} & set(plain)
    curve = smallarea.funnel_curve(frame, 8.0, overdispersion="multiplicative", points=3)
    calm = smallarea.funnel_curve(frame, 8.0, points=3)
    assert (curve["upper"] > calm["upper"]).all()


def test_families_are_classed_in_one_call_as_one_by_one():
    first = areas([30, 900, 2_000], [500, 9_000, 16_000], sex="female")
    other = areas([80, 500, 900], [500, 9_000, 16_000], sex="male", per=1_000.0)
    both = pd.concat([first, other], ignore_index=True).sample(frac=1, random_state=3)
    for options in ({}, {"overdispersion": "additive"}):
        found = smallarea.funnel_class(both, by=["indicator", "sex"], **options)
        for one in (first, other):
            alone = smallarea.funnel_class(one, **options)
            mine = found.loc[found["sex"] == alone["sex"][0]].sort_values("region_code")
            assert mine["funnel_class"].tolist() == alone["funnel_class"].tolist()
            assert mine["funnel_outer_upper"].tolist() == pytest.approx(alone["funnel_outer_upper"].tolist())
    with pytest.raises(FrameError, match="column sex has several values"):
        smallarea.funnel_class(both, by=["indicator"])


def test_observed_over_expected_needs_its_baseline():
    frame = areas([159, 150, 300], [232.9, 119.6, 290.0], kind="ratio")
    with pytest.raises(FrameError, match="statistic ratio has no pooled level; give baseline="):
        smallarea.funnel_class(frame)
    found = smallarea.funnel_class(frame, baseline=100)
    assert found["funnel_class"].tolist() == ["much_lower", "higher", "similar"]
    assert set(found["funnel_method"]) == {"funnel_poisson"}
    names = smallarea.phe_significance(found["funnel_class"])
    assert names == ["Low (0.001)", "High (0.025)", "Not significant"]


def test_areas_of_two_kinds_or_origins_are_not_pooled():
    frame = areas([8, 800], [50, 5_000])
    with pytest.raises(FrameError, match="column region_level has several values, such as hva, yta"):
        smallarea.funnel_class(frame.assign(region_level=["hva", "yta"]))
    with pytest.raises(FrameError, match="mixes synthetic and real rows"):
        smallarea.funnel_class(frame.assign(origin=["own", "synthetic"]))
    with pytest.raises(FrameError, match="no row has a value, a numerator and a denominator"):
        smallarea.funnel_baseline(frame.assign(status="missing", value=np.nan))


def test_unclear_overdispersion_is_refused():
    frame = areas([8, 800], [50, 5_000])
    with pytest.raises(FrameError, match="overdispersion 'much'; use one of none"):
        smallarea.funnel_class(frame, overdispersion="much")
    with pytest.raises(FrameError, match=r"tyottomyysaste 2019: .*2 area\(s\); .* needs at least 3"):
        smallarea.funnel_class(frame, overdispersion="additive")
    with pytest.raises(SosrakeError, match=r"winsorise 0\.5; expected a share"):
        overdispersion.estimate_overdispersion([1, 2, 3], 1, 2, winsorise=0.5)
    with pytest.raises(SosrakeError, match="a standard error is not above zero"):
        overdispersion.estimate_overdispersion([1, 2, 3], 0, 2)
    with pytest.raises(SosrakeError, match="an observed count is negative"):
        smallarea.funnel_sizes([-1])
    with pytest.raises(SosrakeError, match="baseline, per and years are above zero"):
        smallarea.funnel_sizes([1], 0)
    with pytest.raises(FrameError, match="column numerator: -8"):
        smallarea.funnel_class(frame.assign(numerator=[-8.0, 800]))
    with pytest.raises(SosrakeError, match="no area has counts; give `baseline`"):
        smallarea.area_classes([np.nan], [10])


def test_arrays_are_classed_as_frames_are():
    numerators, denominators = [30, 900, 2_000, 2_500], [500, 9_000, 16_000, 40_000]
    found = smallarea.funnel_class(areas(numerators, denominators), method="funnel_binomial")
    arrays = smallarea.area_classes(numerators, denominators, method="funnel_binomial")
    assert arrays.tolist() == found["funnel_class"].tolist()
    assert smallarea.implied_denominator([10, 5], [20, 0], 100).tolist() == pytest.approx(
        [50, np.nan], nan_ok=True
    )


@settings(max_examples=40, deadline=None)
@given(st.floats(20, 1e6), st.floats(0.001, 0.999), st.sampled_from(smallarea.METHODS))
def test_limits_hold_the_baseline_and_narrow_with_size(size, share, method):
    found = smallarea.funnel_limits([size, 4 * size], share, method=method)
    assert (found["lower"] <= share + 1e-12).all()
    assert (found["upper"] >= share - 1e-12).all()
    width = (found["upper"] - found["lower"]).to_numpy().reshape(2, 2)
    assert (width[:, 1] <= width[:, 0] + 1e-12).all()
    assert (width[1] >= width[0] - 1e-12).all()
