"""The rules of claims as data: read once, their shared lists filled in, compiled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language.places import known_places, place

LANGUAGES = ("fi", "en")
# In these "the only" tells of so many that nobody is known by it.
_COMMON = frozenset(("Suomi", "koko maa", "Koko maa", "Itä-Suomi"))


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern of findings: its kind, the advice it leads to, and what it looks for."""

    kind: str
    better: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Guards:
    """What makes a causal word no claim: negation, what it governs, aims before, uncertainty anywhere.

    asked : opens a clause that asks or tells when, whom or what; a passive in it demands nothing.
    """

    negation: re.Pattern[str]
    governed: re.Pattern[str]
    split: re.Pattern[str]
    before: re.Pattern[str]
    anywhere: re.Pattern[str]
    probable: re.Pattern[str]
    asked: re.Pattern[str]


@cache
def rules(language: str) -> tuple[Rule, ...]:
    """Give the compiled rules of a language.

    Raises
    ------
    SosrakeError for a language texts are not checked in.
    """
    known(language)
    told = data("rules")
    parts = told["parts"][language] | _place_names(language)
    return tuple(
        Rule(one["kind"], one["better"], _compiled("|".join(f"(?:{text})" for text in one[language]), parts))
        for one in told["rule"]
        if one.get(language)
    )


@cache
def guards(language: str) -> Guards:
    """Give the compiled guards of a language."""
    known(language)
    told = data("rules")["guards"][language]
    names = ("negation", "governed", "break", "before", "anywhere", "probable", "asked")
    return Guards(*(re.compile(told[name], re.IGNORECASE) for name in names))


@cache
def data(name: str) -> dict:
    """Read a data file of this package: `rules`, `known` or `strict`."""
    text = resources.files("sosrake_lib.influence.claims").joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def checked(language: str) -> re.Pattern[str]:
    """Give the pattern by which a text tells that a person has checked its easy language."""
    return re.compile(data("rules")["checked"][known(language)], re.IGNORECASE)


def known(language: str) -> str:
    """Give the language back when texts are checked in it.

    Raises
    ------
    SosrakeError otherwise.
    """
    if language not in LANGUAGES:
        raise SosrakeError(f"claims: language {language!r}; texts are checked in fi and en")
    return language


def _place_names(language: str) -> dict[str, str]:
    """Give lists of place names for the patterns: Finnish in the genitive and where, English as they are."""
    names = sorted(known_places() - _COMMON)
    if language == "en":
        return {"placename": _listed(names)}
    return {
        "paikannimen": _listed(place(name, "genitive") for name in names),
        "paikannimessa": _listed(place(name, "in") for name in names),
    }


def _listed(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in names)


def _compiled(text: str, parts: dict[str, str]) -> re.Pattern[str]:
    for _ in range(2):  # a list may name another list
        for name, listed in parts.items():
            text = text.replace(f"<{name}>", f"(?:{listed})")
    return re.compile(text, re.IGNORECASE | re.MULTILINE)
