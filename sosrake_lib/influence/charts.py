"""Charts of released figures: bars with intervals, series over time, funnel. Each with its words and table.

Areas stand by name, never by value; a hidden or absent figure gets its word, no bar and no point.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sosrake_lib import frame as frames
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_funnel import funnel
from sosrake_lib.influence.charts_labels import End, name_ends, room
from sosrake_lib.influence.charts_survey import diverging, gaps
from sosrake_lib.influence.charts_time import runs, time, time_axis, time_of
from sosrake_lib.influence.rows import Row, one_row, refuse_mixed, rows_have_one, rows_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Figure", "bars_with_intervals", "diverging", "funnel", "gaps", "series"]


def bars_with_intervals(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    reference: Selection | None = None,
    highlight: tuple[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw a bar for each row with its interval: one indicator over areas, sexes, ages or groups.

    Parameters
    ----------
    selection : rows of one indicator and period; what varies (region, sex, age, group) names the bars.
    caption : what the chart shows, in words.
    reference : one row whose value is drawn as a line, such as the country's.
    highlight : (level, code) of the area the page is about; its bar is darker and its name bold.
    names : own words for codes the catalogue does not know.
    headings : words of the table's columns: column -> text.
    """
    given = rows_of(selection)
    rows_have_one(given, "indicator", "bars_with_intervals")
    refuse_mixed(selection, reference)
    what = [name for name in tables.varying(given) if name != "indicator"] or ["region"]
    rows = tables.in_order(given, what, language)
    texts = [
        style.wrapped(", ".join(labels.key_text(row, name, language, names) for name in what)) for row in rows
    ]
    drawing, axes = style.canvas(1.3 + room(texts, 0.42) * len(rows))
    for place, row in enumerate(rows):
        own = (row["region_level"], row["region_code"]) == highlight
        _bar(axes, place, row, language, own=own)
    line = _reference_line(axes, reference, language)
    axes.set_yticks(range(len(rows)), texts)
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        if (row["region_level"], row["region_code"]) == highlight:
            label.set_fontweight("bold")
    axes.set_ylim(len(rows) - 0.4, -0.6 - (0.7 if line else 0))
    axes.margins(x=0.16)
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0] if _below_zero(rows) else 0.0))
    style.number_axis(axes.xaxis, language)
    axes.set_xlabel(style.wrapped(style.axis_title(rows[0], language, names), 70), fontsize=10.5)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text("bars", caption, rows, language) + line
    columns = _figure_columns(given)
    beside = tables.table(selection, columns, caption, language, names=names, headings=headings)
    return Figure(png, alt, beside, rows[0].release_id, language)


