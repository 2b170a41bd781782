"""Adapters of groups, survey means and control charts: kinds of quantity to this library's functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from sosrake_lib.indicators import control_kernels, group_kernels, groups, paired_answers, survey_design
from sosrake_lib.indicators.intervals import Interval
from sosrake_lib.verify.kind import Given, Kind

DESIGN = ("weights", "strata", "cluster", "fpc")
# Columns that describe a design even where a case does not name them; never a measured variable.
DESIGN_COLUMNS = frozenset(
    ("pw", "fpc", "weight", "weights", "strata", "stratum", "stype", "cluster", "psu", "dnum", "snum", "id")
)


def _pair(interval: Interval) -> list[float]:
    return [float(interval.lower), float(interval.upper)]


def _by_level(given: Given, read: Callable[[float], Any]) -> Any:
    """Read one level, or a list of them where the case gives a list."""
    level = given.get("confidence", given.get("conf_level", 0.95))
    return [read(one) for one in level] if isinstance(level, list) else read(level)


def _effect_sizes(given: Given) -> dict[str, Any]:
    first, second = (_numbers(given[name]) for name in ("group1", "group2"))

    def found(level: float) -> groups.TwoGroups:
        return groups.two_groups(first, second, level)

    def limits(read: Callable[[groups.TwoGroups], Interval]) -> Any:
        return _by_level(given, lambda level: _pair(read(found(level))))

    one = found(0.95)
    exact = limits(lambda all_: all_.hedges_g_interval)
    return {
        "cohen_d": one.cohens_d,
        "cohen_d_ci_noncentral_t": limits(lambda all_: all_.cohens_d_interval),
        "hedges_g": one.hedges_g,
        "hedges_g_exact": one.hedges_g,
        "hedges_g_approx": one.hedges_g_approximate,
        "hedges_g_ci": exact,
        "hedges_g_ci_noncentral_t": exact,
        "cliffs_delta": one.cliffs_delta,
        "cliffs_delta_ci": limits(lambda all_: all_.cliffs_delta_interval),
        "cliffs_delta_ci_effsize": limits(lambda all_: all_.cliffs_delta_interval_effsize),
        "rank_biserial": one.rank_biserial,
        "rank_biserial_ci": limits(lambda all_: all_.rank_biserial_interval),
        "mann_whitney_U1": one.mann_whitney_u,
        "mann_whitney_U": one.mann_whitney_u,
        "p_exact": one.p_exact,
        "p_normal_continuity": one.p_normal_continuity,
        "p_normal_no_continuity": one.p_normal,
        "welch_t": float(one.welch.t),
        "welch_df": float(one.welch.freedom),
        "welch_p": float(one.welch.p_value),
        "welch_ci": limits(lambda all_: all_.welch.interval),
        "mean_difference": float(one.welch.difference),
    }


def _paired(given: Given) -> dict[str, Any]:
    first, second = (_kept(given[name]) for name in ("first", "second"))
    continuity = given.get("continuity", True)
    one = paired_answers.paired_effect(first, second, continuity=continuity)

    def limits(name: str) -> Any:
        return _by_level(
            given, lambda level: _pair(getattr(paired_answers.paired_effect(first, second, level), name))
        )

    return {
        "pairs": float(one.pairs),
        "signed_rank": float(one.signed_rank),
        "p_value": float(one.p_value),
        "rank_biserial": float(one.rank_biserial),
        "rank_biserial_ci": limits("rank_biserial_interval"),
        "dominance": float(one.dominance),
        "dominance_ci": limits("dominance_interval"),
    }


def _kruskal_wallis(given: Given) -> dict[str, Any]:
    found = groups.many_groups([_numbers(one) for one in given["groups"]])
    return {
        "h": found.h,
        "statistic": found.h,
        "df": found.df,
        "p_value": found.p_value,
        "epsilon_squared": found.epsilon_squared,
    }


def _adjusted(given: Given) -> dict[str, Any]:
    method = str(given.get("method", "holm"))
    named = {"BH": "benjamini_hochberg", "fdr": "benjamini_hochberg"}.get(method, method)
    return {"p_adjusted": group_kernels.adjust_p(_kept(given["p_values"]), named)}


def _survey(given: Given) -> dict[str, Any]:
    table = given["table"] if "table" in given else pd.DataFrame({"values": _kept(given["values"])})
    weights, *rest = (_column(given, table, name) for name in DESIGN)
    options = {name: given[name] for name in ("lonely", "nest") if name in given}
    # Where the correction differs from row to row R survey takes it row by row; so does "varies".
    sample = survey_design.design(weights, *rest, size=len(table), fpc_within="varies", **options)
    measured = _measured(given, table)
    means = {name: _estimate(given, survey_design.mean, table[name], sample) for name in measured}
    totals = {name: _estimate(given, survey_design.total, table[name], sample) for name in measured}
    of_mean = means[given.get("mean_of", measured[0])]
    of_total = totals[given.get("total_of", measured[-1])]
    found = {
        "mean": of_mean["value"],
        "se_mean": of_mean["se"],
        "mean_ci": of_mean["ci"],
        "total": of_total["value"],
        "se_total": of_total["se"],
        "total_ci": of_total["ci"],
        "df": of_mean["df"],
        "deff": of_mean["deff"],
        "deff_mean": of_mean["deff"],
        "deff_total": of_total["deff"],
        "kish_effective_n": of_mean["kish"],
    }
    return found | _by_variable("mean", means) | _by_variable("total", totals)


def _by_variable(kind: str, results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Name each result by its variable, such as mean_api00."""
    names = {"value": "{}_{}", "se": "se_{}_{}", "ci": "{}_{}_ci", "deff": "deff_{}_{}"}
    return {
        pattern.format(kind, name): one[part]
        for name, one in results.items()
        for part, pattern in names.items()
    }


