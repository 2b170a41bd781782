"""The ledger: every figure that left the house, and a mark for every one that was hidden.

It holds published figures only, never a hidden value. A new release is audited against all of it, the same
figure again is no new entry, and a changed figure needs a reason. What has left is known for ever: a
withdrawal or a correction takes no figure out of what a reader is reckoned to know.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib.errors import DisclosureError
from sosrake_lib.language import say
from sosrake_lib.protect import ledger_chain, ledger_clash
from sosrake_lib.protect.cells import CELL, IDENTITY
from sosrake_lib.protect.ledger_persons import refuse_person
from sosrake_lib.protect.ledger_schema import COLUMNS, KEY, has, prepare, quoted

FILE_NAME = "ledger.sqlite"
SAMPLES = "samples"  # folder, inside the memory, of the ledger of figures made from the shipped samples
BUSY_SECONDS = 120


class Ledger:
    """An open ledger; made by `opened`."""

    def __init__(self, connection: sqlite3.Connection | None, number: int = 0) -> None:
        self._connection = connection
        self._number = number
        self.act, self.subject = "", ""
        self._checked = ""  # the reason of corrections that was last found to name nobody

    @property
    def connection(self) -> sqlite3.Connection | None:
        """The open database; None for a ledger that does not exist yet."""
        return self._connection

    def earlier(self, indicators: Iterable[str]) -> pd.DataFrame:
        """Give what left the house of these indicators: key, family, count, denominator, hidden, release."""
        columns = [*CELL, "hidden", "count", "denominator", "release"]
        rows: list[tuple] = []
        if self._connection is not None:
            for indicator in sorted(set(indicators)):
                rows += self._connection.execute(
                    f"SELECT {quoted(columns)} FROM figures WHERE indicator = ?", (indicator,)
                ).fetchall()
        found = pd.DataFrame(rows, columns=columns).astype({"borders": "int64", "hidden": "bool"})
        for column in ("count", "denominator"):
            found[column] = [float(text) if text else np.nan for text in found[column]]
        found = found.sort_values(["hidden", "count"]).drop_duplicates(CELL)
        return found[found["hidden"] | found["count"].notna()].reset_index(drop=True)

    def declared(self) -> dict[str, frozenset[str]]:
        """Give the sums that earlier releases declared, by indicator."""
        rows = self.rows("sums", "indicator, dimension")
        return {
            indicator: frozenset(dimension for other, dimension in rows if other == indicator)
            for indicator in {row[0] for row in rows}
        }

    def rows(self, table: str, columns: str, where: str = "", *values: str) -> list[tuple]:
        """Read lines of a table; a ledger that is not there, or is older than the table, has none."""
        if self._connection is None or not has(self._connection, table):
            return []
        query = f"SELECT {columns} FROM {table} {where}"
        return self._connection.execute(query, values).fetchall()

    def add(self, table: str, *values: object) -> None:
        """Add one line to a table, marked with the entry that is open; a line that stands is left alone."""
        marks = ", ".join("?" * (len(values) + 1))
        self.writing().execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", (*values, self._number))

    def name_entry(self, act: str, subject: str) -> None:
        """Say which act the open entry is, and of what."""
        self.act, self.subject = act, subject

    def writing(self) -> sqlite3.Connection:
        """Give the database for writing; refuse a ledger that was opened for reading."""
        if self._connection is None or not self._number:
            raise DisclosureError("ledger: it was opened for reading; open it with write=True to record")
        return self._connection

    def record(
        self,
        release: tuple[str, str],
        figures: pd.DataFrame,
        declared: Mapping[str, Iterable[str]],
        corrects: str | None = None,
        language: str = "en",
    ) -> int:
        """Write what a release (id, name) publishes; give the number of new or corrected entries.

        Raises
        ------
        DisclosureError when the release has been withdrawn, or a figure left the house with another value and
        `corrects` gives no reason or one that names a person.
        """
        connection, day = self.writing(), today()
        self.name_entry("release", release[0])
        for _, reason, on in self.rows(
            "withdrawals", "release, reason, day", "WHERE release = ?", release[0]
        ):
            raise DisclosureError(
                say("ledger.withdrawn", language, release=release[0], name=release[1], day=on, reason=reason)
            )
        self.add("releases", *release, day)
        pairs = [(indicator, dimension) for indicator, given in declared.items() for dimension in given]
        for pair in sorted(pairs):
            self.add("sums", *pair)
        new = 0
        known = self._known(set(figures["indicator"]))
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        for row in figures.assign(release=release[0], day=day)[list(COLUMNS)].itertuples(
            index=False, name=None
        ):
            entry = tuple(value.item() if isinstance(value, np.generic) else value for value in row)
            key, told = entry[: len(KEY)], entry[len(KEY) + len(IDENTITY) : -2]
            then = known.get(key)
            if then is not None and then[:-1] == (int(told[0]), *told[1:]):
                continue
            if then is not None:
                if not then[0]:
                    self._correct(key, then, told, (release[0], day), corrects, language)
                self._supersede(key)
            connection.execute(f"INSERT OR REPLACE INTO figures VALUES ({marks})", (*entry, self._number))
            new += 1
        return new

    def _refuse_withdrawn(self, release: tuple[str, str], language: str) -> None:
        gone = self.rows("withdrawals", "day, reason", "WHERE release = ?", release[0])
        if gone:
            told = {"release": release[0], "name": release[1], "day": gone[0][0], "reason": gone[0][1]}
            raise DisclosureError(say("ledger.withdrawn", language, **told))

    def _known(self, indicators: set[str]) -> dict[tuple, tuple]:
        wanted = [*KEY, "hidden", "value", "count", "denominator", "release"]
        known = {}
        for indicator in sorted(indicators):
            query = f"SELECT {quoted(wanted)} FROM figures WHERE indicator = ?"
            for row in self.writing().execute(query, (indicator,)):
                known[row[: len(KEY)]] = row[len(KEY) :]
        return known

    def _correct(
        self, key: tuple, then: tuple, told: tuple, now: tuple[str, str], reason: str | None, language: str
    ) -> None:
        if not reason or not reason.strip():
            raise ledger_clash.changed(self, key, then[-1], language)
        if reason != self._checked:
            refuse_person(reason, "ledger.reason.person", language)
            self._checked = reason
        old, new = " ".join(then[1:4]), " ".join(map(str, told[1:]))
        self.writing().execute(
            "INSERT INTO corrections (key, old, new, old_release, new_release, reason, day, entry) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (", ".join(map(str, key)), old, new, then[-1], now[0], reason.strip(), now[1], self._number),
        )

    def _supersede(self, key: tuple) -> None:
        """Keep the line a new one replaces: a reader remembers it, and its own entry is hashed over it."""
        where = " AND ".join(f'"{column}" = ?' for column in KEY)
        columns = f"{quoted(COLUMNS)}, entry"
        self.writing().execute(
            f"INSERT INTO superseded SELECT {columns}, ? FROM figures WHERE {where}", (self._number, *key)
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
        book = _begin(connection) if write else Ledger(connection)
        yield book
        if write:
            ledger_chain.close_entry(
                connection, ledger_chain.next_number(connection), book.act, book.subject, today()
            )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()


def ledger_path(home: Path | None = None) -> Path:
    """Say where the ledger is: `home`, else $SOSRAKE_HOME, else data/private of the project."""
    return _home(home) / FILE_NAME


def homes(home: Path | None = None) -> tuple[Path, ...]:
    """Give the folders of both ledgers: of the house's own figures, and of the shipped samples'."""
    return _home(home), _home(home) / SAMPLES


def today() -> str:
    """Give the day that is written into a ledger's line."""
    return datetime.now(UTC).date().isoformat()


def _begin(connection: sqlite3.Connection) -> Ledger:
    if prepare(connection):
        ledger_chain.close_entry(connection, 1, "adopted", "", today())
    return Ledger(connection, ledger_chain.next_number(connection))


def _home(home: Path | None) -> Path:
    if home is None:
        from sosrake_lib import samples

        home = samples.home()
    return Path(home)
