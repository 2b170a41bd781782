"""The plain difference in means of treated and controls: right only where assignment was by lot."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.did.reporting import Study, built
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.matching import reporting
from sosrake_lib.effects.matching.arms import Comparison, read_comparison
from sosrake_lib.effects.regression import check_confidence, t_quantile
from sosrake_lib.errors import FrameError

WHERE = "difference_in_means"
# Key of the method registry by the option standard_error.
REGISTERED = {"welch": "difference_in_means_welch", "ols": "difference_in_means_ols"}


def difference_in_means(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    standard_error: str = "welch",
    missing: str = "refuse",
    assignment: str = "none",
    times: int = 1,
    measured_in: str = "",
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Compare the mean outcome of treated and controls, nothing adjusted.

    Parameters
    ----------
    data : one row a person. outcome : column of numbers. treatment : column of 0 and 1.
    standard_error : "welch", √(s1²/n1 + s0²/n0) with Welch's degrees of freedom; "ols", one variance for both
        arms (the regression on the treatment), n - 2 degrees.
    missing : "refuse" or "drop" rows with an empty value.
    assignment, times : see `Design`; confidence, measured_in (such as "euros"), source : kept in the result.

    Returns
    -------
    Effect: estimate = mean treated - mean control; `details` size, mean and standard deviation of each arm;
    `sensitivity` the other standard error. Only with assignment "randomised" may it be called an effect.

    Compared with Dehejia and Wahba's (1999) benchmark and R t.test and lm (tests/reference/matching.csv).
    Source: Welch BL (1947), doi 10.2307/2332510; Dehejia RH, Wahba S (1999), doi 10.2307/2669919.

    Raises
    ------
    FrameError for a missing or empty column, a treatment that is not 0/1, fewer than two rows in an arm, an
    outcome that does not vary.

    Examples
    --------
    >>> people = pd.DataFrame({"t": [0, 0, 0, 1, 1, 1], "y": [1.0, 2.0, 3.0, 3.0, 4.0, 6.0]})
    >>> found = difference_in_means(people, outcome="y", treatment="t", measured_in="points")
    >>> print(round(found.estimate, 2), round(found.df, 2), found.claim.value)
    2.33 3.45 ero
    """
    if standard_error not in REGISTERED:
        raise FrameError(
            f"{WHERE}: standard_error {standard_error!r}; expected one of {', '.join(REGISTERED)}"
        )
    study = Study(assignment, measured_in, source, confidence)
    check_confidence(confidence, WHERE)
    arms = read_comparison(data, treatment=treatment, outcome=outcome, missing=missing, where=WHERE)
    estimate = float(arms.outcome[arms.treated].mean() - arms.outcome[~arms.treated].mean())
    other = "ols" if standard_error == "welch" else "welch"
    (error, df), (other_error, other_df) = (_error(arms, kind) for kind in (standard_error, other))
    half = float(t_quantile(0.5 + confidence / 2, other_df)) * other_error
    sizes = arms.sizes
    rows = [
        reporting.assignment_row(assignment),
        reporting.size_row(sizes["treated"], sizes["control"]),
        reporting.NO_SPILLOVER,
    ]
    design = Design(2, times, assignment)
    return built(
        estimate,
        error,
        df,
        study=study,
        design=design,
        claim=reporting.bearable(design, rows),
        method=REGISTERED[standard_error],
        n=sizes,
        assumptions=rows,
        sensitivity=[(f"standard_error_{other}", estimate, estimate - half, estimate + half)],
        details=_details(arms),
        caveats=reporting.caveats(
            rows, dropped=arms.dropped, extra=() if assignment == "randomised" else ("nothing_adjusted",)
        ),
    )


def _error(arms: Comparison, kind: str) -> tuple[float, float]:
    """Standard error and degrees of freedom."""
    first, second = arms.outcome[arms.treated], arms.outcome[~arms.treated]
    n1, n0 = len(first), len(second)
    part1, part0 = first.var(ddof=1) / n1, second.var(ddof=1) / n0
    if kind == "welch":
        df = (part1 + part0) ** 2 / (part1**2 / (n1 - 1) + part0**2 / (n0 - 1)) if part1 + part0 > 0 else 0.0
        return float(np.sqrt(part1 + part0)), float(df)
    pooled = (part1 * n1 * (n1 - 1) + part0 * n0 * (n0 - 1)) / (n1 + n0 - 2)
    return float(np.sqrt(pooled * (1 / n1 + 1 / n0))), float(n1 + n0 - 2)


def _details(arms: Comparison) -> pd.DataFrame:
    rows = [
        (name, int(arm.sum()), float(arms.outcome[arm].mean()), float(arms.outcome[arm].std(ddof=1)))
        for name, arm in (("treated", arms.treated), ("control", ~arms.treated))
    ]
    return pd.DataFrame(rows, columns=["arm", "n", "mean", "sd"])
