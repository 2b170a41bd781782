"""Intraclass correlation: how far do ratings of the same target agree, beside how targets differ? Six forms.

| name | Shrout & Fleiss | McGraw & Wong | question |
|---|---|---|---|
| oneway_single | ICC(1,1) | ICC(1) | each target has raters of its own |
| twoway_agreement_single | ICC(2,1) | ICC(A,1) | the same raters, drawn from many; levels count |
| twoway_consistency_single | ICC(3,1) | ICC(C,1) | the same raters; a rater may be stricter than another |
| ..._average | ICC(., k) | ICC(., k) | of the mean of the k raters |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.intervals import Floats
from sosrake_lib.indicators.resampling import check_method

FORMS = (
    "oneway_single",
    "twoway_agreement_single",
    "twoway_consistency_single",
    "oneway_average",
    "twoway_agreement_average",
    "twoway_consistency_average",
)
_SHROUT_FLEISS = dict(zip(FORMS, ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k"), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Icc:
    """Intraclass correlations.

    figures : a row per form and confidence: `form, shrout_fleiss, value, lower, upper, F, df1, df2, p,
        method, confidence`. A value below 0 means that targets differ less than chance would make them.
    variance : `source, sum_of_squares, df, mean_square`.
    targets, raters : used; left_out : targets with a missing rating.
    note : "", or "no_residual_variance" (raters agree perfectly: F is infinite).
    """

    figures: pd.DataFrame
    variance: pd.DataFrame
    targets: int
    raters: int
    left_out: int
    note: str

    def form(self, name: str) -> dict[str, Any]:
        """Value, F, df1, df2 and p of one form, and its limits (arrays, one a confidence)."""
        check_method(name, "icc.Icc.form", FORMS)
        rows = self.figures.loc[self.figures["form"] == name]
        told = {key: float(rows[key].iloc[0]) for key in ("value", "F", "df1", "df2", "p")}
        return {**told, "lower": rows["lower"].to_numpy(), "upper": rows["upper"].to_numpy()}


@dataclass(frozen=True, slots=True)
class _Squares:
    """Mean squares: rows (targets), within rows, columns (raters), error; and the sizes."""

    rows: float
    within: float
    columns: float
    error: float
    n: int
    k: int


def icc(
    ratings: Any,
    *,
    confidence: float | Sequence[float] = 0.95,
    null_value: float = 0.0,
    average_limits: str = "mcgraw_wong",
) -> Icc:
    """Intraclass correlations of ratings, all six forms, with intervals and tests.

    Parameters
    ----------
    ratings : DataFrame or rows of numbers: one row per target, one column per rater (or per time, for
        test-retest). Targets with a missing rating are left out and counted.
    confidence : two-sided level, or several.
    null_value : value of the coefficient that the F test is against.
    average_limits : limits and df2 of twoway_agreement_average, where peers differ. "mcgraw_wong": df2 from
        the averaged coefficient, as R irr; "spearman_brown": the limits of the single rating stepped up to
        k ratings with its df2, as Shrout & Fleiss and R psych.

    Returns
    -------
    Icc. For agreement forms df2 is Satterthwaite's, computed at the estimate, as in R irr.

    Raises
    ------
    FrameError: fewer than two complete targets or raters, a rating that is not a number, no variance at all.

    Compared with R irr 0.84.1 icc and the printed table of Shrout & Fleiss. Sources: Shrout & Fleiss (1979),
    doi 10.1037/0033-2909.86.2.420; McGraw & Wong (1996), doi 10.1037/1082-989X.1.1.30.

    Examples
    --------
    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> print(icc(table).figures[["shrout_fleiss", "value"]].round(2).head(3).to_string(index=False))
    shrout_fleiss  value
              1,1   0.17
              2,1   0.29
              3,1   0.71
    """
    checked = levels_of(confidence, "icc.icc")
    if not null_value < 1:
        raise SosrakeError(f"icc.icc: null_value {null_value!r}; expected a coefficient below 1, such as 0")
    check_method(average_limits, "icc.icc", ("mcgraw_wong", "spearman_brown"))
    values = _ratings(ratings)
    complete = values[np.isfinite(values).all(axis=1)]
    if len(complete) < 2 or complete.shape[1] < 2:
        raise FrameError(
            f"icc.icc: {len(complete)} targets with all ratings by {values.shape[1]} raters; expected two of "
            "both at least; ratings with gaps: use krippendorff.krippendorff_alpha"
        )
    squares = _mean_squares(complete)
    if not squares.rows + squares.within > 0:
        raise FrameError("icc.icc: all ratings are equal, targets do not differ; there is nothing to measure")
    stepped = average_limits == "spearman_brown"
    rows = [_form(form, squares, level, null_value, stepped) for level in checked for form in FORMS]
    return Icc(
        figures=pd.DataFrame(rows),
        variance=_variance(squares),
        targets=len(complete),
        raters=complete.shape[1],
        left_out=len(values) - len(complete),
        note="" if squares.error > 0 and squares.within > 0 else "no_residual_variance",
    )


def _ratings(ratings: Any) -> Floats:
    try:
        if isinstance(ratings, pd.DataFrame):
            values = ratings.to_numpy(dtype="float64", na_value=np.nan)
        else:
            values = np.array([[np.nan if x is None else x for x in row] for row in ratings], dtype="float64")
    except (TypeError, ValueError) as problem:
        raise FrameError(
            f"icc.icc: ratings are not a table of numbers ({problem}); expected one row per target, one "
            "number per rater, empty where not rated"
        ) from problem
    if values.ndim != 2 or np.isinf(values).any():
        raise FrameError("icc.icc: ratings are empty or infinite; expected a row per target, finite numbers")
    return values


def _mean_squares(values: Floats) -> _Squares:
    n, k = values.shape
    centred = values - values.mean()
    rows = k * float((centred.mean(axis=1) ** 2).sum())
    columns = n * float((centred.mean(axis=0) ** 2).sum())
    total = float((centred**2).sum())
    residual = centred - centred.mean(axis=1, keepdims=True) - centred.mean(axis=0)
    error = float((residual**2).sum())
    # Rounding must not turn perfect agreement into a tiny residual variance.
    error = 0.0 if error < 1e-14 * max(total, 1e-300) else error
    return _Squares(
        rows=rows / (n - 1),
        within=(columns + error) / (n * (k - 1)),
        columns=columns / (k - 1),
        error=error / ((n - 1) * (k - 1)),
        n=n,
        k=k,
    )


def _form(form: str, m: _Squares, confidence: float, null: float, stepped: bool) -> dict[str, Any]:
    average = form.endswith("average")
    if form.startswith("twoway_agreement"):
        found = _agreement(m, confidence, null, average, stepped)
    elif form.startswith("twoway_consistency"):
        found = _ratio_form(m, m.error, (m.n - 1) * (m.k - 1), confidence, null, average)
    else:
        found = _ratio_form(m, m.within, m.n * (m.k - 1), confidence, null, average)
    names = ("value", "lower", "upper", "F", "df1", "df2")
    row = dict(zip(names, found, strict=True))
    row["p"] = float(special.fdtrc(row["df1"], row["df2"], row["F"])) if row["F"] >= 0 else 1.0
    named = {"form": form, "shrout_fleiss": _SHROUT_FLEISS[form]}
    return {**named, **row, "method": "icc_f", "confidence": confidence}


def _divide(above: float, below: float) -> float:
    if below:
        return above / below
    return float("nan") if not above else float(np.sign(above) * np.inf)


def _ratio_form(
    m: _Squares, noise: float, df2: float, confidence: float, null: float, average: bool
) -> list[float]:
    """Form that depends on one F ratio only: one-way (noise within targets) and consistency (residual)."""
    ratio, df1, tail = _divide(m.rows, noise), m.n - 1, (1 - confidence) / 2
    low = ratio / special.fdtri(df1, df2, 1 - tail)
    high = ratio * special.fdtri(df2, df1, 1 - tail)
    if average:
        found = [1 - _divide(1, f) if f else -np.inf for f in (ratio, low, high)]
        against = 1 - null
    else:
        found = [1.0 if np.isinf(f) else (f - 1) / (f + m.k - 1) for f in (ratio, low, high)]
        against = (1 - null) / (1 + (m.k - 1) * null)
    return [*found, ratio * against, df1, df2]


def _agreement(m: _Squares, confidence: float, null: float, average: bool, stepped: bool) -> list[float]:
    n, k = m.n, m.k
    single = _divide(m.rows - m.error, m.rows + (k - 1) * m.error + k / n * (m.columns - m.error))
    value = _divide(m.rows - m.error, m.rows + (m.columns - m.error) / n) if average else single
    df2 = _satterthwaite(m, single if average and stepped else value)
    a, b = _mixture(n, null, 1 if average else k)
    ratio = _divide(m.rows, a * m.columns + b * m.error)
    tail = (1 - confidence) / 2
    low, high = special.fdtri(n - 1, df2, 1 - tail), special.fdtri(df2, n - 1, 1 - tail)
    # The limits of the average are those of the single rating stepped up, for the same df2.
    both = (m.columns - m.error) if average else k * m.columns + (k * n - k - n) * m.error
    lower = _divide(n * (m.rows - low * m.error), low * both + n * m.rows)
    upper = _divide(n * (high * m.rows - m.error), both + n * high * m.rows)
    return [value, lower, upper, ratio, n - 1, df2]


def _mixture(n: int, rho: float, weight: int) -> tuple[float, float]:
    """Weights of the raters' and the error mean square in the denominator of F, for a coefficient rho."""
    share = _divide(weight * rho, n * (1 - rho))
    return share, 1 + share * (n - 1)


def _satterthwaite(m: _Squares, rho: float) -> float:
    if rho == 1:
        return float(m.k - 1)
    a, b = _mixture(m.n, rho, m.k)
    above = (a * m.columns + b * m.error) ** 2
    below = (a * m.columns) ** 2 / (m.k - 1) + (b * m.error) ** 2 / ((m.n - 1) * (m.k - 1))
    return _divide(above, below)


def _variance(m: _Squares) -> pd.DataFrame:
    df = [m.n - 1, m.n * (m.k - 1), m.k - 1, (m.n - 1) * (m.k - 1)]
    squares = [m.rows, m.within, m.columns, m.error]
    return pd.DataFrame(
        {
            "source": ["targets", "within_targets", "raters", "residual"],
            "sum_of_squares": [one * size for one, size in zip(squares, df, strict=True)],
            "df": df,
            "mean_square": squares,
        }
    )
