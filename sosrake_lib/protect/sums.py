"""The sums a reader can do: total = parts, for areas, sexes, ages and groups, as a sparse matrix.

Each row of the matrix is an equation `total - parts - rest = 0`. A *rest* is what no row shows: the
municipalities an area has beside the listed ones, or a class without a row. It is a cell like the others,
hidden by nature. Classes that overlap (needs of clients) make no sum, but each is at most its total: what it
lacks of it is such a rest too, its *slack*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy import sparse

from sosrake_lib import frame as frames
from sosrake_lib import regions
from sosrake_lib.errors import DisclosureError, RegionError
from sosrake_lib.protect.cells import CELL, TOTAL_OF, alike
from sosrake_lib.protect.periods import coverings, span

_NEAR = 1e-6
_SLACK, _BESIDE = "slack", "beside"


@dataclass(frozen=True, eq=False)
class Sums:
    """Equations over cells (first columns, in the order of the cells) and rests (last columns).

    `nothing` marks rests that a reader knows to be nothing: the areas and classes are complete. That everyone
    of a total has a need is not known so, nor what a total told elsewhere holds more; these are not marked.
    """

    matrix: sparse.csr_array
    rest_counts: np.ndarray
    nothing: np.ndarray
    totals: np.ndarray

    def few(self, minimum: int) -> np.ndarray:
        """Mark the rests that are somebody, but fewer than the minimum."""
        return (self.rest_counts > 0) & (self.rest_counts < minimum)

    @property
    def rests(self) -> int:
        """How many rests there are."""
        return len(self.rest_counts)


@dataclass(frozen=True)
class _Equation:
    total: int
    parts: tuple[int, ...]
    rests: tuple[tuple, ...]
    declared: bool


def sums(
    cells: pd.DataFrame,
    declared: Mapping[str, frozenset[str]],
    column: str = "count",
    *,
    slack_below: float = 0,
    beside: Sequence[tuple[int, tuple[int, ...]]] = (),
) -> Sums:
    """Find all sums among the cells.

    Parameters
    ----------
    cells : as `cells.cells` gives them.
    declared : indicator -> key columns whose totals are sums. A declared sum that does not hold is refused.
        A sum that holds without being declared counts as well, for the reader can see that it holds.
    column : `count` or `denominator`.
    slack_below : overlapping classes whose slack is less than this get their equation. A greater slack can
        move as far as any hidden count must, so its equation would hinder nothing.
    beside : (row of a total, rows of its parts) that a recipe names (`beside.linked`); what the parts lack of
        the total is a rest.
    """
    counts = cells[column].to_numpy(dtype="float64")
    found = _region_equations(cells, declared)
    for dimension, total in TOTAL_OF.items():
        classes = _class_equations(cells, counts, declared, dimension, total)
        found += classes
        # Needs that outnumber the clients make no sum of them, even where they happen to in another place.
        summed = {
            one.total for one in classes if not counts[one.total] - counts[list(one.parts)].sum() < -_NEAR
        }
        found += _slacks(cells, counts, dimension, total, summed, slack_below)
    found += _period_equations(cells, counts, declared, slack_below)
    found += [_beside(cells, counts, total, inside) for total, inside in beside]
    kept, values = _settle(cells, counts, found)
    return _matrix(len(cells), kept, values)


def _beside(cells: pd.DataFrame, counts: np.ndarray, total: int, inside: tuple[int, ...]) -> _Equation:
    # Arms sum up by their nature. What a total told elsewhere holds beside the rows a reader does not know,
    # not even that it is nothing.
    whole = abs(counts[total] - counts[list(inside)].sum()) < _NEAR and not cells["fixed"].iat[total]
    return _Equation(total, inside, () if whole else ((_BESIDE, total),), False)


def _class_equations(
    cells: pd.DataFrame,
    counts: np.ndarray,
    declared: Mapping[str, frozenset[str]],
    dimension: str,
    total: str,
) -> list[_Equation]:
    others = alike(dimension)
    name = others.index("whole") if dimension == "point" else others.index("indicator")
    found = []
    for key, rows in _alike(cells, others):
        labels = cells[dimension].to_numpy()[rows]
        parts = rows[labels != total]
        if len(parts) == len(rows) or not len(parts):
            continue
        named = dimension in declared.get(str(key[name]), frozenset())
        if len(parts) >= 2 or named or dimension == "sex":
            found.append((key[name], int(rows[labels == total][0]), parts, named))
    holds = {
        indicator
        for indicator, whole, parts, _ in found
        if counts[whole] > 0 and abs(counts[whole] - counts[parts].sum()) < _NEAR
    }
    equations = []
    for indicator, whole, parts, named in found:
        if named or indicator in holds or dimension == "point":
            equations.append(_Equation(whole, tuple(map(int, parts)), (), named))
        elif dimension == "sex" and len(parts) == 2 and np.isnan(counts[[whole, *parts]]).any():
            equations.append(_Equation(whole, tuple(map(int, parts)), (), False))
        elif dimension == "sex":
            equations.append(_Equation(whole, tuple(map(int, parts)), (("class", whole),), False))
    return equations


def _slacks(
    cells: pd.DataFrame, counts: np.ndarray, dimension: str, total: str, summed: set[int], below: float
) -> list[_Equation]:
    """Write `total - part - slack = 0` for classes that do not sum to their total, where slack is small."""
    found = []
    for _, rows in _alike(cells, alike(dimension)) if below else ():
        labels = cells[dimension].to_numpy()[rows]
        for whole in set(rows[labels == total].tolist()) - summed:
            for part in rows[labels != total].tolist():
                if counts[whole] > 0 and 0 <= counts[whole] - counts[part] < below:
                    found.append(_Equation(whole, (part,), ((_SLACK, whole, part),), False))
    return found


def _period_equations(
    cells: pd.DataFrame, counts: np.ndarray, declared: Mapping[str, frozenset[str]], below: float
) -> list[_Equation]:
    """Write longer periods as the sum of shorter ones where that holds; else a part is at most its whole."""
    others = [column for column in CELL if column != "period"]
    found, holds = [], set()
    for key, rows in _alike(cells, others) if cells["period"].nunique() > 1 else ():
        at = {str(cells["period"].iat[row]): int(row) for row in rows}
        indicator = str(key[0])
        for whole in sorted(at):
            for way in coverings(whole, at):
                parts = tuple(at[part] for part in way)
                gap = counts[at[whole]] - counts[list(parts)].sum()
                if abs(gap) < _NEAR and counts[at[whole]] > 0:
                    holds.add(indicator)
                named = "period" in declared.get(indicator, frozenset())
                if named or np.isnan(gap) or abs(gap) < _NEAR:
                    found.append((indicator, _Equation(at[whole], parts, (), named)))
            for part in sorted(at) if below else ():
                slack = counts[at[whole]] - counts[at[part]]
                if span(whole).holds(span(part)) and counts[at[whole]] > 0 and 0 <= slack < below:
                    rest = (_SLACK, at[whole], at[part])
                    found.append((indicator, _Equation(at[whole], (at[part],), (rest,), False)))
    return [one for indicator, one in found if one.rests or one.declared or indicator in holds]


def _region_equations(cells: pd.DataFrame, declared: Mapping[str, frozenset[str]]) -> list[_Equation]:
    others = [column for column in CELL if column not in ("region_level", "region_code")]
    levels, codes = cells["region_level"].to_numpy(), cells["region_code"].to_numpy()
    found: list[_Equation] = []
    for key, rows in _alike(cells, others):
        year = int(key[others.index("borders")])
        own = {codes[row]: int(row) for row in rows if levels[row] == "kunta"}
        areas = {int(row): _members(levels[row], codes[row], year) for row in rows if levels[row] != "kunta"}
        areas = {row: members for row, members in areas.items() if members}
        named = "region" in declared.get(str(key[0]), frozenset())
        found += _nested(areas, own, named)
    return found


def _nested(areas: dict[int, frozenset[str]], own: dict[str, int], named: bool) -> list[_Equation]:
    """Write each area as its listed municipalities plus rests: unlisted ones that lie in the same areas."""
    lying: dict[str, list[int]] = {}
    for row in sorted(areas):
        for code in areas[row]:
            if code not in own:
                lying.setdefault(code, []).append(row)
    rests: dict[int, set[tuple]] = {row: set() for row in areas}
    for within in {tuple(within) for within in lying.values()}:
        for row in within:
            rests[row].add(("rest", *within))
    equations = []
    for row in sorted(areas):
        parts = tuple(sorted(own[code] for code in areas[row] if code in own))
        if parts or any(len(rest) > 2 for rest in rests[row]):
            equations.append(_Equation(row, parts, tuple(sorted(rests[row])), named))
    return equations


def _alike(cells: pd.DataFrame, columns: list[str]) -> list[tuple[tuple, np.ndarray]]:
    """Group rows that agree on these columns: (values, row numbers)."""
    grouped = cells.groupby(columns, sort=True).indices
    return [(tuple(key), rows) for key, rows in grouped.items()]  # type: ignore[arg-type]


@cache
def _members(level: str, code: str, year: int) -> frozenset[str]:
    # Wellbeing services counties are younger than many figures: then today's map is the reader's map.
    for map_year in (year, regions.CURRENT_YEAR):
        try:
            return frozenset(regions.members(level, code, map_year))
        except RegionError:
            continue
    # An area without a list of municipalities (a service's own district) enters no sum.
    return frozenset()


def _settle(
    cells: pd.DataFrame, counts: np.ndarray, found: list[_Equation]
) -> tuple[list[_Equation], dict[tuple, float]]:
    """Reckon the rests that follow from the counts; drop undeclared sums that do not hold."""
    kept: list[_Equation] = []
    for equation in found:
        gap = counts[equation.total] - counts[list(equation.parts)].sum()
        broken = gap < -_NEAR or (not equation.rests and gap > _NEAR)
        if broken and equation.declared:
            raise _does_not_hold(cells, equation)
        if gap < -_NEAR:
            continue
        rests = (("class", equation.total, *equation.parts),) if broken else equation.rests
        kept.append(_Equation(equation.total, equation.parts, rests, equation.declared))
    while True:
        values = _rest_values(counts, kept)
        wrong = [equation for equation in kept if any(values[rest] < -_NEAR for rest in equation.rests)]
        if not wrong:
            return kept, values
        if any(equation.declared for equation in wrong):
            raise _does_not_hold(cells, next(equation for equation in wrong if equation.declared))
        kept = [equation for equation in kept if equation not in wrong]


def _does_not_hold(cells: pd.DataFrame, equation: _Equation) -> DisclosureError:
    key = ", ".join(str(cells.at[equation.total, column]) for column in frames.KEY)
    return DisclosureError(
        f"release: total ({key}) is not the sum of its parts, though totals declares it; "
        "mend the rows, give the missing class a row of its own, or leave the column out of totals"
    )


def _rest_values(counts: np.ndarray, kept: list[_Equation]) -> dict[tuple, float]:
    values: dict[tuple, float] = {rest: np.nan for equation in kept for rest in equation.rests}
    for _ in range(len(values) + 1):
        before = sum(np.isfinite(value) for value in values.values())
        for equation in kept:
            open_rests = [rest for rest in equation.rests if not np.isfinite(values[rest])]
            if len(open_rests) == 1:
                known = sum(values[rest] for rest in equation.rests if rest != open_rests[0])
                values[open_rests[0]] = counts[equation.total] - counts[list(equation.parts)].sum() - known
        if sum(np.isfinite(value) for value in values.values()) == before:
            break
    return values


def _matrix(cells: int, kept: list[_Equation], values: dict[tuple, float]) -> Sums:
    order = {rest: cells + place for place, rest in enumerate(sorted(values, key=str))}
    rows, columns, signs = [], [], []
    for place, equation in enumerate(kept):
        members = [equation.total, *equation.parts, *(order[rest] for rest in equation.rests)]
        rows += [place] * len(members)
        columns += members
        signs += [1.0] + [-1.0] * (len(members) - 1)
    shape = (len(kept), cells + len(order))
    totals = np.zeros(cells, dtype=int)
    np.add.at(totals, [equation.total for equation in kept], 1)
    rests = np.array([values[rest] for rest in order], dtype="float64")
    complete = np.array([rest[0] not in (_SLACK, _BESIDE) for rest in order], dtype=bool)
    nothing = complete & (np.abs(rests) < _NEAR)
    return Sums(sparse.csr_array((signs, (rows, columns)), shape=shape), rests, nothing, totals)
