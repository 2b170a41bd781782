"""Answers and people read from a user's table, each checked with its row and column in the message."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.catalogue import Instrument
from sosrake_lib.effects.change.columns import Floats, need_columns, numbers, once_each
from sosrake_lib.errors import FrameError

KNOWN_SEXES = ("male", "female", "other")


def item_columns(instrument: Instrument, items: Sequence[str] | None, where: str) -> list[str]:
    """Give the columns of the items in the form's order: as named, or "<key>_1", "<key>_2", ..."""
    if items is None:
        return [f"{instrument.key}_{number}" for number in range(1, instrument.items + 1)]
    columns = list(items)
    if len(columns) != instrument.items or len(set(columns)) < len(columns):
        raise FrameError(
            f"{where}: {instrument.key} has {instrument.items} items, items= names {len(set(columns))} "
            "different columns; name one column an item, in the order of the form"
        )
    return columns


def answer_matrix(
    data: pd.DataFrame, columns: Sequence[str], instrument: Instrument, coded_from: int | None, where: str
) -> Floats:
    """Read the answers: whole numbers of the form's range, empty = not answered.

    Parameters
    ----------
    coded_from : the code of the lowest answer in the data, when it is not the instrument's own.
    """
    values = np.column_stack([numbers(data, column, where) for column in columns])
    low = instrument.item_min if coded_from is None else int(coded_from)
    high = low + instrument.item_max - instrument.item_min
    wrong = np.isfinite(values) & ((values < low) | (values > high) | (values != np.round(values)))
    if wrong.any():
        row, place = (int(part[0]) for part in np.nonzero(wrong))
        raise FrameError(
            f"{where}: {instrument.key}, column {columns[place]!r}, row {data.index[row]!r} is "
            f"{values[row, place]:g}; expected a whole number from {low} to {high}, empty when not answered. "
            "Correct the answer, or tell the code of the lowest answer with coded_from="
        )
    return values + (instrument.item_min - low)


def score_column(
    data: pd.DataFrame, column: str, minimum: float, maximum: float, named: str, where: str
) -> Floats:
    """Read ready scores of one scale and refuse what lies outside its range."""
    values = numbers(data, column, where)
    wrong = (values < minimum) | (values > maximum)
    if wrong.any():
        raise FrameError(
            f"{where}: {named}, column {column!r}, row {data.index[wrong][0]!r} is {values[wrong][0]:g}; "
            f"expected a score from {minimum:g} to {maximum:g}, empty when there is none"
        )
    return values


def check_people(
    data: pd.DataFrame, person: str, time: str | None, others: Sequence[str | None], where: str
) -> None:
    """Refuse missing columns, unnamed people and a person twice (at the same time)."""
    need_columns(data, [person, time, *others], where)
    unnamed = data[person].isna()
    if unnamed.any():
        raise FrameError(
            f"{where}: column {person!r}, row {data.index[unnamed][0]!r} names nobody; name each"
        )
    once_each(data, [person, *([time] if time is not None else [])], where)


def sexes_of(data: pd.DataFrame, column: str | None, where: str) -> NDArray[np.object_] | None:
    """Read sex: male, female, other or empty."""
    if column is None:
        return None
    given = data[column]
    odd = given.notna() & ~given.isin(KNOWN_SEXES)
    if odd.any():
        raise FrameError(
            f"{where}: column {column!r}, row {data.index[odd][0]!r} is {given[odd].iloc[0]!r}; expected "
            f"{', '.join(KNOWN_SEXES)} or empty; cut-offs that differ by sex depend on it"
        )
    return given.astype(object).to_numpy()


def ages_of(data: pd.DataFrame, column: str | None, where: str) -> Floats | None:
    """Read age in years, 0 to 120, empty = unknown."""
    return None if column is None else score_column(data, column, 0, 120, "age in years", where)
