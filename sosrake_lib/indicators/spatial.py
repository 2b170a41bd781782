"""Do neighbouring areas resemble each other? Moran's I, global and local, on an indicator frame.

The neighbour list is given, never guessed: pairs `region_code, neighbour_code`. A frame joins it by code;
areas without a value or without neighbours are named, not passed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators.area_families import FAMILY, Families, families
from sosrake_lib.indicators.moran import LocalMoran, Moran, permuted_local_moran, permuted_moran
from sosrake_lib.indicators.moran import local_morans_i as local_kernel
from sosrake_lib.indicators.moran import morans_i as global_kernel
from sosrake_lib.indicators.neighbours import Neighbours, for_codes

REASONS = ("", "value_absent", "no_neighbours", "all_equal")
_KEPT = ("indicator", "borders", "period", "sex", "age", "group")


def morans_i(
    frame: pd.DataFrame,
    neighbours: Neighbours | pd.DataFrame | Mapping,
    by: Sequence[str] = FAMILY,
    *,
    style: str = "W",
    zero_policy: bool = False,
    permutations: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure for each family of areas how much neighbours resemble each other.

    Parameters
    ----------
    frame : source or analysed frame; `value` is measured, each area once in a family.
    neighbours : pairs `region_code, neighbour_code` (and `weight`), or a mapping from code to codes.
    by : columns that tell families apart, with at least 3 areas with values each.
    style : "W" (each area's neighbours weigh 1 together), "B", "C", "U" or "S", see `neighbours`.
    zero_policy : False refuses areas without a neighbour that has a value, True keeps them in the mean only.
    permutations, seed : with permutations above 0 also p-values by shuffling.

    Returns
    -------
    New indicator frame, one row a family: region_level "joukko", region_code "<level of the areas>1",
    `value` Moran's I (per 1; 1 = neighbours alike, `expected` = no pattern), `moran_method`,
    `expected, variance_randomisation, z_randomisation, p_greater, p_two_sided, variance_normality,
    z_normality`, with permutations `p_greater_permuted, p_two_sided_permuted`; `areas_used,
    areas_expected`, and by code, comma separated, `areas_without_value, areas_without_neighbours`. Equal
    values in every area: status missing, reason all_equal. Suppressed and missing areas are left out and
    named.

    Raises
    ------
    FrameError for fewer than 3 areas, an area without neighbours (unless zero_policy), or codes that do not
    meet.

    Sources: Moran (1950), doi 10.1093/biomet/37.1-2.17; compared with R spdep.

    Examples
    --------
    >>> row = pd.DataFrame({"region_code": ["A1", "B1", "B1", "C1", "C1", "D1"],
    ...     "neighbour_code": ["B1", "A1", "C1", "B1", "D1", "C1"]})
    >>> areas = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": "hva",
    ...     "region_code": ["A1", "B1", "C1", "D1"], "borders": 2026, "period": "2020",
    ...     "value": [6.0, 7, 9, 12], "per": 100, "status": "ok", "origin": "synthetic"})
    >>> print(morans_i(areas, row)[["value", "expected", "p_greater"]].round(3).to_string(index=False))
     value  expected  p_greater
     0.357    -0.333      0.053
    """
    function = "spatial.morans_i"
    found, pairs, table = _mapped(frame, neighbours, by, zero_policy, function)
    try:
        kernel = global_kernel(table, pairs, style, zero_policy=zero_policy)
    except SosrakeError as problem:
        raise FrameError(f"{function}: {problem}") from problem
    result = _one_row_each(found, kernel)
    result["moran_method"] = np.where(result["status"] == "ok", "morans_i", "")
    _name_absent(result, found, pairs, table)
    if permutations:
        able = np.flatnonzero(result["status"] == "ok")
        columns = result.columns.size
        result.insert(columns, "p_greater_permuted", np.nan)
        result.insert(columns + 1, "p_two_sided_permuted", np.nan)
        for number in able:
            drawn = permuted_moran(
                table[number], pairs, style, permutations=permutations, seed=seed, zero_policy=zero_policy
            )
            result.loc[number, "p_greater_permuted"] = drawn.p_greater[0]
            result.loc[number, "p_two_sided_permuted"] = drawn.p_two_sided[0]
    return result


