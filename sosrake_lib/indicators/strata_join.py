"""A standard or reference beside the data: which columns join, which are strata, which are figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Columns by which a standard or reference can belong to some of the rows only.
JOIN = ("indicator", "period", "sex", "group")


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A standard or reference laid out as matrices.

    `strata` has age and maybe sex; `families` the join columns, one row a family (no columns when one serves
    all rows); `values` maps a column's name to families x strata.
    """

    strata: pd.DataFrame
    families: pd.DataFrame
    values: dict[str, Floats]

    def family_of(self, groups: pd.DataFrame, what: str, function: str) -> Integers:
        """Find each group's family; name the first group that has none."""
        joins = list(self.families.columns)
        if not joins:
            return np.zeros(len(groups), dtype="int64")
        own = pd.MultiIndex.from_frame(self.families.astype("str"))
        place = own.get_indexer(pd.MultiIndex.from_frame(groups[joins].astype("str")))
        if (place < 0).any():
            row = groups.iloc[int(np.argmin(place))]
            key = ", ".join(f"{column} {row[column]}" for column in joins)
            raise FrameError(
                f"{function}: the {what} has no rows for {key}; add them, or leave the column "
                f"{joins[0]} out of the {what} when one serves all"
            )
        return place.astype("int64")


def beside(
    other: pd.DataFrame, values: Sequence[str], by: Sequence[str] | None, what: str, function: str
) -> Beside:
    """Lay a standard or reference out as families x strata.

    `age` always makes strata; `sex` does when the figures are not given by sex (`by` without sex), otherwise
    it joins, as do indicator, period and group where `other` has them. Every family needs every stratum.
    """
    lacking = [column for column in ("age", *values) if column not in other]
    if lacking:
        raise FrameError(
            f"{function}: the {what} has no column {lacking[0]}; expected age, {', '.join(values)}, "
            "one row an age"
        )
    if other.empty:
        raise FrameError(f"{function}: the {what} has no rows; give one row an age")
    joins = [column for column in JOIN if column in other and (by is None or column in by)]
    split = by is not None and "sex" not in by and "sex" in other
    stratum = ["age", "sex"] if split else ["age"]
    _check_repeats(other, [*joins, *stratum], what, function)
    strata = other[stratum].drop_duplicates().reset_index(drop=True)
    families = other[joins].iloc[:1] if not joins else other[joins].drop_duplicates()
    families = families.reset_index(drop=True)
    cells = pd.MultiIndex.from_frame(strata.astype("str")).get_indexer(
        pd.MultiIndex.from_frame(other[stratum].astype("str"))
    )
    rows = np.zeros(len(other), dtype="int64")
    if joins:
        rows = pd.MultiIndex.from_frame(families.astype("str")).get_indexer(
            pd.MultiIndex.from_frame(other[joins].astype("str"))
        )
    laid = {name: _laid(other, name, rows, cells, (len(families), len(strata))) for name in values}
    _check_complete(laid, what, function)
    return Beside(strata.astype("str"), families, laid)


def reference_beside(
    reference: pd.DataFrame, by: Sequence[str] | None, missing_counts: str, name: str
) -> Beside:
    """Lay a reference's events and people out by age, refusing what gives it no rate at some age."""
    other = beside(reference, ["numerator", "denominator"], by, "reference", name)
    if (other.values["denominator"] <= 0).any():
        raise FrameError(
            f"{name}: the reference has an age without people (denominator 0), so it has no rate there; "
            "join the age with the next one in both frames"
        )
    events = other.values["numerator"]
    if np.isnan(events).any():
        if missing_counts != "zero":
            raise FrameError(
                f"{name}: column numerator of the reference is empty for an age; give its events, "
                "or say missing_counts='zero' when empty means none"
            )
        other.values["numerator"] = np.nan_to_num(events)
    return other


def _laid(other: pd.DataFrame, name: str, rows: Integers, cells: Integers, shape: tuple[int, int]) -> Floats:
    found = np.full(shape, np.nan)
    found[rows, cells] = pd.to_numeric(other[name], errors="coerce").to_numpy("float64", na_value=np.nan)
    return found


def _check_repeats(other: pd.DataFrame, columns: list[str], what: str, function: str) -> None:
    twice = other.duplicated(subset=columns)
    if not twice.any():
        return
    row = other.loc[twice].iloc[0]
    told = ", ".join(f"{column} {row[column]}" for column in columns)
    areas = other["region_code"].nunique() if "region_code" in other else 1
    advice = "keep one area, such as the country" if areas > 1 else "keep one row an age"
    raise FrameError(f"{function}: the {what} has several rows for {told}; {advice}")


def _check_complete(laid: dict[str, Floats], what: str, function: str) -> None:
    for name, values in laid.items():
        if np.isinf(values).any() or (values < 0).any():
            raise FrameError(
                f"{function}: column {name} of the {what} is negative or infinite; expected figures from 0 up"
            )
        if np.isnan(values).any() and name != "numerator":
            raise FrameError(
                f"{function}: column {name} of the {what} is empty for an age; every age needs its figure"
            )
    if "weight" in laid and not (laid["weight"].sum(axis=1) > 0).all():
        raise FrameError(f"{function}: the weights of the {what} sum to 0; give at least one age a weight")
