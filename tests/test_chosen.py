"""How sure a chosen difference is: p-values of intervals, and Holm's correction within each area."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from sosrake_lib.indicators.chosen import chosen_from, implied_p

AREA = {"region_level": "kunta", "difference_confidence": 0.95}


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.998])
def test_an_interval_gives_back_the_p_it_was_made_of(confidence):
    for p in (0.5, 0.04, 0.003):
        error = 2.0 / norm.isf(p / 2)
        half = norm.isf((1 - confidence) / 2) * error
        # the far end is another's business: intervals of shares are not even
        assert implied_p(2.0, 2.0 - half, 9.0, confidence) == pytest.approx(p)
        assert implied_p(-2.0, -9.0, half - 2.0, confidence) == pytest.approx(p)


def test_no_difference_and_no_width():
    assert implied_p([0.0, 1.0], [-1.0, 1.0], [1.0, 1.0], 0.95).tolist() == [1.0, 0.0]


def test_each_area_is_corrected_for_its_own_differences():
    ends = [(2.0, 0.1), (2.0, 1.5), (1.0, -1.0), (2.0, 0.1)]
    rows = pd.DataFrame(
        [
            {**AREA, "region_code": code, "difference": d, "difference_lower": low, "difference_upper": 9.0}
            for code, (d, low) in zip(("297", "297", "297", "749"), ends, strict=True)
        ],
        index=[7, 3, 5, 1],
    )
    found = chosen_from(rows)
    assert found.index.tolist() == [7, 3, 5, 1]
    assert found["chosen_from"].tolist() == [3, 3, 3, 1]
    p = [2 * norm.sf(d / (d - low) * norm.isf(0.025)) for d, low in ends]
    assert found["chosen_p_value"].to_numpy() == pytest.approx([2 * p[0], 3 * p[1], p[2], p[3]])


def test_chance_alone_is_rarely_called_sure_when_the_clearest_is_chosen():
    """Of areas without any difference, about 5 per cent at the most have a chosen p below 0.05."""
    draws = np.random.default_rng(20261123).normal(size=(2_000, 5))
    rows = pd.DataFrame(
        {
            **AREA,
            "region_code": np.repeat([f"{place:04d}" for place in range(len(draws))], 5),
            "difference": draws.ravel(),
            "difference_lower": draws.ravel() - norm.isf(0.025),
            "difference_upper": draws.ravel() + norm.isf(0.025),
        }
    )
    smallest = chosen_from(rows)["chosen_p_value"].groupby(rows["region_code"]).min()
    bare = implied_p(rows["difference"], rows["difference_lower"], rows["difference_upper"], 0.95)
    assert (smallest < 0.05).mean() < 0.065
    assert (bare.reshape(-1, 5).min(axis=1) < 0.05).mean() > 0.2


def test_no_rows_give_no_rows():
    empty = pd.DataFrame({key: [] for key in (*AREA, "region_code")}).assign(
        difference=[], difference_lower=[], difference_upper=[]
    )
    assert chosen_from(empty).empty
