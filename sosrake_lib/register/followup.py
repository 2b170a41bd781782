"""Entries of plans and follow-up: added once, changed by a new version, never rewritten.

An entry has a kind, an area and a key; each change is a new row of `seurantaversio` with all fields, so that
what was planned in spring can still be read in autumn. The trail has a line for every version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import rows, tables
from sosrake_lib.register.engine import Register
from sosrake_lib.register.followup_check import check_region, checked
from sosrake_lib.register.followup_kinds import Kind, kind
from sosrake_lib.register.rows import StaleVersion
from sosrake_lib.register.tables import SEURANTA, SEURANTAVERSIO

OWN, SYNTHETIC = "own", "synthetic"
# What every entry has beside its fields.
COLUMNS = ("seuranta_id", "nro", "tila", "pvm", "alue_taso", "alue_koodi", "alkupera")


def entry_key(name: str, own_id: str, region: tuple[str, str]) -> str:
    """Give the key of an entry from its own id: the same id of the same area is the same entry."""
    return hashlib.sha256(f"seuranta|{name}|{own_id.strip()}|{region[0]}:{region[1]}".encode()).hexdigest()[
        :32
    ]


def add_entry(
    register: Register,
    key: str,
    name: str,
    fields: Mapping[str, str],
    *,
    region: tuple[str, str],
    user: str,
    state: str = "",
    on: date | None = None,
    origin: str = OWN,
    confirmed: bool = False,
) -> int:
    """Add an entry and give its number; the same key and content again gives the first, saving nothing.

    Parameters
    ----------
    name : kind of entry, see `followup_kinds.kinds`.
    fields : field -> text, see `followup_check.checked`.
    region : (level, code) the entry belongs to: kunta or hva.
    state : where it stands; empty is where its kind begins.
    on : day of writing; today when left out.

    Raises
    ------
    SosrakeError for a wrong field, area or state, a key that stands for other content, or entries of another
    origin in the register; PersonalData when a text names someone.
    """
    of = kind(name)
    row = checked(of, fields, confirmed=confirmed)
    level, code = check_region(*region)
    known = {"laji": name, "alue_taso": level, "alue_koodi": code, "alkupera": origin}
    with register.writing() as connection:
        _check_origin(connection, origin)
        _check_links(connection, of, row)
        there = (
            connection.execute(sa.select(SEURANTA).where(SEURANTA.c.avain == key)).mappings().one_or_none()
        )
        if there is None:
            number = int(rows.add_once(connection, SEURANTA, key, known, user=user)["seuranta_id"])
            _add_version(connection, number, 1, _state(of, state), on, row, user)
            return number
        number = int(there["seuranta_id"])
        first = _version(connection, number, 1)
        if any(there[one] != known[one] for one in known) or _fields(of, first["sisalto"]) != row:
            raise SosrakeError(
                f"register: key {key!r} already stands for entry {number} with other content; change it"
            )
        return number


def change_entry(
    register: Register,
    number: int,
    changes: Mapping[str, str],
    *,
    expected_version: int,
    user: str,
    state: str = "",
    on: date | None = None,
    confirmed: bool = False,
) -> int:
    """Write a new version of an entry and give its number; fields left out stay as they were.

    Parameters
    ----------
    expected_version : the version (`nro`) the editor saw.
    state : where it moves; empty keeps the state.

    Raises
    ------
    StaleVersion when somebody wrote a version meanwhile; SosrakeError for a step its life does not have.
    """
    with register.writing() as connection:
        entry = rows.one(connection, SEURANTA, number)
        of = kind(entry["laji"])
        now = _newest(connection, number)
        before = _fields(of, now["sisalto"])
        if now["nro"] != expected_version:
            raise StaleVersion(
                f"register: entry {number} changed while you edited it: it is at version {now['nro']}, you "
                f"were saving over version {expected_version}; read both, save again",
                {**before, "nro": now["nro"], "tila": now["tila"]},
                changes,
            )
        if entry["poistettu"]:
            raise SosrakeError(f"register: entry {number} was deleted {entry['poistettu']}; it stays so")
        row = checked(of, {**before, **changes}, confirmed=confirmed)
        _check_links(connection, of, row)
        then = _step(of, number, now["tila"], state)
        if row == before and then == now["tila"]:
            return int(now["nro"])
        _add_version(connection, number, now["nro"] + 1, then, on, row, user)
        return int(now["nro"]) + 1


def close_entry(
    register: Register, number: int, *, expected_version: int, user: str, on: date | None = None
) -> int:
    """End an entry: move it to the last state of its kind; give its new version."""
    with register.reading() as connection:
        last = kind(rows.one(connection, SEURANTA, number)["laji"]).last
    return change_entry(register, number, {}, expected_version=expected_version, user=user, state=last, on=on)


def entries(register: Register, name: str, region: tuple[str, str] | None = None) -> pd.DataFrame:
    """List the newest version of each entry of a kind that has not been deleted, in the order of its days.

    Returns
    -------
    DataFrame with `COLUMNS` and the fields of the kind, all texts but the two numbers; an empty field is
    an empty text.
    """
    of = kind(name)
    newest = (
        sa.select(SEURANTAVERSIO.c.seuranta_id, sa.func.max(SEURANTAVERSIO.c.nro).label("nro"))
        .group_by(SEURANTAVERSIO.c.seuranta_id)
        .subquery()
    )
    query = (
        sa.select(
            SEURANTA,
            SEURANTAVERSIO.c.nro,
            SEURANTAVERSIO.c.tila,
            SEURANTAVERSIO.c.pvm,
            SEURANTAVERSIO.c.sisalto,
        )
        .join(SEURANTAVERSIO, SEURANTAVERSIO.c.seuranta_id == SEURANTA.c.seuranta_id)
        .join(
            newest,
            sa.and_(newest.c.seuranta_id == SEURANTA.c.seuranta_id, newest.c.nro == SEURANTAVERSIO.c.nro),
        )
        .where(SEURANTA.c.laji == name, SEURANTA.c.poistettu == "", SEURANTAVERSIO.c.sisalto != "")
        .order_by(SEURANTA.c.seuranta_id)
    )
    if region is not None:
        query = query.where(SEURANTA.c.alue_taso == region[0], SEURANTA.c.alue_koodi == region[1])
    with register.reading() as connection:
        found = [_flat(of, row) for row in connection.execute(query).mappings()]
    table = pd.DataFrame(found, columns=[*COLUMNS, *of.columns])
    return table.sort_values(of.when, kind="stable", ignore_index=True) if of.when else table


def history(register: Register, number: int) -> pd.DataFrame:
    """List all versions of an entry, first to last: nro, tila, pvm and its fields as they were."""
    query = sa.select(SEURANTAVERSIO).where(SEURANTAVERSIO.c.seuranta_id == number)
    with register.reading() as connection:
        of = kind(rows.one(connection, SEURANTA, number)["laji"])
        empty = dict.fromkeys(of.columns, "")
        found = [
            {name: row[name] for name in ("nro", "tila", "pvm")}
            | {**empty, **json.loads(row["sisalto"] or "{}")}
            for row in connection.execute(query.order_by(SEURANTAVERSIO.c.nro)).mappings()
        ]
    return pd.DataFrame(found, columns=["nro", "tila", "pvm", *of.columns])


def areas_followed(register: Register) -> tuple[tuple[str, str], ...]:
    """Name the areas (level, code) that have entries which have not been deleted."""
    query = (
        sa.select(SEURANTA.c.alue_taso, SEURANTA.c.alue_koodi).where(SEURANTA.c.poistettu == "").distinct()
    )
    with register.reading() as connection:
        return tuple(sorted((row[0], row[1]) for row in connection.execute(query)))


def read_entry(register: Register, number: int) -> dict[str, Any]:
    """Give one entry as it stands: what `entries` tells, and its `kind` (some kinds have a field `laji`)."""
    with register.reading() as connection:
        entry = rows.one(connection, SEURANTA, number)
        row = {
            **entry,
            **{name: _newest(connection, number)[name] for name in ("nro", "tila", "pvm", "sisalto")},
        }
    return {"kind": entry["laji"], **_flat(kind(entry["laji"]), row)}


def _flat(of: Kind, row: Mapping[Any, Any]) -> dict[str, Any]:
    return {**{name: row[name] for name in COLUMNS}, **_fields(of, row["sisalto"])}


def _fields(of: Kind, told: str) -> dict[str, str]:
    """Give the fields of a version; one written before its kind had a column holds nothing in it."""
    known = json.loads(told or "{}")
    return {name: known.get(name, "") for name in of.columns}


def _add_version(
    connection: sa.Connection,
    number: int,
    version: int,
    state: str,
    on: date | None,
    row: Mapping[str, str],
    user: str,
) -> None:
    values = {
        "seuranta_id": number,
        "nro": version,
        "tila": state,
        "pvm": (on or date.today()).isoformat(),
        "sisalto": json.dumps(dict(row), ensure_ascii=False, sort_keys=True),
    }
    rows.add(connection, SEURANTAVERSIO, values, user=user)


def _newest(connection: sa.Connection, number: int) -> sa.RowMapping:
    query = sa.select(SEURANTAVERSIO).where(SEURANTAVERSIO.c.seuranta_id == number)
    return connection.execute(query.order_by(SEURANTAVERSIO.c.nro.desc()).limit(1)).mappings().one()


def _version(connection: sa.Connection, number: int, version: int) -> sa.RowMapping:
    query = sa.select(SEURANTAVERSIO).where(
        SEURANTAVERSIO.c.seuranta_id == number, SEURANTAVERSIO.c.nro == version
    )
    return connection.execute(query).mappings().one()


def _state(of: Kind, state: str) -> str:
    if state and state not in of.states:
        raise SosrakeError(f"register: {of.name}: tila {state!r}; expected one of {', '.join(of.states)}")
    return state or of.first


def _step(of: Kind, number: int, now: str, then: str) -> str:
    if not then or then == now:
        return now
    if _state(of, then) not in of.states[now]:
        allowed = ", ".join(of.states[now]) or "nothing, its life is over"
        raise SosrakeError(
            f"register: entry {number} is {now}; {then!r} cannot follow it; expected {allowed}"
        )
    return then


def _check_links(connection: sa.Connection, of: Kind, row: Mapping[str, str]) -> None:
    """Refuse a number that no proposal or phenomenon of the register has."""
    for field, table in of.links.items():
        if row[field]:
            rows.one(connection, tables.table(table), int(row[field]))


def _check_origin(connection: sa.Connection, origin: str) -> None:
    if origin not in (OWN, SYNTHETIC):
        raise SosrakeError(f"register: origin {origin!r}; expected {OWN} or {SYNTHETIC}")
    query = sa.select(SEURANTA.c.alkupera).where(SEURANTA.c.alkupera != origin).limit(1)
    if connection.execute(query).first() is not None:
        raise SosrakeError(
            "register: it holds entries of another origin; invented and real never meet: give another "
            "database (SOSRAKE_DATABASE)"
        )
