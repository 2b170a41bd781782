"""The area of the samples, and which municipality stood where in which year."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

COUNTIES = ("12", "13", "14", "20")
REGIONS = {"Etelä-Savo": "10", "Pohjois-Savo": "11", "Pohjois-Karjala": "12", "Kainuu": "18"}
COUNTRY = ("maa", "SSS")
OLDER_BORDERS = 2023


def municipality_keys(path: Path) -> pd.DataFrame:
    """Read the municipality keys of every year: year, kunta, hva, seutukunta, kuntaryhmitys (text codes)."""
    read = pd.read_csv(path, low_memory=False)
    code = read["kunta"].astype(int).astype(str).str.zfill(3)
    keys = pd.DataFrame({"year": read["key_year"].astype(int), "kunta": code})
    for level, column, digits in (
        ("hva", "hyvinvointialue_code", 2),
        ("seutukunta", "seutukunta_code", 3),
        ("kuntaryhmitys", "kuntaryhmitys_code", 1),
    ):
        keys[level] = read[column].map(
            lambda value, n=digits: "" if pd.isna(value) else f"{int(value):0{n}d}"
        )
    return keys


def key_of_year(keys: pd.DataFrame, year: int, codes: set[str]) -> pd.DataFrame:
    """Give the keys of a year by municipality code, refusing codes that do not belong to its map."""
    of_year = keys[keys["year"] == year].set_index("kunta")
    strange = sorted(codes - set(of_year.index))
    if strange:
        raise SystemExit(f"municipality {strange[0]} does not stand on the map of {year}; look for its year")
    return of_year
