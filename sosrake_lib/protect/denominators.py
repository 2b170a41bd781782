"""Denominators that are counts too: "20 of 60 clients" tells that there are 60 clients.

Where the denominator of a row equals the count of its total (everyone of the area, of all sexes, ages or
groups), whoever sees the row knows that count. So the count cannot stay hidden unless the row is hidden.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from sosrake_lib.protect.cells import CELL, TOTAL_OF

_TOTALLED = ("sex", "age", "group")


def links(cells: pd.DataFrame) -> np.ndarray:
    """Find the rows whose denominator is the count of a total: (links, 2) row numbers, row and total."""
    own = cells[CELL].assign(row=np.arange(len(cells)), number=cells["denominator"])
    whole = cells[CELL].assign(total=np.arange(len(cells)), number=cells["count"])
    found = []
    for size in range(1, len(_TOTALLED) + 1):
        for dimensions in combinations(_TOTALLED, size):
            below = own[(own[list(dimensions)] != [TOTAL_OF[one] for one in dimensions]).all(axis=1)]
            at = below.assign(**{one: TOTAL_OF[one] for one in dimensions})
            both = at.dropna(subset="number").merge(whole, on=[*CELL, "number"])
            found.append(both[["row", "total"]].to_numpy(dtype=int))
    return np.concatenate(found)


def with_told(cells: pd.DataFrame, denominated: np.ndarray) -> pd.DataFrame:
    """Mark totals that an earlier release or a source told in a denominator: they are no place to hide."""
    rows, totals = denominated[:, 0], denominated[:, 1]
    shown = cells["fixed"].to_numpy(dtype=bool)[rows] & (cells["state"].to_numpy()[rows] != "unknown")
    out = np.zeros(len(cells), dtype=bool)
    out[totals[shown]] = True
    # A total that must be hidden stays so; the audit then refuses it by name.
    return cells.assign(fixed=cells["fixed"].astype(bool) | (out & ~cells["hide"].to_numpy(dtype=bool)))


def hidden_along(cells: pd.DataFrame, denominated: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Hide the rows that would tell a hidden total by their denominator."""
    along = hidden.copy()
    along[denominated[hidden[denominated[:, 1]], 0]] = True
    return along & (hidden | ~cells["fixed"].to_numpy(dtype=bool))


def told(cells: pd.DataFrame, denominated: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Say which hidden totals a shown denominator tells."""
    rows, totals = denominated[:, 0], denominated[:, 1]
    found = np.zeros(len(cells), dtype=bool)
    found[totals[hidden[totals] & ~hidden[rows]]] = True
    return found
