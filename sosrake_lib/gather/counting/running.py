"""Runs a definition in a database and lets only counts out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sosrake_lib.errors import GatherError
from sosrake_lib.gather import checks
from sosrake_lib.gather.counting.database import Opened, opened
from sosrake_lib.gather.counting.definition import PERIOD, ROOM, Aggregation, Measure
from sosrake_lib.gather.counting.frames import Counted
from sosrake_lib.language import say

# With more different values than this, or nearly as many as rows, a column tells people apart by any name.
MOST_VALUES = 1000
_ENOUGH_ROWS = 100
# A sum is rounded here, as databases add in different orders.
_DECIMALS = 6


def count(database: str, table: str, what: Aggregation) -> Counted:
    """Count in a database; what comes back is one row a group.

    Parameters
    ----------
    database, table : see `database.opened`.
    what : the definition.

    Returns
    -------
    Counted: keys as text (an empty key is ""), counts as whole numbers, sums as float64, sorted by keys; the
    same frame from every database.

    Raises
    ------
    GatherError when the place cannot be opened, a column is missing, a number cannot be read, a key tells
    people apart by its values, or a key of the result looks like somebody.
    """
    with opened(database, table) as place:
        _check_columns(place.table, what)
        try:
            rows = _refuse_telling_keys(place, what)
            found = expression(place.table, what).to_pandas()
        except GatherError:
            raise
        except Exception as problem:
            raise GatherError(say(f"{ROOM}.run", name=what.name, problem=type(problem).__name__)) from None
    return Counted(_tidy(found, what), what, rows, place.engine)


def expression(table: Any, what: Aggregation) -> Any:
    """Build the aggregation as an Ibis expression, the same for every database."""
    conditions = [table[column].cast("string") == value for column, value in what.where]
    kept = table.filter(conditions) if conditions else table
    keys = {column: _key(kept[column]) for column in what.by}
    if what.year:
        keys[PERIOD] = kept[what.year].cast("string").substr(0, 4).fill_null("")
    # A name of its own for each key: a group by an expression that bears its column's name is ambiguous.
    named = {f"key_{name}": value for name, value in keys.items()}
    values = {one.name: _measured(kept, one) for one in what.measures}
    grouped = kept.group_by(**named).aggregate(**values) if named else kept.aggregate(**values)
    return grouped.rename({name: f"key_{name}" for name in keys})


def _key(column: Any) -> Any:
    return column.cast("string").fill_null("")


def _measured(table: Any, one: Measure) -> Any:
    if one.kind == "rows":
        return table.count()
    column = table[one.column]
    filled = column.nullif("") if column.type().is_string() else column
    if one.kind == "distinct":
        return filled.nunique()
    number = filled.cast("float64")
    if one.kind == "known":
        return number.count()
    if one.kind == "within":
        return (number <= one.limit).sum().fill_null(0)
    return number.sum().fill_null(0.0)


def _check_columns(table: Any, what: Aggregation) -> None:
    lacking = [column for column in what.columns if column not in table.columns]
    if lacking:
        raise GatherError(say(f"{ROOM}.lacking", name=what.name, column=lacking[0]))
    for column in what.by:
        if table[column].type().is_temporal():
            raise GatherError(say(f"{ROOM}.day_key", name=what.name, column=column))


def _refuse_telling_keys(place: Opened, what: Aggregation) -> int:
    """Refuse keys whose values are nearly one for each row; give the number of rows."""
    asked = {f"n_{column}": place.table[column].nunique() for column in what.by}
    found = place.table.aggregate(all_rows=place.table.count(), **asked).to_pandas().iloc[0]
    rows = int(found["all_rows"])
    for column in what.by:
        different = int(found[f"n_{column}"])
        if different > MOST_VALUES or (rows >= _ENOUGH_ROWS and different > rows / 2):
            raise GatherError(say(f"{ROOM}.telling", name=what.name, column=column))
    return rows


def _tidy(found: pd.DataFrame, what: Aggregation) -> pd.DataFrame:
    """Give the result its closed list of columns, its types and its order, and look at its keys."""
    made = pd.DataFrame({key: found[key].astype("object").fillna("").astype("str") for key in what.keys})
    for one in what.measures:
        number = found[one.name].astype("float64")
        made[one.name] = number.round(_DECIMALS) if one.kind == "sum" else number.round().astype("int64")
    for key in what.keys:
        if any(checks.of_a_person(value, False) for value in made[key].unique()):
            raise GatherError(say(f"{ROOM}.person", name=what.name, column=key))
    return made.sort_values(list(what.keys), ignore_index=True) if what.keys else made
