"""Adapters of matching and weighting: they rename and reshape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosrake_lib.effects import matching
from sosrake_lib.verify import columns
from sosrake_lib.verify.kind import Kind

# R MatchIt's names of what is matched on.
_SCALES = {"logit": "score", "glm": "score", "linear.logit": "logit", "linear_logit": "logit"}


def _difference(given: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        "outcome": given["outcome"],
        "treatment": _treatment(given),
        "missing": "drop",
        "confidence": given.get("confidence") or 0.95,
    }
    table = columns.table_of(given)
    welch, ols = (
        matching.difference_in_means(table, **named, standard_error=kind) for kind in ("welch", "ols")
    )
    arms: Any = {} if welch.details is None else welch.details.set_index("arm")
    return {
        "att": welch.estimate,
        "ate": welch.estimate,
        "estimate": welch.estimate,
        "difference": welch.estimate,
        "welch_se": welch.standard_error,
        "welch_df": welch.df,
        "welch_p": welch.p_value,
        "welch_ci": [welch.lower, welch.upper],
        "ols_se": ols.standard_error,
        "ols_df": ols.df,
        "ols_p": ols.p_value,
        "ols_ci": [ols.lower, ols.upper],
        "mean_treated": arms["mean"]["treated"],
        "mean_control": arms["mean"]["control"],
        "n_treated": welch.n["treated"],
        "n_control": welch.n["control"],
    }


def _score(given: Mapping[str, Any]) -> dict[str, Any]:
    read = columns.resolve(columns.table_of(given), given.get("covariates"))
    found = matching.propensity_score(
        read.table,
        treatment=_treatment(given),
        covariates=read.numeric,
        factors=read.factors,
        missing="drop",
    )
    terms = found.coefficients.set_index("term")
    scores = found.scores.tolist()
    return {
        "coef": terms["estimate"].to_dict(),
        "se": terms["standard_error"].to_dict(),
        "z": terms["statistic"].to_dict(),
        "p": terms["p_value"].to_dict(),
        "scores": scores,
        "first5": scores[:5],
        "mean_treated": found.mean_treated,
        "mean_control": found.mean_control,
        "common_support": [found.overlap.lower, found.overlap.upper],
        "share_treated_in_support": found.overlap.treated_inside,
        "share_control_in_support": found.overlap.control_inside,
    }


def _nearest(given: Mapping[str, Any]) -> dict[str, Any]:
    asked = _options(given)
    order = _first(asked, "m.order", "m_order", "order")
    table, named = _named(asked, "ATT")
    found = matching.match_pairs(
        table,
        **named,
        **_near(asked),
        ratio=asked.get("ratio") or 1,
        order=order or "largest",
        replace=bool(asked.get("replace")),
        seed=asked.get("seed") or 0,
    )
    pairs = found.pairs
    return _matched(found) | {
        "se": found.standard_error,
        "pairs": None if pairs is None else pairs[["row", "match"]].to_numpy().tolist(),
        "distances": None if pairs is None else pairs["distance"].tolist(),
    }


def _averaged(given: Mapping[str, Any]) -> dict[str, Any]:
    asked = _options(given)
    table, named = _named(asked, "ATT")
    ties = _first(asked, "distance.tolerance", "distance_tolerance", "tie_tolerance")
    extra = {} if ties is None else {"ties": ties}
    found = matching.match_averaged(
        table, **named, **_near(asked), **extra, matches=_first(asked, "M", "matches", "ratio") or 1
    )
    return _matched(found) | {
        "ai_se": found.standard_error,
        "sample_se": found.sample_error,
        "naive_se": found.naive_error,
    }


def _matched(found: matching.Matching) -> dict[str, Any]:
    sizes, balance = found.sizes, found.balance.set_index("covariate")
    effective = found.effective_sizes
    return {
        "att": found.estimate,
        "atc": found.estimate,
        "ate": found.estimate,
        "estimate": found.estimate,
        "n_treated_matched": sizes["treated"],
        "n_control_matched": sizes["control"],
        "n_unmatched": sizes["unmatched"],
        "ess_treated": effective["treated"],
        "ess_control": effective["control"],
        "control_rows_1based_with_weight": found.matched_rows("control", 1),
        "treated_rows_1based_with_weight": found.matched_rows("treated", 1),
        "weights": found.weights.tolist(),
    } | _balance_columns(balance)


def _balance_columns(balance: Any) -> dict[str, Any]:
    names = ("smd", "variance_ratio", "mean_treated", "mean_control")
    return {
        f"{name}_{when}": balance[f"{name}_{when}"].to_dict()
        for name in names
        for when in ("before", "after")
    }


def _balance(given: Mapping[str, Any]) -> dict[str, Any]:
    read = columns.resolve(columns.table_of(given), given["covariates"])
    found = matching.balance_table(
        read.table,
        treatment=_treatment(given),
        covariates=read.numeric,
        factors=read.factors,
        weights=given.get("weights"),
        estimand=given.get("estimand") or "ATT",
    )
    return _balance_columns(found.set_index("covariate"))


def _weighted(given: Mapping[str, Any]) -> dict[str, Any]:
    asked = _options(given)
    table, named = _named(asked, "ATT")
    found = matching.weigh(table, **named, **_trimming(asked))
    answer = found.found
    return {
        "estimate": answer.estimate,
        "att": answer.estimate,
        "ate": answer.estimate,
        "mean_treated": answer.mean_treated,
        "mean_control": answer.mean_control,
        "robust_se": answer.standard_error,
        "se": answer.standard_error,
        "score_estimated_se": found.score_estimated_error,
        "ess_treated": answer.effective_treated,
        "ess_control": answer.effective_control,
        "n_trimmed": found.sample.trimmed,
        "weights": found.weights.tolist(),
    } | _balance_columns(found.balance.set_index("covariate"))


def _augmented(given: Mapping[str, Any]) -> dict[str, Any]:
    asked = _options(given)
    table, named = _named(asked, "ATE")
    found = matching.augment(matching.weigh(table, **named, **_trimming(asked)))
    return {
        "estimate": found.estimate,
        "att": found.estimate,
        "ate": found.estimate,
        "unnormalised": found.unnormalised,
        "unnormalized": found.unnormalised,
        "regression": found.regression,
        "se": found.standard_error,
        "influence_se": found.standard_error,
    }


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    return dict(given) | dict(given.get("options") or {})


def _named(asked: Mapping[str, Any], estimand: str) -> tuple[Any, dict[str, Any]]:
    read = columns.resolve(columns.table_of(asked), asked.get("covariates"))
    return read.table, {
        "outcome": asked["outcome"],
        "treatment": _treatment(asked),
        "covariates": read.numeric,
        "factors": read.factors,
        "score": _first(asked, "score", "propensity"),
        "estimand": asked.get("estimand") or estimand,
        "missing": "drop",
    }


def _near(asked: Mapping[str, Any]) -> dict[str, Any]:
    standard = _first(asked, "std.caliper", "std_caliper")
    distance = asked.get("distance")
    return {
        "caliper": asked.get("caliper"),
        "caliper_unit": "raw" if standard is False else "sd",
        "scale": asked.get("scale") or _SCALES.get(distance or "glm") or "score",
    }


def _trimming(asked: Mapping[str, Any]) -> dict[str, Any]:
    refit = asked.get("refit")
    return {"trim": _first(asked, "trim", "delta") or 0.0, "refit": True if refit is None else bool(refit)}


def _treatment(given: Mapping[str, Any]) -> Any:
    return _first(given, "treatment", "treat")


def _first(given: Mapping[str, Any], *names: str) -> Any:
    """Take the first of several names that a case uses for the same input."""
    return next((given[name] for name in names if given.get(name) is not None), None)


_ROWS = "inputs a table, outcome, treatment, covariates (or a column of scores)"
KINDS = {
    "difference_in_means": Kind(
        _difference,
        "difference of two groups' means; inputs a table, outcome, treatment; Welch and OLS errors",
    ),
    "propensity_score": Kind(_score, "logit of treatment; inputs a table, treatment, covariates"),
    "nearest_neighbour_matching": Kind(
        _nearest,
        f"greedy 1:k matching on the score; {_ROWS}; options m.order, replace, ratio, caliper, std.caliper, "
        "estimand; gives att, matched rows, balance",
    ),
    "matching_with_ai_se": Kind(
        _averaged,
        f"matching with replacement, ties averaged; {_ROWS}, M, estimand, caliper; Abadie-Imbens and naive "
        "errors",
    ),
    "inverse_probability_weighting": Kind(
        _weighted, f"Hajek weighting; {_ROWS}, estimand, trim; robust error, effective sizes, balance"
    ),
    "aipw": Kind(_augmented, f"augmented (doubly robust) weighting; {_ROWS}, estimand, trim"),
    "balance_table": Kind(
        _balance,
        "standardised differences and variance ratios; inputs a table, treatment, covariates, weights",
    ),
}
