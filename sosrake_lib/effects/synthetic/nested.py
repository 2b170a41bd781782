"""Which predictors matter: importances V such that the weights they lead to follow the outcome before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from sosrake_lib.effects.synthetic.predictors import scaled
from sosrake_lib.effects.synthetic.simplex import DUST, simplex_weights
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
SEARCHES = ("two_starts", "many_starts")
# Starts of the wide search besides the equal, the regression-based and the one-predictor ones.
RANDOM_STARTS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Weights of donors that match predictors.

    Attributes
    ----------
    weights : (donors,). v : (predictors,) importances, sum 1. loss_w : weighted squared distance of the
    scaled predictors. loss_v : mean squared distance of the outcome over the periods to follow.
    starts : how many starts were tried. lower_bound : the loss_v of weights free of the predictors, which no
    importances can go below.
    """

    weights: Floats
    v: Floats
    loss_w: float
    loss_v: float
    starts: int = 0
    lower_bound: float = np.nan

    def gap(self, y1: ArrayLike, y0: ArrayLike) -> Floats:
        """Treated minus synthetic over any periods: y1 (periods,), y0 (periods, donors)."""
        course, others = _arrays(y1, y0, "outcomes")
        return np.asarray(course - others @ self.weights)


def given_v(
    x1: ArrayLike, x0: ArrayLike, v: ArrayLike, z1: ArrayLike | None = None, z0: ArrayLike | None = None
) -> Matched:
    """Find the donors' weights for given importances of predictors.

    minimise Σ_k v_k (x1_k - Σ_j w_j x0_kj)² over w on the simplex, predictors divided by their standard
    deviation over the treated unit and the donors, v scaled to sum 1

    Parameters
    ----------
    x1, x0 : predictors of the treated unit (predictors,) and the donors (predictors, donors), unscaled.
    v : (predictors,), 0 or more. z1, z0 : outcome before treatment (periods,), (periods, donors), for loss_v.

    Compared with R Synth 1.1.8 custom.v (tests/reference/synthetic_control.csv).
    Source: Abadie, Diamond and Hainmueller (2010), doi 10.1198/jasa.2009.ap08746.

    Examples
    --------
    >>> found = given_v([1.0, 2.0], [[0.0, 2.0, 5.0], [1.0, 3.0, 0.0]], [1.0, 1.0])
    >>> found.weights.round(6).tolist()
    [0.5, 0.5, 0.0]
    """
    treated, donors = _arrays(x1, x0, "predictors")
    importance = np.asarray(v, "float64")
    if importance.shape != treated.shape or not (importance >= 0).all() or not importance.sum() > 0:
        raise SosrakeError(
            f"given_v: {importance.size} importances for {treated.size} predictors; expected one each, 0 or "
            "more and not all 0"
        )
    importance = importance / importance.sum()
    one, many = scaled(treated, donors)
    weights = _inner(one, many, importance)
    loss_v = np.nan
    if z1 is not None and z0 is not None:
        course, others = _arrays(z1, z0, "outcomes")
        loss_v = float(((course - others @ weights) ** 2).mean())
    return Matched(weights, importance, float(importance @ (one - many @ weights) ** 2), loss_v)


def outcomes_only(z1: ArrayLike, z0: ArrayLike) -> Matched:
    """Find the donors' weights that follow the outcome before treatment, without predictors.

    z1 : (periods,). z0 : (periods, donors). The loss_v is the smallest any weights can have.

    Examples
    --------
    >>> outcomes_only([2.0, 3.0], [[1.0, 3.0], [2.0, 4.0]]).weights.round(6).tolist()
    [0.5, 0.5]
    """
    course, others = _arrays(z1, z0, "outcomes")
    weights = simplex_weights(others, course).weights
    loss = float(((course - others @ weights) ** 2).mean())
    return Matched(weights, np.zeros(0), np.nan, loss, 0, loss)


