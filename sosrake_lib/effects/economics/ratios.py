"""What an outcome costs, with an interval: ratios of means by Fieller and by bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.effects.regression import check_confidence
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
METHODS = ("ratio_fieller", "ratio_bootstrap")
_SHORT = {"fieller": METHODS[0], "bootstrap": METHODS[1]}
# Values held at once by the bootstrap.
CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class RatioInterval:
    """A ratio of two means.

    Attributes
    ----------
    ratio, lower, upper : limits are not numbers unless `form` is "bounded".
    form : "bounded"; "outside" (every ratio except those between `outer_lower` and `outer_upper`: the
        denominator may be 0 or of the other sign); "everything" (the data say nothing of the ratio).
    """

    ratio: float
    lower: float
    upper: float
    form: str
    outer_lower: float
    outer_upper: float
    confidence: float
    method: str


def fieller(
    numerator: float,
    denominator: float,
    variance_numerator: float,
    variance_denominator: float,
    covariance: float = 0.0,
    *,
    df: float = np.inf,
    confidence: float = 0.95,
) -> RatioInterval:
    """Fieller's interval of a ratio of two normal estimates.

    Parameters
    ----------
    numerator, denominator : estimates, with their variances and covariance. df : of the t quantile.

    Returns
    -------
    RatioInterval: the ratios θ with (a - θb)² ≤ t²(v_a - 2θc + θ²v_b).

    Source: Fieller (1954), doi 10.1111/j.2517-6161.1954.tb00159.x; Willan and O'Brien (1996),
    doi 10.1002/(SICI)1099-1050(199607/08)5:4<297::AID-HEC216>3.0.CO;2-T.

    Examples
    --------
    >>> found = fieller(1000.0, 0.5, 2500.0, 0.0025)
    >>> print(found.form, round(found.lower), round(found.upper))
    bounded 1626 2534
    """
    check_confidence(confidence, "fieller")
    values = [numerator, denominator, variance_numerator, variance_denominator, covariance]
    if not np.isfinite(values).all() or min(variance_numerator, variance_denominator) < 0:
        raise SosrakeError(
            f"fieller: estimates and variances {values}; expected finite numbers, variances 0 or more"
        )
    t = float(
        special.ndtri(0.5 + confidence / 2) if np.isinf(df) else special.stdtrit(df, 0.5 + confidence / 2)
    )
    a = denominator**2 - t**2 * variance_denominator
    b = numerator * denominator - t**2 * covariance
    c = numerator**2 - t**2 * variance_numerator
    ratio = numerator / denominator if denominator else np.nan
    inside = b**2 - a * c
    if a == 0 or inside < 0:
        return RatioInterval(ratio, np.nan, np.nan, "everything", np.nan, np.nan, confidence, METHODS[0])
    ends = sorted([(b - np.sqrt(inside)) / a, (b + np.sqrt(inside)) / a])
    if a > 0:
        return RatioInterval(ratio, ends[0], ends[1], "bounded", ends[0], ends[1], confidence, METHODS[0])
    return RatioInterval(ratio, np.nan, np.nan, "outside", ends[0], ends[1], confidence, METHODS[0])


def ratio_of_means(
    cost: ArrayLike,
    outcome: ArrayLike,
    *,
    method: str = "fieller",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> RatioInterval:
    """Give the mean cost of an outcome: mean cost over mean outcome of the same people, with an interval.

    Parameters
    ----------
    cost, outcome : of the same people, in the same order; the outcome 1 or 0 (goal attained) or a number of
        units.
    method : "fieller" or "bootstrap" (percentiles, people drawn whole, so that costs stay with their
        outcomes).

    Raises
    ------
    SosrakeError when lengths differ, a value is empty, there are fewer than three people, or no outcome at
    all.

    Examples
    --------
    >>> found = ratio_of_means([900, 1100, 1000, 1200, 800, 1000], [1, 1, 0, 1, 1, 1])
    >>> print(round(found.ratio), found.form)
    1200 bounded
    """
    where = "ratio_of_means"
    key = ratio_method(method, where)
    check_confidence(confidence, where)
    pairs = _pairs(cost, outcome, where)
    means = pairs.mean(axis=0)
    if means[1] == 0:
        raise SosrakeError(f"{where}: the mean outcome is 0; there is no outcome to divide the costs by")
    size = len(pairs)
    if key == METHODS[1]:
        return _percentiles(bootstrap_means(pairs, draws, np.random.default_rng(seed)), means, confidence)
    covariance = np.cov(pairs, rowvar=False) / size
    return fieller(
        means[0],
        means[1],
        covariance[0, 0],
        covariance[1, 1],
        covariance[0, 1],
        df=size - 1,
        confidence=confidence,
    )


def ratio_of_differences(
    cost_new: ArrayLike,
    effect_new: ArrayLike,
    cost_usual: ArrayLike,
    effect_usual: ArrayLike,
    *,
    method: str = "fieller",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> RatioInterval:
    """Give the incremental cost-effectiveness ratio of two groups of people, with an interval.

    Parameters
    ----------
    cost_new, effect_new, cost_usual, effect_usual : of the people of each group. method : see ratio_of_means;
        when bootstrapped differences of effects change sign their ratios cannot be put in order, and the form
        is "everything": use net benefits (`decision_uncertainty`) instead.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> costs, effects = rng.normal(1500, 100, 80), rng.normal(0.8, 0.1, 80)
    >>> found = ratio_of_differences(costs, effects, costs - 500, rng.normal(0.5, 0.1, 80))
    >>> print(round(found.ratio, -2), found.form)
    1700.0 bounded
    """
    where = "ratio_of_differences"
    key = ratio_method(method, where)
    check_confidence(confidence, where)
    new, usual = _pairs(cost_new, effect_new, where), _pairs(cost_usual, effect_usual, where)
    difference = new.mean(axis=0) - usual.mean(axis=0)
    if key == METHODS[1]:
        draw = np.random.default_rng(seed)
        drawn = bootstrap_means(new, draws, draw) - bootstrap_means(usual, draws, draw)
        return _percentiles(drawn, difference, confidence)
    covariance = np.cov(new, rowvar=False) / len(new) + np.cov(usual, rowvar=False) / len(usual)
    return fieller(
        difference[0],
        difference[1],
        covariance[0, 0],
        covariance[1, 1],
        covariance[0, 1],
        df=len(new) + len(usual) - 2,
        confidence=confidence,
    )


def bootstrap_means(values: Floats, draws: int, draw: np.random.Generator) -> Floats:
    """Draw rows with replacement and give the means of the columns, (draws, columns)."""
    size, width = values.shape
    found = np.empty((draws, width))
    step = max(1, CHUNK // size)
    for start in range(0, draws, step):
        chosen = draw.integers(0, size, (min(step, draws - start), size), dtype="int32")
        for column in range(width):
            found[start : start + step, column] = values[:, column][chosen].mean(axis=1)
    return found


def _percentiles(drawn: Floats, actual: Floats, confidence: float) -> RatioInterval:
    ratio = float(actual[0] / actual[1]) if actual[1] else np.nan
    if not ((drawn[:, 1] > 0).all() or (drawn[:, 1] < 0).all()):
        return RatioInterval(ratio, np.nan, np.nan, "everything", np.nan, np.nan, confidence, METHODS[1])
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [tail, 1 - tail])
    return RatioInterval(
        ratio, float(low), float(high), "bounded", float(low), float(high), confidence, METHODS[1]
    )


def _pairs(cost: ArrayLike, outcome: ArrayLike, where: str) -> Floats:
    first, second = np.asarray(cost, "float64"), np.asarray(outcome, "float64")
    if first.ndim != 1 or first.shape != second.shape or not np.isfinite([first, second]).all():
        raise SosrakeError(
            f"{where}: costs {first.shape} and outcomes {second.shape}; expected two lists of equal length, "
            f"of the same people, without empty values"
        )
    if len(first) < 3:
        raise SosrakeError(f"{where}: {len(first)} people; at least three are needed")
    return np.column_stack([first, second])


def ratio_method(method: str, where: str) -> str:
    """Give the key of a method of an interval, or say which there are."""
    key = _SHORT.get(method, method)
    if key not in METHODS:
        raise SosrakeError(f"{where}: method {method!r}; expected one of {', '.join(_SHORT)}")
    return key
