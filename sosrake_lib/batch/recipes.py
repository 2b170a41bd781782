"""What each release is made of: from the data folder to the parts that go through the gate.

A recipe reads data, calls the rooms that compute, and says by which rules each part is protected. It runs in
the parent process over all regions at once, before any notebook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from sosrake_lib import catalogue, frame, protect, regions, samples
from sosrake_lib.batch.recipes_needs import service_needs
from sosrake_lib.batch.recipes_project import project_monitoring
from sosrake_lib.batch.recipes_survey import competence_survey
from sosrake_lib.indicators import comparison, rates, smallarea
from sosrake_lib.language import say

AREA = ("joukko", "alue51")
COUNTRY = ("maa", "SSS")
# The indicators a page leads with, in the order of the six themes; each has a denominator to test by.
HEADLINES = (
    "pienituloisuusaste",
    "toimeentulotuki_25_64",
    "tyottomyysaste",
    "pitkaaikaistyottomat",
    "asumistuki",
)
# Series that are drawn over time: the sum variables of the panel, and the number of people.
SERIES = ("diak_huono_osaisuus", "diak_inhimillinen", "diak_sosiaaliset", "diak_taloudelliset", "vaesto")
LEVELS = ("kunta", "hva", "joukko", "kuntaryhmitys", "maa")
FAMILIES = ("diak_", "kela_")
# What one sum is about.
BLOCK = ("indicator", "period", "sex", "age", "group")
# Levels whose areas are sums of municipalities where no source gives them.
SUMMED = ("joukko", "hva", "kuntaryhmitys", "maa")


def area_indicators(data: Path | None) -> dict[str, protect.Part]:
    """Make the indicators of every area, compared with country, area and like municipalities.

    Every part is there even when the data have no rows for it: a page then says so in words. Published
    figures go by the rules `avoin`; a part that holds an office's own counts goes by `vakio`.

    Raises
    ------
    AbsentTable when the data folder and what was gathered hold no indicator at all.
    """
    rows = samples.indicator_frame(data)
    if rows.empty:
        raise samples.AbsentTable(say("batch.no_indicators"))
    family = rows["indicator"].str.extract(f"^({'|'.join(FAMILIES)})", expand=False).fillna("")
    current = with_area_sums(newest(rows.loc[(family == "") & rows["region_level"].isin(LEVELS)]))
    # A number of people is not compared with the country's: it tells only of size.
    analysed = rates.analyse(of_the_area(current.loc[current["indicator"] != "vaesto"]))
    against_country = comparison.against(analysed, of_area(current, *COUNTRY))
    parts = {
        "vertailu": against_country,
        "vertailu_alue": comparison.against(municipalities_and_counties(analysed), of_area(current, *AREA)),
        "vertailu_ryhma": against_like_municipalities(analysed, current),
        # The limits around small own counts would tell the joint level they were made from.
        "suppilo": funnels(analysed.loc[published(analysed)]),
        "nosto": findings(against_country),
        "diak": newest(rows.loc[family == "diak_"]),
        "sarja": on_current_map(
            of_the_area(rows.loc[rows["indicator"].isin(SERIES) & rows["region_level"].isin(LEVELS)])
        ),
        "kela": rows.loc[family == "kela_"],
    }
    return {name: by_its_rules(part) for name, part in parts.items()}


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


def county_only() -> list[str]:
    """Name the panel's indicators that a source publishes for counties but not for every municipality."""
    return [
        one.key for one in catalogue.indicators() if one.key.startswith("diak_") and one.level_min == "hva"
    ]


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


def of_area(rows: pd.DataFrame, level: str, code: str) -> pd.DataFrame:
    """Pick the rows of one area."""
    return rows.loc[(rows["region_level"] == level) & (rows["region_code"] == code)]


def municipalities_and_counties(rows: pd.DataFrame) -> pd.DataFrame:
    """Pick the rows of municipalities and counties, which are parts of the area."""
    return rows.loc[rows["region_level"].isin(("kunta", "hva"))]


def against_like_municipalities(analysed: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Compare each municipality with all the country's municipalities of its own group (urban, rural)."""
    municipalities = analysed.loc[analysed["region_level"] == "kunta"]
    group = municipalities["region_code"].map(lambda code: regions.parent(code, "kuntaryhmitys") or "")
    compared = [
        comparison.against(municipalities.loc[group == code], of_area(reference, "kuntaryhmitys", code))
        for code in sorted(set(group) - {""})
        if len(of_area(reference, "kuntaryhmitys", code))
    ]
    return frame.combine(compared) if compared else municipalities.iloc[:0]


def funnels(analysed: pd.DataFrame) -> pd.DataFrame:
    """Class the municipalities by the funnel around their joint level, one headline indicator at a time."""
    municipalities = analysed.loc[(analysed["region_level"] == "kunta") & (analysed["sex"] == "total")]
    classed = [
        smallarea.funnel_class(part)
        for indicator in HEADLINES
        if (part := municipalities.loc[municipalities["indicator"] == indicator])["status"].eq("ok").sum() > 1
    ]
    return frame.combine(classed) if classed else municipalities.iloc[:0]


def findings(compared: pd.DataFrame) -> pd.DataFrame:
    """Choose the one figure a decision maker's page leads with, per municipality and county.

    Of the headline indicators that can be tested, the one whose difference from the country is largest in
    units of its own uncertainty; differences for the worse come first. The rule is the same everywhere, so
    the choice tells of the area and not of the writer. An area without a testable headline has no finding.
    """
    rows = municipalities_and_counties(compared)
    rows = rows.loc[rows["indicator"].isin(HEADLINES) & (rows["sex"] == "total")]
    rows = rows.loc[rows["verdict"].isin(("higher", "similar", "lower"))]
    half_width = (rows["difference_upper"] - rows["difference_lower"]) / 2
    order = pd.DataFrame(
        {
            "worse": rows["verdict"] == "higher",
            "clear": (rows["difference"] / half_width).abs(),
            "area": rows["region_level"] + rows["region_code"],
        }
    )
    first = (
        order.sort_values(["worse", "clear"], ascending=False, kind="stable").drop_duplicates("area").index
    )
    return rows.loc[sorted(first)]


def needs_of_the_invented_county(data: Path | None) -> Mapping[str, protect.Part]:
    """Make the service needs of the invented county; an office's own records are left out, in words."""
    _leave_out_own("palvelutarpeet", data)
    return service_needs(data)


def survey_of_the_invented_county(data: Path | None) -> Mapping[str, protect.Part]:
    """Make the invented county's competence survey; an office's own answers are left out, in words."""
    _leave_out_own("osaamiskartoitus", data)
    return competence_survey(data)


def _leave_out_own(table: str, data: Path | None) -> None:
    """Refuse real records and answers for now: the pages tell of Esimerkkilä in their own words.

    Real people's figures would stand on a page that calls them invented.
    """
    listed = samples.files(data)
    if ((listed["name"] == table) & (listed["kind"] == "real")).any():
        raise samples.AbsentTable(say("batch.own_people", table=table))


RECIPES: Mapping[str, Callable[[Path | None], Mapping[str, protect.Part]]] = {
    "alueindikaattorit": area_indicators,
    "hanke": project_monitoring,
    "osaaminen": survey_of_the_invented_county,
    "palvelutarpeet": needs_of_the_invented_county,
}
