"""Rosenbaum's bounds: how unequal the chances within a matched pair may have been."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
GAMMAS = (1.0, 1.25, 1.5, 2.0, 3.0)
ALTERNATIVES = ("greater", "less")
OBSERVED = ("included", "excluded")


@dataclass(frozen=True, slots=True, eq=False)
class RosenbaumBounds:
    """Bounds of a one-sided p value when one of a pair may have had `gamma` times the other's odds.

    Attributes
    ----------
    gamma, p_lower, p_upper : (g,).
    critical_gamma : where the upper bound reaches `alpha`; below 1 the p value exceeds alpha even without any
        hidden bias, infinite when no bias is enough.
    pairs : pairs that count (unequal, or discordant). left_out : pairs without a difference.
    """

    gamma: Floats
    p_lower: Floats
    p_upper: Floats
    critical_gamma: float
    alpha: float
    pairs: int
    left_out: int
    method: str


def signed_rank_bounds(
    treated: ArrayLike,
    control: ArrayLike,
    gamma: ArrayLike = GAMMAS,
    *,
    alternative: str = "greater",
    alpha: float = 0.05,
) -> RosenbaumBounds:
    """Bound the p value of Wilcoxon's signed rank test of matched pairs.

    Parameters
    ----------
    treated, control : outcomes of the pairs, in the same order; a pair with an empty value is refused.
    gamma : odds of treatment within a pair, 1 or more.
    alternative : "greater" (treated have higher outcomes) or "less".
    alpha : level at which `critical_gamma` is found.

    Returns
    -------
    RosenbaumBounds by the normal approximation without continuity correction, zero differences dropped. With
    T the sum of the ranks r of |difference| over positive ones and π = Γ/(1 + Γ): upper bound
    1 - Φ((T - πΣr) / √(π(1 - π)Σr²)), lower with π = 1/(1 + Γ).

    Raises
    ------
    SosrakeError when lengths differ, a value is empty, all pairs are equal or a gamma is below 1.

    Compared with R rbounds 2.2 psens (tests/reference/sensitivity.csv).
    Source: Rosenbaum (2002) Observational studies, chapter 4, doi 10.1007/978-1-4757-3692-2.

    Examples
    --------
    >>> found = signed_rank_bounds([38, 23, 41, 18, 37, 36], [16, 18, 18, 24, 19, 11], [1, 2])
    >>> found.p_upper.round(4).tolist()
    [0.0374, 0.1331]
    """
    levels = _levels(gamma, "signed_rank_bounds")
    first, second = (np.asarray(values, "float64") for values in (treated, control))
    if first.ndim != 1 or first.shape != second.shape or not (np.isfinite(first) & np.isfinite(second)).all():
        raise SosrakeError(
            f"signed_rank_bounds: treated {first.shape} and control {second.shape}; expected two lists of "
            f"equal length without empty values, one value a pair; leave incomplete pairs out first"
        )
    if alternative not in ALTERNATIVES:
        raise SosrakeError(
            f"signed_rank_bounds: alternative {alternative!r}; expected one of {', '.join(ALTERNATIVES)}"
        )
    difference = (first - second) * (1 if alternative == "greater" else -1)
    kept = difference[difference != 0]
    if not len(kept):
        raise SosrakeError(
            "signed_rank_bounds: no pair differs; there is nothing to rank, check the outcomes"
        )
    ranks = stats.rankdata(np.abs(kept))
    total, whole, squares = float(ranks[kept > 0].sum()), float(ranks.sum()), float((ranks**2).sum())
    upper, lower = (_normal_tail(total, whole, squares, share) for share in _shares(levels))
    critical = _critical_rank(total, whole, squares, alpha)
    left = len(difference) - len(kept)
    return RosenbaumBounds(levels, lower, upper, critical, alpha, len(kept), left, "rosenbaum_signed_rank")


def binary_bounds(
    control_only: int,
    treated_only: int,
    gamma: ArrayLike = GAMMAS,
    *,
    alpha: float = 0.05,
    observed: str = "included",
) -> RosenbaumBounds:
    """Bound the p value of McNemar's exact test of matched pairs with a yes-or-no outcome.

    Parameters
    ----------
    control_only : pairs where only the control had the outcome. treated_only : where only the treated had it.
    gamma, alpha : as in signed_rank_bounds.
    observed : "included": P(X ≥ treated_only), the p value of the exact test; "excluded": P(X >
        treated_only), as R rbounds prints it, which is too small.

    Returns
    -------
    RosenbaumBounds; X is binomial over the discordant pairs with probability Γ/(1 + Γ) (upper bound) or
    1/(1 + Γ) (lower).

    Raises
    ------
    SosrakeError when a count is negative or not whole, or no pair is discordant.

    Compared with R rbounds 2.2 binarysens (tests/reference/sensitivity.csv).
    Source: Rosenbaum (2002) Observational studies, chapter 4, doi 10.1007/978-1-4757-3692-2.

    Examples
    --------
    >>> binary_bounds(12, 110, [4, 5, 6]).p_upper.round(4).tolist()
    [0.002, 0.0232, 0.0969]
    """
    levels = _levels(gamma, "binary_bounds")
    counts = np.array([control_only, treated_only], "float64")
    if not np.isfinite(counts).all() or (counts < 0).any() or (counts % 1 != 0).any() or counts.sum() == 0:
        raise SosrakeError(
            f"binary_bounds: {control_only} and {treated_only} discordant pairs; expected whole numbers, 0 "
            f"or more, not both 0"
        )
    if observed not in OBSERVED:
        raise SosrakeError(f"binary_bounds: observed {observed!r}; expected one of {', '.join(OBSERVED)}")
    pairs = int(counts.sum())
    least = int(treated_only) + (observed == "excluded")
    upper, lower = (_binomial_tail(least, pairs, share) for share in _shares(levels))
    critical = _critical_count(least, pairs, alpha)
    return RosenbaumBounds(levels, lower, upper, critical, alpha, pairs, 0, "rosenbaum_binary")


def _binomial_tail(least: int, pairs: int, share: Floats) -> Floats:
    """P(X ≥ least) as an incomplete beta integral."""
    if least == 0:
        return np.ones_like(share)
    if least > pairs:
        return np.zeros_like(share)
    return special.betainc(least, pairs - least + 1, share)


def _critical_count(least: int, pairs: int, alpha: float) -> float:
    if least == 0:
        return 0.0
    if least > pairs:
        return np.inf
    share = float(special.betaincinv(least, pairs - least + 1, alpha))
    return share / (1 - share)


def _levels(gamma: ArrayLike, where: str) -> Floats:
    levels = np.atleast_1d(np.asarray(gamma, "float64"))
    if levels.ndim != 1 or not len(levels) or not (levels >= 1).all() or np.isinf(levels).any():
        raise SosrakeError(f"{where}: gamma {gamma!r}; expected numbers of 1 or more (1 = no hidden bias)")
    return levels


def _shares(levels: Floats) -> tuple[Floats, Floats]:
    return levels / (1 + levels), 1 / (1 + levels)


def _normal_tail(total: float, whole: float, squares: float, share: Floats) -> Floats:
    return special.ndtr(-(total - share * whole) / np.sqrt(share * (1 - share) * squares))


def _critical_rank(total: float, whole: float, squares: float, alpha: float) -> float:
    """Solve (T - πS)² = z²π(1 - π)Q for the π below T/S: there the upper bound is alpha (below one half)."""
    z2 = float(special.ndtri(1 - alpha)) ** 2
    a, b, c = whole**2 + z2 * squares, 2 * total * whole + z2 * squares, total**2
    share = (b - np.sqrt(max(b**2 - 4 * a * c, 0.0))) / (2 * a)
    return float(share / (1 - share)) if share < 1 else np.inf
