"""Charts of a survey on a scale: how answers divide, where importance and skill part, and their quadrants.

Items stand in the survey's own order or by name, never by the size of the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_importance import importance_performance
from sosrake_lib.influence.charts_labels import End, name_above, room
from sosrake_lib.influence.charts_likert import diverging, item_of, items_of, name_of
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.language import say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["diverging", "gaps", "importance_performance"]


def gaps(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    order: Sequence[str] | None = None,
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw importance and skill of each item as two points, and the gap with its interval as a number.

    `selection` holds rows of `scales.gap`: `value` (the gap), `lower`, `upper`, `importance`, `skill`.
    `headings` are own words of the table's columns.
    """
    rows = rows_of(selection)
    items = items_of(rows, order, language, names)
    by_item = {item_of(row): row for row in rows}
    texts = [style.wrapped(name_of(item, language, names)) for item in items]
    drawing, axes = style.canvas(1.6 + room(texts, 0.44) * len(items))
    for place, item in enumerate(items):
        _dots(axes, place, by_item[item], language)
    axes.set_yticks(range(len(items)), texts)
    axes.set_ylim(len(items) - 0.4, -1.15)
    axes.margins(x=0.12)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    style.number_axis(axes.xaxis, language)
    axes.set_xlabel(say("charts.scale", language), fontsize=10.5)
    _name_marks(axes, [by_item[item] for item in items], language)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text("gaps", caption, rows, language)
    heads = {column: say(f"charts.{column}", language) for column in ("importance", "skill")}
    heads["value"] = say("charts.gap", language)
    beside = tables.table(
        selection,
        ("importance", "skill", "value", "interval"),
        caption,
        language,
        names=names,
        headings={**heads, **(headings or {})},
        decimals=dict.fromkeys(("importance", "skill", "value", "lower", "upper"), 2),
        order=items,
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


def _name_marks(axes: Axes, rows: Sequence[Row], language: str) -> None:
    """Say above the first shown line which mark is skill and which importance."""
    place = next((at for at, row in enumerate(rows) if row.shown), None)
    if place is None:
        return
    marks = [
        End(
            float(rows[place][column]),
            place - 0.12,
            say(f"charts.{column}", language),
            style.INKS[number],
            True,
        )
        for number, column in enumerate(("skill", "importance"))
    ]
    name_above(axes, marks, place - 0.55)


def _dots(axes: Axes, place: int, row: Row, language: str) -> None:
    if not row.shown:
        style.hidden_word(axes, place, row["status"], language)
        return
    skill, importance = float(row["skill"]), float(row["importance"])
    axes.plot([skill, importance], [place, place], color=style.MIDDLE, linewidth=2.2, zorder=2)
    axes.scatter(skill, place, marker="o", s=52, color=style.COLOURS[0], zorder=3)
    axes.scatter(importance, place, marker="D", s=48, color=style.COLOURS[1], zorder=3)
    gap, low, high = (
        labels.bare_figure(row, column, language, {column: 2}) for column in ("value", "lower", "upper")
    )
    dash = " – " if float(row["lower"]) < 0 else "–"
    axes.annotate(
        f"{gap} ({low}{dash}{high})", (max(skill, importance), place), xytext=(9, 0), va="center",
        textcoords="offset points", fontsize=9.5, color=style.DARK,
    )  # fmt: skip
