"""Charts of effects: rungs beside the truth, differences by year, and a series beside its carried-on line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.words_effects_ladder import rungs as rungs_of
from sosrake_lib.influence.words_effects_ladder import rungs_table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A label over a line stays readable.
_BEHIND = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}


def rungs(selection: Selection, caption: str, language: str = "fi", *, names: Mapping[str, str]) -> Figure:
    """Draw each rung's estimate with its interval, the known truth as a line.

    Parameters
    ----------
    selection : effects in the order of the rungs, `reference_value` = the truth where it is known.
    names : indicator -> words of the rung.

    Raises
    ------
    SosrakeError when no rung is shown.
    """
    rows = rungs_of(selection)
    shown = [row for row in rows if row.shown and row.has("value")]
    if not shown:
        raise SosrakeError("charts_effects.rungs: no rung is shown; show the texts instead")
    drawing, axes = style.canvas(1.5 + 0.55 * len(rows))
    for place, row in enumerate(rows):
        if row.shown and row.has("value"):
            _point(axes, place, row, language)
        else:
            axes.text(0, place, say(f"words.mark.{row['status']}", language), va="center", fontsize=10)
    axes.axvline(0, color=style.MIDDLE, linewidth=1)
    known = next((row for row in shown if row.has("reference_value")), None)
    if known is not None:
        _truth(axes, known, language)
    axes.set_yticks(range(len(rows)), [style.wrapped(names[str(row["indicator"])], 26) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.9)
    axes.margins(x=0.1)
    style.number_axis(axes.xaxis, language)
    axes.set_xlabel(say("vaikuttavuus.chart.rungs_axis", language), fontsize=10.5)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    beside = rungs_table(selection, caption, language, names=names)
    return Figure(png, _alt("rungs", beside.caption, shown, language), beside, rows[0].release_id, language)


def by_year(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    names: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the difference from the comparison by year with its intervals; the year compared with is zero.

    Parameters
    ----------
    selection : rows of one indicator with `year` and `first_year`, in which the first began.
    """
    rows = [row for row in rows_of(selection) if row.shown and row.has("value")]
    if not rows:
        raise SosrakeError("charts_effects.by_year: no year is shown; show the texts instead")
    drawing, axes = style.canvas(3.6)
    axes.axhline(0, color=style.MIDDLE, linewidth=1)
    for row in rows:
        x, y = float(row["year"]), float(row["value"])
        if row.has("lower"):
            axes.plot([x, x], [float(row["lower"]), float(row["upper"])], color=style.COLOURS[0], linewidth=2)
        face = style.COLOURS[0] if row.has("lower") else "white"
        axes.plot([x], [y], marker="o", color=style.COLOURS[0], markerfacecolor=face, markersize=7)
    began = float(rows[0]["first_year"]) - 0.5
    axes.axvline(began, color=style.DARK, linestyle=":", linewidth=1.4)
    axes.annotate(
        say("vaikuttavuus.chart.first", language), (began, 1), xycoords=("data", "axes fraction"),
        xytext=(4, -2), textcoords="offset points", va="top", fontsize=10,
    )  # fmt: skip
    axes.set_xticks([float(row["year"]) for row in rows], [str(row["period"]) for row in rows])
    axes.margins(x=0.06, y=0.14)
    style.number_axis(axes.yaxis, language)
    axes.set_title(say("vaikuttavuus.chart.difference_axis", language), fontsize=10.5, loc="left")
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    headings = {"value": say("vaikuttavuus.page.difference", language)}
    beside = tables.table(selection, ("value", "interval"), caption, language, names=names, headings=headings)
    return Figure(png, _alt("path", beside.caption, rows, language), beside, rows[0].release_id, language)


