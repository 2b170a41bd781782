"""Yearly changes of series that pages tell: number of people, social assistance, dimensions of an index."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib import frame
from sosrake_lib.batch.area_rows import published
from sosrake_lib.indicators import inequality, trends

CHANGE = "_vuosimuutos"  # of an indicator's key: its change in per cent a year
POPULATION, YEARS = "vaesto", 11  # ten yearly changes
ASSISTANCE, ASSISTANCE_YEARLY = "kela_perustoimeentulotuki_saajat", "kela_perustoimeentulotuki_vuosi"
DIFFERENCES = "kuntaerot_gini"  # group: the indicator whose differences it measures
_PROVENANCE = ("producer", "licence", "source", "retrieved")
_MONTHS = 12


def annual_change(series: pd.DataFrame, *, fewest: int = 3) -> pd.DataFrame:
    """Give each series its change in per cent a year with a 95 % interval, as an indicator of its own.

    No break is crossed: of a broken series only the last stretch is told. `verdict` is increase, decrease or
    no_change_shown (the interval holds 0), else not_testable with a `reason`.

    Parameters
    ----------
    series : source rows of published figures, one map a series; others are left out.
    fewest : least number of periods.
    """
    rows = series.loc[published(series)].reset_index(drop=True)
    lengths = rows.loc[rows["status"] == "ok"].groupby(["indicator", *_AREA])["period"].nunique()
    if lengths.empty or lengths.max() < max(fewest, 3):
        return frame.empty()
    found = trends.annual_percent_change(rows, breaks="split", fewest=fewest)
    end = found["last_period"].map(frame.period_end)
    last = end == end.groupby([found[name] for name in ("indicator", *_AREA)]).transform("max")
    found = found.loc[last].reset_index(drop=True)
    verdict = np.select(
        [found["status"] != "ok", found["lower"] > 0, found["upper"] < 0],
        ["not_testable", "increase", "decrease"],
        default="no_change_shown",
    )
    kept = found[[*frame.KEY, *frame.VALUES, *frame.ANALYSIS_KEY, "reason"]]
    kept = kept.assign(verdict=verdict, made_from="published", **_told_by(rows, found))
    return frame.check(kept.assign(indicator=found["indicator"] + CHANGE), file="annual_change")


def apart(series: pd.DataFrame) -> pd.DataFrame:
    """Keep, from the newest backwards, the spans of years that share no year with each other.

    A break at a span that is left out is carried over to the next one kept.

    Examples
    --------
    >>> import pandas as pd
    >>> spans = pd.DataFrame({"period": [f"{year}/{year + 2}" for year in range(2010, 2020)]})
    >>> spans = spans.assign(indicator="a", region_level="hva", region_code="12")
    >>> kept = apart(spans.assign(break_before=spans["period"] == "2015/2017"))
    >>> print(kept[["period", "break_before"]].to_string(index=False))
       period  break_before
    2010/2012         False
    2013/2015         False
    2016/2018          True
    2019/2021         False
    """
    ordered = series.sort_values("period", kind="stable").reset_index(drop=True)
    keys = [ordered[name] for name in ("indicator", *_AREA)]
    stretch = ordered["break_before"].groupby(keys).cumsum()
    spans = ordered["period"].str.extract(r"^(?P<first>\d{4})/(?P<last>\d{4})$").astype("float64")
    steps = (spans["first"].max() - spans["first"]) % (spans["last"] - spans["first"] + 1)
    kept = ordered.assign(stretch=stretch).loc[steps == 0]
    before = kept.groupby(["indicator", *_AREA])["stretch"].shift()
    broken = before.notna() & (before != kept["stretch"])
    return kept.assign(break_before=broken).drop(columns="stretch").reset_index(drop=True)


def population(series: pd.DataFrame) -> pd.DataFrame:
    """Give the yearly change of the number of people over the last ten years of the data."""
    people = series.loc[(series["indicator"] == POPULATION) & series["period"].str.fullmatch(r"\d{4}")]
    kept = sorted(people["period"].unique())[-YEARS:]
    return annual_change(people.loc[people["period"].isin(kept)])


def assistance_by_year(kela: pd.DataFrame) -> pd.DataFrame:
    """Give the mean number of recipients of basic social assistance a month, for each whole year.

    Kela tells new and continuing recipients apart; a month has both or it has no figure here.
    """
    months = kela.loc[(kela["indicator"] == ASSISTANCE) & published(kela)]
    key = ["indicator", *_AREA, "borders", "period", *[name for name in _PROVENANCE if name in kela]]
    both = months.assign(ok=months["status"] == "ok").groupby(key, sort=False, dropna=False, as_index=False)
    summed = both.agg(value=("value", "sum"), groups=("group", "nunique"), ok=("ok", "all"))
    summed = summed.loc[summed["ok"] & (summed["groups"] == months["group"].nunique())]
    if summed.groupby(list(_AREA))["period"].nunique().max() < _MONTHS or summed.empty:
        return frame.empty()
    summed = summed.drop(columns=["groups", "ok"]).assign(status="ok", origin="own")
    windows = trends.moving(summed, months=_MONTHS)
    years = windows.loc[windows["period"].str.endswith("-12") & (windows["status"] == "ok")]
    told = _told_by(summed, years)
    kept = years[[*frame.KEY, "value", "per", "status", "origin"]].assign(
        indicator=ASSISTANCE_YEARLY, period=years["period"].str[:4], made_from="published", **told
    )
    analysis = {"statistic": "mean", "method": "moving_mean", "confidence": 0.95}
    return frame.check(kept.assign(**analysis), file="assistance_by_year")


def assistance(yearly: pd.DataFrame) -> pd.DataFrame:
    """Give the yearly change of the mean number of recipients of basic social assistance."""
    source = yearly.drop(columns=[*frame.ANALYSIS_KEY], errors="ignore")
    return annual_change(source) if len(source) else frame.empty()


def differences_between_municipalities(current: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Give the Gini coefficient of an indicator between the municipalities of each county, people as weights.

    A county of which a municipality has no figure gets none. The interval leaves out one municipality at a
    time: it tells how far the figure hangs on single ones.
    """
    rows = current.loc[(current["indicator"] == indicator) & (current["region_level"] == "kunta")]
    rows = rows.loc[(rows[["sex", "age", "group"]] == ["total", "all", "all"]).all(axis=1) & published(rows)]
    if rows.empty or rows["borders"].nunique() > 1:
        return frame.empty()
    found = inequality.between_areas(rows, "gini", within="hva", method="jackknife")
    kept = found.drop(columns=["areas_level"], errors="ignore")
    told = _told_by(rows, found, area=False)
    kept = kept.assign(group=found["indicator"], indicator=DIFFERENCES, made_from="published", **told)
    return frame.check(kept, file="differences_between_municipalities")


_AREA = ("region_level", "region_code")


def _told_by(rows: pd.DataFrame, found: pd.DataFrame, *, area: bool = True) -> dict[str, np.ndarray]:
    """Carry over whose figures these are, from the first row of the same indicator (and area)."""
    keys = ["indicator", *_AREA] if area else ["indicator"]
    names = [name for name in _PROVENANCE if name in rows]
    first = rows.drop_duplicates(keys)[[*keys, *names]]
    joined = found[keys].merge(first, on=keys, how="left", validate="many_to_one")
    return {name: joined[name].to_numpy() for name in names}
