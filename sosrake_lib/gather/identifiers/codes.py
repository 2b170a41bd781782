"""Personal identity codes, accounts, cards, passports and client numbers: by check character, or by label."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosrake_lib.gather.identifiers import checksums
from sosrake_lib.gather.identifiers.entity import PROBABLE, REVIEW, SURE, Entity
from sosrake_lib.gather.identifiers.windows import Window, after_label

_SIGNS = "-+YXWVUABCDEFyxwvuabcdef"
_END = r"(?:(?![0-9A-Za-zÅÄÖåäö])|(?=\d{6}[-+YXWVUABCDEF]\d{3}))"
_CODE = re.compile(
    rf"(?<!\d)(?<!\d[.,])(\d{{6}})\s{{0,2}}([{_SIGNS}])\s{{0,2}}(\d{{3}})([0-9A-Za-z]){_END}"
    rf"|(?<=\d[0-9A-Z])(\d{{6}})([-+])(\d{{3}})([0-9A-Za-z]){_END}"
)
_PLAIN_LABEL = re.compile(r"(?i)(?<![\w-])tunnus\w{0,3}\W{0,3}(?:on\W{1,2})?$")
_LINK = r"\w{0,5}\W{0,4}(?:(?:on|oli|is|är|nro|numero|alkaa|alkuosa)\b\W{0,3}){0,2}"
_CODE_LABEL = re.compile(
    r"(?i)(?:hetu|henkil[öo](?:turva)?[- ]?tunnu|hlö[- ]?(?:turva)?tunnu|henk\.? ?tunnu|sotu"
    r"|sosiaaliturvatunnu"
    rf"|personbeteckning|personal (?:identity |id )?code|identity code|\bssn\b){_LINK}"
)
# A code as it is mistyped: a letter O or l for a digit, spaces or stops between, a wrong sign or none.
_D = "[0-9OoIl]"
_DAMAGED = re.compile(
    rf"(?:{_D}[ .]?){{6}} ?[{_SIGNS}/_:,]? ?(?:{_D} ?){{3}}[0-9A-Za-z](?![0-9A-Za-z])"
    rf"|{_D}{{5,7}} ?[{_SIGNS}/_] ?{_D}{{2,4}}[0-9A-Za-z]?(?![0-9A-Za-z])"
    r"|\d{6}[-+]?(?![0-9A-Za-z])"
)
_TAIL = re.compile(
    r"(?i)(?:loppuosa|tunnusosa|(?:hetun"
    r"|tunnuksen) loppu)\w{0,3}\W{0,3}(?:on\W{1,2})?(-?\d{3}[0-9a-z])(?![0-9a-z])"
)
_SPREAD = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{9}[A-Za-z]"
    rf"|(?:\d ){{5}}\d ?[{_SIGNS}] ?(?:\d ?){{3}}[0-9A-Za-z]"
    rf"|\d\d[ .]\d\d[ .]\d\d ?[{_SIGNS}] ?\d ?\d ?\d ?[0-9A-Za-z])(?![0-9A-Za-z])"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_ACCOUNT_LABEL = re.compile(
    r"(?i)(?:\btili|iban|pankkitili|kontonummer|\bkonto|\baccount)\w{0,10}\W{0,4}(?:on\W{1,2})?$"
)
_OLD_ACCOUNT = re.compile(r"(?<![\w-])\d{6}-\d{2,8}(?![\w-])")
_CARD = re.compile(
    r"(?<![\w-])[2-6]\d{3}(?:([ -]?)\d{4}){2}\1\d{1,7}(?![\w-])"
    r"|(?<![\w-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?![\w-])"
)
_CARD_LABEL = re.compile(
    r"(?i)(?:kortti|kortin|luottokort|pankkikort|maksukort|visa|mastercard|kreditkort"
    r"|card)\w{0,8}\W{0,4}(?:(?:numero|nro|number)\w{0,3}\W{0,3})?(?:on\W{1,2})?$"
)
_PASSPORT = re.compile(r"(?<![\w-])(?:[A-Za-z]{2} ?\d{7}|[A-Za-z0-9]{0,3}\d{6,8}[A-Za-z]?)(?![\w-])")
_PASSPORT_LABEL = re.compile(
    r"(?i)(?:\bpassi|\bpassport|henkilökort|ajokort|oleskelulupakort|\bpass(?:nummer)?"
    r"|identity card|id-kort)\w{0,10}\W{0,4}"
    r"(?:(?:numero|nro|nr|number|no)\w{0,3}\W{0,3})?(?:on\W{1,2})?$"
)
_CLIENT = re.compile(
    r"(?i)(?<!\w)(?:(asiakas|potilas|tapaus|jäsen|päätös|hakemus|kela-?kort\w*|opiskelija|lapsen"
    r"|klient|client|patient|customer)"
    r"[- ]?(?:numero|nro|nr|tunnus|tunnukse|tunniste|tunnistee|id|koodi|number|nummer)"
    r"|(diaarinumero|diaarinro|dnro|asianumero|asiatunnus))"
    r"(?:n|a|t?ta|lla|lle|lta|ssa|sta|ksi)?\W{0,4}(?:(?:on|oli|is|nro)\b\W{0,3})?"
    r"([A-Za-z]{0,5}[-/]?\d(?:[-/. ]?[\dA-Za-z](?![a-zåäö]{2})|\d){2,})(?!\w)"
)


def identity_code_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool, bool]]:
    """Give what has the form and date of a code: its place, is its check right, is it glued to a letter."""
    for match in _CODE.finditer(text, start, end):
        digits, sign, number, check = (one for one in match.groups() if one is not None)
        if checksums.code_date(digits, sign):
            glued = match.start() > 0 and text[match.start() - 1].isalpha()
            yield match.start(), match.end(), checksums.code_check(digits, number, check), glued


def identity_codes_in(window: Window) -> Iterator[Entity]:
    """Find personal identity codes: right ones, damaged ones after a label, spread ones by check."""
    labelled = set()
    if window.has("hetu", "tunnu", "sotu", "beteckning", "identity", "ssn", "id code"):
        for label in window.matches(_CODE_LABEL):
            damaged = _DAMAGED.match(window.text, label.end(), window.end)
            if damaged:
                labelled.add(damaged.start())
                yield Entity("HETU", *damaged.span(), PROBABLE, "label")
    if window.has("loppu", "tunnusosa"):
        for tail in window.matches(_TAIL):
            yield Entity("HETU", *tail.span(1), PROBABLE, "label")
    if window.digits < 9:
        return
    for first, last, right, glued in identity_code_spans(window.text, window.start, window.end):
        if right:
            sure = not glued or first in labelled
            yield Entity("HETU", first, last, SURE if sure else PROBABLE, "check")
        elif first not in labelled:
            called = after_label(_PLAIN_LABEL, window.text, first)
            yield Entity("HETU", first, last, *((PROBABLE, "label") if called else (REVIEW, "form")))
    yield from _spread(window)


def _spread(window: Window) -> Iterator[Entity]:
    """Find codes with spaces between their digits, or without the sign, whose check character is right."""
    for match in window.matches(_SPREAD):
        digits, sign, number, check = _parts(re.sub("[ .]", "", match[0]))
        if checksums.code_date(digits, sign) and checksums.code_check(digits, number, check):
            yield Entity("HETU", *match.span(), PROBABLE, "spread")


def _parts(code: str) -> tuple[str, str, str, str]:
    """Take a code without spaces apart; one without the sign is taken to be of the 1900s."""
    sign = "" if code[6].isdigit() else code[6]
    rest = code[6 + len(sign) :]
    return code[:6], sign or "-", rest[:3], rest[3]


def accounts(window: Window) -> Iterator[Entity]:
    """Find bank accounts: IBAN of any country by its remainder, a wrong or an old one after a label."""
    text = window.text
    for match in window.matches(_IBAN) if window.digits >= 9 else ():
        last = _cut(text, match, checksums.IBAN_LENGTHS.get(match[0][:2].upper(), 0))
        if last is None:
            continue
        compact = re.sub("[ -]", "", text[match.start() : last])
        if checksums.iban_check(compact):
            yield Entity("IBAN", match.start(), last, SURE, "check")
        elif compact[4:].isdigit() or compact[8:].isdigit():
            labelled = after_label(_ACCOUNT_LABEL, text, match.start())
            yield Entity(
                "IBAN", match.start(), last, PROBABLE if labelled else REVIEW, "label" if labelled else "form"
            )
    for match in window.matches(_OLD_ACCOUNT) if window.has("tili", "iban", "konto", "account") else ():
        if after_label(_ACCOUNT_LABEL, text, match.start()):
            yield Entity("IBAN", *match.span(), PROBABLE, "label")


def _cut(text: str, match: re.Match[str], length: int) -> int | None:
    """Give the place after the country's number of signs, when a word ends there."""
    seen = 0
    for place in range(match.start(), match.end()):
        seen += text[place].isalnum()
        if length and seen == length:
            after = text[place + 1 : place + 2]
            return None if after.isalnum() else place + 1
    return None


