"""Regression discontinuity: published figures, dense matrices, checks at the limit, refusals."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim
from sosrake_lib.effects.discontinuity import (
    Recipe,
    bandwidth_range,
    bandwidths,
    binned_means,
    covariate_jumps,
    density_test,
    donut,
    kernel_weights,
    local_jump,
    neighbour_residuals,
    placebo_cutoffs,
    plain_jump,
    read_running,
    regression_discontinuity,
)
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.verify.compare import Tolerance, disagreements
from sosrake_lib.verify.kinds_discontinuity import KINDS
from sosrake_lib.verify.names import read_name

REFERENCE = Path(__file__).resolve().parent / "reference" / "rdd.csv"
NAMES = {"outcome": "y", "running": "score", "cutoff": 0}
SENATE = {"outcome": "vote", "running": "margin", "cutoff": 0, "missing": "drop"}
DRINKING = {"running": "agecell", "cutoff": 21, "missing": "drop"}


def reference():
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pupils(n=400, jump=2.0, seed=1):
    rng = np.random.default_rng(seed)
    score = rng.uniform(-1, 1, n)
    y = 1 + score + 0.5 * score**2 + jump * (score >= 0) + rng.normal(0, 0.5, n)
    return pd.DataFrame({"score": score, "y": y, "age": rng.normal(40, 5, n)})


def real(shared, name):
    path = shared / "data" / "impact" / name
    if not path.is_file():
        pytest.skip("the sources in ../shared are not beside the project")
    return pd.read_csv(path)


@pytest.mark.parametrize("case", reference(), ids=lambda case: case["id"])
def test_reference_cases(case):
    name = read_name(case["function"])
    found = KINDS[name.kind].run(dict(name.options) | json.loads(case["inputs"]))
    within = Tolerance(float(case["relative"]), float(case["absolute"]))
    assert disagreements(found, json.loads(case["expected"]), within) == []


# Published results.


def test_the_senate_advantage_as_published(shared):
    """Calonico, Cattaneo, Farrell and Titiunik (2017), The Stata Journal 17, 372-404: 7.41, 4.09 to 10.92."""
    senate = real(shared, "rdrobust_senate.csv")
    found = regression_discontinuity(senate, **SENATE, measured_in="percentage points")
    assert (round(found.estimate, 4), round(found.lower, 4), round(found.upper, 3)) == (
        7.4141,
        4.0937,
        10.919,
    )
    assert dict(found.n) == {"control": 595, "treated": 702, "control_near": 360, "treated_near": 323}
    assert found.claim is Claim.TODENNAKOINEN_VAIKUTUS and "rows_left_out" in found.caveats
    corrected = regression_discontinuity(senate, **SENATE, point="bias_corrected")
    assert corrected.estimate == pytest.approx((found.lower + found.upper) / 2)
    assert corrected.method == "rdd_bias_corrected" != found.method


@pytest.mark.parametrize(
    ("selector", "h", "b"),
    [
        ("mserd", (17.754, 17.754), (28.028, 28.028)),
        ("msetwo", (16.170, 18.126), (27.104, 29.344)),
        ("msesum", (18.365, 18.365), (31.319, 31.319)),
        ("msecomb1", (17.754, 17.754), (28.028, 28.028)),
        ("msecomb2", (17.754, 18.126), (28.028, 29.344)),
        ("cerrd", (12.407, 12.407), (28.028, 28.028)),
        ("certwo", (11.299, 12.667), (27.104, 29.344)),
        ("cersum", (12.834, 12.834), (31.319, 31.319)),
    ],
)
def test_every_bandwidth_of_the_senate_data_as_published(shared, selector, h, b):
    """The same article's table of all bandwidths, three decimals."""
    rows = read_running(real(shared, "rdrobust_senate.csv"), **SENATE, where="test")
    found = bandwidths(rows, Recipe(), selector)
    assert found.h == pytest.approx(h, abs=6e-4) and found.b == pytest.approx(b, abs=6e-4)


