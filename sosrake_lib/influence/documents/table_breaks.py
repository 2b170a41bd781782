"""Where the tables of a PDF go on to the next sheet: no row stands alone, and a small table stays whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sosrake_lib.influence.documents.blocks import TableBlock
from sosrake_lib.influence.documents.layout import INSET, TableSlice
from sosrake_lib.influence.documents.office import lines_needed

ROOM = 4.0  # points above and under a cell's text
OTHER_ROOMS = (5.0, 3.0)  # tried in this order where a row would stand alone
MOST_TRIES = 12  # settings of a document in search of one where no row stands alone
KEPT_HIGH, WHOLE_HIGH = 300.0, 600.0  # points: a lower table stays on one sheet; a lower one may do so
_LINE = 1.23  # height of a line in the template, in sizes of its letters


def low(block: TableBlock, parts: Iterable[TableSlice], size: float, high: float = KEPT_HIGH) -> bool:
    """Say whether each part of a table is at most `high` points."""
    return all(_height(block, part, size) <= high for part in parts)


def lonely(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Name the tables of which a sheet holds one row only, though the table has at least four.

    Parameters
    ----------
    rows : of each row of a table in order, its `table` and the `sheet` it stands on.

    Examples
    --------
    >>> lonely([{"table": "1-1", "sheet": one} for one in (1, 1, 1, 2)])
    ('1-1',)
    >>> lonely([{"table": "1-1", "sheet": one} for one in (1, 1, 2, 2)])
    ()
    """
    sheets: dict[str, Counter[int]] = {}
    for row in rows:
        sheets.setdefault(row["table"], Counter())[row["sheet"]] += 1
    return tuple(
        name
        for name, counts in sheets.items()
        if counts.total() > 3 and len(counts) > 1 and min(counts.values()) == 1
    )


def settled(blocks: Iterable[dict[str, Any]], names: Sequence[str]) -> bool:
    """Change how the first of the tables named that still can be is set, in the data of the template.

    Its rows get more room, then less; then it stays whole if it fits a sheet, or begins one if it does not.
    Returns whether any table was changed.
    """
    for block in blocks:
        for part in block.get("parts", ()):
            if part["name"] not in names or block["kept"]:
                continue
            if part["ways"]:
                part["room"] = part["ways"].pop(0)
                return True
            if block["low"]:
                block["kept"], part["room"] = True, ROOM
                return True
            if block["may_begin"]:
                block["may_begin"], block["begins"] = False, True
                part["room"], part["ways"] = ROOM, list(OTHER_ROOMS)
                return True
    return False


def _height(block: TableBlock, part: TableSlice, size: float) -> float:
    lines = 0
    for cells in (block.head, *block.rows):
        lines += max(
            lines_needed(cells[column].runs, width - 2 * INSET, size)
            for column, width in zip(part.columns, part.widths, strict=True)
        )
    return lines * size * _LINE + (len(block.rows) + 1) * 2 * ROOM
