"""What an export holds in any format: sheets of cells, and the lines that tell where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import CatalogueError, DisclosureError
from sosrake_lib.influence import labels
from sosrake_lib.influence.exports.safe import words
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.pieces import VERDICTS
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.tables import HIDDEN_MARK
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Selection, Text
from sosrake_lib.protect.approval import Approval, approval_of, approvals
from sosrake_lib.protect.ledger_withdrawal import refuse_withdrawn

Exportable = Release | Selection | Text

# Told in the lines under the title, or already in words in the first columns.
_ELSEWHERE = {
    *("producer", "source", "licence", "origin", "retrieved", "borders", "break_before", "status"),
    *("region_level", "region_code", "indicator", "period", "sex", "age", "group", "region_name", "title"),
    *("name", "name_fi", "name_en", "name_sv", "short", "short_fi", "short_en", "unit", "unit_fi", "unit_en"),
}
_KEPT_NUMBERS = (
    "per",
    "confidence",
    "point",
    "difference_confidence",
)  # scales of a row, not figures of people
_FIRST = (
    *("value", "lower", "upper", "numerator", "denominator", "reference_value", "difference"),
    *("difference_lower", "difference_upper", "verdict"),
)
_HEADED = ("value", "numerator", "denominator", "n", "reference_value", "difference", "verdict")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a number or text for programs, and how a person reads it."""

    value: str | float | int | None
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One part of a release: name, headings and lines; `source` tells where its figures come from."""

    name: str
    headings: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]
    source: str
    hidden: int


@dataclass(frozen=True, slots=True)
class Content:
    """Everything an exported file holds.

    Attributes
    ----------
    title : what the file is.
    language : `fi` or `en`.
    release_id : the release behind the figures; empty for a text.
    state : `LUONNOS` with what it means, or by whom and when the release was approved.
    origin : that the figures are invented, or real.
    sheets : tables; empty for a text.
    paragraphs : text; empty for figures.
    """

    title: str
    language: str
    release_id: str
    state: str
    origin: str
    sheets: tuple[Sheet, ...] = ()
    paragraphs: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Tell state, origin, release and sources, as every format carries them."""
        told = [self.state, self.origin]
        if self.release_id:
            told.append(say("vienti.release", self.language, release=self.release_id))
        told += [sheet.source for sheet in self.sheets]
        hidden = sum(sheet.hidden for sheet in self.sheets)
        if hidden:
            told.append(
                say(
                    "vienti.hidden",
                    self.language,
                    mark=HIDDEN_MARK,
                    count=numbers.count(hidden, self.language),
                )
            )
        return [line for line in dict.fromkeys(told) if line]


def content(
    thing: Exportable, language: str = "fi", *, home: Path | None = None, approval: Approval | None = None
) -> Content:
    """Collect what an export of a release, a selection or a text holds.

    Parameters
    ----------
    thing : a `Release` (each part is a sheet), a `Selection` of one, or a `Text`.
    language : `fi` or `en`.
    home : folder of the ledgers, which tell whether the release has been approved or withdrawn.
    approval : of the page a `Text` is from; a release's own is read from the ledger and cannot be given.

    Raises
    ------
    DisclosureError when the thing is none of these, the release has been withdrawn, or an approval is given
    for what has its own.
    """
    if language not in ("fi", "en"):
        raise DisclosureError(f"export: language {language!r}; expected fi or en")
    if isinstance(thing, Text):
        paragraphs = (words(thing.text(language)),)
        return Content(
            say("vienti.text", language), language, "", _state(approval, language), "", (), paragraphs
        )
    if isinstance(thing, Selection):
        chosen, title, release_id = [thing], thing.part, thing.release_id
    elif isinstance(thing, Release):
        parts = [thing.select(part) for part in thing.parts]
        chosen, title, release_id = [one for one in parts if len(one)], thing.name, thing.id
    else:
        raise DisclosureError(
            f"export: {type(thing).__name__} is not from a release; expected Release, Selection or Text; "
            "make a release and select from it"
        )
    if approval is not None:
        raise DisclosureError(
            f"export: release {release_id}: its approval is read from the ledger; approve it there "
            "(sosrake approve) and leave `approval` out"
        )
    refuse_withdrawn([release_id], home=home, language=language)
    state = _state(approval_of([release_id], approvals(home)), language)
    origin = say("vienti.synthetic" if thing.synthetic else "vienti.real", language)
    sheets = tuple(_sheet(one, language) for one in chosen)
    return Content(words(title), language, release_id, state, origin, sheets)


