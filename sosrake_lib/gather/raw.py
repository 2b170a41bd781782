"""The cells of a file as they were read, by column: each different cell once, and which row has which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sosrake_lib.gather.findings import Finding

Cells = list[Any]
HeaderScore = Callable[[Cells], int]


@dataclass(frozen=True, eq=False)
class Coded:
    """One column: `values` has each different cell once, `codes` the place of each row's cell in it.

    A million rows of a thousand municipalities are read, judged and told of a thousand times, not a million.
    """

    codes: NDArray[np.int32]
    values: Sequence[Any]

    def take(self, rows: NDArray[Any]) -> Coded:
        """Keep some rows, by place or by mask."""
        return Coded(self.codes[rows], self.values)

    def where(self, marked: Iterable[int]) -> NDArray[np.intp]:
        """Give the rows, from 0, whose cell is one of the marked values."""
        mask = np.zeros(max(len(self.values), 1), dtype=bool)
        mask[list(marked)] = True
        return np.flatnonzero(mask[self.codes])

    def cells(self) -> Cells:
        """Give the cells row by row."""
        return [self.values[code] for code in self.codes]


def coded(cells: Iterable[Any]) -> Coded:
    """Code the cells of a column; 1, 1.0 and True are three different cells."""
    places: dict[tuple[type, Any], int] = {}
    codes = [places.setdefault((type(cell), cell), len(places)) for cell in cells]
    return Coded(np.array(codes, dtype=np.int32), [cell for _, cell in places])


@dataclass(frozen=True, eq=False)
class RawTable:
    """Cells of one table; `numbers` are the rows as a person sees them. CSV cells are text."""

    header: list[str] = field(default_factory=list)
    columns: list[Coded] = field(default_factory=list)
    numbers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    findings: list[Finding] = field(default_factory=list)
    typed: bool = False
    sheet: str = ""
    header_row: int = 1

    @property
    def rows(self) -> list[tuple[int, Cells]]:
        """Give the rows one by one, each with its number."""
        if not self.columns:
            return [(int(number), []) for number in self.numbers]
        lines = zip(*(column.cells() for column in self.columns), strict=True)
        return [(int(number), list(line)) for number, line in zip(self.numbers, lines, strict=True)]

    def keep(self, rows: NDArray[Any]) -> RawTable:
        """Keep some rows, by place or by mask."""
        columns = [column.take(rows) for column in self.columns]
        return RawTable(
            self.header, columns, self.numbers[rows], self.findings, self.typed, self.sheet, self.header_row
        )


def from_rows(rows: Sequence[tuple[int, Cells]], width: int) -> tuple[list[Coded], NDArray[np.int64]]:
    """Code rows of equal width by column."""
    numbers = np.array([number for number, _ in rows], dtype=np.int64)
    return [coded(cells[place] for _, cells in rows) for place in range(width)], numbers


def refused(*findings: Finding, header_row: int = 1, sheet: str = "") -> RawTable:
    """Give a table of which nothing could be read, and why."""
    return RawTable(findings=list(findings), header_row=header_row, sheet=sheet)
