"""What a region, indicator, period or number is called where people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sosrake_lib import regions
from sosrake_lib.catalogue import (
    CompetenceDomain,
    CompetenceItem,
    Indicator,
    Need,
    competences,
    indicator,
    needs,
)
from sosrake_lib.catalogue.swedish import unit_sv
from sosrake_lib.errors import CatalogueError, SosrakeError
from sosrake_lib.influence import proper_names
from sosrake_lib.influence.rows import Row
from sosrake_lib.language import numbers, places, say

DIMENSIONS = ("indicator", "region", "period", "sex", "age", "group")
NBSP = "\u00a0"
WHOLE_COUNTRY = "koko maa"
OWN_DECIMALS = 1  # figures of an indicator the catalogue does not know (survey items), unless given

COUNTS = ("numerator", "denominator", "n", "count", "areas_used", "areas_expected")
_DIFFERENCE = ("difference", "difference_lower", "difference_upper")
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
    if dimension == "period":
        return numbers.period(code, language)
    if dimension == "sex":
        return say(f"words.sex.{code}", language)
    if code == "all":
        return say(f"words.all_{dimension}", language)
    return short_name(code, language) if dimension == "indicator" else _own_words(code, language) or code


def within_sentence(row: Row, dimension: str, language: str) -> str:
    """Say a dimension after other words: a support need then begins with a small letter."""
    text = key_text(row, dimension, language)
    need = dimension == "group" and any(one.key == row[dimension] for one in needs())
    return text[:1].lower() + text[1:] if need else text


def short_name(code: str, language: str) -> str:
    """Give the short name of an indicator, or the words of a survey item or a support need."""
    try:
        described = indicator(code)
    except CatalogueError:
        words = _own_words(code, language)
        if words is None:
            raise
        return words
    return _said(described, "short", language)


def region_text(row: Row, language: str) -> str:
    """Name the row's region on the map of its own year; the country reads `koko maa`."""
    level, code = str(row["region_level"]), str(row["region_code"])
    if level == "maa":
        return places.place(country_name(code), "nominative", language)
    return regions.name(level, code, language, int(row["borders"]))


def country_name(code: str) -> str:
    """Name a country as a sentence does: the whole country, or the one Esimerkkilä is compared with."""
    return regions.name("maa", code) if regions.is_invented(code) else WHOLE_COUNTRY


def place_in(level: str, code: str, borders: int, language: str) -> str:
    """Say `in this place` in good language: Kuopiossa, Siilinjärvellä, koko maassa, in Kuopio."""
    return _inflected(level, code, borders, "in", language)


def place_of(level: str, code: str, borders: int, language: str) -> str:
    """Say `of this place`: Kuopion, Pohjois-Savon hyvinvointialueen, Kuopio's."""
    return _inflected(level, code, borders, "genitive", language)


def between(first: tuple[str, str], second: tuple[str, str], borders: int, language: str) -> str:
    """Say `between these places`: Kuopion ja koko maan välillä, between Kuopio and the whole country."""
    # English has no case here: the place as it stands inside a sentence, without its preposition.
    one, other = (
        place_of(*region, borders, "fi")
        if language == "fi"
        else place_in(*region, borders, language).removeprefix("in ")
        for region in (first, second)
    )
    return say("finding.between", language, one=one, other=other)


def _inflected(level: str, code: str, borders: int, case: str, language: str) -> str:
    if level == "maa":
        return places.place(country_name(code), case, language)
    if level in ("seutukunta", "tyollisyysalue"):
        return places.area(level, regions.name(level, code, language, borders), case, language)
    return places.place(regions.name(level, code, "fi", borders), case, language)


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
        return numbers.percent(float(row[column]), decimals_of(row, column, decimals), language)
    return bare_figure(row, column, language, decimals)


def bare_figure(row: Row, column: str, language: str, decimals: Mapping[str, int] | None = None) -> str:
    """Write a released number without a unit."""
    value = float(row[column])
    if column in COUNTS:
        return numbers.count(round(value), language)
    return numbers.number(value, decimals_of(row, column, decimals), language)


def is_percent(row: Row, column: str = "value") -> bool:
    """Say whether a column is read with a percent sign: a measure whose unit is per cent."""
    described = described_by(row)
    return column in MEASURES and described is not None and described.unit_fi.lstrip().startswith("%")


def full_name(row: Row, language: str, given: Mapping[str, str] | None = None) -> str:
    """Name the row's indicator as sentences and tables name it, with its scale when that is no plain unit.

    "Työttömät työvoimasta" needs none; "Avioerot (1 000 naimisissa olevaa kohti)" and
    "Sairastavuusindeksi (koko maa = 100)" cannot be read without.
    """
    code = str(row["indicator"])
    if given and code in given:
        return given[code]
    described = described_by(row)
    if described is None:
        return short_name(code, language)
    name = _said(described, "name", language)
    scale = _scale(row, language)
    if not scale:
        return name
    return f"{name[:-1]}; {scale})" if name.endswith(")") else f"{name} ({scale})"


