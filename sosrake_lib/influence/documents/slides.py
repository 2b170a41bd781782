"""Slides of a page: short sections share a slide, sources in the notes; to run a meeting from."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sosrake_lib.influence.documents import figures
from sosrake_lib.influence.documents.blocks import (
    Block,
    FigureBlock,
    Heading,
    Run,
    Runs,
    TableBlock,
    plain,
    runs_of,
)
from sosrake_lib.influence.documents.content import Document, document_of
from sosrake_lib.influence.documents.figure_columns import in_columns
from sosrake_lib.influence.documents.notes import NumberNote, notes_of_table
from sosrake_lib.influence.documents.office import describe
from sosrake_lib.influence.documents.slide_flow import (
    CLOSE_SIZE,
    ROOM,
    TALLEST_CHART,
    TEXT_SIZE,
    Chart,
    Flow,
    Line,
    Piece,
    Rows,
    Words,
    height_of,
    joined,
    lines_of,
    smaller,
    title_size,
)
from sosrake_lib.influence.documents.slide_parts import Deck
from sosrake_lib.influence.exports.documents import without_leftovers
from sosrake_lib.influence.exports.safe import sealed
from sosrake_lib.influence.pages import Page
from sosrake_lib.language import say

_MOST_TITLES = 3  # sections of one slide that its title names
_SIZES = (TEXT_SIZE, CLOSE_SIZE)
# Points of text and of tables on a slide that sections share, from the roomiest on.
_SHARED = ((TEXT_SIZE, 18.0), (CLOSE_SIZE, 16.0), (CLOSE_SIZE, 14.0))
_SHORT = 170.0  # points of height: a part of one section that may share a slide with the next section


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide: a title, pieces under one another, notes for the speaker.

    Attributes
    ----------
    heads : headings of the sections on it with their levels.
    begins, ends : whether its first section begins on it and its last one ends on it.
    """

    title: str
    pieces: tuple[Piece, ...] = ()
    notes: tuple[str, ...] = ()
    heads: tuple[tuple[str, int], ...] = ()
    begins: bool = True
    ends: bool = True

    @property
    def lines(self) -> tuple[Line, ...]:
        """Give the paragraphs of the slide."""
        return tuple(line for piece in self.pieces if isinstance(piece, Words) for line in piece.lines)


def to_pptx(page: Page, notes: Mapping[str, NumberNote] | None = None) -> bytes:
    """Make the slides of a page, 16:9: text of 20 points, tables of 14 to 18, at most eight rows a slide.

    Short sections that follow one another share a slide; a section that does not fit goes on to the next
    one, and its title says so. The table behind a picture is left to the other formats, and the notes say so.

    Parameters
    ----------
    page : made with `page_from_notebook`.
    notes : what stands behind each number; told in the notes of the slide.

    Raises
    ------
    SosrakeError when the body of the page is not understood.
    """
    columns = in_columns(document_of(page, notes), TALLEST_CHART)
    whole = figures.in_parts(columns, figures.SLIDE_TALLEST)
    document = figures.sharp(whole, figures.SLIDE_DOTS)
    deck = Deck(document)
    deck.first(document.title, document.lead)
    for slide in slides_of(document):
        deck.add(slide.title, slide.notes)
        deck.fill(slide.pieces)
    describe(deck.slides.core_properties, document)
    without_leftovers(deck.slides)
    made = io.BytesIO()
    deck.slides.save(made)
    return sealed(made.getvalue())


def slides_of(document: Document) -> tuple[Slide, ...]:
    """Divide a document into slides in reading order; the last tells what the page rests on."""
    made = [slide for section in _sections(document) for slide in _divided(section, document)]
    merged = _merged(_merged(made, document), document)  # one that took in what is under it may join
    told = (replace(slide, notes=_notes(slide.pieces, document)) for slide in merged)
    return (*told, *_basis(document))


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    level: int
    blocks: tuple[Block, ...]


def _sections(document: Document) -> Iterator[_Section]:
    """Give the page's sections: a heading and what stands under it before the next one."""
    own_tables = {block.table for block in document.blocks if isinstance(block, FigureBlock)} - {0}
    blocks: list[Block] = []
    title, level, named = document.title, 1, False
    for block in document.blocks:
        if isinstance(block, Heading):
            if blocks or named:
                yield _Section(title, level, tuple(blocks))
            title, level, blocks, named = plain(block.runs), block.level, [], True
        elif not (isinstance(block, TableBlock) and block.number in own_tables):
            blocks.append(block)
    if blocks or named:
        yield _Section(title, level, tuple(blocks))


