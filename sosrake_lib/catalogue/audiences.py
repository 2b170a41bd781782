"""Reads audiences.toml: whom a finding is told to, from which figures it is chosen and what is told of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.catalogue.loader import indicators, themes
from sosrake_lib.errors import CatalogueError

_FILE = "audiences.toml"
_WORDS = ("name_fi", "name_en", "why_fi", "why_en", "use_fi", "use_en")


@dataclass(frozen=True, slots=True)
class Audience:
    """One kind of reader: the figures a finding is chosen from, and the words around it.

    Attributes
    ----------
    key : name, as in `notebooks/outputs.toml`.
    indicators : whose clearest difference is told. themes : of the gaps in knowledge; empty means all.
    plain : whether the finding is told in clear language.
    names, whys, uses : what the reader is called, why the finding concerns them, what to do with it (fi, en).
    """

    key: str
    indicators: tuple[str, ...]
    themes: tuple[str, ...]
    plain: bool
    names: tuple[str, str]
    whys: tuple[str, str]
    uses: tuple[str, str]


@cache
def audiences() -> tuple[Audience, ...]:
    """Give every audience of the file, in its order.

    Raises
    ------
    CatalogueError when one lacks words, holds a digit, or names an unknown indicator or theme.

    Examples
    --------
    >>> audiences()[0].key, audiences()[0].plain
    ('valtuutettu', False)
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return audiences_of(tomllib.loads(text))


def audiences_of(read: Mapping[str, Mapping[str, Any]]) -> tuple[Audience, ...]:
    """Make the audiences of what was read from the file; errors as `audiences`."""
    return tuple(_audience(key, row) for key, row in read.items())


def audience(key: str) -> Audience:
    """Give one audience by its key; an unknown one is an error that names those there are."""
    found = next((one for one in audiences() if one.key == key), None)
    if found is None:
        known = ", ".join(one.key for one in audiences())
        raise CatalogueError(f"catalogue/{_FILE}: no audience {key!r}; expected one of {known}")
    return found


def _audience(key: str, row: Mapping[str, Any]) -> Audience:
    for name in _WORDS:
        if not row.get(name) or any(sign.isnumeric() for sign in row[name]):
            raise CatalogueError(f"catalogue/{_FILE}: {key}: {name} is empty or holds a digit; write words")
    known = {"indicators": {one.key for one in indicators()}, "themes": {one.key for one in themes()}}
    for name, keys in known.items():
        odd = sorted(set(row[name]) - keys)
        if odd:
            raise CatalogueError(f"catalogue/{_FILE}: {key}: {name} {odd[0]!r} is not in the catalogue")
    if not row["indicators"]:
        raise CatalogueError(f"catalogue/{_FILE}: {key}: no indicator; name those a finding is chosen from")
    names, whys, uses = ((str(row[f"{of}_fi"]), str(row[f"{of}_en"])) for of in ("name", "why", "use"))
    told = tuple(str(one) for one in row["indicators"]), tuple(str(one) for one in row["themes"])
    return Audience(key, *told, bool(row["plain"]), names, whys, uses)
