"""Adapters of inequality: names of kinds of quantity to this library's functions; rename and reshape only."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sosrake_lib.indicators import (
    concentration,
    inequality_decomposition,
    inequality_measures,
    inequality_shares,
    rates,
    slope_index,
)
from sosrake_lib.verify.kind import Given, Kind

_EPSILONS = ("0.25", "0.5", "0.75", "1", "1.5", "2", "3")
_ALPHAS = ("-1", "0", "0.5", "1", "1.5", "2", "3")
# The names cases use -> the library's names of measures.
_MEASURES = {
    "gini": "gini",
    "gini_corrected": "gini_corrected",
    "theil_T": "theil_t",
    "theil_L": "theil_l",
    "cv": "variation",
    "palma": "palma",
    "s80s20": "s80s20",
    "qsr": "s80s20_quantile",
    **{
        f"atkinson_{epsilon}": f"atkinson_{epsilon}"
        for epsilon in ("0.25", "0.5", "0.75", "1", "1.5", "2", "3")
    },
    **{f"entropy_{alpha}": f"entropy_{alpha}" for alpha in ("-1", "0", "0.5", "1", "1.5", "2", "3")},
    **{f"ge{alpha}": f"entropy_{alpha}" for alpha in ("-1", "0", "0.5", "1", "1.5", "2", "3")},
}
_VALUE_TYPES: dict[object, str] = {
    "other": "other",
    "rate": "rate",
    "proportion": "proportion",
    "default": "other",
    None: "other",
    0: "other",
    1: "rate",
    2: "proportion",
}
_TRANSFORMS = {True: "own", False: None, None: None, "log": "log", "logit": "logit"}
_FORMS = {"linreg_delta": "linreg_delta", "direct": "direct", None: "direct"}


def _measures(given: Given) -> dict[str, Any]:
    found = inequality_measures.summary(
        given["values"], _weights(given), measures=tuple(_MEASURES.values()), missing="leave_out"
    )
    return dict(zip(_MEASURES, found["value"].tolist(), strict=True))


def _weights(given: Given) -> Any:
    return given.get("weights", given.get("weight"))


def _poverty(given: Given) -> dict[str, Any]:
    table = given.get("table", pd.DataFrame())
    values = table[given["value_column"]] if "value_column" in given else given["values"]
    weights = table[given["weight_column"]] if given.get("weight_column") else _weights(given)
    options = {"share": given["share"]} if "share" in given else {}
    found = inequality_shares.poverty(values, weights, per=100, **options)
    return {
        "gini_percent": found.gini,
        "qsr": found.quintile_share_ratio,
        "weighted_median": found.median,
        "arpt": found.threshold,
        "arpr_percent": found.rate,
    }


def _concentration(given: Given) -> dict[str, Any]:
    found = concentration.all_indexes(
        given["health"],
        given["rank_variable"],
        _weights(given),
        bounds=given.get("bounds"),
        form=_FORMS[given.get("method")],
        ties=given.get("ties", "average"),
    )
    names = {"standard": "concentration"}
    return {
        names.get(kind, kind): value
        for kind, value in zip(found["kind"], found["value"].tolist(), strict=True)
    }


def _slope(given: Given) -> dict[str, Any]:
    values = given["value"] if "value" in given else rates.per_units(given["numerator"], given["population"])
    found = slope_index.slope_index(
        values,
        given["population"],
        given.get("quantile"),
        standard_errors=given.get("standard_error"),
        lower=given.get("lower"),
        upper=given.get("upper"),
        value_type=_VALUE_TYPES[given.get("value_type")],
        transform=_TRANSFORMS[given.get("transform")],
        multiplier=given.get("multiplier", 1),
        confidence=given.get("confidence", 0.95),
        method=given.get("method", "simulation"),
    )
    limits = {name: found.limits[name].tolist() for name in found.limits.columns.drop("confidence")}
    return {"sii": found.sii, "rii": found.rii, "intercept": found.intercept, **limits}


def _theil(given: Given) -> dict[str, Any]:
    found = inequality_decomposition.theil(
        given["values"], given["groups"], _weights(given), measure=given.get("measure", "theil_t")
    )
    return {"total": found.total, "within": found.within, "between": found.between}


def _interval(given: Given) -> dict[str, Any]:
    found = inequality_measures.estimate(**given)
    return {
        "value": found.value,
        "lower": found.limits["lower"].tolist(),
        "upper": found.limits["upper"].tolist(),
    }


KINDS = {
    "gini / theil / atkinson": Kind(
        _measures,
        "measures of inequality of values, weights: gini, gini_corrected, theil_T, theil_L, cv, palma, "
        "s80s20, qsr, atkinson_ε, entropy_α and geα; missing values are left out",
    ),
    "gini / poverty": Kind(
        _poverty,
        "Eurostat's gini_percent, qsr, weighted_median, arpt, arpr_percent of a csv's value_column and "
        "weight_column (or values, weights), share of the median",
    ),
    "concentration_index": Kind(
        _concentration,
        "concentration, generalised, erreygers, wagstaff of health over rank_variable, weights, bounds, "
        "method (direct, linreg_delta), ties",
    ),
    "slope_relative_index_of_inequality": Kind(
        _slope,
        "sii, rii, intercept and limits from quantile, population, value (or numerator), lower, upper, "
        "standard_error, value_type, transform, multiplier, confidence, method (simulation, delta)",
    ),
    "theil_decomposition": Kind(_theil, "total, within, between of values, groups, weights, measure"),
    "inequality_interval": Kind(
        _interval,
        "value, lower, upper of measure, values, weights by method, confidence, units",
    ),
}
