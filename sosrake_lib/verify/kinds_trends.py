"""Adapters of trends: names of kinds of quantity to this library's functions; rename and reshape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosrake_lib.indicators import change_kernels, joinpoint_choice, joinpoints, seasonal, trend_kernels
from sosrake_lib.verify.kind import Kind

_COUNT_MODELS = {"poisson": False, "quasipoisson": True, "quasi_poisson": True}


def _seasonal_indices(given: Mapping[str, Any]) -> dict[str, Any]:
    kind = _first(given, "variant", "kind", "type", "model") or "additive"
    found = seasonal.decompose(
        _first(given, "values", "value", "x"), given["frequency"], _first(given, "start_period") or 1, kind
    )
    return {
        "figure": found.figure[0],
        "trend": found.trend[0],
        "seasonal": found.seasonal[0],
        "random": found.random[0],
    }


def _annual_percent_change(given: Mapping[str, Any]) -> dict[str, Any]:
    trend = _trend(given)
    lower, upper = _limits(lambda level: trend_kernels.percent_limits(trend, level), given)
    return {
        "apc": trend_kernels.percent(trend.slope),
        "lower": lower,
        "upper": upper,
        "p_value": trend.p_value,
        "deviance": trend.deviance,
        "slope": trend.slope,
        "standard_error": trend.standard_error,
        "se": trend.standard_error,
        "intercept": trend.intercept,
        "dispersion": trend.dispersion,
        "rss": trend.rss,
        "df": trend.df,
        "n": trend.n,
    }


def _trend(given: Mapping[str, Any]) -> trend_kernels.Trend:
    model = _first(given, "model", "variant") or "log_linear"
    time = _first(given, "year", "time", "x")
    count = _first(given, "count", "numerator", "events")
    population = _first(given, "population", "denominator", "offset_population")
    if model in _COUNT_MODELS:
        # Other people's Poisson regressions are R's glm, whose limits rest on the weights of its last step.
        information = given.get("information") or "last_step"
        return trend_kernels.poisson(
            time, count, population, overdispersed=_COUNT_MODELS[model], information=information
        )
    rate = _first(given, "rate", "values", "value", "y")
    return trend_kernels.log_linear(
        time,
        change_kernels.crude(count, population) if rate is None else rate,
        _first(given, "weights", "weight"),
        given.get("added") or 0.0,
    )


def _joinpoint_fit(given: Mapping[str, Any]) -> dict[str, Any]:
    found = joinpoint_choice.fit_series(
        _first(given, "year", "time", "x"),
        _first(given, "rate", "values", "value", "y"),
        _first(given, "n_joinpoints", "k", "n_breakpoints"),
        **_options(given),
    )
    lower, upper = _limits(found.apc_limits, given)
    slope_lower, slope_upper = _limits(found.slope_limits, given)
    joint_lower, joint_upper = _limits(found.joinpoint_limits, given)
    average = joinpoints.average(found)
    average_lower, average_upper = _limits(lambda level: average.limits(level, found.scale), given)
    return {
        "breakpoint": found.joinpoint[0],
        "breakpoint_lower": joint_lower,
        "breakpoint_upper": joint_upper,
        "slopes": found.slope[0],
        "slope_lower": slope_lower,
        "slope_upper": slope_upper,
        "standard_errors": found.standard_errors()[0],
        "apc": found.apc()[0],
        "apc_lower": lower,
        "apc_upper": upper,
        "aapc": average.change(found.scale),
        "aapc_lower": average_lower,
        "aapc_upper": average_upper,
        "rss": found.rss,
        "fitted": found.fitted()[0],
        "df": found.df,
        "n_joinpoints": found.k,
    }


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Take the options of a fit that the case names, under this library's names."""
    named = {
        "place": _first(given, "place", "variant", "search"),
        "scale": given.get("scale"),
        "name": given.get("criterion"),
        "most": _first(given, "most", "max_joinpoints"),
        "end_points": given.get("end_points"),
        "between_points": given.get("between_points"),
        "weight": _first(given, "weights", "weight"),
    }
    return {name: option for name, option in named.items() if option is not None}


def _limits(limits: Any, given: Mapping[str, Any]) -> tuple[Any, Any]:
    """Ask for the limits at the case's confidence, or at each of several."""
    confidence = given.get("confidence") or 0.95
    if isinstance(confidence, list):
        found = [limits(level) for level in confidence]
        return [_flat(one.lower) for one in found], [_flat(one.upper) for one in found]
    one = limits(confidence)
    return _flat(one.lower), _flat(one.upper)


def _flat(values: Any) -> Any:
    """Take the one series of a matrix (series, ...)."""
    return values[0]


def _first(given: Mapping[str, Any], *names: str) -> Any:
    """Take the first of several names that a case uses for the same input."""
    return next((given[name] for name in names if given.get(name) is not None), None)


KINDS = {
    "seasonal_indices": Kind(
        _seasonal_indices,
        "classical decomposition, additive or multiplicative; inputs values, frequency, start_period; "
        "gives figure (in the order of the series), trend, seasonal, random",
    ),
    "annual_percent_change": Kind(
        _annual_percent_change,
        "percent change a year, model log_linear (default), poisson or quasipoisson; inputs year with rate "
        "or count and population, confidence, weights, added, information (last_step: R's glm; converged)",
    ),
    "joinpoint_fit": Kind(
        _joinpoint_fit,
        "broken line, k or n_joinpoints (left out: by criterion), scale log or linear, variant continuous or "
        "grid; inputs year, rate, weights, end_points, between_points, confidence; gives breakpoint, slopes, "
        "apc, rss, their limits, aapc",
        frozenset({"breakpoint", "apc", "breakpoint_lower", "breakpoint_upper"}),
    ),
}
