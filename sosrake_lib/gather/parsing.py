"""Bytes of an answer to content, strictly: JSON or separated text, UTF-8, whole, and never a web page."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from sosrake_lib.errors import GatherError


def parse_json(raw: bytes, where: str) -> Any:
    """Read JSON strictly: UTF-8, no NaN or infinity, no page of a login or an error in its place."""
    text = _text(raw, where, "JSON")
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as problem:
        raise GatherError(
            f"{where}: not whole JSON ({str(problem)[:80]}); the answer was cut or changed; try again later"
        ) from None


def parse_csv(raw: bytes, where: str, separator: str = ";") -> list[dict[str, str]]:
    r"""Read separated text strictly into one mapping a row, header -> text.

    A file that does not end with a line break was cut; a row with more or fewer fields than the header is
    refused by its number (the header is row 1). Line breaks inside a field become spaces.

    Examples
    --------
    >>> parse_csv(b'"alue";"val"\n"Kainuu";"12"\n', "kela")
    [{'alue': 'Kainuu', 'val': '12'}]
    """
    text = _text(raw, where, "a table").removeprefix("\ufeff")
    if not text.endswith(("\n", "\r")):
        raise GatherError(f"{where}: the last line has no end; the answer was cut; try again later")
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=separator, strict=True) if line]
    except csv.Error as problem:
        raise GatherError(f"{where}: not whole separated text ({problem}); try again later") from None
    header = [name.strip() for name in lines[0]]
    if len(set(header)) != len(header):
        raise GatherError(f"{where}: a column stands twice in the header; report it to the source")
    for place, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise GatherError(
                f"{where}: row {place} has {len(line)} fields, the header {len(header)}; try again later"
            )
    return [dict(zip(header, (" ".join(field.split()) for field in line), strict=True)) for line in lines[1:]]


def _text(raw: bytes, where: str, expected: str) -> str:
    if not raw.strip():
        raise GatherError(f"{where}: the answer is empty; expected {expected}; try again later")
    if raw.lstrip()[:1] == b"<":
        raise GatherError(
            f"{where}: the answer is a web page, not data (a login or an error page); "
            "open the address in a browser, or try from another network"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise GatherError(
            f"{where}: byte {problem.start} is not UTF-8; expected UTF-8; report it to the source"
        ) from None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")
