"""The body of the decision maker's view: the page's own words in the order a phone shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib import samples
from sosrake_lib.influence import labels, pieces, texts, words, words_hand
from sosrake_lib.influence import words_decider as decider
from sosrake_lib.influence import words_proposals as proposals
from sosrake_lib.influence.number_notes import ReleasedRows, notes_behind
from sosrake_lib.influence.pages import Heading, Showable, html_of
from sosrake_lib.influence.rows import Row, one_row
from sosrake_lib.influence.sentence import Sentence, compose, constant, join
from sosrake_lib.language import say
from sosrake_lib.serving.decider_view_frame import FULL_PAGE, ROOM, context_page
from sosrake_lib.serving.html import Released, element, released

if TYPE_CHECKING:
    from sosrake_lib.serving.decider_view import DeciderView


@dataclass(frozen=True, slots=True)
class _Panel:
    """The one figure of the page, set large."""

    lines: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class _Folded:
    """A list that opens from a button with its label."""

    label: str
    items: tuple[Showable, ...]


# What a block shows, in its order; a list is bulleted.
Shown = Showable | Sequence[Showable] | _Panel | _Folded


def noted_page(view: DeciderView) -> Released:
    """Build the body with each number as a link to its note, and the list of notes.

    The notes are those of the site: source, period, method, interval, n and what is hidden.
    """
    body = "\n".join(_block(view, name, shown) for name, shown in _blocks(view))
    releases = {one.id: one for one in (view.figures, view.words)}
    page = context_page(view, body)
    behind = notes_behind(page, ReleasedRows(Path(), _opened=releases))
    return released(body, behind, view.language)


def _blocks(view: DeciderView) -> Iterable[tuple[str, list[Shown]]]:
    """Give the blocks of the page in the order of the decision maker's page."""
    language, region = view.language, view.region
    yield "edellinen", [_heading("fate", language), *proposals.fate(view.proposals.earlier, language)]
    asked = decider.question(region, view.choice.text("teema"))
    yield "kysymys", [_heading("question", language), asked]
    yield "havainto", [_heading("finding", language), *_finding(view)]
    yield "aani", _voice(view)
    yield "ehdotus", [_heading("proposal", language), *_proposal(view)]
    yield "kuka", [_heading("who", language), *_deciders(view)]
    yield "milloin", [_heading("when", language), *_when(view)]
    yield "tavoita", _not_reached(view)
    if view.finding is not None:
        source = words.source_line(view.finding, language)
        yield "lahteet", [_heading("source", language), source]


def _finding(view: DeciderView) -> list[Shown]:
    if view.finding is None:
        return [texts.said("paattajakooste.no_finding")]
    language, row = view.language, one_row(view.finding)
    found = words.finding(view.finding, language)
    told: list[Shown] = [found.headline, _Panel(tuple(_figure(row, language)))]
    told.append(found.full)
    told += [Heading(3, say(f"{ROOM}.heading.sure", language)), found.sureness]
    told += [[*found.unknown], decider.rule(view.region)]
    strength = decider.strength(view.release, view.region, view.finding, language)
    return [*told, Heading(3, say(f"{ROOM}.heading.strength", language)), *strength] if strength else told


def _figure(row: Row, language: str) -> list[Sentence]:
    """Show the one figure: the number itself, its interval, and the figure it is compared with."""
    if not row.shown or not row.has("value"):
        return []
    when = labels.when(str(row["period"]), language)
    where = constant(f"{labels.region_text(row, language)}, {when}", language)
    span = pieces.interval(row, "lower", "upper", language)
    told = [pieces.figure(row, "value", language), join([where, span])]
    if row.has("reference_value"):
        told.append(
            compose(
                f"{ROOM}.beside",
                language,
                place_in=pieces.reference_place(row, language),
                value=pieces.figure(row, "reference_value", language),
            )
        )
    return told


def _voice(view: DeciderView) -> list[Shown]:
    shown = decider.voice(view.release, view.region, view.theme, view.language)
    return [*shown] or [
        Heading(2, say("paattajakooste.voice", view.language)),
        texts.said(f"{ROOM}.no_voice"),
    ]


def _proposal(view: DeciderView) -> list[Shown]:
    """Give the newest proposal that waits and what a person has written; else that none is recorded."""
    own = None if view.invented else words_hand.texts_of(view.figures, view.region)
    written = words_hand.written(own, "ehdotus", output=FULL_PAGE)
    told: list[Shown] = []
    if view.proposals.waiting or not written:
        told += proposals.proposal(view.proposals.waiting, view.language)
    if written:
        told += words_hand.shown(own, "ehdotus", view.language, output=FULL_PAGE)
    return told


def _deciders(view: DeciderView) -> list[Shown]:
    """Say who decides, the nearest first; the others behind a button: a phone shows one thing at a time."""
    bodies = samples.reference_table("hanke/paattajat")
    waiting = view.proposals.waiting
    *own, general = proposals.who(waiting, bodies, view.region[0], view.theme, view.language)
    first, *others = general  # type: ignore[misc]
    folded = [_Folded(say(f"{ROOM}.others", view.language), tuple(others))] if others else []
    return [*own, first, *folded]


def _when(view: DeciderView) -> list[Shown]:
    return [*proposals.when(view.proposals.waiting, view.words, view.region, view.language)]


def _not_reached(view: DeciderView) -> list[Shown]:
    own = None if view.invented else words_hand.texts_of(view.figures, view.region)
    about = [] if view.theme == "kaikki" else [view.theme]
    return [*words_hand.not_reached(about, ["rekisteri"], own, view.language, output=FULL_PAGE, most=2)]


def _heading(name: str, language: str) -> Heading:
    return Heading(2, say(f"{ROOM}.heading.{name}", language))


def _block(view: DeciderView, name: str, shown: Iterable[Shown]) -> str:
    made = "\n".join(_markup(one, view.language) for one in shown)
    return f'<div class="lohko {name}">{made}</div>'


def _markup(item: Shown, language: str) -> str:
    """Give the markup of one thing; a list is bulleted."""
    if isinstance(item, _Panel):
        return f'<div class="paaluku">{"".join(html_of(one, language) for one in item.lines)}</div>'
    if isinstance(item, _Folded):
        label = element("summary", item.label)
        return f"<details>{label}{_markup(item.items, language)}</details>"
    if isinstance(item, list | tuple):
        points = "".join(f"<li>{_point(one, language)}</li>" for one in item)
        return f'<ul class="lauseet">{points}</ul>'
    return html_of(item, language)  # type: ignore[arg-type]


def _point(item: Showable, language: str) -> str:
    return item.html() if isinstance(item, Sentence) else html_of(item, language)
