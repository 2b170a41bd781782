"""Reliable change: whether a person's change is larger than error of measurement alone would give.

Six definitions of the same question. They differ in what a person would score without any change (the score
itself, or the score drawn towards the mean) and in which error is expected around that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from sosrake_lib.effects.change.columns import Floats
from sosrake_lib.errors import SosrakeError


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of the measure and the people it was used on; what a method does not need may be None.

    Attributes
    ----------
    reliability : of the measure before (and after, where `reliability_after` is None), between 0 and 1.
        Over time the test-retest reliability is meant; internal consistency stands in for it when it is all
        there is, and then the index is too large.
    sd_before, mean_before, sd_after, mean_after : of the people, or of a norm group.
    correlation : between before and after.
    """

    reliability: float
    sd_before: float
    mean_before: float | None = None
    sd_after: float | None = None
    mean_after: float | None = None
    reliability_after: float | None = None
    correlation: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ReliableChange:
    """Index of change by one method.

    Attributes
    ----------
    index : change in standard errors; beyond ±critical the change is called reliable.
    expected : score after that would mean no change at all (index 0).
    standard_error : of the score after around `expected`, in points.
    critical : the method's own limit of the index.
    method : key of the method.
    """

    index: Floats
    expected: Floats
    standard_error: float
    critical: float
    method: str


@dataclass(frozen=True, slots=True)
class _Definition:
    needs: tuple[str, ...]
    compute: Callable[[Floats, Measured], tuple[Floats, float]]
    critical: float = 1.96


def _true_score(before: Floats, known: Measured) -> Floats:
    """Draw a score towards the mean as far as the measure is unreliable (Kelley 1927)."""
    mean = np.float64(known.mean_before)
    return mean + known.reliability * (before - mean)


def _jacobson_truax(before: Floats, known: Measured) -> tuple[Floats, float]:
    return before, known.sd_before * np.sqrt(2 * (1 - known.reliability))


def _gulliksen_lord_novick(before: Floats, known: Measured) -> tuple[Floats, float]:
    return _true_score(before, known), known.sd_before * np.sqrt(1 - known.reliability**2)


def _hsu_linn_nord(before: Floats, known: Measured) -> tuple[Floats, float]:
    expected = np.float64(known.mean_after) + known.reliability * (before - np.float64(known.mean_before))
    return expected, float(np.float64(known.sd_after) * np.sqrt(1 - known.reliability**2))


def _edwards_nunnally(before: Floats, known: Measured) -> tuple[Floats, float]:
    return _true_score(before, known), known.sd_before * np.sqrt(1 - known.reliability)


def _nunnally_kotsch(before: Floats, known: Measured) -> tuple[Floats, float]:
    of_before = (known.sd_before * known.reliability) ** 2 * (1 - known.reliability)
    after = known.reliability if known.reliability_after is None else known.reliability_after
    of_after = np.float64(known.sd_after) ** 2 * (1 - after)
    return _true_score(before, known), float(np.sqrt(of_before + of_after))


def _hageman_arrindell(before: Floats, known: Measured) -> tuple[Floats, float]:
    error = known.sd_before * np.sqrt(2 * (1 - known.reliability))
    of_change = difference_reliability(known)
    if not of_change > 0:
        raise SosrakeError(
            f"reliable_change_index: reliability of the differences is {of_change:.3g}; it must be above 0 "
            "for hageman_arrindell: measurements that correlate as strongly as the measure is reliable hold "
            "no change to find. Use jacobson_truax or check reliability and correlation"
        )
    shift = (np.float64(known.mean_after) - np.float64(known.mean_before)) * (1 - of_change) / of_change
    return before - shift, float(error / np.sqrt(of_change))


def difference_reliability(known: Measured) -> float:
    """Reliability of differences: the share of their variance that is not error.

    Formula: (s₁²r₁ + s₂²r₂ - 2 s₁s₂r₁₂) / (s₁² + s₂² - 2 s₁s₂r₁₂). Without a reliability after, the error of
    measurement is taken to be as large as before: s₂²(1 - r₂) = s₁²(1 - r₁).

    Examples
    --------
    >>> known = Measured(0.8, 10.0, sd_after=10.0, correlation=0.5)
    >>> print(round(difference_reliability(known), 3))
    0.6
    """
    first, second = known.sd_before, np.float64(known.sd_after)
    after = known.reliability_after
    errors = first**2 * (1 - known.reliability)
    errors += errors if after is None else second**2 * (1 - after)
    variance = first**2 + second**2 - 2 * first * second * np.float64(known.correlation)
    return float((variance - errors) / variance) if variance > 0 else 0.0


