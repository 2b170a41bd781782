"""Quality of recording (kirjaamisen laatu): what share of the entries is whole, timely, coded, measurable.

Two steps. `counted` turns entries into counts by unit and period, where the entries are; only counts leave.
`indicators` turns the counts into an analysed frame. Nothing is ever given below the unit, a figure that
rests on fewer than five recorders is suppressed, and the key of a worker is used for one thing only: to count
how many different recorders there were. The figures tell of ways of working, never of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import rates
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.record_counts import (
    COUNT_COLUMNS,
    DELAY_COLUMNS,
    MEASURES,
    WITHIN_DAYS,
    check_table,
    counted_delays,
    counted_measures,
    tidy,
)
from sosrake_lib.indicators.scales import Place
from sosrake_lib.indicators.weighted_median import median_of_counts

MINIMUM_RECORDERS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Counts of entries, all that leaves the entries themselves.

    `measures`: `unit, period, measure, numerator, denominator, recorders`; `delays`: `unit, period, days,
    entries, recorders` (entries recorded so many days after the contact; recorders of the unit's dated
    entries of the period). No other column is allowed. Small units are still in: counts are for `indicators`,
    not for publishing.
    """

    measures: pd.DataFrame
    delays: pd.DataFrame


def counted(
    records: pd.DataFrame,
    *,
    unit: str,
    period: str,
    recorder: str,
    required: Sequence[str] = (),
    contact: str | None = None,
    recorded: str | None = None,
    code: str | None = None,
    text: str | None = None,
    goals: str | None = None,
    measurable: str | None = None,
    client_view: str | None = None,
    vague: str | None = None,
) -> Counts:
    """Count entries by unit and period.

    Parameters
    ----------
    records : one row an entry.
    unit, period : columns of the unit (organisation or team, never a person) and of the period ("2021-03").
    recorder : column with the worker's key; used only to count different recorders, never given out.
    required : fields that should be filled.
    contact, recorded : dates of the contact and of its recording.
    code, text : the coded field and the free text of the entry.
    goals, measurable : how many goals the entry has, and how many of them are coded as measurable.
    client_view : whether the client's own view is recorded (True or 1, False or 0; empty = not known).
    vague : number of vague expressions in the entry's text (`gather.records_wording`).

    Returns
    -------
    Counts with the measures whose columns were named (numerator of denominator): `completeness` (filled of
    required fields), `complete_entries`, `dated` (entries with both dates), `coded`, `text_only` (text but no
    code; both of entries with either), `goal_measurability` (of goals), `client_view` (of entries where it is
    known), `vague_wording` (texts with a vague expression, of entries
    with text). A recorder counts for a measure only through an entry that is in its denominator.

    Raises
    ------
    FrameError when a column is missing, the unit is a worker's key (by its name, or because its values are
    recorders' keys or every unit has one recorder), a unit or period is empty, recording precedes its
    contact, a date or count cannot be read, or measurable goals outnumber goals.

    Examples
    --------
    >>> import pandas as pd
    >>> entries = pd.DataFrame({"unit": "Aikuissosiaalityö", "period": "2021-03", "worker": list("abcdef"),
    ...     "need": ["x", "x", None, "x", "x", "x"], "plan": ["x", None, None, "x", "x", "x"]})
    >>> found = counted(entries, unit="unit", period="period", recorder="worker", required=["need", "plan"])
    >>> print(found.measures[["measure", "numerator", "denominator", "recorders"]].to_string(index=False))
             measure  numerator  denominator  recorders
        completeness        9.0         12.0          6
    complete_entries        4.0          6.0          6
    """
    named = [contact, recorded, code, text, goals, measurable, client_view, vague]
    rows = tidy(records, unit, period, recorder, [*required, *(one for one in named if one is not None)])
    measures = counted_measures(rows, required, code, text, goals, measurable, client_view, vague)
    delays = pd.DataFrame({column: [] for column in DELAY_COLUMNS})
    if (contact is None) != (recorded is None):
        raise FrameError(
            "recording.counted: timeliness needs both dates; name contact and recorded, or neither"
        )
    if contact is not None and recorded is not None:
        dated, delays = counted_delays(rows, contact, recorded)
        measures = pd.concat([measures, dated], ignore_index=True)
    if measures.empty:
        raise FrameError(
            "recording.counted: nothing to count; name required, dates, code, goals or client_view"
        )
    return Counts(measures.loc[:, list(COUNT_COLUMNS)], delays.loc[:, list(DELAY_COLUMNS)])


