"""Has the difference between areas grown or shrunk: change of an inequality measure, the areas paired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators.inequality_areas import BY, WEIGHTS_ON, Gathered, gather
from sosrake_lib.indicators.inequality_frames import analysed, levels_of, refuse_negative
from sosrake_lib.indicators.inequality_kernels import Floats, correction
from sosrake_lib.indicators.inequality_measures import Measure, named
from sosrake_lib.indicators.trend_series import read_period

VERDICTS = ("increase", "no_change_shown", "decrease", "not_testable")
_WHERE = "inequality.change_between_areas"
_KEY = (*(column for column in BY if column != "period"), "container")
_SIDES = ("first", "last")


def change_between_areas(
    frame: pd.DataFrame,
    first: str,
    last: str,
    measure: str = "gini",
    *,
    weights: str | pd.DataFrame | None = "denominator",
    within: str | None = None,
    area: tuple[str, str] = ("maa", "SSS"),
    missing: str = "refuse",
    min_areas: int = 3,
    method: str | None = None,
    confidence: Iterable[float] = (0.95,),
    replicates: int = 2000,
    seed: int = 1,
    breaks: str = "refuse",
    weights_on: Sequence[str] = WEIGHTS_ON,
) -> pd.DataFrame:
    """Give the change of an inequality measure from one period to another, with an interval.

    The same areas stand in both periods, so their figures go up and down together. Areas are therefore
    resampled (or left out) in both periods at once; two separate intervals would be far too wide together.

    Parameters
    ----------
    frame : indicator frame of one region level with both periods; other periods are left out.
    first, last : two periods, the earlier first, such as "2010/2012" and "2019/2021".
    measure, weights, within, area, missing, min_areas, confidence, replicates, seed, weights_on :
        as `inequality.between_areas`. Areas are taken that have a figure in both periods.
    method : as `inequality.between_areas`: None is the jackknife where it holds, else bootstrap_percentile.
    breaks : "refuse" when a `break_before` lies after `first` and not after `last`, or "cross".

    Returns
    -------
    Analysed frame, one row a group and confidence: `value, lower, upper` the change (last - first), `period`
    first and last year, `statistic` <measure>_change, `first_value, last_value, areas_used, areas_expected,
    verdict` (one of VERDICTS: increase or decrease only where the interval excludes 0) and `reason`.

    Raises
    ------
    FrameError as `inequality.between_areas`, for a period that is not in the frame, the later period first,
    and a break between the two.

    Source: the jackknife of a difference of paired figures, Quenouille (1956),
    doi 10.1093/biomet/43.3-4.353; Gini: Yitzhaki (1991), doi 10.1080/07350015.1991.10509849.

    Examples
    --------
    >>> import pandas as pd
    >>> years = pd.DataFrame({"indicator": "osuus", "region_level": "kunta", "region_code": ["E01", "E02",
    ...     "E03", "E04"] * 2, "borders": 2026, "period": ["2018"] * 4 + ["2019"] * 4, "value": [4.0, 6.0,
    ...     9.0, 12.0, 6.0, 7.0, 8.0, 9.0], "per": 100, "denominator": [900, 2000, 1500, 800] * 2,
    ...     "status": "ok", "origin": "synthetic"})
    >>> found = change_between_areas(years, "2018", "2019", area=("hva", "E1"))
    >>> print(found[["first_value", "last_value", "value", "verdict"]].round(3).to_string(index=False))
     first_value  last_value  value  verdict
            0.19        0.07  -0.12 decrease
    """
    chosen = named(measure, _WHERE)
    way = chosen.way(method, _WHERE)
    levels = levels_of(way, confidence, resampling.METHODS, _WHERE)
    gathered = gather(
        _two_periods(frame, first, last, breaks), _WHERE, within=within, area=area, by=BY, weights=weights,
        weights_on=weights_on, missing=missing, min_areas=min_areas,
    )  # fmt: skip
    refuse_negative(gathered, chosen, _WHERE)
    pairs = _paired(gathered, first, last, min_areas)
    values = np.full((2, len(pairs.groups)), np.nan)
    limits = np.full((len(levels), 2, len(pairs.groups)), np.nan)
    for numbers, stack in pairs.stacks("value_first", "weight_first", "value_last", "weight_last"):
        sides = [_side(chosen, stack[0], stack[1]), _side(chosen, stack[2], stack[3])]
        alike = np.ones(stack[0].shape)
        for place, side in enumerate(sides):
            values[place, numbers] = side(alike[:, None, :])[:, 0]
        if way in resampling.METHODS:
            found = resampling.limits(
                _change(*sides), alike, method=way, confidence=levels, replicates=replicates, seed=seed,
                where=_WHERE,
            )  # fmt: skip
            for level, one in enumerate(found):
                limits[level][:, numbers] = one.lower, one.upper
    told = analysed(pairs, f"{chosen.name}_change", values[1] - values[0], limits, levels, way)
    told["first_value"], told["last_value"] = (np.tile(one, len(levels)) for one in values)
    return told.assign(verdict=_verdicts(told))


def _two_periods(frame: pd.DataFrame, first: str, last: str, breaks: str) -> pd.DataFrame:
    checked = frames.check(frame, file=_WHERE)
    if breaks not in ("refuse", "cross"):
        raise FrameError(f"{_WHERE}: breaks {breaks!r}; use refuse or cross")
    start, end = (read_period(period, _WHERE).start for period in (first, last))
    if not start < end:
        raise FrameError(f"{_WHERE}: {last!r} does not begin after {first!r}; give the earlier period first")
    for period in (first, last):
        if not (checked["period"] == period).any():
            raise FrameError(f"{_WHERE}: period {period!r} is not in the frame; give two that are")
    begins = checked["period"].map(
        {one: read_period(one, _WHERE).start for one in checked["period"].unique()}
    )
    broken = checked.loc[checked["break_before"] & (begins > start) & (begins <= end)]
    if len(broken) and breaks == "refuse":
        row = broken.iloc[0]
        raise FrameError(
            f"{_WHERE}: {row['indicator']} {row['region_level']} {row['region_code']} has break_before at "
            f"{row['period']}, between the two periods; choose periods on one side, or, knowing what "
            "changed, breaks='cross'"
        )
    return checked.loc[checked["period"].isin((first, last))]


def _paired(gathered: Gathered, first: str, last: str, min_areas: int) -> Gathered:
    """Put the two periods of each group side by side: one row per area that has a figure in both."""
    groups, rows = gathered.groups.rename_axis("number").reset_index(), gathered.rows
    sides = [groups.loc[groups["period"] == period] for period in (first, last)]
    pair = sides[0].merge(sides[1], on=list(_KEY), how="outer", suffixes=("_first", "_last"))
    start, end = first[:4], last.partition("/")[2] or last[:4]
    made = pair[list(_KEY)].assign(period=start if start == end else f"{start}/{end}", break_before=False)
    for column in ("region_level", "areas_level", "origin"):
        made[column] = pair[f"{column}_first"].fillna(pair[f"{column}_last"])
    numbered = [
        pair[f"number_{side}"].dropna().astype("int64").reset_index().set_index(f"number_{side}")["index"]
        for side in _SIDES
    ]
    one, other = (
        rows.assign(pair=rows["number"].map(numbers)).dropna(subset=["pair"])[
            ["pair", "region_code", "value", "weight"]
        ]
        for numbers in numbered
    )
    both = one.merge(other, on=["pair", "region_code"], suffixes=("_first", "_last"), validate="one_to_one")
    both = both.assign(number=both["pair"].astype("int64"))
    made["areas_used"] = np.bincount(both["number"], minlength=len(made))
    made["areas_expected"] = pair[["areas_expected_first", "areas_expected_last"]].max(axis=1).astype("int64")
    reasons = pair[["reason_first", "reason_last"]].fillna("period_absent")
    reason = reasons["reason_first"].where(reasons["reason_first"] != "", reasons["reason_last"])
    few = (reason == "") & (made["areas_used"] < min_areas)
    made["reason"] = reason.mask(few, "too_few_areas")
    return Gathered(both, made)


def _side(chosen: Measure, x: Floats, w: Floats) -> resampling.Statistic:
    """Make the measure of one period under counts (g, m, n) of its areas, in the order the areas stand."""
    order = np.argsort(x, axis=1, kind="stable")
    y, v = np.take_along_axis(x, order, axis=1), np.take_along_axis(w, order, axis=1)
    factor = correction(x.shape[1]) if chosen.key == "gini_corrected" else 1.0

    def statistic(counts: Floats) -> Floats:
        drawn = np.take_along_axis(counts, np.broadcast_to(order[:, None, :], counts.shape), axis=2)
        return factor * chosen.kernel(y, drawn * v[:, None, :])

    return statistic


def _change(before: resampling.Statistic, after: resampling.Statistic) -> resampling.Statistic:
    return lambda counts: after(counts) - before(counts)


def _verdicts(told: pd.DataFrame) -> np.ndarray:
    tested = told["lower"].notna() & told["upper"].notna()
    conditions = [~tested, told["lower"] > 0, told["upper"] < 0]
    return np.select(conditions, ["not_testable", "increase", "decrease"], default="no_change_shown")
