"""Dates of birth: a date is one only beside words of being born, or right after a person's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosrake_lib.gather.identifiers.checksums import real_date
from sosrake_lib.gather.identifiers.entity import PROBABLE, REVIEW, SURE, Entity
from sosrake_lib.gather.identifiers.windows import Window, after_label

_MONTHS = {
    **{
        "tammi": 1,
        "helmi": 2,
        "maalis": 3,
        "huhti": 4,
        "touko": 5,
        "kesä": 6,
        "heinä": 7,
        "elo": 8,
        "syys": 9,
        "loka": 10,
    },
    **{
        "marras": 11,
        "joulu": 12,
        "jan": 1,
        "feb": 2,
        "mar": 3,
        "apr": 4,
        "maj": 5,
        "may": 5,
        "jun": 6,
        "jul": 7,
        "aug": 8,
    },
    **{"sep": 9, "okt": 10, "oct": 10, "nov": 11, "dec": 12},
}
_FINNISH = r"(tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)kuu(?:n|ta|ssa)?"
_OTHER = (
    r"(jan|feb|mar|apr|maj|may|jun|jul|aug|sep|okt|oct|nov|dec)"
    r"(?:uari|uary|ruari|ruary|s|ch|il|i|y|ust|usti|tember|ober|ember)?"
)
_NUMBERS = re.compile(
    r"(?<![\d/])(?<!\d[.-])(\d{1,2}) ?([./-]) ?(\d{1,2}) ?\2 ?(-?)(\d{4}|\d{2})(?![\d])(?!-?[A-Za-z0-9]{4})"
)
_ISO = re.compile(r"(?<![\d-])(\d{4})[-.](\d{2})[-.](\d{2})(?![\d-])")
_WRITTEN = re.compile(
    rf"(?i)(?<!\d)(\d{{1,2}})(?:\.|st|nd|rd|th)?\s?(?:päivä(?:nä)?\s|of\s)?(?:{_FINNISH}"
    rf"|{_OTHER})\.?,?\s(?:vuonna\s)?(\d{{4}})(?!\d)"
)
_MONTH_FIRST = re.compile(
    rf"(?i)(?<!\w)(?:{_FINNISH}|{_OTHER})\s(\d{{1,2}})(?:\.|st|nd|rd"
    rf"|th)?,?\s?(?:päivä(?:nä)?,?\s)?(?:vuonna\s)?(\d{{4}})(?!\d)"
)
_COMPACT = re.compile(r"(?<![\w.-])(\d{2})(\d{2})(\d{4}|\d{2})(?![\w-])")
_YEAR = re.compile(r"(?<![\w.-])(?:19|20)\d{2}(?![\w.-]\d)(?!\d)")
_MONTH_FIRST_HINTS = (
    *("kuun ", "uary ", "march ", "april ", "may ", "june ", "july ", "august ", "ember ", "october "),
)
_RECENT = 2011
_SHORT = r"\bs\.|\bsynt\b\.?|\bsyn\.|\bsa\b\.?|\bsa:|\bf\.|\bdob\b|\bd\.o\.b\.?|\bb\."
_BIRTH = (
    r"syntymäaja\w{0,6}|syntymäaika\w{0,6}|syntymä-?\s?pv?m?\b|syntymäpäiv(?!äj)\w{0,8}"
    r"|syntymävuo\w{0,6}|synttäri\w{0,6}|synt\.?\s?aika\w{0,3}|födelse\w{0,10}|"
    r"date of birth|birth ?da(?:y|te)|birthday"
)
_BORN = r"syntynyt|syntyi|syntyneen|syntyneel\w{0,3}|syntyn\.|född|\bborn"
_HINTS = ("s.", "syn", "sa", "f.", "föd", "born", "birth", "dob", "d.o.b", "b.")
_LINK = r"[\s:=(,\-]*(?:(?:on|oli|is|was|den|on|pvm|pv|päivänä|the)\b[\s:=(]*){0,2}$"
_LABEL = re.compile(rf"(?i)(?:{_SHORT}|{_BIRTH}|{_BORN}){_LINK}")
_BORN_SOMEWHERE = re.compile(rf"(?i)(?:{_BORN})\s[^.\d\n;]{{0,40}}$")
_TIME_OF_BIRTH = re.compile(r"(?i)syntymäa(?:ja|ika)\w{0,6}\s[^.\d\n;]{0,24}$")
_OF_A_THING = re.compile(
    r"(?i)(?:hank|yhdisty|päätö|ide|ajatu|sopimu|järjestö|asema|käytän|työryhm|verkosto|palvelu"
    r"|yksik|malli|liitto|säätiö|perinne|suunnitelma)"
    r"\w{0,12}\s(?:on\s|oli\s)?(?:syntyi|syntynyt)[^.\d\n]{0,40}$"
)
_AFTER = re.compile(r"(?i)\W{0,3}(?:(?:on\s)?syntyn\w+|synt\.|s\.(?=\s[a-zåäö])|född|syntyi|\(?syntymäaika)")


def births(window: Window, name_ends: frozenset[int]) -> Iterator[Entity]:
    """Find dates of birth by a word of birth before or after the date; a year alone is for review.

    A date right after a person's name, in brackets or after a comma, is probably one too. There a recent date
    is more often that of a meeting, so only those before 2011 are taken. `name_ends` are where names end.
    """
    text = window.text
    labelled = window.has(*_HINTS)
    for first, last, year in _dates(window):
        reason = _reason(text, first, last) if labelled else ""
        if reason:
            yield Entity("DOB", first, last, SURE, reason)
        elif year < _RECENT and _name_before(text, first, name_ends):
            yield Entity("DOB", first, last, PROBABLE, "beside_name")
    if not labelled:
        return
    for match in window.matches(_COMPACT):
        if after_label(_LABEL, text, match.start()) and _real(match[1], match[2], match[3]):
            yield Entity("DOB", *match.span(), SURE, "label")
    for match in window.matches(_YEAR):
        if after_label(_LABEL, text, match.start(), 24):
            yield Entity("DOB", *match.span(), REVIEW, "year")


def _name_before(text: str, place: int, name_ends: frozenset[int]) -> bool:
    before = text[max(0, place - 3) : place]
    return place - len(before) + len(before.rstrip(" ,(\n")) in name_ends and before[-1:] in (
        " ",
        ",",
        "(",
        "\n",
    )


def _dates(window: Window) -> Iterator[tuple[int, int, int]]:
    for match in window.matches(_NUMBERS):
        if _real(match[1], match[3], match[5]):
            yield match.start(), match.end(), _full_year(match[5])
    for match in window.matches(_ISO):
        if _real(match[3], match[2], match[1]):
            yield match.start(), match.end(), int(match[1])
    shapes = [(_WRITTEN, 1, 2, 3)]
    if window.has(*_MONTH_FIRST_HINTS):
        shapes.append((_MONTH_FIRST, 3, 1, 2))
    for pattern, day, month, other in shapes:
        for match in window.matches(pattern):
            number = _MONTHS[(match[month] or match[other]).lower()]
            if _real(match[day], str(number), match[4]):
                yield match.start(), match.end(), int(match[4])


def _reason(text: str, first: int, last: int) -> str:
    if after_label(_OF_A_THING, text, first, 80):
        return ""
    if after_label(_LABEL, text, first) or after_label(_BORN_SOMEWHERE, text, first, 56):
        return "label"
    return (
        "label" if _TIME_OF_BIRTH.search(text, max(0, first - 48), first) or _AFTER.match(text, last) else ""
    )


def _real(day: str, month: str, year: str) -> bool:
    full = _full_year(year)
    return 1880 <= full <= 2099 and real_date(full, int(month), int(day))


def _full_year(year: str) -> int:
    """Two digits are of a century in which a living person may have been born; 2000 has every day."""
    return int(year) if len(year) == 4 else 1900 + int(year) if int(year) > 30 else 2000 + int(year)