def _column(given: Given, table: pd.DataFrame, name: str) -> Any:
    """Find a part of the design: a list of the case, or a column of its table."""
    part = given.get(name)
    return table[part] if isinstance(part, str) else part


def _measured(given: Given, table: pd.DataFrame) -> list[str]:
    """Name the measured variables: those asked for, or every number column that is no part of a design."""
    if isinstance(given.get("values"), str):
        return [given["values"]]
    if "variables" in given:
        return list(given["variables"])
    known = DESIGN_COLUMNS | {given[name] for name in DESIGN if isinstance(given.get(name), str)}
    return [name for name in table.select_dtypes("number").columns if name not in known]


def _estimate(
    given: Given, measure: Callable[..., survey_design.Estimate], values: pd.Series, sample: Any
) -> dict[str, Any]:
    one = measure(values, sample)
    return {
        "value": float(one.value[0]),
        "se": float(one.standard_error[0]),
        "df": float(one.df[0]),
        "deff": float(one.design_effect[0]),
        "kish": float(one.effective_size[0]),
        "ci": _by_level(given, lambda level: _both(measure(values, sample, level).interval)),
    }


def _both(interval: Interval) -> list[float]:
    return [float(interval.lower[0]), float(interval.upper[0])]


def _control_limits(given: Given) -> dict[str, Any]:
    kind = given["kind"]
    if kind == "xmr":
        found = control_kernels.individual_limits(_kept(given["values"]))
    elif kind == "p":
        found = control_kernels.proportion_limits(
            _kept(given["numerator"]), _kept(given["denominator"]), exact=given.get("exact", False)
        )
    else:
        below = given.get("denominator")
        found = control_kernels.rate_limits(
            _kept(given["numerator"]),
            None if below is None else _kept(below),
            exact=given.get("exact", False),
        )
    return {
        "centre": found.centre[0],
        "lower": found.lower[0],
        "upper": found.upper[0],
        "lower_of_points": found.lower,
        "upper_of_points": found.upper,
        "beyond": control_kernels.beyond(found),
        "range_limit": float(control_kernels.range_limit(found.sigma[0])),
    }


def _kept(values: Any) -> list[float]:
    """Turn null into NaN, keeping places."""
    return [float("nan") if one is None else float(one) for one in values]


def _numbers(values: Any) -> list[float]:
    return [float(one) for one in values if one is not None]


KINDS: dict[str, Kind] = {
    "effect_sizes_two_groups": Kind(
        _effect_sizes,
        "Mann-Whitney U and p, Welch's t, Cohen's d, Hedges' g, Cliff's delta and rank-biserial with "
        "intervals; "
        "inputs group1, group2, confidence (number or list)",
        optional=frozenset({"p_exact"}),
    ),
    "paired_effect_sizes": Kind(
        _paired,
        "signed-rank sum and p, rank-biserial and dominance of pairs with intervals; inputs first, second, "
        "confidence, continuity",
    ),
    "kruskal_wallis": Kind(_kruskal_wallis, "H, df, p and epsilon squared; input groups (list of lists)"),
    "p_adjust": Kind(_adjusted, "p-values corrected for many questions; inputs p_values, method (holm, BH)"),
    "weighted_mean / total with design SE": Kind(
        _survey,
        "survey means and totals with linearised error; inputs csv and the names of its columns weights, "
        "strata, cluster, fpc; mean_of, total_of or values choose variables (else all that are measured: "
        "se_mean of the first, se_total of the last)",
    ),
    "weighted_mean": Kind(
        _survey,
        "weighted mean with its error and Kish's effective n; inputs values, weights (lists, or columns "
        "of csv)",
    ),
    "control_limits": Kind(
        _control_limits,
        "centre line, limits and points beyond; inputs kind (p, u, c, xmr), numerator, denominator or "
        "values, "
        "exact",
    ),
}
