"""The yearly rhythm of monthly and half-yearly series; `trends.seasonal` is its door."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import seasonal as decomposition
from sosrake_lib.indicators import trend_series as series

_METHODS = {"additive": "seasonal_additive", "multiplicative": "seasonal_multiplicative"}


@dataclass(frozen=True, slots=True, eq=False)
class Seasonal:
    """Result of `seasonal`.

    `components` : the rows of the frame with `trend, seasonal, random, season, seasonal_method, stretch,
    crosses_break`. `indices` : DataFrame with one row a stretch and season: indicator, region_level,
    region_code, sex, age, group, borders, period, origin, stretch, `season` (1 is January or the first
    half-year), `index` (additive: in units of the value, mean 0; multiplicative: a ratio, mean 1),
    `seasonal_method`, `cycles` (how many values the season's mean rests on).
    """

    components: pd.DataFrame
    indices: pd.DataFrame


def seasonal(frame: pd.DataFrame, kind: str = "additive", *, breaks: str = "refuse") -> Seasonal:
    """Part each monthly or half-yearly series into trend, season and the rest (classical decomposition).

    Answers: how much of a month's figure is the time of the year? A first or last year may be incomplete, but
    no period in between may be absent, and there must be two full cycles.

    Parameters
    ----------
    frame : source frame of months or half-years.
    kind : "additive" (the season adds the same) or "multiplicative" (the season multiplies).
    breaks : "refuse", "split" or "cross", see the module.

    Returns
    -------
    Seasonal: `components` (frame) and `indices`. The trend and the rest are empty for half a cycle at both
    ends. `seasonal_method` is seasonal_additive or seasonal_multiplicative.

    Raises
    ------
    FrameError as `trend_series.arrange`; when a period inside a series is absent, a series has fewer than two
    cycles, or a multiplicative series is negative.

    Source: Kendall & Stuart (1983), The advanced theory of statistics 3, 410-414. Compared with R decompose.

    Examples
    --------
    >>> import pandas as pd
    >>> halves = pd.DataFrame({"indicator": "asiakkaat", "region_level": "kunta", "region_code": "297",
    ...     "borders": 2021, "period": [f"{year}-H{half}" for year in (2018, 2019, 2020) for half in (1, 2)],
    ...     "value": [10, 14, 12, 16, 14, 18], "status": "ok", "origin": "synthetic"})
    >>> seasonal(halves).indices["index"].tolist()
    [-1.5, 1.5]
    """
    function = "trends.seasonal"
    if kind not in decomposition.KINDS:
        raise FrameError(f"{function}: kind {kind!r}; expected one of {', '.join(decomposition.KINDS)}")
    stretches = series.arrange(frame, function, breaks=breaks, kinds=("month", "half"))
    frequency = 12 // stretches.step
    values = stretches.matrix("value")
    _check_complete(stretches, values, frequency, function)
    if kind == "multiplicative":
        _check_not_negative(stretches, function)
    full = (stretches.index - stretches.index[0]) // stretches.step
    spread = np.full((len(values), full[-1] + 1), np.nan)
    spread[:, full] = values
    parts = _decomposed(spread, frequency, stretches.index[0] // stretches.step % frequency, kind)
    place = full[stretches.place]
    rows = stretches.rows.copy()
    for name in ("trend", "seasonal", "random"):
        rows[name] = parts[name][stretches.number, place]
    method = _METHODS[kind]
    rows["season"] = stretches.index[stretches.place] // stretches.step % frequency + 1
    rows["seasonal_method"] = method
    for name in ("stretch", "crosses_break"):
        rows[name] = stretches.table[name].to_numpy()[stretches.number]
    return Seasonal(rows, _indices(stretches, values, parts, frequency, method))


def _decomposed(spread: np.ndarray, frequency: int, first: int, kind: str) -> dict[str, np.ndarray]:
    """Decompose stretches, those with the same first and last time together."""
    parts = {name: np.full_like(spread, np.nan) for name in ("trend", "seasonal", "random")}
    parts["figure"] = np.empty((len(spread), frequency))
    present = np.isfinite(spread)
    start, size = present.argmax(axis=1), present.sum(axis=1)
    for begin, length in np.unique(np.stack([start, size], axis=1), axis=0).tolist():
        same = np.flatnonzero((start == begin) & (size == length))
        season = (first + begin) % frequency + 1
        found = decomposition.decompose(
            spread[same, begin : begin + length], frequency, start_period=season, kind=kind
        )
        for name in ("trend", "seasonal", "random"):
            parts[name][same, begin : begin + length] = getattr(found, name)
        parts["figure"][same] = found.by_season()
    return parts


def _indices(
    stretches: series.Stretches,
    values: np.ndarray,
    parts: dict[str, np.ndarray],
    frequency: int,
    method: str,
) -> pd.DataFrame:
    present = np.isfinite(values)
    names = [*series.SERIES, "borders", "origin", "stretch", "crosses_break"]
    table = pd.concat([stretches.table[names], stretches.spans(present)], axis=1)
    count = len(table)
    found = table.loc[np.repeat(np.arange(count), frequency)].reset_index(drop=True)
    found["season"] = np.tile(np.arange(1, frequency + 1), count)
    found["index"] = parts["figure"].ravel()
    seasons = (np.arange(parts["trend"].shape[1]) + stretches.index[0] // stretches.step) % frequency
    trended = np.isfinite(parts["trend"]).astype("int64")
    cycles = np.stack([trended[:, seasons == one].sum(axis=1) for one in range(frequency)], axis=1)
    return found.assign(cycles=cycles.ravel(), seasonal_method=method)


def _check_complete(stretches: series.Stretches, values: np.ndarray, frequency: int, function: str) -> None:
    rows, table = stretches.rows, stretches.table
    series.refuse_rows(
        rows,
        (rows["status"] != "ok").to_numpy(),
        function,
        "the value is absent",
        "a season cannot be averaged around a gap: take the stretch after it",
    )
    present = np.isfinite(values).sum(axis=1)
    _refuse_series(
        stretches,
        present < table["periods_expected"].to_numpy(),
        function,
        "has periods without a row between its first and last",
        "a season cannot be averaged around a gap: add the rows or take the stretch after it",
    )
    _refuse_series(
        stretches,
        present < 2 * frequency,
        function,
        f"has fewer than two cycles of {frequency} periods",
        "take a longer series, or leave this one out",
    )


def _refuse_series(
    stretches: series.Stretches, wrong: np.ndarray, function: str, what: str, advice: str
) -> None:
    if wrong.any():
        first = stretches.rows.iloc[int(np.flatnonzero(stretches.number == np.flatnonzero(wrong)[0])[0])]
        raise FrameError(
            f"{function}: the series that begins {series.named(first)} {what} ({int(wrong.sum())} series in "
            f"all); {advice}"
        )


def _check_not_negative(stretches: series.Stretches, function: str) -> None:
    series.refuse_rows(
        stretches.rows,
        (stretches.rows["value"] <= 0).to_numpy(),
        function,
        "a multiplicative season needs values above zero; the value is zero or negative",
        "use kind='additive'",
    )
