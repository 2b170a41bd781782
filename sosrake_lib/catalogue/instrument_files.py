"""Reads the instruments' files (catalogue/instruments/KEY.toml) and answers from them."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, fields
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from sosrake_lib.catalogue.instrument import (
    INSTRUMENT_KINDS,
    RELIABILITY_KINDS,
    SCORING_METHODS,
    SEXES_OF_BANDS,
    Band,
    GoalLevel,
    Instrument,
    InstrumentItem,
    InstrumentNote,
    Reliability,
    ScoredScale,
    TextLicence,
)
from sosrake_lib.errors import CatalogueError

# The order of menus: what suits social work without permissions first.
ORDER = (
    *("3x10d", "avain", "kykyviisari", "yksinaisyys_thl", "ucla3", "paradise24fin"),
    *("eurohis_qol_8", "whoqol_bref", "audit_c", "core_om", "phq8", "phq9"),
)
_NEUTRAL: dict[str, Any] = {
    "formative": False,
    "clinical": False,
    "items": 0,
    "item_min": 0,
    "item_max": 0,
    "reverse": [],
    "form_max_missing": None,
    "missing_source": "",
}
_SCALE: dict[str, Any] = {
    "items": [],
    "method": "sum",
    "factor": 1.0,
    "shift": 0.0,
    "max_missing": 0,
    "summary": False,
    "sensitive": False,
    "verified": True,
    "top_coded": None,
    "cutoff": None,
}
_DIRECTIONS = ("higher_is_better", "higher_is_worse")


def instrument(key: str) -> Instrument:
    """Give the instrument of a key.

    Raises
    ------
    CatalogueError naming the nearest keys when there is no such instrument.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> audit_c = catalogue.instrument("audit_c")
    >>> [(band.sex, band.age_from, band.at_least) for band in audit_c.scale("total").bands if band.at_least]
    [('male', 20, 6.0), ('female', 20, 5.0), ('any', 65, 4.0)]
    """
    known = _instruments()
    if key not in known:
        near = ", ".join(get_close_matches(key.lower(), known, n=3, cutoff=0.4) or known)
        raise CatalogueError(f"catalogue: no instrument {key!r}; nearest: {near}")
    return known[key]


def instruments() -> tuple[Instrument, ...]:
    """Give all instruments, in the order of menus.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> [one.key for one in catalogue.instruments() if one.formative]
    ['3x10d', 'avain']
    """
    return tuple(_instruments().values())


def read_instrument(key: str, table: dict[str, Any]) -> Instrument:
    """Make a record of a file's table, refusing fields that are missing, strange or out of their list.

    Raises
    ------
    CatalogueError naming the file, the part and the field.
    """
    where = f"catalogue/instruments/{key}.toml"
    row = dict(table)
    parts = {name: row.pop(name, {}) for name in ("licence", "scales", "band_sets")}
    lists = {name: row.pop(name, []) for name in ("item_names", "levels", "notes")}
    direction = row.pop("direction", None)
    values = {**_NEUTRAL, **row, "key": key}
    _one_of(values, "kind", INSTRUMENT_KINDS, where)
    common = {"direction": direction, "kind": values["kind"]}
    common |= {name: values[name] for name in ("item_min", "item_max", "items")}
    return _make(
        Instrument,
        where,
        {
            **values,
            "reverse": tuple(values["reverse"]),
            "licence": _make(TextLicence, f"{where}, licence", parts["licence"]),
            "item_names": tuple(_make(InstrumentItem, where, one) for one in lists["item_names"]),
            "levels": tuple(_make(GoalLevel, where, one) for one in lists["levels"]),
            "notes": tuple(_make(InstrumentNote, where, one) for one in lists["notes"]),
            "scales": tuple(
                _scale(name, one, common, parts["band_sets"], f"{where}, scale {name}")
                for name, one in parts["scales"].items()
            ),
        },
    )


def _scale(
    key: str, row: dict[str, Any], common: dict[str, Any], band_sets: dict[str, Any], where: str
) -> ScoredScale:
    values = {"direction": common["direction"], **_SCALE, **row, "key": key}
    _one_of(values, "method", SCORING_METHODS, where)
    _one_of(values, "direction", _DIRECTIONS, where)
    bands = values.pop("bands", [])
    if isinstance(bands, str):
        if bands not in band_sets:
            raise CatalogueError(f"{where}: bands {bands!r} are not among {', '.join(band_sets) or 'none'}")
        bands = band_sets[bands]
    if common["kind"] == "items":
        values |= _ends(values, common, where)
    for name in ("factor", "shift", "minimum", "maximum", "top_coded", "cutoff"):
        values[name] = None if values.get(name) is None else float(values[name])
    reliability = tuple(_make(Reliability, where, one) for one in values.pop("reliability", []))
    for one in reliability:
        _one_of({"kind": one.kind}, "kind", RELIABILITY_KINDS, where)
    values |= {"items": tuple(values["items"]), "bands": tuple(_band(one, where) for one in bands)}
    return _make(ScoredScale, where, {**values, "reliability": reliability})


def _ends(values: dict[str, Any], common: dict[str, Any], where: str) -> dict[str, float]:
    """Work out the least and greatest score that answers can give."""
    items = values["items"]
    outside = [number for number in items if not 1 <= number <= common["items"]]
    if not items or outside or len(set(items)) < len(items):
        raise CatalogueError(f"{where}: items {items}; expected different numbers 1 to {common['items']}")
    times = len(items) if values["method"] == "sum" else 1
    low, high = (values["factor"] * times * common[end] + values["shift"] for end in ("item_min", "item_max"))
    return {"minimum": low, "maximum": high}


def _band(row: dict[str, Any], where: str) -> Band:
    band = _make(Band, f"{where}, band", {**row, "at_least": float(row.get("at_least", 0))})
    _one_of({"sex": band.sex}, "sex", SEXES_OF_BANDS, where)
    return band


def _make(record: Any, where: str, row: dict[str, Any]) -> Any:
    known = {field.name for field in fields(record)}
    needed = {field.name for field in fields(record) if field.default is MISSING}
    for name in sorted(set(row) - known):
        raise CatalogueError(f"{where}: {name} is not a field; expected {', '.join(sorted(known))}")
    for name in sorted(needed - set(row)):
        raise CatalogueError(f"{where} has no {name}; write it")
    return record(**row)


def _one_of(row: dict[str, Any], name: str, allowed: tuple[str, ...], where: str) -> None:
    if row.get(name) not in allowed:
        raise CatalogueError(f"{where}: {name} is {row.get(name)!r}; expected one of {', '.join(allowed)}")


@cache
def _instruments() -> dict[str, Instrument]:
    folder = files("sosrake_lib.catalogue") / "instruments"
    present = sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if ".toml" in file.name)
    if set(present) != set(ORDER):
        odd = ", ".join(sorted(set(present) ^ set(ORDER)))
        raise CatalogueError(f"catalogue/instruments: {odd} must stand both as a file and in ORDER")
    return {
        key: read_instrument(key, tomllib.loads((folder / f"{key}.toml").read_text(encoding="utf-8")))
        for key in ORDER
    }
