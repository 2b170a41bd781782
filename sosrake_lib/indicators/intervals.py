"""Interval kernels: arrays of counts in, arrays of limits out; no frames, no messages to readers.

Every kernel takes scalars or arrays that broadcast together and a two-sided `confidence` between 0 and 1.
Limits of proportions are on the scale 0-1, limits of counts in counts; callers multiply by `per`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Lower and upper limits, two arrays of the same shape."""

    lower: Floats
    upper: Floats


def wilson(numerator: ArrayLike, denominator: ArrayLike, confidence: float = 0.95) -> Interval:
    """Wilson score interval of a proportion, without continuity correction.

    Formula: (2x + z² ± z √(z² + 4x(1 - x/n))) / (2(n + z²)), x of n. Source: Wilson (1927),
    doi 10.1080/01621459.1927.10502953; compared with R binom and PHEindicatormethods in tests/reference.

    Examples
    --------
    >>> limits = wilson(65, 100)
    >>> print(round(float(limits.lower), 4), round(float(limits.upper), 4))
    0.5525 0.7364
    """
    x, n = _floats(numerator, denominator)
    z = _z(confidence)
    middle = 2 * x + z**2
    # x(1 - x/n) is 0 in exact arithmetic at both ends; rounding may leave a tiny negative there.
    half = z * np.sqrt(z**2 + 4 * np.clip(x * (1 - x / n), 0, None))
    scale = 2 * (n + z**2)
    lower = np.where(x == 0, 0.0, (middle - half) / scale)
    upper = np.where(x == n, 1.0, (middle + half) / scale)
    return Interval(np.clip(lower, 0, 1), np.clip(upper, 0, 1))


def poisson_exact(count: ArrayLike, confidence: float = 0.95) -> Interval:
    """Exact interval of a Poisson count (Garwood); the lower limit of zero is zero.

    Formula: quantiles of the gamma distribution with shapes x and x + 1. Source: Garwood (1936),
    doi 10.1093/biomet/28.3-4.437; compared with R stats::poisson.test.

    Examples
    --------
    >>> print(round(float(poisson_exact(4).lower), 4), round(float(poisson_exact(4).upper), 4))
    1.0899 10.2416
    """
    (x,) = _floats(count)
    tail = (1 - _level(confidence)) / 2
    safe = np.where(x > 0, x, 1.0)
    lower = np.where(x > 0, special.gammaincinv(safe, tail), 0.0)
    return Interval(np.where(np.isnan(x), np.nan, lower), special.gammaincinv(x + 1, 1 - tail))


def byar(count: ArrayLike, confidence: float = 0.95) -> Interval:
    """Byar's approximate interval of a Poisson count; close to exact from 10 upwards.

    Formula: x(1 - 1/(9x) - z/(3√x))³ and (x+1)(1 - 1/(9(x+1)) + z/(3√(x+1)))³. Source: Breslow & Day
    (1987), Statistical methods in cancer research II, IARC; compared with PHEindicatormethods.
    """
    (x,) = _floats(count)
    z = _z(confidence)
    safe = np.where(x > 0, x, 1.0)
    lower = np.where(x > 0, safe * (1 - 1 / (9 * safe) - z / (3 * np.sqrt(safe))) ** 3, 0.0)
    lower = np.where(np.isnan(x), np.nan, np.clip(lower, 0, None))
    above = x + 1
    return Interval(lower, above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3)


def poisson(count: ArrayLike, confidence: float = 0.95, exact_below: float = 10) -> Interval:
    """Interval of a Poisson count: exact below `exact_below`, Byar from there on."""
    (x,) = _floats(count)
    exact, approximate = poisson_exact(x, confidence), byar(x, confidence)
    small = x < exact_below
    return Interval(
        np.where(small, exact.lower, approximate.lower), np.where(small, exact.upper, approximate.upper)
    )


def mean_t(mean: ArrayLike, deviation: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Interval:
    """Interval of a mean by Student's t: mean ± t(n - 1) · s / √n; nothing when n is below 2."""
    m, s, size = _floats(mean, deviation, n)
    able = size >= 2
    freedom = np.where(able, size - 1, 1.0)
    t = special.stdtrit(freedom, 0.5 + _level(confidence) / 2)
    half = np.where(able, t * s / np.sqrt(np.where(able, size, 1.0)), np.nan)
    return Interval(m - half, m + half)


def newcombe(
    numerator: ArrayLike,
    denominator: ArrayLike,
    other_numerator: ArrayLike,
    other_denominator: ArrayLike,
    confidence: float = 0.95,
) -> Interval:
    """Interval of the difference of two independent proportions, first minus other (hybrid score).

    Formula: `mover` on the two Wilson intervals. Source: Newcombe (1998), method 10,
    doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.

    Examples
    --------
    >>> limits = newcombe(56, 70, 48, 80)  # the paper's table II, case (a)
    >>> print(round(float(limits.lower), 4), round(float(limits.upper), 4))
    0.0524 0.3339
    """
    x, n, other_x, other_n = _floats(numerator, denominator, other_numerator, other_denominator)
    first, other = wilson(x, n, confidence), wilson(other_x, other_n, confidence)
    return mover(x / n, first, other_x / other_n, other)


def mover(estimate: ArrayLike, limits: Interval, other: ArrayLike, other_limits: Interval) -> Interval:
    """Interval of a difference, first minus other, recovered from the two separate intervals.

    Formula: d - √((a - l₁)² + (u₂ - b)²) and d + √((u₁ - a)² + (b - l₂)²), d = a - b. Source: Zou & Donner
    (2008), doi 10.1002/sim.3095. On Wilson limits it is Newcombe's method, on Poisson limits its sister.
    """
    a, b = _floats(estimate, other)
    below = np.hypot(a - limits.lower, other_limits.upper - b)
    above = np.hypot(limits.upper - a, b - other_limits.lower)
    return Interval(a - b - below, a - b + above)


def _floats(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype="float64") for value in values)))


def _level(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise SosrakeError(
            f"confidence {confidence!r}: expected a share between 0 and 1, such as 0.95; write 95 % as 0.95"
        )
    return float(confidence)


def _z(confidence: float) -> float:
    return float(special.ndtri(0.5 + _level(confidence) / 2))
