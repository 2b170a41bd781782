"""Ordinal comparison on counts: how many of each group chose each point of the scale, last axis = points.

Everything that compares ordered answers (Mann-Whitney, Kruskal-Wallis, Cliff's delta, rank-biserial) depends
on the answers through these counts alone, so one array of counts carries every item and pair of groups at
once. Points stand in rising order; arrays broadcast over the leading axes (items, pairs).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Floats, Interval

VARIANCES = ("unbiased", "consistent")
QUANTILES = ("t", "normal")
ADJUSTMENTS = ("holm", "benjamini_hochberg", "bonferroni", "none")


@dataclass(frozen=True, slots=True, eq=False)
class RankTest:
    """A rank test: `statistic` (U of the first group, H, or W), `z` (or degrees of freedom), `p_value`."""

    statistic: Floats
    z: Floats
    p_value: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Dominance:
    """Cliff's delta of the first group over the second, and its variance."""

    delta: Floats
    variance: Floats


def on_common_points(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Count two samples on the points that occur: points, counts of the first, counts of the second."""
    a, b = np.asarray(first, "float64").ravel(), np.asarray(second, "float64").ravel()
    points, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    size = len(points)
    return (
        points,
        np.bincount(place[: len(a)], minlength=size).astype("float64"),
        np.bincount(place[len(a) :], minlength=size).astype("float64"),
    )


def mann_whitney(first: ArrayLike, second: ArrayLike, *, continuity: bool = True) -> RankTest:
    """Mann-Whitney test on counts by the normal approximation, corrected for ties, two-sided.

    Formula: U = number of pairs where the first is higher + half the ties;
    z = (U - mn/2 ∓ ½) / √(mn/12 · (N + 1 - Σ(t³ - t) / (N(N - 1)))), t = answers on a point. Everyone on one
    point: z = 0 and p = 1. A group without answers: nothing. Source: Mann & Whitney (1947),
    doi 10.1214/aoms/1177730491; compared with R stats::wilcox.test.

    Examples
    --------
    >>> found = mann_whitney([0, 2, 1], [3, 1, 0])  # answers 2 2 3 against 1 1 1 2
    >>> print(float(found.statistic), round(float(found.p_value), 4))
    11.0 0.0857
    """
    a, b, m, n = _two(first, second)
    u = _wins(a, b)
    ties = a + b
    size = m + n
    with np.errstate(divide="ignore", invalid="ignore"):
        shrink = (ties**3 - ties).sum(axis=-1) / (size * (size - 1))
        spread = np.sqrt(np.clip(m * n / 12 * (size + 1 - shrink), 0, None))
    away = u - m * n / 2
    shift = 0.5 * np.sign(away) if continuity else 0.0
    z = np.divide(away - shift, spread, out=np.zeros_like(away), where=spread > 0)
    empty = (m == 0) | (n == 0)
    z = np.where(empty, np.nan, z)
    return RankTest(np.where(empty, np.nan, u), z, 2 * special.ndtr(-np.abs(z)))


def mann_whitney_exact(first: ArrayLike, second: ArrayLike) -> float:
    """Exact two-sided p of the Mann-Whitney test of two samples; only where no answer stands twice.

    The distribution of U over all orders that are equally likely. Raises SosrakeError when there are ties.
    """
    from scipy import stats

    a, b = np.asarray(first, "float64").ravel(), np.asarray(second, "float64").ravel()
    if len(np.unique(np.concatenate([a, b]))) < len(a) + len(b):
        raise SosrakeError(
            "group_kernels.mann_whitney_exact: some answers are equal; the exact distribution has no ties; "
            "use the normal approximation"
        )
    return float(stats.mannwhitneyu(a, b, method="exact").pvalue)


def kruskal_wallis(counts: ArrayLike) -> RankTest:
    """Kruskal-Wallis test on counts (..., groups, points), corrected for ties; `z` holds the df.

    Formula: H = [12 / (N(N + 1)) · Σ R² / n - 3(N + 1)] / [1 - Σ(t³ - t) / (N³ - N)], chi-square with groups
    - 1 df. A group without answers is no group. Everyone on one point: H = 0 and p = 1; fewer than two
    groups: nothing. Source: Kruskal & Wallis (1952), doi 10.1080/01621459.1952.10483441; compared with
    scipy.stats.kruskal.
    """
    table = np.asarray(counts, "float64")
    sizes, on_point = table.sum(axis=-1), table.sum(axis=-2)
    total = sizes.sum(axis=-1)
    ranks = on_point.cumsum(axis=-1) - on_point + (on_point + 1) / 2
    sums = (table * ranks[..., None, :]).sum(axis=-1)
    parts = np.divide(sums**2, sizes, out=np.zeros_like(sizes), where=sizes > 0).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        h = 12 / (total * (total + 1)) * parts - 3 * (total + 1)
        correction = 1 - (on_point**3 - on_point).sum(axis=-1) / (total**3 - total)
    varies = np.nan_to_num(correction) > 1e-12
    h = np.divide(np.clip(h, 0, None), correction, out=np.zeros_like(h), where=varies)
    freedom = (sizes > 0).sum(axis=-1) - 1.0
    able = freedom >= 1
    h = np.where(able, h, np.nan)
    return RankTest(h, freedom, special.chdtrc(np.where(able, freedom, 1.0), h))


def epsilon_squared(h: ArrayLike, size: ArrayLike) -> Floats:
    """Effect size of Kruskal-Wallis, 0 (groups alike) to 1 (groups apart): H / (N - 1).

    Source: Tomczak & Tomczak (2014), Trends in Sport Sciences 21, 19-25; as R effectsize
    rank_epsilon_squared. (Eta squared, (H - k + 1) / (N - k), is another definition.)
    """
    statistic, n = np.broadcast_arrays(np.asarray(h, "float64"), np.asarray(size, "float64"))
    return np.divide(statistic, n - 1, out=np.full(statistic.shape, np.nan), where=n > 1)


def cliffs_delta(first: ArrayLike, second: ArrayLike, variance: str = "unbiased") -> Dominance:
    """Cliff's delta on counts: share of pairs where the first is higher minus share where it is lower.

    Formula: d = Σᵢⱼ sign(xᵢ - yⱼ) / (mn). Variance of the estimate, "unbiased":
    [n² Σ(dᵢ. - d)² + m² Σ(d.ⱼ - d)² - ΣΣ(dᵢⱼ - d)²] / [mn(m - 1)(n - 1)], never below (1 - d²) / (mn - 1);
    "consistent": [(n - 1)s²ᵢ. + (m - 1)s².ⱼ + s²ᵢⱼ] / (mn). Everyone on one point: 0. Source: Cliff (1993),
    doi 10.1037/0033-2909.114.3.494; compared with R effsize.

    Examples
    --------
    >>> print(round(float(cliffs_delta([0, 2, 1], [3, 1, 0]).delta), 4))
    0.8333
    """
    if variance not in VARIANCES:
        raise SosrakeError(f"cliffs_delta: variance {variance!r}; use one of {', '.join(VARIANCES)}")
    a, b, m, n = _two(first, second)
    with np.errstate(divide="ignore", invalid="ignore"):
        delta = 2 * _wins(a, b) / (m * n) - 1
        rows = _dominates(b) / n[..., None] - delta[..., None]
        columns = -_dominates(a) / m[..., None] - delta[..., None]
        of_rows, of_columns = (a * rows**2).sum(axis=-1), (b * columns**2).sum(axis=-1)
        of_cells = m * n - (a * b).sum(axis=-1) - m * n * delta**2
        if variance == "unbiased":
            spread = (n**2 * of_rows + m**2 * of_columns - of_cells) / (m * n * (m - 1) * (n - 1))
            spread = np.maximum(spread, (1 - delta**2) / (m * n - 1))
        else:
            inner = of_cells / ((m - 1) * (n - 1))
            spread = ((n - 1) * of_rows / (m - 1) + (m - 1) * of_columns / (n - 1) + inner) / (m * n)
    spread = np.where(((a + b) > 0).sum(axis=-1) < 2, 0.0, spread)
    able = (m > 1) & (n > 1)
    return Dominance(np.where((m > 0) & (n > 0), delta, np.nan), np.where(able, spread, np.nan))


def cliff_interval(
    delta: ArrayLike,
    variance: ArrayLike,
    first_size: ArrayLike,
    second_size: ArrayLike,
    confidence: float = 0.95,
    quantile: str = "t",
) -> Interval:
    """Asymmetric interval of Cliff's delta, which stays within -1 and 1.

    Formula: [d - d³ ± q s √((1 - d²)² + q² s²)] / (1 - d² + q² s²), q = t quantile with m + n - 2 df ("t", as
    effsize) or the normal one ("normal"). At d = ±1, where s is 0, the near limit is (k - q²) / (k + q²), k =
    the smaller group: the lower limit of Wilson for k of k, turned to the scale of d, a choice of our own.
    Everyone on one point: no interval.
    Source: Long, Feng & Cliff (2003), doi 10.1002/0471264385.wei0225; compared with R effsize.
    """
    if quantile not in QUANTILES:
        raise SosrakeError(f"cliff_interval: quantile {quantile!r}; use one of {', '.join(QUANTILES)}")
    d, s2, m, n = np.broadcast_arrays(
        *(np.asarray(x, "float64") for x in (delta, variance, first_size, second_size))
    )
    able = (m > 1) & (n > 1)
    tail = 0.5 + one_level(confidence) / 2
    q = special.stdtrit(np.where(able, m + n - 2, 1.0), tail) if quantile == "t" else special.ndtri(tail)
    extra = q**2 * s2
    middle, below = d - d**3, 1 - d**2 + extra
    half = np.sqrt(extra * ((1 - d**2) ** 2 + extra))
    safe = np.where(below > 0, below, 1.0)
    lower, upper = (middle - half) / safe, (middle + half) / safe
    smaller = np.minimum(m, n)
    near = (smaller - q**2) / (smaller + q**2)
    lower = np.where(d == 1, near, np.where(d == -1, -1.0, lower))
    upper = np.where(d == -1, -near, np.where(d == 1, 1.0, upper))
    known = able & ((s2 > 0) | (np.abs(d) == 1))
    return Interval(
        np.where(known, np.clip(lower, -1, 1), np.nan), np.where(known, np.clip(upper, -1, 1), np.nan)
    )


def effsize_interval(
    first: ArrayLike, second: ArrayLike, confidence: float = 0.95, quantile: str = "t"
) -> Interval:
    """Interval of Cliff's delta as R effsize 0.8.1 prints it; for comparing with its figures, not for use.

    It differs from `cliff_interval` in three ways, known from reading effsize's source (GPL-2; nothing of it
    is copied): the variance has no lowest allowed value; at d = ±1 it goes on with d(mn - 1) / (mn); and, a
    fault, a point of the second group above everyone in the first counts as -1/m instead of -1 in the column
    dominances, so the variance is off whenever the second group holds the highest answer. The fault is
    confirmed by a printed figure of 0.8.1 (tests/reference); the way at d = ±1 is not.
    """
    a, b, m, n = _two(first, second)
    wins, ties = _wins(a, b), (a * b).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = 2 * wins / (m * n) - 1
        d = np.where(np.abs(plain) == 1, plain * (m * n - 1) / (m * n), plain)
        rows = _dominates(b) / n[..., None] - d[..., None]
        above_all = a[..., ::-1].cumsum(axis=-1)[..., ::-1] == 0
        columns = np.where(above_all, -1.0, -_dominates(a)) / m[..., None] - d[..., None]
        higher, lower = wins - ties / 2, m * n - wins - ties / 2
        of_cells = higher * (1 - d) ** 2 + ties * d**2 + lower * (1 + d) ** 2
        squares = n**2 * (a * rows**2).sum(axis=-1) + m**2 * (b * columns**2).sum(axis=-1)
        variance = (squares - of_cells) / (m * n * (m - 1) * (n - 1))
    found = cliff_interval(d, variance, m, n, confidence, quantile)
    lower, upper = (np.where(variance == 0, d, limit) for limit in (found.lower, found.upper))
    return Interval(np.where(plain == -1, -1.0, lower), np.where(plain == 1, 1.0, upper))


def fisher_interval(r: ArrayLike, error: ArrayLike, confidence: float = 0.95) -> Interval:
    """Interval of a correlation-like measure on Fisher's scale: tanh(artanh r ± z · error)."""
    value, spread = np.broadcast_arrays(np.asarray(r, "float64"), np.asarray(error, "float64"))
    z = special.ndtri(0.5 + one_level(confidence) / 2)
    with np.errstate(divide="ignore"):
        middle = np.arctanh(value)
    return Interval(np.tanh(middle - z * spread), np.tanh(middle + z * spread))


