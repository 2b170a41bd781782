"""Refusals that name the earlier figure: which one, of which area and period, and on which page it is.

The audit words its refusals by key and release id. Here the ledger adds what a person needs to find the
figure: its name, its area and period in words, and the pages it went to, in Finnish or in English.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sosrake_lib import catalogue, regions
from sosrake_lib import frame as frames
from sosrake_lib.errors import DisclosureError, SosrakeError
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.protect.ledger import Ledger

_PUBLISHED = re.compile(
    r"\((?P<key>[^()]+)\) must be hidden but was published in release (?P<id>[0-9a-f]{16})"
)
_RECKONED = re.compile(
    r"\((?P<key>[^()]+)\) could be reckoned back with what release (?P<id>[0-9a-f]{16}) published, "
    r"such as \((?P<earlier>[^()]+)\)"
)
_MOST_PAGES = 3
_TOTALS = {"sex": "total", "age": "all", "group": "all"}


def changed(book: Ledger, key: tuple, release: str, language: str) -> DisclosureError:
    """Word the refusal of a figure that left the house with another value."""
    told = say(
        "ledger.clash.changed",
        language,
        cell=", ".join(map(str, key)),
        figure=in_words(key, language),
        release=release,
        where=_where(book, release, language),
    )
    return DisclosureError(told)


def told(refusal: DisclosureError, book: Ledger, language: str) -> DisclosureError:
    """Say an audit's refusal again with the earlier figure in words; one of another kind stays as it is."""
    text = str(refusal)
    for kind, pattern in (("published", _PUBLISHED), ("reckoned", _RECKONED)):
        found = pattern.search(text)
        if found is None:
            continue
        clashing = found["earlier"] if kind == "reckoned" else found["key"]
        return DisclosureError(
            say(
                f"ledger.clash.{kind}",
                language,
                cell=found["key"],
                earlier=clashing,
                figure=in_words(tuple(clashing.split(", ")), language),
                release=found["id"],
                where=_where(book, found["id"], language),
            )
        )
    return refusal


def in_words(key: tuple, language: str) -> str:
    """Name a figure: indicator, area, period, and the class when it is not everyone.

    Examples
    --------
    >>> in_words(("tyottomyysaste", "kunta", "297", 2021, "2019", "total", "all", "all"), "fi")
    'Työttömien osuus työvoimasta, Kuopio, 2019'
    """
    given = dict(zip(frames.KEY, map(str, key), strict=False))
    classes = [given[name] for name, total in _TOTALS.items() if given.get(name, total) != total]
    return ", ".join(
        [_indicator(given["indicator"], language), _area(given, language), given["period"], *classes]
    )


def _indicator(key: str, language: str) -> str:
    try:
        about = catalogue.indicator(key)
    except SosrakeError:
        return key
    return about.name_en if language == "en" else about.name_fi


def _area(given: dict[str, str], language: str) -> str:
    try:
        return regions.name(given["region_level"], given["region_code"], language, int(given["borders"]))
    except (SosrakeError, ValueError):
        return f"{given['region_level']}-{given['region_code']}"


def _where(book: Ledger, release: str, language: str) -> str:
    """Say the earlier release's name and day, and the pages its figures went to."""
    named = book.rows("releases", "name, day", "WHERE id = ?", release)
    if not named:
        return ""
    name, day = named[0]
    pages = [row[0] for row in book.rows("pages", "page", "WHERE release = ? ORDER BY page", release)]
    if not pages:
        return say("ledger.clash.no_page", language, name=name, day=day)
    more = len(pages) - _MOST_PAGES
    rest = say("ledger.clash.more_pages", language, count=more) if more > 0 else ""
    return say(
        "ledger.clash.pages", language, name=name, day=day, pages=", ".join(pages[:_MOST_PAGES]) + rest
    )
