"""What a cell of the coverage proof is: an estimator at a size in a world, and what many draws of it gave."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np
import pandas as pd
from scipy import special

from sosrake_lib.effects import Effect
from sosrake_lib.effects.effect import SENSITIVITY_COLUMNS
from sosrake_lib.errors import SosrakeError

LEVEL = 0.95
# What sensitivity tables ask otherwise does not move the interval; leaving it out makes draws two to five
# times faster.
WITHOUT = {
    **dict.fromkeys(("its.effect", "synthetic.effect", "synthetic.did"), "_sensitivity"),
    **{f"groups.{name}": "_sensitivity" for name in ("mixed", "ordinal", "weighting", "comparison")},
    **{f"matching.{name}": "_others" for name in ("matched", "weighting", "augmented")},
    "singlecase.piecewise": "_sensitivity",
    "discontinuity.effect": "_others",
    "prepost": "_sensitivity",
}


@dataclass(frozen=True)
class Tested:
    """Results of all draws, each (draws,): limits and p values; NaN where the estimator refused.

    `truth` is what the interval should hold; `level` the confidence of the interval; `null` whether the truth
    is no effect, so that a p value below 0.05 is an error.
    """

    lower: np.ndarray
    upper: np.ndarray
    p_value: np.ndarray
    truth: np.ndarray | float = 0.0
    level: float = LEVEL
    null: bool = True


@dataclass(frozen=True)
class Cell:
    """One estimator (key of the ladder) by one way of reckoning at one size in one world."""

    estimator: str
    variant: str
    size: str
    world: str
    run: Callable[[np.random.Generator, int], Tested] = field(repr=False)

    @property
    def key(self) -> str:
        """Name of the cell."""
        return "/".join((self.estimator, self.variant, self.size, self.world))

    def tested(self, draws: int, seed: int) -> Tested:
        """Run the draws with a seed of the cell's own, so that cells can be run alone or side by side."""
        return self.run(np.random.default_rng([seed, zlib.crc32(self.key.encode())]), draws)


def from_errors(
    estimate: np.ndarray, error: np.ndarray, df: np.ndarray | float, truth: np.ndarray | float = 0.0, **more
) -> Tested:
    """Make intervals estimate ± t·error, and their p values, of all draws at once."""
    half = special.stdtrit(df, 0.5 + LEVEL / 2) * error
    p_value = 2 * special.stdtr(df, -np.abs(estimate / error))
    return Tested(estimate - half, estimate + half, p_value, truth, **more)


def one_by_one(effects: Iterable[Callable[[], Effect]], truth: np.ndarray | float = 0.0, **more) -> Tested:
    """Run the published function draw by draw; a refusal leaves NaN."""
    rows = []
    with no_sensitivity():
        for effect in effects:
            try:
                found = effect()
            except SosrakeError:
                rows.append((np.nan, np.nan, np.nan))
            else:
                rows.append((found.lower, found.upper, found.p_value))
    lower, upper, p_value = np.array(rows).T
    return Tested(lower, upper, p_value, truth, **more)


def same(batch: Tested, effects: Iterable[Callable[[], Effect]], tolerance: float = 1e-6) -> Tested:
    """Give the batch back when the published function agrees with its first draws; else stop."""
    with no_sensitivity():
        for place, effect in enumerate(effects):
            found = effect()
            ours = np.array([batch.lower[place], batch.upper[place], batch.p_value[place]])
            theirs = np.array([found.lower, found.upper, found.p_value])
            if not np.allclose(ours, theirs, rtol=tolerance, atol=tolerance):
                raise RuntimeError(f"draw {place}: computed at once {ours}, by {found.method} {theirs}")
    return batch


@contextmanager
def no_sensitivity() -> Iterator[None]:
    """Leave the sensitivity tables out for a while."""
    kept = []
    try:
        for module, name in WITHOUT.items():
            place = import_module(f"sosrake_lib.effects.{module}")
            kept.append((place, name, getattr(place, name)))
            rows = [] if name == "_others" else pd.DataFrame([], columns=list(SENSITIVITY_COLUMNS))
            setattr(place, name, lambda *_, rows=rows, **__: rows)
        yield
    finally:
        for place, name, function in kept:
            setattr(place, name, function)
