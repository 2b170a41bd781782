"""A composite index over areas: normalise, weigh, put together; branches and total, with parts counted.

An index is an opinion written as arithmetic: every choice is an argument, none is made silently, and
`composite_sensitivity` shows which choice moves which area. Public frames hold values, never ranks.
Source: OECD and JRC (2008), Handbook on Constructing Composite Indicators, doi 10.1787/9789264043466-en;
compared with COINr in tests/reference/composite_index.csv.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.composite_aggregate import check_positive, climb
from sosrake_lib.indicators.composite_normalise import normalise_columns, ranks
from sosrake_lib.indicators.composite_normalise import table as normalise_table
from sosrake_lib.indicators.composite_scaling import (
    Scaling,
    Scalings,
    check_finite,
    check_matrix,
    scalings,
)
from sosrake_lib.indicators.composite_tree import Tree, compiled, effective_weights
from sosrake_lib.indicators.composite_wide import UNIT, Wide, lay_out, widen
from sosrake_lib.indicators.interval_form import one_level

Floats = NDArray[np.float64]

RESEARCH = "research"


@dataclass(frozen=True, slots=True, eq=False)
class Versions:
    """Two versions of an index side by side.

    `areas` : indicator, UNIT, value_before, value_after, difference, status_before, status_after.
    `orders` : the same key with order_before, order_after (1 = highest), order_change and `audience`
    "research": places in a league table are for checking a method, never for a public page.
    """

    areas: pd.DataFrame
    orders: pd.DataFrame


def index(
    frame: pd.DataFrame,
    framework: pd.DataFrame,
    normalisation: Scalings = "min_max",
    aggregation: str = "arithmetic",
    *,
    exponent: float = 1.0,
    missing: str = "refuse",
    scope: str = "period",
    reference: str | None = None,
    reference_period: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compute a composite index and its branches for every area.

    Which areas have much of several things at once? Each indicator is brought to one scale, turned by its
    direction, weighed within its branch, and put together from the bottom up.

    Parameters
    ----------
    frame : indicator frame of one level and one map, one or several periods; each sex, age and group gives
        an index of its own.
    framework : see `composite_framework.check`; a branch may name its own `aggregation`.
    normalisation : name or `Scaling` for all indicators, or indicator -> either ("*" for the rest).
    aggregation, exponent : for branches that name none (`composite_aggregate.aggregate`).
    missing : "refuse" (an area lacking a part has no value: status missing) or "available" (what is there;
        `parts_used` tells).
    scope : "period" (areas of a period compare) or "panel" (all periods on one scale: change shows).
    reference, reference_period : region code (and, in a panel, period) for the methods that need one.
    confidence : level written into the analysed frame; there is no interval here (`composite_sampling`).

    Returns
    -------
    Analysed indicator frame, one row an area, period, sex, age, group and branch; `indicator` is the key of
    the branch or total, `statistic` "index", `method` "composite", no limits; with `parts_used`,
    `parts_expected`, `parts_imputed` (indicators under the branch), `normalisation`, `aggregation`. Higher
    means more of what direction 1 says. `break_before` where any part has one.

    Raises
    ------
    FrameError naming the indicator, area or branch: absent indicator, fewer than 3 areas, a constant
    indicator, a mean that needs positive parts, several levels or maps, synthetic among real rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 3 + ["b"] * 3, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297"] * 2, "borders": 2026, "period": "2019",
    ...     "value": [1.0, 2.0, 3.0, 10.0, 40.0, 20.0], "status": "ok", "origin": "synthetic"})
    >>> found = index(rows, flat({"a": 1, "b": -1}))
    >>> print(found[["region_code", "value", "parts_used", "parts_expected"]].round(2).to_string(index=False))
    region_code  value  parts_used  parts_expected
            046  50.00           2               2
            140  25.00           2               2
            297  83.33           2               2
    """
    one_level(confidence, "composite.index")
    tree = compiled(framework, aggregation, exponent)
    wide = widen(frame, tree.indicators, "composite.index", scope)
    chosen = scalings(normalisation, tree.indicators)
    leaves = normalised(wide, tree, chosen, reference, reference_period)
    found = {branch.key: np.empty(len(leaves)) for branch in tree.branches}
    codes = wide.units["region_code"].to_numpy()
    for places, name in wide.each_set():
        check_positive(leaves[places], tree, missing, codes[places], name)
        for key, value in climb(leaves[places], tree, missing).items():
            found[key][places] = value
    return _analysed(wide, tree, chosen, found, confidence)


