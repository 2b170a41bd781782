"""Callaway & Sant'Anna's difference-in-differences for units that start at different times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.did.aggregate import AGGREGATIONS, Aggregated, aggregate
from sosrake_lib.effects.did.event import pretrend_caveats, pretrend_rows
from sosrake_lib.effects.did.group_time import Choices, GroupTime, group_time_effects, widened
from sosrake_lib.effects.did.jackknife import LeftOut, Setting, leave_out_each
from sosrake_lib.effects.did.panel import Panel, check_panel
from sosrake_lib.effects.did.pretrends import PreTrend, pretrend
from sosrake_lib.effects.did.reporting import (
    FEW_CLUSTERS,
    FEW_TREATED,
    UNTESTABLE,
    Arms,
    Study,
    arm_caveats,
    bearable,
    built,
    cluster_row,
    need_clusters,
)
from sosrake_lib.effects.did.treatment import NEVER, Adoption, cohorts_of
from sosrake_lib.effects.did.uniform import uniform_critical
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.regression import cluster_codes, t_quantile
from sosrake_lib.errors import SosrakeError

WHERE = "callaway_santanna"
LIMITS = ("auto", "jackknife", "normal")
METHODS = MappingProxyType(
    {"dr": "callaway_santanna_dr", "reg": "callaway_santanna_reg", "ipw": "callaway_santanna_ipw"}
)


@dataclass(frozen=True, slots=True, eq=False)
class CallawaySantAnna:
    """Group-time effects and their averages.

    Attributes
    ----------
    effect : Effect of the aggregation asked for; its `details` are the aggregation's frame.
    cells : GroupTime, with influence functions. simple, group, dynamic, calendar : Aggregated.
    pretrend : PreTrend of the steps before the start, or None when there are none to test.
    critical : critical value of the uniform band of `effect.details`, or None when pointwise.
    left_out : LeftOut, errors by leaving clusters out, or None with normal limits.
    """

    effect: Effect
    cells: GroupTime
    simple: Aggregated
    group: Aggregated
    dynamic: Aggregated
    calendar: Aggregated
    pretrend: PreTrend | None
    critical: float | None
    left_out: LeftOut | None = None


def callaway_santanna(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    never: float | None = 0,
    covariates: Sequence[str] = (),
    control_group: str = "nevertreated",
    est_method: str = "dr",
    anticipation: int = 0,
    base_period: str = "varying",
    aggregation: str = "simple",
    weights: str | None = None,
    cluster: str | None = None,
    unbalanced: str = "error",
    balance: int | None = None,
    first_step: float = -np.inf,
    last_step: float = np.inf,
    uniform: bool = False,
    draws: int = 9_999,
    seed: int = 1,
    size_influence: str = "groups",
    limits: str = "auto",
    confidence: float = 0.95,
    assignment: str = "none",
    measured_in: str = "",
    source: str = "",
) -> CallawaySantAnna:
    """Estimate effects by group and time, and average them.

    Parameters
    ----------
    data : one row a unit and time. outcome : numbers. unit, time : labels; times are numbers.
    first_treated : first treated time of the unit, the same in all its rows; empty, `never` or after the last
        time = never treated. Units treated from the first time on (or from within `anticipation` of it) are
        left out.
    covariates : columns; their values in the earlier time of each comparison are used.
    control_group : "nevertreated" or "notyettreated" (those that start later, too).
    est_method : "dr" doubly robust, "reg" outcome regression, "ipw" inverse probability weighting.
    anticipation : number of times before the start that may already be affected.
    base_period : times before the start against the time before ("varying") or all against the last time
        before the start ("universal"); times after do not differ.
    aggregation : which average becomes `effect`: "simple", "group", "dynamic", "calendar" (see aggregate).
    weights : column of sampling weights. cluster : column; left out, the unit.
    balance, first_step, last_step, size_influence : see aggregate.
    limits : of `effect`. "jackknife" leaves each cluster out in turn (`leave_out_each`) and takes t limits;
        "normal" takes the influence functions and normal limits, which are too narrow with few clusters: 77 -
        91 % instead of 95 at 13 units. "auto": jackknife with fewer than 40 clusters, else normal; where the
        effect cannot be estimated without some cluster, normal with the caveat
        `interval_too_narrow_with_few_units`.
    uniform : limits of `effect.details` hold the whole path at once (draws, seed: of the multiplier
        bootstrap).
    unbalanced : "error" or "balance". confidence, assignment, measured_in, source : as in did_2x2.

    Returns
    -------
    CallawaySantAnna. `cells` and the averages have analytic standard errors from influence functions, as R
    did gives them; `effect` and its details have the errors and limits that `limits` says.

    Compared with R did att_gt and aggte on mpdta (tests/reference/did.csv, tests/test_callaway_santanna.py).
    Source: Callaway B, Sant'Anna PHC (2021), doi 10.1016/j.jeconom.2020.12.001; Sant'Anna PHC, Zhao J
    (2020), doi 10.1016/j.jeconom.2020.06.003.

    Raises
    ------
    FrameError for unfit columns, a first treated time that changes within a unit, nobody treated after the
    first time; SosrakeError when nobody is left to compare with, no cell can be estimated, or limits are
    "jackknife" and a cluster cannot be left out.

    Examples
    --------
    >>> starts = dict(zip("abcdefghijkl", [2] * 3 + [3] * 3 + [0] * 6))
    >>> rows = [(u, t, s, 1.5 * (s > 0) * (t >= s) + (7 * ord(u) + 3 * ord(u) * t) % 10 / 10)
    ...         for u, s in starts.items() for t in (1, 2, 3)]
    >>> panel = pd.DataFrame(rows, columns=["unit", "year", "start", "y"])
    >>> found = callaway_santanna(panel, outcome="y", unit="unit", time="year", first_treated="start")
    >>> found.cells.frame[["group", "time"]].to_numpy().tolist()
    [[2, 2], [2, 3], [3, 2], [3, 3]]
    """
    study = Study(assignment, measured_in, source, confidence)
    choices = Choices(control_group, est_method, anticipation, base_period)
    panel = _panel(data, outcome, unit, time, first_treated, covariates, weights, cluster, unbalanced)
    adoption = cohorts_of(panel, first_treated, never, WHERE)
    panel, adoption = without_always(panel, adoption)
    wide = widened(panel, covariates, weights, WHERE)
    codes = None if cluster is None else _clusters(panel, cluster)
    for name, given, allowed in (("aggregation", aggregation, AGGREGATIONS), ("limits", limits, LIMITS)):
        if given not in allowed:
            raise SosrakeError(f"{WHERE}: {name} {given!r}; expected one of {', '.join(allowed)}")
    need_clusters(_arms(adoption), WHERE)
    options: dict[str, dict[str, Any]] = {
        "simple": {"last_step": last_step},
        "calendar": {"last_step": last_step},
        "group": {"last_step": last_step, "size_influence": size_influence},
        "dynamic": {"balance": balance, "first_step": first_step, "last_step": last_step},
    }
    cells = group_time_effects(wide, adoption, panel.times, choices, codes)
    averages = {kind: aggregate(cells, kind, **given) for kind, given in options.items()}
    setting = Setting(wide, adoption, panel.times, choices, cells.clusters, options)
    left_out = _left_out(setting, averages, limits)
    chosen, critical = averages[aggregation], None
    if uniform:
        critical = uniform_critical(
            chosen.influence, cells.clusters, confidence=confidence, draws=draws, seed=seed
        )
    before = _pretrend(averages["dynamic"], base_period, anticipation, left_out)
    judged = _Judged(before, critical, left_out, narrow=_narrow(setting, limits, left_out))
    effect = _effect(panel, adoption, chosen, averages, judged, choices, study)
    return CallawaySantAnna(effect, cells, pretrend=before, critical=critical, left_out=left_out, **averages)


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """What limits and claim rest on; `narrow`: normal limits though clusters are few."""

    before: PreTrend | None
    critical: float | None
    left_out: LeftOut | None
    narrow: bool


def _narrow(setting: Setting, limits: str, left_out: LeftOut | None) -> bool:
    return left_out is None and limits != "jackknife" and int(setting.codes.max()) + 1 < FEW_CLUSTERS


def _left_out(setting: Setting, averages: dict[str, Aggregated], limits: str) -> LeftOut | None:
    """Leave clusters out as `limits` says; None = normal limits."""
    many = int(setting.codes.max()) + 1 >= FEW_CLUSTERS
    if limits == "normal" or (limits == "auto" and many):
        return None
    try:
        return leave_out_each(setting, averages)
    except SosrakeError as problem:
        if limits == "jackknife":
            raise SosrakeError(
                f"{WHERE}: without one of the clusters the effect cannot be estimated ({problem}); use fewer "
                "covariates, or limits='normal'"
            ) from problem
        return None


def _panel(
    data: pd.DataFrame,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    covariates: Sequence[str],
    weights: str | None,
    cluster: str | None,
    unbalanced: str,
) -> Panel:
    if unbalanced == "keep":
        raise SosrakeError(f"{WHERE}: unbalanced 'keep'; changes need both times of a unit, use 'balance'")
    named = [name for name in (weights, cluster) if name is not None]
    return check_panel(
        data,
        outcome=outcome,
        unit=unit,
        time=time,
        also=[first_treated, *covariates, *named],
        unbalanced=unbalanced,
        where=WHERE,
    )


def without_always(panel: Panel, adoption: Adoption) -> tuple[Panel, Adoption]:
    """Leave out the units treated from the first time on: nothing is known of their time before."""
    gone = adoption.always
    if not gone.any():
        return panel, adoption
    rows = ~gone[panel.unit_codes]
    order = np.cumsum(~gone) - 1
    kept = replace(
        panel,
        data=panel.data.loc[rows].reset_index(drop=True),
        outcome=panel.outcome[rows],
        unit_codes=order[panel.unit_codes[rows]],
        time_codes=panel.time_codes[rows],
        units=panel.units[~gone],
        left_out=panel.left_out + int((~rows).sum()),
    )
    return kept, Adoption(adoption.start[~gone])


def _clusters(panel: Panel, cluster: str) -> np.ndarray:
    labels = panel.per_unit(cluster, WHERE)
    return cluster_codes(labels, WHERE, rows=len(panel.units))[0]


def _pretrend(
    dynamic: Aggregated, base_period: str, anticipation: int, left_out: LeftOut | None
) -> PreTrend | None:
    """Test the steps before; with short differences a steady parting is the same in each of them."""
    step = np.asarray(dynamic.at, dtype="float64")
    if left_out is None:
        covariance, df = _covariance(dynamic), np.inf
    else:
        covariance, df = left_out.covariance[dynamic.kind], left_out.overall[dynamic.kind][1]
    variance = np.diag(covariance)
    before = np.isfinite(variance) & (variance > 0) & (step < -anticipation)
    if not before.any():
        return None
    after, base = step >= 0, -1.0 - anticipation
    distance = np.ones(before.sum()) if base_period == "varying" else step[before] - base
    known = covariance[np.ix_(before, before)]
    try:
        return pretrend(dynamic.att[before], known, distance, step[after] - base, dynamic.overall, df)
    except SosrakeError:
        # Fewer clusters than steps before: no joint test exists.
        return None


def _covariance(one: Aggregated) -> np.ndarray:
    """Covariance of an average's parts from their influence functions, summed within clusters."""
    count = int(one.clusters.max()) + 1
    sums = [np.bincount(one.clusters, weights=column, minlength=count) for column in one.influence.T]
    return np.array(sums) @ np.array(sums).T / len(one.influence) ** 2


