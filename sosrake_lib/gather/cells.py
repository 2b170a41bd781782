"""One cell at a time: text of an office table into a value, a state, and what was converted on the way."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sosrake_lib.gather import marks

OK, HIDDEN, EMPTY = "ok", "peitetty", "puuttuu"

_SPACES = "\u00a0\u202f\u2007\u2009 "
_STRIPPED = _SPACES + "\t\r\n"
_SIGN = "[-+\u2212]?"
_NUMBER = re.compile(rf"{_SIGN}\d{{1,15}}(?:[.,]\d{{1,15}})?", re.ASCII)
_GROUPED = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:[{_SPACES}'\u2019]\d{{3}})+(?:[.,]\d+)?", re.ASCII)
# A point or comma between thousands is sure only when it stands twice, or the other mark follows.
_POINTS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:(?:\.\d{{3}}){{2,}}(?:,\d+)?|(?:\.\d{{3}})+,\d+)", re.ASCII)
_COMMAS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:(?:,\d{{3}}){{2,}}(?:\.\d+)?|(?:,\d{{3}})+\.\d+)", re.ASCII)
_ONE_GROUP = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}[.,]\d{{3}}", re.ASCII)
_TIME = r"(?:[T ]\s?\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?Z?)?"
_FINNISH_DATE = re.compile(rf"(\d{{1,2}})\.\s?(\d{{1,2}})\.\s?(\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_ISO_DATE = re.compile(rf"(\d{{4}})([-/]?)(\d{{2}})\2(\d{{2}}){_TIME}", re.ASCII)
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 60_000


@dataclass(frozen=True, slots=True)
class Read:
    """A cell's clean text, its state, what was converted (kinds of findings), and what is wrong with it."""

    value: str = ""
    state: str = OK
    said: tuple[str, ...] = ()
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Percent:
    """A cell of a workbook shown as per cent: 0.098 is seen as 9.8 %."""

    value: float


@dataclass(frozen=True, slots=True)
class Told:
    """A cell of a workbook whose trouble is already told of with the cell's own name."""


def read_number(cell: Any, typed: bool, whole: bool, percent: bool = False) -> Read:
    """Read a count or a number: decimal comma, grouped thousands, marks of hidden cells.

    Parameters
    ----------
    cell : text, or a value of a workbook's cell.
    typed : whether the file tells numbers from text; a number written as text is then said.
    whole : only whole numbers are right. There `1.204` could be one or a thousand, and is refused.
    percent : the column is in per cent, so that `9,8 %` is 9.8.

    Examples
    --------
    >>> read_number("52 122", False, True).value, read_number("<5", False, True).state
    ('52122', 'peitetty')
    >>> read_number("noin 1200", False, True).wrong, read_number("1.204", False, True).wrong
    ('not_number', 'ambiguous_number')
    """
    if isinstance(cell, Percent):
        wrong = "" if percent else "not_number"
        return (
            Read(wrong=wrong) if wrong else _as_number(repr(round(cell.value * 100, 10)), ("percent",), whole)
        )
    if isinstance(cell, bool | date):
        return Read(wrong="not_number")
    if isinstance(cell, int | float):
        return _as_number(repr(cell), (), whole) if math.isfinite(cell) else Read(wrong="not_number")
    text, said = _stripped(cell)
    state = _state_of(text)
    if state is not None:
        return state
    return _number_of(text, (*said, "number_as_text") if typed else said, whole, percent)


def _state_of(text: str) -> Read | None:
    """Judge a cell that is no number and may still be right: empty, hidden, marked as missing."""
    if not text:
        return Read(state=EMPTY)
    if marks.is_hidden(text):
        return Read(state=HIDDEN, said=("suppressed",))
    if marks.is_missing(text):
        return Read(state=EMPTY, said=("missing_mark",))
    wrong = marks.fault(text) or ("dash" if text in marks.DASHES else "")
    return Read(wrong=wrong) if wrong else None


def _number_of(text: str, said: tuple[str, ...], whole: bool, percent: bool) -> Read:
    if percent and text.endswith("%"):
        text, said = text[:-1].rstrip(_STRIPPED), (*said, "percent")
    if whole and _ONE_GROUP.fullmatch(text):
        return Read(wrong="ambiguous_number")
    if _GROUPED.fullmatch(text):
        text, said = re.sub(f"[{_SPACES}'\u2019]", "", text), (*said, "thousands")
    elif _POINTS.fullmatch(text):
        text, said = text.replace(".", ""), (*said, "thousands")
    elif _COMMAS.fullmatch(text):
        text, said = text.replace(",", ""), (*said, "thousands")
    if not _NUMBER.fullmatch(text):
        return Read(wrong="not_number")
    if "," in text:
        said = (*said, "decimal_comma")
    elif whole and "." in text:
        said = (*said, "number_form")
    return _as_number(text.replace(",", ".").replace("\u2212", "-"), said, whole)


def ambiguous_beside_commas(cell: Any) -> bool:
    """Say whether a number with a point could be a thousand in a column that has decimal commas."""
    return isinstance(cell, str) and "." in cell and _ONE_GROUP.fullmatch(cell.strip(_STRIPPED)) is not None


