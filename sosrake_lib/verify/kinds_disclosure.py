"""Adapters of disclosure control: kinds of quantity to this library's functions; they rename and reshape."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sosrake_lib.protect import exhaustive, magnitude, microdata, rounding
from sosrake_lib.protect.audit_lines import audit_line
from sosrake_lib.verify.asked import numbers_in_names
from sosrake_lib.verify.kind import Given, Kind

_NOT_KEYS = ("keys", "weight", "sensitive", "asked", "variant")


def _anonymity(given: Given) -> dict[str, Any]:
    keys = given.get("keys") or [name for name in given if name not in _NOT_KEYS]
    weight = "weight" if given.get("weight") is not None else None
    rows = pd.DataFrame({name: given[name] for name in (*keys, *([weight] if weight else []))})
    sizes = microdata.class_sizes(rows, keys, weight)
    told = microdata.summary(rows, keys)
    found = {"fk": sizes["size"], "n_fk_lt_2": told.alone, "n_fk_eq_2": told.in_pairs}
    return {**found, "Fk": sizes["weighted_size"]} if weight else found


def _diversity(given: Given) -> dict[str, Any]:
    keys = given.get("keys") or [name for name in given if name not in _NOT_KEYS]
    rows = pd.DataFrame({name: given[name] for name in (*keys, "sensitive")})
    return {"l": microdata.distinct_diversity(rows, keys, "sensitive")}


def _magnitude(given: Given) -> dict[str, Any]:
    parts, asked = given["contributions"], given["asked"]
    found: dict[str, Any] = {}
    for name, (percent,) in numbers_in_names(asked, "k_for_p#"):
        found[name] = magnitude.share_for_percent(percent)
    for name, (share,) in numbers_in_names(asked, "p_for_k#"):
        found[name] = magnitude.percent_for_share(share)
    if not parts:
        return found
    for name, (largest, share) in numbers_in_names(asked, "dominance_#_#_unsafe"):
        found[name] = magnitude.dominant(parts, int(largest), share)
        found["required_upper_bound"] = magnitude.safe_total(parts, int(largest), share)
    for name, (percent,) in numbers_in_names(asked, "p#_unsafe"):
        found[name] = magnitude.too_well_estimated(parts, percent)
        found["upper_protection_level_p"] = magnitude.upper_protection(parts, percent)
    if given.get("n") is not None:
        found["dominance_unsafe"] = magnitude.dominant(parts, given["n"], given["k"])
        found["required_upper_bound"] = magnitude.safe_total(parts, given["n"], given["k"])
    if given.get("p") is not None:
        found["p_unsafe"] = magnitude.too_well_estimated(parts, given["p"])
        found["upper_protection_level_p"] = magnitude.upper_protection(parts, given["p"])
    return {
        **found,
        "total": magnitude.total(parts),
        "estimate_of_largest": magnitude.estimate_of_largest(parts),
        "relative_overestimate": magnitude.overestimate(parts),
    }


def _suppression(given: Given) -> dict[str, Any]:
    table, bounds = given["table"], given["primary_if_count_between"]
    primary = exhaustive.primary_between(table, *bounds)
    least = exhaustive.least_hidden(table, primary)
    found = {
        "primary": exhaustive.places(primary),
        "acceptance": exhaustive.protects(table, primary, least.hidden),
        "minimum_extra_inner_cells": least.extra,
        "minimum_value_of_those": least.extra_total,
    }
    if given.get("peer_suppressed") is None:
        return found
    peer = exhaustive.hidden_at(primary.shape, given["peer_suppressed"])
    return {
        **found,
        "peer_suppressed": given["peer_suppressed"] if exhaustive.protects(table, primary, peer) else None,
        "peer_n_secondary": exhaustive.secondary_count(table, peer, *bounds),
        "peer_feasibility_intervals": exhaustive.intervals(table, peer).to_dict("records"),
    }


def _audit_table(given: Given) -> dict[str, Any]:
    shape = pd.DataFrame(given["table"]).shape
    hidden = exhaustive.hidden_at(shape, given["suppressed_1based"])
    return {"intervals": exhaustive.intervals(given["table"], hidden).to_dict("records")}


def _conventional(given: Given) -> dict[str, Any]:
    counts = given["table"] if given.get("table") is not None else given["values"]
    return {"rounded": rounding.conventional(counts, given["base"])}


def _random(given: Given) -> dict[str, Any]:
    counts = given["values"] if given.get("values") is not None else given["table"]
    rule = rounding.random_probabilities(counts, given["base"])
    return {"down": rule.down, "prob_up": rule.up_probability}


def _controlled(given: Given) -> dict[str, Any]:
    table, base = given["table"], given["base"]
    found = {"acceptance": rounding.acceptable(table, rounding.controlled(table, base).table, base)}
    other = given.get("handbook_solution")
    if other is None:
        return found
    return {**found, "handbook_solution": other if rounding.acceptable(table, other, base) else None}


def _audit(given: Given) -> dict[str, Any]:
    return audit_line(given)


KINDS = {
    "k_anonymity_counts": Kind(
        _anonymity,
        "rows that share the keys of each row (fk), weighted (Fk); a missing key fits every value; inputs "
        "the columns, keys, weight",
    ),
    "l_diversity_distinct": Kind(
        _diversity, "different answers among rows of equal keys; inputs columns, sensitive"
    ),
    "primary_rule_magnitude": Kind(
        _magnitude,
        "dominance (n, k), p per cent and protection of a sum; inputs contributions, p, n, k; numbers in the "
        "names asked for count too",
        asks=True,
    ),
    "primary + complementary suppression": Kind(
        _suppression,
        "the fewest cells a two-way table must hide, and what a reader makes of another pattern; inputs "
        "table, primary_if_count_between",
        follows=frozenset({"peer_suppressed"}),
    ),
    "suppression_audit": Kind(_audit_table, "intervals of hidden cells; inputs table, suppressed_1based"),
    "conventional_rounding": Kind(_conventional, "each count to the nearest multiple; inputs table, base"),
    "random_rounding_probabilities": Kind(_random, "unbiased random rounding; inputs values, base"),
    "controlled_rounding": Kind(
        _controlled,
        "rounding after which sums still hold; inputs table, base",
        follows=frozenset({"handbook_solution"}),
    ),
    "audit": Kind(_audit, "a reader's attack on published statements; inputs as a line of `sosrake audit`"),
}
