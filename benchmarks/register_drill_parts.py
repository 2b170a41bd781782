"""The parts of the register's drill: entries, kills, edit races, killed migrations, backups, a full disk.

Each part makes its own databases in a folder, works on them from processes of its own, and gives what it
found as counts; a part's `wrong` lists what must be 0. `register_drill.py` runs them in full, the tests in
small.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import Form, Intake, NotSaved, Receiver, StaleVersion, open_counter, open_desk
from sosrake_lib.register.backups import backup, content_hash, restore
from sosrake_lib.register.engine import NEWEST, Register, make_engine, migrate, open_register, schema_of
from sosrake_lib.register.receipts import key_hash, new_key, receipt
from sosrake_lib.register.tables import HAVAINTO
from sosrake_lib.register.trail import verify_trail

FULL = {
    "tiedontuottaja": "ammattilainen",
    "alue": "kunta:E01",
    "teema": "asuminen",
    "havainto": "Pieniä vuokra-asuntoja ei ole tarjolla.",
}


@dataclass(frozen=True)
class Found:
    """What a part found: `wrong` counts that must be 0, `figures` to tell."""

    part: str
    wrong: dict[str, int]
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def fine(self) -> bool:
        """Say whether everything that must be 0 is."""
        return not any(self.wrong.values())


@dataclass(frozen=True)
class Place:
    """Where a part works: addresses of the register and its front."""

    database: str
    front: str

    @classmethod
    def files(cls, folder: Path) -> Place:
        """Give a place of two SQLite files in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{folder / 'rekisteri.sqlite'}", f"sqlite:///{folder / 'front.sqlite'}")


def entries(place: Place, processes: int, each: int) -> Found:
    """Many processes enter forms at once; every acknowledged one must be in the register, once."""
    desk = open_desk("drilli", database=place.database, front=place.front)
    started = time.perf_counter()
    workers = [_start("enter", place.front, each) for _ in range(processes)]
    told = [line.split() for worker in workers for line in _lines(worker)]
    seconds = time.perf_counter() - started
    drained = desk.take_in()
    waits = sorted(float(wait) for _, wait in told)
    wrong = {
        "unacknowledged": processes * each - len(told),
        "lost": len({key for key, _ in told} - _kept(desk.register)),
        "doubled": drained.saved - len({key for key, _ in told}),
        "broken trail": int(not verify_trail(desk.register).intact),
    }
    desk.shut()
    figures = {"entries": len(told), "p99_ms": 1000 * waits[int(0.99 * (len(waits) - 1))], "seconds": seconds}
    return Found("entries", wrong, {**figures, "longest_ms": 1000 * waits[-1]})


def kills(place: Place, rounds: int, seed: int) -> Found:
    """A process that enters forms and takes them in is killed outright, over and over."""
    rng = random.Random(seed)
    open_desk("drilli", database=place.database, front=place.front).shut()
    acknowledged: set[str] = set()
    for _ in range(rounds):
        victim = _start("enter_and_take", place.database, place.front)
        out_of_it = victim.stdout
        if out_of_it is None:
            raise RuntimeError("the victim has no output")
        acknowledged.add(out_of_it.readline().split()[0])
        time.sleep(rng.uniform(0.0, 0.4))
        victim.send_signal(signal.SIGKILL)
        acknowledged |= {line.split()[0] for line in out_of_it.read().splitlines() if line.count(" ") == 1}
        victim.wait()
    desk = open_desk("drilli", database=place.database, front=place.front)
    damaged = 0 if not desk.register.is_file else _damaged(place)
    desk.take_in()
    kept = _kept_list(desk.register)
    wrong = {
        "acknowledged lost": len(acknowledged - set(kept)),
        "doubled": len(kept) - len(set(kept)),
        "damaged files": damaged,
        "broken trail": int(not verify_trail(desk.register).intact),
    }
    desk.shut()
    return Found("kills", wrong, {"kills": rounds, "acknowledged": len(acknowledged)})


