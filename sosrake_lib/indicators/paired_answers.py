"""Two ordered answers of the same people: signed ranks, rank-biserial of pairs, dominance within pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.group_kernels import fisher_interval
from sosrake_lib.indicators.intervals import Floats, Interval


@dataclass(frozen=True, slots=True, eq=False)
class PairedEffect:
    """What pairs of answers say; every field is an array over the columns (items).

    `pairs` complete pairs; `risen`, `fallen` how many differ upwards and downwards (second against first);
    `signed_rank` the sum of the ranks of the rises; `p_value` two-sided; `rank_biserial` and its interval;
    `dominance` = (risen - fallen) / pairs and its interval.
    """

    pairs: Floats
    risen: Floats
    fallen: Floats
    signed_rank: Floats
    p_value: Floats
    rank_biserial: Floats
    rank_biserial_interval: Interval
    dominance: Floats
    dominance_interval: Interval


def paired_effect(
    first: ArrayLike, second: ArrayLike, confidence: float = 0.95, *, continuity: bool = True
) -> PairedEffect:
    """Compare two ordered answers of the same people: did they rise or fall, and how surely.

    Parameters
    ----------
    first, second : (people,) or (people, items), such as before and after, or skill and importance; NaN =
        not answered, and the pair is left out.
    confidence : two-sided level of both intervals.
    continuity : take half a rank off before the normal approximation, as R wilcox.test does.

    Returns
    -------
    PairedEffect, positive when the second answers are higher. Formulas: W = sum of the ranks of |second -
    first| of the rises, pairs that do not differ left out (Wilcoxon 1945, doi 10.2307/3001968; variance
    corrected for ties); rank-biserial r = (W₊ - W₋) / (W₊ + W₋) (Kerby 2014, doi 10.2466/11.IT.3.1) with
    artanh r ± z √((2k³ + 3k² + k) / 6) / ((k² + k) / 2), k differing pairs, as R effectsize; dominance d =
    (rises - falls) / pairs with Student's t interval (Cliff 1993, doi 10.1037/0033-2909.114.3.494). Nobody
    differs: r and d are 0, p is 1, without intervals. No pair: nothing.

    Raises
    ------
    SosrakeError when the two differ in shape or hold an infinite answer.

    Examples
    --------
    >>> found = paired_effect([1, 2, 2, 3, 2], [2, 4, 2, 5, 1])
    >>> print(float(found.signed_rank), round(float(found.rank_biserial), 2), float(found.dominance))
    8.5 0.7 0.4
    """
    a, b = np.asarray(first, "float64"), np.asarray(second, "float64")
    if a.shape != b.shape:
        raise SosrakeError(
            f"paired_answers.paired_effect: first has shape {a.shape}, second {b.shape}; one pair each"
        )
    if np.isinf(a).any() or np.isinf(b).any():
        raise SosrakeError(
            "paired_answers.paired_effect: an answer is infinite; leave unanswered empty (NaN)"
        )
    moved = b - a
    pairs = np.isfinite(moved).sum(axis=0).astype("float64")
    risen, fallen = (moved > 0).sum(axis=0), (moved < 0).sum(axis=0)
    up, down, spread = _signed_ranks(moved)
    differing = (risen + fallen).astype("float64")
    away = up - (up + down) / 2
    shift = 0.5 * np.sign(away) if continuity else 0.0
    z = np.divide(away - shift, spread, out=np.zeros_like(away), where=spread > 0)
    some, any_moved = pairs > 0, differing > 0
    r = np.divide(up - down, up + down, out=np.zeros_like(up), where=any_moved)
    error = _error(differing)
    return PairedEffect(
        pairs,
        risen.astype("float64"),
        fallen.astype("float64"),
        np.where(some, up, np.nan),
        np.where(some, 2 * special.ndtr(-np.abs(z)), np.nan),
        np.where(some, r, np.nan),
        fisher_interval(r, error, confidence),
        *_within(pairs, risen, fallen, confidence),
    )


def _error(differing: Floats) -> Floats:
    """Standard error of artanh(rank-biserial) from the number of pairs that differ."""
    squares = (2 * differing**3 + 3 * differing**2 + differing) / 6
    below = (differing**2 + differing) / 2
    return np.divide(np.sqrt(squares), below, out=np.full(below.shape, np.nan), where=below > 0)


def _signed_ranks(moved: Floats) -> tuple[Floats, Floats, Floats]:
    """Sum the ranks of rises and of falls, and give the standard deviation of either under no change."""
    size = np.where((moved == 0) | ~np.isfinite(moved), np.nan, np.abs(moved))
    ranks = np.nan_to_num(stats.rankdata(size, axis=0, nan_policy="omit"))
    up = np.where(moved > 0, ranks, 0.0).sum(axis=0)
    down = np.where(moved < 0, ranks, 0.0).sum(axis=0)
    # Under no change each rank falls on either side alike: the variance is Σ rank² / 4, ties included.
    return up, down, np.sqrt((ranks**2).sum(axis=0) / 4)


def _within(pairs: Floats, risen: ArrayLike, fallen: ArrayLike, confidence: float) -> tuple[Floats, Interval]:
    up, down = np.asarray(risen, "float64"), np.asarray(fallen, "float64")
    d = np.divide(up - down, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0)
    able = (pairs > 1) & (up + down > 0)
    freedom = np.where(able, pairs - 1, 1.0)
    with np.errstate(invalid="ignore"):
        error = np.sqrt(np.clip((up + down) / pairs - d**2, 0, None) / freedom)
    half = np.where(able, special.stdtrit(freedom, 0.5 + confidence / 2) * error, np.nan)
    return d, Interval(np.clip(d - half, -1, 1), np.clip(d + half, -1, 1))
