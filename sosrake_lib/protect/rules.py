"""Rule sets of the disclosure control: data in `rules.toml`, and the data owner's own file over them.

The data owner decides. What stands in `rules.toml` is where a house starts; the owner's file
(`protect.owner_rules`) replaces numbers or adds rule sets, with a name, a version, an owner and a day, and
all of these go with every release. Only one thing is not the owner's to choose: the minimum count stays 3-10.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.magnitude import MagnitudeRules
from sosrake_lib.protect.owner_rules import FILE_NAME, OwnerRules, owner_rules

RULES_FILE = Path(__file__).with_name("rules.toml")
SMALLEST_MINIMUM, LARGEST_MINIMUM = 3, 10
# A frame tells the two largest contributions behind a sum, so a dominance rule reaches no further.
MOST_LARGEST = 2


@dataclass(frozen=True)
class RuleSet:
    """What is hidden before figures leave the house, by the number of people behind them.

    Attributes
    ----------
    name, version : the rule set and its version; both are part of a release's content hash.
    minimum_count : counts 1..minimum_count-1 are hidden (3-10, default 5).
    minimum_denominator : proportions and rates of fewer people than this are hidden.
    zeros : whether a zero is sensitive too.
    open : True only for a source's own published aggregates, which are shown unaltered.
    """

    name: str
    version: str
    minimum_count: int
    minimum_denominator: int
    zeros: bool
    open: bool

    def __post_init__(self) -> None:
        if not SMALLEST_MINIMUM <= self.minimum_count <= LARGEST_MINIMUM:
            raise DisclosureError(
                f"rule set {self.name}: minimum_count {self.minimum_count}; expected "
                f"{SMALLEST_MINIMUM}-{LARGEST_MINIMUM}; choose a value between them"
            )
        if self.minimum_denominator < self.minimum_count:
            raise DisclosureError(
                f"rule set {self.name}: minimum_denominator {self.minimum_denominator} is under "
                f"minimum_count {self.minimum_count}; give at least as much"
            )


@dataclass(frozen=True)
class HouseRules(RuleSet):
    """A rule set for figures from people: beside small counts, what else gives a person away.

    Attributes
    ----------
    group_disclosure : whether a count is hidden that is all of its group, or all but a few.
    least_degrees : model results of people with fewer degrees of freedom are hidden; never fewer than
        `minimum_count` - 1.
    minimum_for_order : an exact minimum, maximum, median or other percentile needs so many people.
    dominance_largest, dominance_share : a sum of money or hours is hidden when its 1 or 2 largest
        contributors make more than this share of it, per cent; 0 leaves the rule out.
    percent : a sum is hidden when the second largest contributor could estimate the largest to within this;
        0 leaves the rule out.
    owner, decided_on : whose decision the numbers are, and from which day; empty for the numbers that come
        with the workbook.

    Sources: Hundepool et al., Statistical Disclosure Control (Wiley 2012), chapters 4 and 5,
    doi:10.1002/9781118348239; Bond, Brandt & de Wolf, Guidelines for the checking of output based on
    microdata research (Data without Boundaries, 2015), for degrees of freedom and percentiles.
    """

    group_disclosure: bool = True
    least_degrees: int = 4
    minimum_for_order: int = 10
    dominance_largest: int = 2
    dominance_share: float = 85.0
    percent: float = 15.0
    owner: str = ""
    decided_on: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.open:
            raise DisclosureError(
                f"rule set {self.name}: figures from people are never open; leave open out or say false"
            )
        for name, least in (("least_degrees", 1), ("minimum_for_order", self.minimum_count)):
            if getattr(self, name) < least:
                raise DisclosureError(
                    f"rule set {self.name}: {name} {getattr(self, name)}; expected at least {least}"
                )
        if not 0 <= self.dominance_largest <= MOST_LARGEST:
            raise DisclosureError(
                f"rule set {self.name}: dominance_largest {self.dominance_largest}; expected "
                f"0-{MOST_LARGEST}, as frames tell the two largest contributions"
            )
        self.magnitude()

    def magnitude(self) -> MagnitudeRules:
        """Give the rules for sums of money or hours, in the form `magnitude.unsafe_sums` takes."""
        dominance = self.dominance_largest > 0
        return MagnitudeRules(
            largest=self.dominance_largest if dominance else None,
            share=self.dominance_share if dominance else None,
            percent=self.percent or None,
        )


def rule_set(name: str, *, minimum_count: int | None = None, data: Path | None = None) -> RuleSet:
    """Give a rule set by name, with another minimum count when one is asked for.

    Parameters
    ----------
    name : `vakio`, `avoin`, or a rule set of the owner's own file.
    minimum_count : 3-10; a rule that may not be milder than it follows along.
    data : data folder where the owner's file may stand (`owner_rules.owner_rules`); left out, the one in use.

    Raises
    ------
    DisclosureError when the name is unknown or a number is outside what a rule may be.

    Examples
    --------
    >>> rule_set("vakio").minimum_count
    5
    >>> rule_set("vakio", minimum_count=10).minimum_count
    10
    """
    found = rule_sets(data)
    if name not in found:
        raise DisclosureError(f"rule set {name!r} is unknown; expected one of {', '.join(sorted(found))}")
    given = found[name]
    if minimum_count is None:
        return given
    if isinstance(given, HouseRules):
        order = max(given.minimum_for_order, minimum_count)
        return replace(given, minimum_count=minimum_count, minimum_for_order=order)
    return replace(given, minimum_count=minimum_count)


def rule_sets(data: Path | None = None) -> dict[str, RuleSet]:
    """Give all rule sets by name: those of `rules.toml`, and over them the owner's."""
    entries = {key: dict(entry) for key, entry in _data().items() if isinstance(entry, dict)}
    own = owner_rules(data)
    found: dict[str, RuleSet] = {key: _made(key, entry) for key, entry in entries.items()}
    if own is not None:
        found |= {key: _owned(key, entry, entries, own) for key, entry in own.sets.items()}
    return found


