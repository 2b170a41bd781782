"""Standardised sizes of the change of the same people: dz, SMCR, SMCC, with variances and intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.effects.change.columns import Floats, need_share
from sosrake_lib.errors import SosrakeError


@dataclass(frozen=True, slots=True)
class PairedSizes:
    """Sizes of a mean change, each in deviations of something else.

    Attributes
    ----------
    n, correlation : pairs, and of before with after.
    mean_change, sd_change, lower, upper, t, df, p_value : of the change itself, t interval and test.
    dz, dz_lower, dz_upper : change / deviation of changes; interval from the noncentral t distribution.
    smcr, smcr_variance, smcr_lower, smcr_upper : change / deviation before, bias-corrected: comparable with
        effects between groups.
    smcc, smcc_variance, smcc_lower, smcc_upper : change / deviation of changes, bias-corrected: larger the
        better before and after correlate.
    """

    n: int
    correlation: float
    mean_change: float
    sd_change: float
    lower: float
    upper: float
    t: float
    df: int
    p_value: float
    dz: float
    dz_lower: float
    dz_upper: float
    smcr: float
    smcr_variance: float
    smcr_lower: float
    smcr_upper: float
    smcc: float
    smcc_variance: float
    smcc_lower: float
    smcc_upper: float


def paired_sizes(before: ArrayLike, after: ArrayLike, confidence: float = 0.95) -> PairedSizes:
    """Sizes of the mean change of the same people.

    Parameters
    ----------
    before, after : scores in the same order of people; pairs with NaN are left out.

    Formula: SMCR = J d̄/s₁, variance 2(1 - r)/n + g²/2n; SMCC = J d̄/s_d, variance 1/n + g²/2n;
    J = Γ(m/2)/(√(m/2) Γ((m - 1)/2)), m = n - 1. Source: Becker (1988),
    doi 10.1111/j.2044-8317.1988.tb00901.x; Morris & DeShon (2002), doi 10.1037/1082-989X.7.1.105. Definitions
    and figures as R metafor escalc (SMCR, SMCC); dz as R effectsize (tests/reference/outcomes.csv).

    Raises
    ------
    SosrakeError with lists of different length, fewer than three pairs, or scores or changes all alike.

    Examples
    --------
    >>> found = paired_sizes([18, 22, 15, 25, 19], [14, 20, 15, 18, 12])
    >>> print(round(found.dz, 3), round(found.smcr, 3), round(found.smcc, 3))
    -1.298 -0.832 -1.035
    """
    need_share(confidence, "confidence", "paired_sizes")
    first, second = _pairs(before, after)
    change, n = second - first, len(first)
    mean, spread = float(change.mean()), float(change.std(ddof=1))
    correlation = float(np.corrcoef(first, second)[0, 1]) if np.ptp(second) > 0 else 0.0
    error = spread / np.sqrt(n)
    half = special.stdtrit(n - 1, 0.5 + confidence / 2) * error
    t = mean / error
    low, high = dz_interval(t, n, confidence)
    correction = bias_correction(n - 1)
    smcr = correction * mean / float(first.std(ddof=1))
    smcc = correction * mean / spread
    of_smcr = 2 * (1 - correlation) / n + smcr**2 / (2 * n)
    of_smcc = 1 / n + smcc**2 / (2 * n)
    z = special.ndtri(0.5 + confidence / 2)
    return PairedSizes(
        n=n,
        correlation=correlation,
        mean_change=mean,
        sd_change=spread,
        lower=float(mean - half),
        upper=float(mean + half),
        t=float(t),
        df=n - 1,
        p_value=float(2 * special.stdtr(n - 1, -abs(t))),
        dz=mean / spread,
        dz_lower=low,
        dz_upper=high,
        smcr=smcr,
        smcr_variance=of_smcr,
        smcr_lower=float(smcr - z * np.sqrt(of_smcr)),
        smcr_upper=float(smcr + z * np.sqrt(of_smcr)),
        smcc=smcc,
        smcc_variance=of_smcc,
        smcc_lower=float(smcc - z * np.sqrt(of_smcc)),
        smcc_upper=float(smcc + z * np.sqrt(of_smcc)),
    )


def bias_correction(freedom: float) -> float:
    """Hedges' exact correction of a standardised mean for small samples.

    Examples
    --------
    >>> print(round(bias_correction(9), 4))
    0.9139
    """
    return float(
        np.exp(special.gammaln(freedom / 2) - special.gammaln((freedom - 1) / 2)) / np.sqrt(freedom / 2)
    )


def dz_interval(t: float, n: int, confidence: float) -> tuple[float, float]:
    """Interval of dz from the noncentral t distribution of its t.

    Examples
    --------
    >>> low, high = dz_interval(4.06212768338204, 10, 0.95)
    >>> print(round(low, 4), round(high, 4))
    0.4146 2.118
    """
    tail = (1 - confidence) / 2
    low, high = (special.nctdtrinc(n - 1, level, t) / np.sqrt(n) for level in (1 - tail, tail))
    return float(low), float(high)


def _pairs(before: ArrayLike, after: ArrayLike) -> tuple[Floats, Floats]:
    first, second = (np.asarray(scores, dtype="float64") for scores in (before, after))
    if first.ndim != 1 or first.shape != second.shape:
        raise SosrakeError(
            f"paired_sizes: shapes {first.shape} and {second.shape}; expected two lists of the same people"
        )
    both = np.isfinite(first) & np.isfinite(second)
    first, second = first[both], second[both]
    if len(first) < 3:
        raise SosrakeError(f"paired_sizes: {len(first)} people have both scores; expected three or more")
    for name, values in (("before", first), ("change", second - first)):
        if np.ptp(values) == 0:
            raise SosrakeError(
                f"paired_sizes: {name} is {values[0]:g} for everyone; a size in deviations needs variation"
            )
    return first, second
