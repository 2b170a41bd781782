"""Who decides on what an output tells, and when it is looked at again: the block that ends an output.

A page that changes nothing until somebody decides says to whom it is written and on which day it is returned
to. What people wrote comes first, then the area's own register, then the general table of bodies and the
calendar of decisions. Where none of them holds it, the block says that it is not recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sosrake_lib.influence import decisions, words_decider, words_hand
from sosrake_lib.influence import words_followup as followup
from sosrake_lib.influence.pages import Heading, Showable
from sosrake_lib.influence.texts import said
from sosrake_lib.influence.words_followup import Entry
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "paatos"
BODY, BACK = "paattaja", "palataan"  # names of the fields where people write
PENDING = ("tehty", "kesken")
ENDED = ("tehty", "peruttu", "paattynyt", "toteutui", "ei_toteutunut")
MOST_DAYS, MOST_PROPOSALS = 2, 3
# Kinds of entry that say when something is looked at again: kind -> its day, what it is about.
_DAYS = (
    ("vaikuttamisloki", "seuranta_pvm", "aihe"),
    ("vuosikello", "paiva", "tapahtuma"),
    ("lupaus", "maarapaiva", "lupaus"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an output's decision besides hand-written words.

    Attributes
    ----------
    region : (level, code) of the page; None for a page about no region.
    theme : whose bodies are named; `kaikki` for those that decide on everything.
    bodies : table `hanke/paattajat`; None leaves the general bodies out.
    followed : release with the parts of `batch.recipes_followup`; None without a register.
    receiver : (Finnish, English) name of the body the output is handed to, such as the funder.
    on : day the bodies must decide on; today when left out.
    """

    region: tuple[str, str] | None = None
    theme: str = "kaikki"
    bodies: pd.DataFrame | None = None
    followed: Release | None = None
    receiver: tuple[str, str] | None = None
    on: date | None = None


def closing(
    texts: Selection | None,
    known: Known,
    language: str = "fi",
    *,
    output: str = "",
    heading: bool = True,
) -> list[Showable]:
    """Say who decides on the matter and when it is looked at again.

    Parameters
    ----------
    texts : part `omat_tekstit` of the page's release; its fields `paattaja` and `palataan` come first.
    output : key of the output, when the release serves several. heading : False when a cell has it.

    Returns
    -------
    The heading "Kuka tästä päättää ja milloin tähän palataan" and two parts with headings of their own;
    give them to `pages.show` with a star.
    """
    told: list[Showable] = [Heading(2, say(f"{ROOM}.heading", language))] if heading else []
    told.append(Heading(3, say(f"{ROOM}.who", language)))
    if words_hand.written(texts, BODY, output=output):
        told += words_hand.shown(texts, BODY, language, output=output)
    else:
        told += deciders(known) or [said(f"{ROOM}.no_body")]
    told.append(Heading(3, say(f"{ROOM}.when", language)))
    if words_hand.written(texts, BACK, output=output):
        return [*told, *words_hand.shown(texts, BACK, language, output=output)]
    return [*told, *(days_back(known) or [said(f"{ROOM}.no_day"), *_general_days(known)])]


def brief(texts: Selection | None, known: Known, language: str = "fi", *, output: str = "") -> list[Showable]:
    """Say the same in two paragraphs under the heading, for an output of one sheet.

    Without words of people's own: the bodies by name alone, and the first day that is recorded.
    """
    told: list[Showable] = [Heading(2, say(f"{ROOM}.heading", language))]
    if words_hand.written(texts, BODY, output=output):
        told += words_hand.shown(texts, BODY, language, output=output)
    else:
        told.append(_named(known))
    if words_hand.written(texts, BACK, output=output):
        return [*told, *words_hand.shown(texts, BACK, language, output=output)]
    return [*told, *(days_back(known)[:1] or [said(f"{ROOM}.no_day")])]


