"""Matching with replacement, ties averaged, with the Abadie-Imbens standard error; on arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.matching.arms import Booleans, Floats
from sosrake_lib.errors import SosrakeError

# Squared distance, in squared standard deviations of the score, within which matches count as equally near.
TIES = 1e-5
MATCHED_ESTIMANDS = ("ATT", "ATC", "ATE")


@dataclass(frozen=True, slots=True, eq=False)
class Averaged:
    """What averaging over matches gives.

    Attributes
    ----------
    estimate : mean treated-minus-control difference of those asked about.
    standard_error : Abadie-Imbens, of the population quantity. sample_error : given the rows at hand.
    naive_error : as if matches were fixed pairs. weights : (n,), each row's weight in the estimate, those of
    an arm summing to `used`. used : rows of those asked about that found a match. matches : (n,) number of
    matches found (0 when not asked about).
    """

    estimate: float
    standard_error: float
    sample_error: float
    naive_error: float
    weights: Floats
    used: int
    matches: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """Matches of one arm in the other: mean difference, mean squared difference, number, and loads."""

    gap: Floats
    square: Floats
    matches: Floats
    load: Floats
    square_load: Floats


def averaged_matches(
    outcome: ArrayLike,
    treated: ArrayLike,
    scores: ArrayLike,
    *,
    estimand: str = "ATT",
    matches: int = 1,
    caliper: float = np.inf,
    ties: float = TIES,
) -> Averaged:
    """Compare each row with the mean of its nearest rows of the other arm, with replacement.

    Parameters
    ----------
    outcome, treated (truth values), scores : (n,).
    estimand : "ATT" matches the treated, "ATC" the controls, "ATE" both.
    matches : M, the least number of matches; ties with the M-th are all taken, with equal weights.
    caliper : largest distance allowed, raw. ties : rows whose squared distance, in squared standard
        deviations of the score, is within this of the M-th nearest count as equally near. The default is
        what R's Matching uses (0.3 % of a standard deviation); 0 = only the exactly equal.

    Returns
    -------
    Averaged. With d_il the treated-minus-control difference of a row and its match, J_i its matches, K_l
    (K'_l) the sum of 1/J_i (1/J_i²) over the rows l serves, and n1 rows matched:
    τ = Σ d̄_i / n1, σ² = Σ_i Σ_l (d_il - τ)² / J_i / 2n1,
    ATT: V = [Σ (d̄_i - τ)² + σ² Σ (K² - K')] / n1²; ATE: [Σ (d̄_i - τ)² + σ² Σ (K² + 2K - K')] / n².

    The score is taken as known; σ² is the same for all. Compared with R Matching
    (tests/reference/matching.csv) and with a plain loop. Source: Abadie A, Imbens GW (2006), doi
    10.1111/j.1468-0262.2006.00655.x; formulas as in Abadie et al. (2004), doi 10.1177/1536867X0400400307.

    Raises
    ------
    SosrakeError for an unknown estimand, M below 1 or above the other arm, or nobody within the caliper.

    Examples
    --------
    >>> found = averaged_matches([1.0, 2.0, 4.0, 7.0], [False, False, True, True], [0.1, 0.3, 0.3, 0.4])
    >>> found.estimate, found.weights.tolist()
    (3.5, [0.0, 2.0, 1.0, 1.0])
    """
    y, t, s = _arrays(outcome, treated, scores)
    _check(t, estimand, matches, caliper, ties)
    spread = float(s.var(ddof=1))
    load, square_load = np.zeros(len(y)), np.zeros(len(y))
    gap, square, count = np.zeros(len(y)), np.zeros(len(y)), np.zeros(len(y))
    for own, sign in ((t, 1.0), (~t, -1.0)):
        if estimand in ("ATE", "ATT" if sign > 0 else "ATC"):
            side = _side(y[own], s[own], y[~own], s[~own], int(matches), caliper, ties * spread)
            gap[own], square[own], count[own] = sign * side.gap, side.square, side.matches
            load[~own] += side.load
            square_load[~own] += side.square_load
    if not (count > 0).any():
        raise SosrakeError(
            f"averaged_matches: nobody has a match within the caliper {caliper:.3g}; widen it or look for "
            "other controls"
        )
    return combined(gap, square, count, load, square_load)


def combined(gap: Floats, square: Floats, count: Floats, load: Floats, square_load: Floats) -> Averaged:
    """Put estimate and standard errors together from each row's matches, all (n,).

    Parameters
    ----------
    gap, square : mean treated-minus-control difference over a row's matches, mean of its squares.
    count : number of its matches, 0 = not asked about. load, square_load : K and K' of `averaged_matches`.
    """
    asked = count > 0
    n = int(asked.sum())
    estimate = float(gap[asked].mean())
    # Where all differences are alike, rounding may leave a hair below zero.
    spread = max(float((square - 2 * estimate * gap + estimate**2)[asked].sum()), 0.0)
    sigma2 = spread / (2 * n)
    around = ((gap - estimate)[asked] ** 2).sum()
    # Rows asked about count for themselves once, besides for those they serve.
    own = asked.astype("float64")
    extra = (load**2 + 2 * load * own - square_load).sum()
    return Averaged(
        estimate,
        float(np.sqrt(max(around + sigma2 * extra, 0.0))) / n,
        float(np.sqrt(sigma2 * ((own + load) ** 2).sum())) / n,
        float(np.sqrt(spread)) / n,
        own + load,
        n,
        count,
    )


def _side(
    y: Floats, s: Floats, other_y: Floats, other_s: Floats, matches: int, caliper: float, ties: float
) -> _Side:
    """Average over each row's interval of the sorted other arm, by differences of cumulative sums."""
    order = np.argsort(other_s, kind="stable")
    sorted_s = other_s[order]
    # Centred, so that cumulative sums of squares keep their digits.
    centre = other_y.mean()
    sorted_y = other_y[order] - centre
    low, high = _intervals(s, sorted_s, matches, caliper, ties)
    count = (high - low).astype("float64")
    safe = np.maximum(count, 1.0)
    sums, squares = (np.concatenate([[0.0], np.cumsum(sorted_y**power)]) for power in (1, 2))
    mean = (sums[high] - sums[low]) / safe
    mean_square = (squares[high] - squares[low]) / safe
    own = y - centre
    share = np.where(count > 0, 1 / safe, 0.0)
    load, square_load = np.empty(len(order)), np.empty(len(order))
    load[order] = _served(low, high, share, len(order))
    square_load[order] = _served(low, high, share**2, len(order))
    found = count > 0
    gap = np.where(found, own - mean, 0.0)
    square = np.where(found, own**2 - 2 * own * mean + mean_square, 0.0)
    return _Side(gap, square, count, load, square_load)


def _served(low: NDArray[np.int64], high: NDArray[np.int64], share: Floats, places: int) -> Floats:
    """Sum of shares over the rows whose interval holds each place of the other arm."""
    start = np.bincount(low, weights=share, minlength=places + 1)
    end = np.bincount(high, weights=share, minlength=places + 1)
    found = np.cumsum(start - end)[:places]
    # What adding and taking away leaves of nothing is rounding.
    return np.where(found > 1e-12 * max(share.sum(), 1.0), found, 0.0)


def _intervals(
    s: Floats, pool: Floats, matches: int, caliper: float, ties: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places [low, high) of the sorted pool that are matches of each score; empty outside the caliper."""
    start = np.searchsorted(pool, s)[:, None]
    near = start + np.arange(-matches, matches)
    outside = (near < 0) | (near >= len(pool))
    distance = np.where(outside, np.inf, np.abs(s[:, None] - pool[near.clip(0, len(pool) - 1)]))
    nth = np.partition(distance, matches - 1, axis=1)[:, matches - 1]
    # The M-th nearest itself must not fall out by rounding.
    reach = np.sqrt(nth**2 + ties) * (1 + 1e-12) + 1e-15
    reach = np.minimum(reach, caliper * (1 + 1e-12))
    low = np.searchsorted(pool, s - reach, side="left")
    high = np.searchsorted(pool, s + reach, side="right")
    return low, high


def _arrays(outcome: ArrayLike, treated: ArrayLike, scores: ArrayLike) -> tuple[Floats, Booleans, Floats]:
    y, s = np.asarray(outcome, dtype="float64"), np.asarray(scores, dtype="float64")
    t = np.asarray(treated, dtype="bool")
    if y.ndim != 1 or y.shape != s.shape or y.shape != t.shape:
        raise SosrakeError(
            f"averaged_matches: outcome {y.shape}, treated {t.shape}, scores {s.shape}; "
            "expected three of (n,)"
        )
    return y, t, s


def _check(t: Booleans, estimand: str, matches: int, caliper: float, ties: float) -> None:
    if estimand not in MATCHED_ESTIMANDS:
        raise SosrakeError(
            f"averaged_matches: estimand {estimand!r}; expected one of {', '.join(MATCHED_ESTIMANDS)}"
        )
    arms = {"ATT": [~t], "ATC": [t], "ATE": [t, ~t]}[estimand]
    least = min(int(arm.sum()) for arm in arms)
    if int(matches) != matches or not 1 <= matches <= least:
        raise SosrakeError(
            f"averaged_matches: {matches!r} matches each; expected a whole number from 1 to {least}, the "
            "rows there are to match with"
        )
    if not caliper > 0 or not ties >= 0:
        raise SosrakeError(
            f"averaged_matches: caliper {caliper!r}, ties {ties!r}; expected above 0 and 0 or more"
        )
