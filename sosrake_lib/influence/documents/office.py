"""What Word documents and slides share: words of their properties, their languages, and their notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sosrake_lib.influence.documents.blocks import Run, Runs, plain
from sosrake_lib.influence.documents.content import Document
from sosrake_lib.influence.documents.measure import width_of
from sosrake_lib.influence.documents.notes import NumberNote
from sosrake_lib.influence.exports.safe import FIXED_DAY, words

FONT = "Arial"  # stands on every office machine; widths are measured in wider letters
LANGUAGE_TAGS = {"fi": "fi-FI", "en": "en-GB", "sv": "sv-FI"}
_LONGEST_PROPERTY = 255  # signs the formats hold


def describe(properties: Any, document: Document) -> None:
    """Put fixed words in the place of names, days and programs."""
    properties.author = properties.last_modified_by = "SOSRAKE"
    properties.title = words(document.title)[:_LONGEST_PROPERTY]
    properties.subject = ""
    properties.comments = words(" ".join(document.lead))[:_LONGEST_PROPERTY]
    properties.keywords = words(document.mark)[:_LONGEST_PROPERTY]
    properties.category = ""
    properties.language = LANGUAGE_TAGS[document.language]
    properties.created = properties.modified = FIXED_DAY
    properties.revision = 1


class NumberedNotes:
    """Numbers notes from 1 in the order they are first met; an equal note has the same number."""

    def __init__(self) -> None:
        """Start with none."""
        self._numbers: dict[NumberNote, int] = {}

    def number(self, note: NumberNote) -> tuple[int, bool]:
        """Give a note's number, and whether this is its first place."""
        first = note not in self._numbers
        return self._numbers.setdefault(note, len(self._numbers) + 1), first

    def texts(self, language: str) -> list[str]:
        """Give the notes in the order of their numbers."""
        return [note.text(language) for note in self._numbers]


def words_kept(text: str) -> str:
    """Give text without control characters, with the spaces at its ends."""
    lead, tail = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
    inner = words(text)
    return f"{lead}{inner}{tail}" if inner else " " if text else ""


def lines_needed(runs: Runs, width: float, size: float) -> int:
    """Count the lines that a text takes when it is `width` points wide."""
    return sum(_wrapped(line, width, size) for line in plain(runs).split("\n"))


def divided(runs: Runs, most: int, width: float, size: float) -> tuple[Runs, Runs]:
    """Divide a text so that its first part takes at most `most` lines: after a sentence, else after a word.

    Both parts together are the whole text but for the space between them.
    """
    text = plain(runs)
    ends = [place for place, sign in enumerate(text) if sign == " "]
    fit = [place for place in ends if lines_needed((Run(text[:place]),), width, size) <= most]
    after_sentence = [place for place in fit if text[place - 1] in ".?!"]
    chosen = (after_sentence or fit or [len(text)])[-1]
    return _slice(runs, 0, chosen), _slice(runs, chosen + 1, len(text))


def _slice(runs: Iterable[Run], start: int, end: int) -> Runs:
    made, at = [], 0
    for run in runs:
        text = run.text[max(start - at, 0) : max(end - at, 0)]
        at += len(run.text)
        if text:
            made.append(replace(run, text=text))
    return tuple(made)


def _wrapped(text: str, width: float, size: float) -> int:
    lines, used = 1, 0.0
    space = width_of(" ", size)
    for word in text.split(" "):
        needed = width_of(word, size)
        if used and used + space + needed > width:
            lines, used = lines + 1, 0.0
        lines += int(needed // width)  # a word longer than a line is broken by the program
        used = used + (space if used else 0.0) + needed % width
    return lines