def test_deaths_at_the_drinking_age_as_printed(shared):
    """Angrist and Pischke (2015), table 4.1, all four columns."""
    deaths = real(shared, "rd_drinking_mlda_causalpy.csv")
    printed = {
        "all": ((7.66, 1.51), (9.55, 1.83), (9.75, 2.06), (9.61, 2.29)),
        "mva": ((4.53, 0.72), (4.66, 1.09), (4.76, 1.08), (5.89, 1.33)),
        "suicide": ((1.79, 0.50), (1.81, 0.78), (1.72, 0.73), (1.30, 1.14)),
        "homicide": ((0.10, 0.45), (0.20, 0.50), (0.16, 0.59), (-0.45, 0.93)),
    }
    ways = [
        {"common_slope": True},
        {"p": 2},
        {"common_slope": True, "h": 1, "kernel": "uniform"},
        {"p": 2, "h": 1, "kernel": "uniform"},
    ]
    for outcome, columns in printed.items():
        for way, (estimate, error) in zip(ways, columns, strict=True):
            found = plain_jump(deaths, outcome=outcome, **DRINKING, **way)
            assert (found.estimate, found.standard_error) == pytest.approx((estimate, error), abs=0.00501)


def test_few_cells_are_told_to_be_few(shared):
    deaths = real(shared, "rd_drinking_mlda_causalpy.csv")
    found = regression_discontinuity(deaths, outcome="all", **DRINKING)
    assert found.lower < 9.55 < found.upper and "few_rows_near_the_limit" in found.caveats
    verdict = found.assumptions.set_index("check")["verdict"]
    assert verdict["no_sorting_at_the_limit"] == "not_testable"


# Against independent computing.


def test_residuals_from_neighbours_equal_a_plain_loop():
    rng = np.random.default_rng(2)
    for x in (np.sort(rng.normal(size=50)), np.sort(rng.integers(0, 15, 50)).astype(float)):
        y = rng.normal(100, 1, 50)
        for wanted in (1, 3, 60):
            expected = []
            for i in range(50):
                distance = np.abs(np.delete(x, i) - x[i])
                near = distance <= np.sort(distance)[min(wanted, 49) - 1]
                j = near.sum()
                expected.append(np.sqrt(j / (j + 1)) * (y[i] - np.delete(y, i)[near].mean()))
            assert neighbour_residuals(x, y, wanted) == pytest.approx(expected, abs=1e-9)


def test_plain_regression_equals_statsmodels():
    data = pupils()
    near = data.loc[data["score"].abs() < 0.4]
    above = (near["score"] >= 0).astype(float)
    design = np.column_stack([np.ones(len(near)), above, near["score"], above * near["score"]])
    fit = sm.WLS(near["y"], design, weights=1 - near["score"].abs() / 0.4).fit(cov_type="HC1")
    found = plain_jump(data, **NAMES, h=0.4)
    assert found.estimate == pytest.approx(fit.params.iloc[1], rel=1e-9)
    assert found.standard_error == pytest.approx(fit.bse.iloc[1], rel=1e-9)
    assert local_jump(data, **NAMES, h=0.4).conventional == pytest.approx(found.estimate, rel=1e-9)


def test_a_parabola_without_noise_leaves_no_bias():
    x = np.linspace(-1, 1, 80)
    wobble = np.tile([1e-6, -1e-6], 40)
    data = pd.DataFrame({"score": x, "y": 3 * (x >= 0) + x - 4 * x**2 * (x >= 0) + wobble})
    found = local_jump(data, **NAMES, h=0.5, b=0.8)
    assert abs(found.conventional - 3) > 0.05
    assert found.bias_corrected == pytest.approx(3, abs=1e-4)


def test_robust_intervals_hold_the_truth_as_often_as_they_say():
    held = 0
    for seed in range(200):
        interval = local_jump(pupils(250, seed=seed), **NAMES).table(0.9).iloc[2]
        held += interval["lower"] <= 2 <= interval["upper"]
    # 90 % of 200, four Monte Carlo errors down and with the slack of 250 rows.
    assert held / 200 > 0.82


# Options and what a user is told.


def test_treated_below_turns_the_sign():
    data = pupils()
    above, below = (regression_discontinuity(data, **NAMES, treated=side) for side in ("above", "below"))
    assert below.estimate == -above.estimate and below.lower == -above.upper
    assert below.n["treated"] == above.n["control"]


