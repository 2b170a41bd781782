"""Register drill: entries at once, kills, edit races, killed migrations, backups, a full disk.

Run by `make drills`, or in small by `python benchmarks/register_drill.py --share 0.05`. With `--postgresql
ADDRESS` the parts that need no file run on that (empty) database too. Prints one line a part; exit code 1
when anything was lost, doubled, overwritten unseen or damaged, or one entry in a hundred took over half a
second.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
SEED = 20261122
SLOWEST_P99_MS = 500.0


def main() -> int:
    """Run every part and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=1.0, help="part of the full numbers")
    parser.add_argument("--postgresql", default=None, help="address of an empty database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="register-drill-") as room:
        os.environ["SOSRAKE_HOME"] = room
        return _run(Path(room), given.share, given.postgresql)


def _run(room: Path, share: float, server: str | None) -> int:
    import register_drill_parts as parts

    def of(whole: int) -> int:
        return max(2, round(whole * share))

    files = parts.Place.files
    work: list[Callable[[], parts.Found]] = [
        lambda: parts.entries(files(room / "entries"), 8, of(1000)),
        lambda: parts.kills(files(room / "kills"), of(50), SEED),
        lambda: parts.races(files(room / "races"), 8, of(125)),
        lambda: parts.migrations(room / "migrations", of(20), of(2000), SEED),
        lambda: parts.backups(files(room / "backups"), room / "backups", of(2000)),
        lambda: parts.full_disk(room / "full"),
    ]
    if server is not None:
        place = parts.Place(server, server)
        work += [
            lambda: parts.entries(place, 8, of(1000)),
            lambda: parts.kills(place, of(15), SEED),
            lambda: parts.races(place, 8, of(40)),
            lambda: parts.backups(place, room / "server", of(2000)),
        ]
    slow, failed = 0, 0
    for one in (part() for part in work):
        failed += not one.fine
        slow += one.figures.get("p99_ms", 0.0) > SLOWEST_P99_MS
        figures = ", ".join(f"{name} {value:.4g}" for name, value in one.figures.items())
        wrong = ", ".join(f"{name} {count}" for name, count in one.wrong.items())
        print(f"{one.part}: {figures}; {wrong}; {'fine' if one.fine else 'WRONG'}", flush=True)
    return 1 if slow or failed else 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    sys.exit(main())
