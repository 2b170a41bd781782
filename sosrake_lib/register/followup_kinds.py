"""The kinds of follow-up entry: columns from the schema an office's table has, states and roles as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sosrake_lib.errors import SosrakeError
from sosrake_lib.gather.schemas import Column, schema

# Columns of every kind that are not fields of the entry: its own id, its area, its state.
APART = ("tunnus", "alue_taso", "alue_koodi", "tila")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entry.

    Attributes
    ----------
    columns : field -> column of its schema, in the order of a form.
    names : field an entry is known by. when : field whose day orders entries; empty when none does.
    roles : fields that name who does what, as roles. keys : fields that hold a key of the catalogue.
    pages : fields that hold keys of pages of the workbook (`workbook_pages`).
    links : field -> table of the register it numbers.
    states : each state with those that may follow it; the first is where an entry begins.
    """

    name: str
    title_fi: str
    title_en: str
    columns: Mapping[str, Column]
    names: str
    when: str
    roles: tuple[str, ...]
    keys: tuple[str, ...]
    pages: tuple[str, ...]
    links: Mapping[str, str]
    states: Mapping[str, tuple[str, ...]]

    @property
    def first(self) -> str:
        """Give the state an entry begins in."""
        return next(iter(self.states))

    @property
    def last(self) -> str:
        """Give the state that ends an entry: the last of the list."""
        return list(self.states)[-1]

    def of(self, *kinds: str) -> tuple[str, ...]:
        """Name the fields whose column is of some of the kinds."""
        return tuple(name for name, column in self.columns.items() if column.kind in kinds)


def kinds() -> tuple[str, ...]:
    """Name the kinds of entry.

    Examples
    --------
    >>> from sosrake_lib.register.followup_kinds import kinds
    >>> kinds()[:3]
    ('mediasuunnitelma', 'sidosryhmat', 'vuosikello')
    """
    return tuple(_data())


@cache
def kind(name: str) -> Kind:
    """Give one kind; an unknown one is an error that names those there are.

    Examples
    --------
    >>> from sosrake_lib.register.followup_kinds import kind
    >>> kind("kanavaloki").first, kind("kanavaloki").of("count")
    ('kirjattu', ('tavoitetut', 'reaktiot'))
    """
    about = _data().get(name)
    if about is None:
        raise SosrakeError(f"register: follow-up kind {name!r}; expected one of {', '.join(kinds())}")
    told = schema(name)
    return Kind(
        name=name,
        title_fi=told.title_fi,
        title_en=told.title_en,
        columns={one.name: one for one in told.columns if one.name not in APART},
        names=about["names"],
        when=about["when"],
        roles=tuple(about["roles"]),
        keys=tuple(about.get("keys", ())),
        pages=tuple(about.get("pages", ())),
        links=about.get("links", {}),
        states={state: tuple(then) for state, then in about["states"].items()},
    )


@cache
def _data() -> Mapping[str, dict]:
    source = files("sosrake_lib.register").joinpath("followup.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))
