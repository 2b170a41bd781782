"""The phenomena of a social report in words: each in short, by municipality, and how to read them, said once.

Counts of observations come released and are marked with their results. They are never told as need, and
municipalities stand in alphabetical order.
"""

from __future__ import annotations

from sosrake_lib import regions
from sosrake_lib.influence import labels, pieces, words_figures, words_phenomenon, words_reporting
from sosrake_lib.influence.pages import Heading, Showable
from sosrake_lib.influence.rows import Row, rows_if_any, rows_of
from sosrake_lib.influence.sentence import Sentence, compose
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import said
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.language import collation_key, say
from sosrake_lib.protect import Release, Text

ROOM = "sosiaalinen_raportti"
OBSERVED = "havainnot"
WAYS = ("samaan", "osin", "ristiin", "ei_tukea", "ei_tiedeta")  # in the order they are explained


def phenomena(
    cards: Release, region: tuple[str, str], language: str = "fi"
) -> list[Showable | list[Sentence]]:
    """Tell each approved phenomenon: its summary, structure, what was observed and what stands beside it.

    What the grades and the directions mean is said by `how_to_read`, once for all phenomena.
    """
    told: list[Showable | list[Sentence]] = []
    for row in _approved(cards, region):
        told += _phenomenon(cards, region, row, language)
    return told or [said(f"{ROOM}.no_phenomena")]


def how_to_read(
    cards: Release, region: tuple[str, str], language: str = "fi"
) -> list[Showable | list[Sentence]]:
    """Say what the strengths and directions that the phenomena were given mean; nothing without phenomena."""
    keys = [str(row["indicator"]) for row in _approved(cards, region)]
    if not keys:
        return []
    grades = {str(_rows(cards, "naytto", region, indicator=key)[0]["category"]) for key in keys}
    ways = {str(row["category"]) for key in keys for row in _rows(cards, "rinnakkain", region, indicator=key)}
    lines = [
        compose(
            f"{ROOM}.grade_means", language, grade=grade, meaning=say(f"ilmiokortti.grade.{grade}", language)
        )
        for grade in sorted(grades)
    ]
    lines += [compose(f"{ROOM}.way_means.{way}", language) for way in WAYS if way in ways]
    return [Heading(3, say(f"{ROOM}.how_to_read", language)), lines]


def by_municipality(cards: Release, region: tuple[str, str], language: str = "fi") -> Table | Text:
    """Show the county's phenomena by municipality: how many observations each municipality has of each.

    Municipalities stand in alphabetical order, small figures are hidden, and what has not been observed is
    said to be so: it does not mean that there is nothing to observe.
    """
    listed = [row for row in _approved(cards, region) if _of_places(cards, str(row["indicator"]))]
    if not listed:
        return said(f"{ROOM}.no_municipalities")
    places: list[tuple[str, str]] = [("kunta", code) for code in regions.members(*region)]
    places.sort(key=lambda place: collation_key(regions.name(place[0], place[1], language)))
    of = {str(row["indicator"]): _of_places(cards, str(row["indicator"])) for row in listed}
    body: list[list[Cell]] = [
        [regions.name(*place, language), *(_count(rows.get(place), language) for rows in of.values())]
        for place in places
    ]
    head = [say("ilmiokortti.head.area", language), *(str(row[f"name_{language}"]) for row in listed)]
    shown = [row for rows in of.values() for place, row in rows.items() if place[0] == "kunta"]
    caption = labels.dated(say(f"{ROOM}.caption.municipalities", language), shown, language)
    return word_table(shown, head, body, caption, language, numbers=tuple(range(1, len(head))))


def _approved(cards: Release, region: tuple[str, str]) -> list[Row]:
    return [
        row
        for row in _rows(cards, "kortti", region)
        if row["label_fi"] and row["note"] != words_reporting.WEAK
    ]


def _phenomenon(
    cards: Release, region: tuple[str, str], row: Row, language: str
) -> list[Showable | list[Sentence]]:
    chosen = (cards, region, str(row["indicator"]))
    told: list[Showable | list[Sentence]] = [Heading(3, str(row[f"name_{language}"]))]
    told.append(words_reporting.text(str(row["label_fi"]), str(row["label_en"])))
    told += words_phenomenon.upholding(*chosen)[:1]
    return [*told, [_observed(chosen, language), _strength(chosen, language), *_statistics(chosen, language)]]


def _observed(chosen: tuple[Release, tuple[str, str], str], language: str) -> Sentence:
    """Say how many observations there are; what the number does not tell stands at the top of the section."""
    cards, region, key = chosen
    row = _of_places(cards, key)[region]
    if not row.shown:
        return pieces.not_shown(row, language)
    parts = {"value": pieces.figure(row, "value", language), "when": pieces.time(row, language)}
    place = pieces.place(row, language)
    return compose(f"{ROOM}.observed", language, capital=True, place_in=place, **parts)


def _strength(chosen: tuple[Release, tuple[str, str], str], language: str) -> Sentence:
    """Give the strength of the knowledge and the directions of what stands beside, in a few words each."""
    cards, region, key = chosen
    grade = str(_rows(cards, "naytto", region, indicator=key)[0]["category"])
    ways = {
        str(row["group"]): say(f"{ROOM}.way.{row['category']}", language)
        for row in _rows(cards, "rinnakkain", region, indicator=key)
    }
    return compose(
        f"{ROOM}.strength", language, grade=grade, records=ways["asiakastieto"], statistic=ways["tilasto"]
    )


def _statistics(chosen: tuple[Release, tuple[str, str], str], language: str) -> list[Sentence]:
    """Say the county's own figure of each statistic joined to the phenomenon."""
    cards, region, key = chosen
    told = []
    for indicator in words_phenomenon.linked(cards, region, key, "tilasto"):
        found = cards.select(part="tilasto", region=region, indicator=indicator)
        if len(found):
            told += [words_figures.level(row, language) for row in rows_of(found)]
    return told


def _count(row: Row | None, language: str) -> Cell:
    if row is None or (row.shown and float(row["value"]) == 0):
        return say(f"{ROOM}.none_observed", language)
    if not row.shown:
        return say(f"words.mark.{row['status']}", language)
    return pieces.figure(row, "value", language)


def _of_places(cards: Release, key: str) -> dict[tuple[str, str], Row]:
    if OBSERVED not in cards.parts:
        return {}
    found = cards.select(OBSERVED, None, group=key)
    return {(str(row["region_level"]), str(row["region_code"])): row for row in rows_if_any(found)}


def _rows(release: Release, part: str, region: tuple[str, str], **filters: object) -> tuple[Row, ...]:
    if part not in release.parts:
        return ()
    found = release.select(part=part, region=region, **filters)
    return rows_if_any(found)
