"""Control limits and run rules on arrays: points in time order, `phase` numbers those that share a centre.

A point that is absent (NaN) takes no part, and runs and moving ranges do not reach across it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.intervals import Floats

# Expected range of two normal values in standard deviations, and the standard deviation of that range.
D2 = 2 / np.sqrt(np.pi)
D3 = np.sqrt(2 - 4 / np.pi)
SIGMAS = 3.0
RULES = (
    "beyond_limits",
    "nine_on_one_side",
    "six_steadily_moving",
    "fourteen_alternating",
    "two_of_three_beyond_two_sigma",
    "four_of_five_beyond_one_sigma",
    "fifteen_within_one_sigma",
    "eight_beyond_one_sigma",
    "moving_range_beyond_limit",
)
SPREADS = ("theory", "laney")


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Centre line, standard deviation and control limits of each point, and the points behind the centre."""

    value: Floats
    centre: Floats
    sigma: Floats
    lower: Floats
    upper: Floats
    points: Floats


def proportion_limits(
    numerator: ArrayLike,
    denominator: ArrayLike,
    phase: np.ndarray | None = None,
    *,
    use: np.ndarray | None = None,
    exact: bool = False,
    spread: str = "theory",
) -> Limits:
    """P chart: shares x / n around the phase's share p̄ = Σx / Σn.

    Formula: p̄ ± 3 √(p̄(1 - p̄) / n), within 0 and 1. `exact`: the binomial counts whose tails hold 0.135 %
    each, as three sigmas do of a normal. `spread` "laney": sigma times the spread of the z values from point
    to point (Laney 2002, doi 10.1081/QEN-120006555), for large n, where the plain limits are too narrow.
    `use` marks the points that set the centre. Source: Shewhart (1931); checked by hand
    on the counts of Montgomery's frozen orange juice example.

    Examples
    --------
    >>> found = proportion_limits([12, 15, 8], [50, 50, 50])
    >>> print(found.centre.round(4)[0], found.lower.round(4)[0], found.upper.round(4)[0])
    0.2333 0.0539 0.4128
    """
    x, n, codes, chosen = _counts(numerator, denominator, phase, use)
    value = _over(x, n)
    centre, points = _pooled(x, n, codes, chosen)
    sigma = np.sqrt(_over(centre * (1 - centre), n))
    return _limits(
        value, centre, sigma, points, codes, chosen, spread, 1.0, (n, "binomial") if exact else None
    )


def rate_limits(
    numerator: ArrayLike,
    denominator: ArrayLike | None = None,
    phase: np.ndarray | None = None,
    *,
    use: np.ndarray | None = None,
    exact: bool = False,
    spread: str = "theory",
) -> Limits:
    """U chart: events per unit x / n around ū = Σx / Σn; without a denominator the c chart (n = 1).

    Formula: ū ± 3 √(ū / n), from 0 up; `exact` takes the Poisson counts with tails of 0.135 %. Other
    parameters as `proportion_limits`. Checked by hand on Montgomery's printed circuit boards (c chart).

    Examples
    --------
    >>> found = rate_limits([21, 24, 16])
    >>> print(found.centre.round(3)[0], found.lower.round(3)[0], found.upper.round(3)[0])
    20.333 6.806 33.861
    """
    n_given = np.ones(np.shape(numerator)) if denominator is None else denominator
    x, n, codes, chosen = _counts(numerator, n_given, phase, use)
    value = _over(x, n)
    centre, points = _pooled(x, n, codes, chosen)
    sigma = np.sqrt(_over(centre, n))
    exactly = (n, "poisson") if exact else None
    return _limits(value, centre, sigma, points, codes, chosen, spread, np.inf, exactly)


