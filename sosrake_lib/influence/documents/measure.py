"""How wide text is in the documents' own letters, and where a word may be cut; the same on every machine."""

from __future__ import annotations

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.chart_style import DOTS

_FILES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
_VOWELS = "aeiouyåäöAEIOUYÅÄÖ"
_SYLLABLE = re.compile(rf"(?<=..)(?=[^{_VOWELS}][{_VOWELS}])")
HYPHEN = "\u2010"  # ends a line inside a word; a hyphen that belongs to a word is another sign
_LONGEST_SYLLABLE = 6  # letters; a word with a longer stretch may not be hyphenated as a reader would


@cache
def font_folder() -> Path:
    """Give the folder of the letters that documents are set in: matplotlib's own DejaVu."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Give the width of a text in points when it is set at `size` points.

    Examples
    --------
    >>> round(width_of("SOSRAKE", 10.0), 1) > round(width_of("sosrake", 10.0), 1)
    True
    """
    return sum(_advance(sign, bold) for sign in text) * size


def hyphenates(word: str) -> bool:
    """Say whether a word of letters can be divided between syllables as Finnish and English do.

    Examples
    --------
    >>> hyphenates("pitkäaikaistyöttömien"), hyphenates("xxxxxxxxxxxxxxxxxxxx"), hyphenates("a_b_c")
    (True, False, False)
    """
    letters = word.strip(".,;:()!?”\"'")
    if not letters.replace("-", "").isalpha():
        return False
    return all(len(piece) <= _LONGEST_SYLLABLE for piece in _SYLLABLE.split(letters))


def cut(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Cut the words of a text that are wider than `width` points.

    Returns
    -------
    Pieces between which the line ends. A word is divided between syllables with `HYPHEN` at the end of a
    piece, or anywhere when it is no word (a code, an address); without those hyphens the pieces are the text.

    Examples
    --------
    >>> cut("pitkäaikaistyöttömien osuus", 70.0, 9.0)
    ['pitkäaikaistyöt‐', 'tömien osuus']
    """
    pieces = [""]
    for token in re.split("( )", text):
        if width_of(token, size, bold=bold) <= width:
            pieces[-1] += token
            continue
        hyphen = HYPHEN if hyphenates(token) else ""
        for part in _SYLLABLE.split(token) if hyphen else token:
            last = pieces[-1].rpartition(" ")[2]
            if last and width_of(last + part + hyphen, size, bold=bold) > width:
                pieces[-1] += hyphen
                pieces.append("")
            pieces[-1] += part
    return [piece for piece in pieces if piece]


def syllables(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Give a text in pieces between which a word wider than `width` points may be divided.

    Examples
    --------
    >>> syllables("viestintä pitkäaikaistyöttömien", 70.0, 9.0)
    ['viestintä pit', 'käai', 'kais', 'työt', 'tö', 'mien']
    """
    pieces = [""]
    for token in re.split("( )", text):
        cuts = hyphenates(token) and width_of(token, size, bold=bold) > width
        first, *rest = _SYLLABLE.split(token) if cuts else [token]
        pieces[-1] += first
        pieces += rest
    return pieces


def in_letters(text: str) -> str:
    """Write signs that the letters lack by their names, so that no reader meets an empty box.

    Marks that only join or vary other signs are left out where the letters lack them.

    Examples
    --------
    >>> in_letters("hyvä 👍"), in_letters("ääkkönen")
    ('hyvä [thumbs up sign]', 'ääkkönen')
    """
    return "".join(sign if _has(sign) else _name(sign) for sign in text)


def _name(sign: str) -> str:
    if unicodedata.category(sign) in ("Cf", "Mn", "Me"):
        return ""
    name = unicodedata.name(sign, f"U+{ord(sign):04X}")
    return f"[{name.lower() if ' ' in name else name}]"


@cache
def _has(sign: str) -> bool:
    return sign == " " or all(_font(bold).get_char_index(ord(sign)) for bold in _FILES)


def picture_width(png: bytes, widest: float, tallest: float, dots: float = DOTS) -> float:
    """Give the width in points at which a chart is set: its own size, so that its letters stay as drawn.

    A picture that would be wider or taller than there is room for is made smaller. `dots` : of the PNG, an
    inch.
    """
    if png[:8] != b"\x89PNG\r\n\x1a\n":
        raise SosrakeError("document: a picture is not PNG; make it with charts")
    wide, high = struct.unpack(">II", png[16:24])
    return min(wide * 72 / dots, widest, tallest * wide / high)


@cache
def _font(bold: bool) -> Any:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(font_folder() / _FILES[bold]))
    font.set_size(1000, 72)
    return font


@cache
def _advance(sign: str, bold: bool) -> float:
    """Give the advance of a sign in parts of the letters' size; a sign the letters lack is a wide one."""
    from matplotlib.ft2font import LoadFlags

    font = _font(bold)
    if not font.get_char_index(ord(sign)):
        return 1.2
    return font.load_char(ord(sign), flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536 / 1000
