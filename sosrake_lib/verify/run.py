"""Run cases: what came out, does it agree, and with which words to say so."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib.errors import SosrakeError
from sosrake_lib.verify.cases import cases, own_folder
from sosrake_lib.verify.compare import Tolerance, disagreements, plain
from sosrake_lib.verify.kind import Kind
from sosrake_lib.verify.kinds import kinds
from sosrake_lib.verify.names import read_name

STATES = ("passed", "failed", "unsupported")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: `state` (one of STATES), what came out as JSON text, and why not."""

    state: str
    got: str
    reason: str


def verify(folder: Path | str | None = None, topics: Collection[str] = ()) -> pd.DataFrame:
    """Run every reference case of a folder and say whether this installation gives the expected result.

    Parameters
    ----------
    folder : where the cases are; left out, tests/reference of the project.
    topics : run these topics only; left out, all.

    Returns
    -------
    DataFrame `file, topic, id, function, state, got, expected, reason, source`; `got` and `expected` as JSON
    text. State passed, failed (a number differs, a quantity is not given, or the library stopped: `reason`)
    or unsupported (the kind is not in the list of docs/verify.md).
    """
    place = Path(folder) if folder is not None else own_folder()
    read = cases(place)
    unknown = sorted(set(topics) - set(read["topic"]))
    if unknown:
        known = ", ".join(sorted(read["topic"].unique()))
        raise SosrakeError(f"verify: topic {unknown[0]!r} has no case in {place}; there are {known}")
    chosen = read.loc[read["topic"].isin(set(topics))] if topics else read
    kept = ("file", "topic", "id", "function", "expected", "source")
    rows = []
    for case in chosen.to_dict("records"):
        outcome = run_case(case, place)
        found = {"state": outcome.state, "got": outcome.got, "reason": outcome.reason}
        rows.append({**{key: case[key] for key in kept}, **found})
    order = ["file", "topic", "id", "function", "state", "got", "expected", "reason", "source"]
    return pd.DataFrame(rows, columns=order)


def summary(done: pd.DataFrame) -> str:
    """Count the outcomes in the line that ends a run: `N passed, N failed, N unsupported`."""
    counts = done["state"].value_counts()
    return ", ".join(f"{int(counts.get(state, 0))} {state}" for state in STATES)


def run_case(case: Mapping[str, Any], folder: Path | None = None) -> Outcome:
    """Run one case as `cases` reads them; `folder` is where a case's tables are."""
    named = read_name(case["function"])
    kind = kinds().get(named.kind)
    if kind is None:
        return Outcome("unsupported", "null", f"kind {named.kind!r} is not in the list of docs/verify.md")
    inputs = json.loads(case["inputs"])
    try:
        found = kind.run({**named.options, **inputs, **_told(case, kind), **_table(inputs, folder)})
    # A case may hold anything; its fault must not hide the outcome of the others.
    except Exception as problem:
        message = f"{type(problem).__name__}: {problem}"
        return Outcome("failed", "null", message)
    return _judged(found, case, kind)


def _judged(found: Mapping[str, Any], case: Mapping[str, Any], kind: Kind) -> Outcome:
    expected = json.loads(case["expected"])
    within = Tolerance(float(case["relative"]), float(case["absolute"]))
    wrong = disagreements(found, expected, within, kind.optional)
    got = {name: plain(found[name]) for name in expected if name in found}
    text = json.dumps(got, ensure_ascii=False, default=str)
    return Outcome("failed" if wrong else "passed", text, "; ".join(wrong))


def _told(case: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    expected = json.loads(case["expected"])
    told = {name: expected[name] for name in kind.follows if name in expected}
    return {"asked": tuple(expected), **told} if kind.asks else told


def _table(inputs: Mapping[str, Any], folder: Path | None) -> dict[str, pd.DataFrame]:
    if "csv" not in inputs:
        return {}
    root = (folder if folder is not None else own_folder()).resolve()
    path = (root / str(inputs["csv"])).resolve()
    if not path.is_relative_to(root):
        raise SosrakeError(f"verify: table {inputs['csv']!r} lies outside {root}; keep tables with the cases")
    return {"table": pd.read_csv(path, encoding="utf-8")}
