"""Databases for the register's tests: a private PostgreSQL server where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

WHY_NOT = "PostgreSQL is not installed (Debian: apt-get install postgresql)"


def programs() -> Path | None:
    """Find the folder of PostgreSQL's own programs; the newest version's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[4]))
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    return Path(named).resolve().parent if named else None


@contextmanager
def private_server() -> Iterator[str]:
    """Run a server of one's own on a socket in a private folder; gives the address of its first database.

    The server refuses to run as root; then the system's user `postgres` runs it.
    """
    place = programs()
    if place is None:
        if os.environ.get("CI") == "true":
            raise RuntimeError(WHY_NOT)
        pytest.skip(WHY_NOT)
    folder = Path(tempfile.mkdtemp(prefix="sosrake-pg-", dir="/tmp"))
    as_whom = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_whom:
        shutil.chown(folder, "postgres")
    folder.chmod(0o755)
    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"

    def run(*command: object) -> None:
        subprocess.run([*as_whom, *map(str, command)], cwd="/", check=True, capture_output=True)

    started = False
    try:
        run(place / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        run(place / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
        started = True
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        if started:
            run(place / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server: str, name: str) -> Iterator[str]:
    """Make an empty database on a server and remove it afterwards."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield str(sa.make_url(server).set(database=name).render_as_string(hide_password=False))
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()
