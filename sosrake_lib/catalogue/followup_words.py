"""Reads followup_words.toml: kinds of body, audiences, channels, and the pages a partner's need leads to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sosrake_lib.errors import CatalogueError

_FILE = "followup_words.toml"
LISTS = ("stakeholder_kinds", "partner_kinds", "audiences", "channels")


@dataclass(frozen=True, slots=True)
class PartnerNeed:
    """What a partner needs, and the notebooks (path under notebooks/, without ending) that answer it."""

    key: str
    name_fi: str
    name_en: str
    notebooks: tuple[str, ...]


@cache
def named(of: str) -> Mapping[str, tuple[str, str]]:
    """Give a closed list as key -> (Finnish, English).

    Examples
    --------
    >>> from sosrake_lib.catalogue.followup_words import named
    >>> named("channels")["lehti"]
    ('sanomalehti', 'newspaper')
    """
    if of not in LISTS:
        raise CatalogueError(f"catalogue/{_FILE}: no list {of!r}; expected one of {', '.join(LISTS)}")
    return {key: (pair[0], pair[1]) for key, pair in _data()[of].items()}


@cache
def partner_needs() -> Mapping[str, PartnerNeed]:
    """Give what partners may need, by key.

    Examples
    --------
    >>> from sosrake_lib.catalogue.followup_words import partner_needs
    >>> partner_needs()["kirjaaminen"].notebooks
    ('2_tiedon_kokoaminen/kirjaamisen_laatu',)
    """
    return {
        key: PartnerNeed(key, about["name_fi"], about["name_en"], tuple(about["notebooks"]))
        for key, about in _data()["partner_needs"].items()
    }


def recommended(*needs: str) -> tuple[str, ...]:
    """Name the notebooks some needs lead to, in the order to read them, each once.

    Raises
    ------
    CatalogueError for an unknown need.

    Examples
    --------
    >>> from sosrake_lib.catalogue.followup_words import recommended
    >>> recommended("paatoksenteko", "vaikuttaminen")[-1]
    '4_vaikuttaminen/mediasuunnitelma'
    """
    known = partner_needs()
    wrong = next((one for one in needs if one not in known), None)
    if wrong is not None:
        raise CatalogueError(f"catalogue/{_FILE}: no need {wrong!r}; expected one of {', '.join(known)}")
    return tuple(dict.fromkeys(path for need in needs for path in known[need].notebooks))


@cache
def _data() -> dict:
    return tomllib.loads((files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8"))
