"""Opening the register: an SQLite file with full synchronous writes, or PostgreSQL by address.

Both behave alike: a writing transaction holds the only write lock from its start and waits its turn, a
reading one sees one state throughout, and the schema is brought to the newest in one transaction.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sosrake_lib import samples
from sosrake_lib.errors import SosrakeError

VARIABLE = "SOSRAKE_DATABASE"
NEWEST = "benefit"
WAIT_MILLISECONDS = 30_000
_ASK_AGAIN_MILLISECONDS = 5
# Any number that the register's writers agree on: it names the one lock they take in turn.
_LOCK = 1301_2014


@dataclass(frozen=True)
class Register:
    """An open register; hand it to `Desk`, `add_proposal`, `proposals`, `decide` and `verify_trail`."""

    engine: sa.Engine

    @property
    def is_file(self) -> bool:
        """Say whether the register is an SQLite file and not a database server."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction that holds the write lock from its start.

        An ordinary SQLite transaction takes the lock at its first write and is refused when another one
        wrote meanwhile; an immediate one waits its turn. On PostgreSQL an advisory lock does the same.
        """
        with _plain_errors(), self.engine.connect() as connection:
            if self.is_file:
                _take_turn(connection)
            else:
                connection.exec_driver_sql("BEGIN")
            try:
                if not self.is_file:
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {WAIT_MILLISECONDS}")
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                yield connection
            except BaseException:
                # On a full disk SQLite has rolled back by itself, and a lost server has no transaction left.
                with suppress(sa.exc.OperationalError):
                    connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the register throughout."""
        begin = "BEGIN" if self.is_file else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        with _plain_errors(), self.engine.connect() as connection:
            connection.exec_driver_sql(begin)
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def together(self) -> Iterator[Register]:
        """Give a register whose changes all belong to one transaction: all of them are saved or none."""
        with self.writing() as connection:
            yield _Within(self.engine, connection)

    def scrub(self, *tables: str) -> None:
        """Leave nothing of deleted text in the write-ahead log (a file) or dead rows (a server's `tables`).

        SQLite has already overwritten it in the file itself (`secure_delete`).
        """
        with _plain_errors(), self.engine.connect() as connection:
            if self.is_file:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            elif tables:
                connection.exec_driver_sql(f"SET lock_timeout = {WAIT_MILLISECONDS}")
                connection.exec_driver_sql(f"VACUUM (FULL) {', '.join(tables)}")

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


@dataclass(frozen=True)
class _Within(Register):
    """A register within a transaction that is already open."""

    connection: sa.Connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give the open transaction's connection."""
        yield self.connection

    reading = writing

    def scrub(self, *tables: str) -> None:
        """Leave the scrubbing to whoever holds the transaction."""


def open_register(url: str | sa.URL | None = None) -> Register:
    """Open the register, making it or bringing it to the newest schema when needed.

    Parameters
    ----------
    url : SQLAlchemy address such as `sqlite:///C:/tiedot/rekisteri.sqlite` or
        `postgresql+psycopg://kayttaja@palvelin/sosrake`; by default environment SOSRAKE_DATABASE, else
        `register.sqlite` in the workbook's private folder (environment SOSRAKE_HOME, else data/private).

    Raises
    ------
    SosrakeError when the address is neither an SQLite file nor PostgreSQL, when the database does not
    answer, or when a newer workbook has already brought it to a schema this one does not know.
    """
    register = Register(make_engine(address_of(url)))
    _migrate(register)
    return register


def exists(url: str | sa.URL | None = None) -> bool:
    """Say whether there is a register to read: a server that was named, or a file that stands."""
    address = address_of(url)
    return address.get_backend_name() != "sqlite" or Path(str(address.database)).is_file()


def address_of(url: str | sa.URL | None) -> sa.URL:
    """Give the checked address: the argument, else SOSRAKE_DATABASE, else the private folder's file."""
    named = url or os.environ.get(VARIABLE)
    if not named:
        return sa.URL.create("sqlite", database=str(samples.home() / "register.sqlite"))
    try:
        address = sa.make_url(named)
    except sa.exc.ArgumentError:
        raise SosrakeError(
            "register: the address cannot be read; expected sqlite:/// and a file, or postgresql+psycopg://"
        ) from None
    if address.get_backend_name() == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() != "sqlite" or not address.database or address.database == ":memory:":
        raise SosrakeError(
            f"register: address {address.render_as_string()}; expected sqlite:/// and a file, or "
            "postgresql+psycopg://user@host/database; give such one"
        )
    return address


def file_url(file: Path) -> sa.URL:
    """Give the address of an SQLite file, whatever signs its name has."""
    return sa.URL.create("sqlite", database=str(file))


def make_engine(address: sa.URL, *, keep: int = 0) -> sa.Engine:
    """Make the engine of a checked address; each use has its own connection, or one of `keep` kept ones."""
    if address.get_backend_name() == "sqlite":
        _make_private(Path(str(address.database)))
    try:
        pool: dict[str, Any] = (
            {"poolclass": sa.QueuePool, "pool_size": keep} if keep else {"poolclass": sa.NullPool}
        )
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", **pool)
    except ModuleNotFoundError as lacking:
        raise SosrakeError(
            f"register: PostgreSQL needs the package {lacking.name}; pip install 'sosrake[postgresql]'"
        ) from None
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare)
    return engine


def _take_turn(connection: sa.Connection) -> None:
    """Begin a writing transaction on a file, asking again every few milliseconds.

    SQLite's own waiting asks ever more seldom, down to ten times a second: in a crowd, who has waited longest
    is then served last.
    """
    until = time.monotonic() + WAIT_MILLISECONDS / 1000
    connection.exec_driver_sql(f"PRAGMA busy_timeout={_ASK_AGAIN_MILLISECONDS}")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except sa.exc.OperationalError as problem:
                busy = getattr(problem.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > until:
                    raise
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={WAIT_MILLISECONDS}")


def _make_private(file: Path) -> None:
    """Make the file so that its owner alone can read it, in a folder of the same kind."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        file.touch(mode=0o600)


def _prepare(connection: Any, _record: Any) -> None:
    """Set what SQLite forgets between connections.

    Waiting for the lock, the log, the full flush to disk, and that what is deleted is overwritten.
    """
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={WAIT_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _migrate(register: Register) -> None:
    """Run the missing migrations in one transaction: a kill leaves the old schema or the new one."""
    if schema_of(register) == NEWEST:
        return
    with register.writing() as connection:
        migrate(connection)


def schema_of(register: Register) -> str:
    """Give the name of the schema a register has; empty before its first migration."""
    with register.reading() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return ""
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or ""


def migrate(connection: sa.Connection, to: str = "head") -> None:
    """Bring the schema to a revision within the caller's transaction."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    settings = Config()
    scripts = Path(__file__).parent / "migrations"
    settings.set_main_option("script_location", str(scripts).replace("%", "%%"))
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, to)
    except CommandError as problem:
        raise SosrakeError(
            f"register: its schema is not known here ({str(problem)[:80]}); a newer version of the workbook "
            "has used it: update this one"
        ) from None


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except sa.exc.OperationalError as problem:
        answer = " ".join(str(problem.orig).split())[:120]
        raise SosrakeError(
            f"register: the database answered {answer!r}; nothing was saved; "
            "check disk space and that no other program holds the file, then try again"
        ) from None