def rank_biserial_error(first_size: ArrayLike, second_size: ArrayLike) -> Floats:
    """Standard error of artanh(rank-biserial) of two independent groups: √((m + n + 1) / (3mn))."""
    m, n = np.broadcast_arrays(np.asarray(first_size, "float64"), np.asarray(second_size, "float64"))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((m > 0) & (n > 0), np.sqrt((m + n + 1) / (3 * m * n)), np.nan)


def adjust_p(p_values: ArrayLike, method: str = "holm") -> Floats:
    """Correct p-values for having asked many questions; NaN stays NaN and is no question.

    "holm": step-down, the chance of any false finding stays below the level (Holm 1979, Scand J Stat 6,
    65-70); "benjamini_hochberg": step-up, the expected share of false findings among the findings (Benjamini
    & Hochberg 1995, doi 10.1111/j.2517-6161.1995.tb02031.x); "bonferroni"; "none". Compared with statsmodels.

    Examples
    --------
    >>> print(adjust_p([0.01, 0.04, 0.03]).round(3).tolist())
    [0.03, 0.06, 0.06]
    """
    if method not in ADJUSTMENTS:
        raise SosrakeError(f"adjust_p: method {method!r}; use one of {', '.join(ADJUSTMENTS)}")
    given = np.asarray(p_values, "float64")
    p = given.ravel()
    present = np.flatnonzero(~np.isnan(p))
    if ((p[present] < 0) | (p[present] > 1)).any():
        raise SosrakeError(
            f"adjust_p: p-values are {p[present].min()} to {p[present].max()}; expected 0 to 1"
        )
    out, size = np.full(p.shape, np.nan), len(present)
    order = present[np.argsort(p[present], kind="stable")]
    place = np.arange(1, size + 1)
    if method == "holm":
        out[order] = np.maximum.accumulate((size - place + 1) * p[order])
    elif method == "benjamini_hochberg":
        out[order] = np.minimum.accumulate((size / place * p[order])[::-1])[::-1]
    else:
        out[order] = p[order] * (size if method == "bonferroni" else 1)
    return np.minimum(out, 1.0).reshape(given.shape)


def _two(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    a, b = np.broadcast_arrays(np.asarray(first, "float64"), np.asarray(second, "float64"))
    return a, b, a.sum(axis=-1), b.sum(axis=-1)


def _wins(a: Floats, b: Floats) -> Floats:
    """Count pairs where the first is higher, a tie as half."""
    return (a * (b.cumsum(axis=-1) - b / 2)).sum(axis=-1)


def _dominates(other: Floats) -> Floats:
    """Count for each point how many of the others stand below it minus how many above."""
    up_to = other.cumsum(axis=-1)
    return 2 * up_to - other - up_to[..., -1:]
