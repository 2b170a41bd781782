"""Wilcoxon's signed ranks with changes of zero by both rules, exact and by the normal distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from sosrake_lib.effects.change.columns import Floats
from sosrake_lib.errors import SosrakeError

ZERO_RULES = ("dropped", "pratt")
# Counting every arrangement of signs takes n²·n steps; the normal distribution is right long before.
EXACT_UP_TO = 200
# Pairwise means are n²/2 numbers; with more changes the mean itself is the better summary.
WALSH_UP_TO = 4_000


@dataclass(frozen=True, slots=True)
class SignedRank:
    """Signed-rank test of one rule for changes of zero.

    Attributes
    ----------
    positive, negative : sums of the ranks of changes above and below zero.
    p_exact : two-sided, over all signs of the ranks at hand (ties and all); NaN above 200 changes.
    p_normal : from the normal distribution with tie correction; `p_normal_continuity` with a step of a half.
    rank_biserial : (positive - negative) / sum of ranks, matched pairs; 1 = all changes upwards.
    rank_biserial_lower, rank_biserial_upper : by Fisher's transformation, approximate.
    pairs, zeros : changes in all and those of zero.
    zero_rule : dropped (Wilcoxon) or pratt.
    """

    positive: float
    negative: float
    p_exact: float
    p_normal: float
    p_normal_continuity: float
    rank_biserial: float
    rank_biserial_lower: float
    rank_biserial_upper: float
    pairs: int
    zeros: int
    zero_rule: str


def signed_rank(change: ArrayLike, *, zeros: str = "dropped", confidence: float = 0.95) -> SignedRank:
    """Test by signed ranks whether changes go one way more than the other.

    Parameters
    ----------
    change : after - before of each person; NaN is left out.
    zeros : "dropped" leaves changes of zero out before ranking (Wilcoxon 1945, doi 10.2307/3001968, R
        wilcox.test); "pratt" ranks them and leaves their ranks out after (Pratt 1959, doi 10.2307/2282543).
        Many zeros are news in themselves; see ordinal_change.
    confidence : of the interval of the rank-biserial correlation.

    Compared with R coin, wilcox.test and effectsize (tests/reference/outcomes.csv).

    Raises
    ------
    SosrakeError for an unknown rule, an infinite change, or no change other than zero.

    Examples
    --------
    >>> change = [0, 1, 0, -3, 5, 6, 0, 7, -1, 4]
    >>> found = signed_rank(change)
    >>> print(found.positive, found.p_exact, signed_rank(change, zeros="pratt").p_exact)
    23.5 0.125 0.171875
    """
    if zeros not in ZERO_RULES:
        raise SosrakeError(f"signed_rank: zeros {zeros!r}; expected one of {', '.join(ZERO_RULES)}")
    d = np.asarray(change, dtype="float64")
    d = d[~np.isnan(d)]
    if np.isinf(d).any():
        raise SosrakeError("signed_rank: a change is infinite; leave an unknown one empty")
    moved = d != 0
    if not moved.any():
        raise SosrakeError(
            f"signed_rank: all {len(d)} changes are zero or empty; there is nothing to rank; "
            "report the share unchanged instead"
        )
    ranks = stats.rankdata(np.abs(d[moved])) if zeros == "dropped" else stats.rankdata(np.abs(d))[moved]
    up = d[moved] > 0
    positive, total = float(ranks[up].sum()), float(ranks.sum())
    biserial = 2 * positive / total - 1 if zeros == "dropped" else _over_all(positive, total, len(d))
    lower, upper = _fisher_limits(biserial, int(moved.sum()), confidence)
    plain, stepped = _normal_p(positive, ranks)
    return SignedRank(
        positive=positive,
        negative=total - positive,
        p_exact=exact_p(ranks, positive) if len(ranks) <= EXACT_UP_TO else float("nan"),
        p_normal=plain,
        p_normal_continuity=stepped,
        rank_biserial=biserial,
        rank_biserial_lower=lower,
        rank_biserial_upper=upper,
        pairs=len(d),
        zeros=int((~moved).sum()),
        zero_rule=zeros,
    )


def paired_signed_rank(
    before: ArrayLike, after: ArrayLike, *, zeros: str = "dropped", confidence: float = 0.95
) -> SignedRank:
    """Signed ranks of after - before; a person without both is left out.

    Examples
    --------
    >>> paired_signed_rank([10, 12, 9, 14], [12, 15, 9, None]).positive
    3.0
    """
    first, second = (np.asarray(scores, dtype="float64") for scores in (before, after))
    if first.shape != second.shape:
        raise SosrakeError(
            f"paired_signed_rank: shapes {first.shape} and {second.shape}; expected the same people in both"
        )
    return signed_rank(second - first, zeros=zeros, confidence=confidence)


def sign_distribution(ranks: Floats) -> Floats:
    """Probability of each sum of positive ranks when every sign is as likely, in steps of a half.

    Place k holds the probability that twice the sum is k; ties give half ranks, hence the doubling.

    Examples
    --------
    >>> print(sign_distribution(np.array([1.0, 2.0]))[::2])
    [0.25 0.25 0.25 0.25]
    """
    doubled = np.rint(2 * ranks).astype(int)
    chance = np.zeros(doubled.sum() + 1)
    chance[0] = 1.0
    reached = 0
    for step in doubled:
        with_it = chance[: reached + 1].copy() / 2
        chance[: reached + 1] /= 2
        chance[step : reached + step + 1] += with_it
        reached += step
    return chance


def exact_p(ranks: Floats, positive: float) -> float:
    """Two-sided exact p value of a sum of positive ranks: as far from the middle or farther.

    Examples
    --------
    >>> exact_p(np.arange(1.0, 5.0), 10.0)
    0.125
    """
    chance = sign_distribution(ranks)
    place = np.arange(len(chance))
    middle = (len(chance) - 1) / 2
    far = np.abs(place - middle) >= abs(2 * positive - middle) - 1e-9
    return float(min(chance[far].sum(), 1.0))


def pseudo_median(change: Floats, confidence: float = 0.95) -> tuple[float, float, float]:
    """Median of all pairwise means of changes (Hodges & Lehmann 1963) with its signed-rank interval.

    Limits: the k-th smallest and largest of the pairwise means, k the quantile of the exact distribution of
    ranks without ties (Hollander & Wolfe), from the normal one above 200 changes. NaN above 4 000 changes.

    Examples
    --------
    >>> middle, low, high = pseudo_median(np.array([1.0, 2, 3, 4, 5, 6]))
    >>> print(middle, low, high)
    3.5 1.0 6.0
    """
    if len(change) > WALSH_UP_TO:
        return float("nan"), float("nan"), float("nan")
    first, second = np.triu_indices(len(change))
    walsh = np.sort((change[first] + change[second]) / 2)
    tail = (1 - confidence) / 2
    k = _quantile(len(change), tail)
    return float(np.median(walsh)), float(walsh[k - 1]), float(walsh[len(walsh) - k])


def _quantile(n: int, tail: float) -> int:
    if n <= EXACT_UP_TO:
        cumulated = np.cumsum(sign_distribution(np.arange(1.0, n + 1))[::2])
        place = int(np.searchsorted(cumulated, tail - 1e-12))
    else:
        place = int(n * (n + 1) / 4 + special.ndtri(tail) * np.sqrt(n * (n + 1) * (2 * n + 1) / 24))
    return max(place, 1)


def _normal_p(positive: float, ranks: Floats) -> tuple[float, float]:
    # The variance of a sum of ranks with random signs, ties and dropped ranks of zeros included.
    spread = np.sqrt((ranks**2).sum() / 4)
    distance = abs(positive - ranks.sum() / 2)
    p_values = (2 * special.ndtr(-np.maximum(distance - step, 0.0) / spread) for step in (0.0, 0.5))
    plain, stepped = (float(p) for p in p_values)
    return plain, stepped


def _over_all(positive: float, total: float, pairs: int) -> float:
    """Rank-biserial with the ranks of zeros in the denominator: unchanged people pull it to zero."""
    return (2 * positive - total) / (pairs * (pairs + 1) / 2)


def _fisher_limits(biserial: float, n: int, confidence: float) -> tuple[float, float]:
    if abs(biserial) >= 1:
        return biserial, biserial
    error = np.sqrt((2 * n**3 + 3 * n**2 + n) / 6) / ((n**2 + n) / 2)
    half = special.ndtri(0.5 + confidence / 2) * error
    middle = np.arctanh(biserial)
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))
