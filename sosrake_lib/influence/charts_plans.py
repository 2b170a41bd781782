"""Charts of plans: two kinds of plan beside each other over half-years, cut where the law changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sosrake_lib import frame as frames
from sosrake_lib.catalogue.record_rules import LawChange, law_changes
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

ROOM = "aktivointisuunnitelmat.chart"
_MOST_LINES = 3


def beside(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    names: Mapping[str, str],
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw one figure of each kind of plan over time, with its interval, and the law changes between.

    Parameters
    ----------
    selection : rows of one indicator and area; `group` = kind of plan; `break_before` cuts the line.
    names : words of the kinds; headings : words of the table's columns.

    Raises
    ------
    SosrakeError for several indicators, or more kinds than can be told apart.
    """
    rows = rows_of(selection)
    rows_have_one(rows, "indicator", "beside")
    kinds = sorted({str(row["group"]) for row in rows})
    if len(kinds) > _MOST_LINES:
        raise SosrakeError(f"beside: {len(kinds)} kinds of plan; expected {_MOST_LINES} at the most")
    periods = sorted({str(row["period"]) for row in rows}, key=frames.period_end)
    drawing, axes = style.canvas(4.4)
    for number, kind in enumerate(kinds):
        line = [_at(rows, kind, period) for period in periods]
        _line(axes, line, number, kinds)
    told = _law_lines(axes, rows, periods, language)
    axes.set_xticks(range(len(periods)), [_tick(period, language) for period in periods])
    axes.set_xlim(-0.4, len(periods) - 0.6)
    axes.set_ylim(0, max(axes.get_ylim()[1] * 1.06, 1))
    if labels.is_percent(rows[0]):
        axes.set_ylim(0, 104)
    style.number_axis(axes.yaxis, language)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    axes.set_title(style.wrapped(style.axis_title(rows[0], language), 80), fontsize=10.5, loc="left", pad=38)
    name_ends(axes, _ends(rows, kinds, periods, names))
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text("series", caption, rows, language) + told
    columns = ("value", "interval") if any(row.has("lower") for row in rows) else ("value",)
    table = tables.table(
        selection, columns, caption, language, across="group", names=names, headings=headings
    )
    return Figure(png, alt, table, rows[0].release_id, language)


def changes_within(rows: tuple[Row, ...], periods: list[str]) -> dict[int, LawChange]:
    """Find the law changes among the periods: place of the first period after each, and the change."""
    broken = {str(row["period"]) for row in rows if row["break_before"]}
    ends = [frames.period_end(period) for period in periods]
    found = {}
    for change in law_changes():
        after = [place for place, end in enumerate(ends) if end >= change.on]
        if after and periods[after[0]] in broken:
            found[after[0]] = change
    return found


def _at(rows: tuple[Row, ...], kind: str, period: str) -> Row | None:
    return next((row for row in rows if row["group"] == kind and row["period"] == period), None)


def _line(axes: Axes, line: list[Row | None], number: int, kinds: list[str]) -> None:
    """Draw a kind's points a little aside from the other's, joined where nothing cuts the line."""
    aside = 0.09 * (number - (len(kinds) - 1) / 2)
    colour = style.COLOURS[number]
    run: list[tuple[int, float]] = []
    for place, row in enumerate([*line, None]):
        cut = row is None or not row.shown or (row["break_before"] and bool(run))
        if cut and run:
            axes.plot(
                [x + aside for x, _ in run], [y for _, y in run], color=colour, linewidth=1.8,
                linestyle=style.LINES[number], marker=style.MARKERS[number], markersize=6,
                zorder=4,
            )  # fmt: skip
            run = []
        if row is not None and row.shown:
            run.append((place, float(row["value"])))
            if row.has("lower") and row.has("upper"):
                ends = [float(row["lower"]), float(row["upper"])]
                axes.plot([place + aside] * 2, ends, color=colour, linewidth=1.4, alpha=0.75, zorder=3)


def _ends(rows: tuple[Row, ...], kinds: list[str], periods: list[str], names: Mapping[str, str]) -> list[End]:
    """Find the last shown point of each kind, where its name stands."""
    found = []
    for number, kind in enumerate(kinds):
        line = [(at, row) for at, period in enumerate(periods) if (row := _at(rows, kind, period))]
        shown = [(at, float(row["value"])) for at, row in line if row.shown]
        if shown:
            found.append(End(*shown[-1], names.get(kind, kind), style.INKS[number]))
    return found


def _law_lines(axes: Axes, rows: tuple[Row, ...], periods: list[str], language: str) -> str:
    found = changes_within(rows, periods)
    for number, (place, change) in enumerate(found.items()):
        # Two changes stand near each other: their words open to both sides.
        side = "center" if len(found) == 1 else ("right", "left")[min(number, 1)]
        axes.axvline(place - 0.5, color=style.MIDDLE, linestyle=":", linewidth=1.6)
        text = say(f"{ROOM}.law", language, day=numbers.day(change.on, language))
        if not change.verified:
            text = say(f"{ROOM}.law_unchecked", language, day=numbers.day(change.on, language))
        axes.annotate(
            style.wrapped(text, 20), (place - 0.5, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 3),
            textcoords="offset points", ha=side, va="bottom", fontsize=style.LEAST, color=style.MIDDLE,
        )  # fmt: skip
    if not found:
        return ""
    days = ", ".join(numbers.day(change.on, language) for change in found.values())
    return " " + say(f"{ROOM}.alt_law", language, days=days)


def _tick(period: str, language: str) -> str:
    """Write a half-year in two lines."""
    if "-H" not in period:
        return numbers.period(period, language)
    year, half = period.split("-H")
    return f"{say(f'{ROOM}.half{half}', language)}\n{year}"
