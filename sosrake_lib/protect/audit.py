"""What a reader can reckon back: feasible intervals of hidden counts, given everything that is published.

Unknown counts are whole numbers of at least zero; each published figure is a linear statement about them.
The least and the greatest value of a hidden count under all statements come from linear programs (HiGHS),
and from integer programs where the linear bound is not reached by whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from sosrake_lib.errors import DisclosureError

_WHOLE = 1e-6
# How often many unknowns are pushed at once, and of how many it is worth while.
_PUSHES, _FEW = 6, 8


@dataclass(frozen=True)
class Statement:
    """A published figure: the sum of these cells, each times its weight, lies in [low, high].

    `weights` left out: every cell counts once.
    """

    cells: tuple[int, ...]
    low: float
    high: float
    weights: tuple[float, ...] = ()


@dataclass(frozen=True)
class Target:
    """A sum of cells to be attacked: a hidden figure, or a difference that nobody published.

    `minimum_count` is the rule the reader knows; `primary_known` says that the reader knows it hid this very
    figure (so it is at most minimum_count - 1); `can_be_zero` says whether a zero would have been hidden too.
    """

    name: str
    cells: tuple[int, ...]
    minimum_count: int
    primary_known: bool = False
    can_be_zero: bool = True


def exact(cells: Sequence[int], value: float) -> Statement:
    """State that a sum of cells is published as it is."""
    return Statement(tuple(cells), value, value)


def rounded(cells: Sequence[int], value: float, base: int, mode: str = "nearest") -> Statement:
    """State that a sum is published rounded: `nearest` within base/2, `random` within base - 1."""
    if mode not in ("nearest", "random"):
        raise DisclosureError(f"audit: rounding mode {mode!r}; expected nearest or random")
    reach = base / 2 if mode == "nearest" else base - 1
    return Statement(tuple(cells), value - reach, value + reach)


def rate(cells: Sequence[int], value: float, population: float, per: float, decimals: int) -> Statement:
    """State that a rate or percentage of a known population is published to so many decimals.

    Examples
    --------
    >>> one = rate([0], 3.3, 900, 1000, 1)
    >>> round(one.low, 3), round(one.high, 3)
    (2.925, 3.015)
    """
    half = 0.5 * 10.0**-decimals
    return Statement(tuple(cells), (value - half) * population / per, (value + half) * population / per)


def at_least(
    cells: Sequence[int],
    others: Sequence[int],
    difference: float = 0.0,
    populations: tuple[float, float] = (1.0, 1.0),
) -> Statement:
    """State an order: the sum of `cells` over its population is not below that of `others`.

    This is what a sorted table, a rank, "the largest" or "grew most" tells a reader. Counts have no
    population; `difference` is the least difference told, in units of what is ordered.

    Examples
    --------
    >>> told = [exact([0, 1], 9), at_least([0], [1], 4)]
    >>> audit(2, told, [Target("smaller", (1,), 5)])[["low", "high"]].to_numpy().tolist()
    [[0.0, 2.0]]
    """
    weights = [1.0 / populations[0]] * len(cells) + [-1.0 / populations[1]] * len(others)
    return Statement((*cells, *others), difference, np.inf, tuple(weights))


def audit(
    cells: int,
    statements: Iterable[Statement],
    targets: Sequence[Target],
    truth: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Attack every target by everything stated.

    Parameters
    ----------
    cells : number of unknown counts, numbered from 0.
    statements : what is published.
    targets : what is attacked; the rule a reader knows about a hidden figure is a statement too.
    truth : the true counts; used only to tell that a target was never sensitive (>= minimum count).

    Returns
    -------
    DataFrame `name, low, high, status` (infinite where unbounded): `recovered` high - low < 1; `small_known`
    the reader knows it lies in 1..minimum_count-1; `narrow` high - low < minimum_count - 1; else `protected`.

    Examples
    --------
    >>> audit(2, [exact([0, 1], 20), exact([0], 17)], [Target("rest", (1,), 5)]).loc[0, "status"]
    'recovered'
    """
    stated = [*statements, *(_rule(target) for target in targets if target.primary_known)]
    matrix = _rows(cells, [statement.cells for statement in stated], [one.weights for one in stated])
    reader = Reader(
        matrix,
        np.array([statement.low for statement in stated]),
        np.array([statement.high for statement in stated]),
        np.zeros(cells),
        np.full(cells, np.inf),
    )
    rows = []
    for target, direction in zip(
        targets, _rows(cells, [target.cells for target in targets]).toarray(), strict=True
    ):
        low, high = reader.interval(direction)
        true = None if truth is None else float(direction @ np.asarray(truth, dtype="float64"))
        rows.append((target.name, low, high, status(low, high, target.minimum_count, true)))
    return pd.DataFrame(rows, columns=["name", "low", "high", "status"])


