"""How the indicators of a branch hang together, and the weights that the data themselves would give.

Weights by principal components follow the correlations, not importance: they are a mirror to hold up to
chosen weights, seldom weights to publish. Source: OECD and JRC (2008), doi 10.1787/9789264043466-en, steps
4 and 6; principal components compared with R prcomp in tests/reference/composite_index.csv.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import composite
from sosrake_lib.indicators.composite_framework import check
from sosrake_lib.indicators.composite_scaling import Scalings
from sosrake_lib.indicators.composite_tree import Tree, compiled, effective_weights
from sosrake_lib.indicators.composite_wide import widen
from sosrake_lib.indicators.reliability_kernels import alpha_of

Floats = NDArray[np.float64]

FLAGS = ("collinear", "negative", "weak", "ok", "not_computable")


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Principal components of a correlation matrix.

    `loadings` columns x components (unit length; each component's sign makes its loadings sum to a positive
    number), `variance_share` of each component, `weights` = squared loadings of the first (sum 1),
    `rows_used` rows without a gap.
    """

    loadings: Floats
    variance_share: Floats
    weights: Floats
    rows_used: int


def principal_components(matrix: ArrayLike) -> Components:
    """Principal components of the columns' correlation matrix; rows with a gap are left out.

    Raises
    ------
    SosrakeError for fewer than three complete rows, fewer than two columns or a column without spread.

    Examples
    --------
    >>> found = principal_components([[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 4.0]])
    >>> print(found.loadings[:, 0].round(4), found.variance_share.round(4))
    [0.7071 0.7071] [0.8536 0.1464]
    """
    x = np.asarray(matrix, dtype="float64")
    whole = x[np.isfinite(x).all(axis=1)]
    if whole.ndim != 2 or whole.shape[0] < 3 or whole.shape[1] < 2:
        raise SosrakeError(
            f"composite_weights: {len(whole)} complete area(s) and {x.shape[-1]} indicator(s); principal "
            "components need at least 3 areas without a gap and 2 indicators: impute, or take one out"
        )
    if (np.ptp(whole, axis=0) == 0).any():
        column = int(np.flatnonzero(np.ptp(whole, axis=0) == 0)[0])
        raise SosrakeError(
            f"composite_weights: indicator number {column + 1} is the same in every area (constant); "
            "take it out"
        )
    values, vectors = np.linalg.eigh(np.corrcoef(whole, rowvar=False))
    values, vectors = values[::-1], vectors[:, ::-1]
    loadings = vectors * np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)
    return Components(loadings, values / values.sum(), loadings[:, 0] ** 2, len(whole))


def correlations(matrix: ArrayLike) -> Floats:
    """Pearson correlations of columns, each pair by the rows that have both; NaN without spread or 3 rows."""
    x = np.asarray(matrix, dtype="float64")
    there = np.isfinite(x).astype("float64")
    centred = np.where(there > 0, x - np.nanmean(x, axis=0), 0.0)
    n = there.T @ there
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = centred.T @ there / n
        product = centred.T @ centred / n - mean * mean.T
        spread = (centred**2).T @ there / n - mean**2
        found = product / np.sqrt(spread * spread.T)
        # Rounding leaves specks where there is no spread at all.
        scale = np.nanmax(np.abs(centred), axis=0) ** 2
        none = (spread <= 1e-14 * scale[:, None]) | (1e-14 * scale >= spread.T)
    return np.clip(np.where((n >= 3) & ~none, found, np.nan), -1, 1)


def alpha(matrix: ArrayLike) -> float:
    """Cronbach's alpha of columns, rows with a gap left out; NaN for one column or no spread.

    Formula: k / (k - 1) · (1 - Σ var(xᵢ) / var(Σ xᵢ)). Source: Cronbach (1951), doi 10.1007/BF02310555.

    Examples
    --------
    >>> print(round(alpha([[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 4.0]]), 4))
    0.8
    """
    x = np.asarray(matrix, dtype="float64")
    whole = x[np.isfinite(x).all(axis=1)]
    if x.shape[1] < 2 or len(whole) < 3:
        return float("nan")
    return float(alpha_of(np.cov(whole, rowvar=False)))


