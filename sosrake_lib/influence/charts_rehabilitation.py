"""Charts of rehabilitation: figures with intervals side by side, and one provider's own profile.

Rows stand in the order given or in the catalogue's, never by value, and providers are never drawn together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sosrake_lib import catalogue
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import labels, tables
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_labels import End, name_above
from sosrake_lib.influence.rows import Row, one_row, refuse_mixed, rows_have_one, rows_of
from sosrake_lib.language import say
from sosrake_lib.protect import Selection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = "sosiaalinen_kuntoutus"


def intervals(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    columns: Sequence[str] = ("value", "interval"),
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
    order: Sequence[str] = (),
    reference: Selection | None = None,
    zero: bool = False,
) -> Figure:
    """Draw each row as a dot with its interval: one indicator over groups, years or municipalities.

    Parameters
    ----------
    columns, names, headings : of the table beside, as `tables.table`.
    order : groups in the order wanted; those left out come after, in the selection's order.
    reference : one row drawn as a dashed line, such as everyone's share.
    zero : draw a line at zero, where a change is told.
    """
    given = rows_of(selection)
    refuse_mixed(selection, reference)
    rows_have_one(given, "indicator", "intervals")
    what = [name for name in tables.varying(given) if name != "indicator"] or ["region"]
    rows = tables.in_order(given, what, language)
    if order:
        rows = sorted(rows, key=lambda row: _place(str(row["group"]), order))
    drawing, axes = style.canvas(1.5 + 0.52 * len(rows))
    for place, row in enumerate(rows):
        _dot(axes, place, row, language)
    texts = [
        style.wrapped(", ".join(labels.key_text(row, name, language, names) for name in what), 26)
        for row in rows
    ]
    axes.set_yticks(range(len(rows)), texts)
    axes.set_ylim(len(rows) - 0.4, -0.9)
    told = _line(axes, reference, zero, language)
    axes.margins(x=0.14)
    if labels.is_percent(rows[0]):
        axes.set_xlim(0, 104)
    style.number_axis(axes.xaxis, language)
    axes.set_xlabel(style.wrapped(_measure(rows[0], language), 56), fontsize=10.5)
    axes.set_title(say(f"{ROOM}.chart.points", language), fontsize=9.5, loc="left", color=style.DARK)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text(f"{ROOM}.alt.intervals", caption, rows, language) + told
    beside = tables.table(selection, columns, caption, language, names=names, headings=headings)
    return Figure(png, alt, beside, rows[0].release_id, language)


def profile(
    selection: Selection,
    caption: str,
    language: str = "fi",
    *,
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
) -> Figure:
    """Draw one provider's steps by area in its years, beside the joint mean of the newest year.

    Parameters
    ----------
    selection : rows of `itsearviointi`: one provider and `all`, the areas in the form's order.

    Raises
    ------
    SosrakeError when the rows are of several providers: they are never drawn together.
    """
    rows = rows_of(selection)
    own = [row for row in rows if row["group"] != "all"]
    rows_have_one(tuple(own), "group", "profile")
    if not any(row.shown for row in own):
        raise SosrakeError("profile: the provider's steps are hidden; say so in words instead")
    joint = [row for row in rows if row["group"] == "all"]
    told = {str(row["indicator"]).rpartition("_")[2] for row in rows}
    areas = [area for area in _areas() if area in told]
    drawing, axes = style.canvas(1.8 + 0.62 * len(areas))
    _own_steps(axes, own, areas, names)
    newest = max(str(row["period"]) for row in own)
    label = f"{say('kuntouttava_tyotoiminta.all_providers', language)} {newest}"
    marks = [(place, row) for place, area in enumerate(areas) if (row := _at(joint, area, newest))]
    axes.scatter(
        [float(row["value"]) for _, row in marks], [place for place, _ in marks], s=260, marker="|",
        color=style.COLOURS[1], linewidth=2.2, zorder=3,
    )  # fmt: skip
    _step_axes(axes, areas, language)
    _name_marks(axes, own, marks, areas, label, names)
    png = style.finish(drawing, axes, language, synthetic=rows[0].synthetic)
    alt = style.alt_text(f"{ROOM}.alt.profile", caption, own, language)
    beside = tables.table(
        selection, ("value",), caption, language, across="group", names=names, headings=headings
    )
    return Figure(png, alt, beside, rows[0].release_id, language)


def _own_steps(axes: Axes, own: Sequence[Row], areas: Sequence[str], names: Mapping[str, str] | None) -> None:
    """Draw the provider's steps, the newest year filled and a little lower, so that both years are seen."""
    years = sorted({str(row["period"]) for row in own})
    for number, year in enumerate(years):
        newest = year == years[-1]
        points = [(place, row) for place, area in enumerate(areas) if (row := _at(own, area, year))]
        axes.scatter(
            [float(row["value"]) for _, row in points],
            [place + (0.1 if newest else -0.1) for place, _ in points],
            s=64 if newest else 46, marker=style.MARKERS[number], zorder=4, edgecolor=style.DARK,
            color=style.COLOURS[0] if newest else "white", linewidth=1.2,
        )  # fmt: skip


