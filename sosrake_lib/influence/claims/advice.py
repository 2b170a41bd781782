"""Advice to a person who has written texts by hand: what a reader may take otherwise, and better words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sosrake_lib.effects.design import Claim
from sosrake_lib.influence.claims.finding import SPACES
from sosrake_lib.influence.claims.kinds import hits
from sosrake_lib.language import say

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice: the field it is of, the phrase as it stands there, and why and how better."""

    field: str
    kind: str
    phrase: str
    advice: str


def advise(
    texts: Mapping[str, str], language: str = "fi", claims: Mapping[str, Claim] | None = None
) -> tuple[Advice, ...]:
    """Find what to tell the writer of some texts; it stops nothing.

    A field whose name ends in `_en` is read as English, any other as Finnish. Numbers are the writer's own: a
    number is asked for its source and period, not for a result of the workbook.

    Parameters
    ----------
    texts : field -> text. language : of the advice.
    claims : what a field's text may claim, when that is more than a description.

    Examples
    --------
    >>> from sosrake_lib.influence.claims import advise
    >>> [(one.field, one.phrase) for one in advise({"perustelu": "Valmennus paransi arkea."})]
    [('perustelu', 'paransi')]
    """
    found = []
    for field, text in texts.items():
        written = "en" if field.endswith("_en") else "fi"
        allowed = (claims or {}).get(field, Claim.KUVAUS)
        for hit in hits(text.translate(SPACES), allowed, [], written):
            if hit.kind != "number":
                phrase = text[hit.start : hit.end]
                short = phrase if len(phrase) <= _LONGEST else f"{phrase[: _LONGEST - 1]}…"
                told = (say(f"claims.why.{hit.kind}", language), say(f"claims.better.{hit.better}", language))
                found.append(Advice(field, hit.kind, short, " ".join(told)))
    return tuple(found)
