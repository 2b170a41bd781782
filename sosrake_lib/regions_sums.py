"""Sum the rows of municipalities that become one area: the arithmetic behind `rebase` and `aggregate`."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from sosrake_lib.errors import RegionError

KEY = ("indicator", "region_level", "region_code", "borders", "period", "sex", "age", "group")
SERIES = ("indicator", "period", "sex", "age", "group")
NEEDED = (
    *KEY,
    *("value", "lower", "upper", "per", "numerator", "denominator", "status", "break_before", "origin"),
)
TRACES = ("areas_used", "areas_expected", "made_from")
# Rounding of the published rate: half a unit, or one in a hundred.
RATE_TOLERANCE = (0.51, 0.01)
# From the surest to the weakest: the weakest of the parts says how sure the sum is.
_DENOMINATOR_STATUSES = ("published", "derived", "absent")
_OWN_RULES = {*NEEDED, *TRACES, "denominator_low", "denominator_high", "denominator_status"}


class CountsClash(RegionError):
    """A municipality's value that its own counts do not give.

    `figure` (the columns of `KEY`) lets a command say it in its reader's language. The value and what the
    counts give are told nowhere: the figure has not been protected yet, and two numbers would tell a count.
    """

    def __init__(self, message: str, figure: tuple[str, ...]) -> None:
        super().__init__(message)
        self.figure = figure


def prepared(frame: pd.DataFrame, doing: str) -> pd.DataFrame:
    """Copy a source frame and give each row the columns that tell what it was made from."""
    lacking = [column for column in NEEDED if column not in frame]
    if lacking:
        raise RegionError(
            f"{doing}: column {lacking[0]} is missing; pass the frame through frame.check first"
        )
    if "statistic" in frame:
        raise RegionError(
            f"{doing}: intervals cannot be summed; {doing} the source frame and analyse it again"
        )
    source = frame.reset_index(drop=True).copy()
    # A combined frame has these columns from some of its parts only: an empty place is an unsummed row.
    neutral = {"areas_used": (source["status"] == "ok").astype("int64"), "areas_expected": 1}
    for column, value in neutral.items():
        given = source[column] if column in source else pd.Series(np.nan, index=source.index)
        source[column] = given.where(given.notna(), value)
    made_from = source["made_from"] if "made_from" in source else source["origin"]
    source["made_from"] = made_from.where(made_from.notna() & (made_from != ""), source["origin"])
    return refuse_repeats(source, doing)


def refuse_repeats(frame: pd.DataFrame, doing: str) -> pd.DataFrame:
    """Return the frame, or refuse it when one key stands twice, as it would be summed twice."""
    twice = frame.duplicated(subset=list(KEY))
    if twice.any():
        row = frame[twice].iloc[0]
        raise RegionError(
            f"{doing}: {_where(row)}, borders {row['borders']}, stands twice; keep one row a key"
        )
    return frame


def sum_up(rows: pd.DataFrame, by: Collection[str], counts: Collection[str], doing: str) -> pd.DataFrame:
    """Make one row of each group of rows.

    Parameters
    ----------
    rows : prepared rows with the column `_parts`, the number of areas each group must hold.
    by : columns that make a group.
    counts : indicators to sum although no numerator says so.
    doing : the word for messages.

    Returns
    -------
    DataFrame with the columns of `rows`, one row a group, in order of first appearance.
    """
    if rows.empty:
        return rows
    rows = rows.reset_index(drop=True)
    is_count = _kinds(rows, counts, doing)
    number = rows.groupby(list(by), sort=False).ngroup()
    _refuse_mixed(rows, is_count, number, doing)
    made = rows[~number.duplicated()].reset_index(drop=True)
    grouped = rows.groupby(number)
    whole = grouped.size() == made["_parts"]
    ok = whole & (rows["status"] == "ok").groupby(number).all()
    sums = grouped[["value", "numerator", "denominator"]].sum(skipna=False)
    counted = (is_count & (rows["status"] == "ok")).groupby(number).any()
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = made["per"] * sums["numerator"] / sums["denominator"]
    made["value"] = sums["value"].where(counted, rates).where(ok)
    ok &= np.isfinite(made["value"])
    made["value"] = made["value"].where(ok)
    made["numerator"] = sums["numerator"].where(ok)
    made["denominator"] = sums["denominator"].where(whole)
    made[["lower", "upper"]] = np.nan
    shared = whole & (grouped["status"].nunique() == 1) & (made["status"] != "ok")
    made["status"] = made["status"].where(shared, "missing").mask(ok, "ok")
    made["break_before"] = grouped["break_before"].any()
    made["areas_used"] = grouped["areas_used"].sum()
    made["areas_expected"] = grouped["areas_expected"].sum() + made["_parts"] - grouped.size()
    return _provenance(made, rows, number)


def _kinds(rows: pd.DataFrame, counts: Collection[str], doing: str) -> pd.Series:
    """Say which rows are counts; refuse rows that are neither counts nor rates with their parts."""
    ok = rows["status"] == "ok"
    named = rows["indicator"].isin(list(counts))
    is_count = named | (rows["denominator"].isna() & (rows["numerator"] == rows["value"]))
    is_rate = ~is_count & rows["numerator"].notna() & rows["denominator"].notna()
    neither = rows[ok & ~is_count & ~is_rate]
    if len(neither):
        raise RegionError(
            f"{doing}: {_where(_own(neither.iloc[0]))} has a value without numerator and denominator (a "
            "mean, an index or a bare share) that cannot be put together from areas; give its parts, name it "
            "in counts= if it is a count, or use a figure the source publishes for the larger area"
        )
    rate = rows["per"] * rows["numerator"] / rows["denominator"]
    half_unit, share = RATE_TOLERANCE
    off = (rate - rows["value"]).abs() > half_unit + share * rows["value"].abs()
    wrong = rows[ok & is_rate & off]
    if len(wrong):
        row = _own(wrong.iloc[0])
        raise CountsClash(
            f"{doing}: {_where(row)}: the value is not what its numerator and denominator give (per * "
            "numerator / denominator); correct the parts, or name the indicator in counts=",
            tuple(str(row[column]) for column in KEY),
        )
    return is_count


def _refuse_mixed(rows: pd.DataFrame, is_count: pd.Series, number: pd.Series, doing: str) -> None:
    ok = rows["status"] == "ok"
    forms = ((is_count, "a count in one area and a rate in another"), (rows["per"], "given in different per"))
    for column, what in forms:
        mixed = column[ok].groupby(number[ok]).nunique()
        if (mixed > 1).any():
            row = rows[number == mixed.index[mixed > 1][0]].iloc[0]
            raise RegionError(f"{doing}: {_where(_own(row))} is {what}; give all areas in the same form")


def _provenance(made: pd.DataFrame, rows: pd.DataFrame, number: pd.Series) -> pd.DataFrame:
    """Say what the sums were made from, and keep the extra columns where the parts agree."""
    synthetic = (rows["origin"] == "synthetic").groupby(number).all()
    made["origin"] = pd.Series("own", index=made.index, dtype="str").mask(synthetic, "synthetic")
    same = rows.groupby(number)["made_from"].nunique() == 1
    made["made_from"] = made["made_from"].where(same, "own")
    for column in ("denominator_low", "denominator_high"):
        if column in rows:
            made[column] = rows.groupby(number)[column].sum(skipna=False)
            made[column] = made[column].where(made["denominator"].notna())
    if "denominator_status" in rows:
        rank = rows["denominator_status"].map({status: i for i, status in enumerate(_DENOMINATOR_STATUSES)})
        weakest = rank.fillna(len(_DENOMINATOR_STATUSES) - 1).groupby(number).max().astype(int)
        weakest = weakest.where(made["denominator"].notna(), len(_DENOMINATOR_STATUSES) - 1)
        made["denominator_status"] = [_DENOMINATOR_STATUSES[i] for i in weakest]
    for column in rows.columns:
        if column not in _OWN_RULES and not column.startswith("_"):
            made[column] = _agreed(made[column], rows[column], number)
    return made


def _agreed(first: pd.Series, values: pd.Series, number: pd.Series) -> pd.Series:
    """Keep what all parts share; join differing texts with semicolons, leave differing numbers empty."""
    differing = values.groupby(number).nunique(dropna=False) > 1
    if not differing.any():
        return first
    if not pd.api.types.is_string_dtype(values):
        return first.where(~differing)
    within = number.isin(differing.index[differing])
    joined = (
        values[within]
        .groupby(number[within])
        .agg(lambda texts: "; ".join(sorted({part for text in texts.dropna() for part in text.split("; ")})))
    )
    return first.mask(differing, joined.reindex(first.index))


def _own(row: pd.Series) -> pd.Series:
    """Give a part of a sum as the municipality it is: its level is already that of the sum."""
    own = row.copy()
    own["region_level"] = "kunta"
    return own


def _where(row: pd.Series) -> str:
    return f"{row['indicator']}, {row['region_level']} {row['region_code']}, {row['period']}"
