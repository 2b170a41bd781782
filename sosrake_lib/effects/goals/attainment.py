"""Goal attainment of each person: T score at the start and at the end, goals reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sosrake_lib.effects.change.columns import Floats, need_columns, shown
from sosrake_lib.effects.goals.forms import GOAL_CAVEATS
from sosrake_lib.effects.goals.kernels import t_of_groups
from sosrake_lib.errors import FrameError, SosrakeError

MISSING = ("missing", "rated_only")
RHO = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class PersonGoals:
    """Goal attainment by person.

    Attributes
    ----------
    people : `person` and `by` columns, `goals, goals_rated, t_baseline, t_score, t_change, attained` (rated
        goals at 0 or above), `share_attained` (of the rated), `status` (ok; missing when there is
        no T score), `method`.
    rho : correlation between goals that the T score assumes.
    caveats : text keys a reader must be told.
    """

    people: pd.DataFrame
    rho: float
    caveats: tuple[str, ...]


def gas_t_score(
    scores: ArrayLike,
    weights: ArrayLike | None = None,
    rho: float = RHO,
    missing: str = "missing",
) -> float:
    """T score of one person's goals.

    50 is what was expected of the goals together, and 10 one deviation if goals were as hard to reach as
    meant. It is no measure of how well a person is doing.

    Parameters
    ----------
    scores : levels reached, -2 to 2, 0 as expected; NaN = not rated.
    weights : of the goals, 0 or more; None for equal weights.
    rho : expected correlation between the goals of a person, .30 of the authors; between 0 and 1.
    missing : "missing" = one goal not rated leaves the T score empty; "rated_only" = from the rated goals.

    Formula: 50 + 10 Σwx / √((1 - ρ)Σw² + ρ(Σw)²). Source: Kiresuk & Sherman (1968),
    doi 10.1007/BF01530764; the formulas printed in a later practical guide (Turner-Stokes 2009,
    doi 10.1177/0269215508101742) have an erratum, so the definition is followed here.
    Compared with gasr (tests/reference/goal_attainment.csv).

    Raises
    ------
    SosrakeError for no goals, weights of another length, negative or all 0, levels outside -3 to 2, or rho.

    Examples
    --------
    >>> round(gas_t_score([-2, 0, -1, 2, 0, 1], [3, 5, 1, 4, 2, 6]), 2)
    55.0
    """
    x = np.atleast_1d(np.asarray(scores, dtype="float64"))
    w = np.ones(x.shape) if weights is None else np.atleast_1d(np.asarray(weights, dtype="float64"))
    _check_one(x, w, rho, missing)
    if missing == "rated_only":
        x, w = x[np.isfinite(x)], w[np.isfinite(x)]
    return float(t_of_groups(x, w, np.zeros(len(x), dtype=np.intp), 1, rho)[0])


def person_goals(
    goals: pd.DataFrame, *, by: tuple[str, ...] = (), rho: float = RHO, missing: str = "missing"
) -> PersonGoals:
    """Sum up the goals of each person.

    Parameters
    ----------
    goals : checked forms (check_goals).
    by : columns that describe the person (group, municipality, period), the same on all the person's rows.
    rho, missing : see gas_t_score. With "rated_only" the baseline T score rests on the same goals.

    Raises
    ------
    FrameError when a `by` column differs between a person's goals; SosrakeError for rho or missing.

    Examples
    --------
    >>> from sosrake_lib.effects.goals.forms import check_goals
    >>> forms = pd.DataFrame(
    ...     {"person": ["a", "a", "b"], "goal": [1, 2, 1], "start": [-1, -1, -2], "score": [0, 1, -1]}
    ... )
    >>> found = person_goals(check_goals(forms, baseline="start")).people
    >>> print(found[["person", "t_baseline", "t_score", "attained"]].round(1).to_string(index=False))
    person  t_baseline  t_score  attained
         a        37.6     56.2         2
         b        30.0     40.0         0
    """
    where = "person_goals"
    need_columns(goals, ["person", "goal", "weight", "baseline", "score", *by], where)
    _check_options(rho, missing, where)
    person, names = pd.factorize(goals["person"])
    described = _described(goals, by)
    score, weight, start = (
        goals[column].to_numpy(dtype="float64") for column in ("score", "weight", "baseline")
    )
    rated = np.isfinite(score)
    used = rated if missing == "rated_only" else np.ones(len(score), dtype=bool)
    size = len(names)
    t_end = t_of_groups(score[used], weight[used], person[used], size, rho)
    t_start = t_of_groups(start[used], weight[used], person[used], size, rho)
    counts = [
        np.bincount(person, part, size).astype(int) for part in (np.ones(len(score)), rated, score >= 0)
    ]
    people = described.assign(**_columns(counts, t_start, t_end))
    return PersonGoals(people, rho, _caveats(counts, t_end))


def _columns(counts: list[np.ndarray], t_start: Floats, t_end: Floats) -> dict[str, object]:
    goals, rated, attained = counts
    with np.errstate(invalid="ignore"):
        share = np.where(rated > 0, attained / np.maximum(rated, 1), np.nan)
    return {
        "goals": goals,
        "goals_rated": rated,
        "t_baseline": t_start,
        "t_score": t_end,
        "t_change": t_end - t_start,
        "attained": attained,
        "share_attained": share,
        "status": np.where(np.isfinite(t_end), "ok", "missing"),
        "method": "gas_t_score",
    }


def _described(goals: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    people = goals[["person", *by]].drop_duplicates()
    again = people["person"].duplicated()
    if again.any():
        raise FrameError(
            f"person_goals: person {shown(people.loc[again, 'person'].iloc[0])} has goals with different "
            f"{', '.join(by)}; a person belongs to one, or is named apart in each"
        )
    return people.reset_index(drop=True)


def _caveats(counts: list[np.ndarray], t_end: Floats) -> tuple[str, ...]:
    goals, rated, _ = counts
    told = list(GOAL_CAVEATS)
    if (rated < goals).any():
        told.append("goals_not_rated")
    if np.ptp(goals) > 0:
        # The spread of T depends on how many goals a person has unless rho is right.
        told.append("number_of_goals_differs")
    if not np.isfinite(t_end).all():
        told.append("people_without_t_score")
    return tuple(told)


def _check_options(rho: float, missing: str, where: str) -> None:
    if not 0 <= rho < 1:
        raise SosrakeError(f"{where}: rho {rho!r}; expected a correlation from 0 to below 1, such as 0.3")
    if missing not in MISSING:
        raise SosrakeError(f"{where}: missing {missing!r}; expected one of {', '.join(MISSING)}")


def _check_one(x: Floats, w: Floats, rho: float, missing: str) -> None:
    where = "gas_t_score"
    _check_options(rho, missing, where)
    if not x.size or x.shape != w.shape:
        raise SosrakeError(f"{where}: {x.size} scores and {w.size} weights; expected as many, one at least")
    outside = np.isfinite(x) & ((x < -3) | (x > 2))
    if np.isinf(x).any() or outside.any():
        raise SosrakeError(f"{where}: score {x[outside | np.isinf(x)][0]:g}; expected a level from -2 to 2")
    if not np.isfinite(w).all() or (w < 0).any() or w.sum() == 0:
        raise SosrakeError(f"{where}: weights {w.tolist()}; expected 0 or more, one above 0 at least")
