"""Emptying the front: each form that came in becomes an observation, exactly once."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register.engine import Register
from sosrake_lib.register.fields import as_row
from sosrake_lib.register.front import ARRIVED
from sosrake_lib.register.observations import save
from sosrake_lib.register.tables import HAVAINTO

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Drained:
    """How many forms were taken in: new ones, supplements to an earlier form, and ones already here.

    `refused` were put into the front past the receiver's checks; they stay there for a person to look at.
    """

    saved: int
    supplements: int
    known: int
    refused: int


def drain(register: Register, front: Register, *, user: str = "") -> Drained:
    """Take every form that has arrived into the register, then remove it from the front.

    A kill between the two leaves the form in the front; the next time its key and content are known and it is
    only removed. A form with another text under the key of an earlier one becomes an observation of its own
    that supplements the first: nothing is overwritten.
    """
    counts = {"saved": 0, "supplements": 0, "known": 0, "refused": 0}
    last = 0
    while True:
        with front.reading() as connection:
            query = sa.select(ARRIVED).where(ARRIVED.c.saapunut_id > last).order_by(ARRIVED.c.saapunut_id)
            arrived = connection.execute(query.limit(_AT_ONCE)).mappings().all()
        if not arrived:
            break
        taken = []
        with register.writing() as connection:
            for form in arrived:
                what = _take(connection, form, user)
                counts[what] += 1
                taken += [form["saapunut_id"]] * (what != "refused")
        with front.writing() as connection:
            connection.execute(ARRIVED.delete().where(ARRIVED.c.saapunut_id.in_(taken)))
        last = arrived[-1]["saapunut_id"]
    if last:
        front.scrub(ARRIVED.name)
    return Drained(**counts)


def waiting(front: Register) -> int:
    """Count the forms that have arrived and not been taken in."""
    with front.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(ARRIVED)).scalar_one())


def _take(connection: sa.Connection, form: sa.RowMapping, user: str) -> str:
    """Save one form unless it is here already; say which it was."""
    first_key, own_key = form["avain"], f"{form['avain']}+{form['tiiviste']}"
    known = sa.select(HAVAINTO.c.havainto_id).where(HAVAINTO.c.avain == own_key)
    if connection.execute(known).one_or_none() is not None:
        return "known"
    try:
        content = json.loads(form["sisalto"])
        words = as_row(content["fields"])
        confirmed = int(content.get("confirmed", 0))
    except (ValueError, KeyError, TypeError, AttributeError, SosrakeError):
        return "refused"
    first = connection.execute(
        sa.select(HAVAINTO.c.havainto_id).where(
            HAVAINTO.c.avain.startswith(first_key), HAVAINTO.c.taydentaa.is_(None)
        )
    ).scalar()
    row = {
        **words,
        "kuitti": form["kuitti"],
        "lahde": "lomake",
        "saapunut": form["tullut"],
        "alkupera": "own",
        "vahvistettuja": confirmed,
        "taydentaa": first,
    }
    save(connection, own_key, row, user=user)
    return "saved" if first is None else "supplements"
