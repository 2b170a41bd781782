"""The limits an output check holds results to, and the form in which it tells what it saw."""

from __future__ import annotations

from dataclasses import dataclass

from sosrake_lib.errors import DisclosureError

# Kinds that a program sees in the figures, then kinds that only a person can judge.
SEEN = (
    "small_count",
    "recoverable",
    "recoverable_rate",
    "full_group",
    "small_denominator",
    "extreme",
    "few_behind",
    "person_rows",
    "personal_data",
    "few_degrees",
    "saturated",
    "code_or_state",
    "hidden_content",
)
BY_EYE = ("picture", "sum_of_money", "not_read", "no_count", "names")


@dataclass(frozen=True, slots=True)
class Limits:
    """What an output check asks for; the data owner decides, these are the usual values.

    Attributes
    ----------
    minimum_count : counts 1 .. minimum_count - 1 are told of (3-10).
    minimum_denominator : shares of fewer people are told of.
    behind_summary : means, medians and percentiles need at least this many people.
    degrees : residual degrees of freedom a model needs.
    """

    minimum_count: int = 5
    minimum_denominator: int = 50
    behind_summary: int = 10
    degrees: int = 10

    def __post_init__(self) -> None:
        if not 3 <= self.minimum_count <= 10:
            raise DisclosureError(
                f"output check: minimum count {self.minimum_count}; expected 3-10, as the data owner asks"
            )
        for name in ("minimum_denominator", "behind_summary", "degrees"):
            if getattr(self, name) < 1:
                raise DisclosureError(f"output check: {name} {getattr(self, name)}; expected at least 1")


@dataclass(frozen=True, slots=True)
class Risk:
    """One thing seen in a file: its kind (SEEN or BY_EYE), where, and how many places of it.

    `where` names a table, column or line; never a figure or a word of the data.
    """

    kind: str
    where: str
    places: int = 1
