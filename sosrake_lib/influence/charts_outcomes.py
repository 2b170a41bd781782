"""Charts of outcomes: classes of change as bars with intervals, group by group, and T scores as dots.

No person is drawn: a picture of single scores before and after would show who is who in a small group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sosrake_lib import frame as frames
from sosrake_lib.effects.goals.kernels import EXPECTED
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.rows import Row, rows_have_one, rows_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The wanted is blue, what stayed is grey, the unwanted orange; the word stands beside each bar.
_BLUE, _GREY, _LIGHT, _ORANGE = style.COLOURS[0], "#E6E6E6", "#F5D08A", "#E69F00"
CHANGE = {"44": _BLUE, "33": style.SOFT, "34": style.SOFT, "22": _GREY, "12": _GREY, "11": _ORANGE}
LEVELS = {
    "55": _BLUE, "44": style.SOFT, "45": style.SOFT, "35": style.SOFT, "33": _GREY,
    "22": _LIGHT, "12": _LIGHT, "11": _ORANGE,
}  # fmt: skip
_ROOM = 0.75  # height between groups


def class_shares(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    names: Mapping[str, str],
    headings: Mapping[str, str] | None = None,
    shades: Mapping[str, str] = CHANGE,
    words: str = "mittarit",
) -> Figure:
    """Draw the share of each class of change with its interval, everyone first and then group by group.

    Parameters
    ----------
    selection : rows of one scale with `item` and `point` (codes of classes), any number of groups.
    names : words of classes (by code) and of groups.
    headings : words of the table's columns.
    shades : code of a class -> colour, `CHANGE` or `LEVELS`.
    words : page whose words name the axis and everyone.

    A group with a hidden class gets the word and no bars: the rest would give the class back.
    """
    rows = rows_of(selection)
    rows_have_one(rows, "item", "class_shares")
    groups = sorted(
        {str(row["group"]) for row in rows},
        key=lambda code: (code != frames.ALL_GROUPS, names.get(code, code)),
    )
    count = len({int(row["point"]) for row in rows})
    drawing, axes = style.canvas(1.2 + 0.5 * count * len(groups) + 0.35 * len(groups))
    ticks: list[tuple[float, str]] = []
    at = 0.0
    for group in groups:
        own = sorted((row for row in rows if row["group"] == group), key=lambda row: -int(row["point"]))
        everyone = say(f"{words}.chart.everyone", language)
        title = everyone if group == frames.ALL_GROUPS else names.get(group, group)
        _group_title(axes, at - 0.75, title)
        at = _group(axes, at, own, names, language, ticks, shades) + _ROOM
    axes.set_yticks([place for place, _ in ticks], [style.wrapped(text, 26) for _, text in ticks])
    axes.set_ylim(at - _ROOM - 0.45, -1.15)
    axes.set_xlim(0, 100)
    style.number_axis(axes.xaxis, language)
    axes.set_xlabel(say(f"{words}.chart.axis", language), fontsize=10.5)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    told = "; ".join(names.get(group, say(f"{words}.chart.everyone", language)) for group in groups)
    grouped = say("mittarit.alt.groups", language, groups=told)
    alt = style.alt_text("mittarit.alt.classes", caption, rows, language, grouped)
    beside = class_table(selection, caption, language, names=names, headings=headings)
    return Figure(png, alt, beside, rows[0].release_id, language)


def class_table(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    names: Mapping[str, str],
    headings: Mapping[str, str] | None = None,
) -> tables.Table:
    """Make the table of classes: a line a class and group, with share, interval and how many people."""
    by_indicator = {str(row["indicator"]): names[str(int(row["point"]))] for row in rows_of(selection)}
    own = {"indicator": say("mittarit.class_head", language), "group": say("mittarit.service_head", language)}
    own |= {"value": say("mittarit.share", language), "denominator": say("mittarit.people", language)}
    return tables.table(
        selection,
        ("value", "interval", "denominator"),
        caption,
        language,
        names={**names, **by_indicator},
        headings=own | dict(headings or {}),
    )


def dots(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    names: Mapping[str, str],
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the mean T score of each group as a dot with its interval, and the expected level as a line.

    Parameters
    ----------
    selection : rows of one indicator, a group each, everyone among them.
    """
    rows = rows_of(selection)
    rows_have_one(rows, "indicator", "dots")
    if not any(row.shown for row in rows):
        raise SosrakeError(
            "dots: no row is shown; show the table instead, which says that they are protected"
        )
    ordered = sorted(
        rows, key=lambda row: (row["group"] != frames.ALL_GROUPS, names.get(str(row["group"]), ""))
    )
    drawing, axes = style.canvas(1.9 + 0.55 * len(ordered))
    for place, row in enumerate(ordered):
        _dot(axes, place, row, language)
    axes.axvline(EXPECTED, color=style.COLOURS[1], linestyle="--", linewidth=1.6, zorder=1)
    axes.annotate(
        say("tavoitteet.chart.expected", language), (EXPECTED, -0.75), xytext=(5, 0), va="center",
        textcoords="offset points", fontsize=10, color="#9C3F00",
    )  # fmt: skip
    texts = [labels.key_text(row, "group", language, names) for row in ordered]
    axes.set_yticks(range(len(ordered)), [style.wrapped(text, 22) for text in texts])
    axes.set_ylim(len(ordered) - 0.5, -1.1)
    axes.margins(x=0.12)
    style.number_axis(axes.xaxis, language)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    axes.set_xlabel(say("tavoitteet.chart.t_axis", language), fontsize=10.5)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text("tavoitteet.alt.t", caption, rows, language)
    beside = tables.table(
        selection, ("value", "interval", "denominator"), caption, language, names=names, headings=headings
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


def _group_title(axes: Axes, at: float, title: str) -> None:
    axes.annotate(
        title, (0, at), xytext=(4, 0), textcoords="offset points", va="center", fontsize=11,
        fontweight="bold", color=style.DARK,
    )  # fmt: skip


def _group(
    axes: Axes,
    at: float,
    rows: list[Row],
    names: Mapping[str, str],
    language: str,
    ticks: list[tuple[float, str]],
    shades: Mapping[str, str],
) -> float:
    hidden = [row for row in rows if not row.shown]
    if hidden:
        word = say(f"words.mark.{hidden[0]['status']}", language)
        axes.text(1, at, word, va="center", fontsize=10, style="italic", color=style.MIDDLE)
        return at + 1
    for row in rows:
        code = str(int(row["point"]))
        value, low, high = (float(row[column]) for column in ("value", "lower", "upper"))
        axes.barh(
            at, value, height=0.62, color=shades.get(code, style.SOFT), edgecolor=style.DARK, linewidth=0.6
        )
        for line, width, order in (("white", 4.2, 3), (style.DARK, 1.6, 4)):
            axes.plot([low, high], [at, at], color=line, linewidth=width, zorder=order)
        shown = numbers.percent(value, 0, language)
        axes.annotate(
            shown, (high, at), xytext=(6, 0), textcoords="offset points", va="center", fontsize=10,
            color=style.DARK,
        )  # fmt: skip
        ticks.append((at, names[code]))
        at += 1
    return at


def _dot(axes: Axes, place: int, row: Row, language: str) -> None:
    if not row.shown:
        style.hidden_word(axes, place, row["status"], language)
        return
    value, low, high = (float(row[column]) for column in ("value", "lower", "upper"))
    axes.plot([low, high], [place, place], color=style.DARK, linewidth=1.8, zorder=2)
    axes.scatter(value, place, s=64, color=style.COLOURS[0], edgecolor=style.DARK, zorder=3)
    axes.annotate(
        labels.bare_figure(row, "value", language), (high, place), xytext=(7, 0), va="center",
        textcoords="offset points", fontsize=10.5, color=style.DARK,
    )  # fmt: skip
