"""Charts of an index: its dimensions over time against 100, and the index without each of its parts.

Dimensions and parts stand in the index's own order, never by the size of the figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sosrake_lib import catalogue
from sosrake_lib import frame as frames
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import End, name_ends
from sosrake_lib.influence.rows import Row, one_row, rows_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["index_over_time", "without_each_part"]

_TOPIC = "huono_osaisuusindeksi"
_BASE = 100.0


def index_over_time(selection: Selection, caption: str, language: str = "fi") -> Figure:
    """Draw indices of one area over time with a line at 100; three-year values stand at their middle year.

    Parameters
    ----------
    selection : rows of one area; `indicator` tells the lines apart, six at the most. A line stops at a break,
        a gap and a figure that is not shown. Where `parts_absent` is above 0 the mark is hollow.
    caption : what the chart shows, in words.
    """
    rows = rows_of(selection)
    lines: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda one: frames.period_end(str(one["period"]))):
        lines.setdefault(str(row["indicator"]), []).append(row)
    if len(lines) > len(style.COLOURS):
        raise SosrakeError(f"index_over_time: {len(lines)} lines; expected {len(style.COLOURS)} at the most")
    drawing, axes = style.canvas(4.4)
    base = say(f"{_TOPIC}.base_line", language)
    axes.axhline(_BASE, color=style.MIDDLE, linewidth=1.2, zorder=1)
    for number, line in enumerate(lines.values()):
        _line(axes, line, number)
    axes.margins(x=0.04, y=0.12)
    told = [
        say(f"{_TOPIC}.alt_base", language),
        *_hollow(axes, rows, language),
        *_breaks(axes, rows, language),
    ]
    years = sorted({_middle(row) for row in rows})
    axes.set_xticks(years, [f"{year:.0f}" for year in years])
    spans = any("/" in str(row["period"]) for row in rows)
    axes.set_xlabel(say(f"{_TOPIC}.{'middle_year' if spans else 'year'}", language), fontsize=10.5)
    style.number_axis(axes.yaxis, language)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    ends = [_end(line, number, language) for number, line in enumerate(lines.values())]
    base_at = End(max(_middle(row) for row in rows), _BASE, base, style.MIDDLE)
    name_ends(axes, [*(end for end in ends if end is not None), base_at], wide=18)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = " ".join([style.alt_text("series", caption, rows, language), *told])
    across = "indicator" if len(lines) > 1 else None
    names = {code: labels.short_name(code, language) for code in lines}
    beside = tables.table(selection, ("value",), caption, language, across=across, names=names)
    return Figure(png, alt, beside, rows[0].release_id, language)


def without_each_part(selection: Selection, whole: Selection, caption: str, language: str = "fi") -> Figure:
    """Draw the index without each part as a dot, joined to the line of the index with all its parts.

    Parameters
    ----------
    selection : rows of one area and period whose `group` is the part left out; `difference` tells how far.
    whole : one row, the index with all parts.
    """
    rows, all_parts = _by_dimension(rows_of(selection)), one_row(whole)
    drawing, axes = style.canvas(2.4 + 0.34 * len(rows))
    middle = float(all_parts["value"])
    dimensions = list(dict.fromkeys(str(row["category"]) for row in rows))
    for number, dimension in enumerate(dimensions):
        own = [place for place, row in enumerate(rows) if row["category"] == dimension]
        axes.annotate(
            style.wrapped(labels.short_name(dimension, language), 14), (1.0, sum(own) / len(own)),
            xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points", va="center",
            fontsize=style.TEXT, color=style.INKS[number], annotation_clip=False,
        )  # fmt: skip
        if number:
            axes.axhline(own[0] - 0.5, color=style.GRID, linewidth=0.9, zorder=0)
    for place, row in enumerate(rows):
        if not row.shown:
            continue
        value = float(row["value"])
        axes.plot([middle, value], [place, place], color=style.SOFT, linewidth=2.4, zorder=2)
        look = dimensions.index(str(row["category"]))
        axes.scatter(value, place, s=46, color=style.COLOURS[look], marker=style.MARKERS[look], zorder=3)
    axes.axvline(middle, color=style.COLOURS[1], linestyle="--", linewidth=1.6, zorder=1)
    text = say(f"{_TOPIC}.all_parts", language, value=labels.bare_figure(all_parts, "value", language))
    axes.annotate(
        text, (middle, -0.9), xytext=(4, 0), textcoords="offset points", va="center", fontsize=10,
        color="#9C3F00",
    )  # fmt: skip
    names = {str(row["group"]): labels.short_name(str(row["group"]), language) for row in rows}
    axes.set_yticks(range(len(rows)), [style.wrapped(names[str(row["group"])], 34) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -1.4)
    axes.margins(x=0.12)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    style.number_axis(axes.xaxis, language)
    axes.set_xlabel(say(f"{_TOPIC}.without_axis", language), fontsize=10.5)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    headings = {"group": say(f"{_TOPIC}.column.part_left_out", language)}
    headings |= {name: say(f"{_TOPIC}.column.{name}", language) for name in ("value", "difference")}
    beside = tables.table(
        selection, ("value", "difference"), caption, language, names=names, headings=headings,
        decimals={"value": 1, "difference": 1},
    )  # fmt: skip
    return Figure(png, _alt(caption, rows, text, language), beside, rows[0].release_id, language)


def _by_dimension(rows: tuple[Row, ...]) -> list[Row]:
    """Order parts by the index's dimensions and, inside one, by the catalogue."""
    known = {one.key: place for place, one in enumerate(catalogue.indicators())}
    return sorted(rows, key=lambda row: (known[str(row["category"])], known[str(row["group"])]))


