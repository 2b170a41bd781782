"""Reading PxWeb's answers: metadata, json-stat2, the older json, region and time codes."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, regions
from sosrake_lib import frame as frames
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.periods import period_of
from sosrake_lib.gather.pxweb_selection import chosen_codes

# Names of variables in the languages and code systems of the tables seen, lower case.
_PLACES, _SEXES = ("alue", "kunta", "region"), ("sukupuoli", "sex", "kon", "kjonn")
_TIMES = ("vuosi", "kuukausi", "puolivuosi", "year", "month", "tid", "time")
_LEVEL_OF = {"KU": "kunta", "SK": "seutukunta", "MK": "maakunta", "HVA": "hva", "HV": "hva"}
_SEX_OF = {
    "SSS": "total", "1": "male", "2": "female",
    "total": "total", "male": "male", "female": "female",
    "T": "total", "M": "male", "N": "female", "F": "female",
}  # fmt: skip
_MARKS = (".", "..", "...", "....", "-")

Query = Sequence[tuple[str, tuple[str, ...]]]


def check_metadata(content: Any) -> None:
    """Check a table's description: a title, and variables with codes and their values as text."""
    variables = content.get("variables") if isinstance(content, dict) else None
    if not isinstance(variables, list) or not variables or not isinstance(content.get("title"), str):
        raise GatherError("PxWeb: the answer describes no table; check the path, it ends with .px")
    for variable in variables:
        values = variable.get("values", []) if isinstance(variable, dict) else None
        if not isinstance(values, list) or not isinstance(variable.get("code"), str):
            raise GatherError("PxWeb: a variable has no code or values; the service may have changed")
        if len(set(values)) != len(values) or not all(isinstance(value, str) for value in values):
            raise GatherError(f"PxWeb: variable {variable['code']!r} has values twice or not as text")


def resolve(metadata: Mapping[str, Any], selections: Mapping[str, Sequence[str]], table: str) -> Query:
    """Find each selected variable by the beginning of its name and work its codes out against the table.

    Codes may be masks and expressions, see `sosrake_lib.gather.pxweb_selection.chosen_codes`.
    """
    by_code = {variable["code"]: variable for variable in metadata["variables"]}
    chosen: dict[str, tuple[str, ...]] = {}
    for name, wanted in selections.items():
        code = _variable(name, list(by_code), table)
        if code in chosen:
            raise GatherError(f"{table}: variable {code!r} is selected twice; select it once")
        values = by_code[code].get("values", [])
        time = bool(by_code[code].get("time"))
        picked = tuple(dict.fromkeys(wanted))
        if values:
            picked = tuple(chosen_codes(wanted, values, f"{table}: variable {code!r}", time))
        if not picked or picked == ("*",):
            raise GatherError(f"{table}: variable {code!r} is too long to list; select its codes")
        chosen[code] = picked
    for code, variable in by_code.items():
        if code not in chosen and not variable.get("elimination"):
            chosen[code] = tuple(variable.get("values", []))
            if not chosen[code]:
                raise GatherError(f"{table}: variable {code!r} is too long to list; select its codes")
    return [(code, chosen[code]) for code in by_code if code in chosen]


def read_json_stat2(content: Any, query: Query) -> pd.DataFrame:
    """Read a json-stat2 dataset (row-major values) into variables, value, mark."""
    if not isinstance(content, dict) or not isinstance(content.get("dimension"), dict):
        raise GatherError("PxWeb: the answer is no json-stat2 dataset; try again later")
    names, sizes = content.get("id"), content.get("size")
    if not isinstance(names, list) or not isinstance(sizes, list) or len(names) != len(sizes):
        raise GatherError("PxWeb: id and size of the dataset do not fit; try again later")
    codes = [
        _categories(content["dimension"].get(name), size) for name, size in zip(names, sizes, strict=True)
    ]
    cells = math.prod(sizes)
    values = _by_position(content.get("value"), cells, "value")
    marks = _by_position(content.get("status", {}), cells, "status")
    rows = pd.DataFrame(list(itertools.product(*codes)), columns=names, dtype="str")
    return _tidy(rows, values, marks, query)


def read_json(content: Any, query: Query) -> pd.DataFrame:
    """Read the older json form: keys and values as text, dot codes for what is missing."""
    columns = content.get("columns") if isinstance(content, dict) else None
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(columns, list) or not isinstance(data, list):
        raise GatherError("PxWeb: the answer has no columns and data; try again later")
    names = [column.get("code") for column in columns if column.get("type") != "c"]
    if len(columns) != len(names) + 1:
        raise GatherError("PxWeb: expected one value a row; choose json-stat2 for several contents")
    values: list[Any] = []
    marks: list[Any] = []
    for row in data:
        told = row["values"][0] if isinstance(row, dict) and row.get("values") else None
        if not isinstance(told, str) or len(row.get("key", [])) != len(names):
            raise GatherError("PxWeb: a row has no key or value as text; try again later")
        values.append(None if told in _MARKS else _number(told))
        marks.append(told if told in _MARKS else None)
    rows = pd.DataFrame([row["key"] for row in data], columns=names, dtype="str")
    return _tidy(rows, values, marks, query)


READERS: dict[str, Callable[[Any, Query], pd.DataFrame]] = {"json-stat2": read_json_stat2, "json": read_json}


