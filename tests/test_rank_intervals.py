"""Rank intervals for research: probabilities against integrals, whom the frames are for, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import rank_intervals, rates


def areas(numerators, denominators, **columns) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "indicator": "tyottomyysaste",
            "region_level": "hva",
            "region_code": [f"A{number}" for number in range(len(numerators))],
            "borders": 2026,
            "period": "2020",
            "per": 100.0,
            "numerator": np.array(numerators, float),
            "denominator": np.array(denominators, float),
            "status": "ok",
            "origin": "synthetic",
        }
    )
    frame["value"] = 100 * frame["numerator"] / frame["denominator"]
    return frame.assign(**columns)


def test_two_areas_of_three_agree_with_the_beta_integral():
    frame = rates.analyse(areas([30, 24, 1], [100, 100, 1_000]), {"tyottomyysaste": "proportion"})
    found = rank_intervals.rank_intervals(frame, draws=40_000, seed=3).areas
    first, second = stats.beta(30.5, 70.5), stats.beta(24.5, 76.5)
    above = integrate.quad(lambda x: first.pdf(x) * second.cdf(x), 0, 1, limit=200)[0]
    # Four standard errors of a share of 40 000 draws.
    assert found["probability_highest"][0] == pytest.approx(above, abs=4 * np.sqrt(0.25 / 40_000))
    assert found["probability_lowest"].tolist() == pytest.approx([0, 0, 1])
    assert found["rank_lower"].tolist() == [1, 1, 3]
    assert found["rank_upper"].tolist() == [2, 2, 3]
    assert found["rank_overlaps"].tolist() == [1, 1, 0]
    assert set(found["rank_method"]) == {"rank_from_counts"}


def test_normal_draws_agree_with_the_normal_integral():
    frame = areas([1, 1, 1], [10, 10, 10]).assign(value=[10.0, 9.0, -50.0], standard_error=[1.0, 1.0, 1.0])
    found = rank_intervals.rank_intervals(frame, source="standard_error", draws=40_000).areas
    wanted = stats.norm.cdf(1 / np.sqrt(2))
    assert found["probability_highest"][0] == pytest.approx(wanted, abs=0.01)
    limits = frame.drop(columns="standard_error").assign(
        lower=frame["value"] - 1.959964, upper=frame["value"] + 1.959964
    )
    same = rank_intervals.rank_intervals(limits, source="interval", draws=40_000).areas
    assert same["probability_highest"][0] == pytest.approx(wanted, abs=0.01)
    assert set(same["rank_method"]) == {"rank_from_normal"}


def test_rates_are_drawn_from_gamma_distributions():
    frame = rates.analyse(areas([3, 9, 200], [100, 100, 100]), {"tyottomyysaste": "rate"})
    found = rank_intervals.rank_intervals(frame, draws=20_000).areas
    assert found["probability_highest"].tolist() == [0, 0, 1]


def test_every_frame_says_it_is_for_research():
    frame = areas([30, 24, 1, 5], [100, 100, 1_000, 0])
    frame.loc[3, "status"], frame.loc[3, ["value", "numerator"]] = "suppressed", np.nan
    before = frame.copy(deep=True)
    found = rank_intervals.rank_intervals(frame, draws=1_000)
    pd.testing.assert_frame_equal(frame, before)
    assert set(found.areas["audience"]) == set(found.order["audience"]) == {"research"}
    one = found.order.iloc[0]
    assert (one["areas_used"], one["areas_expected"], one["pairs"]) == (3, 4, 3)
    assert (one["pairs_certain"], one["share_certain"]) == (2, pytest.approx(2 / 3))
    assert one["ranks_overlap"]
    assert np.isnan(found.areas["rank_median"][3])
    assert found.areas["rank_method"][3] == ""


def test_the_seed_decides_and_families_are_apart():
    frame = areas([30, 24, 1], [100, 100, 1_000])
    both = pd.concat([frame, frame.assign(period="2021")], ignore_index=True)
    found = rank_intervals.rank_intervals(both, draws=500, seed=9)
    again = rank_intervals.rank_intervals(both, draws=500, seed=9)
    pd.testing.assert_frame_equal(found.areas, again.areas)
    assert found.order["period"].tolist() == ["2020", "2021"]
    assert found.order["pairs"].tolist() == [3, 3]


def test_ranks_equal_those_of_scipy():
    draws = np.random.default_rng(1).normal(size=(200, 6))
    found = rank_intervals.simulated_ranks(draws, k=2)
    ranks = stats.rankdata(-draws, axis=1)
    assert found.median == pytest.approx(np.median(ranks, axis=0))
    assert found.highest == pytest.approx((ranks <= 2).mean(axis=0))
    assert found.above[1, 4] == pytest.approx((draws[:, 1] > draws[:, 4]).mean())


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (areas([1, 2], [10, 10]), {}, r"has 2 area\(s\) with a level and its uncertainty"),
        (areas([1, 2, 3], [10, 10, 10]), {"source": "guess"}, "source 'guess'; use one of auto"),
        (areas([1, 2, 3], [10, 10, 10]), {"source": "standard_error"}, "needs column standard_error"),
        (areas([1, 2, -3], [10, 10, 10]), {}, r"row 3 \(tyottomyysaste hva A2\): numerator -3"),
        (areas([1, 2, 3], [10, 10, 0], value=1.0), {}, "denominator 0; expected counts"),
        (areas([1, 2, 3], [10, 10, 10]), {"k": 3}, "k 3; expected 1 to 2"),
        (areas([1, 2, 3], [10, 10, 10]), {"draws": 10}, "draws 10; expected at least 100"),
        (areas([1, 2, 3], [10, 10, 10]), {"confidence": 95}, "confidence 95; expected a share"),
    ],
)
def test_unclear_input_is_refused(frame, options, message):
    with pytest.raises(SosrakeError, match=message):
        rank_intervals.rank_intervals(frame, **options)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=3, max_size=8), st.integers(1, 2))
def test_probabilities_are_shares_of_k_places(numerators, k):
    found = rank_intervals.rank_intervals(areas(numerators, [100] * len(numerators)), draws=200, k=k).areas
    assert found["probability_highest"].sum() == pytest.approx(k)
    assert found["probability_lowest"].sum() == pytest.approx(k)
    assert (found["rank_lower"] <= found["rank_median"] + 0.5).all()
    assert (found["rank_median"] <= found["rank_upper"] + 0.5).all()
    assert found["rank_lower"].min() >= 1
    assert found["rank_upper"].max() <= len(numerators)
