"""Sentences on the quality of recording: what a unit's chart shows before and after a known change."""

from __future__ import annotations

from sosrake_lib import frame as frames
from sosrake_lib.influence import labels
from sosrake_lib.influence.rows import Row, rows_have_one, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, number
from sosrake_lib.language import numbers
from sosrake_lib.protect import Selection

ROOM = "kirjaamisen_laatu.words"
HEADINGS = ("delay_caption", "unit", "period", "share", "days")
# A shift is called one only when both phases have this many points and the centre left the other's limits.
POINTS = 8


def phases(selection: Selection, language: str = "fi") -> Sentence:
    """Say the centre before and after the change in one unit, and whether it moved out of the limits.

    The words follow the released rows: the later centre beside the limits of the earlier phase.
    """
    rows = rows_of(selection)
    for column in ("indicator", "group"):
        rows_have_one(rows, column, "phases")
    known = sorted((row for row in rows if row.shown), key=lambda row: frames.period_end(str(row["period"])))
    name = labels.full_name(rows[0], language)
    thing = constant(name[:1].lower() + name[1:], language)
    unit = constant(str(rows[0]["group"]), language)
    if not known:
        return compose(f"{ROOM}.hidden", language, capital=True, thing=thing, unit=unit)
    first, last = known[0], known[-1]
    if first["phase"] == last["phase"]:
        return compose(f"{ROOM}.one", language, thing=thing, unit=unit, centre=_centre(last, language))
    earlier = [row for row in known if row["phase"] == first["phase"]]
    few = min(float(first["points"]), float(last["points"])) < POINTS
    key = "few" if few else _moved(earlier, last)
    return compose(
        f"{ROOM}.{key}",
        language,
        thing=thing,
        unit=unit,
        before=_centre(first, language),
        after=_centre(last, language),
    )


def _moved(earlier: list[Row], last: Row) -> str:
    """Name how the later centre lies beside the earlier phase's points and centre."""
    values = [float(row["value"]) for row in earlier]
    centre = float(last["centre"])
    if centre > max(values):
        return "up"
    return "down" if centre < min(values) else "within"


def _centre(row: Row, language: str) -> Sentence:
    text = numbers.percent(float(row["centre"]), 0, language)
    return number(text, row.reference("centre"), row.release_id, language)
