"""Costs and effects of several ways of working: which are dominated, what the others cost more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.regression import check_columns, filled, numbers
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]
STATUSES = ("ND", "ED", "D")
COLUMNS = ("strategy", "cost", "effect", "inc_cost", "inc_effect", "icer", "status", "compared_with")
# Slopes closer than this share are the same slope: three strategies on one line are all kept.
SAME_SLOPE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class IcerTable:
    """Strategies with their incremental cost-effectiveness ratios.

    Attributes
    ----------
    table : frame of COLUMNS. Not dominated strategies (ND) first, from the cheapest up, each compared with
        the one above it; then those extendedly dominated (ED: a mixture of two others gives more for the
        money), then the dominated (D: another costs no more and gives at least as much). Only ND has
        increments.
    origin : "own" or "synthetic" (invented costs or effects).
    """

    table: pd.DataFrame
    origin: str
    method: str = "icer"


def icer_table(
    data: pd.DataFrame, *, strategy: str = "strategy", cost: str = "cost", effect: str = "effect"
) -> IcerTable:
    """Compare strategies by what an additional unit of effect costs.

    Parameters
    ----------
    data : one row a strategy, with mean cost and mean effect (more is better) per person. A column `origin`
        (own, published, synthetic), where there is one, must not mix synthetic with real.

    Returns
    -------
    IcerTable. The table says what more costs; it does not say that more should be bought.

    Raises
    ------
    FrameError when a column is missing or empty, a strategy stands twice, there is only one, or origins are
    mixed.

    Compared with R dampack 1.0.2.1000 (tests/reference/cost_effectiveness.csv). Source: Drummond et al.
    (2015) Methods for the economic evaluation of health care programmes, ISBN 978-0-19-966588-4.

    Examples
    --------
    >>> ways = pd.DataFrame({"strategy": ["usual", "new"], "cost": [8200, 9650], "effect": [0.61, 0.74]})
    >>> icer_table(ways).table["icer"].round(1).tolist()
    [nan, 11153.8]
    """
    where = "icer_table"
    check_columns(data, [strategy, cost, effect], where)
    names = filled(data, strategy, where)
    if names.duplicated().any():
        raise FrameError(
            f"{where}: strategy {names[names.duplicated()].iloc[0]!r} stands twice; give one row each"
        )
    if len(data) < 2:
        raise FrameError(f"{where}: one strategy; at least two are needed, usual work being one of them")
    costs, effects = numbers(data, cost, where), numbers(data, effect, where)
    status = dominance(costs, effects)
    order = np.lexsort((effects, costs, np.array([STATUSES.index(one) for one in status])))
    kept = int((status == "ND").sum())
    inc_cost, inc_effect = np.full(len(order), np.nan), np.full(len(order), np.nan)
    inc_cost[1:kept], inc_effect[1:kept] = np.diff(costs[order][:kept]), np.diff(effects[order][:kept])
    named = names.to_numpy()[order]
    above = [""] * len(order)
    above[1:kept] = [str(name) for name in named[: kept - 1]]
    columns = (
        named,
        costs[order],
        effects[order],
        inc_cost,
        inc_effect,
        inc_cost / inc_effect,
        status[order],
        above,
    )
    table = pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
    return IcerTable(table, one_origin(data, where))


def dominance(cost: ArrayLike, effect: ArrayLike) -> NDArray[np.str_]:
    """Say of each strategy whether it is dominated: "D", extendedly "ED", or not "ND".

    Of strategies with the same cost and effect the first is kept.

    Examples
    --------
    >>> dominance([5, 12, 10, 25, 35, 55], [1, 1.5, 2, 3, 4, 5]).tolist()
    ['ND', 'D', 'ND', 'ED', 'ND', 'ND']
    """
    costs, effects = np.asarray(cost, "float64"), np.asarray(effect, "float64")
    status = np.full(len(costs), "D", dtype="<U2")
    order = np.lexsort((-effects, costs))
    best = np.maximum.accumulate(np.concatenate([[-np.inf], effects[order][:-1]]))
    left = order[effects[order] > best]
    status[left] = "ED"
    status[_hull(left, costs, effects)] = "ND"
    return status


def _hull(order: NDArray[np.int64], costs: Floats, effects: Floats) -> list[int]:
    """Keep the lower convex hull: ratios must rise from each strategy to the next."""
    kept: list[int] = []
    for place in order.tolist():
        while len(kept) > 1 and _bends_down(kept[-2], kept[-1], place, costs, effects):
            kept.pop()
        kept.append(place)
    return kept


def _bends_down(first: int, middle: int, last: int, costs: Floats, effects: Floats) -> bool:
    before = (costs[middle] - costs[first]) * (effects[last] - effects[middle])
    after = (costs[last] - costs[middle]) * (effects[middle] - effects[first])
    return bool(before - after > SAME_SLOPE * max(abs(before), abs(after)))


def one_origin(data: pd.DataFrame, where: str) -> str:
    """Read the origin of rows: own when none is said; synthetic and real never go into one figure."""
    if "origin" not in data:
        return "own"
    found = set(filled(data, "origin", where))
    unknown = sorted(found - {"own", "published", "synthetic"})
    if unknown:
        raise FrameError(f"{where}: origin {unknown[0]!r}; expected own, published or synthetic")
    if "synthetic" in found and len(found) > 1:
        raise FrameError(
            f"{where}: invented (synthetic) and real rows together; never in one figure: use all real "
            f"figures, or mark the whole example synthetic"
        )
    return "synthetic" if "synthetic" in found else "own"
