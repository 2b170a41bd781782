"""An analysis plan: what will be looked at and how, settled before the outcomes are seen.

Values only: `analysis_plan_text` writes and reads them, `batch.analysis_plans` keeps the files. A locked plan
carries its date and a hash of its content, so that a later change shows; what was then done otherwise is
listed by `departures`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.effect import Effect
from sosrake_lib.errors import SosrakeError

DEPARTURE_COLUMNS = ("aspect", "kind", "planned", "done")
KINDS = ("added", "dropped", "changed", "not_locked", "opened_before_lock")
Option = str | int | float | bool
TEXTS = ("title", "question", "data", "exclusions", "missing")
LISTS = ("primary", "secondary", "subgroups")


@dataclass(frozen=True)
class AnalysisPlan:
    """What a study will do.

    Attributes
    ----------
    title, question : in plain words. design : see Design.
    primary, secondary : outcomes; at least one primary. estimator : key of the method. options : of the
        estimator.
    subgroups : columns looked at separately. confidence : of the intervals.
    data, exclusions, missing : where the data are from, who is left out, what is done with empty values.
    """

    title: str
    question: str
    design: Design
    primary: tuple[str, ...]
    estimator: str
    secondary: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    subgroups: tuple[str, ...] = ()
    confidence: float = 0.95
    data: str = ""
    exclusions: str = ""
    missing: str = ""

    def __post_init__(self) -> None:
        for name in LISTS:
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))
        for name in ("title", "question", "estimator"):
            if not str(getattr(self, name)).strip():
                raise SosrakeError(f"AnalysisPlan: {name} is empty; write it in plain words")
        if not self.primary:
            raise SosrakeError(
                "AnalysisPlan: no primary outcome; name at least one, so that the rest stay secondary"
            )
        outcomes = [*self.primary, *self.secondary]
        twice = sorted({name for name in outcomes if outcomes.count(name) > 1})
        if twice:
            raise SosrakeError(
                f"AnalysisPlan: outcome {twice[0]!r} stands twice; it is primary or secondary, once"
            )
        if not 0 < self.confidence < 1:
            raise SosrakeError(f"AnalysisPlan: confidence {self.confidence!r}; expected a share such as 0.95")
        odd = [name for name, value in self.options.items() if not _is_option(value)]
        if odd:
            raise SosrakeError(
                f"AnalysisPlan: option {odd[0]!r} is {self.options[odd[0]]!r}; expected text, "
                f"a number or true/false"
            )


@dataclass(frozen=True)
class LockedPlan:
    """A plan with the day it was locked and the hash of plan and day together."""

    plan: AnalysisPlan
    locked_on: date
    hash: str


@dataclass(frozen=True)
class Done:
    """What a study did in the end.

    Attributes
    ----------
    primary, secondary, estimator, subgroups, options, confidence, design : as in AnalysisPlan; None = not
        told, not compared. opened_on : the day the outcomes were first opened.
    """

    primary: tuple[str, ...] | None = None
    secondary: tuple[str, ...] | None = None
    estimator: str | None = None
    subgroups: tuple[str, ...] | None = None
    options: Mapping[str, Option] | None = None
    confidence: float | None = None
    design: Design | None = None
    opened_on: date | None = None


def lock(plan: AnalysisPlan, on: date) -> LockedPlan:
    """Lock a plan on a day.

    Examples
    --------
    >>> plan = AnalysisPlan("Groups", "Did loneliness change?", Design(1, 2), ("loneliness",), "paired_t")
    >>> lock(plan, date(2026, 1, 15)).hash[:8]
    '14f7a676'
    """
    return LockedPlan(plan, on, fingerprint(plan, on))


def fingerprint(plan: AnalysisPlan, on: date) -> str:
    """Hash a plan and its day: SHA-256 of their sorted JSON, so that layout does not matter."""
    content = json.dumps({**as_values(plan), "locked_on": on.isoformat()}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def departures(plan: AnalysisPlan | LockedPlan, done: Done) -> pd.DataFrame:
    """List what was done otherwise than planned.

    Parameters
    ----------
    plan : as planned; not locked is itself a departure. done : see Done (`done_by` makes it from effects).

    Returns
    -------
    DataFrame `aspect, kind, planned, done`, one row a departure, in the plan's order; empty when there is
    none. kind: added, dropped (of lists and options), changed, not_locked, opened_before_lock. A departure
    may be well reasoned; the report says it and its reason.

    Examples
    --------
    >>> plan = AnalysisPlan("Groups", "Did loneliness change?", Design(1, 2), ("loneliness",), "paired_t")
    >>> departures(lock(plan, date(2026, 1, 15)), Done(primary=("health",)))[["kind", "done"]].to_dict("list")
    {'kind': ['dropped', 'added'], 'done': ['', 'health']}
    """
    rows = _of_lock(plan, done)
    planned = plan.plan if isinstance(plan, LockedPlan) else plan
    if done.design is not None and done.design != planned.design:
        rows.append(("design", "changed", _design(planned.design), _design(done.design)))
    for name in LISTS[:2]:
        rows += _of_list(name, getattr(planned, name), getattr(done, name))
    for name in ("estimator", "confidence"):
        value = getattr(done, name)
        if value is not None and value != getattr(planned, name):
            rows.append((name, "changed", str(getattr(planned, name)), str(value)))
    rows += _of_options(planned.options, done.options)
    rows += _of_list("subgroups", planned.subgroups, done.subgroups)
    return pd.DataFrame(rows, columns=list(DEPARTURE_COLUMNS))


def done_by(
    effects: Mapping[str, Effect], *, primary: Sequence[str] = (), opened_on: date | None = None, **told: Any
) -> Done:
    """Tell what was done from the effects reported, outcome by outcome.

    Parameters
    ----------
    effects : outcome -> its Effect. primary : which of them are reported as primary (none named: all).
    opened_on : the day the outcomes were opened. told : further fields of Done, such as subgroups.

    Raises
    ------
    SosrakeError when no effect is given or a primary outcome has none.
    """
    lacking = sorted(set(primary) - set(effects))
    if not effects or lacking:
        named = f"primary outcome {lacking[0]!r} has no effect" if lacking else "no effect is given"
        raise SosrakeError(f"done_by: {named}; give outcome -> Effect for every outcome reported")
    first = tuple(primary) or tuple(effects)
    methods = sorted({effect.method for effect in effects.values()})
    levels = sorted({effect.confidence for effect in effects.values()})
    known: dict[str, Any] = {
        "primary": first,
        "secondary": tuple(name for name in effects if name not in first),
        "estimator": ", ".join(methods),
        "confidence": levels[0] if len(levels) == 1 else None,
        "design": effects[first[0]].design,
        "opened_on": opened_on,
    }
    return Done(**{**known, **told})


def as_values(plan: AnalysisPlan) -> dict[str, Any]:
    """Give a plan as plain values, in the order of its fields."""
    named = {one.name: getattr(plan, one.name) for one in fields(plan)}
    design = plan.design
    lists = {name: list(named[name]) for name in LISTS}
    told = {"groups": design.groups, "times": design.times, "assignment": design.assignment}
    return {**named, **lists, "design": told, "options": dict(plan.options)}


def _is_option(value: object) -> bool:
    return isinstance(value, Option) and not (isinstance(value, float) and not math.isfinite(value))


def _of_lock(plan: AnalysisPlan | LockedPlan, done: Done) -> list[tuple[str, str, str, str]]:
    opened = "" if done.opened_on is None else done.opened_on.isoformat()
    if isinstance(plan, AnalysisPlan):
        return [("lock", "not_locked", "", opened)]
    if done.opened_on is not None and done.opened_on < plan.locked_on:
        return [("lock", "opened_before_lock", plan.locked_on.isoformat(), opened)]
    return []


def _of_list(
    aspect: str, planned: tuple[str, ...], done: tuple[str, ...] | None
) -> list[tuple[str, str, str, str]]:
    if done is None:
        return []
    dropped = [(aspect, "dropped", name, "") for name in planned if name not in done]
    return dropped + [(aspect, "added", "", name) for name in done if name not in planned]


def _of_options(
    planned: Mapping[str, Option], done: Mapping[str, Option] | None
) -> list[tuple[str, str, str, str]]:
    if done is None:
        return []
    rows = []
    for name in dict.fromkeys([*planned, *done]):
        if name not in done or name not in planned:
            kind = "dropped" if name not in done else "added"
        elif planned[name] != done[name]:
            kind = "changed"
        else:
            continue
        rows.append((f"options.{name}", kind, str(planned.get(name, "")), str(done.get(name, ""))))
    return rows


def _design(design: Design) -> str:
    return f"{design.groups} group(s), {design.times} time(s), {design.assignment}"
