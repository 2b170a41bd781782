"""How long people waited: median days with an interval, and the share whose wait kept a limit.

A wait that was still going on when the following ended is censored: left out it would make waiting look
shorter than it is, so it stays in the curve and its number is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import rates
from sosrake_lib.indicators.survival_kernels import median_wait, waiting_curve

MEDIAN, KEPT = "median", "median_kaplan_meier"


def medians(
    cases: pd.DataFrame, indicator: str, by: Sequence[str], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Give the median wait by groups.

    Parameters
    ----------
    cases : one row a wait: `days`, `seen` (False = still waiting at the end of the following) and the columns
        of `by`, among them region_level, region_code, borders, period and origin.
    indicator : name of the figure.
    by : key columns of the indicator frame by which waits are grouped.

    Returns
    -------
    Analysed frame: value, lower, upper in days, denominator = waits, `censored` = how many still waited.
    A median that is not reached, because too many still wait, has status missing.

    Raises
    ------
    FrameError when a column is missing or days are not numbers from 0 up.

    Examples
    --------
    >>> import pandas as pd
    >>> cases = pd.DataFrame({"region_level": "hva", "region_code": "E1", "borders": 2026, "period": "2025",
    ...     "origin": "synthetic", "days": [10, 20, 30, 40, 50, 60], "seen": [True] * 5 + [False]})
    >>> keys = ["region_level", "region_code", "borders", "period", "origin"]
    >>> medians(cases, "odotus", keys)[["value", "denominator", "censored"]].values.tolist()
    [[30.0, 6.0, 1.0]]
    """
    lacking = [column for column in ("days", "seen", *by) if column not in cases]
    if lacking:
        raise FrameError(
            f"waiting.medians: column {lacking[0]} is missing; give days, seen and the columns of by"
        )
    rows = []
    for keys, group in cases.groupby(list(by), sort=True):
        curve = waiting_curve(group["days"], group["seen"])
        found = median_wait(curve, confidence)
        reached = np.isfinite(found.median)
        rows.append(
            {
                **dict(zip(by, cast("tuple[object, ...]", keys), strict=True)),
                "value": found.median,
                "lower": found.lower if reached else np.nan,
                "upper": found.upper if reached else np.nan,
                "denominator": float(curve.size),
                "censored": float(curve.size - curve.ended),
                "status": "ok" if reached else "missing",
            }
        )
    made = pd.DataFrame(rows)
    told = {"indicator": indicator, "per": 1.0, "statistic": MEDIAN, "method": KEPT, "confidence": confidence}
    return frames.check(made.assign(**told), file=indicator)


def kept_limit(cases: pd.DataFrame, indicator: str, by: Sequence[str], column: str) -> pd.DataFrame:
    """Give the share of waits that kept a limit, of those whose limit has passed.

    Parameters
    ----------
    cases : as in `medians`; `column` has 1.0 = kept, 0.0 = not, NaN = the limit had not passed.

    Returns
    -------
    Analysed frame: value in per cent with Wilson's interval, numerator, denominator, and `not_passed` = waits
    whose limit had not passed. A group in which none has passed has no row.

    Examples
    --------
    >>> import pandas as pd
    >>> cases = pd.DataFrame({"region_level": "hva", "region_code": "E1", "borders": 2026, "period": "2025",
    ...     "origin": "synthetic", "ok": [1.0, 1.0, 0.0, None]})
    >>> keys = ["region_level", "region_code", "borders", "period", "origin"]
    >>> found = kept_limit(cases, "ajoissa", keys, "ok")
    >>> found[["value", "denominator", "not_passed"]].round(1).values.tolist()
    [[66.7, 3.0, 1.0]]
    """
    lacking = [name for name in (column, *by) if name not in cases]
    if lacking:
        raise FrameError(
            f"waiting.kept_limit: column {lacking[0]} is missing; give the columns of by and {column}"
        )
    grouped = cases.assign(_value=cases[column].astype("float64")).groupby(list(by), sort=True)["_value"]
    found = grouped.agg(numerator="sum", denominator="count", size="size").reset_index()
    found = found.loc[found["denominator"] > 0].astype({"denominator": "float64"})
    rows = found.drop(columns="size").assign(
        not_passed=(found["size"] - found["denominator"]).astype("float64"),
        value=rates.per_units(found["numerator"], found["denominator"], 100),
        per=100.0,
        indicator=indicator,
        status="ok",
    )
    return rates.proportion(frames.check(rows, file=indicator))
