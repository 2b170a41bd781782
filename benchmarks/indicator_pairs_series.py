"""Comparisons on series and composite indices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import indicator_data as data
import numpy as np
import pandas as pd
from indicator_task import Side, Task

from sosrake_lib.indicators import (
    composite,
    composite_framework,
    composite_sampling,
    joinpoints,
    rates,
    trend_kernels,
    trends,
)

Run = Callable[[], Any]
YEAR = np.arange(data.YEARS, dtype=float)
DIRECTIONS = {f"i{place:02d}": 1 if place % 3 else -1 for place in range(data.INDICATORS)}


def series_frame() -> pd.DataFrame:
    """Lay the series out as an indicator frame."""
    frame = data.indicator_frame().sort_values(["indicator", "region_code", "period"], ignore_index=True)
    return frame.assign(value=data.series().ravel(), numerator=np.nan, denominator=np.nan)


def our_change() -> Run:
    frame = series_frame()
    return lambda: trends.annual_percent_change(frame)[["value", "lower", "upper"]].to_numpy()


def statsmodels_change() -> Run:
    import statsmodels.api as sm

    values = np.log(data.series()[:300])
    design = sm.add_constant(YEAR)

    def one(y: np.ndarray) -> list[float]:
        fitted = sm.OLS(y, design).fit()
        low, high = fitted.conf_int()[1]
        return [100 * np.expm1(number) for number in (fitted.params[1], low, high)]

    return lambda: [one(y) for y in values]


def _events() -> tuple[np.ndarray, np.ndarray]:
    people = np.full((data.AREAS * data.INDICATORS, data.YEARS), 10_000.0)
    return np.random.default_rng(11).poisson(data.series()).astype(float), people


def our_poisson() -> Run:
    events, people = _events()
    return lambda: trend_kernels.poisson(YEAR, events, people).slope


def statsmodels_poisson() -> Run:
    import statsmodels.api as sm

    events, people = _events()
    design = sm.add_constant(YEAR)

    def one(y: np.ndarray, n: np.ndarray) -> float:
        return sm.GLM(y, design, family=sm.families.Poisson(), offset=np.log(n)).fit().params[1]

    return lambda: [one(y, n) for y, n in zip(events[:150], people[:150], strict=True)]


def our_joinpoints() -> Run:
    values = data.series()
    return lambda: joinpoints.fit(YEAR, values, 1, place="grid").rss


def statsmodels_joinpoints() -> Run:
    import statsmodels.api as sm

    values = np.log(data.series()[:60])
    designs = [
        sm.add_constant(np.column_stack([YEAR, np.maximum(YEAR - turn, 0)]))
        for turn in range(2, data.YEARS - 2)
    ]
    return lambda: [min(sm.OLS(y, design).fit().ssr for design in designs) for y in values]


def our_index() -> Run:
    frame = data.indicator_frame()
    framework = composite_framework.flat(DIRECTIONS)

    def run() -> np.ndarray:
        found = composite.index(frame, framework, "z_score").sort_values(["period", "region_code"])
        return found["value"].to_numpy()

    return run


def pandas_index() -> Run:
    frame = data.indicator_frame()

    def run() -> np.ndarray:
        by = frame.groupby(["indicator", "period"])["value"]
        score = (frame["value"] - by.transform("mean")) / by.transform("std")
        turned = frame.assign(score=score * frame["indicator"].map(DIRECTIONS))
        return turned.groupby(["period", "region_code"])["score"].mean().to_numpy()

    return run


def _one_year() -> pd.DataFrame:
    frame = data.indicator_frame()
    return rates.proportion(frame[frame["period"] == "2019"])


def our_sampling() -> Run:
    frame, framework = _one_year(), composite_framework.flat(DIRECTIONS)

    def run() -> np.ndarray:
        found = composite_sampling.sampling_error(frame, framework, "z_score", draws=2_000).frame
        return found.sort_values("region_code")["value"].to_numpy()

    return run


def pandas_sampling() -> Run:
    frame = _one_year()
    sign = frame["indicator"].map(DIRECTIONS)

    def index(value: pd.Series) -> pd.Series:
        by = value.groupby(frame["indicator"])
        score = sign * (value - by.transform("mean")) / by.transform("std")
        return score.groupby(frame["region_code"]).mean()

    def run() -> np.ndarray:
        random = np.random.default_rng(1)
        error = (frame["upper"] - frame["lower"]) / 3.92
        drawn = [index(frame["value"] + random.normal(size=len(frame)) * error) for _ in range(50)]
        pd.concat(drawn, axis=1).quantile([0.025, 0.975], axis=1)
        return index(frame["value"]).to_numpy()

    return run


def tasks() -> list[Task]:
    """List the comparisons on series and composite indices."""
    many = data.AREAS * data.INDICATORS
    return [
        Task(
            "annual percent change, log-linear",
            "15 000 series of 30 years",
            Side("trends.annual_percent_change", our_change, many),
            [Side("statsmodels OLS", statsmodels_change, 300)],
        ),
        Task(
            "annual percent change, Poisson, arrays",
            "15 000 series of 30 years",
            Side("trend_kernels.poisson", our_poisson, many),
            [Side("statsmodels GLM", statsmodels_poisson, 150)],
        ),
        Task(
            "one joinpoint, grid, arrays",
            "15 000 series of 30 years",
            Side("joinpoints.fit", our_joinpoints, many),
            [Side("statsmodels OLS at every year", statsmodels_joinpoints, 60, "no errors computed")],
        ),
        Task(
            "composite index, z-scores",
            "450 000 rows",
            Side("composite.index", our_index, data.ROWS),
            [Side("pandas groupby", pandas_index, data.ROWS, "no checks, nothing missing, no branches")],
        ),
        Task(
            "composite index with sampling error",
            "2 000 draws of 300 areas x 50",
            Side("composite_sampling", our_sampling, 2_000),
            [Side("pandas loop", pandas_sampling, 50, "normal draws only")],
        ),
    ]
