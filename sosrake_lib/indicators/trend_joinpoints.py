"""Where trends turned: broken lines of many series of a frame; `trends.joinpoints` is its door."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import joinpoint_choice as choice
from sosrake_lib.indicators import joinpoints as lines
from sosrake_lib.indicators import trend_series as series
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.intervals import Floats
from sosrake_lib.indicators.joinpoint_tables import Group, JoinpointFrames, as_frames

_FUNCTION = "trends.joinpoints"


def joinpoints(
    frame: pd.DataFrame,
    most: int = 3,
    *,
    least: int = 0,
    criterion: str = "bic",
    place: str = "continuous",
    scale: str = "log",
    end_points: int = 2,
    between_points: int = 2,
    weights: str | None = None,
    confidence: float | Iterable[float] = (0.95,),
    breaks: str = "refuse",
    leave_out: Collection[str] = series.LEAVE_OUT,
    cautious: bool = True,
    draws: int = 999,
    seed: int = 20_190_101,
) -> JoinpointFrames:
    """Find where each series' trend turned, and how fast it changed in between.

    Answers: did the trend change direction or pace, when, and how steep is each part? Few points carry few
    joinpoints: k of them need at least 2k + 3 years and deserve 5k + 2, and a joinpoint in the last two years
    cannot be seen.

    Parameters
    ----------
    frame : source frame of years (or spans of years that do not overlap); several series at once.
    most, least : bounds of the number of joinpoints, 0-3; `most=least` fixes it.
    criterion : "bic" (default), "bic3" (more careful), "aic" (bold), or "permutation" (NCI's test, seeded;
        keeps the chance of too many joinpoints below 5 %, but takes up to seconds a series). On a straight
        line with noise a continuous search finds a joinpoint that is not there in 29 % of series of 10 years
        by BIC, in 15 % by BIC3; of 20 years in 25 % and 7 %; on the grid in 20, 10, 15 and 5 % (1 000
        simulated series each). Say "the trend may have turned", or use bic3 or permutation, before a
        decision rests on it.
    place : "continuous" (anywhere between years, the exact optimum) or "grid" (whole years, as NCI).
    scale : "log" (percent change) or "linear" (change in the figure's unit).
    end_points, between_points : least number of years outside and between joinpoints, see `joinpoints.fit`.
    weights : column with weights (inverse variances of the figure on the scale of the fit).
    confidence, breaks, leave_out : as `trends.annual_percent_change`.
    cautious : True: k joinpoints are tried from 5k + 2 years on (7, 12, 17), as NCI advises, because with
        fewer every criterion follows the noise; False: from 2k + 3 on. `least` is tried in any case.
    draws, seed : of the permutation test.

    Returns
    -------
    JoinpointFrames. `method` is joinpoint_continuous or joinpoint_grid, of the average joinpoint_average.
    A stretch with too few years, or an absent value that may not be left out, has one row with status missing
    and a `reason`. Intervals are given the number of joinpoints: that it was chosen from the data is not in
    them. They are approximate: of 2 000 simulated series of 18 years with one clear turn the 95 % limits held
    the joinpoint in 90 % (the profile's of `joinpoint_choice.profile_limits` in 93 %), the slopes and the
    average in 93 % (continuous), the slopes in 83 % (grid, which takes the joinpoint as known).

    Raises
    ------
    FrameError as `trend_series.arrange`; when an argument is unknown, a value has no logarithm, or no series
    has enough years.

    Speed: series with the same years are searched together. 15 000 series of 30 years (450 000 rows) take
    some 1 s of processor time with `most=1`, 8 s with 2 and 40 s with 3; on the grid 2 s with 2 and 4 s with
    3. Different years or weights, and the permutation test, go series by series.

    Sources: see `joinpoints.fit`; average: Clegg et al. (2009), doi 10.1002/sim.3733. Compared with R
    segmented (tests/reference/trend.csv).

    Examples
    --------
    >>> import pandas as pd
    >>> years = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": "kunta", "region_code": "297",
    ...     "borders": 2021, "period": [str(year) for year in range(2010, 2020)],
    ...     "value": [8.0, 8.5, 8.9, 9.5, 10.1, 9.8, 9.4, 9.1, 8.8, 8.5], "per": 100, "status": "ok",
    ...     "origin": "synthetic"})
    >>> found = joinpoints(years, most=1)
    >>> print(found.segments[["period", "value", "lower", "upper"]].round(1).to_string(index=False))
       period  value  lower  upper
    2010/2014    5.9    5.6    6.3
    2015/2019   -3.4   -3.8   -3.1
    """
    _check_options(most, least, criterion, place, scale, draws)
    levels = levels_of(confidence, _FUNCTION)
    kinds = ("year", "span")
    stretches = series.arrange(frame, _FUNCTION, breaks=breaks, leave_out=leave_out, kinds=kinds)
    options = {"place": place, "end_points": end_points, "between_points": between_points}
    values, weight = _values(stretches, scale, weights)
    used = np.isfinite(values)
    enough = used.sum(axis=1) >= _needed(least, options)
    reason = np.select(
        [stretches.table["blocked"].to_numpy(), ~enough], ["value_absent", "too_few_periods"], ""
    )
    if (reason == "too_few_periods").all():
        raise FrameError(
            f"{_FUNCTION}: no series has the {_needed(least, options)} years that {least} joinpoint(s) need "
            f"(the longest has {int(used.sum(axis=1).max())}); give more years"
        )
    fits = []
    for members in _alike(used, weight, reason == ""):
        fits.append(
            _fit_group(
                stretches, values, weight, members, (least, most), criterion, (draws, seed), options, cautious
            )
        )
    return as_frames(stretches, used, reason, fits, scale, place, levels)


def _fit_group(
    stretches: series.Stretches,
    values: Floats,
    weight: Floats | None,
    members: np.ndarray,
    bounds: tuple[int, int],
    criterion: str,
    permutation: tuple[int, int],
    options: dict[str, Any],
    cautious: bool,
) -> Group:
    cells = np.isfinite(values[members[0]])
    time, y = stretches.time[cells], values[np.ix_(members, cells)]
    own = options | {"weight": None if weight is None else weight[members[0], cells]}
    tried = [
        k
        for k in range(bounds[0], bounds[1] + 1)
        if len(time) >= _needed(k, options)
        and (k == bounds[0] or not cautious or len(time) >= choice.advised_points(k))
    ]
    models = {k: lines.fit(time, y, k, scale="linear", **own) for k in tried}
    floor = choice.rounding(y)
    columns = {
        name: np.stack(
            [choice.criterion(np.maximum(m.rss, floor), k, len(time), name) for k, m in models.items()]
        )
        for name in ("aic", "bic", "bic3")
    }
    p_values = np.full((len(tried), len(members)), np.nan)
    if criterion == "permutation":
        chosen = _by_permutation(time, y, tried, permutation, own, p_values)
    else:
        # Criteria equal but for rounding: the simpler line stands.
        best = columns[criterion].min(axis=0)
        chosen = np.array(tried)[(columns[criterion] <= best + 1e-9).argmax(axis=0)]
    table = pd.DataFrame(
        {
            "_stretch": np.tile(members, len(tried)),
            "joinpoints": np.repeat(tried, len(members)),
            "rss": np.concatenate([model.rss for model in models.values()]),
            "df": np.repeat([model.df for model in models.values()], len(members)),
            **{name: column.ravel() for name, column in columns.items()},
            "p_value": p_values.ravel(),
            "chosen": (np.array(tried)[:, None] == chosen).ravel(),
        }
    )
    return Group(members, models, chosen, table)


def _by_permutation(
    time: Floats,
    y: Floats,
    tried: list[int],
    permutation: tuple[int, int],
    options: dict[str, Any],
    p_values: Floats,
) -> np.ndarray:
    """Test series by series; each gets the same seed, so that its result hangs on no other series."""
    chosen = np.zeros(len(y), dtype="int64")
    draws, seed = permutation
    for number, values in enumerate(y):
        found = choice.by_permutation(time, values, tried[-1], draws=draws, seed=seed, **options)
        chosen[number] = found.chosen
        for fewer, _, p_value, _ in found.tests:
            p_values[tried.index(fewer), number] = p_value
    return chosen


def _alike(used: np.ndarray, weight: Floats | None, able: np.ndarray) -> list[np.ndarray]:
    """Group stretches with the same years (and weights): they share every design matrix."""
    numbers = np.flatnonzero(able)
    if not numbers.size:
        return []
    marks = np.packbits(used[numbers], axis=1)
    if weight is not None:
        shown = np.ascontiguousarray(np.nan_to_num(weight[numbers], nan=-1.0))
        marks = np.hstack([marks, shown.view("uint8").reshape(len(numbers), -1)])
    _, group = np.unique(marks, axis=0, return_inverse=True)
    order = np.argsort(group, kind="stable")
    return np.split(numbers[order], np.flatnonzero(np.diff(group[order])) + 1)


def _values(stretches: series.Stretches, scale: str, weights: str | None) -> tuple[Floats, Floats | None]:
    rows = stretches.rows
    able = (rows["status"] == "ok").to_numpy()
    if scale == "log":
        series.refuse_rows(
            rows,
            able & (rows["value"] <= 0).to_numpy(),
            _FUNCTION,
            "value is not above zero, so it has no logarithm,",
            "use scale='linear', or pool years with trends.moving so that no value is zero",
        )
    values = stretches.matrix("value")
    found = np.log(values) if scale == "log" else values
    return found, None if weights is None else series.weights(stretches, weights, _FUNCTION)


def _needed(k: int, options: dict[str, Any]) -> int:
    return lines.fewest_points(k, options["end_points"], options["between_points"])


def _check_options(most: int, least: int, criterion: str, place: str, scale: str, draws: int) -> None:
    known = (
        ("criterion", criterion, choice.CRITERIA),
        ("place", place, lines.PLACES),
        ("scale", scale, lines.SCALES),
    )
    for name, given, allowed in known:
        if given not in allowed:
            raise FrameError(f"{_FUNCTION}: {name} {given!r}; expected one of {', '.join(allowed)}")
    if not 0 <= least <= most <= lines.MOST:
        raise FrameError(
            f"{_FUNCTION}: least {least}, most {most}; expected 0 <= least <= most <= {lines.MOST}"
        )
    if criterion == "permutation" and (least or draws < 99):
        raise FrameError(f"{_FUNCTION}: the permutation test needs least=0 and at least 99 draws")
