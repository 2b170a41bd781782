"""Two-way fixed effects: the treated against themselves before and against the others meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.did.panel import Panel, check_panel
from sosrake_lib.effects.did.reporting import (
    UNTESTABLE,
    Arms,
    Row,
    Study,
    arm_caveats,
    bearable,
    built,
    cluster_row,
    need_clusters,
)
from sosrake_lib.effects.did.treatment import Adoption, adoption_of, indicator
from sosrake_lib.effects.did.within import Combined, WithinFit, chosen_error, combine, fit_within
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.regression import cluster_codes, coefficient_table, filled, numbers, t_quantile

WHERE = "twfe"
METHODS = MappingProxyType(
    {
        "classical": "twfe_classical",
        "hc1": "twfe_hc1",
        "cluster": "twfe_cluster",
        "cluster_uncorrected": "twfe_cluster_uncorrected",
        "cr2": "twfe_cr2",
    }
)
CLUSTERED = ("cluster", "cluster_uncorrected", "cr2")


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A checked panel with its treatment, its clusters and how many of them are in each arm."""

    panel: Panel
    treated: np.ndarray
    adoption: Adoption
    clusters: np.ndarray
    arms: Arms


def setting_of(
    panel: Panel, treated: np.ndarray, adoption: Adoption, cluster: str | None, where: str
) -> Setting:
    """Read the clusters (the units when none are named) and count the arms."""
    labels = panel.unit_codes if cluster is None else filled(panel.data, cluster, where).to_numpy()
    codes, count = cluster_codes(labels, where, rows=len(panel.data))
    ever = adoption.treated[panel.unit_codes].astype("float64")
    held = np.bincount(codes, weights=ever, minlength=count) > 0
    free = np.bincount(codes, weights=1 - ever, minlength=count) > 0
    return Setting(panel, treated, adoption, codes, Arms(int(held.sum()), int(free.sum())))


