"""Empirical Bayes smoothing: a small area's rate is drawn towards all areas, or towards its neighbours.

The rates of small areas jump by chance. Smoothing weighs an area's own rate by how much it can be leaned on
(its size against the true variation between areas) and fills up with the common level. Use it for maps and
for planning; it hides true peaks of small areas, so it never replaces the area's own figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Interval
from sosrake_lib.indicators.neighbours import Neighbours, as_neighbours, summed_by_area

Floats = NDArray[np.float64]
DISTRIBUTIONS = ("poisson", "binomial")
AROUND = ("neighbourhood", "own")
_BLOCK = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed:
    """Smoothed levels of areas, one number an area (families x areas when several families were given).

    Parameters
    ----------
    raw : own level, count / population.
    value, lower, upper : smoothed level and its posterior interval.
    weight_own : weight given to the area's own data, 0-1.
    prior_mean, prior_variance : level and variance between areas that the area is drawn towards.
    """

    raw: Floats
    value: Floats
    lower: Floats
    upper: Floats
    weight_own: Floats
    prior_mean: Floats
    prior_variance: Floats


def smooth_global(
    count: ArrayLike, population: ArrayLike, *, distribution: str = "poisson", confidence: float = 0.95
) -> Smoothed:
    """Smooth area levels towards the level of all areas (Marshall's method of moments).

    Formula, with r = x/n, m = Σx/Σn, s² = Σn(r - m)²/Σn and n̄ the mean population: prior variance
    A = s² - m/n̄ for "poisson" (rare events) or A = (n̄s² - m(1 - m))/(n̄ - 1) for "binomial" (common ones),
    a negative A counts as 0; weight on own data A/(A + m/n), or A/(A + (m(1 - m) - A)/n);
    smoothed = m + weight·(r - m). A = 0 makes every area the common level: the data show no variation beyond
    chance.

    Parameters
    ----------
    count, population : areas, or families x areas; NaN in both = the area is absent and left out.
    confidence : two-sided level of the posterior interval.

    Returns
    -------
    Smoothed. The interval is that of the gamma (beta) posterior whose prior has the two moments; with A = 0
    it is the exact interval of the common level. It treats m and A as known and, with several indicators,
    each alone: it is too narrow when areas are few, and it does not hold for differences or ranks.

    Raises
    ------
    SosrakeError for fewer than 3 areas, a negative or infinite count, a population that is not above zero, or
    (binomial) more cases than people.

    Sources: Marshall (1991), doi 10.2307/2347593; binomial: Martuzzi & Elliott (1996),
    Statistics in Medicine 15, 1867-1873; compared with R spdep::EBest.

    Examples
    --------
    >>> found = smooth_global([20, 100, 5], [1_000, 2_000, 500])
    >>> print(found.raw.round(4), found.value.round(4), found.weight_own.round(2))
    [0.02 0.05 0.01] [0.022  0.0491 0.0157] [0.88 0.93 0.78]
    """
    x, n = _counts(count, population, distribution)
    _enough(x)
    total, people = np.nansum(x, axis=-1, keepdims=True), np.nansum(n, axis=-1, keepdims=True)
    m = total / people
    average = people / (~np.isnan(x)).sum(axis=-1, keepdims=True)
    s2 = np.nansum(n * (x / n - m) ** 2, axis=-1, keepdims=True) / people
    variance = prior_variance(s2, m, average, distribution)
    shape = x.shape
    prior = _Prior(*(np.broadcast_to(part, shape) for part in (m, variance, total, people)))
    return _posterior(x, n, prior, distribution, confidence)


def smooth_local(
    count: ArrayLike,
    population: ArrayLike,
    neighbours: Neighbours | Sequence | Mapping | pd.DataFrame,
    *,
    distribution: str = "poisson",
    around: str = "neighbourhood",
    zero_policy: bool = False,
    confidence: float = 0.95,
) -> Smoothed:
    """Smooth area levels towards the level of each area's neighbourhood: the area itself and its neighbours.

    As `smooth_global`, with sums over the neighbourhood. Where nobody in a neighbourhood has a case the
    smoothed level is 0.

    Parameters
    ----------
    around : what the deviations in s² are taken from: "neighbourhood", the mean of the neighbourhood that is
        being estimated (as GeoDa and pysal), or "own", each member's deviation from the mean of its own
        neighbourhood (as R spdep::EBlocal unless geoda = TRUE).
    zero_policy : False refuses areas without neighbours; True leaves them their own rate, weight 1.

    Source: Marshall (1991), doi 10.2307/2347593.

    Examples
    --------
    >>> row = [[1], [0, 2], [1, 3], [2]]
    >>> found = smooth_local([10, 30, 2, 4], [1_000, 1_000, 1_000, 1_000], row)
    >>> print(found.prior_mean.round(4), found.value.round(4))
    [0.02  0.014 0.012 0.003] [0.012  0.0284 0.0027 0.003 ]
    """
    x, n = _counts(count, population, distribution)
    _enough(x)
    if around not in AROUND:
        raise SosrakeError(f"smooth_local: around {around!r}; expected one of {', '.join(AROUND)}")
    pairs = as_neighbours(neighbours)
    if len(pairs.codes) != x.shape[-1]:
        raise SosrakeError(
            f"smooth_local: {x.shape[-1]} areas but {len(pairs.codes)} in the neighbour list; give one place "
            "each"
        )
    tables = (np.atleast_2d(x), np.atleast_2d(n))
    block = max(1, _BLOCK // max(len(pairs.area), x.shape[-1]))
    options = _Options(distribution, around, zero_policy, confidence)
    starts = range(0, len(tables[0]), block)
    parts = [_local(tables[0][i : i + block], tables[1][i : i + block], pairs, options) for i in starts]
    whole = (np.concatenate([getattr(part, name) for part in parts]) for name in Smoothed.__slots__)
    return Smoothed(*(part.reshape(x.shape) for part in whole))


def prior_variance(s2: ArrayLike, m: ArrayLike, average: ArrayLike, distribution: str) -> Floats:
    """Take away the variance that chance explains; what is left, at least 0, lies between areas."""
    seen, level, people = (np.asarray(value, dtype="float64") for value in (s2, m, average))
    if distribution == "poisson":
        return np.maximum(seen - level / people, 0.0)
    chance = level * (1 - level)
    left = np.divide(people * seen - chance, people - 1, out=np.zeros_like(seen), where=people > 1)
    # A prior on shares cannot vary more than shares that are all 0 or 1.
    return np.clip(left, 0.0, chance)


def _counts(count: ArrayLike, population: ArrayLike, distribution: str) -> tuple[Floats, Floats]:
    if distribution not in DISTRIBUTIONS:
        raise SosrakeError(
            f"empirical Bayes: distribution {distribution!r}; expected {' or '.join(DISTRIBUTIONS)}"
        )
    x, n = np.broadcast_arrays(np.asarray(count, "float64"), np.asarray(population, "float64"))
    if np.isinf(x).any() or np.isinf(n).any() or (x < 0).any():
        raise SosrakeError("empirical Bayes: a count is negative or infinite; expected 0 or more")
    if (n <= 0).any():
        raise SosrakeError("empirical Bayes: a population is not above zero; leave such areas out")
    if distribution == "binomial" and (x > n).any():
        raise SosrakeError("empirical Bayes: more cases than people; use distribution='poisson' for events")
    absent = np.isnan(x) | np.isnan(n)
    return np.where(absent, np.nan, x), np.where(absent, np.nan, n)


def _enough(x: Floats) -> None:
    areas = (~np.isnan(np.atleast_2d(x))).sum(axis=-1)
    if x.ndim == 0 or not areas.size or areas.min() < 3:
        fewest = int(areas.min()) if areas.size else 0
        raise SosrakeError(f"empirical Bayes: {fewest} area(s) with counts; smoothing needs at least 3")


@dataclass(frozen=True, slots=True, eq=False)
class _Prior:
    """Level and variance each area is drawn towards, and the cases and people the level rests on."""

    mean: Floats
    variance: Floats
    cases: Floats
    people: Floats


@dataclass(frozen=True, slots=True)
class _Options:
    distribution: str
    around: str
    zero_policy: bool
    confidence: float


def _local(x: Floats, n: Floats, pairs: Neighbours, options: _Options) -> Smoothed:
    present = ~np.isnan(x)
    cases, people = np.where(present, x, 0.0), np.where(present, n, 0.0)
    start, end = pairs.area, pairs.neighbour
    linked = (present[:, start] & present[:, end]).astype("float64")
    size = 1 + summed_by_area(linked, pairs)
    islands = present & (size == 1)
    if islands.any() and not options.zero_policy:
        raise SosrakeError(
            f"smooth_local: area {pairs.codes[np.argwhere(islands)[0, 1]]!r} has no neighbour with counts; "
            "complete the list, leave the area out, or give zero_policy=True"
        )
    total = cases + summed_by_area(linked * cases[:, end], pairs)
    around_people = people + summed_by_area(linked * people[:, end], pairs)
    m = np.divide(total, around_people, out=np.zeros_like(total), where=around_people > 0)
    raw = np.divide(cases, people, out=np.zeros_like(cases), where=people > 0)
    centre = m[:, end] if options.around == "own" else m[:, start]
    squares = people * (raw - m) ** 2
    squares = squares + summed_by_area(linked * people[:, end] * (raw[:, end] - centre) ** 2, pairs)
    s2 = np.divide(squares, around_people, out=np.zeros_like(total), where=around_people > 0)
    average = np.where(present, around_people / size, 1.0)
    variance = prior_variance(s2, m, average, options.distribution)
    prior = _Prior(m, variance, total, around_people)
    found = _posterior(x, n, prior, options.distribution, options.confidence)
    own = {"weight_own": np.where(islands, 1.0, found.weight_own)}
    return Smoothed(*(own.get(name, getattr(found, name)) for name in Smoothed.__slots__))


def _posterior(x: Floats, n: Floats, prior: _Prior, distribution: str, confidence: float) -> Smoothed:
    tail = (1 - one_level(confidence, "empirical Bayes")) / 2
    m, variance = prior.mean, prior.variance
    chance = m if distribution == "poisson" else m * (1 - m) - variance
    noise = variance + np.maximum(chance, 0.0) / n
    weight = np.divide(variance, noise, out=np.zeros_like(noise), where=noise > 0)
    raw = x / n
    value = m + weight * (raw - m)
    varies = variance > 0
    # Imagined people and cases that the prior is worth; the common level's own counts where nothing varies.
    worth = np.divide(np.maximum(chance, 0.0), variance, out=np.zeros_like(m), where=varies)
    cases, size = np.where(varies, x + m * worth, prior.cases), np.where(varies, n + worth, prior.people)
    size = np.where(size > 0, size, np.nan)
    limit = _gamma if distribution == "poisson" else _beta
    found = limit(cases, size, varies, tail)
    numbers = (raw, value, found.lower, found.upper, weight, m, variance)
    return Smoothed(*(np.where(np.isnan(x), np.nan, part) for part in numbers))


def _gamma(cases: Floats, size: Floats, varies: NDArray[np.bool_], tail: float) -> Interval:
    """Give the gamma posterior's quantiles, or Garwood's limits of a plain count."""
    lower = np.where(cases > 0, special.gammaincinv(np.where(cases > 0, cases, 1.0), tail), 0.0)
    upper = special.gammaincinv(np.where(varies, np.maximum(cases, 1e-300), cases + 1), 1 - tail)
    return Interval(lower / size, upper / size)


def _beta(cases: Floats, size: Floats, varies: NDArray[np.bool_], tail: float) -> Interval:
    """Give the beta posterior's quantiles, or Clopper-Pearson's limits of a plain count."""
    rest = np.maximum(size - cases, 0.0)
    one = np.where(varies, 0.0, 1.0)
    # A posterior worth nothing at one end (levels all 0 or 1) is a point, where the quantile has no number.
    some, all_but = cases > 1e-9 * size, rest > 1e-9 * size
    lower = special.betaincinv(np.where(some, cases, 1.0), np.where(all_but, rest, 0.0) + one, tail)
    upper = special.betaincinv(np.where(some, cases, 0.0) + one, np.where(all_but, rest, 1.0), 1 - tail)
    lower = np.where(all_but | ~varies, lower, 1.0)
    upper = np.where(some | ~varies, upper, 0.0)
    return Interval(np.where(some, lower, 0.0), np.where(all_but, upper, 1.0))
