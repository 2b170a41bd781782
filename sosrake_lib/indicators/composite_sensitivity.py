"""Which choice moves which area: an index computed again under every declared alternative of every choice.

Two runs compare on a common scale: each run's index is standardised over the areas (mean 0, standard
deviation 1), as an index of z-scores and one of 0-100 have nothing else in common. Source: Saisana,
Saltelli and Tarantola (2005), doi 10.1111/j.1467-985X.2005.00350.x; OECD and JRC (2008), doi
10.1787/9789264043466-en, step 7. Error of the figures themselves: `composite_sampling`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.composite_framework import check
from sosrake_lib.indicators.composite_normalise import ranks
from sosrake_lib.indicators.composite_rerun import Rerun
from sosrake_lib.indicators.composite_tree import compiled
from sosrake_lib.indicators.composite_wide import UNIT, Wide, widen

Floats = NDArray[np.float64]
Alternatives = Sequence[str] | Mapping[str, Any]

CHOICES = ("normalisation", "aggregation", "weights", "imputation", "leave_out")
HELD_ELSEWHERE = ("screening", "outlier_treatment", "indicators_of_the_framework", "sampling_error")
IMPOSSIBLE = ("refuse", "leave_out")
RUNS_AT_MOST = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """How much an index owes to its choices.

    `areas` : UNIT, value (base run), standardised, lowest, highest, spread (standardised units, over all
    runs), moved_most_by (a choice, or "nothing"), runs_with_value.
    `choices` : one row an area and varied choice: UNIT, choice, spread (this choice alone, others at base),
    first_order and total_order (shares of the variance over the full factorial; empty without one).
    `overall` : per choice the means over the areas. `declared` : every choice, its alternatives and whether
    it was varied, with what is held outside this function. `runs` : one row a run: its alternatives, `base`,
    `changes` (choices off base), status computed or not_computable, reason. `orders` (research only):
    lowest and highest place of each area. `design` : "full_factorial" or "one_at_a_time".
    """

    areas: pd.DataFrame
    choices: pd.DataFrame
    overall: pd.DataFrame
    declared: pd.DataFrame
    runs: pd.DataFrame
    orders: pd.DataFrame
    design: str


def sensitivity(
    frame: pd.DataFrame,
    framework: pd.DataFrame,
    *,
    normalisation: Alternatives = ("min_max",),
    aggregation: Alternatives = ("framework",),
    weights: Alternatives = ("framework",),
    imputation: Sequence[str] = ("none",),
    leave_out: Sequence[str] | bool = ("nothing",),
    missing: str = "refuse",
    impossible: str = "refuse",
    most_runs: int = RUNS_AT_MOST,
) -> Sensitivity:
    """Compute the index under all declared alternatives; the first of each choice is the base.

    Parameters
    ----------
    frame : indicator frame of one period, sex, age and group.
    normalisation : names, or label -> name, `Scaling` or indicator -> either.
    aggregation : "framework" (each branch its own, else arithmetic) or an aggregation for every branch;
        label -> (name, exponent) for generalised means.
    weights : "framework", "equal", "pca", or label -> mapping of key to weight.
    imputation : names of `composite_treat.impute` that need no groups.
    leave_out : "nothing" and keys of indicators or branches; True = nothing and every indicator in turn.
    missing : as in `composite.index`.
    impossible : what to do when a combination cannot be computed (a geometric mean of z-scores): "refuse"
        with its name, or "leave_out": the run stands in `runs` as not_computable and shares are empty.
    most_runs : above this the full factorial is not run, only one choice at a time; `design` says which.

    Returns
    -------
    Sensitivity. Shares come from the full factorial with equal weight for every alternative:
    first_order = Var(mean given the choice) / Var, total_order = mean of Var given all others / Var; they
    speak of the declared alternatives only. About 1 ms a run for 300 areas and 50 indicators.

    Raises
    ------
    FrameError for several periods, an unknown alternative, one declared twice, or an impossible combination.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 4 + ["b"] * 4, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297", "740"] * 2, "borders": 2026, "period": "2019",
    ...     "value": [1.0, 2, 3, 9, 10, 40, 20, 15], "status": "ok", "origin": "synthetic"})
    >>> found = sensitivity(rows, flat({"a": 1, "b": 1}), normalisation=["min_max", "rank"], leave_out=True)
    >>> print(found.design, len(found.runs), found.areas["moved_most_by"].unique().tolist())
    full_factorial 6 ['leave_out', 'normalisation']
    """
    table = check(framework)
    tree = compiled(table)
    wide = widen(frame, tree.indicators, "composite_sensitivity")
    if wide.sets.max() > 0:
        raise FrameError(
            "composite_sensitivity: the frame has several periods, sexes, ages or groups; select one at a "
            "time"
        )
    if impossible not in IMPOSSIBLE:
        raise FrameError(
            f"composite_sensitivity: impossible {impossible!r}; use one of {', '.join(IMPOSSIBLE)}"
        )
    if leave_out is True:
        leave_out = ("nothing", *tree.indicators)
    elif leave_out is False:
        leave_out = ("nothing",)
    given = (normalisation, aggregation, weights, imputation, leave_out)
    levels = {name: _labelled(name, one) for name, one in zip(CHOICES, given, strict=True)}
    combinations, design = _design(levels, most_runs)
    rerun = Rerun(wide, table, missing, levels)
    totals, reasons = _computed(rerun, combinations, len(wide.values), impossible)
    return _result(wide, levels, combinations, totals, reasons, design)


def variance_shares(grid: Floats) -> tuple[Floats, Floats]:
    """First-order and total-order shares of a full factorial, alternatives of a choice equally likely.

    Parameters
    ----------
    grid : one axis a choice, the last axis the areas.

    Returns
    -------
    Two arrays choices x areas; NaN where an area does not vary or lacks a run.
    """
    axes = tuple(range(grid.ndim - 1))
    whole = grid.var(axis=axes)
    safe = np.where(whole > 1e-20, whole, np.nan)
    first, total = [], []
    for axis in axes:
        others = tuple(other for other in axes if other != axis)
        mean = grid.mean(axis=others) if others else grid
        first.append(mean.var(axis=0) / safe)
        total.append(grid.var(axis=axis).mean(axis=tuple(range(grid.ndim - 2))) / safe)
    return np.array(first), np.array(total)


def _labelled(choice: str, given: Alternatives | Sequence[str]) -> dict[str, Any]:
    if isinstance(given, str):
        given = (given,)
    names = list(given)
    if not names or len(set(names)) < len(names):
        raise FrameError(
            f"composite_sensitivity: {choice} {names}; give one or several different alternatives, base first"
        )
    if isinstance(given, Mapping):
        return dict(given)
    return {str(name): name for name in names}


def _design(levels: Mapping[str, Mapping[str, Any]], most: int) -> tuple[list[tuple[str, ...]], str]:
    number = int(np.prod([len(one) for one in levels.values()]))
    if number <= most:
        return list(product(*levels.values())), "full_factorial"
    base = tuple(next(iter(one)) for one in levels.values())
    runs = [base]
    for place, alternatives in enumerate(levels.values()):
        runs += [(*base[:place], label, *base[place + 1 :]) for label in list(alternatives)[1:]]
    return runs, "one_at_a_time"


def _computed(
    rerun: Rerun, combinations: list[tuple[str, ...]], areas: int, impossible: str
) -> tuple[Floats, list[str]]:
    totals = np.full((len(combinations), areas), np.nan)
    reasons = []
    for number, labels in enumerate(combinations):
        try:
            totals[number] = rerun.total(labels)
            reasons.append("")
        except FrameError as problem:
            if impossible == "refuse":
                named = ", ".join(f"{name} {label}" for name, label in zip(CHOICES, labels, strict=True))
                raise FrameError(
                    f"composite_sensitivity: the combination {named} cannot be computed: {problem}; "
                    "declare other alternatives, or say impossible='leave_out'"
                ) from problem
            reasons.append(str(problem))
    if reasons[0]:
        raise FrameError(f"composite_sensitivity: the base run cannot be computed: {reasons[0]}")
    return totals, reasons


def _result(
    wide: Wide,
    levels: dict[str, dict[str, Any]],
    combinations: list[tuple[str, ...]],
    totals: Floats,
    reasons: list[str],
    design: str,
) -> Sensitivity:
    runs = pd.DataFrame(combinations, columns=list(CHOICES))
    base = runs.iloc[0]
    runs["changes"] = (runs[list(CHOICES)] != base).sum(axis=1)
    runs["base"] = runs["changes"] == 0
    runs["status"] = np.where(np.array(reasons) == "", "computed", "not_computable")
    runs["reason"] = reasons
    scores = _standardised(totals)
    varied = [name for name in CHOICES if len(levels[name]) > 1]
    units = wide.units[list(UNIT)]
    choices = pd.concat(
        [units.assign(choice=name, spread=_alone(runs, scores, name)) for name in varied]
        or [_no_choices(units)],
        ignore_index=True,
    )
    choices["first_order"], choices["total_order"] = _shares(levels, varied, scores, design)
    areas = units.assign(value=totals[0], standardised=scores[0], **_range(scores))
    areas["moved_most_by"] = _most(choices, varied, len(units))
    areas["runs_with_value"] = np.isfinite(totals).sum(axis=0)
    overall = choices.groupby("choice", sort=False)[["spread", "first_order", "total_order"]].mean()
    place = ranks(-totals[:, :, None])[:, :, 0]
    orders = units.assign(order=place[0], **_range(place)).rename(
        columns={"lowest": "order_first", "highest": "order_last", "spread": "order_spread"}
    )
    declared = _declared(levels, varied)
    return Sensitivity(
        areas, choices, overall.reset_index(), declared, runs, orders.assign(audience="research"), design
    )


def _standardised(totals: Floats) -> Floats:
    present = np.isfinite(totals)
    n = np.maximum(present.sum(axis=1, keepdims=True), 1)
    away = totals - np.where(present, totals, 0).sum(axis=1, keepdims=True) / n
    spread = np.sqrt(np.where(present, away**2, 0).sum(axis=1, keepdims=True) / np.maximum(n - 1, 1))
    return away / np.where(spread > 0, spread, np.nan)


def _range(scores: Floats) -> dict[str, Floats]:
    low, high = np.fmin.reduce(scores, axis=0), np.fmax.reduce(scores, axis=0)
    return {"lowest": low, "highest": high, "spread": high - low}


def _alone(runs: pd.DataFrame, scores: Floats, name: str) -> Floats:
    others = [choice for choice in CHOICES if choice != name]
    mine = (runs[others] == runs[others].iloc[0]).all(axis=1).to_numpy()
    return _range(scores[mine])["spread"]


def _shares(
    levels: dict[str, dict[str, Any]], varied: list[str], scores: Floats, design: str
) -> tuple[Floats, Floats]:
    empty = np.full(len(varied) * scores.shape[1], np.nan)
    if design != "full_factorial" or not varied:
        return empty, empty
    grid = scores.reshape(*(len(levels[name]) for name in varied), scores.shape[1])
    first, total = variance_shares(grid)
    return first.ravel(), total.ravel()


def _most(choices: pd.DataFrame, varied: list[str], areas: int) -> NDArray:
    if not varied:
        return np.full(areas, "nothing")
    spread = choices["spread"].to_numpy().reshape(len(varied), areas)
    known = np.where(np.isnan(spread), -1.0, spread)
    return np.where(known.max(axis=0) > 1e-12, np.asarray(varied)[known.argmax(axis=0)], "nothing")


def _no_choices(units: pd.DataFrame) -> pd.DataFrame:
    return units.iloc[:0].assign(choice="", spread=0.0)


def _declared(levels: dict[str, dict[str, Any]], varied: list[str]) -> pd.DataFrame:
    rows = [(name, ", ".join(one), next(iter(one)), name in varied) for name, one in levels.items()]
    rows += [(name, "", "as in the frame", False) for name in HELD_ELSEWHERE]
    return pd.DataFrame(rows, columns=["choice", "alternatives", "base", "varied"])
