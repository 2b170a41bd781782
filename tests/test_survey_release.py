"""Answers on a scale through the gate: the points of an item add up to those who answered it.

Rows come from `scales.distribution` as they are; nothing is withheld or merged before the release.
"""

from __future__ import annotations

import pandas as pd
import pytest

from sosrake_lib import protect
from sosrake_lib.indicators import rates, scales
from sosrake_lib.protect.audit import Target, audit, exact

PLACE = scales.Place("hva", "E1", 2026, "2020", "synthetic")
MINIMUM = 5
SCALE = (1, 2, 3, 4, 5)


def answers(counts, item="verkostot", organisation="A", first=0):
    """Make so many answers to each point of the scale."""
    given = [point for point, count in zip(SCALE, counts, strict=True) for _ in range(count)]
    people = [f"V{first + number}" for number in range(len(given))]
    return pd.DataFrame({"respondent": people, "item": item, "answer": given, "organisation": organisation})


def released(frame, **other):
    part = protect.part(frame.drop(columns=["not_answered"]), "vakio")
    made = protect.release({"vastaukset": part}, name="koe", **{"preview": True, **other})
    return protect.protected_frame(made.select("vastaukset"))


def attack(shown, people):
    """Reckon as a reader who knows how many answered each item of each group (group "all" is everyone)."""
    groups = sorted(set(shown["group"]) - {"all"}) or ["all"]
    items = sorted(set(shown["item"]))
    cell = {
        key: number
        for number, key in enumerate(
            (i, g, p) for i in items for g in groups for p in sorted(set(shown["point"]))
        )
    }
    statements, targets = [], []
    for row in shown.itertuples():
        inner = [cell[row.item, g, row.point] for g in (groups if row.group == "all" else [row.group])]
        if row.status == "ok":
            statements.append(exact(inner, row.numerator))
        else:
            targets.append(Target(f"{row.item} {row.group} {row.point}", tuple(inner), MINIMUM))
    for (item, group), count in people.items():
        inner = [cell[i, g, p] for i, g, p in cell if i == item and group in (g, "all")]
        statements.append(exact(inner, count))
    return audit(len(cell), statements, targets)


@pytest.mark.parametrize("place", range(5))
def test_a_lone_small_point_takes_another_with_it(place):
    counts = [12, 14, 16, 18, 20]
    counts[place] = 2
    shown = released(scales.distribution(answers(counts), SCALE, PLACE))
    hidden = shown.loc[shown["status"] == "suppressed"]
    assert SCALE[place] in set(hidden["point"])
    assert len(hidden) >= 2
    assert hidden[["value", "numerator", "denominator"]].isna().all(axis=None)
    found = attack(shown, {("verkostot", "all"): sum(counts)})
    assert (found["status"] == "protected").all(), found


def test_analysed_shares_hide_their_limits_too():
    counted = scales.distribution(answers([2, 12, 20, 18, 12]), SCALE, PLACE)
    shown = released(rates.proportion(counted))
    hidden = shown.loc[shown["status"] == "suppressed"]
    assert len(hidden) >= 2
    assert hidden[["value", "lower", "upper"]].isna().all(axis=None)


def test_organisations_and_everyone_are_reckoned_together():
    by_organisation = {"A": [2, 20, 20, 20, 15], "B": [9, 18, 15, 12, 14]}
    rows = pd.concat(
        answers(counts, organisation=name, first=1000 * number)
        for number, (name, counts) in enumerate(by_organisation.items())
    )
    shown = released(scales.distribution(rows, SCALE, PLACE, by="organisation"))
    people = {("verkostot", name): sum(counts) for name, counts in by_organisation.items()}
    found = attack(shown, people)
    assert len(found) >= 4, "a small cell of one organisation and one point needs a rectangle"
    assert (found["status"] == "protected").all(), found


def test_items_do_not_hide_each_other():
    rows = pd.concat([answers([2, 12, 20, 18, 12]), answers([8, 12, 14, 18, 12], item="media")])
    shown = released(scales.distribution(rows, SCALE, PLACE))
    assert (shown.loc[shown["item"] == "media", "status"] == "ok").all()


def test_a_point_marked_hidden_by_its_maker_is_not_left_alone():
    """A recipe that hides one class itself must not leave it as everyone minus the others."""
    counted = scales.distribution(answers([2, 12, 20, 18, 12]), SCALE, PLACE)
    alone = counted["point"] == 1
    counted.loc[alone, ["value", "numerator", "denominator"]] = float("nan")
    counted.loc[alone, "status"] = "suppressed"
    shown = released(counted)
    assert (shown["status"] == "suppressed").sum() >= 2
    found = attack(shown, {("verkostot", "all"): 64})
    assert (found["status"] == "protected").all(), found


def test_the_next_release_does_not_show_what_the_first_one_hid(tmp_path):
    counted = scales.distribution(answers([2, 12, 20, 18, 12]), SCALE, PLACE)
    folders = {"preview": False, "home": tmp_path / "home", "folder": tmp_path / "releases"}
    first, again = released(counted, **folders), released(counted, **folders)
    assert first["status"].tolist() == again["status"].tolist()
