"""Do groups answer differently? Two groups in full, and many groups over many items with correction.

Answers on a scale are ordered, so the ordinal measures come first; means stand beside them. Asking many
questions finds differences by chance: `compare` corrects every p-value for all questions of the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import group_kernels as kernels
from sosrake_lib.indicators import mean_difference as means
from sosrake_lib.indicators.group_tables import Tables, choose_pairs, tabulated
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.intervals import Floats, Interval
from sosrake_lib.indicators.scales import Place, placed

EFFECTS = {
    "cliffs_delta": "cliff_asymmetric",
    "rank_biserial": "rank_biserial_fisher_z",
    "hedges_g": "hedges_noncentral_t",
    "mean_difference": "welch_t",
}
# R's wilcox.test goes over to the normal approximation at fifty in a group.
EXACT_BELOW = 50


@dataclass(frozen=True, slots=True, eq=False)
class TwoGroups:
    """Every measure of first against second: above zero (or U above half) means the first is higher."""

    sizes: tuple[int, int]
    mann_whitney_u: float
    p_exact: float | None
    p_normal_continuity: float
    p_normal: float
    cliffs_delta: float
    cliffs_delta_interval: Interval
    cliffs_delta_interval_effsize: Interval
    rank_biserial: float
    rank_biserial_interval: Interval
    welch: means.Welch
    cohens_d: float
    cohens_d_interval: Interval
    hedges_g: float
    hedges_g_approximate: float
    hedges_g_interval: Interval


@dataclass(frozen=True, slots=True, eq=False)
class ManyGroups:
    """Kruskal-Wallis of several groups: `h`, `df`, `p_value`, and `epsilon_squared` (0 alike, 1 apart)."""

    h: float
    df: float
    p_value: float
    epsilon_squared: float


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What `compare` found: `effects` and `overall` analysed indicator frames, `sizes` a plain frame."""

    effects: pd.DataFrame
    overall: pd.DataFrame
    sizes: pd.DataFrame


def two_groups(
    first: ArrayLike,
    second: ArrayLike,
    confidence: float = 0.95,
    *,
    variance: str = "unbiased",
    quantile: str = "t",
    correction: str = "exact",
) -> TwoGroups:
    """Compare two independent groups by every usual measure.

    Parameters
    ----------
    first, second : answers or measurements; NaN = not answered, left out.
    confidence : two-sided level of all intervals.
    variance, quantile : of Cliff's delta, see `group_kernels.cliffs_delta` and `cliff_interval`.
    correction : of Hedges' g and its interval, "exact" (gamma function) or "approximate".

    Returns
    -------
    TwoGroups. `p_exact` is None where answers are equal (ties) or a group has 50 or more. Cliff's delta and
    the rank-biserial are the same number; their intervals differ: Cliff's is asymmetric and uses the spread
    of the answers, the rank-biserial's is normal on Fisher's scale and uses the sizes alone. Compared with R
    effsize, effectsize, stats (tests/reference/group_comparison.csv).

    Raises
    ------
    SosrakeError when a group has fewer than two answers or an infinite one.

    Examples
    --------
    >>> found = two_groups([3, 4, 4, 5], [2, 3, 3, 1])
    >>> print(found.mann_whitney_u, found.cliffs_delta, round(found.hedges_g, 3))
    15.0 0.875 1.708
    """
    a, b = _sample(first, "first"), _sample(second, "second")
    points, x, y = kernels.on_common_points(a, b)
    test, plain = kernels.mann_whitney(x, y), kernels.mann_whitney(x, y, continuity=False)
    dominance = kernels.cliffs_delta(x, y, variance)
    sizes, delta = (len(a), len(b)), float(dominance.delta)
    one, other = means.moments(x, points), means.moments(y, points)
    d = means.cohens_d(one, other)
    of_d = means.standardised_interval(d, *sizes, confidence)
    factor = means.hedges_correction(sum(sizes) - 2, correction)
    untied = len(points) == sum(sizes) and max(sizes) < EXACT_BELOW
    return TwoGroups(
        sizes=sizes,
        mann_whitney_u=float(test.statistic),
        p_exact=kernels.mann_whitney_exact(a, b) if untied else None,
        p_normal_continuity=float(test.p_value),
        p_normal=float(plain.p_value),
        cliffs_delta=delta,
        cliffs_delta_interval=kernels.cliff_interval(delta, dominance.variance, *sizes, confidence, quantile),
        cliffs_delta_interval_effsize=kernels.effsize_interval(x, y, confidence, quantile),
        rank_biserial=delta,
        rank_biserial_interval=kernels.fisher_interval(
            delta, kernels.rank_biserial_error(*sizes), confidence
        ),
        welch=means.welch(one, other, confidence),
        cohens_d=float(d),
        cohens_d_interval=of_d,
        hedges_g=float(d * factor),
        hedges_g_approximate=float(d * means.hedges_correction(sum(sizes) - 2, "approximate")),
        hedges_g_interval=Interval(of_d.lower * factor, of_d.upper * factor),
    )


