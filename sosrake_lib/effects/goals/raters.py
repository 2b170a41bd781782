"""Whether people rate the same goals alike: intraclass correlation, weighted kappa, exact agreement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from sosrake_lib.effects.change.columns import Floats, need_columns, need_share, numbers, once_each
from sosrake_lib.errors import FrameError


@dataclass(frozen=True, slots=True, eq=False)
class RaterAgreement:
    """Agreement of raters over goals that all of them rated.

    Attributes
    ----------
    goals, raters : how many; `left_out` goals lacked someone's rating.
    icc, lower, upper : absolute agreement of single ratings, two-way random, ICC(2,1), with its F interval.
    icc_mean : of the mean of the raters, ICC(2,k).
    kappa : quadratic weights; of more than two raters the mean over pairs.
    exact : share of pairs of ratings of a goal that are equal.
    verdict : "good" (ICC 0.75 or more), "moderate" (0.5), "poor"; by the lower limit, Koo & Li (2016).
    """

    goals: int
    raters: int
    left_out: int
    icc: float
    lower: float
    upper: float
    icc_mean: float
    kappa: float
    exact: float
    verdict: str


def rater_agreement(
    data: pd.DataFrame,
    *,
    person: str = "person",
    goal: str = "goal",
    rater: str = "rater",
    score: str = "score",
    confidence: float = 0.95,
) -> RaterAgreement:
    """Compare the levels that different people gave to the same goals.

    Parameters
    ----------
    data : one row a rating of a goal.

    Formula: ICC(2,1) = (R - E) / (R + (k - 1)E + k(C - E)/n), with mean squares of goals R, raters C, error
    E. Source: McGraw & Wong (1996), doi 10.1037/1082-989X.1.1.30; kappa: Cohen (1968), doi 10.1037/h0026256.

    Raises
    ------
    FrameError for one rater, fewer than three goals rated by all, or ratings without any variation.

    Examples
    --------
    >>> ratings = pd.DataFrame(
    ...     {"person": [1, 1, 2, 2, 3, 3, 4, 4], "goal": 1, "rater": ["a", "b"] * 4,
    ...      "score": [-1, -1, 0, 1, 2, 2, -2, -1]}
    ... )
    >>> found = rater_agreement(ratings)
    >>> print(round(found.icc, 3), round(found.kappa, 3), found.exact)
    0.906 0.879 0.5
    """
    where = "rater_agreement"
    need_columns(data, [person, goal, rater, score], where)
    need_share(confidence, "confidence", where)
    once_each(data, [person, goal, rater], where)
    numbers(data, score, where)
    wide = data.set_index([person, goal, rater])[score].unstack(rater).astype("float64")
    if wide.shape[1] < 2:
        raise FrameError(f"{where}: one rater only; agreement needs two or more who rated the same goals")
    rated = wide.to_numpy()[np.isfinite(wide.to_numpy()).all(axis=1)]
    if len(rated) < 3:
        raise FrameError(f"{where}: {len(rated)} goals were rated by all raters; expected three or more")
    if np.ptp(rated) == 0:
        raise FrameError(
            f"{where}: every rating is {rated[0, 0]:g}; agreement cannot be told "
            "without variation between goals"
        )
    found = intraclass(rated, confidence)
    return RaterAgreement(
        goals=len(rated),
        raters=rated.shape[1],
        left_out=len(wide) - len(rated),
        kappa=quadratic_kappa(rated),
        exact=exact_agreement(rated),
        verdict="good" if found["lower"] >= 0.75 else "moderate" if found["lower"] >= 0.5 else "poor",
        **found,
    )


def intraclass(ratings: Floats, confidence: float = 0.95) -> dict[str, float]:
    """ICC(2,1) with its interval and ICC(2,k) of a table (goals, raters) without gaps.

    Examples
    --------
    >>> raters = [[9.0, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]
    >>> found = intraclass(np.array(raters).T)
    >>> print({name: round(value, 2) for name, value in found.items()})
    {'icc': 0.29, 'lower': 0.02, 'upper': 0.76, 'icc_mean': 0.62}
    """
    n, k = ratings.shape
    grand = ratings.mean()
    rows, columns = ratings.mean(axis=1), ratings.mean(axis=0)
    between = k * ((rows - grand) ** 2).sum() / (n - 1)
    raters = n * ((columns - grand) ** 2).sum() / (k - 1)
    rest = ratings - rows[:, None] - columns + grand
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    icc = (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
    mean = (between - error) / (between + (raters - error) / n)
    lower, upper = _limits(float(between), float(raters), float(error), float(icc), (n, k), confidence)
    return {"icc": float(icc), "lower": lower, "upper": upper, "icc_mean": float(mean)}


def _limits(
    between: float, raters: float, error: float, icc: float, shape: tuple[int, int], confidence: float
) -> tuple[float, float]:
    n, k = shape
    if icc >= 1:
        return 1.0, 1.0
    a = k * icc / (n * (1 - icc))
    b = 1 + k * icc * (n - 1) / (n * (1 - icc))
    # Satterthwaite's freedom of the mixed error a·C + b·E (McGraw & Wong 1996, table 7).
    parts = (a * raters) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1))
    freedom = (a * raters + b * error) ** 2 / parts
    level = 0.5 + confidence / 2
    low = special.fdtri(n - 1, freedom, level)
    high = special.fdtri(freedom, n - 1, level)
    mixed = k * raters + (k * n - k - n) * error
    lower = n * (between - low * error) / (low * mixed + n * between)
    upper = n * (high * between - error) / (mixed + n * high * between)
    return float(max(lower, -1.0)), float(min(upper, 1.0))


def quadratic_kappa(ratings: Floats) -> float:
    """Weighted kappa with quadratic weights, mean over pairs of raters; NaN where a pair has no variation.

    Formula: 1 - Σ(x - y)² / (Σ over all pairings (x - y)² / n) of each pair of raters.

    Examples
    --------
    >>> print(round(quadratic_kappa(np.array([[0.0, 0], [1, 1], [2, 1]])), 3))
    0.667
    """
    first, second = np.triu_indices(ratings.shape[1], 1)
    x, y = ratings[:, first], ratings[:, second]
    observed = ((x - y) ** 2).mean(axis=0)
    by_chance = x.var(axis=0) + y.var(axis=0) + (x.mean(axis=0) - y.mean(axis=0)) ** 2
    kappas = 1 - observed / np.where(by_chance > 0, by_chance, np.nan)
    return float(kappas.mean())


def exact_agreement(ratings: Floats) -> float:
    """Share of pairs of ratings of the same goal that are equal.

    Examples
    --------
    >>> print(exact_agreement(np.array([[0.0, 0], [1, 1], [2, 1], [0, 1]])))
    0.5
    """
    first, second = np.triu_indices(ratings.shape[1], 1)
    return float((ratings[:, first] == ratings[:, second]).mean())
