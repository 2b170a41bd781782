"""Areas of a site: a page for each county and municipality, what there is of it, and what followed there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sosrake_lib import regions
from sosrake_lib.influence.pages import Page, html_of
from sosrake_lib.influence.site_background import Background, Link
from sosrake_lib.influence.site_downloads import Offer, offers
from sosrake_lib.influence.words_followup import what_happened
from sosrake_lib.language import collation_key, numbers, say

AREA = ("joukko", "alue53")  # every municipality the area has had since 2019, ceased ones too
AREA_YEAR = 2019
PROJECT_FOLDER = "hanke"
HAPPENED = "mita_tapahtui"
SECTIONS = ("tieto", "vaikuttaminen", "hyvinvointi")
# The knowledge base and social reporting stand before everything else, in this order.
KNOWLEDGE = ("indikaattorit", "alueprofiili")
REPORTING = ("sosiaalinen_raportointi", "sosiaalinen_raportti", "ilmiokortti", "osallistava_tieto")
Area = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AreaView:
    """What the page of an area shows.

    `pages` maps a section to its links; `inside` are municipalities of a county; `beside` what the area is
    part of; `before` municipalities that have joined it; `happened` leads to what followed, or is empty;
    `files` are the same pages to be fetched.
    """

    name: str
    swedish: str
    synthetic: bool
    pages: Mapping[str, tuple[Link, ...]]
    inside: tuple[Link, ...]
    beside: tuple[Link, ...]
    before: tuple[str, ...]
    happened: str
    files: tuple[Offer, ...]


def folder_of(page: Page) -> str:
    """Give the folder of a page's address: that of its area, or the project's."""
    return PROJECT_FOLDER if page.context.region is None else regions.slug(*page.context.region)


def page_address(page: Page) -> str:
    """Give a page's address inside the site of its language."""
    return f"{folder_of(page)}/{page.context.key}.html"


def area_address(area: Area) -> str:
    """Give the address of an area's own page."""
    return f"{regions.slug(*area)}/index.html"


def areas_of(own: Sequence[Page]) -> tuple[Area, ...]:
    """List the areas of a site: those of its pages, and the county of each municipality."""
    found = dict.fromkeys(page.context.region for page in own if page.context.region)
    for level, code in list(found):
        county = county_of((level, code))
        if county is not None:
            found.setdefault(county)
    names = {area: collation_key(regions.name(area[0], area[1])) for area in found}
    return tuple(sorted(found, key=lambda area: (area[0] != "hva", names[area])))


def county_of(area: Area) -> Area | None:
    """Give the wellbeing services county a municipality belongs to; None for an area of another level."""
    return ("hva", str(regions.parent(area[1], "hva"))) if area[0] == "kunta" else None


def order(page: Page) -> tuple[int, int, int, str]:
    """Order the pages of an area: knowledge base, social reporting, the rest as the plan has them."""
    key, context = page.context.key, page.context
    first = (*KNOWLEDGE, *REPORTING)
    return (
        SECTIONS.index(context.section),
        first.index(key) if key in first else len(first),
        context.place,
        key,
    )


def view(
    area: Area, own: Sequence[Page], areas: Sequence[Area], background: Background, language: str
) -> AreaView:
    """Collect what the page of an area shows; addresses are from the area's own folder."""
    pages = sorted((page for page in own if page.context.region == area), key=order)
    county = county_of(area)
    inside = [one for one in areas if area[0] == "hva" and county_of(one) == area]
    inside.sort(key=lambda one: collation_key(regions.name(one[0], one[1], language)))
    found = regions.region(*area)
    owner = area if area[0] == "hva" else county
    return AreaView(
        name=regions.name(*area, language),
        swedish=found.name_sv if found.name_sv != found.name_fi else "",
        synthetic=regions.is_invented(area[1]),
        pages={
            section: tuple(page_link(page, language) for page in pages if page.context.section == section)
            for section in SECTIONS
        },
        inside=tuple(Link(f"../{area_address(one)}", regions.name(*one, language)) for one in inside),
        beside=(Link(f"../{area_address(county)}", regions.name(*county, language)),) if county else (),
        before=_before(area, language),
        happened=f"../{happened_address(owner)}" if owner and tells(owner, background) else "",
        files=offers(background.downloads, area, language),
    )


def page_link(page: Page, language: str, root: str = "") -> Link:
    """Lead to a page: its title, how new its figures are, and whether it is a draft."""
    newest = page.facts.newest_period
    note = say("site.area.newest", language, period=numbers.period(newest, language)) if newest else ""
    address = f"{root}{page_address(page)}" if root else f"{page.context.key}.html"
    return Link(address, page.context.title, note, page.context.approval is None)


def happened_address(county: Area) -> str:
    """Give the address of what followed from what was told in a county."""
    return f"{regions.slug(*county)}/{HAPPENED}.html"


def tells(county: Area, background: Background) -> bool:
    """Say whether a county tells what followed: a real one always, the invented one with a register."""
    return not regions.is_invented(county[1]) or _register(county, background)


def happened(county: Area, background: Background, language: str) -> str:
    """Give the markup of what followed in a county, or that nothing is recorded."""
    if background.register is None or not _register(county, background):
        return f"<p>{say('site.happened.nothing', language)}</p>"
    return html_of(what_happened(background.register, county, language), language)


def is_draft(county: Area, background: Background) -> bool:
    """Say whether a county's page of what followed shows a register nobody has approved."""
    return _register(county, background) and not background.register_approved


def ceased(own: Sequence[Page], language: str) -> dict[str, Area]:
    """Give each ceased municipality of the area by its code with the one it belongs to now."""
    now = set(regions.codes("kunta", regions.CURRENT_YEAR))
    there = {page.context.region for page in own}
    found: dict[str, Area] = {}
    for code in regions.members(*AREA, AREA_YEAR):
        successor = ("kunta", regions.successor(code))
        if code not in now and successor in there:
            found[code] = successor
    names = {code: regions.name("kunta", code, language, AREA_YEAR) for code in found}
    return {code: found[code] for code in sorted(found, key=lambda one: collation_key(names[one]))}


def _register(county: Area, background: Background) -> bool:
    """Say whether the register at hand is of this county's kind: the invented one tells of no real county."""
    return background.register is not None and background.register.synthetic == regions.is_invented(county[1])


def _before(area: Area, language: str) -> tuple[str, ...]:
    if area[0] != "kunta" or regions.is_invented(area[1]):
        return ()
    now = set(regions.codes("kunta", regions.CURRENT_YEAR))
    gone = [code for code in regions.members(*AREA, AREA_YEAR) if code not in now]
    return tuple(
        regions.name("kunta", code, language, AREA_YEAR)
        for code in gone
        if regions.successor(code) == area[1]
    )
