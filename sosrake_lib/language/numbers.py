"""Numbers, periods and days as a reader of the language writes them.

Finnish and Swedish: decimal comma and no-break space (U+00A0); English: point and comma. The minus sign is
U+2212 everywhere. Halves are rounded away from zero. A number and what it counts never part at a line's end.

Per cent is a share ("9,9 %"), a percentage point the difference of two shares ("0,7 prosenttiyksikköä"): from
10 % to 12 % is 2 percentage points, and a rise of 20 per cent.

Sources of the Finnish forms: Kielitoimiston ohjepankki (Kotus), "Numeroilmaukset", "Prosentti ja
prosenttiyksikkö", "Ajatusviiva: rajakohtia ilmaisemassa", "Välilyönti numeroilmauksissa".
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
# What `counted` can count; the words stand in language/*/numbers.toml.
UNITS = (
    *("percent", "point", "euro", "person", "client", "household", "municipality", "area"),
    *("year", "month", "day", "case", "figure", "answer", "observation"),
)
_MILLION, _BILLION = 1_000_000, 1_000_000_000
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


def percent_interval(lower: float, upper: float, decimals: int = 1, language: str = "fi") -> str:
    """Write an interval of shares with one sign for both ends: "9,7–10,2 %", "9.7–10.2%"."""
    return say("numbers.percent_interval", language, interval=interval(lower, upper, decimals, language))


def counted(value: float, unit: str, language: str = "fi", decimals: int = 0) -> str:
    """Write a number with what it counts, in the singular after a plain 1 and else in the plural form.

    Parameters
    ----------
    unit : one of UNITS. decimals : 1,0 is no plain 1: "1,0 prosenttiyksikköä".

    Examples
    --------
    >>> from sosrake_lib.language import numbers
    >>> [numbers.counted(n, "person").replace(numbers.NO_BREAK_SPACE, " ") for n in (0, 1, 2)]
    ['0 henkilöä', '1 henkilö', '2 henkilöä']
    """
    if unit not in UNITS:
        raise SosrakeError(f"numbers.counted: unit {unit!r}; expected one of {', '.join(UNITS)}")
    text = number(value, decimals, language)
    form = "one" if text.removeprefix(MINUS) == "1" else "other"
    return f"{text}{NO_BREAK_SPACE}{say(f'numbers.unit.{form}.{unit}', language)}"


def points(value: float, decimals: int = 1, language: str = "fi") -> str:
    """Write a difference of two shares: "3,2 prosenttiyksikköä", never "3,2 %"."""
    return counted(value, "point", language, decimals)


def percent_words(value: float, decimals: int = 1, language: str = "fi") -> str:
    """Write a percentage with the word: "9,9 prosenttia", for clear language and for speech."""
    return counted(value, "percent", language, decimals)


def signed(value: float, decimals: int = 1, language: str = "fi") -> str:
    """Write a change with its sign: "+0,7", "−0,7"; a change that rounds to nothing has none: "0,0"."""
    text = number(value, decimals, language)
    positive = value > 0 and any(sign in "123456789" for sign in text)
    return say("numbers.signed_plus", language, number=text) if positive else text


def euros(value: float, decimals: int = 0, language: str = "fi") -> str:
    """Write an amount of money: "1 234,50 €", in English "€1,234.50"."""
    text = number(value, decimals, language)
    minus = MINUS if text.startswith(MINUS) else ""
    return minus + say("numbers.euros", language, number=text.removeprefix(MINUS))


def euros_words(value: float, decimals: int = 0, language: str = "fi") -> str:
    """Write an amount of money with the word: "1 200 euroa"."""
    return counted(value, "euro", language, decimals)


def per_thousand(value: float, decimals: int = 1, language: str = "fi") -> str:
    """Write a rate per thousand in words: "12,3 tuhatta kohti"."""
    return say("numbers.per_thousand", language, number=number(value, decimals, language))


def about(figure: str, language: str = "fi") -> str:
    """Say that a written figure is rounded: "noin 9,9 %"."""
    check_language(language)
    return say("numbers.about", language, figure=figure).replace(" ", NO_BREAK_SPACE, 1)


def large(value: float, decimals: int = 1, language: str = "fi") -> str:
    """Write millions and billions with the word; a smaller number in digits.

    Examples
    --------
    >>> from sosrake_lib.language import numbers
    >>> [numbers.large(n).replace(numbers.NO_BREAK_SPACE, " ") for n in (52_122, 1_000_000, 1_250_000)]
    ['52 122', '1 miljoona', '1,3 miljoonaa']
    """
    if not abs(value) >= _MILLION:
        return number(value, 0, language)
    # 999 960 000 reads "1 miljardi", not "1 000,0 miljoonaa".
    billions = abs(value) / _MILLION >= 1000 - 0.5 * 10**-decimals
    word, scaled = ("billion", value / _BILLION) if billions else ("million", value / _MILLION)
    whole = scaled == int(scaled)
    text = number(scaled, 0 if whole else decimals, language)
    form = f"{word}_one" if text.removeprefix(MINUS) == "1" else word
    return say(f"numbers.large.{form}", language, number=text)


def ordinal(value: int, language: str = "fi") -> str:
    """Write an ordinal: "3.", "3rd", "3:e".

    Examples
    --------
    >>> from sosrake_lib.language import numbers
    >>> [numbers.ordinal(n, "en") for n in (1, 2, 3, 11, 22)], numbers.ordinal(2, "sv")
    (['1st', '2nd', '3rd', '11th', '22nd'], '2:a')
    """
    if value != int(value) or value < 1:
        raise SosrakeError(f"numbers.ordinal: {value}; expected a whole number of 1 or more")
    last, teen = int(value) % 10, int(value) % 100 in (11, 12, 13)
    endings = {
        "fi": "",
        "en": "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(last, "th"),
        "sv": ":a" if last in (1, 2) and not teen else ":e",
    }
    check_language(language)
    return say("numbers.ordinal.form", language, number=count(value, language) + endings[language])


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
