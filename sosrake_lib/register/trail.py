"""The trail of changes: each line carries the hash of the line before it, and of a state only a salted hash.

A line commits to a row's state by SHA-256 over a random salt and the row. While the salt is kept, anyone can
check that the row stands as it was written. A redaction empties the text and destroys the salts of all the
row's lines: what was there can be neither read nor guessed, and the chain of lines verifies as before.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from sosrake_lib.register.engine import Register, exists, open_register
from sosrake_lib.register.tables import AUDITED, LOKI, SUOLA, identifier

START = "0" * 64
# Written by the migration of a register whose older trail did not verify; such a register never verifies.
BROKEN_BEFORE = "vanha_loki_rikki"
# Columns that came after rows had been sealed: an empty one is left out of the state, so old lines verify.
LATER = frozenset(("hyoty",))


@dataclass(frozen=True)
class Trail:
    """What a check of the trail found.

    `last_hash` written down elsewhere lets a later check tell that nobody cut lines off the end.
    """

    entries: int
    last_hash: str
    intact: bool
    broken_at: int | None
    reason: str


def write_line(
    connection: sa.Connection, event: str, table: sa.Table, row: Mapping[Any, Any], user: str = ""
) -> None:
    """Append one line about the state a row reached; call it inside the transaction of the change."""
    last = connection.execute(
        sa.select(LOKI.c.nro, LOKI.c.tiiviste).order_by(LOKI.c.nro.desc()).limit(1)
    ).one_or_none()
    salt = secrets.token_hex(16)
    line = {
        "nro": 1 if last is None else last.nro + 1,
        "aika": datetime.now(UTC).isoformat(timespec="seconds"),
        "tapahtuma": event,
        "tekija": user,
        "taulu": table.name,
        "rivi": row[f"{table.name}_id"],
        "versio": row["versio"],
        "sisalto": state_hash(salt, row),
        "edellinen": START if last is None else last.tiiviste,
    }
    line["tiiviste"] = line_hash(line)
    connection.execute(LOKI.insert(), line)
    connection.execute(SUOLA.insert(), {"nro": line["nro"], "suola": salt})


def forget_salts(connection: sa.Connection, table: sa.Table, row: int) -> None:
    """Destroy the salts of every line about a row: no hash of its past can be tried against a text."""
    lines = sa.select(LOKI.c.nro).where(LOKI.c.taulu == table.name, LOKI.c.rivi == row)
    connection.execute(SUOLA.delete().where(SUOLA.c.nro.in_(lines)))


def verify_trail(register: Register) -> Trail:
    """Check every line's hash and number, and that each row stands as its last line says.

    Returns
    -------
    Trail with `intact`; when it is False, `broken_at` is the first line that does not fit (None when a
    row itself differs) and `reason` says what is wrong.
    """
    with register.reading() as connection:
        return check(connection)


def newest_hash(url: str | None = None, leave_out: tuple[str, ...] = ()) -> str:
    """Give the hash of the trail's last line, which changes with the register; empty when there is none.

    Parameters
    ----------
    leave_out : tables whose lines do not count, as what they hold is shown nowhere.
    """
    if not exists(url):
        return ""
    register = open_register(url)
    try:
        with register.reading() as connection:
            query = sa.select(LOKI.c.tiiviste).where(LOKI.c.taulu.not_in(leave_out))
            return connection.execute(query.order_by(LOKI.c.nro.desc()).limit(1)).scalar() or START
    finally:
        register.close()


def check(connection: sa.Connection) -> Trail:
    """Check the trail over a connection that sees one state throughout."""
    lines = connection.execute(sa.select(LOKI).order_by(LOKI.c.nro)).mappings().all()
    previous, newest = START, {}
    for position, line in enumerate(lines, start=1):
        if line["nro"] != position or line["edellinen"] != previous or line["tiiviste"] != line_hash(line):
            reason = f"line {line['nro']} does not follow from line {position - 1}"
            return Trail(len(lines), previous, False, line["nro"], reason)
        if line["tapahtuma"] == BROKEN_BEFORE:
            reason = f"line {position}: the older trail was already broken when it was converted"
            return Trail(len(lines), previous, False, position, reason)
        previous = line["tiiviste"]
        newest[line["taulu"], line["rivi"]] = line
    reason = _differing(connection, newest)
    return Trail(len(lines), previous, not reason, None, reason)


def _differing(connection: sa.Connection, newest: dict[tuple[str, int], sa.RowMapping]) -> str:
    """Find a row that does not stand as its last line says; empty when every one does."""
    salts = {line.nro: line.suola for line in connection.execute(sa.select(SUOLA))}
    for table in AUDITED:
        for row in connection.execute(sa.select(table).order_by(identifier(table))).mappings():
            number = row[f"{table.name}_id"]
            line = newest.pop((table.name, number), None)
            if line is None:
                return f"{table.name} {number} has no line in the trail"
            salt = salts.get(line["nro"])
            if salt is None or line["versio"] != row["versio"] or line["sisalto"] != state_hash(salt, row):
                return f"{table.name} {number} differs from its last line in the trail"
    if newest:
        table_name, number = min(newest)
        return f"{table_name} {number} is in the trail but not in the register"
    return ""


def state_hash(salt: str, row: Mapping[Any, Any]) -> str:
    """Hash a row's state behind a salt: SHA-256 of `salt | row as JSON with sorted names`.

    A column of `LATER` counts only when it holds something.
    """
    sealed = {name: value for name, value in row.items() if value or name not in LATER}
    return hashlib.sha256(f"{salt}|{canonical(sealed)}".encode()).hexdigest()


def line_hash(line: Mapping[Any, Any]) -> str:
    """Hash a line of the trail but for its own hash."""
    return hashlib.sha256(
        canonical({name: line[name] for name in line if name != "tiiviste"}).encode()
    ).hexdigest()


def canonical(row: Mapping[Any, Any]) -> str:
    """Write a row in the one form that every database gives: JSON with sorted names."""
    return json.dumps(dict(row), ensure_ascii=False, sort_keys=True)
