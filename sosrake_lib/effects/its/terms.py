"""The terms of a segmented regression: trend before, level and slope after, season, known breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.regression import with_intercept
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
SEASONAL = ("none", "harmonics", "dummies")


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Columns of a segmented regression at some places in time.

    Attributes
    ----------
    matrix : (n, k). names : of the columns: intercept, pre_slope, level_change, slope_change, then
        break_level_*, sin_*, cos_*, season_*.
    effect : (n, k), the same with all but level_change and slope_change at zero: a row times the
        coefficients is the fitted line minus the counterfactual line at that place.
    """

    matrix: Floats
    names: tuple[str, ...]
    effect: Floats


@dataclass(frozen=True, slots=True)
class Season:
    """A pattern that repeats every `length` periods.

    Attributes
    ----------
    kind : "none", "harmonics" (`pairs` sine and cosine pairs) or "dummies" (a mean for each place but one).
    """

    kind: str = "none"
    length: int = 1
    pairs: int = 2

    def __post_init__(self) -> None:
        if self.kind not in SEASONAL:
            raise SosrakeError(f"Season: kind {self.kind!r}; expected one of {', '.join(SEASONAL)}")
        if self.kind != "none" and self.length < 2:
            raise SosrakeError(
                f"Season: {self.length} period(s) a year cannot repeat a season; give season_length, 12 for "
                "months, or leave seasonal out"
            )
        if self.kind == "harmonics" and not 1 <= self.pairs <= self.length / 2:
            raise SosrakeError(
                f"Season: {self.pairs} harmonic pairs of {self.length} periods; expected 1 to "
                f"{self.length // 2}"
            )


def segmented_terms(
    place: ArrayLike,
    change: int,
    *,
    first: int | None = None,
    slope_change: bool = True,
    slope_from: int = 1,
    season: Season | None = None,
    breaks: Sequence[int] = (),
    time_from: int = 1,
) -> Terms:
    """Build the terms of an interrupted time series.

    value_t = intercept + pre_slope · time + level_change · after + slope_change · since + season + breaks

    Parameters
    ----------
    place : (n,) integer places in time; need not be without gaps.
    change : place of the first period after the change.
    first : place where time is `time_from`; left out, the first of `place`.
    slope_change : whether the slope may change too.
    slope_from : value of `since` in the first period after: 1 (level_change is then the step as it would
        have been one period earlier, the coding of most textbooks and of R scripts) or 0 (level_change is
        the effect in the first period itself). The line is the same, the effect at a period too.
    season : repeating pattern. breaks : places from which the series is on another level for a known
        reason, such as a new definition.
    time_from : value of time in the first period.

    Examples
    --------
    >>> terms = segmented_terms([0, 1, 2, 3], 2)
    >>> terms.matrix.astype(int).tolist()
    [[1, 1, 0, 0], [1, 2, 0, 0], [1, 3, 1, 1], [1, 4, 1, 2]]
    """
    at = np.asarray(place, dtype="int64")
    start = int(at.min()) if first is None else first
    after = (at >= change).astype("float64")
    columns = {"intercept": np.ones(at.size), "pre_slope": (at - start + time_from).astype("float64")}
    columns["level_change"] = after
    if slope_change:
        columns["slope_change"] = after * (at - change + slope_from)
    for number, broken in enumerate(breaks, 1):
        columns[f"break_level_{number}"] = (at >= broken).astype("float64")
    columns |= _seasonal(at, start, season or Season())
    matrix = np.column_stack(list(columns.values()))
    names = tuple(columns)
    ours = np.isin(names, ("level_change", "slope_change"))
    return Terms(matrix, names, np.where(ours, matrix, 0.0))


def _seasonal(at: NDArray[np.int64], start: int, season: Season) -> dict[str, Floats]:
    if season.kind == "none":
        return {}
    turn = 2 * np.pi * (at - start) / season.length
    if season.kind == "dummies":
        phase = (at - start) % season.length
        return {f"season_{k + 1}": (phase == k).astype("float64") for k in range(1, season.length)}
    found: dict[str, Floats] = {}
    for pair in range(1, season.pairs + 1):
        if 2 * pair < season.length:
            found[f"sin_{pair}"] = np.sin(pair * turn)
        found[f"cos_{pair}"] = np.cos(pair * turn)
    return found


def with_covariates(terms: Terms, covariates: Mapping[str, Floats]) -> Terms:
    """Add columns of other things that move the series; no part of the effect."""
    if not covariates:
        return terms
    added = np.column_stack(list(covariates.values()))
    return Terms(
        np.column_stack([terms.matrix, added]),
        (*terms.names, *covariates),
        np.column_stack([terms.effect, np.zeros_like(added)]),
    )


def intercept_and(columns: Sequence[ArrayLike]) -> Floats:
    """Put a column of ones before columns given one by one."""
    return with_intercept(*columns)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Values of a series that are there, with their places counted from 0."""

    value: Floats
    place: NDArray[np.int64]

    def of(self, values: ArrayLike) -> Floats:
        """Take the same places of another series."""
        return np.asarray(values, dtype="float64")[self.place]


def measured(values: ArrayLike, left_out: Sequence[int] = ()) -> Measured:
    """Drop empty values and places left out.

    Examples
    --------
    >>> measured([3.0, None, 5.0]).place.tolist()
    [0, 2]
    """
    given = np.asarray(values, dtype="float64")
    kept = np.isfinite(given) & ~np.isin(np.arange(given.size), left_out)
    return Measured(given[kept], np.flatnonzero(kept))


@dataclass(frozen=True, slots=True)
class Coding:
    """How a study counts time: the value of time in the first period and of time since in the first after."""

    time_from: int = 1
    slope_from: int = 1


def read_coding(text: str | None) -> Coding:
    """Read a study's own words on its coding, such as "time=1..n; ... slope=time since (1,2,.. from ...)".

    Examples
    --------
    >>> read_coding("time=0..n-1; level=1 after; slope=time since (0,1,.. from the first post period)")
    Coding(time_from=0, slope_from=0)
    """
    words = (text or "").replace(" ", "")
    return Coding(0 if "time=0" in words else 1, 0 if "(0,1" in words or "since=0" in words else 1)
