"""The effect of a rule with a limit, with its checks and the same question answered otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.did.reporting import Row, Study, tested
from sosrake_lib.effects.discontinuity.checks import bandwidth_range, donut, placebo_cutoffs
from sosrake_lib.effects.discontinuity.density import density_test
from sosrake_lib.effects.discontinuity.jump import Jump, Width, estimate_jump
from sosrake_lib.effects.discontinuity.local import KERNELS
from sosrake_lib.effects.discontinuity.plain import pooled_jump
from sosrake_lib.effects.discontinuity.running import Running, read_running
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.regression import check_confidence, t_quantile
from sosrake_lib.errors import FrameError, SosrakeError

WHERE = "regression_discontinuity"
POINTS = ("conventional", "bias_corrected")
REGISTERED = {"conventional": "rdd_robust", "bias_corrected": "rdd_bias_corrected"}
# Conventions, not laws.
DOUBTFUL_P, FAILED_P = 0.05, 0.01
FEW_ROWS = 50
MANY_REPEATED = 0.2


def regression_discontinuity(
    data: pd.DataFrame,
    *,
    outcome: str,
    running: str,
    cutoff: float,
    treated: str = "above",
    at_cutoff: str = "above",
    treatment: str | None = None,
    h: Width | None = None,
    b: Width | None = None,
    rho: float | None = None,
    kernel: str = "triangular",
    p: int = 1,
    q: int | None = None,
    variance: str = "nn",
    neighbours: int = 3,
    selector: str = "mserd",
    mass_points: str = "adjust",
    point: str = "conventional",
    missing: str = "refuse",
    times: int = 2,
    measured_in: str = "",
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Compare people just beyond a limit with those just before it.

    Answers: by how much does the outcome jump where a rule (points, income, age) decides who is treated? It
    holds for people near the limit, not for others.

    Parameters
    ----------
    data, outcome, running, cutoff, treated, at_cutoff, treatment, missing : see `read_running`.
    h, b, rho : bandwidths, see `local_jump`; left out, chosen from the data.
    kernel, p, q, variance, neighbours, selector, mass_points : see `estimate_jump`.
    point : the estimate told: "conventional" (least error) or "bias_corrected" (in the middle of the
        interval). The interval and p value are the robust bias-corrected ones in either case.
    times : 2 when the running variable was settled before the outcome was measured, 1 when both were asked at
        once. confidence, measured_in (such as "points"), source : kept in the result.

    Returns
    -------
    Effect. `details` : conventional, bias-corrected and robust rows. `sensitivity` : other bandwidths, rows
    next to the limit left out, other kernels, a parabola, plain weighted regression. `assumptions` : a jump
    in the density, in placebo limits, numbers near the limit, repeated values. A check that fails lowers the
    claim to a difference.

    Compared with R rdrobust (tests/reference/rdd.csv) and the published 7.41 of the Senate data
    (tests/test_discontinuity.py). Source: Calonico S, Cattaneo MD, Titiunik R (2014), doi 10.3982/ECTA11757;
    Calonico S, Cattaneo MD, Farrell MH (2020), doi 10.1093/ectj/utz022.

    Raises
    ------
    FrameError for unfit columns, a limit outside the data, too few different values on a side or within h, a
    treatment the limit did not decide.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.uniform(-1, 1, 400)
    >>> data = pd.DataFrame({"score": x, "y": x + 2 * (x >= 0) + rng.normal(0, 0.5, 400)})
    >>> found = regression_discontinuity(data, outcome="y", running="score", cutoff=0)
    >>> print(found.lower < 2 < found.upper, found.claim.value)
    True todennakoinen_vaikutus
    """
    if point not in POINTS:
        raise FrameError(f"{WHERE}: point {point!r}; expected one of {', '.join(POINTS)}")
    check_confidence(confidence, WHERE)
    rows = read_running(
        data,
        outcome=outcome,
        running=running,
        cutoff=cutoff,
        treated=treated,
        at_cutoff=at_cutoff,
        treatment=treatment,
        missing=missing,
        where=WHERE,
    )
    found = estimate_jump(
        rows,
        h=h,
        b=b,
        rho=rho,
        kernel=kernel,
        p=p,
        q=q,
        variance=variance,
        neighbours=neighbours,
        selector=selector,
        mass_points=mass_points,
    )
    study = Study("by_rule", measured_in, source, confidence)
    return jump_effect(found, study, point=point, times=times)


def jump_effect(jump: Jump, study: Study, *, point: str = "conventional", times: int = 2) -> Effect:
    """Turn a Jump into an Effect; study : assignment, measured_in, source, confidence."""
    table = jump.table(study.confidence)
    robust = table.iloc[2]
    estimate = jump.conventional if point == "conventional" else jump.bias_corrected
    if not np.isfinite(jump.robust_error) or jump.robust_error == 0:
        raise FrameError(
            f"{WHERE}: the standard error is {jump.robust_error}; the outcome does not vary near the "
            "limit, or too few rows are left there: widen h or use variance 'nn'"
        )
    rows = _checks(jump, study.confidence)
    design = Design(2, times, study.assignment)
    return tested(
        estimate,
        jump.robust_error,
        (float(robust["lower"]), float(robust["upper"])),
        float(robust["p_value"]),
        study=study,
        design=design,
        claim=_bearable(design, rows),
        method=REGISTERED[point],
        n=_sizes(jump),
        assumptions=rows,
        sensitivity=_others(jump, study.confidence),
        details=table,
        caveats=_caveats(jump, rows, estimate, robust),
    )


