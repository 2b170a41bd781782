"""The effect by synthetic control, with its interval from placebos, its checks and other answers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Claim, Design, borne
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.regression import check_confidence, t_quantile
from sosrake_lib.effects.synthetic.classic import SyntheticFit, fit_synthetic
from sosrake_lib.effects.synthetic.did_weights import weighted_difference
from sosrake_lib.effects.synthetic.panel import Panel
from sosrake_lib.effects.synthetic.placebo import Placebos, leave_one_out, placebo_in_space, placebo_in_time
from sosrake_lib.effects.synthetic.predictors import Predictor
from sosrake_lib.errors import FrameError

# A fit before worse than the usual placebo's is doubtful, worse than twice that fails.
POOR_FIT = 2.0
FEW_PERIODS = 5
# Fewer units and even the most unusual one is not below a p value of 0.05.
UNITS_FOR_FIVE_PERCENT = 20
ONE_DONOR = 0.9
REGISTERED = {
    "outcomes": "synthetic_control_outcomes",
    "given": "synthetic_control_given_v",
    "nested": "synthetic_control_nested",
}


def synthetic_control(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treatment: str | None = None,
    treated: Hashable | Sequence[Hashable] = None,
    first_after: Hashable = None,
    donors: Sequence[Hashable] | None = None,
    predictors: Sequence[Predictor] = (),
    v: Sequence[float] | None = None,
    search: str = "many_starts",
    follow: Sequence[Hashable] | None = None,
    intercept: bool = False,
    incomplete: str = "refuse",
    at: Hashable = "average",
    worst_fit: float | None = None,
    draws: int = 999,
    seed: int = 0,
    assignment: str = "none",
    measure: str = "",
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Compare a treated unit with the weighted mean of others that went as it did before.

    Answers: how far is the unit after treatment from where units together like it went?

    Parameters
    ----------
    data : one row a unit and period. outcome, unit, time : columns.
    treatment : column, 1 in treated units from their first treated period on; or
    treated, first_after : the treated unit (or several: their mean) and its first treated period.
    donors : units that may stand in; left out, all the others. Leave out those the treatment may have spilt
        over to, or that had one of their own.
    predictors : what is matched; left out, the outcome in every period before.
    v : importances of the predictors; left out, found so that the outcome before is followed
        (`nested_v`, `search`) over the periods `follow` (all before).
    intercept : let the synthetic unit run at another level (outcomes only).
    incomplete : "refuse" or "drop" donors in which a figure lacks.
    at : "average" over the periods after, "last", or a period after.
    worst_fit, draws, seed : of the placebos (`placebo_in_space`).
    assignment : how the unit came to be treated, see `Design`. measure : what the outcome counts.
    confidence : two-sided level. source : where the figures come from.

    Returns
    -------
    Effect. The interval is estimate ± t · spread of the placebo units' gaps, with placebos - 1 degrees of
    freedom. `p_value` is the treated unit's rank by RMSPE after / before among all units: with J donors it
    cannot be below 1 / (J + 1). `details` is the course by period; `sensitivity` leaves out each donor with
    weight, sets a placebo date halfway, and asks demeaned and equal weights. `fit_synthetic` gives the
    weights.

    Compared with R Synth and synthdid (tests/reference/synthetic_control.csv) and with the published
    Proposition 99 weights (tests/test_synthetic_control.py).
    Source: Abadie, Diamond and Hainmueller (2010), doi 10.1198/jasa.2009.ap08746; interval: Arkhangelsky et
    al. (2021), doi 10.1257/aer.20190159.

    Raises
    ------
    FrameError as `read_panel` tells, for a predictor taken over treated periods, or fewer than three donors.

    Examples
    --------
    >>> cells = [(u, k, t) for u, k in enumerate((3, 2, 4, 5)) for t in range(9)]
    >>> rows = [(u, t, (t * k) % 7 + 9 * (u == 0 and t > 5)) for u, k, t in cells]
    >>> data = pd.DataFrame(rows, columns=["area", "year", "value"])
    >>> effect = synthetic_control(data, outcome="value", unit="area", time="year", treated=0, first_after=6)
    >>> effect.claim.value, effect.p_value >= 0.25, "one_treated_unit" in effect.caveats
    ('ero', True, True)
    """
    check_confidence(confidence, "synthetic_control")
    fit = fit_synthetic(
        data,
        outcome=outcome,
        unit=unit,
        time=time,
        treatment=treatment,
        treated=treated,
        first_after=first_after,
        donors=donors,
        predictors=predictors,
        v=v,
        search=search,
        follow=follow,
        intercept=intercept,
        incomplete=incomplete,
    )
    if len(fit.panel.donors) < 3:
        raise FrameError(
            f"synthetic_control: {len(fit.panel.donors)} donors; an interval needs at least three, each "
            f"once in "
            "the treated unit's place; fit_synthetic gives the weights without one"
        )
    placebos = placebo_in_space(fit, worst_fit=worst_fit, draws=draws, seed=seed)
    return control_effect(
        fit, placebos, at, assignment=assignment, measure=measure, confidence=confidence, source=source
    )


