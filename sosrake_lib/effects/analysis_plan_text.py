"""An analysis plan as TOML text, and the check that a locked one is as it was locked."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from sosrake_lib.effects.analysis_plan import (
    LISTS,
    TEXTS,
    AnalysisPlan,
    LockedPlan,
    as_values,
    fingerprint,
)
from sosrake_lib.effects.design import Design
from sosrake_lib.errors import SosrakeError


def write_text(plan: AnalysisPlan | LockedPlan) -> str:
    """Write a plan as TOML text.

    Examples
    --------
    >>> plan = AnalysisPlan("Groups", "Did loneliness change?", Design(1, 2), ("loneliness",), "paired_t")
    >>> write_text(plan).splitlines()[0]
    'title = "Groups"'
    """
    content = as_values(plan.plan if isinstance(plan, LockedPlan) else plan)
    tables = {name: content.pop(name) for name in ("design", "options")}
    if isinstance(plan, LockedPlan):
        tables["lock"] = {"locked_on": plan.locked_on.isoformat(), "hash": plan.hash}
    lines = [f"{name} = {_toml(value)}" for name, value in content.items()]
    for table, rows in tables.items():
        lines += ["", f"[{table}]", *(f"{_toml(str(name))} = {_toml(value)}" for name, value in rows.items())]
    return "\n".join(lines) + "\n"


def read_text(text: str, *, expected_hash: str | None = None) -> AnalysisPlan | LockedPlan:
    """Read a plan from TOML text, and refuse a locked one that was changed.

    Parameters
    ----------
    expected_hash : the hash noted elsewhere when the plan was locked; with it, unlocking and locking anew
        shows too.

    Raises
    ------
    SosrakeError when the text is not TOML, a field is missing, unknown or of the wrong type, or the content
    is not what was locked.

    Examples
    --------
    >>> plan = AnalysisPlan("Groups", "Did loneliness change?", Design(1, 2), ("loneliness",), "paired_t")
    >>> read_text(write_text(plan)) == plan
    True
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SosrakeError(f"analysis plan: not TOML ({problem}); correct the file") from problem
    locked = content.pop("lock", None)
    plan = _read_plan(content)
    if locked is None:
        if expected_hash is not None:
            raise SosrakeError("analysis plan: it was locked, but its lock is gone; restore the locked file")
        return plan
    return _checked(plan, locked, expected_hash)


def _toml(value: Any) -> str:
    # A JSON string is a TOML basic string, and so are JSON's numbers, truth values and lists of strings; the
    # one
    # character JSON leaves bare and TOML forbids is DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _read_plan(content: Mapping[str, Any]) -> AnalysisPlan:
    known = {one.name for one in fields(AnalysisPlan)}
    unknown = sorted(set(content) - known)
    lacking = [
        name for name in ("title", "question", "design", "primary", "estimator") if name not in content
    ]
    if unknown or lacking:
        problem = f"field {unknown[0]!r} is unknown" if unknown else f"field {lacking[0]!r} is missing"
        raise SosrakeError(f"analysis plan: {problem}; the fields are {', '.join(sorted(known))}")
    for name in (*LISTS, *TEXTS, "estimator"):
        kind: type = list if name in LISTS else str
        if name in content and not isinstance(content[name], kind):
            raise SosrakeError(
                f"analysis plan: {name} is {content[name]!r}; expected {'a list' if kind is list else 'text'}"
            )
    design = content["design"]
    if not isinstance(design, dict) or not set(design) <= {"groups", "times", "assignment"}:
        raise SosrakeError(f"analysis plan: design is {design!r}; expected groups, times and assignment")
    try:
        return AnalysisPlan(**{**content, "design": Design(**design)})
    except TypeError as problem:
        raise SosrakeError(f"analysis plan: {problem}; correct the file") from problem


def _checked(plan: AnalysisPlan, locked: Any, expected_hash: str | None) -> LockedPlan:
    try:
        on, told = date.fromisoformat(locked["locked_on"]), locked["hash"]
    except (KeyError, TypeError, ValueError) as problem:
        raise SosrakeError(
            f"analysis plan: its lock is not readable ({problem}); restore the locked file"
        ) from problem
    actual = fingerprint(plan, on)
    if actual != told or (expected_hash is not None and told != expected_hash):
        raise SosrakeError(
            f"analysis plan {plan.title!r}: changed after it was locked on {on.isoformat()} (hash "
            f"{actual[:12]}, locked as {str(expected_hash or told)[:12]}); restore the locked file and tell "
            f"of the change as a departure"
        )
    return LockedPlan(plan, on, actual)
