"""Which capitalised words are ordinary Finnish words: by Voikko where it is installed, else by simplemma.

Only what the lists and rules leave open is asked. Without either, such words stay for review.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from sosrake_lib.errors import GatherError
from sosrake_lib.gather import dictionaries
from sosrake_lib.language import say

ORDINARY, PERSON, UNKNOWN = "ordinary", "person", "unknown"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A dictionary behind one question.

    name : voikko, simplemma or rules.
    kind : word as written -> ordinary, person (Voikko knows it as a first name or surname) or unknown.
    """

    name: str
    kind: Callable[[str], str]


@cache
def lexicon(name: str = "auto") -> Lexicon:
    """Open a dictionary: voikko, simplemma, rules, or `auto` for the first of these that is there.

    Raises
    ------
    GatherError for a dictionary named that is not installed. The name of what `auto` gives tells which it is.
    """
    if name in ("auto", "voikko"):
        found = _voikko()
        if found is not None:
            return found
    if name in ("auto", "simplemma"):
        found = _simplemma()
        if found is not None:
            return found
    if name not in ("auto", "rules"):
        raise GatherError(say("personal.no_dictionary", name=name))
    return Lexicon("rules", lambda word: UNKNOWN)


def _voikko() -> Lexicon | None:
    analysis = dictionaries.voikko()
    if analysis is None:
        return None

    @lru_cache(maxsize=20_000)
    def kind(word: str) -> str:
        classes = {one.get("CLASS") for one in analysis(word)}
        if classes & {"etunimi", "sukunimi"}:
            return PERSON
        return ORDINARY if classes else UNKNOWN

    return Lexicon("voikko", kind)


def _simplemma() -> Lexicon | None:
    try:
        from simplemma import is_known
    except ImportError:
        return None

    @lru_cache(maxsize=20_000)
    def kind(word: str) -> str:
        # A name is in the list in capitals only; in small letters it is a word.
        return ORDINARY if is_known(word.lower(), lang="fi") else UNKNOWN

    return Lexicon("simplemma", kind)
