"""Importance against performance: quadrants that flip, reach, need, response with a finite staff."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import importance, intervals, scales
from sosrake_lib.indicators.scales import Place

HERE = Place("hva", "E1", 2026, "2020", "synthetic")


def survey(people=40, seed=1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    truth = {"vaikuttaminen": (4, 2), "viestinta": (4, 4), "verkostot": (2, 2), "mittarit": (3, 4)}
    parts = []
    for item, (important, skilled) in truth.items():
        given = [np.clip(middle + random.integers(-1, 2, people), 1, 5) for middle in (important, skilled)]
        rows = {"respondent": np.arange(people), "item": item, "importance": given[0], "skill": given[1]}
        parts.append(pd.DataFrame(rows | {"need": random.integers(1, 6, people)}))
    return pd.concat(parts, ignore_index=True).astype({"importance": "float64", "skill": "float64"})


def test_quadrants_at_midpoint_and_at_means_and_which_flip():
    found = importance.quadrants(survey(), HERE, midpoint=3).set_index("indicator")
    plain = scales.gap(survey(), HERE).set_index("indicator")
    pd.testing.assert_frame_equal(found[plain.columns], plain)
    assert found.loc["vaikuttaminen", "quadrant_at_midpoint"] == "concentrate_here"
    assert found.loc["viestinta", "quadrant_at_means"] == "keep_up"
    assert found.loc["verkostot", "quadrant_at_midpoint"] == "low_priority"
    assert found["importance_line"].iloc[0] == pytest.approx(found["importance"].mean())
    flips = found["quadrant_at_midpoint"] != found["quadrant_at_means"]
    assert found["quadrant_flips"].tolist() == flips.tolist()
    assert set(found["quadrant_at_means"]) <= set(importance.QUADRANTS)
    # An item on a line counts as high.
    on_line = pd.DataFrame(
        {
            "respondent": [1, 2] * 2,
            "item": ["a", "a", "b", "b"],
            "importance": [3, 3, 1, 1],
            "skill": [3, 3, 5, 5],
        }
    )
    edge = importance.quadrants(on_line, HERE, midpoint=3).set_index("indicator")
    assert edge["quadrant_at_midpoint"].to_dict() == {"a": "keep_up", "b": "possible_overkill"}
    assert edge["quadrant_flips"].to_dict() == {"a": True, "b": False}
    with pytest.raises(FrameError, match="midpoint nan; give the middle"):
        importance.quadrants(survey(), HERE, midpoint=float("nan"))


def test_listwise_keeps_those_who_answered_everything():
    answers = survey()
    answers.loc[answers["item"].eq("media") | (answers.index == 3), "skill"] = np.nan
    pairwise = scales.gap(answers, HERE).set_index("indicator")
    listwise = scales.gap(answers, HERE, missing="listwise").set_index("indicator")
    assert pairwise["denominator"].to_dict() == dict.fromkeys(pairwise.index, 40.0) | {"vaikuttaminen": 39.0}
    assert set(listwise["denominator"]) == {39.0}
    whole = answers[answers["respondent"] != 3]
    other = scales.gap(whole, HERE).set_index("indicator")
    assert listwise["value"].to_dict() == pytest.approx(other["value"].to_dict())
    with pytest.raises(FrameError, match="missing 'none'; use one of pairwise, listwise"):
        scales.gap(answers, HERE, missing="none")
    lost = answers.assign(
        skill=answers["skill"].where(answers["respondent"] % 4 != answers.groupby("item").ngroup())
    )
    with pytest.raises(FrameError, match="nobody answered both scales of every item; use missing='pairwise'"):
        scales.gap(lost, HERE, missing="listwise")


def test_reach_in_a_finite_staff():
    answers = survey()
    found = importance.reach(answers, HERE, confidence=(0.9, 0.95))
    assert frames.is_analysed(found) and len(found) == 8 and set(found["method"]) == {"wilson"}
    row = found[(found["indicator"] == "vaikuttaminen") & (found["confidence"] == 0.95)].iloc[0]
    mine = answers[answers["item"] == "vaikuttaminen"]
    assert row["numerator"] == (mine["importance"] - mine["skill"] >= 1).sum()
    limits = intervals.wilson(row["numerator"], 40)
    assert (row["lower"], row["upper"]) == pytest.approx((100 * limits.lower, 100 * limits.upper))
    staff = importance.reach(answers, HERE, population=60).set_index("indicator").loc["vaikuttaminen"]
    factor = 59 / 20
    finite = intervals.wilson(row["numerator"] * factor, 40 * factor)
    assert (staff["lower"], staff["upper"]) == pytest.approx((100 * finite.lower, 100 * finite.upper))
    census = importance.reach(answers, HERE, population=40)
    assert census["lower"].tolist() == pytest.approx(census["value"].tolist())
    with pytest.raises(FrameError, match="population 10 is smaller than the 40"):
        importance.reach(answers, HERE, population=10)
    with pytest.raises(FrameError, match="nobody answered both"):
        importance.reach(answers.assign(skill=np.nan), HERE)


def test_need_weighs_the_gap_by_respondents_or_by_means():
    answers = survey()
    answers.loc[0, "need"] = np.nan
    found = importance.need(answers, HERE).set_index("indicator")
    kept = answers.dropna()
    product = (kept["importance"] - kept["skill"]) * kept["need"]
    expected = product.groupby(kept["item"]).mean()
    assert found["value"].to_dict() == pytest.approx(expected.to_dict())
    assert found["denominator"].to_dict()["vaikuttaminen"] == 39
    assert ((found["lower"] <= found["value"]) & (found["value"] <= found["upper"])).all()
    by_means = importance.need(answers, HERE, of="means")
    assert by_means["value"].tolist() == pytest.approx((by_means["gap"] * by_means["need"]).tolist())
    assert importance.need(answers, HERE, method="bootstrap_bca")["value"].is_monotonic_decreasing
    pd.testing.assert_frame_equal(importance.need(answers, HERE), importance.need(answers, HERE))
    with pytest.raises(FrameError, match="column need is missing"):
        importance.need(answers.drop(columns="need"), HERE)
    with pytest.raises(FrameError, match="of 'sums'; use one of respondents, means"):
        importance.need(answers, HERE, of="sums")
    with pytest.raises(FrameError, match="has no BCa interval"):
        importance.need(answers, HERE, of="means", method="bootstrap_bca")
    with pytest.raises(FrameError, match="fewer than two respondents"):
        importance.need(answers[answers["respondent"] == 1], HERE)


def test_response_by_organisation():
    answered = pd.DataFrame({"organisation": ["A"] * 6 + ["B"] * 2})
    asked = pd.DataFrame({"organisation": ["A", "B", "C"], "staff": [10, 8, 5]})
    found = importance.response(answered, asked, HERE, by="organisation").set_index("group")
    assert found["value"].to_dict() == pytest.approx({"all": 800 / 23, "A": 60.0, "B": 25.0, "C": 0.0})
    assert found["not_answered"].to_dict() == {"all": 15.0, "A": 4.0, "B": 6.0, "C": 5.0}
    # 100 · 1.96 · √(0.25 / 6 · 4 / 9)
    assert found.loc["A", "margin"] == pytest.approx(26.6718, abs=1e-4)
    assert found.loc["A", "finite_correction"] == pytest.approx(0.4**0.5)
    assert np.isnan(found.loc["C", "margin"]) and found.loc["B", "weight"] == 4.0
    for respondents, staff, message in (
        (answered, asked.assign(staff=[5, 8, 5]), "organisation 'A' has staff 5 and 6 respondents"),
        (answered, asked.iloc[:1], "organisation 'B' of a respondent is not in staff"),
        (answered, pd.concat([asked, asked]), "'A' stands twice in staff"),
        (answered, asked.rename(columns={"staff": "n"}), "column staff is missing from staff"),
        (answered.assign(organisation=None), asked, "organisation empty of a respondent"),
    ):
        with pytest.raises(FrameError, match=message):
            importance.response(respondents, staff, HERE, by="organisation")


@settings(max_examples=25, deadline=None)
@given(some.integers(0, 10_000), some.integers(3, 30), some.floats(-3, 3))
def test_reach_is_a_share_that_holds_its_interval_and_falls_with_the_gap_asked_for(seed, people, gap):
    answers = survey(people, seed)
    found = importance.reach(answers, HERE, at_least=gap).set_index("indicator")
    assert found["value"].between(0, 100).all()
    assert ((found["lower"] <= found["value"] + 1e-9) & (found["value"] <= found["upper"] + 1e-9)).all()
    wider = importance.reach(answers, HERE, at_least=gap + 0.5).set_index("indicator")
    assert (wider["value"] <= found["value"].reindex(wider.index)).all()
    mixed = importance.reach(answers.sample(frac=1, random_state=seed), HERE, at_least=gap)
    pd.testing.assert_series_equal(
        mixed.set_index("indicator")["value"].sort_index(), found["value"].sort_index()
    )


def test_no_confidence_at_all_is_refused_in_words():
    with pytest.raises(FrameError, match="expected different shares between 0 and 1"):
        importance.reach(survey(), HERE, confidence=())
