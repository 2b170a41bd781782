"""Small released figures that the tests of sentences, tables, charts and pages share."""

from __future__ import annotations

import pandas as pd

from sosrake_lib.indicators import comparison, rates
from sosrake_lib.protect import Release, part, release

AREAS = {
    "297": (57_000, 9.9),
    "749": (10_000, 7.1),
    "140": (9_500, 8.8),
    "420": (4_500, 9.4),
    "204": (1_300, 9.0),
}
COUNTRY = (2_600_000, 9.2)


def source(indicator: str = "tyottomyysaste", *, origin: str = "published") -> pd.DataFrame:
    """Give three years of five municipalities and the country; 420 is protected, 204 absent."""
    rows = [
        _row(indicator, "kunta", code, period, size, value + 2019 - int(period), origin)
        for period in ("2017", "2018", "2019")
        for code, (size, value) in AREAS.items()
    ]
    rows += [_row(indicator, "maa", "SSS", period, *COUNTRY, origin) for period in ("2017", "2018", "2019")]
    frame = pd.DataFrame(rows)
    for code, status in (("420", "suppressed"), ("204", "missing")):
        frame.loc[frame["region_code"] == code, ["value", "numerator"]] = float("nan")
        frame.loc[frame["region_code"] == code, "status"] = status
    return frame


def released() -> Release:
    """Release levels (part taso) and comparisons with the country (part ero), in preview."""
    frame = source()
    analysed = rates.proportion(frame)
    compared = comparison.against(
        analysed[analysed["region_level"] == "kunta"], frame[frame["region_level"] == "maa"]
    )
    parts = {
        "taso": part(analysed, "avoin"),
        "ero": part(compared.drop(columns="difference_method", errors="ignore"), "avoin"),
    }
    return release(parts, name="koe", preview=True)


def plain_release(frame: pd.DataFrame, name: str = "koe") -> Release:
    """Release one part `luvut` of published figures, in preview."""
    return release({"luvut": part(frame, "avoin")}, name=name, preview=True)


def one(indicator: str, value: float, **columns: object) -> pd.DataFrame:
    """Give one published figure of Kuopio."""
    row = _row(indicator, "kunta", "297", "2019", 57_000, value, "published") | {
        "denominator": None,
        "numerator": None,
    }
    return pd.DataFrame([row | columns])


def _row(indicator: str, level: str, code: str, period: str, size: int, value: float, origin: str) -> dict:
    return {
        "indicator": indicator,
        "region_level": level,
        "region_code": code,
        "borders": 2021,
        "period": period,
        "value": value,
        "per": 100.0,
        "numerator": float(round(value * size / 100)) if value == value else float("nan"),
        "denominator": float(size),
        "status": "ok",
        "origin": origin,
        "break_before": period == "2018" and level == "kunta",
        "producer": "TEM",
        "source": "THL Sotkanet, indikaattori 181",
        "licence": "CC BY 4.0",
    }
