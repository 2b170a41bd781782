"""Event study: the difference between the groups time by time, against a time before the treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.did.panel import Panel, check_panel
from sosrake_lib.effects.did.pretrends import PreTrend, pretrend
from sosrake_lib.effects.did.reporting import (
    UNTESTABLE,
    Row,
    Study,
    bearable,
    built,
    cluster_row,
    need_clusters,
)
from sosrake_lib.effects.did.treatment import NEVER, Adoption
from sosrake_lib.effects.did.twoway import CLUSTERED, Setting, panel_caveats, setting_of
from sosrake_lib.effects.did.within import Combined, WithinFit, chosen_error, combine, fit_within
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.regression import coefficient_table, numbers, shown
from sosrake_lib.errors import FrameError, SosrakeError

WHERE = "event_study"
METHODS = MappingProxyType(
    {
        "classical": "event_study_classical",
        "hc1": "event_study_hc1",
        "cluster": "event_study_cluster",
        "cluster_uncorrected": "event_study_cluster_uncorrected",
        "cr2": "event_study_cr2",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class EventStudy:
    """The path of the differences and what it tells.

    Attributes
    ----------
    effect : Effect of the mean difference from the start on; its `details` are `path`.
    path : DataFrame `time, step, estimate, standard_error, df, p_value, lower, upper`, one row a time; `step`
        counts times from the reference; the reference is 0 without error.
    covariance : of the path without the reference, in its order.
    covariates : DataFrame of the covariates' coefficients, as coefficient_table.
    pretrend : PreTrend, or None when the reference is the only time before.
    """

    effect: Effect
    path: pd.DataFrame
    covariance: np.ndarray
    covariates: pd.DataFrame
    pretrend: PreTrend | None


def event_study(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    unit: str,
    time: str,
    reference: Any,
    start: Any = None,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    standard_error: str = "auto",
    unbalanced: str = "error",
    confidence: float = 0.95,
    assignment: str = "none",
    measured_in: str = "",
    source: str = "",
) -> EventStudy:
    """Follow the difference between treated and untreated units time by time.

    Parameters
    ----------
    treatment : 1 for units that are treated at some time, 0 for the others; the same in all their rows. One
        common start; for different starts use sun_abraham or callaway_santanna.
    reference : the time, before the treatment, that differences are taken against.
    start : the first treated time; left out, the time after `reference`.
    data, outcome, unit, time, covariates, cluster, standard_error, unbalanced and the rest : as in twfe.

    Returns
    -------
    EventStudy. The effect's assumptions hold the joint test of the times before and its power: the parting a
    time step that the test would have found with probability 0.8, and how far it would put the estimate off.
    No parting found is not "no parting" where that is large.

    Formula: y_it = a_i + c_t + Σ_{s != reference} d_s·1(t = s)·treated_i + x_it'b + e_it.
    Compared with R fixest feols(y ~ x1 + i(period, treat, 5) | id + period) (tests/reference/did.csv).
    Source: Roth J (2022), doi 10.1257/aeri.20210236 (power of the test before).

    Raises
    ------
    FrameError as twfe, and when the reference is not a time of the data, not before the start, or nothing is
    left before or after.

    Examples
    --------
    >>> panel = pd.DataFrame([(u, t) for u in range(9) for t in (1, 2, 3)], columns=["unit", "year"])
    >>> panel["treated"] = (panel["unit"] < 4).astype(float)
    >>> panel["y"] = 2 * panel["treated"] * (panel["year"] > 2) + (panel["unit"] * panel["year"] ** 2) % 7
    >>> found = event_study(panel, outcome="y", treatment="treated", unit="unit", time="year", reference=2)
    >>> found.path["time"].tolist(), found.path["step"].tolist()
    ([1, 2, 3], [-1, 0, 1])
    """
    study = Study(assignment, measured_in, source, confidence)
    also = [treatment, *covariates, *([] if cluster is None else [cluster])]
    panel = check_panel(
        data, outcome=outcome, unit=unit, time=time, also=also, unbalanced=unbalanced, where=WHERE
    )
    base, first = _places(panel, reference, start)
    setting = _setting(panel, treatment, first, cluster)
    chosen = chosen_error(standard_error, setting.clusters, panel.unit_codes, WHERE)
    if chosen in CLUSTERED:
        need_clusters(setting.arms, WHERE)
    within = _fitted(setting, base, covariates)
    return _told(setting, within, base, first, chosen, study, list(covariates))


def _places(panel: Panel, reference: Any, start: Any) -> tuple[int, int]:
    """Places of the reference and the first treated time among the panel's times."""
    found: list[int] = []
    for name, value in (("reference", reference), ("start", start)):
        if name == "start" and value is None:
            found.append(found[0] + 1)
            continue
        at = np.flatnonzero(panel.times == value)
        if not len(at):
            raise FrameError(
                f"{WHERE}: {name} {value!r} is not among the times {shown(panel.times[0])} to "
                f"{shown(panel.times[-1])}"
            )
        found.append(int(at[0]))
    if found[0] >= found[1] or found[1] >= panel.shape[1]:
        raise FrameError(
            f"{WHERE}: reference {reference!r} must come before the first treated time, and there must be a "
            "time "
            f"after it; times are {shown(panel.times[0])} to {shown(panel.times[-1])}"
        )
    return found[0], found[1]


