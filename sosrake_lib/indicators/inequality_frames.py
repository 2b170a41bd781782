"""From arrays back to frames: levels of confidence, stacks of groups, the analysed frame of a measure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators.inequality_areas import BY, Gathered
from sosrake_lib.indicators.inequality_kernels import Floats

WITHOUT = "no_interval"
REASONS = ("", "too_few_areas", "areas_missing", "no_weight", "undefined")
# Numbers a stack of groups may hold before it is worked on in parts.
_STACK = 200_000
_KEPT = ("areas_level", "areas_used", "areas_expected")


def levels_of(
    method: str | None, confidence: Iterable[float], allowed: Sequence[str], where: str
) -> list[float]:
    """Check method and confidences and give the confidences as a list."""
    if method is not None:
        resampling.check_method(method, where, allowed)
    listed = [confidence] if isinstance(confidence, int | float) else list(confidence)
    return [resampling.confidence_level(level, where) for level in listed]


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
    method: str | None,
    *,
    per: Floats | float = 1.0,
) -> pd.DataFrame:
    """Make the analysed frame of one measure: one row per group and confidence.

    Parameters
    ----------
    values : (groups,); NaN where nothing could be computed.
    limits : (confidence, 2, groups).
    levels : the confidences.
    method : None for no interval.
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
            method=np.where(known, method or WITHOUT, WITHOUT),
            confidence=level,
        )
        parts.append(part)
    return frames.check(pd.concat(parts, ignore_index=True), file="inequality")
