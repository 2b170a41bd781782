"""Reads the catalogue's TOML files once and answers from them."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, fields
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from sosrake_lib.catalogue.competence import competence_framework
from sosrake_lib.catalogue.model import CompetenceDomain, Indicator, Need, Theme
from sosrake_lib.catalogue.swedish import unit_sv
from sosrake_lib.errors import CatalogueError
from sosrake_lib.frame import REGION_LEVELS, SEXES

KINDS = ("proportion", "rate", "mean", "index", "count", "ratio")
DIRECTIONS = ("higher_is_worse", "higher_is_better", "neutral")
NOT_STRENGTHS = ("benefit", "service_use", "recorded")
_NEUTRAL: dict[str, Any] = {
    "denominator_fi": "",
    "denominator_en": "",
    "sotkanet": None,
    "also_titled": (),
    "former_titles": (),
    "breaks": (),
    "sexes": ("total",),
    "note_fi": "",
    "note_en": "",
    "count_is_mean": False,
    "not_a_strength": "",
}
# What figures counted in the house have in common; the rows themselves tell producer, source and licence.
_HOUSE: dict[str, Any] = {
    "direction": "neutral",
    "level_min": "kunta",
    "levels": ("kunta", "hva"),
    "sexes": SEXES,
    "producer": "",
    "licence": "",
    "source": "",
    "title": "",
    "verified": True,
}
_SHARE = "_osuus"
_SURVEY = "osaamiskartoitus"
_ALLOWED = {
    "kind": KINDS,
    "direction": DIRECTIONS,
    "level_min": REGION_LEVELS,
    "not_a_strength": ("", *NOT_STRENGTHS),
}


def indicator(key: str, per: float | None = None) -> Indicator:
    """Give the indicator of a key: of the themes, or counted in the house (own.toml, the competence survey).

    Parameters
    ----------
    key : as in the column `indicator` of a frame.
    per : scale of the figure at hand; shares of a count of the house (per 100) have words of their own.

    Raises
    ------
    CatalogueError naming the nearest keys when there is no such indicator.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> catalogue.indicator("tyottomyysaste").denominator_fi
    'työvoima'
    >>> catalogue.indicator("palvelutarve_asiakkaat", per=100).unit_fi
    '%'
    """
    known = _indicators() | _house()
    if per is not None and key in known and known[key].per != per and f"{key}{_SHARE}" in known:
        return known[f"{key}{_SHARE}"]
    if key not in known:
        near = ", ".join(get_close_matches(key, known, n=3)) or "see catalogue.descriptions()"
        raise CatalogueError(f"catalogue: no indicator {key!r}; nearest: {near}")
    return known[key]


def indicators(theme: str | None = None) -> tuple[Indicator, ...]:
    """Give all indicators, or those of one theme, in the order of the files."""
    if theme is None:
        return tuple(_indicators().values())
    if theme not in _themes():
        raise CatalogueError(f"catalogue: no theme {theme!r}; expected one of {', '.join(_themes())}")
    return tuple(one for one in _indicators().values() if one.theme == theme)


def themes() -> tuple[Theme, ...]:
    """Give the themes in the order of pages and menus: the six of the project first."""
    return tuple(_themes().values())


def by_sotkanet(sotkanet: int) -> Indicator:
    """Give the indicator of a Sotkanet id.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> catalogue.by_sotkanet(181).key
    'tyottomyysaste'
    """
    for one in _indicators().values():
        if one.sotkanet == sotkanet:
            return one
    raise CatalogueError(
        f"catalogue: Sotkanet indicator {sotkanet} is not in the catalogue; "
        "add it with its title to sosrake_lib/catalogue/<theme>.toml"
    )


def descriptions(language: str = "fi") -> pd.DataFrame:
    """Give one row an indicator for `frame.describe`.

    Returns
    -------
    DataFrame: indicator, name, short, unit, theme, direction, producer, licence, source, decimals, kind,
    level_min. In Swedish, which the workbook uses for labels only, `short` is the name.
    """
    if language not in ("fi", "en", "sv"):
        raise CatalogueError(f"catalogue: language {language!r}; expected fi, en or sv")
    constant = ("theme", "direction", "producer", "licence", "source", "decimals", "kind", "level_min")
    rows = [
        {
            "indicator": one.key,
            "name": getattr(one, f"name_{language}"),
            "short": one.name_sv if language == "sv" else getattr(one, f"short_{language}"),
            "unit": unit_sv(one.unit_fi) if language == "sv" else getattr(one, f"unit_{language}"),
            **{column: getattr(one, column) for column in constant},
        }
        for one in _indicators().values()
    ]
    return pd.DataFrame(rows)


def needs() -> tuple[Need, ...]:
    """Give the support-need classes of the Social Welfare Act (1301/2014), section 11, by their number."""
    rows = _read("needs")
    found = [Need(key=key, **{**row, "themes": tuple(row["themes"])}) for key, row in rows.items()]
    for need in found:
        strange = sorted(set(need.themes) - set(_themes()))
        if strange:
            raise CatalogueError(
                f"catalogue/needs.toml: {need.key} names theme {strange[0]!r}; see themes.toml"
            )
    return tuple(sorted(found, key=lambda need: need.number))


def competences() -> tuple[CompetenceDomain, ...]:
    """Give the competence survey's four domains, each with its six items (of `competence_framework`)."""
    return competence_framework().domains


