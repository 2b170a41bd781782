"""How much a reader may lean on a frame: its age, its coverage, what is absent and why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
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

    Examples
    --------
    >>> areas = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": "hva",
    ...     "region_code": ["E1", "E2", "E3"], "borders": 2026, "period": "2020", "value": [20.0, 10, 8],
    ...     "per": 100, "numerator": [200, 10, 80], "denominator": [1_000, 100, 1_000], "status": "ok",
    ...     "origin": "synthetic"})
    >>> found = coverage(areas, ["E1", "E2", "E3", "E4"])
    >>> print(found[["areas_used", "areas_expected", "absent"]].to_string(index=False))
     areas_used  areas_expected absent
              3               4     E4
    """
    if not expected:
        raise FrameError("quality.coverage: no area is expected; give the region codes of one level")
    rows = frames.check(frame, file="quality.coverage")
    wanted = pd.Index(sorted(set(expected)))
    grouped = rows.groupby(_SERIES, sort=False)
    series, area = grouped.ngroup().to_numpy(), wanted.get_indexer(rows["region_code"])
    used = np.zeros((grouped.ngroups, len(wanted)), dtype="bool")
    there = (rows["status"] == "ok").to_numpy() & (area >= 0)
    used[series[there], area[there]] = True
    found = rows.loc[~pd.Series(series).duplicated().to_numpy(), _SERIES].reset_index(drop=True)
    absent = ["" if row.all() else ",".join(wanted[~row]) for row in used]
    return found.assign(areas_used=used.sum(axis=1), areas_expected=len(wanted), absent=absent)


def completeness(frame: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of each indicator by status: `indicator`, one column per status, `rows`, `share_ok`.

    Examples
    --------
    >>> areas = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": "hva",
    ...     "region_code": ["E1", "E2", "E3"], "borders": 2026, "period": "2020", "value": [20.0, 10, 8],
    ...     "per": 100, "numerator": [200, 10, 80], "denominator": [1_000, 100, 1_000], "status": "ok",
    ...     "origin": "synthetic"})
    >>> print(completeness(areas)[["indicator", "ok", "missing", "share_ok"]].to_string(index=False))
         indicator  ok  missing  share_ok
    tyottomyysaste   3        0       1.0
    """
    rows = frames.check(frame, file="quality.completeness")
    rows = rows.drop_duplicates(subset=list(frames.KEY))
    table = pd.crosstab(rows["indicator"], rows["status"]).reindex(
        columns=list(frames.STATUSES), fill_value=0
    )
    table["rows"] = table.sum(axis=1)
    table["share_ok"] = table["ok"] / table["rows"]
    return table.rename_axis(columns=None).reset_index()
