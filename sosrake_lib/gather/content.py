"""Judges the cells of a table against its schema, and shapes what passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from sosrake_lib import catalogue, regions
from sosrake_lib.errors import CatalogueError
from sosrake_lib.gather import cells, checks, indicator_rows
from sosrake_lib.gather.cells import EMPTY, OK, Read
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.identifiers import identity_codes
from sosrake_lib.gather.readers import LONGEST_FIELD, RawTable
from sosrake_lib.gather.schemas import Column, Schema

# Said once a column, as they are true of all of it.
_OF_COLUMN = ("decimal_comma", "thousands", "date_form")
_MOST_ROWS_SAID = 100
_NUMERIC = ("count", "number", "scale")
_NEEDED = ("municipality", "year", "indicator", "place", "pseudonym", "needs", "date", "choice")
_EARLIEST_YEAR = 1970


def judge(raw: RawTable, kind: Schema) -> tuple[list[Finding], pd.DataFrame]:
    """Read every cell of the schema's columns; findings, and the clean table (text, with states)."""
    known = {column.name for column in kind.columns}
    findings = checks.personal(raw.header, raw.rows, known)
    findings += [
        Finding("unknown_column", raw.header_row, name) for name in raw.header if name and name not in known
    ]
    findings, kept = _without_totals(raw, kind, findings)
    place = {name: raw.header.index(name) for name in raw.header}
    columns: dict[str, list[Read]] = {}
    for column in kind.columns:
        if column.name not in place:
            continue
        columns[column.name] = reads = [
            _read(line[place[column.name]], column, raw.typed) for _, line in kept
        ]
        for (row, line), one in zip(kept, reads, strict=True):
            findings += _of_cell(one, column, row, line[place[column.name]], kind)
    numbers = [row for row, _ in kept]
    findings += _across(columns, numbers, kind)
    if kind.frame:
        findings += indicator_rows.judge(columns, numbers)
    return _capped(findings), _clean(columns, kind)


def origin_of(clean: pd.DataFrame, kind: Schema) -> tuple[bool, list[Finding]]:
    """Say whether a table is of the invented county, and refuse one that mixes it with real places."""
    name = next((column.name for column in kind.columns if column.kind == "municipality"), "")
    if name not in clean or not len(clean):
        return False, []
    invented = clean[name].fillna("").str.startswith("E")
    if invented.any() and not invented.all():
        return False, [Finding("synthetic_mixed", None, name)]
    return bool(invented.all()), []


def _without_totals(
    raw: RawTable, kind: Schema, findings: list[Finding]
) -> tuple[list[Finding], list[tuple[int, list[Any]]]]:
    worded = [column.name for column in kind.columns if column.kind in ("municipality", "place", "text")]
    places = [raw.header.index(name) for name in worded if name in raw.header]
    kept, said = [], list(findings)
    for row, line in raw.rows:
        found = checks.is_total([line[place] for place in places])
        if found is None:
            kept.append((row, line))
        else:
            said.append(Finding("total_row", row, raw.header[places[found]]))
    return said, kept


def _read(cell: Any, column: Column, typed: bool) -> Read:
    if isinstance(cell, str) and len(cell) > LONGEST_FIELD:
        return Read(wrong="long_field")
    if column.kind in _NUMERIC:
        return cells.read_number(cell, typed, column.kind != "number")
    if column.kind == "municipality":
        return cells.read_code(cell)
    if column.kind == "year":
        return cells.read_year(cell, _EARLIEST_YEAR, regions.CURRENT_YEAR + 1)
    if column.kind == "date":
        return cells.read_date(cell)
    return cells.read_text(cell)


def _of_cell(one: Read, column: Column, row: int, cell: Any, kind: Schema) -> list[Finding]:
    shown = _shown(cell, column)
    if one.wrong:
        return [
            Finding(
                one.wrong, row, column.name, {"value": shown, "code": shown, "year": "", "hint": "\u2013"}
            )
        ]
    findings = [
        Finding(said, None if said in _OF_COLUMN else row, column.name, {"value": shown, "clean": one.value})
        for said in one.said
    ]
    # An unanswered item of a survey is an answer of its own kind, nothing to be told of.
    if one.state == EMPTY and column.kind != "scale" and (column.required or column.name in kind.key):
        needed = column.kind in _NEEDED or column.name in kind.key
        findings.append(Finding("empty_key" if needed else "empty_value", row, column.name))
    if one.state == OK and one.value:
        findings += _of_value(one.value, column, row, shown)
    return findings


