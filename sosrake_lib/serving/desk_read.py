"""What the desk's pages show, read from the register and put in words; nothing is changed here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.gather import identifiers
from sosrake_lib.indicators.agreement import cohen_kappa
from sosrake_lib.language import numbers, say
from sosrake_lib.register import Desk, coding
from sosrake_lib.register.fields import fields, text_fields
from sosrake_lib.register.life import states
from sosrake_lib.register.phenomena import read_phenomenon
from sosrake_lib.register.screening import Finding
from sosrake_lib.register.tables import EHDOTUS, PALAUTE
from sosrake_lib.serving.forms_fields import choice_label, field_label, region_label
from sosrake_lib.serving.intake_shown import day


@dataclass(frozen=True, slots=True)
class Words:
    """One text of an observation: what was written, in pieces (text, kind found or ""), and a masked one."""

    name: str
    label: str
    pieces: tuple[tuple[str, str], ...]
    text: str
    suggestion: str
    changed: bool


def overview(desk: Desk, language: str) -> dict[str, Any]:
    """Give what waits: forms to take in, observations by state, receipts without an answer, codes to give."""
    listed = desk.observations()
    by_state = {
        state: [_listed(row, language) for row in listed[listed["tila"] == state].to_dict("records")]
        for state in ("uusi", "luettu")
    }
    unanswered = desk.unanswered()
    return {
        "waiting": desk.waiting(),
        "by_state": by_state,
        "counts": {state: int((listed["tila"] == state).sum()) for state in states("havainto")},
        "unanswered": len(unanswered),
        "to_code": len(desk.to_code()),
        "synthetic": bool((listed["alkupera"] == "synthetic").any()),
    }


def observation(desk: Desk, number: int, language: str) -> dict[str, Any]:
    """Give one observation whole, with what seems to name someone and a masked suggestion."""
    row = desk.read(number)
    found = desk.findings(number)
    coders = coding.coders(desk.register, number)
    pairs = desk.pairs()
    own = pairs[pairs["havainto_id"] == number]
    return {
        "row": row,
        "words": words(row, found, language),
        "classes": [
            (field_label(name, language), choice_label(name, row[name], language))
            for name, field in fields().items()
            if field.kind == "choice" and row.get(name)
        ],
        "area": region_label(row["alue_taso"], row["alue_koodi"], language),
        "month": numbers.period(row["pvm"], language) if row["pvm"] else "",
        "arrived": day(row["saapunut"], language),
        "state": say(f"register.state.{row['tila']}", language),
        "probable": any(one.level == "probable" for one in found),
        "sure": any(one.level == "sure" for one in found),
        "coders": coders,
        "own_code_there": desk.user in coders,
        "pairs": _pairs(own, language),
        "phenomena": _open_phenomena(desk),
        "answers": _answers(desk, PALAUTE.c.havainto_id == number, language),
        "next": states("havainto")[row["tila"]],
    }


def words(row: Mapping[str, Any], found: Sequence[Finding], language: str) -> list[Words]:
    """Give the texts of an observation that are not empty."""
    made = []
    for name in text_fields():
        text = row[name]
        if not text:
            continue
        pieces, place = [], 0
        for one in sorted((one for one in found if one.field == name), key=lambda one: one.start):
            kind = say(f"personal.type.{one.type.lower()}", language)
            level = say(f"tyopoyta.level.{one.level}", language)
            pieces += [(text[place : one.start], ""), (text[one.start : one.end], f"{kind}, {level}")]
            place = one.end
        pieces.append((text[place:], ""))
        masked = identifiers.mask(text)
        label = field_label(name, language)
        made.append(Words(name, label, tuple(pieces), text, masked, masked != text))
    return made


def coding_page(desk: Desk, language: str) -> dict[str, Any]:
    """Give what this person has yet to code, the agreement of two, and what is to be settled."""
    pairs = desk.pairs()
    listed = desk.observations().set_index("havainto_id")
    return {
        "to_code": desk.to_code().to_dict("records"),
        "agreement": [agreement(pairs, name, language) for name in coding.CODED if len(pairs)],
        "unsettled": _unsettled(pairs, listed, language),
        "coded_count": int(pairs["havainto_id"].nunique()),
    }


def agreement(pairs: pd.DataFrame, field: str, language: str) -> dict[str, str]:
    """Tell how alike two people code a field: share of equal codes, and kappa with its interval."""
    one = pairs[pairs["field"] == field]
    found = cohen_kappa(list(one["first"]), list(one["second"]))
    limits = found.intervals.iloc[0]
    known = not math.isnan(found.kappa)
    return {
        "field": field_label(field, language),
        "n": numbers.count(found.n, language),
        "share": numbers.percent(100 * found.observed, 0, language),
        "kappa": numbers.number(found.kappa, 2, language) if known else "–",
        "interval": numbers.interval(limits["lower"], limits["upper"], 2, language) if known else "–",
    }


def phenomenon_list(desk: Desk, language: str) -> list[dict[str, Any]]:
    """List the phenomena."""
    return [
        {
            "number": int(row["ilmio_id"]),
            "name": row["nimi"],
            "theme": choice_label("teema", row["teema"], language),
            "state": say(f"register.state.{row['tila']}", language),
            "count": int(row["havaintoja"]),
            "summary": say(f"tyopoyta.summary_state.{row['yhteenveto_tila'] or 'ei'}", language),
            "answered": day(row["palaute_annettu_pvm"], language),
        }
        for row in desk.phenomena().to_dict("records")
    ]


def phenomenon(desk: Desk, number: int, language: str) -> dict[str, Any]:
    """Give one phenomenon whole: observations, tasks, proposals, decisions, summary, feedback."""
    row = read_phenomenon(desk.register, number)
    listed = desk.observations()
    joined = listed[listed["ilmio_id"] == number].to_dict("records")
    proposals = _rows(desk, sa.select(EHDOTUS).where(EHDOTUS.c.ilmio_id == number))
    return {
        "row": row,
        "state": say(f"register.state.{row['tila']}", language),
        "next": [(one, say(f"register.state.{one}", language)) for one in states("ilmio")[row["tila"]]],
        "observations": [_listed(one, language) for one in joined],
        "tasks": [_task(one, language) for one in desk.tasks(number).to_dict("records")],
        "proposals": [_proposal(one, language) for one in proposals],
        "answers": _answers(desk, PALAUTE.c.ilmio_id == number, language),
        "summary_state": say(f"tyopoyta.summary_state.{row['yhteenveto_tila'] or 'ei'}", language),
        "own_draft": row["yhteenveto_tekija"] == desk.user,
    }


def unanswered(desk: Desk, language: str) -> list[dict[str, Any]]:
    """List observations whose reporter has had no feedback, the longest wait first."""
    return [
        {
            "number": int(row["havainto_id"]),
            "arrived": day(row["saapunut"], language),
            "days": numbers.count(row["days"], language),
            "state": say(f"register.state.{row['tila']}", language),
            "theme": choice_label("teema", row["teema"], language),
            "area": region_label(row["alue_taso"], row["alue_koodi"], language),
            "phenomenon": None if pd.isna(row["ilmio_id"]) else int(row["ilmio_id"]),
        }
        for row in desk.unanswered().to_dict("records")
    ]


def _listed(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        "number": int(row["havainto_id"]),
        "arrived": day(row["saapunut"], language),
        "theme": choice_label("teema", row["teema"], language),
        "area": region_label(row["alue_taso"], row["alue_koodi"], language),
        "teller": choice_label("tiedontuottaja", row["tiedontuottaja"], language),
        "state": say(f"register.state.{row['tila']}", language),
        "version": int(row["versio"]),
        "supplements": None if pd.isna(row["taydentaa"]) else int(row["taydentaa"]),
    }


def _pairs(pairs: pd.DataFrame, language: str) -> list[dict[str, Any]]:
    return [
        {
            "number": int(row["havainto_id"]),
            "name": row["field"],
            "field": field_label(row["field"], language),
            "first": choice_label(row["field"], row["first"], language) or "–",
            "second": choice_label(row["field"], row["second"], language) or "–",
            "value": row["first"] if row["agree"] else "",
            "agree": bool(row["agree"]),
        }
        for row in pairs.to_dict("records")
    ]


def _unsettled(pairs: pd.DataFrame, listed: pd.DataFrame, language: str) -> list[dict[str, Any]]:
    """Keep the coded fields whose settled code is not one of those the two have given."""
    waiting = []
    for one, row in zip(_pairs(pairs, language), pairs.to_dict("records"), strict=True):
        stands = listed.at[row["havainto_id"], row["field"]]
        if stands not in (row["first"], row["second"]):
            waiting.append(one)
    return waiting


def _open_phenomena(desk: Desk) -> list[tuple[int, str]]:
    rows = desk.phenomena()
    return [
        (int(row["ilmio_id"]), row["nimi"]) for row in rows[rows["tila"] != "suljettu"].to_dict("records")
    ]


def _task(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    state = say(f"register.state.{row['tila']}", language)
    return {**row, "due": day(row["maarapaiva"], language), "state": state}


def _proposal(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        **row,
        "day": day(row["pvm"], language),
        "state": say(f"register.status.{row['tila']}", language),
        "target": say(f"register.target.{row['kohde']}", language),
        "decided": day(row["paatetty"] or "", language),
        "next": [(one, say(f"register.status.{one}", language)) for one in states("ehdotus")[row["tila"]]],
    }


def _answers(desk: Desk, which: sa.ColumnElement[bool], language: str) -> list[dict[str, str]]:
    rows = _rows(desk, sa.select(PALAUTE).where(which).order_by(PALAUTE.c.palaute_id))
    return [{"day": day(row["pvm"], language), "text": row["teksti"], "lang": row["kieli"]} for row in rows]


def _rows(desk: Desk, query: sa.Select) -> list[dict[str, Any]]:
    with desk.register.reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
