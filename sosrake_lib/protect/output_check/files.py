"""Files of results into tables and texts; what cannot be read is told, never passed over."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib.gather import archives, encodings
from sosrake_lib.protect.output_check import office, text_tables
from sosrake_lib.protect.output_check.contents import Contents, named, of_lines, of_text
from sosrake_lib.protect.output_check.limits import Risk
from sosrake_lib.protect.output_check.tables import ResultTable, result_table

LARGEST_FILE = 50_000_000
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf", ".tif", ".tiff", ".webp", ".eps"}
_TABLES = {".csv", ".tsv"}
_OFFICE = {".xlsx", ".ods", ".docx", ".pptx"}
_PAGES = {".html", ".htm"}
_TEXTS = {".txt", ".log", ".md", ".tex", ".out", ".lst", ".rtf"}
_STATES = {
    *(".pkl", ".pickle", ".joblib", ".rds", ".rdata", ".rda", ".dta", ".sav", ".sas7bdat", ".feather"),
    *(".parquet", ".db", ".sqlite", ".duckdb", ".h5", ".hdf5", ".npy", ".npz", ".model", ".smcl", ".spv"),
}
_CODE = {".py", ".r", ".do", ".sps", ".sas", ".sql"}
# How saved states begin, whatever their name says: pickle (protocols 2-5), R, Arrow, Parquet, SQLite, HDF5.
_BEGIN_STATES = (
    *(b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"RDX", b"RDA", b"PAR1", b"ARROW1", b"FEA1"),
    *(b"SQLite format 3", b"\x89HDF", b"<stata_dta>", b"$FL2", b"\x93NUMPY"),
)
_BEGIN_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ")


def read(path: Path) -> Contents:
    """Read a file of results by its ending."""
    kind = path.suffix.casefold()
    if path.stat().st_size > LARGEST_FILE:
        return _told("not_read", path)
    if kind in _PICTURES:
        text = _text(path) if kind == ".svg" else None
        return Contents((), (text,) if text else (), (Risk("picture", path.name),))
    if kind in _STATES:
        return _told("code_or_state", path)
    try:
        begins = path.read_bytes()[:16]
        if begins.startswith(_BEGIN_STATES):
            return _told("code_or_state", path)
        if begins.startswith(_BEGIN_PACKED) and kind not in _OFFICE:
            return _told("not_read", path)
        return _parsed(path, kind)
    except (*archives.DAMAGE, UnicodeError, csv.Error, RecursionError):
        return _told("not_read", path)


def _parsed(path: Path, kind: str) -> Contents:
    if kind in _OFFICE:
        return office.read(path, kind)
    text = _text(path)
    if text is None:
        return _told("not_read", path)
    if kind in _TABLES:
        return Contents(_delimited(path.name, text), (text,))
    if kind == ".json":
        return Contents(tuple(_nested(path.name, json.loads(text))), (text,))
    if kind == ".ipynb":
        return _notebook(path, text)
    if kind in _PAGES:
        return Contents(named(path.name, text_tables.in_html(text)), (text,))
    if kind in _TEXTS:
        return Contents(of_text(path.name, text), (text,))
    if kind in (".jsonl", ".ndjson"):
        return Contents(
            tuple(_nested(path.name, [json.loads(line) for line in text.splitlines() if line])), (text,)
        )
    # a kind that is not known is told of, and its words are looked through all the same
    return Contents((), (text,), () if kind in _CODE else (Risk("not_read", path.name),))


def _told(kind: str, path: Path) -> Contents:
    return Contents((), (), (Risk(kind, path.name),))


def _text(path: Path) -> str | None:
    """Read a text in any encoding the importer knows; None when it is no text."""
    body = path.read_bytes()
    text = encodings.decode(body).text
    text = body.decode("utf-8", "replace") if text is None else text
    return None if "\x00" in text else text


def _delimited(name: str, text: str) -> tuple[ResultTable, ...]:
    """Read the tables of a CSV file: titles above and notes under them are no lines of theirs."""
    if not text.strip():
        return ()
    first = "\n".join(text.splitlines()[:20])
    separator = max(";\t,|", key=first.count)
    plain = text.replace("\r\r\n", "\n")
    return of_lines(name, list(csv.reader(io.StringIO(plain, newline=""), delimiter=separator)))


def _nested(name: str, value: Any) -> list[ResultTable]:
    """Find the tables of a JSON file: lists of objects, and objects of equally long lists."""
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return [result_table(name, pd.DataFrame([_flat(row) for row in value]))]
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        return list(of_lines(name, value))
    if isinstance(value, dict):
        if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
            return list(of_lines(name, [value["columns"], *value["data"]]))  # pandas' orient="split"
        columns = {key: part for key, part in value.items() if isinstance(part, list)}
        scalar = [not isinstance(one, list | dict) for part in columns.values() for one in part]
        if columns and all(scalar) and len({len(part) for part in columns.values()}) == 1:
            return [result_table(name, pd.DataFrame(columns))]
        return [
            table
            for key, part in value.items()
            if isinstance(part, list | dict)
            for table in _nested(f"{name}: {key}", part)
        ]
    return []


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {key: json.dumps(part) if isinstance(part, list | dict) else part for key, part in row.items()}


def _notebook(path: Path, text: str) -> Contents:
    notebook = json.loads(text)
    tables: list[pd.DataFrame] = []
    texts, risks = [], []
    for cell in notebook.get("cells", []):
        texts.append(_joined(cell.get("source", [])))
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            if any(kind.startswith("image/") for kind in shown):
                risks.append(Risk("picture", path.name))
            told = _joined(shown.get("text/plain", output.get("text", output.get("traceback", []))))
            page = _joined(shown.get("text/html", []))
            texts += [told, page]
            tables += text_tables.in_html(page) if "<table" in page else text_tables.in_text(told)
            if output.get("output_type") == "error" or any("widget" in kind for kind in shown):
                risks.append(Risk("hidden_content", path.name))
    if "widgets" in notebook.get("metadata", {}):
        risks.append(Risk("hidden_content", path.name))
    return Contents(named(path.name, tables), tuple(texts), tuple(risks))


def _joined(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)
