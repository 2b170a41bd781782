"""Median of counted values with an interval by order statistics; arrays in, one median a group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Median:
    """Median, its limits and the number of values, one entry a group."""

    median: Floats
    lower: Floats
    upper: Floats
    size: Floats


def median_of_counts(
    values: ArrayLike, counts: ArrayLike, group: np.ndarray | None = None, confidence: float = 0.95
) -> Median:
    """Take the median of values that occur `counts` times each.

    Parameters
    ----------
    values, counts : (n,) value, and how many times it occurs (0 allowed).
    group : (n,) codes 0, 1, ...; left out, one group.
    confidence : the interval reaches from the k-th smallest to the k-th largest value, k - 1 the greatest
        number that a binomial (size, ½) exceeds with at least the level; its true level is a little above.

    Returns
    -------
    Median; of an even number of values the middle of the two in the middle. A group without values, or too
    small for the level (under 6 at 95 %), has no interval. Source: Thompson (1936), doi
    10.1214/aoms/1177732502.

    Raises
    ------
    SosrakeError when a count is negative or no whole number, or a value is NaN where it is counted.

    Examples
    --------
    >>> found = median_of_counts([0, 1, 2, 9], [4, 3, 2, 1])
    >>> print(found.median, found.lower, found.upper)
    [1.] [0.] [2.]
    """
    from scipy import stats

    x, n = np.asarray(values, "float64"), np.asarray(counts, "float64")
    codes = np.zeros(x.shape, "int64") if group is None else np.asarray(group, "int64")
    if not ((n >= 0) & (n % 1 == 0)).all() or np.isnan(x[n > 0]).any():
        raise SosrakeError(
            "weighted_median.median_of_counts: counts are whole numbers from 0 up, each with its value; "
            "correct the counts"
        )
    order = np.lexsort((x, codes))
    x, n, codes = x[order], n[order], codes[order]
    count = int(codes.max(initial=0)) + 1
    size = np.bincount(codes, n, count).astype("float64")
    tail = (1 - one_level(confidence)) / 2
    rank = np.asarray(stats.binom.ppf(tail, size, 0.5))  # type: ignore[attr-defined]
    able = (size > 0) & (np.asarray(stats.binom.cdf(rank - 1, size, 0.5)) <= tail) & (rank >= 1)  # type: ignore[attr-defined]
    up_to = np.cumsum(n)
    start = np.concatenate([[0.0], np.cumsum(size)[:-1]])

    def ranked(place: Floats) -> Floats:
        """Find the value at 1-based `place` within each group."""
        at = np.searchsorted(up_to, start + np.clip(place, 1, np.maximum(size, 1)), side="left")
        found = x[np.minimum(at, len(x) - 1)] if len(x) else np.full(count, np.nan)
        return np.where(size > 0, found, np.nan)

    middle = (ranked(np.floor((size + 1) / 2)) + ranked(np.ceil((size + 1) / 2))) / 2
    lower, upper = ranked(rank), ranked(size + 1 - rank)
    return Median(middle, np.where(able, lower, np.nan), np.where(able, upper, np.nan), size)
