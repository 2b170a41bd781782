"""Checks of content that need more than one cell: municipalities in time, totals, keys, personal data."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sosrake_lib import regions
from sosrake_lib.errors import RegionError
from sosrake_lib.gather.cells import plain
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.identifiers import identity_codes

_TOTALS = frozenset(
    (
        "yhteensä",
        "summa",
        "kaikki",
        "koko maa",
        "kaikki yhteensä",
        "totalt",
        "sammanlagt",
        "total",
        "sum",
        "all",
    )
)
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


def is_total(cells: Sequence[Any]) -> int | None:
    """Give the place of the cell that makes a row a total, or None."""
    for place, cell in enumerate(cells):
        if isinstance(cell, str) and plain(cell).rstrip(":") in _TOTALS:
            return place
    return None


def personal(
    header: Sequence[str], rows: Sequence[tuple[int, Sequence[Any]]], known: set[str]
) -> list[Finding]:
    """Find columns that hold, or seem to hold, who somebody is; no value is ever repeated."""
    findings = []
    for place, name in enumerate(header):
        words = plain(name).replace("_", " ")
        if words in _IDENTITY_NAMES:
            findings.append(Finding("identity_column", None, name))
        elif words in _PERSON_NAMES and plain(name) not in known:
            findings.append(Finding("name_column", None, name))
        texts = [(row, str(cells[place])) for row, cells in rows if cells[place] is not None]
        coded = next((row for row, text in texts if len(text) >= 10 and identity_codes(text)), None)
        if coded is not None:
            findings.append(Finding("identity_code", coded, name))
        elif plain(name) not in known and _seem_names([text for _, text in texts]):
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


def duplicate_keys(keys: Sequence[tuple[int, tuple[str, ...]]], column: str) -> list[Finding]:
    """Find rows that share a key; every one of them is said, with the rows it shares it with."""
    rows: Mapping[tuple[str, ...], list[int]] = defaultdict(list)
    for row, key in keys:
        rows[key].append(row)
    return [
        Finding("duplicate_key", row, column, {"rows": ", ".join(map(str, shared))})
        for shared in rows.values()
        if len(shared) > 1
        for row in shared
    ]


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
    named = regions.municipalities(year)
    fitting = named.loc[[plain(one) == plain(name or "") for one in named["name_fi"]], "region_code"]
    hint = f"{name} {fitting.iloc[0]}" if len(fitting) else "\u2013"
    return Finding("unknown_municipality", values={**values, "hint": hint})


def _seem_names(texts: Sequence[str]) -> bool:
    filled = [text.strip() for text in texts if text.strip()]
    if len(filled) < 5 or len(set(filled)) < 0.8 * len(filled):
        return False
    return sum(_FULL_NAME.fullmatch(text) is not None for text in filled) >= 0.6 * len(filled)
