"""Bootstrap over units (respondents, coded units), where units that look alike are drawn at once.

A survey of thousands has far fewer distinct patterns of answers than people. Drawing n people with
replacement is then drawing how many come from each pattern (multinomial): the same distribution, at the
cost of the patterns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Floats, Interval

WeightedStatistic = Callable[[Floats], Floats]
# Numbers in one block of weights: 64 MB, whatever the count of replicates.
_BLOCK = 8_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Distinct rows of a table and how many units show each."""

    rows: Floats
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """Limits, one per confidence, and how many replicates had a value of those drawn."""

    intervals: tuple[Interval, ...]
    replicates: int
    drawn: int


def patterns(values: Floats) -> Patterns:
    """Part units into distinct patterns (NaN equals NaN), in a fixed order.

    Examples
    --------
    >>> found = patterns(np.array([[1.0, 2.0], [1.0, 2.0], [3.0, np.nan]]))
    >>> found.counts.tolist()
    [2, 1]
    """
    if not len(values):
        return Patterns(values, np.zeros(0, dtype="int64"))
    # A stand-in below every value makes empty answers comparable.
    low = np.nanmin(values) - 1 if np.isfinite(values).any() else 0.0
    filled = np.where(np.isnan(values), low, values)
    order = np.lexsort(filled.T[::-1])
    ordered = filled[order]
    new = np.ones(len(values), dtype="bool")
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    starts = np.flatnonzero(new)
    return Patterns(values[order[starts]], np.diff(np.append(starts, len(values))))


def replicates_of(
    statistic: WeightedStatistic, counts: NDArray[np.int64], replicates: int, seed: int
) -> Floats:
    """Give the statistic of each replicate: weights (m, patterns) -> values (m,)."""
    rng = np.random.default_rng(seed)
    units, kinds = int(counts.sum()), len(counts)
    alike = 2 * kinds < units
    step = max(1, _BLOCK // max(kinds if alike else units, 1))
    found = np.empty(replicates)
    pattern = np.repeat(np.arange(kinds), counts)
    for start in range(0, replicates, step):
        many = min(step, replicates - start)
        if alike:
            drawn = rng.multinomial(units, counts / units, size=many).astype("float64")
        else:
            places = rng.integers(0, units, size=(many, units))
            places = pattern[places] + kinds * np.arange(many)[:, None]
            drawn = np.bincount(places.ravel(), minlength=many * kinds).reshape(many, kinds).astype("float64")
        found[start : start + many] = statistic(drawn)
    return found


def left_out(statistic: WeightedStatistic, counts: NDArray[np.int64]) -> Floats:
    """Give the statistic with each unit left out in turn; units of one pattern give the same value."""
    kinds = len(counts)
    step = max(1, _BLOCK // max(kinds, 1))
    values = np.empty(kinds)
    for start in range(0, kinds, step):
        stop = min(start + step, kinds)
        weights = np.repeat(counts[None, :].astype("float64"), stop - start, axis=0)
        weights[np.arange(stop - start), np.arange(start, stop)] -= 1
        values[start:stop] = statistic(weights)
    return np.repeat(values, counts)


def limits(
    statistic: WeightedStatistic,
    counts: NDArray[np.int64],
    *,
    method: str,
    confidence: Sequence[float],
    replicates: int,
    seed: int,
    where: str,
) -> Resampled:
    """Bootstrap limits of a statistic of unit weights.

    Parameters
    ----------
    statistic : weights (m, patterns) -> values (m,); NaN where a replicate has none.
    counts : units of each pattern.
    method : "bootstrap_percentile" or "bootstrap_bca".
    confidence : two-sided levels.
    replicates : 100 or more; 2 000 for 95 % limits.

    Examples
    --------
    >>> mean = lambda w: (w @ [1.0, 2.0, 6.0]) / w.sum(axis=1)
    >>> found = limits(mean, np.array([30, 30, 30]), method="bootstrap_percentile", confidence=[0.95],
    ...     replicates=2000, seed=1, where="example")
    >>> bool(2.4 < found.intervals[0].lower[0] < 2.7), found.replicates
    (True, 2000)
    """
    resampling.check_method(method, where, resampling.BOOTSTRAP_METHODS)
    levels = [one_level(level, where) for level in confidence]
    if replicates < 100:
        raise SosrakeError(f"{where}: {replicates} replicates; expected 100 or more (2000 for 95 % limits)")
    drawn = replicates_of(statistic, counts, replicates, seed)
    usable = drawn[np.isfinite(drawn)]
    if len(usable) < 100:
        nothing = Interval(np.array([np.nan]), np.array([np.nan]))
        return Resampled(tuple(nothing for _ in levels), len(usable), replicates)
    if method == "bootstrap_percentile":
        found = [resampling.percentile_limits(usable[None], level) for level in levels]
    else:
        value = statistic(counts[None, :].astype("float64"))
        deleted = left_out(statistic, counts)[None]
        found = [resampling.bca_limits(value, usable[None], deleted, level) for level in levels]
    return Resampled(tuple(found), len(usable), replicates)


def interval_frame(method: str, confidence: Sequence[float], found: Resampled | None) -> pd.DataFrame:
    """Write limits as `method, confidence, lower, upper`, a row per confidence; none without a bootstrap."""
    limits = () if found is None else found.intervals
    rows = [
        (method, level, one.lower.item(), one.upper.item())
        for level, one in zip(confidence, limits, strict=found is not None)
    ]
    return pd.DataFrame(rows, columns=["method", "confidence", "lower", "upper"])
