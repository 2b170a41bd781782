"""Ages as they are written (`0`, `1-4`, `85-`, `85+`, `<1`), and a standard put together to wider ages."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError

_AGE = re.compile(r"(?P<first>\d+)(?:(?P<open>\+|[-–])|[-–](?P<last>\d+))?|<(?P<below>\d+)|all")


@dataclass(frozen=True, slots=True, order=True)
class AgeGroup:
    """Whole years from `first` to `last`, both counted in; an open group ends at infinity."""

    first: int
    last: float

    @property
    def is_open(self) -> bool:
        """Say whether the group has no upper end."""
        return math.isinf(self.last)


def read_age(text: str) -> AgeGroup:
    """Read an age group as sources write it; spaces do not count.

    Examples
    --------
    >>> read_age("1-4"), read_age("85+") == read_age("85 -"), read_age("<1")
    (AgeGroup(first=1, last=4.0), True, AgeGroup(first=0, last=0.0))
    """
    match = _AGE.fullmatch(re.sub(r"\s", "", str(text)))
    if match is None:
        raise FrameError(
            f"age {text!r}: expected whole years such as 0, 1-4, 85- or 85+, <1, or all; rewrite the age"
        )
    if match["below"] is not None:
        found = AgeGroup(0, float(match["below"]) - 1)
    elif match["first"] is None:
        found = AgeGroup(0, math.inf)
    else:
        first = int(match["first"])
        last = math.inf if match["open"] else float(match["last"] if match["last"] else first)
        found = AgeGroup(first, last)
    if found.last < found.first:
        raise FrameError(f"age {text!r}: it ends before it begins; write the lower age first")
    return found


def closed_set(ages: Sequence[str], function: str) -> list[AgeGroup]:
    """Read ages that follow one another without gap or overlap up to an open last one, in their given order.

    Raises
    ------
    FrameError naming the two ages that leave a gap or overlap, or the last one when it is not open.
    """
    read = {label: read_age(label) for label in ages}
    ordered = sorted(read, key=lambda label: read[label])
    for one, other in itertools.pairwise(ordered):
        if read[other].first != read[one].last + 1:
            what = "overlap" if read[other].first <= read[one].last else "leave a gap"
            raise FrameError(
                f"{function}: column age: {one!r} and {other!r} {what}; expected ages that follow one "
                "another, such as 0, 1-4, 5-9, ..., 90-; leave totals out and compute other ages on their own"
            )
    if not read[ordered[-1]].is_open:
        raise FrameError(
            f"{function}: column age: the last age {ordered[-1]!r} is not open; "
            f"the oldest must be in the table: write it {read[ordered[-1]].first}- when all older are in it"
        )
    return [read[label] for label in ages]


def regroup_ages(standard: pd.DataFrame, ages: Iterable[str], *, partial: bool = False) -> pd.DataFrame:
    """Sum a standard's weights to the wider ages of the data at hand.

    Parameters
    ----------
    standard : DataFrame `age, weight`, other columns (`sex`, `standard`) constant within a row of the result.
    ages : the ages wanted, as the frame writes them ("0-14", "65-", "85+").
    partial : True when the ages wanted do not cover the standard on purpose, such as 15-64 only; the rate is
        then standardised within these ages.

    Returns
    -------
    DataFrame with the columns of `standard`, one row an age wanted (and sex, ...), `age` as in `ages`.

    Raises
    ------
    FrameError when an age wanted is not a sum of the standard's ages, two overlap, or (without `partial`)
    part of the standard is left over.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> wide = regroup_ages(catalogue.standard_population("esp2013"), ["0-14", "15-64", "65+"])
    >>> print(wide[["age", "weight"]].to_string(index=False))
      age  weight
     0-14 16000.0
    15-64 64500.0
      65+ 19500.0
    """
    if not {"age", "weight"} <= set(standard.columns):
        raise FrameError("standardise.regroup_ages: the standard has no columns age and weight; give both")
    wanted = [str(age) for age in dict.fromkeys(ages)]
    place = _targets(standard, wanted, partial)
    kept = standard.loc[place >= 0]
    others = [column for column in standard.columns if column not in ("age", "weight")]
    coded = kept.assign(age=pd.Categorical.from_codes(place[place >= 0], categories=wanted))
    summed = coded.groupby([*others, "age"], sort=True, observed=False)["weight"].sum().reset_index()
    summed["age"] = summed["age"].astype("str")
    return summed[list(standard.columns)]


def _targets(standard: pd.DataFrame, wanted: list[str], partial: bool) -> np.ndarray:
    """Give each row of the standard the position of its age wanted, -1 for none, after checking the fit."""
    read = [read_age(age) for age in wanted]
    own = {age: read_age(age) for age in standard["age"].astype("str").unique()}
    home: dict[str, int] = {}
    for label, one in own.items():
        inside = [n for n, target in enumerate(read) if target.first <= one.first and one.last <= target.last]
        across = [n for n, target in enumerate(read) if one.first <= target.last and target.first <= one.last]
        if len(across) > 1 and inside:
            raise FrameError(
                f"standardise.regroup_ages: ages {wanted[across[0]]!r} and {wanted[across[1]]!r} overlap; "
                "expected each year of age once"
            )
        if across and not inside:
            raise FrameError(
                f"standardise.regroup_ages: {wanted[across[0]]!r} is not a sum of the standard's ages: "
                f"it cuts {label!r}; use ages that begin and end where the standard's do, or a finer standard"
            )
        home[label] = inside[0] if inside else -1
    _check_covered(wanted, read, own, home, partial)
    return standard["age"].astype("str").map(home).to_numpy(dtype="int64")


def _check_covered(
    wanted: list[str],
    read: list[AgeGroup],
    own: dict[str, AgeGroup],
    home: dict[str, int],
    partial: bool,
) -> None:
    for n, target in enumerate(read):
        parts = [own[label] for label, place in home.items() if place == n]
        whole = parts and min(parts).first == target.first and max(one.last for one in parts) == target.last
        if not whole:
            raise FrameError(
                f"standardise.regroup_ages: the standard does not fill age {wanted[n]!r}; "
                "use ages that begin and end where the standard's do, or another standard"
            )
    left = [label for label, place in home.items() if place < 0]
    if left and not partial:
        raise FrameError(
            f"standardise.regroup_ages: ages {', '.join(left[:5])} of the standard are in none of the ages "
            "wanted; add them, or say partial=True to standardise within the given ages only"
        )
