"""Sun & Abraham's event study for units that start at different times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.did.callaway import without_always
from sosrake_lib.effects.did.event import pretrend_caveats, pretrend_rows
from sosrake_lib.effects.did.panel import Panel, check_panel
from sosrake_lib.effects.did.pretrends import PreTrend, pretrend
from sosrake_lib.effects.did.reporting import UNTESTABLE, Study, bearable, built, cluster_row, need_clusters
from sosrake_lib.effects.did.treatment import NEVER, Adoption, cohorts_of
from sosrake_lib.effects.did.twoway import CLUSTERED, Setting, panel_caveats, setting_of
from sosrake_lib.effects.did.within import Combined, WithinFit, chosen_error, combine, fit_within
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.regression import coefficient_table, numbers
from sosrake_lib.errors import SosrakeError

WHERE = "sun_abraham"
METHODS = MappingProxyType(
    {
        "classical": "sun_abraham_classical",
        "hc1": "sun_abraham_hc1",
        "cluster": "sun_abraham_cluster",
        "cluster_uncorrected": "sun_abraham_cluster_uncorrected",
        "cr2": "sun_abraham_cr2",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class SunAbraham:
    """Effects by time since the start and by start.

    Attributes
    ----------
    effect : Effect, the mean over all treated unit-times; its `details` are `path`.
    path : DataFrame `step, estimate, standard_error, df, p_value, lower, upper`, steps from the start.
    cohorts : the same by `cohort` (first treated time), the mean of its treated times.
    covariates : coefficient_table of the covariates.
    pretrend : PreTrend of the steps before, or None.
    """

    effect: Effect
    path: pd.DataFrame
    cohorts: pd.DataFrame
    covariates: pd.DataFrame
    pretrend: PreTrend | None


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The starts' own steps: cohort and step of each column, and how many rows each stands for."""

    cohort: np.ndarray
    step: np.ndarray
    size: np.ndarray


def sun_abraham(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    never: float | None = 0,
    reference: float = -1,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    standard_error: str = "auto",
    unbalanced: str = "error",
    confidence: float = 0.95,
    assignment: str = "none",
    measured_in: str = "",
    source: str = "",
) -> SunAbraham:
    """Estimate effects by time since the start when units start at different times.

    Parameters
    ----------
    first_treated : first treated time of the unit; empty, `never` or after the last time = never treated.
        Units treated from the first time on are left out; never-treated units are needed.
    reference : the step (time minus first treated time) that differences are taken against.
    data, outcome, unit, time (numbers), covariates, cluster, standard_error, unbalanced and the rest : as in
    twfe.

    Returns
    -------
    SunAbraham. Formula: y_it = a_i + c_t + Σ_g Σ_{l != reference} d_gl·1(start = g)·1(t - g = l) + x_it'b +
    e_it; the effect of step l is the mean of d_gl over starts, weighted by their rows in that step, the
    weights taken as given.

    Compared with R fixest sunab (tests/reference/did.csv).
    Source: Sun L, Abraham S (2021), doi 10.1016/j.jeconom.2020.09.006.

    Raises
    ------
    As twfe; and when no unit is never treated.

    Examples
    --------
    >>> starts = dict(zip("abcdefghijkl", [3] * 3 + [4] * 3 + [0] * 6))
    >>> rows = [(u, t, s, 1.5 * (s > 0) * (t >= s) + (7 * ord(u) + 3 * ord(u) * t) % 10 / 10)
    ...         for u, s in starts.items() for t in (1, 2, 3, 4)]
    >>> panel = pd.DataFrame(rows, columns=["unit", "year", "start", "y"])
    >>> found = sun_abraham(panel, outcome="y", unit="unit", time="year", first_treated="start")
    >>> found.path["step"].tolist()
    [-3.0, -2.0, 0.0, 1.0]
    """
    study = Study(assignment, measured_in, source, confidence)
    also = [first_treated, *covariates, *([] if cluster is None else [cluster])]
    panel = check_panel(
        data, outcome=outcome, unit=unit, time=time, also=also, unbalanced=unbalanced, where=WHERE
    )
    panel, adoption = without_always(panel, cohorts_of(panel, first_treated, never, WHERE))
    if not (adoption.start == NEVER).any():
        raise SosrakeError(
            f"{WHERE}: no unit is never treated; leave out the times from the last start on, whose units "
            "then are the "
            "controls, or use callaway_santanna with control_group='notyettreated'"
        )
    setting = setting_of(panel, _treated(panel, adoption), adoption, cluster, WHERE)
    chosen = chosen_error(standard_error, setting.clusters, panel.unit_codes, WHERE)
    if chosen in CLUSTERED:
        need_clusters(setting.arms, WHERE)
    within, cells = _fitted(setting, reference, covariates)
    return _told(setting, within, cells, reference, chosen, study, list(covariates))


