"""Who has a second measurement: the table that stands before any figure of change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats, need_columns, need_share, numbers, once_each
from sosrake_lib.effects.change.intervals import t_half_width, wilson

# A standardised difference between those who stayed and those who left from which a reader is warned.
LEAVERS_DIFFER = 0.2
LOST_SHARE = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class SecondMeasurement:
    """Who was measured again.

    Attributes
    ----------
    table : one row a group (and one for all when `by` is given, its keys "all"): `people` (with a first
        measurement), `measured_again, share, lower, upper` (Wilson), `before_stayed, before_left` (mean
        first score of those measured again and not), `difference` (stayed - left) with `difference_lower,
        difference_upper` (Welch), `standardised_difference`, `only_after` (second without first).
    caveats : "dropout" when anyone was lost, "much_dropout" when more than a fifth, "leavers_differ" when
        those who left began elsewhere by 0.2 deviations or more in some group.
    """

    table: pd.DataFrame
    caveats: tuple[str, ...]


def second_measurement(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    person: str | None = None,
    by: tuple[str, ...] = (),
    confidence: float = 0.95,
) -> SecondMeasurement:
    """Tell how many people were measured again, and whether those who were not began differently.

    Parameters
    ----------
    data : one row a person, NaN = not measured.
    by : columns to tell it by, such as group or municipality.

    Similar first scores do not show that the lost changed alike; only following them up does.

    Examples
    --------
    >>> data = pd.DataFrame({"before": [10.0, 12, 14, 20, 22], "after": [11.0, 13, 13, None, None]})
    >>> table = second_measurement(data, before="before", after="after").table
    >>> print(table[["people", "share", "before_stayed", "before_left"]].to_string(index=False))
     people  share  before_stayed  before_left
          5    0.6           12.0         21.0
    """
    where = "second_measurement"
    need_columns(data, [before, after, person, *by], where)
    need_share(confidence, "confidence", where)
    if person is not None:
        once_each(data, [person], where)
    first, second = (numbers(data, column, where) for column in (before, after))
    every = np.zeros(len(data), dtype=np.intp)
    parts = []
    if by:
        grouped = data.groupby(list(by), sort=True, dropna=False)
        keys = grouped.size().index.to_frame(index=False)
        keys.columns = list(by)
        parts.append(
            pd.concat([keys, _table(first, second, grouped.ngroup().to_numpy(), confidence)], axis=1)
        )
    whole = _table(first, second, every, confidence)
    for place, column in enumerate(by):
        whole.insert(place, column, "all")
    table = pd.concat([*parts, whole], ignore_index=True)
    return SecondMeasurement(table, _caveats(table))


def _table(first: Floats, second: Floats, group: np.ndarray, confidence: float) -> pd.DataFrame:
    began, again = np.isfinite(first), np.isfinite(second)
    size = int(group.max()) + 1
    people = np.bincount(group, began, size)
    stayed = _moments(first, group, began & again, size)
    left = _moments(first, group, began & ~again, size)
    lower, upper = wilson(stayed["n"], people, confidence)
    error, freedom = _welch(stayed, left)
    half = t_half_width(error, freedom, confidence)
    difference = stayed["mean"] - left["mean"]
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt((stayed["variance"] + left["variance"]) / 2)
        standardised = np.where(spread > 0, difference / spread, np.nan)
        share = np.where(people > 0, stayed["n"] / people, np.nan)
    return pd.DataFrame(
        {
            "people": people.astype(int),
            "measured_again": stayed["n"].astype(int),
            "share": share,
            "lower": lower,
            "upper": upper,
            "before_stayed": stayed["mean"],
            "before_left": left["mean"],
            "difference": difference,
            "difference_lower": difference - half,
            "difference_upper": difference + half,
            "standardised_difference": standardised,
            "only_after": np.bincount(group, ~began & again, size).astype(int),
        }
    )


def _moments(values: Floats, group: np.ndarray, used: np.ndarray, size: int) -> dict[str, Floats]:
    n = np.bincount(group[used], minlength=size).astype("float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(group[used], values[used], size) / n
        squares = np.bincount(group[used], (values[used] - mean[group[used]]) ** 2, size)
        variance = np.where(n > 1, squares / (n - 1), np.nan)
    return {"n": n, "mean": np.where(n > 0, mean, np.nan), "variance": variance}


def _welch(first: dict[str, Floats], second: dict[str, Floats]) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [one["variance"] / one["n"] for one in (first, second)]
        total = parts[0] + parts[1]
        freedom = total**2 / sum(
            part**2 / (one["n"] - 1) for part, one in zip(parts, (first, second), strict=True)
        )
    return np.sqrt(total), np.asarray(freedom)


def _caveats(table: pd.DataFrame) -> tuple[str, ...]:
    told = []
    if (table["measured_again"] < table["people"]).any():
        told.append("dropout")
    if (1 - table["share"] > LOST_SHARE).any():
        told.append("much_dropout")
    if (table["standardised_difference"].abs() >= LEAVERS_DIFFER).any():
        told.append("leavers_differ")
    return tuple(told)
