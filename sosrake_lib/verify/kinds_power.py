"""Adapters of power and sample size: names of kinds to this library's functions; rename and reshape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosrake_lib.effects import power
from sosrake_lib.verify.kind import Kind

_SIDES = {"two.sided": 2, "two-sided": 2, "greater": 1, "less": 1, "one.sided": 1, "one-sided": 1}
_SIZE = ("effect_size", "d", "delta", "es")
_DZ = ("effect_size_dz", "dz", *_SIZE)
_GROUP = ("n_per_group", "n1", "n", "n_per_arm")
_PAIRS = ("n_pairs", "n", "pairs")


def _two_means(given: Mapping[str, Any]) -> dict[str, Any]:
    found = power.power_two_means(
        _first(given, *_SIZE), _first(given, *_GROUP), given.get("n2"), **_levels(given, wanted=False)
    )
    return {"power": found}


def _two_means_size(given: Mapping[str, Any]) -> dict[str, Any]:
    options = _levels(given) | _options(given, ratio="ratio")
    return _sizes(power.sample_size_two_means(_first(given, *_SIZE), **options))


def _detectable(given: Mapping[str, Any]) -> dict[str, Any]:
    if _first(given, "n_pairs", "pairs") is not None or given.get("variant") == "paired":
        return {"mde": power.minimum_detectable_paired(_first(given, *_PAIRS), **_levels(given))}
    if _first(given, "p1") is not None:
        options = _levels(given) | _options(given, method="method", higher="higher")
        first, second = _first(given, *_GROUP), given.get("n2")
        return {"p2": power.minimum_detectable_proportions(given["p1"], first, second, **options)}
    return {"mde": power.minimum_detectable_means(_first(given, *_GROUP), given.get("n2"), **_levels(given))}


def _paired(given: Mapping[str, Any]) -> dict[str, Any]:
    found = power.power_paired(_first(given, *_DZ), _first(given, *_PAIRS), **_levels(given, wanted=False))
    return {"power": found}


def _paired_size(given: Mapping[str, Any]) -> dict[str, Any]:
    found = power.sample_size_paired(_first(given, *_DZ), **_levels(given))
    return _sizes(found) | {"n_pairs": found.n_per_group}


def _two_proportions(given: Mapping[str, Any]) -> dict[str, Any]:
    options = _levels(given, wanted=False)
    first, second = _first(given, *_GROUP), given.get("n2")
    normal, arcsine = (
        power.power_two_proportions(
            given["p1"], given["p2"], first, second, method=method, **options, **extra
        )
        for method, extra in _both(given)
    )
    return {
        "power": arcsine if given.get("method") == "arcsine" else normal,
        "power_stats_power_prop_test": normal,
        "power_arcsine_pwr": arcsine,
        "effect_size_h": power.arcsine_effect(given["p1"], given["p2"]),
    }


def _two_proportions_size(given: Mapping[str, Any]) -> dict[str, Any]:
    options = _levels(given) | _options(given, ratio="ratio")
    normal, arcsine = (
        power.sample_size_two_proportions(given["p1"], given["p2"], method=method, **options, **extra)
        for method, extra in _both(given)
    )
    chosen = arcsine if given.get("method") == "arcsine" else normal
    return _sizes(chosen) | {
        "n_per_group_stats_power_prop_test": normal.n_per_group,
        "n_per_group_arcsine_pwr": arcsine.n_per_group,
        "effect_size_h": power.arcsine_effect(given["p1"], given["p2"]),
    }


def _both(given: Mapping[str, Any]) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Name the two methods, each with the options that are its own."""
    return (("normal", _options(given, strict="strict")), ("arcsine", {}))


def _sizes(found: power.SampleSize) -> dict[str, Any]:
    return {
        "n_per_group": found.n_per_group,
        "n_rounded_up": found.n_rounded_up,
        "n2_rounded_up": found.n_second_rounded_up,
    }


def _cluster_mde(given: Mapping[str, Any]) -> dict[str, Any]:
    found = power.minimum_detectable_clusters(_plan(given), **_levels(given))
    return {
        "mdes": found.effect,
        "df": found.df,
        "mdes_lower": found.lower,
        "mdes_upper": found.upper,
        "standard_error": found.standard_error,
    }


def _cluster_power(given: Mapping[str, Any]) -> dict[str, Any]:
    plan = _plan(given)
    found = power.power_clusters(_first(given, *_SIZE), plan, **_levels(given, wanted=False))
    return {"power": found, "df": plan.df}


