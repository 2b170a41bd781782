"""What a PDF of an output holds: pages, faults of its structure, contrast of its letters, smallest letter.

Colours are read from the drawing itself (with pypdf): each shown text has the fill colour of that moment, and
beneath it lies the filled rectangle that was drawn last under its first letter, or white paper; hatching is
lines over the paper. Letters
inside pictures are pixels and are not read here. What is marked as an artefact (the draft's watermark) is
decoration: the same words stand in the text.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from everything_memory import PROJECT, Task
from pypdf import PdfReader
from pypdf.generic import ContentStream

sys.path.insert(0, str(PROJECT / "tests"))
from pdf_structure import faults

Colour = tuple[float, float, float]
Matrix = tuple[float, float, float, float, float, float]
WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
UNIT: Matrix = (1, 0, 0, 1, 0, 0)
ENOUGH, ENOUGH_WHEN_LARGE = 4.5, 3.0  # WCAG 2.1, success criterion 1.4.3
LARGE, LARGE_BOLD = 18.0, 14.0
FILLS = {b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"}
INVISIBLE = 3


@dataclass(frozen=True)
class Shown:
    """A text as drawn: ratio of its colour to what is beneath, points, whether large, how many signs."""

    ratio: float
    points: float
    large: bool
    signs: int


@dataclass
class State:
    """The part of a PDF's graphics state that decides how letters look."""

    matrix: Matrix = UNIT
    fill: Colour = BLACK
    size: float = 0.0
    bold: bool = False
    mode: int = 0


@dataclass
class Drawing:
    """Follows the operations of a page and keeps every text that is shown."""

    fonts: dict[str, bool]
    state: State = field(default_factory=State)
    kept: list[State] = field(default_factory=list)
    text: Matrix = UNIT
    path: list[tuple[float, float]] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float, Colour]] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)

    def follow(self, operands: Any, operator: bytes) -> None:
        """Take in one operation."""
        if operator in (b"BDC", b"BMC"):
            self.marked.append(str(operands[0]))
        elif operator == b"EMC":
            self.marked.pop()
        elif operator in (b"Tj", b"TJ", b"'", b'"'):
            self._show(operands)
        elif operator in (b"BT", b"Tm", b"Tf", b"Tr"):
            self._set_text(operands, operator)
        elif operator in (b"m", b"l", b"c", b"v", b"y", b"re", b"n", b"S", b"s") or operator in FILLS:
            self._draw([float(one) for one in operands], operator)
        else:
            self._set(operands, operator)

    def _set(self, operands: Any, operator: bytes) -> None:
        if operator == b"q":
            self.kept.append(State(**vars(self.state)))
        elif operator == b"Q":
            self.state = self.kept.pop()
        elif operator == b"cm":
            self.state.matrix = times(numbers(operands), self.state.matrix)
        elif operator in (b"sc", b"scn", b"g", b"rg", b"k"):
            drawn_over = isinstance(
                operands[-1], str
            )  # the name of a pattern: hatching, drawn over the paper
            self.state.fill = WHITE if drawn_over else colour([float(one) for one in operands])
        elif operator == b"cs":
            self.state.fill = BLACK

    def _set_text(self, operands: Any, operator: bytes) -> None:
        if operator == b"BT":
            self.text = UNIT
        elif operator == b"Tm":
            self.text = numbers(operands)
        elif operator == b"Tf":
            self.state.size, self.state.bold = float(operands[1]), self.fonts[operands[0]]
        else:
            self.state.mode = int(operands[0])

    def _draw(self, given: list[float], operator: bytes) -> None:
        if operator == b"re":
            x, y, width, height = given
            self.path += [self._at(x, y), self._at(x + width, y + height)]
        elif given:
            self.path.append(self._at(given[-2], given[-1]))
        else:
            if operator in FILLS and is_rectangle(self.path):
                across, up = [x for x, _ in self.path], [y for _, y in self.path]
                self.boxes.append((min(across), min(up), max(across), max(up), self.state.fill))
            self.path = []

    def _at(self, x: float, y: float) -> tuple[float, float]:
        a, b, c, d, e, f = self.state.matrix
        return a * x + c * y + e, b * x + d * y + f

    def _show(self, operands: Any) -> None:
        if "/Artifact" in self.marked or self.state.mode == INVISIBLE:
            return
        a, _, c, d, e, f = times(self.text, self.state.matrix)
        points = self.state.size * (c * c + d * d) ** 0.5
        # a point inside the first letter: a little to the right of its start and above its line
        x, y = e + 0.2 * self.state.size * a, f + 0.3 * self.state.size * d
        beneath = WHITE
        for left, low, right, high, filled in self.boxes:
            if left <= x <= right and low <= y <= high:
                beneath = filled
        large = points >= LARGE or (self.state.bold and points >= LARGE_BOLD)
        self.shown.append(Shown(ratio(self.state.fill, beneath), points, large, signs(operands)))


