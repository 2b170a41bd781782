"""Comparisons with few units, on data frames: wild cluster bootstrap and randomisation inference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.did.panel import Panel, check_panel
from sosrake_lib.effects.did.randomisation import Randomisation, randomise
from sosrake_lib.effects.did.reporting import (
    FEW_TREATED,
    UNTESTABLE,
    Arms,
    Row,
    Study,
    bearable,
    cluster_row,
    need_clusters,
    tested,
)
from sosrake_lib.effects.did.treatment import adoption_of, indicator
from sosrake_lib.effects.did.twoway import Setting, panel_caveats, setting_of
from sosrake_lib.effects.did.wild import WildBootstrap, wild_bootstrap
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.regression import absorb, check_confidence, independent_columns, numbers, shown
from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import FrameError

WILD = "wild_cluster_bootstrap"
RANDOM = "randomisation_inference"
METHODS = MappingProxyType(
    {"rademacher": "wild_cluster_bootstrap_rademacher", "webb": "wild_cluster_bootstrap_webb"}
)


def wild_cluster_bootstrap(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    unit: str,
    time: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    weights: str = "auto",
    draws: int = 9_999,
    seed: int = 1,
    unbalanced: str = "error",
    confidence: float = 0.95,
    assignment: str = "none",
    measured_in: str = "",
    source: str = "",
) -> Effect:
    """Estimate two-way fixed effects (see twfe) with the p value and interval of the wild cluster bootstrap.

    Parameters
    ----------
    weights : "rademacher", "webb" or "auto" (webb up to 12 clusters). draws, seed : of the bootstrap.
    data, outcome, treatment, unit, time, covariates, cluster, unbalanced and the rest : as in twfe.

    Returns
    -------
    Effect; the interval holds the effects whose bootstrap p value is above 1 - confidence, so it need not
    lie evenly about the estimate. With fewer than five treated clusters the bootstrap itself is not trusted
    (MacKinnon & Webb 2017): the claim is lowered, see randomisation_inference.

    Compared with refitting draw by draw (tests/test_few_clusters.py). Source: Cameron AC, Gelbach JB, Miller
    DL (2008), doi 10.1162/rest.90.3.414; MacKinnon JG, Webb MD (2017), doi 10.1002/jae.2508.

    Raises
    ------
    As twfe; one cluster in an arm; an interval without limit.

    Examples
    --------
    >>> panel = pd.DataFrame([(u, t) for u in range(13) for t in range(1, 7)], columns=["unit", "year"])
    >>> panel["treated"] = ((panel["unit"] < 5) & (panel["year"] > 3)).astype(float)
    >>> panel["y"] = 2.0 * panel["treated"] + (7 * panel["unit"] + 5 * panel["year"] ** 2) % 11 / 5
    >>> names = {"outcome": "y", "treatment": "treated", "unit": "unit", "time": "year"}
    >>> found = wild_cluster_bootstrap(panel, **names, draws=999)
    >>> found.lower < found.estimate < found.upper
    True
    """
    check_confidence(confidence, WILD)
    study = Study(assignment, measured_in, source, confidence)
    setting = _setting(data, outcome, treatment, unit, time, covariates, cluster, unbalanced, WILD)
    need_clusters(setting.arms, WILD)
    found = wild_bootstrap(
        setting.panel.outcome,
        setting.treated,
        setting.clusters,
        residualiser(setting.panel, covariates, WILD),
        weights=weights,
        draws=draws,
        seed=seed,
    )
    lower, upper = found.interval(confidence)
    least = min(setting.arms.treated, setting.arms.control)
    fits: Row = ("clusters_for_the_bootstrap", str(least), "holds" if least >= FEW_TREATED else "doubtful")
    return _effect(
        setting, study, METHODS[found.weights], found, (lower, upper), _wild_details(found), [fits], []
    )


def randomisation_inference(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    unit: str,
    time: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    draws: int = 9_999,
    seed: int = 1,
    unbalanced: str = "error",
    confidence: float = 0.95,
    assignment: str = "none",
    measured_in: str = "",
    source: str = "",
) -> Effect:
    """Estimate two-way fixed effects and compare with what other assignments would have given.

    The method for one or few treated units. The times of treatment are handed to other units (or clusters);
    the p value is the share of assignments whose coefficient is at least as large in size.

    Parameters
    ----------
    cluster : what is assigned together; left out, the unit. Treatment must be the same within it in each
        time.
    draws : all assignments are used when they are no more than this, else so many are drawn with `seed`.
    data, outcome, treatment, unit, time, covariates, unbalanced and the rest : as in twfe.

    Returns
    -------
    Effect. The p value cannot be smaller than 1 / assignments: 1/13 with one treated of 13 units. The
    interval holds the constant effects not refused; where the assignments are too few for the confidence
    asked for, it is lowered to what they can give (`confidence`, caveat confidence_lowered). The p value is
    exact if the treatment was drawn by lot; otherwise it says how unusual the treated units are among the
    others.

    Compared with fitting each assignment (tests/test_few_clusters.py). Source: MacKinnon JG, Webb MD (2020),
    doi 10.1016/j.jeconom.2020.04.024; Rosenbaum PR (2002), doi 10.1007/978-1-4757-3692-2.

    Raises
    ------
    As twfe; FrameError when treatment differs within a cluster and time.

    Examples
    --------
    >>> panel = pd.DataFrame([(u, t) for u in range(13) for t in range(1, 7)], columns=["unit", "year"])
    >>> panel["treated"] = ((panel["unit"] < 1) & (panel["year"] > 3)).astype(float)
    >>> panel["y"] = 9.0 * panel["treated"] + (7 * panel["unit"] + 5 * panel["year"] ** 2) % 11 / 5
    >>> names = {"outcome": "y", "treatment": "treated", "unit": "unit", "time": "year"}
    >>> found = randomisation_inference(panel, **names)
    >>> round(found.p_value, 4), round(found.confidence, 4), found.claim.value
    (0.0769, 0.9231, 'ero')
    """
    check_confidence(confidence, RANDOM)
    setting = _setting(data, outcome, treatment, unit, time, covariates, cluster, unbalanced, RANDOM)
    paths, table = _paths(setting)
    panel = setting.panel

    def blocks(columns: range) -> Floats:
        owner, path = np.divmod(np.array(columns), len(table))
        return table[path][:, panel.time_codes].T * (setting.clusters[:, None] == owner[None, :])

    found = randomise(
        panel.outcome, blocks, paths, residualiser(panel, covariates, RANDOM), draws=draws, seed=seed
    )
    reached = found.attainable(confidence)
    study = Study(assignment, measured_in, source, reached)
    lot: Row = ("assigned_by_lot", assignment, "holds" if assignment == "randomised" else "not_testable")
    caveats = ["confidence_lowered"] if reached < confidence else []
    limits = found.interval(reached)
    return _effect(
        setting, study, "randomisation_inference", found, limits, _random_details(found), [lot], caveats
    )


def residualiser(panel: Panel, covariates: Sequence[str], where: str) -> Callable[[Floats], Floats]:
    """Give the function that takes columns to their residuals on unit and time effects and covariates."""
    factors = [panel.unit_codes, panel.time_codes]
    if not covariates:
        return lambda columns: absorb(columns, factors).values
    given = np.column_stack([numbers(panel.data, name, where) for name in covariates])
    inner = absorb(given, factors).values
    basis = np.linalg.qr(inner[:, independent_columns(inner)])[0]

    def residualise(columns: Floats) -> Floats:
        out = absorb(columns, factors).values
        return out - basis @ (basis.T @ out)

    return residualise


def _setting(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    unit: str,
    time: str,
    covariates: Sequence[str],
    cluster: str | None,
    unbalanced: str,
    where: str,
) -> Setting:
    also = [treatment, *covariates, *([] if cluster is None else [cluster])]
    panel = check_panel(
        data, outcome=outcome, unit=unit, time=time, also=also, unbalanced=unbalanced, where=where
    )
    treated = indicator(panel, treatment, where)
    return setting_of(panel, treated, adoption_of(panel, treated, where), cluster, where)


def _paths(setting: Setting) -> tuple[np.ndarray, Floats]:
    """Path of each cluster, 0 = never, and the paths' treatment by time, (paths, times)."""
    panel, count = setting.panel, int(setting.clusters.max()) + 1
    width = panel.shape[1]
    cell = setting.clusters * width + panel.time_codes
    size = np.bincount(cell, minlength=count * width)
    total = np.bincount(cell, weights=setting.treated, minlength=count * width)
    mixed = (total > 0) & (total < size)
    if mixed.any():
        place = int(np.argmax(mixed))
        raise FrameError(
            f"{RANDOM}: treatment differs within a cluster in time {shown(panel.times[place % width])}; name "
            "as "
            "cluster "
            "what was assigned together"
        )
    # A unit absent in a time is given its path by its first treated time.
    on = (total > 0).reshape(count, width)
    start = np.where(on.any(axis=1), on.argmax(axis=1), width)
    starts = np.unique(start[start < width])
    paths = np.where(start < width, np.searchsorted(starts, start) + 1, 0)
    return paths, (np.arange(width)[None, :] >= starts[:, None]).astype("float64")


