"""Straight trends of many series at once: log-linear least squares and Poisson regression; arrays only.

A matrix has one row a series and one column a time; an absent value is NaN and takes no part. Both models
say that a level changes by the same *percentage* every year: the annual percent change is 100(e^slope - 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Floats, Interval

INFORMATION = ("converged", "last_step")
MOST_STEPS = 50
# The stopping rule of R's glm, needed to give the standard errors its users print.
_STEP_RULE = 1e-8
# Newton's steps converge quadratically: one this small leaves an error at the limit of the numbers.
_CONVERGED = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """Straight trends, one element a series; not computable is NaN.

    `slope` and `standard_error` are on the log scale per unit of time, `intercept` is the level at time 0;
    `df` is infinite where the normal distribution is used; `rss` (least squares) or `deviance` (Poisson) says
    how far the points lie from the line; `dispersion` is the residual variance or, for Poisson, Pearson's
    chi-square over its degrees of freedom; `n` counts the values used.
    """

    slope: Floats
    intercept: Floats
    standard_error: Floats
    df: Floats
    p_value: Floats
    rss: Floats
    deviance: Floats
    dispersion: Floats
    n: Floats


def log_linear(
    time: ArrayLike, value: ArrayLike, weight: ArrayLike | None = None, added: float = 0.0
) -> Trend:
    """Fit log(value + added) = a + b · time by (weighted) least squares.

    Formula: b = Σw(t - t̄)(y - ȳ) / Σw(t - t̄)², its variance s² / Σw(t - t̄)², s² = RSS / (n - 2), Student's
    t with n - 2 degrees of freedom. Two points give a slope without an error.

    Parameters
    ----------
    time : one axis for all series, or a matrix like `value`.
    value : above zero; one series or a matrix (series, times), NaN where absent.
    weight : same shape as `value`, or one for all series; above zero. With counts, the count is close to
        the inverse variance of the log rate.
    added : constant added to every value before the logarithm; a way round zeros that bends the trend.

    Raises
    ------
    SosrakeError when a value plus the constant is not above zero, or a weight is not.

    Source: Kim et al. (2000), doi 10.1002/(SICI)1097-0258(20000215)19:3<335::AID-SIM336>3.0.CO;2-Z;
    compared with R lm and statsmodels WLS.

    Examples
    --------
    >>> found = log_linear([2018, 2019, 2020, 2021], [100, 111, 120, 134])
    >>> print(float(percent(found.slope)[0].round(2)))
    10.03
    """
    t, y = _matrices(time, value)
    w = np.ones_like(y) if weight is None else np.broadcast_to(np.asarray(weight, "float64"), y.shape)
    present = np.isfinite(y) & np.isfinite(w)
    _refuse(present & (y + added <= 0), y, "value", "above zero", _WAY_ROUND_ZERO)
    _refuse(present & (w <= 0), w, "weight", "above zero", "leave such points out")
    w = np.where(present, w, 0.0)
    logs = np.log(np.where(present, y + added, 1.0))
    n = present.sum(axis=1).astype("float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        centre, level = (w * t).sum(axis=1) / w.sum(axis=1), (w * logs).sum(axis=1) / w.sum(axis=1)
        from_centre = np.where(present, t - centre[:, None], 0.0)
        from_level = _without_noise(np.where(present, logs - level[:, None], 0.0), logs)
        spread = (w * from_centre**2).sum(axis=1)
        slope = np.where(spread > 0, (w * from_centre * from_level).sum(axis=1) / spread, np.nan)
        rss = (w * (from_level - slope[:, None] * from_centre) ** 2).sum(axis=1)
        df = np.where(n > 2, n - 2, np.nan)
        error = np.sqrt(rss / df / spread)
        p_value = 2 * special.stdtr(df, -np.abs(slope / error))
    empty = np.full_like(slope, np.nan)
    return Trend(slope, level - slope * centre, error, df, p_value, rss, empty, rss / df, n)


_WAY_ROUND_ZERO = "use the Poisson model, which takes zeros as counts, or name a constant in `added`"


def poisson(
    time: ArrayLike,
    count: ArrayLike,
    population: ArrayLike | None = None,
    *,
    overdispersed: bool = False,
    information: str = "converged",
) -> Trend:
    """Fit log(E[count]) = a + b · time + log(population) as a Poisson regression, all series in one go.

    Iteratively reweighted least squares on two parameters. Zeros are counts like any other; counts that all
    lie at the first or at the last time, or are all zero, have no finite slope (NaN).

    Parameters
    ----------
    time, count : as in `log_linear`; counts zero or more.
    population : same shape as `count`, or one for all series; above zero. Left out, the counts themselves.
    overdispersed : True: variance φ times the mean (quasi-Poisson), φ = Pearson's chi-square / (n - 2), and
        Student's t; False: φ = 1 and the normal distribution.
    information : "converged": standard errors at the solution; "last_step": from the weights with which the
        last step was made, stopping as R's glm does, which gives its printed limits (they differ by some
        millionths).

    Source: McCullagh & Nelder (1989), Generalized linear models, doi 10.1201/9780203753736; compared with
    R glm and statsmodels GLM (to 1e-8).

    Examples
    --------
    >>> found = poisson([2018, 2019, 2020, 2021], [12, 9, 0, 5], [900, 910, 905, 890])
    >>> print(float(percent(found.slope)[0].round(2)), float(found.deviance[0].round(2)))
    -38.82 10.86
    """
    if information not in INFORMATION:
        raise SosrakeError(f"information {information!r}: expected one of {', '.join(INFORMATION)}")
    t, x = _matrices(time, count)
    people = (
        np.ones_like(x) if population is None else np.broadcast_to(np.asarray(population, float), x.shape)
    )
    present = np.isfinite(x) & np.isfinite(people)
    _refuse(present & (x < 0), x, "count", "zero or more", "counts are never negative")
    _refuse(present & (people <= 0), people, "population", "above zero", "leave such points out")
    x, people = np.where(present, x, 0.0), np.where(present, people, 1.0)
    n = present.sum(axis=1).astype("float64")
    total = present.sum(axis=1).clip(1)
    centre = np.where(present, t, 0.0).sum(axis=1) / total
    steps = _Steps(np.where(present, t - centre[:, None], 0.0), x, np.log(people), present)
    solved = _solve(steps, exactly=information == "converged")
    defined = _has_finite_slope(t, x, present)
    slope, level, variance = (np.where(defined & solved.settled, part, np.nan) for part in solved.parts)
    fitted = np.where(present, solved.fitted, 1.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        pearson = np.where(present, (x - fitted) ** 2 / fitted, 0.0).sum(axis=1)
        dispersion = np.where(n > 2, pearson / (n - 2), np.nan)
        error = np.sqrt(variance * (dispersion if overdispersed else 1.0))
        df = np.where(n > 2, n - 2, np.nan) if overdispersed else np.full_like(n, np.inf)
        p_value = 2 * _tail(df, -np.abs(slope / error))
    deviance = np.where(np.isnan(slope), np.nan, steps.deviance(fitted))
    dispersion = np.where(np.isnan(slope), np.nan, dispersion)
    empty = np.full_like(slope, np.nan)
    return Trend(slope, level - slope * centre, error, df, p_value, empty, deviance, dispersion, n)


def percent(slope: ArrayLike) -> Floats:
    """Turn a slope on the log scale into percent change per unit of time: 100(e^slope - 1)."""
    return np.asarray(100 * np.expm1(np.asarray(slope, "float64")))


def slope_limits(slope: ArrayLike, error: ArrayLike, df: ArrayLike, confidence: float = 0.95) -> Interval:
    """Limits of a slope by Student's t; an infinite `df` is the normal distribution."""
    share = 0.5 + one_level(confidence) / 2
    b, half = np.asarray(slope, "float64"), _quantile(df, share) * np.asarray(error, "float64")
    return Interval(b - half, b + half)


