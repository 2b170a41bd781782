"""Adding and changing one row: once by its key, knowingly by its version, always with a line in the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import tables
from sosrake_lib.register.trail import write_line


class StaleVersion(SosrakeError):
    """Somebody changed the row meanwhile; nothing was saved, and both versions are at hand.

    `stands` is the row as the register has it, `mine` what was being saved over it. The message names the
    fields only: people's own words do not belong in a log.
    """

    def __init__(self, message: str, stands: Mapping[str, Any], mine: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.stands = dict(stands)
        self.mine = dict(mine)


def add(
    connection: sa.Connection,
    table: sa.Table,
    values: Mapping[str, Any],
    *,
    user: str = "",
    event: str = "lisatty",
) -> sa.RowMapping:
    """Add a row as version 1 and write its line."""
    saved = connection.execute(table.insert().values(**values, versio=1).returning(table)).mappings().one()
    write_line(connection, event, table, saved, user)
    return saved


def add_once(
    connection: sa.Connection, table: sa.Table, key: str, values: Mapping[str, Any], *, user: str = ""
) -> sa.RowMapping:
    """Add a row under its idempotency key; the same key and content again gives the row that stands.

    Raises
    ------
    SosrakeError when the key is empty or stands for a row with other content.
    """
    if not key.strip():
        raise SosrakeError("register: avain is empty; give the form a key of its own when it opens")
    found = connection.execute(sa.select(table).where(table.c.avain == key)).mappings().one_or_none()
    if found is None:
        return add(connection, table, {**values, "avain": key}, user=user)
    differing = [name for name in values if found[name] != values[name]]
    if differing:
        raise SosrakeError(
            f"register: key {key!r} already stands for {table.name} {found[f'{table.name}_id']} with another "
            f"{differing[0]}; open a new form"
        )
    return found


def one(connection: sa.Connection, table: sa.Table, number: int) -> sa.RowMapping:
    """Give a row by its number, or say that there is none."""
    query = sa.select(table).where(tables.identifier(table) == number)
    found = connection.execute(query).mappings().one_or_none()
    if found is None:
        raise SosrakeError(f"register: there is no {table.name} {number}; list what there is and choose one")
    return found


def change(
    connection: sa.Connection,
    table: sa.Table,
    number: int,
    changes: Mapping[str, Any],
    *,
    expected_version: int,
    user: str = "",
    event: str = "muutettu",
) -> sa.RowMapping:
    """Change a row that still has the version the editor saw, and write its line.

    Raises
    ------
    StaleVersion when the row has changed meanwhile; SosrakeError when there is none or it was redacted.
    """
    now = one(connection, table, number)
    if now["versio"] != expected_version:
        fields = ", ".join(name for name in changes if now[name] != changes[name]) or "nothing"
        raise StaleVersion(
            f"register: {table.name} {number} changed while you edited it: it is at version {now['versio']}, "
            f"you were saving over version {expected_version}; what differs: {fields}; read both, save again",
            now,  # type: ignore[arg-type]
            changes,
        )
    if now["poistettu"]:
        raise SosrakeError(f"register: {table.name} {number} was deleted {now['poistettu']}; it stays so")
    return replace(connection, table, number, changes, user=user, event=event)


def replace(
    connection: sa.Connection,
    table: sa.Table,
    number: int,
    changes: Mapping[str, Any],
    *,
    user: str = "",
    event: str = "muutettu",
) -> sa.RowMapping:
    """Change a row whatever its version, for changes that follow from another row's; write its line."""
    saved = (
        connection.execute(
            table.update()
            .where(tables.identifier(table) == number)
            .values(**changes, versio=table.c.versio + 1)
            .returning(table)
        )
        .mappings()
        .one()
    )
    write_line(connection, event, table, saved, user)
    return saved
