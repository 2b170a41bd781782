"""Observations: saved once, read, masked and reviewed at the desk before anyone else sees a word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import receipts, rows
from sosrake_lib.register.engine import Register
from sosrake_lib.register.fields import as_row, text_fields
from sosrake_lib.register.life import check_step
from sosrake_lib.register.redaction import finish, note_redaction
from sosrake_lib.register.screening import refuse_personal
from sosrake_lib.register.tables import HAVAINTO, TILAMUUTOS
from sosrake_lib.register.trail import forget_salts

SOURCES = ("lomake", "paperi", "tuonti")
# What a list of observations shows; people's own words are read one observation at a time.
LISTED = (
    *("havainto_id", "saapunut", "lahde", "pvm", "tiedontuottaja", "palvelutehtava", "alue_taso"),
    *("alue_koodi", "teema", "tuen_tarve", "rakennetyyppi", "yleisyys", "lukumaara_luokka", "kesto"),
    *("hyva_kaytanto", "ehdotuksen_kohde", "paattaja_taso", "kieli", "lupa_lainata", "alkupera", "tila"),
    *("tarkistettu", "ilmio_id", "taydentaa", "vahvistettuja", "poistettu", "versio"),
)


def add_observation(
    register: Register,
    key: str,
    given: Mapping[str, str],
    *,
    user: str,
    source: str = "paperi",
    arrived: date | None = None,
    confirmed: bool = False,
    origin: str = "own",
) -> int:
    """Save an observation that came another way than through the form, such as on paper; give its number.

    Parameters
    ----------
    key : a form's key (`receipts.new_key`); its receipt code is `receipts.receipt(key)`.
    given : field -> text, see `fields.fields`; the region as "level:code".
    confirmed : a person says that what is probably personal data names nobody.

    Raises
    ------
    SosrakeError for a wrong field or key; PersonalData when a text names someone.
    """
    if source not in SOURCES or not receipts.is_key(key):
        raise SosrakeError(
            f"register: source {source!r} or its key; expected {', '.join(SOURCES)} and new_key()"
        )
    row = as_row(given)
    probable = refuse_personal({name: row[name] for name in text_fields()}, confirmed=confirmed)
    arrived_on = (arrived or date.today()).isoformat()
    with register.writing() as connection:
        saved = save(
            connection,
            receipts.key_hash(key),
            {
                **row,
                "kuitti": receipts.receipt_hash(receipts.receipt(key)),
                "lahde": source,
                "saapunut": arrived_on,
                "alkupera": origin,
                "vahvistettuja": len(probable),
            },
            user=user,
        )
    return int(saved["havainto_id"])


def save(connection: sa.Connection, key: str, row: Mapping[str, Any], *, user: str = "") -> sa.RowMapping:
    """Add an observation as new within the caller's transaction; `key` is already a hash."""
    values = {**row, "tila": "uusi", "pvm": row["pvm"] or row["saapunut"][:7]}
    before = connection.execute(sa.select(HAVAINTO).where(HAVAINTO.c.avain == key)).mappings().one_or_none()
    if before is not None:
        differing = [name for name in as_words(row) if before[name] != row[name]]
        if differing and not before["poistettu"]:
            number = before["havainto_id"]
            raise SosrakeError(f"register: the key stands for havainto {number} with another {differing[0]}")
        return before
    saved = rows.add(connection, HAVAINTO, {**values, "avain": key}, user=user)
    note_state(connection, "havainto_id", saved["havainto_id"], "uusi", row["saapunut"], user)
    return saved


def as_words(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the fields of a row that hold people's own words."""
    return tuple(name for name in text_fields() if name in row)


def observations(register: Register, state: str | None = None) -> pd.DataFrame:
    """List observations, all or of one state, without people's own words; oldest first.

    Returns
    -------
    DataFrame with `LISTED`; `ilmio_id` and `taydentaa` are missing where there is none.
    """
    query = sa.select(*(HAVAINTO.c[name] for name in LISTED)).order_by(HAVAINTO.c.havainto_id)
    if state is not None:
        query = query.where(HAVAINTO.c.tila == state)
    with register.reading() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    listed = pd.DataFrame(found, columns=list(LISTED))
    return listed.astype({"ilmio_id": "Int64", "taydentaa": "Int64"})


def read(register: Register, number: int) -> dict[str, Any]:
    """Give one observation whole, for the desk only."""
    with register.reading() as connection:
        return dict(rows.one(connection, HAVAINTO, number))


def mask(
    register: Register, number: int, texts: Mapping[str, str], *, expected_version: int, user: str
) -> int:
    """Save texts from which what names someone has been removed; give the new version.

    What stood there before is gone at once, in the listed backups too: its salts are destroyed and the file
    is scrubbed.

    Raises
    ------
    StaleVersion when somebody changed it meanwhile; PersonalData when a sure identifier remains.
    """
    wrong = sorted(set(texts) - set(text_fields()))
    if wrong or not texts:
        raise SosrakeError(f"register: mask {wrong or 'nothing'}; expected one of {', '.join(text_fields())}")
    refuse_personal(texts, confirmed=True)
    stripped = {name: text.strip() for name, text in texts.items()}
    if not stripped.get("havainto", "-"):
        raise SosrakeError("register: havainto would be empty; redact the observation instead")
    with register.writing() as connection:
        rows.one(connection, HAVAINTO, number)
        forget_salts(connection, HAVAINTO, number)
        saved = rows.change(
            connection,
            HAVAINTO,
            number,
            stripped,
            expected_version=expected_version,
            user=user,
            event="peitetty",
        )
        note_redaction(connection, "havainto", number, "peitetty", user)
    finish(register)
    return int(saved["versio"])


def review(
    register: Register, number: int, *, expected_version: int, user: str, confirmed: bool = False
) -> int:
    """Mark an observation as read: its text names no one and may be coded; give the new version.

    Parameters
    ----------
    confirmed : the reader has looked at what is probably personal data and says that it names nobody.
    """
    with register.writing() as connection:
        now = rows.one(connection, HAVAINTO, number)
        check_step("havainto", number, now["tila"], "luettu")
        refuse_personal({name: now[name] for name in text_fields()}, confirmed=confirmed)
        today = date.today().isoformat()
        saved = rows.change(
            connection,
            HAVAINTO,
            number,
            {"tila": "luettu", "tarkistettu": today, "tarkastaja": user},
            expected_version=expected_version,
            user=user,
        )
        note_state(connection, "havainto_id", number, "luettu", today, user)
    return int(saved["versio"])


def close(register: Register, number: int, *, expected_version: int, user: str) -> int:
    """Close an observation that joins no phenomenon, such as one client's matter; give the new version."""
    with register.writing() as connection:
        now = rows.one(connection, HAVAINTO, number)
        check_step("havainto", number, now["tila"], "suljettu")
        saved = rows.change(
            connection, HAVAINTO, number, {"tila": "suljettu"}, expected_version=expected_version, user=user
        )
        note_state(connection, "havainto_id", number, "suljettu", date.today().isoformat(), user)
    return int(saved["versio"])


def note_state(connection: sa.Connection, column: str, number: int, state: str, day: str, user: str) -> None:
    """Write that an observation (`havainto_id`) or a phenomenon (`ilmio_id`) reached a state on a day."""
    rows.add(connection, TILAMUUTOS, {column: number, "tila": state, "pvm": day}, user=user)
