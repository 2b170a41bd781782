"""How sure a difference is that was chosen as the clearest of several: its p-value with the choice in it.

Of many differences that are all chance, the clearest looks clear. Whoever tells the clearest one has asked as
many questions as there were differences to choose from, told or not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from sosrake_lib.indicators.group_kernels import Floats, adjust_p

__all__ = ["COUNT", "P_VALUE", "chosen_from", "implied_p"]

# Columns of a chosen row: how many differences it was chosen from, and its p-value corrected for that.
COUNT, P_VALUE = "chosen_from", "chosen_p_value"


def implied_p(difference: ArrayLike, lower: ArrayLike, upper: ArrayLike, confidence: ArrayLike) -> Floats:
    """Give the two-sided p-value that an interval implies under a normal distribution, by its half near zero.

    ``p = 2 Φ(-|d| z / h)``, where h is the half of the interval on zero's side and z the quantile of its
    level. Arrays of one shape, differences and limits in one unit; 1 where the difference is zero, 0 where
    the near half has no width.

    Examples
    --------
    >>> print(implied_p([2.0, -1.0, 0.0], [0.0, -1.5, -1.0], [5.0, -0.5, 1.0], 0.95).round(4).tolist())
    [0.05, 0.0001, 1.0]
    """
    d, low, high, level = np.broadcast_arrays(
        *(np.asarray(one, "float64") for one in (difference, lower, upper, confidence))
    )
    half = np.where(d > 0, d - low, high - d)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.where(half > 0, np.abs(d) / half * ndtri(0.5 + level / 2), np.inf)
    return np.asarray(np.where(d == 0, 1.0, 2 * ndtr(-errors)))


def chosen_from(rows: pd.DataFrame) -> pd.DataFrame:
    """Tell of each row, among its area's rows, how many there are and its p-value corrected for them (Holm).

    Holm's correction (1979, Scand J Stat 6, 65-70) holds whatever the rows have in common, and for whichever
    row is then chosen: the chance that any chosen difference is chance alone stays below the level.

    Parameters
    ----------
    rows : tested comparisons (`comparison.against`) that one is chosen from in each area: `region_level`,
        `region_code`, `difference`, `difference_lower`, `difference_upper`, `difference_confidence`.

    Returns
    -------
    DataFrame on the index of `rows`: `chosen_from` (count), `chosen_p_value` (0 to 1).
    """
    p = pd.Series(
        implied_p(
            rows["difference"],
            rows["difference_lower"],
            rows["difference_upper"],
            rows["difference_confidence"],
        ),
        index=rows.index,
    )
    area = [rows["region_level"], rows["region_code"]]
    return pd.DataFrame(
        {
            COUNT: p.groupby(area).transform("size").astype("int64"),
            P_VALUE: p.groupby(area).transform(lambda one: adjust_p(one.to_numpy())),
        }
    )
