"""What people wrote themselves, as it stands on a page, and whom the page's figures do not reach.

A hand-written text is shown as its writer's own: role and day stand beneath it, and numbers in it are the
writer's, not results. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from babel.dates import format_date

from sosrake_lib import regions
from sosrake_lib.catalogue.coverage_groups import SOURCES, Group, chosen
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import proper_names
from sosrake_lib.influence.pages import Heading, Note, Showable
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant
from sosrake_lib.influence.texts import said
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection

PART = "omat_tekstit"
CHANGED = "changed"
MOST_GROUPS = 3
OWN = "not_reached"  # name of the field that every output has for whom the figures do not reach


def texts_of(release: Release, region: tuple[str, str] | None = None) -> Selection | None:
    """Give what people wrote for a region's page, or None: a release has the part only when someone wrote.

    Parameters
    ----------
    release : the page's release. region : (level, code); None for a page about no region.
    """
    return release.select(part=PART, region=region) if PART in release.parts else None


def texts_among(releases: Iterable[Release], region: tuple[str, str]) -> Selection | None:
    """Give what people wrote for a region's page that opens releases of both invented and real areas.

    Texts of the invented county stand in an invented release and those of real areas in a real one.
    """
    invented = regions.is_invented(region[1])
    held = [one for one in releases if one.synthetic == invented and PART in one.parts]
    return texts_of(held[0], region) if held else None


def written(texts: Selection | None, field: str, *, output: str = "") -> bool:
    """Say whether someone has written in a field (see `shown`)."""
    return _written(texts, field, output) is not None


def shown(
    texts: Selection | None, field: str, language: str = "fi", *, output: str = "", heading: str = ""
) -> list[Showable]:
    """Give what a person wrote in a field, ready for `pages.show`.

    Parameters
    ----------
    texts : part `omat_tekstit` of the page's release, selected for the region; None or empty: nobody wrote.
    field : name of the field. output : key of the output, when the release serves several.
    heading : third-level heading above the text; none when empty.

    Returns
    -------
    To be shown by `pages.show(*shown(...), language=language)`: the heading, the paragraphs, a note with the
    writer's role and day (and that numbers are the writer's own), and a note when figures beneath have
    changed since. Without a text: "Ei kirjattu.".

    Raises
    ------
    SosrakeError when two outputs have written in the field and `output` does not say which is meant.
    """
    row = _written(texts, field, output)
    told: list[Showable] = [Heading(3, heading)] if heading else []
    if row is None:
        return [*told, said("hand.none")]
    words, spoken = _in_language(row, language)
    told += [constant(paragraph, spoken) for paragraph in _paragraphs(words)]
    told += _writer(row, _has_numbers(words, spoken), language)
    if row["note"] == CHANGED:
        told.append(Note(said("hand.changed")))
    return told


def not_reached(
    themes: Iterable[str],
    sources: Iterable[str],
    own_text: Selection | None = None,
    language: str = "fi",
    *,
    output: str = "",
    heading: bool = True,
    most: int = MOST_GROUPS,
) -> list[Showable | list[Sentence]]:
    """Say whom the figures of a page do not reach: groups by its sources and themes, and the writer's words.

    Parameters
    ----------
    themes : keys of the page's themes; none means every theme.
    sources : where its figures come from: some of `catalogue.coverage_groups.SOURCES`.
    own_text : part `omat_tekstit` of the page's release; its field `not_reached` is shown when written.
    output : key of the output, when the release serves several.
    heading : False when the notebook has the heading in a cell of its own.
    most : how many groups are told at the most.

    Returns
    -------
    Heading, a sentence on the sources, a list with a line each group (why, what would reach them), a text on
    what this rests on, and the writer's own text or that none is recorded. Give them to `pages.show` with a
    star: `pages.show(*not_reached(...), language=language)`.

    Raises
    ------
    SosrakeError for an unknown theme or source, or none at all.
    """
    listed = tuple(dict.fromkeys(sources))
    if not listed:
        raise SosrakeError(f"not_reached: no source; expected some of {', '.join(SOURCES)}")
    found = chosen(tuple(themes), listed, most)
    names = [say(f"hand.source.{key}", language) for key in listed]
    told: list[Showable | list[Sentence]] = (
        [Heading(2, say("outputs.not_reached", language))] if heading else []
    )
    told.append(compose("hand.rests", language, sources=_and(names, language)))
    told.append([_line(group, language) for group in found])
    told.append(said("hand.unverified" if not all(one.verified for one in found) else "hand.verified"))
    row = _written(own_text, OWN, output)
    if row is None:
        return [*told, said("hand.not_reached_none")]
    return [*told, *shown(own_text, OWN, language, output=output)]


def _line(group: Group, language: str) -> Sentence:
    told = (group.name(language), group.why(language), group.reach(language))
    return compose("hand.group", language, group=told[0], why=told[1], reach=told[2])


def _written(texts: Selection | None, field: str, output: str) -> Row | None:
    if texts is None or len(texts) == 0:
        return None
    found = [
        row
        for row in rows_of(texts)
        if row["indicator"] == field and (not output or row["group"] == output) and row["label_fi"]
    ]
    if len(found) > 1:
        where = ", ".join(sorted({f"{row['group']} {row['region_code']}" for row in found}))
        raise SosrakeError(
            f"hand-written field {field}: {len(found)} texts ({where}); expected one; "
            "select the region and name the output"
        )
    return found[0] if found else None


def _in_language(row: Row, language: str) -> tuple[str, str]:
    """Give the text and its language: a page in English shows the Finnish one when there is no other."""
    if language == "en" and row["label_en"]:
        return str(row["label_en"]), "en"
    return str(row["label_fi"]), "fi"


def _paragraphs(text: str) -> list[str]:
    return [" ".join(one.split()) for one in text.split("\n\n") if one.strip()]


def _has_numbers(text: str, spoken: str) -> bool:
    """Say whether a text holds numbers, in digits or in words as a share ("joka kolmas")."""
    from sosrake_lib.influence.claims.figures import in_words

    return any(sign.isnumeric() for sign in text) or bool(in_words(text, spoken))


def _writer(row: Row, numbers: bool, language: str) -> list[Note]:
    """Tell the writer's role and day; a role without a name in the language stands apart, in Finnish."""
    key = "hand.writer_numbers" if numbers else "hand.writer"
    known = proper_names.role(str(row["category"]), language)
    pieces: dict[str, Any] = {
        "role": constant(known or say("names.role_apart", language), language),
        "day": constant(_day(row["retrieved"], language), language),
    }
    if row["name_fi"]:
        key = f"{key}_read"
        pieces["read"] = constant(_day(row["name_fi"], language), language)
    told = [Note(compose(key, language, **pieces))]
    return told if known else [*told, Note(constant(str(row["category"]), "fi"))]


def _day(given: str, language: str) -> str:
    day = date.fromisoformat(given)
    return f"{day.day}.{day.month}.{day.year}" if language == "fi" else format_date(day, "d MMMM y", "en")


def _and(words: list[str], language: str) -> str:
    if len(words) == 1:
        return words[0]
    return say("hand.and", language, first=", ".join(words[:-1]), last=words[-1])
