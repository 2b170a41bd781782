"""Faults inside an answer: whole, in time, with status 200, and yet not to be believed.

Each fault is made in the form the answer has: rows of Sotkanet, a json-stat2 dataset of PxWeb, Kela's
separated text. Only answers that hold figures are broken, so that the calls before them still answer.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

CONTENT = (
    "empty-list",
    "object",
    "wrong-fields",
    "null",
    "text-number",
    "nan",
    "infinity",
    "duplicates",
    "unknown-region",
)


def holds_figures(path: str, sent: bytes) -> bool:
    """Say whether a call asks for figures, not for titles, regions or metadata."""
    return path.endswith(("/json", "/data", ".csv")) or (path.endswith(".px") and bool(sent))


def content(fault: str, path: str, sent: bytes, body: bytes) -> bytes:
    if not holds_figures(f"/{path}", sent):
        return body
    if path.endswith(".csv"):
        return _table(fault, body)
    read = json.loads(body)
    changes = _ROWS if isinstance(read, list) else _DATASET
    return json.dumps(changes[fault](read)).encode()


Change = Callable[[Any], Any]
_ROWS: dict[str, Change] = {
    "empty-list": lambda rows: [],
    "object": lambda rows: {"rows": rows},
    "wrong-fields": lambda rows: [{"alue": 1, "arvo": 2}],
    "null": lambda rows: [rows[0] | {"value": None}, *rows[1:]],
    "text-number": lambda rows: [rows[0] | {"value": "9,9"}, *rows[1:]],
    "nan": lambda rows: [rows[0] | {"value": float("nan")}, *rows[1:]],
    "infinity": lambda rows: [rows[0] | {"value": float("inf")}, *rows[1:]],
    "duplicates": lambda rows: [*rows, rows[0]],
    "unknown-region": lambda rows: [rows[0] | {"region": 99999}, *rows[1:]],
}


def _with_value(value: Any) -> Change:
    return lambda data: data | {"value": [value, *data["value"][1:]]}


def _with_code(change: Callable[[list[str]], list[str]]) -> Change:
    """Change the codes of the first dimension, its size unchanged."""

    def changed(data: Any) -> Any:
        made = copy.deepcopy(data)
        category = made["dimension"][made["id"][0]]["category"]
        category["index"] = change(sorted(category["index"], key=category["index"].get))
        return made

    return changed


_DATASET: dict[str, Change] = {
    "empty-list": lambda data: [],
    "object": lambda data: {"rows": data},
    "wrong-fields": lambda data: {"alue": 1, "arvo": 2},
    "null": lambda data: data | {"value": None},
    "text-number": _with_value("9,9"),
    "nan": _with_value(float("nan")),
    "infinity": _with_value(float("inf")),
    "duplicates": _with_code(lambda codes: [codes[0], codes[0], *codes[2:]]),
    "unknown-region": _with_code(lambda codes: ["KU999", *codes[1:]]),
}


def _table(fault: str, body: bytes) -> bytes:
    lines = body.decode("utf-8-sig").splitlines()
    header, first, rest = lines[0], lines[1].split(";"), lines[2:]
    place = header.replace('"', "").split(";").index("val")
    if fault == "empty-list":
        return b"[]"
    if fault == "object":
        return b'{"rows": []}'
    if fault == "wrong-fields":
        return "\n".join(['"kunta";"arvo"', '"1";"2"', ""]).encode()
    if fault == "duplicates":
        return "\n".join([*lines, lines[-1], ""]).encode()
    if fault == "unknown-region":
        area = header.replace('"', "").split(";").index("alue")
        first[area] = '"Atlantis"'
    else:
        wrong = {"null": "NULL", "text-number": "9,9", "nan": "NaN", "infinity": "Infinity"}
        first[place] = f'"{wrong[fault]}"'
    return "\n".join([header, ";".join(first), *rest, ""]).encode()