def _effect(
    panel: Panel,
    adoption: Adoption,
    chosen: Aggregated,
    averages: dict[str, Aggregated],
    judged: _Judged,
    choices: Choices,
    study: Study,
) -> Effect:
    arms = _arms(adoption)
    design = Design(2, panel.shape[1], study.assignment)
    before, left = judged.before, judged.left_out
    fails = before is not None and before.verdict == "fails"
    errors = {
        kind: (one.overall_error, np.inf) if left is None else left.overall[kind]
        for kind, one in averages.items()
    }
    return built(
        chosen.overall,
        *errors[chosen.kind],
        study=study,
        design=design,
        claim=bearable(design, arms, trends_fail=fails),
        method=METHODS[choices.est_method],
        n={"treated": arms.treated, "control": arms.control},
        assumptions=[*pretrend_rows(before), cluster_row(arms), *UNTESTABLE],
        sensitivity=_other_averages(chosen, averages, errors, study.confidence),
        details=left.frame(chosen, study.confidence)
        if left is not None and judged.critical is None
        else chosen.frame(study.confidence, judged.critical),
        caveats=[
            *pretrend_caveats(before),
            *_caveats(panel, adoption, arms, errors[chosen.kind][1]),
            *(["interval_too_narrow_with_few_units"] if judged.narrow else []),
        ],
    )


