"""Repeat events: from tables of how many events each person had to the column `rates.rate` needs.

Child protection notifications, visits or crises come several a person. `add_squares` puts the sum over
persons of the squared number of events beside each row of a source frame; `rates.rate` with variance
"clustered" uses it, and so can a directly standardised rate, whose variance is the sum over ages of
(weight / people)² times it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.row_checks import SQUARES

EVENTS = "events_per_person"
PERSONS = "persons"
WITH_EVENTS = "persons_with_events"


def add_squares(frame: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Add the sum of squared events and the number of persons with events to each row.

    Parameters
    ----------
    frame : source frame whose `numerator` counts events.
    table : how many persons had how many events: those key columns of the frame (`indicator, region_level,
        region_code, borders, period, sex, age, group`) that tell its rows apart, `events_per_person`, and
        `persons`; without `persons` each line is one person.

    Returns
    -------
    The checked frame with `sum_of_squared_events` (Σ i² · persons with i events) and `persons_with_events`.
    Rows that are not `ok` or lack a numerator have neither; a row without lines in the table has 0 of both,
    which is right only when its numerator is 0.

    Raises
    ------
    FrameError when a column is missing, a number is negative or not whole, a line of the table belongs to no
    row, or the events of the table do not add up to the row's `numerator`.

    Source: `intervals.clustered`; Glynn & Buring (1996), doi 10.1136/bmj.312.7027.364.

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": ["lastensuojeluilmoitukset"], "region_level": ["kunta"],
    ...     "region_code": ["297"], "borders": [2019], "period": ["2019"], "value": [1.4], "per": [100],
    ...     "numerator": [14], "denominator": [1000], "status": ["ok"], "origin": ["own"]})
    >>> table = pd.DataFrame({"region_code": "297", "events_per_person": [1, 2, 3], "persons": [7, 2, 1]})
    >>> print(add_squares(area, table)[["sum_of_squared_events", "persons_with_events"]].iloc[0].tolist())
    [24.0, 10.0]
    """
    rows = frames.check(frame, file="repeat_events.add_squares, frame")
    keys = [column for column in frames.KEY if column in table]
    lines = _checked_table(table, keys)
    sums = _sums(lines, keys)
    joined = rows[[*keys]].merge(sums, on=keys, how="left") if keys else pd.concat([sums] * len(rows))
    _refuse_strangers(rows, lines, keys)
    expected = (rows["status"] == "ok") & rows["numerator"].notna()
    found = {column: joined[column].fillna(0).to_numpy() for column in ("_events", SQUARES, WITH_EVENTS)}
    _refuse_other_sums(rows, expected.to_numpy(), found["_events"])
    for column in (SQUARES, WITH_EVENTS):
        rows[column] = np.where(expected, found[column], np.nan)
    return rows


def _checked_table(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    if EVENTS not in table:
        raise FrameError(
            f"repeat_events.add_squares: column {EVENTS} is missing in the table; it says how many events "
            "one person had"
        )
    lines = table[[*keys, EVENTS]].reset_index(drop=True)
    lines[PERSONS] = table[PERSONS].to_numpy() if PERSONS in table else 1.0
    for column in (EVENTS, PERSONS):
        numbers = pd.to_numeric(lines[column], errors="coerce").astype("float64")
        wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0) & (numbers % 1 == 0)))
        if len(wrong):
            raise FrameError(
                f"repeat_events.add_squares: table, row {wrong[0] + 1}, column {column}: "
                f"{lines[column].iloc[wrong[0]]}; expected a whole number, not below zero; correct the line"
            )
        lines[column] = numbers
    return lines


def _sums(lines: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    i, people = lines[EVENTS], lines[PERSONS]
    parts = lines[keys].assign(
        **{"_events": i * people, SQUARES: i**2 * people, WITH_EVENTS: people.where(i > 0, 0.0)}
    )
    if not keys:
        return parts.sum().to_frame().T
    return parts.groupby(keys, sort=False, as_index=False).sum()


def _refuse_strangers(rows: pd.DataFrame, lines: pd.DataFrame, keys: list[str]) -> None:
    if keys:
        several = rows.duplicated(subset=keys)
        if several.any():
            row = rows.loc[several].iloc[0]
            raise FrameError(
                f"repeat_events.add_squares: the table has the columns {', '.join(keys)}, but several rows "
                f"of the frame share {', '.join(str(row[column]) for column in keys)}; add the column that "
                "tells them apart to the table"
            )
        known = lines[keys].merge(rows[keys].assign(_known=True), on=keys, how="left")["_known"].notna()
        if not known.all():
            place = int(np.flatnonzero(~known)[0])
            named = ", ".join(str(lines.at[place, column]) for column in keys)
            raise FrameError(
                f"repeat_events.add_squares: table, row {place + 1} ({named}) belongs to no row of the "
                "frame; correct its key or leave the line out"
            )
    elif len(rows) != 1:
        raise FrameError(
            "repeat_events.add_squares: the table has no key column, but the frame has "
            f"{len(rows)} rows; add region_code or what tells them apart to the table"
        )


def _refuse_other_sums(rows: pd.DataFrame, expected: np.ndarray, events: np.ndarray) -> None:
    wrong = np.flatnonzero(expected & (events != rows["numerator"].to_numpy()))
    if len(wrong):
        row = rows.iloc[wrong[0]]
        raise FrameError(
            f"repeat_events.add_squares: row {wrong[0] + 1} ({row['indicator']} {row['region_level']} "
            f"{row['region_code']} {row['period']}) has {row['numerator']:g} events, the table "
            f"{events[wrong[0]]:g}; both must count the same events"
        )
