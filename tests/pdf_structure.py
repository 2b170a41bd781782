"""Reads the structure of a PDF back and says where it breaks the rules of PDF/UA-1 that a machine can check.

Read with pypdf, which has no part in writing the file. The rules are those of the Matterhorn Protocol for
what the house's documents hold: document, headings, paragraphs, lists, tables, figures, notes, links, fonts.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream, IndirectObject

STANDARD = {
    *("Document", "Part", "Sect", "Div", "P", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody"),
    *("Table", "TR", "TH", "TD", "THead", "TBody", "TFoot", "Caption", "Figure", "Note", "Link", "Span"),
    *("Reference", "BlockQuote", "Code", "Quote"),
}
SHOWING = {b"Tj", b"TJ", b"'", b'"', b"Do", b"f", b"f*", b"S", b"s", b"B", b"B*", b"b", b"b*", b"sh"}


@dataclass
class Element:
    """An element of the structure: what it is, its attributes, its text in reading order, what it holds."""

    kind: str
    values: dict
    children: list[Element] = field(default_factory=list)
    texts: list[Any] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.texts)

    def every(self, *kinds: str) -> list[Element]:
        found = [self] if self.kind in kinds else []
        return [*found, *(one for child in self.children for one in child.every(*kinds))]

    def attribute(self, owner: str, name: str) -> Any:
        given = self.values.get("/A", [])
        for one in given if isinstance(given, list) else [given]:
            held = one.get_object()
            if held.get("/O") == owner and name in held:
                return held[name]
        return None


class Structure:
    """A PDF read back."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self.reader = PdfReader(io.BytesIO(pdf))
        self.catalog = self.reader.trailer["/Root"]
        self.untagged: list[str] = []
        self.marked = [self._marked(page) for page in self.reader.pages]
        self.pages = {page.indirect_reference.idnum: n for n, page in enumerate(self.reader.pages)}

    @cached_property
    def root(self) -> Element:
        tree = self.catalog["/StructTreeRoot"]
        self.roles = {str(a)[1:]: str(b)[1:] for a, b in tree.get("/RoleMap", {}).items()}
        return self._element(tree["/K"][0] if isinstance(tree["/K"], list) else tree["/K"], None)

    @property
    def text(self) -> str:
        return "".join(page.extract_text() for page in self.reader.pages)

    @property
    def xmp(self) -> str:
        return self.catalog["/Metadata"].get_object().get_data().decode("utf-8")

    def _element(self, given: Any, page: int | None) -> Element:
        held = given.get_object()
        if "/Pg" in held:
            page = self.pages[held.raw_get("/Pg").idnum]
        kind = str(held["/S"])[1:]
        made = Element(self.roles.get(kind, kind), dict(held.items()))
        kids = held.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            if isinstance(kid, int):
                made.texts.append(self.marked[page].get(int(kid), ""))
                continue
            inside = kid.get_object() if isinstance(kid, IndirectObject) else kid
            if inside.get("/Type") == "/MCR":
                at = self.pages[inside.raw_get("/Pg").idnum] if "/Pg" in inside else page
                made.texts.append(self.marked[at].get(int(inside["/MCID"]), ""))
            elif inside.get("/Type") != "/OBJR":
                child = self._element(kid, page)
                made.children.append(child)
                made.texts.append(child)
        return made

    def _marked(self, page: Any) -> dict[int, str]:
        """Give the text of each marked content of a page; what is shown outside any is remembered."""
        fonts = {name: _letters(font.get_object()) for name, font in _fonts(page).items()}
        found: dict[int, str] = {}
        open_: list[Any] = []
        font: dict[int, str] = {}
        for operands, operator in ContentStream(page.get_contents(), self.reader).operations:
            if operator in (b"BDC", b"BMC"):
                held = operands[1] if len(operands) > 1 and hasattr(operands[1], "get") else {}
                open_.append((str(operands[0]), held.get("/MCID")))
            elif operator == b"EMC":
                open_.pop()
            elif operator == b"Tf":
                font = fonts[operands[0]]
            elif operator in SHOWING:
                if not open_:
                    self.untagged.append(f"{operator!r} on page {page.page_number + 1}")
                tagged = [number for kind, number in open_ if number is not None]
                if tagged and operator in (b"Tj", b"TJ"):
                    found[int(tagged[-1])] = found.get(int(tagged[-1]), "") + _shown(operands, font)
        return found


def faults(pdf: bytes) -> list[str]:
    """List what breaks the rules; empty for a file that keeps them all."""
    read = Structure(pdf)
    return [*_document(read), *_elements(read), *_tables(read), *_fonts_faults(read), *_links(read)]


