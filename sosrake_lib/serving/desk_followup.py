"""What the desk shows of plans and follow-up: entries by kind, one entry with its versions, and proposals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say
from sosrake_lib.register import Desk
from sosrake_lib.register.followup import OWN
from sosrake_lib.register.followup_kinds import Kind, kind, kinds
from sosrake_lib.register.life import states
from sosrake_lib.register.workshop import KIND as CARD
from sosrake_lib.serving.desk_followup_fields import asked, named_field, state_label, title, value_label
from sosrake_lib.serving.forms_fields import choice_label, region_label
from sosrake_lib.serving.intake_shown import day


def index(desk: Desk, language: str) -> dict[str, Any]:
    """Give the kinds of entry with how many there are and how many are under way."""
    rows = []
    for name in kinds():
        of, found = kind(name), desk.entries(name)
        going = int((~found["tila"].isin(_ended(of))).sum())
        rows.append({"key": name, "title": title(of, language), "going": going, "all": len(found)})
    return {"kinds": rows}


def kind_page(desk: Desk, name: str, language: str) -> dict[str, Any]:
    """Give the entries of a kind, those under way first, and the fields of a new one."""
    of = kind(name)
    found = desk.entries(name).to_dict("records")
    ended = _ended(of)
    own_area = f"{found[-1]['alue_taso']}:{found[-1]['alue_koodi']}" if found else ""
    return {
        "of": of,
        "title": title(of, language),
        "going": [_listed(of, row, language) for row in found if row["tila"] not in ended],
        "ended": [_listed(of, row, language) for row in found if row["tila"] in ended],
        "fields": asked(desk, of, language, {}),
        "states": [(one, state_label(one, language)) for one in of.states],
        "area": own_area,
        "named_by": named_field(of.names, language),
    }


def entry_page(desk: Desk, number: int, language: str) -> dict[str, Any]:
    """Give one entry as it stands, what it may become, and every version of it."""
    row = desk.entry(number)
    of = kind(row["kind"])
    then = of.states[row["tila"]]
    return {
        "row": row,
        "number": number,
        "of": of,
        "title": title(of, language),
        "name": value_label(of, of.names, row[of.names], language),
        "state": state_label(row["tila"], language),
        "area": region_label(row["alue_taso"], row["alue_koodi"], language),
        "told": _told(of, row, language),
        "fields": asked(desk, of, language, row),
        "next": [(one, state_label(one, language)) for one in then],
        "last": (of.last, state_label(of.last, language)) if of.last in then else None,
        "versions": versions(of, desk.entry_history(number), language),
        "may_propose": of.name == CARD and not row["ehdotus"] and row["tila"] == of.first,
        "synthetic": row["alkupera"] != OWN,
    }


def versions(of: Kind, history: pd.DataFrame, language: str) -> list[dict[str, Any]]:
    """Tell each version, the newest first: number, day, state, and the fields that it changed."""
    made: list[dict[str, Any]] = []
    before = dict.fromkeys(of.columns, "")
    for row in history.to_dict("records"):
        changed = [
            (named_field(name, language), value_label(of, name, row[name], language))
            for name in of.columns
            if row[name] != before[name]
        ]
        made.append(
            {
                "nro": int(row["nro"]),
                "day": day(row["pvm"], language),
                "state": state_label(row["tila"], language),
                "changed": changed,
            }
        )
        before = {name: row[name] for name in of.columns}
    return made[::-1]


def proposal_list(desk: Desk, language: str) -> dict[str, Any]:
    """List all proposals, the newest first, with where each stands."""
    found = [_proposal(row, language) for row in desk.proposals().to_dict("records")]
    return {"proposals": found[::-1]}


def proposal_page(desk: Desk, number: int, language: str) -> dict[str, Any]:
    """Give one proposal, the decisions it has met, and what may follow."""
    rows = [row for row in desk.proposals().to_dict("records") if row["ehdotus_id"] == number]
    if not rows:
        raise SosrakeError("no such proposal")
    row = rows[0]
    met = [
        {
            "day": day(one["decided"], language),
            "state": say(f"register.status.{one['status']}", language),
            "note": one["note"],
        }
        for one in desk.decisions(number).to_dict("records")
    ]
    then = [(one, say(f"register.status.{one}", language)) for one in states("ehdotus")[row["status"]]]
    return {"one": _proposal(row, language), "decisions": met, "next": then}


def _proposal(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        "number": int(row["ehdotus_id"]),
        "version": int(row["version"]),
        "text": row["text"],
        "body": row["decision_maker"],
        "area": region_label(row["region_level"], row["region_code"], language),
        "theme": choice_label("teema", row["theme"], language),
        "target": say(f"register.target.{row['target']}", language),
        "cost": row["cost"],
        "benefit": row["benefit"],
        "day": day(row["proposed_on"], language),
        "state": say(f"register.status.{row['status']}", language),
        "decided": day(row["decided"], language) if row["decided"] else "",
        "note": row["note"],
    }


def _ended(of: Kind) -> tuple[str, ...]:
    """Name the states that nothing follows, and the last one."""
    return tuple(state for state, then in of.states.items() if not then)


def _listed(of: Kind, row: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        "number": int(row["seuranta_id"]),
        "name": value_label(of, of.names, row[of.names], language),
        "day": day(row[of.when] if of.when else row["pvm"], language),
        "area": region_label(row["alue_taso"], row["alue_koodi"], language),
        "state": state_label(row["tila"], language),
    }


def _told(of: Kind, row: Mapping[str, Any], language: str) -> list[tuple[str, str, str]]:
    """Give each field that holds something: label, words, and the page a number leads to."""
    pages = {"ilmio": "/ilmio/", "ehdotus": "/ehdotus/"}
    return [
        (
            named_field(name, language),
            value_label(of, name, row[name], language),
            f"{pages[of.links[name]]}{row[name]}" if name in of.links else "",
        )
        for name in of.columns
        if row[name]
    ]
