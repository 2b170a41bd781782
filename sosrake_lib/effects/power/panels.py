"""Power of a difference-in-differences with few units and few years, by simulation of what it will meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sosrake_lib.effects.power.simulation import (
    CHUNK,
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
TESTS = ("permutation", "t")
# More choices of treated units than this are drawn at random.
MOST_CHOICES = 999


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """Units in years, some of them treated from one year on.

    Attributes
    ----------
    units, treated : in all, and of them treated. times, before : in all, and of them before the treatment.
    sd : deviation of a unit's yearly figure around its own level and the common course; one number, or one a
        unit with the treated first (small municipalities vary more). autocorrelation : of neighbouring years.
    """

    units: int = 13
    treated: int = 2
    times: int = 6
    before: int = 3
    sd: float | tuple[float, ...] = 1.0
    autocorrelation: float = 0.0

    def __post_init__(self) -> None:
        if not (1 <= self.treated < self.units and self.units >= 3):
            raise SosrakeError(
                f"PanelPlan: {self.treated} treated of {self.units} units; expected at least 3 units, some "
                f"treated and some not"
            )
        if not 1 <= self.before < self.times:
            raise SosrakeError(
                f"PanelPlan: {self.before} of {self.times} times before; expected at least one before and "
                f"one after"
            )
        spread = np.atleast_1d(np.asarray(self.sd, "float64"))
        if spread.shape not in ((1,), (self.units,)) or not (np.isfinite(spread) & (spread > 0)).all():
            raise SosrakeError(
                f"PanelPlan: sd {self.sd!r}; expected one number above 0, or {self.units} of them"
            )
        check_autocorrelation("PanelPlan", self.autocorrelation)


def simulated_panel_power(
    plan: PanelPlan,
    effects: Sequence[float] = (),
    *,
    test: str = "permutation",
    simulation: Simulation | None = None,
) -> SimulatedPower:
    """Simulate how often a small difference-in-differences finds an effect.

    Parameters
    ----------
    plan : see PanelPlan. effects : true effects from the treatment on, in the unit of `sd`.
    test : "permutation" (among every choice of as many treated units, two-sided; 999 drawn when there are
        more) or "t" (changes of treated against changes of control units, n - 2 degrees of freedom; it trusts
        that treated and control units vary alike).
    simulation : draws, seed, alpha and the power wanted.

    Returns
    -------
    SimulatedPower. A unit's change is the mean of its later minus the mean of its earlier years; a course
    common to all units cancels and is not drawn. Noise is normal, stationary, first-order autocorrelated; the
    same draws serve every effect.

    Raises
    ------
    SosrakeError when the plan has no control or no time before, or the test is unknown.

    Examples
    --------
    >>> found = simulated_panel_power(PanelPlan(treated=1), [2.0], simulation=Simulation(draws=200))
    >>> print(round(found.smallest_p, 3), found.table["power"].tolist(), found.minimum_detectable)
    0.077 [0.0, 0.0] nan
    """
    if test not in TESTS:
        raise SosrakeError(f"simulated_panel_power: test {test!r}; expected one of {', '.join(TESTS)}")
    chosen = simulation or Simulation()
    draw = np.random.default_rng(chosen.seed)
    changes = unit_changes(plan, chosen.draws, draw)
    if test == "t":
        finder, smallest = _t_finder(plan, changes, chosen.alpha), 0.0
    else:
        contrasts = _contrasts(plan, draw)
        shift = contrasts[:, : plan.treated].sum(axis=1)
        finder, smallest = placement_finder(changes @ contrasts.T, shift, chosen.alpha), 1 / len(contrasts)
    scale = float(np.mean(plan.sd))
    method = "power_panel_simulation"
    return summarise(finder, effects, chosen, scale=scale, smallest_p=smallest, test=test, method=method)


def unit_changes(plan: PanelPlan, draws: int, draw: np.random.Generator) -> Floats:
    """Draw each unit's change without any effect, (draws, units), treated units first."""
    step = max(1, CHUNK // (plan.units * plan.times))
    parts = []
    for start in range(0, draws, step):
        shape = (min(step, draws - start), plan.units, plan.times)
        noise = autocorrelated(draw, shape, plan.autocorrelation)
        parts.append(noise[..., plan.before :].mean(axis=-1) - noise[..., : plan.before].mean(axis=-1))
    return np.concatenate(parts) * np.asarray(plan.sd, "float64")


def _contrasts(plan: PanelPlan, draw: np.random.Generator) -> Floats:
    """Mean of the treated minus mean of the others for each choice of treated units, (choices, units)."""
    if comb(plan.units, plan.treated) <= MOST_CHOICES:
        # In the order of combinations the actual choice, the first units, comes first.
        places = np.array(list(combinations(range(plan.units), plan.treated)))
    else:
        order = draw.random((MOST_CHOICES, plan.units)).argsort(axis=1)[:, : plan.treated]
        places = np.vstack([np.arange(plan.treated), order])
    marks = np.zeros((len(places), plan.units))
    np.put_along_axis(marks, places, 1.0, axis=1)
    return marks / plan.treated - (1 - marks) / (plan.units - plan.treated)


def _t_finder(plan: PanelPlan, changes: Floats, alpha: float) -> Finder:
    treated, control = changes[:, : plan.treated], changes[:, plan.treated :]
    difference = treated.mean(axis=1) - control.mean(axis=1)
    squares = treated.var(axis=1) * plan.treated + control.var(axis=1) * control.shape[1]
    df = plan.units - 2
    error = np.sqrt(squares / df * (1 / plan.treated + 1 / control.shape[1]))
    limit = float(special.stdtrit(df, 1 - alpha / 2)) * error
    return lambda effect: float((np.abs(difference + effect) > limit).mean())
