"""Importance against performance: where is skill short of what the work asks, and for how many.

Importance-performance analysis (Martilla & James 1977, doi 10.1177/002224297704100112) puts each item into
one of four quadrants. The lines that part them are a choice, and an item near a line changes quadrant with it
(Oh 2001, doi 10.1016/S0261-5177(01)00036-X): both usual choices are given and the items that flip are named.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import intervals
from sosrake_lib.indicators.interval_form import levels_of, normal_quantile, one_level
from sosrake_lib.indicators.intervals import Floats
from sosrake_lib.indicators.scales import (
    REPLICATES,
    Place,
    bootstrap_limits,
    bootstrap_means,
    gap,
    paired,
    placed,
)

__all__ = ["QUADRANTS", "gap", "need", "quadrants", "reach", "response"]

# High importance and low skill; both high; both low; low importance and high skill.
QUADRANTS = ("concentrate_here", "keep_up", "low_priority", "possible_overkill")
NEED_OF = ("respondents", "means")


def quadrants(
    answers: pd.DataFrame,
    place: Place,
    *,
    midpoint: float,
    missing: str = "pairwise",
    confidence: float = 0.95,
    seed: int = 2020,
    population: int | None = None,
) -> pd.DataFrame:
    """Put each item into a quadrant, by the midpoint of the scale and by the means of the items.

    Parameters
    ----------
    answers : one row per respondent and item: `respondent, item, importance, skill`.
    midpoint : middle of the scale, such as 3 on 1-5; an item on a line counts as high.
    missing, confidence, seed, population : as `scales.gap`.

    Returns
    -------
    The frame of `scales.gap` (greatest gap first) with `quadrant_at_midpoint`, `quadrant_at_means` (one of
    QUADRANTS), `importance_line, skill_line` (means over the items) and `quadrant_flips`, True where the two
    choices disagree: such an item's place says more of the lines than of the item.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"respondent": [1, 2, 3] * 2, "item": ["media"] * 3 + ["verkostot"] * 3,
    ...     "importance": [5, 5, 4, 4, 4, 3], "skill": [2, 1, 2, 4, 5, 4]})
    >>> here = Place("hva", "E1", 2026, "2020", "synthetic")
    >>> found = quadrants(answers, here, midpoint=3)
    >>> print(found[["indicator", "quadrant_at_midpoint", "quadrant_at_means"]].to_string(index=False))
    indicator quadrant_at_midpoint quadrant_at_means
        media     concentrate_here  concentrate_here
    verkostot              keep_up possible_overkill
    """
    found = gap(answers, place, confidence=confidence, seed=seed, population=population, missing=missing)
    importance, skill = found["importance"].to_numpy(), found["skill"].to_numpy()
    if not np.isfinite(midpoint):
        raise FrameError(
            f"importance.quadrants: midpoint {midpoint}; give the middle of the scale, such as 3"
        )
    lines = float(importance.mean()), float(skill.mean())
    at_midpoint = _quadrant(importance, skill, midpoint, midpoint)
    at_means = _quadrant(importance, skill, *lines)
    return found.assign(
        quadrant_at_midpoint=at_midpoint,
        quadrant_at_means=at_means,
        importance_line=lines[0],
        skill_line=lines[1],
        quadrant_flips=at_midpoint != at_means,
    )


def reach(
    answers: pd.DataFrame,
    place: Place,
    *,
    at_least: float = 1.0,
    confidence: Iterable[float] = (0.95,),
    population: int | None = None,
    missing: str = "pairwise",
) -> pd.DataFrame:
    """Share of respondents whose gap importance - skill is at least `at_least` points: how many it touches.

    Returns
    -------
    Analysed indicator frame, one row per item and confidence, greatest share first: `value` in per cent (per
    100), `numerator`, `denominator`, Wilson's interval, `statistic` reach, `method` wilson or, with
    `population` N, wilson_finite: the n respondents count as n(N - 1) / (N - n), so that a census has no
    error. Errors as `scales.gap`.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"respondent": [1, 2, 3, 4], "item": "media", "importance": [5, 4, 4, 3],
    ...     "skill": [2, 3, 4, 4]})
    >>> found = reach(answers, Place("hva", "E1", 2026, "2020", "synthetic"))
    >>> print(found[["value", "lower", "upper"]].round(1).to_string(index=False))
     value  lower  upper
      50.0   15.0   85.0
    """
    both = paired(answers, missing)
    touched = (both["gap"] >= at_least).groupby(both["item"], sort=False)
    table = pd.DataFrame({"numerator": touched.sum(), "denominator": touched.size()})
    if table.empty:
        raise FrameError("importance.reach: nobody answered both importance and skill of any item")
    x, n = (table[column].to_numpy("float64") for column in ("numerator", "denominator"))
    factor = _effective(n, population)
    parts = []
    for level in levels_of(confidence, "importance.reach"):
        limits = intervals.wilson(np.where(np.isinf(factor), 1.0, factor) * x, _times(factor, n), level)
        census = np.isinf(factor)
        part = table.reset_index(names="indicator").assign(value=100 * x / n, confidence=level)
        part["lower"] = 100 * np.where(census, x / n, limits.lower)
        part["upper"] = 100 * np.where(census, x / n, limits.upper)
        parts.append(part.sort_values("value", ascending=False, kind="stable"))
    method = "wilson" if population is None else "wilson_finite"
    out = pd.concat(parts, ignore_index=True).astype({"indicator": "str"})
    constant = {"per": 100.0, "statistic": "reach", "method": method, "status": "ok", "at_least": at_least}
    return placed(out.assign(**constant), place, "importance.reach")


def need(
    answers: pd.DataFrame,
    place: Place,
    *,
    of: str = "respondents",
    confidence: float = 0.95,
    method: str = "bootstrap_percentile",
    seed: int = 2020,
    missing: str = "pairwise",
) -> pd.DataFrame:
    """Weigh each item's gap with the training people themselves ask for: gap × need.

    Parameters
    ----------
    answers : one row per respondent and item: `respondent, item, importance, skill, need`; a respondent
        counts with all three.
    of : "respondents" (mean of each one's gap × need: high where the same people lack and ask) or "means"
        (mean gap × mean need).
    method : "bootstrap_percentile" or "bootstrap_bca" ("respondents" only).

    Returns
    -------
    Analysed indicator frame, greatest first: `value` = gap × need, `lower`, `upper` by resampling whole
    respondents, `denominator`, `statistic` gap_x_need, `method`, `gap`, `need` (means).
    """
    if of not in NEED_OF:
        raise FrameError(f"importance.need: of {of!r}; use one of {', '.join(NEED_OF)}")
    if of == "means" and method != "bootstrap_percentile":
        raise FrameError(
            "importance.need: the product of means has no BCa interval; use bootstrap_percentile"
        )
    if "need" not in answers:
        raise FrameError(
            "importance.need: column need is missing; expected respondent, item, importance, skill, need"
        )
    asked = answers.assign(importance=answers["importance"].where(answers["need"].notna()))
    both = paired(asked, missing)
    wide = both.assign(need=both["need"].astype("float64")).pivot(index="respondent", columns="item")
    gaps, needs = (wide[name].to_numpy("float64") for name in ("gap", "need"))
    sizes = np.isfinite(gaps).sum(axis=0)
    if not len(sizes) or sizes.min() < 2:
        raise FrameError("importance.need: an item has fewer than two respondents; leave the item out")
    mean_gap, mean_need = np.nanmean(gaps, axis=0), np.nanmean(needs, axis=0)
    if of == "respondents":
        products = gaps * needs
        value, draws = np.nanmean(products, axis=0), bootstrap_means(products, REPLICATES, seed)
    else:
        products, value = gaps, mean_gap * mean_need
        both_draws = bootstrap_means(np.hstack([gaps, needs]), REPLICATES, seed)
        draws = both_draws[:, : len(sizes)] * both_draws[:, len(sizes) :]
    lower, upper = bootstrap_limits(products, draws, confidence, method)
    columns = {"indicator": wide["gap"].columns.astype("str"), "value": value, "lower": lower, "upper": upper}
    more = {"denominator": sizes, "gap": mean_gap, "need": mean_need, "statistic": "gap_x_need"}
    table = pd.DataFrame(columns | more).assign(method=method, confidence=confidence, status="ok", of=of)
    ordered = table.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    return placed(ordered, place, "importance.need")


def response(
    respondents: pd.DataFrame, staff: pd.DataFrame, place: Place, *, by: str, confidence: float = 0.95
) -> pd.DataFrame:
    """Say how many of each organisation's staff answered, and how far their answers can speak for all.

    Parameters
    ----------
    respondents : one row a respondent, with column `by`.
    staff : one row an organisation: `by` and `staff`, how many were asked.

    Returns
    -------
    Analysed indicator frame, one row per organisation and for "all": `indicator` response_rate, `value` per
    cent, `numerator` answered, `denominator` staff, `statistic` proportion, `method` response_rate (a count
    of everyone asked: no interval), and `not_answered`, `finite_correction` √(1 - n / N), `margin` (greatest
    half-width, in per cent units, of a share at `confidence`: 100 z √(0.25 / n · (N - n) / (N - 1))) and
    `weight` N / n, with which `survey_design.estimate(weights=..., strata=by, fpc=staff)` lets every
    organisation count by its staff. Weights mend unequal response between organisations, not within them.

    Raises
    ------
    FrameError when a column is missing, an organisation stands twice or is unknown, or more answered than
    were asked.

    Examples
    --------
    >>> import pandas as pd
    >>> answered = pd.DataFrame({"organisation": ["A"] * 6 + ["B"] * 2})
    >>> asked = pd.DataFrame({"organisation": ["A", "B"], "staff": [10, 8]})
    >>> found = response(answered, asked, Place("hva", "E1", 2026, "2020", "synthetic"), by="organisation")
    >>> print(found[["group", "value", "not_answered", "weight"]].round(2).to_string(index=False))
    group  value  not_answered  weight
      all  44.44          10.0     NaN
        A  60.00           4.0    1.67
        B  25.00           6.0    4.00
    """
    asked = _asked(respondents, staff, by)
    n = respondents[by].value_counts().reindex(asked.index, fill_value=0).astype("float64")
    table = pd.DataFrame({"group": asked.index.astype("str"), "numerator": n, "denominator": asked})
    whole = pd.DataFrame({"group": ["all"], "numerator": [n.sum()], "denominator": [asked.sum()]})
    out = pd.concat([whole, table], ignore_index=True)
    x, total = out["numerator"].to_numpy("float64"), out["denominator"].to_numpy("float64")
    z = float(normal_quantile(one_level(confidence, "importance.response")))
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(total > 1, (total - x) / (total - 1), 0.0)
        out["value"] = 100 * x / total
        out["not_answered"] = total - x
        out["finite_correction"] = np.sqrt(1 - x / total)
        out["margin"] = np.where(x > 0, 100 * z * np.sqrt(0.25 / x * left), np.nan)
        out["weight"] = np.where((x > 0) & (out["group"] != "all"), total / x, np.nan)
    constant = {"indicator": "response_rate", "per": 100.0, "statistic": "proportion", "status": "ok"}
    framed = out.assign(**constant, method="response_rate", confidence=confidence)
    return placed(framed, place, "importance.response")


def _quadrant(importance: Floats, skill: Floats, line: float, skill_line: float) -> np.ndarray:
    important, able = importance >= line, skill >= skill_line
    return np.select([important & ~able, important & able, ~important & ~able], QUADRANTS[:3], QUADRANTS[3])


def _effective(n: Floats, population: int | None) -> Floats:
    """Say by what the respondents' number grows when the whole staff is finite; infinite for a census."""
    if population is None:
        return np.ones_like(n)
    if population < n.max():
        raise FrameError(
            f"importance.reach: population {population} is smaller than the {n.max():g} who answered"
        )
    left = population - n
    return np.divide(population - 1, left, out=np.full_like(n, np.inf), where=left > 0)


def _times(factor: Floats, n: Floats) -> Floats:
    return np.where(np.isinf(factor), n, np.where(np.isinf(factor), 1.0, factor) * n)


def _asked(respondents: pd.DataFrame, staff: pd.DataFrame, by: str) -> pd.Series:
    for name, table, columns in (("respondents", respondents, [by]), ("staff", staff, [by, "staff"])):
        lacking = [column for column in columns if column not in table]
        if lacking:
            raise FrameError(f"importance.response: column {lacking[0]} is missing from {name}")
    if staff[by].duplicated().any():
        twice = staff.loc[staff[by].duplicated(), by].iloc[0]
        raise FrameError(f"importance.response: {by} {twice!r} stands twice in staff; keep one row each")
    asked = staff.set_index(by)["staff"].astype("float64")
    unknown = sorted(set(respondents[by].dropna()) - set(asked.index))
    if unknown or respondents[by].isna().any():
        name = repr(unknown[0]) if unknown else "empty"
        raise FrameError(f"importance.response: {by} {name} of a respondent is not in staff; add its number")
    counts = respondents[by].value_counts().reindex(asked.index, fill_value=0)
    wrong = asked.index[~(asked >= counts) | (asked <= 0)]
    if len(wrong):
        raise FrameError(
            f"importance.response: {by} {wrong[0]!r} has staff {asked[wrong[0]]:g} and {counts[wrong[0]]} "
            "respondents; expected at least as many asked as answered, and somebody asked"
        )
    return asked
