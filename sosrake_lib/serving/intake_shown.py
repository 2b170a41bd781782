"""What the reporting form says back: what is wrong and where, what a receipt shows, approved summaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sosrake_lib.language import messages, numbers, say
from sosrake_lib.register.intake import NotSaved, Receipt
from sosrake_lib.serving.forms_fields import choice_label, region_label

_KNOWN = ("fields", "personal", "confirm", "disk", "away")


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved form as its page shows it: the receipt code and a summary of the theme, if there is one."""

    code: str
    summary: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Told:
    """An answer to a receipt code: `kind` is known, unknown, mistyped or away."""

    kind: str
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a form was not saved, in words.

    `lines` are (field, what) for the list at the top, `by_field` field -> what for the field's own place;
    `asks` says that a yes is asked.
    """

    kind: str
    lines: tuple[tuple[str, str], ...]
    by_field: Mapping[str, str]
    asks: bool


def problem(found: NotSaved, variant: str, language: str) -> Problem:
    """Say why a form was not saved; what it quotes was written by the one who reads it."""
    kind = found.kind if found.kind in _KNOWN else "away"
    lines = [(name, say(f"register.fault.{fault}", language)) for name, fault in found.faults]
    for name, entity, start, end in found.findings:
        excerpt = found.form.fields.get(name, "")[start:end]
        what = say(f"raportointi.type.{entity.lower()}", language)
        lines.append((name, say("raportointi.wrong.found", language, excerpt=excerpt, kind=what)))
    by_field: dict[str, str] = {}
    for name, told in lines:
        by_field[name] = f"{by_field[name]} {told}" if name in by_field else told
    labelled = [(name, f"{_label(name, variant, language)} {told}") for name, told in lines]
    return Problem(kind, tuple(labelled), by_field, kind == "confirm")


def places(found: NotSaved) -> set[tuple[str, str]]:
    """Give the words somebody was asked about, by field."""
    return {(name, found.form.fields.get(name, "")[start:end]) for name, _, start, end in found.findings}


def summary(found: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Give an approved summary as it is shown: heading, text, the text's language, area, theme, day."""
    english = language == "en" and found.get("yhteenveto_en")
    return {
        "name": found["nimi"],
        "text": found["yhteenveto_en"] if english else found["yhteenveto"],
        "lang": "en" if english else "fi",
        "theme": choice_label("teema", found["teema"], language),
        "area": region_label(found["alue_taso"], found["alue_koodi"], language)
        if found["alue_koodi"]
        else "",
        "state": messages.catalogue("register", language).get(f"register.state.{found['tila']}", ""),
        "approved": day(found["approved"], language),
        "invented": found.get("alkupera") == "synthetic",
    }


def told_receipt(found: Told, language: str) -> dict[str, Any]:
    """Give what a code shows: dated stages in their order and feedback, or why there is none."""
    if found.receipt is None:
        return {"kind": found.kind, "states": [], "feedback": []}
    states = [
        (day(one["day"], language), say(f"register.state.{one['state']}", language))
        for one in found.receipt.states
    ]
    feedback = [
        {"day": day(one["day"], language), "text": one["text"], "lang": one["language"] or "fi"}
        for one in found.receipt.feedback
    ]
    return {"kind": found.kind, "states": states, "feedback": feedback}


def day(text: str, language: str) -> str:
    """Write an ISO day as the language does; empty stays empty."""
    return numbers.day(date.fromisoformat(text), language) if text else ""


def _label(name: str, variant: str, language: str) -> str:
    """Name a field as its form does; one that no form shows by its own name."""
    own = messages.catalogue("raportointi", language).get(f"raportointi.field.{variant}.{name}")
    return own or name
