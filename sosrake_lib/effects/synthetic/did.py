"""Synthetic difference-in-differences out of a frame: the Effect, the weights, the course."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.regression import check_confidence, t_quantile, two_sided
from sosrake_lib.effects.synthetic.classic import path_table
from sosrake_lib.effects.synthetic.did_errors import (
    bootstrap_estimates,
    jackknife_error,
    placebo_error,
    placebo_estimates,
)
from sosrake_lib.effects.synthetic.did_weights import KINDS, Weighted, weighted_difference
from sosrake_lib.effects.synthetic.effect import common_assumptions, common_caveats, placebo_df, supported
from sosrake_lib.effects.synthetic.panel import Panel, read_panel
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]
ERRORS = ("placebo", "jackknife", "bootstrap")
REGISTERED = {
    "sdid": "synthetic_did",
    "sc": "synthetic_did_sc",
    "did": "synthetic_did_equal",
    "demeaned_sc": "synthetic_did_demeaned",
}


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticDid:
    """A doubly weighted difference with the panel it rests on."""

    panel: Panel
    fit: Weighted
    kind: str

    @property
    def gap(self) -> Floats:
        """Treated minus weighted donors by period, level before (by the time weights) taken out."""
        gap = self.panel.target - self.fit.unit_weights @ self.panel.donors
        return np.asarray(gap - self.fit.time_weights @ gap[: self.panel.before])

    def unit_weights(self) -> pd.DataFrame:
        """List the donors by falling weight: `unit, weight`."""
        table = pd.DataFrame({"unit": list(self.panel.donor_names), "weight": self.fit.unit_weights})
        return table.sort_values("weight", ascending=False, kind="stable", ignore_index=True)

    def time_weights(self) -> pd.DataFrame:
        """List the periods before: `period, weight`."""
        periods = list(self.panel.periods[: self.panel.before])
        return pd.DataFrame({"period": periods, "weight": self.fit.time_weights})


def fit_synthetic_did(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treatment: str | None = None,
    treated: Hashable | Sequence[Hashable] = None,
    first_after: Hashable = None,
    donors: Sequence[Hashable] | None = None,
    kind: str = "sdid",
    solver: str = "exact",
    zeta: float | None = None,
    incomplete: str = "refuse",
) -> SyntheticDid:
    """Find both kinds of weights; the parameters are those of `synthetic_did` and `weighted_difference`.

    Examples
    --------
    >>> cells = [(u, k, t) for u, k in enumerate((3, 2, 4, 5)) for t in range(9)]
    >>> rows = [(u, t, (t * k) % 7 + 9 * (u == 0 and t > 5)) for u, k, t in cells]
    >>> data = pd.DataFrame(rows, columns=["area", "year", "value"])
    >>> found = fit_synthetic_did(data, outcome="value", unit="area", time="year", treated=0, first_after=6)
    >>> round(float(found.unit_weights()["weight"].sum()), 6), len(found.time_weights())
    (1.0, 6)
    """
    panel = read_panel(
        data,
        outcome=outcome,
        unit=unit,
        time=time,
        treatment=treatment,
        treated=treated,
        first_after=first_after,
        donors=donors,
        incomplete=incomplete,
        where="synthetic_did",
    )
    count = len(panel.treated)
    fit = weighted_difference(
        panel.donors, panel.target, panel.before, treated=count, kind=kind, solver=solver, zeta_omega=zeta
    )
    return SyntheticDid(panel, fit, kind)


def synthetic_did(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treatment: str | None = None,
    treated: Hashable | Sequence[Hashable] = None,
    first_after: Hashable = None,
    donors: Sequence[Hashable] | None = None,
    kind: str = "sdid",
    solver: str = "exact",
    incomplete: str = "refuse",
    error: str = "placebo",
    draws: int = 999,
    seed: int = 0,
    assignment: str = "none",
    measure: str = "",
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Compare the change of treated units with that of alike units, from alike periods.

    Difference-in-differences in which donors that went as the treated before, and periods before that are
    like those after, count more. The levels need not meet, only the courses.

    Parameters
    ----------
    data, outcome, unit, time, treatment, treated, first_after, donors, incomplete : as in
        `synthetic_control`; all treated start in the same period.
    kind : "sdid", "sc", "did" or "demeaned_sc", see `weighted_difference`. solver : likewise.
    error : "placebo" (donors in the place of the treated; the only one with one treated unit), "jackknife"
        (weights kept, cautious) or "bootstrap" (many treated units).
    draws, seed : random placebo sets (several treated units) or bootstrap draws.
    assignment, measure, confidence, source : as in `synthetic_control`.

    Returns
    -------
    Effect; interval estimate ± t · standard error with donors - 1 degrees of freedom. `details` is the
    course by period, level before taken out; `sensitivity` the other three weightings.

    Compared with R synthdid 0.0.9 and table 1 of the source (tests/test_synthetic_control.py).
    Source: Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), doi 10.1257/aer.20190159.

    Raises
    ------
    FrameError as `read_panel` tells, or when the error asked for needs more treated units or donors.

    Examples
    --------
    >>> cells = [(u, k, t) for u, k in enumerate((3, 2, 4, 5)) for t in range(9)]
    >>> rows = [(u, t, (t * k) % 7 + 9 * (u == 0 and t > 5)) for u, k, t in cells]
    >>> data = pd.DataFrame(rows, columns=["area", "year", "value"])
    >>> effect = synthetic_did(data, outcome="value", unit="area", time="year", treated=0, first_after=6)
    >>> effect.df, effect.lower < effect.estimate < effect.upper
    (2.0, True)
    """
    check_confidence(confidence, "synthetic_did")
    if error not in ERRORS or kind not in KINDS:
        raise FrameError(
            f"synthetic_did: error {error!r}, kind {kind!r}; expected one of {', '.join(ERRORS)} and of "
            f"{', '.join(KINDS)}"
        )
    found = fit_synthetic_did(
        data,
        outcome=outcome,
        unit=unit,
        time=time,
        treatment=treatment,
        treated=treated,
        first_after=first_after,
        donors=donors,
        kind=kind,
        solver=solver,
        incomplete=incomplete,
    )
    spread = did_error(found, error, draws=draws, seed=seed)
    return _effect(found, spread, assignment, measure, confidence, source)