METHODS = MappingProxyType(
    {
        "jacobson_truax": _Definition((), _jacobson_truax),
        "gulliksen_lord_novick": _Definition(("mean_before",), _gulliksen_lord_novick),
        "hsu_linn_nord": _Definition(("mean_before", "mean_after", "sd_after"), _hsu_linn_nord),
        "edwards_nunnally": _Definition(("mean_before",), _edwards_nunnally),
        "nunnally_kotsch": _Definition(("mean_before", "sd_after"), _nunnally_kotsch),
        "hageman_arrindell": _Definition(
            ("mean_before", "mean_after", "sd_after", "correlation"), _hageman_arrindell, 1.65
        ),
    }
)


def reliable_change_index(
    before: ArrayLike, after: ArrayLike, known: Measured, method: str = "jacobson_truax"
) -> ReliableChange:
    """Count a change in standard errors of measurement.

    Parameters
    ----------
    before, after : scores, in the same order of people; NaN gives NaN.
    known : the measure and the people, see Measured.
    method : with r the reliability, s₁ and s₂ the deviations, M₁ and M₂ the means, x₁ and x₂ the scores:

        * jacobson_truax: (x₂ - x₁) / (s₁ √2 √(1 - r)); assumes no regression to the mean
        * gulliksen_lord_novick: (x₂ - T) / (s₁ √(1 - r²)), T = M₁ + r(x₁ - M₁); error of prediction
        * hsu_linn_nord: (x₂ - M₂ - r(x₁ - M₁)) / (s₂ √(1 - r²)); against how others changed
        * edwards_nunnally: (x₂ - T) / (s₁ √(1 - r)); error of measurement around the true score
        * nunnally_kotsch: (x₂ - T) / √(s₁²r²(1 - r) + s₂²(1 - r₂)); r₂ the reliability after
        * hageman_arrindell: ((x₂ - x₁)R + (M₂ - M₁)(1 - R)) / (√R s₁ √2 √(1 - r)), R the reliability of
          differences (difference_reliability); critical 1.65 as its authors, the others 1.96

    Returns
    -------
    ReliableChange; scores higher than before give a positive index, whichever direction is wanted.

    Raises
    ------
    SosrakeError when the method is unknown, reliability is not between 0 and 1, a deviation is not positive
    or what the method needs is not given.

    Compared with Jacobson & Truax (1991) and with R clinicalsignificance (tests/reference/outcomes.csv).
    Source: Jacobson & Truax (1991), doi 10.1037/0022-006X.59.1.12; Hsu (1989), Behavioral Assessment 11;
    Speer (1992), doi 10.1037/0022-006X.60.3.402; Nunnally & Kotsch (1983),
    British Journal of Clinical Psychology 22, 83-93; Hageman & Arrindell (1999),
    doi 10.1016/S0005-7967(99)00032-7;
    compared by Bauer, Lambert & Nielsen (2004), doi 10.1207/s15327752jpa8201_11.

    Examples
    --------
    >>> found = reliable_change_index([32.5], [47.5], Measured(reliability=0.8, sd_before=7.5))
    >>> print(found.index.round(2), round(float(found.standard_error), 2))
    [3.16] 4.74
    """
    definition = METHODS.get(method)
    if definition is None:
        raise SosrakeError(f"reliable_change_index: method {method!r}; expected one of {', '.join(METHODS)}")
    _check(known, definition.needs, method)
    first, second = (np.asarray(scores, dtype="float64") for scores in (before, after))
    expected, error = definition.compute(first, known)
    return ReliableChange((second - expected) / error, expected, float(error), definition.critical, method)


def measurement_error(sd: float, reliability: float) -> float:
    """Standard error of measurement: s √(1 - r).

    Examples
    --------
    >>> print(round(measurement_error(7.5, 0.8), 2))
    3.35
    """
    return float(sd * np.sqrt(1 - reliability))


def _check(known: Measured, needs: tuple[str, ...], method: str) -> None:
    where = f"reliable_change_index: method {method}"
    for name in needs:
        if getattr(known, name) is None:
            raise SosrakeError(f"{where} needs {name}; give it or use jacobson_truax")
    for name in ("reliability", "reliability_after"):
        value = getattr(known, name)
        if value is not None and not 0 < value < 1:
            raise SosrakeError(f"{where}: {name} {value!r}; expected a number between 0 and 1")
    for name in ("sd_before", "sd_after"):
        value = getattr(known, name)
        if value is not None and not (np.isfinite(value) and value > 0):
            raise SosrakeError(
                f"{where}: {name} {value!r}; expected above 0: scores without variation say nothing of change"
            )
    if known.correlation is not None and not -1 <= known.correlation <= 1:
        raise SosrakeError(f"{where}: correlation {known.correlation!r}; expected between -1 and 1")
