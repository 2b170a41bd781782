"""Interval kernels of a count of events: counts in, limits in counts out. Used through `intervals`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.interval_form import (
    Floats,
    Interval,
    checked_level,
    floats,
    normal_quantile,
    refuse,
    refuse_counts,
)

EXACT_BELOW = 10.0
CLUSTERED = ("dobson", "effective", "log_normal", "normal")
# A sum of squares made of rounded parts may fall short of its bound by rounding of doubles.
_ROUNDING = 1e-9


def poisson_exact(count: ArrayLike, confidence: ArrayLike = 0.95) -> Interval:
    """Exact interval of a Poisson count (Garwood); the lower limit of zero is zero.

    Formula: quantiles of the gamma distribution with shapes x and x + 1. Source: Garwood (1936),
    doi 10.1093/biomet/28.3-4.437; compared with R stats::poisson.test.

    Examples
    --------
    >>> print(round(float(poisson_exact(4).lower), 4), round(float(poisson_exact(4).upper), 4))
    1.0899 10.2416
    """
    x = _count(count, "intervals.poisson_exact")
    tail = (1 - checked_level(confidence)) / 2
    safe = np.where(x > 0, x, 1.0)
    lower = np.where(x > 0, special.gammaincinv(safe, tail), 0.0)
    return Interval(np.where(np.isnan(x), np.nan, lower), special.gammainccinv(x + 1, tail))


def byar(count: ArrayLike, confidence: ArrayLike = 0.95) -> Interval:
    """Byar's approximate interval of a Poisson count; close to exact from 10 upwards.

    Formula: x(1 - 1/(9x) - z/(3√x))³ and (x+1)(1 - 1/(9(x+1)) + z/(3√(x+1)))³; the lower limit is cut at 0.
    Source: Breslow & Day (1987), Statistical methods in cancer research II, IARC; compared with
    PHEindicatormethods.
    """
    x = _count(count, "intervals.byar")
    z = normal_quantile(confidence)
    safe = np.where(x > 0, x, 1.0)
    lower = np.where(x > 0, safe * (1 - 1 / (9 * safe) - z / (3 * np.sqrt(safe))) ** 3, 0.0)
    lower = np.where(np.isnan(x), np.nan, np.clip(lower, 0, None))
    above = x + 1
    return Interval(lower, above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3)


def poisson(count: ArrayLike, confidence: ArrayLike = 0.95, exact_below: float = EXACT_BELOW) -> Interval:
    """Interval of a Poisson count: exact below `exact_below`, Byar from there on."""
    x = _count(count, "intervals.poisson")
    shape = np.broadcast_shapes(x.shape, checked_level(confidence).shape)
    x, level = np.broadcast_to(x, shape), np.broadcast_to(checked_level(confidence), shape)
    approximate = byar(x, level)
    small = x < exact_below
    if not small.any():
        return approximate
    lower, upper = np.array(approximate.lower), np.array(approximate.upper)
    # The exact limits cost most of the time, so only those that are used are computed.
    exact = poisson_exact(x[small], level[small])
    lower[small], upper[small] = exact.lower, exact.upper
    return Interval(lower, upper)


def poisson_method(count: ArrayLike, exact_below: float = EXACT_BELOW) -> NDArray[np.str_]:
    """Name the method `poisson` uses for each count: "poisson_exact" or "byar"."""
    return np.where(np.asarray(count, dtype="float64") < exact_below, "poisson_exact", "byar")


def squared_events(events_per_person: ArrayLike, persons: ArrayLike = 1.0) -> float:
    """Sum the squares of persons' numbers of events: the variance of a count of repeat events.

    Parameters
    ----------
    events_per_person : how many events one person had; one entry a person, or one entry a number of events.
    persons : how many persons had that many (1 when each entry is a person).

    Formula: V = Σ i² · nᵢ, where nᵢ persons had i events. When each person has at most one event V is the
    count itself, as in Poisson. It is the variance of a compound Poisson count: the nᵢ are independent
    Poisson counts, and Σ i²·nᵢ estimates the variance of Σ i·nᵢ. On the question: Glynn & Buring (1996),
    doi 10.1136/bmj.312.7027.364.

    Examples
    --------
    >>> squared_events([1, 2, 3], [7, 2, 1])  # 10 persons, 14 events: 7·1 + 2·4 + 1·9
    24.0
    >>> squared_events([1, 1, 4])  # three persons, one by one
    18.0
    """
    i, people = floats(events_per_person, persons)
    refuse_counts(i, "intervals.squared_events", "events_per_person")
    refuse_counts(people, "intervals.squared_events", "persons")
    return float(np.sum(i**2 * people))


def clustered(
    count: ArrayLike,
    sum_of_squares: ArrayLike,
    confidence: ArrayLike = 0.95,
    method: str = "dobson",
    exact_below: float = EXACT_BELOW,
) -> Interval:
    """Interval of a count of events when one person may have many of them.

    Events of one person are not independent, so the count O varies more than Poisson says. Persons with i
    events are taken as Poisson counts nᵢ of their own: O = Σ i·nᵢ has the variance V = Σ i²·nᵢ
    (`squared_events`). With no repeats V = O; V/O is how many times wider, in variance, the interval gets.

    Parameters
    ----------
    count : number of events O.
    sum_of_squares : V, at least O and at most O².
    method : "dobson", O + √(V/O)·(L - O) and O + √(V/O)·(U - O), with L, U the Poisson limits of O (exact
        below `exact_below`, else Byar): the way the standardised rates of the field widen theirs;
        "effective", (V/O) times the Poisson limits of the effective number of events O²/V: safest when few
        persons have most events; "log_normal", O·exp(±z√V/O); "normal", O ± z√V.
        A limit below zero is told as 0. With no events there is no V: the Poisson limits of zero.

    The variance is that of a compound Poisson count, needs no model of why persons differ, and fits rare
    events of many persons; Stukel et al. (1994, Stat Med 13, 1781-1791) fit a negative binomial instead.
    Sources: Glynn & Buring (1996), doi 10.1136/bmj.312.7027.364; Dobson et al. (1991),
    doi 10.1002/sim.4780100317. Held to hand-worked numbers in tests/test_intervals.py.

    Examples
    --------
    >>> alone, repeated = clustered(14, 14), clustered(14, 24)
    >>> print(round(float(alone.lower), 2), round(float(alone.upper), 2))
    7.65 23.49
    >>> print(round(float(repeated.lower), 2), round(float(repeated.upper), 2))
    5.68 26.43
    """
    if method not in CLUSTERED:
        raise SosrakeError(f"intervals.clustered: method {method!r}; use one of {', '.join(CLUSTERED)}")
    o, v = floats(_count(count, "intervals.clustered"), sum_of_squares)
    refuse_squares(o, v, "intervals.clustered")
    level = checked_level(confidence)
    events, variance = np.where(o > 0, o, 1.0), np.where(o > 0, v, 1.0)
    if method == "normal":
        half = normal_quantile(level) * np.sqrt(variance)
        found = Interval(events - half, events + half)
    elif method == "log_normal":
        factor = np.exp(normal_quantile(level) * np.sqrt(variance) / events)
        found = Interval(events / factor, events * factor)
    elif method == "effective":
        found = poisson(events**2 / variance, level, exact_below).scaled(variance / events)
    else:
        plain, wider = poisson(events, level, exact_below), np.sqrt(variance / events)
        found = Interval(events + wider * (plain.lower - events), events + wider * (plain.upper - events))
    none = poisson_exact(0, level)
    lower = np.where(o == 0, none.lower, np.clip(found.lower, 0, None))
    absent = np.isnan(o)
    upper = np.where(o == 0, none.upper, found.upper)
    return Interval(np.where(absent, np.nan, lower), np.where(absent, np.nan, upper))


def squares_impossible(count: Floats, sum_of_squares: Floats) -> NDArray[np.bool_]:
    """Say where a sum of squares cannot be one: below the count, or above the count squared."""
    too_small = sum_of_squares < count * (1 - _ROUNDING)
    too_great = sum_of_squares > count**2 * (1 + _ROUNDING)
    return too_small | too_great | np.isinf(sum_of_squares)


def refuse_squares(count: Floats, sum_of_squares: Floats, where: str) -> None:
    """Refuse sums of squares that no persons' events can give."""
    wrong = squares_impossible(count, sum_of_squares)
    expected = "the sum over persons of squared numbers of events, from the count to its square"
    refuse(sum_of_squares, wrong, where, "sum of squares", expected)


def _count(count: ArrayLike, where: str) -> Floats:
    (x,) = floats(count)
    refuse_counts(x, where, "count")
    return x
