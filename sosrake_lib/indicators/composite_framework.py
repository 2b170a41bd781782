"""The framework of a composite index: which indicators form which branch, with which weight and direction.

A framework is a plain table, one row an indicator or a branch, so that it can be read, argued about and kept
in a file. Structure as in the OECD and JRC Handbook on Constructing Composite Indicators (2008),
doi 10.1787/9789264043466-en, steps 1 and 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError

COLUMNS = ("key", "parent", "weight", "direction", "level", "aggregation", "exponent")
AGGREGATIONS = ("arithmetic", "geometric", "harmonic", "generalised", "copeland")
TOTAL = "total"


def flat(
    directions: Mapping[str, int],
    *,
    weights: Mapping[str, float] | None = None,
    branches: Mapping[str, str] | None = None,
    total: str = TOTAL,
) -> pd.DataFrame:
    """Write a framework from what is usually known: indicators with directions, perhaps branches and weights.

    Parameters
    ----------
    directions : indicator -> 1 (more of it raises the index) or -1 (lowers it).
    weights : indicator or branch -> weight within its branch; left out, equal.
    branches : indicator -> key of its branch; left out, all stand directly under the total.
    total : key of the index itself.

    Returns
    -------
    Checked framework (see `check`).

    Examples
    --------
    >>> made = flat({"tyottomyysaste": 1, "pienituloisuusaste": 1, "korkea_aste": -1})
    >>> print(made[["key", "parent", "weight", "direction", "level"]].to_string(index=False))
                   key parent  weight  direction  level
        tyottomyysaste  total     1.0          1      1
    pienituloisuusaste  total     1.0          1      1
           korkea_aste  total     1.0         -1      1
                 total            1.0          1      2
    """
    given, under = dict(weights or {}), dict(branches or {})
    rows = [(key, under.get(key, total), given.get(key, 1.0), sign) for key, sign in directions.items()]
    rows += [(key, total, given.get(key, 1.0), 1) for key in dict.fromkeys(under.values()) if key != total]
    rows.append((total, "", 1.0, 1))
    unknown = sorted((set(given) | set(under)) - {row[0] for row in rows})
    if unknown:
        raise FrameError(
            f"composite_framework.flat: weight or branch given for {unknown[0]!r}, which has no direction; "
            "give it a direction (1 or -1) or drop it"
        )
    return check(pd.DataFrame(rows, columns=["key", "parent", "weight", "direction"]))


def check(framework: pd.DataFrame) -> pd.DataFrame:
    """Return a checked copy of a framework, or say which row of it cannot stand.

    Parameters
    ----------
    framework : `key` (indicator or branch), `parent` (key of the branch above, empty for the total),
        `weight` (zero or more, within its branch), `direction` (1 or -1, of indicators; 1 for branches).
        Optional: `aggregation` (one of AGGREGATIONS, of branches; empty = the default of the call) and
        `exponent` (of a generalised mean). `level` is computed: indicators 1, a branch one above its highest
        child; a level that is given must agree.

    Returns
    -------
    DataFrame with COLUMNS, typed.

    Raises
    ------
    FrameError for a duplicate key, an unknown parent (orphan), a cycle, no total or several, a branch
    without weight, a negative or absent weight, an unknown direction or aggregation.

    Examples
    --------
    >>> table = pd.DataFrame({"key": ["a", "b", "total"], "parent": ["total", "total", ""],
    ...     "weight": [2.0, 1, 1], "direction": [1, -1, 1]})
    >>> check(table)["level"].tolist()
    [1, 1, 2]
    """
    table = _typed(framework)
    _check_keys(table)
    level = _levels(table)
    if "level" in framework:
        stated = pd.to_numeric(framework["level"], errors="coerce").to_numpy()
        wrong = np.flatnonzero(~np.isnan(stated) & (stated != level))
        if len(wrong):
            _refuse(table, wrong[0], f"level {stated[wrong[0]]:g}", f"{level[wrong[0]]}, from its children")
    table["level"] = level
    _check_numbers(table)
    return table[list(COLUMNS)]


def add(
    framework: pd.DataFrame, key: str, parent: str, *, weight: float = 1.0, direction: int = 1
) -> pd.DataFrame:
    """Add an indicator (or a branch) under a branch; a new framework, the old one stays as it is.

    Examples
    --------
    >>> print(add(flat({"a": 1}), "b", "total", direction=-1)["key"].tolist())
    ['a', 'total', 'b']
    """
    row = pd.DataFrame({"key": [key], "parent": [parent], "weight": [weight], "direction": [direction]})
    return check(pd.concat([check(framework).drop(columns="level"), row], ignore_index=True))


def remove(framework: pd.DataFrame, keys: str | Iterable[str]) -> pd.DataFrame:
    """Take indicators or whole branches out; branches left empty go too; a new framework.

    The weights of what stays are untouched: they are relative within a branch, so the rest shares the place.

    Raises
    ------
    FrameError when a key is not in the framework or nothing would be left.

    Examples
    --------
    >>> print(remove(flat({"a": 1, "b": 1, "c": 1}), "b")["key"].tolist())
    ['a', 'c', 'total']
    """
    table = check(framework)
    going = {keys} if isinstance(keys, str) else set(keys)
    unknown = sorted(going - set(table["key"]))
    if unknown:
        raise FrameError(
            f"composite_framework.remove: {unknown[0]!r} is not in the framework; "
            f"it has {', '.join(table['key'])}"
        )
    was_leaf = set(table.loc[table["level"] == 1, "key"])
    staying = table
    while True:
        gone = staying["key"].isin(going) | staying["parent"].isin(going)
        empty = ~staying["key"].isin(was_leaf) & ~staying["key"].isin(staying.loc[~gone, "parent"])
        going |= set(staying.loc[gone | empty, "key"])
        if not (gone | empty).any():
            break
        staying = staying.loc[~(gone | empty)]
    if staying.empty:
        raise FrameError("composite_framework.remove: nothing is left of the framework; keep an indicator")
    return check(staying.drop(columns="level"))


def with_weights(framework: pd.DataFrame, weights: Mapping[str, float] | str) -> pd.DataFrame:
    """Give the framework other weights: "equal" within each branch, or key -> weight; a new framework.

    Examples
    --------
    >>> with_weights(flat({"a": 1, "b": 1}), {"a": 3})["weight"].tolist()
    [3.0, 1.0, 1.0]
    """
    table = check(framework)
    if isinstance(weights, str):
        if weights != "equal":
            raise FrameError(
                f"composite: weights {weights!r}; expected 'equal' or a mapping of key to weight"
            )
        table["weight"] = 1.0
        return check(table)
    unknown = sorted(set(weights) - set(table["key"]))
    if unknown:
        raise FrameError(f"composite: weight given for {unknown[0]!r}, which is not in the framework")
    table["weight"] = table["key"].map(dict(weights)).fillna(table["weight"]).astype("float64")
    return check(table)


def _typed(framework: pd.DataFrame) -> pd.DataFrame:
    lacking = [column for column in COLUMNS[:4] if column not in framework]
    if lacking:
        raise FrameError(
            f"composite framework: column {lacking[0]} is missing; a framework has {', '.join(COLUMNS[:4])}"
        )
    table = framework.reset_index(drop=True).copy()
    for column in ("parent", "aggregation"):
        table[column] = table[column].fillna("").astype("str") if column in table else ""
    table["key"] = table["key"].astype("str")
    for column in ("weight", "direction", "exponent"):
        table[column] = pd.to_numeric(table[column], errors="coerce") if column in table else np.nan
    return table


def _check_keys(table: pd.DataFrame) -> None:
    if table.empty:
        raise FrameError("composite framework: it has no rows; give indicators and a total")
    twice = np.flatnonzero(table["key"].duplicated())
    if len(twice):
        _refuse(table, twice[0], "key stands twice", "each indicator and branch once")
    orphan = np.flatnonzero((table["parent"] != "") & ~table["parent"].isin(table["key"]))
    if len(orphan):
        parent = table.at[orphan[0], "parent"]
        _refuse(table, orphan[0], f"parent {parent!r} has no row (orphan)", "a branch of the framework")
    roots = table.loc[table["parent"] == "", "key"].tolist()
    if len(roots) > 1:
        raise FrameError(f"composite framework: {', '.join(roots)} have no parent; expected one total only")


def _levels(table: pd.DataFrame) -> NDArray[np.int64]:
    place = {key: row for row, key in enumerate(table["key"])}
    above = np.array([place.get(parent, -1) for parent in table["parent"]])
    level = np.ones(len(table), dtype="int64")
    for _ in range(len(table)):
        raised = level.copy()
        np.maximum.at(raised, above[above >= 0], level[above >= 0] + 1)
        if (raised == level).all():
            break
        level = raised
    else:
        member = table.at[int(np.argmax(level)), "key"]
        raise FrameError(
            f"composite framework: {member!r} is above itself (cycle); "
            "follow the column parent from it and end at one total with an empty parent"
        )
    root = table.loc[above < 0, "key"].iloc[0]
    if level[place[root]] == 1:
        raise FrameError(f"composite framework: the total {root!r} has no indicators under it; add some")
    return level


def _check_numbers(table: pd.DataFrame) -> None:
    leaf = (table["level"] == 1).to_numpy()
    absent = np.flatnonzero(~np.isfinite(table["weight"]))
    if len(absent):
        _refuse(table, absent[0], "weight is not a number", "a weight of zero or more")
    negative = np.flatnonzero(table["weight"] < 0)
    if len(negative):
        row = negative[0]
        _refuse(
            table,
            row,
            f"weight {table.at[row, 'weight']:g} is negative",
            "zero or more; reverse by direction -1",
        )
    table.loc[~leaf & table["direction"].isna(), "direction"] = 1
    wrong = np.flatnonzero(~table["direction"].isin([1, -1]) | (~leaf & (table["direction"] != 1)))
    if len(wrong):
        row = wrong[0]
        expected = "1 or -1" if leaf[row] else "1 for a branch; directions belong to indicators"
        _refuse(table, row, f"direction {table.at[row, 'direction']:g}", expected)
    table["direction"] = table["direction"].astype("int64")
    strange = np.flatnonzero((table["aggregation"] != "") & ~table["aggregation"].isin(AGGREGATIONS))
    if len(strange):
        row = strange[0]
        _refuse(
            table, row, f"aggregation {table.at[row, 'aggregation']!r}", "one of " + ", ".join(AGGREGATIONS)
        )
    sums = table.loc[table["parent"] != ""].groupby("parent")["weight"].sum()
    if (sums <= 0).any():
        raise FrameError(
            f"composite framework: the weights under {sums.index[sums <= 0][0]!r} sum to 0; "
            "give at least one of its parts a weight above zero"
        )


def _refuse(table: pd.DataFrame, row: int, what: str, expected: str) -> None:
    raise FrameError(
        f"composite framework: row {row + 1}, key {table.at[row, 'key']!r}: {what}; expected {expected}"
    )
