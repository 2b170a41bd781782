"""The site: pages in folders by region, an index to pick a region from, nothing loaded from another host."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from sosrake_lib import regions
from sosrake_lib.errors import BatchError
from sosrake_lib.influence import labels, words
from sosrake_lib.influence.facts import joined_sources
from sosrake_lib.influence.pages import Page
from sosrake_lib.language import collation_key, numbers, say

AREA = ("joukko", "alue53")  # every municipality the area has had since 2019, ceased ones too
AREA_YEAR = 2019
PROJECT_FOLDER = "hanke"
LANGUAGES = ("fi", "en")


@dataclass(frozen=True)
class Site:
    """What building did: where to begin reading, and how many files were written, left alone and removed."""

    index: Path
    written: int
    unchanged: int
    removed: int


@dataclass(frozen=True)
class _Link:
    """A place to go: address, words, and what else the search knows it by."""

    address: str
    text: str
    pages: tuple[tuple[str, str], ...] = ()
    search: str = ""
    note: str = ""


def build_site(
    pages: Iterable[Page], folder: Path, language: str = "fi", *, build_year: int | None = None
) -> Site:
    """Write the pages of one language with their index.

    Parameters
    ----------
    pages : pages of all languages; those of the other language are linked to and not written.
    folder : root of the site; Finnish at the root, English under `en/`. Addresses are
        `<region>/<page>.html`, `hanke/<page>.html` for pages of the whole project, and `index.html`.
    build_year : year the site is made; left out, that of the newest page context.

    Returns
    -------
    Site. A file is written whole or not at all, an unchanged one is left alone, and a page of an earlier
    build that is no longer made is removed; files the site did not write are never touched.

    Raises
    ------
    BatchError when no page is in the language or two pages have the same address.
    """
    every = list(pages)
    own = sorted((page for page in every if page.context.language == language), key=_order)
    if not own or language not in LANGUAGES:
        raise BatchError(f"site: no page in language {language!r}; make pages in it before building the site")
    root = Path(folder) if language == "fi" else Path(folder) / language
    files = {"site.css": resources.files("sosrake_lib.influence").joinpath("templates/site.css").read_bytes()}
    there = {_address(page) for page in every if page.context.language != language}
    for page in own:
        address = _address(page)
        if address in files:
            raise BatchError(f"site: two pages have the address {address}; give one another key")
        files[address] = _page(page, own, there).encode("utf-8")
    year = build_year or max(page.context.build_year for page in own)
    files["index.html"] = _index(own, "index.html" if there else "", language, year).encode("utf-8")
    return _write_all(root, files)


def page_address(page: Page) -> str:
    """Give a page's address inside the site of its language."""
    return _address(page)


def _page(page: Page, own: Sequence[Page], there: set[str]) -> str:
    context, language = page.context, page.context.language
    siblings = [
        _Link(f"{other.context.key}.html", other.context.title)
        for other in own
        if _folder(other) == _folder(page)
    ]
    address = _address(page)
    return _render(
        "page.html.j2",
        language,
        root="../",
        other=_other(address, language) if address in there else "",
        page=page,
        context=context,
        siblings=siblings,
        own_address=f"{context.key}.html",
        basis=_basis(page),
    )


def _basis(page: Page) -> dict[str, Any]:
    """Say in words what the page rests on; every figure here is a count of the page itself."""
    facts, language, year = page.facts, page.context.language, page.context.build_year
    hidden = [
        (say(f"pages.hidden.{status}", language), numbers.count(facts.count(status), language))
        for status in ("suppressed", "missing", "not_published_at_level")
        if facts.count(status)
    ]
    return {
        "age": words.age_of_period(facts.newest_period, year, language).html() if facts.newest_period else "",
        "sources": joined_sources(labels.told_source(source, language) for source in facts.sources),
        "methods": tuple(labels.method_text(key, language) for key in facts.methods),
        "hidden": hidden,
        "own": facts.own,
        "releases": page.releases,
    }


