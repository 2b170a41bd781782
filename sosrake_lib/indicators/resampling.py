"""Resampling without a loop over replicates: bootstrap and delete-one jackknife as matrices of weights.

A statistic that is a closed form of weights needs its data sorted only once: a replicate is another row of
weights. Drawing units with replacement multiplies each row's weight by how often its unit was drawn; leaving
a unit out multiplies it by 0. What is resampled is the *unit*: respondents (each row), or areas with
everybody in them (`units`).

Shapes: g groups with n rows each and m replicates at a time. Weights are (g, n), a statistic takes weights
(g, m, n) and gives (g, m). All g groups see the same draws, so that their replicates can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Floats, Interval

Statistic = Callable[[Floats], Floats]
BOOTSTRAP_METHODS = ("bootstrap_percentile", "bootstrap_bca")
METHODS = (*BOOTSTRAP_METHODS, "jackknife")
# Numbers a block of replicates may hold: small enough for the processor's cache, far below 200 MB.
_BLOCK = 1_000_000


def check_method(method: str, where: str, allowed: Sequence[str] = METHODS) -> None:
    """Refuse an unknown way to an interval, naming those there are."""
    if method not in allowed:
        raise SosrakeError(f"{where}: method {method!r}; use one of {', '.join(allowed)}")


def unit_numbers(units: ArrayLike | None, rows: int, where: str) -> NDArray[np.int64]:
    """Number the units that are drawn together: 0, 1, 2, ... per row; left out, every row is its own unit."""
    if units is None:
        return np.arange(rows)
    codes = np.asarray(units)
    if codes.shape != (rows,):
        raise SosrakeError(
            f"{where}: units has shape {codes.shape} for {rows} values; give one unit (area) per value"
        )
    return np.unique(codes, return_inverse=True)[1].astype("int64")


def bootstrap(
    statistic: Statistic,
    weights: Floats,
    *,
    replicates: int = 2000,
    seed: int = 1,
    units: NDArray[np.int64] | None = None,
    where: str = "resampling.bootstrap",
) -> Floats:
    """Give the statistic of bootstrap replicates: units drawn with replacement, as many as there are.

    Parameters
    ----------
    statistic : weights (g, m, n) -> values (g, m); sorted data stand inside it.
    weights : (g, n) weights of the rows.
    replicates : how many; from 100 upwards (at least 2 000 for 95 % limits, 20 000 for 99.8 %).
    seed : of a generator of its own; the same seed gives the same replicates.
    units : number of the unit of each row (`unit_numbers`); left out, each row is a unit.

    Returns
    -------
    Array (g, replicates); NaN where a replicate has no statistic (its total weight is 0).

    Source: Efron (1979), doi 10.1214/aos/1176344552; units of several rows: Field & Welsh (2007),
    doi 10.1111/j.1467-9868.2007.00593.x.

    Examples
    --------
    >>> mean = lambda w: (w * [1.0, 2.0, 6.0]).sum(axis=-1) / w.sum(axis=-1)
    >>> found = bootstrap(mean, np.ones((1, 3)), replicates=1000, seed=3)
    >>> found.shape, bool(abs(found.mean() - 3) < 0.1)
    ((1, 1000), True)
    """
    if replicates < 100:
        raise SosrakeError(f"{where}: {replicates} replicates; expected 100 or more (2000 for 95 % limits)")
    groups, rows = weights.shape
    codes = unit_numbers(None, rows, where) if units is None else units
    drawn = int(codes.max()) + 1
    rng = np.random.default_rng(seed)
    found = np.empty((groups, replicates))
    for start, stop in _blocks(replicates, groups * rows):
        counts = draw_counts(rng, stop - start, drawn)
        by_row = counts if units is None else counts[:, codes]
        found[:, start:stop] = statistic(weights[:, None, :] * by_row[None])
    return found


def jackknife(statistic: Statistic, weights: Floats, *, units: NDArray[np.int64] | None = None) -> Floats:
    """Give the statistic with each unit left out in turn: array (g, units).

    Source: Quenouille (1956), doi 10.1093/biomet/43.3-4.353.

    Examples
    --------
    >>> mean = lambda w: (w * [1.0, 2.0, 6.0]).sum(axis=-1) / w.sum(axis=-1)
    >>> print(jackknife(mean, np.ones((1, 3))))
    [[4.  3.5 1.5]]
    """
    groups, rows = weights.shape
    codes = np.arange(rows) if units is None else units
    count = int(codes.max()) + 1
    found = np.empty((groups, count))
    for start, stop in _blocks(count, groups * rows):
        kept = codes[None, :] != np.arange(start, stop)[:, None]
        found[:, start:stop] = statistic(weights[:, None, :] * kept[None])
    return found


def draw_counts(rng: np.random.Generator, replicates: int, units: int) -> Floats:
    """Count how often each of `units` is drawn in each replicate: (replicates, units), rows sum to units."""
    drawn = rng.integers(0, units, size=(replicates, units), dtype=np.int32)
    drawn += (np.arange(replicates, dtype=np.int32) * units)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=replicates * units)
    return counts.reshape(replicates, units).astype("float64")


def percentile_limits(replicates: Floats, confidence: float = 0.95) -> Interval:
    """Percentile interval of replicates (g, m): their quantiles at (1 ± confidence)/2."""
    tail = (1 - confidence) / 2
    return Interval(*_quantiles(replicates, np.full((2, len(replicates)), [[tail], [1 - tail]])))


def bca_limits(value: Floats, replicates: Floats, deleted: Floats, confidence: float = 0.95) -> Interval:
    """Bias-corrected and accelerated interval: percentiles moved for bias and for skewness.

    Parameters
    ----------
    value : statistic of the data (g,).
    replicates : bootstrap (g, m).
    deleted : jackknife (g, units), for the acceleration.

    Source: Efron (1987), doi 10.1080/01621459.1987.10478410.
    """
    below = np.nanmean(
        (replicates < value[:, None]) + 0.5 * (replicates == value[:, None]), axis=1, dtype="float64"
    )
    many = replicates.shape[1]
    bias = special.ndtri(np.clip(below, 0.5 / many, 1 - 0.5 / many))
    apart = np.nanmean(deleted, axis=1, keepdims=True) - deleted
    spread = np.nansum(apart**2, axis=1) ** 1.5
    skew = np.divide(np.nansum(apart**3, axis=1), 6 * spread, out=np.zeros_like(spread), where=spread > 0)
    z = special.ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))[:, None]
    moved = special.ndtr(bias + (bias + z) / (1 - skew * (bias + z)))
    return Interval(*_quantiles(replicates, moved))


def jackknife_limits(value: Floats, deleted: Floats, confidence: float = 0.95) -> Interval:
    """Symmetric interval: value ± t(units - 1) · standard error of the jackknife."""
    error = jackknife_error(deleted)
    t = special.stdtrit(max(deleted.shape[1] - 1, 1), 0.5 + confidence / 2)
    return Interval(value - t * error, value + t * error)


def jackknife_error(deleted: Floats) -> Floats:
    """Standard error from left-out values (g, units): √((u - 1)/u Σ (θᵢ - mean)²); needs two units."""
    units = deleted.shape[1]
    if units < 2:
        return np.full(len(deleted), np.nan)
    # An infinite measure (a logarithm of 0) has no standard error: NaN.
    with np.errstate(invalid="ignore"):
        apart = deleted - deleted.mean(axis=1, keepdims=True)
        return np.sqrt((units - 1) / units * (apart**2).sum(axis=1))


def limits(
    statistic: Statistic,
    weights: Floats,
    *,
    method: str = "bootstrap_percentile",
    confidence: Sequence[float] = (0.95,),
    replicates: int = 2000,
    seed: int = 1,
    units: NDArray[np.int64] | None = None,
    where: str = "resampling.limits",
) -> list[Interval]:
    """Give the statistic's interval for each confidence, from one set of replicates.

    Parameters
    ----------
    statistic, weights, replicates, seed, units : as `bootstrap`.
    method : "bootstrap_percentile", "bootstrap_bca" or "jackknife".
    confidence : two-sided levels.

    Returns
    -------
    One Interval of two arrays (g,) per confidence.

    Raises
    ------
    SosrakeError for an unknown method, a confidence that is no share, fewer than two units.
    """
    check_method(method, where)
    levels = [one_level(level, where) for level in confidence]
    if (weights.shape[1] if units is None else int(units.max()) + 1) < 2:
        raise SosrakeError(f"{where}: one unit cannot be resampled; give two or more, or ask for no interval")
    value = statistic(weights[:, None, :])[:, 0]
    deleted = jackknife(statistic, weights, units=units) if method != "bootstrap_percentile" else None
    if method == "jackknife" and deleted is not None:
        return [jackknife_limits(value, deleted, level) for level in levels]
    drawn = bootstrap(statistic, weights, replicates=replicates, seed=seed, units=units, where=where)
    if deleted is None:
        return [percentile_limits(drawn, level) for level in levels]
    return [bca_limits(value, drawn, deleted, level) for level in levels]


def _blocks(total: int, size: int) -> Iterator[tuple[int, int]]:
    step = max(1, _BLOCK // max(size, 1))
    for start in range(0, total, step):
        yield start, min(start + step, total)


def _quantiles(values: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Interpolated quantiles of each row of (g, m) at its own two shares (2, g); NaN values are left out."""
    ordered = np.sort(values, axis=1)
    present = (~np.isnan(ordered)).sum(axis=1)
    place = shares * np.maximum(present - 1, 0)
    low = np.floor(place).astype("int64")
    high = np.minimum(low + 1, np.maximum(present - 1, 0))
    row = np.arange(len(values))
    with np.errstate(invalid="ignore"):
        below, above = ordered[row, low], ordered[row, high]
        found = below + np.where(above == below, 0.0, (above - below) * (place - low))
    return found[0], found[1]
