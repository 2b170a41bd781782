"""Exports for reading: DOCX and PPTX, with figures as a page writes them and the draft mark on every page."""

from __future__ import annotations

import io
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Pt
from pptx import Presentation
from pptx.util import Emu
from pptx.util import Pt as SlidePt

from sosrake_lib.influence.exports.content import Cell, Content, Sheet
from sosrake_lib.influence.exports.safe import FIXED_DAY, sealed
from sosrake_lib.language import LANGUAGES, say

_SLIDE_LINES = 10
_SLIDE_COLUMNS = 7


def as_docx(content: Content) -> bytes:
    """Write a document: title, state, origin, release, each part as a table; the state heads each page."""
    document = Document()
    section = document.sections[0]
    if content.sheets:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    section.header.paragraphs[0].text = content.state
    document.add_heading(content.title, level=1)
    for line in (*content.lines(), *content.paragraphs):
        document.add_paragraph(line)
    for sheet in content.sheets:
        document.add_heading(sheet.name, level=2)
        _docx_table(document, sheet)
    _describe(document.core_properties, content)
    without_leftovers(document)
    made = io.BytesIO()
    document.save(made)
    return sealed(made.getvalue())


def as_pptx(content: Content) -> bytes:
    """Write slides: a title slide that tells where the figures come from, then tables of ten lines each.

    A slide has room for what tells lines apart and the first figures; columns in which all lines agree and
    those after the seventh are left to the other formats. The state stands on every slide.
    """
    slides = Presentation()
    first = slides.slides.add_slide(slides.slide_layouts[0])
    first.shapes.title.text = content.title
    first.placeholders[1].text = "\n".join([*content.lines(), *content.paragraphs])
    for paragraph in first.placeholders[1].text_frame.paragraphs:
        paragraph.font.size = SlidePt(14)
    for sheet in content.sheets:
        columns = _telling(sheet)
        for start in range(0, len(sheet.lines), _SLIDE_LINES):
            _slide(slides, content, sheet, columns, sheet.lines[start : start + _SLIDE_LINES])
    _describe(slides.core_properties, content)
    without_leftovers(slides)
    made = io.BytesIO()
    slides.save(made)
    return sealed(made.getvalue())


def _docx_table(document: Any, sheet: Sheet) -> None:
    table = document.add_table(rows=1 + len(sheet.lines), cols=len(sheet.headings))
    table.style = "Table Grid"
    texts = [sheet.headings, *([cell.text for cell in line] for line in sheet.lines)]
    for row, line in zip(table.rows, texts, strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.font.size = Pt(7)


def _telling(sheet: Sheet) -> list[int]:
    """Give the columns in which lines differ, at most as many as a slide has room for."""
    places = list(range(len(sheet.headings)))
    ids = {
        say(f"vienti.column.{name}", language) for name in ("result_id", "method") for language in LANGUAGES
    }
    places = [place for place in places if sheet.headings[place] not in ids]
    differ = [place for place in places if len({line[place].text for line in sheet.lines}) > 1]
    return (differ or places)[:_SLIDE_COLUMNS]


def _slide(
    slides: Any, content: Content, sheet: Sheet, columns: list[int], lines: tuple[tuple[Cell, ...], ...]
) -> None:
    slide = slides.slides.add_slide(slides.slide_layouts[5])
    agreed = [lines[0][place].text for place in range(3) if place not in columns]
    slide.shapes.title.text = ": ".join(piece for piece in (sheet.name, ", ".join(agreed)) if piece)
    slide.shapes.title.text_frame.paragraphs[0].font.size = SlidePt(20)
    margin = Emu(slides.slide_width // 30)
    top, width = Emu(slides.slide_height // 5), Emu(slides.slide_width - 2 * margin)
    place = slide.shapes.add_table(
        1 + len(lines), len(columns), margin, top, width, Emu(slides.slide_height // 2)
    )
    texts = [[sheet.headings[column] for column in columns]]
    texts += [[line[column].text for column in columns] for line in lines]
    for number, line in enumerate(texts):
        for column, text in enumerate(line):
            cell = place.table.cell(number, column)
            cell.text = text
            cell.text_frame.paragraphs[0].font.size = SlidePt(10)
    foot = slide.shapes.add_textbox(
        margin, Emu(slides.slide_height * 9 // 10), width, Emu(slides.slide_height // 12)
    )
    foot.text_frame.word_wrap = True
    foot.text_frame.text = " ".join(
        line for line in (content.state, content.origin, content.release_id) if line
    )
    foot.text_frame.paragraphs[0].font.size = SlidePt(9)


def _describe(properties: Any, content: Content) -> None:
    """Put fixed words in the place of names, days and programs."""
    properties.author = properties.last_modified_by = "SOSRAKE"
    properties.title = content.title
    properties.subject = content.release_id
    # the format holds 255 signs here
    properties.comments = " ".join(content.lines())[:255]
    properties.keywords = content.state[:255]
    properties.category = ""
    properties.created = properties.modified = FIXED_DAY
    properties.revision = 1


def without_leftovers(document: Any) -> None:
    """Leave out what the libraries' own templates carry: a little picture, and the settings of a printer."""
    package = document.part.package
    for relations in (package._rels if hasattr(package, "_rels") else package.rels, document.part.rels):
        for key, one in list(relations.items()):
            if one.reltype.endswith(("/thumbnail", "/printerSettings")):
                relations.pop(key)
