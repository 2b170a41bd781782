"""Moving values over years or months; `trends.moving` is its door."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import trend_series as series
from sosrake_lib.indicators.intervals import Floats

_FUNCTION = "trends.moving"


def moving(
    frame: pd.DataFrame,
    years: int = 3,
    *,
    months: int | None = None,
    min_periods: int | None = None,
    breaks: str = "refuse",
    leave_out: Collection[str] = series.LEAVE_OUT,
) -> pd.DataFrame:
    """Give moving values: each window of neighbouring periods pooled to one figure.

    Answers: what is the level when the chance of single years is evened out? For small municipalities three
    years together often carry a figure that one year cannot.

    Parameters
    ----------
    frame : source frame of years, months or half-years.
    years : length of the window; of yearly figures an odd number, so that the window has a middle year.
    months : length in months instead (12 of monthly figures: a year up to and with the last month).
    min_periods : least number of periods with a value in a window; left out, all of them. Rows with a status
        not in `leave_out` (suppressed) make their windows missing in any case.
    breaks, leave_out : as `trends.annual_percent_change`; "split": no window spans a break; "cross": such a
        window is marked `crosses_break`.

    Returns
    -------
    Source frame, one row a window within the first and the last period of a stretch. Series whose every value
    has a numerator and a denominator: both are summed, `value` = per x numerator / denominator,
    `moving_method` moving_counts; ready for `rates.analyse` (over years the same person may be counted
    several times, so limits of a *proportion* of people are somewhat narrow). Other series: the plain mean of
    the values, moving_mean. Yearly: `period` "2018/2020", `middle_year` 2019. Months and half-years: `period`
    the last of the window, `middle_period` (empty for an even number). `first_period, last_period,
    periods_used, periods_expected, stretch, crosses_break, reason` (value_absent, too_few_periods). A
    stretch after a break begins with `break_before`, which the windows inherit.

    Raises
    ------
    FrameError as `trend_series.arrange`; when the window is no whole number of periods or has no middle year,
    or no series is as long as the window.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"indicator": "asunnottomat", "region_level": "kunta", "region_code": "297",
    ...     "borders": 2021, "period": ["2017", "2018", "2019", "2020"], "value": [2.0, 4.0, 3.0, 5.0],
    ...     "per": 1000, "numerator": [20, 40, 30, 50], "denominator": 10_000, "status": "ok",
    ...     "origin": "synthetic"})
    >>> print(moving(rows)[["period", "middle_year", "value", "numerator"]].to_string(index=False))
       period  middle_year  value  numerator
    2017/2019         2018    3.0       90.0
    2018/2020         2019    4.0      120.0
    """
    kinds = ("year", "month", "half")
    stretches = series.arrange(frame, _FUNCTION, breaks=breaks, leave_out=leave_out, kinds=kinds)
    width = _width(stretches, years, months)
    least = width if min_periods is None else min_periods
    if not 1 <= least <= width:
        raise FrameError(
            f"{_FUNCTION}: min_periods {min_periods!r}; expected 1 to {width}, the window's length"
        )
    grid = _Grid(stretches, width)
    windows = grid.windows()
    if not len(windows):
        raise FrameError(
            f"{_FUNCTION}: no series spans {width} periods; give longer series or a shorter window"
        )
    found = _labelled(stretches, windows, width)
    sums = _pooled(grid, windows, stretches)
    blocked = grid.count(~stretches.rows["status"].isin(["ok", *leave_out]).to_numpy(), windows) > 0
    few = sums["periods_used"] < least
    found["reason"] = np.select([blocked, few], ["value_absent", "too_few_periods"], "")
    able = (found["reason"] == "").to_numpy()
    found["status"] = np.where(able, "ok", "missing")
    for name in ("value", "numerator", "denominator"):
        found[name] = np.where(able, sums[name], np.nan)
    found["periods_used"], found["periods_expected"] = sums["periods_used"], width
    found["moving_method"] = np.where(sums["counted"], "moving_counts", "moving_mean")
    _mark_breaks(found, grid, windows, stretches)
    return frames.check(found, file=_FUNCTION)


class _Grid:
    """The stretches on a grid without holes: (stretches, periods), and the windows that lie in them."""

    def __init__(self, stretches: series.Stretches, width: int) -> None:
        self.width = width
        self.column = (stretches.index - stretches.index[0]) // stretches.step
        self.cell = (stretches.number, self.column[stretches.place])
        self.shape = (len(stretches.table), int(self.column[-1]) + 1)

    def place(self, values: np.ndarray) -> Floats:
        """Put a column of rows on the grid; zero where there is no row or no value."""
        found = np.zeros(self.shape)
        found[self.cell] = np.nan_to_num(np.asarray(values, "float64"), nan=0.0)
        return found

    def sums(self, values: np.ndarray) -> Floats:
        """Sum a column over every window (stretches, windows)."""
        grid = self.place(values)
        if self.shape[1] < self.width:
            return np.empty((self.shape[0], 0))
        # Each window is summed afresh: running totals would carry rounding along the series.
        total = grid[:, : self.shape[1] - self.width + 1].copy()
        for step in range(1, self.width):
            total += grid[:, step : self.shape[1] - self.width + 1 + step]
        return total

    def windows(self) -> np.ndarray:
        """Stretch and first column of each window that lies between its stretch's first and last row."""
        number, column = self.cell
        first = np.full(self.shape[0], self.shape[1])
        last = np.full(self.shape[0], -1)
        np.minimum.at(first, number, column)
        np.maximum.at(last, number, column)
        starts = np.arange(max(self.shape[1] - self.width + 1, 0))
        inside = (starts >= first[:, None]) & (starts + self.width - 1 <= last[:, None])
        return np.argwhere(inside)

    def count(self, mark: np.ndarray, windows: np.ndarray) -> Floats:
        """Count the marked rows of each window."""
        return self.sums(mark.astype("float64"))[windows[:, 0], windows[:, 1]]