def local_morans_i(
    frame: pd.DataFrame,
    neighbours: Neighbours | pd.DataFrame | Mapping,
    by: Sequence[str] = FAMILY,
    *,
    style: str = "W",
    zero_policy: bool = False,
    conditional: bool = True,
    permutations: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Say of each area whether it resembles its neighbours, and whether both are high or low.

    Parameters
    ----------
    As `morans_i`; `conditional` as `moran.local_morans_i`.

    Returns
    -------
    The same rows with `local_moran, local_expected, local_variance, local_z, local_p_two_sided`,
    with permutations `local_p_permuted` (two-sided), `quadrant` (high_high, low_low, high_low, low_high,
    none: the area first, then its neighbours, against the mean of all areas), `neighbours_used`,
    `local_method` (local_morans_i or empty) and `local_reason` (why there is none: value_absent,
    no_neighbours, all_equal).

    The p-values stand for one area at a time: among a hundred areas about five fall below 0.05 by chance.
    A quadrant alone is not a finding.

    Source: Anselin (1995), doi 10.1111/j.1538-4632.1995.tb00338.x; compared with R spdep::localmoran.

    Examples
    --------
    >>> row = pd.DataFrame({"region_code": ["A1", "B1", "B1", "C1", "C1", "D1"],
    ...     "neighbour_code": ["B1", "A1", "C1", "B1", "D1", "C1"]})
    >>> areas = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": "hva",
    ...     "region_code": ["A1", "B1", "C1", "D1"], "borders": 2026, "period": "2020",
    ...     "value": [6.0, 7, 9, 12], "per": 100, "status": "ok", "origin": "synthetic"})
    >>> found = local_morans_i(areas, row)
    >>> print(found[["region_code", "local_moran", "quadrant"]].round(2).to_string(index=False))
    region_code  local_moran  quadrant
             A1         0.71   low_low
             B1         0.29   low_low
             C1         0.10 high_high
             D1         0.33 high_high
    """
    function = "spatial.local_morans_i"
    found, pairs, table = _mapped(frame, neighbours, by, zero_policy, function)
    options: dict[str, Any] = {"style": style, "zero_policy": zero_policy}
    try:
        kernel = local_kernel(table, pairs, **options, conditional=conditional)
    except SosrakeError as problem:
        raise FrameError(f"{function}: {problem}") from problem
    result = found.rows.copy()
    for column, name in {
        "local_moran": "statistic",
        "local_expected": "expected",
        "local_variance": "variance",
        "local_z": "z",
        "local_p_two_sided": "p_two_sided",
    }.items():
        result[column] = found.column(getattr(kernel, name))
    if permutations:
        result["local_p_permuted"] = found.column(
            _shuffled(table, pairs, kernel, permutations, seed, options)
        )
    result["quadrant"] = found.column(kernel.quadrant)
    result["neighbours_used"] = found.column(_linked(table, pairs))
    result["local_reason"] = _reasons(found, table, kernel, result["neighbours_used"].to_numpy())
    result["local_method"] = np.where(result["local_reason"] == "", "local_morans_i", "")
    return result


def _mapped(
    frame: pd.DataFrame,
    neighbours: Neighbours | pd.DataFrame | Mapping,
    by: Sequence[str],
    zero_policy: bool,
    function: str,
) -> tuple[Families, Neighbours, NDArray[np.float64]]:
    found = families(frame, by, function, same=("indicator", "region_level", "borders"))
    pairs = for_codes(neighbours, list(found.codes), function)
    ok = (found.rows["status"] == "ok").to_numpy()
    used = found.count(ok)
    few = np.flatnonzero(used < 3)
    if len(few):
        raise FrameError(
            f"{function}: {found.name(few[0])} has {used[few[0]]} area(s) with a value; a pattern needs at "
            "least 3; leave the family out"
        )
    table = found.table(np.where(ok, found.rows["value"], np.nan))
    alone = ~np.isnan(table) & (_linked(table, pairs) == 0)
    if alone.any() and not zero_policy:
        number = int(np.flatnonzero(alone.any(axis=1))[0])
        codes = ", ".join(map(str, found.codes[alone[number]][:5]))
        raise FrameError(
            f"{function}: {found.name(number)}: {alone[number].sum()} area(s) have no neighbour with a "
            f"value: {codes}; complete the neighbour list, leave the areas out, or give zero_policy=True"
        )
    return found, pairs, table


def _linked(table: NDArray[np.float64], pairs: Neighbours) -> NDArray[np.int64]:
    """Count the neighbours with a value of each area: families x areas."""
    present = (~np.isnan(table)).astype("float64")
    ends = np.zeros((len(pairs.codes), len(pairs.codes)))
    ends[pairs.neighbour, pairs.area] = 1.0
    return np.where(present > 0, present @ ends, 0).astype("int64")


def _one_row_each(found: Families, kernel: Moran) -> pd.DataFrame:
    first = found.rows.loc[~pd.Series(found.family).duplicated().to_numpy()].reset_index(drop=True)
    rows = first[[column for column in dict.fromkeys((*_KEPT, *found.by)) if column in first]].copy()
    for column in set(_KEPT) - set(found.by) - {"indicator", "borders"}:
        # A column the family runs over has no one value; its neutral one says so.
        several = found.rows.groupby(found.family)[column].nunique().to_numpy() > 1
        if several.any():
            raise FrameError(
                f"spatial.morans_i: column {column} has several values in one family; name it in by="
            )
    rows["region_level"], rows["region_code"] = "joukko", first["region_level"].to_numpy() + "1"
    able = ~np.isnan(kernel.statistic)
    rows["value"], rows["per"] = kernel.statistic, 1.0
    rows["status"], rows["reason"] = np.where(able, "ok", "missing"), np.where(able, "", "all_equal")
    rows["origin"] = np.where(first["origin"] == "synthetic", "synthetic", "own")
    for column in (
        *("expected", "variance_randomisation", "z_randomisation", "p_greater", "p_two_sided"),
        *("variance_normality", "z_normality"),
    ):
        rows[column] = getattr(kernel, column)
    rows = rows.drop(columns="confidence", errors="ignore")
    return frames.check(rows, file="spatial.morans_i")


def _name_absent(
    result: pd.DataFrame, found: Families, pairs: Neighbours, table: NDArray[np.float64]
) -> None:
    there = found.table(np.ones(len(found.rows))) == 1
    absent, alone = there & np.isnan(table), ~np.isnan(table) & (_linked(table, pairs) == 0)
    result["areas_used"] = (~np.isnan(table)).sum(axis=1)
    result["areas_expected"] = there.sum(axis=1)
    for column, chosen in (("areas_without_value", absent), ("areas_without_neighbours", alone)):
        result[column] = [",".join(sorted(map(str, found.codes[row]))) for row in chosen]


def _shuffled(
    table: NDArray[np.float64],
    pairs: Neighbours,
    kernel: LocalMoran,
    permutations: int,
    seed: int,
    options: Mapping,
) -> NDArray[np.float64]:
    p = np.full(table.shape, np.nan)
    for number in np.flatnonzero(~np.isnan(kernel.statistic).all(axis=1)):
        drawn = permuted_local_moran(table[number], pairs, permutations=permutations, seed=seed, **options)
        p[number] = drawn.p_two_sided
    return p


def _reasons(
    found: Families, table: NDArray[np.float64], kernel: LocalMoran, linked: NDArray[np.int64]
) -> NDArray[np.str_]:
    conditions = [
        np.isnan(found.column(table)),
        linked == 0,
        np.isnan(found.column(kernel.statistic)),
    ]
    return np.select(conditions, REASONS[1:], default="")
