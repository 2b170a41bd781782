"""Adapters of standardisation and life expectancy: cases by age to frames; they rename and reshape only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sosrake_lib.indicators import intervals, standardise
from sosrake_lib.indicators.life_table import MINIMUM_POPULATION, table_of
from sosrake_lib.verify.kind import Given, Kind

# What cases call an input, and what we call it; the first that a case has is taken.
_AGE = ("ageband", "age", "age_band", "agegroup", "start_age", "startage")
_START = ("start_age", "startage", "ageband", "age")
_COUNT = ("count", "x", "events", "deaths", "numerator", "obs", "observed_by_age")
_PEOPLE = ("pop", "population", "n", "denominator", "pops")
_STANDARD = ("stdpop", "standard", "weight", "weights", "stdpopulation")
_REFERENCE_COUNT = ("refcount", "ref_count", "x_ref", "reference_count", "refx", "stdcount")
_REFERENCE_PEOPLE = (
    *("refpop", "ref_pop", "n_ref", "reference_pop", "refn", "reference_population", "stdpop"),
)
_METHODS = {"dobson": "dobson", "byar": "dobson", "fay_feuer": "fay_feuer", "gamma": "fay_feuer"}
# R epitools' ageadjust.direct gives a rate however few the events are.
_LEAST_EVENTS = {"dobson": 10, "fay_feuer": 0}
_AREA = {
    "indicator": "reference",
    "region_level": "hva",
    "region_code": "E1",
    "borders": 2026,
    "period": "2019",
    "status": "ok",
    "origin": "synthetic",
}


def _taken(given: Given, names: tuple[str, ...], default: Any = None) -> Any:
    for name in names:
        if given.get(name) is not None:
            return given[name]
        if "table" in given and name in given["table"]:
            return given["table"][name].tolist()
    return default


def _levels(given: Given) -> list[float]:
    confidence = _taken(given, ("confidence",), 0.95)
    return list(confidence) if isinstance(confidence, list | tuple) else [confidence]


def _scale(given: Given, default: float) -> float:
    return _taken(given, ("multiplier", "per"), default)


def _by_age(given: Given, **columns: Any) -> pd.DataFrame:
    """Make rows by age, named by their place where the case names no ages."""
    rows = pd.DataFrame({name: values for name, values in columns.items() if values is not None})
    ages, sexes = _taken(given, _AGE, list(rows.index)), _taken(given, ("sex",))
    # Ages of both sexes are strata of their own, named by both.
    names = zip(ages, sexes, strict=True) if isinstance(sexes, list) else zip(ages, strict=True)
    return rows.assign(age=[" ".join(map(str, name)) for name in names])


def _named(rows: pd.DataFrame, levels: list[float], names: Mapping[str, str]) -> dict[str, Any]:
    """Name a result's columns as cases do: limits of one confidence plainly, of several by per cent."""
    first = rows.iloc[0]
    found: dict[str, Any] = {name: first[column] for name, column in names.items()}
    for name in ("lower", "upper", "method"):
        found[name] = first[name]
    for level, (_, row) in zip(levels, rows.iterrows(), strict=True):
        for side in ("lower", "upper"):
            found[f"{side}_{intervals.level_name(level)}"] = row[side]
    return found


def _direct(given: Given) -> dict[str, Any]:
    method = _METHODS[given.get("ci", given.get("method", given.get("variant", "dobson")))]
    frequency = _taken(given, ("eventfreq", "event_frequency"))
    rows = _by_age(
        given,
        numerator=_taken(given, _COUNT),
        denominator=_taken(given, _PEOPLE),
        weight=_taken(given, _STANDARD),
        events_each=frequency,
        sum_of_squared_events=_taken(given, ("count_variance", "sum_of_squared_events", "variance")),
    )
    source = rows.drop(columns="weight").assign(**_AREA)
    if frequency is not None:
        source = standardise.from_event_frequencies(source)
    levels = _levels(given)
    found = standardise.direct(
        source,
        rows[["age", "weight"]].drop_duplicates(),
        confidence=levels,
        method=method,
        min_count=_taken(given, ("min_count",), _LEAST_EVENTS[method]),
        per=_scale(given, 100_000),
        # The packages behind these cases count an empty age as no events.
        missing_counts=given.get("missing_counts", "zero"),
        count_variance="sum_of_squared_events" if "sum_of_squared_events" in source else None,
    )
    names = {
        "value": "value",
        "dsr": "value",
        "crude": "crude_value",
        "crude_rate": "crude_value",
        "total_count": "numerator",
        "total_pop": "denominator",
        "standard_error": "standard_error",
        "reason": "reason",
    }
    return _named(found, levels, names)


