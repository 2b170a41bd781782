"""From the columns of a data frame to the arrays a regression takes, with checks a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import FrameError


@dataclass(frozen=True, slots=True, eq=False)
class ModelArrays:
    """Arrays of a regression: `outcome` (n,), `design` (n, k) and the `names` of its columns."""

    outcome: Floats
    design: Floats
    names: tuple[str, ...]


def model_arrays(
    data: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    factors: Sequence[str] = (),
    intercept: bool = True,
    where: str = "model_arrays",
) -> ModelArrays:
    """Take an outcome and regressors out of a frame.

    Parameters
    ----------
    data : one row an observation; rows keep their order.
    outcome, regressors : columns of numbers (truth values count as 0 and 1).
    factors : columns whose levels become dummies `column[level]`, the first level (sorted) left out when
        there is an intercept.
    where : the function named in messages.

    Raises
    ------
    FrameError when a column is missing, holds text where numbers are needed, or is empty somewhere.

    Examples
    --------
    >>> people = pd.DataFrame({"y": [1.0, 2.0, 3.0], "x": [0, 1, 1], "town": ["a", "b", "b"]})
    >>> model_arrays(people, outcome="y", regressors=["x"], factors=["town"]).names
    ('(Intercept)', 'x', 'town[b]')
    """
    check_columns(data, [outcome, *regressors, *factors], where)
    y = numbers(data, outcome, where)
    columns = [np.ones(len(data))] if intercept else []
    names = ["(Intercept)"] if intercept else []
    for name in regressors:
        columns.append(numbers(data, name, where))
        names.append(name)
    for name in factors:
        levels = sorted(filled(data, name, where).unique())
        for level in levels[1:] if columns else levels:
            columns.append((data[name] == level).to_numpy(dtype="float64"))
            names.append(f"{name}[{level}]")
    return ModelArrays(y, np.column_stack(columns), tuple(names))


def check_columns(data: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    """Refuse an empty frame, a missing column or one that stands twice."""
    if not isinstance(data, pd.DataFrame):
        raise FrameError(f"{where}: data is a {type(data).__name__}; expected a DataFrame")
    for name in columns:
        count = list(data.columns).count(name)
        if count != 1:
            problem = "is missing" if count == 0 else f"stands {count} times"
            raise FrameError(
                f"{where}: column {name!r} {problem}; the data have {', '.join(map(str, data.columns))}"
            )
    if data.empty:
        raise FrameError(f"{where}: the data have no rows")


def numbers(data: pd.DataFrame, name: str, where: str) -> Floats:
    """Take a column as finite numbers, or say which row is not one."""
    column = filled(data, name, where)
    try:
        values = column.to_numpy(dtype="float64")
    except (TypeError, ValueError) as problem:
        raise FrameError(
            f"{where}: column {name!r} is not numbers ({problem}); convert it first"
        ) from problem
    if np.isinf(values).any():
        row = shown(column.index[int(np.isinf(values).argmax())])
        raise FrameError(f"{where}: column {name!r} is infinite in row {row}; correct it or leave it out")
    return values


def filled(data: pd.DataFrame, name: str, where: str) -> pd.Series:
    """Take a column without empty values, or say how many and where."""
    column = data[name]
    empty = column.isna()
    if empty.any():
        raise FrameError(
            f"{where}: column {name!r} is empty in {int(empty.sum())} row(s), first "
            f"{shown(column.index[empty][0])}; "
            "fill them or leave the rows out, and tell how many were left out"
        )
    return column


def shown(label: object) -> str:
    """Write a label of a unit, time or row as a person would: numpy's numbers without their type.

    Examples
    --------
    >>> shown(np.int64(2019)), shown("Kajaani")
    ('2019', "'Kajaani'")
    """
    return repr(label.item() if isinstance(label, np.generic) else label)
