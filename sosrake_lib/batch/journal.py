"""The memory of one output folder: what was made from what, and who is working in it now.

A thing is done only when the journal has an entry with the same fingerprint and the file itself still has the
hash that was entered. The entry is written before the file takes its final name, so that no final file is
ever without one; a run killed between the two is completed by the next.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from sosrake_lib.errors import BatchError
from sosrake_lib.language import say

FOLDER = "journal"
_SCHEMA = """
create table if not exists made (
    key text primary key, fingerprint text not null, file text not null, sha256 text not null,
    finished_at text not null, seconds real not null);
create table if not exists released (
    name text primary key, fingerprint text not null, release_id text not null, content text not null,
    finished_at text not null);
create table if not exists built (
    language text primary key, fingerprint text not null, content text not null, finished_at text not null);
"""


def opened_database(output: Path, schema: str) -> sqlite3.Connection:
    """Open the journal's file of an output folder, with the tables of `schema`; every entry is durable."""
    folder = output / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(folder / "journal.sqlite", isolation_level=None)
    database.execute("pragma synchronous = full")
    database.executescript(schema)
    return database


class Journal:
    """What was made in an output folder (SQLite, one file, every entry a durable transaction)."""

    def __init__(self, output: Path) -> None:
        self.output = Path(output)
        self._database = opened_database(self.output, _SCHEMA)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def finish(
        self, key: str, fingerprint: str, part: Path, final: Path, sha256: str, seconds: float
    ) -> None:
        """Enter a whole temporary file, then give it its final name."""
        name = final.relative_to(self.output).as_posix()
        self._database.execute(
            "insert or replace into made values (?, ?, ?, ?, ?, ?)",
            (key, fingerprint, name, sha256, _now(), seconds),
        )
        part.replace(final)
        _sync_folder(final.parent)

    def is_made(self, key: str, fingerprint: str, part: Path, final: Path) -> bool:
        """Say whether the final file is the one made from this fingerprint.

        A run that was killed after its entry but before the replacement left the whole temporary file: it is
        recognised by its hash and gets its final name here.
        """
        row = self._database.execute("select fingerprint, sha256 from made where key = ?", (key,)).fetchone()
        if row is None or row[0] != fingerprint:
            return False
        if file_hash(final) == row[1]:
            return True
        if file_hash(part) == row[1]:
            part.replace(final)
            _sync_folder(final.parent)
            return True
        return False

    def is_whole(self, key: str, final: Path) -> bool:
        """Say whether the final file is the last one entered, whatever it was made from."""
        row = self._database.execute("select sha256 from made where key = ?", (key,)).fetchone()
        return row is not None and file_hash(final) == row[0]

    def release(self, name: str, fingerprint: str) -> tuple[str, str]:
        """Give id and content hash of the release made from this fingerprint, or two empty texts."""
        row = self._database.execute(
            "select release_id, content from released where name = ? and fingerprint = ?", (name, fingerprint)
        ).fetchone()
        return row or ("", "")

    def last_release(self, name: str) -> tuple[str, str]:
        """Give id and content hash of the newest release of this name, or two empty texts."""
        row = self._database.execute(
            "select release_id, content from released where name = ?", (name,)
        ).fetchone()
        return row or ("", "")

    def was_released(self, name: str) -> bool:
        """Say whether a release of this name was ever made in this folder."""
        return bool(self._database.execute("select 1 from released where name = ?", (name,)).fetchone())

    def enter_release(self, name: str, fingerprint: str, release_id: str, content: str) -> None:
        """Remember which release was made from this fingerprint, and the hash of its files."""
        self._database.execute(
            "insert or replace into released values (?, ?, ?, ?, ?)",
            (name, fingerprint, release_id, content, _now()),
        )

    def is_built(self, language: str, fingerprint: str, content: str) -> bool:
        """Say whether the site was built from this fingerprint and still has this content."""
        row = self._database.execute(
            "select fingerprint, content from built where language = ?", (language,)
        ).fetchone()
        return row == (fingerprint, content)

    def enter_site(self, language: str, fingerprint: str, content: str) -> None:
        """Remember from what the site was built and what it then held."""
        self._database.execute(
            "insert or replace into built values (?, ?, ?, ?)", (language, fingerprint, content, _now())
        )


@contextlib.contextmanager
def hold(output: Path, language: str = "fi") -> Iterator[None]:
    """Keep an output folder for one runner; a second one is told who holds it.

    The lock is an exclusive SQLite transaction: the operating system lets it go when its process ends,
    however it ends, so a lock is never stale. `holder.json` beside it says who holds it, for the message.

    Raises
    ------
    BatchError naming process, computer and starting time of the holder.
    """
    folder = Path(output) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    card = folder / "holder.json"
    lock = sqlite3.connect(folder / "lock.sqlite", timeout=0, isolation_level=None)
    try:
        try:
            lock.execute("begin exclusive")
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault):
                raise BatchError(f"{folder / 'lock.sqlite'}: {fault}; is the folder writable?") from None
            raise BatchError(say("batch.held", language, output=str(output), **_holder(card))) from None
        card.write_text(
            json.dumps({"pid": str(os.getpid()), "host": socket.gethostname(), "since": _now()}),
            encoding="utf-8",
        )
        try:
            yield
        finally:
            card.unlink(missing_ok=True)
    finally:
        lock.close()


def file_hash(path: Path) -> str:
    """Give the SHA-256 of a file, or empty text when there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def folder_hash(folder: Path, patterns: Iterable[str] = ("**/*",), leave_out: Iterable[str] = ()) -> str:
    """Give one hash over names and content of the files of a folder; empty text when there is no folder."""
    if not folder.is_dir():
        return ""
    left_out = {"__pycache__", *leave_out}
    files = {
        path.relative_to(folder)
        for pattern in patterns
        for path in folder.glob(pattern)
        if path.is_file() and not left_out.intersection(path.relative_to(folder).parts)
    }
    return digest({name.as_posix(): file_hash(folder / name) for name in files})


def digest(content: Mapping | list | str) -> str:
    """Give the SHA-256 of plain data, whatever the order of its keys.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _holder(card: Path) -> dict[str, str]:
    unknown = {"pid": "?", "host": "?", "since": "?"}
    try:
        said = json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return unknown  # the holder has only just taken the lock and not yet written its card
    return {name: str(said.get(name, "?")) for name in unknown}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _sync_folder(folder: Path) -> None:
    # makes the new name durable where a folder can be opened; Windows has no such call and needs none
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
