"""Measures of inequality on arrays: Gini, Theil, generalised entropy, Atkinson, variation; all weighted.

Each measure is a closed form of values sorted once and of weights, so that the bootstrap and the jackknife
are other weights (`resampling`). Inside, a kernel takes sorted values (g, n) and weights (g, m, n) for g
groups and m replicates and gives (g, m). The public functions take plain lists, check them and give one
number.

All measures here are relative: doubling every value changes nothing. They are 0 when all are equal, also when
all are 0. Weights count people: a weight of 3 is three people with the same value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.intervals import Floats

Kernel = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """Checked values in ascending order with their weights and the places they came from."""

    values: Floats
    weights: Floats
    order: np.ndarray


def gini(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    corrected: bool = False,
    negative: str = "refuse",
    per: float = 1.0,
) -> float:
    """Gini coefficient: how unequally is the whole shared? 0 all the same, towards 1 one has everything.

    Formula: Σ wᵢ xᵢ (2 Cᵢ - wᵢ) / (Σw · Σwx) - 1, x ascending, C the cumulative weight. It equals half the
    mean difference between two people over the mean, and the area between the Lorenz curve and the diagonal,
    twice.

    Parameters
    ----------
    values : any unit, not negative.
    weights : people behind each value, or survey weights; left out, 1 each.
    negative : "refuse", or "keep" values below 0 (the Gini may then pass 1).
    per : scale of the answer, 100 for per cent.
    corrected : multiply by n/(n - 1), n the values with weight above 0: for a small unweighted sample.

    Notes
    -----
    Forks: this is the population form (R reldist, ineq, IC2). R laeken writes the same number, times 100, as
    100 ((2 Σ w x C - Σ w² x)/(Σw Σwx) - 1). The corrected form is ineq's `corr=TRUE`.

    Raises
    ------
    SosrakeError for negative, missing or infinite values, negative weights, weights that sum to 0.

    Sources: Gini (1912); Lerman & Yitzhaki (1989), doi 10.1016/0304-4076(89)90028-1. Compared with R ineq,
    IC2, laeken, and with Diak's published Ginis (tests/reference/inequality.csv, tests/test_inequality.py).

    Examples
    --------
    >>> print(round(gini([10, 20, 30, 40, 50]), 4), round(gini([10, 20, 30, 40, 50], corrected=True), 4))
    0.2667 0.3333
    """
    _refuse_unless(
        negative in ("refuse", "keep"), f"inequality.gini: negative {negative!r}; use refuse or keep"
    )
    data = ordered(values, weights, "inequality.gini", negative=negative == "keep")
    found = per * one(gini_kernel, data)
    return found * correction(len(data.values)) if corrected else found


def theil_t(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Theil's T: Σ p (x/μ) ln(x/μ), p the share of people; most sensitive to the top.

    0 for equality, at most ln n; a value of 0 adds 0. Parts within and between groups add up
    (`inequality_decomposition.theil`). Source: Theil (1967) Economics and information theory; Shorrocks
    (1980), doi 10.2307/1913126. Compared with R ineq (`Theil(parameter=0)`) and IC2.

    Examples
    --------
    >>> print(round(theil_t([10, 20, 30, 40, 50]), 6))
    0.119688
    """
    return one(entropy_kernel(1.0), ordered(values, weights, "inequality.theil_t"))


