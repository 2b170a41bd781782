"""Adapters of rates and proportions: names of kinds of quantity to this library's functions.

They rename and reshape only. A list of confidences gives every limit once per level, as `lower_95`,
`lower_998`; one confidence gives `lower` and `upper` too. Counts may be single numbers or lists of equal
length, with null for an absent one.
"""

from __future__ import annotations

from typing import Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import intervals, rates, ratios
from sosrake_lib.indicators.intervals import Interval
from sosrake_lib.verify.kind import Given, Kind

_PHE_NAMES = {"poisson_exact": "Exact", "byar": "Byars"}
_RATIO_METHODS = {
    **{name: name for name in (*ratios.RATE_METHODS, *ratios.RISK_METHODS)},
    **{"midp": "mid_p", "mid-p": "mid_p", "wald": "log_normal", "koopman": "score", "katz": "log_normal"},
}
_SIDES = {"two.sided": "two_sided", "two-sided": "two_sided"}
_COUNTS = ("count", "numerator", "x")
_SIZES = ("person_time", "denominator", "population", "n")


def _first(given: Given, names: tuple[str, ...], default: Any = None) -> Any:
    """Take the input that a case calls by one of several names."""
    for name in names:
        if name in given:
            return given[name]
    if default is not None:
        return default
    raise SosrakeError(f"the case has no input {' or '.join(names)}")


def _multiplier(given: Given, usual: float = 1) -> float:
    return float(_first(given, ("multiplier", "per"), usual))


def _confidences(given: Given) -> list[float]:
    asked = given.get("confidence", 0.95)
    return asked if isinstance(asked, list) else [asked]


def _by_level(given: Given, limits_at: Any) -> dict[str, Any]:
    """Ask for the limits at every confidence and name them; a single confidence also without its name."""
    found: dict[str, Any] = {}
    for level in _confidences(given):
        limits: Interval = limits_at(level)
        name = intervals.level_name(level)
        found[f"lower_{name}"], found[f"upper_{name}"] = limits.lower, limits.upper
        found.setdefault("lower", limits.lower)
        found.setdefault("upper", limits.upper)
    return found


def _proportion_ci(given: Given) -> dict[str, Any]:
    x, n, per = _first(given, _COUNTS), _first(given, _SIZES), _multiplier(given)
    clip = bool(given.get("clip", False))
    kernels = {
        "wilson": intervals.wilson,
        "clopper_pearson": intervals.clopper_pearson,
        "agresti_coull": lambda x, n, level: intervals.agresti_coull(x, n, level, clip=clip),
    }
    found: dict[str, Any] = {"proportion": rates.per_units(x, n, per), "value": rates.per_units(x, n, per)}
    for method, kernel in kernels.items():
        for level in _confidences(given):
            limits = kernel(x, n, level).scaled(per)
            pair = [limits.lower, limits.upper]
            found[f"{method}_{intervals.level_name(level)}"] = pair
            found.setdefault(method, pair)
    return found


def _proportion_ci_wilson(given: Given) -> dict[str, Any]:
    x, n, per = _first(given, _COUNTS), _first(given, _SIZES), _multiplier(given)
    value = rates.per_units(x, n, per)
    limits = _by_level(given, lambda level: intervals.wilson(x, n, level).scaled(per))
    return {"value": value, "proportion": value, "method": "Wilson", **limits}


def _rate_ci_exact(given: Given) -> dict[str, Any]:
    x, time, per = _first(given, _COUNTS), _first(given, _SIZES, 1), _multiplier(given)
    value, one_event = rates.per_units(x, time, per), rates.per_units(1, time, per)
    limits = _by_level(given, lambda level: intervals.poisson_exact(x, level).scaled(one_event))
    return {"rate": value, "value": value, "method": "Exact", **limits}


def _rate_ci(given: Given) -> dict[str, Any]:
    x, n, per = _first(given, _COUNTS), _first(given, _SIZES), _multiplier(given, 100_000)
    below = given.get("exact_below", rates.EXACT_BELOW)
    value, one_event = rates.per_units(x, n, per), rates.per_units(1, n, per)
    limits = _by_level(given, lambda level: intervals.poisson(x, level, below).scaled(one_event))
    used = intervals.poisson_method(x, below).tolist()
    method = [_PHE_NAMES[one] for one in used] if isinstance(used, list) else _PHE_NAMES[used]
    return {"rate": value, "value": value, "method": method, **limits}


def _count_ci_byar(given: Given) -> dict[str, Any]:
    x, per = _first(given, _COUNTS), _multiplier(given)
    limits = _by_level(given, lambda level: intervals.byar(x, level).scaled(per))
    return {"count": x, "value": x, "method": "Byars", **limits}


