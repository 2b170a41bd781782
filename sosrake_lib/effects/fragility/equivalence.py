"""Equivalence: showing that something is small, which an unfound difference never does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.regression import check_columns, filled, numbers, t_quantile, two_sided
from sosrake_lib.errors import FrameError, SosrakeError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Equivalence:
    """Two one-sided tests that estimates lie within ±margin, and the joint answer.

    Attributes
    ----------
    table : frame `time, estimate, standard_error, df, p_difference, p_equivalence, lower, upper`, one row an
        estimate; limits at 1 - 2·alpha: an estimate is equivalent when they lie within the margin.
    p_value : of "every one of them lies within the margin" (the largest of p_equivalence; not a number
        without a margin). margin : as given, else not a number.
    smallest_margin : the smallest margin within which all would be equivalent at alpha.
    equivalent : p_value < alpha. any_differs : some estimate differs from 0 at alpha, Bonferroni over the
        rows.
    """

    table: pd.DataFrame
    p_value: float
    margin: float
    smallest_margin: float
    alpha: float
    equivalent: bool
    any_differs: bool
    method: str = "pretrend_equivalence"


def equivalence(
    estimate: ArrayLike,
    standard_error: ArrayLike,
    margin: float | None = None,
    *,
    df: ArrayLike = np.inf,
    alpha: float = 0.05,
    time: ArrayLike | None = None,
) -> Equivalence:
    """Test that estimates are no further from zero than a margin.

    "No difference was found" before the treatment may only mean that there was too little data to find one.
    The test is turned around: a difference is taken to be there until the data show that it is below the
    margin.

    Parameters
    ----------
    estimate, standard_error : (k,). df : one for all or (k,); infinite = normal.
    margin : above 0, in the unit of the estimate: the largest difference that would not matter. There is no
        default; without it only the smallest margin that the data bear is given.
    alpha : level of each one-sided test. time : labels of the rows.

    Returns
    -------
    Equivalence. For each row the larger of P(T > (margin + b)/se) and P(T > (margin - b)/se); the joint p
    value is the largest over the rows (intersection-union test); smallest margin = max(|b| + t(1 - alpha,
    df)·se).

    Raises
    ------
    SosrakeError when there is no estimate, a value is not finite, a standard error or the margin not above 0.

    Compared with statsmodels ttost and hand arithmetic (tests/reference/sensitivity.csv).
    Source: Schuirmann (1987), doi 10.1007/BF01068419; before treatment: Dette and Schumann (2024),
    doi 10.1080/07350015.2024.2308121.

    Examples
    --------
    >>> found = equivalence([0.1, -0.2], [0.1, 0.1], margin=0.5, df=20)
    >>> print(round(found.p_value, 4), found.equivalent, round(found.smallest_margin, 3))
    0.0035 True 0.372
    """
    b, se = (
        np.atleast_1d(np.asarray(estimate, "float64")),
        np.atleast_1d(np.asarray(standard_error, "float64")),
    )
    _check(b, se, margin, alpha)
    degrees = np.broadcast_to(np.asarray(df, "float64"), b.shape)
    one_sided = _tail((np.nan if margin is None else margin) - np.abs(b), se, degrees)
    half = t_quantile(1 - alpha, degrees) * se
    columns = {
        "time": np.arange(len(b)) if time is None else np.asarray(time),
        "estimate": b,
        "standard_error": se,
        "df": degrees,
        "p_difference": two_sided(b / se, degrees),
        "p_equivalence": one_sided,
        "lower": b - half,
        "upper": b + half,
    }
    p_value = float(one_sided.max())
    smallest = float((np.abs(b) + half).max())
    differs = bool((columns["p_difference"] < alpha / len(b)).any())
    told = np.nan if margin is None else float(margin)
    return Equivalence(pd.DataFrame(columns), p_value, told, smallest, alpha, p_value < alpha, differs)


def pretrend_equivalence(
    path: pd.DataFrame,
    margin: float | None = None,
    *,
    start: Any = 0,
    time: str = "time",
    estimate: str = "estimate",
    standard_error: str = "standard_error",
    df: float | str | None = None,
    alpha: float = 0.05,
) -> Equivalence:
    """Test that the differences before the treatment are within a margin, from the path of an event study.

    Parameters
    ----------
    path : one row a time, such as `EventStudy.path` of effects.did; a reference time (standard error 0 or
        empty) is left out. time, estimate, standard_error : its columns.
    start : first treated time, as in the column `time`; only rows before it count (0 where time is counted
        from the treatment).
    df : degrees of freedom, or the column that holds them; left out, the column `df` where there is one, else
        infinite. margin, alpha : see equivalence.

    Raises
    ------
    FrameError when a column is missing or no time before the start has an estimate with a standard error.

    Examples
    --------
    >>> path = pd.DataFrame({"time": [2017, 2018, 2019, 2020], "estimate": [0.1, -0.2, 0.0, 1.0]})
    >>> path["standard_error"] = [0.1, 0.1, 0.0, 0.1]
    >>> len(pretrend_equivalence(path, 0.5, start=2020).table)
    2
    """
    where = "pretrend_equivalence"
    chosen_df = ("df" if "df" in path else np.inf) if df is None else df
    columns = [time, estimate, standard_error, *([chosen_df] if isinstance(chosen_df, str) else [])]
    check_columns(path, columns, where)
    chosen = path.loc[(filled(path, time, where) < start) & (path[standard_error].fillna(0.0) > 0)]
    if chosen.empty:
        raise FrameError(
            f"{where}: no row of {time!r} before {start!r} has an estimate with a standard error; an event "
            f"study with at least two times before the treatment is needed (one of them is the reference)"
        )
    return equivalence(
        numbers(chosen, estimate, where),
        numbers(chosen, standard_error, where),
        margin,
        df=chosen[chosen_df] if isinstance(chosen_df, str) else chosen_df,
        alpha=alpha,
        time=chosen[time],
    )


def _tail(distance: Floats, error: Floats, df: Floats) -> Floats:
    """P(T > distance / error): the larger of the two one-sided tests when distance = margin - |b|."""
    t = distance / error
    half = two_sided(t, df) / 2
    return np.where(np.isnan(t), np.nan, np.where(t >= 0, half, 1 - half))


def _check(b: Floats, se: Floats, margin: float | None, alpha: float) -> None:
    if (
        b.ndim != 1
        or not len(b)
        or b.shape != se.shape
        or not np.isfinite([b, se]).all()
        or not (se > 0).all()
    ):
        raise SosrakeError(
            f"equivalence: estimates {b.shape} and standard errors {se.shape}; expected the same number of "
            f"both, finite, standard errors above 0 (leave the reference period out)"
        )
    if margin is not None and not (np.isfinite(margin) and margin > 0):
        raise SosrakeError(
            f"equivalence: margin {margin!r}; expected a number above 0, in the unit of the estimate"
        )
    if not 0 < alpha < 0.5:
        raise SosrakeError(f"equivalence: alpha {alpha!r}; expected a share below 0.5")
