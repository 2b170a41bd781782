"""Participatory knowledge in words: methods by question, a card, entry templates, quotes, who is missing.

Cards and quotes are people's own texts and no figures; numbers of people heard come from released rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from sosrake_lib.catalogue import themes
from sosrake_lib.catalogue.method_cards import MethodCard, methods
from sosrake_lib.gather.schemas import schema
from sosrake_lib.influence import project_texts
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection, Text

ROOM = "osallistava_tieto"
SHEETS = ("tiedote", "suostumus", "lainauslupa", "tietotarpeet")
_NUMERAL = re.compile(r"\d+")


class Quoted(Protocol):
    """A quote that has passed the gate (`batch.recipes_participation.Quote`)."""

    @property
    def text_fi(self) -> str:
        """Give its words in Finnish."""

    @property
    def text_en(self) -> str:
        """Give its words in English."""

    @property
    def source(self) -> str:
        """Give where it was said."""

    @property
    def theme(self) -> str:
        """Give the key of its theme."""

    @property
    def group(self) -> str:
        """Give the key of the group it was heard from."""


def text_of(text_fi: str, text_en: str) -> Text:
    """Make a text whose numerals are declared constants: people wrote them, nobody measured them."""
    pair = (text_fi or "–", text_en or "–")
    found = dict.fromkeys([*_NUMERAL.findall(pair[0]), *_NUMERAL.findall(pair[1])])
    return Text(*pair, constants=tuple(found))


def said(key: str, **values: tuple[str, str]) -> Text:
    """Give a text of this page in both languages; values are (Finnish, English)."""
    finnish = say(f"{ROOM}.{key}", "fi", **{name: pair[0] for name, pair in values.items()})
    english = say(f"{ROOM}.{key}", "en", **{name: pair[1] for name, pair in values.items()})
    return text_of(finnish, english)


def by_question(language: str = "fi") -> Table:
    """Show each kind of question with the methods that answer it, the best first."""
    known = methods()
    cells = {
        "question": [text_of(one.name_fi, one.name_en) for one in known.questions],
        "methods": [_names(known.for_question(one.key)) for one in known.questions],
    }
    return project_texts.word_table(_headed(cells, language), said("caption.by_question"), language)


def choice(question: str) -> list[Text]:
    """Say which method suits a kind of question first, what it does not tell, and which others may do."""
    known = methods()
    kind, fitting = known.question(question), known.for_question(question)
    if not fitting:
        return [said("no_method")]
    first = fitting[0]
    asked = _small((kind.name_fi, kind.name_en))
    told = [
        said("method_for", question=asked, card=_lower(first), fits=_pair(first.fits)),
        said("method_limit", cannot=_small(_pair(first.cannot))),
    ]
    if len(fitting) > 1:
        others = ["; ".join(_lower(one)[place] for one in fitting[1:]) for place in (0, 1)]
        told.append(said("method_more", cards=(others[0], others[1])))
    return told


def all_cards(language: str = "fi") -> Table:
    """Show every card on a line: hours, people heard, and what the method does not tell."""
    cards = methods().cards
    cells = {
        "method": [text_of(*_pair(one.name)) for one in cards],
        "hours": [_range("plain", one.hours) for one in cards],
        "people": [_range("plain", one.people) for one in cards],
        "cannot": [text_of(*_pair(one.cannot)) for one in cards],
    }
    return project_texts.word_table(_headed(cells, language), said("caption.all_cards"), language)


def card_table(key: str, language: str = "fi") -> Table:
    """Show one card whole: when it fits, time, people, steps, ethics, limits and its template."""
    card = methods().card(key)
    form = card.form or "none"
    rows = {
        "fits": text_of(*_pair(card.fits)),
        "time": _range("hours", card.hours),
        "participants": text_of(*_pair(card.participants)),
        "steps": text_of(*(_steps(card, code) for code in ("fi", "en"))),
        "ethics": text_of(*_pair(card.ethics)),
        "cannot": text_of(*_pair(card.cannot)),
        "form": said(f"form.{form}"),
    }
    cells = {"aspect": [said(f"aspect.{name}") for name in rows], "content": list(rows.values())}
    caption = said("caption.card", card=_lower(card))
    return project_texts.word_table(_headed(cells, language), caption, language)


def form_table(key: str, language: str = "fi") -> Table | Text:
    """Show the columns of the card's entry template, or say that it has none."""
    form = methods().card(key).form
    if not form:
        return said("form_none")
    columns = schema(form).columns
    cells = {
        "column": [text_of(one.name, one.name) for one in columns],
        "meaning": [text_of(one.meaning_fi, one.meaning) for one in columns],
        "needed": [said(f"yes.{'yes' if one.required else 'no'}") for one in columns],
    }
    name = tuple(say(f"{ROOM}.form.{form}", code) for code in ("fi", "en"))
    caption = said("caption.form", form=(name[0], name[1]))
    return project_texts.word_table(_headed(cells, language), caption, language)