def _rate_ratio(given: Given) -> dict[str, Any]:
    counts, times = (
        _first(given, ("counts", "count", "x")),
        _first(given, ("person_time", "denominator", "n"), [1, 1]),
    )
    method = _RATIO_METHODS[_first(given, ("method", "variant"), "exact")]
    side = str(given.get("alternative", "two_sided"))

    def at(level: float) -> ratios.Ratio:
        return ratios.rate_ratio(
            counts[0],
            times[0],
            counts[1],
            times[1],
            level,
            method,
            null_ratio=_first(given, ("null_ratio", "r"), 1.0),
            alternative=_SIDES.get(side, side),
        )

    found = at(_confidences(given)[0])
    limits = _by_level(given, lambda level: Interval(at(level).lower, at(level).upper))
    return {"ratio": found.ratio, "value": found.ratio, "p_value": found.p_value, **limits}


def _risk_ratio(given: Given) -> dict[str, Any]:
    counts, people = _first(given, ("counts", "numerator")), _first(given, ("denominators", "denominator"))
    method = _RATIO_METHODS[_first(given, ("method", "variant"), "score")]

    def at(level: float) -> ratios.Ratio:
        return ratios.risk_ratio(counts[0], people[0], counts[1], people[1], level, method)

    found = at(_confidences(given)[0])
    limits = _by_level(given, lambda level: Interval(at(level).lower, at(level).upper))
    return {"ratio": found.ratio, "value": found.ratio, "p_value": found.p_value, **limits}


def _odds_ratio(given: Given) -> dict[str, Any]:
    counts, people = _first(given, ("counts", "numerator")), _first(given, ("denominators", "denominator"))
    method = _first(given, ("method", "variant"), "woolf")

    def at(level: float) -> ratios.Ratio:
        return ratios.odds_ratio(counts[0], people[0], counts[1], people[1], level, method)

    found = at(_confidences(given)[0])
    limits = _by_level(given, lambda level: Interval(at(level).lower, at(level).upper))
    return {"ratio": found.ratio, "value": found.ratio, "p_value": found.p_value, **limits}


def _clustered(given: Given) -> dict[str, Any]:
    squares = intervals.squared_events(given["events_per_person"], given.get("persons", 1))
    method = _first(given, ("method", "variant"), "dobson")
    limits = _by_level(given, lambda level: intervals.clustered(given["count"], squares, level, method))
    return {"count": given["count"], "sum_of_squared_events": squares, **limits}


def _mean_ci_t(given: Given) -> dict[str, Any]:
    found = intervals.mean_of(
        _first(given, ("values", "x")), _confidences(given)[0], given.get("missing", "omit")
    )
    limits = _by_level(given, lambda level: intervals.mean_t(found.mean, found.deviation, found.n, level))
    return {"n": found.n, "sd": found.deviation, "value": found.mean, "mean": found.mean, **limits}


KINDS = {
    "proportion_ci": Kind(
        _proportion_ci,
        "interval of a proportion by Wilson, Clopper-Pearson and Agresti-Coull side by side; numerator, "
        "denominator, confidence (one or a list), multiplier, clip (Agresti-Coull to 0-1)",
    ),
    "proportion_ci_wilson": Kind(
        _proportion_ci_wilson,
        "Wilson score interval without continuity correction; numerator, denominator, confidence, multiplier",
    ),
    "rate_ci_exact": Kind(
        _rate_ci_exact, "exact (Garwood) interval of a rate; count, person_time, confidence, multiplier"
    ),
    "rate_ci": Kind(
        _rate_ci,
        "crude rate, exact below `exact_below` events (10), Byar from there; count, denominator, confidence, "
        "multiplier (100 000), exact_below; method is Exact or Byars",
    ),
    "count_ci_byar": Kind(_count_ci_byar, "Byar's limits of a count at any size; count, confidence"),
    "count_ci_clustered": Kind(
        _clustered,
        "limits of a count of repeat events; count, events_per_person, persons, confidence, method (dobson, "
        "effective, log_normal, normal)",
    ),
    "rate_ratio_exact": Kind(
        _rate_ratio,
        "conditional ratio of two Poisson counts with p-value; counts [first, other], person_time [first, "
        "other], confidence, null_ratio (r), alternative (two.sided, greater, less), method (exact, mid_p, "
        "log_normal)",
        # A ratio over no events is infinite, which JSON cannot say.
        optional=frozenset({"ratio", "upper"}),
    ),
    "risk_ratio": Kind(
        _risk_ratio,
        "ratio of two proportions; counts [first, other], denominators [first, other], confidence, method "
        "(score, log_normal)",
    ),
    "odds_ratio": Kind(
        _odds_ratio,
        "odds ratio; counts [first, other], denominators [first, other], confidence, method (woolf, haldane)",
    ),
    "mean_ci_t": Kind(
        _mean_ci_t,
        "mean with Student's t interval; values (null is absent), confidence, missing (omit, propagate)",
    ),
}
