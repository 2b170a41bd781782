"""Agreement of coders in numbers: tables and counts in, kappas and their variances out.

Tables of two raters are (..., codes, codes) in counts or shares; counts of many raters are (units, codes);
ratings are (units, raters) of code numbers 0, 1, ... Weights of units are (replicates, units).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sosrake_lib.indicators.intervals import Floats

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TwoRaters:
    """Kappa of two raters with what it is made of; `null` and `asymptotic` are variances."""

    kappa: Floats
    observed: Floats
    expected: Floats
    null: Floats
    asymptotic: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ManyRaters:
    """Kappa of many raters with standard errors under no agreement, in all and per code."""

    kappa: float
    error: float
    by_code: Floats
    code_error: Floats


def agreement_weights(codes: int, kind: str) -> Floats:
    """Weights of agreement between codes: 1 on the diagonal, less the further apart two codes are.

    "none": 0 off the diagonal; "linear" ("equal"): 1 - |i - j|/(k - 1); "quadratic" ("squared"):
    1 - (i - j)²/(k - 1)².

    Examples
    --------
    >>> print(agreement_weights(3, "linear")[0])
    [1.  0.5 0. ]
    """
    if kind in ("none", "unweighted") or codes < 2:
        return np.eye(codes)
    apart = np.abs(np.arange(codes)[:, None] - np.arange(codes)) / (codes - 1)
    return 1 - (apart if kind in ("linear", "equal") else apart**2)


def cross_table(first: Codes, second: Codes, codes: int) -> Floats:
    """Count pairs of codes: (codes, codes), first rater in rows."""
    cells = np.bincount(first * codes + second, minlength=codes * codes)
    return cells.reshape(codes, codes).astype("float64")


def two_raters(tables: Floats, weights: Floats) -> TwoRaters:
    """Weighted kappa of tables, with the variance under no agreement and the asymptotic one.

    Formula: (pₒ - pₑ)/(1 - pₑ), pₒ = Σ w p, pₑ = Σ w pᵢ. p.ⱼ. Variances: Fleiss, Cohen & Everitt (1969),
    doi 10.1037/h0028106, with row and column means of the weights. NaN when pₑ is 1 (one code only).
    """
    total = tables.sum(axis=(-2, -1))
    safe = np.where(total > 0, total, 1.0)
    p = tables / safe[..., None, None]
    row, column = p.sum(axis=-1), p.sum(axis=-2)
    by_chance = row[..., :, None] * column[..., None, :]
    observed = (weights * p).sum(axis=(-2, -1))
    expected = (weights * by_chance).sum(axis=(-2, -1))
    able = (total > 0) & (1 - expected > 1e-12)
    rest = np.where(able, 1 - expected, np.nan)
    # Mean weight a rater's code meets in the other rater's codes.
    mean = (column @ weights.T)[..., :, None] + (row @ weights)[..., None, :]
    null = (by_chance * (weights - mean) ** 2).sum(axis=(-2, -1)) - expected**2
    spread = weights * rest[..., None, None] - mean * (1 - observed)[..., None, None]
    centre = observed * expected - 2 * expected + observed
    asymptotic = (p * spread**2).sum(axis=(-2, -1)) - centre**2
    return TwoRaters(
        kappa=(observed - expected) / rest,
        observed=observed,
        expected=expected,
        null=np.maximum(null, 0.0) / (safe * rest**2),
        asymptotic=np.maximum(asymptotic, 0.0) / (safe * rest**4),
    )


def counts_of(ratings: Codes, codes: int) -> Floats:
    """Count for each unit how many raters gave each code: (units, codes)."""
    units = len(ratings)
    places = ratings + codes * np.arange(units)[:, None]
    return np.bincount(places.ravel(), minlength=units * codes).reshape(units, codes).astype("float64")


def fleiss_many(counts: Floats, weights: Floats) -> Floats:
    """Fleiss' kappa for each row of unit weights; every unit has as many ratings. NaN when one code is used.

    Formula: P = mean of Σ x(x - 1)/(m(m - 1)), Pₑ = Σ p². Source: Fleiss (1971), doi 10.1037/h0031619.
    """
    raters = counts[0].sum()
    agree = (counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))
    units = weights.sum(axis=1)
    shares = weights @ counts / (units * raters)[:, None]
    return _chance_corrected(weights @ agree / units, (shares**2).sum(axis=1))


def fleiss(counts: Floats) -> ManyRaters:
    """Fleiss' kappa, in all and per code, with standard errors under no agreement.

    Source: Fleiss (1971), doi 10.1037/h0031619; errors: Fleiss, Nee & Landis (1979),
    doi 10.1037/0033-2909.86.5.974. A code nobody used has no kappa (NaN).
    """
    units, raters = len(counts), counts[0].sum()
    p = counts.sum(axis=0) / (units * raters)
    q, pairs = 1 - p, units * raters * (raters - 1)
    apart = (counts * (raters - counts)).sum(axis=0)
    used = p * q > 0
    by_code = np.where(used, 1 - apart / np.where(used, pairs * p * q, 1.0), np.nan)
    spread = (p * q).sum()
    inside = max(spread**2 - (p * q * (q - p)).sum(), 0.0)
    error = np.sqrt(2 / pairs) * np.sqrt(inside) / spread if spread > 0 else np.nan
    kappa = fleiss_many(counts, np.ones((1, units)))[0]
    return ManyRaters(float(kappa), float(error), by_code, np.where(used, np.sqrt(2 / pairs), np.nan))


def conger_many(ratings: Codes, codes: int, weights: Floats) -> Floats:
    """Conger's exact kappa for each row of unit weights: chance from each rater's own use of codes.

    Formula: as Fleiss, with Pₑ = Σ (p̄² - s²/m), s² the variance of a code's share between m raters. Source:
    Conger (1980), doi 10.1037/0033-2909.88.2.322.
    """
    units, raters = ratings.shape
    counts = counts_of(ratings, codes)
    agree = (counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))
    one_hot = (ratings[:, :, None] == np.arange(codes)).reshape(units, raters * codes).astype("float64")
    sizes = weights.sum(axis=1)
    shares = (weights @ one_hot / sizes[:, None]).reshape(len(weights), raters, codes)
    expected = shares.mean(axis=1) ** 2 - shares.var(axis=1, ddof=1) / raters
    return _chance_corrected(weights @ agree / sizes, expected.sum(axis=1))


def pairwise_agreement(counts: Floats) -> Floats:
    """Share of rater pairs that agree on each unit: (units,); NaN for fewer than two ratings."""
    raters = counts.sum(axis=1)
    able = raters >= 2
    pairs = np.where(able, raters * (raters - 1), 1.0)
    return np.where(able, (counts * (counts - 1)).sum(axis=1) / pairs, np.nan)


def _chance_corrected(observed: Floats, expected: Floats) -> Floats:
    able = 1 - expected > 1e-12
    return np.where(able, (observed - expected) / np.where(able, 1 - expected, 1.0), np.nan)
