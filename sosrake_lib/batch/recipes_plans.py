"""What the release of plans is made of: activation plans beside multidisciplinary plans, and clients' paths.

The law changed what a plan is, so rows of the first half-year after a change carry `break_before`. Figures of
few people, and figures that leave out a few, are not made: beside each other they would tell of those few.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, regions, samples
from sosrake_lib.batch.client_rows import RULES, provenance
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import records_events, records_plans
from sosrake_lib.gather.records_checks import ROOM as FAULTS
from sosrake_lib.indicators import rates, waiting
from sosrake_lib.language import say

TABLE = "esimerkkila_aktivointisuunnitelmat"
EVENTS = "esimerkkila_tapahtumat"
COUNT = "suunnitelmat_tarve"
SHARES = {
    "ajoissa": ("suunnitelmat_ajoissa", "in_time"),
    "tarkistettu": ("suunnitelmat_tarkistettu", "reviewed_in_time"),
    "omin_sanoin": ("suunnitelmat_omin_sanoin", "own_words"),
    "yhdessa": ("suunnitelmat_yhdessa", "with_client"),
}
TIME = "suunnitelmat_aika"
PATH_TIMES = {"polku_arviointi": "assessment", "polku_palvelu": "service"}
# Figures of the path: name of the figure and column of the matters.
PATH_SHARES = {
    "polku_arviointi_ajoissa": "limit_arviointi_aikuinen",
    "polku_palvelu_ajoissa": "limit_palvelu",
    "polku_uusinta": "repeat",
    "polku_tarkistettu": "reviewed",
    "polku_omin_sanoin": "own_words",
    "polku_yhdessa": "with_client",
    "polku_evatty": "denied",
    "polku_maksu": "fee_hindered",
}
SLOTS = ("polku_evatty", "polku_maksu")
KEYS = ["region_level", "region_code", "borders", "period", "group", "origin"]


def plans_and_paths(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the page on plans.

    Parameters
    ----------
    data : data folder with `esimerkkila_aktivointisuunnitelmat` and `esimerkkila_tapahtumat`; the samples
        when left out.

    Returns
    -------
    Parts, all by the rules `vakio`, of the whole county: `tarve` (needs noted), `ajoissa` (plan made in three
    months), `tarkistettu` (reviewed in half a year), `omin_sanoin`, `yhdessa`: each by half-year of the need
    and kind of plan (`group`), with `break_before`; `aika` (median days from need to plan by year and kind,
    `censored` still waiting); `kunnittain` (plan made in three months by municipality, all years);
    `polku_ajat` and `polku` (days and shares of the event log, by year of contact). A figure that the log
    does not record has status missing, never 0.

    Raises
    ------
    GatherError when a table breaks its contract or holds municipalities of several counties.
    """
    about = samples.dictionary(TABLE, data)
    found = records_plans.plans(samples.table(TABLE, data), f"{TABLE}.csv", about.get("followed_until"))
    rows, source = placed(found.rows, about["kind"], f"{TABLE}.csv"), provenance(TABLE, about)
    halves = rows.assign(period=rows["half"], group=rows["kind"])
    years = rows.assign(period=rows["needed"].dt.year.astype("str"), group=rows["kind"])
    parts = {"tarve": with_breaks(counts(halves))}
    parts |= {
        name: with_breaks(shares(halves, indicator, column)) for name, (indicator, column) in SHARES.items()
    }
    parts["aika"] = with_breaks(times(years, TIME))
    parts["kunnittain"] = by_municipality(rows)
    made = {name: part.assign(**source) for name, part in parts.items()}
    return {name: protect.part(part, rules=RULES) for name, part in (made | paths(data)).items()}


def paths(data: Path | None) -> dict[str, pd.DataFrame]:
    """Make the parts of the event log: times and shares by year of contact."""
    about = samples.dictionary(EVENTS, data)
    found = records_events.matters(samples.table(EVENTS, data), f"{EVENTS}.csv", about.get("followed_until"))
    rows = placed(found.rows, about["kind"], f"{EVENTS}.csv")
    rows = rows.assign(period=rows["yhteydenotto"].dt.year.astype("str"), group=frame.ALL_GROUPS)
    timed = [
        times(rows.assign(days=rows[f"days_{step}"], seen=rows[f"seen_{step}"]), indicator)
        for indicator, step in PATH_TIMES.items()
    ]
    shared = [shares(rows, indicator, column) for indicator, column in PATH_SHARES.items()]
    absent = [not_recorded(rows, name) for name in SLOTS if PATH_SHARES[name] in found.absent]
    source = provenance(EVENTS, about)
    return {
        "polku_ajat": frame.combine(timed).assign(**source),
        "polku": frame.combine([part for part in (*shared, *absent) if len(part)]).assign(**source),
    }


def placed(rows: pd.DataFrame, kind: str, file: str) -> pd.DataFrame:
    """Put rows at their county; the municipality stays beside."""
    counties = {regions.parent(code, "hva") for code in rows["region_code"].unique()}
    if len(counties) != 1:
        raise GatherError(say(f"{FAULTS}.counties", file=file))
    return rows.assign(
        municipality=rows["region_code"],
        region_level="hva",
        region_code=str(counties.pop()),
        borders=regions.CURRENT_YEAR,
        origin="synthetic" if kind == "synthetic" else "own",
    )


def counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Count needs noted by period and kind."""
    found = rows.assign(value=1.0).groupby(KEYS, as_index=False)["value"].sum()
    told = {"indicator": COUNT, "per": 1.0, "status": "ok"}
    return rates.as_given(frame.check(found.assign(**told), file=COUNT), "count")


def shares(rows: pd.DataFrame, indicator: str, column: str) -> pd.DataFrame:
    """Give the share with `column` 1.0 of those where it is known; rows that leave out a few are hidden."""
    made = waiting.kept_limit(rows, indicator, KEYS, column)
    few = made["not_passed"].between(1, least() - 1).to_numpy()
    return hidden(made.drop(columns="not_passed"), few)


def times(rows: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Give median days by period and kind; how many still wait is told from five up."""
    made = waiting.medians(rows, indicator, KEYS)
    few = made["censored"].between(1, least() - 1)
    return made.assign(censored=made["censored"].mask(few))


def by_municipality(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the share with a plan in three months by municipality and of the county, over all years."""
    first, last = rows["needed"].dt.year.min(), rows["needed"].dt.year.max()
    whole = rows.assign(period=f"{first}/{last}", group=frame.ALL_GROUPS)
    own = whole.assign(region_level="kunta", region_code=whole["municipality"])
    indicator, column = SHARES["ajoissa"]
    return frame.combine([shares(part, indicator, column) for part in (whole, own)])


def not_recorded(rows: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Give a row a year that says the log does not record the figure."""
    kept = rows[KEYS].drop_duplicates().reset_index(drop=True)
    told = {"indicator": indicator, "per": 100.0, "status": "missing", "value": np.nan}
    return rates.proportion(frame.check(kept.assign(**told), file=indicator))


def with_breaks(rows: pd.DataFrame) -> pd.DataFrame:
    """Mark the first period after each change of the law."""
    return rows.assign(break_before=records_plans.breaks_before(rows["period"]).to_numpy())


def hidden(rows: pd.DataFrame, few: np.ndarray) -> pd.DataFrame:
    """Take from rows what they would tell of a few people."""
    out = rows.copy()
    out.loc[few, ["value", "lower", "upper", "numerator", "denominator"]] = np.nan
    return out.assign(status=np.where(few, "suppressed", out["status"]))


def least() -> int:
    """Give the least number of people behind a figure."""
    return protect.rule_set(RULES).minimum_count
