"""Time in charts: where a period stands on a line of years, where a line must stop, and the axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sosrake_lib.influence.rows import Row
from sosrake_lib.language import numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHORT_PERIOD = 4  # letters of a year


def time_of(period: str) -> float:
    """Place a period on a line of years: a month within its year, a span at its middle year.

    Examples
    --------
    >>> from sosrake_lib.influence.charts_time import time_of
    >>> time_of("2019"), time_of("2018/2020"), time_of("2020-H2"), time_of("2020-07")
    (2019, 2019.0, 2020.5, 2020.5)
    """
    if "/" in period:
        first, last = period.split("/")
        return (int(first) + int(last)) / 2
    if "-H" in period:
        return int(period[:4]) + (int(period[-1]) - 1) / 2
    return int(period[:4]) + ((int(period[5:]) - 1) / 12 if "-" in period else 0)


def time(row: Row) -> float:
    """Place a row's period on a line of years."""
    return time_of(str(row["period"]))


def runs(line: Sequence[Row]) -> list[list[Row]]:
    """Cut a series where it breaks, where a figure is not shown and where a period is left out."""
    steps = [later - earlier for earlier, later in zip(map(time, line), map(time, line[1:]), strict=False)]
    step = min(steps, default=1.0)
    found: list[list[Row]] = [[]]
    for place, row in enumerate(line):
        gap = place > 0 and time(row) - time(line[place - 1]) > 1.5 * step
        if found[-1] and (row["break_before"] or gap):
            found.append([])
        if row.shown:
            found[-1].append(row)
        elif found[-1]:
            found.append([])
    return [run for run in found if run]


def time_axis(axes: Axes, rows: Sequence[Row], language: str, *, room: int = 10) -> None:
    """Write periods on the axis, as many as fit side by side, counted from the newest."""
    by_time = {time(row): str(row["period"]) for row in rows}
    times = sorted(by_time)
    if all((len(period) == 7 and "-0" in period) or "-1" in period for period in by_time.values()):
        years = sorted({int(period[:4]) for period in by_time.values()})
        step = max(1, -(-len(years) // max(2, room - 2)))
        axes.set_xticks([float(year) for year in years[::step]], [str(year) for year in years[::step]])
        return
    texts = {at: numbers.period(by_time[at], language) for at in times}
    # Ten years fit side by side, but only half as many spans such as 2018–2020.
    fit = room if max(map(len, texts.values())) <= _SHORT_PERIOD else max(1, room // 2)
    step = max(1, -(-len(times) // fit))
    kept = times[::-1][::step][::-1]
    axes.set_xticks(kept, [texts[at] for at in kept])
