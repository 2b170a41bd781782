"""The region register: which regions existed in a year, what they hold and where ceased ones went.

A code is always read with its level: hva 12 is Etelä-Savo, maakunta 12 is Pohjois-Karjala.
Users reach all of this through `sosrake_lib.regions`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from numbers import Integral
from types import MappingProxyType
from typing import Any

import pandas as pd

from sosrake_lib.errors import RegionError
from sosrake_lib.region_data import table

FIRST_YEAR = 2013
CURRENT_YEAR = 2026
COUNTRY = "SSS"
INVENTED_COUNTY = "E1"

# What a code of each level looks like, and the words for it in messages.
CODE_FORMS = MappingProxyType(
    {
        "kunta": (r"\d{3}|E\d{2}", "three digits"),
        "seutukunta": (r"\d{3}", "three digits"),
        "maakunta": (r"\d{2}", "two digits"),
        "hva": (r"\d{2}|E\d", "two digits"),
        "yta": (r"\d", "one digit"),
        "tyollisyysalue": (r"\d{2}", "two digits"),
        "kuntaryhmitys": (r"\d", "one digit"),
        "joukko": (r"[a-z]+\d+", "a name such as alue51"),
        "maa": (r"SSS|E0", "SSS"),
    }
)
MEMBER_LEVELS = ("seutukunta", "maakunta", "hva", "yta", "tyollisyysalue", "kuntaryhmitys")


@dataclass(frozen=True)
class Region:
    """A region as it was in the division of the year `borders`.

    `valid_from` and `valid_to` are the first and last year of the code (`valid_to` None: it still exists;
    `valid_from` 2013: since 2013 or earlier, as the register begins there).
    """

    level: str
    code: str
    name_fi: str
    name_sv: str
    borders: int
    valid_from: int
    valid_to: int | None
    name_en: str = ""


@dataclass(frozen=True)
class _Entry:
    """One line of the register, whatever its level."""

    names: tuple[str, str, str]
    valid_from: int
    valid_to: int | None
    successor: str


def region(level: str, code: str, year: int = CURRENT_YEAR) -> Region:
    """Give the region of this level and code in the division of `year`.

    Raises
    ------
    RegionError for an unknown level or code, a code that is no text or lost its zeros, a year outside
    2013-2026, and a region that did not exist that year: the message names the year and the successor.

    Examples
    --------
    >>> from sosrake_lib import regions
    >>> regions.region("hva", "12").name_fi, regions.region("maakunta", "12").name_fi
    ('Etelä-Savon hyvinvointialue', 'Pohjois-Karjala')
    >>> regions.region("kunta", "588", 2024).valid_to
    2024
    """
    _check_year(year)
    entry = _entry(level, code)
    if not entry.valid_from <= year <= (entry.valid_to or year):
        raise RegionError(_not_that_year(level, code, entry, year))
    name_fi, name_sv, name_en = entry.names
    return Region(level, code, name_fi, name_sv, int(year), entry.valid_from, entry.valid_to, name_en)


def codes(level: str, year: int = CURRENT_YEAR, *, invented: bool = False) -> tuple[str, ...]:
    """Give the codes of a level in the division of `year`, sorted; invented ones only when asked for."""
    _check_year(year)
    _check_level(level)
    return tuple(
        code
        for (of_level, code), entry in _register().items()
        if of_level == level
        and entry.valid_from <= year <= (entry.valid_to or year)
        and (invented or not is_invented(code))
    )


def members(level: str, code: str, year: int = CURRENT_YEAR) -> tuple[str, ...]:
    """Give the municipalities of a region in the division of `year`, sorted by code.

    A named set is a territory fixed in its own division and carried to the year asked: `hanke43` has 43
    municipalities in 2020 and 42 in 2026, as Pertunmaa joined Mäntyharju and both belong to it.

    Examples
    --------
    >>> from sosrake_lib import regions
    >>> len(regions.members("joukko", "alue52", 2020)), len(regions.members("joukko", "alue51"))
    (52, 51)
    """
    region(level, code, year)
    if is_invented(code):
        return (code,) if level == "kunta" else codes_invented()
    if level == "kunta":
        return (code,)
    if level == "joukko":
        return _members_of_set(code, year)
    wide = memberships(year)
    return tuple(wide.index if level == "maa" else wide.index[wide[level] == code])


def parent(code: str, level: str, year: int = CURRENT_YEAR) -> str | None:
    """Give the region of `level` that municipality `code` belonged to in `year`; None when it had none.

    Raises
    ------
    RegionError for a municipality that did not exist that year, and for a named set (there are several).
    """
    region("kunta", code, year)
    _check_level(level)
    if level == "joukko":
        raise RegionError("parent: a municipality may be in several named sets; use members('joukko', name)")
    if level == "kunta":
        return code
    if is_invented(code):
        return INVENTED_COUNTY if level == "hva" else None
    if level == "maa":
        return COUNTRY
    found = memberships(year).at[code, level]
    return found if isinstance(found, str) else None


def successor(code: str, year: int = CURRENT_YEAR) -> str:
    """Give the municipality that holds the territory of `code` in `year`: itself while it exists.

    Examples
    --------
    >>> from sosrake_lib import regions
    >>> regions.successor("174"), regions.successor("174", 2016)
    ('297', '174')
    """
    _check_year(year)
    current, entry = code, _entry("kunta", code)
    while entry.valid_to is not None and entry.valid_to < year:
        current = entry.successor
        entry = _entry("kunta", current)
    return current


def is_invented(code: str) -> bool:
    """Say whether a code is of the invented county Esimerkkilä, its municipalities or its country."""
    return re.fullmatch(r"E\d{1,2}", code) is not None


@cache
def codes_invented() -> tuple[str, ...]:
    """Give the codes of Esimerkkilä's municipalities."""
    return codes("kunta", invented=True)[-_count_invented() :]


