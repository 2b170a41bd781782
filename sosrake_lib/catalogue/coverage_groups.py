"""Reads coverage_groups.toml: which groups each kind of source misses, why, and what would reach them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.catalogue.loader import themes
from sosrake_lib.errors import CatalogueError

# Register statistics, population surveys, client records, instruments, client feedback, workers'
# observations, surveys of staff, and a project's own monitoring.
SOURCES = (
    *("rekisteri", "kysely", "asiakastieto", "mittaus", "palaute", "havainto", "henkilostokysely"),
    "hanke",
)
_FILE = "coverage_groups.toml"
_WORDS = ("name_fi", "name_en", "why_fi", "why_en", "reach_fi", "reach_en")


@dataclass(frozen=True, slots=True)
class Group:
    """A group that sources miss: which sources, in which themes (none: all), why, what would reach it."""

    key: str
    names: tuple[str, str]
    missed_by: tuple[str, ...]
    themes: tuple[str, ...]
    whys: tuple[str, str]
    reaches: tuple[str, str]
    reference: str
    verified: bool

    def name(self, language: str = "fi") -> str:
        """Name the group."""
        return self.names[language == "en"]

    def why(self, language: str = "fi") -> str:
        """Say why the sources miss it."""
        return self.whys[language == "en"]

    def reach(self, language: str = "fi") -> str:
        """Say what would reach it."""
        return self.reaches[language == "en"]


@cache
def groups() -> tuple[Group, ...]:
    """Give every group of the file, in its order.

    Raises
    ------
    CatalogueError when a group lacks words, names an unknown source or theme, holds a digit, or calls itself
    verified without a reference.
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return groups_of(tomllib.loads(text))


def groups_of(read: Mapping[str, Mapping[str, Any]]) -> tuple[Group, ...]:
    """Make the groups of what was read from the file; errors as `groups`."""
    return tuple(_group(key, row) for key, row in read.items())


def chosen(wanted_themes: tuple[str, ...], sources: tuple[str, ...], most: int = 4) -> tuple[Group, ...]:
    """Choose the groups a page tells of, by its themes and sources.

    A group counts when one of the sources misses it and it belongs to one of the themes (or to all). Those
    to which a theme is closest (first in the group's own list) come first, then those that more of the
    sources miss, then the file's order.

    Parameters
    ----------
    wanted_themes : keys of themes; none means every theme. sources : some of `SOURCES`. most : how many.

    Raises
    ------
    CatalogueError for an unknown theme or source.

    Examples
    --------
    >>> [one.key for one in chosen(("asuminen",), ("rekisteri",), 2)]
    ['asunnottomat', 'tukea_hakemattomat']
    """
    _refuse_unknown("source", sources, SOURCES)
    _refuse_unknown("theme", wanted_themes, tuple(one.key for one in themes()))
    fitting = [
        one
        for one in groups()
        if set(one.missed_by) & set(sources)
        and (not one.themes or not wanted_themes or set(one.themes) & set(wanted_themes))
    ]

    def order(one: Group) -> tuple[int, int]:
        places = [place for place, theme in enumerate(one.themes) if theme in wanted_themes]
        far = len(themes()) if wanted_themes else 0
        return min(places, default=far), -len(set(one.missed_by) & set(sources))

    return tuple(sorted(fitting, key=order)[:most])


def _group(key: str, row: Mapping[str, Any]) -> Group:
    lacking = [name for name in (*_WORDS, "missed_by") if not row.get(name)]
    lacking += [name for name in ("themes", "reference", "verified") if name not in row]
    if lacking:
        raise CatalogueError(f"catalogue/{_FILE}: {key} lacks {lacking[0]}; write it")
    _refuse_unknown(f"{key}: source", tuple(row["missed_by"]), SOURCES)
    _refuse_unknown(f"{key}: theme", tuple(row["themes"]), tuple(one.key for one in themes()))
    digit = next((name for name in _WORDS if any(sign.isnumeric() for sign in row[name])), "")
    if digit:
        raise CatalogueError(f"catalogue/{_FILE}: {key}, {digit} holds a digit; say it in words")
    if row["verified"] is True and not row["reference"]:
        raise CatalogueError(
            f"catalogue/{_FILE}: {key} is verified without a reference; name where it was seen"
        )
    return Group(
        key=key,
        names=(row["name_fi"], row["name_en"]),
        missed_by=tuple(row["missed_by"]),
        themes=tuple(row["themes"]),
        whys=(row["why_fi"], row["why_en"]),
        reaches=(row["reach_fi"], row["reach_en"]),
        reference=row["reference"],
        verified=row["verified"] is True,
    )


def _refuse_unknown(what: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    for one in given:
        if one not in known:
            raise CatalogueError(
                f"catalogue/{_FILE}: {what} {one!r} is unknown; expected one of {', '.join(known)}"
            )
