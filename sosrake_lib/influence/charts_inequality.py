"""Charts of differences between municipalities: dots along a line county by county, and Lorenz curves.

No municipality is named in either picture, and none stands in an order of places: the dots show how far apart
municipalities are and how many people live in them, and the table beside lists them by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sosrake_lib import regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.rows import Row, rows_have_one, rows_of
from sosrake_lib.language import collation_key, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LARGEST = 420.0  # size of the dot with most people behind it, in points squared
_LANES = (0.0, 0.17, -0.17, 0.09, -0.09, 0.25, -0.25)  # heights that keep neighbouring dots apart
# Where along a curve its name is tied, and where the name stands from there, in points.
_NAMES_AT = ((70.0, (34, -34)), (80.0, (-120, 24)), (30.0, (40, -44)))


def strip(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    highlight: str | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw each municipality as a dot on its figure, a line of dots for each county.

    Parameters
    ----------
    selection : rows of one indicator and period: municipalities with `denominator`, their counties, and in
        `area` the code of the county each belongs to.
    highlight : code of the county the page is about: its dots are darker and its name bold.
    headings : words of the table's columns: column -> text.

    Raises
    ------
    SosrakeError when no municipality is shown with a denominator.
    """
    rows = rows_of(selection)
    for column in ("indicator", "period"):
        rows_have_one(rows, column, "strip")
    dots = [row for row in rows if row["region_level"] == "kunta" and row.shown and row.has("denominator")]
    if not dots:
        raise SosrakeError("strip: no shown municipality has a denominator; show a table instead")
    codes = sorted(
        {str(row["area"]) for row in dots}, key=lambda code: collation_key(_county(code, language))
    )
    drawing, axes = style.canvas(1.6 + 0.95 * len(codes))
    largest = max(float(row["denominator"]) for row in dots)
    for place, code in enumerate(codes):
        own = [row for row in tables.in_order(tuple(dots), ["region"], language) if row["area"] == code]
        _dots(axes, place, own, largest, chosen=code == highlight)
    counties = [row for row in rows if row["region_level"] == "hva" and row.shown and row["area"] in codes]
    for row in counties:
        _county_line(axes, codes.index(str(row["area"])), row, language)
    axes.set_yticks(range(len(codes)), [style.wrapped(_county(code, language), 16) for code in codes])
    for label, code in zip(axes.get_yticklabels(), codes, strict=True):
        label.set_fontweight("bold" if code == highlight else "normal")
    axes.set_ylim(len(codes) - 0.45, -0.62)
    axes.margins(x=0.06)
    axes.set_xlim(left=0)
    style.number_axis(axes.xaxis, language)
    axes.set_xlabel(style.wrapped(style.axis_title(dots[0], language), 70), fontsize=10.5)
    axes.set_title(
        style.wrapped(say("eriarvoisuus.chart.dots", language), 72),
        fontsize=9.5,
        loc="left",
        color=style.DARK,
    )
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    figures = "; ".join(
        f"{labels.region_text(row, language)} {labels.figure(row, 'value', language)}"
        for row in tables.in_order(tuple(counties), ["region"], language)
    )
    told = say("eriarvoisuus.alt.counties", language, figures=figures) if counties else ""
    alt = _alt("strip", caption, tuple(dots), told, language)
    beside = tables.table(selection, ("value", "denominator"), caption, language, headings=headings)
    return Figure(png, alt, beside, rows[0].release_id, language)


