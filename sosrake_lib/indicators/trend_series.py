"""From an indicator frame to series: a stretch a row of a matrix, a time a column, no break crossed silently.

A *series* is one indicator of one area, sex, age and group over time; a *stretch* is the part of a series
between two breaks (`break_before`). Used by `trends`; the rules on breaks, gaps and absent rows stand here.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.intervals import Floats

SERIES = ("indicator", "region_level", "region_code", "sex", "age", "group")
BREAKS = ("refuse", "split", "cross")
# A suppressed figure is absent *because* it is small: to leave it out would bend a trend upwards.
LEAVE_OUT = ("missing", "not_published_at_level")
# Reasons why a stretch has no result; the empty text means that it has one.
REASONS = (
    *("", "value_absent", "too_few_periods", "no_finite_trend"),
    *("period_absent", "break_between", "first_is_zero", "no_counts"),
)
KINDS_OF_PERIOD = {"year": "years", "month": "months", "half": "half-years", "span": "spans of years"}
_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])|-H([12])|/(\d{4}))?")


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Rows of a frame arranged as stretches.

    `rows` are the checked rows in the order of series and time; `number` their stretch, `place` their time
    among `time` (years, decimals for months: 2020.5 is July), `step` the length of a period in months, `kind`
    the kind of period. `table` has one row a stretch: SERIES, borders, per, origin, `stretch` (1, 2, ... in
    its series), `crosses_break`, `periods_expected` (from first to last without gaps), `blocked` (a row with
    a status that may not be left out).
    """

    rows: pd.DataFrame
    number: np.ndarray
    place: np.ndarray
    time: Floats
    index: np.ndarray
    step: int
    kind: str
    table: pd.DataFrame

    def matrix(self, column: str) -> Floats:
        """Values of a column as (stretches, times); NaN where there is no row or its status is not ok."""
        found = np.full((len(self.table), len(self.time)), np.nan)
        able = (self.rows["status"] == "ok").to_numpy()
        found[self.number[able], self.place[able]] = self.rows[column].to_numpy("float64")[able]
        return found

    def spans(self, used: np.ndarray) -> pd.DataFrame:
        """Name `first_period`, `last_period` (texts) and `period` ("first/last" in years) of the cells used.

        A stretch without a cell used is named by all its rows.
        """
        rows = np.zeros_like(used)
        rows[self.number, self.place] = True
        cells = np.where(used.any(axis=1, keepdims=True), used, rows)
        first, last = cells.argmax(axis=1), cells.shape[1] - 1 - cells[:, ::-1].argmax(axis=1)
        labels = np.empty(len(self.time), dtype="object")
        labels[self.place] = self.rows["period"].to_numpy("object")
        start = [str(label)[:4] for label in labels]
        end = [str(label)[5:9] if self.kind == "span" else str(label)[:4] for label in labels]
        whole = {
            (a, b): start[a] if start[a] == end[b] else f"{start[a]}/{end[b]}"
            for a, b in set(zip(first.tolist(), last.tolist(), strict=True))
        }
        period = [whole[pair] for pair in zip(first.tolist(), last.tolist(), strict=True)]
        return pd.DataFrame({"period": period, "first_period": labels[first], "last_period": labels[last]})


def arrange(
    frame: pd.DataFrame,
    function: str,
    *,
    breaks: str = "refuse",
    leave_out: Collection[str] = LEAVE_OUT,
    kinds: Collection[str] = tuple(KINDS_OF_PERIOD),
) -> Stretches:
    """Arrange a source frame as stretches, or say why it cannot be read as series.

    Parameters
    ----------
    breaks : "refuse", "split" (a stretch for each side of a break) or "cross" (marked `crosses_break`).
    leave_out : statuses whose rows are left out as gaps; any other absent row blocks its stretch.
    kinds : kinds of period the method takes.

    Raises
    ------
    FrameError when the frame is empty or analysed, mixes synthetic with real rows, kinds of period, borders
    or per within a series, has overlapping spans of years, or has a break and `breaks` is "refuse".
    """
    checked = source(frame, function)
    if breaks not in BREAKS:
        raise FrameError(f"{function}: breaks {breaks!r}; expected one of {', '.join(BREAKS)}")
    unknown = sorted(set(leave_out) - set(frames.STATUSES[1:]))
    if unknown:
        raise FrameError(
            f"{function}: leave_out names {unknown[0]!r}; expected some of {', '.join(frames.STATUSES[1:])}"
        )
    kind, month, step = _months(checked["period"], function, kinds)
    series = checked.groupby(list(SERIES), sort=False).ngroup().to_numpy()
    for column, advice in (("borders", _ONE_MAP), ("per", "use one scale")):
        _refuse_mixed(checked, series, column, function, advice)
    order = np.lexsort((month, series))
    rows, series, month = checked.iloc[order].reset_index(drop=True), series[order], month[order]
    new = np.diff(series, prepend=-1) != 0
    broken = rows["break_before"].to_numpy() & ~new
    if broken.any() and breaks == "refuse":
        raise FrameError(_break_message(rows, broken, function))
    if kind == "span":
        _refuse_overlap(rows, ~new & (np.diff(month, prepend=0) < step), function)
    starts = new | broken if breaks == "split" else new
    number = np.cumsum(starts) - 1
    table = _table(rows, month, number, starts, series, broken & (breaks == "cross"), step)
    allowed = ("ok", *leave_out)
    blocked = np.bincount(number, ~rows["status"].isin(allowed).to_numpy(), len(table)) > 0
    index, place = np.unique(month, return_inverse=True)
    time = index / 12 + ((step - 12) / 24 if kind == "span" else 0.0)
    return Stretches(rows, number, place, time, index, step, kind, table.assign(blocked=blocked))


