"""Columns of people's measurements, checked: they exist, hold numbers, and name each person once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError, SosrakeError

Floats = NDArray[np.float64]


def need_columns(data: pd.DataFrame, columns: Sequence[str | None], where: str) -> None:
    """Refuse data without one of the columns; None stands for a column not asked for."""
    if not isinstance(data, pd.DataFrame):
        raise FrameError(
            f"{where}: got {type(data).__name__}; expected a DataFrame, one row a person or a measurement"
        )
    lacking = [column for column in columns if column is not None and column not in data]
    if lacking:
        raise FrameError(
            f"{where}: column {lacking[0]!r} is missing; the data has {', '.join(map(str, data.columns))}"
        )
    if data.empty:
        raise FrameError(f"{where}: the data has no rows; expected one a person or a measurement")


def numbers(data: pd.DataFrame, column: str, where: str, *, complete: bool = False) -> Floats:
    """Give a column as numbers, empty as NaN; with `complete` an empty one is refused."""
    try:
        values = data[column].to_numpy(dtype="float64", na_value=np.nan)
    except (TypeError, ValueError) as problem:
        raise FrameError(
            f"{where}: column {column!r} holds what is not a number ({problem}); convert it first"
        ) from problem
    endless = np.isinf(values)
    if endless.any():
        raise FrameError(
            f"{where}: column {column!r}, row {data.index[endless][0]!r} is infinite; "
            "leave an unknown one empty"
        )
    if complete and np.isnan(values).any():
        raise FrameError(
            f"{where}: column {column!r}, row {data.index[np.isnan(values)][0]!r} is empty; "
            "fill it or leave the row out and say so"
        )
    return values


def codes(data: pd.DataFrame, column: str, where: str) -> tuple[NDArray[np.intp], pd.Index]:
    """Number the values of a column in the order they appear; an empty one is refused."""
    numbered, values = pd.factorize(data[column])
    if (numbered < 0).any():
        raise FrameError(
            f"{where}: column {column!r}, row {data.index[numbered < 0][0]!r} is empty; "
            "expected a name or number"
        )
    return numbered, pd.Index(values)


def once_each(data: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    """Refuse data where the same value of the columns stands on two rows."""
    again = data.duplicated(subset=list(columns))
    if again.any():
        named = ", ".join(f"{column} {shown(data.loc[again, column].iloc[0])}" for column in columns)
        raise FrameError(
            f"{where}: {named} stands on two rows (row {data.index[again][0]!r}); keep one of them"
        )


def shown(value: object) -> str:
    """Write a value as the user wrote it, not as the array library names it.

    Examples
    --------
    >>> print(shown(np.int64(3)), shown("a"))
    3 'a'
    """
    return repr(value.item() if isinstance(value, np.generic) else value)


def need_share(value: float, name: str, where: str) -> None:
    """Refuse what is not strictly between 0 and 1, such as a confidence or a reliability."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1:
        raise SosrakeError(f"{where}: {name} {value!r}; expected a number between 0 and 1, such as 0.8")
