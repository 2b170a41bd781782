"""Cells of people compared: 200 people to be matched, 400 at a limit, 4 x 30 in two groups and two years."""

from __future__ import annotations

import numpy as np
import pandas as pd
from coverage_panel import regression
from coverage_people import PAIRS
from coverage_task import LEVEL, Cell, Tested, one_by_one, same
from scipy import special

from sosrake_lib.effects import did, discontinuity, matching

PEOPLE = 200
MATCHING = {
    ("difference_in_means", "welch"): lambda table, _: matching.difference_in_means(
        table, outcome="y", treatment="t"
    ),
    ("propensity_matching", "greedy"): lambda table, named: matching.propensity_matching(table, **named),
    ("propensity_matching", "with replacement"): lambda table, named: matching.propensity_matching(
        table, **named, replace=True
    ),
    ("inverse_probability_weighting", "att"): lambda table, named: matching.inverse_probability_weighting(
        table, **named
    ),
    ("augmented_weighting", "ate"): lambda table, named: matching.augmented_weighting(table, **named),
}


def matched(estimator: str, variant: str, world: str) -> Cell:
    """200 people, about 60 treated; nothing is brought about by the treatment."""
    named = {"outcome": "y", "treatment": "t", "covariates": ["x1", "x2"]}
    function = MATCHING[estimator, variant]

    def run(rng: np.random.Generator, draws: int) -> Tested:
        tables = (_people(world, rng) for _ in range(draws))
        return one_by_one(lambda table=table: function(table, named) for table in tables)

    return Cell(estimator, variant, f"{PEOPLE} people", world, run)


def _people(world: str, rng: np.random.Generator) -> pd.DataFrame:
    x1, x2, hidden = rng.standard_normal((3, PEOPLE))
    cause = 0.8 * (world == "unmeasured_cause") * hidden
    treated = rng.random(PEOPLE) < special.expit(-1 + 0.6 * x1 + 0.4 * x2 + cause)
    bent = (x1**2 if world == "curved_outcome" else x1) + 0.5 * x2
    # Treatment of the curved world follows the square, too, so that a line misses what matters.
    if world == "curved_outcome":
        treated = rng.random(PEOPLE) < special.expit(-1.4 + 0.5 * x1**2 + 0.4 * x2)
    y = bent + cause + rng.standard_normal(PEOPLE)
    return pd.DataFrame({"t": treated.astype("float64"), "x1": x1, "x2": x2, "y": y})


def limit(world: str) -> Cell:
    """Regression discontinuity with 400 people, by the kernel under `regression_discontinuity`."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        tables = [_at_limit(world, rng) for _ in range(draws)]
        rows = []
        for table in tables:
            running = discontinuity.read_running(
                table, outcome="y", running="x", cutoff=0.0, where="coverage"
            )
            robust = discontinuity.estimate_jump(running).table(LEVEL).iloc[2]
            rows.append((robust["lower"], robust["upper"], robust["p_value"]))
        lower, upper, p_value = np.array(rows, dtype="float64").T
        first = (
            lambda table=table: discontinuity.regression_discontinuity(
                table, outcome="y", running="x", cutoff=0.0
            )
            for table in tables[:2]
        )
        return same(Tested(lower, upper, p_value), first)

    return Cell("regression_discontinuity", "robust", "400 people", world, run)


def _at_limit(world: str, rng: np.random.Generator) -> pd.DataFrame:
    x = rng.uniform(-1, 1, 400)
    keen = rng.standard_normal(400)
    if world == "sorted_at_limit":
        # Within 0.15 short of the limit, the keen half finds the points that lack.
        x = np.where((x > -0.15) & (x < 0) & (keen > 0), rng.uniform(0, 0.15, 400), x)
    return pd.DataFrame({"x": x, "y": 0.8 * x + 0.6 * x**2 + keen + rng.standard_normal(400)})


def two_by_two(world: str) -> Cell:
    """Difference-in-differences of 4 x 30 different people, hc1, all draws at once."""
    arm, after = (part.repeat(PAIRS) for part in (np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])))

    def run(rng: np.random.Generator, draws: int) -> Tested:
        y = 20 + 4 * rng.standard_normal((draws, 4 * PAIRS))
        if world == "shock_of_a_group":
            y += rng.standard_normal((draws, 1)) * arm * after * 2
        x = np.column_stack([np.ones(4 * PAIRS), arm, after, arm * after])
        found = regression(x, np.array([0.0, 0, 0, 1]), None, "hc1").tested(y)
        table = pd.DataFrame({"t": arm, "p": after})
        first = (
            lambda row=row: did.did_2x2(table.assign(y=row), outcome="y", treatment="t", post="p")
            for row in y[:2]
        )
        return same(found, first)

    return Cell("did_2x2", "hc1", f"4 x {PAIRS} people", world, run)


def cells() -> list[Cell]:
    """All cells of people compared."""
    found = [two_by_two(world) for world in ("people_alike", "shock_of_a_group")]
    for world in ("measured_causes", "unmeasured_cause", "curved_outcome"):
        found += [matched(*key, world) for key in MATCHING]
    found += [limit(world) for world in ("smooth_at_limit", "sorted_at_limit")]
    return found