def _cluster_size(given: Mapping[str, Any]) -> dict[str, Any]:
    # The number of clusters is what is asked; any that leaves degrees of freedom serves the plan.
    plan = _plan({"J": 1000, **{name: part for name, part in given.items() if name not in ("J", "clusters")}})
    found = power.clusters_needed(_first(given, *_SIZE), plan, **_levels(given))
    return {"J": found.clusters, "J_rounded_up": found.rounded_up}


def _plan(given: Mapping[str, Any]) -> power.ClusterPlan:
    named = {
        "icc": _first(given, "rho2", "icc", "rho"),
        "people": _first(given, "n", "people", "cluster_size"),
        "clusters": _first(given, "J", "clusters"),
        "treated_share": given.get("p"),
        "r2_people": _first(given, "r21", "r2_people"),
        "r2_clusters": _first(given, "r22", "r2_clusters"),
        "cluster_covariates": _first(given, "g2", "g", "cluster_covariates"),
    }
    return power.ClusterPlan(**{name: part for name, part in named.items() if part is not None})


def _design_effect(given: Mapping[str, Any]) -> dict[str, Any]:
    size, icc = _first(given, "cluster_size", "m", "n_per_cluster"), _first(given, "icc", "rho")
    spread = _options(given, cv="cv")
    found = {"design_effect": power.design_effect(size, icc, **spread)}
    people = _first(given, "n_individual", "n")
    return found if people is None else found | {"n_inflated": power.inflated(people, size, icc, **spread)}


def _levels(given: Mapping[str, Any], *, wanted: bool = True) -> dict[str, Any]:
    """Take alpha, the sides and (where one is wanted) the power, under any of their names."""
    found = {"alpha": _first(given, "alpha", "sig_level", "sig.level"), "sides": given.get("sides")}
    if given.get("alternative") is not None:
        found["sides"] = _SIDES[given["alternative"]]
    if given.get("two_tailed") is not None:
        found["sides"] = 2 if given["two_tailed"] else 1
    if wanted:
        found["power"] = given.get("power")
    return {name: part for name, part in found.items() if part is not None}


def _options(given: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """Take the options a case names, under this library's names."""
    return {own: given[theirs] for own, theirs in names.items() if given.get(theirs) is not None}


def _first(given: Mapping[str, Any], *names: str) -> Any:
    """Take the first of several names that a case uses for the same input."""
    return next((given[name] for name in names if given.get(name) is not None), None)


_TEST = "alpha, sides (or alternative)"
KINDS = {
    "power_two_means": Kind(
        _two_means, f"power of the two-sample t test (noncentral t); inputs effect_size, n1, n2, {_TEST}"
    ),
    "sample_size_two_means": Kind(
        _two_means_size,
        f"people a group for the two-sample t test; inputs effect_size, power, ratio, {_TEST}",
    ),
    "minimum_detectable_effect": Kind(
        _detectable,
        f"smallest effect found: mde of means (n_per_group, n2) or pairs (n_pairs), p2 of proportions (p1); "
        f"power, {_TEST}",
    ),
    "power_paired": Kind(_paired, f"power of the paired t test; inputs n_pairs, effect_size_dz, {_TEST}"),
    "sample_size_paired": Kind(
        _paired_size, f"pairs for the paired t test; inputs effect_size_dz, power, {_TEST}"
    ),
    "power_two_proportions": Kind(
        _two_proportions,
        f"power for two proportions as R power.prop.test and as pwr (arcsine); inputs p1, p2, n_per_group, "
        f"n2, strict, {_TEST}",
    ),
    "sample_size_two_proportions": Kind(
        _two_proportions_size,
        f"people a group for two proportions as R power.prop.test and as pwr (arcsine); inputs p1, p2, "
        f"power, strict, {_TEST}",
    ),
    "mde_cluster_randomised": Kind(
        _cluster_mde,
        f"minimum detectable effect of two-level cluster randomisation; inputs rho2, n, J, p, r21, r22, g2, "
        f"power, {_TEST}",
    ),
    "power_cluster_randomised": Kind(
        _cluster_power,
        f"power of two-level cluster randomisation; inputs es, rho2, n, J, p, r21, r22, g2, {_TEST}",
    ),
    "sample_size_cluster_randomised": Kind(
        _cluster_size,
        f"clusters for two-level cluster randomisation; inputs es, rho2, n, p, r21, r22, g2, power, {_TEST}",
    ),
    "design_effect": Kind(
        _design_effect,
        "design effect of clusters and the number of people it asks; inputs cluster_size, icc, cv, "
        "n_individual",
    ),
}
