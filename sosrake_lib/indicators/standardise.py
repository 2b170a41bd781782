"""Age-standardised rates: what an area's rate would be, were its people as old as a standard population.

Direct standardisation (here) weighs the area's own rates by age with a standard. Indirect standardisation
(`indirect_ratio`, `indirect_rate`) compares the area's events with those expected at a reference's rates: for
small areas, but two areas' ratios are not comparable with each other. `comparative_ratio` divides two
directly standardised rates. Standards: `catalogue.standard_populations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import catalogue
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import standardise_kernels as kernels
from sosrake_lib.indicators.age_groups import regroup_ages
from sosrake_lib.indicators.comparative import comparative_ratio
from sosrake_lib.indicators.event_frequencies import from_event_frequencies
from sosrake_lib.indicators.indirect import indirect_rate, indirect_ratio
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.intervals import Interval
from sosrake_lib.indicators.rates import per_units
from sosrake_lib.indicators.standardise_results import Figures, analysed, checked_per
from sosrake_lib.indicators.strata import Strata, collect
from sosrake_lib.indicators.strata_join import Beside, beside

__all__ = [
    "comparative_ratio",
    "direct",
    "from_event_frequencies",
    "indirect_rate",
    "indirect_ratio",
    "regroup_ages",
]

METHODS = ("dobson", "fay_feuer")
MIN_COUNT = 10


def direct(
    frame: pd.DataFrame,
    standard: pd.DataFrame | str,
    *,
    by: Sequence[str] | None = None,
    confidence: Iterable[float] | float = (0.95,),
    method: str = "dobson",
    min_count: float = MIN_COUNT,
    per: float = 100_000,
    missing_counts: str = "missing",
    count_variance: str | None = None,
    exact_below: float = 10,
) -> pd.DataFrame:
    """Compute directly standardised rates: the area's rates by age, weighed with a standard population.

    It answers how the areas compare when their people's ages are alike. Formula: sum(w x / n) / sum(w) over
    the ages, x events among n people (or person-years), w the standard.

    Parameters
    ----------
    frame : indicator frame with one row an age (column `age` as in the standard), `numerator` events and
        `denominator` people; `value` is not used. Leave rows of all ages together out.
    standard : DataFrame `age, weight`, or the key of a standard population in the catalogue ("esp2013"),
        which is then put together to the frame's ages. With a column `sex` it is joined by sex; leave `sex`
        out of `by` to standardise over both age and sex.
    by : key columns that make a group; left out, all but `age`.
    confidence : one or several two-sided levels; one row a level comes out.
    method : "dobson" (Byar's limits of the total count, scaled; the public-health standard) or "fay_feuer"
        (gamma, a little too wide rather than too narrow).
    min_count : with fewer events in all the rate is not given (reason `few_events`); 0 gives every rate.
    per : the rate is told per so many people.
    missing_counts : what an empty numerator means: "missing" (no figure for the group) or "zero" (no event
        was recorded in that age). Suppressed and unpublished rows are never taken for zero.
    count_variance : column with the variance of the numerator where the same person can have several events,
        "sum_of_squared_events" as `repeat_events.add_squares` or `from_event_frequencies` makes it; left out,
        events are independent and the variance is the numerator.
    exact_below : total count below which Dobson's method uses exact Poisson limits instead of Byar's.

    Returns
    -------
    A new analysed frame, one row a group and confidence: `age` all, `value, lower, upper` in units of `per`,
    `numerator` all events, `denominator` all people, `statistic` directly_standardised_rate, `method`; beside
    them `crude_value, standard_error, standard, ages_used, ages_expected` and `reason`. A group without a
    figure has status missing, and `reason` says why: part_not_published, age_absent, count_missing,
    population_missing, zero_population, few_events.

    Raises
    ------
    FrameError naming ages that only the frame or only the standard has, an age that stands twice, a negative
    or infinite count, columns that vary within a group, or synthetic rows among real ones.

    Compared with PHEindicatormethods (Dobson), R epitools (Fay-Feuer) and a plain loop
    (tests/reference/standardisation.csv). Sources: doi 10.1002/sim.4780100317,
    doi 10.1002/(SICI)1097-0258(19970415)16:7<791::AID-SIM500>3.0.CO;2-#.

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"indicator": "kuolleet", "region_level": "kunta", "region_code": "046",
    ...     "borders": 2026, "period": "2019", "age": ["0-14", "15-64", "65-"], "numerator": [2, 30, 160],
    ...     "denominator": [1_500, 6_000, 2_500], "status": "ok", "origin": "synthetic"})
    >>> found = direct(area, "esp2013")
    >>> print(found[["value", "lower", "upper", "crude_value"]].round(1).to_string(index=False))
     value  lower  upper  crude_value
    1591.8 1372.7 1835.7       1920.0
    """
    levels = levels_of(confidence, "standardise.direct")
    checked_per(per, "standardise.direct")
    if method not in METHODS:
        raise FrameError(f"standardise.direct: method {method!r}; expected one of {', '.join(METHODS)}")
    chosen = _standard(frame, standard)
    weights = beside(chosen, ["weight"], by, "standard", "standardise.direct")
    strata = collect(
        frame,
        weights.strata,
        by=by,
        function="standardise.direct",
        count_variance=count_variance,
        missing_counts=missing_counts,
    )
    sums = _sums(strata, weights)
    reason = np.where((strata.reason == "") & (sums.count < min_count), "few_events", strata.reason)
    exact = (sums.count < exact_below) & (method == "dobson")
    figures = Figures(
        statistic="directly_standardised_rate",
        method=np.where(exact, "dobson_exact", method),
        value=per * sums.rate,
        numerator=sums.count,
        denominator=sums.population,
        reason=reason,
        extra=_extra(sums, reason == "", per) | {"standard": _name_of(chosen)},
    )

    def limits(level: float) -> Interval:
        if method == "fay_feuer":
            return kernels.fay_feuer(sums, level)
        return kernels.dobson(sums, level, exact_below)

    return analysed(strata, figures, limits, levels, per, "standardise.direct")


def _extra(sums: kernels.DirectSums, shown: NDArray[np.bool_], per: float) -> dict[str, Any]:
    return {
        "crude_value": np.where(shown, per_units(sums.count, sums.population, per), np.nan),
        "standard_error": np.where(shown, per * np.sqrt(sums.variance), np.nan),
    }


def _sums(strata: Strata, weights: Beside) -> kernels.DirectSums:
    family = weights.family_of(strata.groups, "standard", "standardise.direct")
    return kernels.direct_sums(
        strata.count,
        strata.population,
        weights.values["weight"],
        variance=strata.variance,
        family=family,
    )


def _standard(frame: pd.DataFrame, standard: pd.DataFrame | str) -> pd.DataFrame:
    if not isinstance(standard, str):
        return standard
    if "age" not in frame:
        raise FrameError("standardise.direct: column age is missing; expected one row an age")
    return regroup_ages(catalogue.standard_population(standard), map(str, frame["age"].dropna().unique()))


def _name_of(standard: pd.DataFrame) -> str:
    names = standard["standard"].unique() if "standard" in standard else []
    return str(names[0]) if len(names) == 1 else "given"
