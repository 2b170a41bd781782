"""The codebook as data: what each code means to a coder, and the words by which the machine suggests it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib import catalogue
from sosrake_lib.errors import GatherError
from sosrake_lib.language import say

THEME, NEED, STRUCTURE = "teema", "tarve", "rakenne"
DIMENSIONS = (THEME, NEED, STRUCTURE)
SEED_THEMES = ("sairastavuus", "paihde_mielenterveys", "koyhyys", "yksinaisyys", "tyottomyys", "asuminen")
_LISTS = ("problem", "topic", "lack", "not_from")


@dataclass(frozen=True, slots=True)
class Code:
    """One code.

    Attributes
    ----------
    dimension, key : such as teema and koyhyys.
    name_fi, name_en, definition_fi, definition_en : for the coder: when the code is given and when not.
    problem : word patterns that count unless denied ("ei ole velkaa"); topic : count also beside a negation
        ("vuokra ei pysy maksettavana"); lack : count only where something is wanting ("ei ystäviä").
    not_from : patterns of words that look like one of the others and are not.
    also_from : codes ("teema.koyhyys") whose suggestion brings this code too.
    """

    dimension: str
    key: str
    name_fi: str
    name_en: str
    definition_fi: str
    definition_en: str
    problem: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    lack: tuple[str, ...] = ()
    not_from: tuple[str, ...] = ()
    also_from: tuple[str, ...] = ()

    def name(self, language: str = "fi") -> str:
        """Give the name in `fi` or `en`."""
        return self.name_en if language == "en" else self.name_fi


@dataclass(frozen=True, slots=True)
class Codebook:
    """Codes in the order of the file, and the words of negation that hold for all of them.

    being_verbs, using_verbs : verbs whose negation denies ("ei ole", "ei käytä"), unlike "ei saa hoitoa".
    lacking : words by which something is wanting without a negation ("ilman", "puuttuu").
    fine_words : words that say a thing is well or not so ("kunnossa", "kiisti").
    denying_words : words that beside a negation deny all of their clause ("rahasta ei ole kyse").
    """

    version: str
    codes: tuple[Code, ...]
    negations: tuple[str, ...]
    lacking: tuple[str, ...]
    being_verbs: tuple[str, ...]
    using_verbs: tuple[str, ...]
    denying_words: tuple[str, ...]
    fine_words: tuple[str, ...]

    def of(self, dimension: str) -> tuple[Code, ...]:
        """Give the codes of a dimension.

        Raises
        ------
        GatherError for a dimension the book does not have.
        """
        found = tuple(code for code in self.codes if code.dimension == dimension)
        if not found:
            known = ", ".join(dict.fromkeys(code.dimension for code in self.codes))
            raise GatherError(say("coding.no_dimension", dimension=dimension, known=known))
        return found


@cache
def codebook() -> Codebook:
    """Read the codebook of themes, support needs and structures (codebook.toml).

    Names of themes and needs are those of the catalogue, so that one code has one name everywhere.

    Examples
    --------
    >>> [code.key for code in codebook().of("rakenne")]
    ['resurssi', 'normi', 'kaytanto', 'palveluaukko', 'ymparisto', 'asenne']
    """
    themes = {one.key: one for one in catalogue.themes() if one.key in SEED_THEMES}
    names = {(THEME, key): (one.name_fi, one.name_en) for key, one in themes.items()} | {
        (NEED, one.key): (one.name_fi, one.name_en) for one in catalogue.needs()
    }
    return read_codebook("sosrake_lib.gather.themes", "codebook.toml", DIMENSIONS, names)


def read_codebook(
    package: str,
    file: str,
    dimensions: tuple[str, ...],
    names: Mapping[tuple[str, str], tuple[str, str]],
) -> Codebook:
    """Read a codebook of `package`; what is common (negation) stands in the themes' own negation.toml.

    Raises
    ------
    GatherError naming the code that lacks a name or definition, brings in an unknown code or has no pattern.
    """
    given = tomllib.loads(files(package).joinpath(file).read_text(encoding="utf-8"))
    common = tomllib.loads(
        files("sosrake_lib.gather.themes").joinpath("negation.toml").read_text(encoding="utf-8")
    )
    codes = tuple(
        _code(dimension, key, about, names, file)
        for dimension in dimensions
        for key, about in given[dimension].items()
    )
    known = {f"{code.dimension}.{code.key}" for code in codes}
    for code in codes:
        unknown = [one for one in code.also_from if one not in known]
        if unknown:
            raise GatherError(
                say("coding.bad_code", file=file, code=code.key, what=f"also_from {unknown[0]}")
            )
    lists = {name: tuple(common[name]) for name in Codebook.__slots__ if name in common}
    return Codebook(given["version"], codes, **lists)


def _code(
    dimension: str,
    key: str,
    about: Mapping[str, Any],
    names: Mapping[tuple[str, str], tuple[str, str]],
    file: str,
) -> Code:
    name = names.get((dimension, key)) or (about.get("name_fi"), about.get("name_en"))
    texts = (*name, about.get("definition_fi"), about.get("definition_en"))
    if not all(texts):
        raise GatherError(say("coding.bad_code", file=file, code=key, what="name, definition"))
    if not any(about.get(one) for one in (*_LISTS, "also_from")):
        raise GatherError(say("coding.bad_code", file=file, code=key, what=", ".join(_LISTS)))
    lists: dict[str, Any] = {one: tuple(about.get(one, ())) for one in (*_LISTS, "also_from")}
    name_fi, name_en, definition_fi, definition_en = (str(text) for text in texts)
    return Code(dimension, key, name_fi, name_en, definition_fi, definition_en, **lists)
