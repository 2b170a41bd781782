"""Every number a reader sees on a page: where it comes from, and which come from nowhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd

from sosrake_lib.errors import SosrakeError

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
_UNSEEN = {"script", "style", "title", "head"}
_CHECKED = {"td", "th", "caption", "article"}
_SENTENCE_CLASSES = {"lause", "huomio"}
_NUMBER = re.compile(r"[−-]?\d[\d\u00a0\u202f]*(?:[.,]\d+)?")
_TAG = re.compile(r"(<[^>]*>)")
_YEARS = r"(?:19|20)\d\d(?:–(?:19|20)\d\d)?"
# What a written text may say in figures though no release holds it; any other numeral in it is loose.
_WRITTEN_CONSTANT = re.compile(
    rf"\b(?:vuo(?:si|nna|den|desta|teen|sina|sien)|[Ii]n|of|since|from|until) {_YEARS}\b"  # a year
    r"|\b\d+/(?:19|20)\d\d\b|\b\d+\s§|\b[Ss]ection \d+\b"  # a law and its section
    r"|indeksissä 100\b|\bindex 100\b"  # what an index is counted against
)


def numbers_on_page(markup: str) -> pd.DataFrame:
    """List the traced numbers of a page.

    Returns
    -------
    DataFrame `text` (as it is read), `result` (`<result_id>:<column>`), `release`; one row a place.
    """
    reader = _read(markup)
    return pd.DataFrame(reader.traced, columns=["text", "result", "release"])


def loose_numbers(markup: str) -> pd.DataFrame:
    """List numbers in tables, sentences and written text that name no result and are not marked as constants.

    Looked at are tables, sentences, notes and everything inside `article`. The caption of a picture is sound
    when it is the caption of a table too, where its digits are marked.

    Returns
    -------
    DataFrame `text`, `around` (the text it stands in); empty on a sound page. A number is loose too when it
    names a result but no release stands around it.
    """
    reader = _read(markup)
    untold = [caption for caption in reader.pictures if caption not in reader.captions]
    loose = [*reader.loose, *((found.group(), text) for text in untold for found in _NUMBER.finditer(text))]
    return pd.DataFrame(loose, columns=["text", "around"])


def mark_constants(markup: str) -> str:
    """Mark in written text the figures that are no results: years, sections of laws, the base of an index.

    Any other numeral stays as it is, and `loose_numbers` finds it: a figure belongs in a sentence made from
    a release, another constant in a `Text` that declares it.

    Examples
    --------
    >>> mark_constants("<p>Lain 11 § ja 12 asiakasta.</p>")
    '<p>Lain <span data-constant="">11 §</span> ja 12 asiakasta.</p>'
    """
    pieces = _TAG.split(markup)
    marked = [_WRITTEN_CONSTANT.sub(r'<span data-constant="">\g<0></span>', text) for text in pieces[::2]]
    pieces[::2] = marked
    return "".join(pieces)


class _Reader(HTMLParser):
    """Walks a page keeping the open elements, so that each text knows what it stands in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.traced: list[tuple[str, str, str]] = []
        self.loose: list[tuple[str, str]] = []
        self.captions: set[str] = set()
        self.pictures: list[str] = []

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
        inside = {tag for tag, _ in self.open}
        if "caption" in inside:
            self.captions.add(text)
        if "figcaption" in inside:
            self.pictures.append(text)
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
            tag in _CHECKED or _SENTENCE_CLASSES & set((held.get("class") or "").split())
            for tag, held in self.open
        )


def _read(markup: str) -> _Reader:
    if "<" not in markup:
        raise SosrakeError("page_numbers: the text holds no HTML; give the page's markup, not its path")
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader
