"""Checks over several columns of a row, and over rows: limits, places in time, keys that stand twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sosrake_lib.gather import checks
from sosrake_lib.gather.cells import OK, plain
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.readings import MOST_ROWS_SAID, Reading
from sosrake_lib.gather.schemas import Column, Schema

Readings = Mapping[str, Reading]
Rows = NDArray[np.int64]
_TEXTS = ("text", "place", "choice", "needs", "indicator")


def judge(readings: Readings, numbers: Rows, kind: Schema) -> list[Finding]:
    """Tell what is wrong between columns and between rows."""
    findings: list[Finding] = []
    for column in kind.columns:
        if column.name not in readings:
            continue
        if column.kind == "municipality":
            findings += _municipalities(readings, numbers, column)
        if column.at_most in readings:
            findings += _limits(readings, numbers, column)
        if column.same_within and all(name in readings for name in column.same_within):
            findings += _differing(readings, numbers, column)
    if kind.key and all(name in readings for name in kind.key):
        findings += _duplicates(readings, numbers, kind)
    return findings


def _limits(readings: Readings, numbers: Rows, column: Column) -> list[Finding]:
    part, whole = readings[column.name].numbers(), readings[column.at_most].numbers()
    # A limit of 0 is told as such, not once more as too small.
    rows = np.flatnonzero((part > whole) & (whole > 0))
    findings = []
    for row in rows.tolist():
        told = {"value": f"{part[row]:.15g}", "limit": f"{whole[row]:.15g}"}
        if column.personal:
            told = dict.fromkeys(told, "\u2026")
        number = int(numbers[row])
        findings.append(Finding("above_limit", number, column.name, {**told, "limit_column": column.at_most}))
        findings.append(Finding("below_part", number, column.at_most, {**told, "part_column": column.name}))
    return findings


def _municipalities(readings: Readings, numbers: Rows, column: Column) -> list[Finding]:
    """Look up each different place, name and year once; places repeat from row to row."""
    wanted = [column.name, column.name_column, column.year_column]
    used = [readings[name] for name in wanted if name in readings]
    combined = combined_codes([one.codes for one in used])
    _, first, inverse = np.unique(combined, return_index=True, return_inverse=True)
    found: dict[int, Finding] = {}
    for place, row in enumerate(first.tolist()):
        finding = _place(readings, row, column)
        if finding is not None:
            found[place] = finding
    if not found:
        return []
    mask = np.zeros(len(first), dtype=bool)
    mask[list(found)] = True
    findings = []
    for row in np.flatnonzero(mask[inverse]).tolist():
        one = found[int(inverse[row])]
        at = column.name_column if one.kind == "name_differs" else column.name
        findings.append(Finding(one.kind, int(numbers[row]), at, one.values))
    return findings


def _place(readings: Readings, row: int, column: Column) -> Finding | None:
    def read(name: str) -> str:
        if name not in readings:
            return ""
        one = readings[name].reads[readings[name].codes[row]]
        return "" if one.wrong else one.value

    code, year = read(column.name), read(column.year_column)[:4]
    if not code:
        return None
    return checks.municipality(code, read(column.name_column), int(year) if year else None)


def _differing(readings: Readings, numbers: Rows, column: Column) -> list[Finding]:
    """Find rows of one group (a municipality and year) whose figure should be one and is not."""
    group = combined_codes([_value_codes(readings[name]) for name in column.same_within])
    value = readings[column.name].numbers()
    known = np.flatnonzero(np.isfinite(value))
    order = known[np.lexsort((value[known], group[known]))]
    changes = (group[order][1:] == group[order][:-1]) & (value[order][1:] != value[order][:-1])
    groups = np.unique(group[order][1:][changes])
    rows = known[np.isin(group[known], groups)]
    told = {"by": ", ".join(column.same_within)}
    return [Finding("differs_within", int(numbers[row]), column.name, told) for row in rows.tolist()]


def _duplicates(readings: Readings, numbers: Rows, kind: Schema) -> list[Finding]:
    """Find rows that share a key; every one of them is said, with the rows it shares it with."""
    keys = [readings[name] for name in kind.key]
    whole = np.logical_and.reduce([_is_whole(one) for one in keys])
    combined = combined_codes([_value_codes(one) for one in keys])[whole]
    places = np.flatnonzero(whole)
    _, inverse, counts = np.unique(combined, return_inverse=True, return_counts=True)
    shared = places[counts[inverse] > 1]
    groups: dict[int, list[int]] = {}
    for place, group in zip(shared.tolist(), inverse[counts[inverse] > 1].tolist(), strict=True):
        groups.setdefault(group, []).append(place)
    findings: list[Finding] = []
    for rows in groups.values():
        told = _duplicate(readings, rows, numbers, kind)
        findings += [Finding(told.kind, int(numbers[row]), kind.key[0], told.values) for row in rows]
    return findings


def _duplicate(readings: Readings, rows: Sequence[int], numbers: Rows, kind: Schema) -> Finding:
    said = ", ".join(str(int(numbers[row])) for row in rows[:MOST_ROWS_SAID])
    key = ", ".join(_shown(readings[name], rows[0]) for name in kind.key)
    for name, reading in readings.items():
        if name in kind.key:
            continue
        values = list(dict.fromkeys(_shown(reading, row) for row in rows))
        if len(values) > 1:
            told = {"rows": said, "same": key, "differing": name, "values": ", ".join(values[:5])}
            return Finding("duplicate_key", values=told)
    if any(reading.column.personal for reading in readings.values()):
        told = {"rows": said, "same": key, "differing": "\u2026", "values": "\u2026"}
        return Finding("duplicate_key", values=told)
    return Finding("duplicate_row", values={"rows": said, "same": key})


def _shown(reading: Reading, row: int) -> str:
    one = reading.reads[reading.codes[row]]
    value = one.value if one.state == OK else one.state
    return "\u2026" if reading.column.personal else value[:40]


def _is_whole(reading: Reading) -> NDArray[np.bool_]:
    whole = np.array([not one.wrong and one.state == OK for one in reading.reads] or [False])
    return whole[reading.codes]


def _value_codes(reading: Reading) -> NDArray[np.int64]:
    """Code rows by clean value: 90 and 090 are one municipality, Tuki and tuki one service."""
    places: dict[str, int] = {}
    fold = reading.column.kind in _TEXTS
    codes = [places.setdefault(plain(one.value) if fold else one.value, len(places)) for one in reading.reads]
    return np.array(codes or [0], dtype=np.int64)[reading.codes]


def combined_codes(parts: Sequence[NDArray[np.integer]]) -> NDArray[np.int64]:
    """Give one code to each different combination of codes.

    Examples
    --------
    >>> combined_codes([np.array([0, 0, 1]), np.array([2, 2, 2])]).tolist()
    [0, 0, 1]
    """
    combined = np.zeros(len(parts[0]), dtype=np.int64)
    for part in parts:
        wide = combined * (int(part.max(initial=0)) + 1) + part
        # Made small again after each part, so that many columns never overflow.
        combined = np.unique(wide, return_inverse=True)[1].astype(np.int64)
    return combined
