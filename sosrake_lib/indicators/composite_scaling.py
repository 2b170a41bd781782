"""How each indicator of a composite index is to be normalised, and what cannot be normalised at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError, SosrakeError

Floats = NDArray[np.float64]

METHODS = (
    "z_score",
    "min_max",
    "rank",
    "percentile_rank",
    "borda",
    "distance_to_target",
    "distance_to_max",
    "distance_to_reference",
    "share_of_max",
    "goalposts",
    "index_to_median",
    "index_to_reference",
    "above_below_mean",
    "none",
)
# A value that no area differs in gives these nothing to divide by, or one and the same place to all.
NEED_SPREAD = (
    "z_score",
    "min_max",
    "rank",
    "percentile_rank",
    "borda",
    "distance_to_max",
)
TIES = ("min", "average", "max")
ON_RANGE = ("min_max", "percentile_rank", "goalposts")


@dataclass(frozen=True, slots=True)
class Scaling:
    """How one indicator is normalised.

    Parameters
    ----------
    method : one of METHODS.

        - `z_score`: centre + spread · (x - mean) / sd, sd with n - 1 (centre 0, spread 1).
        - `min_max`: (x - min) / (max - min), stretched to `lower`-`upper` (0-100).
        - `rank`: 1 for the lowest value; the largest number belongs to the highest. `ties` as named.
        - `percentile_rank`: (rank - 1) / (n - 1), stretched to `lower`-`upper`.
        - `borda`: rank - 1, the number of areas passed.
        - `distance_to_target`: (x - min) / (target - min): 1 at the target, no more with `cap`; for
          direction -1 (max - x) / (max - target).
        - `distance_to_max`: 1 - (max - x) / (max - min): 1 for the highest.
        - `distance_to_reference`: 1 - (reference - x) / (reference - min): 1 at the reference area.
        - `share_of_max`: x / max.
        - `goalposts`: (x - low_post) / (high_post - low_post), values outside the posts cut (`cap`),
          stretched to `lower`-`upper`. Posts do not move with the data: indices of several years compare.
        - `index_to_median`, `index_to_reference`: 100 · x / median, or / reference area; so Diak's index.
        - `above_below_mean`: 1, 0 or -1 as x / mean is above 1 + `threshold`, between, below 1 - it.
        - `none`: as it is.
    lower, upper : range of the result where the method stretches.
    centre, spread : mean and standard deviation of the result of z_score.
    target : goal in the indicator's own unit (distance_to_target).
    low_post, high_post : goalposts in the indicator's own unit.
    ties : places of equal values: min (as COINr), average or max.
    cap : cut what passes the target or the posts.
    threshold : of above_below_mean.

    With direction -1 the indicator is reversed: the value's sign is turned before the distances and ranks;
    an index to the median is mirrored at 100 (200 - 100 · x / median), share_of_max becomes 1 - x / max.
    """

    method: str = "min_max"
    lower: float = 0.0
    upper: float = 100.0
    target: float | None = None
    low_post: float | None = None
    high_post: float | None = None
    ties: str = "min"
    cap: bool = True
    threshold: float = 0.1
    centre: float = 0.0
    spread: float = 1.0


Scalings = str | Scaling | Mapping[str, str | Scaling]


def scalings(given: Scalings, indicators: tuple[str, ...]) -> tuple[Scaling, ...]:
    """Give each indicator its checked Scaling; a mapping goes by indicator, "*" is for the rest."""
    chosen = []
    if isinstance(given, Mapping):
        strange = sorted(set(given) - set(indicators) - {"*"})
        if strange:
            raise SosrakeError(
                f"composite: normalisation given for {strange[0]!r}, no indicator of the framework"
            )
    for key in indicators:
        one = given.get(key, given.get("*")) if isinstance(given, Mapping) else given
        if one is None:
            raise SosrakeError(
                f"composite: no normalisation for indicator {key!r}; name it, or give '*' for all others"
            )
        chosen.append(_checked(Scaling(one) if isinstance(one, str) else one, key))
    return tuple(chosen)


def check_matrix(matrix: Floats, keys: tuple[str, ...], chosen: tuple[Scaling, ...], where: str) -> None:
    """Refuse infinite values, fewer than three areas and indicators without spread, by name."""
    if np.isinf(matrix).any():
        key = keys[int(np.flatnonzero(np.isinf(matrix).any(axis=0))[0])]
        raise FrameError(f"composite: indicator {key!r} holds an infinite value in {where}; leave it absent")
    present = np.isfinite(matrix)
    counts = present.sum(axis=0)
    few = np.flatnonzero(counts < 3)
    if len(few) or matrix.shape[0] < 3:
        key, number = (keys[few[0]], counts[few[0]]) if len(few) else ("", matrix.shape[0])
        raise FrameError(
            f"composite: {'indicator ' + repr(key) + ' has ' if key else ''}{number} area(s) with a value in "
            f"{where}; a composite compares at least 3 areas: add areas or leave the indicator out"
        )
    lowest = np.where(present, matrix, np.inf).min(axis=0)
    highest = np.where(present, matrix, -np.inf).max(axis=0)
    for place in np.flatnonzero(lowest == highest):
        if chosen[place].method in NEED_SPREAD:
            raise FrameError(
                f"composite: indicator {keys[place]!r} is {lowest[place]:g} in every area of {where} "
                "(constant); "
                f"{chosen[place].method} needs differences: remove it from the framework, or use goalposts"
            )


def check_finite(before: Floats, after: Floats, keys: tuple[str, ...], chosen: tuple[Scaling, ...]) -> None:
    """Refuse a normalisation that has no finite value where there was one: its base is zero."""
    lost = np.isfinite(before) & ~np.isfinite(after)
    if lost.any():
        place = int(np.argwhere(lost)[0][-1])
        raise FrameError(
            f"composite: {chosen[place].method} of indicator {keys[place]!r} divides by zero: its median, "
            "maximum, mean, target or reference area gives no distance; choose another normalisation for it"
        )


def _checked(one: Scaling, key: str) -> Scaling:
    if one.method not in METHODS:
        raise SosrakeError(
            f"composite: normalisation {one.method!r} of {key!r} is not known; "
            f"use one of {', '.join(METHODS)}"
        )
    if one.ties not in TIES:
        raise SosrakeError(f"composite: ties {one.ties!r} of {key!r}; use one of {', '.join(TIES)}")
    if one.method in ON_RANGE and not one.lower < one.upper:
        raise SosrakeError(
            f"composite: range {one.lower:g}-{one.upper:g} of {key!r}; lower must be below upper"
        )
    if one.method == "distance_to_target" and one.target is None:
        raise SosrakeError(f"composite: distance_to_target of {key!r} needs its target, Scaling(target=...)")
    posts = (one.low_post, one.high_post)
    if one.method == "goalposts" and (posts[0] is None or posts[1] is None or not posts[0] < posts[1]):
        raise SosrakeError(
            f"composite: goalposts of {key!r} are {posts}; "
            "give low_post below high_post in the indicator's unit"
        )
    return one
