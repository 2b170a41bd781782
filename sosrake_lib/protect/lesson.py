"""The lesson on protection: an invented table, what a reader takes back from it, and how.

The figures are constants of the library (`lesson.toml`), public to all who read its source. They stand in no
data folder, so an office's own counts can never take their place. Everything here is about that one table;
no function takes figures from outside, except marks of which of its cells are hidden.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.audit import Statement, Target, audit, exact

LESSON_FILE = Path(__file__).with_name("lesson.toml")


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """The table of the lesson.

    Attributes
    ----------
    year, borders : what the counts are of.
    minimum_count, earlier_minimum : the limit now, and the one by which last year's report was made.
    areas, services : keys of rows and columns.
    counts : (areas, services) clients; each client is counted in one service.
    """

    year: str
    borders: int
    minimum_count: int
    earlier_minimum: int
    areas: tuple[str, ...]
    services: tuple[str, ...]
    counts: np.ndarray

    @property
    def whole(self) -> np.ndarray:
        """The counts with their totals: (areas + 1, services + 1), totals last."""
        return with_totals(self.counts)

    @property
    def small(self) -> np.ndarray:
        """Cells of 1 .. minimum_count - 1 clients, as `whole`: what a careless writer hides, and no more."""
        return (self.whole > 0) & (self.whole < self.minimum_count)


@dataclass(frozen=True, slots=True)
class Subtraction:
    """One hidden cell a reader takes back: the line's total less what is known of the line.

    `round` : 1 where one subtraction is enough, 2 where a figure taken back in round 1 is needed, and so on.
    `along` : `area` when the line is a row of the table, `service` when it is a column.
    """

    area: str
    service: str
    round: int
    along: str
    total: int
    known: int
    value: int


@dataclass(frozen=True, slots=True, eq=False)
class Attack:
    """What a reader knows of each hidden cell: arrays as `Lesson.whole`, NaN and "" where a cell is shown."""

    hidden: np.ndarray
    low: np.ndarray
    high: np.ndarray
    status: np.ndarray

    def cells(self, status: str) -> int:
        """How many hidden cells ended so: `recovered`, `narrow`, `small_known` or `protected`."""
        return int((self.status == status).sum())


@cache
def lesson() -> Lesson:
    """Read the table of the lesson."""
    told = tomllib.loads(LESSON_FILE.read_text(encoding="utf-8"))
    counts = np.array(told.pop("counts"), dtype="int64")
    counts.setflags(write=False)
    areas, services = tuple(told.pop("areas")), tuple(told.pop("services"))
    return Lesson(areas=areas, services=services, counts=counts, **told)


def with_totals(counts: np.ndarray) -> np.ndarray:
    """Add the totals of rows and columns.

    Examples
    --------
    >>> with_totals(np.array([[1, 2]])).tolist()
    [[1, 2, 3], [1, 2, 3]]
    """
    rows = np.vstack([counts, counts.sum(axis=0)])
    return np.column_stack([rows, rows.sum(axis=1)])


def subtractions() -> tuple[Subtraction, ...]:
    """Take back by subtraction alone what hiding only the small cells leaves, round by round.

    A person with a pencil does the same: a line with one hidden cell gives it back, and then another line may
    have one hidden cell only.

    Examples
    --------
    >>> first = subtractions()[0]
    >>> first.area, first.service, first.total - first.known == first.value
    ('E03', 'perhetyo', True)
    """
    table = lesson()
    left = table.small[:-1, :-1].copy()
    found: list[Subtraction] = []
    number = 1
    while alone := _alone(left):
        for row, column, along in alone:
            total = int(table.counts[row].sum() if along == "area" else table.counts[:, column].sum())
            value = int(table.counts[row, column])
            area, service = table.areas[row], table.services[column]
            found.append(Subtraction(area, service, number, along, total, total - value, value))
            left[row, column] = False
        number += 1
    return tuple(found)


def attack(hidden: np.ndarray, *, also_known: np.ndarray | None = None, reason_shown: bool = False) -> Attack:
    """Let the audit try all hidden cells at once.

    Parameters
    ----------
    hidden : bool as `Lesson.whole`; every other cell is published.
    also_known : bool as `Lesson.whole`; cells that an earlier report has told.
    reason_shown : the reader sees which cells were hidden for being small, as where nothing else is hidden.

    Notes
    -----
    A zero is shown by the rules of this table, so a cell known to be small holds at least one client.
    """
    table, marked = lesson(), np.array(hidden, dtype=bool)
    whole = table.whole
    if marked.shape != whole.shape:
        raise DisclosureError(
            "lesson: the marks do not fit the table; expected one for each of its "
            f"{whole.shape[0]} x {whole.shape[1]} cells with totals"
        )
    number = np.arange(whole.size).reshape(whole.shape)
    told = ~marked if also_known is None else ~marked | also_known
    stated = [exact([cell], count) for cell, count in zip(number[told].tolist(), whole[told], strict=True)]
    stated += [_sum(line) for line in (*number, *number.T)]
    targets = [
        Target(str(cell), (cell,), table.minimum_count, reason_shown and bool(table.small.flat[cell]), False)
        for cell in number[marked].tolist()
    ]
    found = audit(whole.size, stated, targets, whole.ravel().tolist())
    low, high = (_laid(marked, found[column].to_numpy(dtype="float64")) for column in ("low", "high"))
    status = np.full(marked.shape, "", dtype=object)
    status[marked] = found["status"].to_numpy()
    return Attack(marked, low, high, status)


def _sum(line: np.ndarray) -> Statement:
    """State that the last cell of a line is the sum of the others."""
    return Statement(tuple(line.tolist()), 0.0, 0.0, (*[1.0] * (len(line) - 1), -1.0))


def _alone(left: np.ndarray) -> Sequence[tuple[int, int, str]]:
    """Find the cells that are the only hidden one of their row, or else of their column."""
    found = []
    for row, column in zip(*np.nonzero(left), strict=True):
        if left[row].sum() == 1:
            found.append((int(row), int(column), "area"))
        elif left[:, column].sum() == 1:
            found.append((int(row), int(column), "service"))
    return found


def _laid(marked: np.ndarray, values: np.ndarray) -> np.ndarray:
    laid = np.full(marked.shape, np.nan)
    laid[marked] = values
    return laid
