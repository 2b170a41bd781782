"""The tile map: each municipality of the area as one tile at its place, with its class in words and signs.

A map is believed, so it is shown for few figures: never counts (they would show where people live), never
observations, never an index that sets areas against the middle one. Where intervals are known a tile tells
the comparison's class and no shade of a colour; a hidden figure is hatched and has no colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sosrake_lib import regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import reference_text
from sosrake_lib.influence.charts_tiles import Tile, county_labels, tiles_of
from sosrake_lib.influence.rows import Row, rows_have_one, rows_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TALL = 0.74  # height of a tile, in its width: three lines fit
COLUMNS = 8.0  # the grid's width in tiles, kept for one county too so that letters stay as large
LETTERS = 11.9  # size of a name: 8.5 pixels where a phone shows the picture 328 pixels wide
_SMALL_MAP = 4  # a county of fewer rows of tiles needs room for the key all the same


@dataclass(frozen=True, slots=True)
class Look:
    """How a class of tiles looks: fill, letters, sign, edge and hatch."""

    fill: str
    letters: str
    sign: str
    edge: str = "-"
    hatch: str = ""


LOOKS = {
    "higher": Look("#0B3C6F", "#FFFFFF", "▲"),
    "similar": Look("#FFFFFF", style.DARK, "●"),
    "lower": Look("#F2C36B", style.DARK, "▼"),
    "not_testable": Look("#FFFFFF", style.DARK, "?", edge="--"),
    "suppressed": Look("#FFFFFF", style.DARK, "", hatch=style.HATCH),
    "missing": Look("#FFFFFF", style.MIDDLE, "–", edge=":"),
    "not_published_at_level": Look("#FFFFFF", style.MIDDLE, "–", edge=":"),
}
VERDICTS = ("higher", "similar", "lower", "not_testable")
# Steps of lightness for figures that no interval is known of; the last has white letters.
STEPS = (
    Look("#FFFFFF", style.DARK, ""),
    Look("#C6DCEC", style.DARK, ""),
    Look("#7FB2D6", style.DARK, ""),
    Look("#0B4F8A", "#FFFFFF", ""),
)


def tile_map(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    highlight: str | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw one figure of municipalities as tiles at their places, of one county, of several or of the area.

    Parameters
    ----------
    selection : municipalities' rows of one indicator, period, sex, age and group, compared with
        `comparison.against` (`verdict`, `reference_value`, `reference_level`, `reference_code`); rows without
        any interval may come without and are shaded in steps of lightness.
    caption : what the map shows.
    highlight : code of the municipality the page is about; its edge is thick.
    headings : words of the table's columns.

    Returns
    -------
    Figure with the list of municipalities beside it; whole counties are drawn, so that a municipality that
    the selection lacks has an empty tile.

    Raises
    ------
    SosrakeError for counts and observations, for indices against the middle area, for an indicator the
    catalogue does not know, for rows with an interval and no verdict, and for areas outside the counties.
    """
    rows = rows_of(selection)
    for column in ("indicator", "period", "sex", "age", "group"):
        rows_have_one(rows, column, "tile_map")
    refuse_unfit(rows[0])
    placed = tiles_of(rows)
    compared = _compared(rows)
    by_code = {str(row["region_code"]): row for row in rows}
    drawing, axes, key_at = _grid(list(placed.values()))
    edges = [] if compared else _edges(rows)
    looks = {code: _look(by_code.get(code), edges) for code in placed}
    for code, tile in placed.items():
        _tile(axes, tile, by_code.get(code), looks[code], language, own=code == highlight)
    _borders(axes, list(placed.values()), language)
    _key(axes, key_at, rows, list(looks.values()), edges, language)
    title = style.wrapped(style.axis_title(rows[0], language), 62)
    axes.set_title(title, fontsize=style.TEXT, loc="left", color=style.DARK)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    told = _told(rows, language) if compared else ""
    alt = style.alt_text("tilemap", caption, rows, language, told)
    columns = ("value", *(("interval",) if any(row.has("lower") for row in rows) else ()))
    columns = (*columns, *(("verdict",) if compared else ()))
    beside = tables.table(selection, columns, caption, language, headings=headings)
    return Figure(png, alt, beside, rows[0].release_id, language)


