"""The hash of the figures beneath a text, as an attacker would use it: nothing hidden is in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from sosrake_lib import protect
from sosrake_lib.batch import hand_files, hand_texts
from sosrake_lib.batch.hand_files import Entry

ENTRY = Entry("Ryhmää jatketaan.", "johtava sosiaalityöntekijä", date(2026, 5, 18))
WHOLE = ("hva", "E1")
# Two municipalities by two classes; the small cell, its neighbours and the fourth cell are hidden.
TRUE = {
    "E01": {"a": 3, "b": 40, "c": 90},
    "E02": {"a": 50, "b": 60, "c": 80},
    "E03": {"a": 70, "b": 75, "c": 85},
}


def shifted(by: int) -> dict[str, dict[str, int]]:
    """Move people round the square of hidden cells: every margin stays."""
    moved = {code: dict(row) for code, row in TRUE.items()}
    for code, group, sign in (("E01", "a", 1), ("E01", "b", -1), ("E02", "a", -1), ("E02", "b", 1)):
        moved[code][group] += sign * by
    return moved


def parts(counts: dict[str, dict[str, int]]) -> dict[str, protect.Part]:
    lines = [("kunta", code, group, value) for code, row in counts.items() for group, value in row.items()]
    table = pd.DataFrame(lines, columns=["region_level", "region_code", "group", "value"])
    by_class = table.groupby("group", as_index=False)["value"].sum()
    table = pd.concat([table, by_class.assign(region_level=WHOLE[0], region_code=WHOLE[1])])
    whole = table.groupby(["region_level", "region_code"], as_index=False)["value"].sum().assign(group="all")
    rows = pd.concat([table, whole], ignore_index=True).astype({"value": "float64"})
    about = {
        "indicator": "asiakkaat",
        "borders": 2026,
        "period": "2025",
        "status": "ok",
        "origin": "synthetic",
    }
    return {"asiakkaat": protect.part(rows.assign(**about), "vakio", totals=("region", "group"))}


def hidden(counts) -> set[tuple]:
    rows = hand_texts.as_shown(parts(counts))["asiakkaat"]
    rows = rows.loc[rows["status"] == "suppressed", ["region_code", "group"]]
    return set(map(tuple, rows.to_numpy()))


@pytest.fixture
def data(tmp_path):
    place = tmp_path / "data"
    place.mkdir()
    return place


def test_cells_are_hidden_for_their_size_and_for_their_neighbours():
    found = hidden(TRUE)
    assert ("E01", "a") in found
    assert len(found) >= 4
    assert found == hidden(shifted(1))


@pytest.mark.parametrize("region", [("kunta", "E01"), ("kunta", "E02"), WHOLE, hand_texts.WHOLE])
def test_trying_every_possible_table_against_the_hash_tells_nothing(region):
    """The reader knows all that is shown and tries what the hidden cells could be: all give one hash."""
    assert hidden(TRUE) == {("E01", "a"), ("E01", "b"), ("E02", "a"), ("E02", "b")}
    kept = hand_texts.figures_hash(parts(TRUE), region)
    tried = [hand_texts.figures_hash(parts(shifted(by)), region) for by in (-2, -1, 1)]
    assert set(tried) == {kept}


def test_the_hash_follows_what_is_shown():
    other = {code: dict(row) for code, row in TRUE.items()}
    other["E03"]["c"] += 1
    for region in (("kunta", "E03"), WHOLE):
        assert hand_texts.figures_hash(parts(TRUE), region) != hand_texts.figures_hash(parts(other), region)


def test_a_text_is_not_flagged_when_only_hidden_figures_have_changed(data, home):
    now = hand_texts.figures_hash(parts(TRUE), ("kunta", "E02"))
    hand_files.change("koe", "kunta-E02", "ehdotus", replace(ENTRY, based_on=now), data)
    notes = {}
    for name, counts in (("twin", shifted(1)), ("other", TRUE | {"E02": {"a": 51, "b": 60, "c": 80}})):
        made = hand_texts.with_texts(lambda data, counts=counts: parts(counts), "koe")(data)
        notes[name] = made[hand_texts.PART].frame["note"].tolist()
    assert notes == {"twin": [""], "other": ["changed"]}


def test_figures_beneath_are_protected_with_the_parts_beside_them(home):
    """A part that is linked to another one's hidden cells is hashed as the release of both shows it."""
    both = parts(TRUE)
    again = parts(TRUE)["asiakkaat"]
    kept = again.frame.loc[again.frame["region_code"] != "E03"]
    both["osa"] = protect.part(kept, "vakio", totals=("group",))
    alone = hand_texts.as_shown({"osa": both["osa"]})["osa"]
    beside = hand_texts.as_shown(both, ("osa",))
    assert list(beside) == ["osa"]
    rows = beside["osa"].set_index(["region_code", "group"])["status"]
    assert rows["E02", "b"] == "suppressed"
    assert not alone.equals(beside["osa"])
