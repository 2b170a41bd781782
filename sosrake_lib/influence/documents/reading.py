"""From a page to blocks: every word of its body, in its order; what is not understood is an error."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents.blocks import (
    LINE_BREAK,
    Block,
    Bullets,
    FigureBlock,
    Heading,
    Item,
    NoteBlock,
    Paragraph,
    Rule,
    Run,
    Runs,
    TableBlock,
    plain,
)
from sosrake_lib.influence.documents.reading_tables import read_table
from sosrake_lib.influence.documents.runs import inline, is_inline, runs_of_element, trimmed
from sosrake_lib.influence.documents.tree import Element, tree_of
from sosrake_lib.influence.drawings import name_of
from sosrake_lib.influence.pages import Page

_PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")
_CONTAINERS = frozenset(("div", "section"))


def blocks_of(page: Page) -> tuple[Block, ...]:
    """Read the body of a page into blocks.

    Parameters
    ----------
    page : made with `page_from_notebook`; its pictures must be in it.

    Returns
    -------
    Blocks in reading order. Figures and tables are numbered from 1, and a figure knows the table that follows
    it. No word of the body is left out.

    Raises
    ------
    SosrakeError for an element, a joined cell or a picture this reading does not understand, since leaving it
    out would drop words silently.
    """
    where = f"page {page.context.key}"
    reader = _Reader(where, page.context.language, page.drawings)
    return _numbered(tuple(reader.blocks(tree_of(page.body, where))))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Where the words come from, their language when nothing else is said, and the page's drawings."""

    where: str
    language: str
    drawings: Mapping[str, str]

    def blocks(self, parent: Element, language: str = "") -> Iterable[Block]:
        """Give the blocks of an element's children; text outside any block is a paragraph of its own."""
        language = parent.attributes.get("lang") or language or self.language
        loose: list[Element | str] = []
        for child in parent.children:
            if isinstance(child, str) or is_inline(child):
                loose.append(child)
                continue
            yield from self._paragraph(loose, language)
            loose = []
            yield from self.block(child, language)
        yield from self._paragraph(loose, language)

    def block(self, element: Element, language: str) -> Iterable[Block]:
        language = element.attributes.get("lang") or language
        tag, classes = element.tag, element.classes
        if tag in _CONTAINERS and "huomio" in classes:
            yield NoteBlock(tuple(self.blocks(element, language)))
        elif tag in _CONTAINERS and "taulukko" in classes:
            yield read_table(element, language, self.where)
        elif tag in _CONTAINERS:
            yield from self.blocks(element, language)
        elif re.fullmatch("h[2-6]", tag):
            yield Heading(int(tag[1]), runs_of_element(element, language, self.where))
        elif tag in ("p", "pre", "dt", "dd"):
            runs = runs_of_element(element, language, self.where, strong=tag == "dt", code=tag == "pre")
            if runs:
                yield Paragraph(runs)
        elif tag == "dl":
            yield from self.blocks(element, language)
        elif tag in ("ul", "ol"):
            yield self.bullets(element, language)
        elif tag == "blockquote":
            for one in self.blocks(element, language):
                yield replace(one, quote=True) if isinstance(one, Paragraph) else one
        elif tag == "table":
            yield read_table(element, language, self.where)
        elif tag in ("figure", "img"):
            yield self.figure(element, language)
        elif tag == "details":
            yield from self.details(element, language)
        elif tag == "hr":
            yield Rule()
        else:
            raise self.unknown(f"<{tag}>")

    def details(self, element: Element, language: str) -> Iterable[Block]:
        """Give what a reader of the page may fold away; on paper it is always open."""
        summaries = [child for child in element.elements() if child.tag == "summary"]
        rest = Element("div", {}, [child for child in element.children if child not in summaries])
        inside = tuple(self.blocks(rest, language))
        runs = tuple(
            run for one in summaries for run in runs_of_element(one, language, self.where, strong=True)
        )
        if len(inside) == 1 and isinstance(inside[0], TableBlock):
            yield replace(inside[0], summary=plain(runs))
            return
        if runs:
            yield Paragraph(runs)
        yield from inside

    def bullets(self, element: Element, language: str) -> Bullets:
        items = []
        if element.loose_text():
            raise self.unknown(f"text {element.loose_text()[:30]!r} between the points of a list")
        for child in element.elements():
            if child.tag != "li":
                raise self.unknown(f"<{child.tag}> between the points of a list")
            items.append(self.item(child, child.attributes.get("lang") or language))
        start = element.attributes.get("start", "1")
        return Bullets(tuple(items), element.tag == "ol", int(start) if start.isdigit() else 1)

    def item(self, element: Element, language: str) -> Item:
        runs: list[Run] = []
        below: list[Bullets] = []
        for one in self.blocks(element, language):
            if isinstance(one, Bullets):
                below.append(one)
            elif isinstance(one, Paragraph) and not below:
                runs += [Run(LINE_BREAK, language=language), *one.runs] if runs else one.runs
            else:
                raise self.unknown(f"{type(one).__name__} inside a point of a list")
        return Item(tuple(runs), tuple(below))

    def figure(self, element: Element, language: str) -> FigureBlock:
        pictures = [element] if element.tag == "img" else []
        caption: Runs = ()
        for child in element.elements() if element.tag == "figure" else ():
            if child.tag == "img":
                pictures.append(child)
            elif child.tag == "figcaption":
                caption = runs_of_element(child, language, self.where)
            else:
                raise self.unknown(f"<{child.tag}> in a figure")
        if len(pictures) != 1 or element.loose_text():
            raise self.unknown(f"a figure of {len(pictures)} pictures")
        source, alt = (pictures[0].attributes.get(name, "") for name in ("src", "alt"))
        found = _PICTURE.fullmatch(source)
        if not found:
            raise SosrakeError(
                f"document of {self.where}: picture {plain(caption)!r} is not in it (src {source[:30]!r}); "
                "stored notebooks hold no pictures: run the notebook with sosrake reports"
            )
        if not alt.strip():
            raise SosrakeError(
                f"document of {self.where}: picture {plain(caption)!r} has no alternative text; "
                "make it with charts, which words it from the figures"
            )
        png = base64.b64decode(found[1])
        return FigureBlock(png, alt, caption, svg=self.drawings.get(name_of(png), ""))

    def unknown(self, what: str) -> SosrakeError:
        return SosrakeError(
            f"document of {self.where}: {what} is not understood, and leaving it out would drop what it "
            "says; expected headings, paragraphs, lists, tables, figures and notes"
        )

    def _paragraph(self, loose: list[Element | str], language: str) -> Iterable[Paragraph]:
        runs = trimmed(run for child in loose for run in inline(child, language, self.where))
        if runs:
            yield Paragraph(runs)


def _numbered(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Number figures and tables, and tell a figure which table stands right after it."""
    tables = figures = 0
    made: list[Block] = []
    for place, block in enumerate(blocks):
        if isinstance(block, TableBlock):
            tables += 1
            block = replace(block, number=tables)
        elif isinstance(block, FigureBlock):
            figures += 1
            after = blocks[place + 1] if place + 1 < len(blocks) else None
            own = isinstance(after, TableBlock) and plain(after.caption) == plain(block.caption)
            block = replace(block, number=figures, table=tables + 1 if own else 0)
        elif isinstance(block, NoteBlock) and any(
            isinstance(one, TableBlock | FigureBlock) for one in block.blocks
        ):
            raise SosrakeError("document: a table or a figure inside a note; show it beside the note")
        made.append(block)
    return tuple(made)
