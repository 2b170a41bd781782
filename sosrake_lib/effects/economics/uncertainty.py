"""Decisions under uncertainty: how surely each way is best, and what knowing better would be worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.economics.benefit import check_wtp
from sosrake_lib.effects.economics.ratios import bootstrap_means
from sosrake_lib.effects.economics.strategies import one_origin
from sosrake_lib.effects.regression import check_columns, numbers
from sosrake_lib.errors import FrameError, SosrakeError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DecisionUncertainty:
    """Strategies at several values of a unit of effect.

    Attributes
    ----------
    table : frame `wtp, strategy, probability_best, mean_nmb, mean_nhb, expected_loss, on_frontier`, one row a
        wtp and strategy. probability_best : share of draws with the highest net benefit (ties are shared):
        the acceptability curve. expected_loss : mean net benefit lost by choosing it. on_frontier : highest
        mean.
    value : frame `wtp, strategy, evpi, evpi_population`: the strategy with the highest mean net benefit and
        the expected value of perfect information, per person and times `population`.
    draws : number. origin : "own" or "synthetic".
    """

    table: pd.DataFrame
    value: pd.DataFrame
    strategies: tuple[str, ...]
    wtp: Floats
    draws: int
    origin: str
    method: str = "acceptability"

    def wide(self, column: str) -> pd.DataFrame:
        """Give a column of the table with one row a wtp and one column a strategy."""
        return self.table.pivot(index="wtp", columns="strategy", values=column).loc[:, list(self.strategies)]


def decision_uncertainty(
    data: pd.DataFrame,
    wtp: ArrayLike | None = None,
    *,
    strategies: Sequence[str] | None = None,
    cost: str = "cost_",
    effect: str = "effect_",
    population: float = 1.0,
) -> DecisionUncertainty:
    """Say how surely each strategy is the best, from draws of costs and effects.

    Parameters
    ----------
    data : one row a draw (of a bootstrap, or of a model's uncertain inputs), columns `cost_NAME` and
        `effect_NAME`.
    wtp : what one more unit of effect may cost, one or several; there is no default.
    strategies : names; left out, all that have both columns. cost, effect : what the columns begin with.
    population : people the decision concerns, for the population's value of information.

    Returns
    -------
    DecisionUncertainty; EVPI = mean of the highest net benefit - highest mean net benefit.

    Raises
    ------
    SosrakeError when wtp is not given or negative; FrameError when a column is missing, fewer than two
    strategies or draws are there, or synthetic and real rows are mixed.

    Compared with R dampack 1.0.2.1000 (tests/reference/cost_effectiveness.csv). Source: Fenwick, Claxton and
    Sculpher (2001), doi 10.1002/hec.635; Claxton (1999), doi 10.1016/S0167-6296(98)00039-3.

    Examples
    --------
    >>> draws = pd.DataFrame({"cost_a": [1.0, 1.0], "cost_b": [2.0, 2.0],
    ...                       "effect_a": [1.0, 1.0], "effect_b": [1.5, 0.9]})
    >>> found = decision_uncertainty(draws, 10)
    >>> found.table["probability_best"].tolist(), float(found.value["evpi"].iloc[0])
    ([0.5, 0.5], 1.0)
    """
    where = "decision_uncertainty"
    levels = check_wtp(wtp, where)
    names = _names(data, strategies, cost, effect, where)
    if len(data) < 2 or not (np.isfinite(population) and population > 0):
        raise FrameError(
            f"{where}: {len(data)} draw(s), population {population!r}; expected at least 2 draws, above 0 "
            f"people"
        )
    costs = np.column_stack([numbers(data, cost + name, where) for name in names])
    effects = np.column_stack([numbers(data, effect + name, where) for name in names])
    found = [_at(costs, effects, names, level) for level in levels]
    value = pd.DataFrame([one.value for one in found], columns=["wtp", "strategy", "evpi"])
    value["evpi_population"] = value["evpi"] * population
    table = pd.concat([one.table for one in found], ignore_index=True)
    return DecisionUncertainty(table, value, names, levels, len(data), one_origin(data, where))


@dataclass(frozen=True, slots=True, eq=False)
class _AtLevel:
    table: pd.DataFrame
    value: tuple[float, str, float]


def _at(costs: Floats, effects: Floats, names: Sequence[str], wtp: float) -> _AtLevel:
    benefit = wtp * effects - costs
    highest = benefit.max(axis=1)
    best = benefit == highest[:, None]
    means = benefit.mean(axis=0)
    chosen = int(means.argmax())
    # Means of differences, not differences of means: of two near numbers little would be left.
    loss = (highest[:, None] - benefit).mean(axis=0)
    columns = {
        "wtp": wtp,
        "strategy": list(names),
        "probability_best": (best / best.sum(axis=1, keepdims=True)).mean(axis=0),
        "mean_nmb": means,
        "mean_nhb": _per_unit(means, wtp),
        "expected_loss": loss,
        "on_frontier": np.arange(len(means)) == chosen,
    }
    return _AtLevel(pd.DataFrame(columns), (wtp, names[chosen], float(loss[chosen])))


def _per_unit(means: Floats, wtp: float) -> Floats:
    # At no price for a unit of effect, costs cannot be counted as effects.
    with np.errstate(over="ignore"):
        return means / wtp if wtp else np.full(len(means), np.nan)


def _names(
    data: pd.DataFrame, strategies: Sequence[str] | None, cost: str, effect: str, where: str
) -> tuple[str, ...]:
    check_columns(data, [], where)
    if strategies is None:
        begun = [str(column).removeprefix(cost) for column in data.columns if str(column).startswith(cost)]
        strategies = [name for name in begun if effect + name in data]
    names = tuple(strategies)
    if len(names) < 2 or len(set(names)) < len(names):
        raise FrameError(
            f"{where}: strategies {list(names)}; expected at least two different ones, each with columns "
            f"{cost}NAME and {effect}NAME"
        )
    check_columns(data, [prefix + name for name in names for prefix in (cost, effect)], where)
    return names


def draws_of_people(
    groups: Mapping[str, pd.DataFrame],
    *,
    cost: str = "cost",
    effect: str = "effect",
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Make draws for decision_uncertainty by bootstrap of people's own costs and effects.

    Parameters
    ----------
    groups : strategy -> frame, one row a person. cost, effect : its columns. draws, seed : of the bootstrap.

    Returns
    -------
    DataFrame `cost_NAME, effect_NAME, ..., origin`, one row a draw.

    Examples
    --------
    >>> people = pd.DataFrame({"cost": [1.0, 3.0], "effect": [0.0, 1.0]})
    >>> draws_of_people({"usual": people, "new": people}, draws=100).shape
    (100, 5)
    """
    where = "draws_of_people"
    if len(groups) < 2:
        raise SosrakeError(f"{where}: {len(groups)} group(s); expected at least two")
    draw = np.random.default_rng(seed)
    columns: dict[str, Floats] = {}
    for name, people in groups.items():
        check_columns(people, [cost, effect], where)
        pair = np.column_stack([numbers(people, cost, where), numbers(people, effect, where)])
        means = bootstrap_means(pair, draws, draw)
        columns |= {f"cost_{name}": means[:, 0], f"effect_{name}": means[:, 1]}
    origins = pd.concat([_origins(people) for people in groups.values()])
    return pd.DataFrame(columns).assign(origin=one_origin(origins, where))


def _origins(people: pd.DataFrame) -> pd.DataFrame:
    return people[["origin"]] if "origin" in people else pd.DataFrame({"origin": ["own"] * len(people)})
