"""Concentration index: how far a value piles up at one end of another order of areas or people.

The order is a rank variable such as deprivation or income, lowest first. A negative index says that the
value is concentrated at the low end of the order, a positive one at the high end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators.inequality_kernels import Floats, Kernel, correction, ordered, over, sums
from sosrake_lib.indicators.inequality_measures import Estimate
from sosrake_lib.indicators.interval_form import levels_of

KINDS = ("standard", "generalised", "erreygers", "wagstaff")
FORMS = ("direct", "linreg_delta")
TIES = ("average", "order")
_BOUNDED = ("erreygers", "wagstaff")


def fractional_rank(rank: ArrayLike, weights: ArrayLike | None = None, *, ties: str = "average") -> Floats:
    """Give each value's place in the order of `rank`: the share of people below plus half of its own (0-1).

    Parameters
    ----------
    rank : what is ordered by, lowest first.
    weights : people; left out, 1 each.
    ties : "average" (equal ranks share one place; the answer does not depend on the order of the rows) or
        "order" (equal ranks follow each other as they stand in the data, as R rineq does).

    Returns
    -------
    Array in the order given (ridits); their weighted mean is 0.5.

    Source: Lerman & Yitzhaki (1989), doi 10.1016/0304-4076(89)90028-1.

    Examples
    --------
    >>> fractional_rank([3, 1, 1, 2]).tolist(), fractional_rank([3, 1, 1, 2], ties="order").tolist()
    ([0.875, 0.25, 0.25, 0.625], [0.875, 0.125, 0.375, 0.625])
    """
    where = "inequality.fractional_rank"
    _one_of(ties, TIES, where, "ties")
    data = ordered(rank, weights, where, negative=True)
    runs = tie_runs(data.values[None]) if ties == "average" else None
    found = np.full(np.shape(rank), np.nan)
    found[data.order] = ridits(data.weights[None, None], runs)[0, 0]
    return found


def concentration_index(
    values: ArrayLike,
    rank: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    kind: str = "standard",
    bounds: tuple[float, float] | None = None,
    form: str = "direct",
    ties: str = "average",
) -> float:
    """Concentration index of `values` over the order of `rank`.

    Formula, R the fractional rank and cov with divisor n: standard C = 2 cov(x, R)/μ; generalised μC;
    Erreygers 4μC/(b - a); Wagstaff μC (b - a)/((b - μ)(μ - a)), the value being bounded by a and b.

    Parameters
    ----------
    values : health, need, ...; for "standard" not negative with a mean above 0.
    rank : what orders the people, such as income or deprivation, lowest first.
    weights : people; left out, 1 each.
    kind : "standard", "generalised", "erreygers", "wagstaff".
    bounds : (a, b), the least and greatest possible value; needed by erreygers and wagstaff.
    form : "direct", or "linreg_delta": times (n - 1)/n, the default of R rineq.
    ties : as `fractional_rank`.

    Raises
    ------
    SosrakeError for unknown options, missing bounds, values outside them, a mean of 0 or at a bound, and
    lists of different length.

    Sources: Kakwani, Wagstaff & van Doorslaer (1997), doi 10.1016/S0304-4076(96)01807-6; Erreygers (2009),
    doi 10.1016/j.jhealeco.2008.02.003; Wagstaff (2005), doi 10.1002/hec.953. Compared with R rineq.

    Examples
    --------
    >>> print(round(concentration_index([9, 8, 8, 7, 5, 4, 4, 2], [1, 2, 3, 4, 5, 6, 7, 8]), 4))
    -0.2207
    >>> print(round(concentration_index([1, 1, 0, 0], [1, 2, 3, 4], kind="erreygers", bounds=(0, 1)), 4))
    -1.0
    """
    statistic, weighted, _ = _prepared(values, rank, weights, kind, bounds, form, ties)
    return float(statistic(weighted[None, None])[0, 0])


def estimate_concentration(
    values: ArrayLike,
    rank: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    kind: str = "standard",
    bounds: tuple[float, float] | None = None,
    form: str = "direct",
    ties: str = "average",
    method: str = "bootstrap_percentile",
    confidence: float | Sequence[float] = 0.95,
    replicates: int = 2000,
    seed: int = 1,
    units: ArrayLike | None = None,
) -> Estimate:
    """Concentration index with an interval; ranks are computed anew in each replicate.

    Parameters as `concentration_index` and `inequality_measures.estimate` (`units`: the area or household
    drawn as a whole).

    Examples
    --------
    >>> found = estimate_concentration([9, 8, 8, 7, 5, 4, 4, 2], range(8), method="jackknife")
    >>> print(round(found.value, 3), round(found.lower, 3), round(found.upper, 3))
    -0.221 -0.356 -0.085
    """
    where = "inequality.estimate_concentration"
    statistic, weighted, order = _prepared(values, rank, weights, kind, bounds, form, ties)
    codes = None if units is None else resampling.unit_numbers(units, np.size(values), where)[order]
    if codes is not None:
        codes = resampling.unit_numbers(codes, len(codes), where)
    levels = levels_of(confidence, "inequality.estimate_concentration")
    found = resampling.limits(
        statistic,
        weighted[None],
        method=method,
        confidence=levels,
        replicates=replicates,
        seed=seed,
        units=codes,
        where=where,
    )
    table = pd.DataFrame(
        {
            "confidence": levels,
            "lower": [float(limit.lower[0]) for limit in found],
            "upper": [float(limit.upper[0]) for limit in found],
        }
    )
    value = float(statistic(weighted[None, None])[0, 0])
    return Estimate(
        f"concentration_{kind}", value, table, method, len(order) if codes is None else int(codes.max()) + 1
    )


def all_indexes(
    values: ArrayLike,
    rank: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bounds: tuple[float, float] | None = None,
    form: str = "direct",
    ties: str = "average",
) -> pd.DataFrame:
    """Give every kind of index that can be computed (the bounded two only with bounds): `kind, value`.

    Rows with a missing value, rank or weight are left out, as R rineq does.

    Examples
    --------
    >>> print(all_indexes([9, 8, 8, 7, 5, 4, 4, 2], range(8)).round(3).to_string(index=False))
           kind  value
       standard -0.221
    generalised -1.297
    """
    columns = [np.asarray(values, "float64"), np.asarray(rank, "float64")]
    columns.append(np.ones(columns[0].shape) if weights is None else np.asarray(weights, "float64"))
    if len({column.shape for column in columns}) > 1:
        raise SosrakeError(
            f"inequality.concentration_index: {[column.size for column in columns]} values, ranks, weights; "
            "give one rank and one weight per value"
        )
    present = ~np.isnan(columns).any(axis=0)
    x, order, w = (column[present] for column in columns)
    kinds = [kind for kind in KINDS if bounds is not None or kind not in _BOUNDED]
    found = [
        concentration_index(x, order, w, kind=kind, bounds=bounds, form=form, ties=ties) for kind in kinds
    ]
    return pd.DataFrame({"kind": kinds, "value": found})


def tie_runs(rank: Floats) -> tuple[np.ndarray, np.ndarray] | None:
    """Give first and last place of the run of equal ranks around each place (g, n); None without ties."""
    same = rank[:, 1:] == rank[:, :-1]
    if not same.any():
        return None
    rows, n = rank.shape
    places = np.broadcast_to(np.arange(n), (rows, n))
    edge = np.ones((rows, 1), dtype=bool)
    first = np.maximum.accumulate(np.where(np.hstack([edge, ~same]), places, 0), axis=1)
    ends = np.where(np.hstack([~same, edge]), places, n - 1)
    return first, np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]


def ridits(w: Floats, runs: tuple[np.ndarray, np.ndarray] | None) -> Floats:
    """Give fractional ranks of weights (g, m, n) that stand in the order of the rank; NaN without weight."""
    return over(doubled_places(w, runs), 2 * w.sum(axis=-1, keepdims=True))


def doubled_places(w: Floats, runs: tuple[np.ndarray, np.ndarray] | None) -> Floats:
    """Give twice the weight below each place and half its own: 2 R Σw."""
    upto = np.cumsum(w, axis=-1)
    if runs is None:
        upto *= 2
        upto -= w
        return upto
    first, last = (np.broadcast_to(part[:, None, :], w.shape) for part in runs)
    before = np.take_along_axis(upto, first, axis=-1) - np.take_along_axis(w, first, axis=-1)
    return before + np.take_along_axis(upto, last, axis=-1)


def concentration_kernel(
    kind: str, bounds: tuple[float, float] | None, runs: tuple[np.ndarray, np.ndarray] | None
) -> Kernel:
    """Make the kernel of an index: values (g, n) in the order of their rank, weights (g, m, n)."""

    def kernel(x: Floats, w: Floats) -> Floats:
        # Around the plain mean: the covariance does not notice, and constant values give an exact 0.
        middle = x.mean(axis=-1, keepdims=True)
        apart = x - middle
        people, shift = sums(w, np.ones_like(x), apart)
        together = np.einsum("gmn,gmn->gm", w * apart[:, None, :], doubled_places(w, runs))
        generalised = over(together, people**2) - over(shift, people)
        mean = middle + over(shift, people)
        with np.errstate(divide="ignore", invalid="ignore"):
            if kind == "generalised":
                return generalised
            if kind == "standard":
                return np.where(mean == 0, 0.0, generalised / mean)
            low, high = bounds if bounds is not None else (np.nan, np.nan)
            if kind == "erreygers":
                return 4 * generalised / (high - low)
            return generalised * (high - low) / ((high - mean) * (mean - low))

    return kernel


def check_options(kind: str, bounds: tuple[float, float] | None, where: str) -> None:
    """Refuse an unknown kind, and missing or crossed bounds."""
    _one_of(kind, KINDS, where, "kind")
    if bounds is None and kind in _BOUNDED:
        raise SosrakeError(
            f"{where}: kind {kind} needs bounds=(least, greatest possible value), such as (0, 1)"
        )
    if bounds is not None and not bounds[0] < bounds[1]:
        raise SosrakeError(
            f"{where}: bounds {tuple(bounds)}; expected (least, greatest), least below greatest"
        )


def _prepared(
    values: ArrayLike,
    rank: ArrayLike,
    weights: ArrayLike | None,
    kind: str,
    bounds: tuple[float, float] | None,
    form: str,
    ties: str,
) -> tuple[resampling.Statistic, Floats, np.ndarray]:
    where = "inequality.concentration_index"
    check_options(kind, bounds, where)
    _one_of(form, FORMS, where, "form")
    _one_of(ties, TIES, where, "ties")
    order_by = np.asarray(rank, dtype="float64")
    if order_by.shape != np.shape(values) or not np.isfinite(order_by).all():
        raise SosrakeError(
            f"{where}: rank has {order_by.size} entries for {np.size(values)} values, or one is not a finite "
            "number; give one rank per value"
        )
    data = ordered(values, weights, where, negative=kind != "standard", by=order_by)
    _check_values(data.values, data.weights, kind, bounds, where)
    runs = tie_runs(order_by[data.order][None]) if ties == "average" else None
    kernel = concentration_kernel(kind, bounds, runs)
    factor = 1 / correction(len(data.values)) if form == "linreg_delta" else 1.0

    def statistic(w: Floats) -> Floats:
        return factor * kernel(data.values[None], w)

    return statistic, data.weights, data.order


def _check_values(x: Floats, w: Floats, kind: str, bounds: tuple[float, float] | None, where: str) -> None:
    if bounds is not None and (x.min() < bounds[0] or x.max() > bounds[1]):
        raise SosrakeError(
            f"{where}: values reach from {x.min():g} to {x.max():g}, outside bounds "
            f"{tuple(bounds)}; correct either"
        )
    if kind == "wagstaff" and bounds is not None and x.max() == x.min() and x[0] in bounds:
        raise SosrakeError(
            f"{where}: all values stand at the bound {x[0]:g}, where Wagstaff's index is 0/0; use erreygers"
        )


def _one_of(given: str, allowed: Sequence[str], where: str, what: str) -> None:
    if given not in allowed:
        raise SosrakeError(f"{where}: {what} {given!r}; use one of {', '.join(allowed)}")
