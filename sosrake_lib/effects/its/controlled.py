"""A series and its comparison in one regression, as most published controlled studies fit them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.its.estimators import newey_west
from sosrake_lib.effects.regression import LinearFit, fit_ols, newey_west_covariance
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Stacked:
    """Coefficients of the stacked regression and three covariances of them.

    Attributes
    ----------
    names : the terms of the comparison series, then the same with `group_` for what the series differs by.
    coefficients : (2k,). ols : one error variance for both series. within : Newey-West within each series,
    the two taken as independent. joint : Newey-West of the scores summed over the two in each period, so
    that shocks common to both count as such; equal to following the difference of the series.
    df : 2n - 2k. residuals : (2n,), comparison first.
    """

    names: tuple[str, ...]
    coefficients: Floats
    ols: Floats
    within: Floats
    joint: Floats
    df: int
    residuals: Floats

    def standard_errors(self, kind: str) -> Floats:
        """Root of the diagonal of `ols`, `within` or `joint`, (2k,)."""
        covariances = {"ols": self.ols, "within": self.within, "joint": self.joint}
        if kind not in covariances:
            raise SosrakeError(f"Stacked: kind {kind!r}; expected one of {', '.join(covariances)}")
        return np.asarray(np.sqrt(np.diag(covariances[kind])))


def stacked(
    treated: ArrayLike,
    control: ArrayLike,
    terms: ArrayLike,
    names: tuple[str, ...],
    *,
    lag: int | str | None = None,
    adjust: bool = False,
) -> Stacked:
    """Fit both series at once: value = terms · b + group · terms · g.

    With every term let differ, b are the comparison's own coefficients and g the differences, the same that
    a regression of treated - control gives; the covariances differ in what they take as independent.

    Parameters
    ----------
    treated, control : (n,), the same periods. terms, names : from `segmented_terms`.
    lag, adjust : as in `newey_west`; adjust multiplies by n / (n - k) of one series.

    Source: Linden and Adams (2011), doi 10.1111/j.1365-2753.2010.01504.x.

    Examples
    --------
    >>> from sosrake_lib.effects.its.terms import segmented_terms
    >>> t = segmented_terms(range(8), 4)
    >>> both = stacked([1, 2, 2, 3, 6, 6, 7, 9], [1, 1, 2, 2, 3, 3, 4, 4], t.matrix, t.names)
    >>> both.names[6], round(float(both.coefficients[6]), 2)
    ('group_level_change', 1.2)
    """
    one, other, x = (np.asarray(part, "float64") for part in (treated, control, terms))
    if one.shape != other.shape:
        raise SosrakeError(
            f"stacked: {one.size} values and {other.size} of the comparison; both need every period"
        )
    first, second = (newey_west(part, x, lag=lag, adjust=adjust) for part in (other, one))
    empty = np.zeros_like(x)
    pooled = fit_ols(np.concatenate([other, one]), np.block([[x, empty], [x, x]]))
    a, b = first.covariance, second.covariance
    return Stacked(
        (*names, *(f"group_{name}" for name in names)),
        pooled.coefficients,
        pooled.classical,
        np.block([[a, -a], [-a, a + b]]),
        _joint(pooled, x.shape, first.lag) * (one.size / (one.size - x.shape[1]) if adjust else 1.0),
        pooled.df_residual,
        pooled.residuals,
    )


def _joint(pooled: LinearFit, shape: tuple[int, ...], lag: int) -> Floats:
    """Sum the scores of the two series in each period and let a period follow the one before."""
    scores = pooled.scores.reshape(2, shape[0], 2 * shape[1]).sum(axis=0)
    # Newey-West reads scores as design times residual; with residuals of one they are the design.
    by_period = LinearFit(pooled.coefficients, np.ones(shape[0]), scores, np.ones(shape[0]), pooled.bread)
    return newey_west_covariance(by_period, lag)
