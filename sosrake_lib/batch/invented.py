"""Pages that so far tell of Esimerkkilä alone: real people's tables are left out of them, in words.

Real people's figures would stand on a page whose words call them invented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from sosrake_lib import protect, samples
from sosrake_lib.language import say

Recipe = Callable[[Path | None], Mapping[str, protect.Part]]


def invented_table(table: str, data: Path | None) -> pd.DataFrame:
    """Read a table of the data folder; AbsentTable, in words, when it holds real people's rows."""
    leave_out_own(table, data)
    return samples.table(table, data)


def leave_out_own(table: str, data: Path | None) -> None:
    """Raise AbsentTable, in words, when the data folder's table holds real people's rows."""
    listed = samples.files(data)
    if ((listed["name"] == table) & (listed["kind"] == "real")).any():
        raise samples.AbsentTable(say("batch.own_people", table=table))


def of_the_invented_county(make: Recipe, *tables: str) -> Recipe:
    """Give a recipe that is made only where none of its tables holds real people's rows."""

    def recipe(data: Path | None) -> Mapping[str, protect.Part]:
        for table in tables:
            leave_out_own(table, data)
        return make(data)

    return recipe
