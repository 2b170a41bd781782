"""Is an area higher, similar or lower than a larger area? Differences with intervals and a verdict.

An area is part of its county and of the country, so the two are not independent: the area is tested against
the *rest* of the reference. The difference that is told, area minus the whole reference, is that difference
times (1 - w), w = the area's share of the reference's denominator; this identity is exact and keeps the sign.
`against` tells the difference, `ratio` how many times as high the area is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import intervals
from sosrake_lib.indicators.comparison_join import (
    ADJUSTMENTS,
    JOIN,
    analysed_rows,
    joined_rows,
    levels,
    one_reference,
    untestable,
)
from sosrake_lib.indicators.comparison_ratio import ratio
from sosrake_lib.indicators.row_checks import per_units

__all__ = ["ADJUSTMENTS", "INTERVALS", "JOIN", "REASONS", "VERDICTS", "against", "ratio"]

VERDICTS = ("higher", "similar", "lower", "not_testable")
REASONS = (
    "interval_above_zero",
    "interval_includes_zero",
    "interval_below_zero",
    "value_absent",
    "no_reference",
    "reference_absent",
    "same_area",
    "statistic_without_test",
    "no_denominator",
    "not_nested",
)
INTERVALS = ("mover", "wald")
_TESTS = {"proportion": "newcombe", "rate": "mover_poisson"}


def against(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    confidence: float | None = 0.95,
    *,
    part_of_reference: bool = True,
    adjust: str = "none",
    interval: str = "mover",
) -> pd.DataFrame:
    """Compare each row with the reference row of the same indicator, period, sex, age and group.

    Parameters
    ----------
    frame : analysed frame (`rates.analyse`); its `statistic` decides the test.
    reference : source or analysed frame with one area per indicator, period, sex, age and group,
        such as the rows of ("maa", "SSS").
    confidence : two-sided level of the difference's interval; None takes each row's own `confidence`, so that
        a frame analysed at 95 and 99.8 % is compared at both.
    part_of_reference : True when the areas are counted in the reference too (a municipality and the
        country); False for two separate areas.
    adjust : "none", or "bonferroni": with m tests in this call each interval gets the level
        1 - (1 - confidence) / m, so that the chance of *any* false verdict stays below 1 - confidence.
        Without it about one in twenty areas that do not differ is called higher or lower.
    interval : "mover" (from the two separate intervals, see below) or "wald" (normal distribution; for
        comparison with others' work: of no width when both counts are 0).

    Returns
    -------
    The rows of `frame` with `reference_level, reference_code, reference_value, difference,
    difference_lower, difference_upper` (area minus reference, in units of `per`), `difference_method`
    (newcombe, mover_poisson, wald_difference, or empty), `difference_confidence`, `verdict` (higher, similar,
    lower, not_testable) and `reason` (one of REASONS). Proportions: Newcombe's hybrid score interval; rates:
    the same construction on exact and Byar limits. Means, indexes, counts and rates of repeat events
    (clustered_...) are not_testable, and so is a row without denominators: their difference is given without
    an interval or a verdict. A row without a reference has no difference.

    Raises
    ------
    FrameError when the frame is not analysed, the reference has several areas for one key, the scale (`per`)
    of the two differs, or invented (synthetic) figures meet real ones.

    Sources: doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, doi 10.1002/sim.3095;
    compared with Newcombe's table II (tests/reference/differences.csv).

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators import rates
    >>> source = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": ["hva", "maa"],
    ...     "region_code": ["19", "SSS"], "borders": 2026, "period": "2019", "value": [10.0, 8.0], "per": 100,
    ...     "numerator": [3_000, 200_000], "denominator": [30_000, 2_500_000], "status": "ok",
    ...     "origin": "synthetic"})
    >>> found = against(rates.proportion(source.iloc[:1]), source.iloc[1:])
    >>> shown = ["difference", "difference_lower", "difference_upper", "verdict"]
    >>> print(found[shown].round(2).to_string(index=False))
     difference  difference_lower  difference_upper verdict
            2.0              1.67              2.34  higher
    """
    if interval not in INTERVALS:
        raise FrameError(f"comparison.against: interval {interval!r}; expected one of {', '.join(INTERVALS)}")
    rows = analysed_rows(frame, "against")
    joined = joined_rows(rows, one_reference(reference, "against"), "against")
    reason = untestable(joined, part_of_reference)
    testable = reason == ""
    level = levels(rows, testable, confidence, adjust, "against")
    numbers = _differences(joined, testable, level, part_of_reference, interval)
    result = rows.copy()
    for column in ("reference_level", "reference_code", "reference_value"):
        result[column] = joined[column].to_numpy()
    for column in numbers:
        result[column] = numbers[column].to_numpy()
    verdict, why = _verdicts(numbers)
    result["verdict"] = np.where(testable, verdict, "not_testable")
    result["reason"] = np.where(testable, why, reason)
    return result


def _differences(
    joined: pd.DataFrame, testable: pd.Series, level: NDArray[np.float64], part: bool, interval: str
) -> pd.DataFrame:
    found = pd.DataFrame(index=joined.index)
    comparable = (joined["reference_value"].notna() & joined["value"].notna()).to_numpy()
    found["difference"] = np.where(comparable, joined["value"] - joined["reference_value"], np.nan)
    found["difference_lower"] = np.nan
    found["difference_upper"] = np.nan
    found["difference_method"] = ""
    found["difference_confidence"] = np.where(testable, level, np.nan)
    for statistic, method in _TESTS.items():
        chosen = testable & (joined["statistic"] == statistic)
        if not chosen.any():
            continue
        rows = joined.loc[chosen]
        x, n = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
        other_x, other_n = rows["reference_numerator"].to_numpy(), rows["reference_denominator"].to_numpy()
        share = n / other_n if part else np.zeros(len(rows))
        rest_x, rest_n = (other_x - x, other_n - n) if part else (other_x, other_n)
        used = method if interval == "mover" else "wald_difference"
        limits = _limits(used, statistic, (x, n, rest_x, rest_n), level[chosen.to_numpy()])
        scale = rows["per"].to_numpy() * (1 - share)
        found.loc[chosen, "difference"] = scale * (per_units(x, n) - per_units(rest_x, rest_n))
        found.loc[chosen, "difference_lower"] = scale * limits.lower
        found.loc[chosen, "difference_upper"] = scale * limits.upper
        found.loc[chosen, "difference_method"] = used
    return found


def _limits(
    method: str, statistic: str, counts: tuple[NDArray[np.float64], ...], level: NDArray[np.float64]
) -> intervals.Interval:
    x, n, rest_x, rest_n = counts
    if method == "wald_difference":
        wald = intervals.wald_proportions if statistic == "proportion" else intervals.wald_rates
        return wald(x, n, rest_x, rest_n, level)
    if method == "newcombe":
        return intervals.newcombe(x, n, rest_x, rest_n, level)
    own, rest = intervals.poisson(x, level), intervals.poisson(rest_x, level)
    return intervals.mover(
        x / n,
        intervals.Interval(own.lower / n, own.upper / n),
        rest_x / rest_n,
        intervals.Interval(rest.lower / rest_n, rest.upper / rest_n),
    )


def _verdicts(numbers: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    conditions = [numbers["difference_lower"] > 0, numbers["difference_upper"] < 0]
    return (
        np.select(conditions, ["higher", "lower"], default="similar"),
        np.select(
            conditions, ["interval_above_zero", "interval_below_zero"], default="interval_includes_zero"
        ),
    )
