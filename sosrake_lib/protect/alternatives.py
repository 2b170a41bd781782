"""Which way of protecting a table of counts loses least: hiding, rounding, merging, larger or longer.

Every alternative is made from the same counts and audited as a reader would. The loss is one measure for all:
how far a reader's best guess of the finest cells is from the truth, sum |guess - count| / sum count. Where
cells are told together, or hidden, the guess shares what is left over among them evenly; a rounded figure is
its own guess. A loss of 0 means that everything is told.

The result is for the house: it is reckoned from hidden counts. What a person is shown of it outside
(`classes`) is in classes so wide that no count follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib import regions
from sosrake_lib.errors import DisclosureError, RegionError
from sosrake_lib.protect import ledger
from sosrake_lib.protect.part import part
from sosrake_lib.protect.periods import span
from sosrake_lib.protect.protecting import Hiding, hide, recoverable
from sosrake_lib.protect.rounded_tables import MODES, rounded_table
from sosrake_lib.protect.rounding import kept_draws
from sosrake_lib.protect.rules import RuleSet, rule_set

MERGED = "muut_yhdessa"
AREAS = ("seutukunta", "maakunta", "hva")
# Upper ends of the classes in which a loss or a share is told, per cent.
CLASS_ENDS = (0, 2, 5, 10, 25, 50, 100)


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """One way: its name, what was changed, the frame it leads to, and which classes were joined."""

    name: str
    detail: str
    frame: pd.DataFrame
    recount: bool = False
    joined: tuple[str, ...] = ()


def suggest(
    frame: pd.DataFrame,
    rules: str | RuleSet = "vakio",
    totals: tuple[str, ...] = (),
    *,
    salt: bytes = b"",
) -> pd.DataFrame:
    """Compare the ways of protecting a table of counts and say which loses least.

    Parameters
    ----------
    frame : indicator frame of counts: municipalities (and areas, if told), classes in `group`, periods.
    rules, totals : as in `protect.part`.
    salt : secret of the random rounding's kept draws (`rounding.kept_salt`).

    Returns
    -------
    DataFrame, one row an alternative: `alternative` (hide, conventional, random, controlled, merge_classes,
    larger_area, longer_period), `detail` (base, classes, level, years), `cells` (of its table), `hidden`,
    `hidden_share` (of its cells), `clients_share` (people of the finest cells whose cell is hidden), `loss`,
    `safe` (judged by the audit), `recount` (people must be counted anew, as one can be in several classes or
    years) and `best` (the safe one with the least loss).

    Raises
    ------
    DisclosureError when the rows are no counts.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": "asiakkaat", "region_level": "kunta",
    ...     "region_code": ["E01", "E02", "E03"] * 2, "borders": 2026, "period": ["2024"] * 3 + ["2025"] * 3,
    ...     "value": [3.0, 40, 60, 9, 45, 50], "status": "ok", "origin": "synthetic"})
    >>> found = suggest(rows)
    >>> found.loc[found["best"], "alternative"].tolist()
    ['hide']
    """
    given = rule_set(rules) if isinstance(rules, str) else rules
    start = part(frame, given, totals)
    if start.frame["numerator"].notna().any() and start.frame["denominator"].notna().any():
        raise DisclosureError("suggest: rates have no classes to merge; give the counts behind them")
    finest = _finest(start.frame)
    rows = []
    plain = _hidden(start.frame, given, totals)
    rows.append(_judged(Alternative("hide", "", start.frame), plain, finest))
    rows += list(_roundings(plain, finest, salt))
    for one in _coarser(start.frame, totals):
        rows.append(_judged(one, _hidden(one.frame, given, totals), finest))
    told = pd.DataFrame(rows)
    told = _one_of_each(told)
    safe = told["safe"] & told["loss"].eq(told.loc[told["safe"], "loss"].min())
    return told.assign(best=safe & ~safe.cumsum().gt(1)).reset_index(drop=True)


def classes(told: pd.DataFrame) -> pd.DataFrame:
    """Put shares and losses into classes, so that the comparison itself gives no count away.

    A loss of exactly 0 is told only where nothing is hidden: beside hidden cells it would say that a reader's
    best guess is right, that is, that the hidden counts are equal.

    Examples
    --------
    >>> told = pd.DataFrame({"hidden": [0, 2, 2], "loss": [0.0, 0.0, 0.013], "clients_share": 0.0})
    >>> classes(told.assign(hidden_share=0.2))["loss"].tolist()
    ['0', '0-2', '0-2']
    """
    found = told.copy()
    for column in ("loss", "hidden_share", "clients_share"):
        found[column] = [
            _class(100 * value, exact=hidden == 0)
            for value, hidden in zip(told[column], told["hidden"], strict=True)
        ]
    return found


def _class(percent: float, *, exact: bool) -> str:
    if percent <= 0 and exact:
        return "0"
    ends = list(pairwise(CLASS_ENDS))
    low, high = next(((low, high) for low, high in ends if percent <= high), (100, 0))
    return f"{low}-{high}" if high else "100-"


def _hidden(frame: pd.DataFrame, rules: RuleSet, totals: tuple[str, ...]) -> Hiding:
    with ledger.opened(write=False) as book:
        return hide({"taulu": part(frame, rules, totals)}, book.earlier([]), {})


def _finest(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the cells that no other cell is a part of: municipalities, single classes, shortest periods."""
    kunta = frame["region_level"] == "kunta"
    own = frame.loc[kunta] if kunta.any() else frame
    if (own["group"] != frames.ALL_GROUPS).any():
        own = own.loc[own["group"] != frames.ALL_GROUPS]
    spans = {period: span(period) for period in set(own["period"])}
    whole = {p for p in spans if any(spans[p].holds(other) for other in spans.values())}
    return own.loc[~own["period"].isin(whole)].reset_index(drop=True)


