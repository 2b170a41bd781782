"""Sentences about an index made again from its parts: what it holds, where figures part, how sure it is.

Nothing is computed here; verdicts, sides and reasons were given by the recipe.
"""

from __future__ import annotations

from collections.abc import Iterable

from sosrake_lib import frame as frames
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.rows import Row, one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.language import say
from sosrake_lib.protect import Selection, Text

__all__ = [
    "again_headings",
    "changes",
    "index_words",
    "left_out",
    "listed",
    "newest_period",
    "own_index",
    "part_headings",
    "part_names",
    "parted",
    "parted_periods",
    "parts_caption",
    "parts_held",
    "published",
    "recomputed",
    "sides",
    "where_to_get_help",
]

_TOPIC = "huono_osaisuusindeksi"
_CHANGE = "_vuosimuutos"
_ONE = dict.fromkeys(("value", "difference", "lowest", "highest"), 1)
# What tells of people and not of what is spent or used: only these can be called a strength or a problem.
_OF_PEOPLE = ("situation", "survey", "register_event")
# Reasons why a published figure is not the mean of its parts, each with words of its own.
_REASONS = ("earlier_mean_counted_as_part", "absent_counted_as_0")


def index_words(language: str = "fi") -> dict[str, str]:
    """Give words of what a part measures and of published and computed figures: code -> text."""
    codes = ("situation", "survey", "register_event", "service_use", "money", "julkaistu", "laskettu")
    return {code: say(f"{_TOPIC}.code.{code}", language) for code in codes}


def part_names(selection: Selection, language: str = "fi") -> dict[str, str]:
    """Give the short names of the indicators of a selection, for lines of tables and charts."""
    codes = {str(row[column]) for row in rows_of(selection) for column in ("indicator", "group")}
    return {code: labels.short_name(code, language) for code in codes if code.startswith("diak_")}


def again_headings(language: str = "fi") -> dict[str, str]:
    """Give the headings of the table of published and computed figures."""
    columns = {"indicator": "figure", "difference": "difference_once"}
    return {column: say(f"{_TOPIC}.column.{key}", language) for column, key in columns.items()}


def part_headings(language: str = "fi") -> dict[str, str]:
    """Give the headings of the table of parts."""
    columns = {"indicator": "part", "group": "measures"}
    return {column: say(f"{_TOPIC}.column.{key}", language) for column, key in columns.items()}


def newest_period(selection: Selection) -> str:
    """Name the last period of a selection's rows."""
    return max((str(row["period"]) for row in rows_of(selection)), key=frames.period_end)


def published(given: Selection, computed: Selection, language: str = "fi") -> list[Sentence]:
    """Say the published index of one area and period, what it is read against, and if it is too low."""
    row, again = one_row(given), one_row(computed)
    if not row.shown:
        return [pieces.absent_sentence(row, language)]
    told = compose(
        f"{_TOPIC}.published",
        language,
        place_in=pieces.place(row, language),
        value=_number(row, "value", language),
        when=pieces.time(row, language),
        base=constant("100", language),
    )
    if row["note"] == "mean_of_dimensions" or not again.shown:
        return [told]
    flawed = compose(f"{_TOPIC}.published_flawed", language, computed=_number(again, "value", language))
    return [join([told, flawed])]


def parts_caption(selection: Selection, dimension: str, language: str = "fi") -> str:
    """Name a dimension's table; where all its parts tell of one thing, the caption says it for all."""
    name = labels.short_name(dimension, language)
    measures = {str(row["group"]) for row in rows_of(selection)}
    if len(measures) > 1:
        return say(f"{_TOPIC}.parts_caption", language, dimension=name)
    measure = index_words(language)[measures.pop()]
    return say(f"{_TOPIC}.parts_caption_alike", language, dimension=name, measure=measure)


def recomputed(periods: Selection, same: Selection, language: str = "fi") -> Sentence:
    """Say in how many periods the index computed from its parts is the published one."""
    every, equal = one_row(periods), one_row(same)
    key = "same_in_all" if every["value"] == equal["value"] else "same_in_some"
    told = {"periods": _number(every, "value", language)}
    if key == "same_in_some":
        told["same"] = _number(equal, "value", language)
    return compose(f"{_TOPIC}.{key}", language, capital=True, **told)


def parted_periods(selection: Selection, total: str) -> list[str]:
    """Name the periods in which the published total is not the mean of its parts, in their order."""
    totals = [row for row in rows_of(selection) if row["indicator"] == total and row.has("difference")]
    odd = {str(row["period"]) for row in totals if row["note"] != "mean_of_dimensions"}
    return sorted(odd, key=frames.period_end)


