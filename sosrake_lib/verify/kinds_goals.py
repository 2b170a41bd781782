"""Adapters of goal attainment scaling: kinds of quantity to this library's functions."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sosrake_lib.effects import goals
from sosrake_lib.effects.goals import raters
from sosrake_lib.verify.kind import Given, Kind


def _t_score(given: Given) -> dict[str, Any]:
    options = {name: given[name] for name in ("rho", "missing") if given.get(name) is not None}
    found = goals.gas_t_score(given["scores"], given.get("weights"), **options)
    return {"t_score": found}


def _group(given: Given) -> dict[str, Any]:
    rows = given["table"] if "table" in given else pd.DataFrame(given["goals"])
    options = {name: given[name] for name in ("rho", "missing", "confidence") if given.get(name) is not None}
    weight, baseline = (name if name in rows else None for name in ("weight", "baseline"))
    checked = goals.check_goals(rows, weight=weight, baseline=baseline)
    one = goals.goal_summary(checked, **options).iloc[0]
    names = ("t_mean", "t_sd", "t_lower", "t_upper", "t_change_mean", "share_attained")
    return {name: float(one[name]) for name in (*names, "share_lower", "share_upper")}


def _agreement(given: Given) -> dict[str, Any]:
    ratings = pd.DataFrame(given["ratings"]).to_numpy(dtype="float64")
    found = raters.intraclass(ratings, given.get("confidence", 0.95))
    return {
        "icc": found["icc"],
        "icc_ci": [found["lower"], found["upper"]],
        "icc_mean": found["icc_mean"],
        "kappa_quadratic": raters.quadratic_kappa(ratings),
        "exact": raters.exact_agreement(ratings),
    }


KINDS = {
    "gas_t_score": Kind(
        _t_score, "T score of one person's goals (Kiresuk & Sherman 1968); scores, weights, rho, missing"
    ),
    "goal_summary": Kind(
        _group, "T scores and goals reached of a group; goals (person, goal, score, weight, baseline), rho"
    ),
    "goal_rater_agreement": Kind(
        _agreement, "ICC(2,1), quadratic kappa and exact agreement; ratings (goals x raters), confidence"
    ),
}
