"""Inequality between areas and along an order: indicator frames in, analysed frames out.

Which question, which function: how far apart are the municipalities of a county (`between_areas`); does the
indicator follow deprivation (`between_groups`: slope, relative and concentration indexes over areas or
quantile groups); is the difference within counties or between them (`decompose`); who has which share
(`lorenz`).

Areas weigh by their people. Inequality *between areas* says nothing of inequality between people inside an
area. When every area of a county is there, nothing was sampled: the interval then answers how much the
figure hangs on single areas, that is, how it would vary among counties put together of such areas.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators.concentration import fractional_rank
from sosrake_lib.indicators.inequality_areas import (
    BY,
    RANK_ON,
    WEIGHTS_ON,
    Gathered,
    containers,
    gather,
    joined,
)
from sosrake_lib.indicators.inequality_decomposition import MEASURES as PARTING
from sosrake_lib.indicators.inequality_decomposition import parted
from sosrake_lib.indicators.inequality_frames import REASONS, analysed, levels_of, parts_of
from sosrake_lib.indicators.inequality_kernels import Floats, correction
from sosrake_lib.indicators.inequality_measures import Measure, named
from sosrake_lib.indicators.inequality_order import ENDS, between_groups

__all__ = ["REASONS", "Parted", "between_areas", "between_groups", "decompose", "lorenz", "quantile_groups"]


@dataclass(frozen=True, slots=True, eq=False)
class Parted:
    """Theil's index of each group parted: `totals` an indicator frame, `parts` one row per inner area.

    `totals` has rows of statistic theil_t (or theil_l), within and between. `parts` has the group's key and
    `inner_code, people, population_share, value_share, mean, inequality, within, between`.
    """

    totals: pd.DataFrame
    parts: pd.DataFrame


def between_areas(
    frame: pd.DataFrame,
    measure: str = "gini",
    *,
    weights: str | pd.DataFrame | None = "denominator",
    within: str | None = None,
    area: tuple[str, str] = ("maa", "SSS"),
    by: Sequence[str] = BY,
    missing: str = "refuse",
    min_areas: int = 3,
    negative: str = "refuse",
    method: str | None = "jackknife",
    confidence: Iterable[float] = (0.95,),
    replicates: int = 2000,
    seed: int = 1,
    weights_on: Sequence[str] = WEIGHTS_ON,
) -> pd.DataFrame:
    """Measure how unequal an indicator is between areas, such as the municipalities of each county.

    Parameters
    ----------
    frame : indicator frame of one region level; `value` of each area, 0 or more for most measures.
    measure : "gini", "gini_corrected", "theil_t", "theil_l", "entropy_2", "atkinson_0.5", "variation",
        "palma", "s80s20", "s80s20_quantile", "poverty_rate" (other numbers behind entropy_ and atkinson_).
    weights : people of each area: a column, a frame joined by key (population as an indicator), or None (each
        area counts alike).
    within : level of the areas to compare inside, such as "hva": a column of that name with codes, or, for
        municipalities, the register in the division `borders`. Areas that lie in none (Åland has no wellbeing
        services county) are left out. None: all areas together, told as `area`.
    by : key columns that tell groups apart; every column that differs must be here.
    missing : "refuse" (a group with an area missing has status missing) or "leave_out" (computed from the
        rest; `areas_used` and `areas_expected` say how many).
    min_areas : with fewer areas the status is missing.
    negative : "refuse", or "keep" values below 0 (net costs) for gini, variation, palma and s80s20: the
        formula goes through, but the Gini may pass 1 and is undefined where the mean is not above 0.
    method : "jackknife", "bootstrap_percentile", "bootstrap_bca", or None for no interval. Areas are
        resampled.
    confidence : one or several two-sided levels; one row each.
    replicates, seed : of the bootstrap.
    weights_on : key columns by which a frame of weights is joined.

    Returns
    -------
    Analysed frame, one row per group and confidence: `region_level, region_code` of the containing area,
    `statistic` the measure, `method`, `value` and limits (per 1), `areas_level, areas_used, areas_expected`
    and `reason` (one of REASONS) where status is missing. Areas that are all equal give 0.

    Raises
    ------
    FrameError for unknown options or columns, several region levels, an area twice in a group, mixed scales
    or origins, negative weights, and negative values where the measure needs 0 or more.

    Notes
    -----
    The jackknife is the default for its speed: 450 000 rows (1 500 groups of 300 areas) take under 2 s; 2 000
    bootstrap replicates of each of these groups are 900 million weights and take about 10 s. All groups of
    one size see the same draws.

    Compared with the 3 994 Ginis Diak published for 2011-2020 (tests/test_inequality.py): weights are the
    municipalities' population of the year, counties in the division of 2021, groups of at least 5
    municipalities with a figure, missing ones left out, zeros kept.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"indicator": "osuus", "region_level": "kunta", "region_code": ["E01", "E02",
    ...     "E03", "E04"], "borders": 2026, "period": "2019", "value": [4.0, 6.0, 9.0, 12.0], "per": 100,
    ...     "denominator": [900, 2000, 1500, 800], "status": "ok", "origin": "synthetic"})
    >>> found = between_areas(areas, "gini", area=("hva", "E1"))
    >>> print(found[["region_code", "value", "lower", "upper", "areas_used"]].round(3).to_string(index=False))
    region_code  value  lower  upper  areas_used
             E1   0.19  0.058  0.323           4
    """
    where = "inequality.between_areas"
    chosen = named(measure, where)
    levels = levels_of(method, confidence, resampling.METHODS, where)
    gathered = gather(
        frame, where, within=within, area=area, by=by, weights=weights, weights_on=weights_on,
        missing=missing, min_areas=min_areas,
    )  # fmt: skip
    _refuse_negative(gathered, chosen, where, negative)
    bounds = (-np.inf, np.inf) if (gathered.rows["value"] < 0).any() else (chosen.lower, chosen.upper)
    values = np.full(len(gathered.groups), np.nan)
    found = np.full((len(levels), 2, len(values)), np.nan)
    for numbers, x, w in _by_value(gathered):
        statistic = _statistic(chosen, x)
        values[numbers] = statistic(w[:, None, :])[:, 0]
        if method is not None:
            limits = resampling.limits(
                statistic, w, method=method, confidence=levels, replicates=replicates, seed=seed, where=where
            )
            for place, one in enumerate(limits):
                found[place, :, numbers] = np.clip([one.lower, one.upper], *bounds).T
    return analysed(gathered, chosen.name, values, found, levels, method)


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
    weights_on: Sequence[str] = WEIGHTS_ON,
) -> Parted:
    """Part the inequality between areas into what lies within counties and what lies between them.

    Parameters
    ----------
    frame, weights, by, missing, min_areas, weights_on : as `between_areas`; `area` holds all of them.
    measure : "theil_t" or "theil_l".
    inner : level of the areas between which it is parted: a column of codes, or the register's for
        municipalities.

    Returns
    -------
    Parted: `totals` with three rows a group (statistic `theil_t`, `theil_t_within`, `theil_t_between`; method
    no_interval), within + between = total, and `parts` with one row per inner area.

    Source: Shorrocks (1980), doi 10.2307/1913126.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"indicator": "osuus", "region_level": "kunta", "region_code": ["E01", "E02",
    ...     "E03", "E04"], "borders": 2026, "period": "2019", "value": [10.0, 20, 30, 40], "per": 100,
    ...     "status": "ok", "origin": "synthetic", "seutukunta": ["a", "a", "b", "b"]})
    >>> found = decompose(areas, inner="seutukunta", area=("hva", "E1"), weights=None)
    >>> print(found.totals[["statistic", "value"]].round(4).to_string(index=False))
          statistic  value
            theil_t 0.1064
     theil_t_within 0.0242
    theil_t_between 0.0823
    """
    where = "inequality.decompose"
    if measure not in PARTING:
        raise FrameError(f"{where}: measure {measure!r} does not part; use one of {', '.join(PARTING)}")
    coded = frame if inner in frame else _with_parents(frame, inner, area, where)
    gathered = gather(
        coded[coded[inner].notna()], where, within=None, area=area, by=by, weights=weights,
        weights_on=weights_on, missing=missing, min_areas=min_areas,
    )  # fmt: skip
    _refuse_negative(gathered, named(measure, where), where)
    rows = _computable(gathered, zeros=measure == "theil_t")
    values = np.full((3, len(gathered.groups)), np.nan)
    listed = pd.DataFrame()
    if len(rows):
        pairs = rows.groupby(["number", inner], sort=False)
        cells = pairs.ngroup().to_numpy()
        codes = rows.loc[~pairs.ngroup().duplicated(), inner].to_numpy()
        number = rows["number"].to_numpy()
        total, listed = parted(rows["value"].to_numpy(), rows["weight"].to_numpy(), cells, number, measure)
        present = np.unique(number)
        values[0, present] = total[present]
        for row, part in ((1, "within"), (2, "between")):
            values[row, present] = np.bincount(listed["number"], listed[part], len(total))[present]
        key = gathered.groups.loc[listed["number"], list(BY)].reset_index(drop=True)
        listed = listed.drop(columns=["cell", "number"])
        listed = pd.concat([key, listed.assign(inner_code=codes)], axis=1)
    none = np.full((1, 2, values.shape[1]), np.nan)
    names = (measure, f"{measure}_within", f"{measure}_between")
    totals = [analysed(gathered, name, values[row], none, [0.95], None) for row, name in enumerate(names)]
    return Parted(frames.check(pd.concat(totals, ignore_index=True), file=where), listed)


def lorenz(
    frame: pd.DataFrame,
    *,
    weights: str | pd.DataFrame | None = "denominator",
    within: str | None = None,
    area: tuple[str, str] = ("maa", "SSS"),
    by: Sequence[str] = BY,
    missing: str = "refuse",
    min_areas: int = 3,
    weights_on: Sequence[str] = WEIGHTS_ON,
) -> pd.DataFrame:
    """Give the Lorenz curve of each group: which share of the indicator the poorest share of people has.

    Parameters as `between_areas`. For a rate the "whole" is people times value, that is, cases.

    Returns
    -------
    DataFrame (no indicator frame: a curve) with the group's key, `region_level, region_code`,
    `population_share, value_share` from (0, 0) to (1, 1). Groups that cannot be computed have no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"indicator": "osuus", "region_level": "kunta", "region_code": ["E01", "E02",
    ...     "E03"], "borders": 2026, "period": "2019", "value": [1.0, 2.0, 5.0], "per": 100,
    ...     "status": "ok", "origin": "synthetic"})
    >>> curve = lorenz(areas, area=("hva", "E1"), weights=None)
    >>> print(curve["value_share"].round(3).tolist())
    [0.0, 0.125, 0.375, 1.0]
    """
    where = "inequality.lorenz"
    gathered = gather(
        frame, where, within=within, area=area, by=by, weights=weights, weights_on=weights_on,
        missing=missing, min_areas=min_areas,
    )  # fmt: skip
    _refuse_negative(gathered, named("gini"), where)
    rows = _computable(gathered)
    # A row of nothing before each group is the curve's corner (0, 0).
    start = rows.drop_duplicates("number").assign(value=-1.0, weight=0.0)
    curve = pd.concat([start, rows], ignore_index=True)
    curve = curve.iloc[np.lexsort([curve["value"], curve["number"]])]
    number = curve["number"]
    whole = pd.DataFrame({"people": curve["weight"], "part": curve["weight"] * curve["value"]})
    shares = whole.groupby(number).cumsum() / whole.groupby(number).transform("sum")
    groups = gathered.groups.rename(columns={"container": "region_code"})
    key = groups.loc[number, [*BY, "region_level", "region_code"]].reset_index(drop=True)
    return key.assign(
        population_share=shares["people"].to_numpy(), value_share=shares["part"].abs().to_numpy()
    ).dropna(subset=["value_share"], ignore_index=True)


def quantile_groups(
    frame: pd.DataFrame,
    rank_by: str | pd.DataFrame,
    n: int = 5,
    *,
    first: str = "highest",
    weights: str | pd.DataFrame | None = None,
    rank_on: Sequence[str] = RANK_ON,
    weights_on: Sequence[str] = WEIGHTS_ON,
) -> pd.DataFrame:
    """Put areas into n groups of about equal size in the order of another indicator, such as deprivation.

    Parameters
    ----------
    frame : indicator frame of one region level.
    rank_by : a column, or an indicator frame joined by `rank_on` (one row an area).
    n : number of groups, 2 or more; at least two areas a group are needed.
    first : which end is group 1: "highest" (the most deprived first, as in SII) or "lowest".
    weights : None: groups of equally many areas; a column or frame of people: of about equal population.

    Returns
    -------
    The rows with `quantile` (1 to n; empty where the rank is missing). Equal ranks come into the same group;
    an area belongs where the middle of its share lies.

    Raises
    ------
    FrameError for an unknown end, n below 2, too few ranked areas, and as `between_areas`.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"indicator": "osuus", "region_level": "kunta", "region_code": ["E01", "E02",
    ...     "E03", "E04"], "borders": 2026, "period": "2019", "value": [4.0, 6.0, 9.0, 12.0], "per": 100,
    ...     "status": "ok", "origin": "synthetic", "deprivation": [80, 95, 110, 130]})
    >>> quantile_groups(areas, "deprivation", 2)["quantile"].tolist()
    [2.0, 2.0, 1.0, 1.0]
    """
    where = "inequality.quantile_groups"
    if first not in ENDS or n < 2:
        raise FrameError(f"{where}: first {first!r}, n {n}; use one of {', '.join(ENDS)}, and n of 2 or more")
    rows = frames.check(frame, file=where)
    rank = joined(rows, rank_by, rank_on, "rank", where)
    people = joined(rows, weights, weights_on, "weights", where)
    areas = rows[["region_level", "region_code", "borders"]].assign(rank=rank, people=people)
    areas["people"] = areas["people"].where(areas["rank"].notna())
    one = areas.dropna().drop_duplicates(["region_level", "region_code", "borders"])
    if len(one) < 2 * n:
        raise FrameError(
            f"{where}: {len(one)} areas have a rank; {n} groups need at least {2 * n}: use fewer groups"
        )
    if one["region_level"].nunique() > 1 or one["borders"].nunique() > 1:
        raise FrameError(
            f"{where}: several region levels or borders; rank the areas of one level and division"
        )
    place = fractional_rank(one["rank"] * (-1 if first == "highest" else 1), one["people"])
    group = pd.Series(np.clip(np.ceil(place * n - 1e-9), 1, n), index=one["region_code"])
    if group.nunique() < n:
        raise FrameError(f"{where}: equal ranks leave a group of {n} empty; use fewer groups")
    return rows.assign(quantile=rows["region_code"].map(group).where(~np.isnan(rank)).to_numpy())


def _by_value(gathered: Gathered) -> Iterable[tuple[np.ndarray, Floats, Floats]]:
    """Give stacks of groups with their areas in ascending order of value."""
    for numbers, (x, w) in parts_of(gathered, "value", "weight"):
        order = np.argsort(x, axis=1, kind="stable")
        yield numbers, np.take_along_axis(x, order, axis=1), np.take_along_axis(w, order, axis=1)


def _computable(gathered: Gathered, *, zeros: bool = True) -> pd.DataFrame:
    """Give the rows of groups that can be computed; without zeros, groups with a value of 0 go too."""
    rows = gathered.rows
    able = (gathered.groups["reason"] == "").to_numpy(copy=True)
    if not zeros:
        able[rows.loc[rows["value"] == 0, "number"].unique()] = False
    return rows[able[rows["number"].to_numpy()]].reset_index(drop=True)


def _statistic(chosen: Measure, x: Floats) -> resampling.Statistic:
    factor = correction(x.shape[1]) if chosen.key == "gini_corrected" else 1.0

    def statistic(w: Floats) -> Floats:
        return factor * chosen.kernel(x, w)

    return statistic


def _refuse_negative(gathered: Gathered, chosen: Measure, where: str, negative: str = "refuse") -> None:
    if negative not in ("refuse", "keep"):
        raise FrameError(f"{where}: negative {negative!r}; use refuse or keep")
    below = gathered.rows.index[gathered.rows["value"] < 0]
    if len(below) and not chosen.accepts(negative):
        row = gathered.rows.loc[below[0]]
        raise FrameError(
            f"{where}: {row['indicator']} {row['region_level']} {row['region_code']} {row['period']} is "
            f"{row['value']:g}; {chosen.name} needs values of 0 or more: use "
            "between_groups with measure sii or concentration_generalised, or negative='keep' if it applies"
        )


def _with_parents(frame: pd.DataFrame, inner: str, area: tuple[str, str], where: str) -> pd.DataFrame:
    return frames.check(frame, file=where).assign(
        **{inner: lambda rows: containers(rows, inner, area, where)}
    )
