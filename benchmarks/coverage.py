"""Coverage proof: intervals and tests of every estimator on invented data whose truth is known.

    python benchmarks/coverage.py                       # 2 000 draws a cell; writes the document and the data
    python benchmarks/coverage.py --draws 200 --only twfe --dry   # a look, nothing written

Writes docs/coverage.md and sosrake_lib/effects/coverage.toml, which the ladder reads. Seeded: each cell has a
generator of its own, so the figures do not depend on the number of processes. Run by `make drills`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path

# Small matrices: threads of the linear algebra only wait for each other (tenfold time on two cores).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from coverage_cells import cells
from coverage_report import Row, row_of, write_data, write_document
from coverage_task import Cell

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENT = PROJECT / "docs" / "coverage.md"
DATA = PROJECT / "sosrake_lib" / "effects" / "coverage.toml"
DRAWS, SEED = 2_000, 4


def worked(place: int, draws: int, seed: int) -> Row:
    """Run one cell by its place in the list."""
    warnings.simplefilter("ignore")
    cell = cells()[place]
    begun = time.process_time()
    found = cell.tested(draws, seed)
    return row_of(cell, found, time.process_time() - begun)


def all_worked(
    places: Sequence[int], draws: int, seed: int, processes: int, keep: Path | None = None
) -> list[Row]:
    """Run cells, telling each as it is ready; those in the file `keep` are not run again."""
    work = partial(worked, draws=draws, seed=seed)
    kept = _kept(keep)
    listed = cells()
    left = [place for place in places if _name(listed[place]) not in kept]
    if processes == 1:
        fresh = [_told(row, keep) for row in map(work, left)]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            fresh = [_told(row, keep) for row in pool.map(work, left)]
    found = kept | {_name(row): row for row in fresh}
    return [found[_name(listed[place])] for place in places]


def _name(cell: Cell | Row) -> tuple[str, ...]:
    return cell.estimator, cell.variant, cell.size, cell.world


def _kept(keep: Path | None) -> dict[tuple[str, ...], Row]:
    if keep is None or not keep.exists():
        return {}
    rows = [Row(**json.loads(line)) for line in keep.read_text(encoding="utf-8").splitlines()]
    return {_name(row): row for row in rows}


def _told(row: Row, keep: Path | None) -> Row:
    if keep is not None:
        with keep.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")
    name = f"{row.estimator}, {row.variant}, {row.size}, {row.world}"
    print(
        f"{name:<88} coverage {row.coverage:.3f} of {row.level:.3f}  error {row.error:.3f}  "
        f"{row.verdict:<8} {row.seconds:6.1f} s",
        flush=True,
    )
    return row


def main() -> int:
    """Run the simulation and write what it gave."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--only", default="", help="cells with this in their name; nothing is written")
    parser.add_argument(
        "--keep", type=Path, help="file of finished cells: an interrupted run goes on from it"
    )
    parser.add_argument("--dry", action="store_true", help="write nothing")
    chosen = parser.parse_args()
    places = [place for place, cell in enumerate(cells()) if chosen.only in cell.key]
    rows = all_worked(places, chosen.draws, chosen.seed, chosen.processes, chosen.keep)
    spent = sum(row.seconds for row in rows)
    print(f"{len(rows)} cells, {sum(row.verdict == 'fails' for row in rows)} fail, {spent / 60:.1f} minutes")
    if not any(row.verdict == "fails" for row in rows) and not chosen.only:
        print("Nothing fails: the simulation is wrong.")
        return 1
    if not (chosen.dry or chosen.only):
        options = "" if chosen.draws == DRAWS else f" --draws {chosen.draws}"
        options += "" if chosen.seed == SEED else f" --seed {chosen.seed}"
        command = f"python benchmarks/coverage.py{options}"
        write_document(rows, DOCUMENT, command=command, seed=chosen.seed, seconds=spent)
        write_data(rows, DATA, chosen.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
