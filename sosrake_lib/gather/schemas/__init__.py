"""What each kind of office table holds: one TOML a kind, and the one loader."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib import catalogue
from sosrake_lib.errors import GatherError


@dataclass(frozen=True)
class Column:
    """One column: its kind decides how a cell is read, the rest how it is checked.

    `also` are other spellings of the header, `at_most` a column whose number is never smaller, `same_within`
    the columns within which this number is the same on every row, `unit` "percent" when 9.8 means 9.8 %.
    """

    name: str
    kind: str
    required: bool
    meaning: str
    also: tuple[str, ...] = ()
    personal: bool = False
    minimum: float | None = None
    maximum: float | None = None
    at_most: str = ""
    name_column: str = ""
    year_column: str = ""
    allowed: tuple[str, ...] = ()
    unit: str = ""
    same_within: tuple[str, ...] = ()
    meaning_fi: str = ""


@dataclass(frozen=True)
class Schema:
    """A kind of table."""

    name: str
    title_fi: str
    title_en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    frame: bool


def kinds() -> tuple[str, ...]:
    """Name the kinds of table that can be imported."""
    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def schema(name: str) -> Schema:
    """Read one kind of table; an unknown kind is an error that names those there are.

    Examples
    --------
    >>> schema("asiakkaat").key
    ('kunta_nro', 'vuosi', 'palvelu')
    """
    if name not in kinds():
        raise GatherError(f"table kind {name!r}; expected one of {', '.join(kinds())}; use one of these")
    read = tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    columns = tuple(_column(column, about) for column, about in read["columns"].items())
    needs = tuple(need.key for need in catalogue.needs())
    columns = tuple(replace(one, allowed=needs) if one.kind == "needs" else one for one in columns)
    columns += _survey_columns(read.get("scales", []))
    return Schema(
        name, read["title_fi"], read["title_en"], tuple(read["key"]), columns, read.get("frame", False)
    )


def _column(name: str, about: dict[str, Any]) -> Column:
    parts: dict[str, Any] = {
        part: tuple(value) if isinstance(value, list) else value for part, value in about.items()
    }
    return Column(name=name, **parts)


def _survey_columns(scales: list[str]) -> tuple[Column, ...]:
    """Give the columns `<item>.<scale>` of a survey; an answer may be left out, a column may not."""
    framework = catalogue.competence_framework()
    highest = len(framework.scales[0].points)
    return tuple(
        Column(
            f"{item.key}.{scale}",
            "scale",
            True,
            f"{item.name_en}: {scale}, 1-{highest}",
            minimum=1,
            maximum=highest,
            meaning_fi=f"{item.name_fi}: {scale}, 1\u2013{highest}",
        )
        for item in framework.items
        for scale in scales
    )
