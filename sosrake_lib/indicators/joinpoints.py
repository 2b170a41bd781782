"""Broken-line trends: where a trend turned, how steep each stretch is, and how sure that is; arrays only.

A broken line of k joinpoints is a continuous line with k bends. `search` finds the *global* least squares
optimum, not a local one: every placement of the bends, each at a time of the data or between two neighbouring
ones, is solved exactly (Hudson 1966), and many series with the same times are searched by the same matrices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.intervals import Floats, Interval
from sosrake_lib.indicators.trend_kernels import percent, slope_limits

PLACES = ("continuous", "grid")
SCALES = ("log", "linear")
MOST = 3
# A block of layouts times series stays below this many numbers (about 30 MB).
_BLOCK = 4_000_000
# A free bend this close to a time of the data is that time, which is tried by itself.
_INSIDE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Joinpoints:
    """Broken lines with `k` joinpoints, one row a series.

    `joinpoint` (series, k) are the times of the bends; `slope` (series, k + 1) on the scale fitted, per unit
    of time; `level` the line at the first time; `rss` the residual sum of squares; `df` = n - 2(k + 1), as
    each joinpoint costs two parameters; `covariance` (series, 2 + 2k or 2 + k, ...) of level, slopes and,
    in a continuous search, joinpoints (in this order); NaN without degrees of freedom.
    """

    k: int
    place: str
    scale: str
    time: Floats
    joinpoint: Floats
    slope: Floats
    level: Floats
    rss: Floats
    df: int
    covariance: Floats

    def standard_errors(self) -> Floats:
        """Standard errors of the slopes (series, k + 1)."""
        return np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2)[:, 1 : self.k + 2])

    def slope_limits(self, confidence: float = 0.95) -> Interval:
        """Limits of the slopes by Student's t."""
        return slope_limits(self.slope, self.standard_errors(), _freedom(self.df), confidence)

    def joinpoint_limits(self, confidence: float = 0.95) -> Interval:
        """Limits of the joinpoints by the delta method, cut to the data's span; none in a grid search."""
        if self.place == "grid":
            nothing = np.full_like(self.joinpoint, np.nan)
            return Interval(nothing, nothing)
        error = np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2)[:, self.k + 2 :])
        limits = slope_limits(self.joinpoint, error, _freedom(self.df), confidence)
        first, last = self.time[0], self.time[-1]
        return Interval(np.clip(limits.lower, first, last), np.clip(limits.upper, first, last))

    def apc(self) -> Floats:
        """Percent change per unit of time in each segment; NaN on the linear scale."""
        return percent(self.slope) if self.scale == "log" else np.full_like(self.slope, np.nan)

    def apc_limits(self, confidence: float = 0.95) -> Interval:
        """Limits of the percent changes: the slopes' limits, each turned into percent."""
        limits = self.slope_limits(confidence)
        if self.scale == "log":
            return Interval(percent(limits.lower), percent(limits.upper))
        nothing = np.full_like(self.slope, np.nan)
        return Interval(nothing, nothing)

    def fitted(self) -> Floats:
        """The broken line at the times of the data (series, times), on the scale fitted."""
        bends = np.clip(self.time[None, :, None] - self.joinpoint[:, None, :], 0, None)
        straight = self.level[:, None] + self.slope[:, :1] * (self.time - self.time[0])
        return straight + (bends * np.diff(self.slope, axis=1)[:, None, :]).sum(axis=2)


