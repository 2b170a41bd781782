"""Reads the dated rules records are read against: law changes, time limits, sub-codes of support needs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from sosrake_lib.catalogue.loader import needs
from sosrake_lib.errors import CatalogueError

UNITS = ("days", "working_days", "months")


@dataclass(frozen=True, slots=True)
class LawChange:
    """A day from which plans are of another kind; `act` is empty while its number is not known."""

    key: str
    on: date
    act: str
    act_fi: str
    act_en: str
    proposal: str
    verified: bool
    checked: date
    source: str
    text_fi: str
    text_en: str


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How long something may take; `statutory` False = no act sets it. `start`, `end` name the events."""

    key: str
    start: str
    end: str
    amount: int
    unit: str
    ages: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    act: str
    section: str
    statutory: bool
    verified: bool
    checked: date
    source: str
    text_fi: str
    text_en: str


@dataclass(frozen=True, slots=True)
class NeedDetail:
    """A sub-code of a support need; `theme` is empty when it belongs to none of the themes."""

    key: str
    need: str
    theme: str
    name_fi: str
    name_en: str


@cache
def law_changes() -> tuple[LawChange, ...]:
    """Give the law changes that break series of plans, in order of time.

    Examples
    --------
    >>> [(one.on.isoformat(), one.act, one.verified) for one in law_changes()]
    [('2025-01-01', '381/2023', True), ('2026-01-01', '', False)]
    """
    found = [LawChange(key=key, **about) for key, about in _rules()["changes"].items()]
    return tuple(sorted(found, key=lambda one: one.on))


@cache
def time_limits() -> tuple[TimeLimit, ...]:
    """Give the time limits in the order of the file."""
    made = []
    for key, about in _rules()["limits"].items():
        known = {"valid_to": None, **about, "start": about["from"], "end": about["to"]}
        known = {name: value for name, value in known.items() if name not in ("from", "to")}
        made.append(TimeLimit(key=key, **{**known, "ages": tuple(about["ages"])}))
        if made[-1].unit not in UNITS:
            raise CatalogueError(f"catalogue/limits_records.toml: {key}: unit; expected {', '.join(UNITS)}")
    return tuple(made)


def time_limit(key: str) -> TimeLimit:
    """Give one time limit.

    Examples
    --------
    >>> time_limit("palvelu").section
    '45 §'
    """
    for one in time_limits():
        if one.key == key:
            return one
    known = ", ".join(one.key for one in time_limits())
    raise CatalogueError(f"catalogue: no time limit {key!r}; expected one of {known}")


@cache
def need_details() -> Mapping[str, NeedDetail]:
    """Give every sub-code of support needs by its key.

    Raises
    ------
    CatalogueError when a need has no sub-code or one of no need, a key stands twice, or a sub-code leads to
    a theme its need does not touch (`themes` in needs.toml).

    Examples
    --------
    >>> need_details()["vuokravelka"].theme
    'koyhyys'
    """
    known = {need.key: need.themes for need in needs()}
    read = _read("crosswalk_needs")
    if set(read) != set(known):
        odd = sorted(set(read) ^ set(known))[0]
        raise CatalogueError(f"catalogue/crosswalk_needs.toml: {odd}: give each need of needs.toml once")
    found: dict[str, NeedDetail] = {}
    for need, details in read.items():
        for key, about in details.items():
            if key in found:
                raise CatalogueError(f"catalogue/crosswalk_needs.toml: {key} stands twice; rename one")
            if about["theme"] and about["theme"] not in known[need]:
                raise CatalogueError(
                    f"catalogue/crosswalk_needs.toml: {need}.{key} leads to {about['theme']!r}, which the "
                    f"need does not touch; expected one of {', '.join(known[need]) or 'none'}"
                )
            found[key] = NeedDetail(key=key, need=need, **about)
    return MappingProxyType(found)


def _rules() -> dict[str, Any]:
    return _read("limits_records")


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("sosrake_lib.catalogue") / f"{name}.toml").read_text(encoding="utf-8"))
