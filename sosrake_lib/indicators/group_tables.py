"""Answers of many groups to many items, counted once; small groups refused or merged; pairs to compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.intervals import Floats

SMALL = ("refuse", "merge")


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Counts (items, groups, points) with their names; `sizes`: `group, respondents, merged_into`."""

    counts: Floats
    items: pd.Index
    groups: pd.Index
    points: Floats
    sizes: pd.DataFrame


def tabulated(
    answers: pd.DataFrame, by: str, min_size: int, small: str, merged_name: str = "others"
) -> Tables:
    """Count answers by item, group and point; a group's answers to an item too few answered count as none.

    Parameters and errors as `groups.compare`.
    """
    if small not in SMALL:
        raise FrameError(f"groups.compare: small {small!r}; use one of {', '.join(SMALL)}")
    rows = _checked(answers, by)
    sizes = _sizes(rows, by, min_size, small, merged_name)
    group = rows[by].astype("str").map(sizes.set_index("group")["merged_into"])
    item_codes, items = pd.factorize(rows["item"])
    group_codes, groups = pd.factorize(group, sort=True)
    if len(groups) < 2:
        raise FrameError(
            f"groups.compare: column {by} has {len(groups)} group(s) with answers; a comparison needs two at "
            "least; choose another column or a smaller min_size"
        )
    points, point_codes = np.unique(rows["answer"].to_numpy("float64"), return_inverse=True)
    shape = (len(items), len(groups), len(points))
    cell = np.ravel_multi_index((item_codes, group_codes, point_codes), shape)
    counts = np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape).astype("float64")
    counts[counts.sum(axis=-1) < min_size] = 0.0
    return Tables(counts, pd.Index(items), pd.Index(groups), points, sizes)


def choose_pairs(tables: Tables, against: str) -> tuple[Floats, Floats, pd.DataFrame]:
    """Give the counts (items, pairs, points) of first and second and their names (`first, second`)."""
    size, names = len(tables.groups), tables.groups.to_numpy()
    if against == "rest":
        rest = tables.counts.sum(axis=1, keepdims=True) - tables.counts
        # Where a group itself is left out its rest is no comparison either.
        rest = np.where(tables.counts.sum(axis=-1, keepdims=True) > 0, rest, 0.0)
        return tables.counts, rest, pd.DataFrame({"first": names, "second": "rest"})
    if against == "pairs":
        first, second = np.triu_indices(size, k=1)
    elif against in set(names):
        other = int(np.flatnonzero(names == against)[0])
        first = np.delete(np.arange(size), other)
        second = np.full(size - 1, other)
    else:
        raise FrameError(
            f"groups.compare: against {against!r}; use pairs, rest or one of {', '.join(map(str, names))}"
        )
    named = pd.DataFrame({"first": names[first], "second": names[second]})
    return tables.counts[:, first], tables.counts[:, second], named


def _checked(answers: pd.DataFrame, by: str) -> pd.DataFrame:
    for column in ("respondent", "item", "answer", by):
        if column not in answers:
            raise FrameError(
                f"groups.compare: column {column} is missing; expected respondent, item, answer, {by}, one "
                "row per respondent and item"
            )
    given = pd.to_numeric(answers["answer"], errors="coerce").astype("float64")
    wrong = np.flatnonzero((given.isna() & answers["answer"].notna()) | np.isinf(given))
    if len(wrong):
        raise FrameError(
            f"groups.compare: row {wrong[0] + 1}, column answer: {answers['answer'].iloc[wrong[0]]}; "
            "expected a finite number or nothing; correct the answer"
        )
    rows = answers[["respondent", "item", by]].assign(answer=given).loc[given.notna().to_numpy()]
    if rows[by].isna().any():
        row = int(np.flatnonzero(answers[by].isna())[0])
        raise FrameError(f"groups.compare: row {row + 1}, column {by} is empty; name each respondent's group")
    twice = rows.duplicated(subset=["respondent", "item"])
    if twice.any():
        item = rows.loc[twice, "item"].iloc[0]
        raise FrameError(
            f"groups.compare: a respondent answers item {item!r} twice; keep one answer a respondent"
        )
    people = rows[["respondent", by]].drop_duplicates()
    if people["respondent"].duplicated().any():
        raise FrameError(
            f"groups.compare: a respondent stands in two groups of column {by}; the groups must be apart"
        )
    return rows


def _sizes(rows: pd.DataFrame, by: str, min_size: int, small: str, merged_name: str) -> pd.DataFrame:
    people = rows.drop_duplicates(["respondent"])[by].astype("str")
    size = people.value_counts().sort_index().sort_values(kind="stable")
    few = list(size.index[size < min_size])
    if few and small == "refuse":
        raise FrameError(
            f"groups.compare: column {by}: group {few[0]!r} has {size[few[0]]} respondents, under min_size "
            f"{min_size}; merge small groups with small='merge' or leave the group out"
        )
    while few and size[few].sum() < min_size and len(few) < len(size):
        few = list(size.index[: len(few) + 1])
    if few and merged_name in set(size.index) - set(few):
        raise FrameError(
            f"groups.compare: column {by} already has a group {merged_name!r}; give another merged_name"
        )
    table = pd.DataFrame({"group": size.index, "respondents": size.to_numpy()})
    table["merged_into"] = table["group"].where(~table["group"].isin(few), merged_name)
    return table.sort_values("group", ignore_index=True)
