"""When does a sum of money or hours give away one contributor: dominance and p per cent.

A total tells a contributor who knows the own part how much the others have. The largest part is estimated
best by whoever gave the second largest: they subtract their own from the total.

Source: Hundepool et al., Statistical Disclosure Control (Wiley 2012), chapter 4, doi:10.1002/9781118348239.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sosrake_lib.errors import DisclosureError

_HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class MagnitudeRules:
    """Rules of a total by its contributors; `None` leaves a rule out.

    Attributes
    ----------
    largest, share : unsafe when the `largest` contributors make more than `share` per cent of the total.
    percent : unsafe when the others (all but the two largest) are less than this per cent of the largest.
    """

    largest: int | None = None
    share: float | None = None
    percent: float | None = None

    def __post_init__(self) -> None:
        if (self.largest is None) != (self.share is None):
            raise DisclosureError(
                "magnitude rules: a dominance rule needs both the number of the largest and the share"
            )
        if self.largest is not None and (self.largest < 1 or not 0 < float(self.share or 0) < 100):
            raise DisclosureError(
                f"magnitude rules: dominance ({self.largest}, {self.share}); expected at least 1 and 0-100 %"
            )
        if self.percent is not None and not 0 < self.percent <= 100:
            raise DisclosureError(f"magnitude rules: percent {self.percent}; expected above 0, at most 100")


def dominant(contributions: Sequence[float], largest: int, share: float) -> bool:
    """Say whether the `largest` contributors make more than `share` per cent of the total.

    Examples
    --------
    >>> dominant([50_000, 49_000, 1_000], 1, 90), dominant([300, 20, 10], 1, 85)
    (False, True)
    """
    ordered = _ordered(contributions)
    total = ordered.sum()
    return bool(ordered[:largest].sum() > share / 100 * total + _HAIR * total)


def too_well_estimated(contributions: Sequence[float], percent: float) -> bool:
    """Say whether the second largest contributor estimates the largest to within `percent` per cent.

    Formula: total - x1 - x2 < percent/100 * x1.

    Examples
    --------
    >>> too_well_estimated([50_000, 49_000, 1_000], 10), too_well_estimated([60, 25, 10, 5], 10)
    (True, False)
    """
    ordered = _ordered(contributions)
    return bool(_others(ordered) < percent / 100 * ordered[0] - _HAIR * ordered[0])


def upper_protection(contributions: Sequence[float], percent: float) -> float:
    """Give how far the total must be able to rise for the p per cent rule: max(0, p/100 x1 - others).

    Examples
    --------
    >>> upper_protection([60, 25, 10, 5], 10), upper_protection([50_000, 49_000, 1_000], 10)
    (0.0, 4000.0)
    """
    ordered = _ordered(contributions)
    return float(max(0.0, percent / 100 * ordered[0] - _others(ordered)))


def safe_total(contributions: Sequence[float], largest: int, share: float) -> float:
    """Give the total at which the same contributors would no longer dominate: their sum / (share/100).

    Examples
    --------
    >>> round(safe_total([300, 20, 10], 1, 85), 2)
    352.94
    """
    return float(_ordered(contributions)[:largest].sum() / (share / 100))


def estimate_of_largest(contributions: Sequence[float]) -> float:
    """Give what the second largest contributor takes the largest to be: the total minus the own part.

    Examples
    --------
    >>> estimate_of_largest([50_000, 49_000, 1_000])
    51000.0
    """
    ordered = _ordered(contributions)
    second = ordered[1] if len(ordered) > 1 else 0.0
    return float(ordered.sum() - second)


def overestimate(contributions: Sequence[float]) -> float:
    """Give by how much that estimate is too high, as a share of the largest contribution."""
    largest = _ordered(contributions)[0]
    return estimate_of_largest(contributions) / float(largest) - 1


def total(contributions: Sequence[float]) -> float:
    """Give the sum of all contributions."""
    return float(_ordered(contributions).sum())


def share_for_percent(percent: float) -> float:
    """Give the share k of a (2, k) rule that is never milder than p per cent: 100 * 100 / (100 + p).

    Examples
    --------
    >>> share_for_percent(25)
    80.0
    """
    return 100 * 100 / (100 + percent)


def percent_for_share(share: float) -> float:
    """Give the p per cent that answers a (2, share) rule: the inverse of `share_for_percent`."""
    return 100 * 100 / share - 100


def unsafe(contributions: Sequence[float], rules: MagnitudeRules) -> tuple[str, ...]:
    """Name the rules that a total breaks: `dominance`, `percent`; empty means that it keeps them all.

    Examples
    --------
    >>> unsafe([300, 20, 10], MagnitudeRules(largest=1, share=85, percent=10))
    ('dominance', 'percent')
    """
    broken = []
    if rules.largest is not None and dominant(contributions, rules.largest, float(rules.share or 0)):
        broken.append("dominance")
    if rules.percent is not None and too_well_estimated(contributions, rules.percent):
        broken.append("percent")
    return tuple(broken)


def unsafe_sums(
    totals: ArrayLike, largest: ArrayLike, second: ArrayLike, rules: MagnitudeRules
) -> np.ndarray:
    """Judge many sums by their two largest contributions: the same rules as `unsafe`, as arrays.

    Parameters
    ----------
    totals, largest, second : (n,) the sum and its two largest contributions (0 where there is one only).
    rules : a dominance rule of at most two contributors.

    Returns
    -------
    (n,) bool; False where a sum is not known.

    Raises
    ------
    DisclosureError when a contribution is negative, or the two make more than the sum.

    Examples
    --------
    >>> unsafe_sums([330, 100], [300, 60], [20, 25], MagnitudeRules(largest=1, share=85)).tolist()
    [True, False]
    """
    whole, first, next_ = (np.asarray(given, dtype="float64") for given in (totals, largest, second))
    known = np.isfinite(whole) & np.isfinite(first) & np.isfinite(next_)
    hair = _HAIR * np.abs(whole) + _HAIR
    wrong = known & ((next_ < 0) | (next_ > first) | (first + next_ > whole + hair))
    if wrong.any():
        raise DisclosureError(
            f"magnitude: sum {int(np.flatnonzero(wrong)[0]) + 1}: its two largest contributions are "
            "negative, in the wrong order or more than the sum; give the largest, then the second largest"
        )
    unsafe_ = np.zeros(whole.shape, dtype=bool)
    if rules.largest is not None:
        top = first if rules.largest == 1 else first + next_
        unsafe_ |= top > float(rules.share or 0) / 100 * whole + _HAIR * whole
    if rules.percent is not None:
        unsafe_ |= whole - first - next_ < rules.percent / 100 * first - _HAIR * first
    return known & unsafe_


def _others(ordered: np.ndarray) -> float:
    return float(ordered[2:].sum())


def _ordered(contributions: Sequence[float]) -> np.ndarray:
    values = np.asarray(contributions, dtype="float64")
    if values.ndim != 1 or not len(values):
        raise DisclosureError("magnitude: no contributions; give one figure for each contributor")
    if not np.isfinite(values).all() or (values < 0).any():
        place = int(np.flatnonzero(~np.isfinite(values) | (values < 0))[0])
        raise DisclosureError(
            f"magnitude: contribution {place + 1} is negative or no number; the rules are for sums of parts"
        )
    return np.sort(values)[::-1]
