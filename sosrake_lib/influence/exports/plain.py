"""Exports that are text: CSV, JSON, and what is put on the clipboard (lines of tabs, and an HTML table)."""

from __future__ import annotations

import csv
import html
import io
import json

from sosrake_lib.influence.exports.content import Cell, Content, Sheet
from sosrake_lib.influence.exports.safe import guarded
from sosrake_lib.influence.tables import HIDDEN_MARK
from sosrake_lib.language import say

BOM = "\ufeff"


def as_csv(content: Content, *, bom: bool = True) -> bytes:
    """Write CSV: in Finnish and Swedish `;` and a decimal comma, in English `,` and a point.

    UTF-8, by default with BOM. State, origin, release and source stand in the last columns of every line, so
    that they follow a line that is cut out. Several parts are one file, with the part's name in column one.
    """
    decimal = _decimal(content)
    text = _delimited(content, ";" if decimal == "," else ",", decimal)
    return ((BOM if bom else "") + text).encode("utf-8")


def as_tsv(content: Content) -> bytes:
    """Write lines of tabs as a spreadsheet pastes them, in the language's own decimals."""
    return _delimited(content, "\t", _decimal(content)).encode("utf-8")


def as_html(content: Content) -> bytes:
    """Write the tables as HTML for the clipboard: pasted into a text or a sheet, they stay tables."""
    decimal = _decimal(content)
    # pasted into a sheet, a paragraph becomes a cell as well
    pieces = [f"<p>{html.escape(guarded(line))}</p>" for line in (*content.lines(), *content.paragraphs)]
    for sheet in content.sheets:
        head = "".join(f'<th scope="col">{html.escape(guarded(name))}</th>' for name in sheet.headings)
        lines = ("".join(_html_cell(cell, decimal) for cell in line) for line in sheet.lines)
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        caption = f"<caption>{html.escape(guarded(sheet.name))}</caption>"
        pieces.append(f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    inside = "\n".join(pieces)
    title = html.escape(content.title)
    head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
    page = f'<!doctype html><html lang="{content.language}">{head}<body>\n{inside}\n</body></html>\n'
    return page.encode()


def as_json(content: Content) -> bytes:
    """Write JSON: numbers are numbers, a hidden figure is the mark, what does not exist is null."""
    told = {
        "title": content.title,
        "language": content.language,
        "release": content.release_id,
        "state": content.state,
        "origin": content.origin,
        "hidden_mark": HIDDEN_MARK,
        "paragraphs": list(content.paragraphs),
        "parts": [_json_part(sheet) for sheet in content.sheets],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")


def _decimal(content: Content) -> str:
    return "." if content.language == "en" else ","


def _json_part(sheet: Sheet) -> dict:
    return {
        "part": sheet.name,
        "source": sheet.source,
        "rows": [
            dict(zip(sheet.headings, (cell.value for cell in line), strict=True)) for line in sheet.lines
        ],
    }


def _delimited(content: Content, delimiter: str, decimal: str) -> str:
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter, lineterminator="\r\n")
    language = content.language
    first = [say("vienti.part", language)]
    last = [say(f"vienti.last.{name}", language) for name in ("state", "origin", "release", "source")]
    if content.paragraphs:
        writer.writerow([say("vienti.text", language), last[0]])
        writer.writerows([guarded(text), content.state] for text in content.paragraphs)
    headings = list(dict.fromkeys(name for sheet in content.sheets for name in sheet.headings))
    if content.sheets:
        writer.writerow([guarded(name) for name in (*first, *headings, *last)])
    for sheet in content.sheets:
        about = [guarded(x) for x in (content.state, content.origin, content.release_id, sheet.source)]
        for line in sheet.lines:
            cells = dict(zip(sheet.headings, line, strict=True))
            figures = [_written(cells.get(name), decimal) for name in headings]
            writer.writerow([guarded(sheet.name), *figures, *about])
    return made.getvalue()


def _written(cell: Cell | None, decimal: str) -> str:
    if cell is None or cell.value is None:
        return ""
    if isinstance(cell.value, str):
        return guarded(cell.value)
    # every decimal of the release, without an exponent a spreadsheet of another language reads as text
    text = str(cell.value) if isinstance(cell.value, int) else f"{cell.value:.12f}".rstrip("0").rstrip(".")
    return text.replace(".", decimal)


def _html_cell(cell: Cell, decimal: str) -> str:
    if isinstance(cell.value, str):
        return f"<td style=\"mso-number-format:'\\@'\">{html.escape(guarded(cell.value))}</td>"
    return f"<td>{_written(cell, decimal)}</td>"
