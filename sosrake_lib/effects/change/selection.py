"""Regression to the mean: the change to expect of people chosen by their score, without any service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from sosrake_lib.effects.change.columns import Floats, need_columns, need_share, numbers
from sosrake_lib.effects.change.intervals import t_half_width
from sosrake_lib.errors import FrameError, SosrakeError


@dataclass(frozen=True, slots=True, eq=False)
class RegressionToMean:
    """Change that the choice of people alone brings about, beside the change observed.

    Attributes
    ----------
    expected_change : from reliability alone, in points.
    observed_change, lower, upper : mean change of the people with both measurements and its t interval.
    beyond, beyond_lower, beyond_upper : observed - expected, the part left to explain.
    chosen_mean, population_mean, reliability : what the expectation rests on.
    people : with both measurements.
    verdict : "expected_from_choice" when the interval of `beyond` holds 0, else "more_than_expected" (the
        observed change goes further the same way) or "less_than_expected".
    table : the expectation over reliabilities 0.5 to 0.95: `reliability, expected_change, beyond`.
    caveats : text keys a reader must be told.
    """

    expected_change: float
    observed_change: float
    lower: float
    upper: float
    beyond: float
    beyond_lower: float
    beyond_upper: float
    chosen_mean: float
    population_mean: float
    reliability: float
    people: int
    verdict: str
    table: pd.DataFrame
    caveats: tuple[str, ...]


def regression_to_the_mean(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    reliability: float,
    population_mean: float,
    confidence: float = 0.95,
) -> RegressionToMean:
    """Set the observed change beside the one expected because people were chosen by their first score.

    Parameters
    ----------
    data : the people chosen, one row each, NaN = not measured.
    reliability : test-retest reliability among everyone the choice was made from.
    population_mean : mean first score of everyone the choice was made from (all applicants, a norm group).

    Formula: (1 - r)(M - m), M the population mean, m the mean first score of the chosen; any selection on
    the first score alone under a linear regression towards the mean. Source: Barnett, van der Pols & Dobson
    (2005), doi 10.1093/ije/dyh299.

    Raises
    ------
    FrameError with fewer than three pairs; SosrakeError for a reliability outside 0 to 1.

    Examples
    --------
    >>> data = pd.DataFrame({"before": [30.0, 34, 32, 36], "after": [33.0, 38, 36, 37]})
    >>> found = regression_to_the_mean(
    ...     data, before="before", after="after", reliability=0.8, population_mean=48
    ... )
    >>> print(round(found.expected_change, 2), found.observed_change, found.verdict)
    3.0 3.0 expected_from_choice
    """
    where = "regression_to_the_mean"
    need_columns(data, [before, after], where)
    need_share(confidence, "confidence", where)
    need_share(reliability, "reliability", where)
    if not np.isfinite(population_mean):
        raise SosrakeError(f"{where}: population_mean {population_mean!r}; expected a score of the measure")
    first, second = (numbers(data, column, where) for column in (before, after))
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < 3:
        raise FrameError(f"{where}: {int(both.sum())} people have both measurements; expected three or more")
    return _beside(first[both], second[both], reliability, float(population_mean), confidence)


def _beside(
    first: Floats, second: Floats, reliability: float, population: float, confidence: float
) -> RegressionToMean:
    chosen, size = float(first.mean()), len(first)
    expected = (1 - reliability) * (population - chosen)
    change = second - first
    observed = float(change.mean())
    half = float(t_half_width(change.std(ddof=1) / np.sqrt(size), size - 1, confidence))
    # The expectation holds person by person, which also narrows what is left to explain.
    own = second - (first + (1 - reliability) * (population - first))
    beyond = float(own.mean())
    own_half = float(t_half_width(own.std(ddof=1) / np.sqrt(size), size - 1, confidence))
    tried = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
    changes = (1 - tried) * (population - chosen)
    return RegressionToMean(
        expected_change=expected,
        observed_change=observed,
        lower=observed - half,
        upper=observed + half,
        beyond=beyond,
        beyond_lower=beyond - own_half,
        beyond_upper=beyond + own_half,
        chosen_mean=chosen,
        population_mean=population,
        reliability=reliability,
        people=size,
        verdict=_verdict(beyond, own_half, expected),
        table=pd.DataFrame({"reliability": tried, "expected_change": changes, "beyond": observed - changes}),
        caveats=("regression_to_the_mean", "no_comparison_group", "population_mean_is_an_assumption"),
    )


def _verdict(beyond: float, half: float, expected: float) -> str:
    if abs(beyond) <= half:
        return "expected_from_choice"
    return "more_than_expected" if beyond * np.sign(expected or beyond) > 0 else "less_than_expected"


def chosen_below(cutoff: float, population_mean: float, population_sd: float, reliability: float) -> float:
    """Expected change of people chosen because they scored below a cut-off, from normal scores.

    Formula: (1 - r) s φ(z)/Φ(z), z = (cutoff - M)/s. For people chosen above, turn the signs of cut-off and
    mean and of the result.

    Examples
    --------
    >>> print(round(chosen_below(40, 50, 10, 0.8), 2))
    3.05
    """
    need_share(reliability, "reliability", "chosen_below")
    if not population_sd > 0:
        raise SosrakeError(f"chosen_below: population_sd {population_sd!r}; expected above 0")
    z = (cutoff - population_mean) / population_sd
    # Through logarithms: far below the mean both density and share underflow.
    hazard = np.exp(-(z**2) / 2 - np.log(2 * np.pi) / 2 - special.log_ndtr(z))
    return float((1 - reliability) * population_sd * hazard)
