"""People's names in rows of capitalised words: which words are one, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sosrake_lib.gather.identifiers.entity import PROBABLE, REVIEW, SURE, Entity
from sosrake_lib.gather.identifiers.lexicon import ORDINARY, Lexicon
from sosrake_lib.gather.identifiers.rows import WORD, Word, cue, rows
from sosrake_lib.gather.identifiers.small import small_letters
from sosrake_lib.gather.identifiers.words import tag, thing_after

_AFTER_COMMA = re.compile(rf", ?({WORD})(?!\w)")
_CITED = re.compile(r"\s?(?:\(|,)?\s?(?:ym\.|et al|&|(?:19|20)\d\d)")
_NEXT = re.compile(r" ([a-zåäö-]+)")
_PLACE_CASES = ("ssa", "ssä", "sta", "stä")


@dataclass(frozen=True, slots=True)
class _Found:
    """How many words of the row are a name, how sure, why, and its end when it is not the last word's."""

    count: int
    level: str
    reason: str
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """A word of a row and what is around it: what every decision looks at."""

    text: str
    words: list[Word]
    at: int
    cue: str
    lexicon: Lexicon

    @property
    def one(self) -> Word:
        """The word itself."""
        return self.words[self.at]

    def after(self, steps: int = 1) -> Word | None:
        """Give a later word of the row that stands on the same line."""
        place = self.at + steps
        return self.words[place] if place < len(self.words) and not self.words[place].far else None


def names(text: str, lexicon: Lexicon) -> Iterator[Entity]:
    """Find people's names in text.

    sure : a first name and a surname or an unknown capitalised word, an initial and a surname, a name after
        a title; probable : a first name or a usual surname alone, in small letters side by side; review :
        the rest that looks like a name.
    """
    for words in rows(text):
        at = 0
        while at < len(words):
            found = _from(text, words, at, lexicon) if words[at].usable else None
            if found is not None:
                end = found.end or words[at + found.count - 1].end
                yield Entity("NAME", words[at].start, end, found.level, found.reason)
            at += found.count if found else 1
    yield from small_letters(text)


def _from(text: str, words: list[Word], at: int, lexicon: Lexicon) -> _Found | None:
    """Find the name that begins at a word of the row."""
    one = words[at]
    lone = one.unknown and len(words) == at + 1 and one.opens
    if lone and text[one.start - 1 : one.start] not in "\n :(":
        return None
    place = _Place(text, words, at, cue(text, one.start), lexicon)
    if one.initial:
        found = _after_initial(place)
    elif one.tag.first_basic:
        found = _given_first(place)
    elif one.tag.last or one.tag.first:
        found = _family_first(place)
    else:
        found = _unlisted(place)
    if found is None:
        return None
    after = _NEXT.match(text, found.end or words[at + found.count - 1].end)
    if after and not place.cue and after[1] in thing_after(found.count > 1):
        return None
    return found


def _after_initial(here: _Place) -> _Found | None:
    count = 1
    while count < 4 and (word := here.after(count)) is not None and word.initial:
        count += 1
    last = here.after(count)
    if last is None or not last.usable or not here.one.text.endswith("."):
        return None
    named = last.tag.last or last.tag.nen or (here.cue and not last.tag.place)
    return _Found(count + 1, SURE, "initial") if named else None


def _given_first(here: _Place) -> _Found | None:
    """First name in its basic form: with a surname, an unknown word or an initial after it, or alone."""
    count = 1
    while (word := here.after(count)) is not None and word.tag.first_basic:
        following = here.after(count + 1)
        if following is None or not following.usable:
            break
        count += 1
    doubtful = here.one.tag.everyday_first and here.one.opens and not here.cue
    found = _with_last(here, count, doubtful)
    if found is not None:
        return found
    return _Found(count, SURE, "given_given") if count > 1 else _alone(here)


def _with_last(here: _Place, count: int, doubtful: bool) -> _Found | None:
    """After `count` first names: a surname, an initial, a first name or a word that no list knows."""
    words, place = here.words, here.at + count
    last = words[place] if place < len(words) else None
    level = PROBABLE if doubtful else SURE
    if last is None:
        return None
    shape = last.tag
    if last.initial:
        end = last.end + (here.text[last.end : last.end + 1] == ".")
        return None if last.far else _Found(count + 1, level, "given_initial", end)
    if shape.last and not (shape.place and shape.inner) and not (last.far and shape.everyday_last):
        more = here.after(count + 1)
        return _Found(count + 1 + (more is not None and more.tag.last), SURE, "given_family")
    if shape.first and not last.far and not shape.inner:
        return _Found(count + 1, level, "given_given")
    if shape.nen and not shape.barred:
        return _Found(count + 1, SURE, "given_unlisted")
    if last.unknown and not (last.far or shape.capitals or shape.inner):
        if doubtful and here.lexicon.kind(last.text) == ORDINARY:
            return None
        return _Found(count + 1, level, "given_unlisted")
    return None