@cache
def memberships(year: int) -> pd.DataFrame:
    """Give the municipalities of `year` (index, sorted) with their region of each level; do not change it."""
    everyone = table("municipalities")
    index = pd.Index(everyone.loc[_in_year(everyone, year), "code"].sort_values(), name="region_code")
    ranges = table("memberships")
    wide = ranges[_in_year(ranges, year)].pivot(index="code", columns="level", values="parent")
    return wide.reindex(index=index, columns=list(MEMBER_LEVELS)).astype("object").astype("str")


def _in_year(ranges: pd.DataFrame, year: int) -> pd.Series:
    return (ranges["valid_from"] <= year) & (ranges["valid_to"].fillna(year) >= year)


@cache
def _members_of_set(name: str, year: int) -> tuple[str, ...]:
    sets = table("sets")
    own = sets[sets["set"] == name]
    division = int(own["year"].iloc[0])
    if year >= division:
        return tuple(sorted({successor(code, year) for code in own["code"]}))
    inside = set(own["code"])
    return tuple(code for code in memberships(year).index if successor(code, division) in inside)


@cache
def _count_invented() -> int:
    return int((table("invented")["level"] == "kunta").sum())


@cache
def _register() -> dict[tuple[str, str], _Entry]:
    register: dict[tuple[str, str], _Entry] = {}
    for row in table("municipalities").to_dict("records"):
        register["kunta", row["code"]] = _read(row, row["successor"])
    for row in table("regions").to_dict("records"):
        register[row["level"], row["code"]] = _read(row, "")
    for row in table("invented").to_dict("records"):
        register[row["level"], row["code"]] = _Entry((row["name_fi"],) * 3, FIRST_YEAR, None, "")
    return dict(sorted(register.items()))


def _read(row: dict[Hashable, Any], heir: str) -> _Entry:
    end = None if pd.isna(row["valid_to"]) else int(row["valid_to"])
    return _Entry((row["name_fi"], row["name_sv"], row["name_en"]), int(row["valid_from"]), end, heir)


def _entry(level: str, code: str) -> _Entry:
    _check_level(level)
    form, words = CODE_FORMS[level]
    if not isinstance(code, str):
        raise RegionError(
            f"region code {code!r} of level {level} is no text; a code is text with its zeros ({words}): "
            f"write {_with_zeros(level, str(code))!r} and read code columns with dtype=str"
        )
    if re.fullmatch(form, code) is None:
        raise RegionError(
            f"region code {code!r} is no {level} code; expected {words}: "
            f"write {_with_zeros(level, code)!r} if its zeros were lost"
        )
    entry = _register().get((level, code))
    if entry is None:
        raise RegionError(_unknown(level, code))
    return entry


def _with_zeros(level: str, code: str) -> str:
    digits = {"three digits": 3, "two digits": 2}.get(CODE_FORMS[level][1], 1)
    return code.removesuffix(".0").zfill(digits)


def _unknown(level: str, code: str) -> str:
    elsewhere = [
        f"{of_level} {code} is {entry.names[0]}"
        for (of_level, found), entry in _register().items()
        if found == code
    ]
    hint = f"; {'; '.join(elsewhere)}" if elsewhere else ""
    return (
        f"there is no {level} {code!r} in any year {FIRST_YEAR}-{CURRENT_YEAR}{hint}; "
        f"regions.codes({level!r}, year) lists the codes"
    )


def _not_that_year(level: str, code: str, entry: _Entry, year: int) -> str:
    name = f"{entry.names[0]} ({level} {code})"
    if year < entry.valid_from:
        return f"{name} did not exist in {year}: it is known from {entry.valid_from}; ask for a later year"
    ceased = f"{name} ceased on 31.12.{entry.valid_to} and does not exist in {year}"
    if not entry.successor:
        return f"{ceased}; regions.codes({level!r}, {year}) lists the codes of that year"
    heir = successor(code, year)
    return f"{ceased}; its successor is {_entry(level, heir).names[0]} ({heir}): use {heir!r}"


def _check_level(level: str) -> None:
    if level not in CODE_FORMS:
        raise RegionError(f"region level {level!r} is unknown; use one of {', '.join(CODE_FORMS)}")


def _check_year(year: object) -> None:
    whole = isinstance(year, Integral) and not isinstance(year, bool)
    if not whole or not FIRST_YEAR <= int(year) <= CURRENT_YEAR:  # type: ignore[call-overload]
        raise RegionError(
            f"year {year!r}: the register knows the divisions of {FIRST_YEAR}-{CURRENT_YEAR}; "
            "give one of these years as a whole number"
        )
