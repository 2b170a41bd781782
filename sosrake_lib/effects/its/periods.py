"""Read the periods of a series into evenly spaced places, and say where some are lacking."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError

_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])|-[QH]([1-4])|/(\d{4}))?")
_QUARTER = re.compile(r"\d{4}-Q[1-4]")
# Periods in a year by kind: what a seasonal pattern repeats over unless said otherwise.
SEASONS = {"month": 12, "quarter": 4, "half": 2, "year": 1, "number": 1}


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """Places of periods on an even scale.

    Attributes
    ----------
    place : (n,) integers; neighbouring periods differ by 1.
    season_length : how many periods make a year where the labels tell it, else 1.
    """

    place: NDArray[np.int64]
    season_length: int


def read_periods(labels: pd.Series, where: str) -> Periods:
    """Place the labels of a time column.

    Parameters
    ----------
    labels : whole or evenly spaced numbers, dates, or text `2019`, `2020-03`, `2020-H1`, `2020-Q1`,
        `2018/2020` (such spans must not overlap).
    where : function named in messages.

    Raises
    ------
    FrameError when a label is empty or cannot be read, kinds are mixed, or numbers are not evenly spaced.

    Examples
    --------
    >>> read_periods(pd.Series(["2019-11", "2019-12", "2020-02"]), "example").place.tolist()
    [24238, 24239, 24241]
    >>> read_periods(pd.Series([1990, 1992, 1996]), "example").place.tolist()
    [995, 996, 998]
    """
    if labels.isna().any():
        raise FrameError(
            f"{where}: column {labels.name!r} is empty in row {labels.index[labels.isna()][0]!r}; every row "
            "needs its period"
        )
    if isinstance(labels.dtype, pd.PeriodDtype):
        labels = labels.dt.to_timestamp()
    if pd.api.types.is_datetime64_any_dtype(labels):
        return _dates(labels, where)
    if pd.api.types.is_numeric_dtype(labels):
        return _numbers(labels, where)
    return _texts(labels.astype("str"), where)


def _numbers(labels: pd.Series, where: str) -> Periods:
    values = labels.to_numpy("float64")
    steps = np.diff(np.unique(values))
    step = steps.min() if steps.size else 1.0
    place = (values - values.min()) / step
    if np.abs(place - np.rint(place)).max() > 1e-6:
        raise FrameError(
            f"{where}: column {labels.name!r} is not evenly spaced (smallest step {step:g}); give the number "
            "of each period, or its text such as 2020-03"
        )
    return Periods(np.rint(place).astype("int64") + round(float(values.min() / step)), SEASONS["number"])


def _dates(labels: pd.Series, where: str) -> Periods:
    if labels.dt.day.nunique() == 1:
        month = (12 * labels.dt.year + labels.dt.month - 1).to_numpy("int64")
        length = int(np.gcd.reduce(np.diff(np.unique(month)))) if len(month) > 1 else 1
        length = next(size for size in (12, 6, 3, 1) if length % size == 0)
        return Periods((month - month.min()) // length + int(month.min()) // length, 12 // length)
    return _numbers(labels.dt.normalize().astype("int64").rename(labels.name), where)


def _texts(labels: pd.Series, where: str) -> Periods:
    read = {text: _read(text) for text in labels.unique()}
    wrong = next((text for text, found in read.items() if found is None), None)
    if wrong is not None:
        raise FrameError(
            f"{where}: column {labels.name!r} has {wrong!r}; expected a number, a date, or text such as "
            "2019, 2020-03, 2020-Q1, 2020-H1 or 2018/2020"
        )
    kinds = {found[0]: text for text, found in read.items() if found is not None}
    if len(kinds) > 1:
        raise FrameError(
            f"{where}: column {labels.name!r} mixes kinds of period ({', '.join(kinds.values())}); a series "
            "has one: give yearly and monthly figures separately"
        )
    kind = next(iter(kinds))
    place = labels.map({text: found[1] for text, found in read.items() if found is not None})
    if kind.startswith("span"):
        return _numbers(place.rename(labels.name), where)
    return Periods(place.to_numpy("int64"), SEASONS[kind])


def _read(text: str) -> tuple[str, int] | None:
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    year, month, part, last = match.groups()
    if month:
        return "month", 12 * int(year) + int(month) - 1
    if part:
        kind, size = ("quarter", 4) if _QUARTER.fullmatch(text) else ("half", 2)
        return (kind, size * int(year) + int(part) - 1) if int(part) <= size else None
    if last:
        return f"span of {int(last) - int(year) + 1} years", int(year)
    return "year", int(year)
