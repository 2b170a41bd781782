"""Robustness values: the share of the remaining variation something left out would have to explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
BOUND_COLUMNS = (
    *("benchmark", "kd", "ky", "r2dz_x", "r2yz_dx", "adjusted_estimate", "adjusted_se", "adjusted_t"),
    *("adjusted_lower", "adjusted_upper"),
)


@dataclass(frozen=True, slots=True, eq=False)
class RobustnessValue:
    """How strong a confounder must be to move a regression coefficient.

    Attributes
    ----------
    t, df : of the coefficient. partial_r2 : share of the outcome's remaining variance the treatment explains.
    partial_f2 : t² / df. rv_q : share a confounder must explain of both treatment and outcome to lower the
        estimate by 100 q %. rv_qa : to bring the lowered estimate's interval at 1 - alpha to zero.
    extreme_q, extreme_qa : share of the treatment alone, when the confounder explains all that is left of the
        outcome.
    estimate, standard_error : not a number when only t was given.
    bounds : frame of BOUND_COLUMNS: what a confounder as strong as a benchmark would leave; empty without
        benchmarks.
    """

    t: float
    df: float
    partial_r2: float
    partial_f2: float
    rv_q: float
    rv_qa: float
    extreme_q: float
    extreme_qa: float
    q: float
    alpha: float
    estimate: float
    standard_error: float
    bounds: pd.DataFrame
    method: str = "robustness_value"


def partial_r2(t: ArrayLike, df: ArrayLike) -> Floats:
    """Give the partial R² of a regressor from its t value, t² / (t² + df).

    Examples
    --------
    >>> print(round(float(partial_r2(2.5, 100)), 4))
    0.0588
    """
    squared = np.asarray(t, "float64") ** 2
    return squared / (squared + np.asarray(df, "float64"))


def robustness_share(t: ArrayLike, df: ArrayLike, q: float = 1.0, alpha: ArrayLike = 1.0) -> Floats:
    """Compute robustness values; alpha = 1 asks for the point estimate.

    With f = |t|/√df, f* = t(alpha/2, df - 1)/√(df - 1) and g = qf - f*: 0 when g ≤ 0,
    (√(g⁴ + 4g²) - g²)/2 when qf < 1/f*, else (q²f² - f*²)/(1 + q²f²).

    Examples
    --------
    >>> robustness_share(4.18445, 783, alpha=[1.0, 0.05]).round(4).tolist()
    [0.1388, 0.0763]
    """
    f, critical = _strengths(t, df, q, alpha)
    over = f - critical
    both = (np.sqrt(over**4 + 4 * over**2) - over**2) / 2
    with np.errstate(divide="ignore"):
        found = np.where(f < 1 / critical, both, (f**2 - critical**2) / (1 + f**2))
    return np.where(over > 0, found, 0.0)


def extreme_share(t: ArrayLike, df: ArrayLike, q: float = 1.0, alpha: ArrayLike = 1.0) -> Floats:
    """Compute extreme robustness values, (q²f² - f*²)/(1 + q²f²) where that is above 0.

    With q = 1 and alpha = 1 this is the partial R² of the treatment with the outcome.

    Examples
    --------
    >>> print(round(float(extreme_share(2.5, 100)), 4))
    0.0588
    """
    f, critical = _strengths(t, df, q, alpha)
    return np.where(f > critical, (f**2 - critical**2) / (1 + f**2), 0.0)


def robustness_value(
    t: float | None = None,
    df: float | None = None,
    *,
    estimate: float | None = None,
    standard_error: float | None = None,
    q: float = 1.0,
    alpha: float = 0.05,
) -> RobustnessValue:
    """Say how strong a confounder must be, from a coefficient's t value and its degrees of freedom.

    Parameters
    ----------
    t, df : t value and residual degrees of freedom; instead of t, `estimate` and `standard_error`.
    q : share of the estimate to be explained away; 1 = all of it.
    alpha : level of the interval that should no longer exclude zero.

    Returns
    -------
    RobustnessValue without bounds; `fragility.regression_robustness` adds benchmarks.

    Raises
    ------
    SosrakeError when t (or both others) is missing or not finite, df is not above 1, q not above 0, alpha no
    share.

    The t value must be of ordinary least squares with the classical standard error.
    Compared with R sensemakr 0.1.6 (tests/reference/sensitivity.csv).
    Source: Cinelli and Hazlett (2020), doi 10.1111/rssb.12348.

    Examples
    --------
    >>> found = robustness_value(t=4.18445, df=783)
    >>> print(round(found.rv_q, 3), round(found.rv_qa, 3), round(found.partial_r2, 3))
    0.139 0.076 0.022
    """
    if t is None:
        if estimate is None or standard_error is None or not standard_error > 0:
            raise SosrakeError(
                f"robustness_value: t is not given, estimate {estimate!r} and standard_error "
                f"{standard_error!r}; give t, or an estimate with its standard error above 0"
            )
        t = estimate / standard_error
    if not np.isfinite(t) or df is None or not df > 1 or np.isinf(df):
        raise SosrakeError(
            f"robustness_value: t {t!r} and df {df!r}; expected a finite t and the regression's residual "
            f"degrees of freedom, above 1"
        )
    if not q > 0 or not 0 < alpha <= 1:
        raise SosrakeError(
            f"robustness_value: q {q!r}, alpha {alpha!r}; expected q above 0 and alpha above 0, at most 1"
        )
    shares = robustness_share(t, df, q, np.array([1.0, alpha]))
    extreme = extreme_share(t, df, q, np.array([1.0, alpha]))
    return RobustnessValue(
        t=float(t),
        df=float(df),
        partial_r2=float(partial_r2(t, df)),
        partial_f2=float(t**2 / df),
        rv_q=float(shares[0]),
        rv_qa=float(shares[1]),
        extreme_q=float(extreme[0]),
        extreme_qa=float(extreme[1]),
        q=q,
        alpha=alpha,
        estimate=np.nan if estimate is None else float(estimate),
        standard_error=np.nan if standard_error is None else float(standard_error),
        bounds=pd.DataFrame(columns=list(BOUND_COLUMNS)),
    )


def adjusted(
    estimate: float,
    standard_error: float,
    df: float,
    r2dz_x: ArrayLike,
    r2yz_dx: ArrayLike,
    *,
    confidence: float = 0.95,
    reduce: bool = True,
) -> pd.DataFrame:
    """Give what would be left of a coefficient had a confounder of known strength been in the regression.

    Parameters
    ----------
    estimate, standard_error, df : of the coefficient as estimated.
    r2dz_x, r2yz_dx : the confounder's partial R² with the treatment, and with the outcome, given the rest.
    confidence : of the limits. reduce : bias away from zero is taken off; False adds it instead.

    Returns
    -------
    DataFrame `r2dz_x, r2yz_dx, adjusted_estimate, adjusted_se, adjusted_t, adjusted_lower, adjusted_upper`;
    bias = se √(df R²yz R²dz / (1 - R²dz)), adjusted se = se √((1 - R²yz)/(1 - R²dz)) √(df/(df - 1)).

    Examples
    --------
    >>> adjusted(0.0973, 0.02326, 783, 0.00916, 0.1246)["adjusted_estimate"].round(3).tolist()
    [0.075]
    """
    dz, yz = np.broadcast_arrays(np.atleast_1d(np.asarray(r2dz_x, "float64")), np.asarray(r2yz_dx, "float64"))
    if not ((dz >= 0) & (dz < 1) & (yz >= 0) & (yz <= 1)).all():
        raise SosrakeError(
            "adjusted: a partial R² is not a share (with the treatment below 1); expected numbers from 0 to 1"
        )
    bias = standard_error * np.sqrt(df * yz * dz / (1 - dz))
    left = np.sign(estimate) * (np.abs(estimate) - bias if reduce else np.abs(estimate) + bias)
    error = standard_error * np.sqrt((1 - yz) / (1 - dz) * df / (df - 1))
    half = special.stdtrit(df - 1, 0.5 + confidence / 2) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        t = left / error
    columns = {"r2dz_x": dz, "r2yz_dx": yz, "adjusted_estimate": left, "adjusted_se": error, "adjusted_t": t}
    return pd.DataFrame({**columns, "adjusted_lower": left - half, "adjusted_upper": left + half})


def benchmark_strength(r2dx: float, r2yx: float, kd: ArrayLike, ky: ArrayLike | None = None) -> pd.DataFrame:
    """Bound the strength of a confounder k times as strong as an observed covariate.

    Parameters
    ----------
    r2dx, r2yx : the covariate's partial R² with the treatment given the other covariates, and with the
        outcome given those and the treatment. kd, ky : how many times as strong; ky left out = kd.

    Returns
    -------
    DataFrame `kd, ky, r2dz_x, r2yz_dx`, the latter never above 1.

    Raises
    ------
    SosrakeError when a confounder so strong cannot exist: kd times the covariate would explain all of the
    treatment.
    """
    times = np.atleast_1d(np.asarray(kd, "float64"))
    outcome_times = np.broadcast_to(times if ky is None else np.asarray(ky, "float64"), times.shape)
    dz = times * r2dx / (1 - r2dx)
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = times * r2dx**2 / ((1 - times * r2dx) * (1 - r2dx))
    impossible = ~((dz < 1) & (shared >= 0) & (shared < 1) & (times >= 0))
    if impossible.any():
        raise SosrakeError(
            f"benchmark_strength: kd {times[impossible][0]:g} times a covariate that explains {r2dx:.3g} of "
            f"the treatment would leave nothing of it to explain; give smaller kd"
        )
    grown = (np.sqrt(outcome_times) + np.sqrt(shared)) / np.sqrt(1 - shared)
    yz = np.minimum(grown**2 * r2yx / (1 - r2yx), 1.0)
    return pd.DataFrame({"kd": times, "ky": outcome_times, "r2dz_x": dz, "r2yz_dx": yz})


def _strengths(t: ArrayLike, df: ArrayLike, q: float, alpha: ArrayLike) -> tuple[Floats, Floats]:
    degrees = np.asarray(df, "float64")
    level = np.asarray(alpha, "float64")
    f = q * np.abs(np.asarray(t, "float64")) / np.sqrt(degrees)
    critical = np.where(
        level >= 1, 0.0, np.abs(special.stdtrit(degrees - 1, level / 2)) / np.sqrt(degrees - 1)
    )
    return np.broadcast_arrays(f, critical)[0], critical
