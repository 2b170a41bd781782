"""Time limits on dates: the last day by which something is in time, in days, months or working days."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from sosrake_lib.catalogue.record_rules import TimeLimit

_FIRST_YEAR, _LAST_YEAR = 2000, 2060


def last_days(starts: pd.Series, limit: TimeLimit) -> pd.Series:
    """Give the last day on which the limit still holds, for each day it runs from.

    Working days leave out Saturdays, Sundays and Finnish holidays, and the first day itself is not counted;
    three months from 30 November end on the last day of February.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.catalogue.record_rules import time_limit
    >>> starts = pd.Series(pd.to_datetime(["2025-11-30", "2025-04-15"]))
    >>> last_days(starts, time_limit("palvelu")).dt.strftime("%Y-%m-%d").tolist()
    ['2026-02-28', '2025-07-15']
    >>> last_days(starts, time_limit("arvioinnin_aloitus")).dt.strftime("%Y-%m-%d").tolist()
    ['2025-12-09', '2025-04-28']
    """
    if limit.unit == "months":
        return starts + pd.DateOffset(months=limit.amount)
    if limit.unit == "days":
        return starts + pd.to_timedelta(limit.amount, unit="D")
    known = starts.notna().to_numpy()
    ends = np.full(len(starts), np.datetime64("NaT"), dtype="datetime64[D]")
    given = starts[known].to_numpy().astype("datetime64[D]")
    # "backward" puts a start on a free day on the working day before, from which seven are counted.
    ends[known] = np.busday_offset(given, limit.amount, roll="backward", holidays=holidays())
    return pd.Series(pd.to_datetime(ends), index=starts.index)


def kept(starts: pd.Series, ends: pd.Series, limit: TimeLimit, followed_until: pd.Timestamp) -> pd.Series:
    """Say whether each was in time: 1.0, 0.0, or NaN while the limit had not passed when following ended.

    A case that was already in time counts only when its limit has passed too: else recent quick ones would
    be in and recent slow ones out.
    """
    due = last_days(starts, limit)
    passed = (due <= followed_until) & starts.notna()
    in_force = starts >= pd.Timestamp(limit.valid_from)
    if limit.valid_to is not None:
        in_force &= starts <= pd.Timestamp(limit.valid_to)
    return (ends <= due).astype("float64").where(passed & in_force)


@cache
def holidays() -> np.ndarray:
    """Give the Finnish holidays and eves that fall on weekdays or not, 2000-2060."""
    found = [day for year in range(_FIRST_YEAR, _LAST_YEAR + 1) for day in _of_year(year)]
    return np.array(sorted(found), dtype="datetime64[D]")


def _of_year(year: int) -> list[date]:
    """List New Year, Epiphany, Easter, May Day, Ascension, Midsummer Eve, Independence Day, Christmas."""
    easter = _easter(year)
    midsummer_eve = next(date(year, 6, day) for day in range(19, 26) if date(year, 6, day).weekday() == 4)
    fixed = [(1, 1), (1, 6), (5, 1), (12, 6), (12, 24), (12, 25), (12, 26)]
    moving = [easter + timedelta(days=days) for days in (-2, 1, 39)]
    return [*(date(year, month, day) for month, day in fixed), *moving, midsummer_eve]


def _easter(year: int) -> date:
    """Find Easter Sunday (Gregorian; the anonymous algorithm of 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    skipped = (8 * century + 13) // 25
    epact = (19 * golden + century - century // 4 - skipped + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
