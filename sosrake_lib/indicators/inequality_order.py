"""How an indicator follows an order of areas: slope, relative and concentration indexes on frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators import slope_lines as lines
from sosrake_lib.indicators.concentration import check_options, concentration_kernel, tie_runs
from sosrake_lib.indicators.inequality_areas import BY, RANK_ON, WEIGHTS_ON, Gathered, gather
from sosrake_lib.indicators.inequality_frames import analysed, levels_of, parts_of
from sosrake_lib.indicators.inequality_kernels import Floats

MEASURES = (
    "sii",
    "rii",
    "concentration_standard",
    "concentration_generalised",
    "concentration_erreygers",
    "concentration_wagstaff",
)
METHODS = (*lines.METHODS, *resampling.METHODS)
ENDS = ("highest", "lowest")
_WHERE = "inequality.between_groups"


def between_groups(
    frame: pd.DataFrame,
    rank: str | pd.DataFrame,
    measure: str = "sii",
    *,
    first: str = "highest",
    weights: str | pd.DataFrame | None = "denominator",
    within: str | None = None,
    area: tuple[str, str] = ("maa", "SSS"),
    by: Sequence[str] = BY,
    value_type: str = "other",
    transform: str | None = None,
    bounds: tuple[float, float] | None = None,
    missing: str = "refuse",
    min_areas: int = 3,
    method: str | None = None,
    confidence: Iterable[float] = (0.95,),
    limits_confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 1,
    rank_on: Sequence[str] = RANK_ON,
    weights_on: Sequence[str] = WEIGHTS_ON,
) -> pd.DataFrame:
    """Measure how an indicator follows the order of areas (or quantile groups of areas) by deprivation.

    Parameters
    ----------
    frame : indicator frame of one region level, one row an area. `lower` and `upper` (at the frame's own
        `confidence`, else `limits_confidence`) give the areas' standard errors.
    rank : what orders the areas: a column (`quantile` of `quantile_groups`, a deprivation index), or a frame
        joined by `rank_on`. Areas of equal rank share one place.
    measure : "sii", "rii", "concentration_standard", "..._generalised", "..._erreygers", "..._wagstaff".
    first : the end of the rank that stands at place 0: "highest" (index values, the most deprived first) or
        "lowest" (use it for `quantile`, where 1 is the most deprived already).
    weights, within, area, by, missing, min_areas, weights_on : as `inequality.between_areas`.
    value_type : "proportion" or "rate": errors are taken on the logit or log scale; "other": as they are.
    transform : None, "log" or "logit": scale of the fitted line, see `slope_index.slope_index`.
    bounds : least and greatest possible value, for erreygers and wagstaff, in units of `value`.
    method : None: the delta method for sii and rii, the jackknife for concentration. "delta" and "simulation"
        rest on the areas' own limits; "jackknife", "bootstrap_percentile", "bootstrap_bca" resample areas.
        The jackknife of the RII is taken on the log scale; it has no limits where a line crosses 0
        (transform="log" never does).
    confidence, replicates, seed : as `inequality.between_areas`.

    Returns
    -------
    Analysed frame as `inequality.between_areas`, `statistic` the measure. The SII is in units of `per`; a
    negative SII says that the value falls from the first end of the order to the other. Without standard
    errors method is no_interval.

    Raises
    ------
    FrameError as `inequality.between_areas`, for an unknown measure, method or end, and SosrakeError for
    values outside the scale of `transform`.

    Sources: Mackenbach & Kunst (1997), doi 10.1016/S0277-9536(96)00073-1; Kakwani, Wagstaff & van Doorslaer
    (1997), doi 10.1016/S0304-4076(96)01807-6. Compared with PHEindicatormethods and R rineq.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"indicator": "osuus", "region_level": "kunta", "region_code": ["E01", "E02",
    ...     "E03", "E04"], "borders": 2026, "period": "2019", "value": [12.0, 9.5, 9.0, 6.0], "per": 100,
    ...     "denominator": 1000, "status": "ok", "origin": "synthetic", "deprivation": [130, 110, 95, 80]})
    >>> found = between_groups(areas, "deprivation", "sii", area=("hva", "E1"), method="jackknife")
    >>> print(found[["statistic", "value", "method"]].round(2).to_string(index=False))
    statistic  value    method
          sii   -7.4 jackknife
    """
    asked = _Asked(
        measure, method, first, value_type, transform, bounds, _own_confidence(frame, limits_confidence),
        replicates, seed,
    )  # fmt: skip
    levels = levels_of(asked.how, confidence, METHODS, _WHERE)
    gathered = gather(
        frame, _WHERE, within=within, area=area, by=by, weights=weights, weights_on=weights_on, rank=rank,
        rank_on=rank_on, missing=missing, min_areas=min_areas,
    )  # fmt: skip
    _check_values(gathered, asked)
    values = np.full(len(gathered.groups), np.nan)
    found = np.full((len(levels), 2, len(values)), np.nan)
    for numbers, stack in _by_rank(gathered, first):
        values[numbers], found[:, :, numbers] = _measured(stack, asked, levels)
    per = gathered.groups["per"].to_numpy() if measure in ("sii", "concentration_generalised") else 1.0
    return analysed(gathered, measure, values, found, levels, asked.named, per=per)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """The options of one call, checked."""

    measure: str
    method: str | None
    first: str
    value_type: str
    transform: str | None
    bounds: tuple[float, float] | None
    limits_confidence: float
    replicates: int
    seed: int

    def __post_init__(self) -> None:
        for what, given, allowed in (
            ("measure", self.measure, MEASURES),
            ("method", self.how, METHODS),
            ("first", self.first, ENDS),
            ("value_type", self.value_type, lines.VALUE_TYPES),
            ("transform", self.transform, (None, *lines.TRANSFORMS)),
        ):
            if given not in allowed:
                raise FrameError(f"{_WHERE}: {what} {given!r}; use one of {', '.join(map(str, allowed))}")
        if not self.slope:
            check_options(self.kind, self.bounds, _WHERE)
            if self.how in lines.METHODS:
                raise FrameError(
                    f"{_WHERE}: method {self.how} is for sii and rii; use one of "
                    f"{', '.join(resampling.METHODS)}"
                )

    @property
    def slope(self) -> bool:
        return self.measure in ("sii", "rii")

    @property
    def kind(self) -> str:
        return self.measure.removeprefix("concentration_")

    @property
    def how(self) -> str:
        return self.method or ("delta" if self.slope else "jackknife")

    @property
    def named(self) -> str:
        return {"delta": "sii_delta", "simulation": "sii_simulation"}.get(self.how, self.how)


@dataclass(frozen=True, slots=True, eq=False)
class _Stack:
    """Groups (g, n) with areas in order; `per` (g,) is their scale."""

    y: Floats
    w: Floats
    lower: Floats
    upper: Floats
    per: Floats
    runs: tuple[np.ndarray, np.ndarray] | None
    rank: Floats


def _by_rank(gathered: Gathered, first: str) -> Iterator[tuple[np.ndarray, _Stack]]:
    columns = ("value", "weight", "rank", "lower", "upper", "per")
    for numbers, stacked in parts_of(gathered, *columns):
        place = -stacked[2] if first == "highest" else stacked[2]
        order = np.argsort(place, axis=1, kind="stable")
        y, w, rank, lower, upper, per = (
            np.take_along_axis(one, order, axis=1) for one in (stacked[0], stacked[1], place, *stacked[3:])
        )
        yield numbers, _Stack(y, w, lower, upper, per[:, 0], tie_runs(rank), rank)


def _measured(stack: _Stack, asked: _Asked, levels: Sequence[float]) -> tuple[Floats, Floats]:
    """Give the measure (g,) and its limits (confidence, 2, g) of one stack; NaN where all ranks are equal."""
    statistic = _statistic(stack, asked)
    value = statistic(stack.w[:, None, :])[:, 0]
    alike = stack.rank[:, 0] == stack.rank[:, -1]
    value = np.where(alike, np.nan, value)
    if asked.how in lines.METHODS:
        return value, _own_limits(stack, asked, levels)
    # A ratio's error is even on the log scale; there the symmetric interval never falls below 0.
    logged = asked.measure == "rii" and asked.how == "jackknife"
    found = resampling.limits(
        _logged(statistic) if logged else statistic,
        stack.w,
        method=asked.how,
        confidence=levels,
        replicates=asked.replicates,
        seed=asked.seed,
        where=_WHERE,
    )
    limits = np.stack([[one.lower, one.upper] for one in found])
    return value, np.exp(limits) if logged else limits


def _logged(statistic: resampling.Statistic) -> resampling.Statistic:
    def logarithm(w: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(statistic(w))

    return logarithm


def _statistic(stack: _Stack, asked: _Asked) -> resampling.Statistic:
    if not asked.slope:
        kernel = concentration_kernel(asked.kind, asked.bounds, stack.runs)
        return lambda w: kernel(stack.y, w)
    relative = asked.measure == "rii"
    kernel = lines.slope_kernel(stack.runs, asked.transform, relative)
    factor = 1.0 if relative else stack.per[:, None]
    return lambda w: factor * kernel(stack.y / stack.per[:, None], w)


def _own_limits(stack: _Stack, asked: _Asked, levels: Sequence[float]) -> Floats:
    """Limits of SII or RII from the areas' own intervals, told per 1 and brought back to `per`."""
    per = stack.per[:, None]
    y = stack.y / per
    errors = lines.standard_error(
        y, None, stack.lower / per, stack.upper / per, value_type=asked.value_type,
        level=asked.limits_confidence, where=_WHERE,
    )  # fmt: skip
    given = (y, errors, lines.fitted_line(stack.w, stack.rank), asked.value_type, asked.transform, stack.per)
    if asked.how == "delta":
        found = lines.delta_limits(*given, levels)
    else:
        found = lines.simulated_limits(*given, levels, asked.replicates, asked.seed, _WHERE)
    return found[:, :2] if asked.measure == "sii" else found[:, 2:]


