"""Rows of an office table that are no data: totals, notes, a header once more, a second header row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sosrake_lib import regions
from sosrake_lib.gather.cells import plain
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.marks import is_hidden
from sosrake_lib.gather.raw import RawTable
from sosrake_lib.gather.schemas import Schema

_TOTALS = frozenset(
    (
        *(
            "yhteensä",
            "yht",
            "yht.",
            "summa",
            "kaikki",
            "koko maa",
            "kaikki yhteensä",
            "välisumma",
            "loppusumma",
        ),
        *(
            "manner-suomi",
            "koko suomi",
            "suomi",
            "koko alue",
            "alue yhteensä",
            "kaikki kunnat",
            "kaikki palvelut",
        ),
        *(
            "totalt",
            "sammanlagt",
            "summa totalt",
            "hela landet",
            "total",
            "totals",
            "sum",
            "all",
            "grand total",
        ),
        *("subtotal", "whole country", "σ", "∑", "keskiarvo", "average", "medelvärde"),
    )
)
_TOTAL_WORDS = re.compile(
    r"(?:^|\W)(?:yhteensä|yht\.|välisumma|loppusumma|kokonaissumma|totalt|in total)(?:$|\W)"
)
_TOTAL_END = re.compile(r"(?:^|\s)(?:summa|total)$")
_WORDED = ("municipality", "place", "text")
_NUMBERED = ("count", "number", "scale", "year", "municipality")


@dataclass(frozen=True, eq=False)
class Sorted:
    """The rows that are data, and what was found of those that are not."""

    table: RawTable
    findings: list[Finding]


def is_total(cell: Any, place: bool = True) -> bool:
    """Say whether a cell makes its row a total, or (in a column of places) the row of a wider area.

    Examples
    --------
    >>> [is_total(cell) for cell in ("Yhteensä:", "Kunnat yhteensä", "KOKO MAA", "Kainuu", "Kajaani", 5)]
    [True, True, True, True, False, False]
    """
    if not isinstance(cell, str) or len(cell) > 100:
        return False
    word = plain(cell).strip(" :*.")
    if word in _TOTALS or _TOTAL_WORDS.search(f" {word} ") or _TOTAL_END.search(word):
        return True
    return place and word in _wider_areas()


def sort_out(raw: RawTable, kind: Schema) -> Sorted:
    """Take out the rows that are no data, and say each with its row and column."""
    findings = []
    away = np.zeros(len(raw.numbers), dtype=bool)
    again = _header_again(raw)
    findings += [Finding("header_again", int(number)) for number in raw.numbers[again]]
    away |= again
    notes = _notes(raw) & ~away
    findings += [Finding("note_row", int(number)) for number in raw.numbers[notes]]
    away |= notes
    for about in kind.columns:
        if about.name not in raw.header or about.kind not in _WORDED:
            continue
        column = raw.columns[raw.header.index(about.name)]
        found = column.where(_totals(column.values, about.kind))
        findings += [
            Finding("total_row", int(raw.numbers[row]), about.name) for row in found if not away[row]
        ]
        away[found] = True
    return Sorted(raw.keep(~away) if away.any() else raw, findings)


def _totals(values: Sequence[Any], kind: str) -> list[int]:
    # One service named a sum is a service; beside others it holds their clients once more.
    if kind == "text" and len(values) < 2:
        return []
    return [place for place, value in enumerate(values) if is_total(value, place=kind != "text")]


def second_header(raw: RawTable, kind: Schema) -> Finding | None:
    """Say when the first row under the header is its lower half: words in every column of numbers."""
    if not len(raw.numbers):
        return None
    numbered = [column.name for column in kind.columns if column.kind in _NUMBERED]
    cells = [_first(raw, name) for name in numbered if name in raw.header]
    filled = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
    if not filled or any(re.search(r"\d", text) or is_hidden(text) for text in filled):
        return None
    if not any(re.search(r"[^\W\d_]", text) for text in filled) and filled != ["%"]:
        return None
    if (
        len(filled) < 2
        and len(cells) > 1
        and any(_first(raw, name) for name in raw.header if name not in numbered)
    ):
        return None
    return Finding("two_row_header", raw.header_row, values={"second": str(int(raw.numbers[0]))})


def _first(raw: RawTable, name: str) -> Any:
    column = raw.columns[raw.header.index(name)]
    return column.values[column.codes[0]]


def _header_again(raw: RawTable) -> np.ndarray:
    """Find rows that repeat the header, as files joined one after another have."""
    equal = np.zeros(len(raw.numbers), dtype=np.int64)
    for name, column in zip(raw.header, raw.columns, strict=True):
        same = [place for place, value in enumerate(column.values) if _same(value, name)]
        equal[column.where(same)] += 1
    return equal >= max(2, len(raw.header) // 2)


def _same(value: Any, name: str) -> bool:
    return isinstance(value, str) and bool(name) and len(value) <= 100 and plain(value) == plain(name)


def _notes(raw: RawTable) -> np.ndarray:
    """Find rows with words in one cell only: a source, a footnote."""
    if len(raw.header) < 3:
        return np.zeros(len(raw.numbers), dtype=bool)
    filled = np.zeros(len(raw.numbers), dtype=np.int64)
    worded = np.zeros(len(raw.numbers), dtype=bool)
    for column in raw.columns:
        told = [
            place for place, value in enumerate(column.values) if value is not None and str(value).strip()
        ]
        filled[column.where(told)] += 1
        worded[column.where(_worded(column.values))] = True
    return (filled == 1) & worded


def _worded(values: Sequence[Any]) -> list[int]:
    pattern = re.compile(r"[^\W\d_]{3}")
    return [place for place, one in enumerate(values) if isinstance(one, str) and pattern.search(one[:200])]


@cache
def _wider_areas() -> frozenset[str]:
    """Names of regions and wellbeing counties: their rows hold the municipalities' clients once more."""
    names = set()
    for level in ("maakunta", "hva"):
        for code in regions.codes(level, regions.CURRENT_YEAR):
            found = regions.region(level, code, regions.CURRENT_YEAR)
            names |= {plain(found.name_fi), plain(found.name_sv)}
    ours = {plain(name) for name in regions.municipalities(regions.CURRENT_YEAR)["name_fi"]}
    # Helsinki is a wellbeing county of its own.
    return frozenset(names - ours - {"", "helsingin kaupunki", "helsingfors stad"})
