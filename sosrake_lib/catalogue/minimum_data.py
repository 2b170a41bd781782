"""Reads minimum_data.toml: the items a wellbeing-report chapter is held against, and which are checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.catalogue.loader import indicator
from sosrake_lib.errors import CatalogueError

PARTS = ("tila", "toiminta", "laatu")
_FILE = "minimum_data.toml"


@dataclass(frozen=True, slots=True)
class MinimumItem:
    """One item: its indicator in the catalogue, its part of the list, and whether it has been checked."""

    key: str
    indicator: str
    part: str
    reference: str
    verified: bool


@cache
def minimum_items() -> tuple[MinimumItem, ...]:
    """Give the items in the file's order.

    Raises
    ------
    CatalogueError when an item names an unknown indicator or part, or calls itself verified without a place.

    Examples
    --------
    >>> minimum_items()[0].part
    'tila'
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return items_of(tomllib.loads(text))


def items_of(read: Mapping[str, Mapping[str, Any]]) -> tuple[MinimumItem, ...]:
    """Make the items of what was read from the file; errors as `minimum_items`."""
    return tuple(_item(key, row) for key, row in read.items())


def _item(key: str, row: Mapping[str, Any]) -> MinimumItem:
    lacking = [name for name in ("indicator", "part", "reference", "verified") if name not in row]
    if lacking:
        raise CatalogueError(f"catalogue/{_FILE}: {key} lacks {lacking[0]}; write it")
    if row["part"] not in PARTS:
        raise CatalogueError(f"catalogue/{_FILE}: {key}: part {row['part']!r}; expected {', '.join(PARTS)}")
    try:
        indicator(str(row["indicator"]))
    except CatalogueError as unknown:
        raise CatalogueError(f"catalogue/{_FILE}: {key}: {unknown}") from unknown
    if row["verified"] is True and not row["reference"]:
        raise CatalogueError(f"catalogue/{_FILE}: {key} is verified without a reference; name the place")
    told = (str(row["indicator"]), str(row["part"]), str(row["reference"]))
    return MinimumItem(key, *told, row["verified"] is True)
