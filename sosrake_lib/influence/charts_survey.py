"""Charts of a survey on a scale: how answers divide, where importance and skill part, and their quadrants.

Items stand in the survey's own order or by name, never by the size of the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_importance import importance_performance
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.language import collation_key, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

__all__ = ["diverging", "gaps", "importance_performance"]

# Brown to blue-green with a light middle (ColorBrewer BrBG, colour-blind safe); hatches part the ends in g
_SHADES = {
    5: ("#A6611A", "#DFC27D", "#F0F0F0", "#80CDC1", "#018571"),
    4: ("#A6611A", "#DFC27D", "#80CDC1", "#018571"),
    3: ("#DFC27D", "#F0F0F0", "#80CDC1"),
    2: ("#DFC27D", "#80CDC1"),
}
_HATCH = {0: "//", -1: ".."}
_ROOM = 7.0  # a segment narrower than this, in percentage points, has no room for its number


def diverging(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    order: Sequence[str] | None = None,
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw how the answers to each item divide over the scale, low to the left and high to the right.

    Parameters
    ----------
    selection : rows of `scales.distribution` (extra columns `item`, `point`) of one group.
    order : items in the order wanted; left out, by name.
    names : words of items and of scale points: "item" -> text, "1" -> text.
    headings : words of the table's columns: column -> text; `indicator` is the items' column.

    In the table an item is one line and the points stand side by side, with those who answered at the end.
    An item with any hidden share gets the word and no bar: the rest of its bar would give the share back.
    """
    rows = rows_of(selection)
    items = _items(rows, order, language, names)
    points = sorted({_point(row) for row in rows})
    if len(points) not in _SHADES:
        raise SosrakeError(f"diverging: {len(points)} points; expected a scale of 2 to 5; merge points first")
    drawing, axes = style.canvas(1.7 + 0.5 * len(items))
    for place, item in enumerate(items):
        _stack(axes, place, [row for row in rows if _item(row) == item], points, language)
    axes.set_yticks(range(len(items)), [style.wrapped(_name(item, language, names)) for item in items])
    axes.set_ylim(len(items) - 0.4, -0.6)
    axes.axvline(0, color=style.DARK, linewidth=0.9)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    _legend(drawing, points, names or {})
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text("diverging", caption, rows, language)
    beside = tables.table(
        selection,
        ("value", "numerator"),
        caption,
        language,
        across="point",
        once=("denominator",),
        names=names,
        headings=headings,
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


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
    items = _items(rows, order, language, names)
    by_item = {_item(row): row for row in rows}
    drawing, axes = style.canvas(1.6 + 0.44 * len(items))
    for place, item in enumerate(items):
        _dots(axes, place, by_item[item], language)
    axes.set_yticks(range(len(items)), [style.wrapped(_name(item, language, names)) for item in items])
    axes.set_ylim(len(items) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    style.number_axis(axes.xaxis, language)
    axes.set_xlabel(say("charts.scale", language), fontsize=10.5)
    for column, marker, colour in (("skill", "o", style.COLOURS[0]), ("importance", "D", style.COLOURS[1])):
        axes.scatter([], [], marker=marker, color=colour, s=48, label=say(f"charts.{column}", language))
    axes.legend(frameon=False, fontsize=10.5, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
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
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


def _stack(axes: Axes, place: int, rows: list[Row], points: list[int], language: str) -> None:
    hidden = [row for row in rows if not row.shown]
    if hidden or len(rows) != len(points):
        status = str(hidden[0]["status"]) if hidden else "missing"
        word = say(f"words.mark.{status}", language)
        axes.text(0, place, f" {word}", va="center", fontsize=10, style="italic", color=style.MIDDLE)
        return
    ordered = sorted(rows, key=_point)
    shares = [float(row["value"]) for row in ordered]
    half, odd = divmod(len(points), 2)
    left = -(sum(shares[:half]) + (shares[half] / 2 if odd else 0.0))
    for number, (row, share) in enumerate(zip(ordered, shares, strict=True)):
        hatch = _HATCH.get(number if number == 0 else number - len(points))
        axes.barh(
            place, share, left=left, height=0.66, color=_SHADES[len(points)][number], hatch=hatch,
            edgecolor=style.DARK, linewidth=0.5,
        )  # fmt: skip
        if share >= _ROOM:
            axes.text(
                left + share / 2, place, labels.bare_figure(row, "value", language, {"value": 0}),
                ha="center", va="center", fontsize=9.5, color=style.DARK,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.85},
            )  # fmt: skip
        left += share


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


def _legend(drawing: Drawing, points: list[int], names: Mapping[str, str]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(
            facecolor=_SHADES[len(points)][number],
            edgecolor=style.DARK,
            hatch=_HATCH.get(number if number == 0 else number - len(points)),
            label=names.get(str(point), str(point)),
        )
        for number, point in enumerate(points)
    ]
    drawing.legend(handles=handles, frameon=False, fontsize=10, loc="outside lower center", ncols=3)


def _items(
    rows: tuple[Row, ...], order: Sequence[str] | None, language: str, names: Mapping[str, str] | None
) -> list[str]:
    found = list(dict.fromkeys(_item(row) for row in rows))
    if order is None:
        return sorted(found, key=lambda item: collation_key(_name(item, language, names)))
    lacking = sorted(set(found) - set(order))
    if lacking:
        raise SosrakeError(f"chart: item {lacking[0]!r} is not in the given order; add it")
    return [item for item in order if item in found]


def _item(row: Row) -> str:
    return str(row["item"]) if row.has("item") and row["item"] else str(row["indicator"]).rsplit(".", 1)[0]


def _point(row: Row) -> int:
    text = (
        str(row["point"])
        if row.has("point") and row["point"] != ""
        else str(row["indicator"]).rsplit(".", 1)[-1]
    )
    return round(float(text))


def _name(item: str, language: str, names: Mapping[str, str] | None) -> str:
    return (names or {}).get(item) or labels.short_name(item, language)