def fit(
    time: ArrayLike,
    value: ArrayLike,
    k: int = 1,
    *,
    place: str = "continuous",
    scale: str = "log",
    end_points: int = 2,
    between_points: int = 2,
    weight: ArrayLike | None = None,
) -> Joinpoints:
    """Fit broken lines with exactly `k` joinpoints to series that share their times.

    Parameters
    ----------
    time : increasing times; absent times are left out beforehand.
    value : one series or a matrix (series, times), complete; above zero on the log scale.
    k : 0-3 joinpoints.
    place : "continuous" (anywhere, as R's segmented, but the global optimum) or "grid" (at a time of the
        data, as NCI Joinpoint does by default; its residual sum of squares is never smaller).
    scale : "log" (slopes become percent changes) or "linear".
    end_points, between_points : least number of times before the first and after the last joinpoint, and
        between two; at least 2 in a continuous search. A time that a joinpoint falls on counts for neither
        side in a grid search (as NCI counts), for both in a continuous one (so that the limit of joinpoints
        just beside it is allowed too, and the optimum exists).
    weight : one weight a time, the same for all series; inverse variances.

    Standard errors: continuous, from the model linearised at the optimum, so that the joinpoint's own
    uncertainty widens the slopes' limits (Muggeo 2003); grid, given the joinpoints (NCI). Both
    take s² = RSS / (n - 2(k + 1)). Where a line does not bend, the joinpoint is not determined and a
    continuous fit has no limits (NaN).

    Raises
    ------
    SosrakeError when k, place or scale is unknown, times do not increase, values are not usable, or there
    are too few points.

    Sources: Hudson (1966), J Am Stat Assoc 61, 1097-1129; Lerman (1980), doi 10.2307/2346413; Muggeo
    (2003), doi 10.1002/sim.1545; Kim et al. (2000), doi
    10.1002/(SICI)1097-0258(20000215)19:3<335::AID-SIM336>3.0.CO;2-Z. Compared with R segmented.

    Examples
    --------
    >>> found = fit(range(2010, 2020), [10, 11, 12, 13, 14, 13, 12, 11, 10, 9], k=1, scale="linear")
    >>> print(float(found.joinpoint[0, 0]), found.slope[0].round(6).tolist())
    2014.0 [1.0, -1.0]
    """
    t, y, w = _checked(time, value, k, place, scale, weight)
    if min(end_points, between_points) < (2 if place == "continuous" and k else 0):
        raise SosrakeError(
            f"joinpoints: end_points {end_points} and between_points {between_points}; a continuous search "
            "needs at least 2 of each, or a segment is not determined"
        )
    if len(t) < fewest_points(k, end_points, between_points):
        raise SosrakeError(
            f"joinpoints: {len(t)} points are too few for {k} joinpoint(s), which need "
            f"{fewest_points(k, end_points, between_points)}; take a longer series or fewer joinpoints"
        )
    found = _search(t, y, w, k, place, end_points, between_points)
    return _described(t, y, w, found, place, scale)


def fewest_points(k: int, end_points: int = 2, between_points: int = 2) -> int:
    """Count the points `k` joinpoints need: one degree of freedom left, and room between the bends."""
    room = 2 * end_points + (k - 1) * between_points if k else 2
    return max(2 * (k + 1) + 1, room)


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """Average annual percent changes: `slope` per unit of time, `standard_error`, `df` of each series."""

    slope: Floats
    standard_error: Floats
    df: int

    def change(self, scale: str = "log") -> Floats:
        """Average percent change, or on the linear scale the average change, per unit of time."""
        return percent(self.slope) if scale == "log" else self.slope

    def limits(self, confidence: float = 0.95, scale: str = "log") -> Interval:
        """Limits of `change` by Student's t."""
        found = slope_limits(self.slope, self.standard_error, _freedom(self.df), confidence)
        if scale == "linear":
            return found
        return Interval(percent(found.lower), percent(found.upper))


def average(found: Joinpoints, first: float | None = None, last: float | None = None) -> Average:
    """Average a broken line's slope from `first` to `last` (left out, the whole span).

    Formula: Σ wᵢbᵢ / Σ wᵢ with the segments' lengths as weights, which is (line(last) - line(first)) /
    (last - first); its variance is that of this difference, with the covariances of the slopes and, in a
    continuous search, of the joinpoints. NCI's parametric limits leave the covariances out and use the normal
    distribution. Source: Clegg et al. (2009), doi 10.1002/sim.3733.
    """
    start = float(found.time[0] if first is None else first)
    end = float(found.time[-1] if last is None else last)
    if not found.time[0] <= start < end <= found.time[-1]:
        raise SosrakeError(
            f"joinpoints: average from {start:g} to {end:g}; expected a span within "
            f"{found.time[0]:g}-{found.time[-1]:g}"
        )
    gradient = (_gradient(found, end) - _gradient(found, start)) / (end - start)
    edges = np.clip(_edges(found), start, end)
    slope = (np.diff(edges, axis=1) * found.slope).sum(axis=1) / (end - start)
    variance = np.einsum("si,sij,sj->s", gradient, found.covariance, gradient)
    return Average(slope, np.sqrt(np.clip(variance, 0, None)), found.df)


def _edges(found: Joinpoints) -> Floats:
    ends = np.broadcast_to(found.time[[0, -1]], (len(found.slope), 2))
    return np.hstack([ends[:, :1], found.joinpoint, ends[:, 1:]])


