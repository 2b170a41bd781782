"""Effect on the treated from two times of the same units: by regression, by weighting, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from sosrake_lib.effects.regression import fit_logit, fit_ols
from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import SosrakeError

# Controls whose fitted probability of treatment exceeds this have no treated counterpart in practice.
TRIM = 0.995


@dataclass(frozen=True, slots=True, eq=False)
class CellEffect:
    """An average effect on the treated and each unit's influence on it (mean zero over the cell), (n,)."""

    att: float
    influence: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """A fitted nuisance: values for each unit, and each unit's influence on its coefficients (n, k)."""

    values: Floats
    influence: Floats


def outcome_regression(
    change: ArrayLike, treated: ArrayLike, design: ArrayLike, weights: ArrayLike | None = None
) -> CellEffect:
    """Effect on the treated by predicting from the controls how the treated would have changed.

    Parameters
    ----------
    change : (n,), outcome after minus before. treated : (n,) of 0 and 1. design : (n, k) covariates with a
        column of ones. weights : (n,) sampling weights; None = equal.

    Formula: E[change | treated] - E[x'b | treated], b by least squares among the controls.
    Compared with R DRDID reg_did_panel (through did::att_gt, tests/reference/did.csv).
    Source: Heckman JJ, Ichimura H, Todd P (1997), doi 10.2307/2971733; Sant'Anna PHC, Zhao J (2020), doi
    10.1016/j.jeconom.2020.06.003.

    Examples
    --------
    >>> outcome_regression([1.0, 3.0, 5.0, 7.0], [0, 0, 1, 1], np.ones((4, 1))).att
    4.0
    """
    dy, d, x, w = _given(change, treated, design, weights)
    predicted = _regression(dy, d, x, w)
    wt = w * d
    here = wt @ dy / wt.sum()
    there = wt @ predicted.values / wt.sum()
    share = wt.mean()
    first = wt * (dy - here) / share
    second = (wt * (predicted.values - there) + predicted.influence @ (x.T @ wt / len(dy))) / share
    return CellEffect(float(here - there), first - second)


def probability_weighting(
    change: ArrayLike, treated: ArrayLike, design: ArrayLike, weights: ArrayLike | None = None
) -> CellEffect:
    """Effect on the treated by weighting controls to look like the treated (weights summing to one).

    Parameters and comparison as in `outcome_regression` (R DRDID std_ipw_did_panel).
    Formula: E[change | treated] - Σ r·change / Σ r among controls, r = p/(1 - p), p by logistic regression.
    Source: Abadie A (2005), doi 10.1111/0034-6527.00321.

    Examples
    --------
    >>> round(probability_weighting([1.0, 3.0, 5.0, 7.0], [0, 0, 1, 1], np.ones((4, 1))).att, 6)
    4.0
    """
    dy, d, x, w = _given(change, treated, design, weights)
    score = _propensity(d, x, w)
    wt, wc = w * d, _odds(d, w, score.values)
    here, there = wt @ dy / wt.sum(), wc @ dy / wc.sum()
    first = wt * (dy - here) / wt.mean()
    moved = score.influence @ (x.T @ (wc * (dy - there)) / len(dy))
    return CellEffect(float(here - there), first - (wc * (dy - there) + moved) / wc.mean())


def doubly_robust(
    change: ArrayLike, treated: ArrayLike, design: ArrayLike, weights: ArrayLike | None = None
) -> CellEffect:
    """Effect on the treated that is right if the regression or the weighting is.

    Parameters and comparison as in `outcome_regression` (R DRDID drdid_panel).
    Formula: E[change - x'b | treated] - Σ r·(change - x'b) / Σ r among controls.
    Source: Sant'Anna PHC, Zhao J (2020), doi 10.1016/j.jeconom.2020.06.003.

    Examples
    --------
    >>> round(doubly_robust([1.0, 3.0, 5.0, 7.0], [0, 0, 1, 1], np.ones((4, 1))).att, 6)
    4.0
    """
    dy, d, x, w = _given(change, treated, design, weights)
    predicted, score = _regression(dy, d, x, w), _propensity(d, x, w)
    left = dy - predicted.values
    wt, wc = w * d, _odds(d, w, score.values)
    n = len(dy)
    here, there = wt @ left / wt.sum(), wc @ left / wc.sum()
    first = (wt * (left - here) - predicted.influence @ (x.T @ wt / n)) / wt.mean()
    moved = score.influence @ (x.T @ (wc * (left - there)) / n) - predicted.influence @ (x.T @ wc / n)
    return CellEffect(float(here - there), first - (wc * (left - there) + moved) / wc.mean())


Estimator = Callable[[Floats, Floats, Floats, Floats], CellEffect]
ESTIMATORS: MappingProxyType[str, Estimator] = MappingProxyType(
    {"dr": doubly_robust, "reg": outcome_regression, "ipw": probability_weighting}
)


def _given(
    change: ArrayLike, treated: ArrayLike, design: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats, Floats]:
    dy, d = np.asarray(change, dtype="float64"), np.asarray(treated, dtype="float64")
    w = np.ones(len(dy)) if weights is None else np.asarray(weights, dtype="float64")
    if not (d == 1).any() or not (d == 0).any():
        raise SosrakeError("difference in changes: one arm is empty; treated and control units are needed")
    return dy, d, np.asarray(design, dtype="float64"), w / w.mean()


def _regression(dy: Floats, d: Floats, x: Floats, w: Floats) -> _Fit:
    free = d == 0
    if free.sum() < x.shape[1]:
        raise SosrakeError(
            f"difference in changes: {int(free.sum())} control units for {x.shape[1]} coefficients; use "
            "fewer "
            "covariates or more controls"
        )
    fit = fit_ols(dy[free], x[free], w[free])
    values = x @ fit.coefficients
    scores = x * (w * (1 - d) * (dy - values))[:, None]
    return _Fit(values, scores @ fit.bread * len(dy))


def _propensity(d: Floats, x: Floats, w: Floats) -> _Fit:
    fit = fit_logit(d, x, w)
    return _Fit(np.minimum(fit.probabilities, 1 - 1e-6), fit.scores @ fit.bread * len(d))


def _odds(d: Floats, w: Floats, p: Floats) -> Floats:
    found = w * (1 - d) * p / (1 - p) * (p < TRIM)
    if found.sum() <= 0:
        raise SosrakeError(
            "difference in changes: no control unit resembles the treated (no overlap of the propensity "
            "scores); use "
            "other controls, fewer covariates, or est_method 'reg'"
        )
    return found
