"""Fifty million synthetic records on DuckDB: time and memory of counts made where the records are.

DuckDB makes the records itself (range and a seeded hash) into a file of its own; a child process then counts
through `sosrake_lib.gather.counting`, so that its peak memory is that of the counting alone.

Run: python benchmarks/records.py [--rows 50000000] [--threads 2] [--write]   (--write: docs/reliability.md)
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "reliability.md"
TITLE = "## Laskenta tietokannassa"
SEED = 20260701
SECONDS = 600
MAKE = f"""
create table palvelutarpeet as select
    'E0' || (1 + hash(i, {SEED}) % 8) as region_code,
    case when hash(i, {SEED} + 1) % 100 < 52 then 'female' else 'male' end as sex,
    (hash(i // 12, {SEED} + 2) % 4000000)::integer as client,
    (i // 2)::integer as assessment,
    (hash(i, {SEED} + 3) % 120)::integer as days,
    date '2021-01-01' + (hash(i, {SEED} + 4) % 1826)::integer as contact,
    'tarve_' || (1 + hash(i, {SEED} + 5) % 10) as need
from range(?) t(i)
"""


def made(file: Path, rows: int, threads: int) -> float:
    """Make the records; give the seconds it took."""
    import duckdb

    begun = time.perf_counter()
    with duckdb.connect(str(file), config={"threads": threads}) as connection:
        connection.execute(MAKE, [rows])
    return time.perf_counter() - begun


def counted(file: Path, what: str) -> dict[str, float]:
    """Count in a process of its own: seconds of the count, groups and peak memory in MB."""
    command = [sys.executable, __file__, "--child", str(file), what]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS)
    return json.loads(done.stdout.splitlines()[-1])


def child(file: str, what: str) -> None:
    """Count once and print what it took."""
    from sosrake_lib.gather import counting

    begun = time.perf_counter()
    found = counting.count(file, "palvelutarpeet", counting.aggregation(what))
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "groups": len(found.rows), "rows": found.counted_rows, "mb": peak}))


def page(rows: int, making: float, size: float, results: dict[str, dict[str, float]]) -> str:
    """Give the section of the page of figures."""
    told = f"{rows:,}".replace(",", "\u00a0")
    lines = [
        TITLE,
        "",
        f"Command: `python benchmarks/records.py --write`. {told} synthetic records made by DuckDB in",
        f"{making:.0f} s ({size:.1f} GB on disk), counted in a process of its own on a machine of two cores",
        "shared with other work, at low priority. Time is from opening the file to the finished table; peak",
        "memory is that of the whole process, Python and its libraries too. One run.",
        "",
        "| definition | groups | seconds | peak memory, MB |",
        "|---|---|---|---|",
    ]
    for what, one in results.items():
        lines.append(f"| `{what}` | {one['groups']:.0f} | {one['seconds']:.1f} | {one['mb']:.0f} |")
    lines += [
        "",
        "The same definitions give equal frames on DuckDB, PostgreSQL and Spark (`tests/test_counting.py`).",
        "",
    ]
    return "\n".join(lines)


def put(section: str) -> None:
    """Put the section in the page, in the place of the earlier one."""
    text = PAGE.read_text(encoding="utf-8")
    before, found, after = text.partition(TITLE)
    rest = after.partition("\n## ")
    kept = f"## {rest[2]}" if found and rest[1] else ""
    PAGE.write_text(f"{before.rstrip()}\n\n{section}{kept and chr(10)}{kept}", encoding="utf-8")


def main() -> None:
    """Make, count, tell."""
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:4])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sosrake-records-") as folder:
        file = Path(folder) / "records.duckdb"
        making = made(file, given.rows, given.threads)
        size = file.stat().st_size / 1e9
        results = {what: counted(file, what) for what in ("tarpeet", "arvioinnit")}
    section = page(given.rows, making, size, results)
    print(section)
    if given.write:
        put(section)


if __name__ == "__main__":
    main()
