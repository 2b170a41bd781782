"""To which pages a release went: lines of the ledger, by which a clash names the earlier figure's page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sosrake_lib.protect import ledger


def remember_pages(went: Mapping[str, Iterable[str]], *, home: Path | None = None) -> int:
    """Write release -> pages into the ledger in which each release stands; give the number of new lines.

    A release that stands in no ledger (a preview) is passed over; a line that stands is not written again.
    """
    return sum(_remember(went, folder) for folder in ledger.homes(home))


def _remember(went: Mapping[str, Iterable[str]], folder: Path) -> int:
    with ledger.opened(folder, write=False) as book:
        there = {row[0] for row in book.rows("releases", "id")}
        known = set(book.rows("pages", "release, page"))
    lines = sorted({(release, page) for release, pages in went.items() for page in pages if release in there})
    new = [line for line in lines if line not in known]
    if new:
        with ledger.opened(folder) as book:
            book.name_entry("pages", " ".join(dict.fromkeys(release for release, _ in new)))
            for release, page in new:
                book.add("pages", release, page, ledger.today())
    return len(new)
