"""Events that the same person can have several times, given as people by their number of events."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.strata_codes import refuse_rows

_FUNCTION = "standardise.from_event_frequencies"


def from_event_frequencies(
    frame: pd.DataFrame, frequency: str = "events_each", *, squares: str = "sum_of_squared_events"
) -> pd.DataFrame:
    """Turn people by their number of events into events and the variance of their count.

    It answers how sure a rate of visits, placements or admissions is when few people have many of them.
    Formula: of n_f people with f events each, events = sum(f n_f) and variance = sum(f² n_f), which is the
    events themselves when everyone has one.

    Parameters
    ----------
    frame : rows with an indicator frame's key, `numerator` = people who had that many events, `denominator`
        = all people (the same on every row of a key), and the column `frequency`: events each of them had.
    frequency : its name.
    squares : name of the column to be made, the sum of squared events; give it to `standardise.direct` as
        `count_variance` (`repeat_events.add_squares` makes the same column from a separate table).

    Returns
    -------
    One row a key: `numerator` events, the sum of squares, the other columns from the key's first row;
    `value`, `lower`, `upper` are dropped, as they no longer fit.

    Raises
    ------
    FrameError when a frequency is not a whole number above 0, a count is empty or negative, a frequency
    stands twice in a key, or the people differ within a key.

    Source: Stukel, Glynn, Fisher et al. (1994) Standardized rates of recurrent outcomes, Statistics in
    Medicine 13, 1781-1791. Compared with a plain loop in tests/test_standardise.py.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"indicator": "sijoitukset", "age": "0-17", "events_each": [1, 2, 3],
    ...     "numerator": [50, 10, 2], "denominator": 4_000})
    >>> found = from_event_frequencies(people)
    >>> print(found[["numerator", "sum_of_squared_events"]].to_string(index=False))
     numerator  sum_of_squared_events
          76.0                  108.0
    """
    lacking = [column for column in (frequency, "age", "numerator", "denominator") if column not in frame]
    if lacking:
        raise FrameError(
            f"{_FUNCTION}: column {lacking[0]} is missing; expected people by age and number of events each"
        )
    rows = frame.reset_index(drop=True)
    keys = [column for column in frames.KEY if column in rows]
    each = pd.to_numeric(rows[frequency], errors="coerce").to_numpy("float64", na_value=np.nan)
    people = rows["numerator"].to_numpy("float64", na_value=np.nan)
    _check(rows, keys, each, people, frequency)
    grouped = rows.assign(numerator=each * people, **{squares: each**2 * people}).groupby(
        keys, sort=False, observed=True
    )
    refuse_rows(
        rows,
        (grouped["denominator"].transform("first") != rows["denominator"]).to_numpy(),
        _FUNCTION,
        "denominator differs within a key",
        "all people of the age stand on each of its rows",
    )
    found = grouped.first()
    found[["numerator", squares]] = grouped[["numerator", squares]].sum()
    dropped = (frequency, "value", "lower", "upper")
    kept = [column for column in [*rows.columns, squares] if column not in dropped]
    return found.reset_index()[kept]


def _check(rows: pd.DataFrame, keys: list[str], each: np.ndarray, people: np.ndarray, frequency: str) -> None:
    refuse_rows(
        rows,
        ~((each >= 1) & (each % 1 == 0) & np.isfinite(each)),
        _FUNCTION,
        f"column {frequency} is not a whole number from 1 up",
        "it says how many events each of these people had; leave people without events out",
    )
    refuse_rows(rows, ~(people >= 0), _FUNCTION, "numerator is empty or negative", "give the people counted")
    refuse_rows(
        rows,
        rows.duplicated(subset=[*keys, frequency]).to_numpy(),
        _FUNCTION,
        f"the same {frequency} stands twice in a key",
        "keep one row for each number of events",
    )
