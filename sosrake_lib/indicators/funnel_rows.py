"""The rows a funnel stands on: checked families of areas and the level they are held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.rates import per_units

METHOD_OF = {"proportion": "funnel_binomial", "rate": "funnel_poisson", "ratio": "funnel_poisson"}
ONE_FUNNEL = ("indicator", "period", "sex", "age", "group")


def checked_rows(frame: pd.DataFrame, by: Sequence[str] | None) -> pd.DataFrame:
    """Check an analysed frame: every family is one indicator, period and part of people on one scale."""
    if not frames.is_analysed(frame):
        raise FrameError("smallarea: the frame lacks statistic, method, confidence; run rates.analyse first")
    rows = frames.check(frame, file="smallarea")
    if rows.empty:
        raise FrameError("smallarea: the frame has no rows")
    unknown = [column for column in by or () if column not in rows]
    if unknown:
        raise FrameError(f"smallarea: by names column {unknown[0]}, which the frame lacks")
    if (rows["origin"] == "synthetic").nunique() > 1:
        raise FrameError("smallarea: column origin mixes synthetic and real rows; draw them separately")
    _one_of_each(rows, by)
    strange = rows.loc[~rows["statistic"].isin(list(METHOD_OF)), "statistic"]
    if len(strange):
        raise FrameError(
            f"smallarea: statistic {strange.iloc[0]!r} has no funnel; only proportions, rates and ratios of "
            "observed to expected events do"
        )
    return rows


def _one_of_each(rows: pd.DataFrame, by: Sequence[str] | None) -> None:
    """Refuse a family that holds several indicators, periods, groups of people or scales."""
    family = family_numbers(rows, by)
    first = ~pd.Series(family).duplicated().to_numpy()
    for column in [*ONE_FUNNEL, "per", "statistic"]:
        codes = pd.factorize(rows[column])[0]
        own = np.empty(family.max() + 1, dtype="int64")
        own[family[first]] = codes[first]
        wrong = np.flatnonzero(codes != own[family])
        if len(wrong):
            mixed = rows.loc[family == family[wrong[0]], column]
            values = sorted(map(str, mixed.unique()))[:4]
            raise FrameError(
                f"smallarea: column {column} has several values, such as {', '.join(values)}; "
                "a funnel is drawn for one indicator, period, sex, age and group at a time; "
                "name the columns that tell families apart in by="
            )


def family_numbers(rows: pd.DataFrame, by: Sequence[str] | None) -> NDArray[np.int64]:
    """Number the family of each row: one when `by` is left out."""
    if not by:
        return np.zeros(len(rows), dtype="int64")
    return rows.groupby(list(by), sort=False, dropna=False).ngroup().to_numpy()


def able_rows(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Say which rows have counts to test; a negative or infinite count is refused."""
    counted = rows["numerator"].notna() & np.isfinite(rows["denominator"]) & (rows["denominator"] > 0)
    able = (rows["status"] == "ok") & counted
    wrong = np.flatnonzero(able & ~(np.isfinite(rows["numerator"]) & (rows["numerator"] >= 0)))
    if len(wrong):
        row = rows.iloc[wrong[0]]
        raise FrameError(
            f"smallarea: row {wrong[0] + 1}, column numerator: {row['numerator']:g} ({row['indicator']} "
            f"{row['region_level']} {row['region_code']}); expected a count, 0 or more; correct the row"
        )
    return able.to_numpy()


def baselines(
    rows: pd.DataFrame, able: NDArray[np.bool_], family: NDArray[np.int64], given: float | None
) -> NDArray[np.float64]:
    """Give each row the level its area is held against, in units of `per`."""
    if given is not None:
        return np.full(len(rows), float(given))
    if (rows["statistic"] == "ratio").any():
        raise FrameError(
            "smallarea: statistic ratio has no pooled level; give baseline= (per itself, when the "
            "denominator holds the expected events)"
        )
    levels = rows.groupby(family)[["region_level", "borders"]].nunique()
    if levels.gt(1).to_numpy().any():
        column = str(levels.columns[levels.gt(1).any()][0])
        values = ", ".join(sorted(map(str, rows[column].unique()))[:4])
        raise FrameError(
            f"smallarea: column {column} has several values, such as {values}; areas of several kinds or "
            "maps would be pooled twice; choose one, or give `baseline`"
        )
    once = able & ~rows.duplicated(subset=list(frames.KEY)).to_numpy()
    size = int(family.max()) + 1
    numerator, denominator = (
        np.bincount(family[once], weights=rows.loc[once, column], minlength=size)
        for column in ("numerator", "denominator")
    )
    if not denominator.all():
        row = rows.iloc[np.flatnonzero(denominator[family] == 0)[0]]
        raise FrameError(
            f"smallarea.funnel_baseline: no row of {row['indicator']} {row['period']} has a value, a "
            "numerator and a denominator; give `baseline`"
        )
    return per_units(numerator[family], denominator[family], rows["per"])
