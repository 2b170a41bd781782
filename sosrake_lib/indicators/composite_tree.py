"""A checked framework made ready for computing, and small changes to it without a table's overhead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.composite_framework import AGGREGATIONS, check


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch ready for computing: children in order, their weights (sum 1), how they are put together."""

    key: str
    children: tuple[str, ...]
    weights: tuple[float, ...]
    aggregation: str
    exponent: float


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A framework ready for computing.

    `indicators` are the leaves in the order of the table, `directions` their signs, `branches` go from the
    bottom up and end with the total, `leaves_of` gives the leaves under each branch.
    """

    indicators: tuple[str, ...]
    directions: NDArray[np.float64]
    branches: tuple[Branch, ...]
    leaves_of: Mapping[str, tuple[str, ...]]

    @property
    def total(self) -> str:
        """Key of the root, the index itself."""
        return self.branches[-1].key


def compiled(framework: pd.DataFrame, aggregation: str = "arithmetic", exponent: float = 1.0) -> Tree:
    """Make a framework ready for computing; `aggregation` and `exponent` hold where a branch names none."""
    table = check(framework)
    if aggregation not in AGGREGATIONS:
        raise FrameError(
            f"composite: aggregation {aggregation!r} is not known; use one of {', '.join(AGGREGATIONS)}"
        )
    leaf = (table["level"] == 1).to_numpy()
    leaves_of: dict[str, tuple[str, ...]] = {key: (key,) for key in table.loc[leaf, "key"]}
    branches = []
    for row in table.loc[~leaf].sort_values("level", kind="stable").itertuples():
        below = table.loc[table["parent"] == row.key]
        weight = below["weight"].to_numpy(dtype="float64")
        children = tuple(below["key"])
        leaves_of[row.key] = tuple(leaf_key for child in children for leaf_key in leaves_of[child])
        how = row.aggregation or aggregation
        power = exponent if np.isnan(row.exponent) else float(row.exponent)
        branches.append(Branch(row.key, children, tuple(weight / weight.sum()), how, power))
    directions = table.loc[leaf, "direction"].to_numpy(dtype="float64")
    return Tree(tuple(table.loc[leaf, "key"]), directions, tuple(branches), leaves_of)


def pruned(tree: Tree, key: str) -> Tree:
    """Leave one indicator or branch out of a compiled framework; `remove` does the same to the table."""
    if key not in tree.indicators and key not in tree.leaves_of:
        raise FrameError(f"composite: {key!r} cannot be left out, it is not in the framework")
    gone = set(tree.leaves_of[key])
    kept = [leaf not in gone for leaf in tree.indicators]
    leaves_of = {
        name: tuple(leaf for leaf in leaves if leaf not in gone) for name, leaves in tree.leaves_of.items()
    }
    branches = []
    for branch in tree.branches:
        pairs = zip(branch.children, branch.weights, strict=True)
        left = {child: weight for child, weight in pairs if leaves_of[child]}
        if left:
            branches.append(_weighed(replace(branch, children=tuple(left)), left))
    if not branches:
        raise FrameError(f"composite: nothing is left of the framework without {key!r}")
    indicators = tuple(leaf for leaf in tree.indicators if leaf not in gone)
    return Tree(indicators, tree.directions[kept], tuple(branches), {k: v for k, v in leaves_of.items() if v})


def reweighted(tree: Tree, weights: Mapping[str, float]) -> Tree:
    """Give a compiled framework other weights; keys that are not named keep theirs."""
    branches = []
    for branch in tree.branches:
        own = dict(zip(branch.children, branch.weights, strict=True))
        branches.append(
            _weighed(branch, {child: weights.get(child, weight) for child, weight in own.items()})
        )
    return replace(tree, branches=tuple(branches))


def effective_weights(framework: pd.DataFrame) -> pd.DataFrame:
    """Give each indicator's weight in the total: the product of its and its branches' weights, sum 1.

    Returns
    -------
    DataFrame `key, parent, weight, effective_weight`, indicators only, in the framework's order. Weights
    within a branch are relative: a branch of two and one of eleven indicators weigh the same if theirs do.

    Examples
    --------
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> made = flat({"a": 1, "b": 1, "c": 1}, branches={"a": "x", "b": "x", "c": "y"})
    >>> effective_weights(made)["effective_weight"].tolist()
    [0.25, 0.25, 0.5]
    """
    tree = compiled(framework)
    share = {tree.total: 1.0}
    for branch in reversed(tree.branches):
        for child, weight in zip(branch.children, branch.weights, strict=True):
            share[child] = share[branch.key] * weight
    table = check(framework)
    leaves = table.loc[table["level"] == 1, ["key", "parent", "weight"]].reset_index(drop=True)
    return leaves.assign(effective_weight=leaves["key"].map(share))


def _weighed(branch: Branch, weights: Mapping[str, float]) -> Branch:
    total = sum(weights.values())
    if total <= 0:
        raise FrameError(f"composite: the weights left under {branch.key!r} sum to 0; give one more weight")
    return replace(branch, weights=tuple(weights[child] / total for child in branch.children))
