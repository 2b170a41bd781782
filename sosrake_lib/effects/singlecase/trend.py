"""Trend within a phase: slope by Theil and Sen, Kendall's count, and what is left when it is taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sosrake_lib.effects.change.columns import Floats
from sosrake_lib.effects.singlecase.nonoverlap import wins


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """Phases with the baseline's trend taken out; `slope` 0 where it was left in."""

    a: Floats
    b: Floats
    slope: float
    p_value: float


def theil_sen(values: Floats, times: Floats) -> float:
    """Median of the slopes of all pairs.

    Examples
    --------
    >>> theil_sen(np.array([1.0, 3, 4]), np.array([1.0, 2, 3]))
    1.5
    """
    first, second = np.triu_indices(len(values), 1)
    return float(np.median((values[second] - values[first]) / (times[second] - times[first])))


def rising_pairs(values: Floats) -> float:
    """Kendall's S of a series with time: pairs that rise minus pairs that fall.

    Examples
    --------
    >>> rising_pairs(np.array([1.0, 3, 2]))
    1.0
    """
    first, second = np.triu_indices(len(values), 1)
    return float(np.sign(values[second] - values[first]).sum())


def tau_u(a: Floats, b: Floats, denominator: str = "pairs_between") -> float:
    """Tau-U, A against B less the trend of A.

    Formula: (S_AB - S_A)/mn ("pairs_between", Parker, Vannest, Davis & Sauber 2011,
    doi 10.1016/j.beth.2010.08.006; it can leave -1 to 1), or divided by mn + m(m - 1)/2 ("all_pairs").

    Examples
    --------
    >>> round(tau_u(np.array([3.0, 3, 4, 5]), np.array([4.0, 5, 6, 7, 7])), 2)
    0.55
    """
    m, n = len(a), len(b)
    pairs = m * n + (m * (m - 1) / 2 if denominator == "all_pairs" else 0)
    between = (2 * wins(a, b) - 1).sum()
    return float((between - rising_pairs(a)) / pairs)


def without_baseline_trend(
    a: Floats, b: Floats, times_a: Floats, times_b: Floats, pretest: float | None = None
) -> Corrected:
    """Take the baseline's Theil-Sen line out of both phases (Tarlow 2017, doi 10.1177/0145445516676750).

    `pretest` = level of Kendall's test below which the trend is taken out; None = always.
    Values equal but for rounding are made equal, or ties would be broken by the last digit.

    Examples
    --------
    >>> found = without_baseline_trend(
    ...     np.array([1.0, 2, 3]), np.array([4.0, 6]), np.array([1.0, 2, 3]), np.array([4.0, 5])
    ... )
    >>> print(found.slope, found.b - found.a[0])
    1.0 [0. 1.]
    """
    test = stats.kendalltau(times_a, a)
    p_value = float(test.pvalue) if len(a) > 2 else float("nan")
    if pretest is not None and not p_value < pretest:
        return Corrected(a, b, 0.0, p_value)
    slope = theil_sen(a, times_a)
    left = np.concatenate([a - slope * times_a, b - slope * times_b])
    size = max(float(np.abs(np.concatenate([a, b])).max()), 1.0)
    left = np.round(left / size, 12) * size
    return Corrected(left[: len(a)], left[len(a) :], slope, p_value)


def kendall_between(a: Floats, b: Floats) -> float:
    """Kendall's tau-b of the values with the phase (0 and 1), as Tarlow (2017) computes it."""
    phase = np.repeat([0, 1], [len(a), len(b)])
    return float(stats.kendalltau(phase, np.concatenate([a, b])).statistic)
