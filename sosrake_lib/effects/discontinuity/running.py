"""Rows on both sides of a limit, out of a data frame, checked and sorted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.regression import check_columns, numbers, shown
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]
SIDES = ("above", "below")
MISSING = ("refuse", "drop")
# Fewer different values of the running variable on a side and no line with curvature can be held to it.
LEAST_VALUES = 6


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of the limit.

    Attributes
    ----------
    x : (n,) running variable minus the limit, ascending. y : (n,) outcome.
    """

    x: Floats
    y: Floats

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.x)

    @property
    def values(self) -> int:
        """Number of different values of the running variable."""
        return 1 + int((np.diff(self.x) > 0).sum()) if self.n else 0

    @property
    def reach(self) -> float:
        """Distance of the farthest row from the limit."""
        return float(np.abs(self.x).max())

    def kept(self, rows: NDArray[np.bool_]) -> Side:
        """Keep some of the rows."""
        return Side(self.x[rows], self.y[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """Both sides of a limit: `left` below it, `right` above. `cutoff` : in the data's units.

    `treated` : the treated side, "above" or "below". `dropped` : rows left out for empty values.
    """

    left: Side
    right: Side
    cutoff: float
    treated: str
    dropped: int

    @property
    def sign(self) -> float:
        """Turn a jump upward at the limit into treated minus untreated."""
        return 1.0 if self.treated == "above" else -1.0

    @property
    def x(self) -> Floats:
        """All values of the running variable minus the limit."""
        return np.concatenate([self.left.x, self.right.x])

    @property
    def sizes(self) -> dict[str, int]:
        """Rows on each side."""
        return {"left": self.left.n, "right": self.right.n}


def read_running(
    data: pd.DataFrame,
    *,
    outcome: str,
    running: str,
    cutoff: float,
    treated: str = "above",
    at_cutoff: str = "above",
    treatment: str | None = None,
    missing: str = "refuse",
    where: str,
) -> Running:
    """Take outcome and running variable out of a frame.

    Parameters
    ----------
    data : one row a person (or cell). outcome, running : columns of numbers. cutoff : the limit.
    treated : side that is treated, "above" or "below". at_cutoff : the side to which a value equal to the
        limit belongs.
    treatment : column of 0 and 1 who in fact was treated, to check that the limit decided; None = not
        checked.
    missing : "refuse" rows with an empty value, or "drop" them.

    Raises
    ------
    FrameError for a missing, empty or infinite column, a limit outside the data, fewer than six different
    values on a side, an outcome that does not vary, a treatment the limit did not decide.

    Examples
    --------
    >>> data = pd.DataFrame({"score": range(-8, 8), "y": range(16)})
    >>> read_running(data, outcome="y", running="score", cutoff=0, where="example").sizes
    {'left': 8, 'right': 8}
    """
    for name, side in (("treated", treated), ("at_cutoff", at_cutoff)):
        if side not in SIDES:
            raise FrameError(f"{where}: {name} {side!r}; expected above or below")
    columns = [outcome, running, *([] if treatment is None else [treatment])]
    check_columns(data, columns, where)
    if len(set(columns)) < len(columns):
        raise FrameError(f"{where}: outcome, running variable and treatment must be different columns")
    data, dropped = _complete(data, columns, missing, where)
    y, x = numbers(data, outcome, where), numbers(data, running, where) - float(cutoff)
    if np.ptp(y) == 0:
        raise FrameError(f"{where}: every {outcome!r} is {y[0]:g}; nothing varies in it")
    right = x >= 0 if at_cutoff == "above" else x > 0
    if treatment is not None:
        _check_sharp(data, treatment, right == (treated == "above"), where)
    order = np.argsort(x, kind="stable")
    x, y, right = x[order], y[order], right[order]
    found = Running(Side(x[~right], y[~right]), Side(x[right], y[right]), float(cutoff), treated, dropped)
    for name, one in (("below", found.left), ("above", found.right)):
        if one.values < LEAST_VALUES:
            raise FrameError(
                f"{where}: {one.values} different values of {running!r} {name} the limit {cutoff:g} "
                f"({one.n} rows); at least {LEAST_VALUES} are needed on each side, check the limit (values "
                f"run from {x.min() + cutoff:g} to {x.max() + cutoff:g})"
            )
    return found


def _complete(data: pd.DataFrame, columns: list[str], missing: str, where: str) -> tuple[pd.DataFrame, int]:
    if missing not in MISSING:
        raise FrameError(f"{where}: missing {missing!r}; expected one of {', '.join(MISSING)}")
    if missing == "refuse":
        return data, 0
    kept = data.loc[data[columns].notna().all(axis=1)]
    if kept.empty:
        raise FrameError(f"{where}: every row has an empty value in {', '.join(columns)}; nothing is left")
    return kept, len(data) - len(kept)


def _check_sharp(data: pd.DataFrame, treatment: str, by_rule: NDArray[np.bool_], where: str) -> None:
    given = numbers(data, treatment, where)
    against = given != by_rule
    if against.any():
        raise FrameError(
            f"{where}: column {treatment!r} differs from the limit's rule in {int(against.sum())} row(s), "
            f"first {shown(data.index[int(np.argmax(against))])}; the limit did not decide alone (a "
            "fuzzy design). Leave `treatment` out to compare by the rule (being on the treated side, not "
            "being treated), or correct the rows"
        )