def is_rectangle(path: Sequence[tuple[float, float]]) -> bool:
    """Say whether a filled path has the sides of its own box; a band or a letter has not, and is no ground.

    >>> is_rectangle([(0, 0), (4, 2)]), is_rectangle([(0, 0), (4, 0), (4, 2), (0, 2)])
    (True, True)
    >>> is_rectangle([(0, 0), (4, 1), (4, 2), (0, 2)]), is_rectangle([])
    (False, False)
    """
    ends = [(min(of), max(of)) for of in zip(*path, strict=True)]
    return bool(path) and all(
        min(abs(at - end) for end in between) < 0.01
        for point in path
        for at, between in zip(point, ends, strict=True)
    )


def signs(operands: Any) -> int:
    """Count the signs of a shown text; the house's fonts have two bytes a sign."""
    given = operands[0] if isinstance(operands[0], list) else [operands[-1]]
    raw = [one for one in given if not isinstance(one, int | float)]
    return sum(len(getattr(one, "original_bytes", one)) for one in raw) // 2


def numbers(operands: Any) -> Matrix:
    """Read the six numbers of a matrix."""
    a, b, c, d, e, f = (float(one) for one in operands)
    return a, b, c, d, e, f


def times(one: Matrix, other: Matrix) -> Matrix:
    """Multiply two matrices of a PDF: first `one`, then `other`.

    >>> times((1, 0, 0, 1, 5, 0), (2, 0, 0, 2, 0, 1))
    (2, 0, 0, 2, 10, 1)
    """
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def colour(given: list[float]) -> Colour:
    """Read a grey, RGB or CMYK colour as RGB.

    Raises
    ------
    ValueError for a colour of another kind (a pattern), whose contrast nobody can read from numbers.
    """
    if len(given) == 1:
        return given[0], given[0], given[0]
    if len(given) == 3:
        return given[0], given[1], given[2]
    if len(given) == 4:
        red, green, blue = ((1 - one) * (1 - given[3]) for one in given[:3])
        return red, green, blue
    raise ValueError(f"a colour of {len(given)} numbers")


def luminance(one: Colour) -> float:
    """Give WCAG's relative luminance of an sRGB colour."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in one)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: Colour, other: Colour) -> float:
    """Give WCAG's contrast ratio of two colours.

    >>> ratio(BLACK, WHITE), round(ratio((0.4627, 0.4627, 0.4627), WHITE), 2)
    (21.0, 4.54)
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def check(task: Task) -> dict[str, Any]:
    """Judge one PDF."""
    body = task.file.read_bytes()
    shown = [one for page in PdfReader(io.BytesIO(body)).pages for one in texts_of(page)]
    short = [one for one in shown if one.ratio < (ENOUGH_WHEN_LARGE if one.large else ENOUGH)]
    return {
        "pages": len(PdfReader(io.BytesIO(body)).pages),
        "faults": faults(body),
        "contrast": round(min((one.ratio for one in shown), default=0.0), 2),
        "short": len(short),
        # one or two small signs alone are the raised mark of a note
        "points": round(min((one.points for one in shown if one.signs > 2), default=0.0), 1),
        "texts": len(shown),
    }


def texts_of(page: Any) -> list[Shown]:
    """Follow the drawing of one page."""
    fonts = page["/Resources"].get_object().get("/Font", {})
    names = {key: str(font.get_object().get("/BaseFont", "")).lower() for key, font in fonts.items()}
    drawing = Drawing({key: "bold" in name for key, name in names.items()})
    contents = page.get_contents()
    if contents is not None:
        for operands, operator in ContentStream(contents, page.pdf).operations:
            drawing.follow(operands, operator)
    return drawing.shown
