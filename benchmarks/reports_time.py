"""Time the main job: a first run of every page on a fresh output folder, then a run with nothing changed.

Prints seconds, and the second run as a share of the first. Run: python benchmarks/reports_time.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def seconds_of(output: Path, home: Path) -> float:
    """Run `sosrake reports` into a folder and give the seconds it took."""
    environment = {**os.environ, "SOSRAKE_HOME": str(home)}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "sosrake_lib", "reports", "--output", str(output)],
        cwd=PROJECT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def main() -> None:
    """Print both times side by side."""
    with tempfile.TemporaryDirectory() as folder:
        output, home = Path(folder) / "reports", Path(folder) / "home"
        first = seconds_of(output, home)
        second = seconds_of(output, home)
        pages = len(list((output / "site").rglob("*.html")))
    print(
        f"first run {first:.0f} s for {pages} pages; "
        f"nothing changed {second:.1f} s ({second / first:.1%} of the first)"
    )


if __name__ == "__main__":
    main()
