"""Slides of a page: a section a slide, a picture a slide, sources in the notes; to run a meeting from."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents.blocks import (
    Block,
    Bullets,
    FigureBlock,
    Heading,
    NoteBlock,
    Paragraph,
    Rule,
    Run,
    Runs,
    TableBlock,
    plain,
    runs_of,
)
from sosrake_lib.influence.documents.content import Document, document_of
from sosrake_lib.influence.documents.layout import Part, lay_out
from sosrake_lib.influence.documents.notes import NumberNote, notes_of_table
from sosrake_lib.influence.documents.office import describe, divided, lines_needed
from sosrake_lib.influence.documents.slide_parts import (
    LEAD_SIZE,
    TABLE_SIZE,
    TEXT_SIZE,
    TEXT_WIDTH,
    WIDTH,
    Deck,
    row_height,
    table_room,
)
from sosrake_lib.influence.exports.documents import without_leftovers
from sosrake_lib.influence.exports.safe import sealed
from sosrake_lib.influence.pages import Page
from sosrake_lib.language import say

MOST_LINES = 6
_MOST_LEAD = 2  # lines of text that may stand above a picture or a table
_INDENT = 24.0  # points a level of a list


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of a slide: its text, its level, whether it is a point of a list."""

    runs: Runs
    level: int = 0
    point: bool = False

    @property
    def lines(self) -> int:
        """Count the lines it takes on a slide."""
        return lines_needed(self.runs, TEXT_WIDTH - _INDENT * (self.level + self.point), TEXT_SIZE)


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide: a title, lines and perhaps a picture or a part of a table; `notes` are for the speaker."""

    title: str
    lines: tuple[Line, ...] = ()
    figure: FigureBlock | None = None
    table: TableBlock | None = None
    part: Part | None = None
    notes: tuple[str, ...] = field(default=())


def to_pptx(page: Page, notes: Mapping[str, NumberNote] | None = None) -> bytes:
    """Make the slides of a page, 16:9.

    A slide holds at most six lines of text, or one picture or one part of a table with at most
    three lines above it; a section that does not fit goes
    on to the next slide. The table behind a picture is left to the other formats, and the notes say so.

    Parameters
    ----------
    page : made with `page_from_notebook`.
    notes : what stands behind each number; told in the notes of the slide.

    Raises
    ------
    SosrakeError when the body of the page is not understood.
    """
    document = document_of(page, notes)
    deck = Deck(document)
    deck.first(document.title, document.lead)
    for slide in slides_of(document):
        deck.add(slide.title, slide.notes)
        told = [(line.runs, line.level, line.point) for line in slide.lines]
        lead = _lead_lines(slide.lines)
        if told:
            deck.text(told, lead=slide.figure is not None or slide.table is not None)
        if slide.figure is not None:
            deck.picture(slide.figure, lead)
        elif slide.table is not None and slide.part is not None:
            deck.table(slide.table, slide.part, lead)
    describe(deck.slides.core_properties, document)
    without_leftovers(deck.slides)
    made = io.BytesIO()
    deck.slides.save(made)
    return sealed(made.getvalue())


def slides_of(document: Document) -> tuple[Slide, ...]:
    """Divide a document into slides in reading order; the last tells what the page rests on."""
    own_tables = {block.table for block in document.blocks if isinstance(block, FigureBlock)} - {0}
    division = _Division(document)
    for block in document.blocks:
        if isinstance(block, Heading):
            division.heading(block)
        elif isinstance(block, FigureBlock) or (
            isinstance(block, TableBlock) and block.number not in own_tables
        ):
            division.shown(block)
        else:
            division.waiting += lines_of(block)
    division.text()
    division.untold()
    return (*division.made, *_basis(document))


class _Division:
    """Slides made so far, the lines that wait for one, and the heading they stand under."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.made: list[Slide] = []
        self.waiting: list[Line] = []
        self.title, self.told, self.level = document.title, True, 1

    def heading(self, block: Heading) -> None:
        """Begin a section; a heading right under another is told with it."""
        self.text()
        above = "" if self.told or block.level <= self.level else f"{self.title}: "
        if not above:
            self.untold()
        self.title, self.told, self.level = above + plain(block.runs), False, block.level

    def text(self) -> None:
        """Put the lines that wait on slides of their own."""
        if self.waiting:
            self.made += _text_slides(self.title, self.waiting, self.document)
            self.waiting, self.told = [], True

    def shown(self, block: FigureBlock | TableBlock) -> None:
        """Add a picture or a table; a heading not told yet is its title, and the caption stands under it."""
        lead: list[Line] = []
        if _lead_lines(self.waiting) <= _MOST_LEAD:
            lead, self.waiting = self.waiting, []
        self.text()
        if not self.told:
            lead.insert(0, Line((Run(plain(block.caption), strong=True, language=self.document.language),)))
        if isinstance(block, FigureBlock):
            slides = [_figure_slide(block, self.document)]
        else:
            slides = _table_slides(block, self.document, _lead_lines(lead))
        first = self.title if not self.told else slides[0].title
        self.made += [replace(slides[0], title=first, lines=tuple(lead)), *slides[1:]]
        self.told = True

    def untold(self) -> None:
        """Add a slide for a heading under which nothing stands."""
        if not self.told:
            self.made.append(Slide(self.title))
            self.told = True


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