def read_text(cell: Any) -> Read:
    """Read words: composed letters, no stray spaces; formulas, markup, control characters are said.

    Examples
    --------
    >>> read_text(" Ristijärvi ").said, read_text("=1+1").wrong
    (('spaces',), 'formula')
    """
    text = "" if cell is None else str(cell)
    clean, said = _unified(text)
    lined = " ".join(re.split(r"\s*[\r\n\t]+\s*", clean.strip(_STRIPPED)))
    if lined != clean.strip(_STRIPPED):
        said = (*said, "line_in_cell")
    single = re.sub(f"[{_SPACES}]+", " ", lined)
    if single != lined or clean.strip(_STRIPPED) != clean:
        said = (*said, "spaces")
    wrong = marks.fault(single, words=True)
    if wrong:
        return Read(wrong=wrong)
    if marks.has_markup(single):
        said = (*said, "markup")
    return Read(single, OK if single else EMPTY, said if single else ())


def read_code(cell: Any, length: int = 3) -> Read:
    """Read a numeric code as text with its zeros; zeros a spreadsheet ate are put back and said.

    Examples
    --------
    >>> read_code("90"), read_code("KU491").value
    (Read(value='090', state='ok', said=('leading_zero',), wrong=''), '491')
    """
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text, said = _stripped(cell)
    if not text:
        return Read(state=EMPTY)
    wrong = marks.fault(text)
    if wrong:
        return Read(wrong=wrong)
    if re.fullmatch(r"E\d{2}", text.upper(), re.ASCII):
        return Read(text.upper(), OK, said)
    bare = re.sub(r"\.0+$", "", text.upper().removeprefix("KU"))
    digits = bare.lstrip("0").zfill(length)
    # One zero too many (0491) is the same mistake the other way round.
    if not bare.isascii() or not bare.isdigit() or len(digits) > length or len(bare) > length + 1:
        return Read(text[:20], wrong="unknown_municipality")
    return Read(digits, OK, (*said, "leading_zero") if digits != text else said)


def read_year(cell: Any, first: int, last: int) -> Read:
    """Read a year between `first` and `last`."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text, said = _stripped(cell)
    if not text:
        return Read(state=EMPTY)
    bare = re.sub(rf"^(\d)[{_SPACES}](\d{{3}})$", r"\1\2", re.sub(r"^(\d{4})[.,]0+$", r"\1", text))
    if not re.fullmatch(r"\d{4}", bare, re.ASCII) or not first <= int(bare) <= last:
        return Read(wrong=marks.fault(text) or "year")
    return Read(bare, OK, (*said, "number_form") if bare != text else said)


def read_date(cell: Any, last: int = 2100) -> Read:
    """Read 1.2.2021, 1.2.21 or 2021-02-01 into ISO form; anything that could be two dates is refused.

    Examples
    --------
    >>> read_date("1.2.21").value, read_date("02/01/2021").wrong, read_date("44228").wrong
    ('2021-02-01', 'date', 'date_serial')
    """
    if isinstance(cell, date):
        found = cell.date() if isinstance(cell, datetime) else cell
        return Read(found.isoformat()) if 1900 <= found.year <= last else Read(wrong="date")
    text, said = _stripped(cell)
    if not text:
        return Read(state=EMPTY)
    if serial_date(text):
        return Read(wrong="date_serial")
    finnish, iso = _FINNISH_DATE.fullmatch(text), _ISO_DATE.fullmatch(text)
    if finnish:
        year = int(finnish[3]) + (2000 if len(finnish[3]) == 2 else 0)
        parts = (year, int(finnish[2]), int(finnish[1]))
    elif iso:
        parts = (int(iso[1]), int(iso[3]), int(iso[4]))
    else:
        return Read(wrong=marks.fault(text) or "date")
    try:
        read = date(*parts).isoformat()
    except ValueError:
        return Read(wrong="date")
    if not 1900 <= parts[0] <= last:
        return Read(wrong="date")
    return Read(read, OK, said if read == text else (*said, "date_form"))


def serial_date(cell: Any) -> str:
    """Give the day a spreadsheet's day number would be, as d.m.yyyy; empty when it is none.

    Examples
    --------
    >>> serial_date("44228")
    '1.2.2021'
    """
    match = re.fullmatch(r"(\d{5})(?:[.,]\d+)?", str(cell).strip(), re.ASCII)
    if not match or not _FIRST_SERIAL <= int(match[1]) <= _LAST_SERIAL:
        return ""
    day = date(1899, 12, 30) + timedelta(days=int(match[1]))
    return f"{day.day}.{day.month}.{day.year}"


def plain(text: str) -> str:
    """Give a word as it is compared: composed, small letters, no invisible signs, single spaces."""
    return " ".join(marks.visible(unicodedata.normalize("NFC", text)).split()).casefold()


def _unified(text: str) -> tuple[str, tuple[str, ...]]:
    """Compose letters and take out signs nobody sees; say which was done."""
    if text.isascii():
        return text, ()
    said: tuple[str, ...] = ()
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        said = ("name_form",)
    seen = marks.visible(composed)
    return (seen, (*said, "invisible")) if seen != composed else (seen, said)


def _stripped(cell: Any) -> tuple[str, tuple[str, ...]]:
    text, said = _unified("" if cell is None else str(cell))
    bare = text.strip(_STRIPPED)
    return (bare, (*said, "spaces")) if bare and bare != text else (bare, said)


def _as_number(text: str, said: tuple[str, ...], whole: bool) -> Read:
    number = float(text)
    if not math.isfinite(number) or abs(number) >= 1e15:
        return Read(wrong="not_number")
    if whole and not number.is_integer():
        return Read(wrong="not_whole")
    return Read(str(int(number)) if number.is_integer() else repr(number), OK, said)
