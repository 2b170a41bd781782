"""Pictures of a page: its charts as they are, and the whole page on one sheet (an infographic)."""

from __future__ import annotations

import html
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents.blocks import LINE_BREAK, FigureBlock, TableBlock, plain, runs_of
from sosrake_lib.influence.documents.content import Document, document_of
from sosrake_lib.influence.documents.pdf import typeset
from sosrake_lib.influence.documents.reading import blocks_of
from sosrake_lib.influence.exports.safe import words
from sosrake_lib.influence.pages import Page

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What draws the picture, and how large it is; times, programs and texts of others are left out.
_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"pHYs", b"sRGB", b"gAMA"}
_LONGEST_ALT = 1000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a page: a name for its file, its bytes, the words in its place, its caption."""

    name: str
    png: bytes
    alt: str
    caption: str


def pictures(page: Page) -> tuple[Picture, ...]:
    """Give the charts of a page in reading order.

    Each PNG carries its title, its alternative text and whether it is a draft, and no other words; a draft is
    told in the picture too, on a strip above the chart, as pictures are cut out and sent on.
    """
    document = document_of(page)
    return tuple(
        Picture(
            f"{page.context.key}-{block.number}",
            described(marked(block.png, document.mark), plain(block.caption), block.alt, document),
            block.alt,
            plain(block.caption),
        )
        for block in blocks_of(page)
        if isinstance(block, FigureBlock)
    )


def page_picture(page: Page, form: str = "png", *, dots: float = 144.0) -> bytes:
    """Give the whole page as one picture: `png`, or `svg` for a printer.

    What the page rests on stands at its foot, and a draft says so. The words that stand in the picture's
    place are the page's own: `page_words`.
    """
    if form not in ("png", "svg"):
        raise SosrakeError(f"picture of page {page.context.key}: form {form!r}; expected png or svg")
    document = document_of(page)
    sheets = typeset(document, form, dots=dots, sheet="one")
    if len(sheets) != 1:
        raise SosrakeError(f"picture of page {page.context.key}: {len(sheets)} sheets; expected one")
    told = page_words(page)
    if form == "png":
        return described(sheets[0], document.title, told, document)
    return titled(sheets[0], document.title, told, document.language)


def page_words(page: Page) -> str:
    """Give the words that stand in the place of a page's picture: title, state, headings and their text."""
    document = document_of(page)
    told = [document.title, *document.lead]
    for block in document.blocks:
        if isinstance(block, FigureBlock):
            told.append(block.alt)
        elif isinstance(block, TableBlock):
            told.append(plain(block.caption))
        else:
            told += [plain(runs).replace(LINE_BREAK, " ") for runs in runs_of(block)]
    text = " ".join(line if line[-1:] in ".?!:" else f"{line}." for line in told if line)
    return text if len(text) <= _LONGEST_ALT else text[: _LONGEST_ALT - 1].rpartition(" ")[0] + " …"


def titled(svg: bytes, title: str, told: str, language: str) -> bytes:
    """Write title, description and language into an SVG, whose letters are drawn and not text.

    Examples
    --------
    >>> titled(b'<svg class="a"></svg>', "Sivu", "Luku < 5.", "fi").decode()[:64]
    '<svg role="img" aria-labelledby="otsikko kuvaus" lang="fi" xml:l'
    """
    start, found, rest = svg.partition(b"<svg ")
    inside = rest.find(b">") + 1
    if not found or not inside:
        raise SosrakeError("picture: no svg element in it; typeset again")
    attributes = f'role="img" aria-labelledby="otsikko kuvaus" lang="{language}" xml:lang="{language}" '
    named = f'<title id="otsikko">{html.escape(words(title))}</title>'
    texts = f'{named}<desc id="kuvaus">{html.escape(words(told))}</desc>'
    return start + found + attributes.encode() + rest[:inside] + texts.encode("utf-8") + rest[inside:]


def described(png: bytes, title: str, alt: str, document: Document) -> bytes:
    """Write a PNG again with title, description and state as its only words."""
    chunks = [(kind, data) for kind, data in _chunks(png) if kind in _KEPT]
    told = {"Title": title, "Description": alt, "Comment": document.mark}
    texts = [(b"iTXt", _text(key, words(text))) for key, text in told.items() if text]
    chunks[1:1] = texts
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def marked(png: bytes, mark: str) -> bytes:
    """Draw the mark of a draft on a strip above a chart; an approved one stays as it is."""
    if not mark:
        return png
    import matplotlib
    from PIL import Image, ImageDraw, ImageFont

    chart = Image.open(BytesIO(png)).convert("RGB")
    size = max(16, chart.width // 40)
    letters = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
    sheet = Image.new("RGB", (chart.width, chart.height + 2 * size), "white")
    sheet.paste(chart, (0, 2 * size))
    ImageDraw.Draw(sheet).text(
        (size, size // 2), mark, font=ImageFont.truetype(letters, size), fill="#5A5A5A"
    )
    drawn = BytesIO()
    sheet.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def _text(key: str, text: str) -> bytes:
    return key.encode("ascii") + b"\0\0\0\0\0" + text.encode("utf-8")


def _chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    if not png.startswith(_SIGNATURE):
        raise SosrakeError("picture: not a PNG; make it with charts")
    made, at = [], len(_SIGNATURE)
    while at < len(png):
        length = struct.unpack(">I", png[at : at + 4])[0]
        made.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += length + 12
    return made


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
