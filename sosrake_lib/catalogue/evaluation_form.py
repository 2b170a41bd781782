"""Reads self_evaluation.toml: the questions by which a provider looks at its own work."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.errors import CatalogueError

_FILE = "self_evaluation.toml"


@dataclass(frozen=True, slots=True)
class EvaluationQuestion:
    """One statement, the area it belongs to, and from what an outsider could see it."""

    key: str
    area: str
    text_fi: str
    text_en: str
    evidence_fi: str
    evidence_en: str


@dataclass(frozen=True, slots=True)
class EvaluationArea:
    """Questions that belong together."""

    key: str
    name_fi: str
    name_en: str


@dataclass(frozen=True, slots=True)
class SelfEvaluation:
    """The form: areas, questions in the form's order, and the words of its steps, lowest (1) first."""

    version: str
    areas: tuple[EvaluationArea, ...]
    questions: tuple[EvaluationQuestion, ...]
    steps: tuple[tuple[str, str], ...]

    def of_area(self, area: str) -> tuple[EvaluationQuestion, ...]:
        """Give the questions of one area, in the form's order."""
        return tuple(one for one in self.questions if one.area == area)


@cache
def self_evaluation() -> SelfEvaluation:
    """Give the self-evaluation form of providers.

    Raises
    ------
    CatalogueError when a question stands twice, lacks its evidence or a language, or there are no steps.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> form = catalogue.self_evaluation()
    >>> len(form.areas), form.steps[0]
    (6, ('ei vielä', 'not yet'))
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return self_evaluation_of(tomllib.loads(text))


def self_evaluation_of(read: Mapping[str, Any]) -> SelfEvaluation:
    """Make the form of what was read from its file; errors as `self_evaluation`."""
    areas = tuple(
        EvaluationArea(key, row["name_fi"], row["name_en"]) for key, row in read.get("areas", {}).items()
    )
    questions = tuple(one for key, row in read.get("areas", {}).items() for one in _questions(key, row))
    steps = tuple((one["fi"], one["en"]) for one in read.get("steps", []))
    if len(steps) < 2 or not questions:
        raise CatalogueError(f"catalogue/{_FILE}: no questions or fewer than two steps; write them")
    keys = [one.key for one in questions]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise CatalogueError(f"catalogue/{_FILE}: question {twice!r} stands twice; give each its own key")
    return SelfEvaluation(str(read["version"]), areas, questions, steps)


def _questions(area: str, row: Mapping[str, Any]) -> list[EvaluationQuestion]:
    odd = sorted(set(row["questions"]) ^ set(row["evidence"]))
    if odd:
        raise CatalogueError(
            f"catalogue/{_FILE}: {area}: {odd[0]!r} must stand both among questions and evidence"
        )
    pairs = [*row["questions"].items(), *row["evidence"].items()]
    short = next((key for key, texts in pairs if len(texts) != 2 or not all(texts)), None)
    if short:
        raise CatalogueError(f"catalogue/{_FILE}: {area}: {short!r} needs a text in Finnish and English")
    return [
        EvaluationQuestion(key, area, *texts, *row["evidence"][key])
        for key, texts in row["questions"].items()
    ]
