"""The files of analysis plans: written, locked, and asked for before outcomes are opened.

A folder of plans has a list beside them, `lukitut.csv` (plan, event, day, hash), to which lines are only
added. It is what a lock is held against: a plan unlocked, changed and locked again no longer agrees with it.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from sosrake_lib.effects.analysis_plan import AnalysisPlan, LockedPlan, lock
from sosrake_lib.effects.analysis_plan_text import read_text, write_text
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say

LIST = "lukitut.csv"
_COLUMNS = ("plan", "event", "day", "hash")
Data = TypeVar("Data")


def save_plan(plan: AnalysisPlan, path: Path) -> None:
    """Write a plan that is not locked yet; a locked one is never written over."""
    if _noted(path, "locked") is not None:
        raise SosrakeError(f"analysis plan {path.name}: it is locked; give the new plan another name")
    _write(path, write_text(plan))


def lock_plan(path: Path, on: date) -> LockedPlan:
    """Lock the plan of a file on a day, and note the lock beside it.

    Raises
    ------
    SosrakeError when there is no such file, or the plan is locked already or its outcomes have been opened.
    """
    plan = _read(path)
    if isinstance(plan, LockedPlan) or _noted(path, "locked") is not None:
        raise SosrakeError(f"analysis plan {path.name}: it is locked already; give a new plan another name")
    locked = lock(plan, on)
    # The list first: a plan without its lock is then seen as changed, never a lock that nobody noted.
    _note(path, "locked", on, locked.hash)
    _write(path, write_text(locked))
    return locked


def open_plan(path: Path) -> AnalysisPlan | LockedPlan:
    """Read a plan; a locked one that was changed, unlocked or locked anew is refused.

    Raises
    ------
    SosrakeError when the file is not there, is not a plan, or is not what was locked.
    """
    noted = _noted(path, "locked")
    found = _read(path, None if noted is None else noted["hash"])
    if noted is None and isinstance(found, LockedPlan):
        raise SosrakeError(
            f"analysis plan {path.name}: it says it is locked but {LIST} beside it has no such line; bring "
            f"the list along with the plan"
        )
    return found


def open_outcomes(path: Path, load: Callable[[], Data], on: date) -> Data:
    """Load outcomes, only when their plan is locked; the first opening is noted beside the plan.

    Parameters
    ----------
    path : of the plan. load : reads the outcomes; it is called only when the plan is locked. on : today.

    Raises
    ------
    SosrakeError when the plan is not locked, or was changed.
    """
    plan = open_plan(path)
    if not isinstance(plan, LockedPlan):
        raise SosrakeError(
            f"analysis plan {path.name}: it is not locked; lock it before the outcomes are opened (lock_plan)"
        )
    if opened_on(path) is None:
        _note(path, "opened", on, plan.hash)
    return load()


def opened_on(path: Path) -> date | None:
    """Tell on which day the outcomes of a plan were first opened; None when they were not."""
    noted = _noted(path, "opened")
    return None if noted is None else date.fromisoformat(noted["day"])


def state_of(path: Path, language: str = "fi") -> list[str]:
    """Say of a plan whether it is locked, with what hash, and when its outcomes were first opened.

    Raises
    ------
    SosrakeError as `open_plan`: a locked plan that was changed is told as such.
    """
    plan, opened = open_plan(path), opened_on(path)
    if not isinstance(plan, LockedPlan):
        return [say("batch.analysis_plan.open", language, title=plan.title)]
    day = plan.locked_on.isoformat()
    said = [say("batch.analysis_plan.locked", language, title=plan.plan.title, day=day, hash=plan.hash)]
    if opened is not None:
        return [*said, say("batch.analysis_plan.opened", language, day=opened.isoformat())]
    return [*said, say("batch.analysis_plan.unopened", language)]


def _read(path: Path, expected_hash: str | None = None) -> AnalysisPlan | LockedPlan:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise SosrakeError(f"analysis plan {path.name}: cannot be read ({problem})") from problem
    return read_text(text, expected_hash=expected_hash)


def _noted(path: Path, event: str) -> dict[str, str] | None:
    """Give the first line of the list about a plan and event."""
    place = path.parent / LIST
    if not place.exists():
        return None
    with place.open(encoding="utf-8", newline="") as lines:
        return next(
            (row for row in csv.DictReader(lines) if (row["plan"], row["event"]) == (path.name, event)), None
        )


def _note(path: Path, event: str, day: date, content: str) -> None:
    place = path.parent / LIST
    new = not place.exists()
    with place.open("a", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        if new:
            writer.writerow(_COLUMNS)
        writer.writerow([path.name, event, day.isoformat(), content])
        lines.flush()
        os.fsync(lines.fileno())


def _write(path: Path, text: str) -> None:
    """Write beside and replace, so that a full disk never leaves half a plan."""
    beside = path.with_name(path.name + ".part")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
