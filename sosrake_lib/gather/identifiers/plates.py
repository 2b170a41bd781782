"""Number plates, told apart from measures, clauses and projects that are written alike (PHQ-9, SHL 46)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sosrake_lib.gather.identifiers.entity import PROBABLE, SURE, Entity
from sosrake_lib.gather.identifiers.lists import data
from sosrake_lib.gather.identifiers.windows import Window, after_label

_PLATE = re.compile(r"(?<![\w.-])([A-Za-zÅÄÖåäö]{2,3})([- ]?)(\d{1,4})(?![\w])(?![-.,/]\d)(?!-[A-Za-z])")
_CUE = re.compile(
    r"(?i)(?:\b(?:henkilö|paketti|kuorma|työ|vuokra|linja|virka|taksi)?auto(?:n|a|lla|lle|lta|ssa"
    r"|sta|on|nsa|nne)?|\brekisteri\w{0,14}|\brek\.?|\brek\.?\s?(?:nro|tunnus)\w{0,3}|\bkilpi"
    r"|\bkilve\w{1,4}"
    r"|\bajoneuvo\w{0,4}|\bmopo\w{0,4}|\bmoottoripyörä\w{0,4}|\bperäkärry\w{0,4}"
    r"|\bperävaunu\w{0,4}|\bpysäköi\w{0,6}|\btaksi\w{0,4}|\bbil\w{0,3}|\bregisternummer|\bcar"
    r"|\btraktori\w{0,4}|\bveturi\w{0,3})(?:\s(?!\d)[a-zåäö:]{1,12}){0,2}\W{0,4}$"
)
_HINTS = (
    "auto",
    "rek",
    "kilp",
    "kilv",
    "ajoneuv",
    "mopo",
    "pyörä",
    "kärry",
    "vaunu",
    "pysäk",
    "pysäköi",
    "taksi",
    "bil",
    "regist",
    "car",
    "traktori",
    "veturi",
)
_CAR_AFTER = re.compile(r":?\w{0,4}\s(?:auto|rekisteri|paketti|mopo)")
_REGISTER = re.compile(
    r"(?i)(?:rekisteri\w{0,14}|\brek\.?\s?(?:nro|tunnus)?\w{0,3}|kilpi|kilve\w{1,4}"
    r"|registernummer)\W{0,4}(?:(?:on|oli)\s)?$"
)
_BLOCK = re.compile(
    r"(?i)(?:hank|koodi|lomak|mittari|kurssi|tuot|kohta|kohda|versio|tilaus|malli|luokka|luoka"
    r"|huone|tila|standardi|testi|asteikko|kysely|osa|projekti|dokumentti|asiakirja|laki|lain|§"
    r"|artikla|oppaa|lento|linja|reitti|bussi|juna|osanumero|sarjanumero|laite"
    r"|avustuspäätös)\w{0,10}\W{1,3}(?:(?:on|oli)\s)?$"
)


@cache
def not_plates() -> frozenset[str]:
    """Give the letters of measures, laws, standards, systems and projects that are written like plates."""
    return frozenset(data("words")["not_plates"].split())


def plates(window: Window) -> Iterator[Entity]:
    """Find number plates: three capitals, dash, three digits by form; others after a word of cars."""
    text = window.text
    cued = window.has(*_HINTS)
    for match in window.matches(_PLATE):
        letters, dash, digits = match.groups()
        known = letters.lower() in not_plates()
        plain = not known or (dash == "-" and letters.isupper())
        if cued and after_label(_CUE if plain else _REGISTER, text, match.start()):
            if letters.isupper() or letters.islower():
                yield Entity("PLATE", *match.span(), SURE, "label")
            continue
        usual = letters.isupper() and len(letters) == 3 and dash == "-" and len(digits) == 3
        if usual and not known and not after_label(_BLOCK, text, match.start(), 28):
            yield Entity("PLATE", *match.span(), SURE, "form")
        elif letters.isupper() and dash == "-" and not known and _CAR_AFTER.match(text, match.end()):
            yield Entity("PLATE", *match.span(), PROBABLE, "label")
