"""What a page may hold, how a notebook shows it, and how an executed notebook becomes a page.

Only outputs made by `show` and written words reach a page; code, tracebacks and all other outputs do not.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import drawings
from sosrake_lib.influence.chart_style import Figure, drawing_of
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.page_numbers import mark_constants
from sosrake_lib.influence.safe_html import clean, heading_order, markdown
from sosrake_lib.influence.sentence import Sentence
from sosrake_lib.influence.tables import Table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Text
from sosrake_lib.protect.approval import Approval

__all__ = ["Heading", "Note", "Page", "PageContext", "html_of", "page_from_notebook", "show"]

SECTIONS = ("tieto", "vaikuttaminen", "hyvinvointi")
GUIDE_TAG = "opas"  # cells that guide the user of the notebook, not the reader of the page
GIVEN_TAG = "injected-parameters"  # the cell that a batch run puts in; it names the releases to open
_KEY = re.compile(r"[a-z0-9_]+")
_GIVEN = re.compile(r"^julkaisu\w* = [\"']([0-9a-f]{16})[\"']", re.MULTILINE)


@dataclass(frozen=True)
class Heading:
    """A heading inside a page: level 2 or 3; its digits are no results."""

    level: int
    text: str

    def __post_init__(self) -> None:
        """Refuse a level a page has no place for: 1 is the page's own title."""
        if self.level not in (2, 3, 4) or not self.text.strip():
            raise SosrakeError(
                f"heading {self.text!r}: level {self.level}; expected 2, 3 or 4 and a text (1 is the page)"
            )


@dataclass(frozen=True)
class Note:
    """A remark that stands out from the text: a caveat, a limit of the data."""

    content: Sentence | Text


Showable = Sentence | Table | Figure | Text | Heading | Note


@dataclass(frozen=True)
class PageContext:
    """What a page is about and when it is made.

    Attributes
    ----------
    key : file name without ending, such as `alueprofiili`.
    title : heading of the page, without the region.
    region : (level, code) the page is about; None for a page of the whole project.
    region_name : name of the region as read; empty when region is None.
    build_year : year the page is made; the age of the data is counted from it.
    synthetic : True when the figures are invented.
    language : `fi` or `en`.
    place : order among the pages of the region.
    section : which word of the navigation the page belongs to: tieto, vaikuttaminen or hyvinvointi.
    approval : who approved every release the page rests on; None while the page is a draft.
    """

    key: str
    title: str
    build_year: int
    region: tuple[str, str] | None = None
    region_name: str = ""
    synthetic: bool = False
    language: str = "fi"
    place: int = 0
    section: str = "tieto"
    approval: Approval | None = None

    def __post_init__(self) -> None:
        """Refuse a key that is no safe file name."""
        if not _KEY.fullmatch(self.key):
            raise SosrakeError(f"page key {self.key!r}: expected small letters a-z, digits and _; rename it")
        if self.section not in SECTIONS:
            raise SosrakeError(
                f"page {self.key}: section {self.section!r}; expected one of {', '.join(SECTIONS)}"
            )


@dataclass(frozen=True, eq=False)
class Page:
    """A page ready to be put in the site: its context, its safe body and what its figures rest on.

    `drawings` : its charts as SVG by the hash of their PNG, for documents; a site shows the PNG of the body.
    """

    context: PageContext
    body: str
    facts: Facts
    releases: tuple[str, ...] = field(default=())
    drawings: Mapping[str, str] = field(default_factory=dict)


def show(*items: Showable | Iterable[Showable], language: str = "fi") -> None:
    """Show released things in a notebook, each with the release it comes from.

    Accepts Sentence, Table, Figure, Text, Heading, Note and lists of them; a list of sentences becomes a
    bulleted list. Anything else is refused: what has not been through a release is not shown. A chart drawn
    in this process is carried as a drawing too (`drawings.KIND`), which no program displays, for print.

    Raises
    ------
    SosrakeError naming the type that was given and what to do.
    """
    from IPython.display import display

    blocks = [_block(item, language) for item in items]  # all are checked before the first is shown
    for (markup, plain, metadata), item in zip(blocks, items, strict=True):
        carried = drawings.packed(_drawings(item))
        data = {"text/html": markup, "text/plain": plain} | ({drawings.KIND: carried} if carried else {})
        display(data, raw=True, metadata={"sosrake": metadata})


def html_of(item: Showable, language: str = "fi") -> str:
    """Give the markup of one showable thing."""
    if isinstance(item, Heading):
        return f"<h{item.level}>{_with_constants(item.text)}</h{item.level}>"
    if isinstance(item, Note):
        return f'<div class="huomio" role="note">{html_of(item.content, language)}</div>'
    if isinstance(item, Text):
        return f'<p lang="{language}">{_with_constants(item.text(language))}</p>'
    if isinstance(item, Sentence):
        return f"<p>{item.html()}</p>"
    if isinstance(item, Figure):
        return item.html()
    if isinstance(item, Table):
        return item.html
    raise SosrakeError(
        f"show: {type(item).__name__} is not from a release; expected Sentence, Table, Figure, Text, "
        "Heading or Note; make it with words, tables or charts from release.select(...)"
    )


