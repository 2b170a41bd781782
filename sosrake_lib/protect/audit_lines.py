"""The audit on plain text: what is published, one JSON line a case, and what a reader can reckon from it.

A line names the finest cells (`atoms`), the minimum count `k`, what is `published`, and optionally the true
counts (`truth`, used only to tell that a cell was never sensitive). Each statement is `{"kind", "args"}`:

| kind | args | meaning |
|---|---|---|
| count | [cells], value | the sum of these cells is published |
| rounded | [cells], value, base, mode | the same rounded: `nearest` (default) or `random` |
| rate | [cells], value, population, per, decimals | a rate or percentage of a known population |
| order | [cells], [others], difference, [population, other population] | the first is not below the other |
| suppressed | name, [cells] | a hidden cell; `k`, `primary_known`, `zero_suppressed` beside args |
| target | name, [cells] | not published, to be attacked |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect import audit

STATUSES = ("recovered", "small_known", "narrow", "protected")
_MAKERS: dict[str, Callable[..., audit.Statement]] = {
    "count": audit.exact,
    "rounded": audit.rounded,
    "rate": audit.rate,
    "order": audit.at_least,
}
_ARGUMENTS = {"count": (2, 2), "rounded": (3, 4), "rate": (5, 5), "order": (2, 4)}
_ATTACKED = ("suppressed", "target")


def audit_line(case: Mapping[str, Any]) -> dict[str, Any]:
    """Attack everything hidden in one case.

    Returns
    -------
    dict `id`, the names of hidden cells by status (`recovered`, `small_known`, `narrow`, `protected`), and
    `intervals`: name -> [low, high], an end without bound is None.

    Raises
    ------
    DisclosureError when the line is not of the form told in this module, naming the statement.

    Examples
    --------
    >>> published = [{"kind": "count", "args": [[0, 1], 20]}, {"kind": "count", "args": [[0], 17]},
    ...              {"kind": "suppressed", "args": ["rest", [1]]}]
    >>> audit_line({"id": "1", "atoms": ["a", "b"], "k": 5, "published": published})["intervals"]
    {'rest': [3.0, 3.0]}
    """
    cells, minimum, truth = _head(case)
    statements, targets = [], []
    for number, statement in enumerate(case["published"], start=1):
        where = f"statement {number}"
        kind, args = _read(statement, where)
        _check_cells(where, kind, args, cells)
        if kind in _ATTACKED:
            targets.append(_target(statement, args, minimum))
        else:
            statements.append(_stated(kind, args, where))
    return {"id": case.get("id"), **_judged(audit.audit(cells, statements, targets, truth))}


def _head(case: Mapping[str, Any]) -> tuple[int, int, Sequence[float] | None]:
    lacking = [name for name in ("atoms", "k", "published") if name not in case]
    if lacking:
        raise DisclosureError(f"audit: the line has no {lacking[0]!r}; expected atoms, k and published")
    truth = case.get("truth")
    if truth is not None and len(truth) != len(case["atoms"]):
        raise DisclosureError(
            f"audit: truth has {len(truth)} counts for {len(case['atoms'])} atoms; give one each"
        )
    return len(case["atoms"]), int(case["k"]), truth


def _read(statement: Mapping[str, Any], where: str) -> tuple[str, list[Any]]:
    kind, args = statement.get("kind"), statement.get("args")
    known = (*_MAKERS, *_ATTACKED)
    if kind not in known:
        raise DisclosureError(f"audit: {where}: kind {kind!r}; expected one of {', '.join(known)}")
    least, most = (2, 2) if kind in _ATTACKED else _ARGUMENTS[kind]
    if not isinstance(args, list) or not least <= len(args) <= most:
        raise DisclosureError(f"audit: {where} ({kind}): expected {least} to {most} args, got {args!r}")
    return kind, args


def _check_cells(where: str, kind: str, args: list[Any], cells: int) -> None:
    listed = [args[1]] if kind in _ATTACKED else [args[0], args[1]] if kind == "order" else [args[0]]
    for places in listed:
        whole = isinstance(places, list) and all(isinstance(one, int) and 0 <= one < cells for one in places)
        if not whole or not places:
            raise DisclosureError(
                f"audit: {where} ({kind}): cells {places!r}; expected numbers from 0 to {cells - 1}"
            )


def _stated(kind: str, args: list[Any], where: str) -> audit.Statement:
    numbers = [one for one in args[1:] if not isinstance(one, list | str)]
    if not all(isinstance(one, int | float) and np.isfinite(one) for one in numbers):
        raise DisclosureError(f"audit: {where} ({kind}): args {args!r} hold something that is no number")
    if kind == "rounded" and args[2] <= 0:
        raise DisclosureError(f"audit: {where} (rounded): base {args[2]}; expected above 0")
    return _MAKERS[kind](*args)


def _target(statement: Mapping[str, Any], args: list[Any], minimum: int) -> audit.Target:
    return audit.Target(
        str(args[0]),
        tuple(args[1]),
        int(statement.get("k", minimum)),
        bool(statement.get("primary_known", False)),
        bool(statement.get("zero_suppressed", True)),
    )


def _judged(found: pd.DataFrame) -> dict[str, Any]:
    names = {status: found.loc[found["status"] == status, "name"].tolist() for status in STATUSES}
    ends = found[["low", "high"]].to_numpy(dtype="float64")
    limits = [[float(end) + 0.0 if np.isfinite(end) else None for end in row] for row in ends]
    return {**names, "intervals": dict(zip(found["name"], limits, strict=True))}