def test_a_value_at_the_limit_belongs_where_the_rule_puts_it():
    data = pd.DataFrame({"score": np.arange(-10.0, 11), "y": np.arange(21.0) ** 1.1})
    assert local_jump(data, **NAMES, h=6).n == (10, 11)
    assert local_jump(data, **NAMES, h=6, at_cutoff="below").n == (11, 10)


def test_bandwidths_left_right_and_by_ratio():
    data = pupils()
    found = local_jump(data, **NAMES, h=(0.3, 0.5), b=[0.6, 0.7])
    assert found.bandwidths.h == (0.3, 0.5) and found.bandwidths.b == (0.6, 0.7) and found.selector == "given"
    assert local_jump(data, **NAMES, h=0.3).bandwidths.b == (0.3, 0.3)
    assert local_jump(data, **NAMES, h=0.3, rho=0.5).bandwidths.b == (0.6, 0.6)
    chosen = local_jump(data, **NAMES, rho=1)
    assert chosen.bandwidths.h == chosen.bandwidths.b


def test_repeated_values_widen_the_windows():
    data = pupils().assign(score=lambda d: np.round(d["score"], 1) + 0.05)
    found = local_jump(data, **NAMES)
    assert found.bandwidths.h[0] >= 0.95
    assert local_jump(data, **NAMES, mass_points="off").bandwidths.h[0] < found.bandwidths.h[0]
    told = regression_discontinuity(data, **NAMES)
    assert "running_variable_coarse" in told.caveats


def test_sorting_at_the_limit_is_found_and_lowers_the_claim():
    data = pupils(3000)
    assert density_test(data, running="score", cutoff=0).p_value > 0.05
    moved = data.assign(score=np.where(data["score"].between(-0.15, 0), -data["score"], data["score"]))
    found = density_test(moved, running="score", cutoff=0)
    assert found.p_value < 1e-6 and found.log_difference > 1
    assert (found.counts["p_value"] < 0.001).all()
    effect = regression_discontinuity(moved, **NAMES)
    assert effect.claim is Claim.ERO and "sorting_possible" in effect.caveats


def test_the_density_test_is_calibrated():
    rng = np.random.default_rng(7)
    draws = [
        density_test(pd.DataFrame({"x": rng.normal(size=800)}), running="x", cutoff=0.2).p_value < 0.05
        for _ in range(300)
    ]
    # McCrary's test is known to reject somewhat too often; Monte Carlo error 1.3 points.
    assert 0.01 < np.mean(draws) < 0.12


def test_checks_of_a_jump():
    data = pupils(1500)
    jump = local_jump(data, **NAMES)
    placebos = placebo_cutoffs(jump)
    assert placebos["side"].tolist() == ["below"] * 3 + ["above"] * 3
    assert (placebos["p_value"] > 0.005).all()
    # A placebo limit uses one side only: its rows add up to no more than that side's.
    assert (placebos["n_left"] + placebos["n_right"] <= max(jump.n)).all()
    holes = donut(jump, [0, 0.05])
    assert holes["estimate"][0] == pytest.approx(jump.conventional) and holes["left_out"][1] > 20
    wide = bandwidth_range(jump, [1, 2])
    assert wide["estimate"][0] == pytest.approx(jump.conventional) and wide["n_left"][1] > wide["n_left"][0]
    assert covariate_jumps(data, ["age"], running="score", cutoff=0)["p_value"][0] > 0.01
    with pytest.raises(FrameError, match="0 is the true limit"):
        placebo_cutoffs(jump, [0])


def test_a_jump_elsewhere_lowers_the_claim():
    data = pupils(1500)
    data["y"] += 4 * (data["score"] > np.quantile(data.loc[data["score"] >= 0, "score"], 0.5))
    found = regression_discontinuity(data, **NAMES)
    assert found.assumptions.set_index("check")["verdict"]["no_jump_elsewhere"] == "fails"
    assert found.claim is Claim.ERO