def nested_v(
    x1: ArrayLike,
    x0: ArrayLike,
    z1: ArrayLike,
    z0: ArrayLike,
    *,
    search: str = "many_starts",
    seed: int = 0,
) -> Matched:
    """Find importances whose weights follow the outcome before treatment best.

    The outer loss has many local optima and flat parts, so the digits of V and of single weights depend on
    the search; judge by loss_v. Each start goes downhill by BFGS with the exact gradient through the inner
    problem's active set, the best ones also importance by importance (Powell); the best result is kept.

    Parameters
    ----------
    x1, x0, z1, z0 : as in `given_v`; z over the periods to follow.
    search : "two_starts" (equal and regression-based importances, the published practice: reproduces
        published figures) or "many_starts" (besides these each predictor nearly alone and random ones; often
        a lower loss, hence the default).
    seed : of the random starts.

    Compared with R Synth 1.1.8 on the Basque data (tests/reference/synthetic_control.csv).
    Source: Abadie and Gardeazabal (2003), doi 10.1257/000282803321455188; on the local optima Becker and
    Klössner (2018), doi 10.1016/j.ecosta.2017.08.002.

    Examples
    --------
    >>> x0, z0 = [[0.0, 2.0, 5.0], [1.0, 3.0, 0.0]], [[1.0, 3.0, 9.0], [2.0, 4.0, 9.0]]
    >>> round(nested_v([1.0, 2.0], x0, [2.0, 3.0], z0).loss_v, 6)
    0.0
    """
    if search not in SEARCHES:
        raise SosrakeError(f"nested_v: search {search!r}; expected one of {', '.join(SEARCHES)}")
    treated, donors = _arrays(x1, x0, "predictors")
    course, others = _arrays(z1, z0, "outcomes")
    one, many = scaled(treated, donors)
    starts = [np.full(one.size, 1 / one.size), _by_regression(one, many, course, others)]
    if search == "many_starts":
        starts += _more_starts(one.size, seed)
    cost = _cost(one, many, course, others)
    tried = [_downhill(cost, start) for start in starts]
    if search == "many_starts":
        # Steps along one importance at a time get over edges at which the gradient sees no way on.
        near = [*starts[:2], min(tried, key=lambda v: cost(v)[0])]
        tried += [_by_turns(cost, start) for start in near]
    best = min(tried, key=lambda v: cost(v)[0])
    found = given_v(x1, x0, best, z1, z0)
    bound = outcomes_only(course, others).loss_v
    return Matched(found.weights, found.v, found.loss_w, found.loss_v, len(starts), bound)


def _arrays(one: ArrayLike, many: ArrayLike, what: str) -> tuple[Floats, Floats]:
    first, second = np.asarray(one, "float64"), np.asarray(many, "float64")
    if second.ndim != 2 or first.shape != second.shape[:1]:
        raise SosrakeError(
            f"synthetic control: {what} {first.shape} of the treated unit and {second.shape} of the donors; "
            "expected (rows,) and (rows, donors)"
        )
    return first, second


def _inner(one: Floats, many: Floats, v: Floats) -> Floats:
    root = np.sqrt(v)
    return simplex_weights(many * root[:, None], one * root).weights


def _cost(
    one: Floats, many: Floats, course: Floats, others: Floats
) -> Callable[[Floats], tuple[float, Floats]]:
    """Give the outer loss of importances (any sign and size) and its gradient."""

    def cost(raw: Floats) -> tuple[float, Floats]:
        total = np.abs(raw).sum()
        v = np.abs(raw) / total
        weights = _inner(one, many, v)
        rest = others @ weights - course
        active = weights > DUST
        inner, apart = many[:, active], many @ weights - one
        # On the active set K (dw, dλ) = (-x_k r_k, 0) dv_k, so one solve with the loss's slope gives all.
        system = np.ones((active.sum() + 1, active.sum() + 1))
        system[:-1, :-1], system[-1, -1] = (inner * v[:, None]).T @ inner, 0.0
        slope = np.append(2 / course.size * others[:, active].T @ rest, 0.0)
        back = np.linalg.lstsq(system, slope, rcond=None)[0][:-1]
        by_v = -(inner @ back) * apart
        gradient = np.sign(raw) * (by_v - v @ by_v) / total
        return float(rest @ rest / course.size), gradient

    return cost


def _downhill(cost: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    found = optimize.minimize(cost, start, jac=True, method="BFGS", options={"maxiter": 500})
    return np.abs(found.x) / np.abs(found.x).sum()


def _by_turns(cost: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    found = optimize.minimize(lambda raw: cost(raw)[0], start, method="Powell", options={"maxiter": 30})
    return np.abs(found.x) / np.abs(found.x).sum()


def _by_regression(one: Floats, many: Floats, course: Floats, others: Floats) -> Floats:
    """Square the coefficients of outcomes on predictors over all units, summed over the periods."""
    x = np.column_stack([np.ones(many.shape[1] + 1), np.column_stack([one, many]).T])
    slopes = np.linalg.lstsq(x, np.column_stack([course, others]).T, rcond=None)[0][1:]
    size = (slopes**2).sum(axis=1)
    return size / size.sum() if size.sum() > 0 else np.full(one.size, 1 / one.size)


def _more_starts(count: int, seed: int) -> list[Floats]:
    alone = [np.where(np.arange(count) == k, 0.9, 0.1 / count) for k in range(count)]
    rng = np.random.default_rng(seed)
    # Importances of very different size, since optima are often at the edge.
    drawn = np.exp(rng.uniform(-8, 0, (RANDOM_STARTS, count)))
    return [*alone, *(drawn / drawn.sum(axis=1, keepdims=True))]
