"""What the release of an interrupted series is made of: basic social assistance around March 2020.

Published monthly figures of Kela by region. An illustration of a method on real figures: it says how far the
figures went from where they were heading, never what moved them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, samples
from sosrake_lib.effects import coverage, its
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say
from sosrake_lib.protect.effects import Place, effect_frame

RULES = "avoin"
TABLE = "kela_monthly"
INDICATOR = "kela_perustoimeentulotuki_kotitaloudet"
EFFECT, SERIES = "vaikuttavuus_kela", "vaikuttavuus_kela_sarja"
# First and last month looked at, and the month from which things were otherwise.
FIRST, CHANGE, LAST = "2019-01", "2020-03", "2020-12"
# Each month of the year has a level of its own, the line goes on, and the months after may lie higher or
# lower. With waves for seasons, or a line that may bend, the intervals hold zero as well.
MODEL: dict[str, Any] = {
    "outcome": "value",
    "time": "period",
    "first_after": CHANGE,
    "seasonal": "dummies",
    "slope_change": False,
}
_PROVENANCE = ("producer", "licence", "source", "retrieved")


def interrupted_assistance(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the illustration.

    Parameters
    ----------
    data : data folder with Kela's monthly indicator rows (table TABLE).

    Returns
    -------
    Parts by the rules `avoin`: `muutos` (per region and the country: how far the months after lay from the
    carried-on line on average, with verdict, caveats and checks) and `sarja` (per region and month: value,
    and in `expected` what the model would have gone on with without a change).

    Raises
    ------
    AbsentTable when the folder has no such rows.
    """
    rows = monthly(data)
    if rows.empty:
        raise samples.AbsentTable(say("batch.no_indicators"))
    effects, series = [], []
    for _, one in rows.groupby(["region_level", "region_code"]):
        first = one.iloc[0]
        level, code = str(first["region_level"]), str(first["region_code"])
        effects.append(_effect(one, level, code, int(first["borders"])))
        series.append(expected(one))
    source = {name: rows[name].iloc[0] for name in _PROVENANCE if name in rows}
    found = {"muutos": frame.combine(effects).assign(**source), "sarja": frame.combine(series)}
    return {name: protect.part(part, rules=RULES) for name, part in found.items()}


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of the release's indicators: code -> text."""
    return {one: say(f"vaikuttavuus.{one}", language) for one in (EFFECT, SERIES)}


def monthly(data: Path | None) -> pd.DataFrame:
    """Sum households whose assistance began and went on, by month; a month that lacks either is left out."""
    rows = samples.indicator_frame(data)
    rows = rows.loc[(rows["indicator"] == INDICATOR) & rows["period"].between(FIRST, LAST)]
    key = ["region_level", "region_code", "borders", "period"]
    named = [name for name in _PROVENANCE if name in rows]
    summed = rows.groupby([*key, *named], as_index=False, dropna=False).agg(
        value=("value", "sum"), parts=("value", "count")
    )
    whole = summed.loc[summed["parts"] == summed["parts"].max()]
    return whole.drop(columns="parts").reset_index(drop=True)


def expected(one: pd.DataFrame) -> pd.DataFrame:
    """Put beside each month what the model would have gone on with without a change."""
    periods = its.fit_series(one, **MODEL).periods()
    told = dict(zip(periods["period"].astype(str), periods["counterfactual"], strict=True))
    after = one["period"] >= CHANGE
    made = one.assign(
        indicator=SERIES,
        expected=np.where(after, one["period"].map(told).astype("float64"), np.nan),
        status="ok",
        origin="own",
        made_from="published",
        per=1.0,
    )
    return frame.check(made, file=SERIES)


def _effect(one: pd.DataFrame, level: str, code: str, borders: int) -> pd.DataFrame:
    place = Place(level, code, CHANGE[:4], borders)
    try:
        effect = its.interrupted_series(one, **MODEL, at="average")
    except SosrakeError:
        # Too few months in the user's own figures: the region is told as missing.
        key = {name: getattr(place, name) for name in frame.KEY if name != "indicator"}
        row = {"indicator": EFFECT, **key, "value": np.nan, "status": "missing", "origin": "own", "per": 1.0}
        row |= {"made_from": "published", "statistic": "effect", "method": "", "confidence": 0.95}
        return frame.check(pd.DataFrame([row]), file=EFFECT)
    return effect_frame(
        coverage.labelled(effect),
        place,
        indicator=EFFECT,
        people=None,
        made_from="published",
        unit=(say("vaikuttavuus.unit.households", "fi"), say("vaikuttavuus.unit.households", "en")),
        rules=RULES,
    )
