"""Inequality parted on frames: how much of it lies within counties and how much between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators.inequality_areas import BY, WEIGHTS_ON, Gathered, containers, gather
from sosrake_lib.indicators.inequality_decomposition import (
    MEASURES,
    PARTS,
    deleted_parts,
    part_of,
    parted,
    share_between,
)
from sosrake_lib.indicators.inequality_frames import analysed, computable, levels_of, refuse_negative
from sosrake_lib.indicators.inequality_kernels import Floats
from sosrake_lib.indicators.inequality_measures import named

_WHERE = "inequality.decompose"
# Numbers a stack of groups may hold at a time, a column for each inner area included.
_STACK = 2_000_000
# The share is told in per cent, the indexes as they are.
_SCALES = (1.0, 1.0, 1.0, 100.0)
_BOUNDS = (np.inf, np.inf, np.inf, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Parted:
    """Theil's index of each group parted: `totals` an analysed frame, `parts` one row per inner area.

    `totals` has rows of statistic theil_t (or theil_l), ..._within, ..._between and ..._between_share (the
    share between in per cent of the total, `per` 100). `parts` has the group's key and
    `inner_code, people, population_share, value_share, mean, inequality, within, between`.
    """

    totals: pd.DataFrame
    parts: pd.DataFrame


def decompose(
    frame: pd.DataFrame,
    measure: str = "theil_t",
    *,
    inner: str = "hva",
    area: tuple[str, str] = ("maa", "SSS"),
    weights: str | pd.DataFrame | None = "denominator",
    by: Sequence[str] = BY,
    missing: str = "refuse",
    min_areas: int = 3,
    method: str | None = None,
    confidence: Iterable[float] = (0.95,),
    replicates: int = 2000,
    seed: int = 1,
    weights_on: Sequence[str] = WEIGHTS_ON,
) -> Parted:
    """Part the inequality between areas into what lies within counties and what lies between them.

    Parameters
    ----------
    frame, weights, by, missing, min_areas, weights_on : as `inequality.between_areas`; `area` holds all.
    measure : "theil_t" or "theil_l".
    inner : level of the areas between which it is parted: a column of codes, or the register's for
        municipalities.
    method, confidence, replicates, seed : as `inequality.between_areas`: areas are resampled over the whole,
        not county by county, so that the total has the interval `between_areas` gives it. None is the
        jackknife.

    Returns
    -------
    Parted: `totals` with four rows a group and confidence (statistic `theil_t`, `theil_t_within`,
    `theil_t_between`, `theil_t_between_share`), within + between = total, the share in per cent and missing
    where the total is 0; and `parts` with one row per inner area (the interval of an inner area's own index:
    `between_areas` with `within`). Limits never leave 0 and, for the share, 100.

    Notes
    -----
    Where the inner areas hold few areas each, some difference *between* arises from the mere variety of the
    areas: also areas dealt out to counties by lot would give a share above 0 (about (counties - 1)/(areas -
    1) of it where all areas are of one size).

    Source: Shorrocks (1980), doi 10.2307/1913126.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"indicator": "osuus", "region_level": "kunta", "region_code": ["E01", "E02",
    ...     "E03", "E04"], "borders": 2026, "period": "2019", "value": [10.0, 20, 30, 40], "per": 100,
    ...     "status": "ok", "origin": "synthetic", "seutukunta": ["a", "a", "b", "b"]})
    >>> found = decompose(areas, inner="seutukunta", area=("hva", "E1"), weights=None)
    >>> print(found.totals[["statistic", "value", "lower", "upper"]].round(3).to_string(index=False))
                statistic  value  lower   upper
                  theil_t  0.106  0.000   0.328
           theil_t_within  0.024  0.000   0.074
          theil_t_between  0.082  0.000   0.290
    theil_t_between_share 77.304 27.376 100.000
    """
    if measure not in MEASURES:
        raise FrameError(f"{_WHERE}: measure {measure!r} does not part; use one of {', '.join(MEASURES)}")
    way = named(measure).way(method, _WHERE)
    levels = levels_of(way, confidence, resampling.METHODS, _WHERE)
    coded = frame if inner in frame else _with_parents(frame, inner, area)
    gathered = gather(
        coded[coded[inner].notna()], _WHERE, within=None, area=area, by=by, weights=weights,
        weights_on=weights_on, missing=missing, min_areas=min_areas,
    )  # fmt: skip
    refuse_negative(gathered, named(measure, _WHERE), _WHERE)
    rows = computable(gathered, zeros=measure == "theil_t")
    values = np.full((len(PARTS), len(gathered.groups)), np.nan)
    limits = np.full((len(PARTS), len(levels), 2, len(gathered.groups)), np.nan)
    listed = pd.DataFrame()
    if len(rows):
        listed = _listed(rows, gathered, inner, measure, values)
        if way in resampling.METHODS:
            _fill_limits(limits, values, rows, inner, measure, way, levels, replicates, seed)
    names = (measure, *(f"{measure}_{part}" for part in PARTS[1:]))
    totals = [
        analysed(gathered, name, scale * value, scale * limit, levels, way, per=scale)
        for name, scale, value, limit in zip(names, _SCALES, values, limits, strict=True)
    ]
    return Parted(frames.check(pd.concat(totals, ignore_index=True), file=_WHERE), listed)


def _listed(rows: pd.DataFrame, gathered: Gathered, inner: str, measure: str, values: Floats) -> pd.DataFrame:
    """Part every group: fill `values` (part, group) and list the inner areas."""
    pairs = rows.groupby(["number", inner], sort=False).ngroup()
    codes = rows.loc[~pairs.duplicated(), inner].to_numpy()
    number = rows["number"].to_numpy()
    total, table = parted(
        rows["value"].to_numpy(), rows["weight"].to_numpy(), pairs.to_numpy(), number, measure
    )
    present = np.unique(number)
    values[0, present] = total[present]
    for row, part in ((1, "within"), (2, "between")):
        values[row, present] = np.bincount(table["number"], table[part], len(total))[present]
    values[3] = share_between(values[2], values[0])
    key = gathered.groups.loc[table["number"], list(BY)].reset_index(drop=True)
    return pd.concat([key, table.drop(columns=["cell", "number"]).assign(inner_code=codes)], axis=1)


def _fill_limits(
    limits: Floats,
    values: Floats,
    rows: pd.DataFrame,
    inner: str,
    measure: str,
    way: str,
    levels: Sequence[float],
    replicates: int,
    seed: int,
) -> None:
    for numbers, x, w, cells in _stacks(rows, inner):
        for place in range(len(PARTS)):
            if way == "jackknife":
                # All parts at once, without a matrix of weights: leaving an area out changes only its cell.
                deleted = deleted_parts(x, w, cells, measure)[place]
                found = [
                    resampling.jackknife_limits(values[place, numbers], deleted, level) for level in levels
                ]
            else:
                found = resampling.limits(
                    part_of(x, cells, measure, place), w, method=way, confidence=levels,
                    replicates=replicates, seed=seed, where=_WHERE,
                )  # fmt: skip
            for level, one in enumerate(found):
                limits[place, level][:, numbers] = np.clip([one.lower, one.upper], 0, _BOUNDS[place])


def _stacks(rows: pd.DataFrame, inner: str) -> Iterable[tuple[np.ndarray, Floats, Floats, np.ndarray]]:
    """Give groups of equal size together: numbers (g,), values, weights and inner areas' codes (g, n)."""
    number = rows["number"].to_numpy()
    order = np.argsort(number, kind="stable")
    present, start, size = np.unique(number[order], return_index=True, return_counts=True)
    codes = pd.factorize(rows[inner])[0].astype("int64")[order]
    x, w = (rows[column].to_numpy("float64")[order] for column in ("value", "weight"))
    for n in np.unique(size):
        chosen = np.flatnonzero(size == n)
        step = max(1, _STACK // (int(n) * (int(codes.max()) + 1)))
        for first in range(0, len(chosen), step):
            part = chosen[first : first + step]
            places = start[part][:, None] + np.arange(n)
            yield present[part], x[places], w[places], codes[places]


def _with_parents(frame: pd.DataFrame, inner: str, area: tuple[str, str]) -> pd.DataFrame:
    return frames.check(frame, file=_WHERE).assign(
        **{inner: lambda rows: containers(rows, inner, area, _WHERE)}
    )
