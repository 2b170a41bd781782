"""Estimates of a sample survey on arrays: weighted mean, total and share, with the error of their design.

Taylor linearisation (Binder 1983, doi 10.2307/1402588; Särndal, Swensson & Wretman 1992,
doi 10.1007/978-1-4612-4378-6) turns every estimate into a sum of scores, and the error follows from how the
scores of the first-stage units vary within their strata. Compared with R survey (tests/reference).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Floats, Interval
from sosrake_lib.indicators.sample_design import Design, design, domain_freedom, domain_variance

INTERVALS = ("linear_t", "logit_t")
COMPARED_WITH = ("auto", "without_replacement", "with_replacement")


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Estimates of the domains, arrays of one entry a domain (one for the whole sample).

    `size` respondents with a value, `population` sum of their weights, `df` first-stage units minus strata,
    `design_effect` variance over that of a plain random sample, `effective_size` Kish's n.
    """

    value: Floats
    standard_error: Floats
    interval: Interval
    df: Floats
    design_effect: Floats
    size: Floats
    population: Floats
    effective_size: Floats


def kish_effective_size(weights: ArrayLike) -> float:
    """Say how many equally weighted respondents unequal weights are worth: (Σw)² / Σw².

    Source: Kish (1965), Survey sampling. Raises SosrakeError when the weights sum to 0 or one is negative.

    Examples
    --------
    >>> round(kish_effective_size([1.2, 0.8, 1, 2, 0.5]), 4)
    4.1269
    """
    w = design(weights).weights
    return float(w.sum() ** 2 / (w**2).sum())


def mean(
    values: ArrayLike,
    sample: Design,
    confidence: float = 0.95,
    *,
    domain: ArrayLike | None = None,
    compared_with: str = "auto",
) -> Estimate:
    """Weighted mean Σwy / Σw of each domain.

    Parameters
    ----------
    values : (n,) one value a respondent; NaN = no answer: outside the domain, but still in the design.
    sample : from `design(weights, strata=..., cluster=..., fpc=...)`.
    confidence : two-sided level of the t interval.
    domain : (n,) codes 0, 1, ... of the part of the sample each respondent belongs to; -1 = to none. The
        error of a domain counts that its size varies from sample to sample.
    compared_with : sample the design effect compares with, "without_replacement", "with_replacement" or
        "auto" (without where the design has a finite population correction).

    Returns
    -------
    Estimate. A domain without a value has nothing; a constant value has error 0.

    Raises
    ------
    SosrakeError when lengths differ, a value is infinite, or a stratum has one unit and `lonely` is "fail".

    Examples
    --------
    >>> found = mean([3, 4, 5, 2, 4], design([1.2, 0.8, 1, 2, 0.5]))
    >>> print(found.value.round(4), found.standard_error.round(4))
    [3.2364] [0.6372]
    """
    y, used, codes, count = _prepared(values, sample, domain)
    w = sample.weights
    population = _sums(codes, w * used, count)
    value = _over(_sums(codes, w * y * used, count), population)
    scores = np.where(used, w * (y - value[codes]) / population[codes], 0.0)
    return _estimate(value, scores, y, used, codes, count, sample, confidence, compared_with, total=False)


def total(
    values: ArrayLike,
    sample: Design,
    confidence: float = 0.95,
    *,
    domain: ArrayLike | None = None,
    compared_with: str = "auto",
) -> Estimate:
    """Weighted total Σwy of each domain; weights count how many people each respondent stands for.

    Parameters, result and errors as `mean`.

    Examples
    --------
    >>> found = total([1, 0, 1, 1], design([10, 10, 10, 10], fpc=[40] * 4))
    >>> print(found.value, found.standard_error.round(3))
    [30.] [9.487]
    """
    y, used, codes, count = _prepared(values, sample, domain)
    value = _sums(codes, sample.weights * y * used, count)
    value = np.where(_sums(codes, used, count) > 0, value, np.nan)
    scores = np.where(used, sample.weights * y, 0.0)
    return _estimate(value, scores, y, used, codes, count, sample, confidence, compared_with, total=True)


