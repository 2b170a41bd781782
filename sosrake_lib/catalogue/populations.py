"""Standard populations: whose age structure a rate is standardised to, with source, year and licence."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from sosrake_lib.errors import CatalogueError

_TABLES = {"total": "weights", "male": "weights_male", "female": "weights_female"}
_NAMES = ("name_fi", "name_en", "year", "source", "licence", "note_fi", "note_en")


@dataclass(frozen=True, slots=True)
class StandardPopulation:
    """One age distribution: its words, source and licence; `ages` and `sexes` say how finely it is known."""

    key: str
    name_fi: str
    name_en: str
    year: str
    source: str
    licence: str
    note_fi: str
    note_en: str
    ages: tuple[str, ...]
    sexes: tuple[str, ...]


def standard_populations() -> tuple[StandardPopulation, ...]:
    """List the standard populations in the order of the file: the one to use first stands first.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> [one.key for one in catalogue.standard_populations()]
    ['esp2013', 'esp1976', 'finland2015', 'who2000_2025']
    """
    return tuple(_record(key, row) for key, row in _rows().items())


def standard_population(key: str, *, by_sex: bool = False) -> pd.DataFrame:
    """Give the ages and weights of a standard population.

    Parameters
    ----------
    key : as listed by `standard_populations`.
    by_sex : give men's and women's own ages (a column `sex`: male, female), where the source parts them.

    Returns
    -------
    DataFrame `age` ("0", "1-4", "5-9", ..., the last one open: "95-"), `sex` if asked, `weight` (the source's
    figures: people, per 100 000 or per cent; only their proportions matter), `standard` (the key). A copy.

    Raises
    ------
    CatalogueError when there is no such population, or it is not known by sex.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> europe = catalogue.standard_population("esp2013")
    >>> int(europe["weight"].sum()), europe["age"].iloc[-1]
    (100000, '95-')
    """
    known = _rows()
    if key not in known:
        near = ", ".join(get_close_matches(key, known, n=1, cutoff=0.4) or known)
        raise CatalogueError(f"catalogue: no standard population {key!r}; nearest: {near}")
    row = known[key]
    if by_sex and "weights_male" not in row:
        able = ", ".join(name for name, one in known.items() if "weights_male" in one)
        raise CatalogueError(
            f"catalogue: standard population {key!r} is not published by sex; leave by_sex out or use {able}"
        )
    parts = []
    for sex in ("male", "female") if by_sex else ("total",):
        weights = row[_TABLES[sex]]
        part = pd.DataFrame({"age": list(weights), "sex": sex, "weight": map(float, weights.values())})
        parts.append(part if by_sex else part.drop(columns="sex"))
    return pd.concat(parts, ignore_index=True).assign(standard=key)


def _record(key: str, row: dict[str, Any]) -> StandardPopulation:
    lacking = [name for name in (*_NAMES, "weights") if name not in row]
    if lacking:
        raise CatalogueError(f"catalogue/standard_populations.toml: {key} has no {lacking[0]}; write it")
    return StandardPopulation(
        key=key,
        ages=tuple(row["weights"]),
        sexes=tuple(sex for sex, table in _TABLES.items() if table in row),
        **{name: row[name] for name in _NAMES},
    )


@cache
def _rows() -> dict[str, Any]:
    file = files("sosrake_lib.catalogue") / "standard_populations.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