def source(frame: pd.DataFrame, function: str) -> pd.DataFrame:
    """Check a source frame: not analysed, not empty, synthetic and real rows apart."""
    if frames.is_analysed(frame):
        raise FrameError(
            f"{function}: the frame is already analysed (it has statistic, method, confidence); "
            "give the source frame"
        )
    checked = frames.check(frame, file=function)
    if checked.empty:
        raise FrameError(f"{function}: the frame has no rows; give at least one series")
    refuse_mixed_origin(checked, function)
    return checked


def refuse_mixed_origin(checked: pd.DataFrame, function: str) -> None:
    """Refuse synthetic rows among real ones."""
    origins = set(checked["origin"].unique())
    if "synthetic" in origins and origins != {"synthetic"}:
        raise FrameError(
            f"{function}: column origin mixes synthetic rows with {sorted(origins - {'synthetic'})}; "
            "invented and real figures never meet: give them separately"
        )


def result(
    stretches: Stretches,
    used: np.ndarray,
    reason: np.ndarray,
    numbers: dict[str, np.ndarray],
    labels: dict[str, object],
    function: str,
) -> pd.DataFrame:
    """Put one row a stretch together: `numbers` (value, lower, upper, extras) only where `reason` is empty.

    `labels` are statistic, method, confidence and per.
    """
    table = stretches.table
    found = pd.concat([table[[*SERIES, "borders", "per", "origin"]], stretches.spans(used)], axis=1)
    found = found.assign(**labels, break_before=False)
    able = reason == ""
    found["status"] = np.where(able, "ok", "missing")
    for name, values in numbers.items():
        found[name] = np.where(able, values, np.nan)
    found["periods_used"] = used.sum(axis=1)
    for name in ("periods_expected", "stretch", "crosses_break"):
        found[name] = table[name]
    found["reason"] = reason
    twice = found.duplicated(subset=[*frames.KEY])
    if twice.any():
        raise FrameError(
            f"{function}: two stretches of {named(found.loc[twice].iloc[0])} lie in the same years, so "
            "their results could not be told apart; give one stretch at a time"
        )
    return found


def weights(stretches: Stretches, column: str, function: str) -> Floats:
    """Give a column of weights as (stretches, times); refuse absent ones and those not above zero."""
    rows = stretches.rows
    if column not in rows:
        raise FrameError(f"{function}: column {column} of weights is missing; name a column of the frame")
    given = pd.to_numeric(rows[column], errors="coerce").to_numpy("float64")
    able = (rows["status"] == "ok").to_numpy()
    refuse_rows(
        rows,
        able & ~(np.isfinite(given) & (given > 0)),
        function,
        f"weight {column} is absent or not above zero",
        "a weight is an inverse variance; leave such rows out or use no weights",
    )
    return stretches.matrix(column)


def refuse_rows(rows: pd.DataFrame, wrong: np.ndarray, function: str, what: str, advice: str) -> None:
    """Refuse rows, naming how many and the first by its indicator, area and period."""
    if not wrong.any():
        return
    first = rows.iloc[int(np.flatnonzero(wrong)[0])]
    raise FrameError(
        f"{function}: {what} in {int(wrong.sum())} row(s); the first is {named(first)} "
        f"(value {first['value']:g}, numerator {first['numerator']:g}, denominator "
        f"{first['denominator']:g}); {advice}"
    )


