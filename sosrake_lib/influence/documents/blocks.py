"""What a page says, free of any format: headings, paragraphs, lists, tables, pictures and notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.chart_style import DOTS

LINE_BREAK = "\n"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one kind.

    Attributes
    ----------
    text : what is read; `LINE_BREAK` alone is a forced line break.
    reference : `<result_id>:<column>` of a number from a release; empty elsewhere.
    strong, emphasis, code : how the text stands out.
    language : `fi`, `en` or `sv`.
    link : where the text leads; only `https:`, `http:` and `mailto:` lead anywhere from a document.
    """

    text: str
    reference: str = ""
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    language: str = "fi"
    link: str = ""

    @property
    def leads_out(self) -> bool:
        """Say whether the link works outside the site."""
        return self.link.startswith(("https://", "http://", "mailto:"))


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the page: level 2 to 6 (1 is the page's own title)."""

    level: int
    runs: Runs


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `quote` is a passage quoted as a block."""

    runs: Runs
    quote: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One point of a list, with the lists that stand under it."""

    runs: Runs
    below: tuple[Bullets, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; `ordered` when its points are numbered, from `start`."""

    items: tuple[Item, ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text, whether it heads its row or column, whether it holds a figure."""

    runs: Runs
    header: bool = False
    figure: bool = False

    @property
    def text(self) -> str:
        """Give the text alone."""
        return plain(self.runs)


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table: `stubs` first columns head the rows; `summary` is what a folded table is called.

    `number` counts the tables of the page from 1. Every row has as many cells as `head`.
    """

    caption: Runs
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Runs, ...] = ()
    stubs: int = 0
    summary: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        """Refuse a table whose rows differ in length, or that has none."""
        widths = {len(row) for row in (self.head, *self.rows)}
        if len(widths) != 1 or not self.rows:
            raise SosrakeError(
                f"table {plain(self.caption)!r}: {len(self.rows)} rows of {sorted(widths)} cells; expected "
                "at least one row and as many cells in each as in the head; make it with tables.table"
            )

    def holds_figures(self, place: int) -> bool:
        """Say whether a column is one of figures: its cells are set to the right."""
        figures = sum(row[place].figure for row in self.rows)
        return place >= self.stubs and 2 * figures >= len(self.rows)


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """A picture with the words that stand in its place; `table` is the number of the table behind it or 0.

    Attributes
    ----------
    svg : the same chart as lines and letters; empty when the page holds only its PNG.
    dots : dots an inch of the PNG.
    part, parts : which part of a chart too tall for its sheet this is; 0 when it is whole.
    """

    png: bytes
    alt: str
    caption: Runs
    number: int = 0
    table: int = 0
    svg: str = ""
    dots: float = DOTS
    part: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class NoteBlock:
    """A remark that stands out from the text, such as a limit of the data."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line between two parts of the text."""


Block = Heading | Paragraph | Bullets | TableBlock | FigureBlock | NoteBlock | Rule


def plain(runs: Runs) -> str:
    """Give the text of runs alone."""
    return "".join(run.text for run in runs)


def runs_of(block: Block) -> Iterator[Runs]:
    """Give every stretch of text of a block in the order it is read."""
    if isinstance(block, Heading | Paragraph):
        yield block.runs
    elif isinstance(block, Bullets):
        for item in block.items:
            yield item.runs
            for below in item.below:
                yield from runs_of(below)
    elif isinstance(block, TableBlock):
        yield block.caption
        yield from (cell.runs for row in (block.head, *block.rows) for cell in row)
        yield from block.notes
    elif isinstance(block, FigureBlock):
        yield block.caption
    elif isinstance(block, NoteBlock):
        for one in block.blocks:
            yield from runs_of(one)
