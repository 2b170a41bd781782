"""Reliability of every domain of a questionnaire: alpha and omega with intervals, from long answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import item_answers, omega, reliability, reliability_kernels
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.resampling import check_method

REASONS = (
    "formative",
    "one_item",
    "too_few_respondents",
    "item_without_variance",
    "too_few_pairs",
    "two_items",
    "not_positive_definite",
)
_WHERE = "reliability_domains.by_domain"


@dataclass(frozen=True, slots=True)
class _Options:
    deletion: str
    confidence: tuple[float, ...]
    method: str
    omega_method: str
    replicates: int
    seed: int


def by_domain(
    answers: pd.DataFrame,
    *,
    by: Sequence[str] = ("domain",),
    respondent: str = "respondent",
    item: str = "item",
    answer: str = "answer",
    reverse: Collection[str] = (),
    max_plus_min: float | None = None,
    deletion: str = "pairwise",
    confidence: float | Sequence[float] = 0.95,
    method: str = "feldt",
    omega_method: str = "bootstrap_percentile",
    replicates: int = 1000,
    seed: int = 1,
    formative: Collection[str] = (),
) -> pd.DataFrame:
    """Cronbach's alpha and omega total of each domain of a questionnaire.

    Parameters
    ----------
    answers : long, as `scales.long_answers` gives: `respondent, item, answer` (empty where not answered) and
        the columns of `by`; without a column domain all items are one domain, "all".
    by : grouping columns, such as ("domain",) or ("domain", "group", "sex").
    respondent, item, answer : names of the columns (`answer="skill"` of a competence survey).
    reverse, max_plus_min : items worded the other way round; greatest plus smallest point of the scale.
    deletion : "pairwise" or "listwise", see `reliability.cronbach_alpha`.
    confidence : two-sided level, or several (a row each).
    method : interval of alpha, one of `reliability.METHODS`.
    omega_method, replicates, seed : interval of omega, "bootstrap_percentile", "bootstrap_bca" or "none".
        Each replicate fits a factor model; 1000 take about 0.1 s for 200 respondents and 0.5 s for 20 000.
    formative : domains (values of the first column of `by`) whose items form the area: they get no figure.

    Returns
    -------
    DataFrame, a row per group and confidence: the columns of `by`, `items, n, complete, alpha, lower, upper,
    method, confidence, mean_correlation, omega, omega_lower, omega_upper, omega_method, status, reason,
    note`. A domain that cannot be computed has status missing and a reason of REASONS; where only omega
    cannot, the reason stands beside alpha and the status is ok. `note` as in Alpha and Omega.

    Raises
    ------
    FrameError: a missing column, an answer that is not a number, a respondent answering an item twice, a
    reversed item or formative domain that is not there.

    Sources and comparisons: `reliability.cronbach_alpha`, `omega.omega_total`.

    Examples
    --------
    >>> answers = pd.DataFrame({"respondent": [1, 2, 3, 4] * 3, "domain": "tiedon kokoaminen",
    ...     "item": ["a"] * 4 + ["b"] * 4 + ["c"] * 4, "answer": [1, 2, 4, 5, 2, 2, 5, 4, 1, 3, 4, 4]})
    >>> found = by_domain(answers, omega_method="none")
    >>> print(found[["domain", "items", "n", "alpha", "lower"]].round(2).to_string(index=False))
               domain  items  n  alpha  lower
    tiedon kokoaminen      3  4   0.94   0.59
    """
    check_method(method, _WHERE, reliability.METHODS)
    check_method(omega_method, _WHERE, omega.METHODS)
    check_method(deletion, _WHERE, item_answers.DELETIONS)
    rows = answers.assign(domain="all") if "domain" in by and "domain" not in answers else answers
    rows = _checked(rows, respondent, item, answer, by)
    rows[answer] = _turned(rows, item, answer, reverse, max_plus_min)
    unknown = sorted(set(map(str, formative)) - set(rows[by[0]].astype("str")))
    if unknown:
        raise FrameError(
            f"{_WHERE}: formative domain {unknown[0]!r} is not in column {by[0]}; correct its name"
        )
    wanted = levels_of(confidence, "reliability_domains.by_domain")
    options = _Options(deletion, wanted, method, omega_method, replicates, seed)
    found = []
    for key, part in rows.groupby(list(by), sort=False).indices.items():
        named = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        group = rows.iloc[part]
        refused = str(named[by[0]]) in set(map(str, formative))
        matrix = _matrix(group[respondent], group[item], group[answer].to_numpy(), deletion)
        found += [{**named, **row} for row in _domain(matrix, options, refused)]
    return pd.DataFrame(found)


def _checked(
    answers: pd.DataFrame, respondent: str, item: str, answer: str, by: Sequence[str]
) -> pd.DataFrame:
    keys = [respondent, item, *by]
    lacking = [column for column in (*keys, answer) if column not in answers]
    if lacking or not by:
        what = f"column {lacking[0]} is missing" if lacking else "by is empty"
        raise FrameError(f"{_WHERE}: {what}; expected {', '.join((*keys, answer))}")
    rows = answers.loc[:, [*keys, answer]].reset_index(drop=True)
    for column in keys:
        empty = np.flatnonzero(rows[column].isna())
        if len(empty):
            raise FrameError(f"{_WHERE}: row {empty[0] + 1}, column {column} is empty; name it in every row")
    numbers = pd.to_numeric(rows[answer], errors="coerce").astype("float64")
    wrong = np.flatnonzero((numbers.isna() & rows[answer].notna()) | np.isinf(numbers))
    if len(wrong):
        value = item_answers.shown(rows[answer].iloc[wrong[0]])
        raise FrameError(
            f"{_WHERE}: row {wrong[0] + 1}, column {answer}: {value}; expected a "
            "finite number or nothing; correct the sheet"
        )
    twice = np.flatnonzero(rows.duplicated(keys))
    if len(twice):
        name = item_answers.shown(rows[item].iloc[twice[0]])
        raise FrameError(
            f"{_WHERE}: row {twice[0] + 1}: a respondent answers item {name} twice; keep one answer"
        )
    return rows.assign(**{answer: numbers})


def _turned(
    rows: pd.DataFrame, item: str, answer: str, reverse: Collection[str], max_plus_min: float | None
) -> pd.Series:
    unknown = sorted(set(map(str, reverse)) - set(rows[item].astype("str")))
    if unknown:
        raise FrameError(f"{_WHERE}: reversed item {unknown[0]!r} is not in column {item}; correct its name")
    if not reverse:
        return rows[answer]
    if max_plus_min is None or not np.isfinite(max_plus_min):
        raise FrameError(
            f"{_WHERE}: reversing needs max_plus_min, the scale's greatest plus smallest point (6 for 1-5)"
        )
    turn = rows[item].astype("str").isin([str(name) for name in reverse])
    return rows[answer].where(~turn, max_plus_min - rows[answer])


def _matrix(respondents: pd.Series, items: pd.Series, values: Any, deletion: str) -> item_answers.Answers:
    row, people = pd.factorize(respondents)
    column, names = pd.factorize(items)
    wide = np.full((len(people), len(names)), np.nan)
    wide[row, column] = values
    present = np.isfinite(wide)
    complete = present.all(axis=1)
    used = wide[complete if deletion == "listwise" else present.any(axis=1)]
    return item_answers.Answers(used, tuple(map(str, names)), len(people), int(complete.sum()), deletion)


def _reason(matrix: item_answers.Answers) -> str:
    """Reason code of what `item_answers.unable` says in words."""
    if not item_answers.unable(matrix):
        return ""
    if matrix.k < 2:
        return "one_item"
    if matrix.n < item_answers.MIN_RESPONDENTS:
        return "too_few_respondents"
    spread = pd.DataFrame(matrix.values).agg(["max", "min"]).to_numpy()
    return "item_without_variance" if not (spread[0] > spread[1]).all() else "too_few_pairs"


def _domain(matrix: item_answers.Answers, options: _Options, refused: bool) -> list[dict[str, Any]]:
    sizes = {"items": matrix.k, "n": matrix.n, "complete": matrix.complete}
    reason = "formative" if refused else _reason(matrix)
    if reason:
        empty = dict.fromkeys(("alpha", "lower", "upper"), float("nan"))
        none = dict.fromkeys(("mean_correlation", "omega", "omega_lower", "omega_upper"), float("nan"))
        told = {"omega_method": "", "status": "missing", "reason": reason, "note": ""}
        return [
            {**sizes, **empty, "method": "", "confidence": level, **none, **told}
            for level in options.confidence
        ]
    alpha = reliability.alpha_of_answers(
        matrix, options.confidence, (options.method,), options.replicates, options.seed
    )
    shared, why = _omega(matrix, options)
    rows = []
    for place, limits in enumerate(alpha.intervals.to_dict("records")):
        rows.append(
            {
                **sizes,
                "alpha": alpha.alpha,
                **{name: limits[name] for name in ("lower", "upper", "method", "confidence")},
                "mean_correlation": alpha.mean_correlation,
                **_omega_columns(shared, place),
                "status": "ok",
                "reason": why,
                "note": "; ".join(filter(None, (alpha.note, shared.note if shared else ""))),
            }
        )
    return rows


def _omega(matrix: item_answers.Answers, options: _Options) -> tuple[omega.Omega | None, str]:
    if matrix.k < 3:
        return None, "two_items"
    correlation = item_answers.correlations(item_answers.covariance(matrix))
    if not reliability_kernels.is_definite(correlation):
        return None, "not_positive_definite"
    found = omega.omega_of(matrix, options.confidence, options.omega_method, options.replicates, options.seed)
    return found, ""


def _omega_columns(shared: omega.Omega | None, place: int) -> dict[str, Any]:
    value = float("nan") if shared is None else shared.omega
    if shared is None or place >= len(shared.intervals):
        limits = {"omega_lower": float("nan"), "omega_upper": float("nan"), "omega_method": ""}
        return {"omega": value, **limits}
    row = shared.intervals.iloc[place]
    return {
        "omega": value,
        "omega_lower": float(row["lower"]),
        "omega_upper": float(row["upper"]),
        "omega_method": str(row["method"]),
    }
