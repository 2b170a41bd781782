"""Text as it is searched: one kind of dash and space, composed letters, nothing invisible; and the way back.

Offsets of finds are those of the text that was given, so each change of length is remembered.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field

BARRIER = "\ue000"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SPACES = "\u2028\u2029\x85"
_REMOVED = "\u00ad\u034f\u180e\ufeff" + "".join(
    chr(code)
    for first, last in ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069), (0xFE00, 0xFE0F))
    for code in range(first, last + 1)
)
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff"
# Letters and signs of European text that stay as they are; anything else is looked at one by one.
_PLAIN = "".join(
    chr(code)
    for code in (*range(0xA1, 0x250), *range(0x2018, 0x2023), 0x20AC)
    if unicodedata.is_normalized("NFKC", chr(code)) and chr(code) not in _REMOVED
)
_CHANGED = re.compile(rf"(?s).[{_MARKS}]+|[^\x00-\x84\x86-\x9f{re.escape(_PLAIN)}]")
# Cyrillic and Greek letters that look like Latin ones, for words that mix the scripts.
_LOOKALIKE = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423"
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf",
    "ABEKMHOPCTXYaeopcxyiABEZHIKMNOPTYXo",
)
_MIXED = re.compile(r"[\w.+@-]*[\u0370-\u04ff][\w.+@-]*")


@dataclass(frozen=True, slots=True)
class Normal:
    """Searchable text and where its characters stand in the text that was given."""

    text: str
    # Of each place where the length changed: start and end in `text`, start and end in the original.
    starts: tuple[int, ...] = ()
    changes: tuple[tuple[int, int, int], ...] = field(default=())

    def start(self, place: int) -> int:
        """Give the original offset at which the character at `place` begins."""
        index = bisect_right(self.starts, place) - 1
        if index < 0:
            return place
        end, first, last = self.changes[index]
        return first if place < end else last + place - end

    def end(self, place: int) -> int:
        """Give the original offset at which the character before `place` ends."""
        index = bisect_right(self.starts, place - 1) - 1
        if index < 0:
            return place
        end, _, last = self.changes[index]
        return last if place <= end and self.starts[index] < end else last + place - end


def normalise(text: str, placeholders: re.Pattern[str] | None = None) -> Normal:
    r"""Make a text searchable: NFKC, dashes, spaces, no invisible signs, look-alike letters in mixed words.

    Parameters
    ----------
    text : any text.
    placeholders : what `mask` has written; it is made a wall that no find crosses, and no label.

    Examples
    --------
    >>> shown = normalise("a\u0308iti 010190\u2013900P")
    >>> shown.text, shown.start(1), shown.end(4)
    ('äiti 010190-900P', 2, 5)
    """
    done = Normal(text) if text.isascii() else _changed(text)
    plain = done.text
    if not plain.isascii():
        plain = _MIXED.sub(_latin, plain)
    if placeholders is not None and "[" in plain:
        plain = placeholders.sub(lambda match: BARRIER * len(match[0]), plain)
    return Normal(plain, done.starts, done.changes)


def _changed(text: str) -> Normal:
    parts: list[str] = []
    starts: list[int] = []
    changes: list[tuple[int, int, int]] = []
    at = length = 0
    for match in _CHANGED.finditer(text):
        first, last = match.span()
        new = _one(match[0])
        parts += (text[at:first], new)
        length += first - at
        if len(new) != last - first or len(new) != 1:
            starts.append(length)
            changes.append((length + len(new), first, last))
        length += len(new)
        at = last
    parts.append(text[at:])
    return Normal("".join(parts), tuple(starts), tuple(changes))


def _one(cluster: str) -> str:
    kept = "".join(
        "-" if sign in _DASHES else "\n" if sign in _SPACES else sign
        for sign in cluster
        if sign not in _REMOVED
    )
    return unicodedata.normalize("NFKC", kept)


def _latin(match: re.Match[str]) -> str:
    word = match[0]
    made = word.translate(_LOOKALIKE)
    mixed = any(sign.isascii() and sign.isalnum() for sign in word)
    return made if mixed and not re.search("[\u0370-\u04ff]", made) else word
