"""The synthetic control: a weighted mean of donors that goes as the treated unit went before treatment."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.synthetic.nested import SEARCHES, Matched, given_v, nested_v
from sosrake_lib.effects.synthetic.panel import Panel, read_panel
from sosrake_lib.effects.synthetic.predictors import Predictor, predictor_table
from sosrake_lib.effects.synthetic.simplex import simplex_weights
from sosrake_lib.errors import FrameError, SosrakeError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """How weights are found, kept so that placebos are made the same way.

    Attributes
    ----------
    kind : "outcomes" (match every period before), "given" (predictors with importances `v`) or "nested".
    intercept : let the synthetic unit run at another level ("outcomes" only).
    v : (predictors,) or None. search : of `nested_v`. follow : (periods before,) marks those that "nested"
    follows.
    """

    kind: str
    intercept: bool = False
    v: Floats | None = None
    search: str = "many_starts"
    follow: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticFit:
    """A synthetic control.

    Attributes
    ----------
    panel : as read. recipe : how. weights : (donors,). intercept : shift of level, 0 unless asked for.
    matched : losses and importances where predictors were matched. x1, x0 : predictors of the treated and
    of the donors, names in `predictors`.
    """

    panel: Panel
    recipe: Recipe
    weights: Floats
    intercept: float
    matched: Matched | None
    x1: Floats | None
    x0: Floats | None
    predictors: tuple[str, ...]

    @property
    def gap(self) -> Floats:
        """Treated minus synthetic by period, (periods,)."""
        return self.panel.target - self.intercept - self.weights @ self.panel.donors

    def unit_weights(self) -> pd.DataFrame:
        """List the donors by falling weight: `unit, weight`."""
        table = pd.DataFrame({"unit": list(self.panel.donor_names), "weight": self.weights})
        return table.sort_values("weight", ascending=False, kind="stable", ignore_index=True)

    def path(self) -> pd.DataFrame:
        """List the periods: `period, observed, synthetic, gap, phase` (before or after)."""
        return path_table(self.panel, self.gap)

    def balance(self) -> pd.DataFrame:
        """Compare predictors: `predictor, importance, treated, synthetic, donors_mean`."""
        if self.x1 is None or self.x0 is None or self.matched is None:
            raise SosrakeError("SyntheticFit: no predictors were matched; see path() for the fit before")
        return pd.DataFrame(
            {
                "predictor": list(self.predictors),
                "importance": self.matched.v,
                "treated": self.x1,
                "synthetic": self.x0 @ self.weights,
                "donors_mean": self.x0.mean(axis=1),
            }
        )


def path_table(panel: Panel, gap: Floats) -> pd.DataFrame:
    """List the periods of a synthetic unit: `period, observed, synthetic, gap, phase`."""
    return pd.DataFrame(
        {
            "period": list(panel.periods),
            "observed": panel.target,
            "synthetic": panel.target - gap,
            "gap": gap,
            "phase": ["before"] * panel.before + ["after"] * panel.after,
        }
    )


def fit_synthetic(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treatment: str | None = None,
    treated: Hashable | Sequence[Hashable] = None,
    first_after: Hashable = None,
    donors: Sequence[Hashable] | None = None,
    predictors: Sequence[Predictor] = (),
    v: Sequence[float] | None = None,
    search: str = "many_starts",
    follow: Sequence[Hashable] | None = None,
    intercept: bool = False,
    incomplete: str = "refuse",
) -> SyntheticFit:
    """Find the weights of a synthetic control; the parameters are those of `synthetic_control`.

    Examples
    --------
    >>> cells = [(u, base, t) for u, base in zip("abcd", (5, 2, 8, 4)) for t in range(5)]
    >>> rows = [(u, t, base + t + 3 * (u == "a" and t > 2)) for u, base, t in cells]
    >>> data = pd.DataFrame(rows, columns=["area", "year", "value"])
    >>> fit = fit_synthetic(data, outcome="value", unit="area", time="year", treated="a", first_after=3)
    >>> (fit.gap.round(6) + 0.0).tolist()
    [0.0, 0.0, 0.0, 3.0, 3.0]
    """
    panel = read_panel(
        data,
        outcome=outcome,
        unit=unit,
        time=time,
        treatment=treatment,
        treated=treated,
        first_after=first_after,
        donors=donors,
        incomplete=incomplete,
    )
    recipe = _recipe(panel, predictors, v, search, follow, intercept=intercept)
    if not predictors:
        return solve(panel, recipe)
    _check_predictors(predictors, panel)
    units = [*panel.treated_names, *panel.donor_names]
    table = predictor_table(data, predictors, unit=unit, time=time, units=units).to_numpy("float64")
    count = len(panel.treated_names)
    names = tuple(_named(one) for one in predictors)
    return solve(panel, recipe, table[:, :count].mean(axis=1), table[:, count:], names)


def _recipe(
    panel: Panel,
    predictors: Sequence[Predictor],
    v: Sequence[float] | None,
    search: str,
    follow: Sequence[Hashable] | None,
    *,
    intercept: bool,
) -> Recipe:
    if not predictors and (v is not None or follow is not None):
        raise FrameError(
            "synthetic_control: v and follow belong to predictors; give predictors or leave them out"
        )
    if predictors and intercept:
        raise FrameError(
            "synthetic_control: an intercept goes with matching on outcomes; leave out predictors or "
            "intercept"
        )
    if search not in SEARCHES:
        raise FrameError(f"synthetic_control: search {search!r}; expected one of {', '.join(SEARCHES)}")
    wanted = set(panel.periods[: panel.before]) if follow is None else set(follow)
    marks = np.array([period in wanted for period in panel.periods[: panel.before]])
    if len(wanted) != marks.sum():
        raise FrameError(
            "synthetic_control: follow has a period that is not before treatment; it lists the periods in "
            "which the importances are to make the synthetic unit follow the treated one"
        )
    kind = "outcomes" if not predictors else "nested" if v is None else "given"
    return Recipe(kind, intercept, None if v is None else np.asarray(v, "float64"), search, marks)


def _check_predictors(predictors: Sequence[Predictor], panel: Panel) -> None:
    later = set(panel.periods[panel.before :])
    for one in predictors:
        if later & set(one.periods):
            raise FrameError(
                f"synthetic_control: predictor {one.column!r} is taken over "
                f"{sorted(later & set(one.periods))[0]!r}, "  # type: ignore[type-var]
                "a period after treatment began; what treatment may have moved cannot be matched on"
            )


def _named(one: Predictor) -> str:
    span = str(one.periods[0]) if len(one.periods) == 1 else f"{one.periods[0]}-{one.periods[-1]}"
    return f"{one.column}, {span}"


def solve(
    panel: Panel,
    recipe: Recipe,
    x1: Floats | None = None,
    x0: Floats | None = None,
    predictors: tuple[str, ...] = (),
) -> SyntheticFit:
    """Find weights for a panel by a recipe.

    Parameters
    ----------
    x1, x0 : (predictors,), (predictors, donors), where the recipe matches predictors.
    """
    z1, z0 = panel.target[: panel.before], panel.donors[:, : panel.before].T
    if recipe.kind == "outcomes" or x1 is None or x0 is None:
        found = simplex_weights(z0, z1, intercept=recipe.intercept)
        return SyntheticFit(panel, recipe, found.weights, found.intercept, None, None, None, ())
    rows = slice(None) if recipe.follow is None else recipe.follow
    if recipe.kind == "given" and recipe.v is not None:
        matched = given_v(x1, x0, recipe.v, z1[rows], z0[rows])
    else:
        matched = nested_v(x1, x0, z1[rows], z0[rows], search=recipe.search)
    return SyntheticFit(panel, recipe, matched.weights, 0.0, matched, x1, x0, predictors)


def window_means(
    gap: Sequence[float], periods: Sequence[Hashable]
) -> Mapping[tuple[Hashable, Hashable], float]:
    """Give the mean of a course over every window (first period, last period).

    Examples
    --------
    >>> window_means([1.0, 2.0, 6.0], [2001, 2002, 2003])[(2002, 2003)]
    4.0
    """
    sums = np.concatenate([[0.0], np.cumsum(np.asarray(gap, "float64"))])
    size = len(periods)
    return {
        (periods[a], periods[b]): float((sums[b + 1] - sums[a]) / (b + 1 - a))
        for a in range(size)
        for b in range(a, size)
    }
