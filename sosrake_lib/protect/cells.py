"""The unknowns a reader reckons with: one cell a count, whatever part of a release shows it.

The state of a cell is all that suppression may look at: `small` (hidden by the minimum count), `large` (at
least the minimum count, and so far from its denominator), `full` (nearly everyone of the denominator),
`zero`, `unknown` (absent at the source, or hidden in an earlier release).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect import beside
from sosrake_lib.protect.magnitude import unsafe_sums
from sosrake_lib.protect.part import LARGEST, Part, people
from sosrake_lib.protect.periods import overlapping
from sosrake_lib.protect.rules import HouseRules, house_rules, order_statistics

IDENTITY = ["family", "whole", "point"]
CELL = [*frames.KEY, *IDENTITY]
_STRICTEST = ["small", "full", "unknown", "zero", "large"]
TOTAL_OF = {"sex": "total", "age": frames.ALL_AGES, "group": frames.ALL_GROUPS, "point": "all"}
COLUMNS = [*CELL, "count", "denominator", "bound", "state", "hide", "guard", "fixed", "kept", "earlier"]
COLUMNS += ["amount", "reach"]


def cells(parts: Mapping[str, Part], earlier: pd.DataFrame) -> pd.DataFrame:
    """List the cells of all parts together with those that left the house earlier.

    Returns
    -------
    DataFrame sorted by `CELL`: `count` (NaN = unknown to us), `denominator`, `bound` (what a reader knows to
    be the most there can be, or infinity), `state`, `hide` (must be hidden), `guard` (must not be given
    back), `fixed` (shown by a source or an earlier release, so it cannot be hidden), `earlier` (id of that
    release), `amount` (a sum of money or hours; NaN for every other figure) and `reach` (how far the reader's
    interval of such a sum must go when it is hidden for itself, else 0).

    Raises
    ------
    DisclosureError when parts disagree about one count or about the rules of one figure.
    """
    rows = [_rows(name, given) for name, given in parts.items()]
    current = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=[*CELL])
    guarded = set(current.loc[~current["fixed"].astype(bool), "indicator"]) if len(current) else set()
    current = current[current["indicator"].isin(guarded)]
    if current.empty:
        return pd.DataFrame(columns=COLUMNS)
    merged = _with_earlier(_one_a_cell(current), earlier)
    merged = pd.concat([merged, *_besides(parts)], ignore_index=True) if besides(parts) else merged
    unit = merged.groupby(list(frames.KEY))["hide"].transform("any") & ~merged["fixed"]
    merged["hide"] = merged["hide"] | unit
    merged["guard"] = merged["guard"] | unit
    whole = pd.concat([merged[COLUMNS], _class_totals(merged[COLUMNS])], ignore_index=True)
    return whole.sort_values(CELL).reset_index(drop=True)


def besides(parts: Mapping[str, Part]) -> tuple[beside.Beside, ...]:
    """Give the totals beside all parts that are not open."""
    return tuple(one for given in parts.values() if not given.rules.open for one in given.beside)


def _besides(parts: Mapping[str, Part]) -> list[pd.DataFrame]:
    guarded = [given for given in parts.values() if not given.rules.open and given.beside]
    listed = [beside.rows(given.beside, given.rules.minimum_count) for given in guarded]
    return [pd.concat(listed, ignore_index=True).drop_duplicates(CELL)]


def alike(dimension: str) -> list[str]:
    """Name the columns in which the classes of a dimension agree with each other and with their total."""
    # The points of a scale are indicators of their own ("verkostot.1"); what they share is their item.
    own = {dimension, "indicator"} if dimension == "point" else {dimension}
    return [column for column in CELL if column not in own]


def identity(frame: pd.DataFrame) -> pd.DataFrame:
    """Say what a row's count counts.

    `family`: `people` of a class, or `respondents` behind a mean; a frame that holds several different counts
    for one key keeps them apart by their statistic. `whole` and `point`: the item and the point of its scale
    (columns `item`, `point`), else the indicator and `all`.
    """
    distribution = {"item", "point"} <= set(frame.columns)
    told = frame["point"].notna() if distribution else pd.Series(False, index=frame.index)
    return pd.DataFrame(
        {
            "family": _families(frame),
            "whole": frame["item"].where(told, frame["indicator"]) if distribution else frame["indicator"],
            "point": [
                format(point, "g") if isinstance(point, float) else str(point) for point in frame["point"]
            ]
            if distribution
            else "all",
        }
    ).assign(point=lambda found: found["point"].where(told, "all"))


def _families(frame: pd.DataFrame) -> pd.Series:
    statistic = frame["statistic"] if "statistic" in frame else pd.Series("", index=frame.index)
    count = people(frame)
    by_mean = frame["numerator"].isna() & frame["denominator"].notna() & count.notna()
    block = [frame["indicator"], statistic]
    only_mean = by_mean.groupby(block).transform("any") & ~(
        (count.notna() & ~by_mean).groupby(block).transform("any")
    )
    family = pd.Series(np.where(only_mean, "respondents", "people"), index=frame.index)
    several = count.groupby([*(frame[column] for column in frames.KEY), family]).transform("nunique") > 1
    split = several.groupby(frame["indicator"]).transform("any")
    return family.where(~split, family + ":" + statistic.astype("str"))


def _rows(name: str, given: Part) -> pd.DataFrame:
    frame = given.frame
    listed = frame[list(frames.KEY)].copy()
    listed[IDENTITY] = identity(frame)
    listed["part"] = name
    listed["count"] = people(frame)
    listed["denominator"] = frame["denominator"].where(listed["family"].str.startswith("people"))
    listed["fixed"] = given.rules.open
    listed = _classify(listed, given)
    keep = frame["status"].isin(["ok", "suppressed"]) & ~(
        listed["fixed"] & (frame["status"] == "ok") & listed["count"].isna()
    )
    return listed[keep]


def _classify(listed: pd.DataFrame, given: Part) -> pd.DataFrame:
    """Find the primary cells: too few people, too few to divide by, or (nearly) all of a group."""
    rules, count, denominator = house_rules(given.rules), listed["count"], listed["denominator"]
    few = denominator < rules.minimum_denominator
    known = (denominator >= count) & ~few
    full = known & (denominator - count < rules.minimum_count) & rules.group_disclosure
    small = (count > 0) & (count < rules.minimum_count) | ((count == 0) & (rules.zeros | few))
    listed["bound"] = denominator.where(known, np.inf)
    listed["state"] = np.select(
        [count.isna(), small, full, count == 0], ["unknown", "small", "full", "zero"], default="large"
    )
    exact = _order(given.frame) & (count < rules.minimum_for_order)
    listed["amount"] = amounts_of(given.frame)
    heavy = _heavy(given.frame, rules)
    listed["reach"] = np.where(heavy | small, _reach(given.frame, rules), 0.0)
    primary = count.isna() | small | full | few | exact | heavy
    listed["hide"] = primary & ~listed["fixed"]
    listed["guard"] = listed["hide"]
    listed["kept"] = False
    listed["earlier"] = ""
    return listed


def amounts_of(frame: pd.DataFrame) -> pd.Series:
    """Give the sums of money or hours of a frame: rows that tell the contributions behind them."""
    told = frame[LARGEST[0]].notna() if LARGEST[0] in frame else pd.Series(False, index=frame.index)
    return frame["value"].where(told & (frame["status"] == "ok")).astype("float64")


def _order(frame: pd.DataFrame) -> pd.Series:
    if "statistic" not in frame:
        return pd.Series(False, index=frame.index)
    return frame["statistic"].isin(order_statistics())


def _heavy(frame: pd.DataFrame, rules: HouseRules) -> pd.Series:
    """Find the sums whose largest contributors make too much of them."""
    amount = amounts_of(frame)
    if amount.isna().all():
        return pd.Series(False, index=frame.index)
    first, second = (frame[name].astype("float64") for name in LARGEST)
    return pd.Series(unsafe_sums(amount, first, second.fillna(0.0), rules.magnitude()), index=frame.index)


def _reach(frame: pd.DataFrame, rules: HouseRules) -> pd.Series:
    """Say how far a hidden sum must be free to move, so that nobody comes near the largest contributor."""
    if LARGEST[0] not in frame:
        return pd.Series(0.0, index=frame.index)
    first, second = (frame[name].astype("float64").fillna(0.0) for name in LARGEST)
    lacks = rules.percent / 100 * first - (frame["value"] - first - second)
    if rules.dominance_largest:
        top = first if rules.dominance_largest == 1 else first + second
        lacks = np.maximum(lacks, top / (rules.dominance_share / 100) - frame["value"])
    return pd.Series(np.maximum(lacks, 0.0), index=frame.index).fillna(0.0)


def _class_totals(listed: pd.DataFrame) -> pd.DataFrame:
    """Give a distribution without a total row its total: the denominator that its classes share and fill.

    Points of a scale fill it by their nature, also where one of them came in hidden or has no row.
    """
    made = []
    for dimension, total in TOTAL_OF.items():
        others = alike(dimension)
        groups = listed.groupby(others, sort=True)
        several = groups["denominator"].transform("count").gt(0 if dimension == "point" else 1)
        shared = several & groups["denominator"].transform("nunique").eq(1)
        lacking = ~listed[dimension].eq(total).groupby([listed[column] for column in others]).transform("any")
        known = groups["count"].transform("count").eq(groups["count"].transform("size"))
        together = groups["count"].transform("sum")
        filled = known & together.eq(listed["denominator"])
        if dimension == "point":
            filled |= together.le(listed["denominator"])
        first = listed[shared & lacking & filled & np.isfinite(listed["bound"])].drop_duplicates(others)
        first = first.assign(indicator=first["whole"]) if dimension == "point" else first
        made.append(first.assign(**{dimension: total}, count=first["denominator"], denominator=np.nan))
    totals = pd.concat(made, ignore_index=True).drop_duplicates(CELL)
    return totals.assign(
        bound=np.inf, state="large", hide=False, guard=False, fixed=True, kept=False, earlier="",
        amount=np.nan, reach=0.0,
    )  # fmt: skip


def _one_a_cell(current: pd.DataFrame) -> pd.DataFrame:
    groups = current.groupby(CELL, sort=True)
    shown = groups["fixed"].nunique()
    if (shown > 1).any():
        raise DisclosureError(
            f"release: {_figure(shown.index[shown > 1][0])} stands in one part by avoin and in another by "
            "other rules; release one figure by one rule set"
        )
    clash = groups["count"].nunique()
    if (clash > 1).any():
        raise DisclosureError(
            f"release: {_figure(clash.index[clash > 1][0])} has different counts in different parts; "
            "mend the recipe so that one figure has one count"
        )
    joined = groups.agg(
        count=("count", "first"),
        denominator=("denominator", "max"),
        bound=("bound", "min"),
        hide=("hide", "max"),
        guard=("guard", "max"),
        fixed=("fixed", "first"),
        kept=("kept", "first"),
        earlier=("earlier", "first"),
        amount=("amount", "first"),
        reach=("reach", "max"),
        state=("state", lambda states: min(states, key=_STRICTEST.index)),
    )
    return joined.reset_index()


def _with_earlier(current: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Join what left the house: shown then is fixed now, hidden then is hidden now."""
    known = earlier[earlier["indicator"].isin(set(current["indicator"]))]
    known = known[known["period"].isin(overlapping(known["period"], current["period"]))]
    if known.empty:
        return current
    merged = current.merge(
        known[[*CELL, "count", "denominator", "hidden", "release"]],
        on=CELL,
        how="outer",
        suffixes=("", "_then"),
        indicator=True,
    )
    gone = merged["_merge"] == "right_only"
    was_hidden = merged["hidden"].eq(True)
    was_shown = merged["hidden"].eq(False)
    for column in ("hide", "guard", "fixed", "kept"):
        merged[column] = merged[column].eq(True)
    _refuse_lost(merged, was_shown & ~gone & merged["hide"])
    merged["count"] = merged["count"].where(~gone, merged["count_then"])
    divided = merged["denominator_then"].where(merged["family"].str.startswith("people") & was_shown)
    merged["denominator"] = merged["denominator"].where(~gone, divided)
    merged["bound"] = merged["bound"].fillna(np.inf)
    merged["reach"] = merged["reach"].fillna(0.0)
    merged["state"] = merged["state"].where(~gone, np.where(was_hidden, "unknown", "large"))
    merged["earlier"] = merged["release"].where(was_shown, "").fillna("")
    merged["hide"] |= was_hidden & ~merged["fixed"]
    merged["guard"] |= was_hidden & ~merged["fixed"]
    merged["kept"] = merged["hide"] & was_hidden
    merged["fixed"] |= was_shown
    return merged


def _refuse_lost(merged: pd.DataFrame, lost: pd.Series) -> None:
    if lost.any():
        row = merged.index[lost][0]
        raise DisclosureError(
            f"release: {_figure(merged.loc[row, CELL])} must be hidden but was published in release "
            f"{merged.at[row, 'release']}; it cannot be taken back: leave it out, or keep its rules"
        )


def _figure(key: object) -> str:
    return "figure (" + ", ".join(str(part) for part in list(key)[: len(frames.KEY)]) + ")"  # type: ignore[call-overload]
