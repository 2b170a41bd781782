"""Four ways to fit a line through a series whose neighbouring points resemble each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from sosrake_lib.effects.its.autocorrelation import automatic_bandwidth, first_order, neighbours, rule_lag
from sosrake_lib.effects.regression import LinearFit, fit_ols, newey_west_covariance
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
ROUNDS = 200
# Prais-Winsten has converged when the autocorrelation moves less than this.
SETTLED = 1e-10
# The autocorrelations searched; nearer to 1 the level of the series has no information left.
WIDEST = 0.98


@dataclass(frozen=True, slots=True, eq=False)
class TimeFit:
    """Coefficients of a regression on time, with a covariance that fits its method.

    Attributes
    ----------
    coefficients : (k,). covariance : (k, k). residuals : (n,), observed minus line.
    df : n - k. sigma2 : residual variance. autocorrelation : of neighbouring errors, where the method
        estimates it. lag : of the Newey-West weights, else 0.
    slopes, spread : for REML: derivatives (2, k, k) of the covariance by the two variance parameters, and
        these parameters' covariance (2, 2).
    """

    coefficients: Floats
    covariance: Floats
    residuals: Floats
    df: int
    sigma2: float
    autocorrelation: float = np.nan
    lag: int = 0
    slopes: Floats | None = None
    spread: Floats | None = None

    @property
    def standard_errors(self) -> Floats:
        """Root of the covariance's diagonal, (k,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def contrast(self, weights: ArrayLike) -> tuple[float, float, float]:
        """Give estimate, standard error and degrees of freedom of weighted coefficients."""
        c = np.asarray(weights, "float64")
        variance = float(c @ self.covariance @ c)
        return float(c @ self.coefficients), float(np.sqrt(max(variance, 0.0))), self.contrast_df(c)

    def contrast_df(self, weights: ArrayLike) -> float:
        """Give the degrees of freedom: n - k, or Satterthwaite's where the variance has two parts."""
        if self.slopes is None or self.spread is None:
            return float(self.df)
        c = np.asarray(weights, "float64")
        gradient = np.einsum("i,pij,j->p", c, self.slopes, c)
        noise = float(gradient @ self.spread @ gradient)
        variance = float(c @ self.covariance @ c)
        # Never more than n - k and never so few that the interval says nothing at all.
        return float(np.clip(2 * variance**2 / noise, 1.0, self.df)) if noise > 0 else float(self.df)


def ordinary(outcome: ArrayLike, terms: ArrayLike) -> TimeFit:
    """Fit by least squares; errors taken as independent and of equal variance."""
    fit = fit_ols(outcome, terms)
    return TimeFit(fit.coefficients, fit.classical, fit.residuals, fit.df_residual, fit.sigma2)


def newey_west(
    outcome: ArrayLike,
    terms: ArrayLike,
    place: ArrayLike | None = None,
    *,
    lag: int | str | None = None,
    adjust: bool = True,
    prewhite: bool = False,
) -> TimeFit:
    """Fit by least squares with Newey and West's covariance.

    Parameters
    ----------
    outcome, terms : (n,), (n, k), in the order of time.
    place : integer places in time; where periods lack, their scores count as zero, so that a lag is a
        distance in time and not in rows.
    lag : whole number; None = floor(4 (n/100)^(2/9)) (`rule_lag`); "automatic" = the plug-in bandwidth of
        Newey and West (1994) (`automatic_bandwidth`), which is long on short series.
    adjust : multiply by n / (n - k), as Stata's newey and sandwich's adjust=TRUE do.
    prewhite : R NeweyWest's default.

    Compared with R sandwich::NeweyWest and statsmodels (tests/reference/its.csv).
    Source: Newey and West (1987), doi 10.2307/1913610.

    Examples
    --------
    >>> from sosrake_lib.effects.its.terms import segmented_terms
    >>> terms = segmented_terms(range(8), 4)
    >>> fit = newey_west([10.2, 10.8, 11.1, 10.9, 14.9, 15.2, 15.1, 15.8], terms.matrix)
    >>> fit.lag, round(float(fit.coefficients[2]), 2)
    (2, 3.49)
    """
    fit = fit_ols(outcome, terms)
    at = np.arange(fit.n) if place is None else np.asarray(place, "int64")
    even = _even(fit, at - at.min())
    chosen = _lag(fit, even, lag, prewhite)
    covariance = newey_west_covariance(even, chosen, prewhite=prewhite)
    if adjust:
        covariance = covariance * fit.n / fit.df_residual
    return TimeFit(fit.coefficients, covariance, fit.residuals, fit.df_residual, fit.sigma2, lag=chosen)