def form_command(key: str) -> list[Text]:
    """Say how the empty template of a card is made; nothing when the card has none."""
    form = methods().card(key).form
    return [said("form_where", form=(form, form))] if form else []


def sheets(language: str = "fi") -> Table:
    """List the sheets of docs/osallistava_tieto and what each holds."""
    cells = {
        "sheet": [said(f"sheet.{name}") for name in SHEETS],
        "says": [said(f"sheet.{name}_says") for name in SHEETS],
    }
    return project_texts.word_table(_headed(cells, language), said("caption.sheets"), language)


def quote_lines(quotes: Sequence[Quoted]) -> list[Text]:
    """Show quotes that have passed the gate, each with where it was said; a text when there is none."""
    named = {one.key: (one.name_fi, one.name_en) for one in themes()}
    groups = {one.key: _pair(one.name) for one in methods().groups}
    return [
        said(
            "quote_line",
            text=(one.text_fi, one.text_en),
            group=groups[one.group],
            source=(
                say(f"{ROOM}.source.{one.source}", "fi"),
                say(f"{ROOM}.source.{one.source}", "en"),
            ),
            theme=(named[one.theme][0].lower(), named[one.theme][1].lower()),
        )
        for one in quotes
    ] or [said("quotes_none")]


def kept_in(reasons: Iterable[str]) -> list[Text]:
    """Say why other quotes stay in the bank, and apart that a permission has been withdrawn."""
    found = list(reasons)
    if not found:
        return []
    told = ["; ".join(say(f"{ROOM}.reason.{one}", code) for one in found) for code in ("fi", "en")]
    texts = [said("quotes_kept", reasons=(told[0], told[1]))]
    return [*texts, said("quotes_withdrawn")] if "withdrawn" in found else texts


def who_was_heard(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Say how many were heard in all, which groups nobody has heard, and which are too few to tell.

    Parameters
    ----------
    selection : part `kuultu`, one row a group and `all`.
    """
    rows = rows_of(selection)
    everyone = next(row for row in rows if row["group"] == "all")
    told = []
    if everyone.shown:
        told.append(compose(f"{ROOM}.heard_all", language, count=_count(everyone, language)))
    nobody = [row for row in rows if row.shown and row["value"] == 0]
    few = [row for row in rows if not row.shown]
    for key, found in (("heard_none", nobody), ("heard_few", few)):
        if found:
            groups = "; ".join(_group(row, language) for row in found)
            told.append(compose(f"{ROOM}.{key}", language, groups=constant(groups, language)))
    return told if nobody else [*told, compose(f"{ROOM}.heard_everyone", language)] if not few else told


def reach_table(selection: Selection, language: str = "fi") -> Table:
    """Show how groups are reached that nobody has heard or of which too few were heard to tell."""
    lacking = {str(row["group"]) for row in rows_of(selection) if not row.shown or row["value"] == 0}
    groups = [one for one in methods().groups if one.key in lacking] or list(methods().groups)
    cells = {
        "group": [text_of(*_pair(one.name)) for one in groups],
        "reach": [text_of(*_pair(one.reach)) for one in groups],
    }
    return project_texts.word_table(_headed(cells, language), said("caption.reach"), language)


def _group(row: Row, language: str) -> str:
    key = str(row["group"])
    named: Mapping[str, str] = {one.key: one.name.text(language) for one in methods().groups}
    return named.get(key, key)


def _count(row: Row, language: str) -> Sentence:
    text = numbers.count(round(float(row["value"])), language)
    return number(text, row.reference("value"), row.release_id, language)


def _headed(cells: Mapping[str, list[Text]], language: str) -> dict[str, list[Text]]:
    return {say(f"{ROOM}.head.{name}", language): texts for name, texts in cells.items()}


def _names(cards: Sequence[MethodCard]) -> Text:
    return text_of(*("; ".join(one.name.text(code) for one in cards) for code in ("fi", "en")))


def _steps(card: MethodCard, language: str) -> str:
    return " ".join(f"{place}. {step.text(language)}" for place, step in enumerate(card.steps, start=1))


def _range(key: str, given: tuple[int, int]) -> Text:
    low, high = (str(one) for one in given)
    return said(f"range.{key}", low=(low, low), high=(high, high))


def _pair(told: object) -> tuple[str, str]:
    return str(getattr(told, "fi", "")), str(getattr(told, "en", ""))


def _lower(card: MethodCard) -> tuple[str, str]:
    return _small(_pair(card.name))


def _small(pair: tuple[str, str]) -> tuple[str, str]:
    """Begin both texts with a small letter, as within a sentence."""
    return pair[0][:1].lower() + pair[0][1:], pair[1][:1].lower() + pair[1][1:]
