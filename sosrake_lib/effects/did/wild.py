"""Wild cluster bootstrap with the null imposed, without refitting: few clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy import optimize

from sosrake_lib.effects.did.panel import Codes
from sosrake_lib.effects.regression import group_sums
from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import SosrakeError

WEIGHTS = ("auto", "rademacher", "webb")
# With so few clusters two-valued weights give too few different samples.
FEW_FOR_SIGNS = 12
LARGEST = 20_000_000
TIE = 1 - 1e-9
_VALUES = MappingProxyType(
    {
        "rademacher": np.array([-1.0, 1.0]),
        "webb": np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)]),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class WildBootstrap:
    """The draws of a coefficient, ready for any hypothesis on it.

    Attributes
    ----------
    estimate, standard_error : of the coefficient; the error clustered, uncorrected.
    hypotheses work through `numerator` (2, draws) and `spread` (3, draws): under b0 a draw's t² is
    (numerator0 - b0·numerator1)² / (spread0 - b0·spread1 + b0²·spread2).
    enumerated : every sign once, instead of drawn. weights : "rademacher" or "webb". clusters : their number.
    """

    estimate: float
    standard_error: float
    numerator: Floats
    spread: Floats
    enumerated: bool
    weights: str
    clusters: int

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.numerator.shape[1]

    def p_value(self, hypothesis: float = 0.0) -> float:
        """Two-sided p value of the hypothesis that the coefficient is this: share of |t*| >= |t|."""
        top = (self.numerator[0] - hypothesis * self.numerator[1]) ** 2
        below = self.spread[0] - hypothesis * self.spread[1] + hypothesis**2 * self.spread[2]
        observed = ((self.estimate - hypothesis) / self.standard_error) ** 2
        far = int((top >= TIE * observed * np.maximum(below, 0.0)).sum())
        return far / self.draws if self.enumerated else (far + 1) / (self.draws + 1)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Limits: the coefficients whose p value is above 1 - confidence, by search on either side.

        Raises
        ------
        SosrakeError when no limit is found within 1 000 standard errors: too few clusters are treated.
        """
        return self._limit(-1.0, 1 - confidence), self._limit(1.0, 1 - confidence)

    def _limit(self, side: float, level: float) -> float:
        inside, step = self.estimate, side * self.standard_error
        for _ in range(11):
            outside = self.estimate + step
            if self.p_value(outside) <= level:
                found = optimize.bisect(
                    lambda at: self.p_value(at) - level - 1e-12,
                    inside,
                    outside,
                    xtol=1e-7 * self.standard_error,
                )
                return float(found)
            inside, step = outside, 2 * step
        raise SosrakeError(
            "wild_cluster_bootstrap: the interval has no limit; too few clusters are treated for this "
            "method, use "
            "randomisation_inference"
        )


def wild_bootstrap(
    outcome: Floats,
    regressor: Floats,
    codes: Codes,
    residualise: Callable[[Floats], Floats],
    *,
    weights: str = "auto",
    draws: int = 9_999,
    seed: int = 1,
) -> WildBootstrap:
    """Prepare the wild cluster bootstrap of one coefficient.

    Parameters
    ----------
    outcome, regressor : (n,). codes : (n,), cluster of each row, from 0.
    residualise : takes (n, m) columns to their residuals on all other regressors and fixed effects.
    weights : "rademacher" (signs), "webb" (six values); "auto": webb up to 12 clusters. All 2^G signs are
        used when they are no more than `draws`.
    draws, seed : number of draws and their seed.

    Every draw multiplies the restricted residuals of each cluster by its weight. The t statistic of a draw
    depends on the data through two G-vectors and two G x G matrices only (computed once), so that 9 999
    draws are one matrix product, and every hypothesis reuses them.
    Compared with refitting draw by draw (tests/test_few_clusters.py).
    Source: Cameron AC, Gelbach JB, Miller DL (2008), doi 10.1162/rest.90.3.414; Roodman D, MacKinnon JG,
    Nielsen MØ, Webb MD (2019), doi 10.1177/1536867X19830877; Webb MD (2023), doi 10.1111/caje.12661.

    Raises
    ------
    SosrakeError for unknown weights, fewer than 99 draws, or a regressor the others explain.
    """
    if weights not in WEIGHTS or draws < 99:
        raise SosrakeError(
            f"wild_cluster_bootstrap: weights {weights!r}, draws {draws}; expected one of "
            f"{', '.join(WEIGHTS)} and at "
            "least 99 draws"
        )
    both = residualise(np.column_stack([outcome, regressor]))
    y, x = both[:, 0], both[:, 1]
    square = float(x @ x)
    if square <= 1e-18 * float(regressor @ regressor):
        raise SosrakeError("wild_cluster_bootstrap: the other regressors explain the treatment wholly")
    count = int(codes.max()) + 1
    pull = group_sums(np.column_stack([x * y, x * x]), codes, count) / square
    of_y, of_x = (_scores(u, x, codes, count, residualise) / square for u in (y, x))
    kind = ("webb" if count <= FEW_FOR_SIGNS else "rademacher") if weights == "auto" else weights
    enumerated = kind == "rademacher" and 2**count <= draws
    v = _all_signs(count) if enumerated else _drawn(_VALUES[kind], draws, count, seed)
    a, b = v @ of_y.T, v @ of_x.T
    spread = np.array([(a * a).sum(axis=1), 2 * (a * b).sum(axis=1), (b * b).sum(axis=1)])
    error = float(np.sqrt((of_y.sum(axis=1) ** 2).sum()))
    # The draws' t is about the hypothesis: x̃'u* / x̃'x̃, u* the weighted restricted residuals.
    return WildBootstrap(float(x @ y / square), error, (v @ pull).T, spread, enumerated, kind, count)


def _scores(
    residuals: Floats, x: Floats, codes: Codes, count: int, residualise: Callable[[Floats], Floats]
) -> Floats:
    """Score of cluster g in a sample where only cluster h has residuals, (G, G): row g, column h."""
    found = np.empty((count, count))
    square = x @ x
    width = max(1, LARGEST // len(x))
    for begin in range(0, count, width):
        ends = range(begin, min(begin + width, count))
        blocks = np.where(codes[:, None] == np.array(ends)[None, :], residuals[:, None], 0.0)
        inner = residualise(blocks)
        inner -= x[:, None] * ((x @ blocks) / square)[None, :]
        found[:, begin : ends[-1] + 1] = group_sums(inner * x[:, None], codes, count)
    return found


def _all_signs(count: int) -> Floats:
    numbers = np.arange(2**count)[:, None] >> np.arange(count)[None, :]
    return np.asarray(2.0 * (numbers & 1) - 1.0, dtype="float64")


def _drawn(values: Floats, draws: int, count: int, seed: int) -> Floats:
    return values[np.random.default_rng(seed).integers(0, len(values), size=(draws, count))]