def _state(approval: Approval | None, language: str) -> str:
    if approval is None:
        return say("vienti.draft", language)
    day = numbers.day(date.fromisoformat(approval.approved_on), language)
    return say("vienti.approved", language, approved=words(f"{approval.role}, {day}"))


def _sheet(selection: Selection, language: str) -> Sheet:
    rows = rows_of(selection)
    columns = _columns(rows)
    headings = [say(f"tables.stub.{name}", language) for name in labels.DIMENSIONS]
    headings += [say("vienti.code", language), *(_heading(column, language) for column in columns)]
    lines = tuple(
        (
            *(_key(row, name, language) for name in labels.DIMENSIONS),
            _text(f"{row['region_level']}-{row['region_code']}"),
            *(_cell(row, column, language) for column in columns),
        )
        for row in rows
    )
    facts = Facts.of_rows(rows)
    sources = "; ".join(words(labels.told_source(source, language)) for source in facts.sources)
    source = say("words.source.line", language, sources=sources) if sources else ""
    return Sheet(words(selection.part), _apart(headings), lines, source, facts.count("suppressed"))


def _apart(headings: Sequence[str]) -> tuple[str, ...]:
    """Number headings that are alike: a format that names its cells by them would lose one."""
    return tuple(
        heading if heading not in headings[:place] else f"{heading} ({place + 1})"
        for place, heading in enumerate(headings)
    )


def _columns(rows: Sequence[Row]) -> list[str]:
    """Name the columns that tell something of some row, figures first."""
    there = [
        column
        for column in rows[0].columns
        if column not in _ELSEWHERE and any(row.has(column) and row[column] != "" for row in rows)
    ]
    if "value" not in there:
        there.append("value")  # all of it hidden: the mark has to stand somewhere
    idle = {"confidence"} if "lower" not in there else set()
    idle |= {"per"} if all(row["per"] == 1 for row in rows) else set()
    there = [column for column in there if column not in idle]
    first = [column for column in _FIRST if column in there]
    return [*first, *(column for column in there if column not in first)]


def _heading(column: str, language: str) -> str:
    if column in _HEADED:
        return say(f"tables.column.{column}", language)
    known = (
        "lower",
        "upper",
        "difference_lower",
        "difference_upper",
        "result_id",
        "per",
        "confidence",
        "method",
        "statistic",
    )
    return say(f"vienti.column.{column}", language) if column in known else words(column)


def _key(row: Row, name: str, language: str) -> Cell:
    try:
        text = (
            labels.full_name(row, language) if name == "indicator" else labels.key_text(row, name, language)
        )
    except CatalogueError:
        text = str(row[name])
    return _text(text)


def _cell(row: Row, column: str, language: str) -> Cell:
    value = row[column]
    figure = isinstance(value, float | int) and not isinstance(value, bool) and column not in _KEPT_NUMBERS
    if figure and not row.shown:
        mark = HIDDEN_MARK if row["status"] == "suppressed" else say(f"words.mark.{row['status']}", language)
        return Cell(mark, mark)
    if column == "verdict" and value:
        compared = value in VERDICTS
        return _text(say(f"{'words.comparison' if compared else 'vienti'}.verdict.{value}", language))
    if not row.has(column) or (isinstance(value, bool) and not row.shown):
        return Cell(None, "")
    if isinstance(value, float | int) and not isinstance(value, bool):
        return Cell(_plain_number(float(value)), _number(row, column, language))
    if isinstance(value, pd.Timestamp):
        return _text(value.date().isoformat())
    return _text(value)


def _number(row: Row, column: str, language: str) -> str:
    value = float(row[column])
    if column in frames.NUMBERS and labels.described_by(row) is not None:
        return labels.figure(row, column, language)
    return numbers.number(value, 0 if value.is_integer() else 2, language)


def _plain_number(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _text(text: object) -> Cell:
    told = words(text)
    return Cell(told, told)
