"""Limits of funnel plots: how far an area of a given size strays from the baseline by chance alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators.interval_form import levels_of, one_level
from sosrake_lib.indicators.intervals import Interval, poisson_exact
from sosrake_lib.indicators.overdispersion import widening

METHODS = ("funnel_binomial", "funnel_normal", "funnel_poisson", "funnel_poisson_normal")
# Two-sided 95 % and 99.8 % (0.025 and 0.001 in each tail), the usual pair of a funnel plot.
CONFIDENCES = (0.95, 0.998)
_SHARES = ("funnel_binomial", "funnel_normal")
# From this variance of the count on, the distribution is smooth enough for the quicker inversion.
_LARGE, _VERY_LARGE = 100.0, 2_500.0
Floats = NDArray[np.float64]


def funnel_limits(
    denominator: ArrayLike,
    baseline: ArrayLike,
    *,
    per: float = 1.0,
    confidence: Sequence[float] = CONFIDENCES,
    method: str = "funnel_binomial",
    overdispersion: str = "none",
    phi: ArrayLike = 1.0,
    tau2: ArrayLike = 0.0,
) -> pd.DataFrame:
    """Give the funnel's limits for areas of the given sizes.

    Parameters
    ----------
    denominator : sizes of areas: people, person-years, or expected events of a standardised ratio; above
        zero, need not be whole numbers.
    baseline : level of the whole, in units of `per` (8.2 with per=100 is 8.2 %; a standardised ratio's is
        `per` itself); one number, or one a size.
    confidence : two-sided levels.
    method : "funnel_binomial" (exact tails of the binomial distribution), "funnel_normal"
        (p ± z √(p(1 - p)/n), cut to 0-per) for proportions; "funnel_poisson" (exact),
        "funnel_poisson_normal" (r ± z √(r/n), cut at 0) for rates and standardised ratios.
    overdispersion : "none", "multiplicative" (distances times √phi) or "additive" (distances times
        √(1 + tau2/s²)); estimate `phi` and `tau2` (in squared units of `per`) with
        `overdispersion.estimate_overdispersion`, or let `funnel_class` do it.

    Returns
    -------
    DataFrame `denominator, confidence, lower, upper, method`, one row per size and confidence. An area is
    outside the exact limits when its one-sided probability under the baseline is below (1 - confidence)/2.

    Raises
    ------
    FrameError for a size that is not above zero, an unknown method, or a baseline outside 0-per.

    Sources: Spiegelhalter (2005), doi 10.1002/sim.1970; compared with PHEindicatormethods' public figures.

    Examples
    --------
    >>> limits = funnel_limits([234], 80.642448, per=100, confidence=[0.95], method="funnel_normal")
    >>> print(limits[["lower", "upper"]].round(3).to_string(index=False))
     lower  upper
     75.58 85.705
    """
    sizes = np.atleast_1d(np.asarray(denominator, dtype="float64"))
    share = np.broadcast_to(np.asarray(baseline, dtype="float64") / per, sizes.shape)
    _check(sizes, share, per, method)
    variance = (share * (1 - share) if method in _SHARES else share) / sizes
    factor = widening(variance, overdispersion, phi=phi, tau2=np.asarray(tau2) / per**2)
    parts = []
    for level in levels_of(confidence, "smallarea.funnel_limits"):
        found = stretched(limits(sizes, share, level, method), share, factor, method)
        parts.append(
            pd.DataFrame(
                {
                    "denominator": sizes,
                    "confidence": level,
                    "lower": per * found.lower,
                    "upper": per * found.upper,
                    "method": method,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def funnel_sizes(
    observed: ArrayLike,
    baseline: float = 1.0,
    *,
    per: float = 1.0,
    years: float = 1.0,
    confidence: Sequence[float] = CONFIDENCES,
) -> pd.DataFrame:
    """Give the size of area at which an observed count lies exactly on each limit of a Poisson funnel.

    It answers the same question from the other end: with 5 events observed, how large must the expected
    number be before 5 is on the lower limit? Plotting programs draw the funnel's lines from it.

    Parameters
    ----------
    observed : counts of events, 0 or more.
    baseline : level of the whole in units of `per`; a standardised ratio's is `per` itself.
    years : years the events were counted over; sizes are then people a year.
    confidence : two-sided levels.

    Returns
    -------
    DataFrame, one row per count and confidence: `observed, confidence, lower_expected, upper_expected`
    (expected events at which the count lies on the lower and on the upper limit: its own exact (Garwood)
    upper and lower limit), `lower_size, upper_size` (expected / (baseline/per) / years) and `lower, upper`
    (the value of the area on that limit, units of `per`; nothing on the upper limit of count 0).

    Source: Spiegelhalter (2005), doi 10.1002/sim.1970; compared with PHEindicatormethods' public figures.

    Examples
    --------
    >>> one = funnel_sizes([5], 100, per=100, confidence=[0.95])
    >>> print(one[["lower_expected", "lower", "upper_expected", "upper"]].round(2).to_string(index=False))
     lower_expected  lower  upper_expected  upper
              11.67  42.85            1.62 307.98
    """
    counts = np.atleast_1d(np.asarray(observed, dtype="float64"))
    if not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise SosrakeError(
            "smallarea.funnel_sizes: an observed count is negative or no number; expected 0 or more"
        )
    if not (baseline > 0 and per > 0 and years > 0):
        raise SosrakeError("smallarea.funnel_sizes: baseline, per and years are above zero")
    parts = []
    for level in levels_of(confidence, "smallarea.funnel_sizes"):
        own = poisson_exact(counts, level)
        part: dict[str, object] = {"observed": counts, "confidence": level}
        for side, expected in (("lower", own.upper), ("upper", own.lower)):
            part[f"{side}_expected"] = expected
            part[f"{side}_size"] = expected * per / baseline / years
            part[side] = np.divide(
                baseline * counts, expected, out=np.full(counts.shape, np.nan), where=expected > 0
            )
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def implied_denominator(numerator: ArrayLike, value: ArrayLike, per: float = 1.0) -> Floats:
    """Give the population that a count and its rate imply: per · count / rate; nothing where the rate is 0.

    A directly standardised rate stands on a funnel at the population its events would need to give it.
    """
    events, rate = np.broadcast_arrays(np.asarray(numerator, "float64"), np.asarray(value, "float64"))
    return np.divide(per * events, rate, out=np.full(events.shape, np.nan), where=rate > 0)


def limits(sizes: Floats, share: Floats, level: float, method: str) -> Interval:
    """Give limits on the scale of shares (or events a person); `sizes` and `share` of one shape."""
    tail = (1 - one_level(level, "smallarea")) / 2
    if method == "funnel_normal":
        half = special.ndtri(1 - tail) * np.sqrt(share * (1 - share) / sizes)
        return Interval(np.clip(share - half, 0, 1), np.clip(share + half, 0, 1))
    if method == "funnel_poisson_normal":
        half = special.ndtri(1 - tail) * np.sqrt(share / sizes)
        return Interval(np.clip(share - half, 0, None), share + half)
    certain = (share == 0) | ((share == 1) & (method == "funnel_binomial"))
    inside = np.where(certain, 0.5, share)
    if method == "funnel_poisson":
        counts = _poisson_counts(sizes * inside, tail)
        found = Interval(counts.lower / sizes, counts.upper / sizes)
    else:
        found = _binomial_shares(sizes, inside, tail)
    return Interval(np.where(certain, share, found.lower), np.where(certain, share, found.upper))


def stretched(found: Interval, share: Floats, factor: Floats, method: str) -> Interval:
    """Multiply the distance of limits from the baseline by `factor`, staying within what is possible."""
    # Factor 1 gives the limits back to the last bit, so a plain funnel is not touched by rounding.
    lower = np.where(factor == 1, found.lower, share - factor * (share - found.lower))
    upper = np.where(factor == 1, found.upper, share + factor * (found.upper - share))
    ceiling = 1.0 if method in _SHARES else np.inf
    return Interval(np.clip(lower, 0, None), np.minimum(upper, ceiling))


def _check(sizes: Floats, share: Floats, per: float, method: str) -> None:
    if sizes.size and not np.nanmin(sizes) > 0:
        raise FrameError("smallarea.funnel_limits: a denominator is not above zero; leave such areas out")
    if method not in METHODS:
        raise FrameError(f"smallarea.funnel_limits: method {method!r}; use one of {', '.join(METHODS)}")
    wrong = ~(share >= 0) | ((share > 1) & (method in _SHARES))
    if wrong.any():
        baseline = per * share[wrong].flat[0]
        raise FrameError(
            f"smallarea.funnel_limits: baseline {baseline:g} per {per:g} is not between 0 and {per:g}; "
            "give the baseline in units of per"
        )


def _poisson_counts(expected: Floats, tail: float) -> Interval:
    """Find the counts whose exact (Garwood) limit is just the expected count."""
    # No count is low enough to be outside when even zero is likelier than the tail.
    lower = np.where(expected <= -np.log(tail), 0.0, _count_at(tail, expected))
    return Interval(np.clip(lower, 0, None), _count_at(1 - tail, expected) + 1)


def _binomial_shares(sizes: Floats, share: Floats, tail: float) -> Interval:
    """Find the shares whose exact (Clopper-Pearson) limit is just the baseline share."""
    none = sizes * np.log1p(-share)
    every = sizes * np.log(share)
    lower = np.where(none >= np.log(tail), 0.0, _count_at(tail, sizes * share, sizes))
    upper = np.where(every >= np.log(tail), sizes, _count_at(1 - tail, sizes * share, sizes) + 1)
    return Interval(np.clip(lower / sizes, 0, 1), np.clip(upper / sizes, 0, 1))


def _count_at(tail: float, expected: Floats, sizes: Floats | None = None) -> Floats:
    """Find k with P(X <= k) = tail, X Poisson or, with sizes, binomial; k runs between whole counts too.

    The distribution function is a gamma or beta tail, so it is defined there. SciPy inverts it where the
    variance is small; elsewhere the Cornish-Fisher value is brought home by Newton steps on the normal scale,
    where the function is nearly a line: within 1e-7 counts, in a seventh of the time.
    """
    share = np.zeros_like(expected) if sizes is None else expected / sizes
    variance = expected * (1 - share)
    found = np.empty_like(expected)
    small, large = ~(variance >= _LARGE), variance >= _LARGE
    if sizes is None:
        found[small] = special.pdtrik(tail, expected[small])
    else:
        found[small] = special.bdtrik(tail, sizes[small], share[small])
    size = None if sizes is None else sizes[large]
    found[large] = _newton(tail, expected[large], share[large], variance[large], size)
    return found


def _newton(tail: float, mean: Floats, share: Floats, variance: Floats, sizes: Floats | None) -> Floats:
    z = special.ndtri(tail)
    deviation = np.sqrt(variance)
    skew, excess = (1 - 2 * share) / deviation, (1 - 6 * share * (1 - share)) / variance
    bend = z + skew * (z**2 - 1) / 6 + excess * (z**3 - 3 * z) / 24 - skew**2 * (2 * z**3 - 5 * z) / 36
    slope = deviation * (1 + skew * z / 3 + excess * (3 * z**2 - 3) / 24 - skew**2 * (6 * z**2 - 5) / 36)
    count = mean + deviation * bend - 0.5
    # One step is enough where the variance is very large.
    for some in (np.arange(count.size), np.flatnonzero(variance < _VERY_LARGE)):
        at, size = count[some], None if sizes is None else sizes[some]
        if size is None:
            below = special.gammaincc(at + 1, mean[some])
        else:
            below = special.betainc(size - at, at + 1, 1 - share[some])
        count[some] = at - (special.ndtri(below) - z) * slope[some]
    return count
