"""Comparisons on counts: rates, standardisation (also of 20 million strata), life expectancy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import indicator_data as data
import numpy as np
import pandas as pd
from indicator_task import Side, Task

from sosrake_lib.indicators import (
    intervals,
    life_expectancy,
    rates,
    standardise,
    standardise_kernels,
)

Run = Callable[[], Any]
WEIGHTS = np.arange(len(data.AGES), 0, -1.0)


def _small(statistic: str) -> pd.DataFrame:
    """Give 45 000 rows as an indicator frame, the same counts as the peers' plain tables."""
    plain = data.counts(45_000)
    per = 100.0 if statistic == "proportion" else 1000.0
    return data.indicator_frame(areas=30).assign(
        per=per,
        numerator=plain["events"],
        denominator=plain["people"],
        value=per * plain["events"] / plain["people"],
    )


def our_proportions() -> Run:
    frame = _small("proportion")
    return lambda: rates.proportion(frame)[["lower", "upper"]].to_numpy()


def statsmodels_proportions() -> Run:
    from statsmodels.stats.proportion import proportion_confint

    plain = data.counts(45_000)
    return lambda: 100 * np.transpose(proportion_confint(plain["events"], plain["people"], method="wilson"))


def loop_proportions() -> Run:
    from statsmodels.stats.proportion import proportion_confint

    plain = data.counts(45_000).iloc[:4_500]

    def one(row: pd.Series) -> pd.Series:
        return pd.Series(proportion_confint(row["events"], row["people"], method="wilson"))

    return lambda: 100 * plain.apply(one, axis=1).to_numpy()


def our_rates() -> Run:
    frame = _small("rate")
    return lambda: rates.rate(frame)[["lower", "upper"]].to_numpy()


def statsmodels_rates() -> Run:
    from statsmodels.stats.rates import confint_poisson

    plain = data.counts(45_000)
    return lambda: 1000 * np.transpose(confint_poisson(plain["events"], plain["people"], method="exact-c"))


def our_wilson() -> Run:
    plain = data.counts(data.ROWS)
    x, n = plain["events"].to_numpy(), plain["people"].to_numpy()

    def run() -> np.ndarray:
        found = intervals.wilson(x, n)
        return np.column_stack([found.lower, found.upper])

    return run


def statsmodels_wilson() -> Run:
    from statsmodels.stats.proportion import proportion_confint

    plain = data.counts(data.ROWS)
    x, n = plain["events"].to_numpy(), plain["people"].to_numpy()
    return lambda: np.transpose(proportion_confint(x, n, method="wilson"))


def our_standardised() -> Run:
    frame = data.age_frame(*data.by_age(22_500))
    standard = pd.DataFrame({"age": data.AGES, "weight": WEIGHTS})

    def run() -> np.ndarray:
        found = standardise.direct(frame, standard).sort_values(["period", "region_code"])
        return found[["value", "lower", "upper"]].to_numpy()

    return run


def loop_standardised() -> Run:
    from scipy import stats

    events, people = data.by_age(22_500)
    frame = data.age_frame(events, people).iloc[: 450 * len(data.AGES)]
    weight = pd.Series(WEIGHTS, index=list(data.AGES))

    def one(rows: pd.DataFrame) -> list[float]:
        share = rows["age"].map(weight) / weight.sum() / rows["denominator"]
        rate, spread = (share * rows["numerator"]).sum(), (share**2 * rows["numerator"]).sum()
        total, z = rows["numerator"].sum(), stats.norm.ppf(0.975)
        low = total * (1 - 1 / (9 * total) - z / (3 * total**0.5)) ** 3
        more = total + 1
        high = more * (1 - 1 / (9 * more) + z / (3 * more**0.5)) ** 3
        step = (spread / total) ** 0.5
        return [1e5 * rate, 1e5 * (rate + step * (low - total)), 1e5 * (rate + step * (high - total))]

    return lambda: [one(rows) for _, rows in frame.groupby(["period", "region_code"], sort=False)]


def our_life() -> Run:
    frame = data.age_frame(*data.by_age(22_500))

    def run() -> np.ndarray:
        found = life_expectancy.life_expectancy(frame, minimum_population=0).expectancy
        return found.sort_values(["period", "region_code"])["value"].to_numpy()

    return run


def loop_life() -> Run:
    frame = data.age_frame(*data.by_age(22_500)).iloc[: 450 * len(data.AGES)]
    width = np.array([1, 4, *[5] * 18, np.inf])[: len(data.AGES)]

    def one(rows: pd.DataFrame) -> float:
        alive, lived = 1.0, 0.0
        for place, (_, row) in enumerate(rows.iterrows()):
            m = row["numerator"] / row["denominator"]
            if place == len(rows) - 1:
                return lived + alive / m
            a = 0.1 if place == 0 else 0.5
            q = width[place] * m / (1 + (1 - a) * width[place] * m)
            lived += width[place] * (alive * (1 - q) + a * alive * q)
            alive *= 1 - q
        return np.nan

    return lambda: [one(rows) for _, rows in frame.groupby(["period", "region_code"], sort=False)]


