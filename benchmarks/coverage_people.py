"""Cells of people: 30 pairs before and after, 30 + 30 compared, goals."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from coverage_task import Cell, Tested, from_errors, one_by_one, same
from scipy import special

from sosrake_lib.effects import Effect, change, goals, groups

PAIRS, MUNICIPALITIES, GROUPS_EACH = 30, 5, 2
RELIABILITY = 0.7
SIZE = f"{PAIRS} pairs"
PAIR_WORLDS = (
    "people_alike", "skewed", "scale_with_ceiling", "groups_alike", "chosen_by_low_score", "lost_by_change",
)  # fmt: skip


def pairs(world: str, rng: np.random.Generator, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """First and second scores, (draws, people); NaN = lost. The mean change of everyone is 0."""
    shape = (draws, PAIRS)
    level = 20 + 4 * rng.standard_normal(shape)
    wiggle = 2.5
    if world == "chosen_by_low_score":
        return _chosen(rng, draws)
    if world == "scale_with_ceiling":
        mean = 8 + 1.5 * rng.standard_normal(shape)
        first, second = (np.clip(np.rint(mean + rng.standard_normal(shape)), 0, 10) for _ in range(2))
        return first, second
    first = level + wiggle * rng.standard_normal(shape)
    second = level + wiggle * rng.standard_normal(shape)
    if world == "skewed":
        return first, first + 4 * (rng.exponential(1.0, shape) ** 1.5 - special.gamma(2.5))
    if world == "groups_alike":
        place = rng.standard_normal((draws, MUNICIPALITIES)).repeat(PAIRS // MUNICIPALITIES, axis=1)
        each = PAIRS // MUNICIPALITIES // GROUPS_EACH
        group = rng.standard_normal((draws, MUNICIPALITIES * GROUPS_EACH)).repeat(each, axis=1)
        # A quarter of the variance of change, half of it the municipality's and half the group's.
        second = second + np.sqrt(2 * wiggle**2 / 6) * (place + group)
    if world == "lost_by_score":
        # Change follows the first score, and so does the chance of a second measurement.
        second = second + (level - 20)
        back = rng.random(shape) < special.expit(1.2 + 0.35 * (first - 20))
        return first, np.where(back, second, np.nan)
    if world == "lost_by_change":
        back = rng.random(shape) < special.expit(1.2 + 0.4 * (second - first))
        return first, np.where(back, second, np.nan)
    return first, second


def _chosen(rng: np.random.Generator, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """The lowest third of ninety at the first measurement; their own levels do not change."""
    many = 3 * PAIRS
    level = np.sqrt(RELIABILITY) * rng.standard_normal((draws, many))
    first, second = (level + np.sqrt(1 - RELIABILITY) * rng.standard_normal(level.shape) for _ in range(2))
    lowest = np.argsort(first, axis=1)[:, :PAIRS]
    return tuple(20 + 5 * np.take_along_axis(part, lowest, axis=1) for part in (first, second))


def _table(first: np.ndarray, second: np.ndarray) -> pd.DataFrame:
    person = np.arange(len(first))
    each = PAIRS // MUNICIPALITIES
    return pd.DataFrame({"b": first, "a": second, "m": person // each, "g": person // (each // GROUPS_EACH)})


def _each(
    first: np.ndarray, second: np.ndarray, published: Callable[[pd.DataFrame], Effect]
) -> Iterator[Callable[[], Effect]]:
    for one, other in zip(first, second, strict=True):
        yield lambda one=one, other=other: published(_table(one, other))


def _paired(table: pd.DataFrame) -> Effect:
    return groups.paired_group_change(table, before="b", after="a", unit="")


def paired(world: str) -> Cell:
    """Paired t, all draws at once."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        first, second = pairs(world, rng, draws)
        return same(_t(second - first), _each(first[:2], second[:2], _paired))

    return Cell("paired_group_change", "paired t", SIZE, world, run)


def _t(moved: np.ndarray) -> Tested:
    n = np.isfinite(moved).sum(axis=1)
    return from_errors(np.nanmean(moved, axis=1), np.nanstd(moved, axis=1, ddof=1) / np.sqrt(n), n - 1)


