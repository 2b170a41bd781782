"""Moran's I, global and local: do neighbouring areas resemble each other? Arrays in, arrays out.

Every kernel takes values laid out as families x areas (NaN where an area has no value) so that many
indicators and years are computed at once, and a checked `Neighbours`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.neighbours import Neighbours, styled_weights, summed_by_area

Floats = NDArray[np.float64]
QUADRANTS = ("high_high", "low_low", "high_low", "low_high", "none")
_BLOCK = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Moran:
    """Moran's I of each family and its moments under no spatial pattern; arrays of one number a family.

    `p_greater` and `p_two_sided` come from `z_randomisation`. `areas` have a value, `linked` a neighbour too.
    """

    statistic: Floats
    expected: Floats
    variance_randomisation: Floats
    z_randomisation: Floats
    p_greater: Floats
    p_two_sided: Floats
    variance_normality: Floats
    z_normality: Floats
    p_greater_normality: Floats
    p_two_sided_normality: Floats
    areas: NDArray[np.int64]
    linked: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class LocalMoran:
    """Local Moran's I of each area (families x areas); `expected` and `variance` under the null chosen."""

    statistic: Floats
    expected: Floats
    variance: Floats
    z: Floats
    p_greater: Floats
    p_two_sided: Floats
    lag: Floats
    quadrant: NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Permuted:
    """What permutations of the values over the areas gave: mean, standard deviation and p-values."""

    mean: Floats
    deviation: Floats
    p_greater: Floats
    p_two_sided: Floats


