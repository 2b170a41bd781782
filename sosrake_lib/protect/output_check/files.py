"""Files of results into tables and texts; what cannot be read is told, never passed over."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib.gather import archives, encodings
from sosrake_lib.protect.output_check.limits import Risk
from sosrake_lib.protect.output_check.tables import ResultTable, result_table

LARGEST_FILE = 50_000_000
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf", ".tif", ".tiff", ".webp", ".eps"}
_TABLES = {".csv", ".tsv"}
_BOOKS = {".xlsx": "xlsx", ".ods": "ods"}
_TEXTS = {".txt", ".log", ".md", ".tex", ".html", ".htm", ".out", ".lst"}
_STATES = {
    *(".pkl", ".pickle", ".joblib", ".rds", ".rdata", ".rda", ".dta", ".sav", ".sas7bdat", ".feather"),
    *(".parquet", ".db", ".sqlite", ".duckdb", ".h5", ".hdf5", ".npy", ".npz", ".model"),
}
_CODE = {".py", ".r", ".do", ".sps", ".sas", ".sql", ".ipynb_checkpoints"}


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What was read of a file: its tables, its texts, and what is to be said of the file itself."""

    tables: tuple[ResultTable, ...] = ()
    texts: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = field(default=())


def read(path: Path) -> Contents:
    """Read a file of results by its ending."""
    kind = path.suffix.casefold()
    if path.stat().st_size > LARGEST_FILE:
        return _told("not_read", path)
    if kind in _PICTURES:
        texts = (_text(path),) if kind == ".svg" else ()
        return Contents((), texts, (Risk("picture", path.name),))
    if kind in _STATES:
        return _told("code_or_state", path)
    try:
        return _parsed(path, kind)
    except (*archives.DAMAGE, UnicodeError, csv.Error, RecursionError):
        return _told("not_read", path)


def _parsed(path: Path, kind: str) -> Contents:
    if kind in _TABLES:
        return _delimited(path)
    if kind in _BOOKS:
        return _book(path, _BOOKS[kind])
    if kind == ".json":
        return _json(path)
    if kind == ".ipynb":
        return _notebook(path)
    if kind in _TEXTS or kind in _CODE:
        return Contents((), (_text(path),))
    return _told("not_read", path)


def _told(kind: str, path: Path) -> Contents:
    return Contents((), (), (Risk(kind, path.name),))


def _text(path: Path) -> str:
    text = encodings.decode(path.read_bytes()).text
    return text if text is not None else path.read_bytes().decode("utf-8", "replace")


def _delimited(path: Path) -> Contents:
    text = _text(path)
    if not text.strip():
        return Contents()
    first = "\n".join(text.splitlines()[:20])
    separator = max(";\t,|", key=first.count)
    frame = pd.read_csv(
        io.StringIO(text),
        sep=separator,
        dtype=str,
        keep_default_na=False,
        index_col=False,
        on_bad_lines="error",
    )
    return Contents((result_table(path.name, frame),), (text,))


def _book(path: Path, kind: str) -> Contents:
    body = path.read_bytes()
    if archives.unsafe(body, kind) is not None:
        return _told("not_read", path)
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    tables, texts, risks = [], [], []
    for about in book.sheets_metadata:
        rows = book.get_sheet_by_name(about.name).to_python(skip_empty_area=True)
        if not rows:
            continue
        if about.visible != SheetVisibleEnum.Visible:
            risks.append(Risk("hidden_content", about.name))
        width = max(len(row) for row in rows)
        header = [str(cell) for cell in rows[0]] + [""] * (width - len(rows[0]))
        tables.append(result_table(f"{path.name}: {about.name}", pd.DataFrame(rows[1:], columns=header)))
        texts += ["\n".join(str(cell) for row in rows for cell in row if isinstance(cell, str))]
    return Contents(tuple(tables), tuple(texts), tuple(risks))


def _json(path: Path) -> Contents:
    text = _text(path)
    return Contents(tuple(_nested(path.name, json.loads(text))), (text,))


def _nested(name: str, value: Any) -> list[ResultTable]:
    """Find the tables of a JSON file: lists of objects, and objects of equally long lists."""
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return [result_table(name, pd.DataFrame([_flat(row) for row in value]))]
    if isinstance(value, dict):
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


def _notebook(path: Path) -> Contents:
    notebook = json.loads(_text(path))
    texts, risks = [], []
    for cell in notebook.get("cells", []):
        texts.append("".join(cell.get("source", [])))
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            if any(kind.startswith("image/") for kind in shown):
                risks.append(Risk("picture", path.name))
            told = shown.get("text/plain", output.get("text", output.get("traceback", [])))
            texts.append("".join(told) if isinstance(told, list) else str(told))
            if output.get("output_type") == "error" or any("widget" in kind for kind in shown):
                risks.append(Risk("hidden_content", path.name))
    if "widgets" in notebook.get("metadata", {}):
        risks.append(Risk("hidden_content", path.name))
    return Contents((), tuple(texts), tuple(risks))
