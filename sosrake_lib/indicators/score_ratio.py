"""Koopman's score limits of a ratio of two proportions, solved for all rows at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sosrake_lib.indicators.interval_form import Floats, Interval, normal_quantile

_STEPS = 100
_CONVERGED = 1e-12


def score(log_ratio: Floats, x: Floats, n: Floats, y: Floats, m: Floats) -> Floats:
    """Give the signed score statistic of a ratio; it falls as the ratio grows."""
    ratio = np.exp(log_ratio)
    cases, b = x + y, ratio * (n + y) + x + m
    # The other group's likeliest share when the ratio holds: the smaller root of a quadratic.
    other = 2 * cases / (b + np.sqrt(np.clip(b**2 - 4 * (n + m) * ratio * cases, 0, None)))
    own = np.clip(ratio * other, 0, 1)
    spread = np.sqrt(own * (1 - own) / n + ratio**2 * other * np.clip(1 - other, 0, None) / m)
    distance = x / n - ratio * y / m
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(distance == 0, 0.0, distance / spread)


def koopman(x: Floats, n: Floats, y: Floats, m: Floats, level: Floats) -> Interval:
    """Give Koopman's limits of a ratio of proportions: 0 when x is 0, infinite when y is 0. Flat arrays."""
    z = normal_quantile(level)
    absent = np.isnan(x + n + y + m)
    lower = np.where(absent, np.nan, 0.0)
    upper = np.where(absent, np.nan, np.inf)
    for limit, there, target in ((lower, x > 0, z), (upper, y > 0, -z)):
        rows = there & ~absent
        limit[rows] = np.exp(_where_score_is(target[rows], x[rows], n[rows], y[rows], m[rows]))
    return Interval(lower, upper)


def _where_score_is(target: Floats, x: Floats, n: Floats, y: Floats, m: Floats) -> Floats:
    """Find the log ratio whose score is `target`, for all rows at once (false position, Illinois rule)."""

    def gap(log_ratio: Floats, rows: NDArray[np.int64]) -> Floats:
        return score(log_ratio, x[rows], n[rows], y[rows], m[rows]) - target[rows]

    everyone = np.arange(len(x))
    middle = np.log((x + 0.5) / (n + 0.5) * (m + 0.5) / (y + 0.5))
    reach = np.abs(target) * np.sqrt(1 / (x + 0.5) + 1 / (y + 0.5))
    low, high = (
        np.where(target > 0, middle - 1.3 * reach, middle),
        np.where(target > 0, middle, middle + 1.3 * reach),
    )
    at_low, at_high = gap(low, everyone), gap(high, everyone)
    for end, value, way, wrong in ((low, at_low, -1, np.less), (high, at_high, 1, np.greater)):
        far = np.array(reach)
        rows = np.flatnonzero(wrong(value, 0))
        for _ in range(_STEPS):
            if not rows.size:
                break
            end[rows] += way * far[rows]
            far[rows] *= 2
            value[rows] = gap(end[rows], rows)
            rows = rows[wrong(value[rows], 0)]
    return _false_position(gap, low, high, at_low, at_high)


def _false_position(
    gap: Callable[[Floats, NDArray[np.int64]], Floats],
    low: Floats,
    high: Floats,
    at_low: Floats,
    at_high: Floats,
) -> Floats:
    """Close in on the zero of a falling function between `low` (above zero) and `high` (below zero)."""
    found = np.where(at_low == 0, low, high)
    side = np.zeros(len(low))
    rows = np.flatnonzero((at_low > 0) & (at_high < 0))
    for _ in range(_STEPS):
        if not rows.size:
            break
        a, b, at_a, at_b = low[rows], high[rows], at_low[rows], at_high[rows]
        place = np.clip(b - at_b * (b - a) / (at_b - at_a), a, b)
        value = gap(place, rows)
        above = value > 0
        # An end that stays for the second time loses half its weight, else it might never move.
        weight = np.where(side[rows] == np.where(above, 1, -1), 0.5, 1.0)
        side[rows] = np.where(above, 1, -1)
        at_low[rows] = np.where(above, value, at_a * weight)
        at_high[rows] = np.where(above, at_b * weight, value)
        low[rows], high[rows] = np.where(above, place, a), np.where(above, b, place)
        moved = np.abs(place - found[rows])
        found[rows] = place
        rows = rows[(moved > _CONVERGED * (1 + np.abs(place))) & (value != 0)]
    return found
