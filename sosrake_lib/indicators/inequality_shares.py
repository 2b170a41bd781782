"""Shares of the whole by rank: Lorenz curve, Palma ratio, S80/S20, weighted quantiles, at-risk-of-poverty.

Two definitions of "the poorest fifth" are in use. The smooth one splits the person on the border (the Lorenz
curve is interpolated) and is steady under resampling. Eurostat's takes everybody up to a weighted quantile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.inequality_kernels import Floats, Kernel, gini, one, ordered, over, settled

# Two sums of the same weights in another order differ by rounding; a border hit so closely counts as hit.
_ROUNDING = 1e-12
POVERTY_SHARE = 0.6


def lorenz_curve(values: ArrayLike, weights: ArrayLike | None = None) -> pd.DataFrame:
    """Give the Lorenz curve: which share of the whole the poorest share of people has.

    Parameters
    ----------
    values : not negative, not all 0.
    weights : people behind each value; left out, 1 each.

    Returns
    -------
    DataFrame `population_share, value_share` (0-1), from (0, 0) to (1, 1), one row more than values; twice
    the area between it and the diagonal is the Gini coefficient.

    Source: Lorenz (1905), doi 10.2307/2276207.

    Examples
    --------
    >>> print(lorenz_curve([1, 3]).to_string(index=False))
     population_share  value_share
                  0.0         0.00
                  0.5         0.25
                  1.0         1.00
    """
    data = ordered(values, weights, "inequality.lorenz")
    whole = data.weights * data.values
    if not whole.sum() > 0:
        raise SosrakeError("inequality.lorenz: all values are 0; there is nothing to share, so no curve")
    return pd.DataFrame(
        {
            "population_share": np.append(0.0, np.cumsum(data.weights) / data.weights.sum()),
            "value_share": np.append(0.0, np.cumsum(whole) / whole.sum()),
        }
    )


def palma(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Palma ratio: share of the richest 10 % over the share of the poorest 40 % (smooth); 0.25 for equality.

    Infinite when the poorest 40 % have nothing. Source: Palma (2011), doi 10.1111/j.1467-7660.2011.01683.x.

    Examples
    --------
    >>> print(round(palma([10, 20, 30, 40, 50]), 4))
    0.8333
    """
    return one(share_ratio_kernel(0.9, 0.4, 0.25), ordered(values, weights, "inequality.palma"))


def s80s20(values: ArrayLike, weights: ArrayLike | None = None, *, definition: str = "smooth") -> float:
    """Income quintile share ratio S80/S20: the richest fifth's share over the poorest fifth's.

    Parameters
    ----------
    definition : "smooth" (Lorenz curve interpolated; 1 for equality) or "quantile" (Eurostat, R laeken `qsr`:
        sum above the 80 % quantile over the sum up to the 20 % quantile).

    Source: Eurostat (2004) EU-SILC 131-rev/04; compared with R laeken.

    Examples
    --------
    >>> values, people = [10, 20, 30, 40, 50], [5, 4, 3, 2, 1]
    >>> print(round(s80s20(values, people), 4), round(s80s20(values, people, definition="quantile"), 4))
    4.3333 2.6
    """
    kernels: dict[str, Kernel] = {"smooth": share_ratio_kernel(0.8, 0.2, 1.0), "quantile": quintile_kernel}
    if definition not in kernels:
        raise SosrakeError(f"inequality.s80s20: definition {definition!r}; use one of {', '.join(kernels)}")
    smooth = definition == "smooth"
    return one(kernels[definition], ordered(values, weights, "inequality.s80s20", negative=not smooth))


def weighted_quantile(values: ArrayLike, share: float = 0.5, weights: ArrayLike | None = None) -> float:
    """Weighted quantile by Eurostat's definition; `share` 0.5 is the weighted median.

    The smallest value whose cumulative weight passes `share` of all weight; when it is met exactly, the mean
    of that value and the next. Source: Eurostat (2004) EU-SILC 131-rev/04 (R laeken `weightedQuantile`).

    Examples
    --------
    >>> weighted_quantile([1, 2, 3, 4]), weighted_quantile([1, 2, 3], 0.5, [1, 1, 5])
    (2.5, 3.0)
    """
    if not 0 <= share <= 1:
        raise SosrakeError(f"inequality.weighted_quantile: share {share!r}; expected a share between 0 and 1")
    data = ordered(values, weights, "inequality.weighted_quantile", negative=True)
    return float(_quantile(data.values[None], np.cumsum(data.weights)[None, None], share)[0, 0])


def poverty_threshold(
    values: ArrayLike, weights: ArrayLike | None = None, *, share: float = POVERTY_SHARE
) -> float:
    """At-risk-of-poverty threshold: 60 % (`share`) of the weighted median.

    Examples
    --------
    >>> poverty_threshold([10, 20, 30, 40, 50])
    18.0
    """
    if not share > 0:
        raise SosrakeError(
            f"inequality.poverty_threshold: share {share!r}; give a share above 0, such as 0.6"
        )
    return share * weighted_quantile(values, 0.5, weights)


