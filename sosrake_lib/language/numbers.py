"""Numbers, periods and days as a reader of the language writes them.

Finnish and Swedish: decimal comma and no-break space (U+00A0); English: point and comma. The minus sign is
U+2212 everywhere. Halves are rounded away from zero.
"""

from __future__ import annotations

import math
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from re import fullmatch

from babel.dates import format_date, get_month_names
from babel.numbers import format_decimal

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language.messages import check_language, say

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
_DAY_FORMS = {"fi": "d.M.yyyy", "en": "d MMMM yyyy", "sv": "d.M.yyyy"}


def number(value: float, decimals: int = 1, language: str = "fi") -> str:
    """Write a number with a fixed count of decimals.

    Examples
    --------
    >>> from sosrake_lib.language import numbers
    >>> numbers.number(9.94), numbers.number(1234567.25, 1, "en")
    ('9,9', '1,234,567.3')
    """
    check_language(language)
    if not math.isfinite(value):
        raise SosrakeError(f"a number to be written is {value}; say absent values in words, not as a number")
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = format_decimal(abs(exact), pattern, locale=language)
    text = text.replace("\u202f", NO_BREAK_SPACE)
    return MINUS + text if exact < 0 else text


def count(value: float, language: str = "fi") -> str:
    """Write a whole number; a number with decimals is refused.

    Examples
    --------
    >>> from sosrake_lib.language import numbers
    >>> numbers.count(122594).replace(numbers.NO_BREAK_SPACE, "_")
    '122_594'
    """
    if math.isfinite(value) and value != int(value):
        raise SosrakeError(f"count {value} is no whole number; use number() for a value with decimals")
    return number(value, 0, language)


def percent(value: float, decimals: int = 1, language: str = "fi") -> str:
    """Write a percentage: 9.9 is "9,9 %" (no-break space) in Finnish and Swedish, "9.9%" in English."""
    return say("numbers.percent", language, number=number(value, decimals, language))


def interval(lower: float, upper: float, decimals: int = 1, language: str = "fi") -> str:
    """Write an interval: "9,7–10,2"; with a negative end spaces keep the minus apart from the dash.

    Examples
    --------
    >>> from sosrake_lib.language import numbers
    >>> numbers.interval(9.7, 10.2)
    '9,7–10,2'
    """
    if lower > upper:
        raise SosrakeError(f"interval {lower}, {upper}: the lower end is above the upper; swap them")
    ends = [number(end, decimals, language) for end in (lower, upper)]
    key = "numbers.interval_negative" if any(end.startswith(MINUS) for end in ends) else "numbers.interval"
    return say(key, language, lower=ends[0], upper=ends[1])


def period(text: str, language: str = "fi") -> str:
    """Write a period of the indicator frame: 2019, 2020-03, 2020-H1, 2018/2020.

    Examples
    --------
    >>> from sosrake_lib.language import numbers
    >>> [numbers.period(text) for text in ("2019", "2018/2020", "2020-03", "2020-H1")]
    ['2019', '2018–2020', 'maaliskuu 2020', '2020, alkuvuosi']
    """
    check_language(language)
    if fullmatch(r"\d{4}", text):
        return text
    if fullmatch(r"\d{4}/\d{4}", text):
        return say("numbers.period.years", language, first=text[:4], last=text[5:])
    if fullmatch(r"\d{4}-H[12]", text):
        half = "first_half" if text.endswith("1") else "second_half"
        return say(f"numbers.period.{half}", language, year=text[:4])
    if fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        month = get_month_names("wide", context="stand-alone", locale=language)[int(text[5:])]
        return say("numbers.period.month", language, month=month, year=text[:4])
    raise SosrakeError(f"period {text!r}: expected 2019, 2020-03, 2020-H1 or 2018/2020; write the period so")


def day(value: date, language: str = "fi") -> str:
    """Write a day: 5.3.2020, in English 5 March 2020."""
    check_language(language)
    return format_date(value, _DAY_FORMS[language], locale=language)
