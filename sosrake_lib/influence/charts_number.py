"""One number as a panel: the figure large, its interval as a bar, what it is beside, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables, words
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import reference_text
from sosrake_lib.influence.rows import Row, one_row
from sosrake_lib.language import say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BIG = 40
_INK = "#9C3F00"
_BAR, _LEFT, _RIGHT = 0.16, 0.06, 0.94  # where the interval's bar stands in the panel


def number_panel(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    low: bool = False,
    plain: bool = False,
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw one figure large, with its interval, the reference's figure and how sure it is in words.

    Parameters
    ----------
    selection : one row; with `lower, upper` for the bar, and with `reference_value, reference_level,
        reference_code, verdict` of `comparison.against` for the comparison.
    caption : what the figure is and of whom.
    low : a lower panel, for a page that goes on one sheet.
    plain : the interval is named as in clear language, and the table behind is folded.

    Raises
    ------
    SosrakeError for more rows than one, or a figure that may not be shown: say that in words.
    """
    row = one_row(selection)
    if not row.shown or not row.has("value"):
        raise SosrakeError(
            f"number_panel: {row['result_id']} is {row['status']}; a panel needs a shown figure; "
            "say it in words (words.hidden)"
        )
    bar = row.has("lower") and row.has("upper")
    drawing, axes = style.canvas((1.85 if low else 2.75) if bar else 2.1)
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0 if bar else 0.36, 1)
    name = labels.full_name(row, language, names)
    title = f"{labels.region_text(row, language)}: {name}"
    axes.set_title(style.wrapped(title, 56), fontsize=13, fontweight="bold", loc="left", color=style.DARK)
    figure = labels.figure(row, "value", language)
    axes.text(0.0, 0.72, figure, fontsize=_BIG, fontweight="bold", color=style.COLOURS[0], va="center")
    axes.text(
        0.42, 0.72, style.wrapped(_beside(row, language), 40), fontsize=12, va="center", color=style.DARK,
        linespacing=1.25,
    )  # fmt: skip
    if bar:
        _bar(axes, row, language, plain=plain)
    png = style.finish(drawing, axes, language, synthetic=row.synthetic)
    alt = style.alt_text("number", caption, [row], language, _beside(row, language))
    columns = ["value", *(["interval"] if bar else [])]
    columns += (
        ["reference_value", "verdict"] if "verdict" in row.columns and row.has("reference_value") else []
    )
    beside = tables.table(selection, columns, caption, language, names=names, headings=headings)
    return Figure(png, alt, beside, row.release_id, language, folded=plain)


def sure(row: Row, language: str) -> str:
    """Say how sure a figure is, in three grades of words; without an interval it says so."""
    if not (row.has("lower") and row.has("upper")):
        return say("charts.number.no_interval", language)
    width = float(row["upper"]) - float(row["lower"])
    grade = words.certainty(width, float(row["value"]), share=labels.is_percent(row))
    return say(f"words.certainty.{grade}", language)


def _beside(row: Row, language: str) -> str:
    """Say what stands beside the large figure: the comparison in a word, and how sure it is."""
    return " ".join(text for text in (_comparison(row, language), sure(row, language)) if text)


def _comparison(row: Row, language: str) -> str:
    reference = reference_text([row], language)
    if not reference:
        return ""
    reference = reference[:1].upper() + reference[1:]
    if "verdict" not in row.columns or not row.has("verdict"):
        return say("charts.number.beside", language, reference=reference)
    return say(f"charts.number.{row['verdict']}", language, reference=reference)


def _bar(axes: Axes, row: Row, language: str, *, plain: bool = False) -> None:
    """Draw the interval as a bar, its ends in words, the figure as a dot, the reference as a dashed mark."""
    value, low, high = (float(row[column]) for column in ("value", "lower", "upper"))
    marks = [value, low, high]
    if row.has("reference_value"):
        marks.append(float(row["reference_value"]))
    least, width = min(marks), (max(marks) - min(marks)) or 1.0

    def at(number: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (number - least) / width

    axes.plot([0, 1], [_BAR, _BAR], color=style.GRID, linewidth=1.2, zorder=1)
    axes.plot(
        [at(low), at(high)], [_BAR, _BAR], color=style.DARK, linewidth=5, solid_capstyle="butt", zorder=2
    )
    axes.plot([at(value)], [_BAR], marker="o", markersize=13, color=style.COLOURS[0], markeredgecolor="white",
              zorder=4)  # fmt: skip
    limits = [labels.bare_figure(row, column, language) for column in ("lower", "upper")]
    key = "charts.number.interval_plain" if plain else "charts.number.interval"
    text = say(key, language, low=limits[0], high=limits[1])
    middle = (at(low) + at(high)) / 2
    axes.text(
        min(max(middle, 0.24), 0.76), _BAR - 0.16, text, ha="center", va="center", fontsize=style.TEXT,
        color=style.DARK,
    )  # fmt: skip
    if row.has("reference_value"):
        spot = at(float(row["reference_value"]))
        axes.plot([spot] * 2, [_BAR - 0.09, _BAR + 0.12], color=_INK, linestyle="--", linewidth=2.0, zorder=3)
        side = "left" if spot < 0.25 else "right" if spot > 0.75 else "center"
        axes.text(spot, _BAR + 0.2, reference_text([row], language), ha=side, va="center",
                  fontsize=style.TEXT,                  color=_INK)  # fmt: skip
