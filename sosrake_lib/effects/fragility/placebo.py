"""The same estimator where nothing should be found, and without each unit in turn; for any estimator."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.regression import check_columns, filled
from sosrake_lib.errors import FrameError, SosrakeError

RUN_COLUMNS = ("run", "estimate", "standard_error", "lower", "upper", "reason")
# A difference of estimates below this share is the rounding of the same number.
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Treated:
    """Who is treated from when: what an estimator is told, truly or as a placebo.

    `units` are labels of the unit column; `start` is the first treated time (None where there are no times).
    """

    units: tuple[Hashable, ...]
    start: Any = None

    def marks(self, unit: pd.Series, time: pd.Series | None = None) -> pd.Series:
        """Mark the treated rows with 1: those of the units, from `start` on where times are given.

        Examples
        --------
        >>> rows = pd.DataFrame({"town": ["a", "a", "b"], "year": [2019, 2020, 2020]})
        >>> Treated(("a",), 2020).marks(rows["town"], rows["year"]).tolist()
        [0, 1, 0]
        """
        mine = unit.isin(self.units)
        if time is not None and self.start is not None:
            mine &= time >= self.start
        return mine.astype("int64")


Estimator = Callable[[pd.DataFrame, Treated], Effect]


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Data, who was treated, and how the effect is estimated: what a harness needs to run it otherwise.

    Attributes
    ----------
    data : rows of units (and times). unit, time : columns; time None where there is none.
    treated : the true treatment. estimate : called with rows and a `Treated`, gives an Effect; it must read
        the treatment from `Treated` (see `Treated.marks`), not from a column that stays true under a placebo.
    """

    data: pd.DataFrame
    unit: str
    treated: Treated
    estimate: Estimator
    time: str | None = None

    def __post_init__(self) -> None:
        where = "Study"
        check_columns(self.data, [self.unit, *([self.time] if self.time else [])], where)
        known = set(filled(self.data, self.unit, where))
        lacking = [unit for unit in self.treated.units if unit not in known]
        if not self.treated.units or lacking:
            named = repr(lacking[0]) if lacking else "none"
            raise FrameError(
                f"{where}: treated unit {named} is not in column {self.unit!r}; name units of the data"
            )

    @property
    def controls(self) -> list[Hashable]:
        """Units that were not treated, in the order of the data."""
        return [unit for unit in self.data[self.unit].unique() if unit not in self.treated.units]


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """An estimate beside the same estimator run otherwise.

    Attributes
    ----------
    actual : the Effect of the true study. table : frame of RUN_COLUMNS, one row a run; `run` says what was
        done otherwise (the start, the units treated, the unit left out); a run that could not be estimated
        has empty numbers and its reason.
    p_value : of placebo in space, (1 + placebos at least as far from zero) / (1 + placebos); else not a
        number.
    smallest_p : the smallest p value that so many placebos can give; else not a number.
    """

    actual: Effect
    table: pd.DataFrame
    p_value: float
    smallest_p: float
    method: str

    @property
    def estimated(self) -> pd.DataFrame:
        """The runs that gave an estimate."""
        return self.table.loc[self.table["estimate"].notna()]


def placebo_in_time(study: Study, starts: Sequence[Any] | None = None, *, least_before: int = 2) -> Runs:
    """Pretend that the treatment began earlier, using only the times before it truly began.

    Parameters
    ----------
    study : with a time column and a start. starts : invented starts; left out, every time before the true
        start with at least `least_before` times before it.

    Returns
    -------
    Runs, one row a start. Nothing should be found; an estimate as large as the true one says that the method
    finds such numbers without any treatment.

    Raises
    ------
    FrameError when the study has no time or start, or no start has enough times before it.
    """
    where = "placebo_in_time"
    if study.time is None or study.treated.start is None:
        raise FrameError(f"{where}: the study has no time column or no start; it cannot be begun earlier")
    before = study.data.loc[study.data[study.time] < study.treated.start]
    times = sorted(before[study.time].unique())
    chosen = times[least_before:] if starts is None else list(starts)
    early = [start for start in chosen if sum(time < start for time in times) < 1 or start not in times]
    if not chosen or early:
        raise FrameError(
            f"{where}: {len(times)} time(s) before {study.treated.start!r}"
            f"{f', start {early[0]!r} is not among those with a time before it' if early else ''}; a placebo "
            f"start needs at least {least_before} times before it and one from it on"
        )
    runs = [(str(start), before, replace(study.treated, start=start)) for start in chosen]
    return Runs(_actual(study), _run(study, runs), np.nan, np.nan, "placebo_in_time")


