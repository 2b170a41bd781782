"""Difference-in-differences of two groups and two times: four means and their double difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.design import Design
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
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.regression import (
    LinearFit,
    ModelArrays,
    cluster_codes,
    cluster_covariance,
    cr2,
    fit_ols,
    hc_covariance,
    model_arrays,
    shown,
    t_quantile,
)
from sosrake_lib.errors import FrameError

METHODS = MappingProxyType(
    {
        "classical": "did_2x2_classical",
        "hc1": "did_2x2_hc1",
        "hc3": "did_2x2_hc3",
        "cluster": "did_2x2_cluster",
        "cr2": "did_2x2_cr2",
    }
)
TWO_BY_TWO_ERRORS = ("auto", *METHODS)
ENOUGH_CLUSTERS = 50
WHERE = "did_2x2"


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    fit: LinearFit
    names: tuple[str, ...]
    labels: NDArray[np.int64] | None
    clusters: int

    @property
    def place(self) -> int:
        return self.names.index("treated x post")


def did_2x2(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    post: str,
    cluster: str | None = None,
    covariates: Sequence[str] = (),
    standard_error: str = "auto",
    confidence: float = 0.95,
    assignment: str = "none",
    measured_in: str = "",
    source: str = "",
) -> Effect:
    """Compare the change of a treated group with the change of a comparison group.

    Parameters
    ----------
    data : one row a person, unit or unit-time; the same or different people before and after.
    outcome : column of numbers. treatment, post : columns of 0 and 1.
    cluster : column within which errors may go together (the unit when it is observed several times, or the
        area when whole areas are treated).
    covariates : columns of numbers added to the regression.
    standard_error : "classical", "hc1", "hc3"; "cluster" (G/(G-1)·(n-1)/(n-k)); "cr2" (few clusters,
        Satterthwaite's degrees); "auto": hc1 without clusters, cr2 below 50 clusters, else cluster.
    confidence, assignment (see Design), measured_in (such as "points"), source : kept in the result.

    Returns
    -------
    Effect: estimate = (treated after - treated before) - (control after - control before), from the
    regression y = a + b·treated + c·post + d·treated·post + covariates; `details` the four means and sizes;
    `sensitivity` the other standard errors. The claim is the design's, lowered with fewer than five clusters
    in an arm. It holds only if both groups would have changed alike, which two times cannot show.

    Compared with R lm and sandwich on Meyer, Viscusi & Durbin (1995) and fixest's base_did
    (tests/reference/did.csv), and with Kiel & McClain (1995) as in Wooldridge's example 13.3
    (tests/test_did.py). Source: Card D, Krueger AB (1994), doi 10.3386/w4509; Bertrand M, Duflo E,
    Mullainathan S (2004), doi 10.1162/003355304772839588.

    Raises
    ------
    FrameError for a missing or empty column, a treatment that is not 0/1, an empty cell, a constant outcome,
    one cluster in an arm.

    Examples
    --------
    >>> people = pd.DataFrame({"y": [4, 6, 5, 7, 4, 5, 9, 11], "t": [0] * 4 + [1] * 4, "p": [0, 0, 1, 1] * 2})
    >>> found = did_2x2(people, outcome="y", treatment="t", post="p", measured_in="points")
    >>> print(round(found.estimate, 2), found.claim.value)
    4.5 ero
    """
    study = Study(assignment, measured_in, source, confidence)
    arrays = _arrays(data, outcome, treatment, post, covariates)
    fitted = _fitted(data, arrays, cluster)
    chosen = _chosen(standard_error, fitted)
    arms = _arms(arrays, fitted)
    if chosen in ("cluster", "cr2"):
        need_clusters(arms, WHERE)
    estimate = float(fitted.fit.coefficients[fitted.place])
    error, df = _error(fitted, chosen)
    design = Design(2, 2, assignment)
    return built(
        estimate,
        error,
        df,
        study=study,
        design=design,
        claim=bearable(design, arms) if fitted.labels is not None else design.claim,
        method=METHODS[chosen],
        n={"treated": arms.treated, "control": arms.control},
        assumptions=_assumptions(arms, clustered=fitted.labels is not None),
        sensitivity=_others(fitted, chosen, arms, confidence),
        details=four_means(data, outcome=outcome, treatment=treatment, post=post),
        caveats=_caveats(arms, df, clustered=fitted.labels is not None),
    )


def four_means(data: pd.DataFrame, *, outcome: str, treatment: str, post: str) -> pd.DataFrame:
    """Give the mean outcome of each group before and after.

    Returns
    -------
    DataFrame `treated, post, mean, n`, four rows: control before, control after, treated before, treated
    after.

    Examples
    --------
    >>> people = pd.DataFrame({"y": [4, 5, 4, 9], "t": [0, 0, 1, 1], "p": [0, 1, 0, 1]})
    >>> four_means(people, outcome="y", treatment="t", post="p")["mean"].tolist()
    [4.0, 5.0, 4.0, 9.0]
    """
    arrays = _arrays(data, outcome, treatment, post, ())
    cell = (2 * arrays.design[:, 1] + arrays.design[:, 2]).astype("int64")
    size = np.bincount(cell, minlength=4)
    means = np.bincount(cell, weights=arrays.outcome, minlength=4) / size
    return pd.DataFrame({"treated": [0, 0, 1, 1], "post": [0, 1, 0, 1], "mean": means, "n": size})


def _arrays(
    data: pd.DataFrame, outcome: str, treatment: str, post: str, covariates: Sequence[str]
) -> ModelArrays:
    arrays = model_arrays(data, outcome=outcome, regressors=[treatment, post, *covariates], where=WHERE)
    for place, name in ((1, treatment), (2, post)):
        wrong = ~np.isin(arrays.design[:, place], (0.0, 1.0))
        if wrong.any():
            raise FrameError(
                f"{WHERE}: column {name!r} is {arrays.design[wrong, place][0]:g} in row "
                f"{shown(data.index[int(np.argmax(wrong))])}; expected 0 or 1"
            )
    _check_cells(arrays, treatment, post)
    if np.ptp(arrays.outcome) == 0:
        raise FrameError(f"{WHERE}: every {outcome!r} is {arrays.outcome[0]:g}; nothing varies in it")
    product = arrays.design[:, 1] * arrays.design[:, 2]
    design = np.insert(arrays.design, 3, product, axis=1)
    names = (*arrays.names[:3], "treated x post", *arrays.names[3:])
    return ModelArrays(arrays.outcome, design, names)


def _check_cells(arrays: ModelArrays, treatment: str, post: str) -> None:
    cell = (2 * arrays.design[:, 1] + arrays.design[:, 2]).astype("int64")
    size = np.bincount(cell, minlength=4)
    if (size == 0).any():
        empty = int(size.argmin())
        raise FrameError(
            f"{WHERE}: no row has {treatment!r} = {empty // 2} and {post!r} = {empty % 2}; both groups are "
            "needed "
            "before and after, without a comparison group see paired_change"
        )


def _fitted(data: pd.DataFrame, arrays: ModelArrays, cluster: str | None) -> _Fitted:
    fit = fit_ols(arrays.outcome, arrays.design)
    if cluster is None:
        return _Fitted(fit, arrays.names, None, 0)
    if cluster not in data:
        raise FrameError(f"{WHERE}: column {cluster!r} is missing; the data have {', '.join(map(str, data))}")
    labels, count = cluster_codes(data[cluster].to_numpy(), WHERE, rows=len(data))
    return _Fitted(fit, arrays.names, labels, count)


def _chosen(standard_error: str, fitted: _Fitted) -> str:
    if standard_error not in TWO_BY_TWO_ERRORS:
        raise FrameError(
            f"{WHERE}: standard_error {standard_error!r}; expected one of {', '.join(TWO_BY_TWO_ERRORS)}"
        )
    if standard_error in ("cluster", "cr2") and fitted.labels is None:
        raise FrameError(f"{WHERE}: standard_error {standard_error!r} needs a cluster column")
    if standard_error != "auto":
        return standard_error
    if fitted.labels is None:
        return "hc1"
    return "cr2" if fitted.clusters < ENOUGH_CLUSTERS else "cluster"


def _error(fitted: _Fitted, kind: str) -> tuple[float, float]:
    """Standard error and degrees of freedom of the double difference."""
    fit, place = fitted.fit, fitted.place
    if kind == "cr2" and fitted.labels is not None:
        found = cr2(fit, fitted.labels, contrasts=np.eye(fit.k)[place])
        return float(found.standard_error[0]), float(found.df[0])
    if kind == "cluster" and fitted.labels is not None:
        covariance = cluster_covariance(fit, fitted.labels)
        return float(np.sqrt(covariance[place, place])), float(fitted.clusters - 1)
    covariance = fit.classical if kind == "classical" else hc_covariance(fit, kind.upper())
    return float(np.sqrt(covariance[place, place])), float(fit.df_residual)


def _arms(arrays: ModelArrays, fitted: _Fitted) -> Arms:
    treated = arrays.design[:, 1] == 1
    if fitted.labels is None:
        return Arms(int(treated.sum()), int((~treated).sum()))
    held, free = (np.bincount(fitted.labels, weights=rows) > 0 for rows in (treated, ~treated))
    return Arms(int(held.sum()), int(free.sum()))


def _others(
    fitted: _Fitted, chosen: str, arms: Arms, confidence: float
) -> list[tuple[str, float, float, float]]:
    estimate = float(fitted.fit.coefficients[fitted.place])
    kinds = ["classical", "hc1"]
    if fitted.labels is not None and min(arms.treated, arms.control) > 1:
        kinds += ["cluster", "cr2"]
    rows = []
    for kind in kinds:
        if kind != chosen:
            error, df = _error(fitted, kind)
            half = float(t_quantile(0.5 + confidence / 2, df)) * error
            rows.append((f"standard_error_{kind}", estimate, estimate - half, estimate + half))
    return rows


def _assumptions(arms: Arms, *, clustered: bool) -> list[Row]:
    rows: list[Row] = [("parallel_trends", "two times cannot show it", "not_testable"), *UNTESTABLE]
    if clustered:
        rows.append(cluster_row(arms))
    else:
        rows.append(("shocks_common_to_a_group", "no clusters named", "not_testable"))
    return rows


def _caveats(arms: Arms, df: float, *, clustered: bool) -> tuple[str, ...]:
    if clustered:
        return ("parallel_trends_untested", *arm_caveats(arms, df))
    # With two whole groups, what befalls one group only looks like the treatment (Donald & Lang 2007).
    return ("parallel_trends_untested", "two_groups_only")
