"""Words of a media kit: message, the same for several readers, press release, questions, safety.

Every draft is made of one released finding, with the words its design allows; what is asked for comes from
the register or is said not to be recorded. Drafts say themselves that they are drafts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from sosrake_lib.catalogue.audiences import audiences
from sosrake_lib.influence import decisions, words
from sosrake_lib.influence.pages import Heading, Note, Showable
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import about_place, said
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.influence.words_followup import HAPPENED, Entry, entries
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "mediasuunnitelma"
SAFETY = (*("consent", "no_case", "small_area", "photo", "read_before", "stop", "worker", "afterwards"),)
Region = tuple[str, str]
Shown = list[Showable | list[Sentence]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked and of whom, in words; `entry` is the recorded proposal, or None when there is none.

    `body`: who decides on such matters by law, when no proposal is recorded.
    """

    ask: str
    audience: str
    entry: Entry | None = None
    body: str = ""


def request(
    finding: Selection, release: Release, region: Region, bodies: pd.DataFrame, language: str = "fi"
) -> Request:
    """Give the area's last proposal and its decider; else what may be asked anyway, and who decides on such.

    Parameters
    ----------
    finding : the area's leading comparison, or no row. release : with the part `mita_tapahtui`.
    bodies : table `hanke/paattajat`, who decides on what (`decisions.who_decides`).
    """
    place = int(language == "en")
    made = [one for one in entries(release, HAPPENED, region, inside=False, when="pvm") if one.has("ehdotus")]
    if made:
        ask, audience = (made[-1].words(name)[place] for name in ("ehdotus", "paattaja"))
        return Request(ask, audience, made[-1])
    body = _deciders(bodies, region, decisions.theme_of(finding), language)
    none = say(f"{ROOM}.no_audience", language, body=body)
    return Request(say(f"{ROOM}.no_ask", language), none, body=body)


def message(
    finding: Selection, release: Release, region: Region, bodies: pd.DataFrame, language: str = "fi"
) -> Table | Text:
    """Build the message: claim, what it rests on, how sure, what is not known, what is asked and of whom.

    Parameters
    ----------
    finding : the area's leading comparison (`nosto_media` of `batch.recipes_decider`).
    release : with the part `mita_tapahtui` (release "seuranta"); the request is its last proposal.
    bodies : as in `request`.

    Returns
    -------
    Table; a text when there is neither a figure nor a proposal to build on.
    """
    asked = request(finding, release, region, bodies, language)
    lines: dict[str, Cell]
    rows: tuple[Row, ...]
    if len(finding):
        told, rows = words.finding(finding, language), rows_of(finding)
        lines = {"claim": told.headline, "evidence": told.full, "sureness": told.sureness}
        lines["unknown"] = told.unknown[0]
    elif asked.entry is not None:
        rows, lines = tuple(asked.entry.rows.values()), seen(asked.entry, language)
    else:
        return said(f"{ROOM}.no_finding")
    lines |= {"ask": constant(asked.ask, language), "audience": constant(asked.audience, language)}
    body: list[list[Cell]] = [[say(f"{ROOM}.part.{name}", language), cell] for name, cell in lines.items()]
    head = [say(f"{ROOM}.head.{name}", language) for name in ("part", "words")]
    return word_table(rows, head, body, say(f"{ROOM}.caption", language), language)


def seen(one: Entry, language: str = "fi") -> dict[str, Cell]:
    """Say as a claim the approved phenomenon a proposal is about, and what it rests on: no count, no need."""
    if not one.has("ilmio"):
        return {"claim": say(f"{ROOM}.no_claim", language)}
    name = one.words("ilmio")[int(language == "en")]
    return {"claim": constant(name, language), "evidence": say(f"{ROOM}.observed", language)}


def for_readers(finding: Selection, language: str = "fi") -> list[Table]:
    """Say to each kind of reader whom the finding concerns why it does, and what can be done with it."""
    if not len(finding):
        return []
    place, key = int(language == "en"), str(rows_of(finding)[0]["indicator"])
    body: list[list[Cell]] = [
        [one.names[place], one.whys[place], one.uses[place]] for one in audiences() if key in one.indicators
    ]
    head = [say(f"{ROOM}.head.{name}", language) for name in ("reader", "why", "use")]
    return [word_table(rows_of(finding), head, body, say(f"{ROOM}.caption_readers", language), language)]