def region_of(code: str) -> tuple[str, str]:
    """Type a region code: KU297, SK112, MK11, HVA13, SSS, or the bare municipality code of older tables.

    Examples
    --------
    >>> region_of("KU297"), region_of("SSS"), region_of("297")
    (('kunta', '297'), ('maa', 'SSS'), ('kunta', '297'))
    """
    if code == "SSS":
        return "maa", "SSS"
    match = re.fullmatch(r"(KU|SK|MK|HVA|HV)?(\d{2,3})", code)
    if match and (match[1] or len(match[2]) == 3):
        return _LEVEL_OF[match[1] or "KU"], match[2]
    raise GatherError(
        f"PxWeb: region code {code!r}; expected KU, SK, MK, HVA and digits, or SSS; select such"
    )


def indicator_rows(
    tidy: pd.DataFrame, entry: catalogue.Indicator, table: str, when: datetime
) -> pd.DataFrame:
    """Map a tidy table to an indicator frame of one indicator."""
    names = [name for name in tidy.columns if name not in ("value", "mark")]
    place = _first(_PLACES, names, "Alue", table)
    time = _first(_TIMES, names, "Vuosi or Kuukausi", table)
    sex = next((name for name in names if name.casefold().startswith(_SEXES)), None)
    for name in set(names) - {place, time, sex}:
        if tidy[name].nunique() > 1:
            raise GatherError(f"{table}: variable {name!r} has several codes; select one for {entry.key}")
    year = re.search(r"(20\d\d)$", place)
    typed = [region_of(code) for code in tidy[place]]
    frame = pd.DataFrame(
        {
            "indicator": entry.key,
            "region_level": [level for level, _ in typed],
            "region_code": [code for _, code in typed],
            "borders": int(year[1]) if year else min(when.year, regions.CURRENT_YEAR),
            "period": [period_of(code) for code in tidy[time]],
            "sex": [_sex(code, table) for code in tidy[sex]] if sex else "total",
            "value": tidy["value"].to_numpy(),
            "per": float(entry.per),
            "status": np.where(tidy["value"].notna(), "ok", "missing"),
            "origin": "published",
            "producer": "Tilastokeskus",
            "licence": "CC BY 4.0",
            "source": table,
            "retrieved": when.date().isoformat(),
        }
    )
    frame["break_before"] = frame["period"].isin(entry.breaks)
    return frames.check(frame, file=table)


def _variable(name: str, codes: Sequence[str], table: str) -> str:
    exact = [code for code in codes if code.casefold() == name.casefold()]
    found = exact or [code for code in codes if code.casefold().startswith(name.casefold())]
    if len(found) != 1:
        raise GatherError(
            f"{table}: variable {name!r} is {'not there' if not found else 'not one of a kind'}; "
            f"the table has {', '.join(codes)}; name one of these"
        )
    return found[0]


def _first(beginnings: Sequence[str], names: Sequence[str], wanted: str, table: str) -> str:
    for beginning in beginnings:
        if any(name.casefold().startswith(beginning) for name in names):
            return _variable(beginning, names, table)
    raise GatherError(f"{table}: no variable {wanted}; select one, or gather it as a plain table")


def _sex(code: str, table: str) -> str:
    if code not in _SEX_OF:
        raise GatherError(f"{table}: sex {code!r}; expected {', '.join(_SEX_OF)}; select such")
    return _SEX_OF[code]


def codes_of(dimension: Any) -> list[str]:
    """Give the codes of a json-stat2 dimension in their order; empty when there are none to be found."""
    category = dimension.get("category") if isinstance(dimension, dict) else None
    if not isinstance(category, dict):
        return []
    index = category.get("index")
    if isinstance(index, dict) and all(type(place) is int for place in index.values()):
        return sorted(index, key=lambda code: index[code])
    return index if isinstance(index, list) else list(category.get("label") or {})


def _categories(dimension: Any, size: int) -> list[str]:
    codes = codes_of(dimension)
    if len(codes) != size:
        raise GatherError(
            f"PxWeb: a dimension has {len(codes)} categories, its size says {size}; try again later"
        )
    return codes


def _by_position(given: Any, cells: int, name: str) -> list[Any]:
    """Spread a list, or an object of positions, over all cells."""
    if isinstance(given, list) and len(given) == cells:
        return given
    if isinstance(given, dict) and all(key.isdecimal() and int(key) < cells for key in given):
        return [given.get(str(place)) for place in range(cells)]
    raise GatherError(f"PxWeb: {name} does not fit the {cells} cells of the dataset; try again later")


def _tidy(rows: pd.DataFrame, values: Sequence[Any], marks: Sequence[Any], query: Query) -> pd.DataFrame:
    for value in values:
        if value is not None and (type(value) not in (int, float) or not math.isfinite(value)):
            raise GatherError(f"PxWeb: value {value!r}; expected a finite number or nothing; try again later")
    for code, wanted in query:
        if code not in rows or set(rows[code]) != set(wanted):
            raise GatherError(f"PxWeb: the answer does not hold what was asked of {code!r}; try again later")
    if rows.duplicated().any():
        raise GatherError("PxWeb: a cell stands twice in the answer; try again later")
    numbers = np.array([np.nan if value is None else value for value in values], dtype="float64")
    texts = [
        str(mark) if mark is not None and value is None else ""
        for mark, value in zip(marks, values, strict=True)
    ]
    return rows.assign(value=numbers, mark=pd.array(texts, dtype="str"))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise GatherError(f"PxWeb: value {text!r} is no number and no dot code; try again later") from None