def many_groups(samples: Sequence[ArrayLike]) -> ManyGroups:
    """Test whether any of several groups answers differently (Kruskal-Wallis), with epsilon squared.

    Parameters
    ----------
    samples : answers of each group; NaN = not answered. A group without answers is no group.

    Returns
    -------
    ManyGroups. All answers equal: h and epsilon squared 0, p 1. See `group_kernels.kruskal_wallis`.

    Raises
    ------
    SosrakeError when fewer than two groups have answers or an answer is infinite.

    Examples
    --------
    >>> found = many_groups([[1, 2, 2], [2, 3, 3], [4, 5, 4]])
    >>> print(round(found.h, 3), found.df, round(found.epsilon_squared, 3))
    6.83 2.0 0.854
    """
    arrays = [np.asarray(one, "float64").ravel() for one in samples]
    kept = [one[~np.isnan(one)] for one in arrays]
    if sum(len(one) > 0 for one in kept) < 2 or any(np.isinf(one).any() for one in kept):
        raise SosrakeError(
            f"groups.many_groups: {sum(len(one) > 0 for one in kept)} group(s) with answers; expected two at "
            "least, all answers finite; leave unanswered empty (NaN)"
        )
    points, place = np.unique(np.concatenate(kept), return_inverse=True)
    group = np.repeat(np.arange(len(kept)), [len(one) for one in kept])
    shape = (len(kept), len(points))
    cell = group * len(points) + place
    counts = np.bincount(cell, minlength=len(kept) * len(points)).reshape(shape)
    test = kernels.kruskal_wallis(counts)
    share = kernels.epsilon_squared(test.statistic, counts.sum())
    return ManyGroups(float(test.statistic), float(test.z), float(test.p_value), float(share))


def compare(
    answers: pd.DataFrame,
    place: Place,
    *,
    by: str,
    against: str = "pairs",
    effect: str = "cliffs_delta",
    confidence: Iterable[float] = (0.95,),
    adjust: str = "holm",
    min_size: int = 5,
    small: str = "refuse",
    merged_name: str = "others",
) -> Comparison:
    """Compare groups over many items: how far apart, how surely, corrected for the number of questions.

    Parameters
    ----------
    answers : one row per respondent and item: `respondent, item, answer` (empty = not answered) and `by`.
    by : grouping column, such as organisation; a respondent belongs to one group.
    against : "pairs" (every two groups), "rest" (each group against everyone else), or the name of the group
        that the others are compared with.
    effect : "cliffs_delta", "rank_biserial" (p by Mann-Whitney with continuity and ties), "hedges_g" or
        "mean_difference" (p by Welch's t).
    confidence : one or several levels.
    adjust : "holm", "benjamini_hochberg", "bonferroni" or "none"; over all items and pairs of the call.
    min_size : fewest respondents a group may have.
    small : "refuse", or "merge": smaller groups become `merged_name`, which draws in the next smallest group
        until it is large enough, as one small group left alone would be everyone minus the others.

    Returns
    -------
    Comparison. `effects`: one row per item, pair and confidence: `indicator` = item, `group` = "A / B",
    `value` (above zero: A higher), `lower`, `upper`, `denominator` = answers used, `statistic` = effect,
    `method`, and `first_group, second_group, first_size, second_size, p_value, p_adjusted, p_method,
    adjusted_by`. `overall`: Kruskal-Wallis per item and confidence, `value` = epsilon squared (0-1, no
    interval), with `h, df, p_value, p_adjusted`. `sizes`: `group, respondents, merged_into`. An item that
    fewer than `min_size` of a group answered is suppressed for that group (no value, size or p) and left out
    of `overall` and of the rest. Everyone on one point: ordinal effects are 0 with p = 1 and no interval;
    Hedges' g is missing.

    Raises
    ------
    FrameError when a column is missing, a respondent answers an item twice or stands in two groups, an
    answer is infinite, a group is too small and `small` is "refuse", or fewer than two groups are left.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators.scales import Place, placed
    >>> rows = pd.DataFrame({"respondent": range(12), "item": "media", "organisation": ["A", "B"] * 6,
    ...     "answer": [4, 2, 5, 3, 4, 3, 3, 1, 4, 2, 5, 2]})
    >>> here = Place("hva", "E1", 2026, "2020", "synthetic")
    >>> found = compare(rows, here, by="organisation").effects
    >>> print(found[["group", "value", "lower", "upper", "p_adjusted"]].round(3).to_string(index=False))
    group  value  lower  upper  p_adjusted
    A / B  0.944  0.662  0.992       0.007
    """
    _known("effect", effect, tuple(EFFECTS))
    _known("adjust", adjust, kernels.ADJUSTMENTS)
    levels = levels_of(confidence, "groups.compare")
    tables = tabulated(answers, by, min_size, small, merged_name)
    first, second, names = choose_pairs(tables, against)
    parts = []
    for level in levels:
        found = _effects(tables.points, first, second, effect, level)
        found["p_adjusted"] = kernels.adjust_p(found["p_value"], adjust)
        parts.append(found.assign(confidence=level))
    pairs = _keyed(parts, tables.items, names)
    whole = _overall(tables, adjust)
    everyone = pd.concat([whole.assign(confidence=level) for level in levels], ignore_index=True)
    return Comparison(
        placed(
            pairs.assign(statistic=effect, method=EFFECTS[effect], adjusted_by=adjust),
            place,
            "groups.compare",
        ),
        placed(everyone.assign(adjusted_by=adjust), place, "groups.compare"),
        tables.sizes,
    )


