"""Ratio kernels: how many times as high is a rate, a share or the odds here as there? Limits and p-values.

Scalars, lists (None is absent) or arrays that broadcast together; the first group over the other. Counts
below zero, infinite ones and denominators that are not above zero are refused. A ratio over nothing is
infinite, 0 over 0 is absent (its exact limits, 0 and infinity, say that nothing is known). Frames:
`comparison.ratio`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import exact_binomial
from sosrake_lib.indicators.interval_form import (
    Floats,
    Interval,
    checked_level,
    floats,
    normal_quantile,
    refuse,
    refuse_counts,
    refuse_sizes,
)
from sosrake_lib.indicators.proportion_intervals import clopper_pearson
from sosrake_lib.indicators.score_ratio import koopman, score

RATE_METHODS = ("exact", "mid_p", "log_normal")
RISK_METHODS = ("score", "log_normal")
ODDS_METHODS = ("woolf", "haldane")
ALTERNATIVES = ("two_sided", "greater", "less")


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A ratio with its limits and the p-value of the null ratio, arrays of one shape."""

    ratio: Floats
    lower: Floats
    upper: Floats
    p_value: Floats


def rate_ratio(
    count: ArrayLike,
    person_time: ArrayLike,
    other_count: ArrayLike,
    other_person_time: ArrayLike,
    confidence: ArrayLike = 0.95,
    method: str = "exact",
    *,
    null_ratio: ArrayLike = 1.0,
    alternative: str = "two_sided",
) -> Ratio:
    """Ratio of two rates of events, (x/t) / (y/u).

    Parameters
    ----------
    count, person_time, other_count, other_person_time : events, and the people or person-years behind them.
    method : "exact": given x + y events, x is binomial with the share ρt/(ρt + u) when the true ratio is ρ;
        Clopper-Pearson limits of that share are turned into limits of ρ, and the two-sided p-value adds up
        all outcomes at most as likely as the one seen (the rule of R poisson.test).
        "mid_p": the same, with half of the outcome's own probability in each tail; less wide, and on average
        as covering as promised; the p-value is twice the smaller tail.
        "log_normal" (Wald): exp(log ρ ± z √(1/x + 1/y)); no limits when a count is 0.
    null_ratio : ratio the p-value tests.
    alternative : "two_sided", "greater" or "less" (than the null ratio); one-sided limits leave one end open.

    Returns
    -------
    `Ratio`. Counts that are not whole have limits but no exact p-value.

    Sources: Przyborowski & Wilenski (1940), doi 10.1093/biomet/31.3-4.313; Breslow & Day (1987), IARC;
    compared with R stats::poisson.test and statsmodels.

    Examples
    --------
    >>> found = rate_ratio(11, 800, 6, 1083)
    >>> print(*(round(float(x), 4) for x in (found.ratio, found.lower, found.upper, found.p_value)))
    2.4819 0.8413 8.1732 0.0845
    """
    where = "ratios.rate_ratio"
    _known(method, RATE_METHODS, where, "method")
    _known(alternative, ALTERNATIVES, where, "alternative")
    level = _sided_level(confidence, alternative)
    x, t, y, u, null, level = floats(count, person_time, other_count, other_person_time, null_ratio, level)
    _check_groups(x, t, y, u, where)
    refuse_sizes(null, where, "null_ratio")
    ratio = _divided(x * u, y * t)
    if method == "log_normal":
        with np.errstate(divide="ignore"):
            error = np.sqrt(1 / x + 1 / y)
        found, p_value = _log_normal(ratio, error, level, null, alternative)
    else:
        ends = _exact_shares(x, y, level) if method == "exact" else _mid_p_shares(x, y, level)
        found = Interval(*(_divided(share * u, (1 - share) * t) for share in (ends.lower, ends.upper)))
        share = null * t / (null * t + u)
        p_value = (
            _exact_p(x, y, share, alternative) if method == "exact" else _mid_p(x, y, share, alternative)
        )
    return _with_open_end(ratio, found, p_value, alternative)


