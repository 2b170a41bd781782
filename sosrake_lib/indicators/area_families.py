"""Families of areas: rows that may be compared with each other, laid out as a table of families by areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]
# One indicator, one kind of area on one map, one time, one part of the population.
FAMILY = ("indicator", "region_level", "borders", "period", "sex", "age", "group")


@dataclass(frozen=True, slots=True, eq=False)
class Families:
    """Rows of a checked frame as families of areas.

    Parameters
    ----------
    rows : the checked frame, in its own order.
    family : number of the family of each row.
    area : number of the area of each row, its place in `codes`.
    codes : region codes, in the order they first stand in the frame.
    keys : one row a family: the columns `by` and, of an analysed frame, `confidence`.
    by : the names of those columns.
    """

    rows: pd.DataFrame
    family: NDArray[np.int64]
    area: NDArray[np.int64]
    codes: NDArray[np.object_]
    keys: pd.DataFrame
    by: tuple[str, ...]

    def table(self, values: NDArray) -> Floats:
        """Lay one value a row out as families x areas; NaN where a family lacks the area."""
        laid = np.full((len(self.keys), len(self.codes)), np.nan)
        laid[self.family, self.area] = values
        return laid

    def column(self, laid: NDArray) -> NDArray:
        """Bring a table of families x areas (or one value a family) back to one value a row."""
        return laid[self.family, self.area] if laid.ndim == 2 else laid[self.family]

    def name(self, number: int) -> str:
        """Name a family in a message."""
        return " ".join(str(value) for value in self.keys.iloc[number])

    def count(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Count the chosen rows of each family."""
        return np.bincount(self.family[chosen], minlength=len(self.keys))


def families(frame: pd.DataFrame, by: Sequence[str], function: str, *, same: Sequence[str] = ()) -> Families:
    """Check a frame and part it into families of areas.

    Parameters
    ----------
    frame : source or analysed frame; several confidences make families of their own.
    by : columns that tell families apart; `per`, `statistic` and the columns of `same` must have one value
        within each family, and an area may stand in it once.
    function : name for messages.

    Raises
    ------
    FrameError when the frame is empty, a column is missing, a family mixes scales, levels, maps or synthetic
    with real rows, or an area stands twice in a family.
    """
    rows = frames.check(frame, file=function)
    if rows.empty:
        raise FrameError(f"{function}: the frame has no rows")
    lacking = [column for column in by if column not in rows]
    if lacking or not by:
        raise FrameError(
            f"{function}: by={list(by)}: column {lacking[0] if lacking else '(none)'} is missing; "
            f"expected columns of the frame, such as {', '.join(FAMILY)}"
        )
    if len({"synthetic" if origin == "synthetic" else "real" for origin in rows["origin"].unique()}) > 1:
        raise FrameError(
            f"{function}: column origin mixes synthetic and real rows; invented and real figures never meet: "
            "run them separately"
        )
    columns = tuple(by) + (("confidence",) if frames.is_analysed(rows) and "confidence" not in by else ())
    grouped = rows.groupby(list(columns), sort=False, dropna=False)
    family = grouped.ngroup().to_numpy()
    keys = rows.loc[~pd.Series(family).duplicated().to_numpy(), list(columns)].reset_index(drop=True)
    area, codes = pd.factorize(rows["region_code"])
    _one_scale(rows, family, ["per", *same, *(["statistic"] if "statistic" in rows else [])], function)
    _areas_once(rows, family, area, by, function)
    return Families(rows, family, area, np.asarray(codes, dtype=object), keys, columns)


def _one_scale(rows: pd.DataFrame, family: NDArray[np.int64], columns: Sequence[str], function: str) -> None:
    first = ~pd.Series(family).duplicated().to_numpy()
    for column in columns:
        found = pd.factorize(rows[column])[0]
        wrong = np.flatnonzero(found != found[first][family])
        if len(wrong):
            row = rows.iloc[wrong[0]]
            raise FrameError(
                f"{function}: column {column} has several values in one family, such as "
                f"{rows[column].to_numpy()[first][family[wrong[0]]]} and {row[column]} (row {wrong[0] + 1}, "
                f"{row['indicator']} {row['region_level']} {row['region_code']}); give one or name it in by="
            )


def _areas_once(
    rows: pd.DataFrame,
    family: NDArray[np.int64],
    area: NDArray[np.int64],
    by: Sequence[str],
    function: str,
) -> None:
    twice = pd.Series(family * (int(area.max()) + 1) + area).duplicated().to_numpy()
    if not twice.any():
        return
    row = rows.iloc[np.flatnonzero(twice)[0]]
    left_out = [column for column in FAMILY if column not in by]
    raise FrameError(
        f"{function}: area {row['region_level']} {row['region_code']} stands twice in one family "
        f"(row {np.flatnonzero(twice)[0] + 1}); add the columns that tell its rows apart to by=, "
        f"of {', '.join(left_out) or 'the frame'}"
    )
