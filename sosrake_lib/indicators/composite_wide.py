"""From the long indicator frame to a matrix areas x indicators and back: what all composite modules share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]

UNIT = ("region_level", "region_code", "borders", "period", "sex", "age", "group")
SCOPES = ("period", "panel")


@dataclass(frozen=True, slots=True, eq=False)
class Wide:
    """A frame as a matrix.

    `values` is units x indicators (NaN where absent), `units` has one row a unit (UNIT and `break_before`),
    `sets` numbers what is normalised together, `cells` gives each value's row in `rows` (-1: no row),
    `imputed` marks filled values, `rows` is the checked frame of these indicators, one row a key, `origin`
    the origin of what is computed from it.
    """

    values: Floats
    units: pd.DataFrame
    sets: NDArray[np.int64]
    cells: NDArray[np.int64]
    imputed: NDArray[np.bool_]
    indicators: tuple[str, ...]
    rows: pd.DataFrame
    origin: str

    def each_set(self) -> Iterator[tuple[NDArray[np.int64], str]]:
        """Give each set's unit numbers and the words that name it in messages."""
        for number in range(int(self.sets.max()) + 1):
            places = np.flatnonzero(self.sets == number)
            yield places, self.name_of(places)

    def name_of(self, places: NDArray[np.int64]) -> str:
        """Name a set: its period (or first to last), and sex, age, group where they are not the whole."""
        few = self.units.iloc[places]
        periods = few["period"].unique()
        when = str(periods[0]) if len(periods) == 1 else f"{periods[0]}...{periods[-1]}"
        who = [str(few[column].iloc[0]) for column in ("sex", "age", "group")]
        return ", ".join([when, *(one for one in who if one not in ("total", frames.ALL_AGES))])


def widen(frame: pd.DataFrame, indicators: Sequence[str], function: str, scope: str = "period") -> Wide:
    """Put the values of the named indicators side by side, one row an area, period, sex, age and group.

    Parameters
    ----------
    frame : indicator frame, source or analysed; of several confidences the first is taken (equal values).
    indicators : keys in the order of the columns.
    function : name for messages.
    scope : what is normalised together: "period" (the areas of each period, sex, age, group) or "panel"
        (all periods of a sex, age, group, so that change over time stays visible).

    Raises
    ------
    FrameError when an indicator is not in the data, or rows of several levels, maps, scales (`per`) or of
    real and synthetic origin would meet.
    """
    rows = _one_row_a_key(frames.check(frame, file=function), function)
    rows = rows.loc[rows["indicator"].isin(list(indicators))].reset_index(drop=True)
    _check_meeting(rows, indicators, function)
    place = pd.Index(indicators).get_indexer(rows["indicator"])
    grouped = rows.groupby(list(UNIT), sort=False, observed=True)
    unit = grouped.ngroup().to_numpy()
    number = int(unit.max()) + 1
    cells = np.full((number, len(indicators)), -1, dtype="int64")
    cells[unit, place] = np.arange(len(rows))
    values = _placed(rows["value"].to_numpy(dtype="float64"), cells, np.nan)
    first = np.full(number, -1, dtype="int64")
    first[unit[::-1]] = np.arange(len(rows))[::-1]
    units = rows.iloc[first][list(UNIT)].reset_index(drop=True)
    units["break_before"] = _placed(rows["break_before"].to_numpy(), cells, False).any(axis=1)
    imputed = np.zeros(cells.shape, dtype=bool)
    if "imputed" in rows:
        imputed = _placed(rows["imputed"].eq(True).to_numpy(), cells, False)
    origin = "synthetic" if (rows["origin"] == "synthetic").any() else "own"
    return Wide(values, units, _sets(units, scope, function), cells, imputed, tuple(indicators), rows, origin)


def lay_out(wide: Wide, found: dict[str, Floats], extra: dict[str, dict[str, NDArray]]) -> pd.DataFrame:
    """Write computed values as indicator rows, one a unit and key; `extra` is column -> key -> values."""
    parts = []
    for key, value in found.items():
        part = wide.units.copy()
        part.insert(0, "indicator", key)
        part["value"] = value
        for column, of_key in extra.items():
            part[column] = of_key[key]
        parts.append(part)
    whole = pd.concat(parts, ignore_index=True)
    whole["status"] = np.where(whole["value"].isna(), "missing", "ok")
    return whole.assign(per=1.0, origin=wide.origin)


