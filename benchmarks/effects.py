"""Effects in one run: draws on 43 units x 10 years, fixed effects on a million rows, 16 000 controls.

Prints medians of processor and wall seconds beside their limits: 9 999 draws within 2 s; two-way fixed
effects with 1 000 000 rows and 50 000 units within twice the faster of linearmodels and diff-diff, measured
in turn in the same run; weighting and matching on 16 000 controls within 5 s. No benchmark fails on time.

The peers may not be dependencies. To have them in the run:

    python -m venv PEERS && PEERS/bin/pip install linearmodels==7.1 diff-diff==3.13
    python benchmarks/effects.py --peers-python PEERS/bin/python

Run by `make drills` (EFFECTS_PEERS_PYTHON=PEERS/bin/python make drills).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import effects_data as data
import numpy as np
from indicator_task import Times, difference

from sosrake_lib.effects import did, matching, synthetic

DRAWS, UNITS, YEARS, TREATED, START = 9_999, 43, 10, 5, 6
CONTROLS = 16_000
PEERS = ("linearmodels", "diff-diff")
HOW = "python -m venv PEERS && PEERS/bin/pip install linearmodels==7.1 diff-diff==3.13, then --peers-python"
Run = Callable[[], Any]


def draws() -> list[tuple[str, float, Run]]:
    """The tests that draw, name, limit in seconds and run."""
    table = data.panel(UNITS, YEARS, TREATED, START)
    one = data.panel(UNITS, YEARS, 1, START)
    named = {"outcome": "y", "treatment": "on", "unit": "unit", "time": "year"}
    alike = synthetic.fit_synthetic(table, **named)
    alone = synthetic.fit_synthetic(one, **named)
    return [
        ("wild cluster bootstrap", 2.0, lambda: did.wild_cluster_bootstrap(table, **named, draws=DRAWS)),
        ("randomisation inference", 2.0, lambda: did.randomisation_inference(table, **named, draws=DRAWS)),
        (
            "synthetic control, sets of five placebos",
            2.0,
            lambda: synthetic.placebo_in_space(alike, draws=DRAWS),
        ),
        ("synthetic control, one treated, every placebo", 2.0, lambda: synthetic.placebo_in_space(alone)),
    ]


def weighting() -> list[tuple[str, float, Run]]:
    """Weighting and matching of 185 treated on 16 000 controls."""
    table = data.people(CONTROLS)
    named: dict[str, Any] = {
        "outcome": "y",
        "treatment": "t",
        "covariates": [f"x{place}" for place in range(8)],
    }
    return [
        ("AIPW, ATE", 5.0, lambda: matching.augmented_weighting(table, **named)),
        ("AIPW, ATT", 5.0, lambda: matching.augmented_weighting(table, **named, estimand="ATT")),
        ("IPW, ATT", 5.0, lambda: matching.inverse_probability_weighting(table, **named)),
        ("matching, greedy", 5.0, lambda: matching.propensity_matching(table, **named)),
        (
            "matching, with replacement",
            5.0,
            lambda: matching.propensity_matching(table, **named, replace=True),
        ),
        (
            "matching, with replacement, ATE",
            5.0,
            lambda: matching.propensity_matching(table, **named, replace=True, estimand="ATE"),
        ),
    ]


class Peers:
    """The peers' own interpreter: asked a task, it answers with its times and numbers."""

    def __init__(self, python: str) -> None:
        script = str(Path(__file__).with_name("effects_peers.py"))
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [python, script], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
        )
        self.versions: dict[str, str] = json.loads(self._line() or "{}")

    def _line(self) -> str:
        return self.process.stdout.readline() if self.process.stdout else ""

    def ask(self, name: str, rows: int, times: Times) -> None:
        """Run a task once and add its times."""
        if self.process.stdin is None or times.fault:
            return
        self.process.stdin.write(f"{name} {rows}\n")
        self.process.stdin.flush()
        answer = json.loads(self._line() or '{"fault": "its process ended"}')
        times.fault = answer.get("fault", "")
        if not times.fault:
            times.cpu.append(answer["cpu"])
            times.wall.append(answer["wall"])
            times.numbers = answer["numbers"]

    def close(self) -> None:
        """End the interpreter."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(10)


def start_peers(python: str | None) -> Peers | None:
    """Start the peers' interpreter, or say in words how to get one."""
    try:
        peers = None if python is None else Peers(python)
    except OSError as fault:
        print(f"{python} does not start ({fault.strerror})")
        peers = None
    if peers is None:
        print(f"linearmodels and diff-diff are not measured. To measure them: {HOW}")
    return peers


def fixed_effects(rows: int, rounds: int, peers: Peers | None) -> None:
    """Two-way fixed effects beside the peers, in turn."""
    table = data.large_panel(rows)
    print(f"\nTwo-way fixed effects, {rows} rows, {rows // 20} units, errors clustered by unit")

    def ours() -> list[float]:
        found = did.twfe(
            table, outcome="y", treatment="on", unit="unit", time="year", standard_error="cluster"
        )
        return [found.estimate, found.standard_error]

    times = {name: Times() for name in ("ours", *(peers.versions if peers else ()))}
    for _ in range(rounds):
        times["ours"].add(ours)
        for name in peers.versions if peers else ():
            if peers is not None:
                peers.ask(name, rows, times[name])
    for name, one in times.items():
        version = f" {peers.versions[name]}" if peers and name in peers.versions else ""
        said = one.fault or f"{_seconds(one)}  {difference(times['ours'].numbers, one.numbers)}"
        print(f"  {name + version:<46} {said}")
    fastest = [statistics.median(one.wall) for name, one in times.items() if name != "ours" and one.wall]
    if fastest:
        ratio = statistics.median(times["ours"].wall) / min(fastest)
        print(f"  ours takes {ratio:.2f} times the faster peer (limit 2)")


def _seconds(times: Times) -> str:
    return f"{statistics.median(times.cpu):8.3f} s cpu {statistics.median(times.wall):8.3f} s wall"


def show(title: str, tasks: list[tuple[str, float, Run]], rounds: int, only: str) -> None:
    """Time tasks one after another, print each beside its limit."""
    print(f"\n{title}")
    for name, limit, run in tasks:
        if only and only.lower() not in name.lower():
            continue
        times = Times()
        for _ in range(rounds):
            times.add(run)
        within = "within" if statistics.median(times.cpu) <= limit else "OVER"
        print(f"  {name:<46} {_seconds(times)}  {within} {limit:g} s", flush=True)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", default="", help="only draws and weightings with this in their name")
    parser.add_argument("--no-panel", action="store_true", help="leave the million rows out")
    parser.add_argument("--peers-python", default=os.environ.get("EFFECTS_PEERS_PYTHON") or None)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    version, rounds = sys.version.split()[0], chosen.rounds
    print(f"{os.cpu_count()} cores, Python {version}, numpy {np.__version__}; medians of {rounds} rounds")
    size = f"{DRAWS} draws, {UNITS} units x {YEARS} years, {TREATED} treated"
    show(size, draws(), rounds, chosen.only)
    show(f"185 treated, {CONTROLS} controls, 8 covariates", weighting(), rounds, chosen.only)
    if not chosen.no_panel and (not chosen.only or chosen.only == "fixed effects"):
        peers = start_peers(chosen.peers_python)
        fixed_effects(chosen.rows, rounds, peers)
        if peers is not None:
            peers.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
