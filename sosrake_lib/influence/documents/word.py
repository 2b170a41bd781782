"""Word document of a page: real headings, languages, repeated heads of tables, alternative texts."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import docx as word
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents import figures
from sosrake_lib.influence.documents import word_parts as parts
from sosrake_lib.influence.documents.blocks import (
    LINE_BREAK,
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
from sosrake_lib.influence.documents.content import Document, document_of
from sosrake_lib.influence.documents.layout import TableSlice, lay_out
from sosrake_lib.influence.documents.measure import picture_width
from sosrake_lib.influence.documents.notes import NumberNote, notes_in, notes_of_table, units_kept
from sosrake_lib.influence.documents.office import FONT, LANGUAGE_TAGS, NumberedNotes, describe, words_kept
from sosrake_lib.influence.exports.documents import without_leftovers
from sosrake_lib.influence.exports.safe import sealed, words
from sosrake_lib.influence.pages import Page
from sosrake_lib.language import say

_MARGIN = 56.0
_SHEET = (595.3, 841.9)
_UPRIGHT, _TURNED = (side - 2 * _MARGIN for side in _SHEET)
_BODY, _SMALL = 10.5, 9.0
_TALLEST = 600.0
_CELL_SIDES = 10.8  # points that Word leaves empty at the sides of a cell
_SIZES = {"Heading 1": 19, "Heading 2": 14, "Heading 3": 12, "Heading 4": 10.5, "Heading 5": 10.5}
_STYLES = ("Normal", "Heading 6", "Caption", "List Bullet", "List Number", "Header", "Footer", "Quote")


def to_docx(page: Page, notes: Mapping[str, NumberNote] | None = None) -> bytes:
    """Make the Word document of a page: charts that carry their drawing are pictures of 240 dots an inch.

    Parameters
    ----------
    page : made with `page_from_notebook`.
    notes : what stands behind each number: a raised number after it leads to a list at the end.

    Raises
    ------
    SosrakeError when the body of the page is not understood.
    """
    document = figures.sharp(figures.in_parts(document_of(page, notes), _TALLEST), figures.WORD_DOTS)
    writer = _Writer(document)
    writer.write()
    describe(writer.docx.core_properties, document)
    without_leftovers(writer.docx)
    made = io.BytesIO()
    writer.docx.save(made)
    return sealed(made.getvalue())


class _Writer:
    """Writes one document; knows which notes have been met and how many bookmarks there are."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.language = document.language
        self.docx = word.Document()
        self.met = NumberedNotes()
        self.bookmarks = 0

    def write(self) -> None:
        _set_styles(self.docx, self.language)
        _set_sheet(self.docx.sections[0], turned=False)
        self.margins(self.docx.sections[0])
        self.paragraph((Run(self.document.title, language=self.language),), "Heading 1")
        for line in self.document.lead:
            self.paragraph((Run(line, language=self.language),))
        for block in (*self.document.blocks, *self.document.basis):
            self.block(block)
        self.sources()

    def block(self, block: Block, *, shaded: bool = False) -> None:
        if isinstance(block, Heading):
            self.paragraph(block.runs, f"Heading {min(block.level, 6)}")
        elif isinstance(block, Paragraph):
            made = self.paragraph(block.runs, "Quote" if block.quote else "Normal", notes=True)
            if shaded:
                _bar(made)
        elif isinstance(block, Bullets):
            self.bullets(block, 0)
        elif isinstance(block, TableBlock):
            self.table(block)
        elif isinstance(block, FigureBlock):
            self.figure(block)
        elif isinstance(block, NoteBlock):
            for one in block.blocks:
                self.block(one, shaded=True)
        elif isinstance(block, Rule):
            _line(self.docx.add_paragraph())
        else:
            raise SosrakeError(f"document: a block {type(block).__name__}; expected a Block")

    def paragraph(self, runs: Runs, style: str = "Normal", *, notes: bool = False, into: Any = None) -> Any:
        made = self.docx.add_paragraph(style=style) if into is None else into
        runs = units_kept(runs, self.document.notes) if notes else runs
        marks = notes_in(runs, self.document.notes) if notes else {}
        for place, run in enumerate(runs):
            self.run(made, run)
            if place in marks:
                self.mark(made, marks[place])
        return made

    def run(self, paragraph: Any, run: Run) -> Any:
        if run.text == LINE_BREAK:
            paragraph.add_run().add_break()
            return None
        made = paragraph.add_run(words_kept(run.text))
        made.bold, made.italic = run.strong or None, run.emphasis or None
        if run.code:
            made.font.name = "Courier New"
        if run.language != self.language:
            parts.set_language(made, LANGUAGE_TAGS[run.language])
        if run.leads_out:
            made.font.underline = True
            parts.add_link(paragraph, [made], address=run.link)
        return made

    def mark(self, paragraph: Any, note: NumberNote) -> None:
        """Add the raised number that leads to a note; the note leads back to its first place."""
        number, first = self.met.number(note)
        run = paragraph.add_run(str(number))
        run.font.superscript = True
        if first:
            self.bookmarks += 1
            parts.add_bookmark(paragraph, [run], f"number_{number}", self.bookmarks)
        parts.add_link(paragraph, [run], anchor=f"source_{number}")

    def bullets(self, block: Bullets, depth: int) -> None:
        for place, item in enumerate(block.items):
            style = "Normal" if block.ordered else "List Bullet"
            made = self.docx.add_paragraph(style=style)
            if block.ordered:  # a number as text: a list that begins again or goes on is never wrong
                made.add_run(f"{block.start + place}.\t")
                made.paragraph_format.first_line_indent = Pt(-18)
                made.paragraph_format.tab_stops.add_tab_stop(Pt(18 * (depth + 1)))
            made.paragraph_format.left_indent = Pt(18 * (depth + 1))
            self.paragraph(item.runs, notes=True, into=made)
            for below in item.below:
                self.bullets(below, depth + 1)

    def figure(self, block: FigureBlock) -> None:
        place = self.docx.add_paragraph()
        place.paragraph_format.keep_with_next = True
        width = picture_width(block.png, _UPRIGHT, _TALLEST, block.dots)
        picture = place.add_run().add_picture(io.BytesIO(block.png), width=Pt(width))
        parts.describe_picture(picture, words(block.alt), block.number)
        name = say("documents.figure", self.language, number=block.number)
        runs = [Run(f"{name} ", strong=True, language=self.language), *block.caption]
        if block.part:
            runs.append(Run(figures.part_told(block, self.language), language=self.language))
        if block.table:
            told = say("documents.table_of_figure", self.language, number=block.table)
            end = "" if plain(block.caption).endswith(".") else "."
            runs.append(Run(f"{end} {told}", language=self.language))
        self.paragraph(tuple(runs), "Caption")

    def table(self, block: TableBlock) -> None:
        laid = lay_out(block, _UPRIGHT, _TURNED, _SMALL)
        if laid.turned:
            _set_sheet(self.docx.add_section(WD_SECTION.NEW_PAGE), turned=True)
        for place, part in enumerate(laid.parts, start=1):
            name = say("documents.table", self.language, number=block.number)
            runs = [Run(f"{name} ", strong=True, language=self.language), *block.caption]
            if len(laid.parts) > 1:
                told = say("documents.part", self.language, part=place, parts=len(laid.parts))
                runs.append(Run(f" ({told})", language=self.language))
            caption = self.paragraph(tuple(runs), "Caption")
            caption.paragraph_format.keep_with_next = True
            caption.paragraph_format.space_before = Pt(10)
            self.part(block, part)
        under = [*block.notes]
        under += [
            (Run(text, language=self.language),)
            for text in notes_of_table(block, self.document.notes, self.language)
        ]
        for runs_under in under or [()]:
            made = self.paragraph(tuple(runs_under))
            made.paragraph_format.space_before = Pt(3)
            for run in made.runs:
                run.font.size = Pt(_SMALL)
        if laid.turned:
            _set_sheet(self.docx.add_section(WD_SECTION.NEW_PAGE), turned=False)

    def part(self, block: TableBlock, part: TableSlice) -> None:
        lines = [block.head, *block.rows]
        table = self.docx.add_table(len(lines), len(part.columns), style="Table Grid")
        table.autofit = False
        for place, width in enumerate(part.widths):
            table.columns[place].width = Pt(width)
        parts.describe_table(table, words(plain(block.caption)))
        kept = (0, 1, len(lines) - 2)  # no head and no last row stands alone on a sheet
        for number, (row, cells) in enumerate(zip(table.rows, lines, strict=True)):
            parts.keep_whole(row)
            if number == 0:
                parts.repeat_head(row)
            for place, column in enumerate(part.columns):
                cell = row.cells[place]
                cell.width = Pt(part.widths[place])
                self.cell(cell, cells[column], head=number == 0, right=block.holds_figures(column))
                parts.divide_words(cell.paragraphs[0], part.widths[place] - _CELL_SIDES, _SMALL)
                cell.paragraphs[0].paragraph_format.keep_with_next = len(lines) > 2 and number in kept

    def cell(self, place: Any, cell: Cell, *, head: bool, right: bool) -> None:
        made = self.paragraph(cell.runs, into=place.paragraphs[0])
        made.paragraph_format.space_after = Pt(0)
        if right:
            made.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for run in made.runs:
            run.font.size = Pt(_SMALL)
            run.bold = True if head else run.bold
        if head:
            parts.shade(place, "ECECEC")

    def sources(self) -> None:
        """Write the list of notes at the end, each with a way back to its first number."""
        texts = self.met.texts(self.language)
        if not texts:
            return
        heading = say("documents.sources_of_numbers", self.language)
        self.paragraph((Run(heading, language=self.language),), "Heading 2")
        for number, text in enumerate(texts, start=1):
            made = self.docx.add_paragraph()
            label = made.add_run(f"{number}.")
            self.bookmarks += 1
            parts.add_bookmark(made, [label], f"source_{number}", self.bookmarks)
            made.add_run(f" {words_kept(text)} ")
            back = made.add_run(say("documents.back", self.language))
            back.font.underline = True
            parts.add_link(made, [back], anchor=f"number_{number}")

    def margins(self, section: Any) -> None:
        """Write what stands on every sheet: the mark at the top, title and page at the bottom."""
        section.header.paragraphs[0].text = words(self.document.mark)
        foot = section.footer.paragraphs[0]
        foot.text = f"{words(self.document.title)}\t\t{say('documents.page', self.language)} "
        parts.add_field(foot, "PAGE")
        foot.add_run("/")
        parts.add_field(foot, "NUMPAGES")


