"""What stands on one slide together: pieces, how high they are, and how a section is divided over slides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents.blocks import (
    Block,
    Bullets,
    Cell,
    FigureBlock,
    Heading,
    NoteBlock,
    Paragraph,
    Rule,
    Run,
    Runs,
    TableBlock,
    plain,
)
from sosrake_lib.influence.documents.layout import INSET, TableSlice, lay_out
from sosrake_lib.influence.documents.office import divided, lines_needed
from sosrake_lib.language import say

SHEET = (960.0, 540.0)  # points: 16:9
MARGIN = 44.0
WIDTH = SHEET[0] - 2 * MARGIN
BODY_TOP, FOOT_TOP = 114.0, 504.0
ROOM = FOOT_TOP - BODY_TOP - 8  # points of height under a slide's title
TEXT_SIZE, CLOSE_SIZE = 20.0, 18.0  # the smaller one where it saves a slide
TITLE_SIZES = (28.0, 22.0)
TABLE_SIZES = (18.0, 16.0, 14.0)  # the largest that fits is used
MOST_ROWS = 8
INDENT = 24.0  # points a level of a list
PARAGRAPH_GAP = 0.35  # space between two paragraphs, in sizes of letters
PIECE_GAP = 10.0
_BOX = 7.2  # points that a text box adds above and under its text
_LINE = 1.16  # height of a line, in sizes of its letters
# Letters of slides beside those that widths are measured in: of running text, and of capitals and figures.
_NARROWER, _CELLS_NARROWER = 0.88, 0.94
_BOLDER = 1.08  # strong letters beside others
TEXT_WIDTH = WIDTH / _NARROWER - 4
MOST_LINES = int((ROOM - _BOX) / (TEXT_SIZE * _LINE))
_LEAST_CHART = 280.0  # points of height under which a tall chart goes to a slide of its own
_OWN_CHART = ROOM - 50  # points of height that a chart has on a slide of its own, under its caption
_LEAST_SCALE = 0.85  # of a chart's own size, below which it goes to a slide of its own
TALLEST_CHART = _OWN_CHART / _LEAST_SCALE  # points; the rows of a taller one are set in columns


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of a slide: its text, its level, whether it is a point of a list."""

    runs: Runs
    level: int = 0
    point: bool = False

    def lines(self, size: float = TEXT_SIZE) -> int:
        """Count the lines it takes on a slide with letters of `size` points."""
        wider = _BOLDER if any(run.strong for run in self.runs) else 1.0
        return lines_needed(self.runs, TEXT_WIDTH - INDENT * (self.level + self.point), size * wider)


@dataclass(frozen=True, slots=True)
class Words:
    """Paragraphs in one box, with letters of `size` points."""

    lines: tuple[Line, ...]
    size: float = TEXT_SIZE

    @property
    def height(self) -> float:
        """Give the height in points: lines, the gaps between paragraphs, and the box around them."""
        told = sum(line.lines(self.size) for line in self.lines) * self.size * _LINE
        return told + (len(self.lines) - 1) * self.size * PARAGRAPH_GAP + _BOX


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table under their head: the columns of `part`, letters of `size` points."""

    table: TableBlock
    part: TableSlice
    size: float

    @property
    def height(self) -> float:
        """Give the height in points of the head and the rows."""
        head = row_height(self.table.head, self.part, self.size, bold=True)
        return head + sum(row_height(row, self.part, self.size) for row in self.table.rows)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture; it takes what room its slide has left."""

    figure: FigureBlock

    @property
    def height(self) -> float:
        """Give the height in points that it needs at least: a low chart is as wide as the slide."""
        wide, high = (int.from_bytes(self.figure.png[at : at + 4], "big") for at in (16, 20))
        own = high * 72 / self.figure.dots * _LEAST_SCALE
        return min(max(_LEAST_CHART, own), _OWN_CHART, WIDTH * high / wide)


Piece = Words | Rows | Chart


def height_of(pieces: Sequence[Piece]) -> float:
    """Give the height in points of pieces under one another."""
    return sum(piece.height for piece in pieces) + PIECE_GAP * max(len(pieces) - 1, 0)


def title_size(title: str) -> float:
    """Give the size of a title's letters: the largest with which it takes two lines; 0 when none does."""
    return next((size for size in TITLE_SIZES if _title_lines(title, size) <= 2), 0.0)


def _title_lines(title: str, size: float) -> int:
    return lines_needed((Run(title),), TEXT_WIDTH, size * _BOLDER)


def joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Put words that follow words in one box."""
    made: list[Piece] = []
    for piece in pieces:
        last = made[-1] if made else None
        if isinstance(piece, Words) and isinstance(last, Words):
            made[-1] = Words((*last.lines, *piece.lines), last.size)
        else:
            made.append(piece)
    return tuple(made)


def smaller(pieces: Iterable[Piece], words: float, rows: float) -> tuple[Piece, ...]:
    """Set pieces with letters of at most so many points; a table that would be divided stays as it is."""
    return tuple(_smaller(piece, words, rows) for piece in pieces)


def _smaller(piece: Piece, words: float, rows: float) -> Piece:
    if isinstance(piece, Words):
        return replace(piece, size=min(piece.size, words))
    if isinstance(piece, Rows) and piece.size > rows and len(piece.part.columns) == len(piece.table.head):
        parts = laid_out(piece.table, rows)
        return Rows(piece.table, parts[0], rows) if len(parts) == 1 else piece
    return piece


def laid_out(block: TableBlock, size: float) -> tuple[TableSlice, ...]:
    """Fit a table on a slide: its parts with the widths of their columns in the letters of slides.

    No word is divided, unless the smallest letters would then need the table in parts.
    """
    room = WIDTH / _CELLS_NARROWER
    parts = lay_out(block, room, room, size, hyphens=False).parts
    if len(parts) > 1 and size == TABLE_SIZES[-1]:
        parts = lay_out(block, room, room, size).parts
    return tuple(
        TableSlice(part.columns, tuple(width * _CELLS_NARROWER for width in part.widths)) for part in parts
    )


def row_height(cells: Sequence[Cell], part: TableSlice, size: float, *, bold: bool = False) -> float:
    """Give the height in points of a table's row on a slide."""
    set_in = size * (1.1 if bold else 1.0)
    lines = max(
        lines_needed(cells[column].runs, (width - 2 * INSET) / _CELLS_NARROWER, set_in)
        for column, width in zip(part.columns, part.widths, strict=True)
    )
    return lines * size * _LINE + 2 * INSET


def lines_of(block: Block, level: int = 0) -> list[Line]:
    """Give the lines of a block as they stand on slides; headings, pictures and tables have none."""
    if isinstance(block, Paragraph):
        return [Line(block.runs)]
    if isinstance(block, Bullets):
        made = []
        for place, item in enumerate(block.items):
            number = (Run(f"{block.start + place}. "),) if block.ordered else ()
            made.append(Line((*number, *item.runs), level, not block.ordered))
            for below in item.below:
                made += lines_of(below, level + 1)
        return made
    if isinstance(block, NoteBlock):
        return [line for one in block.blocks for line in lines_of(one)]
    if isinstance(block, Heading | Rule | TableBlock | FigureBlock):
        return []
    raise SosrakeError(f"document: a block {type(block).__name__}; expected a Block")


