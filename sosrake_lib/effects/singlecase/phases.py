"""The two phases of a case: measurements before the service began and after, in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats, need_columns, numbers, once_each
from sosrake_lib.errors import FrameError

FEW_POINTS = 3
# What Works Clearinghouse (2022) wants five points a phase to meet its standards.
ENOUGH_POINTS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Phases:
    """Measurements of one case.

    Attributes
    ----------
    baseline, treatment : values in order of time, NaN left out.
    baseline_times, treatment_times : their times.
    left_out : measurements that were empty.
    """

    baseline: Floats
    treatment: Floats
    baseline_times: Floats
    treatment_times: Floats
    left_out: int


def phases(data: pd.DataFrame, *, time: str, value: str, phase: str, baseline: Any, treatment: Any) -> Phases:
    """Take the baseline and the treatment phase of one case out of a table.

    Parameters
    ----------
    data : one row a measurement of one case.
    time : column of numbers (days, weeks, sessions) or of dates, each once.
    value : column measured; empty = not measured.
    phase : column that names the phase; `baseline` and `treatment` are its values. Other phases are left out.

    Raises
    ------
    FrameError for a missing column, a time twice, a phase without two measurements, or a treatment phase
    that does not begin after the baseline.

    Examples
    --------
    >>> data = pd.DataFrame({"week": [1, 2, 3, 4, 5], "score": [2, 3, 3, 5, 6], "phase": list("AAABB")})
    >>> found = phases(data, time="week", value="score", phase="phase", baseline="A", treatment="B")
    >>> print(found.baseline, found.treatment)
    [2. 3. 3.] [5. 6.]
    """
    where = "phases"
    need_columns(data, [time, value, phase], where)
    used = data.loc[data[phase].isin([baseline, treatment])]
    once_each(used, [time], where)
    used = used.sort_values(time, kind="stable")
    times = _times(used[time])
    values = numbers(used, value, where)
    measured = np.isfinite(values)
    parts = {}
    for name, label in (("baseline", baseline), ("treatment", treatment)):
        chosen = used[phase].eq(label).to_numpy() & measured
        if chosen.sum() < 2:
            raise FrameError(
                f"{where}: {name} phase {label!r} has {int(chosen.sum())} measurements in column {value!r}; "
                "expected two at least, and five to say anything"
            )
        parts[name] = values[chosen], times[chosen]
    if parts["treatment"][1][0] <= parts["baseline"][1][-1]:
        raise FrameError(
            f"{where}: phase {treatment!r} begins before phase {baseline!r} ends; give the two phases of one "
            "change, the earlier as baseline"
        )
    return Phases(
        baseline=parts["baseline"][0],
        treatment=parts["treatment"][0],
        baseline_times=parts["baseline"][1],
        treatment_times=parts["treatment"][1],
        left_out=int((~measured).sum()),
    )


def _times(column: pd.Series) -> Floats:
    if pd.api.types.is_datetime64_any_dtype(column):
        return (column - column.iloc[0]).dt.total_seconds().to_numpy() / 86400.0
    return numbers(column.to_frame(), str(column.name), "phases", complete=True)
