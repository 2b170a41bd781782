"""What every interval kernel shares: the pair of limits, arrays of one shape, and refusals of bad input."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import FrameError, SosrakeError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Lower and upper limits, two arrays of the same shape."""

    lower: Floats
    upper: Floats

    def scaled(self, factor: ArrayLike) -> Interval:
        """Give the limits times `factor` (such as `per / denominator`); a negative factor turns them round.

        Examples
        --------
        >>> print(Interval(np.array(0.1), np.array(0.3)).scaled(100).upper)
        30.0
        """
        by = np.asarray(factor, dtype="float64")
        first, second = self.lower * by, self.upper * by
        return Interval(np.where(by < 0, second, first), np.where(by < 0, first, second))


def floats(*values: Any) -> tuple[Floats, ...]:
    """Turn numbers, lists (None is NaN) and arrays into float arrays of one common shape."""
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype="float64") for value in values)))


def checked_level(confidence: ArrayLike) -> Floats:
    """Give the confidence as an array of shares between 0 and 1, or refuse it."""
    level = np.asarray(confidence, dtype="float64")
    if not np.all((level > 0) & (level < 1)) or not level.size:
        raise SosrakeError(
            f"confidence {confidence!r}; expected a share between 0 and 1, such as 0.95; write 95 % as 0.95"
        )
    return level


def one_level(confidence: float, where: str = "") -> float:
    """Give a two-sided confidence as one share between 0 and 1, or refuse it.

    Examples
    --------
    >>> one_level(0.95)
    0.95
    """
    if _is_share(confidence):
        return float(confidence)
    raise FrameError(
        f"{_told(where)}confidence {confidence!r}; expected a share between 0 and 1, such as 0.95; "
        "write 95 % as 0.95"
    )


def levels_of(confidence: Iterable[float] | float, where: str = "") -> tuple[float, ...]:
    """Give one or several two-sided confidences as a tuple of different shares, or refuse them.

    Examples
    --------
    >>> levels_of(0.95), levels_of([0.95, 0.998])
    ((0.95,), (0.95, 0.998))
    """
    asked = tuple(confidence) if isinstance(confidence, Iterable) else (confidence,)
    if not asked or not all(map(_is_share, asked)) or len(set(asked)) < len(asked):
        raise FrameError(
            f"{_told(where)}confidence {confidence!r}; expected different shares between 0 and 1, such as "
            "0.95 or (0.95, 0.998); write 95 % as 0.95"
        )
    return tuple(float(level) for level in asked)


def normal_quantile(confidence: ArrayLike) -> Floats:
    """Give z of a two-sided level: 1.96 for 0.95."""
    return np.asarray(special.ndtri(0.5 + checked_level(confidence) / 2))


def level_name(confidence: float) -> str:
    """Write a level as it stands in the names of columns: 95 for 0.95, 998 for 0.998.

    Examples
    --------
    >>> level_name(0.95), level_name(0.998), level_name(0.9)
    ('95', '998', '90')
    """
    return f"{100 * float(checked_level(confidence)):.10g}".replace(".", "")


def refuse_counts(values: Floats, where: str, name: str) -> None:
    """Refuse negative and infinite counts; NaN is absent and stays absent."""
    refuse(values, (values < 0) | np.isinf(values), where, name, "a finite count, not below zero")


def refuse_sizes(values: Floats, where: str, name: str) -> None:
    """Refuse denominators that are not above zero, or infinite; NaN is absent and stays absent."""
    refuse(values, (values <= 0) | np.isinf(values), where, name, "a finite number above zero")


def refuse(values: Floats, wrong: NDArray[np.bool_], where: str, name: str, expected: str) -> None:
    """Stop with the first wrong value, its place, how many there are, and what was expected."""
    if not np.any(wrong):
        return
    places = np.flatnonzero(np.ravel(wrong))
    value = np.ravel(values)[places[0]]
    raise SosrakeError(
        f"{where}: {name} {value:g} at position {places[0] + 1} ({len(places)} such in all); "
        f"expected {expected}; correct it or leave the position empty (NaN)"
    )


def _told(where: str) -> str:
    return f"{where}: " if where else ""


def _is_share(level: Any) -> bool:
    return isinstance(level, Real) and not isinstance(level, bool) and 0 < float(level) < 1
