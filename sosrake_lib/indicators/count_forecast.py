"""A running count's forecast to its end: how many in all, if people keep coming as they have so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from sosrake_lib.errors import SosrakeError

METHOD = "forecast_of_count"
LEAST_MONTHS = 3  # with fewer months the spread between months cannot be estimated


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected total at the end and its prediction interval; all in people."""

    value: float
    lower: float
    upper: float


def forecast_total(counts: np.ndarray, months_left: int, confidence: float = 0.95) -> Forecast:
    """Forecast the total at the end from the counts of the months so far.

    The mean month goes on: ``T + r·k``, with r the mean of the m months so far and k the months left. The
    coming months vary as the past ones have: the variance is ``φ·r·k·(1 + k/m)``, where φ is Pearson's
    dispersion of the months around their mean, at least 1 (Poisson), and the quantile is t with m - 1 degrees
    of freedom. The interval holds only if nothing changes; it knows no plan and no season.

    Parameters
    ----------
    counts : new people of each month so far, months without any as 0. months_left : whole months, 0 or more.

    Returns
    -------
    Forecast; its lower end is never under what has been counted already.

    Raises
    ------
    SosrakeError for fewer than `LEAST_MONTHS` months, a negative count or a negative number of months.

    Source: prediction of a future count, Hahn & Meeker (1991), Statistical Intervals, with the dispersion of
    quasi-likelihood (McCullagh & Nelder 1989).

    Examples
    --------
    >>> import numpy as np
    >>> forecast_total(np.array([10.0, 10.0, 10.0, 10.0]), 0)
    Forecast(value=40.0, lower=40.0, upper=40.0)
    """
    counts = np.asarray(counts, dtype=float)
    if len(counts) < LEAST_MONTHS or months_left < 0 or np.any(~(counts >= 0)):
        raise SosrakeError(
            f"forecast_total: {len(counts)} months, {months_left} left; expected at least {LEAST_MONTHS} "
            "months of counts (0 or more) and no negative number of months left"
        )
    so_far, rate, months = counts.sum(), counts.mean(), len(counts)
    if rate == 0:
        raise SosrakeError("forecast_total: nobody counted so far; a forecast needs at least one person")
    dispersion = max(1.0, float(np.sum((counts - rate) ** 2) / rate / (months - 1)))
    spread = np.sqrt(dispersion * rate * months_left * (1 + months_left / months))
    half = float(stdtrit(months - 1, (1 + confidence) / 2) * spread)
    value = float(so_far + rate * months_left)
    return Forecast(value, max(float(so_far), value - half), value + half)
