"""Coding of observations by two people who do not see each other's codes, and where they disagree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import rows
from sosrake_lib.register.engine import Register
from sosrake_lib.register.fields import fields
from sosrake_lib.register.screening import refuse_personal
from sosrake_lib.register.tables import HAVAINTO, KOODAUS

CODED = ("teema", "tuen_tarve", "rakennetyyppi")
CODERS = 2


def code(
    register: Register,
    observation: int,
    codes: Mapping[str, str],
    *,
    coder: str,
    note: str = "",
    expected_version: int = 0,
) -> int:
    """Save a coder's codes of a reviewed observation; give the coding's version.

    Parameters
    ----------
    codes : all of `CODED`; `tuen_tarve` and `rakennetyyppi` may be empty.
    expected_version : 0 for a first coding, else the version the coder saw.

    Raises
    ------
    SosrakeError when the observation has not been reviewed, two others have coded it, or a code is none of
    the field's; StaleVersion when the coding has changed meanwhile.
    """
    _check_codes(codes)
    refuse_personal({"huomio": note})
    values = {**codes, "huomio": note.strip(), "pvm": date.today().isoformat()}
    with register.writing() as connection:
        _check_reviewed(connection, observation)
        query = sa.select(KOODAUS).where(KOODAUS.c.havainto_id == observation)
        there = {row["koodaaja"]: row for row in connection.execute(query).mappings()}
        own = there.get(coder)
        if own is not None:
            number = own["koodaus_id"]
            saved = rows.change(
                connection, KOODAUS, number, values, expected_version=expected_version, user=coder
            )
        elif len(there) >= CODERS:
            raise SosrakeError(f"register: havainto {observation} has been coded by two people; settle it")
        else:
            new = {**values, "havainto_id": observation, "koodaaja": coder}
            saved = rows.add(connection, KOODAUS, new, user=coder)
    return int(saved["versio"])


def to_code(register: Register, coder: str) -> pd.DataFrame:
    """List the reviewed observations a coder has yet to code, with their words, without others' codes.

    Returns
    -------
    DataFrame: havainto_id, versio and the text columns a coder needs.
    """
    words = ("ilmio_otsikko", "havainto", "keita_koskee", "seuraukset_asiakkaille", "ehdotus")
    own = sa.select(KOODAUS.c.havainto_id).where(KOODAUS.c.koodaaja == coder)
    full = sa.select(KOODAUS.c.havainto_id).group_by(KOODAUS.c.havainto_id).having(sa.func.count() >= CODERS)
    columns = [HAVAINTO.c[name] for name in ("havainto_id", "versio", *words)]
    query = sa.select(*columns).where(
        HAVAINTO.c.tarkistettu != "",
        HAVAINTO.c.poistettu == "",
        HAVAINTO.c.havainto_id.not_in(own),
        HAVAINTO.c.havainto_id.not_in(full),
    )
    with register.reading() as connection:
        found = [tuple(row) for row in connection.execute(query.order_by(HAVAINTO.c.havainto_id))]
    return pd.DataFrame(found, columns=["havainto_id", "versio", *words])


def coders(register: Register, observation: int) -> tuple[str, ...]:
    """Name those who have coded an observation."""
    query = sa.select(KOODAUS.c.koodaaja).where(KOODAUS.c.havainto_id == observation)
    with register.reading() as connection:
        return tuple(connection.execute(query.order_by(KOODAUS.c.koodaaja)).scalars())


def pairs(register: Register) -> pd.DataFrame:
    """Give the codes of every observation that two people have coded, side by side.

    Returns
    -------
    DataFrame, one row an observation and coded field: havainto_id, field, first, second (coders in the order
    of their names), agree. The columns first and second of one field are what
    `indicators.agreement.cohen_kappa` takes.
    """
    query = sa.select(KOODAUS.c.havainto_id, KOODAUS.c.koodaaja, *(KOODAUS.c[name] for name in CODED))
    with register.reading() as connection:
        found = [tuple(row) for row in connection.execute(query.order_by(KOODAUS.c.koodaaja))]
    both: dict[int, list[tuple]] = {}
    for number, _coder, *codes in found:
        both.setdefault(number, []).append(tuple(codes))
    told = [
        (number, field, *values)
        for number, coded in sorted(both.items())
        if len(coded) == CODERS
        for field, values in zip(CODED, zip(*coded, strict=True), strict=True)
    ]
    table = pd.DataFrame(told, columns=["havainto_id", "field", "first", "second"])
    return table.assign(agree=table["first"] == table["second"])


def settle(
    register: Register, observation: int, codes: Mapping[str, str], *, expected_version: int, user: str
) -> int:
    """Save what the two coders agreed on as the observation's own codes; give the observation's version.

    Raises
    ------
    SosrakeError before two people have coded the observation.
    """
    _check_codes(codes)
    with register.writing() as connection:
        query = sa.select(sa.func.count()).select_from(KOODAUS).where(KOODAUS.c.havainto_id == observation)
        if connection.execute(query).scalar_one() < CODERS:
            raise SosrakeError(f"register: havainto {observation} has not been coded by two people; code it")
        saved = rows.change(
            connection, HAVAINTO, observation, codes, expected_version=expected_version, user=user
        )
    return int(saved["versio"])


def _check_codes(codes: Mapping[str, str]) -> None:
    if set(codes) != set(CODED):
        raise SosrakeError(f"register: codes {', '.join(codes)}; expected {', '.join(CODED)}")
    for name, value in codes.items():
        allowed = fields()[name].values
        if value not in allowed and (value or name == "teema"):
            raise SosrakeError(f"register: {name} {value!r}; expected one of {', '.join(allowed)}")


def _check_reviewed(connection: sa.Connection, observation: int) -> None:
    now = rows.one(connection, HAVAINTO, observation)
    if not now["tarkistettu"] or now["poistettu"]:
        raise SosrakeError(
            f"register: havainto {observation} has not been reviewed; its text is secret until then"
        )
