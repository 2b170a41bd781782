"""Adapters of sensitivity analysis: names of kinds to this library's functions; rename and reshape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosrake_lib.effects import fragility
from sosrake_lib.verify import columns
from sosrake_lib.verify.kind import Kind


def _robustness_value(given: Mapping[str, Any]) -> dict[str, Any]:
    options = _options(given, q="q", alpha="alpha")
    if "table" in given:
        return _of_regression(given, options)
    df = _first(given, "dof", "df")
    t = _first(given, "t", "t_statistic")
    if isinstance(t, list) or isinstance(df, list):
        return _of_several(t, df, options)
    known = _options(given, estimate="estimate", standard_error="se")
    return _named(fragility.robustness_value(t, df, **known, **options))


def _of_several(t: Any, df: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    at: dict[str, Any] = {"alpha": 0.05, **options}
    point = {"q": at.get("q") or 1.0}
    return {
        "rv_q": fragility.robustness_share(t, df, **point),
        "rv_qa": fragility.robustness_share(t, df, **at),
        "partial_r2": fragility.partial_r2(t, df),
    }


def _of_regression(given: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    asked = [*_listed(given.get("covariates")), *_listed(given.get("factors"))]
    resolved = columns.resolve(given["table"], [given["outcome"], given["treatment"], *asked])
    found = fragility.regression_robustness(
        resolved.table,
        outcome=resolved.names[0],
        treatment=resolved.names[1],
        covariates=[name for name in resolved.numeric if name in resolved.names[2:]],
        factors=resolved.factors,
        benchmarks=_benchmarks(_first(given, "benchmark", "benchmarks", "benchmark_covariates")),
        **_options(given, kd="kd", ky="ky", reduce="reduce"),
        **options,
    )
    return _named(found)


def _benchmarks(told: Any) -> Any:
    if isinstance(told, Mapping):
        return {name: [columns.read_column(one).name for one in _listed(part)] for name, part in told.items()}
    return [columns.read_column(one).name for one in _listed(told)]


def _named(found: fragility.RobustnessValue) -> dict[str, Any]:
    return {
        "estimate": found.estimate,
        "se": found.standard_error,
        "t": found.t,
        "dof": found.df,
        "partial_r2": found.partial_r2,
        "partial_f2": found.partial_f2,
        "rv_q": found.rv_q,
        "rv_qa": found.rv_qa,
        "xrv_q": found.extreme_q,
        "xrv_qa": found.extreme_qa,
        "bounds": found.bounds.to_dict("list"),
    }


def _adjusted(given: Mapping[str, Any]) -> dict[str, Any]:
    found = fragility.adjusted(
        given["estimate"],
        _first(given, "se", "standard_error"),
        _first(given, "dof", "df"),
        _first(given, "r2dz_x", "r2dz.x"),
        _first(given, "r2yz_dx", "r2yz.dx"),
        **_options(given, confidence="confidence", reduce="reduce"),
    )
    return found.to_dict("list")


def _signed_rank(given: Mapping[str, Any]) -> dict[str, Any]:
    found = fragility.signed_rank_bounds(
        _first(given, "treated", "x"),
        _first(given, "control", "y"),
        **_options(given, gamma="gamma", alternative="alternative", alpha="alpha"),
    )
    return _bounds(found)


def _binary(given: Mapping[str, Any]) -> dict[str, Any]:
    # Other people's numbers are R rbounds', which leaves the observed count out of its tail.
    observed = given.get("observed") or "excluded"
    options = _options(given, gamma="gamma", alpha="alpha")
    control, treated = _first(given, "x", "control_only"), _first(given, "y", "treated_only")
    return _bounds(fragility.binary_bounds(control, treated, observed=observed, **options))


def _bounds(found: fragility.RosenbaumBounds) -> dict[str, Any]:
    return {
        "gamma": found.gamma,
        "p_lower": found.p_lower,
        "p_upper": found.p_upper,
        "critical_gamma": found.critical_gamma,
        "pairs": found.pairs,
    }


def _e_value(given: Mapping[str, Any]) -> dict[str, Any]:
    measure = _first(given, "measure", "variant", "type") or "RR"
    if measure == "RD":
        return _e_names(
            fragility.e_value_risk_difference(
                (given["n11"], given["n10"]),
                (given["n01"], given["n00"]),
                **_options(given, null="true", confidence="confidence"),
            )
        )
    found = fragility.e_value(
        _first(given, "est", "estimate"),
        _first(given, "lo", "lower"),
        _first(given, "hi", "upper"),
        measure=measure,
        **_options(given, null="true", rare="rare", standard_error="se", sd="sd", contrast="delta"),
    )
    return _e_names(found)


def _e_names(found: fragility.EValue) -> dict[str, Any]:
    return {
        "e_point": found.point,
        "e_lower": found.lower,
        "e_upper": found.upper,
        "rr": found.ratio,
        "rr_lower": found.ratio_lower,
        "rr_upper": found.ratio_upper,
    }


def _equivalence(given: Mapping[str, Any]) -> dict[str, Any]:
    found = fragility.equivalence(
        given["estimate"],
        _first(given, "se", "standard_error"),
        given.get("margin"),
        **_options(given, df="df", alpha="alpha"),
    )
    return {
        "p_value": found.p_value,
        "smallest_margin": found.smallest_margin,
        "equivalent": found.equivalent,
        "p_equivalence": found.table["p_equivalence"],
        "lower": found.table["lower"],
        "upper": found.table["upper"],
    }


def _options(given: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """Take the options a case names, under this library's names."""
    return {own: given[theirs] for own, theirs in names.items() if given.get(theirs) is not None}


def _listed(told: Any) -> list[Any]:
    if told is None:
        return []
    return list(told) if isinstance(told, list | tuple) else [told]


def _first(given: Mapping[str, Any], *names: str) -> Any:
    """Take the first of several names that a case uses for the same input."""
    return next((given[name] for name in names if given.get(name) is not None), None)


KINDS = {
    "robustness_value": Kind(
        _robustness_value,
        "partial R², robustness values and benchmark bounds; inputs t and dof (numbers or lists), or "
        "estimate, se and dof, or csv with outcome, treatment, covariates (`name (factor)` for levels), "
        "benchmark, kd, ky; "
        "q, alpha, reduce",
    ),
    "adjusted_estimate": Kind(
        _adjusted,
        "what a confounder of strength r2dz_x, r2yz_dx leaves of an estimate; inputs estimate, se, dof, "
        "reduce",
    ),
    "rosenbaum_bounds_signed_rank": Kind(
        _signed_rank,
        "bounds of the signed rank test's one-sided p value; inputs treated, control, gamma, alternative, "
        "alpha",
    ),
    "rosenbaum_bounds_binary": Kind(
        _binary,
        "bounds of McNemar's one-sided p value; inputs x (control only), y (treated only), gamma, observed "
        "(excluded: R rbounds, the default of cases; included: the exact test)",
    ),
    "e_value": Kind(
        _e_value,
        "E-values of an estimate and the nearer limit; measure RR, IRR, OR, HR (rare), SMD (se), OLS (se, "
        "sd, "
        "delta) or RD (n11, n10, n01, n00); inputs est, lo, hi, true",
    ),
    "equivalence_test": Kind(
        _equivalence,
        "two one-sided tests of estimates within ±margin, and jointly; inputs estimate, se, margin, df, "
        "alpha",
    ),
}
