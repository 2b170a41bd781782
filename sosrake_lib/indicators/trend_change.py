"""Change between two periods with an interval; `trends.change` is its door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import change_kernels as kernels
from sosrake_lib.indicators import intervals, rates
from sosrake_lib.indicators import trend_series as series
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.intervals import Floats, Interval

MEASURES = ("difference", "ratio")
RATIO_METHODS = ("mover_ratio", "log_ratio")
VERDICTS = ("increase", "no_change_shown", "decrease", "not_testable")
_FUNCTION = "trends.change"
_PARTS = ("period", "value", "numerator", "denominator", "status", "per", "borders", "origin", "statistic")
_DIFFERENCES = {"proportion": "newcombe", "rate": "mover_poisson", "mean": "change_welch"}
# Keys of the method registry; the argument has the plain names.
_RATIO_KEYS = {"mover_ratio": "change_mover_ratio", "log_ratio": "change_log_ratio"}


def change(
    frame: pd.DataFrame,
    first: str,
    last: str,
    *,
    kinds: Mapping[str, str] | str | None = None,
    measures: Iterable[str] = MEASURES,
    ratio_method: str = "mover_ratio",
    confidence: float | Iterable[float] = (0.95,),
    breaks: str = "refuse",
) -> pd.DataFrame:
    """Give each series its change from the first to the last of two periods, with an interval.

    Answers: has the figure risen or fallen between these two periods by more than chance? The two periods are
    taken as independent. Where largely the same people are counted in both (a share of all residents who are
    long-term unemployed), the same person is likely to count twice: the figures go up and down together,
    the true interval of the *difference* is then narrower, and "no change shown" is said too often rather
    than too seldom. The choice of the two periods is the user's: picking the lowest and the highest year
    after looking at the series makes every change look certain; use `annual_percent_change` for the whole.

    Parameters
    ----------
    frame : analysed frame (`rates.analyse`; its `statistic` decides), or a source frame with `kinds` as
        `rates.analyse` takes them. Means carry `standard_deviation`.
    first, last : two periods of the same kind and length, not overlapping, such as "2015" and "2019".
    measures : "difference" (last - first, in units of `per`) and "ratio" (last / first); a row each.
    ratio_method : "mover_ratio" (from the two separate intervals; holds at zero in the last period) or
        "log_ratio" (normal distribution of the log; nothing when a count is zero).
    confidence : one or several two-sided levels.
    breaks : "refuse" when a `break_before` lies after `first` and not after `last`; "split": such series get
        no result (reason break_between); "cross": they do, marked `crosses_break`.

    Returns
    -------
    Analysed frame, one row a series, measure and confidence: `value, lower, upper`, `period` "first/last" in
    years, `statistic` difference or ratio, `method` newcombe (proportions), mover_poisson (rates),
    change_welch (means), change_mover_ratio or change_log_ratio, given (no counts: no interval);
    `first_period, last_period, first_value, last_value, verdict` (increase, no_change_shown, decrease,
    not_testable), `crosses_break, reason` (value_absent, period_absent, first_is_zero, no_counts,
    break_between). Difference and ratio come from the counts where there are any; `first_value` and
    `last_value` are the published ones. The upper limit of a ratio is infinite when the first figure may
    be zero.

    Raises
    ------
    FrameError when a period is not in the frame, the two overlap or differ in kind, a series changes its
    borders, per or statistic between them, or a break lies between.

    Sources: doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, doi 10.1002/sim.3095,
    doi 10.1177/0962280213502144, doi 10.1093/biomet/34.1-2.28.

    Examples
    --------
    >>> import pandas as pd
    >>> years = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": "kunta", "region_code": "297",
    ...     "borders": 2021, "period": ["2015", "2019"], "value": [12.0, 10.0], "per": 100,
    ...     "numerator": [6_000, 5_000], "denominator": 50_000, "status": "ok", "origin": "synthetic"})
    >>> found = change(years, "2015", "2019", kinds={"tyottomyysaste": "proportion"})
    >>> print(found[["statistic", "value", "lower", "upper", "verdict"]].round(2).to_string(index=False))
     statistic  value  lower  upper  verdict
    difference  -2.00  -2.39  -1.61 decrease
         ratio   0.83   0.80   0.86 decrease
    """
    wanted = _check_options(tuple(measures), ratio_method, breaks)
    levels = levels_of(confidence, _FUNCTION)
    pair, crossed = _pair(frame, first, last, kinds, breaks)
    reason = _reasons(pair, crossed, breaks)
    parts = []
    for level in levels:
        for measure in wanted:
            found = _difference(pair, level) if measure == "difference" else _ratio(pair, level, ratio_method)
            parts.append(_rows(pair, found, reason, crossed, measure, level))
    return frames.check(pd.concat(parts, ignore_index=True), file=_FUNCTION)


def _pair(
    frame: pd.DataFrame, first: str, last: str, kinds: Mapping[str, str] | str | None, breaks: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """Put the two periods of each series side by side; say which series have a break in between."""
    checked = frames.check(frame, file=_FUNCTION)
    series.refuse_mixed_origin(checked, _FUNCTION)
    start, end = _places(checked, first, last)
    rows = checked.loc[checked["period"].isin([first, last])]
    if not frames.is_analysed(checked):
        rows = rates.analyse(rows, kinds)
    # Several confidences repeat the same figures; the change has levels of its own.
    rows = rows.drop_duplicates(subset=list(frames.KEY))
    for period in (first, last):
        if not (rows["period"] == period).any():
            raise FrameError(f"{_FUNCTION}: period {period!r} is not in the frame; give two that are")
    parts = [*_PARTS, "standard_deviation"] if "standard_deviation" in rows else list(_PARTS)
    sides = [
        rows.loc[rows["period"] == period, [*series.SERIES, *parts]].add_prefix(name)
        for period, name in ((first, "first_"), (last, "last_"))
    ]
    for side, name in zip(sides, ("first_", "last_"), strict=True):
        side.columns = [
            column.removeprefix(name) if column.removeprefix(name) in series.SERIES else column
            for column in side.columns
        ]
        _refuse_two_maps(side, name)
    pair = sides[0].merge(sides[1], on=list(series.SERIES), how="outer", validate="one_to_one")
    _refuse_other(pair)
    return pair, _crossed(checked, pair, start, end, breaks)


def _places(checked: pd.DataFrame, first: str, last: str) -> tuple[int, int]:
    one, other = series.read_period(first, _FUNCTION), series.read_period(last, _FUNCTION)
    if (one.kind, one.length) != (other.kind, other.length):
        raise FrameError(
            f"{_FUNCTION}: {first!r} and {last!r} are of different kinds or lengths; give two alike"
        )
    if other.start < one.start + one.length:
        raise FrameError(
            f"{_FUNCTION}: last period {last!r} does not begin after {first!r} has ended; periods that "
            "overlap are not independent: give two apart, the earlier first"
        )
    return one.start, other.start


def _crossed(checked: pd.DataFrame, pair: pd.DataFrame, start: int, end: int, breaks: str) -> np.ndarray:
    codes, texts = pd.factorize(checked["period"])
    begins = np.array([series.read_period(text, _FUNCTION).start for text in texts], dtype="int64")[codes]
    broken = checked["break_before"].to_numpy() & (begins > start) & (begins <= end)
    keys = checked.loc[broken, list(series.SERIES)].drop_duplicates().assign(_broken=True)
    both = pair["first_period"].notna() & pair["last_period"].notna()
    marked = pair[list(series.SERIES)].merge(keys, on=list(series.SERIES), how="left")["_broken"]
    crossed = marked.eq(True).to_numpy(dtype="bool") & both.to_numpy()
    if crossed.any() and breaks == "refuse":
        row = checked.loc[broken].iloc[0]
        raise FrameError(
            f"{_FUNCTION}: {int(crossed.sum())} series have break_before between the two periods; one is "
            f"{series.named(row)}: figures before and after are not comparable. Choose periods on one side, "
            "use breaks='split' to leave such series without a result, or, knowing what changed, 'cross'"
        )
    return crossed


def _refuse_two_maps(side: pd.DataFrame, name: str) -> None:
    twice = side.duplicated(subset=list(series.SERIES))
    if twice.any():
        row = side.loc[twice].iloc[0]
        raise FrameError(
            f"{_FUNCTION}: {row['indicator']} {row['region_level']} {row['region_code']} has two rows in "
            f"{row[name + 'period']}, such as by two maps (column borders); give one map at a time"
        )


def _refuse_other(pair: pd.DataFrame) -> None:
    both = pair["first_period"].notna() & pair["last_period"].notna()
    advice = {
        "borders": "bring both to one map (regions.rebase)",
        "per": "use one scale",
        "statistic": "compare like with like",
    }
    for column, what in advice.items():
        other = both & (pair[f"first_{column}"] != pair[f"last_{column}"])
        if other.any():
            row = pair.loc[other].iloc[0]
            raise FrameError(
                f"{_FUNCTION}: column {column} is {row[f'first_{column}']} and then {row[f'last_{column}']} "
                f"for {row['indicator']} {row['region_level']} {row['region_code']}; {what}"
            )


def _reasons(pair: pd.DataFrame, crossed: np.ndarray, breaks: str) -> np.ndarray:
    absent = pair["first_period"].isna() | pair["last_period"].isna()
    conditions = [
        absent,
        (pair["first_status"] != "ok") | (pair["last_status"] != "ok"),
        crossed & (breaks == "split"),
    ]
    return np.select(conditions, ["period_absent", "value_absent", "break_between"], default="")


def _numbers(pair: pd.DataFrame, side: str) -> tuple[Floats, Floats, Floats]:
    """Value on the scale of 1, numerator and denominator of a side; NaN where not usable."""
    x, n = pair[f"{side}_numerator"].to_numpy("float64"), pair[f"{side}_denominator"].to_numpy("float64")
    return pair[f"{side}_value"].to_numpy("float64"), x, np.where(n > 0, n, np.nan)


def _limits(pair: pd.DataFrame, side: str, level: float) -> tuple[Floats, Interval]:
    """Estimate and limits of one side on its own scale (shares, or the mean's unit); NaN where none."""
    value, x, n = _numbers(pair, side)
    kind = pair["first_statistic"].to_numpy()
    share, deviation = kernels.crude(x, n), _deviation(pair, side)
    counted = np.isin(kind, ["proportion", "rate"]) & np.isfinite(share)
    safe_x, safe_n = np.where(counted, x, 0.0), np.where(counted, n, 1.0)
    with np.errstate(invalid="ignore"):
        wilson = intervals.wilson(np.minimum(safe_x, safe_n), safe_n, level)
        poisson = intervals.poisson(safe_x, level)
        mean = intervals.mean_t(value, deviation, n, level)
    choices = [(kind == "proportion") & counted, (kind == "rate") & counted, kind == "mean"]
    lower = np.select(choices, [wilson.lower, poisson.lower / safe_n, mean.lower], np.nan)
    upper = np.select(choices, [wilson.upper, poisson.upper / safe_n, mean.upper], np.nan)
    return np.where(counted, share, np.where(kind == "mean", value, np.nan)), Interval(lower, upper)


def _deviation(pair: pd.DataFrame, side: str) -> Floats:
    column = f"{side}_standard_deviation"
    return pair[column].to_numpy("float64") if column in pair else np.full(len(pair), np.nan)


def _difference(pair: pd.DataFrame, level: float) -> dict[str, np.ndarray]:
    per = pair["first_per"].to_numpy("float64")
    kind = pair["first_statistic"].to_numpy()
    before, before_limits = _limits(pair, "first", level)
    after, after_limits = _limits(pair, "last", level)
    found = intervals.mover(after, after_limits, before, before_limits)
    value, last = _numbers(pair, "last"), _numbers(pair, "first")
    means = kernels.welch(
        value[0], _deviation(pair, "last"), value[2], last[0], _deviation(pair, "first"), last[2], level
    )
    mean = kind == "mean"
    lower = np.where(mean, means.lower, per * found.lower)
    upper = np.where(mean, means.upper, per * found.upper)
    able = np.isfinite(lower) & np.isfinite(upper)
    plain = value[0] - last[0]
    method = np.select([able & (kind == name) for name in _DIFFERENCES], list(_DIFFERENCES.values()), "given")
    return {
        "value": np.where(able & ~mean, per * (after - before), plain),
        "lower": np.where(able, lower, np.nan),
        "upper": np.where(able, upper, np.nan),
        "method": method,
        "per": per,
        "nothing": np.zeros(len(pair)),
    }


def _ratio(pair: pd.DataFrame, level: float, how: str) -> dict[str, np.ndarray]:
    before, before_limits = _limits(pair, "first", level)
    after, after_limits = _limits(pair, "last", level)
    given_before, given_after = _numbers(pair, "first")[0], _numbers(pair, "last")[0]
    negative = (np.nan_to_num(before_limits.lower) < 0) | (np.nan_to_num(after_limits.lower) < 0)
    if how == "mover_ratio":
        found = kernels.mover_ratio(after, after_limits, before, before_limits)
    else:
        found = kernels.log_ratio(kernels.crude(after, before), _log_variance(pair), level)
    able = np.isfinite(found.lower) & ~np.isnan(found.upper) & ~negative
    return {
        "value": np.where(able, kernels.crude(after, before), kernels.crude(given_after, given_before)),
        "lower": np.where(able, found.lower, np.nan),
        "upper": np.where(able, found.upper, np.nan),
        "method": np.where(able, _RATIO_KEYS[how], "given"),
        "per": np.ones(len(pair)),
        "nothing": np.ones(len(pair)),
    }


def _log_variance(pair: pd.DataFrame) -> Floats:
    """Variance of the log of the ratio: of rates, of proportions, or of means by the delta method."""
    kind, total = pair["first_statistic"].to_numpy(), np.zeros(len(pair))
    for side in ("first", "last"):
        value, x, n = _numbers(pair, side)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = (_deviation(pair, side) / value) ** 2 / n
            part = np.select(
                [kind == "rate", kind == "proportion", kind == "mean"], [1 / x, 1 / x - 1 / n, mean], np.nan
            )
        total = total + part
    return total


def _rows(
    pair: pd.DataFrame,
    found: dict[str, np.ndarray],
    reason: np.ndarray,
    crossed: np.ndarray,
    measure: str,
    level: float,
) -> pd.DataFrame:
    undefined = (reason == "") & ~np.isfinite(found["value"])
    why = np.where(undefined, "first_is_zero", reason)
    able = why == ""
    rows = pair[list(series.SERIES)].copy()
    for name in ("period", "value"):
        for side in ("first", "last"):
            rows[f"{side}_{name}"] = pair[f"{side}_{name}"]
    years = [str(pair[side].dropna().iloc[0]) for side in ("first_period", "last_period")]
    start, end = years[0][:4], years[1].partition("/")[2] or years[1][:4]
    rows["period"] = start if start == end else f"{start}/{end}"
    rows["borders"] = pair["first_borders"].fillna(pair["last_borders"]).astype("int64")
    origin = pair["first_origin"].fillna(pair["last_origin"])
    rows["origin"] = np.where(origin == "synthetic", "synthetic", "own")
    rows["status"] = np.where(able, "ok", "missing")
    for name in ("value", "lower", "upper"):
        rows[name] = np.where(able, found[name], np.nan)
    rows["per"] = np.where(np.isfinite(found["per"]), found["per"], pair["last_per"])
    tested = able & (found["method"] != "given")
    above, below = found["lower"] > found["nothing"], found["upper"] < found["nothing"]
    verdict = np.select([~tested, above, below], ["not_testable", "increase", "decrease"], "no_change_shown")
    return rows.assign(
        statistic=measure,
        method=np.where(able, found["method"], "given"),
        confidence=level,
        verdict=verdict,
        crosses_break=crossed,
        reason=np.where(able & ~tested, "no_counts", why),
        break_before=False,
    )


def _check_options(measures: tuple[str, ...], ratio_method: str, breaks: str) -> tuple[str, ...]:
    if not measures or not set(measures) <= set(MEASURES) or len(set(measures)) < len(measures):
        raise FrameError(f"{_FUNCTION}: measures {measures!r}; expected some of {', '.join(MEASURES)}")
    if ratio_method not in RATIO_METHODS:
        raise FrameError(
            f"{_FUNCTION}: ratio_method {ratio_method!r}; expected one of {', '.join(RATIO_METHODS)}"
        )
    if breaks not in series.BREAKS:
        raise FrameError(f"{_FUNCTION}: breaks {breaks!r}; expected one of {', '.join(series.BREAKS)}")
    return measures