def indicators(
    counts: Counts,
    place: Place,
    *,
    within: Sequence[int] = WITHIN_DAYS,
    confidence: Iterable[float] = (0.95,),
    minimum_recorders: int = MINIMUM_RECORDERS,
) -> pd.DataFrame:
    """Turn counts into indicators of the quality of recording, by unit and period.

    Parameters
    ----------
    counts : from `counted`, or put together from a register's own counts in the same columns.
    place : the area the units belong to; its `period` is not used, as each row has its own.
    within : limits in days of `recording_within_<n>_days`.
    confidence : one or several levels.
    minimum_recorders : 5 or more; with fewer different recorders a figure is suppressed.

    Returns
    -------
    Analysed indicator frame: `indicator` recording_<measure> (per cent, Wilson's interval),
    recording_within_<n>_days (share of dated entries recorded in n days or sooner) and
    recording_delay_median (days, interval by order statistics), `group` = unit, `period`, `recorders`, the
    usual columns. Suppressed rows have no value, counts, interval or number of recorders. Entries of one
    recorder are alike, so the intervals are rather too narrow; and a suppressed unit beside a published sum
    of all units gives itself away: publish through `protect` only.

    Raises
    ------
    FrameError when a table has a column beyond its own (a worker's key above all), a count is negative or
    larger than its denominator, a key stands twice, or `minimum_recorders` is below 5.

    Examples
    --------
    >>> import pandas as pd
    >>> entries = pd.DataFrame({"unit": "Aikuissosiaalityö", "period": "2021-03", "worker": list("abcdef"),
    ...     "need": ["x", "x", None, "x", "x", "x"]})
    >>> counts = counted(entries, unit="unit", period="period", recorder="worker", required=["need"])
    >>> found = indicators(counts, Place("hva", "E1", 2026, "2021", "synthetic"))
    >>> print(found[["indicator", "value", "lower", "upper"]].round(1).head(1).to_string(index=False))
                 indicator  value  lower  upper
    recording_completeness   83.3   43.6   97.0
    """
    if minimum_recorders < MINIMUM_RECORDERS:
        raise FrameError(
            f"recording.indicators: minimum_recorders {minimum_recorders}; five is the least, as fewer would "
            "tell of persons"
        )
    measures = check_table(counts.measures, COUNT_COLUMNS, ("unit", "period", "measure"), "measures")
    delays = check_table(counts.delays, DELAY_COLUMNS, ("unit", "period", "days"), "delays")
    unknown = sorted(set(measures["measure"]) - set(MEASURES))
    if unknown:
        raise FrameError(f"recording.indicators: measure {unknown[0]!r}; expected {', '.join(MEASURES)}")
    levels = levels_of(confidence, "recording.indicators")
    shares = pd.concat([measures, _timely(delays, within)], ignore_index=True)
    parts = [_shares(shares, place, levels, minimum_recorders)] if len(shares) else []
    if len(delays):
        parts.append(_medians(delays, place, levels, minimum_recorders))
    return frames.combine(parts, file="recording.indicators")


def _timely(delays: pd.DataFrame, within: Sequence[int]) -> pd.DataFrame:
    """Count entries recorded within so many days, of all dated entries."""
    wrong = [days for days in within if days < 0 or int(days) != days]
    if wrong:
        raise FrameError(f"recording.indicators: within {wrong[0]!r}; expected whole days from 0 up")
    parts = []
    for days in within if len(delays) else ():
        timely = delays["entries"].where(delays["days"] <= days, 0.0)
        grouped = delays.assign(numerator=timely).groupby(["unit", "period"], sort=False)
        part = grouped.agg(
            numerator=("numerator", "sum"), denominator=("entries", "sum"), recorders=("recorders", "max")
        )
        parts.append(part.reset_index().assign(measure=f"within_{days}_days"))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COUNT_COLUMNS))


def _shares(table: pd.DataFrame, place: Place, levels: tuple[float, ...], minimum: int) -> pd.DataFrame:
    numbers = ["numerator", "denominator", "recorders"]
    rows = table.astype(dict.fromkeys(numbers, "float64"))
    rows["value"] = rates.per_units(rows["numerator"], rows["denominator"], 100)
    rows["indicator"] = "recording_" + rows["measure"].astype("str")
    framed = _hidden(rows.drop(columns="measure"), minimum)
    return rates.proportion(_placed_by_period(framed.assign(per=100.0), place), levels)


def _medians(delays: pd.DataFrame, place: Place, levels: tuple[float, ...], minimum: int) -> pd.DataFrame:
    codes = delays.groupby(["unit", "period"], sort=False).ngroup().to_numpy()
    keys = delays.drop_duplicates(["unit", "period"])[["unit", "period"]].reset_index(drop=True)
    recorders = delays.groupby(["unit", "period"], sort=False)["recorders"].max().to_numpy("float64")
    parts = []
    for level in levels:
        found = median_of_counts(delays["days"], delays["entries"], codes, level)
        numbers = {"value": found.median, "lower": found.lower, "upper": found.upper}
        rows = keys.assign(**numbers, denominator=found.size, recorders=recorders, confidence=level)
        parts.append(_hidden(rows.assign(indicator="recording_delay_median"), minimum))
    table = pd.concat(parts, ignore_index=True)
    return _placed_by_period(table.assign(statistic="median", method="median_order_statistics"), place)


def _hidden(rows: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Give status; take everything that tells of it from a row that rests on too few recorders."""
    few, none = rows["recorders"] < minimum, rows["denominator"] == 0
    out = rows.assign(status=np.select([none, few], ["missing", "suppressed"], "ok"))
    numbers = [
        one for one in ("value", "lower", "upper", "numerator", "denominator", "recorders") if one in out
    ]
    out.loc[few | none, numbers] = np.nan
    return out.rename(columns={"unit": "group"})


def _placed_by_period(table: pd.DataFrame, place: Place) -> pd.DataFrame:
    constant = {
        "region_level": place.region_level,
        "region_code": place.region_code,
        "borders": place.borders,
        "origin": place.origin,
    }
    return frames.check(table.assign(**constant), file="recording.indicators")
