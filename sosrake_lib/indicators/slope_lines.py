"""The line behind SII and RII: weighted fit of many ordered societies at once, its errors and its limits.

Shapes: values and people (g, n) for g societies of n groups each. The fitted line is linear in the values,
so the delta method is algebra and a simulation is a matrix product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.concentration import ridits, tie_runs
from sosrake_lib.indicators.inequality_kernels import Floats, Kernel
from sosrake_lib.indicators.interval_form import one_level

VALUE_TYPES = ("rate", "proportion", "other")
TRANSFORMS = ("log", "logit")
METHODS = ("simulation", "delta")
_SCALE_OF = {"rate": "log", "proportion": "logit", "other": None}


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What turns values into a fitted line: intercept = Σ at_zero · y, slope = Σ slope · y, each (g, n)."""

    at_zero: Floats
    slope: Floats


def standard_error(
    values: Floats,
    standard_errors: ArrayLike | None,
    lower: ArrayLike | None,
    upper: ArrayLike | None,
    *,
    value_type: str,
    level: float = 0.95,
    where: str = "inequality.standard_error",
) -> Floats:
    """Give standard errors on the scale of value_type: as given, or derived from limits; else NaN."""
    if standard_errors is not None:
        given = np.asarray(standard_errors, dtype="float64").reshape(np.shape(values))
        if (given < 0).any():
            raise SosrakeError(f"{where}: a standard error is negative ({given.min():g}); correct it")
        return given
    if lower is None or upper is None:
        return np.full(np.shape(values), np.nan)
    low = np.asarray(lower, dtype="float64").reshape(np.shape(values))
    high = np.asarray(upper, dtype="float64").reshape(np.shape(values))
    if (low > high).any():
        raise SosrakeError(f"{where}: a lower limit is above its upper limit; exchange them")
    scale = _SCALE_OF[value_type]
    z = float(special.ndtri(0.5 + one_level(level, where) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (to_scale(scale, high) - to_scale(scale, low)) / (2 * z)


def fitted_line(people: Floats, rank: Floats) -> Line:
    """Solve the weighted least squares of each society: people (g, n) in the order of rank (g, n)."""
    share = people / people.sum(axis=-1, keepdims=True)
    place = ridits(people[:, None, :], tie_runs(rank))[:, 0]
    apart = place - 0.5
    spread = (share * apart**2).sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = share * apart / spread
    return Line(share - slope / 2, slope)


def slope_kernel(runs: tuple[np.ndarray, np.ndarray] | None, transform: str | None, relative: bool) -> Kernel:
    """Make the kernel of SII (or RII) for resampling areas: values (g, n) by rank, weights (g, m, n)."""

    def kernel(y: Floats, w: Floats) -> Floats:
        apart = ridits(w, runs) - 0.5
        seen = to_scale(transform, y)
        with np.errstate(divide="ignore", invalid="ignore"):
            people = w.sum(axis=-1)
            weighted = w * apart
            slope = np.einsum("gmn,gn->gm", weighted, seen) / np.einsum("gmn,gmn->gm", weighted, apart)
            a = np.einsum("gmn,gn->gm", w, seen) / people - slope / 2
            return indexes(a, slope, transform, 1.0)[int(relative)]

    return kernel


def delta_limits(
    y: Floats,
    errors: Floats,
    line: Line,
    value_type: str,
    transform: str | None,
    multiplier: float | Floats,
    levels: Sequence[float],
) -> Floats:
    """Analytic limits (confidence, 4, g): SII lower and upper, RII lower and upper."""
    a, b = fit(line, to_scale(transform, y))
    low, high = from_scale(transform, a), from_scale(transform, a + b)
    spread = errors * _error_factor(y, value_type, transform)
    at_zero = _slope_back(transform, low)[:, None] * line.at_zero
    at_one = _slope_back(transform, high)[:, None] * (line.at_zero + line.slope)
    sii_error = np.sqrt((((at_one - at_zero) * spread) ** 2).sum(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_error = np.sqrt((((at_one / high[:, None] - at_zero / low[:, None]) * spread) ** 2).sum(axis=-1))
        log_ratio = np.log(high / low)
    z = special.ndtri(0.5 + np.asarray(levels) / 2)[:, None]
    sii = high - low
    found = [sii - z * sii_error, sii + z * sii_error]
    found += [np.exp(log_ratio - z * log_error), np.exp(log_ratio + z * log_error)]
    return _multiplied(np.stack(found, axis=1), multiplier)


def simulated_limits(
    y: Floats,
    errors: Floats,
    line: Line,
    value_type: str,
    transform: str | None,
    multiplier: float | Floats,
    levels: Sequence[float],
    replicates: int,
    seed: int,
    where: str = "inequality.slope_index",
) -> Floats:
    """Simulated limits (confidence, 4, g): percentiles of the line's ends under drawn values."""
    if replicates < 1000:
        raise SosrakeError(f"{where}: {replicates} replicates; expected 1000 or more for simulated limits")
    scale = _SCALE_OF[value_type] if transform is None else transform
    centre = to_scale(scale, y)
    spread = errors * (1.0 if transform is None else _error_factor(y, value_type, transform))
    noise = np.random.default_rng(seed).standard_normal((replicates, y.shape[1]))
    found = np.empty((len(levels), 4, len(y)))
    tails = [tail for level in levels for tail in ((1 - level) / 2, (1 + level) / 2)]
    for row in range(len(y)):
        if not np.isfinite(spread[row]).all():
            found[:, :, row] = np.nan
            continue
        drawn = centre[row] + spread[row] * noise
        seen = drawn if transform is not None else from_scale(scale, drawn)
        sii, rii = indexes(seen @ line.at_zero[row], seen @ line.slope[row], transform, 1.0)
        found[:, :2, row] = np.quantile(sii, tails).reshape(-1, 2)
        found[:, 2:, row] = np.quantile(rii, tails).reshape(-1, 2)
    return _multiplied(found, multiplier)


def scale_of(value_type: str) -> str | None:
    """Give the scale on which values of this type have symmetric errors: log, logit or None."""
    return _SCALE_OF[value_type]


def check_scale(y: Floats, value_type: str, transform: str | None, where: str) -> None:
    """Refuse values that have no logarithm or logit on the scales asked for."""
    scales = {_SCALE_OF[value_type], transform}
    if "logit" in scales and ((y <= 0) | (y >= 1)).any():
        wrong = float(y[(y <= 0) | (y >= 1)][0])
        raise SosrakeError(
            f"{where}: value {wrong:g} is not between 0 and 1, as the logit scale of proportions needs; "
            "divide per cents by 100, or use value_type other without transform"
        )
    if "log" in scales and (y <= 0).any():
        raise SosrakeError(
            f"{where}: value {float(y[y <= 0][0]):g} is not above 0, as the log scale of rates needs; "
            "use value_type other without transform"
        )


def fit(line: Line, y: Floats) -> tuple[Floats, Floats]:
    """Give intercept and slope (g,) of values (g, n) on the scale of the line."""
    return (line.at_zero * y).sum(axis=-1), (line.slope * y).sum(axis=-1)


def indexes(a: Floats, b: Floats, transform: str | None, multiplier: float | Floats) -> tuple[Floats, Floats]:
    """Give SII and RII of lines with intercept a and slope b, read on the scale of the values."""
    low, high = from_scale(transform, a), from_scale(transform, a + b)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(low == high, 1.0, high / low)
        return multiplier * (high - low), np.where(np.asarray(multiplier) < 0, 1 / ratio, ratio)


def _multiplied(found: Floats, multiplier: float | Floats) -> Floats:
    """Turn limits (confidence, 4, g) by the multiplier; a negative one exchanges them, inverts the ratio."""
    factor = np.broadcast_to(np.asarray(multiplier, dtype="float64"), found.shape[-1:])
    turned = found.copy()
    turned[:, :2] *= factor
    with np.errstate(divide="ignore", invalid="ignore"):
        turned[:, 2:] = np.where(factor < 0, 1 / found[:, 2:], found[:, 2:])
    return np.where(factor < 0, turned[:, [1, 0, 3, 2]], turned)


def to_scale(scale: str | None, values: Floats) -> Floats:
    """Take values to the scale "log" or "logit"; None leaves them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "log":
            return np.log(values)
        return special.logit(values) if scale == "logit" else values


def from_scale(scale: str | None, values: Floats) -> Floats:
    """Take values back from the scale."""
    if scale == "log":
        return np.exp(values)
    return special.expit(values) if scale == "logit" else values


def _slope_back(scale: str | None, back: Floats) -> Floats:
    """Derivative of the transformation back, told by its result."""
    if scale == "log":
        return back
    return back * (1 - back) if scale == "logit" else np.ones_like(back)


def _error_factor(y: Floats, value_type: str, transform: str | None) -> Floats:
    """Factor that takes an error on the scale of value_type to the scale of the line (delta method)."""
    own = _SCALE_OF[value_type]
    if own == transform:
        return np.ones_like(y)
    return _slope_back(own, y) / _slope_back(transform, y)
