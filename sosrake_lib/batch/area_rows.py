"""Rows of the area's own municipalities and counties: which are the area's, newest, on today's map, summed.

What several recipes need before they compute anything; nothing here is a statistic but a sum.
"""

from __future__ import annotations

import pandas as pd

from sosrake_lib import catalogue, frame, protect, regions

AREA = ("joukko", "alue51")
# What one sum is about.
BLOCK = ("indicator", "period", "sex", "age", "group")
# Part of a release with the rows of the areas compared with.
REFERENCES = "vertailukohta"
# Levels whose areas are sums of municipalities where no source gives them.
SUMMED = ("joukko", "hva", "kuntaryhmitys", "maa")


def published(rows: pd.DataFrame) -> pd.Series:
    """Say of each row whether a source has published it, or it is a sum of what sources have published."""
    made_from = rows["made_from"] if "made_from" in rows else pd.Series("", index=rows.index)
    return (rows["origin"] == "published") | ((rows["origin"] == "own") & (made_from == "published"))


def by_its_rules(rows: pd.DataFrame) -> protect.Part:
    """Release published figures as they are; a part with an office's own counts in it is protected whole.

    A published row without a count, such as a mean, cannot stand in a protected part and is left out of it.
    """
    if published(rows).all():
        return protect.part(rows, rules="avoin")
    countless = (rows["status"] == "ok") & rows["numerator"].isna() & rows["denominator"].isna()
    countless &= (rows["per"] != 1) | (rows["value"] % 1 != 0)
    return protect.part(rows.loc[~(countless & published(rows))].reset_index(drop=True), rules="vakio")


def of_the_area(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep, of municipalities and counties, the area's: a source gives the whole country's at once."""
    members = regions.members(*AREA)
    counties = {regions.parent(code, "hva") for code in members}
    codes = rows.loc[rows["region_level"] == "kunta", "region_code"].unique()
    outside = {code for code in codes if regions.successor(code) not in members}
    elsewhere = (rows["region_level"] == "kunta") & rows["region_code"].isin(outside)
    elsewhere |= (rows["region_level"] == "hva") & ~rows["region_code"].isin(counties)
    return rows.loc[~elsewhere]


def newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep, per indicator, the period that ends last among the municipalities' and counties' own values."""
    told = rows.loc[rows["status"] == "ok"]
    latest = {
        indicator: max(periods.unique(), key=frame.period_end)
        for indicator, periods in told.groupby("indicator")["period"]
    }
    return rows.loc[rows["period"] == rows["indicator"].map(latest)].reset_index(drop=True)


def with_area_sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the sums of municipalities for the areas that the data have no row for, on the current map.

    Rows that a merger touches and that cannot be summed (means, indices) keep the map they were published on.
    A sum that lacks a municipality is not made: it would look like the area's figure and be smaller.
    """
    on_map = on_current_map(rows)
    municipal = on_map.loc[(on_map["region_level"] == "kunta") & (on_map["borders"] == regions.CURRENT_YEAR)]
    countable = municipal["numerator"].notna() & municipal["denominator"].notna()
    members = municipal.loc[
        (countable | (municipal["status"] != "ok")) & (municipal["indicator"] != "vaesto")
    ]
    told = members.groupby(list(BLOCK))["status"].transform(lambda status: (status == "ok").any())
    members = members.loc[told.astype("bool")] if len(members) else members
    sums = [_lacking_sums(on_map, members, level) for level in SUMMED] if len(members) else []
    return frame.combine([on_map, *(one for one in sums if len(one))])


def _lacking_sums(rows: pd.DataFrame, members: pd.DataFrame, level: str) -> pd.DataFrame:
    """Sum up the areas of a level that have no row in the same indicator, period, sex, age and group."""
    inside = members.loc[[code in regions.members(*AREA) for code in members["region_code"]]]
    if level == "joukko":
        if inside.empty:
            return inside
        summed = regions.aggregate(inside, level, code=AREA[1])
    else:
        summed = regions.aggregate(members, level)
    key = ["region_level", "region_code", *BLOCK]
    there = pd.MultiIndex.from_frame(summed[key]).isin(pd.MultiIndex.from_frame(rows[key]))
    return summed.loc[~there & (summed["status"] == "ok")]


def on_current_map(rows: pd.DataFrame) -> pd.DataFrame:
    """Carry municipality rows to the current division where they are counts or have their counts."""
    kind = rows["indicator"].map({key: catalogue.indicator(key).kind for key in rows["indicator"].unique()})
    countable = (kind == "count") | (rows["numerator"].notna() & rows["denominator"].notna())
    # One row without its counts keeps the whole indicator on its old map: a series never mixes two maps.
    fixed = set(
        rows.loc[(rows["region_level"] == "kunta") & (rows["status"] == "ok") & ~countable, "indicator"]
    )
    older = (rows["region_level"] == "kunta") & (rows["borders"] < regions.CURRENT_YEAR)
    movable = older & ~rows["indicator"].isin(fixed)
    if not movable.any():
        return rows
    counts = set(rows.loc[kind == "count", "indicator"])
    moved = regions.rebase(rows.loc[movable], regions.CURRENT_YEAR, counts=counts)
    return frame.combine([rows.loc[~movable], moved])


def references_of(compared: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Pick the rows of the areas that rows are compared with, so that a figure of comparison has its origin.

    Parameters
    ----------
    compared : rows with `reference_level` and `reference_code`. rows : every area's rows, among them those.

    Returns
    -------
    Rows of `rows` of the same indicator, period, sex, age and group as what they are compared with.
    """
    area = ["reference_level", "reference_code"]
    wanted = compared.loc[compared["reference_value"].notna(), [*area, *BLOCK]].drop_duplicates()
    asked = pd.MultiIndex.from_frame(wanted)
    there = pd.MultiIndex.from_frame(rows[["region_level", "region_code", *BLOCK]])
    return rows.loc[there.isin(asked)].reset_index(drop=True)


def of_area(rows: pd.DataFrame, level: str, code: str) -> pd.DataFrame:
    """Pick the rows of one area."""
    return rows.loc[(rows["region_level"] == level) & (rows["region_code"] == code)]


def municipalities_and_counties(rows: pd.DataFrame) -> pd.DataFrame:
    """Pick the rows of municipalities and counties, which are parts of the area."""
    return rows.loc[rows["region_level"].isin(("kunta", "hva"))]
