"""Rounding in place of hiding: each count by itself, at random without bias, or so that sums still hold.

Rounded figures are told as rounded. Rounding alone does not protect where the same count is exact elsewhere
(`audit` sees it), and a small base protects little: base 5 tells a count to within 2.

Source: Hundepool et al., Statistical Disclosure Control (Wiley 2012), chapter 5, doi:10.1002/9781118348239.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from sosrake_lib.errors import DisclosureError

SALT_NAME = "rounding.salt"


@dataclass(frozen=True, slots=True, eq=False)
class RandomRounding:
    """Where random rounding takes each count: to `down`, or by `up_probability` to `down + base`."""

    down: np.ndarray
    up_probability: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Controlled:
    """A table whose rounded cells and margins still add up; `table` holds the margins too."""

    table: np.ndarray
    changed: float


def conventional(counts: ArrayLike, base: int) -> np.ndarray:
    """Round each count to the nearest multiple, a tie upwards; sums need not hold afterwards.

    Examples
    --------
    >>> conventional([1, 3, 12, 23], 5).tolist()
    [0, 5, 10, 25]
    """
    values = _counts(counts, base)
    return ((2 * values + base) // (2 * base) * base).astype("int64")


def random_probabilities(counts: ArrayLike, base: int) -> RandomRounding:
    """Give the unbiased rule: up with probability remainder / base, so that the mean is the count.

    Examples
    --------
    >>> random_probabilities([0, 1, 2], 3).up_probability.round(3).tolist()
    [0.0, 0.333, 0.667]
    """
    values = _counts(counts, base)
    down = values // base * base
    return RandomRounding(down, (values - down) / base)


def random(counts: ArrayLike, base: int, seed: int) -> np.ndarray:
    """Round at random without bias. The same figure must be rounded once and kept, never drawn again.

    Examples
    --------
    >>> bool((abs(random([1, 7, 10], 5, seed=1) - [1, 7, 10]) < 5).all())
    True
    """
    rule = random_probabilities(counts, base)
    up = np.random.default_rng(seed).random(rule.down.shape) < rule.up_probability
    return rule.down + base * up


def kept_draws(keys: Sequence[str], salt: bytes) -> np.ndarray:
    """Give each figure its own draw between 0 and 1: always the same for one key and salt.

    A figure that were drawn anew in every release could be averaged until the rounding is gone. The salt is a
    secret of the house (`kept_salt`).

    Examples
    --------
    >>> bool((kept_draws(["a", "b"], b"s") == kept_draws(["a", "b"], b"s")).all())
    True
    """
    hashed = [hashlib.sha256(salt + b"|" + key.encode("utf-8")).digest()[:7] for key in keys]
    return np.array([int.from_bytes(one, "big") / 2.0**56 for one in hashed], dtype="float64")


def random_kept(counts: ArrayLike, base: int, draws: ArrayLike) -> np.ndarray:
    """Round at random without bias by draws that are kept (`kept_draws`)."""
    rule = random_probabilities(counts, base)
    return rule.down + base * (np.asarray(draws, dtype="float64") < rule.up_probability)


def kept_salt(home: Path) -> bytes:
    """Read the secret of the house's random rounding; made once, readable by its owner only."""
    place = Path(home) / SALT_NAME
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    return place.read_bytes()


def controlled(table: ArrayLike, base: int) -> Controlled:
    """Round a two-way table so that rows, columns and the total still add up, changing as little as it can.

    Every cell and every margin goes to a neighbouring multiple, multiples stay. A two-way table always has
    such a rounding (it is a network flow); the one with the least sum of absolute changes is taken.

    Parameters
    ----------
    table : (rows, columns) whole counts without margins.
    base : at least 2.

    Returns
    -------
    Controlled: `table` (rows + 1, columns + 1) with margins last; `changed` the sum of absolute changes.

    Examples
    --------
    >>> controlled([[1, 0], [3, 3], [12, 20]], 5).table[-1, -1].item() in (35, 40)
    True
    """
    inner = _counts(table, base)
    if inner.ndim != 2 or not inner.size:
        raise DisclosureError(f"controlled rounding: expected rows and columns, got shape {inner.shape}")
    whole = with_margins(inner)
    down = whole // base * base
    choice = (whole > down).ravel()
    up = _best_ups(whole, down, base, choice)
    rounded = down + base * up.reshape(whole.shape)
    return Controlled(rounded, float(np.abs(rounded - whole).sum()))


def acceptable(table: ArrayLike, rounded: ArrayLike, base: int) -> bool:
    """Judge a controlled rounding: neighbouring multiples, multiples unchanged, and all sums hold.

    Parameters
    ----------
    table : (rows, columns) without margins.
    rounded : (rows + 1, columns + 1) with margins last.
    """
    whole, found = with_margins(_counts(table, base)), np.asarray(rounded)
    if found.shape != whole.shape:
        return False
    near = (np.abs(found - whole) < base).all() and (found % base == 0).all()
    kept = (found[whole % base == 0] == whole[whole % base == 0]).all()
    return bool(near and kept and (with_margins(found[:-1, :-1]) == found).all())


def with_margins(inner: np.ndarray) -> np.ndarray:
    """Put the sums of rows, of columns and the total behind a table."""
    rows = np.hstack([inner, inner.sum(axis=1, keepdims=True)])
    return np.vstack([rows, rows.sum(axis=0, keepdims=True)])


def _best_ups(whole: np.ndarray, down: np.ndarray, base: int, choice: np.ndarray) -> np.ndarray:
    rows, columns = whole.shape
    places = np.arange(rows * columns).reshape(rows, columns)
    equations, right = [], []
    for line in [*places, *places.T]:
        row = np.zeros(rows * columns)
        row[line[:-1]], row[line[-1]] = 1.0, -1.0
        equations.append(row)
        right.append(-(row @ down.ravel()) / base)
    cost = (base - 2 * (whole - down).ravel()).astype("float64")
    solved = milp(
        cost,
        integrality=np.ones(len(cost)),
        bounds=Bounds(0, choice.astype("float64")),
        constraints=LinearConstraint(sparse.csr_array(np.array(equations)), right, right),
    )
    if solved.x is None:
        raise DisclosureError("controlled rounding: no table of neighbouring multiples adds up; take hiding")
    return np.round(solved.x).astype("int64")


def _counts(counts: ArrayLike, base: int) -> np.ndarray:
    values = np.asarray(counts)
    if base < 2 or int(base) != base:
        raise DisclosureError(f"rounding: base {base}; expected a whole number from 2")
    numbers = values.astype("float64")
    if not np.isfinite(numbers).all() or (numbers < 0).any() or (numbers % 1 != 0).any():
        raise DisclosureError("rounding: a count is negative, not whole or no number; give counts of people")
    return values.astype("int64")
