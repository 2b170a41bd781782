"""What a built artefact says of what: its numbers, each with the words that stand around it.

A record is the least thing a reader takes in at once: a cell of a table with its headings, a line of a file,
a sentence, an alternative text, an object of JSON. Beside `artefact_walk`, which reads the bytes of every
channel, this reads the meaning, so that numbers near a protected figure can be found.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

_BLOCKS = {
    "p",
    "li",
    "figcaption",
    "caption",
    "h1",
    "h2",
    "h3",
    "h4",
    "summary",
    "text",
    "desc",
    "title",
    "dd",
}
_SPOKEN = ("alt", "title", "aria-label", "content", "value", "placeholder")
_NUMBER = re.compile(r"(?<![\w.,])[−-]?\d[\d\u00a0\u202f ]*(?:[.,]\d+)?(?![\w])")


@dataclass(frozen=True, slots=True)
class Record:
    """Words around a content, and the content: `about` has headings and keys, `heading` the column's."""

    place: str
    about: str
    heading: str
    content: str

    @property
    def numbers(self) -> tuple[float, ...]:
        """Read the numbers of the content, in Finnish or English writing."""
        return tuple(_read(found) for found in _NUMBER.findall(self.content))


def records(folder: Path) -> Iterator[Record]:
    """Read all files under a folder that hold words; pictures and databases are left to `artefact_walk`."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from of_file(path.relative_to(folder).as_posix(), path.read_bytes())


def of_file(place: str, content: bytes) -> Iterator[Record]:
    """Read one file by what its name says it is."""
    ending = Path(place).suffix.lower()
    if ending in (".xlsx", ".ods", ".docx", ".pptx"):
        yield from _office(place, ending, content)
    elif ending == ".pdf":
        yield from (Record(place, line, "", line) for line in pdf_text(content).splitlines())
    elif ending in (".html", ".svg"):
        yield from _markup(place, content.decode("utf-8"))
    elif ending in (".csv", ".tsv"):
        yield from _delimited(place, content.decode("utf-8-sig"))
    elif ending in (".json", ".ipynb"):
        yield from _nested(place, json.loads(content))
    elif ending in (".txt", ".log", ".md", ".xml"):
        yield from (Record(place, line, "", line) for line in content.decode("utf-8").splitlines())


def pdf_text(content: bytes) -> str:
    """Read the words of a PDF: text, title and other metadata, alternative texts of its pictures."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    pages = [page.extract_text() for page in reader.pages]
    told = [str(value) for value in (reader.metadata or {}).values()]
    return "\n".join([*pages, *told, *_alternatives(reader.trailer["/Root"].get("/StructTreeRoot"))])


def _alternatives(node: Any) -> list[str]:
    """Find what a PDF's structure says aloud of its pictures."""
    found: list[str] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        one = one.get_object() if hasattr(one, "get_object") else one
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            found += [str(one[name]) for name in ("/Alt", "/ActualText", "/E") if name in one]
            waiting += [one["/K"]] if "/K" in one else []
    return found


