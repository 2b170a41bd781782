"""Exact binomial tails for many rows at once: two-sided p-values and mid-p limits, no loop over rows."""

from __future__ import annotations

import numpy as np
from scipy import special

from sosrake_lib.indicators.interval_form import Floats
from sosrake_lib.indicators.proportion_intervals import wilson

# R binom.test takes outcomes as equally likely within this relative difference of probability.
_TIE = 1e-7
_NEWTON_STEPS = 60
_LOST = 1e-250
# Newton's steps square the error: a last step this small leaves one of rounding only.
_CONVERGED = 1e-7


def at_least(count: Floats, size: Floats, share: Floats) -> Floats:
    """Give P(X >= count) of a binomial X; 1 at 0 and below, 0 above the size."""
    inside = (count > 0) & (count <= size)
    safe = np.where(inside, count, 1.0)
    tail = special.betainc(safe, np.where(inside, size - count + 1, 1.0), share)
    return np.where(inside, tail, np.where(count <= 0, 1.0, 0.0))


def at_most(count: Floats, size: Floats, share: Floats) -> Floats:
    """Give P(X <= count) of a binomial X, without losing the digits of a small tail."""
    return at_least(size - count, size, 1 - share)


def probability(count: Floats, size: Floats, share: Floats) -> Floats:
    """Give P(X = count) of a binomial X."""
    ways = special.gammaln(size + 1) - special.gammaln(count + 1) - special.gammaln(size - count + 1)
    return np.exp(ways + _log_weight(count, size, share))


def minimum_likelihood_p(count: Floats, size: Floats, share: Floats) -> Floats:
    """Two-sided p-value: the probability of all outcomes at most as likely as the one seen.

    The rule of R binom.test and poisson.test: outcomes whose probability is within 1e-7 of the observed one
    count as equally likely. 1 when the size is 0. Arrays of one shape, whole counts.
    """
    expected = size * share
    beyond = count > expected
    # Turned round so that the outcome is always below what was expected.
    x, p = np.where(beyond, size - count, count), np.where(beyond, 1 - share, share)
    other = _first_as_rare(x, size, p)
    found = at_most(x, size, p) + at_least(other, size, p)
    return np.where((count == expected) | (size == 0), 1.0, np.minimum(found, 1.0))


def _first_as_rare(count: Floats, size: Floats, share: Floats) -> Floats:
    """Find the smallest outcome above the expected one that is at most as likely as `count` below it.

    Probabilities fall above the expected value, so the place is searched from the mirror image of `count`
    outwards in doubling steps, then by halving; rows that are found leave the search.
    """
    expected = size * share
    low, high = np.ceil(expected) - 1, size + 1
    limit = _log_likelihood(count, size, share) + np.log1p(_TIE)
    probe = np.floor(2 * expected - count)
    step = np.ones_like(size)
    moved_low, moved_high = np.zeros(size.shape, bool), np.zeros(size.shape, bool)
    rows = np.flatnonzero(high - low > 1)
    while rows.size:
        at = np.clip(probe[rows], low[rows] + 1, high[rows] - 1)
        rare = _log_likelihood(at, size[rows], share[rows]) <= limit[rows]
        high[rows], low[rows] = np.where(rare, at, high[rows]), np.where(rare, low[rows], at)
        moved_high[rows] |= rare
        moved_low[rows] |= ~rare
        outwards = np.where(rare, at - step[rows], at + step[rows])
        middle = np.floor((low[rows] + high[rows]) / 2)
        probe[rows] = np.where(moved_low[rows] & moved_high[rows], middle, outwards)
        step[rows] *= 2
        rows = rows[high[rows] - low[rows] > 1]
    return high


def mid_p_lower(count: Floats, size: Floats, tail: Floats) -> Floats:
    """Give the share at which P(X > count) + P(X = count)/2 is `tail`; 0 when the count is 0.

    Newton's method on the logarithm of that sum over the log odds, started at Wilson's lower limit. The
    function is concave there: once below the answer no step passes it, and a first step from above that
    falls so low that the sum is lost to rounding is halved.
    """
    found = np.array(wilson(count, np.where(size == 0, 1.0, size), 1 - 2 * tail).lower)
    above = np.array(found)
    rows = np.flatnonzero((count > 0) & (found > 0))
    for _ in range(_NEWTON_STEPS):
        if not rows.size:
            break
        x, n, p = count[rows], size[rows], found[rows]
        mass = probability(x, n, p)
        value = at_least(x + 1, n, p) + mass / 2
        lost = value <= _LOST
        # d/d logit(p) of P(X >= k) is k (1 - p) P(X = k); here the mean of k = x and k = x + 1.
        slope = np.where(lost, 1.0, mass * (x * (1 - p) + (n - x) * p) / 2)
        safe = np.where(lost, tail[rows], value)
        step = np.log(tail[rows] / safe) * safe / slope
        place = special.logit(p)
        moved = np.where(lost, (place + special.logit(above[rows])) / 2, place + step)
        above[rows] = np.where(value > tail[rows], p, above[rows])
        found[rows] = special.expit(moved)
        rows = rows[lost | (np.abs(found[rows] - p) > _CONVERGED * p)]
    return found


def mid_p_tails(count: Floats, size: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Give the lower and the upper mid-p tail: half of the outcome's own probability belongs to each."""
    half = probability(count, size, share) / 2
    return at_most(count, size, share) - half, at_least(count, size, share) - half


def _log_likelihood(count: Floats, size: Floats, share: Floats) -> Floats:
    ways = special.gammaln(count + 1) + special.gammaln(size - count + 1)
    return _log_weight(count, size, share) - ways


def _log_weight(count: Floats, size: Floats, share: Floats) -> Floats:
    return special.xlogy(count, share) + special.xlog1py(size - count, -share)