def placebo_in_space(study: Study, *, most: int = 1000, seed: int = 0, keep_treated: bool = False) -> Runs:
    """Pretend that units without the treatment had it, as many at a time as truly had.

    Parameters
    ----------
    most : when there are more choices of units than this, so many are drawn at random with `seed`.
    keep_treated : let the truly treated serve as controls; by default they are left out, as their effect
        would lie in the comparison.

    Returns
    -------
    Runs, one row a choice of units, with `p_value` by the place of |estimate| among the placebos.

    Raises
    ------
    FrameError when there are too few untreated units to choose from.
    """
    count = len(study.treated.units)
    controls = study.controls
    if len(controls) < count + 1:
        raise FrameError(
            f"placebo_in_space: {len(controls)} untreated unit(s) for {count} treated; a placebo needs as "
            f"many untreated units as were treated, and one more to compare with"
        )
    rows = study.data if keep_treated else study.data.loc[~study.data[study.unit].isin(study.treated.units)]
    chosen = _choices(controls, count, most, seed)
    runs = [(", ".join(map(str, units)), rows, replace(study.treated, units=units)) for units in chosen]
    actual, table = _actual(study), _run(study, runs)
    found = table["estimate"].dropna().to_numpy()
    if not len(found):
        raise FrameError(f"placebo_in_space: no placebo could be estimated ({table['reason'].iloc[0]})")
    as_far = np.abs(found) >= abs(actual.estimate) * (1 - SAME)
    smallest = 1 / (1 + len(found))
    return Runs(actual, table, float((1 + as_far.sum()) * smallest), smallest, "placebo_in_space")


def leave_one_out(study: Study) -> Runs:
    """Leave each unit out in turn, treated ones too.

    Returns
    -------
    Runs, one row a unit; a unit without which nothing can be estimated (the only treated one) has its reason.
    """
    runs = []
    for unit in study.data[study.unit].unique():
        rows = study.data.loc[study.data[study.unit] != unit]
        left = tuple(one for one in study.treated.units if one != unit)
        runs.append((str(unit), rows, replace(study.treated, units=left)))
    return Runs(_actual(study), _run(study, runs), np.nan, np.nan, "leave_one_unit_out")


def leave_one_out_rows(data: pd.DataFrame, estimate: Callable[[pd.DataFrame], Effect], *, unit: str) -> Runs:
    """Leave each unit out in turn of an estimator that needs no treatment named.

    Such as the change of one group, measured twice.

    Examples
    --------
    >>> from sosrake_lib.effects import paired_change
    >>> people = pd.DataFrame({"who": list("abcd"), "before": [1, 2, 3, 4], "after": [2, 4, 4, 7]})
    >>> runs = leave_one_out_rows(
    ...     people, lambda rows: paired_change(rows["before"], rows["after"], unit="points"), unit="who"
    ... )
    >>> runs.table["estimate"].round(2).tolist()
    [2.0, 1.67, 2.0, 1.33]
    """
    everyone = Treated(tuple(data[unit].unique()) if unit in data else ())
    return leave_one_out(Study(data, unit, everyone, lambda rows, _: estimate(rows)))


def _actual(study: Study) -> Effect:
    return study.estimate(study.data, study.treated)


def _choices(controls: list[Hashable], count: int, most: int, seed: int) -> Iterator[tuple[Hashable, ...]]:
    if comb(len(controls), count) <= most:
        return combinations(controls, count)
    draw = np.random.default_rng(seed)
    chosen: dict[tuple[int, ...], None] = {}
    while len(chosen) < most:
        chosen[tuple(sorted(draw.choice(len(controls), count, replace=False).tolist()))] = None
    return (tuple(controls[place] for place in places) for places in chosen)


def _run(study: Study, runs: Sequence[tuple[str, pd.DataFrame, Treated]]) -> pd.DataFrame:
    return pd.DataFrame([_one(study, *run) for run in runs], columns=list(RUN_COLUMNS))


def _one(study: Study, name: str, rows: pd.DataFrame, treated: Treated) -> tuple[Any, ...]:
    empty = (name, np.nan, np.nan, np.nan, np.nan)
    if not treated.units:
        return (*empty, "no treated unit is left")
    try:
        found = study.estimate(rows, treated)
    except SosrakeError as problem:
        # That a run cannot be estimated is itself a finding, not a fault of the others.
        return (*empty, str(problem))
    return (name, found.estimate, found.standard_error, found.lower, found.upper, "")
