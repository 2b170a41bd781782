"""Activation plans and, beside them, multidisciplinary employment plans: checked rows with days and limits.

A law that changes what a plan is breaks the series: `breaks_before` says before which periods no line may be
drawn on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.catalogue.record_rules import LawChange, law_changes, time_limit
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import records_checks as checks
from sosrake_lib.gather.records_limits import kept
from sosrake_lib.language import say

KINDS = ("aktivointisuunnitelma", "monialainen")
COLUMNS = ("plan", "client", "region_code", "sex", "age", "kind", "needed", "made", "reviewed")
FLAGS = ("own_words", "with_client")
_FILLED = ("plan", "client", "region_code", "sex", "age", "kind", "needed")


@dataclass(frozen=True, slots=True, eq=False)
class Plans:
    """Checked plans, one row a plan; person-level, never shown.

    rows : columns COLUMNS and FLAGS (1.0, 0.0, NaN), `half` such as 2025-H1, `days` from need to plan or to
        the end of following, `seen` whether the plan was made, `in_time` and `reviewed_in_time` (1.0, 0.0,
        NaN = the limit had not passed).
    followed_until : last day the table tells of.
    """

    rows: pd.DataFrame
    followed_until: pd.Timestamp


def plans(sheet: pd.DataFrame, file: str, followed_until: str | None = None) -> Plans:
    """Check plans and give each its days, limits and half-year.

    Parameters
    ----------
    sheet : the columns of `gather/schemas/aktivointisuunnitelmat.toml`; FLAGS may be absent.
    followed_until : day the table was drawn (yyyy-mm-dd); left out, the last day in it.

    Raises
    ------
    GatherError naming column and row: a person's data, an unknown value, a day that cannot be read, a plan
    made before its need or reviewed before it was made, a plan twice.

    Examples
    --------
    >>> import pandas as pd
    >>> sheet = pd.DataFrame({"plan": ["1", "2"], "client": ["1", "2"], "region_code": "E01",
    ...     "sex": "female", "age": "25-34", "kind": "monialainen", "needed": ["2025-01-10", "2025-06-01"],
    ...     "made": ["2025-02-10", ""], "reviewed": ""})
    >>> plans(sheet, "oma.csv", "2025-06-30").rows[["half", "days", "seen", "in_time"]].values.tolist()
    [['2025-H1', 31.0, True, 1.0], ['2025-H1', 29.0, False, nan]]
    """
    checks.columns(sheet, COLUMNS, file)
    checks.pseudonymous(sheet, (*COLUMNS, *FLAGS), file)
    checks.filled(sheet, _FILLED, file)
    checks.allowed(
        sheet, {"kind": KINDS, "sex": ("male", "female"), **dict.fromkeys(FLAGS, checks.YES_NO)}, file
    )
    checks.places(sheet, file)
    rows = sheet[[*COLUMNS, *(flag for flag in FLAGS if flag in sheet)]].reset_index(drop=True).copy()
    if rows["plan"].duplicated().any():
        row = int(np.flatnonzero(rows["plan"].duplicated())[0]) + 2
        raise GatherError(say(f"{checks.ROOM}.twice", file=file, column="plan", row=row))
    for column in ("needed", "made", "reviewed"):
        rows[column] = checks.days(rows, column, file)
    checks.in_order(rows, ("needed", "made", "reviewed"), file)
    last = rows[["needed", "made", "reviewed"]].max().max()
    until = checks.end_of_following(last, followed_until, file)
    return Plans(_with_days(rows, until), until)


def breaks_before(periods: pd.Series, of: tuple[LawChange, ...] | None = None) -> pd.Series:
    """Say which periods a law change comes before or into: the first period that ends on its day or after.

    Examples
    --------
    >>> import pandas as pd
    >>> breaks_before(pd.Series(["2024-H2", "2025-H1", "2025-H2", "2026-H1"])).tolist()
    [False, True, False, True]
    """
    ends = {period: pd.Timestamp(frames.period_end(period)) for period in periods.unique()}
    ordered = sorted(ends, key=lambda period: ends[period])
    broken = set()
    for change in law_changes() if of is None else of:
        after = [period for period in ordered if ends[period] >= pd.Timestamp(change.on)]
        if after and after[0] != ordered[0]:
            broken.add(after[0])
    return periods.isin(broken)


def half_years(days: pd.Series) -> pd.Series:
    """Name the half-year of each day: 2025-H1."""
    half = np.where(days.dt.month <= 6, "H1", "H2")
    return days.dt.year.astype("str") + "-" + pd.Series(half, index=days.index)


def _with_days(rows: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    for flag in FLAGS:
        rows[flag] = checks.yes_or_no(rows[flag]) if flag in rows else np.nan
    end = rows["made"].fillna(until)
    return rows.assign(
        half=half_years(rows["needed"]),
        days=(end - rows["needed"]).dt.days.astype("float64"),
        seen=rows["made"].notna(),
        in_time=kept(rows["needed"], rows["made"], time_limit("suunnitelma"), until),
        reviewed_in_time=kept(rows["made"], rows["reviewed"], time_limit("tarkistus"), until),
    )