def _gradient(found: Joinpoints, when: float) -> Floats:
    """Derivative of the line at a time by level, slopes and (continuous) joinpoints."""
    edges = _edges(found)
    runs = np.clip(when - edges[:, :-1], 0, np.diff(edges, axis=1))
    parts = [np.ones((len(edges), 1)), runs]
    if found.place == "continuous":
        parts.append(-np.diff(found.slope, axis=1) * (when > found.joinpoint))
    return np.hstack(parts)


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """One placement of the bends: `fixed` at places of the data, `free` between a place and the next."""

    fixed: tuple[int, ...]
    free: tuple[int, ...]


def _layouts(n: int, k: int, place: str, end_points: int, between_points: int) -> Iterator[_Layout]:
    # Places are counted in halves: 2i is the time i, 2i + 1 lies between the times i and i + 1.
    step = 2 if place == "grid" else 1
    spots = range(0, 2 * n - 1, step)
    for chosen in combinations(spots, k):
        sizes = _sizes(n, chosen, shared=place == "continuous")
        inner = sizes[1:-1]
        if min(sizes[0], sizes[-1]) < end_points or (inner and min(inner) < between_points):
            continue
        yield _Layout(
            tuple(spot // 2 for spot in chosen if spot % 2 == 0),
            tuple(spot // 2 for spot in chosen if spot % 2),
        )


def _sizes(n: int, chosen: tuple[int, ...], *, shared: bool) -> list[int]:
    """Count the times of each segment; a time with a joinpoint belongs to both sides (shared) or none."""
    starts = [0, *((spot + 1) // 2 if shared else spot // 2 + 1 for spot in chosen)]
    ends = [*(spot // 2 + 1 if shared else (spot + 1) // 2 for spot in chosen), n]
    return [end - start for start, end in zip(starts, ends, strict=True)]


def _search(
    t: Floats, y: Floats, w: Floats, k: int, place: str, end_points: int, between_points: int
) -> Floats:
    """Find for each series the joinpoints with the smallest residual sum of squares (series, k)."""
    if k == 0:
        return np.empty((len(y), 0))
    # What a straight line explains is taken out first: small residuals keep their digits.
    rest = (y - _projected(np.vander(t - t.mean(), 2) * w[:, None], y * w) / w) * w
    best, where = np.full(len(y), np.inf), np.empty((len(y), k))
    by_shape: dict[int, list[_Layout]] = {}
    for layout in _layouts(len(t), k, place, end_points, between_points):
        by_shape.setdefault(len(layout.free), []).append(layout)
    for free, layouts in sorted(by_shape.items()):
        columns = 2 + k + 2 * free
        size = max(1, _BLOCK // (columns * max(len(y), len(t))))
        for start in range(0, len(layouts), size):
            _try(t, rest, w, layouts[start : start + size], best, where)
    return where


def _projected(design: Floats, y: Floats) -> Floats:
    q, _ = np.linalg.qr(design)
    return (y @ q) @ q.T


def _try(t: Floats, rest: Floats, w: Floats, layouts: list[_Layout], best: Floats, where: Floats) -> None:
    """Solve some layouts of one shape for all series; keep what is better than the best so far."""
    fixed = np.array([layout.fixed for layout in layouts], dtype="int64").reshape(len(layouts), -1)
    free = np.array([layout.free for layout in layouts], dtype="int64").reshape(len(layouts), -1)
    q, r = np.linalg.qr(_designs(t, fixed, free) * w[:, None])
    coordinates = np.swapaxes(q, 1, 2) @ rest.T
    rss = (rest**2).sum(axis=1) - (coordinates**2).sum(axis=1)
    bends = np.empty((len(layouts), free.shape[1], len(rest)))
    if free.shape[1]:
        # Of the coefficients only those of the free bends are needed: the last rows of R⁻¹Q'y.
        last = np.linalg.inv(r)[:, -2 * free.shape[1] :, :] @ coordinates
        with np.errstate(divide="ignore", invalid="ignore"):
            bends = t[free][:, :, None] - last[:, 0::2] / last[:, 1::2]
        gap = (t[free + 1] - t[free])[:, :, None]
        after = bends - t[free][:, :, None]
        inside = ((after > _INSIDE * gap) & (after < (1 - _INSIDE) * gap)).all(axis=1)
        rss = np.where(inside, rss, np.inf)
    winner = rss.argmin(axis=0)
    series = np.arange(len(rest))
    better = rss[winner, series] < best
    best[better] = rss[winner, series][better]
    found = np.hstack([t[fixed[winner]], bends[winner, :, series]])
    where[better] = np.sort(found, axis=1)[better]


def _designs(t: Floats, fixed: np.ndarray, free: np.ndarray) -> Floats:
    """Columns of each layout: line, a bend for each fixed place, a step and a bend for each free one."""
    shape = (max(len(fixed), len(free)), len(t), 1)
    parts = [np.broadcast_to(np.vander(t - t.mean(), 2), (shape[0], len(t), 2))]
    for place in fixed.T:
        parts.append(np.clip(t[None, :] - t[place][:, None], 0, None)[:, :, None])
    for place in free.T:
        behind = t[None, :] - t[place][:, None]
        parts.append((behind > 0).astype("float64")[:, :, None])
        parts.append(np.clip(behind, 0, None)[:, :, None])
    return np.concatenate(parts, axis=2)


def _described(t: Floats, y: Floats, w: Floats, bends: Floats, place: str, scale: str) -> Joinpoints:
    """Refit at the joinpoints found: level, slopes, residuals and their covariance."""
    series, k = bends.shape
    edges = np.hstack([np.full((series, 1), t[0]), bends])
    lengths = np.hstack([np.diff(edges, axis=1), np.full((series, 1), np.inf)])
    runs = np.clip(t[None, :, None] - edges[:, None, :], 0, lengths[:, None, :])
    design = np.concatenate([np.ones((series, len(t), 1)), runs], axis=2) * w[:, None]
    q, r = np.linalg.qr(design)
    coefficients = np.linalg.solve(r, np.swapaxes(q, 1, 2) @ (y * w)[:, :, None])[:, :, 0]
    residual = y * w - (design @ coefficients[:, :, None])[:, :, 0]
    rss = (residual**2).sum(axis=1)
    slope = coefficients[:, 1:]
    df = len(t) - 2 * (k + 1)
    if place == "continuous" and k:
        # On a time of the data the line has two derivatives by its joinpoint: the middle of both.
        behind = (np.sign(t[None, :, None] - bends[:, None, :]) + 1) / 2
        steps = -np.diff(slope, axis=1)[:, None, :] * behind
        design = np.concatenate([design, steps * w[:, None]], axis=2)
    covariance = _inverse(design) * (rss / df if df > 0 else np.full(series, np.nan))[:, None, None]
    return Joinpoints(k, place, scale, t, bends, slope, coefficients[:, 0], rss, df, covariance)


def _inverse(design: Floats) -> Floats:
    """(X'X)⁻¹ of each series; NaN where a bend is too faint to be placed (X lacks full rank)."""
    scale = np.sqrt((design**2).sum(axis=1))
    scale = np.where(scale > 0, scale, 1.0)
    _, r = np.linalg.qr(design / scale[:, None, :])
    full = np.abs(np.diagonal(r, axis1=1, axis2=2)).min(axis=1) > 1e-12
    r = np.where(full[:, None, None], r, np.eye(r.shape[1]))
    upper = np.linalg.inv(r)
    found = upper @ np.swapaxes(upper, 1, 2) / (scale[:, :, None] * scale[:, None, :])
    return np.where(full[:, None, None], found, np.nan)


def _freedom(df: int) -> float:
    return float(df) if df > 0 else float("nan")


def _checked(
    time: ArrayLike, value: ArrayLike, k: int, place: str, scale: str, weight: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    for name, given, known in (("place", place, PLACES), ("scale", scale, SCALES)):
        if given not in known:
            raise SosrakeError(f"joinpoints: {name} {given!r}; expected one of {', '.join(known)}")
    if k not in range(MOST + 1):
        raise SosrakeError(f"joinpoints: {k!r} joinpoints; expected a whole number 0-{MOST}")
    t, y = np.asarray(time, "float64"), np.atleast_2d(np.asarray(value, "float64"))
    if t.ndim != 1 or y.shape[1] != len(t) or not (np.diff(t) > 0).all():
        raise SosrakeError("joinpoints: time must increase and have one element for each value of a series")
    if not np.isfinite(y).all():
        raise SosrakeError("joinpoints: a value is absent or infinite; leave that time out of the series")
    if scale == "log" and (y <= 0).any():
        raise SosrakeError(
            f"joinpoints: value {y[y <= 0][0]:g} has no logarithm; use scale='linear' or add a constant"
        )
    w = np.ones(len(t)) if weight is None else np.broadcast_to(np.asarray(weight, "float64"), t.shape)
    if not (np.isfinite(w) & (w > 0)).all():
        raise SosrakeError("joinpoints: a weight is not above zero; leave that time out")
    return t, np.log(y) if scale == "log" else y, np.sqrt(w)