def house_rules(rules: RuleSet) -> HouseRules:
    """Give the whole of a rule set; one that names counts only has the other rules of `vakio` switched off.

    Examples
    --------
    >>> house_rules(RuleSet("oma", "1", 5, 50, False, False)).percent
    0.0
    """
    if isinstance(rules, HouseRules):
        return rules
    counts = (rules.name, rules.version, rules.minimum_count, rules.minimum_denominator, rules.zeros, False)
    return HouseRules(
        *counts,
        least_degrees=rules.minimum_count - 1,
        minimum_for_order=rules.minimum_count,
        dominance_largest=0,
        percent=0.0,
    )


def text_columns() -> frozenset[str]:
    """Name the text columns that may stand in a release; every other text column is refused."""
    return frozenset(_data()["text_columns"])


def order_statistics() -> frozenset[str]:
    """Name the statistics that are an exact minimum, maximum or percentile of people's own values."""
    return frozenset(_data()["order_statistics"])


def _made(name: str, entry: dict[str, Any]) -> RuleSet:
    return RuleSet(name=name, **entry) if entry["open"] else HouseRules(name=name, **entry)


def _owned(name: str, entry: dict[str, Any], known: dict[str, dict], own: OwnerRules) -> HouseRules:
    base = known.get(name, known["vakio"])
    where = f"{FILE_NAME}: rule set {name}"
    if base["open"] or entry.get("open"):
        raise DisclosureError(f"{where}: avoin is for published figures and has nothing to choose; remove it")
    unknown = sorted(set(entry) - set(base) | {"open"} & set(entry))
    if unknown:
        known_words = ", ".join(sorted(set(base) - {"open"}))
        raise DisclosureError(f"{where}: {unknown[0]!r} is no rule; expected some of {known_words}")
    if "version" not in entry:
        raise DisclosureError(f'{where}: version is missing; name it, such as version = "1", and renew it '
                              "whenever a number changes")  # fmt: skip
    for rule, number in entry.items():
        _check_kind(where, rule, number, base[rule])
    told = {"owner": own.owner, "decided_on": own.decided_on}
    return HouseRules(name=name, **{**base, **entry, **told})


def _check_kind(where: str, rule: str, number: object, example: object) -> None:
    same = isinstance(number, type(example)) and isinstance(number, bool) == isinstance(example, bool)
    if not (same or (isinstance(example, float) and type(number) is int)):
        kind = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}[type(example)]
        raise DisclosureError(f"{where}: {rule} = {number!r}; expected {kind}")


@cache
def _data() -> dict:
    return tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
