"""Adapters of the house's own kinds: the public functions under their own names, for tests/reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from sosrake_lib.effects import paired_change
from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import comparison, intervals, rates, smallarea
from sosrake_lib.verify.kind import Given, Kind

Result = Mapping[str, float | str]


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


def _per_units(numerator: float, denominator: float, per: float) -> Result:
    return {"value": float(rates.per_units(numerator, denominator, per))}


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
        value=float(rates.per_units(numerator, denominator)),
        per=1,
        numerator=numerator,
        denominator=denominator,
        kind=kind,
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


def _named(function: Callable[..., Result], description: str) -> Kind:
    def run(given: Given) -> Result:
        return function(**given)

    return Kind(run, description)


KINDS = {
    "rates.proportion": _named(_proportion, "numerator, denominator, per, confidence, value"),
    "rates.rate": _named(_rate, "numerator, denominator, per, confidence, value"),
    "rates.mean": _named(_mean, "value, standard_deviation, n, confidence"),
    "rates.per_units": _named(_per_units, "numerator, denominator, per"),
    "intervals.byar": _named(_interval(intervals.byar), "count, confidence"),
    "intervals.poisson_exact": _named(_interval(intervals.poisson_exact), "count, confidence"),
    "intervals.newcombe": _named(
        _interval(intervals.newcombe),
        "numerator, denominator, other_numerator, other_denominator, confidence",
    ),
    "comparison.against": _named(_against, "area and other as [numerator, denominator], confidence, per"),
    "smallarea.funnel_limits": _named(_funnel, "denominator, baseline, per, confidence, method"),
    "smallarea.funnel_class": _named(_funnel_class, "numerator, denominator, baseline, kind, method"),
    "effects.paired_change": _named(_paired_change, "before, after, confidence"),
}
