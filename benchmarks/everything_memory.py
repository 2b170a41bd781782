"""What has been checked of the outputs: a check is not done again on a file that has not changed.

A row a check and a file's hash, each a transaction of its own: a run that is killed goes on where it was. A
check whose own program has changed is done again.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

SCHEMA = "create table if not exists checked (key text primary key, result text not null)"
PROJECT = Path(__file__).resolve().parents[1]
# What a check's judgement rests on beside the file: its own program and what that uses of the project.
PROGRAMS = {
    "pdf": ("benchmarks/everything_pdf.py", "tests/pdf_structure.py"),
    "site": ("benchmarks/everything_site.py",),
    "numbers": (
        "benchmarks/everything_words.py",
        "tests/number_faults.py",
        "sosrake_lib/influence/page_numbers.py",
    ),
    "opens": ("benchmarks/everything_words.py", "tools/opened_files.py"),
    "office": ("benchmarks/everything_office.py",),
}


@dataclass(frozen=True)
class Task:
    """One check of one file: kind of check, what it is called in the tables, the file, what else it needs.

    `beside` are other files the judgement rests on (a page's style and script).
    """

    kind: str
    name: str
    file: Path
    given: Mapping[str, str] = field(default_factory=dict, hash=False)
    beside: tuple[Path, ...] = ()

    @property
    def key(self) -> str:
        """Name the check and all that its judgement rests on."""
        parts = [self.kind, self.name, str(sorted(self.given.items())), program(self.kind)]
        parts += [sha(path) for path in (self.file, *self.beside)]
        return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()


def sha(path: Path) -> str:
    """Give a file's hash; those of files that many tasks share are read once."""
    return _sha(path, path.stat().st_mtime_ns)


@cache
def _sha(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def program(kind: str) -> str:
    """Give the hash of what a check is made of."""
    return "".join(sha(PROJECT / name)[:16] for name in PROGRAMS[kind])


class Memory:
    """The results of checks, kept in the output folder."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / "tuotokset_tarkistus.sqlite", isolation_level=None)
        self._database.execute(SCHEMA)

    def known(self, task: Task) -> dict[str, Any] | None:
        """Give what was found of exactly this file; None when it has not been looked at."""
        row = self._database.execute("select result from checked where key = ?", (task.key,)).fetchone()
        return json.loads(row[0]) if row else None

    def enter(self, task: Task, result: dict[str, Any]) -> None:
        """Remember what was found."""
        told = json.dumps(result, ensure_ascii=False)
        self._database.execute("insert or replace into checked values (?, ?)", (task.key, told))

    def close(self) -> None:
        """Close the database."""
        self._database.close()


@dataclass(frozen=True)
class Found:
    """What a check found of a file, now or when it was last looked at."""

    task: Task
    result: dict[str, Any]


def run(
    tasks: Sequence[Task],
    check: Callable[[Task], dict[str, Any]],
    memory: Memory,
    *,
    workers: int,
    words: str,
) -> list[Found]:
    """Do the checks that are not known, in worker processes; tell on the screen how far they are.

    A check that itself fails gives a result `{"fault": why}`, which is not remembered.
    """
    found = {task: known for task in tasks if (known := memory.known(task)) is not None}
    left = [task for task in tasks if task not in found]
    started = time.monotonic()
    for done, (task, result) in enumerate(_results(left, check, workers), start=1):
        found[task] = result
        if "fault" not in result:
            memory.enter(task, result)
        if done % 25 == 0 or done == len(left):
            _say(f"{words}: {done}/{len(left)}, {time.monotonic() - started:.0f} s")
    _say(f"{words}: {len(tasks)} in all, {len(left)} looked at now")
    return [Found(task, found[task]) for task in tasks]


def _results(
    tasks: Sequence[Task], check: Callable[[Task], dict[str, Any]], workers: int
) -> Iterable[tuple[Task, dict[str, Any]]]:
    if not tasks:
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(check, task): task for task in tasks}
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except Exception as fault:  # told in the table; the other files are still looked at
                yield futures[future], {"fault": f"{type(fault).__name__}: {fault}"}


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
