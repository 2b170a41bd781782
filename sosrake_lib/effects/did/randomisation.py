"""Randomisation inference: how often the difference is as large when other units are called treated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb, prod

import numpy as np

from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import SosrakeError

LARGEST = 20_000_000
TIE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Randomisation:
    """The coefficient under every assignment tried; the first is the one that happened.

    Attributes
    ----------
    statistic : (assignments,), the coefficient had that assignment been the treatment.
    shift : (assignments,), how much of the real treatment that assignment's coefficient picks up.
    exact : whether every possible assignment is there once.
    """

    statistic: Floats
    shift: Floats
    exact: bool

    @property
    def estimate(self) -> float:
        """The coefficient of what happened."""
        return float(self.statistic[0])

    @property
    def standard_error(self) -> float:
        """Root mean square of the coefficients that other assignments give once the estimate is taken out."""
        return float(np.sqrt(np.mean((self.statistic - self.estimate * self.shift)[1:] ** 2)))

    def p_value(self, hypothesis: float = 0.0) -> float:
        """Share of assignments whose coefficient is at least as far off, the real one counted.

        The hypothesis is that the treatment moved each treated unit by exactly this.
        """
        off = np.abs(self.statistic - hypothesis * self.shift)
        return float(np.mean(off >= np.abs(off[0]) * (1 - TIE)))

    def attainable(self, confidence: float) -> float:
        """Lower a confidence to the highest that this number of assignments can give."""
        lower, upper = self._ends()
        endless = max(int(np.isinf(lower).sum()), int(np.isinf(upper).sum()))
        if endless == len(self.statistic):
            raise SosrakeError(
                "randomisation_inference: no other assignment tells anything; there are too few units to "
                "permute"
            )
        return min(confidence, 1 - endless / len(self.statistic))

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Limits: the constant effects that the test does not refuse (infinite when none is refused).

        An assignment is as far off as the real one for effects between (t - s)/(1 - k) and (t + s)/(1 + k),
        t the estimate, s its statistic, k its shift; the limits are order statistics of these ends.
        """
        lower, upper = self._ends()
        place = int((1 - confidence) * len(lower) + TIE)
        return float(np.sort(lower)[place]), float(-np.sort(-upper)[place])

    def _ends(self) -> tuple[Floats, Floats]:
        inside = np.abs(self.shift) < 1 - TIE
        k = np.where(inside, self.shift, 0.0)
        ends = np.sort(
            np.array(
                [(self.estimate - self.statistic) / (1 - k), (self.estimate + self.statistic) / (1 + k)]
            ),
            axis=0,
        )
        return np.where(inside, ends[0], -np.inf), np.where(inside, ends[1], np.inf)


def randomise(
    outcome: Floats,
    blocks: Callable[[range], Floats],
    paths: np.ndarray,
    residualise: Callable[[Floats], Floats],
    *,
    draws: int = 9_999,
    seed: int = 1,
) -> Randomisation:
    """Compute the coefficient under other assignments of the treatment to units.

    Parameters
    ----------
    outcome : (n,). paths : (units,), which path of treatment each unit took: 0 never, 1, 2, ... the
        different ones.
    blocks : gives columns (n, len) of numbers unit·P + path - 1 (P paths besides never): the treatment
        column if only that unit took that path.
    residualise : takes (n, m) columns to their residuals on all other regressors and fixed effects.
    draws, seed : when there are more assignments than `draws`, so many are drawn (the real one added).

    By Frisch-Waugh-Lovell the coefficient of assignment z is z'r / z'Qz, r = B'ỹ and Q = B'B with B the
    residualised blocks: no regression is run again.
    Source: Fisher RA (1935) The design of experiments; Rosenbaum PR (2002), doi 10.1007/978-1-4757-3692-2;
    few treated clusters: MacKinnon JG, Webb MD (2020), doi 10.1016/j.jeconom.2020.04.024.

    Raises
    ------
    SosrakeError with fewer than 19 draws, or when all units took the same path.
    """
    if draws < 19:
        raise SosrakeError(f"randomisation_inference: {draws} draws; at least 19 are needed")
    if len(np.unique(paths)) < 2:
        raise SosrakeError(
            "randomisation_inference: all units took the same path; there is nothing to permute"
        )
    kinds = int(paths.max())
    pull, gram = _products(outcome, blocks, len(paths) * kinds, residualise)
    assigned, exact = _assignments(paths, draws, seed)
    real = _indicators(paths[None, :], kinds) @ gram
    statistic, shift = np.empty(len(assigned)), np.empty(len(assigned))
    width = max(1, LARGEST // len(gram))
    for begin in range(0, len(assigned), width):
        z = _indicators(assigned[begin : begin + width], kinds)
        own = np.einsum("ij,ij->i", z @ gram, z)
        if (own <= TIE * np.diag(gram).max()).any():
            raise SosrakeError("randomisation_inference: an assignment is explained by the other regressors")
        statistic[begin : begin + width] = z @ pull / own
        shift[begin : begin + width] = z @ real[0] / own
    return Randomisation(statistic, shift, exact)


def _products(
    outcome: Floats,
    blocks: Callable[[range], Floats],
    count: int,
    residualise: Callable[[Floats], Floats],
) -> tuple[Floats, Floats]:
    """B'y and B'B of the residualised blocks, a part of the columns at a time."""
    pull, gram = np.empty(count), np.empty((count, count))
    width = max(1, LARGEST // len(outcome))
    parts = [range(begin, min(begin + width, count)) for begin in range(0, count, width)]
    for part in parts:
        inner = residualise(blocks(part))
        pull[part.start : part.stop] = inner.T @ outcome
        for other in parts:
            # M is a projection: B'MB needs only one side residualised.
            gram[part.start : part.stop, other.start : other.stop] = inner.T @ blocks(other)
    return pull, (gram + gram.T) / 2


def _indicators(paths: np.ndarray, kinds: int) -> Floats:
    """One column a unit and path: (assignments, units·P)."""
    marked = paths[:, :, None] == np.arange(1, kinds + 1)[None, None, :]
    return marked.reshape(len(paths), -1).astype("float64")


def _assignments(paths: np.ndarray, draws: int, seed: int) -> tuple[np.ndarray, bool]:
    """Every assignment once, the real one first, when they are few enough; else drawn ones."""
    sizes = np.bincount(paths)
    left = np.cumsum(sizes[::-1])[::-1]
    total = prod(comb(int(all_), int(size)) for all_, size in zip(left, sizes, strict=True))
    if total <= draws + 1:
        every = np.array(list(_permutations(len(paths), sizes)), dtype="int64")
        real = (every == paths).all(axis=1)
        return np.concatenate([every[real], every[~real]]), True
    drawn = np.random.default_rng(seed).permuted(np.tile(paths, (draws, 1)), axis=1)
    return np.concatenate([paths[None, :], drawn]), False


def _permutations(count: int, sizes: np.ndarray) -> Iterator[np.ndarray]:
    """All ways to give `sizes[p]` of the units path p."""

    def placed(free: tuple[int, ...], path: int, so_far: np.ndarray) -> Iterator[np.ndarray]:
        if path == len(sizes):
            yield so_far
            return
        for chosen in combinations(free, int(sizes[path])):
            following = so_far.copy()
            following[list(chosen)] = path
            rest = tuple(place for place in free if place not in set(chosen))
            yield from placed(rest, path + 1, following)

    # Path 0 (never) is what is left when the others are placed.
    yield from placed(tuple(range(count)), 1, np.zeros(count, dtype="int64"))