def _of_value(value: str, column: Column, row: int, shown: str) -> list[Finding]:
    if column.kind in _NUMERIC:
        number = float(value)
        if number < 0 and column.minimum is not None and column.minimum >= 0:
            return [Finding("negative", row, column.name, {"value": shown})]
        if number == 0 and column.minimum is not None and column.minimum > 0:
            return [Finding("zero", row, column.name)]
        low, high = column.minimum, column.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            limits = {
                "value": shown,
                "low": f"{low:g}" if low is not None else "",
                "high": f"{high:g}" if high else "",
            }
            return [Finding("out_of_range", row, column.name, limits)]
    if column.kind == "indicator":
        levels = _levels(value)
        if levels is None:
            return [Finding("unknown_indicator", row, column.name, {"value": shown})]
        if "kunta" not in levels:
            return [Finding("no_municipality_level", row, column.name, {"value": shown})]
    if column.kind == "needs":
        parts = [part.strip() for part in value.replace(",", "|").split("|")]
    else:
        parts = [value]
    if column.allowed and not set(parts) <= set(column.allowed):
        return [
            Finding("not_allowed", row, column.name, {"value": shown, "allowed": ", ".join(column.allowed)})
        ]
    return []


@lru_cache(maxsize=1024)
def _levels(indicator: str) -> tuple[str, ...] | None:
    try:
        return catalogue.indicator(indicator).levels
    except CatalogueError:
        return None


def _across(columns: Mapping[str, list[Read]], rows: list[int], kind: Schema) -> list[Finding]:
    findings: list[Finding] = []
    for column in kind.columns:
        if column.name not in columns:
            continue
        if column.kind == "municipality":
            findings += _municipalities(columns, rows, column)
        if column.at_most and column.at_most in columns:
            limits = columns[column.at_most]
            for row, one, limit in zip(rows, columns[column.name], limits, strict=True):
                # A limit of 0 is told as such, not once more as too small.
                if one.value and limit.value and float(one.value) > float(limit.value) > 0:
                    told = {"value": one.value, "limit": limit.value, "limit_column": column.at_most}
                    findings.append(Finding("above_limit", row, column.name, told))
    if all(name in columns for name in kind.key) and kind.key:
        lines = zip(*(columns[name] for name in kind.key), strict=True)
        keys = [
            (row, tuple(one.value for one in line))
            for row, line in zip(rows, lines, strict=True)
            if not any(one.wrong or one.state != OK for one in line)
        ]
        findings += checks.duplicate_keys(keys, kind.key[0])
    return findings


def _municipalities(columns: Mapping[str, list[Read]], rows: list[int], column: Column) -> list[Finding]:
    findings: list[Finding] = []
    # Places repeat from row to row; each is looked up once.
    known: dict[tuple[str, str, str], Finding | None] = {}
    nothing = [Read()] * len(rows)
    names, years = columns.get(column.name_column, nothing), columns.get(column.year_column, nothing)
    for row, code, name, year in zip(rows, columns[column.name], names, years, strict=True):
        if not code.value or code.wrong:
            continue
        place = (code.value, name.value, year.value[:4])
        if place not in known:
            known[place] = checks.municipality(code.value, name.value, int(place[2]) if place[2] else None)
        found = known[place]
        if found is not None:
            at = column.name_column if found.kind == "name_differs" else column.name
            findings.append(Finding(found.kind, row, at, found.values))
    return findings


def _clean(columns: Mapping[str, list[Read]], kind: Schema) -> pd.DataFrame:
    table = {}
    for column in kind.columns:
        reads = columns.get(column.name)
        if reads is None:
            continue
        if column.kind == "pseudonym":
            # The office's own ids stay at the office; a running number tells the same clients apart.
            order: dict[str, str] = {}
            table[column.name] = [order.setdefault(one.value, str(len(order) + 1)) for one in reads]
            continue
        table[column.name] = [one.value for one in reads]
        if column.kind in ("count", "number"):
            table[f"{column.name}_tila"] = [one.state for one in reads]
    return pd.DataFrame(table, dtype="str")


def _shown(cell: Any, column: Column) -> str:
    text = "" if cell is None else str(cell)
    if column.personal or identity_codes(text):
        return "\u2026"
    return text if len(text) <= 40 else text[:39] + "\u2026"


def _capped(findings: list[Finding]) -> list[Finding]:
    """Say a finding of a whole column once, and any other for at most a hundred rows."""
    kept: list[Finding] = []
    seen: Counter[tuple[str, str]] = Counter()
    for one in findings:
        key = (one.kind, one.column)
        seen[key] += 1
        if (one.kind in _OF_COLUMN and seen[key] > 1) or seen[key] > _MOST_ROWS_SAID:
            continue
        kept.append(one)
    return kept
