"""Weighted means, totals and shares of a sample survey, with the error its design gives.

A sample drawn by strata, by whole groups (clusters) or from a small staff has another error than a plain
random one: `sample_design.design` says how it was drawn, `survey_estimates` computes, `estimate` does both on
a frame of respondents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.sample_design import Design, design
from sosrake_lib.indicators.scales import Place, placed
from sosrake_lib.indicators.survey_estimates import Estimate, kish_effective_size, mean, proportion, total

__all__ = ["Design", "Estimate", "design", "estimate", "kish_effective_size", "mean", "proportion", "total"]

STATISTICS = ("mean", "total", "proportion")


def estimate(
    respondents: pd.DataFrame,
    place: Place,
    *,
    values: Sequence[str],
    statistic: str = "mean",
    weights: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    fpc: str | None = None,
    by: str | None = None,
    confidence: Iterable[float] = (0.95,),
    lonely: str = "fail",
    nest: bool = False,
    fpc_within: str = "constant",
) -> pd.DataFrame:
    """Estimate several variables of a survey, for everyone and for each group.

    Parameters
    ----------
    respondents : one row a respondent.
    values : columns of numbers (0/1 for a proportion); empty = not answered.
    statistic : "mean", "total" or "proportion" (in per cent, per 100).
    weights, strata, cluster, fpc : columns of the design; see `sample_design.design`.
    by : grouping column, such as organisation; rows of group "all" come first. Groups are domains: the whole
        design stays behind each figure.
    confidence : one or several levels.
    lonely, nest, fpc_within : see `sample_design.design`.

    Returns
    -------
    Analysed indicator frame, one row per variable, group and confidence: `indicator` = variable, `value`,
    `lower`, `upper`, `denominator` = respondents with a value, `statistic`, `method` (taylor_t or
    taylor_logit_t), and `standard_error, df, design_effect, effective_size, population`. A group in which
    nobody answered is missing.

    Raises
    ------
    FrameError when a column is missing, a value is no number, or a group is empty or named "all";
    SosrakeError for the design (see `sample_design.design`).

    Examples
    --------
    >>> import pandas as pd
    >>> staff = pd.DataFrame({"skill": [2, 3, 4, 2, 5, 4], "unit": ["A"] * 3 + ["B"] * 3,
    ...     "weight": [4.0] * 3 + [2.0] * 3, "staff": [12] * 3 + [6] * 3})
    >>> here = Place("hva", "E1", 2026, "2020", "synthetic")
    >>> drawn = {"weights": "weight", "strata": "unit", "fpc": "staff"}
    >>> found = estimate(staff, here, values=["skill"], by="unit", **drawn)
    >>> print(found[["group", "value", "lower", "upper", "df"]].round(2).to_string(index=False))
    group  value  lower  upper  df
      all   3.22   2.13   4.31 4.0
        A   3.00   0.85   5.15 2.0
        B   3.67   0.98   6.35 2.0
    """
    if statistic not in STATISTICS:
        raise FrameError(f"survey_design.estimate: {statistic!r}; use one of {', '.join(STATISTICS)}")
    levels = levels_of(confidence, "survey_design.estimate")
    named = [column for column in (weights, strata, cluster, fpc, by) if column is not None]
    numbers = _numbers(respondents, values, named)
    sample = design(
        *(None if column is None else respondents[column] for column in (weights, strata, cluster, fpc)),
        size=len(respondents),
        lonely=lonely,
        nest=nest,
        fpc_within=fpc_within,
    )
    codes, names = _groups(respondents, by)
    measure = {"mean": mean, "total": total, "proportion": proportion}[statistic]
    parts = []
    for level in levels:
        for column in values:
            y = numbers[column].to_numpy()
            parts.append(_rows(column, measure(y, sample, level), [frames.ALL_GROUPS], level))
            if by is not None:
                parts.append(_rows(column, measure(y, sample, level, domain=codes), names, level))
    table = pd.concat(parts, ignore_index=True)
    per = 100.0 if statistic == "proportion" else 1.0
    table[["value", "lower", "upper", "standard_error"]] *= per
    method = "taylor_logit_t" if statistic == "proportion" else "taylor_t"
    return placed(table.assign(per=per, statistic=statistic, method=method), place, "survey_design.estimate")


def _numbers(table: pd.DataFrame, values: Sequence[str], named: Sequence[str]) -> pd.DataFrame:
    for column in (*values, *named):
        if column not in table:
            raise FrameError(
                f"survey_design.estimate: column {column} is missing; expected "
                f"{', '.join((*values, *named))}, one row a respondent"
            )
    if not values or len(table) == 0:
        raise FrameError("survey_design.estimate: no variable or no respondent is given; name one at least")
    found = table[list(values)].apply(pd.to_numeric, errors="coerce").astype("float64")
    for column in values:
        wrong = np.flatnonzero(found[column].isna() & table[column].notna())
        if len(wrong):
            raise FrameError(
                f"survey_design.estimate: row {wrong[0] + 1}, column {column}: "
                f"{table[column].iloc[wrong[0]]}; expected a number or nothing; correct the answer"
            )
    return found


def _groups(table: pd.DataFrame, by: str | None) -> tuple[np.ndarray, list[str]]:
    if by is None:
        return np.zeros(len(table), "int64"), []
    wrong = np.flatnonzero(table[by].isna() | (table[by] == frames.ALL_GROUPS))
    if len(wrong):
        raise FrameError(
            f"survey_design.estimate: row {wrong[0] + 1}, column {by}: {table[by].iloc[wrong[0]]}; name each "
            f"respondent's group, and none {frames.ALL_GROUPS!r}"
        )
    codes, names = pd.factorize(table[by], sort=True)
    return codes, [str(name) for name in names]


def _rows(column: str, found: Estimate, names: list[str], level: float) -> pd.DataFrame:
    able = found.size > 0
    return pd.DataFrame(
        {
            "indicator": column,
            "group": names,
            "value": np.where(able, found.value, np.nan),
            "lower": found.interval.lower,
            "upper": found.interval.upper,
            "denominator": found.size,
            "status": np.where(able & np.isfinite(found.value), "ok", "missing"),
            "standard_error": found.standard_error,
            "df": found.df,
            "design_effect": found.design_effect,
            "effective_size": found.effective_size,
            "population": found.population,
            "confidence": level,
        }
    )
