"""Sums of money and hours: they add up as counts do, so a hidden one must not come back by subtraction.

A sum that two contributors dominate is hidden, and so are other sums beside it until none can be reckoned
from what is shown. The choice looks at states and sums only, as for counts; whether a hidden sum is then free
to move as far as its rule asks (`cells.reach`) is judged by linear programs afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.protect.attack import Known, narrow
from sosrake_lib.protect.sums import Sums, sums
from sosrake_lib.protect.suppress import Pattern, secondary

# A hidden sum that is safe by itself may still not be told to the last cent.
_HAIR = 1e-6


@dataclass(frozen=True, eq=False)
class Amounts:
    """Sums of one release: their row numbers among its cells, the cells, and the equations over them."""

    rows: np.ndarray
    cells: pd.DataFrame
    sums: Sums


def amounts(listed: pd.DataFrame, declared: dict[str, frozenset[str]]) -> Amounts | None:
    """Pick the sums of money and hours out of the cells; None when there are none."""
    rows = np.flatnonzero(listed["amount"].notna().to_numpy())
    if not len(rows):
        return None
    state = np.where(listed["reach"].to_numpy()[rows] > 0, "small", "large")
    own = listed.iloc[rows].reset_index(drop=True).assign(state=state)
    return Amounts(rows, own, sums(own, declared, column="amount"))


def hidden_too(one: Amounts, hidden: np.ndarray, minimum: int) -> np.ndarray:
    """Hide further sums until no hidden one follows from what is shown; give all cells' marks."""
    own = hidden[one.rows]
    guard = own & ~one.cells["fixed"].to_numpy(dtype=bool)
    pattern = secondary(one.cells, one.sums, Pattern(own, np.zeros(len(own), dtype=bool)), guard, minimum)
    whole = hidden.copy()
    whole[one.rows] = pattern.hidden
    return whole


def yielding(one: Amounts, hidden: np.ndarray) -> np.ndarray:
    """Say which hidden sums a reader comes too near to."""
    own = hidden[one.rows]
    value = one.cells["amount"].to_numpy(dtype="float64")
    known = Known(value, ~own, np.full(len(value), np.inf), whole=False)
    wanted = own & ~one.cells["fixed"].to_numpy(dtype=bool)
    width = np.maximum(one.cells["reach"].to_numpy(dtype="float64"), _HAIR * (1.0 + value))
    found = np.zeros(len(hidden), dtype=bool)
    found[one.rows] = narrow(one.sums, known, wanted, width, rest=0)
    return found
