"""Cells of comparisons over time: 13 units x 6 years, with 3, 6 or 1 treated.

Where an estimate is linear in the outcome and its variance a sum of squares of linear forms, all draws are
reckoned at once from the definition, and the first draws are compared with the published function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from coverage_task import Cell, Tested, from_errors, one_by_one, same
from coverage_worlds import NOISE, PARTING
from scipy import linalg

from sosrake_lib.effects import Effect, did, synthetic
from sosrake_lib.effects.did.randomisation import Randomisation

UNITS, YEARS, START = 13, 6, 4
STARTS = (3, 3, 4, 4, 5, 5)
DRAWS_WITHIN = 999
CHECKED = 2
NAMES = {"outcome": "y", "treatment": "on", "unit": "unit", "time": "year"}
STARTED = {"outcome": "y", "unit": "unit", "time": "year", "first_treated": "start"}
PANEL_WORLDS = tuple(name for name in NOISE if name != "growing_effect")
SLOW_WORLDS = ("autocorrelated", "by_population", "small_treated", "counts", "broken_trend")


@dataclass(frozen=True)
class Layout:
    """Who is treated from which year, (units,); 0 = never. The outcome stands unit by unit, year by year."""

    start: np.ndarray

    @property
    def frame(self) -> pd.DataFrame:
        """The panel without its outcome."""
        unit, year = np.divmod(np.arange(UNITS * YEARS), YEARS)
        start = self.start[unit]
        ever = (start > 0).astype("float64")
        on = ever * (year + 1 >= start)
        return pd.DataFrame(
            {
                "unit": unit, "year": year + 1, "start": start, "ever": ever, "on": on,
                "post": (year + 1 >= START).astype("float64"),
            }
        )  # fmt: skip

    @property
    def name(self) -> str:
        """Size in words."""
        late = " in 3 starts" if len(np.unique(self.start)) > 2 else ""
        return f"{int((self.start > 0).sum())} of {UNITS} treated{late}, {YEARS} years"


def layout(treated: int) -> Layout:
    """The first units are treated, from year 4 on."""
    return Layout(np.where(np.arange(UNITS) < treated, START, 0))


STAGGERED = Layout(np.r_[STARTS, np.zeros(UNITS - len(STARTS), dtype="int64")])


def outcomes(world: str, of: Layout, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Outcome of every draw, (draws, units·years)."""
    noise = NOISE[world](rng, (draws, UNITS, YEARS))
    table = of.frame
    added = np.zeros(UNITS * YEARS)
    if world == "broken_trend":
        added = PARTING * (table["ever"] * table["year"]).to_numpy()
    if world == "growing_effect":
        added = growing(of)
    return noise.reshape(draws, -1) + added


def growing(of: Layout) -> np.ndarray:
    """The effect of each unit-year in the world of growing effects."""
    table = of.frame
    return (table["on"] * (table["year"] - table["start"] + 1)).to_numpy("float64")


@dataclass(frozen=True)
class Linear:
    """Estimate = y·weights; squared error = |y·spread|²; degrees of freedom of t."""

    weights: np.ndarray
    spread: np.ndarray
    df: float

    def tested(self, outcome: np.ndarray, truth: float = 0.0, *, null: bool = True) -> Tested:
        """Test every draw, (draws, n)."""
        error = np.sqrt(((outcome @ self.spread) ** 2).sum(axis=1))
        return from_errors(outcome @ self.weights, error, self.df, truth, null=null)


def regression(columns: np.ndarray, contrast: np.ndarray, clusters: np.ndarray | None, error: str) -> Linear:
    """Write a contrast of least squares, with the error asked for, as linear forms of the outcome.

    error : "cr2", "cluster" (G/(G-1)·(n-1)/(n-k), effects of units left out of k), "hc1" or "classical".
    """
    n, k = columns.shape
    bread = np.linalg.inv(columns.T @ columns)
    pull = columns @ bread @ contrast
    rest = np.eye(n) - columns @ bread @ columns.T
    if clusters is None:
        scale = n / (n - k)
        spread = rest * pull if error == "hc1" else rest * np.sqrt((contrast @ bread @ contrast) / (n - k))
        return Linear(pull, spread * np.sqrt(scale if error == "hc1" else 1.0), n - k)
    count = int(clusters.max()) + 1
    parts = np.zeros((n, count))
    for one in range(count):
        rows = clusters == one
        parts[rows, one] = (
            pull[rows] if error == "cluster" else _reduced(rest[np.ix_(rows, rows)]) @ pull[rows]
        )
    forms = rest @ parts
    if error == "cluster":
        free = k - (count - 1)
        factor = count / (count - 1) * (n - 1) / (n - free)
        return Linear(pull, forms * np.sqrt(factor), count - 1)
    gram = forms.T @ forms
    return Linear(pull, forms, float(np.trace(gram) ** 2 / (gram**2).sum()))


