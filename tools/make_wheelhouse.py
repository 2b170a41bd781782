"""Make the bundle that is installed where no network is: every locked wheel, our own wheel, their hashes.

Run: `make wheelhouse` (python tools/make_wheelhouse.py [--to FOLDER]). The wheels are those of this machine's
Python and system; make the bundle on a machine like the one it goes to. Hashes are checked when wheels are
fetched (requirements.lock), when the bundle is unpacked (SHA256SUMS) and when it is installed (offline.lock).
No file of the bundle names a registry.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LOCK = PROJECT / "requirements.lock"
# Equal sources give an equal wheel; the day is that of the oldest entry a zip can hold.
SOURCE_DATE = "315532800"
INSTALL = """#!/bin/sh
# Installs the workbook from this folder alone: no network is used, every wheel's hash is checked.
# Use: sh install.sh FOLDER      makes a Python environment in FOLDER and installs into it.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target=${1:?"say where: sh install.sh FOLDER"}
python=${PYTHON:-python3}
(cd "$here" && sha256sum --quiet --check SHA256SUMS)
"$python" -c 'import sys; sys.exit(0 if (3, 11, 2) <= sys.version_info[:3] < (3, 13) else 1)' || {
    echo "Python 3.11.2 - 3.12 is needed" >&2
    exit 1
}
"$python" -m venv "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-index \\
    --find-links "$here/wheels" --require-hashes -r "$here/offline.lock"
echo "Ready: $target/bin/sosrake --help"
"""
README = """# Asennus ilman verkkoa

Kansiossa on kaikki, mitä työkirjan ohjelma tarvitsee. Verkkoa ei käytetä, ja jokaisen tiedoston tiiviste
tarkistetaan.

    sh install.sh KANSIO
    KANSIO/bin/sosrake output-check TULOKSET

Tarkistuksen voi tehdä myös itse: `sha256sum --check SHA256SUMS`. Windowsissa: `python -m venv KANSIO` ja
`KANSIO\\Scripts\\python -m pip install --no-index --find-links wheels --require-hashes -r offline.lock`.
Paketit ovat samaa järjestelmää ja Python-versiota varten kuin kone, jolla kansio tehtiin.

# Installing without a network

The folder holds everything the workbook's program needs. No network is used and every file's hash is checked.

    sh install.sh FOLDER
    FOLDER/bin/sosrake output-check RESULTS

To check by hand: `sha256sum --check SHA256SUMS`. On Windows: `python -m venv FOLDER` and
`FOLDER\\Scripts\\python -m pip install --no-index --find-links wheels --require-hashes -r offline.lock`.
The packages are for the same system and Python version as the machine the folder was made on.
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A finished bundle: where, how many wheels, how many bytes."""

    folder: Path
    wheels: int
    size: int


def own_wheel(to: Path) -> Path:
    """Build the project's own wheel with the build tools that are installed; nothing is fetched."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-build-isolation", "--no-index", "--wheel-dir", str(to), str(PROJECT)]
    subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": SOURCE_DATE})
    return next(to.glob("sosrake-*.whl"))


def fetch(to: Path) -> None:
    """Fetch the locked wheels, each by its hash; how they are reached is the environment's own matter."""
    command = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "--dest", str(to), "--requirement", str(LOCK)]
    subprocess.run(command, check=True)


def write_papers(folder: Path) -> None:
    """Write the lock for the bundle, how to install it, and the sum of every file."""
    own = next((folder / "wheels").glob("sosrake-*.whl"))
    version = own.name.split("-")[1]
    line = f"sosrake=={version} \\\n    --hash=sha256:{digest(own)}\n"
    (folder / "offline.lock").write_text(LOCK.read_text(encoding="utf-8").rstrip("\n") + f"\n{line}", "utf-8")
    (folder / "install.sh").write_text(INSTALL, encoding="utf-8")
    (folder / "install.sh").chmod(0o755)
    (folder / "README.md").write_text(README, encoding="utf-8")
    (folder / "LICENSE").write_bytes((PROJECT / "LICENSE").read_bytes())
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    sums = "".join(f"{digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")


def make(folder: Path) -> Bundle:
    """Make the bundle anew in a folder of its own and put it in place when it is whole."""
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / "wheels").mkdir(parents=True)
    fetch(unfinished / "wheels")
    own_wheel(unfinished / "wheels")
    write_papers(unfinished)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.replace(folder)
    files = [path for path in folder.rglob("*") if path.is_file()]
    wheels = len([path for path in files if path.suffix == ".whl"])
    return Bundle(folder, wheels, sum(path.stat().st_size for path in files))


def digest(path: Path) -> str:
    """Give a file's sha256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> int:
    """Make the bundle and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "build" / "wheelhouse")
    made = make(parser.parse_args().to.resolve())
    print(f"{made.wheels} wheels, {made.size / 1e6:.0f} MB, sums in {made.folder.name}/SHA256SUMS")
    return 0


if __name__ == "__main__":
    sys.exit(main())
