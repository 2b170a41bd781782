"""What a working group decides on in its meeting: open proposals, last decisions, agenda, form to fill in.

A proposed agenda is made of what is open and is said to be a proposal; decisions are only what people wrote.
"""

from __future__ import annotations

from collections.abc import Sequence

from sosrake_lib.catalogue.decision_calendar import decision_calendar
from sosrake_lib.influence import project_texts, words_decider, words_followup, words_hand
from sosrake_lib.influence.pages import Heading, Note, Showable
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.influence.sentence import Sentence, constant
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.words_followup import Entry
from sosrake_lib.influence.words_followup_plans import calendar_of
from sosrake_lib.influence.words_participation import text_of
from sosrake_lib.influence.words_situation import ROOM, days, filled, pair, rows_in, said
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection, Text

OUTPUT = "tilannekuvapaketti"
PENDING = ("tehty", "kesken")
AGENDA = ("asialistalla", "siirretty")
_CODES = ("fi", "en")
# How the name of a deciding body begins -> level of the calendar of decisions.
_LEVELS = {"kunna": "kunta", "kaupun": "kunta", "alue": "hva", "kela": "kela", "edus": "valtio"}
_BUDGET, RESOURCE = "talousarvio", "resurssi"
# Cells to be filled in: as long as there is to be room for in the table.
BLANKS = {"decided": "…" * 14, "owner": "…" * 9, "due": "…" * 6}


def open_proposals(release: Release, region: tuple[str, str], language: str = "fi") -> Table | Text:
    """Show what has been proposed and not decided yet: to whom, when it may be decided, and its state."""
    found = [one for one in _proposals(release, region) if one.code("tila") in PENDING]
    if not found:
        return said("no_open_proposals")
    clock = words_followup.entries(release, "vuosikello", region)
    head = [pair(f"head.{name}") for name in ("proposal", "body", "when", "state")]
    body = [
        [one.words("ehdotus"), one.words("paattaja"), _when(one, clock), words_followup.decided(one)]
        for one in found
    ]
    return words_followup.entry_table(found, head, body, pair("caption.proposals"), language)


def decisions(release: Release, region: tuple[str, str], language: str = "fi") -> list[Showable]:
    """Show the last meeting's decisions with owner, due day and state, then earlier ones not done."""
    known = days(release, region)
    if "edellinen" not in known:
        return [said("no_decisions")]
    states = {str(row["indicator"]): str(row["category"]) for row in rows_in(release, "paatokset", region)}
    listed = [one for one in words_followup.entries(release, "tyoryhma", region) if one.key in states]
    last = [one for one in listed if one.day("paiva") == known["edellinen"]]
    earlier = [one for one in listed if one not in last and states[one.key] != "tehty"]
    told: list[Showable] = [said("late_means", day=words_followup.date_pair(known["tilanne"]))]
    told.append(_decided_table(last, states, "decided", language))
    if earlier:
        told += [Heading(3, say(f"{ROOM}.earlier", language))]
        told.append(_decided_table(earlier, states, "earlier", language))
    return told


def shown(texts: Selection | None, field: str, language: str = "fi") -> list[Showable | list[Sentence]]:
    """Give what people wrote in a field, a point a line, with the writer's role and day; or that nobody has.

    Parameters
    ----------
    texts : part `omat_tekstit` for the county. field : asialista or paatokset.
    """
    told = words_hand.shown(texts, field, language, output=OUTPUT)
    if not words_hand.written(texts, field, output=OUTPUT):
        return [*told]
    points = [constant(line, spoken) for line, spoken in _own_lines(texts, field, language)]
    return [points, *(one for one in told if isinstance(one, Note))]


def proposed_agenda(
    release: Release, region: tuple[str, str], texts: Selection | None = None, language: str = "fi"
) -> list[Showable | list[Sentence]]:
    """Give an agenda made of what is open, said to be a proposal; nothing when people wrote one."""
    if words_hand.written(texts, "asialista", output=OUTPUT):
        return []
    lines = [constant(line[int(language == "en")], language) for line in agenda_lines(release, region)]
    return [said("proposed_agenda"), lines]