def _pooled(grid: _Grid, windows: np.ndarray, stretches: series.Stretches) -> dict[str, np.ndarray]:
    rows = stretches.rows
    able = (rows["status"] == "ok").to_numpy()
    x, n = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
    series.refuse_rows(
        rows,
        able & ((x < 0) | np.isinf(x) | (n <= 0) | np.isinf(n)),
        _FUNCTION,
        "numerator is negative or infinite, or denominator not a finite number above zero,",
        "correct the row; without counts leave both empty, and the window is a mean of values",
    )
    lacking = able & ~(np.isfinite(x) & np.isfinite(n))
    counted = (np.bincount(stretches.number, lacking, len(stretches.table)) == 0)[windows[:, 0]]
    total = {
        name: grid.sums(np.where(able, rows[name].to_numpy(), 0.0))[windows[:, 0], windows[:, 1]]
        for name in ("value", "numerator", "denominator")
    }
    used = grid.count(able, windows)
    per = stretches.table["per"].to_numpy()[windows[:, 0]]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(counted, per * total["numerator"] / total["denominator"], total["value"] / used)
    return {
        "value": value,
        "numerator": np.where(counted, total["numerator"], np.nan),
        "denominator": np.where(counted, total["denominator"], np.nan),
        "periods_used": used.astype("int64"),
        "counted": counted,
    }


def _labelled(stretches: series.Stretches, windows: np.ndarray, width: int) -> pd.DataFrame:
    names = [*series.SERIES, "borders", "per", "origin", "stretch"]
    found = stretches.table[names].iloc[windows[:, 0]].reset_index(drop=True)
    texts = _texts(stretches)
    first, last = texts[windows[:, 1]], texts[windows[:, 1] + width - 1]
    found["first_period"], found["last_period"] = first, last
    if stretches.kind == "year":
        found["period"] = first if width == 1 else first + "/" + last
        found["middle_year"] = windows[:, 1] + (width - 1) // 2 + int(stretches.index[0]) // 12
    else:
        found["period"] = last
        found["middle_period"] = texts[windows[:, 1] + (width - 1) // 2] if width % 2 else ""
    return found


def _texts(stretches: series.Stretches) -> np.ndarray:
    """Names of all periods from the first to the last, also those without a row."""
    starts = np.arange(stretches.index[0], stretches.index[-1] + 1, stretches.step)
    write = {
        "year": lambda year, month: f"{year}",
        "month": lambda year, month: f"{year}-{month + 1:02d}",
        "half": lambda year, month: f"{year}-H{month // 6 + 1}",
    }[stretches.kind]
    return np.array([write(*divmod(int(start), 12)) for start in starts], dtype="object")


def _mark_breaks(found: pd.DataFrame, grid: _Grid, windows: np.ndarray, stretches: series.Stretches) -> None:
    broken = stretches.rows["break_before"].to_numpy()
    at_start = grid.place(broken)[windows[:, 0], windows[:, 1]]
    found["crosses_break"] = grid.count(broken, windows) - at_start > 0
    # The first window after a break still begins something new.
    later = np.diff(windows[:, 0], prepend=-1) != 0
    found["break_before"] = later & (found["stretch"].to_numpy() > 1)


def _width(stretches: series.Stretches, years: int, months: int | None) -> int:
    length = 12 * years if months is None else months
    given = f"years={years!r}" if months is None else f"months={months!r}"
    if length <= 0 or int(length) != length or length % stretches.step:
        raise FrameError(
            f"{_FUNCTION}: {given} is no whole number of {series.KINDS_OF_PERIOD[stretches.kind]}; give the "
            "length of the window in whole periods"
        )
    width = int(length) // stretches.step
    if stretches.kind == "year" and width % 2 == 0:
        raise FrameError(
            f"{_FUNCTION}: {given} has no middle year to be labelled by; use an odd number of years"
        )
    return width
