"""Make an analysed frame: the rows once per confidence, with limits, statistic and method."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.indicators.interval_form import Interval, levels_of

Limits = Callable[[pd.DataFrame, float], Interval]


def analysed(
    checked: pd.DataFrame,
    able: pd.Series,
    confidence: Iterable[float] | float,
    statistic: str,
    limits: Limits | None,
    method: str | NDArray[np.str_],
) -> pd.DataFrame:
    """Put the rows of every confidence on top of each other; rows that are not `able` get no limits.

    Parameters
    ----------
    checked : checked source frame.
    able : which rows have what the method needs; the others say where their value comes from instead.
    limits : from the able rows and a level to their limits, in units of the value.
    method : the method's name, or one for each row.
    """
    without = np.select(
        [
            (checked["origin"] == "published") | (checked["status"] != "ok"),
            (checked["origin"] == "own") & (statistic == "count"),
            checked["origin"].eq("synthetic") & (statistic == "count"),
        ],
        ["published", "sum_of_municipalities", "count"],
        default="given",
    )
    used = pd.Series(np.where(able, method, without), index=checked.index, dtype="str")
    rows = checked.loc[able]
    parts = []
    for level in levels_of(confidence, f"rates, {statistic}"):
        part = checked.copy()
        part[["lower", "upper"]] = np.nan
        part["statistic"] = statistic
        part["method"] = used
        part["confidence"] = level
        if limits is not None and len(rows):
            found = limits(rows, level)
            part.loc[able, "lower"], part.loc[able, "upper"] = found.lower, found.upper
        parts.append(part)
    return frames.check(pd.concat(parts, ignore_index=True), file=f"rates, {statistic}")
