"""Life expectancy of areas by an abridged life table, with intervals, from any closed set of ages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.age_groups import closed_set
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.life_table import MINIMUM_POPULATION, LifeTables, life_tables
from sosrake_lib.indicators.strata import Strata, collect

_FUNCTION = "life_expectancy.life_expectancy"
_COLUMNS = {
    "mortality": "mortality",
    "probability": "probability_of_dying",
    "survivors": "survivors",
    "dying": "dying",
    "years": "years_lived",
    "years_beyond": "years_beyond",
    "expectancy": "expectancy",
}


@dataclass(frozen=True, slots=True, eq=False)
class LifeExpectancy:
    """Expectancies and the tables behind them.

    `expectancy` is an analysed indicator frame (see `life_expectancy`). `tables` has one row a group and age:
    the group's key, `age, start_age, deaths, population, fraction, mortality, probability_of_dying,
    survivors` (of 100 000), `dying, years_lived, years_beyond, expectancy, standard_error, reason`.
    """

    expectancy: pd.DataFrame
    tables: pd.DataFrame


def life_expectancy(
    frame: pd.DataFrame,
    at_ages: Iterable[int] = (0,),
    *,
    by: Sequence[str] | None = None,
    confidence: Iterable[float] | float = (0.95,),
    fraction: Sequence[float] | None = None,
    minimum_population: float = MINIMUM_POPULATION,
    missing_counts: str = "missing",
) -> LifeExpectancy:
    """Compute how many more years people of an age would live at the area's present mortality.

    It sums the mortality of all ages up to one number that does not depend on how old the area's people are:
    areas may be compared. It is no forecast for those born now. Method: Chiang's second, with Silcocks'
    variance of the last age; formulas in `life_table.life_tables`.

    Parameters
    ----------
    frame : indicator frame with one row an age, `numerator` deaths and `denominator` people (or
        person-years). The ages follow one another without gap and the last is open: 0, 1-4, 5-9, ..., 90-;
        wider ages will do too (0-14, 15-64, 65-), less exactly. Leave totals out.
    at_ages : ages at whose beginning the expectancy is told; each begins one of the frame's ages.
    by : key columns that make a group; left out, all but `age`.
    confidence : one or several two-sided levels.
    fraction : fraction of each age that those who die in it live, by age; left out, 0.1 in the first year
        of life and 0.5 otherwise.
    minimum_population : people below which a group has no expectancy (reason `small_population`). For small
        areas join years or areas.
    missing_counts : what an empty numerator means: "missing" or "zero" (see `standardise.direct`).

    Returns
    -------
    LifeExpectancy. Its `expectancy` has one row a group, age and confidence: `age` the exact age as text
    ("0", "65"), `value, lower, upper` in years (`per` 1), `numerator` deaths and `denominator` people from
    that age on, `statistic` life_expectancy, `method` chiang_silcocks, and beside them `at_age,
    standard_error, ages_used, ages_expected, reason`. A group without one has status missing, and `reason`
    says why: part_not_published, age_absent, count_missing, population_missing, zero_population,
    small_population, deaths_above_population, no_deaths_in_last_age, probability_above_one.

    Raises
    ------
    FrameError when ages overlap, leave a gap or are not open at the end, an age of `at_ages` begins none of
    them, an age stands twice, or a count is negative.

    Compared with PHEindicatormethods (tests/reference/life_expectancy.csv) and a plain loop. Sources: Chiang
    (1984); doi 10.1136/jech.55.1.38; doi 10.1136/jech.2003.009654.

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": "kuolleet", "region_level": "hva", "region_code": "11",
    ...     "borders": 2026, "period": "2019", "age": ["0-14", "15-64", "65-"], "numerator": [4, 60, 300],
    ...     "denominator": [7_500, 30_000, 7_500], "status": "ok", "origin": "synthetic"})
    >>> found = life_expectancy(area, at_ages=[0, 65])
    >>> print(found.expectancy[["age", "value", "lower", "upper"]].round(1).to_string(index=False))
    age  value  lower  upper
      0   84.6   81.8   87.5
     65   25.0   22.2   27.8
    """
    levels = levels_of(confidence, _FUNCTION)
    ages = _ages(frame)
    strata = collect(frame, ages[["age"]], by=by, function=_FUNCTION, missing_counts=missing_counts)
    tables = life_tables(
        ages["start_age"].tolist(),
        strata.count,
        strata.population,
        fraction=fraction,
        minimum_population=minimum_population,
    )
    reason = np.where(strata.reason != "", strata.reason, tables.refusal)
    places = _places(at_ages, ages["start_age"].tolist())
    parts = [_row_each(strata, tables, reason, place, level) for level in levels for place in places]
    expectancy = frames.check(pd.concat(parts, ignore_index=True), file=_FUNCTION)
    return LifeExpectancy(expectancy, _long(strata, tables, reason, ages))


def _ages(frame: pd.DataFrame) -> pd.DataFrame:
    if "age" not in frame or frame.empty:
        raise FrameError(f"{_FUNCTION}: the frame has no rows by age; expected a column age, one row an age")
    labels = [str(label) for label in frame["age"].unique()]
    read = closed_set(labels, _FUNCTION)
    found = pd.DataFrame({"age": labels, "start_age": [one.first for one in read]})
    if len(found) < 2:
        raise FrameError(f"{_FUNCTION}: column age has only {labels[0]!r}; a life table needs several ages")
    return found.sort_values("start_age", ignore_index=True)


def _places(at_ages: Iterable[int], start_ages: list[int]) -> list[int]:
    wanted = list(dict.fromkeys(at_ages))
    wrong = [age for age in wanted if age not in start_ages]
    if wrong or not wanted:
        raise FrameError(
            f"{_FUNCTION}: at_ages {wanted!r}: expected ages at which an age of the frame begins: "
            + ", ".join(map(str, start_ages))
        )
    return [start_ages.index(age) for age in wanted]


def _row_each(
    strata: Strata, tables: LifeTables, reason: np.ndarray, place: int, level: float
) -> pd.DataFrame:
    """Make each group's row of one age and confidence."""
    # A group that its rows refuse may still have numbers in the matrix; none of them is shown.
    shown = (reason == "") & np.isfinite(tables.expectancy[:, place])
    limits = tables.limits(level)
    later = np.ones(strata.count.shape[1] - place)
    return strata.groups.assign(
        age=f"{tables.start_age[place]:.0f}",
        value=np.where(shown, tables.expectancy[:, place], np.nan),
        lower=np.where(shown, limits.lower[:, place], np.nan),
        upper=np.where(shown, limits.upper[:, place], np.nan),
        per=1.0,
        numerator=np.where(shown, strata.count[:, place:] @ later, np.nan),
        denominator=np.where(shown, strata.population[:, place:] @ later, np.nan),
        status=np.where(shown, "ok", "missing"),
        statistic="life_expectancy",
        method="chiang_silcocks",
        confidence=level,
        at_age=int(tables.start_age[place]),
        standard_error=np.where(shown, np.sqrt(tables.variance[:, place]), np.nan),
        ages_used=strata.used,
        ages_expected=strata.count.shape[1],
        reason=reason,
    )


def _long(strata: Strata, tables: LifeTables, reason: np.ndarray, ages: pd.DataFrame) -> pd.DataFrame:
    groups, width = strata.count.shape
    shown = np.repeat(reason == "", width)
    keys = strata.groups.drop(columns=["age", "break_before"])
    found = keys.loc[keys.index.repeat(width)].reset_index(drop=True)
    found["age"] = np.tile(ages["age"].to_numpy(), groups)
    found["start_age"] = np.tile(ages["start_age"].to_numpy(), groups)
    found["deaths"] = strata.count.ravel()
    found["population"] = strata.population.ravel()
    found["fraction"] = np.tile(tables.fraction, groups)
    for name, column in _COLUMNS.items():
        found[column] = np.where(shown, getattr(tables, name).ravel(), np.nan)
    found["standard_error"] = np.where(shown, np.sqrt(tables.variance.ravel()), np.nan)
    found["reason"] = np.repeat(reason, width)
    return found
