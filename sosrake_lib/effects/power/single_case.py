"""Power of a single-case study (a phase without and a phase with the service), by simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sosrake_lib.effects.power.simulation import (
    Finder,
    SimulatedPower,
    Simulation,
    autocorrelated,
    check_autocorrelation,
    placement_finder,
    summarise,
)
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
TESTS = ("randomisation", "nonoverlap")


@dataclass(frozen=True, slots=True)
class SingleCasePlan:
    """Measurements of one person or unit.

    Attributes
    ----------
    before, after : numbers of measurements in the two phases. autocorrelation : of neighbouring measurements.
    trend : change from one measurement to the next that is there without the service, in standard deviations.
    least : fewest measurements either phase may have when the start is drawn by lot (randomisation test).
    """

    before: int
    after: int
    autocorrelation: float = 0.0
    trend: float = 0.0
    least: int = 3

    def __post_init__(self) -> None:
        if not (1 <= self.least <= self.before and self.least <= self.after):
            raise SosrakeError(
                f"SingleCasePlan: {self.before} before and {self.after} after; expected at least "
                f"{self.least} in each phase (least)"
            )
        check_autocorrelation("SingleCasePlan", self.autocorrelation)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Every place the second phase could have begun, the actual one first."""
        every = np.arange(self.least, self.before + self.after - self.least + 1)
        return np.concatenate([[self.before], every[every != self.before]])


def simulated_single_case_power(
    plan: SingleCasePlan,
    effects: Sequence[float] = (),
    *,
    test: str = "randomisation",
    simulation: Simulation | None = None,
) -> SimulatedPower:
    """Simulate how often a single-case study finds a shift of level.

    Parameters
    ----------
    plan : see SingleCasePlan. effects : true shifts of level, in standard deviations.
    test : "randomisation" (difference of the phase means among every start that could have been drawn; valid
        only when the start was drawn by lot) or "nonoverlap" (NAP by the normal approximation of Mann and
        Whitney, which takes measurements as independent: the table's row of effect 0 tells what
        autocorrelation does to it).
    simulation : draws, seed, alpha and the power wanted.

    Returns
    -------
    SimulatedPower; a randomisation test of s possible starts never gives a p value below 1/s.

    Examples
    --------
    >>> found = simulated_single_case_power(SingleCasePlan(8, 10), [1.0], simulation=Simulation(draws=200))
    >>> print(round(found.smallest_p, 3), found.minimum_detectable)
    0.077 nan
    """
    if test not in TESTS:
        raise SosrakeError(f"simulated_single_case_power: test {test!r}; expected one of {', '.join(TESTS)}")
    chosen = simulation or Simulation()
    draw = np.random.default_rng(chosen.seed)
    length = plan.before + plan.after
    series = autocorrelated(draw, (chosen.draws, length), plan.autocorrelation) + plan.trend * np.arange(
        length
    )
    if test == "randomisation":
        statistics = phase_differences(series, plan.starts)
        step = (np.arange(length) >= plan.before).astype("float64")
        shift = phase_differences(step[None, :], plan.starts)[0]
        finder, smallest = placement_finder(statistics, shift, chosen.alpha), 1 / len(plan.starts)
    else:
        finder, smallest = _overlap_finder(series, plan, chosen.alpha), 0.0
    method = "power_single_case_simulation"
    return summarise(finder, effects, chosen, scale=1.0, smallest_p=smallest, test=test, method=method)


def phase_differences(series: Floats, starts: NDArray[np.int64]) -> Floats:
    """Mean from each start on minus mean before it, (series, starts).

    Examples
    --------
    >>> phase_differences(np.array([[1.0, 1.0, 3.0, 3.0]]), np.array([2])).tolist()
    [[2.0]]
    """
    length = series.shape[1]
    summed = np.cumsum(series, axis=1)
    first = summed[:, starts - 1]
    return (summed[:, -1:] - first) / (length - starts) - first / starts


def _overlap_finder(series: Floats, plan: SingleCasePlan, alpha: float) -> Finder:
    first, second = plan.before, plan.after
    apart = series[:, None, first:] - series[:, :first, None]
    centre, spread = first * second / 2, np.sqrt(first * second * (first + second + 1) / 12)
    limit = float(special.ndtri(1 - alpha / 2)) * spread

    def found(effect: float) -> float:
        larger = (apart > -effect).sum(axis=(1, 2))
        return float((np.abs(larger - centre) > limit).mean())

    return found
