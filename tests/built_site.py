"""A site built once for the tests that read it: the real plan, few regions, both languages.

A test file imports the fixture `built`; the site is built once for all that do, also in several processes.
"""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sosrake_lib import batch
from sosrake_lib.errors import BatchError

PROJECT = Path(__file__).resolve().parents[1]
AREAS = ("kunta-697", "kunta-297", "kunta-507", "hva-12")  # the smallest, the largest, a merged one, a county
INVENTED = "hva-E1"
# Of pages with much that differs between areas, more areas than one.
OF_MANY_AREAS = (
    *(f"{area}/{page}" for area in AREAS for page in ("alueprofiili", "paattajakooste")),
    "hva-12/huono_osaisuusindeksi",
    "kunta-541/paattajakooste",  # Valtimo is part of Nurmes
)


def one_of_each() -> Iterator[str]:
    """Name a page of each kind of the plan: of the smallest municipality where there is one, and invented."""
    told = tomllib.loads((PROJECT / "notebooks" / "plan.toml").read_text(encoding="utf-8"))
    for one in told["muistikirjat"]:
        levels, page = set(one["levels"]), one["page"]
        if not one.get("site", True):
            continue
        if "once" in levels:
            yield page
        if levels & {"kunta", "hva"}:
            yield f"{AREAS[0] if 'kunta' in levels else AREAS[-1]}/{page}"
        if levels - {"once", "kunta", "hva"}:
            yield f"{INVENTED}/{page}"


FINNISH = tuple(dict.fromkeys((*one_of_each(), *OF_MANY_AREAS)))
ENGLISH = (
    *("kunta-697/alueprofiili", "hva-E1/palvelutarpeen_arvioinnit", "hva-12/eriarvoisuus"),
    *("hva-12/huono_osaisuusindeksi", "hva-E1/koulutussuunnitelma"),
    *(f"hva-E1/{page}" for page in ("mittarit", "vaikuttavuus", "ilmiokortti")),
)
SYNTHETIC = tuple(key for key in FINNISH if key.startswith(f"{INVENTED}/"))
# No figure rests on this: what people have assessed in words.
ONLY_WORDS = ("itsearviointi.html",)
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)


def address(key: str, language: str = "fi") -> str:
    """Give the place of a page in the site."""
    inside = f"{key}.html" if "/" in key else f"hanke/{key}.html"
    return inside if language == "fi" else f"{language}/{inside}"


PAGES = (*(address(key) for key in FINNISH), *(address(key, "en") for key in ENGLISH))
# pages that lead to others or tell of the site itself, in both languages, and of a county
LEADING = (
    *("index.html", "haku.html", "menetelmat.html", "muutokset.html", "saavutettavuus.html"),
    *("teemat/koyhyys.html", "hva-12/index.html", "hva-12/mita_tapahtui.html", "kunta-697/index.html"),
    *("en/index.html", "en/haku.html", "en/menetelmat.html", "en/muutokset.html", "en/saavutettavuus.html"),
    *("en/teemat/koyhyys.html", "en/hva-12/index.html", "en/kunta-697/index.html", "hva-E1/index.html"),
)


@dataclass(frozen=True)
class Built:
    """What the runs left behind: the output folder, its site, and the reports of the first runs."""

    output: Path
    finnish: batch.Report
    english: batch.Report

    @property
    def site(self) -> Path:
        return self.output / "site"

    def markup(self, place: str) -> str:
        return (self.site / place).read_text(encoding="utf-8")

    def page(self, place: str) -> Element:
        return _page(self.site / place)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Built:
    """Give the site with Finnish, English, and Finnish again, which then links to the English pages."""
    base = tmp_path_factory.getbasetemp()
    # under xdist each worker has a folder of its own; what is built is shared by all of them
    shared = base.parent if base.name.startswith("popen-") else base
    return build(shared / "built_site")


@cache
def build(folder: Path) -> Built:
    """Run the batch three times; in another process that finds all of it done, each run skips everything."""
    output, home = folder / "reports", folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOSRAKE_HOME", str(home))
        for name in ("SOSRAKE_DATA", "SOSRAKE_PROJECT", "SOSRAKE_RELEASES"):
            patch.delenv(name, raising=False)
        finnish = run(PROJECT, output=output, only=FINNISH)
        english = run(PROJECT, output=output, only=ENGLISH, language="en")
        linked = run(PROJECT, output=output, only=FINNISH)
    if linked.failed:
        raise BatchError(f"built_site: {linked.failed[0].key}: {linked.failed[0].reason}")
    return Built(output, finnish, english)


def run(project: Path, **options) -> batch.Report:
    """Run the batch; while another test process builds in the same folder, wait for it."""
    end = time.monotonic() + 300
    while True:
        try:
            return batch.run(project, workers=2, **options)
        except BatchError as held:
            busy = any(words in str(held) for words in ("already working", "on jo ajo käynnissä"))
            if not busy or time.monotonic() > end:
                raise
            time.sleep(1)


@dataclass(eq=False)
class Element:
    """An element of a page; `content` holds elements and texts in their order."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    content: list[Element | str] = field(default_factory=list)

    @property
    def children(self) -> list[Element]:
        return [child for child in self.content if isinstance(child, Element)]

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    def all(self, *tags: str) -> Iterator[Element]:
        for child in self.children:
            if not tags or child.tag in tags:
                yield child
            yield from child.all(*tags)

    def text(self, *, without: tuple[str, ...] = ()) -> str:
        parts = [
            child if isinstance(child, str) else child.text(without=without)
            for child in self.content
            if isinstance(child, str) or child.tag not in without
        ]
        return re.sub(r"[ \n]+", " ", "".join(parts))

    def following(self) -> Element | None:
        if self.parent is None:
            return None
        siblings = self.parent.children
        after = siblings[siblings.index(self) + 1 :]
        return after[0] if after else None


class _TreeBuilder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Element("", {})
        self.unclosed: list[str] = []

    def handle_starttag(self, tag, attrs):
        made = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.content.append(made)
        if tag not in VOID:
            self.at = made

    def handle_endtag(self, tag):
        if tag != self.at.tag or self.at.parent is None:
            raise AssertionError(f"</{tag}> closes <{self.at.tag}>")
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.content.append(data)


@cache
def _page(file: Path) -> Element:
    return tree(file.read_text(encoding="utf-8"))


def tree(markup: str) -> Element:
    """Read a page; an element that is not closed where it should be is an error."""
    reader = _TreeBuilder()
    reader.feed(markup)
    reader.close()
    if reader.at is not reader.root:
        raise AssertionError(f"<{reader.at.tag}> is not closed")
    return reader.root
