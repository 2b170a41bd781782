"""What outputs were made from what: a table of the output folder's journal, one row a format of a piece.

A format is done only when its row has the same fingerprint and every file of it still has the hash that was
entered. The row is written before the files take their final names; a run killed between is completed later.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.batch.journal import file_hash, opened_database

_SCHEMA = """
create table if not exists output_made (
    key text primary key, fingerprint text not null, files text not null, state text not null,
    seconds real not null, library text not null default '');
"""
_GROWN = "alter table output_made add column library text not null default ''"


@dataclass(frozen=True, slots=True)
class Kept:
    """One format of a piece as it was made: files (name within the output folder -> hash), state, seconds.

    `library` is the fingerprint of the program that made it; empty when it was made before that was kept.
    """

    key: str
    fingerprint: str
    files: Mapping[str, str]
    state: str
    seconds: float
    library: str = ""


class Memory:
    """The journal's table of outputs (SQLite, every entry a durable transaction)."""

    def __init__(self, output: Path) -> None:
        self.output = Path(output)
        self._database = opened_database(self.output, _SCHEMA)
        columns = {row[1] for row in self._database.execute("pragma table_info(output_made)")}
        if "library" not in columns:  # a folder of an earlier version
            self._database.execute(_GROWN)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def known(self, key: str) -> Kept | None:
        """Give what was entered of a format; None when it was never made."""
        row = self._database.execute(
            "select fingerprint, files, state, seconds, library from output_made where key = ?", (key,)
        ).fetchone()
        return Kept(key, row[0], json.loads(row[1]), row[2], row[3], row[4]) if row else None

    def every(self) -> tuple[str, ...]:
        """Name everything that was entered."""
        return tuple(row[0] for row in self._database.execute("select key from output_made order by key"))

    def is_made(self, key: str, fingerprint: str) -> bool:
        """Say whether a format stands as made from this fingerprint; completes one that was cut short."""
        kept = self.known(key)
        if kept is None or kept.fingerprint != fingerprint:
            return False
        return all(self._settled(name, sha) for name, sha in kept.files.items())

    def is_whole(self, key: str) -> bool:
        """Say whether the files of a format are the last ones entered, whatever they were made from."""
        kept = self.known(key)
        return kept is not None and all(
            file_hash(self.output / name) == sha for name, sha in kept.files.items()
        )

    def finish(self, kept: Kept) -> None:
        """Enter a format whose temporary files are whole, then give them their final names."""
        before = self.known(kept.key)
        self._database.execute(
            "insert or replace into output_made (key, fingerprint, files, state, seconds, library) "
            "values (?, ?, ?, ?, ?, ?)",
            (
                kept.key,
                kept.fingerprint,
                json.dumps(dict(kept.files)),
                kept.state,
                kept.seconds,
                kept.library,
            ),
        )
        for name in kept.files:
            part_of(self.output / name).replace(self.output / name)
        if before is not None:
            self._remove({name: sha for name, sha in before.files.items() if name not in kept.files})

    def forget(self, keys: Iterable[str]) -> None:
        """Remove formats that are no longer asked for, with the files we made and nobody has changed."""
        for key in keys:
            kept = self.known(key)
            if kept is not None:
                self._remove(kept.files)
                self._database.execute("delete from output_made where key = ?", (key,))

    def notebook_seconds(self, key: str) -> float:
        """Give how long the notebook of a page took when it was last run; 0 when it never was."""
        try:
            row = self._database.execute("select seconds from made where key = ?", (key,)).fetchone()
        except sqlite3.OperationalError:  # no notebook has been run in this folder
            return 0.0
        return float(row[0]) if row else 0.0

    def _settled(self, name: str, sha: str) -> bool:
        final = self.output / name
        if file_hash(final) == sha:
            return True
        if file_hash(part_of(final)) == sha:
            part_of(final).replace(final)
            return True
        return False

    def _remove(self, files: Mapping[str, str]) -> None:
        for name, sha in files.items():
            if file_hash(self.output / name) == sha:
                (self.output / name).unlink()


def part_of(final: Path) -> Path:
    """Give the temporary name a file has until it is whole."""
    return final.with_name(f".{final.name}.part")
