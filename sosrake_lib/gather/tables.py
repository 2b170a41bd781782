"""Office tables into the user's data folder: a dry look, then all of it or nothing.

A hidden value (`<5`, `..`) is a third state beside a value and a gap: the written file has, for each
column of numbers, a column `<name>_tila` with ok, peitetty or puuttuu.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sosrake_lib.errors import GatherError
from sosrake_lib.gather import content, headers
from sosrake_lib.gather.findings import Finding, ImportResult, told, verdict_of
from sosrake_lib.gather.readers import read_file
from sosrake_lib.gather.readings import Reading
from sosrake_lib.gather.schemas import Schema, kinds, schema

__all__ = ["ImportResult", "check_file", "import_file", "kinds"]

_PASSING = ("accept", "accept_converted", "warn")


@dataclass(frozen=True, eq=False)
class _Look:
    """What a dry look at a file found; `rows` counts the rows of data of a file that can be read."""

    findings: list[Finding]
    readings: Mapping[str, Reading] = field(default_factory=dict)
    rows: int = 0
    synthetic: bool = False

    @property
    def passes(self) -> bool:
        return bool(self.readings) and verdict_of(self.findings) in _PASSING


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
    file : text with separators (`;`, `,`, tab, `|`; UTF-8, UTF-16, Windows-1252, ISO-8859-15, old Macintosh
        and DOS encodings) or a workbook (.xlsx, .xlsm, .ods).
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
    from sosrake_lib.gather import table_files

    kind = schema(table)
    file, target = Path(file), Path(to).expanduser().resolve()
    table_files.refuse_git(target)
    look = _look(file, kind, header_row)
    if look.passes and table_files.same_before(kind, file, target):
        look.findings.append(Finding("same_file"))
    written = None
    if look.passes and not dry_run:
        clean = content.clean_table(look.readings, kind)
        written = table_files.write(clean, kind, file, target, look.synthetic)
    return _result(look, file, language, written)


def check_file(
    file: Path, table: str, language: str = "fi", *, header_row: int | None = None
) -> ImportResult:
    """Judge an office table without writing anything."""
    return _result(_look(Path(file), schema(table), header_row), Path(file), language, None)


def _result(look: _Look, file: Path, language: str, written: Path | None) -> ImportResult:
    rows = look.rows if look.passes else 0
    return ImportResult(verdict_of(look.findings), told(look.findings, file.name, language), written, rows)


def _look(file: Path, kind: Schema, header_row: int | None) -> _Look:
    if not file.is_file():
        raise GatherError(f"import: file {file} does not exist; check its name and folder")
    if header_row is not None and header_row < 1:
        raise GatherError(f"import: header row {header_row}; expected 1 or more; count rows from 1")
    raw = read_file(file, lambda cells: headers.known_names(cells, kind), header_row)
    if not raw.header:
        return _Look(list(raw.findings))
    named = headers.named(raw, kind)
    findings = [*raw.findings, *named.findings]
    if not named.usable:
        return _Look(findings)
    if not len(raw.numbers):
        return _Look([*findings, Finding("no_rows")] if verdict_of(findings) in _PASSING else findings)
    judged = content.judge(named.table, kind)
    findings += judged.findings
    synthetic, mixed = content.origin_of(judged.readings, kind)
    findings += mixed
    if not judged.rows and verdict_of(findings) in _PASSING:
        findings.append(Finding("no_rows"))
    return _Look(findings, judged.readings, judged.rows, synthetic)
