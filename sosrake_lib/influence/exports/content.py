"""What an export holds in any format: sheets of cells, and the lines that tell where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib import regions
from sosrake_lib.errors import CatalogueError, DisclosureError
from sosrake_lib.indicators.chosen import COUNT, P_VALUE
from sosrake_lib.influence import labels
from sosrake_lib.influence.exports.safe import words
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.pieces import VERDICTS
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.tables import HIDDEN_MARK
from sosrake_lib.language import LANGUAGES, numbers, places, say
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
    *(
        "value",
        "lower",
        "upper",
        "numerator",
        "denominator",
        "reference_value",
        "reference_code",
        "difference",
    ),
    *("difference_lower", "difference_upper", "verdict"),
)
# How a figure was made: told last, and in spreadsheets on a sheet of their own.
TECHNICAL = (
    *("statistic", "method", "made_from", "areas_used", "areas_expected", "value_low", "value_high"),
    *("denominator_status", "denominator_low", "denominator_high", "reference_level", "difference_method"),
    *("difference_confidence", "reason", COUNT, P_VALUE),
)
# Columns whose heading stands in vienti.toml; others are headed by their own name.
_NAMED = (
    *("lower", "upper", "difference_lower", "difference_upper", "result_id", "per", "confidence"),
    *("reference_code", "caveat", *TECHNICAL),
)
_DECIMALS = 4
# A p-value below this is told as less, and written as this: the far tail of an approximation is no figure.
_LEAST_P = 0.001
_HEADED = ("value", "numerator", "denominator", "n", "reference_value", "difference", "verdict")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a number or text for programs, and how a person reads it."""

    value: str | float | int | None
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One part of a release: name, headings and lines; `source` tells where its figures come from.

    The last columns are the figure's id and, after it, `technical` columns that tell how it was made.
    """

    name: str
    headings: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]
    source: str
    hidden: int
    technical: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """Everything an exported file holds.

    Attributes
    ----------
    title : what the file is.
    language : `fi`, `en`, or `sv` (figures only).
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
    language : `fi`, `en`, or for figures `sv`.
    home : folder of the ledgers, which tell whether the release has been approved or withdrawn.
    approval : of the page a `Text` is from; a release's own is read from the ledger and cannot be given.

    Raises
    ------
    DisclosureError when the thing is none of these, the release has been withdrawn, or an approval is given
    for what has its own.
    """
    if language not in LANGUAGES:
        raise DisclosureError(f"export: language {language!r}; expected one of {', '.join(LANGUAGES)}")
    if isinstance(thing, Text):
        if language == "sv":
            raise DisclosureError("export: a text has no Swedish; expected fi or en (figures have sv too)")
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
    facts, technical = Facts.of_rows(rows), sum(column in TECHNICAL for column in columns)
    sources = "; ".join(words(labels.told_source(source, language)) for source in facts.sources)
    source = say("words.source.line", language, sources=sources) if sources else ""
    return Sheet(words(selection.part), _apart(headings), lines, source, facts.count("suppressed"), technical)


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
    plain = [column for column in there if column not in (*first, *TECHNICAL, "result_id")]
    last = [column for column in ("result_id", *TECHNICAL) if column in there]
    return [*first, *plain, *last]


def _heading(column: str, language: str) -> str:
    if column in _HEADED:
        return say(f"tables.column.{column}", language)
    return say(f"vienti.column.{column}", language) if column in _NAMED else words(column)


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
    if column == "reference_code" and value and row.has("reference_level"):
        return _text(_compared_with(row, language))
    if not row.has(column) or (isinstance(value, bool) and not row.shown):
        return Cell(None, "")
    if isinstance(value, float | int) and not isinstance(value, bool):
        published = column == "value" and row["origin"] == "published"
        if column == P_VALUE:
            value = max(float(value), _LEAST_P)
        number = float(value) if published else _rounded(float(value))
        return Cell(_plain_number(number), _number(row, column, language))
    if isinstance(value, pd.Timestamp):
        return _text(value.date().isoformat())
    return _text(value)


def _number(row: Row, column: str, language: str) -> str:
    value = float(row[column])
    if column == P_VALUE:
        told = numbers.number(max(value, _LEAST_P), 3, language)
        return f"<{numbers.NO_BREAK_SPACE}{told}" if value < _LEAST_P else told
    if column in frames.NUMBERS and labels.described_by(row) is not None:
        return labels.figure(row, column, language)
    return numbers.number(value, 0 if value.is_integer() else 2, language)


def _compared_with(row: Row, language: str) -> str:
    """Name the area a row is compared with."""
    level, code = str(row["reference_level"]), str(row["reference_code"])
    if level == "maa":
        return places.place(labels.country_name(code), "nominative", language)
    return regions.name(level, code, language, int(row["borders"]))


def _rounded(value: float) -> float:
    """Round what we have computed to four decimals, small figures to four significant digits.

    Examples
    --------
    >>> _rounded(16.20402616828793), _rounded(0.000123456), _rounded(21519.0)
    (16.204, 0.0001235, 21519.0)
    """
    if abs(value) >= 10**-_DECIMALS * 1000:
        return round(value, _DECIMALS)
    return float(f"{value:.{_DECIMALS}g}")


def _plain_number(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _text(text: object) -> Cell:
    told = words(text)
    return Cell(told, told)
