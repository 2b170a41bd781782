"""The sheets of a workbook, whatever program made it: which one is the table, and what in it is told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sosrake_lib.gather.cells import Told
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.raw import HeaderScore, RawTable, from_rows, refused

MOST_COLUMNS = 200
_FIRST_ROWS = 30


@dataclass(frozen=True)
class Block:
    """A range of merged cells; rows and columns count from 1."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True)
class Sheet:
    """Cells of one sheet from row 1; `formulas` has (row, column) from 1 and whether a value is there."""

    name: str
    cells: list[list[Any]]
    hidden: bool = False
    merged: Sequence[Block] = ()
    formulas: dict[tuple[int, int], bool] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()


@dataclass(frozen=True)
class _Choice:
    sheet: Sheet
    known: int
    row: int


def read_sheets(sheets: Sequence[Sheet], score: HeaderScore, header_row: int | None = None) -> RawTable:
    """Read the sheet whose header has most known column names; two such sheets are refused."""
    choices = [_choice(sheet, score, header_row) for sheet in sheets]
    if not choices:
        return refused(Finding("no_header"))
    best = max(choices, key=lambda one: (one.known, not one.sheet.hidden))
    sheet = best.sheet
    heads = [block.first_row for block in sheet.merged if _in_header(block, best)]
    if heads:
        return refused(Finding("merged_header", min(heads), values={"sheet": sheet.name}), sheet=sheet.name)
    if not best.known:
        return refused(Finding("no_header"), sheet=sheet.name)
    rivals = [one.sheet.name for one in choices if one.sheet is not sheet and one.known == best.known]
    shown = [one.sheet.name for one in choices if one.sheet.name in rivals and not one.sheet.hidden]
    if shown and not sheet.hidden:
        names = ", ".join([sheet.name, *shown])
        return refused(Finding("several_sheets", values={"sheets": names}), sheet=sheet.name)
    above = _above(best, header_row)
    if above is not None:
        return refused(above, sheet=sheet.name, header_row=best.row)
    said = _of_choice(sheets, sheet, rivals)
    table = _table(best)
    return replace(table, findings=[*said, *table.findings])


def _choice(sheet: Sheet, score: HeaderScore, header_row: int | None) -> _Choice:
    best = _Choice(sheet, 0, 1)
    last = max(_FIRST_ROWS, header_row or 0)
    for number, cells in enumerate(sheet.cells[:last], start=1):
        if header_row in (None, number):
            known = score(cells)
            if known > best.known:
                best = _Choice(sheet, known, number)
    return best


def _in_header(block: Block, choice: _Choice) -> bool:
    """Say whether merged cells stand in the header; a title over the table may be merged."""
    if block.first_row >= choice.row or not choice.known:
        return block.first_row <= max(choice.row, 2 if not choice.known else 1)
    # Of the rows above, the one on top of the header belongs to it when it has several cells.
    upper = choice.sheet.cells[choice.row - 2]
    return block.first_row == choice.row - 1 and sum(cell is not None for cell in upper) > 1


def _above(choice: _Choice, header_row: int | None) -> Finding | None:
    if header_row is not None or choice.row == 1:
        return None
    upper = [cell for cell in choice.sheet.cells[choice.row - 2] if cell is not None and str(cell).strip()]
    if len(upper) >= 2 and all(isinstance(cell, str) for cell in upper):
        return Finding("two_row_header", choice.row - 1, values={"second": str(choice.row)})
    told = {"header_row": str(choice.row), "last": str(choice.row - 1)}
    return Finding("title_rows", choice.row, values=told)


def _of_choice(sheets: Sequence[Sheet], chosen: Sheet, rivals: list[str]) -> list[Finding]:
    """Say which sheet was read when it was not the only or first one, and what is hidden in it."""
    findings = []
    filled = [one for one in sheets if any(any(cell is not None for cell in row) for row in one.cells)]
    if len(filled) > 1 and filled[0] is not chosen:
        findings.append(Finding("sheet_chosen", values={"sheet": chosen.name}))
    if chosen.hidden or rivals:
        name = chosen.name if chosen.hidden else rivals[0]
        findings.append(Finding("hidden_sheet", values={"sheet": name}))
    return findings


def _table(choice: _Choice) -> RawTable:
    sheet, width, named = choice.sheet, 0, choice.sheet.cells[choice.row - 1]
    header = ["" if cell is None or isinstance(cell, Told) else str(cell) for cell in named]
    while header and not header[-1].strip():
        header.pop()
    width = len(header)
    if width > MOST_COLUMNS:
        limit = {"limit": str(MOST_COLUMNS)}
        return refused(Finding("too_many_columns", choice.row, values=limit), sheet=sheet.name)
    findings: list[Finding] = []
    rows = []
    for number, cells in enumerate(sheet.cells[choice.row :], start=choice.row + 1):
        kept = cells[:width] + [None] * (width - len(cells))
        beyond = [cell for cell in cells[width:] if cell is not None and str(cell).strip()]
        if beyond:
            values = {"found": str(len(cells)), "expected": str(width)}
            findings.append(Finding("ragged", number, values=values))
        elif any(cell is not None and str(cell).strip() for cell in kept):
            rows.append((number, kept))
    columns, numbers = from_rows(rows, width)
    findings += _of_cells(sheet, header, choice.row, numbers)
    return RawTable(header, columns, numbers, findings, typed=True, sheet=sheet.name, header_row=choice.row)


def _of_cells(sheet: Sheet, header: list[str], first: int, numbers: np.ndarray) -> list[Finding]:
    """Tell of formulas, errors, merged and hidden cells of the table by the cell's own name."""
    read = set(numbers.tolist())
    findings = []
    for (row, column), has_value in sheet.formulas.items():
        if row > first and column <= len(header) and (row, column) not in sheet.errors:
            kind = "formula_value" if has_value else "formula_no_value"
            findings.append(Finding(kind, row, header[column - 1], {"cell": cell_name(row, column)}))
    for (row, column), text in sheet.errors.items():
        if row > first and column <= len(header):
            told = {"cell": cell_name(row, column), "value": text}
            findings.append(Finding("error_cell", row, header[column - 1], told))
    for block in sheet.merged:
        if block.last_row > first and block.first_column <= len(header):
            named = header[block.first_column - 1]
            rows = range(max(block.first_row, first + 1), min(block.last_row, block.first_row + 99) + 1)
            findings += [Finding("merged_cells", row, named, {"sheet": sheet.name}) for row in rows]
    findings += [Finding("hidden_row", row) for row in sheet.hidden_rows if row in read]
    findings += [
        Finding("hidden_column", None, header[column - 1])
        for column in sheet.hidden_columns
        if column <= len(header) and header[column - 1]
    ]
    return findings


def cell_name(row: int, column: int) -> str:
    """Give a cell's name in a spreadsheet.

    Examples
    --------
    >>> cell_name(2, 5), cell_name(10, 28)
    ('E2', 'AB10')
    """
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return f"{letters}{row}"