def by_function(
    estimator: str, variant: str, world: str, published: Callable[[pd.DataFrame], Effect]
) -> Cell:
    """Pairs given to the published function one draw after the other."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        first, second = pairs(world, rng, draws)
        return one_by_one(_each(first, second, published))

    return Cell(estimator, variant, SIZE, world, run)


def _signed(table: pd.DataFrame) -> Effect:
    return groups.signed_rank_change(table, before="b", after="a", unit="")


def _ordinal(table: pd.DataFrame) -> Effect:
    return groups.ordinal_change(table, before="b", after="a")


def _weighted(table: pd.DataFrame) -> Effect:
    return groups.weighted_change(table, before="b", after="a", unit="")


def _mixed(table: pd.DataFrame) -> Effect:
    return groups.mixed_change(table, before="b", after="a", group="g", municipality="m", unit="")


def mixed(world: str) -> Cell:
    """Mixed model: balanced, so that restricted likelihood is a pooling of mean squares (Thompson 1962)."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        first, second = pairs(world, rng, draws)
        moved = second - first
        found = from_errors(moved.mean(axis=1), np.sqrt(_top(moved) / PAIRS), MUNICIPALITIES - 1)
        # The published function searches for the optimum; it stops some digits short of it.
        return same(found, _each(first[:2], second[:2], _mixed), 5e-3)

    return Cell("mixed_change", "reml", f"{SIZE}, {MUNICIPALITIES} municipalities", world, run)


def _top(moved: np.ndarray) -> np.ndarray:
    """Mean square between municipalities, pooled with those below it where it is the smaller, (draws,)."""
    shaped = moved.reshape(len(moved), MUNICIPALITIES, GROUPS_EACH, -1)
    each = shaped.shape[3]
    group, place = shaped.mean(axis=3), shaped.mean(axis=(2, 3))
    squares = [
        each * GROUPS_EACH * ((place - moved.mean(axis=1, keepdims=True)) ** 2).sum(axis=1),
        each * ((group - place[:, :, None]) ** 2).sum(axis=(1, 2)),
        ((shaped - group[..., None]) ** 2).sum(axis=(1, 2, 3)),
    ]
    cells_ = MUNICIPALITIES * GROUPS_EACH
    df = [MUNICIPALITIES - 1, cells_ - MUNICIPALITIES, moved.shape[1] - cells_]
    # Isotonic means of the top block: the largest of the running means is the top's when it must not be
    # below those under it.
    return np.max(np.cumsum(squares, axis=0) / np.cumsum(df)[:, None], axis=0)


def individual(world: str) -> Cell:
    """Reliable change of single people: nobody changed, 5 % may seem to. One draw is one person's class."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        many = -(-draws // PAIRS)
        held = []
        for _ in range(many):
            level = np.sqrt(RELIABILITY) * rng.standard_normal(PAIRS)
            one, other = (level + np.sqrt(1 - RELIABILITY) * rng.standard_normal(PAIRS) for _ in range(2))
            if world == "chosen_by_low_score":
                one, other = (part[0] for part in _chosen(rng, 1))
            found = change.individual_change(
                _table(one, other), before="b", after="a", reliability=RELIABILITY, higher_is_better=True
            )
            held.append(found.people["class"].eq("no_reliable_change").to_numpy())
        inside = np.concatenate(held)[:draws]
        # No interval is given: "no reliable change" stands for one that holds 0.
        edge = np.where(inside, 1.0, -1.0)
        return Tested(-2 * np.ones(draws), edge, np.where(inside, 1.0, 0.0))

    return Cell("individual_change", "jacobson_truax", f"{PAIRS} people, each a draw", world, run)


def goal_scaling() -> Cell:
    """Goal attainment: three goals a person, levels drift as often down as up."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        start = rng.integers(-1, 1, (draws, PAIRS, 3))
        reached = start + rng.integers(-1, 2, start.shape)
        spread = 10 / np.sqrt(0.7 * 3 + 0.3 * 9)
        found = _t(spread * (reached - start).sum(axis=2))
        return same(found, (lambda row=row: _goals(start[row], reached[row]) for row in range(2)))

    return Cell("goal_change", "paired t of T", f"{PAIRS} people, 3 goals each", "people_alike", run)


def _goals(start: np.ndarray, reached: np.ndarray) -> Effect:
    person, goal = np.divmod(np.arange(start.size), start.shape[1])
    forms = pd.DataFrame({"person": person, "goal": goal, "start": start.ravel(), "score": reached.ravel()})
    return goals.goal_change(goals.check_goals(forms, baseline="start"))


