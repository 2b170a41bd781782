"""One check of fragility: what was found, how it is judged, and the judges themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.fragility.equivalence import Equivalence
from sosrake_lib.effects.fragility.evalues import EValue
from sosrake_lib.effects.fragility.placebo import Runs
from sosrake_lib.effects.fragility.responses import ResponseShift
from sosrake_lib.effects.fragility.robustness import RobustnessValue
from sosrake_lib.effects.fragility.rosenbaum import RosenbaumBounds

# Conventions, not laws: below these a result is called doubtful.
WEAK_E_VALUE = 2.0
WEAK_GAMMA = 1.5
WEAK_ROBUSTNESS = 0.1


@dataclass(frozen=True, slots=True)
class Finding:
    """A check's row: `result` in short, `verdict` as in Effect.assumptions, and the numbers behind it."""

    check: str
    result: str
    verdict: str
    figures: Mapping[str, float] = field(default_factory=dict)


def unknown(check: str, why: str) -> Finding:
    """Say why a check was not made."""
    return Finding(check, why, "not_testable")


def of_interval(effect: Effect, null: float) -> Finding:
    """Judge whether the interval leaves out the value of no effect."""
    found = not effect.lower <= null <= effect.upper
    figures = {"estimate": effect.estimate, "lower": effect.lower, "upper": effect.upper, "null": null}
    text = f"{effect.lower:.4g} to {effect.upper:.4g}"
    return Finding("interval", text, "holds" if found else "fails", figures)


def of_detectable(smallest: float, of_interest: float | None) -> Finding:
    """Judge whether the study could have found the smallest effect that would matter."""
    check, figures = "minimum_detectable_effect", {"minimum_detectable": smallest}
    if of_interest is None:
        return Finding(
            check, f"{smallest:.4g}; smallest effect of interest not given", "not_testable", figures
        )
    verdict = "holds" if smallest <= abs(of_interest) else "doubtful"
    return Finding(check, f"{smallest:.4g}", verdict, {**figures, "of_interest": abs(of_interest)})


def of_e_value(found: EValue) -> Finding:
    """Judge whether it would take a strong confounder to move the interval to no effect."""
    figures = {"e_value": found.point, "e_value_limit": found.limit}
    decisive = found.point if np.isnan(found.limit) else found.limit
    verdict = "fails" if decisive <= 1 else "doubtful" if decisive < WEAK_E_VALUE else "holds"
    limit = "" if np.isnan(found.limit) else f"; limit {found.limit:.2f}"
    return Finding("e_value", f"{found.point:.2f}{limit}", verdict, figures)


def of_rosenbaum(found: RosenbaumBounds) -> Finding:
    """Judge up to which inequality within pairs the finding stands."""
    critical = found.critical_gamma
    verdict = "fails" if critical <= 1 else "doubtful" if critical < WEAK_GAMMA else "holds"
    figures = {"critical_gamma": critical, "pairs": float(found.pairs), "alpha": found.alpha}
    return Finding("rosenbaum_bounds", f"gamma {critical:.2f}", verdict, figures)


def of_robustness(found: RobustnessValue) -> Finding:
    """Judge whether a confounder as strong as a benchmark would move the interval to zero."""
    figures = {"rv_q": found.rv_q, "rv_qa": found.rv_qa, "partial_r2": found.partial_r2}
    once = found.bounds.loc[found.bounds["kd"] == 1]
    if len(once):
        weakest = once.loc[once["adjusted_t"].astype("float64").abs().idxmin()]
        gone = bool(((once["adjusted_lower"] <= 0) & (once["adjusted_upper"] >= 0)).any())
        figures["adjusted_estimate"] = float(weakest["adjusted_estimate"])
    else:
        gone = found.rv_qa < WEAK_ROBUSTNESS
    turned = bool((np.sign(once["adjusted_estimate"].astype("float64")) != np.sign(found.estimate)).any())
    verdict = "fails" if found.rv_qa <= 0 or turned else "doubtful" if gone else "holds"
    text = f"{100 * found.rv_q:.1f} %; interval {100 * found.rv_qa:.1f} %"
    return Finding("robustness_value", text, verdict, figures)