def individual_limits(
    value: ArrayLike, phase: np.ndarray | None = None, *, use: np.ndarray | None = None
) -> Limits:
    """XmR chart: single values around their mean, with the spread from point to point.

    Formula: x̄ ± 3 m̄R / d₂, m̄R = mean |xᵢ - xᵢ₋₁| within the phase, d₂ = 2 / √π (so 3 / d₂ = 2.66). A phase
    of one point has a centre and no limits. Checked by hand on Montgomery's paint viscosity example.

    Examples
    --------
    >>> found = individual_limits([33.75, 33.05, 34.00, 33.81])
    >>> print(found.centre.round(4)[0], found.lower.round(4)[0], found.upper.round(4)[0])
    33.6525 32.0218 35.2832
    """
    x = np.asarray(value, "float64")
    codes = np.zeros(x.shape, "int64") if phase is None else np.asarray(phase, "int64")
    chosen = np.isfinite(x) & (np.ones(x.shape, "bool") if use is None else np.asarray(use, "bool"))
    centre, points = _pooled(np.where(chosen, x, 0.0), np.ones(x.shape), codes, chosen)
    sigma = _mean_range(x, codes, chosen) / D2
    return Limits(x, centre, sigma, centre - SIGMAS * sigma, centre + SIGMAS * sigma, points)


def moving_range(value: ArrayLike, phase: np.ndarray | None = None) -> Floats:
    """Distance of each point from the one before in its phase; nothing for the first and beside a gap."""
    x = np.asarray(value, "float64")
    codes = np.zeros(x.shape, "int64") if phase is None else np.asarray(phase, "int64")
    out = np.full(x.shape, np.nan)
    out[1:] = np.where(codes[1:] == codes[:-1], np.abs(np.diff(x)), np.nan)
    return out


def range_limit(sigma: ArrayLike) -> Floats:
    """Upper limit of the moving range: (d₂ + 3 d₃) sigma, which is 3.267 mean ranges."""
    return (D2 + SIGMAS * D3) * np.asarray(sigma, "float64")


def signals(limits: Limits, phase: np.ndarray, rules: tuple[str, ...] = RULES[:4]) -> dict[str, np.ndarray]:
    """Say by rule which points complete a pattern that chance alone would hardly make.

    `beyond_limits`: outside the control limits; `nine_on_one_side` of the centre in a row;
    `six_steadily_moving` up or down; `fourteen_alternating` up and down; `two_of_three_beyond_two_sigma` and
    `four_of_five_beyond_one_sigma` on one side; `fifteen_within_one_sigma`; `eight_beyond_one_sigma` on
    either side; `moving_range_beyond_limit` (XmR). The last point of a pattern is marked. Each rule more
    brings more false alarms. Source: Nelson (1984), doi 10.1080/00224065.1984.11978921.

    Raises
    ------
    SosrakeError when a rule is unknown.
    """
    unknown = [rule for rule in rules if rule not in RULES]
    if unknown:
        raise SosrakeError(f"control_kernels.signals: rule {unknown[0]!r}; use some of {', '.join(RULES)}")
    value = limits.value
    # A constant series sits on its centre: rounding of the division is no deviation.
    slack = 1e-12 * np.maximum(np.abs(value), np.abs(limits.centre))
    away = value - limits.centre
    z = _over_any(np.where(np.abs(away) <= slack, 0.0, away), limits.sigma)
    present = np.isfinite(value) & np.isfinite(limits.centre)
    run = np.cumsum(np.r_[True, (phase[1:] != phase[:-1]) | ~present[1:] | ~present[:-1]])
    step = np.zeros(value.shape)
    step[1:] = np.where(run[1:] == run[:-1], np.sign(np.diff(np.where(present, value, 0.0))), 0.0)
    turned = np.r_[False, step[1:] * step[:-1] < 0]
    found = {
        "beyond_limits": (value < limits.lower - slack) | (value > limits.upper + slack),
        "nine_on_one_side": _either(lambda side: _streak(side * z > 0, run) >= 9),
        "six_steadily_moving": _either(lambda side: _streak(side * step > 0, run) >= 5),
        "fourteen_alternating": _streak(turned, run) >= 12,
        "two_of_three_beyond_two_sigma": _either(lambda side: _window(side * z > 2, run, 3) >= 2),
        "four_of_five_beyond_one_sigma": _either(lambda side: _window(side * z > 1, run, 5) >= 4),
        "fifteen_within_one_sigma": _streak(np.abs(z) < 1, run) >= 15,
        "eight_beyond_one_sigma": _streak(np.abs(z) > 1, run) >= 8,
        "moving_range_beyond_limit": moving_range(value, phase) > range_limit(limits.sigma),
    }
    return {rule: found[rule] & present for rule in rules}


def beyond(limits: Limits) -> list[int]:
    """Number the points (1 = first) outside the control limits."""
    one_phase = np.zeros(limits.value.shape, "int64")
    return (np.flatnonzero(signals(limits, one_phase)["beyond_limits"]) + 1).tolist()


