"""Trends: how fast a figure changes, where it turned, its seasons, its change between two years.

Every function takes a source frame of any number of series and gives one result a series (indicator, area,
sex, age, group). None crosses a `break_before` unless told to: `breaks="refuse"` (the default) stops and
names the break, "split" gives a result for each stretch, "cross" goes over it and marks the result
`crosses_break`.

- `annual_percent_change`: one steady yearly change; log-linear or Poisson.
- `joinpoints`: where the trend turned (`trend_joinpoints`).
- `change`: between two periods, difference and ratio with intervals (`trend_change`).
- `moving`: moving values over years or months (`trend_moving`).
- `seasonal`: the yearly rhythm of months or half-years (`trend_seasonal`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import trend_kernels as kernels
from sosrake_lib.indicators import trend_series as series
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.trend_change import change
from sosrake_lib.indicators.trend_joinpoints import JoinpointFrames, joinpoints
from sosrake_lib.indicators.trend_moving import moving
from sosrake_lib.indicators.trend_seasonal import Seasonal, seasonal
from sosrake_lib.indicators.trend_series import LEAVE_OUT

__all__ = [
    "LEAVE_OUT",
    "MODELS",
    "JoinpointFrames",
    "Seasonal",
    "annual_percent_change",
    "change",
    "joinpoints",
    "moving",
    "seasonal",
]

MODELS = ("log_linear", "poisson", "quasi_poisson")
_METHODS = {
    "log_linear": "log_linear",
    "poisson": "poisson_regression",
    "quasi_poisson": "quasi_poisson_regression",
}


def annual_percent_change(
    frame: pd.DataFrame,
    model: str = "log_linear",
    *,
    confidence: float | Iterable[float] = (0.95,),
    weights: str | None = None,
    added: float = 0.0,
    breaks: str = "refuse",
    leave_out: Collection[str] = LEAVE_OUT,
    fewest: int = 3,
) -> pd.DataFrame:
    """Give each series its annual percent change (APC) with an interval.

    Answers: by how many per cent has the figure changed a year, if it changed steadily? Whether it did is for
    `joinpoints` and the eye to say. Formula: 100(e^b - 1), b the slope of the log of the figure on the year
    (months and half-years count as parts of a year).

    Parameters
    ----------
    frame : source frame; years, months, half-years or spans of years that do not overlap.
    model : "log_linear": least squares on log(value), Student's t; takes any value above zero. "poisson":
        regression of `numerator` (events) on the year with log(`denominator`) as offset, normal limits;
        the right one for small counts, takes zeros. "quasi_poisson": the same with the variance φ times the
        mean, φ estimated, Student's t; for events that come in clusters.
    confidence : one or several two-sided levels; one row a level.
    weights : column with weights of the log-linear model (inverse variances; for rates of few events the
        `numerator`); left out, every year weighs the same.
    added : constant added to every value before the logarithm (log-linear only), told in `added_constant`.
    breaks : "refuse", "split" or "cross", see the module.
    leave_out : statuses whose rows are left out as gaps; a row with another status that is not ok makes the
        result missing. Suppressed rows are not left out by default: they are absent because they are small.
    fewest : least number of periods, 3 or more.

    Returns
    -------
    Analysed frame, one row a stretch and confidence: `value, lower, upper` in per cent a year (`per` 100),
    `period` "first/last" of the years used, `statistic` annual_percent_change, `method` log_linear,
    weighted_log_linear, poisson_regression or quasi_poisson_regression; `p_value, slope, standard_error, df`
    (empty: normal distribution), `dispersion`, `deviance` (Poisson), `first_period, last_period,
    periods_used, periods_expected, stretch, crosses_break, added_constant, reason`. Status missing with a
    reason: value_absent, too_few_periods, no_finite_trend (all events in the first or last period, or none).

    Raises
    ------
    FrameError as `trend_series.arrange`; for a value of zero or below (log-linear), absent or negative counts
    or a denominator that is not above zero (Poisson), naming the rows; when no series has `fewest` periods.

    Sources: Kim et al. (2000), doi 10.1002/(SICI)1097-0258(20000215)19:3<335::AID-SIM336>3.0.CO;2-Z;
    McCullagh & Nelder (1989), doi 10.1201/9780203753736. Compared with R lm and glm, statsmodels
    (tests/reference/trend.csv).

    Examples
    --------
    >>> import pandas as pd
    >>> years = pd.DataFrame({"indicator": "toimeentulotuki", "region_level": "kunta", "region_code": "297",
    ...     "borders": 2021, "period": ["2017", "2018", "2019", "2020"], "value": [8.0, 7.6, 7.1, 6.9],
    ...     "per": 100, "status": "ok", "origin": "synthetic"})
    >>> found = annual_percent_change(years)
    >>> print(found[["period", "value", "lower", "upper"]].round(2).to_string(index=False))
       period  value  lower  upper
    2017/2020  -4.99  -7.16  -2.77
    """
    function = "trends.annual_percent_change"
    _check_model(model, weights, added, fewest, function)
    chosen = levels_of(confidence, function)
    stretches = series.arrange(frame, function, breaks=breaks, leave_out=leave_out)
    fitted, used = _trends(stretches, model, weights, added, function)
    reason = _reasons(stretches, used, fitted, fewest)
    if (reason == "too_few_periods").all():
        raise FrameError(
            f"{function}: no series has {fewest} periods with a value (the longest has "
            f"{int(used.sum(axis=1).max())}); give more periods"
        )
    extras = {
        name: getattr(fitted, name)
        for name in ("p_value", "slope", "standard_error", "df", "dispersion", "deviance")
    }
    extras["df"] = np.where(np.isinf(fitted.df), np.nan, fitted.df)
    method = "weighted_log_linear" if weights is not None else _METHODS[model]
    parts = []
    for level in chosen:
        limits = kernels.percent_limits(fitted, level)
        value = {"value": kernels.percent(fitted.slope), "lower": limits.lower, "upper": limits.upper}
        labels = {"statistic": "annual_percent_change", "method": method, "confidence": level, "per": 100.0}
        part = series.result(stretches, used, reason, value | extras, labels, function)
        parts.append(part.assign(added_constant=added))
    return frames.check(pd.concat(parts, ignore_index=True), file=function)


def _trends(
    stretches: series.Stretches, model: str, weights: str | None, added: float, function: str
) -> tuple[kernels.Trend, np.ndarray]:
    """Fit all stretches; give the trends and which cells were used."""
    rows = stretches.rows
    able = (rows["status"] == "ok").to_numpy()
    if model == "log_linear":
        series.refuse_rows(
            rows,
            able & (rows["value"] + added <= 0).to_numpy(),
            function,
            "value is not above zero, so it has no logarithm,",
            "use model='poisson', which takes zeros as counts, or name a constant in `added`",
        )
        values = stretches.matrix("value")
        weight = None if weights is None else series.weights(stretches, weights, function)
        return kernels.log_linear(stretches.time, values, weight, added), np.isfinite(values)
    _check_counts(rows, able, function)
    count, people = stretches.matrix("numerator"), stretches.matrix("denominator")
    quasi = model == "quasi_poisson"
    return kernels.poisson(stretches.time, count, people, overdispersed=quasi), np.isfinite(count)


def _check_counts(rows: pd.DataFrame, able: np.ndarray, function: str) -> None:
    numerator, denominator = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
    lacking = able & ~(np.isfinite(numerator) & np.isfinite(denominator))
    wrong = {
        "numerator or denominator is absent": (lacking, "the Poisson model needs counts: use log_linear"),
        "numerator is negative": (able & (numerator < 0), "numerator counts events"),
        "denominator is not above zero": (able & (denominator <= 0), "such a row's status is missing"),
    }
    for what, (mark, advice) in wrong.items():
        series.refuse_rows(rows, mark, function, what, advice)


def _reasons(stretches: series.Stretches, used: np.ndarray, fitted: kernels.Trend, fewest: int) -> np.ndarray:
    conditions = [
        stretches.table["blocked"].to_numpy(),
        used.sum(axis=1) < fewest,
        ~np.isfinite(fitted.slope),
    ]
    return np.select(conditions, ["value_absent", "too_few_periods", "no_finite_trend"], default="")


def _check_model(model: str, weights: str | None, added: float, fewest: int, function: str) -> None:
    if model not in MODELS:
        raise FrameError(f"{function}: model {model!r}; expected one of {', '.join(MODELS)}")
    if model != "log_linear" and (weights is not None or added):
        raise FrameError(
            f"{function}: weights and added belong to log_linear; {model} takes counts as they are"
        )
    if not 0 <= added < np.inf:
        raise FrameError(f"{function}: added {added!r}; expected a constant of zero or more")
    if fewest < 3:
        raise FrameError(f"{function}: fewest {fewest!r}; an interval needs at least 3 periods")
