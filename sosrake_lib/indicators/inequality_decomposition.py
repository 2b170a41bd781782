"""Where inequality comes from: the part within groups and the part between them, which add up exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.inequality_kernels import Floats, ordered, over
from sosrake_lib.indicators.resampling import Statistic

MEASURES = ("theil_t", "theil_l")
PARTS = ("total", "within", "between", "between_share")
# A cell emptied of its weight keeps a rounding of it; less than this part of it counts as nothing.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Decomposition:
    """Total inequality = within + between.

    `groups` has one row per group: `group, people, population_share, value_share, mean, inequality` (inside
    the group), `within` (its part of the within sum) and `between` (its part of the between sum; may be
    negative).
    """

    measure: str
    total: float
    within: float
    between: float
    groups: pd.DataFrame


def theil(
    values: ArrayLike, groups: ArrayLike, weights: ArrayLike | None = None, *, measure: str = "theil_t"
) -> Decomposition:
    """Part Theil's T or L into inequality within and between groups.

    Formula, p and s a group's share of the people and of the whole: T = Σ s T_g + Σ s ln(s/p);
    L = Σ p L_g + Σ p ln(p/s).

    Parameters
    ----------
    values : not negative; for theil_l above 0.
    groups : the group (county) of each value.
    weights : people; left out, 1 each.
    measure : "theil_t" or "theil_l".

    Raises
    ------
    SosrakeError as `inequality_kernels.gini`; for groups of another length; for theil_l with a value of 0.

    Source: Shorrocks (1980), doi 10.2307/1913126. Compared with pysal inequality's definition (TheilD).

    Examples
    --------
    >>> found = theil([10, 20, 30, 40], ["a", "a", "b", "b"])
    >>> print(round(found.total, 4), round(found.within, 4), round(found.between, 4))
    0.1064 0.0242 0.0823
    """
    where = f"inequality.decompose({measure})"
    if measure not in MEASURES:
        raise SosrakeError(f"{where}: measure {measure!r} does not part; use one of {', '.join(MEASURES)}")
    names = pd.array(np.asarray(groups).tolist())
    if len(names) != np.size(values) or pd.isna(names).any():
        raise SosrakeError(
            f"{where}: {len(names)} groups for {np.size(values)} values, or a group is missing; "
            "give one to each"
        )
    data = ordered(values, weights, where)
    if measure == "theil_l" and data.values[0] == 0 and data.values[-1] > 0:
        raise SosrakeError(f"{where}: a value is 0 and has no logarithm; use theil_t, where 0 adds 0")
    codes, found = pd.factorize(names[data.order], sort=True)
    whole = np.zeros(len(codes), dtype="int64")
    total, parts = parted(data.values, data.weights, np.asarray(codes), whole, measure)
    table = parts.drop(columns=["cell", "number"]).assign(group=np.asarray(found))
    return Decomposition(
        measure,
        float(total[0]),
        float(table["within"].sum()),
        float(table["between"].sum()),
        table[["group", *table.columns.drop("group")]],
    )


def parted(
    x: Floats, w: Floats, cells: np.ndarray, numbers: np.ndarray, measure: str
) -> tuple[Floats, pd.DataFrame]:
    """Part many indexes at once, by sums over cells (inner areas) that each lie in one number (whole).

    Parameters
    ----------
    x, w : values and people (rows,).
    cells : 0, 1, 2, ... the inner area of each row; every cell lies in one whole.
    numbers : 0, 1, 2, ... the whole of each row.

    Returns
    -------
    The total of each whole, and one row per cell: `cell, number, people, population_share, value_share, mean,
    inequality, within, between`.
    """
    count = int(numbers.max()) + 1
    mean = over(_add(numbers, w * x, count), _add(numbers, w, count))
    # Relative to the mean of its whole: the logarithms stay small and the sums exact.
    y = x / np.where(mean > 0, mean, 1.0)[numbers]
    owner = np.zeros(int(cells.max()) + 1, dtype="int64")
    owner[cells] = numbers
    total, people, _ = _index(y, w, numbers, measure)
    inside, own, level = _index(y, w, cells, measure)
    p = own / people[owner]
    # In a whole that has nothing everybody has the same share of it.
    s = np.where(mean[owner] > 0, p * level, p)
    share, other = (s, p) if measure == "theil_t" else (p, s)
    ratio = np.divide(share, other, out=np.ones_like(share), where=(share > 0) & (other > 0))
    table = pd.DataFrame(
        {
            "cell": np.arange(len(owner)),
            "number": owner,
            "people": own,
            "population_share": p,
            "value_share": s,
            "mean": level * np.where(mean > 0, mean, 1.0)[owner],
            "inequality": inside,
            "within": share * inside,
            "between": share * np.log(ratio),
        }
    )
    return total, table


def part_of(x: Floats, cells: np.ndarray, measure: str, place: int) -> Statistic:
    """Make the statistic of one of PARTS for resampling: weights (g, m, n) -> (g, m).

    Parameters
    ----------
    x : values (g, n).
    cells : code of the inner area of each value (g, n), from 0.
    """
    y, logs = _relative(x)
    inside = (cells[..., None] == np.arange(int(cells.max()) + 1)).astype("float64")

    def statistic(w: Floats) -> Floats:
        whole = w * y[:, None, :]
        power = np.einsum("gmn,gn->gm", w if measure == "theil_l" else whole, logs)
        cell = _cell(whole @ inside, w @ inside, measure).sum(axis=-1)
        return _combined(w.sum(axis=-1), whole.sum(axis=-1), power, cell, measure)[place]

    return statistic


def deleted_parts(x: Floats, w: Floats, cells: np.ndarray, measure: str) -> Floats:
    """Give every one of PARTS with each area left out in turn: (part, g, n) from x, w, cells (g, n).

    An area that is left out changes the sums of its own inner area only, so no matrix of weights is needed.
    """
    y, logs = _relative(x)
    whole = w * y
    power = (w if measure == "theil_l" else whole) * logs
    rows = np.arange(len(x))[:, None]
    shape = (len(x), int(cells.max()) + 1)
    people, parts = np.zeros(shape), np.zeros(shape)
    np.add.at(people, (rows, cells), w)
    np.add.at(parts, (rows, cells), whole)
    each = _cell(parts, people, measure)
    own_people, own_part = people[rows, cells], parts[rows, cells]
    left_people = np.where(own_people - w > _ROUNDING * own_people, own_people - w, 0.0)
    left = _cell(np.maximum(own_part - whole, 0), left_people, measure)
    cell = each.sum(axis=1, keepdims=True) - each[rows, cells] + left
    rest, rest_whole, rest_power = (one.sum(axis=1, keepdims=True) - one for one in (w, whole, power))
    return _combined(rest, rest_whole, rest_power, cell, measure)


def _relative(x: Floats) -> tuple[Floats, Floats]:
    """Values over their plain mean (the parts do not notice) and their logarithms, 0 for a 0."""
    middle = x.mean(axis=-1, keepdims=True)
    y = x / np.where(middle > 0, middle, 1.0)
    return y, np.log(np.where(y > 0, y, 1.0))


def _cell(whole: Floats, people: Floats, measure: str) -> Floats:
    """Give W ln(W/P) of each inner area, for theil_l P ln(W/P); 0 where nobody is or nobody has anything."""
    able = (people > 0) & (whole > 0)
    ratio = np.divide(whole, people, out=np.ones(np.shape(whole)), where=able)
    return np.where(able, whole if measure == "theil_t" else people, 0.0) * np.log(ratio)


def _combined(people: Floats, whole: Floats, power: Floats, cell: Floats, measure: str) -> Floats:
    """Give total, within, between and the share between from sums: T = E/W - ln(W/P), within = (E - F)/W."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.log(over(whole, people))
        if measure == "theil_t":
            total, within = over(power, whole) - mean, over(power - cell, whole)
        else:
            total, within = mean - over(power, people), over(cell - power, people)
        nothing = (people > 0) & ~(whole > 0)
        total, within = (np.where(nothing, 0.0, np.maximum(part, 0)) for part in (total, within))
        between = np.maximum(total - within, 0)
        return np.stack([total, within, between, share_between(between, total)])


def share_between(between: Floats, total: Floats) -> Floats:
    """Give between over total; NaN where there is no inequality, or only a rounding of it."""
    return over(between, np.where(total > _ROUNDING, total, 0.0))


def _add(codes: np.ndarray, values: Floats, count: int = 0) -> Floats:
    return np.bincount(codes, values, count).astype("float64")


def _index(y: Floats, w: Floats, codes: np.ndarray, measure: str) -> tuple[Floats, Floats, Floats]:
    """Theil's index, people and mean of each code; 0 where nobody has anything."""
    people, whole = _add(codes, w), _add(codes, w * y)
    mean = over(whole, people)
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "theil_t":
            found = _add(codes, w * special.xlogy(y, y)) / whole - np.log(mean)
        else:
            found = np.log(mean) - _add(codes, w * np.log(y)) / people
    return np.where(whole > 0, np.maximum(found, 0), 0.0), people, mean
