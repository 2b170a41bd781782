"""The parts of a text that hold digits: everything but names, spelled contacts and combinations is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CLUSTER = re.compile(r"\d(?:[^\n]{0,40}\d)*")
_DIGIT = re.compile(r"\d")
_REACH = 90


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch round digits.

    text : the whole text. start, end : the stretch. low : the stretch in small letters.
    digits : how many it has.
    """

    text: str
    start: int
    end: int
    low: str
    digits: int

    def has(self, *hints: str) -> bool:
        """Tell whether any of the hints, in small letters, stands in the stretch: cheaper than a pattern."""
        low = self.low
        return any(hint in low for hint in hints)

    def matches(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Give the pattern's matches in the stretch."""
        return pattern.finditer(self.text, self.start, self.end)


def windows(text: str) -> Iterator[Window]:
    """Give the stretches round digits, cut at white space, so that patterns skip the rest of the text.

    Examples
    --------
    >>> [(one.start, one.end, one.digits) for one in windows("klo 12 alkaa")], list(windows("ei mitään"))
    ([(0, 12, 2)], [])
    """
    held: tuple[int, int] | None = None
    for match in _CLUSTER.finditer(text):
        start, end = _reach(text, match.start(), match.end())
        if held is not None and start <= held[1]:
            held = (held[0], max(held[1], end))
            continue
        if held is not None:
            yield _window(text, *held)
        held = (start, end)
    if held is not None:
        yield _window(text, *held)


def _window(text: str, start: int, end: int) -> Window:
    part = text[start:end]
    return Window(text, start, end, part.lower(), len(_DIGIT.findall(part)))


def _reach(text: str, start: int, end: int) -> tuple[int, int]:
    first = max(0, start - _REACH)
    while first > 0 and not text[first - 1].isspace() and start - first < 2 * _REACH:
        first -= 1
    last = min(len(text), end + _REACH)
    while last < len(text) and not text[last].isspace() and last - end < 2 * _REACH:
        last += 1
    return first, last


def after_label(label: re.Pattern[str], text: str, start: int, reach: int = 48) -> bool:
    """Tell whether a label, whose pattern ends in `$`, stands right before `start`."""
    return label.search(text, max(0, start - reach), start) is not None
