"""Diverging Likert bars: low to the left, high to the right, the neutral answer across the middle line.

An item with any hidden share is hatched and has no colour: the rest of its bar would give the share back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import room, spread
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.language import collation_key, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Brown to blue-green with a light middle (ColorBrewer BrBG, colour-blind safe); hatches part the ends in g
SHADES = {
    5: ("#A6611A", "#DFC27D", "#F0F0F0", "#80CDC1", "#018571"),
    4: ("#A6611A", "#EFDDAA", "#6DBBAF", "#018571"),
    3: ("#DFC27D", "#F0F0F0", "#80CDC1"),
    2: ("#DFC27D", "#80CDC1"),
}
HATCHES = {0: "//", -1: ".."}
_ROOM = 7.0  # a segment narrower than this, in percentage points, has no room for its number
_LETTERS = 13  # letters of a line of a scale point's name
_HALF = 50.0  # a hatched item stands across the middle, as wide as all answers together


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

    The points' names stand above the first bar, tied to its segments. In the table an item is one line and
    the points stand side by side, with those who answered at the end.
    """
    rows = rows_of(selection)
    items = items_of(rows, order, language, names)
    points = sorted({point_of(row) for row in rows})
    if len(points) not in SHADES:
        raise SosrakeError(f"diverging: {len(points)} points; expected a scale of 2 to 5; merge points first")
    texts = [style.wrapped(name_of(item, language, names)) for item in items]
    drawing, axes = style.canvas(1.5 + room(texts, 0.5) * len(items))
    stacks = [
        _stack(axes, place, [row for row in rows if item_of(row) == item], points, language)
        for place, item in enumerate(items)
    ]
    axes.set_yticks(range(len(items)), texts)
    axes.margins(x=0.02)
    axes.axvline(0, color=style.DARK, linewidth=0.9)
    axes.set_xticks([])
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    _name_points(axes, stacks, points, names or {})
    most = max((names or {}).get(str(point), "").count(" ") for point in points)
    axes.set_ylim(len(items) - 0.4, -1.7 if most else -1.4)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    told = "" if all(stacks) else say("charts.alt.diverging_hidden", language)
    alt = style.alt_text("diverging", caption, rows, language, told)
    beside = tables.table(
        selection,
        ("value", "numerator"),
        caption,
        language,
        across="point",
        once=("denominator",),
        names=names,
        headings=headings,
        order=items,
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


def items_of(
    rows: Sequence[Row], order: Sequence[str] | None, language: str, names: Mapping[str, str] | None
) -> list[str]:
    """List the items in the order given, else by name; never by the size of the result."""
    found = list(dict.fromkeys(item_of(row) for row in rows))
    if order is None:
        return sorted(found, key=lambda item: collation_key(name_of(item, language, names)))
    lacking = sorted(set(found) - set(order))
    if lacking:
        raise SosrakeError(f"chart: item {lacking[0]!r} is not in the given order; add it")
    return [item for item in order if item in found]


def item_of(row: Row) -> str:
    """Name a row's item: its own column, else the indicator without the scale's point."""
    return str(row["item"]) if row.has("item") and row["item"] else str(row["indicator"]).rsplit(".", 1)[0]


def point_of(row: Row) -> int:
    """Give a row's point of the scale."""
    own = row.has("point") and row["point"] != ""
    return round(float(str(row["point"]) if own else str(row["indicator"]).rsplit(".", 1)[-1]))


def name_of(item: str, language: str, names: Mapping[str, str] | None) -> str:
    """Give an item's words: own ones, else the catalogue's."""
    return (names or {}).get(item) or labels.short_name(item, language)


def _stack(axes: Axes, place: int, rows: Sequence[Row], points: Sequence[int], language: str) -> list[float]:
    """Draw an item's bar; give the middles of its segments, none when the item is hidden."""
    hidden = [row for row in rows if not row.shown]
    if hidden or len(rows) != len(points):
        _hatched(axes, place, str(hidden[0]["status"]) if hidden else "missing", language)
        return []
    ordered = sorted(rows, key=point_of)
    shares = [float(row["value"]) for row in ordered]
    half, odd = divmod(len(points), 2)
    left = -(sum(shares[:half]) + (shares[half] / 2 if odd else 0.0))
    middles = []
    for number, (row, share) in enumerate(zip(ordered, shares, strict=True)):
        hatch = HATCHES.get(number if number == 0 else number - len(points))
        axes.barh(
            place, share, left=left, height=0.66, color=SHADES[len(points)][number], hatch=hatch,
            edgecolor=style.DARK, linewidth=0.5,
        )  # fmt: skip
        if share >= _ROOM:
            axes.text(
                left + share / 2, place, labels.bare_figure(row, "value", language, {"value": 0}),
                ha="center", va="center", fontsize=style.LEAST, color=style.DARK,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.85},
            )  # fmt: skip
        middles.append(left + share / 2)
        left += share
    return middles


def _hatched(axes: Axes, place: int, status: str, language: str) -> None:
    axes.barh(
        place, 2 * _HALF, left=-_HALF, height=0.66, color="white", hatch=style.HATCH, edgecolor="#9A9A9A",
        linewidth=0.8,
    )  # fmt: skip
    axes.text(
        0, place, say(f"words.mark.{status}", language), va="center", ha="center", fontsize=style.TEXT,
        style="italic", color=style.DARK, bbox={"facecolor": "white", "edgecolor": "none", "pad": 2.0},
    )  # fmt: skip


def _name_points(
    axes: Axes, stacks: Sequence[Sequence[float]], points: Sequence[int], names: Mapping[str, str]
) -> None:
    """Write the points' names above the first drawn bar, each tied to its segment."""
    first = next((place for place, middles in enumerate(stacks) if middles), None)
    if first is None:
        return
    low, high = axes.get_xlim()
    texts = [style.wrapped(names.get(str(point), str(point)), _LETTERS) for point in points]
    letter = (high - low) / 46  # a letter of the house's text in the width of the axes, roughly
    widths = [(max(map(len, text.split("\n"))) + 1.5) * letter for text in texts]
    places = spread(list(stacks[first]), widths, low, high)
    for middle, place, text in zip(stacks[first], places, texts, strict=True):
        axes.text(place, -0.95, text, ha="center", va="bottom", fontsize=style.TEXT, color=style.DARK,
                  linespacing=1.05)  # fmt: skip
        axes.plot([place, middle], [-0.85, first - 0.36], color=style.MIDDLE, linewidth=0.9, zorder=0.5)
