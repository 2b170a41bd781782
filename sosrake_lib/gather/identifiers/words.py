"""What a capitalised word can be: a first name, a surname, a place; and what is written before a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from sosrake_lib.gather.identifiers.inflection import ENDINGS, bases
from sosrake_lib.gather.identifiers.lists import data, lists

_FARM = ("ala", "ali", "iso", "keski", "uusi", "vanha", "yli", "ylä", "pikku", "rinta")
_ADJECTIVE = re.compile(r"(?:la|lä|ma|mä|u|ö|ea|puol|ll|mi|rä|ra|ka|kä|va|vä)(?:i?nen)$")
_INNER = ("ssa", "ssä", "sta", "stä")
_FINNISH = re.compile(r"[a-zåäöéü'-]+")
_CODE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Tag:
    """What the lists say of one word.

    first, last : it is a form of a first name, a surname; *_basic: the basic form.
    everyday_first, everyday_last : that name is also an everyday word.
    place : a form of a place's name. barred : no person's name. nen : has the shape of an unlisted surname.
    """

    first: bool = False
    first_basic: bool = False
    everyday_first: bool = False
    last: bool = False
    last_basic: bool = False
    everyday_last: bool = False
    place: bool = False
    barred: bool = False
    nen: bool = False
    capitals: bool = False
    inner: bool = False


@lru_cache(maxsize=20_000)
def tag(word: str) -> Tag:
    """Tell what a word as written can be.

    Examples
    --------
    >>> tag("Pekalle").first, tag("Virtasen").last, tag("Kelan").barred, tag("Kuopiossa").place
    (True, True, True, True)
    """
    low = word.lower()
    parts = low.split("-")
    known = lists()
    if _CODE.search(word) or low in known.not_names or any(base in known.never for base in bases(low)):
        return Tag(barred=True)
    whole = _one(low)
    if len(parts) > 1 and not (whole.first or whole.last):
        if any(part[:1].islower() for part in word.split("-")[1:]) or whole.place:
            return Tag(barred=not whole.place, place=whole.place)
        whole = _joined(parts)
    nen = low.endswith("nen") and len(low) > 5 and not _ADJECTIVE.search(low)
    return Tag(
        **{name: getattr(whole, name) for name in ("first", "first_basic", "everyday_first")},
        **{name: getattr(whole, name) for name in ("last", "last_basic", "everyday_last", "place")},
        nen=nen,
        capitals=len(word) > 1 and word.isupper(),
        inner=low.endswith(_INNER),
    )


def _one(low: str) -> Tag:
    known = lists()
    if not low.isascii() and not _FINNISH.fullmatch(low):
        low = _folded(low)
    first = _base(low, known.first)
    last = _base(low, known.last)
    place = any(base in known.places for base in bases(low))
    return Tag(
        first=first is not None,
        first_basic=first == low,
        everyday_first=first in known.first_words or (first is not None and (place or len(low) < 3)),
        last=last is not None,
        last_basic=last == low,
        everyday_last=last in known.last_words,
        place=place,
    )


def _folded(low: str) -> str:
    """Take off the marks that Finnish does not use: nguyễn is listed as nguyen."""
    parts = (sign if sign in "åäö" else unicodedata.normalize("NFD", sign) for sign in low.replace("đ", "d"))
    return "".join(sign for sign in "".join(parts) if not unicodedata.combining(sign))


def _base(low: str, table: Mapping[str, str]) -> str | None:
    """Give the name a word is a form of: a bare stem is none, only the basic form or a stem and an ending."""
    if table.get(low) == low:
        return low
    return next((table[base] for base in bases(low) if base != low and base in table), None)


def _joined(parts: list[str]) -> Tag:
    """Names joined by a hyphen: Aino-Liisa, Nieminen-Lahti, Ylä-Mäkelä."""
    tags = [_one(part) for part in parts]
    farm = parts[0] in _FARM and tags[-1].last
    both = all(one.last for one in tags) and not all(one.first for one in tags)
    given = all(one.first for one in tags)
    basic_start = all(one.first_basic for one in tags[:-1])
    return Tag(
        first=given and basic_start,
        first_basic=given and all(one.first_basic for one in tags),
        last=farm or both,
        last_basic=(farm or both) and tags[-1].last_basic,
        place=not (farm or both or given) and any(one.place for one in tags),
    )


@lru_cache(maxsize=20_000)
def is_title(word: str) -> bool:
    """Tell whether a word in small letters says who a person is: asiakkaan, sosiaalityöntekijälle, rouva."""
    return _titles().fullmatch(word) is not None


@lru_cache(maxsize=20_000)
def is_label(word: str) -> bool:
    """Tell whether a word before a colon tells that a name follows."""
    return word in data("words")["labels"].split() or is_title(word)


@cache
def thing_after(whole: bool) -> frozenset[str]:
    """Give the words that make the name before them, one word or a whole name, that of a thing."""
    return frozenset(data("words")["firm_after" if whole else "thing_after"].split())


@cache
def _titles() -> re.Pattern[str]:
    words = data("words")["titles"].split()
    shapes = [rf"[\w-]*{re.escape(word[1:])}" if word[0] == "*" else re.escape(word) for word in words]
    possessive = r"(?:nsa|nsä|ni|si|mme|nne|en|än|an|ensa|ensä)"
    # The plural's t is left out: asiakkaat, työntekijät name no one.
    endings = "|".join(sorted(map(re.escape, ENDINGS - {"t"}), key=len, reverse=True))
    return re.compile(rf"(?:{'|'.join(shapes)})(?:{endings})?{possessive}?")
