"""Periods as people write them on the command line and as sources write them in tables."""

from __future__ import annotations

import re

from sosrake_lib.errors import GatherError


def years_of(text: str) -> tuple[int, ...]:
    """Read `2019`, `2015-2023` or a list of such with commas.

    Examples
    --------
    >>> years_of("2015,2018-2020")
    (2015, 2018, 2019, 2020)
    """
    years: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{4})(?:\s*[-\u2013]\s*(\d{4}))?\s*", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not 1900 <= first <= last <= 2100:
            raise GatherError(f"periods {text!r}; expected years such as 2019 or 2015-2023; write them so")
        years.update(range(first, last + 1))
    return tuple(sorted(years))


def period_of(code: str) -> str:
    """Turn a statistics table's time code into a period of the indicator frame.

    Examples
    --------
    >>> period_of("2021"), period_of("2020M03")
    ('2021', '2020-03')
    """
    if re.fullmatch(r"\d{4}", code):
        return code
    month = re.fullmatch(r"(\d{4})M(0[1-9]|1[0-2])", code)
    if month:
        return f"{month[1]}-{month[2]}"
    half = re.fullmatch(r"(\d{4})H([12])", code)
    if half:
        return f"{half[1]}-H{half[2]}"
    raise GatherError(f"time {code!r}; expected a year, 2020M03 or 2020H1; choose a yearly or monthly table")
