"""Names written in small letters: told by a surname beside them or a word for a person before them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosrake_lib.gather.identifiers.entity import PROBABLE, Entity
from sosrake_lib.gather.identifiers.lists import lists
from sosrake_lib.gather.identifiers.rows import cue
from sosrake_lib.gather.identifiers.words import Tag, tag

_WORD = re.compile(r"(?<![\w@.-])[a-zåäöéü]{3,}(?:-[a-zåäö]{3,})?(?![\w@])")
_NEXT = re.compile(r" ([a-zåäö-]+)")


def small_letters(text: str) -> Iterator[Entity]:
    """Find a first name and a surname side by side, or a first name after a title, all in small letters."""
    given = lists().first
    starts = {word: word.partition("-")[0] for word in set(_WORD.findall(text))}
    candidates = [word for word, start in starts.items() if given.get(start) == start]
    if not candidates:
        return
    choices = "|".join(sorted(map(re.escape, candidates), key=len, reverse=True))
    for match in re.finditer(rf"(?<![\w@.-])(?:{choices})(?![\w@-])", text):
        span = _span(text, match)
        if span is not None:
            yield Entity("NAME", *span, PROBABLE, "small_letters")


def _span(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    following = _NEXT.match(text, match.end())
    shape, everyday = tag(following[1]) if following else Tag(), tag(match[0]).everyday_first
    usual = shape.last and not shape.everyday_last and not shape.inner
    if following and not shape.barred and (usual or (shape.last_basic and not everyday)):
        return match.start(), following.end()
    before = _owner(text, match.start())
    if before is not None:
        return before, match.end()
    told = not everyday and len(match[0]) > 3 and cue(text, match.start())
    return match.span() if told else None


def _owner(text: str, place: int) -> int | None:
    """Give where a surname in the genitive begins right before a first name: virtasen pekka."""
    word = re.search(r"(?<![\w-])([a-zåäö]{4,}n) $", text[max(0, place - 24) : place])
    shape = tag(word[1]) if word else Tag()
    return place - len(word[0]) if word and shape.last and not shape.everyday_last else None
