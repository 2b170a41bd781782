"""One cell at a time: text of an office table into a value, a state, and what was converted on the way."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

OK, HIDDEN, EMPTY = "ok", "peitetty", "puuttuu"

_HIDDEN_MARKS = ("..", "...", "…", "*", "**", "x")
_LESS_THAN = re.compile(r"(?:<|&lt;|alle|under|less than)\s*\d{1,2}", re.IGNORECASE)
_SPACES = "\u00a0\u202f\u2009 "
_NUMBER = re.compile(r"[-+\u2212]?\d+(?:[.,]\d+)?")
_GROUPED = re.compile(rf"[-+\u2212]?\d{{1,3}}(?:[{_SPACES}']\d{{3}})+(?:[.,]\d+)?")
_MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>|javascript:", re.IGNORECASE)
_DAMAGED = re.compile("\ufffd|Ã[\u0080-\u00bf¤¶…„–]|Ã¥")


@dataclass(frozen=True)
class Read:
    """A cell's clean text, its state, what was converted (kinds of findings), and what is wrong with it."""

    value: str = ""
    state: str = OK
    said: tuple[str, ...] = ()
    wrong: str = ""


def read_number(cell: Any, typed: bool, whole: bool) -> Read:
    """Read a count or a number: decimal comma, grouped thousands, marks of hidden cells.

    Examples
    --------
    >>> read_number("52 122", False, True).value, read_number("<5", False, True).state
    ('52122', 'peitetty')
    >>> read_number("noin 1200", False, True).wrong
    'not_number'
    """
    if isinstance(cell, bool):
        return Read(wrong="not_number")
    if isinstance(cell, int | float):
        if not math.isfinite(cell):
            return Read(wrong="not_number")
        return _as_number(repr(cell), (), whole)
    text = _stripped(cell)
    if not text:
        return Read(state=EMPTY)
    if text.casefold() in _HIDDEN_MARKS or _LESS_THAN.fullmatch(text):
        return Read(state=HIDDEN, said=("suppressed",))
    if text in ("-", "\u2013", "\u2014", "."):
        return Read(wrong="dash")
    said = ["number_as_text"] if typed else []
    if _GROUPED.fullmatch(text):
        said.append("thousands")
        text = re.sub(f"[{_SPACES}']", "", text)
    if not _NUMBER.fullmatch(text):
        return Read(wrong="not_number")
    if "," in text:
        said.append("decimal_comma")
    return _as_number(text.replace(",", ".").replace("\u2212", "-"), tuple(said), whole)


def read_text(cell: Any) -> Read:
    """Read words: composed letters, no surrounding spaces; formulas, markup and overlong text are said."""
    text = "" if cell is None else str(cell)
    said = []
    if unicodedata.normalize("NFC", text) != text:
        said.append("name_form")
    text = unicodedata.normalize("NFC", text).replace("\u00a0", " ").strip()
    if _DAMAGED.search(text):
        return Read(wrong="damaged_text")
    if text[:1] in ("=", "+", "@", "\t") or (text[:1] == "-" and len(text) > 1 and not text[1:2].isspace()):
        return Read(wrong="formula")
    if _MARKUP.search(text):
        said.append("markup")
    return Read(text, OK if text else EMPTY, tuple(said))


def read_code(cell: Any, length: int = 3) -> Read:
    """Read a numeric code as text with its zeros; zeros a spreadsheet ate are put back and said."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = _stripped(cell).upper().removeprefix("KU")
    if not text:
        return Read(state=EMPTY)
    if re.fullmatch(r"E\d{2}", text):
        return Read(text)
    digits = text.lstrip("0").zfill(length)
    # One zero too many (0491) is the same mistake the other way round.
    if not text.isascii() or not text.isdigit() or len(digits) > length or len(text) > length + 1:
        return Read(text[:20], wrong="unknown_municipality")
    return Read(digits, OK, ("leading_zero",) if digits != text else ())


def read_year(cell: Any, first: int, last: int) -> Read:
    """Read a year between `first` and `last`."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = _stripped(cell)
    if not text:
        return Read(state=EMPTY)
    if not re.fullmatch(r"\d{4}", text) or not first <= int(text) <= last:
        return Read(wrong="year")
    return Read(text)


def read_date(cell: Any) -> Read:
    """Read 1.2.2021, 1.2.21 or 2021-02-01 into ISO form; anything that could be two dates is refused.

    Examples
    --------
    >>> read_date("1.2.21").value, read_date("02/01/2021").wrong
    ('2021-02-01', 'date')
    """
    if isinstance(cell, datetime):
        return Read(cell.date().isoformat())
    if isinstance(cell, date):
        return Read(cell.isoformat())
    text = _stripped(cell)
    if not text:
        return Read(state=EMPTY)
    finnish = re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})", text)
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text)
    if finnish:
        year = int(finnish[3]) + (2000 if len(finnish[3]) == 2 else 0)
        parts = (year, int(finnish[2]), int(finnish[1]))
    elif iso:
        parts = (int(iso[1]), int(iso[2]), int(iso[3]))
    else:
        return Read(wrong="date")
    try:
        found = date(*parts)
    except ValueError:
        return Read(wrong="date")
    if not 1900 <= found.year <= 2100:
        return Read(wrong="date")
    return Read(found.isoformat(), OK, () if iso else ("date_form",))


def plain(text: str) -> str:
    """Give a column name as it is compared: composed, small letters, no spaces at the ends."""
    return unicodedata.normalize("NFC", text).replace("\ufeff", "").strip().casefold()


def _stripped(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return unicodedata.normalize("NFC", text).strip(_SPACES + "\t\r\n")


def _as_number(text: str, said: tuple[str, ...], whole: bool) -> Read:
    number = float(text)
    if whole and not number.is_integer():
        return Read(wrong="not_whole")
    return Read(str(int(number)) if number.is_integer() else repr(number), OK, said)
