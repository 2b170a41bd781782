"""Pages that are promised on one A4 sheet: the decision maker's page and the infographic.

The sheet has smaller spaces, and the tables behind its pictures are left out: they stand on the web page and
in the data file. Nothing the page says is left out, and no letter is under nine points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from sosrake_lib.influence.documents.blocks import Block, FigureBlock, Paragraph, Run, TableBlock, plain
from sosrake_lib.influence.documents.content import Document
from sosrake_lib.influence.documents.notes import NumberNote
from sosrake_lib.influence.pages import Page
from sosrake_lib.language import say

ON_ONE_PAGE = ("paattajakooste", "infograafi")  # page keys; an audience's variant is <key>_<audience>


def is_one_page(page: Page) -> bool:
    """Say whether the page is promised on one sheet."""
    return page.context.key.partition("_")[0] in ON_ONE_PAGE


def compact(document: Document) -> Document:
    """Make a document that fits one sheet: no tables behind pictures, short notes, the basis in a few lines.

    Parameters
    ----------
    document : of `content.document_of`.
    """
    behind = {block.table for block in document.blocks if isinstance(block, FigureBlock)}
    kept = [
        replace(block, table=0) if isinstance(block, FigureBlock) else block
        for block in document.blocks
        if not (isinstance(block, TableBlock) and block.number in behind)
    ]
    notes = short(document.notes)
    lead = (" ".join(document.lead),) if document.lead else ()
    return replace(document, lead=lead, blocks=tuple(kept), basis=_basis(document), notes=notes)


def short(notes: Mapping[str, NumberNote]) -> dict[str, NumberNote]:
    """Leave out of the footnotes what the page's own lines say.

    The commonest source, its period and method, the intervals and what is hidden stand in the page's lines;
    what is left is the number of people behind a figure, or another figure's source. A note that then tells
    nothing is no footnote.
    """
    common = Counter((note.source, note.period) for note in notes.values()).most_common(1)
    made = {}
    for reference, note in notes.items():
        cut = NumberNote(n=note.n)
        if common and (note.source, note.period) != common[0][0]:
            cut = NumberNote(source=note.source, period=note.period)
        if cut != NumberNote():
            made[reference] = cut
    return made


def _basis(document: Document) -> tuple[Block, ...]:
    """Give the release the page rests on and where its tables are, in one paragraph."""
    language = document.language
    wanted = say("pages.basis.release", language)
    pointer = Run(f" {say('documents.tables_elsewhere', language)}", language=language)
    for block in document.basis:
        if isinstance(block, Paragraph) and plain(block.runs).startswith(wanted):
            return (Paragraph((*block.runs, Run(".", language=language), pointer)),)
    return (Paragraph((pointer,)),)
