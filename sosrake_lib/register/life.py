"""The life of observations, phenomena, proposals and tasks: which state may follow which, as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from sosrake_lib.errors import SosrakeError


@cache
def states(table: str) -> Mapping[str, tuple[str, ...]]:
    """Give a table's states in their order, each with the states that may follow it.

    Examples
    --------
    >>> from sosrake_lib.register.life import states
    >>> states("havainto")["uusi"]
    ('luettu', 'suljettu')
    """
    return {state: tuple(following) for state, following in _lives()[table].items()}


def check_step(table: str, number: int, now: str, then: str) -> None:
    """Refuse a step that a life does not have.

    Raises
    ------
    SosrakeError naming the state that stands and the ones that may follow it.
    """
    allowed = states(table)[now]
    if then not in allowed:
        raise SosrakeError(
            f"register: {table} {number} is {now}; {then!r} cannot follow it; "
            f"expected {', '.join(allowed) or 'nothing, its life is over'}"
        )


@cache
def _lives() -> Mapping[str, Mapping[str, list[str]]]:
    source = files("sosrake_lib.register").joinpath("life.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))
