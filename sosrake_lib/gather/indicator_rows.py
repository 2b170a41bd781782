"""Rows of indicators from an office table: whose figures they are, and that they can be protected.

A figure that names who has published it (`lahde`) is published: it is shown as it is. Any other is the
office's own count: it must tell how many people stand behind it, as small counts are hidden before anything
is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, regions
from sosrake_lib.errors import CatalogueError
from sosrake_lib.gather.cells import EMPTY, HIDDEN, OK, Read
from sosrake_lib.gather.findings import Finding
from sosrake_lib.language import say

# A value may differ from its counts by its rounding or a slightly other denominator; the same share stops
# `indicators.rates` later, when nobody sees the row of the file any more.
VALUE_TOLERANCE = 0.05


def judge(columns: Mapping[str, list[Read]], rows: list[int]) -> list[Finding]:
    """Say which own figures lack their counts, which values do not fit them, and how many are published."""
    nothing = [Read()] * len(rows)
    names = ("indikaattori", "arvo", "osoittaja", "nimittaja", "lahde")
    lines = zip(rows, *(columns.get(name, nothing) for name in names), strict=True)
    findings: list[Finding] = []
    published = 0
    for row, indicator, value, count, people, publisher in lines:
        entry = _entry(indicator.value)
        if entry is None or value.wrong or value.state != OK:
            continue
        published += bool(publisher.value)
        if not publisher.value and not _people_known(entry, value, count, people):
            findings.append(Finding("own_without_count", row, "osoittaja"))
        elif not _fits(entry, value, count, people):
            findings.append(Finding("value_differs", row, "arvo", {"value": value.value}))
    if published:
        findings.append(Finding("published_rows", None, "lahde", {"found": str(published)}))
    return findings


def as_frame(clean: pd.DataFrame, file: str, synthetic: bool) -> pd.DataFrame:
    """Shape a checked table of indicators into rows of the indicator frame."""
    entries = [catalogue.indicator(key) for key in clean["indikaattori"]]
    status = clean["arvo_tila"].map({OK: "ok", HIDDEN: "suppressed", EMPTY: "missing"})
    shown = status == "ok"
    denominator = _shown_numbers(clean, "nimittaja", shown)
    breaks = [year in entry.breaks for year, entry in zip(clean["vuosi"], entries, strict=True)]
    publisher = clean["lahde"] if "lahde" in clean else pd.Series("", index=clean.index)
    own = publisher == ""
    origin = pd.Series("published", index=clean.index).mask(own, "own")
    # Left empty they would be read as those of the catalogue's source, which has not given these figures.
    licence = pd.Series(say("gather.licence_of_source"), index=clean.index)
    return pd.DataFrame(
        {
            "indicator": clean["indikaattori"],
            "region_level": "kunta",
            "region_code": clean["kunta_nro"],
            "borders": [min(int(year), regions.CURRENT_YEAR) for year in clean["vuosi"]],
            "period": clean["vuosi"],
            "value": _shown_numbers(clean, "arvo", shown),
            "per": [float(entry.per) for entry in entries],
            "numerator": _shown_numbers(clean, "osoittaja", shown),
            "denominator": denominator,
            "status": status,
            "break_before": np.where(breaks, "true", "false"),
            "origin": "synthetic" if synthetic else origin,
            "denominator_status": np.where(np.isfinite(denominator), "published", "absent"),
            "producer": publisher.mask(own, say("gather.own_producer")),
            "licence": licence.mask(own, say("gather.own_licence")),
            "source": file,
            "retrieved": date.today().isoformat(),
        }
    )


def _entry(key: str) -> catalogue.Indicator | None:
    try:
        return catalogue.indicator(key)
    except CatalogueError:
        return None  # told of as an unknown indicator


def _people_known(entry: catalogue.Indicator, value: Read, count: Read, people: Read) -> bool:
    """Say whether a row tells how many people stand behind it: its count, or the people of a mean."""
    if entry.kind == "count":
        return float(value.value).is_integer()
    if entry.kind in ("proportion", "rate"):
        return bool(count.value and people.value)
    return bool(count.value or people.value)


def _fits(entry: catalogue.Indicator, value: Read, count: Read, people: Read) -> bool:
    if entry.kind not in ("proportion", "rate") or not count.value or not people.value:
        return True
    if not float(people.value):
        return True  # told of as a zero
    rate = entry.per * float(count.value) / float(people.value)
    rounding = 0.5 * 10.0 ** -len(value.value.partition(".")[2].rstrip("0"))
    return abs(rate - float(value.value)) <= max(VALUE_TOLERANCE * rate, rounding) * (1 + 1e-9)


def _shown_numbers(clean: pd.DataFrame, name: str, shown: pd.Series) -> np.ndarray:
    column = clean[name] if name in clean else pd.Series("", index=clean.index)
    return pd.to_numeric(column, errors="coerce").where(shown).to_numpy(dtype="float64")
