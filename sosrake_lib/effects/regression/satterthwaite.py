"""Few clusters: bias-reduced covariance CR2 and Satterthwaite degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sosrake_lib.effects.regression.clustered import cluster_codes, group_sums
from sosrake_lib.effects.regression.linear import Fitted, Floats

# Directions in which a cluster alone decides a coefficient carry no information on its errors.
DECIDED = 1e-10
# Above this many clusters the matrix of their pairs is not built.
LARGEST_PAIRS = 4_000


@dataclass(frozen=True, slots=True, eq=False)
class ClusterRobust:
    """Bias-reduced covariance of all coefficients, and of each contrast its standard error and degrees.

    Attributes
    ----------
    covariance : (k, k). estimate, standard_error, df : (contrasts,). clusters : their number.
    """

    covariance: Floats
    estimate: Floats
    standard_error: Floats
    df: Floats
    clusters: int


def cr2(
    fit: Fitted, clusters: ArrayLike, *, contrasts: ArrayLike | None = None, power: float = 0.5
) -> ClusterRobust:
    """Cluster-robust covariance that is unbiased under equal variances, with degrees of freedom of its own.

    Parameters
    ----------
    fit : from `fit_ols` (with weights: taken as inverse variances) or `fit_logit`. Fixed effects nested in
        the clusters may have been taken out before (`absorb`): nothing changes; others must stand as columns.
    clusters : (n,), labels.
    contrasts : (m, k), the combinations asked for; None = each coefficient by itself.
    power : 0.5 for CR2; 1 gives the jackknife-like CR3 (no G factor).

    Returns
    -------
    ClusterRobust. Test t = estimate / standard_error against Student's t with `df`.

    Formula: each cluster's residuals are multiplied by A_g = (I - H_gg)^(-power); with
    p_g = (I - H)_g' A_g X_g B c the degrees of freedom are (Σ p_g'p_g)² / ΣΣ (p_g'p_h)². Degrees under 4
    mean that the p value cannot be trusted: only few clusters carry the contrast.
    Compared with a plain computation from the definition (tests/test_robust_covariance.py).
    Source: Bell RM, McCaffrey DF (2002) Survey Methodology 28, 169-181; Pustejovsky JE, Tipton E (2018),
    doi 10.1080/07350015.2016.1247004.

    Examples
    --------
    >>> from sosrake_lib.effects.regression import fit_ols, with_intercept
    >>> treated, cluster = [0, 0, 0, 0, 1, 1, 1, 1], [1, 1, 2, 2, 3, 3, 4, 4]
    >>> found = cr2(fit_ols([1.0, 2.0, 4.0, 3.0, 5.0, 7.0, 6.0, 8.0], with_intercept(treated)), cluster)
    >>> round(float(found.df[1]), 3)
    2.0
    """
    working = fit.working
    codes, count = cluster_codes(clusters, "cr2", rows=len(working))
    k = working.shape[1]
    half = np.linalg.cholesky(fit.bread)
    scaled = working @ half
    own = _cross_products(scaled, codes, count)
    corrected = _corrected(own, power)
    wanted = np.eye(k) if contrasts is None else np.atleast_2d(np.asarray(contrasts, dtype="float64"))
    # Each cluster's X_g'e_g in the scaled coordinates, corrected, (G, k).
    pulls = np.einsum("gj,gjl->gl", group_sums(fit.scores @ half, codes, count), corrected)
    moved = pulls @ half.T
    covariance = moved.T @ moved
    directions = half.T @ wanted.T
    return ClusterRobust(
        covariance,
        wanted @ fit.coefficients,
        np.sqrt(np.einsum("mj,jk,mk->m", wanted, covariance, wanted)),
        np.array([_degrees(own, corrected, direction) for direction in directions.T]),
        count,
    )


def _cross_products(scaled: Floats, codes: np.ndarray, count: int) -> Floats:
    """Cross product of each cluster's rows, (G, k, k)."""
    k = scaled.shape[1]
    found = np.empty((count, k, k))
    for column in range(k):
        found[:, column, :] = group_sums(scaled * scaled[:, [column]], codes, count)
    return found


def _corrected(own: Floats, power: float) -> Floats:
    """(I - S_g)^(-power) of each cluster in the k-dimensional coordinates, (G, k, k).

    A_g X_g B^(1/2) = X_g B^(1/2) (I - S_g)^(-power): no matrix as large as a cluster is needed.
    """
    values, vectors = np.linalg.eigh(own)
    left = 1 - values
    factors = np.where(left > DECIDED, np.maximum(left, DECIDED) ** -power, 0.0)
    return np.einsum("gij,gj,gkj->gik", vectors, factors, vectors)


def _degrees(own: Floats, corrected: Floats, direction: Floats) -> float:
    """Satterthwaite's degrees of freedom of one contrast."""
    inner = corrected @ direction
    pulled = np.einsum("gij,gj->gi", own, inner)
    squares = np.einsum("gi,gi->g", inner, pulled)
    trace = squares.sum() - np.einsum("gi,gi->", pulled, pulled)
    if len(pulled) <= LARGEST_PAIRS:
        total = ((np.diag(squares) - pulled @ pulled.T) ** 2).sum()
    else:
        # ΣΣ (δ s_g - u_g'u_h)² by its parts.
        lengths = np.einsum("gi,gi->g", pulled, pulled)
        gram = pulled.T @ pulled
        total = (squares**2).sum() - 2 * (squares * lengths).sum() + (gram**2).sum()
    return float(trace**2 / total) if total > 0 else np.nan
