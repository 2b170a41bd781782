"""Indirect standardisation: an area's events beside those expected at a reference's rates by age."""

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
from sosrake_lib.indicators.rates import per_units
from sosrake_lib.indicators.standardise_results import Figures, analysed, checked_per
from sosrake_lib.indicators.strata import Strata, collect
from sosrake_lib.indicators.strata_join import reference_beside

Floats = NDArray[np.float64]
METHODS = ("byar", "exact", "log_normal")


@dataclass(frozen=True, slots=True, eq=False)
class _Expected:
    """An area's events beside those expected; `crude` is the reference's own rate."""

    strata: Strata
    observed: Floats
    expected: Floats
    crude: Floats
    reason: NDArray[np.str_]


def indirect_ratio(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    by: Sequence[str] | None = None,
    confidence: Iterable[float] | float = (0.95,),
    per: float = 1,
    missing_counts: str = "missing",
    observed: str | None = None,
    method: str = "byar",
    exact_below: float = 10,
) -> pd.DataFrame:
    """Compute indirectly standardised ratios (SMR): observed events over those expected by age.

    It answers whether an area has more events than its people's ages explain. Formula: sum(x) / sum(n r), x
    events among n people, r the reference's rate at that age. Each ratio compares its own area with the
    reference; two areas' ratios rest on different ages and are not to be compared with each other.

    Parameters
    ----------
    frame : indicator frame with one row an age, `numerator` events and `denominator` people.
    reference : rows of the reference by age (`age, numerator, denominator`), such as the country's; joined
        also by indicator, period, sex and group where it has these columns.
    by : key columns that make a group; left out, all but `age`. Without `sex`, and with sex in the
        reference, expected events are by age and sex.
    confidence : one or several two-sided levels.
    per : 1 (a ratio) or 100 (the reference is 100).
    missing_counts : "missing" or "zero", what an empty numerator means (see `direct`).
    observed : column that holds all the area's events on each of its rows, when they are not known by age;
        numerators are then not used.
    method : "byar" (exact below `exact_below` observed events), "exact" (Garwood throughout) or "log_normal"
        (ratio · exp(± z / sqrt(observed)), as R epitools; none without events).
    exact_below : observed events below which "byar" uses exact limits.

    Returns
    -------
    A new analysed frame, one row a group and confidence: `age` all, `value, lower, upper` in units of `per`,
    `numerator` observed and `denominator` expected events, `statistic` indirectly_standardised_ratio,
    `method` indirect_byar, indirect_exact or indirect_log_normal; beside them `population, reference_rate`
    (crude, per person), `ages_used, ages_expected, reason` (as `direct`; also nothing_expected). Ages
    without people add nothing.

    Raises
    ------
    FrameError as `direct`, and when the reference lacks people at an age or has several areas.

    Compared with PHEindicatormethods (tests/reference/standardisation.csv). Source: Breslow & Day (1987),
    Statistical methods in cancer research II, IARC.

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": "kuolleet", "region_level": "kunta", "region_code": "046",
    ...     "borders": 2026, "period": "2019", "age": ["0-64", "65-"], "numerator": [12, 60],
    ...     "denominator": [7_000, 1_500], "status": "ok", "origin": "synthetic"})
    >>> country = pd.DataFrame({"age": ["0-64", "65-"], "numerator": [8_000, 45_000],
    ...     "denominator": [4_300_000, 1_200_000]})
    >>> found = indirect_ratio(area, country)
    >>> print(found[["value", "lower", "upper", "denominator"]].round(2).to_string(index=False))
     value  lower  upper  denominator
      1.04   0.81   1.31        69.27
    """
    name = "standardise.indirect_ratio"
    levels = levels_of(confidence, name)
    checked_per(per, name)
    switch = _switch(method, exact_below, name)
    found = _expected(frame, reference, by, missing_counts, observed, name)
    figures = Figures(
        statistic="indirectly_standardised_ratio",
        method=_used(found.observed, method, switch),
        value=per * kernels.observed_ratio(found.observed, found.expected),
        numerator=found.observed,
        denominator=found.expected,
        reason=found.reason,
        extra=_extra(found),
    )

    def limits(level: float) -> Interval:
        return kernels.observed_ratio_limits(found.observed, found.expected, level, method, switch)

    return analysed(found.strata, figures, limits, levels, per, name)


