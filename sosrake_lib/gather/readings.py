"""Columns of cells read by their schema: each different cell once, then told of row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sosrake_lib import catalogue, regions
from sosrake_lib.errors import CatalogueError
from sosrake_lib.gather import cells, checks, marks
from sosrake_lib.gather.cells import EMPTY, OK, Read, Told
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.raw import Coded
from sosrake_lib.gather.schemas import Column, Schema

LONGEST_FIELD = 10_000
NUMERIC = ("count", "number", "scale")
MOST_ROWS_SAID = 100
# Said once a column, as they are true of all of it.
_OF_COLUMN = ("decimal_comma", "thousands", "date_form", "percent", "number_form")
_NEEDED = ("municipality", "year", "indicator", "place", "pseudonym", "needs", "date", "choice")
_EARLIEST_YEAR = 1970


@dataclass(frozen=True, eq=False)
class Reading:
    """A column as it was read: `codes` say which of `reads` each row has."""

    column: Column
    codes: NDArray[np.int32]
    reads: list[Read]
    cells: list[Any]

    def expanded(self) -> list[Read]:
        """Give the readings row by row."""
        return [self.reads[code] for code in self.codes]

    def values(self) -> NDArray[Any]:
        """Give the clean texts row by row."""
        return np.array([one.value for one in self.reads], dtype=object)[self.codes]

    def states(self) -> NDArray[Any]:
        """Give the states row by row."""
        return np.array([one.state for one in self.reads], dtype=object)[self.codes]

    def numbers(self) -> NDArray[np.float64]:
        """Give the numbers row by row; NaN where there is none."""
        read = [float(one.value) if one.value and not one.wrong else float("nan") for one in self.reads]
        return np.array(read, dtype=np.float64)[self.codes]


def read_column(coded: Coded, column: Column, typed: bool) -> Reading:
    """Read every different cell of a column by its kind."""
    reads = [_read(cell, column, typed) for cell in coded.values]
    if column.kind == "number" and any("decimal_comma" in one.said for one in reads):
        # Beside 9,8 the point of 1.204 may stand for a thousand.
        reads = [
            Read(wrong="ambiguous_number") if one.value and cells.ambiguous_beside_commas(cell) else one
            for cell, one in zip(coded.values, reads, strict=True)
        ]
    return Reading(column, coded.codes, reads, list(coded.values))


def of_cells(reading: Reading, numbers: NDArray[np.int64], kind: Schema) -> list[Finding]:
    """Tell what was converted and what is wrong in a column, with the rows as a person sees them."""
    told: dict[str, dict[int, Finding]] = {}
    for place, (one, cell) in enumerate(zip(reading.reads, reading.cells, strict=True)):
        for finding in _of_cell(one, cell, reading.column, kind):
            told.setdefault(finding.kind, {})[place] = finding
    findings: list[Finding] = []
    for alike in told.values():
        findings += by_rows(alike, reading.codes, numbers)
    return findings


def by_rows(alike: Mapping[int, Finding], codes: NDArray[Any], numbers: NDArray[np.int64]) -> list[Finding]:
    """Tell findings of one kind, known by different cell, by row: at most a hundred, then how many more."""
    mask = np.zeros(max([*alike, int(codes.max(initial=0))]) + 1, dtype=bool)
    mask[list(alike)] = True
    rows = np.flatnonzero(mask[codes])
    if not len(rows):
        return []
    first = alike[int(codes[rows[0]])]
    if first.kind in _OF_COLUMN:
        return [first]
    found = [
        Finding(alike[int(codes[row])].kind, int(numbers[row]), first.column, alike[int(codes[row])].values)
        for row in rows[:MOST_ROWS_SAID]
    ]
    return [*found, *_more(first, len(rows))]


def capped(findings: Iterable[Finding]) -> list[Finding]:
    """Keep at most a hundred findings of one kind in a column, and say how many more there are."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.kind, one.column), []).append(one)
    kept: list[Finding] = []
    for (kind, _), group in groups.items():
        kept += group if kind == "more_rows" else group[:MOST_ROWS_SAID]
        kept += [] if kind == "more_rows" else _more(group[0], len(group))
    return kept