def proportion(
    values: ArrayLike,
    sample: Design,
    confidence: float = 0.95,
    *,
    domain: ArrayLike | None = None,
    compared_with: str = "auto",
    interval: str = "logit_t",
) -> Estimate:
    """Weighted share of respondents with value 1, on the scale 0-1.

    `interval`: "logit_t" (t interval of the log odds, turned back, within 0 and 1, as R svyciprop) or
    "linear_t" (as `mean`). A share of 0 or 1 has no logit interval. Otherwise as `mean`; values other than 0,
    1 and NaN are refused.

    Examples
    --------
    >>> found = proportion([1, 0, 1, 1, 0, 0, 1, 0], design([1.0] * 8))
    >>> print(found.value, found.interval.lower.round(3), found.interval.upper.round(3))
    [0.5] [0.143] [0.857]
    """
    if interval not in INTERVALS:
        raise SosrakeError(f"survey_design.proportion: interval {interval!r}; use {' or '.join(INTERVALS)}")
    y = np.asarray(values, "float64")
    wrong = np.flatnonzero(~np.isnan(y) & (y != 0) & (y != 1))
    if len(wrong):
        raise SosrakeError(
            f"survey_design.proportion: value {y[wrong[0]]:g} of respondent {wrong[0] + 1}; expected 1 (has "
            "it), 0 (has not) or nothing"
        )
    found = mean(y, sample, confidence, domain=domain, compared_with=compared_with)
    if interval == "linear_t":
        return found
    p = np.clip(found.value, 0.0, 1.0)
    inside = (p > 0) & (p < 1)
    safe = np.where(inside, p, 0.5)
    half = _quantile(found.df, confidence) * found.standard_error / (safe * (1 - safe))
    limits = (np.where(inside, special.expit(special.logit(safe) + s * half), np.nan) for s in (-1, 1))
    return Estimate(
        p,
        found.standard_error,
        Interval(*limits),
        found.df,
        found.design_effect,
        found.size,
        found.population,
        found.effective_size,
    )


def _estimate(
    value: Floats,
    scores: Floats,
    y: Floats,
    used: np.ndarray,
    codes: np.ndarray,
    count: int,
    sample: Design,
    confidence: float,
    compared_with: str,
    *,
    total: bool,
) -> Estimate:
    variance = domain_variance(scores, codes, count, sample)
    freedom = domain_freedom(used, codes, count, sample)
    size = _sums(codes, used, count)
    error = np.where(size > 0, np.sqrt(variance), np.nan)
    w = np.where(used, sample.weights, 0.0)
    population = _sums(codes, w, count)
    simple = _simple_variance(y, w, used, codes, count, sample, compared_with)
    simple = simple * population**2 if total else simple
    half = _quantile(freedom, confidence) * error
    return Estimate(
        value,
        error,
        Interval(value - half, value + half),
        freedom,
        _over(np.where(size > 0, variance, np.nan), simple),
        size,
        population,
        _over(population**2, _sums(codes, w**2, count)),
    )


def _simple_variance(
    y: Floats,
    w: Floats,
    used: np.ndarray,
    codes: np.ndarray,
    count: int,
    sample: Design,
    compared_with: str,
) -> Floats:
    """Variance of a mean in a plain random sample of the same size."""
    if compared_with not in COMPARED_WITH:
        raise SosrakeError(f"survey_design: compared_with {compared_with!r}; use {', '.join(COMPARED_WITH)}")
    n = _sums(codes, used & (w > 0), count)
    population = _sums(codes, w, count)
    middle = _over(_sums(codes, w * y, count), population)
    squares = _over(_sums(codes, w * (y - middle[codes]) ** 2, count), population)
    without = compared_with == "without_replacement" or (compared_with == "auto" and sample.finite)
    left = _over(population - n, population) if without else np.ones(count)
    # n / (n - 1) times the weighted variance, over n.
    return _over(squares * left, n - 1)


def _prepared(
    values: ArrayLike, sample: Design, domain: ArrayLike | None
) -> tuple[Floats, np.ndarray, np.ndarray, int]:
    y = np.asarray(values, "float64")
    codes = np.zeros(y.shape, "int64") if domain is None else np.asarray(domain, "int64")
    if y.shape != sample.weights.shape or codes.shape != y.shape:
        raise SosrakeError(
            f"survey_design: values have shape {y.shape}, domain {codes.shape}, weights "
            f"{sample.weights.shape}; give one of each per respondent"
        )
    if np.isinf(y).any():
        row = int(np.flatnonzero(np.isinf(y))[0])
        raise SosrakeError(f"survey_design: the value of respondent {row + 1} is infinite; leave it empty")
    used = ~np.isnan(y) & (codes >= 0)
    count = int(codes.max(initial=0)) + 1
    return np.where(used, y, 0.0), used, np.where(codes >= 0, codes, 0), count


def _quantile(freedom: Floats, confidence: float) -> Floats:
    able = freedom >= 1
    share = 0.5 + one_level(confidence) / 2
    return np.where(able, special.stdtrit(np.where(able, freedom, 1.0), share), np.nan)


def _over(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=np.asarray(below) > 0)


def _sums(codes: np.ndarray, weights: np.ndarray, count: int) -> Floats:
    """Sum `weights` by code."""
    return np.bincount(codes, weights, count).astype("float64")
