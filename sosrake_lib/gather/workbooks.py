"""Excel workbooks, read as untrusted: caps before parsing, no entities, no formulas without their value."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import openpyxl
import openpyxl.xml
from defusedxml import DefusedXmlException, ElementTree
from openpyxl.utils import column_index_from_string

from sosrake_lib.gather import archives
from sosrake_lib.gather.cells import Percent, Told
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.raw import HeaderScore, RawTable, refused
from sosrake_lib.gather.sheets import MOST_COLUMNS, Block, Sheet, read_sheets

_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+)(?::([A-Z]{1,3})(\d+))?"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s(?=[^>]*?\shidden="(?:1|true)")[^>]*?r="(\d+)"')
_COLUMN = re.compile(rb'<(?:\w+:)?col\s(?=[^>]*?hidden="(?:1|true)")[^>]*>')


def read_workbook(path: Path, body: bytes, score: HeaderScore, header_row: int | None = None) -> RawTable:
    """Read the table of an Excel or OpenDocument workbook."""
    is_ods = path.suffix.lower() == ".ods"
    problem = archives.unsafe(body, "ods" if is_ods else "xlsx")
    if problem is not None:
        return refused(problem)
    if not openpyxl.xml.DEFUSEDXML:
        return refused(Finding("entities"))
    try:
        table = read_sheets(_sheets_of(body, is_ods), score, header_row)
    except DefusedXmlException:
        return refused(Finding("entities"))
    except archives.DAMAGE:
        return refused(Finding("broken_excel"))
    if _has_macros(body):
        table.findings.append(Finding("macros"))
    return table


def _sheets_of(body: bytes, is_ods: bool) -> list[Sheet]:
    if is_ods:
        from sosrake_lib.gather.opendocument import sheets_of

        return sheets_of(body)
    with warnings.catch_warnings():
        # What openpyxl leaves out (print areas, pictures, styles) is no part of a table.
        warnings.simplefilter("ignore")
        return _sheets(body)


def _has_macros(body: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return any(
            name == "xl/vbaProject.bin" or (name.startswith("Basic/") and not name.endswith("/"))
            for name in packed.namelist()
        )


def _sheets(body: bytes) -> list[Sheet]:
    values = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    parts = _parts(body)
    written = None
    sheets = []
    for sheet in values.worksheets:
        content = parts.get(sheet.title, b"")
        cells, errors = _cells(sheet)
        formulas: dict[tuple[int, int], bool] = {}
        if _FORMULA.search(content):
            written = written or openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=False)
            formulas = _formulas(written[sheet.title], cells)
        sheets.append(
            Sheet(
                sheet.title,
                cells,
                sheet.sheet_state != "visible",
                _merged(content),
                formulas,
                errors,
                [int(row) for row in _HIDDEN_ROW.findall(content)],
                list(_hidden_columns(content)),
            )
        )
    return sheets


def _cells(sheet: Any) -> tuple[list[list[Any]], dict[tuple[int, int], str]]:
    rows: list[list[Any]] = []
    errors: dict[tuple[int, int], str] = {}
    # The size a sheet says of itself may be anything; without it each row is as wide as its cells.
    sheet.reset_dimensions()
    for number, line in enumerate(sheet.iter_rows(min_row=1), start=1):
        cells = []
        for place, cell in enumerate(line[: MOST_COLUMNS + 1], start=1):
            value = cell.value
            if value is not None and cell.data_type == "e":
                errors[number, place] = str(value)
                value = Told()
            elif isinstance(value, int | float) and not isinstance(value, bool) and "%" in cell.number_format:
                value = Percent(float(value))
            cells.append(value)
        while cells and cells[-1] is None:
            cells.pop()
        rows.append(cells)
    while rows and not rows[-1]:
        rows.pop()
    return rows, errors


def _formulas(sheet: Any, cells: list[list[Any]]) -> dict[tuple[int, int], bool]:
    """Find formulas, and mark the cells whose value was never computed."""
    found = {}
    sheet.reset_dimensions()
    for number, line in enumerate(sheet.iter_rows(min_row=1), start=1):
        for place, cell in enumerate(line[: MOST_COLUMNS + 1], start=1):
            if cell.value is None or cell.data_type != "f":
                continue
            while len(cells) < number:
                cells.append([])
            row = cells[number - 1]
            row += [None] * (place - len(row))
            found[number, place] = row[place - 1] is not None
            if row[place - 1] is None:
                row[place - 1] = Told()
    return found


def _parts(body: bytes) -> dict[str, bytes]:
    """Give the XML of each sheet by its title: the quick reader does not tell what is merged or hidden."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
        links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        found = {}
        for sheet in book.iter():
            target = targets.get(sheet.get(_OFFICE), "")
            if not sheet.tag.endswith("}sheet") or not target:
                continue
            name = str(PurePosixPath("xl") / target) if not target.startswith("/") else target[1:]
            if name in packed.namelist():
                found[sheet.get("name", "")] = packed.read(name)
        return found


def _merged(content: bytes) -> list[Block]:
    blocks = []
    for left, top, right, bottom in _MERGED.findall(content):
        last = right or left
        columns = (column_index_from_string(left.decode()), column_index_from_string(last.decode()))
        blocks.append(Block(int(top), int(bottom or top), *columns))
    return blocks


def _hidden_columns(content: bytes) -> Iterator[int]:
    for column in _COLUMN.findall(content):
        first, last = re.search(rb'min="(\d+)"', column), re.search(rb'max="(\d+)"', column)
        if first and last:
            yield from range(int(first[1]), min(int(last[1]), MOST_COLUMNS) + 1)
