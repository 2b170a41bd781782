"""Factor analysis in numbers: one factor by maximum likelihood (one matrix or many), minres, oblique turns.

Correlation matrices are (items, items); a batch is (replicates, items, items). Uniquenesses are the shares of
an item's variance that the factors do not explain; they are kept from `FLOOR` upwards, as a smaller one (a
Heywood case) would mean an item without any error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from sosrake_lib.indicators.intervals import Floats

FLOOR = 0.005
_STEPS = 60
# Below this gradient the exact second derivatives are used.
_NEAR = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class OneFactor:
    """Standardised loadings and uniquenesses (..., items), discrepancy and whether it is a minimum (...)."""

    loadings: Floats
    uniquenesses: Floats
    discrepancy: Floats
    converged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """Loadings (items, factors), uniquenesses (items,) and the sum of squared residuals."""

    loadings: Floats
    uniquenesses: Floats
    residual: float
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class Rotated:
    """Pattern loadings, correlations of the factors, and whether the criterion is at a minimum."""

    loadings: Floats
    correlations: Floats
    converged: bool


def one_factor_ml(correlation: Floats) -> OneFactor:
    """Fit one common factor by maximum likelihood: R = ll' + Ψ.

    The discrepancy ln|Σ| + tr(RΣ⁻¹) - ln|R| - k is minimised over log Ψ; for a given Ψ the best loadings come
    from the greatest eigenvalue of Ψ^-½ R Ψ^-½ and the gradient is known. Source: Jöreskog (1967),
    doi 10.1007/BF02289658.

    Examples
    --------
    >>> l = np.array([0.9, 0.8, 0.7, 0.6])
    >>> found = one_factor_ml(np.outer(l, l) + np.diag(1 - l**2))
    >>> print(found.loadings.round(4))
    [0.9 0.8 0.7 0.6]
    """
    start = np.log(_start(correlation[None])[0])
    bounds = [(np.log(FLOOR), 0.0)] * len(correlation)

    def aim(logs: Floats) -> tuple[float, Floats]:
        parts = _concentrated(correlation[None], logs[None])
        return float(parts.discrepancy[0]), parts.gradient[0]

    done = optimize.minimize(
        aim,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000},
    )
    # The last digits come from Newton's steps, which are quadratic near the minimum.
    polished = one_factor_ml_batch(correlation[None], np.asarray(done.x)[None])
    one = OneFactor(
        polished.loadings[0], polished.uniquenesses[0], polished.discrepancy[0], polished.converged[0]
    )
    if bool(one.converged) and one.discrepancy <= done.fun + 1e-9:
        return one
    parts = _concentrated(correlation[None], np.asarray(done.x)[None])
    return OneFactor(_loadings(parts)[0], np.exp(done.x), parts.discrepancy[0], np.asarray(done.success))


def one_factor_ml_batch(correlations: Floats, start: Floats | None = None) -> OneFactor:
    """Fit one factor by maximum likelihood to many correlation matrices at once, by Newton's steps.

    Steps of log Ψ solve H d = gradient. Far from the minimum H = (I - ww')∘(I - ww'), w the first eigenvector
    of Ψ^-½ R Ψ^-½ (the Hessian where the model holds); near it the exact one. Matrices that are not positive
    definite, or that do not converge, are marked `converged` False and hold NaN. Source: Jöreskog (1967),
    doi 10.1007/BF02289658; Clarke
    (1970), Br J Math Stat Psychol 23, 43-52.
    """
    able = np.asarray(np.isfinite(correlations).all(axis=(1, 2)))
    safe = np.where(able[:, None, None], correlations, np.eye(correlations.shape[1]))
    able &= np.linalg.eigvalsh(safe)[:, 0] > 1e-9
    safe = np.where(able[:, None, None], correlations, np.eye(correlations.shape[1]))
    logs = np.log(_start(safe)) if start is None else start.copy()
    moving, done = np.flatnonzero(able), ~able
    for _ in range(_STEPS):
        if not len(moving):
            break
        step = _newton_step(_concentrated(safe[moving], logs[moving]), logs[moving])
        moved = np.clip(logs[moving] - step, np.log(FLOOR), 0.0)
        still = np.abs(moved - logs[moving]).max(axis=1) > 1e-9
        logs[moving] = moved
        done[moving[~still]] = True
        moving = moving[still]
    done &= able
    parts = _concentrated(safe, logs)
    empty = np.where(done, 1.0, np.nan)
    return OneFactor(
        _loadings(parts) * empty[:, None],
        np.exp(logs) * empty[:, None],
        parts.discrepancy * empty,
        done,
    )


def minres(correlation: Floats, factors: int) -> Factors:
    """Fit factors by minimum residuals: least squares of the correlations between different items.

    For given uniquenesses the best loadings are the greatest eigenvalues' vectors of R - Ψ; the sum of
    squared residuals is minimised over Ψ with its gradient. Source: Harman & Jones (1966), doi
    10.1007/BF02289468.
    """
    start = np.clip(_start(correlation[None], factors)[0], FLOOR, 1.0)

    def aim(unique: Floats) -> tuple[float, Floats]:
        residual = _residual(correlation, unique, factors)
        return 0.5 * float((residual**2).sum()), -np.diagonal(residual).copy()

    done = optimize.minimize(
        aim,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(FLOOR, 1.0)] * len(correlation),
        options={"ftol": 1e-16, "gtol": 1e-10, "maxiter": 5000, "maxfun": 50_000},
    )
    values, vectors = np.linalg.eigh(correlation - np.diag(done.x))
    top = slice(None, -factors - 1, -1)
    loadings = vectors[:, top] * np.sqrt(np.maximum(values[top], 0.0))
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    # At a minimum every free uniqueness leaves no residual on the diagonal.
    slope = aim(np.asarray(done.x))[1]
    held = ((done.x <= FLOOR) & (slope > 0)) | ((done.x >= 1) & (slope < 0))
    converged = bool(np.abs(np.where(held, 0.0, slope)).max() < 1e-5)
    return Factors(loadings * signs, np.asarray(done.x), 2 * float(done.fun), converged)


def oblimin(loadings: Floats, gamma: float = 0.0, starts: int = 20) -> Rotated:
    """Rotate loadings to simple structure with correlated factors: direct oblimin, quartimin when gamma is 0.

    Minimises Σ over pairs of factors of Σ l²ᵢₐ l²ᵢᵦ by gradient projection on matrices T with columns of
    length 1: pattern L = A (T')⁻¹, factor correlations T'T. The criterion may have several minima, and a
    symmetric structure stops the first search at a saddle: the lowest of the unrotated start and `starts` - 1
    random ones (fixed seed) is kept. Factors are turned so that their loadings sum to above zero. Source:
    Jennrich & Sampson (1966), doi 10.1007/BF02289465; Jennrich (2002), doi 10.1007/BF02294706.

    Examples
    --------
    >>> simple = np.kron(np.eye(2), np.full((3, 1), 0.8))
    >>> mixed = simple @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    >>> print(np.sort(np.abs(oblimin(mixed).loadings), axis=1)[0].round(3))
    [0.  0.8]
    """
    factors = loadings.shape[1]
    rng = np.random.default_rng(1)
    turns = [np.eye(factors)]
    turns += [np.linalg.qr(rng.normal(size=(factors, factors)))[0] for _ in range(starts - 1)]
    found = [_descend(loadings, gamma, turn) for turn in turns[: 1 if factors == 1 else starts]]
    # The first start wins ties, so that equal minima always give the same factors.
    lowest = min(one[0] for one in found)
    _, turn, converged = next(one for one in found if one[0] <= lowest + 1e-9 * (1 + abs(lowest)))
    pattern = loadings @ np.linalg.inv(turn).T
    signs = np.where(pattern.sum(axis=0) < 0, -1.0, 1.0)
    return Rotated(pattern * signs, turn.T @ turn * np.outer(signs, signs), converged)


def _descend(loadings: Floats, gamma: float, turn: Floats) -> tuple[float, Floats, bool]:
    """Go down the oblimin criterion from one start: lowest value, its turn, whether it is a minimum."""
    value, slope, pattern = _criterion(loadings, gamma, turn)
    size = 1.0
    for _ in range(1000):
        gradient = -(pattern.T @ slope @ np.linalg.inv(turn)).T
        projected = gradient - turn * (turn * gradient).sum(axis=0)
        length = float(np.sqrt((projected**2).sum()))
        if length < 1e-6:
            return value, turn, True
        size *= 2
        for _ in range(30):
            moved = turn - size * projected
            moved = moved / np.sqrt((moved**2).sum(axis=0))
            tried = _criterion(loadings, gamma, moved)
            if value - tried[0] > 0.5 * length**2 * size:
                break
            size /= 2
        turn = moved
        value, slope, pattern = tried
    return value, turn, False


def _criterion(loadings: Floats, gamma: float, turn: Floats) -> tuple[float, Floats, Floats]:
    """Oblimin criterion, its slope over the pattern loadings, and those."""
    factors = loadings.shape[1]
    pattern = loadings @ np.linalg.inv(turn).T
    squares = pattern**2
    rest = (squares - gamma * squares.mean(axis=0)) @ (np.ones((factors, factors)) - np.eye(factors))
    return float((squares * rest).sum() / 4), pattern * rest, pattern


@dataclass(frozen=True, slots=True, eq=False)
class _Concentrated:
    logs: Floats
    values: Floats
    vectors: Floats
    discrepancy: Floats
    gradient: Floats


def _concentrated(correlations: Floats, logs: Floats) -> _Concentrated:
    """Discrepancy and gradient over log uniquenesses, the loadings being the best for them."""
    scale = np.exp(-logs / 2)
    scaled = correlations * scale[:, :, None] * scale[:, None, :]
    values, vectors = np.linalg.eigh(scaled)
    rest = np.maximum(values[:, :-1], 1e-300)
    top, vector = values[:, -1], vectors[:, :, -1]
    # An eigenvalue below 1 would need a negative loading variance; the factor then explains nothing.
    explains = np.maximum(top, 1.0)
    alone = np.where(top < 1, top - np.log(np.maximum(top, 1e-300)) - 1, 0.0)
    discrepancy = (rest - np.log(rest) - 1).sum(axis=1) + alone
    common = vector**2 * (explains - 1)[:, None]
    gradient = 1 + common - np.diagonal(scaled, axis1=1, axis2=2)
    return _Concentrated(logs, values, vectors, discrepancy, gradient)


def _loadings(parts: _Concentrated) -> Floats:
    vector = parts.vectors[:, :, -1]
    length = np.sqrt(np.maximum(parts.values[:, -1], 1.0) - 1)
    loadings = np.exp(parts.logs / 2) * vector * length[:, None]
    return loadings * np.where(loadings.sum(axis=1) < 0, -1.0, 1.0)[:, None]


def _newton_step(parts: _Concentrated, logs: Floats) -> Floats:
    k = logs.shape[1]
    gradient = parts.gradient
    held = ((logs <= np.log(FLOOR)) & (gradient > 0)) | ((logs >= 0) & (gradient < 0))
    free = ~held[:, :, None] & ~held[:, None, :]
    slope = np.where(held, 0.0, gradient)
    curvature = _hessian(parts, np.abs(slope).max(axis=1) < _NEAR)
    curvature = curvature * free + held[:, :, None] * np.eye(k)
    step = np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
    return np.clip(step, -1.0, 1.0)


def _hessian(parts: _Concentrated, near: NDArray[np.bool_]) -> Floats:
    k = parts.logs.shape[1]
    first = parts.vectors[:, :, -1]
    outer = first[:, :, None] * first[:, None, :]
    left = np.eye(k) - outer
    expected = left**2 + 1e-10 * np.eye(k)
    top, rest = parts.values[:, -1:], parts.values[:, :-1]
    others = parts.vectors[:, :, :-1]
    unexplained = (others * rest[:, None, :]) @ others.transpose(0, 2, 1)
    turning = (1 - rest) * (top + rest) / np.maximum(top - rest, 1e-12)
    exact = unexplained * left + outer * ((others * turning[:, None, :]) @ others.transpose(0, 2, 1))
    usable = near & (parts.values[:, -1] > 1)
    usable[usable] = np.linalg.eigvalsh(exact[usable])[:, 0] > 1e-6
    return np.where(usable[:, None, None], exact, expected)


def _residual(correlation: Floats, unique: Floats, factors: int) -> Floats:
    values, vectors = np.linalg.eigh(correlation - np.diag(unique))
    # The greatest eigenvalues are explained, if positive; the others are what is left.
    left = values.copy()
    left[-factors:] = np.minimum(left[-factors:], 0.0)
    return (vectors * left) @ vectors.T


def _start(correlations: Floats, factors: int = 1) -> Floats:
    k = correlations.shape[-1]
    inverse = np.linalg.pinv(correlations, hermitian=True)
    start = (1 - 0.5 * factors / k) / np.diagonal(inverse, axis1=-2, axis2=-1)
    return np.clip(start, FLOOR, 1.0)
