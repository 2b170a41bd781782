"""Read reference cases: our own reviewable CSV files, and JSON files as other projects exchange them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib.errors import SosrakeError

COLUMNS = ("id", "function", "inputs", "expected", "relative", "absolute", "source")
OF_JSON = ("id", "topic", "function", "inputs", "expected", "tolerance", "source")


def cases(folder: Path | str | None = None) -> pd.DataFrame:
    """Read the reference cases of a folder.

    Parameters
    ----------
    folder : holds `*.csv` (columns `id, function, inputs, expected, relative, absolute, source`, inputs and
        expected as JSON text) or `*.json` (lists of cases `id, topic, function, inputs, expected, tolerance
        {rel, abs}, source`; an input `csv` names a table below the folder). Left out, tests/reference of
        the project.

    Returns
    -------
    DataFrame `file, topic, id, function, inputs, expected, relative, absolute, source`, sorted by file, in
    the files' order; inputs and expected as JSON text.

    Raises
    ------
    SosrakeError when there is no case, a column is missing, an id stands twice in a file, a source is empty,
    inputs or expected are not JSON objects, or a tolerance is not a number.
    """
    place = Path(folder) if folder is not None else own_folder()
    if not place.is_dir():
        raise SosrakeError(f"verify: {place} is not a folder; give the folder that holds the cases")
    parts = [_of_csv(path) for path in sorted(place.glob("*.csv"))]
    parts += [_of_json(path) for path in sorted(place.glob("*.json"))]
    if not parts or not sum(map(len, parts)):
        raise SosrakeError(f"verify: no reference case in {place}; give the folder that holds them")
    read = pd.concat(parts, ignore_index=True)
    twice = read.duplicated(subset=["file", "id"])
    for row, again in zip(read.to_dict("records"), twice, strict=True):
        _check_case(row, twice=bool(again))
    return read


def own_folder() -> Path:
    """Find tests/reference of the checkout this library runs from."""
    folder = Path(__file__).resolve().parents[2] / "tests" / "reference"
    if not folder.is_dir():
        raise SosrakeError(
            f"verify: {folder} does not exist; run from a checkout of the project or give the folder of cases"
        )
    return folder


def _of_csv(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    lacking = [column for column in COLUMNS if column not in table]
    if lacking:
        raise SosrakeError(f"verify: {path.name}: column {lacking[0]} is missing; expected {COLUMNS}")
    return table.loc[:, list(COLUMNS)].assign(file=path.name, topic=path.stem)


def _of_json(path: Path) -> pd.DataFrame:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise SosrakeError(f"verify: {path.name} is not JSON ({problem}); correct the file") from problem
    if not isinstance(listed, list):
        raise SosrakeError(f"verify: {path.name} holds a {type(listed).__name__}; expected a list of cases")
    return pd.DataFrame([_row(case, number, path) for number, case in enumerate(listed, 1)])


def _row(case: Any, number: int, path: Path) -> dict[str, str]:
    lacking = [name for name in OF_JSON if not isinstance(case, dict) or name not in case]
    if lacking:
        raise SosrakeError(
            f"verify: {path.name}: case {number} lacks {lacking[0]}; expected {', '.join(OF_JSON)}"
        )
    tolerance = case["tolerance"] if isinstance(case["tolerance"], Mapping) else {}
    texts = {name: str(case[name]) for name in ("id", "topic", "function", "source")}
    return texts | {
        "file": path.name,
        "inputs": json.dumps(case["inputs"], ensure_ascii=False),
        "expected": json.dumps(case["expected"], ensure_ascii=False),
        "relative": str(tolerance.get("rel", "")),
        "absolute": str(tolerance.get("abs", "")),
    }


def _check_case(row: Mapping[Any, Any], *, twice: bool) -> None:
    where = f"verify: {row['file']}, case {row['id']!r}"
    if twice:
        raise SosrakeError(f"{where}: the id stands twice; give each case its own")
    if not row["source"].strip():
        raise SosrakeError(f"{where}: source is empty; say whose number the expected result is")
    for column in ("inputs", "expected"):
        try:
            content = json.loads(row[column])
        except json.JSONDecodeError as problem:
            raise SosrakeError(f"{where}: {column} is not JSON ({problem}); correct the file") from problem
        if not isinstance(content, dict) or not content:
            raise SosrakeError(f"{where}: {column} is {row[column]!r}; expected a JSON object with entries")
    for column in ("relative", "absolute"):
        try:
            float(row[column])
        except ValueError as problem:
            raise SosrakeError(f"{where}: {column} {row[column]!r} is not a number") from problem
