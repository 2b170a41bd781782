"""Over-dispersion of a funnel: areas vary more than chance alone, so the limits are widened.

With large areas nearly every area lies outside a funnel that holds chance only, because areas differ for many
small reasons that no one measured. Two descriptions of that extra variation are in use; both leave the
baseline where it is and widen the limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
OVERDISPERSION = ("none", "multiplicative", "additive")
WINSORISED = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Overdispersion:
    """What `estimate_overdispersion` found.

    Parameters
    ----------
    phi : mean of the squared, winsorised z-scores; 1 = chance alone.
    tau2 : variance between areas beyond chance, in the squared unit of the values; 0 = chance alone.
    z : z-score of each area before winsorising, in the order given.
    areas : how many areas it rests on.
    """

    phi: float
    tau2: float
    z: Floats
    areas: int


def estimate_overdispersion(
    value: ArrayLike, standard_error: ArrayLike, baseline: float, *, winsorise: float = WINSORISED
) -> Overdispersion:
    """Estimate how much more the areas vary around a baseline than chance explains.

    Formula: z = (y - θ)/s, s the standard error an area of that size has when its true level is θ. The
    `winsorise` share of the z at each end is drawn in to its quantile, so that the few areas a funnel is
    meant to find do not widen it. φ = mean of z². τ² = (I·φ - (I - 1)) / (Σw - Σw²/Σw), w = 1/s², never below
    0 (DerSimonian and Laird's moments around the baseline), I areas.

    Parameters
    ----------
    value, standard_error : arrays of the same length, in one unit.
    baseline : θ, in that unit.
    winsorise : share at each end, 0 (no winsorising) to below 0.5.

    Raises
    ------
    SosrakeError for fewer than 3 areas, a standard error that is not above zero, or a value that is no
    number.

    Sources: Spiegelhalter (2005), doi 10.1002/sim.1970; Spiegelhalter et al. (2012),
    doi 10.1111/j.1467-985X.2011.01010.x.

    Examples
    --------
    >>> found = estimate_overdispersion([1, 3, 5, 7], [1, 1, 1, 1], 4, winsorise=0)
    >>> print(found.phi, round(found.tau2, 4))
    5.0 5.6667
    """
    y, s = np.broadcast_arrays(np.asarray(value, "float64"), np.asarray(standard_error, "float64"))
    _check(y, s, winsorise)
    z = (y - baseline) / s
    ends = np.quantile(z, [winsorise, 1 - winsorise])
    phi = float(np.mean(np.clip(z, ends[0], ends[1]) ** 2))
    weight = 1 / s**2
    spread = float(weight.sum() - (weight**2).sum() / weight.sum())
    tau2 = max(0.0, (y.size * phi - (y.size - 1)) / spread)
    return Overdispersion(phi=phi, tau2=tau2, z=z, areas=int(y.size))


def widening(
    variance: ArrayLike, overdispersion: str, *, phi: ArrayLike = 1.0, tau2: ArrayLike = 0.0
) -> Floats:
    """Give the factor by which a limit's distance from the baseline grows: 1 for none.

    Multiplicative: √φ, the same for every area (φ below 1 counts as 1: limits are never narrowed).
    Additive: √(1 + τ²/s²), little for small areas and much for large ones. On normal limits the two are
    exactly θ ± z·s·√φ and θ ± z·√(s² + τ²).
    """
    if overdispersion not in OVERDISPERSION:
        raise SosrakeError(f"overdispersion {overdispersion!r}: expected one of {', '.join(OVERDISPERSION)}")
    own, times, added = np.broadcast_arrays(
        np.asarray(variance, "float64"), np.asarray(phi, "float64"), np.asarray(tau2, "float64")
    )
    if overdispersion == "multiplicative":
        return np.sqrt(np.maximum(times, 1.0))
    if overdispersion == "additive":
        extra = np.divide(added, own, out=np.zeros(own.shape), where=own > 0)
        return np.sqrt(1 + np.maximum(extra, 0.0))
    return np.ones(own.shape)


def _check(y: Floats, s: Floats, winsorise: float) -> None:
    if not 0 <= winsorise < 0.5:
        raise SosrakeError(
            f"estimate_overdispersion: winsorise {winsorise!r}; expected a share from 0 to below 0.5"
        )
    if y.ndim != 1 or y.size < 3:
        raise SosrakeError(
            f"estimate_overdispersion: {y.size} area(s); the variation between areas needs at least 3; "
            "use overdispersion='none'"
        )
    if not (np.isfinite(y).all() and np.isfinite(s).all() and (s > 0).all()):
        raise SosrakeError(
            "estimate_overdispersion: a value is no finite number or a standard error is not above zero; "
            "leave such areas out (a baseline of 0 has no variation to compare with)"
        )
