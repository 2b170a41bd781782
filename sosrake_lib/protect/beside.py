"""Counts that no row shows but that a reader may know, or reckon from other rows: the audit counts them in.

Two kinds. The arms of one effect belong together: those who began are those measured twice and those lost, so
whoever knows any two knows the third, even when they stand on different pages under different names. And a
recipe may name a total that another release tells (all observations of an area) of which its own rows are a
part: what they lack of it is then attacked like a hidden count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames

FAMILY = "beside"
# Sizes of an effect's arms: which whole is which arms together (names as `Effect.n` gives them).
ARM_STATISTIC, ARMS_SUFFIX = "n", ".n"
WHOLES = {"started": ("paired", ("only_before", "lost")), "ended": ("paired", ("only_after",))}
_PLACE = ("region_level", "region_code", "borders", "period", "sex", "age")


@dataclass(frozen=True, eq=False)
class Beside:
    """A total that stands beside the rows of a part.

    Attributes
    ----------
    key : key columns of the total; its `indicator` is that of the rows. Its `group` is "beside:" and a name
        of its own, or that of a row, when there is one after all.
    count : how many.
    parts : key columns of each row that it counts in; what is left out is as in `key`.
    known : True when the total is told elsewhere; False when a reader knows it only by rows of the same size
        at the same place.
    """

    key: Mapping[str, object]
    count: int
    parts: tuple[Mapping[str, object], ...]
    known: bool = True


def arms(frame: pd.DataFrame) -> tuple[Beside, ...]:
    """Find the wholes of the arms of each effect in a frame made by `effects.effect_frame`.

    Examples
    --------
    >>> key = {"region_level": "hva", "region_code": "E1", "borders": 2026, "period": "2024"}
    >>> key |= {"sex": "total", "age": "all", "indicator": "vointi.n", "statistic": "n", "status": "ok"}
    >>> rows = pd.DataFrame([key | {"group": "paired", "value": 20.0}, key | {"group": "lost", "value": 3.0}])
    >>> [(one.key["group"], one.count) for one in arms(rows)]
    [('beside:started', 23)]
    """
    if "statistic" not in frame:
        return ()
    sizes = frame.loc[frame["statistic"].eq(ARM_STATISTIC) & frame["indicator"].str.endswith(ARMS_SUFFIX)]
    sizes = sizes.loc[sizes["status"].eq("ok")].drop_duplicates(list(frames.KEY))
    if sizes.empty:
        return ()
    split = [str(group).rpartition(":") for group in sizes["group"]]
    named = sizes.assign(arm=[one[2] for one in split], before=[one[0] for one in split])
    found = []
    for key, rows in named.groupby(["indicator", *_PLACE, "before"], sort=True):
        at = dict(zip(["indicator", *_PLACE], key, strict=False))
        size = dict(zip(rows["arm"], rows["value"], strict=True))
        label = dict(zip(rows["arm"], rows["group"], strict=True))
        for whole, (stayed, others) in WHOLES.items():
            lost = [arm for arm in others if arm in size]
            if stayed in size and lost:
                inside = (stayed, lost[0])
                group = label.get(whole, ":".join(part for part in (FAMILY, key[-1], whole) if part))
                together = int(sum(size[arm] for arm in inside))
                rest = tuple({"group": label[arm]} for arm in inside)
                found.append(Beside({**at, "group": group}, together, rest, known=False))
    return tuple(found)


def rows(given: Sequence[Beside], minimum: int) -> pd.DataFrame:
    """Give the totals as cells (columns of `cells.COLUMNS`); one known is fixed, none is guarded."""
    neutral = {"sex": "total", "age": frames.ALL_AGES}
    made = [
        {**neutral, **one.key, "count": float(one.count), "fixed": one.known}
        | {"whole": str(one.key["group"]), "point": "all", "family": FAMILY}
        | {"state": "large" if one.count >= minimum else "small" if one.count else "zero"}
        for one in given
        if str(one.key["group"]).startswith(FAMILY)
    ]
    if not made:
        return pd.DataFrame()
    return pd.DataFrame(made).assign(
        denominator=np.nan, bound=np.inf, hide=False, guard=False, kept=False, earlier="", amount=np.nan,
        reach=0.0,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Linked:
    """Where the totals stand among the cells: (row of the total, rows of its parts), and who tells them."""

    sums: tuple[tuple[int, tuple[int, ...]], ...]
    tellers: np.ndarray


def linked(cells: pd.DataFrame, given: Sequence[Beside]) -> Linked:
    """Find the rows of each total, of its parts, and of every figure that tells one of them by its size."""
    real = cells["family"] != FAMILY
    by_key = {
        key: row
        for row, key in enumerate(cells[list(frames.KEY)].itertuples(index=False, name=None))
        if real.iat[row] or str(cells["whole"].iat[row]).startswith(FAMILY)
    }
    sums, tellers = [], []
    for one in given:
        full = {"sex": "total", "age": frames.ALL_AGES, **one.key}
        total = by_key.get(_key(full))
        keys = [_key({**full, **part}) for part in one.parts]
        inside = tuple(by_key[key] for key in keys if key in by_key)
        if total is None or not inside:
            continue
        sums.append((total, inside))
        if not one.known:
            tellers += [(row, told) for told in (total, inside[0]) for row in _same(cells, full, told, real)]
    pairs = np.array(sorted(set(tellers)), dtype=int).reshape(-1, 2)
    return Linked(tuple(sums), pairs)


def unshown(cells: pd.DataFrame, links: Linked) -> np.ndarray:
    """Mark totals that must stay unknown: one of their parts is hidden, and nothing published tells them."""
    hide, fixed = cells["hide"].to_numpy(dtype=bool), cells["fixed"].to_numpy(dtype=bool)
    marked = np.zeros(len(cells), dtype=bool)
    for total, inside in links.sums:
        marked[total] = not fixed[total] and hide[list(inside)].any()
    return marked


def _same(cells: pd.DataFrame, at: Mapping[str, object], told: int, real: pd.Series) -> list[int]:
    """List the figures of the same place and time whose count or denominator is this one."""
    size = cells["count"].iat[told]
    here = real & (cells["count"].eq(size) | cells["denominator"].eq(size))
    for column in _PLACE:
        here &= cells[column].eq(at[column])
    arm = cells["indicator"].eq(at["indicator"])
    return np.flatnonzero((here & ~arm).to_numpy()).tolist()


def _key(values: Mapping[str, object]) -> tuple:
    return tuple(values[column] for column in frames.KEY)
