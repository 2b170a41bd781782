"""Secondary suppression: which further cells must be hidden so that no hidden cell can be reckoned back.

A hidden cell is safe when the reader's equations allow it to move by `minimum_count - 1` whole steps. A
*certificate* of that is a vector z of -1, 0 and 1 with `A z = 0` that is zero on every shown cell: along it
the hidden cells move together and every published sum stays as it was. Cells that may be few (state small,
unknown, zero) may only rise in it, cells that fall hold at least the minimum count, so the movement is
possible whatever their exact sizes.

The choice is made by states, keys and sums alone and never by the size of a cell: two tables that differ by
a shift between hidden cells, in which small cells stay small and the others stay large, are hidden alike.
Choosing the smallest cells, or stopping as soon as an audit with the true figures passes, would let a reader
who replays the choice learn from it (the minimality attack), so neither is done; the audit comes after and
only judges. Among equally safe choices those cells go first that share an area or a class with many small
cells.

Sources: Fischetti & Salazar-Gonzalez, Models and algorithms for optimizing cell suppression in tabular data
with linear constraints, JASA 95 (2000) 916-928, for the attacker's movements; Kenthapadi, Mishra & Nissim,
Simulatable auditing, PODS 2005, for decisions that tell a reader nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from sosrake_lib import frame as frames
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.sums import Sums

_RISE = {
    "small": (0.0, 1.0),
    "unknown": (0.0, 1.0),
    "zero": (0.0, 1.0),
    "large": (-1.0, 1.0),
    "full": (-1.0, 0.0),
}
_WHOLE = 1e-6
_TOTAL_COST, _ZERO_COST = 4.0, 40.0


@dataclass(frozen=True, eq=False)
class Pattern:
    """Which cells are hidden, and which of them a certificate covers."""

    hidden: np.ndarray
    covered: np.ndarray


def secondary(
    cells: pd.DataFrame, sums: Sums, pattern: Pattern, guard: np.ndarray, minimum_count: int
) -> Pattern:
    """Hide further cells until every guarded hidden cell has a certificate, as far as there is one.

    What has none stays as it is: the audit that follows judges it by the true figures, and refuses by name.

    Parameters
    ----------
    cells : as `cells.cells` gives them (their `state`, `fixed` and key are used, never their count).
    sums : the reader's equations over these cells.
    pattern : what is hidden and covered already.
    guard : bool per cell; these must not be given back.
    minimum_count : a rest known to be at least this may fall.
    """
    unseen = cells["fixed"].to_numpy(dtype=bool) & (cells["state"] == "unknown").to_numpy()
    always = np.append(pattern.hidden | unseen, np.ones(sums.rests, dtype=bool))
    wanted = np.append(guard & ~pattern.covered, sums.few(minimum_count))
    low, high = _movements(cells, sums, minimum_count)
    cost = _costs(cells, sums)
    hidden = always.copy()
    covered = np.append(pattern.covered, np.zeros(sums.rests, dtype=bool))
    for columns in _blocks(sums, wanted):
        matrix = sums.matrix[:, columns]
        block = _Block(
            matrix[np.flatnonzero(np.diff(matrix.indptr))], low[columns], high[columns], cost[columns]
        )
        free = block.hide(wanted[columns] & always[columns], always[columns])
        hidden[columns] = free
        covered[columns[free]] = True
    return Pattern(hidden[: len(cells)] & ~(unseen & ~pattern.hidden), covered[: len(cells)])


@dataclass(frozen=True, eq=False)
class _Block:
    """Cells that share equations: the equations, how far each may move, what hiding it costs."""

    matrix: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    cost: np.ndarray

    def hide(self, wanted: np.ndarray, always: np.ndarray) -> np.ndarray:
        """Say which cells are hidden at the end; a wanted one without a certificate is left to the audit."""
        hidden, proofs = always.copy(), {}
        covered, lost = np.zeros(len(always), dtype=bool), np.zeros(len(always), dtype=bool)
        for cell in np.flatnonzero(wanted):
            if covered[cell]:
                continue
            price = np.where(hidden, 1e-4 + 1e-6 * self.cost, self.cost)
            moves = certificate(self.matrix, self.low, self.high, price, int(cell))
            if moves is None:
                lost[cell] = True
                continue
            proofs[int(cell)] = moves != 0
            hidden |= moves != 0
            covered |= moves != 0
        return self._without_needless(hidden, always, wanted & ~lost, proofs)

    def _without_needless(
        self, hidden: np.ndarray, always: np.ndarray, wanted: np.ndarray, proofs: dict[int, np.ndarray]
    ) -> np.ndarray:
        """Show again what later choices made needless, dearest first, as long as all stay proven."""
        added = np.flatnonzero(hidden & ~always)
        for cell in added[np.argsort(-self.cost[added], kind="stable")]:
            fewer = hidden.copy()
            fewer[cell] = False
            kept = {owner: proof for owner, proof in proofs.items() if not proof[cell]}
            covered = np.any([*kept.values(), np.zeros(len(hidden), dtype=bool)], axis=0)
            for owner in np.flatnonzero(fewer & ~covered & (wanted | ~always)):
                if covered[owner]:
                    continue
                low, high = np.where(fewer, self.low, 0), np.where(fewer, self.high, 0)
                moves = certificate(self.matrix, low, high, 1e-4 + 1e-6 * self.cost, int(owner))
                if moves is None:
                    break
                kept[int(owner)] = moves != 0
                covered |= moves != 0
            else:
                hidden, proofs = fewer, kept
        return hidden


def certificate(
    matrix: sparse.csr_array, low: np.ndarray, high: np.ndarray, price: np.ndarray, place: int
) -> np.ndarray | None:
    """Find the cheapest whole z with `matrix z = 0`, `low <= z <= high`, z[place] = 1 or -1; or None."""
    best, best_price = None, np.inf
    for direction in (1.0, -1.0):
        if not low[place] <= direction <= high[place]:
            continue
        moves = _move(matrix, low, high, price, place, direction)
        if moves is not None and (paid := float(price @ np.abs(moves))) < best_price - 1e-9:
            best, best_price = moves, paid
    return best


def _move(
    matrix: sparse.csr_array,
    low: np.ndarray,
    high: np.ndarray,
    price: np.ndarray,
    place: int,
    direction: float,
) -> np.ndarray | None:
    # z = up - down keeps the price linear; a flow over two-way tables comes out whole by itself.
    size = len(low)
    least = np.zeros(2 * size)
    most = np.append(np.maximum(high, 0), np.maximum(-low, 0))
    for side in (place, size + place):
        least[side] = most[side] = float((side == place) == (direction > 0))
    constraint = LinearConstraint(sparse.hstack([matrix, -matrix], format="csr"), 0, 0)
    for whole in (0, 1):
        solved = milp(
            np.append(price, price),
            integrality=np.full(2 * size, whole),
            bounds=Bounds(least, most),
            constraints=constraint,
        )
        if solved.x is None:
            return None
        moves = solved.x[:size] - solved.x[size:]
        if np.all(np.abs(moves - np.round(moves)) < _WHOLE):
            return np.round(moves)
    return None


def _movements(cells: pd.DataFrame, sums: Sums, minimum_count: int) -> tuple[np.ndarray, np.ndarray]:
    states = cells["state"].to_numpy()
    low = np.array([_RISE[state][0] for state in states])
    high = np.array([_RISE[state][1] for state in states])
    # What a source or an earlier release shows stands still; what it hides may be any number.
    shown = cells["fixed"].to_numpy(dtype=bool) & (states != "unknown")
    low[shown] = high[shown] = 0.0
    rests = sums.rest_counts
    rest_low = np.where(rests >= minimum_count, -1.0, 0.0)
    rest_high = np.where(sums.nothing, 0.0, 1.0)
    return np.append(low, rest_low), np.append(high, rest_high)


def _costs(cells: pd.DataFrame, sums: Sums) -> np.ndarray:
    """Price the hiding of each cell by its place alone: totals dear, lines with many small cells cheap."""
    primary = cells["hide"].astype("float64")
    near = sum(
        1.0 / (1.0 + primary.groupby([cells[column] for column in columns]).transform("sum"))
        for columns in (["indicator", "region_level", "region_code"], ["indicator", "sex", "age", "group"])
    )
    cost = 1.0 + near + _TOTAL_COST * sums.totals + _ZERO_COST * (cells["state"] == "zero")
    by_key = 1e-3 * np.arange(len(cells)) / max(len(cells), 1)
    return np.append(cost.to_numpy(dtype="float64") + by_key, np.zeros(sums.rests))


def _blocks(sums: Sums, wanted: np.ndarray) -> list[np.ndarray]:
    """Give the sets of cells that share equations and hold something to protect."""
    shared = abs(sums.matrix.T) @ abs(sums.matrix)
    _, block = connected_components(shared, directed=False)
    return [np.flatnonzero(block == one) for one in sorted(set(block[wanted]))]


def unprotectable(cells: pd.DataFrame, columns: np.ndarray, cell: int) -> DisclosureError:
    """Word the refusal: which figure would come back, and with which figures that are out already."""
    rows = cells.iloc[columns[columns < len(cells)]]
    lost = f"({_key(cells.iloc[cell])})" if cell < len(cells) else f"what ({_key(rows.iloc[0])}) leaves over"
    known = "from figures that a source has published"
    earlier = rows[rows["earlier"] != ""]
    if len(earlier):
        first = earlier.iloc[0]
        known = f"with what release {first['earlier']} published, such as ({_key(first)})"
    return DisclosureError(
        f"release: {lost} could be reckoned back {known}; leave the figure out, or release a coarser division"
    )


def _key(row: pd.Series) -> str:
    return ", ".join(str(row[column]) for column in frames.KEY)
