"""Excel workbooks, read as untrusted: caps before parsing, no entities, no formulas without their value."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

import openpyxl
import openpyxl.xml
from defusedxml import ElementTree

from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.readers import MOST_COLUMNS, HeaderScore, RawTable

LARGEST_UNPACKED = 50_000_000
HIGHEST_RATIO = 200
_SMALL_ENTRY = 200_000
_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# What the standard library and openpyxl raise on a damaged workbook; the user needs one line.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ElementTree.ParseError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read_workbook(path: Path, body: bytes, score: HeaderScore, header_row: int | None = None) -> RawTable:
    """Read the sheet whose header has most known column names."""
    problem = _unsafe(body)
    if problem is not None:
        return RawTable(findings=[problem])
    try:
        values = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=False)
        merged = _merged(body)
        best: tuple[int, str, int] = (0, "", 1)
        for sheet in values.worksheets:
            rows = sheet.iter_rows(max_row=header_row or 30, max_col=MOST_COLUMNS + 1, values_only=True)
            for number, cells in enumerate(rows, start=1):
                if header_row in (None, number) and score(list(cells)) > best[0]:
                    best = (score(list(cells)), sheet.title, number)
        title = best[1] or (values.worksheets[0].title if values.worksheets else "")
        heads = [row for row in merged.get(title, []) if row <= max(best[2], 2)]
        if heads:
            return RawTable(
                findings=[Finding("merged_header", min(heads), values={"sheet": title})], sheet=title
            )
        if not best[1]:
            return RawTable(findings=[Finding("no_header")], sheet=title)
        if header_row is None and best[2] > 1:
            told = {"header_row": str(best[2]), "last": str(best[2] - 1)}
            return RawTable(findings=[Finding("title_rows", best[2], values=told)], sheet=title)
        return _sheet(values[title], formulas[title], best[2])
    except _DAMAGE:
        return RawTable(findings=[Finding("broken_excel")])


def _unsafe(body: bytes) -> Finding | None:
    """Refuse what is no workbook, or would grow out of measure, before anything is unpacked."""
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        return Finding("old_excel")
    if not openpyxl.xml.DEFUSEDXML:
        return Finding("entities")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            entries = packed.infolist()
            total = sum(entry.file_size for entry in entries)
            steep = any(
                entry.file_size > _SMALL_ENTRY
                and entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1)
                for entry in entries
            )
            if steep or total > LARGEST_UNPACKED:
                return Finding("zip_bomb", values={"size": str(round(total / 1e6))})
            if "xl/workbook.xml" not in packed.namelist():
                return Finding("not_excel")
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with packed.open(entry) as content:
                        if b"<!DOCTYPE" in content.read(4096).upper():
                            return Finding("entities")
    except _DAMAGE:
        return Finding("not_excel")
    return None


def _merged(body: bytes) -> dict[str, list[int]]:
    """Give for each sheet the first rows of its merged ranges; the read-only reader does not tell them."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
        links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        found = {}
        for sheet in book.iter():
            if not sheet.tag.endswith("}sheet"):
                continue
            target = targets.get(sheet.get(_OFFICE), "")
            name = str(PurePosixPath("xl") / target) if not target.startswith("/") else target[1:]
            ranges = re.findall(rb'<(?:\w+:)?mergeCell\s+ref="[A-Z]+(\d+)', packed.read(name))
            found[sheet.get("name", "")] = [int(row) for row in ranges]
    return found


def _sheet(values: Any, formulas: Any, header_row: int) -> RawTable:
    findings: list[Finding] = []
    header: list[str] = []
    rows: list[tuple[int, list[Any]]] = []
    both = zip(
        values.iter_rows(max_col=MOST_COLUMNS + 1), formulas.iter_rows(max_col=MOST_COLUMNS + 1), strict=False
    )
    for number, (shown, written) in enumerate(both, start=1):
        cells = [cell.value for cell in shown]
        if number < header_row:
            continue
        if number == header_row:
            header = ["" if cell is None else str(cell).strip() for cell in cells]
            while header and not header[-1]:
                header.pop()
            if len(header) > MOST_COLUMNS:
                limit = {"limit": str(MOST_COLUMNS)}
                return RawTable(findings=[Finding("too_many_columns", number, values=limit)])
            continue
        computed = [place for place, cell in enumerate(written[: len(header)]) if cell.data_type == "f"]
        for place in computed:
            lost = place >= len(cells) or cells[place] is None
            told = {"cell": f"{openpyxl.utils.get_column_letter(place + 1)}{number}"}
            kind = "formula_no_value" if lost else "formula_value"
            findings.append(Finding(kind, number, header[place], told))
        kept = cells[: len(header)] + [None] * (len(header) - len(cells))
        if computed or any(cell is not None and str(cell).strip() for cell in kept):
            rows.append((number, kept))
    return RawTable(header, rows, findings, typed=True, sheet=values.title, header_row=header_row)