def test_the_picture_s_steps_hold_every_row():
    data = pupils()
    table = binned_means(data, outcome="y", running="score", cutoff=0, bins=8)
    assert table["n"].sum() == len(data) and table["lower"].is_monotonic_increasing
    assert np.average(table["mean_outcome"], weights=table["n"]) == pytest.approx(data["y"].mean())
    assert table["mean_running"].between(table["lower"] - 1e-9, table["upper"] + 1e-9).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"running": "none"}, "column 'none' is missing"),
        ({"cutoff": 5}, "0 different values of 'score' above the limit 5"),
        ({"outcome": "score"}, "must be different columns"),
        ({"treated": "left"}, "treated 'left'; expected above or below"),
        ({"kernel": "gaussian"}, "kernel 'gaussian'; expected one of triangular"),
        ({"variance": "hc9"}, "variance 'hc9'"),
        ({"selector": "best"}, "selector 'best'"),
        ({"p": -1}, "p from 0 to 4"),
        ({"p": 1, "q": 1}, "q above it"),
        ({"h": 0}, "h 0; expected a bandwidth above 0"),
        ({"h": 1e-6}, "widen the bandwidth"),
        ({"b": 0.4}, "b is given without h"),
        ({"rho": 0}, "rho 0; expected h / b above 0"),
        ({"missing": "guess"}, "missing 'guess'"),
        ({"point": "middle"}, "point 'middle'"),
        ({"confidence": 1}, "confidence 1"),
        ({"treatment": "got"}, r"column 'got' differs from the limit's rule in 1 row\(s\)"),
    ],
)
def test_what_is_refused(options, message):
    data = pupils().assign(got=lambda d: (d["score"] >= 0).astype(int))
    data.loc[0, "got"] = 1 - data.loc[0, "got"]
    with pytest.raises(SosrakeError, match=message):
        regression_discontinuity(data, **(NAMES | options))


def test_empty_and_constant_columns_are_refused():
    data = pupils()
    with pytest.raises(FrameError, match="every 'y' is 1; nothing varies"):
        regression_discontinuity(data.assign(y=1.0), **NAMES)
    data.loc[7, "y"] = np.nan
    with pytest.raises(FrameError, match=r"column 'y' is empty in 1 row\(s\), first 7"):
        regression_discontinuity(data, **NAMES)
    with pytest.raises(FrameError, match="no spread around a curve"):
        local_jump(
            data.assign(y=data["score"] + (data["score"] >= 0)), **NAMES, variance="hc0", kernel="uniform"
        )


def test_the_density_test_refuses_thin_sides():
    with pytest.raises(FrameError, match="at least 30 on each side are needed"):
        density_test(pupils(50), running="score", cutoff=0)
    with pytest.raises(FrameError, match="give a smaller bin_width"):
        density_test(pupils(), running="score", cutoff=0, bin_width=0.5)


# Properties.


@settings(max_examples=25, deadline=None)
@given(st.floats(-50, 50), st.floats(0.1, 20), st.floats(-5, 5), st.floats(0.2, 30), st.integers(0, 5))
def test_units_do_not_matter(shift, scale, x_shift, x_scale, seed):
    data = pupils(150, seed=seed)
    found = local_jump(data, **NAMES)
    moved = pd.DataFrame({"score": x_shift + x_scale * data["score"], "y": shift + scale * data["y"]})
    moved = moved.sample(frac=1, random_state=seed)
    other = local_jump(moved, outcome="y", running="score", cutoff=x_shift)
    assert other.conventional == pytest.approx(scale * found.conventional, rel=1e-5, abs=1e-6)
    assert other.robust_error == pytest.approx(scale * found.robust_error, rel=1e-5)
    assert other.bandwidths.h[0] == pytest.approx(x_scale * found.bandwidths.h[0], rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=20))
def test_kernels_fall_with_distance_and_end(distances):
    u = np.sort(np.abs(distances))
    for kernel in ("triangular", "uniform", "epanechnikov"):
        weights = kernel_weights(u, kernel)
        assert (weights >= 0).all() and (np.diff(weights) <= 1e-12).all()
        assert (weights[u > 1] == 0).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 30), st.sampled_from(["nn", "hc0", "hc1", "hc2", "hc3"]))
def test_robust_rows_are_ordered(seed, variance):
    table = local_jump(pupils(120, seed=seed), **NAMES, variance=variance).table()
    assert (table["lower"] <= table["estimate"]).all() and (table["estimate"] <= table["upper"]).all()
    assert (table["standard_error"] > 0).all() and table["p_value"].between(0, 1).all()
