"""Change between two measurements of the same people, without a comparison group."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.errors import SosrakeError

# Shares and distances from which a reader is warned; conventions, not laws.
DROPOUT_DOUBTFUL = 0.2
OUTLIER_DEVIATIONS = 3.0
FEW_PAIRS = 20


def paired_change(
    before: ArrayLike, after: ArrayLike, *, unit: str, confidence: float = 0.95, source: str = ""
) -> Effect:
    """Measure the mean change of the same people from `before` to `after`.

    Parameters
    ----------
    before, after : values in the same order of people; pandas Series are joined by their index instead.
        Empty (NaN) = not measured; only people with both count, the others are reported as dropout.
    unit : what a value counts, such as "points".
    confidence : two-sided level of the t interval.
    source : where the measurements come from.

    Returns
    -------
    Effect with claim `muutos` (never an effect: nothing is compared), estimate = mean(after - before),
    t interval with n - 1 degrees of freedom, `details` (mean_before, mean_after, sd_change, dz with its
    interval from the noncentral t distribution), `sensitivity` (people without a second measurement taken as
    unchanged; the person who moves the mean most left out) and caveats.

    Formula: d̄ ± t(n - 1) · s / √n; dz = d̄ / s. Compared with R t.test and effectsize on Student's (1908)
    sleep data (tests/reference/effects.csv).

    Raises
    ------
    SosrakeError when the two differ in length, hold text, have fewer than three pairs or all changes equal.

    Examples
    --------
    >>> change = paired_change([18, 22, 15, 25], [14, 20, 15, 18], unit="points")
    >>> print(round(change.estimate, 2), change.claim.value)
    -3.25 muutos
    """
    if not 0 < confidence < 1:
        raise SosrakeError(f"paired_change: confidence {confidence!r}; expected a share such as 0.95")
    first, second = _aligned(before, after)
    paired = np.isfinite(first) & np.isfinite(second)
    change = second[paired] - first[paired]
    _check_changes(change)
    size, estimate = len(change), float(change.mean())
    error = float(change.std(ddof=1) / np.sqrt(size))
    t = estimate / error
    lower, upper = _t_limits(change, confidence)
    only_before = int((np.isfinite(first) & ~np.isfinite(second)).sum())
    only_after = int((~np.isfinite(first) & np.isfinite(second)).sum())
    return Effect(
        estimate=estimate,
        standard_error=error,
        lower=lower,
        upper=upper,
        p_value=float(2 * special.stdtr(size - 1, -abs(t))),
        df=float(size - 1),
        confidence=confidence,
        n={"paired": size, "only_before": only_before, "only_after": only_after},
        unit=unit,
        design=Design(groups=1, times=2),
        claim=Claim.MUUTOS,
        method="paired_t",
        assumptions=_assumptions(change, only_before),
        sensitivity=_sensitivity(change, only_before, confidence),
        details=_details(first[paired], second[paired], confidence),
        caveats=_caveats(size, only_before),
        source=source,
    )


def _aligned(before: ArrayLike, after: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if isinstance(before, pd.Series) and isinstance(after, pd.Series):
        for name, series in (("before", before), ("after", after)):
            if series.index.has_duplicates:
                raise SosrakeError(
                    f"paired_change: `{name}` names {series.index[series.index.duplicated()][0]!r} twice; "
                    "keep one measurement a person"
                )
        before, after = before.align(after, join="outer")
    try:
        first, second = np.asarray(before, dtype="float64"), np.asarray(after, dtype="float64")
    except (TypeError, ValueError) as problem:
        raise SosrakeError(
            f"paired_change: a measurement is not a number ({problem}); convert the columns first"
        ) from problem
    if first.ndim != 1 or first.shape != second.shape:
        raise SosrakeError(
            f"paired_change: shapes {first.shape} and {second.shape}; expected two lists of equal length, or "
            "Series whose index names the person"
        )
    return first, second


def _check_changes(change: NDArray[np.float64]) -> None:
    if len(change) < 3:
        raise SosrakeError(
            f"paired_change: {len(change)} people have both measurements; at least three are needed"
        )
    if np.ptp(change) == 0:
        raise SosrakeError(
            f"paired_change: all {len(change)} changes are {change[0]:g}; no interval can be computed from "
            "changes without variation; check the data"
        )


def _t_limits(change: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    half = special.stdtrit(len(change) - 1, 0.5 + confidence / 2) * change.std(ddof=1) / np.sqrt(len(change))
    return float(change.mean() - half), float(change.mean() + half)


def _details(first: NDArray[np.float64], second: NDArray[np.float64], confidence: float) -> pd.DataFrame:
    change = second - first
    size, deviation = len(change), float(change.std(ddof=1))
    dz = float(change.mean()) / deviation
    t, tail = dz * np.sqrt(size), (1 - confidence) / 2
    lower, upper = (
        float(special.nctdtrinc(size - 1, level, t)) / np.sqrt(size) for level in (1 - tail, tail)
    )
    values = {
        "mean_before": float(first.mean()),
        "mean_after": float(second.mean()),
        "sd_change": deviation,
        "dz": dz,
        "dz_lower": lower,
        "dz_upper": upper,
    }
    return pd.DataFrame({"quantity": list(values), "value": list(values.values())})


def _assumptions(change: NDArray[np.float64], only_before: int) -> pd.DataFrame:
    dropout = only_before / (len(change) + only_before)
    furthest = float(np.abs((change - change.mean()) / change.std(ddof=1)).max())
    rows = [
        ("comparison_group", "none", "fails"),
        ("regression_to_the_mean", "not measured", "not_testable"),
        ("dropout", f"{dropout:.3f}", "doubtful" if dropout > DROPOUT_DOUBTFUL else "holds"),
        (
            "outlying_change",
            f"{furthest:.2f}",
            "doubtful" if furthest > OUTLIER_DEVIATIONS else "holds",
        ),
        ("number_of_pairs", str(len(change)), "doubtful" if len(change) < FEW_PAIRS else "holds"),
    ]
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))


def _sensitivity(change: NDArray[np.float64], only_before: int, confidence: float) -> pd.DataFrame:
    cases = []
    if only_before:
        cases.append(("dropouts_unchanged", np.concatenate([change, np.zeros(only_before)])))
    most = int(np.abs(change - change.mean()).argmax())
    left = np.delete(change, most)
    if np.ptp(left) > 0:
        cases.append(("without_most_influential", left))
    rows = [(name, float(values.mean()), *_t_limits(values, confidence)) for name, values in cases]
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))


def _caveats(size: int, only_before: int) -> tuple[str, ...]:
    caveats = ["no_comparison_group", "regression_to_the_mean"]
    if only_before:
        caveats.append("dropout")
    if size < FEW_PAIRS:
        caveats.append("few_pairs")
    return tuple(caveats)
