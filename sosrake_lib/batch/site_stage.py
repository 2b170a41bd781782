"""The last stage: executed notebooks become the site, unless the site already stands on exactly these."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib import regions
from sosrake_lib.batch.journal import Journal, digest, file_hash, folder_hash
from sosrake_lib.batch.plan import Task
from sosrake_lib.errors import SosrakeError

if TYPE_CHECKING:
    from sosrake_lib.influence.pages import PageContext

SITE = "site"
_OTHER_LANGUAGES = ("en",)


@dataclass(frozen=True)
class PageSource:
    """One page to be: its task, the executed notebook it is made from, its order among the plan's pages."""

    task: Task
    notebook: Path
    place: int

    def read(self) -> dict:
        """Read the executed notebook."""
        return json.loads(self.notebook.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Built:
    """A site: its first page (None when there is no page) and, by key, the pages it had to refuse and why."""

    index: Path | None
    refused: Mapping[str, str] = field(default_factory=dict)


Builder = Callable[[Sequence[PageSource], Path, str], Built]


def build_when_changed(
    pages: Sequence[PageSource],
    journal: Journal,
    *,
    language: str,
    library: str,
    build: Builder | None = None,
) -> Built:
    """Build the site of one language.

    Nothing is built when the journal knows the site under the same pages, library and year, and its files are
    still what they were. A site with refused pages is not entered: the next run tries and tells again.
    """
    if not pages:
        return Built(None)
    folder = journal.output / SITE
    told = [
        [page.task.title_fi, page.task.title_en, page.task.section, page.place, file_hash(page.notebook)]
        for page in pages
    ]
    fingerprint = digest(
        {
            "library": library,
            "year": date.today().year,
            "pages": dict(zip([page.task.key for page in pages], told, strict=True)),
            "linked": [page.task.key for page in _in_other_language(pages, folder, language)],
        }
    )
    index = index_page(folder, language)
    if index.is_file() and journal.is_built(language, fingerprint, _content(folder, language)):
        return Built(index)
    built = (build or site_from_notebooks)(pages, folder, language)
    if built.index is not None and not built.refused:
        journal.enter_site(language, fingerprint, _content(folder, language))
    return built


def index_page(folder: Path, language: str) -> Path:
    """Give the first page of a language: Finnish at the root of the site, others in a folder of their own."""
    return folder / "index.html" if language == "fi" else folder / language / "index.html"


def site_from_notebooks(pages: Sequence[PageSource], folder: Path, language: str) -> Built:
    """Build the site with the house's own pages; a notebook that gives no page does not stop the others."""
    from sosrake_lib.influence.facts import Facts
    from sosrake_lib.influence.pages import Page, page_from_notebook
    from sosrake_lib.influence.site import build_site

    made, refused = [], {}
    for page in pages:
        try:
            made.append(page_from_notebook(page.read(), context=context_of(page, language)))
        except SosrakeError as refusal:
            refused[page.task.key] = str(refusal)
    if not made:
        return Built(None, refused)
    # pages already made in the other language are linked to: of them only the address is needed
    other = _other(language)
    for page in _in_other_language(pages, folder, language):
        made.append(Page(context_of(page, other), "", Facts()))
    build_site(made, folder, language)
    index = index_page(folder, language)
    if not index.is_file():
        raise SosrakeError(f"site: {index} was not written; expected it from influence.site.build_site")
    return Built(index, refused)


def context_of(page: PageSource, language: str) -> PageContext:
    """Say what a page is about, in the form that `influence.pages` takes."""
    from sosrake_lib.influence.pages import PageContext

    task = page.task
    return PageContext(
        key=task.page,
        title=task.title_en if language == "en" else task.title_fi,
        build_year=date.today().year,
        region=task.region,
        region_name=regions.name(*task.region, language=language) if task.region else "",
        synthetic=task.region is not None and regions.is_invented(task.region[1]),
        language=language,
        place=page.place,
        section=task.section,
    )


def _in_other_language(pages: Sequence[PageSource], folder: Path, language: str) -> list[PageSource]:
    root = index_page(folder, _other(language)).parent
    return [page for page in pages if (root / page.task.address).is_file()]


def _other(language: str) -> str:
    return "en" if language == "fi" else "fi"


def _content(folder: Path, language: str) -> str:
    """Give one hash over what a language's site holds (the Finnish one is the root without the others)."""
    if language != "fi":
        return folder_hash(folder / language)
    return folder_hash(folder, leave_out=_OTHER_LANGUAGES)
