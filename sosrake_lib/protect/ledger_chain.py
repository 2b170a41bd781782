"""The chain of the ledger: each entry's hash rests on its own lines and on all entries before it.

An entry is one act: a release recorded, pages built, an approval, a withdrawal. Its digest covers every
line it wrote, so a line that is changed, added or taken away by hand is found, and the entry is named. The
chain has no secret key: whoever can write the file can also reckon the chain anew. The hash that a backup
or `verify` tells, kept elsewhere, is what then differs.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from sosrake_lib.protect.ledger_schema import COLUMNS, KEY, LINE_TABLES, has, quoted

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Chain:
    """What checking a chain gave: entries, lines, the newest hash, and a line for each thing that is wrong.

    A fault is (kind, number of the entry): `lines`, `hash`, `order` or `stray`.
    """

    entries: int
    lines: int
    newest: str
    faults: tuple[tuple[str, int], ...]


def next_number(connection: sqlite3.Connection) -> int:
    """Give the number of the entry that is about to be written."""
    (highest,) = connection.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()
    return int(highest) + 1


def close_entry(connection: sqlite3.Connection, number: int, act: str, subject: str, day: str) -> bool:
    """Close an entry over the lines that carry its number; an act that wrote none is no entry."""
    lines, digest = _digest(connection, number)
    if not lines:
        return False
    told = (number, day, act, subject, lines, digest)
    connection.execute(
        "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", (*told, _hash(newest_hash(connection), told))
    )
    return True


def newest_hash(connection: sqlite3.Connection) -> str:
    """Give the hash of the newest entry; zeros when there is none."""
    row = connection.execute("SELECT hash FROM entries ORDER BY number DESC LIMIT 1").fetchone()
    return str(row[0]) if row else START


def check(connection: sqlite3.Connection) -> Chain:
    """Reckon every digest and every hash anew and tell what does not agree."""
    before, place, told_lines, faults = START, 0, 0, []
    rows = connection.execute("SELECT * FROM entries ORDER BY number").fetchall()
    for number, day, act, subject, lines, digest, found in rows:
        place += 1
        if number != place:
            faults.append(("order", number))
            place = number
        if (lines, digest) != _digest(connection, number):
            faults.append(("lines", number))
        if found != _hash(before, (number, day, act, subject, lines, digest)):
            faults.append(("hash", number))
        before, told_lines = found, told_lines + lines
    known = {row[0] for row in rows}
    faults += [("stray", number) for number in sorted(_numbers(connection) - known)]
    return Chain(len(rows), told_lines, before, tuple(faults))


def _digest(connection: sqlite3.Connection, number: int) -> tuple[int, str]:
    """Count and hash the lines an entry wrote; those a later correction replaced are still its own."""
    written = sorted(_lines(connection, number))
    return len(written), hashlib.sha256("\n".join(written).encode("utf-8")).hexdigest()


def _lines(connection: sqlite3.Connection, number: int) -> Iterator[str]:
    for table in LINE_TABLES:
        columns = "*" if table != "figures" else f"{quoted(COLUMNS)}, entry"
        for row in connection.execute(f"SELECT {columns} FROM {table} WHERE entry = ?", (number,)):
            yield json.dumps([table, *row], ensure_ascii=False)
    for row in connection.execute(
        f"SELECT {quoted(COLUMNS)}, entry FROM superseded WHERE entry = ?", (number,)
    ):
        yield json.dumps(["figures", *row], ensure_ascii=False)
    for row in connection.execute(f"SELECT {quoted(KEY)} FROM superseded WHERE replaced_by = ?", (number,)):
        yield json.dumps(["superseded", *row], ensure_ascii=False)


def _numbers(connection: sqlite3.Connection) -> set[int]:
    tables = [table for table in (*LINE_TABLES, "superseded") if has(connection, table)]
    query = " UNION ".join(f"SELECT DISTINCT entry FROM {table}" for table in tables)
    return {row[0] for row in connection.execute(query)} | {
        row[0] for row in connection.execute("SELECT DISTINCT replaced_by FROM superseded")
    }


def _hash(before: str, told: tuple) -> str:
    return hashlib.sha256(json.dumps([before, *told], ensure_ascii=False).encode("utf-8")).hexdigest()