def _alone(here: _Place) -> _Found | None:
    """One first name, in any case form."""
    one, shape = here.one, here.one.tag
    if here.cue and (shape.first_basic or not shape.place):
        return _Found(1, SURE, here.cue)
    elsewhere = shape.place and not shape.first_basic
    if shape.everyday_first and (one.opens or shape.capitals or elsewhere):
        return None
    if shape.capitals and len(one.text) < 4:
        return None
    lower = _NEXT.match(here.text, one.end)
    if lower and not shape.everyday_first and shape.first_basic:
        following = tag(lower[1])
        if following.last_basic and not following.barred:
            return _Found(1, PROBABLE, "small_letters", lower.end())
    return _Found(1, PROBABLE, "given_alone")


def _family_first(here: _Place) -> _Found | None:
    """Surname before a first name, after a title or alone; or a first name that is not in its basic form."""
    shape = here.one.tag
    somewhere = shape.place and shape.inner
    count, given = _run(here)
    if count > 1 and (given or here.cue) and not somewhere:
        return _Found(count, SURE, "family_given")
    if shape.last and count == 1 and here.at + 1 == len(here.words):
        comma = _AFTER_COMMA.match(here.text, here.one.end)
        if comma and tag(comma[1]).first and not (shape.everyday_last and tag(comma[1]).everyday_first):
            return _Found(1, SURE, "family_given", comma.end())
    if shape.first and not shape.last:
        return _alone(here)
    if here.cue and shape.last and not somewhere:
        after = here.after()
        return _Found(1 + (count == 1 and after is not None and after.unknown), SURE, here.cue)
    if shape.first and not (shape.everyday_first or shape.place):
        return _alone(here)
    return _family_alone(here)


def _run(here: _Place) -> tuple[int, bool]:
    """Count the listed names in a row from here, and tell whether a first name follows."""
    count, given = 1, False
    if here.one.tag.first and not here.one.tag.last:
        return count, given
    while (word := here.after(count)) is not None and (word.tag.first or word.tag.last):
        if word.tag.inner and word.tag.place:
            break
        given = given or word.tag.first
        count += 1
    return count, given


def _family_alone(here: _Place) -> _Found | None:
    one, shape = here.one, here.one.tag
    if shape.place or _CITED.match(here.text, one.end) or (shape.capitals and len(one.text) < 5):
        return None
    if shape.everyday_last:
        return None if one.opens or shape.capitals else _Found(1, REVIEW, "family_alone")
    return None if one.opens and shape.inner else _Found(1, PROBABLE, "family_alone")


def _unlisted(here: _Place) -> _Found | None:
    """Word the lists do not know: a name after a title, before a surname, or when no dictionary knows it."""
    one, after = here.one, here.after()
    if one.tag.place or len(one.text) < 3:
        return None
    paired = after is not None and after.usable and not after.tag.place and not after.initial
    if (here.cue or paired) and not one.tag.capitals and here.lexicon.kind(one.text) != ORDINARY:
        found = _after_cue(here, paired) if here.cue else _two(here)
        if found is not None or here.cue:
            return found
    if one.tag.nen and not one.opens and not _CITED.match(here.text, one.end):
        return _Found(1, PROBABLE, "nen") if here.lexicon.kind(one.text) != ORDINARY else None
    return None


def _after_cue(here: _Place, paired: bool) -> _Found | None:
    if paired:
        return _Found(2, SURE, here.cue)
    if here.one.text.lower().endswith(_PLACE_CASES):
        return None  # after a word for a person such a form is more often a place: äiti Savikylästä
    certain = here.cue == "title" or here.lexicon.name != "rules"
    return _Found(1, PROBABLE if certain else REVIEW, here.cue)


def _two(here: _Place) -> _Found | None:
    """Two words, the first in no list: with a surname a name, with another such word perhaps one."""
    one, after, rules = here.one, here.after(), here.lexicon.name == "rules"
    if after is None or (one.opens and rules):
        return None
    if after.tag.last and not after.tag.everyday_last:
        return _Found(2, SURE, "unlisted_family")
    if not after.unknown or after.tag.capitals or len(here.words) > here.at + 3:
        return None
    if here.lexicon.kind(after.text) == ORDINARY:
        return None
    return _Found(2, REVIEW if rules else PROBABLE, "two_unlisted")
