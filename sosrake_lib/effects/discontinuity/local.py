"""Local polynomials at a limit: kernels, residuals, and one side's estimates; on arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosrake_lib.effects.discontinuity.running import Floats, Side
from sosrake_lib.errors import SosrakeError

KERNELS = ("triangular", "uniform", "epanechnikov")
VARIANCES = ("nn", "hc0", "hc1", "hc2", "hc3")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a jump is estimated.

    Attributes
    ----------
    kernel : triangular, uniform or epanechnikov. p : order of the polynomial; q : of the one that tells its
    bias. variance : "nn" (nearest neighbours) or "hc0" to "hc3". neighbours : at least so many of them.
    """

    kernel: str = "triangular"
    p: int = 1
    q: int = 2
    variance: str = "nn"
    neighbours: int = 3

    def __post_init__(self) -> None:
        if self.kernel not in KERNELS:
            raise SosrakeError(f"discontinuity: kernel {self.kernel!r}; expected one of {', '.join(KERNELS)}")
        if self.variance not in VARIANCES:
            raise SosrakeError(
                f"discontinuity: variance {self.variance!r}; expected one of {', '.join(VARIANCES)}"
            )
        whole = all(int(value) == value for value in (self.p, self.q, self.neighbours))
        if not whole or not 0 <= self.p <= 4 or not self.p < self.q <= 6 or self.neighbours < 1:
            raise SosrakeError(
                f"discontinuity: p {self.p}, q {self.q}, neighbours {self.neighbours}; expected whole "
                "numbers, p from 0 to 4, q above it, at least one neighbour"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Smoother:
    """A weighted polynomial fit of one side as a linear map of its outcomes.

    Attributes
    ----------
    start : place in the side of the first row that has weight; they follow each other. x, y : those rows.
    rows : (k + 1, n), coefficient j (y's j-th derivative at the limit / j!) is rows[j] @ y.
    fitted, leverage : (n,).
    """

    start: int
    x: Floats
    y: Floats
    rows: Floats
    fitted: Floats
    leverage: Floats

    def spread(self, values: Floats, count: int) -> Floats:
        """Lay values of the rows with weight out over the whole side, 0 elsewhere."""
        found = np.zeros(count)
        found[self.start : self.start + len(values)] = values
        return found


def kernel_weights(distance: Floats, kernel: str) -> Floats:
    """Weight by distance in bandwidths, 0 from one bandwidth on (uniform: beyond it).

    Examples
    --------
    >>> kernel_weights(np.array([0.0, 0.5, 1.0]), "triangular").tolist()
    [1.0, 0.5, 0.0]
    """
    u = np.abs(distance)
    if kernel == "triangular":
        return np.where(u < 1, 1 - u, 0.0)
    if kernel == "epanechnikov":
        return np.where(u < 1, 0.75 * (1 - u**2), 0.0)
    return np.where(u <= 1, 0.5, 0.0)


def smoother(side: Side, bandwidth: float, order: int, kernel: str) -> Smoother:
    """Fit a polynomial of an order within a bandwidth of the limit.

    Raises
    ------
    SosrakeError when the rows within the bandwidth have too few different values.
    """
    weights = kernel_weights(side.x / bandwidth, kernel)
    inside = weights > 0
    x, y, w = side.x[inside], side.y[inside], weights[inside]
    different = 1 + int((np.diff(x) > 0).sum()) if len(x) else 0
    if different < order + 1:
        raise SosrakeError(
            f"discontinuity: {different} different value(s) within {bandwidth:.4g} of the limit on one side; "
            f"a polynomial of order {order} needs {order + 1}, widen the bandwidth"
        )
    # In bandwidths, so that high powers neither vanish nor explode.
    root = np.sqrt(w)
    powers = np.vander(x / bandwidth, order + 1, increasing=True)
    q, r = np.linalg.qr(powers * root[:, None])
    rows = np.linalg.solve(r, q.T) * root
    coefficients = rows @ y
    leverage = (q**2).sum(axis=1)
    scale = bandwidth ** -np.arange(order + 1.0)
    start = int(np.argmax(inside))
    return Smoother(start, x, y, rows * scale[:, None], powers @ coefficients, leverage)


def neighbour_residuals(x: Floats, y: Floats, neighbours: int = 3) -> Floats:
    """Residual of each row from its nearest rows: √(J/(J+1)) · (y - their mean), (n,).

    Parameters
    ----------
    x : (n,) ascending. y : (n,). neighbours : at least so many; rows as near as the last are taken too (J in
        all), so rows with the same x are neighbours first.

    Its square is an unbiased estimate of the variance at x when the mean is flat among the neighbours (Abadie
    and Imbens 2006; Calonico, Cattaneo and Titiunik 2014).

    Examples
    --------
    >>> neighbour_residuals(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 4.0]), 1).round(3).tolist()
    [0.0, -1.225, 2.121]
    """
    n = len(x)
    wanted = min(neighbours, n - 1)
    if wanted < 1:
        return np.zeros(n)
    places = np.arange(n)[:, None] + np.concatenate([np.arange(-wanted, 0), np.arange(1, wanted + 1)])
    outside = (places < 0) | (places >= n)
    distance = np.where(outside, np.inf, np.abs(x[places.clip(0, n - 1)] - x[:, None]))
    reach = np.partition(distance, wanted - 1, axis=1)[:, wanted - 1]
    # Widened by rounding's breadth, so that the last neighbour and its equals stay in.
    reach = reach + 1e-12 * (np.abs(x) + reach)
    low, high = np.searchsorted(x, x - reach, side="left"), np.searchsorted(x, x + reach, side="right")
    count = (high - low - 1).astype("float64")
    centred = y - y.mean()
    sums = np.concatenate([[0.0], np.cumsum(centred)])
    mean = (sums[high] - sums[low] - centred) / count
    return np.sqrt(count / (count + 1)) * (centred - mean)


def residuals(fit: Smoother, recipe: Recipe) -> Floats:
    """Residuals whose squares stand for the variance of each row, by the recipe's `variance`."""
    if recipe.variance == "nn":
        return neighbour_residuals(fit.x, fit.y, recipe.neighbours)
    plain = fit.y - fit.fitted
    n, k = len(plain), len(fit.rows)
    if recipe.variance == "hc0":
        return plain
    if recipe.variance == "hc1":
        return plain * np.sqrt(n / (n - k)) if n > k else np.full(n, np.nan)
    left = 1 - fit.leverage
    power = 0.5 if recipe.variance == "hc2" else 1.0
    return plain / np.where(left > 1e-12, left, np.nan) ** power


@dataclass(frozen=True, slots=True)
class SideEstimate:
    """One side's mean at the limit: plain and with its bias taken out, with the variances of both."""

    conventional: float
    corrected: float
    variance: float
    corrected_variance: float
    effective: int


def side_estimate(side: Side, h: float, b: float, recipe: Recipe) -> SideEstimate:
    """Estimate one side's mean at the limit.

    With a_i the weights of the fit of order p within h, and L the coefficient p + 1 of the fit of order q
    within b, the bias of a'y is L·Σ a_i x_i^(p+1); taking it out gives again a linear map of y, whose
    variance counts in that the bias was estimated (Calonico, Cattaneo and Titiunik 2014, theorem 1).
    """
    near, wide = smoother(side, h, recipe.p, recipe.kernel), smoother(side, b, recipe.q, recipe.kernel)
    bias = float(near.rows[0] @ near.x ** (recipe.p + 1))
    plain, curved = near.spread(near.rows[0], side.n), wide.spread(wide.rows[recipe.p + 1], side.n)
    corrected = plain - bias * curved
    if recipe.variance == "nn":
        # Neighbours are sought in the larger of the two windows, which holds the other.
        large = wide if len(wide.x) >= len(near.x) else near
        first = second = large.spread(residuals(large, recipe), side.n)
    else:
        first = near.spread(residuals(near, recipe), side.n)
        # Where the narrow window is the larger one, the wide fit tells nothing of its outermost rows.
        second = np.where(curved != 0, wide.spread(residuals(wide, recipe), side.n), first)
    return SideEstimate(
        float(plain @ side.y),
        float(corrected @ side.y),
        float(plain**2 @ first**2),
        float(corrected**2 @ second**2),
        len(near.x),
    )
