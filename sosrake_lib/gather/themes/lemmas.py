"""Words of a text with their base forms: by Voikko where it is installed, else by simplemma, else as written.

Voikko parts compounds (`vuokravelkaa` -> vuokravelka, vuokra, velka); simplemma does not. Every suggestion
names the dictionary it was made with, as the two do not suggest alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from sosrake_lib.errors import GatherError
from sosrake_lib.gather import dictionaries
from sosrake_lib.language import say

VOIKKO, SIMPLEMMA, AS_WRITTEN = "voikko", "simplemma", "as_written"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BASE = re.compile(r"\(([^()+]+)\)")


@dataclass(frozen=True, slots=True)
class Lemmatiser:
    """A dictionary behind one question.

    name : voikko, simplemma or as_written.
    lemmas : word in small letters -> its base forms and the parts of a compound; empty when unknown.
    """

    name: str
    lemmas: Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written in small letters, and every form a rule may meet it in."""

    written: str
    forms: tuple[str, ...]


@cache
def lemmatiser(name: str = "auto") -> Lemmatiser:
    """Open a dictionary: voikko, simplemma, as_written, or `auto` for the first of these that is there.

    Raises
    ------
    GatherError for a dictionary that is not installed; the name of what `auto` gives tells which it is.

    Examples
    --------
    >>> lemmatiser("as_written").lemmas("velkaa")
    ()
    """
    makers = {VOIKKO: _voikko, SIMPLEMMA: _simplemma, AS_WRITTEN: _as_written}
    for known, make in makers.items():
        if name in ("auto", known):
            found = make()
            if found is not None:
                return found
    raise GatherError(say("coding.no_dictionary", name=name))


def words(text: str, dictionary: Lemmatiser) -> tuple[Word, ...]:
    """Give the words of a text in order, each with the forms rules are matched against.

    Examples
    --------
    >>> [word.written for word in words("Ei oo rahhoo!", lemmatiser("as_written"))]
    ['ei', 'oo', 'rahhoo']
    """
    plain = unicodedata.normalize("NFC", text).lower()
    found = []
    for match in _WORD.finditer(plain):
        written = match.group()
        forms = (written, *dictionary.lemmas(written))
        found.append(Word(written, tuple(dict.fromkeys(form.lower() for form in forms))))
    return tuple(found)


def skeleton(word: str) -> str:
    """Give a word without dots and doubled letters, so that a slip of the pen or a dialect still matches.

    Examples
    --------
    >>> skeleton("toimeentulotuki") == skeleton("toimentulotuki"), skeleton("yksinäinen")
    (True, 'yksinainen')
    """
    flat = word.replace("ä", "a").replace("ö", "o").replace("å", "a")
    return re.sub(r"(.)\1+", r"\1", flat)


def _voikko() -> Lemmatiser | None:
    analysis = dictionaries.voikko()
    if analysis is None:
        return None

    @lru_cache(maxsize=20_000)
    def lemmas(word: str) -> tuple[str, ...]:
        found: list[str] = []
        for one in analysis(word):
            found.append(str(one.get("BASEFORM", "")))
            found += _BASE.findall(str(one.get("WORDBASES", "")))
        return tuple(dict.fromkeys(form for form in found if form))

    return Lemmatiser(VOIKKO, lemmas)


def _simplemma() -> Lemmatiser | None:
    try:
        from simplemma import lemmatize
    except ImportError:
        return None

    @lru_cache(maxsize=20_000)
    def lemmas(word: str) -> tuple[str, ...]:
        return (lemmatize(word, lang="fi"),)

    return Lemmatiser(SIMPLEMMA, lemmas)


def _as_written() -> Lemmatiser:
    return Lemmatiser(AS_WRITTEN, lambda word: ())