def page_from_notebook(notebook: Mapping[str, Any], *, context: PageContext) -> Page:
    """Make a page of an executed notebook: its shown outputs and its words, nothing else.

    Parameters
    ----------
    notebook : parsed `.ipynb` (dict). Markdown cells are kept unless tagged `opas`; a Finnish page takes
        their source, an English page `metadata.sosrake.en` and drops cells without it.
    context : what the page is about.

    Raises
    ------
    SosrakeError when a cell failed or the notebook shows nothing: an empty page would look finished.
    """
    parts: list[str] = []
    facts, shown = Facts(), 0
    drawn: dict[str, str] = {}
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "markdown":
            parts.append(_words(cell, context.language, title=not any(parts)))
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                raise SosrakeError(
                    f"page {context.key}: cell {number} failed ({output.get('ename', '?')}); "
                    "mend the notebook"
                )
            told = output.get("metadata", {}).get("sosrake")
            if not told:
                continue
            shown += 1
            parts.append(clean(_joined(output["data"]["text/html"])))
            drawn |= drawings.unpacked(output["data"].get(drawings.KIND, {}))
            facts = facts.with_more(Facts.of_metadata(told))
    if not shown:
        raise SosrakeError(
            f"page {context.key}: no cell shows anything with pages.show; nothing may be published from it"
        )
    body = heading_order("\n".join(part for part in parts if part), first=2)
    return Page(context, body, facts, shown_releases(notebook), drawn)


def shown_releases(notebook: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the ids of the releases an executed notebook rests on: those it shows, then those it was handed.

    Words of a release carry no mark of it, so a page of words rests on whatever it was given to read: an
    approval or a withdrawal of any of them is the page's too.
    """
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", ()))
    found = [output.get("metadata", {}).get("sosrake", {}).get("release") for output in outputs]
    for cell in notebook["cells"]:
        if GIVEN_TAG in cell.get("metadata", {}).get("tags", ()):
            found.extend(_GIVEN.findall(_joined(cell["source"])))
    return tuple(dict.fromkeys(release for release in found if release))


def state_told(page: Page) -> str:
    """Say that a page is a draft, or by which role and when it was approved."""
    approval, language = page.context.approval, page.context.language
    if approval is None:
        return say("pages.state.draft_told", language)
    day = numbers.day(date.fromisoformat(approval.approved_on), language)
    return say("pages.state.approved", language, role=approval.role, day=day)


def _block(item: Showable | Iterable[Showable], language: str) -> tuple[str, str, dict[str, Any]]:
    if isinstance(item, list | tuple):
        many = list(item)
        if not many:
            raise SosrakeError("show: an empty list; say in a Text that there is nothing to show, and why")
        if many and all(isinstance(one, Sentence) for one in many):
            points = "".join(f"<li>{one.html()}</li>" for one in many)
            markup = f'<ul class="lauseet">{points}</ul>'
        else:
            markup = "\n".join(html_of(one, language) for one in many)
        found = {_release(one) for one in many} - {""}
        if len(found) > 1:
            raise SosrakeError(f"show: releases {sorted(found)} in one list; expected one; show them apart")
        facts = Facts()
        for one in many:
            facts = facts.with_more(_facts(one))
        plain = "\n".join(_plain(one, language) for one in many)
        return markup, plain, facts.metadata(next(iter(found), ""), "list")
    markup = html_of(item, language)  # type: ignore[arg-type]
    kind = type(item).__name__.lower()
    return markup, _plain(item, language), _facts(item).metadata(_release(item), kind)


def _drawings(item: Showable | Iterable[Showable]) -> dict[str, str]:
    figures = [one for one in (item if isinstance(item, list | tuple) else [item]) if isinstance(one, Figure)]
    drawn = {drawings.name_of(one.png): drawing_of(one) for one in figures}
    return {name: svg for name, svg in drawn.items() if svg}


def _release(item: Any) -> str:
    return _release(item.content) if isinstance(item, Note) else getattr(item, "release_id", "")


def _facts(item: Any) -> Facts:
    table = item.table if isinstance(item, Figure) else item
    return table.facts if isinstance(table, Table) else Facts()


def _plain(item: Any, language: str) -> str:
    if isinstance(item, Note):
        return _plain(item.content, language)
    if isinstance(item, Text):
        return item.text(language)
    if isinstance(item, Heading):
        return item.text
    if isinstance(item, Figure):
        return f"{item.alt}\n{_plain(item.table, language)}"
    if isinstance(item, Table):
        return f"{item.caption}\n{item.plain.to_string(index=False)}"
    return str(item)


def _words(cell: Mapping[str, Any], language: str, *, title: bool) -> str:
    metadata = cell.get("metadata", {})
    if GUIDE_TAG in metadata.get("tags", ()):
        return ""
    source = cell["source"] if language == "fi" else metadata.get("sosrake", {}).get(language)
    return mark_constants(markdown(_joined(source), title=title)) if source else ""


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _with_constants(text: str) -> str:
    pieces = re.split(r"(\d+)", text)
    return "".join(
        f'<span data-constant="">{piece}</span>' if piece.isdigit() else html.escape(piece)
        for piece in pieces
    )
