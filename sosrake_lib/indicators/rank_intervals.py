"""Ranks with their uncertainty - for research notebooks only, never on public pages.

A league table of areas says more than the figures hold: most neighbours in it could change places. Public
words are similar, lower and higher (`comparison`, `smallarea`). This module is for showing a reader of
research how little of a rank order is certain. Every frame it gives carries `audience` = "research".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators.area_families import FAMILY, Families, families
from sosrake_lib.indicators.interval_form import one_level

Floats = NDArray[np.float64]
AUDIENCE = "research"
SOURCES = ("auto", "counts", "interval", "standard_error")
DRAWS = 10_000
_BLOCK = 8_000_000


@dataclass(frozen=True, slots=True, eq=False)
class RankIntervals:
    """Ranks of areas with their intervals, and how much of the order is certain.

    Parameters
    ----------
    areas : the frame's rows with `rank_median, rank_lower, rank_upper, probability_highest,
        probability_lowest, rank_overlaps` (how many other areas' rank intervals meet this one's),
        `rank_method`, `rank_confidence`, `audience`.
    order : one row a family: its key, `areas_used, areas_expected, pairs, pairs_certain, share_certain`,
        `ranks_overlap` (True when any two rank intervals meet: the order is then no league table),
        `audience`.
    """

    areas: pd.DataFrame
    order: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedRanks:
    """Ranks of simulated levels, one number an area; rank 1 is the highest level.

    `above` holds areas x areas: the share of draws in which the row's area lies above the column's.
    """

    median: Floats
    lower: Floats
    upper: Floats
    highest: Floats
    lowest: Floats
    above: Floats


def simulated_ranks(draws: ArrayLike, *, k: int = 1, confidence: float = 0.95) -> SimulatedRanks:
    """Rank each draw and sum up the ranks of each area.

    Parameters
    ----------
    draws : draws x areas, simulated levels.
    k : how many areas count as the highest, and as the lowest.

    Examples
    --------
    >>> found = simulated_ranks([[3.0, 1, 2], [3, 2, 1], [2, 1, 3], [3, 1, 2]])
    >>> found.median.tolist(), found.highest.tolist()
    ([1.0, 3.0, 2.0], [0.75, 0.0, 0.25])
    """
    levels = np.asarray(draws, dtype="float64")
    if levels.ndim != 2 or levels.shape[1] < 3 or not np.isfinite(levels).all():
        raise SosrakeError("rank_intervals: expected finite draws x areas with at least 3 areas")
    areas = levels.shape[1]
    if not 1 <= k < areas:
        raise SosrakeError(f"rank_intervals: k {k!r}; expected 1 to {areas - 1}, fewer than the areas")
    order = np.argsort(-levels, axis=1)
    ranks = np.empty(order.shape, dtype="int32")
    np.put_along_axis(ranks, order, np.arange(1, areas + 1, dtype="int32"), axis=1)
    tail = (1 - one_level(confidence, "rank_intervals")) / 2
    # Ranks are whole: the interval's ends are ranks that were drawn.
    lower, upper = np.quantile(ranks, [tail, 1 - tail], axis=0, method="inverted_cdf")
    return SimulatedRanks(
        median=np.median(ranks, axis=0),
        lower=lower.astype("float64"),
        upper=upper.astype("float64"),
        highest=(ranks <= k).mean(axis=0),
        lowest=(ranks > areas - k).mean(axis=0),
        above=_above(ranks),
    )


def rank_intervals(
    frame: pd.DataFrame,
    by: Sequence[str] = FAMILY,
    *,
    source: str = "auto",
    k: int = 1,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> RankIntervals:
    """Simulate each area's level from its own uncertainty and rank the areas. FOR RESEARCH NOTEBOOKS ONLY.

    Never put the result on a public page, a brief or a press release: the public words are similar, lower
    and higher. The frames say so themselves in the column `audience` = "research".

    Parameters
    ----------
    frame : source or analysed frame. Areas that are not `ok`, or lack what `source` needs, get no rank and
        are counted in `areas_expected`.
    by : columns that tell families apart; at least 3 areas with values each.
    source : where the uncertainty comes from. "counts": Beta(x + ½, n - x + ½) for a proportion,
        Gamma(x + ½)/n for a rate or a frame without statistic (Jeffreys' priors); "interval": normal around
        `value` with the half-width of `lower`-`upper` at the row's `confidence`; "standard_error": normal
        with the column of that name. "auto": counts where every able row has them, else standard errors,
        else intervals.
    k : how many areas count as the highest (`probability_highest`) and the lowest.
    confidence : of the rank intervals, and for calling a pair's order certain: one area lies above the other
        in at least (1 + confidence)/2 of the draws.
    draws, seed : simulated levels an area; the same seed gives the same ranks.

    Returns
    -------
    RankIntervals; rank 1 is the highest value, whether that is good or bad.

    Raises
    ------
    FrameError for fewer than 3 areas, an unknown source, or a zero denominator.

    Notes
    -----
    Areas are drawn independently of each other, so it holds for areas that share no people. About 10 000
    draws of 300 areas take a second; run the families a question needs, not 1 500 at once.

    Sources: Goldstein & Spiegelhalter (1996), doi 10.2307/2983325; Marshall & Spiegelhalter (1998),
    doi 10.1136/bmj.316.7146.1701.

    Examples
    --------
    >>> areas = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": "hva",
    ...     "region_code": ["E1", "E2", "E3"], "borders": 2026, "period": "2020", "value": [20.0, 10, 9.5],
    ...     "per": 100, "numerator": [200, 10, 95], "denominator": [1_000, 100, 1_000], "status": "ok",
    ...     "origin": "synthetic"})
    >>> found = rank_intervals(areas, draws=2_000)
    >>> print(found.areas[["region_code", "rank_lower", "rank_upper", "audience"]].to_string(index=False))
    region_code  rank_lower  rank_upper audience
             E1         1.0         1.0 research
             E2         2.0         3.0 research
             E3         2.0         3.0 research
    """
    function = "rank_intervals"
    found = families(frame, by, function)
    if source not in SOURCES:
        raise FrameError(f"{function}: source {source!r}; use one of {', '.join(SOURCES)}")
    how = _source(found.rows) if source == "auto" else source
    able = _able(found.rows, how)
    used = found.count(able)
    few = np.flatnonzero(used < 3)
    if len(few):
        raise FrameError(
            f"{function}: {found.name(few[0])} has {used[few[0]]} area(s) with a level and its uncertainty "
            f"(source {how}); ranks need at least 3"
        )
    random = np.random.default_rng(seed)
    numbers = np.full((len(found.rows), 6), np.nan)
    order = []
    for family, rows in enumerate(_rows_of(found, able)):
        drawn = _draws(found.rows.iloc[rows], how, draws, random)
        ranks = simulated_ranks(drawn, k=k, confidence=confidence)
        numbers[rows] = _columns(ranks)
        order.append(_certain(ranks, confidence, len(rows), int((found.family == family).sum())))
    return RankIntervals(_areas(found, numbers, able, how, confidence), _order(found, order))


def _columns(ranks: SimulatedRanks) -> Floats:
    meets = (ranks.lower[:, None] <= ranks.upper) & (ranks.upper[:, None] >= ranks.lower)
    overlaps = meets.sum(axis=1) - 1.0
    return np.stack([ranks.median, ranks.lower, ranks.upper, ranks.highest, ranks.lowest, overlaps], axis=1)


def _certain(ranks: SimulatedRanks, confidence: float, areas: int, expected: int) -> dict[str, float]:
    upper = np.triu_indices(areas, 1)
    share = ranks.above[upper]
    certain = int((np.maximum(share, 1 - share) >= (1 + confidence) / 2).sum())
    overlap = bool((_columns(ranks)[:, 5] > 0).any())
    return {
        "areas_used": areas,
        "areas_expected": expected,
        "pairs": len(share),
        "pairs_certain": certain,
        "share_certain": certain / len(share),
        "ranks_overlap": overlap,
    }


def _areas(
    found: Families, numbers: Floats, able: NDArray[np.bool_], how: str, confidence: float
) -> pd.DataFrame:
    areas = found.rows.copy()
    names = ("rank_median", "rank_lower", "rank_upper", "probability_highest", "probability_lowest")
    for column, values in zip((*names, "rank_overlaps"), numbers.T, strict=True):
        areas[column] = values
    method = "rank_from_counts" if how == "counts" else "rank_from_normal"
    areas["rank_method"] = np.where(able, method, "")
    areas["rank_confidence"] = np.where(able, confidence, np.nan)
    areas["audience"] = AUDIENCE
    return areas


def _order(found: Families, order: list[dict[str, float]]) -> pd.DataFrame:
    keys = found.keys.reset_index(drop=True)
    return pd.concat([keys, pd.DataFrame(order)], axis=1).assign(audience=AUDIENCE)


def _rows_of(found: Families, able: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    chosen = np.flatnonzero(able)
    chosen = chosen[np.argsort(found.family[chosen], kind="stable")]
    return np.split(chosen, np.flatnonzero(np.diff(found.family[chosen])) + 1)


def _source(rows: pd.DataFrame) -> str:
    ok = rows.loc[rows["status"] == "ok"]
    means = "statistic" in rows and rows["statistic"].isin(["mean", "index"]).any()
    if not means and ok[["numerator", "denominator"]].notna().all(axis=None):
        return "counts"
    return "standard_error" if "standard_error" in rows else "interval"


def _able(rows: pd.DataFrame, how: str) -> NDArray[np.bool_]:
    columns = {"counts": ["numerator", "denominator"], "interval": ["value", "lower", "upper"]}
    needed = columns.get(how, ["value", "standard_error"])
    lacking = [column for column in needed if column not in rows]
    if lacking:
        raise FrameError(f"rank_intervals: source {how} needs column {lacking[0]}; name another source")
    able = ((rows["status"] == "ok") & rows[needed].notna().all(axis=1)).to_numpy()
    infinite = np.isinf(rows[needed]).any(axis=1)
    faults = {
        "counts": (rows["numerator"] < 0) | (rows["denominator"] <= 0),
        "interval": rows["upper"] < rows["lower"],
    }
    wrong = np.flatnonzero(able & (infinite | faults.get(how, rows[needed[-1]] < 0)))
    if how == "counts" and "statistic" in rows and not len(wrong):
        above = (rows["statistic"] == "proportion") & (rows["numerator"] > rows["denominator"])
        wrong = np.flatnonzero(able & above)
    if len(wrong):
        row = rows.iloc[wrong[0]]
        shown = ", ".join(f"{column} {row[column]:g}" for column in needed)
        raise FrameError(
            f"rank_intervals: row {wrong[0] + 1} ({row['indicator']} {row['region_level']} "
            f"{row['region_code']}): {shown}; expected counts of 0 or more, none infinite, over a "
            "denominator above zero (a proportion's cases among its people), a lower limit below the upper, "
            "and standard errors of 0 or more; correct the row"
        )
    return able


def _draws(rows: pd.DataFrame, how: str, draws: int, random: np.random.Generator) -> Floats:
    if draws < 100:
        raise FrameError(f"rank_intervals: draws {draws}; expected at least 100, such as {DRAWS}")
    size = (draws, len(rows))
    if how == "counts":
        x, n = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
        if "statistic" in rows and rows["statistic"].iloc[0] == "proportion":
            return random.beta(x + 0.5, n - x + 0.5, size)
        return random.gamma(x + 0.5, 1.0, size) / n
    if how == "standard_error":
        return random.normal(rows["value"].to_numpy(), rows["standard_error"].to_numpy(), size)
    level = rows["confidence"].to_numpy() if "confidence" in rows else np.full(len(rows), 0.95)
    half = (rows["upper"] - rows["lower"]).to_numpy() / 2
    return random.normal(rows["value"].to_numpy(), half / special.ndtri(0.5 + level / 2), size)


def _above(ranks: NDArray[np.int32]) -> Floats:
    """Count for each pair of areas the share of draws in which the first has the smaller rank number."""
    draws, areas = ranks.shape
    block = max(1, _BLOCK // (draws * areas))
    found = np.empty((areas, areas))
    for first in range(0, areas, block):
        mine = ranks[:, first : first + block, None] < ranks[:, None, :]
        found[first : first + block] = mine.mean(axis=0)
    return found
