"""Office files into rows of cells: CSV in the encodings and separators offices use, and Excel workbooks.

Nothing is interpreted here but the form of the file; `sosrake_lib.gather.tables` judges the content.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sosrake_lib.gather.findings import Finding

LARGEST_FILE = 50_000_000
MOST_COLUMNS = 200
LONGEST_FIELD = 10_000
# A quoted field over more lines than this is a quote somebody forgot to close.
_LONGEST_RECORD = 200

Cells = list[Any]
HeaderScore = Callable[[Cells], int]


@dataclass(frozen=True)
class RawTable:
    """Cells of one table; `rows` carry their number as a person sees it. CSV cells are text."""

    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, Cells]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    typed: bool = False
    sheet: str = ""
    header_row: int = 1


def read_file(path: Path, score: HeaderScore, header_row: int | None = None) -> RawTable:
    """Read a file by its content and name; `score(cells)` counts the known column names of a line."""
    size = path.stat().st_size
    if size > LARGEST_FILE:
        return RawTable(findings=[Finding("too_large", values={"limit": "50"})])
    body = path.read_bytes()
    if not body.strip():
        return RawTable(findings=[Finding("empty_file")])
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        from sosrake_lib.gather.workbooks import read_workbook

        return read_workbook(path, body, score, header_row)
    return read_csv(path, body, score, header_row)


def read_csv(path: Path, body: bytes, score: HeaderScore, header_row: int | None = None) -> RawTable:
    """Read text with separators: encoding, line ends, separator and header are found and said."""
    findings: list[Finding] = []
    text = _text(body, findings)
    if text is None:
        return RawTable(findings=findings)
    if "\r\r\n" in text:
        findings.append(Finding("line_breaks"))
        text = text.replace("\r\r\n", "\n")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    separator, row = _header(lines, score, header_row)
    if separator is None:
        return RawTable(findings=[*findings, Finding("no_header")])
    if header_row is None and row > 1:
        values = {"header_row": str(row), "last": str(row - 1)}
        return RawTable(findings=[*findings, Finding("title_rows", row, values=values)], header_row=row)
    if separator == "\t" and path.suffix.lower() == ".csv":
        findings.append(Finding("separator", values={"separator": "\\t"}))
    records = _records(lines, separator, findings)
    header = [str(cell).strip() for cell in records[row - 1][1]] if len(records) >= row else []
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS:
        return RawTable(
            findings=[*findings, Finding("too_many_columns", row, values={"limit": str(MOST_COLUMNS)})]
        )
    rows = _regular(records[row:], len(header), findings)
    return RawTable(header, rows, findings, header_row=row)


def _text(body: bytes, findings: list[Finding]) -> str | None:
    """Decode, or say why the bytes are no text of a table."""
    if body.startswith(b"PK\x03\x04"):
        findings.append(Finding("excel_named_csv"))
        return None
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        findings.append(Finding("old_excel"))
        return None
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, kind = "utf-16", "encoding"
    elif body.startswith(b"\xef\xbb\xbf"):
        encoding, kind = "utf-8-sig", "byte_order_mark"
    else:
        encoding, kind = "utf-8", ""
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        encoding, kind = "cp1252", "encoding"
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            text = "\0"
    if "\0" in text:
        findings.append(Finding("not_text"))
        return None
    if text.lstrip()[:1] == "<":
        findings.append(Finding("html_page"))
        return None
    if kind:
        findings.append(Finding(kind, values={"encoding": encoding}))
    return text


def _header(lines: list[str], score: HeaderScore, header_row: int | None) -> tuple[str | None, int]:
    """Find separator and header line: the one with most known column names among the first lines."""
    best: tuple[int, str | None, int] = (0, None, 1)
    for row, line in enumerate(lines[:30], start=1):
        if header_row not in (None, row):
            continue
        for separator in (";", "\t", ","):
            known = score([cell.strip().strip('"') for cell in line[: LONGEST_FIELD * 3].split(separator)])
            if known > best[0]:
                best = (known, separator, row)
    return best[1], best[2]


def _records(lines: list[str], separator: str, findings: list[Finding]) -> list[tuple[int, Cells]]:
    """Split lines into cells; a quoted cell may run over lines and is one row, as a spreadsheet shows it."""
    records: list[tuple[int, Cells]] = []
    place = 0
    while place < len(lines):
        number, line = len(records) + 1, lines[place]
        end = place + 1
        while line.count('"') % 2 and end < len(lines) and end - place < _LONGEST_RECORD:
            line, end = f"{line}\n{lines[end]}", end + 1
        if line.count('"') % 2:
            findings.append(Finding("open_quote", number))
            records.append((number, []))
            place += 1
            continue
        records.append((number, _cells(line, separator)))
        place = end
    return records


def _cells(line: str, separator: str) -> Cells:
    if '"' not in line:
        return list(line.split(separator))
    try:
        return next(csv.reader(io.StringIO(line), delimiter=separator), [])
    except csv.Error:
        # The module's limit on field length: split plainly, so that the long cell is found and named.
        return list(line.split(separator))


def _regular(
    records: list[tuple[int, Cells]], width: int, findings: list[Finding]
) -> list[tuple[int, Cells]]:
    """Keep rows of the header's width; empty rows fall away, others that differ are said."""
    rows = []
    for number, cells in records:
        if not any(str(cell).strip() for cell in cells):
            continue
        kept = list(cells)
        while len(kept) > width and not str(kept[-1]).strip():
            kept.pop()
        if len(kept) != width:
            values = {"found": str(len(kept)), "expected": str(width)}
            findings.append(Finding("ragged", number, values=values))
            continue
        rows.append((number, kept))
    return rows
