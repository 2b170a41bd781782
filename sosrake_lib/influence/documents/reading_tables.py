"""A table of a page as a block: caption, headings, rows and the notes under it."""

from __future__ import annotations

from collections.abc import Iterator

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents.blocks import Cell, Runs, TableBlock
from sosrake_lib.influence.documents.runs import runs_of_element
from sosrake_lib.influence.documents.tree import Element

_BODIES = ("thead", "tbody")


def read_table(element: Element, language: str, where: str) -> TableBlock:
    """Read `<div class="taulukko">` with its notes, or a bare `<table>`.

    Raises
    ------
    SosrakeError when there is not exactly one table, a cell is joined over rows or columns, or something else
    than a table, its wrapping and notes stands in it.
    """
    language = element.attributes.get("lang") or language
    tables, notes = _parts(element, language, where)
    if len(tables) != 1:
        raise _unknown(where, f"{len(tables)} tables in one")
    caption: Runs = ()
    rows: list[tuple[bool, tuple[Cell, ...]]] = []
    for child in _only(tables[0], ("caption", *_BODIES, "tr"), where):
        if child.tag == "caption":
            caption = runs_of_element(child, language, where)
        elif child.tag == "tr":
            rows.append((False, _row(child, language, where)))
        else:
            heads = child.tag == "thead"
            rows += [(heads, _row(line, language, where)) for line in _only(child, ("tr",), where)]
    return _made(caption, rows, tuple(notes), where)


def _made(
    caption: Runs, rows: list[tuple[bool, tuple[Cell, ...]]], notes: tuple[Runs, ...], where: str
) -> TableBlock:
    heads = [cells for head, cells in rows if head]
    body = [cells for head, cells in rows if not head]
    if not heads and body:  # a table without a head of its own: its first row when that is all headings
        heads, body = ([body[0]], body[1:]) if all(cell.header for cell in body[0]) else (heads, body)
    if len(heads) != 1:
        raise _unknown(where, f"a table with {len(heads)} rows of headings")
    stubs = min((next(_data_cells(cells), len(cells)) for cells in body), default=0)
    if stubs == len(heads[0]):
        stubs = 1
    return TableBlock(caption, heads[0], tuple(body), notes, stubs)


def _data_cells(cells: tuple[Cell, ...]) -> Iterator[int]:
    return (place for place, cell in enumerate(cells) if not cell.header)


def _parts(element: Element, language: str, where: str) -> tuple[list[Element], list[Runs]]:
    if element.tag == "table":
        return [element], []
    tables: list[Element] = []
    notes: list[Runs] = []
    for child in _only(element, ("div", "table", "p"), where):
        if child.tag == "p":
            notes.append(runs_of_element(child, language, where))
        else:
            more, under = _parts(child, language, where)
            tables += more
            notes += under
    return tables, notes


def _row(line: Element, language: str, where: str) -> tuple[Cell, ...]:
    cells = []
    for cell in _only(line, ("th", "td"), where):
        for joined in ("colspan", "rowspan"):
            if cell.attributes.get(joined, "1") != "1":
                raise _unknown(where, f"a cell joined over {cell.attributes[joined]} ({joined})")
        runs = runs_of_element(cell, cell.attributes.get("lang") or language, where)
        cells.append(Cell(runs, cell.tag == "th", "arvo" in cell.classes))
    return tuple(cells)


def _only(element: Element, tags: tuple[str, ...], where: str) -> Iterator[Element]:
    if element.loose_text():
        raise _unknown(where, f"text {element.loose_text()[:30]!r} outside the cells of a table")
    for child in element.elements():
        if child.tag not in tags:
            raise _unknown(where, f"<{child.tag}> in <{element.tag}>")
        yield child


def _unknown(where: str, what: str) -> SosrakeError:
    return SosrakeError(
        f"document of {where}: {what} is not understood, and leaving it out would drop what it says; "
        "expected one table of plain cells with one row of headings"
    )
