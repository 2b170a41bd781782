"""What a person is told about a file: where, what, why, and how to mend it; never a personal value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from sosrake_lib.language import say

COLUMNS = ("row", "column", "kind", "reason", "fix")
VERDICTS = ("accept", "accept_converted", "warn", "refuse_rows", "refuse")

# How bad each kind of finding is: the place of its verdict in VERDICTS.
_CONVERTED = (
    "encoding",
    "byte_order_mark",
    "decimal_comma",
    "thousands",
    "separator",
    "line_breaks",
    "leading_zero",
    "suppressed",
    "name_form",
    "number_as_text",
    "date_form",
    "header_name",
    "formula_value",
    "published_rows",
    "invisible",
    "spaces",
    "percent",
    "number_form",
    "line_in_cell",
    "sheet_chosen",
    "same_file",
    "more_rows",
)
_LOOK_AT = (
    "missing_mark",
    "unnamed_column",
    "hidden_sheet",
    "hidden_row",
    "hidden_column",
    "macros",
    "differs_within",
    "markup",
    "unknown_column",
    "empty_value",
)
_ROW_REFUSED = (
    "ragged",
    "unknown_municipality",
    "ceased_municipality",
    "name_differs",
    "total_row",
    "negative",
    "above_limit",
    "zero",
    "date",
    "year",
    "not_number",
    "not_whole",
    "formula",
    "formula_no_value",
    "long_field",
    "duplicate_key",
    "empty_key",
    "not_allowed",
    "out_of_range",
    "open_quote",
    "dash",
    "damaged_text",
    "unknown_indicator",
    "no_municipality_level",
    "own_without_count",
    "value_differs",
    "mixed_encoding",
    "note_row",
    "header_again",
    "control_char",
    "ambiguous_number",
    "error_value",
    "error_cell",
    "merged_cells",
    "date_serial",
    "below_part",
    "duplicate_row",
)
_FILE_REFUSED = (
    "not_ods",
    "named_otherwise",
    "not_table",
    "protected",
    "two_row_header",
    "several_sheets",
    "line_in_quotes",
    "wide_table",
    "contact",
    "empty_file",
    "html_page",
    "not_text",
    "not_excel",
    "excel_named_csv",
    "old_excel",
    "zip_bomb",
    "too_large",
    "entities",
    "missing_column",
    "misspelt_column",
    "duplicate_column",
    "title_rows",
    "merged_header",
    "no_header",
    "no_rows",
    "identity_code",
    "identity_column",
    "name_column",
    "broken_excel",
    "too_many_columns",
    "synthetic_mixed",
)
SEVERITY = {
    kind: place
    for place, kinds in enumerate((_CONVERTED, _LOOK_AT, _ROW_REFUSED, _FILE_REFUSED), start=1)
    for kind in kinds
}


@dataclass(frozen=True)
class Finding:
    """One thing about a file; `row` as a person sees it (header = 1), `values` fill the message."""

    kind: str
    row: int | None = None
    column: str = ""
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportResult:
    """The verdict on a file, its findings, and what was written (None when nothing was)."""

    verdict: str
    findings: pd.DataFrame
    written: Path | None
    rows: int


def verdict_of(findings: list[Finding]) -> str:
    """Give the verdict of the worst finding; `accept` without any."""
    return VERDICTS[max((SEVERITY[finding.kind] for finding in findings), default=0)]


def told(findings: list[Finding], file: str, language: str) -> pd.DataFrame:
    """Put findings into words, in the order of rows; what concerns the whole file comes first."""
    ordered = sorted(findings, key=lambda one: (one.row or 0, one.column, one.kind))
    rows = []
    for one in ordered:
        values = {"file": file, "row": str(one.row or ""), "column": one.column, **one.values}
        reason = say(f"gather.findings.{one.kind}.reason", language, **values)
        fix = say(f"gather.findings.{one.kind}.fix", language, **values)
        rows.append((one.row, one.column, one.kind, reason, fix))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"row": "Int64", **dict.fromkeys(COLUMNS[1:], "str")})
