"""What the release of service-needs assessments is made of: clients by need, shares of clients, waiting days.

All figures by need are counts of clients. Assessments with a need are not released beside them: the two
counts differ by a few people, so one would give back what is hidden in the other.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sosrake_lib import frame, protect, regions, samples
from sosrake_lib.gather import records
from sosrake_lib.indicators import comparison, rates
from sosrake_lib.language import say

TABLE = "esimerkkila_asiakkaat"
RULES = "vakio"
DECIMALS = 1


def service_needs(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the service-needs assessments, over all municipalities and their county.

    Parameters
    ----------
    data : data folder with the table `esimerkkila_asiakkaat`; the samples when left out.

    Returns
    -------
    Parts, all by the rules `vakio`: `asiakkaat` (clients by need and sex), `osuudet` (share of clients with
    each need, against the county), `arvioinnit` (assessments made) and `kasittelyaika` (mean days from
    contact to completed assessment).
    """
    rows = samples.table(TABLE, data)
    about = samples.dictionary(TABLE, data)
    counted = records.needs_counts(rows, by=("sex",))
    clients = counted.loc[counted["indicator"] == records.CLIENTS]
    made = counted.loc[(counted["indicator"] == records.ASSESSMENTS) & (counted["sex"] == "total")]
    totals = sums_that_hold(clients)
    days = rates.mean(records.waiting_days(rows)).drop(columns=["standard_deviation"])
    rounded = {column: days[column].round(DECIMALS) for column in ("value", "lower", "upper")}
    parts = {
        "asiakkaat": (rates.as_given(clients, "count"), totals),
        "osuudet": (against_county(shares(clients)), totals),
        "arvioinnit": (rates.as_given(made, "count"), ()),
        "kasittelyaika": (days.assign(**rounded), ()),
    }
    source = {
        "producer": say("words.synthetic"),
        "source": f"{TABLE}.csv",
        "licence": str(about["licence"]).partition(" (")[0],
    }
    return {
        name: protect.part(part.assign(**source), rules=RULES, totals=sums)
        for name, (part, sums) in parts.items()
    }


def shares(clients: pd.DataFrame) -> pd.DataFrame:
    """Divide clients with a need by all clients of the area and sex, where there are enough to divide by.

    A share of fewer clients than the rules' minimum denominator has no row. Were it made and hidden, the
    count beside it would have to be hidden too, though it may be shown.
    """
    area = ["region_level", "region_code", "borders", "period", "sex", "age"]
    everyone = clients.loc[clients["group"] == frame.ALL_GROUPS, [*area, "value"]]
    rows = clients.loc[clients["group"] != frame.ALL_GROUPS].drop(columns=["denominator"])
    joined = rows.merge(everyone.rename(columns={"value": "denominator"}), on=area, validate="many_to_one")
    enough = joined.loc[joined["denominator"] >= protect.rule_set(RULES).minimum_denominator]
    value = rates.per_units(enough["value"], enough["denominator"], 100)
    return rates.proportion(enough.assign(numerator=enough["value"], value=value, per=100.0))


def against_county(analysed: pd.DataFrame) -> pd.DataFrame:
    """Compare municipalities with the whole county; limits are widened for the number of comparisons."""
    own_county = [
        code if level == "hva" else regions.parent(code, "hva", year)
        for level, code, year in zip(
            analysed["region_level"], analysed["region_code"], analysed["borders"], strict=True
        )
    ]
    compared = [
        comparison.against(rows, rows.loc[rows["region_level"] == "hva"], adjust="bonferroni")
        for _, rows in analysed.groupby(pd.Series(own_county, index=analysed.index))
    ]
    return frame.combine(compared)


def sums_that_hold(clients: pd.DataFrame) -> tuple[str, ...]:
    """Name the totals that are sums: sexes always, areas when no client was met in two municipalities."""
    at = (
        clients.groupby(["region_level", "period", "sex", "age", "group"])["value"]
        .sum()
        .unstack("region_level")
    )
    if {"kunta", "hva"} <= set(at.columns) and at["kunta"].equals(at["hva"]):
        return ("region", "sex")
    return ("sex",)
