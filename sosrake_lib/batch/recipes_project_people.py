"""Parts of the project's release from its own monitoring: participants by month, money by partner.

The shipped table of participants is empty on purpose, and of the partners' money the public sources tell one
share only. Whoever has the figures fills `hanke/osallistujaseuranta` and `hanke/talous_osapuolittain`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, samples
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.count_forecast import LEAST_MONTHS, METHOD, forecast_total

PEOPLE, MONEY = "hanke/osallistujaseuranta", "hanke/talous_osapuolittain"
RULES = "vakio"
WHOLE = "koko hanke"  # period of a sum that a source gives for the whole project
MONEY_CODES = {"planned": "hanke_raha_suunniteltu", "realised": "hanke_raha_toteutunut"}
SEXES = {"naiset": "naiset", "miehet": "miehet", "": "ei_kerrottu"}
# Column of the table -> part and indicator that counts people by it.
COUNTED_BY = {
    "sex": ("osallistujat_sukupuoli", "hanke_osallistujat_sukupuoli"),
    "group": ("osallistujat_ryhma", "hanke_osallistujat_ryhma"),
    "month": ("osallistujat_kuukausi", "hanke_osallistujat_kuukausi"),
}
FORECAST = ("osallistujat_ennuste", "hanke_osallistujat_ennuste")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
Place = Callable[[pd.DataFrame, str], pd.DataFrame]


def optional(name: str, data: Path | None) -> pd.DataFrame | None:
    """Read a table that a data folder may lack; None without it or without rows."""
    try:
        read = samples.table(name, data)
    except samples.AbsentTable:
        return None
    return read if len(read) else None


def people_parts(
    data: Path | None, facts: pd.DataFrame, place: Place, period: str
) -> dict[str, protect.Part]:
    """Count participants of the house's own table by sex, group and month, and forecast them to the end.

    Parameters
    ----------
    facts : table `hanke/perustiedot`; every end it gives has a forecast of its own.
    place : adds area, time and producer to rows (`recipes_project.placed`). period : years of the project.

    Returns
    -------
    Parts by the rules `vakio`, each with the row `all` as the sum of its groups; none without the table. The
    forecast is there when at least three months are counted and an end is still ahead.

    Raises
    ------
    FrameError naming the row for a month, a sex or a number of people that cannot be read.
    """
    table = optional(PEOPLE, data)
    if table is None:
        return {}
    told = checked(table)
    parts = {
        part: protect.part(place(counted(told, column, indicator), period), rules=RULES, totals=("group",))
        for column, (part, indicator) in COUNTED_BY.items()
    }
    ahead = forecasts(told, facts)
    if len(ahead):
        parts[FORECAST[0]] = protect.part(place(ahead, period).assign(method=METHOD), rules=RULES)
    return parts


def checked(table: pd.DataFrame) -> pd.DataFrame:
    """Check the table of participants: month, sex and people of every row; gives clean columns."""
    month = table["month"].fillna("").astype("str").str.strip()
    sex = table["sex"].fillna("").astype("str").str.strip().str.lower()
    people = pd.to_numeric(table["people"], errors="coerce")
    faults = {
        "month": (~month.str.fullmatch(_MONTH.pattern), "a month, such as 2021-03"),
        "sex": (~sex.isin(list(SEXES)), "naiset, miehet or an empty cell"),
        "people": (~((people >= 0) & (people % 1 == 0)), "a whole number, 0 or more"),
    }
    for column, (wrong, expected) in faults.items():
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise FrameError(
                f"{PEOPLE}: row {row + 1}, column {column}: expected {expected}; correct the row"
            )
    group = table["group"].fillna("").astype("str").str.strip().replace("", "ei_kerrottu")
    return pd.DataFrame({"month": month, "sex": sex.map(SEXES), "group": group, "people": people})


def counted(told: pd.DataFrame, column: str, indicator: str) -> pd.DataFrame:
    """Count people by one column; the row `all` is their sum."""
    sums = told.groupby(column)["people"].sum()
    values = pd.concat([pd.Series({frame.ALL_GROUPS: sums.sum()}), sums])
    return _own(indicator, values.index.to_numpy(), values.to_numpy(dtype=float))


def forecasts(told: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Forecast the total to each end that a source gives and that is ahead of the last counted month."""
    start = min(facts.loc[facts["fact"] == "alku", "value"].dropna())
    first, last = pd.Period(min(start[:7], told["month"].min()), "M"), pd.Period(told["month"].max(), "M")
    months = pd.period_range(first, last, freq="M").astype("str")
    counts = told.groupby("month")["people"].sum().reindex(months, fill_value=0).to_numpy(dtype=float)
    if len(counts) < LEAST_MONTHS or counts.sum() == 0:
        return frame.empty()
    ends = sorted(set(facts.loc[facts["fact"] == "loppu", "value"].dropna()))
    made = {
        end: forecast_total(counts, len(pd.period_range(last, end[:7], freq="M")) - 1)
        for end in ends
        if end[:7] > str(last)
    }
    if not made:
        return frame.empty()
    rows = _own(FORECAST[1], np.array(list(made)), np.array([one.value for one in made.values()]))
    return rows.assign(
        lower=[one.lower for one in made.values()],
        upper=[one.upper for one in made.values()],
        denominator=counts.sum(),
    )


def money_by_partner(data: Path | None, period: str) -> pd.DataFrame:
    """Lay the partners' money out: planned and realised of each partner and period; no rows without a table.

    Returns
    -------
    Source rows: `indicator` tells planned or realised, `group` the partner; `period` is the project's years
    where the source gives a sum for the whole project. What no source tells is missing, never 0.
    """
    table = optional(MONEY, data)
    if table is None:
        return pd.DataFrame()
    when = table["period"].fillna(WHOLE).replace(WHOLE, period)
    parts = []
    for column, indicator in MONEY_CODES.items():
        value = table[column].astype("float64").to_numpy(dtype="float64", na_value=np.nan)
        parts.append(
            pd.DataFrame(
                {
                    "indicator": indicator,
                    "group": table["organisation"],
                    "period": when,
                    "source": table["source"],
                    "value": value,
                    "status": np.where(np.isnan(value), "missing", "ok"),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).assign(per=1.0, origin="published", made_from="")


def _own(indicator: str, group: np.ndarray, value: np.ndarray) -> pd.DataFrame:
    rows = pd.DataFrame({"indicator": indicator, "group": group, "value": value})
    return rows.assign(status="ok", per=1.0, origin="own", made_from="", source=PEOPLE)
