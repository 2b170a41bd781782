"""Reads the one competence framework, competences.toml: domains, items, scales, levels and course units."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.catalogue.model import (
    BackgroundClass,
    BackgroundQuestion,
    CompetenceDomain,
    CompetenceFramework,
    CompetenceItem,
    CompetenceScale,
    CourseUnit,
    SkillLevel,
    SurveyWave,
)
from sosrake_lib.errors import CatalogueError

_FILE = "competences.toml"
# Tables of the file that are no domains.
_PARTS = ("scales", "levels", "units", "background", "waves")
WAVE_LEVELS = ("organisation", "respondent")
# The scale on which the levels of skill stand.
SKILL = "osaaminen"


@cache
def competence_framework() -> CompetenceFramework:
    """Give the framework that the survey, the training plan and the course share.

    Returns
    -------
    CompetenceFramework: `domains` with their items, `scales` with the words of their points, `levels` one can
    aim at (lowest first), the course's `units`, `background` questions in coarse classes, and the `waves` in
    which the survey has been made (oldest first).

    Raises
    ------
    CatalogueError when an item stands twice, a list names an item that is not there, or a level is off the
    scale of own skill.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> framework = catalogue.competence_framework()
    >>> [scale.key for scale in framework.scales], framework.level_above(2.4).key
    (['tarkeys', 'osaaminen', 'koulutustarve'], 'itsenainen')
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return framework_of(tomllib.loads(text))


def framework_of(read: Mapping[str, Any]) -> CompetenceFramework:
    """Make the framework of what was read from its file; errors as `competence_framework`."""
    parts = {name: read.get(name, {}) for name in _PARTS}
    units = tuple(
        CourseUnit(key, row["name_fi"], row["name_en"], tuple(row["items"]))
        for key, row in parts["units"].items()
    )
    domains = tuple(_domain(key, row, units) for key, row in read.items() if key not in _PARTS)
    scales = tuple(
        CompetenceScale(key, row["name_fi"], row["name_en"], tuple((fi, en) for fi, en in row["points"]))
        for key, row in parts["scales"].items()
    )
    levels = sorted((SkillLevel(key=key, **row) for key, row in parts["levels"].items()), key=_point)
    background = tuple(_background(key, row) for key, row in parts["background"].items())
    waves = sorted((SurveyWave(key=key, **row) for key, row in parts["waves"].items()), key=_start)
    made = CompetenceFramework(domains, scales, tuple(levels), units, background, tuple(waves))
    _check(made)
    return made


def _domain(key: str, row: Mapping[str, Any], units: tuple[CourseUnit, ...]) -> CompetenceDomain:
    conditions = row.get("conditions", [])
    unknown = sorted(set(conditions) - set(row["items"]))
    if unknown:
        raise CatalogueError(f"catalogue/{_FILE}: {key}: condition {unknown[0]!r} is no item of the domain")
    items = tuple(
        CompetenceItem(
            item, key, fi, en, item in conditions, tuple(unit.key for unit in units if item in unit.items)
        )
        for item, (fi, en) in row["items"].items()
    )
    return CompetenceDomain(key, row["name_fi"], row["name_en"], items)


def _background(key: str, row: Mapping[str, Any]) -> BackgroundQuestion:
    classes = tuple(
        BackgroundClass(one, words[0], words[1], tuple(words[2:])) for one, words in row["classes"].items()
    )
    return BackgroundQuestion(key, row["name_fi"], row["name_en"], tuple(row.get("also", ())), classes)


def _check(made: CompetenceFramework) -> None:
    names = [*(domain.key for domain in made.domains), *(item.key for item in made.items)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise CatalogueError(f"catalogue/{_FILE}: {twice!r} stands twice; give each item a name of its own")
    known = {item.key for item in made.items}
    for unit in made.units:
        strange = sorted(set(unit.items) - known)
        if strange:
            raise CatalogueError(f"catalogue/{_FILE}: unit {unit.key}: item {strange[0]!r} is unknown")
    if len({len(scale.points) for scale in made.scales}) != 1:
        raise CatalogueError(f"catalogue/{_FILE}: the scales differ in points; make them alike")
    top = next((len(scale.points) for scale in made.scales if scale.key == SKILL), 0)
    off = [level for level in made.levels if not 1 <= level.point <= top]
    if off or not made.levels:
        name = off[0].key if off else "none"
        raise CatalogueError(f"catalogue/{_FILE}: level {name} is not on the scale {SKILL} (1-{top})")
    for wave in made.waves:
        if wave.level not in WAVE_LEVELS or wave.start > wave.end:
            raise CatalogueError(
                f"catalogue/{_FILE}: wave {wave.key}: level must be one of {', '.join(WAVE_LEVELS)}, "
                "and the start not after the end"
            )


def _point(level: SkillLevel) -> int:
    return level.point


def _start(wave: SurveyWave) -> str:
    return wave.start
