"""Deleting people's words from everywhere: the register, the trail's salts and every listed backup.

A redaction empties the words, destroys the salts behind their hashes and writes that it happened. A backup is
brought to the same words as the register now has. A backup that cannot be reached (a disk that is away) stays
pending until it can, and `restore` brings the words of a copy up to date before anyone reads them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import rows, tables
from sosrake_lib.register.engine import Register, file_url, open_register
from sosrake_lib.register.tables import POISTO, POISTO_KOPIO, SECRET, VARMUUSKOPIO
from sosrake_lib.register.trail import forget_salts

JOURNAL = "poistot.jsonl"
# Whose words go with whose: the reference to an observation is `havainto_id`.
_FOLLOW = {"havainto": ("koodaus", "lainaus"), "seuranta": ("seurantaversio",)}


@dataclass(frozen=True, slots=True)
class Redaction:
    """Where a redaction has reached: backups brought up to date, and those that could not be opened."""

    reached: tuple[str, ...]
    pending: tuple[str, ...]


def redact(register: Register, table: str, number: int, *, reason: str, user: str) -> Redaction:
    """Empty the words of one row everywhere; what is counted (classes, dates, states) stays.

    Parameters
    ----------
    table : one of `tables.SECRET`, such as "havainto".
    reason : why, such as "rekisteröidyn pyyntö"; no one is named.

    Returns
    -------
    Redaction; try `finish` again when a pending backup is at hand.

    Raises
    ------
    SosrakeError when there is no such row or no reason.
    """
    if table not in SECRET or not reason.strip():
        raise SosrakeError(
            f"register: redact {table!r} because {reason!r}; expected one of {', '.join(SECRET)} and a reason"
        )
    with register.writing() as connection:
        empty(connection, table, number, user=user)
        note_redaction(connection, table, number, reason, user)
        for follower in _FOLLOW.get(table, ()):
            of = tables.table(follower)
            query = sa.select(tables.identifier(of)).where(of.c[f"{table}_id"] == number)
            for other in connection.execute(query).scalars().all():
                empty(connection, follower, other, user=user)
                note_redaction(connection, follower, other, reason, user)
    return finish(register)


def empty(connection: sa.Connection, table: str, number: int, *, user: str) -> None:
    """Empty a row's words and destroy its salts within the caller's transaction."""
    of = tables.table(table)
    now = rows.one(connection, of, number)
    blank = {name: None if now[name] is None else "" for name in SECRET[table]}
    day = now["poistettu"] or date.today().isoformat()
    forget_salts(connection, of, number)
    rows.replace(connection, of, number, {**blank, "poistettu": day}, user=user, event="poistettu")


def note_redaction(connection: sa.Connection, table: str, number: int, reason: str, user: str) -> None:
    """Write that words of a row were removed, so that backups can follow."""
    values = {"taulu": table, "rivi": number, "peruste": reason.strip(), "pvm": date.today().isoformat()}
    rows.add(connection, POISTO, values, user=user)


def finish(register: Register) -> Redaction:
    """Scrub the register and bring every listed backup to its words; call it again for pending ones."""
    register.scrub(*SECRET, "suola")
    with register.reading() as connection:
        query = sa.select(VARMUUSKOPIO).where(VARMUUSKOPIO.c.tila != "poistettu")
        backups = connection.execute(query).mappings().all()
    reached, pending = [], []
    for backup in backups:
        waiting = _not_reached(register, backup["varmuuskopio_id"])
        if not waiting:
            continue
        file = Path(backup["tiedosto"])
        _note_beside(file, waiting)
        if not file.is_file():
            pending.append(str(file))
            continue
        follow(register, file, [(one["taulu"], one["rivi"]) for one in waiting])
        _reached(register, backup, [one["poisto_id"] for one in waiting])
        reached.append(str(file))
    return Redaction(tuple(reached), tuple(pending))


def follow(register: Register | None, file: Path, which: Iterable[tuple[str, int]]) -> None:
    """Bring rows of a copy to the words the register has; without a register they are emptied."""
    copy = open_register(file_url(file))
    try:
        with copy.writing() as connection:
            for table, number in dict.fromkeys(which):
                _follow_row(register, connection, table, number)
        copy.scrub()
    finally:
        copy.close()
    settle_file(file)


def note_again(register: Register, which: Iterable[tuple[str, int]]) -> None:
    """Write into a restored register the redactions made since, so that its other backups follow too."""
    known = set(redacted(register))
    with register.writing() as connection:
        for table, number in dict.fromkeys(which):
            if (table, number) not in known:
                note_redaction(connection, table, number, "palautuksessa", "")


def settle_file(file: Path) -> None:
    """Leave a copy without a write-ahead log, so that the one file is the whole copy."""
    engine = sa.create_engine(file_url(file), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    engine.dispose()


def journal(folder: Path) -> list[tuple[str, int]]:
    """Read which rows' words were ever removed, as told beside the backups of a folder."""
    file = folder / JOURNAL
    if not file.is_file():
        return []
    told = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [(one["taulu"], int(one["rivi"])) for one in told]


