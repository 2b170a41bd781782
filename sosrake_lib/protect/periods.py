"""Periods inside periods: a year is its halves or its months, years together are their years.

People who came twice are counted once in the longer period, so counts of clients need not add up over time. A
sum over time is therefore an equation only where it is declared, or where it holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """First and last month of a period, counted from year 0."""

    first: int
    last: int

    def holds(self, other: Span) -> bool:
        """Say whether another span lies inside this one and is shorter."""
        return self != other and self.first <= other.first and other.last <= self.last

    def meets(self, other: Span) -> bool:
        """Say whether two spans have a month in common."""
        return self.first <= other.last and other.first <= self.last


def span(period: str) -> Span:
    """Give the months of a period of the indicator frame.

    Examples
    --------
    >>> span("2024-H2").last - span("2024").first, span("2018/2020").last == span("2020-12").last
    (11, True)
    """
    start = 12 * int(period[:4])
    if "/" in period:
        return Span(start, 12 * int(period.partition("/")[2]) + 11)
    if "-H" in period:
        half = int(period[-1]) - 1
        return Span(start + 6 * half, start + 6 * half + 5)
    if "-" in period:
        month = start + int(period[5:7]) - 1
        return Span(month, month)
    return Span(start, start + 11)


def overlapping(periods: Iterable[str], others: Iterable[str]) -> set[str]:
    """Name the periods that have a month in common with some of the others."""
    spans = [span(other) for other in set(others)]
    return {period for period in set(periods) if any(span(period).meets(one) for one in spans)}


def coverings(whole: str, parts: Iterable[str]) -> list[tuple[str, ...]]:
    """List the ways in which listed periods, one after the other, make the whole one.

    Examples
    --------
    >>> coverings("2024", ["2024-H1", "2024-H2", "2023"]), coverings("2024", ["2024-H1"])
    ([('2024-H1', '2024-H2')], [])
    """
    inside = [part for part in sorted(set(parts)) if span(whole).holds(span(part))]
    found: list[tuple[str, ...]] = []
    # By length: all months, all halves, all years; and the longest that fits each time.
    lengths = sorted({_length(part) for part in inside})
    for chosen in [*([part for part in inside if _length(part) == one] for one in lengths), inside]:
        way = _one_after_the_other(span(whole), chosen)
        if way and way not in found:
            found.append(way)
    return found


def _length(period: str) -> int:
    return span(period).last - span(period).first


def _one_after_the_other(whole: Span, chosen: Iterable[str]) -> tuple[str, ...]:
    starts: dict[int, str] = {}
    for period in sorted(chosen, key=_length):
        starts[span(period).first] = period
    way, month = [], whole.first
    while month <= whole.last:
        if month not in starts:
            return ()
        way.append(starts[month])
        month = span(starts[month]).last + 1
    return tuple(way)
