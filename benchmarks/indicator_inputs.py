"""The data behind the calls of the sweep: frames, answers, records of the full size, each made once."""

from __future__ import annotations

from functools import cache

import indicator_data as data
import numpy as np
import pandas as pd

from sosrake_lib.indicators import (
    rates,
    recording,
    scales,
)

HERE = scales.Place("hva", "E1", 2026, "2020", "synthetic")


@cache
def frame() -> pd.DataFrame:
    return data.indicator_frame()


@cache
def events() -> pd.DataFrame:
    return data.indicator_frame("rate")


@cache
def shares() -> pd.DataFrame:
    return rates.proportion(frame())


@cache
def one_year() -> pd.DataFrame:
    return shares()[shares()["period"] == "2019"].reset_index(drop=True)


@cache
def one_area() -> pd.DataFrame:
    """Stand in for the country: one area a key."""
    return frame()[frame()["region_code"] == "000"].assign(region_level="maa", region_code="SSS")


@cache
def ages() -> pd.DataFrame:
    return data.age_frame(*data.by_age(data.STRATIFIED)).iloc[: data.ROWS // len(data.AGES) * len(data.AGES)]


@cache
def standard() -> pd.DataFrame:
    return pd.DataFrame({"age": data.AGES, "weight": np.arange(len(data.AGES), 0, -1.0)})


@cache
def country() -> pd.DataFrame:
    return ages().groupby("age", sort=False)[["numerator", "denominator"]].sum().reset_index()


@cache
def pairs() -> pd.DataFrame:
    area, other = zip(*data.grid_neighbours(), strict=True)
    name = "{:03d}".format
    return pd.DataFrame({"region_code": map(name, area), "neighbour_code": map(name, other)})


@cache
def ranked() -> pd.DataFrame:
    """Add a deprivation rank and the county of each area."""
    number = frame()["region_code"].astype(int)
    return shares().assign(
        deprivation=(number * 37 % 301).to_numpy(), county=[f"c{one % 20}" for one in number]
    )


@cache
def half_years() -> pd.DataFrame:
    year, half = np.divmod(frame()["period"].astype(int) - data.FIRST_YEAR, 2)
    period = (year + 2000).astype(str) + "-H" + (half + 1).astype(str)
    return frame().assign(period=period)


@cache
def persons() -> pd.DataFrame:
    """Give how many persons had one, two or three events, for `repeat_events.add_squares`."""
    key = ["indicator", "region_code", "period"]
    return events()[key].assign(events_per_person=1, persons=events()["numerator"])


@cache
def repeated() -> pd.DataFrame:
    numbers = events()["numerator"]
    return events().assign(sum_of_squared_events=np.minimum(2 * numbers, numbers**2))


@cache
def frequencies() -> pd.DataFrame:
    third = frame().iloc[: data.ROWS // 3].assign(age="all")
    parts = [third.assign(events_each=times, numerator=10.0 * times) for times in (1, 2, 3)]
    return pd.concat(parts, ignore_index=True)


@cache
def deviations() -> pd.DataFrame:
    return frame().assign(standard_deviation=2.0, denominator=50.0, numerator=np.nan)


@cache
def entries() -> pd.DataFrame:
    random = np.random.default_rng(13)
    size = data.ROWS
    month = random.integers(0, 36, size)
    contact = pd.Timestamp("2019-01-01") + pd.to_timedelta(month * 30, unit="D")
    return pd.DataFrame(
        {
            "unit": np.array([f"U{place}" for place in range(20)])[random.integers(0, 20, size)],
            "period": np.array([f"{2019 + one // 12}-{one % 12 + 1:02d}" for one in range(36)])[month],
            "worker": random.integers(0, 400, size),
            "need": np.where(random.random(size) < 0.8, "x", None),
            "contact": contact,
            "recorded": contact + pd.to_timedelta(random.integers(0, 40, size), unit="D"),
        }
    )


@cache
def answers() -> pd.DataFrame:
    return data.long_answers()


@cache
def gaps() -> pd.DataFrame:
    random = np.random.default_rng(12)
    table = answers().rename(columns={"answer": "importance"})
    skill = np.clip(table["importance"] - random.integers(-1, 3, len(table)), 1, 5)
    return table.assign(skill=skill, need=random.integers(1, 4, len(table)).astype(float))


@cache
def sheet() -> pd.DataFrame:
    table = pd.DataFrame(data.answers(), columns=[f"k{place:02d}.osaaminen" for place in range(50)])
    return table.assign(respondent=np.arange(len(table)))


@cache
def coded() -> pd.DataFrame:
    rows = data.codes(data.ROWS // 3)
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(len(rows)), 3),
            "rater": np.tile(["A", "B", "C"], len(rows)),
            "code": rows.ravel(),
        }
    )


def counted_records() -> recording.Counts:
    return recording.counted(
        entries(),
        unit="unit",
        period="period",
        recorder="worker",
        required=["need"],
        contact="contact",
        recorded="recorded",
    )


@cache
def recorded() -> recording.Counts:
    return counted_records()
