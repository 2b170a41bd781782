"""Chart of the lesson on protection: what a reader knows of each hidden figure, before and after the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import tables, words_protection
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.language import say
from sosrake_lib.protect import Selection
from sosrake_lib.protect.lesson import attack, lesson

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = words_protection.ROOM
_BESIDE = 0.17
BEFORE, AFTER = style.COLOURS[1], style.COLOURS[0]


def ranges(selection: Selection, language: str = "fi") -> Figure:
    """Draw the range of numbers that fit under each mark: of the careless table, and of the gate's.

    Parameters
    ----------
    selection : part `valit` of the lesson's release. The careless table's ranges come from the lesson itself.
    """
    rows = rows_of(selection)
    before = _before()
    drawing, axes = style.canvas(1.6 + 0.36 * len(rows))
    for place, row in enumerate(rows):
        key = (str(row["region_code"]), str(row["group"]))
        _range(axes, place + _BESIDE, (float(row["least"]), float(row["most"])), AFTER)
        if key in before:
            _range(axes, place - _BESIDE, before[key], BEFORE)
    cells = [words_protection.cell_name(str(row["region_code"]), str(row["group"]), language) for row in rows]
    axes.set_yticks(range(len(rows)), cells)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(left=-0.5)
    style.number_axis(axes.xaxis, language)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    axes.set_xlabel(say(f"{ROOM}.chart.axis", language), fontsize=10.5)
    _legend(axes, language)
    caption = say(f"{ROOM}.ranges_caption", language)
    beside = _table(selection, caption, language)
    png = style.finish(drawing, axes, language, synthetic=beside.synthetic)
    alt = style.alt_text(f"{ROOM}.chart.alt", caption, rows, language)
    return Figure(png, alt, beside, beside.release_id, language)


def _before() -> dict[tuple[str, str], tuple[float, float]]:
    table = lesson()
    found = attack(table.small, reason_shown=True)
    return {
        (area, service): (found.low[row, column], found.high[row, column])
        for row, area in enumerate(table.areas)
        for column, service in enumerate(table.services)
        if found.hidden[row, column]
    }


def _range(axes: Axes, place: float, ends: tuple[float, float], colour: str) -> None:
    low, high = ends
    axes.plot([low, high], [place, place], color=colour, linewidth=3.2, solid_capstyle="round", zorder=3)
    if low == high:
        axes.plot([low], [place], color=colour, marker="D", markersize=6.5, zorder=4)


def _legend(axes: Axes, language: str) -> None:
    """Name both colours above the first row, each in its own colour and with its own sign."""
    for sign, name, colour, left in (("◆", "before", BEFORE, 0.0), ("—", "after", AFTER, 0.5)):
        text = f"{sign} {say(f'{ROOM}.chart.{name}', language)}"
        axes.text(left, 1.015, text, transform=axes.transAxes, color=colour, fontsize=10.5, va="bottom")


def _table(selection: Selection, caption: str, language: str) -> tables.Table:
    columns = ["least", "most", "value"]
    return tables.table(
        selection,
        columns,
        caption,
        language,
        names=words_protection.names(language),
        headings={name: say(f"{ROOM}.range.{name}", language) for name in columns}
        | {"group": say(f"{ROOM}.service", language)},
        decimals=dict.fromkeys(columns, 0),
    )
