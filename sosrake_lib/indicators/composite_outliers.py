"""Kernels that find and tame outliers, column by column of areas x indicators.

Skewness and kurtosis are the sample-adjusted G1 and G2 (Joanes and Gill 1998, doi 10.1111/1467-9884.00122).
The rule |G1| > 2 and G2 > 3.5 and winsorising come from the JRC's practice, OECD and JRC (2008),
doi 10.1787/9789264043466-en.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

OUTLIER_METHODS = ("winsorise", "log", "box_cox", "winsorise_then_log", "none")
_COARSE = np.linspace(-3, 3, 13)
_FINE = np.linspace(-0.5, 0.5, 11), np.linspace(-0.05, 0.05, 11)


@dataclass(frozen=True, slots=True)
class Limits:
    """When an indicator counts as ruled by outliers, and how many of its values may be winsorised."""

    skewness: float = 2.0
    kurtosis: float = 3.5
    most: int = 5


@dataclass(frozen=True, slots=True, eq=False)
class Tamed:
    """Treated values (areas x indicators) and, a column, what was done: method, cells, reason, moments."""

    values: Floats
    columns: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Sample-adjusted skewness G1 and excess kurtosis G2, one a column; NaN below 3 and 4 values."""

    skewness: Floats
    kurtosis: Floats


def moments(matrix: ArrayLike) -> Moments:
    """Skewness G1 and excess kurtosis G2 of each column, absent values left out.

    Formula: G1 = √(n(n-1)) / (n-2) · m3 / m2^1.5; G2 = (n-1) / ((n-2)(n-3)) · ((n+1)(m4 / m2² - 3) + 6).
    Equal to scipy.stats.skew and kurtosis with bias=False.

    Examples
    --------
    >>> found = moments([[1.0], [2.0], [3.0], [4.0], [40.0]])
    >>> print(found.skewness.round(3), found.kurtosis.round(3))
    [2.211] [4.912]
    """
    x = np.asarray(matrix, dtype="float64")
    n = np.isfinite(x).sum(axis=0).astype("float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        away = x - np.nansum(x, axis=0) / n
        second, third, fourth = (np.nansum(away**power, axis=0) / n for power in (2, 3, 4))
        skewness = np.sqrt(n * (n - 1)) / (n - 2) * third / second**1.5
        excess = fourth / second**2 - 3
        kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6)
    return Moments(np.where(n > 2, skewness, np.nan), np.where(n > 3, kurtosis, np.nan))


def winsorised(matrix: ArrayLike, limits: Limits) -> Floats:
    """Pull the most extreme values to the next, one at a time on the side of the skew, until the rule is met.

    At most `limits.most` values of a column change; a column that never breaks the rule is untouched.

    Examples
    --------
    >>> winsorised([[1.0], [2.0], [3.0], [4.0], [40.0]], Limits())[:, 0].tolist()
    [1.0, 2.0, 3.0, 4.0, 4.0]
    """
    original = np.asarray(matrix, dtype="float64")
    ordered = np.sort(original, axis=0)
    last = np.isfinite(original).sum(axis=0) - 1
    columns = np.arange(original.shape[1])
    low, high = np.zeros(len(columns), dtype="int64"), np.zeros(len(columns), dtype="int64")
    found = original
    for _ in range(limits.most):
        now = moments(found)
        broken = _broken(now, limits) & (low + high < last)
        if not broken.any():
            break
        high += broken & (now.skewness > 0)
        low += broken & (now.skewness < 0)
        top = ordered[np.maximum(last - high, 0), columns]
        found = np.clip(original, ordered[low, columns], top)
    return found


def logged(matrix: ArrayLike) -> Floats:
    """Log of the distance from the lowest value, plus a hundredth of the range, so that zeros can stay."""
    x = np.asarray(matrix, dtype="float64")
    lowest = np.nanmin(x, axis=0)
    return np.log(x - lowest + 0.01 * (np.nanmax(x, axis=0) - lowest))


def box_coxed(matrix: ArrayLike) -> Floats:
    """Box-Cox power of each column, its exponent by maximum likelihood; values must be above zero.

    Formula: (xᵖ - 1) / p, or ln x at p = 0; the exponent maximises (p - 1) Σ ln x - n/2 ln var. A grid
    from -3 to 3, finer around its best, ends in a parabola. Source: Box and Cox (1964),
    doi 10.1111/j.2517-6161.1964.tb00553.x.
    """
    x = np.asarray(matrix, dtype="float64")
    near = _COARSE[np.argmax([_likelihood(x, float(power)) for power in _COARSE], axis=0)]
    columns = np.arange(x.shape[1])
    for steps in _FINE:
        likelihood = np.stack([_likelihood(x, near + step) for step in steps])
        best = np.clip(np.argmax(likelihood, axis=0), 1, len(steps) - 2)
        near = near + steps[best]
    before, middle, after = (likelihood[best + step, columns] for step in (-1, 0, 1))
    bend = before - 2 * middle + after
    shift = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, 1.0), 0.0)
    power = near + np.clip(shift, -1, 1) * (_FINE[-1][1] - _FINE[-1][0])
    return special.boxcox(x, power)


def tamed(matrix: Floats, method: str, limits: Limits) -> Tamed:
    """Treat the columns that break the rule by one method, and say for every column what was done."""
    before = moments(matrix)
    broken = _broken(before, limits)
    values, how = matrix.copy(), np.full(matrix.shape[1], "none", dtype=object)
    refused = np.zeros(len(how), dtype=bool)
    if method in ("winsorise", "winsorise_then_log") and broken.any():
        values = winsorised(matrix, limits)
        how[broken] = "winsorise"
        if method == "winsorise_then_log":
            still = _broken(moments(values), limits)
            values[:, still], how[still] = matrix[:, still], "none"
            refused = _transform(values, how, still, before, "log")
    elif method in ("log", "box_cox"):
        refused = _transform(values, how, broken, before, method)
    after = moments(values)
    left = _broken(after, limits)
    reason = np.select(
        [refused, left, broken],
        ["skewed_to_the_left_or_not_above_zero", "rule_still_broken", "rule_was_broken"],
        "within_limits",
    )
    cells = (np.isfinite(matrix) & (values != matrix)).sum(axis=0)
    columns = pd.DataFrame({"method": how.astype(str), "cells": cells, "reason": reason})
    columns = columns.assign(skewness_before=before.skewness, kurtosis_before=before.kurtosis)
    return Tamed(values, columns.assign(skewness_after=after.skewness, kurtosis_after=after.kurtosis))


def _transform(
    values: Floats, how: NDArray[np.object_], chosen: NDArray[np.bool_], before: Moments, method: str
) -> NDArray[np.bool_]:
    """Transform the chosen columns in place; gives those that the method cannot take."""
    with np.errstate(invalid="ignore"):
        able = before.skewness > 0 if method == "log" else np.nanmin(values, axis=0) > 0
    usable = chosen & able
    if usable.any():
        values[:, usable] = (logged if method == "log" else box_coxed)(values[:, usable])
        how[usable] = method
    return chosen & ~able


def _broken(found: Moments, limits: Limits) -> NDArray[np.bool_]:
    return (np.abs(found.skewness) > limits.skewness) & (found.kurtosis > limits.kurtosis)


def _likelihood(x: Floats, power: float | Floats) -> Floats:
    n = np.isfinite(x).sum(axis=0)
    turned = special.boxcox(x, power)
    away = turned - np.nansum(turned, axis=0) / n
    variance = np.nansum(away**2, axis=0) / n
    return (power - 1) * np.nansum(np.log(x), axis=0) - n / 2 * np.log(variance)