def control_effect(
    fit: SyntheticFit,
    placebos: Placebos,
    at: Hashable = "average",
    *,
    assignment: str = "none",
    measure: str = "",
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Turn a synthetic control and its placebos into an Effect; parameters as in `synthetic_control`."""
    chosen = chosen_periods(fit.panel, at, "synthetic_control")
    if len(placebos.gaps) < 2:
        raise FrameError(
            f"synthetic_control: {len(placebos.gaps)} placebo unit(s) left; loosen worst_fit, or take more "
            f"donors"
        )
    estimate = float(fit.gap[chosen].mean())
    spread = float(placebos.gaps[:, chosen].mean(axis=1).std())
    df = placebo_df(fit.panel, len(placebos.gaps))
    half = float(t_quantile(0.5 + confidence / 2, df)) * spread
    design = Design(2, len(fit.panel.periods), assignment)
    assumptions = _assumptions(fit, placebos)
    return Effect(
        estimate=estimate,
        standard_error=spread,
        lower=estimate - half,
        upper=estimate + half,
        p_value=placebos.p_value,
        df=df,
        confidence=confidence,
        n={"treated": len(fit.panel.treated), "donors": len(fit.panel.donors)},
        unit=measure,
        design=design,
        claim=supported(design, fit.panel, assumptions),
        method=REGISTERED[fit.recipe.kind],
        assumptions=assumptions,
        sensitivity=_sensitivity(fit, half, chosen),
        details=fit.path(),
        caveats=_caveats(fit.panel, assumptions),
        source=source,
    )


def placebo_df(panel: Panel, placebos: int) -> float:
    """Degrees of freedom of a spread over placebos: no more than donors - 1, however many sets are drawn."""
    return float(max(1, min(placebos, len(panel.donors)) - 1))


def chosen_periods(panel: Panel, at: Hashable, where: str) -> list[int]:
    """Turn the question into columns of the panel."""
    after = list(range(panel.before, len(panel.periods)))
    if at == "average":
        return after
    if at == "last":
        return after[-1:]
    if at in panel.periods[panel.before :]:
        return [panel.periods.index(at)]
    raise FrameError(
        f"{where}: at {at!r}; expected average, last, or a period from {panel.periods[panel.before]} to "
        f"{panel.periods[-1]}"
    )


def supported(design: Design, panel: Panel, assumptions: pd.DataFrame) -> Claim:
    """Take what design and numbers of units bear; where a check fails, no more than a difference."""
    if (assumptions["verdict"] == "fails").any():
        return design.claim.capped(Claim.ERO)
    return borne(design, min(len(panel.treated), len(panel.donors)), follows_before=True)


def _assumptions(fit: SyntheticFit, placebos: Placebos) -> pd.DataFrame:
    table = placebos.table
    own = float(table.loc[table["treated"], "pre_rmspe"].iloc[0])
    usual = float(table.loc[~table["treated"], "pre_rmspe"].median())
    verdict = "holds" if own <= usual else "doubtful" if own <= POOR_FIT * usual else "fails"
    largest = float(fit.weights.max())
    rows = [
        ("goes_with_synthetic_before", f"RMSPE {own:.3g}, placebos' median {usual:.3g}", verdict),
        (
            "not_resting_on_one_donor",
            f"largest weight {largest:.2f}",
            "holds" if largest < ONE_DONOR else "doubtful",
        ),
        ("unusual_among_placebos", f"p = {placebos.p_value:.3f}", "not_testable"),
        *common_assumptions(fit.panel),
    ]
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))


def common_assumptions(panel: Panel) -> list[tuple[str, str, str]]:
    """List the checks that every weighted comparison shares: `check, result, verdict`."""
    units = len(panel.donors) + 1
    return [
        ("periods_before", str(panel.before), "holds" if panel.before >= FEW_PERIODS else "doubtful"),
        ("number_of_units", str(units), "holds" if units >= UNITS_FOR_FIVE_PERCENT else "doubtful"),
        ("no_spillover", "not measured", "not_testable"),
        ("nothing_else_at_the_same_time", "not measured", "not_testable"),
        ("no_gaps", str(panel.lacking), "holds" if panel.lacking == 0 else "doubtful"),
        ("every_donor_used", str(len(panel.left_out)), "holds" if not panel.left_out else "doubtful"),
    ]


def _sensitivity(fit: SyntheticFit, half: float, chosen: list[int]) -> pd.DataFrame:
    rows: list[tuple[str, float]] = []
    if chosen == list(range(fit.panel.before, len(fit.panel.periods))):
        left = leave_one_out(fit)
        rows = [(f"without_{u}", float(g)) for u, g in zip(left["unit"], left["average_gap"], strict=True)]
        rows += [(kind, _other(fit.panel, kind)) for kind in ("demeaned_sc", "did", "sdid")]
    if fit.panel.before >= 2 * FEW_PERIODS:
        middle = fit.panel.periods[fit.panel.before // 2]
        path = placebo_in_time(fit, middle)
        rows.append((f"placebo_date_{middle}", float(path.loc[path["phase"] == "after", "gap"].mean())))
    # The spread over placebos of the main analysis stands for all: these are answers, not tests.
    return pd.DataFrame(
        [(name, value, value - half, value + half) for name, value in rows], columns=list(SENSITIVITY_COLUMNS)
    )


def _other(panel: Panel, kind: str) -> float:
    found = weighted_difference(
        panel.donors, panel.target, panel.before, treated=len(panel.treated), kind=kind
    )
    return found.estimate


def _caveats(panel: Panel, assumptions: pd.DataFrame) -> tuple[str, ...]:
    verdict = assumptions.set_index("check")["verdict"]
    told = common_caveats(panel)
    if verdict["goes_with_synthetic_before"] != "holds":
        told.append("poor_fit_before")
    if verdict["not_resting_on_one_donor"] != "holds":
        told.append("rests_on_one_donor")
    return tuple(told)


def common_caveats(panel: Panel) -> list[str]:
    """List what a reader must be told of any weighted comparison of these units."""
    told = {
        "one_treated_unit": len(panel.treated) == 1,
        "few_units": len(panel.donors) + 1 < UNITS_FOR_FIVE_PERCENT,
        "few_periods_before": panel.before < FEW_PERIODS,
        "gaps_in_series": panel.lacking > 0,
        "donors_left_out": bool(panel.left_out),
        "several_treated_as_one": len(panel.treated) > 1,
        "perfect_fit_not_a_proof": bool(np.ptp(panel.target[: panel.before]) == 0),
    }
    return [name for name, holds in told.items() if holds]
