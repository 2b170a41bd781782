"""Odd and bad workbooks, Excel and OpenDocument, made here one fault at a time, each with its verdict."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
from bad_tables import CLEAN, CONVERTED, REFUSE, ROWS_BAD, WARN, Case

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = (
    " ".join(f'xmlns:{name}="{OFFICE}{name}:1.0"' for name in ("office", "table", "text", "style"))
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"


def typed_rows() -> list[list[Any]]:
    """Give the clean table as a workbook has it: numbers are numbers, codes are text."""
    rows: list[list[Any]] = [line.split(";") for line in CLEAN.strip().split("\n")]
    return [
        rows[0],
        *([code, name, int(year), *rest[:1], *map(int, rest[1:])] for code, name, year, *rest in rows[1:]),
    ]


def xlsx(change: Callable[[Any], None] | None = None) -> bytes:
    """Make an Excel workbook; `change` gets it before it is saved."""
    book = openpyxl.Workbook()
    book.active.title = "Tiedot"
    for row in typed_rows():
        book.active.append(row)
    if change is not None:
        change(book)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def repacked(body: bytes, entry: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change one entry of a packed file, as a damaged or hostile program would leave it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        for name in names:
            new.writestr(name, change(old.read(name)) if name == entry else old.read(name))
        if entry not in names:
            new.writestr(entry, change(b""))
    return out.getvalue()


def ods_cell(value: Any, more: str = "") -> str:
    """Write a cell of OpenDocument: text, number, date, or nothing."""
    if value is None:
        return f"<table:table-cell{more}/>"
    if isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    elif isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}{more}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def ods_rows(rows: list[list[Any]]) -> list[str]:
    return [f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows]


def ods(rows: list[str] | None = None, before: str = "", more: str = "", styles: str = "") -> bytes:
    """Make an OpenDocument spreadsheet; `before` and `more` are tables around the one of `rows`."""
    lines = "".join(ods_rows(typed_rows()) if rows is None else rows)
    empty = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{before}"
        f"<table:table table:name={quoteattr('Tiedot')}><table:table-column/>{lines}{empty}"
        f"</table:table>{more}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo("mimetype"), MIMETYPE)
        packed.writestr("content.xml", content)
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def ods_with(row: int, place: int, cell: str) -> bytes:
    """Make an OpenDocument spreadsheet with one odd cell."""
    rows = [[ods_cell(one) for one in line] for line in typed_rows()]
    rows[row - 1][place] = cell
    return ods([f"<table:table-row>{''.join(line)}</table:table-row>" for line in rows])


def book(name: str, body: bytes, verdict: str, *told: Any, ending: str = ".xlsx") -> Case:
    rows, columns, kinds = (*told, *((),) * (3 - len(told)))
    return Case(name, body, verdict, rows, columns, kinds, ending)


def put(**cells: Any) -> bytes:
    """Make an Excel workbook with some cells changed."""

    def change(workbook: Any) -> None:
        for name, value in cells.items():
            workbook.active[name] = value

    return xlsx(change)


def _share(workbook: Any) -> None:
    for row, value in enumerate(["osuus", 0.0231, 0.0355, 0.0325, 0.044, 0.0193, 0.0211], start=1):
        workbook.active.cell(row, 7, value).number_format = "0.0%"


def _second_sheet(workbook: Any, state: str = "visible") -> None:
    sheet = workbook.create_sheet("Toinen")
    sheet.sheet_state = state
    for row in typed_rows():
        sheet.append(row)


def _cover(workbook: Any) -> None:
    workbook.create_sheet("Kansi", 0)["A1"] = "Toimeentulotuen asiakkaat"


def _merged_data(workbook: Any) -> None:
    workbook.active.merge_cells("D3:D4")


def _hidden(workbook: Any) -> None:
    workbook.active.row_dimensions[3].hidden = True
    workbook.active.column_dimensions["F"].hidden = True


def _title(workbook: Any) -> None:
    workbook.active.insert_rows(1)
    workbook.active["A1"] = "Asiakkaat 2021"
    workbook.active.merge_cells("A1:F1")


def _many_columns(workbook: Any) -> None:
    for column in range(7, 260):
        workbook.active.cell(1, column, f"x{column}")


SHEET = "xl/worksheets/sheet1.xml"
DTD = b'<!DOCTYPE x [<!ENTITY a "b">]>'


def _after_declaration(content: bytes) -> bytes:
    comment = b"<!--" + b" " * 70_000 + b"-->" + DTD
    return re.sub(rb"^(<\?xml[^>]*\?>)?", lambda found: found[0] + comment, content, count=1)


def _stored_error(content: bytes) -> bytes:
    return content.replace(b'<c r="E3" t="n"><v>4310</v></c>', b'<c r="E3" t="e"><v>#DIV/0!</v></c>')


def _formula_with_value(content: bytes) -> bytes:
    return content.replace(b'<c r="E3" t="n"><v>4310</v></c>', b'<c r="E3"><f>4000+310</f><v>4310</v></c>')


def _huge_size(content: bytes) -> bytes:
    return content.replace(b'ref="A1:F7"', b'ref="A1:XFD1048576"')


REPEATED = (
    '<table:table-row table:number-rows-repeated="1000000">' + ods_cell("x" * 50) * 30 + "</table:table-row>"
)
HIDDEN_TABLE = (
    '<table:table table:name="Vanha" table:style-name="piilo">'
    + "".join(ods_rows(typed_rows()))
    + "</table:table>"
)
HIDDEN_STYLE = (
    '<style:style style:name="piilo" style:family="table"><style:table-properties table:display="false"/>'
    "</style:style>"
)
FILTERED = [
    line.replace("<table:table-row>", '<table:table-row table:visibility="filter">') if row == 2 else line
    for row, line in enumerate(ods_rows(typed_rows()))
]
SHARE = "vaesto", "osuus"


def _ods_share() -> bytes:
    rows = [[ods_cell(one) for one in line] for line in typed_rows()]
    rows[0].append(ods_cell("osuus"))
    for line in rows[1:]:
        line.append(
            '<table:table-cell office:value-type="percentage" office:value="0.0231"><text:p>2,31 %</text:p>'
            "</table:table-cell>"
        )
    return ods([f"<table:table-row>{''.join(line)}</table:table-row>" for line in rows])


EXCEL = [
    book("excel", xlsx(), "accept"),
    book("excel_macro_name", xlsx(), "accept", ending=".xlsm"),
    book("whole_floats", put(E3=4310.0), "accept"),
    book(
        "lost_zero",
        put(A2=90, B2="Hausjärvi"),
        ROWS_BAD,
        (2,),
        ("kunta_nro", "kunta"),
        ("leading_zero", "name_differs"),
    ),
    book("number_code", put(A2=491), "accept"),
    book(
        "stored_error",
        repacked(xlsx(), SHEET, _stored_error),
        ROWS_BAD,
        (3,),
        ("asiakkaat",),
        ("error_cell",),
    ),
    book(
        "formula_with_value",
        repacked(xlsx(), SHEET, _formula_with_value),
        CONVERTED,
        (3,),
        ("asiakkaat",),
        ("formula_value",),
    ),
    book("formula_without_value", put(F4="=E4*50"), ROWS_BAD, (4,), ("vaesto",), ("formula_no_value",)),
    book("date_for_number", put(E3=date(2021, 2, 1)), ROWS_BAD, (3,), ("asiakkaat",), ("not_number",)),
    book("date_for_year", put(C3=date(2021, 1, 1)), ROWS_BAD, (3,), ("vuosi",), ("year",)),
    book("true_for_number", put(E3=True), ROWS_BAD, (3,), ("asiakkaat",), ("not_number",)),
    book("half_client", put(E3=4310.5), ROWS_BAD, (3,), ("asiakkaat",), ("not_whole",)),
    book("dates", put(G1="pvm", G2=date(2021, 2, 1), G3=date(2021, 2, 1)), "accept"),
    book("serial_date", put(G1="pvm", G2=44228), ROWS_BAD, (2,), ("pvm",), ("date_serial",)),
    book("share_as_percent", xlsx(_share), CONVERTED, (), ("osuus",), ("percent",)),
    book("text_numbers", put(E2="1 204", E3="4310"), CONVERTED, (2, 3), ("asiakkaat",), ("number_as_text",)),
    book("suppressed", put(E2="<5"), CONVERTED, (2,), ("asiakkaat",), ("suppressed",)),
    book("note_below_table", put(A9="Lähde: asiakastietojärjestelmä"), ROWS_BAD, (9,), (), ("note_row",)),
    book("words_beside_table", put(H3="tarkista!"), ROWS_BAD, (3,), (), ("ragged",)),
    book("title_merged", xlsx(_title), REFUSE, (2,), (), ("title_rows",)),
    book("merged_data", xlsx(_merged_data), ROWS_BAD, (3, 4), ("palvelu",), ("merged_cells",)),
    book("hidden_parts", xlsx(_hidden), WARN, (3,), ("vaesto",), ("hidden_row", "hidden_column")),
    book("cover_sheet", xlsx(_cover), CONVERTED, (), (), ("sheet_chosen",)),
    book("two_sheets", xlsx(_second_sheet), REFUSE, (), (), ("several_sheets",)),
    book("hidden_sheet", xlsx(lambda one: _second_sheet(one, "hidden")), WARN, (), (), ("hidden_sheet",)),
    book(
        "very_hidden_sheet",
        xlsx(lambda one: _second_sheet(one, "veryHidden")),
        WARN,
        (),
        (),
        ("hidden_sheet",),
    ),
    book("too_many", xlsx(_many_columns), REFUSE, (1,), (), ("too_many_columns",)),
    book("huge_size_told", repacked(xlsx(), SHEET, _huge_size), "accept"),
    book("entities", repacked(xlsx(), SHEET, lambda one: DTD + one), REFUSE, (), (), ("entities",)),
    book("entities_far", repacked(xlsx(), SHEET, _after_declaration), REFUSE, (), (), ("entities",)),
    book(
        "entities_in_utf16",
        repacked(xlsx(), "xl/styles.xml", lambda one: (DTD + one).decode().encode("utf-16")),
        REFUSE,
        (),
        (),
        ("entities",),
    ),
    book(
        "bomb", repacked(xlsx(), "xl/media/x.xml", lambda _: b" " * 30_000_000), REFUSE, (), (), ("zip_bomb",)
    ),
    book(
        "macros",
        repacked(xlsx(), "xl/vbaProject.bin", lambda _: b"x"),
        WARN,
        (),
        (),
        ("macros",),
        ending=".xlsm",
    ),
    book("cut_off_book", xlsx()[:-300], REFUSE, (), (), ("not_excel",)),
    book("no_sheet", repacked(xlsx(), SHEET, lambda _: b""), REFUSE, (), (), ("broken_excel",)),
    book("old_or_locked", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, REFUSE, (), (), ("old_excel",)),
    book(
        "page_named_excel",
        b"<html><table><tr><td>491</td></tr></table></html>",
        REFUSE,
        (),
        (),
        ("html_page",),
    ),
    book("excel_named_csv", xlsx(), REFUSE, (), (), ("excel_named_csv",), ending=".csv"),
    book("excel_named_ods", xlsx(), REFUSE, (), (), ("named_otherwise",), ending=".ods"),
]
OPEN = [
    book("ods", ods(), "accept", ending=".ods"),
    book(
        "ods_suppressed",
        ods_with(4, 4, ods_cell("..")),
        CONVERTED,
        (4,),
        ("asiakkaat",),
        ("suppressed",),
        ending=".ods",
    ),
    book(
        "ods_text_number",
        ods_with(4, 4, ods_cell("1180")),
        CONVERTED,
        (4,),
        ("asiakkaat",),
        ("number_as_text",),
        ending=".ods",
    ),
    book(
        "ods_negative",
        ods_with(4, 4, ods_cell(-5)),
        ROWS_BAD,
        (4,),
        ("asiakkaat",),
        ("negative",),
        ending=".ods",
    ),
    book("ods_percent", _ods_share(), CONVERTED, (), ("osuus",), ("percent",), ending=".ods"),
    book(
        "ods_formula",
        ods_with(4, 4, ods_cell(1180, ' table:formula="of:=[.F4]/30"')),
        CONVERTED,
        (4,),
        ("asiakkaat",),
        ("formula_value",),
        ending=".ods",
    ),
    book(
        "ods_formula_without_value",
        ods_with(4, 4, ods_cell(None, ' table:formula="of:=[.F4]/30"')),
        ROWS_BAD,
        (4,),
        ("asiakkaat",),
        ("formula_no_value",),
        ending=".ods",
    ),
    book(
        "ods_error",
        ods_with(4, 4, ods_cell("#DIV/0!", ' table:formula="of:=1/0" calcext:value-type="error"')),
        ROWS_BAD,
        (4,),
        ("asiakkaat",),
        ("error_cell",),
        ending=".ods",
    ),
    book(
        "ods_merged_header",
        ods_with(1, 4, ods_cell("asiakkaat", ' table:number-columns-spanned="2"')),
        REFUSE,
        (1,),
        (),
        ("merged_header",),
        ending=".ods",
    ),
    book(
        "ods_merged_data",
        ods_with(4, 3, ods_cell("toimeentulotuki", ' table:number-rows-spanned="2"')),
        ROWS_BAD,
        (4, 5),
        ("palvelu",),
        ("merged_cells",),
        ending=".ods",
    ),
    book("ods_hidden_row", ods(FILTERED), WARN, (3,), (), ("hidden_row",), ending=".ods"),
    book(
        "ods_hidden_sheet",
        ods(before=HIDDEN_TABLE, styles=HIDDEN_STYLE),
        WARN,
        (),
        (),
        ("hidden_sheet",),
        ending=".ods",
    ),
    book("ods_two_sheets", ods(more=HIDDEN_TABLE), REFUSE, (), (), ("several_sheets",), ending=".ods"),
    book(
        "ods_unrolls",
        ods([*ods_rows(typed_rows()), REPEATED]),
        REFUSE,
        (),
        (),
        ("broken_excel",),
        ending=".ods",
    ),
    book(
        "ods_entities",
        repacked(ods(), "content.xml", _after_declaration),
        REFUSE,
        (),
        (),
        ("entities",),
        ending=".ods",
    ),
    book(
        "ods_locked",
        repacked(ods(), "META-INF/manifest.xml", lambda _: b"<manifest:encryption-data/>"),
        REFUSE,
        (),
        (),
        ("protected",),
        ending=".ods",
    ),
    book(
        "ods_bomb",
        repacked(ods(), "Pictures/x.xml", lambda _: b" " * 30_000_000),
        REFUSE,
        (),
        (),
        ("zip_bomb",),
        ending=".ods",
    ),
    book("ods_named_excel", ods(), REFUSE, (), (), ("named_otherwise",)),
    book("ods_named_csv", ods(), REFUSE, (), (), ("named_otherwise",), ending=".csv"),
    book("text_named_ods", CLEAN.encode(), REFUSE, (), (), ("not_ods",), ending=".ods"),
    book(
        "ods_broken",
        repacked(ods(), "content.xml", lambda one: one[:900]),
        REFUSE,
        (),
        (),
        ("broken_excel",),
        ending=".ods",
    ),
]
CASES = [*EXCEL, *OPEN]
