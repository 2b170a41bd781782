"""Whether the deviations of a series from its line resemble their neighbours in time."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]

# Constant of the Bartlett kernel in the plug-in bandwidth of Newey and West (1994), c.
BARTLETT_CONSTANT = 1.1447
# Points of the quadrature of Imhof's integral; held to 3 000 points: seven digits even with three roots.
QUADRATURE_POINTS = 500


def neighbours(position: ArrayLike, series: ArrayLike | None = None) -> NDArray[np.bool_]:
    """Tell which rows follow the row before them without a gap, within one series; shape (n - 1,).

    Examples
    --------
    >>> neighbours([0, 1, 3, 4]).tolist()
    [True, False, True]
    """
    steps = np.diff(np.asarray(position)) == 1
    return steps if series is None else steps & (np.diff(np.asarray(series)) == 0)


def durbin_watson(residuals: ArrayLike, position: ArrayLike | None = None) -> float:
    """Compute the Durbin-Watson statistic: about 2 without autocorrelation, below 2 with positive.

    d = Σ (e_t - e_{t-1})² / Σ e_t²; the sum in the numerator runs over neighbouring periods only, so that a
    gap or a wash-out does not count as a step. Compared with R lmtest::dwtest (tests/reference/its.csv).
    Source: Durbin and Watson (1950), doi 10.2307/2332391.

    Examples
    --------
    >>> durbin_watson([1.0, -1.0, 1.0, -1.0])
    3.0
    """
    e = np.asarray(residuals, "float64")
    steps = np.diff(e)[neighbours(_positions(position, e.size))]
    return float(steps @ steps / (e @ e))


def durbin_watson_p(
    terms: ArrayLike, residuals: ArrayLike, position: ArrayLike | None = None, side: str = "greater"
) -> float:
    """Give the exact p value of the Durbin-Watson statistic for the terms at hand.

    Under independent normal errors d is a ratio of quadratic forms; its distribution function is computed
    by Imhof's (1961, doi 10.2307/2332763) inversion, so no table with a zone of doubt is needed and short
    series are served as well as long ones.

    Parameters
    ----------
    terms : matrix (n, k) of the regression.
    residuals : its residuals, (n,).
    position : integer places in time; left out, 0..n-1.
    side : "greater" (positive autocorrelation, small d), "less" or "two.sided".

    Examples
    --------
    >>> x = np.column_stack([np.ones(8), np.arange(8)])
    >>> e = np.array([1, -1, 1, -1, 1, -1, 1, -1]) - x @ np.linalg.lstsq(x, [1, -1] * 4, rcond=None)[0]
    >>> durbin_watson_p(x, e) > 0.99
    True
    """
    x, e = np.asarray(terms, "float64"), np.asarray(residuals, "float64")
    place = _positions(position, e.size)
    d = durbin_watson(e, place)
    step = np.diff(np.eye(e.size), axis=0)[neighbours(place)]
    basis = np.linalg.qr(x, mode="complete")[0][:, x.shape[1] :]
    roots = np.linalg.eigvalsh((step @ basis).T @ (step @ basis))
    below = 1 - positive_share(roots - d)
    if side == "two.sided":
        return float(min(1.0, 2 * min(below, 1 - below)))
    if side not in ("greater", "less"):
        raise SosrakeError(
            f"durbin_watson_p: side {side!r}; expected greater (positive autocorrelation), less or two.sided"
        )
    return float(below if side == "greater" else 1 - below)


def positive_share(weights: ArrayLike) -> float:
    """Give P(Σ weights · z² > 0) for independent standard normal z, by Imhof's integral.

    Examples
    --------
    >>> round(positive_share([1.0, -1.0]), 6)
    0.5
    """
    size = np.asarray(weights, "float64")
    size = size[np.abs(size) > 1e-12 * np.abs(size).max()] / np.abs(size).max()
    if (size > 0).all() or (size < 0).all():
        return float(size[0] > 0)
    node, mass = _quadrature()
    # u = s / (1 - s) with s = t², which spreads the points near zero where the integrand lives.
    t = (node + 1) / 2
    s = t * t
    u, jacobian = s / (1 - s), t / (1 - s) ** 2
    angle = 0.5 * np.arctan(np.outer(u, size)).sum(axis=1)
    log_decay = 0.25 * np.log1p(np.outer(u, size) ** 2).sum(axis=1)
    integral = mass @ (np.sin(angle) * np.exp(-log_decay) / u * jacobian)
    return float(np.clip(0.5 + integral / np.pi, 0.0, 1.0))


@cache
def _quadrature() -> tuple[Floats, Floats]:
    return leggauss(QUADRATURE_POINTS)


def automatic_bandwidth(
    gradient: ArrayLike, weights: ArrayLike | None = None, *, prewhite: bool = False
) -> float:
    """Choose the Bartlett bandwidth of a long-run variance by the plug-in rule of Newey and West (1994).

    Parameters
    ----------
    gradient : (n, k), terms times residuals (`scores`), in the order of time.
    weights : (k,) how the columns are summed; left out, all but the first (the intercept) count 1.
    prewhite : filter the scores by a first vector autoregression before the rule, as R does by default.

    Returns
    -------
    float: 1.1447 (s1 / s0)^(2/3) n^(1/3); lags are its whole part. On series of tens of points it is easily
    half of the series: see `rule_lag` for what is used unless asked.

    Compared with R sandwich::bwNeweyWest. Source: Newey and West (1994), doi 10.2307/2297912.

    Examples
    --------
    >>> automatic_bandwidth(np.ones((10, 1)) * [[1.0]], [1.0]) > 0
    True
    """
    filtered = np.asarray(gradient, "float64")
    count = np.ones(filtered.shape[1]) if weights is None else np.asarray(weights, "float64")
    if weights is None and count.size > 1:
        count[0] = 0.0
    if prewhite:
        filtered = filtered[1:] - filtered[:-1] @ first_autoregression(filtered)
    n, h = len(filtered), filtered @ count
    most = int(np.floor((3 if prewhite else 4) * (n / 100) ** (2 / 9)))
    lags = np.arange(most + 1)
    sigma = np.array([h[: n - lag] @ h[lag:] / n for lag in lags])
    long_run = sigma[0] + 2 * sigma[1:].sum()
    slope = 2 * (lags[1:] * sigma[1:]).sum()
    return float(BARTLETT_CONSTANT * ((slope / long_run) ** 2) ** (1 / 3) * (n + prewhite) ** (1 / 3))


def scores(terms: ArrayLike, residuals: ArrayLike) -> Floats:
    """Multiply the terms (n, k) by the residuals (n,): each row's share of the gradient."""
    return np.asarray(terms, "float64") * np.asarray(residuals, "float64")[:, None]


