"""Filling a register from a table of observations: the samples of Esimerkkilä, or an older form's export.

Synthetic and real observations never meet in one register.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import coding, observations, phenomena, rows, summaries
from sosrake_lib.register.engine import Register
from sosrake_lib.register.fields import fields
from sosrake_lib.register.tables import HAVAINTO, ILMIO

CODERS = ("koodaaja_1", "koodaaja_2")


@dataclass(frozen=True, slots=True)
class Filled:
    """What a register holds after a table was brought in: numbers by the table's own keys."""

    observations: Mapping[str, int]
    phenomena: Mapping[str, int]


def import_observations(
    register: Register, table: pd.DataFrame, *, name: str, origin: str, user: str, confirmed: bool = False
) -> dict[str, int]:
    """Bring a table of observations in as new ones; the same table again brings nothing twice.

    Parameters
    ----------
    table : one row an observation: `id`, `saapunut` (day), `region_level`, `region_code`, and any field of
        the form as a column.
    name : the table's name; with `id` it makes each observation's key.
    origin : "synthetic" or "own".

    Returns
    -------
    The table's id -> number in the register.
    """
    lacking = [one for one in ("id", "saapunut", "region_level", "region_code") if one not in table]
    if lacking:
        raise SosrakeError(f"register: {name}: column {lacking[0]} is missing; add it")
    _check_origin(register, origin)
    known = [one for one in fields() if one in table.columns]
    numbers = {}
    for row in table.fillna("").to_dict("records"):
        given = {field: str(row[field]) for field in known} | {
            "alue": f"{row['region_level']}:{row['region_code']}"
        }
        numbers[str(row["id"])] = observations.add_observation(
            register,
            _key(name, str(row["id"])),
            given,
            user=user,
            source="tuonti",
            arrived=date.fromisoformat(str(row["saapunut"])),
            confirmed=confirmed,
            origin=origin,
        )
    return numbers


def fill_with_samples(
    register: Register,
    reported: pd.DataFrame,
    about: pd.DataFrame,
    *,
    users: tuple[str, str] = ("tp1", "tp2"),
) -> Filled:
    """Fill a register with the invented observations: reviewed, coded by two, merged, summaries approved.

    Parameters
    ----------
    reported, about : the samples `esimerkkila_havainnot` and `esimerkkila_ilmiot`.
    users : the two invented users of the desk.
    """
    with register.together() as within:
        return _fill(within, reported, about, users)


def _fill(register: Register, reported: pd.DataFrame, about: pd.DataFrame, users: tuple[str, str]) -> Filled:
    first, second = users
    numbers = import_observations(
        register, reported, name="esimerkkila_havainnot", origin="synthetic", user=first
    )
    for row in reported.to_dict("records"):
        number = numbers[str(row["id"])]
        now = observations.read(register, number)
        if now["tila"] == "uusi":
            observations.review(register, number, expected_version=now["versio"], user=first)
        _code_twice(register, number, row, users)
    made = {str(row["ilmio"]): _phenomenon(register, row, first, second) for row in about.to_dict("records")}
    for key, number in made.items():
        own = reported.loc[reported["ilmio"] == key, "id"]
        phenomena.merge(register, number, [numbers[str(one)] for one in own], user=first)
    return Filled(numbers, made)


def _phenomenon(register: Register, row: Mapping, first: str, second: str) -> int:
    number = phenomena.add_phenomenon(
        register,
        _key("esimerkkila_ilmiot", str(row["ilmio"])),
        name=str(row["nimi"]),
        theme=str(row["teema"]),
        user=first,
        rakennetyyppi=str(row["rakennetyyppi"]),
        alue_taso=str(row["region_level"]),
        alue_koodi=str(row["region_code"]),
        indikaattorit="" if pd.isna(row["indikaattorit"]) else str(row["indikaattorit"]),
    )
    now = phenomena.read_phenomenon(register, number)
    if now["yhteenveto_tila"]:
        return number
    with register.writing() as connection:
        rows.replace(connection, ILMIO, number, {"alkupera": "synthetic"}, user=first)
    version = summaries.write_summary(
        register,
        number,
        str(row["yhteenveto"]),
        english=str(row["summary_en"]),
        expected_version=now["versio"] + 1,
        user=first,
    )
    summaries.approve_summary(register, number, expected_version=version, user=second)
    return number


def _code_twice(register: Register, number: int, row: Mapping, users: tuple[str, str]) -> None:
    coded = set(coding.coders(register, number))
    for user, column in zip(users, CODERS, strict=True):
        if user not in coded:
            codes = {name: str(row[name]) for name in ("teema", "tuen_tarve")}
            codes["rakennetyyppi"] = str(row[f"{column}_rakennetyyppi"])
            coding.code(register, number, codes, coder=user)


def _key(name: str, number: str) -> str:
    return hashlib.sha256(f"{name}|{number}".encode()).hexdigest()[:32]


def _check_origin(register: Register, origin: str) -> None:
    with register.reading() as connection:
        there = set(connection.execute(sa.select(HAVAINTO.c.alkupera).distinct()).scalars())
    if there - {origin}:
        raise SosrakeError(
            f"register: it holds {', '.join(sorted(there))} observations and {origin} ones would join them; "
            "invented and real never meet: give another database (SOSRAKE_DATABASE)"
        )
