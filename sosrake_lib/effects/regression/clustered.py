"""Covariances robust to correlation within clusters, one-way and two-way, with the corrections in use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.regression.linear import Fitted, Floats
from sosrake_lib.effects.regression.robust import sandwich
from sosrake_lib.errors import SosrakeError

CORRECTIONS = ("none", "clusters", "hc1")


def cluster_covariance(
    fit: Fitted, clusters: ArrayLike, *, correction: str = "hc1", parameters: int | None = None
) -> Floats:
    """Covariance robust to any correlation within clusters, (k, k).

    Parameters
    ----------
    fit : from `fit_ols` or `fit_logit`.
    clusters : (n,), the label of each row's cluster.
    correction : "none" (CR0), "clusters" (times G/(G-1)), "hc1" (times G/(G-1)·(n-1)/(n-K), CR1S: Stata's and
        most packages' default).
    parameters : K of the correction when the fit's own k is not it, as when fixed effects were absorbed.

    Formula: B (Σ_g u_g u_g') B, u_g the sum of the scores of cluster g.
    With fewer than some 40 clusters, or 1-3 treated ones, it is too small: see `cr2`, wild bootstrap and
    randomisation inference in effects.did.
    Compared with R sandwich vcovCL (tests/reference/regression_se.csv).
    Source: Liang KY, Zeger SL (1986), doi 10.1093/biomet/73.1.13; Cameron AC, Miller DL (2015), doi
    10.3368/jhr.50.2.317.

    Raises
    ------
    SosrakeError with fewer than two clusters, a label missing, or an unknown correction.

    Examples
    --------
    >>> from sosrake_lib.effects.regression import fit_ols, with_intercept
    >>> fit = fit_ols([1.0, 3.0, 5.0, 8.0], with_intercept([0.0, 1.0, 2.0, 3.0]))
    >>> round(float(cluster_covariance(fit, ["a", "a", "b", "b"], correction="none")[1, 1]), 4)
    0.005
    """
    codes, count = cluster_codes(clusters, "cluster_covariance", rows=len(fit.design))
    scores = fit.scores
    sums = group_sums(scores, codes, count)
    factor = cluster_factor(count, len(scores), parameters or scores.shape[1], correction)
    return sandwich(fit.bread, sums.T @ sums) * factor


def two_way_cluster_covariance(
    fit: Fitted,
    first: ArrayLike,
    second: ArrayLike,
    *,
    correction: str = "hc1",
    factor: str = "each",
    parameters: int | None = None,
) -> Floats:
    """Covariance robust to correlation within either of two groupings, such as area and year, (k, k).

    Parameters
    ----------
    fit, correction, parameters : as in `cluster_covariance`.
    first, second : (n,), labels.
    factor : "each" part with its own G/(G-1) (R sandwich), or the "smallest" G for all three (R fixest).

    Formula: V(first) + V(second) - V(first and second). A negative variance, possible with few clusters, is
    left as it is: it says that two-way clustering cannot be used there.
    Compared with R sandwich vcovCL (tests/reference/regression_se.csv).
    Source: Cameron AC, Gelbach JB, Miller DL (2011), doi 10.1198/jbes.2010.07136.

    Examples
    --------
    >>> from sosrake_lib.effects.regression import fit_ols, with_intercept
    >>> fit = fit_ols([1.0, 3.0, 5.0, 8.0], with_intercept([0.0, 1.0, 2.0, 3.0]))
    >>> two_way_cluster_covariance(fit, ["a", "a", "b", "b"], [1, 2, 1, 2]).shape
    (2, 2)
    """
    if factor not in ("each", "smallest"):
        raise SosrakeError(f"two_way_cluster_covariance: factor {factor!r}; expected each or smallest")
    n, own = fit.scores.shape
    a, count_a = cluster_codes(first, "two_way_cluster_covariance", rows=n)
    b, count_b = cluster_codes(second, "two_way_cluster_covariance", rows=n)
    both, count_both = cluster_codes(a * count_b + b, "two_way_cluster_covariance", rows=n)
    meat = np.zeros((own, own))
    for codes, count, sign in ((a, count_a, 1), (b, count_b, 1), (both, count_both, -1)):
        counted = count if factor == "each" else min(count_a, count_b)
        sums = group_sums(fit.scores, codes, count)
        meat += sign * cluster_factor(counted, n, parameters or own, correction) * (sums.T @ sums)
    return sandwich(fit.bread, meat)


def cluster_factor(clusters: int, n: int, parameters: int, correction: str) -> float:
    """Give the small-sample factor of a clustered covariance."""
    if correction not in CORRECTIONS:
        raise SosrakeError(
            f"cluster_covariance: correction {correction!r}; expected one of {', '.join(CORRECTIONS)}"
        )
    if correction == "none":
        return 1.0
    if correction == "clusters":
        return clusters / (clusters - 1)
    if n <= parameters:
        raise SosrakeError(
            f"cluster_covariance: {n} rows for {parameters} coefficients; the correction needs more rows"
        )
    return clusters / (clusters - 1) * (n - 1) / (n - parameters)


def cluster_codes(
    labels: ArrayLike, where: str, *, rows: int, least: int = 2
) -> tuple[NDArray[np.int64], int]:
    """Number the clusters from 0 in the order of their first rows, and count them."""
    values: Any = np.asarray(labels)
    if values.shape != (rows,):
        raise SosrakeError(f"{where}: clusters {values.shape}; expected one label a row, ({rows},)")
    codes, unique = pd.factorize(values)
    if (codes < 0).any():
        raise SosrakeError(
            f"{where}: row {int(np.argmin(codes))} has no cluster; fill it or leave the row out"
        )
    if len(unique) < least:
        raise SosrakeError(
            f"{where}: {len(unique)} cluster(s); at least {least} are needed, otherwise use HC3 or describe "
            "only"
        )
    return codes.astype("int64"), len(unique)


def group_sums(values: Floats, codes: NDArray[np.int64], count: int) -> Floats:
    """Sum the rows of each group: (n, m) and codes (n,) to (count, m)."""
    columns = [np.bincount(codes, weights=column, minlength=count) for column in values.T]
    return np.column_stack(columns)
