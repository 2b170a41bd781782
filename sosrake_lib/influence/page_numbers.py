"""Every number a reader sees on a page: where it comes from, and which come from nowhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd

from sosrake_lib.errors import SosrakeError

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
_UNSEEN = {"script", "style", "title", "head"}
_SENTENCE_CLASSES = {"lause", "huomio"}
_NUMBER = re.compile(r"[−-]?\d[\d\u00a0\u202f]*(?:[.,]\d+)?")


def numbers_on_page(markup: str) -> pd.DataFrame:
    """List the traced numbers of a page.

    Returns
    -------
    DataFrame `text` (as it is read), `result` (`<result_id>:<column>`), `release`; one row a place.
    """
    reader = _read(markup)
    return pd.DataFrame(reader.traced, columns=["text", "result", "release"])


def loose_numbers(markup: str) -> pd.DataFrame:
    """List numbers in tables and sentences that name no result and are not marked as constants.

    Returns
    -------
    DataFrame `text`, `around` (the text it stands in); empty on a sound page. A number is loose too when it
    names a result but no release stands around it.
    """
    reader = _read(markup)
    return pd.DataFrame(reader.loose, columns=["text", "around"])


class _Reader(HTMLParser):
    """Walks a page keeping the open elements, so that each text knows what it stands in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.traced: list[tuple[str, str, str]] = []
        self.loose: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self.open]
        if tag in names:
            del self.open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        text = data.strip()
        if not text or any(tag in _UNSEEN for tag, _ in self.open):
            return
        result = self._nearest("data-result")
        release = self._nearest("data-release")
        if result and release:
            self.traced.append((text, result, release))
        elif result or (self._checked() and not any("data-constant" in held for _, held in self.open)):
            self.loose += [(found.group(), text) for found in _NUMBER.finditer(text)]

    def _nearest(self, attribute: str) -> str:
        return next((held[attribute] or "" for _, held in reversed(self.open) if attribute in held), "")

    def _checked(self) -> bool:
        return any(
            tag in ("td", "th", "caption") or _SENTENCE_CLASSES & set((held.get("class") or "").split())
            for tag, held in self.open
        )


def _read(markup: str) -> _Reader:
    if "<" not in markup:
        raise SosrakeError("page_numbers: the text holds no HTML; give the page's markup, not its path")
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader
