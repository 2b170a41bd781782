"""Better questions: six short ones by which a form can show a change, and which to put beside an old one."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sosrake_lib.gather.feedback.codes import CHANGE

# Which question to put beside an old one that brings out only this.
BESIDE = {
    "tyytyvaisyys": "muutos",
    "prosessi": "mika_auttoi",
    "osallistuminen": "tavoite",
    "kehittamisehdotus": "toisin",
}
# Which question brings a part that a form lacks; `alussa` only where the start was not asked at the start.
SUPPLIES = {
    "lahtotilanne": "nyt",
    "elamanalue": "muutos",
    "suunta": "muutos",
    "mika_auttoi": "mika_auttoi",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question of our own.

    when : alku, loppu, molemmat (asked alike at both ends) or muisteltu (at the end, if not at the start).
    codes : what it can bring out; supplies : parts of a form it brings.
    """

    key: str
    fi: str
    en: str
    sv: str
    when: str
    codes: tuple[str, ...]
    supplies: tuple[str, ...]

    def text(self, language: str = "fi") -> str:
        """Give the question in fi, en or sv."""
        return {"fi": self.fi, "en": self.en, "sv": self.sv}[language]


@cache
def better_questions() -> tuple[Question, ...]:
    """Give the six questions in the order they are asked.

    Examples
    --------
    >>> [one.key for one in better_questions()]
    ['tavoite', 'nyt', 'alussa', 'muutos', 'mika_auttoi', 'toisin']
    """
    given = tomllib.loads(
        files("sosrake_lib.gather.feedback").joinpath("questions.toml").read_text(encoding="utf-8")
    )
    return tuple(
        Question(key, **{**row, "codes": tuple(row["codes"]), "supplies": tuple(row["supplies"])})
        for key, row in given.items()
    )


def question(key: str) -> Question:
    """Give one of the six.

    Raises
    ------
    KeyError for another key.
    """
    return {one.key: one for one in better_questions()}[key]


def beside(codes: Collection[str]) -> Question | None:
    """Give the question to put beside an old one with these codes; None when the old one asks of change.

    Examples
    --------
    >>> beside(["tyytyvaisyys"]).key, beside(["koettu_muutos"]), beside([]).key
    ('muutos', None, 'muutos')
    """
    if set(codes) & set(CHANGE):
        return None
    found = next((BESIDE[code] for code in BESIDE if code in codes), "muutos")
    return question(found)


def for_lacking(parts: Collection[str]) -> tuple[Question, ...]:
    """Give the questions that bring the parts a form lacks, each once."""
    keys = dict.fromkeys(SUPPLIES[part] for part in SUPPLIES if part in parts)
    return tuple(question(key) for key in keys)
