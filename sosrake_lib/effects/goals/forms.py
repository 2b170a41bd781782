"""Goal forms: one row a goal, with its person, weight, level at the start and level reached."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import need_columns, numbers, once_each, shown
from sosrake_lib.errors import FrameError, SosrakeError

LEVELS = (-2, -1, 0, 1, 2)
# What a reader is told with every figure of goal attainment, whatever it shows.
GOAL_CAVEATS = (
    "goals_differ_in_difficulty",
    "levels_are_ordinal",
    "rho_is_an_assumption",
    "goal_setter_often_rates",
    "no_comparison_group",
)


def check_goals(
    data: pd.DataFrame,
    *,
    person: str = "person",
    goal: str = "goal",
    score: str = "score",
    weight: str | None = None,
    baseline: str | None = None,
    lowest: int = -2,
) -> pd.DataFrame:
    """Check goal forms and give them their usual names.

    Parameters
    ----------
    data : one row a goal.
    person, goal, score : columns: whose, which, the level reached; empty score = not rated (yet).
    weight : column of weights, 0 or more; left out, every goal weighs 1. A goal of weight 0 counts in no T
        score and stays in the share of goals attained.
    baseline : column of the level at the start; left out, no change can be told.
    lowest : -2, or -3 where the scale has a level for "worse than at the start".

    Returns
    -------
    DataFrame `person, goal, weight, baseline, score` and the data's other columns, same rows and index.

    Raises
    ------
    FrameError for a missing column, the same goal of a person twice, a level that is not a whole step between
    `lowest` and 2, a negative or empty weight, or a person whose weights are all 0.

    Examples
    --------
    >>> forms = pd.DataFrame({"person": ["a", "a"], "goal": ["home", "work"], "score": [0, 1]})
    >>> print(check_goals(forms)[["goal", "weight", "score"]].to_string(index=False))
    goal  weight  score
    home     1.0    0.0
    work     1.0    1.0
    """
    where = "check_goals"
    need_columns(data, [person, goal, score, weight, baseline], where)
    if lowest not in (-2, -3):
        raise SosrakeError(f"{where}: lowest {lowest!r}; expected -2, or -3 for 'worse than at the start'")
    unnamed = data[person].isna() | data[goal].isna()
    if unnamed.any():
        raise FrameError(f"{where}: row {data.index[unnamed][0]!r} names no {person} or {goal}; name both")
    once_each(data, [person, goal], where)
    used = {column for column in (person, goal, score, weight, baseline) if column is not None}
    weights = np.ones(len(data)) if weight is None else _weights(data, weight, person)
    none = np.full(len(data), np.nan)
    checked = {
        "person": data[person],
        "goal": data[goal],
        "weight": weights,
        "baseline": none if baseline is None else _levels(data, baseline, lowest),
        "score": _levels(data, score, lowest),
    }
    others = [column for column in data.columns if column not in used and column not in checked]
    return pd.DataFrame(checked, index=data.index).join(data[others])


def _levels(data: pd.DataFrame, column: str, lowest: int) -> np.ndarray:
    levels = numbers(data, column, "check_goals")
    rated = np.isfinite(levels)
    wrong = rated & ((levels < lowest) | (levels > LEVELS[-1]) | (levels != np.round(levels)))
    if wrong.any():
        raise FrameError(
            f"check_goals: column {column!r}, row {data.index[wrong][0]!r} is {levels[wrong][0]:g}; "
            f"expected a whole level from {lowest} (much less than expected) to 2 (much more), 0 as expected"
        )
    return levels


def _weights(data: pd.DataFrame, column: str, person: str) -> np.ndarray:
    weights = numbers(data, column, "check_goals", complete=True)
    if (weights < 0).any():
        raise FrameError(
            f"check_goals: column {column!r}, row {data.index[weights < 0][0]!r} is "
            f"{weights[weights < 0][0]:g}; expected a weight of 0 or more"
        )
    total = pd.Series(weights, index=data.index).groupby(data[person]).sum()
    if (total == 0).any():
        raise FrameError(
            f"check_goals: the weights of {person} {shown(total.index[total == 0][0])} are all 0; "
            "give one goal at least a weight above 0"
        )
    return weights