class Flow:
    """The slides of one section: pieces fill a slide from the top, and go on to the next one."""

    def __init__(self, title: str, language: str, size: float = TEXT_SIZE) -> None:
        """Start with one empty slide and text of `size` points."""
        self.title, self.language, self.size = title, language, size
        self.slides: list[tuple[Piece, ...]] = [()]

    def line(self, line: Line) -> None:
        """Add a paragraph; one that is taller than a slide is divided after a sentence."""
        if line.lines() > MOST_LINES:
            first, rest = divided(
                line.runs, MOST_LINES, TEXT_WIDTH - INDENT * (line.level + line.point), TEXT_SIZE * _BOLDER
            )
            self.line(replace(line, runs=first))
            if rest:
                self.line(replace(line, runs=rest))
        elif not self._taken(self._words(line)):
            self._next(self._words(line))

    def figure(self, block: FigureBlock) -> None:
        """Add a picture; its caption stands above it when the slide's title tells something else."""
        chart = Chart(block)
        if not (self.slides[-1] and self._taken(*self._caption(plain(block.caption)), chart)):
            if self.slides[-1]:
                self.slides.append(())
            self._next(*self._caption(plain(block.caption)), chart)

    def table(self, block: TableBlock) -> None:
        """Add a table: whole on this slide or the next with the largest letters that fit, else divided."""
        told = plain(block.caption)
        for rows in _whole(block):
            if self._fits(*self._caption(told), rows):
                self._taken(*self._caption(told), rows)
                return
        caption = self._words(Line((Run(told, strong=True),)))
        for rows in _whole(block):
            if self.slides[-1] and height_of((caption, rows)) <= ROOM:
                self._next(caption, rows)
                return
        self._divided(block)

    def _divided(self, block: TableBlock) -> None:
        told = plain(block.caption)
        left = ROOM - height_of(joined((*self.slides[-1], *self._caption(told)))) - PIECE_GAP
        size = _size_divided(block, left)
        for part in laid_out(block, size):
            head, high = _heights(block, part, size)
            first = ROOM - height_of(joined((*self.slides[-1], *self._caption(told)))) - PIECE_GAP
            if high and head + sum(high[:2]) > first and self.slides[-1]:
                self.slides.append(())
                first = ROOM - height_of(self._caption(told)) - PIECE_GAP
            rest = ROOM - height_of(self._caption(self._continued(told))) - PIECE_GAP
            for rows in _chunks(high, first - head, rest - head):
                shown = Rows(replace(block, rows=block.rows[rows.start : rows.stop]), part, size)
                pieces = (*self._caption(told), shown)
                if not self._taken(*pieces):
                    self._next(*pieces)
                told = self._continued(plain(block.caption))

    def _caption(self, told: str) -> tuple[Piece, ...]:
        title = self.title if len(self.slides) == 1 else self._continued(self.title)
        if not told or (told in (title, self.title) and not self.slides[-1]):
            return ()
        return (self._words(Line((Run(told, strong=True, language=self.language),))),)

    def _continued(self, title: str) -> str:
        return say("documents.continued", self.language, title=title)

    def _taken(self, *pieces: Piece) -> bool:
        """Add pieces to the last slide if they fit; they always fit an empty one."""
        if self.slides[-1] and not self._fits(*pieces):
            return False
        self.slides[-1] = joined((*self.slides[-1], *pieces))
        return True

    def _fits(self, *pieces: Piece) -> bool:
        return height_of(joined((*self.slides[-1], *pieces))) <= ROOM

    def _words(self, line: Line) -> Words:
        return Words((line,), self.size)

    def _next(self, *pieces: Piece) -> None:
        """Begin a slide; a line that announces what follows comes along with it."""
        last = self.slides[-1][-1] if self.slides[-1] else None
        if isinstance(last, Words) and plain(last.lines[-1].runs).rstrip().endswith(":"):
            announced = Words(last.lines[-1:], self.size)
            if height_of(joined((announced, *pieces))) <= ROOM:
                kept = (Words(last.lines[:-1], self.size),) if len(last.lines) > 1 else ()
                self.slides[-1] = (*self.slides[-1][:-1], *kept)
                pieces = (announced, *pieces)
        if self.slides[-1]:
            self.slides.append(())
        self.slides[-1] = joined(pieces)


def _whole(block: TableBlock) -> Iterable[Rows]:
    """Give a table as one piece, from the largest letters down, where its columns and rows allow it."""
    if len(block.rows) > MOST_ROWS + 1:
        return
    for size in TABLE_SIZES:
        parts = laid_out(block, size)
        if len(parts) == 1:
            yield Rows(block, parts[0], size)


def _size_divided(block: TableBlock, left: float) -> float:
    """Give the largest letters with which a divided table begun on `left` points takes the fewest slides."""
    counts = {size: _slides_needed(block, size, left) for size in TABLE_SIZES}
    return next(size for size in TABLE_SIZES if counts[size] == min(counts.values()))


def _slides_needed(block: TableBlock, size: float, left: float) -> int:
    needed = 0
    for part in laid_out(block, size):
        head, high = _heights(block, part, size)
        room = ROOM - 3 * CLOSE_SIZE - head
        first = left - head if not needed and head + sum(high[:2]) <= left else room
        needed += len(_chunks(high, first, room)) + (not needed and first is room)
    return needed


def _heights(block: TableBlock, part: TableSlice, size: float) -> tuple[float, list[float]]:
    """Give the heights of a table's head and of its rows."""
    head = row_height(block.head, part, size, bold=True)
    return head, [row_height(row, part, size) for row in block.rows]


def _chunks(high: Sequence[float], first: float, rest: float) -> list[range]:
    """Divide rows of given heights: what fits each slide, at most eight, never one row alone at the end."""
    starts, left = [0], first
    for place, one in enumerate(high):
        count = place - starts[-1]
        if count and (one > left or count >= MOST_ROWS):
            starts.append(place)
            left = rest
        left -= one
    lone = len(starts) > 1 and len(high) - starts[-1] == 1 and starts[-1] - starts[-2] > 2
    if lone and high[-1] + high[-2] <= rest:
        starts[-1] -= 1
    return [range(start, end) for start, end in zip(starts, [*starts[1:], len(high)], strict=True)]
