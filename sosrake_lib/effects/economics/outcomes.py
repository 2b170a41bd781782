"""The mean cost of an outcome for each group of people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.economics.ratios import ratio_method, ratio_of_means
from sosrake_lib.effects.economics.strategies import one_origin
from sosrake_lib.effects.regression import check_columns, numbers

Floats = NDArray[np.float64]


def cost_per_outcome(
    data: pd.DataFrame,
    *,
    cost: str = "cost",
    outcome: str = "outcome",
    by: Sequence[str] = (),
    method: str = "fieller",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Give the mean cost of an outcome for each group of people.

    Parameters
    ----------
    data : one row a person. cost, outcome : columns of numbers. by : columns of the groups. A column `origin`
        must not mix synthetic with real. method, confidence, draws, seed : see ratio_of_means.

    Returns
    -------
    DataFrame: the columns of `by`, then `people, mean_cost, mean_outcome, value, lower, upper, form, origin,
    status, method, confidence`. A group with fewer than three people or no outcome has status "missing".

    Raises
    ------
    FrameError when a column is missing, empty or not numbers, or origins are mixed.

    Examples
    --------
    >>> people = pd.DataFrame({"town": ["a"] * 4 + ["b"] * 4, "cost": [9, 11, 10, 10, 20, 22, 18, 20.0],
    ...                        "outcome": [1, 1, 1, 0, 1, 1, 1, 1]})
    >>> cost_per_outcome(people, by=["town"])["value"].round(2).tolist()
    [13.33, 20.0]
    """
    where = "cost_per_outcome"
    key = ratio_method(method, where)
    check_columns(data, [cost, outcome, *by], where)
    costs, outcomes = numbers(data, cost, where), numbers(data, outcome, where)
    origin = one_origin(data, where)
    codes, names = _coded(data, by)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))[:-1]
    parts = (np.split(values[order], ends) for values in (costs, outcomes))
    rows = []
    for number, (name, one, other) in enumerate(zip(names, *parts, strict=True)):
        found = _group(one, other, key, confidence, draws, seed + number)
        rows.append((*name, *found, origin, "missing" if np.isnan(found[3]) else "ok", key, confidence))
    columns = ("people", "mean_cost", "mean_outcome", "value", "lower", "upper", "form")
    return pd.DataFrame(rows, columns=[*by, *columns, "origin", "status", "method", "confidence"])


def _coded(data: pd.DataFrame, by: Sequence[str]) -> tuple[NDArray[np.int64], list[tuple]]:
    """Number the groups in the order in which they first stand in the data, and name them."""
    if not by:
        return np.zeros(len(data), "int64"), [()]
    codes = data.groupby(list(by), sort=False, dropna=False).ngroup().to_numpy()
    first = data.loc[:, list(by)].iloc[np.unique(codes, return_index=True)[1]]
    return codes, list(first.itertuples(index=False, name=None))


def _group(cost: Floats, outcome: Floats, key: str, confidence: float, draws: int, seed: int) -> tuple:
    size = len(cost)
    means = (float(cost.mean()), float(outcome.mean()))
    if size < 3 or means[1] == 0:
        return (size, *means, np.nan, np.nan, np.nan, "everything")
    found = ratio_of_means(cost, outcome, method=key, confidence=confidence, draws=draws, seed=seed)
    return (size, *means, found.ratio, found.lower, found.upper, found.form)
