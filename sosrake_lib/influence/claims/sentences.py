"""A text cut into sentences, each with its place; dates, ordinals and short forms do not end one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END = re.compile(
    r"[.!?…][”\"’)»]*(?=\s+[A-ZÅÄÖ”\"(“‘¿\d])|\n\s*\n|\n(?=\s*(?:[-*#|>]|\d+[.)]\s))|(?<=[.!?:])\s*\n"
)
_SHORT = re.compile(
    r"(?:\b(?:esim|mm|ns|ts|tms|yms|jne|ks|vrt|n|s|nro|puh|klo|ym|em|ko|ao|prof|dos|art|mom|e\.g|i\.e|etc|no|vs|Dr|Mr|Ms)|\b[A-ZÅÄÖ]|(?<![\d,.–])\b\d{1,2})\.$"
)
_GAP = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*#|>]|\d+[.)]\s))")
_WORD = re.compile(r"\S*\w\S*")


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence and where it begins in its text."""

    text: str
    start: int


def sentences(text: str) -> Iterator[Part]:
    """Cut a text into sentences.

    Examples
    --------
    >>> [one.text for one in sentences("Lautakunta kokoontuu 14. huhtikuuta. Se päättää esim. rahasta.")]
    ['Lautakunta kokoontuu 14. huhtikuuta.', 'Se päättää esim. rahasta.']
    """
    begin = 0
    for end in _END.finditer(text):
        if text[end.start()] == "." and _SHORT.search(text[: end.start() + 1]):
            continue
        yield from _part(text, begin, end.end())
        begin = end.end()
    yield from _part(text, begin, len(text))


def words(text: str) -> int:
    """Count the words of a sentence: runs of signs with a letter or a digit in them.

    Examples
    --------
    >>> words("Luku on 2 – ei enempää.")
    5
    """
    return sum(1 for _ in _WORD.finditer(text))


def longest(text: str) -> int:
    """Count the words of a sentence; of a list of three or more parts, those of its longest part.

    Examples
    --------
    >>> longest("Syyt: lupa on päättynyt; lupa on peruttu; lupa on vain suullinen."), longest("Yksi; kaksi.")
    (4, 2)
    """
    parts = text.split(";")
    return max(words(part) for part in parts) if len(parts) > 2 else words(text)


def paragraphs(text: str) -> list[tuple[int, int]]:
    r"""Give where the paragraphs of a text begin and end: an empty line or an item of a list parts them.

    Examples
    --------
    >>> paragraphs("Yksi.\n\nKaksi.")
    [(0, 5), (7, 13)]
    """
    made, begin = [], 0
    for gap in _GAP.finditer(text):
        made.append((begin, gap.start()))
        begin = gap.end()
    return [*made, (begin, len(text))]


def _part(text: str, begin: int, end: int) -> Iterator[Part]:
    body = text[begin:end]
    if body.strip():
        yield Part(body.strip(), begin + len(body) - len(body.lstrip()))
