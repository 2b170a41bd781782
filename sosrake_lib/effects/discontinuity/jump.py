"""The jump at a limit: conventional, bias-corrected and robust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.discontinuity.bandwidth import Bandwidths, bandwidths
from sosrake_lib.effects.discontinuity.local import Recipe, SideEstimate, side_estimate
from sosrake_lib.effects.discontinuity.running import Running, read_running
from sosrake_lib.effects.regression import check_confidence, t_quantile, two_sided
from sosrake_lib.errors import FrameError, SosrakeError

Width = float | Sequence[float]
REPORTED = ("conventional", "bias_corrected", "robust")


@dataclass(frozen=True, slots=True, eq=False)
class Jump:
    """A jump, treated minus untreated.

    Attributes
    ----------
    conventional, bias_corrected : estimates. error, robust_error : standard errors of each.
    bandwidths : h and b, left and right of the limit. n, effective : rows left and right, within h.
    left, right : the two sides' means at the limit, conventional. selector : how h came about, "given" too.
    """

    conventional: float
    bias_corrected: float
    error: float
    robust_error: float
    bandwidths: Bandwidths
    n: tuple[int, int]
    effective: tuple[int, int]
    left: float
    right: float
    selector: str
    running: Running
    recipe: Recipe

    def table(self, confidence: float = 0.95) -> pd.DataFrame:
        """List estimate, standard error, p value and limits three ways.

        Returns
        -------
        DataFrame `kind, estimate, standard_error, statistic, p_value, lower, upper`: conventional (its
        interval forgets the bias), bias_corrected (its interval forgets that the bias was estimated),
        robust (right in both).
        """
        check_confidence(confidence, "discontinuity")
        estimate = np.array([self.conventional, self.bias_corrected, self.bias_corrected])
        error = np.array([self.error, self.error, self.robust_error])
        half = float(t_quantile(0.5 + confidence / 2, np.inf)) * error
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = estimate / error
        return pd.DataFrame(
            {
                "kind": REPORTED,
                "estimate": estimate,
                "standard_error": error,
                "statistic": statistic,
                "p_value": two_sided(statistic, np.inf),
                "lower": estimate - half,
                "upper": estimate + half,
            }
        )


def local_jump(
    data: pd.DataFrame,
    *,
    outcome: str,
    running: str,
    cutoff: float,
    treated: str = "above",
    at_cutoff: str = "above",
    treatment: str | None = None,
    missing: str = "refuse",
    h: Width | None = None,
    b: Width | None = None,
    rho: float | None = None,
    **options: Any,
) -> Jump:
    """Estimate the jump of an outcome at a limit by local polynomials.

    Parameters
    ----------
    data, outcome, running, cutoff, treated, at_cutoff, treatment, missing : see `read_running`.
    h : bandwidth, or (left, right); None = chosen from the data. b : of the bias; left out, h's own with h
        given (b = h, or h / rho), chosen otherwise. rho : h / b.
    options : kernel, p, q, variance, neighbours, selector, mass_points, as in `estimate_jump`.

    Returns
    -------
    Jump. Compared with R rdrobust (tests/reference/rdd.csv), to 1e-8 with a given bandwidth.

    Examples
    --------
    >>> x = np.arange(-30, 30) / 10 + 0.05
    >>> data = pd.DataFrame({"score": x, "y": 2 * x + 3 * (x > 0) + np.sin(9 * x) / 5})
    >>> found = local_jump(data, outcome="y", running="score", cutoff=0, h=2)
    >>> round(found.conventional, 2), found.effective
    (3.13, (20, 20))
    """
    rows = read_running(
        data,
        outcome=outcome,
        running=running,
        cutoff=cutoff,
        treated=treated,
        at_cutoff=at_cutoff,
        treatment=treatment,
        missing=missing,
        where="local_jump",
    )
    return estimate_jump(rows, h=h, b=b, rho=rho, **options)


def estimate_jump(
    running: Running,
    *,
    h: Width | None = None,
    b: Width | None = None,
    rho: float | None = None,
    kernel: str = "triangular",
    p: int = 1,
    q: int | None = None,
    variance: str = "nn",
    neighbours: int = 3,
    selector: str = "mserd",
    mass_points: str = "adjust",
) -> Jump:
    """Estimate the jump from checked rows.

    Parameters
    ----------
    kernel : "triangular", "uniform", "epanechnikov". p, q : orders of the polynomial and of the one that
        tells its bias (p + 1). variance : "nn" nearest neighbours (at least `neighbours`), or "hc0" to "hc3".
    selector, mass_points : see `bandwidths`. h, b, rho : as in local_jump.

    Raises
    ------
    FrameError for a bandwidth that is not above 0 or leaves too few different values on a side.
    """
    recipe = Recipe(kernel, int(p), int(p) + 1 if q is None else int(q), variance, int(neighbours))
    widths = _widths(running, recipe, h, b, rho, selector, mass_points)
    try:
        left = side_estimate(running.left, widths.h[0], widths.b[0], recipe)
        right = side_estimate(running.right, widths.h[1], widths.b[1], recipe)
    except SosrakeError as problem:
        raise FrameError(str(problem)) from problem
    return _jump(running, recipe, widths, left, right, "given" if h is not None else selector)


def _jump(
    running: Running,
    recipe: Recipe,
    widths: Bandwidths,
    left: SideEstimate,
    right: SideEstimate,
    selector: str,
) -> Jump:
    sign = running.sign
    return Jump(
        sign * (right.conventional - left.conventional),
        sign * (right.corrected - left.corrected),
        float(np.sqrt(right.variance + left.variance)),
        float(np.sqrt(right.corrected_variance + left.corrected_variance)),
        widths,
        (running.left.n, running.right.n),
        (left.effective, right.effective),
        left.conventional,
        right.conventional,
        selector,
        running,
        recipe,
    )


def _widths(
    running: Running,
    recipe: Recipe,
    h: Width | None,
    b: Width | None,
    rho: float | None,
    selector: str,
    mass_points: str,
) -> Bandwidths:
    if rho is not None and not rho > 0:
        raise FrameError(f"discontinuity: rho {rho!r}; expected h / b above 0, or None")
    if h is None:
        if b is not None:
            raise FrameError("discontinuity: b is given without h; give h too, or neither")
        try:
            found = bandwidths(running, recipe, selector, mass_points)
        except SosrakeError as problem:
            raise FrameError(str(problem)) from problem
        return found if rho is None else Bandwidths(found.h, (found.h[0] / rho, found.h[1] / rho))
    narrow = _pair(h, "h")
    if b is not None:
        return Bandwidths(narrow, _pair(b, "b"))
    ratio = 1.0 if rho is None else rho
    return Bandwidths(narrow, (narrow[0] / ratio, narrow[1] / ratio))


def _pair(width: Width, name: str) -> tuple[float, float]:
    listed = np.atleast_1d(np.asarray(width, dtype="float64"))
    if listed.shape not in ((1,), (2,)) or not (np.isfinite(listed) & (listed > 0)).all():
        raise FrameError(
            f"discontinuity: {name} {width!r}; expected a bandwidth above 0, or two of them (left, right)"
        )
    return float(listed[0]), float(listed[-1])
