"""Proportions, rates and means with their intervals: a source frame in, an analysed frame out.

A published value is never re-rounded or recomputed: the interval comes from `numerator` and `denominator`,
the value stays as the source gave it. Where a denominator is derived (`denominator_status` derived), the
middle of its rounding range is used. In the real figures of 2019 the ends of the range move a limit by less
than 0.4 of the interval's half-width (under a quarter in 95 % of the rows) and less than 0.3 per cent units;
held by tests/test_rates.py::test_derived_denominators_hardly_move_the_limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import CatalogueError, FrameError
from sosrake_lib.indicators import intervals

KINDS = ("proportion", "rate", "mean", "index", "count", "ratio")
EXACT_BELOW = 10
# A published value may differ from numerator / denominator by its rounding, or by a slightly other
# denominator (end of year instead of mean population); a wrong `per` is off by a factor of ten.
VALUE_TOLERANCE = 0.05
_ROWS_NAMED = 5


def per_units(numerator: ArrayLike, denominator: ArrayLike, per: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Compute `per · numerator / denominator`; nothing where the denominator is not above zero.

    Examples
    --------
    >>> print(round(float(per_units(490_745, 785_975, 100)), 1))  # the project's budget use, in %
    62.4
    """
    x, n, scale = np.broadcast_arrays(
        np.asarray(numerator, "float64"), np.asarray(denominator, "float64"), np.asarray(per, "float64")
    )
    return np.divide(scale * x, n, out=np.full(x.shape, np.nan), where=n > 0)


def proportion(
    frame: pd.DataFrame, confidence: Iterable[float] = (0.95,), method: str = "wilson"
) -> pd.DataFrame:
    """Give each proportion its Wilson score interval.

    Parameters
    ----------
    frame : source frame (`sosrake_lib.frame`); `numerator` of `denominator` people, `value` in units
        of `per`.
    confidence : one or several two-sided levels; one row per level comes out.
    method : "wilson" (the only one so far).

    Returns
    -------
    The same rows per confidence, with `lower`, `upper` (units of `per`), `statistic`, `method`, `confidence`.
    Rows that are not `ok`, or lack numerator or denominator, keep their value, have no interval and say
    method "published" ("given" when the value is not a source's own). Limits a source printed are not
    carried on: their confidence is unknown.

    Raises
    ------
    FrameError naming the rows where a count is negative, the denominator zero, the numerator greater than
    the denominator, or the value at odds with them (a wrong `per`).

    Compared with R binom and PHEindicatormethods (tests/reference/proportions.csv).

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": ["tyottomyysaste"], "region_level": ["kunta"],
    ...     "region_code": ["297"], "borders": [2019], "period": ["2019"], "value": [9.9], "per": [100],
    ...     "numerator": [5576], "denominator": [56323], "status": ["ok"], "origin": ["published"]})
    >>> print(proportion(area)[["value", "lower", "upper", "method"]].round(2).to_string(index=False))
     value  lower  upper method
       9.9   9.66  10.15 wilson
    """
    _known_method(method, ("wilson",), "proportion")
    checked = _source(frame, "proportion")
    able = _able(checked)
    _check_counts(checked, able, "proportion")
    _refuse_rows(
        checked,
        able & (checked["numerator"] > checked["denominator"]),
        "proportion",
        "numerator is greater than denominator",
        "a proportion has its cases among its people; use rates.rate for events",
    )
    _check_value(checked, able, "proportion")

    def limits(rows: pd.DataFrame, level: float) -> intervals.Interval:
        return _scaled(intervals.wilson(rows["numerator"], rows["denominator"], level), rows["per"])

    return _analysed(checked, able, confidence, "proportion", limits, "wilson")


def rate(
    frame: pd.DataFrame,
    confidence: Iterable[float] = (0.95,),
    method: str = "byar",
    exact_below: float = EXACT_BELOW,
) -> pd.DataFrame:
    """Give each rate of events its Poisson interval: exact (Garwood) below 10 events, Byar from 10.

    Parameters
    ----------
    frame : source frame; `numerator` events over `denominator` persons or person-years.
    confidence : one or several two-sided levels.
    method : "byar" (exact below `exact_below`) or "poisson_exact" (exact throughout).
    exact_below : count from which Byar's approximation is used.

    Returns
    -------
    As `proportion`; `method` says per row which of the two was used.

    Raises
    ------
    FrameError as `proportion`, but events may outnumber persons.

    Compared with R stats::poisson.test and PHEindicatormethods (tests/reference/rates.csv).
    """
    _known_method(method, ("byar", "poisson_exact"), "rate")
    checked = _source(frame, "rate")
    able = _able(checked)
    _check_counts(checked, able, "rate")
    _check_value(checked, able, "rate")
    switch = np.inf if method == "poisson_exact" else exact_below

    def limits(rows: pd.DataFrame, level: float) -> intervals.Interval:
        counts = intervals.poisson(rows["numerator"], level, switch)
        return _scaled(counts, rows["per"] / rows["denominator"])

    used = np.where(checked["numerator"] < switch, "poisson_exact", "byar")
    return _analysed(checked, able, confidence, "rate", limits, used)


