"""Rule sets of the disclosure control, kept as data in `rules.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sosrake_lib.errors import DisclosureError

RULES_FILE = Path(__file__).with_name("rules.toml")
SMALLEST_MINIMUM, LARGEST_MINIMUM = 3, 10


@dataclass(frozen=True)
class RuleSet:
    """What is hidden before figures leave the house.

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


def rule_set(name: str, *, minimum_count: int | None = None) -> RuleSet:
    """Give a rule set by name, with another minimum count when one is asked for.

    Examples
    --------
    >>> rule_set("vakio").minimum_count
    5
    >>> rule_set("vakio", minimum_count=10).minimum_count
    10
    """
    sets = {key: entry for key, entry in _data().items() if isinstance(entry, dict)}
    if name not in sets:
        raise DisclosureError(f"rule set {name!r} is unknown; expected one of {', '.join(sorted(sets))}")
    entry = dict(sets[name])
    if minimum_count is not None:
        entry["minimum_count"] = minimum_count
    return RuleSet(name=name, **entry)


def text_columns() -> frozenset[str]:
    """Name the text columns that may stand in a release; every other text column is refused."""
    return frozenset(_data()["text_columns"])


@cache
def _data() -> dict:
    return tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
