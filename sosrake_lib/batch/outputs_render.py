"""From an executed notebook to the temporary files of one piece; runs in a worker process."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib.batch.outputs_memory import part_of
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.influence.pages import Page, PageContext

SITE_FORMAT = "html"  # the page of the site itself: nothing is made for it
_WITH_CHARTS = ("pdf", "docx", "pptx")
_HEADING = re.compile(r"<h[2-4][^>]*>(.*?)</h[2-4]>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Content:
    """One file of a format: what follows the piece's name (`.pdf`, `_2.png`) and its bytes."""

    ending: str
    body: bytes


# Makes one format of a page; `releases` is the folder of releases the page rests on. The data of a page
# without figures are no file at all: an empty sequence.
Renderer = Callable[["Page", str, Path], Sequence[Content]]


@dataclass(frozen=True)
class RenderOrder:
    """One piece to be made: executed notebook, page context, headings it must have, formats, where to.

    `stem` is the files' place and name within the output folder, without ending.
    """

    key: str
    notebook: Path
    context: PageContext
    headings: tuple[str, ...]
    formats: tuple[str, ...]
    output: Path
    stem: str
    releases: Path
    language: str
    renderer: Renderer


@dataclass(frozen=True)
class Rendered:
    """What became of one format: files (name within the output folder -> hash), seconds, or why not.

    Neither files nor a reason: there is nothing behind the page to be made into a file.
    """

    format: str
    files: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    reason: str = ""
    pixels: bool = False  # a chart of it is the page's PNG: the page was made before drawings were kept


def render(order: RenderOrder) -> tuple[Rendered, ...]:
    """Make the formats of one piece into temporary files; one that fails does not stop the others."""
    from sosrake_lib.influence.number_facts import with_facts
    from sosrake_lib.influence.pages import page_from_notebook

    try:
        read = json.loads(order.notebook.read_text(encoding="utf-8"))
        page = with_facts(page_from_notebook(read, context=order.context), order.releases)
    except (SosrakeError, OSError, ValueError) as fault:
        return tuple(Rendered(name, reason=str(fault)) for name in order.formats)
    lacking = missing_heading(page.body, order.headings)
    if lacking:
        reason = say("outputs.no_heading", order.language, heading=lacking)
        return tuple(Rendered(name, reason=reason) for name in order.formats)
    pixels = _pixels(page)
    made = (_format(order, page, name) for name in order.formats)
    return tuple(
        replace(one, pixels=pixels and one.format in _WITH_CHARTS and not one.reason) for one in made
    )


def _pixels(page: Page) -> bool:
    """Say whether print has only the PNG of some chart; a page nobody understands tells so by its formats."""
    from sosrake_lib.influence.documents import blocks_of, figures

    try:
        return bool(figures.without_drawing(blocks_of(page)))
    except SosrakeError:
        return False


def missing_heading(body: str, headings: Sequence[str]) -> str:
    """Give the first heading that a page lacks, or empty text; a longer heading may begin with it.

    Examples
    --------
    >>> missing_heading("<h2>Keitä tieto ei tavoita</h2>", ("Keitä tieto ei tavoita", "Ehdotus"))
    'Ehdotus'
    """
    there = [" ".join(html.unescape(_TAG.sub("", one)).split()) for one in _HEADING.findall(body)]
    return next((one for one in headings if not any(text.startswith(one) for text in there)), "")


def by_documents(page: Page, form: str, releases: Path) -> Sequence[Content]:
    """Make a format with the house's own documents: the renderer of `sosrake outputs`.

    Raises
    ------
    SosrakeError when this installation does not make the format.
    """
    from sosrake_lib.batch.outputs_formats import make

    return make(page, form, releases)


def _format(order: RenderOrder, page: Page, form: str) -> Rendered:
    started = time.monotonic()
    files: dict[str, str] = {}
    try:
        for content in order.renderer(page, form, order.releases):
            name = f"{order.stem}{content.ending}"
            _write_part(order.output / name, content.body)
            files[name] = hashlib.sha256(content.body).hexdigest()
    except Exception as fault:  # a fault of one format is told and stops no other
        for name in files:
            part_of(order.output / name).unlink(missing_ok=True)
        reason = str(fault) if isinstance(fault, SosrakeError) else f"{type(fault).__name__}: {fault}"
        return Rendered(form, seconds=time.monotonic() - started, reason=reason)
    return Rendered(form, files, time.monotonic() - started)


def _write_part(final: Path, body: bytes) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    with part_of(final).open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
