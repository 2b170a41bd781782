"""Ours beside the least that must be hidden, and beside pytauargus, on one seeded set of small tables.

    python -m venv PEERS && PEERS/bin/pip install pytauargus==0.6.0
    python benchmarks/protect_peers.py --peers-python PEERS/bin/python --write docs/protect.md

pytauargus (EUPL-1.2) is no dependency: its own interpreter starts this file again with `--peer`, and answers
a table of counts by the marks of its cells. The minimum is found by an integer program that looks at sizes
(`protect.exhaustive`), pytauargus looks at them too; ours does not, so that nobody can replay its choice.
All three are judged by the same attack, at the same width: a hidden small count keeps k - 1 whole steps.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROWS, COLUMNS = 6, 5
# Its frequency rule keeps a hidden count free by a share of the count itself; at 400 per cent it answered
# none of these tables, so it is run at 100.
PEER, RANGES = "pytauargus 0.6.0, OPT, turvaväli {} %", (100,)
START, END = "<!-- protect_peers: alku -->", "<!-- protect_peers: loppu -->"
HEAD = (
    "| tapa | taulut | soluja peitetty | asiakkaita peitetty | hitain taulu | "
    "pieni luku palautuu tai kapenee |"
)


def tables(count: int, minimum: int) -> list[list[list[int]]]:
    """Make tables of up to 30 cells with at least one small count, half of them crowded."""
    import numpy as np

    made: list[list[list[int]]] = []
    seed = 0
    while len(made) < count:
        random = np.random.default_rng(seed)
        drawn = random.poisson(random.gamma(0.8 + seed % 2, 12.0, size=(ROWS, COLUMNS)))
        seed += 1
        if ((drawn > 0) & (drawn < minimum)).any():
            made.append(drawn.tolist())
    return made


def peer() -> int:
    """Answer tables by pytauargus: one line of JSON in, the hidden places (margins last) and seconds out."""
    from pytauargus import protect  # only in the peers' own interpreter

    for line in sys.stdin:
        asked = json.loads(line)
        people: dict[str, list] = {"r": [], "c": [], "one": []}
        for row, counts in enumerate(asked["table"]):
            for column, count in enumerate(counts):
                people["r"] += [f"r{row}"] * count
                people["c"] += [f"c{column}"] * count
                people["one"] += [1] * count
        begun = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory() as folder:
                rule = f"FREQ({asked['minimum']},{asked['range']})"
                found = protect(people, ["r", "c"], response="one", safety_rules=rule, suppress="OPT(1)",
                                workdir=folder)  # fmt: skip
                marks = [one in ("U", "M") for one in found.tables[0].status()]
            answer = {"marks": marks, "seconds": time.perf_counter() - begun}
        except Exception as fault:  # the peer's own fault is a result here
            answer = {"fault": f"{type(fault).__name__}: {fault}"[:200]}
        print(json.dumps(answer), flush=True)
    return 0


@dataclass(slots=True)
class Sum:
    """What one way hid over all tables."""

    tables: int = 0
    cells: int = 0
    hidden: int = 0
    clients: float = 0.0
    hidden_clients: float = 0.0
    slowest: float = 0.0
    weak: int = 0

    def add(self, table, hidden, seconds: float, minimum: int) -> None:
        """Count one table in; `hidden` has the table's shape, or margins last."""
        import numpy as np

        from sosrake_lib.protect import exhaustive

        counts = np.asarray(table)
        found = exhaustive.feasible(counts, hidden)[:-1, :-1]
        small = (counts > 0) & (counts < minimum)
        inner = np.asarray(hidden)[: counts.shape[0], : counts.shape[1]]
        self.weak += int(((found[..., 1] - found[..., 0])[small] < minimum - 1).sum())
        self.tables, self.cells = self.tables + 1, self.cells + counts.size
        self.hidden, self.clients = self.hidden + int(inner.sum()), self.clients + float(counts.sum())
        self.hidden_clients += float(counts[inner].sum())
        self.slowest = max(self.slowest, seconds)


