"""What stands behind a number, told as a footnote: source, period, method, interval, n, what was hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sosrake_lib.influence.documents.blocks import Cell, Runs, TableBlock
from sosrake_lib.language import say

_FIELDS = ("source", "period", "method", "interval", "n", "hidden")


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

    def text(self, language: str) -> str:
        """Write the note as sentences."""
        told = [(name, getattr(self, name).strip().rstrip(".")) for name in _FIELDS]
        return " ".join(say(f"documents.note.{name}", language, text=text) for name, text in told if text)


Notes = Mapping[str, NumberNote]


def notes_in(runs: Runs, notes: Notes) -> dict[int, NumberNote]:
    """Say after which runs of a paragraph a footnote stands: at the first number that each note tells of.

    Numbers of a paragraph that share a note share the footnote.
    """
    found: dict[NumberNote, int] = {}
    for place, run in enumerate(runs):
        note = notes.get(run.reference)
        if note is not None:
            found.setdefault(note, place)
    return {place: note for note, place in found.items()}


def notes_of_table(table: TableBlock, notes: Notes, language: str) -> tuple[str, ...]:
    """Write what stands behind a table's numbers, equal sources told once with their rows or columns.

    Intervals and counts differ from row to row: they are told by row, and left out where a cell of the row
    shows them already.
    """
    groups: dict[NumberNote, list[tuple[int, int, NumberNote]]] = {}
    for line, cells in enumerate(table.rows):
        for column, cell in enumerate(cells):
            for note in dict.fromkeys(notes[run.reference] for run in cell.runs if run.reference in notes):
                shared = replace(note, interval="", n="")
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


def _where(table: TableBlock, places: Sequence[tuple[int, int, NumberNote]]) -> str:
    lines = list(dict.fromkeys(line for line, _, _ in places))
    columns = list(dict.fromkeys(column for _, column, _ in places))
    if len(lines) == len(table.rows):
        return ", ".join(table.head[column].text for column in columns)
    return "; ".join(_row_name(table, line) for line in lines)


def _row_name(table: TableBlock, line: int) -> str:
    cells: tuple[Cell, ...] = table.rows[line][: max(table.stubs, 1)]
    return ", ".join(cell.text for cell in cells)