def _own_confidence(frame: pd.DataFrame, other: float) -> float:
    """Level of the frame's limits: its first confidence when it is analysed, as `gather` keeps those rows."""
    if not frames.is_analysed(frame) or frame.empty:
        return other
    own = frame.loc[frame["lower"].notna(), "confidence"].astype("float64")
    kept = frame.drop_duplicates(subset=list(frames.KEY)).loc[
        lambda rows: rows["lower"].notna(), "confidence"
    ]
    if kept.nunique() > 1:
        raise FrameError(
            f"{_WHERE}: the rows' first confidences differ ({sorted(own.unique())}); keep one confidence"
        )
    return float(kept.iloc[0]) if len(kept) else other


def _check_values(gathered: Gathered, asked: _Asked) -> None:
    rows = gathered.rows
    wrong = pd.Series(False, index=rows.index)
    why = ""
    if asked.measure == "concentration_standard":
        wrong, why = rows["value"] < 0, "0 or more: use concentration_generalised"
    elif asked.bounds is not None and not asked.slope:
        wrong, why = ~rows["value"].between(*asked.bounds), f"a value within bounds {tuple(asked.bounds)}"
    elif asked.transform is not None:
        share = rows["value"] / rows["per"]
        wrong, why = share <= 0, f"above 0, as transform {asked.transform} needs; use transform=None"
        if asked.transform == "logit":
            wrong, why = (
                wrong | (share >= 1),
                "above 0 and below per, as transform logit needs; use transform=None",
            )
    if wrong.any():
        row = rows.loc[rows.index[wrong][0]]
        raise FrameError(
            f"{_WHERE}: {row['indicator']} {row['region_level']} {row['region_code']} {row['period']} is "
            f"{row['value']:g}; expected {why}"
        )
