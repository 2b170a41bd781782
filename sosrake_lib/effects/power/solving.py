"""Finding the size or the effect at which a power curve reaches what is wanted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize

from sosrake_lib.errors import SosrakeError

FURTHEST = 1e9
# A size this near above a whole number is that number, written in floating point.
ROUNDING = 1e-9


def reached(
    power_at: Callable[[float], float], wanted: float, low: float, where: str, start: float = 1.0
) -> float:
    """Find where an increasing power curve reaches the power wanted.

    Parameters
    ----------
    power_at : power at a size or an effect. low : smallest argument that makes sense; the answer when the
        power is there already. start : first step upwards.

    Raises
    ------
    SosrakeError when no argument up to 1e9 is enough.
    """
    if power_at(low) >= wanted:
        return low
    high = low + start
    while power_at(high) < wanted:
        low, high = high, 2 * high
        if high > FURTHEST:
            raise SosrakeError(
                f"{where}: power {wanted} is not reached by any size below {FURTHEST:.0e}; the effect is too "
                f"small or zero, or the number of clusters limits the power"
            )
    return float(optimize.brentq(lambda at: power_at(at) - wanted, low, high, xtol=1e-11, rtol=1e-13))


def reached_by_simulation(power_at: Callable[[float], float], wanted: float, scale: float) -> float:
    """Find the smallest effect whose simulated power is enough, by halving; not a number when none is.

    Parameters
    ----------
    power_at : share of draws that find an effect, the same draws at every effect. scale : deviation of the
        outcome.
    """
    low, high = 0.0, scale
    while power_at(high) < wanted:
        low, high = high, 2 * high
        if high > 1e6 * scale:
            return float("nan")
    while high - low > 1e-6 * scale:
        middle = (low + high) / 2
        low, high = (low, middle) if power_at(middle) >= wanted else (middle, high)
    return high


def rounded_up(size: float) -> int:
    """Round a number of people up.

    Examples
    --------
    >>> rounded_up(63.77), rounded_up(100 * 1.1)
    (64, 110)
    """
    return int(np.ceil(size * (1 - ROUNDING)))


def check_levels(where: str, *, power: float | None = None, alpha: float = 0.05, sides: int = 2) -> None:
    """Refuse a power, level or number of sides that makes no sense."""
    if not 0 < alpha < 1 or sides not in (1, 2):
        raise SosrakeError(
            f"{where}: alpha {alpha!r}, sides {sides!r}; expected a share such as 0.05, and 1 or 2 sides"
        )
    if power is not None and not alpha < power < 1:
        raise SosrakeError(f"{where}: power {power!r}; expected a share above alpha ({alpha}), such as 0.8")


def check_size(where: str, name: str, size: float, least: float) -> None:
    """Refuse a number of people or clusters that is too small or not finite."""
    if not (np.isfinite(size) and size >= least):
        raise SosrakeError(f"{where}: {name} {size!r}; expected at least {least:g}")