def races(place: Place, editors: int, each: int) -> Found:
    """Editors change the same few observations at once; each save stands or is refused, never swallowed."""
    desk = open_desk("drilli", database=place.database, front=place.front)
    first = min([desk.add(new_key(), FULL) for _ in range(3)])
    workers = [_start("edit", place.database, place.front, each, name, first) for name in range(editors)]
    told = [line.split() for worker in workers for line in _lines(worker)]
    saved = [(int(row), int(version), text) for what, row, version, text in told if what == "saved"]
    last = {row: (version, text) for row, version, text in sorted(saved)}
    wrong = {
        "unanswered edits": editors * each - len(told),
        "silent overwrites": len(saved) - len({(row, version) for row, version, _ in saved}),
        "gaps in versions": sum(version - 1 for version, _ in last.values()) - len(saved),
        "other text than the last": sum(desk.read(row)["ehdotus"] != text for row, (_, text) in last.items()),
        "broken trail": int(not verify_trail(desk.register).intact),
    }
    desk.shut()
    return Found("races", wrong, {"edits": len(told), "refused": len(told) - len(saved)})


def migrations(folder: Path, kills_: int, proposals: int, seed: int) -> Found:
    """A migration of an older register is killed at random points; the old schema or the new one stands."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    old = folder / "old.sqlite"
    make_older(old, proposals)
    whole = min(_seconds_of_migration(old, folder) for _ in range(3))
    wrong = {"neither schema": 0, "proposals lost": 0, "damaged files": 0, "not migrated afterwards": 0}
    stood = {"old": 0, "new": 0}
    for turn in range(kills_):
        file = folder / f"turn{turn}.sqlite"
        shutil.copyfile(old, file)
        victim = _start("migrate", f"sqlite:///{file}")
        if victim.stdout is not None:
            victim.stdout.readline()
        time.sleep(rng.uniform(0.0, 1.8 * whole))
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
        with sqlite3.connect(file) as connection:
            wrong["damaged files"] += connection.execute("PRAGMA integrity_check").fetchone() != ("ok",)
            schema = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            count = connection.execute("SELECT count(*) FROM ehdotus").fetchone()[0]
        old_stands = schema == "first_proposals" and "muutosloki" in tables and "loki" not in tables
        new_stands = schema == NEWEST and "loki" in tables and "muutosloki" not in tables
        stood["old"] += old_stands
        stood["new"] += new_stands
        wrong["neither schema"] += not (old_stands or new_stands)
        wrong["proposals lost"] += count != proposals
        after = open_register(f"sqlite:///{file}")
        wrong["not migrated afterwards"] += schema_of(after) != NEWEST or not verify_trail(after).intact
        after.close()
        file.unlink()
    return Found("migrations", wrong, {"kills": kills_, **stood, "whole_ms": 1000 * whole})


def backups(place: Place, folder: Path, rows: int) -> Found:
    """What is backed up, changed and restored must hash as before."""
    desk = open_desk("drilli", database=place.database, front=place.front)
    with desk.register.together() as within:
        bulk = type(desk)(within, desk.front, desk.user)
        for _ in range(rows):
            bulk.add(new_key(), FULL)
    with desk.register.reading() as connection:
        before = content_hash(connection)
    started = time.perf_counter()
    made = backup(desk.register, folder)
    seconds = time.perf_counter() - started
    desk.add(new_key(), FULL)
    desk.shut()
    back = restore(folder / made.file, place.database, replace=True)
    register = open_register(place.database)
    with register.reading() as connection:
        after = content_hash(connection)
    wrong = {
        "backup differs": int(made.content != before),
        "restored differs": int(after != before or back.content != before),
        "broken trail": int(not verify_trail(register).intact),
    }
    register.close()
    return Found("backups", wrong, {"rows": rows, "backup_seconds": seconds})


def full_disk(folder: Path) -> Found:
    """A form sent to a full database is refused whole, kept by its writer, and saved once room is made."""
    place = Place.files(folder)
    desk = open_desk("drilli", database=place.database, front=place.front)
    counter = open_counter(place.front)
    engine = make_engine(sa.make_url(place.front))
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_authorizer(None)
        connection.execute(f"PRAGMA max_page_count={pages}")

    sa.event.listen(counter.front.engine, "connect", limit)
    kept, refused = 0, 0
    with Receiver(counter) as receiver:
        intake, form = Intake(receiver.address), Form({**FULL, "havainto": "Asuntoja puuttuu. " * 200})
        acknowledged = []
        for _ in range(20):
            try:
                acknowledged.append(intake.send(form))
                form = Form(form.fields)
            except NotSaved as problem:
                refused += 1
                kept += problem.form is form and problem.kind == "disk"
                break
        sa.event.remove(counter.front.engine, "connect", limit)
        counter.front.engine.dispose()
        acknowledged.append(intake.send(form))
    saved = desk.take_in().saved
    wrong = {
        "never full": int(refused == 0),
        "text not kept": refused - kept,
        "lost or doubled": abs(len(acknowledged) - saved),
        "damaged files": _damaged(place),
    }
    counter.close()
    desk.shut()
    return Found("full disk", wrong, {"saved_before_and_after": saved, "refused": refused})


def make_older(file: Path, proposals: int) -> None:
    """Make a register of the first schema with proposals, decisions and its trail, as it wrote them."""
    from register_drill_older import fill

    register = Register(make_engine(sa.make_url(f"sqlite:///{file}")))
    with register.writing() as connection:
        migrate(connection, "first_proposals")
        fill(connection, proposals)
    register.scrub()
    register.close()


def _seconds_of_migration(old: Path, folder: Path) -> float:
    file = folder / "whole.sqlite"
    shutil.copyfile(old, file)
    victim = _start("migrate", f"sqlite:///{file}")
    if victim.stdout is not None:
        victim.stdout.readline()
    started = time.perf_counter()
    if victim.stdout is not None:
        victim.stdout.readline()
    seconds = time.perf_counter() - started
    victim.communicate()
    file.unlink()
    return seconds


def _kept_list(register: Register) -> list[str]:
    """List the form-key hashes of the observations that stand."""
    with register.reading() as connection:
        keys = connection.execute(sa.select(HAVAINTO.c.avain)).scalars().all()
    return [key.partition("+")[0] for key in keys]


def _kept(register: Register) -> set[str]:
    return set(_kept_list(register))


def _damaged(place: Place) -> int:
    """Count the files that SQLite's own check finds damaged."""
    found = 0
    for address in (place.database, place.front):
        with sqlite3.connect(str(sa.make_url(address).database)) as connection:
            found += connection.execute("PRAGMA integrity_check").fetchone() != ("ok",)
    return found