def compared(world: str) -> Cell:
    """ANCOVA with HC3, 30 people against 30, all draws at once."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        first, second = (np.concatenate(part, axis=1) for part in zip(
            *(_compared_arm(world, arm, rng, draws) for arm in (1, 0)), strict=True
        ))  # fmt: skip
        found = _hc3(first, second)
        return same(found, (lambda row=row: _ancova(first[row], second[row]) for row in range(2)))

    return Cell("compared_change", "ancova hc3", f"{PAIRS} + {PAIRS} people", world, run)


def compared_in_municipalities(world: str) -> Cell:
    """ANCOVA with CR2: five municipalities in each arm, whose people go together."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        parts = (_compared_arm(world, arm, rng, draws) for arm in (1, 0))
        first, second = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
        place = np.arange(2 * PAIRS) // (PAIRS // MUNICIPALITIES)
        return one_by_one(
            lambda row=row: groups.compared_change(
                _arms_table(first[row], second[row]).assign(m=place), **ARMS, unit="", cluster="m"
            )
            for row in range(draws)
        )

    return Cell("compared_change", "ancova cr2", f"{PAIRS} + {PAIRS} people", world, run)


def _compared_arm(
    world: str, arm: int, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray, np.ndarray]:
    if world == "chosen_by_low_score" and arm == 0:
        # The comparison was not chosen: ordinary people of the same measure.
        level = np.sqrt(RELIABILITY) * rng.standard_normal((draws, PAIRS))
        return tuple(
            20 + 5 * (level + np.sqrt(1 - RELIABILITY) * rng.standard_normal(level.shape)) for _ in range(2)
        )
    if world == "shock_of_a_group":
        first, second = pairs("people_alike", rng, draws)
        return first, second + rng.standard_normal((draws, 1))
    return pairs(world, rng, draws)


def _hc3(first: np.ndarray, second: np.ndarray) -> Tested:
    n = first.shape[1]
    treated = np.broadcast_to(np.arange(n) < n // 2, first.shape).astype("float64")
    x = np.stack([np.ones(first.shape), treated, first - first.mean(axis=1, keepdims=True)], axis=2)
    bread = np.linalg.inv(np.einsum("dni,dnj->dij", x, x))
    coefficients = np.einsum("dij,dnj,dn->di", bread, x, second)
    rest = second - np.einsum("dni,di->dn", x, coefficients)
    leverage = np.einsum("dni,dij,dnj->dn", x, bread, x)
    pull = np.einsum("dnj,dj->dn", x, bread[:, 1])
    error = np.sqrt(((pull * rest / (1 - leverage)) ** 2).sum(axis=1))
    return from_errors(coefficients[:, 1], error, n - 3)


def _arms_table(first: np.ndarray, second: np.ndarray) -> pd.DataFrame:
    arm = np.where(np.arange(len(first)) < len(first) // 2, "t", "c")
    return pd.DataFrame({"b": first, "a": second, "g": arm})


ARMS = {"before": "b", "after": "a", "group": "g", "treated": "t", "comparison": "c", "assignment": "chosen"}


def _ancova(first: np.ndarray, second: np.ndarray) -> Effect:
    return groups.compared_change(_arms_table(first, second), **ARMS, unit="")


def odds(world: str) -> Cell:
    """Proportional odds of four levels, 30 people against 30."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        own = rng.logistic(size=(draws, 2 * PAIRS))
        first = 1 + (own[:, :, None] > np.array([-1.5, 0, 1.5])).sum(axis=2)
        moved = 0.8 * (first - 2.5) + rng.logistic(size=own.shape)
        second = 1 + (moved[:, :, None] > np.array([-1.5, 0, 1.5])).sum(axis=2)
        return one_by_one(
            lambda row=row: groups.proportional_odds(_arms_table(first[row], second[row]), **ARMS)
            for row in range(draws)
        )

    return Cell("proportional_odds", "wald", f"{PAIRS} + {PAIRS} people, 4 levels", world, run)


def cells() -> list[Cell]:
    """All cells of people before and after."""
    found = [paired(world) for world in PAIR_WORLDS]
    found += [by_function("signed_rank_change", "exact", world, _signed) for world in PAIR_WORLDS[:5]]
    found += [mixed(world) for world in ("people_alike", "groups_alike")]
    found += [
        by_function("ordinal_change", "agresti_min", world, _ordinal)
        for world in ("scale_with_ceiling", "groups_alike")
    ]
    found += [paired("lost_by_score")]
    found += [
        by_function("weighted_change", "influence", world, _weighted)
        for world in ("lost_by_score", "lost_by_change")
    ]
    found += [individual(world) for world in ("people_alike", "chosen_by_low_score")]
    found += [goal_scaling()]
    found += [
        compared(world)
        for world in ("people_alike", "skewed", "groups_alike", "chosen_by_low_score", "shock_of_a_group")
    ]
    found.append(compared_in_municipalities("groups_alike"))
    found.append(odds("people_alike"))
    return found
