"""The T score of goal attainment in numbers."""

from __future__ import annotations

import numpy as np

from sosrake_lib.effects.change.columns import Floats

EXPECTED = 50.0
SPREAD = 10.0


def t_score(weighted: Floats, weights: Floats, squares: Floats, rho: float) -> Floats:
    """T score from Σwx, Σw and Σw² of each person; NaN where all weights are 0 or anything is NaN.

    Formula: 50 + 10 Σwx / √((1 - ρ)Σw² + ρ(Σw)²). Source: Kiresuk & Sherman (1968), doi 10.1007/BF01530764,
    with ρ the expected correlation between goals, .30 there.

    Examples
    --------
    >>> print(t_score(np.array([3.0]), np.array([3.0]), np.array([3.0]), 0.3).round(2))
    [63.69]
    """
    variance = (1 - rho) * squares + rho * weights**2
    spread = np.sqrt(np.where(variance > 0, variance, np.nan))
    return EXPECTED + SPREAD * weighted / spread


def t_of_groups(scores: Floats, weights: Floats, person: np.ndarray, people: int, rho: float) -> Floats:
    """T score of each person from goals in rows; `person` numbers people from 0. A NaN score gives NaN.

    Examples
    --------
    >>> print(t_of_groups(np.array([0.0, 1, 1]), np.ones(3), np.array([0, 0, 1]), 2, 0.3).round(1))
    [56.2 60. ]
    """
    sums = (np.bincount(person, part, people) for part in (weights * scores, weights, weights**2))
    weighted, total, squares = (np.asarray(part, dtype="float64") for part in sums)
    return t_score(weighted, total, squares, rho)
