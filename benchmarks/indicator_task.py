"""What a comparison is: our side, the peers' sides, how much work each did, and whether the numbers agree."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    `prepare` builds the data and gives the function that is timed; None for a peer that its own interpreter
    runs. `work` is how many units of the task (rows, replicates, series) it does: a slow peer does fewer, and
    times are compared per unit. `note` says what the numbers may differ by, and why.
    """

    name: str
    prepare: Callable[[], Callable[[], Any]] | None = None
    work: int = 1
    note: str = ""


@dataclass(frozen=True)
class Task:
    """One task: `ours` gives an array whose first entries the peers' arrays must equal."""

    name: str
    size: str
    ours: Side
    peers: Sequence[Side] = field(default_factory=tuple)


@dataclass
class Times:
    """Processor and wall seconds of every round of one side."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    numbers: Any = None
    fault: str = ""

    def add(self, run: Callable[[], Any]) -> None:
        """Run once, timed."""
        begun = time.process_time(), time.perf_counter()
        numbers = run()
        self.cpu.append(time.process_time() - begun[0])
        self.wall.append(time.perf_counter() - begun[1])
        self.numbers = numbers


def difference(ours: Any, theirs: Any) -> str:
    """Say how far the peer's numbers are from the first of ours."""
    if ours is None or theirs is None:
        return "not compared"
    first, other = np.asarray(ours), np.asarray(theirs)
    rows = min(len(first), len(other))
    first, other = first[:rows], other[:rows]
    if first.dtype.kind in "OUST" or other.dtype.kind in "OUST":
        return f"{np.mean(first.astype(str) == other.astype(str)):.2%} of {rows} classes equal"
    scale = np.maximum(np.abs(first.astype(float)), 1e-12)
    gaps = np.abs(first.astype(float) - other.astype(float)) / scale
    if np.isnan(first.astype(float)).sum() != np.isnan(other.astype(float)).sum():
        return "one side lacks numbers"
    return f"differ by {np.nanmax(gaps):.0e} at most"