def _reduced(own: np.ndarray) -> np.ndarray:
    """(I - H_gg)^(-1/2), of what is not fitted wholly."""
    values, vectors = np.linalg.eigh(own)
    kept = values > 1e-8
    return (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T


def effects_columns(table: pd.DataFrame) -> np.ndarray:
    """Columns of unit and year effects."""
    units = np.eye(UNITS)[table["unit"]]
    return np.column_stack([units, np.eye(YEARS)[table["year"] - 1][:, 1:]])


def twfe(of: Layout, error: str) -> Linear:
    """Two-way fixed effects."""
    table = of.frame
    columns = np.column_stack([table["on"], effects_columns(table)])
    clusters = None if error == "classical" else table["unit"].to_numpy()
    return regression(columns, np.eye(columns.shape[1])[0], clusters, error)


def by_steps(of: Layout, error: str) -> Linear:
    """Sun and Abraham's mean over treated unit-years; with one start the event study's mean."""
    table = of.frame
    columns, weights = [], []
    for start in np.unique(of.start[of.start > 0]):
        for year in range(1, YEARS + 1):
            if year != start - 1:
                columns.append((table["start"] == start) & (table["year"] == year))
                weights.append(columns[-1].sum() * (year >= start))
    x = np.column_stack([np.column_stack(columns).astype("float64"), effects_columns(table)])
    contrast = np.r_[np.array(weights) / np.sum(weights), np.zeros(x.shape[1] - len(weights))]
    return regression(x, contrast, table["unit"].to_numpy(), error)


def four_means(of: Layout, error: str) -> Linear:
    """Difference-in-differences of rows, with or without clusters."""
    table = of.frame
    x = np.column_stack(
        [np.ones(len(table)), table["ever"], table["post"], table["ever"] * table["post"]]
    ).astype("float64")
    clusters = table["unit"].to_numpy() if error in ("cr2", "cluster") else None
    return regression(x, np.array([0.0, 0.0, 0.0, 1.0]), clusters, error)


def one_start_means(of: Layout) -> Linear:
    """Callaway and Sant'Anna with one start and no covariates: a difference of mean changes."""
    change = np.zeros((UNITS, UNITS * YEARS))
    for unit in range(UNITS):
        change[unit, unit * YEARS + START - 1 : (unit + 1) * YEARS] = 1 / (YEARS - START + 1)
        change[unit, unit * YEARS + START - 2] = -1
    spread, weights = np.zeros_like(change), np.zeros(UNITS * YEARS)
    for arm, sign in ((of.start > 0, 1), (of.start == 0, -1)):
        weights += sign * change[arm].mean(axis=0)
        spread[arm] = (change[arm] - change[arm].mean(axis=0)) / arm.sum()
    return Linear(weights, spread.T, np.inf)


@dataclass(frozen=True)
class LeftOut:
    """As Linear, but the error is the jackknife over units and the degrees of freedom are each draw's own.

    `spread`: (n, units), the units' deviations from the mean change of their arm over the arm's size.
    """

    weights: np.ndarray
    spread: np.ndarray
    treated: np.ndarray

    def tested(self, outcome: np.ndarray, truth: float = 0.0, *, null: bool = True) -> Tested:
        """Test every draw, (draws, n)."""
        sizes = np.where(self.treated, self.treated.sum(), (~self.treated).sum())
        moved = ((outcome @ self.spread) * sizes / (sizes - 1)) ** 2
        arms = [(moved[:, arm].sum(axis=1), arm.sum() - 1) for arm in (self.treated, ~self.treated)]
        df = sum(share for share, _ in arms) ** 2 / sum(share**2 / free for share, free in arms)
        error = np.sqrt((UNITS - 1) / UNITS * moved.sum(axis=1))
        return from_errors(outcome @ self.weights, error, df, truth, null=null)


def one_start_left_out(of: Layout) -> LeftOut:
    """Callaway and Sant'Anna as by `one_start_means`, with the errors of units left out in turn."""
    means = one_start_means(of)
    return LeftOut(means.weights, means.spread, of.start > 0)


def _published(estimator: str, error: str, table: pd.DataFrame) -> Effect:
    if estimator == "did_2x2":
        return did.did_2x2(table, outcome="y", treatment="ever", post="post", standard_error=error)
    if estimator == "did_2x2_clustered":
        return did.did_2x2(
            table, outcome="y", treatment="ever", post="post", cluster="unit", standard_error=error
        )
    if estimator == "twfe":
        return did.twfe(table, **NAMES, standard_error=error)
    if estimator == "event_study":
        named = NAMES | {"treatment": "ever"}
        return did.event_study(table, **named, reference=START - 1, standard_error=error).effect
    if estimator == "sun_abraham":
        return did.sun_abraham(table, **STARTED, standard_error=error).effect
    if estimator == "callaway_santanna":
        return did.callaway_santanna(table, **STARTED, limits=error).effect
    if estimator == "wild_cluster_bootstrap":
        return did.wild_cluster_bootstrap(table, **NAMES, draws=DRAWS_WITHIN)
    if estimator == "synthetic_control":
        return synthetic.synthetic_control(table, outcome="y", unit="unit", time="year", treatment="on")
    if estimator == "synthetic_did":
        return synthetic.synthetic_did(table, outcome="y", unit="unit", time="year", treatment="on")
    return did.randomisation_inference(table, **NAMES)


def _effects(estimator: str, error: str, of: Layout, y: np.ndarray) -> Iterator[Callable[[], Effect]]:
    table = of.frame
    for row in y:
        filled = table.assign(y=row)
        yield lambda filled=filled: _published(estimator, error, filled)


LINEAR = {
    "did_2x2": four_means,
    "did_2x2_clustered": four_means,
    "twfe": twfe,
    "event_study": by_steps,
    "sun_abraham": by_steps,
}


CALLAWAY = {"jackknife": one_start_left_out, "normal": one_start_means}


def at_once(estimator: str, error: str, of: Layout, world: str) -> Cell:
    """A cell whose draws are reckoned together."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        y = outcomes(world, of, rng, draws)
        linear = CALLAWAY[error](of) if estimator == "callaway_santanna" else LINEAR[estimator](of, error)
        grows = world == "growing_effect"
        truth = float(growing(of)[of.frame["on"] > 0].mean()) if grows else 0.0
        found = linear.tested(y, truth, null=not grows)
        return same(found, _effects(estimator, error, of, y[:CHECKED]))

    # People are what this is meant for; rows of units are what it is misused for.
    variant = f"{error}, rows of units" if estimator == "did_2x2" else error
    return Cell(estimator, variant, of.name, world, run)


def drawn(estimator: str, variant: str, of: Layout, world: str) -> Cell:
    """A cell whose draws are given to the published function one by one."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        y = outcomes(world, of, rng, draws)
        grows = world == "growing_effect"
        truth = float(growing(of)[of.frame["on"] > 0].mean()) if grows else 0.0
        error = variant if estimator == "callaway_santanna" else ""
        return one_by_one(_effects(estimator, error, of, y), truth, null=not grows)

    return Cell(estimator, variant, of.name, world, run)


def by_lot(of: Layout, world: str) -> Cell:
    """Randomisation inference: the coefficients under all assignments are linear in the outcome."""

    def run(rng: np.random.Generator, draws: int) -> Tested:
        y = outcomes(world, of, rng, draws)
        coefficients, shift = assignments(of)
        rows, level = [], 0.95
        for statistic in y @ coefficients.T:
            one = Randomisation(statistic, shift, True)
            level = one.attainable(0.95)
            rows.append((*one.interval(level), one.p_value()))
        lower, upper, p_value = np.array(rows).T
        found = Tested(lower, upper, p_value, level=level)
        return same(found, _effects("randomisation_inference", "", of, y[:CHECKED]))

    return Cell("randomisation_inference", "every assignment", of.name, world, run)


def assignments(of: Layout) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the coefficient under each assignment, (assignments, n), the real one first, and shifts."""
    table, treated = of.frame, int((of.start > 0).sum())
    basis = linalg.orth(effects_columns(table))
    after = (table["year"] >= START).to_numpy("float64")
    units = table["unit"].to_numpy()
    rows = []
    for chosen in combinations(range(UNITS), treated):
        column = after * np.isin(units, chosen)
        inner = column - basis @ (basis.T @ column)
        rows.append(inner / (inner @ inner))
    weights = np.array(rows)
    return weights, weights @ table["on"].to_numpy()


def cells() -> list[Cell]:
    """All comparisons over time."""
    found: list[Cell] = []
    for treated in (3, 6):
        of = layout(treated)
        for world in PANEL_WORLDS:
            found += [
                at_once("did_2x2", "hc1", of, world),
                at_once("did_2x2_clustered", "cr2", of, world),
                at_once("twfe", "cr2", of, world),
                at_once("twfe", "cluster", of, world),
                at_once("twfe", "classical", of, world),
                at_once("event_study", "cr2", of, world),
                at_once("callaway_santanna", "jackknife", of, world),
                at_once("callaway_santanna", "normal", of, world),
                at_once("sun_abraham", "cr2", of, world),
            ]
    found += [by_lot(layout(3), world) for world in PANEL_WORLDS]
    found += [drawn("wild_cluster_bootstrap", "webb", layout(3), world) for world in SLOW_WORLDS]
    found += [drawn("wild_cluster_bootstrap", "webb", layout(6), world) for world in PANEL_WORLDS[1:4]]
    found += [by_lot(layout(1), world) for world in PANEL_WORLDS]
    for world in SLOW_WORLDS:
        found += [
            drawn("synthetic_control", "outcomes", layout(1), world),
            drawn("synthetic_did", "placebo", layout(1), world),
        ]
    for error in ("cr2", "cluster"):
        found.append(at_once("twfe", error, STAGGERED, "growing_effect"))
    found += [
        at_once("sun_abraham", "cr2", STAGGERED, "growing_effect"),
        drawn("callaway_santanna", "jackknife", STAGGERED, "growing_effect"),
        drawn("callaway_santanna", "normal", STAGGERED, "growing_effect"),
    ]
    return found
