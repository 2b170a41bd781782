"""Small multiples: one small line chart an area, a group or a theme, all on the same scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_time import runs, time, time_axis
from sosrake_lib.influence.rows import Row, refuse_mixed, rows_have_one, rows_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS = ("region", "indicator", "sex", "age", "group")
COLUMNS, MOST = 3, 24
GREY = "#8C8C8C"
_WITH_INTERVALS = 4  # periods: more would make the table too wide for intervals too


def small_multiples(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    panel: str = "region",
    reference: Selection | None = None,
    highlight: tuple[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw a small line chart for each area, indicator or group, on one scale, with the reference in grey.

    Parameters
    ----------
    selection : rows over time that vary in `panel` and period only; `lower` and `upper` become a band.
    panel : what a panel is: region, indicator (shares in per cent, or indices with one base), sex, age or
        group. The base of indices is a thin line in every panel.
    reference : the same indicator and periods of one wider area, drawn in grey in every panel; where it has
        lines of its own for the panels (indicators, groups), each stands in its own panel.
    highlight : (level, code) of the area the page is about; its panel's name is bold.

    Raises
    ------
    SosrakeError for a dimension that varies besides, more panels than can be read, units that differ, or
    nothing to show.
    """
    rows = rows_of(selection)
    refuse_mixed(selection, reference)
    _check(rows, panel)
    if panel == "indicator" and _base(rows[0]) and names is None:  # the base is told once, not in each name
        names = {str(row["indicator"]): labels.short_name(str(row["indicator"]), language) for row in rows}
    panels: dict[tuple, list[Row]] = {}
    for row in tables.in_order(rows, [panel], language):
        panels.setdefault(_key(row, panel), []).append(row)
    if len(panels) > MOST:
        raise SosrakeError(
            f"small_multiples: {len(panels)} panels; expected {MOST} at the most; select fewer"
        )
    beside_all = () if reference is None else rows_of(reference)
    several = panel != "region" and len({_key(row, panel) for row in beside_all}) > 1
    across = 2 if len(panels) in (2, 4) else min(COLUMNS, len(panels))
    down = -(-len(panels) // across)
    drawing, whole = style.canvas(0.75 + 1.55 * down)
    whole.remove()
    grid = drawing.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    for place, axes in enumerate(grid.flat):
        if place >= len(panels):
            axes.set_axis_off()
            continue
        line = list(panels.values())[place]
        own = [row for row in beside_all if not several or _key(row, panel) == _key(line[0], panel)]
        _panel(axes, line, own, language)
        bold = (line[0]["region_level"], line[0]["region_code"]) == highlight
        text = style.wrapped(labels.key_text(line[0], panel, language, names), 66 // across)
        axes.set_title(text, fontsize=style.TEXT, loc="left", fontweight="bold" if bold else "normal")
    _shared(grid, rows, language, across)
    told = _words(rows, beside_all, language)
    drawing.supxlabel(style.wrapped(_subject(rows, panel, told, language, names), 74), fontsize=style.TEXT,
                      x=0.01, ha="left", color=style.DARK)  # fmt: skip
    png = style.finish(drawing, grid[0, 0], language, synthetic=rows[0].synthetic)
    alt = style.alt_text("multiples", caption, rows, language, told)
    short = len({row["period"] for row in rows}) <= _WITH_INTERVALS and any(row.has("lower") for row in rows)
    columns = ("value", "interval") if short else ("value",)
    beside = tables.table(
        selection, columns, caption, language, across="period", names=names, headings=headings
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


def _check(rows: Sequence[Row], panel: str) -> None:
    if panel not in PANELS:
        raise SosrakeError(f"small_multiples: panel {panel!r}; expected one of {', '.join(PANELS)}")
    besides = [name for name in tables.varying(tuple(rows)) if name not in (panel, "period")]
    if besides:
        raise SosrakeError(
            f"small_multiples: rows differ in {besides[0]} besides {panel} and period; "
            f"select one {besides[0]}"
        )
    if panel == "indicator" and not _one_scale(rows):
        raise SosrakeError(
            "small_multiples: indicators of different units on one scale; expected shares in per cent, or "
            "indices with one base; draw each indicator with charts.series"
        )
    if panel != "indicator":
        rows_have_one(tuple(rows), "indicator", "small_multiples")
    if not any(row.shown for row in rows):
        raise SosrakeError("small_multiples: no row is shown; say so in words (words.hidden)")


def _one_scale(rows: Sequence[Row]) -> bool:
    if all(labels.is_percent(row) for row in rows):
        return True
    return len({_base(row) for row in rows}) == 1 and bool(_base(rows[0]))


def _base(row: Row, language: str = "fi") -> str:
    """Say what 100 stands for in an index, such as `keskimmäinen alue = 100`; empty for another indicator."""
    described = labels.described_by(row)
    if described is None or described.kind != "index":
        return ""
    base = (described.unit_en if language == "en" else described.unit_fi).partition(", ")[2]
    return base if base.endswith("= 100") else ""


def _key(row: Row, panel: str) -> tuple:
    return (row["region_level"], row["region_code"]) if panel == "region" else (row[panel],)


def _panel(axes: Axes, line: Sequence[Row], beside: Sequence[Row], language: str) -> None:
    from matplotlib.patheffects import withStroke

    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if _base(line[0]):
        axes.axhline(100.0, color=style.MIDDLE, linewidth=0.9, zorder=1)
    for run in runs(sorted(beside, key=time)):
        axes.plot([time(row) for row in run], [float(row["value"]) for row in run], color=GREY, linewidth=2.0)
    shown = [row for row in line if row.shown]
    if not shown:
        axes.set_facecolor("white")
        axes.patch.set(hatch=style.HATCH, edgecolor="#BBBBBB")
        axes.text(
            0.5, 0.5, say(f"words.mark.{line[0]['status']}", language), transform=axes.transAxes, ha="center",
            va="center", fontsize=style.TEXT, bbox={"facecolor": "white", "edgecolor": "none", "pad": 2.0},
        )  # fmt: skip
        return
    for run in runs(sorted(line, key=time)):
        times = [time(row) for row in run]
        axes.plot(times, [float(row["value"]) for row in run], color=style.COLOURS[0], marker="o",
                  markersize=4, linewidth=1.7, zorder=4)  # fmt: skip
        if all(row.has("lower") and row.has("upper") for row in run):
            low, high = ([float(row[edge]) for row in run] for edge in ("lower", "upper"))
            axes.fill_between(times, low, high, color=style.COLOURS[0], alpha=0.18, linewidth=0)
            axes.vlines(times, low, high, color=style.COLOURS[0], alpha=0.7, linewidth=1.2)
    last = max(shown, key=time)
    end = max(float(last["value"]), float(last["upper"]) if last.has("upper") else float(last["value"]))
    axes.annotate(
        labels.figure(last, "value", language), (time(last), end), xytext=(2, 4), ha="right",
        textcoords="offset points", fontsize=style.LEAST, fontweight="bold", color=style.DARK, zorder=6,
        path_effects=[withStroke(linewidth=2.4, foreground="white")],
    )  # fmt: skip


def _shared(grid, rows: Sequence[Row], language: str, across: int) -> None:
    first = grid[0, 0]
    first.margins(x=0.06, y=0.12)
    low, high = first.get_ylim()
    described = labels.described_by(rows[0])
    if described is None or described.kind != "index":
        first.set_ylim(min(0.0, low), high + 0.14 * abs(high))
    for axes in grid.flat:
        style.number_axis(axes.yaxis, language)
        axes.yaxis.get_major_locator().set_params(nbins=4)
        if any("/" in str(row["period"]) for row in rows):
            _ends(axes, rows, language)
        else:
            time_axis(axes, rows, language, room=max(2, 10 // (across + 1)))
        axes.tick_params(labelsize=style.LEAST, colors=style.DARK)
        axes.grid(axis="y", color=style.GRID, linewidth=0.8)


def _ends(axes: Axes, rows: Sequence[Row], language: str) -> None:
    """Write the first and the last span of years inside the panel: two such texts fit, not ten."""
    periods = {time(row): str(row["period"]) for row in rows}
    ends = sorted({min(periods), max(periods)})
    axes.set_xticks(ends, [numbers.period(periods[at], language) for at in ends])
    texts = axes.get_xticklabels()  # none in the upper panels, which share the axis of the lowest
    if len(texts) > 1:
        texts[0].set_horizontalalignment("left")
        texts[-1].set_horizontalalignment("right")


def _words(rows: Sequence[Row], beside: Sequence[Row], language: str) -> str:
    told = [say("charts.multiples.same", language)]
    if beside:
        told = [say("charts.multiples.grey", language, reference=labels.region_text(beside[0], language))]
    if base := _base(rows[0], language):
        told.append(say("charts.multiples.base", language, base=base))
    if any(row["break_before"] for row in rows):
        told.append(say("charts.multiples.broken", language))
    return " ".join(told)


def _subject(
    rows: Sequence[Row], panel: str, told: str, language: str, names: Mapping[str, str] | None
) -> str:
    """Say under the panels what their scale is."""
    shares = "%" if labels.is_percent(rows[0]) else say("charts.multiples.index", language)
    measure = shares if panel == "indicator" else style.axis_title(rows[0], language, names)
    periods = sorted({str(row["period"]) for row in rows})
    span = f"{numbers.period(periods[0], language)}–{numbers.period(periods[-1], language)}"
    if "/" in periods[0] and "/" in periods[-1]:
        span = numbers.period(f"{periods[0].partition('/')[0]}/{periods[-1].partition('/')[2]}", language)
    return f"{measure}, {span}. {told}"
