"""What is told of a find: its kind, place, level and reason; never the value itself."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

# In the order in which one kind wins over another at the same place and level.
TYPES = (
    *("HETU", "IBAN", "EMAIL", "CARD", "PHONE", "ADDRESS", "DOB", "PLATE", "PASSPORT", "CLIENT_ID", "IP"),
    *("NAME", "QUASI"),
)
# From the surest: `review` is for a person to look at and is not masked by itself.
LEVELS = ("sure", "probable", "review")
SURE, PROBABLE, REVIEW = LEVELS


@dataclass(frozen=True, slots=True)
class Entity:
    """One find in a text.

    type : one of TYPES.
    start, end : half-open place in the text's code points.
    level : sure, probable or review.
    reason : why, as a key of the messages `personal.reason.*`.
    """

    type: str
    start: int
    end: int
    level: str
    reason: str


def apart(found: list[Entity]) -> list[Entity]:
    """Keep of overlapping finds the surest, then the kind that stands first in TYPES, then the longest."""
    order = sorted(
        set(found),
        key=lambda one: (LEVELS.index(one.level), TYPES.index(one.type), one.start - one.end, one.start),
    )
    kept: list[Entity] = []
    starts: list[int] = []
    for one in order:
        place = bisect_left(starts, one.start)
        free_before = place == 0 or kept[place - 1].end <= one.start
        if free_before and (place == len(kept) or one.end <= kept[place].start):
            kept.insert(place, one)
            starts.insert(place, one.start)
    return kept
