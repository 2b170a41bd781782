"""Before an index: screen by availability, fill gaps, tame outliers; every step leaves a row in `steps`.

Filled and changed values are marked in the frame itself (`imputed`, `treated`), so that nothing made up can
pass for observed. Source: OECD and JRC (2008), doi 10.1787/9789264043466-en, steps 3 and 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.composite_outliers import OUTLIER_METHODS, Limits, tamed
from sosrake_lib.indicators.composite_tree import compiled
from sosrake_lib.indicators.composite_wide import UNIT, Wide, replace, widen

Floats = NDArray[np.float64]

IMPUTATIONS = ("none", "mean", "median", "group_mean", "group_median", "earlier_period")
STEP_COLUMNS = (
    "step",
    "indicator",
    "region_level",
    "region_code",
    "borders",
    "period",
    "sex",
    "age",
    "group",
    "method",
    "cells",
    "reason",
)


@dataclass(frozen=True, slots=True, eq=False)
class Treated:
    """A treated frame and what was done to it.

    `steps` has STEP_COLUMNS, one row a period (with sex, age, group) and indicator, or a left-out area:
    `cells` values touched, `method`, and `reason` in words of a few keys; outlier steps add skewness and
    kurtosis before and after.
    """

    frame: pd.DataFrame
    steps: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """Areas that have enough indicators.

    `frame` without the others; `areas` one row an area and branch: `present, expected, share, kept`;
    `steps` one row an area left out.
    """

    frame: pd.DataFrame
    areas: pd.DataFrame
    steps: pd.DataFrame


def screen(
    frame: pd.DataFrame,
    framework: pd.DataFrame,
    least: float = 2 / 3,
    *,
    least_by_branch: Mapping[str, float] | None = None,
) -> Screened:
    """Leave out areas that lack too many indicators.

    Parameters
    ----------
    least : least share of the framework's indicators an area must have.
    least_by_branch : branch -> least share within it; left out, only the whole counts.

    Returns
    -------
    Screened. An area (of a period, sex, age, group) is left out with all its rows of these indicators.

    Raises
    ------
    FrameError when a share is not between 0 and 1, a branch is unknown, or fewer than three areas would stay.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 4 + ["b"] * 3, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297", "740", "046", "140", "297"], "borders": 2026,
    ...     "period": "2019", "value": [1.0, 2, 3, 4, 10, 40, 20], "status": "ok", "origin": "synthetic"})
    >>> found = screen(rows, flat({"a": 1, "b": 1}))
    >>> found.steps[["region_code", "reason"]].to_dict("records")
    [{'region_code': '740', 'reason': 'total: 1 of 2 indicators'}]
    """
    tree = compiled(framework)
    needed = {tree.total: least, **(least_by_branch or {})}
    _check_shares(needed, tree.leaves_of)
    wide = widen(frame, tree.indicators, "composite_treat.screen")
    there = np.isfinite(wide.values)
    kept = np.ones(len(there), dtype=bool)
    why = np.full(len(there), "", dtype=object)
    tables = []
    for branch in tree.branches:
        columns = [tree.indicators.index(key) for key in tree.leaves_of[branch.key]]
        present = there[:, columns].sum(axis=1)
        fine = present >= needed.get(branch.key, 0.0) * len(columns) - 1e-9
        for unit in np.flatnonzero(~fine & (why == "")):
            why[unit] = f"{branch.key}: {present[unit]} of {len(columns)} indicators"
        kept &= fine
        shares = {"present": present, "expected": len(columns), "share": present / len(columns)}
        tables.append(wide.units[list(UNIT)].assign(branch=branch.key, **shares))
    areas = pd.concat(tables, ignore_index=True)
    areas["kept"] = np.tile(kept, len(tables))
    _check_left(wide, kept)
    return Screened(_kept_rows(wide, kept), areas, _left_out(wide, kept, why))


def impute(
    frame: pd.DataFrame,
    framework: pd.DataFrame,
    method: str = "median",
    *,
    by: str | None = None,
) -> Treated:
    """Fill gaps in the framework's indicators; every filled value is marked.

    Parameters
    ----------
    method : "none"; "mean" or "median" of the areas of the same period; "group_mean", "group_median" of the
        areas of the same group (`by`); "earlier_period": the area's nearest earlier value, never across a
        `break_before`.
    by : column of groups of areas (such as their county), one value an area.

    Returns
    -------
    Treated. The frame holds the framework's indicators only, all gaps as rows, with `imputed` (True where
    filled) and `imputed_from` (method, or the period the value comes from; empty where observed). Filled
    values have status ok and origin own. What could not be filled stays `missing`, and `steps` says so.
    Filling by a mean pulls areas to the middle and hides uncertainty: compare by `composite_sensitivity`.

    Raises
    ------
    FrameError for an unknown method, or a group column that is absent or differs within an area.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 4 + ["b"] * 4, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297", "740"] * 2, "borders": 2026, "period": "2019",
    ...     "value": [1.0, 2, 3, 9, 10, 40, 20, 15], "status": "ok", "origin": "synthetic"})
    >>> rows.loc[7, ["value", "status"]] = [float("nan"), "missing"]
    >>> found = impute(rows, flat({"a": 1, "b": 1})).frame
    >>> print(found.loc[found["imputed"], ["region_code", "value", "imputed_from"]].to_string(index=False))
    region_code  value imputed_from
            740   20.0       median
    """
    if method not in IMPUTATIONS:
        raise FrameError(
            f"composite_treat.impute: method {method!r} is not known; use one of {', '.join(IMPUTATIONS)}"
        )
    tree = compiled(framework)
    wide = widen(frame, tree.indicators, "composite_treat.impute")
    groups = _groups(wide, by) if method.startswith("group_") else None
    filled, source = filled_values(wide, method, groups)
    done = np.isnan(wide.values) & np.isfinite(filled)
    was_imputed = wide.imputed | done
    marks = {"imputed": was_imputed, "imputed_from": np.where(done, source, _earlier_marks(wide))}
    steps = _steps(wide, "impute", method, np.isnan(wide.values), done)
    return Treated(replace(wide, filled, marks), steps)


def filled_values(
    wide: Wide, method: str, groups: NDArray[np.int64] | None = None
) -> tuple[Floats, NDArray[np.object_]]:
    """Fill the matrix; gives the values and, for each cell, the words of where a filling comes from."""
    values = wide.values.copy()
    source = np.full(values.shape, method, dtype=object)
    if method == "earlier_period":
        return _from_earlier(wide)
    if method == "none":
        return values, source
    middle = np.nanmedian if method.endswith("median") else np.nanmean
    for places, _ in wide.each_set():
        inside = np.zeros(len(places), dtype="int64") if groups is None else groups[places]
        for group in np.unique(inside):
            few = places[inside == group]
            known = np.isfinite(values[few]).any(axis=0)
            centre = np.full(values.shape[1], np.nan)
            centre[known] = middle(values[few][:, known], axis=0)
            values[few] = np.where(np.isnan(values[few]), centre, values[few])
    return values, source


def treat_outliers(
    frame: pd.DataFrame,
    framework: pd.DataFrame,
    method: str = "winsorise",
    *,
    limits: Limits | None = None,
) -> Treated:
    """Tame indicators whose few extreme areas would rule the index.

    Parameters
    ----------
    method : "winsorise" (extremes take the next value, at most `limits.most` of them, until the rule is
        met), "log" (log of the value above the lowest, plus a hundredth of the range), "box_cox" (power by
        maximum likelihood), "winsorise_then_log" (the second where the first did not meet the rule), "none".
    limits : an indicator is treated when |skewness| > 2 and kurtosis > 3.5 (Handbook's rule; sample-adjusted
        G1 and G2); change them with `Limits`.

    Returns
    -------
    Treated. Changed values keep the old one in `value_before_treatment` and lose limits and counts; `treated`
    marks them. `steps` has one row for *every* indicator and period, treated or not, with skewness and
    kurtosis before and after and, where the rule is still broken, reason "rule_still_broken".

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": "a", "region_level": "kunta",
    ...     "region_code": [f"{code:03d}" for code in range(10)], "borders": 2026, "period": "2019",
    ...     "value": [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 90], "status": "ok", "origin": "synthetic"})
    >>> found = treat_outliers(rows, flat({"a": 1})).frame
    >>> print(found.loc[found["treated"], ["value_before_treatment", "value"]].to_string(index=False))
     value_before_treatment  value
                       90.0    9.0
    """
    if method not in OUTLIER_METHODS:
        raise FrameError(
            f"composite_treat.treat_outliers: method {method!r} is not known; "
            f"use one of {', '.join(OUTLIER_METHODS)}"
        )
    tree = compiled(framework)
    wide = widen(frame, tree.indicators, "composite_treat.treat_outliers")
    values = wide.values.copy()
    tables = []
    for places, _ in wide.each_set():
        found = tamed(wide.values[places], method, limits or Limits())
        values[places] = found.values
        tables.append(_outlier_steps(wide, places, found.columns))
    changed = ~np.isnan(values) & (values != wide.values)
    marks = {"treated": changed, "value_before_treatment": wide.values}
    return Treated(replace(wide, values, marks), pd.concat(tables, ignore_index=True))


def _from_earlier(wide: Wide) -> tuple[Floats, NDArray[np.object_]]:
    units = wide.units
    ends = units["period"].map({period: frames.period_end(period) for period in units["period"].unique()})
    area = units.groupby(["region_code", "sex", "age", "group"], sort=False).ngroup().to_numpy()
    order = np.lexsort((ends.map({end: n for n, end in enumerate(sorted(set(ends)))}).to_numpy(), area))
    values, codes = wide.values[order], area[order]
    breaks = np.zeros(values.shape, dtype=bool)
    known = wide.cells >= 0
    breaks[known[order]] = wide.rows["break_before"].to_numpy()[wide.cells[order][known[order]]]
    position = np.arange(len(values))[:, None]
    starts = np.concatenate(([True], codes[1:] != codes[:-1]))[:, None] | breaks
    start = np.maximum.accumulate(np.where(starts, position, 0), axis=0)
    last = np.maximum.accumulate(np.where(np.isfinite(values), position, -1), axis=0)
    usable = last >= start
    took = np.where(usable, np.maximum(last, 0), 0)
    filled = np.where(usable, np.take_along_axis(values, took, axis=0), np.nan)
    periods = units["period"].to_numpy(dtype=object)[order][took]
    back = np.argsort(order)
    return filled[back], periods[back]


def _groups(wide: Wide, by: str | None) -> NDArray[np.int64]:
    if by is None or by not in wide.rows:
        raise FrameError(
            f"composite_treat.impute: column {by!r} is not in the frame; name the column of groups with by="
        )
    per_area = wide.rows.groupby("region_code")[by].nunique(dropna=False)
    if (per_area > 1).any():
        raise FrameError(
            f"composite_treat.impute: column {by} has several values in area "
            f"{per_area.index[per_area > 1][0]}; give each area one group"
        )
    of_area = wide.rows.drop_duplicates("region_code").set_index("region_code")[by]
    return pd.factorize(wide.units["region_code"].map(of_area))[0].astype("int64")


def _earlier_marks(wide: Wide) -> NDArray[np.object_]:
    old = np.full(wide.values.shape, "", dtype=object)
    if "imputed_from" in wide.rows:
        known = wide.cells >= 0
        old[known] = wide.rows["imputed_from"].fillna("").to_numpy()[wide.cells[known]]
    return old


def _steps(
    wide: Wide, step: str, method: str, gaps: NDArray[np.bool_], done: NDArray[np.bool_]
) -> pd.DataFrame:
    tables = []
    for places, _ in wide.each_set():
        some = gaps[places].any(axis=0)
        table = _set_columns(wide, places, np.asarray(wide.indicators)[some])
        cells = done[places].sum(axis=0)[some]
        left = (gaps[places] & ~done[places]).sum(axis=0)[some]
        reason = [f"{number} left missing" if number else "all gaps filled" for number in left]
        tables.append(table.assign(step=step, method=method, cells=cells, reason=reason))
    return pd.concat(tables, ignore_index=True)[list(STEP_COLUMNS)]


def _outlier_steps(wide: Wide, places: NDArray[np.int64], columns: pd.DataFrame) -> pd.DataFrame:
    table = _set_columns(wide, places, np.asarray(wide.indicators)).assign(step="outliers")
    return pd.concat([table, columns], axis=1)[[*STEP_COLUMNS, *columns.columns[3:]]]


def _set_columns(wide: Wide, places: NDArray[np.int64], indicators: NDArray) -> pd.DataFrame:
    first = wide.units.iloc[places[0]]
    constant = {
        column: first[column] for column in ("region_level", "borders", "period", "sex", "age", "group")
    }
    return pd.DataFrame({"indicator": indicators}).assign(region_code="", **constant)


def _check_shares(needed: Mapping[str, float], branches: Mapping[str, tuple[str, ...]]) -> None:
    for key, share in needed.items():
        if key not in branches:
            raise FrameError(f"composite_treat.screen: {key!r} is no branch of the framework")
        if not 0 <= share <= 1:
            raise FrameError(f"composite_treat.screen: least share {share!r} of {key!r}; expected 0 to 1")


def _check_left(wide: Wide, kept: NDArray[np.bool_]) -> None:
    for places, name in wide.each_set():
        if kept[places].sum() < 3:
            raise FrameError(
                f"composite_treat.screen: {int(kept[places].sum())} area(s) would stay in {name}; "
                "an index compares at least 3: lower the least share, or take the poorly known indicators "
                "out of the framework"
            )


def _kept_rows(wide: Wide, kept: NDArray[np.bool_]) -> pd.DataFrame:
    cells = wide.cells[kept]
    return frames.check(wide.rows.iloc[np.sort(cells[cells >= 0])], file="composite_treat.screen")


def _left_out(wide: Wide, kept: NDArray[np.bool_], why: NDArray[np.object_]) -> pd.DataFrame:
    out = wide.units.loc[~kept, list(UNIT)].reset_index(drop=True)
    cells = np.isfinite(wide.values[~kept]).sum(axis=1)
    out = out.assign(step="screen", indicator="", method="left_out", cells=cells, reason=why[~kept])
    return out[list(STEP_COLUMNS)]
