"""Numbers of a text: which are results, which need none, and whether a source and a period are told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from sosrake_lib.influence.claims.patterns import data, known

# Thousands stand apart by a space of any kind; a decimal has a comma in Finnish, a point in English.
_NUMBER = re.compile(r"(?<![\w,.])[-−–+]?\d{1,3}(?:[   ]\d{3})+(?:[,.]\d+)?(?!\w)|[-−+]?\d+(?:[,.]\d+)*")
_SPACES = str.maketrans("", "", "    ")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number written in digits or in words ("joka kolmas"), and whether a result holds it."""

    text: str
    start: int
    end: int
    held: bool


def figures(text: str, results: Iterable[str] = (), language: str = "fi") -> Iterator[Figure]:
    """Find the numbers of a text, in digits or words, that are no year, date, section, age group or name.

    Parameters
    ----------
    text : the text. results : numbers that results hold, as they are written ("7,8 %", "2 300").

    Examples
    --------
    >>> [(one.text, one.held) for one in figures("Luku 7,8 % vuonna 2019, ei 9 %.", ["7,8 %"])]
    [('7,8', True), ('9', False)]
    >>> [one.text for one in figures("Joka kolmas vastaajista kertoi. Kokous on joka toinen viikko.")]
    ['Joka kolmas']
    """
    results = tuple(str(one) for one in results)
    yield from _worded(text, results, language)
    held = {_plain(found.group()) for result in results for found in _NUMBER.finditer(str(result))}
    free = [(one.start(), one.end()) for one in _free(known(language)).finditer(text)]
    for found in _NUMBER.finditer(text):
        start, end = found.span()
        if any(begin <= start < stop or begin < end <= stop for begin, stop in free) or _glued(
            text, start, end
        ):
            continue
        yield Figure(found.group(), start, end, _plain(found.group()) in held)


def in_words(text: str, language: str = "fi") -> list[str]:
    """Give the numbers of a text that are written in words: parts of a whole, shares, multiples.

    Examples
    --------
    >>> in_words("Joka kolmas jäi pois, ja 40 palasi.")
    ['Joka kolmas']
    """
    return [one.text for one in _worded(text, (), language)]


def sourced(text: str, language: str = "fi") -> bool:
    """Say whether a text names both a source and a period.

    Examples
    --------
    >>> sourced("Osuus on 8 % (Sotkanet, 2019)."), sourced("Osuus on 8 % Sotkanetin mukaan.")
    (True, False)
    """
    told = data("known")["source"][known(language)]
    return bool(re.search(told["named"], text) and re.search(told["period"], text))


def _worded(text: str, results: tuple[str, ...], language: str) -> Iterator[Figure]:
    """Find numbers written in words; a result holds one when it has the same words."""
    told = [one.casefold() for one in results]
    for found in _words(known(language)).finditer(text):
        phrase = found.group().rstrip()
        held = any(phrase.casefold() in one for one in told)
        yield Figure(phrase, found.start(), found.start() + len(phrase), held)


def named(text: str, language: str = "fi") -> list[tuple[int, int]]:
    """Give the places of names that hold digits or capitals of their own: instruments, codes.

    Examples
    --------
    >>> named("Mittarina oli CORE-OM.")
    [(14, 21)]
    """
    known(language)
    return [found.span() for found in re.finditer(data("known")["free"]["names"], text)]


def _plain(text: str) -> str:
    plain = text.translate(_SPACES).replace(",", ".").replace("−", "-").lstrip("+-–")
    return plain.rstrip(".") or "0"


def _glued(text: str, start: int, end: int) -> bool:
    """Say whether the digits belong to a word: 3X10D, S21989, hva-12."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return before.isalpha() or before in ("_", "§") or (after.isalpha() and before.isalpha()) or after == "_"


@cache
def _free(language: str) -> re.Pattern[str]:
    told = data("known")["free"]
    listed = [told["names"], *told[language]]
    inline = [one.replace("(?m)", "") for one in listed]
    return re.compile("|".join(f"(?:{one})" for one in inline), re.IGNORECASE | re.MULTILINE)


@cache
def _words(language: str) -> re.Pattern[str]:
    told = data("known")["worded"]
    listed = "|".join(f"(?:{one})" for one in told[language])
    for name in ("luku", "iso"):
        listed = listed.replace(f"<{name}>", told[name][language])
    return re.compile(listed, re.IGNORECASE)
