"""Intervals of a change between two independent figures: ratios and means; arrays only.

Differences of proportions and of rates are in `intervals` (`newcombe`, `mover`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.indicators import mean_difference
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Floats, Interval


def mover_ratio(estimate: ArrayLike, limits: Interval, other: ArrayLike, other_limits: Interval) -> Interval:
    """Interval of a ratio, estimate / other, recovered from the two separate intervals (MOVER-R).

    Formula, with a in [l₁, u₁] and b in [l₂, u₂], all zero or more and b above zero:
    lower = l₁(2a - l₁) / (ab + √((ab)² - l₁(2a - l₁)·u₂(2b - u₂))) and
    upper = (ab + √((ab)² - u₁(2a - u₁)·l₂(2b - l₂))) / (l₂(2b - l₂)); infinite where l₂ is 0. The lower
    limit is written so that it holds for every u₂. Source: Newcombe (2016), doi 10.1177/0962280213502144,
    after Donner & Zou (2012).

    Examples
    --------
    >>> from sosrake_lib.indicators.intervals import wilson
    >>> found = mover_ratio(0.4, wilson(40, 100), 0.2, wilson(20, 100))
    >>> print(float(found.lower.round(3)), float(found.upper.round(3)))
    1.275 3.162
    """
    a, b, l1, u1, l2, u2 = np.broadcast_arrays(
        *(
            np.asarray(part, "float64")
            for part in (estimate, other, limits.lower, limits.upper, other_limits.lower, other_limits.upper)
        )
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = l1 * (2 * a - l1), u1 * (2 * a - u1)
        other_low, other_high = l2 * (2 * b - l2), u2 * (2 * b - u2)
        square = (a * b) ** 2
        # Never negative in exact arithmetic: low <= a² and other_high <= b².
        below = a * b + np.sqrt(np.clip(square - low * other_high, 0, None))
        above = a * b + np.sqrt(np.clip(square - high * other_low, 0, None))
        lower = np.where(low == 0, 0.0, low / below)
        upper = np.where(other_low > 0, above / other_low, np.inf)
    defined = (b > 0) & np.isfinite(a) & np.isfinite(u1) & np.isfinite(u2)
    return Interval(np.where(defined, lower, np.nan), np.where(defined, upper, np.nan))


def log_ratio(ratio: ArrayLike, variance: ArrayLike, confidence: float = 0.95) -> Interval:
    """Interval of a ratio by the normal distribution of its logarithm: exp(ln r ± z √v); nothing for zero.

    The variance of the log of a ratio of rates is 1/x₁ + 1/x₂, of proportions 1/x₁ - 1/n₁ + 1/x₂ - 1/n₂.
    Source: Katz et al. (1978), doi 10.2307/2530610.
    """
    level = one_level(confidence, "trends.change")
    r, v = np.broadcast_arrays(np.asarray(ratio, "float64"), np.asarray(variance, "float64"))
    able = (r > 0) & np.isfinite(v)
    half = special.ndtri(0.5 + level / 2) * np.sqrt(np.where(able, v, np.nan))
    centre = np.log(np.where(able, r, 1.0))
    return Interval(np.exp(centre - half), np.exp(centre + half))


def welch(
    mean: ArrayLike,
    deviation: ArrayLike,
    n: ArrayLike,
    other_mean: ArrayLike,
    other_deviation: ArrayLike,
    other_n: ArrayLike,
    confidence: float = 0.95,
) -> Interval:
    """Interval of the difference of two independent means with variances of their own (Welch).

    Formula: d ± t(df) √(s₁²/n₁ + s₂²/n₂), df = (v₁ + v₂)² / (v₁²/(n₁ - 1) + v₂²/(n₂ - 1)), v = s²/n; nothing
    when an n is below 2. Source: Welch (1947), doi 10.1093/biomet/34.1-2.28; compared with SciPy.
    """
    m1, s1, n1 = (np.asarray(part, "float64") for part in (mean, deviation, n))
    m2, s2, n2 = (np.asarray(part, "float64") for part in (other_mean, other_deviation, other_n))
    one, other = np.where(n1 > 1, s1**2, np.nan), np.where(n2 > 1, s2**2, np.nan)
    found = mean_difference.welch(
        mean_difference.Moments(n1, m1, one), mean_difference.Moments(n2, m2, other), confidence
    )
    # Two constant samples leave nothing to chance: an interval of no width.
    constant = one + other == 0
    return Interval(
        np.where(constant, found.difference, found.interval.lower),
        np.where(constant, found.difference, found.interval.upper),
    )


def crude(numerator: ArrayLike, denominator: ArrayLike) -> Floats:
    """Numerator over denominator; NaN where the denominator is not above zero."""
    x, n = np.broadcast_arrays(np.asarray(numerator, "float64"), np.asarray(denominator, "float64"))
    return np.divide(x, n, out=np.full(x.shape, np.nan), where=n > 0)