def parts(
    frame: pd.DataFrame,
    framework: pd.DataFrame,
    normalisation: Scalings = "min_max",
    *,
    scope: str = "period",
    reference: str | None = None,
    reference_period: str | None = None,
) -> pd.DataFrame:
    """Show what the index is made of: each indicator's normalised value beside the value it came from.

    Returns
    -------
    The rows of the framework's indicators with `normalised`, `effective_weight` (share of the total) and
    `pull` = effective_weight · (normalised - mean of the areas): with arithmetic means throughout and nothing
    missing, an area's pulls sum to its index minus the mean index, so they tell why it is where it is.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 4 + ["b"] * 4, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297", "740"] * 2, "borders": 2026, "period": "2019",
    ...     "value": [1.0, 2, 3, 9, 10, 40, 20, 15], "status": "ok", "origin": "synthetic"})
    >>> found = parts(rows, flat({"a": 1, "b": -1}))
    >>> shown = ["indicator", "region_code", "normalised", "pull"]
    >>> print(found[shown].round(2).head(3).to_string(index=False))
    indicator region_code  normalised   pull
            a         046         0.0 -17.19
            a         140        12.5 -10.94
            a         297        25.0  -4.69
    """
    tree = compiled(framework)
    wide = widen(frame, tree.indicators, "composite.parts", scope)
    chosen = scalings(normalisation, tree.indicators)
    leaves = normalised(wide, tree, chosen, reference, reference_period)
    share = effective_weights(framework)["effective_weight"].to_numpy()
    pull = np.empty_like(leaves)
    for places, _ in wide.each_set():
        mean = np.nanmean(leaves[places], axis=0)
        pull[places] = share * (leaves[places] - mean)
    rows = wide.rows.copy()
    known = wide.cells >= 0
    for column, matrix in (
        ("normalised", leaves),
        ("effective_weight", np.broadcast_to(share, leaves.shape)),
        ("pull", pull),
    ):
        filled = np.full(len(rows), np.nan)
        filled[wide.cells[known]] = matrix[known]
        rows[column] = filled
    return rows


def of_table(
    values: pd.DataFrame,
    framework: pd.DataFrame,
    normalisation: Scalings = "min_max",
    aggregation: str = "arithmetic",
    *,
    exponent: float = 1.0,
    missing: str = "refuse",
    reference: str | None = None,
) -> pd.DataFrame:
    """Compute an index from a plain table, one row an area and one column an indicator.

    The same arithmetic as `index` for those whose data are not an indicator frame.

    Returns
    -------
    DataFrame with the rows of `values` and one column a branch, the total last.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> areas = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [10.0, 40.0, 20.0]}, index=["A", "B", "C"])
    >>> of_table(areas, flat({"a": 1, "b": -1}))["total"].round(2).tolist()
    [50.0, 25.0, 83.33]
    """
    tree = compiled(framework, aggregation, exponent)
    lacking = [key for key in tree.indicators if key not in values.columns]
    if lacking:
        raise FrameError(f"composite.of_table: indicator {lacking[0]!r} of the framework is not a column")
    chosen = values.loc[:, list(tree.indicators)]
    signs = dict(zip(tree.indicators, tree.directions.astype(int).tolist(), strict=True))
    leaves = normalise_table(chosen, signs, normalisation, reference=reference).to_numpy()
    check_positive(leaves, tree, missing, [str(name) for name in values.index], "the table")
    return pd.DataFrame(climb(leaves, tree, missing), index=values.index)


