"""Denominators a source does not publish, worked back from a count and a rounded rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

# A rate printed with one decimal is a binary fraction: 2.55 may stand as 2.5499999.
_SLACK = 1e-9


def derive_denominator(
    count: ArrayLike, value: ArrayLike, per: ArrayLike, decimals: ArrayLike
) -> pd.DataFrame:
    """Give the whole numbers that can stand under a published count and its rounded rate.

    From value = per * count / denominator, rounded to `decimals`, follows
    per * count / (value + h) <= denominator <= per * count / (value - h) with h = 0.5 * 10 ** -decimals;
    both ends belong to the range, as the source does not say how it rounds halves.

    Parameters
    ----------
    count : persons or cases, shape (n,) or scalar.
    value : the published rate per `per`, rounded to `decimals` decimals.
    per : scale of the rate (100 for %), scalar or shape (n,).
    decimals : decimals of the published rate, scalar or shape (n,).

    Returns
    -------
    DataFrame low, middle, high (persons, float): the smallest and largest whole number that fit, and the
    one nearest to per * count / value. All three are NaN where nothing can be said: a count of 0, a rate
    that rounds to 0 (no upper end), a missing number, or no whole number that fits both.

    Examples
    --------
    >>> derive_denominator([997, 3], [10.1, 33.3], 100, 1).astype(int).to_dict("list")
    {'low': [9823, 9], 'middle': [9871, 9], 'high': [9920, 9]}
    """
    count, value, per, decimals = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(part, dtype="float64")) for part in (count, value, per, decimals))
    )
    half = 0.5 * 10.0**-decimals
    known = np.isfinite(count) & np.isfinite(value) & (count > 0) & (value - half > _SLACK)
    scaled = np.where(known, count * per, np.nan)
    low = np.ceil(scaled / (value + half) * (1 - _SLACK))
    high = np.floor(scaled / np.where(known, value - half, np.nan) * (1 + _SLACK))
    fits = known & (low <= high)
    middle = np.clip(np.rint(scaled / np.where(known, value, np.nan)), low, high)
    return pd.DataFrame(
        {
            name: np.where(fits, part, np.nan)
            for name, part in (("low", low), ("middle", middle), ("high", high))
        }
    )
