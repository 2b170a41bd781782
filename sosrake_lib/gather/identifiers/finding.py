"""Every kind of personal data in a text, each found by its own module and set apart from the others."""

from __future__ import annotations

import re
from functools import cache

from sosrake_lib.gather.identifiers import addresses, codes, contacts, dates, names, plates, quasi
from sosrake_lib.gather.identifiers.entity import SURE, Entity, apart
from sosrake_lib.gather.identifiers.lexicon import lexicon
from sosrake_lib.gather.identifiers.normal import Normal, normalise
from sosrake_lib.gather.identifiers.windows import windows
from sosrake_lib.language.messages import catalogue

_IN_WINDOWS = (
    *(codes.identity_codes_in, codes.accounts, codes.cards, codes.passports, codes.client_numbers),
    *(contacts.phones, contacts.addresses_of_machines, plates.plates, addresses.addresses),
)
_SIX_DIGITS = re.compile(r"\d{6}")


def find(text: str, *, dictionary: str = "auto") -> list[Entity]:
    """Find personal data in Finnish text.

    Parameters
    ----------
    text : any text; Swedish and English labels are known too.
    dictionary : auto, voikko, simplemma or rules: who is asked about capitalised words the lists do not know.

    Returns
    -------
    Finds that do not overlap, in the order of the text; offsets are code points of the text as given. A find
    does not hold what was found.

    Raises
    ------
    GatherError for a dictionary that is not installed.

    Examples
    --------
    >>> [(one.type, one.start, one.end, one.level) for one in find("Asiakas Maija Meikäläinen, 131052-308T")]
    [('NAME', 8, 25, 'sure'), ('HETU', 27, 38, 'sure')]
    >>> find("Asiakas toivoi rauhaa; PHQ-9 täytettiin.")
    []
    """
    normal = normalise(text, placeholders())
    found = _in_text(normal.text, dictionary)
    return [
        Entity(one.type, normal.start(one.start), normal.end(one.end), one.level, one.reason)
        for one in apart(found)
    ]


def identity_codes(text: str) -> int:
    """Count Finnish personal identity codes whose date and check character are right.

    Only the number of codes is told, so that no caller can repeat one by mistake.

    Examples
    --------
    >>> identity_codes("Asiakas 131052-308T otti yhteyttä"), identity_codes("131052-308A")
    (1, 0)
    """
    if text.isascii() and _SIX_DIGITS.search(text) is None:
        return 0
    plain = normalise(text).text
    spans = codes.identity_code_spans(plain, 0, len(plain))
    return sum(right and not glued for _, _, right, glued in spans)


@cache
def placeholders() -> re.Pattern[str]:
    """Give the pattern of everything `mask` writes, in both languages."""
    written = {
        text
        for language in ("fi", "en")
        for key, text in catalogue("personal", language).items()
        if key.startswith("personal.mask.")
    }
    return re.compile("|".join(re.escape(text) for text in sorted(written, key=len, reverse=True)))


def _in_text(text: str, dictionary: str) -> list[Entity]:
    found: list[Entity] = [*contacts.emails(text), *contacts.spoken_phones(text)]
    people = list(names.names(text, lexicon(dictionary)))
    ends = frozenset(one.end for one in people)
    for window in windows(text):
        for finder in _IN_WINDOWS:
            found += finder(window)
        found += dates.births(window, ends)
    return [*found, *people, *quasi.combinations(text)]


__all__ = ["SURE", "Normal", "find", "identity_codes", "placeholders"]
