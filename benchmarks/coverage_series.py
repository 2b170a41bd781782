"""Cells of single series (10 and 6 years) and of single cases (10 + 10 measurements)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from coverage_task import Cell, Tested, from_errors, one_by_one, same
from coverage_worlds import carried, series

from sosrake_lib.effects import Effect, its, singlecase

FIRST = 2010
LENGTHS = ((10, 5), (6, 3))
PHASE = 10
SERIES_WORLDS = ("independent", "autocorrelated", "by_population", "counts", "bent_line")
CASE_WORLDS = ("independent", "autocorrelated", "baseline_trend")


def _effect(values: np.ndarray, change: int, method: str, control: np.ndarray | None = None) -> Effect:
    table = pd.DataFrame({"year": FIRST + np.arange(len(values)), "y": values})
    named = {"outcome": "y", "time": "year", "first_after": FIRST + change, "method": method}
    if control is None:
        return its.interrupted_series(table, **named)
    return its.interrupted_series(table.assign(c=control), **named, control="c")


def _kernel(method: str, values: np.ndarray, change: int) -> Tested:
    """Fit every draw by the kernel under `interrupted_series`, without frame, checks and sensitivity."""
    terms = its.segmented_terms(np.arange(values.shape[1]), change)
    fit = {"prais_winsten": its.prais_winsten, "reml": its.reml, "ols": its.ordinary}.get(method)
    asked = terms.effect[-1]
    rows = []
    for one in values:
        found = its.newey_west(one, terms.matrix, adjust=True) if fit is None else fit(one, terms.matrix)
        rows.append(found.contrast(asked))
    estimate, error, df = np.array(rows).T
    return from_errors(estimate, error, df)


def interrupted(method: str, length: tuple[int, int], world: str, *, controlled: bool = False) -> Cell:
    """An interrupted series, alone or followed as the difference from another."""
    years, change = length

    def run(rng: np.random.Generator, draws: int) -> Tested:
        draw = series(world)
        # Of a controlled series the bend is in both, so that the comparison takes it out.
        values = draw(rng, (draws, years), change)
        other = draw(rng, (draws, years), change) if controlled else np.zeros(1)
        found = _kernel(method, values - other, change)
        first = [
            lambda row=row: _effect(values[row], change, method, other[row] if controlled else None)
            for row in range(2)
        ]
        return same(found, first, 1e-4)

    name = "controlled_series" if controlled else "interrupted_series"
    return Cell(name, method, f"{years} years, {years - change} of them after", world, run)


def _case_values(world: str, rng: np.random.Generator, draws: int) -> np.ndarray:
    values = carried(rng, (draws, 2 * PHASE), 0.5 if world == "autocorrelated" else 0.0)
    return values + (0.1 * np.arange(2 * PHASE) if world == "baseline_trend" else 0.0)


def _phases(values: np.ndarray, start: int = PHASE) -> singlecase.Phases:
    time = np.arange(1.0, len(values) + 1)
    return singlecase.Phases(values[:start], values[start:], time[:start], time[start:], 0)


def case(estimator: str, run_one: Callable[[np.ndarray], Effect], variant: str, world: str) -> Cell:
    """One person's values before and during a service, nothing happening."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        values = _case_values(world, rng, draws)
        return one_by_one(lambda row=row: run_one(row) for row in values)

    return Cell(estimator, variant, f"{PHASE} + {PHASE} measurements", world, run)


def _overlap(values: np.ndarray) -> Effect:
    return singlecase.overlap_change(_phases(values), improvement="increase")


def piecewise(world: str) -> Cell:
    """Piecewise regression, all draws at once."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        values = _case_values(world, rng, draws)
        time = np.arange(2.0 * PHASE)
        after = (time >= PHASE).astype("float64")
        x = np.column_stack([np.ones_like(time), time, after, after * (time - PHASE)])
        bread = np.linalg.inv(x.T @ x)
        coefficients = values @ x @ bread
        rest = values - coefficients @ x.T
        df = x.shape[0] - x.shape[1]
        error = np.sqrt((rest**2).sum(axis=1) / df * bread[2, 2])
        found = from_errors(coefficients[:, 2], error, df)
        return same(
            found,
            [lambda row=row: singlecase.piecewise_change(_phases(row), unit="") for row in values[:2]],
        )

    return Cell("piecewise_change", "ols", f"{PHASE} + {PHASE} measurements", world, run)


def randomised_start(world: str, *, drawn: bool) -> Cell:
    """Test by lot of the start; it gives a p value and no interval.

    Of 45 measurements with at least 3 in a phase there are 40 starts: the fewest for a p value below 0.05.
    """

    def run(rng: np.random.Generator, draws: int) -> Tested:
        length, fewest = 45, 3
        values = carried(rng, (draws, length), 0.5 if world == "autocorrelated" else 0.0)
        values += 0.1 * np.arange(length) if world == "baseline_trend" else 0.0
        starts = rng.integers(fewest, length - fewest + 1, draws)
        if not drawn:
            # Begun when things were at their worst: after the lowest value that leaves both phases.
            starts = values[:, fewest - 1 : length - fewest].argmin(axis=1) + fewest
        p_values = np.array([_by_lot(row, start) for row, start in zip(values, starts, strict=True)])
        return Tested(np.full(draws, np.nan), np.full(draws, np.nan), p_values)

    variant = "start drawn" if drawn else "start not drawn"
    return Cell("randomisation_test", variant, "45 measurements, 40 starts", world, run)


def _by_lot(values: np.ndarray, start: int) -> float:
    table = pd.DataFrame({"t": np.arange(len(values)), "v": values})
    table["f"] = np.where(table["t"] < start, "A", "B")
    found = singlecase.randomisation_test(
        table, time="t", value="v", phase="f", baseline="A", treatment="B", improvement="increase",
        start_was_drawn=True,
    )  # fmt: skip
    return float(found.p_value)


def cells() -> list[Cell]:
    """All series and single cases."""
    found = [
        interrupted(method, LENGTHS[0], world)
        for method in ("reml", "ols", "newey_west", "prais_winsten")
        for world in SERIES_WORLDS
    ]
    found += [interrupted("reml", LENGTHS[1], world) for world in SERIES_WORLDS[:2]]
    found += [
        interrupted(method, LENGTHS[0], world, controlled=True)
        for method in ("reml", "newey_west")
        for world in ("independent", "autocorrelated", "counts", "bent_line")
    ]
    for world in CASE_WORLDS:
        found += [case("overlap_change", _overlap, "tau", world), piecewise(world)]
    found += [randomised_start(world, drawn=True) for world in CASE_WORLDS[:2]]
    found.append(randomised_start("independent", drawn=False))
    return found
