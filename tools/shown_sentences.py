"""What the saved notebooks show, with the places that the pages themselves mark as data.

A number of a release stands in a span with `data-result`, a year or another constant in one with
`data-constant`. The marks come from the page, so an example never guesses what was filled in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
LEAST_LETTERS = 12  # of a shown text, for it to be an example
_BLOCKS = {"p", "li", "td", "th", "caption", "summary", "figcaption", "div", "tr", "table", "ul", "h1", "h2",
           "h3", "h4"}  # fmt: skip
_UNSEEN = {"script", "style"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A text of a page and the (start, end) of what the page marks as data in it."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def part(self, start: int, end: int) -> Shown:
        """Cut a part; marks that stand wholly inside go with it."""
        inside = ((a - start, b - start) for a, b in self.marks if start <= a and b <= end)
        return Shown(self.text[start:end], tuple(inside))

    def bold(self) -> str:
        """Give the text with its marks bold; marks with no letter between them are one."""
        told, at = "", 0
        for start, end in _joined(self.text, self.marks):
            told += f"{self.text[at:start]}**{self.text[start:end]}**"
            at = end
        return told + self.text[at:]


@cache
def shown_texts(folder: Path = PROJECT / "notebooks") -> tuple[Shown, ...]:
    """Read the Finnish texts that the saved notebooks show: sentences, paragraphs, captions, alt texts."""
    found: dict[Shown, None] = {}
    for path in sorted(folder.rglob("*.ipynb")):
        for markup in _markup(json.loads(path.read_text(encoding="utf-8"))):
            reader = _Reader()
            reader.feed(markup)
            reader.close()
            found |= dict.fromkeys(one for one in reader.told() if len(one.text) > LEAST_LETTERS)
    return tuple(found)


def _markup(notebook: dict[str, Any]) -> Iterator[str]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            yield "".join(output.get("data", {}).get("text/html", ()))


def _joined(text: str, marks: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if found and not any(sign.isalpha() or sign in " ,;" for sign in text[found[-1][1] : start]):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


class _Reader(HTMLParser):
    """Walks the markup of one output; a text ends where a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.found: list[Shown] = []
        self.text = ""
        self.marks: list[tuple[int, int]] = []

    def told(self) -> list[Shown]:
        self._end()
        return self.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "img":
            self._end()
            self.found.append(Shown(held.get("alt") or ""))
        elif tag == "br":
            self.text += " "
        else:
            if tag in _BLOCKS:
                self._end()
            self.open.append((tag, bool({"data-result", "data-constant"} & set(held))))

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self.open]
        if tag in names:
            del self.open[len(names) - 1 - names[::-1].index(tag) :]
        if tag in _BLOCKS:
            self._end()

    def handle_data(self, data: str) -> None:
        if any(tag in _UNSEEN for tag, _ in self.open):
            return
        if any(marked for _, marked in self.open):
            self.marks.append((len(self.text), len(self.text) + len(data)))
        self.text += data

    def _end(self) -> None:
        left = len(self.text) - len(self.text.lstrip())
        whole = self.text.strip()
        if whole:
            self.found.append(Shown(self.text, tuple(self.marks)).part(left, left + len(whole)))
        self.text, self.marks = "", []