def _more(first: Finding, found: int) -> list[Finding]:
    if found <= MOST_ROWS_SAID:
        return []
    return [
        Finding("more_rows", None, first.column, {"found": str(found - MOST_ROWS_SAID), "of": first.kind})
    ]


def _read(cell: Any, column: Column, typed: bool) -> Read:
    if isinstance(cell, Told):
        return Read(state=EMPTY, wrong="told")
    if isinstance(cell, str) and len(cell) > LONGEST_FIELD:
        return Read(wrong="long_field")
    if column.kind in NUMERIC:
        return cells.read_number(cell, typed, column.kind != "number", column.unit == "percent")
    if isinstance(cell, cells.Percent):
        cell = cell.value
    if column.kind == "municipality":
        return cells.read_code(cell)
    if column.kind == "year":
        return cells.read_year(cell, _EARLIEST_YEAR, regions.CURRENT_YEAR + 1)
    if column.kind == "date":
        return cells.read_date(cell, regions.CURRENT_YEAR + 1)
    return cells.read_text(cell)


def _of_cell(one: Read, cell: Any, column: Column, kind: Schema) -> list[Finding]:
    shown = shown_value(cell, column)
    if one.wrong == "told":
        return []
    if one.wrong:
        hint = checks.number_hint(str(cell)) if one.wrong == "unknown_municipality" else "\u2013"
        values = {"value": shown, "code": shown, "year": "", "hint": hint if shown != "\u2026" else "\u2013"}
        values["day"] = cells.serial_date(cell) if one.wrong == "date_serial" and not column.personal else ""
        return [Finding(one.wrong, None, column.name, values)]
    clean = one.value if not column.personal else "\u2026"
    findings = [Finding(said, None, column.name, {"value": shown, "clean": clean}) for said in one.said]
    # An unanswered item of a survey is an answer of its own kind, nothing to be told of.
    if one.state == EMPTY and column.kind != "scale" and (column.required or column.name in kind.key):
        needed = column.kind in _NEEDED or column.name in kind.key
        if needed or "missing_mark" not in one.said:
            findings.append(Finding("empty_key" if needed else "empty_value", None, column.name))
    if one.state == OK and one.value:
        findings += _of_value(one.value, column, shown)
    return findings


def _of_value(value: str, column: Column, shown: str) -> list[Finding]:
    if column.kind in NUMERIC:
        return _of_number(float(value), column, shown)
    if column.kind == "indicator":
        levels = _levels(value)
        if levels is None:
            return [Finding("unknown_indicator", None, column.name, {"value": shown})]
        if "kunta" not in levels:
            return [Finding("no_municipality_level", None, column.name, {"value": shown})]
    parts = [value]
    if column.kind == "needs":
        parts = [part.strip() for part in value.replace(",", "|").split("|")]
    if column.allowed and not set(parts) <= set(column.allowed):
        told = {"value": shown, "allowed": ", ".join(column.allowed)}
        return [Finding("not_allowed", None, column.name, told)]
    return []


def _of_number(number: float, column: Column, shown: str) -> list[Finding]:
    low, high = column.minimum, column.maximum
    if number < 0 and low is not None and low >= 0:
        return [Finding("negative", None, column.name, {"value": shown})]
    if number == 0 and low is not None and low > 0:
        return [Finding("zero", None, column.name)]
    if (low is not None and number < low) or (high is not None and number > high):
        limits = {
            "low": f"{low:g}" if low is not None else "",
            "high": f"{high:g}" if high is not None else "",
        }
        return [Finding("out_of_range", None, column.name, {"value": shown, **limits})]
    return []


@lru_cache(maxsize=1024)
def _levels(indicator: str) -> tuple[str, ...] | None:
    try:
        return catalogue.indicator(indicator).levels
    except CatalogueError:
        return None


def shown_value(cell: Any, column: Column) -> str:
    """Give a cell as a message may show it: never of a personal column, never what looks like a person."""
    if isinstance(cell, cells.Percent):
        return f"{cell.value * 100:g} %"
    text = "" if cell is None else marks.visible(str(cell))[:400]
    if column.personal or checks.of_a_person(text, column.kind in (*NUMERIC, "year", "date", "municipality")):
        return "\u2026"
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= 40 else text[:39] + "\u2026"