def lorenz(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw Lorenz curves with their intervals, each named on the picture beside its line.

    Parameters
    ----------
    selection : rows of `inequality.lorenz_ordinates` of one area: an indicator is a curve, `group` tells the
        share of the people and `population_share` the same as a number in per cent.
    names : words of the groups: code -> text, for the table.
    headings : words of the table's columns: column -> text.

    Raises
    ------
    SosrakeError for more curves than can be told apart, or when no row is shown.
    """
    rows = rows_of(selection)
    rows_have_one(rows, "region_code", "lorenz")
    lines: dict[str, list[Row]] = {}
    for row in rows:
        if row.shown:
            lines.setdefault(str(row["indicator"]), []).append(row)
    if not 0 < len(lines) <= len(_NAMES_AT):
        raise SosrakeError(f"lorenz: {len(lines)} curves; expected 1 to {len(_NAMES_AT)}; select fewer")
    drawing, axes = style.canvas(5.2)
    axes.plot([0, 100], [0, 100], color=style.MIDDLE, linestyle="--", linewidth=1.4)
    axes.annotate(
        say("eriarvoisuus.chart.even", language), (34, 34), xytext=(-8, 6), textcoords="offset points",
        ha="right", fontsize=10.5, color=style.MIDDLE,
    )  # fmt: skip
    for number, (indicator, line) in enumerate(lines.items()):
        _curve(axes, sorted(line, key=_at), labels.short_name(indicator, language), number)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    for axis in (axes.xaxis, axes.yaxis):
        style.number_axis(axis, language)
    axes.grid(color="#DDDDDD", linewidth=0.8)
    axes.set_xlabel(style.wrapped(say("eriarvoisuus.chart.population_share", language), 70), fontsize=10.5)
    axes.set_title(say("eriarvoisuus.chart.value_share", language), fontsize=10.5, loc="left")
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    halves = [row for line in lines.values() for row in line if _at(row) == 50]
    figures = "; ".join(
        f"{labels.short_name(str(row['indicator']), language)} {labels.figure(row, 'value', language)}"
        for row in halves
    )
    told = say("eriarvoisuus.alt.half", language, figures=figures) if halves else ""
    alt = _alt("lorenz", caption, rows, told, language)
    beside = tables.table(
        selection,
        ("value", "interval"),
        caption,
        language,
        across="indicator",
        names=names,
        headings=headings,
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


def _dots(axes: Axes, place: int, rows: list[Row], largest: float, *, chosen: bool) -> None:
    for number, row in enumerate(rows):
        size = max(14.0, _LARGEST * float(row["denominator"]) / largest)
        axes.scatter(
            float(row["value"]), place + _LANES[number % len(_LANES)], s=size,
            color=style.COLOURS[0] if chosen else style.SOFT, edgecolor=style.DARK, linewidth=0.7,
            alpha=0.85, zorder=4 - size / _LARGEST,  # small dots stay visible on large ones
        )  # fmt: skip


def _county_line(axes: Axes, place: int, row: Row, language: str) -> None:
    value = float(row["value"])
    axes.plot([value, value], [place - 0.36, place + 0.36], color=style.DARK, linewidth=2.2, zorder=5)
    axes.annotate(
        labels.figure(row, "value", language), (value, place - 0.36), xytext=(3, 1), fontsize=10,
        textcoords="offset points", fontweight="bold", color=style.DARK, zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
    )  # fmt: skip


def _curve(axes: Axes, line: list[Row], name: str, number: int) -> None:
    colour = style.COLOURS[number]
    shares = [0.0, *(_at(row) for row in line), 100.0]
    heights = [0.0, *(float(row["value"]) for row in line), 100.0]
    axes.plot(
        shares, heights, color=colour, linestyle=style.LINES[number], marker=style.MARKERS[number],
        markersize=4.5, linewidth=1.9,
    )  # fmt: skip
    if all(row.has("lower") and row.has("upper") for row in line):
        low, high = ([0.0, *(float(row[edge]) for row in line), 100.0] for edge in ("lower", "upper"))
        axes.fill_between(shares, low, high, color=colour, alpha=0.13, linewidth=0)
    tied, away = _NAMES_AT[number]
    at = min(range(len(shares)), key=lambda place: abs(shares[place] - tied))
    axes.annotate(
        name, (shares[at], heights[at]), xytext=away, textcoords="offset points", fontsize=11,
        fontweight="bold", color=style.DARK, arrowprops={"arrowstyle": "-", "color": style.DARK},
        bbox={"facecolor": "white", "edgecolor": colour, "pad": 2.0},
    )  # fmt: skip


def _alt(key: str, caption: str, rows: tuple[Row, ...], told: str, language: str) -> str:
    dated = labels.dated(caption, rows, language).rstrip(".")
    parts = [say(f"eriarvoisuus.alt.{key}", language, caption=dated), told, say("charts.alt.table", language)]
    if any(row.synthetic for row in rows):
        parts.insert(0, say("words.synthetic", language) + ".")
    return " ".join(part for part in parts if part)


def _county(code: str, language: str) -> str:
    return regions.name("hva", code, language)


def _at(row: Row) -> float:
    return float(row["population_share"])