def status(low: float, high: float, minimum_count: int, true: float | None = None) -> str:
    """Judge an interval of a hidden count (see `audit`)."""
    if high - low < 1:
        return "recovered"
    if true is not None and true >= minimum_count:
        return "protected"
    if low >= 1 and high <= minimum_count - 1:
        return "small_known"
    return "narrow" if high - low < minimum_count - 1 else "protected"


@dataclass(eq=False)
class Reader:
    """Everything a reader knows: `low <= matrix x <= high` and `least <= x <= most`, x whole if `whole`."""

    matrix: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    most: np.ndarray
    whole: bool = True

    def __post_init__(self) -> None:
        self._stated = LinearConstraint(sparse.csc_array(self.matrix), self.low, self.high)
        self._bounds = Bounds(self.least, self.most)

    def interval(self, direction: np.ndarray) -> tuple[float, float]:
        """Give the least and greatest whole value of `direction @ x`."""
        low, _ = self.extreme(direction, 1.0)
        high, _ = self.extreme(direction, -1.0)
        return low, high

    def extreme(self, direction: np.ndarray, sense: float) -> tuple[float, np.ndarray | None]:
        """Minimise (sense 1) or maximise (sense -1); give the value and a whole x that reaches it."""
        for whole in (0, 1):
            solved = milp(
                sense * direction,
                integrality=np.full(len(direction), whole),
                bounds=self._bounds,
                constraints=self._stated,
            )
            if solved.status == 3 or (solved.status == 4 and whole == 0 and solved.x is None):
                return -sense * np.inf, None
            if solved.x is None:
                raise DisclosureError(
                    "audit: the published figures contradict each other; "
                    "check that totals are the sums of their parts"
                )
            if not self.whole:
                return float(direction @ solved.x), solved.x
            if whole or np.all(np.abs(solved.x - np.round(solved.x)) < _WHOLE):
                break
        reached = np.round(solved.x)
        return float(direction @ reached), reached


def exposed(reader: Reader, wanted: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Say which wanted unknowns a reader can narrow down to less than `width`.

    Every solution found widens the known reach of all unknowns, so few programs are solved: first some that
    push many unknowns at once up or down, then one or two for each that is still not wide enough.
    """
    reach = _Reach(np.full(len(wanted), np.inf), np.full(len(wanted), -np.inf))
    _push_many(reader, wanted, width, reach)
    narrow = np.zeros(len(wanted), dtype=bool)
    for place in np.flatnonzero(wanted):
        for sense in (-1.0, 1.0):
            if reach.most[place] - reach.least[place] >= width[place]:
                break
            _, reached = reader.extreme(np.eye(1, len(wanted), int(place))[0], sense)
            if reached is None:
                reach.least[place], reach.most[place] = -np.inf, np.inf
                break
            reach.take(reached)
        narrow[place] = reach.most[place] - reach.least[place] < width[place]
    return narrow


@dataclass(eq=False)
class _Reach:
    least: np.ndarray
    most: np.ndarray

    def take(self, reached: np.ndarray) -> None:
        self.least, self.most = np.minimum(self.least, reached), np.maximum(self.most, reached)


def _push_many(reader: Reader, wanted: np.ndarray, width: np.ndarray, reach: _Reach) -> None:
    """Push all unknowns that are not wide enough, each time in another mixture of up and down."""
    # Seeded by nothing of the data: which programs are solved first changes no answer, only the time.
    random = np.random.default_rng(1)
    for _ in range(_PUSHES):
        left = wanted & ~(reach.most - reach.least >= width)
        if left.sum() < _FEW:
            return
        direction = np.where(left, random.choice([-1.0, 1.0], len(wanted)), 0.0)
        for sense in (-1.0, 1.0):
            _, reached = reader.extreme(direction, sense)
            if reached is None:
                return
            reach.take(reached)


def _rule(target: Target) -> Statement:
    return Statement(target.cells, 0 if target.can_be_zero else 1, target.minimum_count - 1)


def _rows(
    cells: int, sets: Sequence[Sequence[int]], weights: Sequence[Sequence[float]] = ()
) -> sparse.csr_array:
    weighed = weights or [()] * len(sets)
    entries = [
        (row, cell, weight)
        for row, (chosen, given) in enumerate(zip(sets, weighed, strict=True))
        for cell, weight in zip(chosen, given or [1.0] * len(chosen), strict=True)
    ]
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    return sparse.csr_array((np.array(values, dtype="float64"), (rows, columns)), shape=(len(sets), cells))
