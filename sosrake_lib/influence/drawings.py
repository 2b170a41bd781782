"""Charts as lines and letters beside their pictures: how a notebook carries them, so that print is sharp.

A notebook shows a chart as a PNG. Beside it stands the same chart as SVG under a kind of output that no
program displays; pages keep it for documents and sites pass it by. It tells no more than the PNG does:
places are rounded to less than a dot of the PNG, and names made of exact places are made numbers.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from itertools import count

from sosrake_lib.errors import SosrakeError

KIND = "application/vnd.sosrake.drawings+json"
GRID = 0.5  # points: a dot of the PNG is 0.55
_MARK = 12.0  # points: a shape that stays so near its own middle is a mark, whose form tells no figure
_MOST = 4_000_000  # bytes of one drawing unpacked; a larger one is no chart of the house
_NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
_PATH = re.compile(r' d="([^"]*)"')
_PLACE = re.compile(rf'(?<![\w-])(x|y|x1|x2|y1|y2|cx|cy)="({_NUMBER})"')
_MOVED = re.compile(r' transform="([^"]*)"')
_NOT_DRAWN = re.compile(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*", re.DOTALL)
_NAME = re.compile(r' id="([^"]+)"')
_LETTERS = re.compile(r"font(?:-size)?:[^;\"]*?(\d+(?:\.\d+)?)px")
_FRAME = re.compile(r'<svg ([^>]*?)width="([\d.]+)pt" height="([\d.]+)pt" viewBox="([\d. ]+)"')
_CORNER = rf"{_NUMBER} ({_NUMBER})"
_PANEL = re.compile(rf'<path d="M {_CORNER} L {_CORNER} L {_CORNER} L {_CORNER} z" style="fill: #ffffff"/>')
_ELEMENT = re.compile(r"<([A-Za-z][\w:.-]*)")
_LEADS = re.compile(r'href="([^"]*)"|url\(([^)]*)\)')
_KNOWN = frozenset(
    ("svg", "g", "defs", "style", "path", "use", "clipPath", "rect", "text", "tspan", "pattern", "circle")
)


def plain(svg: str) -> str:
    """Write a drawing so that it tells what is seen and nothing finer; the same for equal pictures.

    Places are rounded to `GRID` points, shapes of marks to hundredths; names of pieces, which the drawing
    program makes of exact places, become numbers; notes about the program are left out.

    Examples
    --------
    >>> plain('<path id="m1f3" d="M 100.123456 40.3 L 0 0"/><use href="#m1f3" x="7.123"/>')
    '<path id="d1" d="M 100 40.5 L 0 0"/><use href="#d1" x="7"/>'
    """
    text = _NOT_DRAWN.sub("", svg)
    text = _PATH.sub(lambda found: f' d="{_shape(found[1])}"', text)
    text = _PLACE.sub(lambda found: f'{found[1]}="{_rounded(found[2], GRID)}"', text)
    text = _MOVED.sub(lambda found: f' transform="{_turned(found[1])}"', text)
    return _numbered(text)


def packed(drawings: Mapping[str, str]) -> dict[str, str]:
    """Pack drawings for a notebook: hash of the PNG -> the SVG in zlib and base64, a tenth of its size."""
    return {
        name: base64.b64encode(zlib.compress(svg.encode("utf-8"), 9)).decode("ascii")
        for name, svg in drawings.items()
    }


def unpacked(told: object) -> dict[str, str]:
    """Read what `packed` made, from a notebook's output.

    Raises
    ------
    SosrakeError when it is not what `packed` makes, or a drawing holds what no chart of the house does.
    """
    given = json.loads(told) if isinstance(told, str) else told
    if not isinstance(given, Mapping):
        raise SosrakeError(f"drawings of a notebook: {type(told).__name__}; run the notebook again")
    return {str(name): checked(_opened(str(name), text)) for name, text in given.items()}


def checked(svg: str) -> str:
    """Give a drawing back when it holds shapes and letters only, and leads nowhere outside itself."""
    strange = sorted(set(_ELEMENT.findall(svg)) - _KNOWN)
    leads = [one or two for one, two in _LEADS.findall(svg) if not (one or two).startswith("#")]
    if strange or leads or "<!" in svg or "@import" in svg or not _FRAME.search(svg):
        what = ", ".join((*strange, *leads)) or "its frame"
        raise SosrakeError(f"drawing of a chart: {what[:80]} is not of a chart; run the notebook again")
    return svg


def name_of(png: bytes) -> str:
    """Name the drawing of a picture."""
    return hashlib.sha256(png).hexdigest()


def least_letters(svg: str) -> float:
    """Give the size in points of the smallest letters of a drawing at its own width; 0 without letters.

    Examples
    --------
    >>> least_letters('<text style="font-size: 10.5px"/><text style="font: 700 9.8px Sans"/>')
    9.8
    """
    return min((float(size) for size in _LETTERS.findall(svg)), default=0.0)


def plot_area(svg: str) -> tuple[float, float] | None:
    """Give the top and bottom of a chart's plot as shares of its height; none when it has several or none.

    The white ground of the sheet comes first in a drawing, then that of each panel.

    Examples
    --------
    >>> ground = '<path d="M 0 {0} L 9 {0} L 9 {1} L 0 {1} z" style="fill: #ffffff"/>'
    >>> plot_area(ground.format(200, 0) + ground.format(150, 20))
    (0.1, 0.75)
    """
    grounds = [(float(top), float(bottom)) for bottom, _, top, _ in _PANEL.findall(svg)]
    if len(grounds) != 2 or grounds[0][1] <= 0:
        return None
    (_, high), (top, bottom) = grounds
    return (top / high, bottom / high) if 0 <= top < bottom <= high else None


def without_ground(svg: str) -> str:
    """Take the white grounds of the sheet and the panels away, so that a draft's mark is seen whole.

    Examples
    --------
    >>> without_ground('<path d="M 0 9 L 9 9 L 9 0 L 0 0 z" style="fill: #ffffff"/>')
    '<path d="M 0 9 L 9 9 L 9 0 L 0 0 z" style="fill: none"/>'
    """
    return _PANEL.sub(lambda found: found[0].replace("#ffffff", "none"), svg)


def part(svg: str, top: float, bottom: float) -> str:
    """Give the part of a drawing between two heights, as shares of its own height."""
    found = _FRAME.search(svg)
    if found is None:
        raise SosrakeError("drawing of a chart: no frame in it; run the notebook again")
    left, upper, wide, high = (float(one) for one in found[4].split())
    start, tall = upper + top * high, (bottom - top) * high
    seen = f'viewBox="{left:g} {start:g} {wide:g} {tall:g}"'
    frame = f'<svg {found[1]}width="{found[2]}pt" height="{tall:g}pt" {seen}'
    return svg[: found.start()] + frame + svg[found.end() :]


def _opened(name: str, text: object) -> str:
    try:
        unpacking = zlib.decompressobj()
        made = unpacking.decompress(base64.b64decode(str(text), validate=True), _MOST)
        if unpacking.unconsumed_tail or not unpacking.eof:
            raise SosrakeError(f"drawing {name[:12]}: larger than a chart or cut; run the notebook again")
        return made.decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeDecodeError) as fault:
        raise SosrakeError(f"drawing {name[:12]}: {fault}; run the notebook again") from None


def _shape(path: str) -> str:
    numbers = [float(one) for one in re.findall(_NUMBER, path)]
    step = 0.01 if numbers and max(map(abs, numbers)) <= _MARK else GRID
    return " ".join(re.sub(_NUMBER, lambda found: _rounded(found[0], step), path).split())


def _turned(text: str) -> str:
    """Round where a piece is moved to; an angle stays as it is."""
    kind, _, inside = text.partition("(")
    told: Iterable[str] = inside.rstrip(") ").replace(",", " ").split()
    step = (0.01 if kind == "rotate" and place == 0 else GRID for place in count())
    if kind not in ("rotate", "translate") or ")" in inside.rstrip(")"):
        return re.sub(_NUMBER, lambda found: _rounded(found[0], 0.01), text)
    return f"{kind}({' '.join(_rounded(one, size) for one, size in zip(told, step, strict=False))})"


def _rounded(number: str, step: float) -> str:
    made = round(float(number) / step) * step
    return f"{made:.2f}".rstrip("0").rstrip(".") if abs(made) >= 0.005 else "0"


def _numbered(text: str) -> str:
    names = {name: f"d{number}" for number, name in enumerate(dict.fromkeys(_NAME.findall(text)), start=1)}
    text = _NAME.sub(lambda found: f' id="{names[found[1]]}"', text)
    text = re.sub(r'href="#([^"]+)"', lambda found: f'href="#{names.get(found[1], found[1])}"', text)
    return re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{names.get(found[1], found[1])})", text)
