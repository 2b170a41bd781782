"""Opens a made file as its reader's program would, and gives how many parts it has and the words in it.

Each form is read with a library that has no part in writing it, where there is one. Used by
`tests/test_everything.py` and `benchmarks/everything.py`.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from sosrake_lib.errors import SosrakeError

TEXT_OF_OFFICE = re.compile(r"^(?:word/(?:document|header\d*|footer\d*|footnotes)|ppt/slides/slide\d+)\.xml$")


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in a file: pages, slides, sheets or rows (1 for a picture), and its words."""

    parts: int
    words: str


def opened(path: Path) -> Opened:
    """Open a file by its ending.

    Raises
    ------
    SosrakeError naming the file, when it cannot be read or holds nothing.
    """
    readers: dict[str, Callable[[Path], Opened]] = {
        ".html": _html,
        ".pdf": _pdf,
        ".docx": _docx,
        ".pptx": _pptx,
        ".xlsx": _xlsx,
        ".csv": _csv,
        ".png": _png,
        ".svg": _svg,
    }
    if path.suffix not in readers:
        known = " ".join(sorted(readers))
        raise SosrakeError(f"{path.name}: nobody knows how to open {path.suffix}; known: {known}")
    try:
        found = readers[path.suffix](path)
    except Exception as fault:
        raise SosrakeError(f"{path.name}: does not open ({type(fault).__name__}: {fault})") from fault
    if found.parts < 1:
        raise SosrakeError(f"{path.name}: opens, but holds nothing")
    return found


def _html(path: Path) -> Opened:
    text = path.read_text(encoding="utf-8")
    return Opened(text.count("</html>"), re.sub(r"<[^>]*>", " ", text))


def _pdf(path: Path) -> Opened:
    from pypdf import PdfReader

    pages = PdfReader(path).pages
    return Opened(len(pages), " ".join(page.extract_text() for page in pages))


def _docx(path: Path) -> Opened:
    from docx import Document

    return Opened(len(Document(str(path)).paragraphs), _office_words(path))


def _pptx(path: Path) -> Opened:
    from pptx import Presentation

    return Opened(len(Presentation(str(path)).slides), _office_words(path))


def _office_words(path: Path) -> str:
    """Read the words of a DOCX or PPTX from its own parts; headers, tables and notes of the foot too."""
    with zipfile.ZipFile(path) as held:
        names = [name for name in held.namelist() if TEXT_OF_OFFICE.search(name)]
        return " ".join("".join(node.itertext()) for name in names for node in _paragraphs(held.read(name)))


def _paragraphs(part: bytes) -> Iterator[ElementTree.Element]:
    for node in ElementTree.fromstring(part).iter():
        if node.tag.endswith("}p"):
            yield node


def _xlsx(path: Path) -> Opened:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True)
    cells = [
        str(value)
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if value is not None
    ]
    return Opened(len(book.worksheets) if cells else 0, " ".join(cells))


def _csv(path: Path) -> Opened:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    return Opened(len(rows), " ".join(cell for row in rows for cell in row))


def _png(path: Path) -> Opened:
    from PIL import Image

    with Image.open(path) as picture:
        picture.load()
        shades = picture.convert("L").getcolors() or []
        words = " ".join(str(text) for text in picture.info.values() if isinstance(text, str))
    return Opened(int(len(shades) > 2), words)


def _svg(path: Path) -> Opened:
    root = ElementTree.fromstring(path.read_bytes())
    if not root.tag.endswith("svg"):
        raise ValueError(f"the root is {root.tag}")
    return Opened(len(list(root.iter())) - 1, " ".join("".join(root.itertext()).split()))
