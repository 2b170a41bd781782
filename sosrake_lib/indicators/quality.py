"""How much a reader may lean on a frame: its age, its coverage, what is absent and why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError

_SERIES = ["indicator", "period", "region_level"]


def period_age(period: str, today: date) -> int:
    """Count the full months from the end of a period to `today`; 0 while the period still runs.

    Examples
    --------
    >>> from datetime import date
    >>> period_age("2019", date(2026, 1, 15))
    72
    """
    end = frames.period_end(period)
    # The last day of a month is the moment the next one begins: 31.12.2019 is one month old on 31.1.2020.
    start = date.fromordinal(end.toordinal() + 1)
    following = date.fromordinal(today.toordinal() + 1)
    months = 12 * (following.year - start.year) + following.month - start.month
    return max(months - (following.day < start.day), 0)


def coverage(frame: pd.DataFrame, expected: Collection[str]) -> pd.DataFrame:
    """Say for each indicator, period and level how many of the expected areas have a value.

    Parameters
    ----------
    frame : source or analysed frame.
    expected : region codes that should be there, all of one level.

    Returns
    -------
    DataFrame `indicator, period, region_level, areas_used, areas_expected, absent` (codes without a value,
    comma separated), one row per series.
    """
    if not expected:
        raise FrameError("quality.coverage: no area is expected; give the region codes of one level")
    rows = frames.check(frame, file="quality.coverage")
    wanted = set(expected)
    found = []
    for _, series in rows.groupby(_SERIES, sort=False):
        used = set(series.loc[series["status"] == "ok", "region_code"]) & wanted
        absent = ",".join(sorted(wanted - used))
        found.append((*series.iloc[0][_SERIES], len(used), len(wanted), absent))
    return pd.DataFrame(found, columns=[*_SERIES, "areas_used", "areas_expected", "absent"])


def completeness(frame: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of each indicator by status: `indicator`, one column per status, `rows`, `share_ok`."""
    rows = frames.check(frame, file="quality.completeness")
    rows = rows.drop_duplicates(subset=list(frames.KEY))
    table = pd.crosstab(rows["indicator"], rows["status"]).reindex(
        columns=list(frames.STATUSES), fill_value=0
    )
    table["rows"] = table.sum(axis=1)
    table["share_ok"] = table["ok"] / table["rows"]
    return table.rename_axis(columns=None).reset_index()
