"""Proportions, rates, counts and means with their intervals: a source frame in, an analysed frame out.

A published value is never re-rounded or recomputed: the interval comes from `numerator` and `denominator`,
the value stays as the source gave it. Where a denominator is derived (`denominator_status` derived), the
middle of its rounding range is used. In the real figures of 2019 the ends of the range move a limit by less
than 0.4 of the interval's half-width (under a quarter in 95 % of the rows) and less than 0.3 per cent units;
held by tests/test_rates.py::test_derived_denominators_hardly_move_the_limits.

Every function takes one or several confidences at once, such as `(0.95, 0.998)`; one row each comes out.
Ratios and differences between areas: `comparison`. Several events a person: `repeat_events`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from sosrake_lib.indicators import intervals
from sosrake_lib.indicators.analysed import analysed
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.kinds import KINDS, kinds_of
from sosrake_lib.indicators.row_checks import (
    SQUARES,
    VALUE_TOLERANCE,
    check_counts,
    check_value,
    counted,
    known_option,
    per_units,
    refuse_rows,
    source,
    with_squares,
)

__all__ = [
    "EXACT_BELOW",
    "KINDS",
    "PROPORTION_METHODS",
    "RATE_METHODS",
    "SQUARES",
    "VALUE_TOLERANCE",
    "VARIANCES",
    "analyse",
    "as_given",
    "count",
    "mean",
    "per_units",
    "proportion",
    "rate",
]

PROPORTION_METHODS = ("wilson", "clopper_pearson", "agresti_coull")
RATE_METHODS = ("byar", "poisson_exact")
VARIANCES = ("poisson", "clustered")
EXACT_BELOW = intervals.EXACT_BELOW
_CLUSTERED = {
    "dobson": "clustered_dobson",
    "effective": "clustered_effective",
    "log_normal": "clustered_log_normal",
    "normal": "clustered_normal",
}


def proportion(
    frame: pd.DataFrame,
    confidence: Iterable[float] | float = (0.95,),
    method: str = "wilson",
    *,
    clip: bool = False,
) -> pd.DataFrame:
    """Give each proportion its interval: how far chance alone could have moved this share.

    Parameters
    ----------
    frame : source frame (`sosrake_lib.frame`); `numerator` of `denominator` people, `value` in units
        of `per`. Counts need not be whole (weighted or derived ones).
    confidence : one or several two-sided levels; one row per level comes out.
    method : "wilson" (score, the field's usual), "clopper_pearson" (exact, wide: never covers less than it
        promises) or "agresti_coull" (simple; may leave 0-1).
    clip : cut Agresti-Coull limits to 0-1; otherwise they are told as they come, as R binom does. The other
        two never leave the scale.

    Returns
    -------
    The same rows per confidence, with `lower`, `upper` (units of `per`), `statistic`, `method`, `confidence`.
    Rows that are not `ok`, or lack numerator or denominator, keep their value, have no interval and say
    method "published" ("given" when the value is not a source's own). Limits a source printed are not
    carried on: their confidence is unknown.

    Raises
    ------
    FrameError naming the rows where a count is negative or infinite, the denominator zero, the numerator
    greater than the denominator, or the value at odds with them (a wrong `per`).

    Sources: doi 10.1080/01621459.1927.10502953 (Wilson), 10.1093/biomet/26.4.404 (Clopper & Pearson),
    10.1080/00031305.1998.10480550 (Agresti & Coull). Compared with R binom and PHEindicatormethods
    (tests/reference/proportions.csv, rates_proportions.csv).

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
    known_option(method, PROPORTION_METHODS, "proportion")
    checked = source(frame, "proportion")
    able = counted(checked)
    check_counts(checked, able, "proportion")
    refuse_rows(
        checked,
        able & (checked["numerator"] > checked["denominator"]),
        "proportion",
        "numerator is greater than denominator",
        "a proportion has its cases among its people; use rates.rate for events",
    )
    check_value(checked, able, "proportion")

    def limits(rows: pd.DataFrame, level: float) -> intervals.Interval:
        x, n = rows["numerator"], rows["denominator"]
        if method == "clopper_pearson":
            found = intervals.clopper_pearson(x, n, level)
        elif method == "agresti_coull":
            found = intervals.agresti_coull(x, n, level, clip=clip)
        else:
            found = intervals.wilson(x, n, level)
        return found.scaled(rows["per"])

    return analysed(checked, able, confidence, "proportion", limits, method)


def rate(
    frame: pd.DataFrame,
    confidence: Iterable[float] | float = (0.95,),
    method: str = "byar",
    exact_below: float = EXACT_BELOW,
    *,
    variance: str = "poisson",
    clustered_method: str = "dobson",
) -> pd.DataFrame:
    """Give each rate of events its interval: exact (Garwood) below 10 events, Byar from 10.

    Parameters
    ----------
    frame : source frame; `numerator` events over `denominator` persons or person-years.
    confidence : one or several two-sided levels.
    method : "byar" (exact below `exact_below`) or "poisson_exact" (exact throughout).
    exact_below : count from which Byar's approximation is used.
    variance : "poisson" when events are independent of each other; "clustered" when one person may have
        many (child protection notifications, visits). It reads the column `sum_of_squared_events`, the sum
        over persons of i² (`repeat_events.add_squares` makes it); rows without it get no interval.
    clustered_method : "dobson", "effective", "log_normal" or "normal", see `intervals.clustered`; `method`
        and `exact_below` then say which Poisson limits are widened.

    Returns
    -------
    As `proportion`; `method` says per row which was used (poisson_exact, byar, clustered_dobson, ...).

    Raises
    ------
    FrameError as `proportion`, but events may outnumber persons; with variance "clustered" also when
    `sum_of_squared_events` is missing, or below the count, or above its square.

    Compared with R stats::poisson.test and PHEindicatormethods (tests/reference/rates.csv,
    rates_proportions.csv).

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": ["lastensuojeluilmoitukset"], "region_level": ["kunta"],
    ...     "region_code": ["297"], "borders": [2019], "period": ["2019"], "value": [1.4], "per": [100],
    ...     "numerator": [14], "denominator": [1000], "sum_of_squared_events": [24], "status": ["ok"],
    ...     "origin": ["own"]})
    >>> for made in (rate(area), rate(area, variance="clustered")):
    ...     print(made[["value", "lower", "upper", "method"]].round(2).to_string(index=False, header=False))
    1.4 0.76 2.35 byar
    1.4 0.57 2.64 clustered_dobson
    """
    known_option(method, RATE_METHODS, "rate")
    known_option(variance, VARIANCES, "rate", "variance")
    known_option(clustered_method, tuple(_CLUSTERED), "rate", "clustered_method")
    checked = source(frame, "rate")
    able = counted(checked)
    check_counts(checked, able, "rate")
    check_value(checked, able, "rate")
    switch = np.inf if method == "poisson_exact" else exact_below
    if variance == "clustered":
        able = with_squares(checked, able)

    def limits(rows: pd.DataFrame, level: float) -> intervals.Interval:
        x = rows["numerator"]
        if variance == "clustered":
            events = intervals.clustered(x, rows[SQUARES], level, clustered_method, switch)
        else:
            events = intervals.poisson(x, level, switch)
        return events.scaled(rows["per"] / rows["denominator"])

    used = intervals.poisson_method(checked["numerator"], switch)
    return analysed(
        checked,
        able,
        confidence,
        "rate",
        limits,
        _CLUSTERED[clustered_method] if variance == "clustered" else used,
    )


def count(
    frame: pd.DataFrame,
    confidence: Iterable[float] | float = (0.95,),
    method: str = "byar",
    exact_below: float = EXACT_BELOW,
) -> pd.DataFrame:
    """Give each count of events the Poisson interval of the count itself, without a denominator.

    It answers how many events another year of the same risk could have brought. A count of people in a
    register is exact as a count; use `as_given` where chance is not the question.

    Parameters
    ----------
    frame : source frame; `value` is the count (`per` 1). A `numerator`, where there is one, is the same.
    confidence, method, exact_below : as in `rate`.

    Returns
    -------
    As `rate`, statistic "count".

    Raises
    ------
    FrameError naming the rows where the count is negative, `per` is not 1, or the numerator another number.

    Compared with PHEindicatormethods and R stats::poisson.test (tests/reference/rates_proportions.csv).

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": ["ilmoitukset"], "region_level": ["kunta"], "region_code": ["297"],
    ...     "borders": [2019], "period": ["2019"], "value": [65], "status": ["ok"], "origin": ["own"]})
    >>> print(count(area)[["value", "lower", "upper", "method"]].round(2).to_string(index=False))
     value  lower  upper method
      65.0  50.16  82.85   byar
    """
    known_option(method, RATE_METHODS, "count")
    checked = source(frame, "count")
    able = checked["status"] == "ok"
    refuse_rows(
        checked,
        able & (checked["value"] < 0),
        "count",
        "a count is negative",
        "value counts people or events",
    )
    refuse_rows(
        checked,
        able & (checked["per"] != 1),
        "count",
        "per is not 1",
        "a count is in units of one; use rates.rate for a rate",
    )
    refuse_rows(
        checked,
        able & checked["numerator"].notna() & (checked["numerator"] != checked["value"]),
        "count",
        "numerator is not the count",
        "value is the count itself; use rates.rate when value is a rate",
    )
    switch = np.inf if method == "poisson_exact" else exact_below

    def limits(rows: pd.DataFrame, level: float) -> intervals.Interval:
        return intervals.poisson(rows["value"], level, switch)

    used = intervals.poisson_method(checked["value"], switch)
    return analysed(checked, able, confidence, "count", limits, used)


def mean(frame: pd.DataFrame, confidence: Iterable[float] | float = (0.95,)) -> pd.DataFrame:
    """Give each mean its t interval from `standard_deviation` and `denominator` (number of values).

    Rows without a standard deviation, or with fewer than two values, keep their mean without an interval.
    `value` and `standard_deviation` are in the same unit. From single values: `intervals.mean_of`.

    Raises
    ------
    FrameError naming the rows where the deviation is negative or infinite, or the number of values not
    above zero.

    Compared with PHEindicatormethods (tests/reference/means.csv).

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": ["asuntokunta"], "region_level": ["kunta"], "region_code": ["297"],
    ...     "borders": [2019], "period": ["2019"], "value": [2.1], "standard_deviation": [1.3],
    ...     "denominator": [400], "status": ["ok"], "origin": ["own"]})
    >>> print(mean(area)[["value", "lower", "upper", "method"]].round(2).to_string(index=False))
     value  lower  upper method
       2.1   1.97   2.23 mean_t
    """
    checked = source(frame, "mean")
    if "standard_deviation" not in checked:
        checked["standard_deviation"] = np.nan
    behind = checked[["standard_deviation", "denominator"]]
    known = (checked["status"] == "ok") & behind.notna().all(axis=1)
    wrong = known & (
        (behind["standard_deviation"] < 0) | (behind["denominator"] <= 0) | np.isinf(behind).any(axis=1)
    )
    refuse_rows(
        checked,
        wrong,
        "mean",
        "standard_deviation is negative or denominator not above zero, or one of them is infinite",
        "denominator is the number of values behind the mean; correct the row",
    )

    def limits(rows: pd.DataFrame, level: float) -> intervals.Interval:
        return intervals.mean_t(rows["value"], rows["standard_deviation"], rows["denominator"], level)

    found = analysed(checked, known & (checked["denominator"] >= 2), confidence, "mean", limits, "mean_t")
    return found if "standard_deviation" in frame else found.drop(columns="standard_deviation")


def as_given(
    frame: pd.DataFrame, statistic: str, confidence: Iterable[float] | float = (0.95,)
) -> pd.DataFrame:
    """Carry an index, count or ratio into an analysed frame without an interval, its value unaltered.

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": ["sairastavuusindeksi"], "region_level": ["kunta"],
    ...     "region_code": ["297"], "borders": [2019], "period": ["2019"], "value": [104.2],
    ...     "status": ["ok"], "origin": ["own"]})
    >>> print(as_given(area, "index")[["value", "statistic", "method"]].to_string(index=False))
     value statistic method
     104.2     index  given
    """
    known_option(statistic, KINDS, "as_given")
    checked = source(frame, "as_given")
    nothing = pd.Series(False, index=checked.index)
    return analysed(checked, nothing, confidence, statistic, None, "published")


def analyse(
    frame: pd.DataFrame,
    kinds: Mapping[str, str] | str | None = None,
    confidence: Iterable[float] | float = (0.95,),
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

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"indicator": ["tyottomyysaste", "ilmoitukset"], "region_level": "kunta",
    ...     "region_code": "297", "borders": 2019, "period": "2019", "value": [9.9, 1.4], "per": 100,
    ...     "numerator": [5_576, 14], "denominator": [56_323, 1_000], "status": "ok", "origin": "own"})
    >>> found = analyse(areas, {"tyottomyysaste": "proportion", "ilmoitukset": "rate"})
    >>> print(found[["value", "lower", "upper", "method"]].round(2).to_string(index=False))
     value  lower  upper method
       9.9   9.66  10.15 wilson
       1.4   0.76   2.35   byar
    """
    checked = source(frame, "analyse")
    asked = levels_of(confidence, "rates.analyse")
    kind_of = kinds_of(checked, kinds)
    ways: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "proportion": lambda rows: proportion(rows, asked),
        "rate": lambda rows: rate(rows, asked),
        "mean": lambda rows: mean(rows, asked),
    }
    order = "_row_of_source"
    parts = []
    for kind, rows in checked.assign(**{order: np.arange(len(checked))}).groupby(kind_of, sort=False):
        way = ways.get(str(kind), lambda chosen, name=str(kind): as_given(chosen, name, asked))
        parts.append(way(rows))
    if not parts:
        return as_given(checked, "count", asked)
    place = {level: number for number, level in enumerate(asked)}
    joined = pd.concat(parts, ignore_index=True)
    joined = joined.assign(_level=joined["confidence"].map(place)).sort_values(["_level", order])
    return joined.drop(columns=["_level", order]).reset_index(drop=True)