def _both(given: Given) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the area's rows and the reference's; a single count is the area's total, not known by age."""
    count = _taken(given, _COUNT)
    total = _taken(given, ("observed", "total_count", "observed_total"), count)
    rows = _by_age(
        given,
        denominator=_taken(given, _PEOPLE),
        reference_count=_taken(given, _REFERENCE_COUNT),
        reference_people=_taken(given, _REFERENCE_PEOPLE),
    )
    area = rows[["age", "denominator"]].assign(**_AREA)
    if isinstance(count, list):
        area = area.assign(numerator=count)
    else:
        area = area.assign(numerator=0, observed=total)
    reference = pd.DataFrame(
        {"age": rows["age"], "numerator": rows["reference_count"], "denominator": rows["reference_people"]}
    )
    return area, reference


def _indirect_options(given: Given, area: pd.DataFrame) -> dict[str, Any]:
    return {
        "confidence": _levels(given),
        "missing_counts": given.get("missing_counts", "zero"),
        "observed": "observed" if "observed" in area else None,
        "method": given.get("ci", given.get("method", "byar")),
        "exact_below": _taken(given, ("exact_below",), 10),
    }


def _indirect_ratio(given: Given) -> dict[str, Any]:
    area, reference = _both(given)
    options = _indirect_options(given, area)
    found = standardise.indirect_ratio(area, reference, per=_scale(given, 1), **options)
    names = {"value": "value", "observed": "numerator", "expected": "denominator", "reason": "reason"}
    return _named(found, _levels(given), names)


def _indirect_rate(given: Given) -> dict[str, Any]:
    area, reference = _both(given)
    options = _indirect_options(given, area)
    found = standardise.indirect_rate(area, reference, per=_scale(given, 100_000), **options)
    names = {
        "value": "value",
        "observed": "numerator",
        "expected": "expected",
        "ref_rate": "reference_value",
        "crude": "crude_value",
        "total_pop": "denominator",
        "reason": "reason",
    }
    return _named(found, _levels(given), names)


def _comparative(given: Given) -> dict[str, Any]:
    area, reference = _both(given)
    weights = _taken(given, _STANDARD)
    standard = None if weights is None else reference[["age"]].assign(weight=weights)
    found = standardise.comparative_ratio(
        area,
        reference,
        standard,
        confidence=_levels(given),
        per=_scale(given, 1),
        min_count=_taken(given, ("min_count",), 10),
        missing_counts=given.get("missing_counts", "zero"),
        reference_is_known=given.get("reference_is_known", False),
    )
    names = {
        "value": "value",
        "total_count": "numerator",
        "total_pop": "denominator",
        "standardised_rate": "standardised_rate",
        "reference_rate": "reference_rate",
        "reason": "reason",
    }
    return _named(found, _levels(given), names)


def _life_expectancy(given: Given) -> dict[str, Any]:
    at_age = _taken(given, ("at_age", "le_age"), "all")
    chosen = at_age if isinstance(at_age, list) else [at_age]
    options = {
        "at_ages": None if at_age == "all" else chosen,
        "fraction": _taken(given, ("fraction", "ax")),
        "minimum_population": _taken(given, ("minimum_population",), MINIMUM_POPULATION),
    }
    ages, deaths, people = _taken(given, _START), _taken(given, ("deaths", *_COUNT)), _taken(given, _PEOPLE)
    found: dict[str, Any] = {}
    for level in _levels(given):
        table = table_of(ages, deaths, people, confidence=level, **options)
        name = intervals.level_name(level)
        columns = {column: table[column].tolist() for column in table.columns}
        limits = {f"{side}_{name}": columns[side] for side in ("lower", "upper")}
        # The first confidence's limits also stand under their plain names.
        found = {**_life_table_names(columns), **columns, **found, **limits}
    return found


def _life_table_names(columns: dict[str, Any]) -> dict[str, Any]:
    names = {
        "value": "expectancy",
        "ex": "expectancy",
        "ax": "fraction",
        "mx": "mortality",
        "qx": "probability",
        "lx": "survivors",
        "dx": "dying",
        "Lx": "years",
        "Tx": "years_beyond",
        "reason": "refusal",
    }
    return {name: columns[column] for name, column in names.items()}


_INPUTS = "count, pop by age (null count = no event), multiplier, confidence (one or a list)"

KINDS = {
    "directly_standardised_rate": Kind(
        _direct,
        f"rate standardised to stdpop; {_INPUTS}, min_count, count_variance or eventfreq; "
        "ci='dobson' (default) or 'fay_feuer'",
    ),
    "indirectly_standardised_ratio": Kind(
        _indirect_ratio,
        f"observed over expected events (SMR); {_INPUTS} (or one total count), refcount, refpop",
    ),
    "indirectly_standardised_rate": Kind(
        _indirect_rate,
        f"SMR times the reference's crude rate; {_INPUTS} (or one total count), refcount, refpop",
    ),
    "life_expectancy": Kind(
        _life_expectancy,
        "abridged life table (Chiang II, Silcocks); start_age, population, deaths, at_age (one, a list or "
        "all), confidence, fraction, minimum_population",
    ),
    **{
        name: Kind(
            _comparative,
            f"standardised rate over the reference's (CMF); {_INPUTS}, refcount, refpop, stdpop or none",
        )
        for name in ("comparative_ratio", "comparative_mortality_figure", "standardised_rate_ratio")
    },
}
