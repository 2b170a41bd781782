"""The indices of many cases in one table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sosrake_lib.effects.change.columns import need_columns
from sosrake_lib.effects.singlecase.overlap import overlap
from sosrake_lib.effects.singlecase.phases import phases
from sosrake_lib.errors import FrameError


def overlap_table(
    data: pd.DataFrame,
    *,
    case: str,
    time: str,
    value: str,
    phase: str,
    baseline: Any,
    treatment: Any,
    improvement: str,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare the phases of each case by itself.

    Parameters
    ----------
    data : one row a measurement; `case` names whose it is, the rest as in `phases`.
    improvement, confidence : as in `overlap`.

    Returns
    -------
    DataFrame, one row a case and index: `case, n_baseline, n_treatment, index, estimate, standard_error,
    lower, upper, method, trend_p, autocorrelation`.

    Raises
    ------
    FrameError naming the case whose phases cannot be compared.

    Examples
    --------
    >>> data = pd.DataFrame(
    ...     {"who": list("xxxxyyyy"), "t": [1, 2, 3, 4] * 2, "f": list("AABB") * 2,
    ...      "v": [1, 2, 4, 5, 3, 3, 2, 1]}
    ... )
    >>> table = overlap_table(
    ...     data, case="who", time="t", value="v", phase="f", baseline="A", treatment="B",
    ...     improvement="increase",
    ... )
    >>> print(table.loc[table["index"].eq("nap"), ["case", "estimate"]].to_string(index=False))
    case  estimate
       x       1.0
       y       0.0
    """
    where = "overlap_table"
    need_columns(data, [case, time, value, phase], where)
    parts = []
    for name, rows in data.groupby(case, sort=False):
        try:
            found = phases(rows, time=time, value=value, phase=phase, baseline=baseline, treatment=treatment)
        except FrameError as problem:
            raise FrameError(f"{where}: {case} {name!r}: {problem}") from problem
        one = overlap(
            found.baseline,
            found.treatment,
            improvement=improvement,
            confidence=confidence,
            times=(found.baseline_times, found.treatment_times),
        )
        about = {"case": name, "n_baseline": one.n_baseline, "n_treatment": one.n_treatment}
        told = one.table.assign(trend_p=one.trend_p, autocorrelation=one.autocorrelation)
        parts.append(pd.concat([pd.DataFrame(about, index=told.index), told], axis=1))
    return pd.concat(parts, ignore_index=True)
