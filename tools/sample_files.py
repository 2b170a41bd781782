"""Write sample files that read well in a diff: sorted rows, LF, no float noise, a dictionary beside each."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame

ABOUT = Path(__file__).with_name("sample_descriptions.toml")
NEUTRAL = {"sex": "total", "age": "all", "group": "all", "break_before": False}
ALWAYS = ("indicator", "region_level", "region_code", "borders", "period", "value", "status", "origin")


def write_sample(folder: Path, name: str, rows: pd.DataFrame, hashes: dict[str, str]) -> None:
    """Write an indicator frame as `<name>.csv` with its dictionary, leaving out columns that say nothing."""
    rows = rows.sort_values(list(frame.KEY), kind="stable")
    first = [column for column in (*frame.KEY, *frame.VALUES) if column in rows]
    rows = rows[[*first, *(column for column in rows if column not in first)]]
    write_table(folder, name, rows[[column for column in rows if not _says_nothing(rows, column)]], hashes)


def write_table(folder: Path, name: str, rows: pd.DataFrame, hashes: dict[str, str] | None = None) -> None:
    """Write a table as `<name>.csv` (UTF-8, LF) and its dictionary `<name>.toml`."""
    texts = rows.apply(lambda column: column.map(_text))
    path = folder / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        texts.to_csv(file, index=False, lineterminator="\n")
    about = tomllib.loads(ABOUT.read_text(encoding="utf-8"))
    path.with_suffix(".toml").write_text(
        dictionary_text(about[name], about["columns"], rows, hashes or {}), encoding="utf-8", newline="\n"
    )


def dictionary_text(about: dict, words: dict, rows: pd.DataFrame, hashes: dict[str, str]) -> str:
    """Make the text of a dictionary: what the file is, where from, what is true in it, and its columns."""
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in about.items() if key != "columns"
    ]
    lines.append(f"rows = {len(rows)}")
    if hashes:
        lines += ["", "# The files beside the project that the rows were picked from.", "[picked_from]"]
        lines += [f'"{file}" = "sha256:{value}"' for file, value in hashes.items()]
    meanings = {**words, **about.get("columns", {})}
    for column in rows.columns:
        lines += [
            "",
            f"[columns.{json.dumps(column) if '.' in column else column}]",
            f'type = "{_kind(rows[column])}"',
        ]
        lines.append(f"meaning = {json.dumps(_meaning(meanings, column), ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _says_nothing(rows: pd.DataFrame, column: str) -> bool:
    if column in ALWAYS:
        return False
    if column in NEUTRAL:
        return bool((rows[column] == NEUTRAL[column]).all())
    return bool(rows[column].isna().all()) or (column == "per" and bool((rows[column] == 1).all()))


def _meaning(meanings: dict, column: str) -> str:
    """Give a column's meaning; `item.scale` columns share that of `*.scale`, `form_1` that of `form_*`."""
    numbered = column.rstrip("0123456789") + "*"
    known = [name for name in (column, numbered) if name in meanings]
    return meanings[known[0] if known else f"*.{column.rpartition('.')[2]}"]


def _kind(column: pd.Series) -> str:
    if column.dtype == bool:
        return "true or false"
    if not pd.api.types.is_numeric_dtype(column):
        return "text"
    present = column.dropna()
    return "integer" if len(present) and bool((present % 1 == 0).all()) else "number"


def _text(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return ""
    if isinstance(value, float | np.floating):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return str(value)