def compare_versions(before: pd.DataFrame, after: pd.DataFrame) -> Versions:
    """Put two versions of an index side by side: what a changed framework, method or year does to each area.

    Parameters
    ----------
    before, after : results of `index`, of the same keys of branches and total where they are to be compared.

    Returns
    -------
    Versions. Branches or areas that only one version has keep an empty place in the other.

    Raises
    ------
    FrameError when the two share no row.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 4 + ["b"] * 4, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297", "740"] * 2, "borders": 2026, "period": "2019",
    ...     "value": [1.0, 2, 3, 9, 10, 40, 20, 15], "status": "ok", "origin": "synthetic"})
    >>> both = flat({"a": 1, "b": 1})
    >>> found = compare_versions(index(rows, both), index(rows, both, "rank"))
    >>> print(found.areas[["region_code", "value_before", "difference"]].round(1).to_string(index=False))
    region_code  value_before  difference
            046           0.0         1.0
            140          56.2       -53.2
            297          29.2       -26.2
            740          58.3       -55.3
    """
    key = ["indicator", *UNIT]
    kept = [*key, "value", "status"]
    one, other = (frames.check(each, file="composite.compare_versions")[kept] for each in (before, after))
    joined = one.merge(other, on=key, how="outer", suffixes=("_before", "_after"), validate="one_to_one")
    if not joined[["status_before", "status_after"]].notna().all(axis=1).any():
        raise FrameError(
            "composite.compare_versions: the two versions have no area and branch in common; "
            "compare indices with the same keys, areas and periods"
        )
    areas = joined.assign(difference=joined["value_after"] - joined["value_before"])
    return Versions(areas, _orders(areas, key))


def normalised(
    wide: Wide,
    tree: Tree,
    chosen: tuple[Scaling, ...],
    reference: str | None = None,
    reference_period: str | None = None,
) -> Floats:
    """Normalise a widened frame set by set; refuses what cannot be normalised, by name."""
    leaves = np.empty_like(wide.values)
    for places, name in wide.each_set():
        matrix = wide.values[places]
        check_matrix(matrix, tree.indicators, chosen, name)
        place = reference_place(wide, places, reference, reference_period, name)
        row = None if place is None else matrix[place]
        if row is not None and np.isnan(row).any():
            key = tree.indicators[int(np.flatnonzero(np.isnan(row))[0])]
            raise FrameError(
                f"composite: reference area {reference!r} has no value of {key!r} in {name}; "
                "name an area that has every indicator"
            )
        leaves[places] = normalise_columns(matrix, chosen, tree.directions, row)
        check_finite(matrix, leaves[places], tree.indicators, chosen)
    return leaves


def reference_place(
    wide: Wide, places: NDArray[np.int64], reference: str | None, period: str | None, name: str
) -> int | None:
    """Give the reference area's number within a set; nothing when no reference is named."""
    if reference is None:
        return None
    few = wide.units.iloc[places]
    chosen = few["region_code"] == reference
    if period is not None:
        chosen &= few["period"] == period
    if chosen.sum() != 1:
        raise FrameError(
            f"composite: reference area {reference!r} has {int(chosen.sum())} rows in {name}; name an area "
            "of the frame and, in a panel, its reference_period"
        )
    return int(np.flatnonzero(chosen)[0])


def _analysed(
    wide: Wide,
    tree: Tree,
    chosen: tuple[Scaling, ...],
    found: dict[str, Floats],
    confidence: float,
) -> pd.DataFrame:
    there = np.isfinite(wide.values)
    used, expected, imputed, how = {}, {}, {}, {}
    for branch in tree.branches:
        columns = [tree.indicators.index(key) for key in tree.leaves_of[branch.key]]
        used[branch.key] = there[:, columns].sum(axis=1)
        expected[branch.key] = np.full(len(there), len(columns))
        imputed[branch.key] = wide.imputed[:, columns].sum(axis=1)
        how[branch.key] = np.full(len(there), branch.aggregation)
    methods = {one.method for one in chosen}
    extra = {"parts_used": used, "parts_expected": expected, "parts_imputed": imputed, "aggregation": how}
    rows = lay_out(wide, found, extra)
    rows["normalisation"] = methods.pop() if len(methods) == 1 else "mixed"
    rows = rows.assign(statistic="index", method="composite", confidence=confidence)
    return frames.check(rows, file="composite.index")


def _orders(areas: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    orders = areas[key].copy()
    family = areas.groupby(
        ["indicator", "region_level", "borders", "period", "sex", "age", "group"], sort=False
    ).ngroup()
    for column in ("before", "after"):
        place = np.full(len(areas), np.nan)
        for number in range(int(family.max()) + 1):
            few = np.flatnonzero(family == number)
            place[few] = ranks(-areas[f"value_{column}"].to_numpy()[few, None])[:, 0]
        orders[f"order_{column}"] = place
    orders["order_change"] = orders["order_after"] - orders["order_before"]
    return orders.assign(audience=RESEARCH)
