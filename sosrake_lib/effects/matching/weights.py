"""Weights from propensity scores, and weighted differences with their standard errors; on arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sosrake_lib.effects.matching.arms import Booleans, Floats
from sosrake_lib.effects.regression import LogitFit
from sosrake_lib.errors import SosrakeError

WEIGHTED_ESTIMANDS = ("ATT", "ATE", "ATC", "ATO")


@dataclass(frozen=True, slots=True, eq=False)
class WeightedDifference:
    """A difference of weighted means.

    Attributes
    ----------
    estimate, mean_treated, mean_control. influence : (n,), each row's share in the estimate's error, the
    weights taken as known. effective_treated, effective_control : (Σw)² / Σw² of the arm.
    """

    estimate: float
    mean_treated: float
    mean_control: float
    influence: Floats
    effective_treated: float
    effective_control: float

    @property
    def standard_error(self) -> float:
        """Robust standard error with the weights taken as known, √(n/(n - 1) Σ influence²)."""
        n = len(self.influence)
        return float(np.sqrt(n / (n - 1) * (self.influence**2).sum()))


def propensity_weights(scores: ArrayLike, treated: ArrayLike, estimand: str = "ATT") -> Floats:
    """Turn scores into weights that make the arms stand for the same people, (n,).

    ATT: 1 and p/(1 - p); ATC: (1 - p)/p and 1; ATE: 1/p and 1/(1 - p); ATO (where both are likely): 1 - p
    and p; first the treated, then the controls. Source: Li, Morgan and Zaslavsky (2018), doi
    10.1080/01621459.2016.1260466.

    Examples
    --------
    >>> propensity_weights([0.5, 0.2], [True, False], "ATE").tolist()
    [2.0, 1.25]
    """
    p, t = np.asarray(scores, dtype="float64"), np.asarray(treated, dtype="bool")
    if estimand not in WEIGHTED_ESTIMANDS:
        raise SosrakeError(
            f"propensity_weights: estimand {estimand!r}; expected one of {', '.join(WEIGHTED_ESTIMANDS)}"
        )
    if not ((p > 0) & (p < 1)).all():
        raise SosrakeError("propensity_weights: a score is not between 0 and 1; who is certain has no like")
    # The share of each person that the estimand asks about.
    asked = {"ATT": p, "ATC": 1 - p, "ATE": np.ones_like(p), "ATO": p * (1 - p)}[estimand]
    return np.where(t, asked / p, asked / (1 - p))


def weighted_difference(outcome: Floats, treated: Booleans, weights: Floats) -> WeightedDifference:
    """Difference of the arms' weighted means (Hajek: the weights of an arm are divided by their sum).

    Examples
    --------
    >>> import numpy as np
    >>> y, t, w = np.array([1.0, 3.0, 5.0]), np.array([False, False, True]), np.array([1.0, 3.0, 1.0])
    >>> weighted_difference(y, t, w).estimate
    2.5
    """
    share = np.where(treated, weights / weights[treated].sum(), weights / weights[~treated].sum())
    mean1 = float(share[treated] @ outcome[treated])
    mean0 = float(share[~treated] @ outcome[~treated])
    influence = np.where(treated, share * (outcome - mean1), -share * (outcome - mean0))
    return WeightedDifference(
        mean1 - mean0,
        mean1,
        mean0,
        influence,
        effective_size(weights[treated]),
        effective_size(weights[~treated]),
    )


def effective_size(weights: Floats) -> float:
    """Number of equally weighted rows that would tell as much, (Σw)² / Σw² (Kish).

    Examples
    --------
    >>> import numpy as np
    >>> round(effective_size(np.array([1.0, 1.0, 2.0])), 3)
    2.667
    """
    return float(weights.sum() ** 2 / (weights @ weights))


def estimated_score_error(
    outcome: Floats,
    treated: Booleans,
    weights: Floats,
    found: WeightedDifference,
    fit: LogitFit,
    estimand: str,
) -> float:
    """Standard error that counts in that the score was estimated from the same rows.

    The influence of each row gains G·I⁻¹·s_i: G how the estimate moves with the score's coefficients, s_i the
    row's score of the logit (stacked estimating equations; Lunceford JK, Davidian M (2004), doi
    10.1002/sim.1903).
    """
    p = fit.probabilities
    # Derivative of each weight by the score's linear predictor.
    slope1 = {"ATT": 0.0 * p, "ATE": -(1 - p) / p, "ATC": -(1 - p) / p, "ATO": -p * (1 - p)}[estimand]
    slope0 = {"ATT": p / (1 - p), "ATE": p / (1 - p), "ATC": 0.0 * p, "ATO": p * (1 - p)}[estimand]
    around = np.where(
        treated,
        slope1 * (outcome - found.mean_treated) / weights[treated].sum(),
        -slope0 * (outcome - found.mean_control) / weights[~treated].sum(),
    )
    moved = found.influence + fit.scores @ (fit.bread @ (fit.design.T @ around))
    n = len(outcome)
    return float(np.sqrt(n / (n - 1) * (moved**2).sum()))
