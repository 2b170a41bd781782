"""Take one series, and a comparison series where there is one, out of a frame, checked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.its.periods import read_periods
from sosrake_lib.effects.regression import check_columns, numbers
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A series in the order of time.

    Attributes
    ----------
    labels : (n,) periods as the data write them. place : (n,) integers. value : (n,), the outcome, or the
        outcome minus the comparison. control : (n,) comparison values, or None.
    covariates : column -> (n,) values.
    broken : (n,) the series has another level from here on for a known reason (column break_before).
    season_length : periods in a year as the labels tell it, else 1. lacking : number of periods skipped.
    """

    labels: tuple[Hashable, ...]
    place: NDArray[np.int64]
    value: Floats
    control: Floats | None
    covariates: Mapping[str, Floats]
    broken: NDArray[np.bool_]
    season_length: int
    lacking: int

    def find(self, label: Hashable, where: str) -> int:
        """Give the row of a period, or say which there are."""
        if label in self.labels:
            return self.labels.index(label)
        raise FrameError(
            f"{where}: no period {label!r} in the series, which runs from {self.labels[0]} to "
            f"{self.labels[-1]}; give one of its periods as the data write it"
        )


def read_series(
    data: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    unit: str | None,
    treated: Hashable,
    control: Hashable,
    covariates: Sequence[str],
    gaps: str,
    where: str,
) -> Series:
    """Read, check and sort; the parameters are those of `fit_series`."""
    check_columns(data, [outcome, time, *covariates] + ([unit] if unit else []), where)
    if gaps not in ("refuse", "keep"):
        raise FrameError(f"{where}: gaps {gaps!r}; expected refuse or keep")
    check_one_origin(data, where)
    rows = _ours(data, unit, treated, where)
    values = _values(rows, outcome, where)
    if np.ptp(values) == 0:
        raise FrameError(
            f"{where}: column {outcome!r} is {values[0]:g} in all {values.size} periods; a constant series "
            "has no line to compare with, check the data"
        )
    periods = read_periods(rows[time], where)
    order = np.argsort(periods.place, kind="stable")
    place = periods.place[order]
    labels = tuple(rows[time].iloc[order].tolist())
    _check_places(place, labels, gaps, where)
    compared = _comparison(data, rows.iloc[order], outcome, time, unit, control, where)
    mine = values[order]
    return Series(
        labels,
        place,
        mine if compared is None else mine - compared,
        compared,
        {name: numbers(rows, name, where)[order] for name in covariates},
        _broken(rows.iloc[order]),
        periods.season_length,
        int(place[-1] - place[0] + 1 - place.size),
    )


def check_one_origin(data: pd.DataFrame, where: str) -> None:
    """Refuse to put invented and real figures into one estimate."""
    if "origin" in data and "synthetic" in set(data["origin"]) and data["origin"].nunique() > 1:
        raise FrameError(
            f"{where}: column origin mixes synthetic with real rows; take one of them (origin == 'synthetic' "
            "or not)"
        )


def _ours(data: pd.DataFrame, unit: str | None, treated: Hashable, where: str) -> pd.DataFrame:
    if unit is None:
        return data
    rows = data.loc[data[unit] == treated]
    if rows.empty:
        raise FrameError(
            f"{where}: column {unit!r} has no {treated!r}; it has "
            f"{', '.join(map(str, data[unit].unique()[:8]))}"
        )
    return rows


def _values(rows: pd.DataFrame, column: str, where: str) -> Floats:
    try:
        values = rows[column].to_numpy("float64")
    except (TypeError, ValueError) as problem:
        raise FrameError(
            f"{where}: column {column!r} is not numbers ({problem}); convert it first"
        ) from problem
    bad = ~np.isfinite(values)
    if "status" in rows:
        bad = bad | (rows["status"] != "ok").to_numpy()
    if bad.any():
        raise FrameError(
            f"{where}: column {column!r} has no usable number in {int(bad.sum())} row(s), first "
            f"{rows.index[bad][0]!r}; leave such rows out and say gaps='keep', so that the hole stays a hole"
        )
    return values


def _check_places(place: NDArray[np.int64], labels: tuple[Hashable, ...], gaps: str, where: str) -> None:
    steps = np.diff(place)
    if (steps == 0).any():
        twice = labels[int(np.argmax(steps == 0))]
        raise FrameError(
            f"{where}: period {twice!r} stands twice; a series has one figure a period: give unit= and "
            "treated= to take one series, or sum the rows first"
        )
    if gaps == "refuse" and (steps > 1).any():
        before = int(np.argmax(steps > 1))
        raise FrameError(
            f"{where}: {int((steps - 1).sum())} period(s) lack, first between {labels[before]!r} and "
            f"{labels[before + 1]!r}; find the figures or say gaps='keep' to pass over them"
        )


def _comparison(
    data: pd.DataFrame,
    rows: pd.DataFrame,
    outcome: str,
    time: str,
    unit: str | None,
    control: Hashable,
    where: str,
) -> Floats | None:
    if control is None:
        return None
    if unit is None:
        check_columns(data, [str(control)], where)
        return _values(rows, str(control), where)
    others = _ours(data, unit, control, where)
    if others[time].duplicated().any():
        twice = others.loc[others[time].duplicated(), time].iloc[0]
        raise FrameError(
            f"{where}: the comparison {control!r} has period {twice!r} twice; sum the rows first"
        )
    joined = pd.Series(_values(others, outcome, where), index=others[time].to_numpy())
    lacking = [label for label in rows[time] if label not in joined.index]
    if lacking:
        raise FrameError(
            f"{where}: the comparison {control!r} has no figure for {lacking[0]!r} and {len(lacking) - 1} "
            "other period(s); a controlled series needs both in every period"
        )
    return joined.loc[rows[time].to_numpy()].to_numpy("float64")


def _broken(rows: pd.DataFrame) -> NDArray[np.bool_]:
    if "break_before" not in rows:
        return np.zeros(len(rows), dtype=bool)
    broken = rows["break_before"].fillna(False).to_numpy(dtype=bool).copy()
    # A break before the first figure of the series breaks nothing within it.
    broken[0] = False
    return broken
