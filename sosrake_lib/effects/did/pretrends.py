"""Whether the groups parted before the treatment, and whether the study could have seen it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from sosrake_lib.effects.regression import wald_test
from sosrake_lib.errors import SosrakeError

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class PreTrend:
    """Test of the differences before the treatment, and its power.

    Attributes
    ----------
    statistic, df1, df2, p_value : joint test that all differences before are zero (F; chi-square if df2 is
        inf).
    slope_50, slope_80 : the steady parting a time step that the test finds with probability 0.5 and 0.8.
    bias_80 : how far off the mean estimated effect would be if the groups parted by slope_80.
    power_at_estimate : probability of finding a parting that would wholly explain the mean estimated effect.
    tested : number of differences before that were tested.
    """

    statistic: float
    df1: int
    df2: float
    p_value: float
    slope_50: float
    slope_80: float
    bias_80: float
    power_at_estimate: float
    tested: int

    @property
    def verdict(self) -> str:
        """Judge: `fails` when the groups part, `holds` when the test could have seen it, else `doubtful`."""
        if self.p_value < LEVEL:
            return "fails"
        return "holds" if self.power_at_estimate >= 0.8 else "doubtful"


def pretrend(
    before: ArrayLike,
    covariance: ArrayLike,
    steps_before: ArrayLike,
    steps_after: ArrayLike,
    mean_effect: float,
    df: float = np.inf,
    level: float = LEVEL,
) -> PreTrend:
    """Test the differences before the treatment together, and say what the test could have found.

    Parameters
    ----------
    before, covariance : estimated differences before (q,) against the reference time, and their covariance.
    steps_before, steps_after : time steps of the estimates from the reference time (before: such as -4, -3,
        -2; after: 1, 2, ...).
    mean_effect : the estimated effect, the mean over the times after.
    df : degrees of freedom of the denominator, infinite for the chi-square form.
    level : of the test.

    Formula: W = b'V⁻¹b. Under a steady parting of s a step W has noncentrality s²·l'V⁻¹l (l the steps
    before), from which power and the detectable slopes follow; the effect would then be off by s times the
    mean of the steps after. A test that finds nothing shows little when its detectable slope is large.
    Source: Roth J (2022), doi 10.1257/aeri.20210236.

    Raises
    ------
    SosrakeError when the covariance is singular or the level is not a share.

    Examples
    --------
    >>> found = pretrend([0.1, -0.2], [[1.0, 0.5], [0.5, 1.0]], [-3, -2], [1, 2], 1.0)
    >>> round(found.p_value, 3), found.verdict
    (0.954, 'doubtful')
    """
    if not 0 < level < 1:
        raise SosrakeError(f"pretrend: level {level!r}; expected a share such as 0.05")
    b, v = np.atleast_1d(np.asarray(before, dtype="float64")), np.atleast_2d(covariance)
    tested = wald_test(b, v, df)
    steps = np.asarray(steps_before, dtype="float64")
    info = float(steps @ np.linalg.solve(v, steps))
    slopes = [np.sqrt(noncentrality(power, len(b), df, level) / info) for power in (0.5, 0.8)]
    ahead = float(np.mean(np.asarray(steps_after, dtype="float64")))
    explaining = mean_effect / ahead
    return PreTrend(
        tested.statistic,
        tested.df1,
        tested.df2,
        tested.p_value,
        float(slopes[0]),
        float(slopes[1]),
        float(slopes[1] * ahead),
        wald_power(explaining**2 * info, len(b), df, level),
        len(b),
    )


def wald_power(noncentral: float, df1: int, df2: float, level: float) -> float:
    """Power of a Wald test at a noncentrality.

    Examples
    --------
    >>> round(wald_power(7.848861, 1, float("inf"), 0.05), 3)
    0.8
    """
    if np.isinf(df2):
        return float(1 - special.chndtr(special.chdtri(df1, level), df1, noncentral))
    return float(1 - special.ncfdtr(df1, df2, noncentral, special.fdtri(df1, df2, 1 - level)))


def noncentrality(power: float, df1: int, df2: float, level: float) -> float:
    """Noncentrality at which a Wald test has a power.

    Examples
    --------
    >>> round(noncentrality(0.8, 1, float("inf"), 0.05), 4)
    7.8489
    """
    high = 1.0
    while wald_power(high, df1, df2, level) < power:
        high *= 2
    found = optimize.brentq(lambda at: wald_power(at, df1, df2, level) - power, 0.0, high, xtol=1e-12)
    return float(found)