def did_error(found: SyntheticDid, error: str = "placebo", *, draws: int = 999, seed: int = 0) -> float:
    """Give the standard error of a doubly weighted difference.

    Raises
    ------
    FrameError when the placebos all come out alike, so that nothing can be judged by them.
    """
    if error == "jackknife":
        spread = jackknife_error(found.panel, found.fit)
    elif error == "bootstrap":
        spread = placebo_error(
            bootstrap_estimates(found.panel, found.fit, found.kind, draws=draws, seed=seed)
        )
    else:
        spread = placebo_error(placebo_estimates(found.panel, found.fit, found.kind, draws=draws, seed=seed))
    if not spread > 1e-12 * np.abs(found.panel.donors).max():
        raise FrameError(
            "synthetic_did: every donor comes out alike, so chance cannot be judged; check the data"
        )
    return spread


def _effect(
    found: SyntheticDid, spread: float, assignment: str, measure: str, confidence: float, source: str
) -> Effect:
    df = placebo_df(found.panel, len(found.panel.donors))
    half = float(t_quantile(0.5 + confidence / 2, df)) * spread
    estimate = found.fit.estimate
    design = Design(2, len(found.panel.periods), assignment)
    assumptions = pd.DataFrame(
        [*_courses(found), *common_assumptions(found.panel)], columns=list(ASSUMPTION_COLUMNS)
    )
    return Effect(
        estimate=estimate,
        standard_error=spread,
        lower=estimate - half,
        upper=estimate + half,
        p_value=float(two_sided(estimate / spread, df)),
        df=df,
        confidence=confidence,
        n={"treated": len(found.panel.treated), "donors": len(found.panel.donors)},
        unit=measure,
        design=design,
        claim=supported(design, found.panel, assumptions),
        method=REGISTERED[found.kind],
        assumptions=assumptions,
        sensitivity=_sensitivity(found, confidence),
        details=path_table(found.panel, found.gap),
        caveats=tuple(common_caveats(found.panel)),
        source=source,
    )


def _courses(found: SyntheticDid) -> list[tuple[str, str, str]]:
    """Compare the spread of the gap before with the donors' own ups and downs."""
    before = found.gap[: found.panel.before]
    rest, noise = float(before.std()), found.fit.noise
    # A gap that wanders by more than donors do from year to year is not a parallel course.
    verdict = "holds" if rest <= noise else "doubtful" if rest <= 2 * noise else "fails"
    return [("parallel_before", f"gap's deviation {rest:.3g}, donors' yearly change {noise:.3g}", verdict)]


def _sensitivity(found: SyntheticDid, confidence: float) -> pd.DataFrame:
    rows = []
    panel = found.panel
    for kind in (one for one in KINDS if one != found.kind):
        other = weighted_difference(
            panel.donors, panel.target, panel.before, treated=len(panel.treated), kind=kind
        )
        spread = placebo_error(placebo_estimates(panel, other, kind, draws=200))
        half = float(t_quantile(0.5 + confidence / 2, placebo_df(panel, len(panel.donors)))) * spread
        rows.append((kind, other.estimate, other.estimate - half, other.estimate + half))
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))
