"""Goal attainment scaling: forms, T scores, groups, change, and raters of the same goals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim
from sosrake_lib.effects.goals import (
    GOAL_CAVEATS,
    check_goals,
    gas_t_score,
    goal_change,
    goal_summary,
    person_goals,
    rater_agreement,
)
from sosrake_lib.errors import FrameError, SosrakeError

# The same double arithmetic in another order.
ROUNDING = 1e-10


def some_forms(people=40, seed=3):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 5, people)
    person = np.repeat(np.arange(people), sizes)
    rows = len(person)
    return pd.DataFrame(
        {
            "client": person,
            "nr": np.concatenate([np.arange(size) for size in sizes]),
            "importance": rng.integers(1, 4, rows),
            "start": rng.integers(-2, 0, rows),
            "end": rng.integers(-2, 3, rows),
            "place": np.array(list("xyz"))[person % 3],
        }
    )


def checked(forms=None, **options):
    columns = {
        "person": "client",
        "goal": "nr",
        "score": "end",
        "weight": "importance",
        "baseline": "start",
    }
    return check_goals(some_forms() if forms is None else forms, **(columns | options))


def plain_t(scores, weights, rho):
    top = sum(w * x for w, x in zip(weights, scores, strict=True))
    below = (1 - rho) * sum(w * w for w in weights) + rho * sum(weights) ** 2
    return 50 + 10 * top / below**0.5


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6])
def test_t_scores_of_people_against_a_plain_loop(rho):
    forms = some_forms()
    people = person_goals(checked(), rho=rho).people.set_index("person")
    for client, rows in forms.groupby("client"):
        expected = plain_t(rows["end"], rows["importance"], rho)
        assert people.loc[client, "t_score"] == pytest.approx(expected, abs=ROUNDING)
        assert gas_t_score(rows["end"], rows["importance"], rho) == pytest.approx(expected, abs=ROUNDING)
        assert people.loc[client, "t_baseline"] == pytest.approx(
            plain_t(rows["start"], rows["importance"], rho), abs=ROUNDING
        )
        assert people.loc[client, "attained"] == (rows["end"] >= 0).sum()


def test_the_forms_keep_their_rows_and_columns():
    forms = some_forms()
    before = forms.copy()
    found = checked(forms)
    pd.testing.assert_frame_equal(forms, before)
    assert found.columns.tolist() == ["person", "goal", "weight", "baseline", "score", "place"]
    assert len(found) == len(forms)


def test_a_goal_not_rated_leaves_the_t_score_empty_unless_told_otherwise():
    forms = pd.DataFrame(
        {"client": [1, 1, 2], "nr": [1, 2, 1], "importance": 1, "start": -1, "end": [1, np.nan, 0]}
    )
    goals = checked(forms)
    found = person_goals(goals)
    assert found.people["status"].tolist() == ["missing", "ok"]
    assert found.people["goals_rated"].tolist() == [1, 1]
    assert {"goals_not_rated", "people_without_t_score", "number_of_goals_differs"} <= set(found.caveats)
    assert set(GOAL_CAVEATS) <= set(found.caveats)
    told = person_goals(goals, missing="rated_only").people
    assert told["t_score"].tolist() == pytest.approx([60.0, 50.0])
    assert told["t_baseline"].tolist() == pytest.approx([40.0, 40.0])
    assert goal_summary(goals).loc[0, "goals_rated"] == 2


def test_a_goal_of_weight_zero_counts_in_the_share_and_not_in_the_t_score():
    forms = pd.DataFrame(
        {"client": 1, "nr": [1, 2, 3], "importance": [0, 1, 2], "start": -1, "end": [2, -1, 0]}
    )
    found = person_goals(checked(forms)).people.iloc[0]
    assert found["t_score"] == pytest.approx(plain_t([-1, 0], [1, 2], 0.3))
    assert found["share_attained"] == pytest.approx(2 / 3)


levels = st.lists(st.integers(-2, 2), min_size=1, max_size=8)


@settings(max_examples=50, deadline=None)
@given(levels, st.floats(0, 0.9), st.floats(0.1, 20))
def test_t_score_is_symmetric_about_50_and_ignores_the_unit_of_weights(scores, rho, unit):
    weights = np.arange(1, len(scores) + 1, dtype=float)
    plain = gas_t_score(scores, weights, rho)
    assert gas_t_score([-x for x in scores], weights, rho) == pytest.approx(100 - plain)
    assert gas_t_score(scores, unit * weights, rho) == pytest.approx(plain)
    assert gas_t_score(scores[::-1], weights[::-1], rho) == pytest.approx(plain)
    if scores[0] < 2:
        assert gas_t_score([scores[0] + 1, *scores[1:]], weights, rho) > plain
    assert gas_t_score([0] * len(scores), weights, rho) == 50


def test_summary_by_group():
    forms = some_forms()
    goals = checked(forms)
    found = goal_summary(goals, by=("place",)).set_index("place")
    people = person_goals(goals, by=("place",)).people
    for place, rows in people.groupby("place"):
        one = found.loc[place]
        assert one["t_mean"] == pytest.approx(rows["t_score"].mean())
        assert one["t_sd"] == pytest.approx(rows["t_score"].std())
        assert one["t_lower"] < one["t_mean"] < one["t_upper"]
        assert one["t_change_mean"] == pytest.approx(rows["t_change"].mean())
        share = (forms.loc[forms["place"].eq(place), "end"] >= 0).mean()
        assert one["share_attained"] == pytest.approx(share)
        assert one["share_lower"] < share < one["share_upper"]
        assert sum(one[f"share_at_{level}"] for level in range(-2, 3)) == pytest.approx(1)
    assert found["goals"].sum() == len(forms)
    assert goal_summary(goals)["people"].tolist() == [40]


def test_the_interval_of_a_share_counts_people_not_goals():
    """Each goal written down four times says nothing new; counting goals would halve the interval."""
    one = pd.DataFrame({"client": range(30), "nr": 0, "importance": 1, "start": -1, "end": [0, -1, 1] * 10})
    four = pd.concat([one.assign(nr=number) for number in range(4)], ignore_index=True)
    first, second = (goal_summary(checked(forms)).iloc[0] for forms in (one, four))
    for name in ("share_attained", "share_lower", "share_upper"):
        assert first[name] == pytest.approx(second[name])
    same = goal_summary(checked(one.assign(end=0))).iloc[0]
    assert same["share_attained"] == 1 and np.isnan(same["share_lower"])


def test_change_of_goals_is_a_change_and_says_its_limits():
    effect = goal_change(checked(), source="invented")
    people = person_goals(checked()).people
    assert effect.estimate == pytest.approx((people["t_score"] - people["t_baseline"]).mean())
    assert effect.claim is Claim.MUUTOS and effect.method == "gas_t_change"
    assert set(GOAL_CAVEATS) <= set(effect.caveats) and "regression_to_the_mean" in effect.caveats
    other = effect.sensitivity.set_index("analysis")["estimate"]
    # A smaller rho makes T scores spread more, and a change larger.
    assert other["rho_0"] > effect.estimate > other["rho_0.6"]
    with pytest.raises(FrameError, match="no goal has a baseline level"):
        goal_change(checked(baseline=None))


def ratings(first, second):
    goals = np.arange(len(first))
    return pd.DataFrame(
        {
            "person": np.tile(goals, 2),
            "goal": 1,
            "rater": np.repeat(["worker", "client"], len(first)),
            "score": [*first, *second],
        }
    )


def test_raters_who_agree_and_who_differ_by_one():
    first = [-2, -1, 0, 1, 2, 0]
    same = rater_agreement(ratings(first, first))
    assert (same.icc, same.kappa, same.exact, same.verdict) == (1.0, 1.0, 1.0, "good")
    # A rater a whole step higher is no agreement of levels, though the order is the same.
    higher = rater_agreement(ratings([-2, -1, 0, 1, -2, 0], [-1, 0, 1, 2, -1, 1]))
    assert higher.icc < 0.9 and higher.exact == 0
    assert higher.lower <= higher.icc <= higher.upper
    gap = rater_agreement(ratings([*first, 1], [*first, np.nan]))
    assert gap.left_out == 1 and gap.goals == 6


def test_raters_that_cannot_be_compared():
    with pytest.raises(FrameError, match="one rater only"):
        rater_agreement(ratings([0, 1, 2], [0, 1, 2]).iloc[:3])
    with pytest.raises(FrameError, match="2 goals were rated by all raters"):
        rater_agreement(ratings([0, 1], [0, 1]))
    with pytest.raises(FrameError, match="every rating is 0"):
        rater_agreement(ratings([0, 0, 0], [0, 0, 0]))
    twice = pd.concat([ratings([0, 1, 2], [0, 1, 2])] * 2)
    with pytest.raises(FrameError, match="person 0, goal 1, rater 'worker' stands on two rows"):
        rater_agreement(twice)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"end": 3}, {}, "column 'end', row 0 is 3; expected a whole level from -2"),
        ({"end": 0.5}, {}, "column 'end', row 0 is 0.5"),
        ({"start": -3}, {}, "column 'start', row 0 is -3"),
        ({"importance": -1}, {}, "column 'importance', row 0 is -1; expected a weight of 0 or more"),
        ({"importance": np.nan}, {}, "column 'importance', row 0 is empty"),
        ({"importance": 0}, {}, "the weights of client 0 are all 0"),
        ({"nr": 1}, {}, "stands on two rows"),
        ({"nr": None}, {}, "row 0 names no client or nr"),
        ({}, {"score": "level"}, "column 'level' is missing"),
        ({}, {"lowest": -5}, "lowest -5; expected -2, or -3"),
        ({"end": "good"}, {}, "column 'end' holds what is not a number"),
    ],
)
def test_faulty_forms_are_refused(change, options, message):
    with pytest.raises(SosrakeError, match=message):
        checked(some_forms().assign(**change), **options)


def test_faulty_options_are_refused():
    for rho in (-0.1, 1.0):
        with pytest.raises(SosrakeError, match="expected a correlation from 0 to below 1"):
            gas_t_score([0, 1], rho=rho)
    with pytest.raises(SosrakeError, match="missing 'drop'; expected one of missing, rated_only"):
        person_goals(checked(), missing="drop")
    with pytest.raises(SosrakeError, match="2 scores and 1 weights"):
        gas_t_score([0, 1], [1])
    with pytest.raises(SosrakeError, match="score 4; expected a level from -2 to 2"):
        gas_t_score([4])
    with pytest.raises(SosrakeError, match="expected 0 or more, one above 0"):
        gas_t_score([1, 0], [0, 0])
    assert np.isnan(gas_t_score([np.nan], missing="rated_only"))
    wandering = checked().assign(place=np.arange(len(some_forms())).astype(str))
    with pytest.raises(FrameError, match="has goals with different place"):
        goal_summary(wandering, by=("place",))
    assert checked(some_forms().assign(end=-3), lowest=-3)["score"].eq(-3).all()
