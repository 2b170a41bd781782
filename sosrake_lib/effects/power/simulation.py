"""What simulated studies share: noise that remembers itself, and power read off the same draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.power.solving import check_levels, reached_by_simulation
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
# From an effect to the share of draws that find it.
Finder = Callable[[float], float]
# Differences closer than this share are ties; they must count as at least as far.
TIE = 1e-9
# Values held at once.
CHUNK = 4_000_000
FEWEST_DRAWS = 100


@dataclass(frozen=True, slots=True)
class Simulation:
    """How to simulate.

    Attributes
    ----------
    draws, seed : of the noise. alpha : of the test, two-sided. power : wanted of the minimum detectable
        effect.
    """

    draws: int = 2000
    seed: int = 0
    alpha: float = 0.05
    power: float = 0.8

    def __post_init__(self) -> None:
        check_levels("Simulation", power=self.power, alpha=self.alpha)
        if self.draws < FEWEST_DRAWS:
            raise SosrakeError(f"Simulation: draws {self.draws}; expected at least {FEWEST_DRAWS}")


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedPower:
    """Power at several effects, each with the error that comes from simulating.

    Attributes
    ----------
    table : frame `effect, power, monte_carlo_error`, effect 0 first: its power is the share of false
        findings.
    minimum_detectable : smallest effect found with the power wanted; not a number when no effect is.
    smallest_p : the smallest p value the test can give with this plan; above alpha nothing can ever be found.
    """

    table: pd.DataFrame
    minimum_detectable: float
    smallest_p: float
    simulation: Simulation
    test: str
    method: str


def summarise(
    finder: Finder,
    effects: Sequence[float],
    simulation: Simulation,
    *,
    scale: float,
    smallest_p: float,
    test: str,
    method: str,
) -> SimulatedPower:
    """Read power off at effect 0 and at the effects asked for, and find the minimum detectable effect."""
    asked = np.asarray(effects, "float64")
    if asked.ndim != 1 or not np.isfinite(asked).all():
        raise SosrakeError(f"{method}: effects {effects!r}; expected a list of finite numbers")
    wanted = [0.0, *asked[asked != 0].tolist()]
    shares = np.array([finder(effect) for effect in wanted])
    error = np.sqrt(shares * (1 - shares) / simulation.draws)
    table = pd.DataFrame({"effect": wanted, "power": shares, "monte_carlo_error": error})
    smallest = np.nan
    if smallest_p <= simulation.alpha:
        smallest = reached_by_simulation(finder, simulation.power, scale)
    return SimulatedPower(table, smallest, smallest_p, simulation, test, method)


def autocorrelated(draw: np.random.Generator, shape: tuple[int, ...], rho: float) -> Floats:
    """Draw stationary series of variance 1 along the last axis, neighbours correlated by rho."""
    series = draw.standard_normal(shape)
    root = np.sqrt(1 - rho**2)
    for time in range(1, shape[-1]):
        series[..., time] = rho * series[..., time - 1] + root * series[..., time]
    return series


def placement_finder(statistics: Floats, shift: Floats, alpha: float) -> Finder:
    """Make the finder of a test by placement: the actual statistic among those of every other assignment.

    Parameters
    ----------
    statistics : (draws, assignments) without an effect, the actual assignment first.
    shift : (assignments,), how much an effect of 1 adds to each.
    """
    count = statistics.shape[1]
    step = max(1, CHUNK // count)

    def found(effect: float) -> float:
        total = 0
        for start in range(0, len(statistics), step):
            size = np.abs(statistics[start : start + step] + effect * shift)
            as_far = (size >= size[:, :1] * (1 - TIE)).sum(axis=1)
            total += int((as_far <= alpha * count * (1 + TIE)).sum())
        return total / len(statistics)

    return found


def check_autocorrelation(where: str, rho: float) -> None:
    """Refuse a correlation of neighbours that no stationary series has."""
    if not -1 < rho < 1:
        raise SosrakeError(f"{where}: autocorrelation {rho!r}; expected above -1 and below 1")