def refuse_unfit(row: Row) -> None:
    """Refuse an indicator that a map would tell wrongly.

    Raises
    ------
    SosrakeError naming the indicator, the reason and what to draw instead.
    """
    key = str(row["indicator"])
    described = labels.described_by(row)
    if described is None:
        raise SosrakeError(
            f"tile_map: indicator {key!r} is not in the catalogue, so it is not known whether a map may show "
            "it; expected a share, rate or mean of the catalogue; describe it or draw bars_with_intervals"
        )
    if described.kind in ("count", "internal", "items", "goals"):
        raise SosrakeError(
            f"tile_map: indicator {key!r} is a count; a map of counts shows where people live or who wrote "
            "most; draw a share or a rate of the inhabitants instead"
        )
    if "havain" in f"{described.unit_fi} {described.denominator_fi}":
        raise SosrakeError(
            f"tile_map: indicator {key!r} is of observations; they tell what was reported and not where need "
            "is; show them in words with their reporters"
        )
    if described.kind == "index" and "keskimmäinen alue" in described.unit_fi:
        raise SosrakeError(
            f"tile_map: indicator {key!r} sets areas against the middle one; a map of it is a league table "
            "of places; draw the shares it is made of"
        )


def _compared(rows: Sequence[Row]) -> bool:
    if any("verdict" in row.columns and row.has("verdict") for row in rows if row.shown):
        return True
    if any(row.has("lower") for row in rows):
        raise SosrakeError(
            "tile_map: rows have intervals and no verdict; a shade would hide what is chance; give rows of "
            "comparison.against (column verdict)"
        )
    return False


def _grid(placed: Sequence[Tile]) -> tuple:
    """Start the drawing; give it, its axes in tiles, and the place of the key: column, row."""
    rows = [tile.row for tile in placed]
    columns = [tile.column for tile in placed]
    wide, tall = max(columns) - min(columns) + 1, max(rows) - min(rows) + 1
    whole = wide > COLUMNS - 3
    tall = max(tall, _SMALL_MAP)
    drawing, axes = style.canvas(0.75 + tall * TALL * style.WIDTH / (COLUMNS + 0.15))
    axes.set_axis_off()
    left, top = min(columns) - 0.06, min(rows) - 0.06
    axes.set_xlim(left, left + COLUMNS + 0.12)
    axes.set_ylim(top + tall + 0.12, top)
    key = (max(columns) - 1.85, min(rows)) if whole else (max(columns) + 1.25, min(rows))
    return drawing, axes, key


def _edges(rows: Sequence[Row]) -> list[float]:
    """Give round limits between steps of lightness."""
    from matplotlib.ticker import MaxNLocator

    values = [float(row["value"]) for row in rows if row.shown and row.has("value")]
    if not values or min(values) == max(values):
        return []
    inner = MaxNLocator(nbins=4).tick_values(min(values), max(values))
    return [float(edge) for edge in inner if min(values) < edge < max(values)][: len(STEPS) - 1]


def _look(row: Row | None, edges: Sequence[float]) -> Look:
    if row is None:
        return LOOKS["missing"]
    if not row.shown:
        return LOOKS[str(row["status"])]
    if "verdict" in row.columns and row.has("verdict"):
        return LOOKS[str(row["verdict"])]
    return STEPS[sum(float(row["value"]) >= edge for edge in edges)]


def _tile(axes: Axes, tile: Tile, row: Row | None, look: Look, language: str, *, own: bool) -> None:
    _square(axes, tile.column, tile.row, 1.0, look, thick=own)
    middle = tile.column + 0.5
    lines = tile.lines
    axes.text(
        middle, tile.row + 0.36, lines, ha="center", va="center", fontsize=LETTERS, color=look.letters,
        linespacing=1.0, bbox=_behind(look), zorder=4,
    )  # fmt: skip
    if row is not None and row.shown:
        figure = labels.bare_figure(row, "value", language)
        text = f"{look.sign} {figure}" if look.sign else figure
    else:
        text = say(f"charts.tilemap.mark.{'missing' if row is None else row['status']}", language)
    axes.text(
        middle, tile.row + 0.8, text, ha="center", va="center", fontsize=style.TEXT, color=look.letters,
        bbox=_behind(look), zorder=4,
    )  # fmt: skip


