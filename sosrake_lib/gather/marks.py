"""Signs in the cells of office tables: what hides a figure, what says it is missing, what is a fault."""

from __future__ import annotations

import re

# A dash is zero to Statistics Finland, hidden to some offices and missing to others.
DASHES = ("-", "--", "\u2013", "\u2014", "\u2212", ".", "/")

_HIDDEN = frozenset(
    (
        *("..", "...", "…", ". .", "*", "**", "***", "x", "xx", "xxx", ":", "c", "•", "••", "#"),
        *(
            "salattu",
            "peitetty",
            "piilotettu",
            "suojattu",
            "tietosuoja",
            "tietosuojattu",
            "luottamuksellinen",
        ),
        *("ei näytetä", "ei julkaista", "hidden", "suppressed", "confidential", "dolt", "skyddad"),
    )
)
_LOW_NUMBER = r"(?:\d{1,2}|kahden|kolme|kolmen|neljä|neljän|viisi|viiden|kuuden|kymmenen|five|ten|fem|tio)"
_LESS_THAN = re.compile(
    r"\(?\s*(?:<=?|≤|&lt;|alle|enintään|korkeintaan|under|below|less than|fewer than|at most"
    r"|färre än|mindre än)"
    rf"\s*{_LOW_NUMBER}\s*(?:hlöä?|henkilöä?|asiakasta|kpl|kappaletta|persons|people|clients)?\.?\s*\)?",
    re.IGNORECASE,
)
_SMALL_RANGE = re.compile(r"[01]\s?[-\u2013\u2212]\s?\d")
_MISSING = frozenset(
    (
        *("na", "n/a", "n.a.", "nan", "null", "(null)", "none", "nil", "missing", "unknown", "saknas"),
        *(
            "puuttuu",
            "ei tietoa",
            "ei tiedossa",
            "ei saatavilla",
            "ei saatavissa",
            "tuntematon",
            "uppgift saknas",
        ),
    )
)
# Excel's and LibreOffice's errors in Finnish, Swedish and English.
_ERROR = re.compile(r"#[A-ZÅÄÖ/0]{2,12}[!?]?|Err:\d{3}|Virhe:\d{3}", re.IGNORECASE)
_DAMAGED = re.compile(
    "\ufffd|Ã[\u0080-\u00bf¤¶…„–\u0160\u0161\u2013\u201e]|Â[\u00a0\u00b0-\u00bf]|&#?\\w{2,8};"
)
_MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>|javascript:", re.IGNORECASE)
_CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def is_hidden(text: str) -> bool:
    """Say whether a cell hides a small figure.

    Examples
    --------
    >>> [is_hidden(text) for text in ("..", "<5", "alle viisi", "1-4", "12")]
    [True, True, True, True, False]
    """
    if text[:1].isdigit() and not _SMALL_RANGE.fullmatch(text):
        return False
    return text.casefold() in _HIDDEN or bool(_LESS_THAN.fullmatch(text) or _SMALL_RANGE.fullmatch(text))


def is_missing(text: str) -> bool:
    """Say whether a cell says in words that there is no figure."""
    return text.casefold() in _MISSING


def is_error(text: str) -> bool:
    """Say whether a cell is the error of a spreadsheet's formula, such as #REF!."""
    return text[:1] in ("#", "E", "V", "e", "v") and _ERROR.fullmatch(text) is not None


def has_markup(text: str) -> bool:
    """Say whether words hold HTML."""
    return ("<" in text and _MARKUP.search(text) is not None) or "javascript:" in text.lower()


def fault(text: str, words: bool = False) -> str:
    """Give the kind of fault a cell has whatever its column is; empty when it has none.

    `words` : a cell of free words, where a sign before letters starts a formula too.

    Examples
    --------
    >>> fault("=cmd|x"), fault("#REF!"), fault("RistijÃ¤rvi"), fault("-x", words=True), fault("-5")
    ('formula', 'error_value', 'damaged_text', 'formula', '')
    """
    first = text[:1]
    if first in ("=", "@", "\uff1d", "\uff20") and first:
        return "formula"
    if words and first in ("+", "-", "\uff0b", "\uff0d") and len(text) > 1 and not text[1].isspace():
        return "formula"
    if is_error(text):
        return "error_value"
    if _CONTROL.search(text):
        return "control_char"
    return "damaged_text" if _DAMAGED.search(text) else ""


def visible(text: str) -> str:
    """Take out signs that nobody sees: zero-width spaces, soft hyphens, marks of direction."""
    return text if text.isascii() else _INVISIBLE.sub("", text)
