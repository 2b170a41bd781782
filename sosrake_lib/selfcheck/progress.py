"""A learner's own progress, in a small file in the home folder: what is solved and how many hints were read.

The file holds no answer, no name and no time, and it never leaves the learner's machine by itself.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sosrake_lib import samples

FILE = Path("course") / "progress.json"


@dataclass(frozen=True)
class Progress:
    """How far a learner is with one question: solved or not, tries so far, hints read (0-3)."""

    solved: bool = False
    tries: int = 0
    hints: int = 0


def read(home: Path | None = None) -> dict[str, Progress]:
    """Read the progress of every question; a file that cannot be read counts as none."""
    try:
        stored = json.loads(_path(home).read_text(encoding="utf-8"))
        return {
            str(name): Progress(bool(one["solved"]), int(one["tries"]), int(one["hints"]))
            for name, one in stored.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # A torn or foreign file must not stop a lesson; the next answer writes a sound one.
        return {}


def record_try(question: str, solved: bool, home: Path | None = None) -> Progress:
    """Add one try; a solved question stays solved."""
    known = read(home)
    before = known.get(question, Progress())
    after = replace(before, solved=before.solved or solved, tries=before.tries + 1)
    return _write({**known, question: after}, question, home)


def record_hint(question: str, step: int, home: Path | None = None) -> Progress:
    """Remember the furthest hint that was read."""
    known = read(home)
    before = known.get(question, Progress())
    return _write({**known, question: replace(before, hints=max(before.hints, step))}, question, home)


def _path(home: Path | None) -> Path:
    return Path(home or samples.home()) / FILE


def _write(known: dict[str, Progress], question: str, home: Path | None) -> Progress:
    path = _path(home)
    text = json.dumps({name: asdict(one) for name, one in sorted(known.items())}, indent=1) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and moved into place: a killed kernel leaves the old file whole.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".progress-", suffix=".json")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return known[question]
