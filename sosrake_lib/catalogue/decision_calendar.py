"""Reads decision_calendar.toml: what is decided at which level, in which months, and by which act."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.catalogue.laws import law
from sosrake_lib.errors import CatalogueError

LEVELS = ("kunta", "hva", "valtio", "kela")
RHYTHMS = ("vuosi", "kausi", "jatkuva")
BINDING = ("laki", "tapa")
_FILE = "decision_calendar.toml"
_WORDS = ("name_fi", "name_en", "source_fi", "source_en")


@dataclass(frozen=True, slots=True)
class Decision:
    """One recurring decision; `months` is empty and `ready` 0 where no time is recorded.

    `ready` is the month by which knowledge should be at hand to be of use in the preparation.
    """

    key: str
    level: str
    name_fi: str
    name_en: str
    source_fi: str
    source_en: str
    months: tuple[int, ...]
    ready: int
    rhythm: str
    binding: str
    law: str
    verified: bool


@cache
def decision_calendar() -> tuple[Decision, ...]:
    """Give the decisions of the yearly clock: municipality, county, state, Kela.

    Raises
    ------
    CatalogueError for an unknown level, rhythm or act, a month outside 1-12, or a lacking text.

    Examples
    --------
    >>> from sosrake_lib.catalogue.decision_calendar import decision_calendar
    >>> decision_calendar()[0].months
    (11, 12)
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return decision_calendar_of(tomllib.loads(text))


def decision_calendar_of(read: Mapping[str, Mapping[str, Any]]) -> tuple[Decision, ...]:
    """Make the decisions of what was read from the file; errors as `decision_calendar`."""
    return tuple(_decision(key, row) for key, row in read.items())


def decision(key: str) -> Decision:
    """Give one decision by its key; an unknown one is an error that names those there are."""
    found = next((one for one in decision_calendar() if one.key == key), None)
    if found is None:
        known = ", ".join(one.key for one in decision_calendar())
        raise CatalogueError(f"catalogue/{_FILE}: no decision {key!r}; expected one of {known}")
    return found


def _decision(key: str, row: Mapping[str, Any]) -> Decision:
    lacking = next((name for name in _WORDS if not row.get(name)), None)
    if lacking:
        raise CatalogueError(f"catalogue/{_FILE}: {key} lacks {lacking}; write it")
    for name, known in (("level", LEVELS), ("rhythm", RHYTHMS), ("binding", BINDING)):
        if row.get(name) not in known:
            raise CatalogueError(
                f"catalogue/{_FILE}: {key}: {name} {row.get(name)!r}; expected {', '.join(known)}"
            )
    months = tuple(row["months"])
    if any(month not in range(1, 13) for month in months) or row["ready"] not in range(13):
        raise CatalogueError(f"catalogue/{_FILE}: {key}: a month is not 1-12; correct it")
    return Decision(
        key=key,
        level=row["level"],
        **{name: str(row[name]) for name in _WORDS},
        months=months,
        ready=int(row["ready"]),
        rhythm=row["rhythm"],
        binding=row["binding"],
        law=law(str(row["law"])).number,
        verified=bool(row["verified"]),
    )
