"""Intervals that tables of change need: of a share and of a mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.effects.change.columns import Floats


def wilson(count: ArrayLike, total: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson interval of shares; NaN where the total is 0.

    Formula: (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n). Source: Wilson (1927),
    doi 10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> lower, upper = wilson(3, 10)
    >>> print(lower.round(4), upper.round(4))
    0.1078 0.6032
    """
    k, n = (np.asarray(values, dtype="float64") for values in (count, total))
    z = special.ndtri(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        middle = p + z**2 / (2 * n)
        half = z * np.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
        scale = 1 + z**2 / n
        return np.maximum((middle - half) / scale, 0.0), np.minimum((middle + half) / scale, 1.0)


def t_half_width(error: ArrayLike, freedom: ArrayLike, confidence: float = 0.95) -> Floats:
    """Half width of a t interval: t(freedom) times the standard error; NaN without freedom."""
    df = np.asarray(freedom, dtype="float64")
    width = special.stdtrit(np.where(df > 0, df, np.nan), 0.5 + confidence / 2) * np.asarray(error)
    return np.asarray(width, dtype="float64")
