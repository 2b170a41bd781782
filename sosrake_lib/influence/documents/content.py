"""A page as a document of no format yet: its words, its state, where its figures come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels, words
from sosrake_lib.influence.documents.blocks import Block, Bullets, Heading, Item, Paragraph, Run
from sosrake_lib.influence.documents.notes import NumberNote
from sosrake_lib.influence.documents.reading import blocks_of
from sosrake_lib.influence.facts import joined_sources
from sosrake_lib.influence.hidden_words import hidden_sentence
from sosrake_lib.influence.pages import Page, state_told
from sosrake_lib.language import say


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a document holds, whatever the format.

    Attributes
    ----------
    title : heading of the page with its region.
    language : `fi` or `en`.
    draft : the mark of every sheet of a draft (`LUONNOS`); empty when the page is approved.
    state : the whole line that tells the state: draft, or approved by whom (role) and when.
    origin : the mark of every sheet of a page on invented figures; empty elsewhere.
    lead : lines under the title: state, that the figures are invented, how old the newest are.
    blocks : what the page says.
    basis : what the page rests on: sources, methods, what is not shown, releases.
    notes : what stands behind each number, by its reference.
    """

    title: str
    language: str
    draft: str
    state: str
    origin: str
    lead: tuple[str, ...]
    blocks: tuple[Block, ...]
    basis: tuple[Block, ...]
    notes: Mapping[str, NumberNote]

    @property
    def mark(self) -> str:
        """Give what stands on every sheet: the state, and that the figures are invented."""
        return " · ".join(piece for piece in (self.draft or self.state, self.origin) if piece)


def document_of(page: Page, notes: Mapping[str, NumberNote] | None = None) -> Document:
    """Make the document of a page.

    Parameters
    ----------
    page : made with `page_from_notebook`.
    notes : what stands behind each number of the page, by `<result_id>:<column>`; without them the document
        tells its sources at the end only.

    Raises
    ------
    SosrakeError when the page's language is neither Finnish nor English or its body is not understood.
    """
    context = page.context
    language = context.language
    if language not in ("fi", "en"):
        raise SosrakeError(f"document of page {context.key}: language {language!r}; expected fi or en")
    state = state_told(page)
    invented = say("pages.synthetic", language) if context.synthetic else ""
    newest = page.facts.newest_period
    age = words.age_of_period(newest, context.build_year, language).text if newest else ""
    return Document(
        title=f"{context.title}: {context.region_name}" if context.region_name else context.title,
        language=language,
        draft="" if context.approval else say("pages.state.draft", language),
        state=state,
        origin=say("words.synthetic", language) if context.synthetic else "",
        lead=tuple(line for line in (state, invented, age) if line),
        blocks=blocks_of(page),
        basis=_basis(page),
        notes=dict(notes or {}),
    )


def _basis(page: Page) -> tuple[Block, ...]:
    """Say what the page rests on, as the page of the site does under its article."""
    facts, language = page.facts, page.context.language

    def told(name: str) -> str:
        return say(f"pages.basis.{name}", language)

    parts = [
        (told("sources"), joined_sources(labels.told_source(one, language) for one in facts.sources)),
        (told("methods"), [labels.method_text(key, language) for key in facts.methods]),
        (told("uncertainty"), [told("uncertainty_told")] if facts.newest_period else []),
        (told("hidden"), [hidden_sentence(facts, language)]),
        (told("own"), [told("own_told")] if facts.own else []),
        (told("release"), [", ".join(page.releases)] if page.releases else []),
    ]
    made: list[Block] = [Heading(2, (Run(told("title"), language=language),))]
    for name, lines in parts:
        made += _told(name, lines, language)
    return tuple(made)


def _told(name: str, lines: list[str], language: str) -> list[Block]:
    head = Run(f"{name}: " if len(lines) == 1 else f"{name}:", strong=True, language=language)
    runs = [Run(line, language=language) for line in lines]
    if len(runs) == 1:
        return [Paragraph((head, runs[0]))]
    return [Paragraph((head,)), Bullets(tuple(Item((run,)) for run in runs))] if runs else []
