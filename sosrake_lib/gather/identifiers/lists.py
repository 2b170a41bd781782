"""The lists that names and places are known by, read once from data/*.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from sosrake_lib.gather.identifiers import inflection


@dataclass(frozen=True, slots=True)
class Lists:
    """Stems of first names, surnames and places, and the words that look like names but are none.

    first, last : stem -> basic form, both in small letters.
    homographs : basic forms that are also everyday words.
    places : stems of municipalities, larger areas and countries.
    not_names : words that are capitalised and yet no person's name.
    """

    first: MappingProxyType[str, str]
    last: MappingProxyType[str, str]
    first_words: frozenset[str]
    last_words: frozenset[str]
    places: MappingProxyType[str, str]
    not_names: frozenset[str]
    never: frozenset[str]


@cache
def lists() -> Lists:
    """Give the lists; they are read and their stems made when they are first needed."""
    first, last, words = (data(name) for name in ("first_names", "surnames", "words"))
    given = _split(*(first[group] for group in ("finnish_women", "finnish_men", "swedish", "other")))
    family = _split(*(last[group] for group in ("finnish", "swedish", "other")))
    places = _places() | set(_split(words["places"]))
    return Lists(
        first=_lower(given, given=True),
        last=_lower(family, given=False),
        first_words=frozenset(name.lower() for name in _split(first["words"])),
        last_words=frozenset(name.lower() for name in _split(last["words"])),
        places=_lower(sorted(places), given=False),
        not_names=frozenset(_split(words["not_names"].lower())),
        never=frozenset(_split(words["never"].lower())),
    )


@cache
def data(name: str) -> dict[str, Any]:
    """Read data/<name>.toml; do not change what comes back."""
    source = files("sosrake_lib.gather.identifiers").joinpath("data", f"{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@cache
def municipality_names() -> frozenset[str]:
    """Give the names of all municipalities since 2013, in Finnish and Swedish, in small letters."""
    return frozenset(name.lower() for name in _places())


def _places() -> set[str]:
    """Read the municipalities' names straight from the file: no table library is needed for it."""
    source = files("sosrake_lib.region_data").joinpath("municipalities.csv")
    header, *rows = source.read_text(encoding="utf-8").splitlines()
    columns = [header.split(",").index(name) for name in ("name_fi", "name_sv")]
    return {row.split(",")[place] for row in rows for place in columns}


def _split(*texts: str) -> list[str]:
    return [word for text in texts for word in text.split()]


def _lower(names: list[str], *, given: bool) -> MappingProxyType[str, str]:
    table = inflection.forms_table(names, given=given)
    return MappingProxyType({stem: name.lower() for stem, name in table.items()})
