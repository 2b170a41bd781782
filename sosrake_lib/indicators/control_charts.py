"""Control charts of an indicator over time: is a change more than the wobble a process always has.

A chart has a centre line, limits three standard deviations away, and rules that name patterns chance would
hardly make. Before and after a known change each phase has its own centre, or the first phase's limits go on.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.control_kernels import (
    RULES,
    SPREADS,
    Limits,
    individual_limits,
    moving_range,
    proportion_limits,
    range_limit,
    rate_limits,
    signals,
)

KINDS = ("p", "u", "c", "xmr")
LIMITS = ("three_sigma", "exact")
LIMITS_FROM = ("phase", "before")
METHODS = {
    ("p", "theory"): "p_chart",
    ("p", "exact"): "p_chart_exact",
    ("p", "laney"): "p_chart_laney",
    ("u", "theory"): "u_chart",
    ("u", "exact"): "u_chart_exact",
    ("u", "laney"): "u_chart_laney",
    ("c", "theory"): "c_chart",
    ("c", "exact"): "c_chart_exact",
    ("c", "laney"): "c_chart_laney",
    ("xmr", "theory"): "xmr_chart",
}


def chart(
    frame: pd.DataFrame,
    kind: str,
    *,
    change: str | None = None,
    limits_from: str = "phase",
    limits: str = "three_sigma",
    spread: str = "theory",
    rules: Iterable[str] = RULES[:4],
) -> pd.DataFrame:
    """Chart each series of an indicator frame (all key columns but the period) over its periods.

    Parameters
    ----------
    frame : source or analysed frame. "p" and "u" use numerator and denominator, "c" the numerator, "xmr" the
        value.
    kind : "p" (share of entries), "u" (events per entry), "c" (counts of like periods), "xmr" (single values,
        such as a median).
    change : first period after a known change, such as "2021-06"; the periods before it are the phase before.
    limits_from : "phase" (each phase its own centre) or "before" (the phase before sets the limits of all).
    limits : "three_sigma", or "exact" (binomial or Poisson; p, u, c), for small counts.
    spread : "theory", or "laney" (p, u, c) for large denominators, where everything else is beyond limits.
    rules : see `control_kernels.signals`; the last point of a pattern is marked.

    Returns
    -------
    The same rows with `centre, sigma, limit_lower, limit_upper` (in units of `per`; for "c" counts, for "xmr"
    units of the value), `phase` (1, 2, ...; a new one at `change` and at `break_before`), `points` (how many
    points set the centre: under about 12 the limits are rough), `signals` (names joined by a comma, empty =
    none), `chart_method`; for "xmr" also `moving_range, range_limit`. A row that is not ok is no point.

    Raises
    ------
    FrameError when an option is unknown, a count is absent, negative or larger than its denominator (p), a
    denominator is not above zero, a period of `change` cannot be read, or `per` varies, or synthetic rows
    stand among real ones, within a series.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"indicator": "recording_timeliness", "region_level": "hva", "region_code": "E1",
    ...     "borders": 2026, "period": ["2021-01", "2021-02", "2021-03"], "group": "unit A", "per": 100.0,
    ...     "numerator": [12, 15, 30], "denominator": 50, "value": [24.0, 30.0, 60.0], "status": "ok",
    ...     "origin": "synthetic"})
    >>> found = chart(rows, "p", change="2021-03", limits_from="before")
    >>> print(found[["signals", "period", "centre", "limit_upper"]].round(1).to_string(index=False))
          signals  period  centre  limit_upper
                  2021-01    27.0         45.8
                  2021-02    27.0         45.8
    beyond_limits 2021-03    27.0         45.8
    """
    wanted = tuple(rules)
    _check_options(kind, limits, limits_from, spread, wanted)
    rows = frames.check(frame, file="control_charts.chart")
    if rows.empty:
        raise FrameError("control_charts.chart: the frame has no row; give at least one series")
    order, series, after = _ordered(rows, change)
    ordered = rows.iloc[order]
    _check_points(ordered, series, kind)
    new = np.r_[True, series[1:] != series[:-1]]
    cut = new | ordered["break_before"].to_numpy() | (np.r_[False, after[1:] & ~after[:-1]] & ~new)
    phase = np.cumsum(cut) - 1
    if limits_from == "before":
        if change is None:
            raise FrameError("control_charts.chart: limits_from 'before' needs the period of the change")
        source = np.cumsum(new | ordered["break_before"].to_numpy()) - 1
        found = _found(ordered, kind, source, ~after, limits, spread)
    else:
        found = _found(ordered, kind, phase, None, limits, spread)
    table = _columns(ordered, found, phase, series, kind, wanted)
    way = "exact" if limits == "exact" else spread
    return rows.join(table).assign(chart_method=METHODS[kind, way])


def phases(charted: pd.DataFrame) -> pd.DataFrame:
    """Sum a chart up: one row per series and phase.

    Returns
    -------
    DataFrame with the series' key columns, `phase, first_period, last_period, points` (with a value),
    `centre`, `signals` (points with one). Centres of two phases side by side tell the size of a change.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"indicator": "ilmoitukset", "region_level": "hva", "region_code": "E1",
    ...     "borders": 2026, "period": [f"2021-{month:02d}" for month in range(1, 7)],
    ...     "numerator": [9, 11, 10, 4, 5, 3], "value": [9.0, 11, 10, 4, 5, 3], "status": "ok",
    ...     "origin": "synthetic"})
    >>> found = phases(chart(rows, "c", change="2021-04"))
    >>> print(found[["phase", "points", "centre"]].to_string(index=False))
     phase  points  centre
         1       3    10.0
         2       3     4.0
    """
    if "phase" not in charted or "signals" not in charted:
        raise FrameError(
            "control_charts.phases: column phase is missing; give what control_charts.chart gives"
        )
    keys = [*_series_columns(charted), "phase"]
    present = charted["status"] == "ok"
    ends = charted["period"].map({one: frames.period_end(one) for one in charted["period"].unique()})
    rows = charted.assign(_present=present, _signal=present & (charted["signals"] != "")).iloc[
        np.argsort(ends.to_numpy(), kind="stable")
    ]
    grouped = rows.groupby(keys, sort=False)
    return grouped.agg(
        first_period=("period", "first"),
        last_period=("period", "last"),
        points=("_present", "sum"),
        centre=("centre", "first"),
        signals=("_signal", "sum"),
    ).reset_index()


def _found(
    rows: pd.DataFrame, kind: str, phase: np.ndarray, use: np.ndarray | None, limits: str, spread: str
) -> Limits:
    present = (rows["status"] == "ok").to_numpy()
    x, n, value = (
        np.where(present, rows[name].to_numpy("float64"), np.nan)
        for name in ("numerator", "denominator", "value")
    )
    if kind == "xmr":
        return individual_limits(value, phase, use=use)
    if kind == "p":
        return proportion_limits(x, n, phase, use=use, exact=limits == "exact", spread=spread)
    below = n if kind == "u" else np.where(present, 1.0, np.nan)
    return rate_limits(x, below, phase, use=use, exact=limits == "exact", spread=spread)


def _columns(
    rows: pd.DataFrame,
    found: Limits,
    phase: np.ndarray,
    series: np.ndarray,
    kind: str,
    rules: tuple[str, ...],
) -> pd.DataFrame:
    marks = signals(found, phase, rules)
    text = np.full(len(rows), "", dtype=object)
    for rule, marked in marks.items():
        text[marked] = [f"{old},{rule}" if old else rule for old in text[marked]]
    scale = rows["per"].to_numpy() if kind in ("p", "u") else np.ones(len(rows))
    first = np.r_[True, series[1:] != series[:-1]]
    start = np.maximum.accumulate(np.where(first, phase, 0))
    table = pd.DataFrame(
        {
            "centre": found.centre * scale,
            "sigma": found.sigma * scale,
            "limit_lower": found.lower * scale,
            "limit_upper": found.upper * scale,
            "phase": phase - start + 1,
            "points": found.points,
            "signals": text.astype("str"),
        },
        index=rows.index,
    )
    if kind == "xmr":
        table["moving_range"] = moving_range(found.value, phase)
        table["range_limit"] = range_limit(found.sigma)
    return table


def _ordered(rows: pd.DataFrame, change: str | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Order rows by series and period; say the series of each and whether it is after the change."""
    ends = {period: frames.period_end(period).toordinal() for period in rows["period"].unique()}
    end = rows["period"].map(ends).to_numpy("int64")
    series = rows.groupby(_series_columns(rows), sort=False).ngroup().to_numpy()
    order = np.lexsort((end, series))
    if change is None:
        return order, series[order], np.zeros(len(rows), "bool")
    return order, series[order], end[order] >= frames.period_end(change).toordinal()


