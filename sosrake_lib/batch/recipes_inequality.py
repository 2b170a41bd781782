"""What the release of differences between municipalities is made of: Ginis, their change, parts and order.

Municipalities' published figures go in, figures of counties and of the area of Eastern Finland come out. The
order of municipalities is used inside the reckoning only; no part tells it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, frame, protect, regions, samples
from sosrake_lib.batch.area_rows import AREA, newest, of_the_area, published
from sosrake_lib.indicators import inequality
from sosrake_lib.indicators.inequality_lorenz import TENTHS
from sosrake_lib.language import numbers, say

RULES = "avoin"
# What is compared between municipalities: five things that burden and one that strengthens.
THINGS = (
    "pienituloisuusaste",
    "tyottomyysaste",
    "pitkaaikaistyottomat",
    "toimeentulotuki_25_64",
    "asumistuki",
    "korkea_aste",
)
# Municipalities are ordered by this inside the reckoning of what piles up with it.
ORDER_BY = "pienituloisuusaste"
# Shown as curves and as dots: the most even and the least even of the six in the samples.
CURVES = ("pienituloisuusaste", "asumistuki")
# Three-year indices without a break of the series and with a figure of every municipality.
SERIES = (
    "diak_pienituloisuus",
    "diak_pitkaaikaistyottomyys",
    "diak_tyomarkkinatuki",
    "diak_mielenterveyskaynnit",
    "diak_lastensuojeluilmoitukset",
)
PUBLISHED_GINIS = "diak_gini"
MEASURES = {"gini": "kuntaerot_gini", "s80s20": "kuntaerot_s80s20"}
ORDERED = {
    "sii": "kuntaerot_sii",
    "rii": "kuntaerot_rii",
    "concentration_standard": "kuntaerot_keskittyma",
}
SHARE = "kuntaerot_osuus_valilla"
CHANGE = "kuntaerot_gini_muutos"
# A ratio needs a line that never crosses 0, so that one is fitted to logarithms.
_LINES = {"sii": None, "rii": "log"}
_PROVENANCE = ("producer", "licence", "source", "retrieved")
_DROPPED = ("areas_level",)


def inequality_between_municipalities(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the page on differences between municipalities.

    Parameters
    ----------
    data : data folder with indicators of municipalities; the samples when left out.

    Returns
    -------
    Parts by the rules `avoin`. The indicator is a measure (own.toml, kuntaerot_...) and `group` the
    indicator whose differences it measures, at the levels hva and the area ("joukko", "alue51"):
    `erot` (Gini and ratio of fifths, newest year), `sarja` (Ginis of three-year indices), `muutos` (their
    change, with `verdict`), `osuus` (share between counties), `jarjestys` (SII, RII, concentration along low
    income, with `verdict`), `lorenz` (heights of Lorenz curves at tenths, `group` p10 to p90), `diak` (our
    Gini beside the one Diak has published, column `published`) and `kunnat` (published figures of
    municipalities and counties as they are, with the county's code in `area`). A part is empty where the
    data have nothing for it.

    Raises
    ------
    AbsentTable when the data folder and what was gathered hold no indicator at all.
    """
    rows = samples.indicator_frame(data)
    if rows.empty:
        raise samples.AbsentTable(say("batch.no_indicators"))
    inside = of_the_area(rows.loc[published(rows) & (rows["sex"] == "total")])
    now = newest(inside.loc[inside["indicator"].isin(THINGS)])
    municipal = now.loc[now["region_level"] == "kunta"]
    indices = inside.loc[inside["indicator"].isin(SERIES) & (inside["region_level"] == "kunta")]
    people = in_three_years(inside.loc[inside["indicator"] == "vaesto"])
    indices = with_weights_named(indices, people)
    ginis = series_of_ginis(indices, people)
    parts = {
        "erot": differences(municipal),
        "sarja": ginis,
        "muutos": change(indices, people),
        "osuus": shares_between(municipal),
        "jarjestys": along_low_income(municipal),
        "lorenz": curves(municipal),
        "diak": beside_published(ginis, data),
        "kunnat": with_county(now.loc[now["region_level"].isin(("kunta", "hva"))]),
    }
    return {name: protect.part(part, rules=RULES) for name, part in parts.items()}


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of what stands in `group`: indicators by their short name, tenths of the people."""
    english = language == "en"
    found = {
        one.key: one.short_en if english else one.short_fi
        for one in catalogue.indicators()
        if one.key in (*THINGS, *SERIES)
    }
    return found | {_tenth(share): numbers.percent(100 * share, 0, language) for share in TENTHS}


def differences(municipal: pd.DataFrame) -> pd.DataFrame:
    """Measure how unequal each thing is between municipalities: Gini and the ratio of fifths."""
    found = [
        told(_everywhere(inequality.between_areas, municipal, measure), key, municipal)
        for measure, key in MEASURES.items()
    ]
    return _joined(found)


def series_of_ginis(indices: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Measure the Gini of each three-year index, municipalities weighted by their people."""
    found = _everywhere(inequality.between_areas, indices, "gini", weights=people)
    return told(found, MEASURES["gini"], indices)


