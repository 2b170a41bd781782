"""Charts of the feedback audit: what answers tell on forms that can show an effect, and on others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sosrake_lib.errors import SosrakeError
from sosrake_lib.gather.feedback.codes import CODES
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import End, name_above
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.language import say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = "asiakaspalaute"
KINDS = ("palaute_vastaukset_kykenevat", "palaute_vastaukset_muut")
_COLOURS = (style.INKS[0], style.INKS[1])
_SHIFT = 0.17


def asked_and_told(
    selection: Selection, caption: str, names: Mapping[str, str], language: str = "fi"
) -> Figure:
    """Draw for each code the share of answers that tell of it, on the two kinds of forms, with intervals.

    Parameters
    ----------
    selection : rows of part `vastaukset`; codes stand in the codebook's order, never by value.

    Raises
    ------
    SosrakeError when the selection holds another indicator.
    """
    rows = rows_of(selection)
    strange = {str(row["indicator"]) for row in rows} - set(KINDS)
    if strange:
        raise SosrakeError(f"asked_and_told: {sorted(strange)[0]}; expected rows of part vastaukset")
    by = {(str(row["indicator"]), str(row["group"])): row for row in rows}
    drawing, axes = style.canvas(1.9 + 0.72 * len(CODES))
    for place, code in enumerate(CODES):
        for number, kind in enumerate(KINDS):
            if (kind, code) in by:
                _dot(axes, place + (number * 2 - 1) * _SHIFT, by[kind, code], number, language)
    _axes(axes, by, names, language)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    headings = {"group": say(f"{ROOM}.head.matter", language)}
    beside = tables.table(
        selection,
        ("value", "interval"),
        caption,
        language,
        across="indicator",
        names=names,
        headings=headings,
    )
    alt = style.alt_text(f"{ROOM}.chart.alt", caption, rows, language)
    return Figure(png, alt, beside, rows[0].release_id, language)


def _dot(axes: Axes, at: float, row: Row, number: int, language: str) -> None:
    colour = _COLOURS[number]
    if not row.shown:
        style.hidden_word(axes, at, row["status"], language)
        return
    value = float(row["value"])
    right = value
    if row.has("lower") and row.has("upper"):
        low, right = float(row["lower"]), float(row["upper"])
        axes.plot([low, right], [at, at], color=colour, linewidth=1.8, zorder=2, solid_capstyle="butt")
    axes.scatter([value], [at], s=50, marker=style.MARKERS[number], color=colour, zorder=3)
    axes.annotate(
        labels.figure(row, "value", language), (right, at), xytext=(5, 0), va="center",
        textcoords="offset points", fontsize=10, color=colour,
    )  # fmt: skip


def _axes(axes: Axes, by: Mapping[tuple[str, str], Row], names: Mapping[str, str], language: str) -> None:
    axes.set_yticks(range(len(CODES)), [style.wrapped(names[code], 20) for code in CODES])
    axes.set_ylim(len(CODES) - 0.45, -1.3)
    axes.set_xlim(0, 100)
    style.number_axis(axes.xaxis, language)
    axes.set_xlabel(say(f"{ROOM}.chart.share", language), fontsize=10.5)
    for place in range(1, len(CODES)):
        axes.axhline(place - 0.5, color="#E4E4E4", linewidth=0.8, zorder=0)
    first = [by[kind, CODES[0]] for kind in KINDS if (kind, CODES[0]) in by and by[kind, CODES[0]].shown]
    marks = [
        End(
            float(row["value"]),
            (KINDS.index(str(row["indicator"])) * 2 - 1) * _SHIFT - 0.1,
            names[str(row["indicator"])],
            _COLOURS[KINDS.index(str(row["indicator"]))],
        )
        for row in first
    ]
    name_above(axes, marks, -0.55, wide=18)