def twfe(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    unit: str,
    time: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    standard_error: str = "auto",
    unbalanced: str = "error",
    confidence: float = 0.95,
    assignment: str = "none",
    measured_in: str = "",
    source: str = "",
) -> Effect:
    """Estimate the effect of a treatment with unit and time fixed effects.

    Parameters
    ----------
    data : one row a unit and time. outcome : numbers.
    treatment : 1 in the rows where the unit is treated, else 0; it lasts to the end once begun.
    unit, time : columns of labels. covariates : columns of numbers that change in time.
    cluster : column of clusters; left out, the unit.
    standard_error : "cluster" (G/(G-1)·(n-1)/(n-K), effects nested in clusters not counted: R fixest's
        default, t with G - 1 degrees), "cluster_uncorrected", "cr2" (Satterthwaite's degrees), "classical",
        "hc1"; "auto" is cr2 below 50 clusters, else cluster.
    unbalanced : "error", "keep" or "balance", see check_panel.
    confidence, assignment, measured_in, source : as in did_2x2.

    Returns
    -------
    Effect, claim lowered with few treated units or when trends part before. `details` the coefficients;
    `sensitivity` other standard errors. With different starts the estimate mixes effects with weights that
    can be negative (Goodman-Bacon 2021): caveat `staggered_treatment`, use callaway_santanna.

    Formula: y_it = a_i + c_t + d·D_it + x_it'b + e_it. Compared with R fixest feols
    (tests/reference/did.csv). Source: Wooldridge JM (2010) Econometric analysis of cross section and panel
    data; Goodman-Bacon A (2021), doi 10.1016/j.jeconom.2021.03.014; Pustejovsky JE, Tipton E (2018), doi
    10.1080/07350015.2016.1247004.

    Raises
    ------
    FrameError for unfit columns, unit-times standing twice, an unbalanced panel, treatment that ends or has
    no before; with cluster-robust errors, one cluster in an arm.

    Examples
    --------
    >>> panel = pd.DataFrame([(u, t) for u in range(8) for t in range(1, 5)], columns=["unit", "year"])
    >>> panel["treated"] = ((panel["unit"] < 3) & (panel["year"] > 2)).astype(float)
    >>> panel["y"] = 3.0 * panel["treated"] + (7 * panel["unit"] + 5 * panel["year"] ** 2) % 11 / 5
    >>> found = twfe(panel, outcome="y", treatment="treated", unit="unit", time="year")
    >>> print(found.method, found.claim.value, found.lower < found.estimate < found.upper)
    twfe_cr2 ero True
    """
    study = Study(assignment, measured_in, source, confidence)
    also = [treatment, *covariates, *([] if cluster is None else [cluster])]
    panel = check_panel(
        data, outcome=outcome, unit=unit, time=time, also=also, unbalanced=unbalanced, where=WHERE
    )
    treated = indicator(panel, treatment, WHERE)
    setting = setting_of(panel, treated, adoption_of(panel, treated, WHERE), cluster, WHERE)
    chosen = chosen_error(standard_error, setting.clusters, panel.unit_codes, WHERE)
    if chosen in CLUSTERED:
        need_clusters(setting.arms, WHERE)
    columns = np.column_stack([treated, *(numbers(panel.data, name, WHERE) for name in covariates)])
    within = fit_within(panel.outcome, columns, [panel.unit_codes, panel.time_codes], WHERE)
    found = combine(within, np.eye(within.fit.k), chosen, setting.clusters, WHERE)
    names = [name for name, kept in zip([treatment, *covariates], within.kept, strict=True) if kept]
    design = Design(2, panel.shape[1], assignment)
    return built(
        float(found.estimate[0]),
        float(found.error[0]),
        float(found.df[0]),
        study=study,
        design=design,
        claim=bearable(design, setting.arms),
        method=METHODS[chosen],
        n={"treated": setting.arms.treated, "control": setting.arms.control},
        assumptions=_assumptions(setting),
        sensitivity=_others(within, setting, chosen, confidence),
        details=coefficient_table(names, found.estimate, found.covariance, found.df, confidence),
        caveats=panel_caveats(setting, float(found.df[0])),
    )


def panel_caveats(setting: Setting, df: float) -> list[str]:
    """Name what a reader must be told of a panel comparison."""
    found = list(arm_caveats(setting.arms, df))
    if len(setting.adoption.cohorts) > 1:
        found.append("staggered_treatment")
    if setting.adoption.always.any():
        found.append("units_always_treated")
    if not setting.panel.balanced:
        found.append("unbalanced_panel")
    if setting.panel.left_out:
        found.append("rows_left_out")
    if setting.panel.gap:
        found.append("time_gaps")
    return found


def _assumptions(setting: Setting) -> list[Row]:
    cohorts = len(setting.adoption.cohorts)
    return [
        ("parallel_trends", "see event_study", "not_testable"),
        ("one_start", f"{cohorts} start(s)", "holds" if cohorts == 1 else "doubtful"),
        cluster_row(setting.arms),
        *UNTESTABLE,
    ]


def _others(
    within: WithinFit, setting: Setting, chosen: str, confidence: float
) -> list[tuple[str, float, float, float]]:
    kinds = ["classical", "hc1"]
    if min(setting.arms.treated, setting.arms.control) > 1:
        kinds.append("cluster")
    rows = []
    first = np.eye(within.fit.k)[0]
    for kind in (kind for kind in kinds if kind != chosen):
        found = combine(within, first, kind, setting.clusters, WHERE)
        rows.append((f"standard_error_{kind}", *limits_of(found, confidence)))
    return rows


def limits_of(found: Combined, confidence: float) -> tuple[float, float, float]:
    """Estimate and limits of a single combination."""
    half = float(t_quantile(0.5 + confidence / 2, found.df[0]) * found.error[0])
    estimate = float(found.estimate[0])
    return estimate, estimate - half, estimate + half
