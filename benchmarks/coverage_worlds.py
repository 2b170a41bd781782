"""The worlds of the coverage proof: noise as the users' figures have it, at their sizes, invented.

Arrays are (draws, units, times) for panels, (draws, times) for series, (draws, people) for people. A unit of
noise is one deviation of a municipality of ordinary size in a year. No world has an effect unless it says so.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

Noise = Callable[[np.random.Generator, tuple[int, int, int]], np.ndarray]
# Of the change a year by which the treated part from the others before and after alike.
PARTING = 0.35
MIDDLE_POPULATION = 20_000.0

WORLDS = MappingProxyType(
    {
        "independent": "independent normal errors of one size: the world of the textbook",
        "autocorrelated": "each year's error carries 0.7 of the year before",
        "by_population": "errors of the size 1/sqrt(population), 0.4 carried over; who is treated is drawn",
        "small_treated": "as by_population, but the smallest municipalities are treated",
        "large_treated": "as by_population, but the largest municipalities are treated",
        "counts": "rates of Poisson counts, 5 in 1 000, municipalities and years differ by a factor",
        "broken_trend": f"0.4 carried over, the treated part by {PARTING} deviations a year before and after",
        "growing_effect": "different starts, the effect grows by 1 a year; the truth is its mean",
        "bent_line": "the line bends at the change for another reason",
        "people_alike": "people differ independently of each other",
        "skewed": "changes are skewed: most a little, a few much",
        "scale_with_ceiling": "whole points 0-10, many near the top",
        "groups_alike": "people of a group and of a municipality change alike (a quarter of the variance)",
        "chosen_by_low_score": "chosen for a low first score of reliability 0.7; nobody's own level changed",
        "lost_by_score": "those with low first scores change less and come back less often",
        "lost_by_change": "those who did worse did not come back for the second measurement",
        "shock_of_a_group": "something befell one of the two groups in one of the times",
        "measured_causes": "who is treated depends on two measured things that move the outcome, too",
        "unmeasured_cause": "a third thing decides and moves as well, unmeasured",
        "curved_outcome": "the outcome follows the square of a measured thing; models take it as a line",
        "smooth_at_limit": "the outcome bends gently, without a jump at the limit",
        "sorted_at_limit": "people just short of the limit got themselves over it, the keen ones",
        "baseline_trend": "the values rise evenly through both phases",
    }
)


def carried(rng: np.random.Generator, shape: tuple[int, ...], share: float) -> np.ndarray:
    """Errors of deviation 1 along the last axis, each carrying `share` of the one before."""
    fresh = rng.standard_normal(shape)
    found = np.empty(shape)
    found[..., 0] = fresh[..., 0]
    for time in range(1, shape[-1]):
        found[..., time] = share * found[..., time - 1] + np.sqrt(1 - share**2) * fresh[..., time]
    return found


def populations(rng: np.random.Generator, shape: tuple[int, int], order: int = 0) -> np.ndarray:
    """Populations from 2 000 to 150 000, in drawn order, or from the smallest (1) or the largest (-1)."""
    found = np.exp(rng.uniform(np.log(2_000), np.log(150_000), shape))
    return found if order == 0 else np.sort(found, axis=1)[:, ::order]


def _levels(rng: np.random.Generator, shape: tuple[int, int, int]) -> np.ndarray:
    draws, units, times = shape
    return 2 * rng.standard_normal((draws, units, 1)) + rng.standard_normal((draws, 1, times))


def _by_population(order: int) -> Noise:
    def noise(rng: np.random.Generator, shape: tuple[int, int, int]) -> np.ndarray:
        size = np.sqrt(MIDDLE_POPULATION / populations(rng, shape[:2], order))[:, :, None]
        return _levels(rng, shape) + size * carried(rng, shape, 0.4)

    return noise


def _counts(rng: np.random.Generator, shape: tuple[int, int, int]) -> np.ndarray:
    draws, units, times = shape
    people = populations(rng, (draws, units))[:, :, None]
    factor = 0.25 * rng.standard_normal((draws, units, 1)) + 0.1 * rng.standard_normal((draws, 1, times))
    return 1_000 * rng.poisson(people * 0.005 * np.exp(factor)) / people


def _carried(share: float) -> Noise:
    return lambda rng, shape: _levels(rng, shape) + carried(rng, shape, share)


NOISE: MappingProxyType[str, Noise] = MappingProxyType(
    {
        "independent": _carried(0.0),
        "autocorrelated": _carried(0.7),
        "by_population": _by_population(0),
        "small_treated": _by_population(1),
        "large_treated": _by_population(-1),
        "counts": _counts,
        "broken_trend": _carried(0.4),
        "growing_effect": _carried(0.4),
    }
)


def series(world: str) -> Callable[[np.random.Generator, tuple[int, int], int], np.ndarray]:
    """Give the function that draws one series: generator, (draws, times), place of the change."""

    def drawn(rng: np.random.Generator, shape: tuple[int, int], change: int) -> np.ndarray:
        time = np.arange(shape[1])
        line = 0.3 * rng.standard_normal((shape[0], 1)) * time
        if world == "counts":
            return rng.poisson(np.broadcast_to(20 * np.exp(0.1 * line), shape)).astype("float64")
        if world == "by_population":
            # Error grows as the service shrinks: the later years rest on fewer people.
            return line + carried(rng, shape, 0.0) * np.linspace(0.5, 1.5, shape[1])
        bend = 0.5 * np.maximum(time - change + 1, 0) if world == "bent_line" else 0.0
        return line + bend + carried(rng, shape, 0.7 if world == "autocorrelated" else 0.0)

    return drawn
