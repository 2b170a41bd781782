"""`sosrake personal`: say where personal data stands in a file, or mask it, or answer line by line as JSON.

What was found is never written out: only its kind, level, place and reason.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.errors import GatherError, SosrakeError
from sosrake_lib.gather.identifiers.entity import PROBABLE, REVIEW, SURE, Entity
from sosrake_lib.gather.identifiers.finding import find
from sosrake_lib.gather.identifiers.lexicon import lexicon
from sosrake_lib.gather.identifiers.masking import mask
from sosrake_lib.language import say


@dataclass(frozen=True, slots=True)
class Told:
    """Lines to show, and whether anything sure or probable was found."""

    lines: tuple[str, ...]
    findings: bool


def personal(file: str, *, masked: bool, jsonl: bool, language: str = "fi") -> Iterator[Told]:
    """Do what `sosrake personal` was asked for; lines come as they are ready.

    Parameters
    ----------
    file : path of a text file, or - for standard input.
    masked : give the text with its finds masked.
    jsonl : each line is {"text": ...}; answer {"entities": [{"type", "start", "end", "level"}]} to each.

    Raises
    ------
    SosrakeError for a file that is not there, is not text, or has a line that is no such object.
    """
    if masked and jsonl:
        raise SosrakeError(say("personal.both_ways", language))
    text = _read(file, language)
    if jsonl:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield _answered(line, number, language)
    elif masked:
        yield Told((mask(text, language=language),), findings=False)
    else:
        yield _places(text, language)


def _places(text: str, language: str) -> Told:
    found = find(text)
    if not found:
        return Told((say("personal.nothing", language),), findings=False)
    breaks = [place for place, sign in enumerate(text) if sign == "\n"]
    lines = [_line(one, breaks, language) for one in found]
    counts = {level: sum(one.level == level for one in found) for level in (SURE, PROBABLE, REVIEW)}
    total = say("personal.total", language, **counts, dictionary=lexicon().name)
    return Told((*lines, total), findings=counts[SURE] + counts[PROBABLE] > 0)


def _line(one: Entity, breaks: list[int], language: str) -> str:
    row = bisect_right(breaks, one.start - 1)
    column = one.start - (breaks[row - 1] + 1 if row else 0) + 1
    return say(
        "personal.found",
        language,
        line=row + 1,
        column=column,
        type=say(f"personal.type.{one.type.lower()}", language),
        level=say(f"personal.level.{one.level}", language),
        reason=say(f"personal.reason.{one.reason}", language),
    )


def _answered(line: str, number: int, language: str) -> Told:
    try:
        given = json.loads(line)
    except ValueError:
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        # the error of the reader would repeat the line
        raise SosrakeError(say("personal.bad_line", language, line=number)) from None
    entities = [
        {"type": one.type, "start": one.start, "end": one.end, "level": one.level}
        for one in find(given["text"])
    ]
    return Told(
        (json.dumps({"entities": entities}),), findings=any(one["level"] != REVIEW for one in entities)
    )


def _read(file: str, language: str) -> str:
    if file == "-":
        body = sys.stdin.buffer.read()
    elif Path(file).is_file():
        body = Path(file).read_bytes()
    else:
        raise SosrakeError(say("personal.no_file", language, file=file))
    if b"\0" in body and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise GatherError(say("personal.not_text", language, file=file))
    for encoding in ("utf-16",) if body.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            return body.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
    raise GatherError(say("personal.not_text", language, file=file))