def series(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw figures over time, a line a series; the line stops at a break, a gap and a hidden figure.

    The selection holds one indicator; region, sex, age or group tell the lines apart (six at the most), each
    with a colour, a mark and a line style of its own. A break is marked with a dotted line and its word.
    `names` and `headings` are own words for codes and for the table's columns.
    """
    rows = rows_of(selection)
    rows_have_one(rows, "indicator", "series")
    what = [name for name in tables.varying(rows) if name not in ("indicator", "period")] or ["region"]
    lines: dict[str, list[Row]] = {}
    for row in tables.in_order(rows, what, language):
        lines.setdefault(", ".join(labels.key_text(row, n, language, names) for n in what), []).append(row)
    if len(lines) > len(style.COLOURS):
        raise SosrakeError(
            f"series: {len(lines)} lines; expected {len(style.COLOURS)} at the most to be told apart; "
            "select fewer areas or groups"
        )
    drawing, axes = style.canvas(4.2)
    for place, line in enumerate(lines.values()):
        _line(axes, sorted(line, key=time), place)
    broken = _breaks(axes, rows, language)
    axes.margins(x=0.04, y=0.12)
    low, high = axes.get_ylim()
    if not _is_index(rows[0]):  # an index is read against 100, a share or a count against nothing
        axes.set_ylim(min(0.0, low), high + 0.08 * abs(high))
    time_axis(axes, rows, language)
    style.number_axis(axes.yaxis, language)
    axes.grid(axis="y", color=style.GRID, linewidth=0.8)
    axes.set_title(
        style.wrapped(style.axis_title(rows[0], language, names), 80),
        fontsize=10.5,
        loc="left",
        color=style.DARK,
    )
    _name_lines(axes, lines, language)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text("series", caption, rows, language) + broken
    across = what[0] if len(lines) > 1 and len(what) == 1 else None
    columns = ("value",) if across else _figure_columns(rows)
    beside = tables.table(
        selection, columns, caption, language, across=across, names=names, headings=headings
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


def _bar(axes: Axes, place: int, row: Row, language: str, *, own: bool) -> None:
    if not row.shown:
        word = say(f"words.mark.{row['status']}", language)
        axes.text(0, place, f" {word}", va="center", fontsize=10, style="italic", color=style.MIDDLE)
        return
    value = float(row["value"])
    colour = style.COLOURS[0] if own else style.SOFT
    axes.barh(place, value, height=0.62, color=colour, edgecolor=style.DARK, linewidth=1.4 if own else 0.5)
    end = value
    if row.has("lower") and row.has("upper"):
        end = max(value, float(row["upper"]))
        low, high = float(row["lower"]), float(row["upper"])
        for colour, width, order in (("white", 4.2, 3), (style.DARK, 1.6, 4)):  # the halo parts line from bar
            axes.plot([low, high], [place, place], color=colour, linewidth=width, zorder=order)
            for edge in (low, high):
                axes.plot(
                    [edge] * 2, [place - 0.13, place + 0.13], color=colour, linewidth=width, zorder=order
                )
    axes.annotate(
        labels.figure(row, "value", language), (max(end, 0), place), xytext=(6, 0),
        textcoords="offset points", va="center", fontsize=style.TEXT, color=style.DARK, zorder=5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},  # a line behind must not strike it out
    )  # fmt: skip


def _reference_line(axes: Axes, reference: Selection | None, language: str) -> str:
    if reference is None:
        return ""
    row = one_row(reference)
    if not row.shown:
        return ""
    axes.axvline(float(row["value"]), color=style.COLOURS[1], linestyle="--", linewidth=1.6, zorder=2)
    text = f"{labels.region_text(row, language)} {labels.figure(row, 'value', language)}"
    axes.annotate(
        text, (float(row["value"]), -1.25), xytext=(4, -2), textcoords="offset points", va="top", fontsize=10,
        color="#9C3F00",
    )  # fmt: skip
    return " " + say("charts.alt.reference", language, reference=text)


def _name_lines(axes: Axes, lines: Mapping[str, list[Row]], language: str) -> None:
    """Write each line's name beside its last point; one without any shown figure is named under the axes."""
    ends, unseen = [], []
    for place, (name, line) in enumerate(lines.items()):
        shown = [row for row in line if row.shown]
        if shown:
            last = max(shown, key=time)
            ends.append(End(time(last), float(last["value"]), name, style.INKS[place]))
        else:
            unseen.append(f"{name}: {say('words.mark.' + str(line[0]['status']), language)}")
    name_ends(axes, ends)
    if unseen:
        text = say("charts.slope.unseen", language, names="; ".join(unseen))
        axes.set_xlabel(style.wrapped(text, 66), fontsize=style.LEAST, style="italic", color=style.MIDDLE)


def _line(axes: Axes, line: list[Row], number: int) -> None:
    look: dict[str, Any] = {
        "color": style.COLOURS[number],
        "marker": style.MARKERS[number],
        "linestyle": style.LINES[number],
        "linewidth": 1.8,
        "markersize": 5.5 if len(line) < 40 else 2.5,
    }
    for run in runs(line):
        times = [time(row) for row in run]
        axes.plot(times, [float(row["value"]) for row in run], **look)
        if all(row.has("lower") and row.has("upper") for row in run):
            low, high = ([float(row[edge]) for row in run] for edge in ("lower", "upper"))
            axes.fill_between(times, low, high, color=style.COLOURS[number], alpha=0.16, linewidth=0)
            if len(run) == 1:  # a band over one moment has no width, so the interval is drawn as a line
                axes.vlines(times, low, high, color=style.COLOURS[number], alpha=0.55, linewidth=2.2)


def _breaks(axes: Axes, rows: tuple[Row, ...], language: str) -> str:
    periods = sorted({str(row["period"]) for row in rows if row["break_before"]}, key=frames.period_end)
    times = sorted({time(row) for row in rows})
    for period in periods:
        at = time_of(period)
        earlier = [time for time in times if time < at]
        if not earlier:
            continue
        middle = (earlier[-1] + at) / 2
        axes.axvline(middle, color=style.MIDDLE, linestyle=":", linewidth=1.4)
        axes.annotate(
            say("charts.break", language), (middle, 1), xycoords=("data", "axes fraction"), xytext=(3, -2),
            textcoords="offset points", va="top", rotation=90, fontsize=9, color=style.MIDDLE,
        )  # fmt: skip
    if not periods:
        return ""
    told = ", ".join(numbers.period(period, language) for period in periods)
    return " " + say("charts.alt.break", language, periods=told)


def _figure_columns(rows: tuple[Row, ...]) -> tuple[str, ...]:
    return ("value", "interval") if any(row.has("lower") for row in rows) else ("value",)


def _below_zero(rows: list[Row]) -> bool:
    return any(row.shown and float(row["value"]) < 0 for row in rows)


def _is_index(row: Row) -> bool:
    described = labels.described_by(row)
    return described is not None and described.kind == "index"
