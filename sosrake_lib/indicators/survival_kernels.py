"""Kaplan and Meier's curve of waiting, and its median with an interval; arrays in, numbers out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Share still waiting after each time at which somebody's wait ended.

    times, waiting : (k,) ascending days, and the share whose wait is longer; error : (k,) standard error of
    log(-log(waiting)); size, ended : how many were followed and whose wait ended.
    """

    times: Floats
    waiting: Floats
    error: Floats
    size: int
    ended: int


@dataclass(frozen=True, slots=True)
class MedianWait:
    """Median wait in days with its limits; NaN where the curve does not come down to a half."""

    median: float
    lower: float
    upper: float


def waiting_curve(days: ArrayLike, seen: ArrayLike) -> Curve:
    """Estimate the share still waiting, when some are followed only for a while.

    Parameters
    ----------
    days : (n,) days to the end of the wait, or of the following; 0 or more.
    seen : (n,) True = the wait ended, False = it was going on when the following ended (censored).

    Returns
    -------
    Curve: product of (1 - d/n) over the days on which d of n waiting ended (Kaplan & Meier 1958, doi
    10.1080/01621459.1958.10501452); a wait censored on a day counts as waiting that day. Greenwood's error.

    Examples
    --------
    >>> found = waiting_curve([5, 8, 8, 12], [True, True, False, True])
    >>> found.times.tolist(), found.waiting.round(3).tolist()
    ([5.0, 8.0, 12.0], [0.75, 0.5, 0.0])
    """
    t, event = np.asarray(days, "float64"), np.asarray(seen, "bool")
    if t.shape != event.shape or not (np.isfinite(t) & (t >= 0)).all():
        raise SosrakeError("survival_kernels.waiting_curve: each needs its days, 0 or more; correct the days")
    times = np.unique(t[event])
    ended = np.array([np.count_nonzero(event & (t == one)) for one in times], "float64")
    at_risk = np.array([np.count_nonzero(t >= one) for one in times], "float64")
    share = np.cumprod(1 - ended / at_risk) if len(times) else np.empty(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(ended / (at_risk * (at_risk - ended))))
        error = spread / np.abs(np.log(share))
    return Curve(times, share, error, len(t), int(event.sum()))


def median_wait(curve: Curve, confidence: float = 0.95) -> MedianWait:
    """Give the median wait: the first day after which at most half still wait, with its interval.

    The limits are the days at which the curve's log(-log) limits come down to a half (Brookmeyer & Crowley
    1982, doi 10.2307/2530286). A limit that is not reached is NaN.

    Examples
    --------
    >>> found = median_wait(waiting_curve([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [True] * 10))
    >>> found.median, found.lower, found.upper
    (5.0, 1.0, 8.0)
    """
    from scipy import stats

    z = float(stats.norm.ppf(0.5 + one_level(confidence) / 2))  # type: ignore[attr-defined]
    s = curve.waiting
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        middle = np.log(-np.log(s))
        low = np.exp(-np.exp(middle + z * curve.error))
        high = np.exp(-np.exp(middle - z * curve.error))
    # All have ended: the curve is at zero, and so are its limits.
    low, high = np.where(s <= 0, 0.0, low), np.where(s <= 0, 0.0, high)
    return MedianWait(_first(curve.times, s), _first(curve.times, low), _first(curve.times, high))


def _first(times: Floats, share: Floats) -> float:
    down = np.flatnonzero(share <= 0.5 + 1e-12)
    return float(times[down[0]]) if len(down) else float("nan")