def mean(frame: pd.DataFrame, confidence: Iterable[float] = (0.95,)) -> pd.DataFrame:
    """Give each mean its t interval from `standard_deviation` and `denominator` (number of values).

    Rows without a standard deviation, or with fewer than two values, keep their mean without an interval.
    `value` and `standard_deviation` are in the same unit. Compared with PHEindicatormethods.
    """
    checked = _source(frame, "mean")
    if "standard_deviation" not in checked:
        checked["standard_deviation"] = np.nan
    known = (checked["status"] == "ok") & checked[["standard_deviation", "denominator"]].notna().all(axis=1)
    wrong = known & ((checked["standard_deviation"] < 0) | (checked["denominator"] <= 0))
    _refuse_rows(
        checked,
        wrong,
        "mean",
        "standard_deviation is negative or denominator not above zero",
        "denominator is the number of values behind the mean; correct the row",
    )

    def limits(rows: pd.DataFrame, level: float) -> intervals.Interval:
        return intervals.mean_t(rows["value"], rows["standard_deviation"], rows["denominator"], level)

    analysed = _analysed(checked, known & (checked["denominator"] >= 2), confidence, "mean", limits, "mean_t")
    return analysed if "standard_deviation" in frame else analysed.drop(columns="standard_deviation")


def as_given(frame: pd.DataFrame, statistic: str, confidence: Iterable[float] = (0.95,)) -> pd.DataFrame:
    """Carry an index, count or ratio into an analysed frame without an interval, its value unaltered."""
    _known_method(statistic, KINDS, "as_given")
    checked = _source(frame, "as_given")
    nothing = pd.Series(False, index=checked.index)
    return _analysed(checked, nothing, confidence, statistic, None, "published")


def analyse(
    frame: pd.DataFrame,
    kinds: Mapping[str, str] | str | None = None,
    confidence: Iterable[float] = (0.95,),
) -> pd.DataFrame:
    """Analyse a frame of mixed indicators, each by its kind.

    Parameters
    ----------
    kinds : indicator -> kind (proportion, rate, mean, index, count, ratio), or the name of a column that
        holds the kind; left out, the catalogue knows.
    confidence : one or several two-sided levels.

    Returns
    -------
    Analysed frame with the rows in the order of `frame` within each confidence.

    Raises
    ------
    FrameError when an indicator has no kind or an unknown one.
    """
    checked = _source(frame, "analyse")
    levels = _levels(confidence)
    kind_of = _kinds(checked, kinds)
    ways: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "proportion": lambda rows: proportion(rows, levels),
        "rate": lambda rows: rate(rows, levels),
        "mean": lambda rows: mean(rows, levels),
    }
    order = "_row_of_source"
    parts = []
    for kind, rows in checked.assign(**{order: np.arange(len(checked))}).groupby(kind_of, sort=False):
        way = ways.get(str(kind), lambda chosen, name=str(kind): as_given(chosen, name, levels))
        parts.append(way(rows))
    if not parts:
        return as_given(checked, "count", levels)
    place = {level: number for number, level in enumerate(levels)}
    joined = pd.concat(parts, ignore_index=True)
    joined = joined.assign(_level=joined["confidence"].map(place)).sort_values(["_level", order])
    return joined.drop(columns=["_level", order]).reset_index(drop=True)


def _source(frame: pd.DataFrame, function: str) -> pd.DataFrame:
    if frames.is_analysed(frame):
        raise FrameError(
            f"rates.{function}: the frame is already analysed (it has statistic, method, confidence); "
            "give the source frame"
        )
    return frames.check(frame, file=f"rates.{function}")


def _able(frame: pd.DataFrame) -> pd.Series:
    return (frame["status"] == "ok") & frame["numerator"].notna() & frame["denominator"].notna()


def _check_counts(frame: pd.DataFrame, able: pd.Series, function: str) -> None:
    negative = able & ((frame["numerator"] < 0) | (frame["denominator"] < 0))
    _refuse_rows(
        frame, negative, function, "a count is negative", "numerator and denominator count people or events"
    )
    empty = able & (frame["denominator"] == 0)
    _refuse_rows(
        frame,
        empty,
        function,
        "denominator is zero",
        "where nobody could be counted the status is missing and the value empty",
    )


