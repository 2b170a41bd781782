"""Callaway & Sant'Anna's difference-in-differences for units that start at different times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.did.aggregate import Aggregated, aggregate
from sosrake_lib.effects.did.event import pretrend_caveats, pretrend_rows
from sosrake_lib.effects.did.group_time import Choices, GroupTime, group_time_effects, widened
from sosrake_lib.effects.did.panel import Panel, check_panel
from sosrake_lib.effects.did.pretrends import PreTrend, pretrend
from sosrake_lib.effects.did.reporting import (
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
    """

    effect: Effect
    cells: GroupTime
    simple: Aggregated
    group: Aggregated
    dynamic: Aggregated
    calendar: Aggregated
    pretrend: PreTrend | None
    critical: float | None


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
    uniform : limits of `effect.details` hold the whole path at once (draws, seed: of the multiplier
        bootstrap).
    unbalanced : "error" or "balance". confidence, assignment, measured_in, source : as in did_2x2.

    Returns
    -------
    CallawaySantAnna; analytic standard errors from influence functions, normal limits.

    Compared with R did att_gt and aggte on mpdta (tests/reference/did.csv, tests/test_callaway_santanna.py).
    Source: Callaway B, Sant'Anna PHC (2021), doi 10.1016/j.jeconom.2020.12.001; Sant'Anna PHC, Zhao J
    (2020), doi 10.1016/j.jeconom.2020.06.003.

    Raises
    ------
    FrameError for unfit columns, a first treated time that changes within a unit, nobody treated after the
    first time; SosrakeError when nobody is left to compare with or no cell can be estimated.

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
    cells = group_time_effects(wide, adoption, panel.times, choices, codes)
    dynamic = aggregate(cells, "dynamic", balance=balance, first_step=first_step, last_step=last_step)
    averages = {kind: aggregate(cells, kind, last_step=last_step) for kind in ("simple", "calendar")}
    averages["group"] = aggregate(cells, "group", last_step=last_step, size_influence=size_influence)
    averages["dynamic"] = dynamic
    if aggregation not in averages:
        raise SosrakeError(f"{WHERE}: aggregation {aggregation!r}; expected one of {', '.join(averages)}")
    chosen = averages[aggregation]
    critical = None
    if uniform:
        critical = uniform_critical(
            chosen.influence, cells.clusters, confidence=confidence, draws=draws, seed=seed
        )
    before = _pretrend(dynamic, base_period, anticipation)
    effect = _effect(panel, adoption, chosen, averages, before, choices, study, critical)
    return CallawaySantAnna(effect, cells, pretrend=before, critical=critical, **averages)


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


def _pretrend(dynamic: Aggregated, base_period: str, anticipation: int) -> PreTrend | None:
    """Test the steps before; with short differences a steady parting is the same in each of them."""
    step = np.asarray(dynamic.at, dtype="float64")
    known = np.isfinite(dynamic.standard_error) & (dynamic.standard_error > 0)
    before, after = known & (step < -anticipation), step >= 0
    if not before.any():
        return None
    base = -1.0 - anticipation
    distance = np.ones(before.sum()) if base_period == "varying" else step[before] - base
    count = int(dynamic.clusters.max()) + 1
    columns = dynamic.influence[:, before].T
    sums = np.column_stack([np.bincount(dynamic.clusters, weights=one, minlength=count) for one in columns])
    covariance = sums.T @ sums / len(dynamic.influence) ** 2
    try:
        return pretrend(dynamic.att[before], covariance, distance, step[after] - base, dynamic.overall)
    except SosrakeError:
        # Fewer clusters than steps before: no joint test exists.
        return None


def _effect(
    panel: Panel,
    adoption: Adoption,
    chosen: Aggregated,
    averages: dict[str, Aggregated],
    before: PreTrend | None,
    choices: Choices,
    study: Study,
    critical: float | None,
) -> Effect:
    arms = Arms(int(adoption.treated.sum()), int((~adoption.treated).sum()) or int(_last(adoption).sum()))
    need_clusters(arms, WHERE)
    design = Design(2, panel.shape[1], study.assignment)
    fails = before is not None and before.verdict == "fails"
    half = float(t_quantile(0.5 + study.confidence / 2, np.inf))
    others = [
        (
            f"aggregation_{kind}",
            one.overall,
            one.overall - half * one.overall_error,
            one.overall + half * one.overall_error,
        )
        for kind, one in averages.items()
        if one is not chosen
    ]
    return built(
        chosen.overall,
        chosen.overall_error,
        np.inf,
        study=study,
        design=design,
        claim=bearable(design, arms, trends_fail=fails),
        method=METHODS[choices.est_method],
        n={"treated": arms.treated, "control": arms.control},
        assumptions=[*pretrend_rows(before), cluster_row(arms), *UNTESTABLE],
        sensitivity=others,
        details=chosen.frame(study.confidence, critical),
        caveats=[*pretrend_caveats(before), *_caveats(panel, adoption, arms)],
    )


def _last(adoption: Adoption) -> np.ndarray:
    """Units of the last start: without never-treated units they are the controls."""
    return adoption.start == adoption.start.max()


def _caveats(panel: Panel, adoption: Adoption, arms: Arms) -> list[str]:
    found = list(arm_caveats(arms))
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
