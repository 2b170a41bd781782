"""PDF of a page: tagged by PDF/UA-1, in the documents' own letters, the same bytes every time.

Content reaches the typesetter as data, never as its markup; only the template is a program.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents import figures
from sosrake_lib.influence.documents.blocks import (
    LINE_BREAK,
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
)
from sosrake_lib.influence.documents.content import Document, document_of
from sosrake_lib.influence.documents.layout import INSET, TableSlice, lay_out
from sosrake_lib.influence.documents.measure import cut, font_folder, in_letters, picture_width
from sosrake_lib.influence.documents.notes import NumberNote, notes_in, notes_of_table, units_kept
from sosrake_lib.influence.documents.office import words_kept
from sosrake_lib.influence.documents.one_page import (
    FITS,
    GUTTER,
    Fit,
    beside,
    compact,
    in_columns,
    is_one_page,
    last_picture,
)
from sosrake_lib.influence.documents.pdf_headers import with_row_headers
from sosrake_lib.influence.documents.table_breaks import (
    MOST_TRIES,
    OTHER_ROOMS,
    ROOM,
    WHOLE_HIGH,
    lonely,
    low,
    settled,
)
from sosrake_lib.influence.exports.safe import words
from sosrake_lib.influence.pages import Page
from sosrake_lib.language import say

MARGIN = 56.0
UPRIGHT = 595.28 - 2 * MARGIN  # points of text on an A4 sheet
TURNED = 841.89 - 2 * MARGIN
BODY, SMALL = 10.5, 9.0
_TALLEST = 620.0  # points: a picture and its caption stay on one sheet
_POINTS = 4  # a list of so many points may stand in two columns
_FIXED_MOMENT = 946684800  # the first second of 2000, as in every exported file
_TEMPLATE = "templates/document.typ"
_SHEET = re.compile(rb"/Type /Page\b")


def to_pdf(page: Page, notes: Mapping[str, NumberNote] | None = None) -> bytes:
    """Make the PDF of a page: its charts are lines and letters, as sharp on paper as the text.

    A page of a notebook that was run before charts carried their drawings has PNGs of 130 dots an inch only,
    and those are what its PDF shows; `figures.without_drawing` names them.

    Parameters
    ----------
    page : made with `page_from_notebook`.
    notes : what stands behind each number; equal ones of a paragraph are one footnote.

    Raises
    ------
    SosrakeError when the body of the page is not understood, the typesetter refuses it, or a page that is
    promised on one sheet does not fit it.
    """
    document = document_of(page, notes)
    if is_one_page(page):
        document = compact(document)
        made = on_one_sheet(document)
    else:
        made = typeset(figures.in_parts(document, _TALLEST), "pdf")[0]
    return with_row_headers(made, _stubs(document))


def on_one_sheet(document: Document) -> bytes:
    """Set a document on one A4 sheet, as roomily as it fits.

    Raises
    ------
    SosrakeError when it does not fit even at the tightest: two sheets are never made silently.
    """
    for fit in FITS:
        made = typeset(document, "pdf", sheet="compact", fit=fit)[0]
        if len(_SHEET.findall(made)) == 1:
            return made
    raise SosrakeError(say("documents.over_one_page", document.language, title=document.title))


def typeset(
    document: Document, form: str, *, dots: float = 144.0, sheet: str = "a4", fit: Fit | None = None
) -> list[bytes]:
    """Set a document: one PDF, or one PNG or SVG a sheet.

    `sheet`: `a4`, `compact` for what is promised on one A4, `one` for one sheet as long as the page is.
    `fit`: how tightly a compact sheet is set.
    """
    import typst

    if form == "svg":  # a viewer may lack the letters of a drawing inside a drawing
        document = figures.sharp(document, figures.PRINTER_DOTS)
    source = resources.files("sosrake_lib.influence.documents").joinpath(_TEMPLATE).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        pictures = [block for block in document.blocks if isinstance(block, FigureBlock)]
        for block in pictures:
            (root / figures.file_name(block)).write_bytes(figures.file_content(block))
        data = _data(document, sheet, fit or FITS[0])
        shared: dict[str, Any] = {"root": root, "font_paths": [font_folder()], "ignore_system_fonts": True}
        try:
            _settle(source, data, shared)
            made = typst.compile(
                source,
                **shared,
                format=form,  # type: ignore[call-overload]
                ppi=dots,
                pdf_standards=["ua-1"] if form == "pdf" else [],
                timestamp=_FIXED_MOMENT,
                pretty=form == "pdf",
            )
        except typst.TypstError as refused:
            raise SosrakeError(
                f"document {document.title!r}: the typesetter says {refused.message}; "
                "check the page's tables and pictures"
            ) from None
    return made if isinstance(made, list) else [made]


def _settle(source: bytes, data: dict[str, Any], shared: dict[str, Any]) -> None:
    """Write the data; a table of which a row would stand alone on a sheet is set in another way."""
    import typst

    file = shared["root"] / "data.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    long = [one for one in data["blocks"] if one["kind"] == "table" and not one["kept"]]
    for _ in range(MOST_TRIES if data["sheet"] == "a4" and long else 0):
        rows = json.loads(typst.query(source, "<row>", field="value", **shared))
        if not settled(long, lonely(rows)):
            return
        file.write_text(json.dumps(data), encoding="utf-8")


def _data(document: Document, sheet: str, fit: Fit) -> dict[str, Any]:
    """Write a document as the data that the template sets."""
    names = count(1)
    told = [*document.blocks, *document.basis]
    blocks = [_block(block, document, names) for block in told]
    for above, note in pairwise(blocks):  # who wrote a text stands on the sheet where the text ends
        above["kept_with_next"] = note["kind"] == "note"
        note["may_begin"] = above["kind"] != "heading"  # a heading is never left behind
    if sheet == "compact":
        blocks = _fitted(blocks, told, fit)
    return {
        "title": in_letters(words(document.title)),
        "language": document.language,
        "draft": document.draft,
        "mark": in_letters(words(document.mark)),
        "page": say("documents.page", document.language),
        "lead": [in_letters(words(line)) for line in document.lead],
        "sheet": sheet,
        "margin": fit.margin if sheet == "compact" else MARGIN,
        "fit": {"leading": fit.leading, "spacing": fit.spacing, "above": fit.above},
        "inset": INSET,
        "blocks": blocks,
    }


def _fitted(blocks: list[dict[str, Any]], told: list[Block], fit: Fit) -> list[dict[str, Any]]:
    """Make pictures as wide as a fit says, and set what follows the last one in two columns."""
    made = [{**one, "width": one["width"] * fit.pictures} if "width" in one else one for one in blocks]
    if not fit.columns:
        return made
    start = last_picture(told)
    before = [_parted(one) if fit.lists else one for one in made[:start]]
    if fit.beside and start and "width" in made[start - 1]:
        shown, high = _drawn(told[start - 1], made[start - 1]["width"])
        picture = {**made[start - 1], "shown": shown}
        end = start + beside(told[start:], shown, high, fit)
        if end > start:
            before[-1] = {"kind": "beside", "picture": picture, "gutter": GUTTER, "blocks": made[start:end]}
            start = end
    start, second = in_columns(told, start)
    return [*before, {"kind": "columns", "left": made[start:second], "right": made[second:]}]


def _drawn(block: Block, width: float) -> tuple[float, float]:
    """Give how wide a picture is without the empty paper at its right, and how high with its caption."""
    from PIL import Image, ImageChops

    if not isinstance(block, FigureBlock):
        return width, 0.0
    drawn = Image.open(io.BytesIO(block.png)).convert("RGB")
    inked = ImageChops.difference(drawn, Image.new("RGB", drawn.size, "white")).getbbox()
    right = min(inked[2] + 8, drawn.width) if inked else drawn.width
    return round(width * right / drawn.width, 2), width * drawn.height / drawn.width + 14.0


def _parted(block: dict[str, Any]) -> dict[str, Any]:
    """Set a list of at least four points in two columns, read down the first one first."""
    items = block.get("items", ())
    if len(items) < _POINTS or block["ordered"]:
        return block
    half = (len(items) + 1) // 2
    left, right = ([{**block, "items": some}] for some in (items[:half], items[half:]))
    return {"kind": "columns", "left": left, "right": right}


@dataclass(frozen=True, slots=True)
class _Met:
    """Notes met in a paragraph or a list with their names, and the numbers that names are made of."""

    names: Iterator[int]
    known: dict[NumberNote, str] = field(default_factory=dict)


def _block(block: Block, document: Document, names: Iterator[int]) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "runs": _runs(block.runs, document, BODY)}
    if isinstance(block, Paragraph):
        kind = "quote" if block.quote else "paragraph"
        return {"kind": kind, "runs": _runs(block.runs, document, BODY, met=_Met(names))}
    if isinstance(block, Bullets):
        return _list(block, document, _Met(names))
    if isinstance(block, TableBlock):
        return _table(block, document)
    if isinstance(block, FigureBlock):
        return _figure(block, document)
    if isinstance(block, NoteBlock):
        return {"kind": "note", "blocks": [_block(one, document, names) for one in block.blocks]}
    if isinstance(block, Rule):
        return {"kind": "rule"}
    raise SosrakeError(f"document {document.title!r}: a block {type(block).__name__}; expected a Block")


def _list(block: Bullets, document: Document, met: _Met) -> dict[str, Any]:
    """Write a list; a note met earlier in it is not written again, its number is."""
    items = [
        {
            "runs": _runs(item.runs, document, BODY, met=met),
            "below": [_list(one, document, met) for one in item.below],
        }
        for item in block.items
    ]
    return {"kind": "list", "ordered": block.ordered, "start": block.start, "items": items}


def _figure(block: FigureBlock, document: Document) -> dict[str, Any]:
    language = document.language
    caption = [_said(say("documents.figure", language, number=block.number) + " ", language, strong=True)]
    caption += _runs(block.caption, document, SMALL)
    if block.part:
        caption.append(_said(figures.part_told(block, language), language))
    if block.table:
        pointer = "" if caption[-1]["pieces"][-1:] and caption[-1]["pieces"][-1].endswith(".") else "."
        told = say("documents.table_of_figure", language, number=block.table)
        caption.append(_said(f"{pointer} {told}", language))
    return {
        "kind": "figure",
        "file": f"/{figures.file_name(block)}",
        "alt": words(block.alt),
        "width": round(picture_width(block.png, UPRIGHT, _TALLEST, block.dots), 2),
        "caption": caption,
    }


def _table(block: TableBlock, document: Document) -> dict[str, Any]:
    laid = lay_out(block, UPRIGHT, TURNED, SMALL)
    language, many = document.language, len(laid.parts)
    parts = []
    for place, part in enumerate(laid.parts, start=1):
        name = say("documents.table", language, number=block.number)
        caption = [_said(f"{name} ", language, strong=True), *_runs(block.caption, document, SMALL)]
        if many > 1:
            told = say("documents.part", language, part=place, parts=many)
            caption.append(_said(f" ({told})", language))
        placed = {"name": f"{block.number}-{place}", "room": ROOM, "ways": list(OTHER_ROOMS)}
        parts.append({"caption": caption, **placed, **_part(block, part, document)})
    notes = [_runs(runs, document, SMALL) for runs in block.notes]
    notes += [[_said(text, language)] for text in notes_of_table(block, document.notes, language)]
    upright = not laid.turned
    return {
        "kind": "table",
        "turned": laid.turned,
        "kept": upright and low(block, laid.parts, SMALL),
        "low": upright and low(block, laid.parts, SMALL, WHOLE_HIGH),
        "may_begin": False,
        "parts": parts,
        "notes": notes,
    }


def _part(block: TableBlock, part: TableSlice, document: Document) -> dict[str, Any]:
    inner = [width - 2 * INSET for width in part.widths]
    chosen = list(zip(part.columns, inner, strict=True))

    def cells(row, bold: bool) -> list[list[dict[str, Any]]]:
        return [_runs(row[place].runs, document, SMALL, width=width, bold=bold) for place, width in chosen]

    return {
        "widths": [round(width, 2) for width in part.widths],
        "right": [block.holds_figures(place) for place in part.columns],
        "head": cells(block.head, True),
        "rows": [cells(row, False) for row in block.rows],
        "stubs": sum(place < block.stubs for place in part.columns),
    }


def _runs(
    runs: Runs,
    document: Document,
    size: float,
    *,
    width: float = UPRIGHT,
    bold: bool = False,
    met: _Met | None = None,
) -> list[dict[str, Any]]:
    """Write runs; with `met`, numbers get their footnotes."""
    if met is not None:
        runs = units_kept(runs, document.notes)
    marks = {} if met is None else notes_in(runs, document.notes)
    made = []
    for place, run in enumerate(runs):
        pieces = cut(_set(run.text), width, size, bold=bold or run.strong)
        told = _run(run, document, pieces)
        if met is not None and place in marks:
            told |= _footnote(marks[place], met, document)
        made.append(told)
    return made


def _footnote(note: NumberNote, met: _Met, document: Document) -> dict[str, Any]:
    if note in met.known:
        return {"again": met.known[note]}
    met.known[note] = f"note-{next(met.names)}"
    return {"note": [_said(note.text(document.language), document.language)], "name": met.known[note]}


def _run(run: Run, document: Document, pieces: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"pieces": pieces}
    if run.text == LINE_BREAK:
        return {"pieces": [], "break": True}
    for name in ("strong", "emphasis", "code"):
        if getattr(run, name):
            made[name] = True
    if run.language != document.language:
        made["language"] = run.language
    if run.leads_out:
        made["link"] = run.link
    return made


def _said(text: str, language: str, *, strong: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = {"pieces": cut(_set(text), UPRIGHT, SMALL)}
    return {**made, "strong": True} if strong else made


def _set(text: str) -> str:
    return in_letters(words_kept(text))


def _stubs(document: Document) -> list[int]:
    """Say of each table of the PDF, in order, how many of its first columns head the rows."""
    made = []
    for block in document.blocks:
        if isinstance(block, TableBlock):
            laid = lay_out(block, UPRIGHT, TURNED, SMALL)
            made += [sum(place < block.stubs for place in part.columns) for part in laid.parts]
    return made