def _even(fit: LinearFit, at: NDArray[np.int64]) -> LinearFit:
    """Spread the rows over every period; a lacking one has nothing in it."""
    length = int(at.max()) + 1
    design, residuals = np.zeros((length, fit.k)), np.zeros(length)
    design[at], residuals[at] = fit.design, fit.residuals
    return LinearFit(fit.coefficients, residuals, design, np.ones(length), fit.bread)


def _lag(fit: LinearFit, even: LinearFit, lag: int | str | None, prewhite: bool) -> int:
    if lag is None:
        return rule_lag(fit.n)
    if lag == "automatic":
        return min(int(automatic_bandwidth(even.scores, prewhite=prewhite)), even.n - 1)
    if isinstance(lag, str) or int(lag) != lag or not 0 <= lag < even.n:
        raise SosrakeError(
            f"newey_west: lag {lag!r} for {even.n} periods; expected a whole number from 0 to {even.n - 1}, "
            'None (rule of thumb) or "automatic"'
        )
    return int(lag)


def whitened(values: Floats, steps: NDArray[np.int64], rho: float) -> Floats:
    """Take first-order autocorrelation out of rows that are `steps` periods apart.

    The first row stays; row i becomes (v_i - ρ^d v_{i-1}) / √(1 - ρ^{2d}), so that errors of variance 1
    and correlation ρ^distance become independent with variance 1.
    """
    carried = rho ** steps.astype("float64")
    shape = (-1,) + (1,) * (values.ndim - 1)
    rest = values[1:] - carried.reshape(shape) * values[:-1]
    return np.concatenate([values[:1], rest / np.sqrt(1 - carried**2).reshape(shape)])


def prais_winsten(
    outcome: ArrayLike,
    terms: ArrayLike,
    place: ArrayLike | None = None,
    *,
    kind: str = "regress",
    rounds: int = ROUNDS,
    keep_first: bool = True,
) -> TimeFit:
    """Fit by generalised least squares with first-order autocorrelation, after Prais and Winsten.

    Residuals give the autocorrelation, the autocorrelation a new fit, until it settles.

    Parameters
    ----------
    kind : how the autocorrelation is estimated (`autocorrelation.first_order`).
    rounds : 1 = two-step estimate; by default until it settles.
    keep_first : False drops the first row after transforming (Cochrane and Orcutt).

    Returns
    -------
    TimeFit; covariance s² (X*'X*)⁻¹ of the transformed regression with n - k degrees of freedom.

    Compared with an independent iteration over statsmodels OLS (tests/test_its.py).
    Source: Prais and Winsten (1954), Cowles Commission discussion paper 383.
    """
    y, x = np.asarray(outcome, "float64"), np.asarray(terms, "float64")
    at = np.arange(y.size) if place is None else np.asarray(place, "int64")
    steps, rho = np.diff(at), 0.0
    if not neighbours(at).any():
        raise SosrakeError("prais_winsten: no two periods follow each other; use ordinary or newey_west")
    drop = slice(None) if keep_first else slice(1, None)
    fit = fit_ols(y, x)
    for _ in range(rounds):
        before = rho
        # Stationary errors only: an estimate beyond 1 would make the transformation meaningless.
        rho = float(np.clip(first_order(y - x @ fit.coefficients, at, kind), -WIDEST, WIDEST))
        # Variance 1 - ρ² of the innovations instead of 1 changes s² only, as R and Stata report it.
        scale = np.sqrt(1 - rho**2)
        fit = fit_ols(scale * whitened(y, steps, rho)[drop], scale * whitened(x, steps, rho)[drop])
        if abs(rho - before) < SETTLED:
            break
    return TimeFit(
        fit.coefficients, fit.classical, y - x @ fit.coefficients, fit.df_residual, fit.sigma2, rho
    )


