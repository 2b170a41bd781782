"""From rows, one an age, to matrices: groups x strata, for standardisation and life tables.

Twenty million rows pass through here, so rows are coded once (categoricals are taken as they are) and every
check is made on codes and arrays. The figures that come out are checked again as an indicator frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.strata_codes import NEUTRAL, Coded, code, number_of, places, refuse_rows

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Rows looked at a time; a block stays in the processor's cache.
_BLOCK = 1 << 16
MISSING_COUNTS = ("missing", "zero")
# Why a group has no figure, the first that holds; "" where it has one. Callers add reasons of their own.
REASONS = ("part_not_published", "age_absent", "count_missing", "population_missing", "zero_population")


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Groups and their strata: `groups` holds the key columns, `break_before` and `origin`, one row a group.

    `count`, `population` and (if asked) `variance` are groups x strata, NaN where a row is absent or says
    nothing; `used` counts the rows with a figure; `reason` is why a group cannot be computed ("" if it can).
    """

    groups: pd.DataFrame
    count: Floats
    population: Floats
    variance: Floats | None
    used: Integers
    reason: NDArray[np.str_]

    def totals(self, of: Floats) -> Floats:
        """Sum over the strata of each group; NaN where one of them is."""
        return of @ np.ones(of.shape[1])


def collect(
    frame: pd.DataFrame,
    strata: pd.DataFrame,
    *,
    by: Sequence[str] | None,
    function: str,
    count_variance: str | None = None,
    missing_counts: str = "missing",
) -> Strata:
    """Lay the rows of a frame out as groups x strata.

    Parameters
    ----------
    frame : rows of an indicator frame, one an age (and sex, if the strata have one), `numerator` and
        `denominator` filled.
    strata : the strata in their order, columns `age` and maybe `sex`, each once.
    by : key columns that make a group; left out, every key column that is not a column of `strata`.
    function : name for messages, such as "standardise.direct".
    count_variance : column with the variance of each numerator.
    missing_counts : "missing" (a group with an empty numerator has no figure) or "zero" (an empty numerator
        means that no event was recorded). A suppressed or unpublished row is never taken for zero.
    """
    if missing_counts not in MISSING_COUNTS:
        raise FrameError(
            f"{function}: missing_counts {missing_counts!r}; expected one of {', '.join(MISSING_COUNTS)}"
        )
    _check_columns(frame, function, count_variance)
    keys = _group_keys(by, list(strata.columns), function)
    coded = {column: code(frame, column, function) for column in (*frames.KEY, "status", "origin")}
    number, labels = number_of([coded[column] for column in keys], len(frame))
    place = places(coded, strata, len(frame), function)
    cell = number * len(strata) + place
    size = len(labels[0]) if labels else 1
    ordered = len(cell) == size * len(strata) and _counts_up(cell)
    if not ordered:
        _check_repeats(frame, cell, size * len(strata), keys, list(strata.columns), function)
    groups = _groups(frame, coded, keys, labels, number, size, list(strata.columns), function)

    def matrix(column: str, what: str) -> Floats:
        return _matrix(frame, column, what, None if ordered else cell, (size, len(strata)), function)

    count = matrix("numerator", "events are counted from 0 upwards")
    population = matrix("denominator", "people are counted from 0 upwards")
    variance = None if count_variance is None else matrix(count_variance, "a variance is 0 or more")
    hidden = _rows_with(coded["status"], ("suppressed", "not_published_at_level"), number, size)
    absent = _rows_with(coded["status"], ("missing",), number, size)
    rows = np.full(size, len(strata)) if ordered else np.bincount(number, minlength=size)
    if missing_counts == "zero":
        count, variance, absent = _zero_filled(count, variance, population, absent)
    return _judged(groups, count, population, variance, rows, hidden, absent)


def _check_columns(frame: pd.DataFrame, function: str, count_variance: str | None) -> None:
    needed = [column for column in frames.KEY if column not in NEUTRAL]
    needed += ["age", "numerator", "denominator", "status", "origin"]
    needed += [count_variance] if count_variance is not None else []
    lacking = [column for column in needed if column not in frame]
    if lacking:
        raise FrameError(
            f"{function}: column {lacking[0]} is missing; expected one row an age with {', '.join(needed)}"
        )
    if "statistic" in frame:
        raise FrameError(
            f"{function}: the frame is analysed already; give the source frame with its counts by age"
        )
    if frame.empty:
        raise FrameError(f"{function}: the frame has no rows; give the counts of at least one area by age")


def _group_keys(by: Sequence[str] | None, strata: list[str], function: str) -> list[str]:
    if by is None:
        return [column for column in frames.KEY if column not in strata]
    wrong = [column for column in by if column not in frames.KEY or column in strata]
    if wrong or isinstance(by, str):
        free = [column for column in frames.KEY if column not in strata]
        raise FrameError(
            f"{function}: by {by!r}: expected a list of key columns that are not summed over: "
            + ", ".join(free)
        )
    return list(by)


def _check_repeats(
    frame: pd.DataFrame, cell: Integers, cells: int, keys: list[str], strata: list[str], function: str
) -> None:
    seen = np.zeros(cells, dtype=bool)
    seen[cell] = True
    if int(seen.sum()) == len(cell):
        return
    repeated = pd.Series(cell).duplicated().to_numpy()
    spread = [
        column
        for column in frames.KEY
        if column in frame and column not in (*keys, *strata) and frame[column].nunique() > 1
    ]
    hint = f"add {spread[0]} to by" if spread else "keep one row an age"
    refuse_rows(frame, repeated, function, f"the age stands twice in its group ({', '.join(keys)})", hint)