def _start(work: str, *arguments: object) -> subprocess.Popen[str]:
    """Start this file as a process that does one piece of work."""
    command = [sys.executable, "-u", str(Path(__file__).resolve()), work, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def _lines(worker: subprocess.Popen[str]) -> list[str]:
    out, _ = worker.communicate()
    return out.splitlines()


def _enter(front: str, each: str) -> None:
    counter = open_counter(front)
    for _ in range(int(each)):
        key, started = new_key(), time.perf_counter()
        counter.put(key, {"fields": FULL, "confirmed": 0}, receipt(key))
        print(key_hash(key), time.perf_counter() - started)


def _enter_and_take(database: str, front: str) -> None:
    desk, counter = open_desk("drilli", database=database, front=front), open_counter(front)
    while True:
        for _ in range(5):
            key = new_key()
            counter.put(key, {"fields": FULL, "confirmed": 0}, receipt(key))
            print(key_hash(key), "saved")
        desk.take_in()


def _edit(database: str, front: str, each: str, name: str, first: str) -> None:
    desk, rng = open_desk(f"drilli{name}", database=database, front=front), random.Random(int(name))
    for turn in range(int(each)):
        row = int(first) + rng.randrange(3)
        seen, text = desk.read(row)["versio"], f"ehdotus-{name}-{turn}"
        try:
            print("saved", row, desk.mask(row, {"ehdotus": text}, version=seen), text)
        except StaleVersion:
            print("refused", row, seen, text)


def _migrate(address: str) -> None:
    import alembic.command  # loaded before the clock starts

    print("ready", alembic.command.__name__)
    open_register(address).close()
    print("done")


_WORKS = {"enter": _enter, "enter_and_take": _enter_and_take, "edit": _edit, "migrate": _migrate}

if __name__ == "__main__":
    try:
        _WORKS[sys.argv[1]](*sys.argv[2:])
    except SosrakeError as problem:
        sys.exit(str(problem))