def _big_strata(groups: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Give about 20 million strata as categoricals, with the two columns of numbers."""
    ages = len(data.AGES)
    random = np.random.default_rng(10)
    group = np.repeat(np.arange(groups, dtype="int32"), ages)
    size = len(group)
    events, people = random.poisson(30, size).astype(float), random.integers(500, 5000, size).astype(float)
    labels = [f"{number:03d}" for number in range(data.AREAS)]
    years = [str(1900 + number) for number in range(100)]
    names = [f"i{number:02d}" for number in range(groups // 30_000 + 1)]

    def column(numbers: np.ndarray, words: list[str]) -> pd.Categorical:
        return pd.Categorical.from_codes(numbers, words)

    one = np.zeros(size, dtype="int8")
    frame = pd.DataFrame(
        {
            "indicator": column(group // 30_000, names),
            "region_level": column(one, ["hva"]),
            "region_code": column(group % data.AREAS, labels),
            "borders": np.int16(2026),
            "period": column(group // data.AREAS % 100, years),
            "sex": column(one, ["total"]),
            "age": column(np.tile(np.arange(ages, dtype="int8"), groups), list(data.AGES)),
            "group": column(one, ["all"]),
            "numerator": events,
            "denominator": people,
            "status": column(one, ["ok"]),
            "origin": column(one, ["synthetic"]),
        }
    )
    return frame, events, people


def big_frame(groups: int) -> tuple[Callable[[], Run], Callable[[], Run]]:
    """Standardise about 20 million strata through the frame, ours and a pandas groupby on categoricals."""
    kept: list[pd.DataFrame] = []

    def frame() -> pd.DataFrame:
        if not kept:
            kept.append(_big_strata(groups)[0])
        return kept[0]

    def ours() -> Run:
        rows = frame()
        standard = pd.DataFrame({"age": data.AGES, "weight": WEIGHTS})
        key = ["indicator", "region_code", "period"]
        return lambda: standardise.direct(rows, standard).sort_values(key)["value"].to_numpy()

    def grouped() -> Run:
        rows = frame()
        key = ["indicator", "region_code", "period"]

        def run() -> np.ndarray:
            part = WEIGHTS[rows["age"].cat.codes] * rows["numerator"] / rows["denominator"]
            sums = rows[key].assign(part=part).groupby(key, observed=True, sort=True)["part"].sum()
            return 1e5 * sums.to_numpy() / WEIGHTS.sum()

        return run

    return ours, grouped


def big_arrays(groups: int) -> tuple[Callable[[], Run], Callable[[], Run]]:
    """Sum the same strata on arrays, ours and numpy.bincount."""
    shape = (groups, len(data.AGES))

    def numbers() -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng(10)
        size = shape[0] * shape[1]
        return random.poisson(30, size).astype(float), random.integers(500, 5000, size).astype(float)

    def ours() -> Run:
        events, people = numbers()
        return lambda: (
            standardise_kernels.direct_sums(events.reshape(shape), people.reshape(shape), WEIGHTS).rate
        )

    def counted() -> Run:
        events, people = numbers()
        group = np.repeat(np.arange(groups), shape[1])
        weight = np.tile(WEIGHTS / WEIGHTS.sum(), groups)
        return lambda: np.bincount(group, weight * events / people, groups)

    return ours, counted


AGES = len(data.AGES)


def tasks(groups: int) -> list[Task]:
    """List the comparisons on counts; `groups` sets the size of the large standardisation."""
    our_big, grouped = big_frame(groups)
    our_arrays, counted = big_arrays(groups)
    return [
        Task(
            "proportions, Wilson, through the frame",
            "45 000 rows",
            Side("rates.proportion", our_proportions, 45_000),
            [
                Side("statsmodels arrays", statsmodels_proportions, 45_000, "arrays, no frame"),
                Side("PHStatsMethods proportions", None, 45_000),
                Side("pandas loop", loop_proportions, 4_500),
            ],
        ),
        Task(
            "proportions, Wilson, arrays",
            "450 000 rows",
            Side("intervals.wilson", our_wilson, data.ROWS),
            [Side("statsmodels", statsmodels_wilson, data.ROWS)],
        ),
        Task(
            "rates, exact below 10 and Byar",
            "45 000 rows",
            Side("rates.rate", our_rates, 45_000),
            [
                Side("statsmodels arrays", statsmodels_rates, 45_000, "exact at every size; arrays"),
                Side("PHStatsMethods rates", None, 45_000),
            ],
        ),
        Task(
            "direct standardisation, Dobson",
            "22 500 areas x 21 ages",
            Side("standardise.direct", our_standardised, 22_500),
            [
                Side("PHStatsMethods standardised", None, 2_250),
                Side("pandas loop", loop_standardised, 450),
            ],
        ),
        Task(
            f"{groups * AGES / 1e6:.1f} million strata, arrays",
            f"{groups} areas",
            Side("standardise_kernels.direct_sums", our_arrays, groups),
            [Side("numpy.bincount", counted, groups)],
        ),
        Task(
            f"{groups * AGES / 1e6:.1f} million strata, through the frame",
            f"{groups} areas",
            Side("standardise.direct", our_big, groups),
            [Side("pandas groupby, categoricals", grouped, groups, "no checks, no interval")],
        ),
        Task(
            "life expectancy with limits",
            "22 500 areas x 21 ages",
            Side("life_expectancy", our_life, 22_500),
            [Side("pandas loop", loop_life, 450, "no limits")],
        ),
    ]
