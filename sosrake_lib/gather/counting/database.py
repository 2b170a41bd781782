"""Opens the place where the records are: DuckDB (file or folder), PostgreSQL by address, Spark.

Nothing is written there: a DuckDB file is opened read-only, PostgreSQL's transactions are read-only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sosrake_lib.errors import GatherError
from sosrake_lib.language import say

ROOM = "counting.fault"
_TABLE = re.compile(r"(?:[^\W\d]\w*\.)?[^\W\d]\w*")
_FILES = (".parquet", ".csv")


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A table of a database, as an Ibis expression; `engine` is duckdb, postgresql or spark."""

    engine: str
    table: Any


@contextmanager
def opened(database: str, table: str) -> Iterator[Opened]:
    """Open a table for counting.

    Parameters
    ----------
    database : a DuckDB file; a folder of Parquet or CSV files (read by DuckDB); an address
        `postgresql://user:password@host:port/database` (`?host=` for a socket); or `spark:FOLDER`.
    table : name of the table (`schema.table` in PostgreSQL), or of the file without its ending.

    Raises
    ------
    GatherError when the name is no table's name, or the place cannot be opened. A password is never repeated.
    """
    if not _TABLE.fullmatch(table):
        raise GatherError(say(f"{ROOM}.table_name", table=table[:60]))
    kind = _kind(database)
    try:
        session, found = _OPENERS[kind](database, table)
    except GatherError:
        raise
    except Exception as problem:
        told = {"database": shown(database), "table": table, "problem": type(problem).__name__}
        raise GatherError(say(f"{ROOM}.open", **told)) from None
    try:
        yield Opened(kind, found)
    finally:
        session.disconnect()


def shown(database: str) -> str:
    """Give an address as a message may show it: without user and password.

    Examples
    --------
    >>> shown("postgresql://anna:salainen@kanta.example:5432/asiakkaat")
    'postgresql://kanta.example:5432/asiakkaat'
    """
    if "://" not in database:
        return database
    parts = urlsplit(database)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _kind(database: str) -> str:
    scheme = database.partition(":")[0].partition("+")[0].lower()
    if scheme in ("postgresql", "postgres"):
        return "postgresql"
    if scheme == "spark":
        return "spark"
    if "://" in database:
        raise GatherError(say(f"{ROOM}.scheme", scheme=scheme[:30]))
    return "duckdb"


def _duckdb(database: str, table: str) -> tuple[Any, Any]:
    import ibis

    place = Path(database).expanduser()
    if not place.exists():
        raise GatherError(say(f"{ROOM}.absent", database=database))
    if place.is_file() and place.suffix.lower() not in _FILES:
        session = ibis.duckdb.connect(str(place), read_only=True)
        return session, _named(session, table)
    session = ibis.duckdb.connect()
    file = place if place.is_file() else _file_of(place, table)
    if file.suffix.lower() == ".csv":
        # As text: a municipality's 046 must not become 46.
        return session, session.read_csv(str(file), all_varchar=True)
    source = str(file / "*.parquet") if file.is_dir() else str(file)
    return session, session.read_parquet(source)


def _postgresql(database: str, table: str) -> tuple[Any, Any]:
    import ibis

    parts = urlsplit(database)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    session = ibis.postgres.connect(
        host=asked.get("host") or parts.hostname,
        port=parts.port or 5432,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        database=parts.path.lstrip("/") or None,
        options="-c default_transaction_read_only=on",
    )
    return session, _named(session, table)


def _spark(database: str, table: str) -> tuple[Any, Any]:
    import ibis
    from pyspark.sql import SparkSession

    place = Path(database.partition(":")[2]).expanduser()
    if not place.exists():
        raise GatherError(say(f"{ROOM}.absent", database=database))
    file = place if place.is_file() else _file_of(place, table)
    made = (
        SparkSession.builder.appName("sosrake")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "8")
        .getOrCreate()
    )
    session = ibis.pyspark.connect(made)
    if file.suffix.lower() == ".csv":
        return session, session.read_csv(str(file), header=True)
    return session, session.read_parquet(str(file))


_OPENERS = {"duckdb": _duckdb, "postgresql": _postgresql, "spark": _spark}


def _named(session: Any, table: str) -> Any:
    """Find a table or view by its name; asked in SQL, as Ibis's own listing fails on DuckDB 2."""
    schema, _, name = table.rpartition(".")
    mark = "?" if session.name == "duckdb" else "%s"
    asked = f"select count(*) from information_schema.tables where table_name = {mark}"
    values = [name]
    if schema:
        asked, values = f"{asked} and table_schema = {mark}", [name, schema]
    found = session.con.execute(asked, values).fetchall()
    if not found[0][0]:
        session.disconnect()
        raise GatherError(say(f"{ROOM}.no_table", table=table))
    return session.table(name, **({"database": schema} if schema else {}))


def _file_of(folder: Path, table: str) -> Path:
    """Find a table in a folder: `<table>.parquet`, `<table>.csv`, or a folder of Parquet files."""
    for ending in _FILES:
        if (folder / f"{table}{ending}").is_file():
            return folder / f"{table}{ending}"
    if (folder / table).is_dir() and any((folder / table).glob("*.parquet")):
        return folder / table
    raise GatherError(say(f"{ROOM}.no_table", table=table))
