"""What a comparison over time needs of its data: each unit once a time, no holes, two arms, a before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.regression import check_columns, filled, numbers, shown
from sosrake_lib.errors import FrameError

Codes = NDArray[np.int64]
UNBALANCED = ("error", "keep", "balance")


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Rows of units in times, checked.

    Attributes
    ----------
    data : the rows used, index from 0. outcome : (n,). unit_codes, time_codes : (n,), from 0; times in order.
    units, times : their labels. balanced : every unit in every time. left_out : rows left out to balance.
    gap : whether numeric times leave one out (2019, 2021, 2022).
    """

    data: pd.DataFrame
    outcome: NDArray[np.float64]
    unit_codes: Codes
    time_codes: Codes
    units: NDArray[Any]
    times: NDArray[Any]
    balanced: bool
    left_out: int
    gap: bool

    @property
    def shape(self) -> tuple[int, int]:
        """Units, times."""
        return len(self.units), len(self.times)

    def per_unit(self, column: str, where: str) -> NDArray[Any]:
        """Take a column that must not change within a unit, one value a unit."""
        values = filled(self.data, column, where).to_numpy()
        codes, levels = pd.factorize(values)
        first = np.full(len(self.units), -1)
        first[self.unit_codes[::-1]] = codes[::-1]
        changed = codes != first[self.unit_codes]
        if changed.any():
            row = int(np.argmax(changed))
            raise FrameError(
                f"{where}: column {column!r} changes within unit {shown(self.units[self.unit_codes[row]])} "
                "(row "
                f"{row}: {shown(values[row])}); expected one value for each unit"
            )
        return np.asarray(levels)[first]


def check_panel(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    also: Sequence[str] = (),
    unbalanced: str = "error",
    where: str,
) -> Panel:
    """Check a table of units in times.

    Parameters
    ----------
    data : one row a unit and time. outcome, unit, time : its columns. also : further columns that must be
        there.
    unbalanced : when a unit lacks a time: "error"; "keep" the rows there are; "balance" by leaving those
        units out.
    where : the function named in messages.

    Raises
    ------
    FrameError naming the column, the unit and time or the row: a column missing or empty, a unit twice in a
    time, fewer than two units or times, all outcomes equal, an unbalanced panel.
    """
    if unbalanced not in UNBALANCED:
        raise FrameError(f"{where}: unbalanced {unbalanced!r}; expected one of {', '.join(UNBALANCED)}")
    check_columns(data, [outcome, unit, time, *also], where)
    rows = data.reset_index(drop=True)
    unit_codes, units = pd.factorize(filled(rows, unit, where))
    time_codes, times = pd.factorize(filled(rows, time, where), sort=True)
    values = numbers(rows, outcome, where)
    _check_once(unit_codes, time_codes, units, times, where)
    if len(units) < 2 or len(times) < 2:
        raise FrameError(
            f"{where}: {len(units)} unit(s) in {unit!r} and {len(times)} time(s) in {time!r}; at least two "
            "of both "
            "are needed"
        )
    if np.ptp(values) == 0:
        raise FrameError(f"{where}: every {outcome!r} is {values[0]:g}; nothing varies, check the column")
    lacking = len(units) * len(times) - len(rows)
    if lacking and unbalanced == "balance":
        return _balanced(rows, unit_codes, len(times), outcome, unit, time, where)
    if lacking and unbalanced == "error":
        raise FrameError(_hole(unit_codes, time_codes, units, times, where))
    return Panel(
        rows,
        values,
        unit_codes,
        time_codes,
        np.asarray(units),
        np.asarray(times),
        not lacking,
        0,
        _gap(times),
    )


def _balanced(
    rows: pd.DataFrame, unit_codes: Codes, times: int, outcome: str, unit: str, time: str, where: str
) -> Panel:
    whole = np.bincount(unit_codes)[unit_codes] == times
    if not whole.any():
        raise FrameError(f"{where}: no unit has all {times} times; use unbalanced='keep' or fewer times")
    kept = check_panel(rows.loc[whole], outcome=outcome, unit=unit, time=time, where=where)
    fields = (kept.data, kept.outcome, kept.unit_codes, kept.time_codes, kept.units, kept.times)
    return Panel(*fields, True, int((~whole).sum()), kept.gap)


def _check_once(unit_codes: Codes, time_codes: Codes, units: Any, times: Any, where: str) -> None:
    width = int(time_codes.max()) + 1
    count = np.bincount(unit_codes * width + time_codes)
    if count.max() > 1:
        cell = int(count.argmax())
        raise FrameError(
            f"{where}: unit {shown(units[cell // width])} stands {int(count[cell])} times in time "
            f"{shown(times[cell % width])} "
            f"({int((count > 1).sum())} such pairs); keep one row for each unit and time, or sum them first"
        )


def _hole(unit_codes: Codes, time_codes: Codes, units: Any, times: Any, where: str) -> str:
    width = len(times)
    count = np.bincount(unit_codes * width + time_codes, minlength=len(units) * width)
    cell = int(count.argmin())
    return (
        f"{where}: unit {shown(units[cell // width])} has no row for time {shown(times[cell % width])} "
        f"({int((count == 0).sum())} unit-times lack); give unbalanced='balance' to leave such units out or "
        "'keep' "
        "to use the rows there are"
    )


def _gap(times: Any) -> bool:
    if not pd.api.types.is_numeric_dtype(np.asarray(times)):
        return False
    steps = np.diff(np.asarray(times, dtype="float64"))
    return bool(len(steps) > 1 and not np.allclose(steps, steps[0]))
