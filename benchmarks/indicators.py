"""Indicators in one run: ours beside statsmodels, pingouin, PHStatsMethods, numpy and a pandas loop.

Sides take turns (A B A B), medians of the rounds are printed: processor and wall seconds, time per unit of
work against ours, and how far the numbers differ. Then every public frame function of the indicators on 300
areas x 30 years x 50 indicators (450 000 rows) beside its limit of 2 s. A benchmark never fails on time.

pingouin (GPL) and PHStatsMethods may not be dependencies. To have them in the run, put them into a throw-away
environment of their own and name its Python:

    python -m venv PEERS && PEERS/bin/pip install pingouin PHStatsMethods
    python benchmarks/indicators.py --peers-python PEERS/bin/python

Run by `make drills` (PEERS_PYTHON=PEERS/bin/python make drills), or with `--only gini`, `--no-frames`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import indicator_frames
import indicator_pairs_answers
import indicator_pairs_areas
import indicator_pairs_rates
import indicator_pairs_series
from indicator_task import Side, Task, Times, difference

PEERS = ("PHStatsMethods", "pingouin")
HOW = (
    "python -m venv PEERS && PEERS/bin/pip install pingouin PHStatsMethods, "
    "then --peers-python PEERS/bin/python"
)


class Peers:
    """The peers' own interpreter: asked a task by name, it answers with its times and numbers."""

    def __init__(self, python: str) -> None:
        script = Path(__file__).with_name("indicator_peers.py")
        self.process = subprocess.Popen(
            [python, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self.versions = json.loads(self._line() or "{}")

    def _line(self) -> str:
        return self.process.stdout.readline() if self.process.stdout else ""

    def ask(self, task: str) -> dict[str, Any]:
        """Run a task once."""
        if self.process.stdin is None:
            return {"fault": "no input"}
        self.process.stdin.write(f"{task}\n")
        self.process.stdin.flush()
        return json.loads(self._line() or '{"fault": "its process ended"}')

    def close(self) -> None:
        """End the interpreter."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(10)


def start_peers(python: str | None) -> Peers | None:
    """Start the peers' interpreter, or say in words how to get one."""
    if python is None and all(importlib.util.find_spec(name) for name in PEERS):
        python = sys.executable
    if python is None:
        print(f"pingouin and PHStatsMethods are not measured. To measure them: {HOW}")
        return None
    try:
        peers = Peers(python)
    except OSError as fault:
        print(f"{python} does not start ({fault.strerror}). {HOW}")
        return None
    print("Peers' interpreter: " + ", ".join(f"{name} {version}" for name, version in peers.versions.items()))
    lacking = [name for name in PEERS if name not in peers.versions]
    if lacking:
        print(f"{' and '.join(lacking)} not found in {python}. {HOW}")
    return peers


def measured(task: Task, rounds: int, peers: Peers | None) -> dict[str, Times]:
    """Run all sides of a task in turn, round after round."""
    sides = [task.ours, *task.peers]
    times = {side.name: Times() for side in sides}
    runs = {side.name: side.prepare() for side in sides if side.prepare is not None}
    for _ in range(rounds):
        for side in sides:
            of_side = times[side.name]
            if side.prepare is not None:
                of_side.add(runs[side.name])
            elif peers is None:
                of_side.fault = "not measured"
            elif not of_side.fault:
                answer = peers.ask(side.name)
                of_side.fault = answer.get("fault", "")
                if not of_side.fault:
                    of_side.cpu.append(answer["cpu"])
                    of_side.wall.append(answer["wall"])
                    of_side.numbers = answer["numbers"]
    return times


def show(task: Task, times: dict[str, Times]) -> None:
    """Print a task: a line a side."""
    print(f"\n{task.name} ({task.size})")
    ours = times[task.ours.name]
    for side in (task.ours, *task.peers):
        found = times[side.name]
        if found.fault:
            print(f"  {side.name:<36} {found.fault}")
            continue
        cpu, wall = statistics.median(found.cpu), statistics.median(found.wall)
        print(f"  {side.name:<36} {cpu:8.3f} s cpu {wall:8.3f} s wall{_beside(task, side, found, ours)}")


def _beside(task: Task, side: Side, found: Times, ours: Times) -> str:
    if side is task.ours:
        return ""
    each = statistics.median(found.cpu) / side.work
    of_ours = statistics.median(ours.cpu) / task.ours.work
    part = "" if side.work == task.ours.work else f" (did 1/{task.ours.work / side.work:.0f} of the work)"
    words = [f"{each / of_ours:9.3g}x ours{part}", difference(ours.numbers, found.numbers)]
    return "; ".join([*words, side.note] if side.note else words)


def main() -> int:
    """Run the comparisons and the sweep over frame functions, and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="only comparisons and functions with this in their name")
    parser.add_argument("--no-frames", action="store_true", help="leave the sweep over frame functions out")
    parser.add_argument("--no-pairs", action="store_true", help="only the sweep")
    parser.add_argument("--strata", type=int, default=20_000_000, help="size of the large standardisation")
    parser.add_argument("--peers-python", default=os.environ.get("PEERS_PYTHON") or None)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; medians of {chosen.rounds} rounds, in turn"
    )
    if not chosen.no_pairs:
        peers = start_peers(chosen.peers_python)
        groups = max(chosen.strata // indicator_pairs_rates.AGES, 1)
        pairs = [
            *indicator_pairs_rates.tasks(groups),
            *indicator_pairs_areas.tasks(),
            *indicator_pairs_series.tasks(),
            *indicator_pairs_answers.tasks(),
        ]
        for task in pairs:
            if chosen.only.lower() in f"{task.name} {task.ours.name}".lower():
                show(task, measured(task, chosen.rounds, peers))
                sys.stdout.flush()
        if peers is not None:
            peers.close()
    if not chosen.no_frames:
        indicator_frames.sweep(chosen.only, chosen.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