def risk_ratio(
    numerator: ArrayLike,
    denominator: ArrayLike,
    other_numerator: ArrayLike,
    other_denominator: ArrayLike,
    confidence: ArrayLike = 0.95,
    method: str = "score",
    *,
    null_ratio: ArrayLike = 1.0,
) -> Ratio:
    """Ratio of two proportions, (x/n) / (y/m).

    Parameters
    ----------
    method : "score" (Koopman): the ratios that the chi-square test of the two groups does not reject; has
        limits also when a count is 0 or everybody is a case. "log_normal" (Katz):
        exp(log ρ ± z √(1/x - 1/n + 1/y - 1/m)); no limits when a count is 0 or everybody is a case.
    null_ratio : ratio the p-value tests: by the same score, or by the normal distribution of log ρ.

    Sources: Koopman (1984), doi 10.2307/2531405; Katz et al. (1978), doi 10.2307/2530610; compared with
    statsmodels, scipy and the example of Koopman's paper.

    Examples
    --------
    >>> found = risk_ratio(36, 40, 16, 80)  # the paper's example
    >>> print(*(round(float(x), 2) for x in (found.ratio, found.lower, found.upper)))
    4.5 2.94 7.15
    """
    where = "ratios.risk_ratio"
    _known(method, RISK_METHODS, where, "method")
    level = checked_level(confidence)
    x, n, y, m, null, level = floats(
        numerator, denominator, other_numerator, other_denominator, null_ratio, level
    )
    _check_groups(x, n, y, m, where)
    refuse(x, x > n, where, "count", "at most its denominator")
    refuse(y, y > m, where, "other count", "at most its denominator")
    refuse_sizes(null, where, "null_ratio")
    ratio = _divided(x * m, y * n)
    if method == "log_normal":
        with np.errstate(divide="ignore"):
            error = np.sqrt(1 / x - 1 / n + 1 / y - 1 / m)
        found, p_value = _log_normal(ratio, error, level, null, "two_sided")
    else:
        flat = koopman(*(np.atleast_1d(part) for part in (x, n, y, m, level)))
        found = Interval(flat.lower.reshape(x.shape), flat.upper.reshape(x.shape))
        p_value = 2 * special.ndtr(-np.abs(score(np.log(null), x, n, y, m)))
    return Ratio(ratio, found.lower, found.upper, p_value)


def odds_ratio(
    numerator: ArrayLike,
    denominator: ArrayLike,
    other_numerator: ArrayLike,
    other_denominator: ArrayLike,
    confidence: ArrayLike = 0.95,
    method: str = "woolf",
) -> Ratio:
    """Ratio of two odds, x(m - y) / (y(n - x)), with log-normal limits.

    Parameters
    ----------
    method : "woolf": exp(log ratio ± z √(1/x + 1/(n-x) + 1/y + 1/(m-y))), no limits when one of the four is
        0; "haldane": the same after adding a half to each of the four.

    Source: Woolf (1955), doi 10.1111/j.1469-1809.1955.tb01348.x; compared with statsmodels Table2x2.

    Examples
    --------
    >>> found = odds_ratio(12, 14, 7, 16)
    >>> print(*(round(float(x), 2) for x in (found.ratio, found.lower, found.upper)))
    7.71 1.28 46.36
    """
    where = "ratios.odds_ratio"
    _known(method, ODDS_METHODS, where, "method")
    x, n, y, m, level = floats(
        numerator, denominator, other_numerator, other_denominator, checked_level(confidence)
    )
    _check_groups(x, n, y, m, where)
    refuse(x, x > n, where, "count", "at most its denominator")
    refuse(y, y > m, where, "other count", "at most its denominator")
    add = 0.5 if method == "haldane" else 0.0
    a, b, c, d = x + add, n - x + add, y + add, m - y + add
    with np.errstate(divide="ignore"):
        error = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    ratio = _divided(a * d, b * c)
    found, p_value = _log_normal(ratio, error, level, np.ones_like(ratio), "two_sided")
    return Ratio(ratio, found.lower, found.upper, p_value)


