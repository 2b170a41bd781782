"""Inverse-probability and augmented weighting: published figures, statsmodels, properties, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim
from sosrake_lib.effects.matching import (
    augment,
    augmented_weighting,
    effective_size,
    inverse_probability_weighting,
    propensity_weights,
    weigh,
    weighted_difference,
)
from sosrake_lib.errors import FrameError, SosrakeError

NAMES = {"outcome": "y", "treatment": "t", "covariates": ["x", "z"]}
ROUNDING = 1e-8


def people(n=200, seed=1, effect=2.0):
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=n), rng.integers(0, 2, n)
    t = (rng.random(n) < 1 / (1 + np.exp(0.4 - 0.8 * x - 0.5 * z))).astype(int)
    return pd.DataFrame({"x": x, "z": z, "t": t, "y": 1 + x + z + effect * t + rng.normal(size=n)})


def scores_of(data):
    design = sm.add_constant(data[["x", "z"]].to_numpy(dtype=float))
    return sm.Logit(data["t"], design).fit(disp=0, tol=1e-12).predict(design)


def smokers(shared):
    path = shared / "data" / "impact" / "causaldata_nhefs_complete.csv"
    if not path.is_file():
        pytest.skip("the sources in ../shared are not beside the project")
    data = pd.read_csv(path)
    for name in ("age", "smokeintensity", "smokeyrs", "wt71"):
        data[f"{name}_squared"] = data[name] ** 2
    return data


SMOKING = {
    "outcome": "wt82_71",
    "treatment": "qsmk",
    "covariates": [
        *("sex", "race", "age", "age_squared", "smokeintensity", "smokeintensity_squared"),
        *("smokeyrs", "smokeyrs_squared", "wt71", "wt71_squared"),
    ],
    "factors": ["education", "exercise", "active"],
}


def test_stopping_smoking_and_weight_as_in_the_book(shared):
    """Hernán and Robins (2020), Causal inference: what if, 12.2: 3.4 kg (95 % 2.4 to 4.5); crude 2.5."""
    found = inverse_probability_weighting(smokers(shared), **SMOKING, estimand="ATE", measured_in="kg")
    assert (round(found.estimate, 1), round(found.lower, 1), round(found.upper, 1)) == (3.4, 2.4, 4.5)
    others = found.sensitivity.set_index("analysis")
    assert round(others["estimate"]["nothing_adjusted"], 1) == 2.5
    # Counting in that the score was estimated narrows the interval, as the book notes (chapter 12).
    estimated = others.loc["standard_error_score_estimated"]
    assert estimated["upper"] - estimated["lower"] < found.upper - found.lower
    assert found.claim is Claim.YHTEYS


def test_doubly_robust_agrees_with_the_book_s_other_ways(shared):
    """The same, 12.2 and 13.3: 3.4 by weighting, 3.5 by standardisation."""
    found = augmented_weighting(smokers(shared), **SMOKING)
    assert 3.3 < found.estimate < 3.6
    assert found.sensitivity.set_index("analysis")["estimate"]["regression_alone"] == pytest.approx(
        3.5, abs=0.1
    )


@pytest.mark.parametrize("estimand", ["ATT", "ATE", "ATC", "ATO"])
def test_weighting_equals_weighted_least_squares(estimand):
    data = people()
    p, t = scores_of(data), data["t"].to_numpy() == 1
    asked = {"ATT": p, "ATE": 1 + 0 * p, "ATC": 1 - p, "ATO": p * (1 - p)}[estimand]
    weights = asked / np.where(t, p, 1 - p)
    fit = sm.WLS(data["y"], sm.add_constant(t.astype(float)), weights=weights).fit(cov_type="HC0")
    found = weigh(data, **NAMES, estimand=estimand).found
    n = len(data)
    assert found.estimate == pytest.approx(fit.params.iloc[1], rel=ROUNDING)
    assert found.standard_error == pytest.approx(fit.bse.iloc[1] * np.sqrt(n / (n - 1)), rel=ROUNDING)


@pytest.mark.parametrize("estimand", ["ATT", "ATE", "ATC", "ATO"])
def test_the_estimated_score_s_error_equals_stacked_equations(estimand):
    """The sandwich of all equations at once, its slopes by finite differences."""
    data = people(120)
    design = sm.add_constant(data[["x", "z"]].to_numpy(dtype=float))
    y, t = data["y"].to_numpy(), data["t"].to_numpy()

    def equations(theta):
        p = 1 / (1 + np.exp(-design @ theta[:3]))
        w = propensity_weights(p, t == 1, estimand)
        return np.column_stack(
            [design * (t - p)[:, None], t * w * (y - theta[3]), (1 - t) * w * (y - theta[4])]
        )

    found = weigh(data, **NAMES, estimand=estimand)
    fit = found.sample.fit
    theta = np.array([*fit.coefficients, found.found.mean_treated, found.found.mean_control])
    step = 1e-6
    bread = np.linalg.inv(
        np.column_stack(
            [
                (equations(theta + step * one).sum(0) - equations(theta - step * one).sum(0)) / (2 * step)
                for one in np.eye(5)
            ]
        )
    )
    parts = equations(theta) @ bread.T
    n = len(data)
    expected = np.sqrt(((parts[:, 3] - parts[:, 4]) ** 2).sum() * n / (n - 1))
    assert found.score_estimated_error == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("estimand", ["ATE", "ATT", "ATC"])
def test_augmented_weighting_equals_its_written_formula(estimand):
    data = people()
    p, t, y = scores_of(data), data["t"].to_numpy(), data["y"].to_numpy()
    design = sm.add_constant(data[["x", "z"]].to_numpy(dtype=float))
    m1, m0 = (design @ np.linalg.lstsq(design[t == arm], y[t == arm], rcond=None)[0] for arm in (1, 0))
    odds = p / (1 - p)
    if estimand == "ATE":
        w1, w0 = t / p, (1 - t) / (1 - p)
        expected = (m1 - m0).mean() + w1 @ (y - m1) / w1.sum() - w0 @ (y - m0) / w0.sum()
        psi = w1 * (y - m1) + m1 - w0 * (y - m0) - m0
    elif estimand == "ATT":
        w0 = (1 - t) * odds
        expected = (y - m0)[t == 1].mean() - w0 @ (y - m0) / w0.sum()
        raw = (t * (y - m0) - w0 * (y - m0)) / t.mean()
        psi = raw - t / t.mean() * raw.mean()
    else:
        w1 = t / odds
        expected = w1 @ (y - m1) / w1.sum() - (y - m1)[t == 0].mean()
        raw = (w1 * (y - m1) - (1 - t) * (y - m1)) / (1 - t).mean()
        psi = raw - (1 - t) / (1 - t).mean() * raw.mean()
    found = augmented_weighting(data, **NAMES, estimand=estimand)
    assert found.estimate == pytest.approx(expected, rel=ROUNDING)
    assert found.standard_error == pytest.approx(psi.std(ddof=1) / np.sqrt(len(y)), rel=ROUNDING)


def test_augmented_weighting_is_right_when_one_of_its_models_is():
    rng = np.random.default_rng(0)
    n = 20_000
    x = rng.normal(size=n)
    t = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    bent = pd.DataFrame({"x": x, "t": t, "y": np.exp(x) + t + rng.normal(size=n)})
    named = {"outcome": "y", "treatment": "t", "covariates": ["x"]}
    # The outcome model is wrong, the score right.
    assert augmented_weighting(bent, **named).estimate == pytest.approx(1, abs=0.15)
    # The score is wrong (the same for all), the outcome model right.
    straight = bent.assign(y=3 * x + t + rng.normal(size=n), p=0.5)
    assert augmented_weighting(straight, **named, score="p").estimate == pytest.approx(1, abs=0.1)
    assert abs(weigh(straight, **named, score="p").found.estimate - 1) > 1


def test_overlap_weights_balance_every_covariate_of_the_logit():
    table = weigh(people(), **NAMES, estimand="ATO").balance.set_index("covariate")
    assert table.loc[["x", "z"], "smd_after"].to_numpy() == pytest.approx([0, 0], abs=1e-10)


def test_trimming_leaves_out_and_is_told():
    data = people()
    found = inverse_probability_weighting(data, **NAMES, estimand="ATE", trim=0.2)
    assert found.n["trimmed"] > 0 and "trimmed" in found.caveats
    p = scores_of(data)
    kept = weigh(data, **NAMES, estimand="ATE", trim=0.2, refit=False)
    assert len(kept.weights) == ((p >= 0.2) & (p <= 0.8)).sum()
    assert kept.score_estimated_error is None
    refitted = weigh(data.loc[(p >= 0.2) & (p <= 0.8)], **NAMES, estimand="ATE")
    assert weigh(data, **NAMES, estimand="ATE", trim=0.2).found.estimate == refitted.found.estimate


def test_few_effective_rows_lower_the_claim():
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(0, 1, 300), rng.normal(3.2, 0.6, 40)])
    t = np.repeat([0, 1], [300, 40])
    data = pd.DataFrame({"x": x, "z": rng.integers(0, 2, 340), "t": t, "y": x + rng.normal(size=340)})
    found = inverse_probability_weighting(data, **NAMES)
    assert found.assumptions.set_index("check")["verdict"]["effective_sample"] == "fails"
    assert found.claim is Claim.ERO and "few_effective" in found.caveats


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimand": "LATE"}, "estimand 'LATE'; expected one of ATT, ATE, ATC, ATO"),
        ({"trim": 0.6}, "trim 0.6; expected a share of 0 or more, below 0.5"),
        ({"trim": 0.4999}, "at least two of each are needed, trim less"),
        ({"standard_error": "hc3"}, "standard_error 'hc3'; expected one of score_known, score_estimated"),
        ({"confidence": 95}, "confidence 95; expected a share such as 0.95"),
        ({"assignment": "fate"}, "assignment 'fate'"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(SosrakeError, match=message):
        inverse_probability_weighting(people(), **NAMES, **options)


def test_given_scores_have_no_estimated_error():
    data = people().assign(p=lambda d: scores_of(d))
    with pytest.raises(FrameError, match="needs scores estimated here"):
        inverse_probability_weighting(data, **NAMES, score="p", standard_error="score_estimated")


def test_perfect_separation_is_refused_by_every_estimator():
    data = people().assign(z=lambda d: d["t"])
    for estimator in (inverse_probability_weighting, augmented_weighting):
        with pytest.raises(FrameError, match=r"covariate 'z' tells exactly who .* \(perfect separation\)"):
            estimator(data, **NAMES)


def test_a_covariate_that_one_arm_cannot_tell_about():
    data = people()
    data["z"] = ((data["t"] == 0) & (data["x"] > 0)).astype(int)
    data["p"] = 0.5
    with pytest.raises(FrameError, match=r"covariate 'z' does not vary .* among the treated"):
        augmented_weighting(data, **NAMES, score="p")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.02, 0.98), min_size=2, max_size=30), st.integers(0, 99))
def test_weights_are_positive_and_effective_sizes_bounded(scores, seed):
    t = np.random.default_rng(seed).random(len(scores)) < 0.5
    for estimand in ("ATT", "ATE", "ATC", "ATO"):
        weights = propensity_weights(scores, t, estimand)
        assert (weights > 0).all()
        assert 1 - 1e-9 <= effective_size(weights) <= len(scores) + 1e-9
    with pytest.raises(SosrakeError, match="not between 0 and 1"):
        propensity_weights([*scores, 1.0], [*t, True])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(-100, 100), st.floats(0.1, 50))
def test_estimates_move_with_the_outcome_and_not_with_the_rows_order(seed, shift, scale):
    data = people(60, seed % 7)
    one, other = weigh(data, **NAMES), weigh(data.assign(y=shift + scale * data["y"]), **NAMES)
    assert other.found.estimate == pytest.approx(scale * one.found.estimate, rel=1e-7, abs=1e-7)
    shuffled = weigh(data.sample(frac=1, random_state=seed), **NAMES)
    assert shuffled.found.estimate == pytest.approx(one.found.estimate, rel=1e-8)
    assert augment(shuffled).estimate == pytest.approx(augment(one).estimate, rel=1e-8)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=4, max_size=20), st.floats(0.1, 5))
def test_equal_weights_give_the_plain_difference(values, weight):
    y = np.array(values)
    t = np.arange(len(y)) % 2 == 0
    found = weighted_difference(y, t, np.full(len(y), weight))
    assert found.estimate == pytest.approx(y[t].mean() - y[~t].mean(), abs=1e-9)
    assert found.influence.sum() == pytest.approx(0, abs=1e-9)
