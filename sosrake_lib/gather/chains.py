"""Impact chains written by people: from input to impact, each link with a measure or "ei mitata".

A chain is a table one edits in a spreadsheet. It is checked when it is read: every step is there, every link
names a measure that exists or says why it is not measured; what the chain leaves open is listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib.errors import CatalogueError, GatherError
from sosrake_lib.language import say

STEPS = ("panos", "toiminta", "tuotos", "vaikutus", "vaikuttavuus")
NOT_MEASURED = "ei mitata"
TRANSLATED = ("chain", "text", "why_not", "needed", "source", "role", "follow_up", "assumption")
COLUMNS = (
    "chain",
    "step",
    "text",
    "measure",
    "why_not",
    "needed",
    "source",
    "role",
    "follow_up",
    "assumption",
)
MEASURE_TRANSLATED = ("name", "unit")
MEASURE_COLUMNS = ("measure", "kind", "name", "unit", "assignment")
# How a measure's figure comes about: people counted, a mean or a share of people, two measurements of each.
KINDS = ("henkiloita", "keskiarvo", "osuus", "muutos")
CHANGE = "muutos"
# How people came to a measure's two groups, as `effects.design.Design` names it; "none" without comparison.
ASSIGNMENTS = ("none", "chosen", "by_rule", "randomised")
# Service figures counted in the house, which tell what was done and not what came of it.
HOUSE = ("palvelutarve_asiakkaat", "palvelutarve_arvioinnit", "palvelutarve_kasittelyaika")
FINDINGS = (
    *("effect_by_outputs", "effect_measured_once", "effect_by_area_figure", "effect_not_measured"),
    *("impact_by_outputs", "impact_not_measured", "no_role", "no_follow_up", "no_assumption"),
)
_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of one's own: how its figure is made (KINDS), its words, how people came to its groups."""

    key: str
    kind: str
    name: tuple[str, str]
    unit: tuple[str, str]
    assignment: str = "none"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain; texts are pairs (Finnish, English).

    `measure` is a key, or empty when the link is not measured; then `why_not` and `needed` tell why and what
    measuring would need. `assumption` is what must hold for this link to lead to the next.
    """

    step: str
    measure: str
    text: tuple[str, str]
    why_not: tuple[str, str]
    needed: tuple[str, str]
    source: tuple[str, str]
    role: tuple[str, str]
    follow_up: tuple[str, str]
    assumption: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of links in the order of STEPS; a step may have several links."""

    name: tuple[str, str]
    links: tuple[Link, ...]

    def at(self, step: str) -> tuple[Link, ...]:
        """Give the links of one step."""
        return tuple(link for link in self.links if link.step == step)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a chain leaves open: a key of FINDINGS, and the link it is about."""

    key: str
    link: Link


def read_measures(table: pd.DataFrame, file: str) -> dict[str, Measure]:
    """Check a table of own measures.

    Parameters
    ----------
    table : one row a measure: measure (key of a-z, 0-9 and _), kind (KINDS), name, unit, assignment (empty:
        none); name_en and unit_en where there are English pages. file : its name, for messages.

    Raises
    ------
    GatherError naming row and column: a column is missing or unknown, a key is not one, stands twice or is
    the catalogue's, a kind or assignment is unknown.

    Examples
    --------
    >>> rows = pd.DataFrame({"measure": ["kaynnit"], "kind": ["keskiarvo"], "name": ["Käyntejä"],
    ...     "unit": ["käyntiä"], "assignment": [""]})
    >>> read_measures(rows, "mittarit")["kaynnit"].kind
    'keskiarvo'
    """
    rows = _rows(table, MEASURE_COLUMNS, MEASURE_TRANSLATED, file)
    found: dict[str, Measure] = {}
    for place, row in enumerate(rows, start=1):
        key, assignment = row["measure"], row["assignment"] or "none"
        if not _KEY.fullmatch(key):
            _refuse("bad_key", file, place, value=key)
        if key in found or _in_catalogue(key):
            _refuse("key_twice", file, place, value=key)
        if row["kind"] not in KINDS:
            _refuse("unknown", file, place, column="kind", value=row["kind"], known=", ".join(KINDS))
        if assignment not in ASSIGNMENTS:
            known = ", ".join(ASSIGNMENTS)
            _refuse("unknown", file, place, column="assignment", value=assignment, known=known)
        if not row["name"]:
            _refuse("empty", file, place, column="name")
        found[key] = Measure(key, row["kind"], _pair(row, "name"), _pair(row, "unit"), assignment)
    return found


def read_chains(table: pd.DataFrame, measures: Mapping[str, Measure], file: str) -> tuple[Chain, ...]:
    """Check a table of chains and give them, links in the order of STEPS.

    Parameters
    ----------
    table : one row a link, COLUMNS; each of TRANSLATED may have a column `<name>_en` (empty: the Finnish is
        shown). `measure` is a key of `measures`, of the catalogue, or "ei mitata".
    measures : own measures. file : the table's name, for messages.

    Raises
    ------
    GatherError naming row and column: a column is missing or unknown, a step is unknown or lacks from a
    chain, a text is empty, a measure is nowhere known, or a link that is not measured does not say why and
    what would be needed.
    """
    rows = _rows(table, COLUMNS, TRANSLATED, file)
    if not rows:
        raise GatherError(say("vaikutusketju.read.no_rows", file=file))
    links: dict[str, list[Link]] = {}
    names: dict[str, tuple[str, str]] = {}
    for place, row in enumerate(rows, start=1):
        _check_link(row, measures, file, place)
        names.setdefault(row["chain"], _pair(row, "chain"))
        measure = "" if row["measure"].casefold() == NOT_MEASURED else row["measure"]
        said = {name: _pair(row, name) for name in TRANSLATED if name != "chain"}
        links.setdefault(row["chain"], []).append(Link(row["step"], measure, **said))
    for chain, own in links.items():
        lacking = [step for step in STEPS if step not in {link.step for link in own}]
        if lacking:
            told = {"file": file, "chain": chain, "step": lacking[0], "value": NOT_MEASURED}
            raise GatherError(say("vaikutusketju.read.step_lacks", **told))
    return tuple(
        Chain(names[chain], tuple(sorted(own, key=lambda link: STEPS.index(link.step))))
        for chain, own in links.items()
    )


def open_matters(chain: Chain, measures: Mapping[str, Measure]) -> tuple[Finding, ...]:
    """List what a chain leaves open: how effect and impact are measured, and who follows what, and when.

    An effect step is measured only by outputs when each of its measures is also a measure of an earlier step,
    counts people, or is a service figure of the house. A figure taken once cannot show a change; a figure of
    the whole area is not of those who took part.
    """
    earlier = {link.measure for step in STEPS[:3] for link in chain.at(step)}
    judged: list[Finding] = []
    for step, name in (("vaikutus", "effect"), ("vaikuttavuus", "impact")):
        own = chain.at(step)
        measured = [link for link in own if link.measure]
        judged += [Finding(f"{name}_not_measured", link) for link in own if not link.measure]
        found = {link: _how(link, measures, earlier) for link in measured}
        if measured and set(found.values()) == {"by_outputs"}:
            judged.append(Finding(f"{name}_by_outputs", measured[0]))
        elif name == "effect":
            judged += [
                Finding(f"effect_{how}", link) for link, how in found.items() if how not in ("", "by_outputs")
            ]
    told: tuple[tuple[str, Callable[[int, Link], bool]], ...] = (
        ("no_role", lambda _, link: not link.measure or bool(link.role[0])),
        ("no_follow_up", lambda _, link: not link.measure or bool(link.follow_up[0])),
        ("no_assumption", lambda place, link: not _leads_on(chain, place) or bool(link.assumption[0])),
    )
    for key, is_told in told:
        judged += [Finding(key, link) for place, link in enumerate(chain.links) if not is_told(place, link)]
    return tuple(judged)


def _leads_on(chain: Chain, place: int) -> bool:
    """Say whether another step follows the link: the assumption between two steps stands there."""
    return place + 1 < len(chain.links) and chain.links[place].step != chain.links[place + 1].step


def _how(link: Link, measures: Mapping[str, Measure], earlier: set[str]) -> str:
    if link.measure in earlier or link.measure in HOUSE:
        return "by_outputs"
    own = measures.get(link.measure)
    if own is None:
        return "by_area_figure"
    if own.kind == "henkiloita":
        return "by_outputs"
    return "" if own.kind == CHANGE else "measured_once"


def _check_link(row: Mapping[str, str], measures: Mapping[str, Measure], file: str, place: int) -> None:
    for column in ("chain", "text", "measure"):
        if not row[column]:
            _refuse("empty", file, place, column=column)
    if row["step"] not in STEPS:
        _refuse("unknown", file, place, column="step", value=row["step"], known=", ".join(STEPS))
    if row["measure"].casefold() == NOT_MEASURED:
        for column in ("why_not", "needed"):
            if not row[column]:
                _refuse("not_told", file, place, column=column, value=NOT_MEASURED)
    elif row["measure"] not in measures and not _in_catalogue(row["measure"]):
        _refuse("no_measure", file, place, value=row["measure"], instead=NOT_MEASURED)


def _in_catalogue(key: str) -> bool:
    try:
        catalogue.indicator(key)
    except CatalogueError:
        return False
    return True


def _rows(
    table: pd.DataFrame, columns: tuple[str, ...], translated: tuple[str, ...], file: str
) -> list[dict[str, str]]:
    """Give the rows as texts without spaces at their ends; an English column that is not there is empty."""
    lacking = [column for column in columns if column not in table]
    if lacking:
        raise GatherError(say("vaikutusketju.read.column_lacks", file=file, column=lacking[0]))
    english = [f"{column}_en" for column in translated]
    strange = [str(column) for column in table if column not in (*columns, *english)]
    if strange:
        known = ", ".join(columns)
        raise GatherError(say("vaikutusketju.read.column_strange", file=file, column=strange[0], known=known))
    texts = table.reindex(columns=[*columns, *english]).astype("object").fillna("").astype("str")
    return [{name: value.strip() for name, value in row.items()} for row in texts.to_dict("records")]


def _pair(row: Mapping[str, str], name: str) -> tuple[str, str]:
    return row[name], row[f"{name}_en"] or row[name]


def _refuse(key: str, file: str, row: int, **values: str) -> NoReturn:
    raise GatherError(say(f"vaikutusketju.read.{key}", file=file, row=row, **values))