class _Reader(HTMLParser):
    """Cells of tables with their headings, and everything else that is said as a piece of its own."""

    def __init__(self, place: str) -> None:
        super().__init__(convert_charrefs=True)
        self.place, self.found = place, list[Record]()
        self.caption, self.heads, self.line = "", list[str](), list[str]()
        self.stack, self.words = list[str](), list[str]()
        self.column = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if value and (name in _SPOKEN or name.startswith("data-")) and not value.startswith("data:"):
                self._say(value)
        if tag == "table":
            self._flush()
            self.caption, self.heads = "", []
        if tag == "tr":
            self.line, self.column = [], 0
        if tag in ("th", "td", *_BLOCKS):
            self._flush()
        self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        text = " ".join("".join(self.words).split())
        if tag == "caption":
            self.caption = text
        if tag == "th":
            self._head(text)
        elif tag == "td":
            head = self.heads[self.column] if self.column < len(self.heads) else ""
            about = " | ".join((self.caption, *self.line, head))
            self.found.append(Record(self.place, about, head, text))
            self.column += 1
        elif tag in _BLOCKS:
            self._say(text)
        if tag in ("th", "td", *_BLOCKS):
            self.words = []
        if tag in self.stack:
            del self.stack[len(self.stack) - 1 - self.stack[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if "style" not in self.stack:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self._say(data)

    def _head(self, text: str) -> None:
        if "thead" in self.stack:
            self.heads.append(text)
            return
        self.line.append(text)
        self.column += 1

    def _flush(self) -> None:
        self._say(" ".join("".join(self.words).split()))
        self.words = []

    def _say(self, text: str) -> None:
        if text.strip():
            self.found.append(Record(self.place, text, "", text))


def _markup(place: str, text: str) -> list[Record]:
    reader = _Reader(place)
    reader.feed(text)
    reader._flush()
    return reader.found


def _delimited(place: str, text: str) -> Iterator[Record]:
    first = text.partition("\n")[0]
    yield from _lines(place, list(csv.reader(io.StringIO(text), delimiter=max(";\t,", key=first.count))))


def _lines(place: str, lines: Sequence[Sequence[str]]) -> Iterator[Record]:
    """Read lines under headings: every cell is a record about the whole line."""
    heads: Sequence[str] = ()
    for line in lines:
        told = [cell for cell in line if cell]
        if len(told) > 2 and not heads:
            heads = line
            continue
        about = " | ".join(told)
        for number, cell in enumerate(line):
            yield Record(place, about, heads[number] if number < len(heads) else "", cell)


def _nested(place: str, value: Any) -> Iterator[Record]:
    """Read JSON: a scalar is a record about the scalars beside it; HTML and lists of lines as they are."""
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        value = "".join(value)
    if isinstance(value, str):
        yield from (
            _markup(place, value)
            if "<" in value
            else (Record(place, line, "", line) for line in value.splitlines())
        )
    elif isinstance(value, list):
        for one in value:
            yield from _nested(place, one)
    elif isinstance(value, dict):
        scalars = {key: one for key, one in value.items() if not isinstance(one, list | dict)}
        about = " | ".join(f"{key} {one}" for key, one in scalars.items() if "<" not in str(one))
        for key, one in value.items():
            if isinstance(one, list | dict) or "<" in str(one):
                yield from _nested(place, one)
            else:
                yield Record(place, about, key, str(one))


def _office(place: str, ending: str, content: bytes) -> Iterator[Record]:
    if ending in (".xlsx", ".ods"):
        import pandas as pd

        engine = "openpyxl" if ending == ".xlsx" else "calamine"
        sheets = pd.read_excel(
            io.BytesIO(content), sheet_name=None, header=None, engine=engine, keep_default_na=False
        )
        for name, sheet in sheets.items():
            lines = [[str(cell) for cell in line] for line in sheet.to_numpy().tolist()]
            yield from _lines(f"{place}!{name}", lines)
    elif ending == ".docx":
        from docx import Document

        document = Document(io.BytesIO(content))
        yield from (Record(place, one.text, "", one.text) for one in document.paragraphs)
        for table in document.tables:
            yield from _lines(place, [[cell.text for cell in row.cells] for row in table.rows])
    else:
        yield from _slides(place, content)


def _slides(place: str, content: bytes) -> Iterator[Record]:
    from pptx import Presentation

    for slide in Presentation(io.BytesIO(content)).slides:
        title = slide.shapes.title.text if slide.shapes.title is not None else ""
        for shape in slide.shapes:
            if shape.has_table:
                rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
                for one in _lines(place, rows):
                    yield Record(place, f"{title} | {one.about}", one.heading, one.content)
            elif shape.has_text_frame:
                yield Record(place, shape.text_frame.text, "", shape.text_frame.text)


def _read(text: str) -> float:
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace("−", "-").replace(",", ".")
    return float(plain)
