"""Exports for spreadsheets: XLSX and ODS, with numbers as numbers and text that is never a formula."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from sosrake_lib.influence.exports.content import Cell, Content, Sheet
from sosrake_lib.influence.exports.safe import FIXED_DAY, sealed
from sosrake_lib.influence.labels import DIMENSIONS
from sosrake_lib.language import say

_NAME_LENGTH = 31  # the longest name of a sheet that spreadsheets take
_WIDTH = 14


def as_xlsx(content: Content) -> bytes:
    """Write one sheet a part, and one for how its figures were made.

    State, origin, release and source stand above the headings of each.
    No cell holds a formula, so the file carries no cached value of anything; no chart, no pivot.
    """
    book = Workbook()
    book.remove(book.active)
    for name, lines, head in _pages(content):
        sheet = book.create_sheet(name)
        for number, line in enumerate(lines, start=1):
            for column, cell in enumerate(line, start=1):
                _put(sheet.cell(number, column), cell, bold=number in (1, head))
        for column in range(1, max(map(len, lines)) + 1):
            sheet.column_dimensions[get_column_letter(column)].width = _WIDTH
        if head:
            sheet.freeze_panes = sheet.cell(head + 1, 1)
        sheet.oddHeader.center.text = content.state.replace("&", "&&")
    book.properties.creator = book.properties.lastModifiedBy = "SOSRAKE"
    book.properties.title = content.title
    book.properties.description = " ".join(content.lines())
    book.properties.created = FIXED_DAY
    made = io.BytesIO()
    book.save(made)
    return sealed(made.getvalue())


def as_ods(content: Content) -> bytes:
    """Write one sheet a part in OpenDocument, as in XLSX."""
    from odfdo import Document, Row, Table

    document = Document("spreadsheet")
    document.body.clear()
    for name, lines, _ in _pages(content):
        table = Table(name)
        for line in lines:
            row = Row()
            for cell in line:
                row.append_cell(_ods_cell(cell))
            table.append_row(row)
        document.body.append(table)
    meta = document.meta
    meta.clear_user_defined_metadata()
    meta.title, meta.creator, meta.initial_creator = content.title, "SOSRAKE", "SOSRAKE"
    meta.description = " ".join(content.lines())
    meta.language = {"fi": "fi-FI", "en": "en-GB", "sv": "sv-FI"}[content.language]
    meta.creation_date = meta.date = FIXED_DAY
    document.del_part("Thumbnails/thumbnail.png")
    made = io.BytesIO()
    document.save(made)
    return sealed(made.getvalue())


def _pages(content: Content) -> list[tuple[str, list[tuple[Cell, ...]], int]]:
    """Give name, lines and the place of the headings (0: none) of each sheet."""
    about = [(Cell(line, line),) for line in content.lines()]
    title = (Cell(content.title, content.title),)
    if not content.sheets:
        name = say("vienti.text", content.language)
        return [(name, [title, *about, *((Cell(text, text),) for text in content.paragraphs)], 0)]
    made = []
    for number, sheet in enumerate(content.sheets, start=1):
        head = (Cell(sheet.name, sheet.name),)
        for name, columns in _halves(sheet, number, content.language):
            names = tuple(Cell(sheet.headings[place], sheet.headings[place]) for place in columns)
            rows = [tuple(line[place] for place in columns) for line in sheet.lines]
            made.append((name, [head, *about, (), names, *rows], len(about) + 3))
    return made


def _halves(sheet: Sheet, number: int, language: str) -> list[tuple[str, list[int]]]:
    """Name the sheets of a part and their columns: what a reader asks, then how the figures were made."""
    width = len(sheet.headings)
    told = width - sheet.technical
    name = _sheet_name(sheet.name, number)
    if not sheet.technical:
        return [(name, list(range(width)))]
    whose = [*range(len(DIMENSIONS)), told - 1]
    apart = _sheet_name(f"{say('vienti.made', language)} {sheet.name}", number)
    return [(name, list(range(told))), (apart, [*whose, *range(told, width)])]


def _sheet_name(name: str, number: int) -> str:
    plain = "".join("_" if sign in "[]:*?/\\'" else sign for sign in name)
    # no sign a formula begins with, and not the one name that Excel keeps to itself
    plain = plain.lstrip("=+-@ ") or f"{number}"
    plain = f"{plain}_" if plain.casefold() == "history" else plain
    # two long names may agree in what a spreadsheet keeps of them
    return plain if len(plain) <= _NAME_LENGTH else f"{plain[: _NAME_LENGTH - 4]}_{number}"


def _put(place: Any, cell: Cell, *, bold: bool) -> None:
    if cell.value is None:
        return
    if isinstance(cell.value, str):
        place.value = cell.value
        place.data_type = "s"
        # also when somebody edits the cell, its text stays text
        place.quotePrefix = True
        place.alignment = Alignment(vertical="top")
    else:
        place.value = cell.value
    if bold:
        place.font = Font(bold=True)


def _ods_cell(cell: Cell) -> Any:
    from odfdo import Cell as OdsCell

    if cell.value is None:
        return OdsCell()
    if isinstance(cell.value, str):
        return OdsCell(cell.value, text=cell.value, cell_type="string")
    return OdsCell(cell.value, text=cell.text, cell_type="float")
