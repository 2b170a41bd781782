"""A checked table as a file of the user's data folder, with its dictionary beside it."""

from __future__ import annotations

import hashlib
import io
import json
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from sosrake_lib import frame as frames
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import indicator_rows
from sosrake_lib.gather.cache import replace_file
from sosrake_lib.gather.schemas import Schema


def refuse_git(target: Path) -> None:
    """Refuse a folder inside a git tree, so that own data are never published by accident.

    Raises
    ------
    GatherError naming the tree.
    """
    for place in (target, *target.parents):
        if (place / ".git").exists():
            raise GatherError(
                f"import: folder {target} lies in the git tree {place}; own data stays outside it, "
                "so that it is never published by accident; give another folder with --to"
            )


def write(clean: pd.DataFrame, kind: Schema, file: Path, target: Path, synthetic: bool) -> Path:
    """Write a table and its dictionary; an indicator table becomes rows of the indicator frame."""
    shaped = indicator_rows.as_frame(clean, file.name, synthetic) if kind.frame else clean
    if kind.frame:
        frames.check(shaped, file=file.name)
    target.mkdir(parents=True, exist_ok=True)
    written = target / f"{kind.name}.csv"
    about = {
        "title": kind.title_en,
        "kind": "synthetic" if synthetic else "real",
        "licence": "",
        "source": file.name,
        "source_sha256": _hash(file),
        "imported": date.today().isoformat(),
        "rows": len(shaped),
    }
    replace_file(written.with_suffix(".toml"), _toml(about, _dictionary(shaped, kind)).encode("utf-8"))
    replace_file(written, _csv(shaped))
    return written


def same_before(kind: Schema, file: Path, target: Path) -> bool:
    """Say whether the very same file was imported to the folder before."""
    try:
        about = tomllib.loads((target / f"{kind.name}.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
    return about.get("source_sha256") == _hash(file) and (target / f"{kind.name}.csv").is_file()


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _csv(shaped: pd.DataFrame) -> bytes:
    """Write rows as CSV; where no cell needs quotes, the quick writer gives the same bytes."""
    if all(isinstance(kind, pd.StringDtype) for kind in shaped.dtypes):
        sink = io.BytesIO()
        sink.write((",".join(map(str, shaped.columns)) + "\n").encode("utf-8"))
        options = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
        try:
            arrow_csv.write_csv(pa.Table.from_pandas(shaped, preserve_index=False), sink, options)
            return sink.getvalue()
        except pa.ArrowInvalid:
            pass  # some cell has a comma, a quote or a line break
    return shaped.to_csv(index=False, lineterminator="\n").encode("utf-8")


def _dictionary(shaped: pd.DataFrame, kind: Schema) -> dict[str, tuple[str, str]]:
    meanings = {column.name: column.meaning for column in kind.columns}
    types = {column.name: column.kind for column in kind.columns}
    numbers = {"count": "integer", "number": "number", "scale": "integer"}
    described = {}
    for name in shaped.columns:
        base = name.removesuffix("_tila")
        meaning = meanings.get(name) or (
            f"state of {base}: ok, peitetty or puuttuu" if base != name else name
        )
        described[name] = (numbers.get(types.get(name, ""), "text"), meaning)
    if kind.frame:
        for name in (*frames.NUMBERS, "borders"):
            if name in described:
                described[name] = ("number", described[name][1])
    return described


def _toml(about: Mapping[str, object], columns: Mapping[str, tuple[str, str]]) -> str:
    """Write the dictionary; JSON's quoting of text and whole numbers is TOML's too."""
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in about.items()]
    for name, (kind, meaning) in columns.items():
        lines += ["", f"[columns.{json.dumps(name, ensure_ascii=False)}]", f'type = "{kind}"']
        lines.append(f"meaning = {json.dumps(meaning, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"