def _document(read: Structure) -> list[str]:
    held, catalog = [], read.catalog
    rules = {
        "MarkInfo": catalog.get("/MarkInfo", {}).get("/Marked") == True,  # noqa: E712 - pypdf's own kind of true
        "Lang": bool(re.match(r"(fi|en|sv)", str(catalog.get("/Lang", "")))),
        "title shown": bool(catalog.get("/ViewerPreferences", {}).get("/DisplayDocTitle")),
        "PDF/UA part": "pdfuaid:part" in read.xmp
        and re.search(r"pdfuaid:part[>=\"' ]+1", read.xmp) is not None,
        "dc:title": "<dc:title>" in read.xmp,
        "bookmarks": "/Outlines" in catalog,
        "no encryption": not read.reader.is_encrypted,
        "no script": not {"/AA", "/OpenAction"} & set(catalog)
        and "/JavaScript" not in str(catalog.get("/Names", "")),
    }
    held += [f"document: {name}" for name, kept in rules.items() if not kept]
    return held + [f"untagged content: {one}" for one in read.untagged]


def _elements(read: Structure) -> list[str]:
    found = []
    level = 0
    for one in read.root.every(*STANDARD):
        if re.fullmatch("H[1-6]", one.kind):
            now = int(one.kind[1])
            if now > level + 1:
                found.append(f"heading {one.text!r}: {one.kind} after H{level}")
            level = now
    kinds = [one.kind for one in _all(read.root)]
    found += [f"element {kind}: not a standard type" for kind in kinds if kind not in STANDARD]
    for figure in read.root.every("Figure"):
        if not str(figure.values.get("/Alt", "")).strip():
            found.append("figure without alternative text")
        if figure.attribute("/Layout", "/BBox") is None:
            found.append("figure without its place (BBox)")
    names = [str(note.values.get("/ID", "")) for note in read.root.every("Note")]
    if "" in names or len(set(names)) != len(names):
        found.append("notes without names of their own")
    return found


def _tables(read: Structure) -> list[str]:
    found = []
    for place, table in enumerate(read.root.every("Table"), start=1):
        rows = table.every("TR")
        cells = [[one for one in row.children if one.kind in ("TH", "TD")] for row in rows]
        if len({len(row) for row in cells}) != 1:
            found.append(f"table {place}: rows of {sorted({len(row) for row in cells})} cells")
        heads = [cell for row in cells for cell in row if cell.kind == "TH"]
        names = [str(cell.values.get("/ID", "")) for cell in heads]
        if not heads or "" in names or len(set(names)) != len(names):
            found.append(f"table {place}: headings without names of their own")
        for cell in heads:
            if cell.attribute("/Table", "/Scope") not in ("/Row", "/Column"):
                found.append(f"table {place}: heading {cell.text!r} without a scope")
        for cell in (one for row in cells for one in row if one.kind == "TD"):
            told = [str(one) for one in cell.attribute("/Table", "/Headers") or []]
            if not told or set(told) - set(names):
                found.append(f"table {place}: cell {cell.text!r} names headings {told}")
    return found


def _fonts_faults(read: Structure) -> list[str]:
    found = []
    for page in read.reader.pages:
        for font in _fonts(page).values():
            held = font.get_object()
            inner = held["/DescendantFonts"][0].get_object() if "/DescendantFonts" in held else held
            told = inner["/FontDescriptor"].get_object()
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(told):
                found.append(f"font {held['/BaseFont']}: not in the file")
            if "/ToUnicode" not in held:
                found.append(f"font {held['/BaseFont']}: letters without their signs")
    return found


def _links(read: Structure) -> list[str]:
    found = []
    for page in read.reader.pages:
        annotations = [one.get_object() for one in page.get("/Annots", [])]
        if annotations and page.get("/Tabs") != "/S":
            found.append("tabs do not follow the structure")
        for one in annotations:
            if "/StructParent" not in one or not str(one.get("/Contents", "")).strip():
                found.append("a link outside the structure or without words")
    return found


def _all(element: Element) -> list[Element]:
    return [element, *(one for child in element.children for one in _all(child))]


def _fonts(page: Any) -> dict[str, Any]:
    return dict(page["/Resources"].get_object().get("/Font", {}).items())


def _letters(font: Any) -> dict[int, str]:
    """Read what sign each letter of a font stands for."""
    text = font["/ToUnicode"].get_object().get_data().decode("latin1") if "/ToUnicode" in font else ""
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for code, sign in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = bytes.fromhex(sign).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for low, high, sign in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            first = int.from_bytes(bytes.fromhex(sign), "big")
            for code in range(int(low, 16), int(high, 16) + 1):
                found[code] = (
                    (first + code - int(low, 16)).to_bytes(len(sign) // 2, "big").decode("utf-16-be")
                )
    return found


def _shown(operands: Any, letters: dict[int, str]) -> str:
    strings = operands[0] if isinstance(operands[0], list) else [operands[0]]
    made = ""
    for one in strings:
        if isinstance(one, int | float):
            continue
        raw = one.original_bytes if hasattr(one, "original_bytes") else bytes(one)
        made += "".join(
            letters.get(int.from_bytes(raw[at : at + 2], "big"), "\ufffd") for at in range(0, len(raw), 2)
        )
    return made
