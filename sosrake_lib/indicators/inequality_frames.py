"""From arrays back to frames: levels of confidence, stacks of groups, the analysed frame of a measure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators.inequality_areas import BY, Gathered
from sosrake_lib.indicators.inequality_kernels import Floats
from sosrake_lib.indicators.inequality_measures import Measure
from sosrake_lib.indicators.interval_form import levels_of as checked_levels

WITHOUT = "no_interval"
REASONS = ("", "too_few_areas", "areas_missing", "no_weight", "undefined")
# Numbers a stack of groups may hold before it is worked on in parts.
_STACK = 200_000
_KEPT = ("areas_level", "areas_used", "areas_expected")


def levels_of(method: str, confidence: Iterable[float], allowed: Sequence[str], where: str) -> list[float]:
    """Check method (a way to an interval, or "no_interval") and confidences; give the confidences."""
    if method != WITHOUT:
        resampling.check_method(method, where, (*allowed, WITHOUT))
    return list(checked_levels(confidence, where))


def parts_of(gathered: Gathered, *columns: str) -> Iterator[tuple[np.ndarray, tuple[Floats, ...]]]:
    """Give groups of equal size together, in parts of bounded size: numbers (g,) and columns (g, n)."""
    for numbers, stacked in gathered.stacks(*columns):
        n = stacked[0].shape[1]
        # A jackknife holds n weights for each of n areas.
        step = max(1, _STACK // (n * n))
        for start in range(0, len(numbers), step):
            stop = start + step
            yield numbers[start:stop], tuple(column[start:stop] for column in stacked)


def analysed(
    gathered: Gathered,
    statistic: str,
    values: Floats,
    limits: Floats,
    levels: Sequence[float],
    method: str,
    *,
    per: Floats | float = 1.0,
) -> pd.DataFrame:
    """Make the analysed frame of one measure: one row per group and confidence.

    Parameters
    ----------
    values : (groups,); NaN where nothing could be computed.
    limits : (confidence, 2, groups).
    levels : the confidences.
    method : how the limits were made; "no_interval" where there are none.
    per : scale of the values: 1 for relative measures.
    """
    groups = gathered.groups
    able = np.isfinite(values)
    base = groups.rename(columns={"container": "region_code"})[[*BY, "region_level", "region_code"]].copy()
    base["value"] = np.where(able, values, np.nan)
    base["per"] = per
    base["status"] = np.where(able, "ok", "missing")
    base["break_before"] = groups["break_before"]
    base["origin"] = groups["origin"].where(groups["origin"] == "synthetic", "own")
    base["statistic"] = statistic
    for column in _KEPT:
        base[column] = groups[column]
    base["reason"] = np.where(~able & (groups["reason"] == ""), "undefined", groups["reason"])
    parts = []
    for level, (lower, upper) in zip(levels, limits, strict=True):
        known = able & np.isfinite(lower) & np.isfinite(upper)
        part = base.assign(
            lower=np.where(known, lower, np.nan),
            upper=np.where(known, upper, np.nan),
            method=np.where(known, method, WITHOUT),
            confidence=level,
        )
        parts.append(part)
    return frames.check(pd.concat(parts, ignore_index=True), file="inequality")


def computable(gathered: Gathered, *, zeros: bool = True) -> pd.DataFrame:
    """Give the rows of groups that can be computed; without zeros, groups with a value of 0 go too."""
    rows = gathered.rows
    able = (gathered.groups["reason"] == "").to_numpy(copy=True)
    if not zeros:
        able[rows.loc[rows["value"] == 0, "number"].unique()] = False
    return rows[able[rows["number"].to_numpy()]].reset_index(drop=True)


def refuse_negative(gathered: Gathered, chosen: Measure, where: str, negative: str = "refuse") -> None:
    """Refuse values below 0 for a measure that has no meaning for them, naming the row."""
    if negative not in ("refuse", "keep"):
        raise FrameError(f"{where}: negative {negative!r}; use refuse or keep")
    below = gathered.rows.index[gathered.rows["value"] < 0]
    if len(below) and not chosen.accepts(negative):
        row = gathered.rows.loc[below[0]]
        raise FrameError(
            f"{where}: {row['indicator']} {row['region_level']} {row['region_code']} {row['period']} is "
            f"{row['value']:g}; {chosen.name} needs values of 0 or more: use "
            "between_groups with measure sii or concentration_generalised, or negative='keep' if it applies"
        )