def _effect(
    setting: Setting,
    study: Study,
    method: str,
    found: WildBootstrap | Randomisation,
    limits: tuple[float, float],
    details: pd.DataFrame,
    rows: list[Row],
    caveats: list[str],
) -> Effect:
    arms: Arms = setting.arms
    design = Design(2, setting.panel.shape[1], study.assignment)
    return tested(
        found.estimate,
        found.standard_error,
        limits,
        found.p_value(),
        study=study,
        design=design,
        claim=bearable(design, arms),
        method=method,
        n={"treated": arms.treated, "control": arms.control},
        assumptions=[
            ("parallel_trends", "see event_study", "not_testable"),
            cluster_row(arms),
            *rows,
            *UNTESTABLE,
        ],
        details=details,
        caveats=[*caveats, *panel_caveats(setting, np.inf)],
    )


def _wild_details(found: WildBootstrap) -> pd.DataFrame:
    values = {
        "t": found.estimate / found.standard_error,
        "clusters": found.clusters,
        "draws": found.draws,
        "every_sign_once": float(found.enumerated),
    }
    return pd.DataFrame({"quantity": list(values), "value": [float(value) for value in values.values()]})


def _random_details(found: Randomisation) -> pd.DataFrame:
    values = {
        "assignments": len(found.statistic),
        "every_assignment_once": float(found.exact),
        "smallest_p_value": 1 / len(found.statistic),
    }
    return pd.DataFrame({"quantity": list(values), "value": [float(value) for value in values.values()]})
