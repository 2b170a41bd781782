"""What the release of the disadvantage index is made of: Diak's index made again, and one with an interval.

Diak's figures are published ones; what is computed of them is ours and says so. The index of our own holds
only figures whose counts are known, so that its uncertainty can be told.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, samples
from sosrake_lib.batch.area_rows import newest, of_the_area, published, with_area_sums
from sosrake_lib.batch.recipes_trend import annual_change, apart
from sosrake_lib.indicators import composite_sampling, diak_index, diak_lacks, rates
from sosrake_lib.indicators.composite_framework import flat
from sosrake_lib.influence.facts import joined_sources
from sosrake_lib.language import say

TOTAL, DIMENSIONS = diak_index.TOTAL, diak_index.DIMENSIONS
OWN = diak_lacks.OWN_TOTAL
LEVELS = ("kunta", "hva")
# Groups of a figure made again: as its source gives it, and as it comes from its parts.
PUBLISHED, COMPUTED = "julkaistu", "laskettu"
WITHOUT, HELD, PERIODS = "diak_ilman_osaa", "diak_osia", "diak_jaksoja"
USE_OR_MONEY = ("service_use", "money")
DECIMALS = 1  # of our index: its draws say nothing of further digits
_PLACE = ("region_level", "region_code", "borders")
_PROVENANCE = ("producer", "licence", "source", "retrieved")


def disadvantage_index(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the disadvantage index for every municipality and county of the area.

    Returns
    -------
    Parts, all by the rules `avoin`: `toistettu` (the total and its dimensions, group `julkaistu` and
    `laskettu`, with the difference and why they part), `osat` (parts of the newest period; group: what a part
    measures, category: its dimension), `maarat` (how many parts and periods), `ilman_osaa` (the total without
    each part, group: the part left out), `vaihtelu` (the smallest and the largest of these), `muutos` (yearly
    change of the dimensions), `oma` (our index with its interval, and the figures it is made of).

    Raises
    ------
    AbsentTable when the data folder holds no figure of Diak's index.
    """
    rows = samples.indicator_frame(data)
    diak = of_the_area(
        rows.loc[rows["indicator"].str.startswith("diak_") & rows["region_level"].isin(LEVELS)]
    )
    if not ((diak["indicator"] == TOTAL) & (diak["status"] == "ok")).any():
        raise samples.AbsentTable(say("huono_osaisuusindeksi.absent"))
    last = newest_rows(diak)
    held = parts_held(last)
    again = made_again(diak)
    parts = {
        "toistettu": again,
        "osat": held,
        "maarat": counted(held, again),
        **left_out(last),
        "muutos": change_of_dimensions(again),
        "oma": own_index(rows),
    }
    return {name: protect.part(part, rules="avoin") for name, part in parts.items()}


def newest_rows(diak: pd.DataFrame) -> pd.DataFrame:
    """Keep of each level the newest period that has the total; a level's newest is not another's."""
    kept = []
    for _, level in diak.groupby("region_level", sort=False):
        there = level.loc[(level["indicator"] == TOTAL) & (level["status"] == "ok"), "period"]
        if len(there):
            kept.append(level.loc[level["period"] == max(there.unique(), key=frame.period_end)])
    return pd.concat(kept, ignore_index=True)


def made_again(diak: pd.DataFrame) -> pd.DataFrame:
    """Lay the published figures and those computed from their parts out as rows of two groups.

    `difference` is computed minus published, `note` why they part (`diak_index.EXPLANATIONS`), `parts_absent`
    how many parts of the figure have no value in that area and period.
    """
    found = diak_index.reproduce(diak).rows
    key = [*frame.KEY]
    more = [column for column in ("break_before", *_PROVENANCE) if column in diak]
    found = found.merge(diak[[*key, *more]], on=key, how="left", validate="one_to_one")
    found["break_before"] = found["break_before"].eq(True)
    found["parts_absent"] = found["parts_expected"] - found["parts_used"]
    common = found[[*key, *more, "difference", "parts_used", "parts_expected", "parts_absent"]].assign(
        note=found["explanation"], difference_method="composite", statistic="index", confidence=0.95
    )
    sides = [
        common.assign(
            group=PUBLISHED, value=found["published"], origin="published", method="published", made_from=""
        ),
        common.assign(
            group=COMPUTED, value=found["computed"], origin="own", method="composite", made_from="published"
        ),
    ]
    return with_status(pd.concat(sides, ignore_index=True))


