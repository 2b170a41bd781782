"""Run every stored notebook again and compare each output with nbval.

Strict for the themed ones, lax for the exercises, which stay unsolved.

Run: python tools/check_notebooks.py [pytest options]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from notebook_form import PROJECT, exercise_notebooks, themed_notebooks

# `-o addopts=` keeps the unit tests' options out; loadfile, as a kernel is started once a file.
COMMON = [
    "-q",
    "-o",
    "addopts=",
    "-p",
    "no:cacheprovider",
    "-p",
    "nbval_kinds",
    "--dist",
    "loadfile",
    "--nbval-current-env",
]
LIMITS = ["--nbval-cell-timeout=180", "--nbval-kernel-startup-timeout=120"]


def nbval(mode: str, notebooks: list[Path], options: list[str]) -> int:
    """Run nbval in one mode over the notebooks; its exit code."""
    sanitize = ["--nbval-sanitize-with", str(PROJECT / "notebooks" / "sanitize.cfg")]
    command = [
        sys.executable,
        "-m",
        "pytest",
        mode,
        *COMMON,
        *LIMITS,
        *sanitize,
        *options,
        *map(str, notebooks),
    ]
    with tempfile.TemporaryDirectory() as memory:
        kept = {
            key: value for key, value in os.environ.items() if key not in ("SOSRAKE_DATA", "SOSRAKE_PROJECT")
        }
        places = {"SOSRAKE_HOME": memory, "SOSRAKE_RELEASES": str(Path(memory) / "releases")}
        environment = {**kept, **places, "PYTHONPATH": str(PROJECT / "tools")}  # where nbval_kinds lies
        return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode


def main(options: list[str]) -> int:
    """Check the themed notebooks strictly, then the exercises that stay unsolved."""
    strict = nbval("--nbval", themed_notebooks(), options)
    lax = nbval("--nbval-lax", exercise_notebooks(), options)
    return strict or lax


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