def poverty_rate(
    values: ArrayLike, weights: ArrayLike | None = None, *, share: float = POVERTY_SHARE, per: float = 1.0
) -> float:
    """At-risk-of-poverty rate: share of people strictly below the threshold, in units of `per` (100 for %).

    Source: Eurostat (2004) EU-SILC 131-rev/04; compared with R laeken `arpr`.

    Examples
    --------
    >>> poverty_rate([10, 20, 30, 40, 50], per=100)
    20.0
    """
    poverty_threshold(values, weights, share=share)
    data = ordered(values, weights, "inequality.poverty_rate", negative=True)
    return per * one(poverty_kernel(share), data)


@dataclass(frozen=True, slots=True, eq=False)
class Poverty:
    """Eurostat's figures of one income distribution; `gini` and `rate` in units of `per`."""

    gini: float
    quintile_share_ratio: float
    median: float
    threshold: float
    rate: float
    per: float


def poverty(
    values: ArrayLike, weights: ArrayLike | None = None, *, share: float = POVERTY_SHARE, per: float = 100.0
) -> Poverty:
    """Give Gini, S80/S20 (quantile form), median, threshold and at-risk-of-poverty rate as Eurostat does.

    Parameters
    ----------
    values : equivalised income of each person; NaN is left out, negative values are kept.
    weights : survey weights.
    share : of the median, the threshold.
    per : 100 for per cent.

    Examples
    --------
    >>> found = poverty([10, 20, 30, 40, 50, None])
    >>> print(round(found.gini, 2), found.threshold, found.rate)
    26.67 18.0 20.0
    """
    x = np.asarray(values, dtype="float64")
    w = np.ones(x.shape) if weights is None else np.asarray(weights, dtype="float64")
    if w.shape != x.shape:
        raise SosrakeError(f"inequality.poverty: {w.size} weights for {x.size} values; give one per value")
    present = ~np.isnan(x) & ~np.isnan(w)
    x, w = x[present], w[present]
    return Poverty(
        gini=gini(x, w, negative="keep", per=per),
        quintile_share_ratio=s80s20(x, w, definition="quantile"),
        median=weighted_quantile(x, 0.5, w),
        threshold=poverty_threshold(x, w, share=share),
        rate=poverty_rate(x, w, share=share, per=per),
        per=per,
    )


def share_ratio_kernel(top: float, bottom: float, equal: float) -> Kernel:
    """Make the kernel of (1 - L(top)) / L(bottom), L the interpolated Lorenz curve; `equal` when all are."""

    def kernel(x: Floats, w: Floats) -> Floats:
        before = np.cumsum(w, axis=-1)
        people = before[..., -1:].copy()
        before -= w
        each = x[..., None]
        richest = (w @ each - _inside(top * people, before, w) @ each)[..., 0]
        poorest = (_inside(bottom * people, before, w) @ each)[..., 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            return settled(x, richest / poorest, equal)

    return kernel


def lorenz_kernel(share: float) -> Kernel:
    """Make the kernel of L(share), the part of the whole that the lowest `share` of people has (0-1)."""

    def kernel(x: Floats, w: Floats) -> Floats:
        before = np.cumsum(w, axis=-1)
        people = before[..., -1:].copy()
        before -= w
        each = x[..., None]
        lowest = (_inside(share * people, before, w) @ each)[..., 0]
        # Of nothing everybody has the same part; rounding never lifts the curve above the diagonal.
        return np.minimum(settled(x, over(lowest, (w @ each)[..., 0]), share), share)

    return kernel


def quintile_kernel(x: Floats, w: Floats) -> Floats:
    """Eurostat's S80/S20: sum above the 80 % quantile over the sum up to the 20 % quantile.

    Where all are the same nobody is above the quantile and the ratio would be 0; it is given as 1.
    """
    cumulative = np.cumsum(w, axis=-1)
    high, low = _quantile(x, cumulative, 0.8), _quantile(x, cumulative, 0.2)
    each = x[:, None, :]
    weighted = w * each
    richest = (weighted * (each > high[..., None])).sum(axis=-1)
    poorest = (weighted * (each <= low[..., None])).sum(axis=-1)
    return settled(x, over(richest, poorest), 1.0)


def poverty_kernel(share: float) -> Kernel:
    """Make the kernel of the share of people below `share` of the weighted median."""

    def kernel(x: Floats, w: Floats) -> Floats:
        cumulative = np.cumsum(w, axis=-1)
        line = share * _quantile(x, cumulative, 0.5)
        poor = (w * (x[:, None, :] < line[..., None])).sum(axis=-1)
        return over(poor, cumulative[..., -1])

    return kernel


def _inside(border: Floats, before: Floats, w: Floats) -> Floats:
    """Weight of each value that lies within the first `border` of all weight."""
    part = border - before
    np.minimum(part, w, out=part)
    return np.maximum(part, 0, out=part)


def _quantile(x: Floats, cumulative: Floats, share: float) -> Floats:
    wanted = share * cumulative[..., -1:]
    margin = _ROUNDING * cumulative[..., -1:]
    last = x.shape[-1] - 1
    first = np.argmax(cumulative >= wanted - margin, axis=-1)
    passed = (cumulative <= wanted + margin).sum(axis=-1).clip(max=last)
    rows = np.arange(len(x))[:, None]
    return (x[rows, first] + x[rows, np.maximum(first, passed)]) / 2
