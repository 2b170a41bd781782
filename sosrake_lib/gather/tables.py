"""Office tables into the user's data folder: a dry look, then all of it or nothing.

A hidden value (`<5`, `..`) is a third state beside a value and a gap: the written file has, for each
column of numbers, a column `<name>_tila` with ok, peitetty or puuttuu.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import content, indicator_rows
from sosrake_lib.gather.cache import replace_file
from sosrake_lib.gather.cells import plain
from sosrake_lib.gather.findings import Finding, ImportResult, told, verdict_of
from sosrake_lib.gather.readers import RawTable, read_file
from sosrake_lib.gather.schemas import Schema, kinds, schema

__all__ = ["ImportResult", "check_file", "import_file", "kinds"]

_PASSING = ("accept", "accept_converted", "warn")


def import_file(
    file: Path,
    table: str,
    to: Path,
    dry_run: bool = False,
    language: str = "fi",
    *,
    header_row: int | None = None,
) -> ImportResult:
    """Check an office table and write it to a data folder, or write nothing and say why.

    Parameters
    ----------
    file : CSV (UTF-8, UTF-8 with mark, UTF-16, Windows-1252; `;`, `,` or tab) or an Excel workbook.
    table : kind of table, one of `kinds()`.
    to : the user's data folder, outside every git tree; made when it does not exist.
    dry_run : judge only.
    header_row : row of the header, when titles stand above it.

    Returns
    -------
    ImportResult: verdict (accept, accept_converted, warn, refuse_rows, refuse), findings (DataFrame row,
    column, kind, reason, fix; row as a person sees it, header = 1), written (path of the CSV or None), rows.

    Raises
    ------
    GatherError when the file does not exist, the kind is unknown, or `to` lies in a git tree.
    """
    kind = schema(table)
    target = Path(to).expanduser().resolve()
    _outside_git(target)
    findings, clean, synthetic = _judge(Path(file), kind, header_row)
    verdict = verdict_of(findings)
    written = None
    if verdict in _PASSING and not dry_run and clean is not None:
        written = _write(clean, kind, Path(file), target, synthetic)
    rows = len(clean) if clean is not None and verdict in _PASSING else 0
    return ImportResult(verdict, told(findings, Path(file).name, language), written, rows)


def check_file(
    file: Path, table: str, language: str = "fi", *, header_row: int | None = None
) -> ImportResult:
    """Judge an office table without writing anything."""
    findings, clean, _ = _judge(Path(file), schema(table), header_row)
    verdict = verdict_of(findings)
    rows = len(clean) if clean is not None and verdict in _PASSING else 0
    return ImportResult(verdict, told(findings, Path(file).name, language), None, rows)


def _outside_git(target: Path) -> None:
    for place in (target, *target.parents):
        if (place / ".git").exists():
            raise GatherError(
                f"import: folder {target} lies in the git tree {place}; own data stays outside it, "
                "so that it is never published by accident; give another folder with --to"
            )


def _judge(
    file: Path, kind: Schema, header_row: int | None
) -> tuple[list[Finding], pd.DataFrame | None, bool]:
    if not file.is_file():
        raise GatherError(f"import: file {file} does not exist; check its name and folder")
    if header_row is not None and header_row < 1:
        raise GatherError(f"import: header row {header_row}; expected 1 or more; count rows from 1")
    raw = read_file(file, lambda cells: _known_names(cells, kind), header_row)
    findings = list(raw.findings)
    if not raw.header:
        return findings, None, False
    raw, said = _named(raw, kind)
    findings += said
    if any(finding.kind in ("missing_column", "duplicate_column") for finding in said):
        return findings, None, False
    if not raw.rows:
        return (
            ([*findings, Finding("no_rows")] if verdict_of(findings) in _PASSING else findings),
            None,
            False,
        )
    judged, clean = content.judge(raw, kind)
    findings += judged
    synthetic, mixed = content.origin_of(clean, kind)
    findings += mixed
    return findings, clean, synthetic


def _known_names(cells: list[object], kind: Schema) -> int:
    known = {plain(name) for column in kind.columns for name in (column.name, *column.also)}
    return len({plain(str(cell)) for cell in cells if cell is not None} & known)


def _named(raw: RawTable, kind: Schema) -> tuple[RawTable, list[Finding]]:
    """Give columns their names in the schema; say other spellings, columns that lack or stand twice."""
    canonical = {
        plain(other): column.name for column in kind.columns for other in (column.name, *column.also)
    }
    findings, header = [], []
    for name in raw.header:
        own = canonical.get(plain(name), name)
        if own != name and plain(own) != plain(name):
            findings.append(Finding("header_name", raw.header_row, own, {"name": name}))
        if own in header:
            findings.append(Finding("duplicate_column", raw.header_row, own))
        header.append(own)
    findings += [
        Finding("missing_column", raw.header_row, column.name)
        for column in kind.columns
        if column.required and column.name not in header
    ]
    return RawTable(header, raw.rows, raw.findings, raw.typed, raw.sheet, raw.header_row), findings


def _write(clean: pd.DataFrame, kind: Schema, file: Path, target: Path, synthetic: bool) -> Path:
    shaped = indicator_rows.as_frame(clean, file.name, synthetic) if kind.frame else clean
    if kind.frame:
        frames.check(shaped, file=file.name)
    target.mkdir(parents=True, exist_ok=True)
    written = target / f"{kind.name}.csv"
    body = shaped.to_csv(index=False, lineterminator="\n").encode("utf-8")
    about = {
        "title": kind.title_en,
        "kind": "synthetic" if synthetic else "real",
        "licence": "",
        "source": file.name,
        "source_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "imported": date.today().isoformat(),
        "rows": len(shaped),
    }
    replace_file(written.with_suffix(".toml"), _toml(about, _dictionary(shaped, kind)).encode("utf-8"))
    replace_file(written, body)
    return written


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
