"""Seeded, invented data for `indicators.py`, built alike by every interpreter (numpy and pandas only).

Every function gives the same numbers on both sides of a comparison. The full size is 300 areas x 30 years
x 50 indicators, 450 000 rows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

AREAS, YEARS, INDICATORS = 300, 30, 50
ROWS = AREAS * YEARS * INDICATORS
STRATIFIED = 22_500
FIRST_YEAR = 1991
AGES = ("0", "1-4", *(f"{first}-{first + 4}" for first in range(5, 95, 5)), "95-")


def counts(rows: int, seed: int = 1) -> pd.DataFrame:
    """Give plain columns `area, events, people`: small and large areas, no zero (a peer refuses zeros)."""
    random = np.random.default_rng(seed)
    people = np.round(random.lognormal(8.5, 1.0, rows)) + 100
    events = 1 + random.binomial(people.astype("int64") - 1, random.beta(2, 18, rows))
    area = [f"{number:06d}" for number in range(rows)]
    return pd.DataFrame({"area": area, "events": events.astype(float), "people": people})


def indicator_frame(statistic: str = "proportion", *, areas: int = AREAS, seed: int = 1) -> pd.DataFrame:
    """Give an indicator frame of 300 municipalities' worth of codes, 30 years and 50 indicators."""
    rows = areas * YEARS * INDICATORS
    number = np.arange(rows)
    plain = counts(rows, seed)
    year = number // areas % YEARS
    events = np.ceil(plain["events"] * np.exp(0.02 * np.minimum(year, 15)) * 0.7)
    events = np.minimum(events, plain["people"])
    per = 100.0 if statistic == "proportion" else 1000.0
    return pd.DataFrame(
        {
            "indicator": np.array([f"i{place:02d}" for place in range(INDICATORS)])[
                number // (areas * YEARS)
            ],
            "region_level": "hva",
            "region_code": np.array([f"{place:03d}" for place in range(areas)])[number % areas],
            "borders": 2026,
            "period": np.array([str(FIRST_YEAR + place) for place in range(YEARS)])[year],
            "value": per * events / plain["people"],
            "per": per,
            "numerator": events,
            "denominator": plain["people"],
            "status": "ok",
            "origin": "synthetic",
        }
    )


def by_age(groups: int, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Give events and people of the first `groups` areas, by age, with mortality that rises with age."""
    random = np.random.default_rng(seed)
    age = np.array([0.5, 3.0, *np.arange(7.5, 97, 5), 98.0])
    shape = (STRATIFIED, len(AGES))
    people = random.lognormal(6.5, 0.6, (STRATIFIED, 1)) * random.uniform(0.7, 1.3, shape)
    people = np.round(people * np.where(age > 80, 0.35, 1.0)) + 60
    risk = 4e-4 + 3e-5 * np.exp(0.09 * age)
    events = np.minimum(random.poisson(people * risk) + (age > 95), people)
    return events[:groups].astype(float), people[:groups]


def age_frame(events: np.ndarray, people: np.ndarray) -> pd.DataFrame:
    """Lay groups x ages out as an indicator frame; groups are areas of several years."""
    groups, ages = events.shape
    group = np.repeat(np.arange(groups), ages)
    return pd.DataFrame(
        {
            "indicator": "deaths",
            "region_level": "hva",
            "region_code": np.array([f"{place:03d}" for place in range(AREAS)])[group % AREAS],
            "borders": 2026,
            "period": np.array([str(1900 + place) for place in range(groups // AREAS + 1)])[group // AREAS],
            "age": np.tile(AGES, groups),
            "value": 1000 * events.ravel() / people.ravel(),
            "per": 1000.0,
            "numerator": events.ravel(),
            "denominator": people.ravel(),
            "status": "ok",
            "origin": "synthetic",
        }
    )


def incomes(size: int = 500, seed: int = 3) -> np.ndarray:
    """Give skewed positive values."""
    return np.random.default_rng(seed).lognormal(3.0, 0.6, size)


def ordered_groups(seed: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give values, people and standard errors of ten deprivation groups."""
    random = np.random.default_rng(seed)
    people = random.integers(900, 1500, 10).astype(float)
    return 14 - 0.6 * np.arange(10) + random.normal(0, 0.3, 10), people, np.full(10, 0.4)


def grid_neighbours(areas: int = AREAS, across: int = 20) -> list[tuple[int, int]]:
    """Give the pairs of areas that share a side on a grid."""
    pairs = []
    for area in range(areas):
        for other in (area - across, area + across, area - 1, area + 1):
            same_row = abs(other - area) == across or other // across == area // across
            if 0 <= other < areas and same_row:
                pairs.append((area, other))
    return pairs


def answers(respondents: int = 9000, items: int = 50, seed: int = 5) -> np.ndarray:
    """Give answers 1-5 that share one trait: respondents x items."""
    random = np.random.default_rng(seed)
    trait = random.normal(size=(respondents, 1))
    raw = 3 + 0.7 * trait + random.normal(0, 1, (respondents, items)) + random.normal(0, 0.4, items)
    return np.clip(np.round(raw), 1, 5)


def long_answers(respondents: int = 9000, items: int = 50, groups: int = 10) -> pd.DataFrame:
    """Give the same answers long, with the respondent's group."""
    table = answers(respondents, items)
    return pd.DataFrame(
        {
            "respondent": np.repeat(np.arange(respondents), items),
            "item": np.tile([f"k{place:02d}" for place in range(items)], respondents),
            "answer": table.ravel(),
            "organisation": np.repeat(
                np.array([f"O{place % groups}" for place in range(respondents)]), items
            ),
        }
    )


def codes(units: int, raters: int = 3, seed: int = 6) -> np.ndarray:
    """Give codes 0-4 of units x raters who mostly agree."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 5, (units, 1))
    return np.where(random.random((units, raters)) < 0.8, truth, random.integers(0, 5, (units, raters)))


def ratings(targets: int = 300, raters: int = 6, seed: int = 7) -> np.ndarray:
    """Give ratings of targets x raters."""
    random = np.random.default_rng(seed)
    return random.normal(5, 1, (targets, 1)) + random.normal(0, 0.8, (targets, raters))


def sample(size: int = ROWS, seed: int = 8) -> pd.DataFrame:
    """Give a survey sample: 30 strata, 40 clusters in each, unequal weights."""
    random = np.random.default_rng(seed)
    cluster = random.integers(0, 1200, size)
    score = 3 + 0.3 * np.sin(cluster) + random.normal(0, 1, size)
    return pd.DataFrame(
        {"stratum": cluster // 40, "cluster": cluster, "weight": random.uniform(0.5, 3, size), "score": score}
    )


def series(count: int = AREAS * INDICATORS, years: int = YEARS, seed: int = 9) -> np.ndarray:
    """Give series x years of positive rates that rise, then fall."""
    random = np.random.default_rng(seed)
    year = np.arange(years)
    turn = random.integers(8, 22, (count, 1))
    line = 0.03 * np.minimum(year, turn) - 0.02 * np.maximum(year - turn, 0)
    return np.exp(3 + line + random.normal(0, 0.05, (count, years)))
