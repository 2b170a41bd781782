"""Adapters of synthetic control and synthetic difference-in-differences; rename and reshape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sosrake_lib.effects import synthetic
from sosrake_lib.verify.kind import Kind

# Others' figures come from the usual two starts and from the published stopping rule.
_SEARCH = "two_starts"
_SOLVER = "frank_wolfe"


def _doubly_weighted(given: Mapping[str, Any]) -> dict[str, Any]:
    found = {kind: _did_fit(given, kind) for kind in ("sdid", "sc", "did", "demeaned_sc")}
    sdid = found["sdid"]
    return {
        "sdid": sdid.fit.estimate,
        "estimate": sdid.fit.estimate,
        "sc": found["sc"].fit.estimate,
        "did": found["did"].fit.estimate,
        "difp": found["demeaned_sc"].fit.estimate,
        "demeaned_sc": found["demeaned_sc"].fit.estimate,
        "sdid_unit_weights": _pairs(sdid.unit_weights(), "unit"),
        "sdid_time_weights": _pairs(sdid.time_weights(), "period"),
        "unit_weights": _pairs(sdid.unit_weights(), "unit"),
        "time_weights": _pairs(sdid.time_weights(), "period"),
        "sc_unit_weights": _pairs(found["sc"].unit_weights(), "unit"),
        "zeta_omega": sdid.fit.zeta_omega,
        "zeta_lambda": sdid.fit.zeta_lambda,
        "noise_level": sdid.fit.noise,
        "gap": sdid.gap,
        "sc_gap": found["sc"].gap,
        "se_placebo": synthetic.did_error(sdid, "placebo"),
        "se_jackknife": synthetic.did_error(sdid, "jackknife") if _several(sdid.panel) else None,
    }


def _several(panel: synthetic.Panel) -> bool:
    return panel.treated_names[1:] != ()


def _did_fit(given: Mapping[str, Any], kind: str) -> synthetic.SyntheticDid:
    return synthetic.fit_synthetic_did(
        given["table"],
        **_who(given),
        kind=kind,
        solver=given.get("solver") or _SOLVER,
        zeta=_zeta(given, kind),
    )


def _zeta(given: Mapping[str, Any], kind: str) -> Any:
    return _first(given, "zeta_omega", "zeta.omega") if kind == "sdid" else None


def _synthetic_control(given: Mapping[str, Any]) -> dict[str, Any]:
    if "X0" in given or "Z0" in given:
        return _from_matrices(given)
    return _from_table(given)


def _from_matrices(given: Mapping[str, Any]) -> dict[str, Any]:
    if given.get("X0") is None:
        found = synthetic.outcomes_only(given["Z1"], given["Z0"])
    elif given.get("V") is not None:
        found = synthetic.given_v(given["X1"], given["X0"], given["V"], given.get("Z1"), given.get("Z0"))
    else:
        found = synthetic.nested_v(
            given["X1"], given["X0"], given["Z1"], given["Z0"], search=given.get("search") or _SEARCH
        )
    names = given.get("donor_ids") or list(range(len(found.weights)))
    return {
        "weights": dict(zip(map(str, names), found.weights, strict=True)),
        "v": found.v,
        "V": found.v,
        "loss_w": found.loss_w,
        "loss_v_mspe": found.loss_v,
        "loss_v": found.loss_v,
    } | _course(given, found)


def _course(given: Mapping[str, Any], found: synthetic.Matched) -> dict[str, Any]:
    if given.get("Y1") is None:
        return {}
    gap = found.gap(given["Y1"], given["Y0"])
    return {"gap": gap} | _windows(gap, given.get("years") or list(range(len(gap))))


def _windows(gap: Any, periods: Any) -> dict[str, Any]:
    """Name the mean gap of every window of periods as sources do."""
    means = synthetic.window_means(gap, periods)
    return {f"gap_mean_{first}_{last}": mean for (first, last), mean in means.items()} | {
        f"gap_{first}_{last}_mean": mean for (first, last), mean in means.items()
    }


def _from_table(given: Mapping[str, Any]) -> dict[str, Any]:
    fit = synthetic.fit_synthetic(
        given["table"],
        **_who(given),
        predictors=_predictors(given),
        v=_first(given, "V", "v", "custom.v", "custom_v"),
        search=given.get("search") or _SEARCH,
        follow=_first(given, "time.optimize.ssr", "time_optimize_ssr", "follow"),
    )
    placebos = synthetic.placebo_in_space(fit)
    own = placebos.table.set_index("unit")
    label = fit.panel.treated_names[0] if not _several(fit.panel) else "treated units"
    path = fit.path()
    matched = fit.matched
    return {
        "weights": _pairs(fit.unit_weights(), "unit"),
        "sc_unit_weights": _pairs(fit.unit_weights(), "unit"),
        "unit_weights": _pairs(fit.unit_weights(), "unit"),
        "gap": path["gap"],
        "sc": own.loc[label, "average_gap"],
        "att": own.loc[label, "average_gap"],
        "estimate": own.loc[label, "average_gap"],
        "pre_rmspe": own.loc[label, "pre_rmspe"],
        "post_rmspe": own.loc[label, "post_rmspe"],
        "rmspe_ratio": own.loc[label, "ratio"],
        "ratio": own.loc[label, "ratio"],
        "p_value": placebos.p_value,
        "rank": own.loc[label, "rank"],
        "ratios": own["ratio"].to_dict(),
        "placebo_gaps": own["average_gap"].to_dict(),
        "v": None if matched is None else matched.v,
        "loss_w": None if matched is None else matched.loss_w,
        "loss_v_mspe": None if matched is None else matched.loss_v,
    } | _windows(path["gap"], path["period"].tolist())


def _predictors(given: Mapping[str, Any]) -> list[synthetic.Predictor]:
    listed = _first(given, "predictors") or []
    periods = _first(given, "time.predictors.prior", "time_predictors_prior", "predictor_periods") or []
    how = _first(given, "predictors.op", "predictors_op") or "mean"
    special = _first(given, "special.predictors", "special_predictors") or []
    return [*(synthetic.Predictor(name, tuple(periods), how) for name in listed), *_special(special)]


def _special(special: Any) -> list[synthetic.Predictor]:
    return [
        synthetic.Predictor(name, tuple(periods) if isinstance(periods, list) else (periods,), *how)
        for name, periods, *how in special
    ]


def _who(given: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        "outcome": _first(given, "outcome", "dependent", "y"),
        "unit": _first(given, "unit", "unit.variable", "unit_variable", "unit.names.variable"),
        "time": _first(given, "time", "time.variable", "time_variable", "period"),
        "treatment": given.get("treatment"),
        "treated": _first(
            given, "treated", "treated_unit", "treated_units", "treatment.identifier", "treatment_identifier"
        ),
        "first_after": _first(given, "first_after", "first_treated", "treatment_time", "treatment_start"),
        "donors": _first(given, "donors", "controls.identifier", "controls_identifier"),
    }
    return {name: value for name, value in named.items() if value is not None}


def _pairs(table: Any, label: str) -> dict[str, Any]:
    return dict(zip(map(str, table[label]), table["weight"], strict=True))


def _placebo_in_time(given: Mapping[str, Any]) -> dict[str, Any]:
    fit = synthetic.fit_synthetic(
        given["table"], **_who(given), predictors=_predictors(given), search=given.get("search") or _SEARCH
    )
    path = synthetic.placebo_in_time(
        fit, _first(given, "placebo_first_after", "placebo_time", "placebo_start")
    )
    return {"gap": path["gap"]} | _windows(path["gap"], path["period"].tolist())


def _leave_one_out(given: Mapping[str, Any]) -> dict[str, Any]:
    fit = synthetic.fit_synthetic(
        given["table"], **_who(given), predictors=_predictors(given), search=given.get("search") or _SEARCH
    )
    left = synthetic.leave_one_out(fit)
    return {
        "units": left["unit"],
        "average_gap": dict(zip(map(str, left["unit"]), left["average_gap"], strict=True)),
    }


def _simplex(given: Mapping[str, Any]) -> dict[str, Any]:
    found = synthetic.simplex_weights(
        given["columns"],
        given["target"],
        ridge=given.get("ridge") or 0.0,
        intercept=bool(given.get("intercept")),
    )
    return {"weights": found.weights, "intercept": found.intercept}


def _first(given: Mapping[str, Any], *names: str) -> Any:
    """Take the first of several names that a case uses for the same input."""
    return next((given[name] for name in names if given.get(name) is not None), None)


_SDID = (
    "synthetic difference-in-differences with its relatives (sc, did, demeaned); inputs a table with unit, "
    "time, outcome and treatment (0/1 column; or treated_unit, first_treated); solver frank_wolfe (published "
    "digits) or exact; gives estimates, unit and time weights, zeta_omega, se_placebo, se_jackknife"
)
KINDS = {
    "synthetic_did / synthetic_control(outcomes only) / did": Kind(_doubly_weighted, _SDID),
    "synthetic_did": Kind(_doubly_weighted, _SDID),
    "synthetic_control": Kind(
        _synthetic_control,
        "weights of donors: by nested V, V given, or outcomes only; inputs matrices X1, X0, Z1, Z0, Y1, Y0, "
        "years, donor_ids, V; or a table with unit, time, outcome, treatment and predictors named as in R's "
        "dataprep; search two_starts or many_starts; gives weights, loss_w, loss_v_mspe, gap, mean gap of "
        "any window (gap_mean_FROM_TO), and from a table the RMSPE ratio and placebo p value",
        frozenset({"v", "loss_w", "loss_v_mspe"}),
    ),
    "placebo_in_time": Kind(
        _placebo_in_time, "synthetic control with an earlier date; a table as synthetic_control, placebo_time"
    ),
    "leave_one_out": Kind(
        _leave_one_out, "average gap without each donor that has weight; a table as synthetic_control"
    ),
    "simplex_weights": Kind(
        _simplex, "weights >= 0 of sum 1 closest to a target; inputs columns, target, ridge, intercept"
    ),
}
