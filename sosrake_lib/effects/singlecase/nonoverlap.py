"""Indices of non-overlap in numbers. `a` and `b` are the phases' values, larger = better, without gaps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize, special

from sosrake_lib.effects.change.columns import Floats


def wins(a: Floats, b: Floats) -> Floats:
    """Compare every pair of a and b, (len(a), len(b)): 1 where b is larger, 0.5 where equal, 0 where smaller.

    Examples
    --------
    >>> print(wins(np.array([1.0, 2]), np.array([2.0, 3])))
    [[1.  1. ]
     [0.5 1. ]]
    """
    return (np.sign(b[None, :] - a[:, None]) + 1) / 2


def nap_error(won: Floats, variance: str = "unbiased") -> float:
    """Standard error of NAP.

    Parameters
    ----------
    won : from `wins`, (m, n).
    variance : with Q₁ and Q₂ the mean squares of row and column means around NAP and Q₃ that of pairs,
        "unbiased": (NAP(1 - NAP) + nQ₁ + mQ₂ - 2Q₃)/((m - 1)(n - 1)) (Sen 1967; Mee 1990,
        doi 10.1080/01621459.1990.10474942); "hanley": (NAP(1 - NAP) + (n - 1)Q₁ + (m - 1)Q₂)/mn (Hanley &
        McNeil 1982, doi 10.1148/radiology.143.1.7063747); "null": (m + n + 1)/12mn, when the phases do not
        differ and no values are tied.

    In NAP(1 - NAP) the NAP is kept half a pair off 0 and 1, or phases without overlap would seem to be known
    without error. NaN with one value in a phase ("unbiased").

    Examples
    --------
    >>> print(round(nap_error(wins(np.array([1.0, 2, 4]), np.array([3.0, 4, 5])), "hanley"), 4))
    0.1786
    """
    m, n = won.shape
    if variance == "null":
        return float(np.sqrt((m + n + 1) / (12 * m * n)))
    apart = won - won.mean()
    rows, columns = (apart.mean(axis=1) ** 2).mean(), (apart.mean(axis=0) ** 2).mean()
    off = 1 / (2 * m * n)
    kept = min(max(won.mean(), off), 1 - off)
    if variance == "hanley":
        value = (kept * (1 - kept) + (n - 1) * rows + (m - 1) * columns) / (m * n)
    else:
        value = kept * (1 - kept) + n * rows + m * columns - 2 * (apart**2).mean()
        value = value / ((m - 1) * (n - 1)) if m > 1 and n > 1 else np.nan
    return float(np.sqrt(value)) if value >= 0 else float("nan")


def nap_interval(
    nap: float, m: int, n: int, confidence: float, *, solver: str = "exact"
) -> tuple[float, float]:
    """Score interval of NAP (method 5 of Newcombe 2006, doi 10.1002/sim.2324).

    Formula: the θ at which (NAP - θ)² = z²θ(1 - θ)/mn · [1 + h((1 - θ)/(2 - θ) + θ/(1 + θ))],
    h = (m + n)/2 - 1.

    Parameters
    ----------
    solver : "exact" to the last digit; "coarse" stops searching within 1.2e-4 as R's uniroot does unless told
        otherwise, and so gives the limits that SingleCaseES prints (they differ in the fifth digit).

    Examples
    --------
    >>> lower, upper = nap_interval(11 / 12, 6, 7, 0.95)
    >>> print(round(lower, 4), round(upper, 4))
    0.5973 0.986
    """
    z = special.ndtri(0.5 + confidence / 2)
    h = (m + n) / 2 - 1

    def distance(x: float) -> float:
        among = 2 + h + (1 + 2 * h) * x * (1 - x)
        return m * n * (x - nap) ** 2 * (2 - x) * (1 + x) - z**2 * x * (1 - x) * among

    # At the ends of the scale NAP itself is a root; the limit sought lies well inside.
    below = (0.0, nap if nap < 1 else 1 - 1e-9)
    above = (nap if nap > 0 else 1e-9, 1.0)
    find = brent_root if solver == "coarse" else _exact_root
    lower = 0.0 if nap == 0 else find(distance, *below)
    upper = 1.0 if nap == 1 else find(distance, *above)
    return lower, upper


def _exact_root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.brentq(function, low, high, xtol=1e-14, rtol=8.9e-16))


def brent_root(
    function: Callable[[float], float], low: float, high: float, tolerance: float = 2.0**-13
) -> float:
    """Root by Brent's zeroin (1973), stopping as soon as the bracket is within the tolerance.

    2⁻¹³ is the fourth root of the double's precision, the tolerance R's uniroot takes by itself.

    Examples
    --------
    >>> print(round(brent_root(lambda x: x**2 - 2, 0, 2), 3))
    1.414
    """
    a, b = low, high
    fa, fb = function(a), function(b)
    c, fc = a, fa
    while True:
        before = b - a
        if abs(fc) < abs(fb):
            a, b, c, fa, fb, fc = b, c, b, fb, fc, fb
        within = 2 * np.finfo(float).eps * abs(b) + tolerance / 2
        half = (c - b) / 2
        if abs(half) <= within or fb == 0:
            return float(b)
        step = half
        if abs(before) >= within and abs(fa) > abs(fb):
            p, q = _interpolated(a, b, c, fa, fb, fc)
            if p < 0.75 * (c - b) * q - abs(within * q) / 2 and p < abs(before * q / 2):
                step = p / q
        if abs(step) < within:
            step = within if step > 0 else -within
        a, fa = b, fb
        b += step
        fb = function(b)
        if (fb > 0) == (fc > 0):
            c, fc = a, fa


def _interpolated(a: float, b: float, c: float, fa: float, fb: float, fc: float) -> tuple[float, float]:
    """Step p/q of the secant (two points) or of inverse quadratic interpolation (three)."""
    gap = c - b
    if a == c:
        ratio = fb / fa
        p, q = gap * ratio, 1 - ratio
    else:
        q, first, second = fa / fc, fb / fc, fb / fa
        p = second * (gap * q * (q - first) - (b - a) * (first - 1))
        q = (q - 1) * (first - 1) * (second - 1)
    return (p, -q) if p > 0 else (-p, q)


def pnd(a: Floats, b: Floats) -> float:
    """Share of b above every a (Scruggs, Mastropieri & Casto 1987)."""
    return float((b > a.max()).mean())


def pem(a: Floats, b: Floats) -> float:
    """Share of b above the median of a, ties counted half (Ma 2006)."""
    middle = np.median(a)
    return float(((np.sign(b - middle) + 1) / 2).mean())


def pand(a: Floats, b: Floats) -> float:
    """Largest share of values that can stay so that every b kept is above every a kept (Parker et al. 2007).

    Examples
    --------
    >>> pand(np.array([1.0, 2, 5]), np.array([4.0, 6]))
    0.8
    """
    low, high = np.sort(a), np.sort(b)[::-1]
    # low[i - 1] is the largest of the i smallest a; how many b are above it?
    kept = np.arange(1, len(a) + 1) + (high[None, :] > low[:, None]).sum(axis=1)
    return float(max(kept.max(), len(b), len(a)) / (len(a) + len(b)))


def ird(a: Floats, b: Floats) -> float:
    """Robust improvement rate difference, from PAND (Parker, Vannest & Davis 2011).

    Formula: 1 - (m + n)²/2mn · (1 - PAND).
    """
    m, n = len(a), len(b)
    return float(1 - (m + n) ** 2 / (2 * m * n) * (1 - pand(a, b)))


def smd(a: Floats, b: Floats, spread: str = "baseline") -> tuple[float, float]:
    """Standardised difference of the phases' means within the case, bias-corrected, with standard error.

    `spread` "baseline": by the deviation of a, J = 1 - 3/(4m - 5), error J√(1/m + s_b²/(n s_a²)
    + d²/(2(m - 1))); "pooled": by both, J = 1 - 3/(4(m + n) - 9). Never compared with effects between groups.
    NaN where the deviation is 0. Source: Pustejovsky (2019), doi 10.1037/met0000179.
    """
    m, n = len(a), len(b)
    first, second = float(a.var(ddof=1)), float(b.var(ddof=1))
    pooled = spread == "pooled"
    freedom = m + n - 2 if pooled else m - 1
    variance = ((m - 1) * first + (n - 1) * second) / freedom if pooled else first
    if not variance > 0:
        return float("nan"), float("nan")
    correction = 1 - 3 / (4 * freedom - 1)
    d = correction * float(b.mean() - a.mean()) / np.sqrt(variance)
    sampling = 1 / m + (1 / n if pooled else second / (n * first))
    return float(d), float(correction * np.sqrt(sampling + d**2 / (2 * freedom)))