def _alt(caption: str, rows: list[Row], line: str, language: str) -> str:
    """Describe the dots in words: their range, how many, and the line they are joined to."""
    shown = [row for row in rows if row.shown]
    low, high = (pick(shown, key=lambda row: float(row["value"])) for pick in (min, max))
    dated = labels.dated(caption, rows, language).rstrip(".")
    parts = [say(f"{_TOPIC}.alt_without", language, caption=dated)]
    limits = {
        name: labels.bare_figure(row, "value", language, {"value": 1})
        for name, row in (("low", low), ("high", high))
    }
    parts.append(say("charts.alt.range", language, count=numbers.count(len(shown), language), **limits))
    parts.append(say("charts.alt.reference", language, reference=line))
    return " ".join([*parts, say("charts.alt.table", language)])


def _line(axes: Axes, line: list[Row], number: int) -> None:
    look: dict[str, Any] = {
        "color": style.COLOURS[number],
        "linestyle": style.LINES[number],
        "linewidth": 1.8,
    }
    mark: dict[str, Any] = {"marker": style.MARKERS[number], "markersize": 6, "linestyle": "none"}
    for run in _runs(line):
        axes.plot([_middle(row) for row in run], [float(row["value"]) for row in run], **look)
    for row in line:
        if row.shown:
            fill = "white" if _lacks_parts(row) else style.COLOURS[number]
            axes.plot(
                _middle(row), float(row["value"]), **mark, color=style.COLOURS[number], markerfacecolor=fill,
                zorder=4,
            )  # fmt: skip


def _end(line: list[Row], number: int, language: str) -> End | None:
    """Find a line's last shown point, where its name stands."""
    shown = [row for row in line if row.shown]
    if not shown:
        return None
    name = labels.short_name(str(line[0]["indicator"]), language)
    return End(_middle(shown[-1]), float(shown[-1]["value"]), name, style.INKS[number])


def _runs(line: list[Row]) -> list[list[Row]]:
    """Cut a series where it breaks, where a figure is not shown and where a year is left out."""
    runs: list[list[Row]] = [[]]
    for row in line:
        gap = bool(runs[-1]) and _middle(row) - _middle(runs[-1][-1]) > 1.5
        if row["break_before"] or gap or not row.shown:
            runs.append([])
        if row.shown:
            runs[-1].append(row)
    return [run for run in runs if run]


def _hollow(axes: Axes, rows: tuple[Row, ...], language: str) -> list[str]:
    """Tell in the legend and in words what a hollow mark means, when there is one."""
    if not any(_lacks_parts(row) for row in rows if row.shown):
        return []
    axes.annotate(
        say(f"{_TOPIC}.hollow", language), (1.0, 1.0), xycoords="axes fraction", xytext=(0, 4), ha="right",
        textcoords="offset points", fontsize=style.LEAST, color=style.MIDDLE,
    )  # fmt: skip
    return [say(f"{_TOPIC}.alt_hollow", language)]


def _breaks(axes: Axes, rows: tuple[Row, ...], language: str) -> list[str]:
    periods = sorted({str(row["period"]) for row in rows if row["break_before"]}, key=frames.period_end)
    first = min(_middle(row) for row in rows)
    by_period = {str(row["period"]): _middle(row) for row in rows}
    for period in periods:
        if by_period[period] <= first:
            continue
        axes.axvline(by_period[period] - 0.5, color=style.MIDDLE, linestyle=":", linewidth=1.4)
        axes.annotate(
            say("charts.break", language), (by_period[period] - 0.5, 1), xycoords=("data", "axes fraction"),
            xytext=(3, -2), textcoords="offset points", va="top", rotation=90, fontsize=9, color=style.MIDDLE,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}, zorder=5,
        )  # fmt: skip
    if not periods:
        return []
    told = ", ".join(numbers.period(period, language) for period in periods)
    return [say("charts.alt.break", language, periods=told)]


def _lacks_parts(row: Row) -> bool:
    return row.has("parts_absent") and float(row["parts_absent"]) > 0


def _middle(row: Row) -> float:
    """Give the middle year of a span of years, or the year."""
    first, _, last = str(row["period"]).partition("/")
    return (int(first) + int(last or first)) / 2
