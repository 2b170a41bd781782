"""Random damage to clean tables: every damaged file gets a verdict, and none ends in a traceback.

    python benchmarks/import_mutations.py [--csv 10000] [--books 1000] [--seed 20260701]

Bytes are changed, taken away, doubled and put in; of workbooks also inside the packed XML, so that damage
reaches the parser. Prints how many files got which verdict, and the slowest; ends with 1 when one failed.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import import_tables

from sosrake_lib.gather.findings import VERDICTS
from sosrake_lib.gather.tables import check_file

ROUNDS_SHOWN = 3


@dataclass
class Told:
    """Verdicts of damaged files, failures and the slowest."""

    verdicts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0


def damaged(body: bytes, dice: random.Random) -> bytes:
    """Change one to six places of some bytes."""
    made = bytearray(body)
    for _ in range(dice.randint(1, 6)):
        if not made:
            return bytes(made)
        place, way = dice.randrange(len(made)), dice.randrange(6)
        if way <= 2:
            made[place] = dice.randrange(256)
        elif way == 3:
            del made[place : place + dice.randint(1, 20)]
        elif way == 4:
            made[place:place] = made[place : place + dice.randint(1, 40)]
        else:
            made[place:place] = dice.choice(
                (b'"', b";", b"\n", b"\r", b"\0", b"\xff", b"\xe4", b"=", b"<", b"9" * 20)
            )
    return bytes(made)


def damaged_book(body: bytes, dice: random.Random) -> bytes:
    """Damage a workbook: half the time its packed bytes, half the time the XML within."""
    if dice.random() < 0.5:
        return damaged(body, dice)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        entries = [entry for entry in old.namelist() if entry.endswith((".xml", ".rels"))]
        table = next(entry for entry in entries if entry.endswith(("sheet1.xml", "content.xml")))
        chosen = table if dice.random() < 0.6 else dice.choice(entries)
        for entry in old.namelist():
            content = old.read(entry)
            new.writestr(entry, damaged(content, dice) if entry == chosen else content)
    return out.getvalue()


def run(body: bytes, ending: str, rounds: int, seed: int, folder: Path) -> Told:
    """Judge so many damaged copies of a file."""
    dice = random.Random(seed)
    told = Told()
    file = folder / f"vika{ending}"
    for number in range(rounds):
        file.write_bytes(damaged(body, dice) if ending == ".csv" else damaged_book(body, dice))
        start = time.perf_counter()
        try:
            verdict = check_file(file, "asiakkaat").verdict
            if verdict not in VERDICTS:
                raise ValueError(f"no verdict: {verdict!r}")
            told.verdicts[verdict] += 1
        except Exception:
            told.failures.append(f"{ending} {number}\n{traceback.format_exc()}")
        told.slowest = max(told.slowest, time.perf_counter() - start)
    return told


def clean(folder: Path, count: int = 30) -> dict[str, bytes]:
    """Make a clean table as text, Excel and OpenDocument."""
    lines = import_tables.rows(count)
    text = (import_tables.HEADER + "\n".join(lines) + "\n").encode()
    import_tables.as_xlsx(lines, folder / "ehja.xlsx")
    import_tables.as_ods(lines, folder / "ehja.ods")
    return {
        ".csv": text,
        ".xlsx": (folder / "ehja.xlsx").read_bytes(),
        ".ods": (folder / "ehja.ods").read_bytes(),
    }


def main() -> None:
    """Damage files and tell the verdicts."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--csv", type=int, default=10_000)
    asked.add_argument("--books", type=int, default=1_000)
    asked.add_argument("--seed", type=int, default=20260701)
    options = asked.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="sosrake-import-") as name:
        folder = Path(name)
        for ending, body in clean(folder).items():
            rounds = options.csv if ending == ".csv" else options.books
            told = run(body, ending, rounds, options.seed, folder)
            counts = ", ".join(f"{verdict} {told.verdicts[verdict]}" for verdict in VERDICTS)
            print(f"{ending:6} {rounds} damaged files: {counts}; {len(told.failures)} tracebacks; ", end="")
            print(f"slowest {told.slowest:.2f} s")
            for failure in told.failures[:ROUNDS_SHOWN]:
                print(failure)
            failed += len(told.failures)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
