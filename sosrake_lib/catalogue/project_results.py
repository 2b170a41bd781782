"""Reads project_results.toml: what the project set out to make, and what in this workbook carries it on."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.errors import CatalogueError

STATES = ("valine", "luonnos", "puuttuu")
_FILE = "project_results.toml"
_WORDS = ("name_fi", "name_en", "source_fi", "source_en")


@dataclass(frozen=True, slots=True)
class ProjectResult:
    """One result: names, where it is told, its state, and paths of the artefacts from the project's root.

    `state`: `valine` a tool or material stands in the workbook; `luonnos` a draft; `puuttuu` nothing stands.
    """

    key: str
    name_fi: str
    name_en: str
    source_fi: str
    source_en: str
    state: str
    artefacts: tuple[str, ...]


@cache
def project_results() -> tuple[ProjectResult, ...]:
    """Give every result of the file, in its order.

    Raises
    ------
    CatalogueError for a result without words, of an unknown state, or whose state and artefacts disagree.

    Examples
    --------
    >>> from sosrake_lib.catalogue.project_results import project_results
    >>> project_results()[0].key
    'ajantasainen_tieto'
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return results_of(tomllib.loads(text))


def results_of(tables: Mapping[str, Mapping[str, Any]]) -> tuple[ProjectResult, ...]:
    """Check the tables of a file and give its results."""
    found = []
    for key, table in tables.items():
        for name in _WORDS:
            if not str(table.get(name, "")).strip():
                raise CatalogueError(f"{_FILE} [{key}]: {name} is empty; write it")
        state, artefacts = str(table.get("state")), tuple(table.get("artefacts", ()))
        if state not in STATES:
            raise CatalogueError(f"{_FILE} [{key}]: state {state!r}; expected one of {', '.join(STATES)}")
        if bool(artefacts) == (state == "puuttuu"):
            raise CatalogueError(
                f"{_FILE} [{key}]: state {state!r} with {len(artefacts)} artefacts; name the artefacts, "
                "or say puuttuu when there is none"
            )
        name_fi, name_en, source_fi, source_en = (str(table[name]) for name in _WORDS)
        found.append(ProjectResult(key, name_fi, name_en, source_fi, source_en, state, artefacts))
    return tuple(found)
