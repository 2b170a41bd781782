"""Dumbbell chart: two groups, areas or times side by side on each line, with the interval of both figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sosrake_lib import frame as frames
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import End, name_above, room
from sosrake_lib.influence.rows import Row, rows_have_one, rows_of
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BETWEEN = ("sex", "region", "age", "group", "period")
_SHIFT = 0.15
_TRIES, _AIR = 5, 6.0  # times an axis is widened; dots between a number and an axis's end


def dumbbell(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    between: str = "sex",
    order: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw two figures a line, joined, each with its mark, its interval and its number.

    Parameters
    ----------
    selection : rows of one indicator (or of several shares in per cent) with exactly two codes of `between`;
        what varies besides (region, age, group, indicator) names the lines, which stand by name.
    between : sex, region, age, group or period.
    order : the two codes of `between` in the order wanted.

    Raises
    ------
    SosrakeError for another number of codes than two, several units, or two rows of the same place.
    """
    rows = rows_of(selection)
    codes = _codes(rows, between, order)
    what = [name for name in tables.varying(rows) if name != between] or ["indicator"]
    if "indicator" not in what:
        rows_have_one(rows, "indicator", "dumbbell")
    elif len({row["indicator"] for row in rows}) > 1 and not all(labels.is_percent(row) for row in rows):
        raise SosrakeError("dumbbell: indicators of different units; expected shares in per cent; draw apart")
    lines: dict[str, dict[str, Row]] = {}
    for row in tables.in_order(rows, what, language):
        name = ", ".join(labels.key_text(row, part, language, names) for part in what)
        code = _code(row, between)
        if code in lines.setdefault(name, {}):
            raise SosrakeError(
                f"dumbbell: two rows of {name} and {code}; select one period, sex, age and group"
            )
        lines[name][code] = row
    texts = [style.wrapped(name, 26) for name in lines]
    tall = room(texts, 0.56)
    drawing, axes = style.canvas(1.25 + tall * len(lines))
    for place, pair in enumerate(lines.values()):
        _line(axes, place, [pair.get(code) for code in codes], language)
    axes.set_yticks(range(len(lines)), texts)
    axes.set_ylim(len(lines) - 0.4, -1.0)
    axes.margins(x=0.14)
    _make_room(axes)
    _name(axes, list(lines.values()), codes, between, language, names)
    style.number_axis(axes.xaxis, language)
    axes.grid(axis="x", color=style.GRID, linewidth=0.8)
    measure = (
        "%" if len({row["indicator"] for row in rows}) > 1 else style.axis_title(rows[0], language, names)
    )
    axes.set_xlabel(style.wrapped(measure, 70), fontsize=style.TEXT)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text("dumbbell", caption, rows, language)
    columns = ("value", "interval") if any(row.has("lower") for row in rows) else ("value",)
    beside = tables.table(
        selection, columns, caption, language, across=between, names=names, headings=headings
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


def _codes(rows: Sequence[Row], between: str, order: Sequence[str]) -> list[str]:
    if between not in BETWEEN:
        raise SosrakeError(f"dumbbell: between {between!r}; expected one of {', '.join(BETWEEN)}")
    found = list(dict.fromkeys(_code(row, between) for row in rows))
    if len(found) != 2:
        raise SosrakeError(f"dumbbell: {len(found)} codes of {between}; expected two; select two")
    if order and set(order) != set(found):
        raise SosrakeError(f"dumbbell: order {', '.join(order)}; expected the codes {', '.join(found)}")
    if between == "period":
        return sorted(found, key=frames.period_end)
    return list(order) or found


def _code(row: Row, between: str) -> str:
    return str(row["region_code" if between == "region" else between])


def _line(axes: Axes, place: int, pair: Sequence[Row | None], language: str) -> None:
    shown = [row for row in pair if row is not None and row.shown]
    if len(shown) == 2:
        values = [float(row["value"]) for row in shown]
        ends = [place - _SHIFT, place + _SHIFT]
        axes.plot(values, ends, color="#BBBBBB", linewidth=2.4, zorder=1)
    for number, row in enumerate(pair):
        at = place + (2 * number - 1) * _SHIFT
        if row is None:
            continue
        if not row.shown:
            if shown or number == 0:  # one word is enough where both are hidden
                style.hidden_word(axes, at if shown else place, row["status"], language)
            continue
        smaller = len(shown) == 2 and row is min(shown, key=lambda one: float(one["value"]))
        _mark(axes, at, row, number, language, left=smaller)


def _mark(axes: Axes, at: float, row: Row, number: int, language: str, *, left: bool) -> None:
    """Draw a figure, its interval and its number; the smaller of two has its number on the left."""
    value = float(row["value"])
    low = high = value
    if row.has("lower") and row.has("upper"):
        low, high = float(row["lower"]), float(row["upper"])
        axes.plot([low, high], [at, at], color=style.COLOURS[number], linewidth=1.8, zorder=2,
                  solid_capstyle="butt")  # fmt: skip
    axes.scatter([value], [at], s=54, marker=style.MARKERS[number], color=style.COLOURS[number],
                 edgecolor="white", zorder=3)  # fmt: skip
    axes.annotate(
        labels.figure(row, "value", language), (low if left else high, at), xytext=(-5 if left else 5, 0),
        va="center", ha="right" if left else "left", textcoords="offset points", fontsize=style.LEAST,
        color=style.INKS[number],
    )  # fmt: skip


def _make_room(axes: Axes) -> None:
    """Widen the x axis until no number beside a mark reaches over its ends, where an axis would cut it."""
    from matplotlib.text import Annotation

    drawing = axes.get_figure(root=True)
    if drawing is None:
        return
    for _ in range(_TRIES):  # names of lines take room too, so widening once may not be enough
        drawing.draw_without_rendering()
        frame = axes.get_window_extent()
        boxes = [text.get_window_extent() for text in axes.texts if isinstance(text, Annotation)]
        over = [max((frame.x0 + _AIR - box.x0 for box in boxes), default=0.0),
                max((box.x1 - frame.x1 + _AIR for box in boxes), default=0.0)]  # fmt: skip
        if max(over) <= 0:
            return
        low, high = axes.get_xlim()
        dot = (high - low) / frame.width
        axes.set_xlim(low - max(over[0], 0.0) * dot * 1.2, high + max(over[1], 0.0) * dot * 1.2)


def _name(
    axes: Axes,
    lines: Sequence[Mapping[str, Row]],
    codes: Sequence[str],
    between: str,
    language: str,
    names: Mapping[str, str] | None,
) -> None:
    """Write above the first line that shows both what each mark is."""
    place = next(
        (at for at, line in enumerate(lines) if all(code in line and line[code].shown for code in codes)),
        None,
    )
    if place is None:
        return
    marks = [
        End(
            float(lines[place][code]["value"]),
            place + (2 * number - 1) * _SHIFT - 0.1,
            labels.key_text(lines[place][code], between, language, names),
            style.INKS[number],
            bold=True,
        )
        for number, code in enumerate(codes)
    ]
    name_above(axes, marks, place - 0.5)
