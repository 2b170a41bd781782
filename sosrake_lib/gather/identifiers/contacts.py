"""Phone numbers, e-mail addresses and network addresses, also as they are written in words."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from sosrake_lib.gather.identifiers.checksums import real_date
from sosrake_lib.gather.identifiers.entity import PROBABLE, REVIEW, SURE, Entity
from sosrake_lib.gather.identifiers.windows import Window, after_label

_ABROAD = re.compile(
    r"(?<![\w+])(?:\+ ?|00 ?)[1-9]\d{0,3}(?:[ -]?\(0\))?(?:[ \-./]{0,2}\(?\d{1,12}\)?){1,6}(?!\w)"
)
_MOBILE = re.compile(
    r"(?<![\w+.,/-])\(?0(?:4\d|50)\d{0,2}\)?(?:[ \-./]{1,3}\d{2,8}|\d{5,8}"
    r"|\d[ -]\d{3,6})(?:[ \-./]\d{2,4}){0,3}(?!\d)(?![-/]\d)"
)
_LANDLINE = re.compile(
    r"(?<![\w+.,/-])(?:\(0(?:[235689]|1[3-9])\) ?|0(?:[235689]|1[3-9])(?: - | "
    r"|-))\d{2,8}(?:[ -]\d{2,4}){0,3}(?!\w)(?![.,/-]\d)"
)
_ANY = re.compile(r"(?<![\w+])(?:\+\d|\(0|\d|O(?=\d))(?:[ \-()./]{0,2}[\dOo]){4,14}(?!\w)")
_LABEL = re.compile(
    r"(?i)(?:\bpuh(?:elin)?(?:numero)?\w{0,4}|\bp(?=\.)|\bgsm|\bmat(?:ka)?puh\w{0,8}"
    r"|\bkännykkä\w{0,8}|\bkännyk\w{1,8}|\btel(?:efon)?|\bmob(?:il)?|\bphone"
    r"|\bwhatsapp\w{0,6}|\btekstiviesti\w{0,4}|\bsoita\w{0,6}|\bnumero(?:nsa|ni|on|sta|lla)?"
    r"|\bkotinumero\w{0,4}|\btyönumero\w{0,4})\W{0,4}"
    r"(?:(?:nro|numero\w{0,4}|on|oli|p|k|t|koti|työ|is)\b\W{0,3}){0,2}$"
)
_LABEL_HINTS = ("puh", "p.", "gsm", "kännyk", "tel", "mob", "phone", "whatsapp", "tekstiv", "soita", "numero")
_PAGE = re.compile(r"\bp\.\W{0,3}$")
_SERVICE = re.compile(r"(?:0(?:800|700|600|606|10|20|29|30|75)|116 ?1\d\d|112)(?!\d{6}$)")
# An organisation's code in electronic invoicing: 0037 and its business identity code.
_ORGANISATION = re.compile(r"0037\d{8,13}")
_QUANTITY = re.compile(
    r"\s?(?:€|%|euro|eur\b|e/|henk|asuk|asiak|kpl|kertaa|km\b|m2|prosent|§)", re.IGNORECASE
)
_WORDS = {
    **{
        "nolla": 0,
        "neljäkymmentä": 40,
        "viisikymmentä": 50,
        "nol": 0,
        "yksi": 1,
        "yks": 1,
        "kaksi": 2,
        "kaks": 2,
        "kolme": 3,
        "kol": 3,
        "neljä": 4,
        "nel": 4,
        "viisi": 5,
        "viis": 5,
    },
    **{
        "kuusi": 6,
        "kuus": 6,
        "seitsemän": 7,
        "seittemän": 7,
        "seiska": 7,
        "kahdeksan": 8,
        "kaheksan": 8,
        "kasi": 8,
        "yhdeksän": 9,
        "yheksän": 9,
        "ysi": 9,
    },
}
_SPOKEN = re.compile(
    rf"(?i)(?<!\w)(?:plus[ ,-]+)?(?:(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))}"
    rf"|\d{{1,4}})(?!\w)[ ,.-]{{0,2}}){{5,14}}"
)
_SPOKEN_START = re.compile(r"(?i)(?<!\w)(?:nolla|nol|plus|0\d{0,3}(?=[ ,]{1,2}[a-zäö]))(?!\w)")
_NAME = r"[\wåäöÅÄÖ](?:[\wåäöÅÄÖ-]*[\wåäöÅÄÖ])?"
_DOT = r"(?:\.|\s?[(\[{]\s?(?:piste|dot|\.)\s?[)\]}]\s?|\s(?:piste|dot)\s)"
# The at sign first, then what is before and after it: text without one costs nothing.
_AT_SIGN = re.compile(r" ?@ ?")
_AT_BRACKETS = re.compile(r"(?i)\s?[(\[{<|]\s?(?:at|ät|a|@|miuku(?:mauku)?|ät-merkki)\s?[)\]}>|]\s?")
_AT_WORD = re.compile(r"(?i)\s(?:at|ät|ät-merkki|miuku|miukumauku)\s")
_PLAIN_BEFORE = re.compile(r"(?<![\w.%+@'-])[\wåäöÅÄÖ](?:[\w.%+'-]*[\w+])?$")
_PLAIN_AFTER = re.compile(rf"(?:{_NAME}\.)+[A-Za-z]{{2,}}(?![\w@])(?!\.\d)")
_SPELLED_BEFORE = re.compile(rf"(?i)(?<![\w.%+@'-])\w[\w%+'-]*(?:{_DOT}[\w%+'-]+)*$")
_SPELLED_AFTER = re.compile(rf"(?i){_NAME}(?:{_DOT}{_NAME})*?{_DOT}[a-z]{{2,6}}(?![\w@])(?!{_DOT}\w)")
_SPELLED = re.compile(r"(?i)\s(?:piste|dot)\s|\s(?:ät|ät-merkki|miuku\w*)\s")
_LONGEST_LOCAL = 80
_V4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w)(?!\.\d)")
_V6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_IP_LABEL = re.compile(
    r"(?i)(?:\bip(?:v[46])?|verkko-?osoit|kirjautu|osoittee|palvelin|kone)\w{0,8}\W{0,4}(?:(?:on"
    r"|osoite\w{0,5})\W{1,3})?$"
)
_VERSION = re.compile(
    r"(?i)(?:versio|version|\bv|\bver|luku|kohta|python|ohjelma|julkaisu|päivitys)\w{0,6}\W{0,3}$"
)


def phones(window: Window) -> Iterator[Entity]:
    """Find phone numbers: mobile and foreign ones by form, landlines by form or label."""
    text = window.text
    if window.digits < 5:
        return
    for pattern, level in ((_ABROAD, SURE), (_MOBILE, SURE), (_LANDLINE, PROBABLE)):
        for match in window.matches(pattern):
            last = _phone_end(text, match, most=15 if pattern is _ABROAD else 11)
            written = text[match.start() : last]
            if last and _is_phone(written, pattern) and not _QUANTITY.match(text, last):
                sure = level == SURE or written.startswith("(") or after_label(_LABEL, text, match.start())
                yield Entity("PHONE", match.start(), last, SURE if sure else PROBABLE, "form")
    for match in window.matches(_ANY) if window.has(*_LABEL_HINTS) else ():
        if after_label(_LABEL, text, match.start()):
            yield from _labelled(text, match)


def _labelled(text: str, match: re.Match[str]) -> Iterator[Entity]:
    last = match.end() - (len(match[0]) - len(match[0].rstrip(" -/.(")))
    if _SERVICE.match(match[0]):
        yield Entity("PHONE", match.start(), last, REVIEW, "service")
    elif match[0][0] in "+(0":
        yield Entity("PHONE", match.start(), last, SURE, "label")
    elif not _PAGE.search(text, max(0, match.start() - 8), match.start()) and not _QUANTITY.match(text, last):
        yield Entity("PHONE", match.start(), last, PROBABLE, "label")


def _phone_end(text: str, match: re.Match[str], most: int) -> int:
    """Cut groups from the end while there are more digits than a number has."""
    written = match[0]
    while sum(sign.isdigit() for sign in written) > most:
        shorter = re.sub(r"[ \-./(]+\)?\d+\)?$", "", written)
        if shorter == written:
            return 0
        written = shorter
    return match.start() + len(written)


def _is_phone(written: str, pattern: re.Pattern[str]) -> bool:
    groups = re.findall(r"\d+", written)
    digits = "".join(groups)
    if pattern is _ABROAD:
        if _ORGANISATION.fullmatch(written):
            return False
        finnish = digits.removeprefix("00").startswith("358")
        return (9 if finnish else 10) <= len(digits) <= 16
    if pattern is _MOBILE:
        return len(digits) >= 9
    calendar = (
        len(groups) == 3 and len(groups[2]) == 4 and real_date(int(groups[2]) or 1, *map(int, groups[1::-1]))
    )
    return 7 <= len(digits) <= 11 and max(map(len, groups[1:])) >= 3 and not calendar


def spoken_phones(text: str) -> Iterator[Entity]:
    """Find phone numbers whose digits are written as words."""
    end = 0
    for start in _SPOKEN_START.finditer(text):
        match = _SPOKEN.match(text, start.start()) if start.start() >= end else None
        if match is None:
            continue
        end = match.end()
        words = re.findall(r"\w+", match[0].lower())
        spelled = sum(word in _WORDS for word in words)
        digits = "".join(str(_WORDS.get(word, word)) for word in words if word != "plus")
        if spelled >= 3 and 7 <= len(digits) <= 14 and (digits[0] == "0" or digits.startswith("358")):
            last = match.start() + len(match[0].rstrip(" ,.-"))
            yield Entity("PHONE", match.start(), last, SURE, "words")


def emails(text: str) -> Iterator[Entity]:
    """Find e-mail addresses, with @ or with (at), [at], ät and piste."""
    if "@" in text:
        yield from _mails(text, _AT_SIGN, _PLAIN_BEFORE, _PLAIN_AFTER)
    yield from _mails(text, _AT_BRACKETS, _SPELLED_BEFORE, _SPELLED_AFTER)
    low = text.lower()
    if any(sign in low for sign in (" ät ", " ät-merkki", " miuku", " at ")):
        for one in _mails(text, _AT_WORD, _SPELLED_BEFORE, _SPELLED_AFTER):
            if _SPELLED.search(text, one.start, one.end):
                yield one


def _mails(
    text: str, sign: re.Pattern[str], before: re.Pattern[str], after: re.Pattern[str]
) -> Iterator[Entity]:
    for match in sign.finditer(text):
        local = before.search(text, max(0, match.start() - _LONGEST_LOCAL), match.start())
        domain = after.match(text, match.end()) if local else None
        if local and domain:
            yield Entity("EMAIL", local.start(), domain.end(), SURE, "form" if sign is _AT_SIGN else "at")


def addresses_of_machines(window: Window) -> Iterator[Entity]:
    """Find IPv4 and IPv6 addresses; a version number or a clause of a document is none."""
    text = window.text
    dotted = window.matches(_V4) if window.low.count(".") >= 3 else ()
    coloned = window.matches(_V6) if window.low.count(":") >= 2 else ()
    for match in (*dotted, *coloned):
        if not _is_machine(match[0]) or after_label(_VERSION, text, match.start(), 24):
            continue
        labelled = after_label(_IP_LABEL, text, match.start())
        wide = sum(len(group) > 1 for group in re.split("[.:]", match[0])) >= 2
        if labelled or wide:
            yield Entity("IP", match.start(), match.end(), SURE, "label" if labelled else "form")


def _is_machine(written: str) -> bool:
    try:
        ipaddress.ip_address(written)
    except ValueError:
        return False
    return ":" not in written or sum(bool(group) for group in written.split(":")) >= 3