def _check_value(frame: pd.DataFrame, able: pd.Series, function: str) -> None:
    computed = per_units(frame["numerator"], frame["denominator"], frame["per"])
    decimals = frame["value"].map(_decimals)
    rounding = 0.5 * 10.0 ** -decimals.to_numpy(dtype="float64")
    allowed = np.maximum(VALUE_TOLERANCE * np.abs(computed), rounding) * (1 + 1e-9)
    wrong = able & (np.abs(frame["value"] - computed) > allowed)
    _refuse_rows(
        frame,
        wrong,
        function,
        "value is not per * numerator / denominator, rounding apart",
        "check per (100 for per cent) and which people the denominator counts",
    )


def _decimals(value: float) -> int:
    """Count the decimals a number was written with: 9.9 has one."""
    if not np.isfinite(value):
        return 0
    return len(np.format_float_positional(value, trim="-").partition(".")[2])


def _refuse_rows(frame: pd.DataFrame, wrong: pd.Series, function: str, what: str, advice: str) -> None:
    if not wrong.any():
        return
    rows = [int(position) + 1 for position in np.flatnonzero(wrong)]
    first = frame.iloc[rows[0] - 1]
    named = ", ".join(map(str, rows[:_ROWS_NAMED])) + (", ..." if len(rows) > _ROWS_NAMED else "")
    raise FrameError(
        f"rates.{function}: {what} in {len(rows)} row(s): {named}; the first is {first['indicator']} "
        f"{first['region_level']} {first['region_code']} {first['period']} (value {first['value']:g}, "
        f"numerator {first['numerator']:g}, denominator {first['denominator']:g}, per {first['per']:g}); "
        f"{advice}"
    )


def _scaled(interval: intervals.Interval, factor: pd.Series) -> intervals.Interval:
    scale = factor.to_numpy(dtype="float64")
    return intervals.Interval(interval.lower * scale, interval.upper * scale)


def _analysed(
    checked: pd.DataFrame,
    able: pd.Series,
    confidence: Iterable[float],
    statistic: str,
    limits: Callable[[pd.DataFrame, float], intervals.Interval] | None,
    method: str | NDArray[np.str_],
) -> pd.DataFrame:
    """Put the rows of every confidence on top of each other; rows that are not `able` get no limits."""
    without = np.select(
        [
            (checked["origin"] == "published") | (checked["status"] != "ok"),
            (checked["origin"] == "own") & (statistic == "count"),
            checked["origin"].eq("synthetic") & (statistic == "count"),
        ],
        ["published", "sum_of_municipalities", "count"],
        default="given",
    )
    parts = []
    for level in _levels(confidence):
        part = checked.copy()
        part[["lower", "upper"]] = np.nan
        part["statistic"] = statistic
        part["method"] = np.where(able, method, without)
        part["confidence"] = level
        if limits is not None and able.any():
            found = limits(checked.loc[able], level)
            part.loc[able, "lower"], part.loc[able, "upper"] = found.lower, found.upper
        parts.append(part)
    return frames.check(pd.concat(parts, ignore_index=True), file=f"rates, {statistic}")


def _levels(confidence: Iterable[float] | float) -> tuple[float, ...]:
    levels = (confidence,) if isinstance(confidence, int | float) else tuple(confidence)
    wrong = [level for level in levels if not 0 < level < 1]
    if wrong or not levels or len(set(levels)) < len(levels):
        raise FrameError(
            f"confidence {levels!r}: expected different shares between 0 and 1, such as (0.95, 0.998)"
        )
    return tuple(float(level) for level in levels)


def _known_method(method: str, known: tuple[str, ...], function: str) -> None:
    if method not in known:
        raise FrameError(f"rates.{function}: {method!r} is not known; use one of {', '.join(known)}")


def _kinds(frame: pd.DataFrame, kinds: Mapping[str, str] | str | None) -> pd.Series:
    if isinstance(kinds, str):
        if kinds not in frame:
            raise FrameError(f"rates.analyse: column {kinds} is missing; it should hold the kind of each row")
        found = frame[kinds]
    elif kinds is None:
        found = frame["indicator"].map(_catalogue_kinds(frame["indicator"].unique()))
    else:
        found = frame["indicator"].map(dict(kinds))
    wrong = frame.index[~found.isin(KINDS)]
    if len(wrong):
        row = wrong[0]
        raise FrameError(
            f"rates.analyse: row {row + 1}, indicator {frame.at[row, 'indicator']!r}: kind {found[row]!r}; "
            f"expected one of {', '.join(KINDS)}; name it in `kinds` or in the catalogue"
        )
    return found


def _catalogue_kinds(keys: Iterable[str]) -> dict[str, str]:
    from sosrake_lib import catalogue

    kinds = {}
    for key in keys:
        try:
            kinds[key] = catalogue.indicator(key).kind
        except CatalogueError:
            # The message of `_kinds` names the row, which the catalogue cannot know.
            kinds[key] = ""
    return kinds
