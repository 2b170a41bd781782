"""Interval kernels of a proportion: x of n in, limits on the scale 0-1 out. Used through `intervals`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.indicators.interval_form import (
    Floats,
    Interval,
    checked_level,
    floats,
    normal_quantile,
    refuse,
    refuse_counts,
    refuse_sizes,
)


def wilson(numerator: ArrayLike, denominator: ArrayLike, confidence: ArrayLike = 0.95) -> Interval:
    """Wilson score interval of a proportion, without continuity correction.

    Formula: (2x + z² ± z √(z² + 4x(1 - x/n))) / (2(n + z²)), x of n. Stays within 0-1 and is the field's
    usual choice for areas of all sizes. x need not be whole. Source: Wilson (1927),
    doi 10.1080/01621459.1927.10502953; compared with R binom and PHEindicatormethods in tests/reference.

    Examples
    --------
    >>> limits = wilson(65, 100)
    >>> print(round(float(limits.lower), 4), round(float(limits.upper), 4))
    0.5525 0.7364
    """
    x, n = _x_of_n(numerator, denominator, "intervals.wilson")
    z = normal_quantile(confidence)
    middle = 2 * x + z**2
    # x(1 - x/n) is 0 in exact arithmetic at both ends; rounding may leave a tiny negative there.
    half = z * np.sqrt(z**2 + 4 * np.clip(x * (1 - x / n), 0, None))
    scale = 2 * (n + z**2)
    lower = np.where(x == 0, 0.0, (middle - half) / scale)
    upper = np.where(x == n, 1.0, (middle + half) / scale)
    return Interval(np.clip(lower, 0, 1), np.clip(upper, 0, 1))


def clopper_pearson(numerator: ArrayLike, denominator: ArrayLike, confidence: ArrayLike = 0.95) -> Interval:
    """Exact interval of a proportion (Clopper-Pearson): never covers less than promised, so it is wide.

    Formula: beta quantiles, lower B(α/2; x, n - x + 1), upper B(1 - α/2; x + 1, n - x), α = 1 - confidence;
    the lower limit of 0 of n is 0, the upper limit of n of n is 1. Source: Clopper & Pearson (1934),
    doi 10.1093/biomet/26.4.404; compared with R binom (method "exact") and statsmodels.

    Examples
    --------
    >>> limits = clopper_pearson(1, 25)
    >>> print(round(float(limits.lower), 4), round(float(limits.upper), 4))
    0.001 0.2035
    """
    x, n = _x_of_n(numerator, denominator, "intervals.clopper_pearson")
    tail = (1 - checked_level(confidence)) / 2
    rest = n - x
    lower = special.betaincinv(np.where(x > 0, x, 1.0), rest + 1, tail)
    # The complement keeps the digits of a tail as small as that of a Bonferroni level.
    upper = special.betainccinv(x + 1, np.where(rest > 0, rest, 1.0), tail)
    lower, upper = np.where(x == 0, 0.0, lower), np.where(rest == 0, 1.0, upper)
    absent = np.isnan(x) | np.isnan(n)
    return Interval(np.where(absent, np.nan, lower), np.where(absent, np.nan, upper))


def agresti_coull(
    numerator: ArrayLike, denominator: ArrayLike, confidence: ArrayLike = 0.95, *, clip: bool = False
) -> Interval:
    """Agresti-Coull interval of a proportion: the simple normal interval after adding z² people, half cases.

    Formula: p̃ ± z √(p̃(1 - p̃)/ñ), ñ = n + z², p̃ = (x + z²/2)/ñ. Near 0 and 1 a limit leaves the scale;
    as R binom does, it is told as it comes. `clip` cuts it to 0-1. Source: Agresti & Coull (1998),
    doi 10.1080/00031305.1998.10480550; compared with R binom.

    Examples
    --------
    >>> print(round(float(agresti_coull(0, 25).lower), 4), float(agresti_coull(0, 25, clip=True).lower))
    -0.0244 0.0
    """
    x, n = _x_of_n(numerator, denominator, "intervals.agresti_coull")
    z = normal_quantile(confidence)
    size = n + z**2
    middle = (x + z**2 / 2) / size
    half = z * np.sqrt(middle * (1 - middle) / size)
    if not clip:
        return Interval(middle - half, middle + half)
    return Interval(np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1))


def _x_of_n(numerator: ArrayLike, denominator: ArrayLike, where: str) -> tuple[Floats, Floats]:
    x, n = floats(numerator, denominator)
    refuse_counts(x, where, "numerator")
    refuse_sizes(n, where, "denominator")
    refuse(x, x > n, where, "numerator", "at most the denominator")
    return x, n
