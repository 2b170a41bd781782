"""Reads method_cards.toml: participatory methods, the questions they answer, groups easily left out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.errors import CatalogueError

KNOWLEDGE = ("indikaattori", "asiakastieto", "mittari", "havainto", "laadullinen")
FORMS = ("haastattelu", "ryhma", "havainnointi")
_FILE = "method_cards.toml"
_TEXTS = ("name", "fits", "participants", "ethics", "cannot")


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """A kind of question and the sorts of knowledge that answer it, the best first."""

    key: str
    name_fi: str
    name_en: str
    knowledge: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One text in Finnish and English."""

    fi: str
    en: str

    def text(self, language: str = "fi") -> str:
        """Give the text in `fi` or `en`."""
        return self.en if language == "en" else self.fi


@dataclass(frozen=True, slots=True)
class MethodCard:
    """One method: when it fits, who and how, its ethics, and what it cannot tell.

    `hours` and `people` are usual ranges (from, to); `form` names the entry template, "" when there is none.
    """

    key: str
    name: Told
    fits: Told
    participants: Told
    ethics: Told
    cannot: Told
    steps: tuple[Told, ...]
    questions: tuple[str, ...]
    hours: tuple[int, int]
    people: tuple[int, int]
    form: str


@dataclass(frozen=True, slots=True)
class HeardGroup:
    """A group of people that must be heard, and how it is reached."""

    key: str
    name: Told
    reach: Told


@dataclass(frozen=True, slots=True)
class Methods:
    """The whole file: kinds of question, cards and groups, each in the file's order."""

    questions: tuple[QuestionKind, ...]
    cards: tuple[MethodCard, ...]
    groups: tuple[HeardGroup, ...]

    def question(self, key: str) -> QuestionKind:
        """Give a kind of question; an unknown one is an error that names those there are."""
        return _one(self.questions, key, "question")

    def card(self, key: str) -> MethodCard:
        """Give a card; an unknown one is an error that names those there are."""
        return _one(self.cards, key, "card")

    def for_question(self, key: str) -> tuple[MethodCard, ...]:
        """Give the cards that answer a kind of question: those whose first purpose it is come first."""
        kind = self.question(key).key
        fitting = [one for one in self.cards if kind in one.questions]
        return tuple(sorted(fitting, key=lambda one: one.questions.index(kind)))


@cache
def methods() -> Methods:
    """Give the method cards, the kinds of question and the groups to be heard.

    Raises
    ------
    CatalogueError when a text or language lacks, a card names an unknown question or form, or a range is odd.

    Examples
    --------
    >>> from sosrake_lib.catalogue.method_cards import methods
    >>> [card.key for card in methods().for_question("maara")]
    ['kysely']
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return methods_of(tomllib.loads(text))


def methods_of(read: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Methods:
    """Make the methods of what was read from the file; errors as `methods`."""
    questions = tuple(_question(key, row) for key, row in read["question"].items())
    known = {one.key for one in questions}
    cards = tuple(_card(key, row, known) for key, row in read["card"].items())
    groups = tuple(
        HeardGroup(key, _told(key, row, "name"), _told(key, row, "reach"))
        for key, row in read["group"].items()
    )
    return Methods(questions, cards, groups)


def _question(key: str, row: Mapping[str, Any]) -> QuestionKind:
    name = _told(key, row, "name")
    knowledge = tuple(row["knowledge"])
    _known(key, "knowledge", knowledge, KNOWLEDGE)
    return QuestionKind(key, name.fi, name.en, knowledge)


def _card(key: str, row: Mapping[str, Any], questions: set[str]) -> MethodCard:
    _known(key, "questions", tuple(row["questions"]), tuple(sorted(questions)))
    if row["form"]:
        _known(key, "form", (row["form"],), FORMS)
    if len(row["steps_fi"]) != len(row["steps_en"]) or not row["steps_fi"]:
        raise CatalogueError(f"catalogue/{_FILE}: {key}: steps differ in number between the languages")
    steps = tuple(Told(fi, en) for fi, en in zip(row["steps_fi"], row["steps_en"], strict=True))
    return MethodCard(
        key=key,
        **{name: _told(key, row, name) for name in _TEXTS},
        steps=steps,
        questions=tuple(row["questions"]),
        hours=_range(key, row["hours"]),
        people=_range(key, row["people"]),
        form=row["form"],
    )


def _told(key: str, row: Mapping[str, Any], name: str) -> Told:
    fi, en = str(row.get(f"{name}_fi", "")), str(row.get(f"{name}_en", ""))
    if not fi or not en:
        raise CatalogueError(f"catalogue/{_FILE}: {key} lacks {name} in Finnish or English; write both")
    return Told(fi, en)


def _range(key: str, given: list[int]) -> tuple[int, int]:
    if len(given) != 2 or not 0 < given[0] <= given[1]:
        raise CatalogueError(f"catalogue/{_FILE}: {key}: range {given}; expected [from, to]")
    return given[0], given[1]


def _known(key: str, what: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    odd = [one for one in given if one not in known]
    if odd or not given:
        raise CatalogueError(
            f"catalogue/{_FILE}: {key}: {what} {odd or 'empty'}; expected some of {', '.join(known)}"
        )


def _one(among: tuple[Any, ...], key: str, what: str) -> Any:
    found = next((one for one in among if one.key == key), None)
    if found is None:
        known = ", ".join(one.key for one in among)
        raise CatalogueError(f"catalogue/{_FILE}: no {what} {key!r}; expected one of {known}")
    return found
