"""Weights, none negative and of sum one, such that a weighted mean of columns comes close to a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
# Largest distance from the optimality conditions allowed, as a share of the columns' own size.
TIGHT = 1e-9
# A gap this small is rounding: nothing is left to polish.
ROUNDING = 1e-13
# Weights below this are rounding, not weights.
DUST = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class SimplexFit:
    """Weights on the simplex.

    Attributes
    ----------
    weights : (columns,), each 0 or more, sum 1.
    intercept : what is added to the weighted mean, 0 unless asked for.
    gap : how far from optimal: the most that the objective could still fall by moving towards one column, as
        a share of the columns' mean square. Zero at the optimum.
    """

    weights: Floats
    intercept: float
    gap: float


def simplex_weights(
    columns: ArrayLike, target: ArrayLike, *, ridge: float = 0.0, intercept: bool = False
) -> SimplexFit:
    """Find the weighted mean of columns that is closest to a target.

    minimise |target - a - columns · w|² + ridge · |w|² over w >= 0, Σw = 1 (a = 0 unless `intercept`)

    The nearest point of the simplex's image is the nearest-to-zero point of the hull of (column - target),
    and that is a least-squares problem with nothing but w >= 0 (one row of ones added, solution scaled to
    sum 1), which an active-set method solves exactly in a finite number of steps. The result is polished on
    its active set and held to the optimality conditions.

    Parameters
    ----------
    columns : (n, columns). target : (n,). ridge : penalty, 0 or more, in the units of the squared target.
    intercept : let the weighted mean be shifted.

    Raises
    ------
    SosrakeError when shapes differ, a value is not finite, or no optimum is reached (a defect).

    Compared with a projected-gradient loop and with published weights (tests/test_synthetic_control.py).
    Source: Lawson and Hanson (1974), chapter 23; Wolfe (1976), doi 10.1007/BF01580381.

    Examples
    --------
    >>> simplex_weights([[0.0, 2.0], [0.0, 2.0]], [1.0, 1.0]).weights.round(6).tolist()
    [0.5, 0.5]
    """
    a, b = _checked(columns, target, ridge)
    centre_a, centre_b = (a.mean(axis=0), b.mean()) if intercept else (np.zeros(a.shape[1]), 0.0)
    a, b = a - centre_a, b - centre_b
    if ridge > 0:
        a = np.vstack([a, np.sqrt(ridge) * np.eye(a.shape[1])])
        b = np.concatenate([b, np.zeros(a.shape[1])])
    away = a - b[:, None]
    size = float(np.sqrt((away**2).sum(axis=0).mean()))
    if size == 0:
        return SimplexFit(np.full(a.shape[1], 1 / a.shape[1]), float(centre_b - centre_a.mean()), 0.0)
    away /= size
    weights = _nearest(away)
    gap = _gap(away, weights)
    if gap > TIGHT:
        weights = _pairwise(away, weights)
        gap = _gap(away, weights)
    if gap > 1e3 * TIGHT:
        raise SosrakeError(
            f"simplex_weights: no optimum reached (gap {gap:.1e}); scale the outcome to ordinary numbers"
        )
    return SimplexFit(weights, float(centre_b - centre_a @ weights), gap)


def _checked(columns: ArrayLike, target: ArrayLike, ridge: float) -> tuple[Floats, Floats]:
    a, b = np.asarray(columns, "float64"), np.asarray(target, "float64")
    if a.ndim != 2 or b.shape != a.shape[:1] or not a.size:
        raise SosrakeError(f"simplex_weights: columns {a.shape}, target {b.shape}; expected (n, k) and (n,)")
    if not (np.isfinite(a).all() and np.isfinite(b).all() and np.isfinite(ridge) and ridge >= 0):
        raise SosrakeError("simplex_weights: a value is empty or infinite, or the ridge is negative")
    return a, b


def _nearest(away: Floats) -> Floats:
    """Find the point nearest to zero in the hull of columns."""
    stacked = np.vstack([away, np.ones(away.shape[1])])
    one = np.zeros(len(stacked))
    one[-1] = 1.0
    try:
        found, _ = optimize.nnls(stacked, one, maxiter=30 * away.shape[1] + 100)
    except RuntimeError:
        # Nearly equal columns can make it cycle; the pairwise steps start from the nearest column.
        found = np.eye(away.shape[1])[int((away**2).sum(axis=0).argmin())]
    found /= found.sum()
    return found if _gap(away, found) <= ROUNDING else _polished(away, found)


def _polished(away: Floats, weights: Floats) -> Floats:
    """Solve on the active set once more, directly, where that keeps every weight positive."""
    weights = np.where(weights < DUST, 0.0, weights)
    weights /= weights.sum()
    active = np.flatnonzero(weights)
    inner = away[:, active]
    system = np.ones((active.size + 1, active.size + 1))
    system[:-1, :-1], system[-1, -1] = inner.T @ inner, 0.0
    right = np.zeros(active.size + 1)
    right[-1] = 1.0
    found = np.linalg.lstsq(system, right, rcond=None)[0][:-1]
    better = np.zeros_like(weights)
    better[active] = found
    if (found < 0).any() or abs(found.sum() - 1) > 1e-8:
        return weights
    better /= better.sum()
    return better if _gap(away, better) <= _gap(away, weights) else weights


def _gap(away: Floats, weights: Floats) -> float:
    slope = away.T @ (away @ weights)
    return float(weights @ slope - slope.min())


def _pairwise(away: Floats, weights: Floats, rounds: int = 20_000) -> Floats:
    """Move weight from the worst column that has some to the best column, until nothing is gained."""
    weights = weights.copy()
    point = away @ weights
    for _ in range(rounds):
        slope = away.T @ point
        best = int(slope.argmin())
        worst = int(np.where(weights > 0, slope, -np.inf).argmax())
        if weights @ slope - slope[best] <= TIGHT:
            break
        step = away[:, best] - away[:, worst]
        length = step @ step
        move = min(float(weights[worst]), float((slope[worst] - slope[best]) / length)) if length else 0.0
        if move <= 0:
            break
        weights[worst] -= move
        weights[best] += move
        point = point + move * step
    return weights / weights.sum()


def frank_wolfe(
    columns: ArrayLike,
    target: ArrayLike,
    *,
    ridge: float = 0.0,
    intercept: bool = False,
    least_decrease: float,
    rounds: int = 10_000,
    sparse_after: int | None = 100,
) -> SimplexFit:
    """Come near the optimum by Frank and Wolfe's steps, stopping where published results stopped.

    Estimates of synthetic difference-in-differences in the literature come from this algorithm and stop
    short of the optimum, so that their digits depend on it: `simplex_weights` gives the optimum, this the
    published digits. Start from equal weights; after `sparse_after` rounds weights of a quarter of the
    largest or less are set to zero and the rest go on until a round gains less than `least_decrease`² in the
    mean squared distance.

    Source: Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), doi 10.1257/aer.20190159.

    Examples
    --------
    >>> frank_wolfe([[0.0, 2.0], [0.0, 4.0]], [1.0, 2.0], least_decrease=1e-6).weights.round(3).tolist()
    [0.5, 0.5]
    """
    a, b = _checked(columns, target, ridge)
    centre_a, centre_b = (a.mean(axis=0), float(b.mean())) if intercept else (np.zeros(a.shape[1]), 0.0)
    a, b = a - centre_a, b - centre_b
    weights = np.full(a.shape[1], 1 / a.shape[1])
    if sparse_after is not None:
        weights = _steps(a, b, ridge, weights, least_decrease, sparse_after)
        weights = np.where(weights <= weights.max() / 4, 0.0, weights)
        weights /= weights.sum()
    weights = _steps(a, b, ridge, weights, least_decrease, rounds)
    slope = a.T @ (a @ weights - b) + ridge * weights
    gap = float(weights @ slope - slope.min()) / max(
        float(((a - b[:, None]) ** 2).sum(axis=0).mean()), 1e-300
    )
    return SimplexFit(weights, float(centre_b - centre_a @ weights), gap)


def _steps(a: Floats, b: Floats, ridge: float, weights: Floats, least: float, rounds: int) -> Floats:
    height = np.inf
    for turn in range(rounds):
        slope = a.T @ (a @ weights - b) + ridge * weights
        towards = -weights
        best = int(slope.argmin())
        towards[best] += 1
        if not towards.any():
            break
        across = a[:, best] - a @ weights
        length = across @ across + ridge * (towards @ towards)
        weights = weights + min(1.0, max(0.0, float(-(slope @ towards) / length))) * towards
        rest = a @ weights - b
        before, height = height, float(rest @ rest + ridge * (weights @ weights)) / len(b)
        if turn > 0 and before - height <= least**2:
            break
    return weights
