"""The strict check of the library's own sentences: every word beyond the design, ranks and labels."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd

from sosrake_lib.effects.design import Claim, said
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.claims.patterns import data
from sosrake_lib.influence.sentence import Sentence

FINDINGS = ("kind", "phrase", "start", "end", "advice")


def check(text: str | Sentence, claim: Claim, language: str = "fi") -> pd.DataFrame:
    """Find what a text says beyond its design, ranks of places and people, and words that label people.

    Parameters
    ----------
    text : a text or sentence that is to be published.
    claim : what the design allows (`effects.design.Claim`); its own words and those it permits are free.
    language : `fi` or `en`.

    Returns
    -------
    DataFrame `kind` (claim, rank, stigma), `phrase` as it stands in the text, `start`, `end`, `advice`; empty
    when nothing was found. A stem list finds inflected forms; it errs on the side of asking, so a person
    decides each finding. What stands in quotation marks is checked too.

    Examples
    --------
    >>> check("Valmennus paransi tilannetta.", Claim.MUUTOS)[["kind", "phrase"]].values.tolist()
    [['claim', 'paransi']]
    >>> check("Luku on suurempi kuin koko maassa.", Claim.ERO).empty
    True
    """
    body = str(text)
    phrases = said(body, language)
    advice = data("strict")["claim"][f"advice_{language}"]
    found = [
        ("claim", body[one.start : one.end], one.start, one.end, advice)
        for one in phrases
        if one.claim not in claim.permits
    ]
    # A stem inside a phrase is judged by its phrase: "vaikutti" of "todennäköisesti vaikutti".
    spans = [(one.start, one.end) for one in phrases]
    for kind in ("claim", "rank", "stigma"):
        if kind == "claim" and Claim.VAIKUTUS in claim.permits:
            continue
        rules = data("strict")[kind]
        for hit in _pattern(kind, language).finditer(body):
            if kind == "claim" and any(start <= hit.start() < end for start, end in spans):
                continue
            found.append((kind, hit.group(), hit.start(), hit.end(), rules[f"advice_{language}"]))
    frame = pd.DataFrame(found, columns=list(FINDINGS))
    return (
        frame.drop_duplicates(subset=["kind", "start"]).sort_values(["start", "kind"]).reset_index(drop=True)
    )


@cache
def _pattern(kind: str, language: str) -> re.Pattern[str]:
    if language not in ("fi", "en"):
        raise SosrakeError(f"claims: language {language!r}; texts are checked in fi and en")
    rules = data("strict")[kind]
    stems = [rf"{re.escape(stem)}\w*" for stem in rules[f"stems_{language}"]]
    whole = [re.escape(phrase) for phrase in rules[f"phrases_{language}"]]
    return re.compile(rf"(?<!\w)(?:{'|'.join([*whole, *stems])})(?!\w)", re.IGNORECASE)
