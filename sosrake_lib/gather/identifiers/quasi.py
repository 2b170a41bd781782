"""Combinations that may tell who somebody is without a name; a person judges them.

Traits are a rare role, the age, the place and the family: two together when one is the only one of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sosrake_lib.gather.identifiers.entity import REVIEW, Entity

# One of these is in every combination: the sentences without them are not read.
_HINT = re.compile(r"(?i)aino[ai]|ainut|harvinai|vuotia|lapsen|lesk[ie]|[kl][sm]osten|\d ?v[. -]|menetti")
_ENDS = re.compile(r"[.!?](?=\s|$)|\n")
_ROLES = (
    r"kauppia|rehtori|kirkkoherra|kunnanjohtaj|kaupunginjohtaj|kunnanlääkär|terveyskeskuslääkär"
    r"|kanttori|apteekkari|nimismie|palopäällik|eläinlääkär|kansanedustaj|valtuutet|"
    r"maanviljelij|karjatilalli|poromie|poronhoitaj|taksinkuljettaj|taksikuski|postinkantaj"
    r"|kyläkaupp|yrittäj|opettaj|poliisi|pappi|seurakuntapasto|hammaslääkär|lentäj|muusik"
    r"|kirjailij|"
    r"urheilij|romani|olympia|maailmanmestari|somali|ulkomaalai|pakolai|maahanmuuttaj|pyörätuoli"
    r"|sokea|kuuro|transsukupuol"
)
_ONLY = re.compile(
    r"(?i)(?:\b(?:kylän|kunnan|kaupungin|pitäjän|paikkakunnan|koulun|talon|alueen|seurakunnan"
    r"|työpaikan|saaren|luokan|seudun|maakunnan|taajaman|kylämme|kuntamme)\s)ain(?:oa|oan|oana"
    r"|oalla|oalle|oasta|ut)\w{0,3}\s+\w+"
    r"|\bain(?:oa|oan|oana)\s+(?:\w+\s)?(?:kylässä|kunnassa|paikkakunnalla|koulussa|alueella"
    r"|pitäjässä)\b|\bain(?:oa|oan)\s+(?:\w+\s)?(?:" + _ROLES + r")\w*"
)
_ROLE = re.compile(rf"(?i)\b(?:entinen\s|entisen\s|nykyinen\s)?(?:{_ROLES})\w*")
_AGE = re.compile(
    r"(?i)\b\d{1,3}[- ]?(?:-vuotia|vuotia|v\.?[- ])\w*(?:\s(?:mie\w+|nai\w+|tyttö|tytö\w*|poik\w*"
    r"|poja\w*|äiti|äidi\w*|isä\w*|leski|lesk\w*|yksinhuoltaj\w*|henkilö\w*))?"
)
_FAMILY = re.compile(
    r"(?i)\b(?:kahden|kolmen|neljän|viiden|kuuden|seitsemän|kahdeksan|yhdeksän|kymmenen"
    r"|yhdentoista|kahdentoista|\d{1,2})\s(?:\w+\s)?lapsen\s(?:äiti|isä|yksinhuoltaj)\w*"
    r"|\b(?:kaksi|kolme|neljä|viisi|kuusi|seitsemän|kahdeksan|yhdeksän|kymmenen|\d{1,2})\slasta\b"
    r"|\b(?:kolmosten|kaksosten|nelosten)\s(?:äiti|isä|vanhem)\w*|\b(?:leski\w*|lesken\w*"
    r"|leskeksi)|\bmenetti\s(?:miehensä|vaimonsa|lapsensa|puolisonsa)"
)
_VILLAGE = re.compile(
    r"\b[A-ZÅÄÖ]\w+(?:kylä|kylän|kylässä|kylästä|kylältä|kylällä)\b|(?i:\bpien\w+\s(?:kylä|kunta"
    r"|saar)\w*)|(?i:\bkylän\b|\bkylässä\b|\bsaaressa\b)"
)
_RARE = re.compile(
    r"(?i)\bharvinai\w+\s(?:sairau|vamma|oireyhtym|diagnoos)\w*|\bainoa\w*\s(?:huume|asunnoton"
    r"|homo|transu)\w*"
)


def combinations(text: str) -> Iterator[Entity]:
    """Find sentences where two traits together, one of them rare, could single a person out."""
    end = 0
    for hint in _HINT.finditer(text):
        if hint.start() < end:
            continue
        start = max(
            (match.end() for match in _ENDS.finditer(text, max(end, hint.start() - 400), hint.start())),
            default=end,
        )
        closing = _ENDS.search(text, hint.end(), hint.end() + 400)
        end = closing.start() if closing else min(len(text), hint.end() + 400)
        found = _in_sentence(text, max(start, hint.start() - 400), end)
        if found is not None:
            yield found


def _in_sentence(text: str, start: int, end: int) -> Entity | None:
    kinds = {"only": _ONLY, "role": _ROLE, "age": _AGE, "family": _FAMILY, "village": _VILLAGE, "rare": _RARE}
    spans = {
        kind: match.span() for kind, pattern in kinds.items() if (match := pattern.search(text, start, end))
    }
    present = set(spans)
    enough = (
        ("only" in present and len(present - {"only", "village"}) >= 1)
        or ("rare" in present and len(present) >= 2)
        or len(present & {"role", "age", "family", "village"}) >= 3
    )
    if not enough:
        return None
    first, last = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    return Entity("QUASI", first, last, REVIEW, "combination")
