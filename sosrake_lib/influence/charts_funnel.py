"""The funnel chart: areas by size, with the limits within which chance alone leaves most of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import End, name_ends
from sosrake_lib.influence.rows import Row, rows_have_one, rows_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def funnel(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    curve: pd.DataFrame | None = None,
    highlight: tuple[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw areas by size with the limits within which chance alone would hold most of them.

    Parameters
    ----------
    selection : rows of one indicator and period with `denominator`; with `funnel_lower, funnel_upper,
        funnel_outer_lower, funnel_outer_upper` (of `smallarea.funnel_class`) when no curve is given.
    curve : `denominator, confidence, lower, upper` as `smallarea.funnel_curve` gives it.
    highlight : (level, code) of the area the page is about; it alone is named in the picture.
    headings : words of the table's columns: column -> text.
    """
    rows = tables.in_order(rows_of(selection), ["region"], language)
    rows_have_one(tuple(rows), "indicator", "funnel")
    rows_have_one(tuple(rows), "period", "funnel")
    shown = [row for row in rows if row.shown and row.has("denominator")]
    if not shown:
        raise SosrakeError("funnel: no shown row has a denominator; draw bars_with_intervals instead")
    drawing, axes = style.canvas(4.6)
    ends: list[End] = []
    for number, (name, sizes, low, high) in enumerate(_limits(shown, curve, language)):
        look: dict[str, Any] = {"color": style.MIDDLE, "linestyle": style.LINES[number], "linewidth": 1.3}
        axes.plot(sizes, low, **look)
        ends.append(End(sizes[-1], high[-1], name, style.MIDDLE))
        axes.plot(sizes, high, **look)
    for row in shown:
        own = (row["region_level"], row["region_code"]) == highlight
        _point(axes, row, language, own=own)
    axes.set_xscale("log")
    axes.margins(x=0.06, y=0.14)
    _size_axis(axes, language)
    axes.set_xlabel(say("charts.size", language), fontsize=10.5)
    style.number_axis(axes.yaxis, language)
    axes.set_title(style.wrapped(style.axis_title(shown[0], language, names), 80), fontsize=10.5, loc="left")
    name_ends(axes, ends)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text("funnel", caption, rows, language)
    columns = ("value", "denominator")
    beside = tables.table(selection, columns, caption, language, names=names, headings=headings)
    return Figure(png, alt, beside, rows[0].release_id, language)


def _point(axes: Axes, row: Row, language: str, *, own: bool) -> None:
    place = (float(row["denominator"]), float(row["value"]))
    colour, size = (style.COLOURS[1], 75) if own else (style.COLOURS[0], 32)
    axes.scatter(*place, s=size, color=colour, marker="D" if own else "o", edgecolor="white", zorder=4 + own)
    if own:
        text = f"{labels.region_text(row, language)} {labels.figure(row, 'value', language)}"
        axes.annotate(
            text, place, xytext=(-4, -20), textcoords="offset points", fontsize=style.TEXT, fontweight="bold",
            ha="right", va="top", zorder=6,
        )  # fmt: skip


def _limits(rows: list[Row], curve: pd.DataFrame | None, language: str):
    """List the limit lines: (name, sizes, lower, upper), the inner first."""
    if curve is None:
        ordered = sorted(
            (row for row in rows if row.has("funnel_lower")), key=lambda row: float(row["denominator"])
        )
        if not ordered:
            raise SosrakeError("funnel: rows have no funnel_lower; give curve=smallarea.funnel_curve(...)")
        sizes = [float(row["denominator"]) for row in ordered]
        return [
            (
                say(f"charts.limit.{name}", language),
                sizes,
                *([float(row[stem + s]) for row in ordered] for s in ("lower", "upper")),
            )
            for name, stem in (("inner", "funnel_"), ("outer", "funnel_outer_"))
        ]
    lacking = {"denominator", "confidence", "lower", "upper"} - set(curve.columns)
    if lacking:
        raise SosrakeError(
            f"funnel: the curve lacks {sorted(lacking)[0]}; give what smallarea.funnel_curve returns"
        )
    found = []
    for number, (_, part) in enumerate(curve.groupby("confidence")):
        part = part.sort_values("denominator")
        name = say(f"charts.limit.{('inner', 'outer')[min(number, 1)]}", language)
        found.append((name, *(part[column].to_list() for column in ("denominator", "lower", "upper"))))
    return found


def _size_axis(axes: Axes, language: str) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.count(round(value), language)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", labelrotation=30)