def indirect_rate(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    by: Sequence[str] | None = None,
    confidence: Iterable[float] | float = (0.95,),
    per: float = 100_000,
    missing_counts: str = "missing",
    observed: str | None = None,
    method: str = "byar",
    exact_below: float = 10,
) -> pd.DataFrame:
    """Compute indirectly standardised rates: the ratio of `indirect_ratio` times the reference's crude rate.

    It answers the same question in the reference's units. Parameters, errors and columns as `indirect_ratio`;
    `per` scales the rate, `denominator` is the area's people, and beside them stand `expected` (events),
    `reference_value` (the reference's crude rate) and `crude_value`, in units of `per`; `statistic` is
    indirectly_standardised_rate. Compared with PHEindicatormethods.

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": "kuolleet", "region_level": "kunta", "region_code": "046",
    ...     "borders": 2026, "period": "2019", "age": ["0-64", "65-"], "numerator": [12, 60],
    ...     "denominator": [7_000, 1_500], "status": "ok", "origin": "synthetic"})
    >>> country = pd.DataFrame({"age": ["0-64", "65-"], "numerator": [8_000, 45_000],
    ...     "denominator": [4_300_000, 1_200_000]})
    >>> found = indirect_rate(area, country)
    >>> print(found[["value", "lower", "upper", "reference_value"]].round(1).to_string(index=False))
     value  lower  upper  reference_value
    1001.6  783.6 1261.3            963.6
    """
    name = "standardise.indirect_rate"
    levels = levels_of(confidence, name)
    checked_per(per, name)
    switch = _switch(method, exact_below, name)
    found = _expected(frame, reference, by, missing_counts, observed, name)
    shown, people = found.reason == "", found.strata.totals(found.strata.population)
    figures = Figures(
        statistic="indirectly_standardised_rate",
        method=_used(found.observed, method, switch),
        value=per * found.crude * kernels.observed_ratio(found.observed, found.expected),
        numerator=found.observed,
        denominator=people,
        reason=found.reason,
        extra={
            "expected": np.where(shown, found.expected, np.nan),
            "reference_value": per * found.crude,
            "crude_value": np.where(shown, per_units(found.observed, people, per), np.nan),
        },
    )

    def limits(level: float) -> Interval:
        ratio = kernels.observed_ratio_limits(found.observed, found.expected, level, method, switch)
        return Interval(found.crude * ratio.lower, found.crude * ratio.upper)

    return analysed(found.strata, figures, limits, levels, per, name)


def _expected(
    frame: pd.DataFrame,
    reference: pd.DataFrame,
    by: Sequence[str] | None,
    missing_counts: str,
    observed: str | None,
    name: str,
) -> _Expected:
    other = reference_beside(reference, by, missing_counts, name)
    source = frame
    if observed is not None:
        if observed not in frame:
            raise FrameError(f"{name}: column {observed} is missing; it should hold all events of the area")
        source = frame.assign(numerator=frame[observed])
    strata = collect(source, other.strata, by=by, function=name, missing_counts=missing_counts)
    family = other.family_of(strata.groups, "reference", name)
    events, people = other.values["numerator"], other.values["denominator"]
    expected = kernels.expected_counts(strata.population, events / people, family=family)
    total = strata.totals(strata.count)
    if observed is not None:
        total = _same_on_all_rows(strata, observed, name)
    # Nobody of an age means that nothing is expected of it; only direct rates cannot do without.
    reason = np.where(strata.reason == "zero_population", "", strata.reason)
    reason = np.where((reason == "") & (expected <= 0), "nothing_expected", reason)
    return _Expected(strata, total, expected, (events.sum(axis=1) / people.sum(axis=1))[family], reason)


def _same_on_all_rows(strata: Strata, observed: str, name: str) -> Floats:
    computable = strata.reason == ""
    if (computable[:, None] & (strata.count != strata.count[:, :1])).any():
        raise FrameError(
            f"{name}: column {observed} differs within a group; "
            "it should hold all the area's events on each of its rows"
        )
    return strata.count[:, 0]


def _switch(method: str, exact_below: float, name: str) -> float:
    if method not in METHODS:
        raise FrameError(f"{name}: method {method!r}; expected one of {', '.join(METHODS)}")
    return np.inf if method == "exact" else exact_below


def _used(observed: Floats, method: str, switch: float) -> NDArray[np.str_]:
    if method == "log_normal":
        return np.full(len(observed), "indirect_log_normal")
    return np.where(observed < switch, "indirect_exact", "indirect_byar")


def _extra(found: _Expected) -> dict[str, Floats]:
    return {"population": found.strata.totals(found.strata.population), "reference_rate": found.crude}
