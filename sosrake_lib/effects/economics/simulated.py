"""Uncertainty from means and their covariances: draws that tell nothing of single people, net benefits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.economics.benefit import check_wtp
from sosrake_lib.effects.economics.strategies import one_origin
from sosrake_lib.effects.regression import check_columns, check_confidence, numbers, t_quantile
from sosrake_lib.errors import FrameError, SosrakeError

Floats = NDArray[np.float64]
LEAST_PEOPLE = 3


@dataclass(frozen=True, slots=True, eq=False)
class ArmMeans:
    """Mean cost and mean effect of a group, `mean` (2,), with the covariance of the two means (2, 2)."""

    mean: Floats
    covariance: Floats
    people: int


def arm_means(people: pd.DataFrame, *, cost: str = "cost", effect: str = "effect") -> ArmMeans:
    """Give the mean cost and mean effect of a group of people, and the covariance of these means.

    Raises
    ------
    FrameError when a column is missing, empty or not numbers, or there are fewer than three people.

    Examples
    --------
    >>> found = arm_means(pd.DataFrame({"cost": [1.0, 2.0, 3.0], "effect": [0.0, 1.0, 1.0]}))
    >>> found.mean.round(2).tolist(), found.covariance.round(3).tolist()
    ([2.0, 0.67], [[0.333, 0.167], [0.167, 0.111]])
    """
    check_columns(people, [cost, effect], "arm_means")
    pair = np.column_stack([numbers(people, one, "arm_means") for one in (cost, effect)])
    if len(pair) < LEAST_PEOPLE:
        raise FrameError(f"arm_means: {len(pair)} people; at least {LEAST_PEOPLE} are needed")
    return ArmMeans(pair.mean(axis=0), np.cov(pair, rowvar=False) / len(pair), len(pair))


def draws_of_means(
    groups: Mapping[str, pd.DataFrame],
    *,
    cost: str = "cost",
    effect: str = "effect",
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Make draws for decision_uncertainty from the means of groups and their covariances.

    Each group's pair (mean cost, mean effect) is drawn from the normal distribution that a large group's
    means follow. Unlike a bootstrap with a known seed, whose every draw is a known sum of single people's
    costs, the draws hold nothing beyond means, deviations and correlation: they may be shown as points.

    Parameters
    ----------
    groups : strategy -> frame, one row a person. cost, effect : its columns. draws, seed : of the simulation.

    Returns
    -------
    DataFrame `cost_NAME, effect_NAME, ..., origin`, one row a draw.

    Raises
    ------
    SosrakeError for fewer than two groups or draws; FrameError as `arm_means`, and when origins are mixed.

    Source: Glick, Doshi, Sonnad and Polsky (2014), Economic evaluation in clinical trials, chapter 8,
    ISBN 978-0-19-968502-8.

    Examples
    --------
    >>> people = pd.DataFrame({"cost": [1.0, 3.0, 2.0], "effect": [0.0, 1.0, 1.0]})
    >>> draws_of_means({"usual": people, "new": people}, draws=100).shape
    (100, 5)
    """
    if len(groups) < 2 or draws < 2:
        raise SosrakeError(f"draws_of_means: {len(groups)} group(s), {draws} draw(s); expected two or more")
    draw = np.random.default_rng(seed)
    columns: dict[str, Floats] = {}
    for name, people in groups.items():
        found = arm_means(people, cost=cost, effect=effect)
        drawn = draw.multivariate_normal(found.mean, found.covariance, draws, method="eigh")
        columns |= {f"cost_{name}": drawn[:, 0], f"effect_{name}": drawn[:, 1]}
    listed = [
        people[["origin"]] if "origin" in people else pd.DataFrame({"origin": ["own"] * len(people)})
        for people in groups.values()
    ]
    return pd.DataFrame(columns).assign(origin=one_origin(pd.concat(listed), "draws_of_means"))


def net_benefit_difference(
    new: pd.DataFrame,
    usual: pd.DataFrame,
    wtp: ArrayLike | None,
    *,
    cost: str = "cost",
    effect: str = "effect",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Give the incremental net monetary benefit of a new way against the usual, with an interval.

    Parameters
    ----------
    new, usual : one row a person. wtp : what one more unit of effect may cost, one or several; no default.
    confidence : two-sided level.

    Returns
    -------
    DataFrame `wtp, value, lower, upper, standard_error, df, method, confidence`, one row a wtp. The net
    benefit of a person is wtp · effect - cost; the interval is Welch's, of the difference of its means. It is
    right in all four quadrants, where a ratio is not.

    Raises
    ------
    SosrakeError when wtp is not given; FrameError as `arm_means`.

    Source: Stinnett and Mullahy (1998), doi 10.1177/0272989X98018002S09; Welch (1947), doi 10.2307/2332510.

    Examples
    --------
    >>> usual = pd.DataFrame({"cost": [1.0, 3.0, 2.0], "effect": [0.0, 1.0, 1.0]})
    >>> new = usual.assign(cost=usual["cost"] + 1)
    >>> net_benefit_difference(new, usual, [0, 5])["value"].tolist()
    [-1.0, -1.0]
    """
    where = "net_benefit_difference"
    levels = check_wtp(wtp, where)
    check_confidence(confidence, where)
    arms = [arm_means(people, cost=cost, effect=effect) for people in (new, usual)]
    weights = np.column_stack([-np.ones_like(levels), levels])
    value = weights @ (arms[0].mean - arms[1].mean)
    parts = np.array([np.einsum("ij,jk,ik->i", weights, arm.covariance, weights) for arm in arms])
    variance = parts.sum(axis=0)
    freedom = np.array([arm.people - 1 for arm in arms])[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.where(variance > 0, variance**2 / (parts**2 / freedom).sum(axis=0), np.inf)
    half = np.array([float(t_quantile(0.5 + confidence / 2, one)) for one in df]) * np.sqrt(variance)
    columns = {
        "wtp": levels,
        "value": value,
        "lower": value - half,
        "upper": value + half,
        "standard_error": np.sqrt(variance),
        "df": df,
    }
    return pd.DataFrame(columns).assign(method="net_benefit", confidence=confidence)