def _sizes(jump: Jump) -> dict[str, int]:
    left, right = ("control", "treated") if jump.running.treated == "above" else ("treated", "control")
    return {
        left: jump.n[0],
        right: jump.n[1],
        f"{left}_near": jump.effective[0],
        f"{right}_near": jump.effective[1],
    }


def _bearable(design: Design, rows: list[Row]) -> Claim:
    fails = any(verdict == "fails" for _, _, verdict in rows)
    return Claim.ERO if fails and Claim.ERO in design.claim.permits else design.claim


def _checks(jump: Jump, confidence: float) -> list[Row]:
    running = jump.running
    repeated = max(1 - side.values / side.n for side in (running.left, running.right))
    near = min(jump.effective)
    return [
        _density_row(running),
        _placebo_row(placebo_cutoffs(jump, confidence=confidence)),
        ("rows_near_the_limit", f"{jump.effective[0]} and {jump.effective[1]}", _enough(near)),
        (
            "running_variable_fine_enough",
            f"{repeated:.2f} of the rows repeat a value",
            "holds" if repeated < MANY_REPEATED else "doubtful",
        ),
        ("nothing_else_changes_at_the_limit", "not measured", "not_testable"),
    ]


def _enough(rows: int) -> str:
    return "holds" if rows >= FEW_ROWS else "doubtful"


def _judged(p_value: float) -> str:
    if not np.isfinite(p_value):
        return "not_testable"
    return "holds" if p_value >= DOUBTFUL_P else "doubtful" if p_value >= FAILED_P else "fails"


def _density_row(running: Running) -> Row:
    check = "no_sorting_at_the_limit"
    try:
        found = density_test(pd.DataFrame({"x": running.x}), running="x", cutoff=0.0)
    except SosrakeError:
        return (check, "too few rows for a density", "not_testable")
    if running.left.values + running.right.values < len(running.x) * (1 - MANY_REPEATED):
        # Heaps look like jumps of a density; the counts near the limit are told without a verdict.
        nearest = found.counts.iloc[-1]
        return (check, f"{nearest['left']:.0f} and {nearest['right']:.0f} rows nearest", "not_testable")
    return (
        check,
        f"log density {found.log_difference:+.2f}, p = {found.p_value:.3f}",
        _judged(found.p_value),
    )


def _placebo_row(placebos: pd.DataFrame) -> Row:
    p_values = placebos["p_value"].dropna()
    if p_values.empty:
        return ("no_jump_elsewhere", "too few rows for other limits", "not_testable")
    # Several are tried, so the smallest p value is taken times their number (Bonferroni).
    least = min(float(p_values.min()) * len(p_values), 1.0)
    return ("no_jump_elsewhere", f"{len(p_values)} other limits, least p = {least:.3f}", _judged(least))


def _others(jump: Jump, confidence: float) -> list[tuple[str, float, float, float]]:
    rows: list[tuple[str, float, float, float]] = []
    for frame, label in (
        (bandwidth_range(jump, (0.5, 2.0), confidence=confidence), "multiple"),
        (donut(jump, confidence=confidence), "radius"),
    ):
        name = "bandwidth_times" if label == "multiple" else "without_nearest"
        rows += [
            (f"{name}_{row[label]:.3g}", row["estimate"], row["lower"], row["upper"])
            for row in frame.to_dict("records")
            if np.isfinite(row["estimate"]) and row.get("left_out", 1) > 0
        ]
    recipe, order = jump.recipe, jump.recipe.p
    for kernel in KERNELS:
        if kernel != recipe.kernel:
            rows += _tried(f"kernel_{kernel}", jump, confidence, kernel, order)
    rows += _tried(f"order_{order + 1}", jump, confidence, recipe.kernel, order + 1)
    return [*rows, *_plain(jump, confidence)]


def _tried(
    name: str, jump: Jump, confidence: float, kernel: str, p: int
) -> list[tuple[str, float, float, float]]:
    """One more answer, or none where the data do not bear it."""
    kept: dict[str, Any] = {"variance": jump.recipe.variance, "neighbours": jump.recipe.neighbours}
    try:
        again = estimate_jump(jump.running, kernel=kernel, p=p, **kept)
    except SosrakeError:
        return []
    robust = again.table(confidence).iloc[2]
    return [(name, again.conventional, float(robust["lower"]), float(robust["upper"]))]


def _plain(jump: Jump, confidence: float) -> list[tuple[str, float, float, float]]:
    try:
        found = pooled_jump(
            jump.running, h=min(jump.bandwidths.h), p=jump.recipe.p, kernel=jump.recipe.kernel
        )
    except SosrakeError:
        return []
    half = float(t_quantile(0.5 + confidence / 2, found.df)) * found.standard_error
    return [("plain_regression", found.estimate, found.estimate - half, found.estimate + half)]


def _caveats(jump: Jump, rows: list[Row], estimate: float, robust: pd.Series) -> tuple[str, ...]:
    told = {
        "no_sorting_at_the_limit": "sorting_possible",
        "no_jump_elsewhere": "jumps_elsewhere",
        "rows_near_the_limit": "few_rows_near_the_limit",
        "running_variable_fine_enough": "running_variable_coarse",
    }
    found = [told[check] for check, _, verdict in rows if verdict in ("doubtful", "fails") and check in told]
    if not robust["lower"] <= estimate <= robust["upper"]:
        found.append("estimate_outside_interval")
    if jump.running.dropped:
        found.append("rows_left_out")
    return ("only_near_the_limit", *found)
