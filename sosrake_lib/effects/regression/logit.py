"""Logistic regression on arrays by iteratively reweighted least squares; perfect separation is refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from sosrake_lib.effects.regression.linear import Floats, checked, fit_ols
from sosrake_lib.errors import SosrakeError

MAX_ITERATIONS = 100
TOLERANCE = 1e-13
# Fitted probabilities this near 0 or 1 make one ask (by linear programming) whether the data are separated.
EXTREME = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class LogitFit:
    """A logistic fit.

    Attributes
    ----------
    coefficients : (k,), log odds. probabilities : (n,), fitted. residuals : (n,), outcome minus fitted.
    design : (n, k). weights : (n,), case weights. bread : (k, k), the inverse of the information.
    deviance : minus twice the log-likelihood. iterations : steps until nothing changed.
    """

    coefficients: Floats
    probabilities: Floats
    residuals: Floats
    design: Floats
    weights: Floats
    bread: Floats
    deviance: float
    iterations: int

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
    def classical(self) -> Floats:
        """Covariance by maximum likelihood, (k, k)."""
        return self.bread

    @property
    def scores(self) -> Floats:
        """Each row's contribution to the gradient of the log-likelihood, (n, k)."""
        return self.design * (self.weights * self.residuals)[:, None]

    @property
    def working(self) -> Floats:
        """Design times the root of the working weights w·p(1 - p), (n, k)."""
        p = self.probabilities
        return self.design * np.sqrt(self.weights * p * (1 - p))[:, None]

    @property
    def leverage(self) -> Floats:
        """Diagonal of the working hat matrix, (n,)."""
        return np.einsum("ij,jk,ik->i", self.working, self.bread, self.working, optimize=True)


def fit_logit(outcome: ArrayLike, design: ArrayLike, weights: ArrayLike | None = None) -> LogitFit:
    """Fit a logistic regression by maximum likelihood.

    Parameters
    ----------
    outcome : (n,) of 0 and 1. design : (n, k) with its own column of ones. weights : (n,), positive; None =
        1.

    Returns
    -------
    LogitFit. log(p / (1 - p)) = x'b; steps of weighted least squares until the deviance stands still.

    Raises
    ------
    SosrakeError when the outcome is not 0/1 or has one value only, the design is unfit (see `fit_ols`), or
    the regressors separate the outcomes, so that no finite estimate exists.

    Compared with R glm(binomial) and statsmodels Logit (tests/test_robust_covariance.py).
    Source: McCullagh P, Nelder JA (1989) Generalized linear models, doi 10.1201/9780203753736; separation:
    Konis K (2007) Linear programming algorithms for detecting separated data in binary logistic regression
    models.

    Examples
    --------
    >>> fit = fit_logit([0, 1, 0, 1, 1, 0], [[1.0, x] for x in (1, 2, 3, 4, 5, 4)])
    >>> [round(float(b), 3) for b in fit.coefficients]
    [-1.941, 0.609]
    """
    y, x, w = checked(outcome, design, weights, "fit_logit")
    _check_binary(y)
    coefficients, deviance, iterations = _maximised(y, x, w)
    eta = x @ coefficients
    p = special.expit(eta)
    if min(p.min(), (1 - p).min()) < EXTREME:
        _refuse_separation(y, x)
    bread = fit_ols(eta, x, np.maximum(w * p * (1 - p), 1e-300)).bread
    return LogitFit(coefficients, p, y - p, x, w, bread, deviance, iterations)


def _maximised(y: Floats, x: Floats, w: Floats) -> tuple[Floats, float, int]:
    """Step until the deviance stands still: coefficients, deviance, steps."""
    eta = special.logit((w * y + 0.5) / (w + 1.0))
    before = np.inf
    for iteration in range(1, MAX_ITERATIONS + 1):
        p = special.expit(eta)
        spread = np.maximum(p * (1 - p), 1e-300)
        coefficients = fit_ols(eta + (y - p) / spread, x, w * spread).coefficients
        eta = x @ coefficients
        deviance = _deviance(y, eta, w)
        if abs(before - deviance) <= TOLERANCE * (abs(deviance) + 0.1):
            return coefficients, deviance, iteration
        if deviance < 1e-8 * len(y) or np.abs(eta).max() > 500:
            _refuse_separation(y, x)
        before = deviance
    _refuse_separation(y, x)
    raise SosrakeError(
        f"fit_logit: the estimate did not settle in {MAX_ITERATIONS} steps; scale the regressors to similar "
        "size"
    )


def separates(outcome: ArrayLike, design: ArrayLike) -> bool:
    """Tell whether some combination of the regressors parts the ones from the zeros, but for ties.

    Solves max Σ s'b subject to s'b >= 0 and |b| <= 1, where s = x for ones and -x for zeros: above 0 means
    separated (Konis 2007).

    Examples
    --------
    >>> separates([0, 0, 1, 1], [[1.0, 1.0], [1.0, 2.0], [1.0, 3.0], [1.0, 4.0]])
    True
    """
    y, x = np.asarray(outcome, dtype="float64"), np.asarray(design, dtype="float64")
    scale = np.abs(x).max(axis=0)
    signed = x / np.where(scale > 0, scale, 1.0) * np.where(y > 0, 1.0, -1.0)[:, None]
    found = optimize.linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(y)), bounds=(-1, 1), method="highs"
    )
    return bool(found.status == 0 and -found.fun > 1e-7 * len(y))


def _deviance(y: Floats, eta: Floats, w: Floats) -> float:
    # log(1 + exp(eta)) - y·eta without overflow.
    return float(2 * w @ (np.logaddexp(0.0, eta) - y * eta))


def _check_binary(y: Floats) -> None:
    wrong = ~np.isin(y, (0.0, 1.0))
    if wrong.any():
        raise SosrakeError(
            f"fit_logit: outcome {y[wrong][0]:g} in row {int(np.argmax(wrong))}; expected 0 or 1"
        )
    if np.ptp(y) == 0:
        raise SosrakeError(f"fit_logit: every outcome is {y[0]:g}; both 0 and 1 are needed")


def _refuse_separation(y: Floats, x: Floats) -> None:
    if separates(y, x):
        raise SosrakeError(
            "fit_logit: the regressors separate the ones from the zeros perfectly, so no finite estimate "
            "exists; "
            "leave out or join the regressor that decides the outcome, or compare only where both occur"
        )
