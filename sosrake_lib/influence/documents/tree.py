"""The safe body of a page as a tree of elements; markup that is not whole is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from sosrake_lib.errors import SosrakeError

VOID = frozenset(("br", "hr", "img"))
_SPACES = re.compile(r"[ \t\r\n\f]+")  # a no-break space is not among them


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its attributes and what stands in it: elements and texts in order."""

    tag: str
    attributes: Mapping[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        """Give the names of its classes."""
        return frozenset(self.attributes.get("class", "").split())

    def elements(self) -> Iterator[Element]:
        """Give the elements directly inside."""
        return (child for child in self.children if isinstance(child, Element))

    def loose_text(self) -> str:
        """Give the text directly inside, outside any element."""
        return "".join(child for child in self.children if isinstance(child, str)).strip(" \n\t\r\f")


def tree_of(markup: str, where: str) -> Element:
    """Read the markup of a page's body.

    Raises
    ------
    SosrakeError when an element is never closed, closed twice or is a comment or instruction.
    """
    reader = _Reader(where)
    reader.feed(markup)
    reader.close()
    if len(reader.open) > 1:
        raise reader.wrong(f"<{reader.open[-1].tag}> is never closed")
    return reader.open[0]


def squeezed(text: str) -> str:
    r"""Write spaces and line ends as one space, as a browser does; no-break spaces stay.

    Examples
    --------
    >>> squeezed("a \n  b")
    'a b'
    """
    return _SPACES.sub(" ", text)


class _Reader(HTMLParser):
    """Builds the tree; the sanitiser has closed every element, so one left open is a fault."""

    def __init__(self, where: str) -> None:
        super().__init__(convert_charrefs=True)
        self.where = where
        self.open = [Element("body", {})]

    def wrong(self, what: str) -> SosrakeError:
        return SosrakeError(
            f"document of {self.where}: {what} (line {self.getpos()[0]} of the page's body); "
            "expected the body of a page made with page_from_notebook"
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.open[-1].tag != tag:
            raise self.wrong(f"</{tag}> closes <{self.open[-1].tag}>")
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise self.wrong(f"a comment <!--{data[:20]}-->")

    def handle_decl(self, decl: str) -> None:
        raise self.wrong(f"a declaration <!{decl[:20]}>")

    def unknown_decl(self, data: str) -> None:
        raise self.wrong(f"a declaration <![{data[:20]}]>")

    def handle_pi(self, data: str) -> None:
        raise self.wrong(f"an instruction <?{data[:20]}>")
