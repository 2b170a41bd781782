"""Power and sample size for two proportions, by the normal approximation and by the arcsine."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.effects.power.means import SampleSize
from sosrake_lib.effects.power.solving import check_levels, check_size, reached, rounded_up
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
METHODS = ("power_proportions_normal", "power_proportions_arcsine")
_SHORT = {"normal": METHODS[0], "arcsine": METHODS[1]}


def arcsine_effect(p1: ArrayLike, p2: ArrayLike) -> Floats:
    """Cohen's h: 2 arcsin √p₁ - 2 arcsin √p₂.

    Examples
    --------
    >>> print(round(float(arcsine_effect(0.65, 0.5)), 4))
    0.3047
    """
    return 2 * np.arcsin(np.sqrt(np.asarray(p1, "float64"))) - 2 * np.arcsin(
        np.sqrt(np.asarray(p2, "float64"))
    )


def power_two_proportions(
    p1: float,
    p2: float,
    n1: float,
    n2: float | None = None,
    *,
    alpha: float = 0.05,
    sides: int = 2,
    method: str = "normal",
    strict: bool = False,
) -> float:
    """Power of the comparison of two proportions.

    Parameters
    ----------
    p1, p2 : expected proportions. n1, n2 : people in each group; n2 left out = n1.
    method : "normal" (as R power.prop.test: unequal variances when they differ, pooled under no difference)
        or "arcsine" (as R pwr.2p.test).
    strict : two-sided normal only: also count findings in the wrong direction.

    Returns
    -------
    Power. Normal: Φ((|p₁ - p₂| - z√(p̄q̄(1/n₁ + 1/n₂))) / √(p₁q₁/n₁ + p₂q₂/n₂)); arcsine:
    Φ(h√(n₁n₂/(n₁ + n₂)) - z), with both tails when two-sided.

    Compared with R stats and pwr 1.3.0 (tests/reference/power.csv). Source: Fleiss, Levin and Paik (2003),
    doi 10.1002/0471445428; Cohen (1988), doi 10.4324/9780203771587.

    Examples
    --------
    >>> print(round(power_two_proportions(0.5, 0.65, 170), 3))
    0.802
    """
    where = "power_two_proportions"
    second = n1 if n2 is None else n2
    check_levels(where, alpha=alpha, sides=sides)
    _check_shares(where, p1, p2)
    for name, size in (("n1", n1), ("n2", second)):
        check_size(where, name, size, 1)
    return float(_power(p1, p2, n1, second, alpha, sides, _method(where, method), strict))


def sample_size_two_proportions(
    p1: float,
    p2: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    sides: int = 2,
    method: str = "normal",
    strict: bool = False,
    ratio: float = 1.0,
) -> SampleSize:
    """Find how many people each group needs for two proportions to be told apart.

    Parameters
    ----------
    p1, p2, method, strict : see power_two_proportions. ratio : second group in relation to the first.

    Examples
    --------
    >>> found = sample_size_two_proportions(0.5, 0.65)
    >>> print(round(found.n_per_group, 2), found.n_rounded_up)
    169.31 170
    """
    where = "sample_size_two_proportions"
    check_levels(where, power=power, alpha=alpha, sides=sides)
    _check_shares(where, p1, p2, equal=False)
    if not (np.isfinite(ratio) and ratio > 0):
        raise SosrakeError(f"{where}: ratio {ratio!r}; expected a number above 0")
    key = _method(where, method)
    size = reached(
        lambda n: float(_power(p1, p2, n, n * ratio, alpha, sides, key, strict)), power, 1e-9, where
    )
    return SampleSize(size, rounded_up(size), rounded_up(size * ratio), key)


def minimum_detectable_proportions(
    p1: float,
    n1: float,
    n2: float | None = None,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    sides: int = 2,
    method: str = "normal",
    higher: bool = True,
) -> float:
    """Give the proportion nearest to p1, above or below it, that these groups tell apart from it.

    Raises
    ------
    SosrakeError when even 1 (or 0) could not be told apart.

    Examples
    --------
    >>> print(round(minimum_detectable_proportions(0.5, 170), 3))
    0.65
    """
    where = "minimum_detectable_proportions"
    second = n1 if n2 is None else n2
    check_levels(where, power=power, alpha=alpha, sides=sides)
    _check_shares(where, p1, 0.5)
    for name, size in (("n1", n1), ("n2", second)):
        check_size(where, name, size, 1)
    key, room = _method(where, method), 1 - p1 if higher else p1
    sign = 1 if higher else -1

    def at(distance: float) -> float:
        # Past the end of the scale the last proportion stands for all.
        other = p1 + sign * min(distance, room * (1 - 1e-12))
        return float(_power(p1, other, n1, second, alpha, sides, key, False))

    if at(room) < power:
        raise SosrakeError(
            f"{where}: groups of {n1:g} and {second:g} tell no proportion {'above' if higher else 'below'} "
            f"{p1:g} apart from it with this power; more people are needed"
        )
    return p1 + sign * reached(at, power, 0.0, where, start=room / 16)


def _power(
    p1: float, p2: float, n1: float, n2: float, alpha: float, sides: int, method: str, strict: bool
) -> float:
    z = special.ndtri(1 - alpha / sides)
    if method == "power_proportions_arcsine":
        shift = abs(float(arcsine_effect(p1, p2))) * np.sqrt(n1 * n2 / (n1 + n2))
        return special.ndtr(shift - z) + (special.ndtr(-shift - z) if sides == 2 else 0.0)
    pooled = (n1 * p1 + n2 * p2) / (n1 + n2)
    none = z * np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    spread = np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    distance = abs(p1 - p2)
    if spread == 0:
        return float(distance > none)
    wrong = special.ndtr((-distance - none) / spread) if strict and sides == 2 else 0.0
    return special.ndtr((distance - none) / spread) + wrong


def _method(where: str, method: str) -> str:
    key = _SHORT.get(method, method)
    if key not in METHODS:
        raise SosrakeError(f"{where}: method {method!r}; expected one of {', '.join(_SHORT)}")
    return key


def _check_shares(where: str, p1: float, p2: float, *, equal: bool = True) -> None:
    if not (0 <= p1 <= 1 and 0 <= p2 <= 1):
        raise SosrakeError(f"{where}: proportions {p1!r} and {p2!r}; expected shares from 0 to 1")
    if not equal and p1 == p2:
        raise SosrakeError(f"{where}: both proportions are {p1:g}; give the difference that matters")
