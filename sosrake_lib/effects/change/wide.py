"""From measurements in rows to one row a person: the first measurement and the second."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sosrake_lib.effects.change.columns import need_columns, numbers, shown
from sosrake_lib.errors import FrameError


def paired_rows(
    data: pd.DataFrame,
    *,
    person: str,
    time: str,
    outcome: str,
    first: Any,
    second: Any,
    keep: tuple[str, ...] = (),
) -> pd.DataFrame:
    """Put two of the measurements of each person side by side.

    Parameters
    ----------
    data : one row a measurement.
    person, time, outcome : columns: who, when, what was measured.
    first, second : values of `time` that count as before and after.
    keep : columns that describe the person (group, municipality); taken from the person's first row.

    Returns
    -------
    DataFrame `person, before, after` and `keep`, one row a person in the order of appearance; a person
    without a measurement has NaN there and stays.

    Raises
    ------
    FrameError when a column is missing, a person has the same time twice, or a time is never there.

    Examples
    --------
    >>> rows = pd.DataFrame({"who": [1, 1, 2], "when": ["pre", "post", "pre"], "score": [5, 9, 4]})
    >>> wide = paired_rows(rows, person="who", time="when", outcome="score", first="pre", second="post")
    >>> print(wide.to_string(index=False))
     who  before  after
       1     5.0    9.0
       2     4.0    NaN
    """
    where = "paired_rows"
    need_columns(data, [person, time, outcome, *keep], where)
    used = data.loc[data[time].isin([first, second])]
    for name, value in (("first", first), ("second", second)):
        if not used[time].eq(value).any():
            known = ", ".join(map(shown, pd.unique(data[time])[:6]))
            raise FrameError(f"{where}: {name} {value!r} is no value of column {time!r}; it has {known}")
    again = used.duplicated(subset=[person, time])
    if again.any():
        who, when = (shown(used.loc[again, column].iloc[0]) for column in (person, time))
        raise FrameError(f"{where}: {person} {who} has {time} {when} twice; keep one measurement")
    numbers(used, outcome, where)
    wide = used.set_index([person, time])[outcome].unstack(time)
    people = data.drop_duplicates(subset=[person]).set_index(person)[list(keep)]
    values = {"before": wide[first].astype("float64"), "after": wide[second].astype("float64")}
    joined = pd.DataFrame(values).reindex(people.index)
    return joined.join(people).reset_index()