def theil_l(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Theil's L, the mean log deviation: Σ p ln(μ/x); most sensitive to the bottom.

    Infinite when a value is 0. Compared with R ineq (`Theil(parameter=1)`) and IC2 (`calcGEI(alpha=0)`).

    Examples
    --------
    >>> print(round(theil_l([10, 20, 30, 40, 50]), 6))
    0.141114
    """
    return one(entropy_kernel(0.0), ordered(values, weights, "inequality.theil_l"))


def entropy(values: ArrayLike, weights: ArrayLike | None = None, *, alpha: float = 2.0) -> float:
    """Generalised entropy GE(α) = (Σ p (x/μ)^α - 1) / (α(α - 1)); α = 1 is Theil's T, α = 0 Theil's L.

    GE(2) is half the squared coefficient of variation. Source: Shorrocks (1980), doi 10.2307/1913126. R
    ineq's `entropy` and IC2's `calcGEI` agree with this scale.

    Examples
    --------
    >>> print(round(entropy([10, 20, 30, 40, 50], [5, 4, 3, 2, 1], alpha=2), 6))
    0.142857
    """
    return one(entropy_kernel(alpha), ordered(values, weights, "inequality.entropy"))


def atkinson(values: ArrayLike, weights: ArrayLike | None = None, *, epsilon: float = 0.5) -> float:
    """Atkinson's index: the share of the whole that could be given up if the rest were shared equally.

    Formula: 1 - (Σ p (x/μ)^(1-ε))^(1/(1-ε)); ε = 1: 1 - exp(Σ p ln(x/μ)). The larger ε, aversion to
    inequality, the more the bottom counts. With a value of 0 and ε ≥ 1 it is 1. Source: Atkinson (1970),
    doi 10.1016/0022-0531(70)90039-6. Compared with R ineq and IC2.

    Examples
    --------
    >>> print(round(atkinson([10, 20, 30, 40, 50], [5, 4, 3, 2, 1], epsilon=2), 6))
    0.261084
    """
    return one(atkinson_kernel(epsilon), ordered(values, weights, "inequality.atkinson"))


def variation(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Coefficient of variation: standard deviation over the mean.

    The divisor is n, as in R ineq; most packages use n - 1.

    Examples
    --------
    >>> print(round(variation([10, 20, 30, 40, 50]), 6))
    0.471405
    """
    return one(variation_kernel, ordered(values, weights, "inequality.variation"))


def one(kernel: Kernel, data: Sorted) -> float:
    """Give a kernel's single number for one list of sorted values."""
    return float(kernel(data.values[None], data.weights[None, None])[0, 0])


def ordered(
    values: ArrayLike,
    weights: ArrayLike | None,
    where: str,
    *,
    negative: bool = False,
    by: ArrayLike | None = None,
) -> Sorted:
    """Check values and weights, drop weightless ones and sort by value (or `by`).

    Raises
    ------
    SosrakeError naming the place and the value: shape, missing, infinite, negative, no weight at all.
    """
    x = np.asarray(values, dtype="float64")
    w = np.ones(x.shape) if weights is None else np.asarray(weights, dtype="float64")
    if x.ndim != 1 or x.size == 0:
        raise SosrakeError(f"{where}: values has shape {x.shape}; expected a list of at least one number")
    if w.shape != x.shape:
        raise SosrakeError(f"{where}: {w.size} weights for {x.size} values; give one weight per value")
    _refuse_first(~np.isfinite(x), x, where, "values", "leave missing values out first, or impute them")
    _refuse_first(~np.isfinite(w), w, where, "weights", "give a number of people, 0 leaves the value out")
    _refuse_first(w < 0, w, where, "weights", "a weight counts people and cannot be negative")
    if not w.sum() > 0:
        raise SosrakeError(f"{where}: the weights sum to 0; nobody is left to compare, check the weights")
    key = x if by is None else np.asarray(by, dtype="float64")
    present = np.flatnonzero(w > 0)
    if not negative:
        _refuse_first(
            (x < 0) & (w > 0),
            x,
            where,
            "values",
            "this measure needs values of 0 or more: use another measure",
        )
    order = present[np.argsort(key[present], kind="stable")]
    return Sorted(x[order], w[order], order)


def _refuse_first(wrong: np.ndarray, given: Floats, where: str, what: str, advice: str) -> None:
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise SosrakeError(f"{where}: {what}[{place}] is {given[place]:g}; {advice}")


def correction(n: int) -> float:
    """Factor n/(n - 1) of the corrected Gini; 1 for a single value, whose Gini is 0."""
    return n / (n - 1) if n > 1 else 1.0


def settled(x: Floats, found: Floats, equal: float = 0.0) -> Floats:
    """Give exactly `equal` to groups (g, n) in which all values are the same; rounding, and 0/0, end here."""
    same = x.max(axis=-1) == x.min(axis=-1)
    return np.where(same[:, None], equal, found)


def gini_kernel(x: Floats, w: Floats) -> Floats:
    """Gini of sorted x (g, n) under weights (g, m, n); NaN where the weight or the whole is 0."""
    cumulative = np.cumsum(w, axis=-1)
    weighted = w * x[:, None, :]
    whole = cumulative[..., -1] * weighted.sum(axis=-1)
    cumulative *= 2
    cumulative -= w
    twice = np.einsum("gmn,gmn->gm", weighted, cumulative)
    return settled(x, over(twice, whole) - 1)


def entropy_kernel(alpha: float) -> Kernel:
    """Make the kernel of GE(α): matrix products of weights with 1, x and x^α (or x ln x, ln x)."""
    _refuse_unless(
        np.isfinite(alpha), f"inequality.entropy: alpha {alpha!r}; give a number, such as 0, 1 or 2"
    )

    def kernel(x: Floats, w: Floats) -> Floats:
        y, zero = _scaled(x)
        people, whole, power = sums(w, np.ones_like(y), y, _power(y, alpha))
        mean = over(whole, people)
        with np.errstate(divide="ignore", invalid="ignore"):
            if alpha == 1:
                found = over(power, whole) - np.log(mean)
            elif alpha == 0:
                found = np.log(mean) - over(power, people)
            else:
                found = (over(power, people) / mean**alpha - 1) / (alpha * (alpha - 1))
        if alpha <= 0 and zero.any():
            found = np.where(sums(w, zero)[0] > 0, np.inf, found)
        return settled(x, np.maximum(found, 0))

    return kernel


def atkinson_kernel(epsilon: float) -> Kernel:
    """Make the kernel of Atkinson's index for one aversion ε > 0."""
    _refuse_unless(
        np.isfinite(epsilon) and epsilon > 0,
        f"inequality.atkinson: epsilon {epsilon!r}; give an aversion above 0, such as 0.5, 1 or 2",
    )

    def kernel(x: Floats, w: Floats) -> Floats:
        y, zero = _scaled(x)
        people, whole, power = sums(w, np.ones_like(y), y, _power(y, 1 - epsilon))
        mean = over(whole, people)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            share = over(power, people)
            even = np.exp(share) if epsilon == 1 else share ** (1 / (1 - epsilon))
            found = 1 - even / mean
        if epsilon >= 1 and zero.any():
            found = np.where(sums(w, zero)[0] > 0, 1.0, found)
        return settled(x, np.clip(found, 0, 1))

    return kernel


def variation_kernel(x: Floats, w: Floats) -> Floats:
    """Coefficient of variation under weights (g, m, n), divisor n."""
    middle = x.mean(axis=-1, keepdims=True)
    apart = x - middle
    people, first, second = sums(w, np.ones_like(x), apart, apart**2)
    shift = over(first, people)
    spread = np.sqrt(np.maximum(over(second, people) - shift**2, 0))
    return settled(x, over(spread, middle + shift))


def _refuse_unless(fine: bool, message: str) -> None:
    if not fine:
        raise SosrakeError(message)


def _scaled(x: Floats) -> tuple[Floats, Floats]:
    """Bring values to 0-1 so that powers stay finite (relative measures do not notice); mark the zeros."""
    top = x.max(axis=-1, keepdims=True)
    return x / np.where(top > 0, top, 1.0), (x == 0).astype("float64")


def _power(y: Floats, exponent: float) -> Floats:
    """Give y^exponent; y ln y for 1 and ln y for 0 (the limits); 0 in place of an infinite power of 0."""
    if exponent == 1:
        return special.xlogy(y, y)
    safe = np.where(y > 0, y, 1.0)
    return np.where(y > 0, np.log(safe) if exponent == 0 else safe**exponent, 0.0)


def sums(w: Floats, *columns: Floats) -> tuple[Floats, ...]:
    """Sum each column (g, n) under the weights (g, m, n): one matrix product for all."""
    return tuple(np.moveaxis(w @ np.stack(columns, axis=-1), -1, 0))


def over(top: Floats, bottom: Floats) -> Floats:
    """Divide, and give nothing (NaN) where the bottom is not above 0."""
    shape = np.broadcast(top, bottom).shape
    return np.divide(top, bottom, out=np.full(shape, np.nan), where=np.broadcast_to(bottom > 0, shape))
