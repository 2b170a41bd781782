"""The released rows a sentence, table or chart is made of: read once, never changed, never computed with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.protect import Selection, protected_frame


@dataclass(frozen=True)
class Row:
    """One released row: its columns, the release it belongs to and the name of the result it carries."""

    release_id: str
    synthetic: bool
    columns: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        """Give a column's value; an unknown column is an error that names those there are."""
        if column not in self.columns:
            raise SosrakeError(
                f"released row {self.columns.get('result_id', '?')}: column {column!r} is not there; "
                f"it has {', '.join(map(str, self.columns))}"
            )
        return self.columns[column]

    def has(self, column: str) -> bool:
        """Say whether the column carries something that may be shown (a hidden number is not there)."""
        value = self.columns.get(column)
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return False
        return bool(value == value)

    def reference(self, column: str) -> str:
        """Name the result behind a shown number: `<result_id>:<column>`."""
        return f"{self['result_id']}:{column}"

    @property
    def shown(self) -> bool:
        """Say whether the row's value may be shown."""
        return self["status"] == "ok"


def rows_of(selection: Selection) -> tuple[Row, ...]:
    """Read the released rows of a selection, in the selection's order.

    Raises
    ------
    SosrakeError when the selection is empty: an empty table or chart would look like a finding.
    """
    frame = protected_frame(selection)
    if frame.empty:
        raise SosrakeError(
            f"selection of part {selection.part!r} of release {selection.release_id}: no row; "
            "expected at least one; widen the selection or check the region and period asked for"
        )
    names = [str(name) for name in frame.columns]
    return tuple(
        Row(
            selection.release_id,
            bool(selection.synthetic),
            MappingProxyType(dict(zip(names, row, strict=True))),
        )
        for row in frame.itertuples(index=False, name=None)
    )


def rows_if_any(selection: Selection) -> tuple[Row, ...]:
    """Read the released rows of a selection that may rightly be empty; the page then says so in words."""
    return rows_of(selection) if len(selection) else ()


def one_row(selection: Selection | Row) -> Row:
    """Read the single released row of a selection; more than one row is an error."""
    if isinstance(selection, Row):
        return selection
    rows = rows_of(selection)
    if len(rows) != 1:
        raise SosrakeError(
            f"selection of part {selection.part!r} of release {selection.release_id}: {len(rows)} rows; "
            "expected one; select by indicator, period, sex, age and group, or use words.each"
        )
    return rows[0]


def rows_have_one(rows: tuple[Row, ...], column: str, what: str) -> None:
    """Refuse rows that differ in a column that must be one, such as a chart's indicator."""
    found = sorted({str(row[column]) for row in rows})
    if len(found) > 1:
        raise SosrakeError(
            f"{what}: {len(found)} values of {column} ({found[0]}, {found[1]}, ...); expected one; select one"
        )


def refuse_mixed(selection: Selection, other: Selection | None) -> None:
    """Refuse invented and real figures in one picture: a real line among invented bars would be believed."""
    if isinstance(other, Selection) and other.synthetic != selection.synthetic:
        raise SosrakeError(
            f"chart: part {selection.part!r} and its reference {other.part!r}: one is invented, one is real; "
            "expected both of one kind; leave the reference out"
        )
