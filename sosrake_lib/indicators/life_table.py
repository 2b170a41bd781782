"""Abridged life tables: a kernel on matrices areas x ages, and one area's table to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.age_groups import read_age
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Interval

Floats = NDArray[np.float64]

# Why an area has no table, the first that holds; "" where it has one.
REFUSALS = (
    "count_missing",
    "negative_count",
    "zero_population",
    "small_population",
    "deaths_above_population",
    "no_deaths_in_last_age",
    "probability_above_one",
)
MINIMUM_POPULATION = 5_000
_RADIX = 100_000.0
_BY_AGE = (*("mortality", "probability", "survivors", "dying", "years", "years_beyond", "expectancy"),)


@dataclass(frozen=True, slots=True, eq=False)
class LifeTables:
    """Life tables of areas x ages, each column as demography names it.

    `mortality` m (deaths a person-year), `probability` q of dying within the age, `survivors` l of 100 000,
    `dying` d, `years` L lived within the age, `years_beyond` T, `expectancy` e at the age's beginning, its
    `variance`; `start_age` and `fraction` a belong to the ages, `refusal` to the areas. A refused area's
    columns are NaN.
    """

    start_age: Floats
    fraction: Floats
    mortality: Floats
    probability: Floats
    survivors: Floats
    dying: Floats
    years: Floats
    years_beyond: Floats
    expectancy: Floats
    variance: Floats
    refusal: NDArray[np.str_]

    def limits(self, confidence: float = 0.95) -> Interval:
        """Give the normal interval of every expectancy: e ± z · sqrt(variance)."""
        half = special.ndtri(0.5 + one_level(confidence) / 2) * np.sqrt(self.variance)
        return Interval(self.expectancy - half, self.expectancy + half)


def life_tables(
    start_age: Sequence[float],
    deaths: ArrayLike,
    population: ArrayLike,
    *,
    fraction: Sequence[float] | None = None,
    minimum_population: float = MINIMUM_POPULATION,
) -> LifeTables:
    """Build abridged life tables by Chiang's second method, with Silcocks' variance of the last age.

    Formulas, n the age's width, a the fraction of it that those who die in it live: m = deaths / population,
    q = n m / (1 + (1 - a) n m), 1 in the last; L = n (l' + a d), l / m in the last, l' the next age's l;
    e = T / l. Variance of e = sum over this and later ages of l² ((1 - a) n + e')² q² (1 - q) / deaths, over
    the square of this age's l; the last age adds l² / (deaths · m²) (Silcocks), which Chiang leaves out.

    Parameters
    ----------
    start_age : beginnings of the ages, increasing; the last age is open. Any closed set will do.
    deaths, population : areas x ages; population is person-years or people of the middle of the period.
    fraction : a of each age; left out, 0.1 for a first year of life (0 to 1) and 0.5 otherwise. With a
        first age of 0-4 give your own (deaths come early in it). The last age's is not used.
    minimum_population : people of all ages below which an area has no table: with fewer than 5 000 the
        normal interval is not to be trusted (Eayres & Williams 2004).

    Returns
    -------
    LifeTables; an area that cannot have a table has a `refusal` (one of REFUSALS) and NaN.

    Raises
    ------
    SosrakeError when the ages do not increase, there is only one, or the shapes or fractions do not fit.

    Compared with PHEindicatormethods and with a plain loop over ages. Sources: Chiang (1984) The life table
    and its applications; Silcocks et al. (2001), doi 10.1136/jech.55.1.38; Eayres & Williams (2004),
    doi 10.1136/jech.2003.009654 (also a = 0.1 in the first year).

    Examples
    --------
    >>> found = life_tables([0, 65], [[40, 90]], [[8_000, 1_500]])
    >>> print(found.expectancy.round(2), found.refusal)
    [[67.92 16.67]] ['']
    """
    ages, x, n = _shaped(start_age, deaths, population)
    a = _fractions(ages, fraction)
    width = np.diff(ages)
    refusal = _refusals(x, n, minimum_population)
    with np.errstate(divide="ignore", invalid="ignore"):
        m = x / n
        q = np.ones_like(m)
        q[:, :-1] = width * m[:, :-1] / (1 + (1 - a[:-1]) * width * m[:, :-1])
    refusal = np.where((refusal == "") & (q > 1).any(axis=1), "probability_above_one", refusal)
    able = refusal == ""
    m, q = (np.where(able[:, None], column, np.nan) for column in (m, q))
    survivors: Floats = np.full(q.shape, _RADIX)
    survivors[:, 1:] *= np.cumprod(1 - q[:, :-1], axis=1)
    survivors[~able] = np.nan
    dying = survivors * q
    years = np.empty_like(survivors)
    years[:, :-1] = width * (survivors[:, 1:] + a[:-1] * dying[:, :-1])
    years[:, -1] = survivors[:, -1] / m[:, -1]
    beyond = _from_here(years)
    # Nobody reaches an age after one that all die in: no expectancy there.
    expectancy: Floats = np.full(beyond.shape, np.nan)
    np.divide(beyond, survivors, out=expectancy, where=survivors > 0)
    variance = _variance(survivors, q, expectancy, x, m, width, a)
    return LifeTables(ages, a, m, q, survivors, dying, years, beyond, expectancy, variance, refusal)


def _variance(
    survivors: Floats, q: Floats, expectancy: Floats, deaths: Floats, m: Floats, width: Floats, a: Floats
) -> Floats:
    # q² (1 - q) / deaths is 0 where nobody died, as q is.
    spread = np.divide(q**2 * (1 - q), deaths, out=np.zeros_like(q), where=deaths > 0)
    term = np.empty_like(q)
    term[:, :-1] = (
        survivors[:, :-1] ** 2
        * ((1 - a[:-1]) * width + np.nan_to_num(expectancy[:, 1:])) ** 2
        * spread[:, :-1]
    )
    last = np.isfinite(m[:, -1])
    term[:, -1] = np.nan
    term[last, -1] = survivors[last, -1] ** 2 / (deaths[last, -1] * m[last, -1] ** 2)
    total = _from_here(term)
    return np.divide(total, survivors**2, out=np.full_like(total, np.nan), where=survivors > 0)


def _from_here(values: Floats) -> Floats:
    """Sum each row from every place to its end."""
    return np.cumsum(values[:, ::-1], axis=1)[:, ::-1]


def _shaped(
    start_age: Sequence[float], deaths: ArrayLike, population: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    ages = np.asarray(start_age, dtype="float64")
    x, n = np.atleast_2d(np.asarray(deaths, "float64")), np.atleast_2d(np.asarray(population, "float64"))
    if ages.ndim != 1 or len(ages) < 2 or not (np.diff(ages) > 0).all() or ages[0] < 0:
        raise SosrakeError(
            f"life_tables: start_age {list(start_age)!r}: expected at least two ages from 0 up, each "
            "above the one before; the last is open"
        )
    if x.shape != n.shape or x.shape[1] != len(ages):
        raise SosrakeError(
            f"life_tables: deaths {x.shape} and population {n.shape} do not fit {len(ages)} ages; "
            "expected areas x ages"
        )
    return ages, x, n


def _fractions(ages: Floats, fraction: Sequence[float] | None) -> Floats:
    if fraction is None:
        first = 0.1 if ages[0] == 0 and ages[1] == 1 else 0.5
        return np.array([first, *np.full(len(ages) - 1, 0.5)])
    given = np.asarray(fraction, dtype="float64")
    if given.shape == (len(ages) - 1,):
        given = np.append(given, 0.5)
    if given.shape != ages.shape or not ((given > 0) & (given < 1)).all():
        raise SosrakeError(
            f"life_tables: fraction {list(fraction)!r}: expected one number between 0 and 1 for each of the "
            f"{len(ages)} ages (the last, open one may be left out)"
        )
    return given


def _refusals(x: Floats, n: Floats, minimum_population: float) -> NDArray[np.str_]:
    conditions = [
        (~np.isfinite(x) | ~np.isfinite(n)).any(axis=1),
        ((x < 0) | (n < 0)).any(axis=1),
        (n == 0).any(axis=1),
        n.sum(axis=1) < minimum_population,
        (x > n).any(axis=1),
        x[:, -1] == 0,
    ]
    return np.select(conditions, REFUSALS[:-1], default="")


def table_of(
    ages: Sequence[str | float],
    deaths: ArrayLike,
    population: ArrayLike,
    *,
    at_ages: Sequence[float] | None = None,
    confidence: float = 0.95,
    fraction: Sequence[float] | None = None,
    minimum_population: float = MINIMUM_POPULATION,
) -> pd.DataFrame:
    """Build one area's life table from its ages in any order.

    Parameters
    ----------
    ages : beginnings (0, 1, 5, ...) or texts ("0", "1-4", "5-9", "90+"), whose ends are not read: each age
        lasts until the next begins.
    deaths, population : one number an age.
    at_ages : keep the rows of these start ages only, in this order; left out, all.
    confidence, fraction (by start age, ascending), minimum_population : as `life_tables`.

    Returns
    -------
    DataFrame `start_age, deaths, population, fraction, mortality, probability, survivors, dying, years,
    years_beyond, expectancy, lower, upper, variance, refusal`, one row an age, ascending.

    Raises
    ------
    SosrakeError as `life_tables`, and when an age of `at_ages` begins none of them.

    Examples
    --------
    >>> found = table_of(["65+", "0-64"], [90, 40], [1_500, 8_000], at_ages=[65])
    >>> print(found[["start_age", "expectancy", "lower", "upper"]].round(2).to_string(index=False))
     start_age  expectancy  lower  upper
          65.0       16.67  13.22  20.11
    """
    starts = np.array([read_age(age).first if isinstance(age, str) else float(age) for age in ages])
    given = pd.DataFrame({"start_age": starts, "deaths": deaths, "population": population}).astype("float64")
    given = given.sort_values("start_age", ignore_index=True)
    tables = life_tables(
        given["start_age"].tolist(),
        given[["deaths"]].to_numpy().T,
        given[["population"]].to_numpy().T,
        fraction=fraction,
        minimum_population=minimum_population,
    )
    limits = tables.limits(confidence)
    found = given.assign(
        fraction=tables.fraction,
        **{name: getattr(tables, name)[0] for name in _BY_AGE},
        lower=limits.lower[0],
        upper=limits.upper[0],
        variance=tables.variance[0],
        refusal=str(tables.refusal[0]),
    )
    if at_ages is None:
        return found
    wrong = [age for age in at_ages if age not in set(starts)]
    if wrong:
        raise SosrakeError(
            f"table_of: at_ages {wrong[0]!r} begins none of the ages; expected one of "
            + ", ".join(f"{start:g}" for start in found["start_age"])
        )
    return found.set_index("start_age", drop=False).loc[list(at_ages)].reset_index(drop=True)
