"""How a table fits a sheet: its columns' widths, and whether it is turned or divided; nothing is clipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from sosrake_lib.influence.documents.blocks import Cell, TableBlock
from sosrake_lib.influence.documents.measure import hyphenates, width_of

INSET = 4.0  # points between a cell's text and its edge
_WORD = 84.0  # points (at 9 pt) that a word which can be divided is given at least
_TIGHT_WORD = 58.0  # the same where the table would otherwise be turned or divided
_UNDIVIDED = 130.0  # points (at 9 pt) that other words are given at most; longer ones are cut
_PREFERRED = 240.0  # points (at 9 pt) beyond which a column gains nothing
_LONGER = (240.0, 400.0, 700.0, 1200.0)  # the same where room is short: the ones that make the lowest rows
_FEW_ROWS = 6  # a short table is divided rather than turned: a sheet of its own would be nearly empty


@dataclass(frozen=True, slots=True)
class TableSlice:
    """A part of a table: places of its columns in the table, and their widths in points."""

    columns: tuple[int, ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Parts of a table in reading order; `turned` when it stands on sheets turned sideways."""

    parts: tuple[TableSlice, ...]
    turned: bool = False


def lay_out(table: TableBlock, upright: float, turned: float, size: float, *, hyphens: bool = True) -> Layout:
    """Fit a table on a sheet.

    Parameters
    ----------
    table : the table; its first `stubs` columns stand in every part.
    upright, turned : width of the text area in points on an upright sheet and on one turned sideways; equal
        when sheets are not turned.
    size : size of the letters in points.
    hyphens : whether words are divided where a line ends; a column is then narrower than its longest word.
    """
    least = [_least(table, place, size, hyphens) for place in range(len(table.head))]
    everything = tuple(range(len(table.head)))
    if sum(least) > upright and hyphens:
        tight = [_least(table, place, size, hyphens, _TIGHT_WORD) for place in range(len(table.head))]
        least = tight if sum(tight) <= upright else least
    if sum(least) <= upright:
        return Layout((_part(table, everything, least, upright, size),))
    few = len(table.rows) <= _FEW_ROWS and turned > upright
    if sum(least) <= turned and not few:
        return Layout((_part(table, everything, least, turned, size),), turned > upright)
    room = upright if few else turned
    parts = _divided(table, least, room)
    return Layout(tuple(_part(table, columns, least, room, size) for columns in parts), room > upright)


def _divided(table: TableBlock, least: Sequence[float], room: float) -> list[tuple[int, ...]]:
    """Fill as few parts as possible with columns from the left, about as wide each.

    Each part begins with the columns that head the rows.
    """
    filled = _filled(table, least, room)
    for share in range(10, 20):
        narrower = _filled(table, least, room * share / 20)
        if len(narrower) == len(filled):
            return narrower
    return filled


def _filled(table: TableBlock, least: Sequence[float], room: float) -> list[tuple[int, ...]]:
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


def _part(
    table: TableBlock, columns: tuple[int, ...], least: Sequence[float], room: float, size: float
) -> TableSlice:
    """Give each column what it needs and share the rest so that the rows are low.

    Shares follow the text of the columns; how much of a long text counts is tried out.
    """
    low = [least[place] for place in columns]
    if sum(low) >= room:
        return TableSlice(columns, tuple(one * room / sum(low) for one in low))
    texts = [max(width_of(cell.text, size, bold=bold) for cell, bold in _cells(table, at)) for at in columns]
    if sum(high := _wished(texts, low, size, _PREFERRED)) <= room:
        return TableSlice(columns, tuple(high))
    tried = []
    for most in _LONGER if len(columns) > 1 else _LONGER[:1]:
        high = _wished(texts, low, size, most)
        share = (room - sum(low)) / (sum(high) - sum(low))
        tried.append(tuple(a + (b - a) * share for a, b in zip(low, high, strict=True)))
    words = [[_words(row[place], size) for place in columns] for row in table.rows]
    return TableSlice(columns, min(dict.fromkeys(tried), key=lambda widths: _lines(words, widths)))


def _wished(texts: Sequence[float], low: Sequence[float], size: float, most: float) -> list[float]:
    return [
        max(least, min(text, most * size / 9) + 2 * INSET + 1) for text, least in zip(texts, low, strict=True)
    ]


def _words(cell: Cell, size: float) -> list[float]:
    """Give the widths of a cell's words, each with the space after it."""
    return [width_of(word + " ", size) for word in cell.text.split(" ")]


def _lines(rows: Sequence[Sequence[Sequence[float]]], widths: Sequence[float]) -> int:
    """Count the lines of all rows, each as high as its highest cell."""
    return sum(
        max(_wrapped(words, width - 2 * INSET) for words, width in zip(row, widths, strict=True))
        for row in rows
    )


def _wrapped(words: Sequence[float], width: float) -> int:
    lines, left = 1, width
    for word in words:
        if word > left and left < width:
            lines, left = lines + 1, width
        lines += max(0, ceil(word / width) - 1)
        left -= word
    return lines


def _cells(table: TableBlock, place: int) -> list[tuple[Cell, bool]]:
    return [(table.head[place], True), *((row[place], False) for row in table.rows)]


def _least(table: TableBlock, place: int, size: float, hyphens: bool, divided: float = _WORD) -> float:
    scale = size / 9
    needs = [0.0]
    for cell, bold in _cells(table, place):
        for word in cell.text.split(" "):
            most = (divided if hyphens and hyphenates(word) else _UNDIVIDED) * scale
            needs.append(min(width_of(word, size, bold=bold), most))
    return max(needs) + 2 * INSET + 1