def first_autoregression(gradient: Floats) -> Floats:
    """Regress each row of the scores on the row before it: the matrix B of s_t = s_{t-1} B."""
    return np.asarray(np.linalg.lstsq(gradient[:-1], gradient[1:], rcond=None)[0], "float64")


def rule_lag(n: int) -> int:
    """Give the usual lag of a Newey-West error for n points: floor(4 (n / 100)^(2/9)), at least 1.

    Examples
    --------
    >>> rule_lag(16), rule_lag(60), rule_lag(100)
    (2, 3, 4)
    """
    return max(1, int(np.floor(4 * (n / 100) ** (2 / 9))))


def first_order(residuals: ArrayLike, position: ArrayLike | None = None, kind: str = "regress") -> float:
    """Estimate the autocorrelation of neighbouring residuals.

    Parameters
    ----------
    kind : "regress" (Σ e_t e_{t-1} / Σ e_{t-1}², the usual one), "backward" (over Σ e_t²), "correlation"
        (over Σ of all e²) or "durbin_watson" (1 - d / 2).

    Examples
    --------
    >>> first_order([1.0, 0.5, 0.25])
    0.5
    """
    e = np.asarray(residuals, "float64")
    place = _positions(position, e.size)
    joined = neighbours(place)
    earlier, later = e[:-1][joined], e[1:][joined]
    below = {
        "regress": earlier @ earlier,
        "backward": later @ later,
        "correlation": e @ e,
    }
    if kind == "durbin_watson":
        return 1 - durbin_watson(e, place) / 2
    if kind not in below:
        raise SosrakeError(f"first_order: kind {kind!r}; expected {', '.join(below)} or durbin_watson")
    return float(earlier @ later / below[kind])


def ljung_box(residuals: ArrayLike, lags: int) -> tuple[float, float]:
    """Give the Ljung-Box statistic and its p value for autocorrelation up to `lags`."""
    e = np.asarray(residuals, "float64")
    e = e - e.mean()
    n = e.size
    r = np.array([e[:-lag] @ e[lag:] for lag in range(1, lags + 1)]) / (e @ e)
    statistic = n * (n + 2) * float((r**2 / (n - np.arange(1, lags + 1))).sum())
    return statistic, float(special.chdtrc(lags, statistic))


def _positions(position: ArrayLike | None, n: int) -> NDArray[np.int64]:
    return np.arange(n) if position is None else np.asarray(position, "int64")
