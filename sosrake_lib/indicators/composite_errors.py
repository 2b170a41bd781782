"""The error of each figure behind a composite index, and tables drawn within it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sosrake_lib.indicators.composite_wide import Wide, column_of

Floats = NDArray[np.float64]

ERROR_SCALES = ("none", "logit", "log", "normal")
_LOGIT = ("proportion",)
_LOG = ("rate", "ratio")


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """What each figure is drawn from: centre and standard error on its scale (a number of ERROR_SCALES)."""

    centre: Floats
    error: Floats
    scale: NDArray[np.int64]
    per: Floats


def errors_of(wide: Wide) -> Errors:
    """Give every figure its error on the scale it is drawn on; scale 0 where nothing tells of its error."""
    per = column_of(wide, "per")
    statistic = np.full(wide.values.shape, "", dtype=object)
    known = wide.cells >= 0
    statistic[known] = wide.rows["statistic"].to_numpy()[wide.cells[known]]
    found = Errors(wide.values / per, np.zeros(per.shape), np.zeros(per.shape, dtype="int64"), per)
    with np.errstate(invalid="ignore", divide="ignore"):
        for where, centre, error, scale in _ways(wide, per, statistic):
            free = where & (found.scale == 0)
            found.centre[free], found.error[free], found.scale[free] = centre[free], error[free], scale
    return found


def _ways(wide: Wide, per: Floats, statistic: NDArray[np.object_]) -> list[tuple]:
    """List the ways to an error, best first: where it can be used, centre, standard error, scale."""
    value = wide.values / per
    lower, upper = column_of(wide, "lower") / per, column_of(wide, "upper") / per
    x, n = column_of(wide, "numerator"), column_of(wide, "denominator")
    z = 2 * special.ndtri(0.5 + column_of(wide, "confidence") / 2)
    share, event = np.isin(statistic, _LOGIT), np.isin(statistic, _LOG)
    above, counted = (lower > 0) & (value > 0), (x >= 0) & (n > 0)
    within = share & above & (upper < 1) & (value < 1)
    cases, others = x + 0.5, n - x + 0.5
    logit, log = special.logit, np.log
    return [
        (within, logit(value), (logit(upper) - logit(lower)) / z, 1),
        (share & counted & (x <= n), log(cases / others), np.sqrt(1 / cases + 1 / others), 1),
        (event & above, log(value), (log(upper) - log(lower)) / z, 2),
        (event & counted, log(cases / n), np.sqrt(1 / cases), 2),
        (np.isfinite(lower) & np.isfinite(upper), value, (upper - lower) / z, 3),
    ]


def drawn_tables(errors: Errors, draws: int, generator: np.random.Generator) -> Floats:
    """Draw tables (draws, areas, indicators); a figure without error is the same in all of them."""
    found = generator.standard_normal((draws, *errors.centre.shape))
    found *= errors.error
    found += errors.centre
    if (errors.scale == 1).all():
        special.expit(found, out=found)
    else:
        for scale, turn in ((1, special.expit), (2, np.exp)):
            found[:, errors.scale == scale] = turn(found[:, errors.scale == scale])
    found *= errors.per
    return found
