"""Reads laws.toml: the acts the workbook cites, each with the days it is in force.

An act that has ended is not cited as if it were in force: `law` and `check_citations` refuse it afterwards.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.errors import CatalogueError

NOT_RECORDED = "ei kirjattu"
_FILE = "laws.toml"
_SECTION = re.compile(r"\b(\d+[a-z]?)\s§")
_NUMBER = re.compile(r"\b\d{1,4}/(?:19|20)\d{2}\b")


@dataclass(frozen=True, slots=True)
class Law:
    """One act: number/year, name, what it is about, its days, and when and from what the row was checked."""

    number: str
    name_fi: str
    name_en: str
    about_fi: str
    about_en: str
    valid_from: date
    valid_to: date | None
    replaced_by: str
    checked: date
    verified: bool
    source: str

    def in_force(self, on: date) -> bool:
        """Say whether the act is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def title(self, language: str = "fi") -> str:
        """Give name and number, such as `Kuntalaki 410/2015`."""
        return f"{self.name_en if language == 'en' else self.name_fi} {self.number}"


@cache
def laws() -> tuple[Law, ...]:
    """Give every act of the file, those that have ended too.

    Raises
    ------
    CatalogueError when an act lacks something, ends before it begins, or is replaced by an unknown one.

    Examples
    --------
    >>> from sosrake_lib.catalogue.laws import laws
    >>> laws()[1].title("en")
    'Local Government Act 410/2015'
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return laws_of(tomllib.loads(text))


def laws_of(read: Mapping[str, Mapping[str, Any]]) -> tuple[Law, ...]:
    """Make the acts of what was read from the file; errors as `laws`."""
    found = tuple(_law(number, row) for number, row in read.items())
    for one in found:
        if one.valid_to is not None and one.valid_to < one.valid_from:
            raise CatalogueError(f"catalogue/{_FILE}: {one.number} ends before it begins; correct its days")
        if one.replaced_by and one.replaced_by not in read:
            raise CatalogueError(
                f"catalogue/{_FILE}: {one.number} is replaced by {one.replaced_by}, which lacks; add it"
            )
    return found


def law(number: str, on: date | None = None) -> Law:
    """Give the act of a number, in force on the day asked for.

    Parameters
    ----------
    number : as `410/2015`. on : day it must be in force; None gives it whatever its days are.

    Raises
    ------
    CatalogueError when it is not in the file or not in force; the message names what has replaced it.
    """
    found = next((one for one in laws() if one.number == number), None)
    if found is None:
        raise CatalogueError(
            f"catalogue/{_FILE}: no act {number!r}; add it with its days, or write {NOT_RECORDED!r}"
        )
    if on is not None and not found.in_force(on):
        instead = f"; it was replaced by {found.replaced_by}" if found.replaced_by else ""
        raise CatalogueError(
            f"catalogue/{_FILE}: {found.title()} is not in force on {on.isoformat()}"
            f"{instead}; cite what is in force"
        )
    return found


def cited(text: str) -> tuple[str, ...]:
    """Find the numbers of acts in a text, each once.

    Examples
    --------
    >>> cited("Kuntalaki 410/2015; Sosiaalihuoltolaki 1301/2014, 7 §")
    ('410/2015', '1301/2014')
    """
    return tuple(dict.fromkeys(_NUMBER.findall(text)))


def citation(text: str, language: str = "fi") -> str:
    """Say a citation written in Finnish in the language of the page; an act not in the file stays as written.

    Examples
    --------
    >>> citation("Kuntalaki 410/2015, 14 §", "en")
    'Local Government Act 410/2015, section 14'
    """
    if language != "en":
        return text
    for one in laws():
        text = text.replace(one.title("fi"), one.title("en"))
    return _SECTION.sub(r"section \1", text)


def check_citations(text: str, on: date) -> tuple[Law, ...]:
    """Give the acts a text cites, all known and in force on the day; errors as `law`."""
    return tuple(law(number, on) for number in cited(text))


def _law(number: str, row: Mapping[str, Any]) -> Law:
    if not _NUMBER.fullmatch(number):
        raise CatalogueError(f"catalogue/{_FILE}: {number!r}; expected number/year, such as 410/2015")
    words = ("name_fi", "name_en", "about_fi", "about_en", "valid_from", "checked", "verified", "source")
    lacking = [name for name in words if row.get(name) in (None, "")]
    if lacking:
        raise CatalogueError(f"catalogue/{_FILE}: {number} lacks {lacking[0]}; write it")
    ends = row.get("valid_to")
    return Law(
        number=number,
        name_fi=str(row["name_fi"]),
        name_en=str(row["name_en"]),
        about_fi=str(row["about_fi"]),
        about_en=str(row["about_en"]),
        valid_from=_day(number, row["valid_from"]),
        valid_to=_day(number, ends) if ends else None,
        replaced_by=str(row.get("replaced_by", "")),
        checked=_day(number, row["checked"]),
        verified=bool(row["verified"]),
        source=str(row["source"]),
    )


def _day(number: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise CatalogueError(f"catalogue/{_FILE}: {number}: {text!r}; expected a day as 2025-01-01") from None