@cache
def _themes() -> dict[str, Theme]:
    return {key: Theme(key=key, **row) for key, row in _read("themes").items()}


@cache
def _indicators() -> dict[str, Indicator]:
    found: dict[str, Indicator] = {}
    for theme in _themes():
        for key, row in _read(theme).items():
            if key in found:
                raise CatalogueError(f"catalogue/{theme}.toml: {key} stands also in {found[key].theme}.toml")
            found[key] = _indicator(key, theme, row)
    return found


@cache
def _house() -> dict[str, Indicator]:
    """Read what is counted in the house, and make an entry for every domain and item of the survey."""
    rows = _read("own")
    common = rows.pop(_SURVEY)
    named = [(one.key, one.name_fi, one.name_en) for one in competences()]
    named += [(item.key, item.name_fi, item.name_en) for one in competences() for item in one.items]
    for key, finnish, english in named:
        names = {"name_fi": finnish, "short_fi": finnish, "name_en": english, "short_en": english}
        rows[key] = {**common, **names, "name_sv": finnish}
    found = {key: _indicator(key, "", {**_HOUSE, **row}, file="own") for key, row in rows.items()}
    twice = sorted(set(found) & set(_indicators()))
    if twice:
        raise CatalogueError(
            f"catalogue/own.toml: {twice[0]} stands also in {_indicators()[twice[0]].theme}.toml"
        )
    return found


def _indicator(key: str, theme: str, row: dict[str, Any], file: str = "") -> Indicator:
    where = f"catalogue/{file or theme}.toml: {key}"
    values = {**_NEUTRAL, **row, "key": key, "theme": theme}
    names = {field.name for field in fields(Indicator) if field.default is MISSING}
    for name in sorted(names - set(values)):
        raise CatalogueError(f"{where} has no {name}; write it")
    for name in sorted(set(values) - names):
        raise CatalogueError(f"{where}: {name} is not a field of an indicator; expected {', '.join(names)}")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    for name, allowed in _ALLOWED.items():
        if values[name] not in allowed:
            raise CatalogueError(f"{where}: {name} is {values[name]!r}; expected {', '.join(allowed)}")
    if not set(values["sexes"]) <= set(SEXES) or values["level_min"] not in values["levels"]:
        raise CatalogueError(f"{where}: sexes must be of {', '.join(SEXES)}, and level_min one of its levels")
    return Indicator(**{**values, "per": float(values["per"])})


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("sosrake_lib.catalogue") / f"{name}.toml").read_text(encoding="utf-8"))