def _square(axes: Axes, left: float, top: float, size: float, look: Look, *, thick: bool = False) -> None:
    from matplotlib.patches import Rectangle

    gap = 0.035 * size
    axes.add_patch(
        Rectangle(
            (left + gap, top + gap), size - 2 * gap, size - 2 * gap, facecolor=look.fill, hatch=look.hatch,
            edgecolor=style.MIDDLE, linestyle=look.edge, linewidth=0.9, zorder=2,
        )
    )  # fmt: skip
    for colour, width in (("#000000", 4.4), ("#FFFFFF", 1.8)) if thick else ():
        axes.add_patch(
            Rectangle((left + gap, top + gap), size - 2 * gap, size - 2 * gap, fill=False, edgecolor=colour,
                      linewidth=width, zorder=3)
        )  # fmt: skip


def _behind(look: Look) -> dict | None:
    """Keep letters readable on a hatch."""
    return {"facecolor": "white", "edgecolor": "none", "pad": 1.0} if look.hatch else None


def _borders(axes: Axes, placed: Sequence[Tile], language: str) -> None:
    """Draw a line between counties and write their names beside their blocks."""
    county = {(tile.row, tile.column): tile.county for tile in placed}
    counties = sorted(set(county.values()))
    if len(counties) < 2:
        return
    line: dict[str, Any] = {"color": style.DARK, "linewidth": 2.4, "zorder": 5, "solid_capstyle": "round"}
    for (row, column), code in county.items():
        if county.get((row, column + 1), code) != code:
            axes.plot([column + 1] * 2, [row, row + 1], **line)
        if county.get((row + 1, column), code) != code:
            axes.plot([column, column + 1], [row + 1] * 2, **line)
    for code in counties:
        row, column = county_labels()[code]
        axes.text(
            column + 0.95, row + 0.5, style.wrapped(regions.name("hva", code, language), 17), va="center",
            ha="center", fontsize=style.TEXT, color=style.DARK, style="italic", zorder=4,
        )  # fmt: skip


def _key(
    axes: Axes, at: tuple, rows: Sequence[Row], used: Sequence[Look], edges: Sequence[float], language: str
) -> None:
    """Say in the free corner what the signs, the shades and the hatch mean, only for those in use."""
    left, top = at
    words = _reference(rows, language)
    if words:
        lines = style.wrapped(words, 22)
        axes.text(left, top + 0.05, lines, va="top", fontsize=style.TEXT, color=style.DARK, fontweight="bold")
        top += 0.3 + 0.26 * (lines.count("\n") + 1)
    told = [(LOOKS[name], say(f"words.comparison.verdict.{name}", language)) for name in VERDICTS]
    if edges or not words:
        told = [(STEPS[place], text) for place, text in enumerate(_steps(edges, rows[0], language))]
    told += [(LOOKS[name], say(f"words.mark.{name}", language)) for name in ("suppressed", "missing")]
    for look, text in told:
        if look not in used:
            continue
        _square(axes, left, top, 0.42, look)
        if look.sign:
            axes.text(left + 0.21, top + 0.22, look.sign, ha="center", va="center", fontsize=style.LEAST,
                      color=look.letters, zorder=4)  # fmt: skip
        axes.text(left + 0.55, top + 0.21, text, va="center", fontsize=style.TEXT, color=style.DARK)
        top += 0.52


def _reference(rows: Sequence[Row], language: str) -> str:
    text = reference_text(rows, language)
    return say("charts.tilemap.compared", language, reference=text) if text else ""


def _steps(edges: Sequence[float], row: Row, language: str) -> list[str]:
    if not edges:
        return []
    texts = [numbers.number(edge, 0 if float(edge).is_integer() else 1, language) for edge in edges]
    first = say("charts.tilemap.under", language, edge=texts[0])
    last = say("charts.tilemap.from", language, edge=texts[-1])
    middle = [say("charts.tilemap.between", language, low=low, high=high) for low, high in pairwise(texts)]
    return [first, *middle, last]


def _told(rows: Sequence[Row], language: str) -> str:
    """Count municipalities by class for those who hear the picture."""
    found = []
    for name in VERDICTS:
        count = sum(row.shown and row["verdict"] == name for row in rows)
        if count:
            word = say(f"words.comparison.verdict.{name}", language)
            found.append(f"{word} {numbers.count(count, language)}")
    return f"{_reference(rows, language)}. {say('charts.alt.classes', language, classes=', '.join(found))}"
