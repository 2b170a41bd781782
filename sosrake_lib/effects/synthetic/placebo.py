"""What the method finds where there was nothing to find: other units, earlier dates, other donors."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.synthetic.classic import Recipe, SyntheticFit, path_table, solve
from sosrake_lib.effects.synthetic.panel import Panel
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]
# Donors with less weight than this do not move the result when left out.
SOME_WEIGHT = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Placebos:
    """A synthetic control of every donor, beside the treated unit's own.

    Attributes
    ----------
    table : frame `unit, treated, pre_rmspe, post_rmspe, ratio, average_gap, rank`, by falling ratio.
    gaps : (placebos, periods), in the order of `units`. units : labels.
    p_value : share of units, the treated one among them, with at least its ratio. smallest_p : the
    smallest that so few units can give.
    """

    table: pd.DataFrame
    gaps: Floats
    units: tuple[Hashable, ...]
    p_value: float
    smallest_p: float


def rmspe(gap: ArrayLike, axis: int = -1) -> Floats:
    """Root of the mean squared gap."""
    return np.asarray(np.sqrt((np.asarray(gap, "float64") ** 2).mean(axis=axis)))


def placebo_in_space(
    fit: SyntheticFit,
    *,
    treated_as_donor: bool = False,
    worst_fit: float | None = None,
    draws: int = 999,
    seed: int = 0,
) -> Placebos:
    """Give the treatment to every donor in turn and see how unusual the treated unit's gap is.

    Parameters
    ----------
    fit : of the treated unit. With several treated units, `draws` random sets of as many donors are taken.
    treated_as_donor : let the treated unit stand in for the others (its later course may be the effect).
    worst_fit : leave out placebos whose squared error before is more than this many times the treated one's.
    seed : of the draws.

    Returns
    -------
    Placebos; ratio = RMSPE after / RMSPE before, p = rank of the treated unit's ratio / number of units.

    Source: Abadie, Diamond and Hainmueller (2010), doi 10.1198/jasa.2009.ap08746; the ratio: (2015), doi
    10.1111/ajps.12116.

    Examples
    --------
    >>> from sosrake_lib.effects.synthetic import fit_synthetic
    >>> cells = [(u, k, t) for u, k in enumerate((3, 2, 4, 5)) for t in range(9)]
    >>> rows = [(u, t, (t * k) % 7 + 9 * (u == 0 and t > 5)) for u, k, t in cells]
    >>> data = pd.DataFrame(rows, columns=["area", "year", "value"])
    >>> fit = fit_synthetic(data, outcome="value", unit="area", time="year", treated=0, first_after=6)
    >>> placebo_in_space(fit).smallest_p
    0.25
    """
    sets = _sets(len(fit.panel.donors), len(fit.panel.treated), draws, seed)
    gaps = np.array([_one_placebo(fit, chosen, treated_as_donor) for chosen in sets])
    names = fit.panel.donor_names
    units = tuple(names[chosen[0]] if len(chosen) == 1 else number for number, chosen in enumerate(sets))
    before = fit.panel.before
    if worst_fit is not None:
        kept = rmspe(gaps[:, :before]) ** 2 <= worst_fit * rmspe(fit.gap[:before]) ** 2
        gaps, units = gaps[kept], tuple(name for name, stays in zip(units, kept, strict=True) if stays)
    return _judged(fit, gaps, units)


def _sets(donors: int, treated: int, draws: int, seed: int) -> NDArray[np.int64]:
    if treated == 1:
        return np.arange(donors)[:, None]
    if donors < treated + 2:
        raise FrameError(
            f"placebo_in_space: {donors} donors for {treated} treated units; at least {treated + 2} are "
            f"needed "
            "so that a placebo set leaves two donors"
        )
    rng = np.random.default_rng(seed)
    return np.argsort(rng.random((draws, donors)), axis=1)[:, :treated]


def _one_placebo(fit: SyntheticFit, chosen: NDArray[np.int64], treated_as_donor: bool) -> Floats:
    left = np.ones(len(fit.panel.donors), dtype=bool)
    left[chosen] = False
    others, x0 = fit.panel.donors[left], None if fit.x0 is None else fit.x0[:, left]
    if treated_as_donor:
        others = np.vstack([others, fit.panel.target])
        x0 = None if x0 is None or fit.x1 is None else np.column_stack([x0, fit.x1])
    x1 = None if fit.x0 is None else fit.x0[:, chosen].mean(axis=1)
    labels = tuple(range(len(others)))
    panel = replace(fit.panel, donors=others, treated=fit.panel.donors[chosen], donor_names=labels)
    return solve(panel, quick(fit.recipe), x1, x0).gap


def quick(recipe: Recipe) -> Recipe:
    """Search importances from the two usual starts only, since placebos are many."""
    return replace(recipe, search="two_starts")


def _judged(fit: SyntheticFit, gaps: Floats, units: tuple[Hashable, ...]) -> Placebos:
    before = fit.panel.before
    every = np.vstack([fit.gap, gaps]) if len(gaps) else fit.gap[None, :]
    pre, post = rmspe(every[:, :before]), rmspe(every[:, before:])
    # A perfect fit before makes any gap after infinitely unusual; ties count against the treated unit.
    ratio = np.divide(post, pre, out=np.full_like(post, np.inf), where=pre > 1e-12 * np.abs(every).max())
    rank = (ratio[None, :] >= ratio[:, None]).sum(axis=1)
    own = fit.panel.treated_names
    label = own[0] if len(own) == 1 else "treated units"
    table = pd.DataFrame(
        {
            "unit": [label, *units],
            "treated": [True] + [False] * len(units),
            "pre_rmspe": pre,
            "post_rmspe": post,
            "ratio": ratio,
            "average_gap": every[:, before:].mean(axis=1),
            "rank": rank,
        }
    ).sort_values("ratio", ascending=False, kind="stable", ignore_index=True)
    return Placebos(table, gaps, units, float(rank[0] / len(every)), 1 / len(every))


def placebo_in_time(fit: SyntheticFit, first_after: Hashable) -> pd.DataFrame:
    """Pretend that treatment began earlier, using the periods before the real one only.

    Returns
    -------
    DataFrame `period, observed, synthetic, gap, phase` over the periods before the real treatment. Where
    predictors were matched, the same table of predictors is used.

    Raises
    ------
    FrameError when the date is not before treatment or leaves fewer than two periods before it.
    """
    periods = fit.panel.periods[: fit.panel.before]
    if first_after not in periods[2:]:
        raise FrameError(
            f"placebo_in_time: first_after {first_after!r}; expected a period between "
            f"{periods[min(2, len(periods) - 1)]} "
            f"and {periods[-1]}, before treatment and with two periods before it"
        )
    start = periods.index(first_after)
    last = fit.panel.before
    panel = replace(
        fit.panel,
        donors=fit.panel.donors[:, :last],
        treated=fit.panel.treated[:, :last],
        periods=periods,
        before=start,
    )
    follow = None if fit.recipe.follow is None else fit.recipe.follow[:start]
    if follow is not None and not follow.any():
        follow = None
    found = solve(panel, replace(quick(fit.recipe), follow=follow), fit.x1, fit.x0)
    return path_table(panel, found.gap)


def leave_one_out(fit: SyntheticFit) -> pd.DataFrame:
    """Leave out each donor that has weight, one at a time, and find the weights anew.

    Returns
    -------
    DataFrame `unit, weight, average_gap, pre_rmspe`, the donor left out and what comes out without it, by
    falling weight; empty when there are only two donors.
    """
    rows = []
    before, donors = fit.panel.before, fit.panel.donors
    for number in np.argsort(-fit.weights, kind="stable"):
        if fit.weights[number] < SOME_WEIGHT or len(donors) < 3:
            break
        left = np.arange(len(donors)) != number
        names = tuple(name for name, stays in zip(fit.panel.donor_names, left, strict=True) if stays)
        panel: Panel = replace(fit.panel, donors=donors[left], donor_names=names)
        x0 = None if fit.x0 is None else fit.x0[:, left]
        gap = solve(panel, quick(fit.recipe), fit.x1, x0).gap
        rows.append(
            (
                fit.panel.donor_names[number],
                float(fit.weights[number]),
                float(gap[before:].mean()),
                float(rmspe(gap[:before])),
            )
        )
    return pd.DataFrame(rows, columns=["unit", "weight", "average_gap", "pre_rmspe"])