def _either(condition: Callable[[int], np.ndarray]) -> np.ndarray:
    return condition(1) | condition(-1)


def _streak(condition: np.ndarray, run: np.ndarray) -> np.ndarray:
    """Length of the unbroken row of true points that ends at each point."""
    place = np.arange(len(condition))
    new = np.r_[True, run[1:] != run[:-1]]
    last_break = np.maximum.accumulate(np.where(~condition, place, np.where(new, place - 1, -1)))
    return np.where(condition, place - last_break, 0)


def _window(condition: np.ndarray, run: np.ndarray, length: int) -> np.ndarray:
    """Count true points among the last `length` of the same run, where the point itself is true."""
    found = condition.astype("int64")
    for back in range(1, min(length, len(condition))):
        found[back:] += condition[:-back] & (run[back:] == run[:-back])
    return np.where(condition, found, 0)


def _limits(
    value: Floats,
    centre: Floats,
    sigma: Floats,
    points: Floats,
    codes: np.ndarray,
    chosen: np.ndarray,
    spread: str,
    highest: float,
    exact: tuple[Floats, str] | None,
) -> Limits:
    if spread not in SPREADS:
        raise SosrakeError(f"control_kernels: spread {spread!r}; use one of {', '.join(SPREADS)}")
    if spread == "laney":
        if exact is not None:
            raise SosrakeError("control_kernels: exact limits have no laney spread; choose one of the two")
        sigma = sigma * _mean_range(_over_any(value - centre, sigma), codes, chosen) / D2
    if exact is not None:
        lower, upper = _exact(centre, *exact)
    else:
        lower, upper = centre - SIGMAS * sigma, centre + SIGMAS * sigma
    return Limits(value, centre, sigma, np.clip(lower, 0, None), np.clip(upper, None, highest), points)


def _exact(centre: Floats, n: Floats, distribution: str) -> tuple[Floats, Floats]:
    from scipy import stats

    tail = special.ndtr(-SIGMAS)
    able = np.isfinite(centre) & (n > 0)
    safe, size = np.where(able, centre, 0.5), np.where(able, n, 1.0)
    found = []
    for share in (tail, 1 - tail):
        if distribution == "binomial":
            count = stats.binom.ppf(share, size, safe)  # type: ignore[attr-defined]
        else:
            count = stats.poisson.ppf(share, size * safe)  # type: ignore[attr-defined]
        found.append(np.where(able, np.asarray(count) / size, np.nan))
    return found[0], found[1]


def _mean_range(value: Floats, codes: np.ndarray, chosen: np.ndarray) -> Floats:
    """Mean moving range of each point's phase, from the points that set the limits."""
    ranges = moving_range(np.where(chosen, value, np.nan), codes)
    known = np.isfinite(ranges)
    count = int(codes.max(initial=0)) + 1
    sums = np.bincount(codes[known], ranges[known], count).astype("float64")
    return _over(sums, np.bincount(codes[known], minlength=count).astype("float64"))[codes]


def _pooled(x: Floats, n: Floats, codes: np.ndarray, chosen: np.ndarray) -> tuple[Floats, Floats]:
    count = int(codes.max(initial=0)) + 1
    above = np.bincount(codes[chosen], x[chosen], count).astype("float64")
    below = np.bincount(codes[chosen], n[chosen], count).astype("float64")
    points = np.bincount(codes[chosen], minlength=count).astype("float64")
    return _over(above, below)[codes], points[codes]


def _counts(
    numerator: ArrayLike, denominator: ArrayLike, phase: np.ndarray | None, use: np.ndarray | None
) -> tuple[Floats, Floats, np.ndarray, np.ndarray]:
    x, n = (np.asarray(part, "float64") for part in (numerator, denominator))
    codes = np.zeros(x.shape, "int64") if phase is None else np.asarray(phase, "int64")
    chosen = np.isfinite(x) & (n > 0) & (np.ones(x.shape, "bool") if use is None else np.asarray(use, "bool"))
    return x, n, codes, chosen


def _over(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=np.asarray(below) > 0)


def _over_any(away: Floats, sigma: Floats) -> Floats:
    """Deviation in sigmas; without any spread a deviation is 0 or infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((sigma == 0) & (away == 0), 0.0, away / sigma)
