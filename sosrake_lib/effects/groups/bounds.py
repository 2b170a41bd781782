"""What the mean change could be if those without a second measurement were known: worst and best case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from sosrake_lib.effects.change.columns import Floats, need_columns, need_share, numbers
from sosrake_lib.errors import FrameError, SosrakeError


@dataclass(frozen=True, slots=True, eq=False)
class ChangeBounds:
    """Bounds of the mean change of everyone measured at the start.

    Attributes
    ----------
    low, high : mean change if everyone lost had the lowest, the highest score of the scale afterwards.
    interval_low, interval_high : interval that holds the true mean change with the confidence, sampling too.
    complete, complete_lower, complete_upper : mean change of those measured twice, as if nobody were lost.
    table : `analysis, estimate, lower, upper`: complete, lost_unchanged, lost_lowest, lost_highest, and the
        tipping point: the mean change of the lost at which the whole mean change is 0 (no interval).
    people, lost : measured at the start, and of them not again.
    sign_is_known : whether the bounds lie on one side of 0 (interval included).
    confidence : of the intervals.
    """

    low: float
    high: float
    interval_low: float
    interval_high: float
    complete: float
    complete_lower: float
    complete_upper: float
    table: pd.DataFrame
    people: int
    lost: int
    sign_is_known: bool
    confidence: float


def change_bounds(
    data: pd.DataFrame, *, before: str, after: str, lowest: float, highest: float, confidence: float = 0.95
) -> ChangeBounds:
    """Bound the mean change without assuming anything of the people who were lost.

    Parameters
    ----------
    data : one row a person, NaN = not measured; people without a first measurement are left out.
    lowest, highest : ends of the scale.

    Source: Manski (1989) Journal of Human Resources 24; interval: Imbens & Manski (2004),
    doi 10.1111/j.1468-0262.2004.00555.x.

    Raises
    ------
    FrameError for a score outside the scale or fewer than three pairs; SosrakeError for lowest >= highest.

    Examples
    --------
    >>> data = pd.DataFrame({"before": [2.0, 3, 4, 5], "after": [4.0, 6, 5, None]})
    >>> found = change_bounds(data, before="before", after="after", lowest=0, highest=10)
    >>> print(found.low, found.high, found.complete, found.sign_is_known)
    0.25 2.75 2.0 False
    """
    where = "change_bounds"
    need_columns(data, [before, after], where)
    need_share(confidence, "confidence", where)
    if not lowest < highest:
        raise SosrakeError(f"{where}: lowest {lowest!r}, highest {highest!r}; expected the scale's two ends")
    first, second = (numbers(data, column, where) for column in (before, after))
    for name, values in ((before, first), (after, second)):
        outside = (values < lowest) | (values > highest)
        if outside.any():
            raise FrameError(
                f"{where}: column {name!r}, row {data.index[outside][0]!r} is {values[outside][0]:g}; "
                f"expected {lowest:g} to {highest:g}; correct it or the ends of the scale"
            )
    began = np.isfinite(first)
    first, second = first[began], second[began]
    if np.isfinite(second).sum() < 3:
        raise FrameError(
            f"{where}: {int(np.isfinite(second).sum())} people have both; expected three or more"
        )
    return _bounded(first, second, float(lowest), float(highest), confidence)


def _bounded(first: Floats, second: Floats, lowest: float, highest: float, confidence: float) -> ChangeBounds:
    again = np.isfinite(second)
    complete = _mean(second[again] - first[again], confidence)
    filled = {
        name: _mean(np.where(again, second, value) - first, confidence)
        for name, value in (("unchanged", first), ("lowest", lowest), ("highest", highest))
    }
    low, high = filled["lowest"], filled["highest"]
    interval = imbens_manski(low, high, confidence)
    lost = int((~again).sum())
    tipping = -complete[0] * again.sum() / lost if lost else np.nan
    rows = [
        ("complete", *complete[:3]),
        *((f"lost_{name}", *values[:3]) for name, values in filled.items()),
        ("tipping_point", tipping, np.nan, np.nan),
    ]
    return ChangeBounds(
        low=low[0],
        high=high[0],
        interval_low=interval[0],
        interval_high=interval[1],
        complete=complete[0],
        complete_lower=complete[1],
        complete_upper=complete[2],
        table=pd.DataFrame(rows, columns=["analysis", "estimate", "lower", "upper"]),
        people=len(first),
        lost=lost,
        sign_is_known=bool(interval[0] > 0 or interval[1] < 0),
        confidence=confidence,
    )


def imbens_manski(low: tuple[float, ...], high: tuple[float, ...], confidence: float) -> tuple[float, float]:
    """Interval of a mean known only between bounds; `low`, `high`: estimate, limits and standard error.

    Formula: low - c·e_l to high + c·e_h with Φ(c + (high - low)/max(e)) - Φ(-c) = confidence: between the
    one-sided and the two-sided quantile.

    Examples
    --------
    >>> print([round(end, 3) for end in imbens_manski((0.0, 0, 0, 1.0), (0.0, 0, 0, 1.0), 0.95)])
    [-1.96, 1.96]
    """
    widest = max(low[3], high[3])
    if not widest > 0:
        return low[0], high[0]
    gap = (high[0] - low[0]) / widest

    def excess(c: float) -> float:
        return float(special.ndtr(c + gap) - special.ndtr(-c) - confidence)

    c = float(optimize.brentq(excess, 0.0, 12.0))
    return low[0] - c * low[3], high[0] + c * high[3]


def _mean(values: Floats, confidence: float) -> tuple[float, float, float, float]:
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    half = float(special.stdtrit(len(values) - 1, 0.5 + confidence / 2)) * error
    mean = float(values.mean())
    return mean, mean - half, mean + half, error
