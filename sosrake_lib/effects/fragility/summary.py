"""How fragile is an estimate? Every check in one table, and what one sentence needs to say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, Effect
from sosrake_lib.effects.fragility import findings
from sosrake_lib.effects.fragility.detectable import minimum_detectable
from sosrake_lib.effects.fragility.equivalence import Equivalence
from sosrake_lib.effects.fragility.evalues import e_value
from sosrake_lib.effects.fragility.findings import Finding, unknown
from sosrake_lib.effects.fragility.placebo import Study, leave_one_out, placebo_in_space, placebo_in_time
from sosrake_lib.effects.fragility.responses import ResponseShift
from sosrake_lib.effects.fragility.robustness import RobustnessValue
from sosrake_lib.effects.fragility.rosenbaum import RosenbaumBounds
from sosrake_lib.errors import SosrakeError

KEYS = ("no_finding", "fragile", "partly", "sturdy", "little_tried")
# Fewer checks than this tell too little to call an estimate sturdy.
ENOUGH_CHECKS = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is at hand for the checks; what is left out is told as not checked.

    Attributes
    ----------
    study : for placebos in time and space and for leaving units out.
    pretrends : of `pretrend_equivalence`. matched : of `signed_rank_bounds` or `binary_bounds`.
    robustness : of `regression_robustness` or `robustness_value`.
    outcome_sd : deviation of the outcome, for the E-value of a difference.
    ratio, rare : measure of an estimate that is a ratio ("RR", "OR", "HR", "IRR"), see e_value.
    smallest_of_interest : the smallest effect that would matter, in the estimate's unit.
    self_report : whether people judged themselves, or a `ResponseShift` when the first time was judged again.
    power, alpha : of the minimum detectable effect and the placebo in space.
    most, seed : placebos in space at the most, and how they are drawn.
    """

    study: Study | None = None
    pretrends: Equivalence | None = None
    matched: RosenbaumBounds | None = None
    robustness: RobustnessValue | None = None
    outcome_sd: float | None = None
    ratio: str | None = None
    rare: bool | None = None
    smallest_of_interest: float | None = None
    self_report: bool | ResponseShift | None = None
    power: float = 0.8
    alpha: float = 0.05
    most: int = 200
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Fragility:
    """Every check of an estimate.

    Attributes
    ----------
    table : frame `check, result, verdict` (holds, doubtful, fails, not_testable), one row a check, always all
        of them. figures : frame `check, quantity, value`, the numbers behind the results.
    key : for one sentence, one of KEYS: "no_finding" (the interval holds no effect; nothing to be fragile),
        "fragile" (a check fails), "partly" (one is doubtful), "little_tried" (fewer than 3 checks could be
        made), "sturdy". tried, held, doubtful, failed : numbers of checks besides the interval.
    weakest : the first check that fails, else the first doubtful one, else "". weakest_result : its result.
    """

    table: pd.DataFrame
    figures: pd.DataFrame
    key: str
    tried: int
    held: int
    doubtful: int
    failed: int
    weakest: str
    weakest_result: str


def how_fragile(effect: Effect, evidence: Evidence | None = None) -> Fragility:
    """Try an estimate in every way the evidence allows.

    Parameters
    ----------
    effect : the estimate. evidence : what is at hand, see Evidence.

    Returns
    -------
    Fragility. A check without its evidence is in the table as not_testable with the reason, so that what was
    not tried is never silent; the verdicts' limits are conventions of this library (fragility/findings.py).

    Raises
    ------
    SosrakeError when the evidence contradicts the effect: a study whose estimator does not give this
    estimate, or both `ratio` and `outcome_sd`.

    Examples
    --------
    >>> from sosrake_lib.effects import paired_change
    >>> change = paired_change([18, 22, 15, 25], [14, 20, 15, 18], unit="points")
    >>> found = how_fragile(change, Evidence(self_report=True))
    >>> found.key, list(found.table["check"][:2])
    ('no_finding', ['interval', 'minimum_detectable_effect'])
    """
    given = evidence or Evidence()
    if given.ratio is not None and given.outcome_sd is not None:
        raise SosrakeError(
            "how_fragile: both ratio and outcome_sd are given; an estimate is a ratio or a difference"
        )
    made = list(_made(effect, given))
    table = pd.DataFrame(
        [(one.check, one.result, one.verdict) for one in made], columns=list(ASSUMPTION_COLUMNS)
    )
    numbers = [(one.check, name, float(value)) for one in made for name, value in one.figures.items()]
    figures = pd.DataFrame(numbers, columns=["check", "quantity", "value"])
    return _summed(table, figures)


