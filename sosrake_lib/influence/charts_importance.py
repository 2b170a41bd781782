"""Importance against skill: each item a point, with both usual lines that part the picture into quadrants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sosrake_lib import catalogue
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, constant, number
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

ROOM = "osaamiskartoitus.quadrants"
HEADS = ("item", "importance", "skill", "at_midpoint", "at_means")
_LETTERS = 9.5  # size of the numbers beside the points
# Where a label may stand: rings around its point (pixels) and directions, upper right first.
_RINGS = (15, 22, 30, 40, 52, 66, 82, 100, 120, 145)
_DIRECTIONS = np.deg2rad((45, 135, 315, 225, 0, 180, 90, 270, 22, 158, 338, 202, 67, 113, 293, 247))

Box = tuple[float, float, float, float]


def importance_performance(
    selection: Selection, caption: str, language: str = "fi", *, order: Sequence[str]
) -> Figure:
    """Draw importance against skill, one numbered point an item, and how wide an interval typically is.

    Parameters
    ----------
    selection : rows of `importance.quadrants` as the survey's recipe releases them: `importance`, `skill`,
        `importance_margin`, `skill_margin` (half-width of a typical interval), `midpoint`,
        `importance_line`, `skill_line`, `position` (quadrant at the scale's middle) and `category` (at the
        items' means).
    caption : what the chart shows.
    order : items in the survey's order; they are numbered by it, not by the result.

    Solid lines stand at the middle of the scale, dashed ones at the means of the items: a point between them
    changes quadrant with the choice, and the table says so. A hidden item has no point.
    """
    rows = _ordered(rows_of(selection), order)
    shown = [(place, row) for place, row in enumerate(rows, start=1) if row.shown]
    drawing, axes = style.canvas(5.4 + 0.215 * (len(rows) + len(_domains(rows))))
    if shown:
        _lines(axes, [row for _, row in shown], language)
        _typical_interval(axes, shown[0][1], language)
    for _, row in shown:
        _point(axes, row, _domains(rows).index(_domain(row)))
    style.number_axis(axes.xaxis, language)
    style.number_axis(axes.yaxis, language)
    axes.set_xlabel(say(f"{ROOM}.skill_axis", language), fontsize=10.5)
    axes.set_ylabel(say(f"{ROOM}.importance_axis", language), fontsize=10.5)
    _key(drawing, rows, language)
    _number_points(drawing, axes, shown)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    dated = labels.dated(caption, rows, language)
    beside = word_table(rows, _heads(language), _body(rows, language), dated, language, numbers=(1, 2))
    return Figure(png, _alt(rows, dated, language), beside, rows[0].release_id, language)


def free_places(points: np.ndarray, sizes: np.ndarray, inside: Box, taken: Sequence[Box] = ()) -> np.ndarray:
    """Find a place for each label near its point, so that no label covers another label or a point.

    Parameters
    ----------
    points : (n, 2) places of the points, in pixels; sizes : (n, 2) width and height of the labels.
    inside : left, bottom, right, top of where labels may stand; taken : boxes that must stay free.

    Returns
    -------
    (n, 2) middles of the labels. Where no place is free, the one least covered is taken.

    Examples
    --------
    >>> points, sizes = np.array([[50.0, 50.0], [52.0, 50.0]]), np.full((2, 2), 12.0)
    >>> first, second = free_places(points, sizes, (0, 0, 100, 100))
    >>> bool((abs(first - second) >= 12).any())
    True
    """
    boxes = [(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    boxes += list(taken)
    chosen = np.zeros_like(points)
    # Crowded points first: they have the fewest free places.
    distances = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    for place in np.argsort((distances < 40).sum(axis=1) * -1, kind="stable"):
        best: tuple[float, np.ndarray, Box] | None = None
        for ring in _RINGS:
            for angle in _DIRECTIONS:
                middle = points[place] + ring * np.array([np.cos(angle), np.sin(angle)])
                half = sizes[place] / 2
                box = (*(middle - half), *(middle + half))
                cost = sum(_overlap(box, other) for other in boxes) + 10 * _outside(box, inside)
                if best is None or cost < best[0]:
                    best = (cost, middle, box)
            if best is not None and best[0] == 0:
                break
        if best is not None:
            chosen[place] = best[1]
            boxes.append(best[2])
    return chosen


def _overlap(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)


def _outside(box: Box, inside: Box) -> float:
    over = (inside[0] - box[0], inside[1] - box[1], box[2] - inside[2], box[3] - inside[3])
    return sum(max(one, 0.0) for one in over)


def _ordered(rows: tuple[Row, ...], order: Sequence[str]) -> list[Row]:
    lacking = sorted({str(row["indicator"]) for row in rows} - set(order))
    if lacking:
        raise SosrakeError(f"chart: item {lacking[0]!r} is not in the given order; add it")
    return sorted(rows, key=lambda row: list(order).index(str(row["indicator"])))


def _domain(row: Row) -> str:
    return next(one.domain for one in catalogue.competence_framework().items if one.key == row["indicator"])


def _domains(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(_domain(row) for row in rows))


def _lines(axes: Axes, rows: list[Row], language: str) -> None:
    """Set the limits so that every point, interval and line is inside; draw the lines, name the quadrants."""
    first = rows[0]
    middle = float(first["midpoint"])
    skill, importance = ([float(row[scale]) for row in rows] for scale in ("skill", "importance"))
    axes.set_xlim(min(*skill, middle) - 0.35, max(*skill, middle) + 0.35)
    axes.set_ylim(min(*importance, middle) - 0.35, max(*importance, middle) + 0.4)
    axes.axvline(middle, color=style.DARK, linewidth=1.1, label=say(f"{ROOM}.midpoint", language))
    axes.axhline(middle, color=style.DARK, linewidth=1.1)
    means, colour = say(f"{ROOM}.means", language), style.MIDDLE
    axes.axvline(float(first["skill_line"]), color=colour, linewidth=1.1, linestyle="--", label=means)
    axes.axhline(float(first["importance_line"]), color=colour, linewidth=1.1, linestyle="--")
    axes.legend(frameon=False, fontsize=10, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    corners = {
        "concentrate_here": (0.015, 0.985, "left", "top"),
        "keep_up": (0.985, 0.985, "right", "top"),
        "low_priority": (0.015, 0.015, "left", "bottom"),
        "possible_overkill": (0.985, 0.015, "right", "bottom"),
    }
    for name, (x, y, side, edge) in corners.items():
        axes.text(
            x, y, say(f"{ROOM}.{name}", language), transform=axes.transAxes, ha=side, va=edge, fontsize=10.5,
            style="italic", color=style.MIDDLE,
        )  # fmt: skip


def _typical_interval(axes: Axes, row: Row, language: str) -> None:
    """Draw, in the free room under the points, a cross as wide and high as the intervals typically are."""
    x = axes.get_xlim()[0] + 1.4 * float(row["skill_margin"])
    y = float(row["midpoint"]) + 1.6 * float(row["importance_margin"])
    wide, high = float(row["skill_margin"]), float(row["importance_margin"])
    axes.errorbar(
        x, y, xerr=wide, yerr=high, fmt="none", ecolor=style.DARK, elinewidth=1.3, capsize=3
    )  # fmt: skip
    axes.annotate(
        style.wrapped(say(f"{ROOM}.typical", language), 24), (x + wide, y),
        xytext=(8, 0), textcoords="offset points", va="center", fontsize=9.5, color=style.DARK,
    )  # fmt: skip


def _point(axes: Axes, row: Row, domain: int) -> None:
    x, y = float(row["skill"]), float(row["importance"])
    axes.scatter(x, y, s=34, marker=style.MARKERS[domain], color=style.COLOURS[domain], zorder=3)


def _number_points(drawing: Drawing, axes: Axes, shown: list[tuple[int, Row]]) -> None:
    """Write each item's number beside its point, with a thin line where it had to stand farther away."""
    if not shown:
        return
    drawing.canvas.draw()
    points = axes.transData.transform([(float(row["skill"]), float(row["importance"])) for _, row in shown])
    letter = _LETTERS * style.DOTS / 72
    sizes = np.array([(0.66 * letter * len(str(place)) + 3, 1.05 * letter) for place, _ in shown])
    frame = axes.get_window_extent()
    renderer = drawing.canvas.get_renderer()  # type: ignore[attr-defined]
    words = [text.get_window_extent(renderer) for text in axes.texts]
    taken = [(box.x0, box.y0, box.x1, box.y1) for box in words]
    middles = free_places(points, sizes, (frame.x0 + 2, frame.y0 + 2, frame.x1 - 2, frame.y1 - 2), taken)
    places = axes.transData.inverted().transform(middles)
    for (place, row), at, middle, point in zip(shown, places, middles, points, strict=True):
        x, y = float(row["skill"]), float(row["importance"])
        if np.hypot(*(middle - point)) > 18:
            axes.plot([x, at[0]], [y, at[1]], color=style.MIDDLE, linewidth=0.6, zorder=2)
        axes.text(
            at[0], at[1], str(place), ha="center", va="center", fontsize=_LETTERS, color=style.DARK, zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
        )  # fmt: skip


def _key(drawing: Drawing, rows: list[Row], language: str) -> None:
    """List the items with their numbers under the picture, domain by domain."""
    from matplotlib.lines import Line2D

    handles: list[Line2D] = []
    headings = []
    number_of = {str(row["indicator"]): place for place, row in enumerate(rows, start=1)}
    for place, domain in enumerate(_domains(rows)):
        headings.append(len(handles))
        handles.append(Line2D([], [], linestyle="none", label=labels.short_name(domain, language)))
        for row in (one for one in rows if _domain(one) == domain):
            name = labels.short_name(str(row["indicator"]), language)
            hidden = "" if row.shown else f" ({say('words.mark.suppressed', language)})"
            text = f"{number_of[str(row['indicator'])]}  {name}{hidden}"
            marker, colour = style.MARKERS[place], style.COLOURS[place]
            handles.append(Line2D([], [], label=text, marker=marker, color=colour, linestyle="none"))
    legend = drawing.legend(
        handles=handles, frameon=False, fontsize=10, loc="outside lower left", labelspacing=0.28,
        handlelength=1.2,
    )  # fmt: skip
    for place in headings:
        legend.get_texts()[place].set_fontweight("bold")


def _heads(language: str) -> list[str]:
    return [say(f"{ROOM}.head.{name}", language) for name in HEADS]


def _body(rows: list[Row], language: str) -> list[list[Cell]]:
    body: list[list[Cell]] = []
    for place, row in enumerate(rows, start=1):
        name = constant(f"{place}. {labels.short_name(str(row['indicator']), language)}", language)
        if not row.shown:
            body.append([name, *[say(f"words.mark.{row['status']}", language)] * (len(HEADS) - 1)])
            continue
        figures: list[Sentence] = [
            number(
                numbers.number(float(row[scale]), 2, language), row.reference(scale), row.release_id, language
            )
            for scale in ("importance", "skill")
        ]
        where = [say(f"{ROOM}.{row[column]}", language) for column in ("position", "category")]
        body.append([name, *figures, *where])
    return body


def _alt(rows: list[Row], caption: str, language: str) -> str:
    """Describe the picture by its quadrants: which items are short by both lines, and how many change."""
    shown = [row for row in rows if row.shown]
    both = [row for row in shown if row["position"] == row["category"] == "concentrate_here"]
    names = "; ".join(labels.short_name(str(row["indicator"]), language) for row in both)
    gaps = sorted(float(row["value"]) for row in shown)
    low, high = (numbers.number(gap, 2, language) for gap in (gaps[0], gaps[-1])) if gaps else ("–", "–")
    told = [
        say(f"{ROOM}.alt", language, caption=caption.rstrip(".")),
        say(f"{ROOM}.alt_range", language, low=low, high=high),
        say(f"{ROOM}.alt_first", language, items=names or say(f"{ROOM}.none", language)),
        say(
            f"{ROOM}.alt_flips",
            language,
            count=numbers.count(sum(bool(row["quadrant_flips"]) for row in shown), language),
        ),
        say("charts.alt.table", language),
    ]
    if any(row.synthetic for row in rows):
        told.insert(0, say("words.synthetic", language) + ".")
    return " ".join(told)
