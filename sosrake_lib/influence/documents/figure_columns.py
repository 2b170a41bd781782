"""Tall charts on slides: rows in two columns side by side, each under its own head and over its own axis."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from sosrake_lib.influence import drawings
from sosrake_lib.influence.documents import figures
from sosrake_lib.influence.documents.blocks import Block, FigureBlock
from sosrake_lib.influence.documents.content import Document
from sosrake_lib.language import say

if TYPE_CHECKING:
    from PIL.Image import Image

_GAP = 0.04  # air between two columns, in widths of the chart
_SLACK = 1.12  # room to look for a calm place, in heights of an even share
_LINE = 1.2  # points: half of an axis, which goes with the axis when a chart is cut beside it
_LEAST_BODY = 1 / 3  # of the room: a chart of more head and axis than that gains nothing


def in_columns(document: Document, tallest: float) -> Document:
    """Set the rows of each chart taller than `tallest` points in columns, two beside each other.

    A slide is wide and low: a tall chart made to fit it would have letters of six points. What stands above
    the rows and the axis under them are repeated in every column. More than two columns go on to another
    figure, told which part it is. A chart without a drawing, or of several panels, stays as it is.
    """
    blocks = [made for block in document.blocks for made in _set(block, tallest, document.language)]
    return replace(document, blocks=tuple(blocks))


def _set(block: Block, tallest: float, language: str) -> list[Block]:
    if not isinstance(block, FigureBlock) or not block.svg:
        return [block]
    area = drawings.plot_area(block.svg)
    if area is None or int.from_bytes(block.png[20:24], "big") * 72 / block.dots <= tallest:
        return [block]
    import PIL.Image

    dots = figures.SLIDE_DOTS
    with PIL.Image.open(io.BytesIO(figures.rasters([block.svg], dots)[0])) as picture:
        columns = _columns(picture, area, tallest * dots / 72, round(_LINE * dots / 72))
    if len(columns) == 1:
        return [block]
    sides = [columns[place : place + 2] for place in range(0, len(columns), 2)]
    whole = replace(block, svg="", dots=dots)
    if len(sides) == 1:
        return [replace(whole, png=_beside(sides[0]))]
    return [
        replace(
            whole,
            png=_beside(pair),
            alt=f"{say('documents.figure_part', language, part=part, parts=len(sides))}. {block.alt}",
            part=part,
            parts=len(sides),
        )
        for part, pair in enumerate(sides, start=1)
    ]


def _columns(picture: Image, area: tuple[float, float], tallest: float, line: int) -> list[Image]:
    """Cut the rows of a chart between them, and give each piece its head and its axis."""
    top, bottom = round(area[0] * picture.height) + line, round(area[1] * picture.height) - line
    body, room = bottom - top, tallest - top - (picture.height - bottom)
    if room < tallest * _LEAST_BODY:
        return [picture]
    count = ceil(body / room)
    count += count % 2 if count > 1 else 0
    if count == 1:
        return [picture]
    rows = picture.crop((0, top, picture.width, bottom))
    ends = figures.cuts(rows, body / count * _SLACK)
    return [_column(picture, rows, first, last, (top, bottom)) for first, last in pairwise(ends)]


def _column(picture: Image, rows: Image, first: int, last: int, area: tuple[int, int]) -> Image:
    import PIL.Image

    top, bottom = area
    wide, high = picture.width, picture.height
    made = PIL.Image.new("RGB", (wide, top + last - first + high - bottom), "white")
    made.paste(picture.crop((0, 0, wide, top)), (0, 0))
    made.paste(rows.crop((0, first, wide, last)), (0, top))
    made.paste(picture.crop((0, bottom, wide, high)), (0, top + last - first))
    return made


def _beside(columns: list[Image]) -> bytes:
    import PIL.Image

    gap = round(columns[0].width * _GAP)
    wide = sum(one.width for one in columns) + gap * (len(columns) - 1)
    made = PIL.Image.new("RGB", (wide, max(one.height for one in columns)), "white")
    for place, one in enumerate(columns):
        made.paste(one, (place * (one.width + gap), 0))
    written = io.BytesIO()
    made.save(written, "PNG", optimize=True)
    return written.getvalue()
