"""Adapters of regression discontinuity: they rename and reshape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosrake_lib.effects import discontinuity
from sosrake_lib.verify import columns
from sosrake_lib.verify.kind import Kind

_KERNELS: dict[Any, str] = {"tri": "triangular", "uni": "uniform", "epa": "epanechnikov"}
_LEVELS: dict[Any, float] = {80: 0.8, 90: 0.9, 95: 0.95, 99: 0.99}
_MASS_POINTS: dict[Any, str] = {"check": "off"}
_ERRORS = ("classical", "hc0", "hc1", "hc2", "hc3")


def _jump(given: Mapping[str, Any]) -> dict[str, Any]:
    found = _estimated(given)
    conventional, corrected, robust = found.table(_confidence(given)).to_dict("records")
    return {
        "estimate": found.conventional,
        "conventional": found.conventional,
        "bias_corrected": found.bias_corrected,
        "robust": found.bias_corrected,
        "se_conventional": found.error,
        "se_bias_corrected": found.error,
        "se_robust": found.robust_error,
        "p_conventional": conventional["p_value"],
        "p_bias_corrected": corrected["p_value"],
        "p_robust": robust["p_value"],
        "z_robust": robust["statistic"],
        "ci_conventional": [conventional["lower"], conventional["upper"]],
        "ci_bias_corrected": [corrected["lower"], corrected["upper"]],
        "ci_robust": [robust["lower"], robust["upper"]],
        "n_left_right": list(found.n),
        "n_effective": list(found.effective),
        "mean_left": found.left,
        "mean_right": found.right,
    } | _widths(found)


def _bandwidths(given: Mapping[str, Any]) -> dict[str, Any]:
    return _widths(_estimated(given))


def _widths(found: discontinuity.Jump) -> dict[str, Any]:
    return {"h": list(found.bandwidths.h), "b": list(found.bandwidths.b)}


def _estimated(given: Mapping[str, Any]) -> discontinuity.Jump:
    options = {
        "p": given.get("p"),
        "q": given.get("q"),
        "kernel": _kernel(given),
        "variance": _first(given, "vce", "variance"),
        "neighbours": _first(given, "nnmatch", "neighbours"),
        "selector": _first(given, "bwselect", "selector"),
        "mass_points": _mass_points(given),
        "rho": given.get("rho"),
        "h": given.get("h"),
        "b": given.get("b"),
    }
    chosen = {name: value for name, value in options.items() if value is not None}
    return discontinuity.local_jump(columns.table_of(given), **_rows(given), **chosen)


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "h": given.get("h"),
        "kernel": _kernel(given) or ("triangular" if given.get("h") else "uniform"),
        "p": 1 if given.get("p") is None else given["p"],
        "common_slope": bool(given.get("common_slope")),
        "confidence": _confidence(given),
    }
    table, rows = columns.table_of(given), _rows(given)
    found = {kind: discontinuity.plain_jump(table, **rows, **asked, standard_error=kind) for kind in _ERRORS}
    main = found["hc1"]
    tau = main.coefficients.set_index("term").loc["above"]
    return {
        "estimate": main.estimate,
        **{f"se_{kind}": one.standard_error for kind, one in found.items()},
        "df": main.df,
        "n_effective": list(main.n),
        "p_hc1": tau["p_value"],
        "ci_hc1": [tau["lower"], tau["upper"]],
    }


def _density(given: Mapping[str, Any]) -> dict[str, Any]:
    found = discontinuity.density_test(
        columns.table_of(given),
        running=_first(given, "running", "x"),
        cutoff=_cutoff(given),
        bin_width=_first(given, "bin_width", "bin"),
        bandwidth=_first(given, "bandwidth", "h"),
        windows=given.get("windows"),
        missing="drop",
    )
    return {
        "theta": found.log_difference,
        "se": found.standard_error,
        "p": found.p_value,
        "bin_width": found.bin_width,
        "bandwidth": found.bandwidth,
        "counts_left": found.counts["left"].tolist(),
        "counts_right": found.counts["right"].tolist(),
        "p_binomial": found.counts["p_value"].tolist(),
    }


def _rows(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "outcome": _first(given, "outcome", "y"),
        "running": _first(given, "running", "x"),
        "cutoff": _cutoff(given),
        "treated": given.get("treated") or "above",
        "missing": "drop",
    }


def _cutoff(given: Mapping[str, Any]) -> Any:
    return _first(given, "cutoff", "c") or 0


def _kernel(given: Mapping[str, Any]) -> Any:
    named = given.get("kernel")
    return _KERNELS.get(named, named)


def _mass_points(given: Mapping[str, Any]) -> Any:
    named = _first(given, "masspoints", "mass_points")
    return _MASS_POINTS.get(named, named)


def _confidence(given: Mapping[str, Any]) -> float:
    return _first(given, "confidence", "conf_level") or _LEVELS.get(given.get("level"), 0.95)


def _first(given: Mapping[str, Any], *names: str) -> Any:
    """Take the first of several names that a case uses for the same input."""
    return next((given[name] for name in names if given.get(name) is not None), None)


_INPUTS = (
    "inputs a table, outcome, running, cutoff; options p, q, kernel, h, b (one or left and right), rho, vce "
    "(nn, hc0 to hc3), nnmatch, bwselect, masspoints, confidence"
)
KINDS = {
    "rdd_local_polynomial": Kind(
        _jump, f"jump at a limit, conventional and robust bias-corrected; {_INPUTS}"
    ),
    "rdd_bandwidth": Kind(_bandwidths, f"bandwidths h and b; {_INPUTS}"),
    "rdd_local_linear": Kind(
        _plain,
        "jump by one weighted regression; inputs as rdd_local_polynomial, h, kernel, p, common_slope; errors "
        "classical, hc0 to hc3",
    ),
    "rdd_density": Kind(
        _density,
        "McCrary's test of a jump in the density and counts near the limit; inputs a table, running, cutoff, "
        "bin_width, bandwidth, windows",
    ),
}
