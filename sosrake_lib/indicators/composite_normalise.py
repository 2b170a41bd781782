"""Bring indicators of different units onto one scale: the normalisations of composite indices.

Kernels take arrays of the shape (..., areas, indicators); every normalisation works along the areas, so one
call serves a single table as well as thousands of simulated ones. Absent values (NaN) stay absent.
Source: OECD and JRC (2008), doi 10.1787/9789264043466-en, step 5; compared with COINr in
tests/reference/composite_index.csv.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators.composite_scaling import Scaling, Scalings, check_finite, check_matrix, scalings

Floats = NDArray[np.float64]


def normalise(
    matrix: ArrayLike,
    scaling: Scaling,
    direction: ArrayLike = 1,
    reference: ArrayLike | None = None,
) -> Floats:
    """Normalise the columns of (..., areas, indicators) by one method.

    Parameters
    ----------
    matrix : values; NaN where absent.
    scaling : method with its settings (`Scaling`).
    direction : 1 or -1, one or one an indicator.
    reference : values of the reference area, (..., indicators), for the two methods that need it.

    Returns
    -------
    Array of the same shape. A column without spread gives NaN for methods in NEED_SPREAD: frame functions
    refuse it by name before.

    Examples
    --------
    >>> normalise([[12.0], [15.0], [9.0]], Scaling("min_max"))[:, 0].tolist()
    [50.0, 100.0, 0.0]
    >>> normalise([[12.0], [15.0], [9.0]], Scaling("index_to_median"), -1)[:, 0].tolist()
    [100.0, 75.0, 125.0]
    """
    x = np.asarray(matrix, dtype="float64")
    sign = np.broadcast_to(np.asarray(direction, dtype="float64"), x.shape[-1:])
    with np.errstate(invalid="ignore", divide="ignore"):
        if scaling.method in ("rank", "percentile_rank", "borda"):
            return _places(x * sign, scaling)
        if scaling.method in ("index_to_median", "index_to_reference", "share_of_max", "above_below_mean"):
            return _ratios(x, scaling, sign, reference)
        return _distances(x, scaling, sign, reference)


def ranks(values: ArrayLike, ties: str = "min") -> Floats:
    """Rank along the areas of (..., areas, indicators), 1 = lowest; absent values have no rank.

    Examples
    --------
    >>> ranks([[12.0], [20.0], [20.0], [9.0]])[:, 0].tolist()
    [2.0, 3.0, 3.0, 1.0]
    """
    x = np.asarray(values, dtype="float64")
    order = np.argsort(x, axis=-2, kind="stable")
    sorted_x = np.take_along_axis(x, order, axis=-2)
    number = np.arange(1.0, x.shape[-2] + 1)[:, None]
    fresh = np.ones(x.shape, dtype=bool)
    fresh[..., 1:, :] = sorted_x[..., 1:, :] != sorted_x[..., :-1, :]
    first = np.maximum.accumulate(np.where(fresh, number, 1.0), axis=-2)
    if ties == "min":
        place = first
    else:
        closing = np.ones(x.shape, dtype=bool)
        closing[..., :-1, :] = fresh[..., 1:, :]
        backwards = np.where(closing, number, np.inf)[..., ::-1, :]
        last = np.minimum.accumulate(backwards, axis=-2)[..., ::-1, :]
        place = last if ties == "max" else (first + last) / 2
    found = np.empty_like(x)
    np.put_along_axis(found, order, place, axis=-2)
    return np.where(np.isnan(x), np.nan, found)


def table(
    values: pd.DataFrame,
    directions: Mapping[str, int] | None = None,
    scaling: Scalings = "min_max",
    *,
    reference: str | None = None,
    constant: str = "refuse",
) -> pd.DataFrame:
    """Normalise a plain table, one row an area and one column an indicator.

    The small door for analysts outside the indicator frame; `composite.index` is the large one.

    Parameters
    ----------
    directions : column -> 1 or -1; left out, 1.
    scaling : one for all, or column -> name or Scaling.
    reference : index label of the reference area, for the methods that need one.
    constant : an indicator without spread is refused ("refuse") or comes out empty ("absent").

    Raises
    ------
    FrameError for fewer than three areas or an indicator without spread, naming it.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"x": [1.0, 2.0, 4.0], "y": [9.0, 8.0, 7.0]}, index=["A", "B", "C"])
    >>> print(table(areas, {"x": 1, "y": -1}, "rank"))
         x    y
    A  1.0  1.0
    B  2.0  2.0
    C  3.0  3.0
    """
    keys = tuple(map(str, values.columns))
    chosen = scalings(scaling, keys)
    signs = np.array([dict(directions or {}).get(key, 1) for key in keys], dtype="float64")
    if not np.isin(signs, (1, -1)).all():
        raise FrameError(f"composite: direction {signs[~np.isin(signs, (1, -1))][0]:g}; expected 1 or -1")
    matrix = values.to_numpy(dtype="float64")
    if constant not in ("refuse", "absent"):
        raise FrameError(f"composite: constant {constant!r}; use refuse or absent")
    if constant == "refuse":
        check_matrix(matrix, keys, chosen, "the table")
    if reference is not None and reference not in values.index:
        raise FrameError(f"composite: reference area {reference!r} is not among the areas of the table")
    row = None if reference is None else matrix[values.index.get_loc(reference)]
    found = normalise_columns(matrix, chosen, signs, row)
    if constant == "refuse":
        check_finite(matrix, found, keys, chosen)
    found[~np.isfinite(found)] = np.nan
    return pd.DataFrame(found, index=values.index, columns=values.columns)


def places(values: pd.Series) -> pd.Series:
    """Order of areas, 1 = highest value, equal values sharing the better place; for research only.

    Examples
    --------
    >>> import pandas as pd
    >>> places(pd.Series([27.3, 80.0, 80.0, 0.0])).tolist()
    [3.0, 1.0, 1.0, 4.0]
    """
    column = values.to_numpy(dtype="float64")[:, None]
    return pd.Series(ranks(-column)[:, 0], index=values.index, name="place")


def normalise_columns(
    matrix: Floats, chosen: tuple[Scaling, ...], signs: Floats, reference: Floats | None
) -> Floats:
    """Normalise (..., areas, indicators), each column by its own Scaling; equal ones go in one call."""
    if len(set(chosen)) == 1:
        return normalise(matrix, chosen[0], signs, reference)
    found = np.empty_like(matrix)
    for one in dict.fromkeys(chosen):
        columns = [place for place, other in enumerate(chosen) if other == one]
        row = None if reference is None else reference[..., columns]
        found[..., columns] = normalise(matrix[..., columns], one, signs[columns], row)
    return found


def _places(x: Floats, scaling: Scaling) -> Floats:
    place = ranks(x, scaling.ties)
    if scaling.method == "rank":
        return place
    if scaling.method == "borda":
        return place - 1
    number = np.isfinite(x).sum(axis=-2, keepdims=True)
    return _stretched((place - 1) / (number - 1), scaling)


def _distances(x: Floats, scaling: Scaling, sign: Floats, reference: ArrayLike | None) -> Floats:
    turned = x * sign
    if scaling.method == "none":
        return turned
    if scaling.method == "z_score":
        return scaling.centre + scaling.spread * (turned - _mean(turned)) / _sd(turned)
    if scaling.method == "goalposts":
        return _between_posts(x, scaling, sign)
    lowest = _extreme(turned, np.fmin)
    if scaling.method == "distance_to_reference":
        goal = _reference(reference, scaling.method) * sign
    elif scaling.method == "distance_to_target":
        goal = np.asarray(scaling.target, dtype="float64") * sign
    else:
        goal = _extreme(turned, np.fmax)
    share = (turned - lowest) / (goal - lowest)
    if scaling.method == "min_max":
        return _stretched(share, scaling)
    capped = scaling.cap and scaling.method == "distance_to_target"
    return np.minimum(share, 1.0) if capped else share


def _between_posts(x: Floats, scaling: Scaling, sign: Floats) -> Floats:
    low, high = float(scaling.low_post or 0.0), float(scaling.high_post or 0.0)
    inside = np.clip(x, low, high) if scaling.cap else x
    share = (inside - low) / (high - low)
    return _stretched(np.where(sign > 0, share, 1 - share), scaling)


def _ratios(x: Floats, scaling: Scaling, sign: Floats, reference: ArrayLike | None) -> Floats:
    if scaling.method == "index_to_reference":
        base = _reference(reference, scaling.method)
    elif scaling.method == "index_to_median":
        base = np.nanmedian(x, axis=-2, keepdims=True)
    elif scaling.method == "share_of_max":
        base = _extreme(x, np.fmax)
    else:
        base = _mean(x)
    # A ratio to zero tells nothing; frame functions refuse it by `check_finite`.
    ratio = x / np.where(base == 0, np.nan, base)
    if scaling.method == "share_of_max":
        return np.where(sign > 0, ratio, 1 - ratio)
    if scaling.method == "above_below_mean":
        placed = np.where(
            ratio > 1 + scaling.threshold, 1.0, np.where(ratio < 1 - scaling.threshold, -1.0, 0.0)
        )
        return np.where(np.isnan(ratio), np.nan, placed) * sign
    return np.where(sign > 0, 100 * ratio, 200 - 100 * ratio)


def _reference(reference: ArrayLike | None, method: str) -> Floats:
    if reference is None:
        raise SosrakeError(f"composite: {method} needs a reference area; name it with reference=")
    return np.asarray(reference, dtype="float64")[..., None, :]


def _stretched(share: Floats, scaling: Scaling) -> Floats:
    return scaling.lower + share * (scaling.upper - scaling.lower)


def _extreme(x: Floats, which: np.ufunc) -> Floats:
    return which.reduce(x, axis=-2, keepdims=True)


def _mean(x: Floats) -> Floats:
    present = np.isfinite(x)
    return np.where(present, x, 0.0).sum(axis=-2, keepdims=True) / present.sum(axis=-2, keepdims=True)


def _sd(x: Floats) -> Floats:
    squares = (x - _mean(x)) ** 2
    present = np.isfinite(x)
    total = np.where(present, squares, 0.0).sum(axis=-2, keepdims=True)
    spread = np.sqrt(total / (present.sum(axis=-2, keepdims=True) - 1))
    return np.where(spread == 0, np.nan, spread)
