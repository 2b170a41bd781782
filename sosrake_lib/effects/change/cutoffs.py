"""Cut-offs between the scores of people in treatment and of people at large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosrake_lib.errors import SosrakeError


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Cut-offs of Jacobson & Truax; NaN where what one needs was not given.

    Attributes
    ----------
    a : two deviations beyond the mean of the clinical group, towards better.
    b : within two deviations of the mean of people at large.
    c : where a score is as likely in either group (weighted midway); preferred where the two overlap.
    """

    a: float
    b: float
    c: float


def clinical_cutoffs(
    *,
    mean_clinical: float | None = None,
    sd_clinical: float | None = None,
    mean_functional: float | None = None,
    sd_functional: float | None = None,
    higher_is_better: bool,
) -> Cutoffs:
    """Cut between a clinical and a functional group of a clinical instrument.

    Formula: a = M_c ± 2 s_c, b = M_f ∓ 2 s_f (upper sign where higher is better),
    c = (s_c M_f + s_f M_c) / (s_c + s_f). Source: Jacobson & Truax (1991), doi 10.1037/0022-006X.59.1.12.
    Of an instrument that is not clinical there is no cut-off and no "recovered".

    Raises
    ------
    SosrakeError when neither group is given whole, a deviation is not positive, or the functional mean is
    on the worse side of the clinical one.

    Examples
    --------
    >>> clinical_cutoffs(
    ...     mean_clinical=40, sd_clinical=7.5, mean_functional=60, sd_functional=7.5, higher_is_better=True
    ... )
    Cutoffs(a=55.0, b=45.0, c=50.0)
    """
    groups = {
        "clinical": (_number(mean_clinical), _number(sd_clinical)),
        "functional": (_number(mean_functional), _number(sd_functional)),
    }
    whole = [name for name, given in groups.items() if np.isfinite(given).all()]
    if not whole:
        raise SosrakeError(
            "clinical_cutoffs: mean and deviation of neither group are given; give at least one group whole"
        )
    for name, (_, sd) in groups.items():
        if sd <= 0:
            raise SosrakeError(f"clinical_cutoffs: sd_{name} {sd:g}; expected above 0")
    (mean_c, sd_c), (mean_f, sd_f) = groups.values()
    better = 1 if higher_is_better else -1
    if better * (mean_f - mean_c) <= 0:
        raise SosrakeError(
            f"clinical_cutoffs: functional mean {mean_f:g} is not better than clinical mean {mean_c:g} when "
            f"higher_is_better is {higher_is_better}; check the direction or the groups"
        )
    between = (sd_c * mean_f + sd_f * mean_c) / (sd_c + sd_f)
    return Cutoffs(a=mean_c + better * 2 * sd_c, b=mean_f - better * 2 * sd_f, c=between)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