def change(indices: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Measure how the Gini has changed from the first three years to the last, the municipalities paired.

    A series whose recording changed on the way has no row.
    """
    found = []
    for _, one in indices.groupby("indicator"):
        periods = sorted(one["period"].unique(), key=frame.period_end)
        if len(periods) < 2 or one["break_before"].any():
            continue
        made = _everywhere(inequality.change_between_areas, one, periods[0], periods[-1], weights=people)
        found.append(told(made, CHANGE, one))
    return _joined(found)


def shares_between(municipal: pd.DataFrame) -> pd.DataFrame:
    """Part the differences of all the area's municipalities: how many per cent lie between its counties."""
    if municipal.empty:
        return frame.empty()
    totals = inequality.decompose(municipal, "theil_t", inner="hva", area=AREA).totals
    return told(totals.loc[totals["statistic"] == "theil_t_between_share"], SHARE, municipal)


def along_low_income(municipal: pd.DataFrame) -> pd.DataFrame:
    """Measure how each thing follows the order of municipalities by their share of low incomes."""
    order = municipal.loc[municipal["indicator"] == ORDER_BY]
    others = municipal.loc[municipal["indicator"] != ORDER_BY]
    if order.empty:
        return frame.empty()
    found = []
    for measure, key in ORDERED.items():
        made = _everywhere(
            inequality.between_groups, others, order, measure, first="lowest", method="jackknife",
            transform=_LINES.get(measure),
        )  # fmt: skip
        found.append(told(made, key, municipal))
    joined = _joined(found)
    return joined.assign(verdict=_verdicts(joined))


def curves(municipal: pd.DataFrame) -> pd.DataFrame:
    """Read the Lorenz curves of two things at tenths of the people."""
    found = []
    for thing in CURVES:
        rows = municipal.loc[municipal["indicator"] == thing]
        made = _everywhere(inequality.lorenz_ordinates, rows)
        made = told(made, f"kuntaerot_lorenz_{thing}", rows)
        if len(made):
            found.append(made.assign(group=[_tenth(share / 100) for share in made["population_share"]]))
    return _joined(found)


def beside_published(ginis: pd.DataFrame, data: Path | None) -> pd.DataFrame:
    """Put the Gini Diak has published beside ours, where it has; nothing without the table."""
    try:
        table = samples.table(PUBLISHED_GINIS, data)
    except samples.AbsentTable:
        return frame.empty()
    key = ["region_level", "region_code", "period"]
    theirs = table.rename(columns={"variable": "group", "gini": "published"})[["group", *key, "published"]]
    joined = ginis.merge(theirs, on=["group", *key], how="inner", validate="one_to_one")
    return joined if len(joined) else frame.empty()


def in_three_years(people: pd.DataFrame) -> pd.DataFrame:
    """Name each year's population by the three years it is the middle of, as the indices are named."""
    municipal = people.loc[(people["region_level"] == "kunta") & (people["status"] == "ok")]
    years = municipal["period"].astype("int64")
    return municipal.assign(period=[f"{year - 1}/{year + 1}" for year in years])


def with_weights_named(indices: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Tell the source and the licence of the weights beside those of the indices."""
    named = indices.copy()
    for column in ("source", "licence"):
        if column in named and len(people):
            of_weights = "; ".join(sorted(set(people[column])))
            named[column] = [f"{own}; {of_weights}" for own in named[column]]
    return named


def with_county(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep two things of municipalities and counties, each with the code of its county."""
    chosen = rows.loc[rows["indicator"].isin(CURVES)]
    county = [
        code if level == "hva" else regions.parent(code, "hva", year) or ""
        for level, code, year in zip(
            chosen["region_level"], chosen["region_code"], chosen["borders"], strict=True
        )
    ]
    return chosen.assign(area=county)


def told(found: pd.DataFrame, key: str, sources: pd.DataFrame) -> pd.DataFrame:
    """Name measured rows by their measure; the thing measured goes to `group`, its sources come along."""
    if found.empty:
        return frame.empty()
    first = sources.drop_duplicates("indicator").set_index("indicator")
    provenance = {
        column: found["indicator"].map(first[column]).to_numpy() for column in _PROVENANCE if column in first
    }
    named = found.assign(group=found["indicator"], indicator=key, made_from="published", **provenance)
    return frame.check(named.drop(columns=[one for one in _DROPPED if one in named]), file=key)


def _everywhere(
    measure: Callable[..., pd.DataFrame], rows: pd.DataFrame, *given: object, **options: object
) -> pd.DataFrame:
    """Measure inside each county and over the whole area."""
    if rows.empty:
        return frame.empty()
    counties = measure(rows, *given, within="hva", **options)
    return frame.combine([counties, measure(rows, *given, area=AREA, **options)])


def _joined(found: list[pd.DataFrame]) -> pd.DataFrame:
    parts = [one for one in found if len(one)]
    return frame.combine(parts) if parts else frame.empty()


def _verdicts(rows: pd.DataFrame) -> np.ndarray:
    """Say where more are at the end of most low incomes; only the difference (SII) has a verdict."""
    able = (rows["indicator"] == ORDERED["sii"]) & rows["lower"].notna()
    conditions = [~able, rows["lower"] > 0, rows["upper"] < 0]
    return np.select(conditions, ["not_testable", "higher", "lower"], default="similar")


def _tenth(share: float) -> str:
    return f"p{round(100 * share)}"
