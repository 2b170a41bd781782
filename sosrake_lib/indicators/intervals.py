"""Interval kernels: arrays of counts in, arrays of limits out; no frames, no messages to readers.

Every kernel takes scalars, lists (None is absent) or arrays that broadcast together, and a two-sided
`confidence` between 0 and 1, or several that broadcast with them. Limits of proportions are on the scale 0-1,
limits of counts in counts; callers multiply by `per` (`Interval.scaled`). Absent (NaN) stays absent; counts
below zero, infinite ones, denominators that are not above zero and cases above their people are refused.

| question | kernel |
|---|---|
| proportion, x of n | `wilson`, `clopper_pearson`, `agresti_coull` |
| count or rate of events | `poisson` (exact below 10, Byar from 10), `poisson_exact`, `byar` |
| events, several a person | `clustered`, with `squared_events` |
| mean | `mean_t`, from values `mean_of` |
| difference | `newcombe`, `mover`, `wald_proportions`, `wald_rates` |
| ratio | `sosrake_lib.indicators.ratios` |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.count_intervals import (
    CLUSTERED,
    EXACT_BELOW,
    byar,
    clustered,
    poisson,
    poisson_exact,
    poisson_method,
    squared_events,
)
from sosrake_lib.indicators.interval_form import (
    Floats,
    Interval,
    checked_level,
    floats,
    level_name,
    normal_quantile,
    refuse,
    refuse_counts,
    refuse_sizes,
)
from sosrake_lib.indicators.proportion_intervals import agresti_coull, clopper_pearson, wilson

__all__ = [
    "CLUSTERED",
    "EXACT_BELOW",
    "MISSING",
    "Floats",
    "Interval",
    "Mean",
    "agresti_coull",
    "byar",
    "clopper_pearson",
    "clustered",
    "level_name",
    "mean_of",
    "mean_t",
    "mover",
    "newcombe",
    "poisson",
    "poisson_exact",
    "poisson_method",
    "squared_events",
    "wald_proportions",
    "wald_rates",
    "wilson",
]

MISSING = ("omit", "propagate")


@dataclass(frozen=True, slots=True, eq=False)
class Mean:
    """A mean of values: how many carried it, their standard deviation (n - 1), limits per confidence."""

    n: int
    deviation: float
    mean: float
    confidence: Floats
    lower: Floats
    upper: Floats


def mean_t(mean: ArrayLike, deviation: ArrayLike, n: ArrayLike, confidence: ArrayLike = 0.95) -> Interval:
    """Interval of a mean by Student's t: mean ± t(n - 1) · s / √n; nothing when n is below 2.

    Source: Student (1908), doi 10.1093/biomet/6.1.1; compared with PHEindicatormethods and scipy.
    """
    m, s, size = floats(mean, deviation, n)
    refuse(s, s < 0, "intervals.mean_t", "deviation", "a standard deviation, not below zero")
    able = size >= 2
    freedom = np.where(able, size - 1, 1.0)
    t = special.stdtrit(freedom, 0.5 + checked_level(confidence) / 2)
    half = np.where(able, t * s / np.sqrt(np.where(able, size, 1.0)), np.nan)
    return Interval(m - half, m + half)


def mean_of(values: Sequence[float | None], confidence: ArrayLike = 0.95, missing: str = "omit") -> Mean:
    """Mean of single values with its t interval, at one or several confidences.

    Parameters
    ----------
    values : one number an observation; None and NaN are absent.
    confidence : one or several two-sided levels; `lower` and `upper` have their shape.
    missing : "omit" takes the mean over the values there are (`n` says how many); "propagate" gives no
        mean when a value is absent.

    Returns
    -------
    `Mean`. One value has a mean but neither deviation nor limits; no value has nothing (n is 0).

    Examples
    --------
    >>> found = mean_of([30, 40, 50, 60], [0.95, 0.998])
    >>> print(found.n, found.mean, round(found.deviation, 3), found.lower.round(2))
    4 45.0 12.91 [ 24.46 -20.93]
    """
    if missing not in MISSING:
        raise SosrakeError(f"intervals.mean_of: missing {missing!r}; use one of {', '.join(MISSING)}")
    level = checked_level(confidence)
    (all_values,) = floats(values)
    refuse(all_values, np.isinf(all_values), "intervals.mean_of", "value", "a finite number")
    there = np.atleast_1d(all_values)[~np.isnan(np.atleast_1d(all_values))]
    computable = len(there) > 0 and (missing == "omit" or len(there) == all_values.size)
    mean = float(there.mean()) if computable else np.nan
    deviation = float(there.std(ddof=1)) if computable and len(there) > 1 else np.nan
    limits = mean_t(mean, deviation, len(there), level)
    return Mean(len(there), deviation, mean, level, limits.lower, limits.upper)


def newcombe(
    numerator: ArrayLike,
    denominator: ArrayLike,
    other_numerator: ArrayLike,
    other_denominator: ArrayLike,
    confidence: ArrayLike = 0.95,
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
    x, n, other_x, other_n = floats(numerator, denominator, other_numerator, other_denominator)
    first, other = wilson(x, n, confidence), wilson(other_x, other_n, confidence)
    return mover(x / n, first, other_x / other_n, other)


def mover(estimate: ArrayLike, limits: Interval, other: ArrayLike, other_limits: Interval) -> Interval:
    """Interval of a difference, first minus other, recovered from the two separate intervals.

    Formula: d - √((a - l₁)² + (u₂ - b)²) and d + √((u₁ - a)² + (b - l₂)²), d = a - b. Source: Zou & Donner
    (2008), doi 10.1002/sim.3095. On Wilson limits it is Newcombe's method, on Poisson limits its sister.
    """
    a, b = floats(estimate, other)
    below = np.hypot(a - limits.lower, other_limits.upper - b)
    above = np.hypot(limits.upper - a, b - other_limits.lower)
    return Interval(a - b - below, a - b + above)


def wald_proportions(
    numerator: ArrayLike,
    denominator: ArrayLike,
    other_numerator: ArrayLike,
    other_denominator: ArrayLike,
    confidence: ArrayLike = 0.95,
) -> Interval:
    """Interval of a difference of two proportions by the normal distribution (Wald), for comparison.

    Formula: d ± z √(p₁(1 - p₁)/n₁ + p₂(1 - p₂)/n₂). Of no width when both are 0 or 1; prefer `newcombe`.
    Compared with statsmodels.
    """
    x, n, y, m = floats(numerator, denominator, other_numerator, other_denominator)
    for cases, people, name in ((x, n, "numerator"), (y, m, "other_numerator")):
        refuse_counts(cases, "intervals.wald_proportions", name)
        refuse_sizes(people, "intervals.wald_proportions", name.replace("numer", "denomin"))
        refuse(cases, cases > people, "intervals.wald_proportions", name, "at most its denominator")
    p, q = x / n, y / m
    half = normal_quantile(confidence) * np.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    return Interval(p - q - half, p - q + half)


def wald_rates(
    count: ArrayLike,
    person_time: ArrayLike,
    other_count: ArrayLike,
    other_person_time: ArrayLike,
    confidence: ArrayLike = 0.95,
) -> Interval:
    """Interval of a difference of two rates by the normal distribution (Wald), for comparison.

    Formula: d ± z √(x₁/t₁² + x₂/t₂²). Of no width when nothing happened; prefer `mover` on `poisson` limits.
    Compared with statsmodels.
    """
    x, t, y, u = floats(count, person_time, other_count, other_person_time)
    for events, time, name in ((x, t, "count"), (y, u, "other_count")):
        refuse_counts(events, "intervals.wald_rates", name)
        refuse_sizes(time, "intervals.wald_rates", name.replace("count", "person_time"))
    half = normal_quantile(confidence) * np.sqrt(x / t**2 + y / u**2)
    return Interval(x / t - y / u - half, x / t - y / u + half)
