"""Names beside what they name: labels at the ends of lines, kept apart, and rows as high as their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sosrake_lib import regions
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels
from sosrake_lib.influence.rows import Row
from sosrake_lib.language import places

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE = 1.22  # height of a line of text, in its size
_AXES = 0.78  # part of a drawing's height that its axes fill, roughly
_LEADER = 0.035  # a label moved further than this part of the height gets a line to its end
_ACROSS = 46  # letters beside each other in the width of the axes of a chart with names of rows
WIDE = 16  # letters of a line of a label


@dataclass(frozen=True, slots=True)
class End:
    """Where a line ends and what it is called there."""

    x: float
    y: float
    text: str
    colour: str = style.DARK
    bold: bool = False


def spread(
    wanted: Sequence[float], heights: Sequence[float], low: float = 0.0, high: float = 1.0
) -> list[float]:
    """Move labels apart along a line, each as little as the order allows.

    Parameters
    ----------
    wanted : middles the labels would have; heights : their heights, in the same unit.
    low, high : ends of the line; where the labels do not fit they stand beyond its upper end.

    Examples
    --------
    >>> from sosrake_lib.influence.charts_labels import spread
    >>> [round(place, 2) for place in spread([0.5, 0.52, 0.9], [0.1, 0.1, 0.1])]
    [0.46, 0.56, 0.9]
    """
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    groups: list[list[int]] = []
    starts: list[float] = []
    for place in order:
        groups.append([place])
        starts.append(_start(groups[-1], wanted, heights, low, high))
        # A group that meets the one below is joined with it and stands around their common middle.
        while len(groups) > 1 and starts[-2] + _height(groups[-2], heights) > starts[-1] + 1e-12:
            joined = groups[-2] + groups[-1]
            groups[-2:], starts[-2:] = [joined], [_start(joined, wanted, heights, low, high)]
    found = [0.0] * len(wanted)
    for group, start in zip(groups, starts, strict=True):
        for place in group:
            found[place] = start + heights[place] / 2
            start += heights[place]
    return found


def name_ends(axes: Axes, ends: Sequence[End], *, left: bool = False, wide: int = WIDE) -> None:
    """Write each line's name beside its end, outside the axes; a name that had to move gets a thin line.

    Parameters
    ----------
    axes : with its limits already set. ends : where lines end. left : names stand on the left side.
    wide : letters of a line of a name.
    """
    from matplotlib.patches import ConnectionPatch

    figure = axes.get_figure(root=True)
    tall = (1.0 if figure is None else float(figure.get_size_inches()[1])) * 72 * _AXES
    texts = [style.wrapped(end.text, wide) for end in ends]
    heights = [(text.count("\n") + 1.15) * style.TEXT * _LINE / tall for text in texts]
    at = [_fraction(axes, end.x, end.y) for end in ends]
    places = spread([up for _, up in at], heights)
    edge, side = (0.0, -1) if left else (1.0, 1)
    for end, text, (across, up), place in zip(ends, texts, at, places, strict=True):
        far = across < 0.8 if not left else across > 0.2
        moved = far or abs(place - up) > _LEADER
        away = side * (20 if moved else 7)
        axes.annotate(
            text, (edge, place), xycoords="axes fraction", xytext=(away, 0), textcoords="offset points",
            va="center", ha="right" if left else "left", fontsize=style.TEXT, color=end.colour,
            fontweight="bold" if end.bold else "normal", annotation_clip=False, linespacing=1.1,
        )  # fmt: skip
        if moved:
            start, units = ((end.x, end.y), "data") if far else ((edge, up), "axes fraction")
            leader = ConnectionPatch(
                start, (edge + side * 0.03, place), units, "axes fraction", axesA=axes, axesB=axes,
                color=end.colour, linewidth=0.9, shrinkA=4 if far else 1, clip_on=False,
            )  # fmt: skip
            leader.set_in_layout(False)
            axes.add_artist(leader)


def name_above(axes: Axes, marks: Sequence[End], at: float, *, wide: int = 14) -> None:
    """Write above a row of marks what each is, tied to its mark; the y axis grows downwards.

    Parameters
    ----------
    axes : with its limits across already set. marks : where the marks are and what they are called.
    at : height of the names' lower edge, in the axis's units. wide : letters of a line of a name.
    """
    low, high = axes.get_xlim()
    letter = (high - low) / _ACROSS
    texts = [style.wrapped(mark.text, wide) for mark in marks]
    widths = [(max(map(len, text.split("\n"))) + 2) * letter for text in texts]
    for mark, place, text in zip(marks, spread([m.x for m in marks], widths, low, high), texts, strict=True):
        axes.text(
            place, at, text, ha="center", va="bottom", fontsize=style.TEXT, color=mark.colour,
            linespacing=1.05, fontweight="bold" if mark.bold else "normal",
        )  # fmt: skip
        axes.plot([place, mark.x], [at + 0.06, mark.y], color=mark.colour, linewidth=0.8, zorder=0.5)


def reference_text(rows: Sequence[Row], language: str) -> str:
    """Name the area rows are compared with and its figure, "koko maa 9,2 %"; empty when there is none."""
    row = next((one for one in rows if one.shown and one.has("reference_value")), None)
    if row is None:
        return ""
    level, code = str(row["reference_level"]), str(row["reference_code"])
    if level == "maa":
        name = places.place(labels.country_name(code), "nominative", language)
    else:
        name = regions.name(level, code, language, int(row["borders"]))
    return f"{name} {labels.figure(row, 'reference_value', language)}"


def room(texts: Sequence[str], least: float) -> float:
    """Give the height in inches a row of a chart needs, so that wrapped names do not touch each other."""
    lines = max((text.count("\n") + 1 for text in texts), default=1)
    return max(least, (lines * style.TEXT * _LINE + 4) / 72)


def _fraction(axes: Axes, x: float, y: float) -> tuple[float, float]:
    across, up = (axes.transData + axes.transAxes.inverted()).transform((x, y))
    return float(across), float(up)


def _height(group: Sequence[int], heights: Sequence[float]) -> float:
    return sum(heights[place] for place in group)


def _start(
    group: Sequence[int], wanted: Sequence[float], heights: Sequence[float], low: float, high: float
) -> float:
    """Give where a group of touching labels begins: as near to what all of them want as the ends allow."""
    before, starts = 0.0, []
    for place in group:
        starts.append(wanted[place] - heights[place] / 2 - before)
        before += heights[place]
    middle = sum(starts) / len(starts)
    return max(low, min(middle, high - before))