def unit_text(row: Row, language: str) -> str:
    """Give the unit that follows the number; empty when the name or the percent sign already says it."""
    described = described_by(row)
    if described is None or is_percent(row) or _scale(row, language):
        return ""
    unit, name = _said(described, "unit", language), _said(described, "name", language)
    return "" if unit in name else unit


def source_text(row: Row, language: str = "fi") -> str:
    """Name producer, source and licence: of the row itself, else of its indicator."""
    described = described_by(row)
    found = [
        str(row[name]) if row.has(name) and row[name] else getattr(described, name, "")
        for name in ("producer", "source", "licence")
    ]
    return told_source(", ".join(dict.fromkeys(piece for piece in found if piece)), language)


def told_source(source: str, language: str) -> str:
    """Say a source in the language of the page: that it is invented, its indicator, and who produced it.

    A producer is named as it names itself in that language (`proper_names`).

    Examples
    --------
    >>> told_source("THL Sotkanet, indikaattori 181", "en")
    'THL Sotkanet, indicator 181'
    """
    for key in ("words.synthetic", "words.source.register", "words.source.register_many"):
        source = source.replace(say(key, "fi"), say(key, language))
    return proper_names.sources(source, language)


def method_text(key: str, language: str) -> str:
    """Name a statistical method as the registry of methods names it."""
    from sosrake_lib.indicators.methods import method

    described = method(key)
    return described.name_en if language == "en" else described.name_fi


def dated(caption: str, rows: Sequence[Row], language: str) -> str:
    """Add to a caption the one period all its figures are of; several periods have a column."""
    periods = {str(row["period"]) for row in rows}
    if len(periods) != 1:
        return caption
    period = numbers.period(periods.pop(), language)
    return caption if period in caption else f"{caption.rstrip('.')}, {period}"


def is_sum_of_published(row: Row) -> bool:
    """Say whether we computed the row from published figures; an office's own count is not that."""
    return row["origin"] == "own" and row.has("made_from") and row["made_from"] == "published"


def described_by(row: Row) -> Indicator | None:
    """Look the row's indicator up; None when the catalogue does not know it."""
    try:
        return indicator(str(row["indicator"]), float(row["per"]))
    except CatalogueError:
        return None


def _said(described: Indicator | Need | CompetenceDomain | CompetenceItem, what: str, language: str) -> str:
    """Give `name`, `short` or `unit`; Swedish has no short names, and competences have no Swedish."""
    if language != "sv":
        return str(getattr(described, f"{what}_{'en' if language == 'en' else 'fi'}"))
    if what == "unit":
        return unit_sv(str(getattr(described, "unit_fi", "")))
    return str(getattr(described, "name_sv", getattr(described, "name_fi", "")))


def _scale(row: Row, language: str) -> str:
    """Give a unit that does not read well after a number: it holds a digit early or tells an index's base."""
    described = described_by(row)
    if described is None:
        return ""
    unit = _said(described, "unit", language)
    if described.kind == "index":
        name = _said(described, "name", language).casefold()
        base, _, rest = unit.partition(", ")
        return rest if rest and base in name else "" if unit in name else unit
    early = " ".join(unit.split()[:2])
    return unit if unit.startswith("per ") or any(sign.isdigit() for sign in early) else ""


def _own_words(code: str, language: str) -> str | None:
    domains = competences()
    known: list[Need | CompetenceDomain | CompetenceItem]
    known = [*needs(), *domains, *(item for domain in domains for item in domain.items)]
    found = next((one for one in known if one.key == code), None)
    if found is None:
        return None
    return found.name_sv if language == "sv" and isinstance(found, Need) else _said(found, "name", language)


def decimals_of(row: Row, column: str, given: Mapping[str, int] | None = None) -> int:
    """Say with how many decimals a column of a row is written."""
    if given and column in given:
        return given[column]
    described = described_by(row)
    usual = OWN_DECIMALS if described is None else described.decimals
    return _telling_decimals(row, usual) if column in _DIFFERENCE else usual


def _telling_decimals(row: Row, usual: int) -> int:
    """Give decimals enough for a difference away from nought not to be read as nought, as "−2,0 – 0,0" is."""
    given = [float(row[name]) for name in _DIFFERENCE if row.has(name)]
    if not (all(one > 0 for one in given) or all(one < 0 for one in given)):
        return usual
    least = min(abs(one) for one in given)
    return next((n for n in range(usual, usual + 3) if round(least, n) > 0), usual)
