"""Is an area higher, similar or lower than a larger area? Differences with intervals and a verdict.

An area is part of its county and of the country, so the two are not independent: the area is tested against
the *rest* of the reference. The difference that is told, area minus the whole reference, is that difference
times (1 - w), w = the area's share of the reference's denominator; this identity is exact and keeps the sign.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import intervals
from sosrake_lib.indicators.rates import per_units

JOIN = ("indicator", "period", "sex", "age", "group")
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
ADJUSTMENTS = ("none", "bonferroni")
_TESTS = {"proportion": "newcombe", "rate": "mover_poisson"}
_REFERENCE = ("region_level", "region_code", "value", "per", "numerator", "denominator", "status")


def against(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    confidence: float = 0.95,
    *,
    part_of_reference: bool = True,
    adjust: str = "none",
) -> pd.DataFrame:
    """Compare each row with the reference row of the same indicator, period, sex, age and group.

    Parameters
    ----------
    frame : analysed frame (`rates.analyse`); its `statistic` decides the test.
    reference : source or analysed frame with one area per indicator, period, sex, age and group,
        such as the rows of ("maa", "SSS").
    confidence : two-sided level of the difference's interval.
    part_of_reference : True when the areas are counted in the reference too (a municipality and the
        country); False for two separate areas.
    adjust : "none", or "bonferroni": with m tests in this call each interval gets the level
        1 - (1 - confidence) / m, so that the chance of *any* false verdict stays below 1 - confidence.
        Without it about one in twenty areas that do not differ is called higher or lower.

    Returns
    -------
    The rows of `frame` with `reference_level, reference_code, reference_value, difference,
    difference_lower, difference_upper` (area minus reference, in units of `per`), `difference_method`
    (newcombe, mover_poisson, or empty), `difference_confidence`, `verdict` (higher, similar, lower,
    not_testable) and `reason` (one of REASONS). Proportions: Newcombe's hybrid score interval; rates: the
    same construction on exact and Byar limits. Means, indexes and counts are not_testable, and so is a row
    without denominators: their difference is given without an interval or a verdict. A row without a
    reference has no difference.

    Raises
    ------
    FrameError when the frame is not analysed, the reference has several areas for one key, or the scale
    (`per`) of the two differs.

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
    if not frames.is_analysed(frame):
        raise FrameError(
            "comparison.against: the frame lacks statistic, method, confidence; run rates.analyse first"
        )
    if adjust not in ADJUSTMENTS:
        raise FrameError(f"comparison.against: adjust {adjust!r}; expected one of {', '.join(ADJUSTMENTS)}")
    rows = frames.check(frame, file="comparison.against, frame")
    joined = _joined(rows, _one_reference(reference))
    reason = _untestable(joined, part_of_reference)
    testable = reason == ""
    level = _level(rows, testable, confidence, adjust)
    numbers = _differences(joined, testable, level, part_of_reference)
    result = rows.copy()
    for column in ("reference_level", "reference_code", "reference_value"):
        result[column] = joined[column].to_numpy()
    for column in numbers:
        result[column] = numbers[column].to_numpy()
    verdict, why = _verdicts(numbers)
    result["verdict"] = np.where(testable, verdict, "not_testable")
    result["reason"] = np.where(testable, why, reason)
    return result


def _one_reference(reference: pd.DataFrame) -> pd.DataFrame:
    checked = frames.check(reference, file="comparison.against, reference")
    # Several confidences repeat the same figures; the comparison has a level of its own.
    distinct = checked.drop_duplicates(subset=list(frames.KEY))
    twice = distinct.duplicated(subset=list(JOIN))
    if twice.any():
        row = distinct.loc[twice].iloc[0]
        raise FrameError(
            f"comparison.against: the reference has several areas for {row['indicator']} {row['period']} "
            f"(one is {row['region_level']} {row['region_code']}); give one area, such as the country"
        )
    renamed = {column: "reference_" + column.removeprefix("region_") for column in _REFERENCE}
    return distinct[[*JOIN, *_REFERENCE]].rename(columns=renamed)


def _joined(rows: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    # The caller's frame may already be compared with something else; only our own columns are joined.
    base = rows[[*frames.KEY, *frames.VALUES, "statistic"]]
    joined = base.merge(reference, on=list(JOIN), how="left", validate="many_to_one")
    for column in ("reference_level", "reference_code", "reference_status"):
        joined[column] = joined[column].astype("str").where(joined[column].notna(), "")
    other = (joined["reference_level"] != "") & (joined["per"] != joined["reference_per"])
    if other.any():
        row = joined.loc[other].iloc[0]
        raise FrameError(
            f"comparison.against: {row['indicator']} {row['region_level']} {row['region_code']} is per "
            f"{row['per']:g} but its reference per {row['reference_per']:g}; use one scale"
        )
    return joined


def _untestable(joined: pd.DataFrame, part: bool) -> pd.Series:
    """Say per row why no test is possible; empty where one is."""
    counts = ["numerator", "denominator", "reference_numerator", "reference_denominator"]
    lacking = joined[counts].isna().any(axis=1) | (joined[["denominator", "reference_denominator"]] <= 0).any(
        axis=1
    )
    rest_numerator = joined["reference_numerator"] - joined["numerator"]
    rest_denominator = joined["reference_denominator"] - joined["denominator"]
    impossible = (rest_denominator <= 0) | (rest_numerator < 0)
    impossible |= (joined["statistic"] == "proportion") & (rest_numerator > rest_denominator)
    same = (joined["reference_level"] == joined["region_level"]) & (
        joined["reference_code"] == joined["region_code"]
    )
    conditions = [
        joined["status"] != "ok",
        joined["reference_level"] == "",
        joined["reference_status"] != "ok",
        same,
        ~joined["statistic"].isin(list(_TESTS)),
        lacking,
        impossible & part,
    ]
    reasons = [
        "value_absent",
        "no_reference",
        "reference_absent",
        "same_area",
        "statistic_without_test",
        "no_denominator",
        "not_nested",
    ]
    return pd.Series(np.select(conditions, reasons, default=""), index=joined.index)


def _level(rows: pd.DataFrame, testable: pd.Series, confidence: float, adjust: str) -> float:
    if not 0 < confidence < 1:
        raise FrameError(f"comparison.against: confidence {confidence!r}; expected a share such as 0.95")
    if adjust == "none":
        return float(confidence)
    tests = len(rows.loc[testable.to_numpy()].drop_duplicates(subset=list(frames.KEY)))
    return 1 - (1 - confidence) / max(tests, 1)


def _differences(joined: pd.DataFrame, testable: pd.Series, level: float, part: bool) -> pd.DataFrame:
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
        limits = _limits(statistic, x, n, rest_x, rest_n, level)
        scale = rows["per"].to_numpy() * (1 - share)
        found.loc[chosen, "difference"] = scale * (per_units(x, n) - per_units(rest_x, rest_n))
        found.loc[chosen, "difference_lower"] = scale * limits.lower
        found.loc[chosen, "difference_upper"] = scale * limits.upper
        found.loc[chosen, "difference_method"] = method
    return found


def _limits(
    statistic: str, x: np.ndarray, n: np.ndarray, rest_x: np.ndarray, rest_n: np.ndarray, level: float
) -> intervals.Interval:
    if statistic == "proportion":
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
