"""Rows of capitalised words and what stands right before them: where people's names are looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sosrake_lib.gather.identifiers.words import Tag, is_label, is_title, tag

_UPPER = "A-Z" + "".join(chr(code) for code in range(0xC0, 0x250) if chr(code).isupper())
_INITIAL = rf"[{_UPPER}]\.(?:-?[{_UPPER}]\.)?(?= ?[{_UPPER}](?:\.|[^\W\d_]))"
WORD = rf"[{_UPPER}](?:\w|['’](?=\w))*(?:-\w(?:\w|['’](?=\w))*)*"
_GAP = r"(?: {1,2}| ?\n)(?:(?:von|af|de|da|di|van|bin|al|el|der|la|le|ibn|dos|ter) )?|(?<=\.)"
_ROW = re.compile(rf"(?<![\w@-])(?:{_INITIAL}|{WORD})(?:(?:{_GAP})(?:{_INITIAL}|{WORD}))*")
_PART = re.compile(rf"{_INITIAL}|{WORD}")
_SHORT_TITLES = frozenset({"mr.", "mrs.", "ms.", "dr.", "rva.", "hra.", "nti."})


@dataclass(frozen=True, slots=True)
class Word:
    """A capitalised word, its place, what it can be, and whether a sentence or line begins with it."""

    text: str
    start: int
    end: int
    tag: Tag
    opens: bool
    far: bool

    @property
    def initial(self) -> bool:
        """It is one letter: M. or M."""
        return len(self.text.rstrip(".").replace(".-", "").replace(".", "")) == 1 or self.text.endswith(".")

    @property
    def usable(self) -> bool:
        """It can be part of a name."""
        return not self.tag.barred

    @property
    def unknown(self) -> bool:
        """The lists do not know it at all."""
        shape = self.tag
        return not (shape.barred or shape.first or shape.last or shape.place or self.initial)


def rows(text: str) -> Iterator[list[Word]]:
    """Give each row of capitalised words, with only spaces, a line break or a particle between them."""
    for row in _ROW.finditer(text):
        words: list[Word] = []
        for part in _PART.finditer(text, row.start(), row.end()):
            gap = text[words[-1].end : part.start()] if words else "\n"
            opens = "\n" in gap and _opens(text, part.start())
            words.append(Word(part[0], *part.span(), tag(part[0]), opens, bool(words) and "\n" in gap))
        yield words


def _opens(text: str, place: int) -> bool:
    before = text[max(0, place - 12) : place].rstrip(" \t\"'”’»([")
    if not before or before[-1] in ".!?:;\n•*>|":
        return True
    return before[-1] == "-" and (len(before) == 1 or before[-2] in " \n")


def cue(text: str, place: int) -> str:
    """Give what is written right before a name: "title", "label" or nothing."""
    before = text[max(0, place - 40) : place].lower()
    trimmed = before.rstrip(" \t\n\"'”’»(")
    if len(trimmed) == len(before) or not trimmed:
        return ""
    if trimmed[-1] == ":":
        words = re.findall(r"[\w-]+", trimmed[-32:])
        return "label" if words and is_label(words[-1].lower()) else ""
    words = re.findall(r"[\w-]+\.?", trimmed[-36:].lower())
    if (
        not words
        or not trimmed.endswith((words[-1], words[-1].rstrip(".")))
        or "\n" in before[len(trimmed) :]
    ):
        return ""
    if words[-1] == "on" and len(words) > 1 and words[-2].startswith(("nimi", "nime")):
        return "label"
    word = words[-1]
    if word.endswith(".") and word not in _SHORT_TITLES:
        return ""
    return "title" if is_title(word.rstrip(".")) else ""
