"""Reads operating_model.toml: the steps of structural social work with their roles, inputs and outputs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.catalogue.decision_calendar import decision_calendar
from sosrake_lib.errors import CatalogueError

RHYTHMS = ("jatkuva", "kokous", "puolivuosi", "vuosi")
_FILE = "operating_model.toml"
_WORDS = ("name", "role", "input", "output")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is done, by which role, what comes in and goes out; each (Finnish, English).

    `rhythm`: how often; `needs`: key of the decision it serves, or empty; `notebook`: page that helps.
    """

    key: str
    name: tuple[str, str]
    role: tuple[str, str]
    input: tuple[str, str]
    output: tuple[str, str]
    rhythm: str
    needs: str
    notebook: str


@cache
def operating_model() -> tuple[Step, ...]:
    """Give the steps in the order of the file.

    Raises
    ------
    CatalogueError for a step without words, an unknown rhythm or decision, or a digit in the words.

    Examples
    --------
    >>> from sosrake_lib.catalogue.operating_model import operating_model
    >>> operating_model()[0].rhythm
    'jatkuva'
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return steps_of(tomllib.loads(text))


def steps_of(tables: Mapping[str, Mapping[str, Any]]) -> tuple[Step, ...]:
    """Check the tables of a file and give its steps."""
    decisions = {one.key for one in decision_calendar()}
    found = []
    for key, table in tables.items():
        for name in (f"{word}_{code}" for word in _WORDS for code in ("fi", "en")):
            said = str(table.get(name, "")).strip()
            if not said or any(sign.isdigit() for sign in said):
                raise CatalogueError(f"{_FILE} [{key}]: {name} is empty or holds a digit; write it in words")
        rhythm, needs = str(table.get("rhythm")), str(table.get("needs", ""))
        if rhythm not in RHYTHMS:
            raise CatalogueError(f"{_FILE} [{key}]: rhythm {rhythm!r}; expected one of {', '.join(RHYTHMS)}")
        if needs and needs not in decisions:
            raise CatalogueError(f"{_FILE} [{key}]: needs {needs!r} is not in decision_calendar.toml")
        named, role, given, made = ((str(table[f"{one}_fi"]), str(table[f"{one}_en"])) for one in _WORDS)
        found.append(Step(key, named, role, given, made, rhythm, needs, str(table["notebook"])))
    return tuple(found)