def ours(table, minimum: int):
    """Hide by the library's own choice: marks with margins last, and seconds."""
    import numpy as np
    import pandas as pd

    from sosrake_lib import protect, regions

    codes = regions.members("hva", "E1", 2026)[: len(table)]
    rows = []
    whole = np.asarray(table, dtype=float)
    whole = np.vstack([whole, whole.sum(axis=0)])
    whole = np.hstack([whole, whole.sum(axis=1, keepdims=True)])
    for place, line in enumerate(whole):
        for column, count in enumerate(line):
            area = ("kunta", codes[place]) if place < len(codes) else ("hva", "E1")
            group = f"c{column}" if column < whole.shape[1] - 1 else "all"
            rows.append((*area, group, count))
    frame = pd.DataFrame(rows, columns=["region_level", "region_code", "group", "value"])
    fixed = {
        "indicator": "vertailu",
        "borders": 2026,
        "period": "2024",
        "status": "ok",
        "origin": "synthetic",
    }
    given = protect.part(frame.assign(**fixed), protect.rule_set("vakio", minimum_count=minimum), ("group",))
    begun = time.perf_counter()
    made = protect.release({"taulu": given}, name="vertailu", preview=True)
    seconds = time.perf_counter() - begun
    shown = protect.protected_frame(made.select("taulu"))
    key = ["region_level", "region_code", "group"]
    marks = frame[key].merge(shown[[*key, "status"]], on=key, how="left")["status"] != "ok"
    return marks.to_numpy().reshape(whole.shape), seconds


def asked(process: subprocess.Popen | None, question: dict) -> dict:
    """Ask the peer about one table."""
    if process is None or process.stdin is None or process.stdout is None:
        return {"fault": "the peer's interpreter cannot be spoken to"}
    process.stdin.write(json.dumps(question) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline() or '{"fault": "the peer ended"}')


def compared(count: int, minimum: int, peers: str | None) -> dict[str, Sum]:
    """Hide each table in each way."""
    import numpy as np

    from sosrake_lib.protect import exhaustive

    sums = {"vähin mahdollinen (MILP, katsoo lukuja)": Sum(), "sosrake (ei katso peitettyjä lukuja)": Sum()}
    least, own = sums
    process = None
    if peers is not None:
        sums |= {PEER.format(one): Sum() for one in RANGES}
        process = subprocess.Popen([peers, __file__, "--peer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   text=True)  # fmt: skip
    for table in tables(count, minimum):
        counts = np.asarray(table)
        small = (counts > 0) & (counts < minimum)
        begun = time.perf_counter()
        found = exhaustive.least_hidden(counts, small, minimum - 1).hidden
        sums[least].add(table, found, time.perf_counter() - begun, minimum)
        marks, seconds = ours(table, minimum)
        sums[own].add(table, marks, seconds, minimum)
        for one in RANGES if process is not None else ():
            answer = asked(process, {"table": table, "minimum": minimum, "range": one})
            if "fault" in answer:
                print(f"pytauargus: {answer['fault']}", file=sys.stderr)
                continue
            marks = np.roll(np.array(answer["marks"]).reshape(ROWS + 1, COLUMNS + 1), (-1, -1), (0, 1))
            sums[PEER.format(one)].add(table, marks, answer["seconds"], minimum)
    if process is not None and process.stdin:
        process.stdin.close()
        process.wait(timeout=30)
    return sums


def main() -> int:
    """Compare as the options say; write the table between the markers of a document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=40)
    parser.add_argument("--minimum", type=int, default=5)
    parser.add_argument("--peers-python")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    if given.peer:
        return peer()
    lines = [HEAD, "|" + "---|" * 6]
    for name, found in compared(given.tables, given.minimum, given.peers_python).items():
        shares = (found.hidden / max(found.cells, 1), found.hidden_clients / max(found.clients, 1.0))
        told = [f"{100 * share:.1f} %".replace(".", ",") for share in shares]
        seconds = f"{found.slowest:.2f} s".replace(".", ",")
        lines.append("| " + " | ".join([name, str(found.tables), *told, seconds, str(found.weak)]) + " |")
    print("\n".join(lines))
    if given.write is not None:
        sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
        from document_parts import renew_between

        renew_between(given.write, START, END, "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
