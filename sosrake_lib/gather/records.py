"""Client records into counts: what leaves is how many, never who."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, regions
from sosrake_lib import frame as frames
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import checks

CLIENTS = "palvelutarve_asiakkaat"
ASSESSMENTS = "palvelutarve_arvioinnit"
DAYS = "palvelutarve_kasittelyaika"

_COLUMNS = ("assessment", "client", "region_code", "sex", "age", "contact", "need")
_BY = ("sex", "age")


def needs_counts(
    records: pd.DataFrame, by: Sequence[str] = ("sex",), *, borders: int | None = None
) -> pd.DataFrame:
    """Count clients by support need, and all clients and assessments, by municipality and county.

    Parameters
    ----------
    records : one row an assessment and need: assessment, client, region_code (municipality), sex, age,
        contact (ISO date), need (key of the catalogue); other columns are not looked at.
    by : of `sex` and `age`; each is added as its own margin, never crossed with the other.
    borders : year of the map; by default the year of contact, for invented areas the current year.

    Returns
    -------
    Indicator frame of counts (`per` 1), `period` the year of contact: `palvelutarve_asiakkaat` with group =
    need (different clients who have the need) and group `all` (different clients), and
    `palvelutarve_arvioinnit` (different assessments, group `all`). A municipality of a county that occurs
    has a row for every need; 0 is a true zero, as the records are complete.
    Clients are counted once in each row: needs do not sum to clients, and a client met in two
    municipalities counts in both but once in the county.

    Raises
    ------
    GatherError when a column lacks, holds an identity code or names, or a need is unknown. No value of a
    person is repeated in a message.
    """
    rows = _checked(records, by)
    needs = [need.key for need in catalogue.needs()]
    levelled = _with_counties(rows)
    margins = [_margin(levelled)]
    for column in by:
        margins.append(_margin(levelled, column))
    counted = [_counts(margin, needs) for margin in margins]
    result = pd.concat(counted, ignore_index=True)
    synthetic = rows["region_code"].map(regions.is_invented).all()
    result["borders"] = borders or (regions.CURRENT_YEAR if synthetic else result["period"].astype(int))
    result = result.assign(per=1.0, status="ok", origin="synthetic" if synthetic else "own")
    checked = frames.check(result, file="records")
    return checked.sort_values(frames.key_of(checked), ignore_index=True)


def waiting_days(
    records: pd.DataFrame, by: Sequence[str] = (), *, borders: int | None = None
) -> pd.DataFrame:
    """Give mean days from contact to completed assessment, each completed assessment once.

    Parameters
    ----------
    records : as in `needs_counts`, and `days` (whole days; missing = not completed).

    Returns
    -------
    Indicator frame `palvelutarve_kasittelyaika`: value = mean in days, `denominator` = number of completed
    assessments n, extra column `standard_deviation` (n - 1; missing when n is 1); ready for `rates.mean`.
    """
    rows = _checked(records, by, needed=(*_COLUMNS, "days"))
    days = pd.to_numeric(rows["days"], errors="coerce").astype("float64")
    if (days < 0).any() or (days.isna() & rows["days"].notna() & (rows["days"].astype("str") != "")).any():
        raise GatherError("records: column days holds something that is no number of days; mend it")
    once = rows.assign(days=days).dropna(subset=["days"]).drop_duplicates("assessment")
    levelled = _with_counties(once)
    parts = []
    for column in (None, *by):
        margin = _margin(levelled, column)
        grouped = margin.groupby(["region_level", "region_code", "period", "sex", "age"])["days"]
        stats = grouped.agg(value="mean", standard_deviation="std", denominator="count").reset_index()
        parts.append(stats)
    result = pd.concat(parts, ignore_index=True)
    synthetic = rows["region_code"].map(regions.is_invented).all()
    result["borders"] = borders or (regions.CURRENT_YEAR if synthetic else result["period"].astype(int))
    result = result.assign(indicator=DAYS, status="ok", origin="synthetic" if synthetic else "own")
    checked = frames.check(result, file="records")
    return checked.sort_values(frames.key_of(checked), ignore_index=True)


def _checked(records: pd.DataFrame, by: Sequence[str], needed: Sequence[str] = _COLUMNS) -> pd.DataFrame:
    lacking = [column for column in needed if column not in records]
    if lacking:
        raise GatherError(f"records: column {lacking[0]} is missing; expected {', '.join(needed)}; add it")
    if not len(records):
        raise GatherError("records: no rows; check the export")
    if set(by) - set(_BY):
        raise GatherError(f"records: by {list(by)}; expected some of {', '.join(_BY)}; choose from these")
    lines = list(enumerate(records.astype("object").itertuples(index=False, name=None), start=2))
    header = [str(column) for column in records.columns]
    findings = checks.personal(header, lines, set(needed))
    if findings:
        raise GatherError(
            f"records: column {findings[0].column} holds or seems to hold who somebody is; "
            "remove it before counting: only pseudonymous ids are read"
        )
    rows = records[list(needed)].reset_index(drop=True).copy()
    for column in ("assessment", "client", "region_code", "contact", "need"):
        if rows[column].isna().any() or (rows[column].astype("str").str.strip() == "").any():
            raise GatherError(f"records: column {column} is empty on some row; fill it in")
    if not set(rows["need"]) <= {need.key for need in catalogue.needs()}:
        raise GatherError("records: column need holds a need the catalogue does not know; use its keys")
    if not rows["contact"].astype("str").str.fullmatch(r"\d{4}-\d{2}-\d{2}").all():
        raise GatherError("records: column contact holds something that is no date yyyy-mm-dd; mend it")
    if not rows["sex"].isin(("male", "female")).all():
        raise GatherError("records: column sex holds something else than male and female; mend it")
    invented = rows["region_code"].map(regions.is_invented)
    if invented.any() and not invented.all():
        raise GatherError("records: invented and real municipalities in one table; count them separately")
    return rows.assign(period=rows["contact"].astype("str").str[:4])


def _with_counties(rows: pd.DataFrame) -> pd.DataFrame:
    """Put every row once at its municipality and once at its county."""
    home = {}
    for code, period in set(zip(rows["region_code"], rows["period"], strict=True)):
        year = min(max(int(period), regions.FIRST_YEAR), regions.CURRENT_YEAR)
        regions.region("kunta", code, year)
        # Counties began in 2023; earlier contacts stay at their municipality.
        home[code, period] = regions.parent(code, "hva", year)
    county = [home[pair] for pair in zip(rows["region_code"], rows["period"], strict=True)]
    above = rows.assign(region_level="hva", region_code=county).dropna(subset=["region_code"])
    return pd.concat([rows.assign(region_level="kunta"), above], ignore_index=True)


def _margin(levelled: pd.DataFrame, column: str | None = None) -> pd.DataFrame:
    neutral = {"sex": "total", "age": frames.ALL_AGES}
    return levelled.assign(**{name: value for name, value in neutral.items() if name != column})


def _counts(margin: pd.DataFrame, needs: Sequence[str]) -> pd.DataFrame:
    """Count different clients and assessments; every need has a row wherever anybody was met that year."""
    keys = ["region_level", "region_code", "period", "sex", "age"]
    clients = margin.groupby(keys, as_index=False).agg(value=("client", "nunique"))
    assessments = margin.groupby(keys, as_index=False).agg(value=("assessment", "nunique"))
    by_need = margin.groupby([*keys, "need"], as_index=False).agg(value=("client", "nunique"))
    grid = _grid(margin, needs)
    filled = (
        by_need.set_index([*keys, "need"])["value"]
        .reindex(grid, fill_value=0)
        .reset_index()
        .rename(columns={"need": "group"})
    )
    whole = _grid(margin, ["all"]).droplevel("need")
    totals = clients.set_index(keys)["value"].reindex(whole, fill_value=0).reset_index()
    made = assessments.set_index(keys)["value"].reindex(whole, fill_value=0).reset_index()
    return pd.concat(
        [
            filled.assign(indicator=CLIENTS),
            totals.assign(indicator=CLIENTS, group=frames.ALL_GROUPS),
            made.assign(indicator=ASSESSMENTS, group=frames.ALL_GROUPS),
        ],
        ignore_index=True,
    ).assign(value=lambda rows: rows["value"].astype(np.float64))


def _grid(margin: pd.DataFrame, needs: Sequence[str]) -> pd.MultiIndex:
    """Make every combination of place and year with sex, age and need that the margin knows."""
    places = (
        margin[["region_level", "region_code", "period"]].drop_duplicates().itertuples(index=False, name=None)
    )
    sexes, ages = sorted(set(margin["sex"])), sorted(set(margin["age"]))
    rows = [(*place, sex, age, need) for place in places for sex in sexes for age in ages for need in needs]
    return pd.MultiIndex.from_tuples(
        rows, names=["region_level", "region_code", "period", "sex", "age", "need"]
    )