def pca_weights(
    frame: pd.DataFrame, framework: pd.DataFrame, normalisation: Scalings = "z_score"
) -> pd.DataFrame:
    """Give each branch's parts the squared loadings of their first principal component; a new framework.

    Branches of branches use the branches' arithmetic means. A branch of one part keeps its weight. The
    columns `pca_variance_share` and `pca_areas` tell, per part, how much of its branch the component holds:
    below about a half the branch is not one thing, and these weights mean little.

    Raises
    ------
    FrameError when the frame has several periods, sexes, ages or groups: weights need one table.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 4 + ["b"] * 4, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297", "740"] * 2, "borders": 2026, "period": "2019",
    ...     "value": [1.0, 2, 3, 9, 10, 40, 20, 15], "status": "ok", "origin": "synthetic"})
    >>> found = pca_weights(rows, flat({"a": 1, "b": 1}))
    >>> print(found[["key", "weight", "pca_variance_share"]].round(2).head(2).to_string(index=False))
    key  weight  pca_variance_share
      a     0.5                0.62
      b     0.5                0.62
    """
    table, tree, leaves = _one_table(frame, framework, normalisation, "pca_weights")
    at = _parts(tree, leaves)
    table = table.assign(pca_variance_share=np.nan, pca_areas=np.nan)
    for branch in tree.branches:
        if len(branch.children) < 2:
            continue
        found = principal_components(np.stack([at[child] for child in branch.children], axis=1))
        for child, weight in zip(branch.children, found.weights, strict=True):
            row = table["key"] == child
            table.loc[row, "weight"] = weight
            table.loc[row, ["pca_variance_share", "pca_areas"]] = [found.variance_share[0], found.rows_used]
    extra = table[["key", "pca_variance_share", "pca_areas"]]
    return check(table).merge(extra, on="key", validate="one_to_one")


def correlation_flags(
    frame: pd.DataFrame,
    framework: pd.DataFrame,
    *,
    collinear: float = 0.9,
    weak: float = 0.3,
    normalisation: Scalings = "z_score",
) -> pd.DataFrame:
    """Flag pairs of parts within a branch that say the same thing twice, or do not belong together.

    Parameters
    ----------
    collinear : |correlation| above this counts one thing twice.
    weak : |correlation| below this: the two hardly share anything.

    Returns
    -------
    DataFrame `branch, part, other, correlation, areas_used, flag`, one row a pair within a branch, directions
    applied; flag is one of FLAGS. "negative" (-weak or below) means one part eats up what the other tells:
    check the direction, or give it a branch of its own.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 4 + ["b"] * 4, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297", "740"] * 2, "borders": 2026, "period": "2019",
    ...     "value": [1.0, 2, 3, 9, 10, 40, 20, 15], "status": "ok", "origin": "synthetic"})
    >>> found = correlation_flags(rows, flat({"a": 1, "b": 1}))
    >>> print(found[["part", "other", "correlation", "flag"]].round(2).to_string(index=False))
    part other  correlation flag
       a     b        -0.24 weak
    """
    _, tree, leaves = _one_table(frame, framework, normalisation, "correlation_flags")
    at = _parts(tree, leaves)
    rows = []
    for branch in tree.branches:
        matrix = np.stack([at[child] for child in branch.children], axis=1)
        found, there = correlations(matrix), np.isfinite(matrix).astype("int64")
        both = there.T @ there
        for one, other in zip(*np.triu_indices(len(branch.children), 1), strict=True):
            names = (branch.key, branch.children[one], branch.children[other])
            rows.append((*names, found[one, other], both[one, other]))
    table = pd.DataFrame(rows, columns=["branch", "part", "other", "correlation", "areas_used"])
    r = table["correlation"]
    conditions = [r.isna(), r.abs() > collinear, r <= -weak, r.abs() < weak]
    flags = ["not_computable", "collinear", "negative", "weak"]
    return table.assign(flag=np.select(conditions, flags, "ok"))