def _effects(points: Floats, first: Floats, second: Floats, effect: str, level: float) -> pd.DataFrame:
    """Measure (items, pairs, points) against each other; one row an item and pair."""
    sizes = first.sum(axis=-1), second.sum(axis=-1)
    if effect in ("cliffs_delta", "rank_biserial"):
        dominance, p_value = kernels.cliffs_delta(first, second), kernels.mann_whitney(first, second).p_value
        value = dominance.delta
        if effect == "cliffs_delta":
            limits = kernels.cliff_interval(value, dominance.variance, *sizes, level)
        else:
            limits = kernels.fisher_interval(value, kernels.rank_biserial_error(*sizes), level)
        # Where everyone stands on one point nothing varies, and an interval would feign certainty.
        flat = ((first + second) > 0).sum(axis=-1) < 2
        limits = Interval(np.where(flat, np.nan, limits.lower), np.where(flat, np.nan, limits.upper))
        test = "mann_whitney"
    else:
        one, other = means.moments(first, points), means.moments(second, points)
        found = means.welch(one, other, level)
        value, limits, p_value, test = found.difference, found.interval, found.p_value, "welch_t"
        if effect == "hedges_g":
            factor = means.hedges_correction(np.clip(sizes[0] + sizes[1] - 2, 0, None))
            d = means.cohens_d(one, other)
            of_d = means.standardised_interval(d, *sizes, level)
            value, limits = d * factor, Interval(of_d.lower * factor, of_d.upper * factor)
    columns = (value, limits.lower, limits.upper, *sizes, p_value)
    names = ("value", "lower", "upper", "first_size", "second_size", "p_value")
    table = pd.DataFrame({name: np.ravel(column) for name, column in zip(names, columns, strict=True)})
    return table.assign(p_method=test)


def _keyed(parts: list[pd.DataFrame], items: pd.Index, names: pd.DataFrame) -> pd.DataFrame:
    """Name items and pairs; say suppressed where a group was too small for the item."""
    count = len(names)
    keys = {
        "indicator": np.repeat(items.astype("str").to_numpy(), count),
        "group": np.tile((names["first"] + " / " + names["second"]).to_numpy(), len(items)),
        "first_group": np.tile(names["first"].to_numpy(), len(items)),
        "second_group": np.tile(names["second"].to_numpy(), len(items)),
    }
    out = pd.concat([part.assign(**keys) for part in parts], ignore_index=True)
    hidden = (out["first_size"] == 0) | (out["second_size"] == 0)
    out["status"] = np.where(hidden, "suppressed", np.where(np.isfinite(out["value"]), "ok", "missing"))
    out["denominator"] = out["first_size"] + out["second_size"]
    numbers = ["value", "lower", "upper", "p_value", "p_adjusted", "denominator", "first_size", "second_size"]
    out.loc[hidden, numbers] = np.nan
    out.loc[out["status"] == "missing", ["value", "lower", "upper"]] = np.nan
    return out


def _overall(tables: Tables, adjust: str) -> pd.DataFrame:
    test = kernels.kruskal_wallis(tables.counts)
    size = tables.counts.sum(axis=(-1, -2))
    value = kernels.epsilon_squared(test.statistic, size)
    return pd.DataFrame(
        {
            "indicator": tables.items.astype("str"),
            "value": value,
            "denominator": size,
            "h": test.statistic,
            "df": test.z,
            "p_value": test.p_value,
            "p_adjusted": kernels.adjust_p(test.p_value, adjust),
            "p_method": "kruskal_wallis",
            "statistic": "epsilon_squared",
            "method": "kruskal_wallis",
            "status": np.where(np.isfinite(value), "ok", "missing"),
        }
    )


def _sample(values: ArrayLike, name: str) -> Floats:
    found = np.asarray(values, "float64").ravel()
    found = found[~np.isnan(found)]
    if len(found) < 2:
        raise SosrakeError(
            f"groups.two_groups: {name} has {len(found)} answer(s); a comparison needs two at least in each "
            "group; merge groups or leave the comparison out"
        )
    if np.isinf(found).any():
        raise SosrakeError(
            f"groups.two_groups: {name} holds an infinite answer; leave unanswered empty (NaN)"
        )
    return found


def _known(argument: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise FrameError(f"groups.compare: {argument} {value!r}; use one of {', '.join(known)}")
