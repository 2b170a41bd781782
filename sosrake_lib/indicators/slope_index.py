"""Slope index (SII) and relative index (RII): the gap between the two ends of an ordered society.

Groups (deprivation fifths, areas, education) stand in order, group 1 the most deprived. Each is placed at the
middle of its share of the population (its ridit, 0-1), a line is fitted by least squares weighted with the
population shares, and read at both ends: SII = value at 1 - value at 0, RII = value at 1 / value at 0.
Unlike the gap between extreme groups this uses every group and their sizes.

The line is linear in the values, so simulation is a matrix product and the delta method is exact algebra.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators import slope_lines as lines
from sosrake_lib.indicators.inequality_kernels import Floats, ordered
from sosrake_lib.indicators.interval_form import levels_of

_REPEATS = 10


@dataclass(frozen=True, slots=True, eq=False)
class SlopeIndex:
    """SII, RII and the fitted value at rank 0 (`intercept`, in units of the values).

    `limits` has `confidence, sii_lower, sii_upper, rii_lower, rii_upper` (NaN without standard errors).
    `reliability` has `confidence, sii, rii`: the mean absolute difference of the simulated limits between
    the first of ten simulations and the other nine; None unless asked for.
    """

    sii: float
    rii: float
    intercept: float
    limits: pd.DataFrame
    method: str
    reliability: pd.DataFrame | None = None


def slope_index(
    values: ArrayLike,
    population: ArrayLike,
    rank: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    limits_confidence: float = 0.95,
    value_type: str = "other",
    transform: str | None = None,
    multiplier: float = 1.0,
    method: str = "simulation",
    confidence: float | Sequence[float] = 0.95,
    replicates: int = 100_000,
    seed: int = 1,
    reliability: bool = False,
) -> SlopeIndex:
    """Slope and relative index of inequality of ordered groups, with intervals.

    Parameters
    ----------
    values : one per group. Proportions between 0 and 1 (value_type "proportion"), rates above 0 ("rate").
    population : people of each group, above 0.
    rank : order of the groups, 1 = most deprived; left out, as they stand. Equal ranks share a place.
    standard_errors : of the values *on the scale of value_type*: rate -> of ln(value), proportion -> of
        logit(value), other -> of the value itself.
    lower, upper : limits of the values; the standard error is derived from them on the same scale where
        standard_errors is left out: (scale(upper) - scale(lower)) / (2 z).
    limits_confidence : level of `lower` and `upper`.
    value_type : "rate", "proportion" or "other".
    transform : "own" takes the scale of value_type; None (line through the values), "log" or "logit" (line
        through the transformed values, read after transforming back; use it when a straight line would leave
        the possible range).
    multiplier : factor of the SII and its limits (100 for per cent units). A negative one turns the direction
        round: the sign of the SII flips and the RII is inverted.
    method : "simulation" (values drawn from their errors, percentiles) or "delta" (analytic, RII on log
        scale).
    confidence : one or several two-sided levels.
    replicates, seed : of the simulation.
    reliability : repeat the simulation ten times and say how much its limits move.

    Returns
    -------
    SlopeIndex. Without standard errors or limits the intervals are NaN.

    Raises
    ------
    SosrakeError for fewer than two groups, a population not above 0, values outside the scale of value_type
    or transform, crossed limits, unknown options, multiplier 0.

    Sources: Mackenbach & Kunst (1997), doi 10.1016/S0277-9536(96)00073-1; Sergeant & Firth (2006),
    doi 10.1093/biostatistics/kxj013. Definition and test figures of PHEindicatormethods (`phe_sii`); its
    limits are simulated, so they agree within simulation error only.

    Examples
    --------
    >>> found = slope_index([12.0, 10.5, 9.0, 8.1, 7.0], [900, 1000, 1100, 1000, 1000], method="delta",
    ...     standard_errors=[0.5, 0.5, 0.5, 0.5, 0.5])
    >>> print(round(found.sii, 2), round(found.rii, 3), found.limits.round(2).iloc[0].tolist())
    -6.05 0.508 [0.95, -7.57, -4.53, 0.42, 0.61]
    """
    where = "inequality.slope_index"
    _check_options(value_type, transform, multiplier, method, where)
    transform = lines.scale_of(value_type) if transform == "own" else transform
    levels = levels_of(confidence, where)
    given, people, place, order = _groups(values, population, rank, where)
    errors = lines.standard_error(
        given, standard_errors, lower, upper, value_type=value_type, level=limits_confidence, where=where
    )[:, order]
    y = given[:, order]
    line = lines.fitted_line(people, place)
    lines.check_scale(y, value_type, transform, where)
    a, b = lines.fit(line, lines.to_scale(transform, y))
    sii, rii = lines.indexes(a, b, transform, multiplier)
    simulated = None
    if method == "delta":
        table = lines.delta_limits(y, errors, line, value_type, transform, multiplier, levels)
    else:
        runs = _REPEATS if reliability else 1
        simulated = [
            lines.simulated_limits(
                y, errors, line, value_type, transform, multiplier, levels, replicates, seed + run, where
            )
            for run in range(runs)
        ]
        table = simulated[0]
    named = "sii_simulation" if method == "simulation" else "sii_delta"
    return SlopeIndex(
        sii=float(sii[0]),
        rii=float(rii[0]),
        intercept=float(lines.from_scale(transform, a)[0]),
        limits=_table(table, levels),
        method=named,
        reliability=_reliability(simulated, levels) if reliability and simulated is not None else None,
    )


def _check_options(
    value_type: str, transform: str | None, multiplier: float, method: str, where: str
) -> None:
    if value_type not in lines.VALUE_TYPES:
        raise SosrakeError(f"{where}: value_type {value_type!r}; use one of {', '.join(lines.VALUE_TYPES)}")
    if transform not in (None, "own", *lines.TRANSFORMS):
        raise SosrakeError(
            f"{where}: transform {transform!r}; use one of {', '.join(lines.TRANSFORMS)}, own, None"
        )
    if not np.isfinite(multiplier) or multiplier == 0:
        raise SosrakeError(
            f"{where}: multiplier {multiplier!r}; give a number other than 0, such as 100 or -1"
        )
    resampling.check_method(method, where, lines.METHODS)


def _groups(
    values: ArrayLike, population: ArrayLike, rank: ArrayLike | None, where: str
) -> tuple[Floats, Floats, Floats, np.ndarray]:
    """Check the groups: values as given (1, n), people and rank (1, n) in order, and that order."""
    y, people = np.asarray(values, dtype="float64"), np.asarray(population, dtype="float64")
    place = np.arange(y.size, dtype="float64") if rank is None else np.asarray(rank, dtype="float64")
    ordered(y, people, where, negative=True)
    if not (people > 0).all():
        raise SosrakeError(f"{where}: population[{int(np.argmin(people))}] is 0; every group needs people")
    if place.shape != y.shape or not np.isfinite(place).all():
        raise SosrakeError(
            f"{where}: rank has {place.size} entries for {y.size} values; give a number to each"
        )
    if len(np.unique(place)) < 2:
        raise SosrakeError(
            f"{where}: {y.size} group(s) of one rank; a slope needs two or more ordered groups"
        )
    order = np.argsort(place, kind="stable")
    return y[None], people[None, order], place[None, order], order


def _table(found: Floats, levels: Sequence[float]) -> pd.DataFrame:
    names = ["sii_lower", "sii_upper", "rii_lower", "rii_upper"]
    return pd.DataFrame(found[:, :, 0], columns=names).assign(confidence=levels)[["confidence", *names]]


def _reliability(simulated: Sequence[Floats], levels: Sequence[float]) -> pd.DataFrame:
    apart = np.abs(np.stack(simulated[1:]) - simulated[0]).mean(axis=0)[:, :, 0]
    return pd.DataFrame(
        {"confidence": levels, "sii": apart[:, :2].mean(axis=1), "rii": apart[:, 2:].mean(axis=1)}
    )