def carried_on(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    change: str,
    names: Mapping[str, str] | None = None,
) -> Figure:
    """Draw a monthly series and, from the change on, what the time before would have gone on with.

    Parameters
    ----------
    selection : rows of one indicator and region by month, with `expected` from the change on.
    change : the first month after, such as "2020-03".
    """
    rows = sorted(
        (row for row in rows_of(selection) if row.shown and row.has("value")), key=lambda row: row["period"]
    )
    if len(rows) < 2:
        raise SosrakeError("charts_effects.carried_on: fewer than two months are shown; show a table instead")
    drawing, axes = style.canvas(3.8)
    months = [str(row["period"]) for row in rows]
    axes.plot(range(len(rows)), [float(row["value"]) for row in rows], color=style.COLOURS[0], marker="o",
              markersize=4, linewidth=1.8)  # fmt: skip
    told = [(place, float(row["expected"])) for place, row in enumerate(rows) if row.has("expected")]
    if told:
        axes.plot(*zip(*told, strict=True), color=style.COLOURS[1], linestyle="--", marker="s", markersize=4)
        axes.axvline(told[0][0] - 0.5, color=style.DARK, linestyle=":", linewidth=1.4)
    _named_lines(axes, rows, told, change in months, language)
    quarter = [place for place, month in enumerate(months) if month[-2:] in ("01", "07")]
    axes.set_xticks(quarter, [numbers.period(months[place], language) for place in quarter])
    axes.margins(x=0.03, y=0.2)
    axes.set_ylim(bottom=0)
    style.number_axis(axes.yaxis, language)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    axes.set_title(say("vaikuttavuus.chart.households", language), fontsize=10.5, loc="left")
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    columns = ("value", "expected")
    headings = {
        "value": say("vaikuttavuus.chart.observed", language).capitalize(),
        "expected": say("vaikuttavuus.chart.carried_on", language).capitalize(),
    }
    beside = tables.table(
        selection, columns, caption, language, names=names, headings=headings,
        decimals={"value": 0, "expected": 0},
    )  # fmt: skip
    return Figure(
        png, _alt("series", beside.caption, rows, language, decimals=0), beside, rows[0].release_id, language
    )


def _point(axes: Axes, place: int, row: Row, language: str) -> None:
    axes.plot(
        [float(row["lower"]), float(row["upper"])], [place, place], color=style.COLOURS[0], linewidth=2.4
    )
    axes.plot([float(row["value"])], [place], marker="o", color=style.COLOURS[0], markersize=7)
    text = numbers.number(float(row["value"]), 1, language)
    axes.annotate(
        text, (float(row["value"]), place), xytext=(0, 7), textcoords="offset points", ha="center",
        fontsize=10, bbox=_BEHIND, zorder=5,
    )  # fmt: skip


def _truth(axes: Axes, row: Row, language: str) -> None:
    value = float(row["reference_value"])
    axes.axvline(value, color=style.COLOURS[1], linestyle="--", linewidth=1.8)
    text = say("vaikuttavuus.chart.truth", language, value=numbers.number(value, 1, language))
    axes.annotate(
        text, (value, -0.9), xytext=(5, -4), textcoords="offset points", va="top", fontsize=10.5,
        color=style.INKS[1],
    )  # fmt: skip


def _named_lines(
    axes: Axes, rows: Sequence[Row], told: list[tuple[int, float]], changed: bool, language: str
) -> None:
    """Name the lines where they are, and the month from which things were otherwise."""
    high = max(float(row["value"]) for row in rows)
    axes.annotate(
        say("vaikuttavuus.chart.observed", language), (1, float(rows[1]["value"])), xytext=(0, -26),
        textcoords="offset points", fontsize=10.5, color=style.INKS[0],
    )  # fmt: skip
    if told:
        place, value = told[-1]
        axes.annotate(
            say("vaikuttavuus.chart.carried_on", language), (place, value), xytext=(0, -38),
            textcoords="offset points", ha="right", fontsize=10.5, color=style.INKS[1],
        )  # fmt: skip
    if told and changed:
        axes.annotate(
            say("vaikuttavuus.chart.march", language), (told[0][0] - 0.5, high), xytext=(4, 18),
            textcoords="offset points", fontsize=10,
        )  # fmt: skip


def _alt(kind: str, caption: str, rows: Sequence[Row], language: str, *, decimals: int = 1) -> str:
    """Describe a chart by its range; the figures stand in the table after."""
    low, high = (pick(float(row["value"]) for row in rows) for pick in (min, max))
    said = [
        say(f"vaikuttavuus.alt.{kind}", language, caption=caption.rstrip(".")),
        say(
            "charts.alt.range", language, count=numbers.count(len(rows), language),
            low=numbers.number(low, decimals, language), high=numbers.number(high, decimals, language),
        ),
        say("charts.alt.table", language),
    ]  # fmt: skip
    return " ".join(said)
