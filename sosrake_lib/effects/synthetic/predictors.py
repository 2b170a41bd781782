"""What the synthetic unit is matched on besides the outcome: means of columns over chosen periods."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.regression import check_columns
from sosrake_lib.errors import FrameError, SosrakeError

Floats = NDArray[np.float64]
STATISTICS = ("mean", "median", "sum")


@dataclass(frozen=True, slots=True)
class Predictor:
    """A column summed up over periods.

    Attributes
    ----------
    column : of the data. periods : labels over which it is taken. statistic : "mean", "median" or "sum".
    """

    column: str
    periods: tuple[Hashable, ...]
    statistic: str = "mean"

    def __post_init__(self) -> None:
        if self.statistic not in STATISTICS:
            raise SosrakeError(
                f"Predictor: statistic {self.statistic!r}; expected one of {', '.join(STATISTICS)}"
            )
        if not self.periods:
            raise SosrakeError(f"Predictor: {self.column!r} has no periods; give those to take it over")


def predictor_table(
    data: pd.DataFrame, predictors: Sequence[Predictor], *, unit: str, time: str, units: Sequence[Hashable]
) -> pd.DataFrame:
    """Sum each predictor up in each unit over its periods; empty values are passed over.

    Returns
    -------
    DataFrame, one row a predictor in the order given, one column a unit.

    Raises
    ------
    FrameError when a column is missing or a unit has no value of a predictor in its periods.

    Examples
    --------
    >>> data = pd.DataFrame({"u": ["a", "a", "b", "b"], "t": [1, 2, 1, 2], "x": [1.0, 3.0, None, 5.0]})
    >>> predictor_table(data, [Predictor("x", (1, 2))], unit="u", time="t", units=["a", "b"]).values.tolist()
    [[2.0, 5.0]]
    """
    check_columns(data, [unit, time, *{one.column for one in predictors}], "synthetic_control")
    rows = [
        data.loc[data[time].isin(one.periods)].groupby(unit)[one.column].agg(one.statistic, **_counted(one))
        for one in predictors
    ]
    table = pd.concat([row.reindex(list(units)) for row in rows], axis=1).T
    holes = table.isna().to_numpy()
    if holes.any():
        row, column = np.argwhere(holes)[0]
        raise FrameError(
            f"synthetic_control: {units[column]!r} has no value of {predictors[row].column!r} in its "
            f"periods; "
            "choose other periods or leave the predictor out"
        )
    return table.reset_index(drop=True)


def _counted(one: Predictor) -> dict[str, int]:
    # A sum over nothing would otherwise be 0, which is a number nobody measured.
    return {"min_count": 1} if one.statistic == "sum" else {}


def scaled(treated: Floats, donors: Floats) -> tuple[Floats, Floats]:
    """Divide each predictor by its standard deviation over the treated unit and the donors.

    treated : (predictors,). donors : (predictors, donors).
    """
    spread = np.column_stack([treated, donors]).std(axis=1, ddof=1)
    if (spread == 0).any():
        raise FrameError(
            f"synthetic_control: predictor {int((spread == 0).argmax())} (counted from 0) is the same in "
            f"every "
            "unit; it tells nothing apart, leave it out"
        )
    return treated / spread, donors / spread[:, None]
