"""The tables of the ledger, and how an older ledger gets them.

Every line carries the number of the entry that wrote it (`entry`); an entry is closed by a hash over its
lines and the hash before it (`ledger_chain`). Lines are added, never taken away: a figure that a correction
replaces moves to `superseded`, since a reader remembers it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from sosrake_lib import frame as frames
from sosrake_lib.protect.cells import IDENTITY

KEY = (*frames.KEY, "origin", "statistic")
COLUMNS = (*KEY, *IDENTITY, "hidden", "value", "count", "denominator", "release", "day")
NUMBERS = ("hidden", "value", "count", "denominator")
VERSION = 2
_TYPES = {"borders": "INTEGER", "hidden": "INTEGER"}


def quoted(columns: Iterable[str]) -> str:
    """List column names for a statement; some of them are words of SQL too."""
    return ", ".join(f'"{column}"' for column in columns)


_FIGURE = ", ".join(f'"{column}" {_TYPES.get(column, "TEXT")} NOT NULL' for column in COLUMNS)
_TABLES = (
    f"CREATE TABLE IF NOT EXISTS figures ({_FIGURE}, PRIMARY KEY ({quoted(KEY)}))",
    "CREATE TABLE IF NOT EXISTS releases (id TEXT PRIMARY KEY, name TEXT NOT NULL, day TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS sums (indicator TEXT NOT NULL, dimension TEXT NOT NULL, "
    "PRIMARY KEY (indicator, dimension))",
    "CREATE TABLE IF NOT EXISTS corrections (number INTEGER PRIMARY KEY, key TEXT NOT NULL, "
    "old TEXT NOT NULL, new TEXT NOT NULL, old_release TEXT NOT NULL, new_release TEXT NOT NULL, "
    "reason TEXT NOT NULL, day TEXT NOT NULL)",
)
_LATER = (
    f"CREATE TABLE IF NOT EXISTS superseded ({_FIGURE}, entry INTEGER NOT NULL, "
    "replaced_by INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS pages (release TEXT NOT NULL, page TEXT NOT NULL, day TEXT NOT NULL, "
    "entry INTEGER NOT NULL, PRIMARY KEY (release, page))",
    "CREATE TABLE IF NOT EXISTS approvals (release TEXT NOT NULL, state TEXT NOT NULL, role TEXT NOT NULL, "
    "day TEXT NOT NULL, entry INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS withdrawals (release TEXT PRIMARY KEY, reason TEXT NOT NULL, "
    "day TEXT NOT NULL, entry INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, day TEXT NOT NULL, act TEXT NOT NULL, "
    "subject TEXT NOT NULL, lines INTEGER NOT NULL, digest TEXT NOT NULL, hash TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS figures_of_entry ON figures (entry)",
)
FIRST_TABLES = ("figures", "releases", "sums", "corrections")
LINE_TABLES = (*FIRST_TABLES, "pages", "approvals", "withdrawals")


def prepare(connection: sqlite3.Connection) -> bool:
    """Make what a new or an older ledger lacks, inside the transaction that is open.

    Returns
    -------
    True when the ledger was older and its lines have yet to be taken into the chain.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version >= VERSION:
        return False
    older = has(connection, "figures")
    for statement in _TABLES:
        connection.execute(statement)
    for table in FIRST_TABLES:
        if "entry" not in _columns(connection, table):
            connection.execute(f"ALTER TABLE {table} ADD COLUMN entry INTEGER NOT NULL DEFAULT 1")
    for statement in _LATER:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    return older


def has(connection: sqlite3.Connection, table: str) -> bool:
    """Say whether a table is there: an older ledger that is only read lacks the later ones."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(query, (table,)).fetchone() is not None


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
