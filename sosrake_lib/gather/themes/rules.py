"""Whether the words of a text meet the patterns of a code: clauses, negation, slips of the pen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from sosrake_lib.gather.themes.codebook import Code, Codebook
from sosrake_lib.gather.themes.lemmas import Lemmatiser, Word, skeleton, words

# A comma or a turning word ends what a negation reaches: "en ole köyhä, mutta yksinäinen".
_CLAUSE = re.compile(r"[.!?;:,–]|\b(?:mutta|mut|vaan|vaikka|silti)\b", re.IGNORECASE)
REACH = 6  # words after a negation that it can still deny
VERB_REACH = 3  # words after a negation among which its verb stands
LEAST_LOOSE = 5  # letters a pattern must fix before a word may match it without dots and doubled letters


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: its words, where its negations stand, and whether they deny all of it."""

    words: tuple[Word, ...]
    negations: tuple[int, ...]
    denied: bool


@dataclass(frozen=True, slots=True)
class Match:
    """Why a code was met: the words of the text, and the list of patterns they met."""

    words: tuple[str, ...]
    list_name: str


def clauses(text: str, book: Codebook, dictionary: Lemmatiser) -> tuple[Clause, ...]:
    """Part a text into clauses with their negations.

    Examples
    --------
    >>> from sosrake_lib.gather.themes.codebook import codebook
    >>> from sosrake_lib.gather.themes.lemmas import lemmatiser
    >>> found = clauses("En ole köyhä, mutta yksin.", codebook(), lemmatiser("as_written"))
    >>> [([word.written for word in one.words], one.negations) for one in found]
    [(['en', 'ole', 'köyhä'], (0,)), (['yksin'], ())]
    """
    made = []
    for piece in _CLAUSE.split(text):
        found = words(piece, dictionary)
        if not found:
            continue
        negations = tuple(place for place, word in enumerate(found) if word.written in book.negations)
        beside = bool(negations) and any(_any(word, book.denying_words) for word in found)
        fine = not negations and any(_any(word, book.fine_words) for word in found)
        made.append(Clause(found, negations, beside or fine))
    return tuple(made)


def match(code: Code, parts: Sequence[Clause], book: Codebook) -> Match | None:
    """Give the first reason a text meets a code; None when it does not."""
    for clause in parts:
        if clause.denied:
            continue
        for name in ("problem", "topic", "lack"):
            for pattern in getattr(code, name):
                places = _places(pattern, clause, code.not_from)
                if places and _holds(name, places, clause, book):
                    return Match(tuple(clause.words[place].written for place in places), name)
    return None


def _places(pattern: str, clause: Clause, not_from: Sequence[str]) -> tuple[int, ...]:
    """Give where each word of a pattern stands; nothing when one of them does not."""
    found = []
    for piece in pattern.split():
        place = next(
            (
                at
                for at, word in enumerate(clause.words)
                if at not in found and meets(word, piece) and not _any(word, not_from)
            ),
            None,
        )
        if place is None:
            return ()
        found.append(place)
    return tuple(found)


def _holds(name: str, places: Sequence[int], clause: Clause, book: Codebook) -> bool:
    if name == "topic":
        return True
    if name == "lack":
        return bool(clause.negations) or any(_any(word, book.lacking) for word in clause.words)
    return not any(_denies(negation, places, clause, book) for negation in clause.negations)


def _denies(negation: int, places: Sequence[int], clause: Clause, book: Codebook) -> bool:
    """Say whether a negation denies what stands at `places`.

    Next to it ("ei velkaa"), after a verb of being or using ("ei ole yksinäinen"), or before it: then being
    denies only what stands beside it in the partitive ("velkaa ei ole", unlike "velkaiselle ei ole apua").
    """
    first = min(places)
    if first == negation + 1:
        return True
    verbs = clause.words[negation + 1 : negation + 1 + VERB_REACH]
    using = any(_any(word, book.using_verbs) for word in verbs)
    being = any(_any(word, book.being_verbs) for word in verbs)
    if first > negation:
        return (using or being) and first - negation <= REACH
    partitive = clause.words[first].written.endswith(("a", "ä"))
    return using or (being and first == negation - 1 and partitive)


def meets(word: Word, pattern: str) -> bool:
    """Say whether a word in any of its forms meets a pattern, letting dots and doubled letters slip."""
    if any(fnmatchcase(form, pattern) for form in word.forms):
        return True
    loose = _loose(pattern)
    if len(loose.strip("*")) < LEAST_LOOSE:
        return False
    return any(fnmatchcase(skeleton(form), loose) for form in word.forms)


@lru_cache(maxsize=4096)
def _loose(pattern: str) -> str:
    return skeleton(pattern)


def _any(word: Word, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(form, pattern) for form in word.forms for pattern in patterns)
