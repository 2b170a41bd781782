"""Who was treated from when: reading it from a column, and refusing what cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sosrake_lib.effects.did.panel import Panel
from sosrake_lib.effects.regression import numbers, shown
from sosrake_lib.errors import FrameError

NEVER = np.iinfo("int64").max


@dataclass(frozen=True, slots=True, eq=False)
class Adoption:
    """From which time each unit is treated.

    Attributes
    ----------
    start : (units,), place of the first treated time in `Panel.times`; NEVER for those never treated.
    """

    start: NDArray[np.int64]

    @property
    def treated(self) -> NDArray[np.bool_]:
        """Units treated at some time, (units,)."""
        return self.start != NEVER

    @property
    def always(self) -> NDArray[np.bool_]:
        """Units treated in every time, (units,)."""
        return self.start == 0

    @property
    def cohorts(self) -> NDArray[np.int64]:
        """The different starts, without never and always."""
        found = np.unique(self.start)
        return found[(found != NEVER) & (found != 0)]


def indicator(panel: Panel, column: str, where: str) -> NDArray[np.float64]:
    """Take a column of 0 and 1."""
    values = numbers(panel.data, column, where)
    wrong = ~np.isin(values, (0.0, 1.0))
    if wrong.any():
        raise FrameError(
            f"{where}: column {column!r} is {values[wrong][0]:g} in row {int(np.argmax(wrong))}; expected 0 "
            "(not treated) or 1 (treated)"
        )
    if np.ptp(values) == 0:
        arm = "treated" if values[0] else "untreated"
        raise FrameError(
            f"{where}: every row of column {column!r} is {arm}; a comparison needs both, see paired_change "
            "for "
            "a change without comparison"
        )
    return values


def adoption_of(panel: Panel, treated: NDArray[np.float64], where: str) -> Adoption:
    """Find the first treated time of each unit, and refuse treatment that ends or has no before.

    Raises
    ------
    FrameError when a unit's treatment ends, or every treated unit is treated from its first time on.
    """
    count = panel.shape[0]
    start = np.full(count, NEVER)
    on = treated > 0
    np.minimum.at(start, panel.unit_codes[on], panel.time_codes[on])
    ended = ~on & (panel.time_codes > start[panel.unit_codes])
    if ended.any():
        row = int(np.argmax(ended))
        raise FrameError(
            f"{where}: unit {shown(panel.units[panel.unit_codes[row]])} is untreated in "
            f"{shown(panel.times[panel.time_codes[row]])} "
            "after having been treated; treatment must last to the end, leave out the times after it ended"
        )
    adoption = Adoption(start)
    if not len(adoption.cohorts):
        raise FrameError(
            f"{where}: every treated unit is treated from the first time {shown(panel.times[0])} on; without "
            "a "
            "time "
            "before treatment nothing can be compared, add earlier times"
        )
    return adoption


def cohorts_of(panel: Panel, column: str, never: float | None, where: str) -> Adoption:
    """Read each unit's first treated time from a column; empty, `never` or after the end = never treated.

    Raises
    ------
    FrameError when the column changes within a unit, is not numbers, or no unit starts within the times
    observed.
    """
    data = panel.data
    marked = data.assign(**{column: data[column].astype("float64").fillna(np.inf)})
    view = Panel(
        marked,
        panel.outcome,
        panel.unit_codes,
        panel.time_codes,
        panel.units,
        panel.times,
        True,
        0,
        panel.gap,
    )
    first = view.per_unit(column, where).astype("float64")
    times = np.asarray(panel.times, dtype="float64")
    untreated = ~np.isfinite(first) | (first > times[-1])
    if never is not None:
        untreated |= first == never
    start = np.where(untreated, NEVER, np.searchsorted(times, np.where(untreated, times[0], first)))
    adoption = Adoption(start.astype("int64"))
    if not len(adoption.cohorts):
        raise FrameError(
            f"{where}: no unit of column {column!r} starts after the first time {times[0]:g} and by the last "
            f"{times[-1]:g}; there is nothing treated with a time before to compare"
        )
    return adoption
