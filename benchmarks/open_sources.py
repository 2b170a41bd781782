"""Drill of `sosrake gather all`: killed at random moments, it must end with what an undisturbed run stores.

    python benchmarks/open_sources.py [--kills 10] [--seed 1]

A stand-in for Sotkanet and Kela runs in this process and knows every verified indicator of the catalogue. The
command runs as a process of its own, is killed (SIGKILL) after a random time and started again until it ends.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests"))

from standin import answers  # noqa: E402
from standin.server import StandIn  # noqa: E402

from sosrake_lib import catalogue  # noqa: E402


def main() -> None:
    """Run the drill and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    teach_all_indicators()
    with StandIn() as server, tempfile.TemporaryDirectory() as scratch:
        whole, calls, seconds = undisturbed(server, Path(scratch) / "whole")
        print(f"undisturbed: {len(whole)} files, {calls} calls, {seconds:.0f} s")
        kills, again = disturbed(server, Path(scratch) / "killed", given.kills, given.seed, seconds)
        same = kept(Path(scratch) / "killed") == whole
    print(f"killed {kills} times: the same files and rows {same}, calls in all {again} (undisturbed {calls})")
    if not same:
        sys.exit(1)


def teach_all_indicators() -> None:
    """Let the stand-in know each verified indicator by its title, with the figures of indicator 181."""
    real = answers.sotkanet_data
    for one in catalogue.indicators():
        if one.sotkanet is not None and one.verified:
            answers.TITLES[one.sotkanet] = one.title

    def data(number: int, years: list[str], genders: list[str]) -> list[dict[str, Any]]:
        own = real(number, years, genders)
        if own:
            return own
        # The counts of indicator 181 fit its own rates only; the others go without.
        rows = real(181, years, genders)
        return [{**row, "indicator": number, "absValue": None} for row in rows]

    def whole(*asked: Any) -> list[dict[str, Any]]:
        return [{name: cell for name, cell in row.items() if cell is not None} for row in data(*asked)]

    answers.sotkanet_data = whole


def undisturbed(server: StandIn, home: Path) -> tuple[dict[str, str], int, float]:
    """Run the command to its end: what it stored, the calls it made, seconds."""
    before, begun = len(server.calls), time.monotonic()
    start(server, home).wait()
    return kept(home), len(server.calls) - before, time.monotonic() - begun


def disturbed(server: StandIn, home: Path, kills: int, seed: int, seconds: float) -> tuple[int, int]:
    """Start and kill the command `kills` times at random moments, then let it end; kills and calls made."""
    rng, before, done = random.Random(seed), len(server.calls), 0
    for _ in range(kills):
        process = start(server, home)
        try:
            process.wait(rng.uniform(0.2, 0.9) * seconds / 2)
        except subprocess.TimeoutExpired:
            process.kill()
            done += 1
        process.wait()
    start(server, home).wait()
    return done, len(server.calls) - before


def start(server: StandIn, home: Path) -> subprocess.Popen[bytes]:
    """Start the command with a memory of its own."""
    command = [sys.executable, "-m", "sosrake_lib", "gather", "all", "--project", str(PROJECT)]
    command += ["--address", f"sotkanet={server.sotkanet()}", "--address", f"kela={server.kela()}"]
    environment = {**os.environ, "SOSRAKE_HOME": str(home)}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet, cwd=PROJECT)


def kept(home: Path) -> dict[str, str]:
    """Give a hash of the rows of each stored file; the day of retrieval does not count."""
    found = {}
    for file in sorted((home / "gathered").glob("*.parquet")):
        rows = pd.read_parquet(file).drop(columns=["retrieved"])
        found[file.name] = hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest()
    return found


if __name__ == "__main__":
    main()
