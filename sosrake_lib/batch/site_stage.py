"""The last stage: executed notebooks become the site, unless the site already stands on exactly these."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.batch.journal import Journal, digest, file_hash, folder_hash
from sosrake_lib.batch.plan import Task

SITE = "site"


@dataclass(frozen=True)
class PageSource:
    """One page to be: its task and the executed notebook it is made from."""

    task: Task
    notebook: Path

    def read(self) -> dict:
        """Read the executed notebook."""
        return json.loads(self.notebook.read_text(encoding="utf-8"))


Builder = Callable[[Sequence[PageSource], Path, str], Path]


def build_when_changed(
    pages: Sequence[PageSource],
    journal: Journal,
    *,
    language: str,
    library: str,
    build: Builder | None = None,
) -> Path | None:
    """Build the site of one language and give its first page; None when there is no page at all.

    Nothing is built when the journal knows the site under the same pages and library, and its files are still
    what they were.
    """
    if not pages:
        return None
    folder = journal.output / SITE
    fingerprint = digest(
        {
            "library": library,
            "pages": [
                [page.task.key, page.task.title_fi, page.task.title_en, file_hash(page.notebook)]
                for page in pages
            ],
        }
    )
    index = index_page(folder, language)
    if index.is_file() and journal.is_built(language, fingerprint, _content(folder, language)):
        return index
    index = (build or site_from_notebooks)(pages, folder, language)
    journal.enter_site(language, fingerprint, _content(folder, language))
    return index


def index_page(folder: Path, language: str) -> Path:
    """Give the first page of a language: Finnish at the root of the site, others in a folder of their own."""
    return folder / "index.html" if language == "fi" else folder / language / "index.html"


def site_from_notebooks(pages: Sequence[PageSource], folder: Path, language: str) -> Path:
    """Build the site with the house's own pages; gives its first page."""
    raise NotImplementedError


def _content(folder: Path, language: str) -> str:
    """Give one hash over what a language's site holds (the Finnish one is the root without the others)."""
    if language != "fi":
        return folder_hash(folder / language)
    return folder_hash(folder, leave_out=("en",))