def _known(value: str, known: tuple[str, ...], where: str, option: str) -> None:
    if value not in known:
        raise SosrakeError(f"{where}: {option} {value!r}; use one of {', '.join(known)}")


def _check_groups(x: Floats, n: Floats, y: Floats, m: Floats, where: str) -> None:
    refuse_counts(x, where, "count")
    refuse_counts(y, where, "other count")
    refuse_sizes(n, where, "denominator")
    refuse_sizes(m, where, "other denominator")


def _sided_level(confidence: ArrayLike, alternative: str) -> Floats:
    level = checked_level(confidence)
    # A one-sided limit at 0.95 is an end of the two-sided interval at 0.90.
    return level if alternative == "two_sided" else checked_level(2 * level - 1)


def _divided(above: Floats, below: Floats) -> Floats:
    """Divide; something over nothing is infinite, nothing over nothing absent."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return above / below


def _with_open_end(ratio: Floats, found: Interval, p_value: Floats, alternative: str) -> Ratio:
    absent = np.isnan(found.lower) | np.isnan(found.upper)
    lower = np.where(absent, np.nan, 0.0) if alternative == "less" else found.lower
    upper = np.where(absent, np.nan, np.inf) if alternative == "greater" else found.upper
    return Ratio(ratio, lower, upper, p_value)


def _log_normal(
    ratio: Floats, error: Floats, level: Floats, null: Floats, alternative: str
) -> tuple[Interval, Floats]:
    able = np.isfinite(error) & (error > 0) & (ratio > 0) & np.isfinite(ratio)
    middle, spread = np.log(np.where(able, ratio, 1.0)), np.where(able, error, np.nan)
    half = normal_quantile(level) * spread
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (middle - np.log(null)) / spread
    tails = {"two_sided": 2 * special.ndtr(-np.abs(z)), "greater": special.ndtr(-z), "less": special.ndtr(z)}
    return Interval(np.exp(middle - half), np.exp(middle + half)), tails[alternative]


def _exact_shares(x: Floats, y: Floats, level: Floats) -> Interval:
    events = x + y
    found = clopper_pearson(x, np.where(events == 0, 1.0, events), level)
    return Interval(found.lower, np.where(y == 0, 1.0, found.upper))


def _mid_p_shares(x: Floats, y: Floats, level: Floats) -> Interval:
    tail = (1 - level) / 2
    flat = [np.atleast_1d(part) for part in (x, y, x + y, tail)]
    below = exact_binomial.mid_p_lower(flat[0], flat[2], flat[3])
    above = 1 - exact_binomial.mid_p_lower(flat[1], flat[2], flat[3])
    return Interval(below.reshape(x.shape), above.reshape(x.shape))


def _exact_p(x: Floats, y: Floats, share: Floats, alternative: str) -> Floats:
    whole = (x % 1 == 0) & (y % 1 == 0)
    counts, events = np.where(whole, x, 0.0), np.where(whole, x + y, 0.0)
    if alternative == "greater":
        found = exact_binomial.at_least(counts, events, share)
    elif alternative == "less":
        found = exact_binomial.at_most(counts, events, share)
    else:
        flat = [np.atleast_1d(part) for part in (counts, events, share)]
        found = exact_binomial.minimum_likelihood_p(*flat).reshape(x.shape)
    return np.where(whole, found, np.nan)


def _mid_p(x: Floats, y: Floats, share: Floats, alternative: str) -> Floats:
    below, above = exact_binomial.mid_p_tails(x, x + y, share)
    tails = {"less": below, "greater": above, "two_sided": np.minimum(1.0, 2 * np.minimum(below, above))}
    return np.where((x % 1 == 0) & (y % 1 == 0), tails[alternative], np.nan)
