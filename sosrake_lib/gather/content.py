"""Judges the cells of a table against its schema, and shapes what passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.gather import across, checks, indicator_rows, marks, odd_rows
from sosrake_lib.gather.cells import Told
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.raw import RawTable
from sosrake_lib.gather.readings import LONGEST_FIELD, Reading, by_rows, capped, of_cells, read_column
from sosrake_lib.gather.schemas import Schema


@dataclass(frozen=True, eq=False)
class Judged:
    """What was found in a table, and its columns as they were read; `rows` are those of data."""

    findings: list[Finding]
    readings: Mapping[str, Reading]
    rows: int


def judge(raw: RawTable, kind: Schema) -> Judged:
    """Read every cell of the schema's columns and tell what is wrong, what was converted."""
    known = {column.name for column in kind.columns}
    findings = checks.personal_columns(raw, known)
    second = odd_rows.second_header(raw, kind)
    if second is not None:
        return Judged([*findings, second], {}, 0)
    findings += _unknown_columns(raw, known)
    sorted_out = odd_rows.sort_out(raw, kind)
    findings += sorted_out.findings
    table = sorted_out.table
    readings = {
        column.name: read_column(table.columns[table.header.index(column.name)], column, table.typed)
        for column in kind.columns
        if column.name in table.header
    }
    for reading in readings.values():
        findings += of_cells(reading, table.numbers, kind)
    findings += across.judge(readings, table.numbers, kind)
    if kind.frame:
        expanded = {name: reading.expanded() for name, reading in readings.items()}
        findings += indicator_rows.judge(expanded, table.numbers.tolist())
    return Judged(capped(findings), readings, len(table.numbers))


def origin_of(readings: Mapping[str, Reading], kind: Schema) -> tuple[bool, list[Finding]]:
    """Say whether a table is of the invented county, and refuse one that mixes it with real places."""
    name = next((column.name for column in kind.columns if column.kind == "municipality"), "")
    if name not in readings or not len(readings[name].codes):
        return False, []
    used = np.unique(readings[name].codes)
    invented = [readings[name].reads[code].value.startswith("E") for code in used]
    if any(invented) and not all(invented):
        return False, [Finding("synthetic_mixed", None, name)]
    return all(invented), []


def clean_table(readings: Mapping[str, Reading], kind: Schema) -> pd.DataFrame:
    """Shape what passed: text by column, and the state of each number beside it."""
    table: dict[str, NDArray[np.object_]] = {}
    for column in kind.columns:
        reading = readings.get(column.name)
        if reading is None:
            continue
        if column.kind == "pseudonym":
            table[column.name] = _running_numbers(reading.values())
            continue
        table[column.name] = reading.values()
        if column.kind in ("count", "number"):
            table[f"{column.name}_tila"] = reading.states()
    return pd.DataFrame(table, dtype="str")


def _running_numbers(ids: NDArray[np.object_]) -> NDArray[np.object_]:
    # The office's own ids stay at the office; a running number tells the same clients apart.
    return np.array([str(place + 1) for place in pd.factorize(ids)[0]], dtype=object)


def _unknown_columns(raw: RawTable, known: set[str]) -> list[Finding]:
    """Tell of columns that are not imported, and of what makes them suspect all the same."""
    findings: list[Finding] = []
    for name, column in zip(raw.header, raw.columns, strict=True):
        if name in known:
            continue
        told = [place for place, cell in enumerate(column.values) if cell is not None and str(cell).strip()]
        if name.strip():
            findings.append(Finding("unknown_column", None, name))
        elif len(column.where(told)):
            findings.append(Finding("unnamed_column"))
        faults: dict[str, dict[int, Finding]] = {}
        for place in told:
            kind = _fault(column.values[place])
            if kind:
                faults.setdefault(kind, {})[place] = Finding(kind, None, name, {"value": "\u2026"})
        for alike in faults.values():
            findings += by_rows(alike, column.codes, raw.numbers)
    return findings


def _fault(cell: object) -> str:
    if not isinstance(cell, str) or isinstance(cell, Told):
        return ""
    if len(cell) > LONGEST_FIELD:
        return "long_field"
    text = cell.strip()
    # A minus before digits is a number in a column nobody knows.
    words = not text[1:2].isdigit()
    kind = marks.fault(text, words=words and len(text) > 1 and text[0] in "+-@=" and text[1:2].isalpha())
    return kind if kind in ("formula", "control_char") else ("markup" if marks.has_markup(text) else "")
