"""Difference of two means: Welch's t, Cohen's d and Hedges' g; arrays of sizes, means and variances in.

Answers on a scale are ordered, not measured; these belong beside the ordinal measures of `group_kernels`, for
comparison with reports that use them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Floats, Interval

CORRECTIONS = ("exact", "approximate")


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Size, mean and variance (n - 1 below the line) of groups, arrays of one shape."""

    size: Floats
    mean: Floats
    variance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Welch:
    """Welch's test of first - second: difference, t, df, two-sided p and the interval of the difference."""

    difference: Floats
    t: Floats
    freedom: Floats
    p_value: Floats
    interval: Interval


def moments(counts: ArrayLike, points: ArrayLike) -> Moments:
    """Take size, mean and variance from counts (..., points); nothing where too few answered.

    Examples
    --------
    >>> found = moments([1, 1, 2], [1, 2, 3])  # answers 1 2 3 3
    >>> print(float(found.mean), round(float(found.variance), 4))
    2.25 0.9167
    """
    table, values = np.asarray(counts, "float64"), np.asarray(points, "float64")
    size = table.sum(axis=-1)
    mean = np.divide((table * values).sum(axis=-1), size, out=np.full(size.shape, np.nan), where=size > 0)
    squares = (table * (values - mean[..., None]) ** 2).sum(axis=-1)
    variance = np.divide(squares, size - 1, out=np.full(size.shape, np.nan), where=size > 1)
    return Moments(size, mean, variance)


def welch(first: Moments, second: Moments, confidence: float = 0.95) -> Welch:
    """Test two means without supposing equal variances.

    Formula: t = (x̄ - ȳ) / √(s²/m + r²/n), df by Welch-Satterthwaite. Two constant groups: equal means give
    p = 1, unequal ones an infinite t and p = 0, both without an interval. Source: Welch (1947),
    doi 10.1093/biomet/34.1-2.28; compared with R stats::t.test.
    """
    level = one_level(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = first.variance / first.size, second.variance / second.size
        error = np.sqrt(a + b)
        freedom = (a + b) ** 2 / (a**2 / (first.size - 1) + b**2 / (second.size - 1))
        difference = first.mean - second.mean
        t = np.where((error == 0) & (difference == 0), 0.0, difference / error)
    freedom = np.where(error > 0, freedom, np.nan)
    p_value = np.where(error > 0, 2 * special.stdtr(freedom, -np.abs(t)), np.where(t == 0, 1.0, 0.0))
    p_value = np.where(np.isnan(error), np.nan, p_value)
    half = special.stdtrit(freedom, 0.5 + level / 2) * error
    return Welch(difference, t, freedom, p_value, Interval(difference - half, difference + half))


def cohens_d(first: Moments, second: Moments) -> Floats:
    """Difference of means in pooled standard deviations; nothing where nobody differs within the groups."""
    freedom = first.size + second.size - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = ((first.size - 1) * first.variance + (second.size - 1) * second.variance) / freedom
        return np.where(pooled > 0, (first.mean - second.mean) / np.sqrt(pooled), np.nan)


def hedges_correction(freedom: ArrayLike, correction: str = "exact") -> Floats:
    """Factor that takes the small-sample bias off Cohen's d.

    "exact": Γ(df/2) / (√(df/2) Γ((df - 1)/2)), as R effectsize; "approximate": 1 - 3 / (4 df - 1), which is
    1 - 3 / (4N - 9), as R effsize. Source: Hedges (1981), doi 10.3102/10769986006002107.

    Examples
    --------
    >>> print(round(float(hedges_correction(18)), 5), round(float(hedges_correction(18, "approximate")), 5))
    0.95765 0.95775
    """
    if correction not in CORRECTIONS:
        raise SosrakeError(f"hedges_correction: {correction!r}; use one of {', '.join(CORRECTIONS)}")
    df = np.asarray(freedom, "float64")
    safe = np.where(df > 1, df, 2.0)
    if correction == "approximate":
        return np.where(df > 1, 1 - 3 / (4 * safe - 1), np.nan)
    logs = special.gammaln(safe / 2) - special.gammaln((safe - 1) / 2)
    return np.where(df > 1, np.exp(logs) / np.sqrt(safe / 2), np.nan)


def standardised_interval(
    d: ArrayLike, first_size: ArrayLike, second_size: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Interval of Cohen's d by the noncentral t distribution; times `hedges_correction` that of Hedges' g.

    Formula: the noncentralities that put t = d / √(1/m + 1/n) at the two tails of t(m + n - 2), back on the
    scale of d. Source: Steiger & Fouladi (1997), in What if there were no significance tests?; compared with
    R effectsize.
    """
    value, m, n = np.broadcast_arrays(*(np.asarray(x, "float64") for x in (d, first_size, second_size)))
    tail = (1 - one_level(confidence)) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(1 / m + 1 / n)
        t, freedom = value / scale, m + n - 2
    able = np.isfinite(t) & (freedom >= 1)
    safe_t, safe_df = np.where(able, t, 0.0), np.where(able, freedom, 1.0)
    lower, upper = (_noncentrality(safe_t, safe_df, share) for share in (1 - tail, tail))
    return Interval(np.where(able, lower * scale, np.nan), np.where(able, upper * scale, np.nan))


def _noncentrality(t: Floats, freedom: Floats, share: float) -> Floats:
    """Solve P(T ≤ t) = share for the noncentrality, each by a bracketed search at once."""
    from scipy import stats
    from scipy.optimize import elementwise

    # P(T ≤ t | c) = 1 - P(T ≤ -t | -c): a positive t keeps the distribution function accurate.
    turned = t < 0
    at, wanted = np.abs(t), np.where(turned, 1 - share, share)

    def excess(shift: Floats, at: Floats, freedom: Floats, wanted: Floats) -> Floats:
        return np.asarray(stats.nct.cdf(at, freedom, shift)) - wanted  # type: ignore[attr-defined]

    # For large t the spread of c is about √(1 + t² / 2df); six of these hold every level in use.
    reach = 6 * np.sqrt(1 + at**2 / (2 * freedom)) + 1
    found = elementwise.find_root(
        excess, (at - reach, at + reach), args=(at, freedom, wanted), tolerances={"xatol": 1e-10}
    )
    return np.where(found.success, np.where(turned, -found.x, found.x), np.nan)
