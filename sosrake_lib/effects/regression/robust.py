"""Covariances that do not trust equal variances (HC0-HC4) or independence in time (Newey-West)."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from sosrake_lib.effects.regression.linear import Fitted, Floats
from sosrake_lib.errors import SosrakeError

HC_KINDS = ("HC0", "HC1", "HC2", "HC3", "HC4")


def hc_covariance(fit: Fitted, kind: str = "HC1") -> Floats:
    """Covariance robust to unequal variances, (k, k).

    Parameters
    ----------
    fit : from `fit_ols` or `fit_logit`.
    kind : HC0 no correction; HC1 times n / (n - k); HC2 squares over (1 - h); HC3 over (1 - h)²; HC4 over
        (1 - h)^min(4, n·h/k), h = leverage. HC3 is the choice with fewer than some 250 rows (Long & Ervin
        2000).

    Formula: B (Σ ω_i x_i x_i') B, B the bread, ω_i the squared (weighted) residual, corrected.
    Compared with R sandwich vcovHC (tests/reference/regression_se.csv) and statsmodels.
    Source: MacKinnon JG, White H (1985), doi 10.1016/0304-4076(85)90158-7.

    Raises
    ------
    SosrakeError for an unknown kind, or when HC2-HC4 meet a row of leverage 1 (its residual is always 0).

    Examples
    --------
    >>> from sosrake_lib.effects.regression import fit_ols, with_intercept
    >>> fit = fit_ols([1.0, 3.0, 5.0, 8.0], with_intercept([0.0, 1.0, 2.0, 3.0]))
    >>> round(float(hc_covariance(fit, "HC0")[1, 1]), 4)
    0.0134
    """
    if kind not in HC_KINDS:
        raise SosrakeError(f"hc_covariance: kind {kind!r}; expected one of {', '.join(HC_KINDS)}")
    scores = fit.scores
    n, k = scores.shape
    if kind == "HC1":
        if n <= k:
            raise SosrakeError(f"hc_covariance: {n} rows for {k} coefficients; HC1 needs more rows")
        return sandwich(fit.bread, scores.T @ scores) * n / (n - k)
    if kind != "HC0":
        scores = scores / np.sqrt(_distance(fit.leverage, kind, n, k))[:, None]
    return sandwich(fit.bread, scores.T @ scores)


def _distance(leverage: Floats, kind: str, n: int, k: int) -> Floats:
    if leverage.max() > 1 - 1e-10:
        raise SosrakeError(
            f"hc_covariance: row {int(leverage.argmax())} has leverage 1 (it alone decides a coefficient), "
            "so "
            f"{kind} is not defined; use HC1 or leave out the regressor that marks that row"
        )
    power = {"HC2": 1.0, "HC3": 2.0}.get(kind, np.minimum(4.0, n * leverage / k))
    return (1 - leverage) ** power


def newey_west_covariance(
    fit: Fitted, lag: int | None = None, *, adjust: bool = False, prewhite: bool = False
) -> Floats:
    """Covariance robust to unequal variances and to correlation over neighbouring rows, (k, k).

    Parameters
    ----------
    fit : its rows stand in the order of time, equally spaced, one series.
    lag : the longest distance of correlated rows; None = chosen by `newey_west_lag`.
    adjust : multiply by n / (n - k).
    prewhite : take a first-order vector autoregression out of the scores before, and put it back after.

    Formula: B (Γ0 + Σ_l (1 - l/(L+1)) (Γl + Γl')) B, Γl = Σ_t s_t s_{t-l}', s the scores (Bartlett weights).
    Compared with R sandwich NeweyWest (tests/reference/regression_se.csv) and statsmodels HAC.
    Source: Newey WK, West KD (1987), doi 10.2307/1913610; lag: (1994), doi 10.2307/2297912.

    Raises
    ------
    SosrakeError when the lag is negative or not shorter than the series.

    Examples
    --------
    >>> from sosrake_lib.effects.regression import fit_ols, with_intercept
    >>> fit = fit_ols([1.0, 3.0, 5.0, 8.0], with_intercept([0.0, 1.0, 2.0, 3.0]))
    >>> bool(np.allclose(newey_west_covariance(fit, 0), hc_covariance(fit, "HC0")))
    True
    """
    scores = fit.scores
    n, k = scores.shape
    chosen = newey_west_lag(fit, prewhite=prewhite) if lag is None else int(lag)
    if not 0 <= chosen < n:
        raise SosrakeError(f"newey_west_covariance: lag {chosen} for {n} rows; expected 0 to {n - 1}")
    if adjust and n <= k:
        raise SosrakeError(f"newey_west_covariance: {n} rows for {k} coefficients; adjust needs more rows")
    white, back = _prewhitened(scores) if prewhite else (scores, np.eye(k))
    meat = back @ _bartlett(white, chosen) @ back.T
    return sandwich(fit.bread, meat) * (n / (n - k) if adjust else 1.0)


def newey_west_lag(fit: Fitted, *, prewhite: bool = False) -> int:
    """Choose the lag from the data by the rule of Newey and West (1994) for Bartlett weights.

    The scores of the slopes are summed (the intercept's left out when there are slopes); with σ_j their
    autocovariances to the lag ⌊4 (n/100)^(2/9)⌋ (3 instead of 4 with prewhitening), s0 = σ_0 + 2Σσ_j and
    s1 = 2Σ j·σ_j, the lag is ⌊1.1447 (s1²/s0²)^(1/3) n^(1/3)⌋.
    """
    scores = fit.scores
    n = len(scores)
    constant = np.ptp(fit.design, axis=0) == 0
    white = _prewhitened(scores)[0] if prewhite else scores
    series = white[:, ~constant].sum(axis=1) if (~constant).any() else white.sum(axis=1)
    longest = min(int((3 if prewhite else 4) * (n / 100) ** (2 / 9)), len(series) - 1)
    lags = np.arange(1, longest + 1)
    covariances = np.array([series[lag:] @ series[: len(series) - lag] for lag in lags]) / len(series)
    s0 = series @ series / len(series) + 2 * covariances.sum()
    s1 = 2 * (lags * covariances).sum()
    return min(int(1.1447 * ((s1 / s0) ** 2) ** (1 / 3) * n ** (1 / 3)), n - 1) if s0 != 0 else 0


def sandwich(bread: Floats, meat: Floats) -> Floats:
    """Put the meat between two slices of bread, exactly symmetric."""
    found = bread @ meat @ bread
    return (found + found.T) / 2


def _bartlett(scores: Floats, lag: int) -> Floats:
    meat = scores.T @ scores
    for distance in range(1, min(lag, len(scores) - 1) + 1):
        apart = scores[distance:].T @ scores[:-distance]
        meat = meat + (1 - distance / (lag + 1)) * (apart + apart.T)
    return meat


def _prewhitened(scores: Floats) -> tuple[Floats, Floats]:
    """Take a vector autoregression of order 1 out of the scores; the matrix puts it back on both sides."""
    transition = linalg.lstsq(scores[:-1], scores[1:])[0]
    white = scores[1:] - scores[:-1] @ transition
    return white, np.linalg.inv(np.eye(scores.shape[1]) - transition.T)
