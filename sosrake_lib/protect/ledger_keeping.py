"""Keeping the ledger: backups with their hash, bringing one back, and checking that nothing was changed.

Copying the file of a ledger that is in use is no backup: the copy may hold half of a write. `VACUUM INTO`
sees one state, and a file beside the copy tells its hash, its lines and the newest hash of its chain.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sosrake_lib.errors import DisclosureError
from sosrake_lib.language import say
from sosrake_lib.protect import ledger, ledger_chain, store
from sosrake_lib.protect.ledger_schema import has


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup: file name, hash of the file, entries and figures in it, newest hash of its chain."""

    file: str
    sha256: str
    entries: int
    figures: int
    newest: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and where the ledger it replaced was put (None: there was none)."""

    copy: Copy
    aside: Path | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check gave: the chain, and releases in store by what was found of them.

    `whole` equal their hash, `damaged` do not, `elsewhere` are recorded but not in this store.
    """

    chain: ledger_chain.Chain
    whole: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether every line, every hash and every stored release agrees."""
        return not self.chain.faults and not self.damaged


def backup(target: Path | None = None, *, home: Path | None = None, language: str = "en") -> Copy:
    """Copy the ledger as it stands, whole even while others write, with a file beside that tells its hash.

    Parameters
    ----------
    target : a new file, or a folder (default `backups` beside the ledger) for a file named by the time.

    Raises
    ------
    DisclosureError when there is no ledger, its chain does not hold, or the target exists.
    """
    source = ledger.ledger_path(home)
    if not source.exists():
        raise DisclosureError(say("ledger.keeping.none", language))
    place = source.parent / "backups" if target is None else Path(target)
    if target is None or place.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        place = place / f"muisti-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}.sqlite"
    if place.exists():
        raise DisclosureError(say("ledger.keeping.exists", language, file=place.name))
    _adopt(home)
    passing = place.with_name(f".{place.name}.{os.getpid()}.part")
    connection = sqlite3.connect(source, timeout=ledger.BUSY_SECONDS)
    try:
        connection.execute("VACUUM INTO ?", (str(passing),))
        with passing.open("rb+") as file:
            os.fsync(file.fileno())
        told = _describe(passing, place.name)
        if check_chain(passing).faults:
            raise DisclosureError(say("ledger.keeping.broken", language))
        text = json.dumps(asdict(told), indent=1, sort_keys=True) + "\n"
        _note(place).write_text(text, encoding="utf-8")
        passing.replace(place)
    finally:
        connection.close()
        passing.unlink(missing_ok=True)
    return told


def check_backup(file: Path, language: str = "en") -> Copy:
    """Check a backup against what was written beside it, and its chain.

    Raises
    ------
    DisclosureError when either file is missing, or they do not agree.
    """
    note = _note(file)
    if not file.is_file() or not note.is_file():
        raise DisclosureError(say("ledger.keeping.no_backup", language, file=file.name, note=note.name))
    try:
        told = Copy(**json.loads(note.read_text(encoding="utf-8")))
        whole = _hash(file) == told.sha256 and _describe(file, told.file) == told
        whole = whole and not check_chain(file).faults
    except (ValueError, TypeError, sqlite3.DatabaseError):
        whole = False
    if not whole:
        raise DisclosureError(say("ledger.keeping.damaged", language, file=file.name))
    return told


def restore(file: Path, *, home: Path | None = None, replace: bool = False, language: str = "en") -> Restored:
    """Bring a backup back as the ledger.

    A ledger that knows entries the backup does not is kept unless `replace` is given: what left the house
    after the backup would be forgotten, and a later release could give it away together with them.

    Raises
    ------
    DisclosureError when the backup is not whole, or the ledger there is newer.
    """
    told, target = check_backup(file, language), ledger.ledger_path(home)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and not replace and not _is_prefix(target, file):
        raise DisclosureError(say("ledger.keeping.newer", language))
    aside = None
    if target.exists():
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        aside = target.with_name(f"ledger-ennen-palautusta-{stamp}.sqlite")
        _copy(target, aside)
    # Through SQLite and not by replacing the file: another process may have the ledger open.
    _copy(file, target)
    return Restored(told, aside)


def verify(*, home: Path | None = None, releases: Path | None = None, language: str = "en") -> Verified:
    """Check every line and hash of the ledger, and that releases still in the store equal their hash.

    Parameters
    ----------
    releases : folder in which releases are saved; without it none is looked at.

    Raises
    ------
    DisclosureError when there is no ledger.
    """
    path = ledger.ledger_path(home)
    if not path.exists():
        raise DisclosureError(say("ledger.keeping.none", language))
    _adopt(home)
    chain = check_chain(path)
    if releases is None:
        return Verified(chain)
    with ledger.opened(home, write=False) as book:
        known = sorted(row[0] for row in book.rows("releases", "id"))
    whole, damaged, elsewhere = [], [], []
    for one in known:
        if not (releases / one).is_dir():
            elsewhere.append(one)
            continue
        try:
            store.load(releases / one)
        except DisclosureError:
            damaged.append(one)
        else:
            whole.append(one)
    return Verified(chain, tuple(whole), tuple(damaged), tuple(elsewhere))


def check_chain(file: Path) -> ledger_chain.Chain:
    """Check the chain of a ledger's file, which is only read; a file that SQLite cannot read is one fault."""
    connection = sqlite3.connect(file, timeout=ledger.BUSY_SECONDS)
    try:
        connection.execute("BEGIN")
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return ledger_chain.Chain(0, 0, ledger_chain.START, (("file", 0),))
        return ledger_chain.check(connection)
    except sqlite3.DatabaseError:
        return ledger_chain.Chain(0, 0, ledger_chain.START, (("file", 0),))
    finally:
        connection.close()


def _adopt(home: Path | None) -> None:
    """Take the lines of an older ledger into a chain before they are checked or copied."""
    with ledger.opened(home, write=False) as book:
        if book.connection is None or has(book.connection, "entries"):
            return
    with ledger.opened(home):
        pass


def _describe(file: Path, name: str) -> Copy:
    connection = sqlite3.connect(file)
    try:
        (entries,) = connection.execute("SELECT count(*) FROM entries").fetchone()
        (figures,) = connection.execute("SELECT count(*) FROM figures").fetchone()
        newest = ledger_chain.newest_hash(connection)
    finally:
        connection.close()
    return Copy(name, _hash(file), entries, figures, newest)


def _is_prefix(current: Path, copy: Path) -> bool:
    """Say whether every entry of the current ledger is in the copy too."""
    with ledger.opened(current.parent, write=False) as book:
        here = set(book.rows("entries", "hash")) if book.connection else set()
        older = bool(book.rows("figures", "1", "LIMIT 1")) and not here
    connection = sqlite3.connect(copy)
    try:
        there = set(connection.execute("SELECT hash FROM entries").fetchall())
    finally:
        connection.close()
    return here <= there and not older


def _copy(source: Path, target: Path) -> None:
    """Copy a database into another one in a single transaction of its own."""
    given = sqlite3.connect(source, timeout=ledger.BUSY_SECONDS)
    taken = sqlite3.connect(target, timeout=ledger.BUSY_SECONDS)
    try:
        given.backup(taken)
    finally:
        given.close()
        taken.close()


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _note(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")