def of_pretrends(found: Equivalence) -> Finding:
    """Judge whether the differences before the treatment are shown to be small."""
    figures = {
        "p_equivalence": found.p_value,
        "smallest_margin": found.smallest_margin,
        "margin": found.margin,
    }
    if np.isnan(found.margin):
        verdict = "fails" if found.any_differs else "not_testable"
        return Finding(
            "pretrend_equivalence", f"smallest margin {found.smallest_margin:.4g}", verdict, figures
        )
    verdict = "holds" if found.equivalent else "fails" if found.any_differs else "doubtful"
    return Finding(
        "pretrend_equivalence", f"p {found.p_value:.3f} at margin {found.margin:.4g}", verdict, figures
    )


def of_placebo_in_time(runs: Runs) -> Finding:
    """Judge whether the method finds as much where nothing had yet begun."""
    done = runs.estimated
    if done.empty:
        return unknown("placebo_in_time", f"no placebo could be estimated ({runs.table['reason'].iloc[0]})")
    as_large = int((done["estimate"].abs() >= abs(runs.actual.estimate)).sum())
    found = int(((done["lower"] > 0) | (done["upper"] < 0)).sum())
    figures = {
        "placebos": float(len(done)),
        "as_large": float(as_large),
        "interval_without_zero": float(found),
    }
    verdict = "fails" if as_large else "doubtful" if found else "holds"
    return Finding("placebo_in_time", f"{as_large} of {len(done)} as large", verdict, figures)


def of_placebo_in_space(runs: Runs, alpha: float) -> Finding:
    """Judge whether the estimate of the treated units is further from zero than those of placebos."""
    done = runs.estimated
    figures = {"p_value": runs.p_value, "smallest_p": runs.smallest_p, "placebos": float(len(done))}
    # With few units even the furthest estimate of all cannot reach alpha.
    furthest = runs.p_value <= runs.smallest_p * (1 + 1e-9)
    verdict = "holds" if runs.p_value <= alpha else "doubtful" if furthest else "fails"
    return Finding(
        "placebo_in_space", f"p {runs.p_value:.3f}; smallest possible {runs.smallest_p:.3f}", verdict, figures
    )


def of_leave_one_out(runs: Runs) -> Finding:
    """Judge whether the finding rests on one unit."""
    done = runs.estimated
    if done.empty:
        return unknown("leave_one_unit_out", f"nothing could be estimated ({runs.table['reason'].iloc[0]})")
    sign = np.sign(runs.actual.estimate)
    turned = int((np.sign(done["estimate"]) != sign).sum())
    lost = (
        int(((done["lower"] <= 0) & (done["upper"] >= 0)).sum())
        if runs.actual.lower > 0 or runs.actual.upper < 0
        else 0
    )
    without = len(runs.table) - len(done)
    figures = {
        "lowest": float(done["estimate"].min()),
        "highest": float(done["estimate"].max()),
        "turned": float(turned),
        "interval_with_zero": float(lost),
        "not_estimable": float(without),
    }
    verdict = "fails" if turned else "doubtful" if lost or without else "holds"
    text = f"{figures['lowest']:.4g} to {figures['highest']:.4g}" + (
        f"; {without} not estimable" if without else ""
    )
    return Finding("leave_one_unit_out", text, verdict, figures)


def of_self_report(told: bool | ResponseShift | None) -> Finding:
    """Judge whether people's own yardstick may have moved."""
    check = "response_shift"
    if told is None:
        return unknown(check, "not said whether the outcome is self-reported")
    if isinstance(told, ResponseShift):
        shift = told.shift
        moved = shift["lower"] > 0 or shift["upper"] < 0
        text = f"{shift['estimate']:.4g} ({shift['lower']:.4g} to {shift['upper']:.4g})"
        figures = {"shift": float(shift["estimate"]), "people": float(told.people)}
        return Finding(check, text, "doubtful" if moved else "holds", figures)
    if told:
        return unknown(check, "self-reported; the first time was not judged again afterwards")
    return Finding(check, "not self-reported", "holds")