def _text_slides(title: str, lines: Sequence[Line], document: Document) -> list[Slide]:
    made: list[list[Line]] = []
    waiting = list(lines)[::-1]
    room = 0
    while waiting:
        line = waiting.pop()
        if line.lines <= room:
            made[-1].append(line)
            room -= line.lines
        elif line.lines <= MOST_LINES:
            made.append([line])
            room = MOST_LINES - line.lines
        else:
            width = TEXT_WIDTH - _INDENT * (line.level + line.point)
            first, rest = divided(line.runs, MOST_LINES, width, TEXT_SIZE)
            made.append([replace(line, runs=first)])
            room = 0
            waiting += [replace(line, runs=rest)] if rest else []
    return [
        Slide(_title(title, place, document), tuple(one), notes=_notes([line.runs for line in one], document))
        for place, one in enumerate(made)
    ]


def _title(title: str, place: int, document: Document) -> str:
    return say("documents.continued", document.language, title=title) if place else title


def _figure_slide(block: FigureBlock, document: Document) -> Slide:
    language = document.language
    notes = [say("documents.figure_notes", language, alt=block.alt)]
    table = next(
        (one for one in document.blocks if isinstance(one, TableBlock) and one.number == block.table), None
    )
    if table is not None:
        notes += [plain(note) for note in table.notes]
        notes += notes_of_table(table, document.notes, language)
        notes.append(say("documents.table_elsewhere", language))
    return Slide(
        plain(block.caption) or document.title, figure=block, notes=tuple(notes) or _sources(document)
    )


def _lead_lines(lines: Sequence[Line]) -> int:
    return sum(lines_needed(line.runs, TEXT_WIDTH - _INDENT * line.point, LEAD_SIZE) for line in lines)


def _table_slides(block: TableBlock, document: Document, lead: int) -> list[Slide]:
    laid = lay_out(block, WIDTH, WIDTH, TABLE_SIZE)
    notes = tuple(plain(note) for note in block.notes)
    notes += notes_of_table(block, document.notes, document.language) or _sources(document)
    made = []
    for part in laid.parts:
        for rows in _by_height(block, part, lead):
            made.append((replace(block, rows=rows), part))
    titles = (_title(plain(block.caption), place, document) for place in range(len(made)))
    return [
        Slide(title, table=table, part=part, notes=notes)
        for title, (table, part) in zip(titles, made, strict=True)
    ]


def _by_height(block: TableBlock, part: Part, lead: int) -> list[tuple]:
    """Divide rows so that each slide's rows fit under the head of the table."""
    room = table_room(lead) - row_height(block.head, part, bold=True)
    made: list[list] = []
    left = 0.0
    for row in block.rows:
        high = row_height(row, part)
        if made and high <= left:
            made[-1].append(row)
        else:
            made.append([row])
            left = room
        left -= high
    return [tuple(rows) for rows in made]


def _notes(texts: Sequence[Runs], document: Document) -> tuple[str, ...]:
    """Tell the sources of a slide's numbers; without notes of numbers, the sources of the page."""
    found = [
        note.text(document.language)
        for runs in texts
        for run in runs
        if (note := document.notes.get(run.reference)) is not None
    ]
    if found:
        return tuple(dict.fromkeys(found))
    return _sources(document) if any(run.reference for runs in texts for run in runs) else ()


def _sources(document: Document) -> tuple[str, ...]:
    texts = [plain(runs) for block in document.basis for runs in runs_of(block)]
    return tuple(texts)


def _basis(document: Document) -> list[Slide]:
    """Tell at the end what the page rests on: the state on the slide, everything in its notes."""
    heading, *rest = document.basis
    lines = [Line((Run(line),)) for line in (*document.lead, say("documents.slide_basis", document.language))]
    notes = tuple(plain(runs) for block in rest for runs in runs_of(block))
    title = plain(next(iter(runs_of(heading))))
    made = _text_slides(title, lines, document)
    return [replace(one, notes=notes if place == 0 else ()) for place, one in enumerate(made)]
