"""Rounding a whole table in place of hiding, and what a reader can still reckon from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from sosrake_lib import frame as frames
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.audit import Reader, exposed
from sosrake_lib.protect.protecting import Hiding
from sosrake_lib.protect.rounding import controlled, conventional, random_kept

BASES = (3, 5, 10, 15, 20, 25)
MODES = ("conventional", "random", "controlled")


@dataclass(frozen=True, slots=True, eq=False)
class Rounded:
    """A rounded table: the figures in the order of the cells, the base, and whether a reader is kept out."""

    values: np.ndarray
    base: int
    safe: bool


def rounded_table(hiding: Hiding, mode: str, draws: np.ndarray) -> Rounded | None:
    """Round all counts by the smallest base at which no small count comes back; None when no way is known.

    Parameters
    ----------
    hiding : the cells and the sums over them (`protecting.hide`).
    mode : one of `MODES`; `controlled` needs a municipality x class table with both totals.
    draws : (cells,) kept draws, used by `random` only.
    """
    found = None
    for base in BASES:
        values = _values(hiding.cells, mode, base, draws)
        if values is None:
            return None
        found = Rounded(values, base, holds(hiding, values, base, mode))
        if found.safe:
            return found
    return found


def holds(hiding: Hiding, values: np.ndarray, base: int, mode: str) -> bool:
    """Attack the small counts by everything rounded: each keeps an interval as wide as a hidden one's."""
    counts = hiding.cells["count"].to_numpy(dtype="float64")
    reach = base // 2 if mode == "conventional" else base - 1
    above = (base - 1) // 2 if mode == "conventional" else base - 1
    rests = hiding.counts.rests
    least = np.append(np.maximum(values - reach, 0), np.zeros(rests))
    most = np.append(values + above, np.full(rests, np.inf))
    right = np.zeros(hiding.counts.matrix.shape[0])
    reader = Reader(sparse.csr_array(hiding.counts.matrix), right, right, least, most)
    small = (counts > 0) & (counts < hiding.minimum_count)
    width = np.full(len(least), hiding.minimum_count - 1.0)
    return not exposed(reader, np.append(small, np.zeros(rests, dtype=bool)), width).any()


def _values(cells: pd.DataFrame, mode: str, base: int, draws: np.ndarray) -> np.ndarray | None:
    counts = cells["count"].to_numpy(dtype="float64")
    if not np.isfinite(counts).all():
        return None
    if mode == "conventional":
        return conventional(counts, base).astype("float64")
    if mode == "random":
        return random_kept(counts, base, draws).astype("float64")
    if mode == "controlled":
        return _controlled(cells, counts, base)
    raise DisclosureError(f"rounding: mode {mode!r}; expected one of {', '.join(MODES)}")


def _controlled(cells: pd.DataFrame, counts: np.ndarray, base: int) -> np.ndarray | None:
    values = np.full(len(cells), np.nan)
    others = [column for column in frames.KEY if column not in ("region_level", "region_code", "group")]
    for _, rows in cells.groupby(others, sort=True).indices.items():
        block = _two_ways(cells.iloc[rows], counts[rows])
        if block is None:
            return None
        table = controlled(block.counts[:-1, :-1], base).table
        values[rows] = table.ravel()[block.places]
    return values


@dataclass(frozen=True, slots=True, eq=False)
class _TwoWays:
    counts: np.ndarray
    places: np.ndarray


def _two_ways(cells: pd.DataFrame, counts: np.ndarray) -> _TwoWays | None:
    """Lay municipalities and one area by classes and all classes; None where that is not the table's form."""
    levels = cells["region_level"].to_numpy()
    areas = sorted(set(zip(levels[levels != "kunta"], cells["region_code"][levels != "kunta"], strict=True)))
    groups = sorted(set(cells["group"]) - {frames.ALL_GROUPS})
    own = sorted(set(cells["region_code"][levels == "kunta"]))
    shape = (len(own) + 1, len(groups) + 1)
    if len(areas) != 1 or len(cells) != shape[0] * shape[1]:
        return None
    row = {("kunta", code): place for place, code in enumerate(own)} | {areas[0]: len(own)}
    column: Mapping[str, int] = {name: place for place, name in enumerate([*groups, frames.ALL_GROUPS])}
    keys = zip(levels, cells["region_code"], cells["group"], strict=True)
    places = np.array([row[level, code] * shape[1] + column[group] for level, code, group in keys])
    laid = np.zeros(shape[0] * shape[1])
    laid[places] = counts
    table = laid.reshape(shape)
    adds = np.allclose(table[:-1].sum(axis=0), table[-1]) and np.allclose(table[:, :-1].sum(1), table[:, -1])
    return _TwoWays(table, places) if adds else None