def _groups(
    frame: pd.DataFrame,
    coded: dict[str, Coded],
    keys: list[str],
    labels: list[Integers],
    number: Integers,
    size: int,
    strata: list[str],
    function: str,
) -> pd.DataFrame:
    columns: dict[str, Any] = {
        key: coded[key].labels.take(chosen) for key, chosen in zip(keys, labels, strict=True)
    }
    for column in frames.KEY:
        if column not in keys and column not in strata:
            columns[column] = _constant(frame, column, coded[column], number, size, function)
    for column in strata:
        columns[column] = np.full(size, NEUTRAL[column])
    groups = pd.DataFrame(columns)[list(frames.KEY)]
    groups["break_before"] = False
    if "break_before" in frame and bool(frame["break_before"].eq(True).any()):
        groups["break_before"] = np.bincount(number, frame["break_before"].eq(True), minlength=size) > 0
    groups["origin"] = _origin(coded["origin"], number, size, function)
    return groups


def _constant(
    frame: pd.DataFrame, column: str, coded: Coded, number: Integers, size: int, function: str
) -> pd.Index:
    if coded.codes is None:
        return coded.labels.repeat(size)
    first = np.empty(size, dtype="int64")
    first[number] = coded.codes
    several = first[number] != coded.codes
    if several.any():
        where = frame.loc[number == number[np.argmax(several)], column].astype("str").unique()[:3]
        raise FrameError(
            f"{function}: column {column} has several values in one group, such as {', '.join(where)}; "
            f"add {column} to by, or keep one of them"
        )
    return coded.labels.take(first)


def _origin(coded: Coded, number: Integers, size: int, function: str) -> NDArray[np.str_]:
    present = np.array([0]) if coded.codes is None else np.unique(coded.codes)
    names = set(coded.labels.take(present).astype("str"))
    if "synthetic" in names and len(names) > 1:
        raise FrameError(
            f"{function}: column origin mixes synthetic rows with {sorted(names - {'synthetic'})}; "
            "invented and real figures never meet: compute them separately"
        )
    # A figure computed here is nobody's published figure, whatever its counts were.
    return np.full(size, "synthetic" if names == {"synthetic"} else "own")


def _matrix(
    frame: pd.DataFrame,
    column: str,
    expected: str,
    cell: Integers | None,
    shape: tuple[int, int],
    function: str,
) -> Floats:
    try:
        values = frame[column].to_numpy(dtype="float64", na_value=np.nan)
    except (TypeError, ValueError) as problem:
        raise FrameError(f"{function}: column {column} is not numeric ({problem}); give numbers") from problem
    smallest, largest = np.fmin.reduce(values), np.fmax.reduce(values)
    if smallest < 0 or np.isinf(largest):
        what = f"column {column} is negative" if smallest < 0 else f"column {column} is infinite"
        wrong = values < 0 if smallest < 0 else np.isinf(values)
        refuse_rows(frame, wrong, function, what, f"{expected}; correct the row")
    if cell is None:
        return values.reshape(shape)
    dense = np.full(shape[0] * shape[1], np.nan)
    dense[cell] = values
    return dense.reshape(shape)


def _rows_with(coded: Coded, statuses: tuple[str, ...], number: Integers, size: int) -> Integers:
    """Count each group's rows of these statuses."""
    wanted = coded.labels.isin(statuses)
    if not wanted.any():
        return np.zeros(size, dtype="int64")
    if coded.codes is None:
        return np.bincount(number, minlength=size)
    return np.bincount(number[wanted[coded.codes]], minlength=size)


def _counts_up(cell: Integers) -> bool:
    """Say whether the rows already stand group by group and age by age: 0, 1, 2, ..."""
    step = np.arange(_BLOCK)
    for start in range(0, len(cell), _BLOCK):
        part = cell[start : start + _BLOCK]
        if not np.array_equal(part, step[: len(part)] + start):
            return False
    return True


def _zero_filled(
    count: Floats, variance: Floats | None, population: Floats, absent: Integers
) -> tuple[Floats, Floats | None, Integers]:
    """Take an empty numerator beside known people for no events."""
    empty = np.isnan(count) & ~np.isnan(population)
    if not empty.any():
        return count, variance, absent
    filled = None if variance is None else np.where(empty, 0.0, variance)
    return np.where(empty, 0.0, count), filled, np.zeros_like(absent)


def _judged(
    groups: pd.DataFrame,
    count: Floats,
    population: Floats,
    variance: Floats | None,
    rows: Integers,
    hidden: Integers,
    absent: Integers,
) -> Strata:
    strata = count.shape[1]
    each = np.ones(strata)
    # Sums over a row find what is missing in it in one pass: an empty number makes the sum empty.
    lost = np.isnan(count @ each)
    if variance is not None:
        lost |= np.isnan(variance @ each)
    empty = population == 0
    nobody = empty.any(axis=1) if bool(empty.any()) else np.zeros(len(groups), dtype=bool)
    conditions = [
        hidden > 0,
        rows < strata,
        (absent > 0) | lost,
        np.isnan(population @ each),
        nobody,
    ]
    reason = np.full(len(groups), "", dtype=f"<U{max(map(len, REASONS))}")
    used = np.full(len(groups), strata)
    if any(condition.any() for condition in conditions):
        reason = np.select(conditions, REASONS, default="")
        used = (~np.isnan(count) & ~np.isnan(population)).sum(axis=1)
    return Strata(groups, count, population, variance, used, reason)
