"""Office files of results: sheets, documents and slides, with what they carry unseen."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sosrake_lib.gather import archives
from sosrake_lib.protect.output_check.contents import Contents, of_lines
from sosrake_lib.protect.output_check.limits import Risk
from sosrake_lib.protect.output_check.tables import ResultTable

_BOOKS = (".xlsx", ".ods")
# Parts a reader of the sheets does not see, that hold figures or words all the same.
_UNSEEN = re.compile(r"xl/(?:comments|threadedComments|pivotCache|externalLinks|embeddings|customXml|model)")
_UNSEEN_DOCUMENT = re.compile(r"(?:word|ppt)/(?:comments|embeddings|notesSlides|charts)")
_HIDDEN_LINES = re.compile(
    rb"<(?:row|col)\b[^>]*\bhidden=\"(?:1|true)\"|table:visibility=\"(?:collapse|filter)\""
)
_FOLLOWED = re.compile(rb"<w:(?:ins|del)\b|<w:vanish\b")
_MAKER = re.compile(rb"<(?:\w+:)?(?:creator|lastModifiedBy|initial-creator)\b[^>]*>([^<]+)<")
_PROGRAMS = (b"", b"openpyxl", b"xlsxwriter", b"python-docx", b"apache poi", b"sosrake")
_PICTURES = re.compile(
    r"(?:xl|word|ppt|Pictures)/?(?:media|charts)?/?[^/]*\.(?:png|jpe?g|emf|wmf|svg|gif)$|/charts/"
)


def read(path: Path, kind: str) -> Contents:
    """Read an office file by its kind: .xlsx, .ods, .docx or .pptx."""
    body = path.read_bytes()
    if kind in _BOOKS:
        if archives.unsafe(body, kind.lstrip(".")) is not None:
            return Contents((), (), (Risk("not_read", path.name),))
        found = _book(path, body)
    elif _too_large(body):
        return Contents((), (), (Risk("not_read", path.name),))
    else:
        found = _document(path, body) if kind == ".docx" else _slides(path, body)
    unseen, texts = _unseen(path, body)
    return Contents(found.tables, (*found.texts, *texts), (*found.risks, *unseen))


def _book(path: Path, body: bytes) -> Contents:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    tables: list[ResultTable] = []
    texts, risks = [], []
    for about in book.sheets_metadata:
        rows = book.get_sheet_by_name(about.name).to_python(skip_empty_area=True)
        if not rows:
            continue
        if about.visible != SheetVisibleEnum.Visible:
            risks.append(Risk("hidden_content", about.name))
        tables += of_lines(f"{path.name}: {about.name}", rows)
        texts.append("\n".join(str(cell) for row in rows for cell in row if isinstance(cell, str)))
    return Contents(tuple(tables), tuple(texts), tuple(risks))


def _document(path: Path, body: bytes) -> Contents:
    from docx import Document

    document = Document(io.BytesIO(body))
    lines = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    tables = [one for rows in lines for one in of_lines(path.name, rows)]
    words = [paragraph.text for paragraph in document.paragraphs]
    words += [cell for rows in lines for row in rows for cell in row]
    return Contents(tuple(tables), ("\n".join(words),))


def _slides(path: Path, body: bytes) -> Contents:
    from pptx import Presentation

    tables: list[ResultTable] = []
    words: list[str] = []
    for shape in _shapes(Presentation(io.BytesIO(body))):
        if shape.has_table:
            rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
            tables += of_lines(path.name, rows)
            words += [cell for row in rows for cell in row]
        elif shape.has_text_frame:
            words.append(shape.text_frame.text)
    return Contents(tuple(tables), ("\n".join(words),))


def _shapes(presentation: Any) -> Iterator[Any]:
    for slide in presentation.slides:
        waiting = list(slide.shapes)
        while waiting:
            one = waiting.pop(0)
            waiting += list(getattr(one, "shapes", []))
            if hasattr(one, "has_table"):
                yield one


def _unseen(path: Path, body: bytes) -> tuple[list[Risk], list[str]]:
    """Find what stands on no page: comments, caches, hidden lines, tracked changes, the maker's name."""
    risks, texts, pictures = 0, [], 0
    makers = 0
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        for name in packed.namelist():
            pictures += bool(_PICTURES.search(name))
            if not name.endswith(".xml"):
                continue
            data = packed.read(name)
            apart = bool(_UNSEEN.match(name) or _UNSEEN_DOCUMENT.match(name))
            risks += apart or bool(_HIDDEN_LINES.search(data)) or bool(_FOLLOWED.search(data))
            makers += any(words.strip().lower() not in _PROGRAMS for words in _MAKER.findall(data))
            if apart:
                texts.append(re.sub(r"<[^>]+>", " ", data.decode("utf-8", "replace")))
    found = [Risk("hidden_content", path.name, risks)] if risks else []
    found += [Risk("picture", path.name)] if pictures else []
    found += [Risk("names", "MAKER", makers)] if makers else []
    return found, texts


def _too_large(body: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        entries = packed.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    return unpacked > archives.LARGEST_UNPACKED or len(entries) > archives.MOST_ENTRIES
