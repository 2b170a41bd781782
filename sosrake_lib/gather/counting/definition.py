"""What is counted: groups, and of each the number of rows, of different clients, in time, or a sum."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from sosrake_lib.errors import GatherError
from sosrake_lib.language import say

ROOM = "counting.fault"
KINDS = ("rows", "distinct", "known", "within", "sum")
PERIOD = "period"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Words in the name of a column that tells one person, matter or document from another.
_OF_ONE = re.compile(
    r"client|asiakas|hetu|henkil|person|recorder|kirjaaja|worker|tyontekija|työntekijä|nimi|name|etunimi|"
    r"osoite|address|puhelin|phone|email|matter|asia_|assessment|arviointi_id|plan_id|_id$|^id$|^plan$|^entry$",
    flags=re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of each group.

    name : column of the result.
    kind : rows; distinct (different values of `column`, such as clients); known (rows where `column` has a
        number); within (rows where `column` is at most `limit`); sum (of the numbers of `column`).
    """

    name: str
    kind: str
    column: str = ""
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Aggregation:
    """One definition for every database.

    by : columns that form the groups; year : a column of days (yyyy-mm-dd) whose year becomes `period`.
    where : column -> the one value rows must have.

    Raises
    ------
    GatherError when it would tell of one person: a group or filter by an identifier, or nothing counted.

    Examples
    --------
    >>> needs = Aggregation("tarpeet", ("region_code", "need"), (Measure("clients", "distinct", "client"),))
    >>> Aggregation("rivit", ("client",), (Measure("rows", "rows"),))
    Traceback (most recent call last):
    sosrake_lib.errors.GatherError: laskenta rivit: sarake client erottaa ihmiset toisistaan. ...
    """

    name: str
    by: tuple[str, ...]
    measures: tuple[Measure, ...]
    year: str = ""
    where: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a definition that selects rows or tells of one person."""
        if not self.measures:
            raise GatherError(say(f"{ROOM}.no_measure", name=self.name))
        counted = {one.column for one in self.measures if one.kind == "distinct"}
        for column in (*self.by, *(name for name, _ in self.where)):
            if of_one(column) or column in counted:
                raise GatherError(say(f"{ROOM}.of_one", name=self.name, column=column))
        for one in self.measures:
            _check_measure(one, self.name)
        names = [*self.keys, *(one.name for one in self.measures)]
        wrong = [name for name in (*names, *self.columns) if not _NAME.fullmatch(name)]
        if wrong or len(set(names)) < len(names):
            raise GatherError(say(f"{ROOM}.names", name=self.name, column=(wrong or names)[0]))

    @property
    def keys(self) -> tuple[str, ...]:
        """Name the key columns of the result."""
        return (*self.by, PERIOD) if self.year else self.by

    @property
    def columns(self) -> tuple[str, ...]:
        """Name every column of the database that is read."""
        found = [
            *self.by,
            self.year,
            *(name for name, _ in self.where),
            *(one.column for one in self.measures),
        ]
        return tuple(dict.fromkeys(name for name in found if name))


def of_one(column: str) -> bool:
    """Say whether a column's name speaks of one person, matter or document.

    Examples
    --------
    >>> of_one("asiakas_id"), of_one("region_code"), of_one("hetu")
    (True, False, True)
    """
    return _OF_ONE.search(column) is not None


def aggregations() -> Mapping[str, Aggregation]:
    """Give the definitions that come with the workbook, by name; they fit the tables of `gather/schemas`.

    Examples
    --------
    >>> sorted(aggregations())
    ['arvioinnit', 'kirjaukset', 'suunnitelmat', 'tapahtumat', 'tarpeet']
    """
    text = files(__package__).joinpath("definitions.toml").read_text(encoding="utf-8")
    return {name: _made(name, about) for name, about in tomllib.loads(text).items()}


def aggregation(what: str) -> Aggregation:
    """Give a definition by its name, or read it from a TOML file with one table."""
    known = aggregations()
    if what in known:
        return known[what]
    if what.endswith(".toml"):
        return from_file(Path(what))
    raise GatherError(say(f"{ROOM}.unknown", name=what, known=", ".join(sorted(known))))


def from_file(path: Path) -> Aggregation:
    """Read one definition from a TOML file: `[name]` with by, year, where and `[[name.measures]]`.

    Raises
    ------
    GatherError when the file is not there, is no TOML, or does not hold one definition.
    """
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        ((name, about),) = read.items()
        return _made(name, about)
    except (
        OSError,
        UnicodeDecodeError,
        tomllib.TOMLDecodeError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ):
        raise GatherError(say(f"{ROOM}.file", file=path.name)) from None


def _made(name: str, about: Mapping[str, Any]) -> Aggregation:
    measures = tuple(Measure(**one) for one in about["measures"])
    where = tuple(sorted((column, str(value)) for column, value in about.get("where", {}).items()))
    return Aggregation(name, tuple(about.get("by", ())), measures, about.get("year", ""), where)


def _check_measure(one: Measure, name: str) -> None:
    needs_column = one.kind != "rows"
    if (
        one.kind not in KINDS
        or needs_column != bool(one.column)
        or (one.kind == "within") != (one.limit is not None)
    ):
        raise GatherError(say(f"{ROOM}.measure", name=name, measure=one.name, kinds=", ".join(KINDS)))
