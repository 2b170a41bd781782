"""Goals of client plans, as in the AVAIN measure: how many were attained, fully or partly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib.catalogue import GoalLevel, Instrument
from sosrake_lib.effects.change.columns import need_columns, once_each, shown
from sosrake_lib.effects.instruments.scored import Scored, scale_constants
from sosrake_lib.errors import FrameError, SosrakeError

_WHERE = "plan_goals"


@dataclass(frozen=True, slots=True, eq=False)
class PlanGoals:
    """Attainment of the goals of client plans. About single people: never into a notebook's output.

    Attributes
    ----------
    scored : shares of goals attained in per cent, a row a person and scale, as other instruments give;
        `items` is the number of goals, `items_answered` of those assessed (the shares are of these).
    levels : `person, time, level, goals, share` (per cent of the assessed), a row a person and level.
    """

    scored: Scored
    levels: pd.DataFrame


def plan_goals(
    data: pd.DataFrame,
    *,
    person: str = "person",
    goal: str = "goal",
    level: str = "level",
    time: str | None = None,
    levels: Sequence[str] | None = None,
    with_client: str | None = None,
    unverified: bool = False,
) -> PlanGoals:
    """Count how far the goals of each person's plan were attained.

    The result is about single people: never put it into a notebook's output.

    Parameters
    ----------
    data : one row a goal; empty `level` = not assessed (yet), which lowers no share.
    person, goal, level, time : columns: whose, which, level of attainment, when assessed.
    levels : the answer codes of your client system, from the least to the most attained; two at least.
    with_client : column true or false: filled in with the client. Goals filled in without raise a caveat.
    unverified : use the catalogue's three levels (ei, osittain, kokonaan), which no source gives.

    Raises
    ------
    SosrakeError when neither `levels` nor `unverified` is given; FrameError for a missing column, the same
    goal of a person twice, or a level that is not among the levels.

    The measure: Kivipelto & Blomgren, see catalogue/instruments/avain.toml. The shares are plain counts.

    Examples
    --------
    >>> goals = pd.DataFrame({"person": ["a", "a", "b"], "goal": [1, 2, 1], "level": ["no", "yes", None]})
    >>> found = plan_goals(goals, levels=["no", "yes"])
    >>> found.scored.scale("kokonaan")[["person", "score", "items_answered", "items"]].values.tolist()
    [['a', 50.0, 2.0, 2.0], ['b', nan, 0.0, 1.0]]
    """
    record = catalogue.instrument("avain")
    chosen = _levels(record, levels, unverified)
    need_columns(data, [person, goal, level, time, with_client], _WHERE)
    keys = [person, *([] if time is None else [time])]
    _check_named(data, [*keys, goal])
    once_each(data, [*keys, goal], _WHERE)
    rank = _ranks(data, level, [one.key for one in chosen])
    names = ["person", "time"][: len(keys)]
    who = data[keys].set_axis(names, axis=1)
    code = who.groupby(names, sort=False).ngroup().to_numpy()
    people = who.drop_duplicates().reset_index(drop=True)
    counts = _counts(code, rank, len(people), len(chosen))
    caveats = _caveats(data, with_client, rank, levels is None)
    goals = np.bincount(code, minlength=len(people))
    scored = _scored(record, people, counts, goals, caveats)
    return PlanGoals(scored, _level_rows(people, counts, chosen))


def _levels(record: Instrument, levels: Sequence[str] | None, unverified: bool) -> tuple[GoalLevel, ...]:
    if levels is None:
        if not unverified:
            raise SosrakeError(
                f"{_WHERE}: the answer codes of AVAIN were not verified in a source; give levels= as your "
                "client system writes them, from the least to the most attained, or unverified=True for "
                f"{', '.join(one.key for one in record.levels)}"
            )
        return record.levels
    given = list(levels)
    if isinstance(levels, str) or len(given) < 2 or len(set(given)) < len(given):
        raise SosrakeError(
            f"{_WHERE}: levels {levels!r}; expected two or more different codes, from the least to the most"
        )
    return tuple(GoalLevel(str(one), str(one), str(one)) for one in given)


def _check_named(data: pd.DataFrame, columns: Sequence[str]) -> None:
    for column in columns:
        empty = data[column].isna()
        if empty.any():
            raise FrameError(f"{_WHERE}: column {column!r}, row {data.index[empty][0]!r} is empty; name each")


def _ranks(data: pd.DataFrame, level: str, keys: list[str]) -> np.ndarray:
    given = data[level]
    texts = given.map(str).where(given.notna(), None)
    rank = pd.Index(keys).get_indexer(pd.Index(texts, dtype=object))
    strange = (rank < 0) & given.notna().to_numpy()
    if strange.any():
        raise FrameError(
            f"{_WHERE}: column {level!r}, row {data.index[strange][0]!r} is "
            f"{shown(given[strange].iloc[0])}; expected one of {', '.join(keys)}, empty when not assessed"
        )
    return rank


def _counts(code: np.ndarray, rank: np.ndarray, people: int, levels: int) -> np.ndarray:
    """Count goals by person and level: (people, levels)."""
    assessed = rank >= 0
    cells = code[assessed] * levels + rank[assessed]
    return np.bincount(cells, minlength=people * levels).reshape(people, levels)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    found = np.full(part.shape, np.nan)
    np.divide(100.0 * part, whole, out=found, where=whole > 0)
    return found


def _scored(
    record: Instrument, people: pd.DataFrame, counts: np.ndarray, goals: np.ndarray, caveats: tuple[str, ...]
) -> Scored:
    assessed = counts.sum(axis=1)
    reached = {"kokonaan": counts[:, -1], "ainakin_osittain": counts[:, 1:].sum(axis=1)}
    parts = []
    for key, number in reached.items():
        score = _share(number, assessed)
        known = np.isfinite(score)
        own = {
            "score": score,
            "items_answered": assessed.astype("float64"),
            "items": goals.astype("float64"),
            "status": np.where(known, "ok", "missing"),
            "reason": np.where(known, "", "no_goal_assessed"),
            "missing_rule": "assessed_goals",
            "band": np.nan,
            "band_reason": "no_classes",
        }
        parts.append(people.assign(**own, **scale_constants(record, record.scale(key))))
    joined = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    return Scored(joined, record.notes, caveats)


def _level_rows(people: pd.DataFrame, counts: np.ndarray, levels: tuple[GoalLevel, ...]) -> pd.DataFrame:
    shares = _share(counts, np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape))
    rows = people.loc[people.index.repeat(len(levels))].reset_index(drop=True)
    return rows.assign(
        level=np.tile([one.key for one in levels], len(people)), goals=counts.ravel(), share=shares.ravel()
    )


def _caveats(
    data: pd.DataFrame, with_client: str | None, rank: np.ndarray, default_levels: bool
) -> tuple[str, ...]:
    told = ["goals_differ_in_difficulty", "no_comparison_group"]
    if with_client is None:
        told.append("filled_with_client_unknown")
    elif not data[with_client].fillna(False).astype(bool).all():
        told.append("filled_without_client")
    if (rank < 0).any():
        told.append("goals_not_assessed")
    if default_levels:
        told.append("unverified_scoring")
    return tuple(told)
