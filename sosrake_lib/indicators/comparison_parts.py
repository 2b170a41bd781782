"""Compare groups, years of start or areas with the whole they are parts of: higher, similar or lower."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import intervals


def parts_against_whole(
    parts: pd.DataFrame, whole: pd.DataFrame, confidence: float = 0.95, adjust: str = "bonferroni"
) -> pd.DataFrame:
    """Compare the share of each part with that of the whole, whatever dimension the parts are of.

    `comparison.against` compares areas; here the parts may be groups or years of start of the same area.

    Parameters
    ----------
    parts : analysed proportions (`rates.proportion`) with numerator and denominator; people in several parts
        are no matter, but each part's people are in the whole.
    whole : one such row.
    confidence : two-sided; adjust : "none", or "bonferroni": 1 - (1 - confidence)/m with m tests.

    Formula: part minus whole = (1 - w)(part - rest), w the part's share of the whole's people; limits of part
    - rest by Newcombe's hybrid score interval.
    Source: doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.

    Returns
    -------
    The rows of `parts` with `difference, difference_lower, difference_upper` (part minus whole, units of
    `per`), `difference_method`, `difference_confidence`, `reference_value`, `verdict` (higher, similar,
    lower, not_testable) and `reason`, as `comparison.against`. A part without a value, or that is the whole,
    is not_testable.

    Raises
    ------
    FrameError when `whole` is not one row, or a part has more people or cases than the whole.

    Examples
    --------
    >>> from sosrake_lib.indicators import rates
    >>> rows = pd.DataFrame({"indicator": "a", "region_level": "hva", "region_code": "E1", "borders": 2026,
    ...     "period": "2025", "group": ["all", "x"], "value": [60.0, 40.0], "per": 100,
    ...     "numerator": [120, 32], "denominator": [200, 80], "status": "ok", "origin": "synthetic"})
    >>> made = rates.proportion(rows)
    >>> found = parts_against_whole(made.loc[made["group"] == "x"], made.loc[made["group"] == "all"])
    >>> print(found[["difference", "verdict"]].round(1).to_string(index=False))
     difference verdict
          -20.0   lower
    """
    where = "parts_against_whole"
    if adjust not in ("none", "bonferroni"):
        raise FrameError(f"{where}: adjust {adjust!r}; expected none or bonferroni")
    rows, one = frames.check(parts, file=where), frames.check(whole, file=where)
    if len(one) != 1:
        raise FrameError(f"{where}: {len(one)} rows of the whole; expected one; select it")
    x, n = (rows[column].to_numpy(dtype="float64") for column in ("numerator", "denominator"))
    whole_x, whole_n = (float(one[column].iloc[0]) for column in ("numerator", "denominator"))
    rest_x, rest_n = whole_x - x, whole_n - n
    if (rest_x < 0).any() or (rest_n < 0).any() or (rest_x > rest_n).any():
        raise FrameError(
            f"{where}: a part has more people or cases than the whole; they are not of one count"
        )
    able = (
        (rows["status"] == "ok").to_numpy() & np.isfinite(n) & (n > 0) & (rest_n > 0) & np.isfinite(whole_x)
    )
    tests = max(int(able.sum()), 1) if adjust == "bonferroni" else 1
    level = 1 - (1 - confidence) / tests
    found = {
        name: np.full(len(rows), np.nan) for name in ("difference", "difference_lower", "difference_upper")
    }
    if able.any():
        limits = intervals.newcombe(x[able], n[able], rest_x[able], rest_n[able], level)
        scale = rows["per"].to_numpy()[able] * (1 - n[able] / whole_n)
        found["difference"][able] = scale * (x[able] / n[able] - rest_x[able] / rest_n[able])
        found["difference_lower"][able] = scale * limits.lower
        found["difference_upper"][able] = scale * limits.upper
    return rows.assign(**found, **_judged(found, able, level, one))


def _judged(
    found: dict[str, np.ndarray], able: np.ndarray, level: float, one: pd.DataFrame
) -> dict[str, object]:
    above, below = found["difference_lower"] > 0, found["difference_upper"] < 0
    reasons = [~able, above, below]
    return {
        "difference_method": np.where(able, "newcombe", ""),
        "difference_confidence": np.where(able, level, np.nan),
        "reference_value": np.where(able, float(one["value"].iloc[0]), np.nan),
        "verdict": np.select(reasons, ["not_testable", "higher", "lower"], "similar"),
        "reason": np.select(
            reasons, ["value_absent", "interval_above_zero", "interval_below_zero"], "interval_includes_zero"
        ),
    }
