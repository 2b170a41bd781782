"""The jump at a limit by one weighted regression: what textbooks show, without bias correction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.discontinuity.local import KERNELS, kernel_weights
from sosrake_lib.effects.discontinuity.running import Running, read_running
from sosrake_lib.effects.regression import LinearFit, coefficient_table, fit_ols, hc_covariance
from sosrake_lib.errors import FrameError

WHERE = "plain_jump"
ERRORS = ("classical", "hc0", "hc1", "hc2", "hc3")


@dataclass(frozen=True, slots=True, eq=False)
class PlainJump:
    """A jump by weighted least squares.

    Attributes
    ----------
    estimate, standard_error : treated minus untreated at the limit. df : rows minus coefficients.
    coefficients : frame as `coefficient_table` gives. n : rows with weight, left and right.
    """

    estimate: float
    standard_error: float
    df: float
    coefficients: pd.DataFrame
    n: tuple[int, int]


def plain_jump(
    data: pd.DataFrame,
    *,
    outcome: str,
    running: str,
    cutoff: float,
    h: float | None = None,
    p: int = 1,
    kernel: str = "triangular",
    standard_error: str = "hc1",
    common_slope: bool = False,
    treated: str = "above",
    at_cutoff: str = "above",
    missing: str = "refuse",
    confidence: float = 0.95,
) -> PlainJump:
    """Regress the outcome on the side of the limit and polynomials of the running variable.

    Parameters
    ----------
    data, outcome, running, cutoff, treated, at_cutoff, missing : see `read_running`.
    h : only rows within this of the limit, weighted by `kernel`; None = all rows alike (uniform).
    p : order of the polynomials, apart on each side, or shared with `common_slope`.
    standard_error : "classical", "hc0" to "hc3".

    Returns
    -------
    PlainJump; y = a + τ·above + Σ b_j x^j + Σ c_j·above·x^j. With h chosen to make the error small its
    interval is too narrow: it forgets the bias (see `regression_discontinuity`).

    Compared with R lm and sandwich (tests/reference/rdd.csv) and with Carpenter and Dobkin's deaths at the
    legal drinking age as in Angrist and Pischke (2015, table 4.1; tests/test_discontinuity.py).

    Examples
    --------
    >>> x = np.arange(-30, 30) / 10 + 0.05
    >>> data = pd.DataFrame({"score": x, "y": 2 * x + 3 * (x > 0) + np.sin(9 * x) / 5})
    >>> round(plain_jump(data, outcome="y", running="score", cutoff=0, h=2).estimate, 2)
    3.13
    """
    rows = read_running(
        data,
        outcome=outcome,
        running=running,
        cutoff=cutoff,
        treated=treated,
        at_cutoff=at_cutoff,
        missing=missing,
        where=WHERE,
    )
    return pooled_jump(
        rows,
        h=h,
        p=p,
        kernel=kernel,
        standard_error=standard_error,
        common_slope=common_slope,
        confidence=confidence,
    )


def pooled_jump(
    running: Running,
    *,
    h: float | None,
    p: int = 1,
    kernel: str = "triangular",
    standard_error: str = "hc1",
    common_slope: bool = False,
    confidence: float = 0.95,
) -> PlainJump:
    """Estimate a plain jump from checked rows; parameters as in `plain_jump`."""
    _check(h, p, kernel, standard_error)
    x = running.x
    y = np.concatenate([running.left.y, running.right.y])
    above = np.arange(len(x)) >= running.left.n
    weights = np.ones(len(x)) if h is None else kernel_weights(x / h, kernel)
    inside = weights > 0
    sizes = (int((inside & ~above).sum()), int((inside & above).sum()))
    # In bandwidths (or reaches), so that high powers neither vanish nor explode; the jump does not change.
    scale = float(np.abs(x).max()) if h is None else float(h)
    design, names = _design(x[inside] / scale, above[inside], int(p), common_slope=common_slope)
    if min(sizes) <= p or len(design) <= design.shape[1]:
        raise FrameError(
            f"{WHERE}: {sizes[0]} and {sizes[1]} rows below and above the limit within h; polynomials of "
            f"order {p} need more, widen h"
        )
    fit = fit_ols(y[inside], design, weights[inside])
    covariance = _covariance(fit, standard_error)
    table = coefficient_table(names, fit.coefficients, covariance, fit.df_residual, confidence)
    estimate = running.sign * float(fit.coefficients[1])
    return PlainJump(estimate, float(np.sqrt(covariance[1, 1])), float(fit.df_residual), table, sizes)


def _design(x: np.ndarray, above: np.ndarray, p: int, *, common_slope: bool) -> tuple[np.ndarray, list[str]]:
    side = above.astype("float64")
    powers = [x**order for order in range(1, p + 1)]
    columns, names = [np.ones(len(x)), side, *powers], ["(Intercept)", "above"]
    names += [f"x^{order}" for order in range(1, p + 1)]
    if not common_slope:
        columns += [side * power for power in powers]
        names += [f"above x^{order}" for order in range(1, p + 1)]
    return np.column_stack(columns), names


def _covariance(fit: LinearFit, kind: str) -> np.ndarray:
    return fit.classical if kind == "classical" else hc_covariance(fit, kind.upper())


def _check(h: float | None, p: int, kernel: str, standard_error: str) -> None:
    if h is not None and not h > 0:
        raise FrameError(f"{WHERE}: h {h!r}; expected a bandwidth above 0, or None for all rows")
    if int(p) != p or not 0 <= p <= 6:
        raise FrameError(f"{WHERE}: p {p!r}; expected an order from 0 to 6")
    if kernel not in KERNELS or standard_error not in ERRORS:
        raise FrameError(
            f"{WHERE}: kernel {kernel!r}, standard_error {standard_error!r}; expected one of "
            f"{', '.join(KERNELS)} and one of {', '.join(ERRORS)}"
        )
