"""Goal attainment of groups: mean T score, share of goals reached, how the levels spread."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats, need_columns, need_share
from sosrake_lib.effects.change.intervals import t_half_width
from sosrake_lib.effects.goals.attainment import RHO, person_goals


def goal_summary(
    goals: pd.DataFrame,
    *,
    by: tuple[str, ...] = (),
    rho: float = RHO,
    missing: str = "missing",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Sum up goal attainment by group, municipality or time.

    Parameters
    ----------
    goals : checked forms (check_goals).
    by : columns to sum up by; left out, one row for all.
    rho, missing : see gas_t_score.
    confidence : of the intervals.

    Returns
    -------
    DataFrame, one row a group: `by`, `people, people_rated, goals, goals_rated`; `t_mean, t_sd, t_lower,
    t_upper` (t interval over people with a T score); `t_change_mean, t_change_lower, t_change_upper`;
    `share_attained, share_lower, share_upper` (rated goals at 0 or above; the interval counts people, not
    goals: goals of one person go together); `share_at_-2` ... `share_at_2`; `status` (missing when nobody
    has a T score), `t_method`, `share_method`, `confidence`.

    The share is a ratio estimate Σattained/Σrated with linearised t interval over people, logit scale,
    NaN with one person or no variation between people. Source: Cochran (1977) Sampling Techniques, ch. 6.

    Examples
    --------
    >>> from sosrake_lib.effects.goals.forms import check_goals
    >>> forms = pd.DataFrame({"person": list("aabbcc"), "goal": [1, 2] * 3, "score": [0, 1, -1, 0, -1, -1]})
    >>> found = goal_summary(check_goals(forms)).iloc[0]
    >>> print(found["people"], round(found["t_mean"], 1), round(found["share_attained"], 2))
    3 45.9 0.5
    """
    where = "goal_summary"
    need_columns(goals, ["person", "score", *by], where)
    need_share(confidence, "confidence", where)
    people = person_goals(goals, by=by, rho=rho, missing=missing).people
    # Without groups one number stands for all, and is dropped again.
    keys = people[list(by)] if by else pd.DataFrame({"all": np.zeros(len(people), dtype=int)})
    grouped = keys.groupby(list(keys.columns), dropna=False, sort=True)
    group, size = grouped.ngroup().to_numpy(), grouped.ngroups
    table = grouped.size().index.to_frame(index=False)
    table.columns = list(keys.columns)
    table = table.drop(columns=["all"]) if not by else table
    counted = {
        "people": np.bincount(group, minlength=size),
        "people_rated": np.bincount(group, people["goals_rated"] > 0, size).astype(int),
        "goals": np.bincount(group, people["goals"], size).astype(int),
        "goals_rated": np.bincount(group, people["goals_rated"], size).astype(int),
    }
    of_person = pd.Series(group, index=people["person"])
    told = (
        counted
        | _means(people["t_score"].to_numpy(), group, size, confidence, "t")
        | _means(people["t_change"].to_numpy(), group, size, confidence, "t_change")
        | _shares(people, group, size, confidence)
        | _levels(goals, of_person, size)
    )
    table = table.assign(**told)
    return table.assign(
        status=np.where(np.isfinite(table["t_mean"]), "ok", "missing"),
        t_method="mean_of_t_scores",
        share_method="share_of_goals_by_people",
        confidence=confidence,
    )


def _means(values: Floats, group: np.ndarray, size: int, confidence: float, name: str) -> dict[str, Floats]:
    used = np.isfinite(values)
    n = np.bincount(group[used], minlength=size).astype("float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(group[used], values[used], size) / n
        squares = np.bincount(group[used], (values[used] - mean[group[used]]) ** 2, size)
        sd = np.where(n > 1, np.sqrt(squares / (n - 1)), np.nan)
        half = t_half_width(sd / np.sqrt(n), n - 1, confidence)
    spread = {f"{name}_sd": sd} if name == "t" else {}
    return {f"{name}_mean": mean, **spread, f"{name}_lower": mean - half, f"{name}_upper": mean + half}


def _shares(people: pd.DataFrame, group: np.ndarray, size: int, confidence: float) -> dict[str, Floats]:
    attained = people["attained"].to_numpy(dtype="float64")
    rated = people["goals_rated"].to_numpy(dtype="float64")
    number = np.bincount(group, rated > 0, size).astype("float64")
    total = np.bincount(group, rated, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.bincount(group, attained, size) / total
        residual = attained - share[group] * rated
        squares = np.bincount(group, residual**2, size)
        error = np.sqrt(number / (number - 1) * squares) / total
        odds = np.log(share / (1 - share))
        half = t_half_width(error / (share * (1 - share)), number - 1, confidence)
        lower, upper = (1 / (1 + np.exp(-(odds + sign * half))) for sign in (-1, 1))
    told = (number > 1) & (error > 0)
    return {
        "share_attained": share,
        "share_lower": np.where(told, lower, np.nan),
        "share_upper": np.where(told, upper, np.nan),
    }


def _levels(goals: pd.DataFrame, group: pd.Series, size: int) -> dict[str, Floats]:
    score = goals["score"].to_numpy(dtype="float64")
    rated = np.isfinite(score)
    place = goals["person"].map(group).to_numpy()[rated].astype(int)
    lowest = -3 if (score[rated] < -2).any() else -2
    total = np.bincount(place, minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            f"share_at_{level}": np.bincount(place, score[rated] == level, size) / total
            for level in range(lowest, 3)
        }
