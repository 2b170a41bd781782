"""The least a two-way table must hide, found exactly: what the quick choice of `suppress` is held against.

Every primary cell must be able to move: with all shown cells and margins as they are and no cell below zero,
its least and greatest value lie at least `width` apart. The program chooses the fewest further cells, and
among those the ones with the smallest counts. It looks at sizes, so its choice is no protection against a
reader who replays it: it measures, the house does not release by it.

Source: Fischetti & Salazar-Gonzalez, JASA 95 (2000) 916-928, doi:10.1080/01621459.2000.10474282.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.audit import Reader
from sosrake_lib.protect.rounding import with_margins

LARGEST_TABLE = 30


@dataclass(frozen=True, slots=True, eq=False)
class LeastHidden:
    """Which cells are hidden (bool, the table's shape), how many beside the primary ones, and their sum."""

    hidden: np.ndarray
    extra: int
    extra_total: int


def least_hidden(table: ArrayLike, primary: ArrayLike, width: int = 1) -> LeastHidden:
    """Find the fewest further cells to hide, margins being published.

    Parameters
    ----------
    table : (rows, columns) whole counts, at most 30 cells.
    primary : bool of the same shape.
    width : how far apart the ends of each primary cell's interval must be.

    Raises
    ------
    DisclosureError when no choice protects every primary cell, or the table is too large.

    Examples
    --------
    >>> found = least_hidden([[20, 50, 10], [8, 19, 22], [17, 32, 1]], np.arange(9).reshape(3, 3) == 8)
    >>> found.extra, found.extra_total
    (3, 47)
    """
    counts, small = np.asarray(table, dtype="float64"), np.asarray(primary, dtype=bool)
    if counts.ndim != 2 or counts.shape != small.shape or counts.size > LARGEST_TABLE:
        raise DisclosureError(
            f"least hidden: a table of {counts.shape} with primary cells of {small.shape}; expected equal "
            f"shapes of rows and columns and at most {LARGEST_TABLE} cells"
        )
    hidden = _choose(counts.ravel(), _margins(counts.shape), np.flatnonzero(small), width)
    chosen = hidden.reshape(counts.shape)
    extra = chosen & ~small
    return LeastHidden(chosen, int(extra.sum()), int(counts[extra].sum()))


def feasible(table: ArrayLike, hidden: ArrayLike) -> np.ndarray:
    """Give the reader's interval of every cell of a two-way table with margins.

    Parameters
    ----------
    table : (rows, columns) whole counts without margins.
    hidden : bool; of the table's shape (margins shown), or one larger each way (margins last).

    Returns
    -------
    (rows + 1, columns + 1, 2) least and greatest value, margins last; a shown cell has both equal.

    Examples
    --------
    >>> feasible([[20, 50], [8, 1]], [[True, True], [True, True]])[1, 1].tolist()
    [0.0, 9.0]
    """
    counts = with_margins(np.asarray(table, dtype="float64"))
    unseen = _with_shown_margins(np.asarray(hidden, dtype=bool), counts.shape)
    equations = total_equations(counts.shape)
    values, free = counts.ravel(), unseen.ravel()
    right = -(equations[:, ~free] @ values[~free])
    size = int(free.sum())
    reader = Reader(sparse.csr_array(equations[:, free]), right, right, np.zeros(size), np.full(size, np.inf))
    found = np.column_stack([values, values])
    if size:
        found[free] = [reader.interval(direction) for direction in np.eye(size)]
    return found.reshape(*counts.shape, 2)


def hidden_at(shape: tuple[int, ...], places: Sequence[Sequence[int]]) -> np.ndarray:
    """Mark the cells named by row and column from 1, in a table of `shape` with its margins behind it.

    Examples
    --------
    >>> hidden_at((1, 1), [[1, 2]]).tolist()
    [[False, True], [False, False]]
    """
    marked = np.zeros((shape[0] + 1, shape[1] + 1), dtype=bool)
    for row, column in places:
        if not (1 <= row <= shape[0] + 1 and 1 <= column <= shape[1] + 1):
            raise DisclosureError(
                f"hidden cells: ({row}, {column}) is outside a table of {shape}; count from 1, margins last"
            )
        marked[row - 1, column - 1] = True
    return marked


def places(marked: ArrayLike) -> list[list[int]]:
    """Name marked cells by row and column from 1: the inverse of `hidden_at`."""
    return (np.argwhere(np.asarray(marked, dtype=bool)) + 1).tolist()


def intervals(table: ArrayLike, hidden: ArrayLike) -> pd.DataFrame:
    """List the reader's interval of each hidden cell: `row, col` from 1, `true, min, max`."""
    counts = with_margins(np.asarray(table))
    unseen = _with_shown_margins(np.asarray(hidden, dtype=bool), counts.shape)
    found = feasible(table, hidden)
    rows = np.argwhere(unseen)
    columns = {"row": rows[:, 0] + 1, "col": rows[:, 1] + 1, "true": counts[unseen]}
    return pd.DataFrame({**columns, "min": found[unseen][:, 0], "max": found[unseen][:, 1]})


def secondary_count(table: ArrayLike, hidden: ArrayLike, low: int, high: int) -> int:
    """Count the hidden cells, margins among them, that are not primary by their own size."""
    counts = with_margins(np.asarray(table))
    unseen = _with_shown_margins(np.asarray(hidden, dtype=bool), counts.shape)
    return int((unseen & ~primary_between(counts, low, high)).sum())


def primary_between(table: ArrayLike, low: int, high: int) -> np.ndarray:
    """Mark the cells whose count lies between two bounds, both included."""
    counts = np.asarray(table)
    return (counts >= low) & (counts <= high)


def protects(table: ArrayLike, primary: ArrayLike, hidden: ArrayLike, width: int = 1) -> bool:
    """Say whether all primary cells are hidden and none of their intervals is narrower than `width`."""
    found = feasible(table, hidden)[:-1, :-1]
    small = np.asarray(primary, dtype=bool)
    return bool((found[..., 1] - found[..., 0])[small].min(initial=np.inf) >= width)


def _choose(values: np.ndarray, margins: np.ndarray, primary: np.ndarray, width: int) -> np.ndarray:
    # Unknowns: y (hide a cell), then for each primary cell two tables the reader could take for true.
    size, tables = len(values), 2 * len(primary)
    blocks, low, high = [], [], []
    for place, cell in enumerate(primary):
        for side in (0, 1):
            at = size * (1 + 2 * place + side)
            for matrix, least, most in _possible(values, margins, width):
                blocks.append(_placed(matrix, at, size, tables))
                low.append(least)
                high.append(most)
        apart = sparse.lil_array((1, size * (1 + tables)))
        apart[0, size * (1 + 2 * place) + cell], apart[0, size * (2 + 2 * place) + cell] = 1.0, -1.0
        blocks.append(apart)
        low.append(np.array([float(width)]))
        high.append(np.array([np.inf]))
    return _solved(values, primary, tables, sparse.vstack(blocks, format="csr"), low, high)


def _possible(
    values: np.ndarray, margins: np.ndarray, width: int
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Give what a table the reader takes for true must hold: (y | x) rows with their least and most."""
    size, reach = len(values), float(values.sum()) + width
    inner, hide = np.eye(size), -reach * np.eye(size)
    free = np.full(size, -np.inf)
    sums = margins @ values
    # |x - count| <= reach where hidden, 0 where shown; and the margins as they are.
    return [
        (np.hstack([hide, inner]), free, values),
        (np.hstack([hide, -inner]), free, -values),
        (np.hstack([np.zeros_like(margins), margins]), sums, sums),
    ]


def _placed(matrix: np.ndarray, at: int, size: int, tables: int) -> sparse.lil_array:
    wide = sparse.lil_array((len(matrix), size * (1 + tables)))
    wide[:, :size], wide[:, at : at + size] = matrix[:, :size], matrix[:, size:]
    return wide


def _solved(
    values: np.ndarray,
    primary: np.ndarray,
    tables: int,
    matrix: sparse.csr_array,
    low: list[np.ndarray],
    high: list[np.ndarray],
) -> np.ndarray:
    size = len(values)
    cost = np.append(1.0 + values.sum() + values, np.zeros(size * tables))
    least = np.zeros(size * (1 + tables))
    least[primary] = 1.0
    most = np.append(np.ones(size), np.full(size * tables, np.inf))
    solved = milp(
        cost,
        integrality=np.append(np.ones(size), np.zeros(size * tables)),
        bounds=Bounds(least, most),
        constraints=LinearConstraint(matrix, np.concatenate(low), np.concatenate(high)),
    )
    if solved.x is None:
        raise DisclosureError(
            "least hidden: no choice of cells protects every primary cell while all margins are published; "
            "hide a margin, merge classes or round"
        )
    return solved.x[:size] > 0.5


def _margins(shape: tuple[int, ...]) -> np.ndarray:
    numbered = np.arange(shape[0] * shape[1]).reshape(shape)
    return np.array([np.isin(numbered.ravel(), line) for line in [*numbered, *numbered.T]], dtype="float64")


def total_equations(shape: tuple[int, ...]) -> np.ndarray:
    """Give the equations of a table with margins last: the parts of a line minus its total are 0."""
    numbered = np.arange(shape[0] * shape[1]).reshape(shape)
    lines = [*numbered, *numbered.T]
    return np.array(
        [np.isin(numbered.ravel(), line[:-1]) - 1.0 * (numbered.ravel() == line[-1]) for line in lines]
    )


def _with_shown_margins(hidden: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if hidden.shape == shape:
        return hidden
    if hidden.shape != (shape[0] - 1, shape[1] - 1):
        raise DisclosureError(
            f"hidden cells of shape {hidden.shape}; expected {shape} with margins, or one less each way"
        )
    return np.pad(hidden, ((0, 1), (0, 1)))