def percent_limits(trend: Trend, confidence: float = 0.95) -> Interval:
    """Limits of the annual percent change: the slope's limits, each turned into percent."""
    limits = slope_limits(trend.slope, trend.standard_error, trend.df, confidence)
    return Interval(percent(limits.lower), percent(limits.upper))


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """What an IRLS step needs: centred time, counts, log population and which cells are present."""

    t: Floats
    x: Floats
    offset: Floats
    present: np.ndarray

    def deviance(self, fitted: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = special.xlogy(self.x, self.x / fitted) - (self.x - fitted)
        return 2 * np.where(self.present, parts, 0.0).sum(axis=1)

    def step(self, fitted: Floats, rows: np.ndarray) -> tuple[Floats, Floats, Floats, Floats]:
        """Make one weighted least squares step of some series: slope, level, variance, new fitted counts."""
        t, x, present = self.t[rows], self.x[rows], self.present[rows]
        weight = np.where(present, fitted[rows], 0.0)
        work = np.log(np.where(present, fitted[rows], 1.0)) - self.offset[rows] + (x - weight) / fitted[rows]
        total = weight.sum(axis=1)
        centre = (weight * t).sum(axis=1) / total
        from_centre = t - centre[:, None]
        spread = (weight * from_centre**2).sum(axis=1)
        slope = (weight * from_centre * work).sum(axis=1) / spread
        level = (weight * work).sum(axis=1) / total - slope * centre
        linear = level[:, None] + slope[:, None] * t + self.offset[rows]
        return slope, level, 1 / spread, np.where(present, np.exp(np.clip(linear, -700, 700)), 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    parts: tuple[Floats, Floats, Floats]
    fitted: Floats
    settled: np.ndarray


def _solve(steps: _Steps, *, exactly: bool) -> _Solved:
    count = len(steps.x)
    slope, level, variance = np.zeros(count), np.zeros(count), np.full(count, np.nan)
    fitted = steps.x + 0.1
    deviance, settled = steps.deviance(fitted), np.zeros(count, dtype="bool")
    rows = np.arange(count)
    span = np.abs(steps.t).max(axis=1, initial=0.0)
    for _ in range(MOST_STEPS):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            b, a, v, new = steps.step(fitted, rows)
        moved = np.abs(a - level[rows]) + span[rows] * np.abs(b - slope[rows])
        slope[rows], level[rows], variance[rows], fitted[rows] = b, a, v, new
        part = _Steps(steps.t[rows], steps.x[rows], steps.offset[rows], steps.present[rows])
        now = part.deviance(new)
        change = np.abs(now - deviance[rows]) / (np.abs(now) + 0.1)
        deviance[rows] = now
        done = moved < _CONVERGED if exactly else change < _STEP_RULE
        settled[rows] = done
        rows = rows[~done & np.isfinite(moved)]
        if not rows.size:
            break
    if exactly:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            variance = steps.step(fitted, np.arange(count))[2]
    return _Solved((slope, level, variance), fitted, settled)


def _has_finite_slope(t: Floats, x: Floats, present: np.ndarray) -> np.ndarray:
    """The likelihood has a top only when the events' mean time lies between the first and the last time."""
    first = np.where(present, t, np.inf).min(axis=1, initial=np.inf)
    last = np.where(present, t, -np.inf).max(axis=1, initial=-np.inf)
    events = present & (x > 0)
    inside = events & (t > first[:, None]) & (t < last[:, None])
    both = (events & (t == first[:, None])).any(axis=1) & (events & (t == last[:, None])).any(axis=1)
    return inside.any(axis=1) | (both & (first < last))


def _matrices(time: ArrayLike, value: ArrayLike) -> tuple[Floats, Floats]:
    y = np.atleast_2d(np.asarray(value, dtype="float64"))
    t = np.asarray(time, dtype="float64")
    if t.shape[-1:] != y.shape[-1:] or not np.isfinite(t).all():
        raise SosrakeError(
            f"time has the shape {t.shape} and value {y.shape}; expected one finite time for each value"
        )
    if np.isinf(y).any():
        raise SosrakeError("value is infinite; expected finite numbers, or NaN where a value is absent")
    return np.broadcast_to(t, y.shape), y


def _refuse(wrong: np.ndarray, values: Floats, what: str, expected: str, advice: str) -> None:
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise SosrakeError(
            f"{what} {values[row, column]:g} (series {row + 1}, point {column + 1}) is not "
            f"{expected}; {advice}"
        )


def _without_noise(deviations: Floats, values: Floats) -> Floats:
    """Set the deviations of a constant series to zero: what is left of them is rounding."""
    noise = 8 * np.finfo("float64").eps * np.abs(values).max(axis=1, initial=1.0)
    flat = np.abs(deviations).max(axis=1, initial=0.0) <= noise
    return np.where(flat[:, None], 0.0, deviations)


def _tail(df: ArrayLike, t: ArrayLike) -> Floats:
    freedom = np.asarray(df, "float64")
    finite = np.where(np.isinf(freedom), 1.0, freedom)
    return np.asarray(np.where(np.isinf(freedom), special.ndtr(t), special.stdtr(finite, t)))


def _quantile(df: ArrayLike, share: float) -> Floats:
    freedom = np.asarray(df, "float64")
    finite = np.where(np.isinf(freedom), 1.0, freedom)
    return np.asarray(np.where(np.isinf(freedom), special.ndtri(share), special.stdtrit(finite, share)))
