"""Adapters of comparisons in time: they rename and reshape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosrake_lib.effects import did
from sosrake_lib.errors import SosrakeError
from sosrake_lib.verify import columns
from sosrake_lib.verify.kind import Kind

# R fixest's standard errors by this library's names.
_ERRORS = {
    "cluster_fixest_default": "cluster",
    "cluster_no_ssc": "cluster_uncorrected",
    "iid": "classical",
    "hetero": "hc1",
    "cr2": "cr2",
}


def _did_2x2(given: Mapping[str, Any]) -> dict[str, Any]:
    read = columns.resolve(columns.table_of(given), [_first(given, "treat", "treatment"), given["post"]])
    more = columns.resolve(read.table, given.get("covariates"))
    treat, post = read.names
    named = {"outcome": given["outcome"], "treatment": treat, "post": post, "covariates": more.numeric}
    cluster = given.get("cluster")
    kinds = ["classical", "hc1", "hc3"] if cluster is None else ["classical", "hc1", "hc3", "cluster", "cr2"]
    options = named | {"cluster": cluster, "confidence": _confidence(given)}
    asked_for = {kind: _if_defined(did.did_2x2, more.table, **options, standard_error=kind) for kind in kinds}
    found = {kind: one for kind, one in asked_for.items() if one is not None}
    means = did.four_means(more.table, outcome=given["outcome"], treatment=treat, post=post).to_dict(
        "records"
    )
    main = found.get("cluster") or found["classical"]
    return {
        "att": main.estimate,
        **{f"se_{kind}": one.standard_error for kind, one in found.items()},
        **{f"df_{kind}": one.df for kind, one in found.items()},
        "p": main.p_value,
        "ci": [main.lower, main.upper],
        "four_means": {f"treat{row['treated']}_post{row['post']}": row["mean"] for row in means},
    }


def _twfe(given: Mapping[str, Any]) -> dict[str, Any]:
    asked = columns.resolve(columns.table_of(given), _first(given, "regressor", "regressors", "treatment"))
    more = columns.resolve(asked.table, given.get("covariates"))
    named = {
        "outcome": given["outcome"],
        "regressors": [*asked.names, *more.numeric],
        "effects": list(_first(given, "fe", "effects")),
        "cluster": given.get("cluster"),
        "confidence": _confidence(given),
    }
    asked_for = {
        name: _if_defined(did.fixed_effects_regression, more.table, **named, standard_error=kind)
        for name, kind in _ERRORS.items()
    }
    found = {name: table for name, table in asked_for.items() if table is not None}
    main = found["cluster_fixest_default"].iloc[0]
    return {
        "att": main["estimate"],
        "t": main["statistic"],
        "p": main["p_value"],
        "ci95": [main["lower"], main["upper"]],
        **{f"se_{name}": table["standard_error"].iloc[0] for name, table in found.items()},
        **{f"df_{name}": table["df"].iloc[0] for name, table in found.items()},
        "terms": found["cluster_fixest_default"]["term"].tolist(),
        "estimate": found["cluster_fixest_default"]["estimate"].tolist(),
        "se": found["cluster_fixest_default"]["standard_error"].tolist(),
    }


def _event_study(given: Mapping[str, Any]) -> dict[str, Any]:
    unit, time = _first(given, "fe", "effects")
    treat = columns.resolve(columns.table_of(given), _first(given, "treat", "treatment") or "treat")
    more = columns.resolve(treat.table, given.get("covariates"))
    found = did.event_study(
        more.table,
        outcome=given["outcome"],
        treatment=treat.names[0],
        unit=unit,
        time=time,
        reference=_first(given, "ref_period", "reference"),
        covariates=more.numeric,
        cluster=given.get("cluster"),
        standard_error=given.get("standard_error") or "cluster",
    )
    path = found.path.loc[found.path["step"] != 0]
    terms = [f"{time}::{label}:{treat.names[0]}" for label in path["time"].tolist()]
    return {
        "terms": [*found.covariates["term"], *terms],
        "estimate": [*found.covariates["estimate"], *path["estimate"]],
        "se": [*found.covariates["standard_error"], *path["standard_error"]],
        "p": [*found.covariates["p_value"], *path["p_value"]],
        "df": [*found.covariates["df"], *path["df"]],
        "att": found.effect.estimate,
        "att_se": found.effect.standard_error,
        "pretrend": _pretrend(found.pretrend),
    }


def _pretrend(found: Any) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"statistic": found.statistic, "df1": found.df1, "df2": found.df2, "p": found.p_value}


def _callaway_santanna(given: Mapping[str, Any]) -> dict[str, Any]:
    more = columns.resolve(columns.table_of(given), given.get("covariates"))
    found = did.callaway_santanna(
        more.table,
        outcome=given["outcome"],
        unit=_first(given, "id", "unit"),
        time=given["time"],
        first_treated=given["group"],
        never=given.get("never_treated_code"),
        covariates=more.numeric,
        # Other people's cases rest on R did, whose overall error by group follows the first cells.
        size_influence=given.get("size_influence") or "first_cells",
        **_choices(given),
    )
    cells = found.cells.frame
    return {
        "group": cells["group"].tolist(),
        "t": cells["time"].tolist(),
        "att": cells["estimate"].tolist(),
        "se_analytic": cells["standard_error"].tolist(),
        "simple": {"att": found.simple.overall, "se": found.simple.overall_error},
        "group_agg": _average(found.group),
        "dynamic": _average(found.dynamic),
        "calendar": _average(found.calendar),
    }


def _choices(given: Mapping[str, Any]) -> dict[str, Any]:
    """Take the options that the case names, under this library's names."""
    named = {
        "control_group": given.get("control_group"),
        "est_method": given.get("est_method"),
        "anticipation": given.get("anticipation"),
        "base_period": given.get("base_period"),
        "balance": given.get("balance_e"),
        "first_step": given.get("min_e"),
        "last_step": given.get("max_e"),
        "weights": _first(given, "weights", "weightsname"),
        "cluster": _first(given, "cluster", "clustervars"),
    }
    return {name: option for name, option in named.items() if option is not None}


