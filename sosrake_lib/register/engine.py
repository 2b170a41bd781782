"""Opening the register: an SQLite file with full synchronous writes, kept at the newest schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from sosrake_lib import samples
from sosrake_lib.errors import SosrakeError

_BUSY_MILLISECONDS = 30_000


@dataclass(frozen=True)
class Register:
    """An open register; hand it to `add_proposal`, `proposals`, `decide` and `verify_trail`."""

    engine: sa.Engine

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction that holds the write lock from its start.

        An ordinary SQLite transaction takes the lock at its first write and is refused when another one
        wrote meanwhile; an immediate one waits its turn.
        """
        with _plain_errors(), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the register throughout."""
        with _plain_errors(), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def open_register(url: str | None = None) -> Register:
    """Open the register, making it or bringing it to the newest schema when needed.

    Parameters
    ----------
    url : SQLAlchemy address such as `sqlite:///C:/tiedot/rekisteri.sqlite`; by default `register.sqlite`
        in the workbook's private folder (environment variable SOSRAKE_HOME, else data/private).

    Raises
    ------
    SosrakeError when the address is not an SQLite file.
    """
    address = sa.make_url(url) if url else sa.URL.create("sqlite", database=str(_default_file()))
    if address.get_backend_name() != "sqlite" or not address.database or address.database == ":memory:":
        raise SosrakeError(
            f"register: address {address.render_as_string()}; expected sqlite:/// and a file; give such one"
        )
    Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", _prepare)
    register = Register(engine)
    _migrate(register)
    return register


def _default_file() -> Path:
    return samples.home() / "register.sqlite"


def _prepare(connection: Any, _record: Any) -> None:
    """Set what SQLite forgets between connections: waiting for the lock, the log, the full flush to disk."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _migrate(register: Register) -> None:
    """Run the missing migrations in one transaction: a kill leaves the old schema or the new one."""
    settings = Config()
    scripts = Path(__file__).parent / "migrations"
    settings.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with register.writing() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except sa.exc.OperationalError as problem:
        raise SosrakeError(
            f"register: the database answered {str(problem.orig)[:120]!r}; nothing was saved; "
            "check disk space and that no other program holds the file, then try again"
        ) from None
