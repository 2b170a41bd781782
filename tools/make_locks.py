"""Resolve pyproject.toml into the two lock files, with hashes and without any registry address.

Universal over Python 3.11.2 - 3.12 with one version of each package (`--fork-strategy fewest`): the plain
recipe fails on 3.12 and a plain universal resolution splits numpy and scipy.

Run: python tools/make_locks.py   (needs `uv`, which pip installs)
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
RECIPE = [
    "uv",
    "pip",
    "compile",
    "pyproject.toml",
    "--universal",
    "--fork-strategy=fewest",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--quiet",
    # Build tools are locked too: the project itself is installed with --no-build-isolation.
    "--extra=build",
]


DEVELOPMENT = ["--extra=dev", "--extra=postgresql", "--extra=scale"]


def main() -> int:
    """Write requirements.lock, then requirements-dev.lock on top of the same versions."""
    if shutil.which("uv") is None:
        print("make_locks: uv is not here; install it with `python -m pip install uv`", file=sys.stderr)
        return 2
    subprocess.run([*RECIPE, "--output-file=requirements.lock"], cwd=PROJECT, check=True)
    subprocess.run(
        [*RECIPE, *DEVELOPMENT, "--constraint=requirements.lock", "--output-file=requirements-dev.lock"],
        cwd=PROJECT,
        check=True,
    )
    return subprocess.run([sys.executable, "tools/make_environment.py"], cwd=PROJECT, check=True).returncode


if __name__ == "__main__":
    sys.exit(main())