def reliability_flags(
    frame: pd.DataFrame,
    framework: pd.DataFrame,
    *,
    least: float = 0.7,
    normalisation: Scalings = "z_score",
) -> pd.DataFrame:
    """Give Cronbach's alpha of each branch, and what it would be without each part.

    Returns
    -------
    DataFrame `branch, part, alpha, alpha_without, correlation_with_rest, flag`, one row a part. Flag: "low"
    (branch below `least`), "better_without" (alpha rises without the part), "ok", "not_computable" (a branch
    of one). Alpha judges branches meant as *one* thing seen several ways. A branch that adds up different
    things (a formative one, as most disadvantage indices) may be low and still be right.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 4 + ["b"] * 4, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297", "740"] * 2, "borders": 2026, "period": "2019",
    ...     "value": [1.0, 2, 3, 9, 10, 40, 20, 15], "status": "ok", "origin": "synthetic"})
    >>> found = reliability_flags(rows, flat({"a": 1, "b": 1}))
    >>> print(found[["part", "alpha", "flag"]].round(2).to_string(index=False))
    part  alpha flag
       a  -0.62  low
       b  -0.62  low
    """
    _, tree, leaves = _one_table(frame, framework, normalisation, "reliability_flags")
    at = _parts(tree, leaves)
    rows = []
    for branch in tree.branches:
        matrix = np.stack([at[child] for child in branch.children], axis=1)
        whole = alpha(matrix)
        for place, child in enumerate(branch.children):
            others = np.delete(matrix, place, axis=1)
            without = alpha(others)
            pair = np.stack([matrix[:, place], others.mean(axis=1)], axis=1) if others.size else matrix
            rest = correlations(pair)[0, -1] if len(branch.children) > 1 else np.nan
            rows.append((branch.key, child, whole, without, rest))
    columns = ["branch", "part", "alpha", "alpha_without", "correlation_with_rest"]
    table = pd.DataFrame(rows, columns=columns)
    conditions = [table["alpha"].isna(), table["alpha"] < least, table["alpha_without"] > table["alpha"]]
    return table.assign(flag=np.select(conditions, ["not_computable", "low", "better_without"], "ok"))


def importance(
    frame: pd.DataFrame, framework: pd.DataFrame, normalisation: Scalings = "min_max"
) -> pd.DataFrame:
    """Compare each indicator's stated weight with how much of the index it explains.

    Returns
    -------
    DataFrame `indicator, effective_weight, squared_correlation, importance`; `squared_correlation` is
    with the total (arithmetic means) and `importance` the same as a share of their sum. A weight is not an
    importance: an indicator with a large weight that goes against the rest may explain nothing. Source:
    Paruolo, Saisana and Saltelli (2013), doi 10.1111/j.1467-985X.2012.01059.x.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 4 + ["b"] * 4, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297", "740"] * 2, "borders": 2026, "period": "2019",
    ...     "value": [1.0, 2, 3, 9, 10, 40, 20, 15], "status": "ok", "origin": "synthetic"})
    >>> found = importance(rows, flat({"a": 1, "b": 1}, weights={"a": 3}))
    >>> print(found[["indicator", "effective_weight", "importance"]].round(2).to_string(index=False))
    indicator  effective_weight  importance
            a              0.75        0.99
            b              0.25        0.01
    """
    _, tree, leaves = _one_table(frame, framework, normalisation, "importance")
    total = _parts(tree, leaves)[tree.total]
    r = correlations(np.column_stack([leaves, total]))[:-1, -1]
    table = effective_weights(framework).rename(columns={"key": "indicator"})
    table = table[["indicator", "effective_weight"]].assign(squared_correlation=r**2)
    return table.assign(importance=r**2 / np.nansum(r**2))


def _one_table(
    frame: pd.DataFrame, framework: pd.DataFrame, normalisation: Scalings, function: str
) -> tuple[pd.DataFrame, Tree, Floats]:
    table, tree = check(framework), compiled(framework)
    wide = widen(frame, tree.indicators, f"composite_weights.{function}")
    if wide.sets.max() > 0:
        raise FrameError(
            f"composite_weights.{function}: the frame has several periods, sexes, ages or groups; "
            "select one: correlations are between areas of one table"
        )
    chosen = composite.scalings(normalisation, tree.indicators)
    return table, tree, composite.normalised(wide, tree, chosen)


def _parts(tree: Tree, leaves: Floats) -> dict[str, Floats]:
    at = {key: leaves[:, place] for place, key in enumerate(tree.indicators)}
    for branch in tree.branches:
        stacked = np.stack([at[child] for child in branch.children], axis=1)
        at[branch.key] = stacked @ np.asarray(branch.weights)
    return at
