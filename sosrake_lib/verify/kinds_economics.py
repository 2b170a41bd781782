"""Adapters of costs and effects: names of kinds to this library's functions; rename and reshape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sosrake_lib.effects import economics
from sosrake_lib.verify.kind import Kind

_SEVERAL = {"strategy": "strategies", "cost": "costs", "effect": "effects"}


def _icer_table(given: Mapping[str, Any]) -> dict[str, Any]:
    data = given.get("table")
    if data is None:
        columns = {name: _first(given, name, several) for name, several in _SEVERAL.items()}
        data = pd.DataFrame(columns)
    return economics.icer_table(data).table.to_dict("list")


def _net_benefit(given: Mapping[str, Any]) -> dict[str, Any]:
    wtp = _first(given, "wtp", "lambda", "threshold")
    if given.get("inc_cost") is None:
        cost, effect = given["cost"], given["effect"]
        return {
            "nmb": economics.net_monetary_benefit(cost, effect, wtp),
            "nhb": economics.net_health_benefit(cost, effect, wtp),
        }
    found = economics.increment(given["inc_cost"], given["inc_effect"], wtp)
    return {
        "inmb": found.inmb,
        "inhb": found.inhb,
        "icer": found.icer,
        "quadrant": found.quadrant,
        "preferred": found.preferred,
    }


def _uncertainty(given: Mapping[str, Any]) -> dict[str, Any]:
    wtp = _first(given, "wtp", "lambda", "threshold")
    data = given.get("table")
    if data is None:
        parts = {"cost_": given["cost"], "effect_": given["effect"]}
        data = pd.DataFrame(
            {f"{start}{name}": values for start, part in parts.items() for name, values in part.items()}
        )
    found = economics.decision_uncertainty(
        data, wtp, strategies=given.get("strategies"), population=_first(given, "population", "pop") or 1
    )
    ceac, mean_nmb, mean_nhb, loss = (
        found.wide(column).to_dict("records")
        for column in ("probability_best", "mean_nmb", "mean_nhb", "expected_loss")
    )
    return {
        "ceac": ceac,
        "mean_nmb": mean_nmb,
        "mean_nhb": mean_nhb,
        "expected_loss": loss,
        "evpi": found.value["evpi_population"],
        "frontier": found.value["strategy"],
    }


def _ratio(given: Mapping[str, Any]) -> dict[str, Any]:
    names = ("method", "confidence", "draws", "seed")
    options = {name: given[name] for name in names if given.get(name) is not None}
    if given.get("cost_usual") is not None:
        groups = ("cost_new", "effect_new", "cost_usual", "effect_usual")
        found = economics.ratio_of_differences(*[given[name] for name in groups], **options)
    else:
        found = economics.ratio_of_means(given["cost"], _first(given, "outcome", "effect"), **options)
    return _interval(found)


def _fieller(given: Mapping[str, Any]) -> dict[str, Any]:
    names = ("numerator", "denominator", "variance_numerator", "variance_denominator", "covariance", "df")
    given_names = [*names, "confidence"]
    return _interval(
        economics.fieller(**{name: given[name] for name in given_names if given.get(name) is not None})
    )


def _interval(found: economics.RatioInterval) -> dict[str, Any]:
    return {"ratio": found.ratio, "lower": found.lower, "upper": found.upper, "form": found.form}


def _first(given: Mapping[str, Any], *names: str) -> Any:
    """Take the first of several names that a case uses for the same input."""
    return next((given[name] for name in names if given.get(name) is not None), None)


KINDS = {
    "icer_table": Kind(
        _icer_table,
        "incremental cost-effectiveness with simple and extended dominance; inputs strategy, cost, effect "
        "(lists or csv); "
        "gives strategy, cost, effect, inc_cost, inc_effect, icer, status (ND, ED, D)",
    ),
    "ceac / net monetary benefit / evpi": Kind(
        _uncertainty,
        "acceptability, mean net benefit, expected loss and value of perfect information at each wtp; inputs "
        "csv with "
        "cost_NAME and effect_NAME (or cost, effect by name), strategies, wtp, population",
    ),
    "net_monetary_benefit": Kind(
        _net_benefit,
        "net monetary and health benefit; inputs inc_cost, inc_effect (or cost, effect), wtp, which has no "
        "default",
    ),
    "cost_per_outcome": Kind(
        _ratio,
        "mean cost over mean outcome of the same people, or the ratio of differences of two groups "
        "(cost_new, effect_new, "
        "cost_usual, effect_usual), by Fieller or bootstrap; inputs cost, outcome, method, confidence, "
        "draws, seed",
    ),
    "fieller": Kind(
        _fieller,
        "Fieller's interval; inputs numerator, denominator, variance_numerator, variance_denominator, "
        "covariance, df",
    ),
}