def _series_columns(rows: pd.DataFrame) -> list[str]:
    keys = [column for column in frames.KEY if column != "period"]
    # Of an analysed frame the method may change from row to row; statistic and confidence part the series.
    return [*keys, "statistic", "confidence"] if frames.is_analysed(rows) else keys


def _check_options(kind: str, limits: str, limits_from: str, spread: str, rules: tuple[str, ...]) -> None:
    for name, value, known in (
        ("kind", kind, KINDS),
        ("limits", limits, LIMITS),
        ("limits_from", limits_from, LIMITS_FROM),
        ("spread", spread, SPREADS),
        *(("rule", rule, RULES) for rule in rules),
    ):
        if value not in known:
            raise FrameError(f"control_charts.chart: {name} {value!r}; use one of {', '.join(known)}")
    if kind == "xmr" and (limits == "exact" or spread == "laney"):
        raise FrameError("control_charts.chart: an xmr chart has neither exact limits nor a laney spread")
    if limits == "exact" and spread == "laney":
        raise FrameError("control_charts.chart: exact limits have no laney spread; choose one of the two")


def _check_points(rows: pd.DataFrame, series: np.ndarray, kind: str) -> None:
    present = (rows["status"] == "ok").to_numpy()
    x, n = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
    wrong = np.zeros(len(rows), "bool")
    if kind != "xmr":
        wrong = present & ~((x >= 0) & np.isfinite(x))
    if kind in ("p", "u"):
        wrong |= present & ~((n > 0) & np.isfinite(n))
    if kind == "p":
        wrong |= present & (x > n)
    if wrong.any():
        row = rows.iloc[int(np.flatnonzero(wrong)[0])]
        raise FrameError(
            f"control_charts.chart: {row['indicator']} {row['group']} {row['period']}: numerator "
            f"{row['numerator']:g} of denominator {row['denominator']:g}; a {kind} chart needs counts from 0 "
            f"up{', at most the denominator' if kind == 'p' else ''}; correct the row or use another kind"
        )
    same = series[1:] == series[:-1]
    invented = (rows["origin"] == "synthetic").to_numpy()
    if (invented[1:] != invented[:-1])[same].any():
        raise FrameError(
            "control_charts.chart: a series has synthetic rows among real ones; invented and real figures "
            "never meet: chart them apart"
        )
    per = rows["per"].to_numpy()
    if (per[1:] != per[:-1])[same].any():
        raise FrameError("control_charts.chart: per varies within a series; bring the rows to one scale")