def _name_marks(
    axes: Axes,
    own: Sequence[Row],
    joint: Sequence[tuple[int, Row]],
    areas: Sequence[str],
    label: str,
    names: Mapping[str, str] | None,
) -> None:
    """Say above the first area what each mark is."""
    years = sorted({str(row["period"]) for row in own})
    ends = []
    for year in years:
        row = _at(own, areas[0], year)
        if row is not None:
            below = 0.1 if year == years[-1] else -0.1
            text = f"{_name(row, names)} {year}"
            ends.append(End(float(row["value"]), below - 0.12, text, style.INKS[0]))
    ends += [
        End(float(row["value"]), place - 0.2, label, style.INKS[1]) for place, row in joint if place == 0
    ]
    name_above(axes, ends, -0.7, wide=16)


def _step_axes(axes: Axes, areas: Sequence[str], language: str) -> None:
    axes.set_yticks(range(len(areas)), [style.wrapped(_area(area, language), 26) for area in areas])
    axes.set_ylim(len(areas) - 0.4, -1.5)
    steps = catalogue.self_evaluation().steps
    axes.set_xlim(0.8, len(steps) + 0.2)
    said = [style.wrapped(f"{place} {one[language == 'en']}", 13) for place, one in enumerate(steps, start=1)]
    axes.set_xticks(range(1, len(steps) + 1), said)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.8)


def _dot(axes: Axes, place: int, row: Row, language: str) -> None:
    if not row.shown:
        style.hidden_word(axes, place, row["status"], language)
        return
    value = float(row["value"])
    if row.has("lower") and row.has("upper"):
        ends = [float(row["lower"]), float(row["upper"])]
        axes.plot(ends, [place, place], color=style.DARK, linewidth=1.8, zorder=2, solid_capstyle="butt")
        for end in ends:
            axes.plot([end, end], [place - 0.12, place + 0.12], color=style.DARK, linewidth=1.8, zorder=2)
    axes.scatter([value], [place], s=52, color=style.COLOURS[0], edgecolor="white", zorder=3)
    axes.annotate(
        labels.figure(row, "value", language), (value, place), xytext=(0, 8), ha="center",
        textcoords="offset points", fontsize=10, color=style.DARK, zorder=4,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )  # fmt: skip


def _measure(row: Row, language: str) -> str:
    """Name what the axis measures in short, with its unit."""
    unit = "%" if labels.is_percent(row) else labels.unit_text(row, language)
    name = labels.short_name(str(row["indicator"]), language)
    return f"{name}, {unit}" if unit else name


def _line(axes: Axes, reference: Selection | None, zero: bool, language: str) -> str:
    if zero:
        axes.axvline(0, color=style.COLOURS[1], linestyle="--", linewidth=1.4, zorder=1)
        _beside(axes, 0.0, say(f"{ROOM}.expected", language))
    row = None if reference is None else one_row(reference)
    if row is None or not row.shown:
        return ""
    text = f"{say(f'{ROOM}.everyone', language)} {labels.figure(row, 'value', language)}"
    axes.axvline(float(row["value"]), color=style.COLOURS[1], linestyle="--", linewidth=1.4, zorder=1)
    _beside(axes, float(row["value"]), text)
    return " " + say("charts.alt.reference", language, reference=text)


def _beside(axes: Axes, at: float, text: str) -> None:
    axes.annotate(
        text, (at, 1), xycoords=("data", "axes fraction"), xytext=(4, -2), va="top",
        textcoords="offset points", fontsize=9.5, color="#9C3F00",
    )  # fmt: skip


def _place(code: str, order: Sequence[str]) -> int:
    return list(order).index(code) if code in order else len(order)


def _areas() -> list[str]:
    return [one.key for one in catalogue.self_evaluation().areas]


def _area(key: str, language: str) -> str:
    found = next(one for one in catalogue.self_evaluation().areas if one.key == key)
    return found.name_en if language == "en" else found.name_fi


def _at(rows: Sequence[Row], area: str, year: str) -> Row | None:
    return next(
        (
            row
            for row in rows
            if str(row["indicator"]).endswith(f"_{area}") and row["period"] == year and row.shown
        ),
        None,
    )


def _name(row: Row, names: Mapping[str, str] | None) -> str:
    code = str(row["group"])
    return names[code] if names and code in names else code