def parts_held(last: pd.DataFrame) -> pd.DataFrame:
    """Give every part of the index in its newest period, also those without a figure at the level or area.

    `group` is what the part measures, `category` its dimension, `position` whether it is below, at or above
    100, the median area, when written without decimals.
    """
    totals = last.loc[last["indicator"] == TOTAL, [*_PLACE, "period", *_known(last, _PROVENANCE)]]
    table = diak_index.parts_by_level()
    grid = totals.merge(table.rename(columns={"part": "indicator"}), how="cross")
    values = last[[*_PLACE, "indicator", "value", "status"]]
    grid = grid.merge(values, on=[*_PLACE, "indicator"], how="left", validate="one_to_one")
    always = np.select([grid["region_level"] == level for level in LEVELS], [grid[level] for level in LEVELS])
    unpublished = np.where(always == "always", "missing", "not_published_at_level")
    grid["status"] = grid["status"].fillna(pd.Series(unpublished, index=grid.index))
    side = grid["value"].round() - 100
    position = np.select([side < 0, side > 0, side == 0], ["below", "above", "same"], default="")
    grid = grid.assign(group=grid["measures"], category=grid["dimension"], position=position)
    grid = grid.drop(columns=["measures", "dimension", *diak_index.LEVELS])
    return frame.check(grid.assign(origin="published"), file="disadvantage_index")