def tried(effect: Effect, found: Fragility) -> Effect:
    """Give the effect with its tries for assumptions and their sum for caveat, as it may leave the house.

    The caveat is `fragility_<key>`; `influence.words_effects.fragility` makes it a sentence. Results of the
    checks stay in `found`; a release tells verdicts only.

    Examples
    --------
    >>> from sosrake_lib.effects import paired_change
    >>> change = paired_change([18, 22, 15, 25], [14, 20, 15, 18], unit="points")
    >>> tried(change, how_fragile(change)).caveats
    ('fragility_no_finding',)
    """
    return replace(effect, assumptions=found.table, caveats=(f"fragility_{found.key}",))


def _made(effect: Effect, given: Evidence) -> Iterator[Finding]:
    null = 1.0 if given.ratio is not None else 0.0
    yield findings.of_interval(effect, null)
    yield _detectable(effect, given)
    yield from _reruns(effect, given)
    if given.pretrends is not None:
        yield findings.of_pretrends(given.pretrends)
    else:
        yield unknown("pretrend_equivalence", "no differences before the treatment were given")
    yield from _confounding(effect, given)
    yield findings.of_self_report(given.self_report)


def _detectable(effect: Effect, given: Evidence) -> Finding:
    check = "minimum_detectable_effect"
    if given.ratio is not None:
        return unknown(check, "the estimate is a ratio")
    if not (np.isfinite(effect.standard_error) and effect.standard_error > 0 and effect.df > 0):
        return unknown(check, "the estimate has no standard error")
    smallest = minimum_detectable(effect.standard_error, effect.df, power=given.power, alpha=given.alpha)
    return findings.of_detectable(smallest, given.smallest_of_interest)


def _reruns(effect: Effect, given: Evidence) -> Iterator[Finding]:
    study, checks = given.study, ("placebo_in_time", "placebo_in_space", "leave_one_unit_out")
    if study is None:
        yield from (unknown(check, "no study to run again was given") for check in checks)
        return
    left = leave_one_out(study)
    if not np.isclose(left.actual.estimate, effect.estimate, rtol=1e-6, atol=1e-12):
        raise SosrakeError(
            f"how_fragile: the study's estimator gives {left.actual.estimate:g}, the effect is "
            f"{effect.estimate:g}; give the study this effect came from"
        )
    try:
        yield findings.of_placebo_in_time(placebo_in_time(study))
    except SosrakeError as problem:
        yield unknown(checks[0], str(problem))
    try:
        yield findings.of_placebo_in_space(
            placebo_in_space(study, most=given.most, seed=given.seed), given.alpha
        )
    except SosrakeError as problem:
        yield unknown(checks[1], str(problem))
    yield findings.of_leave_one_out(left)


def _confounding(effect: Effect, given: Evidence) -> Iterator[Finding]:
    """Check what something unmeasured could do; of no use where chance decided, or nobody is compared."""
    checks = ("e_value", "rosenbaum_bounds", "robustness_value")
    if effect.design.groups == 1:
        yield from (unknown(check, "one group: there is no comparison to confound") for check in checks)
        return
    if effect.design.assignment == "randomised":
        yield from (Finding(check, "chance decided who was treated", "holds") for check in checks)
        return
    yield _e_value(effect, given)
    if given.matched is not None:
        yield findings.of_rosenbaum(given.matched)
    else:
        yield unknown("rosenbaum_bounds", "no matched pairs were given")
    if given.robustness is not None:
        yield findings.of_robustness(given.robustness)
    else:
        yield unknown("robustness_value", "no regression with its degrees of freedom was given")


def _e_value(effect: Effect, given: Evidence) -> Finding:
    if given.ratio is not None:
        found = e_value(effect.estimate, effect.lower, effect.upper, measure=given.ratio, rare=given.rare)
        return findings.of_e_value(found)
    if given.outcome_sd is None:
        return unknown("e_value", "neither the outcome's deviation nor a ratio was given")
    return findings.of_e_value(
        e_value(effect.estimate, effect.lower, effect.upper, measure="OLS", sd=given.outcome_sd)
    )


def _summed(table: pd.DataFrame, figures: pd.DataFrame) -> Fragility:
    besides = table.loc[table["check"] != "interval"]
    counts = {name: int((besides["verdict"] == name).sum()) for name in ("holds", "doubtful", "fails")}
    tried = sum(counts.values())
    worst = "fails" if counts["fails"] else "doubtful"
    weak = besides.loc[besides["verdict"] == worst]
    found = bool((table.loc[table["check"] == "interval", "verdict"] == "holds").all())
    if not found:
        key = "no_finding"
    elif counts["fails"]:
        key = "fragile"
    elif counts["doubtful"]:
        key = "partly"
    else:
        key = "sturdy" if tried >= ENOUGH_CHECKS else "little_tried"
    return Fragility(
        table=table,
        figures=figures,
        key=key,
        tried=tried,
        held=counts["holds"],
        doubtful=counts["doubtful"],
        failed=counts["fails"],
        weakest="" if weak.empty else str(weak["check"].iloc[0]),
        weakest_result="" if weak.empty else str(weak["result"].iloc[0]),
    )