def reml(outcome: ArrayLike, terms: ArrayLike, place: ArrayLike | None = None) -> TimeFit:
    """Fit with first-order autocorrelation by restricted maximum likelihood and Satterthwaite's df.

    The likelihood of the errors alone does not mistake the wiggle taken up by the terms for independence,
    so the autocorrelation of a short series is less underestimated than by Prais and Winsten; the degrees
    of freedom of each contrast pay for having estimated it. Turner et al. (2021, doi
    10.1186/s12874-021-01364-0) recommend it from twelve points on.

    Examples
    --------
    >>> from sosrake_lib.effects.its.terms import segmented_terms
    >>> fit = reml([10.2, 10.8, 11.1, 10.9, 14.9, 15.2, 15.1, 15.8], segmented_terms(range(8), 4).matrix)
    >>> bool(fit.contrast_df([0, 0, 1, 0]) <= 4)
    True
    """
    y, x = np.asarray(outcome, "float64"), np.asarray(terms, "float64")
    at = np.arange(y.size) if place is None else np.asarray(place, "int64")
    steps = np.diff(at)
    grid = np.linspace(-WIDEST, WIDEST, 99)
    height = [_profile(y, x, steps, rho)[0] for rho in grid]
    best = int(np.argmax(height))
    near = (grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)])
    found = optimize.minimize_scalar(
        lambda rho: -_profile(y, x, steps, rho)[0], bounds=near, method="bounded", options={"xatol": 1e-10}
    )
    rho = float(found.x)
    _, rss, inverse, coefficients = _profile(y, x, steps, rho)
    df = y.size - x.shape[1]
    sigma2 = rss / df
    slopes, spread = _variance_parts(y, x, steps, rho, sigma2)
    return TimeFit(
        coefficients, sigma2 * inverse, y - x @ coefficients, df, sigma2, rho, slopes=slopes, spread=spread
    )


def _profile(
    y: Floats, x: Floats, steps: NDArray[np.int64], rho: float
) -> tuple[float, float, Floats, Floats]:
    """Give the restricted log likelihood at its best variance, the rss, (X'R⁻¹X)⁻¹ and coefficients."""
    white_x, white_y = whitened(x, steps, rho), whitened(y, steps, rho)
    q, r = np.linalg.qr(white_x)
    coefficients = np.linalg.solve(r, q.T @ white_y)
    rest = white_y - white_x @ coefficients
    rss = float(rest @ rest)
    root = np.linalg.inv(r)
    length = np.log1p(-(rho ** (2.0 * steps))).sum() + 2 * np.log(np.abs(np.diag(r))).sum()
    df = y.size - x.shape[1]
    return -0.5 * (df * np.log(rss) + length), rss, root @ root.T, coefficients


def _variance_parts(
    y: Floats, x: Floats, steps: NDArray[np.int64], rho: float, sigma2: float
) -> tuple[Floats | None, Floats | None]:
    """Differentiate the covariance by log variance and by z = artanh(rho); invert their information."""
    df, step = y.size - x.shape[1], 1e-3
    z = np.arctanh(rho)
    at = [_profile(y, x, steps, float(np.tanh(z + move))) for move in (-step, 0.0, step)]
    # l(log s², z) = -(df log s² + length(z) + rss(z) / s²) / 2; the profile gives length back.
    rss = np.array([part[1] for part in at])
    length = np.array([-2 * part[0] - df * np.log(part[1]) for part in at])
    cost = (length + rss / sigma2) / 2
    information = np.array(
        [
            [df / 2, -(rss[2] - rss[0]) / (2 * step) / sigma2 / 2],
            [-(rss[2] - rss[0]) / (2 * step) / sigma2 / 2, (cost[2] - 2 * cost[1] + cost[0]) / step**2],
        ]
    )
    if np.linalg.eigvalsh(information)[0] <= 0:
        return None, None
    slopes = np.array([sigma2 * at[1][2], sigma2 * (at[2][2] - at[0][2]) / (2 * step)])
    return slopes, np.linalg.inv(information)