def counted(held: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """Count an area's parts (all, of service use or money, absent) and the periods in which figures agree."""
    ok = held["status"] == "ok"
    counts = {
        (HELD, frame.ALL_GROUPS): ok,
        (HELD, "palvelut_ja_raha"): ok & held["group"].isin(USE_OR_MONEY),
        (HELD, "puuttuu"): held["status"] == "missing",
    }
    place = [*_PLACE, "period", *_known(held, _PROVENANCE)]
    made = [_count(held.assign(value=mark), place, *name) for name, mark in counts.items()]
    at_level = (diak_index.parts_by_level()[list(LEVELS)] == "always").sum()
    for level, number in at_level.items():
        areas = held[place].drop_duplicates().assign(value=float(number))
        made.append(_count(areas, place, HELD, f"taso_{level}"))
    totals = again.loc[(again["indicator"] == TOTAL) & (again["group"] == COMPUTED)]
    last = held[[*_PLACE, "period"]].drop_duplicates().rename(columns={"period": "newest"})
    totals = totals.merge(last, on=list(_PLACE), validate="many_to_one")
    totals = totals.assign(period=totals["newest"])
    same = totals["note"] == "mean_of_dimensions"
    for group, mark in ((frame.ALL_GROUPS, True), ("samat", same)):
        made.append(_count(totals.assign(value=mark), place, PERIODS, group))
    rows = pd.concat(made, ignore_index=True)
    return frame.check(rows.assign(statistic="count", method="count", confidence=0.95), file="counted")


def left_out(last: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Compute the total of the newest period without each part, and how far these lie from each other."""
    found = diak_lacks.leave_out(last).areas
    about = last.loc[last["indicator"] == TOTAL, [*_PLACE, *_known(last, _PROVENANCE)]]
    found = found.merge(about, on=list(_PLACE), validate="many_to_one")
    common = {
        "indicator": WITHOUT, "statistic": "index", "method": "composite", "confidence": 0.95,
        "difference_method": "composite", "origin": "own", "made_from": "published",
    }  # fmt: skip
    each = found.assign(value=found["total_without"], group=found["part"], category=found["dimension"])
    each = each.drop(columns=["part", "dimension", "total", "total_without"]).assign(**common)
    keys = [*_PLACE, "period", *_known(found, _PROVENANCE)]
    spread = found.groupby(keys, sort=False, dropna=False, as_index=False).agg(
        value=("total", "first"), lowest=("total_without", "min"), highest=("total_without", "max")
    )
    return {"ilman_osaa": with_status(each), "vaihtelu": with_status(spread.assign(**common))}


def change_of_dimensions(again: pd.DataFrame) -> pd.DataFrame:
    """Give the yearly change of each dimension over three-year spans that share no year.

    A series breaks where the statistics changed and where a dimension holds more or fewer parts than in the
    span before. No break is crossed; what is left of a broken series is too short, and the row says so.
    """
    series = again.loc[again["indicator"].isin(DIMENSIONS) & (again["group"] == COMPUTED)]
    kept = apart(series.assign(group=frame.ALL_GROUPS).drop(columns=[*frame.ANALYSIS_KEY]))
    earlier = kept.groupby(["indicator", *_PLACE])["parts_used"].shift()
    other = earlier.notna() & (earlier != kept["parts_used"])
    return annual_change(kept.assign(break_before=kept["break_before"] | other), fewest=4)


def own_index(rows: pd.DataFrame) -> pd.DataFrame:
    """Compute the index of our own with its 95 % interval, and give the figures it is made of before it.

    Compared are areas of one level. `middle_value` is the index of the median area, `areas_compared` the
    number of areas; `verdict` says whether the whole interval lies above (higher) or below it (lower). There
    are no rows when fewer than two figures are known of every municipality.
    """
    figures = counted_figures(rows)
    keys = sorted(figures["indicator"].unique(), key=diak_lacks.COUNTED.index)
    if len(keys) < 2:
        return frame.empty()
    analysed = rates.analyse(figures)
    framework = flat(dict.fromkeys(keys, 1), total=OWN)
    made = [
        compared_with_middle(composite_sampling.sampling_error(level, framework, "index_to_median").frame)
        for _, level in analysed.groupby("region_level", sort=False)
        if level["region_code"].nunique() >= 3
    ]
    if not made:
        return frame.empty()
    joined = {
        name: "; ".join(joined_sources(figures[name].dropna().unique()))
        for name in _known(figures, _PROVENANCE)
    }
    index = pd.concat(made, ignore_index=True).assign(made_from="published", **joined)
    return frame.combine([analysed, index])


def counted_figures(rows: pd.DataFrame) -> pd.DataFrame:
    """Pick the published figures with counts, of the newest period in which every municipality has them.

    An indicator that a source leaves out of some municipalities is not taken: areas would then be compared
    by indices of different content.
    """
    chosen = rows.loc[rows["indicator"].isin(diak_lacks.COUNTED) & published(rows)]
    chosen = chosen.loc[(chosen[["sex", "age", "group"]] == ["total", "all", "all"]).all(axis=1)]
    chosen = of_the_area(with_area_sums(newest(chosen))) if len(chosen) else chosen
    chosen = chosen.loc[chosen["region_level"].isin(LEVELS)]
    counts = chosen[["value", "numerator", "denominator"]].notna().all(axis=1)
    told = chosen.assign(told=counts & (chosen["status"] == "ok"))
    own = told.loc[told["region_level"] == "kunta"]
    areas = own["region_code"].nunique()
    complete = own.groupby(["period", "borders", "indicator"])["told"].agg(["sum", "all"])
    complete = complete.loc[complete["all"] & (complete["sum"] == areas)].reset_index()
    if complete.empty:
        return chosen.iloc[:0]
    period = max(complete["period"].unique(), key=frame.period_end)
    keys = complete.loc[complete["period"] == period, "indicator"]
    kept = told["indicator"].isin(keys) & (told["period"] == period) & told["told"]
    return told.loc[kept].drop(columns="told").reset_index(drop=True)


def compared_with_middle(index: pd.DataFrame) -> pd.DataFrame:
    """Say of each area whether its index is higher, similar or lower than that of the median area.

    The rule is one a reader can follow on the page: the whole 95 % interval above or below the middle.
    """
    shown = index[["value", "lower", "upper"]].round(DECIMALS)
    middle = round(float(shown["value"].median()), DECIMALS)
    above, below = shown["lower"] > middle, shown["upper"] < middle
    verdict = np.select(
        [shown["value"].isna(), above, below], ["not_testable", "higher", "lower"], default="similar"
    )
    research = ["probability_higher", "noise_shift", "draws_used", "parts_imputed", "parts_without_error"]
    kept = index.drop(columns=[*research, "aggregation", "normalisation"])
    return kept.assign(
        **{column: shown[column] for column in shown},
        middle_value=middle,
        areas_compared=float(shown["value"].notna().sum()),
        verdict=verdict,
    )


def with_status(rows: pd.DataFrame) -> pd.DataFrame:
    """Say of rows whether there is a value, and check them."""
    status = np.where(rows["value"].notna(), "ok", "missing")
    return frame.check(rows.assign(status=status), file="disadvantage_index")


def _count(rows: pd.DataFrame, place: list[str], indicator: str, group: str) -> pd.DataFrame:
    summed = rows.groupby(place, sort=False, dropna=False, as_index=False)["value"].sum()
    own = {"status": "ok", "origin": "own", "made_from": "published"}
    return summed.astype({"value": "float64"}).assign(indicator=indicator, group=group, **own)


def _known(rows: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    return [column for column in columns if column in rows]