def _named(known: Known) -> Text:
    """Name who decides, in one sentence: the body of the newest open proposal, else the level's bodies."""
    open_ones = _open_proposals(known)
    if open_ones:
        return followup.said_in(ROOM, "body", {"body": open_ones[-1].words("paattaja")})
    if known.region is None or known.bodies is None:
        return said(f"{ROOM}.no_body")
    present = decisions.deciding(known.bodies, known.on or date.today())
    rows = present.loc[(present["level"] == known.region[0]) & present["theme"].isin((known.theme, "kaikki"))]
    own = rows.loc[rows["theme"] == known.theme]
    names = (own if len(own) else rows).drop_duplicates("body_fi")
    if names.empty:
        return said(f"{ROOM}.no_body")
    pair = (", ".join(names["body_fi"]), ", ".join(names["body_en"]))
    return followup.said_in(ROOM, "bodies", {"bodies": pair})


def deciders(known: Known) -> list[Text]:
    """Say whom an open proposal is made to; without one, which bodies decide on the theme at the level."""
    if known.receiver is not None:
        return [followup.said_in(ROOM, "receiver", {"body": known.receiver})]
    open_ones = _open_proposals(known)
    if open_ones:
        newest = reversed(open_ones[-MOST_PROPOSALS:])
        told = [{"body": one.words("paattaja"), "proposal": one.words("ehdotus")} for one in newest]
        return [followup.said_in(ROOM, "proposal", words) for words in told]
    if known.region is None or known.bodies is None or known.region[0] not in ("kunta", "hva"):
        return []
    level = known.region[0]
    own = known.bodies.loc[known.bodies["level"] == level]
    return [said(f"{ROOM}.general"), *decisions.who_decides(own, level, known.theme, known.on)]


def days_back(known: Known) -> list[Text]:
    """Name the next recorded days on which the area looks at a matter again, the earliest first."""
    if known.followed is None or known.region is None:
        return []
    found: list[tuple[str, Entry, str]] = []
    for part, day, about in _DAYS:
        if part in known.followed.parts:
            listed = followup.entries(known.followed, part, known.region, inside=False, when=day)
            found += [(one.day(day), one, about) for one in listed if one.has(day) and _goes_on(one)]
    recorded = _newest_record(known.followed, known.region)
    ahead = sorted((one for one in found if one[0] >= recorded), key=lambda one: one[0])
    return [
        followup.said_in(ROOM, "day", {"day": followup.date_pair(day), "matter": _brief(one.words(about))})
        for day, one, about in ahead[:MOST_DAYS]
    ]


def _general_days(known: Known) -> Sequence[Text]:
    if known.region is None or known.region[0] not in ("kunta", "hva"):
        return ()
    return [said(f"{ROOM}.calendar"), *words_decider.when(known.region[0])]


def _open_proposals(known: Known) -> list[Entry]:
    if known.followed is None or known.region is None or followup.HAPPENED not in known.followed.parts:
        return []
    made = followup.entries(known.followed, followup.HAPPENED, known.region, inside=False, when="pvm")
    return [
        one
        for one in made
        if one.has("ehdotus")
        and one.has("paattaja")
        and one.code("tila") in PENDING
        and known.theme in ("kaikki", one.code("teema"))
    ]


def _goes_on(one: Entry) -> bool:
    return one.code("tila") not in ENDED and not one.has("todettu")


def _newest_record(followed: Release, region: tuple[str, str]) -> str:
    """Give the newest day on which something was recorded: a day before it is no day to return on."""
    days = [
        one.day("kirjattu_pvm")
        for part, day, _ in _DAYS
        if part in followed.parts
        for one in followup.entries(followed, part, region, inside=False, when=day)
    ]
    return max(days, default="")


def _brief(words: tuple[str, str]) -> tuple[str, str]:
    """Take the first sentence and leave its full stop: the sentence around it has its own."""
    first = [one.split(". ")[0].rstrip(".") for one in words]
    return first[0], first[1]
