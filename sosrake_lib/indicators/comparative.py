"""The ratio of two standardised rates: how many times the reference's rate an area's is, at the same ages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import standardise_kernels as kernels
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.intervals import Interval
from sosrake_lib.indicators.standardise_results import Figures, analysed, checked_per
from sosrake_lib.indicators.strata import Strata, collect
from sosrake_lib.indicators.strata_join import Beside, beside, reference_beside

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """An area's standardised sums beside the rate, variance and events of its reference."""

    own: kernels.DirectSums
    reference_rate: Floats
    reference_variance: Floats
    reference_count: Floats


def comparative_ratio(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    standard: pd.DataFrame | None = None,
    *,
    by: Sequence[str] | None = None,
    confidence: Iterable[float] | float = (0.95,),
    per: float = 1,
    min_count: float = 10,
    missing_counts: str = "missing",
    reference_is_known: bool = False,
    count_variance: str | None = None,
) -> pd.DataFrame:
    """Compute comparative ratios (CMF): the area's directly standardised rate over the reference's.

    It answers how many times the reference's rate the area's is, at the same ages; unlike indirect ratios,
    two areas' comparative ratios may be compared. Interval on the logarithmic scale.

    Parameters
    ----------
    frame, by, confidence, missing_counts, count_variance : as `direct`.
    reference : rows of the reference by age (`age, numerator, denominator`), as `indirect_ratio`.
    standard : DataFrame `age, weight`; left out, the reference's own people (the classic CMF, whose
        reference rate is then its crude rate).
    per : 1 (a ratio) or 100 (the reference is 100).
    min_count : with fewer events in the area or the reference no ratio is given.
    reference_is_known : True takes the reference's rate as free of chance (a whole country); False carries
        its variance too. The two are taken as independent, which an area within its reference is not quite:
        the interval is then a little too wide.

    Returns
    -------
    As `direct`, with `statistic` comparative_ratio, `method` comparative_log_normal, and beside the ratio
    `standardised_rate` and `reference_rate` (per person).

    Raises
    ------
    FrameError as `direct` and `indirect_ratio`.

    Source: Breslow & Day (1987), Statistical methods in cancer research II, IARC, chapter 2. Compared with
    a plain loop (tests/test_standardise.py).

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": "kuolleet", "region_level": "kunta", "region_code": "046",
    ...     "borders": 2026, "period": "2019", "age": ["0-64", "65-"], "numerator": [12, 60],
    ...     "denominator": [7_000, 1_500], "status": "ok", "origin": "synthetic"})
    >>> country = pd.DataFrame({"age": ["0-64", "65-"], "numerator": [8_000, 45_000],
    ...     "denominator": [4_300_000, 1_200_000]})
    >>> found = comparative_ratio(area, country)
    >>> print(found[["value", "lower", "upper"]].round(2).to_string(index=False))
     value  lower  upper
      1.04   0.83   1.32
    """
    name = "standardise.comparative_ratio"
    levels = levels_of(confidence, name)
    checked_per(per, name)
    other = reference_beside(reference, by, missing_counts, name)
    strata = collect(
        frame,
        other.strata,
        by=by,
        function=name,
        count_variance=count_variance,
        missing_counts=missing_counts,
    )
    two = _compared(strata, other, _weights(standard, other, by, name), name)
    counts = [strata.reason != "", two.own.count < min_count, two.reference_count < min_count]
    reason = np.select(counts, [strata.reason, "few_events", "few_reference_events"], default="")
    spread = two.reference_variance * (0.0 if reference_is_known else 1.0)
    figures = Figures(
        statistic="comparative_ratio",
        method="comparative_log_normal",
        value=per * kernels.observed_ratio(two.own.rate, two.reference_rate),
        numerator=two.own.count,
        denominator=two.own.population,
        reason=reason,
        extra={
            "standardised_rate": np.where(reason == "", two.own.rate, np.nan),
            "reference_rate": two.reference_rate,
        },
    )

    def limits(level: float) -> Interval:
        return kernels.rate_ratio_limits(two.own.rate, two.own.variance, two.reference_rate, spread, level)

    return analysed(strata, figures, limits, levels, per, name)


def _compared(strata: Strata, other: Beside, weights: Floats, name: str) -> _Compared:
    family = other.family_of(strata.groups, "reference", name)
    own = kernels.direct_sums(
        strata.count, strata.population, weights, variance=strata.variance, family=family
    )
    each = np.arange(len(weights))
    against = kernels.direct_sums(
        other.values["numerator"], other.values["denominator"], weights, family=each
    )
    return _Compared(own, against.rate[family], against.variance[family], against.count[family])


def _weights(standard: pd.DataFrame | None, other: Beside, by: Sequence[str] | None, name: str) -> Floats:
    """Give the standard's weights in the order of the reference's strata, one row a family of it."""
    if standard is None:
        return other.values["denominator"]
    weights = beside(standard, ["weight"], by, "standard", name)
    order = pd.MultiIndex.from_frame(weights.strata).get_indexer(pd.MultiIndex.from_frame(other.strata))
    if len(weights.strata) != len(other.strata) or (order < 0).any():
        raise FrameError(
            f"{name}: the ages of the standard and the reference differ; "
            "put the standard together to the same ages with standardise.regroup_ages"
        )
    if len(weights.families.columns) == 0:
        return np.repeat(weights.values["weight"][:, order], len(other.values["denominator"]), axis=0)
    return weights.values["weight"][weights.family_of(other.families, "standard", name)][:, order]
