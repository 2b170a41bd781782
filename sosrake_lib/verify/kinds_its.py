"""Adapters of interrupted time series: names of kinds of quantity to this library's; they rename only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosrake_lib.effects import its
from sosrake_lib.verify.kind import Kind


def _interrupted_time_series(given: Mapping[str, Any]) -> dict[str, Any]:
    there = its.measured(_first(given, "values", "value", "y", "treated"), given.get("washout_places") or ())
    terms = _terms(given, there.place)
    lag, value, matrix = given.get("lag"), there.value, terms.matrix
    plain = its.ordinary(value, matrix)
    robust = its.newey_west(value, matrix, lag=lag, adjust=False)
    adjusted = its.newey_west(value, matrix, lag=lag, adjust=True)
    white = its.newey_west(value, matrix, lag=lag, adjust=False, prewhite=True)
    iterated = its.prais_winsten(value, matrix, kind=given.get("rho_type") or "regress")
    restricted = its.reml(value, matrix)
    scores = its.scores(matrix, plain.residuals)
    return {
        "coef": _named(terms.names, plain.coefficients),
        "se_ols": plain.standard_errors,
        "se_newey_west": robust.standard_errors,
        "se_newey_west_adjusted": adjusted.standard_errors,
        "se_newey_west_prewhitened": white.standard_errors,
        "durbin_watson": its.durbin_watson(plain.residuals),
        "durbin_watson_p": its.durbin_watson_p(matrix, plain.residuals, side=given.get("side") or "greater"),
        "sandwich_auto_bandwidth_nonprewhitened": its.automatic_bandwidth(scores),
        "sandwich_auto_bandwidth_prewhitened": its.automatic_bandwidth(scores, prewhite=True),
        "coef_prais_winsten": _named(terms.names, iterated.coefficients),
        "se_prais_winsten": iterated.standard_errors,
        "rho_prais_winsten": iterated.autocorrelation,
        "coef_reml": _named(terms.names, restricted.coefficients),
        "se_reml": restricted.standard_errors,
        "rho_reml": restricted.autocorrelation,
        "residuals": plain.residuals,
        "sigma2": plain.sigma2,
        "df": plain.df,
        "effect_last": plain.contrast(terms.effect[-1])[0],
        "effect_last_se_ols": plain.contrast(terms.effect[-1])[1],
        "effect_last_se_newey_west": robust.contrast(terms.effect[-1])[1],
    }


def _controlled(given: Mapping[str, Any]) -> dict[str, Any]:
    there = its.measured(_first(given, "treated", "values", "value", "y"))
    terms = _terms(given, there.place)
    other = there.of(_first(given, "control", "comparison", "control_values"))
    both = its.stacked(there.value, other, terms.matrix, terms.names, lag=given.get("lag"))
    adjusted = its.stacked(there.value, other, terms.matrix, terms.names, lag=given.get("lag"), adjust=True)
    return {
        "coef": _named(both.names, both.coefficients),
        "se_ols": both.standard_errors("ols"),
        "se_newey_west": both.standard_errors("within"),
        "se_newey_west_adjusted": adjusted.standard_errors("within"),
        "se_newey_west_joint": both.standard_errors("joint"),
        "residuals": both.residuals,
        "df": both.df,
    }


def _terms(given: Mapping[str, Any], place: Any) -> its.Terms:
    coding = its.read_coding(given.get("coding"))
    kind = given.get("seasonal") or ("harmonics" if given.get("harmonics") else "none")
    length = _first(given, "season_length", "frequency", "period") or 1
    # Counted from 0, the first period after is as many places on as there are periods before.
    return its.segmented_terms(
        place,
        given["last_pre_index"],
        first=0,
        slope_change=given.get("slope_change", True),
        slope_from=coding.slope_from,
        time_from=coding.time_from,
        season=its.Season(kind, length, given.get("harmonics") or 1),
    )


def _durbin_watson(given: Mapping[str, Any]) -> dict[str, Any]:
    terms = its.intercept_and(given["regressors"]) if "regressors" in given else given["terms"]
    fit = its.ordinary(_first(given, "values", "value", "y"), terms)
    side = given.get("side") or given.get("alternative") or "greater"
    return {
        "statistic": its.durbin_watson(fit.residuals),
        "durbin_watson": its.durbin_watson(fit.residuals),
        "p_value": its.durbin_watson_p(terms, fit.residuals, side=side),
    }


def _named(names: Any, values: Any) -> dict[str, Any]:
    return dict(zip(names, values, strict=True))


def _first(given: Mapping[str, Any], *names: str) -> Any:
    """Take the first of several names that a case uses for the same input."""
    return next((given[name] for name in names if given.get(name) is not None), None)


KINDS = {
    "interrupted_time_series": Kind(
        _interrupted_time_series,
        "level and slope after a change; inputs values, last_pre_index, lag, coding (text), seasonal, "
        "frequency, harmonics, slope_change; gives coef, standard errors (ols, newey_west, adjusted, "
        "prewhitened, prais_winsten, reml), durbin_watson and its exact p, automatic bandwidth",
    ),
    "controlled_interrupted_time_series": Kind(
        _controlled,
        "a series and its comparison in one regression; inputs treated, control, last_pre_index, lag, "
        "coding; "
        "gives coef (comparison's, then group_ differences), standard errors",
    ),
    "durbin_watson_test": Kind(
        _durbin_watson,
        "Durbin-Watson statistic with its exact p value; inputs values with regressors (lists of columns) or "
        "terms (matrix), side greater, less or two.sided",
    ),
}
