"""Classical decomposition of series into trend, seasonal figure and the rest; arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.intervals import Floats

KINDS = ("additive", "multiplicative")


@dataclass(frozen=True, slots=True, eq=False)
class Decomposition:
    """Parts of series (series, times); NaN where the moving average has no full window.

    `figure` (series, frequency) are the seasonal indices in the order of the series, beginning with its first
    season; `season` numbers them (1 to frequency). Additive: trend + seasonal + random gives the values, the
    figure's mean is 0; multiplicative: trend · seasonal · random, mean 1.
    """

    trend: Floats
    seasonal: Floats
    random: Floats
    figure: Floats
    season: np.ndarray

    def by_season(self) -> Floats:
        """The figure in the order of the seasons 1 to frequency (January first), whatever came first."""
        return self.figure[:, np.argsort(self.season[: self.figure.shape[1]])]


def decompose(
    values: ArrayLike, frequency: int, start_period: int = 1, kind: str = "additive"
) -> Decomposition:
    """Part series by classical decomposition with a centred moving average.

    Formula: trend = mean over one cycle around each time (for an even frequency the two ends weigh half);
    what is left, x - trend or x / trend, is averaged season by season and normalised to mean 0 or 1.

    Parameters
    ----------
    values : one series or a matrix (series, times) in time's order; at least two cycles. Absent values (NaN)
        only before the first and after the last value, common to all series.
    frequency : seasons in a cycle, 2 or more (12 months, 4 quarters, 7 days).
    start_period : season of the first value, 1 to frequency.
    kind : "additive", or "multiplicative" for values that are never negative, whose swing grows with them.

    Raises
    ------
    SosrakeError when the frequency, the start or the kind is unknown, a value inside a series is absent or
    infinite, there are fewer than two cycles, or a multiplicative series has a negative value or a moving
    average of zero.

    Source: Kendall & Stuart (1983), The advanced theory of statistics 3, 410-414; compared with R decompose
    (identical, also for incomplete last years).

    Examples
    --------
    >>> found = decompose([12, 8, 11, 9, 14, 10, 13, 11, 16, 12, 15, 13], frequency=4)
    >>> found.figure[0].tolist()
    [2.75, -1.75, 0.75, -1.75]
    """
    x = np.atleast_2d(np.asarray(values, dtype="float64"))
    _check(x, frequency, start_period, kind)
    trend = _moving_average(x, frequency)
    _check_ratio(x, trend, kind)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = x - trend if kind == "additive" else x / trend
    figure = _means_by_season(left, frequency)
    middle = figure.mean(axis=1, keepdims=True)
    figure = figure - middle if kind == "additive" else figure / middle
    times = x.shape[1]
    seasonal = np.tile(figure, -(-times // frequency))[:, :times]
    with np.errstate(divide="ignore", invalid="ignore"):
        random = left - seasonal if kind == "additive" else left / seasonal
    season = (np.arange(times) + start_period - 1) % frequency + 1
    return Decomposition(trend, seasonal, random, figure, season)


def _moving_average(x: Floats, frequency: int) -> Floats:
    weights = np.full(frequency + 1 - frequency % 2, 1 / frequency)
    if frequency % 2 == 0:
        weights[[0, -1]] /= 2
    windows = np.lib.stride_tricks.sliding_window_view(x, len(weights), axis=1)
    trend = np.full_like(x, np.nan)
    trend[:, frequency // 2 : x.shape[1] - frequency // 2] = windows @ weights
    return trend


def _means_by_season(left: Floats, frequency: int) -> Floats:
    series, times = left.shape
    padding = np.full((series, -times % frequency), np.nan)
    cycles = np.hstack([left, padding]).reshape(series, -1, frequency)
    present = np.isfinite(cycles)
    counts = present.sum(axis=1)
    return np.where(present, cycles, 0.0).sum(axis=1) / np.where(counts > 0, counts, np.nan)


def _check(x: Floats, frequency: int, start_period: int, kind: str) -> None:
    if kind not in KINDS:
        raise SosrakeError(f"seasonal: kind {kind!r}; expected one of {', '.join(KINDS)}")
    if int(frequency) != frequency or frequency < 2:
        raise SosrakeError(f"seasonal: frequency {frequency!r}; expected a whole number from 2, such as 12")
    if start_period not in range(1, int(frequency) + 1):
        raise SosrakeError(f"seasonal: start_period {start_period!r}; expected 1 to {frequency}")
    present = np.isfinite(x)
    if np.isinf(x).any():
        raise SosrakeError("seasonal: a value is infinite; expected finite numbers")
    known = np.flatnonzero(present.any(axis=0))
    if known.size and not present[:, known[0] : known[-1] + 1].all():
        row, column = np.argwhere(~present[:, known[0] : known[-1] + 1])[0]
        raise SosrakeError(
            f"seasonal: value {known[0] + column + 1} of series {row + 1} is absent in the middle; a season "
            "cannot be averaged around a gap: fill it knowingly, or take the stretch after it"
        )
    if known.size < 2 * frequency:
        raise SosrakeError(
            f"seasonal: {known.size} values are fewer than two cycles of {frequency}; take a longer series"
        )


def _check_ratio(x: Floats, trend: Floats, kind: str) -> None:
    if kind == "multiplicative" and ((x < 0).any() or (trend == 0).any()):
        raise SosrakeError(
            "seasonal: a value is negative or a whole cycle is zero, so there is no ratio to the trend; "
            "use kind='additive'"
        )
