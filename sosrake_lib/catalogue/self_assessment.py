"""Reads self_assessment_shl.toml: the seven points of structural social work and the words of four levels."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.catalogue.laws import law
from sosrake_lib.errors import CatalogueError

_FILE = "self_assessment_shl.toml"
_WORDS = ("name_fi", "name_en", "question_fi", "question_en", "evidence_fi", "evidence_en")


@dataclass(frozen=True, slots=True)
class AssessedPoint:
    """One of the seven points: its name, the question it asks, and what could show an answer."""

    key: str
    name_fi: str
    name_en: str
    question_fi: str
    question_en: str
    evidence_fi: str
    evidence_en: str
    verified: bool


@dataclass(frozen=True, slots=True)
class SelfAssessment:
    """The form: points in their order, words of levels 0-3 as (Finnish, English), act and source."""

    version: str
    law: str
    source_fi: str
    source_en: str
    levels: tuple[tuple[str, str], ...]
    points: tuple[AssessedPoint, ...]

    def point(self, key: str) -> AssessedPoint:
        """Give a point by its key; an unknown one is an error that names those there are."""
        found = next((one for one in self.points if one.key == key), None)
        if found is None:
            known = ", ".join(one.key for one in self.points)
            raise CatalogueError(f"catalogue/{_FILE}: no point {key!r}; expected one of {known}")
        return found


@cache
def self_assessment() -> SelfAssessment:
    """Give the self-assessment of structural social work.

    Raises
    ------
    CatalogueError for a lacking text, an unknown act, or another number of levels than four.

    Examples
    --------
    >>> from sosrake_lib.catalogue.self_assessment import self_assessment
    >>> len(self_assessment().points), self_assessment().levels[0][0]
    (7, 'ei vielä aloitettu')
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return self_assessment_of(tomllib.loads(text))


def self_assessment_of(read: dict[str, Any]) -> SelfAssessment:
    """Make the form of what was read from the file; errors as `self_assessment`."""
    levels = tuple((one["fi"], one["en"]) for one in read["levels"])
    if len(levels) != 4:
        raise CatalogueError(f"catalogue/{_FILE}: {len(levels)} levels; expected four, 0 to 3")
    for key, point in read["points"].items():
        lacking = next((name for name in _WORDS if not point.get(name)), None)
        if lacking:
            raise CatalogueError(f"catalogue/{_FILE}: {key} lacks {lacking}; write it")
    return SelfAssessment(
        version=read["version"],
        law=law(read["law"]).number,
        source_fi=read["source_fi"],
        source_en=read["source_en"],
        levels=levels,
        points=tuple(AssessedPoint(key=key, **point) for key, point in read["points"].items()),
    )
