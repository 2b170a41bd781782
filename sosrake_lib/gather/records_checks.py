"""What every table of client records must pass before it is read: pseudonymous ids, values, real days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from sosrake_lib import regions
from sosrake_lib.errors import GatherError, RegionError
from sosrake_lib.gather import checks
from sosrake_lib.language import say

ROOM = "aktivointisuunnitelmat.fault"
YES_NO = ("kylla", "ei")
MOST_ROWS_NAMED = 10


def pseudonymous(rows: pd.DataFrame, known: Collection[str], file: str) -> None:
    """Refuse a table with a column that is, or looks like, an identity code, a name or a way to reach one.

    Parameters
    ----------
    rows : cells as read; any column is looked at, also those nobody asked for.
    known : columns of the contract, whose names are no suspects.

    Raises
    ------
    GatherError naming the column and the rows (header = 1), never a value.

    Examples
    --------
    >>> import pandas as pd
    >>> pseudonymous(pd.DataFrame({"client": ["K1", "131052-308T"]}), ["client"], "oma.csv")
    Traceback (most recent call last):
    sosrake_lib.errors.GatherError: oma.csv: sarakkeessa client on tai näyttää olevan tieto siitä, kuka ...
    """
    header = [str(column) for column in rows.columns]
    lines = list(enumerate(rows.astype("object").itertuples(index=False, name=None), start=2))
    found = checks.personal(header, lines, set(known))
    if not found:
        return
    column = found[0].column
    place = header.index(column)
    suspect = [row for row, cells in lines if checks.of_a_person(_text(cells[place]), True)]
    told = ", ".join(map(str, suspect[:MOST_ROWS_NAMED])) or say(f"{ROOM}.header_row")
    more = say(f"{ROOM}.more_rows", count=len(suspect) - MOST_ROWS_NAMED)
    where = f"{told} {more}" if len(suspect) > MOST_ROWS_NAMED else told
    raise GatherError(say(f"{ROOM}.person", file=file, column=column, rows=where))


def columns(rows: pd.DataFrame, needed: Sequence[str], file: str) -> None:
    """Refuse a table without rows or without a column that is needed."""
    lacking = [column for column in needed if column not in rows]
    if lacking:
        raise GatherError(say(f"{ROOM}.lacking", file=file, column=lacking[0], known=", ".join(needed)))
    if rows.empty:
        raise GatherError(say(f"{ROOM}.no_rows", file=file))


def filled(rows: pd.DataFrame, names: Sequence[str], file: str) -> None:
    """Refuse an empty cell in a column that must be filled."""
    for column in names:
        empty = rows[column].isna() | (rows[column].astype("str").str.strip() == "")
        if empty.any():
            raise GatherError(say(f"{ROOM}.empty", file=file, column=column, row=_row(empty)))


def allowed(rows: pd.DataFrame, values: Mapping[str, Collection[str]], file: str) -> None:
    """Refuse a value outside the column's list; an empty cell is no value, an absent column no fault."""
    for column, known in values.items():
        if column not in rows:
            continue
        odd = rows[column].notna() & (rows[column] != "") & ~rows[column].isin(list(known))
        if odd.any():
            raise GatherError(
                say(f"{ROOM}.value", file=file, column=column, row=_row(odd), known=", ".join(known))
            )


def days(rows: pd.DataFrame, column: str, file: str) -> pd.Series:
    """Read days yyyy-mm-dd; an empty cell is no day."""
    text = rows[column].astype("object").where(rows[column].notna(), "").astype("str").str.strip()
    found = pd.to_datetime(text.where(text != ""), format="%Y-%m-%d", errors="coerce")
    wrong = found.isna() & (text != "")
    if wrong.any():
        raise GatherError(say(f"{ROOM}.day", file=file, column=column, row=_row(wrong)))
    return found


def in_order(rows: pd.DataFrame, names: Sequence[str], file: str) -> None:
    """Refuse a later step dated before an earlier one; steps without a day are passed over."""
    for earlier, later in pairwise(names):
        wrong = rows[later] < rows[earlier]
        if wrong.any():
            raise GatherError(say(f"{ROOM}.order", file=file, earlier=earlier, later=later, row=_row(wrong)))


def places(rows: pd.DataFrame, file: str) -> None:
    """Refuse municipalities that are none, and invented ones among real ones."""
    codes = rows["region_code"].astype("str")
    for code in sorted(set(codes)):
        try:
            regions.region("kunta", code)
        except RegionError as problem:
            row = _row(codes == code)
            raise GatherError(say(f"{ROOM}.place", file=file, row=row)) from problem
    invented = codes.map(regions.is_invented)
    if invented.any() and not invented.all():
        raise GatherError(say(f"{ROOM}.mixed", file=file))


def end_of_following(last: object, given: str | None, file: str) -> pd.Timestamp:
    """Give the last day a table tells of: the one given, else its last event; never before that event."""
    newest = pd.Timestamp(str(last))
    until = pd.Timestamp(given) if given else newest
    if not isinstance(until, pd.Timestamp) or until < newest:
        raise GatherError(say(f"{ROOM}.until", file=file))
    return until


def yes_or_no(column: pd.Series) -> pd.Series:
    """Give 1.0 for kylla, 0.0 for ei, NaN where it is not known.

    Examples
    --------
    >>> import pandas as pd
    >>> yes_or_no(pd.Series(["kylla", "ei", ""])).tolist()
    [1.0, 0.0, nan]
    """
    return column.map({"kylla": 1.0, "ei": 0.0}).astype("float64")


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""


def _row(wrong: pd.Series) -> int:
    return int(np.flatnonzero(wrong.to_numpy())[0]) + 2