def _setting(panel: Panel, treatment: str, first: int, cluster: str | None) -> Setting:
    ever = panel.per_unit(treatment, WHERE).astype("float64")
    if not np.isin(ever, (0.0, 1.0)).all() or np.ptp(ever) == 0:
        raise FrameError(
            f"{WHERE}: column {treatment!r} must be 1 for treated units and 0 for the others, and hold both; "
            "found "
            f"{sorted(set(ever.tolist()))[:3]}"
        )
    adoption = Adoption(np.where(ever == 1, first, NEVER))
    return setting_of(panel, ever[panel.unit_codes], adoption, cluster, WHERE)


def _fitted(setting: Setting, base: int, covariates: Sequence[str]) -> WithinFit:
    panel = setting.panel
    others = [place for place in range(panel.shape[1]) if place != base]
    columns = [setting.treated * (panel.time_codes == place) for place in others]
    columns += [numbers(panel.data, name, WHERE) for name in covariates]
    within = fit_within(panel.outcome, np.column_stack(columns), [panel.unit_codes, panel.time_codes], WHERE)
    lost = np.flatnonzero(~within.kept[: len(others)])
    if len(lost):
        raise SosrakeError(
            f"{WHERE}: time {shown(panel.times[others[lost[0]]])} has only treated or only untreated units; "
            "leave "
            "that "
            "time out"
        )
    return within


def _told(
    setting: Setting,
    within: WithinFit,
    base: int,
    first: int,
    chosen: str,
    study: Study,
    covariates: list[str],
) -> EventStudy:
    panel = setting.panel
    count = panel.shape[1] - 1
    steps = np.delete(np.arange(panel.shape[1]), base) - base
    after = steps >= first - base
    every = combine(within, np.eye(within.fit.k), chosen, setting.clusters, WHERE)
    mean = np.zeros(within.fit.k)
    mean[:count][after] = 1 / after.sum()
    overall = combine(within, mean, chosen, setting.clusters, WHERE)
    path = _path(panel, every, base, study.confidence)
    before = _before(every, steps, ~after & (steps < 0), after, overall)
    names = [name for name, kept in zip(covariates, within.kept[count:], strict=True) if kept]
    slopes = coefficient_table(
        names, every.estimate[count:], every.covariance[count:, count:], every.df[count:], study.confidence
    )
    effect = _effect(setting, overall, before, path, chosen, study)
    return EventStudy(effect, path, every.covariance[:count, :count], slopes, before)


def _path(panel: Panel, every: Combined, base: int, confidence: float) -> pd.DataFrame:
    count = panel.shape[1] - 1
    table = coefficient_table(
        [""] * count, every.estimate[:count], every.covariance[:count, :count], every.df[:count], confidence
    )
    table = table.drop(columns=["term", "statistic"])
    held = pd.DataFrame({"estimate": [0.0]}).reindex(columns=table.columns)
    whole = pd.concat([table.iloc[:base], held, table.iloc[base:]], ignore_index=True)
    whole.insert(0, "time", panel.times)
    whole.insert(1, "step", np.arange(len(whole)) - base)
    return whole


def _before(
    every: Combined, steps: np.ndarray, before: np.ndarray, after: np.ndarray, overall: Combined
) -> PreTrend | None:
    if not before.any():
        return None
    at = np.flatnonzero(before)
    df = float(np.min(every.df[: len(steps)][before]))
    try:
        return pretrend(
            every.estimate[at],
            every.covariance[np.ix_(at, at)],
            steps[before],
            steps[after],
            float(overall.estimate[0]),
            df,
        )
    except SosrakeError:
        # Fewer clusters than times before: no joint test exists.
        return None


def pretrend_rows(found: PreTrend | None) -> list[Row]:
    """Tell the test of the times before and what it could have found."""
    if found is None:
        return [("parallel_trends", "no test of the times before", "not_testable")]
    kind = "chi2" if np.isinf(found.df2) else "F"
    test = f"{kind}({found.df1}) = {found.statistic:.2f}, p = {found.p_value:.3f}"
    power = (
        f"slope found with probability 0.8: {found.slope_80:.3g}; it would bias the estimate by "
        f"{found.bias_80:.3g}"
    )
    enough = "holds" if found.power_at_estimate >= 0.8 else "doubtful"
    return [("parallel_trends", test, found.verdict), ("power_of_pretrend_test", power, enough)]


def pretrend_caveats(found: PreTrend | None) -> list[str]:
    """Name what the times before leave open."""
    if found is None:
        return ["parallel_trends_untested"]
    return {"fails": ["pretrend_differs"], "doubtful": ["pretrend_test_weak"], "holds": []}[found.verdict]


def _effect(
    setting: Setting,
    overall: Combined,
    before: PreTrend | None,
    path: pd.DataFrame,
    chosen: str,
    study: Study,
) -> Effect:
    design = Design(2, setting.panel.shape[1], study.assignment)
    fails = before is not None and before.verdict == "fails"
    return built(
        float(overall.estimate[0]),
        float(overall.error[0]),
        float(overall.df[0]),
        study=study,
        design=design,
        claim=bearable(design, setting.arms, trends_fail=fails),
        method=METHODS[chosen],
        n={"treated": setting.arms.treated, "control": setting.arms.control},
        assumptions=[*pretrend_rows(before), cluster_row(setting.arms), *UNTESTABLE],
        details=path,
        caveats=[*pretrend_caveats(before), *panel_caveats(setting, float(overall.df[0]))],
    )
