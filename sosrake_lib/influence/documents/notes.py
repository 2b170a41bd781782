"""What stands behind a number, told as a footnote: source, period, method, interval, n, what was hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sosrake_lib.influence.documents.blocks import Cell, Runs, TableBlock
from sosrake_lib.language import say

# A no-break space binds a unit to its number.
_UNIT = re.compile(r"\u00a0[^\W\d_]+")
_FIELDS = ("area", "source", "period", "method", "interval", "n", "hidden")


@dataclass(frozen=True, slots=True)
class NumberNote:
    """What a number's footnote tells, each part in the reader's words; an empty part is not told.

    Examples
    --------
    >>> NumberNote(source="Kela", period="2019").text("fi")
    'Lähde: Kela. Ajanjakso: 2019.'
    """

    source: str = ""
    period: str = ""
    method: str = ""
    interval: str = ""
    n: str = ""
    hidden: str = ""
    area: str = ""  # of a figure of comparison: whose it is

    def text(self, language: str) -> str:
        """Write the note as sentences."""
        told = [(name, getattr(self, name).strip().rstrip(".")) for name in _FIELDS]
        return " ".join(say(f"documents.note.{name}", language, text=text) for name, text in told if text)


Notes = Mapping[str, NumberNote]


def notes_in(runs: Runs, notes: Notes) -> dict[int, NumberNote]:
    """Say after which runs of a paragraph a footnote stands: at the first number that each note tells of.

    Numbers of a paragraph that share a note share the footnote; a pair of limits has it after the upper one.
    """
    found: dict[NumberNote, int] = {}
    for place, run in enumerate(runs):
        note = notes.get(run.reference)
        if note is not None:
            found.setdefault(note, place + 2 if _is_lower_limit(runs[place : place + 3], notes) else place)
    return {place: note for note, place in found.items()}


def _is_lower_limit(runs: Runs, notes: Notes) -> bool:
    """Say whether runs begin with two limits of one note, with only a dash between them."""
    return (
        len(runs) == 3
        and runs[1].text.strip() == "–"
        and notes.get(runs[0].reference) == notes.get(runs[2].reference)
    )


def units_kept(runs: Runs, notes: Notes) -> Runs:
    r"""Join to a number the unit that follows it: a mark between them would read as a digit or a power.

    Examples
    --------
    >>> from sosrake_lib.influence.documents.blocks import Run
    >>> runs = Run("5,4", "ero"), Run("\u00a0prosenttiyksikköä (95 %).")
    >>> [run.text for run in units_kept(runs, {"ero": NumberNote(source="Kela")})]
    ['5,4\xa0prosenttiyksikköä', ' (95 %).']
    """
    made = list(runs)
    for place, run in enumerate(made[:-1]):
        unit = _UNIT.match(made[place + 1].text) if run.reference in notes else None
        if unit is not None and not made[place + 1].reference:
            made[place] = replace(run, text=run.text + unit[0])
            made[place + 1] = replace(made[place + 1], text=made[place + 1].text[unit.end() :])
    return tuple(run for run in made if run.text)


def notes_of_table(table: TableBlock, notes: Notes, language: str) -> tuple[str, ...]:
    """Write what stands behind a table's numbers, equal sources told once with their rows or columns.

    Intervals and counts differ from row to row: they are told by row, and left out where a cell of the row
    shows them already. A period that is the row's own name is left out: a series of months has one source.
    """
    groups: dict[NumberNote, list[tuple[int, int, NumberNote]]] = {}
    for line, cells in enumerate(table.rows):
        for column, cell in enumerate(cells):
            for note in dict.fromkeys(notes[run.reference] for run in cell.runs if run.reference in notes):
                shared = replace(note, interval="", n="", period=_period(table, line, note))
                groups.setdefault(shared, []).append((line, column, note))
    return tuple(
        _group_text(table, shared, places, len(groups), language) for shared, places in groups.items()
    )


def _group_text(
    table: TableBlock,
    shared: NumberNote,
    places: Sequence[tuple[int, int, NumberNote]],
    groups: int,
    language: str,
) -> str:
    told = [shared.text(language)]
    for name in ("interval", "n"):
        told += _by_row(table, places, name, language)
    text = " ".join(piece for piece in told if piece)
    what = _where(table, places) if groups > 1 else ""
    return say("documents.note.of", language, what=what, text=text) if what else text


def _by_row(
    table: TableBlock, places: Sequence[tuple[int, int, NumberNote]], name: str, language: str
) -> list[str]:
    """Tell a part of the notes once when it is the same for all, else by row."""
    by_row: dict[int, dict[str, None]] = {}
    for line, _, note in places:
        text = getattr(note, name).strip().rstrip(".")
        if text and not any(text in cell.text for cell in table.rows[line]):
            by_row.setdefault(line, {})[text] = None
    found = {", ".join(texts) for texts in by_row.values()}
    if not found:
        return []
    if len(found) == 1:
        return [say(f"documents.note.{name}", language, text=found.pop())]
    rows = "; ".join(f"{_row_name(table, line)}: {', '.join(texts)}" for line, texts in by_row.items())
    return [say(f"documents.note.{name}", language, text=rows)]


def _period(table: TableBlock, line: int, note: NumberNote) -> str:
    """Give the period a note tells, empty where the row's name is the period."""
    named = [cell.text for cell in table.rows[line][: max(table.stubs, 1)]]
    return "" if note.period.strip().rstrip(".") in named else note.period


def _where(table: TableBlock, places: Sequence[tuple[int, int, NumberNote]]) -> str:
    lines = list(dict.fromkeys(line for line, _, _ in places))
    columns = list(dict.fromkeys(column for _, column, _ in places))
    if len(lines) == len(table.rows):
        return ", ".join(table.head[column].text for column in columns)
    return "; ".join(_row_name(table, line) for line in lines)


def _row_name(table: TableBlock, line: int) -> str:
    cells: tuple[Cell, ...] = table.rows[line][: max(table.stubs, 1)]
    return ", ".join(cell.text for cell in cells)
