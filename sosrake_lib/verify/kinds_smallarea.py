"""Adapters of small areas: names of kinds of quantity to this library's functions; they rename only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosrake_lib.indicators import moran, shrinkage, smallarea
from sosrake_lib.indicators.neighbours import Neighbours, neighbours_from_lists
from sosrake_lib.verify.kind import Given, Kind

SIGMAS = dict(zip(("2s", "3s"), smallarea.CONFIDENCES, strict=True))
# How R spdep tells its two readings of Marshall's local variance apart.
AROUND = {True: "neighbourhood", False: "own"}
METHODS = {"exact": "funnel_binomial", "normal": "funnel_normal"}
RATE_METHODS = {"exact": "funnel_poisson", "normal": "funnel_poisson_normal"}


def _first(given: Given, *names: str, default: Any = None) -> Any:
    """Take the input that is there under one of its names."""
    return next((given[name] for name in names if given.get(name) is not None), default)


def _funnel_limits_ratio(given: Given) -> dict[str, Any]:
    per = _first(given, "ratio_multiplier", "multiplier", default=100)
    found = _sizes(given, _first(given, "baseline", default=per), per, "lower_expected", "upper_expected")
    return {
        name.replace("_size", "_exp_events").replace("_value", "_isr"): part for name, part in found.items()
    }


def _funnel_limits_rate(given: Given) -> dict[str, Any]:
    per = _first(given, "multiplier", "rate_multiplier", "per", default=1)
    found = _sizes(given, _rate_baseline(given, per), per, "lower_size", "upper_size")
    sizes = {name.replace("_size", "_population_1_year"): part for name, part in found.items()}
    return {**sizes, **{name.replace("_value", ""): part for name, part in found.items()}}


def _sizes(given: Given, baseline: Any, per: Any, *columns: str) -> dict[str, Any]:
    observed = _first(given, "observed", "events", "observed_events", "numerator")
    result = {}
    for sigma, level in SIGMAS.items():
        years = _first(given, "years_of_data", "years", default=1)
        found = smallarea.funnel_sizes(observed, baseline, per=per, years=years, confidence=[level])
        for side, column in zip(("lower", "upper"), columns, strict=True):
            result[f"{side}_{sigma}_size"] = found[column].tolist()
            result[f"{side}_{sigma}_value"] = found[side].tolist()
    return result


def _funnel_limits_proportion(given: Given) -> dict[str, Any]:
    percent = "baseline_percent" in given
    per = 100 if percent else _first(given, "multiplier", "per", default=1)
    baseline = _first(given, "baseline_percent", "baseline")
    if baseline is None:
        baseline = smallarea.pooled_level(given["numerator"], given["denominator"], per)
    method = METHODS[given.get("method", "normal")]
    result = {"baseline": baseline}
    for sigma, level in SIGMAS.items():
        found = smallarea.funnel_limits(
            _first(given, "population", "denominator"), baseline, per=per, confidence=[level], method=method
        )
        result.update({f"{side}_{sigma}": found[side].tolist() for side in ("lower", "upper")})
    return result


def _significance(numerator: Any, denominator: Any, baseline: Any, method: str, per: Any) -> dict[str, Any]:
    classes = smallarea.area_classes(numerator, denominator, baseline, method=method, per=per)
    return {"significance": smallarea.phe_significance(classes), "funnel_class": classes.tolist()}


def _funnel_significance_proportion(given: Given) -> dict[str, Any]:
    per = 100 if "baseline_percent" in given else _first(given, "multiplier", "per", default=1)
    baseline = _first(given, "baseline_percent", "baseline")
    method = METHODS[given.get("method", "normal")]
    return _significance(given["numerator"], given["denominator"], baseline, method, per)


def _funnel_significance_ratio(given: Given) -> dict[str, Any]:
    per = _first(given, "ratio_multiplier", "multiplier", default=1)
    observed = _first(given, "observed", "numerator")
    expected = _first(given, "expected", "denominator")
    method = RATE_METHODS[given.get("method", "exact")]
    return _significance(observed, expected, _first(given, "baseline", default=per), method, per)


def _funnel_significance_rate(given: Given) -> dict[str, Any]:
    per = _first(given, "multiplier", "rate_multiplier", "per", default=1)
    events = _first(given, "numerator", "observed", "events")
    method = RATE_METHODS[given.get("method", "exact")]
    return _significance(events, _rate_population(given, per), _rate_baseline(given, per), method, per)


def _rate_population(given: Given, per: Any) -> Any:
    if given.get("rate_type") == "dsr":
        events = _first(given, "numerator", "observed", "events")
        return smallarea.implied_denominator(events, given["rate"], per)
    return _first(given, "denominator", "population")


def _rate_baseline(given: Given, per: Any) -> Any:
    baseline = _first(given, "baseline", "baseline_rate")
    if baseline is not None:
        return baseline
    events = _first(given, "numerator", "observed", "events")
    return smallarea.pooled_level(events, _rate_population(given, per), per)


def _empirical_bayes_rate(given: Given) -> dict[str, Any]:
    words = {given.get("variant"), given.get("family")}
    options = {
        "distribution": "binomial" if "binomial" in words else "poisson",
        "confidence": given.get("confidence", 0.95),
    }
    counts = (_first(given, "count", "numerator"), _first(given, "population", "denominator"))
    neighbours = _neighbours(given)
    if neighbours is None:
        found = shrinkage.smooth_global(*counts, **options)
        prior = {"prior_mean": found.prior_mean[0], "prior_variance": found.prior_variance[0]}
    else:
        around = AROUND[given.get("geoda", False)]
        policy = given.get("zero_policy", True)
        found = shrinkage.smooth_local(*counts, neighbours, around=around, zero_policy=policy, **options)
        prior = {"prior_mean": found.prior_mean, "prior_variance": found.prior_variance}
    smoothed = {"smoothed": found.value, "lower": found.lower, "upper": found.upper}
    return {"raw": found.raw, "weight_own": found.weight_own, **smoothed, **prior}


def _neighbours(given: Given) -> Neighbours | None:
    if given.get("neighbours_zero_based") is not None:
        return neighbours_from_lists(given["neighbours_zero_based"])
    listed = _first(given, "neighbours", "neighbours_one_based")
    if listed is None:
        return None
    return neighbours_from_lists(listed, first=1)


def _map(given: Given) -> Mapping[str, Any]:
    return {
        "values": given["values"],
        "neighbours": _neighbours(given),
        "style": _first(given, "style", "variant", default="W"),
        "zero_policy": given.get("zero_policy", True),
    }


def _morans_i(given: Given) -> dict[str, Any]:
    found = moran.morans_i(**_map(given))
    return {
        "I": found.statistic,
        "expected": found.expected,
        "variance_randomisation": found.variance_randomisation,
        "z_randomisation": found.z_randomisation,
        "p_one_sided": found.p_greater,
        "p_greater": found.p_greater,
        "p_two_sided": found.p_two_sided,
        "variance_normality": found.variance_normality,
        "z_normality": found.z_normality,
        "p_one_sided_normality": found.p_greater_normality,
        "p_two_sided_normality": found.p_two_sided_normality,
    }


def _local_morans_i(given: Given) -> dict[str, Any]:
    found = moran.local_morans_i(
        **_map(given), conditional=given.get("conditional", True), divide_by_n=given.get("mlvar", True)
    )
    parts = {
        "Ii": found.statistic[0],
        "expected": found.expected[0],
        "variance": found.variance[0],
        "z": found.z[0],
        "p_two_sided": found.p_two_sided[0],
        "p_one_sided": found.p_greater[0],
        "quadrant": found.quadrant[0],
    }
    named = {"E_Ii": "expected", "Var_Ii": "variance", "Z_Ii": "z", "p": "p_two_sided"}
    dotted = {name.replace("_", "."): parts[key] for name, key in named.items()}
    whole = {**parts, **{name: parts[key] for name, key in named.items()}, **dotted}
    firsts = {f"{name}_first{n}": part[:n] for name, part in whole.items() for n in (5, 10, 15, 20)}
    return {**whole, **firsts}


KINDS = {
    "funnel_limits_ratio": Kind(
        _funnel_limits_ratio,
        "expected events, and ratio, at which a count lies on the Poisson funnel's 95 and 99.8 % limits; "
        "inputs observed, ratio_multiplier",
    ),
    "funnel_limits_rate": Kind(
        _funnel_limits_rate,
        "population of one year, and rate, at which a count lies on the Poisson funnel's limits; inputs "
        "observed, baseline, multiplier, years_of_data",
    ),
    "funnel_limits_proportion": Kind(
        _funnel_limits_proportion,
        "limits of a proportion's funnel; inputs population, baseline_percent (or baseline with multiplier, "
        "or numerator and denominator), method normal or exact",
    ),
    "funnel_significance_proportion": Kind(
        _funnel_significance_proportion,
        "class of each area by a proportion's funnel; inputs numerator, denominator, baseline, method",
    ),
    "funnel_significance_ratio": Kind(
        _funnel_significance_ratio,
        "class of each area by a standardised ratio's funnel; inputs observed, expected, baseline",
    ),
    "funnel_significance_rate": Kind(
        _funnel_significance_rate,
        "class of each area by a rate's funnel; inputs numerator, denominator, baseline, multiplier, rate "
        "and rate_type dsr for directly standardised ones",
    ),
    "empirical_bayes_rate": Kind(
        _empirical_bayes_rate,
        "empirical Bayes smoothing, global or local; inputs count, population, family poisson or binomial, "
        "neighbours_zero_based, geoda, confidence",
        optional=frozenset({"prior_mean"}),
    ),
    "morans_i": Kind(
        _morans_i, "Moran's I with its moments; inputs values, neighbours_zero_based, style, zero_policy"
    ),
    "local_morans_i": Kind(
        _local_morans_i,
        "local Moran's I; inputs values, neighbours_zero_based, style, zero_policy, conditional, mlvar",
    ),
}