def _set_styles(docx: Any, language: str) -> None:
    tag = LANGUAGE_TAGS[language]
    for name in (*_STYLES, *_SIZES):
        style = docx.styles[name]
        style.font.name = FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in list(fonts.attrib):
            if "Theme" in kind or kind.endswith("eastAsia"):
                del fonts.attrib[kind]
        style.font.color.rgb = RGBColor(0, 0, 0)
        parts.set_language(style, tag)
        style.font.size = Pt(_SIZES.get(name, _SMALL if name in ("Caption", "Header", "Footer") else _BODY))
    docx.styles["Caption"].font.bold = False
    docx.styles["Normal"].paragraph_format.space_after = Pt(6)
    for old in docx.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:lang"):
        for kind in ("val", "eastAsia"):
            old.set(qn(f"w:{kind}"), tag)


def _set_sheet(section: Any, *, turned: bool) -> None:
    wide, high = _SHEET[::-1] if turned else _SHEET
    section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Pt(wide), Pt(high)
    section.left_margin = section.right_margin = Pt(_MARGIN)
    section.top_margin = section.bottom_margin = Pt(_MARGIN)


def _bar(paragraph: Any) -> None:
    """Draw the line and the ground of a note."""
    properties = paragraph._p.get_or_add_pPr()
    edge = parts.made("pBdr")
    edge.append(parts.made("left", val="single", sz="18", space="8", color="464646"))
    properties.append(edge)
    properties.append(parts.made("shd", val="clear", color="auto", fill="F4F4F4"))
    paragraph.paragraph_format.left_indent = Pt(10)


def _line(paragraph: Any) -> None:
    edge = parts.made("pBdr")
    edge.append(parts.made("bottom", val="single", sz="6", space="1", color="777777"))
    paragraph._p.get_or_add_pPr().append(edge)
