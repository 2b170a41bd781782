"""The ledger: every figure that left the house, and a mark for every one that was hidden.

It holds published figures only, never a hidden value. A new release is audited against all of it, the same
figure again is no new entry, and a changed figure needs a reason.
"""

from __future__ import annotations

import csv
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.cells import CELL, IDENTITY

FILE_NAME = "ledger.sqlite"
BUSY_SECONDS = 120
_KEY = [*frames.KEY, "origin", "statistic"]
_COLUMNS = [*_KEY, *IDENTITY, "hidden", "value", "count", "denominator", "release", "day"]
_TYPES = {"borders": "INTEGER", "hidden": "INTEGER"}
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS figures (
    {", ".join(f'"{column}" {_TYPES.get(column, "TEXT")} NOT NULL' for column in _COLUMNS)},
    PRIMARY KEY ({", ".join(f'"{column}"' for column in _KEY)})
);
CREATE TABLE IF NOT EXISTS releases (id TEXT PRIMARY KEY, name TEXT NOT NULL, day TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sums (
    indicator TEXT NOT NULL, dimension TEXT NOT NULL, PRIMARY KEY (indicator, dimension)
);
CREATE TABLE IF NOT EXISTS corrections (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL,
    old_release TEXT NOT NULL, new_release TEXT NOT NULL, reason TEXT NOT NULL, day TEXT NOT NULL
);
"""


class Ledger:
    """An open ledger; made by `opened`."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = connection

    def earlier(self, indicators: Iterable[str]) -> pd.DataFrame:
        """Give what left the house of these indicators: key, family, count, denominator, hidden, release."""
        columns = [*CELL, "hidden", "count", "denominator", "release"]
        rows: list[tuple] = []
        if self._connection is not None:
            for indicator in sorted(set(indicators)):
                rows += self._connection.execute(
                    f"SELECT {_quoted(columns)} FROM figures WHERE indicator = ?", (indicator,)
                ).fetchall()
        found = pd.DataFrame(rows, columns=columns).astype({"borders": "int64", "hidden": "bool"})
        for column in ("count", "denominator"):
            found[column] = [float(text) if text else np.nan for text in found[column]]
        found = found.sort_values(["hidden", "count"]).drop_duplicates(CELL)
        return found[found["hidden"] | found["count"].notna()].reset_index(drop=True)

    def declared(self) -> dict[str, frozenset[str]]:
        """Give the sums that earlier releases declared, by indicator."""
        rows = self._connection.execute("SELECT * FROM sums").fetchall() if self._connection else []
        return {
            indicator: frozenset(dimension for other, dimension in rows if other == indicator)
            for indicator in {row[0] for row in rows}
        }

    def record(
        self,
        release: tuple[str, str],
        figures: pd.DataFrame,
        declared: Mapping[str, Iterable[str]],
        corrects: str | None = None,
    ) -> int:
        """Write what a release (id, name) publishes; give the number of new or corrected entries.

        Raises
        ------
        DisclosureError when a figure left the house with another value and `corrects` gives no reason.
        """
        if self._connection is None:
            raise DisclosureError("ledger: it was opened for reading; open it with write=True to record")
        day = datetime.now(UTC).date().isoformat()
        write = self._connection.execute
        write("INSERT OR IGNORE INTO releases VALUES (?, ?, ?)", (*release, day))
        pairs = [(indicator, dimension) for indicator, given in declared.items() for dimension in given]
        self._connection.executemany("INSERT OR IGNORE INTO sums VALUES (?, ?)", sorted(pairs))
        new = 0
        known = self._known(set(figures["indicator"]))
        for row in figures.assign(release=release[0], day=day)[_COLUMNS].itertuples(index=False, name=None):
            entry = tuple(value.item() if isinstance(value, np.generic) else value for value in row)
            key, told = entry[: len(_KEY)], entry[len(_KEY) + len(IDENTITY) : -2]
            then = known.get(key)
            if then is not None and then[:-1] == (int(told[0]), *told[1:]):
                continue
            if then is not None and not then[0]:
                self._correct(key, then, told, (release[0], day), corrects)
            write(f"INSERT OR REPLACE INTO figures VALUES ({', '.join('?' * len(_COLUMNS))})", entry)
            new += 1
        return new

    def _known(self, indicators: set[str]) -> dict[tuple, tuple]:
        wanted = [*_KEY, "hidden", "value", "count", "denominator", "release"]
        known = {}
        for indicator in sorted(indicators):
            query = f"SELECT {_quoted(wanted)} FROM figures WHERE indicator = ?"
            for row in self._connection.execute(query, (indicator,)):  # type: ignore[union-attr]
                known[row[: len(_KEY)]] = row[len(_KEY) :]
        return known

    def _correct(
        self, key: tuple, then: tuple, told: tuple, now: tuple[str, str], reason: str | None
    ) -> None:
        named = ", ".join(map(str, key))
        if not reason or not reason.strip():
            raise DisclosureError(
                f"ledger: figure ({named}) left the house in release {then[-1]} with another value; "
                'give the reason with corrects="..." (--correct), or release the same value'
            )
        self._connection.execute(  # type: ignore[union-attr]
            "INSERT INTO corrections (key, old, new, old_release, new_release, reason, day) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                named,
                " ".join(then[1:4]),
                " ".join(map(str, told[1:])),
                then[-1],
                now[0],
                reason.strip(),
                now[1],
            ),
        )


@contextmanager
def opened(home: Path | None = None, *, write: bool = True) -> Iterator[Ledger]:
    """Open the ledger; with `write` as one immediate transaction that is kept whole or not at all.

    Without `write` nothing is made: a ledger that does not exist is an empty one.
    """
    path = ledger_path(home)
    if not write and not path.exists():
        yield Ledger(None)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        if write:
            for statement in _SCHEMA.split(";\n"):
                connection.execute(statement)
        yield Ledger(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()


def ledger_path(home: Path | None = None) -> Path:
    """Say where the ledger is: `home`, else $SOSRAKE_HOME, else data/private of the project."""
    if home is None:
        from sosrake_lib import samples

        home = samples.home()
    return Path(home) / FILE_NAME


def export(path: Path, *, home: Path | None = None) -> int:
    """Write all published figures to a CSV file, replaced whole; give the number of rows."""
    source = ledger_path(home)
    rows: list[tuple] = []
    if source.exists():
        connection = sqlite3.connect(source, timeout=BUSY_SECONDS)
        try:
            query = f"SELECT {_quoted(_COLUMNS)} FROM figures ORDER BY {_quoted(_KEY)}"
            rows = connection.execute(query).fetchall()
        finally:
            connection.close()
    temporary = Path(path).with_name(f".{Path(path).name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return len(rows)


def backup(path: Path, *, home: Path | None = None) -> Path:
    """Copy the ledger as it stands, whole even while others write (`VACUUM INTO`); the target must be new."""
    source, target = ledger_path(home), Path(path)
    if not source.exists():
        raise DisclosureError(f"ledger: {source.name} does not exist yet, so there is nothing to back up")
    if target.exists():
        raise DisclosureError(f"ledger: {target.name} exists already; give the backup a new name")
    connection = sqlite3.connect(source, timeout=BUSY_SECONDS)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()
    return target


def _quoted(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
