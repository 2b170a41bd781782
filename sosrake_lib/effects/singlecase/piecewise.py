"""Piecewise regression of one case: change of level and of slope when the treatment phase begins."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats
from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.regression import (
    LinearFit,
    coefficient_table,
    fit_ols,
    newey_west_covariance,
    with_intercept,
)
from sosrake_lib.effects.singlecase.overlap import AUTOCORRELATED, OVERLAP_CAVEATS
from sosrake_lib.effects.singlecase.phases import ENOUGH_POINTS, Phases
from sosrake_lib.errors import SosrakeError

TERMS = ("level", "trend", "level_change", "slope_change")


def piecewise_change(
    found: Phases,
    *,
    unit: str,
    slope_change: bool = True,
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Change of level at the first treatment value against the baseline's line drawn on.

    Parameters
    ----------
    found : from `phases`.
    unit : what a value counts.
    slope_change : let the slope change too; False for short treatment phases.

    Formula: y = b₀ + b₁t + b₂D + b₃D(t - t₁), t from the first measurement, D the treatment phase, t₁ its
    first time; estimate b₂ (Huitema & McKean 2000, doi 10.1177/00131640021970358). Least squares; the
    interval takes residuals as independent, and `sensitivity` gives Newey-West limits beside it.

    Returns
    -------
    Effect with claim `muutos`; `details`: every coefficient.

    Raises
    ------
    SosrakeError when there are too few values to leave any residual, or all lie on the line.

    Examples
    --------
    >>> a_case = Phases(*(np.array(v, dtype=float) for v in ([2, 3, 2, 3], [5, 7, 6, 8], [1, 2, 3, 4],
    ...     [5, 6, 7, 8])), 0)
    >>> found = piecewise_change(a_case, unit="points")
    >>> print(round(found.estimate, 2), found.details["term"].tolist()[2:])
    2.3 ['level_change', 'slope_change']
    """
    fit = _fitted(found, slope_change)
    terms = TERMS if slope_change else TERMS[:3]
    table = coefficient_table(terms, fit.coefficients, fit.classical, fit.df_residual, confidence)
    level = table.set_index("term").loc["level_change"]
    return Effect(
        estimate=float(level["estimate"]),
        standard_error=float(level["standard_error"]),
        lower=float(level["lower"]),
        upper=float(level["upper"]),
        p_value=float(level["p_value"]),
        df=float(fit.df_residual),
        confidence=confidence,
        n={"baseline": len(found.baseline), "treatment": len(found.treatment)},
        unit=unit,
        design=Design(groups=1, times=len(found.baseline) + len(found.treatment)),
        claim=Claim.MUUTOS,
        method="piecewise_regression",
        assumptions=_assumptions(fit, found),
        sensitivity=_sensitivity(fit, found, terms, confidence),
        details=table,
        caveats=_caveats(found),
        source=source,
    )


def _fitted(found: Phases, slope_change: bool) -> LinearFit:
    values = np.concatenate([found.baseline, found.treatment])
    times = np.concatenate([found.baseline_times, found.treatment_times])
    after = np.repeat([0.0, 1.0], [len(found.baseline), len(found.treatment)])
    columns: list[Floats] = [times - times[0], after]
    if slope_change:
        columns.append(after * (times - found.treatment_times[0]))
    if len(values) <= len(columns) + 1:
        raise SosrakeError(
            f"piecewise_change: {len(values)} values for {len(columns) + 1} coefficients; expected more, or "
            "set slope_change=False"
        )
    fit = fit_ols(values, with_intercept(*columns))
    if fit.rss <= 1e-20 * max(float((values**2).sum()), 1e-300):
        raise SosrakeError(
            "piecewise_change: every value lies on the line; no interval can be computed without residuals"
        )
    return fit


def _lag_one(fit: LinearFit) -> float:
    e = fit.residuals
    return float((e[1:] * e[:-1]).sum() / (e**2).sum())


def _assumptions(fit: LinearFit, found: Phases) -> pd.DataFrame:
    lag, fewest = _lag_one(fit), min(len(found.baseline), len(found.treatment))
    gaps = np.diff(np.concatenate([found.baseline_times, found.treatment_times]))
    even = np.allclose(gaps, gaps[0])
    rows = [
        ("comparison_group", "none", "fails"),
        ("autocorrelation", f"{lag:.2f}", "doubtful" if abs(lag) > AUTOCORRELATED else "holds"),
        ("points_in_phase", str(fewest), "doubtful" if fewest < ENOUGH_POINTS else "holds"),
        ("even_times", str(bool(even)).lower(), "holds" if even else "doubtful"),
        ("baseline_line_goes_on", "not known", "not_testable"),
    ]
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))


def _sensitivity(fit: LinearFit, found: Phases, terms: tuple[str, ...], confidence: float) -> pd.DataFrame:
    robust = coefficient_table(
        terms, fit.coefficients, newey_west_covariance(fit, 1, adjust=True), fit.df_residual, confidence
    ).set_index("term")
    rows = [("newey_west", *robust.loc["level_change", ["estimate", "lower", "upper"]])]
    values = np.concatenate([found.baseline, found.treatment])
    after = np.repeat([0.0, 1.0], [len(found.baseline), len(found.treatment)])
    flat = fit_ols(values, with_intercept(after))
    if flat.rss > 0:
        table = coefficient_table(
            ("level", "level_change"), flat.coefficients, flat.classical, flat.df_residual, confidence
        ).set_index("term")
        rows.append(("without_trend", *table.loc["level_change", ["estimate", "lower", "upper"]]))
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))


def _caveats(found: Phases) -> tuple[str, ...]:
    told = [*OVERLAP_CAVEATS, "baseline_line_drawn_on"]
    if min(len(found.baseline), len(found.treatment)) < ENOUGH_POINTS:
        told.append("few_points")
    return tuple(told)
