"""Diak's index panel for the samples: the area's rows, gaps said, figures filled with 0 taken as absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sample_regions import COUNTIES, OLDER_BORDERS, REGIONS, key_of_year

from sosrake_lib import catalogue, frame

DIAK_TITLES = {one.title: one.key for one in catalogue.indicators() if one.key.startswith("diak_")}
TOTAL = "diak_huono_osaisuus"
CAVEAT = "absent_part_counted_as_0"


def diak(path: Path, keys: pd.DataFrame) -> pd.DataFrame:
    """Make the rows of Diak's index panel for the area; gaps of the newest period are said."""
    read = pd.read_csv(path, dtype={"aluekoodi": str})
    read["indicator"] = read["variable"].map(DIAK_TITLES)
    if read["indicator"].isna().any():
        raise SystemExit(
            f"{read.loc[read['indicator'].isna(), 'variable'].iloc[0]!r} is not in the catalogue"
        )
    # In this panel an exact 0 stands only where the source filled an absent figure; absent is never 0.
    zeros = _zero_parts(read[read["value"] == 0])
    read["value"] = read["value"].where(read["value"] != 0)
    read["period"] = [f"{year - 1}/{year + 1}" for year in read["aika"]]
    municipal = read[read["regio_level"] == "Kunnat"]
    of_year = key_of_year(keys, OLDER_BORDERS, set(municipal["aluekoodi"].str.zfill(3)))
    area = of_year[of_year["hva"].isin(COUNTIES)]
    parts = [
        _diak_level(read, "Kunnat", "kunta", 3, set(area.index)),
        _diak_level(read, "Hyvinvointialueet", "hva", 2, set(COUNTIES)),
        _newest(_diak_level(read, "Seutukunnat", "seutukunta", 3, set(area["seutukunta"]))),
    ]
    named = read.assign(aluekoodi=read["aluekoodi"].fillna(read["aluenimi"].map(REGIONS)))
    parts.append(
        _longer_than(_diak_level(named, "Maakunnat", "maakunta", 2, set(REGIONS.values())), parts[1])
    )
    parts.append(_diak_gaps(parts[0], sorted(area.index)))
    whole = pd.concat(parts)
    return whole.assign(
        borders=OLDER_BORDERS,
        break_before=[
            _breaks(key, period) for key, period in zip(whole["indicator"], whole["period"], strict=True)
        ],
        caveat=[_caveat(row, zeros) for row in whole.itertuples()],
        origin="published",
        producer="Diak",
        licence="MIT",
        source="karttasovellus v20230224",
        retrieved="2023-02-24",
    )


def diak_gini(path: Path) -> pd.DataFrame:
    """Pick the Ginis Diak has published of the area's counties: how unequal municipalities are in them."""
    read = pd.read_csv(path, dtype={"aluekoodi": str})
    read = read[(read["regio_level"] == "Hyvinvointialueet") & read["aluekoodi"].str.zfill(2).isin(COUNTIES)]
    rows = pd.DataFrame(
        {
            "variable": read["variable"].map(DIAK_TITLES),
            "region_level": "hva",
            "region_code": read["aluekoodi"].str.zfill(2),
            "period": [f"{year - 1}/{year + 1}" for year in read["aika"]],
            "gini": read["gini"],
            "producer": "Diak",
            "licence": "MIT",
            "source": "karttasovellus v20230224",
        }
    )
    if rows["variable"].isna().any():
        raise SystemExit("diak_gini: a variable is not in the catalogue")
    return rows.drop_duplicates().sort_values(["variable", "region_code", "period"], ignore_index=True)


def _diak_level(read: pd.DataFrame, name: str, level: str, digits: int, codes: set[str]) -> pd.DataFrame:
    rows = read[read["regio_level"] == name]
    code = rows["aluekoodi"].str.zfill(digits)
    rows = rows.assign(region_level=level, region_code=code)[code.isin(codes)]
    rows["status"] = np.where(rows["value"].isna(), "missing", "ok")
    return rows[["indicator", "region_level", "region_code", "period", "value", "status"]]


def _newest(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["period"] == frame.newest_period(rows)]


def _longer_than(rows: pd.DataFrame, counties: pd.DataFrame) -> pd.DataFrame:
    """Keep the regions' rows of those indicators whose county series is shorter."""
    of_counties = counties.groupby("indicator")["period"].nunique()
    longer = rows.groupby("indicator")["period"].nunique() > of_counties.reindex(
        sorted(set(rows["indicator"])), fill_value=0
    )
    return rows[rows["indicator"].map(longer)]


def _diak_gaps(rows: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Say what the panel lacks: `missing` where others have it, else `not_published_at_level`."""
    gaps: list[tuple] = []
    for key in sorted(DIAK_TITLES.values()):
        here = rows[rows["indicator"] == key]
        everywhere = catalogue.indicator(key).level_min == "kunta"
        periods = sorted(set(here["period"])) if everywhere else ["2018/2020" if len(here) else "2019/2021"]
        have = set(zip(here["region_code"], here["period"], strict=True))
        status = "missing" if everywhere else "not_published_at_level"
        gaps += [
            (key, "kunta", code, period, np.nan, status)
            for code in codes
            for period in periods
            if (code, period) not in have
        ]
    return pd.DataFrame(
        gaps, columns=["indicator", "region_level", "region_code", "period", "value", "status"]
    )


def _zero_parts(zeros: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Give municipality, period and sum variable whose mean counts a figure filled with 0."""
    municipal = zeros[zeros["regio_level"] == "Kunnat"]
    parts = set()
    for row in municipal.itertuples():
        place = (row.aluekoodi.zfill(3), f"{row.aika - 1}/{row.aika + 1}")
        parts |= {(*place, DIAK_TITLES[row.var_class]), (*place, TOTAL)}
    return parts


def _caveat(row: Any, zeros: set[tuple[str, str, str]]) -> str:
    found = row.region_level == "kunta" and (row.region_code, row.period, row.indicator) in zeros
    return CAVEAT if found else ""


def _breaks(key: str, period: str) -> bool:
    """Say whether a three-year period is the first that a break of the series touches."""
    last = int(period.split("/")[1])
    return any(int(year) == last for year in catalogue.indicator(key).breaks)
