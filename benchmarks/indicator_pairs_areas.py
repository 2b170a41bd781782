"""Comparisons on areas: inequality, smoothing, Moran's I, funnels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import indicator_data as data
import numpy as np
import pandas as pd
from indicator_task import Side, Task

from sosrake_lib.indicators import (
    funnel_classes,
    inequality,
    inequality_measures,
    moran,
    neighbours,
    rates,
    slope_index,
    smoothing,
)

Run = Callable[[], Any]
WEIGHTS = np.arange(len(data.AGES), 0, -1.0)


def our_gini() -> Run:
    values = data.incomes()

    def run() -> np.ndarray:
        found = inequality_measures.estimate("gini", values, replicates=20_000)
        return np.array([found.value, found.lower, found.upper])

    return run


def _gini(x: np.ndarray) -> float:
    x = np.sort(x)
    return float(2 * (np.arange(1, len(x) + 1) * x).sum() / (len(x) * x.sum()) - (len(x) + 1) / len(x))


def numpy_gini(replicates: int) -> Callable[[], Run]:
    def prepare() -> Run:
        values = data.incomes()

        def run() -> list[float]:
            random = np.random.default_rng(1)
            drawn = [_gini(random.choice(values, len(values))) for _ in range(replicates)]
            return [_gini(values), *np.quantile(drawn, [0.025, 0.975])]

        return run

    return prepare


def pandas_gini(replicates: int) -> Callable[[], Run]:
    def prepare() -> Run:
        values = pd.Series(data.incomes())

        def one(x: pd.Series) -> float:
            return float(2 * (x.rank() * x).sum() / (len(x) * x.sum()) - (len(x) + 1) / len(x))

        def run() -> list[float]:
            drawn = pd.Series([one(values.sample(frac=1, replace=True)) for _ in range(replicates)])
            return [one(values), *drawn.quantile([0.025, 0.975])]

        return run

    return prepare


def our_slope() -> Run:
    values, people, errors = data.ordered_groups()
    return lambda: [
        slope_index.slope_index(values, people, standard_errors=errors, replicates=100_000).sii,
    ]


def statsmodels_slope(replicates: int) -> Callable[[], Run]:
    def prepare() -> Run:
        import statsmodels.api as sm

        values, people, errors = data.ordered_groups()
        share = people / people.sum()
        place = sm.add_constant(np.cumsum(share) - share / 2)

        def run() -> list[float]:
            random = np.random.default_rng(1)
            for _ in range(replicates):
                sm.WLS(random.normal(values, errors), place, weights=share).fit()
            return [sm.WLS(values, place, weights=share).fit().params[1]]

        return run

    return prepare


def our_gini_frame() -> Run:
    frame = data.indicator_frame()
    return lambda: inequality.between_areas(frame)["value"].to_numpy()


def loop_gini_frame() -> Run:
    frame = data.indicator_frame().iloc[: 150 * data.AREAS]

    def one(rows: pd.DataFrame) -> float:
        rows = rows.sort_values("value")
        x, w = rows["value"], rows["denominator"]
        return (w * x * (2 * w.cumsum() - w)).sum() / (w.sum() * (w * x).sum()) - 1

    return lambda: [one(rows) for _, rows in frame.groupby(["indicator", "period"], sort=False)]


def our_smoothing() -> Run:
    frame = data.indicator_frame("rate")
    return lambda: smoothing.empirical_bayes(frame)["smoothed"].to_numpy()


def loop_smoothing() -> Run:
    frame = data.indicator_frame("rate").iloc[: 150 * data.AREAS]

    def one(rows: pd.DataFrame) -> pd.Series:
        x, n = rows["numerator"], rows["denominator"]
        m = x.sum() / n.sum()
        prior = max((n * (x / n - m) ** 2).sum() / n.sum() - m / n.mean(), 0)
        return 1000 * (m + prior / (prior + m / n) * (x / n - m))

    return lambda: pd.concat(
        [one(rows) for _, rows in frame.groupby(["indicator", "period"], sort=False)]
    ).to_numpy()


def our_moran() -> Run:
    values = data.incomes(data.AREAS)
    area, other = zip(*data.grid_neighbours(), strict=True)
    listed = neighbours.neighbours_from_pairs(area, other, range(data.AREAS))

    def run() -> np.ndarray:
        moran.permuted_moran(values, listed, permutations=9_999)
        return np.array([np.ravel(moran.morans_i(values, listed).statistic)[0]])

    return run


def numpy_moran(permutations: int) -> Callable[[], Run]:
    def prepare() -> Run:
        values = data.incomes(data.AREAS)
        w = np.zeros((data.AREAS, data.AREAS))
        for area, other in data.grid_neighbours():
            w[area, other] = 1
        w /= w.sum(axis=1, keepdims=True)

        def one(x: np.ndarray) -> float:
            z = x - x.mean()
            return float(len(z) / w.sum() * (z @ w @ z) / (z @ z))

        def run() -> list[float]:
            random = np.random.default_rng(1)
            drawn = [one(random.permutation(values)) for _ in range(permutations)]
            return [one(values)] if drawn else []

        return run

    return prepare


def our_funnel() -> Run:
    plain = data.counts(4_500)
    frame = rates.proportion(
        pd.DataFrame(
            {
                "indicator": "share",
                "region_level": "hva",
                "region_code": plain["area"],
                "borders": 2026,
                "period": "2019",
                "value": plain["events"] / plain["people"],
                "numerator": plain["events"],
                "denominator": plain["people"],
                "status": "ok",
                "origin": "synthetic",
            }
        )
    )

    def run() -> np.ndarray:
        found = funnel_classes.funnel_class(frame, method="funnel_normal")
        return np.array(funnel_classes.phe_significance(found["funnel_class"]))

    return run


def tasks() -> list[Task]:
    """List the comparisons on areas."""
    return [
        Task(
            "bootstrap of Gini",
            "20 000 replicates, n = 500",
            Side("inequality_measures.estimate", our_gini, 20_000),
            [
                Side("numpy loop", numpy_gini(2_000), 2_000, "limits: other draws"),
                Side("pandas loop", pandas_gini(200), 200, "limits: other, fewer draws"),
            ],
        ),
        Task(
            "Gini between areas with jackknife",
            "450 000 rows",
            Side("inequality.between_areas", our_gini_frame, 1_500),
            [Side("pandas loop", loop_gini_frame, 150, "no interval")],
        ),
        Task(
            "slope index, simulated limits",
            "100 000 replicates",
            Side("slope_index", our_slope, 100_000),
            [Side("statsmodels WLS refitted", statsmodels_slope(300), 300)],
        ),
        Task(
            "empirical Bayes, Poisson",
            "450 000 rows",
            Side("smoothing.empirical_bayes", our_smoothing, 1_500),
            [Side("pandas loop", loop_smoothing, 150, "no interval")],
        ),
        Task(
            "Moran's I, permutations",
            "9 999 of 300 areas",
            Side("moran.permuted_moran", our_moran, 9_999),
            [Side("numpy loop, dense", numpy_moran(1_000), 1_000)],
        ),
        Task(
            "funnel classes of proportions",
            "4 500 areas",
            Side("funnel_class", our_funnel, 4_500),
            [Side("PHStatsMethods funnel", None, 4_500)],
        ),
    ]
