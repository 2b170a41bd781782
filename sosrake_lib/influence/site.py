"""The site: pages in folders by area, pages of areas and themes, a search; no other host is needed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from sosrake_lib.errors import BatchError
from sosrake_lib.influence import site_areas, site_front, site_page, site_themes
from sosrake_lib.influence.number_facts import with_facts_behind
from sosrake_lib.influence.number_notes import Behind, ReleasedRows, notes_behind
from sosrake_lib.influence.pages import Page
from sosrake_lib.influence.site_areas import page_address
from sosrake_lib.influence.site_background import Background
from sosrake_lib.influence.site_files import LIST_FILE, Site, write_all
from sosrake_lib.influence.site_front import Whole
from sosrake_lib.influence.site_state import STATE_FILE, round_of

__all__ = ["build_site", "page_address", "site_content", "site_root"]

LANGUAGES = ("fi", "en")
ASSETS = ("site.css", "site.js", "haku.js")


@dataclass(frozen=True, eq=False)
class _Numbers:
    """What stands behind the numbers of each page, by address."""

    behind: Mapping[str, Mapping[tuple[str, str], Behind]]

    def indicators(self) -> dict[str, frozenset[str]]:
        return {address: site_themes.indicators_on(found.values()) for address, found in self.behind.items()}

    def methods(self) -> frozenset[str]:
        every = (one for found in self.behind.values() for one in found.values())
        return frozenset(one.method for one in every)


def build_site(
    pages: Iterable[Page],
    folder: Path,
    language: str = "fi",
    *,
    build_year: int | None = None,
    background: Background | None = None,
) -> Site:
    """Write the pages of one language with their index.

    Parameters
    ----------
    pages : pages of all languages; those of the other language are linked to and not written.
    folder : root of the site; Finnish at the root, English under `en/`. Addresses are
        `<area>/<page>.html`, `<area>/index.html`, `hanke/<page>.html` for pages of the whole project,
        `teemat/<theme>.html`, pictures in `kuvat/`, and the pages on the site itself at its root.
    build_year : year the site is made; left out, that of the newest page context.
    background : what stands beside the pages; the state of the round before is read from the folder.

    Returns
    -------
    Site. A file is written whole or not at all, an unchanged one is left alone, and a page of an earlier
    build that is no longer made is removed; files the site did not write are never touched.

    Raises
    ------
    BatchError when no page is in the language or two pages have the same address.
    """
    root = site_root(folder, language)
    beside = replace(background or Background(), previous=previous_round(root))
    return write_all(root, site_content(pages, language, build_year=build_year, background=beside))


def site_content(
    pages: Iterable[Page],
    language: str = "fi",
    *,
    build_year: int | None = None,
    background: Background | None = None,
) -> dict[str, bytes]:
    """Give every file of the site of one language, by its address; nothing is written.

    Parameters and errors are those of `build_site`.
    """
    every, beside = list(pages), background or Background()
    own = sorted((page for page in every if page.context.language == language), key=_order)
    if not own or language not in LANGUAGES:
        raise BatchError(f"site: no page in language {language!r}; make pages in it before building the site")
    placed: dict[str, Page] = {}
    for page in own:
        if page_address(page) in placed:
            raise BatchError(f"site: two pages have the address {page_address(page)}; give one another key")
        placed[page_address(page)] = page
    found = _numbers(placed, beside)
    placed = {address: _with_facts(page, found.behind.get(address)) for address, page in placed.items()}
    told = round_of(placed, beside.previous, beside.today)
    whole = Whole(
        own=tuple(placed.values()),
        there=frozenset(page_address(page) for page in every if page.context.language != language),
        areas=site_areas.areas_of(own),
        areas_there=frozenset(
            site_areas.areas_of([one for one in every if one.context.language != language])
        ),
        language=language,
        year=build_year or max(page.context.build_year for page in own),
        background=beside,
        indicators=found.indicators(),
        methods=found.methods(),
        changes=told.changes,
    )
    files = {name: _asset(name) for name in ASSETS}
    for address, page in placed.items():
        files |= site_page.page_files(page, address, whole, found.behind.get(address))
    files |= site_front.front_files(whole)
    files[LIST_FILE] = _list(own)
    files[STATE_FILE] = told.content
    return files


def site_root(folder: Path, language: str) -> Path:
    """Give the folder of one language's site: Finnish at the root, others in a folder of their own."""
    return Path(folder) if language == "fi" else Path(folder) / language


def previous_round(root: Path) -> bytes:
    """Read the state that an earlier build left in a site's folder; empty for the first."""
    file = root / STATE_FILE
    return file.read_bytes() if file.is_file() else b""


def _numbers(placed: Mapping[str, Page], background: Background) -> _Numbers:
    if background.releases is None:
        return _Numbers({})
    rows = ReleasedRows(background.releases)
    return _Numbers({address: notes_behind(page, rows) for address, page in placed.items()})


def _with_facts(page: Page, behind: Mapping[tuple[str, str], Behind] | None) -> Page:
    return page if behind is None else with_facts_behind(page, behind)


def _asset(name: str) -> bytes:
    return resources.files("sosrake_lib.influence").joinpath(f"templates/{name}").read_bytes()


def _list(own: Sequence[Page]) -> bytes:
    listed = [
        {"address": page_address(page), "title": page.context.title, "releases": list(page.releases)}
        for page in own
    ]
    return (json.dumps(listed, ensure_ascii=False, indent=0) + "\n").encode("utf-8")


def _order(page: Page) -> tuple[tuple[str, str], int, str]:
    return (page.context.region or ("", ""), page.context.place, page.context.key)
