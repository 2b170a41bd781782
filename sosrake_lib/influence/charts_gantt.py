"""Gantt chart of a plan: actions, who answers for them, when they are done, and the days of decision.

Today is not drawn: the same plan gives the same picture on every day, and a line of today would age in print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import room
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import constant
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NEEDED = ("item", "category", "starts", "ends", "decided")
_OWNER_LETTERS, _ACTION_LETTERS = 34, 30
_FEW, _MANY = 8, 19  # months whose own names fit; months up to which every third is named


def gantt(
    selection: Selection, caption: str, language: str = "fi", *, names: Mapping[str, str] | None = None
) -> Figure:
    """Draw the actions of a plan on a line of time, each with its owner, and decisions as diamonds.

    Parameters
    ----------
    selection : rows of words, one an action, drawn in the order of their first day: `item` (the action, words
        or a key of `names`), `category` (the role that answers for it, words or a key; never a person's
        name), and dates `starts`, `ends`, `decided` (timestamps; empty where nothing is recorded).
    names : words of the keys used in `item` and `category`.

    Raises
    ------
    SosrakeError when a column lacks, an action ends before it begins, or no action has a time.
    """
    rows = sorted(rows_of(selection), key=_first_day)  # those of one day, and those of none, as they stand
    _check(rows)
    told = names or {}
    actions = [style.wrapped(_word(row, "item", told), _ACTION_LETTERS) for row in rows]
    owners = [_word(row, "category", told) or say("charts.gantt.no_owner", language) for row in rows]
    tall = room(actions, 0.62)
    drawing, axes = style.canvas(1.15 + tall * len(rows))
    first, last = _span(rows)
    _months(axes, first, last, language)
    for place, (row, owner) in enumerate(zip(rows, owners, strict=True)):
        _action(axes, place, row, owner, first, last, language)
    axes.set_yticks(range(len(rows)), actions)
    axes.set_ylim(len(rows) - 0.35, -0.6)
    axes.tick_params(axis="y", length=0)
    if any(row.has("decided") for row in rows):
        axes.set_xlabel(say("charts.gantt.diamond", language), fontsize=style.TEXT, loc="left")
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    beside = _table(rows, told, caption, language)
    return Figure(png, _alt(rows, caption, first, last, language), beside, rows[0].release_id, language)


def _check(rows: Sequence[Row]) -> None:
    for row in rows:
        lacking = [column for column in NEEDED if column not in row.columns]
        if lacking:
            raise SosrakeError(f"gantt: column {lacking[0]!r} is not there; expected {', '.join(NEEDED)}")
        if row.has("starts") and row.has("ends") and row["ends"] < row["starts"]:
            raise SosrakeError(
                f"gantt: action {str(row['item'])!r} ends before it begins; mend its dates in the plan"
            )
    if not any(_days(row) for row in rows):
        raise SosrakeError("gantt: no action has a date; show the actions as a table instead")


def _word(row: Row, column: str, names: Mapping[str, str]) -> str:
    text = str(row[column]) if row.has(column) else ""
    return names.get(text, text)


def _days(row: Row) -> list[date]:
    return [row[column].date() for column in ("starts", "ends", "decided") if row.has(column)]


def _first_day(row: Row) -> date:
    return min(_days(row), default=date.max)


def _span(rows: Sequence[Row]) -> tuple[date, date]:
    days = [day for row in rows for day in _days(row)]
    return min(days), max(days)


def _months(axes: Axes, first: date, last: date, language: str) -> None:
    """Draw a line at each month's or quarter's beginning and name it."""
    start = first.year * 12 + first.month - 1
    end = last.year * 12 + last.month
    count = end - start
    step = 1 if count <= _FEW else 3 if count <= _MANY else 6
    begin = start - start % step
    places = list(range(begin, end + step, step))
    days = [date(place // 12, place % 12 + 1, 1) for place in places]
    texts = []
    for number, day in enumerate(days):
        new_year = number == 0 or day.month == 1
        texts.append(f"{day.month}/{day.year}" if new_year or step > 1 else f"{day.month}/")
    axes.set_xticks([day.toordinal() for day in days], texts)
    axes.set_xlim(days[0].toordinal(), days[-1].toordinal())
    axes.xaxis.tick_top()
    axes.spines["bottom"].set_visible(False)
    axes.spines["top"].set_visible(True)
    axes.grid(axis="x", color=style.GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _action(axes: Axes, place: int, row: Row, owner: str, first: date, last: date, language: str) -> None:
    """Draw an action's bar with its owner under it, and its day of decision."""
    days = [row[column].date().toordinal() for column in ("starts", "ends") if row.has(column)]
    if days:
        left, right = days[0], days[-1]
        whole = len(days) == 2
        axes.barh(
            place - 0.12, max(right - left, 4), left=left, height=0.34,
            color=style.SOFT if whole else "white", edgecolor=style.DARK, linewidth=0.9,
            linestyle="-" if whole else "--",
        )  # fmt: skip
    if row.has("decided"):
        axes.plot([row["decided"].date().toordinal()], [place - 0.12], marker="D", markersize=9,
                  color=style.COLOURS[1], markeredgecolor=style.DARK, zorder=5)  # fmt: skip
    told = owner if _days(row) else f"{owner} ({say('charts.gantt.undated', language)})"
    middle = (first.toordinal() + last.toordinal()) / 2
    at = days[0] if days else row["decided"].date().toordinal() if row.has("decided") else first.toordinal()
    axes.annotate(
        told, (max(at, first.toordinal()) if at < middle else (days or [at])[-1], place + 0.1),
        xytext=(1, -1), textcoords="offset points", ha="left" if at < middle else "right", va="top",
        fontsize=style.LEAST, color=style.DARK,
    )  # fmt: skip


def _table(rows: Sequence[Row], names: Mapping[str, str], caption: str, language: str) -> Table:
    heads = [
        say(f"charts.gantt.{name}", language) for name in ("action", "owner", "starts", "ends", "decided")
    ]
    body: list[list[Cell]] = []
    for row in rows:
        owner = _word(row, "category", names) or say("charts.gantt.no_owner", language)
        days: list[Cell] = [
            constant(numbers.day(row[column].date(), language), language) if row.has(column) else "–"
            for column in ("starts", "ends", "decided")
        ]
        body.append([constant(_word(row, "item", names), language), constant(owner, language), *days])
    return word_table(rows, heads, body, caption, language)


def _alt(rows: Sequence[Row], caption: str, first: date, last: date, language: str) -> str:
    decided = sum(row.has("decided") for row in rows)
    said = [
        say(
            "charts.alt.gantt", language, caption=caption.rstrip("."),
            count=numbers.count(len(rows), language), first=numbers.day(first, language),
            last=numbers.day(last, language),
        )
    ]  # fmt: skip
    if rows[0].synthetic:
        said.insert(0, say("words.synthetic", language) + ".")
    if decided:
        said.append(say("charts.alt.decisions", language, count=numbers.count(decided, language)))
    return " ".join([*said, say("charts.alt.table", language)])
