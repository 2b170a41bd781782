"""Power and sample size for means, from the noncentral t distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.effects.power.solving import check_levels, check_size, reached, rounded_up
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
# People in the smaller group (or pairs) below which nothing is planned.
FEWEST = 2.0


@dataclass(frozen=True, slots=True)
class SampleSize:
    """A number of people.

    Attributes
    ----------
    n_per_group : as solved, not rounded; of the first group when sizes differ (pairs, for pairs).
    n_rounded_up, n_second_rounded_up : whole numbers for the two groups (equal, for pairs).
    """

    n_per_group: float
    n_rounded_up: int
    n_second_rounded_up: int
    method: str


def power_t(noncentrality: ArrayLike, df: ArrayLike, alpha: ArrayLike = 0.05, sides: int = 2) -> Floats:
    """Power of a t test: P(T beyond the critical value) with T noncentral t; two-sided counts both tails.

    Examples
    --------
    >>> print(round(float(power_t(0.5 * 32**0.5, 126)), 4))
    0.8015
    """
    shift, degrees = np.asarray(noncentrality, "float64"), np.asarray(df, "float64")
    critical = special.stdtrit(degrees, 1 - np.asarray(alpha, "float64") / sides)
    found = 1 - _lower_tail(degrees, shift, critical)
    return found + _lower_tail(degrees, shift, -critical) if sides == 2 else found


def _lower_tail(df: Floats, shift: Floats, at: Floats) -> Floats:
    # Where the shift is so large that the tail is below 1e-16, scipy gives no number.
    return np.nan_to_num(special.nctdtr(df, shift, at), nan=0.0)


def power_two_means(
    effect_size: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike | None = None,
    *,
    alpha: float = 0.05,
    sides: int = 2,
) -> Floats:
    """Power of the two-sample t test (equal variances).

    Parameters
    ----------
    effect_size : difference of means in standard deviations; a one-sided test looks in its direction.
    n1, n2 : people in each group; n2 left out = n1.

    Returns
    -------
    Power, of the shape of the inputs; noncentrality d√(n₁n₂/(n₁ + n₂)), df n₁ + n₂ - 2.

    Compared with R pwr 1.3.0 (tests/reference/power.csv). Source: Cohen (1988), doi 10.4324/9780203771587.

    Examples
    --------
    >>> print(round(float(power_two_means(0.5, 64)), 3))
    0.801
    """
    check_levels("power_two_means", alpha=alpha, sides=sides)
    first = np.asarray(n1, "float64")
    second = first if n2 is None else np.asarray(n2, "float64")
    _check_effect("power_two_means", effect_size)
    if not ((first + second > 2) & (first >= 1) & (second >= 1)).all():
        raise SosrakeError(
            f"power_two_means: n1 {n1!r}, n2 {n2!r}; expected at least 1 in each group and 3 in all"
        )
    d = np.abs(np.asarray(effect_size, "float64"))
    return power_t(d * np.sqrt(first * second / (first + second)), first + second - 2, alpha, sides)


def sample_size_two_means(
    effect_size: float, *, power: float = 0.8, alpha: float = 0.05, sides: int = 2, ratio: float = 1.0
) -> SampleSize:
    """Find how many people each group needs.

    Parameters
    ----------
    effect_size : smallest difference of means that matters, in standard deviations.
    ratio : size of the second group in relation to the first.

    Raises
    ------
    SosrakeError when the effect is 0, ratio not above 0, or no size is enough.

    Examples
    --------
    >>> found = sample_size_two_means(0.5)
    >>> print(round(found.n_per_group, 2), found.n_rounded_up)
    63.77 64
    """
    where = "sample_size_two_means"
    check_levels(where, power=power, alpha=alpha, sides=sides)
    _check_effect(where, effect_size, zero=False)
    if not (np.isfinite(ratio) and ratio > 0):
        raise SosrakeError(f"{where}: ratio {ratio!r}; expected a number above 0")
    d = abs(effect_size)

    def at(n: float) -> float:
        return float(power_t(d * np.sqrt(n * ratio / (1 + ratio)), n * (1 + ratio) - 2, alpha, sides))

    size = reached(at, power, FEWEST / min(1.0, ratio), where)
    return SampleSize(size, max(rounded_up(size), 2), max(rounded_up(size * ratio), 2), "power_two_means")


def minimum_detectable_means(
    n1: float, n2: float | None = None, *, power: float = 0.8, alpha: float = 0.05, sides: int = 2
) -> float:
    """Give the smallest difference of means, in standard deviations, that these groups find.

    Examples
    --------
    >>> print(round(minimum_detectable_means(60), 4))
    0.5157
    """
    where = "minimum_detectable_means"
    second = n1 if n2 is None else n2
    check_levels(where, power=power, alpha=alpha, sides=sides)
    for name, size in (("n1", n1), ("n2", second)):
        check_size(where, name, size, 1)
    check_size(where, "n1 + n2", n1 + second, 3)
    root, df = np.sqrt(n1 * second / (n1 + second)), n1 + second - 2
    return reached(lambda d: float(power_t(d * root, df, alpha, sides)), power, 0.0, where)


def power_paired(
    effect_size: ArrayLike, n_pairs: ArrayLike, *, alpha: float = 0.05, sides: int = 2
) -> Floats:
    """Power of the paired t test.

    Parameters
    ----------
    effect_size : mean change in standard deviations of the change (dz). With deviation s before and after and
        correlation r between them, dz = change / (s√(2(1 - r))): see change_size. n_pairs : people measured
        twice.

    Examples
    --------
    >>> print(round(float(power_paired(0.6, 30)), 3))
    0.888
    """
    check_levels("power_paired", alpha=alpha, sides=sides)
    pairs = np.asarray(n_pairs, "float64")
    _check_effect("power_paired", effect_size)
    if not (pairs >= 2).all():
        raise SosrakeError(f"power_paired: n_pairs {n_pairs!r}; expected at least 2")
    return power_t(np.abs(np.asarray(effect_size, "float64")) * np.sqrt(pairs), pairs - 1, alpha, sides)


def sample_size_paired(
    effect_size: float, *, power: float = 0.8, alpha: float = 0.05, sides: int = 2
) -> SampleSize:
    """Find how many people must be measured twice (those lost on the way come on top).

    Examples
    --------
    >>> sample_size_paired(0.5).n_rounded_up
    34
    """
    where = "sample_size_paired"
    check_levels(where, power=power, alpha=alpha, sides=sides)
    _check_effect(where, effect_size, zero=False)
    d = abs(effect_size)
    size = reached(lambda n: float(power_t(d * np.sqrt(n), n - 1, alpha, sides)), power, FEWEST, where)
    whole = max(rounded_up(size), 2)
    return SampleSize(size, whole, whole, "power_paired")


def minimum_detectable_paired(
    n_pairs: float, *, power: float = 0.8, alpha: float = 0.05, sides: int = 2
) -> float:
    """Give the smallest mean change, in standard deviations of the change, that so many pairs find.

    Examples
    --------
    >>> print(round(minimum_detectable_paired(30), 3))
    0.529
    """
    where = "minimum_detectable_paired"
    check_levels(where, power=power, alpha=alpha, sides=sides)
    check_size(where, "n_pairs", n_pairs, 2)
    return reached(
        lambda d: float(power_t(d * np.sqrt(n_pairs), n_pairs - 1, alpha, sides)), power, 0.0, where
    )


def change_size(change: float, sd: float, correlation: float, sd_after: float | None = None) -> float:
    """Turn a mean change in points into dz, standard deviations of the change.

    Examples
    --------
    >>> change_size(3, 6, 0.5)
    0.5
    """
    after = sd if sd_after is None else sd_after
    if not (sd > 0 and after > 0) or not -1 <= correlation < 1:
        raise SosrakeError(
            f"change_size: deviations {sd!r}, {after!r}, correlation {correlation!r}; expected deviations "
            f"above 0 and a correlation from -1 to below 1"
        )
    return float(change / np.sqrt(sd**2 + after**2 - 2 * correlation * sd * after))


def _check_effect(where: str, effect_size: ArrayLike, *, zero: bool = True) -> None:
    size = np.asarray(effect_size, "float64")
    if not np.isfinite(size).all() or (not zero and not size.all()):
        raise SosrakeError(
            f"{where}: effect_size {effect_size!r}; expected a finite "
            f"number{'' if zero else ' other than 0'}, in standard deviations"
        )
