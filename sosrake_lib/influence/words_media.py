"""Words of a media kit: message, draft of a press release, questions and answers, safety, templates.

Every draft is made of one released finding, with the words its design allows; what is asked for comes from
the register or is said not to be recorded. Drafts say themselves that they are drafts.
"""

from __future__ import annotations

from sosrake_lib.influence import words
from sosrake_lib.influence.pages import Heading, Note, Showable
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.influence.sentence import Sentence, constant
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import about_place, said
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.influence.words_followup import HAPPENED, entries
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "mediasuunnitelma"
SAFETY = ("consent", "no_case", "small_area", "photo", "read_before", "stop", "worker")
BLOG = ("open", "figure", "meaning", "voice", "ask", "sources")


def message(
    finding: Selection, release: Release, region: tuple[str, str], language: str = "fi"
) -> Table | Text:
    """Build the message: claim, what it rests on, how sure it is, what is asked and of whom.

    Parameters
    ----------
    finding : the area's leading comparison (`nosto_media` of `batch.recipes_decider`).
    release : with the part `mita_tapahtui` (release "seuranta"); the ask is its last proposal.
    """
    if not len(finding):
        return said(f"{ROOM}.no_finding")
    told = words.finding(finding, language)
    lines: dict[str, Cell] = {"claim": told.headline, "evidence": told.full, "sureness": told.sureness}
    lines |= _ask(release, region, language)
    body: list[list[Cell]] = [[say(f"{ROOM}.part.{name}", language), cell] for name, cell in lines.items()]
    head = [say(f"{ROOM}.head.{name}", language) for name in ("part", "words")]
    return word_table(rows_of(finding), head, body, say(f"{ROOM}.caption", language), language)


def press_release(
    finding: Selection, region: tuple[str, str], language: str = "fi"
) -> list[Showable | list[Sentence]]:
    """Draft a press release: headline, lead, in plain words, what is not known, source, who tells more.

    Returns
    -------
    For `pages.show(*press_release(...))`; first the note that it is a draft.
    """
    note = Note(said(f"{ROOM}.draft"))
    if not len(finding):
        return [note, said(f"{ROOM}.no_finding")]
    told = words.finding(finding, language)
    return [
        note,
        about_place(f"{ROOM}.release_about", region),
        told.headline,
        told.full,
        told.sureness,
        Heading(3, say(f"{ROOM}.in_plain", language)),
        list(told.plain),
        Heading(3, say(f"{ROOM}.unknown", language)),
        list(told.unknown),
        words.source_line(finding, language),
        said(f"{ROOM}.contact"),
    ]


def questions(finding: Selection, language: str = "fi") -> list[Showable | list[Sentence]]:
    """Give questions a journalist may ask with their answers: source, certainty, cause, clients, blame."""
    shown: list[Showable | list[Sentence]] = [Note(said(f"{ROOM}.draft"))]
    if len(finding):
        told = words.finding(finding, language)
        answers: dict[str, Showable | list[Sentence]] = {
            "source": words.source_line(finding, language),
            "sure": told.sureness,
            "cause": list(told.unknown),
        }
        for name, answer in answers.items():
            shown += [Heading(3, say(f"{ROOM}.question.{name}", language)), answer]
    for name in ("blame", "client", "rank"):
        shown += [Heading(3, say(f"{ROOM}.question.{name}", language)), said(f"{ROOM}.answer.{name}")]
    return shown


def safety(language: str = "fi") -> list[Sentence]:
    """List what keeps people safe in an interview: no identifiable case leaves the house."""
    return [Sentence(say(f"{ROOM}.safety.{name}", language), language) for name in SAFETY]


def blog_template(finding: Selection, language: str = "fi") -> list[Showable | list[Sentence]]:
    """Give the template of a blog or an opinion: what each paragraph does, and the source to name."""
    steps = [Sentence(say(f"{ROOM}.blog.{name}", language), language) for name in BLOG]
    return [steps, *([words.source_line(finding, language)] if len(finding) else [])]


def _ask(release: Release, region: tuple[str, str], language: str) -> dict[str, Cell]:
    """Give the last proposal and who decides on it, in its writer's words; else that none is recorded."""
    place = int(language == "en")
    made = [one for one in entries(release, HAPPENED, region, inside=False, when="pvm") if one.has("ehdotus")]
    if not made:
        none = say(f"{ROOM}.no_ask", language)
        return {"ask": none, "audience": say(f"{ROOM}.no_audience", language)}
    ask, audience = (made[-1].words(name)[place] for name in ("ehdotus", "paattaja"))
    return {"ask": constant(ask, language), "audience": constant(audience, language)}
