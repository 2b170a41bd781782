"""The regression under two-way fixed effects, event studies and Sun-Abraham."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sosrake_lib.effects.did.panel import Codes
from sosrake_lib.effects.regression import (
    LinearFit,
    absorb,
    cluster_codes,
    cluster_covariance,
    cr2,
    fit_ols,
    hc_covariance,
    independent_columns,
    nested,
)
from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import SosrakeError

STANDARD_ERRORS = ("auto", "classical", "hc1", "cluster", "cluster_uncorrected", "cr2")
# From this many clusters on the ordinary clustered error is taken when the user leaves the choice open.
ENOUGH_CLUSTERS = 50


@dataclass(frozen=True, slots=True, eq=False)
class WithinFit:
    """A regression with unit and time effects taken out.

    Attributes
    ----------
    fit : of the absorbed outcome on the absorbed columns that are independent. kept : which columns those
        are.
    columns : (n, k), the kept columns before absorbing. outcome : (n,). factors : codes of the fixed effects,
        each (n,), units first. rank : coefficients absorbed. levels : of the factors.
    """

    fit: LinearFit
    kept: np.ndarray
    columns: Floats
    outcome: Floats
    factors: tuple[Codes, ...]
    rank: int
    levels: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """Linear combinations of coefficients: `estimate`, `error`, `df` (m,) and their `covariance` (m, m)."""

    estimate: Floats
    error: Floats
    df: Floats
    covariance: Floats


def fit_within(outcome: Floats, columns: Floats, factors: Sequence[Codes], where: str) -> WithinFit:
    """Regress the outcome on columns with fixed effects, those of units first.

    Columns that the fixed effects or earlier columns explain are left out (`kept` is false there).

    Raises
    ------
    SosrakeError when the first column, the one asked about, is itself explained by the fixed effects.
    """
    taken = absorb(np.column_stack([outcome, columns]), factors)
    inner = taken.values[:, 1:]
    # What rounding leaves of an absorbed column is no column.
    size = np.linalg.norm(inner, axis=0)
    inner = np.where(size > 1e-9 * np.maximum(np.linalg.norm(columns, axis=0), 1e-300), inner, 0.0)
    kept = independent_columns(inner)
    if not kept.size or not kept[0]:
        raise SosrakeError(
            f"{where}: the treatment is the same for all units in each time, or the same in all times, so "
            "unit and "
            "time effects explain it wholly; there must be untreated units and times to compare with"
        )
    fit = fit_ols(taken.values[:, 0], inner[:, kept])
    return WithinFit(fit, kept, columns[:, kept], outcome, tuple(factors), taken.rank, taken.levels)


def combine(
    within: WithinFit, contrasts: ArrayLike, standard_error: str, clusters: ArrayLike | None, where: str
) -> Combined:
    """Estimate linear combinations of the kept coefficients with the standard error asked for.

    Parameters
    ----------
    contrasts : (m, kept k). standard_error : one of STANDARD_ERRORS but auto. clusters : (n,) labels.

    "classical" and "hc1" have n - K degrees of freedom, K counting every fixed effect; "cluster" has G - 1 "
    "and the
    factor G/(G-1)·(n-1)/(n-K), effects nested in clusters counted as one (R fixest's default);
    "cluster_uncorrected" no factor; "cr2" Satterthwaite's degrees.
    """
    wanted = np.atleast_2d(np.asarray(contrasts, dtype="float64"))
    estimate = wanted @ within.fit.coefficients
    n, k = within.fit.design.shape
    whole = n - k - within.rank
    if standard_error == "cr2":
        return _bias_reduced(within, wanted, clusters, where)
    if standard_error in ("classical", "hc1"):
        if whole <= 0:
            raise SosrakeError(f"{where}: {n} rows for {k + within.rank} coefficients; too few rows")
        classical = within.fit.bread * (within.fit.rss / whole)
        covariance = (
            classical if standard_error == "classical" else hc_covariance(within.fit, "HC0") * n / whole
        )
        return _combined(wanted, estimate, covariance, float(whole))
    _, count = cluster_codes(_given(clusters, where), where, rows=n)
    corrected = standard_error == "cluster"
    covariance = cluster_covariance(
        within.fit,
        _given(clusters, where),
        correction="hc1" if corrected else "none",
        parameters=_counted(within, clusters) if corrected else None,
    )
    return _combined(wanted, estimate, covariance, float(count - 1))


def chosen_error(standard_error: str, clusters: ArrayLike | None, unit_codes: Codes, where: str) -> str:
    """Take the standard error asked for; "auto" is CR2 with few clusters, else the ordinary clustered one."""
    if standard_error not in STANDARD_ERRORS:
        raise SosrakeError(
            f"{where}: standard_error {standard_error!r}; expected one of {', '.join(STANDARD_ERRORS)}"
        )
    if standard_error != "auto":
        return standard_error
    _, count = cluster_codes(_given(clusters, where), where, rows=len(unit_codes))
    few = count < ENOUGH_CLUSTERS and nested(unit_codes, _given(clusters, where))
    return "cr2" if few else "cluster"


def _combined(wanted: Floats, estimate: Floats, covariance: Floats, df: float) -> Combined:
    own = wanted @ covariance @ wanted.T
    return Combined(estimate, np.sqrt(np.maximum(np.diag(own), 0.0)), np.full(len(estimate), df), own)


def _given(clusters: ArrayLike | None, where: str) -> ArrayLike:
    if clusters is None:
        raise SosrakeError(f"{where}: this standard error needs clusters; name the cluster column")
    return clusters


def _counted(within: WithinFit, clusters: ArrayLike | None) -> int:
    """K of the small-sample factor: the effects nested in the clusters count as one."""
    held = [nested(codes, np.asarray(clusters)) for codes in within.factors]
    free = within.rank - sum(level - 1 for level, inside in zip(within.levels, held, strict=True) if inside)
    return within.fit.k + free


def _bias_reduced(within: WithinFit, wanted: Floats, clusters: ArrayLike | None, where: str) -> Combined:
    """CR2: unit effects may be absorbed because they lie within clusters; the times must stand as columns."""
    labels = np.asarray(_given(clusters, where))
    if not nested(within.factors[0], labels):
        raise SosrakeError(f"{where}: cr2 needs every unit within one cluster; use standard_error='cluster'")
    others = [
        (codes[:, None] == np.arange(1, count)[None, :]).astype("float64")
        for codes, count in zip(within.factors[1:], within.levels[1:], strict=True)
    ]
    inner = absorb(np.column_stack([within.outcome, within.columns, *others]), within.factors[:1]).values
    kept = independent_columns(inner[:, 1:])
    fit = fit_ols(inner[:, 0], inner[:, 1:][:, kept])
    whole = np.zeros((len(wanted), fit.k))
    whole[:, : wanted.shape[1]] = wanted
    found = cr2(fit, labels, contrasts=whole)
    return Combined(found.estimate, found.standard_error, found.df, whole @ found.covariance @ whole.T)