def _other_averages(
    chosen: Aggregated, averages: dict[str, Aggregated], errors: dict[str, tuple[float, float]], level: float
) -> list[tuple[str, float, float, float]]:
    """Give the other averages with their intervals."""
    rows = []
    for kind, one in averages.items():
        if one is not chosen:
            error, df = errors[kind]
            half = float(t_quantile(0.5 + level / 2, df)) * error
            rows.append((f"aggregation_{kind}", one.overall, one.overall - half, one.overall + half))
    return rows


def _arms(adoption: Adoption) -> Arms:
    return Arms(int(adoption.treated.sum()), int((~adoption.treated).sum()) or int(_last(adoption).sum()))


def _last(adoption: Adoption) -> np.ndarray:
    """Units of the last start: without never-treated units they are the controls."""
    return adoption.start == adoption.start.max()


def _caveats(panel: Panel, adoption: Adoption, arms: Arms, df: float) -> list[str]:
    found = list(arm_caveats(arms, df))
    sizes = [int((adoption.start == start).sum()) for start in adoption.cohorts]
    if min(sizes) < FEW_TREATED <= arms.treated:
        found.append("small_groups")
    if not (adoption.start == NEVER).any():
        found.append("no_never_treated_units")
    if panel.left_out:
        found.append("rows_left_out")
    if panel.gap:
        found.append("time_gaps")
    return found
