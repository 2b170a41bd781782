"""From clients to rows of a release: everyone, by group, by year of start and by municipality.

What rehabilitation and work activity share. A share is told where enough clients stand behind it; two counts
whose difference would be a few clients never leave together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, regions, samples
from sosrake_lib.errors import GatherError
from sosrake_lib.indicators import rates
from sosrake_lib.indicators.comparison_parts import parts_against_whole
from sosrake_lib.language import say

RULES = "vakio"
SMALL = "pienet_kunnat"
SPLITS = ("all", "group", "year", "kunta")
_KEYS = ["region_level", "region_code", "period", "group"]


@dataclass(frozen=True, slots=True)
class Clients:
    """Checked clients and where they stand.

    Attributes
    ----------
    rows : one row a client: `client`, `region_code`, `start` and the columns of its kind.
    county : code of the county; period : years of start, such as 2023/2025; group : column of the groups.
    origin : synthetic or own.
    """

    rows: pd.DataFrame
    county: str
    period: str
    group: str
    origin: str

    @property
    def place(self) -> protect.Place:
        """Give the key of figures of everyone."""
        return protect.Place("hva", self.county, self.period)


def clients_of(rows: pd.DataFrame, group: str, kind: str, file: str) -> Clients:
    """Name county, years and origin of checked clients.

    Raises
    ------
    GatherError when there is nobody, or the municipalities are of several counties.
    """
    if rows.empty:
        raise GatherError(say("sosiaalinen_kuntoutus.fault.nobody", file=file))
    counties = {regions.parent(code, "hva") for code in rows["region_code"]}
    if len(counties) > 1:
        raise GatherError(say("sosiaalinen_kuntoutus.fault.counties", file=file))
    years = rows["start"].dt.year
    first, last = int(years.min()), int(years.max())
    period = str(first) if first == last else f"{first}/{last}"
    return Clients(rows, str(counties.pop()), period, group, "synthetic" if kind == "synthetic" else "own")


def provenance(table: str, about: dict) -> dict[str, str]:
    """Give producer, source and licence of a table as the rows carry them."""
    return {
        "producer": say("words.synthetic") if about["kind"] == "synthetic" else "",
        "source": f"{table}.csv",
        "licence": str(about["licence"]).partition(" (")[0],
    }


def read_table(name: str, data: object) -> tuple[pd.DataFrame, dict]:
    """Read a table and its dictionary."""
    return samples.table(name, data), samples.dictionary(name, data)  # type: ignore[arg-type]


def counts(clients: Clients, indicator: str, splits: Sequence[str] = SPLITS) -> pd.DataFrame:
    """Count clients who began: everyone, by group, year of start and municipality."""
    tallied = _tallied(clients, pd.Series(1.0, index=clients.rows.index), splits)
    rows = tallied[_KEYS].assign(value=tallied["denominator"], per=1.0)
    return rates.as_given(_framed(rows, clients, indicator), "count")


def shares(clients: Clients, yes: pd.Series, indicator: str, splits: Sequence[str] = SPLITS) -> pd.DataFrame:
    """Give the share of clients with `yes` (1, 0; NaN = not known, left out) by each split, with intervals.

    A row that leaves out 1 to 4 clients has status suppressed: beside the count of those who began it would
    tell them.
    """
    tallied = _tallied(clients, yes, splits)
    tallied = tallied.loc[tallied["denominator"] > 0]
    left_out = tallied["began"] - tallied["denominator"]
    tells = left_out.between(1, protect.rule_set(RULES).minimum_count - 1).to_numpy()
    rows = tallied[[*_KEYS, "numerator", "denominator"]].assign(
        value=rates.per_units(tallied["numerator"], tallied["denominator"], 100), per=100.0
    )
    rows.loc[tells, ["value", "numerator", "denominator"]] = np.nan
    return rates.proportion(_framed(rows, clients, indicator, tells))


def classes(clients: Clients, label: pd.Series, indicator: str, known: Sequence[str]) -> pd.DataFrame:
    """Give the share of clients in each class of `label` (empty = left out), everyone together."""
    given = label.dropna()
    rows = pd.DataFrame({"group": list(known)})
    rows["numerator"] = [float((given == one).sum()) for one in known]
    rows = rows.assign(
        region_level="hva",
        region_code=clients.county,
        period=clients.period,
        denominator=float(len(given)),
        per=100.0,
    )
    rows["value"] = rates.per_units(rows["numerator"], rows["denominator"], 100)
    return rates.proportion(_framed(rows, clients, indicator))


def means(clients: Clients, value: pd.Series, indicator: str, split: str, decimals: int) -> pd.DataFrame:
    """Give the mean of a number of each client by one split ("all", "group", "year"), with t intervals."""
    keyed = _keyed(clients, split).assign(number=value.to_numpy(dtype="float64"))
    found = (
        keyed.dropna(subset=["number"]).groupby(_KEYS)["number"].agg(["mean", "std", "size"]).reset_index()
    )
    rows = found[_KEYS].assign(
        value=found["mean"], standard_deviation=found["std"], denominator=found["size"].astype("float64")
    )
    made = rates.mean(_framed(rows, clients, indicator)).drop(columns=["standard_deviation"])
    return made.assign(**{column: made[column].round(decimals) for column in ("value", "lower", "upper")})


def compared(rows: pd.DataFrame, county: str, period: str) -> pd.DataFrame:
    """Compare each group, year and municipality with everyone, as a part of them.

    The limits are widened (Bonferroni) for the number of comparisons, among groups, years and municipalities
    each apart.
    """
    whole = (rows["region_code"] == county) & (rows["period"] == period) & (rows["group"] == frame.ALL_GROUPS)
    kinds = [rows["region_level"] == "kunta", rows["period"] != period, ~whole]
    kind = pd.Series(np.select(kinds, ["kunta", "year", "group"], "all"), index=rows.index)
    everyone, rules = rows.loc[whole], protect.rule_set(RULES)
    few = everyone["numerator"] < rules.minimum_count
    few |= everyone["denominator"] < rules.minimum_denominator
    # What is hidden itself is no measure of others: differences from it would give it back.
    everyone = everyone.assign(numerator=everyone["numerator"].mask(few))
    parts = [parts_against_whole(part, everyone) for _, part in rows.groupby(kind)]
    return pd.concat(parts, ignore_index=True)


def small_together(clients: Clients, yes: pd.Series, indicator: str) -> pd.DataFrame:
    """Give one row of the municipalities too small to be told alone, joined; empty where there are not two.

    The row has an indicator of its own: its clients are in other rows of the same figure too, and sums must
    stay visible to the protection.
    """
    least = protect.rule_set(RULES).minimum_denominator
    known = yes.notna().groupby(clients.rows["region_code"]).sum()
    small = list(known.index[known < least])
    if len(small) < 2:
        return frame.empty()
    inside = clients.rows["region_code"].isin(small)
    joined = Clients(
        clients.rows.loc[inside].assign(joined=SMALL),
        clients.county,
        clients.period,
        "joined",
        clients.origin,
    )
    return shares(joined, yes.loc[inside], indicator, ("group",))


def whole_period(selection: protect.Selection) -> str:
    """Give the period of all years of start together, such as 2023/2025."""
    periods = sorted(set(protect.protected_frame(selection)["period"]), key=len)
    return str(periods[-1])


def years(selection: protect.Selection) -> list[str]:
    """Give the single years of start; the whole period when there is one year only."""
    periods = sorted(set(protect.protected_frame(selection)["period"]))
    return [one for one in periods if "/" not in one] or periods


def _tallied(clients: Clients, yes: pd.Series, splits: Sequence[str]) -> pd.DataFrame:
    parts = []
    for split in splits:
        keyed = _keyed(clients, split).assign(yes=yes.to_numpy(dtype="float64"))
        found = keyed.groupby(_KEYS)["yes"].agg(["sum", "count", "size"]).reset_index()
        parts.append(found.rename(columns={"sum": "numerator", "count": "denominator", "size": "began"}))
    made = pd.concat(parts, ignore_index=True)
    return made.astype({"numerator": "float64", "denominator": "float64"})


def _keyed(clients: Clients, split: str) -> pd.DataFrame:
    rows = clients.rows
    named = rows[clients.group].notna()
    return pd.DataFrame(
        {
            "region_level": "kunta" if split == "kunta" else "hva",
            "region_code": rows["region_code"] if split == "kunta" else clients.county,
            "period": rows["start"].dt.year.astype(str) if split == "year" else clients.period,
            "group": rows[clients.group].where(named, "muu") if split == "group" else frame.ALL_GROUPS,
        },
        index=rows.index,
    )


def _framed(
    rows: pd.DataFrame, clients: Clients, indicator: str, suppressed: np.ndarray | None = None
) -> pd.DataFrame:
    status = "ok" if suppressed is None else np.where(suppressed, "suppressed", "ok")
    return frame.check(
        rows.assign(
            indicator=indicator, borders=regions.CURRENT_YEAR, status=status, origin=clients.origin
        ).reset_index(drop=True),
        file=indicator,
    )
