"""Taking fixed effects out of columns without building their dummies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, sparse
from scipy.sparse import csgraph

from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import SosrakeError

Codes = NDArray[np.int64]
# The direct solution holds a table of the levels of both factors; above this it goes round by round.
LARGEST_TABLE = 20_000_000
LARGEST_SMALLER = 1_500
TOLERANCE = 1e-12
MAX_ROUNDS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Absorbed:
    """Columns with fixed effects taken out.

    Attributes
    ----------
    values : (n, m). levels : number of levels of each factor. rank : number of coefficients taken out.
    rounds : 1 when solved at once.
    """

    values: Floats
    levels: tuple[int, ...]
    rank: int
    rounds: int


def absorb(values: ArrayLike, factors: Sequence[ArrayLike], weights: ArrayLike | None = None) -> Absorbed:
    """Take the fixed effects of one or more factors out of columns (the residuals on their dummies).

    Parameters
    ----------
    values : (n,) or (n, m). factors : labels, each (n,). weights : (n,), positive; None = equal.

    Returns
    -------
    Absorbed. One factor: v - mean of its level. Two factors, every pair of levels equally often: v - row
    mean - column mean + mean. Two factors otherwise: the smaller one's effects from a system as large as its
    number of levels. More factors: means taken out in turn until nothing moves.

    Regress the absorbed outcome on the absorbed regressors: slopes and residuals are those of the regression
    with all dummies (Frisch-Waugh-Lovell).
    Compared with least squares on dummies (tests/test_robust_covariance.py).
    Source: Frisch R, Waugh FV (1933), doi 10.2307/1907330; Guimarães P, Portugal P (2010), doi
    10.1177/1536867X1101000406.

    Raises
    ------
    SosrakeError when shapes differ, a label is missing, or the rounds do not settle.

    Examples
    --------
    >>> absorb([1.0, 2.0, 3.0, 6.0], [["a", "a", "b", "b"], [1, 2, 1, 2]]).values.ravel().tolist()
    [0.5, -0.5, -0.5, 0.5]
    """
    table = np.asarray(values, dtype="float64")
    table = table[:, None] if table.ndim == 1 else table
    n = len(table)
    w = None if weights is None else np.asarray(weights, dtype="float64")
    coded = [_codes(factor, n) for factor in factors]
    levels = tuple(count for _, count in coded)
    if len(coded) == 1:
        return Absorbed(_demeaned(table, *coded[0], w), levels, levels[0], 1)
    if len(coded) == 2:
        found = _two(table, coded, w)
        if found is not None:
            return Absorbed(found, levels, sum(levels) - components(coded[0][0], coded[1][0]), 1)
    out, rounds = _in_turn(table, coded, w)
    return Absorbed(out, levels, sum(levels) - (len(levels) - 1), rounds)


def components(first: Codes, second: Codes) -> int:
    """Count the parts of a two-factor table that share no level: each costs one dummy."""
    a, b = int(first.max()) + 1, int(second.max()) + 1
    graph = sparse.coo_matrix((np.ones(len(first)), (first, second + a)), shape=(a + b, a + b))
    return int(csgraph.connected_components(graph, directed=False, return_labels=False))


def nested(inner: ArrayLike, outer: ArrayLike) -> bool:
    """Tell whether each level of `inner` lies within one level of `outer`, as a unit in its municipality."""
    a, b = pd.factorize(np.asarray(inner))[0], pd.factorize(np.asarray(outer))[0]
    low = np.full(int(a.max()) + 1, np.iinfo("int64").max)
    high = np.full(int(a.max()) + 1, -1)
    np.minimum.at(low, a, b)
    np.maximum.at(high, a, b)
    return bool((low == high).all())


def _codes(labels: ArrayLike, n: int) -> tuple[Codes, int]:
    values = np.asarray(labels)
    if values.shape != (n,):
        raise SosrakeError(f"absorb: a factor has shape {values.shape}; expected one label a row, ({n},)")
    codes, unique = pd.factorize(values)
    if (codes < 0).any():
        raise SosrakeError(f"absorb: row {int(np.argmin(codes))} has no label; fill it or leave the row out")
    return codes.astype("int64"), len(unique)


def _sums(table: Floats, codes: Codes, count: int, w: Floats | None) -> Floats:
    columns = (column if w is None else column * w for column in table.T)
    return np.column_stack([np.bincount(codes, weights=column, minlength=count) for column in columns])


def _demeaned(table: Floats, codes: Codes, count: int, w: Floats | None) -> Floats:
    size = np.bincount(codes, weights=w, minlength=count)
    return table - (_sums(table, codes, count, w) / size[:, None])[codes]


def _two(table: Floats, coded: list[tuple[Codes, int]], w: Floats | None) -> Floats | None:
    """Two factors at once, or None when their table would be too large."""
    many, few = sorted(coded, key=lambda one: -one[1])
    if many[1] * few[1] > LARGEST_TABLE or few[1] > LARGEST_SMALLER:
        return None
    cells = np.bincount(many[0] * few[1] + few[0], weights=w, minlength=many[1] * few[1])
    cells = cells.reshape(many[1], few[1]).astype("float64")
    centred = _demeaned(table, *many, w)
    if np.ptp(cells) == 0:
        # Balanced: the means of the second factor, once the first is out, are all that is left.
        return _demeaned(centred, *few, w)
    share = cells / cells.sum(axis=1)[:, None]
    normal = np.diag(cells.sum(axis=0)) - cells.T @ share
    effects = linalg.lstsq(normal, _sums(centred, *few, w))[0]
    return centred - effects[few[0]] + (share @ effects)[many[0]]


def _in_turn(table: Floats, coded: list[tuple[Codes, int]], w: Floats | None) -> tuple[Floats, int]:
    scale = np.abs(table).max(axis=0) + np.finfo("float64").tiny
    for rounds in range(1, MAX_ROUNDS + 1):
        before = table
        for codes, count in coded:
            table = _demeaned(table, codes, count, w)
        if (np.abs(table - before).max(axis=0) <= TOLERANCE * scale).all():
            return table, rounds
    raise SosrakeError(
        f"absorb: the fixed effects did not settle in {MAX_ROUNDS} rounds; the factors hardly overlap, leave "
        "one "
        "out or join its levels"
    )
