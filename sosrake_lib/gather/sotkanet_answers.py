"""What an answer of Sotkanet must look like before it is believed."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, regions
from sosrake_lib.errors import GatherError

_LEVEL_OF = {
    "KUNTA": "kunta",
    "SEUTUKUNTA": "seutukunta",
    "MAAKUNTA": "maakunta",
    "HYVINVOINTIALUE": "hva",
    "MAA": "maa",
}


def check_title(content: Any, entry: catalogue.Indicator) -> None:
    """Refuse an indicator whose title at the source is not the one the catalogue knows for its id."""
    title = _title(content, f"Sotkanet {entry.sotkanet}")
    if content.get("id") != entry.sotkanet or not fits(title, entry):
        raise GatherError(
            f"Sotkanet {entry.sotkanet}: the source calls it {title!r}, "
            f"the catalogue expects {entry.title!r}; check the id of {entry.key} before using its figures"
        )


def check_titles(content: Any) -> None:
    """Check the list of all indicators: ids and titles."""
    if not isinstance(content, list) or not content:
        raise GatherError("Sotkanet: the list of indicators is not a list; the service may have changed")
    for item in content:
        _title(item, "Sotkanet indicators")
        if type(item.get("id")) is not int:
            raise GatherError(
                "Sotkanet indicators: an id is not a whole number; the service may have changed"
            )


def fits(title: str, entry: catalogue.Indicator) -> bool:
    """Say whether a title is one of the accepted ones; spaces, dashes and case do not matter."""
    return _plain(title) in {_plain(accepted) for accepted in entry.titles}


def check_regions(content: Any) -> None:
    """Check the list of regions, and that it calls the register's municipalities by the same codes."""
    if not isinstance(content, list) or not content:
        raise GatherError("Sotkanet regions: expected a list of regions; the service may have changed")
    ours = regions.sotkanet_ids()
    ours = ours[ours["region_level"].isin(("kunta", "maakunta"))]
    expected = dict(
        zip(ours["sotkanet_id"], zip(ours["region_level"], ours["region_code"], strict=True), strict=True)
    )
    seen = set()
    for place in content:
        if not isinstance(place, dict) or type(place.get("id")) is not int:
            raise GatherError(
                "Sotkanet regions: a region has no whole-number id; the service may have changed"
            )
        if not isinstance(place.get("code"), str) or not isinstance(place.get("category"), str):
            raise GatherError(f"Sotkanet regions: region {place['id']} has no code or category as text")
        if place["id"] in seen:
            raise GatherError(f"Sotkanet regions: region {place['id']} stands twice; try again later")
        seen.add(place["id"])
        level = _LEVEL_OF.get(place["category"])
        known = expected.get(place["id"])
        if level in ("kunta", "maakunta") and known is not None and known != (level, place["code"]):
            raise GatherError(
                f"Sotkanet regions: id {place['id']} is {level} {place['code']} at the source but "
                f"{known[0]} {known[1]} in the region register; check the register before using the figures"
            )


def check_rows(content: Any, number: int, known: Mapping[int, str]) -> None:
    """Check every row: fields, types, finite numbers, known regions, one row a key. Empty is allowed."""
    where = f"Sotkanet {number}"
    if not isinstance(content, list):
        raise GatherError(f"{where}: expected a list of rows, got {type(content).__name__}; try again later")
    seen = set()
    for place, row in enumerate(content, start=1):
        _check_row(row, f"{where}: row {place}", number)
        if row["region"] not in known:
            raise GatherError(
                f"{where}: row {place} has region {row['region']}, which the source's own list "
                "does not hold; try again later"
            )
        key = (row["region"], row["year"], row["gender"])
        if key in seen:
            raise GatherError(f"{where}: row {place} repeats region, year and gender {key}; try again later")
        seen.add(key)


def rows_of(content: Sequence[Mapping[str, Any]], years: Sequence[int], sexes: Sequence[str]) -> pd.DataFrame:
    """Give checked rows as columns sotkanet_id, period, sex, value, numerator, only what was asked for."""
    kept = [row for row in content if row["year"] in set(years) and row["gender"] in set(sexes)]
    return pd.DataFrame(
        {
            "sotkanet_id": np.array([row["region"] for row in kept], dtype="int64"),
            "period": pd.array([str(row["year"]) for row in kept], dtype="str"),
            "sex": pd.array([row["gender"] for row in kept], dtype="str"),
            "value": np.array([row.get("value", row.get("absValue")) for row in kept], dtype="float64"),
            # Only beside a value is it a count of its own; alone it is the value itself.
            "numerator": np.array(
                [row.get("absValue", np.nan) if "value" in row else np.nan for row in kept], dtype="float64"
            ),
        }
    )


def regions_at(borders: int, levels: Sequence[str]) -> pd.DataFrame:
    """Give sotkanet_id, region_level, region_code, age_of_id of the regions that exist in a division."""
    ids = regions.sotkanet_ids()
    ids["age_of_id"] = np.arange(len(ids))
    exists = [
        ids["region_level"].eq(level) & ids["region_code"].isin(regions.codes(level, borders))
        for level in levels
    ]
    return ids[np.logical_or.reduce(exists)]


def _check_row(row: Any, where: str, number: int) -> None:
    if not isinstance(row, dict):
        raise GatherError(f"{where} is not an object; the service may have changed")
    for name, kind in (("indicator", int), ("region", int), ("year", int), ("gender", str)):
        if type(row.get(name)) is not kind:
            raise GatherError(f"{where}: field {name} is {row.get(name)!r}; expected {kind.__name__}")
    if row["indicator"] != number:
        raise GatherError(f"{where} is of indicator {row['indicator']}; try again later")
    if "value" not in row and "absValue" not in row:
        raise GatherError(f"{where} has neither value nor absValue; the service may have changed")
    for name in ("value", "absValue"):
        if name in row and (type(row[name]) not in (int, float) or not math.isfinite(row[name])):
            raise GatherError(
                f"{where}: field {name} is {row[name]!r}; expected a finite number; try again later"
            )


def _title(content: Any, where: str) -> str:
    title = content.get("title") if isinstance(content, dict) else None
    finnish = title.get("fi") if isinstance(title, dict) else None
    if not isinstance(finnish, str):
        raise GatherError(f"{where}: the description has no Finnish title; the service may have changed")
    return finnish


def _plain(title: str) -> str:
    kept = unicodedata.normalize("NFKC", title).casefold()
    return "".join(letter for letter in kept if letter.isalnum() or letter in "%/")
