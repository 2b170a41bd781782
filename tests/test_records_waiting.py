"""Waiting: published medians, an independent estimator, and shares within a limit with the censored told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import waiting
from sosrake_lib.indicators.survival_kernels import median_wait, waiting_curve

# Freireich et al. (1963): weeks in remission, + = censored; medians 23 and 8 are in every textbook.
DRUG = [(6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1), (16, 1), (17, 0)]
DRUG += [(19, 0), (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0)]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
KEYS = ["region_level", "region_code", "borders", "period", "group", "origin"]
PLACE = {"region_level": "hva", "region_code": "E1", "borders": 2026, "period": "2025", "origin": "synthetic"}


def test_freireich_s_leukaemia_medians():
    days, seen = zip(*DRUG, strict=True)
    drug = waiting_curve(days, np.array(seen, bool))
    assert drug.waiting[:4] == pytest.approx([0.857, 0.807, 0.753, 0.690], abs=5e-4)
    assert median_wait(drug).median == 23
    placebo = median_wait(waiting_curve(PLACEBO, [True] * 21))
    assert (placebo.median, placebo.lower, placebo.upper) == (8, 4, 11)
    assert np.isnan(median_wait(drug).upper) and median_wait(drug).lower == 13


def test_curve_and_median_are_those_of_another_program():
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    rng = np.random.default_rng(7)
    for size in (30, 200):
        wait, followed = rng.gamma(2.0, 20.0, size).round(), rng.uniform(10, 90, size).round()
        days, seen = np.minimum(wait, followed), wait <= followed
        other = survfunc.SurvfuncRight(days, seen.astype(int))
        curve = waiting_curve(days, seen)
        assert curve.times == pytest.approx(other.surv_times)
        assert curve.waiting == pytest.approx(other.surv_prob)
        found, (low, high) = median_wait(curve), other.quantile_ci(0.5, method="cloglog")
        assert found.median == other.quantile(0.5)
        assert (found.lower, found.upper) == (low, high)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=40))
def test_the_curve_falls_and_its_median_is_a_day_somebody_s_wait_ended(cases):
    days, seen = (np.array(part) for part in zip(*cases, strict=True))
    curve = waiting_curve(days, seen)
    assert (np.diff(curve.waiting) < 0).all() and (curve.waiting >= 0).all()
    found = median_wait(curve)
    if np.isfinite(found.median):
        assert found.median in days[seen]
        assert not found.lower > found.median and not found.upper < found.median
    if seen.all():
        assert found.median == np.sort(days)[(len(days) - 1) // 2]


def test_leaving_the_waiting_out_would_look_quicker():
    days, seen = np.array([d for d, _ in DRUG]), np.array([s for _, s in DRUG], bool)
    assert np.median(days[seen]) < median_wait(waiting_curve(days, seen)).median


def test_medians_by_group_tell_how_many_still_waited():
    cases = pd.DataFrame(DRUG, columns=["days", "seen"]).assign(group="laake", **PLACE)
    other = pd.DataFrame({"days": [9, 9, 9], "seen": False, "group": "kesken", **PLACE})
    found = waiting.medians(pd.concat([cases, other]).astype({"seen": bool}), "odotus", KEYS).set_index(
        "group"
    )
    assert found.loc["laake", ["value", "denominator", "censored"]].tolist() == [23.0, 21.0, 12.0]
    assert found.at["kesken", "status"] == "missing" and np.isnan(found.at["kesken", "value"])
    assert set(found["method"]) == {"median_kaplan_meier"}


def test_share_within_the_limit_is_of_those_whose_limit_has_passed():
    cases = pd.DataFrame({"ok": [1.0] * 30 + [0.0] * 10 + [np.nan] * 5, "group": "all", **PLACE})
    row = waiting.kept_limit(cases, "ajoissa", KEYS, "ok").iloc[0]
    assert (row["value"], row["numerator"], row["denominator"], row["not_passed"]) == (75, 30, 40, 5)
    wilson = stats.binomtest(30, 40).proportion_ci(method="wilson")
    assert [row["lower"], row["upper"]] == pytest.approx([100 * wilson.low, 100 * wilson.high])
    assert waiting.kept_limit(cases.assign(ok=np.nan), "ajoissa", KEYS, "ok").empty


def test_faults_are_said():
    with pytest.raises(SosrakeError, match="0 or more"):
        waiting_curve([-1], [True])
    with pytest.raises(FrameError, match="column days is missing"):
        waiting.medians(pd.DataFrame({"group": ["a"]}), "odotus", ["group"])
    with pytest.raises(FrameError, match="column ok is missing"):
        waiting.kept_limit(pd.DataFrame({"group": ["a"]}), "odotus", ["group"], "ok")
