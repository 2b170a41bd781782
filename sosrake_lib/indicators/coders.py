"""Agreement of coders from the table they work in: one row per unit, rater and code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import agreement, krippendorff, unit_bootstrap
from sosrake_lib.indicators import agreement_kernels as kernels
from sosrake_lib.indicators.coded_units import CodedUnits, number_codes
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.intervals import Floats
from sosrake_lib.indicators.item_answers import shown
from sosrake_lib.indicators.resampling import check_method

STATISTICS = ("percent_agreement", "krippendorff_alpha", "fleiss_kappa", "conger_kappa", "cohen_kappa")
_WHERE = "coders.coders"


@dataclass(frozen=True, slots=True, eq=False)
class Coders:
    """Agreement of coders.

    figures : a row per group, statistic and confidence: the grouping columns, `statistic` (one of STATISTICS;
        percent_agreement per 100 pairs of codes of a unit), `value, lower, upper, method, confidence, units,
        raters, left_out` (units with fewer than two codes, or for the kappas without all), `status, reason`
        (no_pairs, one_code_only, raters_differ).
    pairs : a row per group and pair of raters: `rater, other, units, percent_agreement, cohen_kappa`.
    codes : a row per group and code: `code, ratings, share, specific_agreement` (both per 100): given that
        one rater of a pair used the code, how often the other did.
    """

    figures: pd.DataFrame
    pairs: pd.DataFrame
    codes: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Options:
    level: str
    weights: str | ArrayLike
    confidence: tuple[float, ...]
    method: str
    replicates: int
    seed: int


def coders(
    table: pd.DataFrame,
    *,
    unit: str = "unit",
    rater: str = "rater",
    code: str = "code",
    by: Sequence[str] = (),
    levels: Sequence[Any] | None = None,
    level: str = "nominal",
    weights: str | ArrayLike = "none",
    confidence: float | Sequence[float] = 0.95,
    method: str = "bootstrap_percentile",
    replicates: int = 2000,
    seed: int = 1,
) -> Coders:
    """Percent agreement, Krippendorff's alpha and kappas of coders, with intervals; by pair and by code.

    Answers: would another coder read the same in the same text, document or observation?

    Parameters
    ----------
    table : long: one row per unit and rater with the code given; an empty code is a unit not coded.
    unit, rater, code : names of the columns.
    by : further columns, such as the theme coded; each combination is analysed alone.
    levels : the codes in order, also those nobody used; needed for ordered codes of text.
    level : of Krippendorff's alpha: nominal, ordinal, interval, ratio.
    weights : of Cohen's kappa (two raters): "none", "linear", "quadratic" or numbers, see `cohen_kappa`.
    confidence, method, replicates, seed : units are resampled whole ("bootstrap_percentile",
        "bootstrap_bca", or "none"); Cohen's kappa has its asymptotic interval. 2000 replicates of 450 000
        codes take 0.4 s in one group and 4 s in 50 groups (0.1 s a group); "none" takes 0.3 s.

    Returns
    -------
    Coders. Kappas use units that all raters coded; Fleiss' also units with as many codes each by varying
    raters. What cannot be computed has status missing and a reason.

    Raises
    ------
    FrameError: a missing column, an empty unit or rater, a rater coding a unit twice, an unknown code.

    Compared with R irr 0.84.1 through `agreement` and `krippendorff`; sources there.

    Examples
    --------
    >>> table = pd.DataFrame({"unit": [1, 1, 2, 2, 3, 3, 4, 4], "rater": ["A", "B"] * 4,
    ...     "code": ["velka", "velka", "asuminen", "asuminen", "velka", "työ", "työ", "työ"]})
    >>> found = coders(table, method="none").figures
    >>> print(found[["statistic", "value"]].round(3).to_string(index=False))
             statistic  value
     percent_agreement 75.000
    krippendorff_alpha  0.667
          fleiss_kappa  0.619
          conger_kappa  0.636
           cohen_kappa  0.636
    """
    check_method(method, _WHERE, krippendorff.METHODS)
    check_method(level, _WHERE, krippendorff.LEVELS)
    rows = _checked(table, [unit, rater, code, *by])
    numbers, codes = number_codes(rows[code], _WHERE, levels)
    twice = rows.duplicated([unit, rater, *by])
    if twice.any():
        first = rows.loc[twice].iloc[0]
        raise FrameError(
            f"{_WHERE}: rater {shown(first[rater])} codes unit {shown(first[unit])} twice; keep one code per "
            "rater and unit (several codes of a unit: one yes/no table per code, told apart by `by`)"
        )
    wanted = levels_of(confidence, "coders.coders")
    options = _Options(level, weights, wanted, method, replicates, seed)
    ordered = levels is not None
    figures, pairs, used = [], [], []
    for group, part in _groups(rows, by):
        coded = _matrix(rows.loc[part, unit], rows.loc[part, rater], numbers[part], codes, ordered)
        figures += [{**group, **row} for row in _figures(coded, options)]
        pairs += [{**group, **row} for row in _pairs(coded, options)]
        used += [{**group, **row} for row in _codes(coded)]
    return Coders(pd.DataFrame(figures), pd.DataFrame(pairs), pd.DataFrame(used))


def _checked(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    lacking = [column for column in columns if column not in table]
    if lacking:
        raise FrameError(f"{_WHERE}: column {lacking[0]} is missing; expected {', '.join(columns)}")
    rows = table.loc[:, list(columns)].reset_index(drop=True)
    for column in (*columns[:2], *columns[3:]):
        empty = np.flatnonzero(rows[column].isna())
        if len(empty):
            raise FrameError(f"{_WHERE}: row {empty[0] + 1}, column {column} is empty; name it in every row")
    if not len(rows):
        raise FrameError(f"{_WHERE}: the table has no rows; expected one per unit and rater")
    return rows


def _groups(rows: pd.DataFrame, by: Sequence[str]) -> list[tuple[dict[str, Any], NDArray[np.int64]]]:
    if not by:
        return [({}, np.arange(len(rows)))]
    found = rows.groupby(list(by), sort=False).indices
    return [
        (dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True)), np.asarray(part))
        for key, part in found.items()
    ]


def _matrix(
    units: pd.Series, raters: pd.Series, numbers: kernels.Codes, codes: tuple[Any, ...], ordered: bool
) -> CodedUnits:
    row, names = pd.factorize(units)
    column, persons = pd.factorize(raters, sort=True)
    ratings = np.full((len(names), len(persons)), -1, dtype="int64")
    ratings[row, column] = numbers
    numeric = all(isinstance(code, int | float | np.number) for code in codes)
    return CodedUnits(ratings, codes, tuple(str(person) for person in persons), ordered or numeric)


def _figures(coded: CodedUnits, options: _Options) -> list[dict[str, Any]]:
    alpha = krippendorff.alpha_of_units(
        coded, options.level, options.confidence, options.method, options.replicates, options.seed
    )
    raters = len(coded.raters)
    told = {"units": alpha.units, "raters": raters, "left_out": alpha.left_out}
    rows = _rows("krippendorff_alpha", alpha.alpha, alpha.intervals, told, alpha.note, options)
    counts = coded.counts()
    pairable = counts[counts.sum(axis=1) >= 2]
    agree = kernels.pairwise_agreement(pairable)
    share = float(100 * agree.mean()) if len(agree) else float("nan")
    limits = _resampled(agree[:, None], lambda kinds, w: 100 * (w @ kinds[:, 0]) / w.sum(axis=1), options)
    rows = _rows("percent_agreement", share, limits, told, alpha.note * (not len(agree)), options) + rows
    rows += _fleiss_rows(coded, pairable, told, options)
    complete = coded.complete()
    told = {"units": len(complete), "raters": raters, "left_out": len(counts) - len(complete)}
    if not len(complete) or raters < 2:
        return rows + _rows("conger_kappa", float("nan"), None, told, "raters_differ", options)
    codes = len(coded.codes)
    value = float(kernels.conger_many(complete, codes, np.ones((1, len(complete))))[0])
    limits = _resampled(
        complete.astype("float64"),
        lambda kinds, w: kernels.conger_many(kinds.astype("int64"), codes, w),
        options,
    )
    rows += _rows("conger_kappa", value, limits, told, "one_code_only", options)
    return rows + (_cohen_rows(coded, complete, told, options) if raters == 2 else [])


def _fleiss_rows(
    coded: CodedUnits, pairable: Floats, told: dict[str, int], options: _Options
) -> list[dict[str, Any]]:
    complete = coded.complete()
    counts = pairable
    if len(counts) and len(np.unique(counts.sum(axis=1))) > 1:
        counts = kernels.counts_of(complete, len(coded.codes))
    left_out = len(coded.ratings) - len(counts)
    told = {**told, "units": len(counts), "left_out": left_out}
    if not len(counts) or counts[0].sum() < 2:
        return _rows("fleiss_kappa", float("nan"), None, told, "raters_differ", options)
    value = float(kernels.fleiss_many(counts, np.ones((1, len(counts))))[0])
    limits = _resampled(counts, kernels.fleiss_many, options)
    return _rows("fleiss_kappa", value, limits, told, "one_code_only", options)


def _cohen_rows(
    coded: CodedUnits, complete: kernels.Codes, told: dict[str, int], options: _Options
) -> list[dict[str, Any]]:
    table = kernels.cross_table(complete[:, 0], complete[:, 1], len(coded.codes))
    found = agreement.cohen_kappa_of_table(
        table, levels=coded.codes, weights=options.weights, confidence=options.confidence
    )
    return _rows("cohen_kappa", found.kappa, found.intervals, told, "one_code_only", options)


def _resampled(values: Floats, statistic: Any, options: _Options) -> pd.DataFrame | None:
    if options.method == "none" or len(values) < 2:
        return None
    kinds = unit_bootstrap.patterns(values)
    found = unit_bootstrap.limits(
        lambda weights: statistic(kinds.rows, weights),
        kinds.counts,
        method=options.method,
        confidence=options.confidence,
        replicates=options.replicates,
        seed=options.seed,
        where=_WHERE,
    )
    return unit_bootstrap.interval_frame(options.method, options.confidence, found)


def _rows(
    statistic: str,
    value: float,
    intervals: pd.DataFrame | None,
    told: dict[str, int],
    reason: str,
    options: _Options,
) -> list[dict[str, Any]]:
    """One row per confidence; the reason is told only where there is no value."""
    missing = not np.isfinite(value)
    state = {"status": "missing" if missing else "ok", "reason": reason if missing else ""}
    if missing or intervals is None or not len(intervals):
        nothing = {"lower": float("nan"), "upper": float("nan"), "method": ""}
        return [
            {"statistic": statistic, "value": value, **nothing, "confidence": level, **told, **state}
            for level in options.confidence
        ]
    return [
        {
            "statistic": statistic,
            "value": value,
            "lower": row["lower"],
            "upper": row["upper"],
            "method": row["method"],
            "confidence": row["confidence"],
            **told,
            **state,
        }
        for row in intervals.to_dict("records")
    ]


def _pairs(coded: CodedUnits, options: _Options) -> list[dict[str, Any]]:
    codes = len(coded.codes)
    matrix = agreement.weight_matrix(options.weights, codes, _WHERE)
    rows = []
    for first, second in combinations(range(len(coded.raters)), 2):
        both = coded.ratings[:, [first, second]]
        both = both[(both >= 0).all(axis=1)]
        table = kernels.cross_table(both[:, 0], both[:, 1], codes)
        rows.append(
            {
                "rater": coded.raters[first],
                "other": coded.raters[second],
                "units": len(both),
                "percent_agreement": float(100 * np.trace(table) / len(both)) if len(both) else float("nan"),
                "cohen_kappa": float(kernels.two_raters(table, matrix).kappa),
            }
        )
    return rows


def _codes(coded: CodedUnits) -> list[dict[str, Any]]:
    counts = coded.counts()
    ratings = counts.sum(axis=0)
    size = counts.sum(axis=1, keepdims=True)
    possible = (counts * (size - 1)).sum(axis=0)
    both = (counts * (counts - 1)).sum(axis=0)
    specific = np.divide(both, possible, out=np.full(len(both), np.nan), where=possible > 0)
    share = ratings / max(ratings.sum(), 1.0)
    return [
        {
            "code": code,
            "ratings": int(n),
            "share": float(100 * part),
            "specific_agreement": float(100 * alike),
        }
        for code, n, part, alike in zip(coded.codes, ratings, share, specific, strict=True)
    ]
