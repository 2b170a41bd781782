"""The last stage: executed notebooks become the site, unless the site already stands on exactly these."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib import regions
from sosrake_lib.batch import publisher
from sosrake_lib.batch.journal import Journal, digest, file_hash, folder_hash
from sosrake_lib.batch.plan import Task
from sosrake_lib.batch.releases import release_folder
from sosrake_lib.errors import SosrakeError

if TYPE_CHECKING:
    from sosrake_lib.influence.pages import Page, PageContext
    from sosrake_lib.protect.approval import Approval

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
    data: Path | None = None,
) -> Built:
    """Build the site of one language; the publisher's file is read from the data folder.

    Nothing is built when the journal knows the site under the same pages, library, year and approvals, and
    its files are still what they were. A site with refused pages is not entered: the next run tries and
    tells again.
    """
    from sosrake_lib.protect.approval import approvals

    folder = journal.output / SITE
    if not pages:
        _clear_withdrawn(index_page(folder, language).parent)
        return Built(None)
    told = [
        [page.task.title_fi, page.task.title_en, page.task.section, page.place, file_hash(page.notebook)]
        for page in pages
    ]
    fingerprint = digest(
        {
            "library": library,
            "year": date.today().year,
            "pages": dict(zip([page.task.key for page in pages], told, strict=True)),
            "approved": {release: asdict(one) for release, one in approvals().items()},
            "publisher": publisher.fingerprint(data),
            "linked": [page.task.key for page in _in_other_language(pages, folder, language)],
        }
    )
    index = index_page(folder, language)
    if index.is_file() and journal.is_built(language, fingerprint, _content(folder, language)):
        return Built(index)
    built = (build or partial(site_from_notebooks, data=data))(pages, folder, language)
    if built.index is not None and not built.refused:
        journal.enter_site(language, fingerprint, _content(folder, language))
    return built


def index_page(folder: Path, language: str) -> Path:
    """Give the first page of a language: Finnish at the root of the site, others in a folder of their own."""
    return folder / "index.html" if language == "fi" else folder / language / "index.html"


def site_from_notebooks(
    pages: Sequence[PageSource], folder: Path, language: str, data: Path | None = None
) -> Built:
    """Build the site with the house's own pages; a notebook that gives no page does not stop the others."""
    from sosrake_lib.influence.facts import Facts
    from sosrake_lib.influence.pages import Page
    from sosrake_lib.influence.site import build_site
    from sosrake_lib.protect.approval import approvals

    known, made, refused = approvals(), [], {}
    for page in pages:
        try:
            made.append(page_of(page, language, known))
        except SosrakeError as refusal:
            refused[page.task.key] = str(refusal)
    if not made:
        return Built(None, refused)
    _remember(made, pages)
    # pages already made in the other language are linked to: of them only the address is needed
    other = _other(language)
    linked = [
        Page(_context(page, other), "", Facts()) for page in _in_other_language(pages, folder, language)
    ]
    background = publisher.background_of(made, release_folder(folder.parent), data, known)
    build_site([*made, *linked], folder, language, background=background)
    index = index_page(folder, language)
    if not index.is_file():
        raise SosrakeError(f"site: {index} was not written; expected it from influence.site.build_site")
    return Built(index, refused)


def page_of(source: PageSource, language: str, known: Mapping[str, Approval] | None = None) -> Page:
    """Make the page of an executed notebook, with its approval: every format of a page is made from this.

    Parameters
    ----------
    known : approvals by release (`protect.approval.approvals`); left out, they are read from the ledgers.
    """
    from sosrake_lib.influence.pages import page_from_notebook
    from sosrake_lib.protect.approval import approval_of

    page = page_from_notebook(source.read(), context=_context(source, language))
    return replace(page, context=replace(page.context, approval=approval_of(page.releases, known)))


def context_of(source: PageSource, language: str, known: Mapping[str, Approval] | None = None) -> PageContext:
    """Say what a page is about and whether it is approved, in the form that `influence.pages` takes."""
    from sosrake_lib.influence.pages import shown_releases
    from sosrake_lib.protect.approval import approval_of

    approval = approval_of(shown_releases(source.read()), known)
    return replace(_context(source, language), approval=approval)


def _clear_withdrawn(root: Path) -> None:
    """Take down a site that no run builds any more when a release of it has been withdrawn."""
    from sosrake_lib.influence.site_files import clear, listed_pages
    from sosrake_lib.protect.ledger_withdrawal import withdrawals

    rested = {release for releases in listed_pages(root).values() for release in releases}
    if rested & set(withdrawals()):
        clear(root)


def _remember(made: Sequence[Page], sources: Sequence[PageSource]) -> None:
    """Write into the ledgers to which pages each release went."""
    from sosrake_lib.influence.site import page_address
    from sosrake_lib.protect.ledger_pages import remember_pages

    keys = {source.task.address: source.task.key for source in sources}
    went: dict[str, list[str]] = {}
    for page in made:
        for release in page.releases:
            went.setdefault(release, []).append(keys[page_address(page)])
    remember_pages(went)


def _context(page: PageSource, language: str) -> PageContext:
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