def _divided(section: _Section, document: Document) -> list[Slide]:
    flow = min((_flow(section, document, size) for size in _SIZES), key=lambda one: len(one.slides))
    last = len(flow.slides) - 1
    return [
        Slide(
            _title(section.title, place, document),
            pieces,
            heads=((section.title, section.level),),
            begins=place == 0,
            ends=place == last,
        )
        for place, pieces in enumerate(flow.slides)
    ]


def _flow(section: _Section, document: Document, size: float) -> Flow:
    flow = Flow(section.title, document.language, size)
    for block in section.blocks:
        if isinstance(block, FigureBlock):
            flow.figure(block)
        elif isinstance(block, TableBlock):
            flow.table(block)
        else:
            for line in lines_of(block):
                flow.line(line)
    return flow


def _merged(slides: Sequence[Slide], document: Document) -> list[Slide]:
    """Let short sections share a slide; a heading under which nothing stands is told with the next one."""
    made: list[Slide] = []
    for slide in slides:
        last = made[-1] if made else None
        shared = _together(last, slide, document) if last else None
        if last and shared:
            made[-1] = shared
        elif last and not last.pieces and slide.begins and slide.heads[0][1] > last.heads[0][1]:
            made[-1] = replace(slide, title=f"{last.title}: {slide.title}")
        else:
            made.append(slide)
    return made


def _together(first: Slide, second: Slide, document: Document) -> Slide | None:
    """Put two slides on one, each section under its own heading; none when they do not belong or fit."""
    if not (first.ends and second.begins and second.pieces):
        return None
    if any(isinstance(piece, Chart) for piece in (*first.pieces, *second.pieces)):
        return None
    heads = (*first.heads, *second.heads)
    if [level for _, level in second.heads].count(second.heads[0][1]) > 1:
        return None  # it names several sections already
    above = min(level for _, level in heads)
    under_one = heads[0][1] == above and all(level > above for _, level in heads[1:])
    title, pieces = first.title, first.pieces
    if not under_one:
        names = [heads[0][0], *(name for name, level in heads[1:] if level == above)]
        deeper = heads[0][1] > above
        if len(names) > _MOST_TITLES or (deeper and height_of(first.pieces) > _SHORT):
            return None
        title = " · ".join(names)
        if len(names) == 2 and first.pieces:
            pieces = (_subhead(heads[0][0], document), *pieces)
    pieces = joined((*pieces, _subhead(second.title, document), *second.pieces))
    if not title_size(title):
        return None
    for text, rows in _SHARED:
        made = joined(smaller(pieces, text, rows))
        if height_of(made) <= ROOM:
            return Slide(title, made, heads=heads, begins=first.begins, ends=second.ends)
    return None


def _subhead(title: str, document: Document) -> Words:
    return Words((Line((Run(title, strong=True, language=document.language),)),))


def _title(title: str, place: int, document: Document) -> str:
    return say("documents.continued", document.language, title=title) if place else title


def _notes(pieces: Iterable[Piece], document: Document) -> tuple[str, ...]:
    """Tell what stands behind the numbers, tables and pictures of a slide, each thing once."""
    found: list[str] = []
    for piece in pieces:
        if isinstance(piece, Words):
            found += _notes_of_text([line.runs for line in piece.lines], document)
        elif isinstance(piece, Chart):
            found += _notes_of_figure(piece.figure, document)
        elif isinstance(piece, Rows):
            found += _notes_of_rows(piece.table, document)
    return tuple(dict.fromkeys(found))


def _notes_of_rows(block: TableBlock, document: Document) -> list[str]:
    behind = notes_of_table(block, document.notes, document.language) or _sources(document)
    return [*(plain(note) for note in block.notes), *behind]


def _notes_of_figure(block: FigureBlock, document: Document) -> list[str]:
    language = document.language
    notes = [say("documents.figure_notes", language, alt=block.alt)]
    table = next(
        (one for one in document.blocks if isinstance(one, TableBlock) and one.number == block.table), None
    )
    if table is not None:
        notes += [plain(note) for note in table.notes]
        notes += notes_of_table(table, document.notes, language)
        notes.append(say("documents.table_elsewhere", language))
    return notes


def _notes_of_text(texts: Sequence[Runs], document: Document) -> tuple[str, ...]:
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
    flow = Flow(plain(next(iter(runs_of(heading)))), document.language)
    for told in (*document.lead, say("documents.slide_basis", document.language)):
        flow.line(Line((Run(told, language=document.language),)))
    notes = tuple(plain(runs) for block in rest for runs in runs_of(block))
    return [
        Slide(_title(flow.title, place, document), pieces, notes if place == 0 else ())
        for place, pieces in enumerate(flow.slides)
    ]
