"""Difference in means, propensity scores, matching and balance: published figures, plain loops, refusals."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim
from sosrake_lib.effects.matching import (
    averaged_matches,
    balance_table,
    common_support,
    difference_in_means,
    greedy_pairs,
    match_averaged,
    match_pairs,
    propensity_matching,
    propensity_score,
)
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.verify.compare import Tolerance, disagreements
from sosrake_lib.verify.kinds_matching import KINDS
from sosrake_lib.verify.names import read_name

REFERENCE = Path(__file__).resolve().parent / "reference" / "matching.csv"
COVARIATES = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
NAMES = {"outcome": "y", "treatment": "t"}
# The same arithmetic in another order.
ROUNDING = 1e-9


def reference():
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def people(n=80, seed=1, effect=2.0):
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=n), rng.integers(0, 2, n)
    t = (rng.random(n) < 1 / (1 + np.exp(0.4 - 0.8 * x - 0.5 * z))).astype(int)
    return pd.DataFrame({"x": x, "z": z, "t": t, "y": 1 + x + z + effect * t + rng.normal(size=n)})


def national(shared, name):
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


def test_the_experimental_benchmark_of_dehejia_and_wahba(shared):
    """Dehejia and Wahba (1999), table 2: 1 794 (633) dollars."""
    sample = national(shared, "causaldata_nsw_mixtape.csv")
    found = difference_in_means(
        sample, outcome="re78", treatment="treat", standard_error="ols", assignment="randomised"
    )
    assert round(found.estimate) == 1794 and round(found.standard_error) == 633
    assert found.claim is Claim.VAIKUTUS and dict(found.n) == {"treated": 185, "control": 260}


def test_other_controls_make_the_same_programme_look_harmful(shared):
    """Dehejia and Wahba (1999), table 2, CPS-1: -8 498 (712) dollars; matching comes back near the truth."""
    trial = national(shared, "causaldata_nsw_mixtape.csv").query("treat == 1")
    both = pd.concat([trial, national(shared, "causaldata_cps_mixtape.csv.gz")], ignore_index=True)
    names = {"outcome": "re78", "treatment": "treat"}
    naive = difference_in_means(both, **names, standard_error="ols")
    assert round(naive.estimate) == -8498 and round(naive.standard_error) == 712
    for found in (
        match_pairs(both, **names, covariates=COVARIATES),
        match_averaged(both, **names, covariates=COVARIATES),
    ):
        assert 1000 < found.estimate < 2500
        assert found.balance["smd_after"].abs().max() < 0.3 < found.balance["smd_before"].abs().max()


# Against plain loops.


def looped(own, pool, order, ratio, caliper):
    turn = {"largest": np.argsort(-own, kind="stable"), "smallest": np.argsort(own, kind="stable")}
    free, found = list(range(len(pool))), []
    for _ in range(ratio):
        for i in turn.get(order, np.arange(len(own))):
            near = [(abs(own[i] - pool[j]), j) for j in free if abs(own[i] - pool[j]) <= caliper]
            if near:
                distance, j = min(near)
                found.append((int(i), j, distance))
                free.remove(j)
    return found


@pytest.mark.parametrize("order", ["largest", "smallest", "data"])
@pytest.mark.parametrize(("ratio", "caliper"), [(1, np.inf), (2, np.inf), (1, 0.03), (3, 0.1)])
def test_greedy_matching_equals_a_plain_loop(order, ratio, caliper):
    rng = np.random.default_rng(3)
    for scores in (rng.random, lambda n: rng.integers(0, 12, n) / 8):
        own, pool = scores(25), scores(60)
        pairs = greedy_pairs(own, pool, ratio=ratio, order=order, caliper=caliper)
        found = list(zip(pairs.own.tolist(), pairs.other.tolist(), pairs.distance.tolist(), strict=True))
        assert found == looped(own, pool, order, ratio, caliper)


def test_greedy_matching_with_replacement_takes_the_first_of_the_nearest():
    rng = np.random.default_rng(4)
    own, pool = rng.integers(0, 9, 30) / 8, rng.integers(0, 9, 40) / 8
    pairs = greedy_pairs(own, pool, ratio=3, order="data", replace=True)
    expected = [j for i in own for _, j in sorted((abs(i - p), j) for j, p in enumerate(pool))[:3]]
    assert pairs.other.tolist() == expected


def looped_average(y, t, s, estimand, matches, ties):
    differences, load, square_load = {}, np.zeros(len(y)), np.zeros(len(y))
    for i in range(len(y)):
        if estimand == "ATE" or t[i] == (estimand == "ATT"):
            others = np.flatnonzero(t != t[i])
            squared = (s[others] - s[i]) ** 2 / s.var(ddof=1)
            near = others[squared <= np.sort(squared)[matches - 1] + ties]
            differences[i] = (y[i] - y[near]) * (1 if t[i] else -1)
            load[near] += 1 / len(near)
            square_load[near] += 1 / len(near) ** 2
    gap = np.array([one.mean() for one in differences.values()])
    n, estimate = len(gap), gap.mean()
    sigma2 = sum(((one - estimate) ** 2).mean() for one in differences.values()) / (2 * n)
    asked = np.isin(np.arange(len(y)), list(differences))
    variance = ((gap - estimate) ** 2).sum() + sigma2 * (load**2 + 2 * load * asked - square_load).sum()
    return estimate, np.sqrt(variance) / n


@pytest.mark.parametrize("estimand", ["ATT", "ATC", "ATE"])
@pytest.mark.parametrize(("matches", "ties"), [(1, 0.0), (1, 1e-5), (3, 1e-3)])
def test_averaged_matches_equal_a_plain_loop(estimand, matches, ties):
    rng = np.random.default_rng(5)
    t = rng.random(70) < 0.4
    for s in (rng.random(70), rng.integers(0, 10, 70) / 8):
        y = rng.normal(1e4, 10, 70)
        found = averaged_matches(y, t, s, estimand=estimand, matches=matches, ties=ties)
        expected = looped_average(y, t, s, estimand, matches, ties + 1e-12)
        assert (found.estimate, found.standard_error) == pytest.approx(expected, rel=1e-7)
        assert found.weights[t].sum() == pytest.approx(found.used)
        assert found.weights[~t].sum() == pytest.approx(found.used)


def test_pairs_with_replacement_carry_the_load_of_shared_controls():
    data = people()
    found = match_pairs(data, **NAMES, covariates=["x", "z"], replace=True)
    scores = propensity_score(data, treatment="t", covariates=["x", "z"]).scores.to_numpy()
    y, t = data["y"].to_numpy(), data["t"].to_numpy() == 1
    expected = looped_average(y, t, scores, "ATT", 1, 0.0)
    assert (found.estimate, found.standard_error) == pytest.approx(expected, rel=ROUNDING)
    assert found.df == np.inf and match_pairs(data, **NAMES, covariates=["x", "z"]).df < 80


# What a user is told.


def test_an_effect_tells_its_balance_checks_and_other_answers():
    found = propensity_matching(
        people(400), **NAMES, covariates=["x", "z"], caliper=0.2, measured_in="points"
    )
    assert found.details["covariate"].tolist() == ["distance", "x", "z"]
    assert {"balance", "common_support", "all_matched"} < set(found.assumptions["check"])
    assert {"nothing_adjusted", "with_replacement", "weighting"} <= set(found.sensitivity["analysis"])
    assert found.claim is Claim.YHTEYS and "unmeasured_confounding" in found.caveats
    assert found.unit == "points" and found.n["unmatched"] > 0


def test_imbalance_that_is_left_lowers_the_claim():
    found = propensity_matching(people(60, seed=2), **NAMES, covariates=["x", "z"])
    verdict = found.assumptions.set_index("check")["verdict"]["balance"]
    assert verdict == "fails" and found.claim is Claim.ERO and "imbalance_left" in found.caveats


def test_only_a_lottery_makes_a_difference_an_effect():
    data = people()
    for assignment, claim in (("none", Claim.ERO), ("chosen", Claim.YHTEYS), ("randomised", Claim.VAIKUTUS)):
        assert difference_in_means(data, **NAMES, assignment=assignment).claim is claim


def test_rows_keep_their_labels_and_the_data_stay_as_they_were():
    data = people().set_index(pd.Index([f"p{i}" for i in range(80)]))
    before = data.copy()
    found = match_pairs(data, **NAMES, covariates=["x", "z"], ratio=1)
    assert set(found.pairs["row"]) <= set(data.index[data["t"] == 1])
    assert found.pairs["match"].is_unique and found.weights.index.equals(data.index)
    pd.testing.assert_frame_equal(data, before)


def test_missing_rows_are_dropped_only_when_asked():
    data = people()
    data.loc[3, "x"] = np.nan
    with pytest.raises(FrameError, match=r"match_pairs: column 'x' is empty in 1 row\(s\), first 3"):
        match_pairs(data, **NAMES, covariates=["x"])
    found = propensity_matching(data, **NAMES, covariates=["x"], missing="drop")
    assert "rows_left_out" in found.caveats


def test_a_score_estimated_elsewhere():
    data = people()
    data["p"] = propensity_score(data, treatment="t", covariates=["x", "z"]).scores
    given_score = match_pairs(data, **NAMES, covariates=["x", "z"], score="p")
    assert given_score.estimate == match_pairs(data, **NAMES, covariates=["x", "z"]).estimate
    with pytest.raises(FrameError, match="score 'p' is 1 in row 0"):
        match_pairs(data.assign(p=1.0), **NAMES, covariates=["x"], score="p")


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"t": 2}, {}, "column 't' is 2 in row 0; expected 0"),
        ({"t": 1}, {}, "80 treated and 0 control rows by 't'"),
        ({"y": 3.0}, {}, "every 'y' is 3; nothing varies"),
        ({"x": 1.0}, {}, "covariate 'x' is constant or follows from those before it"),
        ({"x": np.inf}, {}, "column 'x' is infinite in row 0"),
        ({}, {"covariates": ["x", "y"]}, "the outcome 'y' is among the covariates"),
        ({}, {"covariates": ["t"]}, "the treatment 't' is among the covariates"),
        ({}, {"covariates": ["x", "x"]}, "column 'x' is asked twice"),
        ({}, {"covariates": []}, "no covariates; name what was known before"),
        ({}, {"covariates": ["w"]}, "column 'w' is missing; the data have x, z, t, y"),
        ({}, {"estimand": "LATE"}, "estimand 'LATE'; expected one of ATT, ATC"),
        ({}, {"caliper": 0}, "caliper 0; expected a distance above 0"),
        ({}, {"caliper": 1e-12}, r"row\(s\) found a match within the caliper"),
        ({}, {"order": "best"}, "order 'best'; expected one of largest"),
        ({}, {"ratio": 0}, "ratio 0; expected a whole number"),
        ({}, {"scale": "odds"}, "scale 'odds'"),
        ({}, {"missing": "guess"}, "missing 'guess'"),
    ],
)
def test_what_is_refused(change, options, message):
    data = people().assign(**change)
    with pytest.raises(SosrakeError, match=message):
        match_pairs(data, **(NAMES | {"covariates": ["x", "z"]} | options))


def test_perfect_separation_is_told_by_name():
    data = people()
    data["rule"] = data["t"] * 10 + data["z"]
    with pytest.raises(FrameError, match=r"covariate 'rule' tells exactly who .*perfect separation"):
        propensity_score(data, treatment="t", covariates=["x", "rule"])
    data["a"], data["b"] = 3 * data["x"] + data["t"], 3 * data["x"] - data["t"]
    with pytest.raises(FrameError, match="a, b together tell exactly who"):
        propensity_score(data, treatment="t", covariates=["a", "b"])


def test_scores_that_meet_nowhere_are_refused():
    data = people().assign(p=lambda d: np.where(d["t"] == 1, 0.8, 0.2) + 0.05 * d["z"])
    with pytest.raises(FrameError, match="no overlap: the scores of treated and controls meet nowhere"):
        match_averaged(data, **NAMES, covariates=[], score="p")


def test_averaged_matches_refuse_what_they_cannot_do():
    y, t, s = np.arange(6.0), np.array([True, True, False, False, False, False]), np.linspace(0.2, 0.8, 6)
    with pytest.raises(SosrakeError, match="5 matches each; expected a whole number from 1 to 4"):
        averaged_matches(y, t, s, matches=5)
    with pytest.raises(SosrakeError, match=r"nobody has a match within the caliper 0\.001"):
        averaged_matches(y, t, s, caliper=1e-3)
    with pytest.raises(SosrakeError, match="estimand 'all'"):
        averaged_matches(y, t, s, estimand="all")
    with pytest.raises(SosrakeError, match=r"expected three of \(n,\)"):
        averaged_matches(y, t[:3], s)


def test_balance_refuses_weights_that_leave_nobody():
    data = people()
    with pytest.raises(FrameError, match="weights of the control rows sum to 0"):
        balance_table(data, treatment="t", covariates=["x"], weights=data["t"])
    with pytest.raises(FrameError, match="expected one number of 0 or more a row"):
        balance_table(data, treatment="t", covariates=["x"], weights=-data["t"])


def test_balance_without_spread_among_the_treated_uses_both_arms():
    data = pd.DataFrame({"t": [1, 1, 0, 0, 0], "x": [2.0, 2.0, 1.0, 2.0, 4.0]})
    table = balance_table(data, treatment="t", covariates=["x"])
    assert np.isfinite(table["smd_before"]).all()


# Properties.

SCORES = st.lists(st.integers(1, 19).map(lambda v: v / 20), min_size=4, max_size=25)


@settings(max_examples=40, deadline=None)
@given(SCORES, SCORES, st.sampled_from(["largest", "smallest", "random", "data"]), st.integers(1, 3))
def test_nobody_serves_twice_without_replacement(own, pool, order, ratio):
    pairs = greedy_pairs(own, pool, order=order, ratio=ratio, seed=1)
    assert len(set(pairs.other.tolist())) == len(pairs.other) == min(len(own) * ratio, len(pool))
    assert np.bincount(pairs.own).max() <= ratio
    limited = greedy_pairs(own, pool, order=order, ratio=ratio, seed=1, caliper=0.1)
    assert (limited.distance <= 0.1).all()


@settings(max_examples=40, deadline=None)
@given(SCORES, st.integers(0, 10**6), st.floats(-50, 50), st.floats(0.1, 20))
def test_matching_moves_with_the_outcome(scores, seed, shift, scale):
    rng = np.random.default_rng(seed)
    s = np.array(scores)
    t = np.arange(len(s)) % 2 == 0
    y = rng.normal(size=len(s))
    found = averaged_matches(y, t, s, estimand="ATE")
    moved = averaged_matches(shift + scale * y, t, s, estimand="ATE")
    assert moved.estimate == pytest.approx(scale * found.estimate, rel=1e-6, abs=1e-8)
    assert moved.standard_error == pytest.approx(scale * found.standard_error, rel=1e-6, abs=1e-8)
    order = rng.permutation(len(s))
    again = averaged_matches(y[order], t[order], s[order], estimand="ATE")
    assert again.estimate == pytest.approx(found.estimate, rel=1e-9, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(SCORES, SCORES)
def test_common_support_is_shared_by_both(treated, control):
    scores = np.array(treated + control)
    arms = np.arange(len(scores)) < len(treated)
    found = common_support(scores, arms)
    assert 0 <= found.all_inside <= 1
    assert found.lower == max(min(treated), min(control)) and found.upper == min(max(treated), max(control))
