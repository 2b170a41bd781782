"""Charts for paper and slides: in as many parts as the sheet's height asks, and as sharp pictures.

Where a chart has its drawing, PDF gets lines and letters, and Word and slides a picture drawn of them. A page
made before drawings were kept has only its PNG of 130 dots an inch, which is then what every format shows.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from sosrake_lib.influence import drawings
from sosrake_lib.influence.chart_style import DOTS, LEAST, LEAST_IN_PRINT
from sosrake_lib.influence.documents.blocks import Block, FigureBlock
from sosrake_lib.influence.documents.content import Document
from sosrake_lib.influence.documents.measure import font_folder
from sosrake_lib.language import say

if TYPE_CHECKING:
    from PIL.Image import Image

WORD_DOTS, SLIDE_DOTS, PRINTER_DOTS = 240.0, 240.0, 300.0
SLIDE_TALLEST = 620.0  # points at which a chart is divided; slides are read from the wall, not at nine points
_AIR = 5  # dots that are calm around a cut
_FIXED_MOMENT = 946684800
_SHEETS = """#set page(width: auto, height: auto, margin: 0pt, fill: white)
#for name in json("/names.json") { page(image("/" + name)) }"""


def in_parts(document: Document, tallest: float) -> Document:
    """Divide charts that would have letters under nine points when made at most `tallest` points tall.

    Each part is a figure with the chart's own number, words and caption, told which part it is. A chart is
    cut between its rows, where the picture is calmest.
    """
    blocks = [part for block in document.blocks for part in _parts(block, tallest, document.language)]
    return replace(document, blocks=tuple(blocks))


def sharp(document: Document, dots: float) -> Document:
    """Put in the place of each chart that has its drawing a PNG of `dots` an inch drawn of it."""
    drawn = iter(rasters([one.svg for one in document.blocks if _has_drawing(one)], dots))
    blocks = [
        replace(one, png=next(drawn), svg="", dots=dots) if _has_drawing(one) else one
        for one in document.blocks
    ]
    return replace(document, blocks=tuple(blocks))


def without_drawing(blocks: Iterable[Block]) -> tuple[int, ...]:
    """Give the numbers of the figures that print can only show as the PNG of the page."""
    return tuple(one.number for one in blocks if isinstance(one, FigureBlock) and not one.svg)


def file_name(block: FigureBlock) -> str:
    """Name the file of a figure while a document is set."""
    part = f"-{block.part}" if block.part else ""
    return f"figure-{block.number}{part}.{'svg' if block.svg else 'png'}"


def file_content(block: FigureBlock) -> bytes:
    """Give what stands in the file of a figure."""
    return drawings.without_ground(block.svg).encode("utf-8") if block.svg else block.png


def part_told(block: FigureBlock, language: str) -> str:
    """Say which part of a chart this is, "(osa 1/2)" after a space; nothing of a whole one."""
    if not block.part:
        return ""
    return f" ({say('documents.part', language, part=block.part, parts=block.parts)})"


def _has_drawing(block: Block) -> TypeGuard[FigureBlock]:
    return isinstance(block, FigureBlock) and bool(block.svg)


def _parts(block: Block, tallest: float, language: str) -> list[Block]:
    if not isinstance(block, FigureBlock):
        return [block]
    import PIL.Image

    room = tallest * (drawings.least_letters(block.svg) or LEAST) / LEAST_IN_PRINT
    if int.from_bytes(block.png[20:24], "big") * 72 / block.dots <= room:
        return [block]
    # letters of a drawing stand a dot or two aside of those of the PNG: it is cut where it itself is calm
    png, dots = (rasters([block.svg], DOTS)[0], DOTS) if block.svg else (block.png, block.dots)
    with PIL.Image.open(io.BytesIO(png)) as picture:
        ends = cuts(picture, room * dots / 72)
        pieces = [_cropped(picture, top, bottom) for top, bottom in pairwise(ends)]
    made: list[Block] = []
    for number, (top, bottom) in enumerate(pairwise(ends), start=1):
        svg = drawings.part(block.svg, top / ends[-1], bottom / ends[-1]) if block.svg else ""
        told = say("documents.figure_part", language, part=number, parts=len(pieces))
        alt = f"{told}. {block.alt}"
        made.append(
            replace(
                block, png=pieces[number - 1], alt=alt, svg=svg, dots=dots, part=number, parts=len(pieces)
            )
        )
    return made


def _cropped(picture: Image, top: int, bottom: int) -> bytes:
    written = io.BytesIO()
    picture.crop((0, top, picture.width, bottom)).save(written, "PNG", optimize=True)
    return written.getvalue()


def cuts(picture: Image, room: float) -> list[int]:
    """Give the lines, in dots from the top, between which parts of at most `room` dots stand."""
    import numpy as np

    grey = np.asarray(picture.convert("L"), dtype=float)
    # letters change from dark to light many times along a line; bars and the lines of a grid seldom do
    along, down = (np.abs(np.diff(grey, axis=side)).sum(axis=1) for side in (1, 0))
    busy = along + np.append(down, 0.0)  # an axis is calm along its line, but not beside it
    busy = np.convolve(busy, np.ones(_AIR), mode="same")  # a cut has air on both sides
    high, parts = len(busy), ceil(len(busy) / room)
    ends = [0]
    for number in range(1, parts):
        first, last = ceil(high - (parts - number) * room), int(ends[-1] + room)
        there = busy[first : last + 1]
        loud = np.flatnonzero(np.pad(there > there.min() * 1.02, 1, constant_values=True))
        gaps = np.diff(loud)  # the widest calm band parts what belongs together least
        middles = first + (loud[:-1] + gaps / 2 - 1)[gaps >= 0.9 * gaps.max()]
        ends.append(int(middles[np.argmin(np.abs(middles - high * number / parts))]))
    return [*ends, high]


def rasters(svgs: list[str], dots: float) -> list[bytes]:
    """Draw drawings as PNG of `dots` an inch."""
    import json

    import PIL.Image
    import typst

    if not svgs:
        return []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        names = [f"{number}.svg" for number in range(len(svgs))]
        for name, svg in zip(names, svgs, strict=True):
            (root / name).write_text(svg, encoding="utf-8")
        (root / "names.json").write_text(json.dumps(names), encoding="utf-8")
        made = typst.compile(
            _SHEETS.encode("utf-8"),
            root=root,
            font_paths=[font_folder()],
            ignore_system_fonts=True,
            format="png",  # type: ignore[call-overload]
            ppi=dots,
            timestamp=_FIXED_MOMENT,
        )
    small = []
    for png in made if isinstance(made, list) else [made]:
        written = io.BytesIO()
        with PIL.Image.open(io.BytesIO(png)) as picture:
            picture.convert("RGB").save(written, "PNG", optimize=True, dpi=(dots, dots))
        small.append(written.getvalue())
    return small
