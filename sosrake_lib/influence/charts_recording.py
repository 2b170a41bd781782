"""Control chart of one measure of recording in one unit: months, centre lines and limits by phase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sosrake_lib import frame as frames
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import End, name_ends
from sosrake_lib.influence.rows import Row, rows_have_one, rows_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = "kirjaamisen_laatu.chart"


def control(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw months as points, the centre line of each phase, and the limits of chance around it.

    Parameters
    ----------
    selection : rows of `ohjaus`: one indicator and one unit, with `centre, limit_lower, limit_upper, phase`
        and `note` (signals). A month that may not be shown has no point.

    Raises
    ------
    SosrakeError when there are several measures or units, or nothing may be shown.
    """
    rows = rows_of(selection)
    for column in ("indicator", "group"):
        rows_have_one(rows, column, "control")
    if not any(row.shown for row in rows):
        raise SosrakeError("control: every month of the unit is hidden; say so in words instead")
    rows = tuple(sorted(rows, key=lambda row: frames.period_end(str(row["period"]))))
    drawing, axes = style.canvas(4.2)
    shown = [(place, row) for place, row in enumerate(rows) if row.shown]
    _signals(axes, shown, language)
    _phases(axes, shown, language)
    step = max(1, -(-len(rows) // 8))
    axes.set_xticks(
        range(0, len(rows), step), [_month(str(row["period"])) for row in rows[::step]], fontsize=9.5
    )
    axes.set_ylim(0, 104)
    style.number_axis(axes.yaxis, language)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    title = f"{rows[0]['group']}: {style.axis_title(rows[0], language)}"
    axes.set_title(style.wrapped(title, 70), fontsize=10.5, loc="left", pad=18)
    _name_lines(axes, shown, language)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text("series", caption, rows, language) + _told(shown, language)
    columns = ("value", "centre", "limit_lower", "limit_upper")
    own = {column: say(f"{ROOM}.{column}", language) for column in columns[1:]}
    table = tables.table(
        selection, columns, caption, language, headings=own | dict(headings or {}),
        decimals=dict.fromkeys(columns[1:], 0),
    )  # fmt: skip
    return Figure(png, alt, table, rows[0].release_id, language)


def _signals(axes: Axes, shown: list[tuple[int, Row]], language: str) -> None:
    marked = [(place, row) for place, row in shown if row["note"]]
    if marked:
        axes.scatter(
            [place for place, _ in marked], [float(row["value"]) for _, row in marked], s=95, marker="D",
            facecolor="none", edgecolor=style.COLOURS[1], linewidth=1.8, zorder=5,
        )  # fmt: skip


def _phases(axes: Axes, shown: list[tuple[int, Row]], language: str) -> None:
    """Draw centre and limits of each phase, and the line between phases."""
    first = True
    for phase in sorted({float(row["phase"]) for _, row in shown}):
        part = [(place, row) for place, row in shown if float(row["phase"]) == phase]
        places = [place for place, _ in part]
        centre = [float(row["centre"]) for _, row in part]
        low, high = ([float(row[edge]) for _, row in part] for edge in ("limit_lower", "limit_upper"))
        axes.plot(
            places, [float(row["value"]) for _, row in part], color=style.COLOURS[0], marker="o",
            markersize=4.5, linewidth=1.0, zorder=4,
        )  # fmt: skip
        axes.plot(
            places, centre, color=style.DARK, linewidth=1.8, zorder=3,
        )  # fmt: skip
        axes.fill_between(
            places, low, high, color=style.SOFT, alpha=0.35, linewidth=0, step="mid",
        )  # fmt: skip
        axes.annotate(
            numbers.percent(centre[-1], 0, language),
            (places[len(places) // 2], high[len(places) // 2]), xytext=(0, 5),
            textcoords="offset points", ha="center", fontsize=10,
            fontweight="bold", color=style.DARK, zorder=6,
        )  # fmt: skip
        if not first:
            axes.axvline(places[0] - 0.5, color=style.MIDDLE, linestyle=":", linewidth=1.6)
            axes.annotate(
                say(f"{ROOM}.change", language), (places[0] - 0.5, 1.0), xycoords=("data", "axes fraction"),
                xytext=(0, 3), textcoords="offset points", ha="center", va="bottom", fontsize=9,
                color=style.MIDDLE,
            )  # fmt: skip
        first = False


def _name_lines(axes: Axes, shown: list[tuple[int, Row]], language: str) -> None:
    """Name the months' line, the centre, the limits and the signals at the right edge, where they end."""
    at, last = shown[-1]
    ends = [
        End(at, float(last["value"]), say(f"{ROOM}.month", language), style.INKS[0]),
        End(at, float(last["centre"]), say(f"{ROOM}.level", language)),
        End(at, float(last["limit_upper"]), say(f"{ROOM}.limits", language), style.MIDDLE),
    ]
    marked = [(place, row) for place, row in shown if row["note"]]
    if marked:
        place, row = marked[-1]
        ends.append(End(place, float(row["value"]), say(f"{ROOM}.signal", language), style.INKS[1]))
    name_ends(axes, ends, wide=15)


def _month(period: str) -> str:
    year, month = period.split("-")
    return f"{int(month)}/{year}"


def _told(shown: list[tuple[int, Row]], language: str) -> str:
    phases = {float(row["phase"]) for _, row in shown}
    return " " + say(f"{ROOM}.alt_{'phases' if len(phases) > 1 else 'one_phase'}", language)
