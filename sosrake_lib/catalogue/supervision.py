"""Reads supervision.toml: which authority supervises the accessibility of public sites, and since when."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.errors import CatalogueError

_FILE = "supervision.toml"


@dataclass(frozen=True, slots=True)
class Supervisor:
    """One authority with the days of its duty, and whether the row has been seen in its source."""

    name_fi: str
    name_en: str
    site: str
    valid_from: date
    valid_to: date | None
    checked: date
    verified: bool
    source: str

    def name(self, language: str) -> str:
        """Give the authority's name in a language."""
        return self.name_en if language == "en" else self.name_fi


def supervisor(on: date) -> Supervisor:
    """Give the authority that supervises on a day.

    Raises
    ------
    CatalogueError when the file knows none for the day, or two.

    Examples
    --------
    >>> supervisor(date(2026, 1, 1)).name("fi").split()[0]
    'Liikenne-'
    """
    found = [
        one for one in supervisors() if one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)
    ]
    if len(found) != 1:
        raise CatalogueError(
            f"catalogue/{_FILE}: {len(found)} supervisors on {on.isoformat()}; expected one, correct the days"
        )
    return found[0]


@cache
def supervisors() -> tuple[Supervisor, ...]:
    """Give every authority of the file, those whose duty has ended too."""
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return tuple(_supervisor(row) for row in tomllib.loads(text)["valvoja"])


def _supervisor(row: Mapping[str, Any]) -> Supervisor:
    ends = row.get("valid_to")
    return Supervisor(
        name_fi=row["name_fi"],
        name_en=row["name_en"],
        site=row["site"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(ends) if ends else None,
        checked=date.fromisoformat(row["checked"]),
        verified=row["verified"],
        source=row["source"],
    )
