"""What a region, indicator, period or number is called where people read it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from sosrake_lib import regions
from sosrake_lib.catalogue import Indicator, indicator
from sosrake_lib.errors import CatalogueError, SosrakeError
from sosrake_lib.influence.rows import Row
from sosrake_lib.language import numbers, places, say

DIMENSIONS = ("indicator", "region", "period", "sex", "age", "group")
NBSP = "\u00a0"
OWN_DECIMALS = 1  # figures of an indicator the catalogue does not know (survey items), unless given

COUNTS = ("numerator", "denominator", "n", "count", "areas_used", "areas_expected")
MEASURES = ("value", "lower", "upper", "reference_value")


def key_text(row: Row, dimension: str, language: str, given: Mapping[str, str] | None = None) -> str:
    """Say a row's indicator, region, period, sex, age or group in words.

    `given` holds own words for codes the catalogue does not know (survey items, needs): code -> text.
    """
    if dimension == "region":
        return region_text(row, language)
    if dimension not in DIMENSIONS:
        raise SosrakeError(f"labels: {dimension!r} is no dimension; expected one of {', '.join(DIMENSIONS)}")
    code = str(row[dimension])
    if given and code in given:
        return given[code]
    if dimension == "indicator":
        described = indicator(code)
        return described.short_en if language == "en" else described.short_fi
    if dimension == "period":
        return numbers.period(code, language)
    if dimension == "sex":
        return say(f"words.sex.{code}", language)
    return say(f"words.all_{dimension}", language) if code == "all" else code


def region_text(row: Row, language: str) -> str:
    """Name the row's region on the map of its own year; the whole country is `koko maa`."""
    level, code = str(row["region_level"]), str(row["region_code"])
    if level == "maa":
        return say("words.country.nominative", language)
    return regions.name(level, code, language, int(row["borders"]))


def place_in(level: str, name: str, language: str) -> str:
    """Say `in this place` in good language: Kuopiossa, Siilinjärvellä, koko maassa, in Kuopio."""
    if level == "maa":
        return say("words.country.in", language)
    if level == "joukko":
        return say("words.set_in", language, name=name)
    return places.place(name, "in", language)


def when(period: str, language: str) -> str:
    """Say a period as a time: vuonna 2019, vuosina 2018–2020, maaliskuussa 2020."""
    text = numbers.period(period, language)
    if "/" in period:
        return say("words.when.years", language, period=text)
    if "-H" in period:
        year, half = period.split("-H")
        return say(f"words.when.half{half}", language, year=year)
    if "-" in period:
        month, _, year = text.partition(" ")
        return say("words.when.month", language, month=month, year=year)
    return say("words.when.year", language, period=text)


def figure(row: Row, column: str, language: str, decimals: Mapping[str, int] | None = None) -> str:
    """Write a released number as it is read: 9,9 %, 1 234, −0,7; a percent sign only on a share."""
    if is_percent(row, column):
        return numbers.percent(float(row[column]), _decimals(row, column, decimals), language)
    return bare_figure(row, column, language, decimals)


def bare_figure(row: Row, column: str, language: str, decimals: Mapping[str, int] | None = None) -> str:
    """Write a released number without a unit."""
    value = float(row[column])
    if column in COUNTS:
        return numbers.count(round(value), language)
    return numbers.number(value, _decimals(row, column, decimals), language)


def is_percent(row: Row, column: str = "value") -> bool:
    """Say whether a column is read with a percent sign: a measure whose unit is per cent."""
    described = described_by(row)
    return column in MEASURES and described is not None and described.unit_fi.lstrip().startswith("%")


def unit_text(row: Row, language: str) -> str:
    """Give the unit of the row's indicator; empty for what the catalogue does not know."""
    described = described_by(row)
    if described is None:
        return ""
    return described.unit_en if language == "en" else described.unit_fi


def source_text(row: Row) -> str:
    """Name producer, source and licence: of the row itself, else of its indicator."""
    described = described_by(row)
    found = [
        str(row[name]) if row.has(name) and row[name] else getattr(described, name, "")
        for name in ("producer", "source", "licence")
    ]
    return ", ".join(dict.fromkeys(piece for piece in found if piece))


def method_text(key: str, language: str) -> str:
    """Name a statistical method as the registry of methods names it."""
    from sosrake_lib.indicators.methods import method

    described = method(key)
    return described.name_en if language == "en" else described.name_fi


def described_by(row: Row) -> Indicator | None:
    """Look the row's indicator up; None when the catalogue does not know it."""
    try:
        return indicator(str(row["indicator"]))
    except CatalogueError:
        return None


def finnish_order(text: str) -> tuple[tuple[int, int], ...]:
    """Give the sorting key of Finnish collation: å, ä and ö come after z in this order; case is ignored.

    Examples
    --------
    >>> sorted(["Äänekoski", "Åland", "Zulu", "Öja", "Ii"], key=finnish_order)
    ['Ii', 'Zulu', 'Åland', 'Äänekoski', 'Öja']
    """
    after_z = {"å": 1, "ä": 2, "æ": 2, "ö": 3, "ø": 3}
    return tuple(
        (ord("z"), after_z[letter])
        if letter in after_z
        else (ord(unicodedata.normalize("NFD", letter)[0]), 0)
        for letter in unicodedata.normalize("NFC", text.casefold())
    )


def _decimals(row: Row, column: str, given: Mapping[str, int] | None) -> int:
    if given and column in given:
        return given[column]
    described = described_by(row)
    return OWN_DECIMALS if described is None else described.decimals
