"""Least squares on arrays, plain and weighted: the fit every robust covariance is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
# A column whose part not explained by the columns before it is shorter than this share of it is dependent.
COLLINEAR = 1e-9


class Fitted(Protocol):
    """What a covariance needs of a fit; `LinearFit` and `LogitFit` both give it."""

    @property
    def design(self) -> Floats:
        """Regressors, (n, k)."""
        ...

    @property
    def coefficients(self) -> Floats:
        """Estimates, (k,)."""
        ...

    @property
    def bread(self) -> Floats:
        """Inverse of the information, (k, k)."""
        ...

    @property
    def scores(self) -> Floats:
        """Each row's share of the gradient, (n, k)."""
        ...

    @property
    def leverage(self) -> Floats:
        """Diagonal of the hat matrix, (n,)."""
        ...

    @property
    def working(self) -> Floats:
        """Design times the root of the working weights, (n, k)."""
        ...

    @property
    def classical(self) -> Floats:
        """Covariance when the model holds in full, (k, k)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class LinearFit:
    """A least-squares fit.

    Attributes
    ----------
    coefficients : (k,). residuals : (n,) outcome minus fitted, unweighted. design : (n, k).
    weights : (n,), ones when none were given.
    bread : (k, k), the inverse of X'WX.
    """

    coefficients: Floats
    residuals: Floats
    design: Floats
    weights: Floats
    bread: Floats

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.residuals)

    @property
    def k(self) -> int:
        """Number of coefficients."""
        return len(self.coefficients)

    @property
    def df_residual(self) -> int:
        """Rows minus coefficients."""
        return self.n - self.k

    @property
    def rss(self) -> float:
        """Weighted residual sum of squares."""
        return float(self.weights @ self.residuals**2)

    @property
    def sigma2(self) -> float:
        """Residual variance, rss / (n - k); not a number when nothing is left to estimate it from."""
        return self.rss / self.df_residual if self.df_residual > 0 else np.nan

    @property
    def classical(self) -> Floats:
        """Covariance under independent errors of equal variance, (k, k)."""
        return self.bread * self.sigma2

    @property
    def scores(self) -> Floats:
        """Each row's contribution to the gradient, w·e·x, (n, k)."""
        return self.design * (self.weights * self.residuals)[:, None]

    @property
    def working(self) -> Floats:
        """Design times the root of the weights, (n, k)."""
        return self.design * np.sqrt(self.weights)[:, None]

    @property
    def leverage(self) -> Floats:
        """Diagonal of the hat matrix, (n,)."""
        return np.einsum("ij,jk,ik->i", self.working, self.bread, self.working, optimize=True)


def fit_ols(outcome: ArrayLike, design: ArrayLike, weights: ArrayLike | None = None) -> LinearFit:
    """Fit a linear model by least squares, ordinary or weighted.

    Parameters
    ----------
    outcome : (n,). design : (n, k), with its own column of ones where an intercept is wanted
        (`with_intercept`).
    weights : (n,), positive, proportional to the inverse of the error variance; None = equal.

    Returns
    -------
    LinearFit; b = (X'WX)⁻¹X'Wy by QR of the root-weighted design.

    Raises
    ------
    SosrakeError when shapes differ, a value is not finite, a weight is not positive, there are fewer rows
    than columns, or a column follows from those before it (the message names its place, counted from 0).

    Compared with R lm (tests/reference/regression_se.csv) and statsmodels OLS, WLS
    (tests/test_robust_covariance.py).

    Examples
    --------
    >>> fit = fit_ols([1.0, 3.0, 5.0, 8.0], with_intercept([0.0, 1.0, 2.0, 3.0]))
    >>> [round(float(b), 2) for b in fit.coefficients]
    [0.8, 2.3]
    """
    y, x, w = checked(outcome, design, weights, "fit_ols")
    root = np.sqrt(w)
    q, r = np.linalg.qr(x * root[:, None])
    _check_rank(r, "fit_ols")
    coefficients = linalg.solve_triangular(r, q.T @ (y * root))
    inverse = linalg.solve_triangular(r, np.eye(len(r)))
    return LinearFit(coefficients, y - x @ coefficients, x, w, inverse @ inverse.T)


def with_intercept(*columns: ArrayLike) -> Floats:
    """Put a column of ones before the columns, giving a design (n, 1 + columns).

    Examples
    --------
    >>> with_intercept([2.0, 3.0]).tolist()
    [[1.0, 2.0], [1.0, 3.0]]
    """
    given = np.column_stack([np.asarray(column, dtype="float64") for column in columns])
    return np.column_stack([np.ones(len(given)), given])


def independent_columns(design: ArrayLike, tolerance: float = COLLINEAR) -> NDArray[np.bool_]:
    """Mark the columns that do not follow from the columns before them, (k,).

    The rule of R's lm: of columns that say the same, the first is kept.

    Examples
    --------
    >>> independent_columns([[1.0, 2.0, 0.0], [1.0, 2.0, 1.0], [1.0, 2.0, 5.0]]).tolist()
    [True, False, True]
    """
    x = np.asarray(design, dtype="float64")
    basis = np.empty((x.shape[0], 0))
    kept = np.zeros(x.shape[1], dtype=bool)
    for place, column in enumerate(x.T):
        length = np.linalg.norm(column)
        left = column - basis @ (basis.T @ column)
        left -= basis @ (basis.T @ left)  # Twice is enough to undo the rounding of the first pass.
        size = np.linalg.norm(left)
        if length > 0 and size > tolerance * length:
            basis = np.column_stack([basis, left / size])
            kept[place] = True
    return kept


def checked(
    outcome: ArrayLike, design: ArrayLike, weights: ArrayLike | None, where: str
) -> tuple[Floats, Floats, Floats]:
    """Turn a regression's inputs into float arrays, or say what is wrong with them."""
    y, x = np.asarray(outcome, dtype="float64"), np.asarray(design, dtype="float64")
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype="float64")
    if y.ndim != 1 or x.ndim != 2 or len(x) != len(y) or w.shape != y.shape:
        raise SosrakeError(
            f"{where}: outcome {y.shape}, design {x.shape}, weights {w.shape}; expected (n,), (n, k) and (n,)"
        )
    for name, values in (("outcome", y), ("design", x), ("weights", w)):
        wrong = ~np.isfinite(values)
        if wrong.any():
            raise SosrakeError(
                f"{where}: {name} has {int(wrong.sum())} empty or infinite value(s), first in row "
                f"{int(np.argwhere(wrong)[0][0])}; leave those rows out first"
            )
    if (w <= 0).any():
        raise SosrakeError(
            f"{where}: weight {w[w <= 0][0]:g} in row {int(np.argmax(w <= 0))}; weights must be above 0, "
            "leave rows without weight out"
        )
    if len(y) < x.shape[1]:
        raise SosrakeError(
            f"{where}: {len(y)} rows for {x.shape[1]} coefficients; use fewer regressors or more rows"
        )
    return y, x, w


def _check_rank(r: Floats, where: str) -> None:
    lengths = np.linalg.norm(r, axis=0)
    lost = np.abs(np.diag(r)) <= COLLINEAR * np.where(lengths > 0, lengths, 1.0)
    if lost.any():
        raise SosrakeError(
            f"{where}: column {int(np.argmax(lost))} of the design (counted from 0) is constant zero or "
            "follows "
            "from the columns before it; leave it out (independent_columns marks which to keep)"
        )
