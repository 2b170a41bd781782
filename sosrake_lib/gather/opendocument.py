"""OpenDocument spreadsheets (LibreOffice): cells with their types, formulas, what is merged and hidden.

Format: OASIS Open Document Format 1.3, part 3, chapter 9 (tables). Read with entities refused, and repeated
cells are unrolled only as far as a table reaches.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from defusedxml import ElementTree

from sosrake_lib.gather.cells import Percent, Told
from sosrake_lib.gather.sheets import MOST_COLUMNS, Block, Sheet

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_MOST_CELLS, _MOST_ROWS = 6_000_000, 1_048_576
_ERRORS = ("#", "Err:", "Virhe:")
_NUMBERS = ("float", "currency", "percentage")


@dataclass
class _Growing:
    """A sheet while its rows are read."""

    name: str
    hidden: bool
    cells: list[list[Any]] = field(default_factory=list)
    merged: list[Block] = field(default_factory=list)
    formulas: dict[tuple[int, int], bool] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    row: int = 0
    column: int = 0
    total: int = 0


def sheets_of(body: bytes) -> list[Sheet]:
    """Read every sheet of an OpenDocument spreadsheet.

    Raises
    ------
    ValueError, LookupError or a parse error when the document is damaged or unrolls beyond all measure.
    """
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        content = packed.read("content.xml")
    invisible: set[str] = set()
    sheets: list[_Growing] = []
    for event, node in ElementTree.iterparse(io.BytesIO(content), ("start", "end")):
        _take(event, node, invisible, sheets)
    return [
        Sheet(
            one.name,
            one.cells,
            one.hidden,
            one.merged,
            one.formulas,
            one.errors,
            one.hidden_rows,
            one.hidden_columns,
        )
        for one in sheets
    ]


def _take(event: str, node: Any, invisible: set[str], sheets: list[_Growing]) -> None:
    if event == "start":
        if node.tag == f"{_TABLE}table":
            styled = node.get(f"{_TABLE}style-name", "")
            sheets.append(_Growing(node.get(f"{_TABLE}name", ""), styled in invisible))
        return
    if node.tag == f"{_STYLE}style":
        shown = [part.get(f"{_TABLE}display") for part in node.iter(f"{_STYLE}table-properties")]
        if "false" in shown:
            invisible.add(node.get(f"{_STYLE}name", ""))
    elif node.tag == f"{_TABLE}table-column" and sheets:
        _column(node, sheets[-1])
    elif node.tag == f"{_TABLE}table-row" and sheets:
        _row(node, sheets[-1])
        node.clear()


def _column(node: Any, sheet: _Growing) -> None:
    repeated = int(node.get(f"{_TABLE}number-columns-repeated", "1"))
    if node.get(f"{_TABLE}visibility") in ("collapse", "filter"):
        last = min(sheet.column + repeated, MOST_COLUMNS)
        sheet.hidden_columns += range(sheet.column + 1, last + 1)
    sheet.column += repeated


def _row(node: Any, sheet: _Growing) -> None:
    repeated = int(node.get(f"{_TABLE}number-rows-repeated", "1"))
    if repeated < 1:
        raise ValueError("a row repeated less than once")
    first = sheet.row + 1
    cells = _unrolled(node, sheet, first)
    sheet.row += repeated
    if not any(cell is not None for cell in cells):
        return
    sheet.total += repeated * len(cells)
    if sheet.row > _MOST_ROWS or sheet.total > _MOST_CELLS:
        raise ValueError("the sheet unrolls beyond all measure")
    sheet.cells += [[] for _ in range(first - 1 - len(sheet.cells))]
    sheet.cells += [list(cells) for _ in range(repeated)]
    copies = range(first + 1, first + repeated)
    if node.get(f"{_TABLE}visibility") in ("collapse", "filter"):
        sheet.hidden_rows += [first, *copies]
    places = range(1, len(cells) + 1)
    sheet.formulas.update(
        {
            (row, at): sheet.formulas[first, at]
            for row in copies
            for at in places
            if (first, at) in sheet.formulas
        }
    )
    sheet.errors.update(
        {(row, at): sheet.errors[first, at] for row in copies for at in places if (first, at) in sheet.errors}
    )


def _unrolled(node: Any, sheet: _Growing, row: int) -> list[Any]:
    cells: list[Any] = []
    for cell in node:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        place = len(cells) + 1
        value = _value(cell)
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        spans = [int(cell.get(f"{_TABLE}number-{way}-spanned", "1")) for way in ("rows", "columns")]
        if max(spans) > 1:
            sheet.merged.append(Block(row, row + spans[0] - 1, place, place + spans[1] - 1))
        value = _noted(cell, value, sheet, row, place)
        cells += [value] * min(repeated, MOST_COLUMNS + 1 - len(cells))
        if len(cells) > MOST_COLUMNS:
            break
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _noted(cell: Any, value: Any, sheet: _Growing, row: int, place: int) -> Any:
    """Note formulas and errors of a cell; what has no value of its own becomes `Told`."""
    formula = cell.get(f"{_TABLE}formula") is not None
    text = _text(cell)
    if cell.get(f"{_CALC}value-type") == "error" or (formula and text.startswith(_ERRORS)):
        sheet.errors[row, place] = text
        return Told()
    if formula:
        sheet.formulas[row, place] = value is not None
        return Told() if value is None else value
    return value


def _value(cell: Any) -> Any:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind in _NUMBERS:
        number = float(cell.get(f"{_OFFICE}value"))
        if kind == "percentage":
            return Percent(number)
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    if kind == "date":
        written = cell.get(f"{_OFFICE}date-value", "")
        return datetime.fromisoformat(written) if "T" in written else date.fromisoformat(written)
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    return _text(cell) or None


def _text(cell: Any) -> str:
    """Join the paragraphs of a cell; a note beside it is no part of its text."""
    return "\n".join("".join(_pieces(line)) for line in cell if line.tag == f"{_TEXT}p")


def _pieces(node: Any) -> Iterator[str]:
    if node.tag == f"{_TEXT}s":
        yield " " * min(int(node.get(f"{_TEXT}c", "1")), 1000)
    elif node.tag == f"{_TEXT}tab":
        yield "\t"
    elif node.tag == f"{_TEXT}line-break":
        yield "\n"
    yield node.text or ""
    for part in node:
        yield from _pieces(part)
        yield part.tail or ""
