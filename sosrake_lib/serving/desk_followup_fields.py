"""Fields of follow-up entries as the desk asks and shows them, made of the schema of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sosrake_lib import catalogue
from sosrake_lib.catalogue.decision_calendar import decision_calendar
from sosrake_lib.catalogue.self_assessment import self_assessment
from sosrake_lib.errors import SosrakeError
from sosrake_lib.gather.schemas import Column
from sosrake_lib.influence.words_followup import choice_words
from sosrake_lib.language import messages, say
from sosrake_lib.register import Desk
from sosrake_lib.register.fields import fields
from sosrake_lib.register.followup_check import LONGEST
from sosrake_lib.register.followup_kinds import Kind
from sosrake_lib.register.workbook_pages import PARTED, keys_in, workbook_pages
from sosrake_lib.serving.forms_fields import choice_label, field_label
from sosrake_lib.serving.intake_shown import day

# What the title of a kind says after this sign is for those who fill a spreadsheet.
_TITLE_ENDS = ":"
_SHORT = 60
_LINES = ("paattaja", "toimielin", "organisaatio", "kenelle", "nimi", "kortti")


@dataclass(frozen=True, slots=True)
class EntryField:
    """A field of an entry as it is asked.

    `look` is text, line, count, date or select; `options` are a select's keys and their words.
    """

    name: str
    label: str
    help: str
    look: str
    required: bool
    longest: int
    options: Mapping[str, str]
    value: str


def title(of: Kind, language: str) -> str:
    """Name a kind of entry.

    Examples
    --------
    >>> from sosrake_lib.register.followup_kinds import kind
    >>> title(kind("kanavaloki"), "fi")
    'Kanavaloki'
    """
    return (of.title_en if language == "en" else of.title_fi).partition(_TITLE_ENDS)[0]


def named_field(name: str, language: str) -> str:
    """Name a field of any form of the desk; the name itself when it has no words.

    Examples
    --------
    >>> named_field("vastuurooli", "fi"), named_field("alue_koodi", "fi")
    ('Kuka vastaa', 'alue_koodi')
    """
    own = messages.catalogue("tyopoyta", language)
    shared = messages.catalogue("seuranta", language)
    keys = (f"tyopoyta.followup.field.{name}", f"tyopoyta.phenomenon.{name}")
    found = next((own[key] for key in keys if key in own), shared.get(f"seuranta.head.{name}"))
    return found or (field_label(name, language) if name in fields() else name)


def state_label(state: str, language: str) -> str:
    """Name a state of an entry."""
    return say(f"seuranta.choice.tila.{state}", language)


def value_label(of: Kind, name: str, value: str, language: str) -> str:
    """Write a field's value as it is read: the words of a choice, a day, a name for a key."""
    if not value:
        return ""
    column, place = of.columns[name], int(language == "en")
    if column.kind == "date":
        return day(value, language)
    if name in of.keys:
        return _key_names(name, language).get(value, value)
    if name in of.pages:
        return PARTED.join(_page_name(key, place) for key in keys_in(value))
    if column.kind != "choice":
        return value
    if name == "teema":
        return choice_label("teema", value, language)
    if name == "kohta":
        point = self_assessment().point(value)
        return point.name_en if place else point.name_fi
    if name == "taso":
        return f"{value}: {self_assessment().levels[int(value)][place]}"
    return choice_words(of.name, name, value)[place]


def _page_name(key: str, place: int) -> str:
    """Name a page; its key where the plan is not at hand or no longer has it, as an entry is read anyway."""
    try:
        return workbook_pages()[key][place]
    except (SosrakeError, KeyError):
        return key


def asked(desk: Desk, of: Kind, language: str, values: Mapping[str, Any]) -> list[EntryField]:
    """Give the fields of a form for a new or a changed entry, with what they hold now."""
    return [
        _field(desk, of, column, language, str(values.get(name, ""))) for name, column in of.columns.items()
    ]


def _field(desk: Desk, of: Kind, column: Column, language: str, value: str) -> EntryField:
    name, look = column.name, "text"
    options: Mapping[str, str] = {}
    if column.kind == "choice":
        look, options = "select", {one: value_label(of, name, one, language) for one in column.allowed}
    elif name in of.links:
        look, options = "select", _rows(desk, of.links[name])
    elif name in of.keys:
        look, options = "select", _key_names(name, language)
    elif column.kind in ("date", "count"):
        look = column.kind
    elif name in (*of.roles, *of.pages, *_LINES):
        look = "line"
    # A number or key is chosen by its name here, so what a spreadsheet's column says of it does not help.
    chosen = name in of.links or name in of.keys
    help_text = "" if chosen else column.meaning if language == "en" else column.meaning_fi
    label = named_field(name, language)
    return EntryField(name, label, help_text, look, column.required, LONGEST, options, value)


def _key_names(name: str, language: str) -> Mapping[str, str]:
    """Name what a key of the catalogue may be: decisions of the calendar, or indicators."""
    if name == "paatos":
        return {one.key: one.name_en if language == "en" else one.name_fi for one in decision_calendar()}
    return {one.key: one.name_en if language == "en" else one.name_fi for one in catalogue.indicators()}


def _rows(desk: Desk, table: str) -> Mapping[str, str]:
    """Name the phenomena or the proposals of the register by their numbers."""
    if table == "ilmio":
        listed = desk.phenomena().to_dict("records")
        return {str(row["ilmio_id"]): f"{row['ilmio_id']}: {_cut(row['nimi'])}" for row in listed}
    listed = desk.proposals().to_dict("records")
    return {str(row["ehdotus_id"]): f"{row['ehdotus_id']}: {_cut(row['text'])}" for row in listed}


def _cut(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