def parted(selection: Selection, total: str, language: str = "fi") -> list[Sentence]:
    """Say of one area and period how far the published total is from its parts, and why.

    The selection holds the rows of that period in both groups, total and dimensions.
    """
    rows = {(str(row["indicator"]), str(row["group"])): row for row in rows_of(selection)}
    given, computed = rows[(total, "julkaistu")], rows[(total, "laskettu")]
    said = [
        compose(
            f"{_TOPIC}.parted",
            language,
            when=pieces.time(given, language),
            published=_number(given, "value", language, _ONE),
            computed=_number(computed, "value", language, _ONE),
            difference=_number(computed, "difference", language, _ONE),
        )
    ]
    for (indicator, group), row in rows.items():
        if indicator == total or group != "laskettu" or str(row["note"]).startswith("mean_of"):
            continue
        reason = str(row["note"]) if row["note"] in _REASONS else "not_known"
        said.append(
            compose(
                f"{_TOPIC}.why.{reason}",
                language,
                dimension=constant(labels.short_name(indicator, language), language),
                absent=_number(row, "parts_absent", language, {"parts_absent": 0}),
            )
        )
    return said


def parts_held(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Say how many parts the index holds for the area, how many tell of services or money, and by level."""
    counts = {str(row["group"]): row for row in rows_of(selection)}
    own = compose(
        f"{_TOPIC}.parts_held",
        language,
        when=pieces.time(counts["all"], language),
        used=_number(counts["all"], "value", language),
        costly=_number(counts["palvelut_ja_raha"], "value", language),
    )
    levels = compose(
        f"{_TOPIC}.levels",
        language,
        county=_number(counts["taso_hva"], "value", language),
        municipality=_number(counts["taso_kunta"], "value", language),
    )
    return [own, levels]


def listed(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Say which parts are not published at the level at all and which lack a figure for this area."""
    rows = rows_of(selection)
    said = []
    for status in ("not_published_at_level", "missing"):
        names = _names((row for row in rows if row["status"] == status), language)
        if names is not None:
            said.append(compose(f"{_TOPIC}.lacking.{status}", language, names=names))
    return said


def sides(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Say in which parts that tell of people the area is below and above the median area, strengths first."""
    rows = [row for row in rows_of(selection) if row.shown and row["group"] in _OF_PEOPLE]
    said = []
    for side in ("below", "above"):
        names = _names((row for row in rows if row["position"] == side), language)
        key = f"{_TOPIC}.side.{side}" if names is not None else f"{_TOPIC}.side.none_{side}"
        said.append(compose(key, language, capital=True, **({"names": names} if names is not None else {})))
    return said


def left_out(selection: Selection, language: str = "fi") -> Sentence:
    """Say between which figures the index moves when one part at a time is left out."""
    row = one_row(selection)
    limits = {name: _number(row, name, language, _ONE) for name in ("lowest", "highest")}
    limits["value"] = _number(row, "value", language, _ONE)
    return compose(f"{_TOPIC}.left_out", language, capital=True, **limits)


def own_index(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Say our index of an area with its interval, that of the median area, and how the two compare."""
    row = one_row(selection)
    if not row.shown:
        return [pieces.absent_sentence(row, language)]
    level = str(row["region_level"])
    told = compose(
        f"{_TOPIC}.own",
        language,
        indicator=constant(labels.short_name(str(row["indicator"]), language), language),
        place_in=pieces.place(row, language),
        value=_number(row, "value", language),
        when=pieces.time(row, language),
        interval=pieces.interval(row, "lower", "upper", language),
    )
    middle = compose(
        f"{_TOPIC}.own_middle.{level}",
        language,
        areas=_number(row, "areas_compared", language, {"areas_compared": 0}),
        middle=_number(row, "middle_value", language, {"middle_value": 0}),
    )
    return [told, join([middle, compose(f"{_TOPIC}.own_verdict.{row['verdict']}", language)])]


def changes(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Say the yearly change of each dimension that has one, and of the others that they have none."""
    rows = rows_of(selection)
    said = [_change(row, language) for row in rows if row.shown]
    names = _names((row for row in rows if not row.shown), language)
    if names is not None:
        said.append(compose(f"{_TOPIC}.no_change_told", language, names=names))
    return said


def where_to_get_help() -> Text:
    """Say where to get help; stands wherever a page tells of suicides."""
    key = f"{_TOPIC}.help"
    return Text(say(key, "fi"), say(key, "en"), constants=("09 2525 0111", "112"))


def _change(row: Row, language: str) -> Sentence:
    return compose(
        f"{_TOPIC}.change",
        language,
        indicator=constant(
            labels.short_name(str(row["indicator"]).removesuffix(_CHANGE), language), language
        ),
        place_in=pieces.place(row, language),
        value=pieces.figure(row, "value", language),
        when=pieces.time(row, language),
        interval=pieces.interval(row, "lower", "upper", language),
        verdict=say(f"alueprofiili.yearly.{row['verdict']}", language),
    )


def _number(row: Row, column: str, language: str, decimals: dict[str, int] | None = None) -> Sentence:
    text = labels.bare_figure(row, column, language, decimals)
    return number(text, row.reference(column), row.release_id, language)


def _names(rows: Iterable[Row], language: str) -> Sentence | None:
    names = [labels.short_name(str(row["indicator"]).removesuffix(_CHANGE), language) for row in rows]
    small = [name[:1].lower() + name[1:] for name in names]
    # A name may hold a comma of its own ("18–24 v."), so a semicolon parts them; the sentence has the stop.
    return constant("; ".join(dict.fromkeys(small)).removesuffix("."), language) if names else None
