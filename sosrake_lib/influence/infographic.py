"""The infographic: one finding told to one kind of reader, with its number, a comparison and what to do.

The figures are the same for every reader's choice of themes; what differs is which of them leads, the words
around it, and for residents the language (`Finding.plain`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sosrake_lib import catalogue, regions
from sosrake_lib.catalogue.audiences import audience
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import (
    charts_dumbbell,
    charts_number,
    charts_tilemap,
    decisions,
    labels,
    proper_names,
    texts,
    words,
    words_decider,
)
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.pages import Showable
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant
from sosrake_lib.influence.words_followup import said_in
from sosrake_lib.influence.words_participation import text_of
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "infograafi"
COMPARED = "vertailu"
MOST_GROUPS = 1  # groups told whom the figures do not reach: the infographic is one sheet
_MOST_LINES = 3  # figures in the picture of a municipality and its county
_CODES = ("fi", "en")


def title(region: tuple[str, str], reader: str) -> Text:
    """Say whom the page is for and where its figures are from."""
    places = [labels.place_in(*region, regions.CURRENT_YEAR, code) for code in _CODES]
    return said_in(ROOM, "for_whom", {"audience": audience(reader).names, "place_in": (places[0], places[1])})


def why(reader: str) -> Text:
    """Say why the finding concerns the reader."""
    return text_of(*audience(reader).whys)


def use(reader: str) -> list[Text]:
    """Say what the reader can do; of clear language, that nobody has checked it as easy-to-read."""
    told = [text_of(*audience(reader).uses)]
    return [*told, texts.said(f"{ROOM}.plain_checked")] if audience(reader).plain else told


def theme(finding: Selection) -> str:
    """Give the finding's theme, by which the deciding bodies are named; `kaikki` without a finding."""
    return decisions.theme_of(finding) if len(finding) else "kaikki"


def told(finding: Selection, reader: str, language: str = "fi") -> list[Showable | list[Sentence]]:
    """Say the finding to a reader: residents in short sentences, others whole with how sure it is."""
    if not len(finding):
        return [texts.said(f"{ROOM}.no_finding")]
    found = words.finding(finding, language)
    if audience(reader).plain:
        return [list(found.plain)]
    return [[found.full, found.sureness, *found.unknown[:1]]]


def number(finding: Selection, language: str = "fi", reader: str = "") -> list[Figure]:
    """Draw the finding as one number; nothing when there is no finding.

    In clear language the figure has its short name and the table behind it is folded.
    """
    if not len(finding):
        return []
    caption, plain = words_decider.picture(finding, language), _is_plain(reader)
    names = _short(rows_of(finding), language) if plain else None
    words_of_table = _plain_headings(language) if plain else None
    return [
        charts_number.number_panel(
            finding, caption, language, low=True, plain=plain, names=names, headings=words_of_table
        )
    ]


def source(finding: Selection, reader: str, language: str = "fi") -> Sentence:
    """Say where the figures are from; in clear language without methods, which the notes tell."""
    if not _is_plain(reader):
        return words.source_line(finding, language)
    row = rows_of(finding)[0]
    told = row["producer"] if row.has("producer") and row["producer"] else ""
    named = str(told or catalogue.indicator(str(row["indicator"])).producer)
    producer = constant(proper_names.sources(named, language), language)
    when = constant(labels.when(str(row["period"]), language), language)
    return compose(f"{ROOM}.plain_source", language, producer=producer, when=when)


def beside(
    release: Release, region: tuple[str, str], finding: Selection, reader: str, language: str = "fi"
) -> Figure | Text:
    """Draw the comparison: of a county its municipalities on a tile map, of a municipality it and its county.

    Returns
    -------
    Figure, or a Text that says the figures are not published for both areas.
    """
    if not len(finding):
        return texts.said(f"{ROOM}.no_picture")
    row = rows_of(finding)[0]
    drawn = (
        _map(release, region, row, reader, language)
        if region[0] == "hva"
        else _pairs(release, region, row, reader, language)
    )
    if drawn is None:
        return texts.said(f"{ROOM}.no_picture")
    return replace(drawn, folded=True) if _is_plain(reader) else drawn


def _is_plain(reader: str) -> bool:
    return bool(reader) and audience(reader).plain


def _short(rows: Iterable[Row], language: str) -> dict[str, str]:
    return {code: labels.short_name(code, language) for code in {str(row["indicator"]) for row in rows}}


def _plain_headings(language: str) -> dict[str, str]:
    """Name the columns of a table without words of statistics."""
    return {name: say(f"{ROOM}.plain_heading.{name}", language) for name in ("interval", "value")}


def _map(release: Release, region: tuple[str, str], row: Row, reader: str, language: str) -> Figure | None:
    places = [("kunta", code) for code in regions.members(*region)]
    chosen = release.select(part=COMPARED, region=places, indicator=row["indicator"])
    if not any(one.shown for one in rows_of(chosen)):
        return None
    name = labels.short_name(str(row["indicator"]), language)
    told = _plain_headings(language) if _is_plain(reader) else None
    caption = say(f"{ROOM}.map", language, indicator=name)
    return charts_tilemap.tile_map(chosen, caption, language, headings=told)


def _pairs(release: Release, region: tuple[str, str], row: Row, reader: str, language: str) -> Figure | None:
    """Draw the reader's figures of the municipality beside its county's, the finding's own among them."""
    county = regions.parent(region[1], "hva")
    if county is None:
        raise SosrakeError(f"infographic: municipality {region[1]} has no county; check the region register")
    keys = dict.fromkeys([str(row["indicator"]), *audience(reader).indicators])
    there = [key for key in keys if _both(release, region, county, key)][:_MOST_LINES]
    if not there:
        return None
    chosen = release.select(part=COMPARED, region=[region, ("hva", county)], indicator=there)
    order = (region[1], county)
    caption = say(f"{ROOM}.beside", language)
    plain = _is_plain(reader)
    names = _short(rows_of(chosen), language) if plain else None
    told = _plain_headings(language) if plain else None
    return charts_dumbbell.dumbbell(
        chosen, caption, language, between="region", order=order, names=names, headings=told
    )


def _both(release: Release, region: tuple[str, str], county: str, key: str) -> bool:
    rows = release.select(part=COMPARED, region=[region, ("hva", county)], indicator=key)
    shown = [row for row in rows_of(rows) if row.shown and labels.is_percent(row)] if len(rows) else []
    return len(shown) == 2
