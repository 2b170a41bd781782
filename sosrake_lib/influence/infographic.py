"""The infographic: one finding told to one kind of reader, with its number, a comparison and what to do.

The figures are the same for every reader's choice of themes; what differs is which of them leads, the words
around it, and for residents the language (`Finding.plain`).
"""

from __future__ import annotations

from sosrake_lib import regions
from sosrake_lib.catalogue.audiences import audience
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import charts_dumbbell, charts_number, charts_tilemap, labels, texts, words
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.pages import Showable
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence
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


def told(finding: Selection, reader: str, language: str = "fi") -> list[Showable | list[Sentence]]:
    """Say the finding to a reader: residents in short sentences, others whole with how sure it is."""
    if not len(finding):
        return [texts.said(f"{ROOM}.no_finding")]
    found = words.finding(finding, language)
    if audience(reader).plain:
        return [list(found.plain)]
    return [[found.full, found.sureness, *found.unknown[:1]]]


def number(finding: Selection, language: str = "fi") -> list[Figure]:
    """Draw the finding as one number; nothing when there is no finding."""
    return (
        [charts_number.number_panel(finding, say(f"{ROOM}.number", language), language, low=True)]
        if len(finding)
        else []
    )


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
        _map(release, region, row, language)
        if region[0] == "hva"
        else _pairs(release, region, row, reader, language)
    )
    return drawn or texts.said(f"{ROOM}.no_picture")


def _map(release: Release, region: tuple[str, str], row: Row, language: str) -> Figure | None:
    places = [("kunta", code) for code in regions.members(*region)]
    chosen = release.select(part=COMPARED, region=places, indicator=row["indicator"])
    if not any(one.shown for one in rows_of(chosen)):
        return None
    return charts_tilemap.tile_map(chosen, say(f"{ROOM}.map", language), language)


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
    return charts_dumbbell.dumbbell(chosen, caption, language, between="region", order=order)


def _both(release: Release, region: tuple[str, str], county: str, key: str) -> bool:
    rows = release.select(part=COMPARED, region=[region, ("hva", county)], indicator=key)
    shown = [row for row in rows_of(rows) if row.shown and labels.is_percent(row)] if len(rows) else []
    return len(shown) == 2