def cards(window: Window) -> Iterator[Entity]:
    """Find card numbers by their last digit, or a wrong one after a label."""
    text = window.text
    for match in window.matches(_CARD) if window.digits >= 13 else ():
        digits = re.sub(r"\D", "", match[0])
        if 13 <= len(digits) <= 19 and len(set(digits)) > 1:
            if checksums.luhn(digits):
                yield Entity("CARD", *match.span(), SURE, "check")
            elif after_label(_CARD_LABEL, text, match.start()):
                yield Entity("CARD", *match.span(), PROBABLE, "label")


def passports(window: Window) -> Iterator[Entity]:
    """Find numbers of passports, identity cards and driving licences, which only a label tells."""
    text = window.text
    for match in window.matches(_PASSPORT) if window.has("pass", "kort", "card") else ():
        if after_label(_PASSPORT_LABEL, text, match.start()):
            usual = re.fullmatch(r"[A-Za-z]{2} ?\d{7}", match[0]) is not None
            yield Entity("PASSPORT", *match.span(), SURE if usual else PROBABLE, "label")


def client_numbers(window: Window) -> Iterator[Entity]:
    """Find what a client is known by in an office: only a label tells it. A file number is for review."""
    if not window.has("numero", "nro", "nr", "tunnu", "tunnis", "koodi", "number", "nummer", "id"):
        return
    for match in window.matches(_CLIENT):
        if sum(sign.isdigit() for sign in match[3]) >= 3:
            yield Entity("CLIENT_ID", *match.span(3), PROBABLE if match[1] else REVIEW, "label")
