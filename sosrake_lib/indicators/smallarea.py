"""Funnel plots: which areas differ more than their size alone explains.

Small areas vary much by chance. The funnel draws, for each size, the limits within which an area with the
baseline's true level stays; only an area outside them is called higher or lower. No ranks, no league table.
The limits hold chance alone: big areas differ for many other reasons too, so many of them lie outside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.intervals import Interval
from sosrake_lib.indicators.rates import per_units

METHODS = ("funnel_binomial", "funnel_normal", "funnel_poisson")
CLASSES = ("much_higher", "higher", "similar", "lower", "much_lower", "not_testable")
# Two-sided 95 % and 99.8 % (0.025 and 0.001 in each tail), the usual pair of a funnel plot.
CONFIDENCES = (0.95, 0.998)
_FAMILY = ["indicator", "period", "sex", "age", "group"]


def funnel_limits(
    denominator: ArrayLike,
    baseline: float,
    *,
    per: float = 1.0,
    confidence: Sequence[float] = CONFIDENCES,
    method: str = "funnel_binomial",
) -> pd.DataFrame:
    """Give the funnel's limits for areas of the given sizes.

    Parameters
    ----------
    denominator : sizes of areas, people; above zero, need not be whole numbers.
    baseline : level of the whole, in units of `per` (8.2 with per=100 is 8.2 %).
    confidence : two-sided levels.
    method : "funnel_binomial" (exact tails of the binomial distribution), "funnel_normal"
        (p ± z √(p(1 - p)/n), cut to 0-per) for proportions, "funnel_poisson" (exact) for rates.

    Returns
    -------
    DataFrame `denominator, confidence, lower, upper, method`, one row per size and confidence. An area is
    outside the exact limits when its one-sided probability under the baseline is below (1 - confidence)/2.

    Sources: Spiegelhalter (2005), doi 10.1002/sim.1970; compared with PHEindicatormethods' public figures.

    Examples
    --------
    >>> limits = funnel_limits([234], 80.642448, per=100, confidence=[0.95], method="funnel_normal")
    >>> print(limits[["lower", "upper"]].round(3).to_string(index=False))
     lower  upper
     75.58 85.705
    """
    sizes = np.atleast_1d(np.asarray(denominator, dtype="float64"))
    if sizes.size and not np.nanmin(sizes) > 0:
        raise FrameError("smallarea.funnel_limits: a denominator is not above zero; leave such areas out")
    if method not in METHODS:
        raise FrameError(f"smallarea.funnel_limits: method {method!r}; use one of {', '.join(METHODS)}")
    share = baseline / per
    if share < 0 or (share > 1 and method != "funnel_poisson"):
        raise FrameError(
            f"smallarea.funnel_limits: baseline {baseline:g} per {per:g} is not between 0 and {per:g}; "
            "give the baseline in units of per"
        )
    parts = []
    for level in confidence:
        found = _limits(sizes, share, float(level), method)
        parts.append(
            pd.DataFrame(
                {
                    "denominator": sizes,
                    "confidence": float(level),
                    "lower": per * found.lower,
                    "upper": per * found.upper,
                    "method": method,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def funnel_class(
    frame: pd.DataFrame,
    baseline: float | None = None,
    *,
    confidence: tuple[float, float] = CONFIDENCES,
    method: str | None = None,
) -> pd.DataFrame:
    """Class each area by the funnel around the level of all areas together.

    Parameters
    ----------
    frame : analysed frame of one indicator, period, sex, age and group, with numerators and denominators.
        Of several confidences the rows of each are classed alike.
    baseline : level in units of `per`; left out, all areas pooled (sum of numerators / denominators).
    confidence : the inner and the outer two-sided level.
    method : as `funnel_limits`; left out, exact: binomial for proportions, Poisson for rates.

    Returns
    -------
    The rows with `baseline, funnel_lower, funnel_upper` (inner limits), `funnel_outer_lower,
    funnel_outer_upper`, `funnel_method` and `funnel_class`: much_higher (outside the outer limits), higher,
    similar, lower, much_lower, or not_testable (no value or no denominator).
    """
    rows = _one_family(frame)
    able = (rows["status"] == "ok") & rows["numerator"].notna() & (rows["denominator"] > 0)
    per = float(rows["per"].iloc[0])
    how = method or {"proportion": "funnel_binomial", "rate": "funnel_poisson"}[rows["statistic"].iloc[0]]
    level = funnel_baseline(rows) if baseline is None else float(baseline)
    inner, outer = (
        funnel_limits(rows.loc[able, "denominator"], level, per=per, confidence=[one], method=how)
        for one in confidence
    )
    limits = pd.DataFrame({"baseline": level, "funnel_method": how}, index=rows.index)
    for name, found in (("funnel_", inner), ("funnel_outer_", outer)):
        for side in ("lower", "upper"):
            limits.loc[able, name + side] = found[side].to_numpy()
    result = pd.concat([rows.drop(columns=limits.columns, errors="ignore"), limits], axis=1)
    result["funnel_class"] = _classes(result, able)
    return result


def funnel_baseline(frame: pd.DataFrame) -> float:
    """Pool the areas: sum of numerators over sum of denominators, in units of `per`, each area once."""
    rows = _one_family(frame).drop_duplicates(subset=list(frames.KEY))
    able = rows.loc[(rows["status"] == "ok") & rows["numerator"].notna() & (rows["denominator"] > 0)]
    if able.empty:
        raise FrameError(
            "smallarea.funnel_baseline: no row has a value, a numerator and a denominator; give `baseline`"
        )
    return float(per_units(able["numerator"].sum(), able["denominator"].sum(), able["per"].iloc[0]))


def funnel_curve(
    frame: pd.DataFrame,
    baseline: float | None = None,
    *,
    confidence: Sequence[float] = CONFIDENCES,
    points: int = 100,
) -> pd.DataFrame:
    """Give the lines of a funnel plot for the sizes of this frame's areas: as `funnel_limits`.

    The sizes run evenly on a logarithmic scale from the smallest to the largest area.
    """
    rows = _one_family(frame)
    level = funnel_baseline(rows) if baseline is None else float(baseline)
    sizes = rows.loc[(rows["status"] == "ok") & (rows["denominator"] > 0), "denominator"]
    if sizes.empty:
        raise FrameError("smallarea.funnel_curve: no area has a value and a denominator above zero")
    how = "funnel_poisson" if rows["statistic"].iloc[0] == "rate" else "funnel_binomial"
    grid = np.geomspace(sizes.min(), sizes.max(), points)
    return funnel_limits(grid, level, per=float(rows["per"].iloc[0]), confidence=confidence, method=how)


def _limits(sizes: np.ndarray, share: float, level: float, method: str) -> Interval:
    if not 0 < level < 1:
        raise FrameError(f"smallarea: confidence {level!r}; expected a share between 0 and 1, such as 0.95")
    tail = (1 - level) / 2
    if method == "funnel_normal":
        half = special.ndtri(1 - tail) * np.sqrt(share * (1 - share) / sizes)
        return Interval(np.clip(share - half, 0, 1), np.clip(share + half, 0, 1))
    if share == 0 or (share == 1 and method == "funnel_binomial"):
        return Interval(np.full_like(sizes, share), np.full_like(sizes, share))
    if method == "funnel_poisson":
        counts = _poisson_counts(sizes * share, tail)
        return Interval(counts.lower / sizes, counts.upper / sizes)
    return _binomial_shares(sizes, share, tail)


def _poisson_counts(expected: np.ndarray, tail: float) -> Interval:
    """Find the counts whose exact (Garwood) limit is just the expected count."""
    # P(X <= k; m) is a gamma tail, so it is defined between whole counts as well; SciPy inverts it in k.
    lower = special.pdtrik(tail, expected)
    upper = special.pdtrik(1 - tail, expected) + 1
    # No count is low enough to be outside when even zero is likelier than the tail.
    lower = np.where(special.pdtr(0, expected) >= tail, 0.0, lower)
    return Interval(np.clip(lower, 0, None), upper)


def _binomial_shares(sizes: np.ndarray, share: float, tail: float) -> Interval:
    """Find the shares whose exact (Clopper-Pearson) limit is just the baseline share."""
    none = sizes * np.log1p(-share)
    every = sizes * np.log(share)
    lower = special.bdtrik(tail, sizes, share)
    upper = special.bdtrik(1 - tail, sizes, share) + 1
    lower = np.where(none >= np.log(tail), 0.0, lower)
    upper = np.where(every >= np.log(tail), sizes, upper)
    return Interval(np.clip(lower / sizes, 0, 1), np.clip(upper / sizes, 0, 1))


def _classes(rows: pd.DataFrame, able: pd.Series) -> np.ndarray:
    # The area's own figure from its counts: a published value is rounded and could sit on a limit.
    level = pd.Series(per_units(rows["numerator"], rows["denominator"], rows["per"]), index=rows.index)
    conditions = [
        ~able,
        level > rows["funnel_outer_upper"],
        level < rows["funnel_outer_lower"],
        level > rows["funnel_upper"],
        level < rows["funnel_lower"],
    ]
    names = ["not_testable", "much_higher", "much_lower", "higher", "lower"]
    return np.select(conditions, names, default="similar")


def _one_family(frame: pd.DataFrame) -> pd.DataFrame:
    if not frames.is_analysed(frame):
        raise FrameError("smallarea: the frame lacks statistic, method, confidence; run rates.analyse first")
    rows = frames.check(frame, file="smallarea")
    if rows.empty:
        raise FrameError("smallarea: the frame has no rows")
    several = [column for column in [*_FAMILY, "per", "statistic"] if rows[column].nunique() > 1]
    if several:
        values = sorted(map(str, rows[several[0]].unique()))[:4]
        raise FrameError(
            f"smallarea: column {several[0]} has several values, such as {', '.join(values)}; "
            "a funnel is drawn for one indicator, period, sex, age and group at a time"
        )
    if rows["statistic"].iloc[0] not in ("proportion", "rate"):
        raise FrameError(
            f"smallarea: statistic {rows['statistic'].iloc[0]!r} has no funnel; only proportions and rates do"
        )
    return rows
