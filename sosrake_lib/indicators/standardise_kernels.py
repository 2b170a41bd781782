"""Kernels of standardisation: matrices areas x ages in, one number an area out; no frames, no messages.

An area's strata (ages, or ages of both sexes) stand in a row of the matrices. What cannot be computed is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import intervals
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Interval

Floats = NDArray[np.float64]
# Cells worked on at a time: the passing results of a block stay in the processor's cache.
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class DirectSums:
    """What a directly standardised rate and its limits are made of, one number an area.

    `rate` and its `variance` are per person; `count` and `population` are totals; `largest` is the greatest
    weight that one event has (the greatest share of the standard over population), for Fay and Feuer.
    """

    rate: Floats
    variance: Floats
    count: Floats
    population: Floats
    largest: Floats


def direct_sums(
    count: ArrayLike,
    population: ArrayLike,
    weight: ArrayLike,
    *,
    variance: ArrayLike | None = None,
    family: ArrayLike | None = None,
) -> DirectSums:
    """Sum strata to a directly standardised rate.

    Formula: rate = sum(w x / n) / sum(w), variance = sum(w² v / n²) / sum(w)², over the strata of an area.

    Parameters
    ----------
    count, population : areas x strata; a stratum without people, or a missing number, makes the area NaN.
    weight : the standard, one number a stratum, or families x strata with `family` saying each area's row.
    variance : variance of each count (areas x strata); left out, the count itself (independent events).

    Examples
    --------
    >>> found = direct_sums([[10, 30]], [[1000, 1000]], [3, 1])
    >>> print(found.rate, found.count)
    [0.015] [40.]
    """
    x, n = np.atleast_2d(np.asarray(count, "float64")), np.atleast_2d(np.asarray(population, "float64"))
    standard = np.atleast_2d(np.asarray(weight, "float64"))
    given = None if variance is None else np.atleast_2d(np.asarray(variance, "float64"))
    if (
        x.shape != n.shape
        or standard.shape[1] != x.shape[1]
        or (given is not None and given.shape != x.shape)
    ):
        raise SosrakeError(
            f"direct_sums: count {x.shape}, population {n.shape} and weight {standard.shape} do not fit; "
            "expected areas x strata, areas x strata and strata"
        )
    shares = standard / standard.sum(axis=1, keepdims=True)
    which = np.zeros(len(x), dtype="int64") if family is None else np.asarray(family, dtype="int64")
    found = np.empty((5, len(x)))
    step = max(1, _BLOCK // x.shape[1])
    for start in range(0, len(x), step):
        part = slice(start, start + step)
        share = shares[0] if len(shares) == 1 else shares[which[part]]
        found[:, part] = _block(x[part], n[part], share, None if given is None else given[part])
    return DirectSums(*found)


def _block(x: Floats, n: Floats, share: Floats, variance: Floats | None) -> tuple[Floats, ...]:
    ones = np.ones(x.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        # The weight of one event; infinite where nobody lives, which makes the area not computable.
        each = share / n
        largest = each.max(axis=1)
        weighted = each * x
        rate = weighted @ ones
        weighted = weighted * each if variance is None else each * each * variance
        spread = weighted @ ones
    lost = ~np.isfinite(largest) | ~np.isfinite(rate)
    rate[lost] = spread[lost] = largest[lost] = np.nan
    return rate, spread, x @ ones, n @ ones, largest


def dobson(sums: DirectSums, confidence: float = 0.95, exact_below: float = 10) -> Interval:
    """Dobson's interval of a directly standardised rate: the count's Poisson limits, scaled.

    Formula: rate + sqrt(variance / count) · (limit of the total count - count), with Byar's limits, exact
    (Garwood) below `exact_below`. Source: Dobson, Kuulasmaa, Eberle & Scherer (1991),
    doi 10.1002/sim.4780100317. With few events of much weight the lower limit can fall below zero.
    """
    limits = intervals.poisson(sums.count, confidence, exact_below)
    scale = np.sqrt(_ratio(sums.variance, sums.count))
    return Interval(
        sums.rate + scale * (limits.lower - sums.count), sums.rate + scale * (limits.upper - sums.count)
    )


def fay_feuer(sums: DirectSums, confidence: float = 0.95) -> Interval:
    """Fay and Feuer's gamma interval of a directly standardised rate; never below zero, rather too wide.

    Formula: gamma quantiles with mean = rate, variance = v for the lower limit (zero without events), and
    mean = rate + w, variance = v + w² for the upper, w = greatest weight of one event. Source: Fay & Feuer
    (1997), doi 10.1002/(SICI)1097-0258(19970415)16:7<791::AID-SIM500>3.0.CO;2-#.
    """
    tail = _tail(confidence)
    upper = _gamma_quantile(1 - tail, sums.rate + sums.largest, sums.variance + sums.largest**2)
    lower = np.where(sums.rate > 0, _gamma_quantile(tail, sums.rate, sums.variance), 0.0)
    return Interval(np.where(np.isnan(sums.rate), np.nan, lower), upper)


def expected_counts(
    population: ArrayLike, reference_rate: ArrayLike, *, family: ArrayLike | None = None
) -> Floats:
    """Give the events each area would have at the reference's rates: sum(n · reference rate).

    Parameters
    ----------
    population : areas x strata.
    reference_rate : one rate a stratum, or families x strata with `family` saying each area's row.
    """
    n = np.atleast_2d(np.asarray(population, "float64"))
    rates = np.atleast_2d(np.asarray(reference_rate, "float64"))
    if len(rates) == 1:
        return n @ rates[0]
    return np.einsum("as,as->a", n, rates[np.asarray(family, dtype="int64")])


def observed_ratio(observed: ArrayLike, expected: ArrayLike) -> Floats:
    """Give observed over expected events; nothing where none is expected."""
    return _ratio(np.asarray(observed, "float64"), np.asarray(expected, "float64"))


def observed_ratio_limits(
    observed: ArrayLike,
    expected: ArrayLike,
    confidence: float = 0.95,
    method: str = "byar",
    exact_below: float = 10,
) -> Interval:
    """Interval of observed over expected events; the expected count is taken as known.

    "byar": Poisson limits of the observed (exact below `exact_below`) over the expected. "log_normal":
    ratio · exp(± z / sqrt(observed)), nothing without events. Source: Breslow & Day (1987), Statistical
    methods in cancer research II, IARC.
    """
    x, expectation = np.asarray(observed, "float64"), np.asarray(expected, "float64")
    if method == "log_normal":
        ratio = observed_ratio(x, expectation)
        factor = np.exp(special.ndtri(1 - _tail(confidence)) * np.sqrt(_ratio(np.ones_like(x), x)))
        return Interval(_ratio(ratio, factor), ratio * factor)
    limits = intervals.poisson(x, confidence, exact_below)
    return Interval(_ratio(limits.lower, expectation), _ratio(limits.upper, expectation))


def rate_ratio_limits(
    rate: ArrayLike,
    variance: ArrayLike,
    other_rate: ArrayLike,
    other_variance: ArrayLike,
    confidence: float = 0.95,
) -> Interval:
    """Interval of a ratio of two independent rates on the logarithmic scale.

    Formula: r / s · exp(± z · sqrt(v / r² + u / s²)). Source: Breslow & Day (1987), chapter 2.
    """
    r, v, s, u = np.broadcast_arrays(
        *(np.asarray(one, "float64") for one in (rate, variance, other_rate, other_variance))
    )
    ratio = _ratio(r, s)
    error = np.sqrt(_ratio(v, r**2) + _ratio(u, s**2))
    factor = np.exp(special.ndtri(1 - _tail(confidence)) * error)
    return Interval(_ratio(ratio, factor), ratio * factor)


def _gamma_quantile(level: float, mean: Floats, variance: Floats) -> Floats:
    shape = _ratio(mean**2, variance)
    return special.gammaincinv(np.where(shape > 0, shape, np.nan), level) * _ratio(variance, mean)


def _ratio(above: Floats, below: Floats) -> Floats:
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0)


def _tail(confidence: float) -> float:
    return (1 - one_level(confidence)) / 2