def _average(found: did.Aggregated) -> dict[str, Any]:
    return {
        "egt": found.at.tolist(),
        "att": found.att.tolist(),
        "se": found.standard_error.tolist(),
        "overall_att": found.overall,
        "overall_se": found.overall_error,
    }


def _sun_abraham(given: Mapping[str, Any]) -> dict[str, Any]:
    unit, time = _first(given, "fe", "effects")
    cohort = _first(given, "cohort", "group")
    more = columns.resolve(columns.table_of(given), given.get("covariates"))
    never = columns.code_of(cohort, "never")
    reference = _first(given, "ref_period", "reference")
    found = did.sun_abraham(
        more.table,
        outcome=given["outcome"],
        unit=unit,
        time=given.get("period") or time,
        first_treated=columns.read_column(cohort).name,
        never=given.get("never_treated_code") if never is None else never,
        reference=-1 if reference is None else reference,
        covariates=more.numeric,
        cluster=given.get("cluster"),
        standard_error=given.get("standard_error") or "cluster",
    )
    slopes, path, cohorts = found.covariates, found.path, found.cohorts
    names = slopes["term"].tolist()
    return {
        "event_terms": [*names, *(f"{time}::{step:g}" for step in path["step"])],
        "estimate": [*slopes["estimate"], *path["estimate"]],
        "se": [*slopes["standard_error"], *path["standard_error"]],
        "att": found.effect.estimate,
        "att_se": found.effect.standard_error,
        "cohort_terms": [*names, *(f"cohort::{one:g}" for one in cohorts["cohort"])],
        "cohort_estimate": [*slopes["estimate"], *cohorts["estimate"]],
        "cohort_se": [*slopes["standard_error"], *cohorts["standard_error"]],
    }


def _few(given: Mapping[str, Any], estimator: Any) -> dict[str, Any]:
    asked = columns.resolve(columns.table_of(given), _first(given, "regressor", "treatment"))
    more = columns.resolve(asked.table, given.get("covariates"))
    unit, time = _first(given, "fe", "effects")
    options = {name: given.get(name) for name in ("draws", "seed", "weights")}
    found = estimator(
        more.table,
        outcome=given["outcome"],
        treatment=asked.names[0],
        unit=unit,
        time=time,
        covariates=more.numeric,
        cluster=given.get("cluster"),
        confidence=_confidence(given),
        **{name: option for name, option in options.items() if option is not None},
    )
    return {
        "att": found.estimate,
        "p": found.p_value,
        "ci": [found.lower, found.upper],
        "confidence": found.confidence,
    }


def _wild(given: Mapping[str, Any]) -> dict[str, Any]:
    return _few(given, did.wild_cluster_bootstrap)


def _randomisation(given: Mapping[str, Any]) -> dict[str, Any]:
    return _few(given, did.randomisation_inference)


def _if_defined(estimator: Any, table: Any, **options: Any) -> Any:
    """Ask for a result; None where the library says that it is not defined for these data."""
    try:
        return estimator(table, **options)
    except SosrakeError:
        return None


def _confidence(given: Mapping[str, Any]) -> float:
    return given.get("confidence") or 0.95


def _first(given: Mapping[str, Any], *names: str) -> Any:
    """Take the first of several names that a case uses for the same input."""
    return next((given[name] for name in names if given.get(name) is not None), None)


KINDS = {
    "did_2x2": Kind(
        _did_2x2,
        "difference-in-differences of two groups and two times; inputs csv or data, outcome, treat, post, "
        "cluster, "
        "covariates; gives att, se_classical, se_hc1, se_hc3, se_cluster, se_cr2, four_means",
    ),
    "twfe": Kind(
        _twfe,
        "regression with fixed effects; inputs csv or data, outcome, regressor, covariates, fe, cluster; "
        "gives "
        "att, "
        "se_cluster_fixest_default, se_cluster_no_ssc, se_iid, se_hetero, se_cr2, t, p, ci95",
    ),
    "event_study": Kind(
        _event_study,
        "event study with one start; inputs csv or data, outcome, treat, fe, ref_period, covariates, "
        "cluster; "
        "gives "
        "terms, estimate, se, pretrend",
        frozenset({"pretrend"}),
    ),
    "callaway_santanna": Kind(
        _callaway_santanna,
        "effects by group and time and their averages; inputs csv or data, outcome, id, time, group, "
        "never_treated_code, control_group, covariates, est_method, anticipation, base_period, weights, "
        "cluster, "
        "balance_e, min_e, max_e, size_influence",
    ),
    "sun_abraham": Kind(
        _sun_abraham,
        "interaction-weighted event study; inputs csv or data, outcome, cohort (code = never), period, fe, "
        "covariates, "
        "cluster, ref_period; gives event_terms, estimate, se, att, att_se, cohort_*",
    ),
    "wild_cluster_bootstrap": Kind(
        _wild,
        "two-way fixed effects with the wild cluster bootstrap; inputs csv or data, outcome, regressor, fe, "
        "cluster, "
        "covariates, weights, draws, seed, confidence; gives att, p, ci",
    ),
    "randomisation_inference": Kind(
        _randomisation,
        "two-way fixed effects with randomisation inference; inputs csv or data, outcome, regressor, fe, "
        "cluster, "
        "covariates, draws, seed, confidence; gives att, p, ci, confidence",
    ),
}