def press_release(
    finding: Selection, release: Release, region: Region, bodies: pd.DataFrame, language: str = "fi"
) -> Shown:
    """Draft a press release: headline, lead, in plain words, what is not known, what next, source, contact.

    Returns
    -------
    For `pages.show(*press_release(...))`; first the note that it is a draft.
    """
    note = Note(said(f"{ROOM}.draft"))
    asked = request(finding, release, region, bodies, language)
    proposed: list[Showable] = [Heading(3, say(f"{ROOM}.next", language)), what_next(asked, language)]
    if not len(finding):
        start = without_figure(asked, language)
        return [note, *start, *(proposed if asked.entry else ()), said(f"{ROOM}.contact")]
    told = words.finding(finding, language)
    return [
        note,
        about_place(f"{ROOM}.release_about", region),
        title(told.headline),
        told.full,
        told.sureness,
        Heading(3, say(f"{ROOM}.in_plain", language)),
        list(told.plain),
        Heading(3, say(f"{ROOM}.unknown", language)),
        list(told.unknown),
        *proposed,
        words.source_line(finding, language),
        said(f"{ROOM}.contact"),
    ]


def without_figure(asked: Request, language: str = "fi") -> list[Showable]:
    """Begin a draft without a figure: the phenomenon of the register, or that there is nothing to tell of."""
    if asked.entry is None or not asked.entry.has("ilmio"):
        return [said(f"{ROOM}.no_finding")]
    name = asked.entry.words("ilmio")[int(language == "en")]
    return [title(constant(name, language)), said(f"{ROOM}.observed")]


def title(words_: Sentence) -> Showable:
    """Set a draft's title as a heading; one with a number stays a sentence, which names its result."""
    return words_ if any(map(str.isdigit, words_.text)) else Heading(3, words_.text)


def what_next(asked: Request, language: str = "fi") -> Sentence:
    """Say in a draft what is proposed and who decides, in the recorder's words; else where to write it."""
    if asked.entry is None:
        return compose(f"{ROOM}.write_request", language, body=constant(asked.body, language))
    ask, audience = (constant(one.rstrip("."), language) for one in (asked.ask, asked.audience))
    return compose(f"{ROOM}.proposed", language, ask=ask, audience=audience)


def questions(
    finding: Selection,
    release: Release,
    region: Region,
    bodies: pd.DataFrame,
    strengths: list[Sentence],
    language: str = "fi",
) -> Shown:
    """Give questions a journalist may ask with their answers.

    Parameters
    ----------
    strengths : what is clearly better than in the whole country (`words_decider.strength`); may be empty.
    """
    shown: Shown = [Note(said(f"{ROOM}.draft"))]
    answers: dict[str, Showable | list[Sentence]] = {}
    if len(finding):
        told = words.finding(finding, language)
        answers = {"source": words.source_line(finding, language), "age": said(f"{ROOM}.answer.age")}
        answers |= {"sure": told.sureness, "cause": list(told.unknown)}
        answers |= {"change": said(f"{ROOM}.answer.change")}
        answers |= {"good": strengths or said(f"{ROOM}.answer.no_strength")}
    asked = request(finding, release, region, bodies, language)
    none = said(f"{ROOM}.answer.no_proposal")
    answers["proposal"] = what_next(asked, language) if asked.entry else none
    answers |= {name: said(f"{ROOM}.answer.{name}") for name in ("blame", "client", "rank")}
    for name, answer in answers.items():
        shown += [Heading(3, say(f"{ROOM}.question.{name}", language)), answer]
    return shown


def safety(language: str = "fi") -> list[Sentence]:
    """List what keeps people safe in an interview: no identifiable case leaves the house."""
    return [Sentence(say(f"{ROOM}.safety.{name}", language), language) for name in SAFETY]


def _deciders(bodies: pd.DataFrame, region: Region, theme: str, language: str) -> str:
    """Name the bodies of the area's own level that decide on the theme, or in general when none is named."""
    rows = decisions.deciding(bodies, date.today())
    rows = rows.loc[rows["level"] == region[0]]
    own = rows.loc[rows["theme"] == theme]
    chosen = own if len(own) else rows.loc[rows["theme"] == "kaikki"]
    named = list(dict.fromkeys(chosen[f"body_{language}"]))
    return named[0] if len(named) == 1 else say("hand.and", language, first=named[0], last=named[-1])