def agenda_lines(release: Release, region: tuple[str, str]) -> list[tuple[str, str]]:
    """Make the lines of a proposed agenda, in the order of the pack: (Finnish, English)."""
    states = [row for row in rows_in(release, "paatokset", region) if row["category"] != "tehty"]
    lines = [pair("agenda.decisions")] if states else []
    lines.append(pair("agenda.news" if days(release, region) else "agenda.start"))
    lines.append(pair("agenda.themes"))
    for one in words_followup.entries(release, "tyoryhma", region):
        if one.code("tila") in AGENDA:
            lines.append(filled("agenda.matter", matter=one.words("asia")))
    happened = words_followup.entries(release, words_followup.HAPPENED, region, when="pvm")
    waiting = [one for one in happened if not one.has("ehdotus") and one.code("tila") == "tyoryhmassa"]
    lines += [filled("agenda.phenomenon", name=one.words("ilmio")) for one in waiting]
    if any(one.code("tila") in PENDING for one in _proposals(release, region)):
        lines.append(pair("agenda.proposals"))
    return [*lines, pair("agenda.not_reached"), pair("agenda.next")]


def form(
    release: Release, region: tuple[str, str], texts: Selection | None = None, language: str = "fi"
) -> Table:
    """Give an empty table to fill in: a line a matter of the agenda; decision, owner, due day are blank."""
    if words_hand.written(texts, "asialista", output=OUTPUT):
        matters = [(line, line) for line, _ in _own_lines(texts, "asialista", language)]
    else:
        matters = agenda_lines(release, region)
    columns = {"matter": [text_of(*one) for one in matters]}
    columns |= {name: [text_of(blank, blank)] * len(matters) for name, blank in BLANKS.items()}
    cells = {say(f"{ROOM}.head.{name}", language): column for name, column in columns.items()}
    return project_texts.word_table(cells, said("caption.form"), language)


def _proposals(release: Release, region: tuple[str, str]) -> list[Entry]:
    listed = words_followup.entries(release, words_followup.HAPPENED, region, when="pvm")
    return [one for one in listed if one.has("ehdotus")]


def _when(one: Entry, clock: Sequence[Entry]) -> tuple[str, str]:
    """Say when a proposal may be decided: by the county's yearly clock, else by the calendar; next look."""
    told = [_calendar(one, clock)]
    if one.has("seuranta_pvm"):
        told.append(filled("when.next", day=words_followup.date_pair(one.day("seuranta_pvm"))))
    return " ".join(pair_[0] for pair_ in told), " ".join(pair_[1] for pair_ in told)


def _calendar(one: Entry, clock: Sequence[Entry]) -> tuple[str, str]:
    """Say when money is decided on, for a proposal that asks for it; of others no time is known."""
    if one.code("kohde") != RESOURCE:
        return pair("when.unknown")
    body = one.words("paattaja")[0].casefold()
    level = next((level for start, level in _LEVELS.items() if body.startswith(start)), "")
    budget = next((known for known in decision_calendar() if known.key == f"{level}_{_BUDGET}"), None)
    if budget is None or not budget.months:
        return pair("when.unknown")
    names = {"name": (budget.name_fi, budget.name_en), "months": words_decider.in_months(budget.months)}
    aimed = [own for own in clock if (found := calendar_of(own)) is not None and found.key == budget.key]
    if aimed:
        return filled("when.clock", day=words_followup.date_pair(aimed[0].day("paiva")), **names)
    return filled("when.calendar", **names, ready=_month("by_month", budget.ready))


def _month(key: str, number: int) -> tuple[str, str]:
    told = (
        say(f"paattajakooste.when.{key}", code, month=say(f"tietotarve.month.m{number}", code))
        for code in _CODES
    )
    finnish, english = told
    return finnish, english


def _decided_table(found: Sequence[Entry], states: dict[str, str], caption: str, language: str) -> Table:
    head = [pair(f"head.{name}") for name in ("decision", "owner", "due", "state")]
    body = [
        [
            one.words("paatos_sanoin"),
            one.words("omistaja"),
            words_followup.dated(one, "maarapaiva"),
            pair(f"state.{states[one.key]}"),
        ]
        for one in found
    ]
    return words_followup.entry_table(found, head, body, pair(f"caption.{caption}"), language)


def _own_lines(texts: Selection | None, field: str, language: str) -> list[tuple[str, str]]:
    """Give the lines of what people wrote in a field, each with its language."""
    row = next(
        row
        for row in rows_of(texts)  # type: ignore[arg-type]
        if row["indicator"] == field and row["group"] == OUTPUT and row["label_fi"]
    )
    spoken = "en" if language == "en" and row["label_en"] else "fi"
    lines = str(row[f"label_{spoken}"]).splitlines()
    return [(line.strip().rstrip("."), spoken) for line in lines if line.strip()]
