"""The attack on everything hidden in a release: by components of what is unknown, few programs each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from sosrake_lib.protect.audit import Reader, exposed
from sosrake_lib.protect.sums import Sums


@dataclass(frozen=True, eq=False)
class Known:
    """What a reader knows of the cells of one system of equations.

    `values` the figures (NaN = unknown to us too), `shown` which of them are published, `most` the most a
    figure can be as the reader knows, `whole` whether figures are whole numbers.
    """

    values: np.ndarray
    shown: np.ndarray
    most: np.ndarray
    whole: bool = True


def narrow(equations: Sums, known: Known, wanted: np.ndarray, width: np.ndarray, rest: int) -> np.ndarray:
    """Say which wanted cells a reader can narrow to less than `width`.

    Parameters
    ----------
    equations : over the cells, then rests (what no row shows).
    known : what is published.
    wanted : bool per cell.
    width : per cell, how wide the reader's interval must stay.
    rest : a rest of more than nothing and less than this is attacked as well; where it yields, the hidden
        cells that share its equations are given as narrow, and where none is hidden, the shown ones.
    """
    size = len(known.values)
    found = np.zeros(size, dtype=bool)
    unknown = np.append(~known.shown, np.ones(equations.rests, dtype=bool))
    matrix = equations.matrix
    told = np.append(np.where(known.shown, known.values, 0.0), np.zeros(equations.rests))
    right = -(matrix @ told)
    most = np.append(known.most, np.full(equations.rests, np.inf))
    # A rest that is nothing is no secret: whoever knows the areas and classes knows that they are complete.
    most[size:][equations.nothing] = 0.0
    attacked = np.append(wanted, equations.few(rest))
    widths = np.append(width, np.full(equations.rests, rest - 1.0))
    for rows, columns in components(matrix, unknown, attacked):
        least = np.zeros(len(columns))
        inner = matrix[rows][:, columns]
        reader = Reader(inner, right[rows], right[rows], least, most[columns], known.whole)
        yielding = columns[exposed(reader, attacked[columns], widths[columns])]
        if (yielding >= size).any():
            found |= _told_by(matrix, rows, columns, wanted, size)
        found[yielding[yielding < size]] = True
    return found


def _told_by(
    matrix: sparse.csr_array, rows: np.ndarray, columns: np.ndarray, wanted: np.ndarray, size: int
) -> np.ndarray:
    hidden = wanted & np.isin(np.arange(size), columns)
    return hidden if hidden.any() else np.isin(np.arange(size), matrix[rows].indices)


def components(
    matrix: sparse.csr_array, unknown: np.ndarray, attacked: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split the reader's unknowns into sets that share no equation with an unknown in it: (rows, columns)."""
    places = np.flatnonzero(unknown)
    inner = matrix[:, places]
    count, block = sparse.csgraph.connected_components(abs(inner.T) @ abs(inner), directed=False)
    found = []
    for one in sorted(set(block[attacked[places]])) if count else []:
        columns = places[block == one]
        rows = np.flatnonzero(np.asarray(abs(matrix[:, columns]).sum(axis=1)).ravel())
        found.append((rows, columns))
    return found
