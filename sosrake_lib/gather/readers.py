"""Office files into rows of cells: text in the encodings and separators offices use, and workbooks.

Nothing is interpreted here but the form of the file; `sosrake_lib.gather.tables` judges the content.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.gather import columnar
from sosrake_lib.gather.encodings import decode
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.raw import Cells, HeaderScore, RawTable, from_rows, refused

__all__ = ["LONGEST_FIELD", "MOST_COLUMNS", "HeaderScore", "RawTable", "read_csv", "read_file"]

LARGEST_FILE = 200_000_000
LARGEST_BOOK = 50_000_000
MOST_COLUMNS = 200
LONGEST_FIELD = 10_000
SEPARATORS = {";": "puolipiste", "\t": "sarkain", ",": "pilkku", "|": "pystyviiva"}
# A quoted field over more lines than this is a quote somebody forgot to close.
_LONGEST_RECORD = 200
_FIRST_LINES = 30
_BOOKS = (".xlsx", ".xlsm", ".ods")


@dataclass(frozen=True)
class _Header:
    """Where the header stands; `separator` is None when no line has a known column name."""

    separator: str | None
    row: int
    cells: Cells


def read_file(path: Path, score: HeaderScore, header_row: int | None = None) -> RawTable:
    """Read a file by its content and name; `score(cells)` counts the known column names of a line."""
    size, ending = path.stat().st_size, path.suffix.lower()
    limit = LARGEST_BOOK if ending in _BOOKS else LARGEST_FILE
    if size > limit:
        return refused(Finding("too_large", values={"limit": str(limit // 1_000_000)}))
    body = path.read_bytes()
    if not body.strip():
        return refused(Finding("empty_file"))
    if ending in _BOOKS:
        from sosrake_lib.gather.workbooks import read_workbook

        return read_workbook(path, body, score, header_row)
    return read_csv(path, body, score, header_row)


def read_csv(path: Path, body: bytes, score: HeaderScore, header_row: int | None = None) -> RawTable:
    """Read text with separators: encoding, line ends, separator and header are found and said."""
    decoded = decode(body)
    findings = list(decoded.findings)
    if decoded.text is None:
        return refused(*findings)
    text = _lines_unified(decoded.text, findings)
    first = text.split("\n", _FIRST_LINES)[:_FIRST_LINES]
    header = _header(first, score, header_row)
    if header.separator is None:
        return refused(*findings, Finding("no_header"))
    above = _above(first, header, header_row)
    if above is not None:
        return refused(*findings, above, header_row=header.row)
    findings += _separator_said(path, first, header)
    return _body(text, header, findings)


def _lines_unified(text: str, findings: list[Finding]) -> str:
    if "\r" not in text:
        return text
    if "\r\r\n" in text:
        findings.append(Finding("line_breaks"))
        text = text.replace("\r\r\n", "\n")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _header(lines: list[str], score: HeaderScore, header_row: int | None) -> _Header:
    """Find separator and header line: the one with most known column names among the first lines."""
    best, known_most = _Header(None, 1, []), 0
    for row, line in enumerate(lines, start=1):
        if header_row not in (None, row):
            continue
        for separator in SEPARATORS:
            cells = [cell.strip().strip('"') for cell in line[: LONGEST_FIELD * 3].split(separator)]
            known = score(cells)
            if known > known_most:
                best, known_most = _Header(separator, row, cells), known
    return best


def _above(lines: list[str], header: _Header, header_row: int | None) -> Finding | None:
    """Say what stands above the header: titles, or the upper row of a header of two."""
    over = lines[: header.row - 1]
    if header_row is not None or not over or _directive(over):
        return None
    upper = [cell for cell in over[-1].split(header.separator) if cell.strip(' "\t')]
    if len(upper) >= 2 and not any(cell.strip(' "').isdigit() for cell in upper):
        return Finding("two_row_header", header.row - 1, values={"second": str(header.row)})
    told = {"header_row": str(header.row), "last": str(header.row - 1)}
    return Finding("title_rows", header.row, values=told)


def _directive(over: list[str]) -> bool:
    """Say whether the one line above the header is `sep=;`, which spreadsheets read and never show."""
    return len(over) == 1 and re.fullmatch(r'"?sep=.?"?', over[0].strip(), re.IGNORECASE) is not None


def _separator_said(path: Path, lines: list[str], header: _Header) -> list[Finding]:
    separator, ending = header.separator or "", path.suffix.lower()
    usual = {".csv": (";", ","), ".tsv": ("\t",), ".tab": ("\t",)}.get(ending, (";", ",", "\t"))
    if separator in usual and not _directive(lines[: header.row - 1]):
        return []
    shown = "\\t" if separator == "\t" else separator
    return [Finding("separator", values={"separator": shown, "word": shown})]


def _body(text: str, header: _Header, findings: list[Finding]) -> RawTable:
    fast = columnar.read(text, header.separator or ";", header.row)
    if fast is not None:
        names, columns, numbers = fast.header, fast.columns, fast.numbers
    else:
        records = _records(text.split("\n"), header.separator or ";", findings)
        names = [str(cell) for cell in records[header.row - 1][1]] if len(records) >= header.row else []
        columns, numbers = [], None
    if len(names) == 1 and len(header.cells) > 1:
        return refused(*findings, Finding("line_in_quotes", header.row))
    while names and not names[-1].strip():
        names.pop()
    if len(names) > MOST_COLUMNS:
        return refused(
            *findings, Finding("too_many_columns", header.row, values={"limit": str(MOST_COLUMNS)})
        )
    if numbers is None:
        rows = _regular(records[header.row :], len(names), header.separator or ";", findings)
        columns, numbers = from_rows(rows, len(names))
    return RawTable(names, columns, numbers, findings, header_row=header.row)


def _records(lines: list[str], separator: str, findings: list[Finding]) -> list[tuple[int, Cells]]:
    """Split lines into cells; a quoted cell may run over lines and is one row, as a spreadsheet shows it."""
    records: list[tuple[int, Cells]] = []
    place = 0
    while place < len(lines):
        number, line = len(records) + 1, lines[place]
        if '"' not in line:
            records.append((number, line.split(separator)))
            place += 1
            continue
        parts, quotes, end = [line], line.count('"'), place + 1
        while quotes % 2 and end < len(lines) and end - place < _LONGEST_RECORD:
            parts.append(lines[end])
            quotes, end = quotes + lines[end].count('"'), end + 1
        if quotes % 2:
            findings.append(Finding("open_quote", number))
            records.append((number, []))
            place += 1
            continue
        records.append((number, _cells("\n".join(parts), separator)))
        place = end
    return records


def _cells(line: str, separator: str) -> Cells:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        # The module's limit on field length: split plainly, so that the long cell is found and named.
        return list(line.split(separator))


def _regular(
    records: list[tuple[int, Cells]], width: int, separator: str, findings: list[Finding]
) -> list[tuple[int, Cells]]:
    """Keep rows of the header's width; empty rows fall away, others that differ are said."""
    rows = []
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        kept = list(cells)
        while len(kept) > width and not kept[-1].strip():
            kept.pop()
        if len(kept) != width:
            findings.append(_odd_row(number, kept, width, separator))
            continue
        rows.append((number, kept))
    return rows


def _odd_row(number: int, cells: Cells, width: int, separator: str) -> Finding:
    others = [mark for mark in SEPARATORS if mark != separator]
    parted = any(cells[0].count(mark) >= width - 1 for mark in others)
    if len(cells) == 1 and not parted and re.search(r"[^\W\d_]{3}", cells[0]):
        return Finding("note_row", number)
    return Finding("ragged", number, values={"found": str(len(cells)), "expected": str(width)})
