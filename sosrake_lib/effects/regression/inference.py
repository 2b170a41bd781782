"""From coefficients and their covariance to intervals and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError


@dataclass(frozen=True, slots=True)
class JointTest:
    """Test that several coefficients are all zero: an F, or a chi-square where `df2` is infinite."""

    statistic: float
    df1: int
    df2: float
    p_value: float


def coefficient_table(
    names: Sequence[str],
    coefficients: ArrayLike,
    covariance: ArrayLike,
    df: float | ArrayLike = np.inf,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """List coefficients with standard error, t, p value and limits.

    Parameters
    ----------
    names, coefficients, covariance : k terms, (k,), (k, k).
    df : degrees of freedom, one for all or one a term; infinite = normal.
    confidence : two-sided level.

    Returns
    -------
    DataFrame `term, estimate, standard_error, statistic, df, p_value, lower, upper`, one row a term. A
    variance that is not positive gives an empty standard error, p value and limits.

    Examples
    --------
    >>> table = coefficient_table(["slope"], [2.0], [[0.25]], df=10)
    >>> table[["statistic", "lower", "upper"]].round(3).to_dict("records")
    [{'statistic': 4.0, 'lower': 0.886, 'upper': 3.114}]
    """
    check_confidence(confidence, "coefficient_table")
    estimate = np.asarray(coefficients, dtype="float64")
    variance = np.diag(np.atleast_2d(np.asarray(covariance, dtype="float64")))
    error = np.sqrt(np.where(variance > 0, variance, np.nan))
    degrees = np.broadcast_to(np.asarray(df, dtype="float64"), estimate.shape)
    half = t_quantile(0.5 + confidence / 2, degrees) * error
    return pd.DataFrame(
        {
            "term": list(names),
            "estimate": estimate,
            "standard_error": error,
            "statistic": estimate / error,
            "df": degrees,
            "p_value": two_sided(estimate / error, degrees),
            "lower": estimate - half,
            "upper": estimate + half,
        }
    )


def wald_test(coefficients: ArrayLike, covariance: ArrayLike, df: float = np.inf) -> JointTest:
    """Test that all the coefficients are zero.

    F = b'V⁻¹b / q against F(q, df); with infinite df the statistic is b'V⁻¹b against chi-square(q).

    Raises
    ------
    SosrakeError when the covariance is singular: there are fewer clusters than coefficients tested.

    Examples
    --------
    >>> round(wald_test([1.0, 2.0], [[1.0, 0.0], [0.0, 1.0]]).statistic, 2)
    5.0
    """
    b, v = np.atleast_1d(np.asarray(coefficients, dtype="float64")), np.atleast_2d(covariance)
    count = len(b)
    # Scaled to correlations first: coefficients may count in very different units.
    error = np.sqrt(np.maximum(np.diag(v), 0.0))
    if (error == 0).any() or np.linalg.matrix_rank(v / np.outer(error, error), tol=1e-9) < count:
        raise SosrakeError(
            f"wald_test: the covariance of {count} coefficients is singular; with few clusters test fewer at "
            "a time"
        )
    quadratic = float(b @ np.linalg.solve(v, b))
    if np.isinf(df):
        return JointTest(quadratic, count, np.inf, float(special.chdtrc(count, quadratic)))
    return JointTest(quadratic / count, count, float(df), float(special.fdtrc(count, df, quadratic / count)))


def t_quantile(level: float, df: ArrayLike) -> np.ndarray:
    """Quantile of Student's t; infinite degrees of freedom give the normal's."""
    degrees = np.asarray(df, dtype="float64")
    finite = np.where(np.isfinite(degrees), degrees, 1.0)
    return np.where(np.isinf(degrees), special.ndtri(level), special.stdtrit(finite, level))


def two_sided(statistic: ArrayLike, df: ArrayLike) -> np.ndarray:
    """Two-sided p value of a t statistic; infinite degrees of freedom give the normal's."""
    t, degrees = np.abs(np.asarray(statistic, dtype="float64")), np.asarray(df, dtype="float64")
    finite = np.where(np.isfinite(degrees), degrees, 1.0)
    return 2 * np.where(np.isinf(degrees), special.ndtr(-t), special.stdtr(finite, -t))


def check_confidence(confidence: float, where: str) -> None:
    """Refuse a level that is not a share."""
    if not 0 < confidence < 1:
        raise SosrakeError(f"{where}: confidence {confidence!r}; expected a share such as 0.95")
