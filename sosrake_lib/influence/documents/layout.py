"""How a table fits a sheet: its columns' widths, and whether it is turned or divided; nothing is clipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sosrake_lib.influence.documents.blocks import Cell, TableBlock
from sosrake_lib.influence.documents.measure import hyphenates, width_of

INSET = 4.0  # points between a cell's text and its edge
_WORD = 84.0  # points (at 9 pt) that a word which can be divided is given at least
_UNDIVIDED = 130.0  # points (at 9 pt) that other words are given at most; longer ones are cut
_PREFERRED = 240.0  # points (at 9 pt) beyond which a column gains nothing
_FEW_ROWS = 6  # a short table is divided rather than turned: a sheet of its own would be nearly empty


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a table: places of its columns in the table, and their widths in points."""

    columns: tuple[int, ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Parts of a table in reading order; `turned` when it stands on sheets turned sideways."""

    parts: tuple[Part, ...]
    turned: bool = False


def lay_out(table: TableBlock, upright: float, turned: float, size: float) -> Layout:
    """Fit a table on a sheet.

    Parameters
    ----------
    table : the table; its first `stubs` columns stand in every part.
    upright, turned : width of the text area in points on an upright sheet and on one turned sideways; equal
        when sheets are not turned.
    size : size of the letters in points.
    """
    least = [_least(table, place, size) for place in range(len(table.head))]
    wished = [max(low, _wished(table, place, size)) for place, low in enumerate(least)]
    everything = tuple(range(len(table.head)))
    if sum(least) <= upright:
        return Layout((_part(everything, least, wished, upright),))
    few = len(table.rows) <= _FEW_ROWS and turned > upright
    if sum(least) <= turned and not few:
        return Layout((_part(everything, least, wished, turned),), turned > upright)
    room = upright if few else turned
    parts = _divided(table, least, room)
    return Layout(tuple(_part(columns, least, wished, room) for columns in parts), room > upright)


def _divided(table: TableBlock, least: Sequence[float], room: float) -> list[tuple[int, ...]]:
    """Fill parts with columns from the left; each begins with the columns that head the rows."""
    stubs = tuple(range(table.stubs))
    if sum(least[place] for place in stubs) > room / 2:
        stubs = stubs[:1]
    rest = [place for place in range(len(least)) if place not in stubs]
    parts: list[tuple[int, ...]] = []
    taken: tuple[int, ...] = ()
    for place in rest:
        if taken and sum(least[one] for one in (*stubs, *taken, place)) > room:
            parts.append((*stubs, *taken))
            taken = ()
        taken = (*taken, place)
    return [*parts, (*stubs, *taken)]


def _part(columns: tuple[int, ...], least: Sequence[float], wished: Sequence[float], room: float) -> Part:
    """Give each column what it needs and share the rest by what it would still use."""
    low = [least[place] for place in columns]
    high = [wished[place] for place in columns]
    if sum(high) <= room:
        return Part(columns, tuple(high))
    if sum(low) >= room:
        return Part(columns, tuple(one * room / sum(low) for one in low))
    share = (room - sum(low)) / (sum(high) - sum(low))
    return Part(columns, tuple(a + (b - a) * share for a, b in zip(low, high, strict=True)))


def _cells(table: TableBlock, place: int) -> list[tuple[Cell, bool]]:
    return [(table.head[place], True), *((row[place], False) for row in table.rows)]


def _least(table: TableBlock, place: int, size: float) -> float:
    scale = size / 9
    needs = [0.0]
    for cell, bold in _cells(table, place):
        for word in cell.text.split(" "):
            most = (_WORD if hyphenates(word) else _UNDIVIDED) * scale
            needs.append(min(width_of(word, size, bold=bold), most))
    return max(needs) + 2 * INSET + 1


def _wished(table: TableBlock, place: int, size: float) -> float:
    widths = (width_of(cell.text, size, bold=bold) for cell, bold in _cells(table, place))
    return min(max(widths), _PREFERRED * size / 9) + 2 * INSET + 1