def morans_i(
    values: ArrayLike, neighbours: Neighbours, style: str = "W", *, zero_policy: bool = False
) -> Moran:
    """Compute Moran's I with its moments under randomisation and normality.

    Formula: I = (n/S0) Σᵢⱼ wᵢⱼ zᵢ zⱼ / Σ zᵢ², z the deviation from the mean, S0 = Σ wᵢⱼ, E = -1/(n - 1);
    variances of Cliff and Ord with S1 = ½Σ(wᵢⱼ + wⱼᵢ)², S2 = Σᵢ(Σⱼwᵢⱼ + Σⱼwⱼᵢ)² and, under randomisation,
    the kurtosis of the values. 1 would be perfect likeness of neighbours, E no pattern.

    Parameters
    ----------
    values : areas, or families x areas; NaN = no value, the area and its pairs are then left out.
    neighbours : places as in `values`.
    style : as `neighbours.styled_weights`.
    zero_policy : False refuses areas without neighbours; True lets them count in the mean and the variance of
        the values while n counts only areas with neighbours (as R spdep).

    Returns
    -------
    Moran; NaN for a family of equal values or fewer than 3 areas with neighbours, and no randomisation
    variance below 4.

    Sources: Moran (1950), doi 10.1093/biomet/37.1-2.17; Cliff & Ord (1981) Spatial processes, ISBN
    0850860814; compared with R spdep (tests/reference/spatial_smoothing.csv).

    Examples
    --------
    >>> from sosrake_lib.indicators.neighbours import neighbours_from_lists
    >>> row = neighbours_from_lists([[1], [0, 2], [1, 3], [2]])
    >>> print(round(float(morans_i([1, 2, 3, 4], row).statistic[0]), 2))
    0.4
    """
    table = as_table(values, neighbours)
    blocks = max(1, _BLOCK // max(len(neighbours.area), table.shape[1], 1))
    parts = [
        _moran(table[first : first + blocks], neighbours, style, zero_policy)
        for first in range(0, max(len(table), 1), blocks)
    ]
    return Moran(*(np.concatenate([getattr(part, name) for part in parts]) for name in Moran.__slots__))


def local_morans_i(
    values: ArrayLike,
    neighbours: Neighbours,
    style: str = "W",
    *,
    zero_policy: bool = False,
    conditional: bool = True,
    divide_by_n: bool = True,
) -> LocalMoran:
    """Compute local Moran's I: whether an area resembles its neighbours, and whether it is high or low.

    Formula: Iᵢ = zᵢ Σⱼ wᵢⱼ zⱼ / m₂, m₂ = Σz²/n (`divide_by_n`; else over n - 1). With `conditional` the null
    leaves the area's own value in place and shuffles the others (Sokal et al. 1998):
    E = -zᵢ² Wᵢ / ((n - 1) m₂), Var = (zᵢ/m₂)² · s²₋ᵢ · ((n - 1) Σwᵢⱼ² - Wᵢ²)/(n - 2), s²₋ᵢ the variance of
    the others. Without it every value is shuffled (Anselin 1995): E = -Wᵢ/(n - 1) and his variance.

    Quadrants: the area above (high) or below (low) the mean, then its neighbours' weighted sum of deviations;
    "none" without neighbours or exactly at the mean.

    Sources: Anselin (1995), doi 10.1111/j.1538-4632.1995.tb00338.x; Sokal, Oden & Thomson (1998),
    doi 10.1111/j.1538-4632.1998.tb00406.x; compared with R spdep::localmoran(mlvar = TRUE).
    """
    table = as_table(values, neighbours)
    blocks = max(1, _BLOCK // max(len(neighbours.area), table.shape[1], 1))
    parts = [
        _local(table[first : first + blocks], neighbours, style, zero_policy, conditional, divide_by_n)
        for first in range(0, max(len(table), 1), blocks)
    ]
    names = LocalMoran.__slots__
    return LocalMoran(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def permuted_moran(
    values: ArrayLike,
    neighbours: Neighbours,
    style: str = "W",
    *,
    permutations: int = 999,
    seed: int = 0,
    zero_policy: bool = False,
) -> Permuted:
    """Judge Moran's I of one family by shuffling its values over its areas.

    p = (number of permuted I at least as large + 1)/(permutations + 1), so it is never 0; two-sided, as far
    from the permutations' mean.
    """
    one = _present(values, neighbours, permutations, "permuted_moran")
    pairs = one.neighbours
    found = morans_i(one.values, pairs, style, zero_policy=zero_policy)
    z = one.values - one.values.mean()
    weights = styled_weights(pairs, np.ones((1, len(z)), dtype=bool), style, zero_policy=zero_policy)[0]
    random = np.random.default_rng(seed)
    scale = found.linked[0] / weights.sum() / (z**2).sum()
    block = max(1, _BLOCK // max(len(weights), len(z)))
    drawn = []
    for first in range(0, permutations, block):
        size = min(block, permutations - first)
        shuffled = random.permuted(np.broadcast_to(z, (size, len(z))), axis=1)
        drawn.append(scale * ((shuffled[:, pairs.area] * shuffled[:, pairs.neighbour]) @ weights))
    return _judged(found.statistic, np.concatenate(drawn)[:, None])


def permuted_local_moran(
    values: ArrayLike,
    neighbours: Neighbours,
    style: str = "W",
    *,
    permutations: int = 999,
    seed: int = 0,
    zero_policy: bool = False,
) -> Permuted:
    """Judge local Moran's I of one family, keeping each area's value and shuffling the others around it.

    Each area's p-value stands alone: among many areas some are small by chance.
    """
    one = _present(values, neighbours, permutations, "permuted_local_moran")
    pairs, n = one.neighbours, len(one.values)
    found = local_morans_i(one.values, pairs, style, zero_policy=zero_policy)
    z = one.values - one.values.mean()
    weights = styled_weights(pairs, np.ones((1, n), dtype=bool), style, zero_policy=zero_policy)[0]
    widest = int(pairs.counts().max())
    place = np.arange(len(pairs.area)) - np.concatenate([[0], np.cumsum(pairs.counts())[:-1]])[pairs.area]
    padded = np.zeros((n, widest))
    padded[pairs.area, place] = weights
    lags = np.zeros((permutations, n))
    drawn = np.random.default_rng(seed).random((permutations, n - 1)).argsort(axis=1)[:, :widest]
    for neighbour in range(widest):
        # Places among the others: an area's own place is stepped over.
        others = drawn[:, neighbour, None] + (drawn[:, neighbour, None] >= np.arange(n))
        lags += padded[:, neighbour] * z[others]
    judged = _judged(found.statistic[0], lags * z / (z**2).mean())
    islands = pairs.counts() == 0
    spread = (getattr(judged, name) for name in Permuted.__slots__)
    return Permuted(*(one.back(np.where(islands, np.nan, part)) for part in spread))


def as_table(values: ArrayLike, neighbours: Neighbours) -> Floats:
    """Bring values to families x areas and refuse what cannot be a map."""
    table = np.atleast_2d(np.asarray(values, dtype="float64"))
    if table.ndim != 2 or table.shape[1] != len(neighbours.codes):
        raise SosrakeError(
            f"moran: {table.shape[-1]} values but {len(neighbours.codes)} areas in the neighbour list; "
            "give one value an area, in the list's order"
        )
    if np.isinf(table).any():
        raise SosrakeError("moran: a value is infinite; expected a finite number, or NaN where there is none")
    return table


@dataclass(frozen=True, slots=True, eq=False)
class _Present:
    values: Floats
    neighbours: Neighbours
    chosen: NDArray[np.bool_]

    def back(self, found: Floats) -> Floats:
        whole = np.full(len(self.chosen), np.nan)
        whole[self.chosen] = found
        return whole


def _present(values: ArrayLike, neighbours: Neighbours, permutations: int, function: str) -> _Present:
    if permutations < 1:
        raise SosrakeError(f"{function}: permutations is below 1; expected a number such as 999")
    table = as_table(values, neighbours)
    if len(table) != 1:
        raise SosrakeError(f"{function}: {len(table)} families; expected the values of one")
    chosen = ~np.isnan(table[0])
    kept = [code for code, there in zip(neighbours.codes, chosen, strict=True) if there]
    if len(kept) < 3 or np.ptp(table[0, chosen]) == 0:
        raise SosrakeError(
            f"{function}: {len(kept)} area(s) with a value, or all equal; a pattern needs at least 3 that "
            "differ"
        )
    return _Present(table[0, chosen], neighbours.of(kept), chosen)


@dataclass(frozen=True, slots=True, eq=False)
class _Deviations:
    """Deviations from each family's mean, weights of the pairs, who has a value and who a neighbour too."""

    z: Floats
    weights: Floats
    present: NDArray[np.bool_]
    linked: NDArray[np.bool_]


def _prepared(table: Floats, neighbours: Neighbours, style: str, zero_policy: bool) -> _Deviations:
    present = ~np.isnan(table)
    weights = styled_weights(neighbours, present, style, zero_policy=zero_policy)
    linked = summed_by_area(weights, neighbours) > 0
    alone = present & ~linked
    if alone.any() and not zero_policy:
        family, area = np.argwhere(alone)[0]
        raise SosrakeError(
            f"moran: area {neighbours.codes[area]!r} has no neighbour with a value ({alone[family].sum()} "
            "such area(s)); complete the list, leave the area out, or give zero_policy=True"
        )
    size = present.sum(axis=1)
    mean = np.divide(np.nansum(table, axis=1), size, out=np.zeros(len(table)), where=size > 0)
    z = np.where(present, table - mean[:, None], 0.0)
    # A mean that is rounded leaves equal values tiny deviations; they are no variation.
    equal = np.abs(z).max(axis=1) <= 1e-12 * np.abs(np.where(present, table, 0.0)).max(axis=1)
    z[equal] = 0.0
    return _Deviations(z, weights, present, linked)


def _moran(table: Floats, neighbours: Neighbours, style: str, zero_policy: bool) -> Moran:
    given = _prepared(table, neighbours, style, zero_policy)
    z, weights, present, linked = given.z, given.weights, given.present, given.linked
    n, areas = linked.sum(axis=1).astype("float64"), present.sum(axis=1)
    square = (z**2).sum(axis=1)
    able = (square > 0) & (n >= 3)
    product = (weights * z[:, neighbours.area] * z[:, neighbours.neighbour]).sum(axis=1)
    s0 = weights.sum(axis=1)
    back = np.where(neighbours.back >= 0, weights[:, neighbours.back], 0.0)
    # ½ Σᵢⱼ (wᵢⱼ + wⱼᵢ)² opened up: the squares, and the products of pairs that run both ways.
    s1 = (weights**2).sum(axis=1) + (weights * back).sum(axis=1)
    into = _summed_into(weights, neighbours)
    s2 = ((summed_by_area(weights, neighbours) + into) ** 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(able, n / s0 * product / square, np.nan)
        expected = np.where(able, -1 / (n - 1), np.nan)
        kurtosis = areas * (z**4).sum(axis=1) / square**2
        normality = (n**2 * s1 - n * s2 + 3 * s0**2) / (s0**2 * (n**2 - 1)) - expected**2
        first = n * (s1 * (n**2 - 3 * n + 3) - n * s2 + 3 * s0**2)
        second = kurtosis * (s1 * (n**2 - n) - 2 * n * s2 + 6 * s0**2)
        randomisation = (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
        randomisation = np.where(n >= 4, randomisation, np.nan)
        z_random = (statistic - expected) / np.sqrt(randomisation)
        z_normal = (statistic - expected) / np.sqrt(normality)
    return Moran(
        *(statistic, expected, np.where(able, randomisation, np.nan), z_random),
        *(special.ndtr(-z_random), 2 * special.ndtr(-np.abs(z_random))),
        *(np.where(able, normality, np.nan), z_normal),
        *(special.ndtr(-z_normal), 2 * special.ndtr(-np.abs(z_normal))),
        *(areas, linked.sum(axis=1)),
    )


def _summed_into(weights: Floats, neighbours: Neighbours) -> Floats:
    """Sum the weights that point to each area."""
    order = np.argsort(neighbours.neighbour, kind="stable")
    turned = Neighbours(
        neighbours.codes,
        neighbours.neighbour[order],
        neighbours.area[order],
        neighbours.weight,
        neighbours.back,
    )
    return summed_by_area(weights[:, order], turned)


def _local(
    table: Floats, neighbours: Neighbours, style: str, zero_policy: bool, conditional: bool, divide_by_n: bool
) -> LocalMoran:
    given = _prepared(table, neighbours, style, zero_policy)
    z, weights, present, linked = given.z, given.weights, given.present, given.linked
    n = present.sum(axis=1, keepdims=True).astype("float64")
    row, row2 = summed_by_area(weights, neighbours), summed_by_area(weights**2, neighbours)
    lag = summed_by_area(weights * z[:, neighbours.neighbour], neighbours)
    with np.errstate(divide="ignore", invalid="ignore"):
        m2 = (z**2).sum(axis=1, keepdims=True) / n
        scale = m2 if divide_by_n else m2 * n / (n - 1)
        statistic = z * lag / scale
        if conditional:
            expected = -(z**2) * row / ((n - 1) * scale)
            others = n / (n - 1) * (m2 - z**2 / (n - 1))
            variance = (z / scale) ** 2 * others * ((n - 1) * row2 - row**2) / (n - 2)
        else:
            expected = -row / (n - 1) * m2 / scale
            b2 = (z**4).sum(axis=1, keepdims=True) / n / m2**2
            crossed = (row**2 - row2) * (2 * b2 - n) / ((n - 1) * (n - 2))
            variance = (row2 * (n - b2) / (n - 1) + crossed) * (m2 / scale) ** 2 - expected**2
        deviate = (statistic - expected) / np.sqrt(variance)
    able = present & linked & ((m2 > 0) & (n >= 3))
    signs = [(z > 0) & (lag > 0), (z < 0) & (lag < 0), (z > 0) & (lag < 0), (z < 0) & (lag > 0)]
    quadrant = np.select([able & sign for sign in signs], QUADRANTS[:4], default="none")
    return LocalMoran(
        statistic=np.where(able, statistic, np.nan),
        expected=np.where(able, expected, np.nan),
        variance=np.where(able, variance, np.nan),
        z=np.where(able, deviate, np.nan),
        p_greater=np.where(able, special.ndtr(-deviate), np.nan),
        p_two_sided=np.where(able, 2 * special.ndtr(-np.abs(deviate)), np.nan),
        lag=np.where(able, lag, np.nan),
        quadrant=quadrant,
    )


def _judged(observed: Floats, drawn: Floats) -> Permuted:
    times = len(drawn)
    mean = drawn.mean(axis=0)
    # Equal to the last digits counts as equal: the same sum in another order is rounded differently.
    slack = 1e-12 * np.maximum(np.abs(observed), 1)
    greater = (drawn >= observed - slack).sum(axis=0)
    further = (np.abs(drawn - mean) >= np.abs(observed - mean) - slack).sum(axis=0)
    return Permuted(mean, drawn.std(axis=0), (greater + 1) / (times + 1), (further + 1) / (times + 1))