def _index(own: Sequence[Page], other: str, language: str, year: int) -> str:
    real = [page for page in own if page.context.region and not page.context.synthetic]
    invented = [page for page in own if page.context.region and page.context.synthetic]
    return _render(
        "index.html.j2",
        language,
        root="",
        other=_other(other, language) if other else "",
        year=year,
        counties=_counties(real, language),
        invented=_counties(invented, language),
        ceased=_ceased(real, language),
        influence=[
            _Link(_address(page), f"{page.context.title}: {page.context.region_name}")
            for page in own
            if page.context.section == "vaikuttaminen"
            and page.context.region
            and page.context.region[0] != "kunta"
        ],
        project=[_Link(_address(page), page.context.title) for page in own if page.context.region is None],
        sources=joined_sources(
            labels.told_source(source, language) for page in own for source in page.facts.sources
        ),
    )


def _counties(own: Sequence[Page], language: str) -> list[tuple[_Link, list[_Link]]]:
    """Group areas under their wellbeing services county, municipalities by name."""
    areas = list(dict.fromkeys(page.context.region for page in own if page.context.region))
    heads: dict[str, list[_Link]] = {code: [] for level, code in areas if level == "hva"}
    for level, code in areas:
        county = code if level == "hva" else regions.parent(code, "hva")
        heads.setdefault(str(county), [])
        if level != "hva":
            heads[str(county)].append(_area(own, (level, code), language))
    groups = []
    for county, members in heads.items():
        members.sort(key=lambda link: collation_key(link.text))
        groups.append((_area(own, ("hva", county), language), members))
    return sorted(groups, key=lambda group: collation_key(group[0].text))


def _area(own: Sequence[Page], area: tuple[str, str], language: str) -> _Link:
    pages = tuple((_address(page), page.context.title) for page in own if page.context.region == area)
    found = regions.region(*area)
    name = regions.name(*area, language)
    search = " ".join(dict.fromkeys([name, found.name_fi, found.name_sv])).casefold()
    return _Link(pages[0][0] if pages else "", name, pages, search)


def _ceased(own: Sequence[Page], language: str) -> list[_Link]:
    """Lead from each ceased municipality of the area to the pages of the one it belongs to now."""
    now = set(regions.codes("kunta", regions.CURRENT_YEAR))
    links = []
    for code in regions.members(*AREA, AREA_YEAR):
        if code in now:
            continue
        successor = regions.successor(code)
        pages = [page for page in own if page.context.region == ("kunta", successor)]
        if pages:
            name = regions.name("kunta", code, language, AREA_YEAR)
            text = say(
                "pages.ceased", language, name=name, successor=regions.name("kunta", successor, language)
            )
            links.append(_Link(_address(pages[0]), text, search=name.casefold()))
    return sorted(links, key=lambda link: collation_key(link.text))


def _render(template: str, language: str, **values: Any) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sosrake_lib.influence", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def text(key: str, **pieces: object) -> str:
        return say(f"pages.{key}", language, **pieces)

    return environment.get_template(template).render(language=language, text=text, **values)


def _order(page: Page) -> tuple:
    region = page.context.region or ("", "")
    return (region, page.context.place, page.context.key)


def _folder(page: Page) -> str:
    return PROJECT_FOLDER if page.context.region is None else regions.slug(*page.context.region)


def _address(page: Page) -> str:
    return f"{_folder(page)}/{page.context.key}.html"


def _other(address: str, language: str) -> str:
    """Lead from a page to the same page in the other language: the English site stands in `en/`."""
    up = "../" * address.count("/")
    return f"{up}en/{address}" if language == "fi" else f"{up}../{address}"


def _write_all(root: Path, files: dict[str, bytes]) -> Site:
    manifest = root / "site-files.json"
    before = _manifest(manifest)
    written = sum(_write(root / name, content) for name, content in files.items())
    removed = 0
    for name in sorted(before - set(files)):
        old = (root / name).resolve()
        if old.is_relative_to(root.resolve()) and old.is_file():
            old.unlink()
            removed += 1
            if old.parent != root.resolve() and not any(old.parent.iterdir()):
                old.parent.rmdir()
    _write(manifest, (json.dumps(sorted(files), indent=0) + "\n").encode("utf-8"))
    return Site(root / "index.html", written, len(files) - written, removed)


def _manifest(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise BatchError(
            f"{path.name}: is no list of files ({error.msg}); remove it and build again"
        ) from error
    return {name for name in names if isinstance(name, str)}


def _write(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all; say whether it changed."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    passing = path.with_name(f".{path.name}.part")
    with passing.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    passing.replace(path)
    return True
