"""Adapters of regression and robust covariances: they rename and reshape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosrake_lib.effects import regression
from sosrake_lib.errors import SosrakeError
from sosrake_lib.verify import columns
from sosrake_lib.verify.kind import Kind

_HC = ("HC0", "HC1", "HC2", "HC3", "HC4")
# R sandwich's names of what this library calls corrections of a clustered covariance.
_CORRECTIONS = {"HC0": "clusters", "HC1": "hc1", "none": "none"}


def _arrays(given: Mapping[str, Any]) -> regression.ModelArrays:
    read = columns.resolve(columns.table_of(given), _first(given, "regressors", "regressor", "covariates"))
    return regression.model_arrays(
        read.table,
        outcome=given["outcome"],
        regressors=read.numeric,
        factors=read.factors,
        intercept=given.get("intercept") is not False,
    )


def _errors(arrays: regression.ModelArrays, fit: Any, covariance: Any) -> list[float]:
    return regression.coefficient_table(arrays.names, fit.coefficients, covariance)["standard_error"].tolist()


def _hc(arrays: regression.ModelArrays, fit: Any, kind: str) -> list[float] | None:
    """Errors of one kind; None where a row of leverage 1 leaves it undefined."""
    try:
        return _errors(arrays, fit, regression.hc_covariance(fit, kind))
    except SosrakeError:
        return None


def _regression(given: Mapping[str, Any]) -> tuple[regression.ModelArrays, Any, dict[str, Any]]:
    arrays = _arrays(given)
    weights = given.get("weights")
    fit = regression.fit_ols(
        arrays.outcome,
        arrays.design,
        columns.table_of(given)[weights] if isinstance(weights, str) else weights,
    )
    kinds = {kind: _hc(arrays, fit, kind) for kind in _HC}
    classical = _errors(arrays, fit, fit.classical)
    found = {
        "terms": list(arrays.names),
        "coef": fit.coefficients,
        "se_classical": classical,
        "se_ols": classical,
        **{f"se_{kind}": errors for kind, errors in kinds.items()},
        **{f"se_{kind.lower()}": errors for kind, errors in kinds.items()},
    }
    return arrays, fit, found


def _newey_west(given: Mapping[str, Any]) -> dict[str, Any]:
    arrays, fit, found = _regression(given)
    prewhite = bool(given.get("prewhite"))
    plain, adjusted = (
        regression.newey_west_covariance(fit, given.get("lag"), adjust=adjust, prewhite=prewhite)
        for adjust in (False, True)
    )
    return found | {"se": _errors(arrays, fit, plain), "se_adjusted": _errors(arrays, fit, adjusted)}


def _cluster_robust(given: Mapping[str, Any]) -> dict[str, Any]:
    arrays, fit, found = _regression(given)
    named = given["cluster"]
    names = [named] if isinstance(named, str) else list(named)
    labels = {name: columns.table_of(given)[name] for name in names}
    correction = _CORRECTIONS[given.get("type") or "HC1"]
    clustered = {
        name: _errors(arrays, fit, regression.cluster_covariance(fit, label, correction=correction))
        for name, label in labels.items()
    }
    reduced = {name: regression.cr2(fit, label) for name, label in labels.items()}
    found = {
        **found,
        **{f"se_{name}": errors for name, errors in clustered.items()},
        **{f"se_cr2_{name}": one.standard_error for name, one in reduced.items()},
        **{f"df_cr2_{name}": one.df for name, one in reduced.items()},
    }
    first = names[0]
    if len(names) == 1:
        one = {"se": clustered[first], "se_cluster": clustered[first]}
        return found | one | {"se_cr2": reduced[first].standard_error, "df_cr2": reduced[first].df}
    two_way = regression.two_way_cluster_covariance(fit, *labels.values(), correction=correction)
    return found | {"se_twoway": _errors(arrays, fit, two_way)}


def _logistic(given: Mapping[str, Any]) -> dict[str, Any]:
    arrays = _arrays(given)
    fit = regression.fit_logit(arrays.outcome, arrays.design)
    return {
        "terms": list(arrays.names),
        "coef": fit.coefficients,
        "se": _errors(arrays, fit, fit.classical),
        "se_HC0": _errors(arrays, fit, regression.hc_covariance(fit, "HC0")),
        "se_HC1": _errors(arrays, fit, regression.hc_covariance(fit, "HC1")),
        "deviance": fit.deviance,
        "fitted": fit.probabilities,
    }


def _first(given: Mapping[str, Any], *names: str) -> Any:
    """Take the first of several names that a case uses for the same input."""
    return next((given[name] for name in names if given.get(name) is not None), None)


KINDS = {
    "newey_west_se": Kind(
        _newey_west,
        "least squares with Newey-West errors; inputs csv or data, outcome, regressors, lag (null: chosen), "
        "prewhite, "
        "weights, intercept; gives coef, se, se_adjusted, se_HC0 to se_HC4",
    ),
    "cluster_robust_se": Kind(
        _cluster_robust,
        "least squares with clustered errors; inputs csv or data, outcome, regressors, cluster (one or two), "
        "type "
        "(HC0, "
        "HC1), weights; gives coef, se_<cluster>, se_twoway, se_cr2_<cluster>, df_cr2_<cluster>, se_hc0 to "
        "se_hc4",
    ),
    "logistic_regression": Kind(
        _logistic,
        "logistic regression; inputs csv or data, outcome, regressors, intercept; gives coef, se, se_HC0, "
        "se_HC1, "
        "deviance, fitted",
    ),
}
