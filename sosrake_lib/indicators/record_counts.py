"""Counting entries for `recording`: what is filled, dated, coded; how many different recorders stand behind.

The worker's key enters here and stops here: every table that leaves has a closed list of columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError

COUNT_COLUMNS = ("unit", "period", "measure", "numerator", "denominator", "recorders")
DELAY_COLUMNS = ("unit", "period", "days", "entries", "recorders")
MEASURES = (
    "completeness",
    "complete_entries",
    "dated",
    "coded",
    "text_only",
    "goal_measurability",
    "client_view",
    "vague_wording",
)
WITHIN_DAYS = (1, 3, 7)
# Words in the name of a column that holds a person who records, in Finnish, English and Swedish.
_WORKER = re.compile(
    r"worker|employee|recorder|author|staff_?id|user|clinician|professional|tyontekija|työntekijä|kirjaaja|"
    r"laatija|kayttaja|käyttäjä|ammattilainen|henkilo|henkilö|hetu|arbetare|anstalld|anställd|handlaggare|"
    r"handläggare",
    flags=re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries while they are counted, never given out.

    `fields` asked for; `keys` (`unit, period`) and the `cell` of each entry among them; `recorder`, a number
    a person, -1 where it is empty.
    """

    fields: pd.DataFrame
    keys: pd.DataFrame
    cell: np.ndarray
    recorder: np.ndarray


def looks_like_worker(column: str) -> bool:
    """Say whether a column's name speaks of the person who records.

    Examples
    --------
    >>> looks_like_worker("tyontekija_id"), looks_like_worker("unit")
    (True, False)
    """
    return _WORKER.search(str(column)) is not None


def check_table(table: pd.DataFrame, columns: Sequence[str], key: Sequence[str], name: str) -> pd.DataFrame:
    """Check a table of counts: its columns and no others, whole counts, each key once."""
    extra = [column for column in table if column not in columns]
    if extra:
        why = "looks like a worker's key" if looks_like_worker(extra[0]) else "is not among its columns"
        raise FrameError(
            f"recording.indicators: {name}: column {extra[0]} {why}; counts have {', '.join(columns)} and "
            "nothing else; drop it"
        )
    lacking = [column for column in columns if column not in table]
    if lacking:
        raise FrameError(f"recording.indicators: {name}: column {lacking[0]} is missing; expected {columns}")
    numbers = [one for one in columns if one in ("numerator", "denominator", "recorders", "entries", "days")]
    values = table[numbers].apply(pd.to_numeric, errors="coerce").astype("float64")
    wrong = ~(np.isfinite(values) & (values >= 0)).all(axis=1)
    if "denominator" in values:
        wrong |= values["numerator"] > values["denominator"]
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise FrameError(
            f"recording.indicators: {name}: row {row + 1} ({dict(values.iloc[row])}); expected counts from 0 "
            "up, the numerator at most the denominator"
        )
    if table.duplicated(subset=list(key)).any():
        row = int(np.flatnonzero(table.duplicated(subset=list(key)))[0])
        raise FrameError(
            f"recording.indicators: {name}: row {row + 1} repeats {', '.join(key)}; keep one row"
        )
    return table.assign(**{column: values[column] for column in numbers})


def tidy(records: pd.DataFrame, unit: str, period: str, recorder: str, named: Sequence[str]) -> Entries:
    """Check the entries and number their unit and period, and their recorders."""
    for column in (unit, period, recorder, *named):
        if column not in records:
            raise FrameError(f"recording.counted: column {column} is missing; name columns of the entries")
    refuse_worker(records, unit, recorder)
    refuse_worker(records, period, recorder)
    for column in (unit, period):
        empty = np.flatnonzero(records[column].isna())
        if len(empty):
            raise FrameError(
                f"recording.counted: row {empty[0] + 1}, column {column} is empty; every entry belongs to a "
                "unit and a period"
            )
    key = pd.DataFrame({"unit": records[unit].astype("str"), "period": records[period].astype("str")})
    cell = key.groupby(["unit", "period"], sort=True).ngroup().to_numpy()
    keys = key.drop_duplicates().sort_values(["unit", "period"], ignore_index=True)
    # An entry without a recorder adds nobody to the number of recorders.
    who = pd.factorize(records[recorder])[0]
    people = pd.Series(who[who >= 0]).groupby(key["unit"].to_numpy()[who >= 0]).nunique()
    if len(people) > 1 and (people == 1).all():
        _refuse(unit)
    return Entries(records.loc[:, list(dict.fromkeys(named))].reset_index(drop=True), keys, cell, who)


def refuse_worker(records: pd.DataFrame, column: str, recorder: str) -> None:
    """Refuse a grouping column that is, or holds, the recorders themselves."""
    shared = set(records[column].dropna()) & set(records[recorder].dropna())
    if column == recorder or looks_like_worker(column) or shared:
        _refuse(column)


def _refuse(column: str) -> None:
    raise FrameError(
        f"recording.counted: column {column} looks like a worker's key; the quality of recording is never "
        "given below the unit; name the column of the unit"
    )


