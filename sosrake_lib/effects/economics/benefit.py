"""Net benefit: costs and effects on one scale, once somebody has said what a unit of effect may cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
QUADRANTS = ("north_east", "south_east", "south_west", "north_west", "origin")


@dataclass(frozen=True, slots=True)
class Increment:
    """A new way of working against the usual one.

    Attributes
    ----------
    inc_cost, inc_effect : new minus usual. icer : their ratio; not a number when the effects are equal.
    quadrant : north_east (costs more, gives more), south_east (costs less, gives at least as much:
        dominates), south_west (costs less, gives less), north_west (costs more, gives no more: dominated),
        origin (no difference).
    icer_is : how the ratio reads: "cost_per_unit_gained", "saving_per_unit_lost" (south-west: higher is
        better), or "none" where one dominates and the ratio orders nothing.
    wtp, inmb, inhb : willingness to pay for a unit of effect, incremental net monetary and net health
        benefit.
    preferred : "new", "usual" or "equal", by the net benefit, in every quadrant.
    """

    inc_cost: float
    inc_effect: float
    icer: float
    quadrant: str
    icer_is: str
    wtp: float
    inmb: float
    inhb: float
    preferred: str
    method: str = "net_benefit"


def check_wtp(wtp: ArrayLike | None, where: str) -> Floats:
    """Ask for the willingness to pay: there is no default, as it is a decision and not a finding."""
    if wtp is None:
        raise SosrakeError(
            f"{where}: wtp (what one more unit of effect may cost) is not given and has no default: it is "
            f"the decision makers' to say; give one, or several to show how the answer turns"
        )
    values = np.atleast_1d(np.asarray(wtp, "float64"))
    if values.ndim != 1 or not len(values) or not (np.isfinite(values) & (values >= 0)).all():
        raise SosrakeError(f"{where}: wtp {wtp!r}; expected finite numbers of 0 or more")
    return values


def net_monetary_benefit(cost: ArrayLike, effect: ArrayLike, wtp: float | None) -> Floats:
    """Value effects at `wtp` each and take the costs off: wtp · effect - cost.

    Examples
    --------
    >>> float(net_monetary_benefit(1450, 0.13, 20000))
    1150.0
    """
    level = _single(wtp, "net_monetary_benefit")
    return level * np.asarray(effect, "float64") - np.asarray(cost, "float64")


def net_health_benefit(cost: ArrayLike, effect: ArrayLike, wtp: float | None) -> Floats:
    """Take off the effects the costs could have bought elsewhere: effect - cost / wtp.

    Examples
    --------
    >>> round(float(net_health_benefit(1450, 0.13, 20000)), 4)
    0.0575
    """
    level = _single(wtp, "net_health_benefit")
    if level == 0:
        raise SosrakeError(
            "net_health_benefit: wtp 0; at no price per unit costs cannot be counted as effects"
        )
    return np.asarray(effect, "float64") - np.asarray(cost, "float64") / level


def increment(inc_cost: float, inc_effect: float, wtp: float | None) -> Increment:
    """Place a difference of costs and effects, and judge it by its net benefit.

    Parameters
    ----------
    inc_cost, inc_effect : new minus usual; effects so that more is better. wtp : what a unit of effect may
        cost; it must be given.

    Returns
    -------
    Increment. A ratio alone misleads: 10 000 a unit is gained in the north-east and given up in the
    south-west, and a negative ratio is very good or very bad; the net benefit orders all four.

    Raises
    ------
    SosrakeError when wtp is not given, or a difference is not finite.

    Source: Stinnett and Mullahy (1998), doi 10.1177/0272989X98018002S09.

    Examples
    --------
    >>> found = increment(-1200, -0.05, wtp=20000)
    >>> print(found.quadrant, round(found.icer), found.icer_is, found.preferred)
    south_west 24000 saving_per_unit_lost new
    """
    level = _single(wtp, "increment")
    if not np.isfinite([inc_cost, inc_effect]).all():
        raise SosrakeError(
            f"increment: inc_cost {inc_cost!r}, inc_effect {inc_effect!r}; expected finite numbers"
        )
    quadrant = str(quadrants(inc_cost, inc_effect))
    ratio = {"north_east": "cost_per_unit_gained", "south_west": "saving_per_unit_lost"}.get(quadrant, "none")
    benefit = float(net_monetary_benefit(inc_cost, inc_effect, level))
    return Increment(
        inc_cost=float(inc_cost),
        inc_effect=float(inc_effect),
        icer=float(inc_cost / inc_effect) if inc_effect else np.nan,
        quadrant=quadrant,
        icer_is=ratio,
        wtp=level,
        inmb=benefit,
        inhb=float(net_health_benefit(inc_cost, inc_effect, level)) if level else np.nan,
        preferred="new" if benefit > 0 else "usual" if benefit < 0 else "equal",
    )


def quadrants(inc_cost: ArrayLike, inc_effect: ArrayLike) -> NDArray[np.str_]:
    """Name the quadrant of each pair of differences.

    Examples
    --------
    >>> quadrants([5, -5, -5, 5, 0], [1, 1, -1, -1, 0]).tolist()
    ['north_east', 'south_east', 'south_west', 'north_west', 'origin']
    """
    cost, effect = np.asarray(inc_cost, "float64"), np.asarray(inc_effect, "float64")
    places = [
        (cost == 0) & (effect == 0),
        (cost > 0) & (effect > 0),
        (cost <= 0) & (effect >= 0),
        (cost < 0) & (effect < 0),
    ]
    return np.select(places, ["origin", "north_east", "south_east", "south_west"], "north_west")


def _single(wtp: ArrayLike | None, where: str) -> float:
    levels = check_wtp(wtp, where)
    if len(levels) != 1:
        raise SosrakeError(f"{where}: {len(levels)} values of wtp; give one at a time")
    return float(levels[0])
