"""The words of a decision maker's page beside its finding: question, voice, strength, when it is decided.

Nothing is computed here: figures come from released rows, quotes have passed the register's gate, times come
from the catalogue's calendar of decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sosrake_lib import catalogue, regions
from sosrake_lib.catalogue.decision_calendar import Decision, decision
from sosrake_lib.influence import labels, texts, words
from sosrake_lib.influence.pages import Heading, Showable
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join
from sosrake_lib.influence.words_followup import said_in
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "paattajakooste"
VOICES, STRENGTH = "aanet", "vahvuus"
# What the page's knowledge can bear on: decisions that recur at the page's own level.
RECURRING = ("talousarvio", "hyvinvointikertomus")
_CODES = ("fi", "en")


def finding_part(theme: str = "", audience: str = "valtuutettu") -> str:
    """Name the part a page's finding is in: a theme's when one is asked for, else the audience's."""
    return f"nosto_teema_{theme}" if theme else f"nosto_{audience}"


def finding(releases: Iterable[Release], region: tuple[str, str], theme: str = "") -> Selection:
    """Choose the page's finding from the release that may tell of the region; empty when it has none.

    Parameters
    ----------
    releases : of `batch.recipes_decider` and `batch.recipes_decider_view`, in this order: the latter has
        Esimerkkilä's invented finding.
    """
    listed, part = tuple(releases), finding_part(theme)
    own = about(listed, region)
    return (own if part in own.parts else listed[0]).select(part=part, region=region)


def rule(region: tuple[str, str]) -> Text:
    """Say by which rule the finding is chosen, and of an invented area that its comparison is invented."""
    return texts.said(f"{ROOM}.rule_invented" if regions.is_invented(region[1]) else f"{ROOM}.rule")


def question(region: tuple[str, str], theme: str = "") -> Text:
    """Say the page's question; with a theme, of that theme."""
    invented = "_invented" if regions.is_invented(region[1]) else ""
    if not theme:
        return texts.about_place(f"{ROOM}.question{invented}", region)
    named = next(one for one in catalogue.themes() if one.key == theme)
    places = [labels.place_in(*region, regions.CURRENT_YEAR, code) for code in _CODES]
    name = (named.name_fi.lower(), named.name_en.lower())
    return said_in(ROOM, f"question_theme{invented}", {"place_in": (places[0], places[1]), "theme": name})


def told(finding: Selection, language: str = "fi") -> list[Sentence] | Text:
    """Say the finding, how sure it is and what it does not tell; without one, that there is none."""
    if not len(finding):
        return texts.said(f"{ROOM}.no_finding")
    return words.finding(finding, language).page


def strength(
    release: Release, region: tuple[str, str], finding: Selection, language: str = "fi"
) -> list[Sentence]:
    """Say the clearest difference for the better and what it is, unless it is the page's finding."""
    if STRENGTH not in release.parts:
        return []
    found = release.select(part=STRENGTH, region=region)
    if not len(found):
        return []
    shown = {row["indicator"] for row in rows_of(finding)} if len(finding) else set()
    row = rows_of(found)[0]
    if row["indicator"] in shown:
        return []
    return [join([compose(f"{ROOM}.strength", language), words.finding(found, language).full])]


def picture(finding: Selection, language: str = "fi") -> str:
    """Name the picture of a finding by what it shows and where: Asumistuki Kuopiossa."""
    row = rows_of(finding)[0]
    place_in = labels.place_in(
        str(row["region_level"]), str(row["region_code"]), int(row["borders"]), language
    )
    name = labels.short_name(str(row["indicator"]), language)
    return say(f"{ROOM}.picture", language, indicator=name, place_in=place_in)


def about(releases: Iterable[Release], region: tuple[str, str]) -> Release:
    """Give the release that may tell of a region: invented and real words never meet in one.

    Without one of its kind it is the first, which then tells nothing of the region.
    """
    listed, invented = tuple(releases), regions.is_invented(region[1])
    return next((one for one in listed if one.synthetic == invented), listed[0])


def voice(release: Release, region: tuple[str, str], theme: str, language: str = "fi") -> list[Showable]:
    """Give one quote of the page's own area and theme; nothing when none may be shown.

    Parameters
    ----------
    release : of `batch.recipes_decider`; it has the part `aanet` only when the gate has let a quote through.

    Returns
    -------
    For `pages.show(*voice(...))`: heading, the words, a text on where they come from; or an empty list.
    """
    found = release.select(part=VOICES, region=region, group=theme) if VOICES in release.parts else None
    if found is None or not len(found):
        return []
    row = rows_of(found)[-1]
    # a quote is told in English only when somebody has put it into English; an own one has one language
    translated = language == "en" and row["label_en"] not in ("", row["label_fi"])
    source = tuple(say(f"osallistava_tieto.source.{row['category']}", code) for code in _CODES)
    return [
        Heading(2, say(f"{ROOM}.voice", language)),
        constant(f"“{row['label_en']}”", "en") if translated else constant(f"”{row['label_fi']}”", "fi"),
        said_in(ROOM, "voice_from", {"source": (source[0], source[1])}),
    ]


def when(level: str) -> list[Text]:
    """Say when the level's recurring decisions are made and by when their preparation needs the knowledge."""
    told = [_decided(decision(f"{level}_{name}")) for name in RECURRING]
    return [*told, texts.said(f"{ROOM}.when.check")]


def _decided(one: Decision) -> Text:
    filled: dict[str, tuple[str, str]] = {"name": (one.name_fi, one.name_en)}
    filled["ready"] = _pair("by_month", one.ready)
    if not one.months:
        return said_in(ROOM, "when.no_month", filled)
    filled["months"] = in_months(one.months)
    return said_in(ROOM, "when.decided", filled)


def in_months(listed: Sequence[int]) -> tuple[str, str]:
    """Say in which months, in Finnish and English: marras- ja joulukuussa, in November and December."""
    *first, last = listed
    parts = [_pair("first_month", month) for month in first]
    ending = _pair("last_month" if first else "in_month", last)
    if not first:
        return ending
    finnish, english = (
        say(f"{ROOM}.when.and", code, first=", ".join(part[place] for part in parts), last=ending[place])
        for place, code in enumerate(_CODES)
    )
    return finnish, english


def _pair(key: str, month: int) -> tuple[str, str]:
    finnish, english = (say(f"{ROOM}.when.{key}", code, month=_month(key, month, code)) for code in _CODES)
    return finnish, english


def _month(key: str, month: int, code: str) -> str:
    """Name a month; in Finnish one that shares its ending with the next is cut short: marras-."""
    short = key == "first_month" and code == "fi"
    return say(f"tietotarve.{'short' if short else 'month'}.m{month}", code)
