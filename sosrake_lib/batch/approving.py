"""Which releases an approval is of: one by its id, those of a page, or all that carry a name."""

from __future__ import annotations

from pathlib import Path

from sosrake_lib.batch.plan import PROJECT_PAGES
from sosrake_lib.errors import BatchError
from sosrake_lib.language import say

LANGUAGES = ("fi", "en")


def pages_of_site(site: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Give, by language, the pages of a built site (`kunta-297/alueprofiili`) and the releases of each."""
    from sosrake_lib.influence.site import site_root
    from sosrake_lib.influence.site_files import listed_pages

    return {
        language: {_key(address): found for address, found in listed_pages(site_root(site, language)).items()}
        for language in LANGUAGES
    }


def releases_of_page(site: Path, page: str, language: str = "fi") -> tuple[str, ...]:
    """Give the releases a page of the site rests on, in whichever languages it is there.

    Raises
    ------
    BatchError when there is no site or no such page, or the page rests on no release.
    """
    pages = _pages(site, language)
    key = _key(page)
    if key not in pages:
        raise BatchError(say("ledger.approve.no_page", language, page=page))
    if not pages[key]:
        raise BatchError(say("ledger.approve.no_release", language, page=page))
    return tuple(sorted(pages[key]))


def releases_of_name(site: Path, name: str, language: str = "fi") -> tuple[str, ...]:
    """Give the releases of the site by a name: of a page in all areas, or of the releases themselves.

    Raises
    ------
    BatchError naming the pages and releases there are.
    """
    pages, names = _pages(site, language), _names()
    used = {release for found in pages.values() for release in found}
    chosen = {release for key, found in pages.items() if key.rpartition("/")[2] == name for release in found}
    chosen |= {release for release in used if names.get(release) == name}
    if not chosen:
        known = {key.rpartition("/")[2] for key in pages} | {names[one] for one in used if one in names}
        raise BatchError(say("ledger.approve.no_name", language, name=name, known=", ".join(sorted(known))))
    return tuple(sorted(chosen))


def release_names() -> dict[str, str]:
    """Give the name of every release that has left the house, by its id."""
    return _names()


def _pages(site: Path, language: str) -> dict[str, set[str]]:
    pages: dict[str, set[str]] = {}
    for found in pages_of_site(site).values():
        for key, releases in found.items():
            pages.setdefault(key, set()).update(releases)
    if not pages:
        raise BatchError(say("ledger.approve.no_site", language, folder=str(site)))
    return pages


def _names() -> dict[str, str]:
    from sosrake_lib.protect import ledger

    found: dict[str, str] = {}
    for folder in ledger.homes():
        with ledger.opened(folder, write=False) as book:
            found |= dict(book.rows("releases", "id, name"))
    return found


def _key(address: str) -> str:
    """Name a page as the plan does: without its ending, and without the folder of pages of no region."""
    return address.removeprefix("en/").removesuffix(".html").removeprefix(f"{PROJECT_PAGES}/")
