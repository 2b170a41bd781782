"""How many times as high is an area as a larger area? Ratios of rates and of proportions, with intervals.

As in `comparison.against`, an area that is part of its reference is tested against the *rest* of it. The
ratio that is told is area over the whole reference. With r the ratio to the rest and w the area's share of
the reference's denominator it is r / (1 - w + w r): exact, rising in r and 1 where r is 1, so that limits and
p-value of the one are those of the other.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import ratios
from sosrake_lib.indicators.comparison_join import (
    analysed_rows,
    joined_rows,
    levels,
    one_reference,
    untestable,
)
from sosrake_lib.indicators.row_checks import per_units

RATE_METHODS = {
    "exact": "rate_ratio_exact",
    "mid_p": "rate_ratio_mid_p",
    "log_normal": "rate_ratio_log_normal",
}
_COUNTS = ("numerator", "denominator", "reference_numerator", "reference_denominator")
PROPORTION_METHODS = {"score": "risk_ratio_score", "log_normal": "risk_ratio_log_normal"}


def ratio(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    confidence: float | None = 0.95,
    *,
    rate_method: str = "exact",
    proportion_method: str = "score",
    part_of_reference: bool = True,
    adjust: str = "none",
) -> pd.DataFrame:
    """Divide each row by the reference row of the same indicator, period, sex, age and group.

    Parameters
    ----------
    frame, reference, part_of_reference, adjust : as in `comparison.against`.
    confidence : two-sided level of the ratio's interval; None takes each row's own `confidence`, so that a
        frame analysed at 95 and 99.8 % is compared at both.
    rate_method : for rates, "exact", "mid_p" or "log_normal" (`ratios.rate_ratio`).
    proportion_method : for proportions, "score" or "log_normal" (`ratios.risk_ratio`).

    Returns
    -------
    The rows of `frame` with `reference_level, reference_code, reference_value, ratio, ratio_lower,
    ratio_upper` (area over reference, no unit), `ratio_p_value` (of the ratio 1; not adjusted),
    `ratio_method` (rate_ratio_exact, ..., or empty), `ratio_confidence`, `ratio_verdict` (higher, similar,
    lower, not_testable) and `ratio_reason` (interval_above_one, interval_includes_one, interval_below_one,
    no_limits, or why nothing could be tested, as in `comparison.REASONS`). Means, indexes, counts, rates of
    repeat events and rows without denominators have a plain ratio of values, no interval and no verdict.

    Raises
    ------
    FrameError when the frame is not analysed, the reference has several areas for one key, the scale (`per`)
    of the two differs, a method is not known, or invented (synthetic) figures meet real ones.

    Sources: see `ratios`; compared with R stats::poisson.test, statsmodels and scipy.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators import rates
    >>> source = pd.DataFrame({"indicator": "ilmoitukset", "region_level": "kunta",
    ...     "region_code": ["046", "297"], "borders": 2026, "period": "2019", "value": [13.75, 5.54],
    ...     "per": 1000, "numerator": [11, 6], "denominator": [800, 1083], "status": "ok", "origin": "own"})
    >>> found = ratio(rates.rate(source.iloc[:1]), source.iloc[1:], part_of_reference=False)
    >>> shown = ["ratio", "ratio_lower", "ratio_upper", "ratio_p_value", "ratio_verdict"]
    >>> print(found[shown].round(3).to_string(index=False))
     ratio  ratio_lower  ratio_upper  ratio_p_value ratio_verdict
     2.482        0.841        8.173          0.085       similar
    """
    _known(rate_method, RATE_METHODS, "rate_method")
    _known(proportion_method, PROPORTION_METHODS, "proportion_method")
    rows = analysed_rows(frame, "ratio")
    joined = joined_rows(rows, one_reference(reference, "ratio"), "ratio")
    reason = untestable(joined, part_of_reference)
    testable = reason == ""
    level = levels(rows, testable, confidence, adjust, "ratio")
    numbers = _ratios(joined, testable, level, part_of_reference, (rate_method, proportion_method))
    result = rows.copy()
    for column in ("reference_level", "reference_code", "reference_value"):
        result[column] = joined[column].to_numpy()
    for column in numbers:
        result[column] = numbers[column].to_numpy()
    verdict, why = _verdicts(numbers)
    result["ratio_verdict"] = np.where(testable, verdict, "not_testable")
    result["ratio_reason"] = np.where(testable, why, reason)
    return result


def _known(method: str, known: dict[str, str], option: str) -> None:
    if method not in known:
        raise FrameError(f"comparison.ratio: {option} {method!r}; expected one of {', '.join(known)}")


def _ratios(
    joined: pd.DataFrame,
    testable: pd.Series,
    level: NDArray[np.float64],
    part: bool,
    methods: tuple[str, str],
) -> pd.DataFrame:
    found = {name: np.full(len(joined), np.nan) for name in ("ratio", "lower", "upper", "p_value")}
    found["ratio"] = per_units(joined["value"], joined["reference_value"])
    used = np.full(len(joined), "", dtype=object)
    rate_method, proportion_method = methods
    for statistic, kernel, method, named in (
        ("rate", ratios.rate_ratio, rate_method, RATE_METHODS),
        ("proportion", ratios.risk_ratio, proportion_method, PROPORTION_METHODS),
    ):
        chosen = (testable & (joined["statistic"] == statistic)).to_numpy()
        if not chosen.any():
            continue
        x, n, other_x, other_n = (joined[column].to_numpy()[chosen] for column in _COUNTS)
        share = n / other_n if part else np.zeros(len(n))
        rest_x, rest_n = (other_x - x, other_n - n) if part else (other_x, other_n)
        to_rest = kernel(x, n, rest_x, rest_n, level[chosen], method)
        for name in ("ratio", "lower", "upper"):
            found[name][chosen] = _to_whole(getattr(to_rest, name), share)
        found["p_value"][chosen] = to_rest.p_value
        used[chosen] = named[method]
    columns = {"ratio" if name == "ratio" else f"ratio_{name}": values for name, values in found.items()}
    sure = np.where(testable, level, np.nan)
    return pd.DataFrame({**columns, "ratio_method": pd.array(used, dtype="str"), "ratio_confidence": sure})


def _to_whole(to_rest: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn a ratio to the rest into the ratio to the whole; an infinite one becomes 1 / share."""
    endless = np.isinf(to_rest)
    finite = np.where(endless, 1.0, to_rest)
    with np.errstate(divide="ignore"):
        return np.where(endless, 1 / share, finite / (1 - share + share * finite))


def _verdicts(numbers: pd.DataFrame) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    conditions = [
        numbers["ratio_lower"].isna() | numbers["ratio_upper"].isna(),
        numbers["ratio_lower"] > 1,
        numbers["ratio_upper"] < 1,
    ]
    reasons = ["no_limits", "interval_above_one", "interval_below_one"]
    return (
        np.select(conditions, ["not_testable", "higher", "lower"], default="similar"),
        np.select(conditions, reasons, default="interval_includes_one"),
    )
