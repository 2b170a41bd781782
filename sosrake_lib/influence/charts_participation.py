"""Chart of participation: people or observations by group, in the order given and never by size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.rows import Row, rows_have_one, rows_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

ROOM = "osallistava_tieto"


def groups(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    names: Mapping[str, str],
    headings: Mapping[str, str],
    order: Sequence[str],
    axis: str = "axis_heard",
) -> Figure:
    """Draw a count a group as a bar with its number; a hidden one says that it is protected.

    Parameters
    ----------
    selection : rows of one indicator by group, without `all`. names : group -> words.
    order : groups as they are to stand. axis : key of what is counted, `axis_heard` or `axis_reporters`.
    """
    given = rows_of(selection)
    rows_have_one(given, "indicator", "groups")
    rows = sorted(given, key=lambda row: _place(str(row["group"]), order))
    drawing, axes = style.canvas(1.2 + 0.5 * len(rows))
    for place, row in enumerate(rows):
        _bar(axes, place, row, language)
    axes.set_yticks(
        range(len(rows)), [style.wrapped(names.get(str(row["group"]), str(row["group"])), 30) for row in rows]
    )
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.set_xlim(left=0)
    style.number_axis(axes.xaxis, language)
    axes.set_xlabel(say(f"{ROOM}.chart.{axis}", language), fontsize=10.5)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    beside = tables.table(selection, ["value"], caption, language, names=names, headings=headings)
    return Figure(png, _alt(caption, rows, language), beside, rows[0].release_id, language)


def _bar(axes, place: int, row: Row, language: str) -> None:
    if not row.shown:
        axes.text(
            0.01, place, say(f"{ROOM}.chart.hidden", language), va="center", fontsize=10, style="italic",
            color=style.MIDDLE, transform=axes.get_yaxis_transform(),
        )  # fmt: skip
        return
    value = float(row["value"])
    axes.barh(place, value, height=0.62, color=style.COLOURS[0])
    axes.annotate(
        labels.figure(row, "value", language), (value, place), xytext=(5, 0), va="center",
        textcoords="offset points", fontsize=10, color=style.DARK,
    )  # fmt: skip


def _alt(caption: str, rows: Sequence[Row], language: str) -> str:
    shown = [round(float(row["value"])) for row in rows if row.shown]
    return say(
        f"{ROOM}.chart.alt",
        language,
        invented=say("words.synthetic", language),
        caption=labels.dated(caption, rows, language).rstrip("."),
        low=numbers.count(min(shown), language),
        high=numbers.count(max(shown), language),
        groups=len(rows),
        hidden=sum(not row.shown for row in rows),
    )


def _place(group: str, order: Sequence[str]) -> int:
    return order.index(group) if group in order else len(order)
