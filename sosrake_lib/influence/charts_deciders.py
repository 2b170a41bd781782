"""Chart of the yearly clock: months of decision, and by when knowledge should be ready."""

from __future__ import annotations

from sosrake_lib.catalogue.decision_calendar import Decision, decision_calendar
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import words_deciders
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.language import say

ROOM = "tietotarve"


def clock(language: str = "fi") -> Figure:
    """Draw each decision on a line of twelve months; one without a recorded month says so.

    Returns
    -------
    Figure with the table of the calendar beside it; it rests on no release, as it holds no figure.
    """
    known = decision_calendar()
    # low enough for a sheet of paper to hold a part of its table too
    drawing, axes = style.canvas(1.6 + 0.46 * len(known))
    for place, one in enumerate(known):
        _line(axes, place, one, language)
    names = [one.name_en if language == "en" else one.name_fi for one in known]
    axes.set_yticks(range(len(known)), [style.wrapped(name, 34) for name in names])
    axes.set_ylim(len(known) - 0.4, -0.6)
    axes.set_xlim(0.4, 12.6)
    months = [say(f"{ROOM}.short.m{month}", language) for month in range(1, 13)]
    axes.set_xticks(range(1, 13), months, rotation=45, ha="right")
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    axes.set_title(style.wrapped(say(f"{ROOM}.chart.title", language), 50), fontsize=9.5, loc="left")
    png = style.finish(drawing, axes, language, synthetic=False)
    beside = words_deciders.calendar(language)
    return Figure(png, _alt(known, beside.caption, language), beside, "", language)


def _line(axes, place: int, one: Decision, language: str) -> None:
    if one.ready:
        axes.scatter(
            [one.ready], [place], s=64, facecolor="white", edgecolor=style.DARK, linewidth=1.4, zorder=3
        )
    if one.months:
        axes.scatter(
            list(one.months), [place] * len(one.months), s=64, color=style.COLOURS[0],
            marker="o" if one.binding == "laki" else "D", zorder=4,
        )  # fmt: skip
        return
    axes.text(
        12.5, place, say(f"{ROOM}.chart.no_month", language), va="center", ha="right", fontsize=9.5,
        style="italic", color=style.MIDDLE,
    )  # fmt: skip


def _alt(known: tuple[Decision, ...], caption: str, language: str) -> str:
    months = sorted(month for one in known for month in one.months)
    return say(
        f"{ROOM}.chart.alt",
        language,
        caption=caption,
        rows=len(known),
        first=say(f"{ROOM}.month.m{months[0]}", language),
        last=say(f"{ROOM}.month.m{months[-1]}", language),
    )
