"""What was read of a file of results, and how lines become its tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from sosrake_lib.protect.output_check import text_tables
from sosrake_lib.protect.output_check.limits import Risk
from sosrake_lib.protect.output_check.tables import ResultTable, result_table


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What was read of a file: its tables, its texts, and what is to be said of the file itself."""

    tables: tuple[ResultTable, ...] = ()
    texts: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = field(default=())


def named(name: str, frames: Iterable[pd.DataFrame]) -> tuple[ResultTable, ...]:
    """Read frames as tables of results; the second and later of one place are numbered."""
    found = list(frames)
    return tuple(
        result_table(name if len(found) == 1 else f"{name} #{number}", frame)
        for number, frame in enumerate(found, start=1)
    )


def of_lines(name: str, lines: Sequence[Sequence[object]]) -> tuple[ResultTable, ...]:
    """Find the tables among lines of cells."""
    return named(name, text_tables.framed(lines))


def of_text(name: str, text: str) -> tuple[ResultTable, ...]:
    """Find the tables that a text prints."""
    return named(name, text_tables.in_text(text))
