"""Slope chart: two points in time, a line each for areas or groups, with the interval of both figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sosrake_lib import frame as frames
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import End, name_ends
from sosrake_lib.influence.rows import Row, rows_have_one, rows_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_APART = 0.022  # between the lines' marks at one time, so that intervals do not cover each other


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    first: Row | None
    last: Row | None
    own: bool
    broken: bool = False

    @property
    def joined(self) -> bool:
        """Say whether the two figures may be joined by a line: both shown, no break between them."""
        ends = self.first is not None and self.last is not None and self.first.shown and self.last.shown
        return bool(ends and not self.broken)


def slope(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    highlight: tuple[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
    whole: bool = False,
) -> Figure:
    """Draw each area or group as a line from the first period to the last, named beside its ends.

    Parameters
    ----------
    selection : rows of one indicator and exactly two periods; region, sex, age or group tells lines apart,
        six at the most. A line is not drawn over a break (`break_before`) and not to a hidden figure.
    whole : the selection is a whole series; the first and the last period for which every line has a figure
        are drawn, and a break anywhere between them leaves the two unjoined.
    highlight : (level, code) of the area the page is about; its line is thick and its name bold.

    Raises
    ------
    SosrakeError for another number of periods, more lines than can be told apart, or nothing shown.
    """
    rows = rows_of(selection)
    rows_have_one(rows, "indicator", "slope")
    periods, between = _periods(rows), rows
    if whole:
        periods = _comparable(rows, periods)
        selection = selection.select(period=periods)
        rows = rows_of(selection)
    if len(periods) != 2:
        raise SosrakeError(f"slope: {len(periods)} periods; expected two; select(period=[first, last])")
    lines = _lines(rows, between, periods, language, names, highlight)
    if len(lines) > len(style.COLOURS):
        raise SosrakeError(
            f"slope: {len(lines)} lines; expected {len(style.COLOURS)} at the most; select fewer, or draw "
            "small_multiples"
        )
    if not any(row.shown for row in rows):
        raise SosrakeError("slope: no row is shown; say so in words (words.hidden)")
    drawing, axes = style.canvas(3.1 + 0.3 * len(lines))
    for place, line in enumerate(lines):
        _draw(axes, line, place, len(lines))
    _axes(axes, periods, rows, language)
    _name(axes, lines, language)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text("slope", caption, rows, language, _told(lines, language))
    columns = ("value", "interval") if any(row.has("lower") for row in rows) else ("value",)
    beside = tables.table(
        selection, columns, caption, language, across="period", names=names, headings=headings
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


def _periods(rows: Sequence[Row]) -> list[str]:
    return sorted({str(row["period"]) for row in rows}, key=frames.period_end)


def _comparable(rows: Sequence[Row], periods: Sequence[str]) -> list[str]:
    """Give the first and the last period for which every line has a shown figure; else the outermost two."""
    lines = {_line_key(row) for row in rows}
    shown: dict[str, set] = {period: set() for period in periods}
    for row in rows:
        if row.shown:
            shown[str(row["period"])].add(_line_key(row))
    full = [period for period in periods if shown[period] == lines]
    kept = full if len(full) > 1 else list(periods)
    return [kept[0], kept[-1]] if len(kept) > 1 else kept


def _line_key(row: Row) -> tuple:
    return tuple(row[name] for name in ("region_level", "region_code", "sex", "age", "group"))


def _breaks(rows: Sequence[Row], periods: Sequence[str]) -> set[tuple]:
    """Name the lines with a break after the first period, up to the last."""
    first, last = (frames.period_end(period) for period in periods)
    return {
        _line_key(row)
        for row in rows
        if row["break_before"] and first < frames.period_end(str(row["period"])) <= last
    }


def _lines(
    rows: tuple[Row, ...],
    between: Sequence[Row],
    periods: Sequence[str],
    language: str,
    names: Mapping[str, str] | None,
    highlight: tuple[str, str] | None,
) -> list[_Line]:
    what = [name for name in tables.varying(rows) if name not in ("indicator", "period")] or ["region"]
    broken = _breaks(between, periods)
    cut: dict[str, bool] = {}
    found: dict[str, dict[str, Row]] = {}
    own: dict[str, bool] = {}
    for row in tables.in_order(rows, what, language):
        name = ", ".join(labels.key_text(row, part, language, names) for part in what)
        found.setdefault(name, {})[str(row["period"])] = row
        own[name] = (row["region_level"], row["region_code"]) == highlight
        cut[name] = _line_key(row) in broken
    first, last = periods
    return [_Line(name, by.get(first), by.get(last), own[name], cut[name]) for name, by in found.items()]


def _draw(axes: Axes, line: _Line, place: int, many: int) -> None:
    aside = _APART * (place - (many - 1) / 2)
    colour = style.COLOURS[place]
    ends = []
    for at, row in ((aside, line.first), (1 + aside, line.last)):
        if row is None or not row.shown:
            continue
        value = float(row["value"])
        ends.append((at, value))
        if row.has("lower") and row.has("upper"):
            axes.plot([at] * 2, [float(row["lower"]), float(row["upper"])], color=colour, linewidth=1.6,
                      alpha=0.8, solid_capstyle="butt")  # fmt: skip
        axes.plot([at], [value], marker=style.MARKERS[place], markersize=8 if line.own else 6.5, color=colour,
                  markeredgecolor="white", zorder=4)  # fmt: skip
    if line.joined:
        axes.plot(*zip(*ends, strict=True), color=colour, linestyle=style.LINES[place],
                  linewidth=3.0 if line.own else 1.7, zorder=3)  # fmt: skip


def _axes(axes: Axes, periods: Sequence[str], rows: Sequence[Row], language: str) -> None:
    axes.set_xticks([0, 1], [numbers.period(period, language) for period in periods])
    axes.set_xlim(-0.14, 1.14)
    axes.margins(y=0.1)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    for at in (0, 1):
        axes.axvline(at, color=style.GRID, linewidth=1.0, zorder=0)
    axes.set_title(style.wrapped(style.axis_title(rows[0], language), 66), fontsize=style.TEXT, loc="left")


def _name(axes: Axes, lines: Sequence[_Line], language: str) -> None:
    left: list[End] = []
    right: list[End] = []
    unseen: list[str] = []
    for place, line in enumerate(lines):
        colour = "#000000" if line.own else style.DARK
        aside = _APART * (place - (len(lines) - 1) / 2)
        for row, at, ends in ((line.first, aside, left), (line.last, 1 + aside, right)):
            if row is not None and row.shown:
                value = labels.figure(row, "value", language)
                text = (
                    value
                    if ends is left and line.last is not None and line.last.shown
                    else f"{line.name} {value}"
                )
                ends.append(End(at, float(row["value"]), text, colour, line.own))
        word = _unseen(line, language)
        if word:
            unseen.append(word)
    name_ends(axes, left, left=True)
    name_ends(axes, right, wide=20)
    if unseen:
        text = say("charts.slope.unseen", language, names="; ".join(unseen))
        axes.set_xlabel(style.wrapped(text, 66), fontsize=style.LEAST, style="italic", color=style.MIDDLE)


def _unseen(line: _Line, language: str) -> str:
    """Name a line that lacks a figure, with the word for why."""
    for row in (line.first, line.last):
        if row is not None and not row.shown:
            period = numbers.period(str(row["period"]), language)
            return f"{line.name}, {period}: {say('words.mark.' + str(row['status']), language)}"
    return ""


def _told(lines: Sequence[_Line], language: str) -> str:
    """Give first and last figure of each line in words; they stand in the table too."""
    figures = [
        f"{line.name} {labels.figure(line.first, 'value', language)} → "
        f"{labels.figure(line.last, 'value', language)}"
        for line in lines
        if line.first is not None and line.last is not None and line.first.shown and line.last.shown
    ]
    return say("charts.alt.ends", language, figures="; ".join(figures)) if figures else ""