def _treated(panel: Panel, adoption: Adoption) -> np.ndarray:
    return (panel.time_codes >= adoption.start[panel.unit_codes]).astype("float64")


def _fitted(setting: Setting, reference: float, covariates: Sequence[str]) -> tuple[WithinFit, _Cells]:
    panel, start = setting.panel, setting.adoption.start
    times = np.asarray(panel.times, dtype="float64")
    cohort = start[panel.unit_codes]
    columns, cells = [], []
    for group in setting.adoption.cohorts:
        for place in range(len(times)):
            rows = (cohort == group) & (panel.time_codes == place)
            if times[place] - times[group] != reference and rows.any():
                columns.append(rows.astype("float64"))
                cells.append((times[group], times[place] - times[group], int(rows.sum())))
    columns += [numbers(panel.data, name, WHERE) for name in covariates]
    within = fit_within(panel.outcome, np.column_stack(columns), [panel.unit_codes, panel.time_codes], WHERE)
    kept = within.kept[: len(cells)]
    table = np.array(cells, dtype="float64")[kept]
    return within, _Cells(table[:, 0], table[:, 1], table[:, 2])


def _mean_of(cells: _Cells, chosen: np.ndarray, k: int) -> np.ndarray:
    """The combination that averages the chosen cells by size, (k,)."""
    weights = np.zeros(k)
    weights[: len(chosen)] = np.where(chosen, cells.size, 0.0) / cells.size[chosen].sum()
    return weights


def _told(
    setting: Setting,
    within: WithinFit,
    cells: _Cells,
    reference: float,
    chosen: str,
    study: Study,
    covariates: list[str],
) -> SunAbraham:
    k, count = within.fit.k, len(cells.step)
    after = cells.step >= 0
    steps, cohorts = np.unique(cells.step), np.unique(cells.cohort[after])
    wanted = [_mean_of(cells, cells.step == step, k) for step in steps]
    wanted += [_mean_of(cells, after & (cells.cohort == cohort), k) for cohort in cohorts]
    wanted += [_mean_of(cells, after, k), *np.eye(k)[count:]]
    found = combine(within, np.array(wanted), chosen, setting.clusters, WHERE)
    parts = np.split(np.arange(len(wanted)), np.cumsum([len(steps), len(cohorts), 1]))
    kept = within.kept[len(within.kept) - len(covariates) :]
    names = [name for name, one in zip(covariates, kept, strict=True) if one]
    path = _table(found, parts[0], study.confidence, "step", steps)
    before = _pretrend(found, parts[0], steps, reference, float(found.estimate[parts[2][0]]))
    return SunAbraham(
        _effect(setting, found, int(parts[2][0]), path, before, chosen, study),
        path,
        _table(found, parts[1], study.confidence, "cohort", cohorts),
        _table(found, parts[3], study.confidence, "term", names),
        before,
    )


def _table(
    found: Combined, at: np.ndarray, confidence: float, name: str, labels: Sequence[object] | np.ndarray
) -> pd.DataFrame:
    table = coefficient_table(
        [""] * len(at), found.estimate[at], found.covariance[np.ix_(at, at)], found.df[at], confidence
    )
    table = table.drop(columns=["term", "statistic"])
    table.insert(0, name, list(labels))
    return table


def _pretrend(
    found: Combined, at: np.ndarray, steps: np.ndarray, reference: float, mean: float
) -> PreTrend | None:
    before = steps < 0
    if not before.any():
        return None
    chosen = at[before]
    try:
        return pretrend(
            found.estimate[chosen],
            found.covariance[np.ix_(chosen, chosen)],
            steps[before] - reference,
            steps[~before] - reference,
            mean,
            float(found.df[chosen].min()),
        )
    except SosrakeError:
        # Fewer clusters than steps before: no joint test exists.
        return None


def _effect(
    setting: Setting,
    found: Combined,
    at: int,
    path: pd.DataFrame,
    before: PreTrend | None,
    chosen: str,
    study: Study,
) -> Effect:
    design = Design(2, setting.panel.shape[1], study.assignment)
    fails = before is not None and before.verdict == "fails"
    caveats = [name for name in panel_caveats(setting, float(found.df[at])) if name != "staggered_treatment"]
    return built(
        float(found.estimate[at]),
        float(found.error[at]),
        float(found.df[at]),
        study=study,
        design=design,
        claim=bearable(design, setting.arms, trends_fail=fails),
        method=METHODS[chosen],
        n={"treated": setting.arms.treated, "control": setting.arms.control},
        assumptions=[*pretrend_rows(before), cluster_row(setting.arms), *UNTESTABLE],
        details=path,
        caveats=[*pretrend_caveats(before), *caveats],
    )
