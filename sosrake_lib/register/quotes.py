"""The quote bank: a person's words leave only with a written permission in force and two reviewers.

A quote's permission tells its scope and its days; it can be withdrawn, and then the words go everywhere.
"""

from __future__ import annotations

from datetime import date

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import rows
from sosrake_lib.register.engine import Register
from sosrake_lib.register.redaction import Redaction, redact
from sosrake_lib.register.screening import refuse_personal
from sosrake_lib.register.tables import HAVAINTO, LAINAUS

SOURCES = ("havainto", "haastattelu", "ryhma", "palaute", "havainnointi")
SCOPES = ("sisainen", "julkinen")


def add_quote(
    register: Register,
    key: str,
    text: str,
    *,
    source: str,
    scope: str,
    permitted_on: date,
    permitted_until: date,
    user: str,
    observation: int | None = None,
    origin: str = "own",
) -> int:
    """Take a quote into the bank with its written permission; give its number.

    Raises
    ------
    SosrakeError for another source or scope, days in the wrong order, or an observation whose reporter did
    not give leave to quote; PersonalData when the text seems to name anyone (a quote is never confirmed).
    """
    if source not in SOURCES or scope not in SCOPES or permitted_until < permitted_on:
        raise SosrakeError(
            f"register: lainaus {source!r}, {scope!r}; expected {', '.join(SOURCES)}; {', '.join(SCOPES)}; "
            "and a permission that ends after it begins"
        )
    if not text.strip():
        raise SosrakeError("register: lainaus is empty; write the quote")
    refuse_personal({"lainaus": text})
    values = {
        "teksti": text.strip(),
        "lahdelaji": source,
        "luvan_laajuus": scope,
        "lupa_pvm": permitted_on.isoformat(),
        "lupa_paattyy": permitted_until.isoformat(),
        "havainto_id": observation,
        "alkupera": origin,
    }
    with register.writing() as connection:
        if observation is not None and rows.one(connection, HAVAINTO, observation)["lupa_lainata"] != "kylla":
            raise SosrakeError(f"register: havainto {observation} was given without leave to quote")
        return int(rows.add_once(connection, LAINAUS, key, values, user=user)["lainaus_id"])


def review_quote(register: Register, number: int, *, expected_version: int, user: str) -> int:
    """Sign a quote as one of its two reviewers; give its new version."""
    with register.writing() as connection:
        now = rows.one(connection, LAINAUS, number)
        if now["tarkastaja_1"] and now["tarkastaja_2"]:
            raise SosrakeError(f"register: lainaus {number} has its two reviewers already")
        if now["tarkastaja_1"] == user:
            raise SosrakeError(f"register: lainaus {number} needs another reviewer than the first")
        place = "tarkastaja_2" if now["tarkastaja_1"] else "tarkastaja_1"
        saved = rows.change(
            connection, LAINAUS, number, {place: user}, expected_version=expected_version, user=user
        )
    return int(saved["versio"])


def withdraw_quote(register: Register, number: int, *, user: str) -> Redaction:
    """Withdraw a quote's permission: its words are deleted from the register and its backups."""
    with register.writing() as connection:
        rows.one(connection, LAINAUS, number)
        changes = {"peruttu": date.today().isoformat()}
        rows.replace(connection, LAINAUS, number, changes, user=user)
    return redact(register, "lainaus", number, reason="lupa peruttu", user=user)
