"""The bundle on a machine without a network: made, installed by its own hashes, one effect run, one check.

Run: `make drills`, or python tools/wheelhouse_drill.py [--bundle FOLDER]. The network is taken away by a name
space of the kernel's (`unshare`) where that is allowed; elsewhere every proxy leads nowhere and pip is told
to ask no index. Which of the two was used is printed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import make_wheelhouse

NOWHERE = "http://127.0.0.1:9"
# Student's ten sleepers (Student 1908): the mean difference is 1.58 hours by hand.
EFFECT = """
from sosrake_lib.effects import paired_change
first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
print(f"{paired_change(first, second, unit='hours').estimate:.2f}")
"""
ANSWER = "1.58"
REACH = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=3)"


@dataclass(frozen=True, slots=True)
class Cut:
    """How the network is taken from a command: what stands before it, and its environment."""

    before: tuple[str, ...]
    environment: dict[str, str]

    @property
    def named(self) -> str:
        """Say which way it is."""
        return "no network device (unshare)" if self.before else "proxies to nowhere"


def cut() -> Cut:
    """Find the strongest way this machine allows."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("PIP_")}
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE)
    proxies |= {name.lower(): NOWHERE for name in proxies}
    environment = {**kept, **proxies, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": ""}
    environment.pop("PYTHONPATH", None)
    able = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
    return Cut(("unshare", "-rn") if able else (), environment)


def run(command: list[str], how: Cut, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command with the network cut off."""
    return subprocess.run(
        [*how.before, *command], env=how.environment, capture_output=True, text=True, check=False, **options
    )  # type: ignore[call-overload, no-any-return]


def must(found: subprocess.CompletedProcess[str], what: str, codes: tuple[int, ...] = (0,)) -> str:
    """Give what a command printed; stop the drill with its last lines when it failed."""
    if found.returncode not in codes:
        raise SystemExit(f"wheelhouse drill: {what} failed ({found.returncode}): {found.stderr[-600:]}")
    return found.stdout.strip()


def drill(bundle: Path, scratch: Path) -> None:
    """Install the bundle into a new environment and use it."""
    how = cut()
    started = time.monotonic()
    must(run(["sh", str(bundle / "install.sh"), str(scratch / "venv")], how), "install")
    print(f"installed in {time.monotonic() - started:.0f} s, {how.named}")
    python = str(scratch / "venv" / "bin" / "python")
    if run([python, "-c", REACH], how).returncode == 0:
        raise SystemExit("wheelhouse drill: the network was not cut off")
    if must(run([python, "-c", EFFECT], how, cwd=scratch), "effect") != ANSWER:
        raise SystemExit("wheelhouse drill: the effect is not the published one")
    print("effect: the mean difference of the ten sleepers is", ANSWER)
    results = scratch / "tulokset"
    results.mkdir()
    (results / "taulukko.csv").write_text("alue;asiakkaat\nA;3\nB;120\n", encoding="utf-8")
    check = [str(scratch / "venv" / "bin" / "sosrake"), "output-check", str(results)]
    # 1: risks were found, as they should be
    said = must(run(check, how, cwd=scratch), "output-check", codes=(1,))
    if "pieniä lukumääriä" not in said:
        raise SystemExit("wheelhouse drill: the check did not tell of the small count")
    print("output-check: the small count was told of")


def tampered(bundle: Path, scratch: Path) -> None:
    """Change one byte of one wheel: neither the sums nor pip may let it pass."""
    how = cut()
    wheel = min((bundle / "wheels").glob("*.whl"), key=lambda path: path.stat().st_size)
    whole = wheel.read_bytes()
    wheel.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        if run(["sh", str(bundle / "install.sh"), str(scratch / "other")], how).returncode == 0:
            raise SystemExit("wheelhouse drill: a changed wheel was installed")
        print("a wheel with one changed byte is refused")
    finally:
        wheel.write_bytes(whole)


def main() -> int:
    """Make the bundle (unless one is given), install and use it without a network, and change a byte."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path)
    given = parser.parse_args().bundle
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        bundle = given or make_wheelhouse.make(scratch / "wheelhouse").folder
        size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
        print(f"bundle: {len(list((bundle / 'wheels').glob('*.whl')))} wheels, {size / 1e6:.0f} MB")
        drill(bundle.resolve(), scratch)
        tampered(bundle.resolve(), scratch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
