"""Telling those who reported: feedback behind the receipt code, who still waits, what a code shows."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import rows
from sosrake_lib.register.engine import Register
from sosrake_lib.register.front import SHOWN_RECEIPTS, SHOWN_SUMMARIES
from sosrake_lib.register.screening import refuse_personal
from sosrake_lib.register.summaries import approved_summaries
from sosrake_lib.register.tables import HAVAINTO, ILMIO, PALAUTE, TILAMUUTOS

LONGEST = 2000


def give_feedback(
    register: Register,
    key: str,
    text: str,
    *,
    user: str,
    phenomenon: int | None = None,
    observation: int | None = None,
    language: str = "fi",
    confirmed: bool = False,
    on: date | None = None,
) -> int:
    """Write feedback to everyone who reported a phenomenon, or to one reporter; give its number.

    Raises
    ------
    SosrakeError when neither or both are named, or the text is empty or too long.
    """
    if (phenomenon is None) == (observation is None):
        raise SosrakeError("register: palaute goes to a phenomenon or to one observation; name one of them")
    if not text.strip() or len(text) > LONGEST:
        raise SosrakeError(f"register: palaute needs a text of at most {LONGEST} characters")
    refuse_personal({"palaute": text}, confirmed=confirmed)
    day = (on or date.today()).isoformat()
    values = {"teksti": text.strip(), "kieli": language, "ilmio_id": phenomenon, "havainto_id": observation}
    with register.writing() as connection:
        known = connection.execute(sa.select(PALAUTE.c.pvm).where(PALAUTE.c.avain == key)).scalar()
        rows.one(connection, *((ILMIO, phenomenon) if phenomenon is not None else (HAVAINTO, observation)))  # type: ignore[arg-type]
        saved = rows.add_once(connection, PALAUTE, key, {**values, "pvm": known or day}, user=user)
        if phenomenon is not None and known is None:
            rows.replace(connection, ILMIO, phenomenon, {"palaute_annettu_pvm": day}, user=user)
    return int(saved["palaute_id"])


def unanswered(register: Register, today: date | None = None) -> pd.DataFrame:
    """List the observations whose reporter has had no feedback, the longest wait first.

    Returns
    -------
    DataFrame: havainto_id, saapunut, days (waited), tila, ilmio_id, teema, alue_taso, alue_koodi.
    """
    names = ("havainto_id", "saapunut", "tila", "ilmio_id", "teema", "alue_taso", "alue_koodi")
    answered = first_feedback(register)["havainto_id"].tolist()
    query = sa.select(*(HAVAINTO.c[name] for name in names)).where(HAVAINTO.c.taydentaa.is_(None))
    with register.reading() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    waiting = pd.DataFrame(found, columns=list(names)).astype({"ilmio_id": "Int64"})
    waiting = waiting[~waiting["havainto_id"].isin(answered)]
    now = today or date.today()
    days = [(now - date.fromisoformat(day)).days for day in waiting["saapunut"]]
    ordered = waiting.assign(days=days).sort_values(["days", "havainto_id"], ascending=[False, True])
    return ordered.reset_index(drop=True)


def first_feedback(register: Register) -> pd.DataFrame:
    """Give the day of the first feedback of each observation that has had any.

    Feedback to a phenomenon reaches an observation that has joined it; its own feedback counts too.

    Returns
    -------
    DataFrame: havainto_id, saapunut, answered (day), days (between, never below 0).
    """
    joined = sa.or_(
        PALAUTE.c.havainto_id == HAVAINTO.c.havainto_id, PALAUTE.c.ilmio_id == HAVAINTO.c.ilmio_id
    )
    query = (
        sa.select(HAVAINTO.c.havainto_id, HAVAINTO.c.saapunut, sa.func.min(PALAUTE.c.pvm))
        .select_from(HAVAINTO.join(PALAUTE, joined))
        .where(HAVAINTO.c.taydentaa.is_(None))
        .group_by(HAVAINTO.c.havainto_id, HAVAINTO.c.saapunut)
        .order_by(HAVAINTO.c.havainto_id)
    )
    with register.reading() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    told = pd.DataFrame(found, columns=["havainto_id", "saapunut", "answered"])
    days = [
        max(0, (date.fromisoformat(then) - date.fromisoformat(came)).days)
        for came, then in zip(told["saapunut"], told["answered"], strict=True)
    ]
    return told.assign(days=pd.array(days, dtype="Int64"))


def publish(register: Register, front: Register) -> None:
    """Bring the front up to date: each receipt's dated states and feedback, and approved summaries."""
    receipts = shown_receipts(register)
    summaries = approved_summaries(register)
    shown = [
        {"ilmio_id": int(row["ilmio_id"]), "sisalto": json.dumps(row, ensure_ascii=False, default=int)}
        for row in summaries.to_dict("records")
    ]
    told = [
        {"kuitti": code, "sisalto": json.dumps(what, ensure_ascii=False)} for code, what in receipts.items()
    ]
    with front.writing() as connection:
        connection.execute(SHOWN_RECEIPTS.delete())
        connection.execute(SHOWN_SUMMARIES.delete())
        for table, rows_ in ((SHOWN_RECEIPTS, told), (SHOWN_SUMMARIES, shown)):
            if rows_:
                connection.execute(table.insert(), rows_)


def shown_receipts(register: Register) -> dict[str, dict[str, Any]]:
    """Give what each receipt (its hash) shows: dated states in their order, and feedback; nothing else."""
    with register.reading() as connection:
        own = sa.select(HAVAINTO.c.kuitti, HAVAINTO.c.havainto_id, HAVAINTO.c.ilmio_id).where(
            HAVAINTO.c.taydentaa.is_(None)
        )
        reported = connection.execute(own).all()
        steps = (
            connection.execute(sa.select(TILAMUUTOS).order_by(TILAMUUTOS.c.tilamuutos_id)).mappings().all()
        )
        replies = connection.execute(sa.select(PALAUTE).order_by(PALAUTE.c.pvm)).mappings().all()
    return {
        kuitti: {
            "states": [
                {"state": step["tila"], "day": step["pvm"]}
                # First the observation's own steps, then its phenomenon's from the working group on.
                for step in (
                    *(one for one in steps if one["havainto_id"] == number),
                    *(one for one in steps if phenomenon and one["ilmio_id"] == phenomenon),
                )
                if step["tila"] != "koottu"
            ],
            "feedback": [
                {"day": one["pvm"], "text": one["teksti"], "language": one["kieli"]}
                for one in replies
                if not one["poistettu"]
                and (one["havainto_id"] == number or (phenomenon and one["ilmio_id"] == phenomenon))
            ],
        }
        for kuitti, number, phenomenon in reported
    }