def named(row: pd.Series) -> str:
    """Name a row for a message: indicator, area, period and what else is not the neutral value."""
    extra = [str(row[name]) for name, neutral in _NEUTRAL.items() if row[name] != neutral]
    place = f"{row['indicator']} {row['region_level']} {row['region_code']} {row['period']}"
    return " ".join([place, *extra])


_NEUTRAL = {"sex": "total", "age": frames.ALL_AGES, "group": frames.ALL_GROUPS}
_ONE_MAP = "bring the years to one map first (regions.rebase), or give one map at a time"


@dataclass(frozen=True, slots=True)
class Period:
    """A period read: its kind, its first month (counted from year 0) and its length in months."""

    kind: str
    start: int
    length: int


def read_period(text: str, function: str) -> Period:
    """Read `2019`, `2020-03`, `2020-H1` or `2018/2020`.

    Examples
    --------
    >>> read_period("2018/2020", "example")
    Period(kind='span', start=24216, length=36)
    """
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise FrameError(f"{function}: period {text!r}; expected 2019, 2020-03, 2020-H1 or 2018/2020")
    year, month, half, last = match.groups()
    start = 12 * int(year)
    if month:
        return Period("month", start + int(month) - 1, 1)
    if half:
        return Period("half", start + 6 * (int(half) - 1), 6)
    if not last:
        return Period("year", start, 12)
    if int(last) <= int(year):
        raise FrameError(f"{function}: period {text!r} ends before it has begun; expected such as 2018/2020")
    return Period("span", start, 12 * (int(last) - int(year) + 1))


def _months(periods: pd.Series, function: str, kinds: Collection[str]) -> tuple[str, np.ndarray, int]:
    """Give the kind of period, the first month of each row and the length in months; one kind only."""
    codes, texts = pd.factorize(periods)
    read = [read_period(text, function) for text in texts]
    examples: dict[tuple[str, int], str] = {}
    for period, text in zip(read, texts, strict=True):
        examples.setdefault((period.kind, period.length), text)
    if len(examples) > 1:
        raise FrameError(
            f"{function}: column period mixes kinds or lengths of period ({', '.join(examples.values())}); "
            "a series has one: give yearly and monthly figures separately"
        )
    kind, length = next(iter(examples))
    if kind not in kinds:
        raise FrameError(
            f"{function}: period {texts[0]!r} is one of {KINDS_OF_PERIOD[kind]}; expected "
            f"{' or '.join(KINDS_OF_PERIOD[one] for one in kinds)}"
        )
    return kind, np.array([period.start for period in read])[codes], length


def _refuse_mixed(checked: pd.DataFrame, series: np.ndarray, column: str, function: str, advice: str) -> None:
    values = checked[column].to_numpy("float64")
    first = np.full(series.max() + 1, np.nan)
    first[series[::-1]] = values[::-1]
    other = np.flatnonzero(values != first[series])
    if other.size:
        row = checked.iloc[other[0]]
        raise FrameError(
            f"{function}: column {column} has {first[series[other[0]]]:g} and {row[column]:g} in the series "
            f"of {named(row)}; {advice}"
        )


def _break_message(rows: pd.DataFrame, broken: np.ndarray, function: str) -> str:
    places = np.flatnonzero(broken)
    return (
        f"{function}: {places.size} row(s) have break_before inside a series; the first is "
        f"{named(rows.iloc[places[0]])}: figures before and after are not comparable. Use breaks='split' "
        "for a result each stretch, take the rows after the break, or, knowing what changed, breaks='cross'"
    )


def _refuse_overlap(rows: pd.DataFrame, overlapping: np.ndarray, function: str) -> None:
    refuse_rows(
        rows,
        overlapping,
        function,
        "a span of years overlaps the one before it",
        "moving values share years, so intervals would be far too narrow: give the yearly figures",
    )


def _table(
    rows: pd.DataFrame,
    month: np.ndarray,
    number: np.ndarray,
    starts: np.ndarray,
    series: np.ndarray,
    crossed: np.ndarray,
    step: int,
) -> pd.DataFrame:
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(rows)) - 1
    table = rows.loc[first, [*SERIES, "borders", "per", "origin"]].reset_index(drop=True)
    owner = series[first]
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    table["stretch"] = np.arange(len(first)) - begins[np.cumsum(np.diff(owner, prepend=-1) != 0) - 1] + 1
    table["crosses_break"] = np.bincount(number, crossed, len(table)) > 0
    table["periods_expected"] = (month[last] - month[first]) // step + 1
    table["origin"] = np.where(table["origin"] == "synthetic", "synthetic", "own")
    return table