def _judged(one: Alternative, hiding: Hiding, finest: pd.DataFrame) -> dict[str, object]:
    cells = hiding.cells
    place = {key: row for row, key in enumerate(cells[list(frames.KEY)].itertuples(index=False, name=None))}
    counts = finest["value"].to_numpy(dtype="float64")
    went = np.array([place[_target(one, key)] for key in finest[list(frames.KEY)].to_dict("records")])
    hidden = hiding.hidden[went]
    block = np.where(hidden, -1, went)
    apart = pd.Series(counts).groupby(block)
    guess = (apart.transform("sum") / apart.transform("size")).to_numpy()
    told = {"alternative": one.name, "detail": one.detail, "cells": len(cells)}
    told |= {"hidden": int(hiding.hidden.sum()), "hidden_share": float(hiding.hidden.mean())}
    told |= {"clients_share": _share(counts[hidden].sum(), counts.sum())}
    told |= {"loss": _share(np.abs(guess - counts).sum(), counts.sum())}
    return told | {"safe": len(recoverable(hiding)) == 0, "recount": one.recount}


def _share(part_: float, whole: float) -> float:
    return float(part_ / whole) if whole else 0.0


def _roundings(hiding: Hiding, finest: pd.DataFrame, salt: bytes) -> Iterator[dict[str, object]]:
    cells = hiding.cells
    keys = ["|".join(map(str, key)) for key in cells[list(frames.KEY)].itertuples(index=False, name=None)]
    place = {key: row for row, key in enumerate(keys)}
    own = ["|".join(map(str, key)) for key in finest[list(frames.KEY)].itertuples(index=False, name=None)]
    rows = np.array([place[key] for key in own])
    counts = finest["value"].to_numpy(dtype="float64")
    for mode in MODES:
        found = rounded_table(hiding, mode, kept_draws(keys, salt))
        if found is None:
            continue
        loss = _share(np.abs(found.values[rows] - counts).sum(), counts.sum())
        told = {"alternative": mode, "detail": str(found.base), "cells": len(cells), "hidden": 0}
        yield told | {"hidden_share": 0.0, "clients_share": 0.0, "loss": loss, "safe": found.safe,
                      "recount": False}  # fmt: skip


def _target(one: Alternative, key: dict) -> tuple:
    """Say which cell of an alternative a finest cell went to; the detail holds what was changed."""
    changed = dict(key)
    if one.name == "merge_classes" and key["group"] in one.joined:
        changed["group"] = MERGED
    if one.name == "larger_area":
        parent = regions.parent(key["region_code"], one.detail, int(key["borders"]))
        changed |= {"region_level": one.detail, "region_code": str(parent)}
    if one.name == "longer_period":
        changed["period"] = one.detail
    return tuple(changed[column] for column in frames.KEY)


def _coarser(frame: pd.DataFrame, totals: tuple[str, ...]) -> Iterator[Alternative]:
    yield from _merged(frame, totals)
    yield from _larger(frame)
    yield from _longer(frame, totals)


def _merged(frame: pd.DataFrame, totals: tuple[str, ...]) -> Iterator[Alternative]:
    """Join classes, those with the fewest people first, until two are left."""
    own = frame.loc[frame["group"] != frames.ALL_GROUPS]
    order = own.groupby("group")["value"].sum().sort_values(kind="stable").index.tolist()
    for last in range(2, len(order)):
        joined = order[:last]
        group = frame["group"].where(~frame["group"].isin(joined), MERGED)
        summed = _summed(frame, group=group)
        names = tuple(sorted(joined))
        yield Alternative("merge_classes", " + ".join(names), summed, "group" not in totals, names)


def _larger(frame: pd.DataFrame) -> Iterator[Alternative]:
    """Tell sub-regions, regions or counties in place of municipalities, where all their members are there."""
    kunta = frame["region_level"] == "kunta"
    codes = set(frame.loc[kunta, "region_code"])
    years = set(frame.loc[kunta, "borders"])
    for level in AREAS if codes and len(years) == 1 else ():
        year = int(next(iter(years)))
        try:
            parents = {code: str(regions.parent(code, level, year)) for code in codes}
            whole = {m for area in set(parents.values()) for m in regions.members(level, area, year)}
        except RegionError:
            continue
        if whole == codes:
            others = frame.loc[~kunta & (frame["region_level"] != level)]
            own = frame.loc[kunta].assign(region_level=level, region_code=frame["region_code"].map(parents))
            yield Alternative("larger_area", level, pd.concat([_summed(own), others], ignore_index=True))


def _longer(frame: pd.DataFrame, totals: tuple[str, ...]) -> Iterator[Alternative]:
    """Tell all years together."""
    years = sorted({period for period in frame["period"] if len(period) == 4})
    plain = set(frame["period"]) == set(years)
    if plain and len(years) > 1 and int(years[-1]) - int(years[0]) == len(years) - 1:
        period = f"{years[0]}/{years[-1]}"
        yield Alternative(
            "longer_period", period, _summed(frame.assign(period=period)), "period" not in totals
        )


def _summed(frame: pd.DataFrame, **changed: pd.Series) -> pd.DataFrame:
    renamed = frame.assign(**changed)
    kept = [*frames.KEY, "status", "origin"]
    summed = renamed.groupby(kept, as_index=False, sort=True)["value"].sum()
    return summed.assign(per=1.0)


def _one_of_each(told: pd.DataFrame) -> pd.DataFrame:
    """Keep of each way its best: safe before unsafe, then the least loss."""
    ordered = told.sort_values(["safe", "loss"], ascending=[False, True], kind="stable")
    best = ordered.drop_duplicates("alternative").index
    return told.loc[sorted(best)]
