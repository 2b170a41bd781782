"""Nearest neighbours one at a time: greedy matching on a score, on arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.matching.arms import Floats
from sosrake_lib.errors import SosrakeError

Integers = NDArray[np.int64]
ORDERS = ("largest", "smallest", "random", "data")


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Who was matched with whom, one entry a pair.

    Attributes
    ----------
    own : (m,) places in the scores to be matched. other : (m,) places in the pool. distance : (m,).
    """

    own: Integers
    other: Integers
    distance: Floats


def greedy_pairs(
    scores: ArrayLike,
    pool: ArrayLike,
    *,
    ratio: int = 1,
    order: str = "largest",
    replace: bool = False,
    caliper: float = np.inf,
    seed: int = 0,
) -> Pairs:
    """Match each score with the nearest of a pool, one at a time.

    Parameters
    ----------
    scores : (n,) of those who need a match. pool : (m,) of those who may be one.
    ratio : neighbours each; without replacement everyone gets a first before anyone gets a second.
    order : whose turn it is: "largest" or "smallest" score first, "random" (by `seed`), or as in the "data".
        Without replacement the result depends on it.
    replace : a pool member may serve more than once. caliper : the largest distance allowed, raw.

    Returns
    -------
    Pairs in the order of matching. Of equally near pool members the first in the data is taken; who finds
    none within the caliper stays out.

    Compared with R MatchIt (tests/reference/matching.csv) and a plain loop.

    Raises
    ------
    SosrakeError for an unknown order, a ratio below 1, a caliper that is not above 0.

    Examples
    --------
    >>> found = greedy_pairs([0.5, 0.9], [0.4, 0.6, 0.1])
    >>> found.own.tolist(), found.other.tolist()
    ([1, 0], [1, 0])
    """
    own, others = np.asarray(scores, dtype="float64"), np.asarray(pool, dtype="float64")
    _check(ratio, order, caliper)
    turn = _turn(own, order, seed)
    if replace:
        return _with_replacement(own, others, turn, ratio, caliper)
    return _without_replacement(own, others, turn, ratio, caliper)


def _check(ratio: int, order: str, caliper: float) -> None:
    if order not in ORDERS:
        raise SosrakeError(f"greedy_pairs: order {order!r}; expected one of {', '.join(ORDERS)}")
    if int(ratio) != ratio or ratio < 1:
        raise SosrakeError(f"greedy_pairs: ratio {ratio!r}; expected a whole number of 1 or more")
    if not caliper > 0:
        raise SosrakeError(f"greedy_pairs: caliper {caliper!r}; expected a distance above 0")


def _turn(scores: Floats, order: str, seed: int) -> Integers:
    if order == "data":
        return np.arange(len(scores))
    if order == "random":
        return np.random.default_rng(seed).permutation(len(scores))
    return np.argsort(-scores if order == "largest" else scores, kind="stable")


def _with_replacement(own: Floats, pool: Floats, turn: Integers, ratio: int, caliper: float) -> Pairs:
    count = min(int(ratio), len(pool))
    places = np.arange(len(pool))
    # Two orders of the same pool, so that among equals the first in the data is met first on either side.
    upward = np.lexsort((places, pool))
    downward = np.lexsort((-places, pool))
    start = np.searchsorted(pool[upward], own, side="left")[:, None]
    steps = np.arange(count)
    right, left = start + steps, start - 1 - steps
    candidates = np.hstack([upward[right.clip(max=len(pool) - 1)], downward[left.clip(min=0)]])
    outside = np.hstack([right >= len(pool), left < 0])
    distance = np.where(outside, np.inf, np.abs(own[:, None] - pool[candidates]))
    nearest = np.lexsort((candidates, distance), axis=1)[:, :count]
    other = np.take_along_axis(candidates, nearest, axis=1)[turn]
    distance = np.take_along_axis(distance, nearest, axis=1)[turn]
    near = distance <= caliper
    return Pairs(np.repeat(turn, count)[near.ravel()], other[near], distance[near])


def _without_replacement(own: Floats, pool: Floats, turn: Integers, ratio: int, caliper: float) -> Pairs:
    """Each turn depends on the turns before, so this is a loop; pointers keep a step near constant time."""
    values, group = np.unique(pool, return_inverse=True)
    free = _FreeGroups(group.ravel(), len(values))
    level = values.tolist()
    starts = np.searchsorted(values, own, side="left").tolist()
    targets = own.tolist()
    found: list[tuple[int, int, float]] = []
    for _ in range(int(ratio)):
        for place in turn.tolist():
            target = targets[place]
            right, left = free.at_or_after(starts[place]), free.at_or_before(starts[place] - 1)
            far_right = level[right] - target if right < len(level) else np.inf
            far_left = target - level[left] if left >= 0 else np.inf
            distance = min(far_left, far_right)
            if not distance <= caliper or distance == np.inf:
                continue
            if far_left == far_right:
                chosen = left if free.first(left) < free.first(right) else right
            else:
                chosen = left if far_left < far_right else right
            found.append((place, free.take(chosen), distance))
    own_places, other_places, distances = zip(*found, strict=True) if found else ((), (), ())
    return Pairs(
        np.array(own_places, dtype="int64"), np.array(other_places, dtype="int64"), np.array(distances)
    )


class _FreeGroups:
    """Pool members by equal score, each group in the data's order; used-up groups are jumped over."""

    def __init__(self, group: Integers, count: int) -> None:
        order = np.argsort(group, kind="stable")
        self._members = order.tolist()
        self._next = np.searchsorted(group[order], np.arange(count)).tolist()
        self._end = [*self._next[1:], len(order)]
        # Group g stands at place g + 1; 0 and count + 1 are the walls.
        self._after = list(range(count + 2))
        self._before = list(range(count + 2))

    def at_or_after(self, group: int) -> int:
        return self._root(self._after, group + 1) - 1

    def at_or_before(self, group: int) -> int:
        return self._root(self._before, group + 1) - 1

    def first(self, group: int) -> int:
        return self._members[self._next[group]]

    def take(self, group: int) -> int:
        member = self._members[self._next[group]]
        self._next[group] += 1
        if self._next[group] == self._end[group]:
            self._after[group + 1] = group + 2
            self._before[group + 1] = group
        return member

    @staticmethod
    def _root(parent: list[int], place: int) -> int:
        root = place
        while parent[root] != root:
            root = parent[root]
        while parent[place] != root:
            parent[place], place = root, parent[place]
        return root
