"""Costs beside outcomes in pictures: the plane of simulated means, and the acceptability curves.

A dot is a simulated mean and never a person; each way of working is named beside its own dots or line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, words_costs
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import End, name_ends
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = words_costs.ROOM
_CORNERS = {"north_east": (0.985, 0.985), "north_west": (0.015, 0.985)}
_CORNERS |= {"south_east": (0.985, 0.015), "south_west": (0.015, 0.015)}


def plane(
    points: Selection, differences: Selection, names: Mapping[str, str], language: str = "fi"
) -> Figure:
    """Draw simulated differences from the usual way: goals across, costs upwards, four quadrants.

    Parameters
    ----------
    points : part `pisteet`. differences : part `erot`, for the table beside and the middle of each cloud.
    names : way -> words.
    """
    drawing, axes = style.canvas(5.4)
    clouds: dict[str, list[Row]] = {}
    for row in rows_of(points):
        clouds.setdefault(str(row["item"]), []).append(row)
    for line in (axes.axhline, axes.axvline):
        line(0, color=style.DARK, linewidth=1.1)
    middles = _middles(differences)
    for place, (way, rows) in enumerate(clouds.items()):
        _cloud(axes, place, rows, middles[way], names[way])
    _axes(axes, language)
    table = words_costs.difference_table(differences, names, language)
    png = style.finish(drawing, axes, language, synthetic=table.synthetic)
    ranges = _ranges(differences, language)
    alt = say(f"{ROOM}.alt.plane", language, caption=say(f"{ROOM}.plane_caption", language), **ranges)
    return Figure(png, _alt(alt, table.synthetic, language), table, table.release_id, language)


def acceptability(selection: Selection, names: Mapping[str, str], language: str = "fi") -> Figure:
    """Draw how surely each way has the highest net benefit, over what one more goal may cost.

    Parameters
    ----------
    selection : part `varmuus`. names : way -> words, written beside each line.
    """
    drawing, axes = style.canvas(4.6)
    lines: dict[str, list[Row]] = {}
    for row in sorted(rows_of(selection), key=lambda row: float(row["wtp"])):
        lines.setdefault(str(row["item"]), []).append(row)
    for place, rows in enumerate(lines.values()):
        axes.plot(
            [float(row["wtp"]) for row in rows], [float(row["value"]) for row in rows],
            color=style.COLOURS[place], linestyle=style.LINES[place], marker=style.MARKERS[place],
            markersize=4, linewidth=1.9,
        )  # fmt: skip
    axes.set_ylim(0, 100)
    axes.set_xlim(left=0)
    axes.grid(color="#DDDDDD", linewidth=0.8)
    for axis in (axes.xaxis, axes.yaxis):
        style.number_axis(axis, language)
    _names_at_ends(axes, lines, names)
    axes.set_xlabel(say(f"{ROOM}.axis_level", language), fontsize=10.5)
    axes.set_title(say(f"{ROOM}.axis_sure", language), fontsize=10.5, loc="left")
    table = words_costs.level_table(selection, "sure", names, language)
    png = style.finish(drawing, axes, language, synthetic=table.synthetic)
    values = [row for rows in lines.values() for row in rows]
    low, high = (
        numbers.number(float(pick(values, key=lambda row: float(row["value"]))["value"]), 0, language)
        for pick in (min, max)
    )
    caption = say(f"{ROOM}.sure_caption", language)
    alt = say(f"{ROOM}.alt.sure", language, caption=caption, low=low, high=high)
    return Figure(png, _alt(alt, table.synthetic, language), table, table.release_id, language)


def _ranges(differences: Selection, language: str) -> dict[str, str]:
    """Give the smallest and the largest difference of costs and of goals, written as in the table."""
    rows = [row for row in rows_of(differences) if row.shown]
    told = {}
    for name, indicator in (("cost", "kustannus_ero"), ("goal", "kustannus_tavoite_ero")):
        found = sorted(
            (row for row in rows if row["indicator"] == indicator), key=lambda row: float(row["value"])
        )
        for end, row in (("low", found[0]), ("high", found[-1])):
            told[f"{name}_{end}"] = labels.bare_figure(row, "value", language)
    return told


def _middles(differences: Selection) -> dict[str, tuple[float, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in rows_of(differences):
        if row.shown:
            found.setdefault(str(row["item"]), {})[str(row["indicator"])] = float(row["value"])
    return {way: (one["kustannus_tavoite_ero"], one["kustannus_ero"]) for way, one in found.items()}


def _cloud(axes: Axes, place: int, rows: list[Row], middle: tuple[float, float], name: str) -> None:
    colour = style.COLOURS[place]
    axes.scatter(
        [float(row["inc_effect"]) for row in rows], [float(row["value"]) for row in rows], s=13,
        color=colour, marker=style.MARKERS[place], alpha=0.4, linewidth=0,
    )  # fmt: skip
    axes.plot(*middle, marker=style.MARKERS[place], markersize=9, color=colour, markeredgecolor=style.DARK)
    axes.annotate(
        style.wrapped(name, 22), middle, xytext=(12, 14), textcoords="offset points", fontsize=10.5,
        fontweight="bold", color=style.DARK, zorder=9,
        bbox={"facecolor": "white", "edgecolor": colour, "pad": 2.0, "alpha": 0.9},
    )  # fmt: skip


def _axes(axes: Axes, language: str) -> None:
    low, high = axes.get_ylim()
    # Room above and below the dots for the words in the corners.
    axes.set_ylim(low - 0.16 * (high - low), high + 0.16 * (high - low))
    for axis in (axes.xaxis, axes.yaxis):
        style.number_axis(axis, language)
    for corner, (across, up) in _CORNERS.items():
        axes.text(
            across, up, say(f"{ROOM}.plane.{corner}", language), transform=axes.transAxes, fontsize=9.5,
            color=style.MIDDLE, ha="right" if across > 0.5 else "left", va="top" if up > 0.5 else "bottom",
        )  # fmt: skip
    axes.set_xlabel(style.wrapped(say(f"{ROOM}.axis_effect", language), 70), fontsize=10.5)
    axes.set_title(style.wrapped(say(f"{ROOM}.axis_cost", language), 70), fontsize=10.5, loc="left")


def _names_at_ends(axes: Axes, lines: Mapping[str, list[Row]], names: Mapping[str, str]) -> None:
    """Write each way's name at the right end of its line, apart from each other."""
    ends = [
        End(float(rows[-1]["wtp"]), float(rows[-1]["value"]), names[way], style.INKS[place])
        for place, (way, rows) in enumerate(lines.items())
    ]
    name_ends(axes, ends)


def _alt(alt: str, synthetic: bool, language: str) -> str:
    return f"{say('words.synthetic', language)}. {alt}" if synthetic else alt
