"""Counts that came back, as a table to keep and as an indicator frame ready for protection."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib import regions
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.counting.definition import PERIOD, ROOM, Aggregation
from sosrake_lib.language import say

HIDDEN_MARK = "••"
_OF_FRAME = ("region_code", PERIOD, "sex", "age")


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Counts by group: all that left the database. Small groups are still in: publish through `protect`."""

    rows: pd.DataFrame
    what: Aggregation
    counted_rows: int
    engine: str


def as_table(counted: Counted) -> pd.DataFrame:
    """Give a copy of the counts, a column each."""
    return counted.rows.copy()


def shown_counts(counted: Counted, minimum: int) -> pd.DataFrame:
    """Give the counts as a screen may show them: rows of few are marked whole, sums of few people too.

    This is for a look only. It hides small groups, not what could be reckoned from totals: figures go out
    through `protect`.
    """
    kinds = {one.name: one.kind for one in counted.what.measures}
    numbers = [name for name, kind in kinds.items() if kind != "sum"]
    shown = counted.rows.astype("object")
    people = [name for name, kind in kinds.items() if kind == "distinct"] or numbers
    few = counted.rows[people].lt(minimum).any(axis=1) if people else pd.Series(True, index=shown.index)
    shown.loc[few, list(kinds)] = HIDDEN_MARK
    for name in numbers:
        shown.loc[counted.rows[name].between(1, minimum - 1), name] = HIDDEN_MARK
    return shown


def as_frame(counted: Counted, measure: str, indicator: str) -> pd.DataFrame:
    """Give one count as an indicator frame, ready for `protect.part`.

    Parameters
    ----------
    counted : keys region_code and period are needed; sex and age are used as such, one more key becomes
        `group`.
    measure : name of a count (rows, distinct, known, within). A sum is not a number of people and is refused:
        divide it by its count first.
    indicator : name of the figure.

    Returns
    -------
    Checked frame of municipalities: value = the count, per 1, origin own, or synthetic for invented areas.

    Raises
    ------
    GatherError when a key lacks or there are too many, or the measure is none or a sum.
    """
    kinds = {one.name: one.kind for one in counted.what.measures}
    if kinds.get(measure, "sum") == "sum":
        raise GatherError(say(f"{ROOM}.no_count", name=counted.what.name, measure=measure))
    others = [key for key in counted.what.keys if key not in _OF_FRAME]
    if not {"region_code", PERIOD} <= set(counted.what.keys) or len(others) > 1:
        raise GatherError(say(f"{ROOM}.no_frame", name=counted.what.name))
    rows = counted.rows.rename(columns={others[0]: "group"}) if others else counted.rows
    rows = rows.loc[(rows["region_code"] != "") & (rows[PERIOD] != "")]
    if "group" in rows:
        rows = rows.loc[rows["group"] != ""]
    invented = rows["region_code"].map(regions.is_invented)
    if invented.any() and not invented.all():
        raise GatherError(say(f"{ROOM}.mixed", name=counted.what.name))
    keys = [key for key in (*_OF_FRAME, "group") if key in rows]
    made = rows[keys].assign(
        indicator=indicator,
        region_level="kunta",
        borders=regions.CURRENT_YEAR if invented.all() else rows[PERIOD].astype("int64"),
        value=rows[measure].astype("float64"),
        per=1.0,
        status="ok",
        origin="synthetic" if invented.all() else "own",
    )
    return frames.check(made, file=f"counting {counted.what.name}")
