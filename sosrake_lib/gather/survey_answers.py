"""One cell of a survey's export to an answer on the scale, and one heading to an item and a scale."""

from __future__ import annotations

import re
from functools import cache

from sosrake_lib import catalogue
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.survey_background import plain
from sosrake_lib.language import say

_NUMBER = re.compile(r"(\d+)(?:[.,]0+)?")
_NUMBER_AND_WORDS = re.compile(r"(\d+)\s*(?:[-\u2013\u2014:=.)]|\s)\s*(\D.*)")
_DECIMAL = re.compile(r"\d+[.,]\d+")
_NO_ANSWER = frozenset(
    ("", "en osaa sanoa", "eos", "ei vastausta", "ei vastannut", "tyhjä", "cannot say", "no answer", "n a")
)
# Wordings of headings besides the names of the scales; each is looked for as whole words.
_ALSO = {
    "tarkeys": ("tärkeys", "tärkeä", "tärkeänä", "merkitys", "importance", "important"),
    "osaaminen": ("osaaminen", "osaamisesi", "osaamiseni", "osaat", "skill", "own skill"),
    "koulutustarve": ("koulutustarve", "koulutuksen tarve", "koulutusta", "need for training", "training"),
}


def answer_of(cell: str, scale: str) -> int | None:
    """Read an answer: `4`, `4,0`, `4 - melko hyvä`, or the words of a point of the scale.

    Raises
    ------
    GatherError (without the place, which the caller knows) when the cell is none of these: a decimal between
    two points, a number off the scale, unknown words, or a number and words that name different points.

    Examples
    --------
    >>> answer_of("4 - melko hyvä", "osaaminen"), answer_of("erittäin tärkeä", "tarkeys")
    (4, 5)
    """
    text = " ".join(str(cell).split())
    if plain(text) in _NO_ANSWER:
        return None
    number, words = _NUMBER.fullmatch(text), _NUMBER_AND_WORDS.fullmatch(text)
    points = _points(scale)
    if number is not None:
        point = int(number[1])
    elif words is not None and not _DECIMAL.match(text):
        point = int(words[1])
        meant = points.get(plain(words[2]))
        if meant not in (None, point):
            raise GatherError(say("survey.words_differ", number=point, meant=meant))
    else:
        point = points.get(plain(text), 0)
    if not 1 <= point <= len(_scale(scale).points):
        raise GatherError(say("survey.off_scale", highest=len(_scale(scale).points)))
    return point


def by_words(cell: str) -> bool:
    """Say whether an answer was more than a bare number."""
    return bool(cell.strip()) and _NUMBER.fullmatch(cell.strip()) is None


def item_and_scale(heading: str) -> tuple[str, str] | None:
    """Find item and scale of a heading; None when it names no item.

    A heading is `<item>.<scale>`, or holds the item's words (Finnish or English) and words of one scale, as
    matrix questions are exported: `Viestin mediassa [Oma osaaminen]`, `Tärkeys: Viestin mediassa`.

    Raises
    ------
    GatherError when the heading names an item but no scale, or two of them.
    """
    item, dot, scale = heading.strip().partition(".")
    if dot and item in _keys() and scale in _ALSO:
        return item, scale
    words = plain(heading)
    found = [(name, key) for name, key in _names().items() if _within(name, words)]
    if not found:
        return None
    name, key = max(found, key=lambda pair: len(pair[0]))
    rest = f" {words} ".replace(f" {name} ", " | ", 1)
    known = _scale_words().items()
    scales = {scale for scale, wordings in known if any(_within(one, rest) for one in wordings)}
    if len(scales) != 1:
        raise GatherError(say("survey.which_scale", heading=heading, scales=", ".join(_scale_names())))
    return key, scales.pop()


def _within(words: str, text: str) -> bool:
    return f" {words} " in f" {text} "


@cache
def _keys() -> frozenset[str]:
    return frozenset(item.key for item in catalogue.competence_framework().items)


@cache
def _names() -> dict[str, str]:
    items = catalogue.competence_framework().items
    return {plain(name): item.key for item in items for name in (item.name_fi, item.name_en)}


@cache
def _scale_words() -> dict[str, tuple[str, ...]]:
    scales = catalogue.competence_framework().scales
    return {
        scale.key: tuple(plain(one) for one in (scale.name_fi, scale.name_en, *_ALSO[scale.key]))
        for scale in scales
    }


def _scale_names() -> list[str]:
    return [scale.name_fi for scale in catalogue.competence_framework().scales]


def _scale(key: str) -> catalogue.CompetenceScale:
    return next(scale for scale in catalogue.competence_framework().scales if scale.key == key)


@cache
def _points(key: str) -> dict[str, int]:
    return {plain(words): place for place, pair in enumerate(_scale(key).points, start=1) for words in pair}
