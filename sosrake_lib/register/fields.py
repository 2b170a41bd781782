"""The fields of an observation as data, and the one judge of a filled form.

No field asks who a client is, who reports or which unit it was: the form cannot hold it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib import catalogue, regions
from sosrake_lib.errors import RegionError, SosrakeError

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_LEVELS = ("kunta", "hva", "seutukunta")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `kind` is text, choice, region or month; `values` are a choice's classes."""

    name: str
    kind: str
    values: tuple[str, ...]
    longest: int
    required: bool
    seen: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field: `kind` is a key of `register.fault`, `field` the field's name."""

    field: str
    kind: str


@cache
def fields() -> Mapping[str, Field]:
    """Give every field by its name, in the order of a form."""
    return {
        name: Field(
            name=name,
            kind=about["kind"],
            values=_values(about),
            longest=about.get("longest", 0),
            required=about.get("required", False),
            seen=about.get("seen", False),
        )
        for name, about in _data()["fields"].items()
    }


def schema_version() -> str:
    """Give the version of the form's fields."""
    return _data()["schema_version"]


def text_fields() -> tuple[str, ...]:
    """Name the fields that hold people's own words."""
    return tuple(name for name, field in fields().items() if field.kind == "text")


def faults(given: Mapping[str, str]) -> tuple[Fault, ...]:
    """List what is wrong with a filled form; an empty tuple when it may be saved.

    Parameters
    ----------
    given : field -> text. The region is `alue`, written level:code such as "kunta:E01". A field that is
        left out is empty.

    Examples
    --------
    >>> from sosrake_lib.register.fields import faults
    >>> full = {"tiedontuottaja": "asukas", "alue": "kunta:E01", "teema": "asuminen", "havainto": "Vuokrat."}
    >>> faults(full), faults({**full, "havainto": " "})[0].kind
    ((), 'lacking')
    """
    known = fields()
    found = [Fault(name, "unknown") for name in given if name not in known]
    for name, field in known.items():
        text = given.get(name, "")
        if not isinstance(text, str):
            found.append(Fault(name, "unknown"))
        elif not text.strip():
            found += [Fault(name, "lacking")] * field.required
        else:
            found += [Fault(name, kind) for kind in (_fault(field, text.strip()),) if kind]
    return tuple(found)


def as_row(given: Mapping[str, str]) -> dict[str, str]:
    """Turn a filled form into columns of `havainto`.

    Raises
    ------
    SosrakeError naming the first wrong field.
    """
    wrong = faults(given)
    if wrong:
        field = fields().get(wrong[0].field)
        expected = f"; expected one of {', '.join(field.values)}" if field and field.values else ""
        raise SosrakeError(f"register: {wrong[0].field} is {wrong[0].kind}{expected}; correct it")
    row = {name: given.get(name, "").strip() for name in fields() if name != "alue"}
    level, _, code = given["alue"].strip().partition(":")
    return {**row, "alue_taso": level, "alue_koodi": code, "kaavio": schema_version()}


def _fault(field: Field, text: str) -> str:
    if field.kind == "choice":
        return "" if text in field.values else "no_choice"
    if field.kind == "month":
        return "" if _MONTH.fullmatch(text) else "no_month"
    if field.kind == "region":
        return "" if _is_region(text) else "no_region"
    if "\x00" in text:
        return "unknown"
    return "too_long" if len(text) > field.longest else ""


def _is_region(text: str) -> bool:
    level, _, code = text.partition(":")
    if level not in _LEVELS:
        return False
    try:
        regions.region(level, code)
    except RegionError:
        return False
    return True


def _values(about: Mapping[str, Any]) -> tuple[str, ...]:
    if about.get("values_from") == "catalogue.needs":
        return tuple(need.key for need in catalogue.needs())
    return tuple(about.get("values", ()))


@cache
def _data() -> dict:
    source = files("sosrake_lib.register").joinpath("fields.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))
