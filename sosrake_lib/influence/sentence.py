"""A sentence whose every number is inserted from a released row and can be traced back to it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say

_PRIVATE = 0xE000  # first code of Unicode's private use area: stands for a piece until it is inserted
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Sentence:
    """Text with the places of its numbers.

    Attributes
    ----------
    text : what is read.
    language : `fi` or `en`.
    numbers : (start, end, reference) of each number from a release; reference is `<result_id>:<column>`.
    release_id : the release the numbers come from; empty when the sentence holds none.
    constants : (start, end) of digits that are no result (a year, a confidence level, an age in a name).

    Examples
    --------
    >>> said = Sentence("Osuus on 9,9 %.", "fi", ((9, 14, "luvut.0a:value"),), "r1")
    >>> said.text[9:14], said.html()[48:]
    ('9,9 %', 'Osuus on <span class="luku" data-result="luvut.0a:value">9,9 %</span>.</span>')
    """

    text: str
    language: str
    numbers: tuple[tuple[int, int, str], ...] = ()
    release_id: str = ""
    constants: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a digit that is neither a result nor a declared constant, and marks that do not fit."""
        marks = sorted([*((a, b) for a, b, _ in self.numbers), *self.constants])
        inside = all(0 <= start < end <= len(self.text) for start, end in marks)
        apart = all(first[1] <= second[0] for first, second in pairwise(marks))
        if not (inside and apart):
            raise SosrakeError(f"sentence {self.text!r}: marks {marks} overlap or leave the text; rebuild it")
        if self.numbers and not self.release_id:
            raise SosrakeError(f"sentence {self.text!r}: numbers without a release; give release_id")
        for digit in _DIGIT.finditer(self.text):
            if not any(start <= digit.start() < end for start, end in marks):
                raise SosrakeError(
                    f"sentence {self.text!r}: digit {digit.group()!r} at {digit.start()} "
                    "comes from no result; insert it from a released row or declare it a constant"
                )

    def html(self) -> str:
        """Give the escaped text, each number in a span that names its result."""
        parts, at = [], 0
        marks = [(a, b, f' class="luku" data-result="{html.escape(r)}"') for a, b, r in self.numbers]
        marks += [(a, b, ' data-constant=""') for a, b in self.constants]
        for start, end, attributes in sorted(marks):
            parts.append(html.escape(self.text[at:start]))
            parts.append(f"<span{attributes}>{html.escape(self.text[start:end])}</span>")
            at = end
        parts.append(html.escape(self.text[at:]))
        release = f' data-release="{html.escape(self.release_id)}"' if self.release_id else ""
        return f'<span class="lause" lang="{self.language}"{release}>{"".join(parts)}</span>'

    def __str__(self) -> str:
        """Give the text alone."""
        return self.text


def number(text: str, reference: str, release_id: str, language: str) -> Sentence:
    """Make a piece that is one number of a released row."""
    return Sentence(text, language, ((0, len(text), reference),), release_id)


def constant(text: str, language: str) -> Sentence:
    """Make a piece whose digits are no result: a period, a name with an age in it, a confidence level."""
    places = tuple((digits.start(), digits.end()) for digits in re.finditer(r"\d+", text))
    return Sentence(text, language, (), "", places)


def compose(key: str, language: str, *, capital: bool = True, **pieces: Sentence | str) -> Sentence:
    """Fill the template `key` with pieces, keeping track of where each number lands.

    A piece given as plain text may hold no digit: digits come from `number` or `constant`, so a figure typed
    into a template or passed as text is refused.
    """
    signs = {name: chr(_PRIVATE + place) for place, name in enumerate(pieces)}
    by_sign = {sign: pieces[name] for name, sign in signs.items()}
    template = say(key, language, **signs)
    parts: list[Sentence] = []
    for run in re.split(f"([{chr(_PRIVATE)}-{chr(_PRIVATE + len(pieces))}])", template):
        piece = by_sign.get(run, run)
        parts.append(piece if isinstance(piece, Sentence) else Sentence(piece, language))
    joined = join(parts, between="")
    return _capital(joined) if capital else joined


def join(sentences: Iterable[Sentence], *, between: str = " ") -> Sentence:
    """Put sentences after one another; all numbers must come from one release and one language.

    Raises
    ------
    SosrakeError when two releases or two languages meet in one sentence.
    """
    parts = [sentence for sentence in sentences if sentence.text]
    if not parts:
        raise SosrakeError("join: nothing to join; give at least one sentence")
    for what, found in (
        ("languages", {part.language for part in parts}),
        ("releases", {part.release_id for part in parts if part.release_id}),
    ):
        if len(found) > 1:
            raise SosrakeError(f"join: {what} {sorted(found)} in one sentence; expected one; say them apart")
    text, numbers, constants = "", [], []
    for part in parts:
        at = len(text) + (len(between) if text else 0)
        text = f"{text}{between if text else ''}{part.text}"
        numbers += [(start + at, end + at, reference) for start, end, reference in part.numbers]
        constants += [(start + at, end + at) for start, end in part.constants]
    release_id = next((part.release_id for part in parts if part.release_id), "")
    return Sentence(text, parts[0].language, tuple(numbers), release_id, tuple(constants))


def _capital(sentence: Sentence) -> Sentence:
    text = sentence.text[:1].upper() + sentence.text[1:]
    if len(text) != len(sentence.text):  # "ß" and its like grow when capitalised; marks would shift
        return sentence
    return Sentence(text, sentence.language, sentence.numbers, sentence.release_id, sentence.constants)
