"""The machine's suggestion of codes for a text: always marked as one, never a code by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from sosrake_lib.gather.themes.codebook import Code, Codebook, codebook
from sosrake_lib.gather.themes.lemmas import lemmatiser
from sosrake_lib.gather.themes.rules import Match, clauses, match

MACHINE = "kone"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A code the machine suggests.

    Attributes
    ----------
    dimension, code : such as teema and koyhyys.
    words : the words of the text it rests on; for the coder's eyes, never for a page.
    because : problem, topic, lack, or the code that brought it (`teema.koyhyys`).
    by : `kone:` and the dictionary, as no suggestion is a human's.
    """

    dimension: str
    code: str
    words: tuple[str, ...]
    because: str
    by: str


def suggest(text: str, *, dictionary: str = "auto", book: Codebook | None = None) -> tuple[Suggestion, ...]:
    """Suggest codes of every dimension for one text.

    Answers: which codes a coder could look at first. It knows words, not meaning: irony, hints and new words
    pass it by. How often it is right stands in docs/reliability.md.

    Parameters
    ----------
    text : free text in Finnish.
    dictionary : auto, voikko, simplemma or as_written.
    book : another codebook; the themes' own when left out.

    Examples
    --------
    >>> [one.code for one in suggest("Vuokravelkaa on, ystäviä ei.", dictionary="as_written")]
    ['koyhyys', 'yksinaisyys', 'asuminen', 'asuminen', 'talous', 'osallisuus']
    >>> suggest("Hän ei ole yksinäinen.", dictionary="as_written")
    ()
    """
    book = book or codebook()
    known = lemmatiser(dictionary)
    parts = clauses(text, book, known)
    own = {code: found for code in book.codes if (found := match(code, parts, book))}
    met = {f"{code.dimension}.{code.key}": found for code, found in own.items()}
    by = f"{MACHINE}:{known.name}"
    made = []
    for code in book.codes:
        found, because = _reason(code, own, met)
        if found is not None:
            made.append(Suggestion(code.dimension, code.key, found.words, because, by))
    return tuple(made)


def suggest_many(
    texts: Iterable[tuple[str, str]], *, dictionary: str = "auto", book: Codebook | None = None
) -> pd.DataFrame:
    """Suggest codes for texts given as (id, text); the result holds no text.

    Returns
    -------
    DataFrame unit, rater (kone:<dictionary>), dimension, code, suggestion (always True): one row a suggested
    code; a text without one has no row.
    """
    rows = [
        (unit, one.by, one.dimension, one.code, True)
        for unit, text in texts
        for one in suggest(text, dictionary=dictionary, book=book)
    ]
    return pd.DataFrame(rows, columns=["unit", "rater", "dimension", "code", "suggestion"])


def _reason(code: Code, own: dict[Code, Match], met: dict[str, Match]) -> tuple[Match | None, str]:
    if code in own:
        return own[code], own[code].list_name
    for other in code.also_from:
        if other in met:
            return met[other], other
    return None, ""
