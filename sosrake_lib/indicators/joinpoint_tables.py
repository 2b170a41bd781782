"""Tables of broken lines: segments, averages, joinpoints and how their number was chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.indicators import joinpoints as lines
from sosrake_lib.indicators import trend_series as series

_FUNCTION = "trends.joinpoints"
_METHODS = {"continuous": "joinpoint_continuous", "grid": "joinpoint_grid"}


@dataclass(frozen=True, slots=True, eq=False)
class JoinpointFrames:
    """Result of `joinpoints`.

    `segments` : analysed frame, one row a segment and confidence: `value, lower, upper` the percent change a
    year (log scale, `per` 100) or the change a year in the figure's unit (linear), `period` the years of the
    segment, `segment` (1, 2, ...), `segment_start, segment_end`, `slope, standard_error, df, joinpoints`.
    `average` : analysed frame, one row a stretch and confidence: the average annual (percent) change.
    `joints` : DataFrame, one row a joinpoint and confidence: the series' columns, `joint` (1, 2, ...),
    `joinpoint` (a time in years: 2014.2), `lower, upper` (continuous only), `confidence`.
    `selection` : DataFrame, one row a stretch and number of joinpoints tried: `joinpoints, rss, df, aic, bic,
    bic3, chosen`, and for the permutation test `p_value` (against one step more or fewer, where tested).
    """

    segments: pd.DataFrame
    average: pd.DataFrame
    joints: pd.DataFrame
    selection: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Stretches with the same years: every model tried, the one chosen, and what the choice rests on."""

    members: np.ndarray
    models: dict[int, lines.Joinpoints]
    chosen: np.ndarray
    selection: pd.DataFrame


def as_frames(
    stretches: series.Stretches,
    used: np.ndarray,
    reason: np.ndarray,
    fits: list[Group],
    scale: str,
    place: str,
    levels: tuple[float, ...],
) -> JoinpointFrames:
    """Put the models chosen into frames, stretches without a result as rows with status missing."""
    names = [*series.SERIES, "borders", "origin", "stretch", "crosses_break"]
    table = pd.concat([stretches.table[[*names, "per"]], stretches.spans(used)], axis=1)
    table["periods_used"], table["reason"] = used.sum(axis=1), reason
    table["periods_expected"] = stretches.table["periods_expected"]
    parts: dict[str, list[pd.DataFrame]] = {"segments": [], "average": [], "joints": []}
    for group in fits:
        for k, model in group.models.items():
            of = group.chosen == k
            if not of.any():
                continue
            chosen = _only(model, of, scale)
            labels = _labels(stretches, used[group.members[0]])
            for level in levels:
                parts["segments"].append(_segments(chosen, group.members[of], labels, level))
                parts["average"].append(_average(chosen, group.members[of], level))
                parts["joints"].append(_joints(chosen, group.members[of], level))
    absent = pd.DataFrame({"_stretch": np.flatnonzero(reason != "")})
    for name in ("segments", "average"):
        parts[name] += [absent.assign(confidence=level) for level in levels]
    log = scale == "log"
    change = "annual_percent_change" if log else "annual_change"
    key = [*names, "period"]
    selection = pd.concat([group.selection for group in fits] or [absent], ignore_index=True)
    joints = pd.concat(parts["joints"] or [absent], ignore_index=True)
    return JoinpointFrames(
        _analysed(table, parts["segments"], change, _METHODS[place], log),
        _analysed(table, parts["average"], f"average_{change}", "joinpoint_average", log),
        _joined(table[key], joints, ["confidence", "joint"]),
        _joined(table[key], selection, ["joinpoints"]),
    )


def _only(model: lines.Joinpoints, of: np.ndarray, scale: str) -> lines.Joinpoints:
    """Take some series of a fit, with the scale that its numbers are on."""
    return lines.Joinpoints(
        model.k,
        model.place,
        scale,
        model.time,
        model.joinpoint[of],
        model.slope[of],
        model.level[of],
        model.rss[of],
        model.df,
        model.covariance[of],
    )


