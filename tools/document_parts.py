"""Renew one part of a document that a program keeps: between two markers, or under a heading."""

from __future__ import annotations

import re
from pathlib import Path


def between(text: str, start: str, end: str, body: str) -> str:
    r"""Put `body` between two markers.

    Raises
    ------
    SystemExit when the markers are not there, once each and in their order: nothing is written elsewhere.

    Examples
    --------
    >>> between("a <!-- x --> old <!-- y --> b", "<!-- x -->", "<!-- y -->", "new")
    'a <!-- x -->\n\nnew\n\n<!-- y --> b'
    """
    if (text.count(start), text.count(end)) != (1, 1) or text.index(start) > text.index(end):
        raise SystemExit(
            f"the markers {start} and {end} are not there once each, in this order; put them back"
        )
    before, rest = text.split(start)
    return f"{before}{start}\n\n{body}\n\n{end}{rest.split(end)[1]}"


def renew_between(document: Path, start: str, end: str, body: str) -> None:
    """Put `body` between two markers of a document."""
    text = document.read_text(encoding="utf-8")
    document.write_text(between(text, start, end, body), encoding="utf-8")


def renew_section(document: Path, heading: str, section: str) -> None:
    """Put a section, its heading first, in the place of the one under that heading; at the end when new."""
    page = document.read_text(encoding="utf-8")
    own = re.compile(rf"(?ms)^{re.escape(heading)}\n.*?(?=^## |\Z)")
    if own.search(page):
        page = own.sub(lambda _: section + "\n", page, count=1)
    else:
        page = page.rstrip("\n") + "\n\n" + section
    document.write_text(page.rstrip("\n") + "\n", encoding="utf-8")
