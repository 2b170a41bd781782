"""Backups that can be trusted: one whole file, its hash beside it, restored only when everything agrees.

A backup is always an SQLite file with the register's own schema, of a server's register too: so it can be
looked into, redacted and restored to either kind of database. Copying the file of a living register is no
backup; `VACUUM INTO` (or one reading transaction of a server) sees one state.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import tempfile
from dataclasses import asdict, dataclass
from dataclasses import replace as replace_fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sosrake_lib import samples
from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import redaction, rows
from sosrake_lib.register.engine import NEWEST, Register, exists, file_url, migrate, open_register
from sosrake_lib.register.tables import LOKI, METADATA, POISTO_KOPIO, SUOLA, VARMUUSKOPIO
from sosrake_lib.register.trail import canonical, check, verify_trail


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup and what tells that it is whole: hashes of the file and of its content, lines of the trail."""

    file: str
    sha256: str
    content: str
    entries: int
    last_hash: str
    schema: str
    made: str


def backup(register: Register, folder: Path | None = None, *, user: str = "") -> Backup:
    """Write one state of the register into a new file of a folder and list it for redactions.

    Parameters
    ----------
    folder : by default `backups` in the private folder.

    Raises
    ------
    SosrakeError when the register's own trail does not verify (a broken state is not passed on as whole).
    """
    trail = verify_trail(register)
    if not trail.intact:
        raise SosrakeError(f"register: no backup: {trail.reason}; run sosrake register verify")
    place = (folder or samples.home() / "backups").resolve()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = datetime.now(UTC)
    file = place / f"rekisteri-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}.sqlite"
    # Listed before it is made: a kill never leaves a copy that redactions do not know of.
    with register.writing() as connection:
        values = {"tiedosto": str(file), "aika": now.isoformat(timespec="seconds"), "tila": "tekeilla"}
        number = rows.add(connection, VARMUUSKOPIO, values, user=user)["varmuuskopio_id"]
    _copy_out(register, file)
    told = describe(file)
    with register.writing() as connection:
        changes = {"tiiviste": told.sha256, "sisalto_tiiviste": told.content, "tila": "tallessa"}
        rows.replace(connection, VARMUUSKOPIO, number, changes, user=user)
        known = connection.execute(sa.select(redaction.POISTO.c.poisto_id)).scalars().all()
        if known:
            reached = [{"poisto_id": one, "varmuuskopio_id": number} for one in known]
            connection.execute(POISTO_KOPIO.insert(), reached)
    return told


def describe(file: Path) -> Backup:
    """Hash a backup and write what was found beside it, as `<file>.json`."""
    with _looking(file) as connection:
        trail = check(connection)
        content = content_hash(connection)
        schema = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or ""
    made = datetime.now(UTC).isoformat(timespec="seconds")
    told = Backup(file.name, redaction.file_hash(file), content, trail.entries, trail.last_hash, schema, made)
    beside = _beside(file)
    part = beside.with_suffix(".part")
    part.write_text(json.dumps(asdict(told), indent=1) + "\n", encoding="utf-8")
    part.replace(beside)
    return told


def check_backup(file: Path) -> Backup:
    """Check that a backup is the file that was made: its hash, its content and its trail.

    Raises
    ------
    SosrakeError saying what does not agree.
    """
    if not file.is_file() or not _beside(file).is_file():
        raise SosrakeError(f"register: {file} or its {_beside(file).name} is not there; give a whole backup")
    told = Backup(**json.loads(_beside(file).read_text(encoding="utf-8")))
    if redaction.file_hash(file) != told.sha256:
        raise SosrakeError(
            f"register: {file.name} is not the file that was made: its hash differs; use another"
        )
    with _looking(file) as connection:
        if told.schema == NEWEST and (
            content_hash(connection) != told.content or not check(connection).intact
        ):
            raise SosrakeError(f"register: {file.name} does not hold what was backed up; use another backup")
    return told


def restore(file: Path, url: str | None = None, *, replace: bool = False) -> Backup:
    """Bring a backup back as the register, verified before and after; redactions made since are kept.

    Parameters
    ----------
    url : where to; by default the register's own address. A backup of one kind of database may be restored
        into the other.
    replace : allow that a register which holds rows is replaced; it is backed up first.

    Returns
    -------
    Backup as it stands restored: equal `content` when no word has been redacted since.

    Raises
    ------
    SosrakeError when the backup is not whole, or the place holds a register and `replace` was not said.
    """
    told = check_backup(file)
    standing = open_register(url) if exists(url) else None
    folder = file.resolve().parent
    try:
        if standing is not None and _holds_rows(standing):
            if not replace:
                raise SosrakeError(
                    "register: there is a register with rows already; say --replace to put the backup in its "
                    "place (the present one is backed up first)"
                )
            backup(standing, folder)
        with tempfile.TemporaryDirectory(prefix=".palautus-", dir=folder) as room:
            copy = Path(room) / "copy.sqlite"
            shutil.copyfile(file, copy)
            gone = redaction.journal(folder) + (redaction.redacted(standing) if standing else [])
            redaction.follow(standing, copy, gone)
            return replace_fields(told, **_put_in_place(copy, url, folder, gone))
    finally:
        if standing is not None:
            standing.close()


