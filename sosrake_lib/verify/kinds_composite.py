"""Adapters of composite indices: names of quantities to this library's functions; rename and reshape only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import (
    composite,
    composite_aggregate,
    composite_framework,
    composite_normalise,
    composite_outliers,
    composite_weights,
)
from sosrake_lib.indicators.composite_scaling import Scaling
from sosrake_lib.verify.kind import Given, Kind

# The names cases use -> the library's normalisations.
_SCALINGS = {
    "zscore": Scaling("z_score"),
    "z_score": Scaling("z_score"),
    "n_zscore": Scaling("z_score"),
    "minmax_0_100": Scaling("min_max"),
    "minmax": Scaling("min_max"),
    "min_max": Scaling("min_max"),
    "n_minmax": Scaling("min_max"),
    "minmax_0_1": Scaling("min_max", lower=0.0, upper=1.0),
    "minmax_1_100": Scaling("min_max", lower=1.0, upper=100.0),
    "minmax_0_10": Scaling("min_max", lower=0.0, upper=10.0),
    "rank": Scaling("rank"),
    "ranks": Scaling("rank"),
    "rank_values": Scaling("rank"),
    "n_rank": Scaling("rank"),
    "rank_average": Scaling("rank", ties="average"),
    "percentile_rank": Scaling("percentile_rank", lower=0.0, upper=1.0),
    "percentile_rank_0_1": Scaling("percentile_rank", lower=0.0, upper=1.0),
    "percentile_rank_0_100": Scaling("percentile_rank"),
    "prank": Scaling("percentile_rank", lower=0.0, upper=1.0),
    "n_prank": Scaling("percentile_rank", lower=0.0, upper=1.0),
    "borda": Scaling("borda"),
    "borda_scores": Scaling("borda"),
    "n_borda": Scaling("borda"),
    "distance_to_max": Scaling("distance_to_max"),
    "dist2max": Scaling("distance_to_max"),
    "n_dist2max": Scaling("distance_to_max"),
    "share_of_max": Scaling("share_of_max"),
    "fracmax": Scaling("share_of_max"),
    "n_fracmax": Scaling("share_of_max"),
    "index_to_median": Scaling("index_to_median"),
    "above_below_mean": Scaling("above_below_mean"),
    "as_it_is": Scaling("none"),
}
_WITH_REFERENCE = {
    "distance_to_reference": Scaling("distance_to_reference"),
    "dist2ref": Scaling("distance_to_reference"),
    "n_dist2ref": Scaling("distance_to_reference"),
    "index_to_reference": Scaling("index_to_reference"),
}
_AGGREGATIONS = ("arithmetic", "geometric", "harmonic", "generalised", "copeland")
_AGGREGATED = (
    "minmax",
    "minmax_0_100",
    "minmax_1_100",
    "minmax_0_1",
    "zscore",
    "rank",
    "rank_values",
    "percentile_rank",
    "borda",
    "distance_to_max",
    "share_of_max",
    "index_to_median",
)
_ROBUST = {"missing": "available"}


def _normalise_aggregate(given: Given) -> dict[str, Any]:
    found = _normalised(given)
    tables = {name: _normalised_table(given, scaling) for name, scaling in _SCALINGS.items()}
    for name in _AGGREGATED:
        for method in _AGGREGATIONS:
            values = _tried(_aggregated, given, tables[name], method)
            found[f"{method}_{name}"] = _listed(values)
            found[f"rank_of_{method}_{name}"] = _places(values)
    for short in ("copeland", "copeland_scores", "a_copeland"):
        found[short] = found["copeland_minmax_0_100"]
    found["rank_of_copeland"] = found["rank_of_copeland_minmax_0_100"]
    return found | _components(given)


def _normalised(given: Given) -> dict[str, Any]:
    found = {name: _columns(_normalised_table(given, one)) for name, one in _SCALINGS.items()}
    chosen = dict(_WITH_REFERENCE) if _reference(given) is not None else {}
    for name, one in chosen.items():
        found[name] = _columns(_normalised_table(given, one, _reference(given)))
    for name in ("distance_to_target", "dist2targ", "n_dist2targ"):
        if "targets" in given:
            found[name] = _columns(_normalised_table(given, _targets(given)))
    for name in ("goalposts", "n_goalposts"):
        if "goalposts" in given:
            found[name] = _columns(_normalised_table(given, _goalposts(given)))
    return found


def _aggregate(given: Given) -> dict[str, Any]:
    table = _table(given)
    return {method: _listed(_tried(_aggregated, given, table, method)) for method in _AGGREGATIONS}


def _composite(given: Given) -> dict[str, Any]:
    framework = pd.DataFrame(given["framework"])
    found = composite.of_table(
        _table(given),
        framework,
        _goalposts(given) if "goalposts" in given else _SCALINGS[given.get("normalisation", "minmax")],
        given.get("aggregation", "arithmetic"),
        exponent=given.get("exponent", 1.0),
        missing=given.get("missing", "refuse"),
    )
    weights = composite_framework.check(framework)
    return {key: found[key].tolist() for key in weights["key"] if key in found}


def _moments(given: Given) -> dict[str, Any]:
    found = composite_outliers.moments(_table(given))
    limits = composite_outliers.Limits(
        given.get("skew_threshold", 2.0), given.get("kurtosis_threshold", 3.5), given.get("winmax", 5)
    )
    pulled = composite_outliers.winsorised(_table(given), limits)
    return {
        "skewness": found.skewness.tolist(),
        "kurtosis": found.kurtosis.tolist(),
        "winsorised": _columns(_table(given).assign(**dict(zip(_table(given), pulled.T, strict=True)))),
    }


def _components(given: Given) -> dict[str, Any]:
    try:
        found = composite_weights.principal_components(_turned(given))
    except SosrakeError:
        return {"correlations": composite_weights.correlations(_turned(given)).tolist()}
    correlations = composite_weights.correlations(_turned(given))
    return {
        "pca_first_loading": found.loadings.T.tolist()[0],
        "pca_first_loadings": found.loadings.T.tolist()[0],
        "pca_first_variance_share": found.variance_share.tolist()[0],
        "pca_variance_shares": found.variance_share.tolist(),
        "pca_squared_loading_weights": found.weights.tolist(),
        "pca_weights": found.weights.tolist(),
        "correlations": correlations.tolist(),
        "correlation_matrix": correlations.tolist(),
        "cronbach_alpha": composite_weights.alpha(_turned(given)),
    }


def _turned(given: Given) -> pd.DataFrame:
    """Give the indicators turned by their directions and otherwise as they are."""
    return composite_normalise.table(_table(given), _directions(given), Scaling("none"), constant="absent")


def _normalised_table(given: Given, scaling: Any, reference: str | None = None) -> pd.DataFrame:
    return composite_normalise.table(
        _table(given), _directions(given), scaling, reference=reference, constant="absent"
    )


def _aggregated(given: Given, table: pd.DataFrame, method: str) -> pd.Series:
    exponent = given.get("exponent", given.get("power", 2.0))
    return composite_aggregate.table(table, _weights(given), method, exponent=exponent, **_ROBUST)


def _tried(compute: Callable[..., pd.Series], *inputs: Any) -> pd.Series | None:
    """Give nothing where the library refuses: a geometric mean of z-scores has no value."""
    try:
        return compute(*inputs)
    except SosrakeError:
        return None


def _listed(values: pd.Series | None) -> list[float] | None:
    return None if values is None else values.tolist()


def _places(values: pd.Series | None) -> list[float] | None:
    return None if values is None else composite_normalise.places(values).tolist()


def _columns(table: pd.DataFrame) -> dict[str, list[float]]:
    return {str(key): table[key].tolist() for key in table}


def _table(given: Given) -> pd.DataFrame:
    if "indicators" not in given:
        return given["table"]
    table = pd.DataFrame(given["indicators"], dtype="float64")
    units = given.get("units")
    return table if units is None else table.set_index(pd.Index([str(unit) for unit in units]))


def _directions(given: Given) -> dict[str, int]:
    directions = given.get("directions", {})
    if isinstance(directions, list):
        return dict(zip(_table(given), directions, strict=True))
    return dict(directions or {})


def _weights(given: Given) -> Any:
    return given.get("weights")


def _reference(given: Given) -> str | None:
    named = given.get("reference", given.get("reference_unit"))
    return None if named is None else str(named)


def _targets(given: Given) -> dict[str, Scaling]:
    targets = given["targets"]
    pairs = targets.items() if isinstance(targets, dict) else zip(_table(given), targets, strict=True)
    return {
        key: Scaling("distance_to_target", target=target, cap=given.get("cap", False))
        for key, target in pairs
    }


def _goalposts(given: Given) -> dict[str, Scaling]:
    return {
        key: Scaling("goalposts", low_post=posts[0], high_post=posts[1], upper=1.0)
        for key, posts in given["goalposts"].items()
    }


KINDS = {
    "normalise + aggregate": Kind(
        _normalise_aggregate,
        "composite index of one table: inputs units, indicators, directions, weights (targets, goalposts, "
        "reference, exponent where wanted); normalisations, means, Copeland scores, places, components",
    ),
    "normalise": Kind(_normalised, "normalisations alone; inputs units, indicators, directions"),
    "aggregate": Kind(
        _aggregate, "means and Copeland scores of values as they are; inputs indicators, weights"
    ),
    "principal components": Kind(
        _components,
        "first component of the correlation matrix, weights, alpha; inputs indicators, directions",
    ),
    "composite index": Kind(
        _composite,
        "index of a framework with branches; inputs units, indicators, framework (key, parent, weight, "
        "direction, aggregation), goalposts or normalisation",
    ),
    "skewness and kurtosis": Kind(
        _moments, "sample-adjusted moments and winsorised values; inputs indicators, winmax"
    ),
}
