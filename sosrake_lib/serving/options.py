"""What the app's menus offer, and what an address may name: the area's regions and the catalogue's themes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sosrake_lib import catalogue, regions
from sosrake_lib.errors import RegionError
from sosrake_lib.language import collation_key, say

AREA = ("joukko", "alue51")
_SLUG = re.compile(r"(kunta|hva)-(\d{2,3})")


def slug_region(slug: str) -> tuple[str, str]:
    """Read `kunta-297` as (level, code).

    Examples
    --------
    >>> slug_region("kunta-297")
    ('kunta', '297')
    """
    match = _SLUG.fullmatch(slug)
    if match is None:
        raise RegionError(f"region {slug!r}: expected kunta-297 or hva-13; choose from the menu")
    return match[1], match[2]


def region_options(language: str) -> dict[str, dict[str, str]]:
    """List the counties and municipalities of the area for a menu, in Finnish alphabetical order."""
    municipalities = regions.members("joukko", AREA[1])
    counties = {regions.parent(code, "hva") for code in municipalities}
    levels: Sequence[tuple[str, set]] = (("hva", counties), ("kunta", set(municipalities)))
    return {
        say(f"tilannekuva.group.{level}", language): {
            regions.slug(level, code): name
            for name, code in sorted(
                ((regions.name(level, code, language), code) for code in codes),
                key=lambda pair: collation_key(pair[0]),
            )
        }
        for level, codes in levels
    }


def theme_options(language: str) -> dict[str, str]:
    """List the themes for a menu, in the order of the catalogue."""
    return {one.key: one.name_en if language == "en" else one.name_fi for one in catalogue.themes()}


def county_list(language: str) -> str:
    """Name the area's counties as an address writes them, for the answer to a wrong one."""
    counties = next(iter(region_options(language).values()))
    return ", ".join(f"{slug} ({name})" for slug, name in counties.items())


def successor_of(slug: str) -> dict[str, str] | None:
    """Name the municipality that a ceased one of the area has become."""
    match = _SLUG.fullmatch(slug)
    if match is None or match[1] != "kunta":
        return None
    try:
        now = regions.successor(match[2])
    except RegionError:
        return None
    if now == match[2] or now not in regions.members("joukko", AREA[1]):
        return None
    return {"slug": regions.slug("kunta", now), "name": regions.name("kunta", now)}
