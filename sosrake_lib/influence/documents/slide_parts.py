"""Slides in python-pptx: sizes, places, and the pieces of XML it has no functions for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt

from sosrake_lib.influence.documents.blocks import LINE_BREAK, Cell, FigureBlock, Run, Runs, plain
from sosrake_lib.influence.documents.content import Document
from sosrake_lib.influence.documents.layout import INSET
from sosrake_lib.influence.documents.measure import picture_width
from sosrake_lib.influence.documents.office import FONT, LANGUAGE_TAGS, words_kept
from sosrake_lib.influence.documents.slide_flow import (
    BODY_TOP,
    FOOT_TOP,
    INDENT,
    MARGIN,
    PARAGRAPH_GAP,
    PIECE_GAP,
    ROOM,
    SHEET,
    WIDTH,
    Piece,
    Rows,
    Words,
    height_of,
    row_height,
    title_size,
)
from sosrake_lib.influence.exports.safe import words

SMALL, _LEAD_SIZE = 14.0, 24.0
_TITLE_TOP, _TITLE_HIGH = 28.0, 80.0
_DARK, _SOFT = RGBColor(0x1A, 0x1A, 0x1A), RGBColor(0x55, 0x55, 0x55)


class Deck:
    """Slides being written."""

    def __init__(self, document: Document) -> None:
        """Start with none, on sheets of 16:9."""
        self.document = document
        self.slides: Any = Presentation()
        self.current: Any = None
        _widen(self.slides)

    def first(self, title: str, lead: Sequence[str]) -> None:
        """Add the slide that opens the meeting: title, state, origin, age."""
        self.current = self.slides.slides.add_slide(self.slides.slide_layouts[0])
        shapes = self.current.shapes
        _place(shapes.title, MARGIN, 150, WIDTH, 110)
        self._write(shapes.title.text_frame, [((Run(title),), 0, False)], 40, bold=True)
        body = self.current.placeholders[1]
        _place(body, MARGIN, 280, WIDTH, 150)
        self._write(body.text_frame, [((Run(line),), 0, False) for line in lead], _LEAD_SIZE)
        self._foot()

    def add(self, title: str, notes: Sequence[str]) -> None:
        """Add a slide with its title and its notes."""
        self.current = self.slides.slides.add_slide(self.slides.slide_layouts[5])
        frame = self.current.shapes.title
        _place(frame, MARGIN, _TITLE_TOP, WIDTH, _TITLE_HIGH)
        size = title_size(title) or SMALL + 4
        self._write(frame.text_frame, [((Run(title),), 0, False)], size, bold=True)
        frame.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
        if notes:
            self.current.notes_slide.notes_text_frame.text = "\n".join(words(note) for note in notes)
            for paragraph in self.current.notes_slide.notes_text_frame.paragraphs:
                for run in paragraph.runs:
                    self._language(run, self.document.language)
        self._foot()

    def fill(self, pieces: Sequence[Piece]) -> None:
        """Put pieces under one another on the slide; a picture takes the room that is left."""
        top, left = BODY_TOP, ROOM - height_of(pieces)
        for piece in pieces:
            if isinstance(piece, Words):
                self._words(piece, top)
            elif isinstance(piece, Rows):
                self._table(piece, top)
            else:
                self._picture(piece.figure, top, piece.height + left)
                top += left
            top += piece.height + PIECE_GAP

    def _words(self, piece: Words, top: float) -> None:
        box = self._box(MARGIN, top, WIDTH, piece.height)
        told = [(line.runs, line.level, line.point) for line in piece.lines]
        self._write(box.text_frame, told, piece.size)

    def _picture(self, block: FigureBlock, top: float, room: float) -> None:
        """Put a picture on the slide from `top` down, `room` points high, with its alternative text."""
        width = picture_width(block.png, WIDTH, room)
        width = max(width, min(WIDTH, room * _shape_of(block.png)))
        left = MARGIN + (WIDTH - width) / 2
        shape = self.current.shapes.add_picture(io.BytesIO(block.png), Pt(left), Pt(top), width=Pt(width))
        _describe(shape, words(block.alt), f"figure {block.number}")

    def _table(self, piece: Rows, top: float) -> None:
        """Put rows of a table on the slide under their head."""
        block, part = piece.table, piece.part
        lines = [block.head, *block.rows]
        shape = self.current.shapes.add_table(
            len(lines), len(part.columns), Pt(MARGIN), Pt(top), Pt(sum(part.widths)), Pt(piece.height)
        )
        _describe(shape, words(plain(block.caption)), f"table {block.number}")
        table = shape.table
        table.first_row, table.first_col, table.horz_banding = True, block.stubs > 0, False
        _plain_style(shape)
        for place, width in enumerate(part.widths):
            table.columns[place].width = Pt(width)
        for number, cells in enumerate(lines):
            table.rows[number].height = Pt(row_height(cells, part, piece.size, bold=number == 0))
            for place, column in enumerate(part.columns):
                right = block.holds_figures(column)
                self._cell(
                    table.cell(number, place), cells[column], piece.size, head=number == 0, right=right
                )

    def _cell(self, place: Any, cell: Cell, size: float, *, head: bool, right: bool) -> None:
        place.margin_left = place.margin_right = Pt(INSET)
        place.margin_top = place.margin_bottom = Pt(INSET / 2)
        self._write(place.text_frame, [(cell.runs, 0, False)], size, bold=head)
        place.fill.solid()
        place.fill.fore_color.rgb = RGBColor(0xE4, 0xE4, 0xE4) if head else RGBColor(0xFF, 0xFF, 0xFF)
        if right:
            place.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT

    def _foot(self) -> None:
        """Write what stands on every slide: the mark, the page's title and the slide's number."""
        number = len(self.slides.slides)
        mark = self._box(MARGIN, 8, WIDTH, 22)
        self._write(mark.text_frame, [((Run(self.document.mark),), 0, False)], SMALL, colour=_SOFT)
        foot = self._box(MARGIN, FOOT_TOP, WIDTH, 26)
        text = f"{self.document.title}  ·  {number}"
        self._write(foot.text_frame, [((Run(text),), 0, False)], SMALL, colour=_SOFT)

    def _box(self, left: float, top: float, wide: float, high: float) -> Any:
        box = self.current.shapes.add_textbox(Pt(left), Pt(top), Pt(wide), Pt(high))
        box.text_frame.word_wrap = True
        box.text_frame.margin_left = box.text_frame.margin_right = 0
        return box

    def _write(
        self,
        frame: Any,
        lines: Sequence[tuple[Runs, int, bool]],
        size: float,
        *,
        bold: bool = False,
        colour: RGBColor = _DARK,
    ) -> None:
        frame.word_wrap = True
        for place, (runs, level, point) in enumerate(lines):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.alignment = PP_ALIGN.LEFT
            _bullet(paragraph, level, point=point)
            if place:
                paragraph.space_before = Pt(size * PARAGRAPH_GAP)
            for run in runs:
                self._run(paragraph, run, size, bold=bold or run.strong, colour=colour)

    def _run(self, paragraph: Any, run: Run, size: float, *, bold: bool, colour: RGBColor) -> None:
        if run.text == LINE_BREAK:
            paragraph.add_line_break()
            return
        made = paragraph.add_run()
        made.text = words_kept(run.text)
        made.font.size, made.font.bold, made.font.name = Pt(size), bold, FONT
        made.font.italic = run.emphasis or None
        made.font.color.rgb = colour
        if run.leads_out:
            made.hyperlink.address = run.link
        self._language(made, run.language)

    def _language(self, run: Any, language: str) -> None:
        run._r.get_or_add_rPr().set("lang", LANGUAGE_TAGS[language])


def _widen(slides: Any) -> None:
    """Turn the library's template of 4:3 into 16:9: what stands in its layouts is spread with the sheet."""
    share = Pt(SHEET[0]) / slides.slide_width
    slides.slide_width, slides.slide_height = Pt(SHEET[0]), Pt(SHEET[1])
    for layout in (slides.slide_master, *slides.slide_layouts):
        for shape in layout.placeholders:
            if shape.element.find(f".//{qn('a:xfrm')}") is not None:
                shape.left, shape.width = int(shape.left * share), int(shape.width * share)


