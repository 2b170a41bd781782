"""Who has which share: Lorenz curves of areas, and their height at chosen shares with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators.inequality_areas import BY, WEIGHTS_ON, gather
from sosrake_lib.indicators.inequality_frames import (
    analysed,
    computable,
    levels_of,
    parts_of,
    refuse_negative,
)
from sosrake_lib.indicators.inequality_kernels import Floats
from sosrake_lib.indicators.inequality_measures import named
from sosrake_lib.indicators.inequality_shares import lorenz_kernel

TENTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def lorenz(
    frame: pd.DataFrame,
    *,
    weights: str | pd.DataFrame | None = "denominator",
    within: str | None = None,
    area: tuple[str, str] = ("maa", "SSS"),
    by: Sequence[str] = BY,
    missing: str = "refuse",
    min_areas: int = 3,
    weights_on: Sequence[str] = WEIGHTS_ON,
) -> pd.DataFrame:
    """Give the Lorenz curve of each group: which share of the indicator the poorest share of people has.

    Parameters as `inequality.between_areas`. For a rate the "whole" is people times value, that is, cases.

    Returns
    -------
    DataFrame (no indicator frame: a curve) with the group's key, `region_level, region_code`,
    `population_share, value_share` from (0, 0) to (1, 1). Groups that cannot be computed have no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"indicator": "osuus", "region_level": "kunta", "region_code": ["E01", "E02",
    ...     "E03"], "borders": 2026, "period": "2019", "value": [1.0, 2.0, 5.0], "per": 100,
    ...     "status": "ok", "origin": "synthetic"})
    >>> curve = lorenz(areas, area=("hva", "E1"), weights=None)
    >>> print(curve["value_share"].round(3).tolist())
    [0.0, 0.125, 0.375, 1.0]
    """
    where = "inequality.lorenz"
    gathered = gather(
        frame, where, within=within, area=area, by=by, weights=weights, weights_on=weights_on,
        missing=missing, min_areas=min_areas,
    )  # fmt: skip
    refuse_negative(gathered, named("gini"), where)
    rows = computable(gathered)
    # A row of nothing before each group is the curve's corner (0, 0).
    start = rows.drop_duplicates("number").assign(value=-1.0, weight=0.0)
    curve = pd.concat([start, rows], ignore_index=True)
    curve = curve.iloc[np.lexsort([curve["value"], curve["number"]])]
    number = curve["number"]
    whole = pd.DataFrame({"people": curve["weight"], "part": curve["weight"] * curve["value"]})
    shares = whole.groupby(number).cumsum() / whole.groupby(number).transform("sum")
    groups = gathered.groups.rename(columns={"container": "region_code"})
    key = groups.loc[number, [*BY, "region_level", "region_code"]].reset_index(drop=True)
    return key.assign(
        population_share=shares["people"].to_numpy(), value_share=shares["part"].abs().to_numpy()
    ).dropna(subset=["value_share"], ignore_index=True)


def lorenz_ordinates(
    frame: pd.DataFrame,
    shares: Sequence[float] = TENTHS,
    *,
    weights: str | pd.DataFrame | None = "denominator",
    within: str | None = None,
    area: tuple[str, str] = ("maa", "SSS"),
    by: Sequence[str] = BY,
    missing: str = "refuse",
    min_areas: int = 3,
    method: str = "jackknife",
    confidence: Iterable[float] = (0.95,),
    replicates: int = 2000,
    seed: int = 1,
    weights_on: Sequence[str] = WEIGHTS_ON,
) -> pd.DataFrame:
    """Give the height of each group's Lorenz curve at chosen shares of the people, with intervals.

    Answers: of all long-term unemployed, how many live where the half of people with the fewest of them
    live? Where all areas are alike, 50 per cent. The curve is straight between areas.

    Parameters
    ----------
    shares : shares of the people, above 0 and below 1, areas of the lowest value first.
    method : "jackknife", "bootstrap_percentile", "bootstrap_bca" or "no_interval".

    Other parameters as `inequality.between_areas`.

    Returns
    -------
    Analysed frame, one row a group, share and confidence: `value` and limits in per cent of the whole (`per`
    100; never above the share itself, as the curve never rises above the diagonal), `statistic`
    lorenz_<share>, `population_share` in per cent.

    Raises
    ------
    FrameError as `inequality.between_areas`, and for shares that are not between 0 and 1.

    Notes
    -----
    Each share of 450 000 rows takes about a second, as every one is jackknifed; nine take nine.

    Source: Lorenz (1905), doi 10.2307/2276207.

    Examples
    --------
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"indicator": "osuus", "region_level": "kunta", "region_code": ["E01", "E02",
    ...     "E03", "E04"], "borders": 2026, "period": "2019", "value": [1.0, 2.0, 3.0, 4.0], "per": 100,
    ...     "status": "ok", "origin": "synthetic"})
    >>> found = lorenz_ordinates(areas, [0.25, 0.5], area=("hva", "E1"), weights=None)
    >>> print(found[["population_share", "value", "lower", "upper"]].round(1).to_string(index=False))
     population_share  value  lower  upper
                 25.0   10.0    0.0   25.0
                 50.0   30.0    9.1   50.0
    """
    where = "inequality.lorenz_ordinates"
    wrong = [share for share in shares if not 0 < share < 1]
    if wrong or not len(shares):
        raise FrameError(f"{where}: shares {list(shares)!r}; expected shares between 0 and 1, such as 0.5")
    levels = levels_of(method, confidence, resampling.METHODS, where)
    gathered = gather(
        frame, where, within=within, area=area, by=by, weights=weights, weights_on=weights_on,
        missing=missing, min_areas=min_areas,
    )  # fmt: skip
    refuse_negative(gathered, named("gini"), where)
    count = len(gathered.groups)
    values = np.full((len(shares), count), np.nan)
    limits = np.full((len(shares), len(levels), 2, count), np.nan)
    for numbers, (x, w) in parts_of(gathered, "value", "weight"):
        order = np.argsort(x, axis=1, kind="stable")
        y, v = np.take_along_axis(x, order, axis=1), np.take_along_axis(w, order, axis=1)
        for place, share in enumerate(shares):
            statistic = _ordinate(share, y)
            values[place, numbers] = statistic(v[:, None, :])[:, 0]
            if method in resampling.METHODS:
                found = resampling.limits(
                    statistic, v, method=method, confidence=levels, replicates=replicates, seed=seed,
                    where=where,
                )  # fmt: skip
                for level, one in enumerate(found):
                    limits[place, level][:, numbers] = np.clip([one.lower, one.upper], 0, share)
    parts = [
        analysed(gathered, f"lorenz_{share:g}", 100 * value, 100 * limit, levels, method, per=100.0).assign(
            population_share=100 * share
        )
        for share, value, limit in zip(shares, values, limits, strict=True)
    ]
    return frames.check(pd.concat(parts, ignore_index=True), file=where)


def _ordinate(share: float, x: Floats) -> resampling.Statistic:
    kernel = lorenz_kernel(share)
    return lambda w: kernel(x, w)
