"""The data owner's own rules: a file beside the data, or in the house's private folder.

`suojaussaannot.toml` stands in the data folder (it then goes with that data) or in $SOSRAKE_HOME (for all
data of the house), never in both. It names the owner and the day of the decision:

    omistaja = "Esimerkkilän hyvinvointialue, tietojohdon ohjausryhmä"
    paivays = 2026-01-15

    [vakio]
    version = "oma-1"
    minimum_count = 10

A rule left out is as it is in `vakio`. A table with another name is a rule set of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sosrake_lib.errors import DisclosureError, GatherError

FILE_NAME = "suojaussaannot.toml"
# The data folder a release is being made from; a recipe's rules are that folder's.
_FOLDER: ContextVar[Path | None] = ContextVar("data_folder", default=None)


@dataclass(frozen=True, slots=True)
class OwnerRules:
    """What an owner decided: by whom, when, and the tables of rules by name."""

    owner: str
    decided_on: str
    sets: Mapping[str, dict]


@contextmanager
def rules_of(data: Path | None) -> Iterator[None]:
    """Take the owner's file from this data folder while a release is made."""
    token = _FOLDER.set(data)
    try:
        yield
    finally:
        _FOLDER.reset(token)


def owner_rules(data: Path | None = None) -> OwnerRules | None:
    """Read the owner's file; None where there is none.

    Raises
    ------
    DisclosureError when there are two files, or the file is not as this module says.
    """
    places = rule_files(data)
    if len(places) > 1:
        raise DisclosureError(
            f"{FILE_NAME} stands both in the data folder and in the private folder (SOSRAKE_HOME); keep one, "
            "so that there is one decision"
        )
    return _read(places[0]) if places else None


def rule_files(data: Path | None = None) -> list[Path]:
    """List where an owner's file stands."""
    from sosrake_lib import samples

    try:
        folders = [samples.folder(data or _FOLDER.get()), samples.home()]
    except GatherError:
        folders = [samples.home()]
    places = {(folder / FILE_NAME).resolve(): None for folder in folders}
    return [place for place in places if place.is_file()]


def _read(place: Path) -> OwnerRules:
    try:
        told = tomllib.loads(place.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise DisclosureError(f"{FILE_NAME} cannot be read: {problem}; mend the line") from problem
    owner, day = told.pop("omistaja", None), told.pop("paivays", None)
    if not isinstance(owner, str) or not owner.strip():
        raise DisclosureError(
            f"{FILE_NAME}: omistaja is missing; say whose decision it is, such as "
            'omistaja = "Esimerkkilän hyvinvointialue"'
        )
    if type(day) is not date:
        raise DisclosureError(f"{FILE_NAME}: paivays is missing or no day; write paivays = 2026-01-15")
    loose = [name for name, entry in told.items() if not isinstance(entry, dict)]
    if loose:
        raise DisclosureError(
            f"{FILE_NAME}: {loose[0]} stands outside a rule set; "
            "put it under the name of one, such as [vakio]"
        )
    return OwnerRules(owner.strip(), day.isoformat(), told)