def counted_measures(
    entries: Entries,
    required: Sequence[str],
    code: str | None,
    text: str | None,
    goals: str | None,
    measurable: str | None,
    client_view: str | None,
    vague: str | None = None,
) -> pd.DataFrame:
    """Count numerator, denominator and recorders of each measure whose columns are named."""
    rows, parts = entries.fields, []
    if required:
        filled = pd.concat([_filled(rows[column]) for column in required], axis=1)
        fields = pd.Series(len(required), index=rows.index)
        parts.append(_summed(entries, "completeness", filled.sum(axis=1), fields))
        parts.append(_summed(entries, "complete_entries", filled.all(axis=1), fields > 0))
    if code is not None:
        coded = _filled(rows[code])
        worded = _filled(rows[text]) if text is not None else coded & False
        either = coded | worded if text is not None else coded | True
        parts.append(_summed(entries, "coded", coded, either))
        if text is not None:
            parts.append(_summed(entries, "text_only", worded & ~coded, either))
    if goals is not None and measurable is not None:
        set_, fit = _whole(rows[goals], goals), _whole(rows[measurable], measurable)
        wrong = np.flatnonzero(fit > set_)
        if len(wrong):
            raise FrameError(
                f"recording.counted: row {wrong[0] + 1}: {fit.iloc[wrong[0]]:g} measurable goals of "
                f"{set_.iloc[wrong[0]]:g}; expected at most all of them"
            )
        parts.append(_summed(entries, "goal_measurability", fit, set_))
    elif goals is not None or measurable is not None:
        raise FrameError("recording.counted: goal measurability needs goals and measurable; name both")
    if client_view is not None:
        known = rows[client_view].notna()
        said = rows[client_view].isin([True, 1])
        parts.append(_summed(entries, "client_view", said & known, known))
    if vague is not None:
        if text is None:
            raise FrameError("recording.counted: vague wording is of entries with text; name text too")
        worded, found = _filled(rows[text]), _whole(rows[vague], vague)
        parts.append(_summed(entries, "vague_wording", worded & (found > 0), worded))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COUNT_COLUMNS))


def counted_delays(entries: Entries, contact: str, recorded: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count entries with both dates (measure `dated`), and dated entries by days from contact on."""
    rows = entries.fields
    first, then = _dates(rows[contact], contact), _dates(rows[recorded], recorded)
    days = (then.dt.normalize() - first.dt.normalize()).dt.days
    early = np.flatnonzero(days < 0)
    if len(early):
        raise FrameError(
            f"recording.counted: row {early[0] + 1}: {recorded} {then.iloc[early[0]].date()} is before "
            f"{contact} {first.iloc[early[0]].date()}; correct the dates or leave the planned contact out"
        )
    present = days.notna()
    dated = _summed(entries, "dated", present, pd.Series(1.0, index=rows.index))
    inside = present.to_numpy()
    each = pd.DataFrame({"cell": entries.cell[inside], "days": days[present].to_numpy("float64")})
    table = each.assign(entries=1.0).groupby(["cell", "days"], as_index=False)["entries"].sum()
    cell = table.pop("cell").to_numpy()
    keys = entries.keys.iloc[cell].reset_index(drop=True)
    return dated, keys.join(table).assign(recorders=_different(entries, inside)[cell])


def _summed(entries: Entries, measure: str, above: pd.Series, below: pd.Series) -> pd.DataFrame:
    x, n = above.to_numpy("float64"), below.to_numpy("float64")
    inside, count = n > 0, len(entries.keys)
    numbers = {
        "numerator": np.bincount(entries.cell, np.where(inside, x, 0.0), count),
        "denominator": np.bincount(entries.cell, n, count),
        "recorders": _different(entries, inside),
    }
    return entries.keys.assign(measure=measure, **numbers)


def _different(entries: Entries, inside: np.ndarray) -> np.ndarray:
    """Count different recorders of each unit and period among some entries."""
    known = inside & (entries.recorder >= 0)
    span = int(entries.recorder.max(initial=0)) + 1
    pairs = pd.unique(entries.cell[known] * span + entries.recorder[known])
    return np.bincount(pairs // span, minlength=len(entries.keys))


def _filled(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column.notna()
    return column.notna() & (column.astype("str").str.strip() != "")


def _whole(column: pd.Series, name: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    wrong = np.flatnonzero(column.notna() & ~((numbers >= 0) & (numbers % 1 == 0)))
    if len(wrong):
        raise FrameError(
            f"recording.counted: row {wrong[0] + 1}, column {name}: {column.iloc[wrong[0]]}; expected a "
            "whole number of goals or nothing"
        )
    return numbers.fillna(0.0)


def _dates(column: pd.Series, name: str) -> pd.Series:
    found = pd.to_datetime(column, errors="coerce")
    wrong = np.flatnonzero(found.isna() & column.notna() & (column.astype("str").str.strip() != ""))
    if len(wrong):
        raise FrameError(
            f"recording.counted: row {wrong[0] + 1}, column {name}: {column.iloc[wrong[0]]}; expected a date "
            "such as 2021-03-15"
        )
    return found
