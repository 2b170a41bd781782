"""Coding of key columns: labels once, a small number a row, so that twenty million rows pass quickly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError

Integers = NDArray[np.int64]

NEUTRAL = {"sex": "total", "age": frames.ALL_AGES, "group": frames.ALL_GROUPS}
_ALLOWED = {"status": frames.STATUSES, "origin": frames.ORIGINS, "sex": frames.SEXES}
_ROWS_NAMED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """The labels of a column and each row's position among them; no codes: every row has the one label."""

    codes: NDArray[np.integer] | None
    labels: pd.Index


def code(frame: pd.DataFrame, column: str, function: str) -> Coded:
    """Code a column; categoricals are taken as they are, a column left out gets its neutral value."""
    if column not in frame:
        return Coded(None, pd.Index([NEUTRAL[column]]))
    values = frame[column]
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, labels = values.cat.codes.to_numpy(), values.cat.categories
    else:
        codes, labels = pd.factorize(values)
    if codes.min() < 0:
        row = int(np.argmin(codes))
        raise FrameError(f"{function}: row {row + 1}, column {column} is empty; every row needs its key")
    wrong = [str(label) for label in labels if label not in _ALLOWED[column]] if column in _ALLOWED else []
    if wrong:
        raise FrameError(
            f"{function}: column {column}: {wrong[0]!r}; expected one of {', '.join(_ALLOWED[column])}"
        )
    return Coded(None if len(labels) == 1 else codes, pd.Index(labels))


def number_of(coded: list[Coded], rows: int) -> tuple[Integers, list[Integers]]:
    """Number the combinations of labels that occur; also each combination's label positions."""
    sizes = [len(one.labels) for one in coded]
    number = np.zeros(rows, dtype="int64")
    for one, size in zip(coded, sizes, strict=True):
        if one.codes is not None:
            number *= size
            number += one.codes
    possible = int(np.prod(np.array(sizes, dtype="float64"))) if sizes else 1
    if possible <= max(4 * rows, 1 << 20):
        present = np.zeros(possible, dtype=bool)
        present[number] = True
        found = np.flatnonzero(present)
        if len(found) < possible:
            number = (np.cumsum(present) - 1)[number]
    elif possible < 1 << 62:
        found, number = np.unique(number, return_inverse=True)
    else:
        raise FrameError("strata: the key columns have too many different values; work on part of the frame")
    labels = []
    for size in reversed(sizes):
        labels.append(found % size)
        found = found // size
    return number, labels[::-1]


def places(coded: dict[str, Coded], strata: pd.DataFrame, rows: int, function: str) -> Integers:
    """Give each row the position of its stratum; name ages that only one side has."""
    columns = list(strata.columns)
    number, labels = number_of([coded[column] for column in columns], rows)
    texts = {
        column: coded[column].labels.astype("str").take(chosen)
        for column, chosen in zip(columns, labels, strict=True)
    }
    own = pd.MultiIndex.from_frame(strata.astype("str"))
    place = own.get_indexer(pd.MultiIndex.from_arrays(list(texts.values())))
    if (place < 0).any():
        names = [" ".join(one) for one in zip(*(texts[column][place < 0] for column in columns), strict=True)]
        raise FrameError(
            f"{function}: column age: {', '.join(names[:5])} of the frame is not in the standard "
            f"({', '.join(strata['age'].astype('str').unique()[:4])}, ...); leave totals out of the frame, "
            "or put the standard together to the frame's ages with standardise.regroup_ages"
        )
    unused = np.setdiff1d(np.arange(len(strata)), place)
    if len(unused):
        names = [" ".join(map(str, row)) for row in strata.iloc[unused[:5]].itertuples(index=False)]
        raise FrameError(
            f"{function}: column age: {', '.join(names)} of the standard has no row in the frame; add the "
            "rows, or put the standard together to the frame's ages with standardise.regroup_ages"
        )
    return place.astype("int64")[number]


def refuse_rows(frame: pd.DataFrame, wrong: NDArray[np.bool_], function: str, what: str, advice: str) -> None:
    """Raise a FrameError naming the rows where `wrong` is True, and the first one's key and counts."""
    if not wrong.any():
        return
    rows = np.flatnonzero(wrong)
    named = ", ".join(str(row + 1) for row in rows[:_ROWS_NAMED]) + (
        ", ..." if len(rows) > _ROWS_NAMED else ""
    )
    first = frame.iloc[rows[0]]
    told = [column for column in ("indicator", "region_code", "period", "sex", "age") if column in frame]
    key = " ".join(str(first[column]) for column in told)
    raise FrameError(
        f"{function}: {what} in {len(rows)} row(s): {named}; the first is {key} "
        f"(numerator {first['numerator']:g}, denominator {first['denominator']:g}); {advice}"
    )
