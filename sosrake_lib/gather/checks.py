"""Checks of content that need other knowledge: municipalities in time, columns of persons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from sosrake_lib import regions
from sosrake_lib.errors import RegionError
from sosrake_lib.gather.cells import plain
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.identifiers import find, identity_codes
from sosrake_lib.gather.raw import Coded, RawTable, from_rows

_IDENTITY_NAMES = frozenset(
    (
        "hetu",
        "henkilötunnus",
        "henkilotunnus",
        "sotu",
        "sosiaaliturvatunnus",
        "personbeteckning",
        "ssn",
        "identity code",
        "syntymäaika",
        "syntymaaika",
    )
)
_PERSON_NAMES = frozenset(
    (
        "nimi",
        "etunimi",
        "sukunimi",
        "asiakkaan nimi",
        "asiakas nimi",
        "etunimet",
        "kutsumanimi",
        "namn",
        "osoite",
        "katuosoite",
        "lähiosoite",
        "puhelin",
        "puhelinnumero",
        "sähköposti",
        "email",
        "first name",
        "last name",
        "name",
    )
)
_NAME_PART = "[A-ZÅÄÖ][a-zåäöé]+(?:-[A-ZÅÄÖ][a-zåäöé]+)?"
_FULL_NAME = re.compile(f"{_NAME_PART},? {_NAME_PART}")
_CODE_LIKE = re.compile(
    r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[-+A-FYXWVU]\d{3}[0-9A-Y]", re.IGNORECASE
)
# An e-mail address, or a Finnish mobile number with its prefix.
# What cannot hold a contact is not asked about: a table may have a million different cells.
_MAY_REACH = re.compile(r"@|[(\[]at[)\]]|(?:\+|(?<![\d,.])0)\d[\d\s()-]{5,}")
_CONTACTS = frozenset(("EMAIL", "PHONE"))


def personal(
    header: Sequence[str], rows: Sequence[tuple[int, Sequence[Any]]], known: set[str]
) -> list[Finding]:
    """Find columns that hold, or seem to hold, who somebody is; no value is ever repeated."""
    columns, numbers = from_rows([(row, list(cells)) for row, cells in rows], len(header))
    return personal_columns(RawTable(list(header), columns, numbers), known)


def personal_columns(raw: RawTable, known: set[str]) -> list[Finding]:
    """Find the columns of a read table that hold, or seem to hold, who somebody is."""
    findings = []
    for name, column in zip(raw.header, raw.columns, strict=True):
        words = " ".join(re.split(r"[\s_.\-]+", plain(name)))
        if words in _IDENTITY_NAMES:
            findings.append(Finding("identity_column", None, name))
        elif words in _PERSON_NAMES and plain(name) not in known:
            findings.append(Finding("name_column", None, name))
        coded = column.where(place for place, cell in enumerate(column.values) if _has_code(cell))
        if len(coded):
            findings.append(Finding("identity_code", int(raw.numbers[coded[0]]), name))
            continue
        reached = column.where(place for place, cell in enumerate(column.values) if _has_contact(cell))
        if len(reached):
            findings.append(Finding("contact", int(raw.numbers[reached[0]]), name))
        elif plain(name) not in known and _seem_names(column):
            findings.append(Finding("name_column", None, name))
    return findings


def municipality(code: str, name: str | None, year: int | None) -> Finding | None:
    """Check that a municipality exists in a year and bears its name; say what to write instead."""
    when = min(max(year or regions.CURRENT_YEAR, regions.FIRST_YEAR), regions.CURRENT_YEAR)
    values = {"code": code, "year": str(year or when)}
    try:
        found = regions.region("kunta", code, when)
    except RegionError:
        return _no_such(code, name, when, values)
    if name and plain(name) not in (plain(found.name_fi), plain(found.name_sv)):
        return Finding("name_differs", values={**values, "name": name[:60], "official": found.name_fi})
    return None


def _no_such(code: str, name: str | None, year: int, values: dict[str, str]) -> Finding:
    for earlier in range(year - 1, regions.FIRST_YEAR - 1, -1):
        if code in regions.codes("kunta", earlier):
            later = regions.successor(code, year)
            told = {
                "name": regions.name("kunta", code, year=earlier),
                "successor": later,
                "successor_name": regions.name("kunta", later, year=year),
                "since": str(earlier + 1),
            }
            return Finding("ceased_municipality", values={**values, **told})
    return Finding("unknown_municipality", values={**values, "hint": number_hint(name or "")})


def number_hint(name: str) -> str:
    """Give the number of the municipality a name belongs to, as it is shown in a message."""
    code = _numbers_by_name().get(plain(name[:100]))
    return f"{name[:40]} {code}" if code else "\u2013"


@cache
def _numbers_by_name() -> dict[str, str]:
    named = regions.municipalities(regions.CURRENT_YEAR)
    return {plain(name): code for name, code in zip(named["name_fi"], named["region_code"], strict=True)}


def of_a_person(text: str, no_words: bool) -> bool:
    """Say whether a cell looks like somebody: a code, a way to reach, or a name where numbers belong."""
    return _has_code(text) or _has_contact(text) or (no_words and _FULL_NAME.search(text) is not None)


def _has_code(cell: Any) -> bool:
    """Say whether a cell holds an identity code, or is one whose check letter is mistyped."""
    if not isinstance(cell, str) or len(cell) < 10:
        return False
    return identity_codes(cell) > 0 or _CODE_LIKE.fullmatch(cell.strip()) is not None


def _has_contact(cell: Any) -> bool:
    if not isinstance(cell, str) or _MAY_REACH.search(cell[:20_000]) is None:
        return False
    found = find(cell[:20_000], dictionary="rules")
    return any(one.type in _CONTACTS and one.level == "sure" for one in found)


def _seem_names(column: Coded) -> bool:
    texts = [str(value).strip() if value is not None else "" for value in column.values]
    counts = np.bincount(column.codes, minlength=len(texts)) if len(texts) else np.zeros(0, dtype=int)
    filled = sum(int(count) for text, count in zip(texts, counts, strict=True) if text)
    distinct = sum(1 for text, count in zip(texts, counts, strict=True) if text and count)
    if filled < 5 or distinct < 0.8 * filled:
        return False
    fitting = sum(
        int(count)
        for text, count in zip(texts, counts, strict=True)
        if len(text) < 80 and _FULL_NAME.fullmatch(text)
    )
    return fitting >= 0.6 * filled
