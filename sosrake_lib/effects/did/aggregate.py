"""From group-time effects to the few numbers one reads: overall, by group, by step, by time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.did.group_time import GroupTime, errors_of
from sosrake_lib.effects.regression import t_quantile, two_sided
from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import SosrakeError

AGGREGATIONS = ("simple", "group", "dynamic", "calendar")


@dataclass(frozen=True, slots=True, eq=False)
class Aggregated:
    """Averages of group-time effects.

    Attributes
    ----------
    kind : one of AGGREGATIONS. at : (m,) labels: groups, steps or times; empty for simple.
    att, standard_error : (m,). influence : (units, m).
    overall, overall_error : one number. overall_influence : (units,).
    clusters : (units,) codes.
    """

    kind: str
    at: np.ndarray
    att: Floats
    standard_error: Floats
    influence: Floats
    overall: float
    overall_error: float
    overall_influence: Floats
    clusters: np.ndarray

    def frame(self, confidence: float = 0.95, critical: float | None = None) -> pd.DataFrame:
        """DataFrame `<group|step|time>, estimate, standard_error, p_value, lower, upper`, normal limits.

        `critical` replaces the normal quantile, as that of a uniform band.
        """
        name = {"group": "group", "dynamic": "step", "calendar": "time"}.get(self.kind, "all")
        half = float(t_quantile(0.5 + confidence / 2, np.inf)) if critical is None else critical
        with np.errstate(invalid="ignore", divide="ignore"):
            p_values = two_sided(self.att / self.standard_error, np.full(len(self.att), np.inf))
        return pd.DataFrame(
            {
                name: self.at,
                "estimate": self.att,
                "standard_error": self.standard_error,
                "p_value": p_values,
                "lower": self.att - half * self.standard_error,
                "upper": self.att + half * self.standard_error,
            }
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Mean:
    value: float
    influence: Floats


def aggregate(
    cells: GroupTime,
    kind: str = "simple",
    *,
    balance: int | None = None,
    first_step: float = -np.inf,
    last_step: float = np.inf,
    size_influence: str = "groups",
) -> Aggregated:
    """Average group-time effects.

    Parameters
    ----------
    cells : from group_time_effects (or `CallawaySantAnna.cells`).
    kind : "simple", all cells from the start on, weighted by the size of their group; "group", each group's
        mean over its times, overall by group size; "dynamic", by step from the start, overall the plain mean
        of steps >= 0; "calendar", by time, overall the plain mean of times.
    balance : dynamic only: keep the groups observed at least this many steps after their start, and their
        steps up to it, so that steps are comparable.
    first_step, last_step : steps outside are left out.
    size_influence : of "group" only, whose membership moves the group sizes in the overall standard error:
        each group's own ("groups"), or that of the first cells, whatever their groups ("first_cells": R did
        2.1.2 computes so, which is a slip of its indices; only for comparison with it).

    The standard errors count that group sizes are estimated too. Compared with R did aggte
    (tests/reference/did.csv). Source: Callaway B, Sant'Anna PHC (2021), doi 10.1016/j.jeconom.2020.12.001.

    Raises
    ------
    SosrakeError for an unknown kind, or when no cell is left to average.
    """
    if kind not in AGGREGATIONS:
        raise SosrakeError(f"aggregate: kind {kind!r}; expected one of {', '.join(AGGREGATIONS)}")
    after = (cells.time >= cells.group) & (cells.step <= last_step)
    if not after.any():
        raise SosrakeError("aggregate: no effect from the start on could be estimated; see cells.reasons")
    if kind == "simple":
        whole = _weighted(cells, np.flatnonzero(after))
        return _aggregated(cells, kind, np.array([]), [], whole)
    if kind == "group":
        return _by_group(cells, after, size_influence)
    if kind == "calendar":
        at = np.unique(cells.time[after])
        parts = [_weighted(cells, np.flatnonzero(after & (cells.time == time))) for time in at]
        return _aggregated(cells, kind, cells.times[at], parts, _plain(parts))
    return _by_step(cells, balance, first_step, last_step)


def _by_group(cells: GroupTime, after: np.ndarray, size_influence: str) -> Aggregated:
    if size_influence not in ("groups", "first_cells"):
        raise SosrakeError(f"aggregate: size_influence {size_influence!r}; expected groups or first_cells")
    at = np.unique(cells.group[after])
    parts = []
    for group in at:
        mine = np.flatnonzero(after & (cells.group == group))
        parts.append(_Mean(float(cells.att[mine].mean()), cells.influence[:, mine].mean(axis=1)))
    sizes, moved = _sizes(cells, at)
    if size_influence == "first_cells":
        moved = (cells.start[:, None] == cells.group[: len(at)]) * cells.share[:, None] - sizes
    whole = _combined(np.array([part.value for part in parts]), _stack(parts), sizes, moved)
    return _aggregated(cells, "group", cells.times[at], parts, whole)


def _by_step(cells: GroupTime, balance: int | None, first_step: float, last_step: float) -> Aggregated:
    step = cells.step.astype("float64")
    kept = (step >= first_step) & (step <= last_step)
    if balance is not None:
        labels = cells.times if _numeric(cells) else np.arange(len(cells.times))
        # Groups observed long enough, and only the steps that each of them could have.
        kept &= (labels[-1] - labels[cells.group] >= balance) & (step <= balance)
        kept &= step >= balance - (labels[-1] - labels[0])
    at = np.unique(step[kept])
    if not (at >= 0).any():
        raise SosrakeError("aggregate: no step from the start on is left; widen last_step or lower balance")
    parts = [_weighted(cells, np.flatnonzero(kept & (step == one))) for one in at]
    whole = _plain([part for part, one in zip(parts, at, strict=True) if one >= 0])
    return _aggregated(cells, "dynamic", at, parts, whole)


def _numeric(cells: GroupTime) -> bool:
    return bool(pd.api.types.is_numeric_dtype(cells.times))


def _weighted(cells: GroupTime, chosen: np.ndarray) -> _Mean:
    """Average cells by the size of their groups; that the sizes are estimated adds to the influence."""
    sizes, moved = _sizes(cells, cells.group[chosen])
    return _combined(cells.att[chosen], cells.influence[:, chosen], sizes, moved)


def _sizes(cells: GroupTime, groups: np.ndarray) -> tuple[Floats, Floats]:
    """Share of units in each group, (m,), and each unit's influence on it, (units, m)."""
    member = (cells.start[:, None] == groups[None, :]) * cells.share[:, None]
    sizes = member.mean(axis=0)
    return sizes, member - sizes


def _combined(values: Floats, influence: Floats, sizes: Floats, moved: Floats) -> _Mean:
    total = sizes.sum()
    weights = sizes / total
    of_weights = moved / total - moved.sum(axis=1, keepdims=True) * sizes / total**2
    return _Mean(float(weights @ values), influence @ weights + of_weights @ values)


def _plain(parts: list[_Mean]) -> _Mean:
    return _Mean(float(np.mean([part.value for part in parts])), _stack(parts).mean(axis=1))


def _stack(parts: list[_Mean]) -> Floats:
    return np.column_stack([part.influence for part in parts])


def _aggregated(cells: GroupTime, kind: str, at: np.ndarray, parts: list[_Mean], whole: _Mean) -> Aggregated:
    parts = parts or [whole]
    influence = _stack(parts)
    return Aggregated(
        kind,
        at if len(at) else np.array(["all"]),
        np.array([part.value for part in parts]),
        errors_of(influence, cells.clusters),
        influence,
        whole.value,
        float(errors_of(whole.influence[:, None], cells.clusters)[0]),
        whole.influence,
        cells.clusters,
    )
