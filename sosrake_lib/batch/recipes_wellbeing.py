"""What the release of a wellbeing-report chapter is made of: findings, strengths, what is missing.

Published figures of every area compared with the whole country. The finding of a theme is chosen by the rule
of the decision maker's page (`recipes_decider.clearest`), the same everywhere; areas are never put in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, frame, protect, regions, samples
from sosrake_lib.batch.area_rows import (
    REFERENCES,
    by_its_rules,
    municipalities_and_counties,
    newest,
    of_the_area,
    references_of,
)
from sosrake_lib.batch.invented import Recipe
from sosrake_lib.batch.recipes_decider import COMPARED, FINDING, STRENGTH, clearest
from sosrake_lib.catalogue.minimum_data import MinimumItem, minimum_items

THEMES = ("sairastavuus", "paihde_mielenterveys", "koyhyys", "yksinaisyys", "tyottomyys", "asuminen")
MINIMUM = "vahimmaistiedot"
# What an item's row says in `category`: the figure is there, or why it is not.
THERE, COUNTY_ONLY, NO_ID = "on", "vain_alue", "tunnus"
NOT_PUBLISHED, NOT_GATHERED = "ei_julkaistu", "ei_haettu"
_WORDS = ("category", "note", "theme", "source", "producer")


def wellbeing(area_indicators: Recipe) -> Recipe:
    """Give the recipe of wellbeing-report chapters, over the comparisons another recipe makes.

    Parameters
    ----------
    area_indicators : recipe with the part `vertailu`: every area's newest figures beside the whole country's.

    Returns
    -------
    Recipe. Parts: `nosto` (per area and theme the figure the chapter leads with), `vahvuus` (per area and
    theme the clearest difference to the better), `vertailukohta` (the areas compared with, for the notes of
    numbers) and `vahimmaistiedot` (words: each item of the minimum data
    with the year of its figure, or why there is none).
    """

    def chapters(data: Path | None) -> Mapping[str, protect.Part]:
        every = area_indicators(data)[COMPARED].frame
        rows = municipalities_and_counties(every)
        rows = rows.loc[(rows["sex"] == "total") & (rows["status"] == "ok")].reset_index(drop=True)
        held = minimum_rows(samples.indicator_frame(data), minimum_items())
        return {
            FINDING: by_its_rules(by_theme(rows)),
            STRENGTH: by_its_rules(by_theme(rows, to_the_better=True)),
            REFERENCES: by_its_rules(references_of(rows, every)),
            MINIMUM: protect.part(held, rules="vakio"),
        }

    return chapters


def by_theme(rows: pd.DataFrame, *, to_the_better: bool = False) -> pd.DataFrame:
    """Choose per area and theme the figure a chapter leads with.

    The clearest tested difference; where none can be tested, the first indicator in the catalogue's order, so
    that the theme is told of without a judgement. Strengths have no such second choice.
    """
    chosen = []
    for theme in THEMES:
        told = [one for one in catalogue.indicators() if one.theme == theme and one.direction != "neutral"]
        keys = [one.key for one in told if one.key in set(rows["indicator"])]
        own = rows.loc[rows["indicator"].isin(keys)]
        found = clearest(own, keys, to_the_better=to_the_better) if len(own) else own
        chosen.append(found)
        if not to_the_better:
            chosen.append(_untested(own, found, keys))
    return frame.combine(chosen) if any(map(len, chosen)) else rows.iloc[:0]


def minimum_rows(rows: pd.DataFrame, items: tuple[MinimumItem, ...]) -> pd.DataFrame:
    """Say of every area of the project and every item whether there is a figure, and why not.

    Returns
    -------
    Rows of words: `indicator` = "vahimmaistieto_<item>", `category` one of on, vain_alue (published for
    larger areas only), tunnus (the source's id has not been verified), ei_julkaistu (the source gives no
    figure of this area), ei_haettu (not in the data); `note` = the figure's period.
    """
    wanted = {one.indicator for one in items}
    kept = of_the_area(rows.loc[rows["indicator"].isin(wanted) & (rows["sex"] == "total")])
    latest = municipalities_and_counties(newest(kept)) if len(kept) else kept
    known = {
        (row["indicator"], row["region_level"], row["region_code"]): row for row in latest.to_dict("records")
    }
    told = []
    for level, code in _areas():
        for one in items:
            row = known.get((one.indicator, level, code))
            there = row is not None and row["status"] == "ok"
            told.append(
                {
                    "indicator": f"vahimmaistieto_{one.key}",
                    "region_level": level,
                    "region_code": code,
                    "borders": regions.CURRENT_YEAR,
                    "period": str(row["period"]) if row is not None else str(regions.CURRENT_YEAR),
                    "value": np.nan,
                    "status": "missing",
                    "origin": "own",
                    "category": THERE if there else _why(one.indicator, level, row is not None),
                    "note": str(row["period"]) if there and row is not None else "",
                    "theme": catalogue.indicator(one.indicator).theme,
                    "source": "työkirjan vähimmäistietojen luettelo",
                    "producer": "",
                }
            )
    return frame.check(pd.DataFrame(told)) if told else frame.empty().assign(**dict.fromkeys(_WORDS, ""))


def _why(indicator: str, level: str, listed: bool) -> str:
    about = catalogue.indicator(indicator)
    if level == "kunta" and about.level_min in ("hva", "maakunta"):
        return COUNTY_ONLY
    if not about.verified:
        return NO_ID
    return NOT_PUBLISHED if listed else NOT_GATHERED


def _untested(own: pd.DataFrame, found: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    there = set(found["region_level"] + found["region_code"])
    area = own["region_level"] + own["region_code"]
    left = own.assign(area=area, order=own["indicator"].map({key: place for place, key in enumerate(keys)}))
    left = left.loc[~left["area"].isin(there)].sort_values("order", kind="stable").drop_duplicates("area")
    return own.loc[sorted(left.index)]


def _areas() -> list[tuple[str, str]]:
    members = regions.members("joukko", "alue51")
    counties = sorted({regions.parent(code, "hva") or "" for code in members})
    return [("hva", code) for code in counties] + [("kunta", code) for code in sorted(members)]