def content_hash(connection: sa.Connection) -> str:
    """Hash all rows but the list of backups itself: equal registers of either database give equal hashes."""
    digest = hashlib.sha256()
    own = sa.select(LOKI.c.nro).where(LOKI.c.taulu == VARMUUSKOPIO.name)
    for table in METADATA.sorted_tables:
        if table in (VARMUUSKOPIO, POISTO_KOPIO):
            continue
        query = sa.select(table).order_by(*table.primary_key.columns)
        if table in (LOKI, SUOLA):
            query = query.where(table.c.nro.not_in(own))
        for row in connection.execute(query).mappings():
            digest.update(f"{table.name}|{canonical(row)}\n".encode())
    return digest.hexdigest()


def _put_in_place(copy: Path, url: str | None, folder: Path, gone: list[tuple[str, int]]) -> dict[str, Any]:
    """Replace the register by a checked copy in one transaction and compare what stands with it."""
    source = open_register(file_url(copy))
    target = open_register(url)
    try:
        redaction.note_again(source, gone)
        with source.reading() as connection:
            wanted = content_hash(connection)
        if target.is_file:
            _pages_over(copy, Path(str(target.engine.url.database)))
        else:
            _rows_over(source, target)
        with target.reading() as connection:
            trail = check(connection)
            if content_hash(connection) != wanted or not trail.intact:
                raise SosrakeError(
                    "register: what was restored differs from the backup; the backup still stands; "
                    "check the disk and try again"
                )
        _list_again(target, folder)
        redaction.finish(target)
    finally:
        source.close()
        target.close()
    return {"content": wanted, "entries": trail.entries, "last_hash": trail.last_hash, "schema": NEWEST}


def _pages_over(copy: Path, file: Path) -> None:
    """Write a copy's pages over a file in one transaction, whoever has it open (SQLite's online backup)."""
    source, target = sqlite3.connect(copy), sqlite3.connect(file, timeout=30)
    try:
        source.backup(target)
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        source.close()
        target.close()


def _copy_out(register: Register, file: Path) -> None:
    """Write one state of the register as an SQLite file, flushed to the disk."""
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    if register.is_file:
        with register.engine.connect() as connection:
            connection.execute(sa.text("VACUUM INTO :file"), {"file": str(part)})
    else:
        copy = open_register(file_url(part))
        _rows_over(register, copy)
        copy.close()
    part.chmod(0o600)
    redaction.settle_file(part)
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(file)


def _rows_over(source: Register, target: Register) -> None:
    """Replace all of a register's rows by another's, in one transaction of each."""
    with source.reading() as reading, target.writing() as writing:
        if not target.is_file:
            names = ", ".join(table.name for table in METADATA.sorted_tables)
            writing.exec_driver_sql(f"DROP TABLE {names}, alembic_version CASCADE")
            writing.exec_driver_sql("DROP FUNCTION IF EXISTS loki_kasvaa CASCADE")
            migrate(writing)
        for table in METADATA.sorted_tables:
            rows_ = [dict(row) for row in reading.execute(sa.select(table)).mappings()]
            if table.name == "havainto":  # a supplement names an earlier row
                rows_.sort(key=lambda row: row["havainto_id"])
            if rows_:
                writing.execute(table.insert(), rows_)
        if not target.is_file:
            _set_counters(writing)


def _set_counters(connection: sa.Connection) -> None:
    """Let a server's numbering go on after the largest number that came."""
    for table in METADATA.sorted_tables:
        name = f"{table.name}_id"
        if name not in table.c or table is POISTO_KOPIO:
            continue
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{name}'), "
            f"coalesce((SELECT max({name}) FROM {table.name}), 0) + 1, false)"
        )


def _list_again(register: Register, folder: Path) -> None:
    """List the backups of a folder that the restored register does not know of."""
    with register.writing() as connection:
        known = set(connection.execute(sa.select(VARMUUSKOPIO.c.tiedosto)).scalars())
        for beside in sorted(folder.glob("rekisteri-*.sqlite.json")):
            file = beside.with_suffix("")
            if str(file) in known or not file.is_file():
                continue
            told = Backup(**json.loads(beside.read_text(encoding="utf-8")))
            values = {"tiedosto": str(file), "aika": told.made, "tiiviste": told.sha256, "tila": "tallessa"}
            rows.add(connection, VARMUUSKOPIO, {**values, "sisalto_tiiviste": told.content})


def _holds_rows(register: Register) -> bool:
    with register.reading() as connection:
        return connection.execute(sa.select(LOKI.c.nro).limit(1)).scalar() is not None


def _looking(file: Path) -> sa.Connection:
    """Give a connection that only reads a backup and makes no file beside it."""

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)

    return sa.create_engine("sqlite://", creator=opened, poolclass=sa.NullPool).connect()


def _beside(file: Path) -> Path:
    return file.with_name(file.name + ".json")
