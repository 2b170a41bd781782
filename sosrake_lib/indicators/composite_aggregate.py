"""Put normalised parts together: arithmetic, geometric, harmonic, generalised means and Copeland's scores.

Means differ in how far a bad part can be bought off by a good one: fully (arithmetic), partly (geometric),
less still (harmonic). Copeland only counts which area wins more pairs: no part's size can buy anything.
Source: OECD and JRC (2008), doi 10.1787/9789264043466-en, step 6; Copeland by the outranking matrix of the
same source, section 6.3. Compared with COINr in tests/reference/composite_index.csv.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators.composite_framework import AGGREGATIONS
from sosrake_lib.indicators.composite_tree import Tree

Floats = NDArray[np.float64]

MISSING = ("refuse", "available")
POSITIVE_ONLY = ("geometric", "harmonic")
# Pairs of areas held at once: about 160 MB of float64.
_PAIRS_AT_ONCE = 10_000_000


def aggregate(
    parts: ArrayLike,
    weights: ArrayLike,
    method: str = "arithmetic",
    *,
    exponent: float = 1.0,
    missing: str = "refuse",
) -> Floats:
    """Put the last axis of (..., areas, parts) together.

    Parameters
    ----------
    parts : normalised values; NaN where absent.
    weights : one a part, zero or more; only their ratios matter.
    method : arithmetic (Σwx), geometric (exp Σw ln x), harmonic (1 / Σ(w/x)), generalised
        ((Σw xᵖ)^(1/p), p = `exponent`; 0 is the geometric), or copeland (pairs won minus pairs lost, an area
        winning a pair when more than half of the weight is on its side).
    missing : "refuse" (an area lacking a part has no value) or "available" (the parts it has, weights
        rescaled to them; in Copeland each pair by the parts both have).

    Returns
    -------
    Array (..., areas); NaN where there is nothing to put together, or where a mean that needs positive
    parts meets another (`check_positive` says so with the area).

    Examples
    --------
    >>> aggregate([[1.0, 100.0], [50.0, 51.0]], [1, 1], "geometric").round(2).tolist()
    [10.0, 50.5]
    >>> aggregate([[1.0, 9.0], [5.0, 4.0], [7.0, 8.0]], [2, 1], "copeland").tolist()
    [-2.0, 0.0, 2.0]
    """
    x = np.asarray(parts, dtype="float64")
    w = _weights(weights, x.shape[-1])
    if method not in AGGREGATIONS:
        raise SosrakeError(
            f"composite: aggregation {method!r} is not known; use one of {', '.join(AGGREGATIONS)}"
        )
    if missing not in MISSING:
        raise SosrakeError(f"composite: missing {missing!r}; use one of {', '.join(MISSING)}")
    # A part of weight 0 neither helps nor, when absent, hinders.
    x, w = x[..., w > 0], w[w > 0]
    if method == "copeland":
        return _copeland(x, w, missing)
    found = _mean(x, w, _power(method, exponent))
    return np.where(np.isnan(x).any(axis=-1), np.nan, found) if missing == "refuse" else found


def climb(leaves: Floats, tree: Tree, missing: str = "refuse") -> dict[str, Floats]:
    """Put a whole tree together from the bottom up.

    `leaves` is (..., areas, indicators) in the tree's order; out comes branch key -> (..., areas), the total
    last. With missing="available" a branch without any part is itself a missing part of the one above.
    """
    at = {key: leaves[..., place] for place, key in enumerate(tree.indicators)}
    found: dict[str, Floats] = {}
    for branch in tree.branches:
        parts = np.stack([at[child] for child in branch.children], axis=-1)
        value = aggregate(
            parts, branch.weights, branch.aggregation, exponent=branch.exponent, missing=missing
        )
        at[branch.key] = found[branch.key] = value
    return found


def check_positive(leaves: Floats, tree: Tree, missing: str, areas: Sequence[str], where: str) -> None:
    """Say which branch, part and area a mean of positive parts cannot take, and the way out."""
    at = {key: leaves[..., place] for place, key in enumerate(tree.indicators)}
    for branch in tree.branches:
        parts = np.stack([at[child] for child in branch.children], axis=-1)
        positive = branch.aggregation in POSITIVE_ONLY or (
            branch.aggregation == "generalised" and branch.exponent != 1
        )
        wrong = np.argwhere((parts <= 0) & (np.asarray(branch.weights) > 0) & positive)
        if len(wrong):
            area, part = (int(place) for place in wrong[0])
            raise FrameError(
                f"composite: the {branch.aggregation} mean of {branch.key!r} needs values above zero, but "
                f"{branch.children[part]!r} is {parts[area, part]:.4g} in area {areas[area]} of {where}; "
                "normalise by Scaling('min_max', lower=1, upper=100), or use the arithmetic mean"
            )
        at[branch.key] = aggregate(
            parts, branch.weights, branch.aggregation, exponent=branch.exponent, missing=missing
        )


def table(
    values: pd.DataFrame,
    weights: Sequence[float] | Mapping[str, float] | None = None,
    method: str = "arithmetic",
    *,
    exponent: float = 1.0,
    missing: str = "refuse",
) -> pd.Series:
    """Put the columns of a plain normalised table together, one value a row.

    Parameters
    ----------
    weights : in the order of the columns, or column -> weight; left out, equal.

    Raises
    ------
    FrameError when a geometric, harmonic or generalised mean meets a value that is not above zero.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"x": [20.0, 40.0], "y": [40.0, 40.0]}, index=["A", "B"])
    >>> table(areas, [3, 1], "harmonic").round(2).to_dict()
    {'A': 22.86, 'B': 40.0}
    """
    keys = list(map(str, values.columns))
    if isinstance(weights, Mapping):
        lacking = [key for key in keys if key not in weights]
        if lacking:
            raise FrameError(f"composite: column {lacking[0]!r} has no weight; give every column one")
        weights = [weights[key] for key in keys]
    matrix = values.to_numpy(dtype="float64")
    if method in POSITIVE_ONLY or (method == "generalised" and exponent != 1):
        wrong = np.argwhere(matrix <= 0)
        if len(wrong):
            row, column = wrong[0]
            raise FrameError(
                f"composite: the {method} mean needs values above zero, but {keys[column]!r} is "
                f"{matrix[row, column]:.4g} in area {values.index[row]}; normalise by "
                "Scaling('min_max', lower=1, upper=100), or use the arithmetic mean"
            )
    share = np.ones(len(keys)) if weights is None else weights
    found = aggregate(matrix, share, method, exponent=exponent, missing=missing)
    return pd.Series(found, index=values.index, name=method)


def _weights(weights: ArrayLike, number: int) -> Floats:
    w = np.asarray(weights, dtype="float64")
    if w.shape != (number,):
        raise SosrakeError(f"composite: {w.size} weight(s) for {number} part(s); give one a part")
    if not np.isfinite(w).all() or (w < 0).any():
        raise SosrakeError("composite: a weight is negative or not a number; weights are zero or more")
    if w.sum() <= 0:
        raise SosrakeError("composite: the weights sum to 0; give at least one part a weight above zero")
    return w / w.sum()


def _power(method: str, exponent: float) -> float:
    return {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}.get(method, float(exponent))


def _mean(x: Floats, w: Floats, power: float) -> Floats:
    """Generalised mean over the parts that are there; NaN where none is or a part is out of its domain."""
    present = ~np.isnan(x)
    weight = present @ w
    with np.errstate(invalid="ignore", divide="ignore"):
        if power == 1:
            return np.where(weight > 0, np.where(present, x, 0.0) @ w / weight, np.nan)
        safe = np.where(present, np.where(x > 0, x, np.nan), 1.0)
        if power == 0:
            mean = np.exp(np.where(present, np.log(safe), 0.0) @ w / weight)
        else:
            mean = (np.where(present, safe**power, 0.0) @ w / weight) ** (1 / power)
    return np.where(weight > 0, mean, np.nan)


def _copeland(x: Floats, w: Floats, missing: str) -> Floats:
    areas = x.shape[-2]
    flat = x.reshape(-1, areas, x.shape[-1])
    step = max(1, _PAIRS_AT_ONCE // max(areas**2, 1))
    parts = [_copeland_scores(flat[start : start + step], w) for start in range(0, len(flat), step)]
    found = np.concatenate(parts).reshape(x.shape[:-1])
    absent: NDArray[np.bool_] = (np.any if missing == "refuse" else np.all)(np.isnan(x), axis=-1)
    if missing == "refuse" and absent.any():
        # Pairs with an area that has no value of its own are no pairs.
        found = _copeland(np.where(absent[..., None], np.nan, x), w, "available")
    return np.where(absent, np.nan, found)


def _copeland_scores(x: Floats, w: Floats) -> Floats:
    won = np.zeros((len(x), x.shape[1], x.shape[1]))
    both = np.zeros_like(won)
    for part, weight in enumerate(w):
        mine, other = x[:, :, None, part], x[:, None, :, part]
        won += weight * ((mine > other) + 0.5 * (mine == other))
        both += weight * (~np.isnan(mine) & ~np.isnan(other))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = won / both
    # Sums of weights such as 0.4 + 0.1 miss a half by a rounding error.
    decided = np.where(np.isclose(share, 0.5, rtol=0, atol=1e-12), 0.0, np.sign(share - 0.5))
    return np.where(both > 0, decided, 0.0).sum(axis=-1)