def column_of(wide: Wide, column: str) -> Floats:
    """Give another numeric column of the frame in the shape of the matrix; NaN where there is none."""
    if column not in wide.rows:
        return np.full(wide.values.shape, np.nan)
    return _placed(wide.rows[column].to_numpy(dtype="float64"), wide.cells, np.nan)


def replace(wide: Wide, values: Floats, marks: dict[str, NDArray]) -> pd.DataFrame:
    """Write changed values back into the long frame.

    A changed value keeps neither limits nor counts (they belong to the old one) and is `own` unless
    synthetic. Values that had no row get one. `marks` are columns in the shape of the matrix, written to
    every row. Cells without a row that stay absent are written as `missing`, so that the gap is seen.
    """
    rows = pd.concat([wide.rows, _new_rows(wide)], ignore_index=True)
    cells = wide.cells.copy()
    cells[cells < 0] = np.arange(len(wide.rows), len(rows))
    changed = ~((values == wide.values) | (np.isnan(values) & np.isnan(wide.values)))
    at = cells[changed]
    rows.loc[at, "value"] = values[changed]
    rows.loc[at, ["lower", "upper", "numerator", "denominator"]] = np.nan
    rows.loc[at, "status"] = np.where(np.isnan(values[changed]), "missing", "ok")
    rows.loc[at, "origin"] = wide.origin
    for column, mark in marks.items():
        filled = np.empty(len(rows), dtype=mark.dtype)
        filled[cells.ravel()] = mark.ravel()
        rows[column] = filled
    return frames.check(rows, file="composite")


def _new_rows(wide: Wide) -> pd.DataFrame:
    unit, place = np.nonzero(wide.cells < 0)
    rows = wide.units.iloc[unit].reset_index(drop=True)
    rows["break_before"] = False
    rows.insert(0, "indicator", np.asarray(wide.indicators, dtype=object)[place])
    per = wide.rows.drop_duplicates("indicator").set_index("indicator")["per"]
    rows["per"] = rows["indicator"].map(per)
    rows = rows.assign(value=np.nan, status="missing", origin=wide.origin)
    for column in frames.ANALYSIS_KEY if frames.is_analysed(wide.rows) else ():
        known = wide.rows.drop_duplicates("indicator").set_index("indicator")[column]
        rows[column] = rows["indicator"].map(known)
    return rows


def _placed(column: NDArray, cells: NDArray[np.int64], absent: float | bool) -> NDArray:
    if not len(column):
        return np.full(cells.shape, absent)
    return np.where(cells >= 0, column[np.maximum(cells, 0)], absent)


def _one_row_a_key(rows: pd.DataFrame, function: str) -> pd.DataFrame:
    if not frames.is_analysed(rows):
        return rows
    first = rows.groupby("indicator", sort=False)["confidence"].transform("first")
    kept = rows.loc[rows["confidence"] == first]
    twice = kept.duplicated(subset=list(frames.KEY))
    if twice.any():
        row = kept.loc[twice].iloc[0]
        raise FrameError(
            f"{function}: {row['indicator']} {row['region_code']} {row['period']} stands with several "
            "statistics or methods; give one figure a key"
        )
    return kept


def _check_meeting(rows: pd.DataFrame, indicators: Sequence[str], function: str) -> None:
    lacking = [key for key in indicators if key not in set(rows["indicator"].unique())]
    if lacking:
        raise FrameError(
            f"{function}: indicator {lacking[0]!r} of the framework is not in the data; "
            "add its rows, or take it out with composite_framework.remove"
        )
    for column in ("region_level", "borders"):
        several = rows[column].unique()
        if len(several) > 1:
            raise FrameError(
                f"{function}: column {column} has several values ({several[0]}, {several[1]}); "
                "an index compares areas of one level on one map: select one"
            )
    scales = rows.drop_duplicates(["indicator", "per"])["indicator"]
    if scales.duplicated().any():
        key = scales[scales.duplicated()].iloc[0]
        raise FrameError(f"{function}: indicator {key!r} stands on several scales (column per); use one")
    origins = set(rows["origin"].unique())
    if "synthetic" in origins and len(origins) > 1:
        raise FrameError(f"{function}: column origin mixes synthetic rows with real ones; compute them apart")


def _sets(units: pd.DataFrame, scope: str, function: str) -> NDArray[np.int64]:
    if scope not in SCOPES:
        raise FrameError(f"{function}: scope {scope!r}; use one of {', '.join(SCOPES)}")
    keys = ["sex", "age", "group"] if scope == "panel" else ["period", "sex", "age", "group"]
    return units.groupby(keys, sort=False).ngroup().to_numpy()
