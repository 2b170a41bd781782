"""Effects by group and time (Callaway & Sant'Anna): each start against units not treated, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.did.doubly_robust import ESTIMATORS
from sosrake_lib.effects.did.panel import Panel
from sosrake_lib.effects.did.treatment import NEVER, Adoption
from sosrake_lib.effects.regression import numbers
from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import SosrakeError

CONTROL_GROUPS = ("nevertreated", "notyettreated")
BASE_PERIODS = ("varying", "universal")


@dataclass(frozen=True, slots=True)
class Choices:
    """How a group-time effect is computed; see callaway_santanna."""

    control_group: str = "nevertreated"
    est_method: str = "dr"
    anticipation: int = 0
    base_period: str = "varying"

    def __post_init__(self) -> None:
        allowed = {
            "control_group": CONTROL_GROUPS,
            "est_method": tuple(ESTIMATORS),
            "base_period": BASE_PERIODS,
        }
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise SosrakeError(
                    f"callaway_santanna: {name} {getattr(self, name)!r}; expected one of {', '.join(values)}"
                )
        if self.anticipation < 0:
            raise SosrakeError(
                f"callaway_santanna: anticipation {self.anticipation}; expected a number of times, 0 or more"
            )


@dataclass(frozen=True, slots=True, eq=False)
class GroupTime:
    """Effects of every group in every time.

    Attributes
    ----------
    group, time : (cells,), places in `times`: the group's first treated time, and the time of the effect.
    att, standard_error : (cells,); the base cell of base_period "universal" is 0 without error.
    influence : (units, cells). share : (units,) sampling weights, mean 1.
    start : (units,), place of each unit's first treated time, NEVER for never. times : labels.
    reasons : DataFrame `group, time, reason` of the cells that could not be estimated.
    clusters : (units,) codes.
    """

    group: np.ndarray
    time: np.ndarray
    att: Floats
    standard_error: Floats
    influence: Floats
    share: Floats
    start: np.ndarray
    times: np.ndarray
    reasons: pd.DataFrame
    clusters: np.ndarray

    @property
    def frame(self) -> pd.DataFrame:
        """DataFrame `group, time, step, estimate, standard_error`; step = times since the start."""
        return pd.DataFrame(
            {
                "group": self.times[self.group],
                "time": self.times[self.time],
                "step": self.step,
                "estimate": self.att,
                "standard_error": self.standard_error,
            }
        )

    @property
    def step(self) -> Floats:
        """Time of the effect minus the first treated time, in the times' own unit where they are numbers."""
        if pd.api.types.is_numeric_dtype(self.times):
            return self.times[self.time] - self.times[self.group]
        return self.time - self.group


@dataclass(frozen=True, slots=True, eq=False)
class Wide:
    """A balanced panel: outcomes (units, times), covariates (units, times, k) or None, weights (units,)."""

    outcome: Floats
    covariates: Floats | None
    weights: Floats


def widened(panel: Panel, covariates: Sequence[str], weights: str | None, where: str) -> Wide:
    """Lay a balanced panel out as matrices."""
    order = np.lexsort((panel.time_codes, panel.unit_codes))
    shape = panel.shape
    outcome = panel.outcome[order].reshape(shape)
    extra = None
    if covariates:
        extra = np.stack(
            [numbers(panel.data, name, where)[order].reshape(shape) for name in covariates], axis=2
        )
    if weights is None:
        return Wide(outcome, extra, np.ones(shape[0]))
    # As R did: the weight of a unit is its weight in the first time.
    share = numbers(panel.data, weights, where)[order].reshape(shape)[:, 0]
    if (share <= 0).any():
        raise SosrakeError(f"{where}: weights in {weights!r} must be above 0; leave units without weight out")
    return Wide(outcome, extra, share / share.mean())


def group_time_effects(
    wide: Wide, adoption: Adoption, times: np.ndarray, choices: Choices, clusters: np.ndarray | None = None
) -> GroupTime:
    """Estimate the effect on each group in each time.

    Parameters
    ----------
    wide : outcomes by unit and time. adoption : first treated times. times : their labels, in order.
    choices : see callaway_santanna. clusters : (units,), within which influences are summed; None = units.

    Of group g in time t the change from the base time is compared with that of the controls: those never
    treated, or those whose start is later than max(t, base) + anticipation. The base is the last time before
    g - anticipation; with base_period "varying", t - 1 in the times before. Cells that cannot be estimated
    (no control, no overlap, collinear covariates) are listed with their reason.
    """
    start, last = _usable(adoption, choices, wide.outcome.shape[1])
    units = len(start)
    rows: list[tuple[int, int, float, Floats]] = []
    failed: list[tuple[object, object, str]] = []
    for group in np.unique(start[(start != NEVER) & (start > choices.anticipation) & (start < last)]):
        for time in range(0 if choices.base_period == "universal" else 1, last):
            base = _base(int(group), time, choices)
            if base == time:
                rows.append((int(group), time, 0.0, np.full(units, np.nan)))
                continue
            try:
                rows.append((int(group), time, *_cell(wide, start, int(group), time, base, choices)))
            except SosrakeError as problem:
                failed.append((times[group], times[time], str(problem)))
    if not rows:
        reason = failed[0][2] if failed else "no unit starts within the times that can be compared"
        raise SosrakeError(f"callaway_santanna: no effect can be estimated; first reason: {reason}")
    codes = np.arange(units) if clusters is None else clusters
    influence = np.column_stack([row[3] for row in rows])
    return GroupTime(
        np.array([row[0] for row in rows]),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        errors_of(influence, codes),
        influence,
        wide.weights,
        start,
        times,
        pd.DataFrame(failed, columns=["group", "time", "reason"]),
        codes,
    )


def errors_of(influence: Floats, clusters: np.ndarray) -> Floats:
    """Standard errors from influence functions summed within clusters: (units, m) to (m,)."""
    count = int(clusters.max()) + 1
    sums = np.column_stack([np.bincount(clusters, weights=column, minlength=count) for column in influence.T])
    return np.sqrt((sums**2).sum(axis=0)) / len(influence)


def _usable(adoption: Adoption, choices: Choices, times: int) -> tuple[np.ndarray, int]:
    """Starts, and the number of usable times (without never-treated units, those before the last start)."""
    start = adoption.start
    if (start == NEVER).any():
        return start, times
    if choices.control_group == "nevertreated":
        raise SosrakeError(
            "callaway_santanna: no unit is never treated; use control_group='notyettreated' or add "
            "comparison units"
        )
    last = int(start.max()) - choices.anticipation
    return start, last


def _base(group: int, time: int, choices: Choices) -> int:
    long = group - choices.anticipation - 1
    if choices.base_period == "universal" or time > long:
        return long
    return time - 1


def _cell(
    wide: Wide, start: np.ndarray, group: int, time: int, base: int, choices: Choices
) -> tuple[float, Floats]:
    treated = start == group
    free = start == NEVER
    if choices.control_group == "notyettreated":
        free = free | ((start > max(time, base) + choices.anticipation) & ~treated)
    if not free.any():
        raise SosrakeError("no control unit is left in this time")
    used = treated | free
    change = wide.outcome[used, time] - wide.outcome[used, base]
    design = np.ones((len(change), 1))
    if wide.covariates is not None:
        # The covariates of the earlier of the two times, which the treatment cannot have changed.
        design = np.column_stack([design, wide.covariates[used, min(time, base)]])
    found = ESTIMATORS[choices.est_method](
        change, treated[used].astype("float64"), design, wide.weights[used]
    )
    influence = np.zeros(len(start))
    influence[used] = found.influence * len(start) / len(change)
    return found.att, influence