def redacted(register: Register) -> list[tuple[str, int]]:
    """List the rows whose words were ever removed in this register."""
    with register.reading() as connection:
        query = sa.select(POISTO.c.taulu, POISTO.c.rivi).order_by(POISTO.c.poisto_id)
        return [(line.taulu, line.rivi) for line in connection.execute(query)]


def _follow_row(register: Register | None, connection: sa.Connection, table: str, number: int) -> None:
    of = tables.table(table)
    query = sa.select(of).where(tables.identifier(of) == number)
    there = connection.execute(query).mappings().one_or_none()
    if there is None:
        return
    words: dict[str, Any] | None = None
    if register is not None:
        with register.reading() as live:
            now = live.execute(query).mappings().one_or_none()
        words = None if now is None else {name: now[name] for name in (*SECRET[table], "poistettu")}
    if words is None:
        empty(connection, table, number, user="")
    elif any(there[name] != words[name] for name in words):
        forget_salts(connection, of, number)
        rows.replace(connection, of, number, words, event="poistettu")


def _not_reached(register: Register, backup: int) -> list[sa.RowMapping]:
    done = sa.select(POISTO_KOPIO.c.poisto_id).where(POISTO_KOPIO.c.varmuuskopio_id == backup)
    with register.reading() as connection:
        query = sa.select(POISTO).where(POISTO.c.poisto_id.not_in(done)).order_by(POISTO.c.poisto_id)
        return list(connection.execute(query).mappings().all())


def _reached(register: Register, backup: sa.RowMapping, redactions: list[int]) -> None:
    from sosrake_lib.register.backups import describe

    told = describe(Path(backup["tiedosto"]))
    number = backup["varmuuskopio_id"]
    with register.writing() as connection:
        changes = {"tiiviste": told.sha256, "sisalto_tiiviste": told.content}
        rows.replace(connection, VARMUUSKOPIO, number, changes)
        connection.execute(
            POISTO_KOPIO.insert(), [{"poisto_id": one, "varmuuskopio_id": number} for one in redactions]
        )


def _note_beside(file: Path, waiting: list[sa.RowMapping]) -> None:
    """Tell beside the backups which rows lost words: no word, only the table and the number."""
    if not file.parent.is_dir():
        return
    told = set(journal(file.parent))
    fresh = [(one["taulu"], one["rivi"]) for one in waiting if (one["taulu"], one["rivi"]) not in told]
    if fresh:
        with (file.parent / JOURNAL).open("a", encoding="utf-8") as lines:
            lines.writelines(
                json.dumps({"taulu": table, "rivi": number}) + "\n" for table, number in dict.fromkeys(fresh)
            )


def file_hash(file: Path) -> str:
    """Give the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
