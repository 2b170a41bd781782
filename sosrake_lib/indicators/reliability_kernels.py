"""Cronbach's alpha in numbers: covariance matrices in, coefficients out; intervals from alpha, k and n.

Matrices are (..., items, items), so that a bootstrap is one call.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.intervals import Floats, Interval

INTERVAL_METHODS = ("feldt", "bonett", "hakstian_whalen", "fisher_z", "duhachek")


def alpha_of(covariance: Floats) -> Floats:
    """Cronbach's alpha: k/(k - 1) · (1 - Σ variances / variance of the sum).

    Source: Cronbach (1951), doi 10.1007/BF02310555. NaN when the sum has no variance or there is one item.

    Examples
    --------
    >>> print(alpha_of(np.array([[2.0, 1.0], [1.0, 2.0]])).round(4))
    0.6667
    """
    k = covariance.shape[-1]
    whole = covariance.sum(axis=(-2, -1))
    own = np.trace(covariance, axis1=-2, axis2=-1)
    able = (whole > 0) & (k > 1)
    return np.where(able, k / max(k - 1, 1) * (1 - own / np.where(able, whole, 1.0)), np.nan)


def mean_correlation(correlation: Floats) -> Floats:
    """Mean of the correlations between different items."""
    k = correlation.shape[-1]
    return (correlation.sum(axis=(-2, -1)) - np.trace(correlation, axis1=-2, axis2=-1)) / (k * (k - 1))


def duhachek_error(covariance: Floats, n: ArrayLike) -> Floats:
    """Standard error of alpha for normal answers, without assuming equal covariances.

    Formula: √(Q/n), Q = 2k²/((k-1)² S³) · (S(tr V² + (tr V)²) - 2 tr V · 1'V²1), S = 1'V1. Source: van Zyl,
    Neudecker & Nel (2000), doi 10.1007/BF02296146; Duhachek & Iacobucci (2004), doi
    10.1037/0021-9010.89.5.792.
    """
    k = covariance.shape[-1]
    whole = covariance.sum(axis=(-2, -1))
    trace = np.trace(covariance, axis1=-2, axis2=-1)
    square = covariance @ covariance
    inner = whole * (np.trace(square, axis1=-2, axis2=-1) + trace**2)
    inner = inner - 2 * trace * square.sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = 2 * k**2 / ((k - 1) ** 2 * whole**3) * inner
        return np.sqrt(np.maximum(spread, 0.0) / np.asarray(n, dtype="float64"))


def item_rest(covariance: Floats) -> Floats:
    """Correlation of each item with the sum of the others (corrected item-total correlation)."""
    own = np.diagonal(covariance)
    together = covariance.sum(axis=1)
    rest = covariance.sum() - 2 * together + own
    with np.errstate(divide="ignore", invalid="ignore"):
        return (together - own) / np.sqrt(own * rest)


def item_total(covariance: Floats) -> Floats:
    """Correlation of each item with the sum of all, itself included."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return covariance.sum(axis=1) / np.sqrt(np.diagonal(covariance) * covariance.sum())


def alpha_if_dropped(covariance: Floats) -> Floats:
    """Alpha of the other items, for each item; NaN when only one would be left."""
    k = len(covariance)
    if k < 3:
        return np.full(k, np.nan)
    own = np.diagonal(covariance)
    rest = covariance.sum() - 2 * covariance.sum(axis=1) + own
    variances = own.sum() - own
    able = rest > 0
    return np.where(able, (k - 1) / (k - 2) * (1 - variances / np.where(able, rest, 1.0)), np.nan)


def guttman_lambda6(correlation: Floats) -> float:
    """Guttman's lambda 6: 1 - Σ(1 - squared multiple correlation) / ΣR; NaN when R has no inverse.

    Source: Guttman (1945), doi 10.1007/BF02288892.
    """
    if not is_definite(correlation):
        return float("nan")
    return float(1 - (1 / np.diagonal(np.linalg.inv(correlation))).sum() / correlation.sum())


def is_definite(correlation: Floats) -> bool:
    """Say whether a correlation matrix is positive definite, beyond rounding."""
    return bool(np.linalg.eigvalsh(correlation)[0] > 1e-9)


def interval(
    alpha: ArrayLike,
    k: ArrayLike,
    n: ArrayLike,
    tail: ArrayLike,
    method: str,
    standard_error: ArrayLike | None = None,
) -> Interval:
    """Limits of alpha that leave the share `tail` beyond each; see `reliability.alpha_interval`."""
    a, items, people, share = np.broadcast_arrays(
        *(np.asarray(value, dtype="float64") for value in (alpha, k, n, tail))
    )
    z = special.ndtri(1 - share)
    if method == "feldt":
        return _feldt(a, items, people, share)
    if method == "bonett":
        half = z * np.sqrt(2 * items / ((items - 1) * (people - 2)))
        return Interval(1 - (1 - a) * np.exp(half), 1 - (1 - a) * np.exp(-half))
    if method == "hakstian_whalen":
        return _hakstian_whalen(a, items, people, z)
    if method == "fisher_z":
        half = z / np.sqrt(people - 3)
        # Alpha may fall to -1 and below, which no correlation can: then there are no limits.
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = np.arctanh(np.where(a > -1, a, np.nan))
        return Interval(np.tanh(inside - half), np.tanh(inside + half))
    if standard_error is None:
        raise SosrakeError(
            "reliability.alpha_interval: method 'duhachek' needs standard_error; cronbach_alpha gives it "
            "from answers, or use method 'feldt'"
        )
    half = z * np.asarray(standard_error, dtype="float64")
    return Interval(a - half, a + half)


def _feldt(alpha: Floats, k: Floats, n: Floats, tail: Floats) -> Interval:
    first, second = n - 1, (n - 1) * (k - 1)
    above, below = special.fdtri(first, second, 1 - tail), special.fdtri(first, second, tail)
    return Interval(1 - (1 - alpha) * above, 1 - (1 - alpha) * below)


def _hakstian_whalen(alpha: Floats, k: Floats, n: Floats, z: Floats) -> Interval:
    root = np.cbrt(1 - alpha)
    half = z * np.sqrt(18 * k * (n - 1) * root**2 / ((k - 1) * (9 * n - 11) ** 2))
    scale = ((9 * n - 11) / (9 * (n - 1))) ** 3
    return Interval(1 - scale * (root + half) ** 3, 1 - scale * (root - half) ** 3)
