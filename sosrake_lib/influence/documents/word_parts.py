"""Pieces of a Word document that python-docx has no functions for, written as its XML."""

from __future__ import annotations

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from sosrake_lib.influence.documents.measure import syllables, width_of


def made(tag: str, **attributes: str) -> Any:
    """Make an element of Word's own namespace with attributes of it."""
    element = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def set_language(run: Any, tag: str) -> None:
    """Say the language of a run or a style."""
    properties = run.element.get_or_add_rPr() if hasattr(run, "element") else run.get_or_add_rPr()
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(made("lang", val=tag, eastAsia=tag, bidi="ar-SA"))


def add_field(paragraph: Any, instruction: str) -> None:
    """Add a field that the program fills, such as the page's number."""
    for part in ("begin", instruction, "separate", "1", "end"):
        run = paragraph.add_run()
        if part == instruction:
            text = made("instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = instruction
            run._r.append(text)
        elif part == "1":
            run.text = part
        else:
            run._r.append(made("fldChar", fldCharType=part))


def add_link(paragraph: Any, runs: list[Any], *, address: str = "", anchor: str = "") -> None:
    """Put runs of a paragraph inside a link: to an address, or to a bookmark of the document."""
    link = made("hyperlink", history="1")
    if anchor:
        link.set(qn("w:anchor"), anchor)
    else:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
        link.set(qn("r:id"), paragraph.part.relate_to(address, kind, is_external=True))
    runs[0]._r.addprevious(link)
    for run in runs:
        link.append(run._r)


def add_bookmark(paragraph: Any, runs: list[Any], name: str, number: int) -> None:
    """Put a bookmark around runs of a paragraph (or around its start when there are none)."""
    start, end = made("bookmarkStart", id=str(number), name=name), made("bookmarkEnd", id=str(number))
    if runs:
        runs[0]._r.addprevious(start)
        runs[-1]._r.addnext(end)
    else:
        paragraph._p.append(start)
        paragraph._p.append(end)


def describe_table(table: Any, caption: str) -> None:
    """Tell a table's name to those who do not see it, and that its first row and column are headings."""
    properties = table._tbl.tblPr
    for old in [*properties.findall(qn("w:tblLook"))]:
        properties.remove(old)
    properties.append(
        made(
            "tblLook",
            val="04A0",
            firstRow="1",
            lastRow="0",
            firstColumn="1",
            lastColumn="0",
            noHBand="1",
            noVBand="1",
        )
    )
    properties.append(made("tblCaption", val=caption))


def repeat_head(row: Any) -> None:
    """Repeat a table's row at the top of each sheet."""
    row._tr.get_or_add_trPr().append(made("tblHeader"))


def keep_whole(row: Any) -> None:
    """Keep a row on one sheet."""
    row._tr.get_or_add_trPr().append(made("cantSplit"))


def describe_picture(picture: Any, alt: str, number: int) -> None:
    """Give a picture its alternative text and a name of its own."""
    for properties in (picture._inline.docPr, picture._inline.graphic.graphicData.pic.nvPicPr.cNvPr):
        properties.set("descr", alt)
        properties.set("name", f"figure {number}")


def divide_words(paragraph: Any, wide: float, size: float) -> None:
    """Say where words wider than `wide` points may be divided, so that none is cut between any letters."""
    for run in paragraph.runs:
        if all(width_of(word, size, bold=bool(run.bold)) <= wide for word in run.text.split(" ")):
            continue
        pieces = syllables(run.text, wide, size, bold=bool(run.bold))
        run.text = pieces[0]
        for piece in pieces[1:]:
            run._r.append(made("softHyphen"))
            run.add_text(piece)


def shade(cell: Any, grey: str) -> None:
    """Colour the ground of a cell."""
    cell._tc.get_or_add_tcPr().append(made("shd", val="clear", color="auto", fill=grey))