def _place(shape: Any, left: float, top: float, wide: float, high: float) -> None:
    shape.left, shape.top, shape.width, shape.height = Pt(left), Pt(top), Pt(wide), Pt(high)
    shape.text_frame.margin_left = shape.text_frame.margin_right = 0


def _describe(shape: Any, alt: str, name: str) -> None:
    properties = shape._element.xpath(".//p:cNvPr")[0]
    properties.set("descr", alt)
    properties.set("name", name)


def _shape_of(png: bytes) -> float:
    wide, high = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    return wide / high


def _bullet(paragraph: Any, level: int, *, point: bool) -> None:
    properties = paragraph._p.get_or_add_pPr()
    step = Pt(INDENT)
    properties.set("marL", str(int(step * (level + point))))
    properties.set("indent", str(-int(step) if point else 0))
    kind = properties.makeelement(qn("a:buChar" if point else "a:buNone"), {"char": "•"} if point else {})
    properties.append(kind)


def _plain_style(shape: Any) -> None:
    """Take the grid style without colours, which prints in grey."""
    style = shape._element.graphic.graphicData.tbl.find(f"{qn('a:tblPr')}/{qn('a:tableStyleId')}")
    if style is not None:
        style.text = "{5940675A-B579-460E-94D1-54222C63F5DA}"
