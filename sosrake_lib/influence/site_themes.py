"""Pages by theme: what the theme's indicators are, and which pages of the site tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sosrake_lib import catalogue, regions
from sosrake_lib.catalogue import Indicator, Theme
from sosrake_lib.errors import CatalogueError
from sosrake_lib.influence import labels
from sosrake_lib.influence.number_notes import Behind
from sosrake_lib.influence.pages import Page
from sosrake_lib.influence.site_areas import Area, county_of, page_address
from sosrake_lib.influence.site_background import Link
from sosrake_lib.language import collation_key, say

FOLDER = "teemat"
_NOT_A_PROBLEM = (
    "perustiedot",
    "huono_osaisuus",
)  # the two that hold the rest; the six are the project's own


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One indicator of a theme in a reader's words."""

    key: str
    name: str
    unit: str
    level: str
    source: str
    shown: bool


@dataclass(frozen=True, slots=True)
class AreaGroup:
    """Municipalities of one county that a page has been made of."""

    name: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PageGroup:
    """Pages of one title: those of the project and of counties, and of municipalities by county."""

    title: str
    links: tuple[Link, ...]
    inside: tuple[AreaGroup, ...]


@dataclass(frozen=True, slots=True)
class ThemeView:
    """What the page of a theme shows."""

    name: str
    swedish: str
    indicators: tuple[IndicatorLine, ...]
    pages: tuple[PageGroup, ...]


def six_themes() -> tuple[Theme, ...]:
    """Give the project's six themes in their order."""
    return tuple(theme for theme in catalogue.themes() if theme.key not in _NOT_A_PROBLEM)


def theme_address(theme: Theme) -> str:
    """Give the address of a theme's page."""
    return f"{FOLDER}/{theme.key}.html"


def theme_name(theme: Theme, language: str) -> str:
    """Name a theme in a language."""
    return theme.name_en if language == "en" else theme.name_fi


def indicators_on(behind: Iterable[Behind]) -> frozenset[str]:
    """Name the indicators of the catalogue that a page's numbers are of; a measure over one counts as it."""
    named = {str(one.row.columns.get(name, "")) for one in behind for name in ("indicator", "group")}
    return frozenset(name for name in named if _theme_of(name))


def view(theme: Theme, own: Sequence[Page], shown: Mapping[str, frozenset[str]], language: str) -> ThemeView:
    """Collect what the page of a theme shows.

    Parameters
    ----------
    own : pages of the site. shown : indicators on each page, by its address.
    """
    held = [
        page for page in own if any(_theme_of(key) == theme.key for key in shown.get(page_address(page), ()))
    ]
    everywhere = frozenset().union(*shown.values()) if shown else frozenset()
    titles: dict[str, list[Page]] = {}
    for page in sorted(held, key=_place):
        titles.setdefault(page.context.title, []).append(page)
    return ThemeView(
        name=theme_name(theme, language),
        swedish=theme.name_sv,
        indicators=tuple(_line(one, one.key in everywhere, language) for one in _indicators(theme)),
        pages=tuple(_group(title, pages, language) for title, pages in titles.items()),
    )


def indicator_names(theme: Theme) -> dict[str, tuple[str, str, str]]:
    """Give names in three languages of a theme's indicators, by key."""
    return {one.key: (one.name_fi, one.name_en, one.name_sv) for one in _indicators(theme)}


def _group(title: str, pages: Sequence[Page], language: str) -> PageGroup:
    """Group pages of one title; municipalities stand under their county, by name."""
    above: list[Link] = []
    inside: dict[Area, list[Link]] = {}
    for page in pages:
        text = page.context.region_name or say("site.theme.whole_project", language)
        link, county = Link(f"../{page_address(page)}", text), county_of(page.context.region or ("", ""))
        (above if county is None else inside.setdefault(county, [])).append(link)
    names = {county: regions.name(*county, language) for county in inside}
    counties = sorted(inside, key=lambda one: (regions.is_invented(one[1]), collation_key(names[one])))
    return PageGroup(
        title, tuple(above), tuple(AreaGroup(names[one], tuple(inside[one])) for one in counties)
    )


def _indicators(theme: Theme) -> list[Indicator]:
    return [one for one in catalogue.indicators() if one.theme == theme.key]


def _line(one: Indicator, shown: bool, language: str) -> IndicatorLine:
    english = language == "en"
    return IndicatorLine(
        key=one.key,
        name=one.name_en if english else one.name_fi,
        unit=one.unit_en if english else one.unit_fi,
        level=say(f"regions.level.{one.level_min}", language),
        source=labels.told_source(
            ", ".join(piece for piece in (one.producer, one.source, one.licence) if piece), language
        ),
        shown=shown,
    )


@cache
def _theme_of(key: str) -> str:
    try:
        return catalogue.indicator(key).theme
    except CatalogueError:
        return ""


def _place(page: Page) -> tuple[bool, int, str, tuple[str, str]]:
    region = page.context.region or ("", "")
    invented = bool(region[1]) and regions.is_invented(region[1])
    return (
        invented,
        page.context.place,
        "" if region[0] == "hva" else "k",
        collation_key(page.context.region_name),
    )
