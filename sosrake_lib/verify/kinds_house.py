"""Run published and independent reference cases against this installation.

The cases are reviewable text: tests/reference/*.csv with the columns `id, function, inputs, expected,
relative, absolute, source`. A number agrees when |got - expected| <= absolute + relative * |expected|;
text must be equal. Every case goes through the same public functions the notebooks use.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib.effects import paired_change
from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import comparison, intervals, rates, smallarea

COLUMNS = ("id", "function", "inputs", "expected", "relative", "absolute", "source")
Result = Mapping[str, float | str]


def cases(folder: Path | str | None = None) -> pd.DataFrame:
    """Read the reference cases: the columns of the files and `file`, sorted by file, in the files' order.

    Raises
    ------
    SosrakeError when there is no case, a column is missing, an id stands twice, a source is empty, inputs
    or expected are not JSON, or a function is not known.
    """
    place = Path(folder) if folder is not None else _default_folder()
    parts = []
    for path in sorted(place.glob("*.csv")):
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
        lacking = [column for column in COLUMNS if column not in table]
        if lacking:
            raise SosrakeError(f"verify: {path.name}: column {lacking[0]} is missing; expected {COLUMNS}")
        parts.append(table.loc[:, list(COLUMNS)].assign(file=path.name))
    if not parts or not sum(map(len, parts)):
        raise SosrakeError(f"verify: no reference case in {place}; give the folder that holds them")
    read = pd.concat(parts, ignore_index=True)
    for number, row in enumerate(read.to_dict("records")):
        _check_case(row, twice=bool(read["id"].duplicated()[number]))
    return read


def verify(folder: Path | str | None = None) -> pd.DataFrame:
    """Run every reference case and say whether this installation gives the expected result.

    Parameters
    ----------
    folder : where the cases are; left out, tests/reference of the project.

    Returns
    -------
    DataFrame `file, id, function, got, expected, ok, source`, `got` and `expected` as JSON text; a case that
    stops with an error has the error in `got` and is not ok.
    """
    rows = []
    for case in cases(folder).to_dict("records"):
        got, ok = run_case(case)
        rows.append(
            {
                **{key: case[key] for key in ("file", "id", "function")},
                "got": got,
                "expected": case["expected"],
                "ok": ok,
                "source": case["source"],
            }
        )
    return pd.DataFrame(rows)


def run_case(case: Mapping[str, Any]) -> tuple[str, bool]:
    """Run one case: what came out (JSON text of the expected quantities, or the error), and does it agree."""
    expected = json.loads(case["expected"])
    try:
        found = FUNCTIONS[case["function"]](**json.loads(case["inputs"]))
    except (SosrakeError, TypeError, ValueError, ArithmeticError) as problem:
        return f"{type(problem).__name__}: {problem}", False
    got = {name: found[name] for name in expected if name in found}
    relative, absolute = float(case["relative"]), float(case["absolute"])
    ok = set(got) == set(expected) and all(
        _agrees(got[name], expected[name], relative, absolute) for name in expected
    )
    return json.dumps(got, ensure_ascii=False), ok


def _agrees(got: float | str, expected: float | str, relative: float, absolute: float) -> bool:
    if isinstance(got, str) or isinstance(expected, str):
        return got == expected
    # A NaN compares false, so a lost number is never taken for an agreeing one.
    return abs(got - expected) <= absolute + relative * abs(expected)


def _check_case(row: Mapping[Any, Any], *, twice: bool) -> None:
    where = f"verify: {row['file']}, case {row['id']!r}"
    if twice:
        raise SosrakeError(f"{where}: the id stands twice; give each case its own")
    if not row["source"].strip():
        raise SosrakeError(f"{where}: source is empty; say whose number the expected result is")
    if row["function"] not in FUNCTIONS:
        raise SosrakeError(f"{where}: function {row['function']!r}; known: {', '.join(sorted(FUNCTIONS))}")
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


def _default_folder() -> Path:
    folder = Path(__file__).resolve().parents[1] / "tests" / "reference"
    if not folder.is_dir():
        raise SosrakeError(
            f"verify: {folder} does not exist; run from a checkout of the project or give the folder of cases"
        )
    return folder


def _one_row(**columns: Any) -> pd.DataFrame:
    area = {
        "indicator": "reference",
        "region_level": "hva",
        "region_code": "E1",
        "borders": 2026,
        "period": "2019",
        "status": "ok",
        "origin": "synthetic",
    }
    return pd.DataFrame([{**area, **columns}])


def _numbers(row: pd.Series, *names: str) -> dict[str, float | str]:
    return {name: row[name] if isinstance(row[name], str) else float(row[name]) for name in names}


def _counted(
    analyse: Callable[..., pd.DataFrame],
    numerator: float,
    denominator: float,
    per: float = 1,
    confidence: float = 0.95,
    value: float | None = None,
) -> Result:
    published = value is not None
    row = _one_row(
        value=value if published else float(rates.per_units(numerator, denominator, per)),
        per=per,
        numerator=numerator,
        denominator=denominator,
        origin="published" if published else "synthetic",
    )
    return _numbers(analyse(row, [confidence]).iloc[0], "value", "lower", "upper", "method")


def _proportion(**inputs: Any) -> Result:
    return _counted(rates.proportion, **inputs)


def _rate(**inputs: Any) -> Result:
    return _counted(rates.rate, **inputs)


def _mean(value: float, standard_deviation: float, n: int, confidence: float) -> Result:
    row = _one_row(value=value, standard_deviation=standard_deviation, denominator=n)
    return _numbers(rates.mean(row, [confidence]).iloc[0], "value", "lower", "upper", "method")


def _per_units(numerator: float, denominator: float, per: float, decimals: int) -> Result:
    return {"value": round(float(rates.per_units(numerator, denominator, per)), decimals)}


def _interval(kernel: Callable[..., intervals.Interval]) -> Callable[..., Result]:
    def run(**inputs: Any) -> Result:
        found = kernel(**inputs)
        return {"lower": float(found.lower), "upper": float(found.upper)}

    return run


def _against(area: list[float], other: list[float], confidence: float = 0.95, per: float = 1) -> Result:
    def row(code: str, counts: list[float]) -> pd.DataFrame:
        value = float(rates.per_units(counts[0], counts[1], per))
        return _one_row(region_code=code, value=value, per=per, numerator=counts[0], denominator=counts[1])

    found = comparison.against(
        rates.proportion(row("E1", area)), row("E2", other), confidence, part_of_reference=False
    ).iloc[0]
    return _numbers(
        found, "difference", "difference_lower", "difference_upper", "verdict", "difference_method"
    )


def _funnel(**inputs: Any) -> Result:
    return _numbers(smallarea.funnel_limits(**inputs).iloc[0], "lower", "upper", "method")


def _funnel_class(numerator: float, denominator: float, baseline: float, kind: str, method: str) -> Result:
    row = _one_row(
        value=numerator / denominator, per=1, numerator=numerator, denominator=denominator, kind=kind
    )
    found = smallarea.funnel_class(rates.analyse(row, "kind"), baseline, method=method).iloc[0]
    return _numbers(found, "funnel_class", "funnel_method")


def _paired_change(**inputs: Any) -> Result:
    effect = paired_change(unit="points", **inputs)
    if effect.details is None:
        raise SosrakeError("paired_change gave no details")
    details = dict(zip(effect.details["quantity"], effect.details["value"], strict=True))
    return {
        "estimate": effect.estimate,
        "lower": effect.lower,
        "upper": effect.upper,
        "p_value": effect.p_value,
        "df": effect.df,
        "claim": effect.claim.value,
        **details,
    }


FUNCTIONS: dict[str, Callable[..., Result]] = {
    "rates.proportion": _proportion,
    "rates.rate": _rate,
    "rates.mean": _mean,
    "rates.per_units": _per_units,
    "intervals.byar": _interval(intervals.byar),
    "intervals.poisson_exact": _interval(intervals.poisson_exact),
    "intervals.newcombe": _interval(intervals.newcombe),
    "comparison.against": _against,
    "smallarea.funnel_limits": _funnel,
    "smallarea.funnel_class": _funnel_class,
    "effects.paired_change": _paired_change,
}