def _labels(stretches: series.Stretches, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last year of each period used, as texts."""
    texts = np.empty(len(stretches.time), dtype="object")
    texts[stretches.place] = stretches.rows["period"].to_numpy("object")
    return (
        np.array([text[:4] for text in texts[cells]], dtype="object"),
        np.array([text[-4:] for text in texts[cells]], dtype="object"),
    )


def _segments(
    model: lines.Joinpoints, members: np.ndarray, labels: tuple[np.ndarray, np.ndarray], level: float
) -> pd.DataFrame:
    count = model.k + 1
    ends = np.broadcast_to(model.time[[0, -1]], (len(members), 2))
    edges = np.hstack([ends[:, :1], model.joinpoint, ends[:, 1:]])
    first = np.searchsorted(model.time, edges[:, :-1], side="left")
    last = np.searchsorted(model.time, edges[:, 1:], side="right") - 1
    start, end = labels[0][first], labels[1][last]
    log = model.scale == "log"
    limits = model.apc_limits(level) if log else model.slope_limits(level)
    return pd.DataFrame(
        {
            "_stretch": np.repeat(members, count),
            "segment": np.tile(np.arange(1, count + 1), len(members)),
            "period": np.where(start == end, start, start + "/" + end).ravel(),
            "segment_start": edges[:, :-1].ravel(),
            "segment_end": edges[:, 1:].ravel(),
            "value": (model.apc() if log else model.slope).ravel(),
            "lower": limits.lower.ravel(),
            "upper": limits.upper.ravel(),
            "slope": model.slope.ravel(),
            "standard_error": model.standard_errors().ravel(),
            "df": float(model.df),
            "joinpoints": model.k,
            "confidence": level,
        }
    )


def _average(model: lines.Joinpoints, members: np.ndarray, level: float) -> pd.DataFrame:
    found = lines.average(model)
    limits = found.limits(level, scale=model.scale)
    return pd.DataFrame(
        {
            "_stretch": members,
            "value": found.change(model.scale),
            "lower": limits.lower,
            "upper": limits.upper,
            "slope": found.slope,
            "standard_error": found.standard_error,
            "df": float(model.df),
            "joinpoints": model.k,
            "confidence": level,
        }
    )


def _joints(model: lines.Joinpoints, members: np.ndarray, level: float) -> pd.DataFrame:
    limits = model.joinpoint_limits(level)
    return pd.DataFrame(
        {
            "_stretch": np.repeat(members, model.k),
            "joint": np.tile(np.arange(1, model.k + 1), len(members)),
            "joinpoint": model.joinpoint.ravel(),
            "lower": limits.lower.ravel(),
            "upper": limits.upper.ravel(),
            "confidence": level,
        }
    )


def _analysed(
    table: pd.DataFrame, parts: list[pd.DataFrame], statistic: str, method: str, log: bool
) -> pd.DataFrame:
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    for name in {"value", "lower", "upper"} - set(rows.columns):
        rows[name] = np.nan
    own = [name for name in table.columns if name not in rows.columns or name == "period"]
    joined = rows.merge(table[own], left_on="_stretch", right_index=True, suffixes=("", "_of_stretch"))
    if "period_of_stretch" in joined:
        joined["period"] = joined["period"].where(joined["period"].notna(), joined["period_of_stretch"])
        joined = joined.drop(columns="period_of_stretch")
    joined["status"] = np.where(joined["reason"] == "", "ok", "missing")
    if log:
        joined["per"] = 100.0
    joined = joined.assign(statistic=statistic, method=method, break_before=False)
    order = [name for name in ("confidence", "_stretch", "segment") if name in joined]
    joined = joined.sort_values(order, kind="stable")
    return frames.check(joined.drop(columns="_stretch"), file=_FUNCTION)


def _joined(table: pd.DataFrame, rows: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    joined = table.merge(rows, left_index=True, right_on="_stretch", how="inner")
    known = [name for name in ("_stretch", *order) if name in joined]
    return joined.sort_values(known, kind="stable").drop(columns="_stretch").reset_index(drop=True)
